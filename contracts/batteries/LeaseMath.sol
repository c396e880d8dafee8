// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title LeaseMath
/// @notice The money formulas of a battery lease. All spans in seconds, amounts in token units, energy in Wh; divisions
/// round down, which favours the lessee, and each amount is divided once. `sdk/models/lease.ts` is the twin.
library LeaseMath {
    /// @notice What the accounts of a lease hold when it ends.
    struct Account {
        /// @dev Rent of a period.
        uint256 rent;
        uint256 period;
        /// @dev From the start to the end, at most the term.
        uint256 elapsed;
        uint256 paidPeriods;
        /// @dev Rent credited to owners before.
        uint256 credited;
        /// @dev Rebate through the paid part of `elapsed`, token units times seconds.
        uint256 rebateCovered;
        /// @dev Rebate through `elapsed`, token units times seconds.
        uint256 rebateElapsed;
        /// @dev Rebate that the lessee has had.
        uint256 rebateTaken;
        uint256 deposit;
        uint256 overage;
        uint256 lateFees;
        uint256 earlyFee;
    }

    /// @notice How the accounts close. The first five are the owner's, `held` stays the lessee's.
    struct Statement {
        uint256 rentCredit;
        uint256 arrears;
        uint256 overage;
        uint256 lateFees;
        uint256 earlyFee;
        uint256 held;
        /// @dev Charges that the lessee's money did not cover.
        uint256 shortfall;
    }

    uint256 internal constant WH_PER_KWH = 1_000;

    /// @notice Rent earned in a span, after rebate.
    /// @param rent Rent of a period.
    /// @param period Length of a period.
    /// @param elapsed Seconds from the start.
    /// @param rebate Rebate through `elapsed`, token units times seconds, at most rent * elapsed.
    /// @return amount floor((rent * elapsed - rebate) / period).
    function earnedDown(
        uint256 rent,
        uint256 period,
        uint256 elapsed,
        uint256 rebate
    ) internal pure returns (uint256 amount) {
        return (rent * elapsed - rebate) / period;
    }

    /// @notice Rebate of one span of abatement with those before it.
    /// @param base Rebate of the spans before, token units times seconds.
    /// @param perPeriod Rebate of a period in this span.
    /// @param since Start of the span, Unix time.
    /// @param until End of the span; zero: open.
    /// @param timestamp Instant through which to count.
    /// @return rebate Token units times seconds.
    function rebateThrough(
        uint256 base,
        uint256 perPeriod,
        uint256 since,
        uint256 until,
        uint256 timestamp
    ) internal pure returns (uint256 rebate) {
        uint256 last = until != 0 && until < timestamp ? until : timestamp;
        return last > since ? base + perPeriod * (last - since) : base;
    }

    /// @notice Due dates reached: period k is due k periods after the start.
    /// @param elapsed Seconds from the start.
    /// @param period Length of a period.
    /// @param periods Periods of the term.
    /// @return count At most `periods`.
    function dueCount(uint256 elapsed, uint256 period, uint256 periods) internal pure returns (uint256 count) {
        count = elapsed / period + 1;
        return count < periods ? count : periods;
    }

    /// @notice Due dates passed by more than the grace span.
    /// @param elapsed Seconds from the start.
    /// @param period Length of a period.
    /// @param periods Periods of the term.
    /// @param grace Grace span.
    /// @return count Number of k below `periods` with k * period + grace < elapsed.
    function lateCount(
        uint256 elapsed,
        uint256 period,
        uint256 periods,
        uint256 grace
    ) internal pure returns (uint256 count) {
        if (elapsed <= grace) return 0;
        count = (elapsed - grace - 1) / period + 1;
        return count < periods ? count : periods;
    }

    /// @notice Periods of which at least a second has passed; the first counts from the start.
    /// @param elapsed Seconds from the start.
    /// @param period Length of a period.
    /// @param periods Periods of the term.
    /// @return count 1 to `periods`.
    function startedCount(uint256 elapsed, uint256 period, uint256 periods) internal pure returns (uint256 count) {
        if (elapsed == 0) return 1;
        count = (elapsed - 1) / period + 1;
        return count < periods ? count : periods;
    }

    /// @notice Use above the pooled allowance.
    /// @param usedWh Used since the start.
    /// @param includedWh Allowance of a period.
    /// @param started Periods started.
    /// @return wh Zero when within the allowance.
    function overWh(uint256 usedWh, uint256 includedWh, uint256 started) internal pure returns (uint256 wh) {
        uint256 allowance = includedWh * started;
        return usedWh > allowance ? usedWh - allowance : 0;
    }

    /// @notice Charge for over-use beyond what was billed, by the difference of two floors of cumulative numbers.
    /// @param over Over-use since the start.
    /// @param billedOver Greatest over-use billed before.
    /// @param pricePerKWh Price of a kWh.
    /// @return charge Zero when `over` is not above `billedOver`.
    function overageDown(uint256 over, uint256 billedOver, uint256 pricePerKWh) internal pure returns (uint256 charge) {
        if (over <= billedOver) return 0;
        return (over * pricePerKWh) / WH_PER_KWH - (billedOver * pricePerKWh) / WH_PER_KWH;
    }

    /// @notice Price of the pack, falling linearly over the term.
    /// @param start Price at the start.
    /// @param residual Price at the end, at most `start`.
    /// @param term Seconds of the term.
    /// @param elapsed Seconds from the start, at most `term`.
    /// @return price residual + floor((start - residual) * (term - elapsed) / term).
    function buyoutPriceDown(
        uint256 start,
        uint256 residual,
        uint256 term,
        uint256 elapsed
    ) internal pure returns (uint256 price) {
        return residual + ((start - residual) * (term - elapsed)) / term;
    }

    /// @notice Fee for an early return, falling linearly over the term.
    /// @param fee Fee at the start.
    /// @param term Seconds of the term.
    /// @param elapsed Seconds from the start, at most `term`.
    /// @return amount floor(fee * (term - elapsed) / term).
    function earlyFeeDown(uint256 fee, uint256 term, uint256 elapsed) internal pure returns (uint256 amount) {
        return (fee * (term - elapsed)) / term;
    }

    /// @notice Rent of a pack below its guarantee.
    /// @param rent Rent of a period.
    /// @param sohBp State of health, below `minSohBp`.
    /// @param minSohBp Guaranteed state of health.
    /// @return amount floor(rent * sohBp / minSohBp).
    function abatedRentDown(uint256 rent, uint256 sohBp, uint256 minSohBp) internal pure returns (uint256 amount) {
        return (rent * sohBp) / minSohBp;
    }

    /// @notice Closes the accounts: owner's rent, then arrears, overage, late fees and early fee out of the lessee's
    /// money (deposit, unearned rent and rebate) as far as it goes.
    /// @dev rentCredit + arrears + overage + lateFees + earlyFee + held equals what the book held for the lease.
    /// @param account The accounts.
    /// @return statement How they close.
    function close(Account memory account) internal pure returns (Statement memory statement) {
        uint256 paidSpan = account.paidPeriods * account.period;
        uint256 covered = account.elapsed < paidSpan ? account.elapsed : paidSpan;
        uint256 earned = earnedDown(account.rent, account.period, covered, account.rebateCovered);
        uint256 accrued = earnedDown(account.rent, account.period, account.elapsed, account.rebateElapsed);
        uint256 arrears = accrued - earned;
        // A bay's receipt may end the lease before the last credit, which is not taken back.
        if (earned < account.credited) earned = account.credited;
        statement.rentCredit = earned - account.credited;
        statement.held = account.deposit + account.paidPeriods * account.rent - earned - account.rebateTaken;
        statement.arrears = _take(statement, arrears);
        statement.overage = _take(statement, account.overage);
        statement.lateFees = _take(statement, account.lateFees);
        statement.earlyFee = _take(statement, account.earlyFee);
    }

    function _take(Statement memory statement, uint256 charge) private pure returns (uint256 taken) {
        taken = charge < statement.held ? charge : statement.held;
        statement.held -= taken;
        statement.shortfall += charge - taken;
    }
}
