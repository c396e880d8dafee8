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
    /// @notice Keeps the List of Waste.
    uint64 internal constant WASTE_CODES = 11;
    /// @notice Registers containers and their devices.
    uint64 internal constant WASTE_FLEET = 12;
    /// @notice Writes licences of facilities and permits for hazardous waste.
    uint64 internal constant WASTE_LICENSING = 13;
    /// @notice Rules on disputed mass, and agrees to corrections where there is no second party.
    uint64 internal constant WASTE_AUDITOR = 14;
    /// @notice Joins the containers with the contract that keeps the lots.
    uint64 internal constant WASTE_WIRING = 15;
    /// @notice Sets what the city rewards, and how much it gives.
    uint64 internal constant REWARD_PROGRAMMES = 16;
    /// @notice Voids rewards that were not earned, before they are paid.
    uint64 internal constant REWARD_AUDITOR = 17;
    /// @notice Keeps the catalogue of what rewards buy.
    uint64 internal constant REWARD_CATALOGUE = 18;
    /// @notice Takes out of the rewards' pool what backs no voucher.
    uint64 internal constant REWARD_TREASURY = 19;
    /// @notice Says which contracts make, end and move reward tokens.
    uint64 internal constant ECO_WIRING = 20;
    /// @notice Opens rolls of voters.
    uint64 internal constant CENSUS_ROLLS = 21;
    /// @notice Attaches the ballot boxes that may announce votes to the census.
    uint64 internal constant CENSUS_WIRING = 22;
    /// @notice Publishes ballots, and takes back those that have not opened.
    uint64 internal constant BALLOT_CLERK = 23;
}
