// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LeaseState, Offer} from "../../../contracts/batteries/IBatteryLease.sol";

/// @notice The lease book once more, by the words of its interface instead of its formulas: rent is credited at every
/// sale at once, late fees are counted due date by due date, and every span of abatement is kept. The book, which
/// credits late and folds spans together, must come to the same sums.
abstract contract LeaseTwin {
    /// @dev Rent was abated from one instant to another.
    struct Span {
        uint256 from;
        /// @dev Zero: still running.
        uint256 to;
        uint256 perPeriod;
        uint256 sohBp;
    }

    struct Twin {
        Offer offer;
        LeaseState state;
        address lessee;
        uint256 packId;
        uint256 startedAt;
        uint256 paidPeriods;
        uint256 credited;
        uint256 rebateTaken;
        bool requested;
        uint256 keptSince;
        // energy
        uint256 priorWh;
        uint256 startWh;
        uint256 billedOverWh;
        uint256 overageDue;
        uint256 billedPeriods;
        uint256 packSince;
        // guarantee
        /// @dev Since when the pack has been below its guarantee without a break.
        uint256 belowSince;
        uint256 disputedAt;
        uint256 ruledAt;
        // end
        address claimant;
        uint256 held;
        uint256 windowSince;
    }

    /// @dev What a payment is made of.
    struct Bill {
        uint256 amount;
        uint256 fees;
        uint256 overage;
        uint256 rebate;
    }

    /// @dev How accounts close.
    struct Close {
        uint256 rentCredit;
        uint256 toOwner;
        uint256 held;
        uint256 shortfall;
    }

    mapping(uint256 leaseId => Twin) internal twins;
    mapping(uint256 leaseId => Span[]) internal spans;
    mapping(uint256 leaseId => mapping(uint256 dueDate => bool charged)) internal lateCharged;
    /// @dev Every payout that an account has earned, whether the book has taken note of it or not.
    mapping(address account => uint256 amount) internal entitled;
    mapping(uint256 packId => address account) internal titleOf;
    /// @dev Throughput by the latest reading.
    mapping(uint256 packId => uint256 wh) internal readOf;

    // --- what happens

    function twinOpen(uint256 id, Offer memory offer, address tenant) internal {
        Twin storage twin = twins[id];
        twin.offer = offer;
        twin.state = LeaseState.Active;
        twin.lessee = tenant;
        twin.packId = offer.packId;
        twin.startedAt = block.timestamp;
        twin.packSince = block.timestamp;
        twin.paidPeriods = 1;
        twin.startWh = offer.startWh;
    }

    function twinPay(uint256 id, uint256 count, address payer) internal returns (uint256 amount) {
        Twin storage twin = twins[id];
        Bill memory bill = twinBillOf(id, count);
        for (uint256 k = 0; k < twin.offer.periods; ++k) {
            if (_isLate(id, k, block.timestamp)) lateCharged[id][k] = true;
        }
        twin.overageDue -= bill.overage;
        // Who goes on paying means to keep the pack.
        twin.rebateTaken += bill.rebate;
        twin.paidPeriods += count;
        if (payer == twin.lessee && twin.requested && twinPaidThrough(id) > block.timestamp) twinKeep(id);
        entitled[titleOf[twin.packId]] += bill.fees + bill.overage;
        return bill.amount;
    }

    /// @dev Credits what the owner has earned until now.
    function twinCredit(uint256 id) internal {
        Twin storage twin = twins[id];
        if (twin.state != LeaseState.Active) return;
        uint256 earned = twinEarned(id, block.timestamp);
        if (earned <= twin.credited) return;
        entitled[titleOf[twin.packId]] += earned - twin.credited;
        twin.credited = earned;
    }

    /// @dev `id` is the lease that holds the pack; zero: none.
    function twinSale(uint256 id, uint256 packId, address to) internal {
        if (id != 0) twinCredit(id);
        titleOf[packId] = to;
    }

    function twinBillUsage(uint256 id) internal returns (uint256 charge) {
        Twin storage twin = twins[id];
        uint256 over = _overWh(id, block.timestamp);
        charge = _overage(id, over);
        if (over > twin.billedOverWh) twin.billedOverWh = over;
        twin.overageDue += charge;
        twin.billedPeriods = _span(id, block.timestamp) / twin.offer.period;
    }

    function twinAbate(uint256 id, uint256 sohBp) internal {
        Twin storage twin = twins[id];
        if (twinIsAbating(id)) spans[id][spans[id].length - 1].to = block.timestamp;
        else twin.belowSince = block.timestamp;
        uint256 reduced = (uint256(twin.offer.rent) * sohBp) / twin.offer.minSohBp;
        spans[id].push(Span({from: block.timestamp, to: 0, perPeriod: twin.offer.rent - reduced, sohBp: sohBp}));
    }

    function twinEndAbatement(uint256 id) internal {
        if (twinIsAbating(id)) spans[id][spans[id].length - 1].to = block.timestamp;
    }

    function twinRule(uint256 id, uint256 sohBp) internal {
        twins[id].disputedAt = 0;
        twins[id].ruledAt = block.timestamp;
        if (sohBp < twins[id].offer.minSohBp) twinAbate(id, sohBp);
        else twinEndAbatement(id);
    }

    /// @dev Readings at the swap are in `readOf` already.
    function twinSwap(uint256 id, uint256 newPackId) internal {
        Twin storage twin = twins[id];
        twinCredit(id);
        twin.priorWh = twinUsedWh(id);
        twin.startWh = readOf[newPackId];
        twin.packSince = block.timestamp;
        twin.packId = newPackId;
        // What was asked for the old pack does not touch the new one.
        twin.requested = false;
        twin.disputedAt = 0;
        twinEndAbatement(id);
    }

    /// @dev What the new lessee never asked for does not bind it.
    function twinNovate(uint256 id, address newLessee) internal {
        twins[id].lessee = newLessee;
        twinKeep(id);
    }

    /// @dev The lessee keeps the pack, whatever it asked for and brought back.
    function twinKeep(uint256 id) internal {
        twins[id].requested = false;
        twins[id].keptSince = block.timestamp;
    }

    function twinEnd(uint256 id, uint256 endedAt, bool early) internal returns (Close memory closed) {
        Twin storage twin = twins[id];
        closed = twinCloseOf(id, endedAt, early);
        address owner_ = titleOf[twin.packId];
        twin.credited += closed.rentCredit;
        entitled[owner_] += closed.toOwner;
        twin.held = closed.held;
        twin.claimant = owner_;
        twin.windowSince = block.timestamp;
    }

    /// @dev A sale that the book has not seen earns its seller nothing after the end of the rent.
    function twinCutSale(uint256 id, address seller, uint256 seen, uint256 endedAt) internal {
        Twin storage twin = twins[id];
        uint256 earned = twinEarned(id, endedAt);
        if (earned < seen) earned = seen;
        if (earned >= twin.credited) return;
        entitled[seller] -= twin.credited - earned;
        twin.credited = earned;
    }

    function twinBuyout(uint256 id) internal {
        Twin storage twin = twins[id];
        address owner_ = titleOf[twin.packId];
        uint256 price = twinPriceOf(id);
        Close memory closed = twinEnd(id, block.timestamp, false);
        uint256 due = price + closed.shortfall;
        entitled[owner_] += due;
        if (closed.held > due) entitled[twin.lessee] += closed.held - due;
        twin.held = 0;
        twin.state = LeaseState.BoughtOut;
        titleOf[twin.packId] = twin.lessee;
    }

    function twinSettle(uint256 id, uint256 toClaimant) internal {
        Twin storage twin = twins[id];
        entitled[twin.claimant] += toClaimant;
        entitled[twin.lessee] += twin.held - toClaimant;
        twin.held = 0;
        twin.state = LeaseState.Settled;
    }

    // --- what it comes to

    function twinBillOf(uint256 id, uint256 count) internal view returns (Bill memory bill) {
        Twin storage twin = twins[id];
        for (uint256 k = 0; k < twin.offer.periods; ++k) {
            if (_isLate(id, k, block.timestamp)) bill.fees += twin.offer.lateFee;
        }
        uint256 rent = count * twin.offer.rent;
        bill.overage = twin.overageDue < rent ? twin.overageDue : rent;
        uint256 gross = rent + bill.fees + bill.overage;
        uint256 covered = _covered(id, block.timestamp);
        uint256 rebate = (twin.offer.rent * covered) / twin.offer.period - twinEarned(id, block.timestamp);
        rebate = rebate > twin.rebateTaken ? rebate - twin.rebateTaken : 0;
        bill.rebate = rebate < gross ? rebate : gross;
        bill.amount = gross - bill.rebate;
    }

    /// @dev Rent earned and paid through an instant, after rebate.
    function twinEarned(uint256 id, uint256 timestamp) internal view returns (uint256 amount) {
        return _accruedOver(id, _covered(id, timestamp));
    }

    /// @dev Rent accrued through an instant, paid or not, after rebate.
    function twinAccrued(uint256 id, uint256 timestamp) internal view returns (uint256 amount) {
        return _accruedOver(id, _span(id, timestamp));
    }

    function twinCloseOf(uint256 id, uint256 endedAt, bool early) internal view returns (Close memory closed) {
        Twin storage twin = twins[id];
        uint256 earned = twinEarned(id, endedAt);
        uint256[4] memory charges;
        charges[0] = twinAccrued(id, endedAt) - earned;
        charges[1] = twin.overageDue + _overage(id, _overWh(id, endedAt));
        for (uint256 k = 0; k < twin.offer.periods; ++k) {
            if (_isLate(id, k, endedAt)) charges[2] += twin.offer.lateFee;
        }
        if (early && !_mayLeaveFree(id, endedAt)) {
            uint256 term = uint256(twin.offer.period) * twin.offer.periods;
            charges[3] = (twin.offer.earlyFee * (term - _span(id, endedAt))) / term;
        }
        // What was credited is never taken back.
        if (earned < twin.credited) earned = twin.credited;
        closed.rentCredit = earned - twin.credited;
        closed.held = twin.offer.deposit + twin.paidPeriods * twin.offer.rent - earned - twin.rebateTaken;
        closed.toOwner = closed.rentCredit;
        for (uint256 i = 0; i < charges.length; ++i) {
            uint256 taken = charges[i] < closed.held ? charges[i] : closed.held;
            closed.held -= taken;
            closed.toOwner += taken;
            closed.shortfall += charges[i] - taken;
        }
    }

    function twinPriceOf(uint256 id) internal view returns (uint256 price) {
        Twin storage twin = twins[id];
        uint256 term = uint256(twin.offer.period) * twin.offer.periods;
        uint256 fall = uint256(twin.offer.buyoutStart) - twin.offer.buyoutResidual;
        return twin.offer.buyoutResidual + (fall * (term - _span(id, block.timestamp))) / term;
    }

    function twinUsedWh(uint256 id) internal view returns (uint256 wh) {
        Twin storage twin = twins[id];
        uint256 read = readOf[twin.packId];
        return twin.priorWh + (read > twin.startWh ? read - twin.startWh : 0);
    }

    /// @dev When rent ends by a receipt: not before the latest span of abatement, unless nothing was abated before it.
    function twinEndOf(uint256 id, uint256 receivedAt) internal view returns (uint256 endedAt) {
        uint256 abated = 0;
        for (uint256 i = 0; i + 1 < spans[id].length; ++i) {
            abated += spans[id][i].perPeriod * (spans[id][i].to - spans[id][i].from);
        }
        if (abated == 0) return receivedAt;
        uint256 from = spans[id][spans[id].length - 1].from;
        return receivedAt < from ? from : receivedAt;
    }

    function twinIsAbating(uint256 id) internal view returns (bool abating) {
        uint256 count = spans[id].length;
        return count != 0 && spans[id][count - 1].to == 0;
    }

    function twinPaidThrough(uint256 id) internal view returns (uint256 timestamp) {
        return twins[id].startedAt + twins[id].paidPeriods * twins[id].offer.period;
    }

    /// @dev Last second of the lessee's right of use.
    function twinUserEnds(uint256 id) internal view returns (uint256 timestamp) {
        return twinPaidThrough(id) + twins[id].offer.grace;
    }

    /// @dev First second from which a bay's receipt counts.
    function twinReceiptsSince(uint256 id) internal view returns (uint256 timestamp) {
        Twin storage twin = twins[id];
        return twin.keptSince < twin.packSince ? twin.packSince : twin.keptSince + 1;
    }

    function twinTermEnds(uint256 id) internal view returns (uint256 timestamp) {
        return twins[id].startedAt + uint256(twins[id].offer.period) * twins[id].offer.periods;
    }

    // --- internals

    function _span(uint256 id, uint256 timestamp) private view returns (uint256 span) {
        uint256 end = twinTermEnds(id);
        return (timestamp < end ? timestamp : end) - twins[id].startedAt;
    }

    function _covered(uint256 id, uint256 timestamp) private view returns (uint256 span) {
        uint256 paid = twinPaidThrough(id);
        return _span(id, timestamp < paid ? timestamp : paid);
    }

    /// @dev floor((rent * span - what the spans of abatement take off) / period).
    function _accruedOver(uint256 id, uint256 span) private view returns (uint256 amount) {
        Twin storage twin = twins[id];
        uint256 end = twin.startedAt + span;
        uint256 rebate = 0;
        for (uint256 i = 0; i < spans[id].length; ++i) {
            Span memory one = spans[id][i];
            uint256 last = one.to != 0 && one.to < end ? one.to : end;
            if (last > one.from) rebate += one.perPeriod * (last - one.from);
        }
        return (twin.offer.rent * span - rebate) / twin.offer.period;
    }

    /// @dev Whether a late fee is open for due date `k`.
    function _isLate(uint256 id, uint256 k, uint256 timestamp) private view returns (bool late) {
        Twin storage twin = twins[id];
        uint256 due = twin.startedAt + k * twin.offer.period;
        return k >= twin.paidPeriods && !lateCharged[id][k] && timestamp > due + twin.offer.grace;
    }

    function _overWh(uint256 id, uint256 timestamp) private view returns (uint256 wh) {
        Twin storage twin = twins[id];
        uint256 started = 1;
        for (uint256 k = 1; k < twin.offer.periods; ++k) {
            if (_span(id, timestamp) > k * twin.offer.period) ++started;
        }
        uint256 allowance = started * twin.offer.includedWh;
        uint256 used = twinUsedWh(id);
        return used > allowance ? used - allowance : 0;
    }

    /// @dev Charge for over-use that was never billed.
    function _overage(uint256 id, uint256 over) private view returns (uint256 charge) {
        Twin storage twin = twins[id];
        if (over <= twin.billedOverWh) return 0;
        return (over * twin.offer.overagePerKWh) / 1_000 - (twin.billedOverWh * twin.offer.overagePerKWh) / 1_000;
    }

    function _mayLeaveFree(uint256 id, uint256 endedAt) private view returns (bool free) {
        return twinIsAbating(id) && endedAt > twins[id].belowSince + twins[id].offer.cureDuration;
    }
}
