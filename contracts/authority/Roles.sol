// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Roles
/// @notice Every role of the city's AccessManager: rights to administer and to judge. Who may say something of others, or
/// practise a trade, holds a credential instead. Who holds each, with which delay and over which functions, is the
/// table in `ignition/authority.ts`. What each can do at worst is said here, for `docs/powers.md`.
library Roles {
    /// @notice Grants and revokes roles and binds functions to them. AccessManager's own number.
    /// @dev At worst: gives itself every role, binds functions to others and contracts to another authority, each after its delay, and so
    /// does all that is said below. It changes no code, and closes no function that needs no role.
    uint64 internal constant ADMIN = 0;
    /// @notice Pauses new business and cancels scheduled acts of delayed roles. Can stop no exit and cannot resume.
    /// @dev At worst: keeps new business down for as long as it holds the role, holds up what a ballot decided once, and cancels wiring
    /// that all agreed to.
    uint64 internal constant GUARDIAN = 1;
    /// @notice Resumes what the guardian paused.
    /// @dev At worst: resumes business that was paused for a good reason.
    uint64 internal constant STEWARD = 2;
    /// @notice Issues the settlement token against money received.
    /// @dev At worst: makes any sum of the token, so that all of it is worth less.
    uint64 internal constant MINTER = 3;
    /// @notice Registers types of credentials and names the body that accredits their issuers.
    /// @dev At worst: puts a body of its own in the place of one that accredits, which then accredits whom it likes, and
    /// withdraws what others hold by accreditation.
    uint64 internal constant CREDENTIAL_REGISTRAR = 4;
    /// @notice Appoints the successor of a battery operator that ceased to be.
    /// @dev At worst: takes the passports of an operator that still exists over for an account of its own, which states
    /// what it likes in them. No pack changes hands.
    uint64 internal constant BATTERY_REGISTRAR = 5;
    /// @notice Attaches the contracts that may lease packs or retire their devices.
    /// @dev At worst: attaches a book that disposes of the packs whose owners approved it, or names a telemetry contract that
    /// keeps passports from ending.
    uint64 internal constant BATTERY_WIRING = 6;
    /// @notice Names the bay devices whose receipts prove that a pack was handed back.
    /// @dev At worst: trusts a device that says of packs which nobody brought that they are back, so that rent and the lessor's
    /// hold end.
    uint64 internal constant BATTERY_BAYS = 7;
    /// @notice Rules on disputed damage and disputed battery health.
    /// @dev At worst: gives all that is held of a disputed lease to the wrong side, and starts or ends an abatement.
    uint64 internal constant BATTERY_ARBITER = 8;
    /// @notice Registers feeders and meters, and says whose a meter is and what it may be used for.
    /// @dev At worst: hands a meter to whom it likes, names its key, which is one of three of which a reading needs two, and
    /// retires it. What the owner has on the market stays the owner's.
    uint64 internal constant ENERGY_REGISTRAR = 9;
    /// @notice Writes tariffs down and sets those of intervals that are not open yet.
    /// @dev At worst: sets prices and fees that serve one side, for intervals that are not open yet.
    uint64 internal constant ENERGY_TARIFFS = 10;
    /// @notice Keeps the List of Waste.
    /// @dev At worst: says that hazardous waste is none, from a day on, or ends codes, so that their waste cannot be handed on.
    uint64 internal constant WASTE_CODES = 11;
    /// @notice Registers containers and their devices.
    /// @dev At worst: names devices of its own, which report what they like and sign one of the two halves of a ticket, and takes
    /// containers out of use.
    uint64 internal constant WASTE_FLEET = 12;
    /// @notice Writes licences of facilities and permits for hazardous waste.
    /// @dev At worst: licenses a facility that recycles nothing, takes the licence of one that does, and hands the keys and
    /// lots of an operator whose identity is retired to whom it likes.
    uint64 internal constant WASTE_LICENSING = 13;
    /// @notice Rules on disputed mass, and agrees to corrections where there is no second party.
    /// @dev At worst: rules a disputed lot to weigh anything, so that the books of the city follow.
    uint64 internal constant WASTE_AUDITOR = 14;
    /// @notice Joins the containers with the contract that keeps the lots.
    /// @dev At worst: joins a contract of its own, which then empties containers on paper. Only before one is joined, which the
    /// deployment does.
    uint64 internal constant WASTE_WIRING = 15;
    /// @notice Sets what the city rewards, and how much it gives.
    /// @dev At worst: makes a programme for its own attestors, which gives away what the city's day and year allow.
    uint64 internal constant REWARD_PROGRAMMES = 16;
    /// @notice Voids rewards that were not earned, before they are paid.
    /// @dev At worst: voids every claim that waits and every epoch before its claims, and keeps people out for as long as a
    /// strike lasts.
    uint64 internal constant REWARD_AUDITOR = 17;
    /// @notice Keeps the catalogue of what rewards buy.
    /// @dev At worst: offers an item that is worth more than it costs, for a merchant of its own, until the pool is empty.
    uint64 internal constant REWARD_CATALOGUE = 18;
    /// @notice Takes out of the rewards' pool what backs no voucher.
    /// @dev At worst: empties the pool but for what backs live vouchers and is owed to merchants.
    uint64 internal constant REWARD_TREASURY = 19;
    /// @notice Says which contracts make, end and move reward tokens.
    /// @dev At worst: lets a contract of its own make any sum of tokens, and end those that people have.
    uint64 internal constant ECO_WIRING = 20;
    /// @notice Opens rolls of voters.
    /// @dev At worst: opens rolls whose terms serve it; a ballot on them still needs the clerk. Nothing of a roll that is open
    /// changes.
    uint64 internal constant CENSUS_ROLLS = 21;
    /// @notice Attaches the ballot boxes that may announce votes to the census.
    /// @dev At worst: attaches a contract whose notices keep people off a roll for years.
    uint64 internal constant CENSUS_WIRING = 22;
    /// @notice Publishes ballots, and takes back those that have not opened.
    /// @dev At worst: publishes a ballot that misleads, or takes one back up to its first second. From then on it has no say.
    uint64 internal constant BALLOT_CLERK = 23;
}
