// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IWasteLots, LotFlags, LotState, Output} from "../../../contracts/waste/lots/IWasteLots.sol";
import {FacilityTerms} from "../../../contracts/waste/operators/IWasteOperators.sol";
import {LotFixture} from "./lots/LotFixture.sol";

/// @notice What somebody might try to have more certified of some mass than the conversion factors of its plants allow.
contract ConversionAttacksTest is LotFixture {
    uint32 private constant BIN = 7;
    uint64 private constant GRAMS = 100_000;
    /// @dev What can be certified of it.
    uint64 private constant MOST = 90_000;
    uint64 private constant REST = GRAMS - MOST;
    uint8 private constant R3 = 3;
    uint8 private constant R4 = 4;
    uint8 private constant D1 = 101;
    /// @dev January 2026, in which the fixture begins.
    uint16 private constant MONTH = 672;
    uint256 private constant STEPS = 24;

    /// @dev What is left goes in again, until nothing is.
    function test_Attack_RestIsProcessedAgainAndAgain() external {
        uint64 lotId = bring(BIN, uint32(GRAMS));
        uint64 left = GRAMS;
        vm.startPrank(facilityCrew);
        while (left > 10) {
            uint64 recycled = _mostOf(left);
            left -= recycled;
            lotId = lots.process(listOf(lotId), _divided(recycled, left), 0, EVIDENCE)[1];
            assertEq(lots.lotOf(lotId).flags, LotFlags.RESIDUE, "flags");
            assertEq(_certifiable(), MOST, "to be certified");
        }
        vm.stopPrank();
        assertEq(lots.totals().recycled, 99_990, "recycled");
    }

    /// @dev What is left is named before what is recycled, beside what ends otherwise, or under another code.
    function test_Attack_RestIsNamedFirst() external {
        Output[] memory outputs = new Output[](5);
        outputs[0] = Output(PLASTIC, 4_000, 0);
        outputs[1] = Output(RESIDUE, 1_000, D1);
        outputs[2] = Output(PAPER, 2_000, 0);
        outputs[3] = Output(PLASTIC, MOST, R3);
        outputs[4] = Output(PACKAGING, 3_000, 0);
        uint64[] memory made = _process(facilityCrew, listOf(bring(BIN, uint32(GRAMS))), outputs);
        for (uint256 i = 0; i < made.length; ++i) {
            uint8 flags = outputs[i].op == 0 ? LotFlags.RESIDUE : 0;
            assertEq(lots.lotOf(made[i]).flags, flags, vm.toString(i));
        }
        assertEq(_certifiable(), MOST, "to be certified");
    }

    /// @dev A single gram is recycled, by whichever operation recycles, so that the rest may be more than the factor leaves.
    function test_Attack_AGramIsRecycled() external {
        uint64[] memory made;
        for (uint8 op = 1; op <= 11; ++op) {
            bool recycles = op >= 2 && op <= 9;
            Output[] memory outputs = _divided(1, GRAMS - 1);
            outputs[0].op = op;
            made = _process(facilityCrew, listOf(bring(BIN, uint32(GRAMS))), outputs);
            assertEq(lots.lotOf(made[1]).flags, recycles ? LotFlags.RESIDUE : 0, vm.toString(op));
        }
    }

    /// @dev What is left goes to another plant and back; on the way it is refused in part or whole, disputed and corrected.
    function test_Attack_RestGoesAroundOtherPlants() external {
        uint64 lotId = _rest();
        deliver(lotId, COMBINED, REST, 0);
        deliver(lotId, INCINERATOR, REST, REST);
        deliver(lotId, COMBINED, 1, 1);
        assertState(lotId, LotState.Disputed);
        vm.prank(auditor);
        lots.rule(lotId, GRAMS, REASON);
        vm.prank(incineratorCrew);
        lots.proposeRevision(lotId, GRAMS + 1_000, REASON);
        vm.prank(facilityCrew);
        lots.approveRevision(lotId, GRAMS + 1_000);
        deliver(lotId, FACILITY, GRAMS + 1_000, GRAMS);
        uint64 refused = lotId + 1;
        assertEq(lots.lotOf(refused).flags, LotFlags.RESIDUE, "refused in part");
        assertEq(lots.lotOf(lotId).flags & LotFlags.RESIDUE, LotFlags.RESIDUE, "come back");
        _process(incineratorCrew, listOf(refused), _divided(900, 100));
        _process(facilityCrew, listOf(lotId), _divided(MOST, REST));
        assertEq(lots.totals().recycled, 2 * MOST + 900, "recycled");
        assertEq(_certifiable(), MOST, "to be certified");
    }

    /// @dev A plant that recycles all of what it takes is given what is left, and ends it as a whole.
    function test_Attack_RestIsEndedByAPlantThatRecyclesAll() external {
        _recycleAllAt(INCINERATOR);
        uint64 lotId = _rest();
        deliver(lotId, INCINERATOR, REST, REST);
        vm.prank(incineratorCrew);
        lots.finalise(lotId, R3, EVIDENCE);
        assertEq(lots.totals().recycled, GRAMS, "recycled");
        assertEq(_certifiable(), MOST, "to be certified");
    }

    /// @dev The plant's own licence is changed before what is left is ended, or is one that bounds nothing at first.
    function test_Attack_LicenceChangesInBetween() external {
        uint64 lotId = _rest();
        _recycleAllAt(FACILITY);
        vm.prank(facilityCrew);
        lots.finalise(lotId, R3, EVIDENCE);
        assertEq(_certifiable(), MOST, "raised");
        uint64[] memory made = _process(
            facilityCrew,
            listOf(bring(BIN, uint32(GRAMS))),
            _divided(GRAMS / 2, GRAMS / 2)
        );
        licenseFor(FACILITY, plainTerms());
        _process(facilityCrew, listOf(made[1]), _divided(_mostOf(GRAMS / 2), GRAMS / 2 - _mostOf(GRAMS / 2)));
        assertEq(_certifiable(), MOST + GRAMS / 2, "lowered");
    }

    /// @dev What is left is put together with fresh mass, in a group or in a process: all of it is as what is left.
    function test_Attack_RestIsMixedWithFreshMass() external {
        uint64 lotId = _rest();
        uint64 part = split(facilityCrew, lotId, 1);
        assertEq(lots.lotOf(part).flags, LotFlags.RESIDUE, "a part");
        uint64 other = _process(facilityCrew, listOf(bring(BIN, uint32(GRAMS))), outputOf(PLASTIC, GRAMS, 0))[0];
        vm.prank(facilityCrew);
        uint64 mixed = lots.group(listOf(other, lotId), listOf(GRAMS - 1, REST - 1));
        assertEq(lots.lotOf(mixed).flags, LotFlags.RESIDUE, "a group");
        assertEq(lots.lotOf(other).flags, LotFlags.HAS_CHILD, "fresh mass that stays");
        uint64 mass = GRAMS + REST - 2;
        _process(facilityCrew, listOf(mixed), _divided(_mostOf(mass), mass - _mostOf(mass)));
        assertEq(_certifiable(), MOST, "of the group");
        _process(facilityCrew, listOf(bring(BIN, uint32(GRAMS)), part), _divided(MOST, REST + 1));
        assertEq(_certifiable(), MOST, "of both");
        // What stayed by itself is none of it.
        assertEq(lots.lotOf(other).grams, 1, "left alone");
    }

    /// @dev Processes that recycle nothing stand between.
    function test_Attack_ProcessesThatRecycleNothingWashNothingOff() external {
        uint64 lotId = _rest();
        uint64 mass = REST;
        for (uint256 i = 0; i < 3; ++i) {
            lotId = _process(facilityCrew, listOf(lotId), _sorted(mass - 100, 100))[0];
            mass -= 100;
            assertEq(lots.lotOf(lotId).flags, LotFlags.RESIDUE, "flags");
        }
        _process(facilityCrew, listOf(lotId), _divided(_mostOf(mass), mass - _mostOf(mass)));
        assertEq(_certifiable(), MOST, "to be certified");
    }

    /// @dev What comes in is sorted first, by a process that recycles nothing, or divided, and each part is recycled: the
    /// factor holds of each, so of all. At the gram it rounds down, so that single grams give nothing.
    function test_Attack_MassIsDividedBefore() external {
        uint64 lotId = bring(BIN, uint32(GRAMS));
        uint64[] memory made = _process(facilityCrew, listOf(lotId), _sorted(33_333, 66_667));
        assertEq(lots.lotOf(made[0]).flags, 0, "fresh");
        _process(facilityCrew, listOf(made[0]), _divided(29_999, 3_334));
        uint64 part = split(facilityCrew, made[1], 6);
        _process(facilityCrew, listOf(made[1]), _divided(59_994, 6_667));
        _process(facilityCrew, listOf(part), _divided(5, 1));
        assertEq(_certifiable(), MOST - 2, "to be certified");
        uint64 gram = split(facilityCrew, bring(BIN, uint32(GRAMS)), 1);
        vm.startPrank(facilityCrew);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsRecycledTooMuch.selector, 1, 0));
        lots.process(listOf(gram), outputOf(PLASTIC, 1, R3), 0, EVIDENCE);
        // Nothing cannot come out, so no process recycles nothing of something.
        expectZeroMass();
        lots.process(listOf(gram), _divided(0, 1), 0, EVIDENCE);
        vm.stopPrank();
    }

    /// @dev A plant that does all that it can with one ticket's mass, at random, with two others that help it.
    function testFuzz_Attack_NeverMoreThanTheFactorOfWhatWasCollected(uint256 seed) external {
        uint64[] memory ids = new uint64[](3 * STEPS);
        ids[0] = bring(BIN, uint32(GRAMS));
        uint256 count = 1;
        for (uint256 i = 0; i < STEPS; ++i) {
            seed = uint256(keccak256(abi.encode(seed, i)));
            (uint64 lotId, uint256 kind) = (ids[(seed >> 8) % count], seed % 4);
            uint64 grams = lots.lotOf(lotId).grams;
            if (lots.lotOf(lotId).state != LotState.Open || grams < 2) continue;
            uint32 holder = lots.lotOf(lotId).holder;
            uint64 part = uint64((seed >> 16) % (grams - 1)) + 1;
            if (kind == 0) {
                deliver(lotId, [INCINERATOR, COMBINED, FACILITY][holder - FACILITY], grams, grams);
            } else if (kind == 1) {
                ids[count++] = split(_crewOf(holder), lotId, part);
            } else {
                // Mostly as much as it may.
                if (kind == 2 || part > _mostOf(grams)) part = _mostOf(grams);
                Output[] memory outputs = _divided(part, grams - part);
                if ((seed >> 128) % 4 == 0) outputs[0].op = 0;
                if ((seed >> 136) % 2 == 0) (outputs[0], outputs[1]) = (outputs[1], outputs[0]);
                uint64[] memory made = _process(_crewOf(holder), listOf(lotId), outputs);
                (ids[count], ids[count + 1]) = (made[0], made[1]);
                count += 2;
            }
            assertLe(_certifiable(), MOST, "to be certified");
        }
        assertLe(_certifiable(), lots.totals().recycled, "recycled");
    }

    // --- internals

    /// @dev What a process left of a lot, of which it recycled as much as it may.
    function _rest() private returns (uint64 lotId) {
        lotId = _process(facilityCrew, listOf(bring(BIN, uint32(GRAMS))), _divided(MOST, REST))[1];
        assertEq(_certifiable(), MOST, "to be certified before");
    }

    function _process(
        address crew,
        uint64[] memory inputs,
        Output[] memory outputs
    ) private returns (uint64[] memory made) {
        vm.prank(crew);
        return lots.process(inputs, outputs, 0, EVIDENCE);
    }

    function _recycleAllAt(uint32 plant) private {
        FacilityTerms memory terms = plainTerms();
        terms.conversionPct = 100;
        licenseFor(plant, terms);
    }

    /// @dev All that can be certified, of every plant, code and operation used here.
    function _certifiable() private view returns (uint64 grams) {
        for (uint32 plant = FACILITY; plant <= COMBINED; ++plant) {
            for (uint8 op = R3; op <= R4; ++op) {
                grams += lots.recycledOf(plant, PLASTIC, op, MONTH) + lots.recycledOf(plant, PAPER, op, MONTH);
            }
        }
    }

    function _crewOf(uint32 plant) private view returns (address crew) {
        return [facilityCrew, incineratorCrew, combinedCrew][plant - FACILITY];
    }

    function _mostOf(uint64 grams) private pure returns (uint64 most) {
        return (grams * CONVERSION_PCT) / 100;
    }

    /// @dev Plastic that is recycled, and plastic that is left.
    function _divided(uint64 recycled, uint64 left) private pure returns (Output[] memory outputs) {
        outputs = new Output[](2);
        (outputs[0], outputs[1]) = (Output(PLASTIC, recycled, R3), Output(PLASTIC, left, 0));
    }

    /// @dev Plastic of two qualities.
    function _sorted(uint64 good, uint64 bad) private pure returns (Output[] memory outputs) {
        outputs = new Output[](2);
        (outputs[0], outputs[1]) = (Output(PLASTIC, good, 0), Output(PLASTIC, bad, 0));
    }
}
