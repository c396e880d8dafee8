// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../../contracts/authority/ISigned.sol";
import {
    AnonymousVote,
    BallotState,
    BallotTerms,
    IBallotBox,
    Reveal,
    SealedEntry,
    SealedVote,
    SignedVote
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {BallotFixture} from "./BallotFixture.sol";

/// @dev Each act in each state. Rows are acts, columns states; y: it can be done, or fails for another reason than its time.
///
///                     None  Published  Frozen  Open  Closed  Final  Withdrawn  Void
/// withdraw                  y          y
/// freeze                    y
/// vote, voteBySig,
///   voteMany, commit,
///   anonymous, sealed                          y
/// recordProtocol                               y     y
/// releaseKey, open,
///   reveal, addUp,
///   drawLot, finalise,
///   countRounds, abandon                             y
contract BallotLivesTest is BallotFixture {
    enum Act {
        Withdraw,
        Freeze,
        Vote,
        VoteSigned,
        VoteMany,
        Commit,
        VoteAnonymously,
        VoteAnonymouslyMany,
        VoteSealed,
        VoteSealedMany,
        RecordProtocol,
        ReleaseKey,
        Open,
        Reveal,
        AddUp,
        DrawLot,
        CountRounds,
        Finalise,
        Abandon
    }

    uint256 private constant KEY = 5;
    uint256 private constant STATES = uint256(type(BallotState).max) + 1;
    uint256 private constant ACTS = uint256(type(Act).max) + 1;

    /// @dev Whether the ballot is one that is void.
    bool private small;

    function test_ActsHaveTheirStates() external {
        for (uint256 i = 0; i < STATES; ++i) {
            BallotState state = BallotState(i);
            uint256 before = vm.snapshotState();
            uint32 id = _reach(state);
            for (uint256 j = 0; j < ACTS; ++j) {
                uint256 reached = vm.snapshotState();
                bytes memory fault = _try(Act(j), id);
                string memory name = string.concat(vm.toString(i), " ", vm.toString(j));
                bool inTime = fault.length == 0 || !_isOfTime(fault);
                assertTrue(inTime == _can(Act(j), state), name);
                if (!inTime) assertEq(keccak256(fault), keccak256(_expected(Act(j), state, id)), name);
                assertTrue(vm.revertToState(reached), "back");
            }
            assertTrue(vm.revertToState(before), "anew");
        }
    }

    /// @dev As the table has it.
    function _can(Act act, BallotState state) private pure returns (bool can) {
        if (act == Act.Withdraw) return state == BallotState.Published || state == BallotState.Frozen;
        if (act == Act.Freeze) return state == BallotState.Published;
        if (_isVote(act)) return state == BallotState.Open;
        if (act == Act.RecordProtocol && state == BallotState.Open) return true;
        return state == BallotState.Closed;
    }

    /// @dev Whether a fault is that of a wrong time.
    function _isOfTime(bytes memory fault) private pure returns (bool so) {
        bytes4 selector = bytes4(fault);
        return
            selector == IBallotBox.BallotBoxUnknownBallot.selector ||
            selector == IBallotBox.BallotBoxWrongState.selector ||
            selector == IBallotBox.BallotBoxUnknownSegment.selector ||
            selector == IBallotBox.BallotBoxNotOpen.selector;
    }

    function _expected(Act act, BallotState state, uint32 id) private view returns (bytes memory fault) {
        if (!_isVote(act)) {
            if (state == BallotState.None) {
                return abi.encodeWithSelector(IBallotBox.BallotBoxUnknownBallot.selector, id);
            }
            return abi.encodeWithSelector(IBallotBox.BallotBoxWrongState.selector, id, state);
        }
        bool frozen = state == BallotState.Frozen || state == BallotState.Closed || state == BallotState.Final;
        if (!frozen) return abi.encodeWithSelector(IBallotBox.BallotBoxUnknownSegment.selector, id, 0);
        return abi.encodeWithSelector(IBallotBox.BallotBoxNotOpen.selector, OPENS, CLOSES, block.timestamp);
    }

    function _isVote(Act act) private pure returns (bool so) {
        return act >= Act.Vote && act <= Act.VoteSealedMany;
    }

    function _terms() private view returns (BallotTerms memory terms) {
        if (!small) return plainTerms();
        terms = anonymousTerms();
        terms.minAnonymity = PEOPLE + 1;
    }

    /// @dev A ballot in a state, by the shortest way.
    function _reach(BallotState state) private returns (uint32 id) {
        small = state == BallotState.Void;
        if (state == BallotState.None) return 1;
        BallotTerms memory terms = _terms();
        id = publish(terms);
        if (state == BallotState.Published) return id;
        vm.warp(FREEZES + 1);
        box.freeze(id, terms, 1);
        if (state == BallotState.Withdrawn) {
            vm.prank(clerk);
            box.withdraw(id, terms, REASON);
        }
        if (state == BallotState.Open) vm.warp(OPENS);
        if (state == BallotState.Closed || state == BallotState.Final) vm.warp(CLOSES);
        if (state == BallotState.Final) {
            box.addUp(id, 0, 1);
            box.finalise(id, terms);
        }
        assertState(id, state, "reached");
    }

    /// @dev What an act fails with; nothing: it is done.
    function _try(Act act, uint32 id) private returns (bytes memory fault) {
        try this.doOutside(act, id) {
            return "";
        } catch (bytes memory reason) {
            return reason;
        }
    }

    function doOutside(Act act, uint32 id) external {
        Signature memory none;
        bytes32[] memory path;
        uint256[8] memory proof;
        BallotTerms memory terms = _terms();
        if (act == Act.Withdraw) {
            vm.prank(clerk);
            box.withdraw(id, terms, REASON);
        } else if (act == Act.Freeze) {
            box.freeze(id, terms, 1);
        } else if (act == Act.Vote) {
            castAs(id, 0, 0, 0);
        } else if (act == Act.VoteSigned) {
            recastAs(id, 0, 0, 1, 0, 0);
        } else if (act == Act.VoteMany) {
            box.voteMany(id, 0, new SignedVote[](1));
        } else if (act == Act.Commit) {
            box.commit(voteOf(id, 0, 0, 1, 0, 0), stranger, none, path);
        } else if (act == Act.VoteAnonymously) {
            box.voteAnonymously(id, 0, AnonymousVote(1, 1, 0, 0, proof));
        } else if (act == Act.VoteAnonymouslyMany) {
            box.voteAnonymouslyMany(id, 0, new AnonymousVote[](1));
        } else if (act == Act.VoteSealed) {
            SealedVote memory vote;
            box.voteSealed(id, 0, vote);
        } else if (act == Act.VoteSealedMany) {
            box.voteSealedMany(id, 0, new SealedVote[](1));
        } else if (act == Act.RecordProtocol) {
            record(id, 0, 0, papersOf(0, 1));
        } else {
            _count(act, id, terms);
        }
    }

    function _count(Act act, uint32 id, BallotTerms memory terms) private {
        if (act == Act.ReleaseKey) box.releaseKey(id, terms, KEY);
        else if (act == Act.Open) box.open(id, 0, new SealedEntry[](1));
        else if (act == Act.Reveal) box.reveal(id, 0, new Reveal[](1));
        else if (act == Act.AddUp) box.addUp(id, 0, 1);
        else if (act == Act.DrawLot) box.drawLot(id, terms);
        else if (act == Act.CountRounds) box.countRounds(id, terms, new uint256[](0));
        else if (act == Act.Finalise) box.finalise(id, terms);
        else box.abandon(id, terms);
    }

    /// @dev What no act can change after the publication: terms and census; after the result: the result.
    function test_NothingMovesWhatIsFrozen() external {
        BallotTerms memory terms = plainTerms();
        uint32 id = open(terms);
        bytes32 root = bytes32(box.pollOf(id, 0).root);
        rolls.setSegment(NAMED, 0, 1, 1);
        castAs(id, 0, 0, 1);
        assertEq(bytes32(box.pollOf(id, 0).root), root, "census");
        assertEq(box.ballotOf(id, new uint16[](0)).members, PEOPLE, "members");
        close(id, terms);
        box.finalise(id, terms);
        bytes32 result = keccak256(abi.encode(box.resultOf(id)));
        for (uint256 j = 0; j < ACTS; ++j) assertTrue(_try(Act(j), id).length != 0, "no act");
        assertEq(keccak256(abi.encode(box.resultOf(id))), result, "result");
        assertEq(box.ballotOf(id, new uint16[](0)).termsHash, keccak256(abi.encode(terms)), "terms");
    }
}
