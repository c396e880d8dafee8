// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WasteOperations} from "../../../../contracts/waste/codes/WasteOperations.sol";
import {IRecyclingCertificates} from "../../../../contracts/waste/certificates/IRecyclingCertificates.sol";
import {RecyclingCertificates} from "../../../../contracts/waste/certificates/RecyclingCertificates.sol";
import {Recycled, RecyclingIds} from "../../../../contracts/waste/certificates/RecyclingIds.sol";
import {IWasteLots, Output, SignedTicket, Ticket, Weighing} from "../../../../contracts/waste/lots/IWasteLots.sol";
import {WasteFixture} from "../WasteFixture.sol";

/// @notice Certificates of mass that came out of real lots. The company that is collector and facility collects, processes and
/// has certified.
contract RecyclingCertificatesLotsTest is WasteFixture {
    uint8 private constant R3 = 3;
    uint8 private constant D1 = WasteOperations.D1;
    /// @dev January 2026, which begins with the fixture's first second.
    uint16 private constant MONTH = 672;
    uint32 private constant TICKET_GRAMS = 100_000;
    bytes32 private constant TICKET_TYPE = keccak256(
        "Ticket(uint32 binId,uint32 counter,uint40 takenAt,uint24 code,uint32 grams,uint8 weighing,address collector,uint32 routeId,bytes32 documentHash)"
    );

    IWasteLots private lots;
    RecyclingCertificates private certificates;
    address private buyer = address(0xb0b);
    uint32 private counter;

    function setUp() public override {
        super.setUp();
        // By its code, because another compiler pipeline builds it.
        bytes memory code = bytes.concat(vm.getCode("WasteLots"), abi.encode(address(manager), containers));
        address deployed;
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        lots = IWasteLots(deployed);
        wireLots(address(lots));
        certificates = new RecyclingCertificates(lots, "");
    }

    // What a ticket weighed becomes
    // ├── 90 % plastic: certified to the gram, once
    // ├── 10 % residue put away: never
    // ├── of a lot whose trace is broken: never, also through grouping
    // ├── of what a process that recycled left: never
    // └── in another month: of that month

    function test_WhatWasRecycledIsCertified() external {
        assertEq(address(certificates.operators()), address(operators), "operators of the lots");
        _process(_collect());
        _issue(_idOf(PLASTIC, R3, MONTH), 90_000);
        _expectNothingLeft(_idOf(PLASTIC, R3, MONTH));
        _process(_collect());
        _issue(_idOf(PLASTIC, R3, MONTH), 90_000);
        assertEq(certificates.balanceOf(buyer, _idOf(PLASTIC, R3, MONTH)), 180_000, "both lots");
    }

    function test_Attack_DisposedMassIsNotCertified() external {
        _process(_collect());
        assertEq(lots.totals().disposed, 10_000, "put away");
        // Under its own operation there are no certificates at all.
        uint256 bad = _idOf(RESIDUE, D1, MONTH);
        vm.prank(combinedCrew);
        vm.expectRevert(abi.encodeWithSelector(RecyclingIds.RecyclingIdsMalformed.selector, bad));
        certificates.issue(bad, buyer, 1);
        // Nor does it count under one that recycles.
        _expectNothingLeft(_idOf(RESIDUE, R3, MONTH));
    }

    function test_Attack_MassOfABrokenTraceIsNotCertified() external {
        uint64 lotId = _collect();
        vm.prank(combinedCrew);
        lots.declareBreak(lotId, "reason");
        _process(lotId);
        assertEq(lots.totals().recycled, 90_000, "recycled");
        _expectNothingLeft(_idOf(PLASTIC, R3, MONTH));
    }

    function test_Attack_ABrokenTraceIsNotMendedByGrouping() external {
        (uint64[] memory sources, uint64[] memory grams) = (new uint64[](2), new uint64[](2));
        (sources[0], sources[1]) = (_collect(), _collect());
        (grams[0], grams[1]) = (TICKET_GRAMS - 1, 1);
        vm.prank(combinedCrew);
        lots.declareBreak(sources[1], "reason");
        vm.prank(combinedCrew);
        _process(lots.group(sources, grams));
        _expectNothingLeft(_idOf(PLASTIC, R3, MONTH));
    }

    function test_Attack_WhatWasLeftIsNotCertified() external {
        uint64[] memory inputs = new uint64[](1);
        inputs[0] = _collect();
        Output[] memory outputs = new Output[](2);
        outputs[0] = Output(PLASTIC, (TICKET_GRAMS / 10) * 9, R3);
        outputs[1] = Output(PLASTIC, TICKET_GRAMS / 10, 0);
        vm.startPrank(combinedCrew);
        inputs[0] = lots.process(inputs, outputs, 0, "evidence")[1];
        outputs[0].grams = (TICKET_GRAMS / 100) * 9;
        outputs[1].grams = TICKET_GRAMS / 100;
        lots.process(inputs, outputs, 0, "evidence");
        vm.stopPrank();
        assertEq(lots.totals().recycled, 99_000, "recycled");
        _issue(_idOf(PLASTIC, R3, MONTH), 90_000);
        _expectNothingLeft(_idOf(PLASTIC, R3, MONTH));
    }

    function test_EachMonthIsItsOwn() external {
        vm.warp(EPOCH + 31 days - 1);
        _process(_collect());
        vm.warp(EPOCH + 31 days);
        _process(_collect());
        _issue(_idOf(PLASTIC, R3, MONTH), 90_000);
        _issue(_idOf(PLASTIC, R3, MONTH + 1), 90_000);
        _expectNothingLeft(_idOf(PLASTIC, R3, MONTH));
        _expectNothingLeft(_idOf(PLASTIC, R3, MONTH + 1));
    }

    function test_Attack_AnotherFacilityCannotHaveItCertified() external {
        _process(_collect());
        uint256 id = _idOf(PLASTIC, R3, MONTH);
        vm.prank(facilityCrew);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRecyclingCertificates.RecyclingCertificatesNotFacility.selector,
                COMBINED,
                facilityCrew
            )
        );
        certificates.issue(id, buyer, 1);
        uint256 own = RecyclingIds.encode(Recycled(PLASTIC, R3, FACILITY, MONTH));
        vm.prank(facilityCrew);
        _expectExceeds();
        certificates.issue(own, buyer, 1);
    }

    // --- helpers

    function _collect() private returns (uint64 lotId) {
        SignedTicket memory signed;
        signed.ticket = Ticket({
            binId: 1,
            counter: ++counter,
            takenAt: uint40(block.timestamp),
            code: PACKAGING,
            grams: TICKET_GRAMS,
            weighing: Weighing.Weighed,
            collector: combinedCrew,
            routeId: 0,
            documentHash: 0
        });
        bytes32 structHash = keccak256(abi.encode(TICKET_TYPE, signed.ticket));
        bytes32 digest = digestOf(domainOf("Civitas Waste Lots", address(lots)), structHash);
        signed.device = signCompact(deviceKeyOf(1), digest);
        signed.collector = signCompact(combinedCrewKey, digest);
        return lots.collect(signed);
    }

    /// @dev Nine tenths are recycled as plastic, the rest is put away.
    function _process(uint64 lotId) private {
        uint64[] memory inputs = new uint64[](1);
        inputs[0] = lotId;
        Output[] memory outputs = new Output[](2);
        outputs[0] = Output(PLASTIC, (TICKET_GRAMS / 10) * 9, R3);
        outputs[1] = Output(RESIDUE, TICKET_GRAMS / 10, D1);
        vm.prank(combinedCrew);
        lots.process(inputs, outputs, 0, "evidence");
    }

    function _issue(uint256 id, uint64 grams) private {
        vm.prank(combinedCrew);
        certificates.issue(id, buyer, grams);
    }

    function _expectNothingLeft(uint256 id) private {
        vm.prank(combinedCrew);
        _expectExceeds();
        certificates.issue(id, buyer, 1);
    }

    function _expectExceeds() private {
        vm.expectRevert(
            abi.encodeWithSelector(IRecyclingCertificates.RecyclingCertificatesExceedsRecycled.selector, 0, 1)
        );
    }

    function _idOf(uint24 code, uint8 op, uint16 month) private pure returns (uint256 id) {
        return RecyclingIds.encode(Recycled(code, op, COMBINED, month));
    }
}
