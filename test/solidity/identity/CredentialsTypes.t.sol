// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {CredentialType, ICredentials, KeyAppointment} from "../../../contracts/identity/ICredentials.sol";
import {ContractAccount} from "../../../contracts/mocks/ContractAccount.sol";
import {CredentialsCity} from "./CredentialsFixture.sol";

contract CredentialsTypesTest is CredentialsCity {
    function setUp() external {
        buildCity();
    }

    function test_KnowsTheIdentities() external view {
        assertEq(address(registry.identities()), address(ids), "identities");
    }

    // registerType
    // ├─ the caller is no registrar ........................... AccessManagedUnauthorized
    // ├─ the type is registered ............................... CredentialsTypeTaken
    // ├─ the id or the authority is zero ...................... CredentialsBadAccount
    // └─ else ................................................. stored, TypeRegistered

    function test_RevertWhen_StrangerRegistersType() external {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        registry.registerType(UNKNOWN, city, false, false, "");
    }

    function test_RevertWhen_TypeTaken() external {
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsTypeTaken.selector, BOUND));
        registry.registerType(BOUND, office, false, false, "");
    }

    function test_RevertWhen_TypeIdZero() external {
        expectBadAccount(address(0));
        registry.registerType(0, city, false, false, "");
    }

    function test_RevertWhen_AuthorityZero() external {
        expectBadAccount(address(0));
        registry.registerType(UNKNOWN, address(0), false, false, "");
    }

    function testFuzz_RegistersType(bytes32 typeId, address authority, bool bound_, bool numbered) external {
        if (typeId == 0 || typeId == BOUND || typeId == FREE || typeId == NUMBERED) typeId = UNKNOWN;
        if (authority == address(0)) authority = city;
        assertEq(registry.typeOf(typeId).authority, address(0), "before");
        vm.expectEmit(address(registry));
        emit ICredentials.TypeRegistered(typeId, authority, bound_, numbered, "ipfs://schema");
        registry.registerType(typeId, authority, bound_, numbered, "ipfs://schema");
        CredentialType memory stored = registry.typeOf(typeId);
        assertEq(stored.authority, authority, "authority");
        assertTrue(stored.bound == bound_, "bound");
        assertTrue(stored.numbered == numbered, "numbered");
        assertEq(stored.subjectCount, 0, "count");
    }

    // changeTypeAuthority
    // ├─ the caller is no registrar ........................... AccessManagedUnauthorized
    // ├─ unknown type ......................................... CredentialsUnknownType
    // ├─ zero, or the same authority .......................... CredentialsBadAccount
    // └─ else ................................................. changed, all else stands, TypeAuthorityChanged

    function test_RevertWhen_StrangerChangesAuthority() external {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        registry.changeTypeAuthority(BOUND, office);
    }

    function test_RevertWhen_AuthorityOfUnknownTypeChanged() external {
        expectUnknownType(UNKNOWN);
        registry.changeTypeAuthority(UNKNOWN, office);
    }

    function test_RevertWhen_NewAuthorityZero() external {
        expectBadAccount(address(0));
        registry.changeTypeAuthority(BOUND, address(0));
    }

    function test_RevertWhen_NewAuthorityTheSame() external {
        expectBadAccount(city);
        registry.changeTypeAuthority(BOUND, city);
    }

    function test_ChangesAuthority() external {
        accredit(cityKey, NUMBERED, city, FOREVER, false);
        issue(cityKey, NUMBERED, alice);
        vm.expectEmit(address(registry));
        emit ICredentials.TypeAuthorityChanged(NUMBERED, city, office);
        registry.changeTypeAuthority(NUMBERED, office);
        CredentialType memory stored = registry.typeOf(NUMBERED);
        assertEq(stored.authority, office, "authority");
        assertTrue(stored.bound && stored.numbered, "flags");
        assertEq(stored.subjectCount, 1, "count");
    }

    // appointKey
    // ├─ issuer or key zero ................................... CredentialsBadAccount
    // ├─ the end has passed ................................... CredentialsAlreadyOver
    // ├─ the identity is retired .............................. CredentialsNotTheirKey
    // ├─ the key speaks for another ........................... CredentialsKeyTaken
    // ├─ same key, same end ................................... CredentialsUnchanged
    // ├─ owner neither calls nor signs ........................ SignedInvalidSignature
    // ├─ key neither calls nor signs .......................... SignedInvalidSignature
    // ├─ late ................................................. SignedExpired
    // ├─ a second time ........................................ SignedNonceUsed
    // └─ else
    //    ├─ relayed ........................................... appointed, both nonces used, IssuingKeyChanged
    //    ├─ owner calls ....................................... its signature is not needed
    //    ├─ key calls ......................................... its signature is not needed
    //    ├─ owner is the key .................................. signs once
    //    ├─ same key, other end ............................... renewed
    //    └─ another key ....................................... the old one is nobody's

    function test_RevertWhen_AppointedIssuerZero() external {
        KeyAppointment memory message = appointmentOf(address(0), stranger, FOREVER);
        expectBadAccount(address(0));
        registry.appointKey(message, none(), none());
    }

    function test_RevertWhen_AppointedKeyZero() external {
        KeyAppointment memory message = appointmentOf(city, address(0), FOREVER);
        expectBadAccount(address(0));
        registry.appointKey(message, none(), none());
    }

    function test_RevertWhen_AppointmentAlreadyOver() external {
        KeyAppointment memory message = appointmentOf(city, stranger, uint40(EPOCH - 1));
        expectAlreadyOver(uint40(EPOCH - 1));
        registry.appointKey(message, none(), none());
    }

    function test_RevertWhen_AppointerRetired() external {
        retire(city);
        KeyAppointment memory message = appointmentOf(city, stranger, FOREVER);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsNotTheirKey.selector, city, address(this)));
        registry.appointKey(message, none(), none());
    }

    function test_RevertWhen_KeyTaken() external {
        KeyAppointment memory message = appointmentOf(city, officeKey, FOREVER);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsKeyTaken.selector, officeKey, office));
        registry.appointKey(message, none(), none());
    }

    function test_RevertWhen_AppointmentUnchanged() external {
        KeyAppointment memory message = appointmentOf(city, cityKey, FOREVER);
        expectUnchanged(0, city);
        registry.appointKey(message, none(), none());
    }

    function test_RevertWhen_OwnerDidNotSign() external {
        (address key, uint256 keyNumber) = actor("new key");
        KeyAppointment memory message = appointmentOf(city, key, FOREVER);
        Signature memory signature = sign(message, keyNumber);
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, city, digestOf(hashOf(message)))
        );
        registry.appointKey(message, signature, signature);
    }

    function test_RevertWhen_FormerOwnerSigned() external {
        (address key, uint256 keyNumber) = actor("new key");
        (, uint256 cityNumber) = actor("city");
        KeyAppointment memory message = appointmentOf(city, key, FOREVER);
        Signature memory ownerSignature = sign(message, cityNumber);
        Signature memory keySignature = sign(message, keyNumber);
        vm.prank(city);
        ids.changeOwner(city, bob);
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, bob, digestOf(hashOf(message)))
        );
        registry.appointKey(message, ownerSignature, keySignature);
    }

    function test_RevertWhen_KeyDidNotSign() external {
        (, uint256 cityNumber) = actor("city");
        KeyAppointment memory message = appointmentOf(city, stranger, FOREVER);
        Signature memory signature = sign(message, cityNumber);
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, stranger, digestOf(hashOf(message)))
        );
        registry.appointKey(message, signature, signature);
    }

    function test_RevertWhen_AppointmentLate() external {
        KeyAppointment memory message = appointmentOf(city, stranger, FOREVER);
        vm.warp(message.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, message.deadline, message.deadline + 1));
        registry.appointKey(message, none(), none());
    }

    function test_RevertWhen_AppointmentReplayed() external {
        (address key, uint256 keyNumber) = actor("new key");
        (, uint256 cityNumber) = actor("city");
        KeyAppointment memory message = appointmentOf(city, key, FOREVER);
        Signature memory ownerSignature = sign(message, cityNumber);
        Signature memory keySignature = sign(message, keyNumber);
        registry.appointKey(message, ownerSignature, keySignature);
        vm.prank(city);
        registry.dismissKey(city);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, city, message.nonce));
        registry.appointKey(message, ownerSignature, keySignature);
    }

    function test_AppointsAnotherKey() external {
        (address key, uint256 keyNumber) = actor("new key");
        (, uint256 cityNumber) = actor("city");
        KeyAppointment memory message = appointmentOf(city, key, SOON);
        Signature memory ownerSignature = sign(message, cityNumber);
        Signature memory keySignature = sign(message, keyNumber);
        vm.expectEmit(address(registry));
        emit ICredentials.IssuingKeyChanged(city, cityKey, key, SOON);
        vm.prank(stranger);
        registry.appointKey(message, ownerSignature, keySignature);
        assertTrue(registry.isNonceUsed(city, message.nonce), "owner's nonce");
        assertTrue(registry.isNonceUsed(key, message.nonce), "key's nonce");
        assertEq(registry.issuerOf(key), city, "new key");
        assertEq(registry.issuerOf(cityKey), address(0), "old key");
        (address stored, uint40 until) = registry.issuingKeyOf(city);
        assertEq(stored, key, "key of the city");
        assertEq(until, SOON, "end");
    }

    function test_OwnerAppointsByCall() external {
        (address key, uint256 keyNumber) = actor("new key");
        KeyAppointment memory message = appointmentOf(bob, key, SOON);
        Signature memory keySignature = sign(message, keyNumber);
        vm.expectEmit(address(registry));
        emit ICredentials.IssuingKeyChanged(bob, address(0), key, SOON);
        vm.prank(bob);
        registry.appointKey(message, none(), keySignature);
        assertEq(registry.issuerOf(key), bob, "issuer");
        assertFalse(registry.isNonceUsed(bob, message.nonce), "owner's nonce");
    }

    function test_KeyAcceptsByCall() external {
        (, uint256 bobNumber) = actor("bob");
        KeyAppointment memory message = appointmentOf(bob, stranger, SOON);
        Signature memory ownerSignature = sign(message, bobNumber);
        vm.prank(stranger);
        registry.appointKey(message, ownerSignature, none());
        assertEq(registry.issuerOf(stranger), bob, "issuer");
    }

    function test_OneAccountSignsOnce() external {
        (, uint256 bobNumber) = actor("bob");
        KeyAppointment memory message = appointmentOf(bob, bob, SOON);
        Signature memory signature = sign(message, bobNumber);
        registry.appointKey(message, signature, none());
        assertEq(registry.issuerOf(bob), bob, "issuer");
    }

    function test_RenewsKey() external {
        appoint("city", "city key", SOON);
        (address key, uint40 until) = registry.issuingKeyOf(city);
        assertEq(key, cityKey, "key");
        assertEq(until, SOON, "end");
        assertEq(registry.issuerOf(cityKey), city, "issuer");
    }

    /// @dev The owner of the organisation's identity may be a contract account, its key a key without an account.
    function test_ContractAccountAppoints() external {
        ContractAccount account = new ContractAccount(alice);
        vm.prank(bob);
        ids.changeOwner(bob, address(account));
        (, uint256 aliceNumber) = actor("alice");
        (address key, uint256 keyNumber) = actor("new key");
        KeyAppointment memory message = appointmentOf(bob, key, SOON);
        registry.appointKey(message, sign(message, aliceNumber), sign(message, keyNumber));
        assertEq(registry.issuerOf(key), bob, "issuer");
    }

    // dismissKey
    // ├─ there is no key ...................................... CredentialsUnchanged
    // ├─ a stranger calls, the identity lives ................. CredentialsNotTheirKey
    // └─ the key, the owner, or anybody after retirement ...... ended, IssuingKeyChanged

    function test_RevertWhen_NoKeyToDismiss() external {
        expectUnchanged(0, bob);
        vm.prank(bob);
        registry.dismissKey(bob);
    }

    function test_RevertWhen_StrangerDismisses() external {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsNotTheirKey.selector, city, stranger));
        registry.dismissKey(city);
    }

    function test_RevertWhen_FormerOwnerDismisses() external {
        vm.prank(city);
        ids.changeOwner(city, bob);
        vm.prank(city);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsNotTheirKey.selector, city, city));
        registry.dismissKey(city);
    }

    function test_KeyDismissesItself() external {
        _dismiss(cityKey);
    }

    function test_OwnerDismisses() external {
        vm.prank(city);
        ids.changeOwner(city, bob);
        _dismiss(bob);
    }

    function test_AnybodyDismissesAfterRetirement() external {
        retire(city);
        _dismiss(stranger);
    }

    function _dismiss(address caller) private {
        vm.expectEmit(address(registry));
        emit ICredentials.IssuingKeyChanged(city, cityKey, address(0), 0);
        vm.prank(caller);
        registry.dismissKey(city);
        assertEq(registry.issuerOf(cityKey), address(0), "issuer");
        (address key, uint40 until) = registry.issuingKeyOf(city);
        assertEq(key, address(0), "key");
        assertEq(until, 0, "end");
        expectNoKey(cityKey, 0);
        vm.prank(cityKey);
        registry.accredit(BOUND, office, FOREVER, false);
    }
}
