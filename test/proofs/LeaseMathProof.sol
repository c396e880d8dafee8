// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LeaseMath} from "../../contracts/batteries/LeaseMath.sol";

/// @title LeaseMathProof
/// @notice What the solver proves of {LeaseMath}. Widths are those of the fields of a lease; spans below 2^40 s.
contract LeaseMathProof {
    /// @notice Rent earned is exact, rounded down: no unit is lost, none is made.
    function earnedIsFloor(uint96 rent, uint32 period, uint40 elapsed, uint128 rebate) external pure {
        require(period != 0);
        uint256 gross = uint256(rent) * elapsed;
        require(rebate <= gross);
        uint256 earned = LeaseMath.earnedDown(rent, period, elapsed, rebate);
        assert(earned * period <= gross - rebate);
        assert(gross - rebate - earned * period < period);
    }

    /// @notice A rebate never raises rent.
    function rebateNeverRaisesRent(uint96 rent, uint32 period, uint40 elapsed, uint128 rebate) external pure {
        require(period != 0);
        require(rebate <= uint256(rent) * elapsed);
        uint256 full = LeaseMath.earnedDown(rent, period, elapsed, 0);
        assert(LeaseMath.earnedDown(rent, period, elapsed, rebate) <= full);
    }

    /// @notice Of a rebate, what a span adds is the same whether it is counted at once or in two parts.
    function rebateAddsUp(uint128 base, uint96 perPeriod, uint40 since, uint40 middle, uint40 end) external pure {
        // A span that ends at zero is one that is open.
        require(middle != 0 && since <= middle && middle <= end);
        uint256 first = LeaseMath.rebateThrough(base, perPeriod, since, middle, end);
        uint256 both = LeaseMath.rebateThrough(first, perPeriod, middle, 0, end);
        assert(both == LeaseMath.rebateThrough(base, perPeriod, since, 0, end));
    }

    /// @notice A rebate never falls as time passes.
    function rebateNeverFalls(
        uint128 base,
        uint96 perPeriod,
        uint40 since,
        uint40 until,
        uint40 timestamp,
        uint40 later
    ) external pure {
        require(timestamp <= later);
        uint256 rebate = LeaseMath.rebateThrough(base, perPeriod, since, until, timestamp);
        assert(rebate >= base);
        assert(rebate <= LeaseMath.rebateThrough(base, perPeriod, since, until, later));
    }

    /// @notice Due dates are at least one and never more than the term has.
    function dueWithinTerm(uint40 elapsed, uint32 period, uint16 periods) external pure {
        require(period != 0 && periods != 0);
        uint256 due = LeaseMath.dueCount(elapsed, period, periods);
        assert(due >= 1);
        assert(due <= periods);
    }

    /// @notice The last due date that is reached is not in the future, and the next one is.
    function dueIsExact(uint40 elapsed, uint32 period, uint16 periods) external pure {
        require(period != 0 && periods != 0);
        uint256 due = LeaseMath.dueCount(elapsed, period, periods);
        assert((due - 1) * period <= elapsed);
        assert(due == periods || due * period > elapsed);
    }

    /// @notice A date is late only when its span of grace is over.
    function lateIsExact(uint40 elapsed, uint32 period, uint16 periods, uint32 grace) external pure {
        require(period != 0 && periods != 0);
        uint256 late = LeaseMath.lateCount(elapsed, period, periods, grace);
        assert(late <= periods);
        assert(late == 0 || (late - 1) * period + grace < elapsed);
        assert(late == periods || late * period + grace >= elapsed);
    }

    /// @notice No date is late that is not due.
    function lateIsDue(uint40 elapsed, uint32 period, uint16 periods, uint32 grace) external pure {
        require(period != 0 && periods != 0);
        uint256 due = LeaseMath.dueCount(elapsed, period, periods);
        uint256 late = LeaseMath.lateCount(elapsed, period, periods, grace);
        assert(due == periods || due * period > elapsed);
        assert(late == 0 || (late - 1) * period < elapsed);
        assert(late <= due);
    }

    /// @notice Periods that have started are at least one, at most those of the term, and at most those due.
    function startedWithinDue(uint40 elapsed, uint32 period, uint16 periods) external pure {
        require(period != 0 && periods != 0);
        uint256 started = LeaseMath.startedCount(elapsed, period, periods);
        assert(started >= 1);
        assert(started <= periods);
        assert(started == 1 || (started - 1) * period < elapsed);
    }

    /// @notice Use within the allowance is free, and beyond it each Wh counts once.
    function overIsExact(uint64 usedWh, uint32 includedWh, uint16 started) external pure {
        uint256 over = LeaseMath.overWh(usedWh, includedWh, started);
        uint256 allowance = uint256(includedWh) * started;
        assert(usedWh > allowance || over == 0);
        assert(usedWh <= allowance || over + allowance == usedWh);
    }

    /// @notice Bills for over-use add up to one bill for all of it, however it is split.
    function overageAddsUp(uint64 first, uint64 second, uint64 third, uint64 price) external pure {
        require(first <= second && second <= third);
        uint256 early = LeaseMath.overageDown(second, first, price);
        uint256 late = LeaseMath.overageDown(third, second, price);
        assert(early + late == LeaseMath.overageDown(third, first, price));
    }

    /// @notice A bill for over-use is at most the price of the whole, and nothing for what was billed before.
    function overageIsBounded(uint64 over, uint64 billed, uint64 price) external pure {
        uint256 charge = LeaseMath.overageDown(over, billed, price);
        assert(over > billed || charge == 0);
        assert(charge * 1_000 <= uint256(over) * price);
    }

    /// @notice The price of a pack stays between what it is at the start and what it is at the end.
    function buyoutWithinBounds(uint96 start, uint96 residual, uint40 term, uint40 elapsed) external pure {
        require(term != 0 && elapsed <= term && residual <= start);
        uint256 price = LeaseMath.buyoutPriceDown(start, residual, term, elapsed);
        assert(price >= residual);
        assert(price <= start);
    }

    /// @notice The price of a pack is the stated one at the start and at the end.
    function buyoutEnds(uint96 start, uint96 residual, uint40 term) external pure {
        require(term != 0 && residual <= start);
        assert(LeaseMath.buyoutPriceDown(start, residual, term, 0) == start);
        assert(LeaseMath.buyoutPriceDown(start, residual, term, term) == residual);
    }

    /// @notice The price of a pack never rises.
    function buyoutNeverRises(uint96 start, uint96 residual, uint40 term, uint40 elapsed, uint40 later) external pure {
        require(term != 0 && elapsed <= later && later <= term && residual <= start);
        uint256 price = LeaseMath.buyoutPriceDown(start, residual, term, elapsed);
        assert(LeaseMath.buyoutPriceDown(start, residual, term, later) <= price);
    }

    /// @notice The fee for an early return is at most the agreed one, and nothing at the end.
    function earlyFeeWithinBounds(uint96 fee, uint40 term, uint40 elapsed) external pure {
        require(term != 0 && elapsed <= term);
        assert(LeaseMath.earlyFeeDown(fee, term, elapsed) <= fee);
        assert(LeaseMath.earlyFeeDown(fee, term, term) == 0);
        assert(LeaseMath.earlyFeeDown(fee, term, 0) == fee);
    }

    /// @notice The fee for an early return never rises.
    function earlyFeeNeverRises(uint96 fee, uint40 term, uint40 elapsed, uint40 later) external pure {
        require(term != 0 && elapsed <= later && later <= term);
        uint256 amount = LeaseMath.earlyFeeDown(fee, term, elapsed);
        assert(LeaseMath.earlyFeeDown(fee, term, later) <= amount);
    }

    /// @notice A pack below its guarantee never costs more than a sound one, and a worse one never more than a better one.
    function abatedNeverDearer(uint96 rent, uint16 sohBp, uint16 betterBp, uint16 minSohBp) external pure {
        require(sohBp <= betterBp && betterBp < minSohBp);
        uint256 amount = LeaseMath.abatedRentDown(rent, betterBp, minSohBp);
        assert(amount <= rent);
        assert(LeaseMath.abatedRentDown(rent, sohBp, minSohBp) <= amount);
    }
}
