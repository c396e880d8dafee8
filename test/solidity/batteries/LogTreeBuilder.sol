// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Builds the trees that {LogTree} describes, written apart from it.
library LogTreeBuilder {
    bytes32 internal constant EMPTY = keccak256("civitas.log.empty");

    function leafOf(
        uint256 packId,
        uint48 counter,
        uint48 takenAt,
        bytes32 payloadHash
    ) internal pure returns (bytes32 leaf) {
        return keccak256(abi.encode(keccak256(abi.encode(packId, counter, takenAt, payloadHash))));
    }

    function fleetLeafOf(
        uint256 packId,
        uint32 day,
        bytes32 logRoot,
        uint32 entryCount
    ) internal pure returns (bytes32 leaf) {
        return keccak256(abi.encode(keccak256(abi.encode(packId, day, logRoot, entryCount))));
    }

    /// @dev Fills up with `filler` to a power of two.
    function pad(bytes32[] memory leaves, bytes32 filler) internal pure returns (bytes32[] memory padded) {
        uint256 size = 1;
        while (size < leaves.length) size *= 2;
        padded = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) {
            padded[i] = i < leaves.length ? leaves[i] : filler;
        }
    }

    /// @dev Root of a padded list and the proof of one of its leaves.
    function build(
        bytes32[] memory padded,
        uint256 position
    ) internal pure returns (bytes32 root, bytes32[] memory proof) {
        uint256 depth = 0;
        while (1 << depth < padded.length) ++depth;
        proof = new bytes32[](depth);
        bytes32[] memory layer = padded;
        for (uint256 level = 0; level < depth; ++level) {
            proof[level] = layer[position ^ 1];
            bytes32[] memory above = new bytes32[](layer.length / 2);
            for (uint256 i = 0; i < above.length; ++i) {
                above[i] = node(layer[2 * i], layer[2 * i + 1]);
            }
            (layer, position) = (above, position / 2);
        }
        root = layer[0];
    }

    function node(bytes32 a, bytes32 b) internal pure returns (bytes32 parent) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }
}
