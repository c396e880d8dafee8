// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title DeviceFlags
/// @notice Bits of a reading's `flags`. The lower 16 are the device's, the upper 16 are set by {BatteryTelemetry} and
/// cleared in what a device sends.
library DeviceFlags {
    /// @notice The device saw a cell above its allowed temperature through the user's doing.
    uint32 internal constant OVERHEATED = 1 << 0;
    /// @notice The pack was left discharged below its allowed minimum.
    uint32 internal constant DEEP_DISCHARGED = 1 << 1;
    /// @notice The pack was opened.
    uint32 internal constant TAMPERED = 1 << 2;
    /// @notice Flags that void the state-of-health guarantee.
    uint32 internal constant ABUSE = OVERHEATED | DEEP_DISCHARGED | TAMPERED;

    /// @notice What a device may set.
    uint32 internal constant DEVICE_MASK = 0xffff;

    /// @notice More energy than rated power allows, with a tolerance of a fifth, since the last reading.
    uint32 internal constant IMPLAUSIBLE_POWER = 1 << 16;
    /// @notice Estimated state of health moved by more than 200 basis points since the last reading.
    uint32 internal constant HEALTH_JUMP = 1 << 17;
    /// @notice A cell was above 60 degrees Celsius.
    uint32 internal constant HOT = 1 << 18;
}
