// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {Status} from "../../../contracts/batteries/IBatteryPack.sol";
import {
    DeviceRotation,
    DeviceState,
    HealthCertificate,
    Reading,
    SignedReading
} from "../../../contracts/batteries/IBatteryTelemetry.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";
import {TelemetryCity} from "./TelemetryFixture.sol";

/// @notice Drives four packs with devices that tell the truth, lie and are forged; remembers what was seen.
contract TelemetryHandler is TelemetryCity {
    struct Seen {
        uint256 keyNumber;
        bool retired;
        uint48 testedAt;
        DeviceState state;
    }

    struct Root {
        uint256 packId;
        uint32 day;
        uint48 epoch;
        uint256 index;
        bytes32 root;
    }

    uint256 internal constant PACKS = 4;
    uint256[] public packIds;
    Root[] internal roots;
    mapping(uint256 packId => Seen last) internal seen;
    mapping(uint256 packId => mapping(uint32 day => uint256 count)) internal dayRoots;
    mapping(uint48 epoch => uint256 count) internal fleetRoots;
    uint256 private _nonces;
    uint256 private _keys;
    /// @dev Readings that were accepted, so that a run in which nothing happens can be told.
    uint256 public accepted;
    /// @dev Set when a call broke an invariant that only the call itself can show.
    string public broken;

    constructor() {
        buildCity();
        for (uint256 i = 0; i < PACKS; ++i) {
            uint256 keyNumber = _newKey();
            uint256 id = registerPack(owner, vm.addr(keyNumber));
            packIds.push(id);
            seen[id].keyNumber = keyNumber;
        }
    }

    /// @dev An honest reading: everything grows or stands.
    function report(uint256 which, uint256 skipped, uint256 energyWh, uint32 flags) external {
        uint256 id = _pack(which);
        DeviceState memory state = seen[id].state;
        Reading memory reading = readingOf(id, uint48(state.counter + 1 + bound(skipped, 0, 3)));
        // The device's clock may have run ahead.
        if (reading.takenAt < state.takenAt) reading.takenAt = state.takenAt;
        reading.throughputWh = uint48(state.throughputWh + bound(energyWh, 0, 5_000));
        reading.fullCycles = state.fullCycles;
        reading.flags = flags;
        _submit(reading, seen[id].keyNumber);
        if (!seen[id].retired && seen[id].state.counter != reading.counter) broken = "honest reading refused";
    }

    /// @dev A reading with any fields near the last ones, by the right key or by another.
    function lie(
        uint256 which,
        uint256 counter,
        uint256 takenAt,
        uint256 throughputWh,
        uint256 fullCycles,
        uint16 sohBp,
        bool forged
    ) external {
        uint256 id = _pack(which);
        DeviceState memory state = seen[id].state;
        Reading memory reading = readingOf(id, uint48(bound(counter, 0, state.counter + 2)));
        reading.takenAt = uint48(bound(takenAt, block.timestamp - 1 hours, block.timestamp + 310));
        reading.throughputWh = uint48(bound(throughputWh, 0, uint256(state.throughputWh) + 1_000_000));
        reading.fullCycles = uint32(bound(fullCycles, 0, uint256(state.fullCycles) + 1));
        reading.sohBp = sohBp;
        uint256 before = accepted;
        _submit(reading, forged ? strangerKey : seen[id].keyNumber);
        if (forged && accepted != before) broken = "forged reading accepted";
    }

    function rotate(uint256 which, bool attested) external {
        uint256 id = _pack(which);
        uint256 oldNumber = seen[id].keyNumber;
        uint256 newNumber = _newKey();
        DeviceRotation memory rotation = rotationOf(id, vm.addr(oldNumber), vm.addr(newNumber));
        rotation.nonce = ++_nonces;
        Signature memory operatorSignature = sign(rotation, operatorKey);
        Signature memory consent = sign(rotation, attested ? oldNumber : ownerKey);
        try telemetry.rotateDevice(rotation, operatorSignature, consent, attested) {
            if (seen[id].retired) broken = "retired device rotated";
            seen[id].keyNumber = newNumber;
        } catch {
            if (!seen[id].retired) broken = "rotation refused";
        }
        SignedReading[] memory late = new SignedReading[](1);
        late[0] = sign(readingOf(id, type(uint48).max), oldNumber);
        if (telemetry.submitMany(late) != 0) broken = "old key believed after the rotation";
        _observe(id);
    }

    /// @dev Ends a passport, of one pack at most in eight calls, so that the others live.
    function retire(uint256 which, uint256 chance) external {
        uint256 id = _pack(which);
        if (chance % 8 != 0 || pack.packOf(id).status == Status.Recycled) return;
        recyclePack(id);
        seen[id].retired = true;
        seen[id].state.device = address(0);
        _observe(id);
    }

    function certify(uint256 which, uint256 measuredWh, uint256 testedAt) external {
        uint256 id = _pack(which);
        HealthCertificate memory certificate = certificateOf(id, uint40(bound(measuredWh, 0, 90_000)));
        certificate.testedAt = uint48(bound(testedAt, block.timestamp - 1 hours, block.timestamp + 310));
        certificate.nonce = ++_nonces;
        Signature memory signature = sign(certificate, testerKey);
        try telemetry.certify(certificate, signature) {
            if (seen[id].retired) broken = "retired pack certified";
            if (certificate.testedAt <= seen[id].testedAt) broken = "certificate not newer";
            seen[id].testedAt = certificate.testedAt;
        } catch {}
    }

    function commitDay(uint256 which, uint32 day, bytes32 root) external {
        uint256 id = _pack(which);
        day %= 3;
        vm.prank(collector);
        try telemetry.commitDayRoot(id, day, root, 1) {
            if (dayRoots[id][day] != 0) broken = "day root written twice";
            roots.push(Root({packId: id, day: day, epoch: 0, index: dayRoots[id][day]++, root: root}));
        } catch {}
    }

    function correctDay(uint256 which, uint32 day, uint256 corrected, bytes32 root) external {
        uint256 id = _pack(which);
        day %= 3;
        vm.prank(collector);
        try telemetry.correctDayRoot(id, day, bound(corrected, 0, dayRoots[id][day]), root, "") returns (
            uint256 index
        ) {
            if (index != dayRoots[id][day]) broken = "correction not appended";
            roots.push(Root({packId: id, day: day, epoch: 0, index: dayRoots[id][day]++, root: root}));
        } catch {}
    }

    function commitFleet(uint48 epoch, bytes32 root) external {
        epoch %= 5;
        vm.prank(collector);
        try telemetry.commitFleetRoot(epoch, root, 1) {
            if (fleetRoots[epoch] != 0) broken = "fleet root written twice";
            roots.push(Root({packId: 0, day: 0, epoch: epoch, index: fleetRoots[epoch]++, root: root}));
        } catch {}
    }

    function correctFleet(uint48 epoch, uint256 corrected, bytes32 root) external {
        epoch %= 5;
        vm.prank(collector);
        try telemetry.correctFleetRoot(epoch, bound(corrected, 0, fleetRoots[epoch]), root, "") returns (
            uint256 index
        ) {
            if (index != fleetRoots[epoch]) broken = "correction not appended";
            roots.push(Root({packId: 0, day: 0, epoch: epoch, index: fleetRoots[epoch]++, root: root}));
        } catch {}
    }

    function pass(uint256 duration) external {
        vm.warp(block.timestamp + bound(duration, 1, 1 days));
    }

    /// @dev Whether every root that was ever committed stands where it was committed.
    function rootsStand() external view returns (bool stand) {
        for (uint256 i = 0; i < roots.length; ++i) {
            Root memory entry = roots[i];
            bytes32 root =
                entry.packId == 0
                    ? telemetry.fleetRoot(collector, entry.epoch, entry.index)
                    : telemetry.dayRoot(entry.packId, entry.day, entry.index);
            if (root != entry.root || root == 0) return false;
        }
        return true;
    }

    /// @dev Whether retired packs have no device, and stand where they stood.
    function retiredStand() external view returns (bool stand) {
        for (uint256 i = 0; i < PACKS; ++i) {
            Seen memory entry = seen[packIds[i]];
            if (entry.retired != (telemetry.deviceOf(packIds[i]) == address(0))) return false;
            if (!entry.retired) continue;
            if (keccak256(abi.encode(telemetry.stateOf(packIds[i]))) != keccak256(abi.encode(entry.state))) {
                return false;
            }
        }
        return true;
    }

    function _submit(Reading memory reading, uint256 keyNumber) private {
        SignedReading[] memory one = new SignedReading[](1);
        one[0] = sign(reading, keyNumber);
        uint256 recorded = telemetry.submitMany(one);
        accepted += recorded;
        if (recorded != 0 && seen[reading.packId].retired) broken = "retired device believed";
        _observe(reading.packId);
    }

    function _observe(uint256 id) private {
        DeviceState memory state = telemetry.stateOf(id);
        DeviceState memory last = seen[id].state;
        if (state.counter < last.counter) broken = "counter fell";
        if (state.takenAt < last.takenAt) broken = "time fell";
        if (state.takenAt > block.timestamp + 300) broken = "time in the future";
        if (state.throughputWh < last.throughputWh) broken = "throughput fell";
        if (state.fullCycles < last.fullCycles) broken = "cycles fell";
        if (state.abusedAt < last.abusedAt) broken = "abuse forgotten";
        if (state.sohBp > 12_000) broken = "health out of range";
        bool changed = keccak256(abi.encode(state)) != keccak256(abi.encode(last));
        if (seen[id].retired && changed) broken = "retired device changed";
        seen[id].state = state;
    }

    function _pack(uint256 which) private view returns (uint256 id) {
        return packIds[which % PACKS];
    }

    function _newKey() private returns (uint256 keyNumber) {
        return uint256(keccak256(abi.encode("key", ++_keys)));
    }
}

/// @dev T1 counters, times, throughput, cycles and the time of abuse never fall, and no time lies in the future.
/// T2 a root once committed stands for ever; corrections are appended.
/// T3 a retired device is never believed again, and its last state stands.
/// T4 a reading that keeps the rules is accepted, a forged one or one by a replaced key never.
contract BatteryTelemetryInvariantTest is CivitasTest {
    TelemetryHandler private _handler;

    function setUp() external {
        vm.warp(EPOCH);
        _handler = new TelemetryHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev The handler looks after every call; what it saw broken has a name.
    function invariant_T1_T4_NothingFallsAndNothingForgedIsBelieved() external view {
        assertEq(bytes(_handler.broken()).length, 0, string.concat("T1/T4: ", _handler.broken()));
    }

    function invariant_T2_RootsNeverChange() external view {
        assertTrue(_handler.rootsStand(), "T2: a root changed");
    }

    function invariant_T3_RetiredDevicesAreNeverBelievedAgain() external view {
        assertTrue(_handler.retiredStand(), "T3: a retired device came back");
    }
}
