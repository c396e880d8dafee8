// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyLedger, IntervalRecord, LedgerKeys, MarketFrame} from "./EnergyLedger.sol";
import {EnergyTreasury} from "./EnergyTreasury.sol";
import {IEnergyMarket, IntervalState, PostedBatch} from "./IEnergyMarket.sol";
import {OrderChains} from "./OrderChains.sol";
import {OrderRecord, OrderRecords} from "./OrderRecords.sol";

/// @title EnergyVoid
/// @notice Gives an interval up and returns every lock.
/// @dev Linked library; runs in the market's storage. Errors and events are documented at {IEnergyMarket}.
library EnergyVoid {
    uint256 private constant ACCOUNT_BYTES = 4;
    uint256 private constant POSITION_MASK = 0xff;

    /// @notice {IEnergyMarket-voidInterval}.
    /// @param ledger The market's storage.
    /// @param frame What does not change in the market.
    /// @param interval Interval.
    function voidInterval(EnergyLedger storage ledger, MarketFrame memory frame, uint32 interval) external {
        IntervalRecord storage record = ledger.intervals[interval];
        IntervalState state = record.state;
        // Nobody posted, or readings are confirmed, or it is void already.
        if (state == IntervalState.Future || state > IntervalState.Cleared) {
            revert IEnergyMarket.EnergyMarketWrongState(interval, state);
        }
        uint256 voidableAt = (uint256(interval) + 1) * frame.intervalLength + frame.longStop;
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp < voidableAt) revert IEnergyMarket.EnergyMarketNotVoidable(interval, voidableAt);
        record.state = IntervalState.Void;
        emit IEnergyMarket.IntervalVoided(interval);
    }

    /// @notice {IEnergyMarket-refund}.
    /// @param ledger The market's storage.
    /// @param interval Interval.
    /// @param batches Batches, newest first.
    function refund(EnergyLedger storage ledger, uint32 interval, PostedBatch[] calldata batches) external {
        IntervalRecord memory record = _requireVoid(ledger, interval);
        if (batches.length == 0) revert IEnergyMarket.EnergyMarketInvalidBound(0);
        uint256 count = 0;
        uint256 total = 0;
        for (uint256 i = 0; i < batches.length; ++i) {
            OrderChains.unwind(ledger, interval, batches[i]);
            bytes calldata records = batches[i].records;
            for (uint256 offset = 0; offset < records.length; ++count) {
                OrderRecord memory order = OrderRecords.read(records, offset);
                uint256 lock = OrderRecords.lockOf(record, records, order);
                EnergyTreasury.creditStored(ledger, order.account, lock);
                total += lock;
                offset = order.nextAt;
            }
        }
        emit IEnergyMarket.LocksReturned(interval, count, total);
    }

    /// @notice {IEnergyMarket-refundPositions}.
    /// @param ledger The market's storage.
    /// @param interval Interval.
    /// @param accounts Numbers of accounts, 4 bytes each.
    function refundPositions(EnergyLedger storage ledger, uint32 interval, bytes calldata accounts) external {
        _requireVoid(ledger, interval);
        uint256 length = accounts.length;
        if (length == 0 || length % ACCOUNT_BYTES != 0) revert IEnergyMarket.EnergyMarketMalformed(0, length);
        uint256 total = 0;
        for (uint256 offset = 0; offset < length; offset += ACCOUNT_BYTES) {
            uint32 account = uint32(bytes4(accounts[offset:offset + ACCOUNT_BYTES]));
            total += _refundPosition(ledger, interval, account);
        }
        uint256 count = length / ACCOUNT_BYTES;
        ledger.intervals[interval].positionsLeft -= uint32(count); // as many bits as were cleared
        emit IEnergyMarket.LocksReturned(interval, count, total);
    }

    /// @dev Returns what an account's agreements locked. Afterwards it has no position.
    function _refundPosition(
        EnergyLedger storage ledger,
        uint32 interval,
        uint32 account
    ) private returns (uint256 lock) {
        uint16 feeder = LedgerKeys.feederOf(account);
        uint256 bit = 1 << (account & POSITION_MASK);
        uint256 positioned = ledger.positioned[interval][feeder];
        // A number that no open account has must not stand for the one that it has the lower bits of.
        if (positioned & bit == 0 || account > LedgerKeys.MAX_ACCOUNT)
            revert IEnergyMarket.EnergyMarketNoPosition(account, interval);
        ledger.positioned[interval][feeder] = positioned ^ bit;
        lock = ledger.positions[interval][account].locked;
        EnergyTreasury.creditStored(ledger, account, lock);
    }

    function _requireVoid(
        EnergyLedger storage ledger,
        uint32 interval
    ) private view returns (IntervalRecord memory record) {
        record = ledger.intervals[interval];
        if (record.state != IntervalState.Void) revert IEnergyMarket.EnergyMarketWrongState(interval, record.state);
    }
}
