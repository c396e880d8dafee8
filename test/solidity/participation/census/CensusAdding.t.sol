// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {ContractAccount} from "../../../../contracts/mocks/ContractAccount.sol";
import {PlainP256Verifier} from "../../../../contracts/mocks/PlainP256Verifier.sol";
import {Entrant, ICensus, RollTerms, Snapshot} from "../../../../contracts/participation/census/ICensus.sol";
import {MemberSlots} from "../../../../contracts/participation/census/MemberSlots.sol";
import {CensusFixture} from "./CensusFixture.sol";

contract CensusAddingTest is CensusFixture {
    uint256 private constant ANN = 1;
    uint256 private constant BEN = 2;
    /// @dev Slot of {Census-_rolls}: after names, nonces, authority with the count of rolls, and boxes. See {_setTimes}.
    uint256 private constant ROLLS_SLOT = 5;
    uint256 private constant MEMBERS_FIELD = 2;

    // addMembers
    // ├─ no such roll ................................. CensusUnknownRoll
    // ├─ no such segment .............................. CensusUnknownSegment
    // ├─ nobody, or more than 200 or 120 .............. CensusBadList
    // ├─ caller is no registrar's account ............. CensusNotRegistrar
    // ├─ more leaves than there is room for ........... CensusFull
    // ├─ tag below 2^64, or tag and credential ........ CensusBadTag
    // ├─ no current credential, or no number .......... CensusNoCredential
    // ├─ is on the roll, in any segment, or twice ..... CensusAlreadyMember
    // ├─ was on it too often .......................... CensusTooOften
    // ├─ leaf is none of its kind ..................... CensusBadLeaf
    // ├─ consent is late .............................. CensusConsentExpired
    // ├─ consent is not to this, or somebody else's ... SignedInvalidSignature
    // ├─ second registrar is needed, or given
    // │  ├─ is none, the first, or the caller ......... CensusBadCosigner
    // │  ├─ signed too long ago ....................... CensusConsentExpired
    // │  └─ did not sign this ......................... SignedInvalidSignature
    // └─ else ......................................... all are on the roll, MembersAdded

    function test_RevertWhen_ThereIsNoRoll() external {
        for (uint32 rollId = 0; rollId <= ROLLS + 1; rollId += ROLLS + 1) {
            refuse(abi.encodeWithSelector(ICensus.CensusUnknownRoll.selector, rollId), rollId, 0, new Entrant[](1));
        }
    }

    function test_RevertWhen_ThereIsNoSegment() external {
        Entrant[] memory entrants = entrantsFor(ANONYMOUS_BY_TAG, SEGMENTS, ANN, 1);
        refuse(
            abi.encodeWithSelector(ICensus.CensusUnknownSegment.selector, SEGMENTS, SEGMENTS),
            ANONYMOUS_BY_TAG,
            SEGMENTS,
            entrants
        );
    }

    function test_RevertWhen_ListIsEmptyOrTooLong() external {
        uint32[2] memory rolls = [NAMED_BY_TAG, ANONYMOUS_BY_TAG];
        uint256[2] memory limits = [uint256(200), 120];
        for (uint256 i = 0; i < 2; ++i) {
            refuse(_faultBadList(0, limits[i]), rolls[i], 0, new Entrant[](0));
            refuse(_faultBadList(limits[i] + 1, limits[i]), rolls[i], 0, new Entrant[](limits[i] + 1));
        }
    }

    function test_LongestListsAreAdded() external {
        add(NAMED_BY_TAG, 0, 1, 200);
        add(ANONYMOUS_BY_TAG, 0, 1, 120);
        assertTree(NAMED_BY_TAG, 0, 200);
        assertTree(ANONYMOUS_BY_TAG, 0, 120);
    }

    function test_RevertWhen_CallerIsNoRegistrar() external {
        Entrant[] memory entrants = entrantsFor(NAMED_BY_TAG, 0, ANN, 1);
        Signature memory none;
        address[4] memory callers = [stranger, clerk, second, clerk];
        address[4] memory registrars = [stranger, second, clerk, address(0)];
        for (uint256 i = 0; i < 4; ++i) {
            _expectNotRegistrar(registrars[i], callers[i]);
            vm.prank(callers[i]);
            census.addMembers(NAMED_BY_TAG, 0, entrants, registrars[i], address(0), 0, none);
        }
        revoke(officeKey, REGISTRAR, clerk);
        _expectNotRegistrar(clerk, clerk);
        send(NAMED_BY_TAG, 0, entrants);
    }

    function test_OwnerOfTheRegistrarsIdentityAdds() external {
        vm.prank(clerk);
        ids.changeOwner(clerk, alice);
        Entrant[] memory entrants = entrantsFor(NAMED_BY_TAG, 0, ANN, 1);
        _expectNotRegistrar(clerk, clerk);
        send(NAMED_BY_TAG, 0, entrants);
        Signature memory none;
        vm.prank(alice);
        census.addMembers(NAMED_BY_TAG, 0, entrants, clerk, address(0), 0, none);
        assertEq(census.membersOf(NAMED_BY_TAG), 1, "members");
    }

    function test_RevertWhen_SegmentIsFull() external {
        RollTerms memory terms = termsFor(ANONYMOUS_BY_TAG);
        terms.depth = 2;
        uint32 rollId = openRoll(terms);
        send(rollId, 1, entrantsFor(rollId, 1, 1, 3));
        refuse(_faultFull(1, 5, 4), rollId, 1, entrantsFor(rollId, 1, 4, 2));
        send(rollId, 1, entrantsFor(rollId, 1, 4, 1));
        refuse(_faultFull(1, 5, 4), rollId, 1, entrantsFor(rollId, 1, 5, 1));
        // The others have room.
        send(rollId, 2, entrantsFor(rollId, 2, 5, 4));
        assertEq(census.snapshotOf(rollId, 1).depth, 2, "levels");
    }

    function test_RevertWhen_TagIsANumber() external {
        uint32[2] memory rolls = [NAMED_BY_TAG, ANONYMOUS_BY_TAG];
        for (uint256 i = 0; i < 2; ++i) {
            Entrant memory entrant = entrantFor(rolls[i], 0, ANN);
            entrant.tag = 0;
            refuseOne(_faultBadTag(0, 1 << 64), rolls[i], 0, entrant);
            entrant.tag = type(uint64).max;
            refuseOne(_faultBadTag(type(uint64).max, 1 << 64), rolls[i], 0, entrant);
            entrant.tag = 1 << 64;
            signEntry(keyOf(ANN), rolls[i], 0, entrant.tag, entrant);
            sendOne(rolls[i], 0, entrant);
            assertMember(rolls[i], 1 << 64, 0, 0, true, 1);
        }
    }

    function test_RevertWhen_TagIsGivenWhereCredentialsNumber() external {
        makeVoter(ANN);
        Entrant memory entrant = entrantFor(NAMED, 0, ANN);
        entrant.tag = 1;
        refuseOne(_faultBadTag(1, 0), NAMED, 0, entrant);
    }

    function test_RevertWhen_VoterHasNoCredential() external {
        address ann = accountOf(ANN);
        bytes memory fault = abi.encodeWithSelector(ICensus.CensusNoCredential.selector, ann);
        uint32[2] memory rolls = [NAMED, ANONYMOUS];
        refuseOne(fault, NAMED, 0, entrantFor(NAMED, 0, ANN));
        makeVoter(ANN);
        suspend(officeKey, NUMBERED, ann);
        for (uint256 i = 0; i < 2; ++i) {
            Entrant memory entrant = entrantFor(rolls[i], 0, ANN);
            refuseOne(fault, rolls[i], 0, entrant);
        }
        revoke(officeKey, NUMBERED, ann);
        refuseOne(fault, ANONYMOUS, 0, entrantFor(ANONYMOUS, 0, ANN));
        makeVoter(ANN);
        retire(ann);
        refuseOne(fault, ANONYMOUS, 0, entrantFor(ANONYMOUS, 0, ANN));
    }

    function test_RevertWhen_PersonIsAMember() external {
        for (uint32 rollId = 1; rollId <= ROLLS; ++rollId) {
            add(rollId, 0, ANN, 1);
            for (uint16 segment = 0; segment < SEGMENTS; ++segment) {
                refuse(_faultMember(tagOn(rollId, ANN)), rollId, segment, entrantsFor(rollId, segment, ANN, 1));
            }
            if (isCredentialed(rollId)) makeVoter(BEN);
            Entrant[] memory twice = new Entrant[](2);
            twice[0] = entrantFor(rollId, 1, BEN);
            twice[1] = entrantFor(rollId, 1, BEN);
            refuse(_faultMember(tagOn(rollId, BEN)), rollId, 1, twice);
            assertEq(census.membersOf(rollId), 1, "members");
        }
    }

    function test_RevertWhen_PersonWasAddedTooOften() external {
        uint256 tag = tagOf(ANN);
        _setTimes(ANONYMOUS_BY_TAG, tag, MemberSlots.MAX_TIMES - 1);
        add(ANONYMOUS_BY_TAG, 0, ANN, 1);
        assertMember(ANONYMOUS_BY_TAG, tag, 0, 0, true, MemberSlots.MAX_TIMES);
        remove(ANONYMOUS_BY_TAG, ANN);
        Entrant[] memory entrants = entrantsFor(ANONYMOUS_BY_TAG, 0, ANN, 1);
        refuse(
            abi.encodeWithSelector(ICensus.CensusTooOften.selector, tag, MemberSlots.MAX_TIMES),
            ANONYMOUS_BY_TAG,
            0,
            entrants
        );
    }

    function test_RevertWhen_LeafIsNoneOfItsKind() external {
        makeVoter(ANN);
        uint256 other = uint160(accountOf(BEN));
        uint256[4] memory accounts = [uint256(0), 1 << 160, uint160(accountOf(ANN)) | (1 << 160), other];
        for (uint256 i = 0; i < 4; ++i) {
            _refuseLeaf(NAMED_BY_TAG, accounts[i]);
            if (i < 3) _refuseLeaf(NAMED, accounts[i]);
        }
        uint256[3] memory commitments = [uint256(0), FIELD, type(uint256).max];
        for (uint256 i = 0; i < 3; ++i) {
            _refuseLeaf(ANONYMOUS_BY_TAG, commitments[i]);
            _refuseLeaf(ANONYMOUS, commitments[i]);
        }
        Entrant memory entrant = _withLeaf(ANONYMOUS, FIELD - 1);
        sendOne(ANONYMOUS, 0, entrant);
        assertEq(census.snapshotOf(ANONYMOUS, 0).root, FIELD - 1, "greatest element");
    }

    function test_OwnerNamesTheAccountOnARollByCredentials() external {
        makeVoter(ANN);
        Entrant memory entrant = _withLeaf(NAMED, uint160(accountOf(BEN)));
        sendOne(NAMED, 0, entrant);
        note(NAMED, 0, entrant.leaf);
        assertTree(NAMED, 0, 1);
    }

    function test_RevertWhen_ConsentIsLate() external {
        Entrant memory entrant = entrantFor(ANONYMOUS_BY_TAG, 0, ANN);
        vm.warp(EPOCH + 1 hours + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ICensus.CensusConsentExpired.selector, EPOCH + 1 hours, EPOCH + 1 hours + 1)
        );
        sendOne(ANONYMOUS_BY_TAG, 0, entrant);
        vm.warp(EPOCH + 1 hours);
        sendOne(ANONYMOUS_BY_TAG, 0, entrant);
        assertEq(census.membersOf(ANONYMOUS_BY_TAG), 1, "members");
    }

    function test_RevertWhen_ConsentIsNotToThis() external {
        uint32[2] memory rolls = [ANONYMOUS_BY_TAG, ANONYMOUS];
        makeVoter(ANN);
        for (uint256 i = 0; i < 2; ++i) {
            uint32 rollId = rolls[i];
            uint256 tag = tagOn(rollId, ANN);
            Entrant memory entrant = entrantFor(rollId, 0, ANN);
            // To another segment, roll, person or leaf, for longer, and by somebody else.
            signEntry(keyOf(ANN), rollId, 1, tag, entrant);
            _expectNotSigned(rollId, tag, entrant);
            signEntry(keyOf(ANN), rollId == ANONYMOUS ? NAMED : COSIGNED, 0, tag, entrant);
            _expectNotSigned(rollId, tag, entrant);
            signEntry(keyOf(ANN), rollId, 0, tag + 1, entrant);
            _expectNotSigned(rollId, tag, entrant);
            signEntry(keyOf(BEN), rollId, 0, tag, entrant);
            _expectNotSigned(rollId, tag, entrant);
            signEntry(keyOf(ANN), rollId, 0, tag, entrant);
            ++entrant.leaf;
            _expectNotSigned(rollId, tag, entrant);
            --entrant.leaf;
            ++entrant.deadline;
            _expectNotSigned(rollId, tag, entrant);
            --entrant.deadline;
            entrant.consent.data[64] ^= 0x01;
            _expectNotSigned(rollId, tag, entrant);
            entrant.consent.data = "";
            _expectNotSigned(rollId, tag, entrant);
            // Nobody's signature is not the zero account's.
            if (rollId == ANONYMOUS_BY_TAG) entrant.holder = address(0);
            _expectNotSigned(rollId, tag, entrant);
        }
    }

    function test_ContractAccountConsents() external {
        ContractAccount account = new ContractAccount(accountOf(ANN));
        Entrant memory entrant = entrantFor(NAMED_BY_TAG, 0, ANN);
        entrant.holder = address(account);
        entrant.leaf = uint160(address(account));
        signEntry(keyOf(BEN), NAMED_BY_TAG, 0, entrant.tag, entrant);
        _expectNotSigned(NAMED_BY_TAG, entrant.tag, entrant);
        signEntry(keyOf(ANN), NAMED_BY_TAG, 0, entrant.tag, entrant);
        sendOne(NAMED_BY_TAG, 0, entrant);
        note(NAMED_BY_TAG, 0, entrant.leaf);
        assertTree(NAMED_BY_TAG, 0, 1);
    }

    function test_KeyOfADeviceConsents() external {
        bytes memory key = _deviceKey();
        address holder = address(uint160(uint256(keccak256(key))));
        Entrant memory entrant = entrantFor(ANONYMOUS_BY_TAG, 0, ANN);
        entrant.holder = holder;
        entrant.consent = _signDevice(key, entryOf(ANONYMOUS_BY_TAG, 1, entrant.tag, entrant));
        _expectNotSigned(ANONYMOUS_BY_TAG, entrant.tag, entrant);
        entrant.consent = _signDevice(key, entryOf(ANONYMOUS_BY_TAG, 0, entrant.tag, entrant));
        sendOne(ANONYMOUS_BY_TAG, 0, entrant);
        assertMember(ANONYMOUS_BY_TAG, entrant.tag, 0, 0, true, 1);
    }

    function test_OwnerOfTheIdentityConsents() external {
        makeVoter(ANN);
        vm.prank(accountOf(ANN));
        ids.changeOwner(accountOf(ANN), accountOf(BEN));
        Entrant memory entrant = entrantFor(ANONYMOUS, 0, ANN);
        uint256 tag = tagOn(ANONYMOUS, ANN);
        refuseOne(_notSigned(accountOf(BEN), ANONYMOUS, tag, entrant), ANONYMOUS, 0, entrant);
        signEntry(keyOf(BEN), ANONYMOUS, 0, tag, entrant);
        sendOne(ANONYMOUS, 0, entrant);
        assertMember(ANONYMOUS, tag, 0, 0, true, 1);
    }

    function test_RevertWhen_SecondRegistrarIsNone() external {
        Entrant[] memory entrants = entrantsFor(COSIGNED, 0, ANN, 2);
        (, uint256 clerkKey_) = actor("clerk");
        (address idle, uint256 idleKey) = actor("idle");
        _refuseCosigner(entrants, address(0), secondKey);
        _refuseCosigner(entrants, clerk, clerkKey_);
        _refuseCosigner(entrants, idle, idleKey);
        // Another identity that the same account speaks for.
        vm.prank(second);
        ids.changeOwner(second, clerk);
        _refuseCosigner(entrants, second, clerkKey_);
        // Where none is needed, one that is given is looked at all the same.
        Entrant[] memory others = entrantsFor(NAMED_BY_TAG, 0, ANN, 1);
        Signature memory cosignature = cosign(idleKey, NAMED_BY_TAG, 0, others, until());
        vm.expectRevert(abi.encodeWithSelector(ICensus.CensusBadCosigner.selector, idle));
        _add(NAMED_BY_TAG, 0, others, idle, until(), cosignature);
    }

    function test_RevertWhen_SecondRegistrarSignedTooLongAgo() external {
        Entrant[] memory entrants = entrantsFor(COSIGNED, 0, ANN, 1);
        uint40 deadline = uint40(EPOCH + 1 minutes);
        Signature memory cosignature = cosign(secondKey, COSIGNED, 0, entrants, deadline);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ICensus.CensusConsentExpired.selector, deadline, deadline + 1));
        _add(COSIGNED, 0, entrants, second, deadline, cosignature);
        vm.warp(deadline);
        _add(COSIGNED, 0, entrants, second, deadline, cosignature);
        assertEq(census.membersOf(COSIGNED), 1, "members");
    }

    function test_RevertWhen_SecondRegistrarSignedAnotherList() external {
        Entrant[] memory entrants = entrantsFor(COSIGNED, 0, ANN, 2);
        uint40 deadline = until();
        Entrant[] memory fewer = entrantsFor(COSIGNED, 0, ANN, 1);
        Signature memory cosignature = cosign(secondKey, COSIGNED, 0, fewer, deadline);
        _expectNotCosigned(entrants, deadline);
        _add(COSIGNED, 0, entrants, second, deadline, cosignature);
        cosignature = cosign(secondKey, COSIGNED, 0, entrants, deadline + 1);
        _expectNotCosigned(entrants, deadline);
        _add(COSIGNED, 0, entrants, second, deadline, cosignature);
        cosignature = cosign(keyOf(ANN), COSIGNED, 0, entrants, deadline);
        _expectNotCosigned(entrants, deadline);
        _add(COSIGNED, 0, entrants, second, deadline, cosignature);
        cosignature = cosign(secondKey, COSIGNED, 0, entrants, deadline);
        _add(COSIGNED, 0, entrants, second, deadline, cosignature);
        assertEq(census.membersOf(COSIGNED), 2, "members");
    }

    function test_SecondRegistrarMaySignWhereNoneIsNeeded() external {
        Entrant[] memory entrants = entrantsFor(NAMED_BY_TAG, 2, ANN, 2);
        Signature memory cosignature = cosign(secondKey, NAMED_BY_TAG, 2, entrants, until());
        _expectAdded(NAMED_BY_TAG, 2, second, 0, entrants);
        _add(NAMED_BY_TAG, 2, entrants, second, until(), cosignature);
    }

    function test_AddsPeopleToRollsOfAllKinds() external {
        for (uint32 rollId = 1; rollId <= ROLLS; ++rollId) {
            address cosigner = rollId == COSIGNED ? second : address(0);
            uint256 person = 1;
            for (uint16 segment = 0; segment < SEGMENTS; ++segment) {
                for (uint256 count = 1; count <= 4; ++count) {
                    vm.warp(block.timestamp + 1);
                    uint32 first = uint32(trees[rollId][segment].length);
                    if (isCredentialed(rollId)) for (uint256 i = 0; i < count; ++i) makeVoter(person + i);
                    Entrant[] memory entrants = entrantsFor(rollId, segment, person, count);
                    _expectAdded(rollId, segment, cosigner, first, entrants);
                    add(rollId, segment, person, count);
                    for (uint32 i = 0; i < count; ++i) {
                        assertMember(rollId, tagOn(rollId, person + i), segment, first + i, true, 1);
                    }
                    assertTree(rollId, segment, first + count);
                    person += count;
                }
            }
            assertEq(census.membersOf(rollId), person - 1, "members of all segments");
        }
    }

    // snapshotAt
    // └─ any past second ... the state at its end, for ever

    function test_PastStaysAsItWas() external {
        add(ANONYMOUS_BY_TAG, 0, 1, 2);
        add(ANONYMOUS_BY_TAG, 0, 3, 1);
        Snapshot memory first = census.snapshotOf(ANONYMOUS_BY_TAG, 0);
        vm.warp(EPOCH + 10);
        assertSame(census.snapshotAt(ANONYMOUS_BY_TAG, 0, EPOCH), first);
        add(ANONYMOUS_BY_TAG, 0, 4, 1);
        remove(ANONYMOUS_BY_TAG, 2);
        Snapshot memory later = census.snapshotOf(ANONYMOUS_BY_TAG, 0);
        vm.warp(EPOCH + 20);
        remove(ANONYMOUS_BY_TAG, 1);
        vm.warp(EPOCH + 30);
        Snapshot memory none;
        assertSame(census.snapshotAt(ANONYMOUS_BY_TAG, 0, EPOCH - 1), none);
        assertSame(census.snapshotAt(ANONYMOUS_BY_TAG, 0, EPOCH), first);
        assertSame(census.snapshotAt(ANONYMOUS_BY_TAG, 0, EPOCH + 9), first);
        assertSame(census.snapshotAt(ANONYMOUS_BY_TAG, 0, EPOCH + 10), later);
        assertSame(census.snapshotAt(ANONYMOUS_BY_TAG, 0, EPOCH + 19), later);
        assertEq(later.members, 3, "members");
        assertEq(census.snapshotAt(ANONYMOUS_BY_TAG, 0, EPOCH + 20).members, 2, "members after");
        assertSame(census.snapshotAt(ANONYMOUS_BY_TAG, 1, EPOCH + 29), none);
    }

    // --- internals

    function _faultBadList(uint256 count, uint256 limit) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(ICensus.CensusBadList.selector, count, limit);
    }

    function _expectNotRegistrar(address registrar, address caller) private {
        vm.expectRevert(abi.encodeWithSelector(ICensus.CensusNotRegistrar.selector, registrar, caller));
    }

    function _faultFull(uint16 segment, uint256 leaves, uint256 limit) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(ICensus.CensusFull.selector, segment, leaves, limit);
    }

    function _faultBadTag(uint256 tag, uint256 least) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(ICensus.CensusBadTag.selector, tag, least);
    }

    function _faultMember(uint256 tag) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(ICensus.CensusAlreadyMember.selector, tag);
    }

    function _expectAdded(
        uint32 rollId,
        uint16 segment,
        address cosigner,
        uint32 first,
        Entrant[] memory entrants
    ) private {
        uint256[] memory tags = new uint256[](entrants.length);
        uint256[] memory leaves = new uint256[](entrants.length);
        for (uint256 i = 0; i < tags.length; ++i) {
            leaves[i] = entrants[i].leaf;
            tags[i] =
                isCredentialed(rollId) ? registry.credentialOf(NUMBERED, entrants[i].holder).index : entrants[i].tag;
        }
        vm.expectEmit(address(census));
        emit ICensus.MembersAdded(rollId, segment, clerk, cosigner, first, tags, leaves);
    }

    function _withLeaf(uint32 rollId, uint256 leaf) private view returns (Entrant memory entrant) {
        entrant = entrantFor(rollId, 0, ANN);
        entrant.leaf = leaf;
        signEntry(keyOf(ANN), rollId, 0, tagOn(rollId, ANN), entrant);
    }

    function _refuseLeaf(uint32 rollId, uint256 leaf) private {
        Entrant memory entrant = _withLeaf(rollId, leaf);
        refuseOne(abi.encodeWithSelector(ICensus.CensusBadLeaf.selector, leaf), rollId, 0, entrant);
    }

    function _refuseCosigner(Entrant[] memory entrants, address cosigner, uint256 privateKey) private {
        Signature memory cosignature = cosign(privateKey, COSIGNED, 0, entrants, until());
        vm.expectRevert(abi.encodeWithSelector(ICensus.CensusBadCosigner.selector, cosigner));
        _add(COSIGNED, 0, entrants, cosigner, until(), cosignature);
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

    function _expectNotSigned(uint32 rollId, uint256 tag, Entrant memory entrant) private {
        refuseOne(_notSigned(entrant.holder, rollId, tag, entrant), rollId, 0, entrant);
    }

    function _expectNotCosigned(Entrant[] memory entrants, uint40 deadline) private {
        bytes32[] memory hashes = new bytes32[](entrants.length);
        for (uint256 i = 0; i < hashes.length; ++i) {
            hashes[i] = entryOf(COSIGNED, 0, entrants[i].tag, entrants[i]);
        }
        bytes32 structHash = keccak256(abi.encode(ENTRIES_TYPE, keccak256(abi.encodePacked(hashes)), deadline));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain(), structHash));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, second, digest));
    }

    /// @dev Writes how often somebody was added.
    function _setTimes(uint32 rollId, uint256 tag, uint32 times) private {
        uint256 members = uint256(keccak256(abi.encode(rollId, ROLLS_SLOT))) + MEMBERS_FIELD;
        bytes32 slot = keccak256(abi.encode(tag >> 2, members));
        vm.store(address(census), slot, bytes32((uint256(times) << 43) << ((tag & 3) * 64)));
        assertEq(census.memberOf(rollId, tag).times, times, "written");
    }

    function _deviceKey() private returns (bytes memory key) {
        (uint256 x, uint256 y) = vm.publicKeyP256(keyOf(ANN) >> 1);
        return abi.encodePacked(address(new PlainP256Verifier()), x, y);
    }

    function _signDevice(bytes memory key, bytes32 structHash) private view returns (Signature memory signature) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain(), structHash));
        (bytes32 r, bytes32 s) = vm.signP256(keyOf(ANN) >> 1, digest);
        uint256 order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;
        if (uint256(s) > order / 2) s = bytes32(order - uint256(s));
        return Signature({key: key, data: abi.encodePacked(r, s)});
    }
}
