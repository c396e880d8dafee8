// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {Census} from "../../../../contracts/participation/census/Census.sol";
import {NamedLeaves} from "../../../../contracts/participation/census/NamedLeaves.sol";
import {Entrant, ICensus, Removal, Snapshot} from "../../../../contracts/participation/census/ICensus.sol";
import {CensusFixture} from "./CensusFixture.sol";
import {TreeModel} from "./TreeModel.sol";

/// @notice What somebody who wants more than a vote, or to take one away, may try.
contract CensusAttacksTest is CensusFixture {
    uint256 private constant ANN = 1;
    uint256 private constant BEN = 2;

    // A registrar alone
    // ├─ adds people who do not exist
    // │  ├─ where credentials number people .... CensusNoCredential
    // │  ├─ where two must sign ................ CensusBadCosigner
    // │  └─ before a vote ...................... CensusGrowthExceeded
    // ├─ adds a citizen with its own commitment . SignedInvalidSignature
    // ├─ adds a citizen under two tags or places  CensusAlreadyMember, for two tags it needs two consents
    // └─ takes citizens out before a vote ....... CensusBadCosigner
    // Two registrars who are one account .......... CensusBadCosigner

    function test_RegistrarInventsPeople() external {
        // Accounts are cheap, credentials are not.
        for (uint256 sock = 100; sock < 103; ++sock) {
            Entrant memory entrant = entrantFor(ANONYMOUS, 0, sock);
            refuseOne(_fault(ICensus.CensusNoCredential.selector, accountOf(sock)), ANONYMOUS, 0, entrant);
        }
        // One person with three accounts has one credential.
        makeVoter(100);
        address other = accountOf(101);
        vm.prank(officeKey);
        registry.replaceSubject(NUMBERED, accountOf(100), other, FOREVER, 0);
        add(ANONYMOUS, 0, 101, 1);
        refuseOne(
            _fault(ICensus.CensusNoCredential.selector, accountOf(100)),
            ANONYMOUS,
            0,
            entrantFor(ANONYMOUS, 0, 100)
        );
        vm.prank(officeKey);
        registry.replaceSubject(NUMBERED, other, accountOf(102), FOREVER, 0);
        Entrant memory again = entrantFor(ANONYMOUS, 0, 102);
        refuseOne(abi.encodeWithSelector(ICensus.CensusAlreadyMember.selector, 1), ANONYMOUS, 0, again);

        Entrant[] memory socks = entrantsFor(COSIGNED, 0, 100, 3);
        (, uint256 clerkKey_) = actor("clerk");
        Signature memory own = cosign(clerkKey_, COSIGNED, 0, socks, until());
        vm.expectRevert(_fault(ICensus.CensusBadCosigner.selector, clerk));
        _add(COSIGNED, 0, socks, clerk, until(), own);

        add(NAMED_BY_TAG, 0, 1, 8);
        vm.warp(EPOCH + 1);
        census.giveNotice(NAMED_BY_TAG, uint40(EPOCH + 14 days));
        refuse(
            abi.encodeWithSelector(ICensus.CensusGrowthExceeded.selector, 20, GROWTH_LEAST),
            NAMED_BY_TAG,
            0,
            entrantsFor(NAMED_BY_TAG, 0, 100, 20)
        );
    }

    function test_RegistrarAddsItsOwnCommitmentForACitizen() external {
        makeVoter(ANN);
        (, uint256 clerkKey_) = actor("clerk");
        Entrant memory entrant = entrantFor(ANONYMOUS, 0, ANN);
        entrant.leaf = leafOn(ANONYMOUS, 666);
        // The citizen's consent to another leaf, or the registrar's own.
        refuseOne(_notSigned(accountOf(ANN), ANONYMOUS, 1, entrant), ANONYMOUS, 0, entrant);
        signEntry(clerkKey_, ANONYMOUS, 0, 1, entrant);
        refuseOne(_notSigned(accountOf(ANN), ANONYMOUS, 1, entrant), ANONYMOUS, 0, entrant);
        assertEq(census.membersOf(ANONYMOUS), 0, "nobody");
    }

    function test_RegistrarTakesCitizensOutAlone() external {
        add(COSIGNED, 0, ANN, 4);
        Removal memory removal = removalOf(COSIGNED, ANN);
        uint256[] memory path = pathOf(COSIGNED, removal.tag);
        (, uint256 clerkKey_) = actor("clerk");
        (removal.cosigner, removal.deadline) = (clerk, until());
        Signature memory own = cosignRemoval(clerkKey_, COSIGNED, removal.tag, removal.deadline);
        vm.expectRevert(_fault(ICensus.CensusBadCosigner.selector, clerk));
        vm.prank(clerk);
        census.removeMember(COSIGNED, removal, path, own);
    }

    function test_RemovalThatWasSignedOnceDoesNotServeTwice() external {
        add(COSIGNED, 0, ANN, 2);
        Removal memory removal = removalOf(COSIGNED, ANN);
        (removal.cosigner, removal.deadline) = (second, until());
        Signature memory cosignature = cosignRemoval(secondKey, COSIGNED, removal.tag, removal.deadline);
        uint256[] memory path = pathOf(COSIGNED, removal.tag);
        vm.prank(clerk);
        census.removeMember(COSIGNED, removal, path, cosignature);
        trees[COSIGNED][0][0] = 0;
        add(COSIGNED, 0, ANN, 1);
        path = pathOf(COSIGNED, removal.tag);
        bytes32 structHash = keccak256(abi.encode(REMOVAL_TYPE, COSIGNED, removal.tag, 2, removal.deadline));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain(), structHash));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, second, digest));
        vm.prank(clerk);
        census.removeMember(COSIGNED, removal, path, cosignature);
    }

    // Somebody with an old message
    // ├─ a consent, after its member was taken out ........ SignedInvalidSignature
    // ├─ a whole list that two registrars signed .......... SignedInvalidSignature
    // ├─ a consent for another roll or segment ............ SignedInvalidSignature
    // └─ a consent for another census, or another chain ... SignedInvalidSignature

    function test_ConsentServesOnce() external {
        for (uint32 rollId = 1; rollId <= ROLLS; ++rollId) {
            makeVoter(ANN);
            Entrant[] memory entrants = entrantsFor(rollId, 0, ANN, 1);
            Signature memory cosignature = cosign(secondKey, rollId, 0, entrants, until());
            _add(rollId, 0, entrants, second, until(), cosignature);
            note(rollId, 0, entrants[0].leaf);
            remove(rollId, ANN);
            uint256 tag = tagOn(rollId, ANN);
            vm.expectRevert(_notSigned(accountOf(ANN), rollId, tag, entrants[0]));
            _add(rollId, 0, entrants, second, until(), cosignature);
            // Not even where the person consents anew does the second registrar's old signature serve.
            entrants = entrantsFor(rollId, 0, ANN, 1);
            bytes32[] memory hashes = new bytes32[](1);
            hashes[0] = entryOf(rollId, 0, tag, entrants[0]);
            bytes32 structHash = keccak256(abi.encode(ENTRIES_TYPE, keccak256(abi.encodePacked(hashes)), until()));
            bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain(), structHash));
            uint40 deadline = until();
            vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, second, digest));
            _add(rollId, 0, entrants, second, deadline, cosignature);
        }
    }

    function test_ConsentIsForOneCensusOnOneChain() external {
        Entrant memory entrant = entrantFor(ANONYMOUS_BY_TAG, 0, ANN);
        Census other = new Census(address(manager), registry, ids, NUMBERED);
        bytes32 structHash = entryOf(ANONYMOUS_BY_TAG, 0, entrant.tag, entrant);
        entrant.consent = signTyped(keyOf(ANN), domainOf("Civitas Census", address(other)), structHash);
        refuseOne(_notSigned(entrant.holder, ANONYMOUS_BY_TAG, entrant.tag, entrant), ANONYMOUS_BY_TAG, 0, entrant);
        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        signEntry(keyOf(ANN), ANONYMOUS_BY_TAG, 0, entrant.tag, entrant);
        vm.chainId(chain);
        refuseOne(_notSigned(entrant.holder, ANONYMOUS_BY_TAG, entrant.tag, entrant), ANONYMOUS_BY_TAG, 0, entrant);
    }

    // One person
    // ├─ in two segments, or twice in one ......... CensusAlreadyMember, see {CensusAddingTest}
    // ├─ with another one's commitment ............ has the same nullifier, and keeps nobody out
    // ├─ late, who hopes for an older root ........ the past does not change
    // ├─ whose leaf is the root of a tree ......... votes with no key of it, see {BallotProvenTest}
    // └─ whose leaf is an inner node .............. has no path that a leaf of a named roll has, or no secret

    function test_SomebodyElsesCommitmentKeepsNobodyOut() external {
        Entrant memory copy = entrantFor(ANONYMOUS_BY_TAG, 0, BEN);
        copy.leaf = leafOn(ANONYMOUS_BY_TAG, ANN);
        signEntry(keyOf(BEN), ANONYMOUS_BY_TAG, 0, copy.tag, copy);
        sendOne(ANONYMOUS_BY_TAG, 0, copy);
        note(ANONYMOUS_BY_TAG, 0, copy.leaf);
        add(ANONYMOUS_BY_TAG, 0, ANN, 1);
        assertTree(ANONYMOUS_BY_TAG, 0, 2);
        // Taking one out leaves the other.
        Removal memory removal = Removal(copy.tag, copy.leaf, clerk, address(0), 0, address(0));
        uint256[] memory path = pathOf(ANONYMOUS_BY_TAG, copy.tag);
        Signature memory none;
        vm.prank(clerk);
        census.removeMember(ANONYMOUS_BY_TAG, removal, path, none);
        trees[ANONYMOUS_BY_TAG][0][0] = 0;
        assertTree(ANONYMOUS_BY_TAG, 0, 1);
        assertTrue(census.memberOf(ANONYMOUS_BY_TAG, tagOf(ANN)).present, "the other is a member");
        remove(ANONYMOUS_BY_TAG, ANN);
    }

    function test_WhoComesLateIsInNoOlderRoot() external {
        add(NAMED_BY_TAG, 0, 1, 5);
        Snapshot memory before = census.snapshotOf(NAMED_BY_TAG, 0);
        vm.warp(EPOCH + 1 days);
        assertSame(census.snapshotAt(NAMED_BY_TAG, 0, EPOCH), before);
        add(NAMED_BY_TAG, 0, 6, 1);
        remove(NAMED_BY_TAG, 2);
        assertSame(census.snapshotAt(NAMED_BY_TAG, 0, EPOCH), before);
        assertSame(census.snapshotAt(NAMED_BY_TAG, 0, EPOCH + 1 days - 1), before);
        // Of a second that has not ended nobody can say what it will have been.
        vm.expectRevert(abi.encodeWithSelector(ICensus.CensusNotPast.selector, EPOCH + 1 days, EPOCH + 1 days));
        census.snapshotAt(NAMED_BY_TAG, 0, EPOCH + 1 days);
        bytes32[] memory path = _words(TreeModel.pathOf(kindOf(NAMED_BY_TAG), trees[NAMED_BY_TAG][0], 5));
        assertTrue(_isMember(census.snapshotOf(NAMED_BY_TAG, 0).root, 5, accountOf(6), path), "now");
        assertFalse(_isMember(before.root, 5, accountOf(6), path), "not then");
    }

    function test_NoAccountIsAnInnerNode() external {
        add(NAMED_BY_TAG, 0, 1, 4);
        uint256[] memory leaves = trees[NAMED_BY_TAG][0];
        uint256[] memory above = TreeModel.above(kindOf(NAMED_BY_TAG), leaves);
        uint256 root = census.snapshotOf(NAMED_BY_TAG, 0).root;
        // The node above two leaves has a path, but is the leaf of no account: its low bits are not, at any place.
        bytes32[] memory path = new bytes32[](1);
        path[0] = bytes32(above[1]);
        for (uint32 index = 0; index < 4; ++index) {
            assertFalse(_isMember(root, index, address(uint160(above[0])), path), "a node is no account");
        }
        // Nor can its 64 bytes be a leaf: a leaf has 24.
        assertEq(
            above[0],
            uint256(keccak256(abi.encode(_low(leaves[0], leaves[1]), _high(leaves[0], leaves[1])))),
            "node"
        );
        assertEq(leaves[0], uint256(keccak256(abi.encodePacked(uint32(0), accountOf(1)))), "leaf");
    }

    function test_CommitmentThatIsAnInnerNodeBreaksNothing() external {
        add(ANONYMOUS_BY_TAG, 0, 1, 2);
        Entrant memory entrant = entrantFor(ANONYMOUS_BY_TAG, 0, 3);
        entrant.leaf = census.snapshotOf(ANONYMOUS_BY_TAG, 0).root;
        signEntry(keyOf(3), ANONYMOUS_BY_TAG, 0, entrant.tag, entrant);
        sendOne(ANONYMOUS_BY_TAG, 0, entrant);
        note(ANONYMOUS_BY_TAG, 0, entrant.leaf);
        // Where it stands alone its node of the level above equals that of the two others.
        assertTree(ANONYMOUS_BY_TAG, 0, 3);
        remove(ANONYMOUS_BY_TAG, 1);
        assertTree(ANONYMOUS_BY_TAG, 0, 2);
        add(ANONYMOUS_BY_TAG, 0, 4, 3);
        assertTree(ANONYMOUS_BY_TAG, 0, 5);
    }

    // Anybody
    // ├─ takes out somebody by an older identity of the same person ... CensusStillHeld, see {CensusRemovingTest}
    // ├─ voids nonces ................................................. changes nothing
    // └─ keeps the roll shut by notices ............................... CensusNotBox, see {CensusNoticesTest}

    function test_VoidingNoncesChangesNoConsent() external {
        Entrant memory entrant = entrantFor(ANONYMOUS_BY_TAG, 0, ANN);
        vm.prank(entrant.holder);
        census.voidNonces(0, type(uint256).max);
        sendOne(ANONYMOUS_BY_TAG, 0, entrant);
        assertEq(census.membersOf(ANONYMOUS_BY_TAG), 1, "added");
    }

    // --- internals

    function _fault(bytes4 selector, address account) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(selector, account);
    }

    function _notSigned(
        address signer,
        uint32 rollId,
        uint256 tag,
        Entrant memory entrant
    ) private view returns (bytes memory fault) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain(), entryOf(rollId, 0, tag, entrant)));
        return abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, signer, digest);
    }

    function _isMember(
        uint256 root,
        uint32 index,
        address account,
        bytes32[] memory path
    ) private view returns (bool member) {
        return this.isMember(root, index, account, path);
    }

    /// @dev Takes the path as call data.
    function isMember(
        uint256 root,
        uint32 index,
        address account,
        bytes32[] calldata path
    ) external pure returns (bool member) {
        return NamedLeaves.isMember(root, index, account, path);
    }

    function _words(uint256[] memory numbers) private pure returns (bytes32[] memory words) {
        words = new bytes32[](numbers.length);
        for (uint256 i = 0; i < words.length; ++i) words[i] = bytes32(numbers[i]);
    }

    function _low(uint256 a, uint256 b) private pure returns (uint256 low) {
        return a < b ? a : b;
    }

    function _high(uint256 a, uint256 b) private pure returns (uint256 high) {
        return a < b ? b : a;
    }
}
