// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Fate, WasteOperations} from "../codes/WasteOperations.sol";
import {Months} from "../Months.sol";
import {IWasteOperators} from "../operators/IWasteOperators.sol";
import {IWasteLots, LotFlags, LotState, MassTotals, Revision} from "./IWasteLots.sol";
import {LotSlot} from "./LotSlots.sol";

/// @notice Where a lot is stored, so that it is looked up once to be read and written.
struct LotRecord {
    LotSlot lot;
}

/// @notice Everything that {WasteLots} stores.
struct LotLedger {
    mapping(uint64 lotId => LotRecord) lots;
    /// @dev Grams by {LotBooks-keyOf}.
    mapping(uint256 key => uint64 grams) recycled;
    mapping(uint64 lotId => Revision) revisions;
    MassTotals totals;
    /// @dev Serial number of the latest lot that comes from no ticket.
    uint64 lastSerial;
}

/// @title LotBooks
/// @notice What all that is done to lots has in common: which of them can be touched, and where mass is written down.
library LotBooks {
    /// @notice Greatest mass of a lot, grams: 1.1 million tonnes, far above what a city has in one place. It keeps sums from
    /// overflowing.
    uint256 internal constant MAX_LOT_GRAMS = (1 << 40) - 1;
    /// @notice Most lots in one call.
    uint256 internal constant MAX_LOTS = 50;
    /// @notice Flags that what comes out of a lot has as well, unless it was processed.
    uint8 internal constant INHERITED = UNCERTIFIED | LotFlags.NOT_WEIGHED | LotFlags.HAZARDOUS;
    /// @notice Flags of lots of which no certificate can come. All that comes out of them has the same, also processed.
    uint8 internal constant UNCERTIFIED = LotFlags.BROKEN | LotFlags.RESIDUE;

    /// @dev Set in the number of every lot that comes from no ticket.
    uint64 private constant SERIAL_FLAG = 1 << 63;
    uint256 private constant OP_SHIFT = 48;
    uint256 private constant CODE_SHIFT = 56;
    uint256 private constant FACILITY_SHIFT = 16;

    /// @notice A lot that something can be done to.
    /// @param ledger Storage.
    /// @param lotId Number.
    /// @return record Where it is stored.
    /// @return lot The lot, open or refused.
    function open(
        LotLedger storage ledger,
        uint64 lotId
    ) internal view returns (LotRecord storage record, LotSlot lot) {
        record = ledger.lots[lotId];
        lot = record.lot;
        if (!lot.isOpen()) {
            LotState state = lot.state();
            if (state == LotState.None) revert IWasteLots.WasteLotsUnknownLot(lotId);
            revert IWasteLots.WasteLotsLotClosed(lotId, state);
        }
    }

    /// @notice A lot that something can be done to, and that the caller's operator holds.
    /// @param ledger Storage.
    /// @param lotId Number.
    /// @param operatorId The caller's operator.
    /// @return record Where it is stored.
    /// @return lot The lot.
    function held(
        LotLedger storage ledger,
        uint64 lotId,
        uint32 operatorId
    ) internal view returns (LotRecord storage record, LotSlot lot) {
        (record, lot) = open(ledger, lotId);
        if (lot.holder() != operatorId) revert IWasteLots.WasteLotsNotHolder(lotId, lot.holder(), msg.sender);
    }

    /// @notice A number for a lot that comes from no ticket.
    /// @param ledger Storage.
    /// @return lotId The number.
    function nextId(LotLedger storage ledger) internal returns (uint64 lotId) {
        return SERIAL_FLAG | ++ledger.lastSerial;
    }

    /// @notice Writes a lot down that comes from no ticket.
    /// @param ledger Storage.
    /// @param lot The lot.
    /// @return lotId Its number.
    function add(LotLedger storage ledger, LotSlot lot) internal returns (uint64 lotId) {
        lotId = nextId(ledger);
        ledger.lots[lotId].lot = lot;
    }

    /// @notice Reverts unless a lot may have a mass.
    /// @param grams Mass.
    function requireMass(uint256 grams) internal pure {
        if (grams == 0) revert IWasteLots.WasteLotsZeroMass();
        if (grams > MAX_LOT_GRAMS) revert IWasteLots.WasteLotsTooHeavy(grams, MAX_LOT_GRAMS);
    }

    /// @notice Reverts unless an operator may handle waste of a hazardous code now.
    /// @param operators Who handles waste.
    /// @param operatorId Operator.
    /// @param code The code.
    function requirePermit(IWasteOperators operators, uint32 operatorId, uint24 code) internal view {
        // solhint-disable-next-line not-rely-on-time
        if (operators.permitOf(operatorId, code) < block.timestamp) {
            revert IWasteLots.WasteLotsPermitMissing(operatorId, code);
        }
    }

    /// @notice Books that a lot has another mass, without knowing why, as transit gain or loss.
    /// @param ledger Storage.
    /// @param before Mass that it had.
    /// @param grams Mass that it has.
    function rebase(LotLedger storage ledger, uint64 before, uint64 grams) internal {
        if (grams > before) ledger.totals.transitGain += grams - before;
        else if (grams < before) ledger.totals.transitLoss += before - grams;
    }

    /// @notice Ends a lot by a final operation, books its mass and tells of it.
    /// @param ledger Storage.
    /// @param lotId The lot.
    /// @param lot The lot as it was.
    /// @param op The operation.
    /// @param evidenceHash keccak256 of the record, salted.
    /// @return fate What became of it.
    function end(
        LotLedger storage ledger,
        uint64 lotId,
        LotSlot lot,
        uint8 op,
        bytes32 evidenceHash
    ) internal returns (Fate fate) {
        fate = WasteOperations.fateOf(op);
        if (fate == Fate.None) revert IWasteLots.WasteLotsNotFinal(op);
        ledger.lots[lotId].lot = lot.endedBy(op);
        uint64 grams = lot.grams();
        if (fate == Fate.Recycled) _bookRecycled(ledger, lot, op);
        else if (fate == Fate.Recovered) ledger.totals.recovered += grams;
        else ledger.totals.disposed += grams;
        emit IWasteLots.Finalised(lotId, lot.holder(), op, fate, grams, evidenceHash);
    }

    /// @notice Where mass that was recycled is counted: code 24 bits, operation 8, facility 32, month 16.
    /// @param facility Operator.
    /// @param code Code.
    /// @param op The operation.
    /// @param month Months since January 1970.
    /// @return key The key.
    function keyOf(uint32 facility, uint24 code, uint8 op, uint16 month) internal pure returns (uint256 key) {
        return
            (uint256(code) << CODE_SHIFT) | (uint256(op) << OP_SHIFT) | (uint256(facility) << FACILITY_SHIFT) | month;
    }

    function _bookRecycled(LotLedger storage ledger, LotSlot lot, uint8 op) private {
        ledger.totals.recycled += lot.grams();
        if (lot.flags() & UNCERTIFIED != 0) return;
        // solhint-disable-next-line not-rely-on-time
        uint16 month = Months.monthOf(block.timestamp);
        ledger.recycled[keyOf(lot.holder(), lot.code(), op, month)] += lot.grams();
    }
}
