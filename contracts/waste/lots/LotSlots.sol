// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Lot, LotFlags, LotState} from "./IWasteLots.sol";

/// @notice A {Lot} in one storage slot. From the low end: holder 32 bits, previous holder 32, grams 64, mass on the ticket 32,
/// code 24, state 8, flags 8, operation 8, 16 unused, version 32. Zero: there is none.
type LotSlot is uint256;

using LotSlots for LotSlot global;

/// @title LotSlots
/// @notice Reads and changes a {LotSlot}.
/// @dev By hand, because the compiler reads and writes a packed struct field by field. Values come in their own width, so no
/// shift can spill into a neighbour, and reading narrows after a shift that leaves the field at the low end. The version is
/// on top, so that a count beyond its width reverts and cannot begin anew.
library LotSlots {
    uint256 private constant PREVIOUS_SHIFT = 32;
    uint256 private constant GRAMS_SHIFT = 64;
    uint256 private constant COLLECTED_SHIFT = 128;
    uint256 private constant CODE_SHIFT = 160;
    uint256 private constant STATE_SHIFT = 184;
    uint256 private constant FLAGS_SHIFT = 192;
    uint256 private constant OP_SHIFT = 200;
    uint256 private constant VERSION_SHIFT = 224;

    uint256 private constant OPERATORS_MASK = type(uint64).max;
    uint256 private constant GRAMS_MASK = uint256(type(uint64).max) << GRAMS_SHIFT;
    uint256 private constant COLLECTED_MASK = uint256(type(uint32).max) << COLLECTED_SHIFT;
    uint256 private constant STATE_MASK = uint256(type(uint8).max) << STATE_SHIFT;
    uint256 private constant HANDED_ON = uint256(LotFlags.HANDED_ON) << FLAGS_SHIFT;

    /// @notice A new lot.
    /// @param operatorId Who holds it.
    /// @param grams_ Mass.
    /// @param code_ Code.
    /// @param state_ State.
    /// @param flags_ See {LotFlags}.
    /// @return lot The slot.
    function create(
        uint32 operatorId,
        uint64 grams_,
        uint24 code_,
        LotState state_,
        uint8 flags_
    ) internal pure returns (LotSlot lot) {
        return
            LotSlot.wrap(
                operatorId |
                    (uint256(grams_) << GRAMS_SHIFT) |
                    (uint256(code_) << CODE_SHIFT) |
                    (uint256(state_) << STATE_SHIFT) |
                    (uint256(flags_) << FLAGS_SHIFT)
            );
    }

    /// @notice Operator that has it.
    /// @param lot The slot.
    /// @return operatorId Number; zero: there is no such lot.
    function holder(LotSlot lot) internal pure returns (uint32 operatorId) {
        return uint32(LotSlot.unwrap(lot));
    }

    /// @notice Operator that had it before.
    /// @param lot The slot.
    /// @return operatorId Number; zero: nobody.
    function previous(LotSlot lot) internal pure returns (uint32 operatorId) {
        return uint32(LotSlot.unwrap(lot) >> PREVIOUS_SHIFT);
    }

    /// @notice Mass.
    /// @param lot The slot.
    /// @return mass Grams.
    function grams(LotSlot lot) internal pure returns (uint64 mass) {
        return uint64(LotSlot.unwrap(lot) >> GRAMS_SHIFT);
    }

    /// @notice Mass on the ticket.
    /// @param lot The slot.
    /// @return mass Grams; zero: it does not come from a ticket.
    function collectedGrams(LotSlot lot) internal pure returns (uint32 mass) {
        return uint32(LotSlot.unwrap(lot) >> COLLECTED_SHIFT);
    }

    /// @notice Code.
    /// @param lot The slot.
    /// @return number Six digits as a number.
    function code(LotSlot lot) internal pure returns (uint24 number) {
        return uint24(LotSlot.unwrap(lot) >> CODE_SHIFT);
    }

    /// @notice State.
    /// @param lot The slot.
    /// @return state_ The state.
    function state(LotSlot lot) internal pure returns (LotState state_) {
        return LotState(uint8(LotSlot.unwrap(lot) >> STATE_SHIFT)); // only states are written
    }

    /// @notice Whether something can be done to it.
    /// @param lot The slot.
    /// @return can True for lots that are open or refused.
    function isOpen(LotSlot lot) internal pure returns (bool can) {
        // As numbers, which spares the compiler's check that it is a state.
        uint256 number = uint8(LotSlot.unwrap(lot) >> STATE_SHIFT);
        return number == uint256(LotState.Open) || number == uint256(LotState.Refused);
    }

    /// @notice Flags.
    /// @param lot The slot.
    /// @return bits See {LotFlags}.
    function flags(LotSlot lot) internal pure returns (uint8 bits) {
        return uint8(LotSlot.unwrap(lot) >> FLAGS_SHIFT);
    }

    /// @notice Operation that ended it.
    /// @param lot The slot.
    /// @return number Its number; zero: none.
    function op(LotSlot lot) internal pure returns (uint8 number) {
        return uint8(LotSlot.unwrap(lot) >> OP_SHIFT);
    }

    /// @notice How often something was done to it.
    /// @param lot The slot.
    /// @return count Times.
    function version(LotSlot lot) internal pure returns (uint32 count) {
        return uint32(LotSlot.unwrap(lot) >> VERSION_SHIFT);
    }

    /// @notice The lot after something was done to it.
    /// @param lot The slot.
    /// @return changed The slot.
    function next(LotSlot lot) internal pure returns (LotSlot changed) {
        return LotSlot.wrap(LotSlot.unwrap(lot) + (1 << VERSION_SHIFT));
    }

    /// @notice The lot, open, with another operator, and the holder as the one before. From the second time on it is marked,
    /// because who had it first is then no longer named.
    /// @param lot The slot.
    /// @param operatorId Who holds it now.
    /// @param mass Grams that this one keeps.
    /// @return changed The slot.
    function passedTo(LotSlot lot, uint32 operatorId, uint64 mass) internal pure returns (LotSlot changed) {
        uint256 rest = LotSlot.unwrap(lot) & ~(OPERATORS_MASK | GRAMS_MASK | STATE_MASK);
        uint256 before = previous(lot);
        // One or zero, without a jump: a handover has a narrow ceiling.
        assembly ("memory-safe") {
            before := iszero(iszero(before))
        }
        // One time a bit is no overflow.
        unchecked {
            rest |= before * HANDED_ON;
        }
        return
            LotSlot.wrap(
                rest |
                    operatorId |
                    (uint256(holder(lot)) << PREVIOUS_SHIFT) |
                    (uint256(mass) << GRAMS_SHIFT) |
                    (uint256(LotState.Open) << STATE_SHIFT)
            );
    }

    /// @notice The lot with another mass.
    /// @param lot The slot.
    /// @param mass Grams.
    /// @return changed The slot.
    function withGrams(LotSlot lot, uint64 mass) internal pure returns (LotSlot changed) {
        return LotSlot.wrap((LotSlot.unwrap(lot) & ~GRAMS_MASK) | (uint256(mass) << GRAMS_SHIFT));
    }

    /// @notice The lot with another mass on its ticket.
    /// @param lot The slot.
    /// @param mass Grams.
    /// @return changed The slot.
    function withCollected(LotSlot lot, uint32 mass) internal pure returns (LotSlot changed) {
        return LotSlot.wrap((LotSlot.unwrap(lot) & ~COLLECTED_MASK) | (uint256(mass) << COLLECTED_SHIFT));
    }

    /// @notice The lot in another state.
    /// @param lot The slot.
    /// @param state_ State.
    /// @return changed The slot.
    function withState(LotSlot lot, LotState state_) internal pure returns (LotSlot changed) {
        return LotSlot.wrap((LotSlot.unwrap(lot) & ~STATE_MASK) | (uint256(state_) << STATE_SHIFT));
    }

    /// @notice The lot with more flags.
    /// @param lot The slot.
    /// @param bits Flags to add.
    /// @return changed The slot.
    function withFlags(LotSlot lot, uint8 bits) internal pure returns (LotSlot changed) {
        return LotSlot.wrap(LotSlot.unwrap(lot) | (uint256(bits) << FLAGS_SHIFT));
    }

    /// @notice The lot after a final operation.
    /// @param lot A lot that none ended.
    /// @param number The operation.
    /// @return changed The slot.
    function endedBy(LotSlot lot, uint8 number) internal pure returns (LotSlot changed) {
        LotSlot ended = withState(lot, LotState.Final);
        return LotSlot.wrap(LotSlot.unwrap(ended) | (uint256(number) << OP_SHIFT));
    }

    /// @notice The lot as others see it.
    /// @param lot The slot.
    /// @return record All that is known of it.
    function read(LotSlot lot) internal pure returns (Lot memory record) {
        return
            Lot({
                holder: holder(lot),
                previous: previous(lot),
                grams: grams(lot),
                collectedGrams: collectedGrams(lot),
                code: code(lot),
                state: state(lot),
                flags: flags(lot),
                op: op(lot),
                version: version(lot)
            });
    }
}
