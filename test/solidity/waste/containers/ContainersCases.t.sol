// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../../contracts/authority/CompactSignatures.sol";
import {BinStatus, Fill, IContainers} from "../../../../contracts/waste/containers/IContainers.sol";
import {Vm} from "../../utils/Vm.sol";
import {ContainersBase} from "./ContainersBase.sol";

/// @notice The agreed cases W01 and W02, with their own numbers: container 7, its clock and its readings.
contract ContainersCasesTest is ContainersBase {
    uint32 private constant RETIRED_BIN = 6;
    uint40 private constant FIRST_AT = 1_000_000;
    uint40 private constant LAST_AT = 1_002_400;
    uint40 private constant STEP = 600;

    function setUp() public override {
        super.setUp();
        setStatus(RETIRED_BIN, BinStatus.Retired);
        // The cases' clock runs in 1970. The containers of the fixture have heard of no time yet.
        vm.warp(LAST_AT);
        reportFill(Fill(BIN, 4, FIRST_AT, 7_600));
    }

    /// @dev W01: alerts at readings 5 and 8 only, and the fall before the last one is no alert.
    function test_W01_AlertOnlyWhenRisingToTheLevel() external {
        uint16[4] memory fills = [uint16(8_100), 8_400, 500, 8_000];
        uint32[4] memory alerts;
        uint256 count = 0;
        for (uint32 i = 0; i < fills.length; ++i) {
            vm.recordLogs();
            reportFill(Fill(BIN, 5 + i, FIRST_AT + STEP * (i + 1), fills[i]));
            Vm.Log[] memory logs = vm.getRecordedLogs();
            for (uint256 k = 0; k < logs.length; ++k) {
                if (logs[k].topics[0] == IContainers.FillAlert.selector) alerts[count++] = 5 + i;
            }
        }
        assertEq(count, 2, "alerts");
        assertEq(alerts[0], 5, "first");
        assertEq(alerts[1], 8, "second");
        assertState(BIN, 8, LAST_AT, 8_000);
    }

    /// @dev W02: six readings after reading 8, each refused for its own reason.
    function test_W02_BadReadings() external {
        reportFill(Fill(BIN, 8, LAST_AT, 8_000));
        Fill memory fill = Fill(BIN, 8, LAST_AT, 100);
        expectCounter(BIN, 8, 8);
        containers.report(fill, signFill(fill));

        fill = Fill(BIN, 9, LAST_AT - 1, 100);
        expectBackwards(BIN, LAST_AT - 1, LAST_AT);
        containers.report(fill, signFill(fill));

        uint256 latest = block.timestamp + CLOCK_TOLERANCE;
        fill.takenAt = uint40(block.timestamp + 301);
        expectFuture(BIN, latest + 1, latest);
        containers.report(fill, signFill(fill));

        fill = Fill(BIN, 9, LAST_AT, 10_001);
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersOutOfRange.selector, BIN, 10_001, 10_000));
        containers.report(fill, signFill(fill));

        fill.fillBp = 100;
        CompactSignature memory signature = signFill(deviceKeyOf(1), fill);
        expectBadSignature(BIN, deviceOf(1));
        containers.report(fill, signature);

        assertState(BIN, 8, LAST_AT, 8_000);
        fill.binId = RETIRED_BIN;
        expectNotActive(RETIRED_BIN, BinStatus.Retired);
        containers.report(fill, signFill(fill));
    }
}
