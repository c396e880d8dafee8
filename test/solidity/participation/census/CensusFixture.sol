// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../../contracts/authority/ISigned.sol";
import {Roles} from "../../../../contracts/authority/Roles.sol";
import {Census} from "../../../../contracts/participation/census/Census.sol";
import {
    Entrant,
    ICensus,
    Member,
    Removal,
    RollKind,
    RollTerms,
    Snapshot
} from "../../../../contracts/participation/census/ICensus.sol";
import {ParticipationCredentials} from "../../../../contracts/participation/ParticipationCredentials.sol";
import {CredentialsCity} from "../../identity/CredentialsFixture.sol";
import {TreeModel} from "./TreeModel.sol";

/// @notice A census with five rolls of three segments, two clerks who are registrars, and people by number.
/// @dev Offices: "opener" and "wiring" with their roles; "clerk" and "second clerk", identities that own themselves and hold
/// CENSUS_REGISTRAR. `box` is attached. The office issues registrars' credentials and the voters', which are RESIDENT.
///
/// Person n has an account, a tag and an identity commitment. Its account is its identity too.
abstract contract CensusFixture is CredentialsCity {
    /// @dev What the second clerk adds to a call.
    struct Call {
        address cosigner;
        uint40 deadline;
        Signature cosignature;
    }

    uint32 internal constant NAMED_BY_TAG = 1;
    uint32 internal constant NAMED = 2;
    uint32 internal constant ANONYMOUS_BY_TAG = 3;
    uint32 internal constant ANONYMOUS = 4;
    uint32 internal constant COSIGNED = 5;
    uint32 internal constant ROLLS = 5;

    uint8 internal constant DEPTH = 10;
    uint16 internal constant SEGMENTS = 3;
    uint16 internal constant GROWTH_BP = 2_500;
    uint32 internal constant GROWTH_LEAST = 3;
    uint256 internal constant FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    bytes32 internal constant REGISTRAR = ParticipationCredentials.CENSUS_REGISTRAR;
    bytes32 internal constant ENTRY_TYPE = keccak256(
        "RollEntry(uint32 rollId,uint16 segment,uint256 tag,uint256 leaf,uint32 times,uint40 deadline)"
    );
    bytes32 internal constant ENTRIES_TYPE = keccak256(
        "RollEntries(RollEntry[] entries,uint40 deadline)RollEntry(uint32 rollId,uint16 segment,uint256 tag,uint256 leaf,uint32 times,uint40 deadline)"
    );
    bytes32 internal constant REMOVAL_TYPE = keccak256(
        "RollRemoval(uint32 rollId,uint256 tag,uint32 times,uint40 deadline)"
    );

    Census internal census;
    address internal opener;
    address internal wiring;
    address internal box;
    address internal clerk;
    address internal second;
    uint256 internal secondKey;
    /// @dev Leaves of each tree as they should be.
    mapping(uint32 rollId => mapping(uint16 segment => uint256[] leaves)) internal trees;

    function setUp() public virtual {
        buildCity();
        registry.registerType(REGISTRAR, city, true, false, "");
        accredit(cityKey, REGISTRAR, office, FOREVER, true);
        accredit(cityKey, NUMBERED, office, FOREVER, true);
        (opener, ) = actor("opener");
        (wiring, ) = actor("wiring");
        (clerk, ) = actor("clerk");
        (second, secondKey) = actor("second clerk");
        issue(officeKey, REGISTRAR, clerk, FOREVER, 0);
        issue(officeKey, REGISTRAR, second, FOREVER, 0);
        census = new Census(address(manager), registry, ids, NUMBERED);
        _allow(Roles.CENSUS_ROLLS, opener, ICensus.openRoll.selector);
        _allow(Roles.CENSUS_WIRING, wiring, ICensus.attachBox.selector);
        box = address(this);
        vm.prank(wiring);
        census.attachBox(box);
        for (uint32 rollId = 1; rollId <= ROLLS; ++rollId) openRoll(termsFor(rollId));
    }

    // --- rolls

    function kindOf(uint32 rollId) internal pure returns (RollKind kind) {
        return rollId == NAMED_BY_TAG || rollId == NAMED ? RollKind.Named : RollKind.Anonymous;
    }

    function isCredentialed(uint32 rollId) internal pure returns (bool credentialed) {
        return rollId == NAMED || rollId == ANONYMOUS;
    }

    function termsFor(uint32 rollId) internal pure returns (RollTerms memory terms) {
        return
            RollTerms({
                kind: kindOf(rollId),
                credentialed: isCredentialed(rollId),
                cosigned: rollId == COSIGNED,
                depth: DEPTH,
                segments: SEGMENTS,
                growthBp: GROWTH_BP,
                growthLeast: GROWTH_LEAST
            });
    }

    function openRoll(RollTerms memory terms) internal returns (uint32 rollId) {
        vm.prank(opener);
        return census.openRoll(terms);
    }

    // --- people

    function keyOf(uint256 person) internal pure returns (uint256 privateKey) {
        return uint256(keccak256(abi.encode("person", person)));
    }

    function accountOf(uint256 person) internal pure returns (address account) {
        return vm.addr(keyOf(person));
    }

    function tagOf(uint256 person) internal pure returns (uint256 tag) {
        return uint256(keccak256(abi.encode("tag", person)));
    }

    /// @dev Tag or number of a person on a roll; zero: it has no number.
    function tagOn(uint32 rollId, uint256 person) internal view returns (uint256 tag) {
        return isCredentialed(rollId) ? registry.credentialOf(NUMBERED, accountOf(person)).index : tagOf(person);
    }

    function leafOn(uint32 rollId, uint256 person) internal pure returns (uint256 leaf) {
        if (kindOf(rollId) == RollKind.Named) return uint160(accountOf(person));
        return (uint256(keccak256(abi.encode("commitment", person))) % (FIELD - 1)) + 1;
    }

    /// @dev A person with the number of a voter.
    function makeVoter(uint256 person) internal {
        issue(officeKey, NUMBERED, accountOf(person), FOREVER, 0);
    }

    /// @dev Lowest node of a leaf.
    function nodeAt(uint32 rollId, uint256 leaf, uint256 index) internal pure returns (uint256 node) {
        if (kindOf(rollId) == RollKind.Anonymous) return leaf;
        return uint256(keccak256(abi.encodePacked(uint32(index), uint160(leaf))));
    }

    // --- messages

    function until() internal view returns (uint40 time) {
        return uint40(block.timestamp + 1 hours);
    }

    function domain() internal view returns (bytes32 separator) {
        return domainOf("Civitas Census", address(census));
    }

    function entryOf(
        uint32 rollId,
        uint16 segment,
        uint256 tag,
        Entrant memory entrant
    ) internal view returns (bytes32 structHash) {
        uint32 times = census.memberOf(rollId, tag).times;
        return keccak256(abi.encode(ENTRY_TYPE, rollId, segment, tag, entrant.leaf, times, entrant.deadline));
    }

    function signEntry(
        uint256 privateKey,
        uint32 rollId,
        uint16 segment,
        uint256 tag,
        Entrant memory entrant
    ) internal view {
        entrant.consent = signTyped(privateKey, domain(), entryOf(rollId, segment, tag, entrant));
    }

    function entrantFor(uint32 rollId, uint16 segment, uint256 person) internal view returns (Entrant memory entrant) {
        uint256 tag = tagOn(rollId, person);
        entrant.holder = accountOf(person);
        entrant.tag = isCredentialed(rollId) ? 0 : tag;
        entrant.leaf = leafOn(rollId, person);
        entrant.deadline = until();
        signEntry(keyOf(person), rollId, segment, tag, entrant);
    }

    /// @dev People from one number on.
    function entrantsFor(
        uint32 rollId,
        uint16 segment,
        uint256 person,
        uint256 count
    ) internal view returns (Entrant[] memory entrants) {
        entrants = new Entrant[](count);
        for (uint256 i = 0; i < count; ++i) entrants[i] = entrantFor(rollId, segment, person + i);
    }

    function cosign(
        uint256 privateKey,
        uint32 rollId,
        uint16 segment,
        Entrant[] memory entrants,
        uint40 deadline
    ) internal view returns (Signature memory signature) {
        bytes32[] memory hashes = new bytes32[](entrants.length);
        for (uint256 i = 0; i < hashes.length; ++i) {
            uint256 tag =
                isCredentialed(rollId) ? registry.credentialOf(NUMBERED, entrants[i].holder).index : entrants[i].tag;
            hashes[i] = entryOf(rollId, segment, tag, entrants[i]);
        }
        bytes32 listHash = keccak256(abi.encodePacked(hashes));
        return signTyped(privateKey, domain(), keccak256(abi.encode(ENTRIES_TYPE, listHash, deadline)));
    }

    function cosignRemoval(
        uint256 privateKey,
        uint32 rollId,
        uint256 tag,
        uint40 deadline
    ) internal view returns (Signature memory signature) {
        uint32 times = census.memberOf(rollId, tag).times;
        return signTyped(privateKey, domain(), keccak256(abi.encode(REMOVAL_TYPE, rollId, tag, times, deadline)));
    }

    // --- acts

    /// @dev By the clerk, with the second one's signature where there must be one.
    function send(uint32 rollId, uint16 segment, Entrant[] memory entrants) internal {
        Call memory call = _callOf(rollId, segment, entrants);
        _add(rollId, segment, entrants, call.cosigner, call.deadline, call.cosignature);
    }

    /// @dev As {send}, which must fail.
    function refuse(bytes memory fault, uint32 rollId, uint16 segment, Entrant[] memory entrants) internal {
        Call memory call = _callOf(rollId, segment, entrants);
        vm.expectRevert(fault);
        _add(rollId, segment, entrants, call.cosigner, call.deadline, call.cosignature);
    }

    function refuseOne(bytes memory fault, uint32 rollId, uint16 segment, Entrant memory entrant) internal {
        Entrant[] memory entrants = new Entrant[](1);
        entrants[0] = entrant;
        refuse(fault, rollId, segment, entrants);
    }

    function sendOne(uint32 rollId, uint16 segment, Entrant memory entrant) internal {
        Entrant[] memory entrants = new Entrant[](1);
        entrants[0] = entrant;
        send(rollId, segment, entrants);
    }

    /// @dev As {send}, of people from one number on, and in the model.
    function add(uint32 rollId, uint16 segment, uint256 person, uint256 count) internal {
        if (isCredentialed(rollId)) {
            for (uint256 i = 0; i < count; ++i) if (tagOn(rollId, person + i) == 0) makeVoter(person + i);
        }
        send(rollId, segment, entrantsFor(rollId, segment, person, count));
        for (uint256 i = 0; i < count; ++i) note(rollId, segment, leafOn(rollId, person + i));
    }

    /// @dev Puts a leaf into the model.
    function note(uint32 rollId, uint16 segment, uint256 leaf) internal {
        uint256[] storage tree = trees[rollId][segment];
        tree.push(nodeAt(rollId, leaf, tree.length));
    }

    function removalOf(uint32 rollId, uint256 person) internal view returns (Removal memory removal) {
        return
            Removal({
                tag: tagOn(rollId, person),
                leaf: leafOn(rollId, person),
                registrar: clerk,
                cosigner: address(0),
                deadline: 0,
                holder: address(0)
            });
    }

    /// @dev Path of a member from the model.
    function pathOf(uint32 rollId, uint256 tag) internal view returns (uint256[] memory path) {
        Member memory member = census.memberOf(rollId, tag);
        return TreeModel.pathOf(kindOf(rollId), trees[rollId][member.segment], member.index);
    }

    /// @dev By the clerk, with the second one's signature where there must be one, and in the model. Expects the event.
    function remove(uint32 rollId, uint256 person) internal {
        Removal memory removal = removalOf(rollId, person);
        Member memory member = census.memberOf(rollId, removal.tag);
        uint256[] memory path = pathOf(rollId, removal.tag);
        Signature memory cosignature;
        if (rollId == COSIGNED) {
            (removal.cosigner, removal.deadline) = (second, until());
            cosignature = cosignRemoval(secondKey, rollId, removal.tag, removal.deadline);
        }
        vm.expectEmit(address(census));
        emit ICensus.MemberRemoved(rollId, member.segment, removal.tag, member.index, clerk, removal.cosigner);
        vm.prank(clerk);
        census.removeMember(rollId, removal, path, cosignature);
        trees[rollId][member.segment][member.index] = 0;
    }

    // --- assertions

    /// @dev Compares a segment with the model.
    function assertTree(uint32 rollId, uint16 segment, uint256 members) internal view {
        uint256[] memory leaves = trees[rollId][segment];
        Snapshot memory snapshot = census.snapshotOf(rollId, segment);
        assertEq(snapshot.leaves, leaves.length, "leaves");
        assertEq(snapshot.depth, TreeModel.depthOf(leaves.length), "depth");
        assertEq(snapshot.root, TreeModel.rootOf(kindOf(rollId), leaves), "root");
        assertEq(snapshot.members, members, "members");
    }

    function assertMember(
        uint32 rollId,
        uint256 tag,
        uint16 segment,
        uint32 index,
        bool present,
        uint32 times
    ) internal view {
        Member memory member = census.memberOf(rollId, tag);
        assertEq(member.segment, segment, "segment");
        assertEq(member.index, index, "index");
        assertTrue(member.present == present, "present");
        assertEq(member.times, times, "times");
    }

    function assertSame(Snapshot memory found, Snapshot memory expected) internal pure {
        assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(expected)), "snapshot");
    }

    // --- internals

    function _callOf(uint32 rollId, uint16 segment, Entrant[] memory entrants) private view returns (Call memory call) {
        if (rollId != COSIGNED) return call;
        (call.cosigner, call.deadline) = (second, until());
        call.cosignature = cosign(secondKey, rollId, segment, entrants, call.deadline);
    }

    function _add(
        uint32 rollId,
        uint16 segment,
        Entrant[] memory entrants,
        address cosigner,
        uint40 deadline,
        Signature memory cosignature
    ) internal {
        vm.prank(clerk);
        census.addMembers(rollId, segment, entrants, clerk, cosigner, deadline, cosignature);
    }

    function _allow(uint64 role, address account, bytes4 selector) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(address(census), selectors, role);
        manager.grantRole(role, account, 0);
    }
}
