// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../contracts/authority/CompactSignatures.sol";
import {EntryType, Material} from "../../../contracts/waste/codes/IMaterialCodes.sol";
import {Handover, LotFlags, Output, Receipt, SignedTicket, Ticket} from "../../../contracts/waste/lots/IWasteLots.sol";
import {LotFixture} from "./lots/LotFixture.sol";

/// @notice 16 06 04, alkaline batteries, becomes hazardous on 9 December 2026 (Delegated Decision (EU) 2025/934).
contract WasteReclassifiedTest is LotFixture {
    uint24 private constant ALKALINE = 160_604;
    uint24 private constant HAZARDOUS_FROM = 20_796;
    uint32 private constant GRAMS = 80_000;
    uint32 private constant BIN = 3;

    function setUp() public override {
        super.setUp();
        Material[] memory entries = new Material[](1);
        entries[0] = Material(ALKALINE, EntryType.Absolute, 0, 0);
        vm.startPrank(codeOffice);
        codes.set(entries);
        codes.reclassify(ALKALINE, EntryType.AbsoluteHazardous, HAZARDOUS_FROM);
        vm.stopPrank();
        vm.warp(uint256(HAZARDOUS_FROM) * 1 days - 1);
    }

    // Waste whose code becomes hazardous
    // ├─ collected before that day ....................... no permit, no mark
    // │  ├─ and reported on it ........................... the same: the day on the ticket counts
    // │  │  └─ a container's first ticket ................ of any day, the first of 1970 too
    // │  └─ and handed over on it ........................ the lot stays what it was recorded as
    // ├─ collected on that day ........................... WasteLotsPermitMissing, or marked as hazardous
    // │  └─ and handed over .............................. WasteLotsPermitMissing, unless the receiver has a permit too
    // └─ made by a process on that day ................... WasteLotsPermitMissing, unless the facility has a permit

    function test_TicketBeforeTheDayNeedsNoPermit() external {
        SignedTicket memory late = signTicket(ticketOf(BIN + 1, ALKALINE, GRAMS, collectorCrew));
        uint64 lotId = collect(BIN, ALKALINE, GRAMS, collectorCrew);
        assertEq(lots.lotOf(lotId).flags, 0, "before the day");
        vm.warp(block.timestamp + 1);
        assertEq(lots.lotOf(lots.collect(late)).flags, 0, "reported on the day");
        deliver(lotId, FACILITY, GRAMS, GRAMS);
        assertEq(lots.lotOf(lotId).holder, FACILITY, "handed over on the day");
        assertEq(lots.lotOf(lotId).flags, 0, "as it was recorded");
    }

    /// @dev Device and collector are believed about the day; only the container's last ticket bounds it.
    function test_FirstTicketIsOfAnyDay() external {
        vm.warp(block.timestamp + 1);
        Ticket memory ticket = ticketOf(BIN, ALKALINE, GRAMS, collectorCrew);
        ticket.takenAt = 0;
        uint64 lotId = lots.collect(signTicket(ticket));
        assertEq(lots.lotOf(lotId).flags, 0, "of 1970");
    }

    function test_TicketFromTheDayOnNeedsAPermit() external {
        vm.warp(block.timestamp + 1);
        SignedTicket memory signed = signTicket(ticketOf(BIN, ALKALINE, GRAMS, collectorCrew));
        expectPermitMissing(COLLECTOR, ALKALINE);
        lots.collect(signed);
        permitFor(COLLECTOR, ALKALINE);
        uint64 lotId = lots.collect(signed);
        assertEq(lots.lotOf(lotId).flags, LotFlags.HAZARDOUS, "with one");

        permitFor(FACILITY, ALKALINE);
        deliver(lotId, FACILITY, GRAMS, GRAMS);
        assertEq(lots.lotOf(lotId).holder, FACILITY, "handed over to who has one too");
    }

    function test_RevertWhen_ReceiverHasNoPermit() external {
        vm.warp(block.timestamp + 1);
        permitFor(COLLECTOR, ALKALINE);
        uint64 lotId = collect(BIN, ALKALINE, GRAMS, collectorCrew);
        Handover memory handover = handoverOf(lotId, FACILITY);
        Receipt memory receipt = receiptOf(handover, GRAMS, GRAMS);
        CompactSignature memory sender = signHandover(handover, collectorCrewKey);
        CompactSignature memory receiver = signReceipt(receipt, facilityCrewKey);
        expectPermitMissing(FACILITY, ALKALINE);
        lots.receiveLot(handover, receipt, sender, receiver);
    }

    function test_ProcessFromTheDayOnNeedsAPermit() external {
        uint64 first = bring(BIN, GRAMS);
        uint64 second = bring(BIN + 1, GRAMS);
        Output[] memory outputs = outputOf(ALKALINE, GRAMS, 0);
        vm.prank(facilityCrew);
        uint64 sorted = lots.process(listOf(first), outputs, 0, EVIDENCE)[0];
        assertEq(lots.lotOf(sorted).flags, 0, "before the day");

        vm.warp(block.timestamp + 1);
        expectPermitMissing(FACILITY, ALKALINE);
        vm.prank(facilityCrew);
        lots.process(listOf(second), outputs, 0, EVIDENCE);
        permitFor(FACILITY, ALKALINE);
        vm.prank(facilityCrew);
        sorted = lots.process(listOf(second), outputs, 0, EVIDENCE)[0];
        assertEq(lots.lotOf(sorted).flags, LotFlags.HAZARDOUS, "from the day on");
    }
}
