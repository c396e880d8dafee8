// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBatteryPack} from "../batteries/IBatteryPack.sol";
import {IDeviceRegistry} from "../batteries/IDeviceRegistry.sol";

/// @title MockDeviceRegistry
/// @notice Notes which devices it was told to retire, and whether the passport had ended by then.
contract MockDeviceRegistry is IDeviceRegistry {
    uint256[] private _retired;
    bool private _refuses;

    /// @notice The registry is set to refuse.
    error MockDeviceRegistryRefused();

    /// @notice The passport had not ended when the registry was told so.
    error MockDeviceRegistryTooEarly(uint256 packId);

    /// @notice Makes the registry revert when it is told to retire a device.
    function refuse() external {
        _refuses = true;
    }

    /// @inheritdoc IDeviceRegistry
    function retireDevice(uint256 packId) external {
        if (_refuses) revert MockDeviceRegistryRefused();
        if (!IBatteryPack(msg.sender).locked(packId)) revert MockDeviceRegistryTooEarly(packId);
        _retired.push(packId);
    }

    /// @notice Packs whose devices were retired.
    /// @return packIds In the order of telling.
    function retired() external view returns (uint256[] memory packIds) {
        return _retired;
    }
}
