// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title WasteCredentials
/// @notice Types of credentials that the waste contracts ask for. Which body accredits who issues them is the table in
/// `ignition/credentials.ts`.
library WasteCredentials {
    /// @notice Empties containers and carries waste.
    bytes32 internal constant WASTE_COLLECTOR = "WASTE_COLLECTOR";
    /// @notice Runs a plant that sorts, recycles, recovers or disposes of waste.
    bytes32 internal constant WASTE_FACILITY = "WASTE_FACILITY";
    /// @notice Relays readings of many containers without their devices' signatures.
    bytes32 internal constant WASTE_GATEWAY = "WASTE_GATEWAY";
}
