// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Fate} from "../../../../contracts/waste/codes/WasteOperations.sol";
import {IWasteLots, Lot, LotFlags, LotState, MassTotals, Output} from "../../../../contracts/waste/lots/IWasteLots.sol";
import {FacilityTerms} from "../../../../contracts/waste/operators/IWasteOperators.sol";
import {Months} from "../../../../contracts/waste/Months.sol";
import {WasteCredentials} from "../../../../contracts/waste/WasteCredentials.sol";
import {LotFixture} from "./LotFixture.sol";

/// @notice Lots that are put together, processed, ended and exported.
contract WasteLotsProcessingTest is LotFixture {
    uint32 private constant BIN = 7;
    uint64 private constant GRAMS = 100_000;
    uint256 private constant MAX_LOTS = 50;
    uint8 private constant R1 = 1;
    uint8 private constant R3 = 3;
    uint8 private constant R4 = 4;
    uint8 private constant R12 = 12;
    uint8 private constant D1 = 101;
    /// @dev January 2026, in which the fixture begins.
    uint16 private constant MONTH = 672;

    // group
    // ├─ none, more than 50, or lists of two lengths ..... WasteLotsBadList
    // ├─ no such lot, or a closed one .................... WasteLotsUnknownLot, WasteLotsLotClosed
    // ├─ of another holder ............................... WasteLotsNotHolder
    // ├─ of different codes .............................. WasteLotsMixedCodes
    // ├─ nothing is taken of one ......................... WasteLotsZeroMass
    // ├─ more than it has ................................ WasteLotsTakenTooMuch
    // ├─ too heavy together .............................. WasteLotsTooHeavy
    // └─ else ............................................ a new lot, Grouped
    //    ├─ part of a lot ................................ keeps the rest, and has a child
    //    ├─ all of it .................................... Consumed
    //    └─ flags of any ................................. of the new lot, but HAS_CHILD and HANDED_ON

    function test_RevertWhen_GroupIsNoGoodList() external {
        uint64[] memory empty = new uint64[](0);
        vm.startPrank(collectorCrew);
        expectBadList(0, MAX_LOTS);
        lots.group(empty, empty);
        expectBadList(MAX_LOTS + 1, MAX_LOTS);
        lots.group(new uint64[](MAX_LOTS + 1), new uint64[](MAX_LOTS + 1));
        expectBadList(1, 2);
        lots.group(new uint64[](2), new uint64[](1));
        vm.stopPrank();
    }

    function test_RevertWhen_LotOfAGroupIsNotAtHand() external {
        uint64 lotId = _collect();
        uint64 other = _collect();
        exportBy(collectorCrew, other);
        uint64 foreign = collect(BIN, PACKAGING, uint32(GRAMS), rivalCrew);
        vm.startPrank(collectorCrew);
        expectUnknown(1);
        lots.group(listOf(lotId, 1), listOf(1, 1));
        expectClosed(other, LotState.Exported);
        lots.group(listOf(lotId, other), listOf(1, 1));
        expectNotHolder(foreign, RIVAL, collectorCrew);
        lots.group(listOf(lotId, foreign), listOf(1, 1));
        vm.stopPrank();
        expectNotHolder(lotId, COLLECTOR, stranger);
        vm.prank(stranger);
        lots.group(listOf(lotId), listOf(1));
    }

    function test_RevertWhen_CodesAreMixed() external {
        uint64 lotId = _collect();
        uint64 other = collect(BIN, KITCHEN, 1_000, collectorCrew);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsMixedCodes.selector, PACKAGING, KITCHEN));
        vm.prank(collectorCrew);
        lots.group(listOf(lotId, other), listOf(1, 1));
    }

    function test_RevertWhen_NothingOrTooMuchIsTaken() external {
        uint64 lotId = _collect();
        uint64 other = _collect();
        vm.startPrank(collectorCrew);
        expectZeroMass();
        lots.group(listOf(lotId, other), listOf(1, 0));
        _expectTakenTooMuch(other, GRAMS + 1, GRAMS);
        lots.group(listOf(lotId, other), listOf(1, GRAMS + 1));
        vm.stopPrank();
    }

    function test_RevertWhen_GroupIsTooHeavy() external {
        uint64 heavy = _heavyLot();
        uint64 lotId = _collect();
        vm.startPrank(collectorCrew);
        expectTooHeavy(MAX_LOT_GRAMS + 1, MAX_LOT_GRAMS);
        lots.group(listOf(heavy, lotId), listOf(MAX_LOT_GRAMS, 1));
        uint64 sum = lots.group(listOf(heavy, lotId), listOf(MAX_LOT_GRAMS - 1, 1));
        assertEq(lots.lotOf(sum).grams, MAX_LOT_GRAMS, "as heavy as a lot can be");
        vm.stopPrank();
    }

    function test_LotsAreGroupedInPart() external {
        (uint64 one, uint64 two) = (_collect(), _collect());
        vm.expectEmit(address(lots));
        emit IWasteLots.Grouped(SERIAL_FLAG | 1, COLLECTOR, listOf(one, two), listOf(30_000, GRAMS));
        vm.prank(collectorCrew);
        assertEq(lots.group(listOf(one, two), listOf(30_000, GRAMS)), SERIAL_FLAG | 1, "number");

        Lot memory lot;
        (lot.holder, lot.code, lot.state, lot.grams) = (COLLECTOR, PACKAGING, LotState.Open, 30_000 + GRAMS);
        assertLot(SERIAL_FLAG | 1, lot);
        (lot.grams, lot.collectedGrams, lot.flags) = (GRAMS - 30_000, uint32(GRAMS), LotFlags.HAS_CHILD);
        lot.version = 1;
        assertLot(one, lot);
        (lot.grams, lot.state) = (GRAMS, LotState.Consumed);
        assertLot(two, lot);
        MassTotals memory totals;
        totals.collected = 2 * GRAMS;
        assertTotals(totals);

        // The rest can be taken too, and no more.
        vm.startPrank(collectorCrew);
        _expectTakenTooMuch(one, GRAMS - 30_000 + 1, GRAMS - 30_000);
        lots.group(listOf(one), listOf(GRAMS - 30_000 + 1));
        assertEq(lots.group(listOf(one), listOf(GRAMS - 30_000)), SERIAL_FLAG | 2, "next number");
        vm.stopPrank();
        assertState(one, LotState.Consumed);
    }

    function test_GroupInheritsFlags() external {
        permitFor(COLLECTOR, TUBES);
        uint64 one = collect(BINS, TUBES, 50, collectorCrew);
        uint64 two = collect(BINS, TUBES, 60, collectorCrew);
        split(collectorCrew, one, 10);
        vm.startPrank(collectorCrew);
        lots.declareBreak(two, REASON);
        uint64 sum = lots.group(listOf(one, two), listOf(40, 10));
        assertEq(lots.lotOf(sum).flags, LotFlags.HAZARDOUS | LotFlags.BROKEN, "flags of both, without a child");
        assertEq(lots.lotOf(two).flags, LotFlags.HAZARDOUS | LotFlags.BROKEN | LotFlags.HAS_CHILD, "its own");
        vm.stopPrank();
    }

    function test_GroupOfFifty() external {
        uint64 lotId = _collect();
        uint64[] memory ids = new uint64[](MAX_LOTS);
        uint64[] memory grams = new uint64[](MAX_LOTS);
        for (uint256 i = 0; i < MAX_LOTS; ++i) (ids[i], grams[i]) = (lotId, GRAMS / 50);
        vm.prank(collectorCrew);
        assertEq(lots.lotOf(lots.group(ids, grams)).grams, GRAMS, "all of one lot, bit by bit");
        assertState(lotId, LotState.Consumed);
        assertEq(lots.lotOf(lotId).version, MAX_LOTS, "version");
    }

    // process
    // ├─ no inputs, more than 50, or more than 50 outputs  WasteLotsBadList
    // ├─ the caller's key acts for no facility ........... WasteLotsNotFacility
    // │  └─ whose licence runs
    // ├─ an input
    // │  ├─ unknown, or closed ........................... WasteLotsUnknownLot, WasteLotsLotClosed
    // │  └─ of another holder ............................ WasteLotsNotHolder
    // ├─ an output
    // │  ├─ of no mass, or too heavy ..................... WasteLotsZeroMass, WasteLotsTooHeavy
    // │  ├─ of a code not valid today .................... WasteLotsCodeNotValid
    // │  ├─ hazardous, and no permit ..................... WasteLotsPermitMissing
    // │  └─ of an operation that ends nothing ............ WasteLotsNotFinal
    // ├─ sums differ ..................................... WasteLotsMassImbalance
    // ├─ too much is lost ................................ WasteLotsLossTooHigh
    // ├─ too much is recycled ............................ WasteLotsRecycledTooMuch
    // └─ else ............................................ Processed
    //    ├─ an output with an operation .................. ended and booked, Finalised
    //    ├─ one without .................................. an open lot
    //    ├─ hazardous .................................... flag HAZARDOUS
    //    ├─ something is recycled ........................ flag RESIDUE of what is left open
    //    └─ an input's trace is broken, or it is RESIDUE . of all outputs too, and none can be certified

    function test_RevertWhen_ProcessIsNoGoodList() external {
        vm.startPrank(facilityCrew);
        expectBadList(0, MAX_LOTS);
        lots.process(new uint64[](0), new Output[](0), 0, EVIDENCE);
        expectBadList(MAX_LOTS + 1, MAX_LOTS);
        lots.process(new uint64[](MAX_LOTS + 1), new Output[](0), 0, EVIDENCE);
        expectBadList(MAX_LOTS + 1, MAX_LOTS);
        lots.process(new uint64[](1), new Output[](MAX_LOTS + 1), 0, EVIDENCE);
        vm.stopPrank();
    }

    function test_RevertWhen_CallerRunsNoPlant() external {
        uint64 lotId = bring(BIN, uint32(GRAMS));
        address[3] memory callers = [collectorCrew, stranger, facility];
        for (uint256 i = 0; i < callers.length; ++i) _expectNotFacility(callers[i], lotId);
        FacilityTerms memory terms = plainTerms();
        terms.until = uint32(EPOCH + 1);
        licenseFor(FACILITY, terms);
        vm.warp(EPOCH + 2);
        _expectNotFacility(facilityCrew, lotId);
        vm.warp(EPOCH + 1);
        _process(listOf(lotId), outputOf(PLASTIC, GRAMS, 0), 0);
        // A facility that is none any more.
        uint64 other = collect(BIN, PACKAGING, uint32(GRAMS), combinedCrew);
        setCredential(WasteCredentials.WASTE_FACILITY, combined, false);
        _expectNotFacility(combinedCrew, other);
    }

    function test_RevertWhen_InputIsNotAtHand() external {
        uint64 lotId = bring(BIN, uint32(GRAMS));
        uint64 foreign = _collect();
        Output[] memory outputs = outputOf(PLASTIC, GRAMS, 0);
        expectUnknown(1);
        _process(listOf(lotId, 1), outputs, 0);
        expectNotHolder(foreign, COLLECTOR, facilityCrew);
        _process(listOf(lotId, foreign), outputs, 0);
        exportBy(facilityCrew, lotId);
        expectClosed(lotId, LotState.Exported);
        _process(listOf(lotId), outputs, 0);
    }

    function test_RevertWhen_OutputIsNoLot() external {
        uint64[] memory inputs = listOf(bring(BIN, uint32(GRAMS)));
        expectZeroMass();
        _process(inputs, outputOf(PLASTIC, 0, 0), 0);
        expectTooHeavy(MAX_LOT_GRAMS + 1, MAX_LOT_GRAMS);
        _process(inputs, outputOf(PLASTIC, MAX_LOT_GRAMS + 1, 0), 0);
        _expectCodeNotValid(NEW_BATTERIES);
        _process(inputs, outputOf(NEW_BATTERIES, GRAMS, 0), 0);
        vm.warp(uint256(CHANGE_DAY) * 1 days);
        _expectCodeNotValid(OLD_BATTERIES);
        _process(inputs, outputOf(OLD_BATTERIES, GRAMS, 0), 0);
        uint8[3] memory ops = [R12, 108, 200];
        for (uint256 i = 0; i < ops.length; ++i) {
            _expectNotFinal(ops[i]);
            _process(inputs, outputOf(PLASTIC, GRAMS, ops[i]), 0);
        }
    }

    function test_RevertWhen_PlantHasNoPermitForAHazardousOutput() external {
        uint64[] memory inputs = listOf(bring(BIN, uint32(GRAMS)));
        Output[] memory outputs = outputOf(HAZARDOUS_RESIDUE, GRAMS, D1);
        expectPermitMissing(FACILITY, HAZARDOUS_RESIDUE);
        _process(inputs, outputs, 0);
        vm.prank(licensing);
        operators.permit(FACILITY, HAZARDOUS_RESIDUE, uint40(block.timestamp) - 1);
        expectPermitMissing(FACILITY, HAZARDOUS_RESIDUE);
        _process(inputs, outputs, 0);
        vm.prank(licensing);
        operators.permit(FACILITY, HAZARDOUS_RESIDUE, uint40(block.timestamp));
        _process(inputs, outputs, 0);
        assertEq(lots.lotOf(SERIAL_FLAG | 1).flags, LotFlags.HAZARDOUS, "flags");
    }

    function test_RevertWhen_MassDoesNotAddUp() external {
        uint64[] memory inputs = listOf(bring(BIN, uint32(GRAMS)));
        uint64[3] memory masses = [GRAMS - 1_000, GRAMS - 1_002, GRAMS + 1];
        uint64[3] memory losses = [uint64(1_001), 1_001, type(uint64).max];
        for (uint256 i = 0; i < masses.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IWasteLots.WasteLotsMassImbalance.selector, GRAMS, masses[i], losses[i])
            );
            _process(inputs, outputOf(PLASTIC, masses[i], 0), losses[i]);
        }
    }

    function test_RevertWhen_TooMuchIsLost() external {
        uint64[] memory inputs = listOf(bring(BIN, 99_999));
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsLossTooHigh.selector, 5_000, 4_999));
        _process(inputs, outputOf(PLASTIC, 94_999, 0), 5_000);
        _process(inputs, outputOf(PLASTIC, 95_000, 0), 4_999);
        assertEq(lots.totals().processLoss, 4_999, "rounded down");
    }

    function test_RevertWhen_TooMuchIsRecycled() external {
        uint64[] memory inputs = listOf(bring(BIN, 99_999));
        Output[] memory outputs = new Output[](3);
        outputs[0] = Output(PLASTIC, 50_000, R3);
        outputs[1] = Output(PAPER, 40_000, R4);
        outputs[2] = Output(RESIDUE, 9_999, R1);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsRecycledTooMuch.selector, 90_000, 89_999));
        _process(inputs, outputs, 0);
        (outputs[1].grams, outputs[2].grams) = (39_999, 10_000);
        _process(inputs, outputs, 0);
        assertEq(lots.totals().recycled, 89_999, "rounded down");
    }

    function test_LotsAreProcessed() external {
        permitFor(FACILITY, HAZARDOUS_RESIDUE);
        uint64[] memory inputs = listOf(bring(BIN, 300_000), bring(BIN, 150_000));
        Output[] memory outputs = new Output[](4);
        outputs[0] = Output(PLASTIC, 300_000, R3);
        outputs[1] = Output(PAPER, 60_000, 0);
        outputs[2] = Output(RESIDUE, 71_000, D1);
        outputs[3] = Output(HAZARDOUS_RESIDUE, 10_000, R1);
        uint64[] memory made = new uint64[](4);
        for (uint64 i = 0; i < 4; ++i) made[i] = SERIAL_FLAG | (i + 1);
        _expectFinalised(made[0], R3, Fate.Recycled, 300_000, 0);
        _expectFinalised(made[2], D1, Fate.Disposed, 71_000, 0);
        _expectFinalised(made[3], R1, Fate.Recovered, 10_000, 0);
        vm.expectEmit(address(lots));
        emit IWasteLots.Processed(FACILITY, inputs, outputs, made, 9_000, EVIDENCE);
        vm.prank(facilityCrew);
        uint64[] memory outputLots = lots.process(inputs, outputs, 9_000, EVIDENCE);
        assertEq(keccak256(abi.encode(outputLots)), keccak256(abi.encode(made)), "numbers");

        Lot memory lot;
        (lot.holder, lot.previous, lot.code, lot.state) = (FACILITY, COLLECTOR, PACKAGING, LotState.Consumed);
        (lot.grams, lot.collectedGrams, lot.version) = (150_000, 150_000, 2);
        assertLot(inputs[1], lot);
        (lot.grams, lot.collectedGrams) = (300_000, 300_000);
        assertLot(inputs[0], lot);
        (lot.previous, lot.collectedGrams, lot.version) = (0, 0, 0);
        (lot.code, lot.state, lot.op) = (PLASTIC, LotState.Final, R3);
        assertLot(made[0], lot);
        (lot.grams, lot.code, lot.state, lot.op) = (60_000, PAPER, LotState.Open, 0);
        lot.flags = LotFlags.RESIDUE;
        assertLot(made[1], lot);
        lot.flags = 0;
        (lot.grams, lot.code, lot.state, lot.op) = (71_000, RESIDUE, LotState.Final, D1);
        assertLot(made[2], lot);
        (lot.grams, lot.code, lot.op, lot.flags) = (10_000, HAZARDOUS_RESIDUE, R1, LotFlags.HAZARDOUS);
        assertLot(made[3], lot);

        MassTotals memory totals;
        (totals.collected, totals.recycled, totals.disposed) = (450_000, 300_000, 71_000);
        (totals.recovered, totals.processLoss) = (10_000, 9_000);
        assertTotals(totals);
        _assertRecycled(PLASTIC, R3, 300_000);
        _assertRecycled(RESIDUE, D1, 0);
        _assertRecycled(HAZARDOUS_RESIDUE, R1, 0);
    }

    function test_AllCanBeLostWhereTheLicenceSaysSo() external {
        FacilityTerms memory terms = plainTerms();
        terms.maxLossBp = 10_000;
        licenseFor(FACILITY, terms);
        _process(listOf(bring(BIN, uint32(GRAMS))), new Output[](0), GRAMS);
        assertEq(lots.totals().processLoss, GRAMS, "lost");
    }

    function test_FiftyInFiftyOut() external {
        uint64 lotId = bring(BIN, uint32(GRAMS));
        uint64[] memory inputs = new uint64[](MAX_LOTS);
        Output[] memory outputs = new Output[](MAX_LOTS);
        for (uint256 i = 0; i < MAX_LOTS; ++i) {
            inputs[i] = split(facilityCrew, lotId, GRAMS / 50);
            outputs[i] = Output(PLASTIC, GRAMS / 50, 0);
        }
        vm.prank(facilityCrew);
        assertEq(lots.process(inputs, outputs, 0, EVIDENCE).length, MAX_LOTS, "outputs");
    }

    function test_BrokenTraceEndsCertifiedMass() external {
        uint64 good = bring(BIN, uint32(GRAMS));
        uint64 bad = bring(BIN, 1);
        vm.startPrank(facilityCrew);
        lots.declareBreak(bad, REASON);
        Output[] memory outputs = new Output[](2);
        outputs[0] = Output(PLASTIC, 90_000, R3);
        outputs[1] = Output(RESIDUE, 10_001, 0);
        uint64[] memory made = lots.process(listOf(good, bad), outputs, 0, EVIDENCE);
        vm.stopPrank();
        assertEq(lots.lotOf(made[0]).flags, LotFlags.BROKEN, "of what ended");
        assertEq(lots.lotOf(made[1]).flags, LotFlags.BROKEN | LotFlags.RESIDUE, "of what is left");
        assertEq(lots.totals().recycled, 90_000, "recycled");
        _assertRecycled(PLASTIC, R3, 0);
    }

    function test_PlantWeighsWhatComesOut() external {
        permitFor(COMBINED, TUBES);
        uint64 tubes = collect(BINS, TUBES, uint32(GRAMS), combinedCrew);
        split(combinedCrew, tubes, 1);
        vm.prank(combinedCrew);
        uint64[] memory made = lots.process(listOf(tubes), outputOf(PLASTIC, GRAMS - 1, 0), 0, EVIDENCE);
        assertEq(lots.lotOf(made[0]).flags, 0, "nothing of the input but a broken trace");
    }

    // finalise
    // ├─ the caller's key acts for no facility ........... WasteLotsNotFacility
    // ├─ unknown, closed, of another holder .............. as above
    // ├─ an operation that ends nothing .................. WasteLotsNotFinal
    // ├─ it recycles, and the plant recycles less ........ WasteLotsRecycledTooMuch
    // └─ else ............................................ Final and booked, Finalised
    //    ├─ recycled ..................................... counts for plant, code, operation and month
    //    └─ broken, or left by a process that recycled ... counts for none of them

    function test_RevertWhen_LotCannotBeEndedSo() external {
        uint64 lotId = bring(BIN, uint32(GRAMS));
        uint64 foreign = _collect();
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNotFacility.selector, collectorCrew));
        vm.prank(collectorCrew);
        lots.finalise(foreign, D1, EVIDENCE);
        vm.startPrank(facilityCrew);
        expectUnknown(1);
        lots.finalise(1, D1, EVIDENCE);
        expectNotHolder(foreign, COLLECTOR, facilityCrew);
        lots.finalise(foreign, D1, EVIDENCE);
        uint8[3] memory ops = [0, R12, 113];
        for (uint256 i = 0; i < ops.length; ++i) {
            _expectNotFinal(ops[i]);
            lots.finalise(lotId, ops[i], EVIDENCE);
        }
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsRecycledTooMuch.selector, GRAMS, 90_000));
        lots.finalise(lotId, R3, EVIDENCE);
        lots.finalise(lotId, D1, EVIDENCE);
        expectClosed(lotId, LotState.Final);
        lots.finalise(lotId, D1, EVIDENCE);
        vm.stopPrank();
    }

    function test_LotIsEnded() external {
        uint8[3] memory ops = [R3, R1, D1];
        Fate[3] memory fates = [Fate.Recycled, Fate.Recovered, Fate.Disposed];
        _recycleAll();
        for (uint256 i = 0; i < ops.length; ++i) {
            uint64 lotId = bring(BIN, uint32(GRAMS));
            _expectFinalised(lotId, ops[i], fates[i], GRAMS, EVIDENCE);
            vm.prank(facilityCrew);
            lots.finalise(lotId, ops[i], EVIDENCE);
            Lot memory lot;
            (lot.holder, lot.previous, lot.code, lot.state) = (FACILITY, COLLECTOR, PACKAGING, LotState.Final);
            (lot.grams, lot.collectedGrams, lot.op, lot.version) = (GRAMS, uint32(GRAMS), ops[i], 2);
            assertLot(lotId, lot);
        }
        MassTotals memory totals;
        (totals.collected, totals.recycled) = (3 * GRAMS, GRAMS);
        (totals.recovered, totals.disposed) = (GRAMS, GRAMS);
        assertTotals(totals);
        _assertRecycled(PACKAGING, R3, GRAMS);
    }

    function test_RecycledMassIsOfItsPlantCodeOperationAndMonth() external {
        _recycleAll();
        uint64 first = bring(BIN, 10);
        uint64 second = bring(BIN, 20);
        uint64 third = bring(BIN, 40);
        vm.startPrank(facilityCrew);
        lots.finalise(first, R3, EVIDENCE);
        lots.finalise(second, R4, EVIDENCE);
        vm.warp(Months.startOf(MONTH + 1) - 1);
        lots.process(listOf(third), outputOf(PACKAGING, 40, R3), 0, EVIDENCE);
        vm.warp(Months.startOf(MONTH + 1));
        vm.stopPrank();
        uint64 fourth = bring(BIN, 80);
        vm.prank(facilityCrew);
        lots.finalise(fourth, R3, EVIDENCE);
        _assertRecycled(PACKAGING, R3, 50);
        _assertRecycled(PACKAGING, R4, 20);
        assertEq(lots.recycledOf(FACILITY, PACKAGING, R3, MONTH + 1), 80, "the month after");
        assertEq(lots.recycledOf(INCINERATOR, PACKAGING, R3, MONTH), 0, "another plant");
        assertEq(lots.recycledOf(FACILITY, PLASTIC, R3, MONTH), 0, "another code");
        assertEq(lots.totals().recycled, 150, "all");
    }

    function test_BrokenLotIsRecycledWithoutCertificate() external {
        _recycleAll();
        uint64 lotId = bring(BIN, uint32(GRAMS));
        vm.startPrank(facilityCrew);
        lots.declareBreak(lotId, REASON);
        lots.finalise(lotId, R3, EVIDENCE);
        vm.stopPrank();
        assertEq(lots.totals().recycled, GRAMS, "recycled");
        _assertRecycled(PACKAGING, R3, 0);
    }

    // exportLot
    // ├─ unknown, closed, of another holder .............. as above
    // ├─ the holder may have no waste any more ........... WasteLotsNotLicensed
    // ├─ no papers ....................................... WasteLotsNoReason
    // └─ else ............................................ Exported

    function test_RevertWhen_LotCannotBeExported() external {
        uint64 lotId = _collect();
        expectUnknown(1);
        exportBy(collectorCrew, 1);
        expectNotHolder(lotId, COLLECTOR, rivalCrew);
        exportBy(rivalCrew, lotId);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNoReason.selector, lotId));
        vm.prank(collectorCrew);
        lots.exportLot(lotId, 0);
        setCredential(WasteCredentials.WASTE_COLLECTOR, collector, false);
        expectNotLicensed(COLLECTOR);
        exportBy(collectorCrew, lotId);
        setCredential(WasteCredentials.WASTE_COLLECTOR, collector, true);
        exportBy(collectorCrew, lotId);
        expectClosed(lotId, LotState.Exported);
        exportBy(collectorCrew, lotId);
    }

    function test_LotIsExported() external {
        uint64 lotId = _collect();
        vm.expectEmit(address(lots));
        emit IWasteLots.Exported(lotId, COLLECTOR, GRAMS, EVIDENCE);
        exportBy(collectorCrew, lotId);
        Lot memory lot;
        (lot.holder, lot.code, lot.state, lot.version) = (COLLECTOR, PACKAGING, LotState.Exported, 1);
        (lot.grams, lot.collectedGrams) = (GRAMS, uint32(GRAMS));
        assertLot(lotId, lot);
        MassTotals memory totals;
        (totals.collected, totals.exported) = (GRAMS, GRAMS);
        assertTotals(totals);
    }

    // --- internals

    function _collect() private returns (uint64 lotId) {
        return collect(BIN, uint32(GRAMS));
    }

    /// @dev A lot with the collector, as heavy as one can be.
    function _heavyLot() private returns (uint64 lotId) {
        lotId = split(collectorCrew, _collect(), 1);
        vm.prank(collectorCrew);
        lots.proposeRevision(lotId, MAX_LOT_GRAMS, REASON);
        vm.prank(auditor);
        lots.auditRevision(lotId, MAX_LOT_GRAMS);
    }

    /// @dev Licences the facility to recycle all that goes in.
    function _recycleAll() private {
        FacilityTerms memory terms = plainTerms();
        terms.conversionPct = 100;
        licenseFor(FACILITY, terms);
    }

    function _process(uint64[] memory inputs, Output[] memory outputs, uint64 lossGrams) private {
        vm.prank(facilityCrew);
        lots.process(inputs, outputs, lossGrams, EVIDENCE);
    }

    function _assertRecycled(uint24 code, uint8 op, uint256 grams) private view {
        assertEq(lots.recycledOf(FACILITY, code, op, MONTH), grams, "recycled of the month");
    }

    function _expectNotFacility(address caller, uint64 lotId) private {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNotFacility.selector, caller));
        vm.prank(caller);
        lots.process(listOf(lotId), outputOf(PLASTIC, GRAMS, 0), 0, EVIDENCE);
    }

    function _expectTakenTooMuch(uint64 lotId, uint64 grams, uint64 held) private {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsTakenTooMuch.selector, lotId, grams, held));
    }

    function _expectCodeNotValid(uint24 code) private {
        vm.expectRevert(
            abi.encodeWithSelector(IWasteLots.WasteLotsCodeNotValid.selector, code, block.timestamp / 1 days)
        );
    }

    function _expectNotFinal(uint8 op) private {
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNotFinal.selector, op));
    }

    function _expectFinalised(uint64 lotId, uint8 op, Fate fate, uint64 grams, bytes32 evidence) private {
        vm.expectEmit(address(lots));
        emit IWasteLots.Finalised(lotId, FACILITY, op, fate, grams, evidence);
    }
}
