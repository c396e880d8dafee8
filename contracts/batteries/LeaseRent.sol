// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Abatement, IBatteryLease, Lease, LeaseState, Owed} from "./IBatteryLease.sol";
import {Sale} from "./IBatteryPack.sol";
import {LeaseClock} from "./LeaseClock.sol";
import {Ledger, LeaseLedger, Ports} from "./LeaseLedger.sol";

/// @title LeaseRent
/// @notice Rent of {BatteryLease}: payments, credits to owners, and what is owed.
/// @dev Linked library; runs in the book's storage. Errors and events are documented at {IBatteryLease}.
library LeaseRent {
    using LeaseClock for Lease;
    using LeaseLedger for Ledger;

    /// @dev What a payment is made of.
    struct Parts {
        uint256 fees;
        uint256 lateThrough;
        uint256 overage;
        uint256 rebate;
        uint256 paidThrough;
    }

    uint256 private constant MAX_BATCH = 50;

    /// @notice {IBatteryLease-payRent}, before the payer's payment.
    /// @param ledger The book.
    /// @param ports Contracts it deals with.
    /// @param leaseId The lease.
    /// @param periodCount Periods to pay.
    /// @param payer Who pays.
    /// @return amount To be taken from the payer.
    function record(
        Ledger storage ledger,
        Ports memory ports,
        uint256 leaseId,
        uint256 periodCount,
        address payer
    ) external returns (uint256 amount) {
        return _record(ledger, ports, leaseId, periodCount, payer);
    }

    /// @notice {IBatteryLease-payMany}, before the payer's payment.
    /// @param ledger The book.
    /// @param ports Contracts it deals with.
    /// @param leaseIds The leases.
    /// @param periodCounts Periods to pay of each.
    /// @param payer Who pays.
    /// @return amount To be taken from the payer.
    function recordMany(
        Ledger storage ledger,
        Ports memory ports,
        uint256[] calldata leaseIds,
        uint16[] calldata periodCounts,
        address payer
    ) external returns (uint256 amount) {
        uint256 length = leaseIds.length;
        _requireBatch(length);
        if (periodCounts.length != length) revert IBatteryLease.BatteryLeaseBadLength(periodCounts.length, length);
        for (uint256 i = 0; i < length; ++i) amount += _record(ledger, ports, leaseIds[i], periodCounts[i], payer);
    }

    /// @notice {IBatteryLease-credit}.
    /// @param ledger The book.
    /// @param ports Contracts it deals with.
    /// @param leaseIds The leases.
    function creditMany(Ledger storage ledger, Ports memory ports, uint256[] calldata leaseIds) external {
        uint256 length = leaseIds.length;
        _requireBatch(length);
        for (uint256 i = 0; i < length; ++i) {
            uint256 leaseId = leaseIds[i];
            Lease storage lease = ledger.leases[leaseId];
            if (lease.state != LeaseState.Active) continue;
            (address owner, Sale memory sale) = ports.pack.takeSale(lease.packId);
            ledger.creditSale(leaseId, sale);
            ledger.creditThrough(leaseId, owner, block.timestamp);
        }
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
        Ports memory ports,
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
        parts.overage = _takeOverage(ledger, lease, leaseId);
        amount = periodCount * lease.rent + parts.fees + parts.overage;
        parts.rebate = _takeRebate(ledger, lease, leaseId, amount);
        amount -= parts.rebate;

        // The credit of a sale depends on what was paid before.
        parts.paidThrough = lease.paidThrough() + periodCount * lease.period;
        ledger.creditSale(leaseId, _extendUser(ports, lease, parts.paidThrough));
        // Both are at most `periods`, which has 16 bits.
        lease.paidPeriods += uint16(periodCount);
        lease.lateThrough = uint16(parts.lateThrough);
        if (parts.fees + parts.overage != 0) {
            ledger.balances[LeaseLedger.ownerOf(ports, lease.packId)] += parts.fees + parts.overage;
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

    function _extendUser(
        Ports memory ports,
        Lease storage lease,
        uint256 paidThrough
    ) private returns (Sale memory sale) {
        // Start, term and grace are bounded far below 64 bits.
        return ports.pack.updateTenancy(lease.packId, lease.lessee, uint64(paidThrough + lease.grace));
    }

    function _takeOverage(
        Ledger storage ledger,
        Lease storage lease,
        uint256 leaseId
    ) private returns (uint256 overage) {
        if (lease.flags & LeaseClock.USED == 0) return 0;
        overage = ledger.usages[leaseId].overageDue;
        if (overage != 0) ledger.usages[leaseId].overageDue = 0;
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
