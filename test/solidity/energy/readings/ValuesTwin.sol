// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ValuesTwin
/// @notice The values of a feeder's day written and read one by one, as the interface describes them.
library ValuesTwin {
    int32 internal constant MISSING = type(int32).min;

    /// @dev Puts a value at a place among others.
    function set(bytes memory values, uint256 index, int32 wh) internal pure {
        bytes4 word = bytes4(uint32(wh));
        for (uint256 i = 0; i < 4; ++i) values[4 * index + i] = word[i];
    }

    function get(bytes memory values, uint256 index) internal pure returns (int32 wh) {
        uint32 word = 0;
        for (uint256 i = 0; i < 4; ++i) word = (word << 8) | uint8(values[4 * index + i]);
        return int32(word);
    }

    function columnOf(
        bytes memory values,
        uint256 meterCount,
        uint256 position
    ) internal pure returns (bytes memory column) {
        uint256 intervals = values.length / 4 / meterCount;
        column = new bytes(4 * intervals);
        for (uint256 i = 0; i < intervals; ++i) set(column, i, get(values, i * meterCount + position));
    }

    function rowOf(bytes memory values, uint256 meterCount, uint256 row) internal pure returns (bytes memory cut) {
        cut = new bytes(4 * meterCount);
        for (uint256 i = 0; i < meterCount; ++i) set(cut, i, get(values, row * meterCount + i));
    }

    /// @dev Leaves of the tree of rows.
    function rowLeaves(
        bytes memory values,
        uint256 meterCount,
        uint256 firstInterval
    ) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](values.length / 4 / meterCount);
        for (uint256 i = 0; i < leaves.length; ++i) {
            leaves[i] = leaf(uint32(firstInterval + i), rowOf(values, meterCount, i));
        }
    }

    /// @dev Leaves of the tree of columns.
    function columnLeaves(
        bytes memory values,
        uint256 meterCount,
        uint256 firstMeter
    ) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](meterCount);
        for (uint256 i = 0; i < meterCount; ++i) {
            leaves[i] = leaf(uint32(firstMeter + i), columnOf(values, meterCount, i));
        }
    }

    function leaf(uint32 number, bytes memory list) internal pure returns (bytes32 hash) {
        return keccak256(bytes.concat(keccak256(abi.encodePacked(number, list))));
    }
}
