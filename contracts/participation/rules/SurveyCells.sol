// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CountLanes} from "./CountLanes.sol";
import {SurveyForms} from "./SurveyForms.sol";

/// @title SurveyCells
/// @notice What a survey found, question by question, without answers that so few people gave that they could be found out.
/// @dev Cells of One and Scale: people for each choice or grade. Of Many: people for each choice, who may have several. Of
/// Matrix: people who agree, disagree and pass, for one statement after another. Of Number: people who gave one, and the sum. People
/// without an answer are in no cell.
///
/// Which cells are hidden. A group is the cells of a question, or of one statement. If a group has a cell of 1 to
/// minCell - 1 people, that one is hidden, and with it each up to the smallest that would have been shown; if there is none, all
/// of the group, zeros too. Who knows how many answered and subtracts what is shown is left with cells that can be swapped
/// with each other: none is certain, if minCell is 3 or more and the group has two cells or more. A number is hidden if fewer than
/// minCell gave one. A question with a condition is hidden as a whole if the cell that it hangs on is, because its answers
/// are of the people in that cell.
///
/// Not protected:
/// - What is on the chain: votes are public once they are opened, and so are counters. This is for what a city prints.
/// - What two looks at different times tell by their difference. A city prints after the close.
/// - That somebody who knows all who gave a number but one learns the last from the sum, and all if everybody gave the least.
/// - That a whole group gave one and the same answer, which is then known of each of them.
/// - Segments that are printed apart: cells are to be added up first.
library SurveyCells {
    uint256 private constant LANE_MASK = 7;
    uint256 private constant LANE_SHIFT = 5;
    uint256 private constant WORD_SHIFT = 3;
    uint256 private constant ALL = type(uint256).max;

    /// @notice The form has no such question.
    /// @param question Number given.
    /// @param questions Questions that there are.
    error SurveyCellsUnknownQuestion(uint256 question, uint256 questions);

    /// @notice Adds what a segment counted, as far as {shownOf} looks at it for a question.
    /// @param words Counters of the segments before, of {emptyFor}. They hold all segments if people are below 2^32.
    /// @param lanes Counters of the segment.
    /// @param form Form.
    /// @param question Number of the question, from 0.
    function collect(
        uint256[] memory words,
        mapping(uint256 word => uint256 lanes) storage lanes,
        uint256 form,
        uint256 question
    ) internal view {
        uint256 done = 0; // bit i: word i, of which there are fewer than 256
        uint256 choice = 0;
        do {
            (uint256 its, uint256 first, uint256 count) = _placeOf(form, question);
            for (uint256 word = first >> WORD_SHIFT; word <= (first + count - 1) >> WORD_SHIFT; ++word) {
                if ((done >> word) & 1 != 0) continue;
                done |= 1 << word;
                words[word] += lanes[word];
            }
            (question, choice) = (SurveyForms.sourceOf(its), SurveyForms.choiceOf(its));
        } while (choice != 0);
    }

    /// @notice Room for the counters of a form.
    /// @param form Form.
    /// @return words Zeros.
    function emptyFor(uint256 form) internal pure returns (uint256[] memory words) {
        uint256 lane = 0;
        for (uint256 rest = form; rest != 0; rest >>= SurveyForms.QUESTION_BITS) {
            uint256 kind = SurveyForms.kindOf(rest);
            lane = SurveyForms.startOf(kind, lane) + SurveyForms.lanesOf(kind, SurveyForms.sizeOf(rest));
        }
        return new uint256[](CountLanes.wordsFor(lane));
    }

    /// @notice What a question found, with all cells.
    /// @param words Counters.
    /// @param form Form.
    /// @param question Number of the question, from 0.
    /// @return cells The cells.
    function cellsOf(
        uint256[] memory words,
        uint256 form,
        uint256 question
    ) internal pure returns (uint256[] memory cells) {
        (uint256 its, uint256 first, uint256 count) = _placeOf(form, question);
        if (SurveyForms.kindOf(its) == SurveyForms.NUMBER) {
            cells = new uint256[](2);
            cells[0] = CountLanes.countAt(words, first);
            // All in one word, see {SurveyForms-startOf}; 64 bits of it.
            cells[1] = uint64(words[first >> WORD_SHIFT] >> (((first & LANE_MASK) + 1) << LANE_SHIFT));
            return cells;
        }
        cells = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) cells[i] = CountLanes.countAt(words, first + i);
    }

    /// @notice What a question found, without the cells that are to be hidden.
    /// @param words Counters.
    /// @param form Form.
    /// @param question Number of the question, from 0.
    /// @param minCell People that a cell must have to be shown; nothing is hidden below 2.
    /// @return cells The cells. Hidden ones are zero.
    /// @return hidden Bit i is set if cell i is hidden.
    function shownOf(
        uint256[] memory words,
        uint256 form,
        uint256 question,
        uint256 minCell
    ) internal pure returns (uint256[] memory cells, uint256 hidden) {
        (uint256 its, , ) = _placeOf(form, question);
        cells = cellsOf(words, form, question);
        uint256 kind = SurveyForms.kindOf(its);
        uint256 count = cells.length;
        if (_hangsOnHidden(words, form, its, minCell)) {
            for (uint256 i = 0; i < count; ++i) cells[i] = 0;
            return (cells, (1 << count) - 1); // at most 93
        }
        if (kind == SurveyForms.NUMBER) {
            if (cells[0] == 0 || cells[0] >= minCell) return (cells, 0);
            return (new uint256[](2), 3);
        }
        uint256 group = kind == SurveyForms.MATRIX ? SurveyForms.OPINIONS : count;
        for (uint256 first = 0; first < count; first += group) hidden |= _hide(cells, first, group, minCell);
    }

    /// @dev Whether the cell that a question hangs on is hidden. It is one of a question of kind One, which may hang on another one.
    function _hangsOnHidden(
        uint256[] memory words,
        uint256 form,
        uint256 its,
        uint256 minCell
    ) private pure returns (bool hangs) {
        uint256 choice = SurveyForms.choiceOf(its);
        if (choice == 0) return false;
        (, uint256 hidden) = shownOf(words, form, SurveyForms.sourceOf(its), minCell);
        return (hidden >> (choice - 1)) & 1 != 0;
    }

    /// @dev Hides cells of a group.
    function _hide(
        uint256[] memory cells,
        uint256 first,
        uint256 count,
        uint256 minCell
    ) private pure returns (uint256 hidden) {
        bool few = false;
        uint256 most = ALL;
        for (uint256 i = first; i < first + count; ++i) {
            uint256 people = cells[i];
            if (people == 0) continue;
            if (people < minCell) few = true;
            else if (people < most) most = people;
        }
        if (!few) return 0;
        for (uint256 i = first; i < first + count; ++i) {
            if (most != ALL && (cells[i] == 0 || cells[i] > most)) continue;
            cells[i] = 0;
            hidden |= 1 << i; // at most 93
        }
    }

    /// @dev The form from a question on, and its first lane and how many there are.
    function _placeOf(uint256 form, uint256 question) private pure returns (uint256 its, uint256 first, uint256 count) {
        its = form;
        for (uint256 number = 0; ; ++number) {
            if (its == 0) revert SurveyCellsUnknownQuestion(question, number);
            uint256 kind = SurveyForms.kindOf(its);
            first = SurveyForms.startOf(kind, first + count);
            count = SurveyForms.lanesOf(kind, SurveyForms.sizeOf(its));
            if (number == question) return (its, first, count);
            its >>= SurveyForms.QUESTION_BITS;
        }
    }
}
