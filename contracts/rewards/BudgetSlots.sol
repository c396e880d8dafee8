// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a programme or an attestor may give in a day, in one slot, from the highest bit down: dayBudget 48 | used 48 |
/// day 17 | 143 bits that belong to the programme, see {ProgrammeSlots}; an attestor's are zero. Zero: it gives nothing.
type BudgetSlot is uint256;

using BudgetSlots for BudgetSlot global;

/// @title BudgetSlots
/// @notice Reads and changes the budget in a {BudgetSlot}. Days are calendar days, so that a day gives its budget and never
/// more; a bucket that refills would give up to twice as much in 24 hours.
library BudgetSlots {
    uint256 internal constant DAY_BUDGET_SHIFT = 208;

    uint256 private constant AMOUNT_MASK = type(uint48).max;
    uint256 private constant USED_SHIFT = 160;
    uint256 private constant DAY_SHIFT = 143;
    /// @dev Days last until 2328.
    uint256 private constant DAY_MASK = 0x1ffff;

    /// @notice Most in a day.
    /// @param slot The slot.
    /// @return amount Millionths.
    function dayBudget(BudgetSlot slot) internal pure returns (uint48 amount) {
        return uint48(BudgetSlot.unwrap(slot) >> DAY_BUDGET_SHIFT); // the upper 48 bits
    }

    /// @notice What was given on a day.
    /// @param slot The slot.
    /// @param day A day that is not before the last one on which something was given.
    /// @return amount Millionths.
    function usedOn(BudgetSlot slot, uint256 day) internal pure returns (uint48 amount) {
        uint256 word = BudgetSlot.unwrap(slot);
        return (word >> DAY_SHIFT) & DAY_MASK == day ? uint48(word >> USED_SHIFT) : 0; // 48 bits of it
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

    /// @notice The slot after something is given.
    /// @param slot The slot.
    /// @param day As in {usedOn}.
    /// @param amount Millionths, at most what is left, so the sum stays below 2^48.
    /// @return changed The slot.
    function spend(BudgetSlot slot, uint256 day, uint256 amount) internal pure returns (BudgetSlot changed) {
        uint256 kept = BudgetSlot.unwrap(slot) & ~((AMOUNT_MASK << USED_SHIFT) | (DAY_MASK << DAY_SHIFT));
        // Two sums within 48 bits.
        unchecked {
            return BudgetSlot.wrap(kept | ((usedOn(slot, day) + amount) << USED_SHIFT) | (day << DAY_SHIFT));
        }
    }

    /// @notice The slot with another budget. What was given stays counted.
    /// @param slot The slot.
    /// @param amount Millionths.
    /// @return changed The slot.
    function withDayBudget(BudgetSlot slot, uint48 amount) internal pure returns (BudgetSlot changed) {
        uint256 others = BudgetSlot.unwrap(slot) & ((1 << DAY_BUDGET_SHIFT) - 1);
        return BudgetSlot.wrap(others | (uint256(amount) << DAY_BUDGET_SHIFT));
    }
}
