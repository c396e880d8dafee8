// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Abatement, Lease, LeaseState, Owed, Usage} from "./IBatteryLease.sol";
import {LeaseMath} from "./LeaseMath.sol";

/// @title LeaseClock
/// @notice What a stored lease amounts to at an instant: state, dues, earned rent and rebate. Reads, never writes.
library LeaseClock {
    /// @notice Flag of {Lease}: its {Usage} is in use.
    uint8 internal constant USED = 1;
    /// @notice Flag of {Lease}: its {Abatement} is in use.
    uint8 internal constant ABATED = 2;

    /// @notice Seconds of the whole term.
    /// @param lease The lease.
    /// @return span Periods times their length.
    function term(Lease storage lease) internal view returns (uint256 span) {
        return uint256(lease.periods) * lease.period;
    }

    /// @notice Seconds from the start to an instant, at most the term.
    /// @param lease The lease.
    /// @param timestamp Unix time, not before the start.
    /// @return span Seconds.
    function elapsed(Lease storage lease, uint256 timestamp) internal view returns (uint256 span) {
        span = timestamp - lease.startedAt;
        uint256 whole = term(lease);
        return span < whole ? span : whole;
    }

    /// @notice Until when rent is paid.
    /// @param lease The lease.
    /// @return timestamp Unix time.
    function paidThrough(Lease storage lease) internal view returns (uint256 timestamp) {
        return lease.startedAt + uint256(lease.paidPeriods) * lease.period;
    }

    /// @notice Last second of the lessee's right of use.
    /// @param lease The lease.
    /// @return timestamp Unix time; fits 64 bits, for start, term and grace are bounded far below.
    function userExpires(Lease storage lease) internal view returns (uint64 timestamp) {
        return uint64(paidThrough(lease) + lease.grace);
    }

    /// @notice State at an instant.
    /// @param lease The lease.
    /// @param timestamp Unix time, not before the start.
    /// @return state The stored state, or PastDue or Delinquent.
    function stateAt(Lease storage lease, uint256 timestamp) internal view returns (LeaseState state) {
        state = lease.state;
        if (state != LeaseState.Active) return state;
        uint256 due = paidThrough(lease);
        if (timestamp < due) return LeaseState.Active;
        return timestamp <= due + lease.grace ? LeaseState.PastDue : LeaseState.Delinquent;
    }

    /// @notice Late fees not charged so far, and the due date before which they then are.
    /// @param lease The lease.
    /// @param timestamp Unix time, not before the start.
    /// @return fees Token units.
    /// @return lateThrough Number of the first due date that is not late, at least the stored one.
    function lateFeesAt(
        Lease storage lease,
        uint256 timestamp
    ) internal view returns (uint256 fees, uint256 lateThrough) {
        uint256 late = LeaseMath.lateCount(timestamp - lease.startedAt, lease.period, lease.periods, lease.grace);
        lateThrough = lease.lateThrough;
        uint256 settled = lateThrough > lease.paidPeriods ? lateThrough : lease.paidPeriods;
        if (late > settled) {
            fees = (late - settled) * lease.lateFee;
            lateThrough = late;
        }
    }

    /// @notice Rebate through an instant.
    /// @param lease The lease.
    /// @param abatement Its abatement.
    /// @param timestamp Unix time.
    /// @return rebate Token units times seconds.
    function rebateAt(
        Lease storage lease,
        Abatement storage abatement,
        uint256 timestamp
    ) internal view returns (uint256 rebate) {
        if (lease.flags & ABATED == 0) return 0;
        return
            LeaseMath.rebateThrough(
                abatement.rebateBase,
                abatement.rebatePerPeriod,
                abatement.since,
                abatement.until,
                timestamp
            );
    }

    /// @notice Rent accrued through an instant after rebate, paid or not.
    /// @param lease The lease.
    /// @param abatement Its abatement.
    /// @param timestamp Unix time, not before the start.
    /// @return amount Token units, rounded down.
    function accruedAt(
        Lease storage lease,
        Abatement storage abatement,
        uint256 timestamp
    ) internal view returns (uint256 amount) {
        uint256 span = elapsed(lease, timestamp);
        return LeaseMath.earnedDown(lease.rent, lease.period, span, rebateAt(lease, abatement, lease.startedAt + span));
    }

    /// @notice Rent earned and paid through an instant: what the owners' credits add up to.
    /// @param lease The lease.
    /// @param abatement Its abatement.
    /// @param timestamp Unix time, not before the start.
    /// @return amount Token units, rounded down.
    function earnedAt(
        Lease storage lease,
        Abatement storage abatement,
        uint256 timestamp
    ) internal view returns (uint256 amount) {
        uint256 paid = paidThrough(lease);
        return accruedAt(lease, abatement, timestamp < paid ? timestamp : paid);
    }

    /// @notice Rebate that the lessee can set off at an instant.
    /// @param lease The lease.
    /// @param abatement Its abatement.
    /// @param timestamp Unix time, not before the start.
    /// @return amount Token units.
    function rebateOpenAt(
        Lease storage lease,
        Abatement storage abatement,
        uint256 timestamp
    ) internal view returns (uint256 amount) {
        if (lease.flags & ABATED == 0) return 0;
        uint256 paid = paidThrough(lease);
        uint256 span = elapsed(lease, timestamp < paid ? timestamp : paid);
        uint256 rebate =
            LeaseMath.earnedDown(lease.rent, lease.period, span, 0) - earnedAt(lease, abatement, timestamp);
        // The difference of two floors can fall back by one unit between two instants.
        return rebate > abatement.rebateTaken ? rebate - abatement.rebateTaken : 0;
    }

    /// @notice Where a lease stands at an instant.
    /// @param lease The lease.
    /// @param usage Its energy account.
    /// @param abatement Its abatement.
    /// @param timestamp Unix time, not before the start.
    /// @return owed All zero when the lease is not running.
    function owedAt(
        Lease storage lease,
        Usage storage usage,
        Abatement storage abatement,
        uint256 timestamp
    ) internal view returns (Owed memory owed) {
        if (lease.state != LeaseState.Active) return owed;
        owed.accrued = accruedAt(lease, abatement, timestamp);
        owed.paidThrough = paidThrough(lease);
        owed.duePeriods = LeaseMath.dueCount(timestamp - lease.startedAt, lease.period, lease.periods);
        uint256 paid = lease.paidPeriods;
        if (owed.duePeriods > paid) owed.rentDue = (owed.duePeriods - paid) * lease.rent;
        (owed.lateFees, ) = lateFeesAt(lease, timestamp);
        if (lease.flags & USED != 0) {
            // No payment takes more overage than rent.
            owed.overageDue = usage.overageDue < owed.rentDue ? usage.overageDue : owed.rentDue;
        }
        uint256 gross = owed.rentDue + owed.lateFees + owed.overageDue;
        uint256 rebate = rebateOpenAt(lease, abatement, timestamp);
        owed.rebate = rebate < gross ? rebate : gross;
        owed.payToCure = gross - owed.rebate;
    }
}
