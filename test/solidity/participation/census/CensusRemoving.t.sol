// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {ICensus, Member, Removal} from "../../../../contracts/participation/census/ICensus.sol";
import {CensusFixture} from "./CensusFixture.sol";

contract CensusRemovingTest is CensusFixture {
    uint256 private constant ANN = 3;
    uint256 private constant PEOPLE = 7;

    Signature private _none;

    // removeMember
    // ├─ no such roll ...................................... CensusUnknownRoll
    // ├─ is not on the roll, or no longer .................. CensusNotMember
    // ├─ with a registrar, or on a roll by tags
    // │  ├─ caller is no registrar's account ............... CensusNotRegistrar
    // │  └─ second registrar is needed, or given
    // │     ├─ is none, the first, or the caller ........... CensusBadCosigner
    // │     ├─ signed too long ago ......................... CensusConsentExpired
    // │     └─ did not sign this ........................... SignedInvalidSignature
    // ├─ without registrar, on a roll by credentials
    // │  ├─ credential current, suspended or lapsed ........ CensusStillHeld
    // │  ├─ another holder's ............................... CensusStillHeld
    // │  └─ revoked, expired, withdrawn, or retired ........ anybody takes the member out
    // ├─ path or leaf does not lead to the root ............ CensusBadPath
    // └─ else .............................................. zero at its place, MemberRemoved

    function setUp() public override {
        super.setUp();
        for (uint32 rollId = 1; rollId <= ROLLS; ++rollId) add(rollId, 1, 1, PEOPLE);
        vm.warp(EPOCH + 1 days);
    }

    function test_RevertWhen_ThereIsNoRoll() external {
        Removal memory removal;
        for (uint32 rollId = 0; rollId <= ROLLS + 1; rollId += ROLLS + 1) {
            vm.expectRevert(abi.encodeWithSelector(ICensus.CensusUnknownRoll.selector, rollId));
            census.removeMember(rollId, removal, new uint256[](0), _none);
        }
    }

    function test_RevertWhen_PersonIsNoMember() external {
        for (uint32 rollId = 1; rollId <= ROLLS; ++rollId) {
            Removal memory removal = removalOf(rollId, ANN);
            uint256[] memory path = pathOf(rollId, removal.tag);
            remove(rollId, ANN);
            _refuse(_fault(ICensus.CensusNotMember.selector, removal.tag), rollId, removal, path);
            removal.tag = tagOf(PEOPLE + 1);
            _refuse(_fault(ICensus.CensusNotMember.selector, removal.tag), rollId, removal, path);
        }
    }

    function test_RevertWhen_CallerIsNoRegistrar() external {
        for (uint32 rollId = 1; rollId <= ROLLS; ++rollId) {
            Removal memory removal = removalOf(rollId, ANN);
            uint256[] memory path = pathOf(rollId, removal.tag);
            vm.expectRevert(abi.encodeWithSelector(ICensus.CensusNotRegistrar.selector, clerk, stranger));
            vm.prank(stranger);
            census.removeMember(rollId, removal, path, _none);
            removal.registrar = second;
            _refuse(abi.encodeWithSelector(ICensus.CensusNotRegistrar.selector, second, clerk), rollId, removal, path);
            if (isCredentialed(rollId)) continue;
            // There is no credential that could end.
            removal.registrar = address(0);
            removal.holder = accountOf(ANN);
            _refuse(
                abi.encodeWithSelector(ICensus.CensusNotRegistrar.selector, address(0), clerk),
                rollId,
                removal,
                path
            );
        }
    }

    function test_RevertWhen_SecondRegistrarIsNone() external {
        (address idle, uint256 idleKey) = actor("idle");
        (, uint256 clerkKey_) = actor("clerk");
        _refuseCosigner(COSIGNED, address(0), secondKey);
        _refuseCosigner(COSIGNED, clerk, clerkKey_);
        _refuseCosigner(COSIGNED, idle, idleKey);
        _refuseCosigner(NAMED, idle, idleKey);
        vm.prank(second);
        ids.changeOwner(second, clerk);
        _refuseCosigner(COSIGNED, second, clerkKey_);
    }

    function test_RevertWhen_SecondRegistrarDidNotSignThis() external {
        Removal memory removal = removalOf(COSIGNED, ANN);
        uint256[] memory path = pathOf(COSIGNED, removal.tag);
        removal.cosigner = second;
        removal.deadline = until();
        uint32 times = census.memberOf(COSIGNED, removal.tag).times;
        bytes32 structHash = keccak256(abi.encode(REMOVAL_TYPE, COSIGNED, removal.tag, times, removal.deadline));
        bytes memory fault = abi.encodeWithSelector(
            ISigned.SignedInvalidSignature.selector,
            second,
            keccak256(abi.encodePacked(hex"1901", domain(), structHash))
        );
        Signature[5] memory signatures = [
            cosignRemoval(secondKey, ANONYMOUS_BY_TAG, removal.tag, removal.deadline),
            cosignRemoval(secondKey, COSIGNED, tagOf(ANN + 1), removal.deadline),
            cosignRemoval(secondKey, COSIGNED, removal.tag, removal.deadline + 1),
            cosignRemoval(keyOf(ANN), COSIGNED, removal.tag, removal.deadline),
            _none
        ];
        for (uint256 i = 0; i < 5; ++i) {
            vm.expectRevert(fault);
            vm.prank(clerk);
            census.removeMember(COSIGNED, removal, path, signatures[i]);
        }
        Signature memory good = cosignRemoval(secondKey, COSIGNED, removal.tag, removal.deadline);
        vm.warp(removal.deadline + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ICensus.CensusConsentExpired.selector, removal.deadline, removal.deadline + 1)
        );
        vm.prank(clerk);
        census.removeMember(COSIGNED, removal, path, good);
        vm.warp(removal.deadline);
        vm.prank(clerk);
        census.removeMember(COSIGNED, removal, path, good);
        assertEq(census.membersOf(COSIGNED), PEOPLE - 1, "taken out");
    }

    function test_RevertWhen_CredentialHasNotEnded() external {
        uint32[2] memory rolls = [NAMED, ANONYMOUS];
        address ann = accountOf(ANN);
        _refuseStillHeld(rolls, ann);
        suspend(officeKey, NUMBERED, ann);
        _refuseStillHeld(rolls, ann);
        // Somebody else's that has ended.
        revoke(officeKey, NUMBERED, accountOf(ANN + 1));
        _refuseStillHeld(rolls, accountOf(ANN + 1));
        _refuseStillHeld(rolls, stranger);
        _refuseStillHeld(rolls, address(0));
    }

    function test_RevertWhen_IssuersAccreditationLapsed() external {
        accredit(cityKey, NUMBERED, office, SOON, true);
        vm.warp(uint256(SOON) + 1);
        _refuseStillHeld([NAMED, ANONYMOUS], accountOf(ANN));
    }

    function test_RevertWhen_NumberWentToAnotherIdentity() external {
        address old = accountOf(ANN);
        uint256 tag = tagOn(NAMED, ANN);
        address newer = accountOf(PEOPLE + 1);
        vm.prank(officeKey);
        registry.replaceSubject(NUMBERED, old, newer, FOREVER, 0);
        uint32[2] memory rolls = [NAMED, ANONYMOUS];
        for (uint256 i = 0; i < 2; ++i) {
            Removal memory removal = Removal(tag, leafOn(rolls[i], ANN), address(0), address(0), 0, old);
            uint256[] memory path = pathOf(rolls[i], tag);
            _refuse(_fault(ICensus.CensusStillHeld.selector, tag), rolls[i], removal, path);
            removal.holder = newer;
            _refuse(_fault(ICensus.CensusStillHeld.selector, tag), rolls[i], removal, path);
        }
        revoke(officeKey, NUMBERED, newer);
        for (uint256 i = 0; i < 2; ++i) _removeEnded(rolls[i], ANN, tag, newer);
    }

    function test_AnybodyTakesOutWhoseCredentialWasRevoked() external {
        revoke(officeKey, NUMBERED, accountOf(ANN));
        _removeEndedFromBoth(ANN);
    }

    function test_AnybodyTakesOutWhoseCredentialExpired() external {
        issue(officeKey, NUMBERED, accountOf(ANN), SOON, 0);
        vm.warp(SOON);
        _refuseStillHeld([NAMED, ANONYMOUS], accountOf(ANN));
        vm.warp(uint256(SOON) + 1);
        _removeEndedFromBoth(ANN);
    }

    function test_AnybodyTakesOutWhoseIssuerWasWithdrawn() external {
        withdraw(cityKey, NUMBERED, office);
        _removeEndedFromBoth(ANN);
        _removeEndedFromBoth(ANN + 1);
    }

    function test_AnybodyTakesOutWhoseIdentityRetired() external {
        retire(accountOf(ANN));
        _removeEndedFromBoth(ANN);
    }

    function test_RevertWhen_PathDoesNotLeadToTheRoot() external {
        for (uint32 rollId = 1; rollId < COSIGNED; ++rollId) {
            Removal memory removal = removalOf(rollId, ANN);
            uint256[] memory path = pathOf(rollId, removal.tag);
            uint32 index = census.memberOf(rollId, removal.tag).index;
            bytes memory fault = abi.encodeWithSelector(ICensus.CensusBadPath.selector, index);
            ++path[1];
            _refuse(fault, rollId, removal, path);
            --path[1];
            removal.leaf = leafOn(rollId, ANN + 1);
            _refuse(fault, rollId, removal, path);
            removal.leaf = 0;
            _refuse(fault, rollId, removal, path);
            removal.leaf = leafOn(rollId, ANN);
            _refuse(fault, rollId, removal, new uint256[](path.length - 1));
            uint256[] memory longer = new uint256[](path.length + 1);
            for (uint256 i = 0; i < path.length; ++i) longer[i] = path[i];
            _refuse(fault, rollId, removal, longer);
            _refuse(fault, rollId, removal, pathOf(rollId, tagOn(rollId, ANN + 1)));
            // Of a segment that was looked at before somebody else left.
            uint256[] memory stale = pathOf(rollId, removal.tag);
            remove(rollId, ANN + 1);
            _refuse(fault, rollId, removal, stale);
            remove(rollId, ANN);
        }
    }

    function test_TakesOutEverybody() external {
        for (uint32 rollId = 1; rollId <= ROLLS; ++rollId) {
            for (uint256 i = 0; i < PEOPLE; ++i) {
                uint256 person = 1 + ((i * 3) % PEOPLE);
                uint256 tag = tagOn(rollId, person);
                Member memory member = census.memberOf(rollId, tag);
                remove(rollId, person);
                assertMember(rollId, tag, 1, member.index, false, 1);
                assertTree(rollId, 1, PEOPLE - 1 - i);
                assertEq(census.membersOf(rollId), PEOPLE - 1 - i, "members");
            }
            // Who comes after gets a place of its own.
            add(rollId, 1, 1, 2);
            assertMember(rollId, tagOn(rollId, 1), 1, uint32(PEOPLE), true, 2);
            assertTree(rollId, 1, 2);
        }
    }

    function test_WhoWasAloneLeavesARootOfZero() external {
        add(ANONYMOUS_BY_TAG, 2, PEOPLE + 1, 1);
        remove(ANONYMOUS_BY_TAG, PEOPLE + 1);
        assertTree(ANONYMOUS_BY_TAG, 2, 0);
        assertEq(census.snapshotOf(ANONYMOUS_BY_TAG, 2).root, 0, "root");
        assertEq(census.snapshotOf(ANONYMOUS_BY_TAG, 2).leaves, 1, "leaves");
        add(ANONYMOUS_BY_TAG, 2, PEOPLE + 2, 1);
        assertTree(ANONYMOUS_BY_TAG, 2, 1);
    }

    function test_SecondRegistrarMaySignWhereNoneIsNeeded() external {
        Removal memory removal = removalOf(NAMED, ANN);
        (removal.cosigner, removal.deadline) = (second, until());
        Signature memory cosignature = cosignRemoval(secondKey, NAMED, removal.tag, removal.deadline);
        uint256[] memory path = pathOf(NAMED, removal.tag);
        _expectRemoved(NAMED, removal.tag, uint32(ANN - 1), clerk, second);
        vm.prank(clerk);
        census.removeMember(NAMED, removal, path, cosignature);
    }

    function test_WhoLeftMayComeBackToAnotherSegment() external {
        for (uint32 rollId = 1; rollId <= ROLLS; ++rollId) {
            remove(rollId, ANN);
            add(rollId, 2, ANN, 1);
            assertMember(rollId, tagOn(rollId, ANN), 2, 0, true, 2);
            assertTree(rollId, 1, PEOPLE - 1);
            assertTree(rollId, 2, 1);
            assertEq(census.membersOf(rollId), PEOPLE, "members");
        }
    }

    // --- internals

    function _fault(bytes4 selector, uint256 tag) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(selector, tag);
    }

    function _refuse(bytes memory fault, uint32 rollId, Removal memory removal, uint256[] memory path) private {
        vm.expectRevert(fault);
        vm.prank(clerk);
        census.removeMember(rollId, removal, path, _none);
    }

    function _refuseCosigner(uint32 rollId, address cosigner, uint256 privateKey) private {
        Removal memory removal = removalOf(rollId, ANN);
        uint256[] memory path = pathOf(rollId, removal.tag);
        (removal.cosigner, removal.deadline) = (cosigner, until());
        Signature memory cosignature = cosignRemoval(privateKey, rollId, removal.tag, removal.deadline);
        vm.expectRevert(abi.encodeWithSelector(ICensus.CensusBadCosigner.selector, cosigner));
        vm.prank(clerk);
        census.removeMember(rollId, removal, path, cosignature);
    }

    function _refuseStillHeld(uint32[2] memory rolls, address holder) private {
        for (uint256 i = 0; i < 2; ++i) {
            Removal memory removal = removalOf(rolls[i], ANN);
            uint256[] memory path = pathOf(rolls[i], removal.tag);
            (removal.registrar, removal.holder) = (address(0), holder);
            _refuse(_fault(ICensus.CensusStillHeld.selector, removal.tag), rolls[i], removal, path);
        }
    }

    function _expectRemoved(uint32 rollId, uint256 tag, uint32 index, address registrar, address cosigner) private {
        vm.expectEmit(address(census));
        emit ICensus.MemberRemoved(rollId, 1, tag, index, registrar, cosigner);
    }

    function _removeEndedFromBoth(uint256 person) private {
        _removeEnded(NAMED, person, tagOn(NAMED, person), accountOf(person));
        _removeEnded(ANONYMOUS, person, tagOn(ANONYMOUS, person), accountOf(person));
    }

    /// @dev By a stranger, who names a second registrar that signed nothing, which is not believed.
    function _removeEnded(uint32 rollId, uint256 person, uint256 tag, address holder) private {
        Removal memory removal = Removal(tag, leafOn(rollId, person), address(0), second, 0, holder);
        uint256[] memory path = pathOf(rollId, tag);
        uint32 index = census.memberOf(rollId, tag).index;
        _expectRemoved(rollId, tag, index, address(0), address(0));
        vm.prank(stranger);
        census.removeMember(rollId, removal, path, _none);
        trees[rollId][1][index] = 0;
        assertTree(rollId, 1, census.membersOf(rollId));
        assertFalse(census.memberOf(rollId, tag).present, "gone");
    }
}
