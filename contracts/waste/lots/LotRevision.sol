// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IWasteLots, LotFlags, Revision} from "./IWasteLots.sol";
import {LotBooks, LotLedger, LotRecord} from "./LotLedger.sol";
import {LotSlot} from "./LotSlots.sol";
import {LotTickets} from "./LotTickets.sol";

/// @title LotRevision
/// @notice Corrections of a lot's mass, to which both of its parties agree: who holds it, and who held it before.
library LotRevision {
    using LotBooks for LotLedger;

    /// @notice See {IWasteLots-proposeRevision}.
    /// @param ledger Storage.
    /// @param operatorId The caller's operator.
    /// @param lotId The lot.
    /// @param grams Mass that it should have.
    /// @param reasonHash keccak256 of why, salted.
    function propose(
        LotLedger storage ledger,
        uint32 operatorId,
        uint64 lotId,
        uint64 grams,
        bytes32 reasonHash
    ) internal {
        (, LotSlot lot) = ledger.open(lotId);
        _requireParty(lot, lotId, operatorId);
        if (lot.flags() & LotFlags.HAS_CHILD != 0) revert IWasteLots.WasteLotsHasChild(lotId);
        if (grams == lot.grams()) revert IWasteLots.WasteLotsUnchanged(lotId);
        _checkMass(lot, grams);
        ledger.revisions[lotId] = Revision({grams: grams, proposer: operatorId, version: lot.version()});
        emit IWasteLots.RevisionProposed(lotId, operatorId, grams, reasonHash);
    }

    /// @notice See {IWasteLots-approveRevision}.
    /// @param ledger Storage.
    /// @param operatorId The caller's operator.
    /// @param lotId The lot.
    /// @param grams Mass that was proposed.
    function approve(LotLedger storage ledger, uint32 operatorId, uint64 lotId, uint64 grams) internal {
        (LotRecord storage record, LotSlot lot) = ledger.open(lotId);
        _requireParty(lot, lotId, operatorId);
        if (ledger.revisions[lotId].proposer == operatorId) revert IWasteLots.WasteLotsNoRevision(lotId);
        _revise(ledger, record, lotId, grams, operatorId);
    }

    /// @notice See {IWasteLots-auditRevision}.
    /// @param ledger Storage.
    /// @param lotId The lot.
    /// @param grams Mass that was proposed.
    function audit(LotLedger storage ledger, uint64 lotId, uint64 grams) internal {
        (LotRecord storage record, LotSlot lot) = ledger.open(lotId);
        if (lot.previous() != 0) revert IWasteLots.WasteLotsNotParty(lotId, msg.sender);
        _revise(ledger, record, lotId, grams, 0);
    }

    /// @dev Whatever is done to a lot raises its version, so the proposal was checked for the lot as it is.
    function _revise(
        LotLedger storage ledger,
        LotRecord storage record,
        uint64 lotId,
        uint64 grams,
        uint32 approver
    ) private {
        LotSlot lot = record.lot;
        Revision memory revision = ledger.revisions[lotId];
        // A lot never has the mass zero, so without a proposal the masses differ.
        if (revision.grams != grams || grams == 0 || revision.version != lot.version()) {
            revert IWasteLots.WasteLotsNoRevision(lotId);
        }
        uint64 before = lot.grams();
        uint256 ticketGrams = _ticketGramsOf(lot);
        LotSlot revised = lot.withGrams(grams).next();
        if (ticketGrams == 0) {
            ledger.rebase(before, grams);
        } else {
            ledger.totals.collected = ledger.totals.collected + grams - before;
            revised = revised.withCollected(uint32(ticketGrams + grams - before)); // {_checkMass} saw that it fits
        }
        delete ledger.revisions[lotId];
        record.lot = revised;
        emit IWasteLots.Revised(lotId, approver, before, grams);
    }

    function _requireParty(LotSlot lot, uint64 lotId, uint32 operatorId) private view {
        if (operatorId == 0 || (operatorId != lot.holder() && operatorId != lot.previous())) {
            revert IWasteLots.WasteLotsNotParty(lotId, msg.sender);
        }
    }

    /// @dev Mass on the ticket that follows the lot's; zero: it comes from none, or its parties are not those of whom one weighed
    /// it.
    function _ticketGramsOf(LotSlot lot) private pure returns (uint32 grams) {
        return lot.flags() & LotFlags.HANDED_ON == 0 ? lot.collectedGrams() : 0;
    }

    /// @dev The mass on a ticket changes by the same difference, and stays one that a ticket can have.
    function _checkMass(LotSlot lot, uint64 grams) private pure {
        LotBooks.requireMass(grams);
        uint256 ticketGrams = _ticketGramsOf(lot);
        if (ticketGrams == 0) return;
        uint256 before = lot.grams();
        uint256 most = before + LotTickets.MAX_TICKET_GRAMS - ticketGrams;
        if (grams > most) revert IWasteLots.WasteLotsTooHeavy(grams, most);
        if (grams + ticketGrams <= before) revert IWasteLots.WasteLotsTooLight(grams, before - ticketGrams + 1);
    }
}
