// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IWasteOperators} from "../operators/IWasteOperators.sol";
import {Handover, IWasteLots, LotFlags, LotState, Receipt} from "./IWasteLots.sol";
import {LotCalls} from "./LotCalls.sol";
import {LotBooks, LotLedger, LotRecord} from "./LotLedger.sol";
import {LotSlot, LotSlots} from "./LotSlots.sol";

/// @title LotCustody
/// @notice Lots that change hands, and disputes about what they weigh.
library LotCustody {
    using LotBooks for LotLedger;

    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant SENDER_SHIFT = 192;
    uint256 private constant SENT_SHIFT = 128;
    uint256 private constant RECEIVED_SHIFT = 64;

    /// @notice Whether a lot may be handed over so, by those whose keys speak for the two sides. Reverts if not.
    /// @param lot A lot that something can be done to.
    /// @param operators Who handles waste.
    /// @param handover What the sender signed.
    /// @param senderKey Key that signed it.
    /// @param receiverKey Key that speaks for the receiver.
    /// @return toleranceBp The receiver's tolerance, basis points.
    function check(
        LotSlot lot,
        IWasteOperators operators,
        Handover calldata handover,
        address senderKey,
        address receiverKey
    ) internal view returns (uint256 toleranceBp) {
        uint32 receiver = handover.receiver;
        uint32 holder = lot.holder();
        if (handover.version != lot.version()) {
            revert IWasteLots.WasteLotsStale(handover.lotId, handover.version, lot.version());
        }
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > handover.until) revert IWasteLots.WasteLotsExpired(handover.until, block.timestamp);
        if (receiver == holder) revert IWasteLots.WasteLotsBadHandover(handover.lotId, holder);
        uint32 sends;
        uint32 receives;
        bool licensed;
        (sends, receives, licensed, toleranceBp) = LotCalls.partiesOf(operators, senderKey, receiverKey);
        if (sends != holder) revert IWasteLots.WasteLotsBadSignature(senderKey);
        if (receives != receiver) revert IWasteLots.WasteLotsBadSignature(receiverKey);
        // An unknown key has receiver zero, and is never licensed.
        if (!licensed) revert IWasteLots.WasteLotsNotLicensed(receiver);
        if (lot.flags() & LotFlags.HAZARDOUS != 0) LotBooks.requirePermit(operators, receiver, lot.code());
    }

    /// @notice See {IWasteLots-receiveLot}.
    /// @param ledger Storage.
    /// @param record Where the lot is stored.
    /// @param lot The lot.
    /// @param handover What the sender signed.
    /// @param receipt What the receiver found.
    /// @param toleranceBp The receiver's tolerance, basis points.
    function receiveLot(
        LotLedger storage ledger,
        LotRecord storage record,
        LotSlot lot,
        Handover calldata handover,
        Receipt calldata receipt,
        uint256 toleranceBp
    ) internal {
        uint64 received = receipt.receivedGrams;
        uint64 accepted = receipt.acceptedGrams;
        if (accepted > received) revert IWasteLots.WasteLotsBadReceipt(accepted, received);
        if (accepted == received) {
            takeDelivery(ledger, record, lot, handover, received, toleranceBp);
        } else if (_arrives(ledger, record, lot, handover, received, toleranceBp)) {
            _tell(lot, handover, received, accepted);
            _refuse(ledger, record, lot, handover, receipt);
        }
    }

    /// @notice See {IWasteLots-takeDelivery}.
    /// @param ledger Storage.
    /// @param record Where the lot is stored.
    /// @param lot The lot.
    /// @param handover What the sender signed.
    /// @param received Mass that came.
    /// @param toleranceBp The receiver's tolerance, basis points.
    function takeDelivery(
        LotLedger storage ledger,
        LotRecord storage record,
        LotSlot lot,
        Handover calldata handover,
        uint64 received,
        uint256 toleranceBp
    ) internal {
        if (!_arrives(ledger, record, lot, handover, received, toleranceBp)) return;
        record.lot = lot.passedTo(handover.receiver, received).next();
        _tell(lot, handover, received, received);
    }

    /// @notice See {IWasteLots-rule}.
    /// @param ledger Storage.
    /// @param lotId A lot in dispute.
    /// @param grams Mass that it has.
    /// @param reasonHash keccak256 of why, salted.
    function rule(LotLedger storage ledger, uint64 lotId, uint64 grams, bytes32 reasonHash) internal {
        LotRecord storage record = ledger.lots[lotId];
        LotSlot lot = record.lot;
        LotState state = lot.state();
        if (state == LotState.None) revert IWasteLots.WasteLotsUnknownLot(lotId);
        if (state != LotState.Disputed) revert IWasteLots.WasteLotsLotClosed(lotId, state);
        LotBooks.requireMass(grams);
        ledger.rebase(lot.grams(), grams);
        record.lot = lot.withGrams(grams).withState(LotState.Open).next();
        emit IWasteLots.DisputeRuled(lotId, grams, reasonHash);
    }

    /// @dev Whether what came is about what left. Books the difference, or puts the lot into dispute.
    function _arrives(
        LotLedger storage ledger,
        LotRecord storage record,
        LotSlot lot,
        Handover calldata handover,
        uint64 received,
        uint256 toleranceBp
    ) private returns (bool agreed) {
        uint64 sent = lot.grams();
        if (received == sent) return true;
        uint256 tolerance = (sent * toleranceBp) / BASIS_POINTS;
        if ((received > sent ? received - sent : sent - received) > tolerance) {
            record.lot = lot.withState(LotState.Disputed).next();
            emit IWasteLots.Disputed(handover.lotId, handover.receiver, sent, received, tolerance);
            return false;
        }
        LotBooks.requireMass(received);
        ledger.rebase(sent, received);
        return true;
    }

    /// @dev What was refused is the sender's: in a lot of its own, unless it is all.
    function _refuse(
        LotLedger storage ledger,
        LotRecord storage record,
        LotSlot lot,
        Handover calldata handover,
        Receipt calldata receipt
    ) private {
        uint64 lotId = handover.lotId;
        uint64 accepted = receipt.acceptedGrams;
        uint64 refused = receipt.receivedGrams - accepted;
        if (receipt.reasonHash == 0) revert IWasteLots.WasteLotsNoReason(lotId);
        if (accepted == 0) {
            record.lot = lot.withGrams(refused).withState(LotState.Refused).next();
        } else {
            record.lot = lot.passedTo(handover.receiver, accepted).withFlags(LotFlags.HAS_CHILD).next();
            uint8 flags = lot.flags() & LotBooks.INHERITED;
            lotId = ledger.add(LotSlots.create(lot.holder(), refused, lot.code(), LotState.Refused, flags));
        }
        emit IWasteLots.Refused(lotId, handover.lotId, handover.receiver, refused, receipt.reasonHash);
    }

    function _tell(LotSlot lot, Handover calldata handover, uint64 received, uint64 accepted) private {
        uint256 delivery = (uint256(lot.holder()) << SENDER_SHIFT) | (uint256(lot.grams()) << SENT_SHIFT);
        delivery |= (uint256(received) << RECEIVED_SHIFT) | accepted;
        emit IWasteLots.Received(handover.lotId, handover.receiver, delivery);
    }
}
