// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {ICredentials, Presentation, Standing} from "../../../contracts/identity/ICredentials.sol";
import {ContractAccount} from "../../../contracts/mocks/ContractAccount.sol";
import {CredentialsCity} from "./CredentialsFixture.sol";

contract CredentialsPresentationTest is CredentialsCity {
    bytes32 private constant ADULT = "over-18";
    bytes32 private constant DISTRICT = "district-4";
    bytes32 private constant ADULT_SALT = keccak256("salt of over-18");
    bytes32 private constant DISTRICT_SALT = keccak256("salt of district-4");
    bytes32 private constant PURPOSE = "library card";
    uint256 private constant PROOF_LENGTH = 16;

    address private verifier;
    uint256 private aliceNumber;
    bytes32 private adultLeaf;
    bytes32 private districtLeaf;

    function setUp() external {
        buildCity();
        accreditAll();
        (verifier, ) = actor("verifier");
        (, aliceNumber) = actor("alice");
        adultLeaf = registry.attributeLeaf(alice, ADULT, ADULT_SALT);
        districtLeaf = registry.attributeLeaf(alice, DISTRICT, DISTRICT_SALT);
        issue(labKey, BOUND, alice, LATER, _pair(adultLeaf, districtLeaf));
    }

    // attributeLeaf: hashed twice, over subject, predicate and salt

    function testFuzz_LeafIsHashedTwice(address subject, bytes32 predicate, bytes32 salt) external view {
        bytes32 once = keccak256(abi.encode(subject, predicate, salt));
        assertEq(registry.attributeLeaf(subject, predicate, salt), keccak256(abi.encode(once)), "leaf");
    }

    // proveAttribute
    // ├─ the credential is not current ........................ false
    // ├─ it has no attributes, or only those of the one before  false
    // ├─ another predicate, salt, subject or proof ............ false
    // └─ else ................................................. true

    function test_ProvesEachAttribute() external view {
        assertTrue(registry.proveAttribute(BOUND, alice, ADULT, ADULT_SALT, _one(districtLeaf)), "adult");
        assertTrue(registry.proveAttribute(BOUND, alice, DISTRICT, DISTRICT_SALT, _one(adultLeaf)), "district");
    }

    function test_DoesNotProveWhatWasNotStated() external {
        bytes32[] memory proof = _one(districtLeaf);
        assertFalse(registry.proveAttribute(BOUND, alice, "over-21", ADULT_SALT, proof), "predicate");
        assertFalse(registry.proveAttribute(BOUND, alice, ADULT, DISTRICT_SALT, proof), "salt");
        assertFalse(registry.proveAttribute(BOUND, alice, ADULT, ADULT_SALT, _one(adultLeaf)), "proof");
        assertFalse(registry.proveAttribute(BOUND, alice, ADULT, ADULT_SALT, new bytes32[](0)), "no proof");
        assertFalse(registry.proveAttribute(FREE, alice, ADULT, ADULT_SALT, proof), "type");
        issue(labKey, BOUND, bob, LATER, _pair(adultLeaf, districtLeaf));
        assertFalse(registry.proveAttribute(BOUND, bob, ADULT, ADULT_SALT, proof), "subject");
    }

    function test_DoesNotProveWithoutCurrentCredential() external {
        bytes32[] memory proof = _one(districtLeaf);
        suspend(labKey, BOUND, alice);
        assertFalse(registry.proveAttribute(BOUND, alice, ADULT, ADULT_SALT, proof), "suspended");
        vm.prank(labKey);
        registry.restore(BOUND, alice);
        assertTrue(registry.proveAttribute(BOUND, alice, ADULT, ADULT_SALT, proof), "restored");
        withdraw(officeKey, BOUND, lab);
        assertFalse(registry.proveAttribute(BOUND, alice, ADULT, ADULT_SALT, proof), "issuer withdrawn");
    }

    /// @dev The root of the credential before is still stored, but counts no more.
    function test_DoesNotProveAttributesOfTheOneBefore() external {
        issue(labKey, BOUND, alice);
        assertFalse(registry.proveAttribute(BOUND, alice, ADULT, ADULT_SALT, _one(districtLeaf)), "no attributes");
        assertFalse(registry.proveAttribute(BOUND, alice, ADULT, ADULT_SALT, new bytes32[](0)), "root zero");
    }

    /// @dev A root may cover many people; each proves only for herself.
    function testFuzz_ProvesUnderDeepRoot(bytes32[PROOF_LENGTH] memory nodes, address subject) external {
        if (subject == address(0)) subject = bob;
        bytes32 leaf = registry.attributeLeaf(subject, ADULT, ADULT_SALT);
        bytes32 root = leaf;
        bytes32[] memory proof = new bytes32[](PROOF_LENGTH);
        for (uint256 i = 0; i < PROOF_LENGTH; ++i) {
            proof[i] = nodes[i];
            root = _pair(root, nodes[i]);
        }
        issue(labKey, FREE, subject, LATER, root);
        assertTrue(registry.proveAttribute(FREE, subject, ADULT, ADULT_SALT, proof), "proof");
        proof[7] = ~proof[7];
        assertFalse(registry.proveAttribute(FREE, subject, ADULT, ADULT_SALT, proof), "spoilt proof");
    }

    // present
    // ├─ the caller is not the verifier named ................. CredentialsNotVerifier
    // ├─ the credential is not current ........................ CredentialsNotHeld with check's reason
    // ├─ the subject's identity is retired .................... CredentialsNotHeld, SubjectRetired
    // ├─ the attribute does not stand in it ................... CredentialsNotStated
    // ├─ late ................................................. SignedExpired
    // ├─ a second time, or voided ............................. SignedNonceUsed
    // ├─ signed for another purpose, predicate or verifier .... SignedInvalidSignature
    // ├─ signed on another chain .............................. SignedInvalidSignature
    // ├─ signed by a former owner ............................. SignedInvalidSignature
    // └─ else ................................................. nonce used, AttributePresented

    function test_Presents() external {
        Presentation memory presentation = _presentation();
        Signature memory signature = signHash(hashOf(presentation), aliceNumber);
        vm.expectEmit(address(registry));
        emit ICredentials.AttributePresented(BOUND, alice, verifier, PURPOSE, ADULT);
        _present(presentation, signature);
        assertTrue(registry.isNonceUsed(alice, presentation.nonce), "nonce");
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, alice, presentation.nonce));
        _present(presentation, signature);
    }

    function test_RevertWhen_AnotherUsesPresentation() external {
        Presentation memory presentation = _presentation();
        Signature memory signature = signHash(hashOf(presentation), aliceNumber);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsNotVerifier.selector, verifier, stranger));
        vm.prank(stranger);
        registry.present(presentation, ADULT_SALT, _one(districtLeaf), signature);
        presentation.verifier = stranger;
        _expectInvalid(alice, presentation);
        vm.prank(stranger);
        registry.present(presentation, ADULT_SALT, _one(districtLeaf), signature);
    }

    function test_RevertWhen_UsedForAnotherPurpose() external {
        Presentation memory presentation = _presentation();
        Signature memory signature = signHash(hashOf(presentation), aliceNumber);
        presentation.purpose = "loan";
        _expectInvalid(alice, presentation);
        _present(presentation, signature);
    }

    function test_RevertWhen_UsedForAnotherPredicate() external {
        Presentation memory presentation = _presentation();
        Signature memory signature = signHash(hashOf(presentation), aliceNumber);
        presentation.predicate = DISTRICT;
        _expectInvalid(alice, presentation);
        vm.prank(verifier);
        registry.present(presentation, DISTRICT_SALT, _one(adultLeaf), signature);
    }

    function test_RevertWhen_UsedForAnotherTypeOrNonce() external {
        issue(labKey, FREE, alice, LATER, _pair(adultLeaf, districtLeaf));
        Presentation memory presentation = _presentation();
        Signature memory signature = signHash(hashOf(presentation), aliceNumber);
        presentation.typeId = FREE;
        _expectInvalid(alice, presentation);
        _present(presentation, signature);
        presentation.typeId = BOUND;
        ++presentation.nonce;
        _expectInvalid(alice, presentation);
        _present(presentation, signature);
    }

    function test_RevertWhen_UsedOnAnotherChain() external {
        Presentation memory presentation = _presentation();
        Signature memory signature = signHash(hashOf(presentation), aliceNumber);
        vm.chainId(block.chainid + 1);
        _expectInvalid(alice, presentation);
        _present(presentation, signature);
    }

    function test_RevertWhen_PresentationLate() external {
        Presentation memory presentation = _presentation();
        Signature memory signature = signHash(hashOf(presentation), aliceNumber);
        vm.warp(presentation.deadline + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedExpired.selector, presentation.deadline, presentation.deadline + 1)
        );
        _present(presentation, signature);
    }

    function test_RevertWhen_PresentationVoided() external {
        Presentation memory presentation = _presentation();
        Signature memory signature = signHash(hashOf(presentation), aliceNumber);
        vm.prank(alice);
        registry.voidNonces(presentation.nonce >> 8, 1 << (presentation.nonce & 0xff));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, alice, presentation.nonce));
        _present(presentation, signature);
    }

    function test_RevertWhen_FormerOwnerSigned() external {
        Presentation memory presentation = _presentation();
        Signature memory signature = signHash(hashOf(presentation), aliceNumber);
        (address owner, uint256 ownerNumber) = actor("second wallet");
        vm.prank(alice);
        ids.changeOwner(alice, owner);
        _expectInvalid(owner, presentation);
        _present(presentation, signature);
        _present(presentation, signHash(hashOf(presentation), ownerNumber));
        assertTrue(registry.isNonceUsed(owner, presentation.nonce), "nonce of the new owner");
    }

    /// @dev A presentation that was used serves no more when the identity comes back to the same owner.
    function test_RevertWhen_ReplayedAfterOwnerCameBack() external {
        Presentation memory presentation = _presentation();
        Signature memory signature = signHash(hashOf(presentation), aliceNumber);
        _present(presentation, signature);
        vm.prank(alice);
        ids.changeOwner(alice, bob);
        vm.prank(bob);
        ids.changeOwner(alice, alice);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, alice, presentation.nonce));
        _present(presentation, signature);
    }

    function test_RevertWhen_SubjectRetired() external {
        retire(alice);
        _expectNotHeld(Standing.SubjectRetired);
    }

    function test_RevertWhen_NotHeld() external {
        Presentation memory presentation = _presentation();
        presentation.typeId = UNKNOWN;
        vm.expectRevert(
            abi.encodeWithSelector(ICredentials.CredentialsNotHeld.selector, UNKNOWN, alice, Standing.UnknownType)
        );
        _present(presentation, none());
        suspend(labKey, BOUND, alice);
        _expectNotHeld(Standing.Suspended);
        withdraw(officeKey, BOUND, lab);
        _expectNotHeld(Standing.Suspended);
        vm.prank(labKey);
        registry.restore(BOUND, alice);
        _expectNotHeld(Standing.IssuerWithdrawn);
        retire(alice);
        _expectNotHeld(Standing.IssuerWithdrawn);
        vm.warp(LATER + 1);
        _expectNotHeld(Standing.Expired);
        revoke(labKey, BOUND, alice);
        _expectNotHeld(Standing.Revoked);
    }

    function test_RevertWhen_NotStated() external {
        Presentation memory presentation = _presentation();
        presentation.predicate = "over-21";
        Signature memory signature = signHash(hashOf(presentation), aliceNumber);
        vm.expectRevert(
            abi.encodeWithSelector(ICredentials.CredentialsNotStated.selector, BOUND, alice, presentation.predicate)
        );
        _present(presentation, signature);
    }

    /// @dev The owner of the subject may be a contract account.
    function test_ContractAccountPresents() external {
        ContractAccount account = new ContractAccount(bob);
        vm.prank(alice);
        ids.changeOwner(alice, address(account));
        (, uint256 bobNumber) = actor("bob");
        Presentation memory presentation = _presentation();
        vm.expectEmit(address(registry));
        emit ICredentials.AttributePresented(BOUND, alice, verifier, PURPOSE, ADULT);
        _present(presentation, signHash(hashOf(presentation), bobNumber));
    }

    function _presentation() private returns (Presentation memory) {
        return
            Presentation({
                typeId: BOUND,
                subject: alice,
                verifier: verifier,
                purpose: PURPOSE,
                predicate: ADULT,
                nonce: ++nonces,
                deadline: deadline()
            });
    }

    function _present(Presentation memory presentation, Signature memory signature) private {
        bytes32[] memory proof = _one(districtLeaf);
        vm.prank(verifier);
        registry.present(presentation, ADULT_SALT, proof, signature);
    }

    function _expectInvalid(address owner, Presentation memory presentation) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, owner, digestOf(hashOf(presentation)))
        );
    }

    function _expectNotHeld(Standing standing) private {
        Presentation memory presentation = _presentation();
        Signature memory signature = signHash(hashOf(presentation), aliceNumber);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsNotHeld.selector, BOUND, alice, standing));
        _present(presentation, signature);
    }

    function _one(bytes32 node) private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = node;
    }

    function _pair(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return left < right ? keccak256(abi.encode(left, right)) : keccak256(abi.encode(right, left));
    }
}
