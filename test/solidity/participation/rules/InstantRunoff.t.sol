// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RulesHarness} from "../../../../contracts/mocks/RulesHarness.sol";
import {InstantRunoff, Runoff, RunoffRound} from "../../../../contracts/participation/rules/InstantRunoff.sol";
import {OptionOrder} from "../../../../contracts/participation/rules/OptionOrder.sol";
import {PairwiseRules} from "../../../../contracts/participation/rules/PairwiseRules.sol";
import {Rankings} from "../../../../contracts/participation/rules/Rankings.sol";
import {TieRule, TieRules} from "../../../../contracts/participation/rules/TieRules.sol";
import {RulesFixture} from "./RulesFixture.sol";

contract InstantRunoffTest is RulesFixture {
    /// @dev The capital of Tennessee: Memphis, Nashville, Chattanooga, Knoxville are A to D.
    function tennessee() private pure returns (Election memory election) {
        election.options = 4;
        add(election, "ABCD", 42);
        add(election, "BCDA", 26);
        add(election, "CDBA", 15);
        add(election, "DCBA", 17);
    }

    function threeWay(uint256 abc, uint256 bca, uint256 cab) private pure returns (Election memory election) {
        election.options = 3;
        add(election, "ABC", abc);
        add(election, "BCA", bca);
        add(election, "CAB", cab);
    }

    function start(Election memory election) private {
        harness.record(election.rankings, election.numbers);
        harness.begin(election.options, election.ballots);
    }

    /// @dev All rankings in one call.
    function counted(Election memory election) private returns (Runoff memory runoff) {
        start(election);
        harness.step(BY_NUMBER, election.rankings);
        runoff = harness.runoffOf();
        assertTrue(runoff.decided, "decided");
    }

    function expectRound(uint256 number, uint32[4] memory tallies, uint256 eliminated) private {
        uint32[] memory all = new uint32[](4);
        for (uint256 i = 0; i < 4; ++i) all[i] = tallies[i];
        vm.expectEmit(address(harness));
        emit RulesHarness.RoundClosed(number, all, 0, eliminated, false);
    }

    function only(string memory text) private pure returns (uint256[] memory rankings) {
        rankings = new uint256[](1);
        rankings[0] = ranking(text);
    }

    function two(string memory first, string memory second) private pure returns (uint256[] memory rankings) {
        rankings = new uint256[](2);
        (rankings[0], rankings[1]) = (ranking(first), ranking(second));
    }

    // begin

    function test_BeginsWithAllStanding() external view {
        Runoff memory runoff = harness.begun(5, 77);
        assertEq(runoff.options, 5, "options");
        assertEq(runoff.ballots, 77, "ballots");
        assertEq(runoff.standing, 31, "standing");
        assertEq(runoff.round, 1, "round");
        assertEq(runoff.moving, NO_OPTION, "all are to be counted");
        assertEq(runoff.due, 77, "due");
        assertEq(runoff.tallies.length, 5, "tallies");
        assertEq(harness.begun(32, 1).standing, type(uint32).max, "32 options");
    }

    // step, all rankings in one call
    // ├─ a majority at once .......................... the others by tallies
    // ├─ nobody has one .............................. the last leaves, its ballots move
    // │  ├─ two stand and are even ................... the tie rule, and firstTied
    // │  ├─ several have least ....................... the tie rule
    // │  └─ it has no ballots ........................ nothing moves
    // ├─ a ballot lists nobody who stands ............ it is exhausted
    // └─ no ballots, or blank ones only .............. the tie rule alone

    function test_MovesTheCapitalOfTennessee() external {
        Election memory election = tennessee();
        start(election);
        expectRound(1, [uint32(42), 26, 15, 17], 2);
        expectRound(2, [uint32(42), 26, 0, 32], 1);
        expectRound(3, [uint32(42), 0, 0, 58], NO_OPTION);
        harness.step(BY_NUMBER, election.rankings);
        Runoff memory runoff = harness.runoffOf();
        assertOrder(runoff.order, "DABC", "Knoxville, Memphis, Nashville, Chattanooga");
        assertTrue(runoff.decided, "decided");
        assertFalse(runoff.firstTied, "not tied");
        assertEq(runoff.round, 3, "rounds");
        assertEq(runoff.exhausted, 0, "all count");
    }

    function test_EndsWithAMajority() external {
        Election memory election;
        election.options = 4;
        add(election, "C", 6);
        add(election, "BA", 1);
        add(election, "DA", 2);
        add(election, "AB", 2);
        Runoff memory runoff = counted(election);
        assertOrder(runoff.order, "CADB", "the others by tallies, and by the tie rule");
        assertEq(runoff.round, 1, "in one round");
        assertEq(runoff.standing, 15, "nobody was eliminated");
    }

    function test_NeedsMoreThanHalf() external {
        Election memory election;
        election.options = 3;
        add(election, "A", 5);
        add(election, "BC", 3);
        add(election, "CB", 2);
        Runoff memory runoff = counted(election);
        assertEq(runoff.round, 3, "half is not enough");
        assertOrder(runoff.order, "ABC", "two stand and are even: the lower number");
        assertTrue(runoff.firstTied, "the tie rule chose");
        start(election);
        harness.step(0x020001, election.rankings);
        runoff = harness.runoffOf();
        assertOrder(runoff.order, "BAC", "B goes first");
        assertTrue(runoff.firstTied, "the tie rule chose again");
    }

    function test_EliminatesOneOfThoseWithLeast() external {
        Election memory election;
        election.options = 4;
        add(election, "AB", 4);
        add(election, "BA", 3);
        add(election, "CB", 1);
        add(election, "DA", 1);
        start(election);
        uint32[] memory tallies = new uint32[](4);
        (tallies[0], tallies[1], tallies[2], tallies[3]) = (4, 3, 1, 1);
        vm.expectEmit(address(harness));
        emit RulesHarness.RoundClosed(1, tallies, 0, 3, true);
        (tallies[0], tallies[3]) = (5, 0);
        vm.expectEmit(address(harness));
        emit RulesHarness.RoundClosed(2, tallies, 0, NO_OPTION, false);
        harness.step(BY_NUMBER, election.rankings);
        assertOrder(harness.runoffOf().order, "ABCD", "the higher number leaves");
        // C leaves first: then A has 4 of 9 still, and D leaves.
        start(election);
        harness.step(0x02030100, election.rankings);
        assertOrder(harness.runoffOf().order, "ABDC", "by other priorities");
        assertFalse(harness.runoffOf().firstTied, "the winner was not chosen so");
    }

    function test_ExhaustsBallots() external {
        Election memory election;
        election.options = 3;
        add(election, "", 5);
        add(election, "A", 4);
        add(election, "B", 3);
        add(election, "C", 2);
        start(election);
        uint32[] memory tallies = new uint32[](3);
        (tallies[0], tallies[1], tallies[2]) = (4, 3, 2);
        vm.expectEmit(address(harness));
        emit RulesHarness.RoundClosed(1, tallies, 5, 2, false);
        tallies[2] = 0;
        // 4 of 7 that still count.
        vm.expectEmit(address(harness));
        emit RulesHarness.RoundClosed(2, tallies, 7, NO_OPTION, false);
        harness.step(BY_NUMBER, election.rankings);
        assertOrder(harness.runoffOf().order, "ABC", "order");
        assertEq(harness.runoffOf().exhausted, 7, "exhausted");
    }

    function test_DecidesWithoutBallots() external {
        Election memory election;
        election.options = 3;
        Runoff memory runoff = counted(election);
        assertOrder(runoff.order, "ABC", "by number");
        assertTrue(runoff.firstTied, "by the tie rule alone");
        add(election, "", 9);
        runoff = counted(election);
        assertOrder(runoff.order, "ABC", "blank ones");
        assertEq(runoff.exhausted, 9, "all are exhausted");
        uint256 lots = TieRules.prioritiesOf(TieRule.Lot, keccak256("lots"), 3);
        (uint256 drawn, ) = OptionOrder.byScores(new uint256[](3), lots);
        start(election);
        harness.step(lots, election.rankings);
        assertEq(harness.runoffOf().order, drawn, "by lot");
    }

    function test_OrdersThirtyTwoOptions() external {
        Election memory election;
        election.options = 32;
        insert(election, 32, 3);
        insert(election, 31, 2);
        Runoff memory runoff = counted(election);
        assertEq(OptionOrder.optionAt(runoff.order, 0), 31, "a majority at once");
        assertEq(OptionOrder.optionAt(runoff.order, 1), 30, "then the other with ballots");
        assertEq(OptionOrder.optionAt(runoff.order, 31), 29, "then by number");
        insert(election, 30, 2);
        runoff = counted(election);
        assertEq(runoff.round, 31, "30 rounds, and one that decides");
        assertEq(OptionOrder.optionAt(runoff.order, 0), 31, "first");
        assertEq(OptionOrder.optionAt(runoff.order, 1), 29, "second");
        assertEq(OptionOrder.optionAt(runoff.order, 2), 30, "third");
        assertEq(OptionOrder.optionAt(runoff.order, 31), 28, "the first to leave");
    }

    // Paradoxes

    /// @dev More support makes the winner lose.
    function test_IsNotMonotonic() external {
        assertOrder(counted(threeWay(39, 35, 26)).order, "ABC", "A wins");
        // Ten of BCA put A first.
        assertOrder(counted(threeWay(49, 25, 26)).order, "CAB", "and C does if A is raised");
    }

    /// @dev Voters get their worst option because they vote.
    function test_CanPunishThoseWhoVote() external {
        assertOrder(counted(threeWay(30, 33, 40)).order, "BCA", "B wins");
        assertOrder(counted(threeWay(34, 33, 40)).order, "CAB", "four more of ABC, and C wins");
    }

    /// @dev One electorate of 55 (J. Malkevitch), of which each rule makes something else.
    function test_RulesDisagree() external {
        Election memory election;
        election.options = 5;
        add(election, "ADECB", 18);
        add(election, "BEDCA", 12);
        add(election, "CBEDA", 10);
        add(election, "DCEBA", 9);
        add(election, "EBDCA", 4);
        add(election, "ECDBA", 2);
        uint256[] memory firsts = new uint256[](5);
        for (uint256 k = 0; k < election.rankings.length; ++k) {
            firsts[Rankings.firstAmong(election.rankings[k], 31)] += election.numbers[k];
        }
        (uint256 order, ) = OptionOrder.byScores(firsts, BY_NUMBER);
        assertEq(OptionOrder.optionAt(order, 0), 0, "plurality: A");
        assertEq(OptionOrder.optionAt(counted(election).order, 0), 2, "instant runoff: C");
        uint256[] memory matrix = tallied(election);
        (order, ) = OptionOrder.byScores(PairwiseRules.borda(matrix, 5, 55), BY_NUMBER);
        assertEq(OptionOrder.optionAt(order, 0), 3, "Borda: D");
        assertEq(PairwiseRules.condorcetWinner(matrix, 5), 4, "Condorcet: E");
        (order, ) = OptionOrder.byScores(PairwiseRules.schulze(matrix, 5), BY_NUMBER);
        assertEq(OptionOrder.optionAt(order, 0), 4, "Schulze: E");
        (order, ) = OptionOrder.byScores(PairwiseRules.minimax(matrix, 5, 55), BY_NUMBER);
        assertEq(OptionOrder.optionAt(order, 0), 4, "minimax: E");
    }

    // step, rankings in several calls
    // ├─ the round is not complete ................... the state is kept, nothing is closed
    // ├─ the round becomes complete .................. it is closed, and the call goes on with the next
    // ├─ a ranking of no ballots ..................... is passed over
    // ├─ a ranking that does not ascend .............. revert InstantRunoffNotAscending
    // │  └─ because a greater one came first ......... for ever
    // ├─ one whose ballots are not due ............... revert InstantRunoffNotDue
    // ├─ more ballots than there are ................. revert InstantRunoffTooManyBallots
    // └─ decided ..................................... nothing is read

    function test_CountsOverSeveralCalls() external {
        Election memory election = tennessee();
        start(election);
        uint256[] memory most = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) most[i] = election.rankings[i];
        harness.step(BY_NUMBER, most);
        Runoff memory runoff = harness.runoffOf();
        assertEq(runoff.round, 1, "still the first");
        assertEq(runoff.cursor, most[2], "the last that was given");
        assertEq(runoff.counted + election.numbers[3], 100, "counted");
        assertEq(runoff.order, 0, "nothing is known");

        most = new uint256[](1);
        most[0] = election.rankings[3];
        expectRound(1, [uint32(42), 26, 15, 17], 2);
        harness.step(BY_NUMBER, most);
        runoff = harness.runoffOf();
        assertEq(runoff.moving, 2, "Chattanooga leaves");
        assertEq(runoff.due, 15, "with its ballots");
        assertEq(runoff.counted, 0, "of which none moved");
        assertEq(runoff.standing, 11, "the others stand");
        assertEq(runoff.order, uint256(3) << 24, "it is last");

        expectRound(2, [uint32(42), 26, 0, 32], 1);
        expectRound(3, [uint32(42), 0, 0, 58], NO_OPTION);
        harness.step(BY_NUMBER, two("CDBA", "BCDA"));
        assertOrder(harness.runoffOf().order, "DABC", "two rounds in a call");

        harness.step(BY_NUMBER, only("ABCD"));
        assertEq(keccak256(abi.encode(harness.runoffOf())), keccak256(abi.encode(afterAll())), "nothing is read");
    }

    function afterAll() private pure returns (Runoff memory runoff) {
        runoff.options = 4;
        runoff.ballots = 100;
        runoff.standing = 9;
        runoff.round = 3;
        runoff.moving = 1;
        runoff.due = 26;
        runoff.counted = 26;
        runoff.cursor = ranking("BCDA");
        runoff.order = ranking("DABC");
        runoff.decided = true;
        runoff.tallies = new uint256[](4);
        (runoff.tallies[0], runoff.tallies[3]) = (42, 58);
    }

    function test_PassesOverRankingsWithoutBallots() external {
        Election memory election = tennessee();
        start(election);
        harness.step(BY_NUMBER, two("BA", "BA"));
        assertEq(harness.runoffOf().counted, 0, "nothing");
        assertEq(harness.runoffOf().cursor, 0, "nowhere");
        insert(election, ranking("DA"), 0);
        insert(election, ranking("A"), 0);
        harness.step(BY_NUMBER, election.rankings);
        assertOrder(harness.runoffOf().order, "DABC", "as without them");
    }

    function test_RevertWhen_RankingsDoNotAscend() external {
        start(tennessee());
        bytes4 selector = InstantRunoff.InstantRunoffNotAscending.selector;
        (uint256 low, uint256 high) = (ranking("DCBA"), ranking("CDBA"));
        assertLt(low, high, "the low end is the best place");
        vm.expectRevert(abi.encodeWithSelector(selector, low, high));
        harness.step(BY_NUMBER, two("CDBA", "DCBA"));
        vm.expectRevert(abi.encodeWithSelector(selector, high, high));
        harness.step(BY_NUMBER, two("CDBA", "CDBA"));
        harness.step(BY_NUMBER, only("CDBA"));
        vm.expectRevert(abi.encodeWithSelector(selector, high, high));
        harness.step(BY_NUMBER, only("CDBA"));
        vm.expectRevert(abi.encodeWithSelector(selector, low, high));
        harness.step(BY_NUMBER, only("DCBA"));
    }

    /// @dev Why nobody may count on in another's count: what was left out cannot be given any more, and only a count begun
    /// anew gets on.
    function test_ShutsOutWhatWasLeftOut() external {
        Election memory election = tennessee();
        start(election);
        uint256 greatest = election.rankings[3];
        uint256[] memory rankings = new uint256[](1);
        rankings[0] = greatest;
        harness.step(BY_NUMBER, rankings);
        bytes4 selector = InstantRunoff.InstantRunoffNotAscending.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, election.rankings[0], greatest));
        harness.step(BY_NUMBER, election.rankings);
        assertFalse(harness.runoffOf().decided, "and so never is");
        harness.begin(election.options, election.ballots);
        harness.step(BY_NUMBER, election.rankings);
        assertTrue(harness.runoffOf().decided, "begun anew");
    }

    function test_RevertWhen_BallotsAreNotDue() external {
        Election memory election = tennessee();
        start(election);
        uint256[] memory firstThree = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) firstThree[i] = election.rankings[i];
        harness.step(BY_NUMBER, firstThree);
        bytes4 selector = InstantRunoff.InstantRunoffNotDue.selector;
        uint256[] memory rest = new uint256[](2);
        (rest[0], rest[1]) = (election.rankings[3], ranking("DCBA"));
        vm.expectRevert(abi.encodeWithSelector(selector, rest[1], 2));
        harness.step(BY_NUMBER, rest);
        rest[1] = ranking("CDBA");
        harness.step(BY_NUMBER, rest);
        vm.expectRevert(abi.encodeWithSelector(selector, ranking("CDBA"), 1));
        harness.step(BY_NUMBER, only("CDBA"));
    }

    function test_RevertWhen_ThereAreMoreBallots() external {
        Election memory election = tennessee();
        harness.record(election.rankings, election.numbers);
        harness.begin(4, 99);
        vm.expectRevert(abi.encodeWithSelector(InstantRunoff.InstantRunoffTooManyBallots.selector, 100, 99));
        harness.step(BY_NUMBER, election.rankings);
    }

    /// @dev However it is cut into calls, the count is the same, and each round accounts for all ballots.
    function testFuzz_CutsDoNotMatter(uint256 seed, uint256 options, uint256 cut) external {
        options = bound(options, 2, 9);
        Election memory election = randomElection(seed, options, 16, false);
        uint256 lots = TieRules.prioritiesOf(TieRule.Lot, bytes32(seed), options);
        (Runoff memory whole, RunoffRound[] memory rounds, ) = harness.run(
            harness.begun(options, election.ballots),
            lots,
            election.rankings,
            election.numbers
        );
        assertTrue(whole.decided, "decided");
        uint256 seen = 0;
        for (uint256 place = 0; place < options; ++place) seen |= 1 << OptionOrder.optionAt(whole.order, place);
        assertEq(seen, (1 << options) - 1, "each option once");
        for (uint256 i = 0; i < rounds.length; ++i) {
            uint256 sum = rounds[i].exhausted;
            for (uint256 option = 0; option < options; ++option) sum += rounds[i].tallies[option];
            assertEq(sum, election.ballots, "all ballots");
            assertEq(rounds[i].number, i + 1, "number");
        }

        start(election);
        cut = bound(cut, 1, 6);
        uint256 calls = 0;
        for (Runoff memory state = harness.runoffOf(); !state.decided; state = harness.runoffOf()) {
            harness.step(lots, dueIn(election, state, cut));
            assertLt(++calls, 200, "it ends");
        }
        assertEq(harness.runoffOf().order, whole.order, "order");
        assertEq(harness.runoffOf().firstTied, whole.firstTied, "tied");
        assertEq(harness.runoffOf().round, whole.round, "rounds");
        assertEq(harness.runoffOf().exhausted, whole.exhausted, "exhausted");
        assertEq(harness.runoffOf().tallies, whole.tallies, "tallies");
    }

    /// @dev The next rankings that a count is due, at most some.
    function dueIn(
        Election memory election,
        Runoff memory state,
        uint256 most
    ) private pure returns (uint256[] memory rankings) {
        uint256 length = 0;
        rankings = new uint256[](most);
        for (uint256 k = 0; k < election.rankings.length && length < most; ++k) {
            uint256 word = election.rankings[k];
            bool given = state.counted != 0 && word <= state.cursor;
            if (given || election.numbers[k] == 0) continue;
            if (state.moving != NO_OPTION) {
                if (Rankings.firstAmong(word, state.standing | (1 << state.moving)) != state.moving) continue;
            }
            rankings[length++] = word;
        }
        assembly {
            mstore(rankings, length)
        }
    }
}
