// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CountLanes} from "./CountLanes.sol";
import {Rankings} from "./Rankings.sol";

/// @title PairwiseTally
/// @notice Counts, for every two options, the ballots that rank the one strictly above the other. Listed options are above
/// those that are not listed.
/// @dev Counts are lanes of 32 bits, eight to a word. An option's victories stand side by side: lane i * (options - 1) + j
/// counts i above j, where j skips i. So a ballot that lists few options touches few words, and the last option of a full
/// ballot none. The sum of all weights must stay below 2^32 at all times; that is the caller's duty, and then no lane ever
/// overflows. Only whole words are added, modulo 2^256, so that differences can be collected apart from the words
/// that they are meant for, whatever is borrowed between lanes on the way. Above 150 lines with its comments.
library PairwiseTally {
    /// @notice Most options: their lanes must have bits in one word.
    uint256 internal constant MAX_OPTIONS = 16;

    uint256 private constant WORD_LANES = 8;
    uint256 private constant WORD_MASK = 0xff;
    uint256 private constant ENTRY_BITS = 8;
    uint256 private constant OPTION_MASK = 0x7f;
    /// @dev Puts a copy of a byte at each 31st bit. Copy k then has bit k of the byte where lane k begins.
    uint256 private constant COPIES = 0x02000000040000000800000010000000200000004000000080000001;
    /// @dev First bit of each lane.
    uint256 private constant LANES = 0x0000000100000001000000010000000100000001000000010000000100000001;

    /// @notice Puts a ballot in another's place; one of the two may be blank.
    /// @param words Counts of the election.
    /// @param before Ranking that was counted; zero: none was.
    /// @param next Ranking that counts from here on; zero: none does.
    /// @param options Number of options, 2 to 16.
    /// @param weight Weight of both, below 2^32.
    function replace(
        mapping(uint256 word => uint256 lanes) storage words,
        uint256 before,
        uint256 next,
        uint256 options,
        uint256 weight
    ) internal {
        uint256 lost = victoriesOf(before, options);
        uint256 gained = victoriesOf(next, options);
        // Modulo 2^256, see the library. Lanes are at least zero and at most the sum of weights in the end.
        unchecked {
            for (uint256 word = 0; lost | gained != 0; ++word) {
                if ((lost ^ gained) & WORD_MASK != 0) {
                    words[word] += (_spread(gained) - _spread(lost)) * weight;
                }
                lost >>= WORD_LANES;
                gained >>= WORD_LANES;
            }
        }
    }

    /// @notice Adds counts or differences that were collected in memory. Touches only words that change.
    /// @param words Counts of the election.
    /// @param changes What {addTo} and {subtractFrom} made of zeros.
    function flush(mapping(uint256 word => uint256 lanes) storage words, uint256[] memory changes) internal {
        for (uint256 word = 0; word < changes.length; ++word) {
            uint256 change = changes[word];
            if (change == 0) continue;
            // Modulo 2^256, see the library.
            unchecked {
                words[word] += change;
            }
        }
    }

    /// @notice The counts of an election.
    /// @param words Counts of the election.
    /// @param options Number of options, 2 to 16.
    /// @return lanes A copy.
    function load(
        mapping(uint256 word => uint256 lanes) storage words,
        uint256 options
    ) internal view returns (uint256[] memory lanes) {
        lanes = empty(options);
        for (uint256 word = 0; word < lanes.length; ++word) lanes[word] = words[word];
    }

    /// @notice Counts of no ballots.
    /// @param options Number of options, 2 to 16.
    /// @return words Zeros.
    function empty(uint256 options) internal pure returns (uint256[] memory words) {
        return new uint256[](CountLanes.wordsFor(options * (options - 1)));
    }

    /// @notice Counts a ballot.
    /// @param words Counts, or differences to be flushed.
    /// @param ranking A good ranking.
    /// @param options Number of options, 2 to 16.
    /// @param weight Its weight, below 2^32.
    function addTo(uint256[] memory words, uint256 ranking, uint256 options, uint256 weight) internal pure {
        uint256 victories = victoriesOf(ranking, options);
        for (uint256 word = 0; victories != 0; ++word) {
            // Modulo 2^256, see the library.
            unchecked {
                words[word] += _spread(victories) * weight;
            }
            victories >>= WORD_LANES;
        }
    }

    /// @notice Takes a ballot out of the count.
    /// @param words Counts, or differences to be flushed.
    /// @param ranking A good ranking.
    /// @param options Number of options, 2 to 16.
    /// @param weight Its weight, below 2^32.
    function subtractFrom(uint256[] memory words, uint256 ranking, uint256 options, uint256 weight) internal pure {
        uint256 victories = victoriesOf(ranking, options);
        for (uint256 word = 0; victories != 0; ++word) {
            // Modulo 2^256, see the library.
            unchecked {
                words[word] -= _spread(victories) * weight;
            }
            victories >>= WORD_LANES;
        }
    }

    /// @notice The lanes that a ballot adds to.
    /// @param ranking A good ranking.
    /// @param options Number of options, 2 to 16.
    /// @return victories A bit for each lane.
    function victoriesOf(uint256 ranking, uint256 options) internal pure returns (uint256 victories) {
        // Entries are counted from 1, shifts are below 16 * 15.
        unchecked {
            uint256 below = (1 << options) - 1;
            uint256 width = options - 1;
            while (ranking != 0) {
                (uint256 level, uint256 rest) = Rankings.bestLevel(ranking);
                below &= ~level;
                // Shifting a word that is not zero changes it, so the rest is met at its place and not before.
                do {
                    uint256 option = (ranking & OPTION_MASK) - 1;
                    uint256 lower = (1 << option) - 1;
                    victories |= ((below & lower) | ((below >> 1) & ~lower)) << (option * width);
                    ranking >>= ENTRY_BITS;
                } while (ranking != rest);
            }
        }
    }

    /// @notice The counts as a matrix.
    /// @param words Counts of the election.
    /// @param options Number of options, 2 to 16.
    /// @return matrix At i * options + j, the ballots that rank i above j; zero on the diagonal.
    function unpack(uint256[] memory words, uint256 options) internal pure returns (uint256[] memory matrix) {
        matrix = new uint256[](options * options);
        uint256 lane = 0;
        for (uint256 cell = 1; cell < matrix.length; ++cell) {
            // The diagonal is each cell after as many as a row has and one.
            if (cell % (options + 1) != 0) matrix[cell] = CountLanes.countAt(words, lane++);
        }
    }

    /// @dev A one in each lane whose bit is set in the low byte.
    function _spread(uint256 bits) private pure returns (uint256 ones) {
        // The highest copy ends below bit 7 * 31 + 8.
        unchecked {
            return ((bits & WORD_MASK) * COPIES) & LANES;
        }
    }
}
