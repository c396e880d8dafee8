// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DeviceFlags} from "../../contracts/batteries/DeviceFlags.sol";
import {TelemetryMath} from "../../contracts/batteries/TelemetryMath.sol";

/// @title TelemetryMathProof
/// @notice What the solver proves of the health that a guarantee is measured by.
contract TelemetryMathProof {
    /// @notice Health is exact, rounded down.
    function healthIsFloor(uint48 measuredWh, uint48 ratedWh) external pure {
        require(ratedWh != 0);
        uint256 sohBp = TelemetryMath.sohBpDown(measuredWh, ratedWh);
        assert(sohBp * ratedWh <= uint256(measuredWh) * 10_000);
        assert(uint256(measuredWh) * 10_000 - sohBp * ratedWh < ratedWh);
    }

    /// @notice A pack that gives what it was rated for has all of its health, and one that gives less has no more.
    function healthIsWhole(uint48 measuredWh, uint48 ratedWh) external pure {
        require(ratedWh != 0 && measuredWh <= ratedWh);
        assert(TelemetryMath.sohBpDown(ratedWh, ratedWh) == 10_000);
        assert(TelemetryMath.sohBpDown(measuredWh, ratedWh) <= 10_000);
    }

    /// @notice A pack that gives no more than its rated power is never marked, and one without a rating neither.
    function ratedPowerIsPlausible(uint48 energyWh, uint48 elapsed, uint32 ratedPowerW) external pure {
        require(uint256(energyWh) * 3_600 <= uint256(ratedPowerW) * elapsed);
        assert(TelemetryMath.powerMark(energyWh, elapsed, ratedPowerW) == 0);
        assert(TelemetryMath.powerMark(energyWh, elapsed, 0) == 0);
    }

    /// @notice A step of health is marked alike up and down.
    function stepsAreMarkedAlike(uint16 sohBp, uint16 lastBp) external pure {
        uint32 marks = TelemetryMath.healthMark(sohBp, lastBp);
        assert(marks == TelemetryMath.healthMark(lastBp, sohBp));
        assert(marks == 0 || marks == DeviceFlags.HEALTH_JUMP);
        assert(sohBp != lastBp || marks == 0);
    }
}
