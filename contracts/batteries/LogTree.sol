// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FleetEntry, LogEntry} from "./IBatteryTelemetry.sol";

/// @title LogTree
/// @notice Leaves of the trees over a device's log of a day and over a fleet.
/// @dev Leaves are hashed twice, so that an inner node can never pass for a leaf. Pairs are sorted, as OpenZeppelin's
/// MerkleProof expects. A day's tree is filled up to a power of two with {EMPTY}, which is no entry's leaf.
library LogTree {
    /// @notice Leaf that fills up a tree: the hash of a text, which no double-hashed entry can equal.
    bytes32 internal constant EMPTY = keccak256("civitas.log.empty");

    /// @notice Leaf of a log entry.
    /// @param entry The entry.
    /// @return leafHash keccak256 of keccak256 of its ABI encoding.
    function leaf(LogEntry calldata entry) internal pure returns (bytes32 leafHash) {
        return keccak256(bytes.concat(keccak256(abi.encode(entry))));
    }

    /// @notice Leaf of a pack's day in a fleet tree.
    /// @param entry The pack's day.
    /// @return leafHash keccak256 of keccak256 of its ABI encoding.
    function leaf(FleetEntry calldata entry) internal pure returns (bytes32 leafHash) {
        return keccak256(bytes.concat(keccak256(abi.encode(entry))));
    }
}
