// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Signature} from "../authority/ISigned.sol";
import {IContainers} from "../waste/IContainers.sol";
import {IWasteLots} from "../waste/IWasteLots.sol";
import {IEcoToken} from "./IEcoToken.sol";

/// @notice What a programme rewards. Two slots.
struct Programme {
    /// @dev Reward for 1,000 units (grams, watt-hours, zones), millionths of a token.
    uint64 ratePerThousand;
    /// @dev Most that a person gets in a day, millionths.
    uint64 dayCapPerPerson;
    /// @dev Most that the programme gives in a day, millionths.
    uint64 dayBudget;
    /// @dev Seconds from earning to release, in which a claim can be voided.
    uint32 window;
    /// @dev How many attestors must sign, 1 to 8. Deposits at containers: zero, the container's device signs.
    uint8 quorum;
    bool active;
    /// @dev Units above which one act earns no more, and below which it earns nothing.
    uint32 mostUnits;
    uint32 leastUnits;
    /// @dev Seconds between two acts of a person.
    uint32 minGap;
}

/// @notice Something that a person did (EIP-712 message `Attestation`). Signed by attestors of the programme.
struct Attestation {
    uint16 programmeId;
    /// @dev Number of the person, see {IEcoRewards}.
    uint64 person;
    /// @dev Who gets the reward.
    address to;
    uint32 units;
    /// @dev Basis points, at most 10,000.
    uint16 qualityBp;
    /// @dev Days since 1 January 1970 by the city's clock, today or up to 7 days before.
    uint32 day;
    /// @dev Different for each act, so that none counts twice: a nullifier.
    bytes32 reference;
}

/// @notice Waste that a person put into a container (EIP-712 message `Deposit`). Signed by the container's device.
struct Deposit {
    uint16 programmeId;
    uint32 binId;
    /// @dev Number of the collection that will empty it: one above those that did.
    uint32 collection;
    uint64 person;
    address to;
    uint32 grams;
    uint40 takenAt;
    /// @dev Different for each deposit at the container.
    uint32 counter;
}

/// @notice What came of something earned.
enum ClaimStatus {
    None,
    Pending,
    Released,
    Voided
}

/// @notice A reward that waits for its window. One slot.
struct Claim {
    address to;
    /// @dev Millionths of a token, at most 2^56 - 1.
    uint56 amount;
    /// @dev Unix time.
    uint32 unlockAt;
    ClaimStatus status;
}

/// @notice Why nothing, or less than earned, is paid.
enum RewardLimit {
    None,
    Person,
    Programme,
    City,
    Attestor,
    Paused,
    Gap,
    Units,
    Struck
}

/// @notice Deposits that wait for the collection of their container. One slot.
struct Cycle {
    uint64 claimedGrams;
    /// @dev What the ticket weighed and the tolerance on it; means nothing before the cycle is closed.
    uint64 allowedGrams;
    bool closed;
}

/// @title IEcoRewards
/// @notice Rewards in the city's token for what people do: within caps for each person, programme, attestor and the city on
/// the calendar day, with a window in which an auditor can void them, and for deposits never more than was weighed.
/// @dev A person is the number of its numbered credential (RESIDENT, say), or the low 64 bits of a nullifier; caps count
/// persons and never addresses. Days are those of the city's clock: UTC and a fixed offset. An act is always recorded; what
/// exceeds a cap is dropped and the event says which cap, so that no record ever fails because of a reward.
interface IEcoRewards {
    /// @notice Somebody earned something.
    /// @param claimId The claim; zero: nothing is paid.
    /// @param programmeId Programme.
    /// @param person Number of the person.
    /// @param earned What the formula gives, millionths.
    /// @param paid What is paid, millionths.
    /// @param limit What cut it; None if it is paid whole.
    event Earned(
        uint256 indexed claimId,
        uint16 indexed programmeId,
        uint64 indexed person,
        uint256 earned,
        uint256 paid,
        RewardLimit limit
    );
    /// @notice A deposit was recorded.
    /// @param claimId The claim; zero: nothing is paid.
    /// @param binId Container.
    /// @param collection Number of the collection that will empty it.
    /// @param grams Mass claimed.
    event Deposited(uint256 indexed claimId, uint32 indexed binId, uint32 indexed collection, uint32 grams);
    /// @notice A container was emptied, and it is known what its deposits are worth.
    /// @param binId Container.
    /// @param collection Number of the collection.
    /// @param claimedGrams Mass that people claimed.
    /// @param allowedGrams Mass that the ticket allows.
    event CycleClosed(uint32 indexed binId, uint32 indexed collection, uint64 claimedGrams, uint64 allowedGrams);
    /// @notice A claim was paid.
    /// @param claimId The claim.
    /// @param to Who got it.
    /// @param amount Millionths.
    event Released(uint256 indexed claimId, address indexed to, uint256 amount);
    /// @notice A claim was voided, for good.
    /// @param claimId The claim.
    /// @param reasonHash keccak256 of why, salted.
    event Voided(uint256 indexed claimId, bytes32 reasonHash);
    /// @notice A programme was made or changed.
    /// @param programmeId Programme.
    /// @param programme What it is.
    event ProgrammeSet(uint16 indexed programmeId, Programme programme);
    /// @notice An attestor speaks for a programme, or no longer.
    /// @param programmeId Programme.
    /// @param attestor Who.
    /// @param dayBudget Most that it can give in a day, millionths; zero: it no longer speaks.
    event AttestorSet(uint16 indexed programmeId, address indexed attestor, uint64 dayBudget);
    /// @notice A person's future claims are frozen for so many strikes, or no longer.
    /// @param person Number of the person.
    /// @param strikes Strikes now.
    event Struck(uint64 indexed person, uint16 strikes);
    /// @notice Rewards of many people were posted as one root.
    /// @param epochId Number.
    /// @param programmeId Programme that gives them.
    /// @param root Root over the leaves.
    /// @param total Sum of all, millionths.
    /// @param claimableAt Unix time until which it can be struck out.
    /// @param uri Where the leaves are.
    event EpochPosted(
        uint256 indexed epochId,
        uint16 indexed programmeId,
        bytes32 root,
        uint128 total,
        uint40 claimableAt,
        string uri
    );
    /// @notice An epoch was struck out before anybody could claim.
    /// @param epochId Number.
    /// @param reasonHash keccak256 of why, salted.
    event EpochVoided(uint256 indexed epochId, bytes32 reasonHash);
    /// @notice A reward of an epoch was paid.
    /// @param epochId Number.
    /// @param index Number of the leaf.
    /// @param to Who got it.
    /// @param amount Millionths.
    event EpochClaimed(uint256 indexed epochId, uint256 indexed index, address indexed to, uint256 amount);

    /// @notice Records something that a person did. Anybody may relay it.
    /// @param attestation What was done.
    /// @param attestors Who signed, in rising order.
    /// @param signatures Theirs.
    /// @return claimId The claim; zero: nothing is paid.
    function earn(
        Attestation calldata attestation,
        address[] calldata attestors,
        Signature[] calldata signatures
    ) external returns (uint256 claimId);

    /// @notice Records what a person put into a container. Anybody may relay it.
    /// @param deposit What was put in.
    /// @param r First half of the device's signature.
    /// @param vs Second half, as in ERC-2098.
    /// @return claimId The claim; zero: nothing is paid.
    function recordDeposit(Deposit calldata deposit, bytes32 r, bytes32 vs) external returns (uint256 claimId);

    /// @notice Settles what the deposits of a collection are worth, once its ticket is there. Anybody.
    /// @param binId Container.
    /// @param collection Number of the collection.
    function closeCycle(uint32 binId, uint32 collection) external;

    /// @notice Pays a claim whose window is over. Anybody.
    /// @param claimId The claim.
    /// @return amount Millionths.
    function release(uint256 claimId) external returns (uint256 amount);

    /// @notice Voids a claim that is not released. Only REWARD_AUDITOR.
    /// @dev What it took of budgets does not come back.
    /// @param claimId The claim.
    /// @param reasonHash keccak256 of why, salted.
    /// @param strike Whether the person gets a strike besides.
    function voidClaim(uint256 claimId, bytes32 reasonHash, bool strike) external;

    /// @notice Posts rewards of many people as one root. Only REWARD_POSTER.
    /// @param programmeId Programme that gives them.
    /// @param root Root over leaves keccak256(bytes.concat(keccak256(abi.encode(index, to, amount)))).
    /// @param total Sum of all, millionths; within what the programme and the city can still give today.
    /// @param uri Where the leaves are.
    /// @return epochId Number.
    function postEpoch(
        uint16 programmeId,
        bytes32 root,
        uint128 total,
        string calldata uri
    ) external returns (uint256 epochId);

    /// @notice Pays a reward of an epoch. Anybody, for the account in the leaf.
    /// @param epochId Number.
    /// @param index Number of the leaf.
    /// @param to Account in the leaf.
    /// @param amount Millionths.
    /// @param proof Siblings up to the root.
    function claimFromEpoch(
        uint256 epochId,
        uint256 index,
        address to,
        uint256 amount,
        bytes32[] calldata proof
    ) external;

    /// @notice The token.
    /// @return token The token.
    function ecoToken() external view returns (IEcoToken token);

    /// @notice Containers whose devices sign deposits.
    /// @return registry The registry.
    function containers() external view returns (IContainers registry);

    /// @notice Whose tickets tell what was weighed.
    /// @return registry The lots.
    function lots() external view returns (IWasteLots registry);
}
