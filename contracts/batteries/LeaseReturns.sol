// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    Abatement,
    Closing,
    IBatteryLease,
    Lease,
    LeaseState,
    Offer,
    Permit,
    ReturnReceipt,
    Usage
} from "./IBatteryLease.sol";
import {Sale} from "./IBatteryPack.sol";
import {LeaseClock} from "./LeaseClock.sol";
import {Ledger, LeaseLedger} from "./LeaseLedger.sol";
import {LeaseMath} from "./LeaseMath.sol";
import {LeaseMoney} from "./LeaseMoney.sol";
import {LeaseTerms} from "./LeaseTerms.sol";

/// @title LeaseReturns
/// @notice How leases of {BatteryLease} end: return, claim, dispute, settlement, default, loss and sale to the lessee.
/// @dev Linked library; runs in the book's storage. Errors and events are documented at {IBatteryLease}.
library LeaseReturns {
    using LeaseClock for Lease;
    using LeaseLedger for Ledger;
    using LeaseTerms for ReturnReceipt;

    /// @dev Seconds for which a bay's receipt is good, whatever the bay says: what was brought back that long ago and not
    /// told may be in use again.
    uint256 private constant RECEIPT_AGE = 30 days;

    /// @notice {IBatteryLease-confirmReturn}, and {IBatteryLease-confirmReturnByReceipt} after the receipt is checked.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    /// @param receivedAt When the pack was handed over.
    /// @param byReceipt True when a bay's receipt stands for the owner's word.
    function confirm(
        Ledger storage ledger,
        uint256 leaseId,
        Offer calldata offer,
        uint256 receivedAt,
        bool byReceipt
    ) external {
        (address claimant, uint256 held) = _takeBack(ledger, leaseId, offer, receivedAt, byReceipt);
        ledger.leases[leaseId].state = LeaseState.Returned;
        _storeClosing(ledger, leaseId, offer, claimant, held);
        emit IBatteryLease.ReturnConfirmed(leaseId, claimant, receivedAt);
    }

    /// @notice {IBatteryLease-confirmAndSettle}.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    function confirmAndSettle(Ledger storage ledger, uint256 leaseId, Offer calldata offer) external {
        (address claimant, uint256 held) = _takeBack(ledger, leaseId, offer, block.timestamp, false);
        emit IBatteryLease.ReturnConfirmed(leaseId, claimant, block.timestamp);
        ledger.settle(leaseId, claimant, 0, held);
    }

    /// @notice {IBatteryLease-buyout}.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    /// @param maxPay Most that the lessee is ready to add.
    /// @param permit The lessee's approval of the token.
    /// @return paid Taken from the lessee.
    function buyout(
        Ledger storage ledger,
        uint256 leaseId,
        Offer calldata offer,
        uint256 maxPay,
        Permit calldata permit
    ) external returns (uint256 paid) {
        paid = _buyout(ledger, leaseId, offer, maxPay);
        LeaseMoney.approveBy(LeaseLedger.token(), permit);
        LeaseMoney.pull(LeaseLedger.token(), msg.sender, paid);
    }

    /// @notice {IBatteryLease-claimDamage}.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param amount Claim, token units.
    /// @param evidenceHash keccak256 of the evidence.
    function claim(Ledger storage ledger, uint256 leaseId, uint96 amount, bytes32 evidenceHash) external {
        Lease storage lease = ledger.inState(leaseId, LeaseState.Returned);
        Closing storage closing = ledger.closings[leaseId];
        LeaseLedger.requireParty(leaseId, msg.sender, closing.claimant);
        LeaseLedger.requireNotAfter(leaseId, uint256(closing.since) + closing.claimWindow);
        uint256 held = closing.held;
        if (amount == 0 || amount > held) revert IBatteryLease.BatteryLeaseBadAmount(leaseId, amount, held);
        closing.held = amount;
        closing.since = uint40(block.timestamp);
        lease.state = LeaseState.Claimed;
        ledger.balances[lease.lessee] += held - amount;
        emit IBatteryLease.DamageClaimed(leaseId, amount, evidenceHash);
    }

    /// @notice {IBatteryLease-rule}.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param award What the lessor gets.
    function rule(Ledger storage ledger, uint256 leaseId, uint96 award) external {
        ledger.inState(leaseId, LeaseState.Disputed);
        Closing storage closing = ledger.closings[leaseId];
        LeaseLedger.requireNotAfter(leaseId, uint256(closing.since) + closing.arbiterWindow);
        uint256 held = closing.held;
        if (award > held) revert IBatteryLease.BatteryLeaseBadAmount(leaseId, award, held);
        emit IBatteryLease.DisputeRuled(leaseId, award);
        ledger.settle(leaseId, closing.claimant, award, held - award);
    }

    /// @notice {IBatteryLease-settle}.
    /// @param ledger The book.
    /// @param leaseId The lease.
    function settle(Ledger storage ledger, uint256 leaseId) external {
        Closing storage closing = ledger.closings[leaseId];
        LeaseState state = ledger.leases[leaseId].state;
        uint256 window;
        if (state == LeaseState.Returned || state == LeaseState.Claimed) window = closing.claimWindow;
        else if (state == LeaseState.Disputed) window = closing.arbiterWindow;
        else if (state == LeaseState.Defaulted) window = uint256(closing.claimWindow) + closing.arbiterWindow;
        else revert IBatteryLease.BatteryLeaseWrongState(leaseId, state);
        LeaseLedger.requireAfter(leaseId, closing.since + window);
        uint256 held = closing.held;
        uint256 toLessor = state == LeaseState.Claimed ? held : 0;
        ledger.settle(leaseId, closing.claimant, toLessor, held - toLessor);
        // Rent ended with the default, so a sale since then changes no account.
        if (state == LeaseState.Defaulted) LeaseLedger.pack().endTenancy(ledger.leases[leaseId].packId, false);
    }

    /// @notice {IBatteryLease-declareDefault}.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    function declareDefault(Ledger storage ledger, uint256 leaseId, Offer calldata offer) external {
        Lease storage lease = ledger.runningUnder(leaseId, offer);
        address owner = LeaseLedger.ownerOf(lease.packId);
        LeaseLedger.requireParty(leaseId, msg.sender, owner);
        LeaseLedger.requireAfter(leaseId, lease.paidThrough() + lease.grace + offer.defaultAfter);

        ledger.creditSale(leaseId, LeaseLedger.pack().updateTenancy(lease.packId, address(0), 0));
        uint256 held = _closeAccounts(ledger, leaseId, offer, owner, block.timestamp, true).held;
        lease.state = LeaseState.Defaulted;
        _storeClosing(ledger, leaseId, offer, owner, held);
        emit IBatteryLease.Defaulted(leaseId);
    }

    /// @notice {IBatteryLease-declareLost}.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param evidenceHash keccak256 of the evidence.
    function declareLost(Ledger storage ledger, uint256 leaseId, bytes32 evidenceHash) external {
        Lease storage lease = ledger.inState(leaseId, LeaseState.Defaulted);
        Closing storage closing = ledger.closings[leaseId];
        LeaseLedger.requireParty(leaseId, msg.sender, LeaseLedger.ownerOf(lease.packId));
        LeaseLedger.requireAfter(leaseId, uint256(closing.since) + closing.claimWindow);
        closing.claimant = msg.sender;
        closing.since = uint40(block.timestamp);
        lease.state = LeaseState.Claimed;
        emit IBatteryLease.ReturnConfirmed(leaseId, msg.sender, block.timestamp);
        emit IBatteryLease.DamageClaimed(leaseId, closing.held, evidenceHash);
        // Rent ended with the default, so a sale since then changes no account.
        LeaseLedger.pack().endTenancy(lease.packId, true);
    }

    /// @notice Reverts unless a receipt fits its lease; the bay's signature is for the caller to check.
    /// @param ledger The book.
    /// @param receipt The receipt.
    /// @return structHash EIP-712 struct hash of the receipt.
    function checkReceipt(
        Ledger storage ledger,
        ReturnReceipt calldata receipt
    ) external view returns (bytes32 structHash) {
        if (!ledger.bays[receipt.bay]) revert IBatteryLease.BatteryLeaseUntrustedBay(receipt.bay);
        uint256 leaseId = receipt.leaseId;
        uint256 packId = ledger.leases[leaseId].packId;
        if (receipt.packId != packId) {
            revert IBatteryLease.BatteryLeaseWrongPack(leaseId, receipt.packId, packId);
        }
        uint256 since = ledger.packSince(leaseId);
        uint256 keptSince = ledger.keptSince[leaseId];
        if (keptSince >= since) since = keptSince + 1;
        if (receipt.receivedAt < since) {
            revert IBatteryLease.BatteryLeaseTooEarly(leaseId, receipt.receivedAt, since);
        }
        if (receipt.receivedAt > block.timestamp) {
            revert IBatteryLease.BatteryLeaseTooLate(leaseId, receipt.receivedAt, block.timestamp);
        }
        LeaseLedger.requireNotAfter(leaseId, receipt.receivedAt + RECEIPT_AGE);
        return receipt.hash();
    }

    /// @notice {IBatteryLease-buyoutPriceOf}.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    /// @return price Token units.
    function priceOf(Ledger storage ledger, uint256 leaseId, Offer calldata offer) public view returns (uint256 price) {
        Lease storage lease = ledger.runningUnder(leaseId, offer);
        if (offer.buyoutStart == 0) revert IBatteryLease.BatteryLeaseNotForSale(leaseId);
        return
            LeaseMath.buyoutPriceDown(
                offer.buyoutStart,
                offer.buyoutResidual,
                lease.term(),
                lease.elapsed(block.timestamp)
            );
    }

    function _buyout(
        Ledger storage ledger,
        uint256 leaseId,
        Offer calldata offer,
        uint256 maxPay
    ) private returns (uint256 paid) {
        Lease storage lease = ledger.runningUnder(leaseId, offer);
        address lessee = lease.lessee;
        LeaseLedger.requireParty(leaseId, msg.sender, lessee);
        uint256 price = priceOf(ledger, leaseId, offer);

        (address owner, Sale memory sale) = LeaseLedger.pack().sellToTenant(lease.packId, lessee);
        ledger.creditSale(leaseId, sale);
        LeaseMath.Statement memory statement = _closeAccounts(ledger, leaseId, offer, owner, block.timestamp, false);
        lease.state = LeaseState.BoughtOut;
        uint256 due = price + statement.shortfall;
        ledger.balances[owner] += due;
        if (due > statement.held) paid = due - statement.held;
        else ledger.balances[lessee] += statement.held - due;
        if (paid > maxPay) revert IBatteryLease.BatteryLeaseBadAmount(leaseId, paid, maxPay);
        emit IBatteryLease.BoughtOut(leaseId, price, paid);
    }

    /// @dev Releases the pack and closes the accounts, unless a default closed them before.
    function _takeBack(
        Ledger storage ledger,
        uint256 leaseId,
        Offer calldata offer,
        uint256 receivedAt,
        bool byReceipt
    ) private returns (address owner, uint256 held) {
        Lease storage lease = ledger.leases[leaseId];
        LeaseState state = lease.state;
        if (state != LeaseState.Active && state != LeaseState.Defaulted) {
            revert IBatteryLease.BatteryLeaseWrongState(leaseId, state);
        }
        LeaseLedger.requireOffer(lease, leaseId, offer);
        Sale memory sale;
        (owner, sale) = LeaseLedger.pack().endTenancy(lease.packId, false);
        if (!byReceipt) LeaseLedger.requireParty(leaseId, msg.sender, owner);
        // Rent ended with a default, so a sale since then changes no account.
        if (state == LeaseState.Defaulted) return (owner, ledger.closings[leaseId].held);
        if (lease.requestedAt == 0) {
            bool isOver = block.timestamp >= lease.startedAt + lease.term();
            // Without the lessee's or a bay's word, not before the right of use has lapsed.
            if (!isOver || (!byReceipt && block.timestamp <= lease.userExpires())) {
                revert IBatteryLease.BatteryLeaseReturnNotRequested(leaseId);
            }
        }
        uint256 endedAt = receivedAt;
        if (lease.flags & LeaseClock.ABATED != 0) {
            Abatement storage abatement = ledger.abatements[leaseId];
            // Of the rebate before its latest span only the sum is known.
            if (abatement.rebateBase != 0 && endedAt < abatement.since) endedAt = abatement.since;
        }
        // Whoever sold the pack later earned until the end only. It fits 40 bits as a time that has passed.
        if (sale.soldAt > endedAt) sale.soldAt = uint40(endedAt);
        ledger.creditSale(leaseId, sale);
        held = _closeAccounts(ledger, leaseId, offer, owner, endedAt, true).held;
    }

    /// @dev Assigns everything that the lease's end at `endedAt` decides: the owner's rent and charges. What is left of
    /// the lessee's money is the statement's `held`, for the caller to assign.
    function _closeAccounts(
        Ledger storage ledger,
        uint256 leaseId,
        Offer calldata offer,
        address owner,
        uint256 endedAt,
        bool early
    ) private returns (LeaseMath.Statement memory statement) {
        Lease storage lease = ledger.leases[leaseId];
        LeaseMath.Account memory account;
        account.rent = lease.rent;
        account.period = lease.period;
        account.elapsed = lease.elapsed(endedAt);
        account.paidPeriods = lease.paidPeriods;
        account.credited = lease.credited;
        account.deposit = offer.deposit;
        if (lease.flags & LeaseClock.ABATED != 0) {
            Abatement storage abatement = ledger.abatements[leaseId];
            uint256 end = lease.startedAt + account.elapsed;
            uint256 paidThrough = lease.paidThrough();
            account.rebateElapsed = lease.rebateAt(abatement, end);
            account.rebateCovered = lease.rebateAt(abatement, end < paidThrough ? end : paidThrough);
            account.rebateTaken = abatement.rebateTaken;
        }
        if (offer.overagePerKWh != 0) account.overage = _overage(ledger, leaseId, offer, account.elapsed);
        (account.lateFees, ) = lease.lateFeesAt(endedAt);
        if (early && offer.earlyFee != 0 && !_mayLeaveFree(ledger, leaseId, offer, endedAt)) {
            account.earlyFee = LeaseMath.earlyFeeDown(offer.earlyFee, lease.term(), account.elapsed);
        }

        statement = LeaseMath.close(account);
        // All rents together fit 96 bits.
        lease.credited = uint96(account.credited + statement.rentCredit);
        uint256 toOwner =
            statement.rentCredit + statement.arrears + statement.overage + statement.lateFees + statement.earlyFee;
        if (toOwner != 0) ledger.balances[owner] += toOwner;
        emit IBatteryLease.AccountsClosed(
            leaseId,
            statement.rentCredit,
            statement.arrears,
            statement.overage,
            statement.lateFees,
            statement.earlyFee,
            statement.held
        );
    }

    /// @dev Overage that is billed and unpaid, and what was never billed.
    function _overage(
        Ledger storage ledger,
        uint256 leaseId,
        Offer calldata offer,
        uint256 elapsed
    ) private view returns (uint256 overage) {
        Lease storage lease = ledger.leases[leaseId];
        Usage storage usage = ledger.usages[leaseId];
        uint256 over = LeaseMath.overWh(
            ledger.usedWh(leaseId),
            offer.includedWh,
            LeaseMath.startedCount(elapsed, lease.period, lease.periods)
        );
        return usage.overageDue + LeaseMath.overageDown(over, usage.billedOverWh, offer.overagePerKWh);
    }

    /// @dev Whether the lessor left a pack below its guarantee uncured for too long.
    function _mayLeaveFree(
        Ledger storage ledger,
        uint256 leaseId,
        Offer calldata offer,
        uint256 endedAt
    ) private view returns (bool free) {
        return
            ledger.isAbating(leaseId) &&
            endedAt > uint256(ledger.abatements[leaseId].uncuredSince) + offer.cureDuration;
    }

    function _storeClosing(
        Ledger storage ledger,
        uint256 leaseId,
        Offer calldata offer,
        address claimant,
        uint256 held
    ) private {
        ledger.closings[leaseId] = Closing({
            claimant: claimant,
            // Deposit and all rents together fit 96 bits.
            held: uint96(held),
            since: uint40(block.timestamp),
            claimWindow: offer.claimWindow,
            arbiterWindow: offer.arbiterWindow
        });
    }
}
