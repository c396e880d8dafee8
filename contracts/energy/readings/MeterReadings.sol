// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Signature} from "../../authority/ISigned.sol";
import {Signed} from "../../authority/Signed.sol";
import {ICredentialRegistry} from "../../identity/ICredentialRegistry.sol";
import {IIdentities} from "../../identity/IIdentities.sol";
import {EnergyCredentials} from "../EnergyCredentials.sol";
import {Feeder, IEnergyRegistry, Meter, MeterStatus} from "../registry/IEnergyRegistry.sol";
import {
    AcceptedDay,
    DayRecord,
    DaySubmission,
    IMeterReadings,
    Override,
    ReadingKeys,
    ReadingSettings,
    SignedDay
} from "./IMeterReadings.sol";
import {MerkleRoot} from "../MerkleRoot.sol";
import {Bond, BondLedger, ReadingBonds} from "./ReadingBonds.sol";
import {Matrix, ReadingMatrix} from "./ReadingMatrix.sol";

/// @title MeterReadings
/// @notice What the meters of a district measured. See {IMeterReadings}.
/// @dev Trust:
/// - Of a feeder's meters, its operator and its grid operator at most one lies. A meter that lies alone can say what it
///   likes in the first half of the window, and both operators together can say otherwise in the second; they should look
///   at what was challenged before it is final. Two that lie together make any reading within the caps of the devices.
///   The meter at the head of the feeder is asked when a day is brought, and not again when values are replaced.
/// - The registrar says which key is which meter's, what it can do at most (caps are below 2^31 Wh), and who operator and
///   grid operator are. It can suspend a meter, whose key is then not believed, and so end the meters' part in the quorum.
///   A meter that it retires is not asked any more, so it should do that after the meter's last day is brought. Readings
///   are judged by the registry as it is when they are brought, not as it was on their day.
/// - A meter that keeps its signature back, or signs two different days, can take its owner a penalty for what operator and
///   grid operator said without it. A poster that signs for the meter's signature with the day is safe from that: nobody
///   can take it off.
/// - Issuers of METERING_OPERATOR and GRID_OPERATOR credentials choose who can be an operator. Owners of the operators'
///   identities sign for them; a new owner answers for bonds of the old one.
/// - Bonds of a poster answer for all its days together, as far as they reach. Who posts false values and has a meter on
///   the feeder, under whatever name, can challenge itself before others do, and so get back half of its bond; the other
///   half is the community's. What others say is put right all the same, but they find less or no penalty to be paid.
///   While the identity of the community has no owner, its half is nobody's.
/// - The settlement token moves what it is asked to move (checked where it comes in). Bonds and credits are pulled, so
///   nobody can block another.
/// - Nobody can pause, upgrade, change a setting or replace a reading without its keys.
///
/// Meters are checked as plain ECDSA, directly and not through {Signed}, for a day has hundreds of them. Messages about
/// readings have neither nonce nor deadline: a day is accepted once, and an amendment names the version it replaces. Only
/// withdrawals of credits use the nonces of {Signed}.
///
/// Above 400 lines with its lists of imports and storage: submission, challenge and amendment share keys and values.
contract MeterReadings is IMeterReadings, Signed, ReentrancyGuardTransient {
    using ReadingBonds for BondLedger;
    using ReadingMatrix for Matrix;

    /// @dev A submission on the way through {submit}.
    struct Pass {
        Feeder feeder;
        Meter[] meters;
        Matrix matrix;
        /// @dev Number of the first interval of the day.
        uint256 firstInterval;
        /// @dev First of the ids of the feeder's meters.
        uint256 firstMeter;
        bytes32 domain;
        /// @dev Hash of a column without values.
        bytes32 missingHash;
        bytes32[] columnLeaves;
        /// @dev Bit n: the n-th meter signed.
        uint256 signers;
        /// @dev Bit n: the n-th meter did not sign, yet has values.
        uint256 unsigned;
        /// @dev Bit n: the n-th meter is retired and has no values.
        uint256 retired;
    }

    bytes32 private constant METER_DAY_TYPE = keccak256("MeterDay(uint32 meter,uint32 day,bytes values)");
    bytes32 private constant FEEDER_DAY_TYPE = keccak256("FeederDay(uint16 feeder,uint32 day,bytes values)");
    bytes32 private constant FEEDER_READINGS_TYPE = keccak256(
        "FeederReadings(uint16 feeder,uint32 day,bytes values,bytes headValues,bytes meterSignatures)"
    );
    bytes32 private constant AMENDMENT_TYPE = keccak256(
        "Amendment(uint32 meter,uint32 interval,int32 wh,uint16 version)"
    );
    bytes32 private constant CREDIT_WITHDRAWAL_TYPE = keccak256(
        "CreditWithdrawal(address account,address to,uint256 nonce,uint256 deadline)"
    );

    uint256 private constant MIN_WINDOW = 1 hours;
    uint256 private constant MAX_WINDOW = 30 days;
    uint256 private constant MAX_AMEND_DURATION = 1_095 days;
    /// @dev Intervals of a day are bits of a word.
    uint256 private constant MAX_INTERVALS = 256;
    /// @dev Bytes of r and vs.
    uint256 private constant SIGNATURE_BYTES = 64;
    /// @dev Bits of a meter's place in its feeder.
    uint256 private constant POSITION_BITS = 8;
    uint256 private constant POSITION_MASK = 0xff;
    /// @dev Most meters of a feeder, bits of a word.
    uint256 private constant MAX_METERS = 256;
    /// @dev Seconds by which the notice of a withdrawal is longer than the window: until then, a last submission from
    /// before the notice and its challenge are through.
    uint256 private constant NOTICE = 1 days;
    /// @dev Keys that accept a value, and all there are.
    uint256 private constant QUORUM = 2;
    uint256 private constant ALL_KEYS = 3;
    uint8 private constant BOTH_OPERATORS = ReadingKeys.OPERATOR | ReadingKeys.GRID_OPERATOR;

    /// @inheritdoc IMeterReadings
    IERC20 public immutable token;
    /// @inheritdoc IMeterReadings
    IEnergyRegistry public immutable registry;
    /// @inheritdoc IMeterReadings
    IIdentities public immutable identities;
    /// @inheritdoc IMeterReadings
    ICredentialRegistry public immutable credentials;
    /// @inheritdoc IMeterReadings
    uint32 public immutable window;
    /// @inheritdoc IMeterReadings
    uint32 public immutable amendDuration;
    /// @inheritdoc IMeterReadings
    uint16 public immutable toleranceBp;
    /// @inheritdoc IMeterReadings
    uint32 public immutable toleranceWh;
    /// @inheritdoc IMeterReadings
    address public immutable community;
    /// @inheritdoc IMeterReadings
    uint256 public immutable minimumBond;
    /// @inheritdoc IMeterReadings
    uint256 public immutable penalty;
    /// @inheritdoc IMeterReadings
    uint32 public immutable intervalsPerDay;

    BondLedger private _bonds;
    mapping(uint16 feeder => mapping(uint32 day => DayRecord record)) private _days;
    mapping(uint32 meter => mapping(uint32 interval => Override replacement)) private _overrides;
    /// @dev Bit n: the value of the n-th meter of the feeder is replaced.
    mapping(uint16 feeder => mapping(uint32 interval => uint256 bits)) private _overriddenRows;
    /// @dev Bit n: the value of the n-th interval of the day is replaced.
    mapping(uint32 meter => mapping(uint32 day => uint256 bits)) private _overriddenColumns;

    /// @param token_ Token of the bonds.
    /// @param registry_ Feeders and meters.
    /// @param identities_ Who owns an identity.
    /// @param credentials_ Who holds which credential.
    /// @param settings See {ReadingSettings}.
    constructor(
        IERC20 token_,
        IEnergyRegistry registry_,
        IIdentities identities_,
        ICredentialRegistry credentials_,
        ReadingSettings memory settings
    ) EIP712("Civitas Meter Readings", "1") {
        uint256 intervals = 1 days / registry_.intervalLength();
        _requireAtMost(intervals, MAX_INTERVALS);
        if (settings.window < MIN_WINDOW) revert MeterReadingsInvalidSettings(settings.window, MIN_WINDOW);
        _requireAtMost(settings.window, MAX_WINDOW);
        if (settings.amendDuration < settings.window) {
            revert MeterReadingsInvalidSettings(settings.amendDuration, settings.window);
        }
        _requireAtMost(settings.amendDuration, MAX_AMEND_DURATION);
        _requireAtMost(settings.toleranceBp, ReadingMatrix.BASIS_POINTS);
        if (settings.community == address(0)) revert MeterReadingsInvalidSettings(0, 1);
        _requireAtMost(settings.minimumBond, type(uint104).max);
        _requireAtMost(settings.penalty, type(uint104).max);
        token = token_;
        registry = registry_;
        identities = identities_;
        credentials = credentials_;
        window = settings.window;
        amendDuration = settings.amendDuration;
        toleranceBp = settings.toleranceBp;
        toleranceWh = settings.toleranceWh;
        community = settings.community;
        minimumBond = settings.minimumBond;
        penalty = settings.penalty;
        intervalsPerDay = uint32(intervals); // at most MAX_INTERVALS
    }

    // --- bonds

    /// @inheritdoc IMeterReadings
    function postBond(address operator, uint256 amount) external nonReentrant {
        _bonds.post(token, operator, amount);
    }

    /// @inheritdoc IMeterReadings
    function requestBondWithdrawal(address operator, uint256 amount) external {
        _requireOwner(operator);
        _bonds.requestWithdrawal(operator, amount, window + NOTICE);
    }

    /// @inheritdoc IMeterReadings
    function withdrawBond(address operator, address to) external nonReentrant returns (uint256 amount) {
        _requireOwner(operator);
        return _bonds.withdraw(token, operator, to);
    }

    /// @inheritdoc IMeterReadings
    function withdrawCredit(
        address account,
        address to,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external nonReentrant returns (uint256 amount) {
        bytes32 message = keccak256(abi.encode(CREDIT_WITHDRAWAL_TYPE, account, to, nonce, deadline));
        _authorizeOrSender(account, message, nonce, deadline, signature);
        return _bonds.withdrawCredit(token, account, to);
    }

    // --- readings

    /// @inheritdoc IMeterReadings
    function submit(DaySubmission calldata submission) external {
        (uint16 feeder, uint32 day) = (submission.feeder, submission.day);
        uint256 endsAt = (uint256(day) + 1) * 1 days;
        // The day must be over for the meters, which have clocks of their own; seconds do not matter.
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp < endsAt) revert MeterReadingsDayNotOver(day, endsAt);
        DayRecord storage record = _days[feeder][day];
        if (record.rowsRoot != 0) revert MeterReadingsAlreadyAccepted(feeder, day);

        Pass memory pass = _open(submission);
        for (uint256 first = 0; first < pass.meters.length; first += ReadingMatrix.BLOCK) {
            _gather(pass, submission, first);
        }
        (uint8 keys, uint256 needed) = _weigh(pass, submission);
        if (_count(keys) < needed) _refuse(pass, submission, keys, needed);
        address poster = keys & ReadingKeys.OPERATOR != 0 ? pass.feeder.operator : pass.feeder.gridOperator;
        _bonds.requireFree(poster, minimumBond);

        _accept(record, pass, submission, poster, keys);
    }

    /// @inheritdoc IMeterReadings
    function challenge(
        uint32 meter,
        uint32 day,
        SignedDay calldata signed,
        uint256 intervals,
        AcceptedDay calldata accepted
    ) external returns (uint256 replaced) {
        DayRecord storage record = _requireColumn(meter, day, challengeDuration(), accepted);
        if ((record.signers >> (meter & POSITION_MASK)) & 1 != 0) revert MeterReadingsSignedByMeter(meter, day);
        Meter memory device = registry.meterOf(meter);
        _requireMeterDay(meter, day, device, signed);

        uint256 first = uint256(day) * intervalsPerDay;
        if (intervals == 0) revert MeterReadingsWrongInterval(uint32(first), day); // as in {_interval}
        uint256 contradicted = 0;
        for (uint256 i = 0; intervals >> i != 0; ++i) {
            if ((intervals >> i) & 1 == 0) continue;
            uint32 interval = _interval(first + i);
            if (i >= intervalsPerDay) revert MeterReadingsWrongInterval(interval, day);
            if (_overrides[meter][interval].byMeter) continue;
            int32 wh = ReadingMatrix.valueAt(signed.values, i);
            int32 acceptedWh = ReadingMatrix.valueAt(accepted.values, i);
            if (!_replace(meter, interval, device, acceptedWh, wh, true)) continue;
            replaced |= 1 << i;
            if (acceptedWh != ReadingMatrix.MISSING && acceptedWh != wh) ++contradicted;
        }
        if (replaced == 0) revert MeterReadingsNothingReplaced(meter, day);
        _slash(record.poster, meter, contradicted);
    }

    /// @inheritdoc IMeterReadings
    function amend(
        uint32 meter,
        uint32 interval,
        int32 wh,
        SignedDay calldata signed,
        AcceptedDay calldata accepted,
        Signature calldata operatorSignature,
        Signature calldata gridOperatorSignature
    ) external {
        _requireColumn(meter, interval / intervalsPerDay, amendDuration, accepted);
        Meter memory device = registry.meterOf(meter);
        bool byMeter = signed.signature.length != 0;
        if (byMeter) _requireMeterValue(meter, interval, wh, device, signed);
        uint8 keys = _amendmentKeys(meter, interval, wh, operatorSignature, gridOperatorSignature);
        if (byMeter) keys |= ReadingKeys.METERS;
        if (_count(keys) < QUORUM) revert MeterReadingsQuorumTooSmall(keys, QUORUM);
        int32 acceptedWh = _valueOf(accepted.values, interval);
        if (byMeter) _slashAsChallenged(meter, interval, acceptedWh, wh);
        if (!_replace(meter, interval, device, acceptedWh, wh, byMeter)) {
            revert MeterReadingsUnchanged(meter, interval, wh);
        }
    }

    // --- views

    /// @inheritdoc IMeterReadings
    function challengeDuration() public view returns (uint256) {
        return window / 2;
    }

    /// @inheritdoc IMeterReadings
    function rowOf(
        uint16 feeder,
        uint32 interval
    ) external view returns (bytes32 root, uint40 finalAt, uint16 meterCount, uint256 overridden) {
        DayRecord storage record = _days[feeder][interval / intervalsPerDay];
        root = record.rowsRoot;
        if (root == 0) return (0, 0, 0, 0);
        return (root, record.acceptedAt + window, record.meterCount, _overriddenRows[feeder][interval]);
    }

    /// @inheritdoc IMeterReadings
    function dayOf(uint16 feeder, uint32 day) external view returns (DayRecord memory record) {
        return _days[feeder][day];
    }

    /// @inheritdoc IMeterReadings
    function overrideOf(uint32 meter, uint32 interval) external view returns (Override memory replacement) {
        return _overrides[meter][interval];
    }

    /// @inheritdoc IMeterReadings
    function overriddenOf(uint32 meter, uint32 day) external view returns (uint256 intervals) {
        return _overriddenColumns[meter][day];
    }

    /// @inheritdoc IMeterReadings
    function bondOf(address operator) external view returns (uint256 bond, uint256 leaving, uint40 availableAt) {
        Bond storage found = _bonds.bonds[operator];
        return (found.amount, found.leaving, found.availableAt);
    }

    /// @inheritdoc IMeterReadings
    function creditOf(address account) external view returns (uint256 amount) {
        return _bonds.credits[account];
    }

    // --- internals of both replacements

    /// @dev Puts a value in the place of what stands, unless that is the same.
    function _replace(
        uint32 meter,
        uint32 interval,
        Meter memory device,
        int32 acceptedWh,
        int32 wh,
        bool byMeter
    ) private returns (bool done) {
        Override storage replacement = _overrides[meter][interval];
        uint16 version = replacement.version;
        int32 standing = version == 0 ? acceptedWh : replacement.wh;
        if (wh == standing) return false;
        if (wh == ReadingMatrix.MISSING) revert MeterReadingsUnchanged(meter, interval, wh);
        _requireInRange(meter, interval, device, wh);
        replacement.wh = wh;
        replacement.version = ++version;
        if (byMeter) replacement.byMeter = true;
        // The feeder has 16 bits, see {_requireColumn}.
        _overriddenRows[uint16(meter >> POSITION_BITS)][interval] |= 1 << (meter & POSITION_MASK);
        _overriddenColumns[meter][interval / intervalsPerDay] |= 1 << (interval % intervalsPerDay);
        emit ReadingReplaced(meter, interval, standing, wh, version, byMeter);
        return true;
    }

    /// @dev Takes what {challenge} would take if it were made with this value now. Or a poster could outrun every challenge
    /// by an amendment with the meter's own words.
    function _slashAsChallenged(uint32 meter, uint32 interval, int32 acceptedWh, int32 wh) private {
        DayRecord storage record = _days[uint16(meter >> POSITION_BITS)][interval / intervalsPerDay]; // as in {_replace}
        if (
            // As in {_requireColumn}.
            // solhint-disable-next-line not-rely-on-time
            block.timestamp < record.acceptedAt + challengeDuration() &&
            (record.signers >> (meter & POSITION_MASK)) & 1 == 0 &&
            !_overrides[meter][interval].byMeter &&
            acceptedWh != ReadingMatrix.MISSING &&
            acceptedWh != wh
        ) _slash(record.poster, meter, 1);
    }

    /// @dev Lets a poster pay for a number of false values of a meter.
    function _slash(address poster, uint32 meter, uint256 count) private {
        _bonds.slash(poster, registry.ownerOf(meter), _ownerOf(community), penalty * count);
    }

    /// @dev The day of a meter's feeder, which must hold `accepted` of it and not be older than `duration`.
    function _requireColumn(
        uint32 meter,
        uint32 day,
        uint256 duration,
        AcceptedDay calldata accepted
    ) private view returns (DayRecord storage record) {
        uint32 feeder = meter >> uint32(POSITION_BITS);
        if (feeder > type(uint16).max) revert MeterReadingsUnknownMeter(meter, day);
        record = _days[uint16(feeder)][day]; // just checked
        if (record.rowsRoot == 0) revert MeterReadingsUnknownDay(uint16(feeder), day);
        if (meter & POSITION_MASK >= record.meterCount) revert MeterReadingsUnknownMeter(meter, day);
        uint256 closedAt = record.acceptedAt + duration;
        // Windows are hours and more; seconds do not matter.
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp >= closedAt) revert MeterReadingsWindowClosed(uint16(feeder), day, closedAt);
        bytes32 leaf = ReadingMatrix.columnLeaf(meter, accepted.values);
        if (!MerkleProof.verifyCalldata(accepted.proof, record.columnsRoot, leaf)) {
            revert MeterReadingsWrongProof(meter, day);
        }
    }

    /// @dev Reverts unless the meter signed the values of its day, and is one to be believed.
    function _requireMeterDay(uint32 meter, uint32 day, Meter memory device, SignedDay calldata signed) private view {
        _requireLength(signed.values.length, intervalsPerDay * ReadingMatrix.VALUE_BYTES);
        _requireLength(signed.signature.length, SIGNATURE_BYTES);
        bytes32 digest = _dayDigest(_domainSeparatorV4(), METER_DAY_TYPE, meter, day, keccak256(signed.values));
        (bytes32 r, bytes32 vs) = _signatureAt(signed.signature, 0);
        if (!_isBelieved(device) || _signerOf(digest, r, vs) != device.key) {
            revert MeterReadingsInvalidSignature(meter, device.key);
        }
    }

    /// @dev Reverts unless the meter signed a day of which `wh` is part.
    function _requireMeterValue(
        uint32 meter,
        uint32 interval,
        int32 wh,
        Meter memory device,
        SignedDay calldata signed
    ) private view {
        _requireMeterDay(meter, interval / intervalsPerDay, device, signed);
        if (_valueOf(signed.values, interval) != wh) revert MeterReadingsInvalidSignature(meter, device.key);
    }

    function _amendmentKeys(
        uint32 meter,
        uint32 interval,
        int32 wh,
        Signature calldata operatorSignature,
        Signature calldata gridOperatorSignature
    ) private view returns (uint8 keys) {
        uint16 version = _overrides[meter][interval].version;
        return
            _operatorKeys(
                registry.feederOf(uint16(meter >> POSITION_BITS)), // not more, see {_requireColumn}
                _hashTypedDataV4(keccak256(abi.encode(AMENDMENT_TYPE, meter, interval, wh, version))),
                operatorSignature,
                gridOperatorSignature
            );
    }

    /// @dev The value of an interval in a day's column, which has one for each interval.
    function _valueOf(bytes calldata column, uint32 interval) private view returns (int32 wh) {
        return ReadingMatrix.valueAt(column, interval % intervalsPerDay);
    }

    // --- internals of submission

    /// @dev What a submission is measured against. Reverts if it has another size.
    function _open(DaySubmission calldata submission) private view returns (Pass memory pass) {
        pass.feeder = registry.feederOf(submission.feeder);
        pass.meters = registry.metersOf(submission.feeder);
        uint256 count = pass.meters.length;
        if (count == 0) revert MeterReadingsNoMeters(submission.feeder);
        _requireLength(submission.values.length, count * intervalsPerDay * ReadingMatrix.VALUE_BYTES);
        if (submission.meterSignatures.length != 0) {
            _requireLength(submission.meterSignatures.length, count * SIGNATURE_BYTES);
        }
        pass.matrix = ReadingMatrix.open(submission.values, count, intervalsPerDay);
        pass.firstInterval = uint256(submission.day) * intervalsPerDay;
        pass.firstMeter = uint256(submission.feeder) << POSITION_BITS;
        pass.domain = _domainSeparatorV4();
        pass.missingHash = ReadingMatrix.missingHash(intervalsPerDay);
        pass.columnLeaves = new bytes32[](count);
    }

    /// @dev Takes up to eight meters: their values must be in range, and their signatures theirs.
    function _gather(Pass memory pass, DaySubmission calldata submission, uint256 first) private pure {
        Meter[] memory meters = pass.meters;
        Matrix memory matrix = pass.matrix;
        uint256 end = first + ReadingMatrix.BLOCK;
        if (end > meters.length) end = meters.length;
        uint256 lowest = 0;
        uint256 highest = 0;
        for (uint256 i = first; i < end; ++i) {
            (int256 low, int256 high) = _rangeOf(meters[i]);
            lowest = ReadingMatrix.append(lowest, low);
            highest = ReadingMatrix.append(highest, high);
        }
        if (!matrix.gather(first, lowest, highest)) _refuseRange(pass, submission, first);

        bytes calldata signatures = submission.meterSignatures;
        for (uint256 i = first; i < end; ++i) {
            // Feeders have 16 bits and 256 meters.
            (bytes32 hash, bytes32 leaf) = matrix.columnOf(i - first, uint32(pass.firstMeter + i));
            pass.columnLeaves[i] = leaf;
            if (signatures.length != 0) _heed(pass, signatures, submission.day, i, hash);
        }
    }

    /// @dev Takes a meter's signature over the values that hash to `hash`.
    function _heed(Pass memory pass, bytes calldata signatures, uint32 day, uint256 index, bytes32 hash) private pure {
        (bytes32 r, bytes32 vs) = _signatureAt(signatures, index);
        if (r | vs == 0) {
            if (hash != pass.missingHash) pass.unsigned |= 1 << index;
            else if (pass.meters[index].status == MeterStatus.Retired) pass.retired |= 1 << index;
            return;
        }
        uint32 meter = uint32(pass.firstMeter + index); // as in {_gather}
        Meter memory device = pass.meters[index];
        bytes32 digest = _dayDigest(pass.domain, METER_DAY_TYPE, meter, day, hash);
        if (!_isBelieved(device) || _signerOf(digest, r, vs) != device.key) {
            revert MeterReadingsInvalidSignature(meter, device.key);
        }
        pass.signers |= 1 << index;
    }

    function _accept(
        DayRecord storage record,
        Pass memory pass,
        DaySubmission calldata submission,
        address poster,
        uint8 keys
    ) private {
        bytes calldata values = submission.values;
        bytes32 rowsRoot = MerkleRoot.rootOf(ReadingMatrix.rowLeaves(values, pass.firstInterval, intervalsPerDay));
        bytes32 columnsRoot = MerkleRoot.rootOf(pass.columnLeaves);
        record.rowsRoot = rowsRoot;
        record.columnsRoot = columnsRoot;
        record.poster = poster;
        record.acceptedAt = uint40(block.timestamp); // 40 bits of seconds last 34,000 years
        record.meterCount = uint16(pass.meters.length); // at most 256
        record.signedKeys = keys;
        record.signers = pass.signers;
        emit ReadingsAccepted(submission.feeder, submission.day, poster, keys, rowsRoot, columnsRoot, values);
    }

    /// @dev Which keys signed, and how many are needed.
    function _weigh(
        Pass memory pass,
        DaySubmission calldata submission
    ) private view returns (uint8 keys, uint256 needed) {
        needed = _fitsHead(pass, submission) ? QUORUM : ALL_KEYS;
        bytes32 hash = keccak256(
            abi.encode(
                FEEDER_READINGS_TYPE,
                submission.feeder,
                submission.day,
                ReadingMatrix.hashOf(submission.values),
                ReadingMatrix.hashOf(submission.headValues),
                ReadingMatrix.hashOf(submission.meterSignatures)
            )
        );
        keys = _operatorKeys(
            pass.feeder,
            _hashTypedDataV4(hash),
            submission.operatorSignature,
            submission.gridOperatorSignature
        );
        // A meter that says nothing is no key to its readings' being left out: that takes both operators. Without any
        // signer, a day without values would pass for one that all meters signed.
        if (pass.signers == 0) return (keys, needed);
        bool allSigned = pass.signers | pass.retired == type(uint256).max >> (MAX_METERS - pass.meters.length);
        if (allSigned || (keys == BOTH_OPERATORS && pass.unsigned == 0)) keys |= ReadingKeys.METERS;
    }

    /// @dev Whether the sum of the meters is within tolerance of the meter at the head of the feeder in all intervals. True
    /// if there is no such meter; false if it says nothing.
    function _fitsHead(Pass memory pass, DaySubmission calldata submission) private view returns (bool fits) {
        address key = pass.feeder.meterKey;
        bytes calldata headValues = submission.headValues;
        bool speaks = key != address(0) && (headValues.length | submission.headSignature.length != 0);
        _requireLength(headValues.length, speaks ? intervalsPerDay * ReadingMatrix.VALUE_BYTES : 0);
        _requireLength(submission.headSignature.length, speaks ? SIGNATURE_BYTES : 0);
        if (!speaks) return key == address(0);
        bytes32 digest = _dayDigest(
            pass.domain,
            FEEDER_DAY_TYPE,
            submission.feeder,
            submission.day,
            keccak256(headValues)
        );
        (bytes32 r, bytes32 vs) = _signatureAt(submission.headSignature, 0);
        if (_signerOf(digest, r, vs) != key) {
            revert MeterReadingsInvalidHeadSignature(submission.feeder, key);
        }
        return pass.matrix.fits(headValues, toleranceBp, toleranceWh);
    }

    /// @dev Flags of those operators that signed; a signature that is given must hold. Two identities with one owner are one
    /// key.
    function _operatorKeys(
        Feeder memory feeder,
        bytes32 digest,
        Signature calldata operatorSignature,
        Signature calldata gridOperatorSignature
    ) private view returns (uint8 keys) {
        if (_hasSigned(EnergyCredentials.METERING_OPERATOR, feeder.operator, digest, operatorSignature)) {
            keys |= ReadingKeys.OPERATOR;
        }
        if (_hasSigned(EnergyCredentials.GRID_OPERATOR, feeder.gridOperator, digest, gridOperatorSignature)) {
            keys |= ReadingKeys.GRID_OPERATOR;
        }
        // The registry keeps the identities apart, not those behind them.
        if (keys == BOTH_OPERATORS && _ownerOf(feeder.operator) == _ownerOf(feeder.gridOperator))
            return ReadingKeys.OPERATOR;
    }

    function _hasSigned(
        bytes32 typeId,
        address identity,
        bytes32 digest,
        Signature calldata signature
    ) private view returns (bool signed) {
        if (signature.data.length == 0) return false;
        if (!credentials.holds(typeId, identity)) revert MeterReadingsNotAccredited(typeId, identity);
        _requireSignature(_ownerOf(identity), digest, signature);
        return true;
    }

    /// @dev Who signs for an identity; in one place, as the code's size is near its limit.
    function _ownerOf(address identity) private view returns (address owner) {
        return identities.identityOwner(identity);
    }

    function _requireOwner(address identity) private view {
        if (_ownerOf(identity) != msg.sender) revert MeterReadingsNotOwner(identity, msg.sender);
    }

    // --- internals that only compute

    /// @dev Reverts with the first value of a block, meter by meter, that is out of range. There is one.
    function _refuseRange(Pass memory pass, DaySubmission calldata submission, uint256 first) private pure {
        uint256 count = pass.meters.length;
        for (uint256 i = first; ; ++i) {
            for (uint256 row = 0; row < pass.matrix.intervals; ++row) {
                int32 wh = ReadingMatrix.valueAt(submission.values, row * count + i);
                // As in {_gather} and {_interval}.
                if (wh != ReadingMatrix.MISSING) {
                    _requireInRange(uint32(pass.firstMeter + i), uint32(pass.firstInterval + row), pass.meters[i], wh);
                }
            }
        }
    }

    /// @dev Reverts with what is missed of the quorum: the first value that a meter did not sign, if that alone is missed.
    function _refuse(Pass memory pass, DaySubmission calldata submission, uint8 keys, uint256 needed) private pure {
        if (pass.unsigned == 0 || _count(keys) + 1 < needed) revert MeterReadingsQuorumTooSmall(keys, needed);
        uint256 index = 0;
        while ((pass.unsigned >> index) & 1 == 0) ++index;
        uint256 row = 0;
        int32 wh = ReadingMatrix.MISSING;
        // It has a value, or it would not be there.
        while (true) {
            wh = ReadingMatrix.valueAt(submission.values, row * pass.meters.length + index);
            if (wh != ReadingMatrix.MISSING) break;
            ++row;
        }
        // As in {_gather} and {_interval}.
        revert MeterReadingsUnsigned(uint32(pass.firstMeter + index), uint32(pass.firstInterval + row), wh);
    }

    /// @dev Digest of a day that a meter signs; the two messages have their members alike.
    function _dayDigest(
        bytes32 domain,
        bytes32 typeHash,
        uint256 meterOrFeeder,
        uint32 day,
        bytes32 valuesHash
    ) private pure returns (bytes32 digest) {
        // Beyond the free pointer, which stays: a day has hundreds of them.
        assembly ("memory-safe") {
            let message := mload(0x40)
            mstore(message, typeHash)
            mstore(add(message, 0x20), meterOrFeeder)
            mstore(add(message, 0x40), day)
            mstore(add(message, 0x60), valuesHash)
            digest := keccak256(message, 0x80)
        }
        return MessageHashUtils.toTypedDataHash(domain, digest);
    }

    /// @dev Who signed; zero if nobody could. The upper half of s is refused.
    function _signerOf(bytes32 digest, bytes32 r, bytes32 vs) private pure returns (address signer) {
        (signer, , ) = ECDSA.tryRecover(digest, r, vs);
    }

    /// @dev A signature by its number among those given.
    function _signatureAt(bytes calldata signatures, uint256 index) private pure returns (bytes32 r, bytes32 vs) {
        // The length was checked: 64 bytes for each number.
        assembly ("memory-safe") {
            let place := add(signatures.offset, shl(6, index))
            r := calldataload(place)
            vs := calldataload(add(place, 0x20))
        }
    }

    /// @dev Least and greatest value of a meter, Wh.
    function _rangeOf(Meter memory device) private pure returns (int256 lowest, int256 highest) {
        return (-int256(uint256(device.exportCapWh)), int256(uint256(device.importCapWh)));
    }

    function _requireInRange(uint32 meter, uint32 interval, Meter memory device, int32 wh) private pure {
        (int256 lowest, int256 highest) = _rangeOf(device);
        if (wh < lowest || wh > highest) revert MeterReadingsOutOfRange(meter, interval, wh, lowest, highest);
    }

    function _isBelieved(Meter memory device) private pure returns (bool believed) {
        return device.status == MeterStatus.Trading || device.status == MeterStatus.Sharing;
    }

    /// @dev Number of keys among the three flags.
    function _count(uint8 keys) private pure returns (uint256 count) {
        return (keys & 1) + ((keys >> 1) & 1) + (keys >> 2);
    }

    /// @dev Intervals of a day that is over have 32 bits, as the registry counts them.
    function _interval(uint256 number) private pure returns (uint32 interval) {
        return uint32(number);
    }

    function _requireLength(uint256 length, uint256 expected) private pure {
        if (length != expected) revert MeterReadingsWrongLength(length, expected);
    }

    function _requireAtMost(uint256 value, uint256 limit) private pure {
        if (value > limit) revert MeterReadingsInvalidSettings(value, limit);
    }
}
