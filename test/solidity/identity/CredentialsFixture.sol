// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {Credentials} from "../../../contracts/identity/Credentials.sol";
import {
    AccreditationGrant,
    AccreditationWithdrawal,
    Grant,
    ICredentials,
    Issuance,
    KeyAppointment,
    Presentation,
    Standing,
    StandingChange
} from "../../../contracts/identity/ICredentials.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @notice A city with three types of credentials, bodies that accredit, and people. An organisation's identity is the
/// account `name`; it speaks through the key `name key`.
abstract contract CredentialsCity is CivitasTest {
    /// @dev Ends with the issuer's accreditation.
    bytes32 internal constant BOUND = "TESTER";
    /// @dev Outlives the issuer's accreditation.
    bytes32 internal constant FREE = "DIPLOMA";
    /// @dev Bound, and its subjects are numbered.
    bytes32 internal constant NUMBERED = "RESIDENT";
    bytes32 internal constant UNKNOWN = "UNKNOWN";
    uint40 internal constant SOON = uint40(EPOCH + 30 days);
    uint40 internal constant LATER = uint40(EPOCH + 365 days);
    uint40 internal constant FOREVER = type(uint40).max;

    Identities internal ids;
    Credentials internal registry;
    AccessManager internal manager;
    address internal city;
    address internal cityKey;
    address internal office;
    address internal officeKey;
    address internal lab;
    address internal labKey;
    address internal rival;
    address internal rivalKey;
    address internal alice;
    address internal bob;
    address internal stranger;
    uint256 internal nonces;

    function buildCity() internal {
        vm.warp(EPOCH);
        ids = new Identities();
        manager = new AccessManager(address(this));
        registry = new Credentials(address(manager), ids);
        (city, cityKey) = organisation("city");
        (office, officeKey) = organisation("office");
        (lab, labKey) = organisation("lab");
        (rival, rivalKey) = organisation("rival");
        (alice, ) = actor("alice");
        (bob, ) = actor("bob");
        (stranger, ) = actor("stranger");
        registry.registerType(BOUND, city, true, false, "");
        registry.registerType(FREE, city, false, false, "");
        registry.registerType(NUMBERED, city, true, true, "");
    }

    /// @dev An organisation with an issuing key for ever.
    function organisation(string memory name) internal returns (address identity, address key) {
        (identity, ) = actor(name);
        (key, ) = actor(string.concat(name, " key"));
        appoint(name, string.concat(name, " key"), FOREVER);
    }

    function appoint(string memory name, string memory keyName, uint40 until) internal {
        (address identity, uint256 identityNumber) = actor(name);
        (address key, uint256 keyNumber) = actor(keyName);
        KeyAppointment memory appointment = appointmentOf(identity, key, until);
        registry.appointKey(appointment, sign(appointment, identityNumber), sign(appointment, keyNumber));
    }

    function accredit(address key, bytes32 typeId, address issuer, uint40 until, bool mayAccredit) internal {
        vm.prank(key);
        registry.accredit(typeId, issuer, until, mayAccredit);
    }

    function withdraw(address key, bytes32 typeId, address issuer) internal {
        vm.prank(key);
        registry.withdrawAccreditation(typeId, issuer);
    }

    function issue(address key, bytes32 typeId, address subject) internal {
        issue(key, typeId, subject, LATER, 0);
    }

    function issue(address key, bytes32 typeId, address subject, uint40 until, bytes32 root) internal {
        vm.prank(key);
        registry.issue(typeId, subject, until, root);
    }

    function revoke(address key, bytes32 typeId, address subject) internal {
        vm.prank(key);
        registry.revoke(typeId, subject);
    }

    function suspend(address key, bytes32 typeId, address subject) internal {
        vm.prank(key);
        registry.suspend(typeId, subject);
    }

    function retire(address identity) internal {
        vm.prank(identity);
        ids.changeOwner(identity, address(0));
    }

    /// @dev City accredits the office to accredit, the office the lab; both for all three types, for ever.
    function accreditAll() internal {
        bytes32[3] memory types = [BOUND, FREE, NUMBERED];
        for (uint256 i = 0; i < types.length; ++i) {
            accredit(cityKey, types[i], office, FOREVER, true);
            accredit(officeKey, types[i], lab, FOREVER, false);
            accredit(cityKey, types[i], rival, FOREVER, false);
        }
    }

    // --- messages

    function appointmentOf(address issuer, address key, uint40 until) internal returns (KeyAppointment memory) {
        return KeyAppointment({issuer: issuer, key: key, until: until, nonce: ++nonces, deadline: deadline()});
    }

    function deadline() internal view returns (uint48) {
        return uint48(block.timestamp + 1 hours);
    }

    function hashOf(KeyAppointment memory message) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "KeyAppointment(address issuer,address key,uint40 until,uint256 nonce,uint48 deadline,address owner)"
                    ),
                    message,
                    ids.identityOwner(message.issuer)
                )
            );
    }

    function hashOf(AccreditationGrant memory message) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "AccreditationGrant(address key,bytes32 typeId,address issuer,uint40 until,bool mayAccredit,uint256 nonce,uint48 deadline,address accreditor)"
                    ),
                    message,
                    registry.issuerOf(message.key)
                )
            );
    }

    function hashOf(AccreditationWithdrawal memory message) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "AccreditationWithdrawal(address key,bytes32 typeId,address issuer,uint256 nonce,uint48 deadline,address by)"
                    ),
                    message,
                    registry.issuerOf(message.key)
                )
            );
    }

    function hashOf(Issuance memory message) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "Issuance(address key,bytes32 typeId,address subject,uint40 until,bytes32 attributesRoot,uint256 nonce,uint48 deadline,address issuer)"
                    ),
                    message,
                    registry.issuerOf(message.key)
                )
            );
    }

    function hashOf(StandingChange memory message) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "StandingChange(address key,bytes32 typeId,address subject,uint8 standing,uint256 nonce,uint48 deadline,address issuer)"
                    ),
                    message,
                    registry.issuerOf(message.key)
                )
            );
    }

    function hashOf(Presentation memory message) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "Presentation(bytes32 typeId,address subject,address verifier,bytes32 purpose,bytes32 predicate,uint256 nonce,uint48 deadline,address owner)"
                    ),
                    message,
                    ids.identityOwner(message.subject)
                )
            );
    }

    function sign(KeyAppointment memory message, uint256 privateKey) internal view returns (Signature memory) {
        return signHash(hashOf(message), privateKey);
    }

    function signHash(bytes32 structHash, uint256 privateKey) internal view returns (Signature memory) {
        return signTyped(privateKey, domainOf("Civitas Credentials", address(registry)), structHash);
    }

    function digestOf(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainOf("Civitas Credentials", address(registry)), structHash));
    }

    function none() internal pure returns (Signature memory) {
        return Signature({key: "", data: ""});
    }

    // --- assertions

    function assertStanding(Standing left, Standing right, string memory reason) internal pure {
        assertEq(uint256(left), uint256(right), reason);
    }

    /// @dev How a credential stands, and that {holds} says the same.
    function assertCheck(bytes32 typeId, address subject, Standing standing, string memory reason) internal view {
        assertStanding(registry.check(typeId, subject), standing, reason);
        assertTrue(registry.holds(typeId, subject) == (standing == Standing.Current), string.concat(reason, ": holds"));
    }

    function assertChain(bytes32 typeId, address issuer, Standing standing, string memory reason) internal view {
        assertStanding(registry.accreditationStanding(typeId, issuer), standing, reason);
    }

    function expectNotAccredited(bytes32 typeId, address issuer, Standing standing) internal {
        vm.expectRevert(
            abi.encodeWithSelector(ICredentials.CredentialsNotAccredited.selector, typeId, issuer, standing)
        );
    }

    function expectByAnother(bytes32 typeId, address subject, address issuer) internal {
        vm.expectRevert(
            abi.encodeWithSelector(ICredentials.CredentialsIssuedByAnother.selector, typeId, subject, issuer)
        );
    }

    function expectBadAccount(address account) internal {
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsBadAccount.selector, account));
    }

    function expectAlreadyOver(uint40 until) internal {
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsAlreadyOver.selector, until, block.timestamp));
    }

    function expectNoKey(address key, uint40 until) internal {
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsNoIssuingKey.selector, key, until));
    }

    function expectUnchanged(bytes32 typeId, address account) internal {
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsUnchanged.selector, typeId, account));
    }

    function expectUnknownType(bytes32 typeId) internal {
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsUnknownType.selector, typeId));
    }

    function grantOf(address subject, uint40 until, bytes32 root) internal pure returns (Grant memory) {
        return Grant({subject: subject, until: until, attributesRoot: root});
    }

    /// @dev Slot of an entry of a mapping of mappings of the registry, found by the address that it begins with.
    function slotOf(bytes32 outer, address inner, address begins) internal view returns (bytes32 slot) {
        for (uint256 base = 0; base < 32; ++base) {
            slot = keccak256(abi.encode(inner, keccak256(abi.encode(outer, base))));
            if (address(uint160(uint256(vm.load(address(registry), slot)))) == begins) return slot;
        }
        revert AssertionFailed("no such slot", "", "");
    }

    /// @dev Slot of an entry of a mapping of the registry, found by the address that it begins with.
    function slotOf(bytes32 key, address begins) internal view returns (bytes32 slot) {
        for (uint256 base = 0; base < 32; ++base) {
            slot = keccak256(abi.encode(key, base));
            if (address(uint160(uint256(vm.load(address(registry), slot)))) == begins) return slot;
        }
        revert AssertionFailed("no such slot", "", "");
    }
}
