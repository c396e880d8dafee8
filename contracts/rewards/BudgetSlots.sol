// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a programme or an attestor may give in a day, in one slot: dayBudget 56 | used 56 | day 24 | epochs 32, from the
/// lowest bit up. Zero: it gives nothing.
type BudgetSlot is uint256;

using BudgetSlots for BudgetSlot global;

/// @title BudgetSlots
/// @notice Reads and changes a {BudgetSlot}. Days are calendar days, so that a day gives its budget and never more; a bucket
/// that refills would give up to twice as much in 24 hours.
library BudgetSlots {
    uint256 private constant AMOUNT_MASK = type(uint56).max;
    uint256 private constant USED_SHIFT = 56;
    uint256 private constant DAY_SHIFT = 112;
    uint256 private constant DAY_MASK = type(uint24).max;
    uint256 private constant EPOCHS_SHIFT = 136;
    uint256 private constant EPOCHS_MASK = type(uint32).max;

    /// @notice Most in a day.
    /// @param slot The slot.
    /// @return amount Millionths.
    function dayBudget(BudgetSlot slot) internal pure returns (uint56 amount) {
        return uint56(BudgetSlot.unwrap(slot)); // the lower 56 bits
    }

    /// @notice What was given on a day.
    /// @param slot The slot.
    /// @param day A day that is not before the last one on which something was given.
    /// @return amount Millionths.
    function usedOn(BudgetSlot slot, uint256 day) internal pure returns (uint56 amount) {
        uint256 word = BudgetSlot.unwrap(slot);
        return (word >> DAY_SHIFT) & DAY_MASK == day ? uint56(word >> USED_SHIFT) : 0; // 56 bits of it
    }

    /// @notice What can still be given on a day.
    /// @param slot The slot.
    /// @param day As in {usedOn}.
    /// @return amount Millionths.
    function leftOn(BudgetSlot slot, uint256 day) internal pure returns (uint256 amount) {
        uint256 most = dayBudget(slot);
        uint256 used = usedOn(slot, day);
        // The first is above the second.
        unchecked {
            return most > used ? most - used : 0;
        }
    }

    /// @notice Epochs that were posted.
    /// @param slot The slot.
    /// @return count Their number.
    function epochs(BudgetSlot slot) internal pure returns (uint32 count) {
        return uint32(BudgetSlot.unwrap(slot) >> EPOCHS_SHIFT); // 32 bits of it
    }

    /// @notice The slot after something is given.
    /// @param slot The slot.
    /// @param day As in {usedOn}.
    /// @param amount Millionths, at most what is left, so the sum stays below 2^56.
    /// @return changed The slot.
    function spend(BudgetSlot slot, uint256 day, uint256 amount) internal pure returns (BudgetSlot changed) {
        uint256 kept = BudgetSlot.unwrap(slot) & ((EPOCHS_MASK << EPOCHS_SHIFT) | AMOUNT_MASK);
        // Two sums within 56 bits.
        unchecked {
            return BudgetSlot.wrap(kept | ((usedOn(slot, day) + amount) << USED_SHIFT) | (day << DAY_SHIFT));
        }
    }

    /// @notice The slot with another budget. What was given stays counted.
    /// @param slot The slot.
    /// @param amount Millionths.
    /// @return changed The slot.
    function withDayBudget(BudgetSlot slot, uint56 amount) internal pure returns (BudgetSlot changed) {
        return BudgetSlot.wrap((BudgetSlot.unwrap(slot) & ~AMOUNT_MASK) | amount);
    }

    /// @notice The slot with one epoch more.
    /// @param slot The slot; a programme that posts every second needs 136 years for all numbers.
    /// @return changed The slot.
    function withEpoch(BudgetSlot slot) internal pure returns (BudgetSlot changed) {
        return BudgetSlot.wrap(BudgetSlot.unwrap(slot) + (1 << EPOCHS_SHIFT));
    }
}
