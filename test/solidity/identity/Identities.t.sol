// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1056} from "../../../contracts/identity/IERC1056.sol";
import {IdentitiesFixture} from "./IdentitiesFixture.sol";

/// @notice What ERC-1056 has of identities, by the owner's own calls.
contract IdentitiesTest is IdentitiesFixture {
    function setUp() external {
        buildIdentities();
    }

    // identityOwner, owners, changed, ownerVersion, nonce, isRetired
    // ├─ an identity that was never changed ... its own, zero everywhere
    // ├─ the zero address ..................... retired from the start, nothing can be written for it
    // ├─ one that changed hands ............... the owner recorded
    // └─ a retired one ........................ zero

    function test_FreshIdentityOwnsItself() external view {
        assertEq(identities.identityOwner(alice), alice, "owner");
        assertEq(identities.owners(alice), address(0), "recorded");
        assertEq(identities.changed(alice), 0, "changed");
        assertEq(identities.ownerVersion(alice), 0, "version");
        assertEq(identities.nonce(alice), numberOf(0), "number");
        assertEq(identities.guardiansOf(alice), 0, "guardians");
        assertFalse(identities.isRetired(alice), "retired");
    }

    function test_ZeroAddressIsRetiredFromTheStart() external {
        assertEq(identities.identityOwner(address(0)), address(0), "owner");
        assertTrue(identities.isRetired(address(0)), "retired");
        assertFalse(identities.validDelegate(address(0), VERI_KEY, alice), "delegate");
        // ecrecover answers zero for a signature that is none.
        assertRefused(
            abi.encodeCall(identities.changeOwnerSigned, (address(0), 0, 0, 0, alice)),
            retired(address(0)),
            "a signature that is none"
        );
        assertRefused(
            abi.encodeCall(identities.changeOwner, (address(0), alice)),
            retired(address(0)),
            "anybody's call"
        );
    }

    // changeOwner
    // ├─ the identity is retired ............. IdentitiesRetired
    // ├─ the caller is not the owner ......... IdentitiesNotOwner
    // └─ the owner
    //    ├─ to another ....................... owner, version, link; the old owner is out, the new one in
    //    ├─ to the same ...................... counts as a change of hands
    //    ├─ back to the identity itself ...... recorded as such
    //    └─ to zero .......................... retired for ever

    function test_OwnerGivesIdentityToAnother() external {
        vm.expectEmit(address(identities));
        emit IERC1056.DIDOwnerChanged(alice, bob, 0);
        vm.prank(alice);
        identities.changeOwner(alice, bob);

        assertEq(identities.identityOwner(alice), bob, "owner");
        assertEq(identities.owners(alice), bob, "recorded");
        assertEq(identities.ownerVersion(alice), 1, "version");
        assertEq(identities.changed(alice), START_BLOCK, "changed");
        assertEq(identities.identityOwner(bob), bob, "the new owner's own identity");
        assertEq(identities.changed(bob), 0, "the new owner's own log");

        vm.roll(START_BLOCK + 5);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDOwnerChanged(alice, carol, START_BLOCK);
        vm.prank(bob);
        identities.changeOwner(alice, carol);
        assertEq(identities.identityOwner(alice), carol, "next owner");
        assertEq(identities.ownerVersion(alice), 2, "next version");
        assertEq(identities.changed(alice), START_BLOCK + 5, "next change");
    }

    function test_ChangeToTheSameOwnerCountsAsAChangeOfHands() external {
        vm.expectEmit(address(identities));
        emit IERC1056.DIDOwnerChanged(alice, alice, 0);
        vm.prank(alice);
        identities.changeOwner(alice, alice);
        assertEq(identities.identityOwner(alice), alice, "owner");
        assertEq(identities.owners(alice), alice, "recorded");
        assertEq(identities.ownerVersion(alice), 1, "version");
    }

    function test_IdentityComesBackToItself() external {
        vm.prank(alice);
        identities.changeOwner(alice, bob);
        vm.prank(bob);
        identities.changeOwner(alice, alice);
        assertEq(identities.identityOwner(alice), alice, "owner");
        assertEq(identities.ownerVersion(alice), 2, "version");
        vm.prank(alice);
        identities.setAttribute(alice, NAME, VALUE, 1);
    }

    function test_ZeroOwnerRetiresForEver() external {
        vm.startPrank(alice);
        identities.addDelegate(alice, VERI_KEY, bob, 1 days);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDOwnerChanged(alice, address(0), START_BLOCK);
        identities.changeOwner(alice, address(0));
        vm.stopPrank();

        assertEq(identities.identityOwner(alice), address(0), "owner");
        assertEq(identities.owners(alice), address(0), "recorded");
        assertEq(identities.ownerVersion(alice), 1, "version");
        assertTrue(identities.isRetired(alice), "retired");
        assertFalse(identities.validDelegate(alice, VERI_KEY, bob), "a delegate of nobody");
        assertEq(identities.delegates(alice, _typeHash(VERI_KEY), bob), EPOCH + 1 days, "the record stays");
    }

    function test_RevertWhen_Retired() external {
        vm.startPrank(alice);
        identities.changeOwner(alice, address(0));
        vm.expectRevert(retired(alice));
        identities.changeOwner(alice, alice);
        vm.expectRevert(retired(alice));
        identities.addDelegate(alice, VERI_KEY, bob, 1);
        vm.expectRevert(retired(alice));
        identities.revokeDelegate(alice, VERI_KEY, bob);
        vm.expectRevert(retired(alice));
        identities.setAttribute(alice, NAME, VALUE, 1);
        vm.expectRevert(retired(alice));
        identities.revokeAttribute(alice, NAME, VALUE);
        vm.expectRevert(retired(alice));
        identities.setGuardians(alice, planOfThree());
        vm.expectRevert(retired(alice));
        identities.vetoRecovery(alice);
        vm.stopPrank();
    }

    function test_RevertWhen_CallerIsNotTheOwner() external {
        _assertOwnerOnly(bob, alice);
        assertEq(identities.changed(alice), 0, "nothing was written");
    }

    function test_RevertWhen_CallerWasTheOwner() external {
        vm.prank(alice);
        identities.changeOwner(alice, bob);
        _assertOwnerOnly(alice, bob);
        vm.prank(bob);
        identities.changeOwner(alice, carol);
        _assertOwnerOnly(bob, carol);
    }

    // addDelegate
    // ├─ retired, not the owner .............. above
    // ├─ the end lies beyond 2^256 ........... panic
    // └─ else ................................ valid until the second before its end; may be prolonged and shortened
    // revokeDelegate
    // ├─ retired, not the owner .............. above
    // └─ else ................................ ended now, whether or not it was one
    // validDelegate
    // ├─ never added, or of another type, identity or account ... false
    // ├─ its time is over ................................... false
    // ├─ the identity is retired ............................ false
    // └─ else ............................................... true

    function test_DelegateIsValidUntilItsEnd() external {
        vm.expectEmit(address(identities));
        emit IERC1056.DIDDelegateChanged(alice, VERI_KEY, bob, EPOCH + 1 days, 0);
        vm.prank(alice);
        identities.addDelegate(alice, VERI_KEY, bob, 1 days);

        assertTrue(identities.validDelegate(alice, VERI_KEY, bob), "from the start");
        assertFalse(identities.validDelegate(alice, "sigAuth", bob), "another type");
        assertFalse(identities.validDelegate(bob, VERI_KEY, bob), "another identity");
        assertFalse(identities.validDelegate(alice, VERI_KEY, carol), "another account");
        assertEq(identities.delegates(alice, _typeHash(VERI_KEY), bob), EPOCH + 1 days, "end");
        assertEq(identities.changed(alice), START_BLOCK, "changed");
        assertEq(identities.ownerVersion(alice), 0, "no change of hands");
        assertEq(identities.identityOwner(alice), alice, "still its own");

        vm.warp(EPOCH + 1 days - 1);
        assertTrue(identities.validDelegate(alice, VERI_KEY, bob), "until the second before");
        vm.warp(EPOCH + 1 days);
        assertFalse(identities.validDelegate(alice, VERI_KEY, bob), "at the end");
    }

    function test_DelegateIsProlongedAndShortened() external {
        vm.startPrank(alice);
        identities.addDelegate(alice, VERI_KEY, bob, 1 days);
        identities.addDelegate(alice, VERI_KEY, bob, 2 days);
        assertEq(identities.delegates(alice, _typeHash(VERI_KEY), bob), EPOCH + 2 days, "prolonged");
        identities.addDelegate(alice, VERI_KEY, bob, 0);
        vm.stopPrank();
        assertEq(identities.delegates(alice, _typeHash(VERI_KEY), bob), EPOCH, "shortened");
        assertFalse(identities.validDelegate(alice, VERI_KEY, bob), "ended");
    }

    function test_DelegatesOutliveTheOwnerThatNamedThem() external {
        vm.startPrank(alice);
        identities.addDelegate(alice, VERI_KEY, carol, 1 days);
        identities.changeOwner(alice, bob);
        vm.stopPrank();
        assertTrue(identities.validDelegate(alice, VERI_KEY, carol), "stays");
        vm.prank(bob);
        identities.revokeDelegate(alice, VERI_KEY, carol);
        assertFalse(identities.validDelegate(alice, VERI_KEY, carol), "until the new owner revokes it");
    }

    function test_RevokedDelegateEndsNow() external {
        vm.startPrank(alice);
        identities.addDelegate(alice, VERI_KEY, bob, 1 days);
        vm.warp(EPOCH + 1 hours);
        vm.roll(START_BLOCK + 1);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDDelegateChanged(alice, VERI_KEY, bob, EPOCH + 1 hours, START_BLOCK);
        identities.revokeDelegate(alice, VERI_KEY, bob);
        vm.stopPrank();
        assertFalse(identities.validDelegate(alice, VERI_KEY, bob), "revoked");
        assertEq(identities.changed(alice), START_BLOCK + 1, "changed");
    }

    function test_WhoIsNoDelegateCanBeRevoked() external {
        vm.expectEmit(address(identities));
        emit IERC1056.DIDDelegateChanged(alice, VERI_KEY, bob, EPOCH, 0);
        vm.prank(alice);
        identities.revokeDelegate(alice, VERI_KEY, bob);
        assertEq(identities.delegates(alice, _typeHash(VERI_KEY), bob), EPOCH, "end");
    }

    function test_RevertWhen_AnEndLiesBeyondTheCalendar() external {
        vm.startPrank(alice);
        vm.expectRevert(overflow());
        identities.addDelegate(alice, VERI_KEY, bob, type(uint256).max - EPOCH + 1);
        vm.expectRevert(overflow());
        identities.setAttribute(alice, NAME, VALUE, type(uint256).max - EPOCH + 1);
        identities.addDelegate(alice, VERI_KEY, bob, type(uint256).max - EPOCH);
        vm.stopPrank();
        assertEq(identities.delegates(alice, _typeHash(VERI_KEY), bob), type(uint256).max, "the last second");
    }

    // setAttribute, revokeAttribute
    // ├─ retired, not the owner, beyond 2^256 ... above
    // └─ else ................................... announced with the link to the change before

    function test_AttributesAreAnnouncedAndLinked() external {
        vm.startPrank(alice);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDAttributeChanged(alice, NAME, VALUE, EPOCH + 1 days, 0);
        identities.setAttribute(alice, NAME, VALUE, 1 days);
        assertEq(identities.changed(alice), START_BLOCK, "changed");

        // A second change in the block names that block.
        vm.expectEmit(address(identities));
        emit IERC1056.DIDAttributeChanged(alice, NAME, "", EPOCH, START_BLOCK);
        identities.setAttribute(alice, NAME, "", 0);

        vm.roll(START_BLOCK + 7);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDAttributeChanged(alice, NAME, VALUE, 0, START_BLOCK);
        identities.revokeAttribute(alice, NAME, VALUE);
        vm.stopPrank();
        assertEq(identities.changed(alice), START_BLOCK + 7, "next change");
        assertEq(identities.owners(alice), address(0), "an attribute records no owner");
        assertEq(identities.ownerVersion(alice), 0, "and no change of hands");
    }

    // --- fuzz

    function testFuzz_DelegateIsValidExactlyBeforeItsEnd(uint256 validity, uint256 elapsed) external {
        validity = bound(validity, 0, type(uint64).max);
        elapsed = bound(elapsed, 0, type(uint64).max);
        vm.prank(alice);
        identities.addDelegate(alice, VERI_KEY, bob, validity);
        vm.warp(EPOCH + elapsed);
        assertTrue(identities.validDelegate(alice, VERI_KEY, bob) == (elapsed < validity), "validity");
    }

    function testFuzz_OnlyTheOwnerCanAct(address identity, address owner, address caller) external {
        identity = _notZero(identity);
        owner = _notZero(owner);
        caller = _notZero(caller);
        vm.prank(identity);
        identities.changeOwner(identity, owner);
        assertEq(identities.identityOwner(identity), owner, "owner");
        if (caller != owner) vm.expectRevert(notOwner(identity, caller, owner));
        vm.prank(caller);
        identities.setAttribute(identity, NAME, VALUE, 1);
    }

    /// @dev Whoever follows the links backwards meets every block in which something changed.
    function testFuzz_ChangesAreLinked(uint32[8] calldata gaps, uint8[8] calldata kinds) external {
        uint256 last = 0;
        uint256 current = START_BLOCK;
        vm.startPrank(alice);
        for (uint256 i = 0; i < gaps.length; ++i) {
            current += gaps[i];
            vm.roll(current);
            vm.expectEmit(address(identities));
            if (kinds[i] % 3 == 0) {
                emit IERC1056.DIDOwnerChanged(alice, alice, last);
                identities.changeOwner(alice, alice);
            } else if (kinds[i] % 3 == 1) {
                emit IERC1056.DIDDelegateChanged(alice, VERI_KEY, bob, EPOCH + i, last);
                identities.addDelegate(alice, VERI_KEY, bob, i);
            } else {
                emit IERC1056.DIDAttributeChanged(alice, NAME, VALUE, EPOCH + i, last);
                identities.setAttribute(alice, NAME, VALUE, i);
            }
            last = current;
            assertEq(identities.changed(alice), last, "changed");
        }
        vm.stopPrank();
    }

    function _assertOwnerOnly(address caller, address owner) private {
        bytes memory fault = notOwner(alice, caller, owner);
        vm.startPrank(caller);
        vm.expectRevert(fault);
        identities.changeOwner(alice, caller);
        vm.expectRevert(fault);
        identities.addDelegate(alice, VERI_KEY, caller, 1);
        vm.expectRevert(fault);
        identities.revokeDelegate(alice, VERI_KEY, caller);
        vm.expectRevert(fault);
        identities.setAttribute(alice, NAME, VALUE, 1);
        vm.expectRevert(fault);
        identities.revokeAttribute(alice, NAME, VALUE);
        vm.expectRevert(fault);
        identities.setGuardians(alice, planOfThree());
        vm.expectRevert(fault);
        identities.vetoRecovery(alice);
        vm.stopPrank();
    }

    function _notZero(address input) private pure returns (address account_) {
        return input == address(0) ? address(1) : input;
    }

    function _typeHash(bytes32 delegateType) private pure returns (bytes32 typeHash) {
        return keccak256(abi.encode(delegateType));
    }
}
