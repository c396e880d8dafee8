// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    BallotKind,
    BallotTerms,
    IBallotBox,
    Rule,
    SignedVote,
    Vote,
    VoteFault
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {BallotFixture} from "./BallotFixture.sol";

/// @dev Many signed votes in one call.
contract BallotBatchesTest is BallotFixture {
    uint256 private constant MOST = 256;

    // voteMany
    // ├─ none, or above 256 .......................... BallotBoxBadList
    // ├─ unknown ballot, segment that does not vote .. BallotBoxUnknownSegment
    // ├─ before the first second, after the last ..... BallotBoxNotOpen
    // ├─ anonymous or committed ...................... BallotBoxWrongWay
    // ├─ an item with a fault ........................ VoteRejected, and no other is stopped
    // │  ├─ after its deadline ....................... Expired
    // │  ├─ signature of nobody ...................... BadSignature
    // │  ├─ signed by another, or path of another .... NotInCensus
    // │  ├─ payload that there is not ................ BadPayload
    // │  ├─ again, or sequence not higher ............ StaleSequence
    // │  └─ previous is not what stands .............. WrongPrevious
    // ├─ nothing accepted ............................ nothing changes
    // └─ else ........................................ as one by one, in their order

    function test_RevertWhen_NoneOrTooMany() external {
        uint32 id = open(plainTerms());
        expectError(IBallotBox.BallotBoxBadList.selector, 0, MOST);
        box.voteMany(id, 0, new SignedVote[](0));
        expectError(IBallotBox.BallotBoxBadList.selector, MOST + 1, MOST);
        box.voteMany(id, 0, new SignedVote[](MOST + 1));
    }

    function test_RevertWhen_SegmentTakesNone() external {
        uint32 id = open(plainTerms());
        SignedVote[] memory votes = new SignedVote[](1);
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id, 1);
        box.voteMany(id, 1, votes);
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxNotOpen.selector, OPENS, CLOSES, CLOSES);
        box.voteMany(id, 0, votes);
        BallotTerms[3] memory others = [anonymousTerms(), sealedTerms(5), committedTerms()];
        for (uint256 i = 0; i < 3; ++i) {
            vm.warp(EPOCH);
            id = open(others[i]);
            expectError(IBallotBox.BallotBoxWrongWay.selector, id);
            box.voteMany(id, 0, votes);
        }
    }

    function test_TakesAsManyAsMayBe() external {
        uint32 id = open(plainTerms());
        // All but one are the same vote again.
        SignedVote[] memory votes = new SignedVote[](MOST);
        SignedVote memory first = signedVote(id, 0, 0, 1, 1, 0);
        for (uint256 i = 0; i < MOST; ++i) votes[i] = first;
        assertEq(box.voteMany(id, 0, votes), 1, "accepted");
        (, uint8[4] memory tally, ) = box.groupOf(id, 0, 0);
        assertEq(tally[1], 1, "one vote");
    }

    function test_EachFaultLeavesItsOwnVoteOut() external {
        BallotTerms[2] memory both = [plainTerms(), termsOf(BallotKind.Single, Rule.MostFirst, 6, 0)];
        for (uint256 i = 0; i < 2; ++i) {
            vm.warp(EPOCH);
            uint32 id = open(both[i]);
            castAs(id, 0, 4, 2);
            SignedVote[] memory votes = new SignedVote[](9);
            votes[0] = signedVote(id, 0, 0, 1, 0, 0);
            votes[1] = _late(id);
            votes[2] = signedVote(id, 0, 1, 1, 1, 0);
            votes[2].signature.r = 0;
            votes[3] = signedBy(strangerKey, voteOf(id, 0, 1, 1, 1, 0), pathOf(NAMED, 0, 1));
            votes[4] = signedVote(id, 0, 1, 1, both[i].options, 0);
            votes[5] = signedVote(id, 0, 1, 2, 1, 0);
            votes[6] = signedVote(id, 0, 4, 1, 1, 0);
            votes[7] = votes[0];
            votes[8] = signedVote(id, 0, 2, 1, 2, 0);
            vm.expectEmit(address(box));
            emit IBallotBox.VoteCast(id, voterOf(0, 0), 0);
            _expectRejected(id, 1, 1, VoteFault.Expired);
            _expectRejected(id, 1, 1, VoteFault.BadSignature);
            _expectRejected(id, 1, 1, VoteFault.NotInCensus);
            _expectRejected(id, 1, 1, VoteFault.BadPayload);
            _expectRejected(id, 1, 2, VoteFault.StaleSequence);
            _expectRejected(id, 4, 1, VoteFault.StaleSequence);
            _expectRejected(id, 0, 1, VoteFault.StaleSequence);
            vm.expectEmit(address(box));
            emit IBallotBox.VoteCast(id, voterOf(0, 2), 2);
            vm.prank(relayer);
            assertEq(box.voteMany(id, 0, votes), 2, "accepted");
            assertFalse(box.hasVoted(id, 0, 1), "none of them was that one's");
            close(id, both[i]);
            uint256[] memory tallies = box.talliesOf(id, both[i], 0);
            assertEq(tallies[0] + 10 * tallies[1] + 100 * tallies[2], 201, "tallies");
        }
    }

    function test_FaultsOfReplacements() external {
        BallotTerms memory terms = plainTerms();
        terms.revotes = true;
        uint32 id = open(terms);
        recastAs(id, 0, 0, 3, 1, 0);
        SignedVote[] memory votes = new SignedVote[](6);
        votes[0] = signedVote(id, 0, 0, 3, 2, 1);
        votes[1] = signedVote(id, 0, 0, 4, 2, 0);
        votes[2] = signedVote(id, 0, 0, 4, 3, 1);
        votes[3] = signedVote(id, 0, 0, 4, 2, 1);
        votes[4] = signedVote(id, 0, 0, 5, 0, 2);
        votes[5] = signedVote(id, 0, 1, 0, 0, 0);
        _expectRejected(id, 0, 3, VoteFault.StaleSequence);
        _expectRejected(id, 0, 4, VoteFault.WrongPrevious);
        _expectRejected(id, 0, 4, VoteFault.BadPayload);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRecorded(id, voterOf(0, 0), uint256(4) << 224, 2);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRecorded(id, voterOf(0, 0), uint256(5) << 224, 0);
        _expectRejected(id, 1, 0, VoteFault.StaleSequence);
        assertEq(box.voteMany(id, 0, votes), 2, "accepted");
        assertEq(box.talliesOf(id, terms, 0), list(1, 0, 0), "tallies");
    }

    function test_NothingAcceptedChangesNothing() external {
        BallotTerms memory terms = termsOf(BallotKind.Approval, Rule.MostFirst, 3, 3);
        uint32 id = open(terms);
        castAs(id, 0, 0, 7);
        bytes32 before = keccak256(abi.encode(box.pollOf(id, 0)));
        SignedVote[] memory votes = new SignedVote[](2);
        votes[0] = signedVote(id, 0, 0, 1, 1, 0);
        votes[1] = signedVote(id, 0, 1, 1, 8, 0);
        assertEq(box.voteMany(id, 0, votes), 0, "none");
        assertEq(keccak256(abi.encode(box.pollOf(id, 0))), before, "segment");
        assertEq(box.talliesOf(id, terms, 0), list(1, 1, 1), "tallies");
        assertFalse(box.hasVoted(id, 0, 1), "has not voted");
    }

    /// @dev A vote of one segment is none in another.
    function test_SegmentIsSigned() external {
        BallotTerms memory terms = plainTerms();
        terms.segments = segmentsTo(2);
        uint32 id = open(terms);
        SignedVote[] memory votes = new SignedVote[](2);
        votes[0] = signedVote(id, 0, 0, 1, 1, 0);
        votes[1] = signedVote(id, 1, 0, 1, 1, 0);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRejected(id, 1 << 32, 1, VoteFault.NotInCensus);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteCast(id, 1 << 32, 1);
        assertEq(box.voteMany(id, 1, votes), 1, "accepted");
    }

    /// @dev Votes by chance, good and bad, in one call and one by one.
    function testFuzz_ManyDoWhatSinglesDo(uint256 seed) external {
        BallotTerms memory terms = termsOf(BallotKind.Single, Rule.MostFirst, seed % 2 == 0 ? 4 : 5, 0);
        terms.revotes = (seed >> 1) % 2 == 0;
        uint32 together = open(terms);
        vm.warp(EPOCH);
        uint32 apart = open(terms);
        SignedVote[] memory votes = new SignedVote[](10);
        uint256 accepted = 0;
        for (uint256 i = 0; i < votes.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            Vote memory vote = voteOf(
                together,
                0,
                uint32(seed % PEOPLE),
                uint32((seed >> 8) % 4),
                (seed >> 16) % 6,
                (seed >> 24) % 6
            );
            uint256 signer = (seed >> 32) % 8 == 0 ? (seed >> 40) % PEOPLE : vote.index;
            bytes32[] memory path = pathOf(NAMED, 0, vote.index);
            votes[i] = signedBy(keyOf(people[NAMED][0][signer]), vote, path);
            vote.ballotId = apart;
            try
                box.voteBySig(vote, accountOf(people[NAMED][0][vote.index]), sign(people[NAMED][0][signer], vote), path)
            {
                ++accepted;
            } catch {}
        }
        assertEq(box.voteMany(together, 0, votes), accepted, "accepted");
        close(together, terms);
        addUpAll(apart, terms);
        assertEq(box.talliesOf(together, terms, 0), box.talliesOf(apart, terms, 0), "tallies");
        assertEq(
            keccak256(abi.encode(box.pollOf(together, 0))),
            keccak256(abi.encode(box.pollOf(apart, 0))),
            "segment"
        );
        (, , uint160 left) = box.groupOf(together, 0, 0);
        (, , uint160 right) = box.groupOf(apart, 0, 0);
        assertEq(left, right, "chain");
        for (uint32 i = 0; i < PEOPLE; ++i) {
            assertTrue(box.hasVoted(together, 0, i) == box.hasVoted(apart, 0, i), "voted");
        }
    }

    // --- internals

    function _late(uint32 id) private view returns (SignedVote memory late) {
        Vote memory vote = voteOf(id, 0, 1, 1, 1, 0);
        vote.deadline = OPENS - 1;
        return signedBy(keyOf(people[NAMED][0][1]), vote, pathOf(NAMED, 0, 1));
    }

    function _expectRejected(uint32 id, uint32 index, uint32 sequence, VoteFault fault) private {
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRejected(id, voterOf(0, index), sequence, fault);
    }
}
