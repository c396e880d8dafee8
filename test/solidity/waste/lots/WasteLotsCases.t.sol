// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EntryType, Material} from "../../../../contracts/waste/codes/IMaterialCodes.sol";
import {Fill, IContainers} from "../../../../contracts/waste/containers/IContainers.sol";
import {
    Handover,
    IWasteLots,
    Lot,
    LotFlags,
    LotState,
    MassTotals,
    Output,
    SignedTicket
} from "../../../../contracts/waste/lots/IWasteLots.sol";
import {FacilityTerms} from "../../../../contracts/waste/operators/IWasteOperators.sol";
import {LotFixture} from "./LotFixture.sol";

/// @notice The agreed cases W04 to W08 and W21, with their own numbers. C1 is the collector.
contract WasteLotsCasesTest is LotFixture {
    uint32 private constant BIN = 7;
    uint32 private constant TICKET_GRAMS = 23_500;
    uint32 private constant SENT = 500_000;

    /// @dev W04: a ticket makes a lot of its collector, empties the container, and counts once, whoever brings it.
    function test_W04_CollectionTicket() external {
        _fill(BIN, 7_600);
        SignedTicket memory signed = signTicket(ticketOf(BIN, PACKAGING, TICKET_GRAMS, collectorCrew));
        vm.prank(stranger);
        uint64 lotId = lots.collect(signed);
        Lot memory lot = lots.lotOf(lotId);
        assertEq(lot.holder, COLLECTOR, "holder");
        assertEq(lot.grams, 23_500, "grams");
        assertEq(lot.code, 150_106, "code");
        assertState(lotId, LotState.Open);
        assertEq(containers.stateOf(BIN).fillBp, 0, "fill");
        assertEq(containers.recordOf(BIN).collections, 1, "collections");
        assertEq(lots.totals().collected, 23_500, "collected");

        uint32 counter = signed.ticket.counter;
        vm.expectRevert(
            abi.encodeWithSelector(IContainers.ContainersCounterNotIncreasing.selector, BIN, counter, counter)
        );
        lots.collect(signed);

        signed = signTicket(ticketOf(BIN, PACKAGING, 0, collectorCrew));
        expectZeroMass();
        lots.collect(signed);
    }

    /// @dev W05: fluorescent tubes are for who has a permit.
    function test_W05_HazardousMaterialNeedsAPermit() external {
        SignedTicket memory signed = signTicket(ticketOf(BINS, 200_121, TICKET_GRAMS, collectorCrew));
        expectPermitMissing(COLLECTOR, 200_121);
        lots.collect(signed);
        permitFor(COLLECTOR, 200_121);
        assertEq(lots.lotOf(lots.collect(signed)).flags, LotFlags.HAZARDOUS, "with one");
    }

    /// @dev W06: the bound is part of what is tolerated, and what came is what counts.
    function test_W06_WeighbridgeDifference() external {
        uint64[5] memory came = [uint64(492_000), 490_000, 489_999, 501_000, 510_001];
        bool[5] memory disputed = [false, false, true, false, true];
        uint64[5] memory losses = [uint64(8_000), 10_000, 0, 0, 0];
        uint64[5] memory gains = [uint64(0), 0, 0, 1_000, 0];
        MassTotals memory totals;
        for (uint256 i = 0; i < came.length; ++i) {
            uint64 lotId = collect(BIN, SENT);
            Handover memory handover = handoverOf(lotId, FACILITY);
            if (disputed[i]) {
                vm.expectEmit(address(lots));
                emit IWasteLots.Disputed(lotId, FACILITY, SENT, came[i], 10_000);
            }
            relay(handover, receiptOf(handover, came[i], came[i]), collectorCrewKey, facilityCrewKey);
            assertState(lotId, disputed[i] ? LotState.Disputed : LotState.Open);
            assertEq(lots.lotOf(lotId).holder, disputed[i] ? COLLECTOR : FACILITY, "holder");
            assertEq(lots.lotOf(lotId).grams, disputed[i] ? SENT : came[i], "grams");
            totals.collected += SENT;
            totals.transitLoss += losses[i];
            totals.transitGain += gains[i];
            assertTotals(totals);
        }
    }

    /// @dev W07: what is refused goes back, in a lot of its own, or whole.
    function test_W07_PartialRefusal() external {
        uint64 lotId = collect(BIN, SENT);
        Handover memory handover = handoverOf(lotId, FACILITY);
        vm.expectEmit(address(lots));
        emit IWasteLots.Refused(SERIAL_FLAG | 1, lotId, FACILITY, 42_000, REASON);
        relay(handover, receiptOf(handover, 492_000, 450_000), collectorCrewKey, facilityCrewKey);
        Lot memory accepted = lots.lotOf(lotId);
        Lot memory refused = lots.lotOf(SERIAL_FLAG | 1);
        assertEq(accepted.holder, FACILITY, "holder of what was accepted");
        assertEq(accepted.grams, 450_000, "accepted");
        assertEq(refused.holder, COLLECTOR, "holder of what was refused");
        assertEq(refused.grams, 42_000, "refused");
        assertEq(accepted.grams + refused.grams, 492_000, "sum");

        lotId = collect(BIN, SENT);
        deliver(lotId, FACILITY, 492_000, 0);
        assertState(lotId, LotState.Refused);
        assertEq(lots.lotOf(lotId).holder, COLLECTOR, "no lot of the facility");
        assertEq(lots.lotOf(lotId).grams, 492_000, "all of it");
        assertEq(lots.lotOf(SERIAL_FLAG | 2).holder, 0, "no other lot");
    }

    /// @dev W08: what goes in comes out or is lost, to the gram.
    function test_W08_ProcessingMassBalance() external {
        FacilityTerms memory terms = plainTerms();
        terms.maxLossBp = 300;
        licenseFor(FACILITY, terms);
        uint64 first = bring(BIN, 300_000);
        uint64 second = bring(BIN, 150_000);
        Output[] memory outputs = new Output[](3);
        outputs[0] = Output(191_204, 300_000, 3);
        outputs[1] = Output(191_202, 60_000, 4);
        outputs[2] = Output(191_212, 81_000, 101);
        _addMetals();
        vm.startPrank(facilityCrew);

        ++outputs[1].grams;
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsMassImbalance.selector, 450_000, 441_001, 9_000));
        lots.process(listOf(first, second), outputs, 9_000, EVIDENCE);

        (outputs[1].grams, outputs[2].grams) = (60_000, 76_499);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsLossTooHigh.selector, 13_501, 13_500));
        lots.process(listOf(first, second), outputs, 13_501, EVIDENCE);

        outputs[2].grams = 81_000;
        expectClosed(first, LotState.Consumed);
        lots.process(listOf(first, first), outputs, 9_000, EVIDENCE);

        lots.process(listOf(first, second), outputs, 9_000, EVIDENCE);
        vm.stopPrank();
        MassTotals memory totals;
        (totals.collected, totals.processLoss) = (450_000, 9_000);
        (totals.recycled, totals.disposed) = (360_000, 81_000);
        assertTotals(totals);
        assertEq(totals.recycled + totals.disposed, 441_000, "out");
        assertEq((uint256(totals.processLoss) * 10_000) / 450_000, 200, "loss in basis points");
    }

    /// @dev W21: one proposes, the other agrees, and the ticket follows.
    function test_W21_TwoPartyRevision() external {
        uint64 lotId = bring(BIN, TICKET_GRAMS);
        vm.prank(collectorCrew);
        lots.proposeRevision(lotId, 32_500, REASON);
        assertEq(lots.lotOf(lotId).grams, 23_500, "still");

        vm.expectEmit(address(lots));
        emit IWasteLots.Revised(lotId, FACILITY, 23_500, 32_500);
        vm.prank(facilityCrew);
        lots.approveRevision(lotId, 32_500);
        assertEq(lots.lotOf(lotId).grams, 32_500, "grams");
        assertEq(lots.totals().collected, 23_500 + 9_000, "collected");

        vm.prank(facilityCrew);
        lots.process(listOf(lotId), outputOf(RESIDUE, 32_500, 101), 0, EVIDENCE);
        expectClosed(lotId, LotState.Consumed);
        vm.prank(collectorCrew);
        lots.proposeRevision(lotId, TICKET_GRAMS, REASON);
    }

    function _fill(uint32 binId, uint16 fillBp) private {
        Fill memory fill = fillOf(binId, 1, fillBp);
        containers.report(fill, signFill(fill));
        assertEq(containers.stateOf(binId).fillBp, fillBp, "filled");
    }

    /// @dev Ferrous metal is on the list too.
    function _addMetals() private {
        Material[] memory entries = new Material[](1);
        entries[0] = Material(191_202, EntryType.Absolute, 0, 0);
        vm.prank(codeOffice);
        codes.set(entries);
    }
}
