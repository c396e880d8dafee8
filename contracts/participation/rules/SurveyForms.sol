// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title SurveyForms
/// @notice The questions of a survey, in one word: 16 bits each, at most 16, the first at the low end; zero ends them. Of the bits of a
/// question the lower 3 are its kind, the next 5 its size, and the rest its condition: 4 for the number of an earlier question of
/// kind One, 4 for the choice there that it asks for. Choice zero: no condition.
/// @dev A condition has no room for choices above 15, so those that questions hang on come first. Functions here read the question at the low
/// end, so that loops shift the form and go on.
library SurveyForms {
    /// @notice One of `size` choices, 2 to 31.
    uint256 internal constant ONE = 1;
    /// @notice A grade from 1 to `size`, 2 to 31. It is answered and counted as a choice.
    uint256 internal constant SCALE = 2;
    /// @notice Any of `size` choices, 1 to 31.
    uint256 internal constant MANY = 3;
    /// @notice A number from 0 to 2^size - 2, with a size of 2 to 24.
    uint256 internal constant NUMBER = 4;
    /// @notice Agree, disagree or pass for each of `size` statements, 1 to 31.
    uint256 internal constant MATRIX = 5;

    /// @notice Bits of a question.
    uint256 internal constant QUESTION_BITS = 16;
    /// @notice All bits of a question.
    uint256 internal constant QUESTION_MASK = 0xffff;
    /// @notice Answers to a statement: agree, disagree, pass.
    uint256 internal constant OPINIONS = 3;
    /// @notice Lanes of a number: how many gave one, and two for their sum.
    uint256 internal constant NUMBER_LANES = 3;

    uint256 private constant KIND_MASK = 0x7;
    uint256 private constant SIZE_SHIFT = 3;
    uint256 private constant SIZE_MASK = 0x1f;
    uint256 private constant SOURCE_SHIFT = 8;
    uint256 private constant CHOICE_SHIFT = 12;
    uint256 private constant NIBBLE_MASK = 0xf;
    /// @dev Nibble n from the low end: bits that n has.
    uint256 private constant BITS = 0x55555555555555554444444433332210;
    uint256 private constant WORD_LANE_MASK = 7;

    /// @notice Kind of a question.
    /// @param form Form that begins with it.
    /// @return kind 1 to 5.
    function kindOf(uint256 form) internal pure returns (uint256 kind) {
        return form & KIND_MASK;
    }

    /// @notice Size of a question: of its choices, grades, bits or statements.
    /// @param form Form that begins with it.
    /// @return size How many, up to 31.
    function sizeOf(uint256 form) internal pure returns (uint256 size) {
        return (form >> SIZE_SHIFT) & SIZE_MASK;
    }

    /// @notice Question that a condition is on.
    /// @param form Form that begins with the question that has the condition.
    /// @return source Its number, from 0.
    function sourceOf(uint256 form) internal pure returns (uint256 source) {
        return (form >> SOURCE_SHIFT) & NIBBLE_MASK;
    }

    /// @notice Choice that a condition asks for.
    /// @param form Form that begins with the question that has the condition.
    /// @return choice Its number, from 1; zero: there is no condition.
    function choiceOf(uint256 form) internal pure returns (uint256 choice) {
        return (form >> CHOICE_SHIFT) & NIBBLE_MASK;
    }

    /// @notice Bits of a question on a paper.
    /// @param kind Its kind.
    /// @param size Its size.
    /// @return width How many, up to 62.
    function widthOf(uint256 kind, uint256 size) internal pure returns (uint256 width) {
        // 5 bits of size, so shifts and products are small.
        unchecked {
            if (kind <= SCALE) return (BITS >> (size << 2)) & NIBBLE_MASK;
            return kind == MATRIX ? size << 1 : size;
        }
    }

    /// @notice Counters of a question.
    /// @param kind Its kind.
    /// @param size Its size.
    /// @return lanes How many of 32 bits, up to 93.
    function lanesOf(uint256 kind, uint256 size) internal pure returns (uint256 lanes) {
        // 5 bits of size.
        unchecked {
            if (kind < NUMBER) return size;
            return kind == NUMBER ? NUMBER_LANES : size * OPINIONS;
        }
    }

    /// @notice First counter of a question. Those of a number are in one word, because a sum that is taken out can borrow beyond its lane.
    /// @param kind Its kind.
    /// @param lane Number of the first counter that is free.
    /// @return first Number of its first counter.
    function startOf(uint256 kind, uint256 lane) internal pure returns (uint256 first) {
        // At most 16 questions of 93 lanes.
        unchecked {
            bool parts = kind == NUMBER && (lane & WORD_LANE_MASK) + NUMBER_LANES > WORD_LANE_MASK + 1;
            return parts ? (lane | WORD_LANE_MASK) + 1 : lane;
        }
    }
}
