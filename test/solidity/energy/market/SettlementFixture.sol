// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountSlot, AccountSlots} from "../../../../contracts/energy/market/AccountSlots.sol";
import {AccountDetails, IntervalRecord, Treasury} from "../../../../contracts/energy/market/EnergyLedger.sol";
import {
    BookClass,
    FeederRow,
    IntervalState,
    PostedBatch,
    Round,
    Share
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {IEnergyRegistry} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {IMeterReadings} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {IIdentities} from "../../../../contracts/identity/IIdentities.sol";
import {MockMeterReadings} from "../../../../contracts/mocks/MockMeterReadings.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {LedgerHarness} from "./LedgerHarness.sol";

/// @notice A ledger with an interval whose readings are confirmed, and meters that measure what a test says. Prices are
/// those of the settlement cases: feed-in 80, which is tick zero, retail 320, grid fee 40, inside a feeder 15.
abstract contract SettlementDesk is CivitasTest {
    uint32 internal constant INTERVAL = 2_000_000;
    uint24 internal constant FEED_IN = 80;
    uint24 internal constant RETAIL = 320;
    uint24 internal constant FEEDER_FEE = 15;
    uint24 internal constant GRID_FEE = 40;
    uint24 internal constant BASE_PRICE = 80;
    /// @dev Tick of the price of the settlement cases, 200.
    uint8 internal constant TICK = 120;
    uint64 internal constant SUPPLIER_FUNDS = 1_000_000_000;
    uint256 internal constant FUNDS = 1_000_000;
    uint256 internal constant IMPORT_CAP = 6_000;
    uint256 internal constant EXPORT_CAP = 4_000;
    /// @dev Meters on each feeder that have readings.
    uint256 internal constant METERS = 4;
    int32 internal constant NO_READING = type(int32).min;

    uint8 internal constant BID = 0;
    uint8 internal constant OFFER = 1;
    uint8 internal constant GREEN_FIRST = 0x08;
    uint8 internal constant GREEN_ONLY = 0x10;
    uint8 internal constant FEEDER_ONLY = 0x18;
    uint8 internal constant GREEN_OFFER = 0x09;
    uint8 internal constant FEEDER_OFFER = 0x19;

    LedgerHarness internal desk;
    MockMeterReadings internal meters;
    IMeterReadings internal readings;

    uint32[] private _accounts;
    PostedBatch[] private _posted;
    mapping(uint16 feeder => int32[] values) private _values;

    function buildDesk(uint8 rules) internal {
        delete _accounts;
        desk = new LedgerHarness();
        meters = new MockMeterReadings(IEnergyRegistry(address(0)), IIdentities(address(0)));
        readings = IMeterReadings(address(meters));
        IntervalRecord memory record;
        record.feedIn = FEED_IN;
        record.retail = RETAIL;
        record.feederFee = FEEDER_FEE;
        record.gridFee = GRID_FEE;
        record.basePrice = BASE_PRICE;
        record.tickSize = 1;
        record.rules = rules;
        record.state = IntervalState.Settling;
        desk.setInterval(INTERVAL, record);
        desk.setTreasury(Treasury(SUPPLIER_FUNDS, 0, 0, type(uint56).max));
        for (uint16 feeder = 1; feeder <= 3; ++feeder) _values[feeder] = new int32[](METERS);
    }

    // --- accounts

    function idOf(uint16 feeder, uint256 position) internal pure returns (uint32 account) {
        return (uint32(feeder) << 8) | uint32(position);
    }

    function open(uint32 account, uint256 free) internal returns (uint32 opened) {
        if (!desk.accountOf(account).isOpen()) _accounts.push(account);
        AccountSlot slot = AccountSlot.wrap(0).withSigner(address(uint160(account))).withFree(free);
        (uint256 importCode, ) = AccountSlots.encodeCap(IMPORT_CAP);
        (uint256 exportCode, ) = AccountSlots.encodeCap(EXPORT_CAP);
        desk.setAccount(account, slot.withCaps(importCode, exportCode));
        return account;
    }

    function indebt(uint32 account, uint64 debt) internal {
        desk.setAccount(account, desk.accountOf(account).withFlag(AccountSlots.INDEBTED, true));
        desk.setDetails(account, AccountDetails(address(0), debt, 0, 0));
    }

    function freeOf(uint32 account) internal view returns (uint256 free) {
        return desk.accountOf(account).free();
    }

    function setSupplier(uint64 balance) internal {
        Treasury memory treasury = desk.treasury();
        treasury.supplier = balance;
        desk.setTreasury(treasury);
    }

    /// @dev Money that belongs to somebody and is not locked.
    function money() internal view returns (uint256 sum) {
        Treasury memory treasury = desk.treasury();
        sum = uint256(treasury.supplier) + treasury.gridFees + treasury.pot;
        for (uint256 i = 0; i < _accounts.length; ++i) sum += freeOf(_accounts[i]);
    }

    function assertFree(uint32 account, uint256 free) internal view {
        assertEq(freeOf(account), free, string.concat("free money of ", vm.toString(account)));
    }

    function assertOwed(uint32 account, uint256 debt, uint256 claim) internal view {
        AccountDetails memory details = desk.detailsOf(account);
        assertEq(details.debt, debt, "debt");
        assertEq(details.claim, claim, "claim");
        assertTrue(desk.accountOf(account).has(AccountSlots.INDEBTED) == (debt != 0), "flag of debt");
    }

    // --- orders

    function order(uint32 account, uint8 flags, uint8 tick, uint32 wh) internal pure returns (bytes memory record) {
        return abi.encodePacked(account, flags, tick, wh);
    }

    function order(
        uint32 account,
        uint8 flags,
        uint8 tick,
        uint32 wh,
        uint8 tick2,
        uint32 wh2
    ) internal pure returns (bytes memory record) {
        return abi.encodePacked(account, flags | 2, tick, wh, tick2, wh2);
    }

    /// @dev Takes records as posting would have.
    function post(bytes memory records) internal {
        bytes32 previous = desk.chainOf(INTERVAL);
        desk.post(INTERVAL, records);
        _posted.push(PostedBatch(previous, records));
    }

    /// @dev What a class got in a round: `filled` of `level` Wh at a tick.
    function share(uint16 feeder, BookClass class, Round round, uint8 tick, uint64 level, uint64 filled) internal {
        desk.setShare(INTERVAL, feeder, class, round, Share(tick, true, level, filled, 0));
    }

    /// @dev Bids above and offers below {TICK} are filled, in one book of all.
    function clearAtTick() internal {
        share(0, BookClass.Bid, Round.Main, TICK, 0, 0);
        share(0, BookClass.Offer, Round.Main, TICK, 0, 0);
    }

    // --- settlement

    function measure(uint32 account, int32 wh) internal {
        _values[uint16(account >> 8)][account & 0xff] = wh;
    }

    /// @dev Readings of a feeder, accepted and final.
    function rowOf(uint16 feeder) internal returns (FeederRow memory row) {
        for (uint256 i = 0; i < _values[feeder].length; ++i) {
            row.values = abi.encodePacked(row.values, _values[feeder][i]);
        }
        meters.accept(feeder, INTERVAL, row.values, 0);
    }

    /// @dev The last `count` batches posted that are not settled, newest first.
    function newest(uint256 count) internal returns (PostedBatch[] memory batches) {
        batches = new PostedBatch[](count);
        for (uint256 i = 0; i < count; ++i) {
            batches[i] = _posted[_posted.length - 1];
            _posted.pop();
        }
    }

    /// @dev One row for each feeder, in the order in which the records come to it.
    function rowsFor(PostedBatch[] memory batches) internal returns (FeederRow[] memory rows) {
        bytes memory accounts;
        for (uint256 i = 0; i < batches.length; ++i) {
            bytes memory records = batches[i].records;
            uint256 offset = 0;
            while (offset < records.length) {
                for (uint256 k = 0; k < 4; ++k) accounts = bytes.concat(accounts, records[offset + k]);
                offset += 10 + 5 * ((uint8(records[offset + 4]) >> 1) & 3);
            }
        }
        return rowsFor(accounts);
    }

    function rowsFor(bytes memory accounts) internal returns (FeederRow[] memory rows) {
        FeederRow[] memory all = new FeederRow[](accounts.length / 4);
        uint16[] memory feeders = new uint16[](all.length);
        uint256 count = 0;
        for (uint256 i = 0; i < accounts.length; i += 4) {
            uint16 feeder = (uint16(uint8(accounts[i + 1])) << 8) | uint8(accounts[i + 2]);
            uint256 known = 0;
            while (known < count && feeders[known] != feeder) ++known;
            if (known < count) continue;
            feeders[count] = feeder;
            all[count++] = rowOf(feeder);
        }
        rows = new FeederRow[](count);
        for (uint256 i = 0; i < count; ++i) rows[i] = all[i];
    }

    function settle(uint256 count) internal {
        (PostedBatch[] memory batches, FeederRow[] memory rows) = ready(count);
        desk.settle(readings, INTERVAL, batches, rows);
    }

    /// @dev The newest batches with their rows, so that a test can say what it expects of the next call.
    function ready(uint256 count) internal returns (PostedBatch[] memory batches, FeederRow[] memory rows) {
        batches = newest(count);
        rows = rowsFor(batches);
    }

    function result(uint32 account, int32 contracted, int32 metered) internal pure returns (bytes memory packed) {
        return abi.encodePacked(account, contracted, metered);
    }
}
