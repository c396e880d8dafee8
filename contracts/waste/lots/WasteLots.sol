// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {CompactSignature, CompactSignatures} from "../../authority/CompactSignatures.sol";
import {IMaterialCodes} from "../codes/IMaterialCodes.sol";
import {Emptying, FillFault, IContainers} from "../containers/IContainers.sol";
import {Crew, IWasteOperators} from "../operators/IWasteOperators.sol";
import {
    Handover,
    IWasteLots,
    Lot,
    LotFlags,
    LotState,
    MassTotals,
    Output,
    Receipt,
    Revision,
    SignedTicket,
    TicketFault
} from "./IWasteLots.sol";
import {LotCustody} from "./LotCustody.sol";
import {LotBooks, LotLedger, LotRecord} from "./LotLedger.sol";
import {LotMessages} from "./LotMessages.sol";
import {LotProcess} from "./LotProcess.sol";
import {LotRevision} from "./LotRevision.sol";
import {LotSlot} from "./LotSlots.sol";
import {LotTickets} from "./LotTickets.sol";

/// @title WasteLots
/// @notice Waste from the container to its end, to the gram. See {IWasteLots}.
/// @dev This contract is the door: it finds out who signed or called, and for which operator. What happens behind it is in
/// parts that work on the {LotLedger}: {LotTickets}, {LotCustody}, {LotProcess} and {LotRevision}; {LotBooks} keeps the sums.
///
/// Trust:
/// - A container's device and a collector's key together are believed about what a ticket says, within the load of a vehicle
///   and what fits into the container. One of them alone can do nothing. Who registers containers names the devices.
/// - Sender and receiver together are believed about what a lot weighs. Two that lie together can make mass appear or
///   disappear, by at most the receiver's tolerance in a handover, and by any difference in a revision; it shows as transit
///   gain or loss, or on the ticket, and is never silent. After a second handover neither need be who signed the ticket, so it
///   stays as it is. A revision is not held against what fits into the container.
/// - A facility is believed about what came out of its process, within the bounds of its licence. The one on loss is of each
///   process, not of what several make of the same mass; the one on what comes out recycled bounds what is certified of all
///   mass, however often it is processed. WASTE_LICENSING writes licences and permits, see {WasteOperators}.
/// - Device and collector are believed about the code on a ticket, which is not held against what belongs into the container.
///   That an assessment is among the papers of a ticket is not known here, only that there are papers.
/// - WASTE_AUDITOR can say what a lot in dispute weighs, and agree to a proposal about a lot that only one operator had. It
///   can touch no other lot, and cannot move any.
/// - Containers, operators and codes are contracts of the city and fixed here. They call nobody who could call back.
/// - Nobody can pause anything.
contract WasteLots is IWasteLots, EIP712, AccessManaged {
    using LotBooks for LotLedger;
    using LotCustody for LotLedger;
    using LotCustody for LotSlot;
    using LotProcess for LotLedger;
    using LotRevision for LotLedger;
    using LotTickets for LotLedger;
    using LotTickets for SignedTicket;

    /// @dev Most tickets in one call.
    uint256 private constant MAX_TICKETS = 100;

    /// @inheritdoc IWasteLots
    IContainers public immutable containers;
    /// @inheritdoc IWasteLots
    IWasteOperators public immutable operators;
    /// @inheritdoc IWasteLots
    IMaterialCodes public immutable codes;

    LotLedger private _ledger;

    /// @param authority The city's AccessManager.
    /// @param containers_ Containers; names operators and codes as well.
    constructor(address authority, IContainers containers_) EIP712("Civitas Waste Lots", "1") AccessManaged(authority) {
        containers = containers_;
        operators = containers_.operators();
        codes = containers_.codes();
    }

    // --- collection

    /// @inheritdoc IWasteLots
    function collect(SignedTicket calldata signed) external returns (uint64 lotId) {
        Emptying memory emptying;
        (TicketFault fault, uint8 flags, address signer) = signed.check(
            emptying,
            operators,
            codes,
            _domainSeparatorV4()
        );
        if (fault != TicketFault.None) LotTickets.refuse(signed.ticket, fault, emptying.operatorId, signer);
        // Before the lot is written, because the container counts the number of the collection, which is in the lot's. It calls
        // nobody.
        lotId = _ledger.record(signed.ticket, emptying, flags, containers.empty(emptying));
        _ledger.totals.collected += emptying.grams;
    }

    /// @inheritdoc IWasteLots
    function collectMany(SignedTicket[] calldata signed) external returns (uint256 accepted) {
        uint256 count = signed.length;
        if (count == 0 || count > MAX_TICKETS) revert WasteLotsBadList(count, MAX_TICKETS);
        bytes32 domain = _domainSeparatorV4();
        Emptying memory emptying;
        uint64 collected = 0;
        for (uint256 i = 0; i < count; ++i) {
            TicketFault fault = _tryCollect(signed[i], emptying, domain);
            if (fault != TicketFault.None) {
                emit TicketRejected(signed[i].ticket.binId, signed[i].ticket.counter, fault);
                continue;
            }
            collected += emptying.grams;
            ++accepted;
        }
        if (accepted != 0) _ledger.totals.collected += collected;
    }

    // --- custody

    /// @inheritdoc IWasteLots
    function receiveLot(
        Handover calldata handover,
        Receipt calldata receipt,
        CompactSignature calldata sender,
        CompactSignature calldata receiver
    ) external {
        (LotRecord storage record, LotSlot lot) = _ledger.open(handover.lotId);
        bytes32 domain = _domainSeparatorV4();
        bytes32 offer = LotMessages.digest(domain, LotMessages.handover(handover, lot.grams()));
        bytes32 answer = LotMessages.digest(domain, LotMessages.receipt(receipt, offer));
        address senderKey = LotTickets.signerOf(offer, sender);
        address receiverKey = CompactSignatures.recover(answer, receiver);
        uint256 toleranceBp = lot.check(operators, handover, senderKey, receiverKey);
        _ledger.receiveLot(record, lot, handover, receipt, toleranceBp);
    }

    /// @inheritdoc IWasteLots
    function takeDelivery(Handover calldata handover, uint64 receivedGrams, CompactSignature calldata sender) external {
        (LotRecord storage record, LotSlot lot) = _ledger.open(handover.lotId);
        bytes32 offer = LotMessages.digest(_domainSeparatorV4(), LotMessages.handover(handover, lot.grams()));
        address senderKey = CompactSignatures.recover(offer, sender);
        uint256 toleranceBp = lot.check(operators, handover, senderKey, msg.sender);
        _ledger.takeDelivery(record, lot, handover, receivedGrams, toleranceBp);
    }

    /// @inheritdoc IWasteLots
    function rule(uint64 lotId, uint64 grams, bytes32 reasonHash) external restricted {
        _ledger.rule(lotId, grams, reasonHash);
    }

    /// @inheritdoc IWasteLots
    function declareBreak(uint64 lotId, bytes32 reasonHash) external {
        (LotRecord storage record, LotSlot lot) = _ledger.held(lotId, _operatorOfCaller());
        if (lot.flags() & LotFlags.BROKEN != 0) revert WasteLotsUnchanged(lotId);
        record.lot = lot.withFlags(LotFlags.BROKEN).next();
        emit TraceBroken(lotId, reasonHash);
    }

    /// @inheritdoc IWasteLots
    function group(uint64[] calldata lotIds, uint64[] calldata grams) external returns (uint64 lotId) {
        return _ledger.group(_operatorOfCaller(), lotIds, grams);
    }

    // --- processing

    /// @inheritdoc IWasteLots
    function process(
        uint64[] calldata inputs,
        Output[] calldata outputs,
        uint64 lossGrams,
        bytes32 evidenceHash
    ) external returns (uint64[] memory outputLots) {
        return _ledger.process(operators, codes, inputs, outputs, lossGrams, evidenceHash);
    }

    /// @inheritdoc IWasteLots
    function finalise(uint64 lotId, uint8 op, bytes32 evidenceHash) external {
        _ledger.finalise(operators, lotId, op, evidenceHash);
    }

    /// @inheritdoc IWasteLots
    function exportLot(uint64 lotId, bytes32 documentHash) external {
        uint32 operatorId = _operatorOfCaller();
        (LotRecord storage record, LotSlot lot) = _ledger.held(lotId, operatorId);
        if (!operators.partiesOf(msg.sender, msg.sender).licensed) revert WasteLotsNotLicensed(operatorId);
        if (documentHash == 0) revert WasteLotsNoReason(lotId);
        uint64 grams = lot.grams();
        record.lot = lot.withState(LotState.Exported).next();
        _ledger.totals.exported += grams;
        emit Exported(lotId, operatorId, grams, documentHash);
    }

    // --- correction

    /// @inheritdoc IWasteLots
    function proposeRevision(uint64 lotId, uint64 grams, bytes32 reasonHash) external {
        _ledger.propose(_operatorOfCaller(), lotId, grams, reasonHash);
    }

    /// @inheritdoc IWasteLots
    function approveRevision(uint64 lotId, uint64 grams) external {
        _ledger.approve(_operatorOfCaller(), lotId, grams);
    }

    /// @inheritdoc IWasteLots
    function auditRevision(uint64 lotId, uint64 grams) external restricted {
        _ledger.audit(lotId, grams);
    }

    // --- views

    /// @inheritdoc IWasteLots
    function lotOf(uint64 lotId) external view returns (Lot memory lot) {
        return _ledger.lots[lotId].lot.read();
    }

    /// @inheritdoc IWasteLots
    function revisionOf(uint64 lotId) external view returns (Revision memory revision) {
        Revision memory proposed = _ledger.revisions[lotId];
        if (proposed.version == _ledger.lots[lotId].lot.version()) return proposed;
    }

    /// @inheritdoc IWasteLots
    function totals() external view returns (MassTotals memory sums) {
        return _ledger.totals;
    }

    /// @inheritdoc IWasteLots
    function recycledOf(uint32 facility, uint24 code, uint8 op, uint16 month) external view returns (uint64 grams) {
        return _ledger.recycled[LotBooks.keyOf(facility, code, op, month)];
    }

    /// @dev As {collect}, but for the sum, and says what is wrong instead of reverting. The memory is used again by the next.
    function _tryCollect(
        SignedTicket calldata signed,
        Emptying memory emptying,
        bytes32 domain
    ) private returns (TicketFault fault) {
        uint8 flags;
        (fault, flags, ) = signed.check(emptying, operators, codes, domain);
        if (fault != TicketFault.None) return fault;
        (FillFault fillFault, uint32 collection) = containers.tryEmpty(emptying);
        if (fillFault != FillFault.None) return LotTickets.faultOf(fillFault);
        _ledger.record(signed.ticket, emptying, flags, collection);
    }

    /// @dev Operator for which the caller's key signs now; zero: none, which holds no lot.
    function _operatorOfCaller() private view returns (uint32 operatorId) {
        Crew memory crew = operators.crewOf(msg.sender);
        // solhint-disable-next-line not-rely-on-time
        return crew.until < block.timestamp ? 0 : crew.operatorId;
    }
}
