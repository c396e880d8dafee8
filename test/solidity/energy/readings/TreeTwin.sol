// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @title TreeTwin
/// @notice Roots and proofs by the words of OpenZeppelin's package merkle-tree: the whole tree as an array, children of i
/// at 2i + 1 and 2i + 2, leaves at its end in reverse order.
library TreeTwin {
    function rootOf(bytes32[] memory leaves) internal pure returns (bytes32 root) {
        return treeOf(leaves)[0];
    }

    function proofOf(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory proof) {
        bytes32[] memory tree = treeOf(leaves);
        uint256 depth = 0;
        for (uint256 node = tree.length - 1 - index; node > 0; node = (node - 1) / 2) ++depth;
        proof = new bytes32[](depth);
        depth = 0;
        for (uint256 node = tree.length - 1 - index; node > 0; node = (node - 1) / 2) {
            proof[depth++] = tree[node % 2 == 1 ? node + 1 : node - 1];
        }
    }

    function treeOf(bytes32[] memory leaves) internal pure returns (bytes32[] memory tree) {
        tree = new bytes32[](2 * leaves.length - 1);
        for (uint256 i = 0; i < leaves.length; ++i) tree[tree.length - 1 - i] = leaves[i];
        for (uint256 i = leaves.length - 1; i > 0; --i) {
            tree[i - 1] = Hashes.commutativeKeccak256(tree[2 * i - 1], tree[2 * i]);
        }
    }
}
