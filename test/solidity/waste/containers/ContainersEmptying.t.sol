// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    BinRecord,
    BinStatus,
    Emptying,
    FillFault,
    IContainers,
    Route
} from "../../../../contracts/waste/containers/IContainers.sol";
import {WasteCredentials} from "../../../../contracts/waste/WasteCredentials.sol";
import {Vm} from "../../utils/Vm.sol";
import {ContainersBase} from "./ContainersBase.sol";

/// @notice Tickets as the containers see them, and routes. The test stands in for the contract that keeps the lots.
contract ContainersEmptyingTest is ContainersBase {
    uint32 private constant LAST = 8;
    /// @dev Number of the field of routes in the storage of Containers.
    uint256 private constant ROUTES_FIELD = 7;

    function setUp() public override {
        super.setUp();
        wireLots(address(this));
        reportNow(BIN, LAST, 9_000);
        vm.warp(EPOCH + 1 hours);
        containers.empty(emptyingOf(BIN, LAST + 1));
        vm.warp(EPOCH + 2 hours);
    }

    // empty, tryEmpty
    // ├─ the caller does not keep the lots ............... ContainersNotLots
    // ├─ unknown ......................................... ContainersUnknownBin
    // ├─ retired ......................................... ContainersBinNotActive
    // ├─ the counter is not above the last ticket's ...... ContainersCounterNotIncreasing
    // ├─ older than the last ticket ...................... ContainersTimeBackwards
    // ├─ more than 300 seconds ahead ..................... ContainersTimeInFuture
    // ├─ not signed by the device ........................ ContainersBadDeviceSignature
    // ├─ more than fits .................................. ContainersTooDense
    // └─ else ............................................ one collection more
    //    ├─ no later reading is there .................... fill zero
    //    ├─ a later one is there ......................... fill, counter and time stay
    //    ├─ suspended, or no bound for the mass .......... the same
    //    └─ a route of the collector ..................... one stop more

    function test_RevertWhen_CallerDoesNotKeepTheLots() external {
        vm.startPrank(collectorCrew);
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersNotLots.selector, collectorCrew));
        containers.empty(emptyingOf(BIN, LAST + 2));
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersNotLots.selector, collectorCrew));
        containers.tryEmpty(emptyingOf(BIN, LAST + 2));
        vm.stopPrank();
    }

    function test_RevertWhen_TicketIsOfUnknownContainer() external {
        Emptying memory emptying = emptyingOf(BINS + 1, 1);
        expectUnknown(BINS + 1);
        _refused(emptying, FillFault.UnknownBin);
        emptying.binId = 0;
        emptying.device = address(0);
        expectUnknown(0);
        _refused(emptying, FillFault.UnknownBin);
    }

    function test_RevertWhen_TicketIsOfRetiredContainer() external {
        setStatus(BIN, BinStatus.Retired);
        expectNotActive(BIN, BinStatus.Retired);
        _refused(emptyingOf(BIN, LAST + 2), FillFault.BinNotActive);
    }

    function test_RevertWhen_CounterIsNotAboveTheLastTicket() external {
        uint32[3] memory counters = [LAST + 1, LAST, 0];
        for (uint256 i = 0; i < counters.length; ++i) {
            expectCounter(BIN, counters[i], LAST + 1);
            _refused(emptyingOf(BIN, counters[i]), FillFault.CounterNotIncreasing);
        }
        expectCounter(1, 0, 0);
        _refused(emptyingOf(1, 0), FillFault.CounterNotIncreasing);
    }

    function test_RevertWhen_TicketIsOlderThanTheLast() external {
        Emptying memory emptying = emptyingOf(BIN, LAST + 2);
        emptying.takenAt = uint40(EPOCH + 1 hours - 1);
        expectBackwards(BIN, EPOCH + 1 hours - 1, EPOCH + 1 hours);
        _refused(emptying, FillFault.TimeBackwards);
        emptying.takenAt = uint40(EPOCH + 1 hours);
        assertEq(containers.empty(emptying), 2, "collection");
    }

    function test_RevertWhen_TicketIsFromTheFuture() external {
        uint256 latest = block.timestamp + CLOCK_TOLERANCE;
        Emptying memory emptying = emptyingOf(BIN, LAST + 2);
        emptying.takenAt = uint40(latest + 1);
        expectFuture(BIN, latest + 1, latest);
        _refused(emptying, FillFault.TimeInFuture);
        emptying.takenAt = uint40(latest);
        containers.empty(emptying);
        assertState(BIN, LAST + 2, latest, 0);
    }

    function test_RevertWhen_AnotherDeviceSignedTheTicket() external {
        address[3] memory devices = [address(0), deviceOf(1), collectorCrew];
        for (uint256 i = 0; i < devices.length; ++i) {
            Emptying memory emptying = emptyingOf(BIN, LAST + 2);
            emptying.device = devices[i];
            expectBadSignature(BIN, devices[i]);
            _refused(emptying, FillFault.BadDeviceSignature);
        }
    }

    function test_RevertWhen_MassDoesNotFit() external {
        uint32 limit = CAPACITY_L * MAX_GRAMS_PER_L;
        Emptying memory emptying = emptyingOf(BIN, LAST + 2);
        emptying.grams = limit + 1;
        vm.expectRevert(
            abi.encodeWithSelector(IContainers.ContainersTooDense.selector, BIN, uint256(limit) + 1, limit)
        );
        _refused(emptying, FillFault.TooDense);
        emptying.grams = limit;
        containers.empty(emptying);
        assertTickets(BIN, LAST + 2, 2, block.timestamp);
    }

    function test_NoBoundForTheMass() external {
        BinRecord memory record = binRecord(BIN);
        record.maxGramsPerL = 0;
        vm.prank(fleet);
        containers.change(BIN, ALERT_BP, record);
        Emptying memory emptying = emptyingOf(BIN, LAST + 2);
        emptying.grams = type(uint32).max;
        assertEq(containers.empty(emptying), 2, "collection");
    }

    function test_TicketEmptiesTheContainer() external {
        reportNow(BIN, LAST + 2, 8_500);
        vm.warp(EPOCH + 3 hours);
        Emptying memory emptying = emptyingOf(BIN, LAST + 3);
        emptying.routeId = 99;
        assertEq(containers.empty(emptying), 2, "collection");
        assertState(BIN, LAST + 3, block.timestamp, 0);
        assertTickets(BIN, LAST + 3, 2, block.timestamp);
        assertTickets(BIN + 1, 0, 0, 0);

        // The next reading falls by nothing, and rises from nothing.
        vm.recordLogs();
        reportNow(BIN, LAST + 4, 7_999);
        assertEq(vm.getRecordedLogs().length, 1, "no alert");
    }

    function test_TryEmptySaysTheSame() external {
        (FillFault fault, uint32 collection) = containers.tryEmpty(emptyingOf(BIN, LAST + 2));
        assertEq(uint256(fault), uint256(FillFault.None), "fault");
        assertEq(collection, 2, "collection");
        assertState(BIN, LAST + 2, block.timestamp, 0);
        assertTickets(BIN, LAST + 2, 2, block.timestamp);
    }

    function test_SuspendedContainerIsEmptied() external {
        setStatus(BIN, BinStatus.Suspended);
        containers.empty(emptyingOf(BIN, LAST + 2));
        assertTickets(BIN, LAST + 2, 2, block.timestamp);
        assertEq(uint256(containers.stateOf(BIN).status), uint256(BinStatus.Suspended), "status");
    }

    function test_LateTicketLeavesLaterReadingsAlone() external {
        Emptying memory emptying = emptyingOf(BIN, LAST + 2);
        vm.warp(EPOCH + 5 hours);
        reportNow(BIN, LAST + 7, 1_200);
        assertEq(containers.empty(emptying), 2, "collection");
        assertState(BIN, LAST + 7, block.timestamp, 1_200);
        assertTickets(BIN, LAST + 2, 2, EPOCH + 2 hours);
        // It counts once for all that.
        expectCounter(BIN, LAST + 2, LAST + 2);
        containers.empty(emptying);
    }

    function test_GatewayThatRanTheCounterAheadHoldsUpNoTicket() external {
        vm.prank(gateway);
        containers.reportPacked(packFill(fillOf(BIN, type(uint32).max, 9_999)));
        vm.warp(EPOCH + 3 hours);
        assertEq(containers.empty(emptyingOf(BIN, LAST + 2)), 2, "collection");
        assertState(BIN, type(uint32).max, block.timestamp, 0);
        assertTickets(BIN, LAST + 2, 2, block.timestamp);
    }

    // A ticket counts in the same way whatever gateways brought before it.

    function testFuzz_TicketCountsWhateverWasReported(uint32 counter, uint256 age, uint16 fillBp, uint32 own) external {
        age = bound(age, 0, 1 hours);
        own = uint32(bound(own, LAST + 2, type(uint32).max));
        vm.prank(gateway);
        containers.reportPacked(packFill(fillOf(BIN, counter, fillBp % 10_001)));
        uint32 last = containers.stateOf(BIN).counter;
        uint16 fill = containers.stateOf(BIN).fillBp;
        uint40 readAt = containers.stateOf(BIN).takenAt;
        Emptying memory emptying = emptyingOf(BIN, own);
        emptying.takenAt -= uint40(age);
        assertEq(containers.empty(emptying), 2, "collection");
        assertTickets(BIN, own, 2, emptying.takenAt);
        if (emptying.takenAt < readAt) assertState(BIN, last, readAt, fill);
        else assertState(BIN, own > last ? own : last, emptying.takenAt, 0);
    }

    // planRoute
    // ├─ the caller's key signs for no collector ......... ContainersNotCollector
    // ├─ no stop, or more than 500 ....................... ContainersBadRoute
    // ├─ no whole stops .................................. ContainersBadLength
    // └─ else ............................................ next number, RoutePlanned

    function test_RevertWhen_CallerIsNoCollector() external {
        address[3] memory callers = [stranger, facilityCrew, collector];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersNotCollector.selector, callers[i]));
            vm.prank(callers[i]);
            containers.planRoute(_stops(1), 0, 0);
        }
        setCredential(WasteCredentials.WASTE_COLLECTOR, collector, false);
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersNotCollector.selector, collectorCrew));
        vm.prank(collectorCrew);
        containers.planRoute(_stops(1), 0, 0);
    }

    function test_RevertWhen_RouteHasNoStopsOrTooMany() external {
        vm.startPrank(collectorCrew);
        uint256[4] memory lengths = [uint256(0), 3, 501 * 4, 501 * 4 + 1];
        for (uint256 i = 0; i < lengths.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadRoute.selector, lengths[i] / 4, 500));
            containers.planRoute(new bytes(lengths[i]), 0, 0);
        }
        uint256[2] memory broken = [uint256(5), 500 * 4 + 1];
        for (uint256 i = 0; i < broken.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadLength.selector, broken[i], 500 * 4));
            containers.planRoute(new bytes(broken[i]), 0, 0);
        }
        vm.stopPrank();
    }

    function test_PlansRoutes() external {
        uint16[2] memory counts = [uint16(1), 500];
        for (uint32 i = 0; i < counts.length; ++i) {
            bytes memory stops = _stops(counts[i]);
            vm.expectEmit(address(containers));
            emit IContainers.RoutePlanned(i + 1, COLLECTOR, 12_345, keccak256("vehicle"), stops);
            vm.prank(collectorCrew);
            assertEq(containers.planRoute(stops, 12_345, keccak256("vehicle")), i + 1, "number");
            Route memory route = containers.routeOf(i + 1);
            assertEq(route.operatorId, COLLECTOR, "collector");
            assertEq(route.plannedAt, 12_345, "planned at");
            assertEq(route.plannedStops, counts[i], "planned stops");
            assertEq(route.servedStops, 0, "served stops");
            assertEq(bytes32(route.stopsHash), bytes32(bytes14(keccak256(stops))), "hash of stops");
        }
    }

    function test_TicketsServeARouteOfTheirCollector() external {
        vm.prank(collectorCrew);
        uint32 routeId = containers.planRoute(_stops(2), 0, 0);
        Emptying memory emptying = emptyingOf(1, 1);
        emptying.routeId = routeId;
        containers.empty(emptying);
        emptying = emptyingOf(2, 1);
        emptying.routeId = routeId;
        containers.tryEmpty(emptying);
        assertEq(containers.routeOf(routeId).servedStops, 2, "both");

        // Another collector's ticket, a ticket that is refused, one without a route and one of a route never announced.
        emptying = emptyingOf(3, 1);
        (emptying.routeId, emptying.operatorId) = (routeId, RIVAL);
        containers.empty(emptying);
        emptying = emptyingOf(2, 1);
        emptying.routeId = routeId;
        containers.tryEmpty(emptying);
        containers.empty(emptyingOf(4, 1));
        emptying = emptyingOf(5, 1);
        emptying.routeId = routeId + 1;
        containers.empty(emptying);
        assertEq(containers.routeOf(routeId).servedStops, 2, "as before");
        assertEq(containers.routeOf(routeId + 1).servedStops, 0, "no such route");
    }

    function test_ServedStopsEndAtTheirGreatestNumber() external {
        vm.prank(collectorCrew);
        uint32 routeId = containers.planRoute(_stops(2), 0, 0);
        Route memory route = containers.routeOf(routeId);
        // The served stops follow the collector, the time and the planned stops.
        bytes32 slot = keccak256(abi.encode(routeId, ROUTES_FIELD));
        bytes32 full = bytes32(uint256(vm.load(address(containers), slot)) | (uint256(type(uint16).max) << 88));
        vm.store(address(containers), slot, full);
        assertEq(containers.routeOf(routeId).servedStops, type(uint16).max, "written");
        Emptying memory emptying = emptyingOf(1, 1);
        emptying.routeId = routeId;
        assertEq(containers.empty(emptying), 1, "the ticket counts");
        route.servedStops = type(uint16).max;
        assertEq(
            keccak256(abi.encode(containers.routeOf(routeId))),
            keccak256(abi.encode(route)),
            "and nothing runs over"
        );
    }

    // --- helpers

    /// @dev Both ways refuse a ticket: alone it reverts as announced just before, the other names the fault. Neither changes
    /// anything.
    function _refused(Emptying memory emptying, FillFault expected) private {
        containers.empty(emptying);
        vm.recordLogs();
        (FillFault fault, uint32 collection) = containers.tryEmpty(emptying);
        assertEq(uint256(fault), uint256(expected), "fault");
        assertEq(collection, 0, "collection");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 0, "events");
        assertTickets(BIN, LAST + 1, 1, EPOCH + 1 hours);
        assertState(BIN, LAST + 1, EPOCH + 1 hours, 0);
    }

    function _stops(uint32 count) private pure returns (bytes memory stops) {
        for (uint32 binId = 1; binId <= count; ++binId) stops = bytes.concat(stops, bytes4(binId));
    }
}
