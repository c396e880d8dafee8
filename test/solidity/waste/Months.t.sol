// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Months} from "../../../contracts/waste/Months.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

contract MonthsTest is CivitasTest {
    uint256 private constant MONTHS_OF_YEAR = 12;

    /// @dev Every month from 1970 to 2499 begins a second after the one before it ends, counted day by day.
    function test_FollowsTheCalendar() external pure {
        uint256 day = 0;
        uint256 month = 0;
        for (uint256 year = 1970; year < 2500; ++year) {
            bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for (uint256 m = 1; m <= MONTHS_OF_YEAR; ++m) {
                assertEq(Months.startOf(month), day * 1 days, "start");
                assertEq(Months.monthOf(day * 1 days), month, "first second");
                day += m == 2 ? (leap ? 29 : 28) : (m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31);
                assertEq(Months.monthOf(day * 1 days - 1), month, "last second");
                ++month;
            }
        }
    }

    function testFuzz_AnInstantIsInItsMonth(uint256 timestamp) external pure {
        // To the end of the last month that 16 bits hold.
        timestamp = bound(timestamp, 0, Months.startOf(uint256(type(uint16).max) + 1) - 1);
        uint256 month = Months.monthOf(timestamp);
        assertLe(Months.startOf(month), timestamp, "not before it");
        assertLe(timestamp + 1, Months.startOf(month + 1), "not after it");
    }
}
