// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {Credentials} from "../../../contracts/identity/Credentials.sol";
import {
    AccreditationGrant,
    Grant,
    ICredentials,
    Issuance,
    KeyAppointment,
    Presentation,
    Standing
} from "../../../contracts/identity/ICredentials.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {ContractAccount} from "../../../contracts/mocks/ContractAccount.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @notice Attacks on credentials: what somebody without the right could try to say, void, revive or repeat.
contract CredentialFindingsTest is CivitasTest {
    bytes32 private constant RESIDENT = "RESIDENT";
    bytes32 private constant TESTER = "TESTER";
    bytes32 private constant OVER_18 = "over-18";
    bytes32 private constant SALT = keccak256("salt");
    uint40 private constant YEAR = 365 days;

    Identities private identities;
    Credentials private credentials;
    address private city;
    address private north;
    address private south;
    address private office;
    address private rival;
    address private alice;
    uint256 private aliceKey;
    address private bob;
    address private relayer;
    uint40 private inAYear;
    uint256 private _appointments;

    function setUp() external {
        vm.warp(EPOCH);
        identities = new Identities();
        credentials = new Credentials(address(new AccessManager(address(this))), identities);
        AccessManager manager = AccessManager(credentials.authority());
        bytes4[] memory selectors = new bytes4[](2);
        selectors[0] = ICredentials.registerType.selector;
        selectors[1] = ICredentials.changeTypeAuthority.selector;
        manager.setTargetFunctionRole(address(credentials), selectors, manager.ADMIN_ROLE());
        inAYear = uint40(block.timestamp) + YEAR;
        (city, ) = actor("city");
        (north, ) = actor("north");
        (south, ) = actor("south");
        (office, ) = actor("office");
        (rival, ) = actor("rival");
        (alice, aliceKey) = actor("alice");
        (bob, ) = actor("bob");
        (relayer, ) = actor("relayer");
        address[5] memory bodies = [city, north, south, office, rival];
        for (uint256 i = 0; i < bodies.length; ++i) _speakForSelf(bodies[i]);
        credentials.registerType(RESIDENT, city, true, true, "ipfs://resident");
        credentials.registerType(TESTER, city, false, false, "ipfs://tester");
        // north and south are accredited to accredit; office hangs on north, rival on south.
        _accredit(city, RESIDENT, north, inAYear, true);
        _accredit(city, RESIDENT, south, inAYear, true);
        _accredit(north, RESIDENT, office, inAYear, false);
        _accredit(south, RESIDENT, rival, inAYear, false);
    }

    // --- accreditations

    /// @dev The accreditor is a moment late with its renewal. Nobody but it and the authority may decide about what
    /// hangs on it: else an accreditor beside it could void all that was issued, for good.
    function test_LapsedAccreditationIsNotTakenOverByAnotherAccreditor() external {
        _accredit(north, RESIDENT, office, uint40(block.timestamp), false);
        _issue(office, RESIDENT, alice);
        vm.warp(block.timestamp + 1);
        assertStanding(RESIDENT, alice, Standing.IssuerLapsed, "lapsed");

        vm.expectRevert(
            abi.encodeWithSelector(ICredentials.CredentialsAccreditedByAnother.selector, RESIDENT, office, north)
        );
        vm.prank(south);
        credentials.accredit(RESIDENT, office, uint40(block.timestamp), false);

        _accredit(north, RESIDENT, office, inAYear, false);
        assertStanding(RESIDENT, alice, Standing.Current, "renewed");
    }

    /// @dev As above, one level up: the accreditor itself lapsed, so all below it is lapsed.
    function test_ChildrenOfLapsedAccreditorAreNotTakenOver() external {
        _accredit(city, RESIDENT, north, uint40(block.timestamp), true);
        _issue(office, RESIDENT, alice);
        vm.warp(block.timestamp + 1);

        vm.expectRevert(
            abi.encodeWithSelector(ICredentials.CredentialsAccreditedByAnother.selector, RESIDENT, office, north)
        );
        vm.prank(south);
        credentials.accredit(RESIDENT, office, inAYear, false);

        _accredit(city, RESIDENT, north, inAYear, true);
        assertStanding(RESIDENT, alice, Standing.Current, "renewed");
    }

    /// @dev The whole attack: an issuer voids another's statement and puts its own in its place.
    function test_StatementUnderLapsedAccreditationIsNotErasedByAnotherIssuer() external {
        _accredit(north, RESIDENT, office, uint40(block.timestamp), false);
        _issue(office, RESIDENT, alice);
        vm.warp(block.timestamp + 1);
        vm.prank(south);
        try credentials.accredit(RESIDENT, office, uint40(block.timestamp), false) {} catch {}

        vm.expectRevert(
            abi.encodeWithSelector(ICredentials.CredentialsIssuedByAnother.selector, RESIDENT, alice, office)
        );
        vm.prank(rival);
        credentials.issue(RESIDENT, alice, inAYear, 0);
    }

    /// @dev The authority can rescue an issuer whose accreditor is gone, without voiding what it said.
    function test_AuthorityRenewsLapsedAccreditationOfAnother() external {
        _accredit(north, RESIDENT, office, uint40(block.timestamp), false);
        _issue(office, RESIDENT, alice);
        vm.warp(block.timestamp + 1);
        _accredit(city, RESIDENT, office, inAYear, false);
        assertStanding(RESIDENT, alice, Standing.Current, "rescued");
    }

    function test_WithdrawnAccreditationNeverRevivesCredentials() external {
        _issue(office, RESIDENT, alice);
        vm.prank(city);
        credentials.withdrawAccreditation(RESIDENT, north);
        assertStanding(RESIDENT, alice, Standing.IssuerWithdrawn, "above withdrawn");
        _accredit(city, RESIDENT, north, inAYear, true);
        assertStanding(RESIDENT, alice, Standing.IssuerWithdrawn, "above anew");
        _accredit(north, RESIDENT, office, inAYear, false);
        assertStanding(RESIDENT, alice, Standing.IssuerWithdrawn, "issuer anew");
        _accredit(city, RESIDENT, office, inAYear, false);
        assertStanding(RESIDENT, alice, Standing.IssuerWithdrawn, "issuer taken over");
        _issue(office, RESIDENT, alice);
        assertStanding(RESIDENT, alice, Standing.Current, "issued again");
        assertEq(credentials.credentialOf(RESIDENT, alice).index, 1, "number");
    }

    function test_RightToAccreditTakenAndGivenBackSuspendsOnly() external {
        _issue(office, RESIDENT, alice);
        _accredit(city, RESIDENT, north, inAYear, false);
        assertStanding(RESIDENT, alice, Standing.IssuerLapsed, "taken");
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsMayNotAccredit.selector, RESIDENT, north));
        vm.prank(north);
        credentials.accredit(RESIDENT, office, inAYear, true);
        _accredit(city, RESIDENT, north, inAYear, true);
        assertStanding(RESIDENT, alice, Standing.Current, "given back");
    }

    function test_NoRingsNoSelfAccreditation() external {
        _accredit(north, RESIDENT, office, inAYear, true);
        address[2] memory targets = [north, office];
        for (uint256 i = 0; i < targets.length; ++i) {
            address holder = targets[i] == north ? city : north;
            vm.expectRevert(
                abi.encodeWithSelector(
                    ICredentials.CredentialsAccreditedByAnother.selector,
                    RESIDENT,
                    targets[i],
                    holder
                )
            );
            vm.prank(office);
            credentials.accredit(RESIDENT, targets[i], inAYear, true);
        }
    }

    /// @dev An authority that was accredited under itself becomes nothing but that when another takes its place.
    function test_FormerAuthorityKeepsOnlyItsOwnPlaceInTheChain() external {
        _accredit(north, RESIDENT, city, inAYear, true);
        (address mayor, ) = actor("mayor");
        _speakForSelf(mayor);
        credentials.changeTypeAuthority(RESIDENT, mayor);
        vm.expectRevert(
            abi.encodeWithSelector(ICredentials.CredentialsAccreditedByAnother.selector, RESIDENT, north, mayor)
        );
        vm.prank(city);
        credentials.withdrawAccreditation(RESIDENT, north);
        _accredit(city, RESIDENT, bob, inAYear, false);
        assertEq(credentials.accreditationOf(RESIDENT, bob).depth, 3, "below north and itself");
        vm.prank(mayor);
        credentials.withdrawAccreditation(RESIDENT, north);
        assertEq(
            uint256(credentials.accreditationStanding(RESIDENT, bob)),
            uint256(Standing.IssuerWithdrawn),
            "whole branch"
        );
    }

    // --- overwriting

    function test_SuspendedStatementIsNotOverwrittenByAnother() external {
        _issue(office, RESIDENT, alice);
        vm.prank(office);
        credentials.suspend(RESIDENT, alice);
        vm.expectRevert(
            abi.encodeWithSelector(ICredentials.CredentialsIssuedByAnother.selector, RESIDENT, alice, office)
        );
        vm.prank(rival);
        credentials.issue(RESIDENT, alice, inAYear, 0);
    }

    function test_OverwrittenStatementIsOutOfItsIssuersHands() external {
        _issue(office, RESIDENT, alice);
        vm.startPrank(office);
        credentials.revoke(RESIDENT, alice);
        vm.stopPrank();
        _issue(rival, RESIDENT, alice);
        assertEq(credentials.credentialOf(RESIDENT, alice).index, 1, "person counted once");
        bytes memory notTheirs = abi.encodeWithSelector(
            ICredentials.CredentialsIssuedByAnother.selector,
            RESIDENT,
            alice,
            rival
        );
        vm.startPrank(office);
        vm.expectRevert(notTheirs);
        credentials.revoke(RESIDENT, alice);
        vm.expectRevert(notTheirs);
        credentials.issue(RESIDENT, alice, inAYear, 0);
        vm.expectRevert(notTheirs);
        credentials.replaceSubject(RESIDENT, alice, bob, inAYear, 0);
        vm.stopPrank();
    }

    // --- numbers

    /// @dev Two identities never carry one number, whoever replaces, revokes and issues in between.
    function testFuzz_NumbersAreDistinct(uint256 seed) external {
        address[4] memory people = [alice, bob, relayer, address(0xbeef)];
        for (uint256 step = 0; step < 24; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            address who = seed & 1 == 0 ? office : rival;
            address subject = people[(seed >> 8) & 3];
            address other = people[(seed >> 16) & 3];
            uint256 act = (seed >> 24) % 4;
            vm.prank(who);
            if (act < 2) try credentials.issue(RESIDENT, subject, inAYear, 0) {} catch {}
            else if (act == 2) try credentials.revoke(RESIDENT, subject) {} catch {}
            else try credentials.replaceSubject(RESIDENT, subject, other, inAYear, 0) {} catch {}
            uint32 count = credentials.typeOf(RESIDENT).subjectCount;
            for (uint256 i = 0; i < people.length; ++i) {
                uint32 index = credentials.credentialOf(RESIDENT, people[i]).index;
                assertLe(index, count, "number given");
                if (credentials.holds(RESIDENT, people[i])) assertTrue(index != 0, "current without number");
                for (uint256 j = i + 1; j < people.length && index != 0; ++j) {
                    assertTrue(index != credentials.credentialOf(RESIDENT, people[j]).index, "number twice");
                }
            }
        }
    }

    function test_BatchThatNamesOnePersonTwiceCountsThemOnce() external {
        Grant[] memory grants = new Grant[](2);
        grants[0] = Grant({subject: alice, until: inAYear, attributesRoot: SALT});
        grants[1] = Grant({subject: alice, until: inAYear, attributesRoot: 0});
        vm.prank(office);
        credentials.issueMany(RESIDENT, grants);
        assertEq(credentials.typeOf(RESIDENT).subjectCount, 1, "count");
        assertEq(credentials.credentialOf(RESIDENT, alice).attributesRoot, 0, "root of the last");
    }

    // --- issuing keys

    function test_KeyIsNotSquattedWithoutItsConsent() external {
        (address key, uint256 privateKey) = actor("key");
        KeyAppointment memory appointment = _appointment(alice, key, 1);
        Signature memory theirs = _sign(aliceKey, _hash(appointment));
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, key, _digest(_hash(appointment)))
        );
        vm.prank(alice);
        credentials.appointKey(appointment, _none(), theirs);
        // Consent to one organisation is none to another.
        Signature memory consent = _sign(privateKey, _hash(appointment));
        appointment.issuer = bob;
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, key, _digest(_hash(appointment)))
        );
        vm.prank(bob);
        credentials.appointKey(appointment, _none(), consent);
    }

    function test_DismissedKeyCannotActAndItsConsentServesOnce() external {
        (address key, uint256 privateKey) = actor("key");
        KeyAppointment memory appointment = _appointment(alice, key, 1);
        Signature memory owner = _sign(aliceKey, _hash(appointment));
        Signature memory consent = _sign(privateKey, _hash(appointment));
        vm.prank(relayer);
        credentials.appointKey(appointment, owner, consent);
        vm.prank(alice);
        credentials.dismissKey(alice);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsNoIssuingKey.selector, key, 0));
        vm.prank(key);
        credentials.revokeCards(0, 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, alice, 1));
        vm.prank(key);
        credentials.appointKey(appointment, owner, consent);
    }

    /// @dev A message that a key signed for one organisation must not become another's act when the key changes sides.
    function test_RevertWhen_KeySignedForItsFormerOrganisation() external {
        (address key, uint256 privateKey) = actor("key");
        _appointKey(office, key);
        Issuance memory issuance = Issuance({
            key: key,
            typeId: RESIDENT,
            subject: bob,
            until: inAYear,
            attributesRoot: 0,
            nonce: 9,
            deadline: uint48(block.timestamp + 30 days)
        });
        Signature memory signature = _sign(privateKey, _hash(issuance));
        vm.prank(office);
        credentials.dismissKey(office);
        _appointKey(rival, key);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, key, _digest(_hash(issuance))));
        vm.prank(relayer);
        credentials.issueBySig(issuance, signature);
        // Back with the first one, it is that one's again.
        vm.prank(rival);
        credentials.dismissKey(rival);
        _appointKey(office, key);
        vm.prank(relayer);
        credentials.issueBySig(issuance, signature);
        assertEq(credentials.credentialOf(RESIDENT, bob).issuer, office, "issuer");
    }

    function test_RevertWhen_KeyAccreditedForItsFormerOrganisation() external {
        (address key, uint256 privateKey) = actor("key");
        _appointKey(north, key);
        AccreditationGrant memory grant = AccreditationGrant({
            key: key,
            typeId: RESIDENT,
            issuer: bob,
            until: inAYear,
            mayAccredit: false,
            nonce: 9,
            deadline: uint48(block.timestamp + 30 days)
        });
        Signature memory signature = _sign(privateKey, _hash(grant));
        vm.prank(north);
        credentials.dismissKey(north);
        _appointKey(south, key);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, key, _digest(_hash(grant))));
        vm.prank(relayer);
        credentials.accreditBySig(grant, signature);
    }

    /// @dev An owner that moves from a plain key to a contract account of the same key: its old appointment of a key that
    /// it dismissed since must not serve a second time.
    function test_RevertWhen_AppointmentWasUsedByTheOwnersFormerAccount() external {
        (address key, uint256 privateKey) = actor("key");
        KeyAppointment memory appointment = _appointment(alice, key, 1);
        Signature memory owner = _sign(aliceKey, _hash(appointment));
        Signature memory consent = _sign(privateKey, _hash(appointment));
        vm.prank(relayer);
        credentials.appointKey(appointment, owner, consent);
        address account = address(new ContractAccount(alice));
        vm.startPrank(alice);
        credentials.dismissKey(alice);
        identities.changeOwner(alice, account);
        vm.stopPrank();
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, account, _digest(_hash(appointment)))
        );
        vm.prank(key);
        credentials.appointKey(appointment, owner, _none());
        assertEq(credentials.issuerOf(key), address(0), "dismissed key stays so");
    }

    function test_RetiredOrganisationCannotAppointAndAnybodyDismissesItsKey() external {
        _issue(office, RESIDENT, alice);
        vm.prank(office);
        identities.changeOwner(office, address(0));
        KeyAppointment memory appointment = _appointment(office, bob, 1);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsNotTheirKey.selector, office, bob));
        vm.prank(bob);
        credentials.appointKey(appointment, _none(), _none());
        vm.prank(relayer);
        credentials.dismissKey(office);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsNoIssuingKey.selector, office, 0));
        vm.prank(office);
        credentials.revoke(RESIDENT, alice);
        _issue(rival, RESIDENT, alice);
    }

    // --- status lists

    function test_PositionBeyondTheListsIsNotAnotherIssuersWord() external {
        vm.prank(office);
        credentials.revokeCards(7, 1);
        uint256 alias_ = (uint256(uint160(office)) << 96) | 7;
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsBadPosition.selector, alias_, type(uint96).max));
        credentials.cardsOf(address(0), alias_);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsBadPosition.selector, alias_, type(uint96).max));
        vm.prank(rival);
        credentials.revokeCards(alias_, 1);
    }

    // --- presentations

    function test_StaleRootProvesNothing() external {
        bytes32 leaf = credentials.attributeLeaf(alice, OVER_18, SALT);
        bytes32[] memory proof = new bytes32[](0);
        vm.prank(office);
        credentials.issue(RESIDENT, alice, inAYear, leaf);
        assertTrue(credentials.proveAttribute(RESIDENT, alice, OVER_18, SALT, proof), "tree of one leaf");
        _issue(office, RESIDENT, alice);
        assertFalse(credentials.proveAttribute(RESIDENT, alice, OVER_18, SALT, proof), "issued without a root");
        vm.prank(office);
        credentials.revoke(RESIDENT, alice);
        _issue(rival, RESIDENT, alice);
        assertFalse(credentials.proveAttribute(RESIDENT, alice, OVER_18, SALT, proof), "issued by another");
        assertTrue(credentials.holds(RESIDENT, alice), "held");
    }

    /// @dev An inner node is the hash of 64 bytes, a leaf that of 32: no choice of attributes makes one the other.
    function testFuzz_InnerNodeIsNoLeaf(bytes32 predicate, bytes32 salt) external {
        bytes32 left = credentials.attributeLeaf(alice, OVER_18, SALT);
        bytes32 right = credentials.attributeLeaf(alice, "resident-4", SALT);
        bytes32 root = left < right ? keccak256(abi.encode(left, right)) : keccak256(abi.encode(right, left));
        vm.prank(office);
        credentials.issue(RESIDENT, alice, inAYear, root);
        assertFalse(credentials.proveAttribute(RESIDENT, alice, predicate, salt, new bytes32[](0)), "root as leaf");
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = right;
        assertTrue(credentials.proveAttribute(RESIDENT, alice, OVER_18, SALT, proof), "true leaf");
        assertFalse(credentials.proveAttribute(RESIDENT, bob, OVER_18, SALT, proof), "another's leaf");
    }

    function test_PresentationServesItsVerifierOnceAndNotAfterRotation() external {
        bytes32 leaf = credentials.attributeLeaf(alice, OVER_18, SALT);
        vm.prank(office);
        credentials.issue(RESIDENT, alice, inAYear, leaf);
        Presentation memory first = _presentation(1);
        Presentation memory second = _presentation(2);
        Signature memory firstSignature = _sign(aliceKey, _hash(first));
        Signature memory secondSignature = _sign(aliceKey, _hash(second));
        bytes32[] memory proof = new bytes32[](0);

        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsNotVerifier.selector, relayer, bob));
        vm.prank(bob);
        credentials.present(first, SALT, proof, firstSignature);
        vm.startPrank(relayer);
        credentials.present(first, SALT, proof, firstSignature);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, alice, 1));
        credentials.present(first, SALT, proof, firstSignature);
        vm.stopPrank();
        vm.prank(alice);
        identities.changeOwner(alice, bob);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, bob, _digest(_hash(second))));
        vm.prank(relayer);
        credentials.present(second, SALT, proof, secondSignature);
    }

    // --- helpers

    function assertStanding(bytes32 typeId, address subject, Standing standing, string memory reason) private view {
        assertEq(uint256(credentials.check(typeId, subject)), uint256(standing), reason);
    }

    function _speakForSelf(address body) private {
        KeyAppointment memory appointment = _appointment(body, body, 0);
        vm.prank(body);
        credentials.appointKey(appointment, _none(), _none());
    }

    function _appointKey(address issuer, address key) private {
        (, uint256 privateKey) = actor("key");
        KeyAppointment memory appointment = _appointment(issuer, key, ++_appointments);
        Signature memory consent = _sign(privateKey, _hash(appointment));
        vm.prank(issuer);
        credentials.appointKey(appointment, _none(), consent);
    }

    function _accredit(address accreditor, bytes32 typeId, address issuer, uint40 until, bool mayAccredit) private {
        vm.prank(accreditor);
        credentials.accredit(typeId, issuer, until, mayAccredit);
    }

    function _issue(address issuer, bytes32 typeId, address subject) private {
        vm.prank(issuer);
        credentials.issue(typeId, subject, inAYear, 0);
    }

    function _appointment(
        address issuer,
        address key,
        uint256 nonce
    ) private view returns (KeyAppointment memory appointment) {
        return
            KeyAppointment({
                issuer: issuer,
                key: key,
                until: inAYear,
                nonce: nonce,
                deadline: uint48(block.timestamp + 30 days)
            });
    }

    function _presentation(uint256 nonce) private view returns (Presentation memory presentation) {
        return
            Presentation({
                typeId: RESIDENT,
                subject: alice,
                verifier: relayer,
                purpose: "bar",
                predicate: OVER_18,
                nonce: nonce,
                deadline: uint48(block.timestamp + 1 hours)
            });
    }

    function _hash(KeyAppointment memory message) private view returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "KeyAppointment(address issuer,address key,uint40 until,uint256 nonce,uint48 deadline,address owner)"
                    ),
                    message,
                    identities.identityOwner(message.issuer)
                )
            );
    }

    function _hash(Presentation memory message) private view returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "Presentation(bytes32 typeId,address subject,address verifier,bytes32 purpose,bytes32 predicate,uint256 nonce,uint48 deadline,address owner)"
                    ),
                    message,
                    identities.identityOwner(message.subject)
                )
            );
    }

    function _hash(Issuance memory message) private view returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "Issuance(address key,bytes32 typeId,address subject,uint40 until,bytes32 attributesRoot,uint256 nonce,uint48 deadline,address issuer)"
                    ),
                    message,
                    credentials.issuerOf(message.key)
                )
            );
    }

    function _hash(AccreditationGrant memory message) private view returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "AccreditationGrant(address key,bytes32 typeId,address issuer,uint40 until,bool mayAccredit,uint256 nonce,uint48 deadline,address accreditor)"
                    ),
                    message,
                    credentials.issuerOf(message.key)
                )
            );
    }

    function _digest(bytes32 structHash) private view returns (bytes32 digest) {
        bytes32 domain = domainOf("Civitas Credentials", address(credentials));
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _sign(uint256 privateKey, bytes32 structHash) private view returns (Signature memory signature) {
        return signTyped(privateKey, domainOf("Civitas Credentials", address(credentials)), structHash);
    }

    function _none() private pure returns (Signature memory signature) {
        return signature;
    }
}
