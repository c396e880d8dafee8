// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMaterialCodes} from "../codes/IMaterialCodes.sol";
import {Fate, WasteOperations} from "../codes/WasteOperations.sol";
import {FacilityTerms, IWasteOperators} from "../operators/IWasteOperators.sol";
import {IWasteLots, LotFlags, LotState, Output} from "./IWasteLots.sol";
import {LotBooks, LotLedger, LotRecord} from "./LotLedger.sol";
import {LotSlot, LotSlots} from "./LotSlots.sol";

/// @title LotProcess
/// @notice Lots that are put together, turned into others, or ended.
library LotProcess {
    using LotBooks for LotLedger;

    /// @dev A process while it is being recorded.
    struct Run {
        IWasteOperators operators;
        IMaterialCodes codes;
        /// @dev Who runs it.
        uint32 facility;
        FacilityTerms terms;
        /// @dev Whether there is a record of it.
        bool documented;
        /// @dev Flags of any input that all outputs inherit.
        uint8 flags;
        /// @dev Flags that what is left open has besides.
        uint8 leftFlags;
        /// @dev Mass of the inputs, grams.
        uint256 inputGrams;
        /// @dev Mass of the outputs, grams.
        uint256 outputGrams;
        /// @dev Mass of those that were recycled at once, grams.
        uint256 recycledGrams;
    }

    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant PERCENT = 100;

    /// @notice See {IWasteLots-group}.
    /// @param ledger Storage.
    /// @param operatorId The caller's operator.
    /// @param lotIds Lots.
    /// @param grams Mass to take of each.
    /// @return lotId The new lot.
    function group(
        LotLedger storage ledger,
        uint32 operatorId,
        uint64[] calldata lotIds,
        uint64[] calldata grams
    ) internal returns (uint64 lotId) {
        uint256 count = lotIds.length;
        if (count == 0 || count > LotBooks.MAX_LOTS) revert IWasteLots.WasteLotsBadList(count, LotBooks.MAX_LOTS);
        if (grams.length != count) revert IWasteLots.WasteLotsBadList(grams.length, count);
        uint256 sum = 0;
        uint24 code = ledger.lots[lotIds[0]].lot.code();
        uint8 flags = 0;
        for (uint256 i = 0; i < count; ++i) {
            flags |= _take(ledger, operatorId, lotIds[i], grams[i], code);
            sum += grams[i];
        }
        LotBooks.requireMass(sum);
        flags &= LotBooks.INHERITED;
        // The sum is at most the mass of a lot, which 64 bits hold.
        lotId = ledger.add(LotSlots.create(operatorId, uint64(sum), code, LotState.Open, flags));
        emit IWasteLots.Grouped(lotId, operatorId, lotIds, grams);
    }

    /// @notice See {IWasteLots-process}.
    /// @param ledger Storage.
    /// @param operators Who handles waste.
    /// @param codes The list that codes are of.
    /// @param inputs Lots.
    /// @param outputs What comes out.
    /// @param lossGrams Mass lost.
    /// @param evidenceHash keccak256 of the record of the process, salted.
    /// @return outputLots A lot for each output.
    function process(
        LotLedger storage ledger,
        IWasteOperators operators,
        IMaterialCodes codes,
        uint64[] calldata inputs,
        Output[] calldata outputs,
        uint64 lossGrams,
        bytes32 evidenceHash
    ) internal returns (uint64[] memory outputLots) {
        if (inputs.length == 0 || inputs.length > LotBooks.MAX_LOTS) {
            revert IWasteLots.WasteLotsBadList(inputs.length, LotBooks.MAX_LOTS);
        }
        if (outputs.length > LotBooks.MAX_LOTS) {
            revert IWasteLots.WasteLotsBadList(outputs.length, LotBooks.MAX_LOTS);
        }
        Run memory run;
        (run.operators, run.codes, run.documented) = (operators, codes, evidenceHash != 0);
        (run.facility, run.terms) = facilityOfCaller(operators);
        _consume(ledger, run, inputs);
        run.leftFlags = _leftFlagsOf(outputs);
        outputLots = _produce(ledger, run, outputs);
        _checkBalance(run, lossGrams);
        if (lossGrams != 0) ledger.totals.processLoss += lossGrams;
        emit IWasteLots.Processed(run.facility, inputs, outputs, outputLots, lossGrams, evidenceHash);
    }

    /// @notice See {IWasteLots-finalise}.
    /// @param ledger Storage.
    /// @param operators Who handles waste.
    /// @param lotId The lot.
    /// @param op The operation.
    /// @param evidenceHash keccak256 of the record, salted.
    function finalise(
        LotLedger storage ledger,
        IWasteOperators operators,
        uint64 lotId,
        uint8 op,
        bytes32 evidenceHash
    ) internal {
        (uint32 facility, FacilityTerms memory terms) = facilityOfCaller(operators);
        (, LotSlot lot) = ledger.held(lotId, facility);
        _checkPermit(operators, facility, lot);
        uint64 grams = lot.grams();
        if (ledger.end(lotId, lot.next(), op, evidenceHash) == Fate.Recycled) {
            _checkRecycled(grams, grams, terms.conversionPct);
        }
    }

    /// @notice The facility for which the caller's key acts.
    /// @param operators Who handles waste.
    /// @return facility Its number.
    /// @return terms Its licence.
    function facilityOfCaller(
        IWasteOperators operators
    ) internal view returns (uint32 facility, FacilityTerms memory terms) {
        (facility, terms) = operators.facilityBy(msg.sender);
        if (facility == 0) revert IWasteLots.WasteLotsNotFacility(msg.sender);
    }

    /// @dev Takes mass of a lot for another one of the same code.
    function _take(
        LotLedger storage ledger,
        uint32 operatorId,
        uint64 lotId,
        uint64 taken,
        uint24 code
    ) private returns (uint8 flags) {
        (LotRecord storage record, LotSlot lot) = ledger.held(lotId, operatorId);
        if (lot.code() != code) revert IWasteLots.WasteLotsMixedCodes(code, lot.code());
        uint64 grams = lot.grams();
        if (taken == 0) revert IWasteLots.WasteLotsZeroMass();
        if (taken > grams) revert IWasteLots.WasteLotsTakenTooMuch(lotId, taken, grams);
        LotSlot parent = lot.withFlags(LotFlags.HAS_CHILD).next();
        record.lot = taken == grams ? parent.withState(LotState.Consumed) : parent.withGrams(grams - taken);
        return lot.flags();
    }

    function _consume(LotLedger storage ledger, Run memory run, uint64[] calldata inputs) private {
        uint256 sum = 0;
        uint8 flags = 0;
        for (uint256 i = 0; i < inputs.length; ++i) {
            (LotRecord storage record, LotSlot lot) = ledger.held(inputs[i], run.facility);
            record.lot = lot.withState(LotState.Consumed).next();
            sum += lot.grams();
            flags |= lot.flags();
            _checkPermit(run.operators, run.facility, lot);
        }
        run.inputGrams = sum;
        run.flags = flags & LotBooks.UNCERTIFIED;
    }

    function _produce(
        LotLedger storage ledger,
        Run memory run,
        Output[] calldata outputs
    ) private returns (uint64[] memory outputLots) {
        uint256 count = outputs.length;
        outputLots = new uint64[](count);
        for (uint256 i = 0; i < count; ++i) {
            outputLots[i] = _produceOne(ledger, run, outputs[i]);
        }
    }

    function _produceOne(
        LotLedger storage ledger,
        Run memory run,
        Output calldata output
    ) private returns (uint64 lotId) {
        uint64 grams = output.grams;
        LotBooks.requireMass(grams);
        run.outputGrams += grams;
        uint8 flags = run.flags | _flagsOf(run, output.code);
        LotSlot lot = LotSlots.create(run.facility, grams, output.code, LotState.Open, flags);
        if (output.op == 0) return ledger.add(lot.withFlags(run.leftFlags));
        lotId = ledger.nextId();
        if (ledger.end(lotId, lot, output.op, 0) == Fate.Recycled) run.recycledGrams += grams;
    }

    /// @dev A permit that ended since the lot was taken over is none to treat it. It can still be handed on or exported.
    function _checkPermit(IWasteOperators operators, uint32 facility, LotSlot lot) private view {
        if (lot.flags() & LotFlags.HAZARDOUS != 0) LotBooks.requirePermit(operators, facility, lot.code());
    }

    /// @dev Flags that an output has for its code.
    function _flagsOf(Run memory run, uint24 code) private view returns (uint8 flags) {
        // solhint-disable-next-line not-rely-on-time
        uint256 day = block.timestamp / 1 days;
        (bool valid, bool hazardous, bool assessed) = run.codes.checkOn(code, day);
        if (!valid) revert IWasteLots.WasteLotsCodeNotValid(code, day);
        if (assessed && !run.documented) revert IWasteLots.WasteLotsNoAssessment(code);
        if (!hazardous) return 0;
        LotBooks.requirePermit(run.operators, run.facility, code);
        return LotFlags.HAZARDOUS;
    }

    /// @dev Before any output is written, because what is left may be named before what is recycled. The licence is not asked:
    /// so what can be certified follows from the events of lots alone, and no licence that is changed in between matters.
    function _leftFlagsOf(Output[] calldata outputs) private pure returns (uint8 flags) {
        for (uint256 i = 0; i < outputs.length; ++i) {
            if (WasteOperations.recycles(outputs[i].op)) return LotFlags.RESIDUE;
        }
    }

    function _checkBalance(Run memory run, uint64 lossGrams) private pure {
        uint256 input = run.inputGrams;
        if (run.outputGrams + lossGrams != input) {
            revert IWasteLots.WasteLotsMassImbalance(input, run.outputGrams, lossGrams);
        }
        uint256 limit = (input * run.terms.maxLossBp) / BASIS_POINTS;
        if (lossGrams > limit) revert IWasteLots.WasteLotsLossTooHigh(lossGrams, limit);
        _checkRecycled(run.recycledGrams, input, run.terms.conversionPct);
    }

    function _checkRecycled(uint256 recycledGrams, uint256 inputGrams, uint8 conversionPct) private pure {
        uint256 limit = (inputGrams * conversionPct) / PERCENT;
        if (recycledGrams > limit) revert IWasteLots.WasteLotsRecycledTooMuch(recycledGrams, limit);
    }
}
