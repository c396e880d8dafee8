// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IDeviceRegistry
/// @notice What a battery pack asks of the contract that believes its device.
interface IDeviceRegistry {
    /// @notice The pack's passport has ended: its device is believed no more, for ever.
    /// @dev Only the pack contract.
    /// @param packId The pack.
    function retireDevice(uint256 packId) external;
}
