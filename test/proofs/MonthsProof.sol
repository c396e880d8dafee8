// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Months} from "../../contracts/waste/Months.sol";

/// @title MonthsProof
/// @notice What the solver proves of the months by which recycled mass is certified, up to the year 7430.
contract MonthsProof {
    uint256 private constant LAST_MONTH = 65_500;

    /// @notice Every month has 28 to 31 days, so none is skipped and none is counted twice.
    function monthsHaveTheirDays(uint16 month) external pure {
        require(month < LAST_MONTH);
        uint256 span = Months.startOf(uint256(month) + 1) - Months.startOf(month);
        assert(span >= 28 days);
        assert(span <= 31 days);
        assert(span % 1 days == 0);
    }

    /// @notice Twelve months have 365 or 366 days.
    function yearsHaveTheirDays(uint16 month) external pure {
        require(month < LAST_MONTH);
        uint256 span = Months.startOf(uint256(month) + 12) - Months.startOf(month);
        assert(span >= 365 days);
        assert(span <= 366 days);
    }
}
