// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SNARK_SCALAR_FIELD} from "@zk-kit/lean-imt.sol/Constants.sol";
import {PoseidonT3} from "poseidon-solidity/PoseidonT3.sol";

/// @title AnonymousLeaves
/// @notice Leaves and nodes of the trees of anonymous rolls, which are those of Semaphore v4.
/// @dev A leaf is what its member says it is: nothing shows that it is the hash of a key. It may be the root of a tree of the
/// member's own, of as many keys as it likes. Semaphore's circuit takes ways of any length up to its depth, so wherever a
/// leaf's way is shorter, each of those keys could vote. Hence a ballot's root has as many levels above every leaf as the circuit:
/// trees are padded, see {LeanTrees}, and raised when a census is frozen. A way from below a leaf is then too long. One from
/// above the leaves starts at a key's hash, whose two coordinates somebody would have had to register for two members.
library AnonymousLeaves {
    /// @notice Whether a number can be an identity commitment.
    /// @param leaf The number.
    /// @return valid False for zero, which stands for nobody, and for what is no element of the scalar field.
    function isCommitment(uint256 leaf) internal pure returns (bool valid) {
        return leaf != 0 && leaf < SNARK_SCALAR_FIELD;
    }

    /// @notice Root of a padded tree when it gets more levels.
    /// @param root Root.
    /// @param depth Levels.
    /// @param levels Levels that it gets.
    /// @return raised Root with them.
    function raise(uint256 root, uint256 depth, uint256 levels) internal view returns (uint256 raised) {
        raised = root;
        for (; depth < levels; ++depth) raised = nodeOf(raised, 0);
    }

    /// @notice Node above two others.
    /// @param left The left one.
    /// @param right The right one.
    /// @return node The node.
    function nodeOf(uint256 left, uint256 right) internal view returns (uint256 node) {
        address hasher = address(PoseidonT3);
        bytes4 selector = PoseidonT3.hash.selector;
        // Writes up to 68 bytes beyond the end of memory in use, which stays free.
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, selector)
            mstore(add(input, 0x04), left)
            mstore(add(input, 0x24), right)
            if iszero(staticcall(gas(), hasher, input, 0x44, 0, 0x20)) {
                revert(0, 0)
            }
            node := mload(0)
        }
    }
}
