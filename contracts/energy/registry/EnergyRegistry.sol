// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {AccountSlots} from "../market/AccountSlots.sol";
import {
    EnergyRules,
    EnergySource,
    Feeder,
    IEnergyRegistry,
    Meter,
    MeterClass,
    MeterStatus,
    Tariff
} from "./IEnergyRegistry.sol";
import {IntervalSeries, Series} from "./IntervalSeries.sol";

/// @title EnergyRegistry
/// @notice Feeders, meters and tariffs of a district, and the clock of its intervals.
/// @dev Trust: ENERGY_REGISTRAR is believed about which meters exist, behind which feeder, with which key and whose they
/// are. It can bar a meter from the market and hand it to somebody else, but has no hold on free money: what an account has
/// stays with its former owner, and only what is locked for intervals not settled goes with the meter. ENERGY_TARIFFS is
/// believed to write down what supplier and grid operator agreed. Neither can change tariff or limits of an interval that
/// is open or past. Nobody can pause anything.
///
/// Longer than 400 lines because feeders, meters and tariffs are small tables that share one clock, and whoever needs one
/// of them needs the others.
contract EnergyRegistry is IEnergyRegistry, AccessManaged {
    using IntervalSeries for Series;

    /// @dev What is stored of a meter. Three slots.
    struct MeterRecord {
        /// @dev Key that signs its readings, unless the next one has taken over; zero: not registered.
        address key;
        /// @dev See {Meter}.
        uint32 importCapWh;
        uint32 exportCapWh;
        EnergySource source;
        MeterClass class;
        MeterStatus status;
        /// @dev Whether a next key is announced, or has taken over without having been moved to `key`. Spares whoever
        /// reads a whole feeder a slot for each meter.
        bool keyAnnounced;
        /// @dev Account of the household or company behind it.
        address owner;
        /// @dev Key that takes over; means nothing unless one is announced.
        address nextKey;
        /// @dev Unix time at which it does.
        uint40 nextKeyAt;
    }

    uint32 private constant MIN_INTERVAL_LENGTH = 1 minutes;
    uint32 private constant MAX_INTERVAL_LENGTH = 1 hours;
    uint256 private constant MAX_HORIZON_DURATION = 365 days;
    uint256 private constant MAX_METERS = 256;
    uint256 private constant FEEDER_SHIFT = 8;
    uint256 private constant LAST_TICK = 255;
    uint256 private constant MAX_SCHEDULE = 1024;
    uint256 private constant INTERVAL_COUNT = 1 << 32;
    uint256 private constant TARIFFS_PER_WORD = 16;
    uint256 private constant TARIFF_BITS = 16;
    uint224 private constant LIMIT_BITS = 56;
    uint56 private constant NO_LIMIT = type(uint56).max;

    /// @dev Numbers of the members of {Tariff}.
    uint256 private constant RETAIL = 1;
    uint256 private constant FEEDER_FEE = 2;
    uint256 private constant BASE_PRICE = 4;
    uint256 private constant TICK_SIZE = 5;
    uint256 private constant RULES = 6;

    /// @inheritdoc IEnergyRegistry
    uint32 public immutable intervalLength;
    /// @inheritdoc IEnergyRegistry
    uint32 public immutable horizon;
    /// @inheritdoc IEnergyRegistry
    uint32 public immutable keyDelay;

    /// @inheritdoc IEnergyRegistry
    uint16 public lastFeeder;
    uint16 private _tariffCount;
    mapping(uint16 feeder => Feeder record) private _feeders;
    /// @dev How much each way is below no limit, so that zero means no limit.
    mapping(uint16 feeder => Series limits) private _limits;
    mapping(uint32 meterId => MeterRecord record) private _meters;
    mapping(uint16 tariffId => Tariff tariff) private _tariffs;
    /// @dev Numbers of tariffs; zero: none.
    Series private _defaultTariffs;
    /// @dev 16 numbers of tariffs in each word, the first interval's in the lowest bits; zero: the default.
    mapping(uint256 word => uint256 tariffIds) private _schedule;

    /// @param authority The city's AccessManager.
    /// @param intervalLength_ Seconds of an interval.
    /// @param horizon_ Intervals before its beginning at which an interval opens.
    /// @param keyDelay_ Seconds between the announcement of a meter's new key and its taking over.
    constructor(address authority, uint32 intervalLength_, uint32 horizon_, uint32 keyDelay_) AccessManaged(authority) {
        if (
            intervalLength_ < MIN_INTERVAL_LENGTH ||
            intervalLength_ > MAX_INTERVAL_LENGTH ||
            1 days % intervalLength_ != 0 ||
            horizon_ == 0 ||
            uint256(horizon_) * intervalLength_ > MAX_HORIZON_DURATION
        ) {
            revert EnergyRegistryInvalidClock(intervalLength_, horizon_);
        }
        intervalLength = intervalLength_;
        horizon = horizon_;
        keyDelay = keyDelay_;
    }

    // --- feeders

    /// @inheritdoc IEnergyRegistry
    function registerFeeder(
        uint16 feeder,
        address operator,
        address gridOperator,
        address meterKey
    ) external restricted {
        Feeder storage record = _feeders[feeder];
        if (feeder == 0 || record.operator != address(0)) revert EnergyRegistryFeederTaken(feeder);
        _checkOperators(operator, gridOperator);
        (record.operator, record.gridOperator, record.meterKey) = (operator, gridOperator, meterKey);
        if (feeder > lastFeeder) lastFeeder = feeder;
        emit FeederRegistered(feeder, operator, gridOperator, meterKey);
    }

    /// @inheritdoc IEnergyRegistry
    function changeFeeder(uint16 feeder, address operator, address gridOperator, address meterKey) external restricted {
        Feeder storage record = _requireFeeder(feeder);
        _checkOperators(operator, gridOperator);
        if (record.operator == operator && record.gridOperator == gridOperator && record.meterKey == meterKey) {
            revert EnergyRegistryUnchanged();
        }
        (record.operator, record.gridOperator, record.meterKey) = (operator, gridOperator, meterKey);
        emit FeederChanged(feeder, operator, gridOperator, meterKey);
    }

    /// @inheritdoc IEnergyRegistry
    function limitFeeder(uint16 feeder, uint32 fromInterval, uint56 importWh, uint56 exportWh) external restricted {
        _requireFeeder(feeder);
        uint224 limits = (uint224(NO_LIMIT - importWh) << LIMIT_BITS) | (NO_LIMIT - exportWh);
        _limits[feeder].set(fromInterval, limits, firstChangeable());
        emit FeederLimited(feeder, fromInterval, importWh, exportWh);
    }

    // --- meters

    /// @inheritdoc IEnergyRegistry
    function registerMeter(
        uint16 feeder,
        address owner,
        Meter calldata meter
    ) external restricted returns (uint32 meterId) {
        Feeder storage record = _requireFeeder(feeder);
        if (
            meter.key == address(0) ||
            owner == address(0) ||
            meter.class == MeterClass.None ||
            (meter.status != MeterStatus.Trading && meter.status != MeterStatus.Sharing)
        ) {
            revert EnergyRegistryInvalidMeter(meter.key, owner, meter.class, meter.status);
        }
        _checkCap(meter.importCapWh);
        _checkCap(meter.exportCapWh);
        uint16 position = record.meterCount;
        if (position == MAX_METERS) revert EnergyRegistryFeederFull(feeder, MAX_METERS);
        record.meterCount = position + 1;
        meterId = (uint32(feeder) << uint32(FEEDER_SHIFT)) | position;
        _meters[meterId] = MeterRecord({
            key: meter.key,
            importCapWh: meter.importCapWh,
            exportCapWh: meter.exportCapWh,
            source: meter.source,
            class: meter.class,
            status: meter.status,
            keyAnnounced: false,
            owner: owner,
            nextKey: address(0),
            nextKeyAt: 0
        });
        emit MeterRegistered(
            meterId,
            owner,
            meter.key,
            meter.importCapWh,
            meter.exportCapWh,
            meter.source,
            meter.class,
            meter.status
        );
    }

    /// @inheritdoc IEnergyRegistry
    function setOwner(uint32 meterId, address owner) external restricted {
        MeterRecord storage record = _requireInUse(meterId);
        address previous = record.owner;
        if (owner == address(0)) revert EnergyRegistryInvalidMeter(_keyOf(record), owner, record.class, record.status);
        if (owner == previous) revert EnergyRegistryUnchanged();
        record.owner = owner;
        emit MeterOwnerChanged(meterId, previous, owner);
    }

    /// @inheritdoc IEnergyRegistry
    function rate(uint32 meterId, uint32 importCapWh, uint32 exportCapWh, EnergySource source) external restricted {
        MeterRecord storage record = _requireInUse(meterId);
        _checkCap(importCapWh);
        _checkCap(exportCapWh);
        if (record.importCapWh == importCapWh && record.exportCapWh == exportCapWh && record.source == source) {
            revert EnergyRegistryUnchanged();
        }
        (record.importCapWh, record.exportCapWh, record.source) = (importCapWh, exportCapWh, source);
        emit MeterRated(meterId, importCapWh, exportCapWh, source);
    }

    /// @inheritdoc IEnergyRegistry
    function setStatus(uint32 meterId, MeterStatus status) external restricted {
        MeterRecord storage record = _requireInUse(meterId);
        MeterStatus previous = record.status;
        if (status == MeterStatus.None) {
            revert EnergyRegistryInvalidMeter(_keyOf(record), record.owner, record.class, status);
        }
        if (status == previous) revert EnergyRegistryUnchanged();
        record.status = status;
        emit MeterStatusChanged(meterId, previous, status);
    }

    /// @inheritdoc IEnergyRegistry
    function announceKey(uint32 meterId, address key) external restricted {
        MeterRecord storage record = _requireInUse(meterId);
        if (key == address(0)) revert EnergyRegistryInvalidMeter(key, record.owner, record.class, record.status);
        if (key == (record.keyAnnounced ? record.nextKey : record.key)) revert EnergyRegistryUnchanged();
        uint40 fromAt = uint40(block.timestamp + keyDelay); // 40 bits of seconds last 34,000 years
        (record.key, record.keyAnnounced) = (_keyOf(record), true);
        (record.nextKey, record.nextKeyAt) = (key, fromAt);
        emit MeterKeyAnnounced(meterId, key, fromAt);
    }

    // --- tariffs

    /// @inheritdoc IEnergyRegistry
    function createTariff(Tariff calldata tariff) external restricted returns (uint16 tariffId) {
        _checkTariff(tariff);
        uint256 count = uint256(_tariffCount) + 1;
        if (count > type(uint16).max) revert EnergyRegistryTooManyTariffs(count, type(uint16).max);
        _tariffCount = tariffId = uint16(count);
        _tariffs[tariffId] = tariff;
        emit TariffCreated(tariffId, tariff);
    }

    /// @inheritdoc IEnergyRegistry
    function setDefaultTariff(uint16 tariffId, uint32 fromInterval) external restricted {
        if (tariffId == 0) revert EnergyRegistryUnknownTariff(tariffId);
        _checkTariffId(tariffId);
        uint224 previous = _defaultTariffs.set(fromInterval, tariffId, firstChangeable());
        emit DefaultTariffSet(tariffId, fromInterval, uint16(previous)); // only numbers of tariffs are set
    }

    /// @inheritdoc IEnergyRegistry
    function scheduleTariffs(uint32 fromInterval, uint16[] calldata tariffIds) external restricted {
        uint32 first = firstChangeable();
        if (fromInterval < first) revert EnergyRegistryIntervalOpen(fromInterval, first);
        uint256 limit = INTERVAL_COUNT - fromInterval;
        if (limit > MAX_SCHEDULE) limit = MAX_SCHEDULE;
        uint256 length = tariffIds.length;
        if (length == 0 || length > limit) revert EnergyRegistryInvalidSchedule(length, limit);
        bool changed = false;
        for (uint256 done = 0; done < length;) {
            (uint256 word, uint256 shift) = _placeOf(fromInterval + done);
            uint256 stored = _schedule[word];
            uint256 ids = stored;
            for (; shift < TARIFFS_PER_WORD * TARIFF_BITS && done < length; shift += TARIFF_BITS) {
                uint16 tariffId = tariffIds[done++];
                _checkTariffId(tariffId);
                ids = (ids & ~(uint256(type(uint16).max) << shift)) | (uint256(tariffId) << shift);
            }
            if (ids == stored) continue;
            _schedule[word] = ids;
            changed = true;
        }
        if (!changed) revert EnergyRegistryUnchanged();
        emit TariffsScheduled(fromInterval, tariffIds);
    }

    // --- views

    /// @inheritdoc IEnergyRegistry
    function tariffOf(uint32 interval) external view returns (Tariff memory tariff) {
        (uint256 word, uint256 shift) = _placeOf(interval);
        uint16 tariffId = uint16(_schedule[word] >> shift); // the lowest 16 bits
        if (tariffId == 0) tariffId = uint16(_defaultTariffs.valueOf(interval)); // only numbers of tariffs are set
        if (tariffId == 0) revert EnergyRegistryNoTariff(interval);
        return _tariffs[tariffId];
    }

    /// @inheritdoc IEnergyRegistry
    function tariffAt(uint16 tariffId) external view returns (Tariff memory tariff) {
        if (tariffId == 0) revert EnergyRegistryUnknownTariff(tariffId);
        _checkTariffId(tariffId);
        return _tariffs[tariffId];
    }

    /// @inheritdoc IEnergyRegistry
    function feederOf(uint16 feeder) external view returns (Feeder memory found) {
        return _requireFeeder(feeder);
    }

    /// @inheritdoc IEnergyRegistry
    function limitsOf(uint16 feeder, uint32 interval) external view returns (uint56 importWh, uint56 exportWh) {
        uint224 limits = _limits[feeder].valueOf(interval);
        // Each is 56 bits wide; the upper has nothing above it.
        return (NO_LIMIT - uint56(limits >> LIMIT_BITS), NO_LIMIT - uint56(limits));
    }

    /// @inheritdoc IEnergyRegistry
    function meterOf(uint32 meterId) external view returns (Meter memory meter) {
        return _toMeter(_requireMeter(meterId));
    }

    /// @inheritdoc IEnergyRegistry
    function ownerOf(uint32 meterId) external view returns (address owner) {
        return _requireMeter(meterId).owner;
    }

    /// @inheritdoc IEnergyRegistry
    function metersOf(uint16 feeder) external view returns (Meter[] memory meters) {
        uint256 count = _requireFeeder(feeder).meterCount;
        uint32 first = uint32(feeder) << uint32(FEEDER_SHIFT);
        meters = new Meter[](count);
        for (uint256 i = 0; i < count; ++i) {
            meters[i] = _toMeter(_meters[first | uint32(i)]); // fewer than MAX_METERS
        }
    }

    /// @inheritdoc IEnergyRegistry
    function currentInterval() public view returns (uint32 interval) {
        return uint32(block.timestamp / intervalLength); // 32 bits of minutes last 8,000 years
    }

    /// @inheritdoc IEnergyRegistry
    function firstChangeable() public view returns (uint32 interval) {
        return currentInterval() + horizon + 1;
    }

    // --- internals

    function _requireFeeder(uint16 feeder) private view returns (Feeder storage record) {
        record = _feeders[feeder];
        if (record.operator == address(0)) revert EnergyRegistryUnknownFeeder(feeder);
    }

    function _requireMeter(uint32 meterId) private view returns (MeterRecord storage record) {
        record = _meters[meterId];
        if (record.status == MeterStatus.None) revert EnergyRegistryUnknownMeter(meterId);
    }

    function _requireInUse(uint32 meterId) private view returns (MeterRecord storage record) {
        record = _requireMeter(meterId);
        if (record.status == MeterStatus.Retired) revert EnergyRegistryRetired(meterId);
    }

    function _toMeter(MeterRecord storage record) private view returns (Meter memory meter) {
        return
            Meter({
                key: _keyOf(record),
                importCapWh: record.importCapWh,
                exportCapWh: record.exportCapWh,
                source: record.source,
                class: record.class,
                status: record.status
            });
    }

    /// @dev The key that holds now.
    function _keyOf(MeterRecord storage record) private view returns (address key) {
        if (record.keyAnnounced && block.timestamp >= record.nextKeyAt) return record.nextKey;
        return record.key;
    }

    function _checkTariffId(uint16 tariffId) private view {
        if (tariffId > _tariffCount) revert EnergyRegistryUnknownTariff(tariffId);
    }

    function _checkOperators(address operator, address gridOperator) private pure {
        if (operator == address(0) || gridOperator == address(0) || operator == gridOperator) {
            revert EnergyRegistryInvalidOperators(operator, gridOperator);
        }
    }

    function _checkCap(uint32 capWh) private pure {
        (, uint256 nearestWh) = AccountSlots.encodeCap(capWh);
        // Not above the cap, which has 32 bits.
        if (nearestWh != capWh) revert EnergyRegistryCapNotRepresentable(capWh, uint32(nearestWh));
    }

    function _checkTariff(Tariff calldata tariff) private pure {
        (uint256 retail, uint256 base, uint256 size) = (tariff.retail, tariff.basePrice, tariff.tickSize);
        _require(retail != 0, RETAIL, retail, 1);
        _require(tariff.feederFee <= tariff.gridFee, FEEDER_FEE, tariff.feederFee, tariff.gridFee);
        _require(base >= tariff.feedIn, BASE_PRICE, base, tariff.feedIn);
        _require(base <= retail, BASE_PRICE, base, retail);
        _require(size != 0, TICK_SIZE, size, 1);
        _require(base + LAST_TICK * size >= retail, TICK_SIZE, size, (retail - base + LAST_TICK - 1) / LAST_TICK);
        uint8 rules = tariff.rules;
        _require(rules <= EnergyRules.ALL, RULES, rules, EnergyRules.ALL);
        if (rules & EnergyRules.FEEDER_FIRST != 0) _requireRule(rules, EnergyRules.BY_FEEDER);
        if (rules & EnergyRules.SURPLUS_TO_POT != 0) _requireRule(rules, EnergyRules.PAY_AS_BID);
    }

    function _requireRule(uint8 rules, uint8 rule) private pure {
        _require(rules & rule != 0, RULES, rules, rules | rule);
    }

    function _require(bool holds, uint256 field, uint256 value, uint256 limit) private pure {
        if (!holds) revert EnergyRegistryInvalidTariff(field, value, limit);
    }

    /// @dev Where the schedule has the tariff of an interval.
    function _placeOf(uint256 interval) private pure returns (uint256 word, uint256 shift) {
        return (interval / TARIFFS_PER_WORD, (interval % TARIFFS_PER_WORD) * TARIFF_BITS);
    }
}
