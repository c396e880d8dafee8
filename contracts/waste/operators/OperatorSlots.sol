// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CustodyModel, FacilityTerms} from "./IWasteOperators.sol";

/// @notice An operator with its licence, in one storage slot. From the low end: account 160 bits (zero: no such operator),
/// collector 1, facility 1, then the licence: last second 32, tolerance 16, greatest loss 16, conversion 8, model 3, balance
/// days 16.
type OperatorSlot is uint256;

using OperatorSlots for OperatorSlot global;

/// @title OperatorSlots
/// @notice Packs and unpacks the slot of an operator.
/// @dev By hand, so that a handover reads one slot, and a licence is replaced in one piece. Packing takes fields of their own
/// width, so no shift can spill into a neighbour; unpacking narrows after a shift that leaves the field at the low end.
library OperatorSlots {
    uint256 private constant COLLECTOR = 1 << 160;
    uint256 private constant FACILITY = 1 << 161;
    uint256 private constant UNTIL_SHIFT = 162;
    uint256 private constant TOLERANCE_SHIFT = 194;
    uint256 private constant LOSS_SHIFT = 210;
    uint256 private constant CONVERSION_SHIFT = 226;
    uint256 private constant MODEL_SHIFT = 234;
    uint256 private constant BALANCE_SHIFT = 237;
    uint256 private constant MODEL_MASK = 7;
    /// @dev Account and marks.
    uint256 private constant HOLDER_MASK = (1 << 162) - 1;

    /// @notice Packs an operator without a licence.
    /// @param owner Identity that owns it.
    /// @param collects Whether it holds WASTE_COLLECTOR.
    /// @param processes Whether it holds WASTE_FACILITY.
    /// @return slot The slot.
    function pack(address owner, bool collects, bool processes) internal pure returns (OperatorSlot slot) {
        return OperatorSlot.wrap(uint160(owner) | (collects ? COLLECTOR : 0) | (processes ? FACILITY : 0));
    }

    /// @notice The same licence under another owner, or other marks.
    /// @param slot The slot.
    /// @param holder A slot of {pack}.
    /// @return changed Owner and marks of the one, licence of the other.
    function withHolder(OperatorSlot slot, OperatorSlot holder) internal pure returns (OperatorSlot changed) {
        return OperatorSlot.wrap((OperatorSlot.unwrap(slot) & ~HOLDER_MASK) | OperatorSlot.unwrap(holder));
    }

    /// @notice The same operator with another licence.
    /// @param slot The slot.
    /// @param licence What the licence says.
    /// @return changed The slot with it.
    function withTerms(OperatorSlot slot, FacilityTerms calldata licence) internal pure returns (OperatorSlot changed) {
        return
            OperatorSlot.wrap(
                (OperatorSlot.unwrap(slot) & HOLDER_MASK) |
                    (uint256(licence.until) << UNTIL_SHIFT) |
                    (uint256(licence.toleranceBp) << TOLERANCE_SHIFT) |
                    (uint256(licence.maxLossBp) << LOSS_SHIFT) |
                    (uint256(licence.conversionPct) << CONVERSION_SHIFT) |
                    (uint256(licence.model) << MODEL_SHIFT) |
                    (uint256(licence.balanceDays) << BALANCE_SHIFT)
            );
    }

    /// @notice Identity that owns the operator.
    /// @param slot The slot.
    /// @return owner Zero: there is no such operator.
    function account(OperatorSlot slot) internal pure returns (address owner) {
        return address(uint160(OperatorSlot.unwrap(slot)));
    }

    /// @notice Whether it holds WASTE_COLLECTOR.
    /// @param slot The slot.
    /// @return marked As last checked.
    function collector(OperatorSlot slot) internal pure returns (bool marked) {
        return OperatorSlot.unwrap(slot) & COLLECTOR != 0;
    }

    /// @notice Whether it holds WASTE_FACILITY.
    /// @param slot The slot.
    /// @return marked As last checked.
    function facility(OperatorSlot slot) internal pure returns (bool marked) {
        return OperatorSlot.unwrap(slot) & FACILITY != 0;
    }

    /// @notice Whether it holds WASTE_FACILITY and its licence runs.
    /// @param slot The slot.
    /// @param timestamp Unix time at which it should run.
    /// @return running True up to the last second of the licence.
    function isLicensed(OperatorSlot slot, uint256 timestamp) internal pure returns (bool running) {
        return facility(slot) && timestamp <= uint32(OperatorSlot.unwrap(slot) >> UNTIL_SHIFT);
    }

    /// @notice Tolerance of the licence.
    /// @param slot The slot.
    /// @return value Basis points.
    function toleranceBp(OperatorSlot slot) internal pure returns (uint16 value) {
        return uint16(OperatorSlot.unwrap(slot) >> TOLERANCE_SHIFT);
    }

    /// @notice The licence.
    /// @param slot The slot.
    /// @return licence What it says; all zero: there is none.
    function terms(OperatorSlot slot) internal pure returns (FacilityTerms memory licence) {
        uint256 word = OperatorSlot.unwrap(slot);
        licence.until = uint32(word >> UNTIL_SHIFT);
        licence.toleranceBp = toleranceBp(slot);
        licence.maxLossBp = uint16(word >> LOSS_SHIFT);
        licence.conversionPct = uint8(word >> CONVERSION_SHIFT);
        licence.model = CustodyModel((word >> MODEL_SHIFT) & MODEL_MASK); // only members are written
        licence.balanceDays = uint16(word >> BALANCE_SHIFT);
    }

    /// @notice Whether two slots are the same.
    /// @param left One.
    /// @param right The other.
    /// @return same True if so.
    function equals(OperatorSlot left, OperatorSlot right) internal pure returns (bool same) {
        return OperatorSlot.unwrap(left) == OperatorSlot.unwrap(right);
    }
}
