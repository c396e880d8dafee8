// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title BatteryCredentials
/// @notice Types of credentials that the battery contracts ask for. Which body accredits who issues them is the table in
/// `ignition/credentials.ts`.
library BatteryCredentials {
    /// @notice Answers for passports of packs that it makes or makes over.
    bytes32 internal constant BATTERY_OPERATOR = "BATTERY_OPERATOR";
    /// @notice Measures capacity and signs certificates of it.
    bytes32 internal constant BATTERY_TESTER = "BATTERY_TESTER";
    /// @notice Keeps logs of readings and commits their roots.
    bytes32 internal constant BATTERY_COLLECTOR = "BATTERY_COLLECTOR";
    /// @notice Recycles packs and ends their passports.
    bytes32 internal constant BATTERY_RECYCLER = "BATTERY_RECYCLER";
}
