// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    BallotKind,
    BallotState,
    BallotTerms,
    BallotView,
    IBallotBox,
    PollView,
    Result,
    Rule
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {SurveyCells} from "../../../../contracts/participation/rules/SurveyCells.sol";
import {BallotFixture} from "./BallotFixture.sol";

/// @dev What can be read.
contract BallotViewsTest is BallotFixture {
    /// @dev One of three choices, and a grade to two if the first was chosen.
    uint256 private constant FORM = 0x19 | (uint256(0x1012) << 16);

    // ballotOf
    // ├─ unknown ..................................... nothing, state None
    // └─ else ........................................ state by what ended it or by time, papers of segments asked for

    function test_UnknownBallotIsNothing() external view {
        BallotView memory none;
        assertEq(keccak256(abi.encode(box.ballotOf(7, segmentsTo(3)))), keccak256(abi.encode(none)), "ballot");
        Result memory result;
        assertEq(keccak256(abi.encode(box.resultOf(7))), keccak256(abi.encode(result)), "result");
    }

    function test_BallotGoesThroughItsStates() external {
        BallotTerms memory terms = plainTerms();
        uint32 id = publish(terms);
        assertState(id, BallotState.Published, "published");
        vm.warp(FREEZES + 1);
        box.freeze(id, terms, 1);
        assertState(id, BallotState.Frozen, "frozen");
        vm.warp(OPENS - 1);
        assertState(id, BallotState.Frozen, "not open");
        vm.warp(OPENS);
        assertState(id, BallotState.Open, "open");
        vm.warp(CLOSES - 1);
        assertState(id, BallotState.Open, "still open");
        vm.warp(CLOSES);
        assertState(id, BallotState.Closed, "closed");
        box.addUp(id, 0, 1);
        box.finalise(id, terms);
        assertState(id, BallotState.Final, "final");
        vm.warp(FREEZES);
        assertState(id, BallotState.Final, "whatever time it is");
    }

    function test_AddsUpPapersOfSegments() external {
        BallotTerms memory terms = paperTerms(20);
        (terms.segments, terms.options) = (segmentsTo(3), 5);
        uint32 id = open(terms);
        castAs(id, 0, 0, 4);
        castAs(id, 0, 1, 4);
        castAs(id, 1, 0, 0);
        record(id, 1, 3, papersOf(1, 2));
        BallotView memory ballot = box.ballotOf(id, segmentsTo(3));
        assertEq(ballot.cast, 8, "all segments");
        assertEq(ballot.spoilt, 3, "spoilt");
        assertEq(ballot.onPaper, 5, "on paper");
        assertEq(ballot.members, 3 * PEOPLE, "members");
        assertEq(ballot.frozenSegments, 3, "segments");
        assertEq(ballot.termsHash, keccak256(abi.encode(terms)), "terms");
        assertEq(box.ballotOf(id, segmentsOf(0)).cast, 2 + 3, "one, and spoilt ones of all");
        assertEq(box.ballotOf(id, segmentsOf(1)).cast, 3 + 3, "another");
        assertEq(box.ballotOf(id, segmentsOf(2)).cast, 3, "nobody's");
        assertEq(box.ballotOf(id, segmentsOf(9)).cast, 3, "none");
    }

    // pollOf
    // ├─ not frozen, or withdrawn .................... nothing
    // └─ else ........................................ root as far as it is kept, papers and hash

    function test_TellsOfSegments() external {
        BallotTerms memory terms = plainTerms();
        terms.options = 5;
        uint32 id = publish(terms);
        PollView memory none;
        assertEq(keccak256(abi.encode(box.pollOf(id, 0))), keccak256(abi.encode(none)), "not frozen");
        vm.warp(OPENS);
        box.freeze(id, terms, 1);
        castAs(id, 0, 2, 4);
        PollView memory poll = box.pollOf(id, 0);
        assertEq(poll.root, uint256(rootOf(NAMED, 0)) >> 88, "upper 168 bits");
        assertEq(poll.cast, 1, "cast");
        assertEq(poll.chain, linked(0, voterOf(0, 2), 1, 4), "chain");
        assertEq(uint256(poll.sealedVotes) + poll.opened, 0, "of sealed and committed ones");
    }

    /// @dev Lanes of options are no number of entries.
    function test_PublicPapersAreNoEntries() external {
        BallotTerms memory terms = plainTerms();
        terms.revotes = true;
        uint32 id = open(terms);
        for (uint32 i = 0; i < 5; ++i) recastAs(id, 0, i, 1, i % 3, 0);
        PollView memory poll = box.pollOf(id, 0);
        assertEq(uint256(poll.sealedVotes) + poll.opened, 0, "none");
        assertEq(poll.cast, 5, "cast");
        assertEq(box.talliesOf(id, terms, 0), list(2, 2, 1), "tallies");
    }

    // hasVoted
    // ├─ in a group, by a bit, or by a receipt ....... whether it has
    // └─ of anonymous people, or unknown ............. false

    function test_KnowsWhoVoted() external {
        BallotTerms[4] memory all = [plainTerms(), plainTerms(), plainTerms(), committedTerms()];
        (all[1].options, all[2].revotes) = (5, true);
        enrol(NAMED, 0, 1_000, 260);
        for (uint256 i = 0; i < 3; ++i) {
            vm.warp(EPOCH);
            uint32 id = open(all[i]);
            assertFalse(box.hasVoted(id, 0, 257), "before");
            recastAs(id, 0, 257, 1, 2, 0);
            assertTrue(box.hasVoted(id, 0, 257), "after");
            assertFalse(box.hasVoted(id, 0, 1), "the same place of another group or word");
            assertFalse(box.hasVoted(id, 0, 256), "beside it");
            assertFalse(box.hasVoted(id, 1, 257), "segment that does not vote");
        }
        vm.warp(EPOCH);
        assertFalse(box.hasVoted(open(anonymousTerms()), 0, 0), "nobody knows");
        assertFalse(box.hasVoted(77, 0, 0), "no ballot");
    }

    // receiptOf
    // ├─ plain, or nothing cast ...................... zero
    // └─ with replacements ........................... sequence and hash, see {BallotSignedVoteTest}

    function test_PlainVotesHaveNoReceipt() external {
        uint32 id = open(plainTerms());
        castAs(id, 0, 1, 2);
        (uint32 sequence, uint32 entry, uint256 hash) = box.receiptOf(id, voterOf(0, 1));
        assertEq(sequence + entry + hash, 0, "none");
    }

    // talliesOf
    // ├─ unknown, other terms ........................ BallotBoxUnknownBallot, BallotBoxOtherTerms
    // ├─ segment that does not vote .................. BallotBoxUnknownSegment
    // ├─ survey, instant runoff ...................... none
    // ├─ ranked ...................................... matrix
    // └─ else ........................................ of each option

    function test_RevertWhen_TalliesAreOfAnother() external {
        BallotTerms memory terms = plainTerms();
        uint32 id = open(terms);
        expectError(IBallotBox.BallotBoxUnknownBallot.selector, id + 1);
        box.talliesOf(id + 1, terms, 0);
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id, 1);
        box.talliesOf(id, terms, 1);
        terms.kind = BallotKind.Approval;
        expectError(IBallotBox.BallotBoxOtherTerms.selector, id, uint256(keccak256(abi.encode(terms))));
        box.talliesOf(id, terms, 0);
    }

    function test_TalliesAreOfTheirSegment() external {
        BallotTerms memory terms = rankedTerms(Rule.Minimax, 3);
        terms.segments = segmentsTo(2);
        uint32 id = open(terms);
        castAs(id, 0, 0, ranking("CA=B"));
        castAs(id, 0, 1, ranking("BC"));
        castAs(id, 1, 1, ranking("A"));
        uint256[] memory matrix = new uint256[](9);
        (matrix[2 * 3], matrix[2 * 3 + 1], matrix[3], matrix[3 + 2]) = (2, 1, 1, 1);
        assertEq(box.talliesOf(id, terms, 0), matrix, "first segment");
        matrix = new uint256[](9);
        (matrix[1], matrix[2]) = (1, 1);
        assertEq(box.talliesOf(id, terms, 1), matrix, "second segment");
    }

    // answersOf
    // ├─ unknown, other terms ........................ BallotBoxUnknownBallot, BallotBoxOtherTerms
    // ├─ not a survey ................................ BallotBoxWrongWay
    // ├─ no such question ............................ as SurveyCells says
    // └─ else ........................................ cells of all segments, small ones hidden

    function test_RevertWhen_AnswersAreOfAnother() external {
        uint32 id = open(plainTerms());
        expectError(IBallotBox.BallotBoxWrongWay.selector, id);
        box.answersOf(id, plainTerms(), 0);
        BallotTerms memory terms = surveyTerms(FORM, 3);
        vm.warp(EPOCH);
        id = open(terms);
        expectError(IBallotBox.BallotBoxUnknownBallot.selector, id + 1);
        box.answersOf(id + 1, terms, 0);
        expectError(SurveyCells.SurveyCellsUnknownQuestion.selector, 2, 2);
        box.answersOf(id, terms, 2);
        terms.minCell = 0;
        expectError(IBallotBox.BallotBoxOtherTerms.selector, id, uint256(keccak256(abi.encode(terms))));
        box.answersOf(id, terms, 0);
    }

    function test_AnswersOfSegmentsAreAddedUpAndHidden() external {
        BallotTerms memory terms = surveyTerms(FORM, 3);
        terms.segments = segmentsTo(2);
        uint32 id = open(terms);
        // Four choose the first, of whom three give the second grade and one the first; three the third, and one the second.
        for (uint32 i = 0; i < 3; ++i) castAs(id, 0, i, 1 | (2 << 2));
        castAs(id, 1, 0, 1 | (1 << 2));
        for (uint32 i = 1; i < 4; ++i) castAs(id, 1, i, 3);
        castAs(id, 1, 4, 2);
        (uint256[] memory cells, uint256 hidden) = box.answersOf(id, terms, 0);
        assertEq(cells, list(4, 0, 0), "one is small, and the next one hides it");
        assertEq(hidden, 6, "hidden");
        (cells, hidden) = box.answersOf(id, terms, 1);
        assertEq(cells, list(0, 0), "both");
        assertEq(hidden, 3, "hidden");
        assertEq(box.talliesOf(id, terms, 0).length, 0, "no tallies");
    }

    // commitmentOf, scopeOf
    // └─ hashes with chain, contract and ballot

    function test_HashesNameChainAndContract() external {
        bytes32 commitment = keccak256(
            abi.encode("BALLOT_COMMITMENT_V1", block.chainid, address(box), uint256(3), voterOf(2, 5), 9, REASON)
        );
        assertEq(box.commitmentOf(3, 2, 5, 9, REASON), commitment, "commitment");
        bytes32 scope = keccak256(abi.encode("BALLOT_SCOPE_V1", block.chainid, address(box), uint256(3)));
        assertEq(box.scopeOf(3), uint256(scope), "scope");
        vm.chainId(block.chainid + 1);
        assertTrue(box.scopeOf(3) != uint256(scope), "another chain's scope");
        assertTrue(box.commitmentOf(3, 2, 5, 9, REASON) != commitment, "another chain's commitment");
    }
}
