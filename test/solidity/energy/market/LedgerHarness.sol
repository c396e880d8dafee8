// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountSlot} from "../../../../contracts/energy/market/AccountSlots.sol";
import {EnergyAgreements} from "../../../../contracts/energy/market/EnergyAgreements.sol";
import {EnergyCorrection} from "../../../../contracts/energy/market/EnergyCorrection.sol";
import {
    AccountDetails,
    BookTotals,
    EnergyLedger,
    IntervalRecord,
    IntervalTotals,
    LedgerKeys,
    MarketFrame,
    Treasury
} from "../../../../contracts/energy/market/EnergyLedger.sol";
import {EnergySettlement} from "../../../../contracts/energy/market/EnergySettlement.sol";
import {EnergyVoid} from "../../../../contracts/energy/market/EnergyVoid.sol";
import {
    Agreement,
    BookClass,
    FeederRow,
    IntervalState,
    Position,
    PostedBatch,
    Round,
    Share
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {IMeterReadings} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {OrderRecord, OrderRecords} from "../../../../contracts/energy/market/OrderRecords.sol";

/// @notice A ledger whose every entry a test can set and see, with the parts that settle, void and agree.
contract LedgerHarness {
    EnergyLedger private _ledger;

    // --- what a test sets

    function setAccount(uint32 account, AccountSlot slot) external {
        _ledger.accounts[account] = slot;
    }

    function setDetails(uint32 account, AccountDetails calldata details) external {
        _ledger.details[account] = details;
    }

    function setTreasury(Treasury calldata money) external {
        _ledger.treasury = money;
    }

    function setInterval(uint32 interval, IntervalRecord calldata record) external {
        _ledger.intervals[interval] = record;
    }

    function setState(uint32 interval, IntervalState state) external {
        _ledger.intervals[interval].state = state;
    }

    function setTotals(uint32 interval, IntervalTotals calldata totals) external {
        _ledger.totals[interval] = totals;
    }

    function setBook(uint32 interval, uint16 feeder, BookTotals calldata totals) external {
        _ledger.books[interval][feeder] = totals;
    }

    function setShare(uint32 interval, uint16 feeder, BookClass class, Round round, Share calldata share) external {
        _ledger.shares[interval][LedgerKeys.share(feeder, class, round)] = share;
    }

    /// @notice Gives an account a position, as if agreements had been posted.
    function setPosition(uint32 interval, uint32 account, Position calldata position) external {
        AccountSlot slot = _ledger.accounts[account];
        _ledger.accounts[account] = slot.withFree(slot.free() - position.locked);
        uint16 feeder = LedgerKeys.feederOf(account);
        _ledger.positions[interval][account] = position;
        _ledger.positioned[interval][feeder] |= 1 << (account & 0xff);
        _ledger.feeders[interval][feeder >> 8] |= 1 << (feeder & 0xff);
        ++_ledger.intervals[interval].positionsLeft;
    }

    function setPosted(uint256 key, uint256 word) external {
        _ledger.posted[key] = word;
    }

    function setFeeder(uint32 interval, uint16 feeder) external {
        _ledger.feeders[interval][feeder >> 8] |= 1 << (feeder & 0xff);
    }

    /// @notice Takes records as posting would have, without asking whether they are any good.
    function post(uint32 interval, bytes calldata records) external {
        IntervalRecord memory record = _ledger.intervals[interval];
        OrderRecord memory order;
        for (uint256 offset = 0; offset < records.length; offset = order.nextAt) {
            order = OrderRecords.read(records, offset);
            AccountSlot slot = _ledger.accounts[order.account];
            uint256 lock = OrderRecords.lockOf(record, records, order);
            _ledger.accounts[order.account] = slot.withFree(slot.free() - lock);
            uint16 feeder = LedgerKeys.feederOf(order.account);
            _ledger.feeders[interval][feeder >> 8] |= 1 << (feeder & 0xff);
        }
        _ledger.chains[interval] = keccak256(abi.encodePacked(_ledger.chains[interval], keccak256(records)));
    }

    // --- the parts

    function agree(Agreement calldata agreement, uint32 current) external returns (bytes32 agreementId) {
        return EnergyAgreements.agree(_ledger, agreement, current);
    }

    function end(bytes32 agreementId, uint32 fromInterval, uint32 firstChangeable) external {
        EnergyAgreements.end(_ledger, agreementId, fromInterval, firstChangeable);
    }

    function postAgreements(
        MarketFrame calldata frame,
        uint32 interval,
        bytes32[] calldata agreementIds
    ) external returns (uint256 accepted) {
        return EnergyAgreements.post(_ledger, frame, interval, agreementIds);
    }

    function confirmReadings(
        IMeterReadings readings,
        uint32 interval,
        uint256 maxFeeders
    ) external returns (bool done) {
        return EnergySettlement.confirmReadings(_ledger, readings, type(uint16).max, interval, maxFeeders);
    }

    function settle(
        IMeterReadings readings,
        uint32 interval,
        PostedBatch[] calldata batches,
        FeederRow[] calldata rows
    ) external {
        EnergySettlement.settle(_ledger, readings, interval, batches, rows);
    }

    function settlePositions(
        IMeterReadings readings,
        uint32 interval,
        bytes calldata accounts,
        FeederRow[] calldata rows
    ) external {
        EnergySettlement.settlePositions(_ledger, readings, interval, accounts, rows);
    }

    function correct(
        IMeterReadings readings,
        uint32 interval,
        uint256 index,
        bytes calldata group,
        uint256 position,
        bytes32[] calldata proof
    ) external {
        EnergyCorrection.correct(_ledger, readings, interval, index, group, position, proof);
    }

    function voidInterval(MarketFrame calldata frame, uint32 interval) external {
        EnergyVoid.voidInterval(_ledger, frame, interval);
    }

    function refund(uint32 interval, PostedBatch[] calldata batches) external {
        EnergyVoid.refund(_ledger, interval, batches);
    }

    function refundPositions(uint32 interval, bytes calldata accounts) external {
        EnergyVoid.refundPositions(_ledger, interval, accounts);
    }

    // --- what a test sees

    function accountOf(uint32 account) external view returns (AccountSlot slot) {
        return _ledger.accounts[account];
    }

    function detailsOf(uint32 account) external view returns (AccountDetails memory details) {
        return _ledger.details[account];
    }

    function treasury() external view returns (Treasury memory money) {
        return _ledger.treasury;
    }

    function intervalOf(uint32 interval) external view returns (IntervalRecord memory record) {
        return _ledger.intervals[interval];
    }

    function chainOf(uint32 interval) external view returns (bytes32 chain) {
        return _ledger.chains[interval];
    }

    function soldVisited(uint32 interval) external view returns (uint256 wh) {
        return _ledger.soldVisited[interval];
    }

    function bookOf(uint32 interval, uint16 feeder) external view returns (BookTotals memory totals) {
        return _ledger.books[interval][feeder];
    }

    function shareOf(
        uint32 interval,
        uint16 feeder,
        BookClass class,
        Round round
    ) external view returns (Share memory share) {
        return _ledger.shares[interval][LedgerKeys.share(feeder, class, round)];
    }

    function resultOf(uint32 interval, uint256 index) external view returns (bytes32 root) {
        return _ledger.results[interval][index];
    }

    function agreementOf(bytes32 agreementId) external view returns (Agreement memory agreement) {
        return _ledger.agreements[agreementId];
    }

    function agreementPosted(bytes32 agreementId, uint256 word) external view returns (uint256 bits) {
        return _ledger.agreementsPosted[agreementId][word];
    }

    function positionOf(uint32 interval, uint32 account) external view returns (Position memory position) {
        return _ledger.positions[interval][account];
    }

    function positionedOf(uint32 interval, uint16 feeder) external view returns (uint256 bits) {
        return _ledger.positioned[interval][feeder];
    }

    function feedersOf(uint32 interval, uint256 word) external view returns (uint256 bits) {
        return _ledger.feeders[interval][word];
    }

    function postedOf(uint256 key) external view returns (uint256 word) {
        return _ledger.posted[key];
    }
}
