// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISemaphoreBatchVerifier, VerificationKey} from "../participation/proofs/ISemaphoreBatchVerifier.sol";

/// @title MockBatchVerifier
/// @notice Takes a hash for a proof: a vote holds if the first word of its proof is the hash of what it is about. So it is bound to
/// root, scope, nullifier and message as a proof is, but everybody can make it, at once.
contract MockBatchVerifier is ISemaphoreBatchVerifier {
    uint256 private constant WORDS = 10;
    uint256 private constant WORD = 32;
    uint256 private constant NULLIFIER = 8;

    /// @inheritdoc ISemaphoreBatchVerifier
    uint256 public immutable depth;

    /// @param depth_ Depth of the circuit, as it says.
    constructor(uint256 depth_) {
        depth = depth_;
    }

    /// @inheritdoc ISemaphoreBatchVerifier
    function verificationKey() external pure returns (VerificationKey memory) {}

    /// @inheritdoc ISemaphoreBatchVerifier
    function verifyBatch(uint256 x, uint256 y, bytes calldata votes) external pure returns (bool valid) {
        return _holding(x, y, votes) == (1 << (votes.length / (WORDS * WORD))) - 1;
    }

    /// @inheritdoc ISemaphoreBatchVerifier
    function verifyEach(uint256 x, uint256 y, bytes calldata votes) external pure returns (uint256 valid) {
        return _holding(x, y, votes);
    }

    /// @inheritdoc ISemaphoreBatchVerifier
    function prepare(uint256 root, uint256 scopeHash) external pure returns (uint256 x, uint256 y) {
        return (root, scopeHash);
    }

    /// @notice First word of the proof of a vote; the others can be anything.
    /// @param x From {prepare}.
    /// @param y From {prepare}.
    /// @param nullifier Nullifier.
    /// @param messageHash Message as the circuit has it.
    /// @return word The word.
    function proofOf(uint256 x, uint256 y, uint256 nullifier, uint256 messageHash) public pure returns (uint256 word) {
        return uint256(keccak256(abi.encode(x, y, nullifier, messageHash)));
    }

    function _holding(uint256 x, uint256 y, bytes calldata votes) private pure returns (uint256 valid) {
        require(votes.length != 0 && votes.length % (WORDS * WORD) == 0, "no votes");
        for (uint256 i = 0; i < votes.length / (WORDS * WORD); ++i) {
            uint256[WORDS] memory words = abi.decode(votes[i * WORDS * WORD:], (uint256[10]));
            if (words[0] == proofOf(x, y, words[NULLIFIER], words[NULLIFIER + 1])) valid |= 1 << i;
        }
    }
}
