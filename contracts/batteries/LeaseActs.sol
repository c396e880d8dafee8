// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Closing, IBatteryLease, Lease, LeaseActKind, LeaseState} from "./IBatteryLease.sol";
import {Ledger, LeaseLedger} from "./LeaseLedger.sol";

/// @title LeaseActs
/// @notice What a party to a lease of {BatteryLease} can do by its own call or by a signature that anybody relays.
/// @dev Linked library; runs in the book's storage. Errors and events are documented at {IBatteryLease}.
library LeaseActs {
    using LeaseLedger for Ledger;

    /// @notice {IBatteryLease-requestReturn}, {IBatteryLease-acceptClaim}, {IBatteryLease-disputeClaim} or
    /// {IBatteryLease-disputeHealth}.
    /// @param ledger The book.
    /// @param kind Which.
    /// @param leaseId The lease.
    /// @param party Who acts, already authenticated.
    /// @param evidenceHash keccak256 of the evidence for a dispute; the amount for a relayed acceptance.
    function perform(
        Ledger storage ledger,
        LeaseActKind kind,
        uint256 leaseId,
        address party,
        bytes32 evidenceHash
    ) external {
        if (kind == LeaseActKind.RequestReturn) _requestReturn(ledger, leaseId, party);
        else if (kind == LeaseActKind.AcceptClaim) _acceptClaim(ledger, leaseId, party, evidenceHash);
        else if (kind == LeaseActKind.DisputeClaim) _disputeClaim(ledger, leaseId, party, evidenceHash);
        else if (kind == LeaseActKind.DisputeHealth) _disputeHealth(ledger, leaseId, party, evidenceHash);
        else if (kind == LeaseActKind.KeepPack) _keepPack(ledger, leaseId, party, evidenceHash);
        else revert IBatteryLease.BatteryLeaseUnchanged();
    }

    function _requestReturn(Ledger storage ledger, uint256 leaseId, address party) private {
        Lease storage lease = ledger.running(leaseId);
        LeaseLedger.requireParty(leaseId, party, lease.lessee);
        if (lease.requestedAt != 0) revert IBatteryLease.BatteryLeaseReturnRequested(leaseId, lease.requestedAt);
        lease.requestedAt = uint40(block.timestamp);
        emit IBatteryLease.ReturnRequested(leaseId);
    }

    /// @dev A relayed act names the request that it withdraws, so that none signed early serves for another one.
    function _keepPack(Ledger storage ledger, uint256 leaseId, address party, bytes32 requestedAt) private {
        Lease storage lease = ledger.running(leaseId);
        LeaseLedger.requireParty(leaseId, party, lease.lessee);
        if (party != msg.sender && uint256(requestedAt) != lease.requestedAt) {
            revert IBatteryLease.BatteryLeaseOtherRequest(leaseId, uint256(requestedAt), lease.requestedAt);
        }
        ledger.keep(leaseId);
        emit IBatteryLease.PackKept(leaseId);
    }

    /// @dev A relayed acceptance names the amount, so that none signed early serves for another claim.
    function _acceptClaim(Ledger storage ledger, uint256 leaseId, address party, bytes32 amount) private {
        Lease storage lease = ledger.inState(leaseId, LeaseState.Claimed);
        LeaseLedger.requireParty(leaseId, party, lease.lessee);
        Closing storage closing = ledger.closings[leaseId];
        uint256 held = closing.held;
        if (party != msg.sender && uint256(amount) != held) {
            revert IBatteryLease.BatteryLeaseBadAmount(leaseId, uint256(amount), held);
        }
        ledger.settle(leaseId, closing.claimant, held, 0);
    }

    function _disputeClaim(Ledger storage ledger, uint256 leaseId, address party, bytes32 evidenceHash) private {
        Lease storage lease = ledger.inState(leaseId, LeaseState.Claimed);
        LeaseLedger.requireParty(leaseId, party, lease.lessee);
        Closing storage closing = ledger.closings[leaseId];
        LeaseLedger.requireNotAfter(leaseId, uint256(closing.since) + closing.claimWindow);
        closing.since = uint40(block.timestamp);
        lease.state = LeaseState.Disputed;
        emit IBatteryLease.ClaimDisputed(leaseId, evidenceHash);
    }

    function _disputeHealth(Ledger storage ledger, uint256 leaseId, address party, bytes32 evidenceHash) private {
        Lease storage lease = ledger.running(leaseId);
        if (party != lease.lessee) {
            LeaseLedger.requireParty(leaseId, party, LeaseLedger.ownerOf(lease.packId));
        }
        ledger.abatements[leaseId].disputedAt = uint40(block.timestamp);
        emit IBatteryLease.HealthDisputed(leaseId, party, evidenceHash);
    }
}
