// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IBatteryLease, Lease, Novation, Offer, Swap, Usage} from "./IBatteryLease.sol";
import {Sale} from "./IBatteryPack.sol";
import {DeviceState, SignedReading} from "./IBatteryTelemetry.sol";
import {LeaseClock} from "./LeaseClock.sol";
import {Ledger, LeaseLedger} from "./LeaseLedger.sol";
import {LeaseMath} from "./LeaseMath.sol";
import {LeaseTerms} from "./LeaseTerms.sol";

/// @title LeaseChanges
/// @notice What changes while a lease of {BatteryLease} runs: its energy bill, its pack and its lessee.
/// @dev Linked library; runs in the book's storage. Errors and events are documented at {IBatteryLease}.
library LeaseChanges {
    using LeaseClock for Lease;
    using LeaseLedger for Ledger;
    using LeaseTerms for Novation;
    using LeaseTerms for Swap;
    using SafeCast for uint256;

    uint256 private constant MAX_SWAP_READINGS = 2;
    uint256 private constant SWAP_READING_AGE = 1 hours;

    /// @notice {IBatteryLease-billUsage}.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    /// @return charge Added to what the next payment takes.
    function bill(Ledger storage ledger, uint256 leaseId, Offer calldata offer) external returns (uint256 charge) {
        Lease storage lease = ledger.runningUnder(leaseId, offer);
        Usage storage usage = ledger.usages[leaseId];
        uint256 elapsed = lease.elapsed(block.timestamp);
        uint256 fullPeriods = elapsed / lease.period;
        if (fullPeriods <= usage.billedPeriods) {
            uint256 next = lease.startedAt + (uint256(usage.billedPeriods) + 1) * lease.period;
            revert IBatteryLease.BatteryLeaseTooEarly(leaseId, block.timestamp, next);
        }
        uint256 usedWh = ledger.usedWh(leaseId);
        uint256 over = LeaseMath.overWh(
            usedWh,
            offer.includedWh,
            LeaseMath.startedCount(elapsed, lease.period, lease.periods)
        );
        charge = LeaseMath.overageDown(over, usage.billedOverWh, offer.overagePerKWh);
        if (over > usage.billedOverWh) usage.billedOverWh = over.toUint48();
        usage.overageDue = SafeCast.toUint96(usage.overageDue + charge);
        // At most `periods`, which has 16 bits.
        usage.billedPeriods = uint16(fullPeriods);
        lease.flags |= LeaseClock.USED;
        emit IBatteryLease.UsageBilled(leaseId, usedWh, over, charge);
    }

    /// @notice {IBatteryLease-swap}, after all have consented.
    /// @param ledger The book.
    /// @param order The swap.
    /// @param newOwner Owner of the new pack.
    /// @param readings Fresh readings to submit first.
    function swap(
        Ledger storage ledger,
        Swap calldata order,
        address newOwner,
        SignedReading[] calldata readings
    ) external {
        uint256 leaseId = order.leaseId;
        Lease storage lease = ledger.leases[leaseId];
        if (readings.length > MAX_SWAP_READINGS) {
            revert IBatteryLease.BatteryLeaseBadLength(readings.length, MAX_SWAP_READINGS);
        }
        if (readings.length != 0) LeaseLedger.telemetry().submitMany(readings);
        uint256 usedWh = _moveUsage(ledger, order);

        (address owner, Sale memory sale) = LeaseLedger.pack().endTenancy(order.oldPackId, false);
        if (newOwner != owner) _requireNothingDue(ledger, leaseId);
        ledger.creditSale(leaseId, sale);
        ledger.creditThrough(leaseId, owner, block.timestamp);
        if (ledger.isAbating(leaseId)) ledger.endAbatement(leaseId, 0);
        // What was asked and disputed concerned the old pack.
        lease.requestedAt = 0;
        if (ledger.abatements[leaseId].disputedAt != 0) ledger.abatements[leaseId].disputedAt = 0;
        // A pack that exists has an id of 64 bits.
        lease.packId = uint64(order.newPackId);
        emit IBatteryLease.Swapped(leaseId, order.oldPackId, order.newPackId, usedWh);
        // A lease that runs has an id of 32 bits.
        LeaseLedger.pack().startTenancy(order.newPackId, newOwner, uint32(leaseId), lease.lessee, lease.userExpires());
    }

    /// @notice {IBatteryLease-novate}, after all have consented.
    /// @param ledger The book.
    /// @param order The novation.
    function novate(Ledger storage ledger, Novation calldata order) external {
        Lease storage lease = ledger.leases[order.leaseId];
        lease.lessee = order.newLessee;
        // What the old lessee asked for and brought back does not bind the new one.
        ledger.keep(order.leaseId);
        emit IBatteryLease.Novated(order.leaseId, order.oldLessee, order.newLessee);
        Sale memory sale = LeaseLedger.pack().updateTenancy(lease.packId, order.newLessee, lease.userExpires());
        ledger.creditSale(order.leaseId, sale);
    }

    /// @notice The accounts whose consent a swap needs; reverts when the swap cannot be.
    /// @param ledger The book.
    /// @param order The swap.
    /// @return signers The lessee, the old pack's owner, the new pack's owner.
    /// @return structHash EIP-712 struct hash of the swap.
    function swapConsent(
        Ledger storage ledger,
        Swap calldata order
    ) external view returns (address[3] memory signers, bytes32 structHash) {
        Lease storage lease = ledger.running(order.leaseId);
        if (order.oldPackId != lease.packId) {
            revert IBatteryLease.BatteryLeaseWrongPack(order.leaseId, order.oldPackId, lease.packId);
        }
        if (order.newPackId == order.oldPackId) {
            revert IBatteryLease.BatteryLeaseWrongPack(order.leaseId, order.newPackId, order.oldPackId);
        }
        LeaseLedger.requireParty(order.leaseId, order.lessee, lease.lessee);
        signers = [order.lessee, LeaseLedger.ownerOf(order.oldPackId), LeaseLedger.ownerOf(order.newPackId)];
        structHash = order.hash();
    }

    /// @notice The accounts whose consent a novation needs; reverts when the novation cannot be.
    /// @param ledger The book.
    /// @param order The novation.
    /// @return signers The pack's owner, the old lessee, the new lessee.
    /// @return structHash EIP-712 struct hash of the novation.
    function novationConsent(
        Ledger storage ledger,
        Novation calldata order
    ) external view returns (address[3] memory signers, bytes32 structHash) {
        Lease storage lease = ledger.running(order.leaseId);
        if (order.packId != lease.packId) {
            revert IBatteryLease.BatteryLeaseWrongPack(order.leaseId, order.packId, lease.packId);
        }
        LeaseLedger.requireParty(order.leaseId, order.oldLessee, lease.lessee);
        if (order.newLessee == order.oldLessee) revert IBatteryLease.BatteryLeaseUnchanged();
        signers = [LeaseLedger.ownerOf(lease.packId), order.oldLessee, order.newLessee];
        structHash = order.hash();
    }

    /// @dev What is due would go to the new pack's owner, who did not earn it.
    function _requireNothingDue(Ledger storage ledger, uint256 leaseId) private view {
        uint256 paidThrough = ledger.leases[leaseId].paidThrough();
        if (paidThrough < block.timestamp || ledger.usages[leaseId].overageDue != 0) {
            revert IBatteryLease.BatteryLeaseInArrears(leaseId, paidThrough);
        }
    }

    /// @dev Carries the energy used so far over to another pack. Both packs need a fresh reading.
    function _moveUsage(Ledger storage ledger, Swap calldata order) private returns (uint256 usedWh) {
        Lease storage lease = ledger.leases[order.leaseId];
        Usage storage usage = ledger.usages[order.leaseId];
        _freshThroughput(order.oldPackId);
        uint256 newStartWh = _freshThroughput(order.newPackId);
        usedWh = ledger.usedWh(order.leaseId);
        usage.priorWh = usedWh.toUint48();
        usage.swappedAt = uint40(block.timestamp);
        lease.flags |= LeaseClock.USED;
        // A throughput, which has 48 bits.
        lease.startWh = uint48(newStartWh);
    }

    function _freshThroughput(uint256 packId) private view returns (uint256 throughputWh) {
        DeviceState memory state = LeaseLedger.telemetry().stateOf(packId);
        uint256 earliest = block.timestamp - SWAP_READING_AGE;
        if (state.takenAt < earliest) {
            revert IBatteryLease.BatteryLeaseStaleReading(packId, state.takenAt, earliest);
        }
        return state.throughputWh;
    }
}
