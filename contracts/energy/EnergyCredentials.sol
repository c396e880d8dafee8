// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title EnergyCredentials
/// @notice Types of credentials that the energy contracts ask for. Which body accredits who issues them is the table in
/// `ignition/credentials.ts`.
library EnergyCredentials {
    /// @notice Reads meters and says what they measured.
    bytes32 internal constant METERING_OPERATOR = "METERING_OPERATOR";
    /// @notice Runs the grid, and says what its meters measured.
    bytes32 internal constant GRID_OPERATOR = "GRID_OPERATOR";
}
