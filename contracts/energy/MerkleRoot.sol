// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title MerkleRoot
/// @notice Root over leaves that a contract computes itself. Proofs against it are OpenZeppelin's, and the tree is the one
/// that `SimpleMerkleTree` of OpenZeppelin's package merkle-tree builds with `sortLeaves: false`.
library MerkleRoot {
    /// @notice The root over leaves in the order given.
    /// @dev There the tree is an array: children of i are 2i + 1 and 2i + 2, and the leaves stand at its end in reverse
    /// order. Read from its end, it is a queue: leaves go in first, and the hash of each two that come out goes in again.
    /// A leaf must not be a hash of 64 bytes that somebody else can choose.
    /// @param leaves At least one. They stay as they are.
    /// @return root The root.
    function rootOf(bytes32[] memory leaves) internal pure returns (bytes32 root) {
        // The queue stands beyond the free pointer, 2·count - 1 words, and is not kept. One that comes out is always
        // followed by another: the last node goes in when the two before it have come out. Of a pair the smaller goes
        // first, as in OpenZeppelin's Hashes; scratch space takes it.
        assembly ("memory-safe") {
            let out := mload(0x40)
            let into := add(out, shl(5, mload(leaves)))
            mcopy(out, add(leaves, 0x20), sub(into, out))
            let last := sub(into, 0x20)
            for {} lt(out, last) {} {
                let left := mload(out)
                let right := mload(add(out, 0x20))
                let greater := shl(5, gt(left, right))
                mstore(greater, left)
                mstore(xor(greater, 0x20), right)
                mstore(into, keccak256(0x00, 0x40))
                out := add(out, 0x40)
                last := into
                into := add(into, 0x20)
            }
            root := mload(last)
        }
    }
}
