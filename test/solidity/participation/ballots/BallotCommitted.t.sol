// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {ContractAccount} from "../../../../contracts/mocks/ContractAccount.sol";
import {
    BallotKind,
    BallotState,
    BallotTerms,
    BallotView,
    IBallotBox,
    PollView,
    Result,
    Reveal,
    Rule,
    SignedVote,
    Vote
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {MaskedTown} from "./SecretFixture.sol";

/// @notice Votes of councils: a salted hash first, and the paper after the close.
///
/// commit
/// ├── the segment does not vote → UnknownSegment; not open → NotOpen; another one not frozen → WrongState
/// ├── ballot is not committed → WrongWay
/// ├── after the deadline → Expired; not on the roll → NotInCensus; not signed by the voter → SignedInvalidSignature
/// ├── sequence zero, not above the latest, second one in a ballot that takes one → StaleSequence
/// └── is put in, by the voter or by who has its signature
///
/// reveal
/// ├── not closed → WrongState; after the end of the count → TooLate; none, or more than 250 → BadList
/// ├── ballot is not committed → WrongWay
/// ├── nothing committed to, other payload, salt, place, or revealed before → WrongReveal
/// └── counts; a paper that says nothing is spoilt
contract BallotCommittedTest is MaskedTown {
    bytes32 private constant SALT = keccak256("salt");

    bytes private encoded;
    uint32 private id;

    function setUp() external {
        buildTown();
    }

    // --- commit

    function test_Commits() external {
        _open(_councilTerms());
        bytes32 commitment = box.commitmentOf(id, 0, 2, 1, SALT);
        bytes32 expected = keccak256(
            abi.encode("BALLOT_COMMITMENT_V1", block.chainid, address(box), uint256(id), voterOf(0, 2), 1, SALT)
        );
        assertEq(commitment, expected, "commitment");
        vm.expectEmit(address(box));
        emit IBallotBox.VoteCommitted(id, voterOf(0, 2), 1, commitment);
        _commit(2, 1, 1);
        PollView memory poll = box.pollOf(id, 0);
        assertEq(poll.cast, 1, "cast");
        assertEq(poll.opened, 0, "opened");
        assertEq(poll.sealedVotes, 0, "entries");
        assertEq(poll.chain, linked(0, voterOf(0, 2), 1, uint256(paperOf(uint256(commitment)))), "chain");
        (uint32 sequence, uint32 entry, uint176 hash) = box.receiptOf(id, voterOf(0, 2));
        assertEq(sequence, 1, "sequence");
        assertEq(entry, 0, "not revealed");
        assertEq(hash, uint256(paperOf(uint256(commitment))) >> 80, "hash");
        assertTrue(box.hasVoted(id, 0, 2), "voted");
        assertFalse(box.hasVoted(id, 0, 1), "others did not");
    }

    function test_CommitsAgain() external {
        _open(_councilTerms());
        _commit(2, 1, 1);
        _commit(1, 1, 0);
        uint160 chain = box.pollOf(id, 0).chain;
        vm.expectEmit(address(box));
        emit IBallotBox.VoteCommitted(id, voterOf(0, 2), 4, box.commitmentOf(id, 0, 2, 0, SALT));
        _commit(2, 4, 0);
        assertEq(box.pollOf(id, 0).cast, 2, "cast");
        bytes32 paper = paperOf(uint256(box.commitmentOf(id, 0, 2, 0, SALT)));
        assertEq(box.pollOf(id, 0).chain, linked(chain, voterOf(0, 2), 4, uint256(paper)), "chain");
        vm.warp(CLOSES);
        _assertWrongReveal(2, 1, SALT);
        _reveal(2, 0);
        _assertTallies(list(1, 0, 0), "the latest");
    }

    function test_AnybodyBringsASignedCommitment() external {
        _open(_councilTerms());
        Vote memory vote = _voteOf(2, 1, 1);
        Signature memory signature = signTyped(keyOf(102), domain(), hashOfCommitment(vote));
        bytes32[] memory path = pathOf(NAMED, 0, 2);
        vm.prank(relayer);
        box.commit(vote, accountOf(102), signature, path);
        assertEq(box.pollOf(id, 0).cast, 1, "cast");
        // And not again.
        expectError(IBallotBox.BallotBoxStaleSequence.selector, voterOf(0, 2), 1, 1);
        box.commit(vote, accountOf(102), signature, path);
    }

    function test_RevertWhen_SignatureIsNotTheVoters() external {
        _open(_councilTerms());
        Vote memory vote = _voteOf(2, 1, 1);
        bytes32[] memory path = pathOf(NAMED, 0, 2);
        Signature memory signature = signTyped(keyOf(101), domain(), hashOfCommitment(vote));
        _expectInvalidSignature(vote);
        box.commit(vote, accountOf(102), signature, path);
        // A vote is no commitment.
        signature = signTyped(keyOf(102), domain(), hashOf(vote));
        _expectInvalidSignature(vote);
        box.commit(vote, accountOf(102), signature, path);
        signature = signTyped(keyOf(102), domain(), hashOfCommitment(vote));
        vote.payload ^= 1;
        _expectInvalidSignature(vote);
        box.commit(vote, accountOf(102), signature, path);
    }

    function _expectInvalidSignature(Vote memory vote) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ISigned.SignedInvalidSignature.selector,
                accountOf(102),
                digestOf(hashOfCommitment(vote))
            )
        );
    }

    function test_RevertWhen_CommittedLateOrFromOutside() external {
        _open(_councilTerms());
        Signature memory none;
        Vote memory vote = _voteOf(2, 1, 1);
        vote.deadline = uint40(block.timestamp) - 1;
        bytes32[] memory path = pathOf(NAMED, 0, 2);
        expectError(IBallotBox.BallotBoxExpired.selector, block.timestamp - 1, block.timestamp);
        vm.prank(accountOf(102));
        box.commit(vote, accountOf(102), none, path);
        vote.deadline += 1;
        vm.expectRevert(abi.encodeWithSelector(IBallotBox.BallotBoxNotInCensus.selector, 0, 2, accountOf(101)));
        vm.prank(accountOf(101));
        box.commit(vote, accountOf(101), none, path);
        vote.index = 1;
        vm.expectRevert(abi.encodeWithSelector(IBallotBox.BallotBoxNotInCensus.selector, 0, 1, accountOf(102)));
        vm.prank(accountOf(102));
        box.commit(vote, accountOf(102), none, path);
        vote.index = 2;
        vm.prank(accountOf(102));
        box.commit(vote, accountOf(102), none, path);
        assertEq(box.pollOf(id, 0).cast, 1, "at the last second");
    }

    function test_RevertWhen_SegmentTakesNoCommitments() external {
        BallotTerms memory terms = _councilTerms();
        terms.segments = segmentsTo(2);
        encoded = abi.encode(terms);
        id = publish(terms);
        vm.warp(OPENS);
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id, 0);
        _commit(2, 1, 1);
        box.freeze(id, terms, 1);
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Published));
        _commit(2, 1, 1);
        box.freeze(id, terms, 1);
        vm.warp(OPENS - 1);
        expectError(IBallotBox.BallotBoxNotOpen.selector, OPENS, CLOSES, OPENS - 1);
        _commit(2, 1, 1);
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxNotOpen.selector, OPENS, CLOSES, CLOSES);
        _commit(2, 1, 1);
        vm.warp(OPENS);
        _commit(2, 1, 1);
        assertEq(box.pollOf(id, 0).cast, 1, "cast");
    }

    function test_RevertWhen_BallotIsNotCommitted() external {
        BallotTerms[4] memory all = [plainTerms(), plainTerms(), openTerms(), closedTerms()];
        all[1].revotes = true;
        for (uint256 i = 0; i < all.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            _open(all[i]);
            expectError(IBallotBox.BallotBoxWrongWay.selector, id);
            _commit(2, 1, 1);
            vm.revertToState(snapshot);
        }
    }

    /// @dev The other ways to vote as an account are closed.
    function test_RevertWhen_CommittedBallotIsVotedInPublic() external {
        _open(_councilTerms());
        bytes32[] memory path = pathOf(NAMED, 0, 2);
        Signature memory none;
        SignedVote[] memory many = new SignedVote[](1);
        many[0] = signedVote(id, 0, 2, 1, 1, 0);
        Vote memory vote = voteOf(id, 0, 2, 1, 1, 0);
        vm.startPrank(accountOf(102));
        expectError(IBallotBox.BallotBoxWrongWay.selector, id);
        box.vote(id, 0, 2, 1, path);
        expectError(IBallotBox.BallotBoxWrongWay.selector, id);
        box.voteBySig(vote, accountOf(102), none, path);
        expectError(IBallotBox.BallotBoxWrongWay.selector, id);
        box.voteMany(id, 0, many);
        vm.stopPrank();
    }

    function test_RevertWhen_SequenceIsStale() external {
        _open(_councilTerms());
        _assertStale(0, 0);
        _commit(2, 3, 1);
        _assertStale(0, 3);
        _assertStale(2, 3);
        _assertStale(3, 3);
        _commit(2, 4, 1);
    }

    function test_RevertWhen_BallotTakesOneCommitment() external {
        BallotTerms memory terms = _councilTerms();
        terms.revotes = false;
        _open(terms);
        _commit(2, 1, 1);
        _assertStale(2, 1);
    }

    function _assertStale(uint32 sequence, uint32 latest) private {
        expectError(IBallotBox.BallotBoxStaleSequence.selector, voterOf(0, 2), sequence, latest);
        _commit(2, sequence, 0);
    }

    /// @dev Who commits and who does not is seen; a body that does so is small.
    function test_BodyIsSmall() external {
        for (uint32 members = 245; members <= 246; ++members) {
            uint256 snapshot = vm.snapshotState();
            rolls.setSegment(NAMED, 1, 1, members);
            BallotTerms memory terms = _councilTerms();
            terms.segments = segmentsTo(2);
            id = publish(terms);
            vm.warp(FREEZES + 1);
            if (members == 246) {
                vm.expectEmit(address(box));
                emit IBallotBox.BallotVoided(id, 1, members);
            }
            box.freeze(id, terms, 2);
            assertState(id, members == 245 ? BallotState.Frozen : BallotState.Void, "250 at most");
            vm.revertToState(snapshot);
        }
    }

    // --- reveal

    function test_Reveals() external {
        _open(_councilTerms());
        for (uint32 i = 0; i < 3; ++i) _commit(i, 1, i);
        _assertTallies(list(0, 0, 0), "nobody knows");
        vm.warp(CLOSES);
        _assertTallies(list(0, 0, 0), "nobody knows");
        Reveal[] memory reveals = new Reveal[](2);
        reveals[0] = Reveal({index: 2, payload: 2, salt: SALT});
        reveals[1] = Reveal({index: 0, payload: 0, salt: SALT});
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRevealed(id, voterOf(0, 2), 2, SALT, true);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRevealed(id, voterOf(0, 0), 0, SALT, true);
        vm.prank(stranger);
        box.reveal(id, 0, reveals);
        _assertTallies(list(1, 0, 1), "two");
        assertEq(box.pollOf(id, 0).opened, 2, "opened");
        assertEq(box.pollOf(id, 0).cast, 3, "cast");
        (uint32 sequence, uint32 entry, ) = box.receiptOf(id, voterOf(0, 2));
        assertEq(sequence, 1, "sequence");
        assertEq(entry, 1, "revealed");
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 2, 3);
        box.finalise(id, _terms());
        vm.warp(COUNTS);
        _reveal(1, 1);
        box.finalise(id, _terms());
        assertEq(box.ballotOf(id, segmentsOf(0)).spoilt, 0, "none is spoilt");
    }

    function test_RevertWhen_RevealedTooEarlyOrLate() external {
        _open(_councilTerms());
        _commit(2, 1, 1);
        vm.warp(CLOSES - 1);
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Open));
        _reveal(2, 1);
        vm.warp(COUNTS + 1);
        expectError(IBallotBox.BallotBoxTooLate.selector, COUNTS, COUNTS + 1);
        _reveal(2, 1);
        vm.warp(COUNTS);
        _reveal(2, 1);
        _assertTallies(list(0, 1, 0), "in the last second");
        box.finalise(id, _terms());
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Final));
        _reveal(2, 1);
    }

    function test_RevertWhen_RevealsAreNoneOrTooMany() external {
        _open(_councilTerms());
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxBadList.selector, 0, 250);
        box.reveal(id, 0, new Reveal[](0));
        expectError(IBallotBox.BallotBoxBadList.selector, 251, 250);
        box.reveal(id, 0, new Reveal[](251));
    }

    function test_RevertWhen_RevealedOtherwise() external {
        BallotTerms memory terms = _councilTerms();
        terms.segments = segmentsTo(2);
        _open(terms);
        _commit(2, 1, 1);
        // One who copies a commitment cannot reveal it.
        Signature memory none;
        bytes32[] memory path = pathOf(NAMED, 0, 3);
        Vote memory copy = voteOf(id, 0, 3, 1, uint256(box.commitmentOf(id, 0, 2, 1, SALT)), 0);
        vm.prank(accountOf(103));
        box.commit(copy, accountOf(103), none, path);
        vm.warp(CLOSES);
        _assertWrongReveal(2, 0, SALT);
        _assertWrongReveal(2, 1, bytes32(uint256(SALT) ^ 1));
        _assertWrongReveal(3, 1, SALT);
        _assertWrongReveal(1, 1, SALT);
        expectError(IBallotBox.BallotBoxWrongReveal.selector, voterOf(1, 2));
        box.reveal(id, 1, revealOf(2, 1, SALT));
        _reveal(2, 1);
        _assertWrongReveal(2, 1, SALT);
        Reveal[] memory both = new Reveal[](2);
        (both[0], both[1]) = (revealOf(4, 1, SALT)[0], revealOf(2, 1, SALT)[0]);
        expectError(IBallotBox.BallotBoxWrongReveal.selector, voterOf(0, 4));
        box.reveal(id, 0, both);
        _assertTallies(list(0, 1, 0), "once");
        assertEq(box.pollOf(id, 0).opened, 1, "opened");
    }

    /// @dev What was committed to in one ballot, box or chain is nothing in another.
    function test_CommitmentsAreForOneBallot() external {
        BallotTerms memory terms = _councilTerms();
        encoded = abi.encode(terms);
        uint32 other = publish(terms);
        id = publish(terms);
        vm.warp(OPENS);
        box.freeze(id, terms, 1);
        box.freeze(other, terms, 1);
        Signature memory none;
        bytes32[] memory path = pathOf(NAMED, 0, 2);
        Vote memory vote = voteOf(id, 0, 2, 1, uint256(box.commitmentOf(other, 0, 2, 1, SALT)), 0);
        vm.prank(accountOf(102));
        box.commit(vote, accountOf(102), none, path);
        vm.warp(CLOSES);
        _assertWrongReveal(2, 1, SALT);
        expectError(IBallotBox.BallotBoxWrongReveal.selector, voterOf(0, 2));
        box.reveal(other, 0, revealOf(2, 1, SALT));
        vm.chainId(7);
        assertTrue(box.commitmentOf(other, 0, 2, 1, SALT) != bytes32(vote.payload), "of another chain");
    }

    function test_RevertWhen_SignatureIsOfAnotherBallotOrChain() external {
        BallotTerms memory terms = _councilTerms();
        uint32 other = publish(terms);
        _open(terms);
        vm.warp(OPENS);
        box.freeze(other, terms, 1);
        Vote memory vote = _voteOf(2, 1, 1);
        Signature memory signature = signTyped(keyOf(102), domain(), hashOfCommitment(vote));
        bytes32[] memory path = pathOf(NAMED, 0, 2);
        vote.ballotId = other;
        _expectInvalidSignature(vote);
        box.commit(vote, accountOf(102), signature, path);
        vote.ballotId = id;
        vm.chainId(7);
        _expectInvalidSignature(vote);
        box.commit(vote, accountOf(102), signature, path);
        vm.chainId(31_337);
        box.commit(vote, accountOf(102), signature, path);
        assertEq(box.pollOf(id, 0).cast, 1, "for its own");
    }

    function test_PapersThatSayNothingAreSpoilt() external {
        _open(_councilTerms());
        _commit(0, 1, 0);
        _commit(1, 1, 3);
        _commit(2, 1, type(uint256).max);
        vm.warp(CLOSES);
        _reveal(0, 0);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRevealed(id, voterOf(0, 1), 3, SALT, false);
        _reveal(1, 3);
        _reveal(2, type(uint256).max);
        _assertTallies(list(1, 0, 0), "one counts");
        BallotView memory ballot = box.ballotOf(id, segmentsOf(0));
        assertEq(ballot.cast, 3, "cast");
        assertEq(ballot.spoilt, 2, "spoilt");
        _assertWrongReveal(1, 3, SALT);
        box.finalise(id, _terms());
        assertResult(id, "ABC", true, true, false, "of the valid ones");
    }

    /// @dev Who committed and did not reveal took part, and no more. At the end it is spoilt.
    function test_WhoDoesNotRevealTookPart() external {
        for (uint32 silent = 1; silent <= 2; ++silent) {
            uint256 snapshot = vm.snapshotState();
            BallotTerms memory terms = _councilTerms();
            // Three of five, and all of the papers that count.
            (terms.turnoutBp, terms.approvalBp) = (6_000, 10_000);
            _open(terms);
            for (uint32 i = 0; i <= silent; ++i) _commit(i, 1, i == 0 ? 0 : 1);
            vm.warp(CLOSES);
            _reveal(0, 0);
            vm.warp(COUNTS);
            expectError(IBallotBox.BallotBoxNotCounted.selector, id, 1, 1 + silent);
            box.finalise(id, terms);
            assertEq(box.ballotOf(id, segmentsOf(0)).spoilt, 0, "may still come");
            vm.warp(COUNTS + 1);
            box.finalise(id, terms);
            assertResult(id, "ABC", silent == 2, silent == 2, false, "turnout");
            assertEq(box.ballotOf(id, segmentsOf(0)).cast, 1 + silent, "cast");
            assertEq(box.ballotOf(id, segmentsOf(0)).spoilt, silent, "spoilt");
            vm.revertToState(snapshot);
        }
    }

    function test_NobodyReveals() external {
        _open(_councilTerms());
        _commit(0, 1, 0);
        vm.warp(COUNTS + 1);
        box.finalise(id, _terms());
        Result memory result = box.resultOf(id);
        assertFalse(result.decided, "nobody won");
        assertEq(box.ballotOf(id, segmentsOf(0)).spoilt, 1, "spoilt");
    }

    function test_PapersOfOtherKindsCount() external {
        BallotTerms memory terms = _councilTerms();
        (terms.kind, terms.rule, terms.options, terms.limit) = (BallotKind.Ranked, Rule.Borda, 3, 3);
        _open(terms);
        _commit(0, 1, ranking("BA"));
        _commit(1, 1, ranking("AA"));
        _commit(2, 1, 0);
        vm.warp(CLOSES);
        _reveal(0, ranking("BA"));
        _reveal(1, ranking("AA"));
        _reveal(2, 0);
        assertEq(box.talliesOf(id, terms, 0)[3], 1, "B above A");
        assertEq(box.ballotOf(id, segmentsOf(0)).spoilt, 1, "A twice");
        box.finalise(id, terms);
        assertResult(id, "BAC", true, false, false, "result");
    }

    // --- attacks

    /// @dev Attack: the paper of a public ballot that can be any word is a commitment, and is revealed after the close: a second
    /// vote.
    function test_RevertWhen_PublicPaperIsRevealed() external {
        BallotTerms memory terms = plainTerms();
        (terms.kind, terms.options, terms.limit) = (BallotKind.Score, 32, 255);
        (terms.revotes, terms.countsUntil) = (true, COUNTS);
        _open(terms);
        uint256 second = 255;
        recastAs(id, 0, 2, 1, uint256(box.commitmentOf(id, 0, 2, second, SALT)), 0);
        uint256[] memory tallies = box.talliesOf(id, terms, 0);
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxWrongWay.selector, id);
        box.reveal(id, 0, revealOf(2, second, SALT));
        _assertTallies(tallies, "one paper");
        expectError(IBallotBox.BallotBoxWrongWay.selector, id);
        box.reveal(id, 1, revealOf(2, second, SALT));
    }

    /// @dev Also contracts commit.
    function test_ContractAccountsCommit() external {
        ContractAccount wallet = new ContractAccount(accountOf(200));
        seat(NAMED, 0, address(wallet));
        settle(NAMED, 0);
        _open(_councilTerms());
        Vote memory vote = _voteOf(5, 1, 1);
        Signature memory signature = signTyped(keyOf(200), domain(), hashOfCommitment(vote));
        bytes32[] memory path = pathOf(NAMED, 0, 5);
        box.commit(vote, address(wallet), signature, path);
        vm.warp(CLOSES);
        _reveal(5, 1);
        _assertTallies(list(0, 1, 0), "counted");
    }

    // --- internals

    /// @dev Single choice of three options of five people, who may commit again.
    function _councilTerms() private pure returns (BallotTerms memory terms) {
        terms = committedTerms();
        terms.revotes = true;
    }

    function _open(BallotTerms memory terms) private {
        encoded = abi.encode(terms);
        id = open(terms);
    }

    function _terms() private view returns (BallotTerms memory terms) {
        return abi.decode(encoded, (BallotTerms));
    }

    /// @dev A commitment to a payload, with the salt of all tests.
    function _voteOf(uint32 index, uint32 sequence, uint256 payload) private view returns (Vote memory vote) {
        bytes32 commitment = keccak256(
            abi.encode(
                "BALLOT_COMMITMENT_V1",
                block.chainid,
                address(box),
                uint256(id),
                voterOf(0, index),
                payload,
                SALT
            )
        );
        return voteOf(id, 0, index, sequence, uint256(commitment), 0);
    }

    function _commit(uint32 index, uint32 sequence, uint256 payload) private {
        Signature memory none;
        Vote memory vote = _voteOf(index, sequence, payload);
        bytes32[] memory path = pathOf(NAMED, 0, index);
        address account = accountOf(people[NAMED][0][index]);
        vm.prank(account);
        box.commit(vote, account, none, path);
    }

    function _reveal(uint32 index, uint256 payload) private {
        box.reveal(id, 0, revealOf(index, payload, SALT));
    }

    function _assertWrongReveal(uint32 index, uint256 payload, bytes32 salt) private {
        expectError(IBallotBox.BallotBoxWrongReveal.selector, voterOf(0, index));
        box.reveal(id, 0, revealOf(index, payload, salt));
    }

    function _assertTallies(uint256[] memory expected, string memory reason) private view {
        assertEq(box.talliesOf(id, _terms(), 0), expected, reason);
    }
}
