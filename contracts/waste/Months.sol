// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Months
/// @notice Months of the Gregorian calendar, UTC, counted from January 1970, which is 0.
/// @dev Years begin in March here, so that the leap day is the last of its year and the months before it follow one formula:
/// month m, 0 for March, begins on day floor((153 m + 2) / 5) of its year. Good up to the year 7430, when 16 bits end.
library Months {
    uint256 private constant DAYS_OF_YEAR = 365;
    uint256 private constant DAYS_OF_4_YEARS = 1_461;
    uint256 private constant DAYS_OF_CENTURY = 36_524;
    uint256 private constant DAYS_OF_400_YEARS = 146_097;
    /// @dev Days from 1 March of the year 0 to 1 January 1970.
    uint256 private constant DAYS_TO_1970 = 719_468;
    /// @dev Months from March of the year 0 to January 1970.
    uint256 private constant MONTHS_TO_1970 = 23_638;
    uint256 private constant MONTHS_OF_YEAR = 12;
    uint256 private constant YEARS_OF_ERA = 400;
    uint256 private constant CENTURY = 100;
    uint256 private constant LEAP_YEARS = 4;
    /// @dev Five months have 153 days, in March to July as in August to December.
    uint256 private constant DAYS_OF_5_MONTHS = 153;
    uint256 private constant MONTHS_OF_153_DAYS = 5;

    /// @notice The month in which an instant is.
    /// @param timestamp Unix time.
    /// @return month Months since January 1970.
    function monthOf(uint256 timestamp) internal pure returns (uint16 month) {
        uint256 day = timestamp / 1 days + DAYS_TO_1970;
        uint256 era = day / DAYS_OF_400_YEARS;
        uint256 dayOfEra = day % DAYS_OF_400_YEARS;
        // Takes off the leap days before that day, so that all years have 365 days.
        uint256 year =
            (dayOfEra -
                dayOfEra / (DAYS_OF_4_YEARS - 1) +
                dayOfEra / DAYS_OF_CENTURY -
                dayOfEra / (DAYS_OF_400_YEARS - 1)) / DAYS_OF_YEAR;
        uint256 dayOfYear = dayOfEra - _dayOfYear(year);
        uint256 monthOfYear = (MONTHS_OF_153_DAYS * dayOfYear + 2) / DAYS_OF_5_MONTHS;
        uint256 count = (era * YEARS_OF_ERA + year) * MONTHS_OF_YEAR + monthOfYear - MONTHS_TO_1970;
        return uint16(count); // a block's time is far below the year 7430
    }

    /// @notice When a month begins, which is when the one before it ends.
    /// @param month Months since January 1970.
    /// @return timestamp Unix time of its first second.
    function startOf(uint256 month) internal pure returns (uint256 timestamp) {
        uint256 count = month + MONTHS_TO_1970;
        uint256 year = count / MONTHS_OF_YEAR;
        uint256 monthOfYear = count % MONTHS_OF_YEAR;
        uint256 dayOfYear = (DAYS_OF_5_MONTHS * monthOfYear + 2) / MONTHS_OF_153_DAYS;
        uint256 day = (year / YEARS_OF_ERA) * DAYS_OF_400_YEARS + _dayOfYear(year % YEARS_OF_ERA) + dayOfYear;
        return (day - DAYS_TO_1970) * 1 days;
    }

    /// @dev First day of a year of an era of 400, from its 1 March.
    function _dayOfYear(uint256 year) private pure returns (uint256 day) {
        return year * DAYS_OF_YEAR + year / LEAP_YEARS - year / CENTURY;
    }
}
