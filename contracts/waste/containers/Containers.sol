// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {CompactSignature, CompactSignatures} from "../../authority/CompactSignatures.sol";
import {ICredentialRegistry} from "../../identity/ICredentialRegistry.sol";
import {IMaterialCodes} from "../codes/IMaterialCodes.sol";
import {IWasteOperators} from "../operators/IWasteOperators.sol";
import {WasteCredentials} from "../WasteCredentials.sol";
import {BinHead, BinPlate, BinSlots} from "./BinSlots.sol";
import {FillMessages} from "./FillMessages.sol";
import {BinRecord, BinState, BinStatus, Emptying, Fill, FillFault, IContainers, Route} from "./IContainers.sol";

/// @title Containers
/// @notice Containers of a city and what their devices say, see {IContainers}.
/// @dev Trust:
/// - A device is believed about its container's fill, within the checks of a reading: it cannot speak for another container,
///   twice, or from the future.
/// - A holder of WASTE_GATEWAY is believed about every container that it names, until its issuer takes the credential away.
///   It can report what it likes and run counters ahead, so that a device's own readings are refused until WASTE_FLEET lets
///   its counter begin anew. It cannot hold up a ticket, which is held against tickets alone. Its key is asked for no owner: a gateway that loses it
///   has the credential suspended.
/// - WASTE_FLEET is believed about which containers there are, where, and with which keys. With a key of its own it could sign
///   tickets as a device, but for a lot it needs a collector too.
/// - The contract that keeps the lots, named once by WASTE_WIRING, is believed about who signed a ticket.
/// - Operators and codes are believed about who collects, and which codes there are.
/// - Nobody can pause anything.
///
/// Longer than 400 lines because three ways of reading and the ticket share one set of checks.
contract Containers is IContainers, AccessManaged, EIP712 {
    using CompactSignatures for bytes32;

    uint256 private constant MAX_BP = 10_000;
    /// @dev Fall of a fill, basis points, that only an emptying explains.
    uint256 private constant EMPTYING_BP = 3_000;
    /// @dev Seconds by which a device's clock may run ahead of the chain.
    uint256 private constant CLOCK_TOLERANCE = 300;
    /// @dev Bytes of a packed reading, without and with its signature.
    uint256 private constant FILL_LENGTH = 15;
    uint256 private constant SIGNED_LENGTH = 79;
    uint256 private constant MAX_FILLS = 400;
    uint256 private constant MAX_SIGNED_FILLS = 200;
    uint256 private constant STOP_LENGTH = 4;
    uint256 private constant MAX_STOPS = 500;
    uint256 private constant WORD_LENGTH = 32;

    /// @dev Where the members of a packed reading lie, once it is at the low end of a word.
    uint256 private constant PACKED_SHIFT = 136;
    uint256 private constant BIN_SHIFT = 88;
    uint256 private constant COUNTER_SHIFT = 56;
    uint256 private constant TIME_SHIFT = 16;

    /// @inheritdoc IContainers
    IMaterialCodes public immutable codes;
    /// @inheritdoc IContainers
    IWasteOperators public immutable operators;
    /// @inheritdoc IContainers
    ICredentialRegistry public immutable credentials;

    /// @inheritdoc IContainers
    address public lots;
    uint32 private _binCount;
    uint32 private _routeCount;
    mapping(uint32 binId => BinHead head) private _heads;
    mapping(uint32 binId => BinPlate plate) private _plates;
    /// @inheritdoc IContainers
    mapping(address device => uint32 binId) public binOf;
    mapping(uint32 routeId => Route route) private _routes;

    /// @param authority The city's AccessManager.
    /// @param codes_ The list that codes are of.
    /// @param operators_ Who handles waste.
    /// @param credentials_ Registry of gateways' credentials.
    constructor(
        address authority,
        IMaterialCodes codes_,
        IWasteOperators operators_,
        ICredentialRegistry credentials_
    ) EIP712("Civitas Containers", "1") AccessManaged(authority) {
        codes = codes_;
        operators = operators_;
        credentials = credentials_;
    }

    // --- containers

    /// @inheritdoc IContainers
    function register(
        address device,
        uint16 alertBp,
        BinRecord calldata record
    ) external restricted returns (uint32 binId) {
        _checkRecord(alertBp, record);
        _checkCode(record.code);
        binId = ++_binCount;
        _bind(binId, device);
        BinPlate plate = BinPlate.wrap(0).withRecord(record);
        _heads[binId] = BinSlots.packHead(device, alertBp);
        _plates[binId] = plate;
        emit BinRegistered(binId, device, alertBp, plate.toRecord());
    }

    /// @inheritdoc IContainers
    function change(uint32 binId, uint16 alertBp, BinRecord calldata record) external restricted {
        BinHead head = _requireInUse(binId);
        BinPlate plate = _plates[binId];
        _checkRecord(alertBp, record);
        if (record.code != plate.code()) _checkCode(record.code);
        BinPlate changed = plate.withRecord(record);
        if (changed.equals(plate) && alertBp == head.alertBp()) revert ContainersUnchanged(binId);
        _heads[binId] = head.withAlert(alertBp);
        _plates[binId] = changed;
        emit BinChanged(binId, alertBp, changed.toRecord());
    }

    /// @inheritdoc IContainers
    function setStatus(uint32 binId, BinStatus status) external restricted {
        BinHead head = _require(binId);
        BinStatus current = head.status();
        if (status == BinStatus.None || status == current || current == BinStatus.Retired) {
            revert ContainersBadStatus(binId, current, status);
        }
        _heads[binId] = head.withStatus(status);
        emit BinStatusSet(binId, status);
    }

    /// @inheritdoc IContainers
    function setDevice(uint32 binId, address device) external restricted {
        BinHead head = _requireInUse(binId);
        address previous = head.device();
        if (device != previous) {
            _bind(binId, device);
            _plates[binId] = _plates[binId].withoutTicketCounter();
        } else if (head.counter() == 0) {
            revert ContainersUnchanged(binId);
        }
        _heads[binId] = head.withDevice(device);
        emit DeviceSet(binId, previous, device);
    }

    // --- readings

    /// @inheritdoc IContainers
    function report(Fill calldata fill, CompactSignature calldata signature) external {
        (uint32 binId, uint32 counter, uint40 takenAt, uint16 fillBp) = (
            fill.binId,
            fill.counter,
            fill.takenAt,
            fill.fillBp
        );
        BinHead head = _heads[binId];
        (FillFault fault, uint256 got, uint256 limit) = _check(head, counter, takenAt, fillBp);
        if (fault != FillFault.None) _refuse(binId, fault, got, limit);
        address key = FillMessages.digest(_domainSeparatorV4(), binId, counter, takenAt, fillBp).recover(signature);
        if (key != head.device()) revert ContainersBadDeviceSignature(binId, key);
        _heads[binId] = head.withReading(counter, takenAt, fillBp);
        emit FillReported(binId, counter, takenAt, fillBp);
        _alert(binId, head, fillBp);
    }

    /// @inheritdoc IContainers
    function reportMany(bytes calldata fills) external returns (uint256 accepted) {
        _checkLength(fills.length, SIGNED_LENGTH, MAX_SIGNED_FILLS);
        bytes32 domain = _domainSeparatorV4();
        for (uint256 start = 0; start < fills.length; start += SIGNED_LENGTH) {
            (uint32 binId, uint32 counter, uint40 takenAt, uint16 fillBp) = _unpack(_wordAt(fills, start));
            BinHead head = _heads[binId];
            (FillFault fault, , ) = _check(head, counter, takenAt, fillBp);
            if (fault == FillFault.None) {
                bytes32 digest = FillMessages.digest(domain, binId, counter, takenAt, fillBp);
                address key = digest.recover(_signatureAt(fills, start));
                if (key != head.device()) fault = FillFault.BadDeviceSignature;
            }
            if (fault == FillFault.None) {
                ++accepted;
                _heads[binId] = head.withReading(counter, takenAt, fillBp);
                emit FillReported(binId, counter, takenAt, fillBp);
                _alert(binId, head, fillBp);
            } else {
                emit FillSkipped(binId, counter, fault);
            }
        }
    }

    /// @inheritdoc IContainers
    function reportPacked(bytes calldata fills) external returns (uint256 accepted) {
        if (!credentials.holds(WasteCredentials.WASTE_GATEWAY, msg.sender)) revert ContainersNotGateway(msg.sender);
        _checkLength(fills.length, FILL_LENGTH, MAX_FILLS);
        // A word longer, because every reading is written as a whole word and the next one written over its end.
        bytes memory told = new bytes(fills.length + WORD_LENGTH);
        for (uint256 start = 0; start < fills.length; start += FILL_LENGTH) {
            uint256 word = _wordAt(fills, start);
            (uint32 binId, uint32 counter, uint40 takenAt, uint16 fillBp) = _unpack(word);
            BinHead head = _heads[binId];
            (FillFault fault, , ) = _check(head, counter, takenAt, fillBp);
            if (fault == FillFault.None) {
                // No more readings are accepted than come, so the word ends within `told`.
                assembly ("memory-safe") {
                    mstore(add(add(told, 0x20), mul(accepted, FILL_LENGTH)), word)
                }
                ++accepted;
                _heads[binId] = head.withReading(counter, takenAt, fillBp);
                _alert(binId, head, fillBp);
            } else {
                emit FillSkipped(binId, counter, fault);
            }
        }
        if (accepted == 0) return 0;
        assembly ("memory-safe") {
            mstore(told, mul(accepted, FILL_LENGTH)) // shorter than it was made
        }
        emit FillsReported(msg.sender, told);
    }

    // --- emptying

    /// @inheritdoc IContainers
    function planRoute(bytes calldata binIds, uint40 plannedAt, bytes32 vehicle) external returns (uint32 routeId) {
        (uint32 operatorId, ) = operators.collectorOf(msg.sender, 0);
        if (operatorId == 0) revert ContainersNotCollector(msg.sender);
        uint256 stops = binIds.length / STOP_LENGTH;
        if (stops == 0 || stops > MAX_STOPS) revert ContainersBadRoute(stops, MAX_STOPS);
        _checkLength(binIds.length, STOP_LENGTH, MAX_STOPS);
        routeId = ++_routeCount;
        _routes[routeId] = Route({
            operatorId: operatorId,
            plannedAt: plannedAt,
            plannedStops: uint16(stops), // at most 500
            servedStops: 0,
            stopsHash: bytes14(keccak256(binIds))
        });
        emit RoutePlanned(routeId, operatorId, plannedAt, vehicle, binIds);
    }

    /// @inheritdoc IContainers
    function empty(Emptying calldata emptying) external returns (uint32 collection) {
        (FillFault fault, uint256 got, uint256 limit, uint32 collected) = _empty(emptying);
        if (fault != FillFault.None) _refuse(emptying.binId, fault, got, limit);
        return collected;
    }

    /// @inheritdoc IContainers
    function tryEmpty(Emptying calldata emptying) external returns (FillFault fault, uint32 collection) {
        (fault, , , collection) = _empty(emptying);
    }

    /// @inheritdoc IContainers
    function setLots(address lots_) external restricted {
        if (lots != address(0)) revert ContainersWired(lots);
        if (lots_.code.length == 0) revert ContainersNotLots(lots_);
        lots = lots_;
        emit LotsSet(lots_);
    }

    // --- views

    /// @inheritdoc IContainers
    function stateOf(uint32 binId) external view returns (BinState memory state) {
        return _require(binId).toState();
    }

    /// @inheritdoc IContainers
    function recordOf(uint32 binId) external view returns (BinRecord memory record) {
        _require(binId);
        return _plates[binId].toRecord();
    }

    /// @inheritdoc IContainers
    function ticketCounterOf(uint32 binId) external view returns (uint32 counter) {
        _require(binId);
        return _plates[binId].ticketCounter();
    }

    /// @inheritdoc IContainers
    function needsCollection(uint32[] calldata binIds) external view returns (uint32[] memory due) {
        due = new uint32[](binIds.length);
        uint256 count = 0;
        for (uint256 i = 0; i < binIds.length; ++i) {
            BinHead head = _require(binIds[i]);
            if (head.status() != BinStatus.Retired && head.fillBp() >= head.alertBp()) due[count++] = binIds[i];
        }
        assembly ("memory-safe") {
            mstore(due, count) // no longer than it was made
        }
    }

    /// @inheritdoc IContainers
    function routeOf(uint32 routeId) external view returns (Route memory route) {
        return _routes[routeId];
    }

    // --- internals that change state

    /// @dev Gives a container a key that never served.
    function _bind(uint32 binId, address device) private {
        uint32 served = binOf[device];
        if (device == address(0) || served != 0) revert ContainersBadDevice(device, served);
        binOf[device] = binId;
    }

    /// @dev Tells what a new fill means, given the container as it was before.
    function _alert(uint32 binId, BinHead head, uint16 fillBp) private {
        (uint16 previous, uint16 level) = (head.fillBp(), head.alertBp());
        if (fillBp >= level && previous < level) emit FillAlert(binId, fillBp);
        // At most 13,000.
        if (fillBp + EMPTYING_BP <= previous) emit UnrecordedEmptying(binId, previous, fillBp);
    }

    /// @dev Empties a container, or says what is wrong, in the order of {FillFault}: what was got, and what it is held against.
    function _empty(
        Emptying calldata emptying
    ) private returns (FillFault fault, uint256 got, uint256 limit, uint32 collection) {
        if (msg.sender != lots) revert ContainersNotLots(msg.sender);
        uint32 binId = emptying.binId;
        BinHead head = _heads[binId];
        BinPlate plate = _plates[binId];
        (fault, got, limit) = _checkEmptying(head, plate, emptying);
        if (fault != FillFault.None) return (fault, got, limit, 0);
        (uint32 counter, uint40 takenAt) = (emptying.counter, emptying.takenAt);
        collection = plate.collections() + 1; // each has a counter of its own, so 32 bits last for a device's lifetime
        _plates[binId] = plate.withTicket(counter, collection, takenAt);
        if (takenAt >= head.takenAt()) {
            uint32 last = head.counter();
            _heads[binId] = head.withReading(counter > last ? counter : last, takenAt, 0);
        }
        uint32 routeId = emptying.routeId;
        if (routeId != 0) _serve(routeId, emptying.operatorId);
    }

    /// @dev Counts a stop of a route, if it is the collector's own. Operators have numbers above zero.
    function _serve(uint32 routeId, uint32 operatorId) private {
        Route storage route = _routes[routeId];
        uint16 served = route.servedStops;
        if (route.operatorId == operatorId && served != type(uint16).max) route.servedStops = served + 1;
    }

    // --- internals that read

    function _require(uint32 binId) private view returns (BinHead head) {
        head = _heads[binId];
        if (head.status() == BinStatus.None) revert ContainersUnknownBin(binId);
    }

    function _requireInUse(uint32 binId) private view returns (BinHead head) {
        head = _require(binId);
        if (head.status() == BinStatus.Retired) revert ContainersBinNotActive(binId, BinStatus.Retired);
    }

    function _checkCode(uint24 code) private view {
        (bool valid, , ) = codes.checkOn(code, block.timestamp / 1 days);
        if (!valid) revert ContainersBadCode(code);
    }

    /// @dev Everything about a reading but its signature, in the order of {FillFault}: what was got, and what it is held
    /// against.
    function _check(
        BinHead head,
        uint32 counter,
        uint40 takenAt,
        uint16 fillBp
    ) private view returns (FillFault fault, uint256 got, uint256 limit) {
        BinStatus status = head.status();
        if (status == BinStatus.None) return (FillFault.UnknownBin, 0, 0);
        if (status != BinStatus.Active) return (FillFault.BinNotActive, uint256(status), 0);
        (got, limit) = (counter, head.counter());
        if (got <= limit) return (FillFault.CounterNotIncreasing, got, limit);
        (got, limit) = (takenAt, head.takenAt());
        if (got < limit) return (FillFault.TimeBackwards, got, limit);
        limit = _latestTime();
        if (got > limit) return (FillFault.TimeInFuture, got, limit);
        (got, limit) = (fillBp, MAX_BP);
        if (got > limit) return (FillFault.OutOfRange, got, limit);
    }

    /// @dev The same for a ticket, which is held against the ticket before.
    function _checkEmptying(
        BinHead head,
        BinPlate plate,
        Emptying calldata emptying
    ) private view returns (FillFault fault, uint256 got, uint256 limit) {
        BinStatus status = head.status();
        if (status == BinStatus.None) return (FillFault.UnknownBin, 0, 0);
        if (status == BinStatus.Retired) return (FillFault.BinNotActive, uint256(status), 0);
        (got, limit) = (emptying.counter, plate.ticketCounter());
        if (got <= limit) return (FillFault.CounterNotIncreasing, got, limit);
        (got, limit) = (emptying.takenAt, plate.emptiedAt());
        if (got < limit) return (FillFault.TimeBackwards, got, limit);
        limit = _latestTime();
        if (got > limit) return (FillFault.TimeInFuture, got, limit);
        if (emptying.device != head.device()) return (FillFault.BadDeviceSignature, uint160(emptying.device), 0);
        (got, limit) = (emptying.grams, plate.maxGrams());
        if (got > limit && limit != 0) return (FillFault.TooDense, got, limit);
    }

    /// @dev Latest time that a message may carry.
    function _latestTime() private view returns (uint256 latest) {
        return block.timestamp + CLOCK_TOLERANCE;
    }

    // --- internals that only compute

    function _checkRecord(uint16 alertBp, BinRecord calldata record) private pure {
        _requireRange(int256(uint256(alertBp)), 1, int256(MAX_BP));
        _requireRange(record.latitude, -BinSlots.MAX_LATITUDE, BinSlots.MAX_LATITUDE);
        _requireRange(record.longitude, -BinSlots.MAX_LONGITUDE, BinSlots.MAX_LONGITUDE);
        _requireRange(int256(uint256(record.capacityL)), 1, int256(uint256(type(uint32).max)));
    }

    function _requireRange(int256 value, int256 lowest, int256 highest) private pure {
        if (value < lowest || value > highest) revert ContainersBadRecord(value, lowest, highest);
    }

    /// @dev Reverts unless bytes are a whole number of records, from one up to a limit.
    function _checkLength(uint256 length, uint256 recordLength, uint256 maxRecords) private pure {
        uint256 limit = recordLength * maxRecords;
        if (length == 0 || length > limit || length % recordLength != 0) revert ContainersBadLength(length, limit);
    }

    /// @dev The 32 bytes from `start`. Bytes beyond the call data are zero, and those beyond the record are cut off.
    function _wordAt(bytes calldata data, uint256 start) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(data.offset, start))
        }
    }

    /// @dev Signature of the record that begins at `start`; the whole record lies within `fills`.
    function _signatureAt(
        bytes calldata fills,
        uint256 start
    ) private pure returns (CompactSignature calldata signature) {
        assembly ("memory-safe") {
            signature := add(add(fills.offset, start), FILL_LENGTH)
        }
    }

    /// @dev A packed reading at the high end of a word. Each member is narrowed after a shift that leaves it at the low end.
    function _unpack(uint256 word) private pure returns (uint32 binId, uint32 counter, uint40 takenAt, uint16 fillBp) {
        uint256 packed = word >> PACKED_SHIFT;
        return (
            uint32(packed >> BIN_SHIFT),
            uint32(packed >> COUNTER_SHIFT),
            uint40(packed >> TIME_SHIFT),
            uint16(packed)
        );
    }

    /// @dev Reverts with the error named like the fault. What is narrowed was widened from that type.
    function _refuse(uint32 binId, FillFault fault, uint256 got, uint256 limit) private pure {
        if (fault == FillFault.UnknownBin) revert ContainersUnknownBin(binId);
        if (fault == FillFault.BinNotActive) revert ContainersBinNotActive(binId, BinStatus(got));
        if (fault == FillFault.CounterNotIncreasing) {
            revert ContainersCounterNotIncreasing(binId, uint32(got), uint32(limit));
        }
        if (fault == FillFault.TimeBackwards) revert ContainersTimeBackwards(binId, uint40(got), uint40(limit));
        if (fault == FillFault.TimeInFuture) revert ContainersTimeInFuture(binId, uint40(got), limit);
        if (fault == FillFault.OutOfRange) revert ContainersOutOfRange(binId, got, limit);
        if (fault == FillFault.BadDeviceSignature) revert ContainersBadDeviceSignature(binId, address(uint160(got)));
        revert ContainersTooDense(binId, got, limit);
    }
}
