// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Fate} from "../../../../contracts/waste/codes/WasteOperations.sol";
import {Lot, LotState, MassTotals, Output, Revision} from "../../../../contracts/waste/lots/IWasteLots.sol";

/// @notice A plain second book of lots: what may be done, and what comes of it. Knows no signatures and packs nothing.
abstract contract LotTwin {
    /// @dev What an operator may do, as its licence and permits say.
    struct TwinOperator {
        bool plant;
        uint64 toleranceBp;
        uint64 lossBp;
        uint64 conversionPct;
        mapping(uint24 code => bool allowed) permits;
    }

    uint8 internal constant BROKEN = 1;
    uint8 internal constant HAS_CHILD = 2;
    uint8 internal constant NOT_WEIGHED = 4;
    uint8 internal constant HAZARDOUS = 8;
    uint8 internal constant HANDED_ON = 16;
    uint8 internal constant RESIDUE = 32;
    uint64 internal constant LIMIT = (1 << 40) - 1;

    mapping(uint32 operatorId => TwinOperator operator) internal twinOperators;
    mapping(uint24 code => bool hazardous) internal isHazardous;
    mapping(uint64 lotId => Lot lot) internal twinLots;
    mapping(uint64 lotId => Revision revision) internal twinRevisions;
    mapping(bytes32 key => uint64 grams) internal twinRecycled;
    MassTotals internal sums;
    uint64 internal serial;
    /// @dev All lots, and those whose mass is in none of the sums but the first two.
    uint64[] public allLots;
    uint64[] internal openLots;

    function allCount() external view returns (uint256 count) {
        return allLots.length;
    }

    function twinOf(uint64 lotId) external view returns (Lot memory lot) {
        return twinLots[lotId];
    }

    function twinTotals() external view returns (MassTotals memory totals) {
        return sums;
    }

    // --- what may be done

    function usable(uint64 lotId) internal view returns (bool can) {
        LotState state = twinLots[lotId].state;
        return state == LotState.Open || state == LotState.Refused;
    }

    function permitted(uint32 operatorId, uint24 code) internal view returns (bool can) {
        return !isHazardous[code] || twinOperators[operatorId].permits[code];
    }

    function canDeliver(uint64 lotId, uint32 receiver) internal view returns (bool can) {
        Lot storage lot = twinLots[lotId];
        return usable(lotId) && receiver != lot.holder && permitted(receiver, lot.code);
    }

    function canGroup(uint32 operatorId, uint64[] memory ids, uint64[] memory grams) internal view returns (bool can) {
        uint256 sum = 0;
        for (uint256 i = 0; i < ids.length; ++i) {
            Lot storage lot = twinLots[ids[i]];
            if (!usable(ids[i]) || lot.holder != operatorId || lot.code != twinLots[ids[0]].code) return false;
            uint256 asked = 0;
            for (uint256 j = 0; j < ids.length; ++j) {
                if (ids[j] == ids[i]) asked += grams[j];
            }
            if (grams[i] == 0 || asked > lot.grams) return false;
            sum += grams[i];
        }
        return sum <= LIMIT;
    }

    function canProcess(
        uint32 operatorId,
        uint64[] memory inputs,
        Output[] memory outputs,
        uint64 loss
    ) internal view returns (bool can) {
        TwinOperator storage plant = twinOperators[operatorId];
        if (!plant.plant) return false;
        uint256 input = 0;
        for (uint256 i = 0; i < inputs.length; ++i) {
            if (!usable(inputs[i]) || twinLots[inputs[i]].holder != operatorId) return false;
            for (uint256 j = 0; j < i; ++j) {
                if (inputs[j] == inputs[i]) return false;
            }
            input += twinLots[inputs[i]].grams;
        }
        uint256 output = 0;
        uint256 recycled = 0;
        for (uint256 i = 0; i < outputs.length; ++i) {
            (uint64 grams, uint8 op) = (outputs[i].grams, outputs[i].op);
            if (grams == 0 || grams > LIMIT || !permitted(operatorId, outputs[i].code)) return false;
            if (op != 0 && fateOf(op) == Fate.None) return false;
            if (fateOf(op) == Fate.Recycled) recycled += grams;
            output += grams;
        }
        if (input != output + loss || uint256(loss) * 10_000 > input * plant.lossBp) return false;
        return recycled * 100 <= input * plant.conversionPct;
    }

    function canFinalise(uint32 operatorId, uint64 lotId, uint8 op) internal view returns (bool can) {
        TwinOperator storage plant = twinOperators[operatorId];
        if (!plant.plant || !usable(lotId) || twinLots[lotId].holder != operatorId) return false;
        Fate fate = fateOf(op);
        return fate != Fate.None && (fate != Fate.Recycled || plant.conversionPct == 100);
    }

    function canPropose(uint32 operatorId, uint64 lotId, uint64 grams) internal view returns (bool can) {
        Lot storage lot = twinLots[lotId];
        if (!usable(lotId) || lot.flags & HAS_CHILD != 0 || grams == lot.grams || grams == 0) return false;
        if (operatorId != lot.holder && operatorId != lot.previous) return false;
        if (!_followsTicket(lot)) return grams <= LIMIT;
        int256 ticket = int256(uint256(lot.collectedGrams)) + int256(uint256(grams)) - int256(uint256(lot.grams));
        return ticket > 0 && ticket <= 40_000_000;
    }

    function canRevise(uint32 operatorId, uint64 lotId, uint64 grams) internal view returns (bool can) {
        Lot storage lot = twinLots[lotId];
        Revision storage revision = twinRevisions[lotId];
        if (!usable(lotId) || grams == 0 || revision.grams != grams || revision.version != lot.version) return false;
        if (operatorId == 0) return lot.previous == 0;
        return operatorId != revision.proposer && (operatorId == lot.holder || operatorId == lot.previous);
    }

    function fateOf(uint8 op) internal pure returns (Fate fate) {
        if (op == 3 || op == 4) return Fate.Recycled;
        if (op == 1) return Fate.Recovered;
        if (op == 101) return Fate.Disposed;
        return Fate.None;
    }

    // --- what comes of it

    function doCollect(uint64 lotId, uint32 operatorId, uint24 code, uint32 grams, bool weighed) internal {
        Lot storage lot = _add(lotId, operatorId, code, grams);
        lot.collectedGrams = grams;
        lot.flags = (weighed ? 0 : NOT_WEIGHED) | (isHazardous[code] ? HAZARDOUS : 0);
        sums.collected += grams;
    }

    /// @dev Returns the number of what was refused, zero if that is no lot of its own.
    function doDeliver(uint64 lotId, uint32 receiver, uint64 came, uint64 kept) internal returns (uint64 child) {
        Lot storage lot = twinLots[lotId];
        ++lot.version;
        uint256 difference = came > lot.grams ? came - lot.grams : lot.grams - came;
        if (difference * 10_000 > uint256(lot.grams) * twinOperators[receiver].toleranceBp) {
            lot.state = LotState.Disputed;
            return 0;
        }
        _weigh(lot, came);
        if (kept == 0) {
            lot.state = LotState.Refused;
            return 0;
        }
        uint32 sender = lot.holder;
        if (lot.previous != 0) lot.flags |= HANDED_ON;
        (lot.previous, lot.holder, lot.grams, lot.state) = (sender, receiver, kept, LotState.Open);
        if (kept == came) return 0;
        child = _next();
        Lot storage back = _add(child, sender, lot.code, came - kept);
        (back.state, back.flags) = (LotState.Refused, lot.flags & (BROKEN | NOT_WEIGHED | HAZARDOUS | RESIDUE));
        lot.flags |= HAS_CHILD;
    }

    function doRule(uint64 lotId, uint64 grams) internal {
        Lot storage lot = twinLots[lotId];
        _weigh(lot, grams);
        lot.state = LotState.Open;
        ++lot.version;
    }

    function doBreak(uint64 lotId) internal {
        twinLots[lotId].flags |= BROKEN;
        ++twinLots[lotId].version;
    }

    function doGroup(uint32 operatorId, uint64[] memory ids, uint64[] memory grams) internal returns (uint64 lotId) {
        uint64 sum = 0;
        uint8 flags = 0;
        for (uint256 i = 0; i < ids.length; ++i) {
            Lot storage lot = twinLots[ids[i]];
            flags |= lot.flags;
            lot.flags |= HAS_CHILD;
            ++lot.version;
            if (grams[i] == lot.grams) _close(ids[i], LotState.Consumed);
            else lot.grams -= grams[i];
            sum += grams[i];
        }
        lotId = _next();
        flags &= BROKEN | NOT_WEIGHED | HAZARDOUS | RESIDUE;
        _add(lotId, operatorId, twinLots[ids[0]].code, sum).flags = flags;
    }

    function doProcess(
        uint32 operatorId,
        uint64[] memory inputs,
        Output[] memory outputs,
        uint64 loss,
        uint16 month
    ) internal returns (uint64[] memory made) {
        uint8 flags = 0;
        for (uint256 i = 0; i < inputs.length; ++i) {
            flags |= twinLots[inputs[i]].flags & (BROKEN | RESIDUE);
            ++twinLots[inputs[i]].version;
            _close(inputs[i], LotState.Consumed);
        }
        bool recycles = false;
        for (uint256 i = 0; i < outputs.length; ++i) recycles = recycles || fateOf(outputs[i].op) == Fate.Recycled;
        made = new uint64[](outputs.length);
        for (uint256 i = 0; i < outputs.length; ++i) {
            made[i] = _next();
            Lot storage lot = _add(made[i], operatorId, outputs[i].code, outputs[i].grams);
            lot.flags = flags | (isHazardous[outputs[i].code] ? HAZARDOUS : 0);
            if (outputs[i].op != 0) doEnd(made[i], outputs[i].op, month);
            else if (recycles) lot.flags |= RESIDUE;
        }
        sums.processLoss += loss;
    }

    function doEnd(uint64 lotId, uint8 op, uint16 month) internal {
        Lot storage lot = twinLots[lotId];
        lot.op = op;
        _close(lotId, LotState.Final);
        Fate fate = fateOf(op);
        if (fate == Fate.Disposed) sums.disposed += lot.grams;
        if (fate == Fate.Recovered) sums.recovered += lot.grams;
        if (fate != Fate.Recycled) return;
        sums.recycled += lot.grams;
        if (lot.flags & (BROKEN | RESIDUE) != 0) return;
        twinRecycled[keccak256(abi.encode(lot.holder, lot.code, op, month))] += lot.grams;
    }

    function doExport(uint64 lotId) internal {
        ++twinLots[lotId].version;
        _close(lotId, LotState.Exported);
        sums.exported += twinLots[lotId].grams;
    }

    function doRevise(uint64 lotId, uint64 grams) internal {
        Lot storage lot = twinLots[lotId];
        if (!_followsTicket(lot)) {
            _weigh(lot, grams);
        } else {
            sums.collected = sums.collected + grams - lot.grams;
            lot.collectedGrams = uint32(uint256(lot.collectedGrams) + grams - lot.grams);
            lot.grams = grams;
        }
        ++lot.version;
        delete twinRevisions[lotId];
    }

    // --- internals

    function _followsTicket(Lot storage lot) private view returns (bool follows) {
        return lot.collectedGrams != 0 && lot.flags & HANDED_ON == 0;
    }

    function _next() private returns (uint64 lotId) {
        return (1 << 63) + ++serial;
    }

    function _add(uint64 lotId, uint32 operatorId, uint24 code, uint64 grams) private returns (Lot storage lot) {
        lot = twinLots[lotId];
        (lot.holder, lot.code, lot.grams, lot.state) = (operatorId, code, grams, LotState.Open);
        allLots.push(lotId);
        openLots.push(lotId);
    }

    function _close(uint64 lotId, LotState state) private {
        twinLots[lotId].state = state;
        for (uint256 i = 0; i < openLots.length; ++i) {
            if (openLots[i] != lotId) continue;
            openLots[i] = openLots[openLots.length - 1];
            openLots.pop();
            return;
        }
    }

    function _weigh(Lot storage lot, uint64 grams) private {
        if (grams > lot.grams) sums.transitGain += grams - lot.grams;
        else sums.transitLoss += lot.grams - grams;
        lot.grams = grams;
    }
}
