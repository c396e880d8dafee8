// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SNARK_SCALAR_FIELD} from "@zk-kit/lean-imt.sol/Constants.sol";
import {PoseidonT3} from "poseidon-solidity/PoseidonT3.sol";

/// @title AnonymousLeaves
/// @notice Leaves and nodes of the trees of anonymous rolls, which are those of Semaphore v4.
library AnonymousLeaves {
    /// @notice Whether a number can be an identity commitment.
    /// @param leaf The number.
    /// @return valid False for zero, which stands for nobody, and for what is no element of the scalar field.
    function isCommitment(uint256 leaf) internal pure returns (bool valid) {
        return leaf != 0 && leaf < SNARK_SCALAR_FIELD;
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
