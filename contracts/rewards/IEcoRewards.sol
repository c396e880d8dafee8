// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CompactSignature} from "../authority/CompactSignatures.sol";
import {ISigned, Signature} from "../authority/ISigned.sol";
import {ICredentials} from "../identity/ICredentials.sol";
import {IIdentities} from "../identity/IIdentities.sol";
import {IContainers} from "../waste/containers/IContainers.sol";
import {IWasteLots} from "../waste/lots/IWasteLots.sol";
import {IEcoToken} from "./IEcoToken.sol";

/// @notice How a programme learns what people did.
enum ProgrammeKind {
    None,
    /// @dev Attestors sign each act: a trip, energy saved, a repair.
    Attested,
    /// @dev Containers' devices sign each deposit, and the ticket of the collection bounds what deposits are worth.
    Deposits,
    /// @dev A poster posts rewards of many people as one root.
    Epochs
}

/// @notice Who takes part in a programme. A person has a number of one sort only, so no more than one cap.
enum Participants {
    /// @dev Who enrolled with a credential: numbers below 2^63.
    Residents,
    /// @dev Whom attestors know by a nullifier: numbers from 2^63 on.
    Nullifiers
}

/// @notice What does not change.
struct RewardSettings {
    /// @dev Type of the credential that makes somebody a person here; it numbers its subjects.
    bytes32 personType;
    /// @dev What the city's clock is ahead of UTC, seconds, at most 14 hours either way. No summer time.
    int32 clockOffset;
    /// @dev Most that all programmes give in a calendar year, millionths of a token.
    uint56 yearCap;
    /// @dev Most that all programmes give in a day at first, millionths.
    uint56 dayBudget;
}

/// @notice What a programme rewards, as it is set. Packed by {ProgrammeSlots}.
struct ProgrammeTerms {
    ProgrammeKind kind;
    /// @dev Stays as it is set first. Nullifiers only if attested: no device and no root shows whose a nullifier is.
    Participants participants;
    bool active;
    /// @dev Reward for 1,000 units (grams, watt-hours, zones), millionths of a token. Epochs: zero, and so the next one.
    uint40 ratePerThousand;
    /// @dev Most that a person gets in a day, millionths.
    uint48 dayCapPerPerson;
    /// @dev Most that the programme gives in a day, millionths.
    uint48 dayBudget;
    /// @dev Units below which an act or a deposit earns nothing, at most 8,191 and not above the next one. Epochs: both zero.
    uint16 leastUnits;
    /// @dev Units above which it earns no more, at most 1,048,575.
    uint24 mostUnits;
    /// @dev Days of 24 hours from earning to release, in which a claim can be voided: 7 to 90. Epochs: 2 to 90.
    uint8 windowDays;
    /// @dev Attested: how many attestors must sign, 1 to 8. Else zero.
    uint8 quorum;
    /// @dev Attested: ten-minute spans that lie between the beginnings of two acts of a person on a day, 0 to 143; each act has a
    /// span of its own in any case. Deposits: how many spans later the next deposit of a person on a day may come; zero: in
    /// the same. Epochs: zero.
    uint8 minGap;
    /// @dev Deposits: code of the waste, not zero. Else zero.
    uint24 code;
    /// @dev Deposits: what people may claim above what the ticket weighed, basis points, at most 1,000. Else zero.
    uint16 toleranceBp;
    /// @dev Epochs: who posts. Else zero.
    address poster;
}

/// @notice Something that a person did (EIP-712 message `Act`). Signed by attestors of the programme.
struct Act {
    uint16 programmeId;
    /// @dev Number of the person, see {IEcoRewards}.
    uint64 person;
    /// @dev Who gets the reward: the person's account.
    address to;
    uint32 units;
    /// @dev Basis points, at most 10,000.
    uint16 qualityBp;
    /// @dev Days since 1 January 1970 by the city's clock, today or up to 6 days before.
    uint24 day;
    /// @dev Ten-minute span of that day in which it began, 0 to 143: a person begins one act of a programme in each, so two
    /// attestors who saw the same act cannot both have it paid.
    uint8 span;
}

/// @notice Waste that a person put into a container (EIP-712 message `Deposit`). Signed by the container's device.
struct Deposit {
    uint16 programmeId;
    uint64 person;
    address to;
    uint32 binId;
    /// @dev Number of the collection that empties it: one above those before.
    uint32 collection;
    uint32 grams;
    uint40 takenAt;
    /// @dev Counts the device's deposits of a collection. Each counts once, in any order; a gap shows that one is missing.
    uint32 counter;
}

/// @notice What came of something earned.
enum ClaimStatus {
    None,
    Pending,
    Released,
    Voided
}

/// @notice A reward that waits for its window: all acts of a person on a day for a programme, or all deposits of a person of a
/// collection. One slot.
struct Claim {
    /// @dev Millionths of a token; of deposits before they are cut to what was weighed.
    uint56 amount;
    /// @dev Unix time from which it can be released.
    uint40 unlockAt;
    ClaimStatus status;
    /// @dev Acts: a bit for each ten-minute span that is used. Deposits: grams claimed.
    uint144 detail;
}

/// @notice Why nothing, or less than earned, is paid.
enum RewardLimit {
    None,
    Units,
    Person,
    Programme,
    Attestor,
    City,
    Year,
    Struck,
    Container
}

/// @notice Deposits into a container between two collections, all of one programme: that of the first. Code and tolerance are
/// those of the programme at that time, so that a later change of the programme touches no pending claim. One slot.
struct Cycle {
    /// @dev Zero: no deposit.
    uint16 programmeId;
    /// @dev Grams of deposits, as far as they earned something.
    uint40 claimedGrams;
    /// @dev What the ticket weighed and the tolerance on it, grams; means nothing before the cycle is settled.
    uint40 allowedGrams;
    /// @dev Highest counter of a deposit.
    uint32 counter;
    /// @dev What an audit of its sorting takes off every claim, basis points.
    uint16 cutBp;
    /// @dev Code that the lot must have.
    uint24 code;
    uint16 toleranceBp;
    /// @dev Unix time at which it was settled first; zero: it is not.
    uint40 settledAt;
    /// @dev A claim is released, so what is allowed stays.
    bool released;
}

/// @notice A person. One slot.
struct Person {
    /// @dev Who gets the person's rewards; zero: unknown.
    address account;
    /// @dev Claims that an auditor voided as fraud.
    uint16 strikes;
    /// @dev Last day of acts and deposits for which the strikes keep it from earning, days since 1970.
    uint24 struckUntil;
    /// @dev Last Unix time at which it can earn: the end of its credential.
    uint40 enrolledUntil;
}

/// @title IEcoRewards
/// @notice Rewards in the city's token for what people do: within caps for each person, programme, attestor, the city's day and
/// the city's year, with a window in which an auditor can void them, and for deposits never more than was weighed.
/// @dev Caps count persons and never addresses. A person below 2^63 is the index of a current credential of the type given at
/// deployment (RESIDENT, say) and enrols with its account; a person from 2^63 on is `1 << 63` and 63 bits of a nullifier that
/// attestors checked, and belongs for good to the account of its first attested act. A programme is for persons of one of these
/// sorts, as long as it lasts: somebody may be known by both numbers, and would have two caps. Days are those of the city's clock:
/// UTC and a fixed offset. What exceeds a cap is dropped and the event says which cap: the one that left least. Budgets count
/// on the day of the call, a person's cap on the day of the act or deposit.
///
/// No waste contract calls this one, so no record of waste can fail because of a reward. An act or deposit that is right is
/// recorded once, whether it earns something or not.
///
/// Attested and deposit programmes share the city's budget. The day budget of an epoch programme is set aside from it when
/// the programme is set, 366 times from the year's, so that posting an epoch touches nobody else's budget. What is given
/// free again counts as used on that day and in that year.
///
/// Acts and deposits are signed by plain keys in the short form of ERC-2098; a claim's spans and a device's counters stand in
/// place of nonces. Enrolments take the way of {ISigned}.
interface IEcoRewards is ISigned {
    /// @notice Somebody earned something.
    /// @param claimId The claim that grew, which tells its programme, see {RewardIds}.
    /// @param person Number of the person.
    /// @param earned What the formula gives, millionths.
    /// @param paid What is added to the claim, millionths.
    /// @param limit What cut it; None: nothing did.
    event Earned(uint256 indexed claimId, uint64 indexed person, uint256 earned, uint256 paid, RewardLimit limit);
    /// @notice Something was recorded that earns nothing.
    /// @param claimId The claim that would have grown.
    /// @param person Number of the person.
    /// @param earned What the formula gives, millionths.
    /// @param limit Why; None: the formula gives nothing.
    event RewardSkipped(uint256 indexed claimId, uint64 indexed person, uint256 earned, RewardLimit limit);
    /// @notice A deposit was recorded.
    /// @param claimId The claim.
    /// @param binId Container.
    /// @param collection Number of the collection that empties it.
    /// @param counter Counter of the deposit.
    /// @param grams Mass on the deposit.
    /// @param claimedGrams Mass of it that earned something.
    event Deposited(
        uint256 indexed claimId,
        uint32 indexed binId,
        uint32 indexed collection,
        uint32 counter,
        uint32 grams,
        uint40 claimedGrams
    );
    /// @notice It is known what the deposits of a collection are worth.
    /// @param binId Container.
    /// @param collection Number of the collection.
    /// @param claimedGrams Mass that people claimed so far.
    /// @param allowedGrams Mass that the ticket allows.
    event CycleSettled(uint32 indexed binId, uint32 indexed collection, uint40 claimedGrams, uint40 allowedGrams);
    /// @notice A sorting audit found that the waste of a collection is not what it should be.
    /// @param binId Container.
    /// @param collection Number of the collection.
    /// @param cutBp What it takes off, basis points.
    /// @param reasonHash keccak256 of the finding, salted.
    event CycleAudited(uint32 indexed binId, uint32 indexed collection, uint16 cutBp, bytes32 reasonHash);
    /// @notice A claim was paid.
    /// @param claimId The claim.
    /// @param to Who got it.
    /// @param amount Millionths.
    event Released(uint256 indexed claimId, address indexed to, uint256 amount);
    /// @notice A claim was voided, for good.
    /// @param claimId The claim.
    /// @param reasonHash keccak256 of why, salted.
    event Voided(uint256 indexed claimId, bytes32 reasonHash);
    /// @notice A person is struck, or no longer.
    /// @param person Number of the person.
    /// @param strikes Strikes now.
    /// @param untilDay Last day for which it earns nothing, days since 1970.
    event Struck(uint64 indexed person, uint16 strikes, uint24 untilDay);
    /// @notice A person has an account, or another one.
    /// @param person Number of the person.
    /// @param account Who gets its rewards.
    /// @param until Last Unix time at which it can earn.
    event Enrolled(uint64 indexed person, address indexed account, uint40 until);
    /// @notice A person's credential ended before its time, or its identity is retired, so it can earn no more. It keeps what it earned.
    /// @param person Number of the person.
    event EnrolmentEnded(uint64 indexed person);
    /// @notice A programme was made or changed.
    /// @param programmeId Programme.
    /// @param terms What it is.
    event ProgrammeSet(uint16 indexed programmeId, ProgrammeTerms terms);
    /// @notice An attestor speaks for a programme, or no longer.
    /// @param programmeId Programme.
    /// @param attestor Plain key.
    /// @param previous Most that it could give in a day, millionths.
    /// @param dayBudget Most that it can give in a day from now on, millionths; zero: it no longer speaks.
    event AttestorSet(uint16 indexed programmeId, address indexed attestor, uint48 previous, uint48 dayBudget);
    /// @notice The city gives another sum a day.
    /// @param previous Most that all programmes gave in a day, millionths.
    /// @param dayBudget Most that they give from now on, millionths.
    event CityBudgetSet(uint56 previous, uint56 dayBudget);
    /// @notice Rewards of many people were posted as one root.
    /// @param epochId Number: `programme << 24 | day`.
    /// @param programmeId Programme that gives them.
    /// @param root Root over the leaves.
    /// @param total Sum of all, millionths.
    /// @param claimableAt Unix time from which it can be claimed, and until which it can be struck out.
    /// @param uri Where the leaves are.
    event EpochPosted(
        uint40 indexed epochId,
        uint16 indexed programmeId,
        bytes32 root,
        uint48 total,
        uint40 claimableAt,
        string uri
    );
    /// @notice An epoch was struck out before anybody could claim.
    /// @param epochId Number.
    /// @param reasonHash keccak256 of why, salted.
    event EpochVoided(uint40 indexed epochId, bytes32 reasonHash);
    /// @notice A reward of an epoch was paid.
    /// @param epochId Number.
    /// @param index Number of the leaf.
    /// @param to Who got it.
    /// @param amount Millionths.
    event EpochClaimed(uint40 indexed epochId, uint256 indexed index, address indexed to, uint256 amount);
    /// @notice Enrolments, acts, deposits and epochs are stopped.
    /// @param account Who stopped them.
    event Paused(address account);
    /// @notice They go on.
    /// @param account Who ended the pause.
    event Unpaused(address account);

    /// @notice Enrolments, acts, deposits and epochs are stopped.
    error EcoRewardsPaused();
    /// @notice They are not stopped.
    error EcoRewardsNotPaused();
    /// @notice The city's clock is too far from UTC.
    /// @param offset Seconds given.
    /// @param limit Most seconds, either way.
    error EcoRewardsBadClock(int32 offset, int32 limit);
    /// @notice No number is left for another programme.
    /// @param count Programmes there would be.
    /// @param limit Most programmes.
    error EcoRewardsTooManyProgrammes(uint256 count, uint256 limit);
    /// @notice There is no such programme.
    /// @param programmeId Number given.
    error EcoRewardsUnknownProgramme(uint16 programmeId);
    /// @notice The programme is of another kind.
    /// @param programmeId Programme.
    /// @param kind Its kind.
    error EcoRewardsWrongKind(uint16 programmeId, ProgrammeKind kind);
    /// @notice The programme is for another sort of persons, for good.
    /// @param programmeId Programme.
    /// @param participants Who takes part.
    error EcoRewardsWrongParticipants(uint16 programmeId, Participants participants);
    /// @notice The person is not of the sort that takes part in the programme.
    /// @param person Number of the person.
    /// @param programmeId Programme.
    error EcoRewardsNotParticipant(uint64 person, uint16 programmeId);
    /// @notice The programme is not active.
    /// @param programmeId Programme.
    error EcoRewardsNotActive(uint16 programmeId);
    /// @notice A member of a programme's terms is out of its range, or has a meaning only for another kind.
    /// @param value Value given.
    /// @param lowest Least that may be.
    /// @param highest Greatest that may be.
    error EcoRewardsBadTerms(uint256 value, uint256 lowest, uint256 highest);
    /// @notice The call would change nothing.
    error EcoRewardsUnchanged();
    /// @notice More than can still be given or set aside.
    /// @param amount Millionths asked for.
    /// @param left Millionths that are left.
    error EcoRewardsBudgetExceeded(uint256 amount, uint256 left);
    /// @notice The city's day budget would not cover what is set aside for epochs.
    /// @param dayBudget Millionths given.
    /// @param setAside Millionths set aside.
    error EcoRewardsBelowSetAside(uint256 dayBudget, uint256 setAside);
    /// @notice An account is zero.
    /// @param account Account given.
    error EcoRewardsBadAccount(address account);
    /// @notice The subject holds no current credential, or is retired.
    /// @param subject Identity.
    /// @param owner Owner of the identity; zero: it is retired.
    error EcoRewardsNoCredential(address subject, address owner);
    /// @notice The subject holds a current credential and is not retired, so its enrolment stands.
    /// @param subject Identity.
    error EcoRewardsStillHeld(address subject);
    /// @notice The type of credential does not number its subjects.
    /// @param typeId The type.
    error EcoRewardsNotNumbered(bytes32 typeId);
    /// @notice The person is unknown, or its enrolment is over.
    /// @param person Number of the person.
    error EcoRewardsNotEnrolled(uint64 person);
    /// @notice The reward is for another account than the person's.
    /// @param person Number of the person.
    /// @param to Account named.
    /// @param account Account of the person.
    error EcoRewardsWrongAccount(uint64 person, address to, address account);
    /// @notice The act or deposit is too old, or of a day to come; or the epoch is not of today.
    /// @param day Day named, days since 1970.
    /// @param earliest First day that counts.
    /// @param latest Last one: today.
    error EcoRewardsBadDay(uint256 day, uint256 earliest, uint256 latest);
    /// @notice A value is above its limit.
    /// @param value Value given.
    /// @param limit Greatest value.
    error EcoRewardsOutOfRange(uint256 value, uint256 limit);
    /// @notice Another act or deposit of the person on that day is too near, or this one itself is recorded already.
    /// @param dayId Person's day, see {RewardIds}.
    /// @param span Ten-minute span of the day.
    error EcoRewardsTooSoon(uint256 dayId, uint256 span);
    /// @notice Too few or too many signatures.
    /// @param count Signatures given.
    /// @param quorum Signatures needed.
    error EcoRewardsBadQuorum(uint256 count, uint256 quorum);
    /// @notice A key does not speak for the programme.
    /// @param programmeId Programme.
    /// @param key Key that signed; zero: none.
    error EcoRewardsNotAttestor(uint16 programmeId, address key);
    /// @notice Signatures are not in the order of their keys, or one came twice.
    /// @param key Key that is not above the one before it.
    error EcoRewardsKeysNotRising(address key);
    /// @notice The claim does not exist, or is released or voided.
    /// @param claimId The claim.
    /// @param status Its status.
    error EcoRewardsNotPending(uint256 claimId, ClaimStatus status);
    /// @notice This cannot be done yet.
    /// @param until Unix time from which it can.
    /// @param timestamp Time of the call.
    error EcoRewardsTooEarly(uint256 until, uint256 timestamp);
    /// @notice This can be done no more.
    /// @param since Unix time from which it could not.
    /// @param timestamp Time of the call.
    error EcoRewardsTooLate(uint256 since, uint256 timestamp);
    /// @notice The device of the container did not sign this.
    /// @param binId Container.
    /// @param recovered Key that did; zero: none.
    error EcoRewardsBadDeviceSignature(uint32 binId, address recovered);
    /// @notice The deposit is dated ahead of the clock.
    /// @param takenAt Its time.
    /// @param latest Latest time that is taken: 300 seconds ahead.
    error EcoRewardsTimeInFuture(uint256 takenAt, uint256 latest);
    /// @notice The deposit names a collection that is closed, or not the next one.
    /// @param binId Container.
    /// @param collection Number named.
    /// @param next Number of the next collection.
    error EcoRewardsBadCollection(uint32 binId, uint32 collection, uint32 next);
    /// @notice The deposit's time is not that of the collection that it names.
    /// @param takenAt Its time.
    /// @param emptiedAt Time of the latest emptying.
    error EcoRewardsBadTime(uint40 takenAt, uint40 emptiedAt);
    /// @notice The deposits of the collection are of another programme.
    /// @param binId Container.
    /// @param collection Number of the collection.
    /// @param programmeId Their programme.
    error EcoRewardsOtherProgramme(uint32 binId, uint32 collection, uint16 programmeId);
    /// @notice The container is retired, so that nothing will be collected from it.
    /// @param binId Container.
    error EcoRewardsBinRetired(uint32 binId);
    /// @notice The device's deposit with that counter is recorded.
    /// @param binId Container.
    /// @param collection Number of the collection.
    /// @param counter Counter of the deposit.
    error EcoRewardsDepositRecorded(uint32 binId, uint32 collection, uint32 counter);
    /// @notice There are no deposits of that collection.
    /// @param binId Container.
    /// @param collection Number of the collection.
    error EcoRewardsUnknownCycle(uint32 binId, uint32 collection);
    /// @notice There is no ticket of that collection.
    /// @param binId Container.
    /// @param collection Number of the collection.
    error EcoRewardsNotCollected(uint32 binId, uint32 collection);
    /// @notice The deposits of the collection are not settled.
    /// @param binId Container.
    /// @param collection Number of the collection.
    error EcoRewardsNotSettled(uint32 binId, uint32 collection);
    /// @notice A claim of the collection is released, so what its deposits are worth stays.
    /// @param binId Container.
    /// @param collection Number of the collection.
    error EcoRewardsCycleReleased(uint32 binId, uint32 collection);
    /// @notice The caller does not post for the programme.
    /// @param caller Who called.
    /// @param poster Who does.
    error EcoRewardsNotPoster(address caller, address poster);
    /// @notice The programme posted today, even if that was struck out.
    /// @param epochId Number of the epoch.
    error EcoRewardsEpochPosted(uint40 epochId);
    /// @notice An epoch of nothing.
    error EcoRewardsZeroTotal();
    /// @notice There is no such epoch, or it is struck out.
    /// @param epochId Number given.
    error EcoRewardsUnknownEpoch(uint40 epochId);
    /// @notice The proof leads to no root of that epoch, or the time is not the one that was posted.
    /// @param epochId Number.
    /// @param root Where it leads.
    error EcoRewardsBadProof(uint40 epochId, bytes32 root);
    /// @notice The reward of that leaf is paid.
    /// @param epochId Number.
    /// @param index Number of the leaf.
    error EcoRewardsAlreadyClaimed(uint40 epochId, uint256 index);

    // --- programmes

    /// @notice Makes a programme, or changes one; its kind and who takes part stay. Only REWARD_PROGRAMMES.
    /// @dev Claims and cycles that exist stay as they are. Emits {ProgrammeSet}. Reverts with {EcoRewardsTooManyProgrammes},
    /// {EcoRewardsUnknownProgramme}, {EcoRewardsWrongKind}, {EcoRewardsWrongParticipants}, {EcoRewardsBadTerms},
    /// {EcoRewardsUnchanged}, and for epochs with {EcoRewardsBudgetExceeded} when the city cannot set the day budget aside.
    /// @param programmeId Number; zero: a new one.
    /// @param terms What it is.
    /// @return number Its number, from 1.
    function setProgramme(uint16 programmeId, ProgrammeTerms calldata terms) external returns (uint16 number);

    /// @notice Lets an attestor speak for a programme, or no longer. Only REWARD_PROGRAMMES.
    /// @dev What it gave today stays counted. Emits {AttestorSet}. Reverts with {EcoRewardsUnknownProgramme},
    /// {EcoRewardsWrongKind}, {EcoRewardsBadAccount} and {EcoRewardsUnchanged}.
    /// @param programmeId Programme whose acts are attested.
    /// @param attestor Plain key.
    /// @param dayBudget Most that it can give in a day, millionths; zero: it no longer speaks.
    function setAttestor(uint16 programmeId, address attestor, uint48 dayBudget) external;

    /// @notice Sets what the city gives in a day. Only REWARD_PROGRAMMES.
    /// @dev Emits {CityBudgetSet}. Reverts with {EcoRewardsBelowSetAside} and {EcoRewardsUnchanged}.
    /// @param dayBudget Millionths, not below what is set aside for epochs.
    function setCityBudget(uint56 dayBudget) external;

    // --- people

    /// @notice Gives a resident's rewards an account, until its credential ends: the owner of the identity that has the
    /// credential, or anybody with its signature of the message
    /// `Enrolment(address subject,address account,uint256 nonce,uint256 deadline)`.
    /// @dev What is pending goes to the account, too. Emits {Enrolled}. Reverts with {EcoRewardsPaused} for who was never
    /// enrolled, {EcoRewardsBadAccount}, {EcoRewardsNoCredential}, {EcoRewardsNotNumbered}, {EcoRewardsUnchanged} and the errors
    /// of {ISigned}.
    /// @param subject Identity with a current credential.
    /// @param account Who gets the rewards.
    /// @param nonce Of the signer.
    /// @param deadline Last second at which the signature counts.
    /// @param signature Not looked at if the owner calls.
    /// @return person Number of the person: the credential's index.
    function enrol(
        address subject,
        address account,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external returns (uint64 person);

    /// @notice Ends an enrolment whose credential ended before its time, or whose identity is retired. Anybody.
    /// @dev What the person earned stays. Emits {EnrolmentEnded}. Reverts with {EcoRewardsStillHeld} and
    /// {EcoRewardsUnchanged}.
    /// @param subject Identity that had the credential.
    function recheck(address subject) external;

    // --- earning

    /// @notice Records something that a person did. Anybody may relay it.
    /// @dev Emits {Earned} or {RewardSkipped}, and {Enrolled} with the first act of a nullifier. Reverts with
    /// {EcoRewardsPaused}, {EcoRewardsUnknownProgramme}, {EcoRewardsWrongKind}, {EcoRewardsNotActive},
    /// {EcoRewardsNotParticipant}, {EcoRewardsBadDay}, {EcoRewardsOutOfRange} (quality, span), {EcoRewardsBadQuorum}, {EcoRewardsNotAttestor}, {EcoRewardsKeysNotRising},
    /// {EcoRewardsNotPending}, {EcoRewardsTooSoon}, {EcoRewardsBadAccount}, {EcoRewardsNotEnrolled} and
    /// {EcoRewardsWrongAccount}.
    /// @param act What was done.
    /// @param signatures Of attestors whose addresses rise, as many as the programme's quorum.
    /// @return paid What is added to the claim, millionths.
    function earn(Act calldata act, CompactSignature[] calldata signatures) external returns (uint256 paid);

    /// @notice Records what a person put into a container. Anybody may relay it, in any order.
    /// @dev For the next collection, or for the latest one, until two days after it is settled and with a time before it.
    /// Emits {Deposited}, and {Earned} or {RewardSkipped}. Reverts with {EcoRewardsPaused}, {EcoRewardsUnknownProgramme},
    /// {EcoRewardsWrongKind}, {EcoRewardsNotActive}, {EcoRewardsNotParticipant},
    /// {IContainers-ContainersUnknownBin}, {EcoRewardsBadDeviceSignature},
    /// {EcoRewardsTimeInFuture}, {EcoRewardsBadDay}, {EcoRewardsBinRetired}, {EcoRewardsBadCollection}, {EcoRewardsBadTime},
    /// {EcoRewardsOtherProgramme}, {EcoRewardsDepositRecorded}, {EcoRewardsNotPending}, {EcoRewardsTooSoon},
    /// {EcoRewardsNotEnrolled} and {EcoRewardsWrongAccount}.
    /// @param deposit What was put in.
    /// @param signature The device's.
    /// @return paid What is added to the claim before it is cut to what is weighed, millionths.
    function recordDeposit(
        Deposit calldata deposit,
        CompactSignature calldata signature
    ) external returns (uint256 paid);

    /// @notice Says what the deposits of a collection are worth, once its ticket is there. Anybody; again after a revision of
    /// the lot, as long as no claim is released.
    /// @dev Starts the two days after which they can be released. Emits {CycleSettled}. Reverts with
    /// {EcoRewardsUnknownCycle}, {EcoRewardsCycleReleased}, {EcoRewardsNotCollected} and {EcoRewardsUnchanged}.
    /// @param binId Container.
    /// @param collection Number of the collection.
    function settleCycle(uint32 binId, uint32 collection) external;

    /// @notice Pays a claim whose window is over. Anybody.
    /// @dev To the account that the person has at the time. Of deposits, what is allowed is shared out by what they
    /// earned, rounded down. Emits {Released}. Reverts with {EcoRewardsNotPending}, {EcoRewardsTooEarly} and, for
    /// deposits, {EcoRewardsNotSettled}.
    /// @param claimId The claim.
    /// @return amount Millionths.
    function release(uint256 claimId) external returns (uint256 amount);

    // --- audit

    /// @notice Voids a claim that is not released. Only REWARD_AUDITOR.
    /// @dev What it took of budgets does not come back; what it claimed of a collection that has no released claim no longer
    /// counts against the others. Emits {Voided}, and {Struck}. Reverts with {EcoRewardsNotPending}.
    /// @param claimId The claim.
    /// @param reasonHash keccak256 of why, salted.
    /// @param strikeDays Days after today up to which the person earns nothing; zero: no strike.
    function voidClaim(uint256 claimId, bytes32 reasonHash, uint16 strikeDays) external;

    /// @notice Cuts what the deposits of a collection are worth. Only REWARD_AUDITOR, before the first release.
    /// @dev Emits {CycleAudited}. Reverts with {EcoRewardsUnknownCycle}, {EcoRewardsCycleReleased},
    /// {EcoRewardsOutOfRange} and {EcoRewardsUnchanged}.
    /// @param binId Container.
    /// @param collection Number of the collection.
    /// @param cutBp What the audit takes off, basis points, at most 10,000.
    /// @param reasonHash keccak256 of the finding, salted.
    function auditCycle(uint32 binId, uint32 collection, uint16 cutBp, bytes32 reasonHash) external;

    /// @notice Takes a person's strikes away. Only REWARD_AUDITOR.
    /// @dev Emits {Struck}. Reverts with {EcoRewardsUnchanged}.
    /// @param person Number of the person.
    function pardon(uint64 person) external;

    /// @notice Strikes out an epoch before anybody could claim. Only REWARD_AUDITOR.
    /// @dev What it took of its programme's day does not come back. Emits {EpochVoided}. Reverts with
    /// {EcoRewardsUnknownEpoch}, {EcoRewardsBadProof} and {EcoRewardsTooLate}.
    /// @param epochId Number.
    /// @param root As it was posted.
    /// @param claimableAt As it was posted.
    /// @param reasonHash keccak256 of why, salted.
    function voidEpoch(uint40 epochId, bytes32 root, uint40 claimableAt, bytes32 reasonHash) external;

    // --- epochs

    /// @notice Posts rewards of many people as one root, once a day. Only the programme's poster.
    /// @dev Emits {EpochPosted}. Reverts with {EcoRewardsPaused}, {EcoRewardsUnknownProgramme}, {EcoRewardsWrongKind},
    /// {EcoRewardsNotActive}, {EcoRewardsNotPoster}, {EcoRewardsBadDay}, {EcoRewardsZeroTotal}, {EcoRewardsBudgetExceeded}
    /// and {EcoRewardsEpochPosted}.
    /// @param epochId Number: `programme << 24 | day`, of the programme that gives them and of today.
    /// @param root Root over leaves keccak256(bytes.concat(keccak256(abi.encode(epochId, index, to, amount)))). They
    /// name the epoch, so a root is worth nothing on another day or of another programme.
    /// @param total Sum of all, millionths, at most the programme's day budget.
    /// @param uri Where the leaves are.
    function postEpoch(uint40 epochId, bytes32 root, uint48 total, string calldata uri) external;

    /// @notice Pays a reward of an epoch. Anybody, for the account in the leaf.
    /// @dev Emits {EpochClaimed}. Reverts with {EcoRewardsUnknownEpoch}, {EcoRewardsBadProof}, {EcoRewardsTooEarly},
    /// {EcoRewardsAlreadyClaimed} and {EcoRewardsBudgetExceeded} (all claims together are within the posted total).
    /// @param epochId Number.
    /// @param claimableAt As it was posted.
    /// @param index Number of the leaf.
    /// @param to Account in the leaf.
    /// @param amount Millionths.
    /// @param proof Siblings up to the root.
    function claimFromEpoch(
        uint40 epochId,
        uint40 claimableAt,
        uint256 index,
        address to,
        uint256 amount,
        bytes32[] calldata proof
    ) external;

    // --- pause

    /// @notice Stops enrolments, acts, deposits and epochs. Only GUARDIAN. Releases and claims go on.
    /// @dev Emits {Paused}. Reverts with {EcoRewardsPaused}.
    function pause() external;

    /// @notice Ends a pause. Only STEWARD.
    /// @dev Emits {Unpaused}. Reverts with {EcoRewardsNotPaused}.
    function unpause() external;

    // --- views

    /// @notice A programme.
    /// @param programmeId Number.
    /// @return terms What it is; all zero: there is none.
    /// @return usedToday What it gave today, millionths; of an epoch programme zero, see {epochLeft}.
    function programmeOf(uint16 programmeId) external view returns (ProgrammeTerms memory terms, uint48 usedToday);

    /// @notice An attestor.
    /// @param programmeId Programme.
    /// @param attestor Plain key.
    /// @return dayBudget Most that it can give in a day, millionths; zero: it does not speak for the programme.
    /// @return usedToday What it gave today, millionths.
    function attestorOf(
        uint16 programmeId,
        address attestor
    ) external view returns (uint48 dayBudget, uint48 usedToday);

    /// @notice A claim.
    /// @param claimId See {RewardIds}.
    /// @return claim What is known of it.
    function claimOf(uint256 claimId) external view returns (Claim memory claim);

    /// @notice What a person got on a day for deposits.
    /// @param programmeId Programme.
    /// @param person Number of the person.
    /// @param day Days since 1970.
    /// @return used Millionths, before they are cut to what was weighed.
    /// @return spans A bit for each ten-minute span with a deposit.
    function depositDayOf(
        uint16 programmeId,
        uint64 person,
        uint24 day
    ) external view returns (uint56 used, uint144 spans);

    /// @notice Deposits of a collection.
    /// @param binId Container.
    /// @param collection Number of the collection.
    /// @return cycle What is known of them.
    function cycleOf(uint32 binId, uint32 collection) external view returns (Cycle memory cycle);

    /// @notice A person.
    /// @param person Number.
    /// @return known What is known of it.
    function personOf(uint64 person) external view returns (Person memory known);

    /// @notice What an epoch can still pay.
    /// @param epochId Number.
    /// @return left Millionths; zero too if there is no such epoch.
    function epochLeft(uint40 epochId) external view returns (uint256 left);

    /// @notice Whether a reward of an epoch is paid.
    /// @param epochId Number.
    /// @param index Number of the leaf.
    /// @return claimed True if so.
    function isClaimed(uint40 epochId, uint256 index) external view returns (bool claimed);

    /// @notice What the city gives.
    /// @return dayBudget Most in a day, millionths.
    /// @return setAside Of that for epochs, millionths.
    /// @return leftToday What acts and deposits can still get today, millionths.
    /// @return leftThisYear What they can still get this year, millionths.
    function cityBudget()
        external
        view
        returns (uint256 dayBudget, uint256 setAside, uint256 leftToday, uint256 leftThisYear);

    /// @notice Whether enrolments, acts, deposits and epochs are stopped.
    /// @return stopped True if so.
    function paused() external view returns (bool stopped);

    /// @notice The day by the city's clock.
    /// @return day Days since 1 January 1970.
    function today() external view returns (uint24 day);

    /// @notice Type of the credential that makes somebody a person here.
    /// @return typeId The type.
    function personType() external view returns (bytes32 typeId);

    /// @notice What the city's clock is ahead of UTC.
    /// @return offset Seconds.
    function clockOffset() external view returns (int32 offset);

    /// @notice Most that all programmes give in a calendar year.
    /// @return amount Millionths.
    function yearCap() external view returns (uint56 amount);

    /// @notice The token.
    /// @return token The token.
    function ecoToken() external view returns (IEcoToken token);

    /// @notice Containers whose devices sign deposits.
    /// @return registry The registry.
    function containers() external view returns (IContainers registry);

    /// @notice Whose tickets tell what was weighed.
    /// @return registry The lots.
    function lots() external view returns (IWasteLots registry);

    /// @notice Who numbers residents.
    /// @return registry The registry.
    function credentials() external view returns (ICredentials registry);

    /// @notice Who owns residents' identities.
    /// @return registry The registry.
    function identities() external view returns (IIdentities registry);
}
