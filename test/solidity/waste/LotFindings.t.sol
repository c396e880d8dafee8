// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../contracts/authority/CompactSignatures.sol";
import {Signature} from "../../../contracts/authority/ISigned.sol";
import {
    Handover,
    IWasteLots,
    LotFlags,
    LotState,
    Output,
    SignedTicket,
    Ticket,
    TicketFault
} from "../../../contracts/waste/lots/IWasteLots.sol";
import {WasteCredentials} from "../../../contracts/waste/WasteCredentials.sol";
import {LotFixture} from "./lots/LotFixture.sol";

/// @notice What an adversarial review of lots found and had mended.
contract LotFindingsTest is LotFixture {
    uint32 private constant BIN = 7;
    uint32 private constant GRAMS = 100_000;
    uint8 private constant D1 = 101;
    /// @dev Where the way of weighing lies in the call data of {collectMany}: after the selector, two words of the list and five
    /// members.
    uint256 private constant WEIGHING_OFFSET = 4 + 7 * 32;
    uint256 private constant WEIGHINGS = 3;

    // A device and a collector sign a way of weighing that there is not
    // ├── alone: WasteLotsBadWeighing
    // └── in a batch: skipped and named, the others are recorded

    function testFuzz_Finding_UnknownWeighingHoldsUpNobody(uint256 weighing) external {
        weighing = bound(weighing, WEIGHINGS, type(uint256).max);
        SignedTicket[] memory batch = new SignedTicket[](2);
        batch[0] = _unweighed(weighing);
        batch[1] = signTicket(ticketOf(BIN + 1, PACKAGING, GRAMS, collectorCrew));
        bytes memory call = _withWeighing(abi.encodeCall(IWasteLots.collectMany, (batch)), weighing);
        vm.expectEmit(address(lots));
        emit IWasteLots.TicketRejected(BIN, 1, TicketFault.BadWeighing);
        (bool ok, bytes memory data) = address(lots).call(call);
        assertTrue(ok, "the batch goes on");
        assertEq(abi.decode(data, (uint256)), 1, "accepted");
        assertEq(lots.lotOf(ticketLot(BIN + 1, 1)).grams, GRAMS, "the good one");
        assertState(ticketLot(BIN, 1), LotState.None);
    }

    function test_RevertWhen_WeighingIsUnknown() external {
        bytes memory call = abi.encodeCall(IWasteLots.collect, (_unweighed(WEIGHINGS)));
        // No list, so two words less.
        bytes memory changed = _withWord(call, WEIGHING_OFFSET - 2 * 32, WEIGHINGS);
        (bool ok, bytes memory data) = address(lots).call(changed);
        assertFalse(ok, "alone");
        assertEq(
            keccak256(data),
            keccak256(abi.encodeWithSelector(IWasteLots.WasteLotsBadWeighing.selector, WEIGHINGS, WEIGHINGS - 1)),
            "error"
        );
    }

    // Waste under a code that is harmless only if an assessment found so
    // ├── ticket without papers: WasteLotsNoAssessment, in a batch NoAssessment
    // ├── output of a process without a record: WasteLotsNoAssessment
    // └── with them, or under any other code without them: recorded

    function test_Finding_MirrorCodeTakesPapers() external {
        Ticket memory ticket = ticketOf(BIN, RESIDUE, GRAMS, collectorCrew);
        ticket.documentHash = 0;
        SignedTicket[] memory batch = new SignedTicket[](2);
        batch[0] = signTicket(ticket);
        batch[1] = signTicket(ticketOf(BIN + 1, RESIDUE, GRAMS, collectorCrew));
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNoAssessment.selector, RESIDUE));
        lots.collect(batch[0]);
        vm.expectEmit(address(lots));
        emit IWasteLots.TicketRejected(BIN, 1, TicketFault.NoAssessment);
        assertEq(lots.collectMany(batch), 1, "with papers");
        assertEq(lots.lotOf(ticketLot(BIN + 1, 1)).code, RESIDUE, "code");

        permitFor(COLLECTOR, HAZARDOUS_RESIDUE);
        uint24[2] memory others = [PACKAGING, HAZARDOUS_RESIDUE];
        for (uint256 i = 0; i < others.length; ++i) {
            ticket = ticketOf(BIN, others[i], GRAMS, collectorCrew);
            ticket.documentHash = 0;
            assertEq(lots.lotOf(lots.collect(signTicket(ticket))).code, others[i], "without papers");
        }
    }

    function test_Finding_MirrorOutputTakesARecord() external {
        uint64 lotId = bring(BIN, GRAMS);
        Output[] memory outputs = new Output[](2);
        (outputs[0], outputs[1]) = (Output(PLASTIC, GRAMS / 2, 0), Output(RESIDUE, GRAMS / 2, D1));
        vm.startPrank(facilityCrew);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNoAssessment.selector, RESIDUE));
        lots.process(listOf(lotId), outputs, 0, 0);
        outputs[1].code = PAPER;
        uint256 before = vm.snapshotState();
        assertEq(lots.process(listOf(lotId), outputs, 0, 0).length, 2, "another code");
        vm.revertToState(before);
        outputs[1].code = RESIDUE;
        assertEq(lots.process(listOf(lotId), outputs, 0, EVIDENCE).length, 2, "with a record");
        vm.stopPrank();
        assertEq(lots.totals().disposed, GRAMS / 2, "disposed");
    }

    // A plant holds hazardous waste and its permit ends
    // ├── it processes or ends the lot: WasteLotsPermitMissing
    // ├── another identity takes the operator over, without its permits: the same
    // └── it hands the lot on, or exports it: recorded, so that the lot can end

    function test_Finding_PermitThatEndedIsNoneToTreat() external {
        uint64 lotId = _tubesAtThePlant();
        uint64 harmless = bring(BIN, GRAMS);
        vm.prank(licensing);
        operators.permit(FACILITY, TUBES, uint40(block.timestamp) - 1);
        Output[] memory outputs = outputOf(PLASTIC, 2 * GRAMS, 0);
        vm.startPrank(facilityCrew);
        expectPermitMissing(FACILITY, TUBES);
        lots.process(listOf(harmless, lotId), outputs, 0, EVIDENCE);
        expectPermitMissing(FACILITY, TUBES);
        lots.finalise(lotId, D1, EVIDENCE);
        vm.stopPrank();

        uint256 before = vm.snapshotState();
        permitFor(INCINERATOR, TUBES);
        deliver(lotId, INCINERATOR, GRAMS, GRAMS);
        vm.prank(incineratorCrew);
        lots.finalise(lotId, D1, EVIDENCE);
        assertState(lotId, LotState.Final);
        vm.revertToState(before);
        exportBy(facilityCrew, lotId);
        assertState(lotId, LotState.Exported);
        vm.revertToState(before);

        vm.prank(licensing);
        operators.permit(FACILITY, TUBES, uint40(block.timestamp));
        vm.prank(facilityCrew);
        lots.process(listOf(harmless, lotId), outputs, 0, EVIDENCE);
        assertState(lotId, LotState.Consumed);
    }

    function test_Finding_SuccessorOfAPlantHasNoneOfItsPermits() external {
        uint64 lotId = _tubesAtThePlant();
        (address successor, ) = actor("successor");
        credentials.set(WasteCredentials.WASTE_FACILITY, successor, true);
        Signature memory unsigned;
        vm.prank(successor);
        identities.changeOwner(successor, facility);
        vm.prank(facility);
        operators.handOver(FACILITY, successor, 0, 0, unsigned);
        licenseFor(FACILITY, plainTerms());
        assertEq(lots.lotOf(lotId).holder, FACILITY, "the lot goes along");
        expectPermitMissing(FACILITY, TUBES);
        vm.prank(facilityCrew);
        lots.finalise(lotId, D1, EVIDENCE);
        permitFor(FACILITY, TUBES);
        vm.prank(facilityCrew);
        lots.finalise(lotId, D1, EVIDENCE);
        assertState(lotId, LotState.Final);
    }

    // A lot changes hands a second time, and its latest two holders want another mass
    // ├── neither collected it: the lot changes, the ticket and what was collected stay
    // └── one of them did, because it came back: the same

    function test_Finding_TicketIsNotCorrectedByWhoNeverSawIt() external {
        uint64 lotId = bring(BIN, GRAMS);
        deliver(lotId, INCINERATOR, GRAMS, GRAMS);
        _revise(lotId, facilityCrew, incineratorCrew, MAX_TICKET_GRAMS);
        _assertTicketStays(lotId, MAX_TICKET_GRAMS, LotFlags.HANDED_ON);
        // Nor by going round, or back.
        deliver(lotId, COLLECTOR, MAX_TICKET_GRAMS, MAX_TICKET_GRAMS);
        _revise(lotId, collectorCrew, incineratorCrew, MAX_TICKET_GRAMS + 1);
        _assertTicketStays(lotId, MAX_TICKET_GRAMS + 1, LotFlags.HANDED_ON);
        deliver(lotId, FACILITY, MAX_TICKET_GRAMS + 1, MAX_TICKET_GRAMS + 1);
        _revise(lotId, facilityCrew, collectorCrew, MAX_TICKET_GRAMS + 2);
        _assertTicketStays(lotId, MAX_TICKET_GRAMS + 2, LotFlags.HANDED_ON);
    }

    function test_Finding_ProposalDoesNotOutliveTheSecondHandover() external {
        uint64 lotId = bring(BIN, GRAMS);
        vm.prank(facilityCrew);
        lots.proposeRevision(lotId, MAX_TICKET_GRAMS, REASON);
        deliver(lotId, INCINERATOR, GRAMS, GRAMS);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNoRevision.selector, lotId));
        vm.prank(incineratorCrew);
        lots.approveRevision(lotId, MAX_TICKET_GRAMS);
        _assertTicketStays(lotId, GRAMS, LotFlags.HANDED_ON);
    }

    // --- internals

    function _revise(uint64 lotId, address proposer, address approver, uint64 grams) private {
        vm.prank(proposer);
        lots.proposeRevision(lotId, grams, REASON);
        vm.prank(approver);
        lots.approveRevision(lotId, grams);
    }

    function _assertTicketStays(uint64 lotId, uint64 grams, uint8 flags) private view {
        assertEq(lots.lotOf(lotId).collectedGrams, GRAMS, "on the ticket");
        assertEq(lots.totals().collected, GRAMS, "collected");
        assertEq(lots.totals().transitGain, grams - GRAMS, "transit gain");
        assertEq(lots.lotOf(lotId).grams, grams, "grams");
        assertEq(lots.lotOf(lotId).flags, flags, "flags");
    }

    function _tubesAtThePlant() private returns (uint64 lotId) {
        permitFor(COLLECTOR, TUBES);
        permitFor(FACILITY, TUBES);
        lotId = collect(BINS, TUBES, GRAMS, collectorCrew);
        deliver(lotId, FACILITY, GRAMS, GRAMS);
    }

    /// @dev A ticket signed with that number, and the first way of weighing in its place.
    function _unweighed(uint256 weighing) private view returns (SignedTicket memory signed) {
        Ticket memory ticket = ticketOf(BIN, PACKAGING, GRAMS, collectorCrew);
        bytes memory words = _withWord(abi.encode(TICKET_TYPE, ticket), 6 * 32, weighing);
        bytes32 digest = lotsDigest(keccak256(words));
        return SignedTicket(ticket, signCompact(deviceKeyOf(BIN), digest), signCompact(collectorCrewKey, digest));
    }

    function _withWeighing(bytes memory call, uint256 weighing) private pure returns (bytes memory changed) {
        return _withWord(call, WEIGHING_OFFSET, weighing);
    }

    function _withWord(bytes memory data, uint256 offset, uint256 word) private pure returns (bytes memory changed) {
        assertTrue(offset + 32 <= data.length, "within");
        assembly ("memory-safe") {
            mstore(add(add(data, 0x20), offset), word)
        }
        return data;
    }
}

/// @notice What the contracts do not prevent, as it is. Whoever changes one of these changes its test.
contract LotLimitsTest is LotFixture {
    uint32 private constant BIN = 7;
    uint32 private constant GRAMS = 100_000;
    uint8 private constant R3 = 3;
    /// @dev January 2026, in which the fixture begins.
    uint16 private constant MONTH = 672;

    /// @dev What may be lost is bounded for one process, not for a plant: what is left goes in again and again.
    function test_Limit_LossIsOfEachProcess() external {
        uint64 lotId = bring(BIN, 100);
        vm.startPrank(facilityCrew);
        lotId = lots.process(listOf(lotId), outputOf(PLASTIC, 95, 0), 5, EVIDENCE)[0];
        lots.process(listOf(lotId), outputOf(PLASTIC, 91, 0), 4, EVIDENCE);
        vm.stopPrank();
        assertEq(lots.totals().processLoss, 9, "more than one twentieth");
    }

    /// @dev Collector and first receiver correct a ticket together, and are not held against what fits into the container.
    function test_Limit_TicketIsCorrectedBeyondTheContainer() external {
        uint64 lotId = bring(BIN, GRAMS);
        vm.prank(facilityCrew);
        lots.proposeRevision(lotId, MAX_TICKET_GRAMS, REASON);
        vm.prank(collectorCrew);
        lots.approveRevision(lotId, MAX_TICKET_GRAMS);
        assertEq(lots.lotOf(lotId).collectedGrams, MAX_TICKET_GRAMS, "on the ticket");
        assertTrue(MAX_TICKET_GRAMS > CAPACITY_L * MAX_GRAMS_PER_L, "beyond the container");
    }

    /// @dev What a process leaves gives no certificates once it recycled something, whatever the plant's factor allows.
    function test_Limit_PlantThatRecyclesInStagesLosesTheRest() external {
        uint64 lotId = bring(BIN, GRAMS);
        Output[] memory outputs = new Output[](2);
        (outputs[0], outputs[1]) = (Output(PLASTIC, GRAMS / 2, R3), Output(PLASTIC, GRAMS / 2, 0));
        vm.startPrank(facilityCrew);
        lotId = lots.process(listOf(lotId), outputs, 0, EVIDENCE)[1];
        (outputs[0].grams, outputs[1].grams) = (GRAMS / 4, GRAMS / 4);
        lots.process(listOf(lotId), outputs, 0, EVIDENCE);
        vm.stopPrank();
        assertEq(lots.totals().recycled, (GRAMS / 4) * 3, "recycled");
        assertEq(lots.recycledOf(FACILITY, PLASTIC, R3, MONTH), GRAMS / 2, "to be certified");
    }

    /// @dev Two operators in league make any mass of a lot that comes from no ticket. It shows as transit gain.
    function test_Limit_TwoMakeAnyMass() external {
        uint64 child = split(collectorCrew, collect(BIN, GRAMS), 1);
        deliver(child, FACILITY, 1, 1);
        vm.prank(collectorCrew);
        lots.proposeRevision(child, MAX_LOT_GRAMS, REASON);
        vm.prank(facilityCrew);
        lots.approveRevision(child, MAX_LOT_GRAMS);
        assertEq(lots.totals().transitGain, MAX_LOT_GRAMS - 1, "transit gain");
    }

    /// @dev What belongs into a container is not held against the code of a ticket, so a collector without a permit can call
    /// hazardous waste something else, if the device agrees.
    function test_Limit_CodeOfATicketIsNotThatOfTheContainer() external {
        assertEq(containers.recordOf(BINS).code, TUBES, "what belongs into it");
        uint64 lotId = collect(BINS, PACKAGING, GRAMS, collectorCrew);
        assertEq(lots.lotOf(lotId).flags, 0, "not hazardous");
    }

    /// @dev A receiver that names any mass puts a lot into dispute, until the auditor rules.
    function test_Limit_ReceiverAloneDisputes() external {
        uint64 lotId = collect(BIN, GRAMS);
        Handover memory handover = handoverOf(lotId, FACILITY);
        CompactSignature memory sender = signHandover(handover, collectorCrewKey);
        vm.prank(facilityCrew);
        lots.takeDelivery(handover, 0, sender);
        assertState(lotId, LotState.Disputed);
        // A sender that thinks better of it before makes another lot of it.
        lotId = collect(BIN, GRAMS);
        handover = handoverOf(lotId, FACILITY);
        sender = signHandover(handover, collectorCrewKey);
        split(collectorCrew, lotId, GRAMS);
        expectClosed(lotId, LotState.Consumed);
        vm.prank(facilityCrew);
        lots.takeDelivery(handover, 0, sender);
    }

    /// @dev Anybody can have a ticket rejected that nobody signed, under any number: the event says nothing about a ticket.
    function test_Limit_RejectionIsOfAnyTicket() external {
        SignedTicket[] memory batch = new SignedTicket[](1);
        (batch[0].ticket.binId, batch[0].ticket.counter) = (BIN, 1);
        vm.expectEmit(address(lots));
        emit IWasteLots.TicketRejected(BIN, 1, TicketFault.ZeroMass);
        vm.prank(stranger);
        assertEq(lots.collectMany(batch), 0, "accepted");
    }
}
