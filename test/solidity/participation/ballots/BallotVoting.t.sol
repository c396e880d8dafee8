// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {ContractAccount} from "../../../../contracts/mocks/ContractAccount.sol";
import {PlainP256Verifier} from "../../../../contracts/mocks/PlainP256Verifier.sol";
import {
    BallotKind,
    BallotState,
    BallotTerms,
    IBallotBox,
    Rule,
    Vote
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {BallotFixture} from "./BallotFixture.sol";

/// @dev Accounts that vote as themselves.
contract BallotVoteTest is BallotFixture {
    // vote
    // ├─ unknown ballot, segment that does not vote .. BallotBoxUnknownSegment
    // ├─ before the first second, after the last ..... BallotBoxNotOpen
    // ├─ anonymous, sealed, committed or with replacements ... BallotBoxWrongWay
    // ├─ not the account at that place ............... BallotBoxNotInCensus
    // │  └─ path too short, too long, of another place or segment, or place of another
    // ├─ a payload that there is not ................. BallotBoxBadPayload
    // ├─ again ....................................... BallotBoxStaleSequence
    // ├─ in a group .................................. one slot changes, VoteCast; counted when it is added up
    // └─ not in a group .............................. counted at once, VoteCast

    function test_RevertWhen_SegmentDoesNotVote() external {
        uint32 id = open(plainTerms());
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id, 1);
        this.castOutside(id, 1, 0, 0);
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id + 1, 0);
        this.castOutside(id + 1, 0, 0, 0);
    }

    function test_RevertWhen_NotOpen() external {
        uint32 id = freeze(plainTerms());
        vm.warp(OPENS - 1);
        expectError(IBallotBox.BallotBoxNotOpen.selector, OPENS, CLOSES, OPENS - 1);
        this.castOutside(id, 0, 0, 0);
        vm.warp(OPENS);
        castAs(id, 0, 0, 0);
        vm.warp(CLOSES - 1);
        castAs(id, 0, 1, 0);
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxNotOpen.selector, OPENS, CLOSES, CLOSES);
        this.castOutside(id, 0, 2, 0);
    }

    function test_RevertWhen_VotesComeInAnotherWay() external {
        BallotTerms[4] memory others = [plainTerms(), anonymousTerms(), sealedTerms(5), committedTerms()];
        others[0].revotes = true;
        for (uint256 i = 0; i < 4; ++i) {
            vm.warp(EPOCH);
            uint32 id = open(others[i]);
            expectError(IBallotBox.BallotBoxWrongWay.selector, id);
            this.castOutside(id, 0, 0, 0);
        }
    }

    function test_RevertWhen_NotInTheCensus() external {
        BallotTerms memory terms = plainTerms();
        terms.segments = segmentsTo(2);
        uint32 id = open(terms);
        address voter = accountOf(people[NAMED][0][1]);
        bytes32[] memory path = pathOf(NAMED, 0, 1);
        _refuse(stranger, id, 0, 1, path);
        _refuse(voter, id, 0, 2, path);
        _refuse(voter, id, 0, 2, pathOf(NAMED, 0, 2));
        _refuse(voter, id, 1, 1, pathOf(NAMED, 1, 1));
        _refuse(voter, id, 1, 1, path);
        _refuse(voter, id, 0, 1, pathOf(NAMED, 1, 1));
        _refuse(voter, id, 0, 1, new bytes32[](0));
        bytes32[] memory changed = new bytes32[](path.length - 1);
        for (uint256 i = 0; i < changed.length; ++i) changed[i] = path[i];
        _refuse(voter, id, 0, 1, changed);
        changed = new bytes32[](path.length + 1);
        for (uint256 i = 0; i < path.length; ++i) changed[i] = path[i];
        _refuse(voter, id, 0, 1, changed);
        path[0] ^= bytes32(uint256(1));
        _refuse(voter, id, 0, 1, path);
    }

    /// @dev Who joins after the census, or left before, has no path to the root that was written down.
    function test_RevertWhen_JoinedAfterTheCensus() external {
        uint32 id = open(plainTerms());
        enrol(NAMED, 0, 900, 1);
        _refuse(accountOf(900), id, 0, PEOPLE, pathOf(NAMED, 0, PEOPLE));
    }

    /// @dev The root is kept in 168 bits, of which each counts.
    function test_RevertWhen_RootDiffersInOneBit() external {
        uint256 root = uint256(rootOf(NAMED, 0));
        for (uint256 bit = 88; bit < 256; bit += 167) {
            rolls.setSegment(NAMED, 0, root ^ (1 << bit), PEOPLE);
            vm.warp(EPOCH);
            uint32 id = open(plainTerms());
            _refuse(accountOf(people[NAMED][0][0]), id, 0, 0, pathOf(NAMED, 0, 0));
        }
    }

    function test_RevertWhen_PayloadIsNone() external {
        uint32 id = open(plainTerms());
        expectError(IBallotBox.BallotBoxBadPayload.selector, 3);
        this.castOutside(id, 0, 0, 3);
        expectError(IBallotBox.BallotBoxBadPayload.selector, type(uint256).max);
        this.castOutside(id, 0, 0, type(uint256).max);
        vm.warp(EPOCH);
        id = open(termsOf(BallotKind.Approval, Rule.MostFirst, 3, 2));
        expectError(IBallotBox.BallotBoxBadPayload.selector, 7);
        this.castOutside(id, 0, 0, 7);
    }

    function test_RevertWhen_VotedBefore() external {
        BallotTerms[2] memory both = [plainTerms(), termsOf(BallotKind.Single, Rule.MostFirst, 5, 0)];
        for (uint256 i = 0; i < 2; ++i) {
            vm.warp(EPOCH);
            uint32 id = open(both[i]);
            castAs(id, 0, 3, 1);
            expectError(IBallotBox.BallotBoxStaleSequence.selector, voterOf(0, 3), 1, 1);
            this.castOutside(id, 0, 3, 1);
            expectError(IBallotBox.BallotBoxStaleSequence.selector, voterOf(0, 3), 1, 1);
            this.castOutside(id, 0, 3, 2);
        }
    }

    function test_VotesInAGroup() external {
        BallotTerms memory terms = plainTerms();
        uint32 id = open(terms);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteCast(id, voterOf(0, 3), 2);
        castAs(id, 0, 3, 2);
        castAs(id, 0, 1, 0);
        (uint64 voted, uint8[4] memory votes, uint160 chain) = box.groupOf(id, 0, 0);
        assertEq(voted, (1 << 3) | (1 << 1), "voted");
        assertEq(uint256(votes[0]) + votes[2] * 256 + votes[1] + votes[3], 257, "votes");
        assertEq(chain, linked(linked(0, voterOf(0, 3), 1, 2), voterOf(0, 1), 1, 0), "chain");
        assertEq(box.talliesOf(id, terms, 0), list(0, 0, 0), "not added up");
        assertEq(box.pollOf(id, 0).cast, 0, "nor counted");
        assertEq(box.pollOf(id, 0).chain, 0, "groups have their own");
        assertTrue(box.hasVoted(id, 0, 1) && box.hasVoted(id, 0, 3), "have voted");
        assertFalse(box.hasVoted(id, 0, 0) || box.hasVoted(id, 0, 2), "have not");
    }

    function test_VotesInAnotherSegment() external {
        BallotTerms memory terms = plainTerms();
        terms.segments = segmentsTo(2);
        uint32 id = open(terms);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteCast(id, (1 << 32) | 4, 1);
        castAs(id, 1, 4, 1);
        assertTrue(box.hasVoted(id, 1, 4), "has voted");
        assertFalse(box.hasVoted(id, 0, 4), "its namesake has not");
    }

    function test_VotesWithoutAGroup() external {
        BallotTerms memory terms = termsOf(BallotKind.Single, Rule.MostFirst, 12, 0);
        uint32 id = open(terms);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteCast(id, voterOf(0, 3), 11);
        castAs(id, 0, 3, 11);
        castAs(id, 0, 1, 0);
        uint256[] memory expected = new uint256[](12);
        (expected[0], expected[11]) = (1, 1);
        assertEq(box.talliesOf(id, terms, 0), expected, "tallies");
        assertEq(box.pollOf(id, 0).cast, 2, "cast");
        assertEq(box.pollOf(id, 0).chain, linked(linked(0, voterOf(0, 3), 1, 11), voterOf(0, 1), 1, 0), "chain");
        assertTrue(box.hasVoted(id, 0, 1) && box.hasVoted(id, 0, 3), "have voted");
        assertFalse(box.hasVoted(id, 0, 0) || box.hasVoted(id, 0, 2), "have not");
        (uint64 voted, , uint160 chain) = box.groupOf(id, 0, 0);
        assertEq(uint256(voted) + chain, 0, "no groups");
    }

    /// @dev Papers of every other kind come in by the same door.
    function test_VotesOnEveryKind() external {
        uint256 id = _voteOnce(termsOf(BallotKind.Approval, Rule.MostFirst, 3, 2), 5, list(1, 0, 1));
        assertEq(box.pollOf(uint32(id), 0).cast, 1, "one paper, two approvals");
        _voteOnce(termsOf(BallotKind.Score, Rule.MostFirst, 3, 9), 0x090005, list(5, 0, 9));
        _voteOnce(termsOf(BallotKind.Quadratic, Rule.MostFirst, 3, 25), 0x040003, list(3, 0, 4));
        _voteOnce(termsOf(BallotKind.Points, Rule.MostFirst, 3, 900), (uint256(500) << 32) | 400, list(400, 0, 500));
        uint256[] memory matrix = new uint256[](9);
        (matrix[2 * 3], matrix[2 * 3 + 1], matrix[1]) = (1, 1, 1);
        _voteOnce(rankedTerms(Rule.Borda, 3), ranking("CA"), matrix);
        id = _voteOnce(rankedTerms(Rule.InstantRunoff, 3), ranking("CA"), new uint256[](0));
        assertEq(box.rankingCountOf(uint32(id), ranking("CA")), 1, "ranking");
        id = _voteOnce(surveyTerms(0x19, 0), 3, new uint256[](0));
        (uint256[] memory cells, ) = box.answersOf(uint32(id), surveyTerms(0x19, 0), 0);
        assertEq(cells, list(0, 0, 1), "answers");
    }

    /// @dev Of a plain ballot, a segment waits for no other.
    function test_VotesBeforeAnotherCensusIsFrozen() external {
        BallotTerms memory terms = plainTerms();
        terms.segments = segmentsTo(2);
        uint32 id = publish(terms);
        vm.warp(OPENS);
        box.freeze(id, terms, 1);
        castAs(id, 0, 0, 1);
        recastAs(id, 0, 1, 1, 1, 0);
        assertTrue(box.hasVoted(id, 0, 0) && box.hasVoted(id, 0, 1), "voted");
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id, 1);
        this.castOutside(id, 1, 0, 0);
        box.freeze(id, terms, 1);
        castAs(id, 1, 0, 1);
        close(id, terms);
        assertEq(box.talliesOf(id, terms, 0), list(0, 2, 0), "counted");
    }

    /// @dev 70 people, so two groups, in any order, against a count by hand.
    function testFuzz_GroupsCountWhatIsCast(uint256 seed) external {
        BallotTerms memory terms = plainTerms();
        (terms.options, terms.segments) = (4, segmentsOf(0));
        enrol(NAMED, 0, 1_000, 65);
        uint32 id = open(terms);
        uint256[] memory expected = new uint256[](4);
        uint160[2] memory chains;
        uint256 papers = 0;
        for (uint256 i = 0; i < 12; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint32 index = uint32(seed % 70);
            if (box.hasVoted(id, 0, index)) continue;
            uint256 option = (seed >> 16) % 4;
            castAs(id, 0, index, option);
            ++expected[option];
            ++papers;
            chains[index / 64] = linked(chains[index / 64], voterOf(0, index), 1, option);
        }
        for (uint256 i = 0; i < 2; ++i) {
            (, , uint160 chain) = box.groupOf(id, 0, i);
            assertEq(chain, chains[i], "chain");
        }
        vm.warp(CLOSES);
        assertEq(box.addUp(id, 0, 2), 0, "both");
        assertEq(box.talliesOf(id, terms, 0), expected, "tallies");
        assertEq(box.pollOf(id, 0).cast, papers, "cast");
    }

    // --- internals

    function castOutside(uint32 id, uint16 segment, uint32 index, uint256 payload) external {
        castAs(id, segment, index, payload);
    }

    function _refuse(address voter, uint32 id, uint16 segment, uint32 index, bytes32[] memory path) private {
        vm.expectRevert(abi.encodeWithSelector(IBallotBox.BallotBoxNotInCensus.selector, segment, index, voter));
        vm.prank(voter);
        box.vote(id, segment, index, 0, path);
    }

    function _voteOnce(
        BallotTerms memory terms,
        uint256 payload,
        uint256[] memory tallies
    ) private returns (uint32 id) {
        vm.warp(EPOCH);
        id = open(terms);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteCast(id, voterOf(0, 2), payload);
        castAs(id, 0, 2, payload);
        assertEq(box.talliesOf(id, terms, 0), tallies, "tallies");
        assertEq(box.pollOf(id, 0).chain, linked(0, voterOf(0, 2), 1, payload), "chain");
    }
}

/// @dev Accounts that sign, and those that vote again.
contract BallotSignedVoteTest is BallotFixture {
    bytes32[] private noPath;

    // voteBySig
    // ├─ unknown ballot, segment that does not vote .. BallotBoxUnknownSegment
    // ├─ before the first second, after the last ..... BallotBoxNotOpen
    // ├─ anonymous, sealed or committed .............. BallotBoxWrongWay
    // ├─ with replacements, another segment not frozen BallotBoxWrongState
    // ├─ after its deadline .......................... BallotBoxExpired
    // ├─ not the voter at that place ................. BallotBoxNotInCensus
    // ├─ not signed by the voter, or something else .. SignedInvalidSignature
    // │  └─ another member, ballot, chain, contract, act
    // ├─ a payload that there is not ................. BallotBoxBadPayload
    // ├─ one vote only
    // │  ├─ a sequence that is not 1, or again ....... BallotBoxStaleSequence
    // │  └─ else ..................................... VoteCast
    // └─ with replacements
    //    ├─ sequence not above the latest ............ BallotBoxStaleSequence
    //    ├─ previous is not what stands .............. BallotBoxWrongPrevious
    //    └─ else ..................................... counted instead of it, VoteRecorded
    // By plain keys, ERC-1271, ERC-7913, or the voter itself without signature.

    function test_RevertWhen_SegmentDoesNotVote() external {
        uint32 id = open(plainTerms());
        Signature memory none;
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id, 1);
        box.voteBySig(voteOf(id, 1, 0, 1, 0, 0), stranger, none, noPath);
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id + 1, 0);
        box.voteBySig(voteOf(id + 1, 0, 0, 1, 0, 0), stranger, none, noPath);
    }

    function test_RevertWhen_NotOpen() external {
        uint32 id = freeze(againTerms());
        vm.warp(OPENS - 1);
        expectError(IBallotBox.BallotBoxNotOpen.selector, OPENS, CLOSES, OPENS - 1);
        this.recastOutside(id, 0, 1, 0, 0);
        vm.warp(OPENS);
        recastAs(id, 0, 0, 1, 0, 0);
        vm.warp(CLOSES - 1);
        recastAs(id, 0, 0, 2, 0, 0);
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxNotOpen.selector, OPENS, CLOSES, CLOSES);
        this.recastOutside(id, 0, 3, 0, 0);
    }

    function test_RevertWhen_VotesComeInAnotherWay() external {
        BallotTerms[3] memory others = [anonymousTerms(), sealedTerms(5), committedTerms()];
        for (uint256 i = 0; i < 3; ++i) {
            vm.warp(EPOCH);
            uint32 id = open(others[i]);
            expectError(IBallotBox.BallotBoxWrongWay.selector, id);
            this.recastOutside(id, 0, 1, 0, 0);
        }
    }

    function test_RevertWhen_AnotherSegmentIsNotFrozen() external {
        BallotTerms memory terms = againTerms();
        terms.segments = segmentsTo(2);
        uint32 id = publish(terms);
        vm.warp(OPENS);
        box.freeze(id, terms, 1);
        vm.expectRevert(abi.encodeWithSelector(IBallotBox.BallotBoxWrongState.selector, id, BallotState.Published));
        this.recastOutside(id, 0, 1, 0, 0);
        box.freeze(id, terms, 1);
        recastAs(id, 0, 0, 1, 0, 0);
        assertTrue(box.hasVoted(id, 0, 0), "voted");
    }

    function test_RevertWhen_Expired() external {
        uint32 id = open(plainTerms());
        (Vote memory vote, address voter, bytes32[] memory path) = _vote(id, 0);
        vote.deadline = OPENS;
        Signature memory signature = sign(people[NAMED][0][0], vote);
        vm.warp(OPENS + 1);
        expectError(IBallotBox.BallotBoxExpired.selector, OPENS, OPENS + 1);
        box.voteBySig(vote, voter, signature, path);
        vm.prank(voter);
        expectError(IBallotBox.BallotBoxExpired.selector, OPENS, OPENS + 1);
        box.voteBySig(vote, voter, signature, path);
        vm.warp(OPENS);
        box.voteBySig(vote, voter, signature, path);
        assertTrue(box.hasVoted(id, 0, 0), "at the last second");
    }

    function test_RevertWhen_NotInTheCensus() external {
        uint32 id = open(plainTerms());
        (Vote memory vote, address voter, bytes32[] memory path) = _vote(id, 0);
        vm.expectRevert(abi.encodeWithSelector(IBallotBox.BallotBoxNotInCensus.selector, 0, 0, stranger));
        box.voteBySig(vote, stranger, signTyped(strangerKey, domain(), hashOf(vote)), path);
        vote.index = 1;
        vm.expectRevert(abi.encodeWithSelector(IBallotBox.BallotBoxNotInCensus.selector, 0, 1, voter));
        box.voteBySig(vote, voter, sign(people[NAMED][0][0], vote), path);
    }

    function test_RevertWhen_SignatureIsOfSomethingElse() external {
        uint32 id = open(againTerms());
        vm.warp(EPOCH);
        uint32 other = open(againTerms());
        (Vote memory vote, address voter, bytes32[] memory path) = _vote(id, 0);
        Signature memory signature = sign(people[NAMED][0][0], vote);
        _refuseSignature(vote, voter, sign(people[NAMED][0][1], vote), path);
        Signature memory none;
        _refuseSignature(vote, voter, none, path);
        vote.payload = 1;
        _refuseSignature(vote, voter, signature, path);
        vote.payload = 0;
        vote.sequence = 2;
        _refuseSignature(vote, voter, signature, path);
        vote.sequence = 1;
        --vote.deadline;
        _refuseSignature(vote, voter, signature, path);
        ++vote.deadline;
        vote.ballotId = other;
        _refuseSignature(vote, voter, signature, path);
        vote.ballotId = id;
        _refuseSignature(vote, voter, signTyped(keyOf(people[NAMED][0][0]), domain(), hashOfCommitment(vote)), path);
        // What was not signed is only what stands.
        vote.previous = 99;
        box.voteBySig(vote, voter, signature, path);
    }

    function test_RevertWhen_SignatureIsOfAnotherPlace() external {
        uint32 id = open(plainTerms());
        (Vote memory vote, address voter, bytes32[] memory path) = _vote(id, 0);
        Signature memory signature = sign(people[NAMED][0][0], vote);
        vm.chainId(block.chainid + 1);
        _refuseSignature(vote, voter, signature, path);
        vm.chainId(block.chainid - 1);
        vm.warp(EPOCH);
        box = deployBox(NOTICE);
        manager.grantRole(manager.ADMIN_ROLE(), clerk, 0);
        assertEq(open(plainTerms()), id, "the same number in another box");
        _refuseSignature(vote, voter, signature, path);
    }

    function test_RevertWhen_PayloadIsNone() external {
        BallotTerms[2] memory both = [plainTerms(), againTerms()];
        for (uint256 i = 0; i < 2; ++i) {
            vm.warp(EPOCH);
            uint32 id = open(both[i]);
            expectError(IBallotBox.BallotBoxBadPayload.selector, 3);
            this.recastOutside(id, 0, 1, 3, 0);
        }
    }

    function test_RevertWhen_OneVoteIsToBeReplaced() external {
        BallotTerms[2] memory both = [plainTerms(), termsOf(BallotKind.Approval, Rule.MostFirst, 3, 3)];
        for (uint256 i = 0; i < 2; ++i) {
            vm.warp(EPOCH);
            uint32 id = open(both[i]);
            _refuseSequence(id, 0, 2, 1);
            _refuseSequence(id, 0, 0, 1);
            vm.expectEmit(address(box));
            emit IBallotBox.VoteCast(id, voterOf(0, 0), 1);
            recastAs(id, 0, 0, 1, 1, 0);
            _refuseSequence(id, 0, 1, 1);
            _refuseSequence(id, 0, 2, 1);
        }
    }

    /// @dev Direct and signed votes of one ballot are the same.
    function test_RevertWhen_VotedDirectly() external {
        uint32 id = open(plainTerms());
        castAs(id, 0, 0, 1);
        _refuseSequence(id, 0, 1, 1);
        recastAs(id, 0, 1, 1, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IBallotBox.BallotBoxStaleSequence.selector, voterOf(0, 1), 1, 1));
        this.castOutside(id, 1);
    }

    function test_RevertWhen_SequenceIsNotHigher() external {
        uint32 id = open(againTerms());
        _refuseSequence(id, 0, 0, 0);
        recastAs(id, 0, 0, 5, 1, 0);
        _refuseSequence(id, 0, 5, 5);
        _refuseSequence(id, 0, 4, 5);
        recastAs(id, 0, 0, 6, 1, 1);
        recastAs(id, 0, 0, type(uint32).max, 1, 1);
        _refuseSequence(id, 0, type(uint32).max, type(uint32).max);
    }

    function test_RevertWhen_PreviousIsAnother() external {
        uint32 id = open(againTerms());
        recastAs(id, 0, 0, 1, 1, 2);
        expectError(IBallotBox.BallotBoxWrongPrevious.selector, voterOf(0, 0), 2);
        this.recastOutside(id, 0, 2, 0, 2);
        recastAs(id, 0, 0, 2, 0, 1);
        expectError(IBallotBox.BallotBoxWrongPrevious.selector, voterOf(0, 0), 1);
        this.recastOutside(id, 0, 3, 1, 1);
    }

    function test_VotesForWhoSigned() external {
        uint32 id = open(plainTerms());
        (Vote memory vote, address voter, bytes32[] memory path) = _vote(id, 0);
        Signature memory signature = sign(people[NAMED][0][0], vote);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteCast(id, voterOf(0, 0), 0);
        vm.prank(relayer);
        box.voteBySig(vote, voter, signature, path);
        assertTrue(box.hasVoted(id, 0, 0), "has voted");
        // And not again.
        expectError(IBallotBox.BallotBoxStaleSequence.selector, voterOf(0, 0), 1, 1);
        box.voteBySig(vote, voter, signature, path);
    }

    function test_VotesForAContract() external {
        ContractAccount account = new ContractAccount(stranger);
        seat(NAMED, 0, address(account));
        settle(NAMED, 0);
        uint32 id = open(againTerms());
        Vote memory vote = voteOf(id, 0, PEOPLE, 1, 2, 0);
        bytes32[] memory path = pathOf(NAMED, 0, PEOPLE);
        _refuseSignature(vote, address(account), sign(people[NAMED][0][0], vote), path);
        box.voteBySig(vote, address(account), signTyped(strangerKey, domain(), hashOf(vote)), path);
        assertTrue(box.hasVoted(id, 0, PEOPLE), "has voted");
        (vote.sequence, vote.previous) = (2, 2);
        vm.prank(stranger);
        account.freeze();
        _refuseSignature(vote, address(account), signTyped(strangerKey, domain(), hashOf(vote)), path);
    }

    function test_VotesForAKeyOfAnotherCurve() external {
        (uint256 x, uint256 y) = vm.publicKeyP256(7);
        bytes memory key = abi.encodePacked(address(new PlainP256Verifier()), x, y);
        address account = address(uint160(uint256(keccak256(key))));
        seat(NAMED, 0, account);
        settle(NAMED, 0);
        uint32 id = open(plainTerms());
        Vote memory vote = voteOf(id, 0, PEOPLE, 1, 2, 0);
        bytes32[] memory path = pathOf(NAMED, 0, PEOPLE);
        (bytes32 r, bytes32 s) = vm.signP256(8, digestOf(hashOf(vote)));
        _refuseSignature(vote, account, Signature({key: key, data: abi.encode(r, s)}), path);
        (r, s) = vm.signP256(7, digestOf(hashOf(vote)));
        box.voteBySig(vote, account, Signature({key: key, data: abi.encode(r, s)}), path);
        assertTrue(box.hasVoted(id, 0, PEOPLE), "has voted");
    }

    function test_VotesAgain() external {
        BallotTerms memory terms = againTerms();
        uint32 id = open(terms);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRecorded(id, voterOf(0, 2), uint256(1) << 224, 1);
        recastAs(id, 0, 2, 1, 1, 0);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRecorded(id, voterOf(0, 2), uint256(9) << 224, 2);
        recastAs(id, 0, 2, 9, 2, 1);
        recastAs(id, 0, 3, 1, 0, 0);
        assertEq(box.talliesOf(id, terms, 0), list(1, 0, 1), "tallies");
        assertEq(box.pollOf(id, 0).cast, 2, "cast");
        uint160 chain = linked(linked(0, voterOf(0, 2), 1, 1), voterOf(0, 2), 9, 2);
        assertEq(box.pollOf(id, 0).chain, linked(chain, voterOf(0, 3), 1, 0), "chain");
        (uint32 sequence, uint32 entry, uint256 hash) = box.receiptOf(id, voterOf(0, 2));
        assertEq(sequence, 9, "sequence");
        assertEq(entry, 0, "entry");
        assertEq(hash, uint256(keccak256(abi.encode(uint256(2)))) >> 80, "hash");
        assertTrue(box.hasVoted(id, 0, 2), "has voted");
        assertFalse(box.hasVoted(id, 0, 4), "has not");
    }

    function test_TellsTheSegment() external {
        BallotTerms memory terms = againTerms();
        terms.segments = segmentsTo(3);
        uint32 id = open(terms);
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRecorded(id, (2 << 32) | 1, (uint256(3) << 224) | (2 << 208), 1);
        recastAs(id, 2, 1, 3, 1, 0);
        assertEq(box.talliesOf(id, terms, 2), list(0, 1, 0), "tallies");
    }

    /// @dev Votes and replacements by chance on a ballot of each kind, against who voted what last.
    function testFuzz_ReplacementsTakeOutWhatTheyReplace(uint256 seed) external {
        BallotTerms[3] memory kinds = [
            againTerms(),
            termsOf(BallotKind.Approval, Rule.MostFirst, 9, 9),
            termsOf(BallotKind.Score, Rule.MostFirst, 5, 255)
        ];
        BallotTerms memory terms = kinds[seed % 3];
        (terms.revotes, terms.options) = (true, seed % 3 == 0 ? 6 : terms.options);
        uint256 width = seed % 3 == 1 ? 1 : 8;
        uint32 id = open(terms);
        uint256[] memory papers = new uint256[](PEOPLE);
        uint32[] memory times = new uint32[](PEOPLE);
        uint160 chain = 0;
        for (uint256 i = 0; i < 12; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint32 index = uint32(seed % PEOPLE);
            uint256 paper =
                terms.kind == BallotKind.Single
                    ? (seed >> 16) % terms.options
                    : (seed >> 16) % (1 << (width * terms.options));
            recastAs(id, 0, index, ++times[index], paper, papers[index]);
            papers[index] = paper;
            chain = linked(chain, voterOf(0, index), times[index], paper);
        }
        uint256[] memory expected = new uint256[](terms.options);
        uint256 cast = 0;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            if (times[i] == 0) continue;
            ++cast;
            if (terms.kind == BallotKind.Single) {
                ++expected[papers[i]];
                continue;
            }
            for (uint256 option = 0; option < terms.options; ++option) {
                expected[option] += (papers[i] >> (option * width)) % (1 << width);
            }
        }
        assertEq(box.talliesOf(id, terms, 0), expected, "tallies");
        assertEq(box.pollOf(id, 0).cast, cast, "cast");
        assertEq(box.pollOf(id, 0).chain, chain, "chain");
    }

    // --- internals

    function againTerms() private pure returns (BallotTerms memory terms) {
        terms = plainTerms();
        terms.revotes = true;
    }

    function recastOutside(uint32 id, uint32 index, uint32 sequence, uint256 payload, uint256 previous) external {
        recastAs(id, 0, index, sequence, payload, previous);
    }

    function castOutside(uint32 id, uint32 index) external {
        castAs(id, 0, index, 0);
    }

    function _vote(
        uint32 id,
        uint32 index
    ) private view returns (Vote memory vote, address voter, bytes32[] memory path) {
        return (voteOf(id, 0, index, 1, 0, 0), accountOf(people[NAMED][0][index]), pathOf(NAMED, 0, index));
    }

    function _refuseSignature(
        Vote memory vote,
        address voter,
        Signature memory signature,
        bytes32[] memory path
    ) private {
        bytes32 digest = digestOf(hashOf(vote));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, voter, digest));
        box.voteBySig(vote, voter, signature, path);
    }

    function _refuseSequence(uint32 id, uint32 index, uint32 sequence, uint32 latest) private {
        expectError(IBallotBox.BallotBoxStaleSequence.selector, voterOf(0, index), sequence, latest);
        this.recastOutside(id, index, sequence, 1, 1);
    }
}
