// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../../contracts/authority/CompactSignatures.sol";
import {
    Handover,
    Lot,
    LotState,
    Receipt,
    SignedTicket,
    Ticket,
    Weighing
} from "../../../../contracts/waste/lots/IWasteLots.sol";
import {WasteLots} from "../../../../contracts/waste/lots/WasteLots.sol";
import {WasteSigner} from "../WasteSigner.sol";

/// @notice Tickets, handovers and receipts, hashed from their types as EIP-712 says, for fixtures and for handlers of invariants.
abstract contract LotSigner is WasteSigner {
    bytes32 internal constant TICKET_TYPE = keccak256(
        "Ticket(uint32 binId,uint32 counter,uint40 takenAt,uint24 code,uint32 grams,uint8 weighing,address collector,uint32 routeId,bytes32 documentHash)"
    );
    bytes32 internal constant HANDOVER_TYPE = keccak256(
        "Handover(uint64 lotId,uint32 version,uint32 receiver,uint64 grams,uint40 until)"
    );
    bytes32 internal constant RECEIPT_TYPE = keccak256(
        "Receipt(bytes32 handover,uint64 receivedGrams,uint64 acceptedGrams,bytes32 reasonHash)"
    );
    uint40 internal constant TRIP_DURATION = 1 days;
    bytes32 internal constant REASON = keccak256("reason and salt");

    WasteLots internal lots;

    function lotsDigest(bytes32 structHash) internal view returns (bytes32 digest) {
        return digestOf(domainOf("Civitas Waste Lots", address(lots)), structHash);
    }

    function ticketDigest(Ticket memory ticket) internal view returns (bytes32 digest) {
        return lotsDigest(keccak256(abi.encode(TICKET_TYPE, ticket)));
    }

    /// @dev Signed by a device and by a key of the collector.
    function signTicket(
        Ticket memory ticket,
        uint256 deviceKey,
        uint256 crewKey
    ) internal view returns (SignedTicket memory signed) {
        bytes32 digest = ticketDigest(ticket);
        return SignedTicket(ticket, signCompact(deviceKey, digest), signCompact(crewKey, digest));
    }

    /// @dev A ticket of now, with the next counter of the container's device.
    function ticketOf(
        uint32 binId,
        uint24 code,
        uint32 grams,
        address crew
    ) internal view returns (Ticket memory ticket) {
        return
            Ticket({
                binId: binId,
                counter: containers.ticketCounterOf(binId) + 1,
                takenAt: uint40(block.timestamp),
                code: code,
                grams: grams,
                weighing: Weighing.Weighed,
                collector: crew,
                routeId: 0,
                documentHash: keccak256(abi.encode("papers", binId, grams))
            });
    }

    /// @dev A handover of a lot as it is.
    function handoverOf(uint64 lotId, uint32 receiver) internal view returns (Handover memory handover) {
        return
            Handover({
                lotId: lotId,
                version: lots.lotOf(lotId).version,
                receiver: receiver,
                until: uint40(block.timestamp) + TRIP_DURATION
            });
    }

    function handoverDigest(Handover memory handover, uint64 grams) internal view returns (bytes32 digest) {
        (uint64 lotId, uint32 version) = (handover.lotId, handover.version);
        return
            lotsDigest(keccak256(abi.encode(HANDOVER_TYPE, lotId, version, handover.receiver, grams, handover.until)));
    }

    /// @dev Signed for the mass that the lot has now.
    function signHandover(
        Handover memory handover,
        uint256 crewKey
    ) internal view returns (CompactSignature memory signature) {
        return signCompact(crewKey, handoverDigest(handover, lots.lotOf(handover.lotId).grams));
    }

    /// @dev What came of a lot as it is; a reason is given where something is refused.
    function receiptOf(
        Handover memory handover,
        uint64 received,
        uint64 accepted
    ) internal view returns (Receipt memory receipt) {
        return
            Receipt({
                handover: handoverDigest(handover, lots.lotOf(handover.lotId).grams),
                receivedGrams: received,
                acceptedGrams: accepted,
                reasonHash: received == accepted ? bytes32(0) : REASON
            });
    }

    function signReceipt(
        Receipt memory receipt,
        uint256 crewKey
    ) internal view returns (CompactSignature memory signature) {
        return signCompact(crewKey, lotsDigest(keccak256(abi.encode(RECEIPT_TYPE, receipt))));
    }

    /// @dev Whether something can be done to a lot.
    function isOpen(Lot memory lot) internal pure returns (bool open) {
        return lot.state == LotState.Open || lot.state == LotState.Refused;
    }
}
