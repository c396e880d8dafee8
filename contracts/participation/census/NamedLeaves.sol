// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

/// @title NamedLeaves
/// @notice Leaves and nodes of the trees of named rolls.
library NamedLeaves {
    /// @notice Leaf of an account at a place.
    /// @dev The place is part of it, because a path over sorted pairs does not say where it starts. Its 24 bytes cannot be
    /// taken for the 64 of a node.
    /// @param index Place, from 0.
    /// @param account Account.
    /// @return leaf The leaf.
    function leafOf(uint32 index, address account) internal pure returns (uint256 leaf) {
        return uint256(keccak256(abi.encodePacked(index, account)));
    }

    /// @notice Node above two others.
    /// @param left One.
    /// @param right The other.
    /// @return node The node.
    function nodeOf(uint256 left, uint256 right) internal pure returns (uint256 node) {
        return uint256(Hashes.commutativeKeccak256(bytes32(left), bytes32(right)));
    }

    /// @notice Whether an account is at a place of a tree.
    /// @param root Root of the tree.
    /// @param index Place.
    /// @param account Account.
    /// @param path Siblings from below, of those levels where there is one.
    /// @return member True if so.
    function isMember(
        uint256 root,
        uint32 index,
        address account,
        bytes32[] calldata path
    ) internal pure returns (bool member) {
        return MerkleProof.verifyCalldata(path, bytes32(root), bytes32(leafOf(index, account)));
    }
}
