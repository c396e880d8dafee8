// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {PaymentAuthorization, Payments} from "../finance/Payments.sol";
import {Abatement, IBatteryLease, Lease, LeaseState, Owed} from "./IBatteryLease.sol";
import {Sale} from "./IBatteryPack.sol";
import {LeaseClock} from "./LeaseClock.sol";
import {Ledger, LeaseLedger} from "./LeaseLedger.sol";
import {LeaseMoney} from "./LeaseMoney.sol";

/// @title LeaseRent
/// @notice Rent of {BatteryLease}: payments, credits to owners, and what is owed.
/// @dev Linked library; runs in the book's storage. Errors and events are documented at {IBatteryLease}.
library LeaseRent {
    using LeaseClock for Lease;
    using LeaseLedger for Ledger;
    using SafeERC20 for IERC20;

    /// @dev What a payment is made of.
    struct Parts {
        uint256 fees;
        uint256 lateThrough;
        uint256 overage;
        uint256 rebate;
        uint256 paidThrough;
    }

    uint256 private constant MAX_BATCH = 50;

    /// @notice {IBatteryLease-payRent}.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param periodCount Periods to pay.
    /// @return amount Taken from the caller.
    function pay(Ledger storage ledger, uint256 leaseId, uint256 periodCount) external returns (uint256 amount) {
        amount = _record(ledger, leaseId, periodCount, msg.sender);
        LeaseMoney.pull(LeaseLedger.token(), msg.sender, amount);
    }

    /// @notice {IBatteryLease-payMany}.
    /// @param ledger The book.
    /// @param leaseIds The leases.
    /// @param periodCounts Periods to pay of each.
    /// @return amount Taken from the caller.
    function payMany(
        Ledger storage ledger,
        uint256[] calldata leaseIds,
        uint16[] calldata periodCounts
    ) external returns (uint256 amount) {
        uint256 length = leaseIds.length;
        _requireBatch(length);
        if (periodCounts.length != length) revert IBatteryLease.BatteryLeaseBadLength(periodCounts.length, length);
        for (uint256 i = 0; i < length; ++i) {
            amount += _record(ledger, leaseIds[i], periodCounts[i], msg.sender);
        }
        LeaseMoney.pull(LeaseLedger.token(), msg.sender, amount);
    }

    /// @notice {IBatteryLease-payRentWithAuthorization}.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param periodCount Periods to pay.
    /// @param payer Who pays.
    /// @param authorization The payment.
    /// @return amount Taken from the payer.
    function payWithAuthorization(
        Ledger storage ledger,
        uint256 leaseId,
        uint256 periodCount,
        address payer,
        PaymentAuthorization calldata authorization
    ) external returns (uint256 amount) {
        bytes32 nonce = LeaseMoney.rentNonceOf(ledger.leases[leaseId], leaseId, periodCount);
        amount = _record(ledger, leaseId, periodCount, payer);
        LeaseMoney.pullAuthorized(LeaseLedger.token(), payer, amount, nonce, authorization);
    }

    /// @notice {IBatteryLease-credit}.
    /// @param ledger The book.
    /// @param leaseIds The leases.
    function creditMany(Ledger storage ledger, uint256[] calldata leaseIds) external {
        uint256 length = leaseIds.length;
        _requireBatch(length);
        for (uint256 i = 0; i < length; ++i) {
            uint256 leaseId = leaseIds[i];
            Lease storage lease = ledger.leases[leaseId];
            if (lease.state != LeaseState.Active) continue;
            (address owner, Sale memory sale) = LeaseLedger.pack().takeSale(lease.packId);
            ledger.creditSale(leaseId, sale);
            ledger.creditThrough(leaseId, owner, block.timestamp);
        }
    }

    /// @notice {IBatteryLease-withdraw} after its credits, and {IBatteryLease-withdrawBySig} after its signature.
    /// @param ledger The book.
    /// @param account Whose balance.
    /// @param to Who receives the tokens; see {Payments-canReceive}.
    /// @return amount Paid out.
    function withdraw(Ledger storage ledger, address account, address to) external returns (uint256 amount) {
        amount = ledger.balances[account];
        if (amount == 0) revert IBatteryLease.BatteryLeaseNothingToWithdraw(account);
        if (!Payments.canReceive(to)) revert IBatteryLease.BatteryLeaseInvalidReceiver(to);
        ledger.balances[account] = 0;
        emit IBatteryLease.Withdrawn(account, to, amount);
        LeaseLedger.token().safeTransfer(to, amount);
    }

    /// @notice {ILeaseBook-onPackSold}, after the caller is checked.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param seller Who owned the pack.
    /// @param soldAt Until when.
    function creditSale(Ledger storage ledger, uint256 leaseId, address seller, uint256 soldAt) external {
        // After a default the accounts are closed and a sale changes none.
        if (ledger.leases[leaseId].state == LeaseState.Active) ledger.creditThrough(leaseId, seller, soldAt);
    }

    /// @notice {IBatteryLease-owedOf}.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @return amounts What the lessee has to pay now.
    function owed(Ledger storage ledger, uint256 leaseId) external view returns (Owed memory amounts) {
        return ledger.leases[leaseId].owedAt(ledger.usages[leaseId], ledger.abatements[leaseId], block.timestamp);
    }

    function _record(
        Ledger storage ledger,
        uint256 leaseId,
        uint256 periodCount,
        address payer
    ) private returns (uint256 amount) {
        Lease storage lease = ledger.running(leaseId);
        uint256 left = lease.periods - lease.paidPeriods;
        if (periodCount == 0 || periodCount > left) {
            revert IBatteryLease.BatteryLeaseBadPeriodCount(leaseId, periodCount, left);
        }

        Parts memory parts;
        (parts.fees, parts.lateThrough) = lease.lateFeesAt(block.timestamp);
        parts.overage = _takeOverage(ledger, lease, leaseId, periodCount * lease.rent);
        amount = periodCount * lease.rent + parts.fees + parts.overage;
        parts.rebate = _takeRebate(ledger, lease, leaseId, amount);
        amount -= parts.rebate;

        // The credit of a sale depends on what was paid before.
        parts.paidThrough = lease.paidThrough() + periodCount * lease.period;
        ledger.creditSale(leaseId, _extendUser(lease, parts.paidThrough));
        // Both are at most `periods`, which has 16 bits.
        lease.paidPeriods += uint16(periodCount);
        lease.lateThrough = uint16(parts.lateThrough);
        // Who pays ahead means to keep the pack; who only pays what is due does not.
        if (payer == lease.lessee && lease.requestedAt != 0 && parts.paidThrough > block.timestamp)
            ledger.keep(leaseId);
        if (parts.fees + parts.overage != 0) {
            ledger.balances[LeaseLedger.ownerOf(lease.packId)] += parts.fees + parts.overage;
        }
        emit IBatteryLease.RentPaid(
            leaseId,
            payer,
            periodCount,
            amount,
            parts.fees,
            parts.overage,
            parts.rebate,
            parts.paidThrough
        );
    }

    function _extendUser(Lease storage lease, uint256 paidThrough) private returns (Sale memory sale) {
        // Start, term and grace are bounded far below 64 bits.
        return LeaseLedger.pack().updateTenancy(lease.packId, lease.lessee, uint64(paidThrough + lease.grace));
    }

    /// @dev Billed overage, at most as much as the rent it is paid with: a payer knows the bound beforehand, whatever a
    /// meter says.
    function _takeOverage(
        Ledger storage ledger,
        Lease storage lease,
        uint256 leaseId,
        uint256 limit
    ) private returns (uint256 overage) {
        if (lease.flags & LeaseClock.USED == 0) return 0;
        uint256 due = ledger.usages[leaseId].overageDue;
        overage = due < limit ? due : limit;
        // What is left of a number of 96 bits.
        if (overage != 0) ledger.usages[leaseId].overageDue = uint96(due - overage);
    }

    function _takeRebate(
        Ledger storage ledger,
        Lease storage lease,
        uint256 leaseId,
        uint256 limit
    ) private returns (uint256 rebate) {
        if (lease.flags & LeaseClock.ABATED == 0) return 0;
        Abatement storage abatement = ledger.abatements[leaseId];
        rebate = lease.rebateOpenAt(abatement, block.timestamp);
        if (rebate > limit) rebate = limit;
        // All rebates together are at most all rents, which fit 96 bits.
        abatement.rebateTaken += uint96(rebate);
    }

    function _requireBatch(uint256 length) private pure {
        if (length == 0 || length > MAX_BATCH) revert IBatteryLease.BatteryLeaseBadLength(length, MAX_BATCH);
    }
}
