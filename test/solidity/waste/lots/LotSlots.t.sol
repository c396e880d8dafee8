// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Lot, LotFlags, LotState} from "../../../../contracts/waste/lots/IWasteLots.sol";
import {LotSlot, LotSlots} from "../../../../contracts/waste/lots/LotSlots.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @notice Calls that may revert.
contract LotSlotsHarness {
    function next(LotSlot lot) external pure returns (LotSlot changed) {
        return lot.next();
    }
}

contract LotSlotsTest is CivitasTest {
    uint256 private constant VERSION_SHIFT = 224;
    uint256 private constant OVERFLOW = 0x11;

    // Every change changes what it names, and the version only where it is {next}

    function testFuzz_KeepsEveryField(uint256 seed) external pure {
        Lot memory lot = _lotOf(seed);
        LotSlot slot = LotSlots.create(lot.holder, lot.grams, lot.code, lot.state, lot.flags);
        (lot.previous, lot.collectedGrams, lot.op, lot.version) = (0, 0, 0, 0);
        _assertSame(slot, lot);

        Lot memory other = _lotOf(uint256(keccak256(abi.encode(seed))));
        slot = slot.withCollected(other.collectedGrams);
        lot.collectedGrams = other.collectedGrams;
        _assertSame(slot, lot);

        slot = slot.passedTo(other.holder, other.grams);
        (lot.previous, lot.holder, lot.grams, lot.state) = (lot.holder, other.holder, other.grams, LotState.Open);
        _assertSame(slot, lot);

        slot = slot.passedTo(other.previous, lot.grams);
        if (lot.previous != 0) lot.flags |= LotFlags.HANDED_ON;
        (lot.previous, lot.holder) = (lot.holder, other.previous);
        _assertSame(slot, lot);

        slot = slot.withGrams(other.previous).next().next();
        (lot.grams, lot.version) = (other.previous, 2);
        _assertSame(slot, lot);

        slot = slot.withState(other.state).withFlags(other.flags);
        (lot.state, lot.flags) = (other.state, lot.flags | other.flags);
        _assertSame(slot, lot);

        slot = slot.endedBy(other.op);
        (lot.state, lot.op) = (LotState.Final, other.op);
        _assertSame(slot, lot);
    }

    function test_SecondHandoverIsMarked() external pure {
        LotSlot lot = LotSlots.create(1, 1, 1, LotState.Open, LotFlags.BROKEN).passedTo(2, 1);
        assertEq(lot.flags(), LotFlags.BROKEN, "the first");
        lot = lot.passedTo(1, 1);
        assertEq(lot.flags(), LotFlags.BROKEN | LotFlags.HANDED_ON, "the second");
        assertEq(lot.passedTo(3, 1).flags(), LotFlags.BROKEN | LotFlags.HANDED_ON, "the third");
    }

    function test_OpenAndRefusedLotsAreOpen() external pure {
        for (uint256 i = 0; i <= uint256(type(LotState).max); ++i) {
            LotState state = LotState(i);
            bool expected = state == LotState.Open || state == LotState.Refused;
            assertTrue(LotSlots.create(1, 1, 1, state, 0).isOpen() == expected, vm.toString(i));
        }
    }

    function test_RevertWhen_TheVersionsAreUsedUp() external {
        LotSlotsHarness harness = new LotSlotsHarness();
        LotSlot last = LotSlot.wrap((uint256(type(uint32).max) << VERSION_SHIFT) | 1);
        assertEq(last.version(), type(uint32).max, "version");
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", OVERFLOW));
        harness.next(last);
    }

    function _lotOf(uint256 seed) private pure returns (Lot memory lot) {
        lot.holder = uint32(seed);
        lot.previous = uint32(seed >> 32);
        lot.grams = uint64(seed >> 64);
        lot.collectedGrams = uint32(seed >> 128);
        lot.code = uint24(seed >> 160);
        lot.state = LotState((seed >> 184) % (uint256(type(LotState).max) + 1));
        lot.flags = uint8(seed >> 192);
        lot.op = uint8(seed >> 200);
    }

    function _assertSame(LotSlot slot, Lot memory lot) private pure {
        assertEq(keccak256(abi.encode(slot.read())), keccak256(abi.encode(lot)), "lot");
    }
}
