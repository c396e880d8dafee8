// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Roles
/// @notice Every role of the city's AccessManager: rights to administer and to judge. Who may say something of others, or
/// practise a trade, holds a credential instead. Who holds each, with which delay and over which functions, is the
/// table in `ignition/authority.ts`.
library Roles {
    /// @notice Grants and revokes roles and binds functions to them. AccessManager's own number.
    uint64 internal constant ADMIN = 0;
    /// @notice Pauses new business and cancels scheduled acts of delayed roles. Can stop no exit and cannot resume.
    uint64 internal constant GUARDIAN = 1;
    /// @notice Resumes what the guardian paused.
    uint64 internal constant STEWARD = 2;
    /// @notice Issues the settlement token against money received.
    uint64 internal constant MINTER = 3;
    /// @notice Registers types of credentials and names the body that accredits their issuers.
    uint64 internal constant CREDENTIAL_REGISTRAR = 4;
    /// @notice Appoints the successor of a battery operator that ceased to be.
    uint64 internal constant BATTERY_REGISTRAR = 5;
    /// @notice Attaches the contracts that may lease packs or retire their devices.
    uint64 internal constant BATTERY_WIRING = 6;
    /// @notice Names the bay devices whose receipts prove that a pack was handed back.
    uint64 internal constant BATTERY_BAYS = 7;
    /// @notice Rules on disputed damage and disputed battery health.
    uint64 internal constant BATTERY_ARBITER = 8;
    /// @notice Registers feeders and meters, and says whose a meter is and what it may be used for.
    uint64 internal constant ENERGY_REGISTRAR = 9;
    /// @notice Writes tariffs down and sets those of intervals that are not open yet.
    uint64 internal constant ENERGY_TARIFFS = 10;
}
