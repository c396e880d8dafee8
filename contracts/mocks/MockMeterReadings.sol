// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnergyRegistry} from "../energy/registry/IEnergyRegistry.sol";
import {Override} from "../energy/readings/IMeterReadings.sol";
import {IIdentities} from "../identity/IIdentities.sol";

/// @title MockMeterReadings
/// @notice Readings as a test says, with the questions that the market asks of {IMeterReadings}.
contract MockMeterReadings {
    /// @notice What {rowOf} answers.
    struct Row {
        bytes32 root;
        uint40 finalAt;
        uint16 meterCount;
        uint256 overridden;
    }

    /// @notice Feeders and meters.
    IEnergyRegistry public immutable registry;
    /// @notice Who owns an identity.
    IIdentities public immutable identities;
    /// @notice Seconds from acceptance until readings are final.
    uint32 public immutable window = 1 hours;

    mapping(uint16 feeder => mapping(uint32 interval => Row)) private _rows;
    mapping(uint32 meter => mapping(uint32 interval => Override)) private _overrides;

    /// @param registry_ Feeders and meters.
    /// @param identities_ Who owns an identity.
    constructor(IEnergyRegistry registry_, IIdentities identities_) {
        registry = registry_;
        identities = identities_;
    }

    /// @notice Accepts a row that stands alone, so that its proof is empty.
    /// @param feeder Feeder.
    /// @param interval Interval.
    /// @param values int32 of every meter of the feeder, big-endian.
    /// @param finalAt Time from which it is final.
    function accept(uint16 feeder, uint32 interval, bytes calldata values, uint40 finalAt) external {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encodePacked(interval, values))));
        setRow(feeder, interval, leaf, finalAt, uint16(values.length / 4));
    }

    /// @notice Replaces a value, and says so in the row.
    /// @param meter Meter.
    /// @param interval Interval.
    /// @param wh Net draw, Wh.
    function replace(uint32 meter, uint32 interval, int32 wh) external {
        Override storage replacement = _overrides[meter][interval];
        replacement.wh = wh;
        ++replacement.version;
        _rows[uint16(meter >> 8)][interval].overridden |= 1 << (meter & 0xff);
    }

    /// @notice What is needed to use a feeder's readings of one interval.
    /// @param feeder Feeder.
    /// @param interval Interval.
    /// @return root Root over the rows; zero: not accepted.
    /// @return finalAt Time from which the row is final.
    /// @return meterCount Meters in the row.
    /// @return overridden Bit n: the value of the n-th meter is replaced.
    function rowOf(
        uint16 feeder,
        uint32 interval
    ) external view returns (bytes32 root, uint40 finalAt, uint16 meterCount, uint256 overridden) {
        Row storage row = _rows[feeder][interval];
        return (row.root, row.finalAt, row.meterCount, row.overridden);
    }

    /// @notice The replacement of a value.
    /// @param meter Meter.
    /// @param interval Interval.
    /// @return replacement Version zero: there is none.
    function overrideOf(uint32 meter, uint32 interval) external view returns (Override memory replacement) {
        return _overrides[meter][interval];
    }

    /// @notice Sets what {rowOf} answers; replaced values stay replaced.
    /// @param feeder Feeder.
    /// @param interval Interval.
    /// @param root Root over the rows; zero: not accepted.
    /// @param finalAt Time from which the row is final.
    /// @param meterCount Meters in the row.
    function setRow(uint16 feeder, uint32 interval, bytes32 root, uint40 finalAt, uint16 meterCount) public {
        Row storage row = _rows[feeder][interval];
        row.root = root;
        row.finalAt = finalAt;
        row.meterCount = meterCount;
    }
}
