// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../../contracts/authority/CompactSignatures.sol";
import {BinStatus, Fill, FillFault, IContainers} from "../../../../contracts/waste/containers/IContainers.sol";
import {Vm} from "../../utils/Vm.sol";
import {ContainersBase} from "./ContainersBase.sol";

/// @notice Readings one by one, in batches and by gateways.
contract ContainersReadingsTest is ContainersBase {
    uint32 private constant LAST = 8;
    uint16 private constant FILL_BP = 4_000;

    function setUp() public override {
        super.setUp();
        reportNow(BIN, LAST, FILL_BP);
        vm.warp(EPOCH + 1 hours);
    }

    // report
    // ├─ unknown ......................................... ContainersUnknownBin
    // ├─ suspended or retired ............................ ContainersBinNotActive
    // ├─ the counter is not above the last one ........... ContainersCounterNotIncreasing
    // ├─ older than the last one ......................... ContainersTimeBackwards
    // ├─ more than 300 seconds ahead ..................... ContainersTimeInFuture
    // ├─ above 10,000 basis points ....................... ContainersOutOfRange
    // ├─ not signed by the device ........................ ContainersBadDeviceSignature
    // └─ else ............................................ FillReported
    //    ├─ from below the alert level to it or above .... FillAlert
    //    └─ 3,000 basis points or more below ............. UnrecordedEmptying

    function test_RevertWhen_ContainerOfAReadingIsUnknown() external {
        uint32[2] memory unknown = [uint32(0), BINS + 1];
        for (uint256 i = 0; i < unknown.length; ++i) {
            expectUnknown(unknown[i]);
            _report(fillOf(unknown[i], 1, 1));
        }
    }

    function test_RevertWhen_ContainerTakesNoReadings() external {
        BinStatus[2] memory statuses = [BinStatus.Suspended, BinStatus.Retired];
        for (uint256 i = 0; i < statuses.length; ++i) {
            setStatus(BIN, statuses[i]);
            expectNotActive(BIN, statuses[i]);
            _report(fillOf(BIN, LAST + 1, 1));
        }
    }

    function test_RevertWhen_CounterIsNotAboveTheLast() external {
        uint32[3] memory counters = [LAST, LAST - 1, 0];
        for (uint256 i = 0; i < counters.length; ++i) {
            expectCounter(BIN, counters[i], LAST);
            _report(fillOf(BIN, counters[i], 1));
        }
        expectCounter(1, 0, 0);
        _report(fillOf(1, 0, 1));
    }

    function test_RevertWhen_ReadingIsOlderThanTheLast() external {
        Fill memory fill = fillOf(BIN, LAST + 1, 1);
        fill.takenAt = uint40(EPOCH - 1);
        expectBackwards(BIN, EPOCH - 1, EPOCH);
        _report(fill);
        fill.takenAt = uint40(EPOCH);
        _report(fill);
        assertState(BIN, LAST + 1, EPOCH, 1);
    }

    function test_RevertWhen_ReadingIsFromTheFuture() external {
        uint256 latest = block.timestamp + CLOCK_TOLERANCE;
        Fill memory fill = fillOf(BIN, LAST + 1, 1);
        fill.takenAt = uint40(latest + 1);
        expectFuture(BIN, latest + 1, latest);
        _report(fill);
        fill.takenAt = type(uint40).max;
        expectFuture(BIN, type(uint40).max, latest);
        _report(fill);
        fill.takenAt = uint40(latest);
        _report(fill);
        assertState(BIN, LAST + 1, latest, 1);
    }

    function test_RevertWhen_FillIsAboveFull() external {
        uint16[2] memory fills = [uint16(10_001), type(uint16).max];
        for (uint256 i = 0; i < fills.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersOutOfRange.selector, BIN, fills[i], 10_000));
            _report(fillOf(BIN, LAST + 1, fills[i]));
        }
        _report(fillOf(BIN, LAST + 1, 10_000));
        assertState(BIN, LAST + 1, block.timestamp, 10_000);
    }

    function test_RevertWhen_AnotherKeySigned() external {
        Fill memory fill = fillOf(BIN, LAST + 1, 1);
        CompactSignature memory signature = signFill(deviceKeyOf(1), fill);
        expectBadSignature(BIN, deviceOf(1));
        containers.report(fill, signature);
    }

    function test_RecordsReading() external {
        Fill memory fill = fillOf(BIN, type(uint32).max, 4_001);
        vm.recordLogs();
        reportFill(fill);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1, "one event");
        assertEq(logs[0].topics[0], IContainers.FillReported.selector, "name");
        assertEq(uint256(logs[0].topics[1]), BIN, "container");
        assertEq(
            keccak256(logs[0].data),
            keccak256(abi.encode(type(uint32).max, block.timestamp, 4_001)),
            "counter, time, fill"
        );
        assertState(BIN, type(uint32).max, block.timestamp, 4_001);
        assertTickets(BIN, 0, 0, 0);
        // Nothing else of the container changed, and no other container.
        assertEq(containers.stateOf(BIN).device, deviceOf(BIN), "device");
        assertEq(containers.stateOf(BIN).alertBp, ALERT_BP, "alert level");
        assertState(BIN + 1, 0, 0, 0);
    }

    /// @dev From, to, and whether that is an alert or an emptying.
    function test_TellsAlertsAndEmptyingsAtTheirEdges() external {
        uint16[2][8] memory steps = [
            [uint16(7_999), 8_000],
            [uint16(8_000), 8_000],
            [uint16(8_000), 10_000],
            [uint16(0), 7_999],
            [uint16(10_000), 7_001],
            [uint16(10_000), 7_000],
            [uint16(3_000), 0],
            [uint16(2_999), 0]
        ];
        bool[8] memory alerts = [true, false, false, false, false, false, false, false];
        bool[8] memory emptyings = [false, false, false, false, false, true, true, false];
        for (uint32 i = 0; i < steps.length; ++i) {
            uint32 binId = i + 1 == BIN ? 9 : i + 1;
            reportNow(binId, 10, steps[i][0]);
            vm.recordLogs();
            reportNow(binId, 11, steps[i][1]);
            Vm.Log[] memory logs = vm.getRecordedLogs();
            assertEq(logs.length, alerts[i] || emptyings[i] ? 2 : 1, vm.toString(i));
            if (logs.length == 1) continue;
            assertEq(uint256(logs[1].topics[1]), binId, "container");
            assertEq(
                logs[1].topics[0],
                alerts[i] ? IContainers.FillAlert.selector : IContainers.UnrecordedEmptying.selector,
                "name"
            );
            assertEq(
                keccak256(logs[1].data),
                keccak256(alerts[i] ? abi.encode(steps[i][1]) : abi.encode(steps[i][0], steps[i][1])),
                "basis points"
            );
        }
    }

    // reportMany
    // ├─ no whole records, none, or above 200 ............ ContainersBadLength
    // └─ each as alone, but a fault ...................... FillSkipped, the others count

    function test_RevertWhen_SignedReadingsAreNotWhole() external {
        uint256[4] memory lengths = [uint256(0), 78, 80, 201 * 79];
        for (uint256 i = 0; i < lengths.length; ++i) {
            _expectBadLength(lengths[i], 200 * 79);
            containers.reportMany(new bytes(lengths[i]));
        }
    }

    function test_BatchSkipsWhatIsWrong() external {
        setStatus(2, BinStatus.Suspended);
        bytes memory batch;
        (Fill[] memory fills, FillFault[] memory faults) = _faultyFills();
        for (uint256 i = 0; i < fills.length; ++i) {
            batch = bytes.concat(batch, packSigned(fills[i], signFill(fills[i])));
        }
        Fill memory stolen = fillOf(BIN, LAST + 3, 1);
        batch = bytes.concat(batch, packSigned(stolen, signFill(deviceKeyOf(1), stolen)));
        for (uint256 i = 0; i < fills.length; ++i) {
            if (faults[i] == FillFault.None) expectReported(fills[i]);
            else expectSkipped(fills[i].binId, fills[i].counter, faults[i]);
        }
        expectSkipped(BIN, LAST + 3, FillFault.BadDeviceSignature);
        vm.prank(stranger);
        assertEq(containers.reportMany(batch), 3, "accepted");
        assertState(1, 1, block.timestamp, 9_000);
        assertState(BIN, LAST + 2, block.timestamp, 500);
        assertState(2, 0, 0, 0);
    }

    function test_BatchTellsAlertsToo() external {
        Fill memory high = fillOf(1, 1, 9_000);
        Fill memory low = fillOf(1, 2, 6_000);
        bytes memory batch = bytes.concat(packSigned(high, signFill(high)), packSigned(low, signFill(low)));
        expectReported(high);
        _expectAlert(1, 9_000);
        expectReported(low);
        vm.expectEmit(address(containers));
        emit IContainers.UnrecordedEmptying(1, 9_000, 6_000);
        assertEq(containers.reportMany(batch), 2, "accepted");
    }

    function test_BatchTakesTwoHundred() external {
        bytes memory batch;
        for (uint32 i = 1; i <= 200; ++i) {
            Fill memory fill = fillOf((i % BINS) + 1, LAST + i, uint16(i));
            batch = bytes.concat(batch, packSigned(fill, signFill(fill)));
        }
        assertEq(containers.reportMany(batch), 200, "accepted");
        assertState(1, LAST + 200, block.timestamp, 200);
        assertState(BINS, LAST + 199, block.timestamp, 199);
    }

    // reportPacked
    // ├─ the caller holds no WASTE_GATEWAY ............... ContainersNotGateway
    // ├─ no whole records, none, or above 400 ............ ContainersBadLength
    // ├─ a fault ......................................... FillSkipped, the others count
    // └─ else ............................................ FillsReported once, alerts as alone
    //    └─ nothing was accepted ......................... no FillsReported

    function test_RevertWhen_CallerIsNoGateway() external {
        address[2] memory callers = [stranger, deviceOf(BIN)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersNotGateway.selector, callers[i]));
            vm.prank(callers[i]);
            containers.reportPacked(packFill(fillOf(BIN, LAST + 1, 1)));
        }
    }

    function test_RevertWhen_PackedReadingsAreNotWhole() external {
        uint256[4] memory lengths = [uint256(0), 14, 16, 401 * 15];
        vm.startPrank(gateway);
        for (uint256 i = 0; i < lengths.length; ++i) {
            _expectBadLength(lengths[i], 400 * 15);
            containers.reportPacked(new bytes(lengths[i]));
        }
        vm.stopPrank();
    }

    function test_GatewaySkipsWhatIsWrong() external {
        setStatus(2, BinStatus.Suspended);
        bytes memory batch;
        bytes memory told;
        (Fill[] memory fills, FillFault[] memory faults) = _faultyFills();
        for (uint256 i = 0; i < fills.length; ++i) {
            batch = bytes.concat(batch, packFill(fills[i]));
            if (faults[i] == FillFault.None) told = bytes.concat(told, packFill(fills[i]));
        }
        for (uint256 i = 0; i < fills.length; ++i) {
            if (faults[i] != FillFault.None) expectSkipped(fills[i].binId, fills[i].counter, faults[i]);
            else if (fills[i].binId == 1) _expectAlert(1, 9_000);
            else if (fills[i].fillBp == 500) _expectEmptying(BIN, FILL_BP + 1, 500);
        }
        vm.expectEmit(address(containers));
        emit IContainers.FillsReported(gateway, told);
        vm.prank(gateway);
        assertEq(containers.reportPacked(batch), 3, "accepted");
        assertState(1, 1, block.timestamp, 9_000);
        assertState(BIN, LAST + 2, block.timestamp, 500);
        assertState(2, 0, 0, 0);
    }

    function test_GatewayOfNothingGoodIsNotTold() external {
        vm.recordLogs();
        vm.prank(gateway);
        assertEq(containers.reportPacked(packFill(fillOf(BIN, LAST, 1))), 0, "accepted");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1, "one event");
        assertEq(logs[0].topics[0], IContainers.FillSkipped.selector, "name");
    }

    function test_GatewayBringsFourHundred() external {
        bytes memory batch;
        for (uint32 i = 1; i <= 400; ++i) {
            batch = bytes.concat(batch, packFill(fillOf((i % BINS) + 1, LAST + i, uint16(i))));
        }
        vm.expectEmit(address(containers));
        emit IContainers.FillsReported(gateway, batch);
        vm.prank(gateway);
        assertEq(containers.reportPacked(batch), 400, "accepted");
        assertState(1, LAST + 400, block.timestamp, 400);
        assertState(BINS, LAST + 399, block.timestamp, 399);
    }

    // Packed readings and single ones come to the same, whatever they say.

    function testFuzz_PackedReadingsAreAsSingleOnes(uint256[12] calldata seeds) external {
        vm.warp(EPOCH + 2 days);
        Fill[] memory fills = new Fill[](seeds.length);
        bytes memory packed;
        bytes memory signed;
        for (uint256 i = 0; i < seeds.length; ++i) {
            fills[i] = _anyFill(seeds[i]);
            packed = bytes.concat(packed, packFill(fills[i]));
            signed = bytes.concat(signed, packSigned(fills[i], signFill(fills[i])));
        }
        uint256 before = vm.snapshotState();
        uint256 accepted = 0;
        for (uint256 i = 0; i < fills.length; ++i) {
            CompactSignature memory signature = signFill(fills[i]);
            try containers.report(fills[i], signature) {
                ++accepted;
            } catch {}
        }
        bytes32 alone = _stateHash();
        assertTrue(vm.revertToState(before), "back");
        before = vm.snapshotState();
        assertEq(containers.reportMany(signed), accepted, "accepted of signed ones");
        assertEq(_stateHash(), alone, "state after signed ones");
        assertTrue(vm.revertToState(before), "back again");
        vm.prank(gateway);
        assertEq(containers.reportPacked(packed), accepted, "accepted of packed ones");
        assertEq(_stateHash(), alone, "state after packed ones");
    }

    // needsCollection
    // ├─ one is unknown .................................. ContainersUnknownBin
    // └─ at its alert level or above, and not retired .... in the order asked for

    function test_FindsContainersThatNeedCollection() external {
        reportNow(1, 1, ALERT_BP);
        reportNow(2, 1, ALERT_BP - 1);
        reportNow(3, 1, 10_000);
        reportNow(4, 1, 10_000);
        reportNow(5, 1, 9_000);
        setStatus(3, BinStatus.Suspended);
        setStatus(4, BinStatus.Retired);
        uint32[] memory asked = new uint32[](6);
        for (uint32 i = 0; i < asked.length; ++i) asked[i] = 6 - i;
        uint32[] memory due = containers.needsCollection(asked);
        assertEq(due.length, 3, "count");
        assertEq(due[0], 5, "first");
        assertEq(due[1], 3, "second");
        assertEq(due[2], 1, "third");
        assertEq(containers.needsCollection(new uint32[](0)).length, 0, "none asked for");
        asked[3] = BINS + 1;
        expectUnknown(BINS + 1);
        containers.needsCollection(asked);
    }

    // --- helpers

    function _report(Fill memory fill) private {
        containers.report(fill, signFill(fill));
    }

    /// @dev Nine readings and what is wrong with each of them, if all come in this order. Container 2 is suspended.
    function _faultyFills() private view returns (Fill[] memory fills, FillFault[] memory faults) {
        fills = new Fill[](9);
        faults = new FillFault[](9);
        (fills[0], faults[0]) = (fillOf(BINS + 1, 1, 1), FillFault.UnknownBin);
        (fills[1], faults[1]) = (fillOf(2, 1, 1), FillFault.BinNotActive);
        (fills[2], faults[2]) = (fillOf(1, 1, 9_000), FillFault.None);
        (fills[3], faults[3]) = (fillOf(BIN, LAST, 1), FillFault.CounterNotIncreasing);
        (fills[4], faults[4]) = (fillOf(BIN, LAST + 1, FILL_BP + 1), FillFault.None);
        (fills[5], faults[5]) = (fillOf(BIN, LAST + 2, 1), FillFault.TimeBackwards);
        fills[5].takenAt -= 1;
        (fills[6], faults[6]) = (fillOf(BIN, LAST + 2, 1), FillFault.TimeInFuture);
        fills[6].takenAt += uint40(CLOCK_TOLERANCE + 1);
        (fills[7], faults[7]) = (fillOf(BIN, LAST + 2, 10_001), FillFault.OutOfRange);
        (fills[8], faults[8]) = (fillOf(BIN, LAST + 2, 500), FillFault.None);
    }

    /// @dev A reading of one of a few containers, near the edges of what is taken.
    function _anyFill(uint256 seed) private view returns (Fill memory fill) {
        fill.binId = uint32(seed % 4); // the first one does not exist
        fill.counter = uint32((seed >> 8) % 6);
        fill.takenAt = uint40(block.timestamp - 3 + ((seed >> 16) % 6));
        if ((seed >> 24) % 8 == 0) fill.takenAt += uint40(CLOCK_TOLERANCE);
        fill.fillBp = uint16((seed >> 32) % 10_500);
    }

    function _stateHash() private view returns (bytes32 hash) {
        for (uint32 binId = 1; binId < 4; ++binId) {
            hash = keccak256(abi.encode(hash, containers.stateOf(binId), containers.recordOf(binId)));
        }
    }

    function _expectAlert(uint32 binId, uint16 fillBp) private {
        vm.expectEmit(address(containers));
        emit IContainers.FillAlert(binId, fillBp);
    }

    function _expectEmptying(uint32 binId, uint16 fromBp, uint16 toBp) private {
        vm.expectEmit(address(containers));
        emit IContainers.UnrecordedEmptying(binId, fromBp, toBp);
    }

    function _expectBadLength(uint256 length, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadLength.selector, length, limit));
    }
}
