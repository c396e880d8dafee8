// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISemaphoreBatchVerifier} from "../proofs/ISemaphoreBatchVerifier.sol";
import {BallotCasting} from "./BallotCasting.sol";
import {BallotLedger, Casting, Poll} from "./BallotLedger.sol";
import {BallotMessages} from "./BallotMessages.sol";
import {BallotProofs} from "./BallotProofs.sol";
import {IBallotBox, SealedVote, Secrecy, VoteFault} from "./IBallotBox.sol";

/// @title BallotSealing
/// @notice Sealed papers that are put in.
library BallotSealing {
    using BallotCasting for BallotLedger;

    /// @dev Lane of the head that counts entries.
    uint256 private constant ENTRIES = 1;

    /// @notice See {IBallotBox-voteSealed}.
    /// @param ledger Storage.
    /// @param verifier Who checks proofs.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param vote Paper and proof.
    function seal(
        BallotLedger storage ledger,
        ISemaphoreBatchVerifier verifier,
        uint32 ballotId,
        uint16 segment,
        SealedVote calldata vote
    ) external {
        (Poll storage poll, Casting memory casting) = ledger.begin(ballotId, segment, Secrecy.Sealed, false);
        bytes32 hash = BallotMessages.hashOf(vote.envelope);
        BallotProofs.requireOne(verifier, poll, ballotId, vote.nullifier, vote.sequence, hash, vote.proof);
        VoteFault fault = _put(ledger, poll, casting, vote, hash);
        if (fault != VoteFault.None) ledger.refuse(casting, fault, vote.nullifier, vote.sequence, 0, 0);
        poll.head = casting.head;
    }

    /// @notice See {IBallotBox-voteSealedMany}.
    /// @param ledger Storage.
    /// @param verifier Who checks proofs.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param votes Papers and proofs.
    /// @return accepted How many were put in.
    function sealMany(
        BallotLedger storage ledger,
        ISemaphoreBatchVerifier verifier,
        uint32 ballotId,
        uint16 segment,
        SealedVote[] calldata votes
    ) external returns (uint256 accepted) {
        (Poll storage poll, Casting memory casting) = ledger.begin(ballotId, segment, Secrecy.Sealed, false);
        BallotProofs.Bundle memory bundle = BallotProofs.begin(votes.length, ballotId, poll);
        mapping(uint256 voter => uint256 receipt) storage receipts = ledger.receipts[ballotId];
        for (uint256 i = 0; i < votes.length; ++i) {
            SealedVote calldata vote = votes[i];
            VoteFault fault = BallotCasting.checkSequence(casting, receipts[vote.nullifier], vote.sequence);
            bytes32 hash = BallotMessages.hashOf(vote.envelope);
            BallotProofs.add(bundle, fault, vote.nullifier, vote.sequence, hash, vote.proof);
        }
        BallotProofs.check(bundle, verifier);
        for (uint256 i = 0; i < votes.length; ++i) {
            VoteFault fault = BallotProofs.faultOf(bundle, i);
            if (fault == VoteFault.None) {
                fault = _put(ledger, poll, casting, votes[i], BallotMessages.hashOf(votes[i].envelope));
            }
            if (fault == VoteFault.None) ++accepted;
            else emit IBallotBox.VoteRejected(ballotId, votes[i].nullifier, votes[i].sequence, fault);
        }
        if (accepted != 0) poll.head = casting.head;
    }

    function _put(
        BallotLedger storage ledger,
        Poll storage poll,
        Casting memory casting,
        SealedVote calldata vote,
        bytes32 hash
    ) private returns (VoteFault fault) {
        uint32 entry = casting.head.laneOf(ENTRIES);
        fault = ledger.hide(poll, casting, vote.nullifier, vote.sequence, hash, entry);
        if (fault != VoteFault.None) return fault;
        casting.head = casting.head.plus(ENTRIES, 1);
        emit IBallotBox.VoteSealed(casting.ballotId, vote.nullifier, casting.segment, vote.sequence, vote.envelope);
    }
}
