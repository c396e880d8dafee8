// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IWasteOperators, Parties} from "../operators/IWasteOperators.sol";
import {Handover, IWasteLots, LotFlags, LotState, Receipt} from "./IWasteLots.sol";
import {LotBooks, LotLedger} from "./LotLedger.sol";
import {LotSlot, LotSlots} from "./LotSlots.sol";

/// @title LotCustody
/// @notice Lots that change hands, and disputes about what they weigh.
library LotCustody {
    using LotBooks for LotLedger;

    uint256 private constant BASIS_POINTS = 10_000;

    /// @notice See {IWasteLots-receiveLot}.
    /// @param ledger Storage.
    /// @param operators Who handles waste.
    /// @param handover What the sender signed.
    /// @param receipt What the receiver signed.
    /// @param senderKey Key that signed the handover.
    /// @param receiverKey Key that signed the receipt.
    function receiveLot(
        LotLedger storage ledger,
        IWasteOperators operators,
        Handover calldata handover,
        Receipt calldata receipt,
        address senderKey,
        address receiverKey
    ) internal {
        uint64 lotId = handover.lotId;
        LotSlot lot = ledger.open(lotId);
        _checkHandover(lot, handover);
        uint256 tolerance = _checkParties(operators, lot, handover, senderKey, receiverKey);
        uint64 received = receipt.receivedGrams;
        uint64 sent = handover.grams;
        if (receipt.acceptedGrams > received) {
            revert IWasteLots.WasteLotsBadReceipt(receipt.acceptedGrams, received);
        }
        if ((received > sent ? received - sent : sent - received) > tolerance) {
            ledger.lots[lotId] = lot.withState(LotState.Disputed).next();
            emit IWasteLots.Disputed(lotId, handover.receiver, sent, received, tolerance);
            return;
        }
        if (received != sent) {
            LotBooks.requireMass(received);
            ledger.rebase(sent, received);
        }
        _hand(ledger, lot, handover, receipt);
    }

    /// @notice See {IWasteLots-rule}.
    /// @param ledger Storage.
    /// @param lotId A lot in dispute.
    /// @param grams Mass that it has.
    /// @param reasonHash keccak256 of why, salted.
    function rule(LotLedger storage ledger, uint64 lotId, uint64 grams, bytes32 reasonHash) internal {
        LotSlot lot = ledger.lots[lotId];
        LotState state = lot.state();
        if (state == LotState.None) revert IWasteLots.WasteLotsUnknownLot(lotId);
        if (state != LotState.Disputed) revert IWasteLots.WasteLotsLotClosed(lotId, state);
        LotBooks.requireMass(grams);
        ledger.rebase(lot.grams(), grams);
        ledger.lots[lotId] = lot.withGrams(grams).withState(LotState.Open).next();
        emit IWasteLots.DisputeRuled(lotId, grams, reasonHash);
    }

    /// @dev What came is shared between receiver and sender.
    function _hand(
        LotLedger storage ledger,
        LotSlot lot,
        Handover calldata handover,
        Receipt calldata receipt
    ) private {
        uint64 lotId = handover.lotId;
        uint64 accepted = receipt.acceptedGrams;
        uint64 received = receipt.receivedGrams;
        if (accepted != received && receipt.reasonHash == 0) revert IWasteLots.WasteLotsNoReason(lotId);
        LotSlot passed =
            accepted == 0
                ? lot.withGrams(received).withState(LotState.Refused)
                : lot.passedTo(handover.receiver).withGrams(accepted).withState(LotState.Open);
        if (accepted != 0 && accepted != received) passed = passed.withFlags(LotFlags.HAS_CHILD);
        ledger.lots[lotId] = passed.next();
        emit IWasteLots.Received(lotId, lot.holder(), handover.receiver, handover.grams, received, accepted);
        if (accepted != received) _giveBack(ledger, lot, handover, receipt);
    }

    /// @dev What was refused is the sender's: in a lot of its own, unless it is all.
    function _giveBack(
        LotLedger storage ledger,
        LotSlot lot,
        Handover calldata handover,
        Receipt calldata receipt
    ) private {
        uint64 lotId = handover.lotId;
        uint64 grams = receipt.receivedGrams - receipt.acceptedGrams;
        if (receipt.acceptedGrams != 0) {
            uint8 flags = lot.flags() & LotBooks.INHERITED;
            lotId = ledger.add(LotSlots.create(lot.holder(), grams, lot.code(), LotState.Refused, flags));
        }
        emit IWasteLots.Refused(lotId, handover.lotId, handover.receiver, grams, receipt.reasonHash);
    }

    function _checkHandover(LotSlot lot, Handover calldata handover) private view {
        uint64 lotId = handover.lotId;
        if (handover.version != lot.version()) {
            revert IWasteLots.WasteLotsStale(lotId, handover.version, lot.version());
        }
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > handover.until) revert IWasteLots.WasteLotsExpired(handover.until, block.timestamp);
        if (handover.grams != lot.grams() || handover.receiver == lot.holder()) {
            revert IWasteLots.WasteLotsBadHandover(lotId, handover.grams, lot.grams());
        }
    }

    function _checkParties(
        IWasteOperators operators,
        LotSlot lot,
        Handover calldata handover,
        address senderKey,
        address receiverKey
    ) private view returns (uint256 toleranceGrams) {
        Parties memory parties = operators.partiesOf(senderKey, receiverKey);
        if (parties.sender != lot.holder()) revert IWasteLots.WasteLotsBadSignature(senderKey);
        uint32 receiver = parties.receiver;
        if (receiver != handover.receiver) revert IWasteLots.WasteLotsBadSignature(receiverKey);
        // An unknown key has receiver zero, and is never licensed.
        if (!parties.licensed) revert IWasteLots.WasteLotsNotLicensed(receiver);
        if (lot.flags() & LotFlags.HAZARDOUS != 0) {
            // solhint-disable-next-line not-rely-on-time
            if (operators.permitOf(receiver, lot.code()) < block.timestamp) {
                revert IWasteLots.WasteLotsPermitMissing(receiver, lot.code());
            }
        }
        return (uint256(handover.grams) * parties.toleranceBp) / BASIS_POINTS;
    }
}
