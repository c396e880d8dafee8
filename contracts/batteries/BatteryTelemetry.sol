// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {Signature} from "../authority/ISigned.sol";
import {Signed} from "../authority/Signed.sol";
import {ICredentials, Standing} from "../identity/ICredentials.sol";
import {BatteryCredentials} from "./BatteryCredentials.sol";
import {DeviceFlags} from "./DeviceFlags.sol";
import {DeviceSlots, Head, State} from "./DeviceSlots.sol";
import {IBatteryPack, RatingPlate, Status} from "./IBatteryPack.sol";
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
} from "./IBatteryTelemetry.sol";
import {IDeviceRegistry} from "./IDeviceRegistry.sol";
import {LogTree} from "./LogTree.sol";
import {TelemetryMath} from "./TelemetryMath.sol";

/// @title BatteryTelemetry
/// @notice What packs measured, certified and logged. See {IBatteryTelemetry}.
/// @dev Trust:
/// - A device is believed within the checks of a reading: it can lie about energy and health, but not take anything
///   back, not speak for another pack, and not speak from the future. Its word moves no money but the throughput that
///   a lease bills; marks in the upper 16 bits of the flags tell people where to look.
/// - The verifier contract of an ERC-7913 device key is believed for that device only: its address is part of the key
///   that the pack's operator registered. It is called without power to change state, with a bound on its gas, and only
///   one word of its answer is read, so a hostile one spoils its own reading and no other in the batch.
/// - A device key that has code is no ERC-1271 account here: readings are the hot path, so a reading without `key` is
///   checked as plain ECDSA, directly and against the device's own counter instead of {Signed}'s nonces.
/// - Holders of a BATTERY_TESTER credential are believed about capacity, and together with the operator and owner of a
///   pack they can certify what they like; a lease lets its arbiter rule on it. Accredited issuers choose the testers. A
///   tester that gave its identity to another, or retired it, is none.
/// - Holders of a BATTERY_COLLECTOR credential choose which roots they commit. They cannot change one, only add a visible
///   correction, and cannot forge a reading's signature. A fleet root speaks for its collector alone. A collector that
///   loses its key has the credential suspended by its issuer: giving the identity another owner does not stop the old
///   key here, because asking who owns it would cost every root 6,000 gas.
/// - Keys of devices stand here. As delegates of the devices' identities, asked at every reading, they would cost 8,500
///   gas more a reading, 6,000 more each of 50. A device may have an identity all the same; its key here is replaced by
///   {rotateDevice} alone.
/// - The operator of a pack can replace its device's key with the consent of the old key, or of the pack's tenant (of
///   its owner while it is not leased). Who made the device may know its key: overage of a lease rests on that.
/// - The pack contract is believed about packs, operators and the end of passports. While it is not told to call this
///   contract when a passport ends (BATTERY_WIRING), devices that were heard before go on being believed.
/// - Nobody can pause or upgrade.
///
/// Above 400 lines with its lists of imports and storage: readings, certificates and roots share keys and packs.
contract BatteryTelemetry is IBatteryTelemetry, Signed {
    /// @dev Roots of one day or epoch: written once, corrected by appending.
    struct RootHistory {
        // slot 1
        /// @dev Corrections appended, which is also the index of the latest root.
        uint256 correctionCount;
        // slot 2
        /// @dev Index 0 holds the first root; zero: none.
        mapping(uint256 index => bytes32 root) roots;
    }

    bytes32 private constant READING_TYPEHASH = keccak256(
        "Reading(uint256 packId,uint48 counter,uint48 takenAt,uint48 throughputWh,uint40 remainingWh,uint32 fullCycles,uint16 sohBp,uint16 maxTempDK,uint32 flags,bytes32 logRoot)"
    );
    bytes32 private constant HEALTH_CERTIFICATE_TYPEHASH = keccak256(
        "HealthCertificate(uint256 packId,address tester,uint40 measuredWh,uint48 testedAt,bytes32 methodHash,uint256 nonce,uint48 deadline)"
    );
    bytes32 private constant DEVICE_ROTATION_TYPEHASH = keccak256(
        "DeviceRotation(uint256 packId,address oldDevice,address newDevice,uint256 nonce,uint48 deadline)"
    );

    /// @dev Most readings in one call.
    uint256 private constant MAX_BATCH = 100;
    /// @dev Seconds by which a device's clock may run ahead of the chain.
    uint256 private constant CLOCK_TOLERANCE = 300;
    /// @dev Greatest state of health, basis points: fresh cells hold somewhat more than rated.
    uint256 private constant MAX_SOH_BP = 12_000;
    /// @dev Gas for the verifier of an ERC-7913 key: twice what P-256 costs in plain Solidity, so that chains without
    /// the precompile are served, yet one hostile verifier cannot use up a batch.
    uint256 private constant VERIFIER_GAS = 500_000;
    /// @dev Bytes of an address at the beginning of an ERC-7913 key.
    uint256 private constant VERIFIER_LENGTH = 20;
    /// @dev Stands for the key of a retired device. The address of a precompile, which nobody can sign for.
    address private constant RETIRED = address(1);

    /// @inheritdoc IBatteryTelemetry
    IBatteryPack public immutable pack;
    /// @inheritdoc IBatteryTelemetry
    ICredentials public immutable credentialsContract;

    mapping(uint256 packId => Head head) private _heads;
    mapping(uint256 packId => State state) private _states;
    mapping(uint256 packId => CertifiedHealth health) private _health;
    mapping(uint256 packId => mapping(uint32 day => RootHistory history)) private _dayRoots;
    mapping(address collector => mapping(uint48 epoch => RootHistory history)) private _fleetRoots;

    /// @param pack_ Contract of the packs.
    /// @param credentialsContract_ Contract that tells who is a tester or collector.
    constructor(IBatteryPack pack_, ICredentials credentialsContract_) EIP712("Civitas Battery Telemetry", "1") {
        pack = pack_;
        credentialsContract = credentialsContract_;
    }

    // --- readings

    /// @inheritdoc IBatteryTelemetry
    function submit(SignedReading calldata signedReading) external {
        (ReadingFault fault, uint256 got, uint256 limit) = _take(signedReading, _domainSeparatorV4());
        if (fault != ReadingFault.None) _refuse(signedReading.reading.packId, fault, got, limit);
    }

    /// @inheritdoc IBatteryTelemetry
    function submitMany(SignedReading[] calldata signedReadings) external returns (uint256 accepted) {
        uint256 length = signedReadings.length;
        if (length == 0 || length > MAX_BATCH) revert BatteryTelemetryBadLength(length, MAX_BATCH);
        bytes32 domain = _domainSeparatorV4();
        for (uint256 i = 0; i < length; ++i) {
            SignedReading calldata signedReading = signedReadings[i];
            (ReadingFault fault, uint256 got, uint256 limit) = _take(signedReading, domain);
            if (fault == ReadingFault.None) ++accepted;
            else emit ReadingSkipped(signedReading.reading.packId, i, fault, got, limit);
        }
    }

    // --- certificates

    /// @inheritdoc IBatteryTelemetry
    function certify(HealthCertificate calldata certificate, Signature calldata signature) external {
        uint256 packId = certificate.packId;
        address tester = certificate.tester;
        uint48 testedAt = certificate.testedAt;
        Standing standing = credentialsContract.checkAs(BatteryCredentials.BATTERY_TESTER, tester, tester);
        if (standing != Standing.Current) revert BatteryTelemetryNotTester(tester, standing);
        uint256 last = _health[packId].testedAt;
        if (testedAt <= last) revert BatteryTelemetryCertificateNotNewer(packId, testedAt, last);
        uint256 latest = _latestTime();
        if (testedAt > latest) revert BatteryTelemetryTimeInFuture(packId, testedAt, latest);
        uint256 sohBp = TelemetryMath.sohBpDown(certificate.measuredWh, _livingPack(packId).ratedWh);
        if (sohBp > MAX_SOH_BP) revert BatteryTelemetryOutOfRange(packId, sohBp, MAX_SOH_BP);

        _authorize(
            tester,
            keccak256(abi.encode(HEALTH_CERTIFICATE_TYPEHASH, certificate)),
            certificate.nonce,
            certificate.deadline,
            signature
        );
        // At most MAX_SOH_BP, which fits 16 bits.
        _health[packId] = CertifiedHealth({tester: tester, sohBp: uint16(sohBp), testedAt: testedAt});
        emit HealthCertified(packId, tester, uint16(sohBp), certificate.measuredWh, testedAt, certificate.methodHash);
    }

    // --- devices

    /// @inheritdoc IBatteryTelemetry
    function rotateDevice(
        DeviceRotation calldata rotation,
        Signature calldata operatorSignature,
        Signature calldata consent,
        bool attested
    ) external {
        uint256 packId = rotation.packId;
        RatingPlate memory data = _livingPack(packId);
        Head head = _heads[packId];
        if (head.device() == RETIRED) revert BatteryTelemetryNoDevice(packId);
        bool known = head.device() != address(0);
        address oldDevice = known ? head.device() : data.device;
        if (rotation.oldDevice != oldDevice) {
            revert BatteryTelemetryNotCurrentDevice(packId, rotation.oldDevice, oldDevice);
        }
        address newDevice = rotation.newDevice;
        if (newDevice == address(0) || newDevice == RETIRED || newDevice == oldDevice) {
            revert BatteryTelemetryBadNewDevice(packId, newDevice, oldDevice);
        }

        _authorizeRotation(
            rotation,
            pack.operatorAccount(data.operatorId),
            attested ? oldDevice : _whomItMeasures(packId),
            operatorSignature,
            consent
        );
        _heads[packId] = head.withDevice(newDevice);
        if (!known) _states[packId] = DeviceSlots.packState(data.ratedPowerW, 0);
        emit DeviceRotated(packId, oldDevice, newDevice, attested);
    }

    /// @inheritdoc IDeviceRegistry
    function retireDevice(uint256 packId) external {
        if (msg.sender != address(pack)) revert BatteryTelemetryNotPack(msg.sender);
        _heads[packId] = _heads[packId].withDevice(RETIRED);
        emit DeviceRetired(packId);
    }

    // --- roots

    /// @inheritdoc IBatteryTelemetry
    function commitDayRoot(uint256 packId, uint32 day, bytes32 root, uint32 entryCount) external {
        _requireCollector();
        _commit(_dayRoots[packId][day], root);
        emit DayRootCommitted(packId, day, root, entryCount);
    }

    /// @inheritdoc IBatteryTelemetry
    function correctDayRoot(
        uint256 packId,
        uint32 day,
        uint256 correctsIndex,
        bytes32 root,
        bytes32 reasonHash
    ) external returns (uint256 index) {
        _requireCollector();
        index = _correct(_dayRoots[packId][day], correctsIndex, root);
        emit DayRootCorrected(packId, day, index, correctsIndex, root, reasonHash);
    }

    /// @inheritdoc IBatteryTelemetry
    function commitFleetRoot(uint48 epoch, bytes32 root, uint32 packCount) external {
        _requireCollector();
        _commit(_fleetRoots[msg.sender][epoch], root);
        emit FleetRootCommitted(msg.sender, epoch, root, packCount);
    }

    /// @inheritdoc IBatteryTelemetry
    function correctFleetRoot(
        uint48 epoch,
        uint256 correctsIndex,
        bytes32 root,
        bytes32 reasonHash
    ) external returns (uint256 index) {
        _requireCollector();
        index = _correct(_fleetRoots[msg.sender][epoch], correctsIndex, root);
        emit FleetRootCorrected(msg.sender, epoch, index, correctsIndex, root, reasonHash);
    }

    // --- views

    /// @inheritdoc IBatteryTelemetry
    function stateOf(uint256 packId) external view returns (DeviceState memory state) {
        Head head = _heads[packId];
        State last = _states[packId];
        state.device = head.device() == RETIRED ? address(0) : head.device();
        state.counter = head.counter();
        state.takenAt = head.takenAt();
        state.throughputWh = last.throughputWh();
        state.remainingWh = last.remainingWh();
        state.fullCycles = last.fullCycles();
        state.sohBp = last.sohBp();
        state.maxTempDK = last.maxTempDK();
        state.flags = last.flags();
        state.abusedAt = last.abusedAt();
    }

    /// @inheritdoc IBatteryTelemetry
    function deviceOf(uint256 packId) external view returns (address device) {
        device = _heads[packId].device();
        if (device == address(0)) (device, ) = _birthDevice(packId);
        if (device == RETIRED) device = address(0);
    }

    /// @inheritdoc IBatteryTelemetry
    function healthOf(uint256 packId) external view returns (CertifiedHealth memory health) {
        return _health[packId];
    }

    /// @inheritdoc IBatteryTelemetry
    function dayRoot(uint256 packId, uint32 day, uint256 index) external view returns (bytes32 root) {
        return _dayRoots[packId][day].roots[index];
    }

    /// @inheritdoc IBatteryTelemetry
    function fleetRoot(address collector, uint48 epoch, uint256 index) external view returns (bytes32 root) {
        return _fleetRoots[collector][epoch].roots[index];
    }

    /// @inheritdoc IBatteryTelemetry
    function verifyEntry(
        uint32 day,
        uint256 index,
        LogEntry calldata entry,
        bytes32[] calldata proof
    ) external view returns (bool proven) {
        return _isEntryOf(_dayRoots[entry.packId][day].roots[index], day, entry, proof);
    }

    /// @inheritdoc IBatteryTelemetry
    function verifyFleetEntry(
        address collector,
        uint48 epoch,
        uint256 index,
        FleetEntry calldata fleetEntry,
        bytes32[] calldata fleetProof,
        LogEntry calldata entry,
        bytes32[] calldata proof
    ) external view returns (bool proven) {
        bytes32 root = _fleetRoots[collector][epoch].roots[index];
        return
            fleetEntry.packId == entry.packId &&
            MerkleProof.verifyCalldata(fleetProof, root, LogTree.leaf(fleetEntry)) &&
            _isEntryOf(fleetEntry.logRoot, fleetEntry.day, entry, proof);
    }

    // --- internals that write

    /// @dev Records a reading unless it has a fault, which is returned with the offending value and what it was checked
    /// against. Never reverts over what a device, verifier or unknown pack does.
    function _take(
        SignedReading calldata signedReading,
        bytes32 domain
    ) private returns (ReadingFault fault, uint256 got, uint256 limit) {
        Reading memory reading = signedReading.reading;
        uint256 packId = reading.packId;
        Head head = _heads[packId];
        State last = _states[packId];
        if (head.device() == address(0)) {
            (address device, uint32 ratedPowerW) = _birthDevice(packId);
            (head, last) = (DeviceSlots.packHead(device, 0, 0), DeviceSlots.packState(ratedPowerW, 0));
        }
        (fault, got, limit) = _check(reading, head, last);
        if (fault != ReadingFault.None) return (fault, got, limit);
        got = _signer(signedReading, reading, domain, head.device());
        limit = uint160(head.device());
        if (got != limit) return (ReadingFault.BadDeviceSignature, got, limit);
        _record(reading, head, last);
    }

    /// @dev Stores a reading that passed every check and tells of it.
    function _record(Reading memory reading, Head head, State last) private {
        uint256 packId = reading.packId;
        uint48 counter = reading.counter;
        uint48 takenAt = reading.takenAt;
        uint32 flags = (reading.flags & DeviceFlags.DEVICE_MASK) | _marks(reading, head, last);
        // No later than 300 seconds from now, which fits 40 bits for 34,000 years.
        uint40 abusedAt = flags & DeviceFlags.ABUSE == 0 ? last.abusedAt() : uint40(takenAt);
        _heads[packId] = DeviceSlots.packHead(head.device(), counter, takenAt);
        _states[packId] = DeviceSlots.packState(last.ratedPowerW(), abusedAt).withReading(
            reading.throughputWh,
            reading.remainingWh,
            reading.fullCycles,
            reading.sohBp,
            reading.maxTempDK,
            flags
        );
        _announce(reading, flags);
        uint48 lastCounter = head.counter();
        // The counter is above the last one.
        unchecked {
            if (lastCounter != 0 && counter - lastCounter > 1) {
                emit ReadingGap(packId, counter, counter - lastCounter - 1);
            }
        }
    }

    function _announce(Reading memory reading, uint32 flags) private {
        emit ReadingAccepted(
            reading.packId,
            reading.counter,
            reading.takenAt,
            reading.throughputWh,
            reading.remainingWh,
            reading.fullCycles,
            reading.sohBp,
            reading.maxTempDK,
            flags,
            reading.logRoot
        );
    }

    /// @dev Accepts the operator's and the consenting account's signatures. One account signs once for both: its second
    /// signature could not use the same nonce and would say nothing new.
    function _authorizeRotation(
        DeviceRotation calldata rotation,
        address operator,
        address consenter,
        Signature calldata operatorSignature,
        Signature calldata consent
    ) private {
        bytes32 structHash = keccak256(abi.encode(DEVICE_ROTATION_TYPEHASH, rotation));
        _authorize(operator, structHash, rotation.nonce, rotation.deadline, operatorSignature);
        if (consenter != operator) _authorize(consenter, structHash, rotation.nonce, rotation.deadline, consent);
    }

    function _commit(RootHistory storage history, bytes32 root) private {
        if (root == bytes32(0)) revert BatteryTelemetryNothingCommitted(0);
        bytes32 standing = history.roots[0];
        if (standing != bytes32(0)) revert BatteryTelemetryAlreadyCommitted(standing);
        history.roots[0] = root;
    }

    function _correct(
        RootHistory storage history,
        uint256 correctsIndex,
        bytes32 root
    ) private returns (uint256 index) {
        bytes32 corrected = history.roots[correctsIndex];
        if (root == bytes32(0) || corrected == bytes32(0)) revert BatteryTelemetryNothingCommitted(correctsIndex);
        if (root == corrected) revert BatteryTelemetryAlreadyCommitted(corrected);
        index = ++history.correctionCount;
        history.roots[index] = root;
    }

    // --- internals that read

    function _requireCollector() private view {
        if (credentialsContract.holds(BatteryCredentials.BATTERY_COLLECTOR, msg.sender)) return;
        revert BatteryTelemetryNotCollector(
            msg.sender,
            credentialsContract.check(BatteryCredentials.BATTERY_COLLECTOR, msg.sender)
        );
    }

    /// @dev Everything about a reading but its signature, in the order of {ReadingFault}.
    function _check(
        Reading memory reading,
        Head head,
        State last
    ) private view returns (ReadingFault fault, uint256 got, uint256 limit) {
        if (head.device() == address(0) || head.device() == RETIRED) return (ReadingFault.NoDevice, 0, 0);
        (got, limit) = (reading.counter, head.counter());
        if (got <= limit) return (ReadingFault.CounterNotIncreasing, got, limit);
        (got, limit) = (reading.takenAt, head.takenAt());
        if (got < limit) return (ReadingFault.TimeBackwards, got, limit);
        limit = _latestTime();
        if (got > limit) return (ReadingFault.TimeInFuture, got, limit);
        (got, limit) = (reading.throughputWh, last.throughputWh());
        if (got < limit) return (ReadingFault.ThroughputDecreased, got, limit);
        (got, limit) = (reading.fullCycles, last.fullCycles());
        if (got < limit) return (ReadingFault.CyclesDecreased, got, limit);
        (got, limit) = (reading.sohBp, MAX_SOH_BP);
        if (got > limit) return (ReadingFault.OutOfRange, got, limit);
    }

    /// @dev Account that signed the reading, as a number; zero or any other than `device` when `device` did not.
    function _signer(
        SignedReading calldata signedReading,
        Reading memory reading,
        bytes32 domain,
        address device
    ) private view returns (uint256 signer) {
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(READING_TYPEHASH, reading)));
        bytes calldata key = signedReading.key;
        if (key.length == 0) {
            (address recovered, , ) = ECDSA.tryRecoverCalldata(digest, signedReading.signature);
            return uint160(recovered);
        }
        // As in {Signed}: the low 20 bytes of the hash.
        signer = uint160(uint256(keccak256(key)));
        if (signer != uint160(device) || !_isVerified(key, digest, signedReading.signature)) return 0;
    }

    /// @dev What SignatureChecker does for an ERC-7913 key, with a bound on the verifier's gas and on what is read of
    /// its answer: in a batch, neither may be at the cost of the other readings.
    function _isVerified(
        bytes calldata key,
        bytes32 digest,
        bytes calldata signature
    ) private view returns (bool verified) {
        if (key.length <= VERIFIER_LENGTH) return false;
        bytes4 magic = IERC7913SignatureVerifier.verify.selector;
        address verifier = address(bytes20(key));
        bytes memory data = abi.encodeCall(
            IERC7913SignatureVerifier.verify,
            (key[VERIFIER_LENGTH:], digest, signature)
        );
        // Reads `data` within its length; writes only the first word of the scratch space.
        assembly ("memory-safe") {
            let success := staticcall(VERIFIER_GAS, verifier, add(data, 0x20), mload(data), 0x00, 0x20)
            verified := and(success, and(gt(returndatasize(), 0x1f), eq(mload(0x00), magic)))
        }
    }

    /// @dev Key and rated power that the pack was born with; zero for an unknown pack, one without device, and one whose
    /// passport ended before this contract was told of ends.
    function _birthDevice(uint256 packId) private view returns (address device, uint32 ratedPowerW) {
        RatingPlate memory plate = pack.plateOf(packId);
        if (!_hasEnded(plate.status)) return (plate.device, plate.ratedPowerW);
    }

    /// @dev A pack whose passport has not ended. Reverts with ERC721NonexistentToken for an unknown one.
    function _livingPack(uint256 packId) private view returns (RatingPlate memory plate) {
        plate = pack.plateOf(packId);
        if (plate.status == Status.None) revert IERC721Errors.ERC721NonexistentToken(packId);
        if (_hasEnded(plate.status)) revert BatteryTelemetryNoDevice(packId);
    }

    /// @dev Who must agree to a new key when the old one is dead: the tenant, who pays by what the device measures, or
    /// the owner of a pack that is not leased.
    function _whomItMeasures(uint256 packId) private view returns (address account) {
        account = pack.tenantOf(packId);
        if (account == address(0)) account = pack.ownerOf(packId);
    }

    /// @dev Latest time that a reading or test may carry.
    function _latestTime() private view returns (uint256 latest) {
        // Devices report by the clock; a block's time is off by seconds, the tolerance is minutes.
        // solhint-disable-next-line not-rely-on-time
        return block.timestamp + CLOCK_TOLERANCE;
    }

    // --- internals that only compute

    /// @dev What makes the reading implausible; a first one has nothing to be compared with but the heat limit.
    function _marks(Reading memory reading, Head head, State last) private pure returns (uint32 marks) {
        marks = TelemetryMath.heatMark(reading.maxTempDK);
        if (head.counter() == 0) return marks;
        // Time and throughput are no smaller than the last ones.
        unchecked {
            marks |= TelemetryMath.powerMark(
                reading.throughputWh - last.throughputWh(),
                reading.takenAt - head.takenAt(),
                last.ratedPowerW()
            );
        }
        marks |= TelemetryMath.healthMark(reading.sohBp, last.sohBp());
    }

    /// @dev Reverts with the error named like the fault.
    function _refuse(uint256 packId, ReadingFault fault, uint256 got, uint256 limit) private pure {
        if (fault == ReadingFault.NoDevice) revert BatteryTelemetryNoDevice(packId);
        if (fault == ReadingFault.CounterNotIncreasing) {
            revert BatteryTelemetryCounterNotIncreasing(packId, got, limit);
        }
        if (fault == ReadingFault.TimeBackwards) revert BatteryTelemetryTimeBackwards(packId, got, limit);
        if (fault == ReadingFault.TimeInFuture) revert BatteryTelemetryTimeInFuture(packId, got, limit);
        if (fault == ReadingFault.ThroughputDecreased) {
            revert BatteryTelemetryThroughputDecreased(packId, got, limit);
        }
        if (fault == ReadingFault.CyclesDecreased) revert BatteryTelemetryCyclesDecreased(packId, got, limit);
        if (fault == ReadingFault.OutOfRange) revert BatteryTelemetryOutOfRange(packId, got, limit);
        // `limit` was widened from the device's address.
        revert BatteryTelemetryBadDeviceSignature(packId, address(uint160(limit)));
    }

    function _hasEnded(Status status) private pure returns (bool ended) {
        return status == Status.Recycled || status == Status.Superseded;
    }

    /// @dev Whether `entry` was made on `day` and its leaf stands under `root`. No proof leads to a root of zero.
    function _isEntryOf(
        bytes32 root,
        uint32 day,
        LogEntry calldata entry,
        bytes32[] calldata proof
    ) private pure returns (bool proven) {
        return entry.takenAt / 1 days == day && MerkleProof.verifyCalldata(proof, root, LogTree.leaf(entry));
    }
}
