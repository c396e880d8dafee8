// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ParticipationCredentials
/// @notice Types of credentials that the participation contracts ask for. Which body accredits who issues them is the table in
/// `ignition/credentials.ts`.
library ParticipationCredentials {
    /// @notice Adds people to the census, and takes them out.
    bytes32 internal constant CENSUS_REGISTRAR = "CENSUS_REGISTRAR";
    /// @notice Signs the protocols of what was voted on paper.
    bytes32 internal constant RETURNING_OFFICER = "RETURNING_OFFICER";
}
