// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IBatteryLease, Lease, LeaseState, Offer} from "./IBatteryLease.sol";
import {LeaseClock} from "./LeaseClock.sol";
import {Ledger, Ports} from "./LeaseLedger.sol";
import {LeaseTerms} from "./LeaseTerms.sol";

/// @title LeaseOpening
/// @notice How leases of {BatteryLease} begin.
/// @dev Linked library; runs in the book's storage. Errors and events are documented at {IBatteryLease}.
library LeaseOpening {
    using LeaseClock for Lease;
    using LeaseTerms for Offer;
    using SafeCast for uint256;

    /// @notice {IBatteryLease-accept}, after the lessor's signature and before the lessee's payment.
    /// @param ledger The book.
    /// @param ports Contracts it deals with.
    /// @param offer The terms.
    /// @param lessee Who accepts.
    /// @return leaseId Number of the lease.
    function open(
        Ledger storage ledger,
        Ports memory ports,
        Offer calldata offer,
        address lessee
    ) external returns (uint256 leaseId) {
        if (offer.lessee != address(0) && offer.lessee != lessee) {
            revert IBatteryLease.BatteryLeaseNotInvited(lessee, offer.lessee);
        }
        LeaseTerms.validate(offer);
        uint256 readWh = ports.telemetry.stateOf(offer.packId).throughputWh;
        if (offer.startWh < readWh) revert IBatteryLease.BatteryLeaseBadTerms("startWh", offer.startWh, readWh);

        leaseId = ++ledger.leaseCount;
        Lease storage lease = ledger.leases[leaseId];
        lease.lessee = lessee;
        lease.startedAt = uint40(block.timestamp);
        lease.period = offer.period;
        lease.periods = offer.periods;
        lease.state = LeaseState.Active;
        lease.rent = offer.rent;
        lease.lateFee = offer.lateFee;
        // `startTenancy` accepts no pack that does not exist, and those that do have an id of 64 bits.
        lease.packId = uint64(offer.packId);
        lease.startWh = offer.startWh;
        lease.grace = offer.grace;
        lease.paidPeriods = 1;
        lease.offerHash = offer.hash();
        emit IBatteryLease.LeaseStarted(leaseId, offer.packId, lessee, offer);
        ports.pack.startTenancy(offer.packId, offer.lessor, leaseId.toUint32(), lessee, lease.userExpires());
    }
}
