// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Abatement, IBatteryLease, Lease, Offer} from "./IBatteryLease.sol";
import {Sale} from "./IBatteryPack.sol";
import {CertifiedHealth} from "./IBatteryTelemetry.sol";
import {LeaseClock} from "./LeaseClock.sol";
import {Ledger, LeaseLedger, Ports} from "./LeaseLedger.sol";
import {LeaseMath} from "./LeaseMath.sol";

/// @title LeaseGuarantee
/// @notice The state-of-health guarantee of {BatteryLease}: abatement of rent by certificate or by ruling.
/// @dev Linked library; runs in the book's storage. Errors and events are documented at {IBatteryLease}.
library LeaseGuarantee {
    using LeaseClock for Lease;
    using LeaseLedger for Ledger;

    /// @notice {IBatteryLease-claimRemedy}.
    /// @param ledger The book.
    /// @param ports Contracts it deals with.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    function claim(Ledger storage ledger, Ports memory ports, uint256 leaseId, Offer calldata offer) external {
        Lease storage lease = ledger.runningUnder(leaseId, offer);
        uint256 sohBp = _certifiedSoh(ledger, ports, leaseId);
        uint256 below = ledger.isAbating(leaseId) ? ledger.abatements[leaseId].sohBp : offer.minSohBp;
        if (sohBp >= below) revert IBatteryLease.BatteryLeaseHealthNotAffected(leaseId, sohBp, below);
        uint256 abusedAt = ports.telemetry.stateOf(lease.packId).abusedAt;
        if (abusedAt >= ledger.packSince(leaseId)) revert IBatteryLease.BatteryLeaseAbused(leaseId, abusedAt);
        _start(ledger, ports, leaseId, sohBp, offer.minSohBp);
    }

    /// @notice {IBatteryLease-endRemedy}.
    /// @param ledger The book.
    /// @param ports Contracts it deals with.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    function end(Ledger storage ledger, Ports memory ports, uint256 leaseId, Offer calldata offer) external {
        ledger.runningUnder(leaseId, offer);
        if (!ledger.isAbating(leaseId)) revert IBatteryLease.BatteryLeaseNothingToRule(leaseId);
        uint256 sohBp = _certifiedSoh(ledger, ports, leaseId);
        if (sohBp < offer.minSohBp) {
            revert IBatteryLease.BatteryLeaseHealthNotAffected(leaseId, sohBp, offer.minSohBp);
        }
        ledger.endAbatement(leaseId, sohBp);
    }

    /// @notice {IBatteryLease-ruleHealth}.
    /// @param ledger The book.
    /// @param ports Contracts it deals with.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    /// @param sohBp State of health to go by, basis points.
    function rule(
        Ledger storage ledger,
        Ports memory ports,
        uint256 leaseId,
        Offer calldata offer,
        uint16 sohBp
    ) external {
        ledger.runningUnder(leaseId, offer);
        Abatement storage abatement = ledger.abatements[leaseId];
        uint256 disputedAt = abatement.disputedAt;
        if (disputedAt == 0) revert IBatteryLease.BatteryLeaseNothingToRule(leaseId);
        LeaseLedger.requireNotAfter(leaseId, disputedAt + offer.arbiterWindow);
        abatement.disputedAt = 0;
        abatement.ruledAt = uint40(block.timestamp);
        emit IBatteryLease.HealthRuled(leaseId, sohBp);
        if (sohBp < offer.minSohBp) _start(ledger, ports, leaseId, sohBp, offer.minSohBp);
        else if (ledger.isAbating(leaseId)) ledger.endAbatement(leaseId, sohBp);
    }

    /// @dev Certified state of health, by a test of the present pack since it came into the lease and since a ruling.
    function _certifiedSoh(
        Ledger storage ledger,
        Ports memory ports,
        uint256 leaseId
    ) private view returns (uint256 sohBp) {
        CertifiedHealth memory health = ports.telemetry.healthOf(ledger.leases[leaseId].packId);
        uint256 earliest = ledger.packSince(leaseId);
        uint256 ruledAt = ledger.abatements[leaseId].ruledAt;
        if (ruledAt >= earliest) earliest = ruledAt + 1;
        if (health.testedAt < earliest) {
            revert IBatteryLease.BatteryLeaseCertificateTooOld(leaseId, health.testedAt, earliest);
        }
        return health.sohBp;
    }

    /// @dev Starts a span of abatement, after closing the one that runs.
    function _start(
        Ledger storage ledger,
        Ports memory ports,
        uint256 leaseId,
        uint256 sohBp,
        uint256 minSohBp
    ) private {
        Lease storage lease = ledger.leases[leaseId];
        Abatement storage abatement = ledger.abatements[leaseId];
        uint256 paidThrough = lease.paidThrough();
        if (paidThrough < block.timestamp) revert IBatteryLease.BatteryLeaseInArrears(leaseId, paidThrough);
        // A sale before now is credited by the old rebate.
        (, Sale memory sale) = ports.pack.takeSale(lease.packId);
        ledger.creditSale(leaseId, sale);
        uint256 rebate = lease.rent - LeaseMath.abatedRentDown(lease.rent, sohBp, minSohBp);
        // At most rent * term: 96 bits of rent times a span below 2^31.
        abatement.rebateBase = uint128(lease.rebateAt(abatement, block.timestamp));
        // At most the rent, which has 96 bits.
        abatement.rebatePerPeriod = uint96(rebate);
        if (!ledger.isAbating(leaseId)) abatement.uncuredSince = uint40(block.timestamp);
        abatement.since = uint40(block.timestamp);
        abatement.until = 0;
        // Below `minSohBp`, which has 16 bits.
        abatement.sohBp = uint16(sohBp);
        lease.flags |= LeaseClock.ABATED;
        emit IBatteryLease.RemedyStarted(leaseId, sohBp, rebate);
    }
}
