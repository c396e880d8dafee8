// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RewardMath} from "./RewardMath.sol";

/// @notice What the city gives, in one slot: dayBudget 56 | setAside 56 | used 56 | yearUsed 56 | day 24 | paused 8, from the
/// lowest bit up. `used` and `yearUsed` count acts and deposits, and what was set aside and given free again.
type CitySlot is uint256;

using CityBudgets for CitySlot global;

/// @title CityBudgets
/// @notice Reads and changes a {CitySlot}.
/// @dev Two sums never grow but by what is given or by a higher day budget, so that both stay below 2^56:
/// `used + setAside <= dayBudget` (the highest of the day) and `yearUsed + 366 * setAside <= year's cap`. What is set aside
/// comes out of what is left of both, and goes back into `used` and `yearUsed`. Epochs give at most what is set aside on
/// each of at most 366 days, so neither the day nor the year gives more than its cap, whatever is changed when.
library CityBudgets {
    uint256 private constant AMOUNT_MASK = type(uint56).max;
    uint256 private constant SET_ASIDE_SHIFT = 56;
    uint256 private constant USED_SHIFT = 112;
    uint256 private constant YEAR_USED_SHIFT = 168;
    uint256 private constant DAY_SHIFT = 224;
    uint256 private constant DAY_MASK = type(uint24).max;
    uint256 private constant PAUSED = 1 << 248;

    /// @notice Most in a day.
    /// @param slot The slot.
    /// @return amount Millionths.
    function dayBudget(CitySlot slot) internal pure returns (uint56 amount) {
        return uint56(CitySlot.unwrap(slot)); // the lower 56 bits
    }

    /// @notice What is set aside for epochs each day.
    /// @param slot The slot.
    /// @return amount Millionths.
    function setAside(CitySlot slot) internal pure returns (uint256 amount) {
        return (CitySlot.unwrap(slot) >> SET_ASIDE_SHIFT) & AMOUNT_MASK;
    }

    /// @notice Day up to which the slot is brought.
    /// @param slot The slot.
    /// @return number Days since 1970.
    function day(CitySlot slot) internal pure returns (uint256 number) {
        return (CitySlot.unwrap(slot) >> DAY_SHIFT) & DAY_MASK;
    }

    /// @notice Whether the city pauses.
    /// @param slot The slot.
    /// @return stopped True if so.
    function isPaused(CitySlot slot) internal pure returns (bool stopped) {
        return CitySlot.unwrap(slot) & PAUSED != 0;
    }

    /// @notice The slot on a day.
    /// @param slot The slot.
    /// @param today Days since 1970, not before the slot's day.
    /// @return changed The slot: nothing is used on a new day or in a new year.
    function on(CitySlot slot, uint256 today) internal pure returns (CitySlot changed) {
        uint256 last = day(slot);
        if (last == today) return slot;
        uint256 dropped = (AMOUNT_MASK << USED_SHIFT) | (DAY_MASK << DAY_SHIFT);
        if (RewardMath.yearOf(last) != RewardMath.yearOf(today)) dropped |= AMOUNT_MASK << YEAR_USED_SHIFT;
        return CitySlot.wrap((CitySlot.unwrap(slot) & ~dropped) | (today << DAY_SHIFT));
    }

    /// @notice What acts and deposits can still get on the slot's day.
    /// @param slot The slot.
    /// @return amount Millionths.
    function leftToday(CitySlot slot) internal pure returns (uint256 amount) {
        uint256 most = dayBudget(slot);
        // Of 56 bits each; and the first is above the second.
        unchecked {
            uint256 gone = setAside(slot) + ((CitySlot.unwrap(slot) >> USED_SHIFT) & AMOUNT_MASK);
            return most > gone ? most - gone : 0;
        }
    }

    /// @notice What acts and deposits can still get in the slot's year.
    /// @param slot The slot.
    /// @param yearCap Most in a year, millionths.
    /// @return amount Millionths.
    function leftThisYear(CitySlot slot, uint256 yearCap) internal pure returns (uint256 amount) {
        uint256 used = (CitySlot.unwrap(slot) >> YEAR_USED_SHIFT) & AMOUNT_MASK;
        // Never below zero, as said above.
        unchecked {
            return yearCap - RewardMath.YEAR_DAYS * setAside(slot) - used;
        }
    }

    /// @notice The slot after something is given.
    /// @param slot The slot.
    /// @param amount Millionths, at most what is left of day and year.
    /// @return changed The slot.
    function spend(CitySlot slot, uint256 amount) internal pure returns (CitySlot changed) {
        // Both sums stay in their 56 bits, as said above.
        unchecked {
            return CitySlot.wrap(CitySlot.unwrap(slot) + (amount << USED_SHIFT) + (amount << YEAR_USED_SHIFT));
        }
    }

    /// @notice The slot with another day budget.
    /// @param slot The slot.
    /// @param amount Millionths.
    /// @return changed The slot.
    function withDayBudget(CitySlot slot, uint56 amount) internal pure returns (CitySlot changed) {
        return CitySlot.wrap((CitySlot.unwrap(slot) & ~AMOUNT_MASK) | amount);
    }

    /// @notice The slot with more set aside.
    /// @param slot The slot.
    /// @param amount Millionths, at most what is left today, and 366 times at most what is left of the year.
    /// @return changed The slot.
    function reserve(CitySlot slot, uint256 amount) internal pure returns (CitySlot changed) {
        return CitySlot.wrap(CitySlot.unwrap(slot) + (amount << SET_ASIDE_SHIFT));
    }

    /// @notice The slot with less set aside. That counts as used on the day and in the year, since epochs may have given it.
    /// @param slot The slot.
    /// @param amount Millionths, at most what is set aside.
    /// @return changed The slot.
    function free(CitySlot slot, uint256 amount) internal pure returns (CitySlot changed) {
        uint256 used = (amount << USED_SHIFT) + ((RewardMath.YEAR_DAYS * amount) << YEAR_USED_SHIFT);
        return CitySlot.wrap(CitySlot.unwrap(slot) - (amount << SET_ASIDE_SHIFT) + used);
    }

    /// @notice The slot with the pause begun or ended.
    /// @param slot The slot.
    /// @return changed The slot.
    function toggled(CitySlot slot) internal pure returns (CitySlot changed) {
        return CitySlot.wrap(CitySlot.unwrap(slot) ^ PAUSED);
    }
}
