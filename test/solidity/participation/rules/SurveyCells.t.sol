// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SurveyCells} from "../../../../contracts/participation/rules/SurveyCells.sol";
import {SurveyForms} from "../../../../contracts/participation/rules/SurveyForms.sol";
import {SurveyFixture} from "./SurveyFixture.sol";

contract SurveyCellsTest is SurveyFixture {
    uint256 private constant FEW = 5;
    /// @dev Numbers that are tried in a cell, and vectors of three cells with them.
    uint256 private constant MOST = 8;
    uint256 private constant CASES = MOST ** 3;

    mapping(bytes32 print => mapping(uint256 cell => uint256 value)) private _seen;
    mapping(bytes32 print => mapping(uint256 cell => bool uncertain)) private _uncertain;

    // cellsOf, collect
    // ├─ no such question ............................ SurveyCellsUnknownQuestion
    // ├─ nothing counted ............................. zeros
    // └─ several segments ............................ added up, each word once

    function test_RevertWhen_QuestionIsUnknown() external {
        uint256 form = formOf(ask(SurveyForms.ONE, 2), ask(SurveyForms.MANY, 2));
        vm.expectRevert(abi.encodeWithSelector(SurveyCells.SurveyCellsUnknownQuestion.selector, 2, 2));
        harness.cellsOf(1, form, 2);
        vm.expectRevert(abi.encodeWithSelector(SurveyCells.SurveyCellsUnknownQuestion.selector, 16, 2));
        harness.shownOf(1, form, 16, FEW);
        vm.expectRevert(abi.encodeWithSelector(SurveyCells.SurveyCellsUnknownQuestion.selector, 0, 0));
        harness.cellsOf(1, 0, 0);
    }

    function test_ShowsNothingCounted() external view {
        uint256 form = formOf(ask(SurveyForms.ONE, 2), ask(SurveyForms.NUMBER, 2), ask(SurveyForms.MATRIX, 2));
        assertShown(form, 0, list(0, 0), 0);
        assertShown(form, 1, list(0, 0), 0);
        assertShown(form, 2, new uint256[](6), 0);
    }

    function test_HasNoMoreWordsThanLanesNeed() external pure {
        assertEq(SurveyCells.emptyFor(formOf(ask(SurveyForms.MANY, 8))).length, 1, "8 lanes");
        assertEq(SurveyCells.emptyFor(formOf(ask(SurveyForms.MANY, 9))).length, 2, "9 lanes");
    }

    function testFuzz_AddsSegmentsUp(uint256 seed, uint256 questions, uint256 segments) external {
        questions = bound(questions, 1, 16);
        segments = bound(segments, 1, 4);
        uint256 form = randomForm(seed, questions);
        uint256[] memory allPayloads = new uint256[](3 * segments);
        uint256[] memory allCounts = new uint256[](3 * segments);
        for (uint256 i = 0; i < segments; ++i) {
            (uint256[] memory payloads, uint256[] memory counts) = randomPapers(seed ^ i, form, 3);
            harness.count(i, form, payloads, counts);
            for (uint256 k = 0; k < 3; ++k) {
                (allPayloads[3 * i + k], allCounts[3 * i + k]) = (payloads[k], counts[k]);
            }
        }
        for (uint256 i = 0; i < questions; ++i) {
            uint256[] memory expected = countedCells(form, i, allPayloads, allCounts);
            assertEq(harness.cellsOf(segments, form, i), expected, "all segments");
            (uint256[] memory shown, uint256 hidden) = harness.shownOf(segments, form, i, 1);
            assertEq(shown, expected, "shown");
            assertEq(hidden, 0, "nothing is hidden");
        }
    }

    // shownOf
    // ├─ group
    // │  ├─ no cell of few people .................... all shown
    // │  ├─ some ..................................... hidden up to the smallest that would have been shown
    // │  ├─ some, and equal ones next ................ all of the equal ones
    // │  └─ some, and none other ..................... all hidden, zeros too
    // ├─ Matrix ...................................... statement by statement
    // ├─ Number
    // │  ├─ few ...................................... both cells hidden
    // │  └─ none or enough ........................... shown
    // └─ condition
    //    ├─ its cell is shown ........................ by its own cells
    //    ├─ its cell is hidden ....................... all hidden
    //    └─ its question is hidden so ................ all hidden

    function test_HidesWhatFewAnswered() external {
        assertGroup("no people", list(0, 0, 0), list(0, 0, 0), 0);
        assertGroup("enough", list(FEW, 0, 9), list(FEW, 0, 9), 0);
        assertGroup("one cell, and the next smallest", list(4, 20, 9), list(0, 20, 0), 5);
        assertGroup("the same, a zero stays", list(1, 0, 9), list(0, 0, 0), 5);
        assertGroup("two cells, and the third", list(1, 4, 9), list(0, 0, 0), 7);
        assertGroup("equal ones", list(9, 1, 9), list(0, 0, 0), 7);
        assertGroup("few people in all", list(0, 4, 0), list(0, 0, 0), 7);
        assertGroup("few each", list(4, 4, 4), list(0, 0, 0), 7);
    }

    function test_HidesAloneAndInMany() external {
        uint256 form = formOf(ask(SurveyForms.MANY, 1), ask(SurveyForms.MANY, 3), ask(SurveyForms.SCALE, 3));
        give(form, list(0, 1, 1), 4);
        give(form, list(0, 3, 2), 5);
        give(form, list(0, 7, 3), 3);
        assertShown(form, 0, list(0), 0);
        // 12, 8, 3: one who subtracts from 12 people with a choice learns nothing of the other two.
        assertShown(form, 1, list(12, 0, 0), 6);
        assertShown(form, 2, list(0, 0, 0), 7);
        give(form, list(1, 0, 0), 4);
        assertShown(form, 0, list(0), 1);
        give(form, list(1, 0, 0), 1);
        assertShown(form, 0, list(5), 0);
    }

    function test_HidesStatementByStatement() external {
        uint256 form = formOf(ask(SurveyForms.MATRIX, 3));
        give(form, list(AGREE | (AGREE << 2) | (PASS << 4)), 7);
        give(form, list(DISAGREE | (AGREE << 2)), 4);
        give(form, list(PASS | (DISAGREE << 2)), 20);
        uint256[] memory cells = new uint256[](9);
        (cells[2], cells[3], cells[4], cells[8]) = (20, 11, 20, 7);
        assertShown(form, 0, cells, 3);
    }

    function test_HidesNumbersOfFew() external {
        uint256 form = formOf(ask(SurveyForms.NUMBER, 8));
        give(form, list(43), 3);
        give(form, list(1), 1);
        give(form, list(0), 100);
        assertShown(form, 0, list(0, 0), 3);
        give(form, list(11), 1);
        assertShown(form, 0, list(5, 42 * 3 + 10), 0);
    }

    function test_HidesThatFewSaidZero() external {
        uint256 form = formOf(ask(SurveyForms.NUMBER, 8));
        give(form, list(1), 4);
        assertShown(form, 0, list(0, 0), 3);
        give(form, list(1), 1);
        assertShown(form, 0, list(FEW, 0), 0);
    }

    function test_HidesWhatHangsOnHiddenCells() external {
        uint256 form = formOf(
            ask(SurveyForms.ONE, 3),
            askIf(SurveyForms.ONE, 2, 0, 2),
            askIf(SurveyForms.NUMBER, 4, 1, 2)
        );
        give(form, list(1, 0, 0), 2);
        give(form, list(2, 2, 8), 9);
        give(form, list(3, 0, 0), 30);
        assertShown(form, 0, list(0, 0, 30), 3);
        assertShown(form, 1, list(0, 0), 3);
        assertShown(form, 2, list(0, 0), 3);
        give(form, list(1, 0, 0), 3);
        assertShown(form, 0, list(5, 9, 30), 0);
        assertShown(form, 1, list(0, 9), 0);
        assertShown(form, 2, list(9, 63), 0);
        // The second is hidden for its own sake, and the third with it.
        give(form, list(2, 1, 0), 1);
        assertShown(form, 0, list(5, 10, 30), 0);
        assertShown(form, 1, list(0, 0), 3);
        assertShown(form, 2, list(0, 0), 3);
    }

    function test_HidesWhatHangsOnCellsOfOtherWords() external {
        uint256 form = formOf(ask(SurveyForms.ONE, 3), ask(SurveyForms.MANY, 20), askIf(SurveyForms.ONE, 2, 0, 2));
        give(form, list(1, 0, 0), 2);
        give(form, list(2, 0, 2), 9);
        give(form, list(3, 0, 0), 30);
        assertShown(form, 0, list(0, 0, 30), 3);
        assertShown(form, 2, list(0, 0), 3);
        give(form, list(1, 0, 0), 3);
        assertShown(form, 2, list(0, 9), 0);
    }

    /// @dev What can be known of a hidden cell by who knows the rule, the total and all that is shown: of all vectors of
    /// three cells, those that look the same in print have different numbers in each hidden cell. Cells beyond the ones tried here
    /// only make the reader less certain.
    function test_LeavesNoHiddenCellCertain() external {
        for (uint256 number = 0; number < 2 * CASES; ++number) {
            (uint256[] memory cells, , bytes32 print) = printed(number);
            mapping(uint256 cell => uint256 value) storage seen = _seen[print];
            for (uint256 i = 0; i < 3; ++i) {
                if (seen[i] == 0) seen[i] = cells[i] + 1;
                else if (seen[i] != cells[i] + 1) _uncertain[print][i] = true;
            }
        }
        uint256 secrets = 0;
        for (uint256 number = 0; number < 2 * CASES; ++number) {
            (, uint256 hidden, bytes32 print) = printed(number);
            for (uint256 i = 0; i < 3; ++i) {
                bool secret = hidden & (1 << i) != 0;
                assertTrue(_uncertain[print][i] == secret, "hidden and uncertain, or shown");
                if (secret) ++secrets;
            }
        }
        assertTrue(secrets > CASES, "many are hidden");
    }

    /// @dev A vector of cells of a question with three choices, for a smallest cell of 3 or 4, and what can be seen of it.
    function printed(uint256 number) private pure returns (uint256[] memory cells, uint256 hidden, bytes32 print) {
        uint256 fewest = 3 + number / CASES;
        number %= CASES;
        cells = list(number % MOST, (number / MOST) % MOST, number / MOST / MOST);
        uint256 lanes = cells[0] | (cells[1] << 32) | (cells[2] << 64);
        uint256[] memory shown;
        (shown, hidden) = SurveyCells.shownOf(list(lanes), formOf(ask(SurveyForms.ONE, 3)), 0, fewest);
        print = keccak256(abi.encode(shown, hidden, cells[0] + cells[1] + cells[2], fewest));
    }

    function assertGroup(
        string memory reason,
        uint256[] memory cells,
        uint256[] memory expected,
        uint256 expectedHidden
    ) private {
        uint256 snapshot = vm.snapshotState();
        uint256 form = formOf(ask(SurveyForms.ONE, 3));
        harness.count(0, form, list(1, 2, 3), cells);
        (uint256[] memory shown, uint256 hidden) = harness.shownOf(1, form, 0, FEW);
        assertEq(shown, expected, reason);
        assertEq(hidden, expectedHidden, reason);
        vm.revertToState(snapshot);
    }

    function assertShown(
        uint256 form,
        uint256 question,
        uint256[] memory expected,
        uint256 expectedHidden
    ) private view {
        (uint256[] memory shown, uint256 hidden) = harness.shownOf(1, form, question, FEW);
        assertEq(shown, expected, "shown");
        assertEq(hidden, expectedHidden, "hidden");
    }

    function give(uint256 form, uint256[] memory answers, uint256 people) private {
        uint256 payload = paperOf(form, answers);
        assertTrue(harness.areValid(form, list(payload))[0], "valid");
        harness.count(0, form, list(payload), list(people));
    }
}
