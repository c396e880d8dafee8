// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Signature} from "../../authority/ISigned.sol";
import {ICredentials} from "../../identity/ICredentials.sol";
import {IIdentities} from "../../identity/IIdentities.sol";

/// @notice What the leaves of a roll's trees are.
enum RollKind {
    /// @dev No such roll.
    None,
    /// @dev Accounts: who votes is seen. Nodes are keccak256 over sorted pairs, as OpenZeppelin's `MerkleProof` checks them;
    /// leaves are those of {NamedLeaves}.
    Named,
    /// @dev Identity commitments of Semaphore v4: that a member votes is seen, not which. Nodes are Poseidon over pairs. A node
    /// without a right sibling has a zero for one, see {AnonymousLeaves}.
    Anonymous
}

/// @notice What a roll is, for good.
struct RollTerms {
    RollKind kind;
    /// @dev How it is known that nobody is on it twice. True: by the number of a credential of {ICensus-voterType}. False: by
    /// a tag that registrars make, a keyed hash of what the register of residents calls the person.
    bool credentialed;
    /// @dev Whether a second registrar must sign what a first one adds or takes out.
    bool cosigned;
    /// @dev Most levels of its trees: each segment has room for two to the power of it. 1 to 31.
    uint8 depth;
    /// @dev Segments, of which each has a tree: districts, or 1 for all. Numbered from 0.
    uint16 segments;
    /// @dev Most that the roll, and each segment by itself, may grow while a notice runs: basis points of its members when
    /// the notice began.
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
    /// @dev Identity commitment, below the order of the scalar field and not zero; or the account as a number. On a named
    /// roll by tags the account is the holder; on one by credentials any that the owner of the identity names.
    uint256 leaf;
    /// @dev Last second at which the consent can be used, Unix time.
    uint40 deadline;
    /// @dev Consent to be added so (EIP-712 message `RollEntry`): of the owner of the person's identity, or of the account.
    Signature consent;
}

/// @notice Somebody to be taken out.
struct Removal {
    /// @dev Who it is.
    uint256 tag;
    /// @dev Its leaf, as it was added.
    uint256 leaf;
    /// @dev Identity of the registrar for which the caller acts; zero: none.
    address registrar;
    /// @dev Identity of the second registrar; zero: none.
    address cosigner;
    /// @dev Last second for the second signature, Unix time.
    uint40 deadline;
    /// @dev Without registrar: identity of the person, whose credential ended.
    address holder;
}

/// @notice Where a person is on a roll.
struct Member {
    /// @dev Where in the segment's tree, from 0.
    uint32 index;
    uint16 segment;
    /// @dev Whether it is on the roll now.
    bool present;
    /// @dev How often it was added, so that a consent serves once. At most 2,097,151.
    uint32 times;
}

/// @notice The roll's members in one segment at some time.
struct Snapshot {
    /// @dev Root of the tree; zero: nobody was ever in it, or one alone, who was taken out.
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
    /// @dev When it began, Unix time; zero: there was none.
    uint40 since;
    /// @dev Last second of the notice, Unix time; zero: there was none.
    uint40 until;
    /// @dev Members that may be added in it.
    uint32 allowance;
    /// @dev Members that were. Who is taken out again still counts.
    uint32 added;
}

/// @title ICensus
/// @notice Who may vote: rolls of accounts or of anonymous identities, by segment. Each change of a segment is kept with its time,
/// so that a ballot's census is the one of a moment that was announced, whoever looks it up and whenever.
/// @dev - Trees have no empty leaves, and as many levels as the leaves need. Those of named rolls have the form of zk-kit's LeanIMT:
/// a node without a right sibling is its parent too. A member that is taken out leaves a zero at its place.
/// - A roll's leaves are public, and all trees can be built from the events. What links a leaf with a person is the number of a
/// credential, or a tag whose key registrars keep; neither is linked with a vote where votes are anonymous.
/// - A leaf may stand at several places. That gains nobody a vote: an identity commitment has one nullifier however often it
/// stands there, and an account that stands for two persons has the vote of each, who agreed to it. It could not be
/// forbidden without letting anybody keep another one out, and a whole batch with it, by naming the other's leaf first.
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
    /// @notice A member was taken out. Its leaf is zero from now on.
    /// @param rollId Roll.
    /// @param segment Segment.
    /// @param tag Who it was.
    /// @param index Its place.
    /// @param registrar Identity of the registrar that did; zero: anybody, as the credential had ended.
    /// @param cosigner Identity of the second one; zero: none.
    event MemberRemoved(
        uint32 indexed rollId,
        uint16 indexed segment,
        uint256 indexed tag,
        uint32 index,
        address registrar,
        address cosigner
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
    /// @param depth Levels given, 1 to 31.
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
    /// @notice The roll asks for a second registrar, and this is none, or the first, or one that the same account speaks for.
    /// @param cosigner Identity given.
    error CensusBadCosigner(address cosigner);
    /// @notice The person holds no current credential of the voters' type, or that type has no numbers.
    /// @param holder Identity given.
    error CensusNoCredential(address holder);
    /// @notice A tag that could be a number of a credential, or one where credentials number the members.
    /// @param tag Tag given.
    /// @param least Smallest tag; zero: none is to be given.
    error CensusBadTag(uint256 tag, uint256 least);
    /// @notice The person is on the roll.
    /// @param tag Who it is.
    error CensusAlreadyMember(uint256 tag);
    /// @notice The person is not on the roll.
    /// @param tag Who it is.
    error CensusNotMember(uint256 tag);
    /// @notice A leaf that the member cannot have: no account, not its account, or no element of the field.
    /// @param leaf Leaf given.
    error CensusBadLeaf(uint256 leaf);
    /// @notice The person was added as often as can be counted, and needs another tag or credential.
    /// @param tag Who it is.
    /// @param limit Most times.
    error CensusTooOften(uint256 tag, uint256 limit);
    /// @notice A consent, or a second registrar's signature, came after its deadline.
    /// @param deadline Last second.
    /// @param timestamp Time of the call.
    error CensusConsentExpired(uint40 deadline, uint256 timestamp);
    /// @notice The segment is full.
    /// @param segment Segment.
    /// @param leaves Leaves that it would have.
    /// @param limit Room.
    error CensusFull(uint16 segment, uint256 leaves, uint256 limit);
    /// @notice The roll, or the segment, would grow too much before a vote.
    /// @param added Members that would have been added in the notice.
    /// @param allowance Most.
    error CensusGrowthExceeded(uint256 added, uint256 allowance);
    /// @notice The holder's credential has not ended, or is not the member's, so only a registrar takes the member out.
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
    /// @param cosignature Its signature (EIP-712 message `RollEntries`), if there is one. It is over what the entrants consented
    /// to, so it serves once as their consents do.
    function addMembers(
        uint32 rollId,
        uint16 segment,
        Entrant[] calldata entrants,
        address registrar,
        address cosigner,
        uint40 deadline,
        Signature calldata cosignature
    ) external;

    /// @notice Takes a member out. By the account of a registrar's identity, with that of a second one where the roll asks for
    /// it; on a roll by credentials by anybody, without registrar, once the credential expired or was revoked, its issuer's
    /// accreditation was withdrawn, or the identity retired. A suspension is no end.
    /// @dev Ballots whose census is older keep it. Emits {MemberRemoved}.
    /// @param rollId Roll.
    /// @param removal Who, and by whom.
    /// @param path Siblings of the leaf from below, of those levels where there is one.
    /// @param cosignature Signature of the second registrar (EIP-712 message `RollRemoval`), if there is one.
    function removeMember(
        uint32 rollId,
        Removal calldata removal,
        uint256[] calldata path,
        Signature calldata cosignature
    ) external;

    /// @notice Lets a ballot box give notice. Only CENSUS_WIRING.
    /// @param box The contract.
    function attachBox(address box) external;

    /// @notice Holds the roll's growth down until a time. Only attached ballot boxes.
    /// @dev A notice that runs is made longer and keeps its allowance, so that overlapping ones do not add up. One that would
    /// end no later than that, or is over, changes nothing. Emits {NoticeGiven}.
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

    /// @notice Root of an anonymous roll's tree as ballots have it: with a zero for its right sibling, and so on, until there are as
    /// many levels as the circuit of the proofs has. Otherwise somebody could register the root of a tree, and vote for each
    /// of its leaves.
    /// @param root Root.
    /// @param depth Levels of the tree.
    /// @param levels Levels of the circuit.
    /// @return raised The root, raised; the same, if the tree has as many.
    function raisedRoot(uint256 root, uint256 depth, uint256 levels) external view returns (uint256 raised);

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

    /// @notice Rolls opened so far, which are numbered from 1.
    /// @return count How many.
    function rollCount() external view returns (uint32 count);

    /// @notice Whether a contract may give notice.
    /// @param box The contract.
    /// @return attached True if so.
    function isBox(address box) external view returns (bool attached);

    /// @notice Credentials of registrars, and of voters.
    /// @return credentials The contract.
    function credentials() external view returns (ICredentials credentials);

    /// @notice Who owns which identity.
    /// @return identities The contract.
    function identities() external view returns (IIdentities identities);

    /// @notice Type of credential that numbers voters.
    /// @return typeId The type.
    function voterType() external view returns (bytes32 typeId);
}
