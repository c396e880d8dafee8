// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnergyRegistry} from "../energy/registry/IEnergyRegistry.sol";
import {DayRecord, Override} from "../energy/readings/IMeterReadings.sol";

/// @title MockDayReadings
/// @notice The part of {IMeterReadings} that serves who uses readings; what it says is set without signatures.
contract MockDayReadings {
    uint256 private constant DAY = 1 days;

    /// @notice Feeders and meters.
    IEnergyRegistry public immutable registry;
    /// @notice Intervals in a day.
    uint32 public immutable intervalsPerDay;
    /// @notice Seconds after acceptance from which readings are final.
    uint32 public immutable window;

    mapping(uint16 feeder => mapping(uint32 day => DayRecord record)) private _days;
    mapping(uint32 meter => mapping(uint32 interval => Override replacement)) private _overrides;

    /// @dev Replaced values, bit n for the n-th meter.
    mapping(uint16 feeder => mapping(uint32 interval => uint256 overridden)) private _overridden;

    /// @param registry_ Feeders and meters.
    constructor(IEnergyRegistry registry_) {
        registry = registry_;
        window = uint32(DAY);
        intervalsPerDay = uint32(DAY / registry_.intervalLength());
    }

    /// @notice Accepts a feeder's day.
    /// @param feeder Feeder.
    /// @param day Day number.
    /// @param rowsRoot Root over the intervals.
    /// @param columnsRoot Root over the meters.
    /// @param meterCount Number of meters.
    function accept(uint16 feeder, uint32 day, bytes32 rowsRoot, bytes32 columnsRoot, uint16 meterCount) external {
        DayRecord storage record = _days[feeder][day];
        record.rowsRoot = rowsRoot;
        record.columnsRoot = columnsRoot;
        // solhint-disable-next-line not-rely-on-time
        record.acceptedAt = uint40(block.timestamp);
        record.meterCount = meterCount;
    }

    /// @notice Replaces a value.
    /// @param meter Meter.
    /// @param interval Interval.
    /// @param wh Net draw, Wh.
    function replace(uint32 meter, uint32 interval, int32 wh) external {
        Override storage replacement = _overrides[meter][interval];
        replacement.wh = wh;
        ++replacement.version;
        // A meter's number is its feeder's, then its position in the lowest byte.
        _overridden[uint16(meter >> 8)][interval] |= 1 << (meter & 0xff);
    }

    /// @notice What is accepted of a feeder's day.
    /// @param feeder Feeder.
    /// @param day Day number.
    /// @return record The record.
    function dayOf(uint16 feeder, uint32 day) external view returns (DayRecord memory record) {
        return _days[feeder][day];
    }

    /// @notice What is needed to use a feeder's readings of one interval.
    /// @param feeder Feeder.
    /// @param interval Interval.
    /// @return root Root over the intervals.
    /// @return finalAt Unix time from which they are final.
    /// @return meterCount Meters in the row.
    /// @return overridden Bit n: the value of the n-th meter is replaced.
    function rowOf(
        uint16 feeder,
        uint32 interval
    ) external view returns (bytes32 root, uint40 finalAt, uint16 meterCount, uint256 overridden) {
        DayRecord storage record = _days[feeder][interval / intervalsPerDay];
        overridden = _overridden[feeder][interval];
        return (record.rowsRoot, record.acceptedAt + window, record.meterCount, overridden);
    }

    /// @notice The replacement of a value.
    /// @param meter Meter.
    /// @param interval Interval.
    /// @return replacement The replacement.
    function overrideOf(uint32 meter, uint32 interval) external view returns (Override memory replacement) {
        return _overrides[meter][interval];
    }

    /// @notice Which intervals of a meter's day are replaced.
    /// @param meter Meter.
    /// @param day Day number.
    /// @return intervals Bit n for the n-th of the day.
    function overriddenOf(uint32 meter, uint32 day) external view returns (uint256 intervals) {
        for (uint32 n = 0; n < intervalsPerDay; ++n) {
            if (_overrides[meter][day * intervalsPerDay + n].version > 0) intervals |= 1 << n;
        }
    }
}
