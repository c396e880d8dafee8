// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {Envelope, PaperCount, PaperProtocol, Vote} from "./IBallotBox.sol";

/// @title BallotMessages
/// @notice Hashes of what voters and returning officers sign, and of what proofs are about.
library BallotMessages {
    /// @dev `previous` is not signed: it only says what stands.
    bytes32 private constant VOTE_TYPE = keccak256(
        "Vote(uint32 ballotId,uint16 segment,uint32 index,uint32 sequence,uint256 payload,uint40 deadline)"
    );
    bytes32 private constant COMMITMENT_TYPE = keccak256(
        "Commitment(uint32 ballotId,uint16 segment,uint32 index,uint32 sequence,uint256 commitment,uint40 deadline)"
    );
    bytes32 private constant PROTOCOL_TYPE = keccak256(
        "Protocol(uint32 ballotId,uint16 segment,uint32 spoilt,bytes32 documentHash,bytes32 entriesHash,address officer,address owner,uint256 nonce,uint256 deadline)"
    );
    uint256 private constant SIGNAL_SHIFT = 8;
    bytes32 private constant MESSAGE_TAG = "BALLOT_MSG_V1";
    uint256 private constant MESSAGE_TAG_LENGTH = 13;

    /// @notice Hash of a vote.
    /// @param vote_ The vote.
    /// @return hash Its EIP-712 struct hash.
    function hashOf(Vote calldata vote_) internal pure returns (bytes32 hash) {
        return _hashOf(VOTE_TYPE, vote_);
    }

    /// @notice Hash of a commitment.
    /// @param vote_ The vote, whose payload is the commitment.
    /// @return hash Its EIP-712 struct hash.
    function hashOfCommitment(Vote calldata vote_) internal pure returns (bytes32 hash) {
        return _hashOf(COMMITMENT_TYPE, vote_);
    }

    /// @notice Hash of a vote of which the members are known.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param index Place on the roll.
    /// @param sequence Sequence number.
    /// @param payload Payload.
    /// @param deadline Last second.
    /// @return hash Its EIP-712 struct hash.
    function hashOfVote(
        uint32 ballotId,
        uint16 segment,
        uint32 index,
        uint32 sequence,
        uint256 payload,
        uint40 deadline
    ) internal pure returns (bytes32 hash) {
        bytes32 voteType = VOTE_TYPE;
        // Seven words behind the memory in use. Members come in their own width.
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, voteType)
            mstore(add(words, 0x20), and(ballotId, 0xffffffff))
            mstore(add(words, 0x40), and(segment, 0xffff))
            mstore(add(words, 0x60), and(index, 0xffffffff))
            mstore(add(words, 0x80), and(sequence, 0xffffffff))
            mstore(add(words, 0xa0), payload)
            mstore(add(words, 0xc0), and(deadline, 0xffffffffff))
            hash := keccak256(words, 0xe0)
        }
    }

    /// @notice Hash of a protocol.
    /// @param protocol The protocol.
    /// @param entries Its entries.
    /// @param owner Who signs, the owner of the officer's identity.
    /// @return hash Its EIP-712 struct hash.
    function hashOf(
        PaperProtocol calldata protocol,
        PaperCount[] calldata entries,
        address owner
    ) internal pure returns (bytes32 hash) {
        return
            keccak256(
                abi.encode(
                    PROTOCOL_TYPE,
                    protocol.ballotId,
                    protocol.segment,
                    protocol.spoilt,
                    protocol.documentHash,
                    keccak256(abi.encode(entries)),
                    protocol.officer,
                    owner,
                    protocol.nonce,
                    protocol.deadline
                )
            );
    }

    /// @notice What is signed of a struct.
    /// @param domain The contract's EIP-712 domain separator.
    /// @param structHash Hash of the struct.
    /// @return digest EIP-712 digest.
    function digestOf(bytes32 domain, bytes32 structHash) internal pure returns (bytes32 digest) {
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }

    /// @notice Scope of the proofs of a ballot, so that a nullifier is a member's in this ballot alone.
    /// @param box The ballot box.
    /// @param ballotId Ballot.
    /// @return scope A number.
    function scopeOf(address box, uint32 ballotId) internal view returns (uint256 scope) {
        return uint256(keccak256(abi.encode("BALLOT_SCOPE_V1", block.chainid, box, uint256(ballotId))));
    }

    /// @notice Message of a proof: what is voted, and the how manieth time.
    /// @param scope Scope of the ballot.
    /// @param sequence Sequence number.
    /// @param payloadHash keccak256 of the payload or the envelope, ABI encoded.
    /// @return message A number.
    function messageOf(uint256 scope, uint32 sequence, bytes32 payloadHash) internal pure returns (uint256 message) {
        bytes32 tag = MESSAGE_TAG;
        // The six words of abi.encode(tag as a string, scope, uint256(sequence), payloadHash), behind the memory in use.
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, 0x80)
            mstore(add(words, 0x20), scope)
            mstore(add(words, 0x40), and(sequence, 0xffffffff))
            mstore(add(words, 0x60), payloadHash)
            mstore(add(words, 0x80), MESSAGE_TAG_LENGTH)
            mstore(add(words, 0xa0), tag)
            message := keccak256(words, 0xc0)
        }
    }

    /// @notice A scope or message as Semaphore's circuit has it: so that it fits the field, its hash without the last byte.
    /// @param value The number.
    /// @return signal The public signal.
    function signalOf(uint256 value) internal pure returns (uint256 signal) {
        return uint256(payloadHashOf(value)) >> SIGNAL_SHIFT;
    }

    /// @notice Hash of a payload.
    /// @param payload The payload.
    /// @return hash keccak256 of it.
    function payloadHashOf(uint256 payload) internal pure returns (bytes32 hash) {
        // A word of scratch space.
        assembly ("memory-safe") {
            mstore(0x00, payload)
            hash := keccak256(0x00, 0x20)
        }
    }

    /// @notice Hash of an envelope.
    /// @param envelope The envelope.
    /// @return hash keccak256 of it, ABI encoded.
    function hashOf(Envelope calldata envelope) internal pure returns (bytes32 hash) {
        // Its four words as they are in the call data, behind the memory in use.
        assembly ("memory-safe") {
            let words := mload(0x40)
            calldatacopy(words, envelope, 0x80)
            hash := keccak256(words, 0x80)
        }
    }

    /// @notice What a member of a small body commits to.
    /// @param box The ballot box.
    /// @param ballotId Ballot.
    /// @param voter `segment << 32 | index`.
    /// @param payload What the paper says.
    /// @param salt Random.
    /// @return commitment The hash.
    function commitmentOf(
        address box,
        uint32 ballotId,
        uint256 voter,
        uint256 payload,
        bytes32 salt
    ) internal view returns (bytes32 commitment) {
        return
            keccak256(abi.encode("BALLOT_COMMITMENT_V1", block.chainid, box, uint256(ballotId), voter, payload, salt));
    }

    function _hashOf(bytes32 typeHash, Vote calldata vote_) private pure returns (bytes32 hash) {
        return
            keccak256(
                abi.encode(
                    typeHash,
                    vote_.ballotId,
                    vote_.segment,
                    vote_.index,
                    vote_.sequence,
                    vote_.payload,
                    vote_.deadline
                )
            );
    }
}
