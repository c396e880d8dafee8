// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    BallotKind,
    BallotState,
    BallotTerms,
    IBallotBox,
    PaperCount,
    Result,
    Reveal,
    Rule,
    Vote
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {Signature} from "../../../../contracts/authority/ISigned.sol";
import {BallotFixture} from "./BallotFixture.sol";

/// @dev Results. Where nothing else is said, nobody is on the roll and all votes are on paper.
contract BallotResultsTest is BallotFixture {
    uint256 private constant KEY = 5;

    // finalise
    // ├─ unknown, not closed, other terms ............ BallotBoxUnknownBallot, WrongState, OtherTerms
    // ├─ groups are to be added up ................... BallotBoxNotCounted, see {BallotCountingTest}
    // ├─ protocols can come .......................... BallotBoxNotCounted, until the end of the count
    // ├─ sealed, and not all is opened ............... BallotBoxNotCounted, always, see the tests of sealed papers
    // ├─ committed, and not all is revealed .......... BallotBoxNotCounted, until the end of the count
    // ├─ a lot, and none is drawn .................... BallotBoxNoLot, see {BallotCountingTest}
    // ├─ an instant runoff, and no rounds ............ BallotBoxNotCounted, see {BallotCountingTest}
    // └─ else ........................................ Final, ResultFinal
    //    ├─ order: most first, Borda, Minimax, Schulze, instant runoff; none of a survey
    //    ├─ tied: by number or lot
    //    ├─ decided
    //    │  ├─ no paper prefers anything ............. never
    //    │  ├─ turnout below its quorum .............. no
    //    │  ├─ approval below its quorum ............. no; of papers without blank and spoilt ones, or of the electorate
    //    │  └─ first in too few segments ............. no
    //    └─ passed: decided, and for the first option; not if its number broke a tie

    function test_RevertWhen_NotClosed() external {
        BallotTerms memory terms = plainTerms();
        uint32 id = open(terms);
        expectError(IBallotBox.BallotBoxUnknownBallot.selector, id + 1);
        box.finalise(id + 1, terms);
        vm.expectRevert(_wrongState(id, BallotState.Open));
        box.finalise(id, terms);
        close(id, terms);
        terms.approvalBp = 1;
        expectError(IBallotBox.BallotBoxOtherTerms.selector, id, uint256(keccak256(abi.encode(terms))));
        box.finalise(id, terms);
        terms.approvalBp = 0;
        box.finalise(id, terms);
        vm.expectRevert(_wrongState(id, BallotState.Final));
        box.finalise(id, terms);
    }

    function test_RevertWhen_ProtocolsCanCome() external {
        BallotTerms memory terms = paperTerms(5);
        uint32 id = open(terms);
        close(id, terms);
        record(id, 0, 1, papersOf(0, 3));
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 4, 5);
        box.finalise(id, terms);
        vm.warp(COUNTS);
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 4, 5);
        box.finalise(id, terms);
        vm.warp(COUNTS + 1);
        box.finalise(id, terms);
        assertResult(id, "ABC", true, true, false, "what came counts");
    }

    /// @dev When all papers are in, nothing is waited for.
    function test_DoesNotWaitForMoreThanAll() external {
        BallotTerms memory terms = paperTerms(5);
        uint32 id = open(terms);
        record(id, 0, 1, papersOf(1, 4));
        close(id, terms);
        box.finalise(id, terms);
        assertResult(id, "BAC", true, false, false, "all are in");
    }

    function test_RevertWhen_CommittedPapersCanBeRevealed() external {
        BallotTerms memory terms = committedTerms();
        (uint32 id, Reveal[] memory reveals) = _commit(terms);
        vm.warp(CLOSES);
        box.reveal(id, 0, reveals);
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 1, 2);
        box.finalise(id, terms);
        vm.warp(COUNTS);
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 1, 2);
        box.finalise(id, terms);
        vm.warp(COUNTS + 1);
        vm.expectEmit(address(box));
        emit IBallotBox.ResultFinal(id, _result(terms, "CAB", true, false, false), list(0, 0, 1));
        box.finalise(id, terms);
    }

    /// @dev Who does not reveal took part, and says nothing.
    function test_WhoDoesNotRevealCountsForTurnoutAlone() external {
        BallotTerms memory terms = committedTerms();
        // Two of five took part, and one of one approves.
        (terms.turnoutBp, terms.approvalBp) = (4_000, 10_000);
        (uint32 id, Reveal[] memory reveals) = _commit(terms);
        vm.warp(CLOSES);
        box.reveal(id, 0, reveals);
        vm.warp(COUNTS + 1);
        box.finalise(id, terms);
        assertResult(id, "CAB", true, false, false, "decided");
    }

    /// @dev With entries it waits for the key and for all of them, see the tests of sealed papers.
    function test_NothingSealedNeedsNoKey() external {
        BallotTerms memory terms = sealedTerms(KEY);
        uint32 id = open(terms);
        vm.warp(CLOSES);
        box.finalise(id, terms);
        assertResult(id, "ABC", false, false, true, "nothing to open");
    }

    function test_TellsTheResult() external {
        BallotTerms memory terms = _terms(10);
        uint32 id = _ballot(terms, papersOf(1, 6, 0, 4));
        Result memory expected = _result(terms, "BAC", true, false, false);
        vm.expectEmit(address(box));
        emit IBallotBox.ResultFinal(id, expected, list(4, 6, 0));
        vm.prank(stranger);
        box.finalise(id, terms);
        assertEq(keccak256(abi.encode(box.resultOf(id))), keccak256(abi.encode(expected)), "result");
        assertState(id, BallotState.Final, "final");
    }

    // --- orders

    function test_MostFirst() external {
        BallotTerms memory terms = _terms(10);
        _finish(terms, papersOf(0, 6, 2, 4), "ACB", true, true, false);
        _finish(terms, papersOf(1, 5, 2, 5), "BCA", true, false, true);
        (terms.kind, terms.limit) = (BallotKind.Approval, 2);
        _finish(terms, papersOf(6, 6, 1, 4), "BCA", true, false, true);
        (terms.kind, terms.limit) = (BallotKind.Score, 10);
        _finish(terms, papersOf(0x030201, 9, 0x00000a, 1), "CAB", true, false, false);
        (terms.kind, terms.limit) = (BallotKind.Quadratic, 25);
        _finish(terms, papersOf(0x000304, 9, 0x050000, 1), "ABC", true, true, false);
        (terms.kind, terms.limit) = (BallotKind.Points, 1_000);
        _finish(terms, papersOf(uint256(999) << 16, 1, 100, 9), "BAC", true, false, false);
    }

    function test_MostFirstOfAllSegments() external {
        BallotTerms memory terms = plainTerms();
        terms.segments = segmentsTo(3);
        uint32 id = open(terms);
        castAs(id, 0, 0, 0);
        castAs(id, 0, 1, 1);
        castAs(id, 1, 0, 0);
        for (uint32 i = 0; i < 3; ++i) castAs(id, 2, i, 2);
        close(id, terms);
        vm.expectEmit(address(box));
        emit IBallotBox.ResultFinal(id, _result(terms, "CAB", true, false, false), list(2, 1, 3));
        box.finalise(id, terms);
    }

    /// @dev The last option is counted, and wins nothing.
    function test_BlankIsLast() external {
        BallotTerms memory terms = _terms(10);
        terms.blankLast = true;
        _finish(terms, papersOf(2, 8, 1, 2), "BAC", true, false, false);
        _finish(terms, papersOf(2, 10, 0, 0), "ABC", false, false, true);
        (terms.kind, terms.limit, terms.options) = (BallotKind.Approval, 4, 4);
        _finish(terms, papersOf(8, 6, 6, 4), "BCAD", true, false, true);
    }

    function test_BordaOfTennessee() external {
        _tennessee(Rule.Borda, "BCAD", list(252, 388, 346, 214));
    }

    function test_MinimaxOfTennessee() external {
        _tennessee(Rule.Minimax, "BACD", list(42, 100, 32, 17));
    }

    function test_SchulzeOfTennessee() external {
        _tennessee(Rule.Schulze, "BCDA", list(0, 3, 2, 1));
    }

    /// @dev The 45 voters of Schulze's own example, in three segments.
    function test_SchulzeOfFortyFive() external {
        BallotTerms memory terms = _terms(45);
        (terms.kind, terms.rule, terms.options, terms.limit) = (BallotKind.Ranked, Rule.Schulze, 5, 5);
        terms.segments = segmentsTo(3);
        _empty(3);
        vm.warp(EPOCH);
        uint32 id = open(terms);
        record(id, 0, 0, papersOf(ranking("ACBED"), 5, ranking("ADECB"), 5));
        record(id, 0, 0, papersOf(ranking("BEDAC"), 8, ranking("CABED"), 3));
        record(id, 1, 0, papersOf(ranking("CAEBD"), 7, ranking("CBADE"), 2));
        record(id, 2, 0, papersOf(ranking("DCEBA"), 7, ranking("EBADC"), 8));
        vm.warp(CLOSES);
        box.finalise(id, terms);
        assertResult(id, "EACBD", true, false, false, "E before A, C, B and D");
    }

    /// @dev Whether there is a majority is no question of how options are numbered.
    function test_ATieThatANumberBreaksPassesNothing() external {
        BallotTerms memory terms = _terms(10);
        terms.approvalBp = 5_000;
        _finish(terms, papersOf(0, 5, 1, 5), "ABC", true, false, true);
        _finish(terms, papersOf(0, 6, 1, 4), "ABC", true, true, false);
    }

    function test_TiedRankings() external {
        BallotTerms memory terms = _terms(10);
        (terms.kind, terms.rule, terms.limit) = (BallotKind.Ranked, Rule.Schulze, 3);
        _finish(terms, papersOf(ranking("BC"), 5, ranking("CB"), 5), "BCA", true, false, true);
        _finish(terms, papersOf(ranking("B=C"), 10, 0, 0), "BCA", true, false, true);
    }

    function test_SurveysHaveNoOrder() external {
        BallotTerms memory terms = surveyTerms(0x19, 0);
        uint32 id = open(terms);
        castAs(id, 0, 0, 3);
        vm.warp(CLOSES);
        vm.expectEmit(address(box));
        emit IBallotBox.ResultFinal(id, _result(terms, "", false, false, false), new uint256[](0));
        box.finalise(id, terms);
    }

    // --- decided

    /// @dev Rules break ties even if nobody says anything, but nothing is decided by that.
    function test_NothingIsDecidedWithoutAWord() external {
        BallotTerms memory terms = _terms(10);
        _finish(terms, papersOf(0, 0), 10, "ABC", false, false, true);
        (terms.kind, terms.limit) = (BallotKind.Approval, 2);
        _finish(terms, papersOf(0, 10), 0, "ABC", false, false, true);
        (terms.kind, terms.limit) = (BallotKind.Score, 5);
        _finish(terms, papersOf(0, 10), 0, "ABC", false, false, true);
        for (uint256 i = 1; i <= 3; ++i) {
            (terms.kind, terms.rule, terms.limit) = (BallotKind.Ranked, Rule(i), 3);
            _finish(terms, papersOf(0, 10), 0, "ABC", false, false, true);
            _finish(terms, papersOf(ranking("A=B=C"), 10), 0, "ABC", false, false, true);
            _finish(terms, papersOf(0, 9, ranking("B=C"), 1), "BCA", true, false, true);
        }
        terms.rule = Rule.InstantRunoff;
        uint32 id = _ballot(terms, papersOf(0, 10));
        box.countRounds(id, terms, list(0));
        box.finalise(id, terms);
        assertResult(id, "ABC", false, false, true, "blank papers alone");
        id = _ballot(terms, papersOf(0, 9, ranking("B"), 1));
        box.countRounds(id, terms, list(0, ranking("B")));
        box.finalise(id, terms);
        assertResult(id, "BAC", true, false, false, "one of ten");
    }

    /// @dev Spoilt papers and blank ones are turnout. At the quorum it is met.
    function test_TurnoutHasAQuorum() external {
        BallotTerms memory terms = _terms(10);
        (terms.turnoutBp, terms.blankLast) = (7_000, true);
        _finishLate(terms, papersOf(0, 3, 2, 2), 2, "ABC", true, true, false);
        _finishLate(terms, papersOf(0, 3, 2, 2), 1, "ABC", false, false, false);
        ++terms.turnoutBp;
        _finishLate(terms, papersOf(0, 3, 2, 2), 2, "ABC", false, false, false);
        (terms.kind, terms.rule, terms.limit, terms.blankLast) = (BallotKind.Ranked, Rule.Borda, 3, false);
        terms.turnoutBp = 7_000;
        _finishLate(terms, papersOf(ranking("B"), 7), 0, "BAC", true, false, false);
        _finishLate(terms, papersOf(ranking("B"), 6), 0, "BAC", false, false, false);
    }

    /// @dev Of the roll and of those who vote on paper.
    function test_ElectorateIsRollAndPaper() external {
        BallotTerms memory terms = paperTerms(5);
        terms.turnoutBp = 6_000;
        uint32 id = open(terms);
        castAs(id, 0, 0, 1);
        record(id, 0, 0, papersOf(1, 5));
        close(id, terms);
        box.finalise(id, terms);
        assertResult(id, "BAC", true, false, false, "six of ten");
        vm.warp(EPOCH);
        id = open(terms);
        record(id, 0, 0, papersOf(1, 5));
        close(id, terms);
        box.finalise(id, terms);
        assertResult(id, "BAC", false, false, false, "five of ten");
    }

    function test_ApprovalHasAQuorum() external {
        BallotTerms memory terms = _terms(10);
        terms.approvalBp = 6_000;
        _finish(terms, papersOf(0, 6, 1, 4), "ABC", true, true, false);
        _finish(terms, papersOf(1, 6, 0, 4), "BAC", true, false, false);
        ++terms.approvalBp;
        _finish(terms, papersOf(0, 6, 1, 4), "ABC", false, false, false);
    }

    /// @dev Of papers that say something else than nothing.
    function test_ApprovalIsNotOfBlankAndSpoiltPapers() external {
        BallotTerms memory terms = _terms(10);
        (terms.approvalBp, terms.blankLast) = (10_000, true);
        _finish(terms, papersOf(0, 3, 2, 4), 3, "ABC", true, true, false);
        terms.blankLast = false;
        _finish(terms, papersOf(0, 3, 2, 4), 3, "CAB", false, false, false);
        _finish(terms, papersOf(0, 3), 7, "ABC", true, true, false);
        terms.ofElectorate = true;
        _finish(terms, papersOf(0, 3), 7, "ABC", false, false, false);
        terms.approvalBp = 3_000;
        _finish(terms, papersOf(0, 3), 7, "ABC", true, true, false);
        ++terms.approvalBp;
        _finish(terms, papersOf(0, 3), 7, "ABC", false, false, false);
    }

    /// @dev Who approves of the blank option approves of no other, so nobody takes papers out of what a quorum is part of.
    function test_BlankApprovalsAreNobodyElses() external {
        BallotTerms memory terms = _terms(10);
        (terms.kind, terms.limit, terms.blankLast, terms.approvalBp) = (BallotKind.Approval, 3, true, 6_000);
        uint32 id = open(terms);
        expectError(IBallotBox.BallotBoxBadPayload.selector, 5);
        this.recordOutside(id, papersOf(5, 5, 2, 5));
        _finish(terms, papersOf(1, 3, 4, 5), 2, "ABC", true, true, false);
    }

    function test_SegmentsHaveAQuorum() external {
        BallotTerms memory terms = plainTerms();
        (terms.segments, terms.segmentsBp) = (segmentsTo(3), 6_666);
        // First in two of three.
        _finishIn(terms, [uint8(1), 1, 0], true);
        ++terms.segmentsBp;
        _finishIn(terms, [uint8(1), 1, 0], false);
        _finishIn(terms, [uint8(1), 1, 1], true);
        // Two segments, in one of which the first place is shared.
        terms.segmentsBp = 6_666;
        _finishIn(terms, [uint8(1), 2, 0], false);
        // First by many in one.
        terms.segmentsBp = 3_333;
        _finishIn(terms, [uint8(3), 0, 0], true);
    }

    /// @dev The blank option is ahead of nobody.
    function test_BlankLeadsNoSegment() external {
        BallotTerms memory terms = _terms(10);
        (terms.blankLast, terms.segmentsBp) = (true, 10_000);
        _finish(terms, papersOf(2, 8, 1, 2), "BAC", true, false, false);
        terms.blankLast = false;
        _finish(terms, papersOf(2, 4, 1, 6), "BCA", true, false, false);
    }

    // abandon
    // ├─ unknown, not closed, other terms ............ BallotBoxUnknownBallot, WrongState, OtherTerms
    // ├─ not sealed, or the key is known ............. BallotBoxWrongWay
    // ├─ the key can come ............................ BallotBoxTooEarly
    // ├─ no paper is sealed .......................... BallotBoxUnchanged
    // └─ else ........................................ Void, BallotAbandoned, see BallotSealedTest

    function test_RevertWhen_NotToBeAbandoned() external {
        BallotTerms memory terms = sealedTerms(KEY);
        uint32 id = open(terms);
        expectError(IBallotBox.BallotBoxUnknownBallot.selector, id + 1);
        box.abandon(id + 1, terms);
        vm.expectRevert(_wrongState(id, BallotState.Open));
        box.abandon(id, terms);
        vm.warp(COUNTS);
        expectError(IBallotBox.BallotBoxTooEarly.selector, COUNTS + 1, COUNTS);
        box.abandon(id, terms);
        ++terms.minAnonymity;
        expectError(IBallotBox.BallotBoxOtherTerms.selector, id, uint256(keccak256(abi.encode(terms))));
        box.abandon(id, terms);
        --terms.minAnonymity;
        box.releaseKey(id, terms, KEY);
        vm.warp(COUNTS + 1);
        expectError(IBallotBox.BallotBoxWrongWay.selector, id);
        box.abandon(id, terms);
        vm.warp(EPOCH);
        id = open(plainTerms());
        vm.warp(COUNTS + 1);
        expectError(IBallotBox.BallotBoxWrongWay.selector, id);
        box.abandon(id, plainTerms());
    }

    function test_RevertWhen_NothingIsSealedToAKey() external {
        BallotTerms memory terms = sealedTerms(KEY);
        uint32 id = open(terms);
        vm.warp(COUNTS + 1);
        expectError(IBallotBox.BallotBoxUnchanged.selector);
        box.abandon(id, terms);
        box.finalise(id, terms);
        assertState(id, BallotState.Final, "final");
    }

    // --- internals

    function recordOutside(uint32 id, PaperCount[] memory entries) external {
        record(id, 0, 0, entries);
    }

    function _wrongState(uint32 id, BallotState state) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(IBallotBox.BallotBoxWrongState.selector, id, state);
    }

    /// @dev As {plainTerms}, without a roll.
    function _terms(uint32 paperElectorate) private pure returns (BallotTerms memory terms) {
        return paperTerms(paperElectorate);
    }

    function _empty(uint16 segments) private {
        for (uint16 i = 0; i < segments; ++i) rolls.setSegment(NAMED, i, 0, 0);
    }

    function _ballot(BallotTerms memory terms, PaperCount[] memory entries) private returns (uint32 id) {
        return _ballot(terms, entries, 0);
    }

    function _ballot(BallotTerms memory terms, PaperCount[] memory entries, uint32 spoilt) private returns (uint32 id) {
        _empty(1);
        vm.warp(EPOCH);
        id = open(terms);
        record(id, 0, spoilt, entries);
        vm.warp(CLOSES);
    }

    function _finish(
        BallotTerms memory terms,
        PaperCount[] memory entries,
        string memory order,
        bool decided,
        bool passed,
        bool tied
    ) private {
        _finish(terms, entries, 0, order, decided, passed, tied);
    }

    function _finish(
        BallotTerms memory terms,
        PaperCount[] memory entries,
        uint32 spoilt,
        string memory order,
        bool decided,
        bool passed,
        bool tied
    ) private {
        uint32 id = _ballot(terms, entries, spoilt);
        box.finalise(id, terms);
        assertResult(id, order, decided, passed, tied, order);
    }

    /// @dev As {_finish}, where not all who vote on paper did.
    function _finishLate(
        BallotTerms memory terms,
        PaperCount[] memory entries,
        uint32 spoilt,
        string memory order,
        bool decided,
        bool passed,
        bool tied
    ) private {
        uint32 id = _ballot(terms, entries, spoilt);
        vm.warp(COUNTS + 1);
        box.finalise(id, terms);
        assertResult(id, order, decided, passed, tied, order);
    }

    /// @dev In each segment so many vote for A. Where they are two, two others vote for B.
    function _finishIn(BallotTerms memory terms, uint8[3] memory votes, bool decided) private {
        vm.warp(EPOCH);
        uint32 id = open(terms);
        for (uint16 segment = 0; segment < 3; ++segment) {
            for (uint32 i = 0; i < votes[segment]; ++i) castAs(id, segment, i, 0);
            if (votes[segment] == 2) {
                castAs(id, segment, 3, 1);
                castAs(id, segment, 4, 1);
            }
        }
        close(id, terms);
        box.finalise(id, terms);
        Result memory result = box.resultOf(id);
        assertEq(result.order & 0xff, 1, "winner");
        assertTrue(result.decided == decided, "decided");
        assertTrue(result.passed == decided, "passed");
    }

    function _tennessee(Rule rule, string memory order, uint256[] memory tallies) private {
        BallotTerms memory terms = _terms(100);
        (terms.kind, terms.rule, terms.options, terms.limit) = (BallotKind.Ranked, rule, 4, 4);
        PaperCount[] memory entries = new PaperCount[](4);
        entries[0] = PaperCount({payload: ranking("ABCD"), count: 42});
        entries[1] = PaperCount({payload: ranking("BCDA"), count: 26});
        entries[2] = PaperCount({payload: ranking("CDBA"), count: 15});
        entries[3] = PaperCount({payload: ranking("DCBA"), count: 17});
        uint32 id = _ballot(terms, entries);
        vm.expectEmit(address(box));
        emit IBallotBox.ResultFinal(id, _result(terms, order, true, false, false), tallies);
        box.finalise(id, terms);
    }

    function _result(
        BallotTerms memory terms,
        string memory order,
        bool decided,
        bool passed,
        bool tied
    ) private view returns (Result memory result) {
        return
            Result({
                order: ranking(order),
                passed: passed,
                decided: decided,
                tied: tied,
                finalAt: uint40(block.timestamp),
                objectionUntil: uint40(block.timestamp + terms.objectionPeriod)
            });
    }

    /// @dev Two commit, to C and to A. What the first can reveal.
    function _commit(BallotTerms memory terms) private returns (uint32 id, Reveal[] memory reveals) {
        id = open(terms);
        reveals = new Reveal[](1);
        reveals[0] = Reveal({index: 0, payload: 2, salt: REASON});
        Signature memory none;
        for (uint32 i = 0; i < 2; ++i) {
            Vote memory vote = voteOf(id, 0, i, 1, uint256(box.commitmentOf(id, 0, i, i == 0 ? 2 : 0, REASON)), 0);
            bytes32[] memory path = pathOf(NAMED, 0, i);
            address voter = accountOf(people[NAMED][0][i]);
            vm.prank(voter);
            box.commit(vote, voter, none, path);
        }
    }
}
