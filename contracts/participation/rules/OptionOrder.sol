// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TieRules} from "./TieRules.sol";

/// @title OptionOrder
/// @notice The order of options that a ballot ends in. It is one word: byte i from the low end is the number, from 1, of the
/// option on place i, best first. So it is the ranking that lists every option.
library OptionOrder {
    uint256 private constant SCORE_SHIFT = 16;
    uint256 private constant PRIORITY_SHIFT = 8;
    uint256 private constant OPTION_MASK = 0xff;
    uint256 private constant PLACE_SHIFT = 3;

    /// @notice Orders options by score, most first.
    /// @param scores Score of each option, below 2^240; 1 to 32 of them.
    /// @param priorities Which of two with one score goes first, see {TieRules}.
    /// @return order The order.
    /// @return firstTied Whether the first two have one score, so that the tie rule chose the winner.
    function byScores(
        uint256[] memory scores,
        uint256 priorities
    ) internal pure returns (uint256 order, bool firstTied) {
        uint256 options = scores.length;
        uint256[] memory keys = new uint256[](options);
        for (uint256 i = 0; i < options; ++i) {
            // Priorities are below the number of options, and each is another's than any other's.
            uint256 priority = options - 1 - TieRules.priorityOf(priorities, i);
            uint256 key = (scores[i] << SCORE_SHIFT) | (priority << PRIORITY_SHIFT) | i;
            uint256 place = i;
            for (; place > 0 && keys[place - 1] < key; --place) keys[place] = keys[place - 1];
            keys[place] = key;
        }
        for (uint256 i = 0; i < options; ++i) order |= entryOf(keys[i] & OPTION_MASK, i);
        firstTied = options > 1 && keys[0] >> SCORE_SHIFT == keys[1] >> SCORE_SHIFT;
    }

    /// @notice The option on a place.
    /// @param order The order.
    /// @param place The place, 0 is best; must be one of the order's.
    /// @return option Its number from 0.
    function optionAt(uint256 order, uint256 place) internal pure returns (uint256 option) {
        return ((order >> (place << PLACE_SHIFT)) & OPTION_MASK) - 1;
    }

    /// @notice What an option adds to the order.
    /// @param option Its number from 0, at most 31.
    /// @param place Its place, 0 to 31.
    /// @return entry A word that is zero but for the place.
    function entryOf(uint256 option, uint256 place) internal pure returns (uint256 entry) {
        return (option + 1) << (place << PLACE_SHIFT);
    }
}
