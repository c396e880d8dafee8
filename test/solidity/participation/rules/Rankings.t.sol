// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RankingFault, Rankings} from "../../../../contracts/participation/rules/Rankings.sol";
import {RulesFixture} from "./RulesFixture.sol";

contract RankingsTest is RulesFixture {
    function assertFault(uint256 word, RankingFault expected, string memory message) private pure {
        assertEq(uint256(Rankings.faultOf(word, 4, true)), uint256(expected), message);
    }

    // faultOf
    // ├─ blank, or nothing wrong ..................... None
    // ├─ an empty place before an entry .............. GapInside
    // ├─ an entry of 0 with the sign of a tie ........ OptionOutOfRange
    // ├─ an entry above the number of options ........ OptionOutOfRange
    // ├─ an option on two places ..................... OptionTwice
    // ├─ a tie
    // │  ├─ where none is allowed .................... TieNotAllowed
    // │  ├─ on the first place ....................... TieOnFirst
    // │  └─ behind a higher number ................... TieNotAscending
    // └─ several ..................................... the first from the best place on

    function test_FindsNothingWrong() external pure {
        assertFault(0, RankingFault.None, "blank");
        assertFault(ranking("A"), RankingFault.None, "one");
        assertFault(ranking("DCBA"), RankingFault.None, "all");
        assertFault(ranking("A=B=C=D"), RankingFault.None, "all tied");
        assertFault(ranking("CA=DB"), RankingFault.None, "some tied");
        assertEq(uint256(Rankings.faultOf(ranking("DCBA"), 4, false)), uint256(RankingFault.None), "strict");
        uint256 all = BY_NUMBER + type(uint256).max / 255;
        assertEq(uint256(Rankings.faultOf(all, 32, false)), uint256(RankingFault.None), "32 options");
    }

    function test_NamesTheFault() external pure {
        assertFault(0x0100, RankingFault.GapInside, "nothing on the first place");
        assertFault(0x020001, RankingFault.GapInside, "a gap");
        assertFault(uint256(1) << 248, RankingFault.GapInside, "the last place alone");
        assertFault(0x05, RankingFault.OptionOutOfRange, "a fifth of four");
        assertFault(0x7f, RankingFault.OptionOutOfRange, "the greatest");
        assertFault(0x8001, RankingFault.OptionOutOfRange, "a tie with nothing");
        assertFault(0x80, RankingFault.OptionOutOfRange, "a sign alone");
        assertFault(0x0101, RankingFault.OptionTwice, "side by side");
        assertFault(0x010201, RankingFault.OptionTwice, "apart");
        assertFault(0x8101, RankingFault.OptionTwice, "tied with itself");
        assertFault(0x81, RankingFault.TieOnFirst, "tied with nothing before");
        assertFault(0x8102, RankingFault.TieNotAscending, "B=A");
        assertFault(0x828301, RankingFault.TieNotAscending, "A=C=B");
        assertEq(uint256(Rankings.faultOf(0x8201, 4, false)), uint256(RankingFault.TieNotAllowed), "strict");
        assertEq(uint256(Rankings.faultOf(0x81, 4, false)), uint256(RankingFault.TieNotAllowed), "strict, at first");
    }

    function test_NamesTheFirstFault() external pure {
        assertFault(0x05000101, RankingFault.OptionTwice, "before a gap and a stranger");
        assertFault(0x01010005, RankingFault.OptionOutOfRange, "before a gap and an option twice");
        assertFault(0x05810001, RankingFault.GapInside, "before the rest");
    }

    function testFuzz_TakesEveryGoodRanking(uint256 seed, uint256 options, bool ties) external pure {
        options = bound(options, 2, 32);
        uint256 word = randomRanking(seed, options, ties);
        assertEq(uint256(Rankings.faultOf(word, options, ties)), uint256(RankingFault.None), "good");
        assertEq(uint256(Rankings.faultOf(word, 32, true)), uint256(RankingFault.None), "good among more");
    }

    /// @dev Read as levels and written anew, a word is the same if and only if nothing is wrong with it: so each preference
    /// has one word.
    function testFuzz_EveryPreferenceHasOneWord(uint256 word, uint256 length) external pure {
        word &= ((1 << (8 * bound(length, 0, 4))) - 1) & 0x87878787;
        uint256[8] memory levels;
        uint256 place = 1;
        for (uint256 rest = word; rest != 0; rest >>= 8) {
            if (rest & TIED == 0) ++place;
            if (levels[rest & 7] == 0) levels[rest & 7] = place;
        }
        uint256 again = 0;
        uint256 shift = 0;
        for (uint256 level = 1; level <= place; ++level) {
            uint256 tied = 0;
            for (uint256 number = 1; number < 8; ++number) {
                if (levels[number] != level) continue;
                again |= (number + tied) << shift;
                (shift, tied) = (shift + 8, TIED);
            }
        }
        assertEq(Rankings.faultOf(word, 7, true) == RankingFault.None, again == word, "good as it is written");
    }

    // lengthOf

    function test_CountsEntries() external pure {
        assertEq(Rankings.lengthOf(0), 0, "blank");
        assertEq(Rankings.lengthOf(ranking("A")), 1, "one");
        assertEq(Rankings.lengthOf(ranking("BA=C")), 3, "three");
        assertEq(Rankings.lengthOf(BY_NUMBER + type(uint256).max / 255), 32, "all");
    }

    // firstAmong
    // ├─ blank, or nobody listed stands .............. NO_OPTION
    // └─ somebody does ............................... the best

    function test_FindsTheBestThatStands() external pure {
        uint256 word = ranking("CAD");
        assertEq(Rankings.firstAmong(word, 15), 2, "all stand");
        assertEq(Rankings.firstAmong(word, 11), 0, "C does not");
        assertEq(Rankings.firstAmong(word, 8), 3, "D alone");
        assertEq(Rankings.firstAmong(word, 2), NO_OPTION, "B is not listed");
        assertEq(Rankings.firstAmong(word, 0), NO_OPTION, "nobody");
        assertEq(Rankings.firstAmong(0, 15), NO_OPTION, "blank");
        assertEq(Rankings.firstAmong(32, type(uint32).max), 31, "the last of 32");
    }

    // bestLevel
    // ├─ one option on the place ..................... its bit, and what is behind
    // └─ several ..................................... their bits, and what is behind

    function test_TakesOffLevels() external pure {
        (uint256 level, uint256 rest) = Rankings.bestLevel(ranking("BA=CD"));
        assertEq(level, 2, "B");
        assertEq(rest, ranking("A=CD"), "behind B");
        (level, rest) = Rankings.bestLevel(rest);
        assertEq(level, 5, "A and C");
        assertEq(rest, ranking("D"), "behind them");
        (level, rest) = Rankings.bestLevel(rest);
        assertEq(level, 8, "D");
        assertEq(rest, 0, "nothing");
    }
}
