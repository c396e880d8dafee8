// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {BatteryCredentials} from "../../../contracts/batteries/BatteryCredentials.sol";
import {DeviceFlags} from "../../../contracts/batteries/DeviceFlags.sol";
import {PackData, Status} from "../../../contracts/batteries/IBatteryPack.sol";
import {
    CertifiedHealth,
    DeviceRotation,
    DeviceState,
    FleetEntry,
    HealthCertificate,
    IBatteryTelemetry,
    LogEntry,
    Reading,
    ReadingFault,
    SignedReading
} from "../../../contracts/batteries/IBatteryTelemetry.sol";
import {Standing} from "../../../contracts/identity/ICredentials.sol";
import {HostileVerifier} from "../../../contracts/mocks/HostileVerifier.sol";
import {PlainP256Verifier} from "../../../contracts/mocks/PlainP256Verifier.sol";
import {Vm} from "../utils/Vm.sol";
import {LogTreeBuilder} from "./LogTreeBuilder.sol";
import {TelemetryFixture} from "./TelemetryFixture.sol";

/// @dev submit
///   ├ pack unknown, without device, retired, or ended before telemetry was wired: NoDevice
///   ├ counter not above the last (zero for the first reading): CounterNotIncreasing
///   ├ made before the last: TimeBackwards
///   ├ made more than 300 s from now: TimeInFuture; at 300 s accepted
///   ├ throughput down: ThroughputDecreased
///   ├ cycles down: CyclesDecreased
///   ├ health above 12,000: OutOfRange; at 12,000 accepted
///   ├ several faults: the first in the enum's order
///   ├ without key
///   │   ├ other signer, changed field, no signature, upper half of s: BadDeviceSignature
///   │   ├ device has code that agrees to everything: BadDeviceSignature
///   │   └ signed by the device: accepted, whoever relays
///   ├ with key
///   │   ├ key is not the device's, or no longer than an address: BadDeviceSignature
///   │   ├ verifier disagrees, reverts, burns gas, answers junk, short or long, or has no code: BadDeviceSignature
///   │   └ verifier agrees: accepted
///   └ accepted
///       ├ first: no gap, no comparison; later: gap when counters were skipped
///       ├ device's upper flag bits cleared; marks for power, health and heat
///       └ time of abuse kept until the next abuse
contract BatteryTelemetrySubmitTest is TelemetryFixture {
    function test_FirstReadingIsStoredAndTold() external {
        Reading memory reading = readingOf(packId, 41);
        SignedReading memory signedReading = sign(reading, deviceKey);
        vm.recordLogs();
        vm.prank(stranger);
        telemetry.submit(signedReading);
        // No gap: there is no reading before the first.
        assertEq(vm.getRecordedLogs().length, 1, "events");

        DeviceState memory state = telemetry.stateOf(packId);
        assertEq(state.device, device, "device");
        assertEq(state.counter, 41, "counter");
        assertEq(state.takenAt, EPOCH, "takenAt");
        assertEq(state.throughputWh, 88_000, "throughputWh");
        assertEq(state.remainingWh, 60_000, "remainingWh");
        assertEq(state.fullCycles, 12, "fullCycles");
        assertEq(state.sohBp, 9_912, "sohBp");
        assertEq(state.maxTempDK, 2_981, "maxTempDK");
        assertEq(state.flags, 0, "flags");
        assertEq(state.abusedAt, 0, "abusedAt");
    }

    function test_EventCarriesTheWholeReading() external {
        Reading memory reading = readingOf(packId, 1);
        SignedReading memory signedReading = sign(reading, deviceKey);
        vm.expectEmit(address(telemetry));
        emit IBatteryTelemetry.ReadingAccepted(
            packId,
            1,
            uint48(EPOCH),
            88_000,
            60_000,
            12,
            9_912,
            2_981,
            0,
            keccak256("log")
        );
        telemetry.submit(signedReading);
    }

    function test_NextCounterLeavesNoGap() external {
        _submit(readingOf(packId, 41));
        SignedReading memory signedReading = sign(readingOf(packId, 42), deviceKey);
        vm.recordLogs();
        telemetry.submit(signedReading);
        assertEq(vm.getRecordedLogs().length, 1, "events");
    }

    function test_SkippedCountersAreTold() external {
        _submit(readingOf(packId, 41));
        SignedReading memory signedReading = sign(readingOf(packId, 50), deviceKey);
        vm.expectEmit(address(telemetry));
        emit IBatteryTelemetry.ReadingGap(packId, 50, 8);
        telemetry.submit(signedReading);
    }

    function test_RevertWhen_PackIsUnknown() external {
        _expectNoDevice(404);
    }

    function test_RevertWhen_PackHasNoDevice() external {
        _expectNoDevice(registerPack(owner, address(0)));
    }

    function test_RevertWhen_DeviceIsRetired() external {
        _submit(readingOf(packId, 1));
        recyclePack(packId);
        _expectNoDevice(packId);
        assertEq(telemetry.deviceOf(packId), address(0), "deviceOf");
        assertEq(telemetry.stateOf(packId).device, address(0), "stateOf");
        assertEq(telemetry.stateOf(packId).counter, 1, "last reading stays");
    }

    function test_RevertWhen_PassportEndedBeforeWiring() external {
        pack.setTelemetry(address(0));
        recyclePack(packId);
        _expectNoDevice(packId);
        assertEq(telemetry.deviceOf(packId), address(0), "deviceOf");
    }

    function test_RevertWhen_SecondLifePassportUsesOldDeviceForOldPack() external {
        _submit(readingOf(packId, 1));
        uint256 newId = _reuse();
        _expectNoDevice(packId);
        _submit(readingOf(newId, 1));
        assertEq(telemetry.stateOf(newId).counter, 1, "new passport");
    }

    function test_RevertWhen_PassportWasSupersededBeforeWiring() external {
        pack.setTelemetry(address(0));
        _reuse();
        _expectNoDevice(packId);
    }

    function test_RevertWhen_FirstCounterIsZero() external {
        _expectRefusal(
            readingOf(packId, 0),
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryCounterNotIncreasing.selector, packId, 0, 0)
        );
    }

    function test_RevertWhen_CounterStands() external {
        _submit(readingOf(packId, 41));
        _expectRefusal(
            readingOf(packId, 41),
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryCounterNotIncreasing.selector, packId, 41, 41)
        );
    }

    function test_RevertWhen_CounterFalls() external {
        _submit(readingOf(packId, 41));
        _expectRefusal(
            readingOf(packId, 40),
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryCounterNotIncreasing.selector, packId, 40, 41)
        );
    }

    function test_RevertWhen_TimeGoesBack() external {
        _submit(readingOf(packId, 1));
        Reading memory reading = readingOf(packId, 2);
        reading.takenAt -= 1;
        _expectRefusal(
            reading,
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryTimeBackwards.selector, packId, EPOCH - 1, EPOCH)
        );
    }

    function test_RevertWhen_TimeIsInFuture() external {
        Reading memory reading = readingOf(packId, 1);
        reading.takenAt += 301;
        _expectRefusal(
            reading,
            abi.encodeWithSelector(
                IBatteryTelemetry.BatteryTelemetryTimeInFuture.selector,
                packId,
                EPOCH + 301,
                EPOCH + 300
            )
        );
    }

    function test_ClockMayRunAheadByTolerance() external {
        Reading memory reading = readingOf(packId, 1);
        reading.takenAt += 300;
        _submit(reading);
        assertEq(telemetry.stateOf(packId).takenAt, EPOCH + 300, "takenAt");
    }

    function test_RevertWhen_ThroughputRollsBack() external {
        _submit(readingOf(packId, 1));
        Reading memory reading = readingOf(packId, 2);
        reading.throughputWh = 87_999;
        _expectRefusal(
            reading,
            abi.encodeWithSelector(
                IBatteryTelemetry.BatteryTelemetryThroughputDecreased.selector,
                packId,
                87_999,
                88_000
            )
        );
    }

    function test_RevertWhen_CyclesRollBack() external {
        _submit(readingOf(packId, 1));
        Reading memory reading = readingOf(packId, 2);
        reading.fullCycles = 11;
        _expectRefusal(
            reading,
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryCyclesDecreased.selector, packId, 11, 12)
        );
    }

    function test_RevertWhen_HealthIsOutOfRange() external {
        Reading memory reading = readingOf(packId, 1);
        reading.sohBp = 12_001;
        _expectRefusal(
            reading,
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryOutOfRange.selector, packId, 12_001, 12_000)
        );
    }

    function test_FreshCellMayHoldMoreThanRated() external {
        Reading memory reading = readingOf(packId, 1);
        reading.sohBp = 12_000;
        _submit(reading);
        assertEq(telemetry.stateOf(packId).sohBp, 12_000, "sohBp");
    }

    /// @dev Takes the faults of one reading away one by one, from the first to the last.
    function test_FaultsComeInTheOrderOfTheEnum() external {
        _submit(readingOf(packId, 41));
        SignedReading[] memory one = new SignedReading[](1);
        Reading memory reading = readingOf(packId, 41);
        (reading.throughputWh, reading.fullCycles, reading.sohBp, reading.takenAt) = (0, 0, 12_001, 0);
        for (uint256 step = 1; step <= uint256(ReadingFault.BadDeviceSignature); ++step) {
            ReadingFault fault = ReadingFault(step);
            reading.packId = fault == ReadingFault.NoDevice ? 404 : packId;
            if (fault == ReadingFault.TimeBackwards) reading.counter = 42;
            if (fault == ReadingFault.TimeInFuture) reading.takenAt = uint48(EPOCH + 301);
            if (fault == ReadingFault.ThroughputDecreased) reading.takenAt = uint48(EPOCH);
            if (fault == ReadingFault.CyclesDecreased) reading.throughputWh = 88_000;
            if (fault == ReadingFault.OutOfRange) reading.fullCycles = 12;
            if (fault == ReadingFault.BadDeviceSignature) reading.sohBp = 9_912;
            one[0] = sign(reading, strangerKey);
            vm.recordLogs();
            assertEq(telemetry.submitMany(one), 0, "accepted");
            Vm.Log[] memory logs = vm.getRecordedLogs();
            (, ReadingFault told, , ) = abi.decode(logs[0].data, (uint256, ReadingFault, uint256, uint256));
            assertEq(uint256(told), step, "fault");
        }
    }

    function test_RevertWhen_AnotherKeySigned() external {
        SignedReading memory signedReading = sign(readingOf(packId, 1), strangerKey);
        _expectBadSignature(signedReading, device);
    }

    function test_RevertWhen_AFieldWasChanged() external {
        SignedReading memory signedReading = sign(readingOf(packId, 1), deviceKey);
        signedReading.reading.remainingWh += 1;
        _expectBadSignature(signedReading, device);
    }

    function test_RevertWhen_SignatureIsMissing() external {
        SignedReading memory signedReading = sign(readingOf(packId, 1), deviceKey);
        signedReading.signature = "";
        _expectBadSignature(signedReading, device);
    }

    function test_RevertWhen_SignatureIsTheOtherHalf() external {
        Reading memory reading = readingOf(packId, 1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(deviceKey, digestOf(reading));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes memory signature = abi.encodePacked(r, order - uint256(s), v == 27 ? uint8(28) : uint8(27));
        _expectBadSignature(SignedReading({reading: reading, key: "", signature: signature}), device);
    }

    function test_RevertWhen_DeviceIsAnAccountThatAgreesToEverything() external {
        address account = address(new HostileVerifier());
        uint256 id = registerPack(owner, account);
        _expectBadSignature(sign(readingOf(id, 1), strangerKey), account);
    }

    function test_P256DeviceIsBelieved() external {
        address verifier = address(new ERC7913P256Verifier());
        uint256 id = registerPack(owner, accountOf(p256Key(verifier, 77)));
        telemetry.submit(signP256(readingOf(id, 1), verifier, 77));
        telemetry.submit(signP256(readingOf(id, 2), verifier, 77));
        assertEq(telemetry.stateOf(id).counter, 2, "counter");
    }

    function test_P256WithoutPrecompileFitsTheVerifiersGas() external {
        address verifier = address(new PlainP256Verifier());
        uint256 id = registerPack(owner, accountOf(p256Key(verifier, 77)));
        telemetry.submit(signP256(readingOf(id, 1), verifier, 77));
        assertEq(telemetry.stateOf(id).counter, 1, "counter");
    }

    function test_RevertWhen_P256SignatureIsOfAnotherReading() external {
        address verifier = address(new ERC7913P256Verifier());
        bytes memory key = p256Key(verifier, 77);
        uint256 id = registerPack(owner, accountOf(key));
        SignedReading memory signedReading = signP256(readingOf(id, 1), verifier, 77);
        signedReading.reading.counter = 2;
        _expectBadSignature(signedReading, accountOf(key));
    }

    function test_RevertWhen_KeyIsNotTheDevices() external {
        address verifier = address(new ERC7913P256Verifier());
        _expectBadSignature(signP256(readingOf(packId, 1), verifier, 77), device);
    }

    function test_RevertWhen_KeyIsNoLongerThanAnAddress() external {
        bytes memory key = abi.encodePacked(address(new HostileVerifier()));
        uint256 id = registerPack(owner, accountOf(key));
        _expectBadSignature(SignedReading({reading: readingOf(id, 1), key: key, signature: ""}), accountOf(key));
    }

    function test_RevertWhen_VerifierHasNoCode() external {
        bytes memory key = abi.encodePacked(stranger, "key");
        uint256 id = registerPack(owner, accountOf(key));
        _expectBadSignature(SignedReading({reading: readingOf(id, 1), key: key, signature: ""}), accountOf(key));
    }

    /// @dev The verifier is part of the key that the operator registered, so its own device is in its hands.
    function test_VerifierIsBelievedForItsOwnDevice() external {
        bytes memory key = abi.encodePacked(new HostileVerifier(), HostileVerifier.Mode.Agree);
        uint256 id = registerPack(owner, accountOf(key));
        telemetry.submit(SignedReading({reading: readingOf(id, 1), key: key, signature: ""}));
        assertEq(telemetry.stateOf(id).counter, 1, "its device");
        Reading memory other = readingOf(packId, 1);
        _expectBadSignature(SignedReading({reading: other, key: key, signature: ""}), device);
    }

    function test_RevertWhen_VerifierIsHostile() external {
        HostileVerifier verifier = new HostileVerifier();
        for (uint256 mode = 1; mode <= uint256(type(HostileVerifier.Mode).max); ++mode) {
            bytes memory key = abi.encodePacked(verifier, uint8(mode));
            uint256 id = registerPack(owner, accountOf(key));
            _expectBadSignature(SignedReading({reading: readingOf(id, 1), key: key, signature: ""}), accountOf(key));
        }
    }

    /// @dev What a short answer leaves of the word in memory must not complete it: here that is the pack's id, whose last
    /// byte is the missing zero.
    function test_RevertWhen_ShortAnswerIsCompletedByMemory() external {
        bytes memory key = abi.encodePacked(new HostileVerifier(), HostileVerifier.Mode.AnswerShort);
        PackData memory data = packData(accountOf(key), RATED_POWER_W);
        data.serialHash = bytes32(uint256(0x1234500) << 192);
        vm.prank(operator);
        uint256 id = pack.register(owner, data);
        _expectBadSignature(SignedReading({reading: readingOf(id, 1), key: key, signature: ""}), accountOf(key));
    }

    function test_DeviceCannotSetTheUpperFlags() external {
        Reading memory reading = readingOf(packId, 1);
        reading.flags = type(uint32).max;
        _submit(reading);
        assertEq(telemetry.stateOf(packId).flags, DeviceFlags.DEVICE_MASK, "flags");
    }

    function test_AbuseIsRemembered() external {
        _submit(readingOf(packId, 1));
        assertEq(telemetry.stateOf(packId).abusedAt, 0, "never");
        uint32[3] memory kinds = [DeviceFlags.OVERHEATED, DeviceFlags.DEEP_DISCHARGED, DeviceFlags.TAMPERED];
        for (uint48 i = 0; i < 3; ++i) {
            vm.warp(EPOCH + (i + 1) * 1 hours);
            Reading memory reading = readingOf(packId, 2 + 2 * i);
            reading.flags = kinds[i];
            _submit(reading);
            assertEq(telemetry.stateOf(packId).abusedAt, EPOCH + (i + 1) * 1 hours, "abused now");
            vm.warp(EPOCH + (i + 1) * 1 hours + 1);
            reading = readingOf(packId, 3 + 2 * i);
            reading.flags = ~DeviceFlags.ABUSE;
            _submit(reading);
            assertEq(telemetry.stateOf(packId).abusedAt, EPOCH + (i + 1) * 1 hours, "abused then");
        }
    }

    /// @dev 150 kW for an hour with a fifth of tolerance is 180 kWh.
    function test_ImplausiblePowerIsMarked() external {
        _submit(readingOf(packId, 1));
        vm.warp(EPOCH + 1 hours);
        Reading memory reading = readingOf(packId, 2);
        reading.throughputWh += 180_000;
        _submit(reading);
        assertEq(telemetry.stateOf(packId).flags, 0, "at the limit");
        vm.warp(EPOCH + 2 hours);
        reading = readingOf(packId, 3);
        reading.throughputWh += 180_000 + 180_001;
        _submit(reading);
        assertEq(telemetry.stateOf(packId).flags, DeviceFlags.IMPLAUSIBLE_POWER, "above");
    }

    function test_EnergyInNoTimeIsMarked() external {
        _submit(readingOf(packId, 1));
        Reading memory reading = readingOf(packId, 2);
        reading.throughputWh += 1;
        _submit(reading);
        assertEq(telemetry.stateOf(packId).flags, DeviceFlags.IMPLAUSIBLE_POWER, "marked");
    }

    function test_UnstatedPowerIsNotChecked() external {
        uint256 id = registerPack(owner, device, 0);
        _submit(readingOf(id, 1));
        Reading memory reading = readingOf(id, 2);
        reading.throughputWh = type(uint48).max;
        _submit(reading);
        assertEq(telemetry.stateOf(id).flags, 0, "flags");
    }

    function test_HealthJumpIsMarkedUpAndDown() external {
        _submit(readingOf(packId, 1));
        uint16[4] memory health = [uint16(9_712), 9_912, 9_711, 9_912];
        for (uint48 i = 0; i < 4; ++i) {
            Reading memory reading = readingOf(packId, 2 + i);
            reading.sohBp = health[i];
            _submit(reading);
            assertEq(telemetry.stateOf(packId).flags, i < 2 ? 0 : DeviceFlags.HEALTH_JUMP, "flags");
        }
    }

    function test_HeatIsMarkedFromTheFirstReading() external {
        Reading memory reading = readingOf(packId, 1);
        reading.maxTempDK = 3_331;
        SignedReading memory signedReading = sign(reading, deviceKey);
        vm.expectEmit(address(telemetry));
        emit IBatteryTelemetry.ReadingAccepted(
            packId,
            1,
            uint48(EPOCH),
            88_000,
            60_000,
            12,
            9_912,
            3_331,
            DeviceFlags.HOT,
            keccak256("log")
        );
        telemetry.submit(signedReading);
        assertEq(telemetry.stateOf(packId).flags, DeviceFlags.HOT, "hot");
        reading = readingOf(packId, 2);
        reading.maxTempDK = 3_330;
        _submit(reading);
        assertEq(telemetry.stateOf(packId).flags, 0, "at the limit");
    }

    /// @dev Attack: reading replay.
    function test_RevertWhen_ReadingIsReplayed() external {
        SignedReading memory signedReading = sign(readingOf(packId, 5), deviceKey);
        telemetry.submit(signedReading);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryCounterNotIncreasing.selector, packId, 5, 5)
        );
        telemetry.submit(signedReading);
    }

    /// @dev Attack: replay on another chain.
    function test_RevertWhen_ReadingIsReplayedOnAnotherChain() external {
        SignedReading memory signedReading = sign(readingOf(packId, 1), deviceKey);
        vm.chainId(block.chainid + 1);
        _expectBadSignature(signedReading, device);
    }

    /// @dev Attack: replay at another contract.
    function test_RevertWhen_ReadingIsReplayedAtAnotherContract() external {
        SignedReading memory signedReading = sign(readingOf(packId, 1), deviceKey);
        telemetry = deployTelemetry();
        _expectBadSignature(signedReading, device);
    }

    /// @dev Attack: replay for another pack with the same key in its device.
    function test_RevertWhen_ReadingIsReplayedForAnotherPack() external {
        uint256 id = registerPack(owner, device);
        SignedReading memory signedReading = sign(readingOf(packId, 1), deviceKey);
        signedReading.reading.packId = id;
        _expectBadSignature(signedReading, device);
    }

    /// @dev Attack: fork of the device key. Two devices with one key share one counter, so that the second one is
    /// refused or leaves a gap.
    function test_RevertWhen_ForkedDeviceCountsOnItsOwn() external {
        _submit(readingOf(packId, 10));
        Reading memory fork = readingOf(packId, 10);
        fork.throughputWh = 99_999;
        _expectRefusal(
            fork,
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryCounterNotIncreasing.selector, packId, 10, 10)
        );
    }

    /// @dev Attack: second device for one pack. Whatever it signs, the pack has one key.
    function test_RevertWhen_SecondDeviceSpeaksForThePack() external {
        _submit(readingOf(packId, 1));
        _expectBadSignature(sign(readingOf(packId, 2), spareKey), device);
    }

    function test_StateIsZeroBeforeTheFirstReading() external view {
        DeviceState memory state = telemetry.stateOf(packId);
        assertEq(keccak256(abi.encode(state)), keccak256(new bytes(320)), "state");
        assertEq(telemetry.deviceOf(packId), device, "birth key");
        assertEq(telemetry.deviceOf(404), address(0), "unknown pack");
        assertEq(address(telemetry.pack()), address(pack), "pack");
    }

    /// @dev Case B19 of the case file, in its order.
    function test_CaseB19() external {
        Reading memory last = readingOf(packId, 41);
        last.takenAt = 1_000_000;
        vm.warp(1_000_000);
        _submit(last);

        SignedReading[] memory batch = new SignedReading[](7);
        Reading memory reading = _b19();
        reading.counter = 41;
        batch[0] = sign(reading, deviceKey);
        reading = _b19();
        reading.throughputWh = 87_999;
        batch[1] = sign(reading, deviceKey);
        reading = _b19();
        reading.takenAt = 999_999;
        batch[2] = sign(reading, deviceKey);
        reading = _b19();
        reading.takenAt = uint48(block.timestamp + 301);
        batch[3] = sign(reading, deviceKey);
        reading = _b19();
        reading.sohBp = 12_001;
        batch[4] = sign(reading, deviceKey);
        reading = _b19();
        batch[5] = sign(reading, strangerKey);
        reading = _b19();
        (reading.counter, reading.takenAt, reading.throughputWh) = (43, 1_000_060, 88_010);
        batch[6] = sign(reading, deviceKey);

        bytes4[6] memory errors = [
            IBatteryTelemetry.BatteryTelemetryCounterNotIncreasing.selector,
            IBatteryTelemetry.BatteryTelemetryThroughputDecreased.selector,
            IBatteryTelemetry.BatteryTelemetryTimeBackwards.selector,
            IBatteryTelemetry.BatteryTelemetryTimeInFuture.selector,
            IBatteryTelemetry.BatteryTelemetryOutOfRange.selector,
            IBatteryTelemetry.BatteryTelemetryBadDeviceSignature.selector
        ];
        uint256[6] memory got = [uint256(41), 87_999, 999_999, 1_000_301, 12_001, 0];
        uint256[6] memory limit = [uint256(41), 88_000, 1_000_000, 1_000_300, 12_000, 0];
        for (uint256 i = 0; i < 6; ++i) {
            vm.expectRevert(
                i == 5
                    ? abi.encodeWithSelector(errors[i], packId, device)
                    : abi.encodeWithSelector(errors[i], packId, got[i], limit[i])
            );
            telemetry.submit(batch[i]);
        }
        uint256 snapshot = vm.snapshotState();
        vm.expectEmit(address(telemetry));
        emit IBatteryTelemetry.ReadingGap(packId, 43, 1);
        telemetry.submit(batch[6]);
        vm.revertToState(snapshot);
        assertEq(telemetry.submitMany(batch), 1, "the same in a batch");
        assertEq(telemetry.stateOf(packId).counter, 43, "counter");
    }

    /// @dev Whatever the fields, a reading is accepted exactly when a second writing of the rules says so.
    function testFuzz_AcceptedExactlyByTheRules(
        uint256 counter,
        uint256 takenAt,
        uint256 throughputWh,
        uint256 fullCycles,
        uint256 sohBp,
        uint32 flags,
        uint16 maxTempDK
    ) external {
        _submit(readingOf(packId, 41));
        Reading memory reading = readingOf(packId, uint48(bound(counter, 38, 50)));
        reading.takenAt = uint48(bound(takenAt, EPOCH - 60, EPOCH + 400));
        reading.throughputWh = uint48(bound(throughputWh, 87_900, 100_000));
        reading.fullCycles = uint32(bound(fullCycles, 11, 20));
        reading.sohBp = uint16(bound(sohBp, 9_000, 12_100));
        (reading.flags, reading.maxTempDK) = (flags, maxTempDK);
        bool good =
            reading.counter > 41 &&
                reading.takenAt >= EPOCH &&
                reading.takenAt <= EPOCH + 300 &&
                reading.throughputWh >= 88_000 &&
                reading.fullCycles >= 12 &&
                reading.sohBp <= 12_000;

        SignedReading[] memory one = new SignedReading[](1);
        one[0] = sign(reading, deviceKey);
        assertEq(telemetry.submitMany(one), good ? 1 : 0, "accepted");
        DeviceState memory state = telemetry.stateOf(packId);
        assertEq(state.counter, good ? reading.counter : 41, "counter");
        assertEq(state.throughputWh, good ? reading.throughputWh : 88_000, "throughputWh");
        if (!good) return;
        // 150 kW give 180 kWh an hour: 50 Wh a second.
        bool power = reading.throughputWh - 88_000 > 50 * (reading.takenAt - EPOCH);
        bool jump = reading.sohBp < 9_712 || reading.sohBp > 10_112;
        uint256 marks = (power ? 1 << 16 : 0) | (jump ? 1 << 17 : 0) | (maxTempDK > 3_330 ? 1 << 18 : 0);
        assertEq(state.flags, (flags & 0xffff) | marks, "flags");
        assertEq(state.abusedAt, flags & 7 == 0 ? 0 : reading.takenAt, "abusedAt");
    }

    /// @dev Every field at any value comes back as it was signed.
    function testFuzz_StateHoldsTheReading(Reading memory reading) external {
        reading.packId = packId;
        reading.counter = uint48(bound(reading.counter, 1, type(uint48).max));
        reading.takenAt = uint48(bound(reading.takenAt, 0, EPOCH + 300));
        reading.sohBp = uint16(bound(reading.sohBp, 0, 12_000));
        reading.maxTempDK = uint16(bound(reading.maxTempDK, 0, 3_330));
        _submit(reading);
        DeviceState memory state = telemetry.stateOf(packId);
        assertEq(state.device, device, "device");
        assertEq(state.counter, reading.counter, "counter");
        assertEq(state.takenAt, reading.takenAt, "takenAt");
        assertEq(state.throughputWh, reading.throughputWh, "throughputWh");
        assertEq(state.remainingWh, reading.remainingWh, "remainingWh");
        assertEq(state.fullCycles, reading.fullCycles, "fullCycles");
        assertEq(state.sohBp, reading.sohBp, "sohBp");
        assertEq(state.maxTempDK, reading.maxTempDK, "maxTempDK");
        assertEq(state.flags, reading.flags & 0xffff, "flags");
        assertEq(state.abusedAt, reading.flags & 7 == 0 ? 0 : reading.takenAt, "abusedAt");
    }

    /// @dev Gives the pack a new passport, with the same device in it.
    function _reuse() private returns (uint256 newId) {
        admitOperator(owner);
        uint256[] memory old = new uint256[](1);
        old[0] = packId;
        PackData memory data = packData(device, RATED_POWER_W);
        vm.prank(owner);
        return pack.repurpose(old, owner, data, Status.Reused);
    }

    function _b19() private view returns (Reading memory reading) {
        reading = readingOf(packId, 42);
        reading.takenAt = 1_000_000;
    }

    function _submit(Reading memory reading) private {
        telemetry.submit(sign(reading, deviceKey));
    }

    function _expectRefusal(Reading memory reading, bytes memory fault) private {
        SignedReading memory signedReading = sign(reading, deviceKey);
        vm.expectRevert(fault);
        telemetry.submit(signedReading);
    }

    function _expectNoDevice(uint256 id) private {
        _expectRefusal(
            readingOf(id, 9),
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNoDevice.selector, id)
        );
    }

    function _expectBadSignature(SignedReading memory signedReading, address key) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatteryTelemetry.BatteryTelemetryBadDeviceSignature.selector,
                signedReading.reading.packId,
                key
            )
        );
        telemetry.submit(signedReading);
    }
}

/// @dev submitMany
///   ├ none, or more than 100: BadLength
///   ├ a bad one is skipped and named with its fault, and the rest stands
///   │   ├ unknown pack, retired device
///   │   ├ the same reading twice
///   │   └ hostile verifier of any kind
///   └ up to 100 are accepted and counted
contract BatteryTelemetrySubmitManyTest is TelemetryFixture {
    function test_RevertWhen_BatchIsEmpty() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryBadLength.selector, 0, 100));
        telemetry.submitMany(new SignedReading[](0));
    }

    function test_RevertWhen_BatchIsTooLong() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryBadLength.selector, 101, 100));
        telemetry.submitMany(new SignedReading[](101));
    }

    function test_AHundredReadingsAreAccepted() external {
        SignedReading[] memory batch = new SignedReading[](100);
        for (uint48 i = 0; i < 100; ++i) {
            batch[i] = sign(readingOf(packId, i + 1), deviceKey);
        }
        vm.prank(stranger);
        assertEq(telemetry.submitMany(batch), 100, "accepted");
        assertEq(telemetry.stateOf(packId).counter, 100, "counter");
    }

    function test_BadOnesAreSkippedAndNamed() external {
        uint256 retired = registerPack(owner, device);
        recyclePack(retired);
        SignedReading[] memory batch = new SignedReading[](6);
        batch[0] = sign(readingOf(packId, 1), deviceKey);
        batch[1] = sign(readingOf(404, 1), deviceKey);
        batch[2] = sign(readingOf(retired, 1), deviceKey);
        // The same reading twice.
        batch[3] = batch[0];
        batch[4] = sign(readingOf(packId, 2), strangerKey);
        batch[5] = sign(readingOf(packId, 2), deviceKey);
        _expectSkipped(404, 1, ReadingFault.NoDevice, 0, 0);
        _expectSkipped(retired, 2, ReadingFault.NoDevice, 0, 0);
        _expectSkipped(packId, 3, ReadingFault.CounterNotIncreasing, 1, 1);
        _expectSkipped(packId, 4, ReadingFault.BadDeviceSignature, uint160(stranger), uint160(device));
        assertEq(telemetry.submitMany(batch), 2, "accepted");
        assertEq(telemetry.stateOf(packId).counter, 2, "counter");
    }

    function test_P256DevicesShareABatchWithPlainOnes() external {
        address verifier = address(new ERC7913P256Verifier());
        bytes memory key = p256Key(verifier, 77);
        uint256 id = registerPack(owner, accountOf(key));
        SignedReading[] memory batch = new SignedReading[](4);
        batch[0] = sign(readingOf(packId, 1), deviceKey);
        batch[1] = signP256(readingOf(id, 1), verifier, 77);
        batch[2] = signP256(readingOf(id, 2), verifier, 78);
        batch[3] = signP256(readingOf(id, 3), verifier, 77);
        _expectSkipped(id, 2, ReadingFault.BadDeviceSignature, 0, uint160(accountOf(key)));
        assertEq(telemetry.submitMany(batch), 3, "accepted");
        assertEq(telemetry.stateOf(id).counter, 3, "counter");
    }

    /// @dev Attack: hostile verifier in a batch. Each kind is between two good readings; the batch gets gas for them and
    /// for what one verifier may use, but not for copying a long answer or for a verifier without bound.
    function test_HostileVerifierSpoilsOnlyItsOwnReading() external {
        HostileVerifier verifier = new HostileVerifier();
        uint48 counter = 0;
        for (uint256 mode = 1; mode <= uint256(type(HostileVerifier.Mode).max); ++mode) {
            bytes memory key = abi.encodePacked(verifier, uint8(mode));
            uint256 id = registerPack(owner, accountOf(key));
            SignedReading[] memory batch = new SignedReading[](3);
            batch[0] = sign(readingOf(packId, ++counter), deviceKey);
            batch[1] = SignedReading({reading: readingOf(id, 1), key: key, signature: ""});
            batch[2] = sign(readingOf(packId, ++counter), deviceKey);
            _expectSkipped(id, 1, ReadingFault.BadDeviceSignature, 0, uint160(accountOf(key)));
            assertEq(telemetry.submitMany{gas: 700_000}(batch), 2, "accepted");
        }
    }

    function test_AccountThatAgreesToEverythingIsNotAsked() external {
        address account = address(new HostileVerifier());
        uint256 id = registerPack(owner, account);
        SignedReading[] memory batch = new SignedReading[](2);
        batch[0] = sign(readingOf(id, 1), strangerKey);
        batch[1] = sign(readingOf(packId, 1), deviceKey);
        _expectSkipped(id, 0, ReadingFault.BadDeviceSignature, uint160(stranger), uint160(account));
        assertEq(telemetry.submitMany(batch), 1, "accepted");
    }

    function _expectSkipped(uint256 id, uint256 index, ReadingFault fault, uint256 got, uint256 limit) private {
        vm.expectEmit(address(telemetry));
        emit IBatteryTelemetry.ReadingSkipped(id, index, fault, got, limit);
    }
}

/// @dev certify
///   ├ signer is no tester, or its credential ended: NotTester with the reason
///   ├ test no later than the last: CertificateNotNewer
///   ├ test more than 300 s from now: TimeInFuture
///   ├ pack unknown: ERC721NonexistentToken; retired or ended before wiring: NoDevice
///   ├ more than 12,000 basis points: OutOfRange
///   ├ late, used nonce, other signer: errors of ISigned
///   └ recorded, also for a pack without device; rounded down; estimated health untouched
contract BatteryTelemetryCertifyTest is TelemetryFixture {
    function test_CertificateIsRecordedAndTold() external {
        // 49,006 of 70,000 Wh are 7,000.86 basis points.
        HealthCertificate memory certificate = certificateOf(packId, 49_006);
        Signature memory signature = sign(certificate, testerKey);
        vm.expectEmit(address(telemetry));
        emit IBatteryTelemetry.HealthCertified(packId, tester, 7_000, 49_006, uint48(EPOCH), keccak256("method"));
        vm.prank(stranger);
        telemetry.certify(certificate, signature);

        CertifiedHealth memory health = telemetry.healthOf(packId);
        assertEq(health.tester, tester, "tester");
        assertEq(health.sohBp, 7_000, "sohBp");
        assertEq(health.testedAt, EPOCH, "testedAt");
        assertEq(telemetry.stateOf(packId).sohBp, 0, "estimate untouched");
    }

    function test_HealthIsZeroBeforeTheFirstCertificate() external view {
        CertifiedHealth memory health = telemetry.healthOf(packId);
        assertEq(health.tester, address(0), "tester");
        assertEq(health.sohBp, 0, "sohBp");
        assertEq(health.testedAt, 0, "testedAt");
    }

    function test_ReadingsDoNotMoveCertifiedHealth() external {
        _certify(certificateOf(packId, 63_000));
        telemetry.submit(sign(readingOf(packId, 1), deviceKey));
        assertEq(telemetry.healthOf(packId).sohBp, 9_000, "certified");
        assertEq(telemetry.stateOf(packId).sohBp, 9_912, "estimated");
    }

    function test_PackWithoutDeviceCanBeCertified() external {
        uint256 id = registerPack(owner, address(0));
        _certify(certificateOf(id, 84_000));
        assertEq(telemetry.healthOf(id).sohBp, 12_000, "sohBp");
    }

    function test_HealthMayRecover() external {
        _certify(certificateOf(packId, 49_000));
        vm.warp(EPOCH + 1);
        HealthCertificate memory certificate = certificateOf(packId, 56_000);
        certificate.nonce = 8;
        _certify(certificate);
        assertEq(telemetry.healthOf(packId).sohBp, 8_000, "sohBp");
    }

    function test_RevertWhen_SignerIsNoTester() external {
        HealthCertificate memory certificate = certificateOf(packId, 63_000);
        certificate.tester = stranger;
        _expectRefusal(
            certificate,
            strangerKey,
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNotTester.selector, stranger, Standing.None)
        );
    }

    function test_RevertWhen_TestersCredentialEnded() external {
        credentials.set(BatteryCredentials.BATTERY_TESTER, tester, Standing.IssuerWithdrawn);
        _expectRefusal(
            certificateOf(packId, 63_000),
            testerKey,
            abi.encodeWithSelector(
                IBatteryTelemetry.BatteryTelemetryNotTester.selector,
                tester,
                Standing.IssuerWithdrawn
            )
        );
    }

    function test_RevertWhen_SignerHoldsAnotherCredential() external {
        credentials.set(BatteryCredentials.BATTERY_COLLECTOR, stranger, Standing.Current);
        HealthCertificate memory certificate = certificateOf(packId, 63_000);
        certificate.tester = stranger;
        _expectRefusal(
            certificate,
            strangerKey,
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNotTester.selector, stranger, Standing.None)
        );
    }

    function test_RevertWhen_TestIsNotNewer() external {
        _certify(certificateOf(packId, 63_000));
        HealthCertificate memory certificate = certificateOf(packId, 63_000);
        certificate.nonce = 8;
        _expectRefusal(
            certificate,
            testerKey,
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryCertificateNotNewer.selector, packId, EPOCH, EPOCH)
        );
    }

    function test_RevertWhen_TestIsInFuture() external {
        HealthCertificate memory certificate = certificateOf(packId, 63_000);
        certificate.testedAt += 301;
        _expectRefusal(
            certificate,
            testerKey,
            abi.encodeWithSelector(
                IBatteryTelemetry.BatteryTelemetryTimeInFuture.selector,
                packId,
                EPOCH + 301,
                EPOCH + 300
            )
        );
        certificate.testedAt -= 1;
        _certify(certificate);
        assertEq(telemetry.healthOf(packId).testedAt, EPOCH + 300, "tolerance");
    }

    function test_RevertWhen_HealthIsOutOfRange() external {
        _expectRefusal(
            certificateOf(packId, 84_007),
            testerKey,
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryOutOfRange.selector, packId, 12_001, 12_000)
        );
    }

    function test_RevertWhen_PackIsUnknown() external {
        _expectRefusal(
            certificateOf(404, 63_000),
            testerKey,
            abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 404)
        );
    }

    function test_RevertWhen_PackIsRetired() external {
        recyclePack(packId);
        _expectRefusal(
            certificateOf(packId, 63_000),
            testerKey,
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNoDevice.selector, packId)
        );
    }

    function test_RevertWhen_PassportEndedBeforeWiring() external {
        pack.setTelemetry(address(0));
        recyclePack(packId);
        _expectRefusal(
            certificateOf(packId, 63_000),
            testerKey,
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNoDevice.selector, packId)
        );
    }

    function test_RevertWhen_CertificateIsLate() external {
        HealthCertificate memory certificate = certificateOf(packId, 63_000);
        vm.warp(EPOCH + 1 hours + 1);
        _expectRefusal(
            certificate,
            testerKey,
            abi.encodeWithSelector(ISigned.SignedExpired.selector, EPOCH + 1 hours, EPOCH + 1 hours + 1)
        );
    }

    function test_RevertWhen_NonceIsUsed() external {
        _certify(certificateOf(packId, 63_000));
        vm.warp(EPOCH + 1);
        _expectRefusal(
            certificateOf(packId, 62_000),
            testerKey,
            abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, tester, 7)
        );
    }

    function test_RevertWhen_SomebodyElseSigned() external {
        HealthCertificate memory certificate = certificateOf(packId, 63_000);
        bytes32 digest = keccak256(
            abi.encodePacked(hex"1901", telemetryDomain(), keccak256(abi.encode(CERTIFICATE_TYPEHASH, certificate)))
        );
        _expectRefusal(
            certificate,
            strangerKey,
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, tester, digest)
        );
    }

    /// @dev A certificate never says more than was measured, and less only by the part of a basis point.
    function testFuzz_CertifiedHealthIsRoundedDown(uint256 measuredWh) external {
        measuredWh = bound(measuredWh, 0, 84_006);
        _certify(certificateOf(packId, uint40(measuredWh)));
        uint256 sohBp = telemetry.healthOf(packId).sohBp;
        assertLe(sohBp * RATED_WH, measuredWh * 10_000, "not above");
        assertLe(measuredWh * 10_000 + 1, (sohBp + 1) * RATED_WH, "not a basis point below");
    }

    function _certify(HealthCertificate memory certificate) private {
        telemetry.certify(certificate, sign(certificate, testerKey));
    }

    function _expectRefusal(HealthCertificate memory certificate, uint256 key, bytes memory fault) private {
        Signature memory signature = sign(certificate, key);
        vm.expectRevert(fault);
        telemetry.certify(certificate, signature);
    }
}

/// @dev rotateDevice
///   ├ pack unknown: ERC721NonexistentToken; retired: NoDevice
///   ├ old key is not the current one, before and after the first reading: NotCurrentDevice
///   ├ new key zero, reserved or the same: BadNewDevice
///   ├ operator did not sign, or consent is not the old key's / the owner's: SignedInvalidSignature
///   ├ late: SignedExpired; second time: the old key is not current any more
///   └ rotated
///       ├ attested by the old key, or vouched for by the owner
///       ├ operator and owner are one: one signature
///       ├ pack without device: the owner vouches
///       └ counter runs on; old key refused, new key believed; rated power is known after a first rotation
/// retireDevice
///   ├ not the pack contract: NotPack
///   └ retired, told, for ever
contract BatteryTelemetryDevicesTest is TelemetryFixture {
    function test_OldKeyAttestsTheNewOne() external {
        telemetry.submit(sign(readingOf(packId, 5), deviceKey));
        DeviceRotation memory rotation = rotationOf(packId, device, spare);
        _expectRotated(rotation, true);
        _rotate(rotation, operatorKey, deviceKey, true);
        assertEq(telemetry.deviceOf(packId), spare, "deviceOf");
        assertEq(telemetry.stateOf(packId).device, spare, "stateOf");
        assertEq(telemetry.stateOf(packId).counter, 5, "counter runs on");
        assertEq(telemetry.stateOf(packId).throughputWh, 88_000, "state stays");
        telemetry.submit(sign(readingOf(packId, 6), spareKey));
        assertEq(telemetry.stateOf(packId).counter, 6, "new key believed");
    }

    function test_OwnerVouchesForADeadDevice() external {
        DeviceRotation memory rotation = rotationOf(packId, device, spare);
        _expectRotated(rotation, false);
        _rotate(rotation, operatorKey, ownerKey, false);
        assertEq(telemetry.deviceOf(packId), spare, "deviceOf");
    }

    function test_OperatorWhoOwnsThePackSignsOnce() external {
        uint256 id = registerPack(operator, device);
        DeviceRotation memory rotation = rotationOf(id, device, spare);
        Signature memory signature = sign(rotation, operatorKey);
        _expectRotated(rotation, false);
        telemetry.rotateDevice(rotation, signature, Signature({key: "", data: ""}), false);
        assertEq(telemetry.deviceOf(id), spare, "deviceOf");
    }

    function test_PackWithoutDeviceGetsOne() external {
        uint256 id = registerPack(owner, address(0));
        DeviceRotation memory rotation = rotationOf(id, address(0), spare);
        _expectRotated(rotation, false);
        _rotate(rotation, operatorKey, ownerKey, false);
        telemetry.submit(sign(readingOf(id, 1), spareKey));
        assertEq(telemetry.stateOf(id).counter, 1, "counter");
    }

    function test_RotationBeforeTheFirstReadingKnowsTheRatedPower() external {
        _rotate(rotationOf(packId, device, spare), operatorKey, deviceKey, true);
        telemetry.submit(sign(readingOf(packId, 1), spareKey));
        Reading memory reading = readingOf(packId, 2);
        reading.throughputWh += 1;
        telemetry.submit(sign(reading, spareKey));
        assertEq(telemetry.stateOf(packId).flags, DeviceFlags.IMPLAUSIBLE_POWER, "marked");
    }

    function test_RotationKeepsTheRatedPowerAndAbuse() external {
        Reading memory reading = readingOf(packId, 1);
        reading.flags = DeviceFlags.TAMPERED;
        telemetry.submit(sign(reading, deviceKey));
        _rotate(rotationOf(packId, device, spare), operatorKey, deviceKey, true);
        reading = readingOf(packId, 2);
        reading.throughputWh += 1;
        telemetry.submit(sign(reading, spareKey));
        assertEq(telemetry.stateOf(packId).flags, DeviceFlags.IMPLAUSIBLE_POWER, "marked");
        assertEq(telemetry.stateOf(packId).abusedAt, EPOCH, "abusedAt");
    }

    /// @dev Attack: key rotation race. A reading by the old key that arrives after the rotation is refused, also when
    /// the old key replaced another one.
    function test_RevertWhen_OldKeySpeaksAfterTheRotation() external {
        SignedReading memory late = sign(readingOf(packId, 6), deviceKey);
        _rotate(rotationOf(packId, device, spare), operatorKey, deviceKey, true);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryBadDeviceSignature.selector, packId, spare)
        );
        telemetry.submit(late);
    }

    function test_RevertWhen_RotationIsReplayed() external {
        DeviceRotation memory rotation = rotationOf(packId, device, spare);
        _rotate(rotation, operatorKey, deviceKey, true);
        _expectRefusal(
            rotation,
            operatorKey,
            deviceKey,
            true,
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNotCurrentDevice.selector, packId, device, spare)
        );
    }

    /// @dev Back to the first key and then the first rotation again: only the nonce stands against it.
    function test_RevertWhen_RotationIsReplayedAfterReturnToTheOldKey() external {
        DeviceRotation memory rotation = rotationOf(packId, device, spare);
        _rotate(rotation, operatorKey, deviceKey, true);
        DeviceRotation memory back = rotationOf(packId, spare, device);
        back.nonce = 4;
        _rotate(back, operatorKey, spareKey, true);
        _expectRefusal(
            rotation,
            operatorKey,
            deviceKey,
            true,
            abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, operator, 3)
        );
    }

    function test_RevertWhen_OldKeyIsNotTheBirthKey() external {
        _expectRefusal(
            rotationOf(packId, stranger, spare),
            operatorKey,
            strangerKey,
            true,
            abi.encodeWithSelector(
                IBatteryTelemetry.BatteryTelemetryNotCurrentDevice.selector,
                packId,
                stranger,
                device
            )
        );
    }

    function test_RevertWhen_NewKeyIsZero() external {
        _expectBadNewDevice(address(0));
    }

    function test_RevertWhen_NewKeyIsReserved() external {
        _expectBadNewDevice(address(1));
    }

    function test_RevertWhen_NewKeyIsTheOldOne() external {
        _expectBadNewDevice(device);
    }

    function test_RevertWhen_PackIsUnknown() external {
        _expectRefusal(
            rotationOf(404, device, spare),
            operatorKey,
            deviceKey,
            true,
            abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 404)
        );
    }

    function test_RevertWhen_DeviceIsRetired() external {
        recyclePack(packId);
        _expectRefusal(
            rotationOf(packId, device, spare),
            operatorKey,
            deviceKey,
            true,
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNoDevice.selector, packId)
        );
    }

    function test_RevertWhen_RotationIsLate() external {
        DeviceRotation memory rotation = rotationOf(packId, device, spare);
        vm.warp(EPOCH + 1 hours + 1);
        _expectRefusal(
            rotation,
            operatorKey,
            deviceKey,
            true,
            abi.encodeWithSelector(ISigned.SignedExpired.selector, EPOCH + 1 hours, EPOCH + 1 hours + 1)
        );
    }

    function test_RevertWhen_OperatorDidNotSign() external {
        _expectBadSigner(packId, rotationOf(packId, device, spare), ownerKey, deviceKey, true, operator);
    }

    function test_RevertWhen_OwnerSignsInPlaceOfTheOldKey() external {
        _expectBadSigner(packId, rotationOf(packId, device, spare), operatorKey, ownerKey, true, device);
    }

    function test_RevertWhen_OldKeySignsInPlaceOfTheOwner() external {
        _expectBadSigner(packId, rotationOf(packId, device, spare), operatorKey, deviceKey, false, owner);
    }

    function test_RevertWhen_NoKeyAttestsForAPackWithoutDevice() external {
        uint256 id = registerPack(owner, address(0));
        _expectBadSigner(id, rotationOf(id, address(0), spare), operatorKey, ownerKey, true, address(0));
    }

    function test_RevertWhen_StrangerRetiresADevice() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNotPack.selector, stranger));
        vm.prank(stranger);
        telemetry.retireDevice(packId);
    }

    function test_PackRetiresItsDevice() external {
        telemetry.submit(sign(readingOf(packId, 3), deviceKey));
        vm.expectEmit(address(telemetry));
        emit IBatteryTelemetry.DeviceRetired(packId);
        vm.prank(address(pack));
        telemetry.retireDevice(packId);
        assertEq(telemetry.deviceOf(packId), address(0), "deviceOf");
        assertEq(telemetry.stateOf(packId).counter, 3, "counter");
        assertEq(telemetry.stateOf(packId).takenAt, EPOCH, "takenAt");
    }

    /// @dev The pack contract's word is enough: the key is out whatever the pack's status says.
    function test_RevertWhen_RetiredDeviceIsRotated() external {
        vm.prank(address(pack));
        telemetry.retireDevice(packId);
        bytes memory fault = abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNoDevice.selector, packId);
        _expectRefusal(rotationOf(packId, address(1), spare), operatorKey, ownerKey, false, fault);
    }

    function _rotate(DeviceRotation memory rotation, uint256 byOperator, uint256 byConsent, bool attested) private {
        telemetry.rotateDevice(rotation, sign(rotation, byOperator), sign(rotation, byConsent), attested);
    }

    function _expectRotated(DeviceRotation memory rotation, bool attested) private {
        vm.expectEmit(address(telemetry));
        emit IBatteryTelemetry.DeviceRotated(rotation.packId, rotation.oldDevice, rotation.newDevice, attested);
    }

    function _expectRefusal(
        DeviceRotation memory rotation,
        uint256 byOperator,
        uint256 byConsent,
        bool attested,
        bytes memory fault
    ) private {
        Signature memory operatorSignature = sign(rotation, byOperator);
        Signature memory consent = sign(rotation, byConsent);
        vm.expectRevert(fault);
        telemetry.rotateDevice(rotation, operatorSignature, consent, attested);
    }

    function _expectBadNewDevice(address newDevice) private {
        _expectRefusal(
            rotationOf(packId, device, newDevice),
            operatorKey,
            deviceKey,
            true,
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryBadNewDevice.selector, packId, newDevice, device)
        );
    }

    function _expectBadSigner(
        uint256 id,
        DeviceRotation memory rotation,
        uint256 byOperator,
        uint256 byConsent,
        bool attested,
        address expected
    ) private {
        bytes32 digest = keccak256(
            abi.encodePacked(hex"1901", telemetryDomain(), keccak256(abi.encode(ROTATION_TYPEHASH, rotation)))
        );
        address before = telemetry.deviceOf(id);
        _expectRefusal(
            rotation,
            byOperator,
            byConsent,
            attested,
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, expected, digest)
        );
        assertEq(telemetry.deviceOf(id), before, "key stays");
        assertFalse(ISigned(address(telemetry)).isNonceUsed(operator, rotation.nonce), "nonce stays");
    }
}

/// @dev commitDayRoot, commitFleetRoot
///   ├ not a collector, or its credential ended: NotCollector with the reason
///   ├ zero root: NothingCommitted
///   ├ committed before: AlreadyCommitted
///   └ committed once and told
/// correctDayRoot, correctFleetRoot
///   ├ not a collector, or its credential ended: NotCollector with the reason
///   ├ zero root, or nothing at the index: NothingCommitted
///   ├ same as what it corrects: AlreadyCommitted
///   └ appended and told; what was there stays
/// verifyEntry
///   ├ uncommitted, other index, other day, wrong or empty proof, inner node, filler: false
///   └ proven
/// verifyFleetEntry
///   ├ uncommitted, other collector, pack or day, wrong proof of either tree: false
///   └ proven
contract BatteryTelemetryRootsTest is TelemetryFixture {
    uint32 private constant DAY = 20_416;
    uint256 private constant MINUTES = 1_440;
    bytes32 private constant ROOT = keccak256("root");
    bytes32 private constant OTHER = keccak256("other root");
    bytes32 private constant REASON = keccak256("reason");

    function test_DayRootIsCommittedOnce() external {
        vm.expectEmit(address(telemetry));
        emit IBatteryTelemetry.DayRootCommitted(packId, DAY, ROOT, 1_440);
        _commitDay(ROOT);
        assertEq(telemetry.dayRoot(packId, DAY, 0), ROOT, "root");
        assertEq(telemetry.dayRoot(packId, DAY, 1), 0, "no correction");
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryAlreadyCommitted.selector, ROOT));
        _commitDay(OTHER);
    }

    function test_DayRootsOfPacksAndDaysStandApart() external {
        _commitDay(ROOT);
        assertEq(telemetry.dayRoot(packId, DAY + 1, 0), 0, "day");
        assertEq(telemetry.dayRoot(packId + 1, DAY, 0), 0, "pack");
    }

    function test_RevertWhen_DayRootIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNothingCommitted.selector, 0));
        _commitDay(0);
    }

    function test_RevertWhen_StrangerCommitsADayRoot() external {
        _expectNoCollector(stranger, Standing.None);
        vm.prank(stranger);
        telemetry.commitDayRoot(packId, DAY, ROOT, 1_440);
    }

    function test_RevertWhen_CollectorsCredentialEnded() external {
        _commitDay(ROOT);
        credentials.set(BatteryCredentials.BATTERY_COLLECTOR, collector, Standing.Suspended);
        vm.startPrank(collector);
        _expectNoCollector(collector, Standing.Suspended);
        telemetry.commitDayRoot(packId, DAY + 1, ROOT, 1_440);
        _expectNoCollector(collector, Standing.Suspended);
        telemetry.correctDayRoot(packId, DAY, 0, OTHER, REASON);
        _expectNoCollector(collector, Standing.Suspended);
        telemetry.commitFleetRoot(490_000, ROOT, 1);
        _expectNoCollector(collector, Standing.Suspended);
        telemetry.correctFleetRoot(490_000, 0, OTHER, REASON);
        vm.stopPrank();
        assertEq(telemetry.dayRoot(packId, DAY, 0), ROOT, "what it committed stays");
    }

    function test_DayCorrectionsAreAppended() external {
        _commitDay(ROOT);
        vm.expectEmit(address(telemetry));
        emit IBatteryTelemetry.DayRootCorrected(packId, DAY, 1, 0, OTHER, REASON);
        vm.prank(collector);
        assertEq(telemetry.correctDayRoot(packId, DAY, 0, OTHER, REASON), 1, "first correction");
        // A correction of the correction may go back to the first root.
        vm.prank(collector);
        assertEq(telemetry.correctDayRoot(packId, DAY, 1, ROOT, REASON), 2, "second correction");
        assertEq(telemetry.dayRoot(packId, DAY, 0), ROOT, "index 0");
        assertEq(telemetry.dayRoot(packId, DAY, 1), OTHER, "index 1");
        assertEq(telemetry.dayRoot(packId, DAY, 2), ROOT, "index 2");
    }

    function test_RevertWhen_ThereIsNoDayRootToCorrect() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNothingCommitted.selector, 0));
        vm.prank(collector);
        telemetry.correctDayRoot(packId, DAY, 0, OTHER, REASON);
        _commitDay(ROOT);
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNothingCommitted.selector, 1));
        vm.prank(collector);
        telemetry.correctDayRoot(packId, DAY, 1, OTHER, REASON);
    }

    function test_RevertWhen_DayCorrectionIsZero() external {
        _commitDay(ROOT);
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNothingCommitted.selector, 0));
        vm.prank(collector);
        telemetry.correctDayRoot(packId, DAY, 0, 0, REASON);
    }

    function test_RevertWhen_DayCorrectionChangesNothing() external {
        _commitDay(ROOT);
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryAlreadyCommitted.selector, ROOT));
        vm.prank(collector);
        telemetry.correctDayRoot(packId, DAY, 0, ROOT, REASON);
    }

    function test_RevertWhen_StrangerCorrectsADayRoot() external {
        _expectNoCollector(stranger, Standing.None);
        vm.prank(stranger);
        telemetry.correctDayRoot(packId, DAY, 0, OTHER, REASON);
    }

    function test_FleetRootIsCommittedOnce() external {
        vm.expectEmit(address(telemetry));
        emit IBatteryTelemetry.FleetRootCommitted(collector, 490_000, ROOT, 1_000_000);
        _commitFleet(ROOT);
        assertEq(telemetry.fleetRoot(collector, 490_000, 0), ROOT, "root");
        assertEq(telemetry.fleetRoot(stranger, 490_000, 0), 0, "another collector's");
        assertEq(telemetry.fleetRoot(collector, 490_001, 0), 0, "another epoch");
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryAlreadyCommitted.selector, ROOT));
        _commitFleet(OTHER);
    }

    function test_RevertWhen_FleetRootIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNothingCommitted.selector, 0));
        _commitFleet(0);
    }

    function test_RevertWhen_StrangerCommitsAFleetRoot() external {
        _expectNoCollector(stranger, Standing.None);
        vm.prank(stranger);
        telemetry.commitFleetRoot(490_000, ROOT, 1);
    }

    function test_FleetCorrectionsAreAppended() external {
        _commitFleet(ROOT);
        vm.expectEmit(address(telemetry));
        emit IBatteryTelemetry.FleetRootCorrected(collector, 490_000, 1, 0, OTHER, REASON);
        vm.prank(collector);
        assertEq(telemetry.correctFleetRoot(490_000, 0, OTHER, REASON), 1, "index");
        assertEq(telemetry.fleetRoot(collector, 490_000, 0), ROOT, "index 0");
        assertEq(telemetry.fleetRoot(collector, 490_000, 1), OTHER, "index 1");
    }

    function test_RevertWhen_ThereIsNoFleetRootToCorrect() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNothingCommitted.selector, 4));
        vm.prank(collector);
        telemetry.correctFleetRoot(490_000, 4, OTHER, REASON);
    }

    function test_RevertWhen_StrangerCorrectsAFleetRoot() external {
        _expectNoCollector(stranger, Standing.None);
        vm.prank(stranger);
        telemetry.correctFleetRoot(490_000, 0, OTHER, REASON);
    }

    /// @dev Case B20 of the case file: 1,440 leaves filled up to 2,048 and a proof of 11.
    function test_CaseB20() external {
        bytes32[] memory leaves = LogTreeBuilder.pad(_dayLeaves(), LogTreeBuilder.EMPTY);
        assertEq(leaves.length, 2_048, "filled up");
        (bytes32 root, bytes32[] memory proof) = LogTreeBuilder.build(leaves, 721);
        assertEq(proof.length, 11, "proof");
        _commitDay(root);

        LogEntry memory entry = _entry(721);
        assertTrue(telemetry.verifyEntry(DAY, 0, entry, proof), "ok");
        proof[5] ^= bytes32(uint256(1));
        assertFalse(telemetry.verifyEntry(DAY, 0, entry, proof), "one bit of the proof flipped");
        proof[5] ^= bytes32(uint256(1));
        entry.payloadHash ^= bytes32(uint256(1));
        assertFalse(telemetry.verifyEntry(DAY, 0, entry, proof), "one bit of the entry flipped");

        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryAlreadyCommitted.selector, root));
        _commitDay(OTHER);

        // The correction tells another story of the minute; both can be proved, each under its index.
        leaves[721] = LogTreeBuilder.leafOf(packId, entry.counter, entry.takenAt, entry.payloadHash);
        (bytes32 corrected, bytes32[] memory newProof) = LogTreeBuilder.build(leaves, 721);
        vm.prank(collector);
        assertEq(telemetry.correctDayRoot(packId, DAY, 0, corrected, REASON), 1, "appended");
        assertEq(telemetry.dayRoot(packId, DAY, 0), root, "old kept");
        assertTrue(telemetry.verifyEntry(DAY, 1, entry, newProof), "new");
        assertFalse(telemetry.verifyEntry(DAY, 0, entry, newProof), "new under the old root");
        assertTrue(telemetry.verifyEntry(DAY, 0, _entry(721), newProof), "old, whose neighbours are the same");
    }

    /// @dev Every leaf of a small day is proven, and by no other leaf's proof.
    function test_EveryEntryHasItsOwnProof() external {
        bytes32[] memory leaves = LogTreeBuilder.pad(_someLeaves(5), LogTreeBuilder.EMPTY);
        (bytes32 root, ) = LogTreeBuilder.build(leaves, 0);
        _commitDay(root);
        for (uint256 i = 0; i < 5; ++i) {
            for (uint256 j = 0; j < leaves.length; ++j) {
                (, bytes32[] memory proof) = LogTreeBuilder.build(leaves, j);
                assertEq(telemetry.verifyEntry(DAY, 0, _entry(i), proof) ? 1 : 0, i == j ? 1 : 0, "own proof");
            }
        }
    }

    /// @dev Attack: leaf/node confusion. An inner node is the hash of 64 bytes; an entry's leaf is the hash of 32. Even
    /// an entry whose fields are chosen freely cannot pass for a node with the rest of a proof.
    function test_InnerNodeIsNoEntry() external {
        bytes32[] memory leaves = _someLeaves(4);
        (bytes32 root, bytes32[] memory proof) = LogTreeBuilder.build(leaves, 0);
        _commitDay(root);
        bytes32[] memory rest = new bytes32[](1);
        rest[0] = proof[1];
        // The bytes of the two leaves, read as a pack and a payload.
        LogEntry memory forged = LogEntry({packId: packId, counter: 0, takenAt: _minute(0), payloadHash: leaves[1]});
        assertFalse(telemetry.verifyEntry(DAY, 0, forged, rest), "forged");
        forged.payloadHash = LogTreeBuilder.node(leaves[0], leaves[1]);
        assertFalse(telemetry.verifyEntry(DAY, 0, forged, rest), "node as payload");
        // A single hash instead of two would have made this pass for a leaf under a root over raw encodings.
        vm.prank(collector);
        telemetry.correctDayRoot(packId, DAY, 0, keccak256(abi.encode(forged)), REASON);
        assertFalse(telemetry.verifyEntry(DAY, 1, forged, new bytes32[](0)), "single hash");
    }

    /// @dev Attack: duplicate leaf padding. A tree filled up with its last entry proves that entry at two places; the
    /// filler of {LogTree} keeps the two trees apart and is itself no entry.
    function test_FillerIsNotADuplicateLeaf() external {
        bytes32[] memory three = _someLeaves(3);
        (bytes32 root, ) = LogTreeBuilder.build(LogTreeBuilder.pad(three, LogTreeBuilder.EMPTY), 2);
        (bytes32 duplicated, bytes32[] memory proofOfDuplicate) = LogTreeBuilder.build(
            LogTreeBuilder.pad(three, three[2]),
            3
        );
        assertTrue(root != duplicated, "roots differ");
        _commitDay(root);
        assertFalse(telemetry.verifyEntry(DAY, 0, _entry(2), proofOfDuplicate), "as the fourth");
    }

    /// @dev Attack: empty proof. It proves only the single entry of a day of one entry.
    function test_EmptyProofProvesNothingButASingleEntry() external {
        (bytes32 root, ) = LogTreeBuilder.build(_someLeaves(4), 0);
        bytes32[] memory empty = new bytes32[](0);
        assertFalse(telemetry.verifyEntry(DAY, 0, _entry(0), empty), "uncommitted");
        _commitDay(root);
        assertFalse(telemetry.verifyEntry(DAY, 0, _entry(0), empty), "one of four");
        bytes32 single = _someLeaves(1)[0];
        vm.prank(collector);
        telemetry.correctDayRoot(packId, DAY, 0, single, REASON);
        assertTrue(telemetry.verifyEntry(DAY, 1, _entry(0), empty), "single");
    }

    function test_EntryOfAnotherDayIsNotProven() external {
        LogEntry memory entry = _entry(0);
        bytes32[] memory empty = new bytes32[](0);
        uint48[4] memory times = [_minute(0), _minute(0) - 1, _minute(1_440) - 1, _minute(1_440)];
        for (uint256 i = 0; i < 4; ++i) {
            entry.takenAt = times[i];
            bytes32 leaf = LogTreeBuilder.leafOf(packId, entry.counter, entry.takenAt, entry.payloadHash);
            vm.prank(collector);
            if (i == 0) telemetry.commitDayRoot(packId, DAY, leaf, 1);
            else telemetry.correctDayRoot(packId, DAY, 0, leaf, REASON);
            bool onDay = i == 0 || i == 2;
            assertEq(telemetry.verifyEntry(DAY, i, entry, empty) ? 1 : 0, onDay ? 1 : 0, "day");
        }
    }

    function test_EntryOfAnotherPackIsNotProven() external {
        (bytes32 root, bytes32[] memory proof) = LogTreeBuilder.build(_someLeaves(4), 1);
        _commitDay(root);
        LogEntry memory entry = _entry(1);
        assertTrue(telemetry.verifyEntry(DAY, 0, entry, proof), "own");
        entry.packId = registerPack(owner, device);
        vm.prank(collector);
        telemetry.commitDayRoot(entry.packId, DAY, root, 4);
        assertFalse(telemetry.verifyEntry(DAY, 0, entry, proof), "another's");
    }

    function test_EntryIsProvenThroughTheFleetRoot() external {
        (FleetEntry memory fleetEntry, bytes32[] memory fleetProof, bytes32[] memory proof) = _fleet();
        LogEntry memory entry = _entry(2);
        assertTrue(_verifyFleet(collector, 490_000, fleetEntry, fleetProof, entry, proof), "ok");
        assertFalse(_verifyFleet(stranger, 490_000, fleetEntry, fleetProof, entry, proof), "collector");
        assertFalse(_verifyFleet(collector, 490_001, fleetEntry, fleetProof, entry, proof), "epoch");
        assertFalse(telemetry.verifyFleetEntry(collector, 490_000, 1, fleetEntry, fleetProof, entry, proof), "index");
        assertFalse(_verifyFleet(collector, 490_000, fleetEntry, new bytes32[](0), entry, proof), "fleet proof");
        assertFalse(_verifyFleet(collector, 490_000, fleetEntry, fleetProof, entry, fleetProof), "entry proof");
        assertFalse(_verifyFleet(collector, 490_000, fleetEntry, fleetProof, _entry(3), proof), "entry");
        fleetEntry.entryCount += 1;
        assertFalse(_verifyFleet(collector, 490_000, fleetEntry, fleetProof, entry, proof), "count");
    }

    /// @dev The collector's tree itself may lie about whose log it is or of which day; the entry's own fields decide.
    function test_FleetEntryMustBeTheEntrysPackAndDay() external {
        bytes32[] memory empty = new bytes32[](0);
        LogEntry memory entry = _entry(0);
        bytes32 logRoot = _someLeaves(1)[0];
        FleetEntry memory fleetEntry = FleetEntry({packId: packId + 1, day: DAY, logRoot: logRoot, entryCount: 1});
        _commitFleet(LogTreeBuilder.fleetLeafOf(packId + 1, DAY, logRoot, 1));
        assertFalse(_verifyFleet(collector, 490_000, fleetEntry, empty, entry, empty), "pack");

        fleetEntry = FleetEntry({packId: packId, day: DAY + 1, logRoot: logRoot, entryCount: 1});
        vm.prank(collector);
        telemetry.commitFleetRoot(490_001, LogTreeBuilder.fleetLeafOf(packId, DAY + 1, logRoot, 1), 1);
        assertFalse(_verifyFleet(collector, 490_001, fleetEntry, empty, entry, empty), "day");

        fleetEntry.day = DAY;
        vm.prank(collector);
        telemetry.commitFleetRoot(490_002, LogTreeBuilder.fleetLeafOf(packId, DAY, logRoot, 1), 1);
        assertTrue(_verifyFleet(collector, 490_002, fleetEntry, empty, entry, empty), "both");
    }

    /// @dev Any entry of any tree of up to 64 is proven, and no longer once a bit of its leaf changes.
    function testFuzz_AnyEntryIsProven(uint256 count, uint256 position, uint256 bit) external {
        count = bound(count, 1, 64);
        position = bound(position, 0, count - 1);
        (bytes32 root, bytes32[] memory proof) = LogTreeBuilder.build(
            LogTreeBuilder.pad(_someLeaves(count), LogTreeBuilder.EMPTY),
            position
        );
        _commitDay(root);
        LogEntry memory entry = _entry(position);
        assertTrue(telemetry.verifyEntry(DAY, 0, entry, proof), "proven");
        entry.payloadHash ^= bytes32(1 << bound(bit, 0, 255));
        assertFalse(telemetry.verifyEntry(DAY, 0, entry, proof), "changed");
    }

    function _commitDay(bytes32 root) private {
        vm.prank(collector);
        telemetry.commitDayRoot(packId, DAY, root, 1_440);
    }

    function _commitFleet(bytes32 root) private {
        vm.prank(collector);
        telemetry.commitFleetRoot(490_000, root, 1_000_000);
    }

    function _verifyFleet(
        address by,
        uint48 epoch,
        FleetEntry memory fleetEntry,
        bytes32[] memory fleetProof,
        LogEntry memory entry,
        bytes32[] memory proof
    ) private view returns (bool proven) {
        return telemetry.verifyFleetEntry(by, epoch, 0, fleetEntry, fleetProof, entry, proof);
    }

    /// @dev A fleet of three packs, the second of which is ours with a day of four entries, of which the third is meant.
    function _fleet()
        private
        returns (FleetEntry memory fleetEntry, bytes32[] memory fleetProof, bytes32[] memory proof)
    {
        bytes32 logRoot;
        (logRoot, proof) = LogTreeBuilder.build(_someLeaves(4), 2);
        fleetEntry = FleetEntry({packId: packId, day: DAY, logRoot: logRoot, entryCount: 4});
        bytes32[] memory fleet = new bytes32[](3);
        fleet[0] = LogTreeBuilder.fleetLeafOf(1, DAY, ROOT, 1_440);
        fleet[1] = LogTreeBuilder.fleetLeafOf(packId, DAY, logRoot, 4);
        fleet[2] = LogTreeBuilder.fleetLeafOf(2, DAY, OTHER, 1_439);
        bytes32 root;
        (root, fleetProof) = LogTreeBuilder.build(LogTreeBuilder.pad(fleet, LogTreeBuilder.EMPTY), 1);
        _commitFleet(root);
    }

    function _minute(uint256 i) private pure returns (uint48 takenAt) {
        return uint48(uint256(DAY) * 1 days + i * 1 minutes);
    }

    function _entry(uint256 i) private view returns (LogEntry memory entry) {
        return
            LogEntry({
                packId: packId,
                counter: uint48(i + 1),
                takenAt: _minute(i),
                payloadHash: keccak256(abi.encode("payload", i))
            });
    }

    function _dayLeaves() private view returns (bytes32[] memory leaves) {
        return _someLeaves(MINUTES);
    }

    function _someLeaves(uint256 count) private view returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            LogEntry memory entry = _entry(i);
            leaves[i] = LogTreeBuilder.leafOf(packId, entry.counter, entry.takenAt, entry.payloadHash);
        }
    }

    function _expectNoCollector(address caller, Standing standing) private {
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNotCollector.selector, caller, standing)
        );
    }
}
