// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OptionOrder} from "../../../../contracts/participation/rules/OptionOrder.sol";
import {PairwiseRules} from "../../../../contracts/participation/rules/PairwiseRules.sol";
import {TieRule, TieRules} from "../../../../contracts/participation/rules/TieRules.sol";
import {RulesFixture} from "./RulesFixture.sol";

contract PairwiseRulesTest is RulesFixture {
    function orderOf(uint256[] memory scores) private pure returns (uint256 order) {
        (order, ) = OptionOrder.byScores(scores, BY_NUMBER);
    }

    /// @dev Example 1 of Schulze's paper of 2011: 45 voters.
    function schulzeExample() private pure returns (Election memory election) {
        election.options = 5;
        add(election, "ACBED", 5);
        add(election, "ADECB", 5);
        add(election, "BEDAC", 8);
        add(election, "CABED", 3);
        add(election, "CAEBD", 7);
        add(election, "CBADE", 2);
        add(election, "DCEBA", 7);
        add(election, "EBADC", 8);
    }

    function cycle(uint256 abc, uint256 bca, uint256 cab) private pure returns (Election memory election) {
        election.options = 3;
        add(election, "ABC", abc);
        add(election, "BCA", bca);
        add(election, "CAB", cab);
    }

    function tennessee() private pure returns (Election memory election) {
        election.options = 4;
        add(election, "ABCD", 42);
        add(election, "BCDA", 26);
        add(election, "CDBA", 15);
        add(election, "DCBA", 17);
    }

    // Schulze's example: E > A > C > B > D

    function test_RanksSchulzesExample() external {
        uint256[] memory matrix = tallied(schulzeExample());
        uint256[5][5] memory counts = [
            [uint256(0), 20, 26, 30, 22],
            [uint256(25), 0, 16, 33, 18],
            [uint256(19), 29, 0, 17, 24],
            [uint256(15), 12, 28, 0, 14],
            [uint256(23), 27, 21, 31, 0]
        ];
        for (uint256 i = 0; i < 25; ++i) assertEq(matrix[i], counts[i / 5][i % 5], "pairwise count");
        assertEq(PairwiseRules.condorcetWinner(matrix, 5), NO_OPTION, "no Condorcet winner");
        uint256[] memory scores = PairwiseRules.schulze(matrix, 5);
        (uint256 order, bool tied) = OptionOrder.byScores(scores, BY_NUMBER);
        assertOrder(order, "EACBD", "order");
        assertFalse(tied, "one winner");
        for (uint256 place = 0; place < 5; ++place) {
            assertEq(scores[OptionOrder.optionAt(order, place)], 4 - place, "beaten by all before");
        }
        // Worst defeats: A 25, B 29, C 28, D 33, E 24.
        assertOrder(orderOf(PairwiseRules.minimax(matrix, 5, 45)), "EACBD", "minimax");
    }

    // condorcetWinner
    // ├─ one beats each other ........................ it
    // ├─ a cycle ..................................... NO_OPTION
    // └─ the best two are even ....................... NO_OPTION

    function test_FindsTheCondorcetWinner() external {
        assertEq(PairwiseRules.condorcetWinner(tallied(tennessee()), 4), 1, "Nashville");
        assertEq(PairwiseRules.condorcetWinner(new uint256[](16), 4), NO_OPTION, "no ballots");
        uint256[] memory matrix = new uint256[](4);
        (matrix[1], matrix[2]) = (5, 5);
        assertEq(PairwiseRules.condorcetWinner(matrix, 2), NO_OPTION, "even");
        matrix[2] = 6;
        assertEq(PairwiseRules.condorcetWinner(matrix, 2), 1, "the last of two");
        matrix[1] = 7;
        assertEq(PairwiseRules.condorcetWinner(matrix, 2), 0, "the first of two");
    }

    function test_FollowsPathsOfOneVote() external pure {
        // A beats B, and B beats C, by one vote each. A and C are even.
        uint256[] memory matrix = new uint256[](9);
        (matrix[1], matrix[5]) = (1, 1);
        uint256[] memory scores = PairwiseRules.schulze(matrix, 3);
        assertEq(scores[0], 2, "A is unbeaten");
        assertEq(scores[1], 1, "B is beaten by A");
        assertEq(scores[2], 0, "C is beaten by both");
    }

    function test_BreaksACycleAtItsWeakestDefeat() external {
        // A beats B 6 : 3, B beats C 7 : 2, C beats A 5 : 4.
        uint256[] memory matrix = tallied(cycle(4, 3, 2));
        assertEq(PairwiseRules.condorcetWinner(matrix, 3), NO_OPTION, "a cycle");
        assertOrder(orderOf(PairwiseRules.schulze(matrix, 3)), "ABC", "Schulze");
        uint256[] memory scores = PairwiseRules.minimax(matrix, 3, 9);
        assertEq(scores[0], 4, "A is beaten by 5");
        assertEq(scores[1], 3, "B is beaten by 6");
        assertEq(scores[2], 2, "C is beaten by 7");
    }

    function test_LeavesAnEvenCycleToTheTieRule() external {
        uint256[] memory matrix = tallied(cycle(2, 2, 2));
        uint256 lots = TieRules.prioritiesOf(TieRule.Lot, keccak256("lots"), 3);
        (uint256 drawn, ) = OptionOrder.byScores(new uint256[](3), lots);
        uint256[][3] memory all = [
            PairwiseRules.schulze(matrix, 3),
            PairwiseRules.minimax(matrix, 3, 6),
            PairwiseRules.borda(matrix, 3, 6)
        ];
        for (uint256 i = 0; i < 3; ++i) {
            (uint256 order, bool tied) = OptionOrder.byScores(all[i], BY_NUMBER);
            assertOrder(order, "ABC", "by number");
            assertTrue(tied, "tied");
            (order, tied) = OptionOrder.byScores(all[i], lots);
            assertEq(order, drawn, "by lot");
        }
    }

    // borda
    // ├─ strict ballots .............................. twice the classic count
    // └─ ties and options not listed ................. half points

    function test_CountsBordaTwice() external {
        // Classic: Memphis 126, Nashville 194, Chattanooga 173, Knoxville 107.
        uint256[] memory scores = PairwiseRules.borda(tallied(tennessee()), 4, 100);
        uint256[4] memory classic = [uint256(126), 194, 173, 107];
        for (uint256 i = 0; i < 4; ++i) assertEq(scores[i], 2 * classic[i], "score");
    }

    function test_SharesBordaPointsOfTies() external {
        Election memory election;
        election.options = 4;
        add(election, "B", 1);
        add(election, "A=CD", 1);
        add(election, "", 1);
        uint256[] memory scores = PairwiseRules.borda(tallied(election), 4, 3);
        assertEq(scores[0], 2 + 5 + 3, "A");
        assertEq(scores[1], 6 + 0 + 3, "B");
        assertEq(scores[2], 2 + 5 + 3, "C");
        assertEq(scores[3], 2 + 2 + 3, "D");
    }

    function testFuzz_BordaGivesAwayAllPoints(uint256 seed, uint256 options) external {
        options = bound(options, 2, 16);
        Election memory election = randomElection(seed, options, 12, true);
        uint256[] memory scores = PairwiseRules.borda(tallied(election), options, election.ballots);
        uint256 sum = 0;
        for (uint256 i = 0; i < options; ++i) sum += scores[i];
        assertEq(sum, election.ballots * options * (options - 1), "sum");
    }

    // No ballots, and options without votes

    function test_TiesAllWithoutBallots() external pure {
        uint256[] memory matrix = new uint256[](9);
        uint256[][3] memory all = [
            PairwiseRules.schulze(matrix, 3),
            PairwiseRules.minimax(matrix, 3, 0),
            PairwiseRules.borda(matrix, 3, 0)
        ];
        for (uint256 i = 0; i < 3; ++i) {
            (uint256 order, bool tied) = OptionOrder.byScores(all[i], BY_NUMBER);
            assertOrder(order, "ABC", "by number");
            assertTrue(tied, "tied");
        }
    }

    function test_PutsOptionsWithoutVotesLast() external {
        Election memory election;
        election.options = 4;
        add(election, "DB", 3);
        add(election, "BD", 2);
        uint256[] memory matrix = tallied(election);
        assertOrder(orderOf(PairwiseRules.schulze(matrix, 4)), "DBAC", "Schulze");
        assertOrder(orderOf(PairwiseRules.minimax(matrix, 4, 5)), "DBAC", "minimax");
        assertOrder(orderOf(PairwiseRules.borda(matrix, 4, 5)), "DBAC", "Borda");
    }

    // schulze, minimax

    /// @dev Scores contain the relation, found here from paths by repeated widening until nothing changes.
    function testFuzz_SchulzeKeepsItsRelation(uint256 seed, uint256 options) external {
        options = bound(options, 2, 9);
        uint256[] memory matrix = tallied(randomElection(seed, options, 14, true));
        uint256[] memory paths = new uint256[](options * options);
        for (uint256 cell = 0; cell < paths.length; ++cell) {
            uint256 back = matrix[(cell % options) * options + cell / options];
            if (matrix[cell] > back) paths[cell] = matrix[cell];
        }
        for (bool changed = true; changed;) {
            changed = false;
            for (uint256 cell = 0; cell < paths.length * options; ++cell) {
                (uint256 i, uint256 j, uint256 k) = (
                    cell / options / options,
                    (cell / options) % options,
                    cell % options
                );
                uint256 width = paths[i * options + k];
                if (paths[k * options + j] < width) width = paths[k * options + j];
                if (i == j || width <= paths[i * options + j]) continue;
                paths[i * options + j] = width;
                changed = true;
            }
        }
        uint256[] memory scores = PairwiseRules.schulze(matrix, options);
        for (uint256 i = 0; i < options; ++i) {
            uint256 beaten = 0;
            for (uint256 j = 0; j < options; ++j) {
                if (paths[j * options + i] <= paths[i * options + j]) continue;
                ++beaten;
                assertGt(scores[j], scores[i], "who beats it has more");
            }
            assertEq(scores[i], options - 1 - beaten, "score");
        }
        uint256 winner = PairwiseRules.condorcetWinner(matrix, options);
        if (winner != NO_OPTION)
            assertEq(OptionOrder.optionAt(orderOf(scores), 0), winner, "the Condorcet winner wins");
    }

    function testFuzz_MinimaxElectsTheCondorcetWinner(uint256 seed, uint256 options) external {
        options = bound(options, 2, 6);
        Election memory election = randomElection(seed, options, 14, true);
        uint256[] memory matrix = tallied(election);
        uint256[] memory scores = PairwiseRules.minimax(matrix, options, election.ballots);
        uint256 winner = PairwiseRules.condorcetWinner(matrix, options);
        for (uint256 i = 0; i < options; ++i) {
            if (i == winner) assertEq(scores[i], election.ballots, "no defeat");
            else if (winner != NO_OPTION) assertLt(scores[i], election.ballots, "beaten");
        }
    }
}
