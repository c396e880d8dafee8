// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    AnonymousVote,
    BallotKind,
    BallotState,
    BallotTerms,
    IBallotBox,
    PollView,
    Rule,
    VoteFault
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {MaskedTown} from "./SecretFixture.sol";

/// @notice Votes of anonymous people: what is written down of them, and what is refused. Proofs are hashes here; see
/// {BallotProvenTest} for real ones.
///
/// voteAnonymously
/// ├── the ballot is not known, or the segment does not vote → UnknownSegment
/// ├── before the first second, from the last on → NotOpen
/// ├── another segment is not frozen → WrongState
/// ├── of a named roll, or sealed → WrongWay
/// ├── nullifier not of the field → NullifierOutOfField
/// ├── proof of something else → BadProof
/// ├── payload that there is not → BadPayload
/// ├── sequence zero, not above the latest, any second one in a ballot that takes one, in another segment → StaleSequence
/// ├── replaces, and previous is not what stands → WrongPrevious
/// └── counts; a replacement takes out what it replaces
///
/// voteAnonymouslyMany
/// ├── none, or more than 100 → BadList
/// ├── as above for ballot and segment
/// ├── each fault leaves its own item out
/// ├── one voter several times
/// ├── nothing is accepted: nothing changes
/// └── does what singles do
contract BallotAnonymousTest is MaskedTown {
    uint32 private constant MANY = 200;

    function setUp() external {
        buildTown();
        rolls.setSegment(ANONYMOUS, 0, anonymousRootOf(0), MANY);
    }

    // --- voteAnonymously

    function test_Votes() external {
        BallotTerms memory terms = openTerms();
        uint32 id = open(terms);
        AnonymousVote memory vote = maskedVote(id, 0, 1, 1, 3, 0);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRecorded(id, vote.nullifier, uint256(1) << 224, 3);
        vm.prank(stranger);
        box.voteAnonymously(id, 0, vote);
        _assertTallies(id, terms, 0, list(0, 0, 0, 1), "one vote");
        PollView memory poll = box.pollOf(id, 0);
        assertEq(poll.cast, 1, "cast");
        assertEq(poll.root, anonymousRootOf(0), "root");
        assertEq(poll.chain, linked(0, vote.nullifier, 1, 3), "chain");
        _assertReceipt(id, vote.nullifier, 1, 3);
    }

    /// @dev Options in the head, and those in words of their own.
    function test_EachOptionHasItsOwnLane() external {
        BallotTerms memory terms = openTerms();
        terms.options = 32;
        uint32 id = open(terms);
        uint256[] memory expected = new uint256[](32);
        for (uint256 option = 0; option < 32; ++option) {
            for (uint256 i = 0; i <= option % 3; ++i) castMasked(id, option * 3 + i, 1, option, 0);
            expected[option] = 1 + (option % 3);
        }
        _assertTallies(id, terms, 0, expected, "first");
        for (uint256 option = 0; option < 32; ++option) castMasked(id, option * 3, 2, 31 - option, option);
        for (uint256 option = 0; option < 32; ++option) {
            assertEq(box.talliesOf(id, terms, 0)[option], expected[option], "each lost one and won one");
        }
        assertEq(box.pollOf(id, 0).cast, 63, "cast");
    }

    function test_ReplacesAVote() external {
        BallotTerms memory terms = openTerms();
        uint32 id = open(terms);
        castMasked(id, 1, 1, 3, 0);
        castMasked(id, 2, 1, 3, 0);
        // Numbers may be left out.
        AnonymousVote memory vote = maskedVote(id, 0, 1, 7, 0, 3);
        uint160 chain = linked(box.pollOf(id, 0).chain, vote.nullifier, 7, 0);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRecorded(id, vote.nullifier, uint256(7) << 224, 0);
        box.voteAnonymously(id, 0, vote);
        _assertTallies(id, terms, 0, list(1, 0, 0, 1), "one was taken out");
        assertEq(box.pollOf(id, 0).cast, 2, "cast");
        assertEq(box.pollOf(id, 0).chain, chain, "chain");
        _assertReceipt(id, vote.nullifier, 7, 0);
        castMasked(id, 1, type(uint32).max, 0, 0);
        _assertTallies(id, terms, 0, list(1, 0, 0, 1), "the same again");
        _assertReceipt(id, vote.nullifier, type(uint32).max, 0);
    }

    /// @dev Every kind: what is put in and replaced leaves what the last papers alone would.
    function test_ReplacesPapersOfEveryKind() external {
        _assertReplaces(_kindTerms(BallotKind.Approval, Rule.MostFirst, 12, 12), list(0x801, 0xfff, 0x002), 0x0f0);
        _assertReplaces(_kindTerms(BallotKind.Score, Rule.MostFirst, 6, 9), list(0x090807060504, 1, 9 << 40), 0x0902);
        _assertReplaces(
            _kindTerms(BallotKind.Quadratic, Rule.MostFirst, 5, 50),
            list(0x0305, 0, 5 << 32),
            0x0101010101
        );
        _assertReplaces(
            _kindTerms(BallotKind.Points, Rule.MostFirst, 5, 1_000),
            list(1_000, 1 << 64, 0),
            (500 << 48) | 500
        );
        _assertReplaces(
            _kindTerms(BallotKind.Ranked, Rule.Schulze, 4, 4),
            list(ranking("ABCD"), 0, ranking("C=D")),
            ranking("BA=C")
        );
    }

    function _kindTerms(
        BallotKind kind,
        Rule rule,
        uint8 options,
        uint32 limit
    ) private pure returns (BallotTerms memory terms) {
        terms = openTerms();
        (terms.kind, terms.rule, terms.options, terms.limit) = (kind, rule, options, limit);
    }

    function _assertReplaces(BallotTerms memory terms, uint256[] memory papers, uint256 last) private {
        uint256 snapshot = vm.snapshotState();
        uint32 id = open(terms);
        for (uint256 person = 0; person < 3; ++person) castMasked(id, person, 1, last, 0);
        uint256[] memory expected = box.talliesOf(id, terms, 0);
        vm.revertToState(snapshot);
        id = open(terms);
        for (uint256 person = 0; person < 3; ++person) castMasked(id, person, 1, papers[person], 0);
        for (uint256 person = 0; person < 3; ++person) castMasked(id, person, 2, last, papers[person]);
        _assertTallies(id, terms, 0, expected, "papers that stand");
        assertEq(box.pollOf(id, 0).cast, 3, "cast");
        vm.revertToState(snapshot);
    }

    function test_HistogramIsReplaced() external {
        BallotTerms memory terms = _kindTerms(BallotKind.Ranked, Rule.InstantRunoff, 4, 4);
        uint32 id = open(terms);
        castMasked(id, 1, 1, ranking("AB"), 0);
        castMasked(id, 2, 1, ranking("AB"), 0);
        castMasked(id, 1, 2, ranking("D"), ranking("AB"));
        assertEq(box.rankingCountOf(id, ranking("AB")), 1, "taken out");
        assertEq(box.rankingCountOf(id, ranking("D")), 1, "put in");
    }

    function test_RevertWhen_SegmentUnknown() external {
        BallotTerms memory terms = openTerms();
        uint32 id = open(terms);
        AnonymousVote memory vote = maskedVote(id, 1, 1, 1, 0, 0);
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id, 1);
        box.voteAnonymously(id, 1, vote);
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id + 1, 0);
        box.voteAnonymously(id + 1, 0, vote);
    }

    function test_RevertWhen_NotOpen() external {
        BallotTerms memory terms = openTerms();
        uint32 id = freeze(terms);
        AnonymousVote memory vote = maskedVote(id, 0, 1, 1, 0, 0);
        uint256[2] memory times = [uint256(OPENS) - 1, CLOSES];
        for (uint256 i = 0; i < 2; ++i) {
            vm.warp(times[i]);
            expectError(IBallotBox.BallotBoxNotOpen.selector, OPENS, CLOSES, times[i]);
            box.voteAnonymously(id, 0, vote);
        }
        vm.warp(CLOSES - 1);
        box.voteAnonymously(id, 0, vote);
        assertEq(box.pollOf(id, 0).cast, 1, "in the last second");
    }

    function test_RevertWhen_AnotherSegmentIsNotFrozen() external {
        BallotTerms memory terms = openTerms();
        terms.segments = segmentsTo(2);
        uint32 id = publish(terms);
        vm.warp(OPENS);
        box.freeze(id, terms, 1);
        AnonymousVote memory vote = maskedVote(id, 0, 1, 1, 0, 0);
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Published));
        box.voteAnonymously(id, 0, vote);
        box.freeze(id, terms, 1);
        box.voteAnonymously(id, 0, vote);
        assertEq(box.pollOf(id, 0).cast, 1, "cast");
    }

    function test_RevertWhen_VotesComeInAnotherWay() external {
        BallotTerms[4] memory all = [plainTerms(), plainTerms(), closedTerms(), committedTerms()];
        all[1].revotes = true;
        for (uint256 i = 0; i < all.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            uint32 id = open(all[i]);
            AnonymousVote memory vote = maskedVote(id, 0, 1, 1, 0, 0);
            expectError(IBallotBox.BallotBoxWrongWay.selector, id);
            box.voteAnonymously(id, 0, vote);
            AnonymousVote[] memory votes = new AnonymousVote[](1);
            votes[0] = vote;
            expectError(IBallotBox.BallotBoxWrongWay.selector, id);
            box.voteAnonymouslyMany(id, 0, votes);
            vm.revertToState(snapshot);
        }
    }

    function test_RevertWhen_NullifierIsOutOfField() external {
        uint32 id = open(openTerms());
        AnonymousVote memory vote = maskedVote(id, 0, 1, 1, 0, 0);
        uint256[3] memory nullifiers = [FIELD, vote.nullifier + FIELD, type(uint256).max];
        for (uint256 i = 0; i < 3; ++i) {
            vote.nullifier = nullifiers[i];
            vote.proof = proofFor(id, 0, vote.nullifier, 1, paperOf(0));
            expectError(IBallotBox.BallotBoxNullifierOutOfField.selector, nullifiers[i]);
            box.voteAnonymously(id, 0, vote);
        }
        vote.nullifier = FIELD - 1;
        vote.proof = proofFor(id, 0, vote.nullifier, 1, paperOf(0));
        box.voteAnonymously(id, 0, vote);
        _assertReceipt(id, FIELD - 1, 1, 0);
    }

    /// @dev Everything that the proof is about, changed one by one.
    function test_RevertWhen_ProofIsOfSomethingElse() external {
        BallotTerms memory terms = openTerms();
        terms.segments = segmentsTo(2);
        uint32 id = open(terms);
        AnonymousVote memory vote = maskedVote(id, 0, 1, 1, 2, 0);
        vote.payload = 1;
        _assertBadProof(id, 0, vote);
        vote.payload = 2;
        vote.sequence = 2;
        _assertBadProof(id, 0, vote);
        vote.sequence = 1;
        ++vote.nullifier;
        _assertBadProof(id, 0, vote);
        --vote.nullifier;
        _assertBadProof(id, 1, vote);
        vote.proof[0] ^= 1;
        _assertBadProof(id, 0, vote);
        vote.proof[0] ^= 1;
        // What stands before is not part of it; without an earlier vote nobody looks.
        vote.previous = 17;
        box.voteAnonymously(id, 0, vote);
        _assertReceipt(id, vote.nullifier, 1, 2);
    }

    function _assertBadProof(uint32 id, uint16 segment, AnonymousVote memory vote) private {
        expectError(IBallotBox.BallotBoxBadProof.selector, vote.nullifier);
        box.voteAnonymously(id, segment, vote);
    }

    function test_RevertWhen_PayloadIsNone() external {
        uint32 id = open(openTerms());
        uint256[3] memory payloads = [4, uint256(1) << 32, type(uint256).max];
        for (uint256 i = 0; i < 3; ++i) {
            AnonymousVote memory vote = maskedVote(id, 0, 1, 1, payloads[i], 0);
            expectError(IBallotBox.BallotBoxBadPayload.selector, payloads[i]);
            box.voteAnonymously(id, 0, vote);
        }
    }

    function test_RevertWhen_SequenceIsStale() external {
        BallotTerms memory terms = openTerms();
        uint32 id = open(terms);
        AnonymousVote memory vote = maskedVote(id, 0, 1, 0, 1, 0);
        _assertStale(id, 0, vote, 0);
        castMasked(id, 1, 5, 1, 0);
        uint32[4] memory sequences = [0, 1, 4, uint32(5)];
        for (uint256 i = 0; i < 4; ++i) {
            vote = maskedVote(id, 0, 1, sequences[i], 2, 1);
            _assertStale(id, 0, vote, 5);
        }
        _assertTallies(id, terms, 0, list(0, 1, 0, 0), "unchanged");
    }

    function test_RevertWhen_BallotTakesOneVote() external {
        BallotTerms memory terms = openTerms();
        terms.revotes = false;
        uint32 id = open(terms);
        castMasked(id, 1, 1, 1, 0);
        AnonymousVote memory vote = maskedVote(id, 0, 1, 2, 2, 1);
        _assertStale(id, 0, vote, 1);
        _assertTallies(id, terms, 0, list(0, 1, 0, 0), "unchanged");
    }

    /// @dev Attack: two people have one commitment in two segments. Each vote is good by its proof, but if one replaced that of
    /// the other segment, it would be taken out where it never was put in: a stranger's vote.
    function test_RevertWhen_VotedInAnotherSegment() external {
        BallotTerms memory terms = openTerms();
        terms.segments = segmentsTo(2);
        uint32 id = open(terms);
        castMasked(id, 1, 1, 3, 0);
        box.voteAnonymously(id, 1, maskedVote(id, 1, 2, 1, 3, 0));
        AnonymousVote memory vote = maskedVote(id, 1, 1, 2, 0, 3);
        _assertStale(id, 1, vote, 1);
        AnonymousVote[] memory votes = new AnonymousVote[](1);
        votes[0] = vote;
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRejected(id, vote.nullifier, 2, VoteFault.StaleSequence);
        assertEq(box.voteAnonymouslyMany(id, 1, votes), 0, "batch");
        _assertTallies(id, terms, 0, list(0, 0, 0, 1), "first segment");
        _assertTallies(id, terms, 1, list(0, 0, 0, 1), "second segment");
        castMasked(id, 1, 2, 0, 3);
        _assertTallies(id, terms, 0, list(1, 0, 0, 0), "replaced where it is");
    }

    function _assertStale(uint32 id, uint16 segment, AnonymousVote memory vote, uint32 latest) private {
        expectError(IBallotBox.BallotBoxStaleSequence.selector, vote.nullifier, vote.sequence, latest);
        box.voteAnonymously(id, segment, vote);
    }

    function test_RevertWhen_PreviousIsNotWhatStands() external {
        BallotTerms memory terms = openTerms();
        uint32 id = open(terms);
        castMasked(id, 1, 1, 1, 0);
        castMasked(id, 1, 2, 2, 1);
        castMasked(id, 2, 1, 1, 0);
        uint256[3] memory wrong = [0, 1, type(uint256).max];
        for (uint256 i = 0; i < 3; ++i) {
            AnonymousVote memory vote = maskedVote(id, 0, 1, 3, 3, wrong[i]);
            expectError(IBallotBox.BallotBoxWrongPrevious.selector, vote.nullifier, wrong[i]);
            box.voteAnonymously(id, 0, vote);
        }
        _assertTallies(id, terms, 0, list(0, 1, 1, 0), "unchanged");
        castMasked(id, 1, 3, 3, 2);
        _assertTallies(id, terms, 0, list(0, 1, 0, 1), "with what stands");
    }

    /// @dev Ballots have nullifiers of their own.
    function test_BallotsDoNotKnowOfEachOther() external {
        BallotTerms memory terms = openTerms();
        uint32 id = publish(terms);
        uint32 other = publish(terms);
        vm.warp(OPENS);
        box.freeze(id, terms, 1);
        box.freeze(other, terms, 1);
        castMasked(id, 1, 1, 1, 0);
        AnonymousVote memory vote = maskedVote(id, 0, 1, 2, 2, 1);
        expectError(IBallotBox.BallotBoxBadProof.selector, vote.nullifier);
        box.voteAnonymously(other, 0, vote);
        castMasked(other, 1, 1, 2, 0);
        _assertTallies(id, terms, 0, list(0, 1, 0, 0), "one");
        _assertTallies(other, terms, 0, list(0, 0, 1, 0), "other");
    }

    /// @dev Proofs are checked with the root that was written down, also when the roll changes.
    function test_CensusIsThatOfTheFreeze() external {
        BallotTerms memory terms = openTerms();
        uint32 id = open(terms);
        rolls.setSegment(ANONYMOUS, 0, anonymousRootOf(2), MANY + 1);
        castMasked(id, 1, 1, 1, 0);
        AnonymousVote memory vote = maskedVote(id, 0, 2, 1, 1, 0);
        vote.proof = proofFor(id, 2, vote.nullifier, 1, paperOf(1));
        expectError(IBallotBox.BallotBoxBadProof.selector, vote.nullifier);
        box.voteAnonymously(id, 0, vote);
    }

    // --- voteAnonymouslyMany

    function test_ManyVote() external {
        BallotTerms memory terms = openTerms();
        uint32 id = open(terms);
        AnonymousVote[] memory votes = new AnonymousVote[](100);
        uint160 chain = 0;
        for (uint256 i = 0; i < 100; ++i) {
            votes[i] = maskedVote(id, 0, i, 1, i % 4, 0);
            chain = linked(chain, votes[i].nullifier, 1, i % 4);
        }
        vm.recordLogs();
        vm.prank(stranger);
        assertEq(box.voteAnonymouslyMany(id, 0, votes), 100, "accepted");
        assertEq(vm.getRecordedLogs().length, 100, "events");
        _assertTallies(id, terms, 0, list(25, 25, 25, 25), "tallies");
        assertEq(box.pollOf(id, 0).chain, chain, "chain");
        assertEq(box.pollOf(id, 0).cast, 100, "cast");
    }

    function test_RevertWhen_ManyAreNoneOrTooMany() external {
        uint32 id = open(openTerms());
        expectError(IBallotBox.BallotBoxBadList.selector, 0, 100);
        box.voteAnonymouslyMany(id, 0, new AnonymousVote[](0));
        expectError(IBallotBox.BallotBoxBadList.selector, 101, 100);
        box.voteAnonymouslyMany(id, 0, new AnonymousVote[](101));
    }

    function test_RevertWhen_ManyAreForNoOpenSegment() external {
        BallotTerms memory terms = openTerms();
        uint32 id = freeze(terms);
        AnonymousVote[] memory votes = new AnonymousVote[](1);
        votes[0] = maskedVote(id, 0, 1, 1, 0, 0);
        expectError(IBallotBox.BallotBoxNotOpen.selector, OPENS, CLOSES, block.timestamp);
        box.voteAnonymouslyMany(id, 0, votes);
        vm.warp(OPENS);
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id, 2);
        box.voteAnonymouslyMany(id, 2, votes);
    }

    /// @dev Each fault in each place of a batch: the others are cast, and it is told what is wrong.
    function test_EachFaultLeavesItsOwnVoteOut() external {
        BallotTerms memory terms = openTerms();
        uint32 id = open(terms);
        castMasked(id, 50, 4, 1, 0);
        VoteFault[6] memory faults = [
            VoteFault.BadPayload,
            VoteFault.StaleSequence,
            VoteFault.WrongPrevious,
            VoteFault.NullifierOutOfField,
            VoteFault.BadProof,
            VoteFault.StaleSequence
        ];
        for (uint256 place = 0; place < 3; ++place) {
            for (uint256 i = 0; i < faults.length; ++i) {
                uint256 snapshot = vm.snapshotState();
                AnonymousVote[] memory votes = new AnonymousVote[](3);
                for (uint256 k = 0; k < 3; ++k) votes[k] = maskedVote(id, 0, k, 1, k, 0);
                votes[place] = _wrongVote(id, i);
                vm.expectEmit(address(box));
                emit IBallotBox.VoteRejected(id, votes[place].nullifier, votes[place].sequence, faults[i]);
                assertEq(box.voteAnonymouslyMany(id, 0, votes), 2, "accepted");
                uint256[] memory expected = list(1, 1, 1, 0);
                ++expected[1]; // that of person 50
                --expected[place];
                _assertTallies(id, terms, 0, expected, "others are in");
                vm.revertToState(snapshot);
            }
        }
    }

    function _wrongVote(uint32 id, uint256 kind) private view returns (AnonymousVote memory vote) {
        if (kind == 0) return maskedVote(id, 0, 60, 1, 4, 0);
        if (kind == 1) return maskedVote(id, 0, 50, 4, 0, 1);
        if (kind == 2) return maskedVote(id, 0, 50, 5, 0, 2);
        vote = maskedVote(id, 0, 60, kind == 5 ? 0 : 1, 0, 0);
        if (kind == 3) vote.nullifier += FIELD;
        if (kind == 4) vote.payload = 1;
    }

    function test_NothingAcceptedChangesNothing() external {
        BallotTerms memory terms = openTerms();
        uint32 id = open(terms);
        castMasked(id, 50, 4, 1, 0);
        bytes32 before = keccak256(abi.encode(box.pollOf(id, 0), box.talliesOf(id, terms, 0)));
        AnonymousVote[] memory votes = new AnonymousVote[](6);
        for (uint256 i = 0; i < 6; ++i) votes[i] = _wrongVote(id, i);
        assertEq(box.voteAnonymouslyMany(id, 0, votes), 0, "accepted");
        assertEq(keccak256(abi.encode(box.pollOf(id, 0), box.talliesOf(id, terms, 0))), before, "unchanged");
    }

    /// @dev One voter in three places: first, again, and the first once more.
    function test_ManyWithOneVoterAgainAndAgain() external {
        BallotTerms memory terms = openTerms();
        uint32 id = open(terms);
        AnonymousVote[] memory votes = new AnonymousVote[](4);
        votes[0] = maskedVote(id, 0, 1, 1, 3, 0);
        votes[1] = maskedVote(id, 0, 1, 2, 2, 3);
        votes[2] = votes[0];
        votes[3] = maskedVote(id, 0, 1, 3, 0, 3);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRejected(id, votes[0].nullifier, 1, VoteFault.StaleSequence);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRejected(id, votes[0].nullifier, 3, VoteFault.WrongPrevious);
        assertEq(box.voteAnonymouslyMany(id, 0, votes), 2, "accepted");
        _assertTallies(id, terms, 0, list(0, 0, 1, 0), "one vote");
        _assertReceipt(id, votes[0].nullifier, 2, 2);
    }

    /// @dev A batch does what its votes do one by one, whatever is wrong with them.
    function testFuzz_ManyDoWhatSinglesDo(uint256 seed) external {
        BallotTerms memory terms = openTerms();
        if (seed & 1 == 1) terms = _kindTerms(BallotKind.Approval, Rule.MostFirst, 9, 3);
        terms.revotes = seed & 2 == 0;
        uint32 id = open(terms);
        AnonymousVote[] memory votes = new AnonymousVote[](1 + ((seed >> 2) % 12));
        for (uint256 i = 0; i < votes.length; ++i) votes[i] = _anyVote(id, uint256(keccak256(abi.encode(seed, i))));
        uint256 snapshot = vm.snapshotState();
        uint256 accepted = 0;
        for (uint256 i = 0; i < votes.length; ++i) {
            try box.voteAnonymously(id, 0, votes[i]) {
                ++accepted;
            } catch {}
        }
        bytes32 expected = _stateOf(id, terms, votes);
        vm.revertToState(snapshot);
        assertEq(box.voteAnonymouslyMany(id, 0, votes), accepted, "accepted");
        assertEq(_stateOf(id, terms, votes), expected, "state");
    }

    function _anyVote(uint32 id, uint256 draw) private view returns (AnonymousVote memory vote) {
        uint256 person = draw % 3;
        vote = maskedVote(id, 0, person, uint32((draw >> 8) % 5), (draw >> 16) % 5, (draw >> 24) % 5);
        if ((draw >> 32) % 8 == 0) vote.nullifier += FIELD;
        if ((draw >> 40) % 8 == 0) vote.proof[0] ^= 1;
    }

    function _stateOf(
        uint32 id,
        BallotTerms memory terms,
        AnonymousVote[] memory votes
    ) private view returns (bytes32 state) {
        state = keccak256(abi.encode(box.pollOf(id, 0), box.talliesOf(id, terms, 0)));
        for (uint256 i = 0; i < votes.length; ++i) {
            (uint32 sequence, uint32 entry, uint176 hash) = box.receiptOf(id, votes[i].nullifier);
            state = keccak256(abi.encode(state, sequence, entry, hash));
        }
    }

    // --- call data

    /// @dev What is cut off is not taken for zeros, and what comes after it is not looked at.
    function test_CallDataIsNeitherShortNorLong() external {
        BallotTerms memory terms = openTerms();
        uint32 id = open(terms);
        AnonymousVote[] memory votes = new AnonymousVote[](2);
        (votes[0], votes[1]) = (maskedVote(id, 0, 1, 1, 1, 0), maskedVote(id, 0, 2, 1, 1, 0));
        bytes[2] memory calls = [
            abi.encodeCall(box.voteAnonymously, (id, 0, votes[0])),
            abi.encodeCall(box.voteAnonymouslyMany, (id, 0, votes))
        ];
        for (uint256 i = 0; i < 2; ++i) {
            for (uint256 cut = 1; cut <= 64; cut += 21) {
                bytes memory short = calls[i];
                uint256 length = short.length;
                assembly ("memory-safe") {
                    mstore(short, sub(length, cut))
                }
                (bool done, bytes memory result) = address(box).call(short);
                assertFalse(done, "short");
                assertEq(result.length, 0, "not even read");
                assembly ("memory-safe") {
                    mstore(short, length)
                }
            }
            (bool good, ) = address(box).call(bytes.concat(calls[i], hex"00ff", abi.encode(type(uint256).max)));
            assertTrue(good, "long");
        }
        _assertTallies(id, terms, 0, list(0, 2, 0, 0), "each once");
    }

    // --- internals

    function _assertTallies(
        uint32 id,
        BallotTerms memory terms,
        uint16 segment,
        uint256[] memory expected,
        string memory reason
    ) private view {
        assertEq(box.talliesOf(id, terms, segment), expected, reason);
    }

    function _assertReceipt(uint32 id, uint256 nullifier, uint32 sequence, uint256 payload) private view {
        (uint32 latest, uint32 entry, uint176 hash) = box.receiptOf(id, nullifier);
        assertEq(latest, sequence, "sequence");
        assertEq(entry, 0, "entry");
        assertEq(hash, uint256(paperOf(payload)) >> 80, "hash");
    }
}
