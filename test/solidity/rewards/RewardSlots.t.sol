// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BudgetSlot} from "../../../contracts/rewards/BudgetSlots.sol";
import {CitySlot} from "../../../contracts/rewards/CityBudgets.sol";
import {ClaimSlot} from "../../../contracts/rewards/ClaimSlots.sol";
import {Claim, ClaimStatus} from "../../../contracts/rewards/IEcoRewards.sol";
import {RewardMath} from "../../../contracts/rewards/RewardMath.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

contract BudgetSlotsTest is CivitasTest {
    // leftOn
    // ├─ another day than the last ................... the day budget
    // ├─ more is used than the budget is now ......... 0
    // └─ else ........................................ the difference
    // spend, withDayBudget: the other fields stay

    function testFuzz_SpendsWithinADay(
        uint48 budget,
        uint48 first,
        uint48 second,
        uint24 day,
        uint256 others
    ) external pure {
        day = uint24(bound(day, 1, 0x1fffe));
        first = uint48(bound(first, 0, budget));
        second = uint48(bound(second, 0, budget - first));
        BudgetSlot slot = BudgetSlot.wrap(others & ((1 << 143) - 1)).withDayBudget(budget);
        assertEq(slot.leftOn(day), budget, "whole");
        slot = slot.spend(day, first).spend(day, second);
        assertEq(slot.usedOn(day), uint256(first) + second, "used");
        assertEq(slot.leftOn(day), budget - first - second, "left");
        assertEq(slot.leftOn(day + 1), budget, "whole again");
        assertEq(slot.usedOn(day + 1), 0, "nothing used");
        assertEq(slot.spend(day + 1, second).usedOn(day + 1), second, "counted anew");
        assertEq(slot.dayBudget(), budget, "budget");
        assertEq(BudgetSlot.unwrap(slot) & ((1 << 143) - 1), others & ((1 << 143) - 1), "others");
    }

    function test_LowerBudgetLeavesNothing() external pure {
        BudgetSlot slot = BudgetSlot.wrap(0).withDayBudget(101).spend(20_000, 60).withDayBudget(50);
        assertEq(slot.dayBudget(), 50, "nothing of the budget before");
        assertEq(slot.leftOn(20_000), 0, "used more");
        assertEq(slot.usedOn(20_000), 60, "what was given stays counted");
        assertEq(slot.withDayBudget(61).leftOn(20_000), 1, "raised");
    }
}

contract CityBudgetsTest is CivitasTest {
    uint256 private constant DAY = 20_500;
    uint256 private constant YEAR_CAP = 1_000_000;

    // on
    // ├─ the same day ................................ as it was
    // ├─ another day of the year ..................... nothing used that day
    // └─ another year ................................ nothing used that year

    function test_DaysAndYearsBeginAnew() external pure {
        CitySlot slot = CitySlot.wrap(0).withDayBudget(1_000).on(DAY).spend(300);
        assertEq(slot.on(DAY).leftToday(), 700, "same day");
        assertEq(slot.on(DAY).leftThisYear(YEAR_CAP), YEAR_CAP - 300, "same year");
        CitySlot next = slot.on(DAY + 1);
        assertEq(next.day(), DAY + 1, "day");
        assertEq(next.leftToday(), 1_000, "next day");
        assertEq(next.leftThisYear(YEAR_CAP), YEAR_CAP - 300, "still the year");
        assertEq(next.on(DAY + 2).day(), DAY + 2, "nothing of the day before");
        next = slot.on(DAY + 366);
        assertEq(next.leftThisYear(YEAR_CAP), YEAR_CAP, "next year");
        assertEq(next.leftToday(), 1_000, "and day");
    }

    // reserve: takes from day and year; free: counts as used on day and year

    function test_SetsAsideAndFrees() external pure {
        CitySlot slot = CitySlot.wrap(0).withDayBudget(1_000).on(DAY).reserve(400).spend(100);
        assertEq(slot.setAside(), 400, "aside");
        assertEq(slot.leftToday(), 500, "today");
        assertEq(slot.leftThisYear(YEAR_CAP), YEAR_CAP - 366 * 400 - 100, "this year");
        slot = slot.free(150);
        assertEq(slot.setAside(), 250, "less aside");
        assertEq(slot.leftToday(), 500, "no more today");
        assertEq(slot.leftThisYear(YEAR_CAP), YEAR_CAP - 366 * 400 - 100, "no more this year");
        assertEq(slot.on(DAY + 1).leftToday(), 750, "tomorrow");
        assertEq(slot.on(DAY + 366).leftThisYear(YEAR_CAP), YEAR_CAP - 366 * 250, "next year");
    }

    function test_LowerBudgetLeavesNothing() external pure {
        CitySlot slot = CitySlot.wrap(0).withDayBudget(1_000).on(DAY).reserve(400).spend(500).withDayBudget(800);
        assertEq(slot.leftToday(), 0, "used more");
        assertEq(slot.dayBudget(), 800, "budget");
        assertEq(slot.on(DAY + 1).leftToday(), 400, "tomorrow");
    }

    function test_PauseTouchesNothingElse() external pure {
        CitySlot slot = CitySlot.wrap(0).withDayBudget(1_000).on(DAY).reserve(400).spend(100);
        CitySlot stopped = slot.toggled();
        assertTrue(stopped.isPaused(), "paused");
        assertFalse(slot.isPaused(), "not before");
        assertEq(stopped.on(DAY + 1).leftToday(), 600, "budgets");
        assertTrue(stopped.on(DAY + 1).isPaused(), "still");
        assertEq(CitySlot.unwrap(stopped.toggled()), CitySlot.unwrap(slot), "and back");
    }

    /// @dev Whatever is spent, set aside and freed within what is left: day and year never give more than their caps.
    function testFuzz_CapsHoldWhateverIsChanged(uint256 seed) external pure {
        CitySlot slot = CitySlot.wrap(0).withDayBudget(1_000).on(DAY);
        uint256 spent;
        uint256 spentInYear;
        uint256 peak;
        uint256 epochsInYear;
        for (uint256 i = 0; i < 60; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            if (seed % 5 == 0) {
                // At the end of a day, epochs have given all that was set aside at its highest.
                epochsInYear += peak;
                assertLe(spent + peak, 1_000, "day");
                assertLe(spentInYear + epochsInYear, YEAR_CAP, "year");
                slot = slot.on(slot.day() + 1);
                (spent, peak) = (0, slot.setAside());
                continue;
            }
            uint256 left = slot.leftToday();
            uint256 leftInYear = slot.leftThisYear(YEAR_CAP);
            if (leftInYear < left) left = leftInYear;
            if (seed % 5 == 1) {
                uint256 amount = bound(seed >> 8, 0, left);
                slot = slot.spend(amount);
                (spent, spentInYear) = (spent + amount, spentInYear + amount);
            } else if (seed % 5 == 2) {
                if (leftInYear / RewardMath.YEAR_DAYS < left) left = leftInYear / RewardMath.YEAR_DAYS;
                uint256 amount = bound(seed >> 8, 0, left);
                slot = slot.reserve(amount);
                peak += amount;
            } else {
                // What is freed may have been given before: it stays in the peak of the day.
                slot = slot.free(bound(seed >> 8, 0, slot.setAside()));
            }
            assertLe(spent + peak, 1_000, "within the day");
        }
    }
}

contract ClaimSlotsTest is CivitasTest {
    // plus, lockedUntil, withStatus, unpack: each touches its own fields

    function testFuzz_ClaimIsAsItWasMade(
        uint48 first,
        uint48 second,
        uint40 time,
        uint40 later,
        uint136 bits
    ) external pure {
        time = uint40(bound(time, 1, type(uint40).max));
        ClaimSlot slot = ClaimSlot.wrap(0).plus(first, bits).lockedUntil(time);
        slot = slot.plus(second, bits).lockedUntil(later);
        Claim memory claim = slot.unpack();
        assertEq(claim.amount, uint256(first) + second, "amount");
        assertEq(claim.detail, 2 * uint256(bits), "detail");
        assertEq(claim.unlockAt, later > time ? later : time, "never earlier");
        assertEq(uint256(claim.status), uint256(ClaimStatus.Pending), "pending");
        assertEq(slot.amount(), claim.amount, "amount read alone");
        assertEq(slot.detail(), claim.detail, "detail read alone");
        assertEq(slot.unlockAt(), claim.unlockAt, "time read alone");
        claim = slot.withStatus(ClaimStatus.Voided).unpack();
        assertEq(uint256(claim.status), uint256(ClaimStatus.Voided), "voided");
        assertEq(claim.amount, slot.amount(), "amount stays");
        assertEq(claim.unlockAt, slot.unlockAt(), "time stays");
        assertEq(claim.detail, slot.detail(), "detail stays");
    }
}
