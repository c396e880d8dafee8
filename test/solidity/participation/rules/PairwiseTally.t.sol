// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CountLanes} from "../../../../contracts/participation/rules/CountLanes.sol";
import {PairwiseTally} from "../../../../contracts/participation/rules/PairwiseTally.sol";
import {Rankings} from "../../../../contracts/participation/rules/Rankings.sol";
import {RulesFixture} from "./RulesFixture.sol";

contract PairwiseTallyTest is RulesFixture {
    /// @dev Counted apart from the library: by the level on which each option stands.
    function expectedMatrix(Election memory election) private pure returns (uint256[] memory matrix) {
        uint256 options = election.options;
        matrix = new uint256[](options * options);
        for (uint256 k = 0; k < election.rankings.length; ++k) {
            uint256[] memory levels = new uint256[](options);
            for (uint256 i = 0; i < options; ++i) levels[i] = 99;
            uint256 place = 0;
            for (uint256 rest = election.rankings[k]; rest != 0; rest >>= 8) {
                if (rest & TIED == 0) ++place;
                levels[(rest & 0x7f) - 1] = place;
            }
            for (uint256 i = 0; i < options; ++i) {
                for (uint256 j = 0; j < options; ++j) {
                    if (levels[i] < levels[j]) matrix[i * options + j] += election.numbers[k];
                }
            }
        }
    }

    // victoriesOf
    // ├─ blank ....................................... no lane
    // ├─ strict ...................................... lanes of each over those behind
    // ├─ tied ........................................ none between those that are tied
    // └─ not listed .................................. behind the last, tied

    function test_KnowsTheLanesOfABallot() external pure {
        // Lanes of A: B, C; of B: A, C; of C: A, B.
        assertEq(PairwiseTally.victoriesOf(0, 3), 0, "blank");
        assertEq(PairwiseTally.victoriesOf(ranking("A"), 3), 3, "A");
        assertEq(PairwiseTally.victoriesOf(ranking("BA"), 3), 12 + 2, "BA");
        assertEq(PairwiseTally.victoriesOf(ranking("BAC"), 3), 12 + 2, "BAC is the same");
        assertEq(PairwiseTally.victoriesOf(ranking("CB=A"), 3), 48, "C");
        assertEq(PairwiseTally.victoriesOf(ranking("A=C"), 3), 1 + 32, "A=C");
        assertEq(PairwiseTally.victoriesOf(ranking("A=B=C"), 3), 0, "all tied");
    }

    function test_KnowsTheLanesOf16Options() external pure {
        uint256 last = PairwiseTally.victoriesOf(16, 16);
        assertEq(last, uint256(type(uint16).max >> 1) << 225, "the last row");
        uint256 full = 0;
        for (uint256 i = 0; i < 16; ++i) full |= (i + 1) << (8 * i);
        uint256 count = 0;
        for (uint256 bits = PairwiseTally.victoriesOf(full, 16); bits != 0; bits &= bits - 1) ++count;
        assertEq(count, 120, "each two once");
    }

    // addTo, subtractFrom, unpack

    function testFuzz_CountsLikeTheDefinition(uint256 seed, uint256 options, uint256 papers) external pure {
        options = bound(options, 2, 16);
        Election memory election = randomElection(seed, options, bound(papers, 0, 24), true);
        uint256[] memory words = PairwiseTally.empty(options);
        assertEq(words.length, (options * (options - 1) + 7) / 8, "words");
        for (uint256 k = 0; k < election.rankings.length; ++k) {
            PairwiseTally.addTo(words, election.rankings[k], options, election.numbers[k]);
        }
        assertEq(PairwiseTally.unpack(words, options), expectedMatrix(election), "matrix");
        for (uint256 k = 0; k < election.rankings.length; ++k) {
            PairwiseTally.subtractFrom(words, election.rankings[k], options, election.numbers[k]);
        }
        assertEq(words, PairwiseTally.empty(options), "taken out again");
    }

    function test_HoldsTheGreatestSumOfWeights() external pure {
        uint256[] memory words = PairwiseTally.empty(3);
        PairwiseTally.addTo(words, ranking("ABC"), 3, type(uint32).max);
        uint256[] memory matrix = PairwiseTally.unpack(words, 3);
        assertEq(matrix[1], type(uint32).max, "A above B");
        assertEq(matrix[2], type(uint32).max, "A above C");
        assertEq(matrix[3], 0, "B above A");
        assertEq(matrix[5], type(uint32).max, "B above C");
    }

    // flush, load

    /// @dev What is taken out may be more than what is added in one call, lane by lane.
    function testFuzz_FlushesDifferences(uint256 seed, uint256 options) external {
        options = bound(options, 2, 16);
        Election memory first = randomElection(seed, options, 9, true);
        Election memory second = randomElection(~seed, options, 9, true);
        harness.tally(first.rankings, first.numbers, options);
        uint256[] memory before = harness.lanesOf(options);
        harness.tally(second.rankings, second.numbers, options);
        harness.untally(first.rankings, first.numbers, options);
        assertEq(harness.matrixOf(options), expectedMatrix(second), "the second alone");
        harness.tally(first.rankings, first.numbers, options);
        harness.untally(second.rankings, second.numbers, options);
        assertEq(harness.lanesOf(options), before, "the first alone");
    }

    // replace
    // ├─ nothing before .............................. adds
    // ├─ nothing behind .............................. takes out
    // ├─ the same .................................... nothing
    // └─ another ..................................... both, and only words that differ are touched

    function testFuzz_ReplacesABallot(uint256 seed, uint256 options, uint256 weight) external {
        options = bound(options, 2, 16);
        weight = bound(weight, 1, type(uint16).max);
        Election memory election = randomElection(seed, options, 5, true);
        uint256[] memory others = tallied(election);
        uint256 before = randomRanking(seed >> 1, options, true);
        uint256 next = randomRanking(seed >> 2, options, true);
        harness.replace(0, before, options, weight);
        insert(election, before, weight);
        assertEq(harness.matrixOf(options), expectedMatrix(election), "added");
        harness.replace(before, before, options, weight);
        assertEq(harness.matrixOf(options), expectedMatrix(election), "as it was");
        harness.replace(before, next, options, weight);
        uint256[] memory replaced = harness.matrixOf(options);
        harness.replace(next, 0, options, weight);
        assertEq(harness.matrixOf(options), others, "taken out");
        harness.replace(0, next, options, weight);
        assertEq(harness.matrixOf(options), replaced, "the next alone");
    }

    function test_ReplacingTouchesOnlyWordsThatDiffer() external {
        // Lanes of 9 options: those of A and B begin at 0 and 8, each a word; those of I at 64.
        harness.replace(0, ranking("AB"), 9, 1);
        assertEq(_touchedBy(ranking("AB"), ranking("AB")), 0, "the same");
        assertEq(_touchedBy(ranking("AB"), ranking("A")), 1 << 1, "B's victories");
        assertEq(_touchedBy(ranking("A"), ranking("A")), 0, "the same again");
        assertEq(_touchedBy(ranking("A"), ranking("AI")), 1 << 8, "I's victories");
        assertEq(_touchedBy(ranking("AI"), 0), 1 | (1 << 8), "all that it has");
    }

    function test_FlushingTouchesOnlyWordsThatChange() external {
        uint256[] memory rankings = new uint256[](1);
        uint256[] memory numbers = new uint256[](1);
        (rankings[0], numbers[0]) = (ranking("B"), 7);
        vm.record();
        harness.tally(rankings, numbers, 9);
        assertEq(_touched(), 1 << 1, "B's victories");
    }

    function _touchedBy(uint256 before, uint256 next) private returns (uint256 words) {
        vm.record();
        harness.replace(before, next, 9, 1);
        return _touched();
    }

    /// @dev One bit for each of the election's nine words that was read; they stand in the harness's first slot.
    function _touched() private returns (uint256 words) {
        (bytes32[] memory reads, ) = vm.accesses(address(harness));
        for (uint256 i = 0; i < reads.length; ++i) {
            for (uint256 word = 0; word < 9; ++word) {
                if (reads[i] == keccak256(abi.encode(word, 0))) words |= 1 << word;
            }
        }
    }

    // CountLanes: pack, countAt, wordsFor

    function testFuzz_PacksCounts(uint32[11] memory counts, uint256 length) external pure {
        length = bound(length, 0, 11);
        uint256[] memory given = new uint256[](length);
        for (uint256 i = 0; i < length; ++i) given[i] = counts[i];
        uint256[] memory lanes = CountLanes.pack(given);
        assertEq(lanes.length, (length + 7) / 8, "words");
        assertEq(CountLanes.wordsFor(length), lanes.length, "words foreseen");
        for (uint256 i = 0; i < length; ++i) assertEq(CountLanes.countAt(lanes, i), given[i], "count");
    }

    function test_NumbersOptionsAsRankingsDo() external pure {
        assertEq(Rankings.MAX_OPTIONS, 32, "rankings");
        assertEq(PairwiseTally.MAX_OPTIONS * (PairwiseTally.MAX_OPTIONS - 1), 240, "lanes in a word of bits");
    }
}
