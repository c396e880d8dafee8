// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {PaymentAuthorization} from "../finance/Payments.sol";
import {IBatteryLease, Lease, LeaseState, Offer, Permit} from "./IBatteryLease.sol";
import {LeaseClock} from "./LeaseClock.sol";
import {Ledger, LeaseLedger} from "./LeaseLedger.sol";
import {LeaseMoney} from "./LeaseMoney.sol";
import {LeaseTerms} from "./LeaseTerms.sol";

/// @title LeaseOpening
/// @notice How leases of {BatteryLease} begin.
/// @dev Linked library; runs in the book's storage. Errors and events are documented at {IBatteryLease}.
library LeaseOpening {
    using LeaseClock for Lease;
    using LeaseTerms for Offer;
    using SafeCast for uint256;

    /// @notice {IBatteryLease-accept}, after the lessor's signature is checked.
    /// @param ledger The book.
    /// @param offer The terms.
    /// @param permit The caller's approval of the token.
    /// @return leaseId Number of the lease.
    function accept(
        Ledger storage ledger,
        Offer calldata offer,
        Permit calldata permit
    ) external returns (uint256 leaseId) {
        leaseId = _open(ledger, offer, msg.sender);
        LeaseMoney.approveBy(LeaseLedger.token(), permit);
        LeaseMoney.pull(LeaseLedger.token(), msg.sender, uint256(offer.deposit) + offer.rent);
    }

    /// @notice {IBatteryLease-acceptWithAuthorization}, after the lessor's signature is checked.
    /// @param ledger The book.
    /// @param offer The terms.
    /// @param lessee Who accepts and pays.
    /// @param nonce Nonce that binds the payment to the offer.
    /// @param authorization The lessee's payment.
    /// @return leaseId Number of the lease.
    function acceptWithAuthorization(
        Ledger storage ledger,
        Offer calldata offer,
        address lessee,
        bytes32 nonce,
        PaymentAuthorization calldata authorization
    ) external returns (uint256 leaseId) {
        leaseId = _open(ledger, offer, lessee);
        uint256 amount = uint256(offer.deposit) + offer.rent;
        LeaseMoney.pullAuthorized(LeaseLedger.token(), lessee, amount, nonce, authorization);
    }

    function _open(Ledger storage ledger, Offer calldata offer, address lessee) private returns (uint256 leaseId) {
        if (offer.lessee != address(0) && offer.lessee != lessee) {
            revert IBatteryLease.BatteryLeaseNotInvited(lessee, offer.lessee);
        }
        LeaseTerms.validate(offer);
        uint256 readWh = LeaseLedger.telemetry().stateOf(offer.packId).throughputWh;
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
        LeaseLedger.pack().startTenancy(offer.packId, offer.lessor, leaseId.toUint32(), lessee, lease.userExpires());
    }
}
