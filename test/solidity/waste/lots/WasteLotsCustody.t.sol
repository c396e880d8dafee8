// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {CompactSignature} from "../../../../contracts/authority/CompactSignatures.sol";
import {Signature} from "../../../../contracts/authority/ISigned.sol";
import {
    Handover,
    IWasteLots,
    Lot,
    LotFlags,
    LotState,
    MassTotals,
    Receipt
} from "../../../../contracts/waste/lots/IWasteLots.sol";
import {FacilityTerms} from "../../../../contracts/waste/operators/IWasteOperators.sol";
import {WasteCredentials} from "../../../../contracts/waste/WasteCredentials.sol";
import {LotFixture} from "./LotFixture.sol";

/// @notice Lots that change hands, disputes, and broken traces.
contract WasteLotsCustodyTest is LotFixture {
    uint32 private constant BIN = 7;
    uint32 private constant GRAMS = 500_000;
    /// @dev Two hundredths of it.
    uint64 private constant TOLERANCE = 10_000;

    uint64 private lotId;

    function setUp() public override {
        super.setUp();
        lotId = collect(BIN, GRAMS);
    }

    // receiveLot
    // ├─ no such lot ..................................... WasteLotsUnknownLot
    // ├─ disputed, consumed, ended, exported ............. WasteLotsLotClosed
    // ├─ of another version .............................. WasteLotsStale
    // ├─ too late ........................................ WasteLotsExpired
    // ├─ to its holder ................................... WasteLotsBadHandover
    // ├─ not signed for the holder ....................... WasteLotsBadSignature
    // ├─ not signed for the receiver ..................... WasteLotsBadSignature
    // ├─ the receiver may have no waste .................. WasteLotsNotLicensed
    // ├─ hazardous, and no permit ........................ WasteLotsPermitMissing
    // ├─ more accepted than came ......................... WasteLotsBadReceipt
    // ├─ refused without a reason ........................ WasteLotsNoReason
    // ├─ what came is too heavy for a lot ................ WasteLotsTooHeavy
    // ├─ the difference is above the tolerance ........... Disputed, with the sender
    // └─ else, the difference is transit loss or gain
    //    ├─ all accepted ................................. Received, with the receiver
    //    ├─ some ......................................... and Refused, a new lot of the sender
    //    └─ none ......................................... and Refused, with the sender

    function test_RevertWhen_LotIsUnknown() external {
        Handover memory handover = handoverOf(lotId, FACILITY);
        handover.lotId = lotId + 1;
        Receipt memory receipt = receiptOf(handover, GRAMS, GRAMS);
        expectUnknown(lotId + 1);
        lots.receiveLot(handover, receipt, none, none);
        expectUnknown(lotId + 1);
        lots.takeDelivery(handover, GRAMS, none);
    }

    function test_RevertWhen_LotIsClosed() external {
        uint64 disputed = dispute(BIN, GRAMS);
        uint64 consumed = collect(BIN, GRAMS);
        split(collectorCrew, consumed, GRAMS);
        uint64 exported = collect(BIN, GRAMS);
        exportBy(collectorCrew, exported);
        uint64 ended = bring(BIN, GRAMS);
        vm.prank(facilityCrew);
        lots.finalise(ended, 101, EVIDENCE);
        uint64[4] memory closed = [disputed, consumed, exported, ended];
        LotState[4] memory states = [LotState.Disputed, LotState.Consumed, LotState.Exported, LotState.Final];
        for (uint256 i = 0; i < closed.length; ++i) {
            Handover memory handover = handoverOf(closed[i], INCINERATOR);
            CompactSignature memory sender = signHandover(handover, collectorCrewKey);
            expectClosed(closed[i], states[i]);
            vm.prank(incineratorCrew);
            lots.takeDelivery(handover, GRAMS, sender);
        }
    }

    function test_RevertWhen_HandoverIsOfAnotherVersion() external {
        Handover memory handover = handoverOf(lotId, FACILITY);
        handover.version = 1;
        _take(handover, abi.encodeWithSelector(IWasteLots.WasteLotsStale.selector, lotId, 1, 0));
        vm.prank(collectorCrew);
        lots.declareBreak(lotId, REASON);
        _take(handover);
        assertEq(lots.lotOf(lotId).holder, FACILITY, "its own version");

        uint64 other = collect(BIN, GRAMS);
        handover = handoverOf(other, FACILITY);
        vm.prank(collectorCrew);
        lots.declareBreak(other, REASON);
        CompactSignature memory sender = signHandover(handover, collectorCrewKey);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsStale.selector, other, 0, 1));
        vm.prank(facilityCrew);
        lots.takeDelivery(handover, GRAMS, sender);
    }

    function test_RevertWhen_HandoverIsTooLate() external {
        Handover memory handover = handoverOf(lotId, FACILITY);
        vm.warp(uint256(handover.until) + 1);
        _take(handover, abi.encodeWithSelector(IWasteLots.WasteLotsExpired.selector, handover.until, block.timestamp));
        vm.warp(handover.until);
        _take(handover);
        assertEq(lots.lotOf(lotId).holder, FACILITY, "at its last second");
    }

    function test_RevertWhen_LotGoesToItsHolder() external {
        Handover memory handover = handoverOf(lotId, COLLECTOR);
        CompactSignature memory sender = signHandover(handover, collectorCrewKey);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsBadHandover.selector, lotId, COLLECTOR));
        vm.prank(collectorCrew);
        lots.takeDelivery(handover, GRAMS, sender);
    }

    function test_RevertWhen_SenderDidNotSign() external {
        Handover memory handover = handoverOf(lotId, FACILITY);
        Receipt memory receipt = receiptOf(handover, GRAMS, GRAMS);
        CompactSignature memory receiver = signReceipt(receipt, facilityCrewKey);
        uint256[2] memory keys = [rivalCrewKey, uint256(keccak256("stranger"))];
        for (uint256 i = 0; i < keys.length; ++i) {
            CompactSignature memory sender = signHandover(handover, keys[i]);
            expectBadSignature(vm.addr(keys[i]));
            lots.receiveLot(handover, receipt, sender, receiver);
            expectBadSignature(vm.addr(keys[i]));
            vm.prank(facilityCrew);
            lots.takeDelivery(handover, GRAMS, sender);
        }
        // Without a signature the sender is whoever calls.
        expectBadSignature(stranger);
        vm.prank(stranger);
        lots.receiveLot(handover, receipt, none, receiver);
        expectBadSignature(address(0));
        vm.prank(facilityCrew);
        lots.takeDelivery(handover, GRAMS, none);
        // Whose time is over signs for nobody.
        vm.prank(collector);
        Signature memory unsigned;
        operators.setCrew(COLLECTOR, collectorCrew, uint40(block.timestamp) - 1, 0, 0, unsigned, none);
        _take(handover, abi.encodeWithSelector(IWasteLots.WasteLotsBadSignature.selector, collectorCrew));
    }

    function test_RevertWhen_ReceiverDidNotSign() external {
        Handover memory handover = handoverOf(lotId, FACILITY);
        Receipt memory receipt = receiptOf(handover, GRAMS, GRAMS);
        uint256[3] memory keys = [incineratorCrewKey, collectorCrewKey, uint256(keccak256("stranger"))];
        CompactSignature memory sender = signHandover(handover, collectorCrewKey);
        for (uint256 i = 0; i < keys.length; ++i) {
            CompactSignature memory receiver = signReceipt(receipt, keys[i]);
            expectBadSignature(vm.addr(keys[i]));
            lots.receiveLot(handover, receipt, sender, receiver);
            expectBadSignature(vm.addr(keys[i]));
            vm.prank(vm.addr(keys[i]));
            lots.takeDelivery(handover, GRAMS, sender);
        }
        // A receiver that calls takes delivery; here it must sign.
        expectBadSignature(address(0));
        vm.prank(facilityCrew);
        lots.receiveLot(handover, receipt, sender, none);
    }

    function test_RevertWhen_ReceiverMayHaveNoWaste() external {
        // An operator that nobody is.
        Handover memory handover = handoverOf(lotId, 0);
        CompactSignature memory sender = signHandover(handover, collectorCrewKey);
        expectNotLicensed(0);
        vm.prank(stranger);
        lots.takeDelivery(handover, GRAMS, sender);
        // A facility whose licence ran out.
        FacilityTerms memory terms = plainTerms();
        terms.until = uint32(EPOCH);
        licenseFor(FACILITY, terms);
        vm.warp(EPOCH + 1);
        handover = handoverOf(lotId, FACILITY);
        _take(handover, abi.encodeWithSelector(IWasteLots.WasteLotsNotLicensed.selector, FACILITY));
        // A collector that is none any more.
        setCredential(WasteCredentials.WASTE_COLLECTOR, rival, false);
        handover = handoverOf(lotId, RIVAL);
        sender = signHandover(handover, collectorCrewKey);
        expectNotLicensed(RIVAL);
        vm.prank(rivalCrew);
        lots.takeDelivery(handover, GRAMS, sender);
    }

    function test_RevertWhen_ReceiverHasNoPermitForHazardousWaste() external {
        permitFor(COLLECTOR, TUBES);
        uint64 tubes = collect(BINS, TUBES, GRAMS, collectorCrew);
        Handover memory handover = handoverOf(tubes, FACILITY);
        bytes memory missing = abi.encodeWithSelector(IWasteLots.WasteLotsPermitMissing.selector, FACILITY, TUBES);
        _take(handover, missing);
        vm.prank(licensing);
        operators.permit(FACILITY, TUBES, uint40(block.timestamp) - 1);
        _take(handover, missing);
        vm.prank(licensing);
        operators.permit(FACILITY, TUBES, uint40(block.timestamp));
        _take(handover);
        assertEq(lots.lotOf(tubes).holder, FACILITY, "to its last second");
        // To be rid of it, the sender needs none.
        vm.warp(block.timestamp + 1);
        permitFor(INCINERATOR, TUBES);
        deliver(tubes, INCINERATOR, GRAMS, GRAMS);
        assertEq(lots.lotOf(tubes).holder, INCINERATOR, "handed on");
    }

    function test_RevertWhen_MoreIsAcceptedThanCame() external {
        Handover memory handover = handoverOf(lotId, FACILITY);
        Receipt memory receipt = receiptOf(handover, GRAMS - 1, GRAMS);
        CompactSignature memory sender = signHandover(handover, collectorCrewKey);
        CompactSignature memory receiver = signReceipt(receipt, facilityCrewKey);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsBadReceipt.selector, GRAMS, GRAMS - 1));
        lots.receiveLot(handover, receipt, sender, receiver);
    }

    function test_RevertWhen_MassIsRefusedWithoutAReason() external {
        Handover memory handover = handoverOf(lotId, FACILITY);
        CompactSignature memory sender = signHandover(handover, collectorCrewKey);
        uint64[2] memory accepted = [uint64(0), GRAMS - 1];
        for (uint256 i = 0; i < accepted.length; ++i) {
            Receipt memory receipt = receiptOf(handover, GRAMS, accepted[i]);
            receipt.reasonHash = 0;
            CompactSignature memory receiver = signReceipt(receipt, facilityCrewKey);
            vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNoReason.selector, lotId));
            lots.receiveLot(handover, receipt, sender, receiver);
        }
    }

    function test_RevertWhen_WhatCameIsTooHeavyForALot() external {
        uint64 heavy = split(collectorCrew, lotId, GRAMS);
        vm.prank(collectorCrew);
        lots.proposeRevision(heavy, MAX_LOT_GRAMS, REASON);
        vm.prank(auditor);
        lots.auditRevision(heavy, MAX_LOT_GRAMS);
        Handover memory handover = handoverOf(heavy, FACILITY);
        CompactSignature memory sender = signHandover(handover, collectorCrewKey);
        expectTooHeavy(MAX_LOT_GRAMS + 1, MAX_LOT_GRAMS);
        vm.prank(facilityCrew);
        lots.takeDelivery(handover, MAX_LOT_GRAMS + 1, sender);
        vm.prank(facilityCrew);
        lots.takeDelivery(handover, MAX_LOT_GRAMS, sender);
        assertEq(lots.lotOf(heavy).grams, MAX_LOT_GRAMS, "as heavy as a lot can be");
    }

    function test_LotChangesHands() external {
        Handover memory handover = handoverOf(lotId, FACILITY);
        Receipt memory receipt = receiptOf(handover, GRAMS, GRAMS);
        _expectReceived(COLLECTOR, FACILITY, GRAMS, GRAMS, GRAMS);
        relay(handover, receipt, collectorCrewKey, facilityCrewKey);
        Lot memory lot = _lot(FACILITY, COLLECTOR, GRAMS, 1);
        assertLot(lotId, lot);
        MassTotals memory totals;
        totals.collected = GRAMS;
        assertTotals(totals);
        // And on, so that nobody but the last two are its parties.
        deliver(lotId, INCINERATOR, GRAMS, GRAMS);
        (lot.holder, lot.previous, lot.version, lot.flags) = (INCINERATOR, FACILITY, 2, LotFlags.HANDED_ON);
        assertLot(lotId, lot);
        assertTotals(totals);
    }

    function test_SenderThatCallsNeedNotSign() external {
        Handover memory handover = handoverOf(lotId, FACILITY);
        Receipt memory receipt = receiptOf(handover, GRAMS, GRAMS - 1);
        CompactSignature memory receiver = signReceipt(receipt, facilityCrewKey);
        // The first member of the receipt counts as what it must be.
        receipt.handover = REASON;
        vm.prank(collectorCrew);
        lots.receiveLot(handover, receipt, none, receiver);
        assertEq(lots.lotOf(lotId).grams, GRAMS - 1, "grams");
    }

    function test_ReceiverTakesDelivery() external {
        Handover memory handover = handoverOf(lotId, FACILITY);
        CompactSignature memory sender = signHandover(handover, collectorCrewKey);
        _expectReceived(COLLECTOR, FACILITY, GRAMS, GRAMS - TOLERANCE, GRAMS - TOLERANCE);
        vm.prank(facilityCrew);
        lots.takeDelivery(handover, GRAMS - TOLERANCE, sender);
        assertLot(lotId, _lot(FACILITY, COLLECTOR, GRAMS - TOLERANCE, 1));
        MassTotals memory totals;
        (totals.collected, totals.transitLoss) = (GRAMS, TOLERANCE);
        assertTotals(totals);

        // One gram less is a dispute.
        uint64 other = collect(BIN, GRAMS);
        handover = handoverOf(other, FACILITY);
        sender = signHandover(handover, collectorCrewKey);
        _expectDisputed(other, FACILITY, GRAMS, GRAMS - TOLERANCE - 1, TOLERANCE);
        vm.prank(facilityCrew);
        lots.takeDelivery(handover, GRAMS - TOLERANCE - 1, sender);
        assertState(other, LotState.Disputed);
    }

    function test_CollectorWithoutAPlantToleratesNothing() external {
        Handover memory handover = handoverOf(lotId, RIVAL);
        _expectDisputed(lotId, RIVAL, GRAMS, GRAMS + 1, 0);
        relay(handover, receiptOf(handover, GRAMS + 1, GRAMS), collectorCrewKey, rivalCrewKey);
        Lot memory lot = _lot(COLLECTOR, 0, GRAMS, 1);
        lot.state = LotState.Disputed;
        assertLot(lotId, lot);
        uint64 other = collect(BIN, GRAMS);
        deliver(other, RIVAL, GRAMS, GRAMS);
        assertEq(lots.lotOf(other).holder, RIVAL, "to the gram");
    }

    function test_NothingCameIsADispute() external {
        Handover memory handover = handoverOf(lotId, FACILITY);
        _expectDisputed(lotId, FACILITY, GRAMS, 0, TOLERANCE);
        relay(handover, receiptOf(handover, 0, 0), collectorCrewKey, facilityCrewKey);
        assertState(lotId, LotState.Disputed);
    }

    function test_PartIsRefused() external {
        vm.prank(collectorCrew);
        lots.declareBreak(lotId, REASON);
        Handover memory handover = handoverOf(lotId, FACILITY);
        Receipt memory receipt = receiptOf(handover, GRAMS + 5, GRAMS - 20);
        _expectReceived(COLLECTOR, FACILITY, GRAMS, GRAMS + 5, GRAMS - 20);
        vm.expectEmit(address(lots));
        emit IWasteLots.Refused(SERIAL_FLAG | 1, lotId, FACILITY, 25, REASON);
        relay(handover, receipt, collectorCrewKey, facilityCrewKey);
        Lot memory kept = _lot(FACILITY, COLLECTOR, GRAMS - 20, 2);
        kept.flags = LotFlags.BROKEN | LotFlags.HAS_CHILD;
        assertLot(lotId, kept);
        Lot memory back;
        (back.holder, back.grams, back.code) = (COLLECTOR, 25, PACKAGING);
        (back.state, back.flags) = (LotState.Refused, LotFlags.BROKEN);
        assertLot(SERIAL_FLAG | 1, back);
        MassTotals memory totals;
        (totals.collected, totals.transitGain) = (GRAMS, 5);
        assertTotals(totals);

        // What was refused can be handed to somebody else, who may keep it.
        deliver(SERIAL_FLAG | 1, INCINERATOR, 25, 25);
        (back.holder, back.previous, back.state, back.version) = (INCINERATOR, COLLECTOR, LotState.Open, 1);
        assertLot(SERIAL_FLAG | 1, back);
    }

    function test_FlagsOfARefusedPartAreItsOwn() external {
        permitFor(COLLECTOR, TUBES);
        permitFor(FACILITY, TUBES);
        uint64 tubes = collect(BINS, TUBES, GRAMS, collectorCrew);
        split(collectorCrew, tubes, 1);
        deliver(tubes, FACILITY, GRAMS - 1, 100);
        Lot memory back = lots.lotOf(SERIAL_FLAG | 2);
        assertEq(back.flags, LotFlags.HAZARDOUS, "hazardous as its parent, without a child");
        assertEq(back.grams, GRAMS - 101, "grams");
    }

    function test_AllIsRefused() external {
        Handover memory handover = handoverOf(lotId, FACILITY);
        Receipt memory receipt = receiptOf(handover, GRAMS - 8_000, 0);
        _expectReceived(COLLECTOR, FACILITY, GRAMS, GRAMS - 8_000, 0);
        vm.expectEmit(address(lots));
        emit IWasteLots.Refused(lotId, lotId, FACILITY, GRAMS - 8_000, REASON);
        relay(handover, receipt, collectorCrewKey, facilityCrewKey);
        Lot memory lot = _lot(COLLECTOR, 0, GRAMS - 8_000, 1);
        lot.state = LotState.Refused;
        assertLot(lotId, lot);
        assertEq(lots.totals().transitLoss, 8_000, "transit loss");
        assertEq(lots.lotOf(SERIAL_FLAG | 1).holder, 0, "no other lot");
        deliver(lotId, INCINERATOR, GRAMS - 8_000, GRAMS - 8_000);
        assertState(lotId, LotState.Open);
    }

    function testFuzz_MassIsSharedToTheGram(uint32 sent, uint64 received, uint64 accepted) external {
        sent = uint32(bound(sent, 1, CAPACITY_L * MAX_GRAMS_PER_L));
        uint64 tolerance = uint64((uint256(sent) * TOLERANCE_BP) / 10_000);
        received = uint64(bound(received, sent - tolerance, sent + tolerance));
        accepted = uint64(bound(accepted, 0, received));
        uint64 id = collect(BIN, sent);
        deliver(id, FACILITY, received, accepted);
        uint64 child = lots.lotOf(SERIAL_FLAG | 1).grams;
        uint64 whole = lots.lotOf(id).grams;
        assertEq(uint256(whole) + child, received, "sum");
        assertEq(lots.lotOf(id).holder, accepted == 0 ? COLLECTOR : FACILITY, "holder");
        assertEq(whole, accepted == 0 ? received : accepted, "kept");
        MassTotals memory totals = lots.totals();
        assertEq(totals.collected + totals.transitGain - totals.transitLoss, uint256(GRAMS) + received, "balance");
        assertTrue(totals.transitGain == 0 || totals.transitLoss == 0, "one of them");
    }

    // rule
    // ├─ the caller is no auditor ........................ AccessManagedUnauthorized
    // ├─ no such lot ..................................... WasteLotsUnknownLot
    // ├─ not in dispute .................................. WasteLotsLotClosed
    // ├─ no mass, or too heavy ........................... WasteLotsZeroMass, WasteLotsTooHeavy
    // └─ else ............................................ open with that mass, DisputeRuled

    function test_RevertWhen_CallerIsNoAuditor() external {
        vm.startPrank(collectorCrew);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, collectorCrew));
        lots.rule(lotId, 1, REASON);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, collectorCrew));
        lots.auditRevision(lotId, 1);
        vm.stopPrank();
    }

    function test_RevertWhen_ThereIsNoDispute() external {
        vm.startPrank(auditor);
        expectUnknown(1);
        lots.rule(1, GRAMS, REASON);
        expectClosed(lotId, LotState.Open);
        lots.rule(lotId, GRAMS, REASON);
        vm.stopPrank();
    }

    function test_RevertWhen_RulingIsNoMassOfALot() external {
        uint64 disputed = dispute(BIN, GRAMS);
        vm.startPrank(auditor);
        expectZeroMass();
        lots.rule(disputed, 0, REASON);
        expectTooHeavy(MAX_LOT_GRAMS + 1, MAX_LOT_GRAMS);
        lots.rule(disputed, MAX_LOT_GRAMS + 1, REASON);
        vm.stopPrank();
    }

    function test_AuditorEndsADispute() external {
        uint64[3] memory masses = [uint64(GRAMS), GRAMS - 100, MAX_LOT_GRAMS];
        MassTotals memory totals = lots.totals();
        for (uint256 i = 0; i < masses.length; ++i) {
            uint64 disputed = dispute(BIN, GRAMS);
            vm.expectEmit(address(lots));
            emit IWasteLots.DisputeRuled(disputed, masses[i], REASON);
            vm.prank(auditor);
            lots.rule(disputed, masses[i], REASON);
            assertLot(disputed, _lot(COLLECTOR, 0, masses[i], 2));
            totals.collected += GRAMS;
            if (i == 1) totals.transitLoss = 100;
            if (i == 2) totals.transitGain = MAX_LOT_GRAMS - GRAMS;
            assertTotals(totals);
        }
    }

    // declareBreak
    // ├─ no such lot, or a closed one .................... WasteLotsUnknownLot, WasteLotsLotClosed
    // ├─ the caller acts for another operator, or none ... WasteLotsNotHolder
    // ├─ it is broken already ............................ WasteLotsUnchanged
    // └─ else ............................................ flag BROKEN, TraceBroken

    function test_RevertWhen_BreakIsOfNoLotAtHand() external {
        uint64 disputed = dispute(BIN, GRAMS);
        vm.startPrank(collectorCrew);
        expectUnknown(1);
        lots.declareBreak(1, REASON);
        expectClosed(disputed, LotState.Disputed);
        lots.declareBreak(disputed, REASON);
        vm.stopPrank();
    }

    function test_RevertWhen_BreakIsDeclaredByAnother() external {
        address[3] memory callers = [rivalCrew, stranger, collector];
        for (uint256 i = 0; i < callers.length; ++i) {
            expectNotHolder(lotId, COLLECTOR, callers[i]);
            vm.prank(callers[i]);
            lots.declareBreak(lotId, REASON);
        }
        vm.warp(uint256(UNTIL) + 1);
        expectNotHolder(lotId, COLLECTOR, collectorCrew);
        vm.prank(collectorCrew);
        lots.declareBreak(lotId, REASON);
        vm.warp(UNTIL);
        vm.prank(collectorCrew);
        lots.declareBreak(lotId, REASON);
        assertEq(lots.lotOf(lotId).flags, LotFlags.BROKEN, "at its last second");
    }

    function test_HolderDeclaresABreak() external {
        vm.expectEmit(address(lots));
        emit IWasteLots.TraceBroken(lotId, REASON);
        vm.startPrank(collectorCrew);
        lots.declareBreak(lotId, REASON);
        Lot memory lot = _lot(COLLECTOR, 0, GRAMS, 1);
        lot.flags = LotFlags.BROKEN;
        assertLot(lotId, lot);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsUnchanged.selector, lotId));
        lots.declareBreak(lotId, REASON);
        vm.stopPrank();
    }

    // --- internals

    /// @dev The lot of the fixture after something was done to it.
    function _lot(uint32 holder, uint32 previous, uint64 grams, uint32 version) private pure returns (Lot memory lot) {
        (lot.holder, lot.previous, lot.grams, lot.version) = (holder, previous, grams, version);
        (lot.collectedGrams, lot.code, lot.state) = (GRAMS, PACKAGING, LotState.Open);
    }

    /// @dev The facility takes delivery of what the collector handed over.
    function _take(Handover memory handover) private {
        _take(handover, "");
    }

    /// @dev The same; signing reads the lot, so the expectation comes after that.
    function _take(Handover memory handover, bytes memory err) private {
        CompactSignature memory sender = signHandover(handover, collectorCrewKey);
        if (err.length != 0) vm.expectRevert(err);
        vm.prank(facilityCrew);
        lots.takeDelivery(handover, GRAMS, sender);
    }

    function _expectReceived(uint32 sender, uint32 receiver, uint256 sent, uint256 came, uint256 kept) private {
        vm.expectEmit(address(lots));
        emit IWasteLots.Received(lotId, receiver, (uint256(sender) << 192) | (sent << 128) | (came << 64) | kept);
    }

    function _expectDisputed(uint64 id, uint32 receiver, uint64 sent, uint64 came, uint256 tolerance) private {
        vm.expectEmit(address(lots));
        emit IWasteLots.Disputed(id, receiver, sent, came, tolerance);
    }
}
