// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountSlot, AccountSlots} from "./AccountSlots.sol";
import {AccountDetails, EnergyLedger, LedgerKeys, MarketFrame} from "./EnergyLedger.sol";
import {AccountView, BookClass, IntervalState, Round, Share, StandingOrder} from "./IEnergyMarket.sol";
import {IntervalClock} from "../IntervalClock.sol";
import {StandingOrders} from "./StandingOrders.sol";

/// @title EnergyViews
/// @notice What everybody may see of the market.
library EnergyViews {
    /// @notice See {IEnergyMarket-accountOf}.
    /// @param ledger Storage of the market.
    /// @param account Account, which is its meter's number.
    /// @return seen The account.
    function accountOf(EnergyLedger storage ledger, uint32 account) external view returns (AccountView memory seen) {
        AccountSlot slot = ledger.accounts[account];
        AccountDetails storage details = ledger.details[account];
        seen.owner = details.owner;
        seen.signer = slot.signer();
        seen.free = slot.free();
        seen.debt = details.debt;
        seen.claim = details.claim;
        seen.epoch = uint16(slot.epoch()); // 12 bits
        seen.importCapWh = uint32(slot.importCapWh()); // three digits and up to three zeros
        seen.exportCapWh = uint32(slot.exportCapWh()); // three digits and up to three zeros
        seen.green = slot.has(AccountSlots.GREEN);
        seen.barred = slot.has(AccountSlots.BARRED);
    }

    /// @notice See {IEnergyMarket-standingOrderOf}.
    /// @param ledger Storage of the market.
    /// @param account Account, which is its meter's number.
    /// @return order The standing order, without its number of steps in the flags; empty if there is none.
    function standingOrderOf(
        EnergyLedger storage ledger,
        uint32 account
    ) external view returns (StandingOrder memory order) {
        return StandingOrders.unpack(account, ledger.standing[account]);
    }

    /// @notice See {IEnergyMarket-stateOf}.
    /// @param ledger Storage of the market.
    /// @param frame What the market is set up with.
    /// @param interval Number of the interval.
    /// @return state State of the interval.
    function stateOf(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval
    ) external view returns (IntervalState state) {
        // solhint-disable-next-line not-rely-on-time
        return IntervalClock.stateAt(ledger.intervals[interval], frame, interval, block.timestamp);
    }

    /// @notice See {IEnergyMarket-levelsOf}.
    /// @param ledger Storage of the market.
    /// @param frame What the market is set up with.
    /// @param interval Number of the interval.
    /// @param feeder Number of the feeder; 0 for the one book of all.
    /// @param bookClass Which part of the book.
    /// @return levels Energy at each tick, Wh.
    function levelsOf(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval,
        uint16 feeder,
        BookClass bookClass
    ) external view returns (uint64[256] memory levels) {
        for (uint256 tick = 0; tick < LedgerKeys.TICKS; tick += LedgerKeys.TICKS_PER_WORD) {
            uint256 key = LedgerKeys.level(interval, frame.ring, feeder, bookClass, tick / LedgerKeys.TICKS_PER_WORD);
            uint256 word = LedgerKeys.payloadOf(ledger.levels[key], interval);
            for (uint256 i = 0; i < LedgerKeys.TICKS_PER_WORD; ++i) {
                levels[tick + i] = uint64(word & ((1 << LedgerKeys.LEVEL_BITS) - 1)); // 56 bits
                word >>= LedgerKeys.LEVEL_BITS;
            }
        }
    }

    /// @notice See {IEnergyMarket-shareOf}.
    /// @param ledger Storage of the market.
    /// @param interval Number of the interval.
    /// @param feeder Number of the feeder; 0 for the one book of all.
    /// @param bookClass Which part of the book.
    /// @param round Round of the auction.
    /// @return share What of the tick at the margin was filled.
    function shareOf(
        EnergyLedger storage ledger,
        uint32 interval,
        uint16 feeder,
        BookClass bookClass,
        Round round
    ) external view returns (Share memory share) {
        return ledger.shares[interval][LedgerKeys.share(feeder, bookClass, round)];
    }

    /// @notice See {IEnergyMarket-formerOf}.
    /// @param ledger Storage of the market.
    /// @param owner Former owner of an account.
    /// @return balance Money to withdraw, money units.
    /// @return debt What is owed to the supplier, money units.
    /// @return claim What the supplier owes, money units.
    function formerOf(
        EnergyLedger storage ledger,
        address owner
    ) external view returns (uint256 balance, uint256 debt, uint256 claim) {
        return (ledger.former[owner].balance, ledger.former[owner].debt, ledger.former[owner].claim);
    }

    /// @notice See {IEnergyMarket-balances}.
    /// @param ledger Storage of the market.
    /// @return supplierBalance The supplier's balance, money units.
    /// @return gridFees Grid fees and congestion rent, money units.
    /// @return pot The community's pot, money units.
    /// @return held Everything the market holds, money units.
    function balances(
        EnergyLedger storage ledger
    ) external view returns (uint256 supplierBalance, uint256 gridFees, uint256 pot, uint256 held) {
        return (ledger.treasury.supplier, ledger.treasury.gridFees, ledger.treasury.pot, ledger.treasury.held);
    }
}
