// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LeaseMath} from "../../../contracts/batteries/LeaseMath.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @dev earnedDown
///   ├ at the start: nothing; after a full period: exactly the rent (case B03)
///   ├ between: rounded down, never falling, the same by any path (cases B02, B03, B04)
///   └ after rebate
/// rebateThrough
///   ├ before the span: what was there before
///   ├ in an open span, in a closed span, after its end
///   └ never falling
/// dueCount, lateCount, startedCount
///   ├ each boundary and the second after it (cases B05, B06)
///   ├ capped by the term
///   └ equal to a count one by one
/// overWh, overageDown
///   ├ within the allowance, above it, above the greatest billed (cases B07, B08)
///   ├ rounded down on the cumulative number (case B09)
///   └ bills add up to one bill of the greatest over-use
/// buyoutPriceDown, earlyFeeDown, abatedRentDown
///   ├ start, end, between (case B10)
///   └ rounded down, never rising with time
/// close
///   ├ enough for all charges; for none; for a part, in the order of the waterfall
///   ├ credited beyond the end by an earlier credit: not taken back
///   └ what comes out is what was held, and what was charged is taken or short
contract LeaseMathTest is CivitasTest {
    uint256 private constant PERIOD = 2_592_000;
    uint256 private constant RENT = 120_000_000;
    uint256 private constant GRACE = 432_000;
    uint256 private constant PERIODS = 36;
    uint256 private constant TERM = PERIOD * PERIODS;

    // --- earnedDown

    function test_NothingIsEarnedAtTheStart() external pure {
        assertEq(LeaseMath.earnedDown(RENT, PERIOD, 0, 0), 0, "start");
    }

    function test_TenDaysEarnAThird() external pure {
        assertEq(LeaseMath.earnedDown(RENT, PERIOD, 10 days, 0), 40_000_000, "B02");
    }

    function test_EarnedIsRoundedDownOnce() external pure {
        assertEq(LeaseMath.earnedDown(100_000_001, PERIOD, 1, 0), 38, "B03, a second");
        assertEq(LeaseMath.earnedDown(100_000_001, PERIOD, 2, 0), 77, "B03, two seconds");
        assertEq(LeaseMath.earnedDown(100_000_001, PERIOD, PERIOD, 0), 100_000_001, "B03, a period");
    }

    function test_CreditsAddUpToOneCredit() external pure {
        uint24[6] memory instants = [1, 7, 86_399, 86_400, 1_000_003, 2_592_000];
        uint256 credited = 0;
        for (uint256 i = 0; i < instants.length; ++i) {
            credited += LeaseMath.earnedDown(100_000_001, PERIOD, instants[i], 0) - credited;
        }
        assertEq(credited, 100_000_001, "B04");
    }

    function test_RebateLowersWhatIsEarned() external pure {
        // A tenth of the rent back for the second half of a period.
        uint256 rebate = (RENT / 10) * (PERIOD / 2);
        assertEq(LeaseMath.earnedDown(RENT, PERIOD, PERIOD, rebate), 114_000_000, "after rebate");
    }

    function testFuzz_EarnedIsTheFloor(uint256 rent, uint256 period, uint256 elapsed, uint256 rebate) external pure {
        (rent, period, elapsed) = _span(rent, period, elapsed);
        rebate = bound(rebate, 0, rent * elapsed);
        uint256 earned = LeaseMath.earnedDown(rent, period, elapsed, rebate);
        assertLe(earned * period, rent * elapsed - rebate, "not above");
        assertLe(rent * elapsed - rebate + 1, (earned + 1) * period, "less than one unit below");
    }

    function testFuzz_EarnedNeverFalls(
        uint256 rent,
        uint256 period,
        uint256 elapsed,
        uint256 more,
        uint256 perPeriod
    ) external pure {
        (rent, period, elapsed) = _span(rent, period, elapsed);
        more = bound(more, 0, TERM);
        perPeriod = bound(perPeriod, 0, rent);
        assertLe(
            LeaseMath.earnedDown(rent, period, elapsed, perPeriod * elapsed),
            LeaseMath.earnedDown(rent, period, elapsed + more, perPeriod * (elapsed + more)),
            "later is more"
        );
    }

    function testFuzz_CreditIsPathIndependent(uint256 rent, uint256 period, uint256 seed, uint256 steps) external pure {
        (rent, period, ) = _span(rent, period, 0);
        steps = bound(steps, 1, 12);
        uint256 elapsed = 0;
        uint256 credited = 0;
        for (uint256 i = 0; i < steps; ++i) {
            elapsed += uint256(keccak256(abi.encode(seed, i))) % (3 * period);
            credited += LeaseMath.earnedDown(rent, period, elapsed, 0) - credited;
        }
        assertEq(credited, LeaseMath.earnedDown(rent, period, elapsed, 0), "one credit at the end");
    }

    // --- rebateThrough

    function test_RebateBeforeInAndAfterASpan() external pure {
        assertEq(LeaseMath.rebateThrough(5, 3, 100, 0, 99), 5, "before");
        assertEq(LeaseMath.rebateThrough(5, 3, 100, 0, 100), 5, "its first second");
        assertEq(LeaseMath.rebateThrough(5, 3, 100, 0, 107), 26, "open");
        assertEq(LeaseMath.rebateThrough(5, 3, 100, 110, 107), 26, "before its end");
        assertEq(LeaseMath.rebateThrough(5, 3, 100, 110, 110), 35, "at its end");
        assertEq(LeaseMath.rebateThrough(5, 3, 100, 110, 120), 35, "after its end");
        assertEq(LeaseMath.rebateThrough(5, 3, 100, 100, 120), 5, "of no length");
    }

    function testFuzz_RebateNeverFalls(
        uint256 base,
        uint256 perPeriod,
        uint256 since,
        uint256 length,
        uint256 timestamp,
        uint256 more
    ) external pure {
        base = bound(base, 0, type(uint128).max);
        perPeriod = bound(perPeriod, 0, type(uint96).max);
        since = bound(since, 1, type(uint40).max);
        length = bound(length, 0, TERM);
        timestamp = bound(timestamp, 0, type(uint40).max);
        more = bound(more, 0, TERM);
        // A span of no length stands for an open one.
        uint256 until = length == 0 ? 0 : since + length;
        uint256 rebate = LeaseMath.rebateThrough(base, perPeriod, since, until, timestamp);
        uint256 later = LeaseMath.rebateThrough(base, perPeriod, since, until, timestamp + more);
        assertLe(base, rebate, "what was there stays");
        assertLe(rebate, later, "later is more");
        assertLe(later - rebate, perPeriod * more, "by no more than the rate");
    }

    // --- dueCount, lateCount, startedCount

    function test_DueDates() external pure {
        assertEq(LeaseMath.dueCount(0, PERIOD, PERIODS), 1, "the first at the start");
        assertEq(LeaseMath.dueCount(PERIOD - 1, PERIOD, PERIODS), 1, "before the second");
        assertEq(LeaseMath.dueCount(PERIOD, PERIOD, PERIODS), 2, "the second");
        assertEq(LeaseMath.dueCount(2 * PERIOD + GRACE + 1, PERIOD, PERIODS), 3, "B06");
        assertEq(LeaseMath.dueCount(TERM - 1, PERIOD, PERIODS), PERIODS, "the last");
        assertEq(LeaseMath.dueCount(TERM, PERIOD, PERIODS), PERIODS, "capped");
    }

    function test_LateDates() external pure {
        assertEq(LeaseMath.lateCount(0, PERIOD, PERIODS, GRACE), 0, "start");
        assertEq(LeaseMath.lateCount(GRACE, PERIOD, PERIODS, GRACE), 0, "end of grace");
        assertEq(LeaseMath.lateCount(GRACE + 1, PERIOD, PERIODS, GRACE), 1, "a second later");
        assertEq(LeaseMath.lateCount(PERIOD + GRACE, PERIOD, PERIODS, GRACE), 1, "B05, in time");
        assertEq(LeaseMath.lateCount(PERIOD + GRACE + 1, PERIOD, PERIODS, GRACE), 2, "B05, late");
        assertEq(LeaseMath.lateCount(2 * PERIOD + GRACE + 1, PERIOD, PERIODS, GRACE), 3, "B06");
        assertEq(LeaseMath.lateCount(1, PERIOD, PERIODS, 0), 1, "no grace");
        assertEq(LeaseMath.lateCount(10 * TERM, PERIOD, PERIODS, GRACE), PERIODS, "capped");
    }

    function test_PeriodsStarted() external pure {
        assertEq(LeaseMath.startedCount(0, PERIOD, PERIODS), 1, "start");
        assertEq(LeaseMath.startedCount(1, PERIOD, PERIODS), 1, "first second");
        assertEq(LeaseMath.startedCount(PERIOD, PERIOD, PERIODS), 1, "end of the first");
        assertEq(LeaseMath.startedCount(PERIOD + 1, PERIOD, PERIODS), 2, "second");
        assertEq(LeaseMath.startedCount(3 * PERIOD, PERIOD, PERIODS), 3, "B07");
        assertEq(LeaseMath.startedCount(TERM + 1, PERIOD, PERIODS), PERIODS, "capped");
    }

    function testFuzz_CountsEqualACountOneByOne(
        uint256 elapsed,
        uint256 period,
        uint256 periods,
        uint256 grace
    ) external pure {
        period = bound(period, 1, 100);
        periods = bound(periods, 1, 30);
        grace = bound(grace, 0, 300);
        elapsed = bound(elapsed, 0, 4_000);
        uint256 due = 0;
        uint256 late = 0;
        uint256 started = 1;
        for (uint256 k = 0; k < periods; ++k) {
            if (k * period <= elapsed) ++due;
            if (k * period + grace < elapsed) ++late;
            if (k != 0 && k * period < elapsed) ++started;
        }
        assertEq(LeaseMath.dueCount(elapsed, period, periods), due, "due");
        assertEq(LeaseMath.lateCount(elapsed, period, periods, grace), late, "late");
        assertEq(LeaseMath.startedCount(elapsed, period, periods), started, "started");
    }

    // --- overWh, overageDown

    function test_PooledAllowance() external pure {
        assertEq(LeaseMath.overWh(1_200_000, 400_000, 3), 0, "all of it");
        uint256 over = LeaseMath.overWh(1_350_000, 400_000, 3);
        assertEq(over, 150_000, "B07, over-use");
        assertEq(LeaseMath.overageDown(over, 0, 60_000), 9_000_000, "B07, charge");
    }

    function test_BilledOverUseIsNeverRefundedNorBilledAgain() external pure {
        uint256 first = LeaseMath.overWh(500_000, 400_000, 1);
        assertEq(LeaseMath.overageDown(first, 0, 60_000), 6_000_000, "B08, first");
        uint256 second = LeaseMath.overWh(1_150_000, 400_000, 3);
        assertEq(LeaseMath.overageDown(second, first, 60_000), 0, "B08, second");
        assertEq(LeaseMath.overageDown(first, first, 60_000), 0, "the same");
    }

    function test_ChargeIsRoundedDown() external pure {
        assertEq(LeaseMath.overageDown(1, 0, 60_000), 60, "B09, 1 Wh");
        assertEq(LeaseMath.overageDown(999, 0, 59), 58, "B09, 999 Wh");
        assertEq(LeaseMath.overageDown(16, 0, 59), 0, "B09, 16 Wh");
    }

    function testFuzz_BillsAddUpToOneBill(uint256 price, uint256 seed, uint256 steps) external pure {
        price = bound(price, 0, type(uint96).max);
        steps = bound(steps, 1, 12);
        uint256 billed = 0;
        uint256 sum = 0;
        for (uint256 i = 0; i < steps; ++i) {
            uint256 over = uint256(keccak256(abi.encode(seed, i))) % type(uint48).max;
            sum += LeaseMath.overageDown(over, billed, price);
            if (over > billed) billed = over;
        }
        assertEq(sum, (billed * price) / 1_000, "one bill of the greatest over-use");
    }

    // --- buyoutPriceDown, earlyFeeDown, abatedRentDown

    function test_PriceFallsFromStartToResidual() external pure {
        assertEq(LeaseMath.buyoutPriceDown(6e9, 15e8, TERM, 0), 6e9, "start");
        assertEq(LeaseMath.buyoutPriceDown(6e9, 15e8, TERM, TERM / 2), 375e7, "half");
        assertEq(LeaseMath.buyoutPriceDown(6e9, 15e8, TERM, TERM), 15e8, "end");
        assertEq(LeaseMath.buyoutPriceDown(6e9, 15e8, TERM, 1), 5_999_999_951, "rounded down");
    }

    function test_EarlyFeeFallsToNothing() external pure {
        assertEq(LeaseMath.earlyFeeDown(180_000_000, TERM, 0), 180_000_000, "start");
        assertEq(LeaseMath.earlyFeeDown(180_000_000, TERM, 100 days), 163_333_333, "B10");
        assertEq(LeaseMath.earlyFeeDown(180_000_000, TERM, TERM), 0, "end");
    }

    function test_AbatedRent() external pure {
        assertEq(LeaseMath.abatedRentDown(RENT, 7_000, 7_000), RENT, "at the guarantee");
        assertEq(LeaseMath.abatedRentDown(RENT, 6_999, 7_000), 119_982_857, "a basis point below");
        assertEq(LeaseMath.abatedRentDown(RENT, 0, 7_000), 0, "dead");
    }

    function testFuzz_PriceAndFeeFallAndAreFloors(
        uint256 start,
        uint256 residual,
        uint256 term,
        uint256 elapsed,
        uint256 more
    ) external pure {
        start = bound(start, 0, type(uint96).max);
        residual = bound(residual, 0, start);
        term = bound(term, 1, 50 * 365 days);
        elapsed = bound(elapsed, 0, term);
        more = bound(more, 0, term - elapsed);
        uint256 price = LeaseMath.buyoutPriceDown(start, residual, term, elapsed);
        assertLe(residual, price, "at least residual");
        assertLe(price, start, "at most start");
        assertLe(LeaseMath.buyoutPriceDown(start, residual, term, elapsed + more), price, "price falls");
        uint256 exact = (start - residual) * (term - elapsed);
        assertLe((price - residual) * term, exact, "price not above");
        assertLe(exact + 1, (price - residual + 1) * term, "price less than one unit below");
        uint256 fee = LeaseMath.earlyFeeDown(start, term, elapsed);
        assertLe(LeaseMath.earlyFeeDown(start, term, elapsed + more), fee, "fee falls");
        assertLe(fee * term, start * (term - elapsed), "fee not above");
        assertLe(start * (term - elapsed) + 1, (fee + 1) * term, "fee less than one unit below");
    }

    function testFuzz_AbatedRentIsAFloorAndRisesWithHealth(
        uint256 rent,
        uint256 sohBp,
        uint256 more,
        uint256 minSohBp
    ) external pure {
        rent = bound(rent, 1, type(uint96).max);
        minSohBp = bound(minSohBp, 1, 10_000);
        sohBp = bound(sohBp, 0, minSohBp);
        more = bound(more, 0, minSohBp - sohBp);
        uint256 abated = LeaseMath.abatedRentDown(rent, sohBp, minSohBp);
        assertLe(abated, LeaseMath.abatedRentDown(rent, sohBp + more, minSohBp), "rises");
        assertLe(abated * minSohBp, rent * sohBp, "not above");
        assertLe(rent * sohBp + 1, (abated + 1) * minSohBp, "less than one unit below");
    }

    // --- close

    function test_CloseOfAnEarlyReturn() external pure {
        // B10: four periods paid, back on day 100.
        LeaseMath.Account memory account = _account(100 days, 4);
        account.earlyFee = 163_333_333;
        LeaseMath.Statement memory statement = LeaseMath.close(account);
        assertEq(statement.rentCredit, 400_000_000, "B10, accrued");
        assertEq(statement.arrears, 0, "arrears");
        assertEq(statement.earlyFee, 163_333_333, "B10, early fee");
        // 50,000,000 of agreed damage leave 466,666,667.
        assertEq(statement.held, 516_666_667, "B10, held");
        assertEq(statement.shortfall, 0, "shortfall");
    }

    function test_ClosePaysChargesInOrder() external pure {
        // Three periods over, one paid: arrears first, then overage, late fees, early fee.
        LeaseMath.Account memory account = _account(3 * PERIOD, 1);
        account.overage = 300_000_000;
        account.lateFees = 50_000_000;
        account.earlyFee = 30_000_000;
        LeaseMath.Statement memory statement = LeaseMath.close(account);
        assertEq(statement.rentCredit, RENT, "rent paid");
        assertEq(statement.arrears, 2 * RENT, "arrears");
        assertEq(statement.overage, 300_000_000, "overage");
        assertEq(statement.lateFees, 50_000_000, "late fees");
        assertEq(statement.earlyFee, 10_000_000, "what is left for the early fee");
        assertEq(statement.held, 0, "held");
        assertEq(statement.shortfall, 20_000_000, "shortfall");
    }

    function test_CloseWithNothingHeldIsShortOfEverything() external pure {
        LeaseMath.Account memory account = _account(2 * PERIOD, 1);
        account.deposit = 0;
        account.overage = 1;
        account.lateFees = 2;
        account.earlyFee = 3;
        LeaseMath.Statement memory statement = LeaseMath.close(account);
        assertEq(statement.rentCredit, RENT, "rent paid");
        assertEq(
            statement.arrears + statement.overage + statement.lateFees + statement.earlyFee + statement.held,
            0,
            "taken"
        );
        assertEq(statement.shortfall, RENT + 6, "shortfall");
    }

    function test_CloseTakesNoCreditBack() external pure {
        LeaseMath.Account memory account = _account(10 days, 1);
        account.credited = 60_000_000;
        LeaseMath.Statement memory statement = LeaseMath.close(account);
        assertEq(statement.rentCredit, 0, "rent credit");
        assertEq(statement.arrears, 0, "arrears");
        assertEq(statement.held, 660_000_000, "held");
    }

    function test_CloseGivesRebateThatWasNotTaken() external pure {
        // Half the rent back since day 15 of a period that is paid.
        LeaseMath.Account memory account = _account(PERIOD, 1);
        account.rebateCovered = (RENT / 2) * 15 days;
        account.rebateElapsed = account.rebateCovered;
        LeaseMath.Statement memory statement = LeaseMath.close(account);
        assertEq(statement.rentCredit, 90_000_000, "rent after rebate");
        assertEq(statement.held, 630_000_000, "deposit and rebate");
        account.rebateTaken = 20_000_000;
        assertEq(LeaseMath.close(account).held, 610_000_000, "less what was taken");
    }

    function test_CloseAbatesArrearsToo() external pure {
        // Half the rent back since the middle of the paid period, and through a period that is not paid.
        LeaseMath.Account memory account = _account(2 * PERIOD, 1);
        account.rebateCovered = (RENT / 2) * 15 days;
        account.rebateElapsed = (RENT / 2) * 45 days;
        LeaseMath.Statement memory statement = LeaseMath.close(account);
        assertEq(statement.rentCredit, 90_000_000, "paid rent after rebate");
        assertEq(statement.arrears, 60_000_000, "unpaid rent after rebate");
        assertEq(statement.held, 570_000_000, "held");
    }

    /// @dev An account as the lease book makes it: rebate in one span, credits and rebates taken at any paid instant,
    /// even after the end, as when a bay's receipt comes late.
    function testFuzz_CloseConserves(uint256 seed) external pure {
        LeaseMath.Account memory account;
        account.rent = bound(_draw(seed, 1), 1, 1e30);
        account.period = bound(_draw(seed, 2), 3_600, 31_622_400);
        uint256 periods = bound(_draw(seed, 3), 1, 600);
        account.paidPeriods = bound(_draw(seed, 4), 1, periods);
        account.elapsed = bound(_draw(seed, 5), 0, periods * account.period);
        account.deposit = bound(_draw(seed, 6), 0, 1e28);
        account.overage = bound(_draw(seed, 7), 0, 1e28);
        account.lateFees = bound(_draw(seed, 8), 0, 1e28);
        account.earlyFee = bound(_draw(seed, 9), 0, 1e28);
        _abate(account, seed);
        uint256 arrears =
            LeaseMath.earnedDown(account.rent, account.period, account.elapsed, account.rebateElapsed) -
                LeaseMath.earnedDown(account.rent, account.period, _covered(account), account.rebateCovered);

        LeaseMath.Statement memory statement = LeaseMath.close(account);
        uint256 taken = statement.arrears + statement.overage + statement.lateFees + statement.earlyFee;
        assertEq(
            statement.rentCredit + taken + statement.held,
            account.deposit + account.paidPeriods * account.rent - account.credited - account.rebateTaken,
            "out is in"
        );
        assertEq(
            taken + statement.shortfall,
            arrears + account.overage + account.lateFees + account.earlyFee,
            "charged is taken or short"
        );
        if (statement.shortfall != 0) assertEq(statement.held, 0, "nothing kept while charges are open");
    }

    // --- helpers

    function _abate(LeaseMath.Account memory account, uint256 seed) private pure {
        uint256 paidSpan = account.paidPeriods * account.period;
        uint256 perPeriod = bound(_draw(seed, 10), 0, account.rent);
        uint256 since = bound(_draw(seed, 11), 0, paidSpan);
        account.rebateElapsed = LeaseMath.rebateThrough(0, perPeriod, since, 0, account.elapsed);
        account.rebateCovered = LeaseMath.rebateThrough(0, perPeriod, since, 0, _covered(account));
        uint256 creditedAt = bound(_draw(seed, 12), 0, paidSpan);
        account.credited = LeaseMath.earnedDown(
            account.rent,
            account.period,
            creditedAt,
            LeaseMath.rebateThrough(0, perPeriod, since, 0, creditedAt)
        );
        uint256 takenAt = bound(_draw(seed, 13), 0, paidSpan);
        account.rebateTaken =
            LeaseMath.earnedDown(account.rent, account.period, takenAt, 0) -
            LeaseMath.earnedDown(
                account.rent,
                account.period,
                takenAt,
                LeaseMath.rebateThrough(0, perPeriod, since, 0, takenAt)
            );
    }

    function _covered(LeaseMath.Account memory account) private pure returns (uint256 span) {
        uint256 paidSpan = account.paidPeriods * account.period;
        return account.elapsed < paidSpan ? account.elapsed : paidSpan;
    }

    function _account(uint256 elapsed, uint256 paidPeriods) private pure returns (LeaseMath.Account memory account) {
        account.rent = RENT;
        account.period = PERIOD;
        account.elapsed = elapsed;
        account.paidPeriods = paidPeriods;
        account.deposit = 600_000_000;
    }

    function _span(
        uint256 rent,
        uint256 period,
        uint256 elapsed
    ) private pure returns (uint256 rentIn, uint256 periodIn, uint256 elapsedIn) {
        return (bound(rent, 1, type(uint96).max), bound(period, 3_600, 31_622_400), bound(elapsed, 0, 50 * 365 days));
    }

    function _draw(uint256 seed, uint256 index) private pure returns (uint256 drawn) {
        return uint256(keccak256(abi.encode(seed, index)));
    }
}
