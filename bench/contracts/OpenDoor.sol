// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title OpenDoor
/// @notice Counts who comes in and asks nobody anything: what a call costs before a credential gates it.
contract OpenDoor {
    mapping(address subject => uint256 visits) private _visits;

    /// @notice Comes in.
    /// @param subject Identity of who does.
    function enter(address subject) public virtual {
        ++_visits[subject];
    }
}
