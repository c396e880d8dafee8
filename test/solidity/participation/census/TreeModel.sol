// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PoseidonT3} from "poseidon-solidity/PoseidonT3.sol";

import {RollKind} from "../../../../contracts/participation/census/ICensus.sol";

/// @notice What a tree without empty leaves is, from all its leaves at once. Those of anonymous rolls are padded with zeros.
library TreeModel {
    /// @dev Root of a tree; zero: it has no leaves.
    function rootOf(RollKind kind, uint256[] memory leaves) internal pure returns (uint256 root) {
        if (leaves.length == 0) return 0;
        while (leaves.length > 1) leaves = above(kind, leaves);
        return leaves[0];
    }

    /// @dev Levels above so many leaves.
    function depthOf(uint256 leaves) internal pure returns (uint256 depth) {
        while (1 << depth < leaves) ++depth;
    }

    /// @dev Siblings of a leaf from below, where there are any.
    function pathOf(
        RollKind kind,
        uint256[] memory leaves,
        uint256 index
    ) internal pure returns (uint256[] memory path) {
        uint256[] memory found = new uint256[](depthOf(leaves.length));
        uint256 count = 0;
        for (; leaves.length > 1; index /= 2) {
            uint256 sibling = index % 2 == 0 ? index + 1 : index - 1;
            if (sibling < leaves.length) found[count++] = leaves[sibling];
            leaves = above(kind, leaves);
        }
        path = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) path[i] = found[i];
    }

    /// @dev The level above.
    function above(RollKind kind, uint256[] memory nodes) internal pure returns (uint256[] memory parents) {
        parents = new uint256[]((nodes.length + 1) / 2);
        for (uint256 i = 0; i < parents.length; ++i) {
            bool alone = 2 * i + 1 == nodes.length;
            if (alone && kind == RollKind.Named) parents[i] = nodes[2 * i];
            else parents[i] = nodeOf(kind, nodes[2 * i], alone ? 0 : nodes[2 * i + 1]);
        }
    }

    function nodeOf(RollKind kind, uint256 left, uint256 right) internal pure returns (uint256 node) {
        if (kind == RollKind.Anonymous) return PoseidonT3.hash([left, right]);
        (uint256 low, uint256 high) = left < right ? (left, right) : (right, left);
        return uint256(keccak256(abi.encode(low, high)));
    }
}
