// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Signature} from "../../authority/ISigned.sol";
import {Signed} from "../../authority/Signed.sol";
import {ICredentials, Standing} from "../../identity/ICredentials.sol";
import {IIdentities} from "../../identity/IIdentities.sol";
import {ParticipationCredentials} from "../ParticipationCredentials.sol";
import {AnonymousLeaves} from "./AnonymousLeaves.sol";
import {CensusMessages} from "./CensusMessages.sol";
import {Entrant, ICensus, Member, Notice, Removal, RollKind, RollTerms, Snapshot} from "./ICensus.sol";
import {LeanTrees, TreeForm} from "./LeanTrees.sol";
import {MemberSlots} from "./MemberSlots.sol";
import {NamedLeaves} from "./NamedLeaves.sol";
import {History, SegmentHistory} from "./SegmentHistory.sol";

/// @title Census
/// @notice Rolls of voters, named or anonymous, by segment, whose past is kept.
/// @dev Trust: CENSUS_ROLLS opens rolls and CENSUS_WIRING attaches ballot boxes; neither can change a roll. An attached ballot box
/// can hold a roll's growth down for as long as it likes. On a roll by credentials registrars can add nobody without a voter's
/// credential and the consent of who owns its identity, and each number once. On a roll by tags they are believed that a tag
/// is a person's and a person has one tag: terms that ask for a second registrar and bound the growth before a vote are
/// against a single one that lies. Registrars can take anybody out, two of them where there must be two; ballots whose census
/// is older keep who was taken out. The contracts of identities and credentials are believed. Nobody can pause anything.
///
/// Consents carry no nonce: how often a person was added before is part of them. {ISigned-voidNonces} has no effect here; a
/// consent that was given ends with its deadline.
///
/// Longer than 400 lines because adding and taking out check the same registrars and credentials and write the same trees.
contract Census is ICensus, Signed, AccessManaged {
    using CensusMessages for bytes32[];
    using LeanTrees for mapping(uint256 level => uint256 node);
    using MemberSlots for mapping(uint256 group => uint256 lanes);
    using SegmentHistory for History;

    /// @dev How far a roll has grown, and may. One slot.
    struct Growth {
        /// @dev See {Notice}.
        uint40 since;
        uint40 until;
        uint32 allowance;
        uint32 added;
        /// @dev Members of all segments.
        uint32 members;
    }

    /// @dev A segment's tree and its past.
    struct Segment {
        History history;
        mapping(uint256 level => uint256 node) sides;
    }

    /// @dev A roll.
    struct Roll {
        RollTerms terms;
        Growth growth;
        mapping(uint256 group => uint256 lanes) members;
        mapping(uint256 segment => Segment tree) segments;
    }

    /// @dev What a list of entrants becomes.
    struct Batch {
        uint32 rollId;
        uint16 segment;
        /// @dev Place of the first.
        uint32 firstIndex;
        RollTerms terms;
        uint256[] tags;
        /// @dev As they were given.
        uint256[] leaves;
        /// @dev As they are in the tree.
        uint256[] nodes;
        /// @dev Hashes of what they consented to.
        bytes32[] entries;
    }

    uint256 private constant MAX_DEPTH = 31;
    uint256 private constant MAX_SEGMENTS = 1000;
    /// @dev Half of a transaction of 16,777,216 gas where all consent by plain keys; contract accounts may need shorter lists.
    uint256 private constant MAX_NAMED = 200;
    uint256 private constant MAX_ANONYMOUS = 120;
    /// @dev Numbers of credentials are below.
    uint256 private constant LEAST_TAG = 1 << 64;
    uint256 private constant ALL_BP = 10_000;

    /// @inheritdoc ICensus
    ICredentials public immutable credentials;
    /// @inheritdoc ICensus
    IIdentities public immutable identities;
    /// @inheritdoc ICensus
    bytes32 public immutable voterType;

    /// @inheritdoc ICensus
    uint32 public rollCount;
    /// @inheritdoc ICensus
    mapping(address box => bool attached) public isBox;
    mapping(uint32 rollId => Roll roll) private _rolls;

    /// @param authority The city's AccessManager.
    /// @param credentials_ Credentials of registrars and voters.
    /// @param identities_ Contract of the identities.
    /// @param voterType_ Type of credential that numbers voters.
    constructor(
        address authority,
        ICredentials credentials_,
        IIdentities identities_,
        bytes32 voterType_
    ) EIP712("Civitas Census", "1") AccessManaged(authority) {
        credentials = credentials_;
        identities = identities_;
        voterType = voterType_;
    }

    // --- rolls

    /// @inheritdoc ICensus
    function openRoll(RollTerms calldata terms) external restricted returns (uint32 rollId) {
        if (
            terms.kind == RollKind.None ||
            terms.depth == 0 ||
            terms.depth > MAX_DEPTH ||
            terms.segments == 0 ||
            terms.segments > MAX_SEGMENTS
        ) revert CensusBadTerms(terms.depth, terms.segments);
        rollId = ++rollCount;
        _rolls[rollId].terms = terms;
        emit RollOpened(rollId, terms);
    }

    /// @inheritdoc ICensus
    function attachBox(address box) external restricted {
        if (isBox[box] || box.code.length == 0) revert CensusBadBox(box);
        isBox[box] = true;
        emit BoxAttached(box);
    }

    // --- members

    /// @inheritdoc ICensus
    function addMembers(
        uint32 rollId,
        uint16 segment,
        Entrant[] calldata entrants,
        address registrar,
        address cosigner,
        uint40 deadline,
        Signature calldata cosignature
    ) external {
        Roll storage roll = _requireRoll(rollId);
        Batch memory batch = _newBatch(roll, rollId, segment, entrants.length);
        _requireRegistrar(registrar);
        _enter(roll, batch);
        for (uint256 i = 0; i < entrants.length; ++i) _enrol(roll, batch, entrants[i], i);
        if (batch.terms.cosigned || cosigner != address(0)) {
            _requireCosigner(cosigner, batch.entries.hashEntries(deadline), deadline, cosignature);
        }
        _grow(roll.segments[segment], batch);
        emit MembersAdded(rollId, segment, registrar, cosigner, batch.firstIndex, batch.tags, batch.leaves);
    }

    /// @inheritdoc ICensus
    function removeMember(
        uint32 rollId,
        Removal calldata removal,
        uint256[] calldata path,
        Signature calldata cosignature
    ) external {
        Roll storage roll = _requireRoll(rollId);
        RollTerms memory terms = roll.terms;
        Member memory member = roll.members.get(removal.tag);
        if (!member.present) revert CensusNotMember(removal.tag);
        address cosigner = removal.cosigner;
        if (terms.credentialed && removal.registrar == address(0)) {
            _requireEnded(removal.tag, removal.holder);
            cosigner = address(0);
        } else {
            _requireRegistrar(removal.registrar);
            if (terms.cosigned || cosigner != address(0)) {
                bytes32 structHash = CensusMessages.hashRemoval(rollId, removal.tag, member.times, removal.deadline);
                _requireCosigner(cosigner, structHash, removal.deadline, cosignature);
            }
        }
        member.present = false;
        roll.members.set(removal.tag, member);
        --roll.growth.members;
        _clear(roll.segments[member.segment], terms.kind, member.index, removal.leaf, path);
        emit MemberRemoved(rollId, member.segment, removal.tag, member.index, removal.registrar, cosigner);
    }

    // --- notices

    /// @inheritdoc ICensus
    function giveNotice(uint32 rollId, uint40 until) external {
        if (!isBox[msg.sender]) revert CensusNotBox(msg.sender);
        Roll storage roll = _requireRoll(rollId);
        Growth memory growth = roll.growth;
        // solhint-disable-next-line not-rely-on-time
        uint256 time = block.timestamp;
        if (until < time || until <= growth.until) return;
        if (growth.until < time) {
            // Until the year 36812.
            growth.since = uint40(time);
            // At most as many as there can be members, which are counted in 32 bits.
            growth.allowance = uint32(Math.min(_allowance(roll.terms, growth.members), type(uint32).max));
            growth.added = 0;
        }
        growth.until = until;
        roll.growth = growth;
        emit NoticeGiven(rollId, until, growth.allowance);
    }

    // --- views

    /// @inheritdoc ICensus
    function termsOf(uint32 rollId) external view returns (RollTerms memory terms) {
        return _requireRoll(rollId).terms;
    }

    /// @inheritdoc ICensus
    function snapshotAt(uint32 rollId, uint16 segment, uint256 time) external view returns (Snapshot memory snapshot) {
        // solhint-disable-next-line not-rely-on-time
        if (time >= block.timestamp) revert CensusNotPast(time, block.timestamp);
        return _requireSegment(rollId, segment).history.past(time);
    }

    /// @inheritdoc ICensus
    function snapshotOf(uint32 rollId, uint16 segment) external view returns (Snapshot memory snapshot) {
        return _requireSegment(rollId, segment).history.latest();
    }

    /// @inheritdoc ICensus
    function raisedRoot(uint256 root, uint256 depth, uint256 levels) external view returns (uint256 raised) {
        return AnonymousLeaves.raise(root, depth, levels);
    }

    /// @inheritdoc ICensus
    function memberOf(uint32 rollId, uint256 tag) external view returns (Member memory member) {
        return _requireRoll(rollId).members.get(tag);
    }

    /// @inheritdoc ICensus
    function membersOf(uint32 rollId) external view returns (uint32 members) {
        return _requireRoll(rollId).growth.members;
    }

    /// @inheritdoc ICensus
    function noticeOf(uint32 rollId) external view returns (Notice memory notice) {
        Growth memory growth = _requireRoll(rollId).growth;
        return Notice(growth.since, growth.until, growth.allowance, growth.added);
    }

    // --- internals: adding

    /// @dev An empty batch for as many entrants.
    function _newBatch(
        Roll storage roll,
        uint32 rollId,
        uint16 segment,
        uint256 count
    ) private view returns (Batch memory batch) {
        RollTerms memory terms = roll.terms;
        if (segment >= terms.segments) revert CensusUnknownSegment(segment, terms.segments);
        uint256 limit = terms.kind == RollKind.Named ? MAX_NAMED : MAX_ANONYMOUS;
        if (count == 0 || count > limit) revert CensusBadList(count, limit);
        batch.rollId = rollId;
        batch.segment = segment;
        batch.terms = terms;
        batch.tags = new uint256[](count);
        batch.leaves = new uint256[](count);
        batch.nodes = new uint256[](count);
        batch.entries = new bytes32[](count);
    }

    /// @dev Counts the batch in, if segment and notice leave room for it.
    function _enter(Roll storage roll, Batch memory batch) private {
        History storage history = roll.segments[batch.segment].history;
        Snapshot memory state = history.latest();
        batch.firstIndex = state.leaves;
        uint256 count = batch.tags.length;
        uint256 leaves = state.leaves + count;
        uint256 limit = 1 << batch.terms.depth;
        if (leaves > limit) revert CensusFull(batch.segment, leaves, limit);
        Growth memory growth = roll.growth;
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp <= growth.until) {
            uint256 added = growth.added + count;
            if (added > growth.allowance) revert CensusGrowthExceeded(added, growth.allowance);
            // At most the allowance, which has 32 bits.
            growth.added = uint32(added);
            // Leaves count up only, so that those since then are who was added, whoever was taken out again.
            Snapshot memory before = history.past(growth.since - 1);
            uint256 allowance = _allowance(batch.terms, before.members);
            if (leaves - before.leaves > allowance) revert CensusGrowthExceeded(leaves - before.leaves, allowance);
        }
        // At most 200 of them.
        growth.members += uint32(count);
        roll.growth = growth;
    }

    /// @dev Puts an entrant on the roll and into the batch.
    function _enrol(Roll storage roll, Batch memory batch, Entrant calldata entrant, uint256 i) private {
        (uint256 tag, address signer) = _personOf(batch.terms, entrant);
        Member memory member = roll.members.get(tag);
        if (member.present) revert CensusAlreadyMember(tag);
        if (member.times == MemberSlots.MAX_TIMES) revert CensusTooOften(tag, MemberSlots.MAX_TIMES);
        // At most 2^31 leaves, see {_enter}.
        member.index = uint32(batch.firstIndex + i);
        uint256 leaf = entrant.leaf;
        batch.tags[i] = tag;
        batch.leaves[i] = leaf;
        batch.nodes[i] = _requireNode(batch.terms, entrant, member.index);
        bytes32 structHash = CensusMessages.hashEntry(
            batch.rollId,
            batch.segment,
            tag,
            leaf,
            member.times,
            entrant.deadline
        );
        batch.entries[i] = structHash;
        member.segment = batch.segment;
        member.present = true;
        ++member.times;
        roll.members.set(tag, member);
        _requireConsent(signer, structHash, entrant.deadline, entrant.consent);
    }

    /// @dev Who an entrant is, and who must consent.
    function _personOf(
        RollTerms memory terms,
        Entrant calldata entrant
    ) private view returns (uint256 tag, address signer) {
        address holder = entrant.holder;
        tag = entrant.tag;
        if (!terms.credentialed) {
            if (tag < LEAST_TAG) revert CensusBadTag(tag, LEAST_TAG);
            return (tag, holder);
        }
        if (tag != 0) revert CensusBadTag(tag, 0);
        signer = identities.identityOwner(holder);
        tag = credentials.credentialOf(voterType, holder).index;
        if (tag == 0 || !credentials.holdsAs(voterType, holder, signer)) revert CensusNoCredential(holder);
    }

    /// @dev Lowest node of an entrant's leaf.
    function _requireNode(
        RollTerms memory terms,
        Entrant calldata entrant,
        uint32 index
    ) private pure returns (uint256 node) {
        uint256 leaf = entrant.leaf;
        if (terms.kind == RollKind.Anonymous) {
            if (!AnonymousLeaves.isCommitment(leaf)) revert CensusBadLeaf(leaf);
            return leaf;
        }
        // Narrowed and compared at once.
        address account = address(uint160(leaf));
        if (account == address(0) || leaf != uint160(account)) revert CensusBadLeaf(leaf);
        // By tags nobody but the account itself could show that its key is somebody's.
        if (!terms.credentialed && account != entrant.holder) revert CensusBadLeaf(leaf);
        return NamedLeaves.leafOf(index, account);
    }

    /// @dev Puts the batch into the tree.
    function _grow(Segment storage tree, Batch memory batch) private {
        Snapshot memory state = tree.history.latest();
        uint256 count = batch.nodes.length;
        (uint256 root, uint256 depth) = tree.sides.insert(
            state.leaves,
            state.depth,
            state.root,
            batch.nodes,
            _formOf(batch.terms.kind)
        );
        state.root = root;
        // At most 31 levels, 2^31 leaves, and no more members than leaves, see {_enter}.
        state.depth = uint8(depth);
        state.leaves += uint32(count);
        state.members += uint32(count);
        tree.history.push(state);
    }

    // --- internals: taking out

    /// @dev Makes a leaf zero.
    function _clear(Segment storage tree, RollKind kind, uint32 index, uint256 leaf, uint256[] calldata path) private {
        Snapshot memory state = tree.history.latest();
        // A leaf of more than 160 bits is as good as the account in its low ones.
        if (kind == RollKind.Named) leaf = NamedLeaves.leafOf(index, address(uint160(leaf)));
        (uint256 oldRoot, uint256 newRoot) = tree.sides.clear(state.leaves, index, leaf, path, _formOf(kind));
        if (oldRoot != state.root) revert CensusBadPath(index);
        state.root = newRoot;
        --state.members;
        tree.history.push(state);
    }

    /// @dev Reverts unless the tag is the number of the holder's credential and that ended for good.
    function _requireEnded(uint256 tag, address holder) private view {
        Standing standing = credentials.check(voterType, holder);
        bool ended =
            standing == Standing.Revoked ||
                standing == Standing.Expired ||
                standing == Standing.IssuerWithdrawn ||
                identities.identityOwner(holder) == address(0);
        if (!ended || credentials.credentialOf(voterType, holder).index != tag) revert CensusStillHeld(tag);
    }

    // --- internals: all

    function _requireRoll(uint32 rollId) private view returns (Roll storage roll) {
        roll = _rolls[rollId];
        if (roll.terms.kind == RollKind.None) revert CensusUnknownRoll(rollId);
    }

    function _requireSegment(uint32 rollId, uint16 segment) private view returns (Segment storage tree) {
        Roll storage roll = _requireRoll(rollId);
        uint16 segments = roll.terms.segments;
        if (segment >= segments) revert CensusUnknownSegment(segment, segments);
        return roll.segments[segment];
    }

    function _requireRegistrar(address registrar) private view {
        if (!credentials.holdsAs(ParticipationCredentials.CENSUS_REGISTRAR, registrar, msg.sender)) {
            revert CensusNotRegistrar(registrar, msg.sender);
        }
    }

    /// @dev Reverts unless a registrar signed for whom the caller does not speak, so that it is neither the first nor its
    /// owner's other identity.
    function _requireCosigner(
        address cosigner,
        bytes32 structHash,
        uint40 deadline,
        Signature calldata signature
    ) private view {
        address owner = identities.identityOwner(cosigner);
        if (owner == msg.sender || !credentials.holdsAs(ParticipationCredentials.CENSUS_REGISTRAR, cosigner, owner))
            revert CensusBadCosigner(cosigner);
        _requireConsent(owner, structHash, deadline, signature);
    }

    /// @dev Reverts unless the signer signed in time.
    function _requireConsent(
        address signer,
        bytes32 structHash,
        uint40 deadline,
        Signature calldata signature
    ) private view {
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > deadline) revert CensusConsentExpired(deadline, block.timestamp);
        bytes32 digest = _hashTypedDataV4(structHash);
        // The signature of a plain key is good without a look at the account's code, which would cost each 2,600 gas more.
        (address recovered, , ) = ECDSA.tryRecoverCalldata(digest, signature.data);
        if (recovered == address(0) || recovered != signer) _requireSignature(signer, digest, signature);
    }

    function _allowance(RollTerms memory terms, uint256 members) private pure returns (uint256 allowance) {
        return Math.max((members * terms.growthBp) / ALL_BP, terms.growthLeast);
    }

    function _formOf(RollKind kind) private pure returns (TreeForm memory form) {
        if (kind == RollKind.Named) return TreeForm(false, NamedLeaves.nodeOf);
        return TreeForm(true, AnonymousLeaves.nodeOf);
    }
}
