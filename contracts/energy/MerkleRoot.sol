// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @title MerkleRoot
/// @notice Root over leaves that a contract computes itself. Proofs against it are OpenZeppelin's, and the tree is the one
/// that `SimpleMerkleTree` of OpenZeppelin's package merkle-tree builds with `sortLeaves: false`.
library MerkleRoot {
    /// @notice The root over leaves in the order given.
    /// @dev The tree is an array: children of i are 2i + 1 and 2i + 2, and the leaves stand at its end in reverse order.
    /// A leaf must not be a hash of 64 bytes that somebody else can choose.
    /// @param leaves At least one.
    /// @return root The root.
    function rootOf(bytes32[] memory leaves) internal pure returns (bytes32 root) {
        uint256 count = leaves.length;
        bytes32[] memory tree = new bytes32[](count - 1);
        // Node i of the tree is tree[i] below count - 1, else leaf 2·count - 2 - i.
        for (uint256 node = count - 1; node > 0;) {
            --node;
            uint256 left = 2 * node + 1;
            tree[node] = Hashes.commutativeKeccak256(_node(tree, leaves, left), _node(tree, leaves, left + 1));
        }
        return count == 1 ? leaves[0] : tree[0];
    }

    function _node(bytes32[] memory tree, bytes32[] memory leaves, uint256 node) private pure returns (bytes32 hash) {
        return node < tree.length ? tree[node] : leaves[2 * tree.length - node];
    }
}
