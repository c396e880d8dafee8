// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../../contracts/authority/CompactSignatures.sol";
import {Roles} from "../../../../contracts/authority/Roles.sol";
import {Containers} from "../../../../contracts/waste/containers/Containers.sol";
import {
    Handover,
    IWasteLots,
    Lot,
    LotState,
    MassTotals,
    Output,
    Receipt,
    Revision,
    SignedTicket,
    Ticket,
    Weighing
} from "../../../../contracts/waste/lots/IWasteLots.sol";
import {WasteLots} from "../../../../contracts/waste/lots/WasteLots.sol";
import {FacilityTerms} from "../../../../contracts/waste/operators/IWasteOperators.sol";
import {Months} from "../../../../contracts/waste/Months.sol";
import {LotFixture} from "./LotFixture.sol";
import {LotSigner} from "./LotSigner.sol";
import {LotTwin} from "./LotTwin.sol";

/// @dev Does anything with lots, allowed or not, and keeps a second book. It is the auditor, and the crews of operators 1 to 5.
contract LotsHandler is LotSigner, LotTwin {
    /// @dev Where recycled mass is counted.
    struct Place {
        uint32 plant;
        uint24 code;
        uint8 op;
        uint16 month;
    }

    uint24 private constant PACKAGING = 150_106;
    uint24 private constant PLASTIC = 191_204;
    uint24 private constant SORTING_RESIDUE = 191_212;
    uint24 private constant TUBES = 200_121;
    uint24 private constant HAZARDOUS_RESIDUE = 191_211;
    uint32 private constant OPERATORS = 5;
    /// @dev Above this many lots at hand, none is collected, so that each step looks at all of them.
    uint256 private constant MOST_OPEN = 24;

    uint256 public steps;
    /// @dev What the contract did although the twin would not, or would not although the twin did.
    uint256 public disagreements;
    string public firstDisagreement;
    /// @dev Counts, so that a run in which nothing happens can be told.
    mapping(string act => uint256 count) public done;
    Place[] public places;
    mapping(bytes32 key => bool seen) private _seen;

    string[5] private _crews = ["collectorCrew", "rivalCrew", "facilityCrew", "incineratorCrew", "combinedCrew"];

    constructor(WasteLots lots_, Containers containers_) {
        (lots, containers) = (lots_, containers_);
        for (uint32 id = 3; id <= OPERATORS; ++id) {
            twinOperators[id].plant = true;
            (twinOperators[id].toleranceBp, twinOperators[id].lossBp) = (200, 500);
            twinOperators[id].conversionPct = id == OPERATORS ? 100 : 90;
        }
        twinOperators[1].permits[TUBES] = true;
        twinOperators[3].permits[TUBES] = true;
        twinOperators[3].permits[HAZARDOUS_RESIDUE] = true;
        (isHazardous[TUBES], isHazardous[HAZARDOUS_RESIDUE]) = (true, true);
    }

    function collects(uint256 seed) external {
        seed = _mix(seed);
        if (openLots.length >= MOST_OPEN) return;
        uint32 operatorId = [uint32(1), 2, 5][seed % 3];
        uint32 binId = (seed >> 8) % 5 == 0 ? TUBES_BIN : uint32((seed >> 16) % 3) + 1;
        uint32 grams = (seed >> 24) % 9 == 0 ? 0 : uint32((seed >> 32) % (CAPACITY_L * MAX_GRAMS_PER_L + 1));
        Ticket memory ticket = ticketOf(binId, binId == TUBES_BIN ? TUBES : PACKAGING, grams, _crewOf(operatorId));
        if ((seed >> 64) % 5 == 0) --ticket.counter;
        ticket.weighing = Weighing((seed >> 72) % 3);
        SignedTicket memory signed = signTicket(ticket, deviceKeyOf(binId), _keyOf(operatorId));
        bool expected =
            grams != 0 && ticket.counter > containers.ticketCounterOf(binId) && permitted(operatorId, ticket.code);
        uint32 collection = containers.recordOf(binId).collections + 1;
        bool ok = false;
        if ((seed >> 80) % 2 == 0) {
            ok = _call(abi.encodeCall(IWasteLots.collect, (signed)), address(this));
        } else {
            SignedTicket[] memory batch = new SignedTicket[](1);
            batch[0] = signed;
            ok = lots.collectMany(batch) == 1;
        }
        _note("collect", ok, expected);
        if (!ok) return;
        uint64 lotId = (uint64(binId) << 32) | collection;
        doCollect(lotId, operatorId, ticket.code, grams, ticket.weighing == Weighing.Weighed);
        _compare(lotId);
    }

    function delivers(uint256 seed) external {
        seed = _mix(seed);
        uint64 lotId = _pick(seed);
        if (lotId == 0) return;
        uint32 receiver = uint32((seed >> 16) % OPERATORS) + 1;
        uint64 grams = lots.lotOf(lotId).grams;
        uint64 came = _cameOf(seed >> 24, grams);
        uint64 kept = [came, came, 0, uint64((seed >> 64) % (uint256(came) + 1))][(seed >> 128) % 4];
        bool expected = canDeliver(lotId, receiver);
        Handover memory handover = handoverOf(lotId, receiver);
        CompactSignature memory sender = signHandover(handover, _keyOf(lots.lotOf(lotId).holder));
        bool ok = false;
        if (kept == came && (seed >> 136) % 2 == 0) {
            ok = _call(abi.encodeCall(IWasteLots.takeDelivery, (handover, came, sender)), _crewOf(receiver));
        } else {
            Receipt memory receipt = receiptOf(handover, came, kept);
            CompactSignature memory answer = signReceipt(receipt, _keyOf(receiver));
            ok = _call(abi.encodeCall(IWasteLots.receiveLot, (handover, receipt, sender, answer)), address(this));
            // The same once more has no effect.
            if (_call(abi.encodeCall(IWasteLots.receiveLot, (handover, receipt, sender, answer)), address(this))) {
                _disagree("delivered twice");
            }
        }
        _note("deliver", ok, expected);
        if (!ok) return;
        uint64 child = doDeliver(lotId, receiver, came, kept);
        if (child != 0) _compare(child);
        if (twinLots[lotId].state == LotState.Disputed) ++done["dispute"];
        _compare(lotId);
    }

    function rules(uint256 seed) external {
        seed = _mix(seed);
        uint64 lotId = 0;
        for (uint256 i = 0; i < openLots.length; ++i) {
            if (twinLots[openLots[i]].state == LotState.Disputed) lotId = openLots[i];
        }
        if (lotId == 0 || (seed >> 128) % 8 == 0) lotId = _pick(seed);
        if (lotId == 0) return;
        uint64 grams = _cameOf(seed >> 24, twinLots[lotId].grams);
        bool expected = twinLots[lotId].state == LotState.Disputed && grams != 0;
        bool ok = _call(abi.encodeCall(IWasteLots.rule, (lotId, grams, REASON)), address(this));
        _note("rule", ok, expected);
        if (ok) doRule(lotId, grams);
        _compare(lotId);
    }

    function breaks(uint256 seed) external {
        seed = _mix(seed);
        uint64 lotId = _pick(seed);
        if (lotId == 0 || (seed >> 16) % 4 != 0) return;
        uint32 caller = _caller(seed >> 24, lotId);
        bool expected = usable(lotId) && twinLots[lotId].holder == caller && twinLots[lotId].flags & BROKEN == 0;
        bool ok = _call(abi.encodeCall(IWasteLots.declareBreak, (lotId, REASON)), _crewOf(caller));
        _note("break", ok, expected);
        if (ok) doBreak(lotId);
        _compare(lotId);
    }

    function groups(uint256 seed) external {
        seed = _mix(seed);
        uint64[] memory ids = _some(seed);
        if (ids.length == 0) return;
        uint64[] memory grams = new uint64[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            uint256 held = twinLots[ids[i]].grams;
            grams[i] = (seed >> (64 + i)) % 2 == 0 ? uint64(held) : uint64((seed >> (32 + i)) % (held + 2));
        }
        uint32 caller = _caller(seed >> 8, ids[0]);
        bool expected = canGroup(caller, ids, grams);
        bool ok = _call(abi.encodeCall(IWasteLots.group, (ids, grams)), _crewOf(caller));
        _note("group", ok, expected);
        if (!ok) return;
        uint64 lotId = doGroup(caller, ids, grams);
        _compare(lotId);
        for (uint256 i = 0; i < ids.length; ++i) _compare(ids[i]);
    }

    function processes(uint256 seed) external {
        seed = _mix(seed);
        uint64[] memory inputs = _some(seed);
        if (inputs.length == 0) return;
        uint32 caller = _caller(seed >> 8, inputs[0]);
        uint256 input = 0;
        for (uint256 i = 0; i < inputs.length; ++i) input += twinLots[inputs[i]].grams;
        uint64 loss = uint64((seed >> 16) % (input / 18 + 1));
        Output[] memory outputs = _outputs(seed >> 80, input - loss);
        if ((seed >> 72) % 8 == 0) ++loss;
        bool expected = canProcess(caller, inputs, outputs, loss);
        bytes memory data = abi.encodeCall(IWasteLots.process, (inputs, outputs, loss, REASON));
        bool ok = _call(data, _crewOf(caller));
        _note("process", ok, expected);
        if (!ok) return;
        for (uint256 i = 0; i < outputs.length; ++i) _visit(caller, outputs[i].code, outputs[i].op);
        uint64[] memory made = doProcess(caller, inputs, outputs, loss, Months.monthOf(block.timestamp));
        for (uint256 i = 0; i < inputs.length; ++i) _compare(inputs[i]);
        for (uint256 i = 0; i < made.length; ++i) _compare(made[i]);
        // The same lots once more have none.
        if (_call(data, _crewOf(caller))) _disagree("processed twice");
    }

    function finalises(uint256 seed) external {
        seed = _mix(seed);
        uint64 lotId = _pick(seed);
        if (lotId == 0) return;
        uint32 caller = _caller(seed >> 8, lotId);
        uint8 op = [3, 4, 1, 101, 12][(seed >> 16) % 5];
        bool expected = canFinalise(caller, lotId, op);
        bool ok = _call(abi.encodeCall(IWasteLots.finalise, (lotId, op, REASON)), _crewOf(caller));
        _note("finalise", ok, expected);
        if (ok) {
            _visit(caller, twinLots[lotId].code, op);
            ++twinLots[lotId].version;
            doEnd(lotId, op, Months.monthOf(block.timestamp));
        }
        _compare(lotId);
    }

    function exports(uint256 seed) external {
        seed = _mix(seed);
        uint64 lotId = _pick(seed);
        if (lotId == 0 || (seed >> 24) % 3 != 0) return;
        uint32 caller = _caller(seed >> 8, lotId);
        bool expected = usable(lotId) && twinLots[lotId].holder == caller;
        bool ok = _call(abi.encodeCall(IWasteLots.exportLot, (lotId, REASON)), _crewOf(caller));
        _note("export", ok, expected);
        if (ok) doExport(lotId);
        _compare(lotId);
    }

    function proposes(uint256 seed) external {
        seed = _mix(seed);
        uint64 lotId = _pick(seed);
        if (lotId == 0) return;
        Lot storage lot = twinLots[lotId];
        uint32 caller = (seed >> 8) % 3 == 0 && lot.previous != 0 ? lot.previous : _caller(seed >> 16, lotId);
        uint64 grams = _cameOf(seed >> 24, lot.grams);
        bool expected = canPropose(caller, lotId, grams);
        bool ok = _call(abi.encodeCall(IWasteLots.proposeRevision, (lotId, grams, REASON)), _crewOf(caller));
        _note("propose", ok, expected);
        if (ok) twinRevisions[lotId] = Revision({grams: grams, proposer: caller, version: lot.version});
        _compare(lotId);
        // Mostly at once, for otherwise something else is done to the lot before.
        if ((seed >> 96) % 4 != 0) _approve(seed >> 104, lotId);
    }

    function approves(uint256 seed) external {
        seed = _mix(seed);
        uint64 lotId = _pick(seed);
        if (lotId != 0) _approve(seed >> 16, lotId);
    }

    function waits(uint256 seed) external {
        vm.warp(block.timestamp + (_mix(seed) % 10 days));
    }

    // --- what must hold

    function openMass() external view returns (uint256 grams) {
        for (uint256 i = 0; i < openLots.length; ++i) grams += lots.lotOf(openLots[i]).grams;
    }

    /// @dev Mass of lots of which certificates can come.
    function certifiableMass() external view returns (uint256 grams) {
        for (uint256 i = 0; i < openLots.length; ++i) {
            Lot memory lot = lots.lotOf(openLots[i]);
            if (lot.flags & (BROKEN | RESIDUE) == 0) grams += lot.grams;
        }
    }

    function conversionOf(uint32 plant) external view returns (uint256 percent) {
        return twinOperators[plant].conversionPct;
    }

    function placeCount() external view returns (uint256 count) {
        return places.length;
    }

    function twinRecycledOf(Place memory place) external view returns (uint64 grams) {
        return twinRecycled[keccak256(abi.encode(place.plant, place.code, place.op, place.month))];
    }

    /// @dev Whether every lot there ever was is as in the second book, and no other lot is there.
    function allHold() external view returns (bool hold) {
        for (uint256 i = 0; i < allLots.length; ++i) {
            if (!_isSame(allLots[i])) return false;
        }
        return lots.lotOf((1 << 63) + serial + 1).holder == 0;
    }

    // --- internals

    function _approve(uint256 seed, uint64 lotId) private {
        Lot storage lot = twinLots[lotId];
        uint64 grams = seed % 8 == 0 ? lot.grams : twinRevisions[lotId].grams;
        uint32 caller = twinRevisions[lotId].proposer == lot.holder ? lot.previous : lot.holder;
        if ((seed >> 8) % 6 == 0) caller = twinRevisions[lotId].proposer;
        if (caller == 0) caller = (seed >> 16) % 2 == 0 ? lot.holder : 0;
        bool expected = canRevise(caller, lotId, grams);
        bool ok =
            caller == 0
                ? _call(abi.encodeCall(IWasteLots.auditRevision, (lotId, grams)), address(this))
                : _call(abi.encodeCall(IWasteLots.approveRevision, (lotId, grams)), _crewOf(caller));
        _note("revise", ok, expected);
        if (ok) doRevise(lotId, grams);
        _compare(lotId);
    }

    /// @dev The same seed is another pick at every step.
    function _mix(uint256 seed) private returns (uint256 mixed) {
        return uint256(keccak256(abi.encode(seed, ++steps)));
    }

    function _crewOf(uint32 operatorId) private view returns (address crew) {
        return vm.addr(_keyOf(operatorId));
    }

    function _keyOf(uint32 operatorId) private view returns (uint256 privateKey) {
        return uint256(keccak256(bytes(_crews[operatorId - 1])));
    }

    /// @dev Mostly the holder.
    function _caller(uint256 seed, uint64 lotId) private view returns (uint32 operatorId) {
        return seed % 8 == 0 ? uint32((seed >> 8) % OPERATORS) + 1 : twinLots[lotId].holder;
    }

    /// @dev A lot, mostly one that something can be done to; zero: there is none yet.
    function _pick(uint256 seed) private view returns (uint64 lotId) {
        if (allLots.length == 0) return 0;
        if (openLots.length == 0 || seed % 8 == 0) return allLots[(seed >> 3) % allLots.length];
        return openLots[(seed >> 3) % openLots.length];
    }

    /// @dev One to three lots, mostly of the holder and code of the first; now and then one of them twice.
    function _some(uint256 seed) private view returns (uint64[] memory ids) {
        uint64 first = _pick(seed);
        if (first == 0) return ids;
        uint256 most = (seed >> 40) % 3;
        ids = new uint64[](3);
        ids[0] = first;
        uint256 count = 1;
        for (uint256 i = 0; i < openLots.length && count <= most; ++i) {
            uint64 other = openLots[(i + (seed >> 48)) % openLots.length];
            bool alike =
                twinLots[other].holder == twinLots[first].holder && twinLots[other].code == twinLots[first].code;
            bool odd = (seed >> (56 + i)) % 16 == 0;
            if (odd || (alike && other != first)) ids[count++] = other;
        }
        assembly ("memory-safe") {
            mstore(ids, count) // at most three
        }
    }

    /// @dev A mass near another one: the same, within two hundredths, just outside, or any.
    function _cameOf(uint256 seed, uint64 grams) private pure returns (uint64 came) {
        uint256 tolerance = uint256(grams) / 50;
        uint256 kind = seed % 5;
        if (kind < 2) return grams;
        if (kind == 2) return uint64(grams - tolerance + ((seed >> 8) % (2 * tolerance + 1)));
        if (kind == 3) return uint64((seed >> 4) % 2 == 0 ? grams + tolerance + 1 : grams - tolerance);
        return uint64((seed >> 8) % (2 * uint256(grams) + 1));
    }

    /// @dev One to three outputs of a mass.
    function _outputs(uint256 seed, uint256 mass) private pure returns (Output[] memory outputs) {
        uint256 count = (seed % 3) + 1;
        outputs = new Output[](count);
        for (uint256 i = 0; i < count; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 grams = i + 1 == count ? mass : (seed >> 64) % (mass + 1);
            mass -= grams;
            outputs[i].grams = uint64(grams);
            outputs[i].code = [PLASTIC, PLASTIC, SORTING_RESIDUE, HAZARDOUS_RESIDUE][(seed >> 8) % 4];
            outputs[i].op = [0, 0, 0, 3, 4, 1, 101, 12][(seed >> 16) % 8];
        }
    }

    function _visit(uint32 plant, uint24 code, uint8 op) private {
        uint16 month = Months.monthOf(block.timestamp);
        bytes32 key = keccak256(abi.encode(plant, code, op, month));
        if (_seen[key]) return;
        _seen[key] = true;
        places.push(Place(plant, code, op, month));
    }

    function _call(bytes memory data, address caller) private returns (bool ok) {
        if (caller != address(this)) vm.prank(caller);
        (ok, ) = address(lots).call(data);
    }

    function _note(string memory act, bool ok, bool expected) private {
        if (ok) ++done[act];
        if (ok != expected) _disagree(string.concat(act, ok ? " done" : " refused"));
    }

    function _compare(uint64 lotId) private {
        if (!_isSame(lotId)) _disagree(string.concat("lot ", vm.toString(lotId)));
    }

    function _isSame(uint64 lotId) private view returns (bool same) {
        return keccak256(abi.encode(lots.lotOf(lotId))) == keccak256(abi.encode(twinLots[lotId]));
    }

    function _disagree(string memory what) private {
        if (++disagreements == 1) firstDisagreement = what;
    }
}

/// @notice Invariants of lots:
/// 1. collected + transit gain = open lots + recycled + recovered + disposed + exported + process loss + transit loss.
/// 2. What may be done is done, and nothing else: lots, totals and answers are those of a second book.
/// 3. A lot ends once and stays as it was, and no more was taken of it than it had.
/// 4. What is certified of a plant, code, operation and month is what it recycled, and all together never exceeds the total.
/// 5. Sums only rise, but for what was collected, which follows corrections.
/// 6. However often mass is processed, by whom and in whatever company: what certified mass takes at least by the conversion
/// factors of its plants, together with what can still be certified, is never more than there ever was.
contract WasteLotsInvariantTest is LotFixture {
    /// @dev Steps between two looks at every lot there ever was.
    uint256 private constant LOOK_EVERY = 16;
    uint256 private constant REHEARSAL = 600;
    uint256 private constant PERCENT = 100;
    /// @dev A multiple of every conversion factor, so that nothing is rounded.
    uint256 private constant PARTS = 900;

    LotsHandler private _handler;
    MassTotals private _last;

    function setUp() public override {
        super.setUp();
        permitFor(COLLECTOR, TUBES);
        permitFor(FACILITY, TUBES);
        permitFor(FACILITY, HAZARDOUS_RESIDUE);
        FacilityTerms memory terms = plainTerms();
        terms.conversionPct = 100;
        licenseFor(COMBINED, terms);
        _handler = new LotsHandler(lots, containers);
        manager.grantRole(Roles.WASTE_AUDITOR, address(_handler), 0);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_MassIsBalanced() external view {
        _assertBalance();
    }

    function invariant_BooksAgree() external view {
        _assertBooks();
    }

    function invariant_RecycledMassIsCounted() external view {
        _assertRecycled();
    }

    function invariant_ConversionFactorsHoldOverAllProcesses() external view {
        _assertConversion();
    }

    /// @dev That the handler does all there is to do, and that the sums rise, in a fixed run.
    function test_TheHandlerDoesEverything() external {
        for (uint256 i = 0; i < REHEARSAL; ++i) {
            _step(uint256(keccak256(abi.encode("rehearsal", i))));
            _assertBalance();
            _assertSumsRise();
            _assertConversion();
        }
        _assertBooks();
        _assertRecycled();
        string[10] memory acts = [
            "collect",
            "deliver",
            "dispute",
            "rule",
            "break",
            "group",
            "process",
            "finalise",
            "export",
            "revise"
        ];
        for (uint256 i = 0; i < acts.length; ++i) assertLe(5, _handler.done(acts[i]), acts[i]);
        MassTotals memory totals = lots.totals();
        assertTrue(totals.recycled != 0 && totals.recovered != 0 && totals.disposed != 0, "ended");
        assertTrue(totals.transitGain != 0 && totals.transitLoss != 0 && totals.processLoss != 0, "lost and gained");
    }

    function _step(uint256 seed) private {
        uint256 kind = seed % 12;
        if (kind < 2) _handler.collects(seed);
        else if (kind < 4) _handler.delivers(seed);
        else if (kind == 4) _handler.rules(seed);
        else if (kind == 5) _handler.breaks(seed);
        else if (kind == 6) _handler.groups(seed);
        else if (kind == 7) _handler.processes(seed);
        else if (kind == 8) _handler.finalises(seed);
        else if (kind == 9) _handler.exports(seed);
        else if (kind == 10) _handler.proposes(seed);
        else if ((seed >> 8) % 2 == 0) _handler.approves(seed);
        else _handler.waits(seed);
    }

    function _assertBalance() private view {
        MassTotals memory totals = lots.totals();
        assertEq(
            uint256(totals.collected) + totals.transitGain,
            _handler.openMass() +
                totals.recycled +
                totals.recovered +
                totals.disposed +
                totals.exported +
                totals.processLoss +
                totals.transitLoss,
            "1: mass"
        );
    }

    function _assertBooks() private view {
        assertEq(_handler.disagreements(), 0, string.concat("2: ", _handler.firstDisagreement()));
        assertTotals(_handler.twinTotals());
        if (_handler.steps() % LOOK_EVERY == 0) assertTrue(_handler.allHold(), "3: a lot that ended changed");
    }

    function _assertRecycled() private view {
        uint256 sum = 0;
        for (uint256 i = 0; i < _handler.placeCount(); ++i) {
            LotsHandler.Place memory place;
            (place.plant, place.code, place.op, place.month) = _handler.places(i);
            uint64 grams = lots.recycledOf(place.plant, place.code, place.op, place.month);
            assertEq(grams, _handler.twinRecycledOf(place), "4: recycled");
            sum += grams;
        }
        assertLe(sum, lots.totals().recycled, "4: more certified than recycled");
    }

    function _assertConversion() private view {
        uint256 used = _handler.certifiableMass() * (PARTS / PERCENT);
        for (uint256 i = 0; i < _handler.placeCount(); ++i) {
            (uint32 plant, uint24 code, uint8 op, uint16 month) = _handler.places(i);
            used += lots.recycledOf(plant, code, op, month) * (PARTS / _handler.conversionOf(plant));
        }
        MassTotals memory totals = lots.totals();
        assertLe(used, (uint256(totals.collected) + totals.transitGain) * (PARTS / PERCENT), "6: conversion");
    }

    function _assertSumsRise() private {
        MassTotals memory totals = lots.totals();
        assertLe(_last.transitGain, totals.transitGain, "5: transit gain");
        assertLe(_last.transitLoss, totals.transitLoss, "5: transit loss");
        assertLe(_last.exported, totals.exported, "5: exported");
        assertLe(_last.recycled, totals.recycled, "5: recycled");
        assertLe(_last.recovered, totals.recovered, "5: recovered");
        assertLe(_last.disposed, totals.disposed, "5: disposed");
        assertLe(_last.processLoss, totals.processLoss, "5: process loss");
        _last = totals;
    }
}
