// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountSlot, AccountSlots} from "./AccountSlots.sol";
import {AccountDetails, EnergyLedger, Treasury} from "./EnergyLedger.sol";
import {IEnergyMarket} from "./IEnergyMarket.sol";

/// @title EnergyTreasury
/// @notice Money between accounts and the supplier: a credit pays debt first, and what an account cannot pay becomes debt,
/// as what the supplier cannot pay becomes a claim. None of it reverts because of somebody's balance.
/// @dev All amounts are money units. Functions on an {AccountSlot} leave writing it to the caller, who holds it in memory;
/// so it is with the supplier's balance. An indebted account has no free money. Sums of free money cannot overflow,
/// because the market holds at most {AccountSlots-MAX_FREE} in all.
library EnergyTreasury {
    /// @notice Adds to an account's free money, after its debt.
    /// @param ledger The market's storage.
    /// @param account Account.
    /// @param slot The account's slot.
    /// @param amount Money units.
    /// @return changed The account's slot; the caller stores it.
    /// @return repaid Part of the amount that went into debt; the caller adds it to the supplier's balance.
    function credit(
        EnergyLedger storage ledger,
        uint32 account,
        AccountSlot slot,
        uint256 amount
    ) internal returns (AccountSlot changed, uint256 repaid) {
        if (!slot.has(AccountSlots.INDEBTED)) return (slot.withFree(slot.free() + amount), 0);
        if (amount == 0) return (slot, 0);
        AccountDetails storage details = ledger.details[account];
        uint256 debt = details.debt;
        repaid = amount < debt ? amount : debt;
        uint256 left = debt - repaid;
        details.debt = uint64(left); // not above the debt there was
        changed = slot.withFlag(AccountSlots.INDEBTED, left != 0).withFree(slot.free() + amount - repaid);
        emit IEnergyMarket.DebtPaid(account, repaid, left);
    }

    /// @notice Takes from an account's free money what is there, and makes the rest its debt.
    /// @param ledger The market's storage.
    /// @param account Account.
    /// @param interval Interval that it is for.
    /// @param slot The account's slot.
    /// @param amount Money units.
    /// @return changed The account's slot; the caller stores it.
    /// @return unpaid Part of the amount that became debt, so that the supplier does not get it yet.
    function charge(
        EnergyLedger storage ledger,
        uint32 account,
        uint32 interval,
        AccountSlot slot,
        uint256 amount
    ) internal returns (AccountSlot changed, uint256 unpaid) {
        uint256 free = slot.free();
        if (amount <= free) return (slot.withFree(free - amount), 0);
        unpaid = amount - free;
        AccountDetails storage details = ledger.details[account];
        details.debt = _saturated(uint256(details.debt) + unpaid);
        changed = slot.withFree(0).withFlag(AccountSlots.INDEBTED, true);
        emit IEnergyMarket.DebtIncurred(account, interval, unpaid);
    }

    /// @notice Takes from the supplier's balance what is there, and makes the rest the account's claim.
    /// @param ledger The market's storage.
    /// @param account Account.
    /// @param interval Interval that it is for.
    /// @param balance The supplier's balance.
    /// @param amount What the supplier owes the account.
    /// @return paid What the balance covers; the caller takes it from the supplier and credits it to the account.
    function owe(
        EnergyLedger storage ledger,
        uint32 account,
        uint32 interval,
        uint256 balance,
        uint256 amount
    ) internal returns (uint256 paid) {
        if (amount <= balance) return amount;
        AccountDetails storage details = ledger.details[account];
        details.claim = _saturated(uint256(details.claim) + amount - balance);
        emit IEnergyMarket.ClaimBooked(account, interval, amount - balance);
        return balance;
    }

    /// @notice Moves money between an account and the supplier for a deviation.
    /// @param ledger The market's storage.
    /// @param account Account.
    /// @param interval Interval.
    /// @param slot The account's slot.
    /// @param supplier The supplier's balance.
    /// @param amount What the account gets, negative: gives.
    /// @return changed The account's slot; the caller stores it.
    /// @return balance The supplier's balance.
    function bookDeviation(
        EnergyLedger storage ledger,
        uint32 account,
        uint32 interval,
        AccountSlot slot,
        uint256 supplier,
        int256 amount
    ) internal returns (AccountSlot changed, uint256 balance) {
        if (amount < 0) {
            uint256 due = uint256(-amount);
            uint256 unpaid;
            (changed, unpaid) = charge(ledger, account, interval, slot, due);
            return (changed, supplier + due - unpaid);
        }
        // What goes into the account's own debt comes back at once, so the supplier need not have it.
        uint256 reach = slot.has(AccountSlots.INDEBTED) ? supplier + ledger.details[account].debt : supplier;
        uint256 paid = owe(ledger, account, interval, reach, uint256(amount));
        uint256 repaid;
        (changed, repaid) = credit(ledger, account, slot, paid);
        balance = supplier + repaid - paid;
    }

    /// @notice As {credit}, for a single account: reads and writes its slot and the supplier's balance.
    /// @param ledger The market's storage.
    /// @param account Account.
    /// @param amount Money units.
    function creditStored(EnergyLedger storage ledger, uint32 account, uint256 amount) internal {
        (AccountSlot changed, uint256 repaid) = credit(ledger, account, ledger.accounts[account], amount);
        ledger.accounts[account] = changed;
        if (repaid != 0) ledger.treasury.supplier += uint64(repaid); // a part of what is held
    }

    /// @notice Counts money that came into the market. Reverts with EnergyMarketFull above what accounts can hold.
    /// @param ledger The market's storage.
    /// @param amount Money units.
    function countIn(EnergyLedger storage ledger, uint256 amount) internal {
        Treasury storage treasury = ledger.treasury;
        uint256 held = treasury.held;
        if (amount > AccountSlots.MAX_FREE - held) revert IEnergyMarket.EnergyMarketFull(held, AccountSlots.MAX_FREE);
        treasury.held = uint64(held + amount); // at most 56 bits
    }

    /// @notice Counts money that leaves the market.
    /// @param ledger The market's storage.
    /// @param amount A part of what is held.
    function countOut(EnergyLedger storage ledger, uint256 amount) internal {
        ledger.treasury.held -= uint64(amount); // a part of what is held
    }

    /// @dev A settlement may not stop, so a sum beyond any real one stays at the highest number.
    function _saturated(uint256 amount) private pure returns (uint64) {
        return amount > type(uint64).max ? type(uint64).max : uint64(amount); // not above the highest
    }
}
