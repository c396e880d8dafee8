// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Attribute, PackData} from "./IBatteryPack.sol";

/// @title PassportTree
/// @notice Leaves of a passport's attribute tree and of a production batch.
/// @dev Leaves are hashed twice, so that an inner node can never pass for a leaf. Attribute names are those of the
/// BatteryPass data model 1.2 (DIN DKE SPEC 99100:2025-02); one of them, "passportSchema", names the model itself.
library PassportTree {
    /// @notice Leaf of an attribute.
    /// @param attribute The attribute.
    /// @return leafHash keccak256 of keccak256 of its ABI encoding.
    function leaf(Attribute calldata attribute) internal pure returns (bytes32 leafHash) {
        return keccak256(bytes.concat(keccak256(abi.encode(attribute))));
    }

    /// @notice Leaf of a pack in a production batch.
    /// @param data The pack.
    /// @return leafHash keccak256 of keccak256 of its ABI encoding.
    function leaf(PackData calldata data) internal pure returns (bytes32 leafHash) {
        return keccak256(bytes.concat(keccak256(abi.encode(data))));
    }
}
