// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice What is wrong with a ranking, by the first entry that is wrong. None: nothing.
enum RankingFault {
    None,
    /// @dev An empty place stands before an entry.
    GapInside,
    /// @dev An entry names no option of the ballot.
    OptionOutOfRange,
    /// @dev An option stands on two places.
    OptionTwice,
    /// @dev Options are tied where the rule takes strict rankings only.
    TieNotAllowed,
    /// @dev The first entry is tied with the one before it, which there is not.
    TieOnFirst,
    /// @dev Tied options do not stand in ascending order.
    TieNotAscending
}

/// @title Rankings
/// @notice Reads a ranked ballot paper. It is one word: a byte for each entry, from the low end, best first. The low seven
/// bits of an entry are the option's number from 1; the high bit says that it is tied with the entry before it. Tied options
/// stand in ascending order, so that each preference has one word. Zero ends the ranking. Options that are not listed
/// are tied behind the last one. Zero as a whole is a blank paper.
/// @dev Outside of rankings, options are numbered from 0: option 0 is bit 0 of a set, and entry 1.
library Rankings {
    /// @notice Stands for an option where there is none.
    uint256 internal constant NO_OPTION = 255;
    /// @notice Most options that a ballot can have: as many as a ranking has places.
    uint256 internal constant MAX_OPTIONS = 32;

    uint256 private constant ENTRY_BITS = 8;
    uint256 private constant ENTRY_MASK = 0xff;
    uint256 private constant OPTION_MASK = 0x7f;
    uint256 private constant TIED = 0x80;

    /// @notice What is wrong with a ranking.
    /// @param ranking Any word.
    /// @param options Number of options, 2 to 32.
    /// @param tiesAllowed Whether options may be tied.
    /// @return fault The first fault from the best place on; None: the ranking is good, and may be blank.
    function faultOf(uint256 ranking, uint256 options, bool tiesAllowed) internal pure returns (RankingFault fault) {
        uint256 seen = 0;
        uint256 previous = 0;
        for (; ranking != 0; ranking >>= ENTRY_BITS) {
            if (ranking & ENTRY_MASK == 0) return RankingFault.GapInside;
            uint256 number = ranking & OPTION_MASK;
            if (number == 0 || number > options) return RankingFault.OptionOutOfRange;
            if ((seen >> number) & 1 != 0) return RankingFault.OptionTwice;
            if (ranking & TIED != 0) {
                if (!tiesAllowed) return RankingFault.TieNotAllowed;
                if (previous == 0) return RankingFault.TieOnFirst;
                if (number < previous) return RankingFault.TieNotAscending;
            }
            seen |= 1 << number;
            previous = number;
        }
        return RankingFault.None;
    }

    /// @notice Number of options that a good ranking lists.
    /// @param ranking The ranking.
    /// @return count 0 to 32.
    function lengthOf(uint256 ranking) internal pure returns (uint256 count) {
        return ranking == 0 ? 0 : Math.log256(ranking) + 1;
    }

    /// @notice The best option of a strict ranking among those that stand.
    /// @dev Of a ranking with ties, the lowest number of the best that are tied, if all of them stand.
    /// @param ranking A good ranking.
    /// @param standing A bit for each option that stands.
    /// @return option Its number from 0; NO_OPTION: none that stands is listed.
    function firstAmong(uint256 ranking, uint256 standing) internal pure returns (uint256 option) {
        // Entries are counted from 1, so none underflows that is found, as bit 0 is empty.
        unchecked {
            standing <<= 1;
            for (; ranking != 0; ranking >>= ENTRY_BITS) {
                if ((standing >> (ranking & OPTION_MASK)) & 1 != 0) return (ranking & OPTION_MASK) - 1;
            }
        }
        return NO_OPTION;
    }

    /// @notice The options that are tied on the best place of a ranking, and the ranking without them.
    /// @param ranking A good ranking, not blank.
    /// @return level A bit for each option of the place; one bit where nothing is tied.
    /// @return rest What stands behind; zero: nothing does.
    function bestLevel(uint256 ranking) internal pure returns (uint256 level, uint256 rest) {
        // Entries of a good ranking are counted from 1.
        unchecked {
            do {
                level |= 1 << ((ranking & OPTION_MASK) - 1);
                ranking >>= ENTRY_BITS;
            } while (ranking & TIED != 0);
            return (level, ranking);
        }
    }
}
