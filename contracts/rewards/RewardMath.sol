// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RewardLimit} from "./IEcoRewards.sol";

/// @notice A reward on its way through the limits.
struct Reward {
    /// @dev What the formula gives, millionths of a token.
    uint256 earned;
    /// @dev What is left of it, millionths.
    uint256 paid;
    /// @dev The limit that left least; None: nothing was cut.
    RewardLimit limit;
}

/// @title RewardMath
/// @notice Formulas of rewards. Each rounds once.
library RewardMath {
    uint256 internal constant FULL_BP = 10_000;
    /// @notice Days that are set aside for a year of epochs; the longest year has as many.
    uint256 internal constant YEAR_DAYS = 366;
    /// @notice Last ten-minute span of a day.
    uint256 internal constant LAST_SPAN = 143;

    uint256 private constant UNITS_PER_RATE = 1_000;
    /// @dev 400 years have 146,097 days, so a year that is this part of them is never longer than 366 days.
    uint256 private constant CYCLE_YEARS = 400;
    uint256 private constant CYCLE_DAYS = 146_097;

    /// @notice What units earn.
    /// @param units Grams, watt-hours, zones, below 2^40.
    /// @param ratePerThousand Reward for 1,000 units, millionths, below 2^56.
    /// @param qualityBp Basis points, at most 10,000.
    /// @return earned Millionths, rounded down.
    function earnedDown(
        uint256 units,
        uint256 ratePerThousand,
        uint256 qualityBp
    ) internal pure returns (uint256 earned) {
        // Below 2^40 * 2^56 * 2^14.
        unchecked {
            return (units * ratePerThousand * qualityBp) / (UNITS_PER_RATE * FULL_BP);
        }
    }

    /// @notice Cuts a reward to a limit.
    /// @param reward The reward.
    /// @param most Most that the limit leaves, millionths.
    /// @param limit Which it is.
    function cut(Reward memory reward, uint256 most, RewardLimit limit) internal pure {
        if (most < reward.paid) (reward.paid, reward.limit) = (most, limit);
    }

    /// @notice Grams that a deposit claims: as much of them as it was paid.
    /// @dev Rounded up, so that deposits that were paid something always claim something.
    /// @param grams Mass on the deposit.
    /// @param room Mass that may still be claimed at the container.
    /// @param reward What it earned, and was paid.
    /// @return claimed Grams, at most the room.
    function claimedUp(uint256 grams, uint256 room, Reward memory reward) internal pure returns (uint256 claimed) {
        if (reward.paid == 0) return 0;
        claimed = (grams * reward.paid + reward.earned - 1) / reward.earned;
        return claimed > room ? room : claimed;
    }

    /// @notice Mass of deposits that a ticket allows.
    /// @param collectedGrams Mass on the ticket.
    /// @param toleranceBp Tolerance, basis points.
    /// @return allowed Grams, rounded down.
    function allowedDown(uint256 collectedGrams, uint256 toleranceBp) internal pure returns (uint256 allowed) {
        return (collectedGrams * (FULL_BP + toleranceBp)) / FULL_BP;
    }

    /// @notice What a claim of deposits is worth.
    /// @param amount What it would be worth in full, millionths.
    /// @param claimedGrams Mass that all claims of the collection claim, above zero.
    /// @param allowedGrams Mass that the ticket allows.
    /// @param cutBp What an audit of the sorting takes off, basis points, at most 10,000.
    /// @return vested Millionths, rounded down.
    function vestedDown(
        uint256 amount,
        uint256 claimedGrams,
        uint256 allowedGrams,
        uint256 cutBp
    ) internal pure returns (uint256 vested) {
        uint256 share = allowedGrams < claimedGrams ? allowedGrams : claimedGrams;
        return (amount * share * (FULL_BP - cutBp)) / (claimedGrams * FULL_BP);
    }

    /// @notice Spans of a day that are less than some distance from one.
    /// @param span The span, 0 to 143.
    /// @param distance Distance in spans, at most 144; zero: none are.
    /// @return spans A bit for each.
    function spansNear(uint256 span, uint256 distance) internal pure returns (uint256 spans) {
        if (distance == 0) return 0;
        // Sums are below 300, and what is taken away is not above what it is taken from.
        unchecked {
            uint256 first = span < distance ? 0 : span + 1 - distance;
            uint256 last = span + distance - 1;
            if (last > LAST_SPAN) last = LAST_SPAN;
            return ((1 << (last + 1 - first)) - 1) << first;
        }
    }

    /// @notice Number of the year that a day belongs to. Years begin within a day of the calendar's.
    /// @param day Days since 1970.
    /// @return year Its number.
    function yearOf(uint256 day) internal pure returns (uint256 year) {
        // Days have 24 bits.
        unchecked {
            return (day * CYCLE_YEARS) / CYCLE_DAYS;
        }
    }
}
