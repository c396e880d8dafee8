// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DeviceFlags} from "./DeviceFlags.sol";

/// @title TelemetryMath
/// @notice Formulas of battery telemetry: certified health, and what makes a reading implausible.
/// @dev Callers pass values that fit the fields of a reading (energy below 2^48 Wh, times below 2^48 s, power below
/// 2^32 W), so no product here comes near 2^256.
library TelemetryMath {
    /// @notice Basis points of the whole.
    uint256 internal constant BASIS_POINTS = 10_000;
    /// @notice Greatest step of estimated health between two readings that is not marked, basis points.
    uint256 internal constant HEALTH_STEP_BP = 200;
    /// @notice Cell temperature above which a reading is marked: 60 degrees Celsius in tenths of a kelvin.
    uint256 internal constant HOT_DK = 3_330;
    /// @notice Rated power may be exceeded by a fifth: the factor 6/5.
    uint256 internal constant POWER_TOLERANCE_NUMERATOR = 6;
    /// @notice See {POWER_TOLERANCE_NUMERATOR}.
    uint256 internal constant POWER_TOLERANCE_DENOMINATOR = 5;

    /// @notice State of health from a capacity test, rounded down.
    /// @param measuredWh Energy measured, Wh.
    /// @param ratedWh Rated energy when new, Wh, not zero.
    /// @return sohBp Basis points of rated energy.
    function sohBpDown(uint256 measuredWh, uint256 ratedWh) internal pure returns (uint256 sohBp) {
        return (measuredWh * BASIS_POINTS) / ratedWh;
    }

    /// @notice Mark of a pack that gave more energy than its rated power allows.
    /// @param energyWh Energy given since the last reading, Wh.
    /// @param elapsed Seconds since the last reading.
    /// @param ratedPowerW Rated power, W; zero: not stated, so never marked.
    /// @return marks {DeviceFlags-IMPLAUSIBLE_POWER} or nothing.
    function powerMark(uint256 energyWh, uint256 elapsed, uint256 ratedPowerW) internal pure returns (uint32 marks) {
        if (ratedPowerW == 0) return 0;
        uint256 givenWs = energyWh * 1 hours * POWER_TOLERANCE_DENOMINATOR;
        return givenWs > ratedPowerW * elapsed * POWER_TOLERANCE_NUMERATOR ? DeviceFlags.IMPLAUSIBLE_POWER : 0;
    }

    /// @notice Mark of an estimated health that moved too far between two readings, up or down.
    /// @param sohBp Estimated health, basis points.
    /// @param lastBp That of the last reading, basis points.
    /// @return marks {DeviceFlags-HEALTH_JUMP} or nothing.
    function healthMark(uint256 sohBp, uint256 lastBp) internal pure returns (uint32 marks) {
        uint256 step = sohBp > lastBp ? sohBp - lastBp : lastBp - sohBp;
        return step > HEALTH_STEP_BP ? DeviceFlags.HEALTH_JUMP : 0;
    }

    /// @notice Mark of a hot cell.
    /// @param maxTempDK Greatest cell temperature, tenths of a kelvin.
    /// @return marks {DeviceFlags-HOT} or nothing.
    function heatMark(uint256 maxTempDK) internal pure returns (uint32 marks) {
        return maxTempDK > HOT_DK ? DeviceFlags.HOT : 0;
    }
}
