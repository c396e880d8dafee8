// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RewardLimit} from "../../contracts/rewards/IEcoRewards.sol";
import {Reward, RewardMath} from "../../contracts/rewards/RewardMath.sol";

/// @title RewardMathProof
/// @notice What the solver proves of {RewardMath}.
/// @dev That a reward is cut to a limit is left to the tests: the solver does not see what a function writes into memory that
/// it was given.
contract RewardMathProof {
    /// @notice A reward is exact, rounded down, and no product wraps around.
    function earnedIsFloor(uint40 units, uint56 rate, uint16 qualityBp) external pure {
        require(qualityBp <= 10_000);
        uint256 earned = RewardMath.earnedDown(units, rate, qualityBp);
        uint256 exact = uint256(units) * rate * qualityBp;
        assert(earned * 10_000_000 <= exact);
        assert(exact - earned * 10_000_000 < 10_000_000);
    }

    /// @notice Quality never earns beyond the rate.
    function earnedWithinRate(uint40 units, uint56 rate, uint16 qualityBp) external pure {
        require(qualityBp <= 10_000);
        uint256 full = RewardMath.earnedDown(units, rate, 10_000);
        assert(RewardMath.earnedDown(units, rate, qualityBp) <= full);
        assert(full * 1_000 <= uint256(units) * rate);
    }

    /// @notice Splitting a deposit never earns more.
    function splittingNeverPays(uint40 first, uint40 second, uint56 rate, uint16 qualityBp) external pure {
        require(qualityBp <= 10_000 && uint256(first) + second < 2 ** 40);
        uint256 apart = RewardMath.earnedDown(first, rate, qualityBp) + RewardMath.earnedDown(second, rate, qualityBp);
        assert(apart <= RewardMath.earnedDown(uint256(first) + second, rate, qualityBp));
    }

    /// @notice A deposit claims no more than the room, nor than it weighs.
    function claimWithinDeposit(uint40 grams, uint40 room, uint64 earned, uint64 paid) external pure {
        require(paid <= earned);
        uint256 claimed = RewardMath.claimedUp(grams, room, Reward(earned, paid, RewardLimit.None));
        assert(claimed <= room);
        assert(claimed <= grams);
    }

    /// @notice What is paid something claims something, what is paid nothing claims nothing, and what is paid in full claims
    /// all.
    function paidClaims(uint40 grams, uint40 room, uint64 earned, uint64 paid) external pure {
        require(paid <= earned && grams != 0 && room >= grams);
        uint256 claimed = RewardMath.claimedUp(grams, room, Reward(earned, paid, RewardLimit.None));
        assert((paid == 0) == (claimed == 0));
        assert(paid != earned || paid == 0 || claimed == grams);
    }

    /// @notice A ticket allows at least what it says.
    function allowedCoversTicket(uint40 collected, uint16 toleranceBp, uint16 more) external pure {
        require(toleranceBp <= more);
        uint256 allowed = RewardMath.allowedDown(collected, toleranceBp);
        assert(allowed >= collected);
        assert(allowed <= RewardMath.allowedDown(collected, more));
    }

    /// @notice A claim is worth at most its amount.
    function vestedWithinAmount(uint64 amount, uint40 claimed, uint40 allowed, uint16 cutBp) external pure {
        require(claimed != 0 && cutBp <= 10_000);
        assert(RewardMath.vestedDown(amount, claimed, allowed, cutBp) <= amount);
    }

    /// @notice A claim is worth all of its amount when the ticket covers it and nothing is cut, and nothing when all is cut.
    function vestedAtTheEnds(uint64 amount, uint40 claimed, uint40 allowed) external pure {
        require(claimed != 0);
        assert(allowed < claimed || RewardMath.vestedDown(amount, claimed, allowed, 0) == amount);
        assert(RewardMath.vestedDown(amount, claimed, allowed, 10_000) == 0);
        assert(RewardMath.vestedDown(amount, claimed, 0, 0) == 0);
    }

    /// @notice Two claims of a collection are never worth more than one for both of their amounts, so all of them together are
    /// never worth more than what was earned.
    function vestedApartIsNoMore(
        uint64 first,
        uint64 second,
        uint40 claimed,
        uint40 allowed,
        uint16 cutBp
    ) external pure {
        require(claimed != 0 && cutBp <= 10_000);
        uint256 apart =
            RewardMath.vestedDown(first, claimed, allowed, cutBp) +
                RewardMath.vestedDown(second, claimed, allowed, cutBp);
        assert(apart <= RewardMath.vestedDown(uint256(first) + second, claimed, allowed, cutBp));
    }

    /// @notice A greater cut never vests more.
    function cutNeverPays(uint64 amount, uint40 claimed, uint40 allowed, uint16 cutBp, uint16 more) external pure {
        require(claimed != 0 && cutBp <= more && more <= 10_000);
        uint256 vested = RewardMath.vestedDown(amount, claimed, allowed, cutBp);
        assert(RewardMath.vestedDown(amount, claimed, allowed, more) <= vested);
    }

    /// @notice A year of epochs has 365 or 366 days.
    function yearHasItsDays(uint24 day) external pure {
        uint256 year = RewardMath.yearOf(day);
        assert(RewardMath.yearOf(uint256(day) + 366) > year);
        assert(RewardMath.yearOf(uint256(day) + 365) <= year + 1);
    }
}
