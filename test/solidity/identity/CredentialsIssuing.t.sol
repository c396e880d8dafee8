// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {
    Credential,
    Grant,
    ICredentials,
    Issuance,
    Standing,
    StandingChange
} from "../../../contracts/identity/ICredentials.sol";
import {IERC1056} from "../../../contracts/identity/IERC1056.sol";
import {CredentialsCity} from "./CredentialsFixture.sol";

contract CredentialsIssuingTest is CredentialsCity {
    bytes32 private constant ROOT = keccak256("attributes");

    function setUp() external {
        buildCity();
        accreditAll();
    }

    // issue
    // ├─ the caller is no issuing key, or its time is over .... CredentialsNoIssuingKey
    // ├─ unknown type ......................................... CredentialsUnknownType
    // ├─ the issuer is not accredited now ..................... CredentialsNotAccredited
    // ├─ the subject is zero .................................. CredentialsBadAccount
    // ├─ the end has passed ................................... CredentialsAlreadyOver
    // ├─ nothing was said ..................................... stored, CredentialIssued
    // ├─ the issuer's own statement, whatever its standing .... overwritten, a suspension is lifted
    // └─ another's statement
    //    ├─ current or suspended .............................. CredentialsIssuedByAnother
    //    ├─ expired or revoked ................................ overwritten
    //    ├─ its issuer withdrawn, bound type .................. overwritten
    //    ├─ its issuer withdrawn, other type .................. CredentialsIssuedByAnother
    //    ├─ its issuer lapsed ................................. CredentialsIssuedByAnother
    //    └─ its issuer's identity retired ..................... overwritten

    function test_RevertWhen_StrangerIssues() external {
        expectNoKey(stranger, 0);
        issue(stranger, BOUND, alice);
    }

    function test_RevertWhen_KeyOverIssues() external {
        appoint("lab", "lab key", SOON);
        vm.warp(SOON);
        issue(labKey, BOUND, alice);
        vm.warp(SOON + 1);
        expectNoKey(labKey, SOON);
        issue(labKey, BOUND, bob);
    }

    function test_RevertWhen_OldKeyIssues() external {
        appoint("lab", "second key", FOREVER);
        expectNoKey(labKey, 0);
        issue(labKey, BOUND, alice);
    }

    function test_RevertWhen_TypeUnknown() external {
        expectUnknownType(UNKNOWN);
        issue(labKey, UNKNOWN, alice);
    }

    function test_RevertWhen_NeverAccredited() external {
        expectNotAccredited(BOUND, city, Standing.None);
        issue(cityKey, BOUND, alice);
    }

    function test_RevertWhen_AccreditationLapsed() external {
        accredit(officeKey, FREE, lab, SOON, false);
        vm.warp(SOON + 1);
        expectNotAccredited(FREE, lab, Standing.IssuerLapsed);
        issue(labKey, FREE, alice);
    }

    function test_RevertWhen_AccreditationWithdrawn() external {
        withdraw(officeKey, FREE, lab);
        expectNotAccredited(FREE, lab, Standing.IssuerWithdrawn);
        issue(labKey, FREE, alice);
    }

    function test_RevertWhen_SubjectZero() external {
        expectBadAccount(address(0));
        issue(labKey, BOUND, address(0));
    }

    function test_RevertWhen_AlreadyOver() external {
        expectAlreadyOver(uint40(EPOCH - 1));
        issue(labKey, BOUND, alice, uint40(EPOCH - 1), 0);
    }

    function testFuzz_Issues(address subject, uint40 until, bytes32 root, uint256 which) external {
        if (subject == address(0)) subject = alice;
        until = uint40(bound(until, EPOCH, type(uint40).max));
        bytes32 typeId = [BOUND, FREE, NUMBERED][which % 3];
        uint32 index = typeId == NUMBERED ? 1 : 0;
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialIssued(typeId, subject, lab, until, index, root);
        issue(labKey, typeId, subject, until, root);
        Credential memory stored = registry.credentialOf(typeId, subject);
        assertEq(stored.issuer, lab, "issuer");
        assertEq(stored.until, until, "end");
        assertEq(stored.index, index, "index");
        assertEq(stored.attributesRoot, root, "root");
        assertFalse(stored.suspended || stored.revoked, "standing");
        assertCheck(typeId, subject, Standing.Current, "current");
        vm.warp(until);
        assertCheck(typeId, subject, Standing.Current, "last second");
        vm.warp(uint256(until) + 1);
        assertCheck(typeId, subject, Standing.Expired, "afterwards");
    }

    function test_IssuesAgain() external {
        issue(labKey, BOUND, alice, SOON, ROOT);
        suspend(labKey, BOUND, alice);
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialIssued(BOUND, alice, lab, LATER, 0, 0);
        issue(labKey, BOUND, alice, LATER, 0);
        Credential memory stored = registry.credentialOf(BOUND, alice);
        assertEq(stored.attributesRoot, 0, "the old attributes count no more");
        assertEq(stored.until, LATER, "end");
        assertCheck(BOUND, alice, Standing.Current, "no longer suspended");
    }

    function test_IssuesAfterOwnRevocation() external {
        issue(labKey, BOUND, alice);
        revoke(labKey, BOUND, alice);
        issue(labKey, BOUND, alice);
        assertCheck(BOUND, alice, Standing.Current, "new");
    }

    function test_IssuesThroughTheNextKey() external {
        issue(labKey, BOUND, alice);
        appoint("lab", "second key", FOREVER);
        (address key, ) = actor("second key");
        issue(key, BOUND, alice, SOON, 0);
        assertEq(registry.credentialOf(BOUND, alice).until, SOON, "the organisation's own statement");
    }

    function test_RevertWhen_AnothersStands() external {
        issue(labKey, BOUND, alice);
        expectByAnother(BOUND, alice, lab);
        issue(rivalKey, BOUND, alice);
    }

    function test_RevertWhen_AnothersIsSuspended() external {
        issue(labKey, BOUND, alice);
        suspend(labKey, BOUND, alice);
        expectByAnother(BOUND, alice, lab);
        issue(rivalKey, BOUND, alice);
    }

    function test_OverwritesExpired() external {
        issue(labKey, BOUND, alice, SOON, ROOT);
        vm.warp(SOON);
        expectByAnother(BOUND, alice, lab);
        issue(rivalKey, BOUND, alice);
        vm.warp(SOON + 1);
        _assertRivalOverwrites(BOUND);
    }

    function test_OverwritesRevoked() external {
        issue(labKey, FREE, alice);
        revoke(labKey, FREE, alice);
        _assertRivalOverwrites(FREE);
    }

    function test_OverwritesVoidOfWithdrawnIssuer() external {
        issue(labKey, BOUND, alice);
        withdraw(officeKey, BOUND, lab);
        _assertRivalOverwrites(BOUND);
    }

    function test_OverwritesVoidOfWithdrawnAccreditor() external {
        issue(labKey, BOUND, alice);
        withdraw(cityKey, BOUND, office);
        _assertRivalOverwrites(BOUND);
    }

    function test_OverwritesVoidOfIssuerAccreditedAnew() external {
        issue(labKey, BOUND, alice);
        withdraw(officeKey, BOUND, lab);
        accredit(officeKey, BOUND, lab, FOREVER, false);
        _assertRivalOverwrites(BOUND);
    }

    function test_RevertWhen_WithdrawnIssuersStatementStands() external {
        issue(labKey, FREE, alice);
        withdraw(officeKey, FREE, lab);
        assertCheck(FREE, alice, Standing.Current, "outlives the accreditation");
        expectByAnother(FREE, alice, lab);
        issue(rivalKey, FREE, alice);
    }

    function test_RevertWhen_LapsedIssuersStatementMayComeBack() external {
        accredit(officeKey, BOUND, lab, SOON, false);
        issue(labKey, BOUND, alice);
        vm.warp(SOON + 1);
        expectByAnother(BOUND, alice, lab);
        issue(rivalKey, BOUND, alice);
    }

    function test_OverwritesOfRetiredIssuer() external {
        issue(labKey, FREE, alice);
        vm.prank(lab);
        ids.changeOwner(lab, bob);
        expectByAnother(FREE, alice, lab);
        issue(rivalKey, FREE, alice);
        vm.prank(bob);
        ids.changeOwner(lab, address(0));
        assertCheck(FREE, alice, Standing.Current, "stands until then");
        _assertRivalOverwrites(FREE);
    }

    /// @dev The contract of the identities is asked only when nothing else lets the statement be overwritten.
    function test_AsksIdentitiesOnlyAboutStandingStatements() external {
        issue(labKey, BOUND, alice);
        issue(labKey, BOUND, bob);
        revoke(labKey, BOUND, bob);
        vm.mockCallRevert(address(ids), abi.encodeCall(IERC1056.identityOwner, (lab)), "asked");
        issue(labKey, BOUND, alice);
        issue(rivalKey, BOUND, bob);
        vm.expectRevert(bytes("asked"));
        issue(rivalKey, BOUND, alice);
        vm.clearMockedCalls();
    }

    // issueMany
    // ├─ none, or more than 300 ............................... CredentialsBadLength
    // ├─ one cannot be issued ................................. its error, none issued
    // └─ else ................................................. as issue, for each

    function test_RevertWhen_BatchEmpty() external {
        vm.prank(labKey);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsBadLength.selector, 0, 300));
        registry.issueMany(BOUND, new Grant[](0));
    }

    function test_RevertWhen_BatchTooLong() external {
        vm.prank(labKey);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsBadLength.selector, 301, 300));
        registry.issueMany(BOUND, new Grant[](301));
    }

    function test_IssuesGreatestBatch() external {
        Grant[] memory grants = new Grant[](300);
        for (uint256 i = 0; i < grants.length; ++i) grants[i] = grantOf(address(uint160(i + 1)), LATER, 0);
        vm.prank(labKey);
        registry.issueMany(BOUND, grants);
        assertCheck(BOUND, address(1), Standing.Current, "first");
        assertCheck(BOUND, address(300), Standing.Current, "last");
    }

    function test_RevertWhen_OneOfBatchStandsByAnother() external {
        issue(rivalKey, BOUND, bob);
        Grant[] memory grants = _twoGrants();
        vm.prank(labKey);
        expectByAnother(BOUND, bob, rival);
        registry.issueMany(BOUND, grants);
        assertCheck(BOUND, alice, Standing.None, "none issued");
    }

    function test_RevertWhen_BatchByUnaccredited() external {
        Grant[] memory grants = _twoGrants();
        vm.prank(cityKey);
        expectNotAccredited(BOUND, city, Standing.None);
        registry.issueMany(BOUND, grants);
    }

    function test_RevertWhen_BatchByStranger() external {
        Grant[] memory grants = _twoGrants();
        vm.prank(stranger);
        expectNoKey(stranger, 0);
        registry.issueMany(BOUND, grants);
    }

    function test_IssuesMany() external {
        Grant[] memory grants = _twoGrants();
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialIssued(NUMBERED, alice, lab, SOON, 1, ROOT);
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialIssued(NUMBERED, bob, lab, LATER, 2, 0);
        vm.prank(labKey);
        registry.issueMany(NUMBERED, grants);
        assertEq(registry.credentialOf(NUMBERED, alice).attributesRoot, ROOT, "root of the first");
        assertEq(registry.credentialOf(NUMBERED, bob).index, 2, "number of the second");
        assertEq(registry.typeOf(NUMBERED).subjectCount, 2, "count");
    }

    /// @dev A subject named twice keeps its number; what is said last stands.
    function test_IssuesTwiceInOneBatch() external {
        Grant[] memory grants = _twoGrants();
        grants[1].subject = alice;
        vm.prank(labKey);
        registry.issueMany(NUMBERED, grants);
        Credential memory stored = registry.credentialOf(NUMBERED, alice);
        assertEq(stored.until, LATER, "end");
        assertEq(stored.attributesRoot, 0, "root");
        assertEq(stored.index, 1, "index");
        assertEq(registry.typeOf(NUMBERED).subjectCount, 1, "count");
    }

    // issueBySig
    // ├─ late, used, or not signed by the key ................. errors of ISigned
    // ├─ signed by a dismissed key ............................ CredentialsNoIssuingKey
    // └─ else ................................................. as issue

    function test_IssuesBySignature() external {
        Issuance memory issuance = _issuance(labKey, BOUND, alice);
        Signature memory signature = _sign(hashOf(issuance), "lab key");
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialIssued(BOUND, alice, lab, SOON, 0, ROOT);
        vm.prank(stranger);
        registry.issueBySig(issuance, signature);
        assertEq(registry.credentialOf(BOUND, alice).attributesRoot, ROOT, "root");
        revoke(labKey, BOUND, alice);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, labKey, issuance.nonce));
        registry.issueBySig(issuance, signature);
    }

    function test_RevertWhen_AnotherSignedIssuance() external {
        Issuance memory issuance = _issuance(labKey, BOUND, alice);
        Signature memory signature = _sign(hashOf(issuance), "lab");
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, labKey, digestOf(hashOf(issuance)))
        );
        registry.issueBySig(issuance, signature);
    }

    function test_RevertWhen_SignedIssuanceLate() external {
        Issuance memory issuance = _issuance(labKey, BOUND, alice);
        vm.warp(issuance.deadline + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedExpired.selector, issuance.deadline, issuance.deadline + 1)
        );
        registry.issueBySig(issuance, none());
    }

    function test_RevertWhen_ReplacedKeySignedIssuance() external {
        Issuance memory issuance = _issuance(labKey, BOUND, alice);
        Signature memory signature = _sign(hashOf(issuance), "lab key");
        appoint("lab", "second key", FOREVER);
        expectNoKey(labKey, 0);
        registry.issueBySig(issuance, signature);
    }

    function test_RevertWhen_UnaccreditedSignedIssuance() external {
        Issuance memory issuance = _issuance(cityKey, BOUND, alice);
        Signature memory signature = _sign(hashOf(issuance), "city key");
        expectNotAccredited(BOUND, city, Standing.None);
        registry.issueBySig(issuance, signature);
    }

    // revoke
    // ├─ the caller is no issuing key, or its time is over .... CredentialsNoIssuingKey
    // ├─ nothing was said, or by another ...................... CredentialsIssuedByAnother
    // ├─ revoked .............................................. CredentialsAlreadyRevoked
    // └─ else, accredited or not .............................. revoked, CredentialRevoked
    // suspend
    // ├─ as revoke ............................................ the same errors
    // ├─ suspended ............................................ CredentialsUnchanged
    // └─ else ................................................. suspended, CredentialSuspended
    // restore
    // ├─ as revoke ............................................ the same errors
    // ├─ not suspended ........................................ CredentialsUnchanged
    // └─ else ................................................. restored, CredentialRestored

    function test_RevertWhen_StrangerRevokes() external {
        issue(labKey, BOUND, alice);
        expectNoKey(stranger, 0);
        revoke(stranger, BOUND, alice);
    }

    function test_RevertWhen_KeyOverRevokes() external {
        issue(labKey, BOUND, alice);
        appoint("lab", "lab key", SOON);
        vm.warp(SOON + 1);
        expectNoKey(labKey, SOON);
        revoke(labKey, BOUND, alice);
    }

    function test_KeyRevokesInItsLastSecond() external {
        issue(labKey, BOUND, alice);
        appoint("lab", "lab key", SOON);
        vm.warp(SOON);
        revoke(labKey, BOUND, alice);
        assertCheck(BOUND, alice, Standing.Revoked, "revoked");
    }

    function test_RevertWhen_NothingToRevoke() external {
        expectByAnother(BOUND, alice, address(0));
        revoke(labKey, BOUND, alice);
    }

    function test_RevertWhen_AnotherRevokes() external {
        issue(labKey, BOUND, alice);
        expectByAnother(BOUND, alice, lab);
        revoke(rivalKey, BOUND, alice);
        expectByAnother(BOUND, alice, lab);
        revoke(cityKey, BOUND, alice);
    }

    function test_RevertWhen_RevokedTwice() external {
        issue(labKey, BOUND, alice);
        revoke(labKey, BOUND, alice);
        _expectAlreadyRevoked();
        revoke(labKey, BOUND, alice);
    }

    function test_Revokes() external {
        issue(labKey, BOUND, alice, SOON, ROOT);
        vm.recordLogs();
        revoke(labKey, BOUND, alice);
        // Written by hand in the contract, so that its form is checked here to the letter.
        bytes32[] memory topics = vm.getRecordedLogs()[0].topics;
        assertEq(topics.length, 3, "topics");
        assertEq(topics[0], keccak256("CredentialRevoked(bytes32,address)"), "event");
        assertEq(topics[1], BOUND, "type");
        assertEq(topics[2], bytes32(uint256(uint160(alice))), "subject");
        Credential memory stored = registry.credentialOf(BOUND, alice);
        assertTrue(stored.revoked, "revoked");
        assertEq(stored.issuer, lab, "issuer");
        assertEq(stored.until, SOON, "end");
        assertEq(stored.attributesRoot, ROOT, "root");
        assertCheck(BOUND, alice, Standing.Revoked, "revoked");
    }

    function test_RevokeEmits() external {
        issue(labKey, BOUND, alice);
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialRevoked(BOUND, alice);
        revoke(labKey, BOUND, alice);
    }

    function test_RevokesSuspended() external {
        issue(labKey, BOUND, alice);
        suspend(labKey, BOUND, alice);
        revoke(labKey, BOUND, alice);
        assertCheck(BOUND, alice, Standing.Revoked, "revoked");
        vm.prank(labKey);
        _expectAlreadyRevoked();
        registry.restore(BOUND, alice);
    }

    function test_WithdrawnIssuerRevokes() external {
        issue(labKey, FREE, alice);
        withdraw(officeKey, FREE, lab);
        revoke(labKey, FREE, alice);
        assertCheck(FREE, alice, Standing.Revoked, "revoked");
    }

    function test_NextKeyRevokes() external {
        issue(labKey, BOUND, alice);
        appoint("lab", "second key", FOREVER);
        (address key, ) = actor("second key");
        expectNoKey(labKey, 0);
        revoke(labKey, BOUND, alice);
        revoke(key, BOUND, alice);
        assertCheck(BOUND, alice, Standing.Revoked, "revoked");
    }

    /// @dev Once overwritten by another, the first issuer has no say.
    function test_RevertWhen_FormerIssuerRevokes() external {
        issue(labKey, BOUND, alice);
        revoke(labKey, BOUND, alice);
        issue(rivalKey, BOUND, alice);
        expectByAnother(BOUND, alice, rival);
        revoke(labKey, BOUND, alice);
    }

    function test_SuspendsAndRestores() external {
        issue(labKey, BOUND, alice, SOON, ROOT);
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialSuspended(BOUND, alice);
        suspend(labKey, BOUND, alice);
        assertTrue(registry.credentialOf(BOUND, alice).suspended, "suspended");
        assertCheck(BOUND, alice, Standing.Suspended, "suspended");
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialRestored(BOUND, alice);
        vm.prank(labKey);
        registry.restore(BOUND, alice);
        assertCheck(BOUND, alice, Standing.Current, "restored");
        assertEq(registry.credentialOf(BOUND, alice).attributesRoot, ROOT, "root");
    }

    function test_RevertWhen_SuspendedTwice() external {
        issue(labKey, BOUND, alice);
        suspend(labKey, BOUND, alice);
        expectUnchanged(BOUND, alice);
        suspend(labKey, BOUND, alice);
    }

    function test_RevertWhen_NotSuspendedRestored() external {
        issue(labKey, BOUND, alice);
        vm.prank(labKey);
        expectUnchanged(BOUND, alice);
        registry.restore(BOUND, alice);
    }

    function test_RevertWhen_RevokedSuspended() external {
        issue(labKey, BOUND, alice);
        revoke(labKey, BOUND, alice);
        _expectAlreadyRevoked();
        suspend(labKey, BOUND, alice);
    }

    function test_RevertWhen_AnotherSuspendsOrRestores() external {
        issue(labKey, BOUND, alice);
        expectByAnother(BOUND, alice, lab);
        suspend(rivalKey, BOUND, alice);
        suspend(labKey, BOUND, alice);
        vm.prank(rivalKey);
        expectByAnother(BOUND, alice, lab);
        registry.restore(BOUND, alice);
    }

    function test_RevertWhen_StrangerSuspendsOrRestores() external {
        issue(labKey, BOUND, alice);
        expectNoKey(stranger, 0);
        suspend(stranger, BOUND, alice);
        vm.prank(stranger);
        expectNoKey(stranger, 0);
        registry.restore(BOUND, alice);
    }

    // changeStandingBySig
    // ├─ late, used, or not signed by the key ................. errors of ISigned
    // ├─ the key is nobody's .................................. CredentialsNoIssuingKey
    // ├─ a standing that is not set by hand ................... CredentialsBadStanding
    // └─ Revoked, Suspended, Current .......................... as revoke, suspend, restore

    function test_ChangesStandingBySignature() external {
        issue(labKey, BOUND, alice);
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialSuspended(BOUND, alice);
        _changeBySig(Standing.Suspended);
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialRestored(BOUND, alice);
        _changeBySig(Standing.Current);
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialRevoked(BOUND, alice);
        StandingChange memory change = _changeBySig(Standing.Revoked);
        assertCheck(BOUND, alice, Standing.Revoked, "revoked");
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, labKey, change.nonce));
        registry.changeStandingBySig(change, none());
    }

    function test_RevertWhen_RevokedTwiceBySignature() external {
        issue(labKey, BOUND, alice);
        _changeBySig(Standing.Revoked);
        StandingChange memory change = _change(labKey, Standing.Revoked);
        Signature memory signature = _sign(hashOf(change), "lab key");
        _expectAlreadyRevoked();
        registry.changeStandingBySig(change, signature);
    }

    function test_RevertWhen_AnotherIssuerRevokesBySignature() external {
        issue(labKey, BOUND, alice);
        StandingChange memory change = _change(rivalKey, Standing.Revoked);
        Signature memory signature = _sign(hashOf(change), "rival key");
        expectByAnother(BOUND, alice, lab);
        registry.changeStandingBySig(change, signature);
    }

    function test_RevertWhen_StandingNotSetByHand() external {
        issue(labKey, BOUND, alice);
        for (uint256 i = 0; i <= uint256(type(Standing).max); ++i) {
            Standing standing = Standing(i);
            if (standing == Standing.Revoked || standing == Standing.Suspended || standing == Standing.Current) {
                continue;
            }
            StandingChange memory change = _change(labKey, standing);
            Signature memory signature = _sign(hashOf(change), "lab key");
            vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsBadStanding.selector, standing));
            registry.changeStandingBySig(change, signature);
        }
    }

    function test_RevertWhen_AnotherSignedStanding() external {
        issue(labKey, BOUND, alice);
        StandingChange memory change = _change(labKey, Standing.Revoked);
        Signature memory signature = _sign(hashOf(change), "rival key");
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, labKey, digestOf(hashOf(change)))
        );
        registry.changeStandingBySig(change, signature);
    }

    function test_RevertWhen_StrangerSignedStanding() external {
        issue(labKey, BOUND, alice);
        StandingChange memory change = _change(stranger, Standing.Revoked);
        Signature memory signature = _sign(hashOf(change), "stranger");
        expectNoKey(stranger, 0);
        registry.changeStandingBySig(change, signature);
    }

    // --- numbers: a subject of a numbered type
    // ├─ first credential ..................................... the next number, from 1
    // ├─ issued again, also by another issuer ................. keeps its number
    // └─ all numbers given .................................... CredentialsNumbersUsedUp

    function test_NumberStays() external {
        issue(labKey, NUMBERED, alice);
        issue(rivalKey, NUMBERED, bob);
        assertEq(registry.credentialOf(NUMBERED, bob).index, 2, "second");
        revoke(labKey, NUMBERED, alice);
        assertEq(registry.credentialOf(NUMBERED, alice).index, 1, "revoked");
        issue(rivalKey, NUMBERED, alice);
        assertEq(registry.credentialOf(NUMBERED, alice).index, 1, "by another");
        assertEq(registry.typeOf(NUMBERED).subjectCount, 2, "count");
    }

    function test_RevertWhen_NumbersUsedUp() external {
        bytes32 slot = slotOf(NUMBERED, city);
        uint256 word = uint256(vm.load(address(registry), slot)) | (uint256(type(uint32).max - 1) << 160);
        vm.store(address(registry), slot, bytes32(word));
        issue(labKey, NUMBERED, alice);
        assertEq(registry.credentialOf(NUMBERED, alice).index, type(uint32).max, "last");
        assertTrue(registry.typeOf(NUMBERED).bound && registry.typeOf(NUMBERED).numbered, "flags");
        issue(labKey, NUMBERED, alice);
        vm.expectRevert(
            abi.encodeWithSelector(ICredentials.CredentialsNumbersUsedUp.selector, NUMBERED, type(uint32).max)
        );
        issue(labKey, NUMBERED, bob);
    }

    // replaceSubject
    // ├─ the new subject is zero .............................. CredentialsBadAccount
    // ├─ the end has passed ................................... CredentialsAlreadyOver
    // ├─ the caller is no issuing key ......................... CredentialsNoIssuingKey
    // ├─ the issuer is not accredited now ..................... CredentialsNotAccredited
    // ├─ nothing was said of the first, or by another ......... CredentialsIssuedByAnother
    // ├─ the type is not numbered ............................. CredentialsNotReplaceable
    // ├─ the first was replaced ............................... CredentialsNotReplaceable
    // ├─ the new subject has a number, or is the first ........ CredentialsNotReplaceable
    // └─ else
    //    ├─ the first is not revoked .......................... CredentialRevoked, CredentialReplaced, CredentialIssued
    //    └─ the first is revoked .............................. the same without CredentialRevoked

    function test_RevertWhen_ReplacedByZero() external {
        issue(labKey, NUMBERED, alice);
        expectBadAccount(address(0));
        _replace(labKey, NUMBERED, alice, address(0));
    }

    function test_RevertWhen_ReplacementAlreadyOver() external {
        issue(labKey, NUMBERED, alice);
        vm.prank(labKey);
        expectAlreadyOver(uint40(EPOCH - 1));
        registry.replaceSubject(NUMBERED, alice, bob, uint40(EPOCH - 1), 0);
    }

    function test_RevertWhen_StrangerReplaces() external {
        issue(labKey, NUMBERED, alice);
        expectNoKey(stranger, 0);
        _replace(stranger, NUMBERED, alice, bob);
    }

    function test_RevertWhen_UnaccreditedReplaces() external {
        issue(labKey, NUMBERED, alice);
        withdraw(officeKey, NUMBERED, lab);
        expectNotAccredited(NUMBERED, lab, Standing.IssuerWithdrawn);
        _replace(labKey, NUMBERED, alice, bob);
    }

    function test_RevertWhen_AnotherReplaces() external {
        expectByAnother(NUMBERED, alice, address(0));
        _replace(rivalKey, NUMBERED, alice, bob);
        issue(labKey, NUMBERED, alice);
        expectByAnother(NUMBERED, alice, lab);
        _replace(rivalKey, NUMBERED, alice, bob);
    }

    function test_RevertWhen_NotNumbered() external {
        issue(labKey, BOUND, alice);
        _expectNotReplaceable(BOUND, alice, bob);
        _replace(labKey, BOUND, alice, bob);
    }

    function test_RevertWhen_ReplacedTwice() external {
        issue(labKey, NUMBERED, alice);
        _replace(labKey, NUMBERED, alice, bob);
        _expectNotReplaceable(NUMBERED, alice, stranger);
        _replace(labKey, NUMBERED, alice, stranger);
    }

    function test_RevertWhen_ReplacedBySomebodyElse() external {
        issue(labKey, NUMBERED, alice);
        issue(labKey, NUMBERED, bob);
        _expectNotReplaceable(NUMBERED, alice, bob);
        _replace(labKey, NUMBERED, alice, bob);
        _expectNotReplaceable(NUMBERED, alice, alice);
        _replace(labKey, NUMBERED, alice, alice);
    }

    function test_Replaces() external {
        issue(labKey, NUMBERED, alice, SOON, ROOT);
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialRevoked(NUMBERED, alice);
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialReplaced(NUMBERED, alice, bob, 1);
        vm.expectEmit(address(registry));
        emit ICredentials.CredentialIssued(NUMBERED, bob, lab, LATER, 1, 0);
        _replace(labKey, NUMBERED, alice, bob);
        assertCheck(NUMBERED, alice, Standing.Revoked, "first");
        assertCheck(NUMBERED, bob, Standing.Current, "second");
        assertEq(registry.credentialOf(NUMBERED, alice).index, 0, "number of the first");
        assertEq(registry.credentialOf(NUMBERED, bob).index, 1, "number of the second");
        assertEq(registry.typeOf(NUMBERED).subjectCount, 1, "count");
    }

    function test_ReplacesRevoked() external {
        issue(labKey, NUMBERED, alice);
        revoke(labKey, NUMBERED, alice);
        vm.recordLogs();
        vm.prank(labKey);
        registry.replaceSubject(NUMBERED, alice, bob, LATER, ROOT);
        assertEq(vm.getRecordedLogs().length, 2, "not revoked again");
        assertEq(registry.credentialOf(NUMBERED, bob).attributesRoot, ROOT, "root");
        assertEq(registry.credentialOf(NUMBERED, bob).index, 1, "number");
    }

    /// @dev A person may come back to the first identity.
    function test_ReplacesBack() external {
        issue(labKey, NUMBERED, alice);
        _replace(labKey, NUMBERED, alice, bob);
        _replace(labKey, NUMBERED, bob, alice);
        assertEq(registry.credentialOf(NUMBERED, alice).index, 1, "number");
        assertCheck(NUMBERED, alice, Standing.Current, "first");
        assertCheck(NUMBERED, bob, Standing.Revoked, "second");
    }

    /// @dev What is issued to the left identity later is another person's.
    function test_LeftIdentityGetsNewNumber() external {
        issue(labKey, NUMBERED, alice);
        _replace(labKey, NUMBERED, alice, bob);
        issue(rivalKey, NUMBERED, alice);
        assertEq(registry.credentialOf(NUMBERED, alice).index, 2, "number");
        assertEq(registry.credentialOf(NUMBERED, bob).index, 1, "moved number");
    }

    function _assertRivalOverwrites(bytes32 typeId) private {
        issue(rivalKey, typeId, alice);
        Credential memory stored = registry.credentialOf(typeId, alice);
        assertEq(stored.issuer, rival, "issuer");
        assertFalse(stored.revoked, "revoked");
        assertEq(stored.attributesRoot, 0, "attributes of the former issuer");
        assertCheck(typeId, alice, Standing.Current, "overwritten");
    }

    function _twoGrants() private view returns (Grant[] memory grants) {
        grants = new Grant[](2);
        grants[0] = grantOf(alice, SOON, ROOT);
        grants[1] = grantOf(bob, LATER, 0);
    }

    function _replace(address key, bytes32 typeId, address oldSubject, address newSubject) private {
        vm.prank(key);
        registry.replaceSubject(typeId, oldSubject, newSubject, LATER, 0);
    }

    function _issuance(address key, bytes32 typeId, address subject) private returns (Issuance memory) {
        return
            Issuance({
                key: key,
                typeId: typeId,
                subject: subject,
                until: SOON,
                attributesRoot: ROOT,
                nonce: ++nonces,
                deadline: deadline()
            });
    }

    function _change(address key, Standing standing) private returns (StandingChange memory) {
        return
            StandingChange({
                key: key,
                typeId: BOUND,
                subject: alice,
                standing: standing,
                nonce: ++nonces,
                deadline: deadline()
            });
    }

    function _changeBySig(Standing standing) private returns (StandingChange memory change) {
        change = _change(labKey, standing);
        registry.changeStandingBySig(change, _sign(hashOf(change), "lab key"));
    }

    function _sign(bytes32 structHash, string memory name) private returns (Signature memory) {
        (, uint256 privateKey) = actor(name);
        return signHash(structHash, privateKey);
    }

    function _expectAlreadyRevoked() private {
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsAlreadyRevoked.selector, BOUND, alice));
    }

    function _expectNotReplaceable(bytes32 typeId, address oldSubject, address newSubject) private {
        vm.expectRevert(
            abi.encodeWithSelector(ICredentials.CredentialsNotReplaceable.selector, typeId, oldSubject, newSubject)
        );
    }
}
