// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CompactSignature} from "../authority/CompactSignatures.sol";
import {Signature} from "../authority/ISigned.sol";
import {ICredentials} from "../identity/ICredentials.sol";
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

/// @notice What a programme rewards, as it is set.
struct ProgrammeTerms {
    ProgrammeKind kind;
    bool active;
    /// @dev Reward for 1,000 units (grams, watt-hours, zones), millionths of a token.
    uint56 ratePerThousand;
    /// @dev Most that a person gets in a day, millionths.
    uint56 dayCapPerPerson;
    /// @dev Most that the programme gives in a day, millionths.
    uint56 dayBudget;
    /// @dev Units below which an act earns nothing, and above which it earns no more.
    uint32 leastUnits;
    uint32 mostUnits;
    /// @dev Seconds from earning to release, in which a claim can be voided: 7 to 90 days. Epochs: 2 to 90 days.
    uint32 window;
    /// @dev Attested: how many attestors must sign, 1 to 8. Else zero.
    uint8 quorum;
    /// @dev Attested: ten-minute spans between two acts of a person on a day, 0 to 143. Deposits: between two deposits. Else zero.
    uint8 minGap;
    /// @dev Deposits: code of the waste. Else zero.
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
    /// @dev Number of the collection that will empty it: one above those that did.
    uint32 collection;
    uint32 grams;
    uint40 takenAt;
    /// @dev Counts up with the deposits of a collection; a gap is allowed and shows.
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
    /// @dev Unix time.
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

/// @notice Deposits that wait for the collection of their container. One slot.
struct Cycle {
    /// @dev Grams of deposits that earned something.
    uint64 claimedGrams;
    /// @dev What the ticket weighed and the tolerance on it, grams; means nothing before the cycle is settled.
    uint64 allowedGrams;
    /// @dev Counter of the latest deposit.
    uint32 counter;
    /// @dev What an audit of its sorting takes off, basis points.
    uint16 cutBp;
    bool settled;
    /// @dev A claim is released, so what is allowed stays.
    bool released;
}

/// @notice Rewards of many people as one root.
struct Epoch {
    uint16 programmeId;
    /// @dev Unix time until which it can be struck out.
    uint40 claimableAt;
    bytes32 root;
}

/// @notice A person. One slot.
struct Person {
    /// @dev Who gets the person's rewards; zero: unknown.
    address account;
    /// @dev Claims that an auditor voided as fraud.
    uint16 strikes;
    /// @dev Last day on which the strikes keep it from earning, days since 1970.
    uint24 struckUntil;
}

/// @title IEcoRewards
/// @notice Rewards in the city's token for what people do: within caps for each person, programme, attestor, the city's day and
/// the city's year, with a window in which an auditor can void them, and for deposits never more than was weighed.
/// @dev Caps count persons and never addresses. A person below 2^63 is the index of a current credential of the type given at
/// deployment (RESIDENT, say) and enrols with its account; a person from 2^63 on is `1 << 63` and 63 bits of a nullifier that
/// attestors checked, and belongs to the account of its first act. Days are those of the city's clock: UTC and a fixed
/// offset. What exceeds a cap is dropped and the event says which cap. Budgets count on the day of the call, a person's cap
/// on the day of the act.
///
/// No waste contract calls this one, so no record of waste can fail because of a reward.
///
/// Attested and deposit programmes share the city's budget. The day budget of an epoch programme is set aside from it when
/// the programme is set, 366 times from the year's, so that posting an epoch touches nobody else's budget.
///
/// Acts and deposits are signed by plain keys; a claim's spans and a cycle's counter stand in place of nonces.
interface IEcoRewards {
    /// @notice Somebody earned something.
    /// @param claimId The claim that grew, see {RewardIds}.
    /// @param programmeId Programme.
    /// @param person Number of the person.
    /// @param earned What the formula gives, millionths.
    /// @param paid What is added to the claim, millionths.
    /// @param limit What cut it; None: nothing did.
    event Earned(
        uint256 indexed claimId,
        uint16 indexed programmeId,
        uint64 indexed person,
        uint256 earned,
        uint256 paid,
        RewardLimit limit
    );
    /// @notice Something was recorded that earns nothing.
    /// @param claimId The claim that would have grown.
    /// @param programmeId Programme.
    /// @param person Number of the person.
    /// @param earned What the formula gives, millionths.
    /// @param limit Why.
    event RewardSkipped(
        uint256 indexed claimId,
        uint16 indexed programmeId,
        uint64 indexed person,
        uint256 earned,
        RewardLimit limit
    );
    /// @notice A deposit was recorded.
    /// @param claimId The claim.
    /// @param binId Container.
    /// @param collection Number of the collection that will empty it.
    /// @param counter Counter of the deposit.
    /// @param grams Mass claimed.
    event Deposited(
        uint256 indexed claimId,
        uint32 indexed binId,
        uint32 indexed collection,
        uint32 counter,
        uint32 grams
    );
    /// @notice It is known what the deposits of a collection are worth.
    /// @param binId Container.
    /// @param collection Number of the collection.
    /// @param claimedGrams Mass that people claimed.
    /// @param allowedGrams Mass that the ticket allows.
    event CycleSettled(uint32 indexed binId, uint32 indexed collection, uint64 claimedGrams, uint64 allowedGrams);
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
    /// @param untilDay Last day on which it earns nothing, days since 1970.
    event Struck(uint64 indexed person, uint16 strikes, uint24 untilDay);
    /// @notice A person has an account, or another one.
    /// @param person Number of the person.
    /// @param account Who gets its rewards.
    event Enrolled(uint64 indexed person, address indexed account);
    /// @notice A programme was made or changed.
    /// @param programmeId Programme.
    /// @param terms What it is.
    event ProgrammeSet(uint16 indexed programmeId, ProgrammeTerms terms);
    /// @notice An attestor speaks for a programme, or no longer.
    /// @param programmeId Programme.
    /// @param attestor Plain key.
    /// @param dayBudget Most that it can give in a day, millionths; zero: it no longer speaks.
    event AttestorSet(uint16 indexed programmeId, address indexed attestor, uint56 dayBudget);
    /// @notice The city gives another sum a day.
    /// @param dayBudget Most that all programmes give in a day, millionths.
    event CityBudgetSet(uint56 dayBudget);
    /// @notice Rewards of many people were posted as one root.
    /// @param epochId Number, from 1.
    /// @param programmeId Programme that gives them.
    /// @param root Root over the leaves.
    /// @param total Sum of all, millionths.
    /// @param claimableAt Unix time until which it can be struck out.
    /// @param uri Where the leaves are.
    event EpochPosted(
        uint256 indexed epochId,
        uint16 indexed programmeId,
        bytes32 root,
        uint56 total,
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

    // --- programmes

    /// @notice Makes a programme, or changes one; its kind stays. Only REWARD_PROGRAMMES.
    /// @param programmeId Number; zero: a new one.
    /// @param terms What it is.
    /// @return number Its number, from 1.
    function setProgramme(uint16 programmeId, ProgrammeTerms calldata terms) external returns (uint16 number);

    /// @notice Lets an attestor speak for a programme, or no longer. Only REWARD_PROGRAMMES.
    /// @param programmeId Programme whose acts are attested.
    /// @param attestor Plain key.
    /// @param dayBudget Most that it can give in a day, millionths; zero: it no longer speaks.
    function setAttestor(uint16 programmeId, address attestor, uint56 dayBudget) external;

    /// @notice Sets what the city gives in a day. Only REWARD_PROGRAMMES.
    /// @param dayBudget Millionths, not below what is set aside for epochs.
    function setCityBudget(uint56 dayBudget) external;

    // --- people

    /// @notice Gives a resident's rewards an account: the owner of the identity that has the credential, or anybody with its
    /// signature of the message `Enrolment(address subject,address account,uint256 nonce,uint256 deadline)`.
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

    // --- earning

    /// @notice Records something that a person did. Anybody may relay it.
    /// @param act What was done.
    /// @param signatures Of attestors whose addresses rise, as many as the programme's quorum.
    /// @return paid What is added to the claim, millionths.
    function earn(Act calldata act, CompactSignature[] calldata signatures) external returns (uint256 paid);

    /// @notice Records what a person put into a container. Anybody may relay it.
    /// @param deposit What was put in.
    /// @param signature The device's.
    /// @return paid What is added to the claim before it is cut to what is weighed, millionths.
    function recordDeposit(
        Deposit calldata deposit,
        CompactSignature calldata signature
    ) external returns (uint256 paid);

    /// @notice Says what the deposits of a collection are worth, once its ticket is there. Anybody; again after a revision of
    /// the lot, as long as no claim is released.
    /// @param binId Container.
    /// @param collection Number of the collection.
    function settleCycle(uint32 binId, uint32 collection) external;

    /// @notice Pays a claim whose window is over. Anybody.
    /// @dev The first release of a collection settles it, if nobody did.
    /// @param claimId The claim.
    /// @return amount Millionths.
    function release(uint256 claimId) external returns (uint256 amount);

    // --- audit

    /// @notice Voids a claim that is not released. Only REWARD_AUDITOR.
    /// @dev What it took of budgets does not come back.
    /// @param claimId The claim.
    /// @param reasonHash keccak256 of why, salted.
    /// @param strikeDays Days for which the person earns nothing from today; zero: no strike.
    function voidClaim(uint256 claimId, bytes32 reasonHash, uint16 strikeDays) external;

    /// @notice Cuts what the deposits of a collection are worth. Only REWARD_AUDITOR, before the first release.
    /// @param binId Container.
    /// @param collection Number of the collection.
    /// @param cutBp What the audit takes off, basis points, at most 10,000.
    /// @param reasonHash keccak256 of the finding, salted.
    function auditCycle(uint32 binId, uint32 collection, uint16 cutBp, bytes32 reasonHash) external;

    /// @notice Takes a person's strikes away. Only REWARD_AUDITOR.
    /// @param person Number of the person.
    function pardon(uint64 person) external;

    /// @notice Strikes out an epoch before anybody could claim. Only REWARD_AUDITOR.
    /// @param epochId Number.
    /// @param epoch As it was posted.
    /// @param reasonHash keccak256 of why, salted.
    function voidEpoch(uint256 epochId, Epoch calldata epoch, bytes32 reasonHash) external;

    // --- epochs

    /// @notice Posts rewards of many people as one root. Only the programme's poster.
    /// @param programmeId Programme that gives them.
    /// @param root Root over leaves keccak256(bytes.concat(keccak256(abi.encode(index, to, amount)))).
    /// @param total Sum of all, millionths; within what the programme can still give today.
    /// @param uri Where the leaves are.
    /// @return epochId Number, from 1.
    function postEpoch(
        uint16 programmeId,
        bytes32 root,
        uint56 total,
        string calldata uri
    ) external returns (uint256 epochId);

    /// @notice Pays a reward of an epoch. Anybody, for the account in the leaf.
    /// @param epochId Number.
    /// @param programmeId Programme that gives it.
    /// @param claimableAt As it was posted.
    /// @param index Number of the leaf.
    /// @param to Account in the leaf.
    /// @param amount Millionths.
    /// @param proof Siblings up to the root.
    function claimFromEpoch(
        uint256 epochId,
        uint16 programmeId,
        uint40 claimableAt,
        uint256 index,
        address to,
        uint256 amount,
        bytes32[] calldata proof
    ) external;

    /// @notice Stops enrolments, acts, deposits and epochs. Only GUARDIAN. Releases and claims go on.
    function pause() external;

    /// @notice Ends a pause. Only STEWARD.
    function unpause() external;

    // --- views

    /// @notice A programme.
    /// @param programmeId Number.
    /// @return terms What it is.
    /// @return usedToday What it gave today, millionths.
    function programmeOf(uint16 programmeId) external view returns (ProgrammeTerms memory terms, uint56 usedToday);

    /// @notice A claim.
    /// @param claimId See {RewardIds}.
    /// @return claim What is known of it.
    function claimOf(uint256 claimId) external view returns (Claim memory claim);

    /// @notice Deposits of a collection.
    /// @param binId Container.
    /// @param collection Number of the collection.
    /// @return cycle What is known of them.
    function cycleOf(uint32 binId, uint32 collection) external view returns (Cycle memory cycle);

    /// @notice A person.
    /// @param person Number.
    /// @return known What is known of it.
    function personOf(uint64 person) external view returns (Person memory known);

    /// @notice Whether a reward of an epoch is paid.
    /// @param epochId Number.
    /// @param index Number of the leaf.
    /// @return claimed True if so.
    function isClaimed(uint256 epochId, uint256 index) external view returns (bool claimed);

    /// @notice What the city can still give.
    /// @return today Millionths, of what is not set aside for epochs.
    /// @return thisYear Millionths, likewise.
    function budgetLeft() external view returns (uint256 today, uint256 thisYear);

    /// @notice The day by the city's clock.
    /// @return day Days since 1 January 1970.
    function today() external view returns (uint24 day);

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
}
