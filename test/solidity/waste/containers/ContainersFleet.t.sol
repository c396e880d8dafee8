// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {
    BinRecord,
    BinState,
    BinStatus,
    Fill,
    IContainers
} from "../../../../contracts/waste/containers/IContainers.sol";
import {ContainersBase} from "./ContainersBase.sol";

/// @notice Who registers containers, and what may be said of them.
contract ContainersFleetTest is ContainersBase {
    uint32 private constant NEXT = BINS + 1;

    function test_KnowsItsNeighbours() external view {
        assertEq(containers.authority(), address(manager), "authority");
        assertEq(address(containers.codes()), address(codes), "codes");
        assertEq(address(containers.operators()), address(operators), "operators");
        assertEq(address(containers.credentials()), address(credentials), "credentials");
        assertEq(containers.lots(), address(0), "lots");
    }

    // Every act
    // └─ the caller has not its role ..................... AccessManagedUnauthorized

    function test_RevertWhen_CallerHasNotTheRole() external {
        vm.startPrank(collector);
        _expectUnauthorized(collector);
        containers.register(stranger, ALERT_BP, binRecord(NEXT));
        _expectUnauthorized(collector);
        containers.change(BIN, ALERT_BP, binRecord(1));
        _expectUnauthorized(collector);
        containers.setStatus(BIN, BinStatus.Suspended);
        _expectUnauthorized(collector);
        containers.setDevice(BIN, stranger);
        vm.stopPrank();
        _expectUnauthorized(fleet);
        vm.prank(fleet);
        containers.setLots(address(this));
    }

    // register
    // ├─ alert level, place or capacity out of range ..... ContainersBadRecord
    // ├─ the code is unknown or not of today ............. ContainersBadCode
    // ├─ the key is zero, or serves or served ............ ContainersBadDevice
    // └─ else ............................................ next number, active, BinRegistered

    function test_RevertWhen_RecordIsOutOfRange() external {
        vm.startPrank(fleet);
        BinRecord memory record = binRecord(NEXT);
        _expectBadRecord(0, 1, 10_000);
        containers.register(stranger, 0, record);
        _expectBadRecord(10_001, 1, 10_000);
        containers.register(stranger, 10_001, record);
        record.latitude = 90_000_001;
        _expectBadRecord(90_000_001, -90_000_000, 90_000_000);
        containers.register(stranger, ALERT_BP, record);
        record.latitude = -90_000_001;
        _expectBadRecord(-90_000_001, -90_000_000, 90_000_000);
        containers.change(BIN, ALERT_BP, record);
        record.latitude = 90_000_000;
        record.longitude = 180_000_001;
        _expectBadRecord(180_000_001, -180_000_000, 180_000_000);
        containers.register(stranger, ALERT_BP, record);
        record.longitude = -180_000_001;
        _expectBadRecord(-180_000_001, -180_000_000, 180_000_000);
        containers.change(BIN, ALERT_BP, record);
        record.longitude = -180_000_000;
        record.capacityL = 0;
        _expectBadRecord(0, 1, int256(uint256(type(uint32).max)));
        containers.register(stranger, ALERT_BP, record);
        vm.stopPrank();
    }

    function test_RevertWhen_CodeIsNotOfToday() external {
        uint24[2] memory bad = [uint24(999_999), NEW_BATTERIES];
        for (uint256 i = 0; i < bad.length; ++i) {
            BinRecord memory record = binRecord(NEXT);
            record.code = bad[i];
            vm.startPrank(fleet);
            vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadCode.selector, bad[i]));
            containers.register(stranger, ALERT_BP, record);
            vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadCode.selector, bad[i]));
            containers.change(BIN, ALERT_BP, record);
            vm.stopPrank();
        }
    }

    function test_RevertWhen_KeyIsZeroOrServes() external {
        address[2] memory keys = [address(0), deviceOf(BIN)];
        uint32[2] memory bins = [uint32(0), BIN];
        vm.startPrank(fleet);
        for (uint256 i = 0; i < keys.length; ++i) {
            _expectBadDevice(keys[i], bins[i]);
            containers.register(keys[i], ALERT_BP, binRecord(NEXT));
            _expectBadDevice(keys[i], bins[i]);
            containers.setDevice(1, keys[i]);
        }
        vm.stopPrank();
    }

    function test_RegistersContainer() external {
        BinRecord memory record = binRecord(NEXT);
        record.collections = 9;
        record.emptiedAt = 9;
        BinRecord memory stored = binRecord(NEXT);
        vm.expectEmit(address(containers));
        emit IContainers.BinRegistered(NEXT, stranger, 10_000, stored);
        vm.prank(fleet);
        assertEq(containers.register(stranger, 10_000, record), NEXT, "number");
        assertRecord(NEXT, stored);
        _assertHead(NEXT, BinState(stranger, 0, 0, 0, 10_000, BinStatus.Active));
        assertEq(containers.binOf(stranger), NEXT, "container of the key");
        assertEq(containers.ticketCounterOf(NEXT), 0, "tickets");
    }

    // change
    // ├─ unknown, retired ................................ ContainersUnknownBin, ContainersBinNotActive
    // ├─ as in register .................................. ContainersBadRecord, ContainersBadCode
    // │  └─ a code that ended, but stays .............. taken
    // ├─ nothing changes ................................. ContainersUnchanged
    // └─ else ............................................ BinChanged; readings and tickets stay

    function test_RevertWhen_ContainerIsUnknown() external {
        vm.startPrank(fleet);
        uint32[2] memory unknown = [uint32(0), NEXT];
        for (uint256 i = 0; i < unknown.length; ++i) {
            expectUnknown(unknown[i]);
            containers.change(unknown[i], ALERT_BP, binRecord(1));
            expectUnknown(unknown[i]);
            containers.setStatus(unknown[i], BinStatus.Suspended);
            expectUnknown(unknown[i]);
            containers.setDevice(unknown[i], stranger);
            expectUnknown(unknown[i]);
            containers.stateOf(unknown[i]);
            expectUnknown(unknown[i]);
            containers.recordOf(unknown[i]);
            expectUnknown(unknown[i]);
            containers.ticketCounterOf(unknown[i]);
        }
        vm.stopPrank();
    }

    function test_RevertWhen_ContainerIsRetired() external {
        setStatus(BIN, BinStatus.Retired);
        vm.startPrank(fleet);
        expectNotActive(BIN, BinStatus.Retired);
        containers.change(BIN, ALERT_BP - 1, binRecord(BIN));
        expectNotActive(BIN, BinStatus.Retired);
        containers.setDevice(BIN, stranger);
        vm.stopPrank();
    }

    function test_RevertWhen_NothingChanges() external {
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersUnchanged.selector, BIN));
        vm.prank(fleet);
        containers.change(BIN, ALERT_BP, binRecord(BIN));
    }

    function test_ChangesOneMemberAtATime() external {
        reportNow(BIN, 5, 100);
        wireLots(address(this));
        containers.empty(emptyingOf(BIN, 6));
        uint40 now_ = uint40(block.timestamp);
        BinRecord memory record = binRecord(BIN);
        record.latitude = 0;
        _change(record, ALERT_BP);
        record.longitude = 0;
        _change(record, ALERT_BP);
        record.capacityL = 240;
        _change(record, ALERT_BP);
        record.code = MUNICIPAL;
        _change(record, ALERT_BP);
        record.district = 0;
        _change(record, ALERT_BP);
        record.maxGramsPerL = 0;
        _change(record, ALERT_BP);
        _change(record, 1);
        _assertHead(BIN, BinState(deviceOf(BIN), 6, now_, 0, 1, BinStatus.Active));
        assertTickets(BIN, 6, 1, now_);
    }

    function test_CodeThatEndedMayStay() external {
        BinRecord memory record = binRecord(BIN);
        record.code = OLD_BATTERIES;
        vm.prank(fleet);
        containers.change(BIN, ALERT_BP, record);
        vm.warp(uint256(CHANGE_DAY) * 1 days);
        record.district = 8;
        vm.startPrank(fleet);
        containers.change(BIN, ALERT_BP, record);
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadCode.selector, OLD_BATTERIES));
        containers.change(1, ALERT_BP, record);
        record.code = NEW_BATTERIES;
        containers.change(BIN, ALERT_BP, record);
        vm.stopPrank();
        assertRecord(BIN, record);
    }

    // setStatus
    // ├─ unknown ......................................... ContainersUnknownBin
    // ├─ None, the same, or after Retired ................ ContainersBadStatus
    // └─ else ............................................ BinStatusSet

    function test_RevertWhen_StatusCannotFollow() external {
        _expectBadStatus(BinStatus.Active, BinStatus.None);
        _expectBadStatus(BinStatus.Active, BinStatus.Active);
        setStatus(BIN, BinStatus.Suspended);
        _expectBadStatus(BinStatus.Suspended, BinStatus.Suspended);
        _expectBadStatus(BinStatus.Suspended, BinStatus.None);
        setStatus(BIN, BinStatus.Retired);
        for (uint256 i = 0; i < 4; ++i) _expectBadStatus(BinStatus.Retired, BinStatus(i));
    }

    function test_SetsStatus() external {
        reportNow(BIN, 5, 100);
        BinStatus[3] memory statuses = [BinStatus.Suspended, BinStatus.Active, BinStatus.Retired];
        for (uint256 i = 0; i < statuses.length; ++i) {
            vm.expectEmit(address(containers));
            emit IContainers.BinStatusSet(BIN, statuses[i]);
            setStatus(BIN, statuses[i]);
            _assertHead(BIN, BinState(deviceOf(BIN), 5, uint40(block.timestamp), 100, ALERT_BP, statuses[i]));
        }
    }

    // setDevice
    // ├─ unknown, retired ................................ ContainersUnknownBin, ContainersBinNotActive
    // ├─ the key is zero, or serves or served ............ ContainersBadDevice
    // ├─ its own, whose counter is zero .................. ContainersUnchanged
    // ├─ its own ......................................... the counter of readings begins anew, DeviceSet
    // └─ else ............................................ counters begin anew, times and fill stay, DeviceSet

    function test_SetsDevice() external {
        wireLots(address(this));
        reportNow(BIN, 5, 100);
        containers.empty(emptyingOf(BIN, 6));
        uint40 emptiedAt = uint40(block.timestamp);
        vm.warp(emptiedAt + 60);
        reportNow(BIN, 7, 200);
        vm.expectEmit(address(containers));
        emit IContainers.DeviceSet(BIN, deviceOf(BIN), deviceOf(NEXT));
        vm.prank(fleet);
        containers.setDevice(BIN, deviceOf(NEXT));
        _assertHead(BIN, BinState(deviceOf(NEXT), 0, emptiedAt + 60, 200, ALERT_BP, BinStatus.Active));
        assertTickets(BIN, 0, 1, emptiedAt);
        assertEq(containers.binOf(deviceOf(NEXT)), BIN, "container of the key");

        Fill memory fill = fillOf(BIN, 1, 300);
        containers.report(fill, signFill(deviceKeyOf(NEXT), fill));
        assertState(BIN, 1, block.timestamp, 300);
    }

    function test_RevertWhen_KeyServedBefore() external {
        vm.startPrank(fleet);
        containers.setDevice(BIN, deviceOf(NEXT));
        _expectBadDevice(deviceOf(BIN), BIN);
        containers.setDevice(BIN, deviceOf(BIN));
        _expectBadDevice(deviceOf(BIN), BIN);
        containers.setDevice(1, deviceOf(BIN));
        _expectBadDevice(deviceOf(NEXT), BIN);
        containers.setDevice(1, deviceOf(NEXT));
        vm.stopPrank();
    }

    // setLots
    // ├─ wired already ................................... ContainersWired
    // ├─ no contract ..................................... ContainersNotLots
    // └─ else ............................................ LotsSet

    function test_RevertWhen_LotsAreNoContract() external {
        address[2] memory accounts = [address(0), stranger];
        for (uint256 i = 0; i < accounts.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersNotLots.selector, accounts[i]));
            wireLots(accounts[i]);
        }
    }

    function test_LotsAreNamedOnce() external {
        vm.expectEmit(address(containers));
        emit IContainers.LotsSet(address(this));
        wireLots(address(this));
        assertEq(containers.lots(), address(this), "lots");
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersWired.selector, address(this)));
        wireLots(address(manager));
    }

    // --- helpers

    function _change(BinRecord memory record, uint16 alertBp) private {
        BinRecord memory stored = abi.decode(abi.encode(record), (BinRecord));
        stored.collections = 1;
        stored.emptiedAt = uint40(block.timestamp);
        vm.expectEmit(address(containers));
        emit IContainers.BinChanged(BIN, alertBp, stored);
        vm.prank(fleet);
        containers.change(BIN, alertBp, record);
        assertRecord(BIN, stored);
    }

    function _assertHead(uint32 binId, BinState memory expected) private view {
        assertEq(keccak256(abi.encode(containers.stateOf(binId))), keccak256(abi.encode(expected)), "state");
    }

    function _expectUnauthorized(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
    }

    function _expectBadRecord(int256 value, int256 lowest, int256 highest) private {
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadRecord.selector, value, lowest, highest));
    }

    function _expectBadDevice(address device, uint32 binId) private {
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadDevice.selector, device, binId));
    }

    function _expectBadStatus(BinStatus status, BinStatus wanted) private {
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadStatus.selector, BIN, status, wanted));
        setStatus(BIN, wanted);
    }
}
