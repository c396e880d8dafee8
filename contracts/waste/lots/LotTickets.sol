// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CompactSignature, CompactSignatures} from "../../authority/CompactSignatures.sol";
import {IMaterialCodes} from "../codes/IMaterialCodes.sol";
import {Emptying, FillFault} from "../containers/IContainers.sol";
import {IWasteOperators} from "../operators/IWasteOperators.sol";
import {IWasteLots, LotFlags, LotState, SignedTicket, Ticket, TicketFault, Weighing} from "./IWasteLots.sol";
import {LotLedger} from "./LotLedger.sol";
import {LotMessages} from "./LotMessages.sol";
import {LotSlots} from "./LotSlots.sol";

/// @notice A ticket as far as it was checked.
struct CheckedTicket {
    TicketFault fault;
    /// @dev Key that signed for the collector; zero: none.
    address signer;
    /// @dev See {LotFlags}.
    uint8 flags;
    /// @dev What the containers are told.
    Emptying emptying;
}

/// @title LotTickets
/// @notice What a ticket must be, apart from what the containers check: mass, code, collector and its signature.
library LotTickets {
    /// @notice Greatest mass on a ticket, grams: the load of a road vehicle.
    uint256 internal constant MAX_TICKET_GRAMS = 40_000_000;

    uint256 private constant BIN_SHIFT = 32;
    /// @dev How much further on a fault of the containers is in {TicketFault}: 6 up to TimeInFuture. After that one less, as
    /// OutOfRange is none of a ticket.
    uint256 private constant FAULT_OFFSET = 6;

    /// @notice Looks at a ticket.
    /// @param signed Ticket and signatures.
    /// @param operators Who handles waste.
    /// @param codes The list that codes are of.
    /// @param domain The contract's EIP-712 domain separator.
    /// @return checked What was found; with a fault, no more than led to it.
    function check(
        SignedTicket calldata signed,
        IWasteOperators operators,
        IMaterialCodes codes,
        bytes32 domain
    ) internal view returns (CheckedTicket memory checked) {
        Ticket calldata ticket = signed.ticket;
        if (ticket.grams == 0) return _faulty(checked, TicketFault.ZeroMass);
        if (ticket.grams > MAX_TICKET_GRAMS) return _faulty(checked, TicketFault.TooHeavy);
        (bool valid, bool hazardous) = codes.checkOn(ticket.code, ticket.takenAt / 1 days);
        if (!valid) return _faulty(checked, TicketFault.CodeNotValid);
        (uint32 operatorId, uint40 permittedUntil) = operators.collectorOf(
            ticket.collector,
            hazardous ? ticket.code : 0
        );
        if (operatorId == 0) return _faulty(checked, TicketFault.NotCollector);
        checked.emptying.operatorId = operatorId;
        // solhint-disable-next-line not-rely-on-time
        if (hazardous && permittedUntil < block.timestamp) return _faulty(checked, TicketFault.PermitMissing);
        bytes32 digest = LotMessages.digest(domain, LotMessages.ticket(ticket));
        checked.signer = signerOf(digest, signed.collector);
        if (checked.signer != ticket.collector) return _faulty(checked, TicketFault.BadCollectorSignature);
        checked.flags =
            (hazardous ? LotFlags.HAZARDOUS : 0) | (ticket.weighing == Weighing.Weighed ? 0 : LotFlags.NOT_WEIGHED);
        _describe(checked.emptying, ticket);
        checked.emptying.device = CompactSignatures.recover(digest, signed.device);
    }

    /// @notice Writes down the lot of a ticket that emptied a container, but for the sum of what was collected.
    /// @param ledger Storage.
    /// @param ticket The ticket.
    /// @param checked What was found of it.
    /// @param collection How many tickets have emptied the container.
    /// @return lotId The lot.
    function record(
        LotLedger storage ledger,
        Ticket calldata ticket,
        CheckedTicket memory checked,
        uint32 collection
    ) internal returns (uint64 lotId) {
        lotId = uint64((uint256(ticket.binId) << BIN_SHIFT) | collection); // two numbers of 32 bits
        uint32 operatorId = checked.emptying.operatorId;
        ledger.lots[lotId] = LotSlots
            .create(operatorId, ticket.grams, ticket.code, LotState.Open, checked.flags)
            .withCollected(ticket.grams);
        emit IWasteLots.Collected(lotId, ticket.binId, operatorId, ticket);
    }

    /// @notice Reverts with the error that a fault of {check} stands for.
    /// @param ticket The ticket.
    /// @param checked What was found of it, with a fault.
    function refuse(Ticket calldata ticket, CheckedTicket memory checked) internal pure {
        TicketFault fault = checked.fault;
        if (fault == TicketFault.ZeroMass) revert IWasteLots.WasteLotsZeroMass();
        if (fault == TicketFault.TooHeavy) revert IWasteLots.WasteLotsTooHeavy(ticket.grams, MAX_TICKET_GRAMS);
        if (fault == TicketFault.CodeNotValid) {
            revert IWasteLots.WasteLotsCodeNotValid(ticket.code, ticket.takenAt / 1 days);
        }
        if (fault == TicketFault.NotCollector) revert IWasteLots.WasteLotsNotCollector(ticket.collector);
        if (fault == TicketFault.PermitMissing) {
            revert IWasteLots.WasteLotsPermitMissing(checked.emptying.operatorId, ticket.code);
        }
        revert IWasteLots.WasteLotsBadSignature(checked.signer);
    }

    /// @notice A fault that the containers found, as one of tickets.
    /// @param fault What they found.
    /// @return same The same.
    function faultOf(FillFault fault) internal pure returns (TicketFault same) {
        if (fault == FillFault.None) return TicketFault.None;
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

    function _describe(Emptying memory emptying, Ticket calldata ticket) private pure {
        emptying.binId = ticket.binId;
        emptying.counter = ticket.counter;
        emptying.takenAt = ticket.takenAt;
        emptying.grams = ticket.grams;
        emptying.routeId = ticket.routeId;
    }

    function _faulty(CheckedTicket memory checked, TicketFault fault) private pure returns (CheckedTicket memory same) {
        checked.fault = fault;
        return checked;
    }
}
