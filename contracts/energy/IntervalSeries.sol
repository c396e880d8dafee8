// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {IEnergyRegistry} from "./IEnergyRegistry.sol";

/// @notice A value that changes from one interval to the next. One slot for the latest change, then the earlier ones.
struct Series {
    /// @dev First interval of the latest change; zero: there never was one.
    uint32 from;
    /// @dev What holds from then on. What zero means is up to who uses it.
    uint224 value;
    /// @dev Changes before it, oldest first.
    Checkpoints.Trace224 past;
}

/// @title IntervalSeries
/// @notice Values with a history, so that a change never reaches back: an interval that is open, or past and not yet
/// cleared, keeps what held when it opened.
library IntervalSeries {
    using Checkpoints for Checkpoints.Trace224;

    /// @notice Sets the value from an interval on. An earlier change whose first interval is not open is withdrawn, so
    /// that at most one is waiting and a wrong date can be put right.
    /// @param series Series.
    /// @param from First interval.
    /// @param value What holds from then on.
    /// @param firstChangeable First interval that is not open.
    /// @return previous What holds before `from`.
    function set(
        Series storage series,
        uint32 from,
        uint224 value,
        uint32 firstChangeable
    ) internal returns (uint224 previous) {
        if (from < firstChangeable) revert IEnergyRegistry.EnergyRegistryIntervalOpen(from, firstChangeable);
        (uint32 latestFrom, uint224 latest) = (series.from, series.value);
        bool waiting = latestFrom >= firstChangeable;
        previous = waiting ? series.past.latest() : latest;
        // A change that is waiting is kept by the same value from the same interval, or where it changed nothing itself.
        if (value == latest && (!waiting || from == latestFrom || value == previous)) {
            revert IEnergyRegistry.EnergyRegistryUnchanged();
        }
        if (!waiting && latestFrom != 0) series.past.push(latestFrom, latest);
        (series.from, series.value) = (from, value);
    }

    /// @notice What holds in an interval.
    /// @param series Series.
    /// @param interval Interval.
    /// @return value What holds; zero before the first change.
    function valueOf(Series storage series, uint32 interval) internal view returns (uint224 value) {
        return interval < series.from ? series.past.upperLookupRecent(interval) : series.value;
    }
}
