// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBatteryTelemetry} from "../../../contracts/batteries/IBatteryTelemetry.sol";
import {
    BatteryTelemetryCertifyTest,
    BatteryTelemetryDevicesTest,
    BatteryTelemetryRootsTest,
    BatteryTelemetrySubmitManyTest,
    BatteryTelemetrySubmitTest
} from "./BatteryTelemetry.t.sol";

// The telemetry contract is built for deployment by another compiler pipeline than the tests: every test once more on
// the very code that is deployed. A run of all tests builds it; a run of this file alone takes the last build.

contract BatteryTelemetrySubmitAsDeployedTest is BatteryTelemetrySubmitTest {
    function deployTelemetry() internal override returns (IBatteryTelemetry deployed) {
        return deployTelemetryArtifact();
    }
}

contract BatteryTelemetrySubmitManyAsDeployedTest is BatteryTelemetrySubmitManyTest {
    function deployTelemetry() internal override returns (IBatteryTelemetry deployed) {
        return deployTelemetryArtifact();
    }
}

contract BatteryTelemetryCertifyAsDeployedTest is BatteryTelemetryCertifyTest {
    function deployTelemetry() internal override returns (IBatteryTelemetry deployed) {
        return deployTelemetryArtifact();
    }
}

contract BatteryTelemetryDevicesAsDeployedTest is BatteryTelemetryDevicesTest {
    function deployTelemetry() internal override returns (IBatteryTelemetry deployed) {
        return deployTelemetryArtifact();
    }
}

contract BatteryTelemetryRootsAsDeployedTest is BatteryTelemetryRootsTest {
    function deployTelemetry() internal override returns (IBatteryTelemetry deployed) {
        return deployTelemetryArtifact();
    }
}
