// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {
    BallotState,
    BallotTerms,
    IBallotBox,
    PaperCount,
    PaperProtocol,
    SignedVote,
    Vote,
    VoteFault
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {TieRule} from "../../../../contracts/participation/rules/TieRules.sol";
import {BallotFixture} from "./BallotFixture.sol";

/// @dev What voters, relayers, officers and clerks might try where accounts and paper vote.
///
/// | Attack                                            | Answer                                               |
/// | ------------------------------------------------- | ---------------------------------------------------- |
/// | vote twice, by other doors                        | one bit or receipt for all doors                     |
/// | repeat somebody's older vote                      | sequence numbers rise                                |
/// | repeat a vote or protocol elsewhere               | ballot, contract and chain are signed                |
/// | hold a vote back, or spoil it                     | whoever has it can bring it; a spoilt call changes nothing |
/// | stop a batch by one of its votes                  | each fault leaves its own vote out                   |
/// | take an inner node for a leaf                     | leaves are shorter                                   |
/// | stop, shorten or hide an open ballot              | nobody has a say in it                               |
/// | count by other terms                              | the hash of all of them is kept                      |
/// | draw lots until one fits                          | one block, announced when nothing can change any more |
contract BallotAttacksTest is BallotFixture {
    function test_NobodyVotesTwiceByAnyDoor() external {
        for (uint256 first = 0; first < 3; ++first) {
            vm.warp(EPOCH);
            uint32 id = open(plainTerms());
            assertTrue(_voteBy(first, id), "first");
            for (uint256 second = 0; second < 3; ++second) assertFalse(_voteBy(second, id), "second");
            close(id, plainTerms());
            assertEq(box.talliesOf(id, plainTerms(), 0), list(0, 1, 0), "one vote");
        }
    }

    function test_OlderVotesUndoNothing() external {
        BallotTerms memory terms = plainTerms();
        terms.revotes = true;
        uint32 id = open(terms);
        SignedVote[] memory older = new SignedVote[](2);
        older[0] = signedVote(id, 0, 1, 1, 2, 0);
        older[1] = signedVote(id, 0, 1, 2, 1, 2);
        assertEq(box.voteMany(id, 0, older), 2, "cast");
        recastAs(id, 0, 1, 3, 0, 1);
        (older[0].previous, older[1].previous) = (0, 0);
        assertEq(box.voteMany(id, 0, older), 0, "stale");
        assertEq(box.talliesOf(id, terms, 0), list(1, 0, 0), "the last one stands");
    }

    /// @dev A signature that is good for another ballot, contract or chain is somebody else's here.
    function test_VotesAreGoodForOneBallot() external {
        uint32 id = open(plainTerms());
        SignedVote[] memory votes = new SignedVote[](1);
        votes[0] = signedVote(id, 0, 1, 1, 2, 0);
        vm.warp(EPOCH);
        uint32 other = open(plainTerms());
        _expectRejected(other);
        assertEq(box.voteMany(other, 0, votes), 0, "another ballot");
        vm.chainId(block.chainid + 1);
        _expectRejected(id);
        assertEq(box.voteMany(id, 0, votes), 0, "another chain");
        vm.chainId(block.chainid - 1);
        IBallotBox first = box;
        vm.warp(EPOCH);
        box = deployBox(NOTICE);
        manager.grantRole(manager.ADMIN_ROLE(), clerk, 0);
        assertEq(open(plainTerms()), id, "the same number");
        _expectRejected(id);
        assertEq(box.voteMany(id, 0, votes), 0, "another box");
        assertEq(first.voteMany(id, 0, votes), 1, "its own");
    }

    function test_ProtocolsAreGoodForOneBallot() external {
        uint32 id = open(paperTerms(9));
        PaperProtocol memory protocol = protocolOf(id, 0, 0, 1);
        PaperCount[] memory entries = papersOf(1, 2);
        Signature memory signature = signTyped(officerKey, domain(), hashOf(protocol, entries, officer));
        vm.warp(EPOCH);
        protocol.ballotId = open(paperTerms(9));
        bytes32 digest = digestOf(hashOf(protocol, entries, officer));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, officer, digest));
        box.recordProtocol(protocol, entries, signature);
    }

    /// @dev A relayer can say wrongly what stands, and hold a vote back. The voter goes elsewhere with the same signature.
    function test_RelayersCannotSpoilAVote() external {
        BallotTerms memory terms = plainTerms();
        terms.revotes = true;
        uint32 id = open(terms);
        recastAs(id, 0, 1, 1, 2, 0);
        Vote memory vote = voteOf(id, 0, 1, 2, 0, 1);
        address voter = accountOf(people[NAMED][0][1]);
        Signature memory signature = sign(people[NAMED][0][1], vote);
        bytes32[] memory path = pathOf(NAMED, 0, 1);
        vm.prank(relayer);
        expectError(IBallotBox.BallotBoxWrongPrevious.selector, voterOf(0, 1), 1);
        box.voteBySig(vote, voter, signature, path);
        vote.previous = 2;
        vm.prank(stranger);
        box.voteBySig(vote, voter, signature, path);
        assertEq(box.talliesOf(id, terms, 0), list(1, 0, 0), "cast by another");
    }

    /// @dev Who brings a vote of a batch before it takes nothing from the others.
    function test_BatchesAreNotStoppedByOneOfTheirVotes() external {
        uint32 id = open(plainTerms());
        SignedVote[] memory votes = new SignedVote[](PEOPLE);
        for (uint32 i = 0; i < PEOPLE; ++i) votes[i] = signedVote(id, 0, i, 1, i % 3, 0);
        SignedVote[] memory one = new SignedVote[](1);
        one[0] = votes[2];
        vm.prank(stranger);
        assertEq(box.voteMany(id, 0, one), 1, "before");
        assertEq(box.voteMany(id, 0, votes), PEOPLE - 1, "the others");
        close(id, plainTerms());
        assertEq(box.talliesOf(id, plainTerms(), 0), list(2, 2, 1), "all");
    }

    /// @dev No account at no place fits into a tree that it is not in, with any part of a path.
    function testFuzz_InnerNodesAreNoLeaves(address account, uint32 index, uint256 from, uint8 cut) external {
        from = from % PEOPLE;
        bytes32[] memory path = pathOf(NAMED, 0, from);
        bytes32[] memory part = new bytes32[](path.length - (cut % (path.length + 1)));
        for (uint256 i = 0; i < part.length; ++i) part[i] = path[i + path.length - part.length];
        uint32 id = open(plainTerms());
        vm.expectRevert(abi.encodeWithSelector(IBallotBox.BallotBoxNotInCensus.selector, 0, index, account));
        vm.prank(account);
        box.vote(id, 0, index, 0, part);
    }

    /// @dev Neither the clerk nor who has all roles.
    function test_NobodyStopsAnOpenBallot() external {
        BallotTerms memory terms = plainTerms();
        uint32 id = open(terms);
        castAs(id, 0, 0, 1);
        vm.prank(clerk);
        vm.expectRevert(abi.encodeWithSelector(IBallotBox.BallotBoxWrongState.selector, id, BallotState.Open));
        box.withdraw(id, terms, REASON);
        manager.setTargetClosed(address(box), true);
        castAs(id, 0, 1, 1);
        recastAs(id, 0, 2, 1, 1, 0);
        close(id, terms);
        box.finalise(id, terms);
        assertResult(id, "BAC", true, false, false, "no role was asked");
    }

    /// @dev Each member of the terms is part of their hash.
    function test_NobodyCountsByOtherTerms() external {
        BallotTerms memory terms = plainTerms();
        (terms.segments, terms.actionsHash) = (segmentsTo(3), keccak256("actions"));
        uint32 id = open(terms);
        close(id, terms);
        BallotTerms[8] memory others;
        for (uint256 i = 0; i < 8; ++i) {
            others[i] = plainTerms();
            (others[i].segments, others[i].actionsHash) = (segmentsTo(3), keccak256("actions"));
        }
        others[0].segments = segmentsTo(2);
        others[1].actionsHash = 0;
        others[2].blankLast = true;
        others[3].tieRule = TieRule.Lot;
        others[4].turnoutBp = 1;
        others[5].segmentsBp = 1;
        others[6].objectionPeriod = 0;
        others[7].texts[0].hash = "another";
        for (uint256 i = 0; i < 8; ++i) {
            expectError(IBallotBox.BallotBoxOtherTerms.selector, id, uint256(keccak256(abi.encode(others[i]))));
            box.finalise(id, others[i]);
        }
    }

    /// @dev When a lot is announced, nothing can be changed any more that it decides.
    function test_LotsAreNotDrawnTwice() external {
        BallotTerms memory terms = paperTerms(4);
        terms.tieRule = TieRule.Lot;
        uint32 id = open(terms);
        record(id, 0, 0, papersOf(0, 2));
        close(id, terms);
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 2, 4);
        box.drawLot(id, terms);
        record(id, 0, 0, papersOf(1, 2));
        vm.roll(500);
        box.drawLot(id, terms);
        expectError(IBallotBox.BallotBoxTooManyPapers.selector, 5, 4);
        this.recordOutside(id, papersOf(1, 1));
        vm.roll(509);
        box.drawLot(id, terms);
        vm.roll(1_000);
        expectError(IBallotBox.BallotBoxUnchanged.selector);
        box.drawLot(id, terms);
        expectError(IBallotBox.BallotBoxTooManyPapers.selector, 5, 4);
        this.recordOutside(id, papersOf(1, 1));
    }

    // --- internals

    function recordOutside(uint32 id, PaperCount[] memory entries) external {
        record(id, 0, 0, entries);
    }

    function castOutside(uint32 id) external {
        castAs(id, 0, 1, 1);
    }

    function recastOutside(uint32 id) external {
        recastAs(id, 0, 1, 1, 1, 0);
    }

    /// @dev Person 1 votes directly, signed, or in a batch. Whether it counted.
    function _voteBy(uint256 door, uint32 id) private returns (bool counted) {
        if (door == 2) {
            SignedVote[] memory votes = new SignedVote[](2);
            votes[0] = signedVote(id, 0, 1, 1, 1, 0);
            votes[1] = votes[0];
            return box.voteMany(id, 0, votes) == 1;
        }
        bytes memory fault = abi.encodeWithSelector(IBallotBox.BallotBoxStaleSequence.selector, voterOf(0, 1), 1, 1);
        if (door == 0) {
            try this.castOutside(id) {
                return true;
            } catch (bytes memory reason) {
                assertEq(keccak256(reason), keccak256(fault), "direct");
            }
        } else {
            try this.recastOutside(id) {
                return true;
            } catch (bytes memory reason) {
                assertEq(keccak256(reason), keccak256(fault), "signed");
            }
        }
    }

    function _expectRejected(uint32 id) private {
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRejected(id, voterOf(0, 1), 1, VoteFault.NotInCensus);
    }
}
