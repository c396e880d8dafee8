// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountSlot, AccountSlots} from "./AccountSlots.sol";
import {AccountDetails, EnergyLedger, Former, LedgerKeys} from "./EnergyLedger.sol";
import {Delegate, IEnergyMarket, MarketSettings, OrderFlags, StandingOrder} from "./IEnergyMarket.sol";
import {EnergySource, IEnergyRegistry, Meter, MeterClass, MeterStatus} from "../registry/IEnergyRegistry.sol";
import {StandingOrders} from "./StandingOrders.sol";

/// @title EnergyAccounts
/// @notice Accounts of the market: who they belong to, and who orders for them.
/// @dev Epochs up to 0xdff are for {bumpEpoch}, up to 0xeff for {setSigner} and up to 0xfff for takeovers, so that nobody can
/// use up those that the owner needs to replace a stolen key, nor those that a new owner needs.
library EnergyAccounts {
    uint256 private constant LAST_BUMP = 0xdff;
    uint256 private constant LAST_SIGNER_CHANGE = 0xeff;
    /// @dev Readings of an interval are accepted when its day is over, which is up to a day after the interval.
    uint256 private constant READING_DAY = 1 days;
    uint256 private constant MAX_LONG_STOP = 365 days;
    uint256 private constant MAX_RUN = type(uint16).max;
    /// @dev Turns of the ring beyond the horizon and the long stop: the interval that runs, and one that is cut off by the
    /// division.
    uint256 private constant SPARE_TURNS = 2;

    uint256 private constant MONEY_UNIT_FIELD = 0;
    uint256 private constant GATE_LEAD_FIELD = 1;
    uint256 private constant LONG_STOP_FIELD = 2;
    uint256 private constant MINIMUM_FIELD = 3;
    uint256 private constant FLOOR_FIELD = 4;

    /// @notice See {IEnergyMarket-openAccount}, after the owner called or signed.
    /// @param ledger The market's storage.
    /// @param meter The meter in the registry.
    /// @param account Account.
    /// @param owner The meter's owner.
    /// @param signer Key that will sign orders.
    function open(
        EnergyLedger storage ledger,
        Meter memory meter,
        uint32 account,
        address owner,
        address signer
    ) external {
        if (signer == address(0)) revert IEnergyMarket.EnergyMarketInvalidSigner(signer);
        AccountDetails storage details = ledger.details[account];
        address previous = details.owner;
        if (previous == owner) revert IEnergyMarket.EnergyMarketAccountTaken(account, owner);
        AccountSlot slot = ledger.accounts[account];
        if (previous != address(0)) slot = _handOver(ledger, account, slot, previous, owner);
        details.owner = owner;
        ++details.tenure;
        slot = _rated(slot.withSigner(signer), meter);
        ledger.accounts[account] = slot;
        emit IEnergyMarket.AccountOpened(account, owner, signer);
        _emitRefreshed(account, slot);
    }

    /// @notice See {IEnergyMarket-refreshAccount}.
    /// @param ledger The market's storage.
    /// @param registry Feeders and meters.
    /// @param account Account.
    function refresh(EnergyLedger storage ledger, IEnergyRegistry registry, uint32 account) external {
        AccountSlot slot = _open(ledger, account);
        AccountSlot changed = _rated(slot, registry.meterOf(account));
        if (AccountSlot.unwrap(changed) == AccountSlot.unwrap(slot)) revert IEnergyMarket.EnergyMarketUnchanged();
        ledger.accounts[account] = changed;
        _emitRefreshed(account, changed);
    }

    /// @notice See {IEnergyMarket-setSigner}.
    /// @param ledger The market's storage.
    /// @param account Account.
    /// @param signer The new key.
    function setSigner(EnergyLedger storage ledger, uint32 account, address signer) external {
        if (signer == address(0)) revert IEnergyMarket.EnergyMarketInvalidSigner(signer);
        AccountSlot slot = _open(ledger, account);
        address previous = slot.signer();
        if (signer == previous) revert IEnergyMarket.EnergyMarketUnchanged();
        ledger.accounts[account] = _nextEpoch(account, slot.withSigner(signer), LAST_SIGNER_CHANGE);
        emit IEnergyMarket.SignerSet(account, previous, signer);
    }

    /// @notice See {IEnergyMarket-bumpEpoch}.
    /// @param ledger The market's storage.
    /// @param account Account.
    function bumpEpoch(EnergyLedger storage ledger, uint32 account) external {
        ledger.accounts[account] = _nextEpoch(account, _open(ledger, account), LAST_BUMP);
    }

    /// @notice See {IEnergyMarket-setDelegate}.
    /// @param ledger The market's storage.
    /// @param account Account.
    /// @param key Key of the delegate.
    /// @param delegate Its limits.
    function setDelegate(
        EnergyLedger storage ledger,
        uint32 account,
        address key,
        Delegate calldata delegate
    ) external {
        if (key == address(0)) revert IEnergyMarket.EnergyMarketInvalidSigner(key);
        uint256 ledgerKey = LedgerKeys.delegate(key, _open(ledger, account).epoch());
        Delegate memory wanted = delegate;
        if (wanted.until == 0) {
            delete wanted;
        } else if (wanted.minPrice > wanted.maxPrice || wanted.maxWh == 0) {
            revert IEnergyMarket.EnergyMarketInvalidDelegate(wanted.minPrice, wanted.maxPrice, wanted.maxWh);
        }
        Delegate memory present = ledger.delegates[account][ledgerKey];
        if (keccak256(abi.encode(present)) == keccak256(abi.encode(wanted))) {
            revert IEnergyMarket.EnergyMarketUnchanged();
        }
        ledger.delegates[account][ledgerKey] = wanted;
        emit IEnergyMarket.DelegateSet(account, key, wanted);
    }

    /// @notice See {IEnergyMarket-placeStandingOrder}.
    /// @param ledger The market's storage.
    /// @param order The standing order.
    /// @param current The interval of the present moment.
    function placeStandingOrder(EnergyLedger storage ledger, StandingOrder calldata order, uint32 current) external {
        uint32 account = order.account;
        uint256 epoch = _open(ledger, account).epoch();
        uint256 word = 0;
        if (order.steps.length != 0) {
            _checkStanding(order, epoch, current);
            word = StandingOrders.pack(order);
        }
        if (word == ledger.standing[account]) revert IEnergyMarket.EnergyMarketUnchanged();
        ledger.standing[account] = word;
        emit IEnergyMarket.StandingOrderPlaced(account, order);
    }

    // --- views

    /// @notice Reverts with EnergyMarketInvalidSetting unless settings are in range.
    /// @param settings What does not change.
    /// @param intervalLength Seconds of an interval.
    /// @param horizon Intervals before its beginning at which an interval opens.
    /// @param window Seconds from the acceptance of readings until they are final.
    function checkSettings(
        MarketSettings memory settings,
        uint32 intervalLength,
        uint32 horizon,
        uint32 window
    ) external pure {
        if (settings.moneyUnit == 0) _refuse(MONEY_UNIT_FIELD, 0, 1);
        uint256 longestLead = uint256(intervalLength) * horizon - 1;
        if (settings.gateLead > longestLead) _refuse(GATE_LEAD_FIELD, settings.gateLead, longestLead);
        // Else an interval could be given up before its readings can be final.
        uint256 leastLongStop = READING_DAY + window + 1;
        if (settings.longStop < leastLongStop) _refuse(LONG_STOP_FIELD, settings.longStop, leastLongStop);
        if (settings.longStop > MAX_LONG_STOP) _refuse(LONG_STOP_FIELD, settings.longStop, MAX_LONG_STOP);
        if (settings.minimumWh == 0) _refuse(MINIMUM_FIELD, 0, 1);
        if (settings.supplierFloor > AccountSlots.MAX_FREE) {
            _refuse(FLOOR_FIELD, settings.supplierFloor, AccountSlots.MAX_FREE);
        }
    }

    /// @notice Number of intervals after which words of a ring are used again: a power of two.
    /// @param intervalLength Seconds of an interval.
    /// @param horizon Intervals before its beginning at which an interval opens.
    /// @param longStop Seconds after its end at which it can be voided.
    /// @return ring Number of intervals.
    function ringFor(uint32 intervalLength, uint32 horizon, uint32 longStop) external pure returns (uint32 ring) {
        uint256 needed = uint256(horizon) + longStop / intervalLength + SPARE_TURNS;
        ring = 1;
        while (ring <= needed) ring <<= 1;
    }

    // --- internals

    function _checkStanding(StandingOrder calldata order, uint256 epoch, uint32 current) private pure {
        uint32 account = order.account;
        uint256 count = order.steps.length;
        if (count > StandingOrders.MAX_STEPS) {
            revert IEnergyMarket.EnergyMarketTooManySteps(count, StandingOrders.MAX_STEPS);
        }
        if (order.epoch != epoch) {
            revert IEnergyMarket.EnergyMarketStaleEpoch(account, order.epoch, uint16(epoch)); // 12 bits
        }
        if (order.flags & OrderFlags.UNKNOWN != 0) {
            revert IEnergyMarket.EnergyMarketUnknownFlags(account, order.flags);
        }
        for (uint256 i = 0; i < count; ++i) {
            uint32 wh = order.steps[i].wh;
            if (wh > StandingOrders.MAX_WH) {
                revert IEnergyMarket.EnergyMarketStepTooLarge(account, wh, StandingOrders.MAX_WH);
            }
        }
        uint32 from = order.fromInterval;
        uint32 to = order.toInterval;
        if (to < from || to < current || to - from >= MAX_RUN) {
            revert IEnergyMarket.EnergyMarketInvalidRun(from, to);
        }
    }

    /// @dev What the former owner has and owes goes over to the former owner's name, each against the other.
    function _handOver(
        EnergyLedger storage ledger,
        uint32 account,
        AccountSlot slot,
        address previous,
        address owner
    ) private returns (AccountSlot changed) {
        AccountDetails storage details = ledger.details[account];
        uint64 free = uint64(slot.free()); // 56 bits
        uint64 debt = details.debt;
        uint64 claim = details.claim;
        details.debt = 0;
        details.claim = 0;
        delete ledger.standing[account];
        changed = _nextEpoch(account, slot.withFree(0).withFlag(AccountSlots.INDEBTED, false), AccountSlots.MAX_EPOCH);
        emit IEnergyMarket.AccountHandedOver(account, previous, owner, free, debt, claim);

        Former storage former = ledger.former[previous];
        uint64 balance = former.balance + free;
        debt += former.debt;
        claim += former.claim;
        uint64 offset = debt < claim ? debt : claim;
        claim -= offset;
        debt -= offset;
        uint64 repaid = debt < balance ? debt : balance;
        (former.balance, former.debt, former.claim) = (balance - repaid, debt - repaid, claim);
        ledger.treasury.supplier += repaid;
        if (offset + repaid != 0) emit IEnergyMarket.FormerDebtPaid(previous, offset + repaid, debt - repaid);
    }

    /// @dev The slot in its next epoch, which may not be beyond `last`.
    function _nextEpoch(uint32 account, AccountSlot slot, uint256 last) private returns (AccountSlot changed) {
        uint256 epoch = slot.epoch() + 1;
        if (epoch > last) revert IEnergyMarket.EnergyMarketEpochsExhausted(account, last);
        emit IEnergyMarket.EpochBumped(account, uint16(epoch)); // 12 bits
        return slot.withEpoch(epoch);
    }

    /// @dev The slot with what the registry says of the meter.
    function _rated(AccountSlot slot, Meter memory meter) private pure returns (AccountSlot changed) {
        (uint256 importCode, ) = AccountSlots.encodeCap(meter.importCapWh);
        (uint256 exportCode, ) = AccountSlots.encodeCap(meter.exportCapWh);
        bool renewable = meter.source != EnergySource.None && meter.source != EnergySource.Other;
        return
            slot
                .withCaps(importCode, exportCode)
                .withFlag(AccountSlots.GREEN, renewable && meter.class == MeterClass.Connection)
                .withFlag(AccountSlots.BARRED, meter.status != MeterStatus.Trading);
    }

    function _emitRefreshed(uint32 account, AccountSlot slot) private {
        emit IEnergyMarket.AccountRefreshed(
            account,
            uint32(slot.importCapWh()), // three digits and up to three zeros
            uint32(slot.exportCapWh()), // three digits and up to three zeros
            slot.has(AccountSlots.GREEN),
            slot.has(AccountSlots.BARRED)
        );
    }

    function _open(EnergyLedger storage ledger, uint32 account) private view returns (AccountSlot slot) {
        slot = ledger.accounts[account];
        if (!slot.isOpen()) revert IEnergyMarket.EnergyMarketUnknownAccount(account);
    }

    function _refuse(uint256 field, uint256 value, uint256 limit) private pure {
        revert IEnergyMarket.EnergyMarketInvalidSetting(field, value, limit);
    }
}
