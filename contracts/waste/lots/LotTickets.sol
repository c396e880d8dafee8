// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CompactSignature, CompactSignatures} from "../../authority/CompactSignatures.sol";
import {IMaterialCodes} from "../codes/IMaterialCodes.sol";
import {Emptying, FillFault} from "../containers/IContainers.sol";
import {IWasteOperators} from "../operators/IWasteOperators.sol";
import {IWasteLots, LotFlags, LotState, SignedTicket, Ticket, TicketFault, Weighing} from "./IWasteLots.sol";
import {LotCalls} from "./LotCalls.sol";
import {LotLedger} from "./LotLedger.sol";
import {LotMessages} from "./LotMessages.sol";
import {LotSlots} from "./LotSlots.sol";

/// @title LotTickets
/// @notice What a ticket must be, apart from what the containers check: mass, code, collector and its signature.
library LotTickets {
    /// @notice Greatest mass on a ticket, grams: the load of a road vehicle.
    uint256 internal constant MAX_TICKET_GRAMS = 40_000_000;

    uint256 private constant BIN_SHIFT = 32;
    /// @dev Where the members of a ticket lie in its event.
    uint256 private constant COUNTER_SHIFT = 136;
    uint256 private constant TIME_SHIFT = 96;
    uint256 private constant CODE_SHIFT = 72;
    uint256 private constant GRAMS_SHIFT = 40;
    uint256 private constant WEIGHING_SHIFT = 32;
    /// @dev How much further on a fault of the containers is in {TicketFault}: 6 up to TimeInFuture. After that one less, as
    /// OutOfRange is none of a ticket.
    uint256 private constant FAULT_OFFSET = 6;
    uint256 private constant LAST_WEIGHING = uint256(type(Weighing).max);

    /// @notice Looks at a ticket.
    /// @param signed Ticket and signatures.
    /// @param emptying Where to write what the containers are told; with a fault, no more than the collector's number.
    /// @param operators Who handles waste.
    /// @param codes The list that codes are of.
    /// @param domain The contract's EIP-712 domain separator.
    /// @return fault What is wrong with it.
    /// @return flags Flags of the lot, see {LotFlags}.
    /// @return signer Key that signed for the collector, if that was looked at; zero: nobody.
    function check(
        SignedTicket calldata signed,
        Emptying memory emptying,
        IWasteOperators operators,
        IMaterialCodes codes,
        bytes32 domain
    ) internal view returns (TicketFault fault, uint8 flags, address signer) {
        Ticket calldata ticket = signed.ticket;
        uint32 grams = ticket.grams;
        if (grams == 0) return (TicketFault.ZeroMass, 0, address(0));
        if (grams > MAX_TICKET_GRAMS) return (TicketFault.TooHeavy, 0, address(0));
        emptying.grams = grams;
        (fault, flags) = _checkCollector(ticket, emptying, operators, codes);
        if (fault != TicketFault.None) return (fault, 0, address(0));
        bytes32 digest = LotMessages.digest(domain, LotMessages.ticket(ticket));
        signer = signerOf(digest, signed.collector);
        if (signer != ticket.collector) return (TicketFault.BadCollectorSignature, 0, signer);
        emptying.binId = ticket.binId;
        emptying.counter = ticket.counter;
        emptying.routeId = ticket.routeId;
        emptying.device = CompactSignatures.recover(digest, signed.device);
    }

    /// @notice Writes down the lot of a ticket that emptied a container, but for the sum of what was collected.
    /// @param ledger Storage.
    /// @param ticket The ticket.
    /// @param emptying What the containers were told of it.
    /// @param flags Flags of the lot.
    /// @param collection How many tickets have emptied the container.
    /// @return lotId The lot.
    function record(
        LotLedger storage ledger,
        Ticket calldata ticket,
        Emptying memory emptying,
        uint8 flags,
        uint32 collection
    ) internal returns (uint64 lotId) {
        lotId = uint64((uint256(emptying.binId) << BIN_SHIFT) | collection); // two numbers of 32 bits
        uint32 operatorId = emptying.operatorId;
        uint32 grams = emptying.grams;
        uint24 code = ticket.code;
        ledger.lots[lotId].lot = LotSlots.create(operatorId, grams, code, LotState.Open, flags).withCollected(grams);
        uint256 word =
            (uint256(emptying.counter) << COUNTER_SHIFT) |
                (uint256(emptying.takenAt) << TIME_SHIFT) |
                (uint256(code) << CODE_SHIFT) |
                (uint256(grams) << GRAMS_SHIFT) |
                (uint256(ticket.weighing) << WEIGHING_SHIFT) |
                emptying.routeId;
        emit IWasteLots.Collected(lotId, operatorId, word, ticket.documentHash);
    }

    /// @notice Reverts with the error that a fault of {check} stands for.
    /// @param ticket The ticket.
    /// @param fault What is wrong with it.
    /// @param operatorId The collector, if there is one.
    /// @param signer Key that signed for it.
    function refuse(Ticket calldata ticket, TicketFault fault, uint32 operatorId, address signer) internal pure {
        if (fault == TicketFault.ZeroMass) revert IWasteLots.WasteLotsZeroMass();
        if (fault == TicketFault.TooHeavy) revert IWasteLots.WasteLotsTooHeavy(ticket.grams, MAX_TICKET_GRAMS);
        if (fault == TicketFault.CodeNotValid) {
            revert IWasteLots.WasteLotsCodeNotValid(ticket.code, ticket.takenAt / 1 days);
        }
        if (fault == TicketFault.NoAssessment) revert IWasteLots.WasteLotsNoAssessment(ticket.code);
        if (fault == TicketFault.BadWeighing) {
            revert IWasteLots.WasteLotsBadWeighing(_weighingOf(ticket), LAST_WEIGHING);
        }
        if (fault == TicketFault.NotCollector) revert IWasteLots.WasteLotsNotCollector(ticket.collector);
        if (fault == TicketFault.PermitMissing) revert IWasteLots.WasteLotsPermitMissing(operatorId, ticket.code);
        revert IWasteLots.WasteLotsBadSignature(signer);
    }

    /// @notice A fault that the containers found, as one of tickets.
    /// @param fault What they found, not None.
    /// @return same The same.
    function faultOf(FillFault fault) internal pure returns (TicketFault same) {
        uint256 number = uint256(fault) + FAULT_OFFSET;
        return TicketFault(fault > FillFault.TimeInFuture ? number - 1 : number);
    }

    /// @notice Key that signed a digest.
    /// @param digest What was to be signed.
    /// @param signature The signature; all zero: whoever calls agrees by calling.
    /// @return key Zero: nobody.
    function signerOf(bytes32 digest, CompactSignature calldata signature) internal view returns (address key) {
        if (signature.r == 0 && signature.vs == 0) return msg.sender;
        return CompactSignatures.recover(digest, signature);
    }

    /// @dev Code and collector of a ticket.
    function _checkCollector(
        Ticket calldata ticket,
        Emptying memory emptying,
        IWasteOperators operators,
        IMaterialCodes codes
    ) private view returns (TicketFault fault, uint8 flags) {
        uint40 takenAt = ticket.takenAt;
        uint24 code = ticket.code;
        emptying.takenAt = takenAt;
        (bool valid, bool hazardous, bool assessed) = LotCalls.checkOn(codes, code, takenAt / 1 days);
        if (!valid) return (TicketFault.CodeNotValid, 0);
        if (assessed && ticket.documentHash == 0) return (TicketFault.NoAssessment, 0);
        (uint32 operatorId, uint40 permittedUntil) = LotCalls.collectorOf(
            operators,
            ticket.collector,
            hazardous ? code : 0
        );
        if (operatorId == 0) return (TicketFault.NotCollector, 0);
        emptying.operatorId = operatorId;
        if (hazardous) {
            // solhint-disable-next-line not-rely-on-time
            if (permittedUntil < block.timestamp) return (TicketFault.PermitMissing, 0);
            flags = LotFlags.HAZARDOUS;
        }
        uint256 weighing = _weighingOf(ticket);
        if (weighing > LAST_WEIGHING) return (TicketFault.BadWeighing, 0);
        if (weighing != uint256(Weighing.Weighed)) flags |= LotFlags.NOT_WEIGHED;
    }

    /// @dev As it is, because the compiler's check of an enum reverts without a name, and all of a batch with it.
    function _weighingOf(Ticket calldata ticket) private pure returns (uint256 weighing) {
        assembly ("memory-safe") {
            weighing := calldataload(add(ticket, 0xa0))
        }
    }
}
