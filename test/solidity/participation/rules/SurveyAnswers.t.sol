// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SurveyAnswers} from "../../../../contracts/participation/rules/SurveyAnswers.sol";
import {SurveyForms} from "../../../../contracts/participation/rules/SurveyForms.sol";
import {SurveyFixture} from "./SurveyFixture.sol";

contract SurveyAnswersTest is SurveyFixture {
    // requireForm
    // ├─ no question ................................. SurveyAnswersGap(0)
    // ├─ a gap ....................................... SurveyAnswersGap(its number)
    // ├─ unknown kind ................................ SurveyAnswersUnknownKind
    // ├─ too small, too large ........................ SurveyAnswersBadSize
    // ├─ too wide .................................... SurveyAnswersTooWide
    // ├─ condition
    // │  ├─ on itself or a later question ............ SurveyAnswersBadCondition
    // │  ├─ on another kind .......................... SurveyAnswersBadCondition
    // │  ├─ on no choice, or one that there is not ... SurveyAnswersBadCondition
    // │  └─ on an earlier choice ..................... taken
    // └─ as large as can be .......................... taken

    function test_RevertWhen_FormHasGap() external {
        vm.expectRevert(abi.encodeWithSelector(SurveyAnswers.SurveyAnswersGap.selector, 0));
        harness.requireForm(0);
        vm.expectRevert(abi.encodeWithSelector(SurveyAnswers.SurveyAnswersGap.selector, 0));
        harness.requireForm(formOf(0, ask(SurveyForms.ONE, 2)));
        vm.expectRevert(abi.encodeWithSelector(SurveyAnswers.SurveyAnswersGap.selector, 1));
        harness.requireForm(formOf(ask(SurveyForms.ONE, 2), 0, ask(SurveyForms.ONE, 2)));
    }

    function test_RevertWhen_FormHasUnknownKind() external {
        for (uint256 kind = 0; kind < 8; ++kind) {
            if (kind > 0 && kind < 6) continue;
            vm.expectRevert(abi.encodeWithSelector(SurveyAnswers.SurveyAnswersUnknownKind.selector, 1, kind, 5));
            harness.requireForm(formOf(ask(SurveyForms.MANY, 2), ask(kind, 3)));
        }
    }

    function test_RevertWhen_FormHasBadSize() external {
        expectBadSize(SurveyForms.ONE, 1, 2, 31);
        expectBadSize(SurveyForms.ONE, 0, 2, 31);
        expectBadSize(SurveyForms.SCALE, 1, 2, 31);
        expectBadSize(SurveyForms.MANY, 0, 1, 31);
        expectBadSize(SurveyForms.NUMBER, 1, 2, 24);
        expectBadSize(SurveyForms.NUMBER, 25, 2, 24);
        expectBadSize(SurveyForms.MATRIX, 0, 1, 31);
    }

    function test_RevertWhen_FormIsTooWide() external {
        uint256[] memory questions = new uint256[](5);
        for (uint256 i = 0; i < 4; ++i) questions[i] = ask(SurveyForms.MATRIX, 31);
        questions[4] = ask(SurveyForms.MANY, 9);
        vm.expectRevert(abi.encodeWithSelector(SurveyAnswers.SurveyAnswersTooWide.selector, 4, 257, 256));
        harness.requireForm(formOf(questions));
        questions[4] = ask(SurveyForms.MANY, 8);
        harness.requireForm(formOf(questions));
        assertTrue(valid(formOf(questions), type(uint256).max), "a full paper");
    }

    function test_RevertWhen_ConditionIsBad() external {
        uint256 one = ask(SurveyForms.ONE, 3);
        expectBadCondition(formOf(askIf(SurveyForms.ONE, 3, 0, 1)), 0, 0, 1, 0);
        expectBadCondition(formOf(one, askIf(SurveyForms.ONE, 3, 1, 1)), 1, 1, 1, 0);
        expectBadCondition(formOf(one, askIf(SurveyForms.ONE, 3, 2, 1), one), 1, 2, 1, 0);
        for (uint256 kind = SurveyForms.SCALE; kind <= SurveyForms.MATRIX; ++kind) {
            expectBadCondition(formOf(ask(kind, 3), askIf(SurveyForms.MANY, 3, 0, 1)), 1, 0, 1, 0);
        }
        expectBadCondition(formOf(one, askIf(SurveyForms.MANY, 3, 0, 4)), 1, 0, 4, 3);
        expectBadCondition(formOf(one, one, askIf(SurveyForms.MANY, 3, 1, 0)), 2, 1, 0, 3);
        harness.requireForm(formOf(one, askIf(SurveyForms.MANY, 3, 0, 3)));
        harness.requireForm(formOf(one, one, askIf(SurveyForms.MANY, 3, 1, 1)));
        // A condition has room for 15 choices.
        harness.requireForm(formOf(ask(SurveyForms.ONE, 31), askIf(SurveyForms.MANY, 3, 0, 15)));
        expectBadCondition(
            formOf(ask(SurveyForms.ONE, 31), ask(SurveyForms.ONE, 31), askIf(SurveyForms.MANY, 3, 1, 0)),
            2,
            1,
            0,
            15
        );
    }

    function testFuzz_TakesGoodForms(uint256 seed, uint256 questions) external view {
        harness.requireForm(randomForm(seed, bound(questions, 1, 16)));
    }

    // isValid
    // ├─ no answers .................................. valid
    // ├─ a choice or grade that there is not ......... not
    // ├─ any set, number, opinions ................... valid
    // ├─ condition
    // │  ├─ met ...................................... valid, with and without an answer
    // │  └─ not met .................................. valid without an answer alone
    // └─ something behind the last question .......... not

    function test_KnowsWhichAnswersThereAre() external view {
        uint256 form = formOf(ask(SurveyForms.ONE, 5), ask(SurveyForms.SCALE, 10), ask(SurveyForms.NUMBER, 7));
        assertTrue(valid(form, 0), "no answers");
        assertTrue(valid(form, paperOf(form, list(5, 10, 127))), "the greatest");
        assertFalse(valid(form, paperOf(form, list(6, 10, 127))), "choice 6 of 5");
        assertFalse(valid(form, paperOf(form, list(5, 11, 127))), "grade 11 of 10");
        assertFalse(valid(form, paperOf(form, list(5, 10, 127)) | (1 << 14)), "behind the end");
        assertFalse(valid(form, 1 << 255), "far behind the end");
        form = formOf(ask(SurveyForms.MANY, 4), ask(SurveyForms.MATRIX, 3));
        for (uint256 payload = 0; payload < 1024; payload += 33) assertTrue(valid(form, payload), "any");
        assertFalse(valid(form, 1024), "behind the end");
    }

    function test_KnowsConditions() external view {
        uint256 form = formOf(
            ask(SurveyForms.ONE, 3),
            askIf(SurveyForms.ONE, 2, 0, 2),
            askIf(SurveyForms.NUMBER, 4, 1, 1)
        );
        assertTrue(valid(form, paperOf(form, list(2, 1, 15))), "both met");
        assertTrue(valid(form, paperOf(form, list(2, 2, 0))), "the first met");
        assertTrue(valid(form, paperOf(form, list(2, 0, 0))), "met, and no answer");
        assertTrue(valid(form, paperOf(form, list(1, 0, 0))), "not met, and no answer");
        assertFalse(valid(form, paperOf(form, list(1, 1, 0))), "the first not met");
        assertFalse(valid(form, paperOf(form, list(0, 1, 0))), "the first not answered");
        assertFalse(valid(form, paperOf(form, list(2, 2, 1))), "the second not met");
        assertFalse(valid(form, paperOf(form, list(1, 0, 1))), "the second not answered");
    }

    function testFuzz_TakesGoodPapers(uint256 seed, uint256 questions) external view {
        uint256 form = randomForm(seed, bound(questions, 1, 16));
        assertTrue(valid(form, randomPaper(seed, form)), "by chance");
    }

    function testFuzz_JudgesAnyPaper(uint256 seed, uint256 questions, uint256 payload) external view {
        uint256 form = randomForm(seed, bound(questions, 1, 16));
        Question[] memory asked = read(form);
        uint256 width = 0;
        for (uint256 i = 0; i < asked.length; ++i) width += bitsOf(asked[i]);
        // Most papers that are as wide as the form or a bit wider.
        payload = width < 255 ? payload % (1 << (width + 1)) : payload;
        uint256[] memory answers = answersIn(form, payload);
        bool expected = width == 256 || payload >> width == 0;
        for (uint256 i = 0; i < asked.length; ++i) {
            if (answers[i] == 0) continue;
            if (asked[i].kind <= SurveyForms.SCALE && answers[i] > asked[i].size) expected = false;
            if (asked[i].choice != 0 && answers[asked[i].source] != asked[i].choice) expected = false;
        }
        assertTrue(valid(form, payload) == expected, "as defined");
    }

    // addTo
    // ├─ no answer ................................... nothing
    // ├─ One, Scale, Many, Matrix .................... people, each answer in its lane
    // ├─ Number ...................................... people and sum, in one word
    // ├─ several ..................................... as many times
    // └─ taken out ................................... as before, word by word

    function test_LaysLanesSideBySide() external {
        uint256 form = formOf(ask(SurveyForms.SCALE, 6), ask(SurveyForms.NUMBER, 24), ask(SurveyForms.MATRIX, 2));
        // Lanes 0 to 5, then 8 to 10 because a number stays in its word, then 11 to 16.
        uint256 payload = paperOf(form, list(6, 0xffffff, (PASS << 2) | DISAGREE));
        harness.count(0, form, list(payload), list(2));
        assertEq(harness.wordOf(0, 0), 2 << (5 * 32), "grade 6");
        assertEq(harness.wordOf(0, 1), 2 | ((0xfffffe * 2) << 32) | (2 << (4 * 32)), "number, disagreement");
        assertEq(harness.wordOf(0, 2), 2, "pass");
        harness.count(0, form, list(payload), list(TAKE_OUT));
        assertEq(harness.wordOf(0, 1), 1 | (0xfffffe << 32) | (1 << (4 * 32)), "one is left");
    }

    function test_HoldsTheGreatestCounts() external {
        uint256 form = formOf(ask(SurveyForms.NUMBER, 24), ask(SurveyForms.NUMBER, 24), ask(SurveyForms.MANY, 31));
        uint256 full = paperOf(form, list(0xffffff, 0xffffff, 0x7fffffff));
        harness.count(0, form, list(full, full), list(type(uint32).max - 1, 1));
        assertEq(harness.cellsOf(1, form, 0), list(type(uint32).max, 0xfffffe * uint256(type(uint32).max)), "sums");
        assertEq(harness.cellsOf(1, form, 0), harness.cellsOf(1, form, 1), "both");
        uint256[] memory many = harness.cellsOf(1, form, 2);
        for (uint256 i = 0; i < 31; ++i) assertEq(many[i], type(uint32).max, "people");
        harness.count(0, form, list(full), list(TAKE_OUT));
        assertEq(harness.cellsOf(1, form, 1)[0], type(uint32).max - 1, "one less");
    }

    function testFuzz_CountsLikeTheDefinition(uint256 seed, uint256 questions, uint256 papers) external {
        questions = bound(questions, 1, 16);
        uint256 form = randomForm(seed, questions);
        (uint256[] memory payloads, uint256[] memory counts) = randomPapers(seed, form, bound(papers, 0, 8));
        harness.count(0, form, payloads, counts);
        for (uint256 i = 0; i < questions; ++i) {
            assertEq(harness.cellsOf(1, form, i), countedCells(form, i, payloads, counts), "cells");
        }
    }

    /// @dev What is taken out one by one leaves what it found, word by word.
    function testFuzz_TakesOutWhatWasCounted(uint256 seed, uint256 questions, uint256 others) external {
        uint256 form = randomForm(seed, bound(questions, 1, 16));
        (uint256[] memory payloads, uint256[] memory counts) = randomPapers(~seed, form, bound(others, 0, 4));
        harness.count(0, form, payloads, counts);
        uint256[] memory before = wordsOf(0);
        (payloads, counts) = randomPapers(seed, form, 5);
        for (uint256 i = 0; i < counts.length; ++i) counts[i] = 1;
        harness.count(0, form, payloads, counts);
        for (uint256 i = 0; i < counts.length; ++i) counts[i] = TAKE_OUT;
        harness.count(0, form, payloads, counts);
        assertEq(wordsOf(0), before, "as before");
    }

    function wordsOf(uint256 segment) private view returns (uint256[] memory words) {
        words = new uint256[](90);
        for (uint256 i = 0; i < words.length; ++i) words[i] = harness.wordOf(segment, i);
    }

    function valid(uint256 form, uint256 payload) private view returns (bool its) {
        return harness.areValid(form, list(payload))[0];
    }

    function expectBadSize(uint256 kind, uint256 size, uint256 least, uint256 most) private {
        uint256 form = formOf(ask(SurveyForms.ONE, 2), ask(kind, size));
        vm.expectRevert(abi.encodeWithSelector(SurveyAnswers.SurveyAnswersBadSize.selector, 1, size, least, most));
        harness.requireForm(form);
        harness.requireForm(formOf(ask(kind, least), ask(kind, most)));
    }

    function expectBadCondition(uint256 form, uint256 question, uint256 source, uint256 choice, uint256 limit) private {
        vm.expectRevert(
            abi.encodeWithSelector(SurveyAnswers.SurveyAnswersBadCondition.selector, question, source, choice, limit)
        );
        harness.requireForm(form);
    }
}
