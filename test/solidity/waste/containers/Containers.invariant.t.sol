// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Containers} from "../../../../contracts/waste/containers/Containers.sol";
import {BinState, BinStatus, Emptying, Fill, FillFault} from "../../../../contracts/waste/containers/IContainers.sol";
import {WasteSigner} from "../WasteSigner.sol";
import {ContainersBase} from "./ContainersBase.sol";

/// @dev Brings readings and tickets of four containers, good and bad, in any order, and remembers what was there before.
///
/// It is the contract that keeps the lots, and acts as the fleet office and a gateway too.
contract ContainersHandler is WasteSigner {
    uint32 private constant HANDLED = 4;

    /// @dev Faults of the first three invariants that some step found.
    uint256 public faults;
    uint256 public steps;
    /// @dev Readings accepted, readings and tickets refused, devices exchanged, counters that began anew.
    uint256[4] public counts;
    mapping(uint32 binId => uint32 collections) public accepted;
    mapping(uint32 binId => uint256 grams) public greatest;

    address private immutable _fleet;
    address private immutable _gateway;
    mapping(uint32 binId => uint32 version) private _deviceVersions;

    constructor(Containers containers_, address fleet, address gateway) {
        (containers, _fleet, _gateway) = (containers_, fleet, gateway);
    }

    function signed(uint256 seed) external {
        Fill memory fill = _anyFill(_mix(seed));
        (BinState memory before, uint32 ticket) = _look(fill.binId);
        bytes memory reading = packSigned(fill, signFill(_keyOf(fill.binId), fill));
        _compare(before, ticket, fill.binId, containers.reportMany(reading) == 1, fill.counter);
    }

    function packed(uint256 seed) external {
        Fill memory fill = _anyFill(_mix(seed));
        (BinState memory before, uint32 ticket) = _look(fill.binId);
        vm.prank(_gateway);
        uint256 count = containers.reportPacked(packFill(fill));
        _compare(before, ticket, fill.binId, count == 1, fill.counter);
    }

    function ticketed(uint256 seed) external {
        seed = _mix(seed);
        Fill memory fill = _anyFill(seed);
        uint32 binId = fill.binId;
        (BinState memory before, uint32 ticket) = _look(binId);
        Emptying memory emptying;
        (emptying.binId, emptying.counter, emptying.takenAt) = (binId, fill.counter, fill.takenAt);
        emptying.device = vm.addr(_keyOf(binId));
        emptying.grams = uint32((seed >> 96) % (2 * uint256(CAPACITY_L) * MAX_GRAMS_PER_L));
        uint40 emptiedAt = containers.recordOf(binId).emptiedAt;
        (FillFault fault, uint32 collection) = containers.tryEmpty(emptying);
        BinState memory current = containers.stateOf(binId);
        if (current.counter < before.counter || current.takenAt < before.takenAt) ++faults;
        if (fault != FillFault.None) {
            ++counts[1];
            return;
        }
        if (collection != ++accepted[binId] || fill.counter <= ticket || fill.takenAt < emptiedAt) ++faults;
        if (emptying.grams > greatest[binId]) greatest[binId] = emptying.grams;
    }

    function waits(uint256 seed) external {
        vm.warp(block.timestamp + (_mix(seed) % 120));
    }

    /// @dev Now and then another device, its counter from the beginning, or a break.
    function changes(uint256 seed) external {
        seed = _mix(seed);
        uint32 binId = uint32(seed % HANDLED) + 1;
        if ((seed >> 8) % 4 == 0) {
            ++_deviceVersions[binId];
            vm.prank(_fleet);
            containers.setDevice(binId, vm.addr(_keyOf(binId)));
            BinState memory state = containers.stateOf(binId);
            if (state.counter != 0 || containers.ticketCounterOf(binId) != 0) ++faults;
            ++counts[2];
        } else if ((seed >> 8) % 4 == 1) {
            _restart(binId);
        } else {
            bool active = containers.stateOf(binId).status == BinStatus.Active;
            vm.prank(_fleet);
            containers.setStatus(binId, active ? BinStatus.Suspended : BinStatus.Active);
        }
    }

    /// @dev Readings begin anew, tickets and times do not.
    function _restart(uint32 binId) private {
        (BinState memory before, uint32 ticket) = _look(binId);
        if (before.counter == 0) return;
        vm.prank(_fleet);
        containers.setDevice(binId, before.device);
        (BinState memory current, uint32 ticketNow) = _look(binId);
        if (current.counter != 0 || current.takenAt != before.takenAt || ticketNow != ticket) ++faults;
        ++counts[3];
    }

    /// @dev The same seed is another pick at every step.
    function _mix(uint256 seed) private returns (uint256 mixed) {
        return uint256(keccak256(abi.encode(seed, ++steps)));
    }

    function _keyOf(uint32 binId) private view returns (uint256 privateKey) {
        uint32 version = _deviceVersions[binId];
        return version == 0 ? deviceKeyOf(binId) : uint256(keccak256(abi.encode("device", binId, version)));
    }

    function _anyFill(uint256 seed) private view returns (Fill memory fill) {
        fill.binId = uint32(seed % HANDLED) + 1;
        fill.counter = uint32(containers.stateOf(fill.binId).counter + ((seed >> 8) % 5));
        if (fill.counter > 1) fill.counter -= 2;
        fill.takenAt = uint40(block.timestamp + ((seed >> 16) % 400) - 60);
        fill.fillBp = uint16((seed >> 32) % 10_100);
    }

    function _look(uint32 binId) private view returns (BinState memory state, uint32 ticketCounter) {
        return (containers.stateOf(binId), containers.ticketCounterOf(binId));
    }

    function _compare(BinState memory before, uint32 ticket, uint32 binId, bool taken, uint32 counter) private {
        BinState memory current = containers.stateOf(binId);
        bool risen = current.counter == counter && counter > before.counter && current.takenAt >= before.takenAt;
        bool same = current.counter == before.counter && current.takenAt == before.takenAt;
        ++counts[taken ? 0 : 1];
        if (taken ? !risen : !same || current.fillBp != before.fillBp) ++faults;
        if (containers.ticketCounterOf(binId) != ticket) ++faults;
    }
}

/// @notice Invariants of containers:
/// 1. Counters only rise, those of tickets among themselves and those of readings, until there is another device or they begin anew.
/// 2. Times never go back.
/// 3. What is refused changes nothing.
/// 4. A container was emptied once for each ticket that was accepted.
/// 5. A fill is at most 10,000 basis points, and no time is more than 300 seconds ahead.
/// 6. No accepted ticket is heavier than what the container holds.
contract ContainersInvariantTest is ContainersBase {
    uint32 private constant HANDLED = 4;
    ContainersHandler private _handler;

    function setUp() public override {
        super.setUp();
        _handler = new ContainersHandler(containers, fleet, gateway);
        wireLots(address(_handler));
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev What the invariants rest on happens.
    function test_HandlerActsInAllItsWays() external {
        for (uint256 seed = 0; seed < 60; ++seed) {
            _handler.signed(seed);
            _handler.packed(seed);
            _handler.ticketed(seed);
            _handler.waits(seed);
            if (seed % 5 == 0) _handler.changes(seed);
        }
        for (uint256 i = 0; i < 4; ++i) assertTrue(_handler.counts(i) > 0, vm.toString(i));
        uint256 tickets = 0;
        for (uint32 binId = 1; binId <= HANDLED; ++binId) tickets += _handler.accepted(binId);
        assertTrue(tickets > 0, "tickets");
        assertEq(_handler.faults(), 0, "faults");
    }

    function invariant_CountersOnlyRise() external view {
        assertEq(_handler.faults(), 0, "1, 2, 3: a counter fell, a time went back, or something refused had effect");
    }

    function invariant_ContainersAreWhatWasAccepted() external view {
        for (uint32 binId = 1; binId <= HANDLED; ++binId) {
            BinState memory state = containers.stateOf(binId);
            assertEq(containers.recordOf(binId).collections, _handler.accepted(binId), "4: tickets");
            assertLe(state.fillBp, 10_000, "5: fill");
            assertLe(state.takenAt, block.timestamp + CLOCK_TOLERANCE, "5: time");
            assertLe(containers.recordOf(binId).emptiedAt, block.timestamp + CLOCK_TOLERANCE, "5: time of a ticket");
            assertLe(_handler.greatest(binId), uint256(CAPACITY_L) * MAX_GRAMS_PER_L, "6: mass");
        }
    }
}
