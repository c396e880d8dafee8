// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title ActionTarget
/// @notice What a ballot can act upon: it records calls, and can refuse them or call back.
contract ActionTarget {
    /// @notice What was set, one after the other.
    uint256[] public values;
    /// @notice Whether it refuses all calls.
    bool public broken;

    address private _callee;
    bytes private _reaction;

    /// @notice It refuses calls.
    /// @param value What was to be set.
    error ActionTargetBroken(uint256 value);

    /// @notice Sets whether it refuses calls.
    /// @param broken_ True if so.
    function setBroken(bool broken_) external {
        broken = broken_;
    }

    /// @notice Sets whom it calls, once, while it is called.
    /// @param callee Whom.
    /// @param reaction Call data.
    function react(address callee, bytes calldata reaction) external {
        (_callee, _reaction) = (callee, reaction);
    }

    /// @notice Records a value, and takes money.
    /// @param value The value.
    function set(uint256 value) external payable {
        if (broken) revert ActionTargetBroken(value);
        values.push(value);
        address callee = _callee;
        if (callee == address(0)) return;
        _callee = address(0);
        Address.functionCall(callee, _reaction);
    }

    /// @notice How many values were set.
    /// @return count How many.
    function countOf() external view returns (uint256 count) {
        return values.length;
    }
}
