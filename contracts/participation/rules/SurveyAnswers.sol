// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SurveyForms} from "./SurveyForms.sol";

/// @title SurveyAnswers
/// @notice Papers of a survey: which forms there can be, which papers fit a form, and how they are counted.
/// @dev A paper has the answers side by side in one word, that to the first question at the low end, each as wide as
/// {SurveyForms-widthOf} says. Zero is no answer, which is always allowed. One and Scale: the choice or grade, from 1. Many: bit i is
/// choice i. Number: the number plus one. Matrix: two bits for each statement, 1 agree, 2 disagree, 3 pass.
///
/// Counters are lanes of 32 bits, eight to a word, those of the first question at the low end; a sum of numbers has two. A lane
/// of people is at most their number, below 2^32, and a sum below 2^24 times it, so no lane overflows. Whole words are added
/// modulo 2^256, so that a paper can be taken out whatever is borrowed between lanes on the way.
library SurveyAnswers {
    /// @notice Most bits of a paper.
    uint256 internal constant PAPER_BITS = 256;
    /// @notice Greatest size of a number.
    uint256 internal constant MAX_NUMBER_BITS = 24;

    uint256 private constant MAX_SIZE = 31;
    uint256 private constant MAX_CONDITION = 15;
    uint256 private constant PLACE_SHIFT = 3;
    uint256 private constant BYTE_MASK = 0xff;
    uint256 private constant LANES = 8;
    uint256 private constant LANE_MASK = 7;
    uint256 private constant LANE_SHIFT = 5;
    uint256 private constant LANE_BITS = 32;
    /// @dev Lanes that can wait: those of another question still fit into a word of bits.
    uint256 private constant MAX_PENDING = 256 - 93;
    /// @dev A copy of a byte at each 31st bit. Copy k has bit k of the byte where lane k begins.
    uint256 private constant COPIES = 0x02000000040000000800000010000000200000004000000080000001;
    /// @dev First bit of each lane.
    uint256 private constant FIRST_BITS = 0x0000000100000001000000010000000100000001000000010000000100000001;

    /// @notice There is no question where one must be: at the beginning, or before another one.
    /// @param question Its number, from 0.
    error SurveyAnswersGap(uint256 question);
    /// @notice There is no such kind of question.
    /// @param question Number of the question.
    /// @param kind Kind given.
    /// @param limit Greatest.
    error SurveyAnswersUnknownKind(uint256 question, uint256 kind, uint256 limit);
    /// @notice A question of its kind cannot have this size.
    /// @param question Number of the question.
    /// @param size Size given.
    /// @param least Smallest.
    /// @param most Greatest.
    error SurveyAnswersBadSize(uint256 question, uint256 size, uint256 least, uint256 most);
    /// @notice The answers do not fit on a paper.
    /// @param question Number of the first question that does not.
    /// @param width Bits with it.
    /// @param limit Most.
    error SurveyAnswersTooWide(uint256 question, uint256 width, uint256 limit);
    /// @notice A condition that is not on a choice of an earlier question of kind One.
    /// @param question Number of the question that has it.
    /// @param source Number of the question that it is on.
    /// @param choice Choice that it asks for.
    /// @param limit Greatest choice there; zero: no condition can be on that question.
    error SurveyAnswersBadCondition(uint256 question, uint256 source, uint256 choice, uint256 limit);

    /// @notice Counts equal papers, and writes each word of counters once. Storage words without an answer are not touched.
    /// @param lanes Counters.
    /// @param form Form, checked by {requireForm}.
    /// @param payload Paper, valid.
    /// @param count How many; the greatest number takes one out that was counted.
    function addTo(
        mapping(uint256 word => uint256 lanes) storage lanes,
        uint256 form,
        uint256 payload,
        uint256 count
    ) internal {
        // At most 16 questions of 93 lanes. What is added is meant modulo 2^256, see above.
        unchecked {
            uint256 word = 0;
            uint256 lane = 0; // first free one, from the word on
            uint256 ones = 0; // bit i: one more in lane i, from the word on
            uint256 numbers = 0; // what is added to lanes of numbers in the word
            for (; payload != 0 && form != 0; form >>= SurveyForms.QUESTION_BITS) {
                uint256 kind = SurveyForms.kindOf(form);
                uint256 size = SurveyForms.sizeOf(form);
                if (kind == SurveyForms.NUMBER || lane > MAX_PENDING) {
                    lane = SurveyForms.startOf(kind, lane);
                    uint256 next = word + (lane >> PLACE_SHIFT);
                    if (next != word) {
                        ones = _flush(lanes, word, next, ones, numbers, count);
                        (word, lane, numbers) = (next, lane & LANE_MASK, 0);
                    }
                }
                uint256 width = SurveyForms.widthOf(kind, size);
                uint256 value = payload & ((1 << width) - 1);
                payload >>= width;
                if (kind < SurveyForms.MANY) {
                    ones |= ((1 << value) >> 1) << lane; // none for zero
                    lane += size;
                } else if (kind == SurveyForms.MANY) {
                    ones |= value << lane;
                    lane += size;
                } else if (kind == SurveyForms.NUMBER) {
                    if (value != 0) numbers |= (1 | ((value - 1) << LANE_BITS)) << (lane << LANE_SHIFT);
                    lane += SurveyForms.NUMBER_LANES;
                } else {
                    ones |= _opinionsOf(value) << lane;
                    lane += size * SurveyForms.OPINIONS;
                }
            }
            _flush(lanes, word, type(uint256).max, ones, numbers, count);
        }
    }

    /// @notice Reverts unless papers can be made of a form.
    /// @param form The form.
    function requireForm(uint256 form) internal pure {
        uint256 question = 0;
        uint256 width = 0;
        uint256 rest = form;
        do {
            if (rest & SurveyForms.QUESTION_MASK == 0) revert SurveyAnswersGap(question);
            uint256 kind = SurveyForms.kindOf(rest);
            if (kind == 0 || kind > SurveyForms.MATRIX) {
                revert SurveyAnswersUnknownKind(question, kind, SurveyForms.MATRIX);
            }
            uint256 size = SurveyForms.sizeOf(rest);
            uint256 least = kind == SurveyForms.MANY || kind == SurveyForms.MATRIX ? 1 : 2;
            uint256 most = kind == SurveyForms.NUMBER ? MAX_NUMBER_BITS : MAX_SIZE;
            if (size < least || size > most) revert SurveyAnswersBadSize(question, size, least, most);
            width += SurveyForms.widthOf(kind, size);
            if (width > PAPER_BITS) revert SurveyAnswersTooWide(question, width, PAPER_BITS);
            _requireCondition(form, question, SurveyForms.sourceOf(rest), SurveyForms.choiceOf(rest));
            ++question;
            rest >>= SurveyForms.QUESTION_BITS;
        } while (rest != 0);
    }

    /// @notice Whether a paper fits a form: choices and grades that there are, no answer where the condition is not met,
    /// nothing behind the last question.
    /// @param form Form, checked by {requireForm}.
    /// @param payload Paper.
    /// @return valid True if so.
    function isValid(uint256 form, uint256 payload) internal pure returns (bool valid) {
        // At most 16 questions.
        unchecked {
            uint256 chosen = 0; // byte i: choice of question i
            uint256 place = 0;
            for (uint256 rest = form; rest != 0 && payload != 0; rest >>= SurveyForms.QUESTION_BITS) {
                uint256 kind = SurveyForms.kindOf(rest);
                uint256 size = SurveyForms.sizeOf(rest);
                uint256 width = SurveyForms.widthOf(kind, size);
                uint256 value = payload & ((1 << width) - 1);
                if (value != 0) {
                    uint256 choice = SurveyForms.choiceOf(rest);
                    if (choice != 0) {
                        uint256 source = SurveyForms.sourceOf(rest) << PLACE_SHIFT;
                        if ((chosen >> source) & BYTE_MASK != choice) return false;
                    }
                    if (kind <= SurveyForms.SCALE) {
                        if (value > size) return false;
                        chosen |= value << place;
                    }
                }
                payload >>= width;
                place += 1 << PLACE_SHIFT;
            }
            return payload == 0;
        }
    }

    /// @dev Adds to words, each of which is written once and only if something is added, and returns the lanes beyond them.
    function _flush(
        mapping(uint256 word => uint256 lanes) storage lanes,
        uint256 word,
        uint256 end,
        uint256 ones,
        uint256 numbers,
        uint256 count
    ) private returns (uint256 left) {
        // Modulo 2^256, see above. The highest copy of the byte ends below bit 7 * 31 + 8.
        unchecked {
            for (; word != end && ones | numbers != 0; ++word) {
                uint256 added = (((ones & BYTE_MASK) * COPIES) & FIRST_BITS) | numbers;
                if (added != 0) lanes[word] += added * count;
                (ones, numbers) = (ones >> LANES, 0);
            }
            return ones;
        }
    }

    /// @dev Lanes that opinions add one to.
    function _opinionsOf(uint256 value) private pure returns (uint256 ones) {
        // No lane for zero, the first for 1. At most 31 statements.
        unchecked {
            for (uint256 lane = 0; value != 0; lane += SurveyForms.OPINIONS) {
                ones |= ((1 << (value & 3)) >> 1) << lane;
                value >>= 2;
            }
        }
    }

    function _requireCondition(uint256 form, uint256 question, uint256 source, uint256 choice) private pure {
        if (choice == 0 && source == 0) return;
        uint256 limit = 0;
        uint256 target = form >> (source * SurveyForms.QUESTION_BITS);
        if (source < question && SurveyForms.kindOf(target) == SurveyForms.ONE) {
            limit = SurveyForms.sizeOf(target);
            if (limit > MAX_CONDITION) limit = MAX_CONDITION;
        }
        if (choice == 0 || choice > limit) revert SurveyAnswersBadCondition(question, source, choice, limit);
    }
}
