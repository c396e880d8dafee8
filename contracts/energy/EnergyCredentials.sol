// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title EnergyCredentials
/// @notice Types of credentials that the energy contracts ask for. Which body accredits who issues them is the table in
/// `ignition/credentials.ts`.
library EnergyCredentials {
    /// @notice Reads the meters of feeders and answers for what it posts of them.
    bytes32 internal constant METERING_OPERATOR = "METERING_OPERATOR";
    /// @notice Runs the grid, and is the third key to the readings of its feeders.
    bytes32 internal constant GRID_OPERATOR = "GRID_OPERATOR";
}
