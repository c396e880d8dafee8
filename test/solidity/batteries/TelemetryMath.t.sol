// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DeviceFlags} from "../../../contracts/batteries/DeviceFlags.sol";
import {TelemetryMath} from "../../../contracts/batteries/TelemetryMath.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

contract TelemetryMathTest is CivitasTest {
    function testFuzz_HealthIsTheGreatestNotAboveWhatWasMeasured(uint40 measuredWh, uint40 ratedWh) external pure {
        if (ratedWh == 0) ratedWh = 1;
        uint256 sohBp = TelemetryMath.sohBpDown(measuredWh, ratedWh);
        assertLe(sohBp * ratedWh, uint256(measuredWh) * 10_000, "not above");
        assertLe(uint256(measuredWh) * 10_000 + 1, (sohBp + 1) * ratedWh, "greatest");
    }

    /// @dev The most energy that rated power and a fifth give in `elapsed` seconds is not marked; one Wh more is.
    function testFuzz_PowerIsMarkedJustAboveTheLimit(uint48 elapsed, uint32 ratedPowerW) external pure {
        if (ratedPowerW == 0) ratedPowerW = 1;
        uint256 mostWh = (uint256(ratedPowerW) * elapsed * 12) / 36_000;
        assertEq(TelemetryMath.powerMark(mostWh, elapsed, ratedPowerW), 0, "limit");
        assertEq(
            TelemetryMath.powerMark(mostWh + 1, elapsed, ratedPowerW),
            DeviceFlags.IMPLAUSIBLE_POWER,
            "above the limit"
        );
    }

    function testFuzz_UnstatedPowerIsNeverMarked(uint48 energyWh, uint48 elapsed) external pure {
        assertEq(TelemetryMath.powerMark(energyWh, elapsed, 0), 0, "unstated");
    }

    function testFuzz_HealthIsMarkedFrom201BasisPoints(uint16 lastBp, uint256 step) external pure {
        lastBp = uint16(bound(lastBp, 300, 12_000));
        step = bound(step, 0, 300);
        uint32 expected = step > 200 ? DeviceFlags.HEALTH_JUMP : 0;
        assertEq(TelemetryMath.healthMark(lastBp + step, lastBp), expected, "up");
        assertEq(TelemetryMath.healthMark(lastBp - step, lastBp), expected, "down");
    }

    function test_HealthIsMarkedAboveTwoPercent() external pure {
        assertEq(TelemetryMath.healthMark(9_200, 9_000), 0, "limit, up");
        assertEq(TelemetryMath.healthMark(9_201, 9_000), DeviceFlags.HEALTH_JUMP, "above the limit, up");
        assertEq(TelemetryMath.healthMark(8_800, 9_000), 0, "limit, down");
        assertEq(TelemetryMath.healthMark(8_799, 9_000), DeviceFlags.HEALTH_JUMP, "above the limit, down");
    }

    function test_HeatIsMarkedAboveSixtyDegrees() external pure {
        assertEq(TelemetryMath.heatMark(0), 0, "not measured");
        assertEq(TelemetryMath.heatMark(3_330), 0, "limit");
        assertEq(TelemetryMath.heatMark(3_331), DeviceFlags.HOT, "above the limit");
    }
}
