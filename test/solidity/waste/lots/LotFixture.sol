// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../../contracts/authority/CompactSignatures.sol";
import {Roles} from "../../../../contracts/authority/Roles.sol";
import {
    Handover,
    IWasteLots,
    Lot,
    LotState,
    MassTotals,
    Output,
    Receipt,
    SignedTicket,
    Ticket
} from "../../../../contracts/waste/lots/IWasteLots.sol";
import {WasteLots} from "../../../../contracts/waste/lots/WasteLots.sol";
import {WasteFixture} from "../WasteFixture.sol";
import {LotSigner} from "./LotSigner.sol";

/// @notice The city of {WasteFixture} with its lots, of which there is none yet.
abstract contract LotFixture is WasteFixture, LotSigner {
    uint64 internal constant SERIAL_FLAG = 1 << 63;
    uint64 internal constant MAX_LOT_GRAMS = (1 << 40) - 1;
    uint32 internal constant MAX_TICKET_GRAMS = 40_000_000;
    bytes32 internal constant EVIDENCE = keccak256("record and salt");
    CompactSignature internal none;

    function setUp() public virtual override {
        super.setUp();
        lots = new WasteLots(address(manager), containers);
        wireLots(address(lots));
        bytes4[] memory acts = new bytes4[](2);
        acts[0] = IWasteLots.rule.selector;
        acts[1] = IWasteLots.auditRevision.selector;
        manager.setTargetFunctionRole(address(lots), acts, Roles.WASTE_AUDITOR);
    }

    // --- acts

    /// @dev Number of the lot of a ticket.
    function ticketLot(uint32 binId, uint32 collection) internal pure returns (uint64 lotId) {
        return (uint64(binId) << 32) | collection;
    }

    /// @dev Signed by the container's device and the collector's crew, or the crew of the company that is both.
    function signTicket(Ticket memory ticket) internal view returns (SignedTicket memory signed) {
        uint256 crewKey = collectorCrewKey;
        if (ticket.collector == combinedCrew) crewKey = combinedCrewKey;
        if (ticket.collector == rivalCrew) crewKey = rivalCrewKey;
        return signTicket(ticket, deviceKeyOf(ticket.binId), crewKey);
    }

    /// @dev A lot of packaging with the collector.
    function collect(uint32 binId, uint32 grams) internal returns (uint64 lotId) {
        return collect(binId, PACKAGING, grams, collectorCrew);
    }

    function collect(uint32 binId, uint24 code, uint32 grams, address crew) internal returns (uint64 lotId) {
        return lots.collect(signTicket(ticketOf(binId, code, grams, crew)));
    }

    /// @dev A lot of packaging with the facility.
    function bring(uint32 binId, uint32 grams) internal returns (uint64 lotId) {
        lotId = collect(binId, grams);
        deliver(lotId, FACILITY, grams, grams);
    }

    function crewKeyOf(uint32 operatorId) internal view returns (uint256 privateKey) {
        return [collectorCrewKey, rivalCrewKey, facilityCrewKey, incineratorCrewKey, combinedCrewKey][operatorId - 1];
    }

    /// @dev Both crews sign, a stranger relays.
    function deliver(uint64 lotId, uint32 receiver, uint64 received, uint64 accepted) internal {
        Handover memory handover = handoverOf(lotId, receiver);
        Receipt memory receipt = receiptOf(handover, received, accepted);
        relay(handover, receipt, crewKeyOf(lots.lotOf(lotId).holder), crewKeyOf(receiver));
    }

    function relay(Handover memory handover, Receipt memory receipt, uint256 senderKey, uint256 receiverKey) internal {
        CompactSignature memory sender = signHandover(handover, senderKey);
        CompactSignature memory receiver = signReceipt(receipt, receiverKey);
        vm.prank(stranger);
        lots.receiveLot(handover, receipt, sender, receiver);
    }

    /// @dev A lot in dispute, with the collector.
    function dispute(uint32 binId, uint32 grams) internal returns (uint64 lotId) {
        lotId = collect(binId, grams);
        deliver(lotId, FACILITY, grams / 2, grams / 2);
    }

    /// @dev Splits a lot, so that it has a child.
    function split(address crew, uint64 lotId, uint64 grams) internal returns (uint64 child) {
        vm.prank(crew);
        return lots.group(listOf(lotId), listOf(grams));
    }

    function exportBy(address crew, uint64 lotId) internal {
        vm.prank(crew);
        lots.exportLot(lotId, EVIDENCE);
    }

    // --- lists

    function listOf(uint64 first) internal pure returns (uint64[] memory list) {
        list = new uint64[](1);
        list[0] = first;
    }

    function listOf(uint64 first, uint64 second) internal pure returns (uint64[] memory list) {
        list = new uint64[](2);
        (list[0], list[1]) = (first, second);
    }

    function outputOf(uint24 code, uint64 grams, uint8 op) internal pure returns (Output[] memory list) {
        list = new Output[](1);
        list[0] = Output(code, grams, op);
    }

    // --- what must be there

    function assertLot(uint64 lotId, Lot memory expected) internal view {
        Lot memory lot = lots.lotOf(lotId);
        assertEq(lot.holder, expected.holder, "holder");
        assertEq(lot.previous, expected.previous, "previous holder");
        assertEq(lot.grams, expected.grams, "grams");
        assertEq(lot.collectedGrams, expected.collectedGrams, "grams on the ticket");
        assertEq(lot.code, expected.code, "code");
        assertEq(uint256(lot.state), uint256(expected.state), "state");
        assertEq(lot.flags, expected.flags, "flags");
        assertEq(lot.op, expected.op, "operation");
        assertEq(lot.version, expected.version, "version");
    }

    function assertState(uint64 lotId, LotState state) internal view {
        assertEq(uint256(lots.lotOf(lotId).state), uint256(state), "state");
    }

    function assertTotals(MassTotals memory expected) internal view {
        assertEq(keccak256(abi.encode(lots.totals())), keccak256(abi.encode(expected)), "totals");
    }

    function expectNotHolder(uint64 lotId, uint32 holder, address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNotHolder.selector, lotId, holder, caller));
    }

    function expectClosed(uint64 lotId, LotState state) internal {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsLotClosed.selector, lotId, state));
    }

    function expectUnknown(uint64 lotId) internal {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsUnknownLot.selector, lotId));
    }

    function expectZeroMass() internal {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsZeroMass.selector));
    }

    function expectTooHeavy(uint256 grams, uint256 limit) internal {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsTooHeavy.selector, grams, limit));
    }

    function expectBadSignature(address recovered) internal {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsBadSignature.selector, recovered));
    }

    function expectPermitMissing(uint32 operatorId, uint24 code) internal {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsPermitMissing.selector, operatorId, code));
    }

    function expectNotLicensed(uint32 operatorId) internal {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNotLicensed.selector, operatorId));
    }

    function expectBadList(uint256 count, uint256 limit) internal {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsBadList.selector, count, limit));
    }
}
