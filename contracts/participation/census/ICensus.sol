// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Signature} from "../../authority/ISigned.sol";

/// @notice What the leaves of a roll's trees are.
enum RollKind {
    /// @dev No such roll.
    None,
    /// @dev Accounts: who votes is seen. Trees of OpenZeppelin's `MerkleTree` with keccak256 over sorted pairs.
    Named,
    /// @dev Identity commitments of Semaphore v4: that a member votes is seen, not which. Trees of zk-kit's LeanIMT.
    Anonymous
}

/// @notice What a roll is, for good.
struct RollTerms {
    RollKind kind;
    /// @dev How it is known that nobody is on it twice. True: by the number of a credential of {ICensus-voterType}. False: by
    /// a tag that registrars make, a keyed hash of what the register of residents calls the person.
    bool credentialed;
    /// @dev Whether a second registrar must sign what a first one adds.
    bool cosigned;
    /// @dev Levels of its trees: each segment has room for two to the power of it. 1 to 32.
    uint8 depth;
    /// @dev Segments, of which each has a tree: districts, or 1 for all. Numbered from 0.
    uint16 segments;
    /// @dev Most that the roll may grow while a notice runs, basis points of its members when the notice began.
    uint16 growthBp;
    /// @dev Or this many members, if that is more.
    uint32 growthLeast;
}

/// @notice Somebody to be added.
struct Entrant {
    /// @dev Credentialed rolls: identity of the person. Others: an account of the person's own device, which signs.
    address holder;
    /// @dev Other rolls: keyed hash of who it is, above 2^64. Credentialed rolls: zero.
    uint256 tag;
    /// @dev Identity commitment, below the order of the scalar field and not zero; or the account as a number.
    uint256 leaf;
    /// @dev Last second at which the consent can be used, Unix time.
    uint40 deadline;
    /// @dev Consent to be added so (EIP-712 message `Enrolment`): of the owner of the person's identity, or of the account.
    Signature consent;
}

/// @notice Where a person is on a roll. One slot.
struct Member {
    /// @dev Where in the segment's tree, from 0.
    uint32 index;
    uint16 segment;
    /// @dev Whether it is on the roll now.
    bool present;
    /// @dev How often it was added, so that a consent serves once.
    uint32 times;
}

/// @notice The roll's members in one segment at some time.
struct Snapshot {
    /// @dev Root of the tree; zero: nobody was ever in it.
    uint256 root;
    /// @dev Leaves, those of members that were taken out included.
    uint32 leaves;
    /// @dev Members.
    uint32 members;
    /// @dev Levels of the tree.
    uint8 depth;
}

/// @notice How far a roll may still grow.
struct Notice {
    /// @dev Last second of the notice, Unix time; zero: there was none.
    uint40 until;
    /// @dev Members that may be added in it.
    uint32 allowance;
    /// @dev Members that were.
    uint32 added;
}

/// @title ICensus
/// @notice Who may vote: rolls of accounts or of anonymous identities, by segment. Each change of a segment is kept with its time,
/// so that a ballot's census is the one of a moment that was announced, whoever looks it up and whenever.
/// @dev A roll's leaves are public, and all trees can be built from the events. What links a leaf with a person is the number of a
/// credential, or a tag whose key registrars keep; neither is linked with a vote where votes are anonymous.
interface ICensus {
    /// @notice A roll was opened.
    /// @param rollId Its number, from 1.
    /// @param terms What it is.
    event RollOpened(uint32 indexed rollId, RollTerms terms);
    /// @notice Members were added to a segment.
    /// @param rollId Roll.
    /// @param segment Segment.
    /// @param registrar Identity of the registrar that added them.
    /// @param cosigner Identity of the second one; zero: none.
    /// @param firstIndex Place of the first; the others follow.
    /// @param tags Who they are: numbers of credentials, or tags.
    /// @param leaves Their leaves.
    event MembersAdded(
        uint32 indexed rollId,
        uint16 indexed segment,
        address indexed registrar,
        address cosigner,
        uint32 firstIndex,
        uint256[] tags,
        uint256[] leaves
    );
    /// @notice A member was taken out.
    /// @param rollId Roll.
    /// @param segment Segment.
    /// @param tag Who it was.
    /// @param index Its place, whose leaf is zero now.
    /// @param registrar Identity of the registrar that did; zero: anybody, as the credential had ended.
    event MemberRemoved(
        uint32 indexed rollId,
        uint16 indexed segment,
        uint256 indexed tag,
        uint32 index,
        address registrar
    );
    /// @notice A notice began or was made longer: until its end the roll may grow by so much and no more.
    /// @param rollId Roll.
    /// @param until Last second, Unix time.
    /// @param allowance Members that may be added in it.
    event NoticeGiven(uint32 indexed rollId, uint40 until, uint32 allowance);
    /// @notice A contract may give notice from now on.
    /// @param box The contract.
    event BoxAttached(address indexed box);

    /// @notice There is no such roll.
    /// @param rollId Number given.
    error CensusUnknownRoll(uint32 rollId);
    /// @notice A roll without kind, depth, or segments, or with more than there can be.
    /// @param depth Levels given, 1 to 32.
    /// @param segments Segments given, 1 to 1,000.
    error CensusBadTerms(uint8 depth, uint16 segments);
    /// @notice There is no such segment.
    /// @param segment Number given.
    /// @param segments How many there are.
    error CensusUnknownSegment(uint16 segment, uint16 segments);
    /// @notice No members, or too many in one call.
    /// @param count Members given.
    /// @param limit Most.
    error CensusBadList(uint256 count, uint256 limit);
    /// @notice The caller does not act for a registrar with a current credential.
    /// @param registrar Identity given.
    /// @param caller Who called.
    error CensusNotRegistrar(address registrar, address caller);
    /// @notice The roll asks for a second registrar, and this is none, or the first.
    /// @param cosigner Identity given.
    error CensusBadCosigner(address cosigner);
    /// @notice The person holds no current credential of the voters' type, or that type has no numbers.
    /// @param holder Identity given.
    error CensusNoCredential(address holder);
    /// @notice A tag that could be a number of a credential.
    /// @param tag Tag given.
    /// @param least Smallest tag.
    error CensusBadTag(uint256 tag, uint256 least);
    /// @notice The person is on the roll.
    /// @param tag Who it is.
    error CensusAlreadyMember(uint256 tag);
    /// @notice The person is not on the roll.
    /// @param tag Who it is.
    error CensusNotMember(uint256 tag);
    /// @notice A leaf that no member can have: no account, no element of the field, or taken.
    /// @param leaf Leaf given.
    error CensusBadLeaf(uint256 leaf);
    /// @notice A consent came after its deadline.
    /// @param deadline Last second.
    /// @param timestamp Time of the call.
    error CensusConsentExpired(uint40 deadline, uint256 timestamp);
    /// @notice The segment is full.
    /// @param segment Segment.
    /// @param leaves Leaves that it would have.
    /// @param limit Room.
    error CensusFull(uint16 segment, uint256 leaves, uint256 limit);
    /// @notice The roll would grow too much before a vote.
    /// @param added Members that would have been added in the notice.
    /// @param allowance Most.
    error CensusGrowthExceeded(uint256 added, uint256 allowance);
    /// @notice The member is in credit with the census, so only a registrar takes it out.
    /// @param tag Who it is.
    error CensusStillHeld(uint256 tag);
    /// @notice The path does not lead from the member's leaf to the root.
    /// @param index Place of the leaf.
    error CensusBadPath(uint32 index);
    /// @notice The contract may give no notice.
    /// @param caller Who called.
    error CensusNotBox(address caller);
    /// @notice The contract is attached, or is none.
    /// @param box Address given.
    error CensusBadBox(address box);
    /// @notice The time is not past.
    /// @param time Time given.
    /// @param timestamp Time of the call.
    error CensusNotPast(uint256 time, uint256 timestamp);

    /// @notice Opens a roll. Only CENSUS_ROLLS.
    /// @param terms What it is.
    /// @return rollId Its number.
    function openRoll(RollTerms calldata terms) external returns (uint32 rollId);

    /// @notice Adds people to a segment. By the account of a registrar's identity, with that of a second one where the roll asks for it.
    /// @dev All or none. Emits {MembersAdded}.
    /// @param rollId Roll.
    /// @param segment Segment.
    /// @param entrants At most 200 of a named roll, 120 of an anonymous one.
    /// @param registrar Identity for which the caller acts.
    /// @param cosigner Identity of the second registrar; zero: none.
    /// @param deadline Last second for the second signature, Unix time.
    /// @param cosignature Its signature (EIP-712 message `Cosigning`), if there is one.
    function addMembers(
        uint32 rollId,
        uint16 segment,
        Entrant[] calldata entrants,
        address registrar,
        address cosigner,
        uint40 deadline,
        Signature calldata cosignature
    ) external;

    /// @notice Takes a member out. By a registrar; by anybody once the credential has ended.
    /// @dev Ballots whose census is older keep it. Emits {MemberRemoved}.
    /// @param rollId Roll.
    /// @param tag Who it is.
    /// @param leaf Its leaf.
    /// @param path Siblings of the leaf from below: of a named roll as many as the tree has levels, of an anonymous one those
    /// that there are.
    /// @param registrar Identity for which the caller acts; zero: none.
    /// @param holder Credentialed rolls, without registrar: identity of the person.
    function removeMember(
        uint32 rollId,
        uint256 tag,
        uint256 leaf,
        uint256[] calldata path,
        address registrar,
        address holder
    ) external;

    /// @notice Lets a ballot box give notice. Only CENSUS_WIRING.
    /// @param box The contract.
    function attach(address box) external;

    /// @notice Holds the roll's growth down until a time. Only attached ballot boxes.
    /// @dev A notice that runs is made longer, if it is to be, and keeps its allowance.
    /// @param rollId Roll.
    /// @param until Last second, Unix time.
    function giveNotice(uint32 rollId, uint40 until) external;

    /// @notice What a roll is.
    /// @param rollId Roll.
    /// @return terms Terms.
    function termsOf(uint32 rollId) external view returns (RollTerms memory terms);

    /// @notice A segment at the end of a second that is past.
    /// @param rollId Roll.
    /// @param segment Segment.
    /// @param time Unix time, before that of the call.
    /// @return snapshot The segment then.
    function snapshotAt(uint32 rollId, uint16 segment, uint256 time) external view returns (Snapshot memory snapshot);

    /// @notice A segment now.
    /// @param rollId Roll.
    /// @param segment Segment.
    /// @return snapshot The segment.
    function snapshotOf(uint32 rollId, uint16 segment) external view returns (Snapshot memory snapshot);

    /// @notice Where a person is.
    /// @param rollId Roll.
    /// @param tag Who it is.
    /// @return member Its place.
    function memberOf(uint32 rollId, uint256 tag) external view returns (Member memory member);

    /// @notice Members of all segments.
    /// @param rollId Roll.
    /// @return members How many.
    function membersOf(uint32 rollId) external view returns (uint32 members);

    /// @notice How far a roll may grow.
    /// @param rollId Roll.
    /// @return notice The notice that runs, or ran last.
    function noticeOf(uint32 rollId) external view returns (Notice memory notice);

    /// @notice Type of credential that numbers voters.
    /// @return typeId The type.
    function voterType() external view returns (bytes32 typeId);
}
