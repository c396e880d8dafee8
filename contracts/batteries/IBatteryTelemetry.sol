// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Signature} from "../authority/ISigned.sol";
import {ICredentials, Standing} from "../identity/ICredentials.sol";
import {IBatteryPack} from "./IBatteryPack.sol";
import {IDeviceRegistry} from "./IDeviceRegistry.sol";

/// @notice Why a reading is refused.
enum ReadingFault {
    None,
    NoDevice,
    CounterNotIncreasing,
    TimeBackwards,
    TimeInFuture,
    ThroughputDecreased,
    CyclesDecreased,
    OutOfRange,
    BadDeviceSignature
}

/// @notice One reading of a pack's monitoring device (EIP-712 message `Reading`).
struct Reading {
    uint256 packId;
    /// @dev Counts up by one with every reading the device makes; a gap is allowed and shows.
    uint48 counter;
    /// @dev Unix time of the reading.
    uint48 takenAt;
    /// @dev Energy discharged over the pack's life, Wh.
    uint48 throughputWh;
    /// @dev Energy left in the pack, Wh.
    uint40 remainingWh;
    /// @dev Full equivalent cycles over the pack's life.
    uint32 fullCycles;
    /// @dev State of health as the device estimates it, basis points of rated energy, 0 to 12,000.
    uint16 sohBp;
    /// @dev Greatest cell temperature since the last reading, tenths of a kelvin; zero: not measured.
    uint16 maxTempDK;
    /// @dev What the device saw since the last reading, see {DeviceFlags}.
    uint32 flags;
    /// @dev Root of the device's log of the day so far, see {LogTree}; zero: no log.
    bytes32 logRoot;
}

/// @notice A reading with its device's signature.
struct SignedReading {
    Reading reading;
    /// @dev Empty for a secp256k1 key; otherwise the ERC-7913 key (verifier's address, then the key, for instance the
    /// 64 bytes of a P-256 public key).
    bytes key;
    bytes signature;
}

/// @notice Latest reading of a pack as stored.
struct DeviceState {
    /// @dev Current key of the device; zero until the first reading or rotation, and for a retired device.
    address device;
    uint48 counter;
    uint48 takenAt;
    uint48 throughputWh;
    uint40 remainingWh;
    uint32 fullCycles;
    uint16 sohBp;
    uint16 maxTempDK;
    uint32 flags;
    /// @dev Unix time of the latest reading that told of abuse; zero: never.
    uint40 abusedAt;
}

/// @notice A measured capacity (EIP-712 message `HealthCertificate`).
struct HealthCertificate {
    uint256 packId;
    /// @dev Account of an accredited tester, whose signature it is.
    address tester;
    /// @dev Energy measured in the capacity test, Wh.
    uint40 measuredWh;
    /// @dev Unix time of the test: later than that of the certificate before, not in the future.
    uint48 testedAt;
    /// @dev keccak256 of the document that describes the test method.
    bytes32 methodHash;
    uint256 nonce;
    uint48 deadline;
}

/// @notice The latest certificate of a pack as stored.
struct CertifiedHealth {
    address tester;
    /// @dev floor(measuredWh * 10,000 / ratedWh).
    uint16 sohBp;
    /// @dev Zero: never certified.
    uint48 testedAt;
}

/// @notice A new key for a pack's device (EIP-712 message `DeviceRotation`).
struct DeviceRotation {
    uint256 packId;
    address oldDevice;
    address newDevice;
    uint256 nonce;
    uint48 deadline;
}

/// @notice One entry of a device's log of a day.
struct LogEntry {
    uint256 packId;
    uint48 counter;
    uint48 takenAt;
    /// @dev keccak256 of the salted values.
    bytes32 payloadHash;
}

/// @notice One pack's day in a fleet tree.
struct FleetEntry {
    uint256 packId;
    /// @dev Days since 1 January 1970.
    uint32 day;
    bytes32 logRoot;
    /// @dev Log entries of the day.
    uint32 entryCount;
}

/// @title IBatteryTelemetry
/// @notice What packs measured: readings signed by their devices, capacities certified by accredited testers, and
/// roots of logs from which any single minute can be proved.
/// @dev Readings are relayed by anybody: the device's signature is the authority. They are verified directly, with the
/// device's own counter in place of the nonces and deadline of {Signed}, because they are the hot path.
///
/// Estimated and certified state of health are never mixed: only certificates move money.
interface IBatteryTelemetry is IDeviceRegistry {
    /// @notice A reading was accepted.
    /// @param packId The pack.
    /// @param counter Counter of the reading.
    /// @param takenAt Unix time of the reading.
    /// @param throughputWh Energy discharged over the pack's life, Wh.
    /// @param remainingWh Energy left, Wh.
    /// @param fullCycles Full equivalent cycles.
    /// @param sohBp Estimated state of health, basis points.
    /// @param maxTempDK Greatest cell temperature, tenths of a kelvin.
    /// @param flags What the device saw, with the plausibility marks of this contract in the upper 16 bits.
    /// @param logRoot Root of the device's log of the day so far.
    event ReadingAccepted(
        uint256 indexed packId,
        uint48 counter,
        uint48 takenAt,
        uint48 throughputWh,
        uint40 remainingWh,
        uint32 fullCycles,
        uint16 sohBp,
        uint16 maxTempDK,
        uint32 flags,
        bytes32 logRoot
    );

    /// @notice Readings between the last one and this one never arrived.
    /// @param packId The pack.
    /// @param counter Counter of the reading that arrived.
    /// @param missed Counters skipped.
    event ReadingGap(uint256 indexed packId, uint48 counter, uint48 missed);

    /// @notice A reading in a batch was refused and left out; the rest of the batch stands.
    /// @param packId The pack.
    /// @param index Place in the batch.
    /// @param fault Why.
    /// @param got Offending value; for a bad signature the account that signed, zero if none can be told.
    /// @param limit What it was checked against; for a bad signature the device's key.
    event ReadingSkipped(uint256 indexed packId, uint256 index, ReadingFault fault, uint256 got, uint256 limit);

    /// @notice An accredited tester certified a pack's capacity.
    /// @param packId The pack.
    /// @param tester Account of the tester.
    /// @param sohBp Certified state of health, basis points.
    /// @param measuredWh Energy measured, Wh.
    /// @param testedAt Unix time of the test.
    /// @param methodHash keccak256 of the description of the method.
    event HealthCertified(
        uint256 indexed packId,
        address indexed tester,
        uint16 sohBp,
        uint40 measuredWh,
        uint48 testedAt,
        bytes32 methodHash
    );

    /// @notice A pack's device signs with another key from now on.
    /// @param packId The pack.
    /// @param oldDevice Key until now.
    /// @param newDevice Key from now on.
    /// @param attested True when the old key agreed; false when tenant or owner vouched for a
    /// dead device.
    event DeviceRotated(uint256 indexed packId, address indexed oldDevice, address indexed newDevice, bool attested);

    /// @notice A pack's device is believed no more.
    /// @param packId The pack.
    event DeviceRetired(uint256 indexed packId);

    /// @notice The root of one pack's log of one day was committed.
    /// @param packId The pack.
    /// @param day Days since 1 January 1970.
    /// @param root Root of the log tree.
    /// @param entryCount Log entries of the day.
    event DayRootCommitted(uint256 indexed packId, uint32 indexed day, bytes32 root, uint32 entryCount);

    /// @notice A committed day root was corrected; the old one is kept.
    /// @param packId The pack.
    /// @param day Days since 1 January 1970.
    /// @param index Index of the new root: 1 for the first correction.
    /// @param correctsIndex Index of the root that it corrects.
    /// @param root New root.
    /// @param reasonHash keccak256 of the off-chain record that gives the reason.
    event DayRootCorrected(
        uint256 indexed packId,
        uint32 indexed day,
        uint256 index,
        uint256 correctsIndex,
        bytes32 root,
        bytes32 reasonHash
    );

    /// @notice The root of a whole fleet's logs was committed.
    /// @param collector Who committed it.
    /// @param epoch Collector's number of the epoch.
    /// @param root Root over the {FleetEntry} leaves.
    /// @param packCount Packs in the tree.
    event FleetRootCommitted(address indexed collector, uint48 indexed epoch, bytes32 root, uint32 packCount);

    /// @notice A committed fleet root was corrected; the old one is kept.
    /// @param collector Who committed it.
    /// @param epoch Collector's number of the epoch.
    /// @param index Index of the new root: 1 for the first correction.
    /// @param correctsIndex Index of the root that it corrects.
    /// @param root New root.
    /// @param reasonHash keccak256 of the off-chain record that gives the reason.
    event FleetRootCorrected(
        address indexed collector,
        uint48 indexed epoch,
        uint256 index,
        uint256 correctsIndex,
        bytes32 root,
        bytes32 reasonHash
    );

    /// @notice The pack has no device, or its passport has ended.
    /// @param packId The pack.
    error BatteryTelemetryNoDevice(uint256 packId);

    /// @notice The counter is not above the last one.
    /// @param packId The pack.
    /// @param got Counter of the reading.
    /// @param last Counter of the last accepted reading.
    error BatteryTelemetryCounterNotIncreasing(uint256 packId, uint256 got, uint256 last);

    /// @notice The reading was made before the last one.
    /// @param packId The pack.
    /// @param got Time of the reading.
    /// @param last Time of the last accepted reading.
    error BatteryTelemetryTimeBackwards(uint256 packId, uint256 got, uint256 last);

    /// @notice The reading comes from the future.
    /// @param packId The pack.
    /// @param got Time of the reading.
    /// @param limit Latest time allowed: 300 seconds from now.
    error BatteryTelemetryTimeInFuture(uint256 packId, uint256 got, uint256 limit);

    /// @notice The lifetime throughput went down.
    /// @param packId The pack.
    /// @param got Throughput of the reading, Wh.
    /// @param last Throughput of the last accepted reading, Wh.
    error BatteryTelemetryThroughputDecreased(uint256 packId, uint256 got, uint256 last);

    /// @notice The lifetime cycles went down.
    /// @param packId The pack.
    /// @param got Cycles of the reading.
    /// @param last Cycles of the last accepted reading.
    error BatteryTelemetryCyclesDecreased(uint256 packId, uint256 got, uint256 last);

    /// @notice The state of health is out of range.
    /// @param packId The pack.
    /// @param got State of health, basis points.
    /// @param limit Greatest allowed.
    error BatteryTelemetryOutOfRange(uint256 packId, uint256 got, uint256 limit);

    /// @notice The signature is not that of the pack's current device.
    /// @param packId The pack.
    /// @param device Key that was to have signed.
    error BatteryTelemetryBadDeviceSignature(uint256 packId, address device);

    /// @notice The list has no entry or more than the bound.
    /// @param length Entries given.
    /// @param limit Most entries allowed.
    error BatteryTelemetryBadLength(uint256 length, uint256 limit);

    /// @notice The signer does not hold a BATTERY_TESTER credential.
    /// @param tester The signer.
    /// @param standing Why not.
    error BatteryTelemetryNotTester(address tester, Standing standing);

    /// @notice The caller does not hold a BATTERY_COLLECTOR credential.
    /// @param caller Who called.
    /// @param standing Why not.
    error BatteryTelemetryNotCollector(address caller, Standing standing);

    /// @notice The test is no later than the one certified before.
    /// @param packId The pack.
    /// @param testedAt Time of the test.
    /// @param last Time of the certified test.
    error BatteryTelemetryCertificateNotNewer(uint256 packId, uint256 testedAt, uint256 last);

    /// @notice The rotation names a key that is not the pack's current one.
    /// @param packId The pack.
    /// @param oldDevice Key named.
    /// @param device Current key.
    error BatteryTelemetryNotCurrentDevice(uint256 packId, address oldDevice, address device);

    /// @notice The new key is zero, reserved (address 1), or the one that the pack has.
    /// @param packId The pack.
    /// @param newDevice Key named.
    /// @param device Current key.
    error BatteryTelemetryBadNewDevice(uint256 packId, address newDevice, address device);

    /// @notice A root for this day or epoch stands already and only a correction can follow, or a correction equals the
    /// root that it corrects.
    /// @param root The root that stands.
    error BatteryTelemetryAlreadyCommitted(bytes32 root);

    /// @notice There is no root with this index to correct, or the root given is zero.
    /// @param index Index named.
    error BatteryTelemetryNothingCommitted(uint256 index);

    /// @notice The caller is not the pack contract.
    /// @param caller Who called.
    error BatteryTelemetryNotPack(address caller);

    // --- readings

    /// @notice Records a device's reading. Anybody may relay it.
    /// @dev Soft plausibility marks never revert. Emits {ReadingAccepted}, and {ReadingGap} when counters were skipped.
    /// Reverts with the error named like the {ReadingFault}, tested in the enum's order.
    /// @param signedReading The reading and its signature.
    function submit(SignedReading calldata signedReading) external;

    /// @notice Records up to 100 readings. A bad one is left out and named in {ReadingSkipped}.
    /// @dev Anybody. Emits as {submit} for each accepted one. Reverts only with {BatteryTelemetryBadLength}: no device,
    /// verifier or pack can stop the readings of others. A relayer provides 500,000 gas for every reading with a `key`
    /// whose verifier it does not know; with less, a good reading may be skipped and can be sent again.
    /// @param signedReadings Readings and signatures.
    /// @return accepted Number of readings recorded.
    function submitMany(SignedReading[] calldata signedReadings) external returns (uint256 accepted);

    // --- certificates

    /// @notice Records a certified capacity. Anybody may relay it.
    /// @dev Emits {HealthCertified}. Reverts with {BatteryTelemetryNotTester}, {BatteryTelemetryCertificateNotNewer},
    /// {BatteryTelemetryTimeInFuture}, {BatteryTelemetryOutOfRange}, {BatteryTelemetryNoDevice} for a retired pack,
    /// ERC721NonexistentToken for an unknown one, and the errors of {ISigned}.
    /// @param certificate The certificate.
    /// @param signature The tester's.
    function certify(HealthCertificate calldata certificate, Signature calldata signature) external;

    // --- devices

    /// @notice Gives a pack's device a new key. Anybody may relay it.
    /// @dev The operator answerable for the pack must sign, and with it either the old key or, when the device is dead,
    /// the pack's tenant (its owner while it is not leased); the event tells which. Both sign the same message, each with the nonce of that number of its
    /// own; where operator and consenting account are one, its signature as operator serves and `consent` is ignored. A
    /// pack without device has a zero old key, so only its owner can consent. The counter runs on. Emits
    /// {DeviceRotated}. Reverts with {BatteryTelemetryNotCurrentDevice}, {BatteryTelemetryBadNewDevice},
    /// {BatteryTelemetryNoDevice} for a retired pack, ERC721NonexistentToken for an unknown one, and the errors of
    /// {ISigned}.
    /// @param rotation The rotation.
    /// @param operatorSignature Of the operator's account.
    /// @param consent Of the old key or, with `attested` false, of the pack's tenant or owner.
    /// @param attested Whether `consent` is the old key's.
    function rotateDevice(
        DeviceRotation calldata rotation,
        Signature calldata operatorSignature,
        Signature calldata consent,
        bool attested
    ) external;

    // --- roots

    /// @notice Commits the root of one pack's log of one day, once. Only a holder of BATTERY_COLLECTOR.
    /// @dev Emits {DayRootCommitted}. Reverts with {BatteryTelemetryNotCollector},
    /// {BatteryTelemetryAlreadyCommitted}, and {BatteryTelemetryNothingCommitted} for a zero root.
    /// @param packId The pack.
    /// @param day Days since 1 January 1970.
    /// @param root Root of the log tree.
    /// @param entryCount Log entries of the day.
    function commitDayRoot(uint256 packId, uint32 day, bytes32 root, uint32 entryCount) external;

    /// @notice Appends a correction of a day root; nothing is overwritten. Only a holder of BATTERY_COLLECTOR.
    /// @dev Emits {DayRootCorrected}. Reverts with {BatteryTelemetryNotCollector},
    /// {BatteryTelemetryNothingCommitted}, and {BatteryTelemetryAlreadyCommitted} for a correction that changes nothing.
    /// @param packId The pack.
    /// @param day Days since 1 January 1970.
    /// @param correctsIndex Index of the root corrected: 0 for the first one.
    /// @param root New root.
    /// @param reasonHash keccak256 of the off-chain record that gives the reason.
    /// @return index Index of the new root.
    function correctDayRoot(
        uint256 packId,
        uint32 day,
        uint256 correctsIndex,
        bytes32 root,
        bytes32 reasonHash
    ) external returns (uint256 index);

    /// @notice Commits the root of the caller's whole fleet for an epoch, once. Only a holder of BATTERY_COLLECTOR.
    /// @dev Costs the same for any number of packs. Emits {FleetRootCommitted}. Reverts as {commitDayRoot}.
    /// @param epoch The caller's number of the epoch, for instance hours since 1970.
    /// @param root Root over the {FleetEntry} leaves.
    /// @param packCount Packs in the tree.
    function commitFleetRoot(uint48 epoch, bytes32 root, uint32 packCount) external;

    /// @notice Appends a correction of one of the caller's fleet roots. Only a holder of BATTERY_COLLECTOR.
    /// @dev Emits {FleetRootCorrected}. Reverts as {correctDayRoot}.
    /// @param epoch The caller's number of the epoch.
    /// @param correctsIndex Index of the root corrected: 0 for the first one.
    /// @param root New root.
    /// @param reasonHash keccak256 of the off-chain record that gives the reason.
    /// @return index Index of the new root.
    function correctFleetRoot(
        uint48 epoch,
        uint256 correctsIndex,
        bytes32 root,
        bytes32 reasonHash
    ) external returns (uint256 index);

    // --- views

    /// @notice Contract that tells who is a tester or collector.
    /// @return registry The contract.
    function credentialsContract() external view returns (ICredentials registry);

    /// @notice Contract of the packs.
    /// @return packs The contract.
    function pack() external view returns (IBatteryPack packs);

    /// @notice The latest reading of a pack.
    /// @param packId The pack.
    /// @return state All zero before the first reading, but for the key after a rotation.
    function stateOf(uint256 packId) external view returns (DeviceState memory state);

    /// @notice Key of a pack's device now.
    /// @param packId The pack.
    /// @return device Zero when the pack has none, is unknown, or its passport has ended.
    function deviceOf(uint256 packId) external view returns (address device);

    /// @notice The latest certificate of a pack.
    /// @param packId The pack.
    /// @return health All zero when never certified.
    function healthOf(uint256 packId) external view returns (CertifiedHealth memory health);

    /// @notice A root of one pack's day.
    /// @param packId The pack.
    /// @param day Days since 1 January 1970.
    /// @param index 0 for the first root, above for corrections.
    /// @return root Zero for none.
    function dayRoot(uint256 packId, uint32 day, uint256 index) external view returns (bytes32 root);

    /// @notice A root of a collector's fleet.
    /// @param collector Who committed it.
    /// @param epoch Collector's number of the epoch.
    /// @param index 0 for the first root, above for corrections.
    /// @return root Zero for none.
    function fleetRoot(address collector, uint48 epoch, uint256 index) external view returns (bytes32 root);

    /// @notice Whether one entry stands in a pack's committed log of a day.
    /// @param day Days since 1 January 1970.
    /// @param index 0 for the first root, above for corrections.
    /// @param entry The entry.
    /// @param proof Merkle proof of its leaf: 11 hashes for a day of 1,440 minutes.
    /// @return proven False for a wrong proof or an uncommitted day.
    function verifyEntry(
        uint32 day,
        uint256 index,
        LogEntry calldata entry,
        bytes32[] calldata proof
    ) external view returns (bool proven);

    /// @notice Whether one entry stands in a day's log that stands in a committed fleet root.
    /// @param collector Who committed the root.
    /// @param epoch Collector's number of the epoch.
    /// @param index 0 for the first root, above for corrections.
    /// @param fleetEntry The pack's day; its pack must be the entry's.
    /// @param fleetProof Merkle proof of the day's leaf.
    /// @param entry The entry.
    /// @param proof Merkle proof of the entry's leaf in the day's log.
    /// @return proven False for a wrong proof or an uncommitted epoch.
    function verifyFleetEntry(
        address collector,
        uint48 epoch,
        uint256 index,
        FleetEntry calldata fleetEntry,
        bytes32[] calldata fleetProof,
        LogEntry calldata entry,
        bytes32[] calldata proof
    ) external view returns (bool proven);
}
