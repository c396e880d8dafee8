// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1056} from "../../../contracts/identity/IERC1056.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {IdentitiesFixture} from "./IdentitiesFixture.sol";

/// @notice The signed forms of ERC-1056: what clients of the reference registry sign, with a number that binds it to a
/// chain and to two days.
contract IdentitiesSignedTest is IdentitiesFixture {
    /// @dev The five acts in the order in which the contract has them.
    enum Act {
        ChangeOwner,
        AddDelegate,
        RevokeDelegate,
        SetAttribute,
        RevokeAttribute
    }

    uint256 private constant ACTS = 5;
    uint256 private constant VALIDITY = 1 days;

    function setUp() external {
        buildIdentities();
        // Noon, so that a day has room on both sides.
        vm.warp(EPOCH + 12 hours);
    }

    // nonce
    // ├─ chain, day and count, each in its place
    // ├─ another day or chain .............. another number
    // └─ after a signature ................. the next number, of that owner alone

    function test_NumberHoldsChainDayAndCount() external {
        uint256 day = EPOCH / 1 days;
        assertEq(identities.nonce(alice), (block.chainid << 128) | (day << 64), "first");
        vm.warp(EPOCH + 1 days);
        assertEq(identities.nonce(alice), (block.chainid << 128) | ((day + 1) << 64), "next day");
        vm.chainId(7);
        assertEq(identities.nonce(alice), (7 << 128) | ((day + 1) << 64), "another chain");
    }

    function testFuzz_NumberHoldsChainDayAndCount(uint256 chain, uint256 time, uint256 count) external {
        chain = bound(chain, 1, type(uint64).max);
        time = bound(time, EPOCH, type(uint64).max);
        count = bound(count, 0, 3);
        vm.chainId(chain);
        vm.warp(time);
        for (uint256 i = 0; i < count; ++i) relay(_call(Act.SetAttribute, aliceKey, alice, identities.nonce(alice)));
        uint256 number = identities.nonce(alice);
        assertEq(number >> 128, chain, "chain");
        assertEq(uint64(number >> 64), time / 1 days, "day");
        assertEq(uint64(number), count, "count");
        assertEq(uint64(identities.nonce(bob)), 0, "another's count");
    }

    // changeOwnerSigned, addDelegateSigned, revokeDelegateSigned, setAttributeSigned, revokeAttributeSigned
    // ├─ the identity is retired .................... IdentitiesRetired
    // ├─ the owner's signature
    // │  ├─ with the number of today or yesterday ... acts; the number is used
    // │  ├─ with a number that was used ............. IdentitiesBadSignature
    // │  ├─ with one of two days ago or tomorrow .... IdentitiesBadSignature
    // │  ├─ for another chain ....................... IdentitiesBadSignature
    // │  ├─ for another contract .................... IdentitiesBadSignature
    // │  ├─ for another identity, act or argument ... IdentitiesBadSignature
    // │  ├─ with a high s ........................... IdentitiesBadSignature
    // │  └─ with an impossible v .................... IdentitiesBadSignature
    // ├─ of another, or of a former owner ........... IdentitiesBadSignature
    // └─ the owner has no such key (ERC-1271) ....... IdentitiesBadSignature

    function test_OwnerIsChangedBySignature() external {
        bytes memory call = _call(Act.ChangeOwner, aliceKey, alice, numberOf(0));
        vm.expectEmit(address(identities));
        emit IERC1056.DIDOwnerChanged(alice, bob, 0);
        relay(call);
        assertEq(identities.identityOwner(alice), bob, "owner");
        assertEq(identities.ownerVersion(alice), 1, "version");
        assertEq(identities.nonce(alice), numberOf(1), "the signer's number");
        assertEq(identities.nonce(bob), numberOf(0), "the new owner's number");
    }

    function test_IdentityIsRetiredBySignature() external {
        relay(legacyChangeOwner(aliceKey, alice, address(0), numberOf(0)));
        assertTrue(identities.isRetired(alice), "retired");
    }

    function test_DelegateIsAddedAndRevokedBySignature() external {
        bytes memory call = _call(Act.AddDelegate, aliceKey, alice, numberOf(0));
        vm.expectEmit(address(identities));
        emit IERC1056.DIDDelegateChanged(alice, VERI_KEY, bob, block.timestamp + VALIDITY, 0);
        relay(call);
        assertTrue(identities.validDelegate(alice, VERI_KEY, bob), "added");

        call = _call(Act.RevokeDelegate, aliceKey, alice, numberOf(1));
        vm.expectEmit(address(identities));
        emit IERC1056.DIDDelegateChanged(alice, VERI_KEY, bob, block.timestamp, START_BLOCK);
        relay(call);
        assertFalse(identities.validDelegate(alice, VERI_KEY, bob), "revoked");
        assertEq(identities.nonce(alice), numberOf(2), "number");
    }

    function test_AttributeIsSetAndRevokedBySignature() external {
        bytes memory call = _call(Act.SetAttribute, aliceKey, alice, numberOf(0));
        vm.expectEmit(address(identities));
        emit IERC1056.DIDAttributeChanged(alice, NAME, VALUE, block.timestamp + VALIDITY, 0);
        relay(call);

        call = _call(Act.RevokeAttribute, aliceKey, alice, numberOf(1));
        vm.expectEmit(address(identities));
        emit IERC1056.DIDAttributeChanged(alice, NAME, VALUE, 0, START_BLOCK);
        relay(call);
        assertEq(identities.nonce(alice), numberOf(2), "number");
    }

    function test_YesterdaysNumberServes() external {
        for (uint256 i = ACTS; i > 0; --i) {
            // From the last to the first, as the first gives the identity away.
            bytes memory call = _call(Act(i - 1), aliceKey, alice, identities.nonce(alice));
            vm.warp(block.timestamp + 1 days);
            relay(call);
        }
        assertEq(uint64(identities.nonce(alice)), ACTS, "each was counted");
    }

    function test_NumberServesUntilTheEndOfTheNextDay() external {
        vm.warp(EPOCH);
        bytes memory call = _call(Act.SetAttribute, aliceKey, alice, numberOf(0));
        vm.warp(EPOCH + 2 days - 1);
        relay(call);

        vm.warp(EPOCH + 3 days - 1);
        call = _call(Act.SetAttribute, aliceKey, alice, numberOf(1));
        vm.warp(EPOCH + 4 days);
        assertRefused(call, badSignature(alice, alice, numberOf(1)), "the day after");
    }

    function test_RevertWhen_NumberIsTwoDaysOld() external {
        for (uint256 i = 0; i < ACTS; ++i) {
            bytes memory call = _call(Act(i), aliceKey, alice, numberOf(0));
            vm.warp(block.timestamp + 2 days);
            assertRefused(call, badSignature(alice, alice, numberOf(0)), "two days old");
        }
    }

    function test_RevertWhen_NumberIsOfTomorrow() external {
        bytes memory call = _call(Act.SetAttribute, aliceKey, alice, numberOf(0) + (1 << 64));
        assertRefused(call, badSignature(alice, alice, numberOf(0)), "tomorrow's");
        vm.warp(block.timestamp + 1 days);
        relay(call);
    }

    function test_RevertWhen_NumberIsUsed() external {
        for (uint256 i = ACTS; i > 0; --i) {
            bytes memory call = _call(Act(i - 1), aliceKey, alice, identities.nonce(alice));
            relay(call);
            address owner = identities.identityOwner(alice);
            assertRefused(call, badSignature(alice, owner, identities.nonce(owner)), "the second time");
        }
    }

    function test_RevertWhen_AnotherSignatureUsedTheNumber() external {
        bytes memory call = _call(Act.SetAttribute, aliceKey, alice, numberOf(0));
        relay(_call(Act.RevokeAttribute, aliceKey, alice, numberOf(0)));
        assertRefused(call, badSignature(alice, alice, numberOf(1)), "the same number");
    }

    /// @dev A number counts for all identities of its owner.
    function test_RevertWhen_NumberIsUsedForAnotherIdentity() external {
        vm.prank(bob);
        identities.changeOwner(bob, alice);
        bytes memory first = _call(Act.SetAttribute, aliceKey, alice, numberOf(0));
        bytes memory second = _call(Act.SetAttribute, aliceKey, bob, numberOf(0));
        relay(first);
        assertRefused(second, badSignature(bob, alice, numberOf(1)), "the owner's number");
    }

    function test_RevertWhen_SignedForAnotherChain() external {
        uint256 chain = block.chainid;
        for (uint256 i = 0; i < ACTS; ++i) {
            vm.chainId(chain + 1);
            bytes memory call = _call(Act(i), aliceKey, alice, identities.nonce(alice));
            vm.chainId(chain);
            assertRefused(call, badSignature(alice, alice, numberOf(0)), "another chain");
        }
    }

    function test_RevertWhen_SignedForAnotherContract() external {
        Identities here = identities;
        for (uint256 i = 0; i < ACTS; ++i) {
            identities = new Identities();
            bytes memory call = _call(Act(i), aliceKey, alice, numberOf(0));
            identities = here;
            assertRefused(call, badSignature(alice, alice, numberOf(0)), "another contract");
        }
    }

    function test_RevertWhen_SignedForAnotherIdentity() external {
        vm.prank(bob);
        identities.changeOwner(bob, alice);
        for (uint256 i = 0; i < ACTS; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = _sign(Act(i), aliceKey, alice, numberOf(0));
            assertRefused(_callWith(Act(i), bob, v, r, s), badSignature(bob, alice, numberOf(0)), "another identity");
        }
    }

    function test_RevertWhen_SignedForAnotherAct() external {
        for (uint256 i = 0; i < ACTS; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = _sign(Act(i), aliceKey, alice, numberOf(0));
            for (uint256 j = 0; j < ACTS; ++j) {
                if (j == i) continue;
                assertRefused(_callWith(Act(j), alice, v, r, s), badSignature(alice, alice, numberOf(0)), "other act");
            }
        }
    }

    function test_RevertWhen_AnyArgumentDiffers() external {
        bytes memory fault = badSignature(alice, alice, numberOf(0));
        (uint8 v, bytes32 r, bytes32 s) = _sign(Act.ChangeOwner, aliceKey, alice, numberOf(0));
        assertRefused(abi.encodeCall(identities.changeOwnerSigned, (alice, v, r, s, carol)), fault, "new owner");

        (v, r, s) = _sign(Act.AddDelegate, aliceKey, alice, numberOf(0));
        _assertDelegateRefused(v, r, s, "sigAuth", bob, VALIDITY, fault);
        _assertDelegateRefused(v, r, s, VERI_KEY, carol, VALIDITY, fault);
        _assertDelegateRefused(v, r, s, VERI_KEY, bob, VALIDITY + 1, fault);

        (v, r, s) = _sign(Act.SetAttribute, aliceKey, alice, numberOf(0));
        _assertAttributeRefused(v, r, s, "did/svc/Other", VALUE, VALIDITY, fault);
        _assertAttributeRefused(v, r, s, NAME, "https://elsewhere.example", VALIDITY, fault);
        _assertAttributeRefused(v, r, s, NAME, VALUE, VALIDITY + 1, fault);
    }

    function test_RevertWhen_SignatureHasHighS() external {
        for (uint256 i = 0; i < ACTS; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = _sign(Act(i), aliceKey, alice, numberOf(0));
            bytes32 highS = bytes32(SECP256K1_ORDER - uint256(s));
            bytes memory call = _callWith(Act(i), alice, v == 27 ? 28 : 27, r, highS);
            assertRefused(call, badSignature(alice, alice, numberOf(0)), "high s");
        }
    }

    /// @dev A signature in its other form is no second signature.
    function test_RevertWhen_UsedSignatureComesBackMalleated() external {
        (uint8 v, bytes32 r, bytes32 s) = _sign(Act.SetAttribute, aliceKey, alice, numberOf(0));
        relay(_callWith(Act.SetAttribute, alice, v, r, s));
        bytes32 highS = bytes32(SECP256K1_ORDER - uint256(s));
        bytes memory call = _callWith(Act.SetAttribute, alice, v == 27 ? 28 : 27, r, highS);
        assertRefused(call, badSignature(alice, alice, numberOf(1)), "malleated");
    }

    function test_RevertWhen_SignatureIsNone() external {
        for (uint256 i = 0; i < ACTS; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = _sign(Act(i), aliceKey, alice, numberOf(0));
            bytes memory fault = badSignature(alice, alice, numberOf(0));
            assertRefused(_callWith(Act(i), alice, v - 27, r, s), fault, "v of zero or one");
            assertRefused(_callWith(Act(i), alice, v, 0, s), fault, "r of zero");
            assertRefused(_callWith(Act(i), alice, v, r, 0), fault, "s of zero");
        }
    }

    function test_RevertWhen_SignedByAnother() external {
        for (uint256 i = 0; i < ACTS; ++i) {
            bytes memory call = _call(Act(i), bobKey, alice, numberOf(0));
            assertRefused(call, badSignature(alice, alice, numberOf(0)), "a stranger's");
        }
        assertEq(identities.changed(alice), 0, "nothing was written");
        assertEq(identities.nonce(alice), numberOf(0), "no number was used");
    }

    function test_RevertWhen_SignedByTheFormerOwner() external {
        vm.prank(alice);
        identities.changeOwner(alice, bob);
        for (uint256 i = 0; i < ACTS; ++i) {
            bytes memory call = _call(Act(i), aliceKey, alice, numberOf(0));
            assertRefused(call, badSignature(alice, bob, numberOf(0)), "the seller's");
        }
        relay(_call(Act.SetAttribute, bobKey, alice, numberOf(0)));
    }

    function test_RevertWhen_OwnerIsAContract() external {
        vm.prank(alice);
        identities.changeOwner(alice, address(account));
        for (uint256 i = 0; i < ACTS; ++i) {
            bytes memory call = _call(Act(i), aliceKey, alice, numberOf(0));
            assertRefused(call, badSignature(alice, address(account), numberOf(0)), "no such key");
        }
    }

    function test_RevertWhen_Retired() external {
        vm.prank(alice);
        identities.changeOwner(alice, address(0));
        for (uint256 i = 0; i < ACTS; ++i) {
            bytes memory call = _call(Act(i), aliceKey, alice, numberOf(0));
            assertRefused(call, retired(alice), "retired");
        }
    }

    function test_RevertWhen_AnEndLiesBeyondTheCalendar() external {
        bytes memory act = abi.encodePacked("setAttribute", NAME, VALUE, type(uint256).max);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, legacyDigest(alice, numberOf(0), act));
        bytes memory call = abi.encodeCall(
            identities.setAttributeSigned,
            (alice, v, r, s, NAME, VALUE, type(uint256).max)
        );
        assertRefused(call, overflow(), "beyond the calendar");
        assertEq(identities.nonce(alice), numberOf(0), "no number was used");
    }

    // --- fuzz

    function testFuzz_SignatureServesOnItsDayAndTheNext(
        uint256 key,
        uint256 signedAt,
        uint256 age,
        uint8 act
    ) external {
        key = bound(key, 1, SECP256K1_ORDER - 1);
        signedAt = bound(signedAt, EPOCH, EPOCH + 1_000 days);
        age = bound(age, 0, 4 days);
        address identity = vm.addr(key);
        vm.warp(signedAt);
        bytes memory call = _call(Act(act % ACTS), key, identity, identities.nonce(identity));
        vm.warp(signedAt + age);
        if ((signedAt + age) / 1 days <= signedAt / 1 days + 1) relay(call);
        else assertRefused(call, badSignature(identity, identity, numberOf(0)), "too old");
    }

    function testFuzz_RandomSignatureIsRefused(uint8 v, bytes32 r, bytes32 s, address identity, uint8 act) external {
        if (identity == address(0)) identity = address(1);
        bytes memory call = _callWith(Act(act % ACTS), identity, v, r, s);
        assertRefused(call, badSignature(identity, identity, numberOf(0)), "nobody signed");
    }

    // --- what is signed and sent

    function _call(Act act, uint256 key, address identity, uint256 number) private view returns (bytes memory call) {
        (uint8 v, bytes32 r, bytes32 s) = _sign(act, key, identity, number);
        return _callWith(act, identity, v, r, s);
    }

    function _sign(
        Act act,
        uint256 key,
        address identity,
        uint256 number
    ) private view returns (uint8 v, bytes32 r, bytes32 s) {
        return vm.sign(key, legacyDigest(identity, number, _arguments(act)));
    }

    function _arguments(Act act) private view returns (bytes memory arguments) {
        if (act == Act.ChangeOwner) return abi.encodePacked("changeOwner", bob);
        if (act == Act.AddDelegate) return abi.encodePacked("addDelegate", VERI_KEY, bob, VALIDITY);
        if (act == Act.RevokeDelegate) return abi.encodePacked("revokeDelegate", VERI_KEY, bob);
        if (act == Act.SetAttribute) return abi.encodePacked("setAttribute", NAME, VALUE, VALIDITY);
        return abi.encodePacked("revokeAttribute", NAME, VALUE);
    }

    function _callWith(
        Act act,
        address identity,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) private view returns (bytes memory call) {
        if (act == Act.ChangeOwner) return abi.encodeCall(identities.changeOwnerSigned, (identity, v, r, s, bob));
        if (act == Act.AddDelegate) {
            return abi.encodeCall(identities.addDelegateSigned, (identity, v, r, s, VERI_KEY, bob, VALIDITY));
        }
        if (act == Act.RevokeDelegate) {
            return abi.encodeCall(identities.revokeDelegateSigned, (identity, v, r, s, VERI_KEY, bob));
        }
        if (act == Act.SetAttribute) {
            return abi.encodeCall(identities.setAttributeSigned, (identity, v, r, s, NAME, VALUE, VALIDITY));
        }
        return abi.encodeCall(identities.revokeAttributeSigned, (identity, v, r, s, NAME, VALUE));
    }

    function _assertDelegateRefused(
        uint8 v,
        bytes32 r,
        bytes32 s,
        bytes32 delegateType,
        address delegate,
        uint256 validity,
        bytes memory fault
    ) private {
        bytes memory call = abi.encodeCall(
            identities.addDelegateSigned,
            (alice, v, r, s, delegateType, delegate, validity)
        );
        assertRefused(call, fault, "delegate");
    }

    function _assertAttributeRefused(
        uint8 v,
        bytes32 r,
        bytes32 s,
        bytes32 name,
        bytes memory value,
        uint256 validity,
        bytes memory fault
    ) private {
        bytes memory call = abi.encodeCall(identities.setAttributeSigned, (alice, v, r, s, name, value, validity));
        assertRefused(call, fault, "attribute");
    }
}
