// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountSlot, AccountSlots} from "./AccountSlots.sol";
import {AccountDetails, EnergyLedger, LedgerKeys, MarketFrame} from "./EnergyLedger.sol";
import {AccountView, BookClass, IntervalState, Round, Share, StandingOrder} from "./IEnergyMarket.sol";
import {OrderOpening} from "./OrderOpening.sol";
import {StandingOrders} from "./StandingOrders.sol";

/// @title EnergyViews
/// @notice What everybody may see of the market.
library EnergyViews {
    /// @notice See {IEnergyMarket-accountOf}.
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
    function standingOrderOf(
        EnergyLedger storage ledger,
        uint32 account
    ) external view returns (StandingOrder memory order) {
        return StandingOrders.unpack(account, ledger.standing[account]);
    }

    /// @notice See {IEnergyMarket-stateOf}.
    function stateOf(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval
    ) external view returns (IntervalState state) {
        state = ledger.intervals[interval].state;
        if (state > IntervalState.Open) return state;
        (uint256 opensAt, uint256 closesAt) = OrderOpening.openingOf(frame, interval);
        // solhint-disable not-rely-on-time
        if (block.timestamp < opensAt) return IntervalState.Future;
        return block.timestamp < closesAt ? IntervalState.Open : IntervalState.Closed;
        // solhint-enable not-rely-on-time
    }

    /// @notice See {IEnergyMarket-levelsOf}.
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
    function formerOf(
        EnergyLedger storage ledger,
        address owner
    ) external view returns (uint256 balance, uint256 debt, uint256 claim) {
        return (ledger.former[owner].balance, ledger.former[owner].debt, ledger.former[owner].claim);
    }

    /// @notice See {IEnergyMarket-balances}.
    function balances(
        EnergyLedger storage ledger
    ) external view returns (uint256 supplierBalance, uint256 gridFees, uint256 pot, uint256 held) {
        return (ledger.treasury.supplier, ledger.treasury.gridFees, ledger.treasury.pot, ledger.treasury.held);
    }
}
