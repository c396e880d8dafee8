// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEnergyRegistry} from "./IEnergyRegistry.sol";

/// @notice A value from one interval on. One slot.
struct Change {
    /// @dev First interval.
    uint32 from;
    /// @dev What holds from then on. What zero means is up to who uses it.
    uint224 value;
}

/// @notice A value that changes from one interval to the next.
struct Series {
    /// @dev Oldest first.
    Change[] changes;
}

/// @title IntervalSeries
/// @notice Values with a history, so that a change never reaches back: an interval that is open, or past and not yet
/// cleared, keeps what held when it opened.
library IntervalSeries {
    /// @notice Sets the value from an interval on. An earlier change whose first interval is not open is withdrawn, so
    /// that at most one is waiting and a wrong date can be put right.
    /// @param series Series.
    /// @param from First interval.
    /// @param value What holds from then on.
    /// @param firstChangeable First interval that is not open; above zero.
    /// @return previous What holds before `from`.
    function set(
        Series storage series,
        uint32 from,
        uint224 value,
        uint32 firstChangeable
    ) internal returns (uint224 previous) {
        if (from < firstChangeable) revert IEnergyRegistry.EnergyRegistryIntervalOpen(from, firstChangeable);
        uint256 count = series.changes.length;
        Change memory latest = _changeBefore(series, count);
        bool waiting = latest.from >= firstChangeable;
        previous = waiting ? _changeBefore(series, count - 1).value : latest.value;
        // A change that is waiting is kept by the same value from the same interval, or where it changed nothing itself.
        if (value == latest.value && (!waiting || from == latest.from || value == previous)) {
            revert IEnergyRegistry.EnergyRegistryUnchanged();
        }
        if (waiting) series.changes[count - 1] = Change(from, value);
        else series.changes.push(Change(from, value));
    }

    /// @notice What holds in an interval.
    /// @param series Series.
    /// @param interval Interval.
    /// @return value What holds; zero before the first change.
    function valueOf(Series storage series, uint32 interval) internal view returns (uint224 value) {
        uint256 high = series.changes.length;
        Change memory latest = _changeBefore(series, high);
        // The latest is asked for most, and is all there is of an empty series.
        if (latest.from <= interval) return latest.value;
        uint256 low = 0;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (series.changes[middle].from <= interval) low = middle + 1;
            else high = middle;
        }
        return _changeBefore(series, low).value;
    }

    /// @dev The change before a place in the list; one to zero from the beginning of time before the first.
    function _changeBefore(Series storage series, uint256 place) private view returns (Change memory change) {
        if (place != 0) return series.changes[place - 1];
    }
}
