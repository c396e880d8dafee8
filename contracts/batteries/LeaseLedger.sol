// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Abatement, Closing, IBatteryLease, Lease, LeaseState, Offer, Usage} from "./IBatteryLease.sol";
import {IBatteryPack, Sale} from "./IBatteryPack.sol";
import {IBatteryTelemetry} from "./IBatteryTelemetry.sol";
import {LeaseClock} from "./LeaseClock.sol";
import {LeaseTerms} from "./LeaseTerms.sol";

/// @notice Everything the lease book stores.
struct Ledger {
    /// @dev Number of leases so far.
    uint256 leaseCount;
    mapping(uint256 leaseId => Lease) leases;
    mapping(uint256 leaseId => Usage) usages;
    mapping(uint256 leaseId => Abatement) abatements;
    mapping(uint256 leaseId => Closing) closings;
    /// @dev What each account can withdraw, token units.
    mapping(address account => uint256 amount) balances;
    mapping(address bay => bool trusted) bays;
    /// @dev When a request to return was last withdrawn or the lessee changed, Unix time; zero: never.
    mapping(uint256 leaseId => uint256 timestamp) keptSince;
}

/// @title LeaseLedger
/// @notice The entries that every part of the lease book makes, and the checks before them.
library LeaseLedger {
    using LeaseClock for Lease;
    using LeaseTerms for Offer;
    using SafeCast for uint256;

    /// @notice A lease that must be running.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @return lease The lease, stored as Active.
    function running(Ledger storage ledger, uint256 leaseId) internal view returns (Lease storage lease) {
        return inState(ledger, leaseId, LeaseState.Active);
    }

    /// @notice A lease that must be in a state.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param state Stored state required.
    /// @return lease The lease.
    function inState(
        Ledger storage ledger,
        uint256 leaseId,
        LeaseState state
    ) internal view returns (Lease storage lease) {
        lease = ledger.leases[leaseId];
        if (lease.state != state) revert IBatteryLease.BatteryLeaseWrongState(leaseId, lease.state);
    }

    /// @notice A running lease together with the offer it was made by.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param offer The offer given.
    /// @return lease The lease.
    function runningUnder(
        Ledger storage ledger,
        uint256 leaseId,
        Offer calldata offer
    ) internal view returns (Lease storage lease) {
        lease = running(ledger, leaseId);
        requireOffer(lease, leaseId, offer);
    }

    /// @notice Reverts unless the offer is the lease's.
    /// @param lease The lease.
    /// @param leaseId Its number.
    /// @param offer The offer given.
    function requireOffer(Lease storage lease, uint256 leaseId, Offer calldata offer) internal view {
        bytes32 given = offer.hash();
        if (given != lease.offerHash) revert IBatteryLease.BatteryLeaseWrongOffer(leaseId, given, lease.offerHash);
    }

    /// @notice Reverts unless two accounts are one.
    /// @param leaseId The lease.
    /// @param caller Who acts.
    /// @param expected Who may.
    function requireParty(uint256 leaseId, address caller, address expected) internal pure {
        if (caller != expected) revert IBatteryLease.BatteryLeaseNotParty(leaseId, caller, expected);
    }

    /// @notice Reverts until an instant has passed.
    /// @param leaseId The lease.
    /// @param timestamp Last second at which it is too early.
    function requireAfter(uint256 leaseId, uint256 timestamp) internal view {
        if (block.timestamp <= timestamp) {
            revert IBatteryLease.BatteryLeaseTooEarly(leaseId, block.timestamp, timestamp + 1);
        }
    }

    /// @notice Reverts once an instant has passed.
    /// @param leaseId The lease.
    /// @param timestamp Last second at which it is not too late.
    function requireNotAfter(uint256 leaseId, uint256 timestamp) internal view {
        if (block.timestamp > timestamp) {
            revert IBatteryLease.BatteryLeaseTooLate(leaseId, block.timestamp, timestamp);
        }
    }

    /// @notice The settlement token of the book in whose name a linked library runs.
    /// @dev The book's immutables are not in its storage, so the libraries ask for them: cheaper than a slot, and smaller
    /// in the book's code than handing them to every call.
    /// @return settlementToken The token.
    function token() internal view returns (IERC20 settlementToken) {
        return IBatteryLease(address(this)).token();
    }

    /// @notice The pack contract of the book.
    /// @return packs The contract.
    function pack() internal view returns (IBatteryPack packs) {
        return IBatteryLease(address(this)).pack();
    }

    /// @notice The telemetry contract of the book.
    /// @return readings The contract.
    function telemetry() internal view returns (IBatteryTelemetry readings) {
        return IBatteryLease(address(this)).telemetry();
    }

    /// @notice Owner of a pack.
    /// @param packId The pack.
    /// @return owner The owner.
    function ownerOf(uint256 packId) internal view returns (address owner) {
        return IERC721(address(pack())).ownerOf(packId);
    }

    /// @notice Credits what a seller earned until a sale.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param sale The sale; none when its seller is zero.
    function creditSale(Ledger storage ledger, uint256 leaseId, Sale memory sale) internal {
        if (sale.seller != address(0)) creditThrough(ledger, leaseId, sale.seller, sale.soldAt);
    }

    /// @notice Credits rent that is earned, paid and not credited before.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param owner Who earned it.
    /// @param timestamp Until when.
    function creditThrough(Ledger storage ledger, uint256 leaseId, address owner, uint256 timestamp) internal {
        Lease storage lease = ledger.leases[leaseId];
        uint256 earned = lease.earnedAt(ledger.abatements[leaseId], timestamp);
        uint256 credited = lease.credited;
        if (earned <= credited) return;
        // All rents together fit 96 bits.
        lease.credited = uint96(earned);
        ledger.balances[owner] += earned - credited;
        emit IBatteryLease.RentCredited(leaseId, owner, earned - credited);
    }

    /// @notice Ends a request to return the pack: the lessee keeps it, and what bays received before counts no more.
    /// @param ledger The book.
    /// @param leaseId The lease.
    function keep(Ledger storage ledger, uint256 leaseId) internal {
        ledger.leases[leaseId].requestedAt = 0;
        ledger.keptSince[leaseId] = block.timestamp;
    }

    /// @notice When the present pack came into a lease.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @return since Start of the lease or time of the latest swap.
    function packSince(Ledger storage ledger, uint256 leaseId) internal view returns (uint256 since) {
        Lease storage lease = ledger.leases[leaseId];
        since = lease.flags & LeaseClock.USED == 0 ? 0 : ledger.usages[leaseId].swappedAt;
        if (since == 0) since = lease.startedAt;
    }

    /// @notice Energy used since the start of a lease, by the present pack's latest reading.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @return wh Used, Wh.
    function usedWh(Ledger storage ledger, uint256 leaseId) internal view returns (uint256 wh) {
        Lease storage lease = ledger.leases[leaseId];
        uint256 readWh = telemetry().stateOf(lease.packId).throughputWh;
        uint256 startWh = lease.startWh;
        wh = lease.flags & LeaseClock.USED == 0 ? 0 : ledger.usages[leaseId].priorWh;
        if (readWh > startWh) wh += readWh - startWh;
    }

    /// @notice Whether rent is being abated.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @return abating True while a span of abatement is open.
    function isAbating(Ledger storage ledger, uint256 leaseId) internal view returns (bool abating) {
        return ledger.leases[leaseId].flags & LeaseClock.ABATED != 0 && ledger.abatements[leaseId].until == 0;
    }

    /// @notice Ends the open span of abatement.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param sohBp State of health that ended it, basis points; zero: a swap.
    function endAbatement(Ledger storage ledger, uint256 leaseId, uint256 sohBp) internal {
        ledger.abatements[leaseId].until = uint40(block.timestamp);
        emit IBatteryLease.RemedyEnded(leaseId, sohBp);
    }

    /// @notice Ends a lease and assigns the last of its money.
    /// @param ledger The book.
    /// @param leaseId The lease.
    /// @param lessor Who gets `toLessor`.
    /// @param toLessor Token units.
    /// @param toLessee Token units.
    function settle(
        Ledger storage ledger,
        uint256 leaseId,
        address lessor,
        uint256 toLessor,
        uint256 toLessee
    ) internal {
        Lease storage lease = ledger.leases[leaseId];
        lease.state = LeaseState.Settled;
        if (toLessor != 0) ledger.balances[lessor] += toLessor;
        if (toLessee != 0) ledger.balances[lease.lessee] += toLessee;
        emit IBatteryLease.LeaseSettled(leaseId, toLessor, toLessee);
    }
}
