// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    BallotKind,
    BallotState,
    BallotTerms,
    BallotView,
    Envelope,
    IBallotBox,
    PollView,
    Result,
    Rule,
    SealedEntry,
    SealedVote,
    VoteFault
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {Vm} from "../../utils/Vm.sol";
import {MaskedTown} from "./SecretFixture.sol";

/// @notice Sealed papers, with real points: put in, replaced, opened, spoilt. Proofs are hashes here; see {BallotProvenTest} for
/// real ones.
///
/// voteSealed
/// ├── the segment does not vote → UnknownSegment; not open → NotOpen; another one not frozen → WrongState
/// ├── ballot is not sealed → WrongWay
/// ├── nullifier not of the field → NullifierOutOfField; proof of something else → BadProof
/// ├── sequence zero, not above the latest, second one in a ballot that takes one, in another segment → StaleSequence
/// └── is put in; one that replaces marks the entry before
///
/// voteSealedMany
/// ├── none, or more than 100 → BadList
/// ├── each fault leaves its own item out
/// └── does what singles do
///
/// releaseKey
/// ├── not closed → WrongState; other terms → OtherTerms; not sealed → WrongWay
/// ├── another scalar, zero, or a second time → WrongKey
/// ├── after the end of the count → TooLate
/// └── the key is known
///
/// open
/// ├── not closed → WrongState; key not known → WrongKey; none, or more than 1,000 → BadList
/// ├── not the next entry that stands, not as it was put in, of another segment, none left → WrongEntry
/// ├── entries that were replaced are passed over, without others if there are none
/// └── papers that say nothing are spoilt
///
/// abandon
/// ├── not closed → WrongState; other terms → OtherTerms; not sealed, or key known → WrongWay
/// ├── before the end of the count → TooEarly; no paper is sealed → Unchanged
/// └── the ballot is void
contract BallotSealedTest is MaskedTown {
    uint32 private constant MANY = 2_000;

    bytes private encoded;
    uint32 private id;
    /// @dev Votes that stand, in the order of their entries.
    SealedVote[] private standing;

    function setUp() external {
        buildTown();
        rolls.setSegment(ANONYMOUS, 0, anonymousRootOf(0), MANY);
    }

    // --- voteSealed

    function test_PutsAPaperIn() external {
        _open(closedTerms());
        SealedVote memory vote = sealedVote(id, 0, 1, 1, 3);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteSealed(id, vote.nullifier, 0, 1, vote.envelope);
        vm.prank(stranger);
        box.voteSealed(id, 0, vote);
        _assertPoll(1, 1, 0);
        assertEq(box.pollOf(id, 0).chain, linked(0, vote.nullifier, 1, uint256(paperOf(vote.envelope))), "chain");
        _assertReceipt(vote, 0);
        SealedVote memory other = sealedVote(id, 0, 2, 9, 3);
        box.voteSealed(id, 0, other);
        _assertPoll(2, 2, 0);
        _assertReceipt(other, 1);
    }

    function test_ReplacesAPaper() external {
        _open(closedTerms());
        _put(1, 1, 0);
        _put(2, 1, 1);
        SealedVote memory vote = sealedVote(id, 0, 1, 5, 2);
        uint160 chain = linked(box.pollOf(id, 0).chain, vote.nullifier, 5, uint256(paperOf(vote.envelope)));
        vm.expectEmit(address(box));
        emit IBallotBox.VoteSealed(id, vote.nullifier, 0, 5, vote.envelope);
        box.voteSealed(id, 0, vote);
        _assertPoll(2, 3, 0);
        assertEq(box.pollOf(id, 0).chain, chain, "chain");
        _assertReceipt(vote, 2);
    }

    function test_RevertWhen_SegmentTakesNoVotes() external {
        BallotTerms memory terms = closedTerms();
        terms.segments = segmentsTo(2);
        id = publish(terms);
        SealedVote memory vote = sealedVote(id, 0, 1, 1, 0);
        vm.warp(OPENS);
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id, 0);
        box.voteSealed(id, 0, vote);
        box.freeze(id, terms, 1);
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Published));
        box.voteSealed(id, 0, vote);
        box.freeze(id, terms, 1);
        vm.warp(OPENS - 1);
        expectError(IBallotBox.BallotBoxNotOpen.selector, OPENS, CLOSES, OPENS - 1);
        box.voteSealed(id, 0, vote);
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxNotOpen.selector, OPENS, CLOSES, CLOSES);
        box.voteSealedMany(id, 0, _listOf(vote));
        vm.warp(CLOSES - 1);
        box.voteSealed(id, 0, vote);
        _assertPoll(1, 1, 0);
    }

    function test_RevertWhen_BallotIsNotSealed() external {
        BallotTerms[3] memory all = [openTerms(), plainTerms(), committedTerms()];
        for (uint256 i = 0; i < all.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            _open(all[i]);
            SealedVote memory vote = sealedVote(id, 0, 1, 1, 0);
            expectError(IBallotBox.BallotBoxWrongWay.selector, id);
            box.voteSealed(id, 0, vote);
            expectError(IBallotBox.BallotBoxWrongWay.selector, id);
            box.voteSealedMany(id, 0, _listOf(vote));
            vm.revertToState(snapshot);
        }
    }

    function test_RevertWhen_ProofIsWrong() external {
        _open(closedTerms());
        SealedVote memory vote = sealedVote(id, 0, 1, 1, 0);
        vote.nullifier += FIELD;
        expectError(IBallotBox.BallotBoxNullifierOutOfField.selector, vote.nullifier);
        box.voteSealed(id, 0, vote);
        vote.nullifier -= FIELD;
        vote.sequence = 2;
        _assertBadProof(vote);
        vote.sequence = 1;
        vote.envelope.x ^= 1;
        _assertBadProof(vote);
        vote.envelope.x ^= 1;
        vote.envelope.y ^= 1;
        _assertBadProof(vote);
        vote.envelope.y ^= 1;
        vote.envelope.cipher ^= 1;
        _assertBadProof(vote);
        vote.envelope.cipher ^= 1;
        vote.envelope.check ^= 1;
        _assertBadProof(vote);
        vote.envelope.check ^= 1;
        box.voteSealed(id, 0, vote);
        _assertPoll(1, 1, 0);
    }

    function _assertBadProof(SealedVote memory vote) private {
        expectError(IBallotBox.BallotBoxBadProof.selector, vote.nullifier);
        box.voteSealed(id, 0, vote);
    }

    function test_RevertWhen_SequenceIsStale() external {
        _open(closedTerms());
        _assertStale(0, 0, 0);
        _put(1, 5, 0);
        _assertStale(0, 0, 5);
        _assertStale(0, 4, 5);
        _assertStale(0, 5, 5);
        _assertPoll(1, 1, 0);
    }

    function test_RevertWhen_BallotTakesOneVote() external {
        BallotTerms memory terms = closedTerms();
        terms.revotes = false;
        _open(terms);
        _put(1, 1, 0);
        _assertStale(0, 2, 1);
        _assertPoll(1, 1, 0);
    }

    /// @dev Attack: with one commitment in two segments, a voter would mark the entry of a stranger as replaced, and leave its own
    /// first one where nobody could open it: the ballot would never have a result.
    function test_RevertWhen_VotedInAnotherSegment() external {
        BallotTerms memory terms = closedTerms();
        terms.segments = segmentsTo(2);
        _open(terms);
        SealedVote memory stranger_ = sealedVote(id, 1, 2, 1, 3);
        box.voteSealed(id, 1, stranger_);
        SealedVote memory mine = _put(1, 1, 0);
        _assertStale(1, 2, 1);
        SealedVote memory vote = sealedVote(id, 1, 1, 2, 2);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRejected(id, vote.nullifier, 2, VoteFault.StaleSequence);
        assertEq(box.voteSealedMany(id, 1, _listOf(vote)), 0, "batch");
        _release();
        openOne(id, 0, mine);
        openOne(id, 1, stranger_);
        assertEq(box.talliesOf(id, _terms(), 0), list(1, 0, 0, 0), "mine");
        assertEq(box.talliesOf(id, _terms(), 1), list(0, 0, 0, 1), "the stranger's");
        box.finalise(id, _terms());
    }

    function _assertStale(uint16 segment, uint32 sequence, uint32 latest) private {
        SealedVote memory vote = sealedVote(id, segment, 1, sequence, 2);
        expectError(IBallotBox.BallotBoxStaleSequence.selector, vote.nullifier, sequence, latest);
        box.voteSealed(id, segment, vote);
    }

    // --- voteSealedMany

    function test_ManyArePutIn() external {
        _open(closedTerms());
        SealedVote[] memory votes = new SealedVote[](100);
        uint160 chain = 0;
        for (uint256 i = 0; i < 100; ++i) {
            votes[i] = sealedVote(id, 0, i, 1, i % 4);
            chain = linked(chain, votes[i].nullifier, 1, uint256(paperOf(votes[i].envelope)));
        }
        assertEq(box.voteSealedMany(id, 0, votes), 100, "accepted");
        _assertPoll(100, 100, 0);
        assertEq(box.pollOf(id, 0).chain, chain, "chain");
        for (uint256 i = 0; i < 100; ++i) _assertReceipt(votes[i], uint32(i));
    }

    function test_RevertWhen_ManyAreNoneOrTooMany() external {
        _open(closedTerms());
        expectError(IBallotBox.BallotBoxBadList.selector, 0, 100);
        box.voteSealedMany(id, 0, new SealedVote[](0));
        expectError(IBallotBox.BallotBoxBadList.selector, 101, 100);
        box.voteSealedMany(id, 0, new SealedVote[](101));
    }

    function test_EachFaultLeavesItsOwnVoteOut() external {
        _open(closedTerms());
        _put(50, 4, 1);
        VoteFault[4] memory faults = [
            VoteFault.StaleSequence,
            VoteFault.StaleSequence,
            VoteFault.NullifierOutOfField,
            VoteFault.BadProof
        ];
        for (uint256 place = 0; place < 3; ++place) {
            for (uint256 i = 0; i < faults.length; ++i) {
                uint256 snapshot = vm.snapshotState();
                SealedVote[] memory votes = new SealedVote[](3);
                for (uint256 k = 0; k < 3; ++k) votes[k] = sealedVote(id, 0, k, 1, k);
                votes[place] = sealedVote(id, 0, i == 0 ? 50 : 60, i == 1 ? 0 : 4, 0);
                if (i == 2) votes[place].nullifier += FIELD;
                if (i == 3) votes[place].envelope.cipher ^= 1;
                vm.expectEmit(address(box));
                emit IBallotBox.VoteRejected(id, votes[place].nullifier, votes[place].sequence, faults[i]);
                assertEq(box.voteSealedMany(id, 0, votes), 2, "accepted");
                _assertPoll(3, 3, 0);
                _assertReceipt(votes[(place + 1) % 3], place == 0 || place == 2 ? 1 : 2);
                vm.revertToState(snapshot);
            }
        }
    }

    function testFuzz_ManyDoWhatSinglesDo(uint256 seed) external {
        BallotTerms memory terms = closedTerms();
        terms.revotes = seed & 1 == 0;
        _open(terms);
        SealedVote[] memory votes = new SealedVote[](1 + ((seed >> 1) % 10));
        for (uint256 i = 0; i < votes.length; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            votes[i] = sealedVote(id, 0, draw % 3, uint32((draw >> 8) % 5), (draw >> 16) % 5);
            if ((draw >> 24) % 8 == 0) votes[i].nullifier += FIELD;
            if ((draw >> 32) % 8 == 0) votes[i].envelope.check ^= 1;
        }
        uint256 snapshot = vm.snapshotState();
        uint256 accepted = 0;
        for (uint256 i = 0; i < votes.length; ++i) {
            try box.voteSealed(id, 0, votes[i]) {
                ++accepted;
            } catch {}
        }
        bytes32 expected = _stateOf(votes);
        vm.revertToState(snapshot);
        assertEq(box.voteSealedMany(id, 0, votes), accepted, "accepted");
        assertEq(_stateOf(votes), expected, "state");
    }

    function _stateOf(SealedVote[] memory votes) private view returns (bytes32 state) {
        state = keccak256(abi.encode(box.pollOf(id, 0)));
        for (uint256 i = 0; i < votes.length; ++i) {
            (uint32 sequence, uint32 entry, uint176 hash) = box.receiptOf(id, votes[i].nullifier);
            state = keccak256(abi.encode(state, sequence, entry, hash));
        }
    }

    /// @dev A check of more than 64 bits, and call data that is cut off, are not read; what comes behind is not looked at.
    function test_CallDataHasOneForm() external {
        _open(closedTerms());
        SealedVote memory vote = sealedVote(id, 0, 1, 1, 2);
        bytes[2] memory calls = [
            abi.encodeCall(box.voteSealed, (id, 0, vote)),
            abi.encodeCall(box.voteSealedMany, (id, 0, _listOf(vote)))
        ];
        for (uint256 i = 0; i < 2; ++i) {
            // Ballot, segment, nullifier, sequence, x, y and cipher come before; of a list also where it is and how long.
            uint256 place = 4 + 7 * 32 + i * 64;
            bytes memory data = calls[i];
            data[place] = 0x01;
            _assertUnread(data);
            data[place] = 0;
            uint256 length = data.length;
            assembly ("memory-safe") {
                mstore(data, sub(length, 1))
            }
            _assertUnread(data);
            assembly ("memory-safe") {
                mstore(data, length)
            }
            (bool done, ) = address(box).call(bytes.concat(data, hex"ff"));
            assertTrue(done, "longer");
        }
        _assertPoll(1, 1, 0);
    }

    function _assertUnread(bytes memory data) private {
        (bool done, bytes memory result) = address(box).call(data);
        assertFalse(done, "not read");
        assertEq(result.length, 0, "without a reason");
    }

    // --- nobody sees

    /// @dev Two runs that differ in choices alone read and write the same slots, cost the same, and tell the same but for ciphers
    /// and hashes.
    function test_NothingDependsOnWhatPapersSay() external {
        _open(closedTerms());
        bytes32[3] memory traces;
        uint256[][3] memory payloads = [list(1, 1, 1, 1), list(0, 1, 2, 3), list(3, 3, 3, 0)];
        // The first makes slots warm.
        for (uint256 i = 0; i < 3; ++i) {
            uint256 snapshot = vm.snapshotState();
            traces[i] = _trace(payloads[i]);
            vm.revertToState(snapshot);
        }
        assertEq(traces[1], traces[2], "same trace");
    }

    /// @dev Hash of everything that can be seen of a run, but for ciphers and hashes of papers.
    function _trace(uint256[] memory payloads) private returns (bytes32 trace) {
        SealedVote[] memory votes = new SealedVote[](4);
        for (uint256 i = 0; i < 3; ++i) votes[i] = sealedVote(id, 0, i, 1, payloads[i]);
        votes[3] = sealedVote(id, 0, 0, 2, payloads[3]);
        SealedVote[] memory rest = new SealedVote[](3);
        for (uint256 i = 0; i < 3; ++i) rest[i] = votes[i + 1];
        vm.record();
        vm.recordLogs();
        trace = keccak256(abi.encode(_gasOf(abi.encodeCall(box.voteSealed, (id, 0, votes[0])))));
        trace = keccak256(abi.encode(trace, _gasOf(abi.encodeCall(box.voteSealedMany, (id, 0, rest)))));
        (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(box));
        assertTrue(writes.length != 0, "there is something to compare");
        trace = keccak256(abi.encode(trace, reads, writes));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            (uint32 sequence, Envelope memory envelope) = abi.decode(logs[i].data, (uint32, Envelope));
            trace = keccak256(abi.encode(trace, logs[i].topics, sequence, envelope.x, envelope.y));
        }
        PollView memory poll = box.pollOf(id, 0);
        poll.chain = 0;
        trace = keccak256(abi.encode(trace, poll, box.talliesOf(id, _terms(), 0), box.ballotOf(id, segmentsOf(0))));
        for (uint256 i = 0; i < 4; ++i) {
            (uint32 latest, uint32 entry, ) = box.receiptOf(id, votes[i].nullifier);
            trace = keccak256(abi.encode(trace, latest, entry));
        }
    }

    /// @dev Without what a transaction pays for its call data, in which zeros are cheaper.
    function _gasOf(bytes memory data) private returns (uint256 spent) {
        address target = address(box);
        bool done;
        assembly ("memory-safe") {
            spent := gas()
            done := call(gas(), target, 0, add(data, 0x20), mload(data), 0, 0)
            spent := sub(spent, gas())
        }
        assertTrue(done, "put in");
    }

    /// @dev Until the key is there, tallies are zero and nothing opens, whoever asks.
    function test_NothingIsCountedBeforeTheKey() external {
        _open(closedTerms());
        SealedVote memory vote = _put(1, 1, 2);
        assertEq(box.talliesOf(id, _terms(), 0), list(0, 0, 0, 0), "open");
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Open));
        openOne(id, 0, vote);
        vm.warp(CLOSES);
        assertEq(box.talliesOf(id, _terms(), 0), list(0, 0, 0, 0), "closed");
        expectError(IBallotBox.BallotBoxWrongKey.selector, 0);
        openOne(id, 0, vote);
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 0, 1);
        box.finalise(id, _terms());
    }

    // --- releaseKey

    function test_ReleasesTheKey() external {
        _open(closedTerms());
        vm.warp(COUNTS);
        vm.expectEmit(address(box));
        emit IBallotBox.KeyReleased(id, SEAL_KEY);
        vm.prank(stranger);
        box.releaseKey(id, _terms(), SEAL_KEY);
    }

    /// @dev Scalars that differ by the order of the curve are one key, and open the same.
    function test_ReleasesTheKeyInAnotherForm() external {
        _open(closedTerms());
        SealedVote memory vote = _put(1, 1, 2);
        vm.warp(CLOSES);
        box.releaseKey(id, _terms(), SEAL_KEY + 2 * FIELD);
        openOne(id, 0, vote);
        assertEq(box.talliesOf(id, _terms(), 0), list(0, 0, 1, 0), "opened");
    }

    function test_RevertWhen_KeyComesTooEarlyOrLate() external {
        BallotTerms memory terms = closedTerms();
        vm.expectRevert(abi.encodeWithSelector(IBallotBox.BallotBoxUnknownBallot.selector, 1));
        box.releaseKey(1, terms, SEAL_KEY);
        id = publish(terms);
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Published));
        box.releaseKey(id, terms, SEAL_KEY);
        vm.warp(FREEZES + 1);
        box.freeze(id, terms, 1);
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Frozen));
        box.releaseKey(id, terms, SEAL_KEY);
        vm.warp(CLOSES - 1);
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Open));
        box.releaseKey(id, terms, SEAL_KEY);
        vm.warp(COUNTS + 1);
        expectError(IBallotBox.BallotBoxTooLate.selector, COUNTS, COUNTS + 1);
        box.releaseKey(id, terms, SEAL_KEY);
    }

    function test_RevertWhen_KeyIsOfOtherTerms() external {
        BallotTerms memory terms = closedTerms();
        _open(terms);
        vm.warp(CLOSES);
        (terms.sealX, terms.sealY) = pointOf(7);
        vm.expectRevert(
            abi.encodeWithSelector(IBallotBox.BallotBoxOtherTerms.selector, id, keccak256(abi.encode(terms)))
        );
        box.releaseKey(id, terms, 7);
    }

    function test_RevertWhen_BallotHasNoKey() external {
        BallotTerms memory terms = openTerms();
        _open(terms);
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxWrongWay.selector, id);
        box.releaseKey(id, terms, SEAL_KEY);
    }

    function test_RevertWhen_KeyIsWrong() external {
        _open(closedTerms());
        vm.warp(CLOSES);
        BallotTerms memory terms = _terms();
        // The negated key has the right x.
        uint256[6] memory wrong = [0, 1, FIELD, SEAL_KEY + 1, FIELD - SEAL_KEY, type(uint256).max];
        for (uint256 i = 0; i < wrong.length; ++i) {
            expectError(IBallotBox.BallotBoxWrongKey.selector, wrong[i]);
            box.releaseKey(id, terms, wrong[i]);
        }
        vm.mockCallRevert(address(7), abi.encode(1, 2, SEAL_KEY), "");
        expectError(IBallotBox.BallotBoxWrongKey.selector, SEAL_KEY);
        box.releaseKey(id, terms, SEAL_KEY);
        vm.clearMockedCalls();
        box.releaseKey(id, terms, SEAL_KEY);
        expectError(IBallotBox.BallotBoxWrongKey.selector, SEAL_KEY);
        box.releaseKey(id, terms, SEAL_KEY);
    }

    // --- open

    function test_OpensInBatches() external {
        _open(closedTerms());
        for (uint256 i = 0; i < 7; ++i) standing.push(_put(i, 1, i % 4));
        _release();
        _assertOpens(0, 3, 3, list(0, 1, 2), 0);
        _assertPoll(7, 7, 3);
        assertEq(box.talliesOf(id, _terms(), 0), list(1, 1, 1, 0), "a part");
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 3, 7);
        box.finalise(id, _terms());
        vm.warp(COUNTS + 1);
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 3, 7);
        box.finalise(id, _terms());
        _assertOpens(3, 4, 7, list(3, 0, 1, 2), 0);
        assertEq(box.talliesOf(id, _terms(), 0), list(2, 2, 2, 1), "all");
        _assertPoll(7, 7, 7);
        box.finalise(id, _terms());
        assertState(id, BallotState.Final, "final");
    }

    /// @dev Entries 0, 2 and 3 were replaced, 1, 4 and 5 stand.
    function test_PassesOverWhatWasReplaced() external {
        _open(closedTerms());
        _put(1, 1, 0);
        SealedVote memory stays = _put(2, 1, 1);
        SealedVote memory old = _put(1, 2, 0);
        _put(3, 1, 0);
        SealedVote memory latest = _put(1, 3, 2);
        SealedVote memory last = _put(3, 2, 3);
        _release();
        _assertWrongEntry(old, 1);
        _assertWrongEntry(latest, 1);
        _assertOpensOne(stays, 0, 2, 1);
        _assertWrongEntry(old, 4);
        SealedEntry[] memory both = new SealedEntry[](2);
        (both[0], both[1]) = (entryOf(latest), entryOf(last));
        vm.expectEmit(address(box));
        emit IBallotBox.VotesOpened(id, 0, 2, 6, list(2, 3), list(0));
        box.open(id, 0, both);
        assertEq(box.talliesOf(id, _terms(), 0), list(0, 1, 1, 1), "those that stand");
        _assertPoll(3, 6, 6);
    }

    /// @dev Whole words of entries that were replaced, and parts of words before and behind.
    function test_PassesOverLongRuns() external {
        _open(closedTerms());
        SealedVote memory first = _put(1, 1, 0);
        for (uint32 i = 1; i <= 700; ++i) _put(2, i, 1);
        SealedVote memory middle = _put(3, 1, 2);
        for (uint32 i = 701; i <= 800; ++i) _put(2, i, 1);
        SealedVote memory last = _put(2, 801, 3);
        _assertPoll(3, 803, 0);
        _release();
        SealedEntry[] memory all = new SealedEntry[](3);
        (all[0], all[1], all[2]) = (entryOf(first), entryOf(middle), entryOf(last));
        vm.expectEmit(address(box));
        emit IBallotBox.VotesOpened(id, 0, 0, 803, list(0, 2, 3), list(0));
        box.open(id, 0, all);
        assertEq(box.talliesOf(id, _terms(), 0), list(1, 0, 1, 1), "tallies");
        _assertPoll(3, 803, 803);
    }

    /// @dev Replaced entries end where a word does.
    function test_PassesOverWholeWords() external {
        _open(closedTerms());
        for (uint32 i = 1; i <= 512; ++i) _put(1, i, 0);
        SealedVote memory last = _put(1, 513, 3);
        SealedVote memory other = _put(2, 1, 2);
        _release();
        _assertOpensOne(last, 0, 513, 3);
        _assertOpensOne(other, 513, 514, 2);
    }

    function test_PassesOverTheReplacedAlone() external {
        _open(closedTerms());
        SealedVote memory first = _put(1, 1, 0);
        for (uint32 i = 1; i <= 300; ++i) _put(2, i, 1);
        SealedVote memory middle = _put(3, 1, 2);
        SealedVote memory last = _put(2, 301, 3);
        _release();
        expectError(IBallotBox.BallotBoxBadList.selector, 0, 1_000);
        box.open(id, 0, new SealedEntry[](0));
        openOne(id, 0, first);
        vm.expectEmit(address(box));
        emit IBallotBox.VotesOpened(id, 0, 1, 301, new uint256[](0), new uint256[](0));
        box.open(id, 0, new SealedEntry[](0));
        _assertPoll(3, 303, 301);
        _assertOpensOne(middle, 301, 302, 2);
        _assertOpensOne(last, 302, 303, 3);
    }

    /// @dev Papers that stand and papers that were replaced, in any order: those that stand open, in any batches.
    /// forge-config: default.fuzz.runs = 48
    function testFuzz_OpensWhatStands(uint256 seed) external {
        _open(closedTerms());
        uint256 count = 1 + (seed % 24);
        uint256[] memory expected = new uint256[](4);
        uint32[8] memory sequences;
        SealedVote[] memory votes = new SealedVote[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            votes[i] = _put(draw % 8, ++sequences[draw % 8], (draw >> 8) % 4);
        }
        for (uint256 i = 0; i < count; ++i) {
            (uint32 latest, , ) = box.receiptOf(id, votes[i].nullifier);
            if (latest != votes[i].sequence) continue;
            standing.push(votes[i]);
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            ++expected[(draw >> 8) % 4];
        }
        _release();
        for (uint256 next = 0; next < standing.length;) {
            uint256 size = 1 + (uint256(keccak256(abi.encode(seed, "batch", next))) % (standing.length - next));
            SealedEntry[] memory entries = new SealedEntry[](size);
            for (uint256 i = 0; i < size; ++i) entries[i] = entryOf(standing[next + i]);
            box.open(id, 0, entries);
            next += size;
        }
        assertEq(box.talliesOf(id, _terms(), 0), expected, "tallies");
        _assertPoll(standing.length, count, count);
        box.finalise(id, _terms());
    }

    function test_RevertWhen_EntryIsWrong() external {
        _open(closedTerms());
        SealedVote memory first = _put(1, 1, 0);
        SealedVote memory second = _put(2, 1, 1);
        _release();
        _assertWrongEntry(second, 0);
        SealedVote memory changed = first;
        changed.envelope.cipher ^= 1;
        _assertWrongEntry(changed, 0);
        changed.envelope.cipher ^= 1;
        changed.nullifier ^= 1;
        _assertWrongEntry(changed, 0);
        changed.nullifier ^= 1;
        ++changed.sequence;
        _assertWrongEntry(changed, 0);
        --changed.sequence;
        expectError(IBallotBox.BallotBoxWrongEntry.selector, first.nullifier, 0);
        openOne(id, 1, first);
        SealedEntry[] memory twice = new SealedEntry[](2);
        (twice[0], twice[1]) = (entryOf(first), entryOf(first));
        expectError(IBallotBox.BallotBoxWrongEntry.selector, first.nullifier, 1);
        box.open(id, 0, twice);
        openOne(id, 0, first);
        _assertWrongEntry(first, 1);
        openOne(id, 0, second);
        _assertWrongEntry(second, 2);
        _assertWrongEntry(first, 2);
        _assertPoll(2, 2, 2);
    }

    /// @dev Attack: entries have numbers of their own in each segment. If a paper opened where another one has its number, it would count
    /// twice, and the other one never.
    function test_RevertWhen_EntryIsOfAnotherSegment() external {
        BallotTerms memory terms = closedTerms();
        terms.segments = segmentsTo(2);
        _open(terms);
        SealedVote memory mine = _put(1, 1, 0);
        SealedVote memory theirs = sealedVote(id, 1, 2, 1, 3);
        box.voteSealed(id, 1, theirs);
        _release();
        expectError(IBallotBox.BallotBoxWrongEntry.selector, mine.nullifier, 0);
        openOne(id, 1, mine);
        _assertWrongEntry(theirs, 0);
        openOne(id, 0, mine);
        openOne(id, 1, theirs);
        assertEq(box.talliesOf(id, _terms(), 0), list(1, 0, 0, 0), "mine");
        assertEq(box.talliesOf(id, _terms(), 1), list(0, 0, 0, 1), "theirs");
    }

    function test_RevertWhen_EntriesAreNoneOrTooMany() external {
        _open(closedTerms());
        _release();
        expectError(IBallotBox.BallotBoxBadList.selector, 0, 1_000);
        box.open(id, 0, new SealedEntry[](0));
        expectError(IBallotBox.BallotBoxBadList.selector, 1_001, 1_000);
        box.open(id, 0, new SealedEntry[](1_001));
    }

    function test_RevertWhen_FinalOrVoid() external {
        _open(closedTerms());
        SealedVote memory vote = _put(1, 1, 0);
        _release();
        openOne(id, 0, vote);
        box.finalise(id, _terms());
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Final));
        openOne(id, 0, vote);
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Final));
        box.releaseKey(id, _terms(), SEAL_KEY);
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Final));
        box.abandon(id, _terms());
    }

    /// @dev Sealed papers of any kind count as they would have in public.
    function test_PapersOfEveryKindCount() external {
        _assertOpensKind(BallotKind.Approval, Rule.MostFirst, 12, list(0x801, 0xfff, 0, 2));
        _assertOpensKind(BallotKind.Score, Rule.MostFirst, 6, list(0x0c0b0a, 1, 0, 12 << 40));
        _assertOpensKind(BallotKind.Quadratic, Rule.MostFirst, 3, list(0x0202, 0x03, 0, 3 << 16));
        _assertOpensKind(BallotKind.Points, Rule.MostFirst, 3, list(12, 6 | (6 << 32), 0, 1 << 16));
        _assertOpensKind(BallotKind.Ranked, Rule.Minimax, 12, list(ranking("ABCD"), ranking("C=DA"), 0, ranking("L")));
        _assertOpensKind(
            BallotKind.Ranked,
            Rule.InstantRunoff,
            12,
            list(ranking("AB"), ranking("BA"), 0, ranking("AB"))
        );
    }

    function _assertOpensKind(BallotKind kind, Rule rule, uint8 options, uint256[] memory papers) private {
        uint256 snapshot = vm.snapshotState();
        BallotTerms memory terms = openTerms();
        (terms.kind, terms.rule, terms.options, terms.limit) = (kind, rule, options, 12);
        _open(terms);
        for (uint256 i = 0; i < papers.length; ++i) castMasked(id, i, 1, papers[i], 0);
        uint256[] memory expected = box.talliesOf(id, terms, 0);
        uint256 rankings = box.rankingCountOf(id, papers[0]);
        vm.revertToState(snapshot);
        terms = closedTerms();
        (terms.kind, terms.rule, terms.options, terms.limit) = (kind, rule, options, 12);
        _open(terms);
        SealedVote[] memory votes = new SealedVote[](papers.length);
        for (uint256 i = 0; i < papers.length; ++i) votes[i] = _put(i, 1, papers[i]);
        _release();
        box.open(id, 0, entriesOf(votes));
        assertEq(box.talliesOf(id, terms, 0), expected, "tallies");
        assertEq(box.rankingCountOf(id, papers[0]), rankings, "rankings");
        assertEq(box.ballotOf(id, segmentsOf(0)).spoilt, 0, "none is spoilt");
        vm.revertToState(snapshot);
    }

    // --- spoilt papers

    /// @dev Attack: to vote like somebody whose envelope one sees. With another nullifier it opens to nothing.
    function test_CopiedEnvelopeIsSpoilt() external {
        _open(closedTerms());
        SealedVote memory vote = _put(1, 1, 2);
        SealedVote memory copy = withEnvelope(id, 0, 2, 1, vote.envelope);
        box.voteSealed(id, 0, copy);
        _assertSpoilt(vote, copy);
    }

    /// @dev An envelope of another ballot, of the same voter and the same key.
    function test_EnvelopeOfAnotherBallotIsSpoilt() external {
        _open(closedTerms());
        SealedVote memory vote = _put(1, 1, 2);
        uint256 nullifier = nullifierOf(id, 2);
        Envelope memory envelope = envelopeFor(id + 1, nullifier, 12345, 1);
        SealedVote memory other = withEnvelope(id, 0, 2, 1, envelope);
        box.voteSealed(id, 0, other);
        _assertSpoilt(vote, other);
    }

    function test_EnvelopeForAnotherKeyIsSpoilt() external {
        _open(closedTerms());
        SealedVote memory vote = _put(1, 1, 2);
        Envelope memory envelope = sealTo(7, 12345, 1, nullifierOf(id, 2), box.scopeOf(id));
        SealedVote memory other = withEnvelope(id, 0, 2, 1, envelope);
        box.voteSealed(id, 0, other);
        _assertSpoilt(vote, other);
    }

    /// @dev Points that are none, coordinates that are none, and checks and ciphers that do not fit.
    function test_GarbageIsSpoilt() external {
        uint256 nullifier = nullifierOf(1, 2);
        for (uint256 i = 0; i < 9; ++i) {
            uint256 snapshot = vm.snapshotState();
            _open(closedTerms());
            SealedVote memory vote = _put(1, 1, 2);
            Envelope memory envelope = envelopeFor(id, nullifier, 12345, 1);
            if (i == 0) ++envelope.x;
            if (i == 1) ++envelope.y;
            if (i == 2) envelope.x += COORDINATES;
            if (i == 3) envelope.y += COORDINATES;
            if (i == 4) (envelope.x, envelope.y) = (0, 0);
            if (i == 5) (envelope.x, envelope.y) = (type(uint256).max, type(uint256).max);
            if (i == 6) envelope.check ^= 1;
            if (i == 7) envelope.check ^= 1 << 63;
            if (i == 8) envelope.cipher ^= 1;
            SealedVote memory other = withEnvelope(id, 0, 2, 1, envelope);
            box.voteSealed(id, 0, other);
            _assertSpoilt(vote, other);
            vm.revertToState(snapshot);
        }
    }

    /// @dev A point that is none has no product, so that a check made for the point itself does not make it one.
    function test_CheckForAPointThatIsNoneIsSpoilt() external {
        _open(closedTerms());
        SealedVote memory vote = _put(1, 1, 2);
        uint256 nullifier = nullifierOf(id, 2);
        Envelope memory envelope;
        (envelope.x, envelope.y) = (5, 5);
        uint256 pad = uint256(keccak256(abi.encode(5, 5, nullifier, box.scopeOf(id))));
        (envelope.cipher, envelope.check) = (pad, uint64(uint256(keccak256(abi.encode(pad, 0))) >> 192));
        SealedVote memory other = withEnvelope(id, 0, 2, 1, envelope);
        box.voteSealed(id, 0, other);
        _assertSpoilt(vote, other);
    }

    /// @dev The point at infinity hides nothing. Who seals with it has shown its paper, and it counts.
    function test_PointAtInfinityOpens() external {
        _open(closedTerms());
        SealedVote memory vote = withEnvelope(id, 0, 1, 1, envelopeFor(id, nullifierOf(id, 1), 0, 3));
        assertEq(vote.envelope.x + vote.envelope.y, 0, "at infinity");
        box.voteSealed(id, 0, vote);
        _release();
        _assertOpensOne(vote, 0, 1, 3);
        assertEq(box.talliesOf(id, _terms(), 0), list(0, 0, 0, 1), "counted");
    }

    function test_PayloadsThatThereAreNotAreSpoilt() external {
        _open(closedTerms());
        uint256[] memory payloads = list(4, type(uint256).max, 2, uint256(1) << 64);
        SealedVote[] memory votes = new SealedVote[](4);
        for (uint256 i = 0; i < 4; ++i) votes[i] = _put(i, 1, payloads[i]);
        _release();
        vm.expectEmit(address(box));
        emit IBallotBox.VotesOpened(id, 0, 0, 4, payloads, list(11));
        box.open(id, 0, entriesOf(votes));
        assertEq(box.talliesOf(id, _terms(), 0), list(0, 0, 1, 0), "tallies");
        BallotView memory ballot = box.ballotOf(id, segmentsOf(0));
        assertEq(ballot.spoilt, 3, "spoilt");
        assertEq(ballot.cast, 4, "cast");
    }

    /// @dev Spoilt papers are turnout, and nothing else: neither for what the winner needs nor for any option.
    function test_SpoiltPapersAreTurnout() external {
        for (uint256 spoilt = 2; spoilt <= 3; ++spoilt) {
            uint256 snapshot = vm.snapshotState();
            rolls.setSegment(ANONYMOUS, 0, anonymousRootOf(0), 8);
            BallotTerms memory terms = closedTerms();
            (terms.turnoutBp, terms.approvalBp) = (5_000, 10_000);
            _open(terms);
            SealedVote[] memory votes = new SealedVote[](1 + spoilt);
            votes[0] = _put(0, 1, 0);
            for (uint256 i = 1; i <= spoilt; ++i) votes[i] = _put(i, 1, 9);
            _release();
            box.open(id, 0, entriesOf(votes));
            box.finalise(id, terms);
            Result memory result = box.resultOf(id);
            // All of one valid paper, and half of eight members with three more.
            assertTrue(result.decided == (spoilt == 3), "turnout");
            assertTrue(result.passed == (spoilt == 3), "passed");
            assertEq(box.ballotOf(id, segmentsOf(0)).cast, 1 + spoilt, "cast");
            assertEq(box.ballotOf(id, segmentsOf(0)).spoilt, spoilt, "spoilt");
            vm.revertToState(snapshot);
        }
    }

    function test_SpoiltBitsHaveMoreThanOneWord() external {
        _open(closedTerms());
        for (uint256 i = 0; i < 300; ++i) standing.push(_put(i, 1, i == 5 || i == 256 || i == 299 ? 7 : 0));
        _release();
        uint256[] memory spoilt = list(uint256(1) << 5, (uint256(1) << (299 - 256)) | 1);
        uint256[] memory payloads = new uint256[](300);
        (payloads[5], payloads[256], payloads[299]) = (7, 7, 7);
        vm.expectEmit(address(box));
        emit IBallotBox.VotesOpened(id, 0, 0, 300, payloads, spoilt);
        box.open(id, 0, entriesOf(standing));
        assertEq(box.talliesOf(id, _terms(), 0), list(297, 0, 0, 0), "tallies");
    }

    function _assertSpoilt(SealedVote memory good, SealedVote memory bad) private {
        _release();
        _assertOpensOne(good, 0, 1, 2);
        vm.recordLogs();
        openOne(id, 0, bad);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        (uint32 first, uint32 next, uint256[] memory payloads, uint256[] memory spoilt) = abi.decode(
            logs[0].data,
            (uint32, uint32, uint256[], uint256[])
        );
        assertEq(logs[0].topics[0], IBallotBox.VotesOpened.selector, "event");
        assertEq(first, 1, "first");
        assertEq(next, 2, "next");
        assertEq(payloads, list(0), "says nothing");
        assertEq(spoilt, list(1), "is spoilt");
        assertEq(box.talliesOf(id, _terms(), 0), list(0, 0, 1, 0), "no counter");
        BallotView memory ballot = box.ballotOf(id, segmentsOf(0));
        assertEq(ballot.cast, 2, "turnout");
        assertEq(ballot.spoilt, 1, "spoilt");
        box.finalise(id, _terms());
    }

    // --- abandon

    function test_AbandonsAfterTheCount() external {
        _open(closedTerms());
        _put(1, 1, 2);
        vm.warp(COUNTS);
        expectError(IBallotBox.BallotBoxTooEarly.selector, COUNTS + 1, COUNTS);
        box.abandon(id, _terms());
        vm.warp(COUNTS + 1);
        vm.expectEmit(address(box));
        emit IBallotBox.BallotAbandoned(id);
        vm.prank(stranger);
        box.abandon(id, _terms());
        assertState(id, BallotState.Void, "void");
        assertEq(box.resultOf(id).finalAt, 0, "no result");
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Void));
        box.releaseKey(id, _terms(), SEAL_KEY);
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Void));
        box.finalise(id, _terms());
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Void));
        box.abandon(id, _terms());
    }

    function test_RevertWhen_AbandonedAndKeyIsKnown() external {
        _open(closedTerms());
        _put(1, 1, 2);
        _release();
        vm.warp(COUNTS + 1);
        expectError(IBallotBox.BallotBoxWrongWay.selector, id);
        box.abandon(id, _terms());
    }

    function test_RevertWhen_AbandonedAndNotSealed() external {
        BallotTerms[2] memory all = [openTerms(), committedTerms()];
        for (uint256 i = 0; i < 2; ++i) {
            uint256 snapshot = vm.snapshotState();
            _open(all[i]);
            vm.warp(COUNTS + 1);
            expectError(IBallotBox.BallotBoxWrongWay.selector, id);
            box.abandon(id, all[i]);
            vm.revertToState(snapshot);
        }
    }

    function test_RevertWhen_AbandonedEarlyOrOtherwise() external {
        BallotTerms memory terms = closedTerms();
        _open(terms);
        expectError(IBallotBox.BallotBoxWrongState.selector, id, uint256(BallotState.Open));
        box.abandon(id, terms);
        vm.warp(COUNTS + 1);
        terms.countsUntil = CLOSES;
        vm.expectRevert(
            abi.encodeWithSelector(IBallotBox.BallotBoxOtherTerms.selector, id, keccak256(abi.encode(terms)))
        );
        box.abandon(id, terms);
    }

    /// @dev Attack: where everybody voted on paper, no key is missing, and a stranger would do away with the result.
    function test_RevertWhen_AbandonedAndNothingIsSealed() external {
        BallotTerms memory terms = closedTerms();
        (terms.segments, terms.paperElectorate) = (segmentsTo(2), 3);
        _open(terms);
        vm.warp(CLOSES);
        record(id, 1, 0, papersOf(2, 2));
        vm.warp(COUNTS + 1);
        expectError(IBallotBox.BallotBoxUnchanged.selector);
        vm.prank(stranger);
        box.abandon(id, terms);
        box.finalise(id, terms);
        assertTrue(box.resultOf(id).decided, "the papers' choice");
        assertEq(box.resultOf(id).order & 0xff, 3, "the third option");
    }

    /// @dev Without a paper there is nothing that a key could open.
    function test_FinalWithoutKeyIfThereIsNoPaper() external {
        _open(closedTerms());
        vm.warp(CLOSES);
        box.finalise(id, _terms());
        assertFalse(box.resultOf(id).decided, "nobody won");
    }

    // --- internals

    function _open(BallotTerms memory terms) private {
        encoded = abi.encode(terms);
        id = open(terms);
    }

    function _terms() private view returns (BallotTerms memory terms) {
        return abi.decode(encoded, (BallotTerms));
    }

    function _put(uint256 person, uint32 sequence, uint256 payload) private returns (SealedVote memory vote) {
        vote = sealedVote(id, 0, person, sequence, payload);
        box.voteSealed(id, 0, vote);
    }

    function _release() private {
        vm.warp(CLOSES);
        box.releaseKey(id, _terms(), SEAL_KEY);
    }

    function _listOf(SealedVote memory vote) private pure returns (SealedVote[] memory votes) {
        votes = new SealedVote[](1);
        votes[0] = vote;
    }

    /// @dev Opens the next of those that stand.
    function _assertOpens(uint256 from, uint256 count, uint32 next, uint256[] memory payloads, uint256 spoilt) private {
        SealedEntry[] memory entries = new SealedEntry[](count);
        for (uint256 i = 0; i < count; ++i) entries[i] = entryOf(standing[from + i]);
        vm.expectEmit(address(box));
        emit IBallotBox.VotesOpened(id, 0, uint32(from), next, payloads, list(spoilt));
        vm.prank(stranger);
        box.open(id, 0, entries);
    }

    function _assertOpensOne(SealedVote memory vote, uint32 first, uint32 next, uint256 payload) private {
        vm.expectEmit(address(box));
        emit IBallotBox.VotesOpened(id, 0, first, next, list(payload), list(0));
        openOne(id, 0, vote);
    }

    function _assertWrongEntry(SealedVote memory vote, uint256 next) private {
        expectError(IBallotBox.BallotBoxWrongEntry.selector, vote.nullifier, next);
        openOne(id, 0, vote);
    }

    function _assertPoll(uint256 cast, uint256 entries, uint256 opened) private view {
        PollView memory poll = box.pollOf(id, 0);
        assertEq(poll.cast, cast, "cast");
        assertEq(poll.sealedVotes, entries, "entries");
        assertEq(poll.opened, opened, "opened");
    }

    function _assertReceipt(SealedVote memory vote, uint32 entry) private view {
        (uint32 sequence, uint32 its, uint176 hash) = box.receiptOf(id, vote.nullifier);
        assertEq(sequence, vote.sequence, "sequence");
        assertEq(its, entry, "entry");
        assertEq(hash, uint256(paperOf(vote.envelope)) >> 80, "hash");
    }
}

/// @notice What it costs to open papers, as transactions.
contract SealedOpeningGasTest is MaskedTown {
    uint256 private constant OPEN_GAS = 15_000;
    uint256 private constant GARBAGE_GAS = 16_000;
    uint256 private constant MAX_TRANSACTION = 16_777_216;
    uint256 private constant PAPERS = 1_000;

    SealedVote[] private votes;

    function setUp() external {
        buildTown();
        rolls.setSegment(ANONYMOUS, 0, anonymousRootOf(0), 2_000);
        BallotTerms memory terms = closedTerms();
        uint32 id = open(terms);
        for (uint256 i = 0; i < PAPERS; ++i) {
            votes.push(sealedVote(id, 0, i, 1, i % 4));
            // Points that are none take all the gas that they are given.
            if (i >= 900) votes[i] = withEnvelope(id, 0, i, 1, Envelope({x: i, y: i, cipher: i, check: uint64(i)}));
            box.voteSealed(id, 0, votes[i]);
        }
        vm.warp(terms.closesAt);
        box.releaseKey(id, terms, SEAL_KEY);
    }

    function test_GasOfAHundred() external {
        _assertGas(0, 100, OPEN_GAS);
    }

    function test_GasOfGarbage() external {
        box.open(1, 0, _entries(0, 900));
        _assertGas(900, 100, GARBAGE_GAS);
    }

    function test_ThousandFitIntoATransaction() external {
        _assertGas(0, PAPERS, MAX_TRANSACTION / PAPERS);
        assertEq(box.pollOf(1, 0).opened, PAPERS, "all");
    }

    function _entries(uint256 from, uint256 count) private view returns (SealedEntry[] memory entries) {
        entries = new SealedEntry[](count);
        for (uint256 i = 0; i < count; ++i) entries[i] = entryOf(votes[from + i]);
    }

    function _assertGas(uint256 from, uint256 count, uint256 most) private {
        uint256 spent = gasOfTransaction(address(box), abi.encodeCall(box.open, (1, 0, _entries(from, count)))) / count;
        if (!isProbed()) assertLe(spent, most, "gas of a paper");
    }
}

/// @notice Attack: where gas is cheap, somebody votes again so often that no transaction gets over all that was replaced, and the papers
/// behind would never be opened.
contract SealedRunTest is MaskedTown {
    uint256 private constant MAX_TRANSACTION = 16_777_216;
    uint32 private constant REPLACED = 1 << 21;
    uint32 private constant PASSED = 1 << 20;
    /// @dev Members of a segment in storage.
    uint256 private constant HEAD = 1;
    uint256 private constant MARKS = 5;
    uint256 private constant ENTRIES_SHIFT = 32;

    SealedVote private last;
    uint32 private id;

    function setUp() external {
        buildTown();
        BallotTerms memory terms = closedTerms();
        id = open(terms);
        vm.record();
        box.pollOf(id, 0);
        (bytes32[] memory reads, ) = vm.accesses(address(box));
        uint256 poll = uint256(reads[0]);
        vm.store(address(box), bytes32(poll + HEAD), bytes32(uint256(REPLACED) << ENTRIES_SHIFT));
        for (uint256 word = 0; word < REPLACED >> 8; ++word) {
            vm.store(address(box), keccak256(abi.encode(word, poll + MARKS)), bytes32(type(uint256).max));
        }
        last = sealedVote(id, 0, 1, 1, 3);
        box.voteSealed(id, 0, last);
        vm.warp(terms.closesAt);
        box.releaseKey(id, terms, SEAL_KEY);
    }

    function test_RunIsTooLongForATransaction() external {
        bytes memory data = abi.encodeCall(box.open, (id, 0, entriesOf(last)));
        (bool done, ) = address(box).call{gas: MAX_TRANSACTION}(data);
        assertFalse(done, "too far");
    }

    function test_RunIsPassedOverInParts() external {
        for (uint32 next = 0; next < REPLACED; next += PASSED) {
            vm.expectEmit(address(box));
            emit IBallotBox.VotesOpened(id, 0, next, next + PASSED, new uint256[](0), new uint256[](0));
            vm.prank(stranger);
            box.open{gas: (MAX_TRANSACTION * 3) / 4}(id, 0, new SealedEntry[](0));
        }
        expectError(IBallotBox.BallotBoxBadList.selector, 0, 1_000);
        box.open(id, 0, new SealedEntry[](0));
        openOne(id, 0, last);
        assertEq(box.pollOf(id, 0).opened, REPLACED + 1, "opened");
        expectError(IBallotBox.BallotBoxBadList.selector, 0, 1_000);
        box.open(id, 0, new SealedEntry[](0));
    }
}
