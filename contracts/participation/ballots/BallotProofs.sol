// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISemaphoreBatchVerifier} from "../proofs/ISemaphoreBatchVerifier.sol";
import {Poll} from "./BallotLedger.sol";
import {BallotMessages} from "./BallotMessages.sol";
import {IBallotBox, VoteFault} from "./IBallotBox.sol";

/// @title BallotProofs
/// @notice Puts what proofs are about side by side, and has them checked together.
/// @dev Root and scope are the ballot's own, never what a voter says they are.
library BallotProofs {
    /// @dev Votes of a call.
    struct Bundle {
        /// @dev Ballot's scope.
        uint256 scope;
        /// @dev What root and scope are in the equation of each proof.
        uint256 x;
        uint256 y;
        /// @dev What is to be checked so far, of 10 words each.
        bytes statements;
        /// @dev What is wrong with each vote, before its proof is looked at.
        VoteFault[] faults;
        /// @dev Number of the statement of each vote.
        uint256[] places;
        /// @dev Bit i is set if statement i holds.
        uint256 valid;
        /// @dev Votes so far.
        uint256 votes;
        /// @dev Statements so far.
        uint256 count;
    }

    /// @dev Order of the scalar field of BN254.
    uint256 internal constant FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 private constant STATEMENT = 320;
    /// @dev More proofs would not fit into a transaction.
    uint256 private constant MAX_PROOFS = 100;

    /// @notice Reverts unless a member of the segment made a proof, for this vote in this ballot.
    /// @param verifier Who checks.
    /// @param poll Segment.
    /// @param ballotId Ballot.
    /// @param nullifier Nullifier.
    /// @param sequence Sequence number.
    /// @param payloadHash Hash of payload or envelope.
    /// @param proof The proof.
    function requireOne(
        ISemaphoreBatchVerifier verifier,
        Poll storage poll,
        uint32 ballotId,
        uint256 nullifier,
        uint32 sequence,
        bytes32 payloadHash,
        uint256[8] calldata proof
    ) internal view {
        Bundle memory bundle = begin(1, ballotId, poll);
        add(bundle, VoteFault.None, nullifier, sequence, payloadHash, proof);
        check(bundle, verifier);
        VoteFault fault = faultOf(bundle, 0);
        if (fault == VoteFault.NullifierOutOfField) revert IBallotBox.BallotBoxNullifierOutOfField(nullifier);
        if (fault != VoteFault.None) revert IBallotBox.BallotBoxBadProof(nullifier);
    }

    /// @notice Begins.
    /// @param count Votes that there will be, at most 100.
    /// @param ballotId Ballot.
    /// @param poll Its segment.
    /// @return bundle Without votes.
    function begin(uint256 count, uint32 ballotId, Poll storage poll) internal view returns (Bundle memory bundle) {
        if (count == 0 || count > MAX_PROOFS) revert IBallotBox.BallotBoxBadList(count, MAX_PROOFS);
        bundle.scope = BallotMessages.scopeOf(address(this), ballotId);
        (bundle.x, bundle.y) = (poll.preparedX, poll.preparedY);
        bundle.statements = new bytes(count * STATEMENT);
        bundle.faults = new VoteFault[](count);
        bundle.places = new uint256[](count);
    }

    /// @notice Adds a vote, whose proof is only looked at if nothing else is wrong with it.
    /// @param bundle Votes so far.
    /// @param fault What is.
    /// @param nullifier Nullifier.
    /// @param sequence Sequence number.
    /// @param payloadHash Hash of payload or envelope.
    /// @param proof The proof.
    function add(
        Bundle memory bundle,
        VoteFault fault,
        uint256 nullifier,
        uint32 sequence,
        bytes32 payloadHash,
        uint256[8] calldata proof
    ) internal pure {
        uint256 vote = bundle.votes++;
        if (nullifier >= FIELD) fault = VoteFault.NullifierOutOfField;
        if (fault != VoteFault.None) {
            bundle.faults[vote] = fault;
            return;
        }
        uint256 place = bundle.count++;
        bundle.places[vote] = place;
        bytes memory statements = bundle.statements;
        uint256 message = BallotMessages.signalOf(BallotMessages.messageOf(bundle.scope, sequence, payloadHash));
        // There are no more statements than votes, for which there is room.
        assembly ("memory-safe") {
            let at := add(add(statements, 0x20), mul(place, STATEMENT))
            calldatacopy(at, proof, 0x100)
            mstore(add(at, 0x100), nullifier)
            mstore(add(at, 0x120), message)
        }
    }

    /// @notice Has all proofs checked.
    /// @param bundle All votes.
    /// @param verifier Who checks.
    function check(Bundle memory bundle, ISemaphoreBatchVerifier verifier) internal view {
        uint256 count = bundle.count;
        if (count == 0) return;
        bytes memory statements = bundle.statements;
        assembly ("memory-safe") {
            mstore(statements, mul(count, STATEMENT)) // no longer than it was made
        }
        bundle.valid = verifier.verifyEach(bundle.x, bundle.y, statements);
    }

    /// @notice What is wrong with a vote.
    /// @param bundle All votes, checked.
    /// @param vote The how manieth, from 0.
    /// @return fault None: it is of a member.
    function faultOf(Bundle memory bundle, uint256 vote) internal pure returns (VoteFault fault) {
        fault = bundle.faults[vote];
        if (fault == VoteFault.None && bundle.valid & (1 << bundle.places[vote]) == 0) return VoteFault.BadProof;
    }
}
