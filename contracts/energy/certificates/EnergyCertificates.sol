// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {Certificate, CertificateIds} from "./CertificateIds.sol";
import {IEnergyCertificates} from "./IEnergyCertificates.sol";
import {EnergySource, IEnergyRegistry, Meter, MeterClass} from "../registry/IEnergyRegistry.sol";
import {IMeterReadings, Override} from "../readings/IMeterReadings.sol";
import {IntervalLanes, Lanes} from "./IntervalLanes.sol";
import {MeterColumns, MeterDay} from "./MeterColumns.sol";

/// @title EnergyCertificates
/// @notice Certificates of origin for metered feed-in, one unit a Wh. See {IEnergyCertificates}.
/// @dev Trust:
/// - The readings are believed once they are final. Whoever makes two of meter, operator and grid operator lie, or one whom
///   the others do not contradict in time, makes certificates of nothing, up to the export caps.
/// - ENERGY_REGISTRAR says whose a meter is, what stands behind it, and how much that can feed in. It can have the
///   certificates of days not issued yet go to another owner, so issue as soon as readings are final. It cannot touch what
///   is issued.
/// - Losses of a battery are a constant, not measured.
/// - Nobody can pause, move, take back or make certificates by any right of office, and nothing can be upgraded.
/// - A meter that shares or trades is certified alike: the certificate follows the meter, not the sale.
contract EnergyCertificates is IEnergyCertificates, ERC1155 {
    using IntervalLanes for Lanes;

    /// @dev What is to be issued, as it is gathered. The arrays are longer than `count`.
    struct Issue {
        uint256[] ids;
        uint256[] amounts;
        uint256 count;
        /// @dev Sum of the amounts, Wh.
        uint256 wh;
        /// @dev Intervals whose record changed, bit n for the n-th of the day.
        uint256 changed;
        /// @dev The meter's shortfall afterwards, Wh.
        uint256 shortfall;
    }

    /// @dev Most ids in one call. Each costs up to about 35,000 gas.
    uint256 private constant MAX_IDS = 256;
    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant SOURCES = uint256(type(EnergySource).max) + 1;

    /// @inheritdoc IEnergyCertificates
    IMeterReadings public immutable readings;
    /// @inheritdoc IEnergyCertificates
    IEnergyRegistry public immutable registry;
    /// @inheritdoc IEnergyCertificates
    uint16 public immutable domain;
    /// @inheritdoc IEnergyCertificates
    uint16 public immutable storageEfficiencyBp;
    /// @dev At most 256, which the readings see to.
    uint32 private immutable intervalsPerDay;

    /// @dev Of a connection what is recorded as issued, of a battery what is used up; a uint32 of Wh for each interval.
    mapping(uint32 meter => Lanes lanes) private _amounts;
    /// @dev Of a battery the net draw; an int32 of Wh for each interval.
    mapping(uint32 meter => Lanes lanes) private _proven;
    mapping(uint32 meter => uint256 wh) private _shortfalls;
    mapping(uint256 id => uint256 wh) private _cancelled;

    /// @param readings_ What the meters measured.
    /// @param uri_ Address of the metadata of an id, with `{id}` in its place, see ERC-1155.
    /// @param domain_ Area whose body issues; part of every id.
    /// @param storageEfficiencyBp_ What of the energy that enters a battery counts as coming out again, 1 to 10,000 basis
    /// points.
    constructor(
        IMeterReadings readings_,
        string memory uri_,
        uint16 domain_,
        uint16 storageEfficiencyBp_
    ) ERC1155(uri_) {
        if (storageEfficiencyBp_ == 0 || storageEfficiencyBp_ > BASIS_POINTS) {
            revert EnergyCertificatesInvalidEfficiency(storageEfficiencyBp_, BASIS_POINTS);
        }
        readings = readings_;
        registry = readings_.registry();
        intervalsPerDay = readings_.intervalsPerDay();
        domain = domain_;
        storageEfficiencyBp = storageEfficiencyBp_;
    }

    // --- issuing

    /// @inheritdoc IEnergyCertificates
    function issue(
        uint32 meter,
        uint32 day,
        bytes calldata column,
        bytes32[] calldata proof,
        uint256 intervals
    ) external returns (uint256 wh) {
        Meter memory device = registry.meterOf(meter);
        if (device.class != MeterClass.Connection || device.source == EnergySource.None) {
            revert EnergyCertificatesNotCertifiable(meter, device.class, device.source);
        }
        Issue memory made = _feedIn(device, _prove(meter, day, column, proof, intervals), column, intervals);
        if (made.changed == 0) revert EnergyCertificatesNothingNew(meter, day, intervals);
        wh = made.wh;
        address owner = registry.ownerOf(meter);
        emit CertificatesIssued(meter, day, owner, device.source, made.changed, wh);
        uint256 previous = _shortfalls[meter];
        if (made.shortfall != previous) {
            _shortfalls[meter] = made.shortfall;
            emit ShortfallChanged(meter, previous, made.shortfall);
        }
        if (wh > 0) _issue(owner, made);
    }

    // --- cancelling

    /// @inheritdoc IEnergyCertificates
    function cancel(
        address account,
        uint256[] calldata ids,
        uint256[] calldata amounts,
        address beneficiary,
        bytes32 purpose
    ) external {
        _checkCancellation(account, ids, amounts);
        _cancel(account, ids, amounts, beneficiary, purpose);
    }

    // --- storage

    /// @inheritdoc IEnergyCertificates
    function proveStorage(
        uint32 meter,
        uint32 day,
        bytes calldata column,
        bytes32[] calldata proof,
        uint256 intervals
    ) external {
        Meter memory device = _requireStorage(meter);
        MeterDay memory proven = _prove(meter, day, column, proof, intervals);
        Lanes storage lanes = _proven[meter];
        // A cap is a uint32, so its negative fits an int256.
        int256 lowest = -int256(uint256(device.exportCapWh));
        uint256 changed = 0;
        for (uint256 n = 0; n < intervalsPerDay; ++n) {
            if ((intervals >> n) & 1 == 0) continue;
            int256 wh = MeterColumns.valueOf(readings, proven, column, n);
            uint32 interval = proven.firstInterval + uint32(n); // n is below 256
            uint32 known = lanes.get(interval);
            // What is beyond the cap of now was within the cap of then, as far as it is recorded.
            if (wh < lowest) wh = SignedMath.max(wh, SignedMath.min(int32(known), lowest));
            // Not below a value of 32 bits, and not above one, so it fits. Its bits are kept as they are.
            uint32 bits = uint32(int32(wh));
            if (bits == known) continue;
            lanes.set(interval, bits);
            changed |= 1 << n;
        }
        if (changed == 0) revert EnergyCertificatesNothingNew(meter, day, intervals);
        emit StorageProven(meter, day, changed);
    }

    /// @inheritdoc IEnergyCertificates
    function passThrough(
        uint32 meter,
        uint32 interval,
        uint256[] calldata ids,
        uint256[] calldata amounts
    ) external returns (uint256 wh) {
        _requireStorage(meter);
        address owner = registry.ownerOf(meter);
        _checkCancellation(owner, ids, amounts);
        (uint256[] memory charged, uint256 cancelledWh) = _useDraw(meter, interval, ids, amounts);
        Certificate memory discharge = Certificate({
            interval: interval,
            meter: meter,
            source: EnergySource.None,
            stored: true,
            domain: domain
        });
        bytes32 purpose = bytes32(CertificateIds.encode(discharge));
        Issue memory made = _discharge(discharge, charged);
        wh = made.wh;
        if (wh == 0) revert EnergyCertificatesNothingLeft(cancelledWh, storageEfficiencyBp);
        (, uint256 feedInLeft) = _leftOf(meter, interval);
        if (wh > feedInLeft) revert EnergyCertificatesExceedsFeedIn(meter, interval, wh, feedInLeft);
        _use(meter, interval, wh);
        _cancel(owner, ids, amounts, owner, purpose);
        emit PassedThrough(meter, interval, owner, cancelledWh, wh);
        _issue(owner, made);
    }

    // --- views

    /// @inheritdoc IEnergyCertificates
    function finalAt(uint32 meter, uint32 day) external view returns (uint256 timestamp) {
        registry.meterOf(meter);
        (timestamp, ) = MeterColumns.finalAt(readings, meter, day);
    }

    /// @inheritdoc IEnergyCertificates
    function issuedOf(uint32 meter, uint32 interval) external view returns (uint32 wh) {
        return registry.meterOf(meter).class == MeterClass.Storage ? 0 : _amounts[meter].get(interval);
    }

    /// @inheritdoc IEnergyCertificates
    function shortfallOf(uint32 meter) external view returns (uint256 wh) {
        return _shortfalls[meter];
    }

    /// @inheritdoc IEnergyCertificates
    function cancelledOf(uint256 id) external view returns (uint256 wh) {
        return _cancelled[id];
    }

    /// @inheritdoc IEnergyCertificates
    function storageOf(uint32 meter, uint32 interval) external view returns (int32 wh, uint32 usedWh) {
        if (registry.meterOf(meter).class != MeterClass.Storage) return (0, 0);
        // The bits of an int32 as proveStorage put them there.
        return (int32(_proven[meter].get(interval)), _amounts[meter].get(interval));
    }

    /// @inheritdoc IEnergyCertificates
    function certificateOf(uint256 id) external pure returns (Certificate memory certificate) {
        return CertificateIds.decode(id);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC1155, IERC165) returns (bool supported) {
        return interfaceId == type(IEnergyCertificates).interfaceId || super.supportsInterface(interfaceId);
    }

    // --- internals that write

    /// @dev Brings the records of the intervals up to what was fed in, and says what is to be issued for it.
    function _feedIn(
        Meter memory device,
        MeterDay memory proven,
        bytes calldata column,
        uint256 intervals
    ) private returns (Issue memory made) {
        made.ids = new uint256[](intervalsPerDay);
        made.amounts = new uint256[](intervalsPerDay);
        made.shortfall = _shortfalls[proven.meter];
        Certificate memory certificate;
        certificate.meter = proven.meter;
        certificate.source = device.source;
        certificate.domain = domain;
        for (uint256 n = 0; n < intervalsPerDay; ++n) {
            if ((intervals >> n) & 1 == 0) continue;
            certificate.interval = proven.firstInterval + uint32(n); // n is below 256
            int256 value = MeterColumns.valueOf(readings, proven, column, n);
            if (_record(made, certificate, value < 0 ? uint256(-value) : 0, device.exportCapWh)) {
                made.changed |= 1 << n;
            }
        }
    }

    /// @dev Brings the record of one interval up to what was fed in.
    function _record(
        Issue memory made,
        Certificate memory certificate,
        uint256 fedIn,
        uint256 cap
    ) private returns (bool changed) {
        Lanes storage lanes = _amounts[certificate.meter];
        uint256 recorded = lanes.get(certificate.interval);
        uint256 due = Math.min(fedIn, cap);
        if (due > recorded) {
            uint256 madeUpFor = Math.min(due - recorded, made.shortfall);
            made.shortfall -= madeUpFor;
            _add(made, certificate, due - recorded - madeUpFor);
        } else if (fedIn < recorded) {
            // What is above the cap of now was within the cap of then, so only the reading counts.
            made.shortfall += recorded - fedIn;
            due = fedIn;
        } else {
            return false;
        }
        // At most a cap of 32 bits, or less than what was recorded.
        lanes.set(certificate.interval, uint32(due));
        return true;
    }

    /// @dev Uses up the draw of the intervals of certificates that charged a battery, and adds them up by source.
    function _useDraw(
        uint32 meter,
        uint32 dischargeInterval,
        uint256[] calldata ids,
        uint256[] calldata amounts
    ) private returns (uint256[] memory charged, uint256 wh) {
        charged = new uint256[](SOURCES);
        for (uint256 i = 0; i < ids.length; ++i) {
            Certificate memory certificate = CertificateIds.decode(ids[i]);
            uint32 interval = certificate.interval;
            if (interval >= dischargeInterval) revert EnergyCertificatesNotBefore(ids[i], dischargeInterval);
            (uint256 drawLeft, ) = _leftOf(meter, interval);
            if (amounts[i] > drawLeft) revert EnergyCertificatesExceedsDraw(meter, interval, amounts[i], drawLeft);
            _use(meter, interval, amounts[i]);
            charged[uint256(certificate.source)] += amounts[i];
            wh += amounts[i];
        }
    }

    function _use(uint32 meter, uint32 interval, uint256 wh) private {
        Lanes storage lanes = _amounts[meter];
        // The caller saw to it that no more is used than an int32 holds.
        lanes.set(interval, uint32(lanes.get(interval) + wh));
    }

    function _cancel(
        address account,
        uint256[] calldata ids,
        uint256[] calldata amounts,
        address beneficiary,
        bytes32 purpose
    ) private {
        for (uint256 i = 0; i < ids.length; ++i) {
            _cancelled[ids[i]] += amounts[i];
        }
        // Burning calls nobody.
        _burnBatch(account, ids, amounts);
        emit CertificatesCancelled(account, beneficiary, purpose, ids, amounts);
    }

    /// @dev Issues what was gathered. Calls the receiver last.
    function _issue(address owner, Issue memory made) private {
        uint256[] memory ids = made.ids;
        uint256[] memory amounts = made.amounts;
        uint256 count = made.count;
        // Both arrays only become shorter: `count` entries of them are filled in.
        assembly ("memory-safe") {
            mstore(ids, count)
            mstore(amounts, count)
        }
        _mintBatch(owner, ids, amounts, "");
    }

    // --- internals that read

    function _prove(
        uint32 meter,
        uint32 day,
        bytes calldata column,
        bytes32[] calldata proof,
        uint256 intervals
    ) private view returns (MeterDay memory proven) {
        if (intervals >> intervalsPerDay != 0) {
            revert EnergyCertificatesUnknownInterval(intervals, intervalsPerDay);
        }
        return MeterColumns.prove(readings, meter, day, column, proof, intervalsPerDay);
    }

    /// @dev What comes out of a battery for what went in, by source. Losses are rounded up.
    function _discharge(
        Certificate memory certificate,
        uint256[] memory charged
    ) private view returns (Issue memory made) {
        made.ids = new uint256[](SOURCES);
        made.amounts = new uint256[](SOURCES);
        for (uint256 source = 0; source < SOURCES; ++source) {
            certificate.source = EnergySource(source);
            _add(made, certificate, (charged[source] * storageEfficiencyBp) / BASIS_POINTS);
        }
    }

    /// @dev What is left of a battery's interval: draw for which certificates can be cancelled, or feed-in for which they
    /// can be issued, Wh.
    function _leftOf(uint32 meter, uint32 interval) private view returns (uint256 draw, uint256 feedIn) {
        int256 value = int32(_proven[meter].get(interval)); // the bits of an int32
        Override memory amended = readings.overrideOf(meter, interval);
        if (amended.version != 0) {
            // What was amended since it was proven counts at once where it is less, and by {proveStorage} where it is more.
            value =
                value > 0
                    ? SignedMath.min(value, SignedMath.max(amended.wh, 0))
                    : SignedMath.max(value, SignedMath.min(amended.wh, 0));
        }
        uint256 used = _amounts[meter].get(interval);
        // An amendment may have left less than is used.
        if (value > 0) draw = Math.saturatingSub(uint256(value), used);
        else feedIn = Math.saturatingSub(uint256(-value), used);
    }

    function _requireStorage(uint32 meter) private view returns (Meter memory device) {
        device = registry.meterOf(meter);
        if (device.class != MeterClass.Storage) {
            revert EnergyCertificatesNotCertifiable(meter, device.class, device.source);
        }
    }

    function _checkCancellation(address account, uint256[] calldata ids, uint256[] calldata amounts) private view {
        if (msg.sender != account && !isApprovedForAll(account, msg.sender)) {
            revert EnergyCertificatesNotAllowed(account, msg.sender);
        }
        uint256 length = ids.length;
        if (length == 0 || length > MAX_IDS) revert EnergyCertificatesBadLength(length, MAX_IDS);
        if (amounts.length != length) revert EnergyCertificatesLengthMismatch(length, amounts.length);
        for (uint256 i = 0; i < length; ++i) {
            if (amounts[i] == 0) revert EnergyCertificatesZeroAmount(i);
        }
    }

    /// @dev Adds an entry to what is issued, unless it is nothing.
    function _add(Issue memory made, Certificate memory certificate, uint256 wh) private pure {
        if (wh == 0) return;
        made.ids[made.count] = CertificateIds.encode(certificate);
        made.amounts[made.count] = wh;
        ++made.count;
        made.wh += wh;
    }
}
