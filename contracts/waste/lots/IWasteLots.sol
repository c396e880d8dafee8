// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CompactSignature} from "../../authority/CompactSignatures.sol";
import {IContainers} from "../containers/IContainers.sol";
import {IMaterialCodes} from "../codes/IMaterialCodes.sol";
import {IWasteOperators} from "../operators/IWasteOperators.sol";
import {Fate} from "../codes/WasteOperations.sol";

/// @notice How the mass on a ticket was found.
enum Weighing {
    Weighed,
    Estimated,
    Declared
}

/// @notice What became of a lot.
enum LotState {
    None,
    /// @dev With its holder.
    Open,
    /// @dev With its holder, after a receiver took none of it, or left this part of another lot.
    Refused,
    /// @dev With its holder; sender and receiver do not agree about its mass.
    Disputed,
    /// @dev Wholly grouped or processed into other lots.
    Consumed,
    /// @dev A final operation took it, see {Lot-op}.
    Final,
    /// @dev Left the country.
    Exported
}

/// @notice Why a ticket of a batch is left out. Alone it reverts with the error of that name, of this contract or of
/// {IContainers}.
enum TicketFault {
    None,
    ZeroMass,
    TooHeavy,
    CodeNotValid,
    NotCollector,
    PermitMissing,
    BadCollectorSignature,
    UnknownBin,
    BinNotActive,
    CounterNotIncreasing,
    TimeBackwards,
    TimeInFuture,
    BadDeviceSignature,
    TooDense,
    NoAssessment,
    BadWeighing
}

/// @notice A container was emptied (EIP-712 message `Ticket`). Signed by the container's device, or the scale that speaks for
/// it, and by a key of the collector.
struct Ticket {
    uint32 binId;
    /// @dev Of the device, above that of its message before.
    uint32 counter;
    /// @dev Unix time.
    uint40 takenAt;
    uint24 code;
    /// @dev 1 to 40,000,000, the load of a road vehicle.
    uint32 grams;
    Weighing weighing;
    /// @dev Key that signs for the collector.
    address collector;
    /// @dev Route on which it was; zero: none.
    uint32 routeId;
    /// @dev keccak256 of the papers, salted; zero: none. A code that is harmless only if an assessment found so needs papers,
    /// of which the assessment is one.
    bytes32 documentHash;
}

/// @notice A ticket with both signatures.
struct SignedTicket {
    Ticket ticket;
    CompactSignature device;
    CompactSignature collector;
}

/// @notice A lot of waste. Packed into one slot by {LotSlots}.
struct Lot {
    /// @dev Operator that has it.
    uint32 holder;
    /// @dev Operator that had it before; zero: nobody.
    uint32 previous;
    /// @dev Mass that it has, or had when it ended, at most 2^40 - 1.
    uint64 grams;
    /// @dev Mass on the ticket as it stands corrected; zero: it does not come from a ticket.
    uint32 collectedGrams;
    uint24 code;
    LotState state;
    /// @dev See {LotFlags}.
    uint8 flags;
    /// @dev The operation that ended it; zero: none.
    uint8 op;
    /// @dev How often something was done to it, so that what was signed for one state is good for no other.
    uint32 version;
}

/// @notice A sender hands a lot over (EIP-712 message `Handover`). Signed by a key of the lot's holder, together with the mass
/// that leaves: all of the lot, which follows from its version.
struct Handover {
    uint64 lotId;
    /// @dev Version of the lot.
    uint32 version;
    /// @dev Operator that is to have it.
    uint32 receiver;
    /// @dev Last second at which it can be received, Unix time.
    uint40 until;
}

/// @notice What a receiver found (EIP-712 message `Receipt`). Signed by a key of the receiver.
struct Receipt {
    /// @dev Digest of the handover.
    bytes32 handover;
    /// @dev Mass that came.
    uint64 receivedGrams;
    /// @dev Mass that is kept, at most what came; the rest goes back.
    uint64 acceptedGrams;
    /// @dev keccak256 of why mass is refused, salted; zero: none is.
    bytes32 reasonHash;
}

/// @notice Something that came out of a process.
struct Output {
    uint24 code;
    uint64 grams;
    /// @dev A final operation that it went through at once, see {WasteOperations}; zero: it is a lot of its own.
    uint8 op;
}

/// @notice A correction of a lot's mass that waits for the other party. One slot.
struct Revision {
    uint64 grams;
    /// @dev Operator that proposed it.
    uint32 proposer;
    /// @dev Version of the lot for which it is.
    uint32 version;
}

/// @notice Mass by what became of it, grams. Two slots: a process touches the second alone.
/// @dev None can overflow: a ticket adds at most 40 t, everything else at most the mass of a lot, 2^40 - 1 grams, so that it
/// would take 16 million acts.
struct MassTotals {
    uint64 collected;
    uint64 transitGain;
    uint64 transitLoss;
    uint64 exported;
    uint64 recycled;
    uint64 recovered;
    uint64 disposed;
    uint64 processLoss;
}

/// @title LotFlags
/// @notice Flags of a lot.
library LotFlags {
    /// @notice Where it came from is not known for all of it: no certificate can come of it.
    uint8 internal constant BROKEN = 1;
    /// @notice Some of it is in another lot, so its mass can no longer be revised.
    uint8 internal constant HAS_CHILD = 2;
    /// @notice Its mass was estimated or declared.
    uint8 internal constant NOT_WEIGHED = 4;
    /// @notice Its code is hazardous, so who takes it over or treats it needs a permit for the code. To hand it on or to export
    /// it takes none.
    uint8 internal constant HAZARDOUS = 8;
    /// @notice It changed hands a second time, so that who weighed it need not be asked about its mass any more: a revision
    /// leaves the ticket as it is.
    uint8 internal constant HANDED_ON = 16;
    /// @notice It, or something in it, was left by a process that recycled the rest, so the conversion factor is used up: no
    /// certificate can come of it, wherever it goes.
    uint8 internal constant RESIDUE = 32;
}

/// @title IWasteLots
/// @notice Waste from the container to its end, to the gram: tickets make lots, which are handed over, grouped, processed and
/// ended. At any time
///
///     collected + transit gain = open lots + recycled + recovered + disposed + exported + process loss + transit loss.
///
/// @dev A lot from a ticket has the id `container << 32 | number of the collection`, every other one `1 << 63 | serial
/// number`. Nothing here asks a reward contract, so that what is recorded never depends on a reward; reward contracts read
/// {lotOf} and learn what a ticket weighed.
///
/// Tickets, handovers and receipts are signed by plain keys that operators appoint, see {IWasteOperators}, and checked by
/// ECDSA directly: the container's counter and the lot's version stand in place of nonces. Events tell all that an EPCIS 2.0
/// document of a lot needs.
interface IWasteLots {
    /// @notice A container was emptied, and there is a lot.
    /// @param lotId The lot, whose number says which container and the how manieth collection.
    /// @param operatorId The collector, who holds it.
    /// @param ticket What the ticket says, side by side as a word of it costs 256 gas: from the highest bit down nothing 88
    /// bits, counter 32, time 40, code 24, grams 32, {Weighing} 8, route 32.
    /// @param documentHash keccak256 of the papers, salted; zero: none.
    event Collected(uint64 indexed lotId, uint32 indexed operatorId, uint256 ticket, bytes32 documentHash);
    /// @notice A ticket of a batch was left out. Anybody can bring one that nobody signed, so it does not say that there is one.
    /// @param binId Container.
    /// @param counter Counter on the ticket.
    /// @param fault What is wrong with it.
    event TicketRejected(uint32 indexed binId, uint32 indexed counter, TicketFault fault);
    /// @notice A lot changed hands.
    /// @param lotId The lot.
    /// @param receiver Operator that has it.
    /// @param delivery Who had it and three masses side by side, as each word of its own costs 256 gas: from the highest bit
    /// down nothing 32 bits, sender 32, mass that left 64, mass that came 64, mass that is kept 64. What left and what came
    /// differ by transit loss or gain. Nothing kept: the lot stays with the sender.
    event Received(uint64 indexed lotId, uint32 indexed receiver, uint256 delivery);
    /// @notice A receiver refused some of a lot, which is with the sender.
    /// @param lotId The lot, or a new one of what was refused.
    /// @param parent Lot that it is a part of; the same: all of it was refused.
    /// @param receiver Operator that refused it.
    /// @param grams Mass.
    /// @param reasonHash keccak256 of why, salted.
    event Refused(
        uint64 indexed lotId,
        uint64 indexed parent,
        uint32 indexed receiver,
        uint64 grams,
        bytes32 reasonHash
    );
    /// @notice What came differs by more than the receiver's tolerance. The lot is still the sender's.
    /// @param lotId The lot.
    /// @param receiver Operator that weighed it.
    /// @param sentGrams Mass that left.
    /// @param receivedGrams Mass that came.
    /// @param toleranceGrams Difference that would be none.
    event Disputed(
        uint64 indexed lotId,
        uint32 indexed receiver,
        uint64 sentGrams,
        uint64 receivedGrams,
        uint256 toleranceGrams
    );
    /// @notice A dispute is over: the auditor ruled what the lot weighs.
    /// @param lotId The lot.
    /// @param grams Mass that it has; the difference is transit loss or gain.
    /// @param reasonHash keccak256 of why, salted.
    event DisputeRuled(uint64 indexed lotId, uint64 grams, bytes32 reasonHash);
    /// @notice Lots were grouped, in whole or in part.
    /// @param lotId The new lot.
    /// @param operatorId Who holds it.
    /// @param sources Lots.
    /// @param takenGrams Mass taken of each.
    event Grouped(uint64 indexed lotId, uint32 indexed operatorId, uint64[] sources, uint64[] takenGrams);
    /// @notice Lots went through a process.
    /// @param operatorId The facility.
    /// @param inputs Lots that went in, whole.
    /// @param outputs What came out.
    /// @param outputLots A lot for each output.
    /// @param lossGrams Mass lost.
    /// @param evidenceHash keccak256 of the record of the process, salted.
    event Processed(
        uint32 indexed operatorId,
        uint64[] inputs,
        Output[] outputs,
        uint64[] outputLots,
        uint64 lossGrams,
        bytes32 evidenceHash
    );
    /// @notice A final operation ended a lot.
    /// @param lotId The lot.
    /// @param operatorId The facility.
    /// @param op The operation.
    /// @param fate What became of it.
    /// @param grams Mass.
    /// @param evidenceHash keccak256 of the record, salted; zero for an output of a process.
    event Finalised(
        uint64 indexed lotId,
        uint32 indexed operatorId,
        uint8 op,
        Fate fate,
        uint64 grams,
        bytes32 evidenceHash
    );
    /// @notice A lot left the country.
    /// @param lotId The lot.
    /// @param operatorId Who held it.
    /// @param grams Mass.
    /// @param documentHash keccak256 of the papers that the Basel Convention asks for, salted.
    event Exported(uint64 indexed lotId, uint32 indexed operatorId, uint64 grams, bytes32 documentHash);
    /// @notice A holder said that it is not known where all of a lot came from.
    /// @param lotId The lot.
    /// @param reasonHash keccak256 of why, salted.
    event TraceBroken(uint64 indexed lotId, bytes32 reasonHash);
    /// @notice One of the two parties proposed another mass.
    /// @param lotId The lot.
    /// @param proposer Operator that did.
    /// @param grams Mass that it should have.
    /// @param reasonHash keccak256 of why, salted.
    event RevisionProposed(uint64 indexed lotId, uint32 indexed proposer, uint64 grams, bytes32 reasonHash);
    /// @notice The other party agreed; the lot has another mass.
    /// @param lotId The lot.
    /// @param approver Operator that agreed; zero: the auditor.
    /// @param previousGrams Mass before.
    /// @param grams Mass now.
    event Revised(uint64 indexed lotId, uint32 indexed approver, uint64 previousGrams, uint64 grams);

    /// @notice A mass of zero.
    error WasteLotsZeroMass();
    /// @notice A ticket above the load of a road vehicle, or a mass above what is counted here.
    /// @param grams Mass given.
    /// @param limit Greatest mass.
    error WasteLotsTooHeavy(uint256 grams, uint256 limit);
    /// @notice The code is unknown, or may not be given on that day.
    /// @param code The code.
    /// @param day Days since 1 January 1970.
    error WasteLotsCodeNotValid(uint24 code, uint256 day);
    /// @notice The code is harmless only if an assessment found so, and there is no record of one.
    /// @param code The code.
    error WasteLotsNoAssessment(uint24 code);
    /// @notice There is no such way to find a mass.
    /// @param weighing Number given.
    /// @param limit Greatest number, see {Weighing}.
    error WasteLotsBadWeighing(uint256 weighing, uint256 limit);
    /// @notice The key signs for no collector.
    /// @param key The key.
    error WasteLotsNotCollector(address key);
    /// @notice The operator may not handle waste of that hazardous code.
    /// @param operatorId Operator.
    /// @param code The code.
    error WasteLotsPermitMissing(uint32 operatorId, uint24 code);
    /// @notice A signature is not of the key that the message names, or of no key of the operator.
    /// @param recovered Key that signed; zero: none.
    error WasteLotsBadSignature(address recovered);
    /// @notice There is no such lot.
    /// @param lotId Number given.
    error WasteLotsUnknownLot(uint64 lotId);
    /// @notice The lot is consumed, ended, or in a state in which this cannot be done.
    /// @param lotId The lot.
    /// @param state Its state.
    error WasteLotsLotClosed(uint64 lotId, LotState state);
    /// @notice The caller acts for no holder of the lot.
    /// @param lotId The lot.
    /// @param holder Operator that holds it.
    /// @param caller Who called.
    error WasteLotsNotHolder(uint64 lotId, uint32 holder, address caller);
    /// @notice The message was signed for another state of the lot.
    /// @param lotId The lot.
    /// @param version Version signed.
    /// @param current Version of the lot.
    error WasteLotsStale(uint64 lotId, uint32 version, uint32 current);
    /// @notice The handover's time is over.
    /// @param until Last second.
    /// @param timestamp Time of the call.
    error WasteLotsExpired(uint256 until, uint256 timestamp);
    /// @notice A lot is handed to its holder.
    /// @param lotId The lot.
    /// @param holder The holder.
    error WasteLotsBadHandover(uint64 lotId, uint32 holder);
    /// @notice More is accepted than came.
    /// @param acceptedGrams Mass accepted.
    /// @param receivedGrams Mass that came.
    error WasteLotsBadReceipt(uint64 acceptedGrams, uint64 receivedGrams);
    /// @notice Mass is refused without a reason, or a lot is exported without papers.
    /// @param lotId The lot.
    error WasteLotsNoReason(uint64 lotId);
    /// @notice The operator is no facility with a licence that runs, and no collector.
    /// @param operatorId Operator.
    error WasteLotsNotLicensed(uint32 operatorId);
    /// @notice The key signs for no facility with a licence that runs.
    /// @param key The key.
    error WasteLotsNotFacility(address key);
    /// @notice Lists are empty, too long, or of different lengths.
    /// @param count Entries given.
    /// @param limit Most, or the length of the other list.
    error WasteLotsBadList(uint256 count, uint256 limit);
    /// @notice More is taken of a lot than it has.
    /// @param lotId The lot.
    /// @param grams Mass asked for.
    /// @param held Mass of the lot.
    error WasteLotsTakenTooMuch(uint64 lotId, uint64 grams, uint64 held);
    /// @notice Lots of different codes cannot be grouped.
    /// @param code Code of the first.
    /// @param other Another code.
    error WasteLotsMixedCodes(uint24 code, uint24 other);
    /// @notice What went in is not what came out and was lost.
    /// @param inputGrams Mass of the inputs.
    /// @param outputGrams Mass of the outputs.
    /// @param lossGrams Mass lost.
    error WasteLotsMassImbalance(uint256 inputGrams, uint256 outputGrams, uint256 lossGrams);
    /// @notice More is lost than the facility's licence allows.
    /// @param lossGrams Mass lost.
    /// @param limit Most.
    error WasteLotsLossTooHigh(uint256 lossGrams, uint256 limit);
    /// @notice More is recycled than the facility's conversion factor allows.
    /// @param recycledGrams Mass recycled.
    /// @param limit Most.
    error WasteLotsRecycledTooMuch(uint256 recycledGrams, uint256 limit);
    /// @notice No such operation, or one that ends nothing.
    /// @param op The operation.
    error WasteLotsNotFinal(uint8 op);
    /// @notice Nothing would change.
    /// @param lotId The lot.
    error WasteLotsUnchanged(uint64 lotId);
    /// @notice Some of the lot is in another one, so its mass can no longer be revised.
    /// @param lotId The lot.
    error WasteLotsHasChild(uint64 lotId);
    /// @notice The revision would take more off the ticket's mass than it has.
    /// @param grams Mass given.
    /// @param least Least mass.
    error WasteLotsTooLight(uint256 grams, uint256 least);
    /// @notice No revision is proposed for the lot as it is, or the caller proposed it.
    /// @param lotId The lot.
    error WasteLotsNoRevision(uint64 lotId);
    /// @notice The caller acts for neither of the two parties.
    /// @param lotId The lot.
    /// @param caller Who called.
    error WasteLotsNotParty(uint64 lotId, address caller);

    // --- collection

    /// @notice Records that a container was emptied. Anybody may relay it.
    /// @dev Emits {Collected}. The container's fill becomes zero.
    /// @param signed Ticket and signatures; the collector's may be all zero if the ticket names the caller's key.
    /// @return lotId The new lot, held by the collector.
    function collect(SignedTicket calldata signed) external returns (uint64 lotId);

    /// @notice Records up to 100 tickets. Anybody may relay them. A bad one is left out and named in {TicketRejected}.
    /// @param signed Tickets and signatures.
    /// @return accepted Number of tickets recorded.
    function collectMany(SignedTicket[] calldata signed) external returns (uint256 accepted);

    // --- custody

    /// @notice Records that a lot changed hands. Anybody may relay it.
    /// @dev Where the mass that came is within the receiver's tolerance of what left, the lot is the receiver's with the mass
    /// accepted, and what was refused is a new lot of the sender's; else the lot is in dispute, and with its sender. A lot of
    /// which nothing is accepted stays with the sender. Emits {Received} and {Refused}, or {Disputed}.
    /// @param handover What the sender signed.
    /// @param receipt What the receiver signed; its first member counts as the handover's digest, whatever is given.
    /// @param sender Signature of a key of the lot's holder; all zero: the caller's key.
    /// @param receiver Signature of a key of the receiver.
    function receiveLot(
        Handover calldata handover,
        Receipt calldata receipt,
        CompactSignature calldata sender,
        CompactSignature calldata receiver
    ) external;

    /// @notice As {receiveLot}, by a key of the receiver, which need not sign, and keeps all that came.
    /// @param handover What the sender signed.
    /// @param receivedGrams Mass that came.
    /// @param sender Signature of a key of the lot's holder.
    function takeDelivery(Handover calldata handover, uint64 receivedGrams, CompactSignature calldata sender) external;

    /// @notice Ends a dispute about a lot's mass. Only WASTE_AUDITOR.
    /// @param lotId A lot in dispute; it stays with its holder and is open.
    /// @param grams Mass that it has, 1 to 2^40 - 1; the difference is transit loss or gain.
    /// @param reasonHash keccak256 of why, salted.
    function rule(uint64 lotId, uint64 grams, bytes32 reasonHash) external;

    /// @notice Says that it is not known where all of a lot came from. A key of its holder.
    /// @param lotId The lot.
    /// @param reasonHash keccak256 of why, salted.
    function declareBreak(uint64 lotId, bytes32 reasonHash) external;

    /// @notice Puts lots of one code together, in whole or in part, which of a single lot divides it. A key of their holder.
    /// @dev The new lot has every flag of its sources but HAS_CHILD and HANDED_ON. What is not taken of a lot stays in it.
    /// @param lotIds Lots, 1 to 50.
    /// @param grams Mass to take of each, above zero.
    /// @return lotId The new lot.
    function group(uint64[] calldata lotIds, uint64[] calldata grams) external returns (uint64 lotId);

    // --- processing

    /// @notice Turns lots into others. A key of the facility that holds them all.
    /// @dev What goes in equals what comes out and is lost, to the gram. Codes of outputs must be valid today, and hazardous
    /// waste, in or out, needs a permit for its code. What a licence allows to be lost is of one process: what it leaves can go
    /// into another. What it allows to come out recycled counts once for all mass: where a process recycles something, its
    /// open outputs are RESIDUE, which can be recycled again but gives no certificates. So what is to be recycled later, or
    /// elsewhere, is divided off before, by {group} or by a process that recycles nothing. Emits {Finalised} for each output
    /// with a final operation, and {Processed}.
    /// @param inputs Lots, 1 to 50, whole.
    /// @param outputs What comes out, 0 to 50.
    /// @param lossGrams Mass lost, at most what the licence allows.
    /// @param evidenceHash keccak256 of the record of the process, salted; zero: none. An output whose code is harmless only if
    /// an assessment found so needs a record, of which the assessment is part.
    /// @return outputLots A lot for each output.
    function process(
        uint64[] calldata inputs,
        Output[] calldata outputs,
        uint64 lossGrams,
        bytes32 evidenceHash
    ) external returns (uint64[] memory outputLots);

    /// @notice Ends a lot by a final operation. A key of the facility that holds it.
    /// @dev Counts as a process of one lot, so a facility whose conversion factor is below 100 % recycles by {process} alone.
    /// Hazardous waste needs a permit for its code.
    /// @param lotId The lot.
    /// @param op The operation, see {WasteOperations}.
    /// @param evidenceHash keccak256 of the record, salted.
    function finalise(uint64 lotId, uint8 op, bytes32 evidenceHash) external;

    /// @notice Ends a lot because it leaves the country. A key of its holder, which still is a collector, or a facility with a
    /// licence that runs.
    /// @param lotId The lot.
    /// @param documentHash keccak256 of the papers that the Basel Convention asks for, salted; not zero.
    function exportLot(uint64 lotId, bytes32 documentHash) external;

    // --- correction

    /// @notice Proposes another mass for a lot. A key of its holder or of who held it before.
    /// @dev Only while it is open and none of it is in another lot. A new proposal takes the place of the one before, and
    /// whatever is done to the lot ends it.
    /// @param lotId The lot.
    /// @param grams Mass that it should have, 1 to 2^40 - 1. The mass on a ticket changes by the same difference, and stays
    /// from 1 gram to 40 t. Of a lot that comes from no ticket, or was handed on a second time, the difference is transit gain
    /// or loss, and the ticket stays as it is.
    /// @param reasonHash keccak256 of why, salted.
    function proposeRevision(uint64 lotId, uint64 grams, bytes32 reasonHash) external;

    /// @notice Agrees to a proposal: a key of the other of the two parties. Where there is none, WASTE_AUDITOR does it by
    /// {auditRevision}.
    /// @param lotId The lot.
    /// @param grams Mass that was proposed.
    function approveRevision(uint64 lotId, uint64 grams) external;

    /// @notice Agrees to a proposal about a lot that only one operator ever held. Only WASTE_AUDITOR.
    /// @param lotId The lot.
    /// @param grams Mass that was proposed.
    function auditRevision(uint64 lotId, uint64 grams) external;

    // --- views

    /// @notice A lot.
    /// @param lotId Number.
    /// @return lot What is known of it; all zero if there is none.
    function lotOf(uint64 lotId) external view returns (Lot memory lot);

    /// @notice A revision that waits.
    /// @param lotId The lot.
    /// @return revision The proposal; all zero if there is none for the lot as it is.
    function revisionOf(uint64 lotId) external view returns (Revision memory revision);

    /// @notice Mass by what became of it.
    /// @return sums Grams.
    function totals() external view returns (MassTotals memory sums);

    /// @notice Mass that a facility recycled and can have certified.
    /// @param facility Operator.
    /// @param code Code of the waste.
    /// @param op The operation.
    /// @param month Months since January 1970.
    /// @return grams Mass, without lots whose trace is broken and what earlier processes left.
    function recycledOf(uint32 facility, uint24 code, uint8 op, uint16 month) external view returns (uint64 grams);

    /// @notice Containers.
    /// @return registry The registry.
    function containers() external view returns (IContainers registry);

    /// @notice Who handles waste.
    /// @return registry The registry.
    function operators() external view returns (IWasteOperators registry);

    /// @notice The list that codes are of.
    /// @return list The list.
    function codes() external view returns (IMaterialCodes list);
}
