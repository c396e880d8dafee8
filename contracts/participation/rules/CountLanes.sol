// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title CountLanes
/// @notice Counts of 32 bits, eight to a word, the first at the low end.
library CountLanes {
    uint256 private constant WORD_SHIFT = 3;
    uint256 private constant LANE_MASK = 7;
    uint256 private constant BITS_SHIFT = 5;

    /// @notice Words that hold some counts.
    /// @param counts How many counts, below 2^255.
    /// @return words How many words.
    function wordsFor(uint256 counts) internal pure returns (uint256 words) {
        // Far below the largest number.
        unchecked {
            return (counts + LANE_MASK) >> WORD_SHIFT;
        }
    }

    /// @notice Packs counts.
    /// @param counts Counts below 2^32; larger ones run into their neighbours.
    /// @return lanes They, eight to a word.
    function pack(uint256[] memory counts) internal pure returns (uint256[] memory lanes) {
        lanes = new uint256[](wordsFor(counts.length));
        for (uint256 i = 0; i < counts.length; ++i) {
            lanes[i >> WORD_SHIFT] |= counts[i] << ((i & LANE_MASK) << BITS_SHIFT);
        }
    }

    /// @notice One count.
    /// @param lanes Counts, eight to a word.
    /// @param lane Which, from 0; its word must be there.
    /// @return count The count.
    function countAt(uint256[] memory lanes, uint256 lane) internal pure returns (uint256 count) {
        return (lanes[lane >> WORD_SHIFT] >> ((lane & LANE_MASK) << BITS_SHIFT)) & type(uint32).max;
    }
}
