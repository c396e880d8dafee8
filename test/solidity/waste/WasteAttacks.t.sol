// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../contracts/authority/CompactSignatures.sol";
import {IContainers} from "../../../contracts/waste/containers/IContainers.sol";
import {
    Handover,
    IWasteLots,
    Lot,
    LotFlags,
    LotState,
    MassTotals,
    Output,
    Receipt,
    SignedTicket,
    Ticket,
    TicketFault
} from "../../../contracts/waste/lots/IWasteLots.sol";
import {LotFixture} from "./lots/LotFixture.sol";

/// @notice What somebody might try against lots, each by its name.
contract WasteAttacksTest is LotFixture {
    uint32 private constant BIN = 7;
    uint32 private constant GRAMS = 100_000;
    uint8 private constant R3 = 3;
    uint8 private constant D1 = 101;

    // --- tickets

    /// @dev The same ticket once more: alone, in a batch, twice in one batch, and with the device's signature alone.
    function test_Attack_TicketReplay() external {
        SignedTicket memory signed = signTicket(ticketOf(BIN, PACKAGING, GRAMS, collectorCrew));
        SignedTicket[] memory twice = new SignedTicket[](2);
        (twice[0], twice[1]) = (signed, signed);
        vm.startPrank(stranger);
        vm.expectEmit(address(lots));
        emit IWasteLots.TicketRejected(BIN, 1, TicketFault.CounterNotIncreasing);
        assertEq(lots.collectMany(twice), 1, "once");
        _expectCounter(1);
        lots.collect(signed);
        assertEq(lots.collectMany(twice), 0, "not again");
        vm.stopPrank();
        _expectCounter(1);
        vm.prank(collectorCrew);
        lots.collect(SignedTicket(signed.ticket, signed.device, none));
        assertEq(lots.totals().collected, GRAMS, "collected");
    }

    /// @dev A relayer names itself, or a collector that it works with, in place of the collector that signed.
    function test_Attack_RelayerSwapsCollector() external {
        SignedTicket memory signed = signTicket(ticketOf(BIN, PACKAGING, GRAMS, collectorCrew));
        signed.ticket.collector = rivalCrew;
        (bool ok, bytes memory data) = address(lots).call(abi.encodeCall(IWasteLots.collect, (signed)));
        assertFalse(ok, "another name");
        assertEq(bytes32(bytes4(data)), bytes32(IWasteLots.WasteLotsBadSignature.selector), "error");
        // The other collector's own signature, or call, does not help: the device signed another ticket.
        bytes32 digest = ticketDigest(signed.ticket);
        address nobody = ecrecover(digest, _vOf(signed.device), signed.device.r, _sOf(signed.device));
        signed.collector = signCompact(rivalCrewKey, digest);
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadDeviceSignature.selector, BIN, nobody));
        lots.collect(signed);
        signed.collector = none;
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadDeviceSignature.selector, BIN, nobody));
        vm.prank(rivalCrew);
        lots.collect(signed);
        assertEq(lots.totals().collected, 0, "collected");
    }

    /// @dev A collector alone makes a ticket, with a device that it has, or with its own key twice.
    function test_Attack_CollectorMakesATicketAlone() external {
        Ticket memory ticket = ticketOf(BIN, PACKAGING, GRAMS, collectorCrew);
        uint256[2] memory keys = [collectorCrewKey, deviceKeyOf(BIN + 1)];
        for (uint256 i = 0; i < keys.length; ++i) {
            SignedTicket memory signed = signTicket(ticket, keys[i], collectorCrewKey);
            vm.expectRevert(
                abi.encodeWithSelector(IContainers.ContainersBadDeviceSignature.selector, BIN, vm.addr(keys[i]))
            );
            lots.collect(signed);
        }
    }

    /// @dev Hazardous waste under a harmless route: no permit at the collector, at the next one, or at the plant, wherever it
    /// is grouped, divided or refused on its way.
    function test_Attack_HazardousWasteUnderAHarmlessRoute() external {
        SignedTicket memory signed = signTicket(ticketOf(BINS, TUBES, GRAMS, collectorCrew));
        expectPermitMissing(COLLECTOR, TUBES);
        lots.collect(signed);
        permitFor(COLLECTOR, TUBES);
        uint64 lotId = lots.collect(signed);
        lotId = split(collectorCrew, lotId, GRAMS / 2);
        _expectNoPermitAt(RIVAL, lotId);
        _expectNoPermitAt(FACILITY, lotId);
        permitFor(FACILITY, TUBES);
        deliver(lotId, FACILITY, GRAMS / 2, GRAMS / 4);
        _expectNoPermitAt(RIVAL, SERIAL_FLAG | 2);
        // What comes out of a process is as hazardous as its code says.
        expectPermitMissing(FACILITY, HAZARDOUS_RESIDUE);
        vm.prank(facilityCrew);
        lots.process(listOf(lotId), outputOf(HAZARDOUS_RESIDUE, GRAMS / 4, 0), 0, EVIDENCE);
    }

    // --- custody

    /// @dev A handover signed for a lot that has changed since: weighed anew, divided, broken, or come back.
    function test_Attack_StaleHandover() external {
        uint64 lotId = bring(BIN, GRAMS);
        Handover memory handover = handoverOf(lotId, INCINERATOR);
        CompactSignature memory sender = signHandover(handover, facilityCrewKey);
        vm.prank(facilityCrew);
        lots.proposeRevision(lotId, GRAMS / 2, REASON);
        vm.prank(collectorCrew);
        lots.approveRevision(lotId, GRAMS / 2);
        _expectStale(handover, sender, 2);
        split(facilityCrew, lotId, 1);
        _expectStale(handover, sender, 3);
        vm.prank(facilityCrew);
        lots.declareBreak(lotId, REASON);
        _expectStale(handover, sender, 4);
        deliver(lotId, INCINERATOR, GRAMS / 2 - 1, GRAMS / 2 - 1);
        deliver(lotId, FACILITY, GRAMS / 2 - 1, GRAMS / 2 - 1);
        _expectStale(handover, sender, 6);
        // Told to be of now, it is of nobody.
        handover.version = 6;
        bytes32 digest = handoverDigest(handover, lots.lotOf(lotId).grams);
        expectBadSignature(ecrecover(digest, _vOf(sender), sender.r, _sOf(sender)));
        vm.prank(incineratorCrew);
        lots.takeDelivery(handover, GRAMS / 2 - 1, sender);
    }

    /// @dev A receipt for one handover is brought with another one: of another lot, or of the same lot another time.
    function test_Attack_ReceiptReused() external {
        uint64 lotId = collect(BIN, GRAMS);
        uint64 other = collect(BIN, GRAMS);
        Handover memory handover = handoverOf(lotId, FACILITY);
        Receipt memory receipt = receiptOf(handover, GRAMS, GRAMS);
        CompactSignature memory receiver = signReceipt(receipt, facilityCrewKey);
        _expectReceiptOfNobody(handoverOf(other, FACILITY), receipt, receiver);
        // The same lot comes and goes, and its collector brings the receipt again.
        relay(handover, receipt, collectorCrewKey, facilityCrewKey);
        deliver(lotId, COMBINED, GRAMS, GRAMS);
        deliver(lotId, COLLECTOR, GRAMS, GRAMS);
        _expectReceiptOfNobody(handoverOf(lotId, FACILITY), receipt, receiver);
        // Nor with a longer time.
        Handover memory later = handoverOf(other, FACILITY);
        receipt = receiptOf(later, GRAMS, GRAMS);
        receiver = signReceipt(receipt, facilityCrewKey);
        ++later.until;
        _expectReceiptOfNobody(later, receipt, receiver);
    }

    /// @dev A relayer changes what the receiver found.
    function test_Attack_RelayerChangesTheReceipt() external {
        Handover memory handover = handoverOf(collect(BIN, GRAMS), FACILITY);
        CompactSignature memory receiver = signReceipt(receiptOf(handover, GRAMS, GRAMS / 2), facilityCrewKey);
        Receipt[3] memory receipts;
        for (uint256 i = 0; i < receipts.length; ++i) receipts[i] = receiptOf(handover, GRAMS, GRAMS / 2);
        --receipts[0].receivedGrams;
        ++receipts[1].acceptedGrams;
        receipts[2].reasonHash = EVIDENCE;
        for (uint256 i = 0; i < receipts.length; ++i) _expectReceiptOfNobody(handover, receipts[i], receiver);
    }

    /// @dev One message is brought as another kind of message, or to another contract of the same kind.
    function test_Attack_SignatureOfAnotherDomain() external {
        Ticket memory ticket = ticketOf(BIN, PACKAGING, GRAMS, collectorCrew);
        bytes32 structHash = keccak256(abi.encode(TICKET_TYPE, ticket));
        bytes32 wrong = digestOf(domainOf("Civitas Containers", address(containers)), structHash);
        SignedTicket memory signed = signTicket(ticket);
        signed.collector = signCompact(collectorCrewKey, wrong);
        bytes32 right = ticketDigest(ticket);
        expectBadSignature(ecrecover(right, _vOf(signed.collector), signed.collector.r, _sOf(signed.collector)));
        lots.collect(signed);
    }

    /// @dev A sender and a receiver in league make mass appear on the way: no more than the tolerance, and it shows.
    function test_Attack_MassAppearsOnTheWay() external {
        uint64 lotId = collect(BIN, GRAMS);
        Handover memory handover = handoverOf(lotId, FACILITY);
        uint64 most = GRAMS + (uint64(GRAMS) * TOLERANCE_BP) / 10_000;
        vm.expectEmit(address(lots));
        emit IWasteLots.Disputed(lotId, FACILITY, GRAMS, most + 1, most - GRAMS);
        relay(handover, receiptOf(handover, most + 1, most + 1), collectorCrewKey, facilityCrewKey);
        vm.prank(auditor);
        lots.rule(lotId, GRAMS, REASON);
        deliver(lotId, FACILITY, most, most);
        assertEq(lots.totals().transitGain, most - GRAMS, "it shows");
    }

    // --- mass

    /// @dev A lot goes into one process twice, or into two.
    function test_Attack_DoubleLotInOneProcess() external {
        uint64 lotId = bring(BIN, GRAMS);
        Output[] memory outputs = outputOf(RESIDUE, 2 * GRAMS, D1);
        expectClosed(lotId, LotState.Consumed);
        vm.prank(facilityCrew);
        lots.process(listOf(lotId, lotId), outputs, 0, EVIDENCE);
        outputs[0].grams = GRAMS;
        vm.startPrank(facilityCrew);
        lots.process(listOf(lotId), outputs, 0, EVIDENCE);
        expectClosed(lotId, LotState.Consumed);
        lots.process(listOf(lotId), outputs, 0, EVIDENCE);
        // What was ended goes into nothing either.
        expectClosed(SERIAL_FLAG | 1, LotState.Final);
        lots.process(listOf(SERIAL_FLAG | 1), outputs, 0, EVIDENCE);
        vm.stopPrank();
        assertEq(lots.totals().disposed, GRAMS, "once");
    }

    /// @dev Part quantities of a lot are grouped again and again, in one call and in several.
    function test_Attack_GroupingPartsTwice() external {
        uint64 lotId = collect(BIN, GRAMS);
        vm.startPrank(collectorCrew);
        _expectTakenTooMuch(lotId, GRAMS / 2, GRAMS / 2 - 1);
        lots.group(listOf(lotId, lotId), listOf(GRAMS / 2 + 1, GRAMS / 2));
        expectClosed(lotId, LotState.Consumed);
        lots.group(listOf(lotId, lotId), listOf(GRAMS, 1));
        lots.group(listOf(lotId), listOf(GRAMS / 2 + 1));
        _expectTakenTooMuch(lotId, GRAMS / 2, GRAMS / 2 - 1);
        lots.group(listOf(lotId), listOf(GRAMS / 2));
        // Two halves that would overflow to nothing.
        _expectTakenTooMuch(lotId, 1 << 63, GRAMS / 2 - 1);
        lots.group(listOf(lotId, lotId), listOf(1 << 63, 1 << 63));
        lots.group(listOf(lotId), listOf(GRAMS / 2 - 1));
        vm.stopPrank();
        assertEq(
            lots.lotOf(SERIAL_FLAG | 1).grams + lots.lotOf(SERIAL_FLAG | 2).grams,
            GRAMS,
            "no more than there was"
        );
    }

    /// @dev The weight of a lot is revised after some or all of it was used: by proposal, or by approval of an old proposal.
    function test_Attack_ReviseAfterProcessing() external {
        uint64 lotId = bring(BIN, GRAMS);
        vm.prank(collectorCrew);
        lots.proposeRevision(lotId, 2 * GRAMS, REASON);
        uint64 child = split(facilityCrew, lotId, GRAMS / 2);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNoRevision.selector, lotId));
        vm.prank(facilityCrew);
        lots.approveRevision(lotId, 2 * GRAMS);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsHasChild.selector, lotId));
        vm.prank(collectorCrew);
        lots.proposeRevision(lotId, 2 * GRAMS, REASON);
        vm.startPrank(facilityCrew);
        lots.process(listOf(lotId, child), outputOf(RESIDUE, GRAMS, D1), 0, EVIDENCE);
        expectClosed(lotId, LotState.Consumed);
        lots.approveRevision(lotId, 2 * GRAMS);
        expectClosed(child, LotState.Consumed);
        lots.proposeRevision(child, GRAMS, REASON);
        expectClosed(SERIAL_FLAG | 2, LotState.Final);
        lots.proposeRevision(SERIAL_FLAG | 2, 2 * GRAMS, REASON);
        vm.stopPrank();
    }

    /// @dev One party plays both: it proposes and approves, or waits until the other is somebody of its own choice.
    function test_Attack_OnePartyRevises() external {
        uint64 lotId = bring(BIN, GRAMS);
        vm.startPrank(facilityCrew);
        lots.proposeRevision(lotId, 2 * GRAMS, REASON);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNoRevision.selector, lotId));
        lots.approveRevision(lotId, 2 * GRAMS);
        vm.stopPrank();
        deliver(lotId, INCINERATOR, GRAMS, GRAMS);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNoRevision.selector, lotId));
        vm.prank(incineratorCrew);
        lots.approveRevision(lotId, 2 * GRAMS);
        // Who agrees names the mass, so the proposer cannot change it under the other's hand.
        vm.startPrank(facilityCrew);
        lots.proposeRevision(lotId, GRAMS + 1, REASON);
        lots.proposeRevision(lotId, 2 * GRAMS, REASON);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNoRevision.selector, lotId));
        vm.prank(incineratorCrew);
        lots.approveRevision(lotId, GRAMS + 1);
    }

    /// @dev A plant hides mass as loss: above its licence, or bit by bit, where every process rounds down.
    function test_Attack_LossAsAHidingPlace() external {
        uint64 lotId = bring(BIN, GRAMS);
        uint64 most = (uint64(GRAMS) * MAX_LOSS_BP) / 10_000;
        vm.startPrank(facilityCrew);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsLossTooHigh.selector, most + 1, most));
        lots.process(listOf(lotId), outputOf(PLASTIC, GRAMS - most - 1, 0), most + 1, EVIDENCE);
        // Left out of the outputs without being called a loss.
        vm.expectRevert(
            abi.encodeWithSelector(IWasteLots.WasteLotsMassImbalance.selector, GRAMS, GRAMS - most - 1, most)
        );
        lots.process(listOf(lotId), outputOf(PLASTIC, GRAMS - most - 1, 0), most, EVIDENCE);
        // Of 19 grams nothing can be lost, however often.
        for (uint256 i = 0; i < 3; ++i) {
            uint64 bit = lots.group(listOf(lotId), listOf(19));
            vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsLossTooHigh.selector, 1, 0));
            lots.process(listOf(bit), outputOf(PLASTIC, 18, 0), 1, EVIDENCE);
        }
        vm.stopPrank();
    }

    /// @dev More is said to be recycled than the plant can: at once, by ending its outputs, or its inputs.
    function test_Attack_RecycledBeyondTheConversionFactor() external {
        uint64 lotId = bring(BIN, GRAMS);
        uint64 limit = (uint64(GRAMS) * CONVERSION_PCT) / 100;
        vm.startPrank(facilityCrew);
        _expectRecycledTooMuch(GRAMS, limit);
        lots.process(listOf(lotId), outputOf(PLASTIC, GRAMS, R3), 0, EVIDENCE);
        _expectRecycledTooMuch(GRAMS, limit);
        lots.finalise(lotId, R3, EVIDENCE);
        uint64[] memory made = lots.process(listOf(lotId), outputOf(PLASTIC, GRAMS, 0), 0, EVIDENCE);
        _expectRecycledTooMuch(GRAMS, limit);
        lots.finalise(made[0], R3, EVIDENCE);
        vm.stopPrank();
        assertEq(lots.totals().recycled, 0, "recycled");
    }

    /// @dev What was exported comes back: nothing can be done with its lot, and new mass comes from containers alone.
    function test_Attack_ReimportOfExportedMass() external {
        uint64 lotId = bring(BIN, GRAMS);
        Handover memory handover = handoverOf(lotId, INCINERATOR);
        CompactSignature memory sender = signHandover(handover, facilityCrewKey);
        exportBy(facilityCrew, lotId);
        expectClosed(lotId, LotState.Exported);
        vm.prank(incineratorCrew);
        lots.takeDelivery(handover, GRAMS, sender);
        vm.prank(auditor);
        expectClosed(lotId, LotState.Exported);
        lots.rule(lotId, GRAMS, REASON);
        vm.startPrank(facilityCrew);
        expectClosed(lotId, LotState.Exported);
        lots.group(listOf(lotId), listOf(1));
        expectClosed(lotId, LotState.Exported);
        lots.process(listOf(lotId), outputOf(PLASTIC, GRAMS, 0), 0, EVIDENCE);
        expectClosed(lotId, LotState.Exported);
        lots.finalise(lotId, D1, EVIDENCE);
        expectClosed(lotId, LotState.Exported);
        lots.exportLot(lotId, EVIDENCE);
        vm.stopPrank();
        MassTotals memory totals;
        (totals.collected, totals.exported) = (GRAMS, GRAMS);
        assertTotals(totals);
    }

    /// @dev A broken trace is washed off: by grouping, dividing, refusing, a process, or a handover.
    function test_Attack_BrokenTraceIsWashedOff() external {
        uint64 lotId = collect(BIN, GRAMS);
        vm.prank(collectorCrew);
        lots.declareBreak(lotId, REASON);
        deliver(lotId, FACILITY, GRAMS, GRAMS - 1_000);
        uint64 clean = bring(BIN, GRAMS);
        uint64 part = split(facilityCrew, lotId, 1_000);
        vm.startPrank(facilityCrew);
        uint64 mixed = lots.group(listOf(clean, lotId), listOf(GRAMS, 1));
        uint64[] memory made = lots.process(listOf(mixed, part), outputOf(PLASTIC, GRAMS + 1_001, 0), 0, EVIDENCE);
        vm.stopPrank();
        uint64[5] memory all = [lotId, SERIAL_FLAG | 1, part, mixed, made[0]];
        for (uint256 i = 0; i < all.length; ++i) {
            Lot memory lot = lots.lotOf(all[i]);
            assertEq(lot.flags & LotFlags.BROKEN, LotFlags.BROKEN, "broken");
        }
    }

    // --- internals

    function _vOf(CompactSignature memory signature) private pure returns (uint8 v) {
        return uint8(27 + (uint256(signature.vs) >> 255));
    }

    function _sOf(CompactSignature memory signature) private pure returns (bytes32 s) {
        return bytes32((uint256(signature.vs) << 1) >> 1);
    }

    function _expectCounter(uint32 counter) private {
        vm.expectRevert(
            abi.encodeWithSelector(IContainers.ContainersCounterNotIncreasing.selector, BIN, counter, counter)
        );
    }

    function _expectNoPermitAt(uint32 receiver, uint64 lotId) private {
        Handover memory handover = handoverOf(lotId, receiver);
        uint64 grams = lots.lotOf(lotId).grams;
        CompactSignature memory sender = signHandover(handover, collectorCrewKey);
        expectPermitMissing(receiver, TUBES);
        vm.prank(vm.addr(crewKeyOf(receiver)));
        lots.takeDelivery(handover, grams, sender);
    }

    function _expectStale(Handover memory handover, CompactSignature memory sender, uint32 current) private {
        vm.expectRevert(
            abi.encodeWithSelector(IWasteLots.WasteLotsStale.selector, handover.lotId, handover.version, current)
        );
        vm.prank(incineratorCrew);
        lots.takeDelivery(handover, GRAMS, sender);
    }

    /// @dev The receiver's signature is of somebody by chance.
    function _expectReceiptOfNobody(
        Handover memory handover,
        Receipt memory receipt,
        CompactSignature memory receiver
    ) private {
        CompactSignature memory sender = signHandover(handover, collectorCrewKey);
        bytes32 digest = handoverDigest(handover, lots.lotOf(handover.lotId).grams);
        bytes32 structHash = keccak256(
            abi.encode(RECEIPT_TYPE, digest, receipt.receivedGrams, receipt.acceptedGrams, receipt.reasonHash)
        );
        expectBadSignature(ecrecover(lotsDigest(structHash), _vOf(receiver), receiver.r, _sOf(receiver)));
        lots.receiveLot(handover, receipt, sender, receiver);
    }

    function _expectTakenTooMuch(uint64 lotId, uint64 grams, uint64 held) private {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsTakenTooMuch.selector, lotId, grams, held));
    }

    function _expectRecycledTooMuch(uint256 grams, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsRecycledTooMuch.selector, grams, limit));
    }
}
