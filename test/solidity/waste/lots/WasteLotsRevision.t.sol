// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    IWasteLots,
    Lot,
    LotFlags,
    LotState,
    MassTotals,
    Revision
} from "../../../../contracts/waste/lots/IWasteLots.sol";
import {LotFixture} from "./LotFixture.sol";

/// @notice Corrections of a lot's mass.
contract WasteLotsRevisionTest is LotFixture {
    uint32 private constant BIN = 7;
    uint32 private constant GRAMS = 23_500;
    uint64 private constant OTHER = 32_500;

    /// @dev Of a ticket, with the facility, and the collector before it.
    uint64 private lotId;

    function setUp() public override {
        super.setUp();
        lotId = bring(BIN, GRAMS);
    }

    // proposeRevision
    // ├─ no such lot, or a closed one .................... WasteLotsUnknownLot, WasteLotsLotClosed
    // ├─ neither holder nor the one before ............... WasteLotsNotParty
    // ├─ some of it is in another lot .................... WasteLotsHasChild
    // ├─ the same mass ................................... WasteLotsUnchanged
    // ├─ no mass, or too heavy ........................... WasteLotsZeroMass, WasteLotsTooHeavy
    // ├─ the ticket would be above 40 t .................. WasteLotsTooHeavy
    // ├─ the ticket would have no mass ................... WasteLotsTooLight
    // └─ else ............................................ waits, RevisionProposed
    //    └─ another proposal waits ....................... takes its place

    function test_RevertWhen_ProposalIsOfNoOpenLot() external {
        uint64 disputed = dispute(BIN, GRAMS);
        vm.startPrank(collectorCrew);
        expectUnknown(1);
        lots.proposeRevision(1, OTHER, REASON);
        expectClosed(disputed, LotState.Disputed);
        lots.proposeRevision(disputed, OTHER, REASON);
        vm.stopPrank();
    }

    function test_RevertWhen_ProposerIsNoParty() external {
        deliver(lotId, INCINERATOR, GRAMS, GRAMS);
        address[3] memory callers = [collectorCrew, rivalCrew, stranger];
        for (uint256 i = 0; i < callers.length; ++i) {
            _expectNotParty(lotId, callers[i]);
            vm.prank(callers[i]);
            lots.proposeRevision(lotId, OTHER, REASON);
        }
        // Nobody held it before, and whoever is nobody is no party.
        uint64 fresh = collect(BIN, GRAMS);
        _expectNotParty(fresh, stranger);
        vm.prank(stranger);
        lots.proposeRevision(fresh, OTHER, REASON);
    }

    function test_RevertWhen_SomeOfItIsInAnotherLot() external {
        split(facilityCrew, lotId, 1);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsHasChild.selector, lotId));
        vm.prank(facilityCrew);
        lots.proposeRevision(lotId, OTHER, REASON);
        // Also where it was refused.
        uint64 other = collect(BIN, GRAMS);
        deliver(other, FACILITY, GRAMS, GRAMS - 1);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsHasChild.selector, other));
        vm.prank(collectorCrew);
        lots.proposeRevision(other, OTHER, REASON);
    }

    function test_RevertWhen_ProposalIsNoOtherMass() external {
        vm.startPrank(collectorCrew);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsUnchanged.selector, lotId));
        lots.proposeRevision(lotId, GRAMS, REASON);
        expectZeroMass();
        lots.proposeRevision(lotId, 0, REASON);
        expectTooHeavy(MAX_TICKET_GRAMS + 1, MAX_TICKET_GRAMS);
        lots.proposeRevision(lotId, MAX_TICKET_GRAMS + 1, REASON);
        expectTooHeavy(MAX_LOT_GRAMS + 1, MAX_LOT_GRAMS);
        lots.proposeRevision(lotId, MAX_LOT_GRAMS + 1, REASON);
        lots.proposeRevision(lotId, MAX_TICKET_GRAMS, REASON);
        vm.stopPrank();
        uint64 child = split(facilityCrew, lotId, 1);
        vm.startPrank(facilityCrew);
        expectTooHeavy(MAX_LOT_GRAMS + 1, MAX_LOT_GRAMS);
        lots.proposeRevision(child, MAX_LOT_GRAMS + 1, REASON);
        lots.proposeRevision(child, MAX_LOT_GRAMS, REASON);
        vm.stopPrank();
    }

    /// @dev A lot that lost or gained on the way has another mass than its ticket, which follows by the difference.
    function test_RevertWhen_TicketWouldHaveNoMass() external {
        uint64 gained = collect(BIN, 10_000);
        deliver(gained, FACILITY, 10_200, 10_200);
        vm.startPrank(facilityCrew);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsTooLight.selector, 200, 201));
        lots.proposeRevision(gained, 200, REASON);
        expectTooHeavy(MAX_TICKET_GRAMS + 201, MAX_TICKET_GRAMS + 200);
        lots.proposeRevision(gained, MAX_TICKET_GRAMS + 201, REASON);
        lots.proposeRevision(gained, MAX_TICKET_GRAMS + 200, REASON);
        lots.proposeRevision(gained, 201, REASON);
        vm.stopPrank();
        vm.prank(collectorCrew);
        lots.approveRevision(gained, 201);
        assertEq(lots.lotOf(gained).collectedGrams, 1, "grams on the ticket");
        assertEq(lots.totals().collected, GRAMS + 1, "collected");
        // Below its ticket, by what was lost.
        uint64 lost = collect(BIN, 10_000);
        deliver(lost, FACILITY, 9_800, 9_800);
        vm.prank(facilityCrew);
        lots.proposeRevision(lost, 1, REASON);
        vm.prank(collectorCrew);
        lots.approveRevision(lost, 1);
        assertEq(lots.lotOf(lost).collectedGrams, 201, "grams on the ticket");
    }

    function test_ProposalWaits() external {
        vm.expectEmit(address(lots));
        emit IWasteLots.RevisionProposed(lotId, COLLECTOR, OTHER, REASON);
        vm.prank(collectorCrew);
        lots.proposeRevision(lotId, OTHER, REASON);
        _assertRevision(lotId, OTHER, COLLECTOR, 1);
        assertEq(lots.lotOf(lotId).grams, GRAMS, "nothing changed");
        assertEq(lots.lotOf(lotId).version, 1, "nor what was signed is stale");
        // The other party's proposal takes its place.
        vm.prank(facilityCrew);
        lots.proposeRevision(lotId, OTHER + 1, REASON);
        _assertRevision(lotId, OTHER + 1, FACILITY, 1);
    }

    // approveRevision
    // ├─ no such lot, or a closed one .................... WasteLotsUnknownLot, WasteLotsLotClosed
    // ├─ neither holder nor the one before ............... WasteLotsNotParty
    // ├─ no proposal, or of another mass ................. WasteLotsNoRevision
    // ├─ the proposer .................................... WasteLotsNoRevision
    // ├─ something was done to the lot since ............. WasteLotsNoRevision
    // └─ else ............................................ Revised, the proposal is gone
    //    ├─ of a ticket, at most once handed over ........ mass on the ticket and collected follow
    //    ├─ of a ticket, handed on again ................. transit gain or loss, the ticket stays
    //    └─ of none ...................................... transit gain or loss

    function test_RevertWhen_ApprovalIsOfNoOpenLot() external {
        vm.prank(collectorCrew);
        lots.proposeRevision(lotId, OTHER, REASON);
        exportBy(facilityCrew, lotId);
        vm.startPrank(facilityCrew);
        expectClosed(lotId, LotState.Exported);
        lots.approveRevision(lotId, OTHER);
        expectUnknown(1);
        lots.approveRevision(1, OTHER);
        vm.stopPrank();
        _assertRevision(lotId, 0, 0, 0);
    }

    function test_RevertWhen_ApproverIsNoParty() external {
        vm.prank(collectorCrew);
        lots.proposeRevision(lotId, OTHER, REASON);
        address[3] memory callers = [incineratorCrew, auditor, stranger];
        for (uint256 i = 0; i < callers.length; ++i) {
            _expectNotParty(lotId, callers[i]);
            vm.prank(callers[i]);
            lots.approveRevision(lotId, OTHER);
        }
    }

    function test_RevertWhen_NothingOfTheKindIsProposed() external {
        _refuseApproval(lotId, facilityCrew, OTHER);
        _refuseApproval(lotId, facilityCrew, 0);
        vm.prank(collectorCrew);
        lots.proposeRevision(lotId, OTHER, REASON);
        _refuseApproval(lotId, facilityCrew, OTHER - 1);
        _refuseApproval(lotId, facilityCrew, 0);
        _refuseApproval(lotId, collectorCrew, OTHER);
        vm.prank(facilityCrew);
        lots.approveRevision(lotId, OTHER);
        // Not a second time.
        _refuseApproval(lotId, facilityCrew, OTHER);
        _refuseApproval(lotId, collectorCrew, OTHER);
    }

    function test_RevertWhen_LotChangedSince() external {
        vm.prank(collectorCrew);
        lots.proposeRevision(lotId, OTHER, REASON);
        deliver(lotId, INCINERATOR, GRAMS, GRAMS);
        _assertRevision(lotId, 0, 0, 0);
        _refuseApproval(lotId, facilityCrew, OTHER);
        _refuseApproval(lotId, incineratorCrew, OTHER);
        // Broken, or divided.
        vm.prank(facilityCrew);
        lots.proposeRevision(lotId, OTHER, REASON);
        vm.prank(incineratorCrew);
        lots.declareBreak(lotId, REASON);
        _refuseApproval(lotId, incineratorCrew, OTHER);
        vm.prank(facilityCrew);
        lots.proposeRevision(lotId, OTHER, REASON);
        split(incineratorCrew, lotId, 1);
        _refuseApproval(lotId, incineratorCrew, OTHER);
    }

    function test_TicketIsCorrected() external {
        uint64[2] memory masses = [OTHER, GRAMS - 500];
        address[2] memory proposers = [collectorCrew, facilityCrew];
        address[2] memory approvers = [facilityCrew, collectorCrew];
        uint32[2] memory numbers = [FACILITY, COLLECTOR];
        uint64 before = GRAMS;
        for (uint32 i = 0; i < 2; ++i) {
            vm.prank(proposers[i]);
            lots.proposeRevision(lotId, masses[i], REASON);
            vm.expectEmit(address(lots));
            emit IWasteLots.Revised(lotId, numbers[i], before, masses[i]);
            vm.prank(approvers[i]);
            lots.approveRevision(lotId, masses[i]);
            Lot memory lot;
            (lot.holder, lot.previous, lot.code, lot.state) = (FACILITY, COLLECTOR, PACKAGING, LotState.Open);
            (lot.grams, lot.collectedGrams, lot.version) = (masses[i], uint32(masses[i]), i + 2);
            assertLot(lotId, lot);
            MassTotals memory totals;
            totals.collected = masses[i];
            assertTotals(totals);
            _assertRevision(lotId, 0, 0, 0);
            before = masses[i];
        }
    }

    function test_LotThatWasHandedOnGainsOrLoses() external {
        deliver(lotId, INCINERATOR, GRAMS, GRAMS);
        assertEq(lots.lotOf(lotId).flags, LotFlags.HANDED_ON, "flags");
        vm.startPrank(facilityCrew);
        expectZeroMass();
        lots.proposeRevision(lotId, 0, REASON);
        expectTooHeavy(MAX_LOT_GRAMS + 1, MAX_LOT_GRAMS);
        lots.proposeRevision(lotId, MAX_LOT_GRAMS + 1, REASON);
        vm.stopPrank();
        // Neither above a ticket's greatest mass nor below its least, it is a ticket no more.
        uint64[2] memory masses = [MAX_LOT_GRAMS, 1];
        uint64[2] memory gains = [MAX_LOT_GRAMS - GRAMS, MAX_LOT_GRAMS - GRAMS];
        uint64[2] memory losses = [0, MAX_LOT_GRAMS - 1];
        for (uint32 i = 0; i < 2; ++i) {
            vm.prank(facilityCrew);
            lots.proposeRevision(lotId, masses[i], REASON);
            vm.prank(incineratorCrew);
            lots.approveRevision(lotId, masses[i]);
            Lot memory lot;
            (lot.holder, lot.previous, lot.code, lot.state) = (INCINERATOR, FACILITY, PACKAGING, LotState.Open);
            (lot.grams, lot.collectedGrams, lot.flags) = (masses[i], uint32(GRAMS), LotFlags.HANDED_ON);
            lot.version = i + 3;
            assertLot(lotId, lot);
            MassTotals memory totals;
            (totals.collected, totals.transitGain, totals.transitLoss) = (GRAMS, gains[i], losses[i]);
            assertTotals(totals);
        }
    }

    /// @dev Who refuses all of it did not have it.
    function test_RefusalDoesNotHandOn() external {
        deliver(lotId, INCINERATOR, GRAMS, 0);
        assertEq(lots.lotOf(lotId).flags, 0, "flags");
        // What is kept of it is handed on, and what goes back is of no ticket.
        deliver(lotId, INCINERATOR, GRAMS, GRAMS - 1);
        assertEq(lots.lotOf(lotId).flags, LotFlags.HANDED_ON | LotFlags.HAS_CHILD, "kept");
        assertEq(lots.lotOf(SERIAL_FLAG | 1).flags, 0, "back");
    }

    function test_LotOfNoTicketGainsOrLoses() external {
        uint64 child = split(facilityCrew, lotId, 10_000);
        deliver(child, INCINERATOR, 10_000, 10_000);
        vm.prank(facilityCrew);
        lots.proposeRevision(child, 10_700, REASON);
        vm.prank(incineratorCrew);
        lots.approveRevision(child, 10_700);
        MassTotals memory totals;
        (totals.collected, totals.transitGain) = (GRAMS, 700);
        assertTotals(totals);
        vm.prank(incineratorCrew);
        lots.proposeRevision(child, 10_600, REASON);
        vm.prank(facilityCrew);
        lots.approveRevision(child, 10_600);
        totals.transitLoss = 100;
        assertTotals(totals);
        assertEq(lots.lotOf(child).collectedGrams, 0, "grams on a ticket");
        assertEq(lots.lotOf(child).grams, 10_600, "grams");
    }

    function test_RefusedLotIsCorrected() external {
        deliver(lotId, INCINERATOR, GRAMS, 0);
        assertState(lotId, LotState.Refused);
        vm.prank(collectorCrew);
        lots.proposeRevision(lotId, OTHER, REASON);
        vm.prank(facilityCrew);
        lots.approveRevision(lotId, OTHER);
        assertState(lotId, LotState.Refused);
        assertEq(lots.lotOf(lotId).grams, OTHER, "grams");
    }

    // auditRevision (who may not: with {IWasteLots-rule})
    // ├─ two operators had it ............................ WasteLotsNotParty
    // ├─ as above ........................................ WasteLotsNoRevision, WasteLotsLotClosed
    // └─ else ............................................ Revised by nobody

    function test_RevertWhen_AuditorIsNotNeeded() external {
        vm.prank(collectorCrew);
        lots.proposeRevision(lotId, OTHER, REASON);
        _expectNotParty(lotId, auditor);
        vm.prank(auditor);
        lots.auditRevision(lotId, OTHER);
    }

    function test_RevertWhen_AuditorIsAskedNothing() external {
        uint64 fresh = collect(BIN, GRAMS);
        vm.startPrank(auditor);
        expectUnknown(1);
        lots.auditRevision(1, OTHER);
        _expectNoRevision(fresh);
        lots.auditRevision(fresh, OTHER);
        vm.stopPrank();
        vm.prank(collectorCrew);
        lots.proposeRevision(fresh, OTHER, REASON);
        _expectNoRevision(fresh);
        vm.prank(auditor);
        lots.auditRevision(fresh, OTHER + 1);
        // The only party is the proposer.
        _refuseApproval(fresh, collectorCrew, OTHER);
        exportBy(collectorCrew, fresh);
        expectClosed(fresh, LotState.Exported);
        vm.prank(auditor);
        lots.auditRevision(fresh, OTHER);
    }

    function test_AuditorStandsInForTheSecondParty() external {
        uint64 fresh = collect(BIN, GRAMS);
        vm.prank(collectorCrew);
        lots.declareBreak(fresh, REASON);
        vm.prank(collectorCrew);
        lots.proposeRevision(fresh, OTHER, REASON);
        vm.expectEmit(address(lots));
        emit IWasteLots.Revised(fresh, 0, GRAMS, OTHER);
        vm.prank(auditor);
        lots.auditRevision(fresh, OTHER);
        Lot memory lot;
        (lot.holder, lot.code, lot.state, lot.flags) = (COLLECTOR, PACKAGING, LotState.Open, LotFlags.BROKEN);
        (lot.grams, lot.collectedGrams, lot.version) = (OTHER, uint32(OTHER), 2);
        assertLot(fresh, lot);
        assertEq(lots.totals().collected, GRAMS + OTHER, "collected");
    }

    function testFuzz_TicketFollowsItsLot(uint64 came, uint64 revised) external {
        came = uint64(bound(came, GRAMS - 470, GRAMS + 470));
        uint64 id = collect(BIN, GRAMS);
        deliver(id, FACILITY, came, came);
        // From what leaves 1 gram on the ticket to what makes it 40 t.
        uint64 least = came > GRAMS ? came - GRAMS + 1 : 1;
        revised = uint64(bound(revised, least, came + MAX_TICKET_GRAMS - GRAMS));
        if (revised == came) ++revised;
        vm.prank(collectorCrew);
        lots.proposeRevision(id, revised, REASON);
        vm.prank(facilityCrew);
        lots.approveRevision(id, revised);
        Lot memory lot = lots.lotOf(id);
        assertEq(uint256(lot.collectedGrams) + came, uint256(GRAMS) + revised, "the same difference");
        MassTotals memory totals = lots.totals();
        assertEq(totals.collected, uint256(GRAMS) + lot.collectedGrams, "collected");
        assertEq(totals.collected + totals.transitGain - totals.transitLoss, uint256(GRAMS) + revised, "balance");
    }

    // --- internals

    function _assertRevision(uint64 id, uint64 grams, uint32 proposer, uint32 version) private view {
        Revision memory revision = lots.revisionOf(id);
        assertEq(revision.grams, grams, "proposed grams");
        assertEq(revision.proposer, proposer, "proposer");
        assertEq(revision.version, version, "version");
    }

    function _refuseApproval(uint64 id, address caller, uint64 grams) private {
        _expectNoRevision(id);
        vm.prank(caller);
        lots.approveRevision(id, grams);
    }

    function _expectNoRevision(uint64 id) private {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNoRevision.selector, id));
    }

    function _expectNotParty(uint64 id, address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNotParty.selector, id, caller));
    }
}
