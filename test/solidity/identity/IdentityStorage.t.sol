// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Identity, Recovery, RecoveryWord} from "../../../contracts/identity/IdentityStorage.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @notice The packed words of identities and recoveries.
contract IdentityStorageTest is CivitasTest {
    // IdentityWord
    // ├─ withChange ... the block, nothing else
    // ├─ withOwner
    // │  ├─ the last version .... panic
    // │  └─ else ................ owner and version, nothing else
    // └─ ownerOf
    //    ├─ never changed hands . the identity
    //    └─ else ................ the owner recorded

    function testFuzz_ChangeTouchesTheBlockAlone(
        address owner,
        uint56 first,
        uint56 second,
        address identity
    ) external pure {
        Identity word = Identity.wrap(0).withOwner(owner).withChange(first).withChange(second);
        assertEq(word.changedIn(), second, "block");
        assertEq(word.recordedOwner(), owner, "owner");
        assertEq(word.ownerOf(identity), owner, "owner of the identity");
        assertEq(word.version(), 1, "version");
    }

    function testFuzz_OwnerCountsTheChangeOfHands(address[5] calldata owners, uint56 blockNumber) external pure {
        Identity word = Identity.wrap(0).withChange(blockNumber);
        assertEq(word.ownerOf(owners[0]), owners[0], "its own");
        assertEq(word.recordedOwner(), address(0), "none recorded");
        for (uint256 i = 0; i < owners.length; ++i) {
            word = word.withOwner(owners[i]);
            assertEq(word.recordedOwner(), owners[i], "owner");
            assertEq(word.version(), i + 1, "version");
            assertEq(word.changedIn(), blockNumber, "block");
        }
    }

    function test_RevertWhen_VersionsAreUsedUp() external {
        Identity word = Identity.wrap((uint256(type(uint32).max) << 216) | 1);
        assertEq(word.version(), type(uint32).max, "the last version");
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        this.withOwner(word, address(2));
    }

    // RecoveryWord
    // ├─ encode ............................... every field where it is read
    // ├─ isPending ............................ with a new owner, seen from the version it started in
    // ├─ roundFor
    // │  ├─ under way, or ended ............... its own number, already the next
    // │  └─ void by a change of hands ......... the next number
    // └─ ended
    //    ├─ the last round .................... panic
    //    └─ else .............................. the next number, nothing else

    function testFuzz_RecoveryKeepsItsFields(
        address newOwner,
        uint40 maturesAt,
        uint32 version,
        uint24 round,
        uint32 other
    ) external pure {
        // One below the last, which has a test of its own.
        if (round == type(uint24).max) --round;
        if (other == version) other = version ^ 1;
        Recovery word = RecoveryWord.encode(newOwner, maturesAt, version, round);
        assertEq(word.newOwner(), newOwner, "new owner");
        assertEq(word.maturesAt(), maturesAt, "maturity");
        assertEq(word.version(), version, "version");
        assertEq(word.round(), round, "round");
        assertTrue(word.isPending(version) == (newOwner != address(0)), "under way");
        assertFalse(word.isPending(other), "void");
        assertEq(word.roundFor(version), round, "its own number");
        assertEq(word.roundFor(other), newOwner == address(0) ? round : round + 1, "the next number");

        Recovery over = word.ended();
        assertEq(Recovery.unwrap(over), uint256(round + 1) << 232, "nothing but the number");
        assertFalse(over.isPending(0), "over");
        assertEq(over.roundFor(other), round + 1, "the number after the end");
    }

    function test_RevertWhen_RoundsAreUsedUp() external {
        Recovery word = RecoveryWord.encode(address(1), 0, 0, type(uint24).max);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        this.ended(word);
    }

    function withOwner(Identity word, address newOwner) external pure returns (Identity written) {
        return word.withOwner(newOwner);
    }

    function ended(Recovery word) external pure returns (Recovery written) {
        return word.ended();
    }
}
