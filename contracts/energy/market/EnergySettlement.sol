// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyLedger, IntervalRecord, LedgerKeys} from "./EnergyLedger.sol";
import {FeederRow, IEnergyMarket, IntervalState, PostedBatch} from "./IEnergyMarket.sol";
import {IMeterReadings} from "../readings/IMeterReadings.sol";
import {OrderChains} from "./OrderChains.sol";
import {OrderRecords} from "./OrderRecords.sol";
import {SettlementAccounts} from "./SettlementAccounts.sol";
import {SettlementRun, SettlementRuns} from "./SettlementRuns.sol";

/// @title EnergySettlement
/// @notice Pays for what was traded, against what the meters measured.
/// @dev Linked library; runs in the market's storage. Errors and events are documented at {IEnergyMarket}. The readings
/// are asked by views only.
library EnergySettlement {
    uint256 private constant FEEDERS_PER_WORD = 256;
    uint256 private constant FEEDERS = 1 << 16;
    uint256 private constant ACCOUNT_BYTES = 4;
    uint256 private constant FEEDER_SHIFT = 8;

    /// @notice {IEnergyMarket-confirmReadings}.
    /// @param ledger The market's storage.
    /// @param readings What the meters measured.
    /// @param lastFeeder Highest number of a feeder, at which the search ends.
    /// @param interval Interval.
    /// @param maxFeeders Most feeders to ask for.
    /// @return done Whether all are confirmed.
    function confirmReadings(
        EnergyLedger storage ledger,
        IMeterReadings readings,
        uint256 lastFeeder,
        uint32 interval,
        uint256 maxFeeders
    ) external returns (bool done) {
        if (maxFeeders == 0) revert IEnergyMarket.EnergyMarketInvalidBound(maxFeeders);
        IntervalRecord storage record = ledger.intervals[interval];
        if (record.state != IntervalState.Cleared) {
            revert IEnergyMarket.EnergyMarketWrongState(interval, record.state);
        }
        uint256 feeder = _nextFeeder(ledger, interval, record.cursor, lastFeeder);
        for (uint256 left = maxFeeders; feeder <= lastFeeder && left > 0; --left) {
            _requireFinal(readings, interval, uint16(feeder)); // below 2^16
            feeder = _nextFeeder(ledger, interval, feeder + 1, lastFeeder);
        }
        done = feeder > lastFeeder;
        if (!done) {
            record.cursor = uint16(feeder); // below 2^16
            return false;
        }
        record.cursor = 0;
        record.state = IntervalState.Settling;
        emit IEnergyMarket.ReadingsConfirmed(interval);
    }

    /// @notice {IEnergyMarket-splitBatch}.
    /// @param ledger The market's storage.
    /// @param interval Interval.
    /// @param batch The newest one on the chain.
    /// @param offset Where in its records those of the older one begin.
    function splitBatch(
        EnergyLedger storage ledger,
        uint32 interval,
        PostedBatch calldata batch,
        uint256 offset
    ) external {
        IntervalState state = ledger.intervals[interval].state;
        if (state != IntervalState.Settling && state != IntervalState.Void) {
            revert IEnergyMarket.EnergyMarketWrongState(interval, state);
        }
        OrderChains.split(ledger, interval, batch, offset);
    }

    /// @notice {IEnergyMarket-settle}.
    /// @param ledger The market's storage.
    /// @param readings What the meters measured.
    /// @param interval Interval.
    /// @param batches Batches, newest first.
    /// @param rows Rows of feeders, in the order in which the accounts come to them first.
    function settle(
        EnergyLedger storage ledger,
        IMeterReadings readings,
        uint32 interval,
        PostedBatch[] calldata batches,
        FeederRow[] calldata rows
    ) external {
        uint256 capacity = OrderChains.mostRecords(batches);
        SettlementRun memory run = SettlementRuns.begin(ledger, readings, interval, capacity);
        if (capacity == 0) revert IEnergyMarket.EnergyMarketInvalidBound(batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            OrderChains.unwind(ledger, interval, batches[i]);
            _settleRecords(ledger, run, batches[i].records, rows);
        }
        SettlementRuns.finish(ledger, run, rows.length);
    }

    /// @notice {IEnergyMarket-settlePositions}.
    /// @param ledger The market's storage.
    /// @param readings What the meters measured.
    /// @param interval Interval.
    /// @param accounts Numbers of accounts, 4 bytes each.
    /// @param rows Rows of feeders, in the order in which the accounts come to them first.
    function settlePositions(
        EnergyLedger storage ledger,
        IMeterReadings readings,
        uint32 interval,
        bytes calldata accounts,
        FeederRow[] calldata rows
    ) external {
        uint256 length = accounts.length;
        SettlementRun memory run = SettlementRuns.begin(ledger, readings, interval, length / ACCOUNT_BYTES);
        if (length == 0 || length % ACCOUNT_BYTES != 0) revert IEnergyMarket.EnergyMarketMalformed(0, length);
        bytes32 chain = ledger.chains[interval];
        if (chain != 0) revert IEnergyMarket.EnergyMarketOrdersFirst(interval, chain);
        for (uint256 offset = 0; offset < length; offset += ACCOUNT_BYTES) {
            uint32 account = uint32(bytes4(accounts[offset:offset + ACCOUNT_BYTES]));
            uint256 feeder = account >> FEEDER_SHIFT;
            // A number that no open account has must not stand for the one that it has the lower bits of.
            if (account > LedgerKeys.MAX_ACCOUNT) revert IEnergyMarket.EnergyMarketNoPosition(account, interval);
            if (feeder != run.feeder) SettlementRuns.enter(ledger, run, rows, feeder);
            SettlementAccounts.settlePosition(ledger, run, account);
        }
        SettlementRuns.finish(ledger, run, rows.length);
    }

    // --- internals

    /// @dev Settles the accounts of records, which are what posting accepted.
    function _settleRecords(
        EnergyLedger storage ledger,
        SettlementRun memory run,
        bytes calldata records,
        FeederRow[] calldata rows
    ) private {
        uint256 place;
        assembly ("memory-safe") {
            place := records.offset
        }
        uint256 end = place + records.length;
        while (place < end) {
            uint256 record;
            // A record has at most 25 bytes; what the word has of the call data after it is not heeded.
            assembly ("memory-safe") {
                record := calldataload(place)
            }
            uint256 feeder = record >> (OrderRecords.ACCOUNT_SHIFT + FEEDER_SHIFT);
            if (feeder != run.feeder) SettlementRuns.enter(ledger, run, rows, feeder);
            SettlementAccounts.settleRecord(ledger, run, record);
            unchecked {
                place += OrderRecords.lengthOf(record); // a place in the call data
            }
        }
    }

    /// @dev First feeder of an interval from a number on; one above the last if there is none.
    function _nextFeeder(
        EnergyLedger storage ledger,
        uint32 interval,
        uint256 from,
        uint256 last
    ) private view returns (uint256 feeder) {
        feeder = from;
        while (feeder <= last) {
            uint256 bits = ledger.feeders[interval][feeder / FEEDERS_PER_WORD] >> (feeder % FEEDERS_PER_WORD);
            if (bits == 0) {
                feeder = (feeder / FEEDERS_PER_WORD + 1) * FEEDERS_PER_WORD;
                continue;
            }
            while (bits & 1 == 0) {
                bits >>= 1;
                ++feeder;
            }
            return feeder;
        }
    }

    function _requireFinal(IMeterReadings readings, uint32 interval, uint16 feeder) private view {
        (bytes32 root, uint40 finalAt, , ) = readings.rowOf(feeder, interval);
        if (root == 0) revert IEnergyMarket.EnergyMarketReadingsNotFinal(interval, feeder, 0);
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp < finalAt) revert IEnergyMarket.EnergyMarketReadingsNotFinal(interval, feeder, finalAt);
    }
}
