// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../../contracts/authority/ISigned.sol";
import {Certificate, CertificateIds} from "../../../../contracts/energy/certificates/CertificateIds.sol";
import {EnergyCertificates} from "../../../../contracts/energy/certificates/EnergyCertificates.sol";
import {LedgerKeys} from "../../../../contracts/energy/market/EnergyLedger.sol";
import {
    BookClass,
    FeederRow,
    IntervalState,
    PostedBatch,
    Step
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {EnergySource} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {IMeterReadings, Override} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {IIdentities} from "../../../../contracts/identity/IIdentities.sol";
import {MockMeterReadings} from "../../../../contracts/mocks/MockMeterReadings.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {ClearingBench} from "./ClearingBench.sol";
import {EnergyCity, Home} from "./EnergyFixture.sol";
import {ReadingsFixture} from "../readings/ReadingsFixture.sol";

/// @notice A day of ten meters, with the keys of meters and operator, amended by both operators; its certificates are
/// issued, sold and cancelled.
contract CertifiedDayHandler is ReadingsFixture {
    EnergyCertificates public certificates;
    mapping(uint256 id => uint256 wh) private _most;
    mapping(uint256 id => uint256 wh) private _gone;
    uint256[] private _ids;
    mapping(string act => uint256 count) public done;
    string public broken;

    constructor() {
        ReadingsFixture.setUp();
        bytes memory values = valuesOf(STREET_METERS);
        readings.submit(streetWith(values, METERS | OPERATOR));
        certificates = new EnergyCertificates(readings, "", 1, 8_700);
        vm.warp(certificates.finalAt(meterOf(STREET, 0), DAY));
        for (uint256 i = 0; i < STREET_METERS; ++i) {
            for (uint32 n = 0; n < HOURS; ++n) {
                uint256 id = _idOf(i, n);
                _ids.push(id);
                _most[id] = _fedIn(i, n);
            }
        }
    }

    /// @dev The fixture is built already.
    function setUp() public override {}

    function issue(uint256 which, uint256 hours_) external {
        which %= STREET_METERS;
        bytes memory values = valuesOf(STREET_METERS);
        bytes memory column = acceptedOf(values, meterOf(STREET, which)).values;
        bytes32[] memory proof = acceptedOf(values, meterOf(STREET, which)).proof;
        try certificates.issue(meterOf(STREET, which), DAY, column, proof, hours_ % (1 << HOURS)) {
            ++done["issue"];
        } catch {}
        _check();
    }

    function amend(uint256 which, uint32 hour, int32 wh) external {
        which %= STREET_METERS;
        hour %= uint32(HOURS);
        wh = int32(wh % int32(EXPORT_CAP));
        uint32 meter = meterOf(STREET, which);
        uint16 version = readings.overrideOf(meter, FIRST + hour).version;
        bytes32 hash = amendmentHash(meter, FIRST + hour, wh, version);
        Signature memory byOperator = signTyped(operatorKey, domain(), hash);
        Signature memory byGrid = signTyped(gridKey, domain(), hash);
        try
            readings.amend(
                meter,
                FIRST + hour,
                wh,
                noDay(),
                acceptedOf(valuesOf(STREET_METERS), meter),
                byOperator,
                byGrid
            )
        {
            ++done["amend"];
            uint256 id = _idOf(which, hour);
            if (_fedIn(which, hour) > _most[id]) _most[id] = _fedIn(which, hour);
        } catch {}
        _check();
    }

    function sell(uint256 which, uint256 wh) external {
        uint256 id = _held(which);
        wh = bound(wh, 0, certificates.balanceOf(household, id));
        vm.prank(household);
        certificates.safeTransferFrom(household, stranger, id, wh, "");
        _check();
    }

    function cancel(uint256 which, uint256 wh) external {
        uint256 id = _held(which);
        uint256 balance = certificates.balanceOf(household, id);
        wh = bound(wh, 1, balance + 1);
        uint256[] memory ids = new uint256[](1);
        uint256[] memory amounts = new uint256[](1);
        (ids[0], amounts[0]) = (id, wh);
        vm.prank(household);
        try certificates.cancel(household, ids, amounts, household, 0) {
            ++done["cancel"];
            if (wh > balance) broken = "cancelled what was not there";
            _gone[id] += wh;
        } catch {
            if (wh <= balance) broken = "cancellation refused";
        }
        _check();
    }

    function _check() private {
        for (uint256 i = 0; i < _ids.length; ++i) {
            uint256 id = _ids[i];
            uint256 held = certificates.balanceOf(household, id) + certificates.balanceOf(stranger, id);
            if (certificates.cancelledOf(id) != _gone[id]) broken = "cancelled units moved";
            if (held + _gone[id] > _most[id]) broken = "more than the meter ever fed in";
            Certificate memory certificate = CertificateIds.decode(id);
            uint256 recorded = certificates.issuedOf(certificate.meter, certificate.interval);
            if (recorded > _most[id]) broken = "more issued than fed in";
        }
    }

    /// @dev Feed-in as it stands.
    function _fedIn(uint256 which, uint32 hour) private view returns (uint256 wh) {
        Override memory replaced = readings.overrideOf(meterOf(STREET, which), FIRST + hour);
        int32 value = replaced.version == 0 ? whAt(hour, which) : replaced.wh;
        return value < 0 ? uint256(-int256(value)) : 0;
    }

    function _idOf(uint256 which, uint32 hour) private pure returns (uint256 id) {
        return CertificateIds.encode(Certificate(FIRST + hour, meterOf(STREET, which), EnergySource.Solar, false, 1));
    }

    /// @dev One of the ids that the household holds, if it holds any.
    function _held(uint256 which) private view returns (uint256 id) {
        for (uint256 i = 0; i < _ids.length; ++i) {
            id = _ids[((which % _ids.length) + i) % _ids.length];
            if (certificates.balanceOf(household, id) != 0) return id;
        }
    }
}

/// @dev E11 certificates are not more than metered feed-in, and cancelled units never move: on real readings, signed and
/// amended. EnergyCertificates.invariant.t.sol says the same unit by unit, and of batteries.
contract EnergyCertifiedDayInvariantTest is CivitasTest {
    CertifiedDayHandler private _handler;

    function setUp() external {
        _handler = new CertifiedDayHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// forge-config: default.invariant.runs = 6
    /// forge-config: default.invariant.depth = 48
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_E11_CertificatesAreMetered() external view {
        assertEq(bytes(_handler.broken()).length, 0, string.concat("E11: ", _handler.broken()));
    }

    function test_HandlerReachesEveryAct() external {
        _handler.issue(2, type(uint256).max);
        _handler.sell(50, 5);
        _handler.cancel(50, 7);
        _handler.amend(2, 20, -100);
        _handler.amend(2, 21, -4_000);
        _handler.issue(2, type(uint256).max);
        assertEq(_handler.done("issue"), 2, "issued");
        assertEq(_handler.done("amend"), 2, "amended");
        assertEq(_handler.done("cancel"), 1, "cancelled");
        assertEq(bytes(_handler.broken()).length, 0, string.concat("E11: ", _handler.broken()));
    }
}

/// @notice What posting, clearing and settling cost. Each act is a transaction of its own, so that its storage is cold.
contract GasHandler is EnergyCity {
    uint256 private constant HOMES = 48;
    uint256 private constant POST_BASE = 260_000;
    uint256 private constant POST_EACH = 14_000;
    uint256 private constant SETTLE_BASE = 160_000;
    uint256 private constant SETTLE_EACH = 7_500;
    uint256 private constant CLEAR = 700_000;

    MockMeterReadings private _meters;
    ClearingBench private _bench;
    Home[] private _homes;
    uint32 private _interval = INTERVAL;
    uint32 private _full = INTERVAL;
    bytes private _records;
    bytes private _signatures;
    uint256 private _count;
    IntervalState private _state;

    mapping(string act => uint256 count) public done;
    string public broken;

    constructor() {
        buildEnergyCity(0);
        for (uint256 i = 0; i < HOMES; ++i) _homes.push(newHome(FEEDER, EnergySource.None, 1e11));
        _bench = new ClearingBench();
        _state = IntervalState.Future;
    }

    function newReadings() internal override returns (IMeterReadings made) {
        _meters = new MockMeterReadings(registry, IIdentities(address(identities)));
        return IMeterReadings(address(_meters));
    }

    /// @dev Coverage puts probes into the code, which no bound allows for; the smallest function says whether it did.
    function _isProbed() private view returns (bool probed) {
        uint256 gas = gasleft();
        LedgerKeys.feederOf(uint32(gas));
        return gas - gasleft() > 150;
    }

    function _bound(string memory act, uint256 gas, uint256 most) private {
        ++done[act];
        if (gas > most && !_isProbed()) broken = string.concat(act, " costs ", vm.toString(gas));
    }

    /// @dev Writes and signs the orders of the next interval: bids at one tick and offers at another.
    function sign(uint256 seed) external {
        if (_state != IntervalState.Future) return;
        delete _records;
        delete _signatures;
        _count = 8 + (seed % (HOMES - 7));
        if (block.timestamp > opensAt(_interval)) vm.warp(block.timestamp);
        bytes memory records;
        bytes memory signatures;
        for (uint256 i = 0; i < _count; ++i) {
            uint8 flags = uint8(i & 1);
            Step[] memory list = steps(flags == OFFER ? 100 : 140, uint32(MINIMUM_WH + ((seed >> 8) % 900)));
            bytes32 digest = digestOf(_interval, _homes[i].account, 0, flags, list);
            (bytes32 r, bytes32 vs) = signDigest(_homes[i].signerKey, digest);
            records = bytes.concat(records, recordOf(_homes[i].account, flags, list));
            signatures = abi.encodePacked(signatures, r, vs);
        }
        (_records, _signatures) = (records, signatures);
        _state = IntervalState.Open;
    }

    function post() external {
        if (_state != IntervalState.Open) return;
        (bytes memory records, bytes memory signatures) = (_records, _signatures);
        uint256 gas = gasleft();
        uint256 accepted = market.postOrders(_interval, records, signatures);
        _bound("post", gas - gasleft(), POST_BASE + POST_EACH * _count);
        assertEq(accepted, _count, "accepted");
        _state = IntervalState.Closed;
    }

    function clear() external {
        if (_state != IntervalState.Closed) return;
        vm.warp(gateOf(_interval));
        uint256 gas = gasleft();
        market.clear(_interval, 1);
        _bound("clear", gas - gasleft(), CLEAR);
        vm.warp(endOf(_interval));
        _meters.accept(FEEDER, _interval, new bytes(4 * HOMES), 0);
        market.confirmReadings(_interval, 1);
        _state = IntervalState.Settling;
    }

    function settle() external {
        if (_state != IntervalState.Settling) return;
        PostedBatch[] memory batches = new PostedBatch[](1);
        batches[0] = PostedBatch(0, _records);
        FeederRow[] memory rows = new FeederRow[](1);
        rows[0].values = new bytes(4 * HOMES);
        uint256 gas = gasleft();
        market.settle(_interval, batches, rows);
        _bound("settle", gas - gasleft(), SETTLE_BASE + SETTLE_EACH * _count);
        _interval += 4;
        _state = IntervalState.Future;
    }

    /// @dev A book with all ticks in use on both sides, of any number of orders.
    function fill(uint256 seed) external {
        if (_bench.recordOf(_full).tickSize != 0) return;
        _bench.open(_full, 50, 1, 0);
        for (uint256 tick = 0; tick < 256; ++tick) {
            _bench.post(_full, 1, BookClass.Bid, tick, 1 + ((seed >> (tick % 200)) % 1_000_000));
            _bench.post(_full, 1, BookClass.Offer, tick, 1 + ((seed >> (tick % 190)) % 1_000_000));
        }
    }

    function clearFull() external {
        if (_bench.recordOf(_full).tickSize == 0) return;
        if (block.timestamp < uint256(_full) * LENGTH) vm.warp(uint256(_full) * LENGTH);
        uint256 gas = gasleft();
        _bench.clear(_full, 1);
        _bound("clearFull", gas - gasleft(), CLEAR);
        _full += 300;
    }
}

/// @dev E12 clearing a book costs at most 700,000 gas whatever orders are in it; posting an order of a batch at most 14,000
/// and settling it at most 7,500, beside what a batch costs once. The benchmark holds batches of 1,000 to the same.
contract EnergyGasInvariantTest is CivitasTest {
    GasHandler private _handler;

    function setUp() external {
        _handler = new GasHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// forge-config: default.invariant.runs = 4
    /// forge-config: default.invariant.depth = 48
    function invariant_E12_GasIsBounded() external view {
        assertEq(bytes(_handler.broken()).length, 0, string.concat("E12: ", _handler.broken()));
    }

    function test_HandlerReachesEveryAct() external {
        for (uint256 i = 0; i < 3; ++i) {
            _handler.sign(7 + 11 * i);
            _handler.post();
            _handler.clear();
            _handler.settle();
        }
        _handler.fill(123_456_789 << 100);
        _handler.clearFull();
        string[5] memory acts = ["post", "clear", "settle", "clearFull", "clearFull"];
        for (uint256 i = 0; i < acts.length; ++i) assertTrue(_handler.done(acts[i]) != 0, acts[i]);
        assertEq(bytes(_handler.broken()).length, 0, string.concat("E12: ", _handler.broken()));
    }
}
