// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {IERC1056} from "../../../contracts/identity/IERC1056.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {
    AttributeChange,
    AttributeRevocation,
    DelegateGrant,
    DelegateRevocation,
    GuardianChange,
    OwnerChange,
    RecoveryVeto
} from "../../../contracts/identity/IIdentities.sol";
import {IdentitiesFixture} from "./IdentitiesFixture.sol";

/// @notice The acts of an owner by EIP-712 messages that anybody relays.
contract IdentitiesBySigTest is IdentitiesFixture {
    /// @dev The acts in the order in which the contract has them.
    enum Act {
        ChangeOwner,
        AddDelegate,
        RevokeDelegate,
        SetAttribute,
        RevokeAttribute,
        SetGuardians,
        VetoRecovery
    }

    /// @dev What every message has. The rest is the same for all tests.
    struct Message {
        address identity;
        uint256 nonce;
        uint48 deadline;
    }

    uint256 private constant ACTS = 7;
    uint256 private constant VALIDITY = 1 days;
    uint256 private constant P256_KIND = 2;

    function setUp() external {
        buildIdentities();
    }

    // changeOwnerBySig, addDelegateBySig, revokeDelegateBySig, setAttributeBySig, revokeAttributeBySig,
    // setGuardiansBySig, vetoRecoveryBySig
    // ├─ the identity is retired ................... IdentitiesRetired
    // ├─ the deadline has passed ................... SignedExpired
    // ├─ the nonce is used or void ................. SignedNonceUsed
    // ├─ of another, or of a former owner .......... SignedInvalidSignature
    // ├─ for another chain or contract ............. SignedInvalidSignature
    // ├─ for another identity, act or field ........ SignedInvalidSignature
    // ├─ the end lies beyond 2^256 ................. panic
    // └─ the owner's: plain, ERC-1271 or ERC-7913 .. acts

    function test_OwnerIsChangedByMessage() external {
        bytes memory call = _call(Act.ChangeOwner, _message(alice, 5), aliceKey);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDOwnerChanged(alice, bob, 0);
        relay(call);
        assertEq(identities.identityOwner(alice), bob, "owner");
        assertEq(identities.ownerVersion(alice), 1, "version");
        assertTrue(identities.isNonceUsed(alice, 5), "nonce");
        assertEq(identities.nonce(alice), numberOf(0), "the numbers of the reference's form are others");
    }

    function test_DelegateIsAddedAndRevokedByMessage() external {
        bytes memory call = _call(Act.AddDelegate, _message(alice, 5), aliceKey);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDDelegateChanged(alice, VERI_KEY, bob, EPOCH + VALIDITY, 0);
        relay(call);
        assertTrue(identities.validDelegate(alice, VERI_KEY, bob), "added");

        call = _call(Act.RevokeDelegate, _message(alice, 3), aliceKey);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDDelegateChanged(alice, VERI_KEY, bob, EPOCH, START_BLOCK);
        relay(call);
        assertFalse(identities.validDelegate(alice, VERI_KEY, bob), "revoked");
    }

    function test_AttributeIsSetAndRevokedByMessage() external {
        bytes memory call = _call(Act.SetAttribute, _message(alice, 5), aliceKey);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDAttributeChanged(alice, NAME, VALUE, EPOCH + VALIDITY, 0);
        relay(call);

        call = _call(Act.RevokeAttribute, _message(alice, 3), aliceKey);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDAttributeChanged(alice, NAME, VALUE, 0, START_BLOCK);
        relay(call);
    }

    function test_EveryActByEveryKindOfOwner() external {
        address[3] memory owners = [alice, address(account), p256Account()];
        for (uint256 kind = 0; kind < owners.length; ++kind) {
            for (uint256 i = ACTS; i > 0; --i) {
                // Every act on an identity of its own.
                address identity = vm.addr(100 + kind * ACTS + i);
                _give(identity, owners[kind]);
                Act act = Act(i - 1);
                if (act == Act.VetoRecovery) _startRecovery(identity);
                Message memory message = _message(identity, 1_000 + i);
                bytes32 structHash = _hash(act, message);
                Signature memory signature = kind == P256_KIND ? p256Sign(structHash) : signHash(aliceKey, structHash);
                relay(_callWith(act, message, signature));
                assertTrue(identities.isNonceUsed(owners[kind], message.nonce), "the owner's nonce");
            }
        }
    }

    /// @dev A key without an account takes its own identity into use by the signed path alone.
    function test_KeyWithoutAccountOwnsItsOwnIdentity() external {
        address identity = p256Account();
        Message memory message = _message(identity, 0);
        relay(_callWith(Act.SetAttribute, message, p256Sign(_hash(Act.SetAttribute, message))));
        assertEq(identities.changed(identity), START_BLOCK, "changed");
        message = _message(identity, 1);
        relay(_callWith(Act.ChangeOwner, message, p256Sign(_hash(Act.ChangeOwner, message))));
        assertEq(identities.identityOwner(identity), bob, "owner");
    }

    function test_RevertWhen_ContractAccountRefuses() external {
        _give(alice, address(account));
        Message memory message = _message(alice, 0);
        bytes32 structHash = _hash(Act.ChangeOwner, message);
        assertRefused(
            _callWith(Act.ChangeOwner, message, signHash(bobKey, structHash)),
            invalid(address(account), structHash),
            "not its owner"
        );
        vm.prank(alice);
        account.freeze();
        assertRefused(
            _callWith(Act.ChangeOwner, message, signHash(aliceKey, structHash)),
            invalid(address(account), structHash),
            "frozen"
        );
    }

    function test_RevertWhen_UsedTwice() external {
        // All but the veto; from the last to the first, as the first gives the identity away.
        for (uint256 i = ACTS - 1; i > 0; --i) {
            Act act = Act(i - 1);
            bytes memory call = _call(act, _message(alice, i), aliceKey);
            relay(call);
            if (act == Act.ChangeOwner) _give(alice, alice);
            assertRefused(call, nonceUsed(alice, i), "the second time");
        }
    }

    function test_RevertWhen_VetoIsUsedTwice() external {
        _prepareVeto();
        bytes memory call = _call(Act.VetoRecovery, _message(alice, 0), aliceKey);
        relay(call);
        assertRefused(call, noRecovery(alice, 0), "nothing is under way");
        startRecovery(alice, carol);
        assertRefused(call, noRecovery(alice, 0), "the next recovery has another number");
    }

    function test_RevertWhen_NonceIsUsedByAnotherAct() external {
        _prepareVeto();
        relay(_call(Act.SetAttribute, _message(alice, 9), aliceKey));
        for (uint256 i = 0; i < ACTS; ++i) {
            assertRefused(_call(Act(i), _message(alice, 9), aliceKey), nonceUsed(alice, 9), "one nonce, one act");
        }
    }

    function test_RevertWhen_NonceIsVoid() external {
        _prepareVeto();
        vm.prank(alice);
        identities.voidNonces(0, 1 << 9);
        for (uint256 i = 0; i < ACTS; ++i) {
            assertRefused(_call(Act(i), _message(alice, 9), aliceKey), nonceUsed(alice, 9), "void");
        }
    }

    function test_RevertWhen_DeadlinePassed() external {
        _prepareVeto();
        Message memory message = _message(alice, 9);
        for (uint256 i = 0; i < ACTS; ++i) {
            bytes memory call = _call(Act(i), message, aliceKey);
            vm.warp(uint256(message.deadline) + 1);
            assertRefused(call, expired(message.deadline), "late");
            vm.warp(EPOCH);
        }
        vm.warp(message.deadline);
        relay(_call(Act.SetAttribute, message, aliceKey));
    }

    function test_RevertWhen_SignedByAnother() external {
        _prepareVeto();
        for (uint256 i = 0; i < ACTS; ++i) {
            Message memory message = _message(alice, 9);
            bytes memory fault = invalid(alice, _hash(Act(i), message));
            assertRefused(_call(Act(i), message, bobKey), fault, "a stranger's");
            assertRefused(_callWith(Act(i), message, none()), fault, "none");
        }
    }

    function test_RevertWhen_SignedByTheFormerOwner() external {
        _give(alice, bob);
        _prepareVeto();
        for (uint256 i = 0; i < ACTS; ++i) {
            Message memory message = _message(alice, 9);
            bytes memory fault = invalid(bob, _hash(Act(i), message));
            assertRefused(_call(Act(i), message, aliceKey), fault, "the seller's");
        }
    }

    function test_RevertWhen_SignedForAnotherChain() external {
        _prepareVeto();
        uint256 chain = block.chainid;
        for (uint256 i = 0; i < ACTS; ++i) {
            Message memory message = _message(alice, 9);
            vm.chainId(chain + 1);
            bytes memory call = _call(Act(i), message, aliceKey);
            vm.chainId(chain);
            assertRefused(call, invalid(alice, _hash(Act(i), message)), "another chain");
        }
    }

    function test_RevertWhen_SignedForAnotherContract() external {
        _prepareVeto();
        Identities here = identities;
        for (uint256 i = 0; i < ACTS; ++i) {
            Message memory message = _message(alice, 9);
            identities = new Identities();
            Signature memory signature = signHash(aliceKey, _hash(Act(i), message));
            identities = here;
            bytes memory fault = invalid(alice, _hash(Act(i), message));
            assertRefused(_callWith(Act(i), message, signature), fault, "another contract");
        }
    }

    function test_RevertWhen_SignedForAnotherIdentity() external {
        _give(bob, alice);
        _prepareVeto();
        nameGuardians(bob);
        startRecovery(bob, carol);
        for (uint256 i = 0; i < ACTS; ++i) {
            Signature memory signature = signHash(aliceKey, _hash(Act(i), _message(alice, 9)));
            Message memory message = _message(bob, 9);
            bytes memory fault = invalid(alice, _hash(Act(i), message));
            assertRefused(_callWith(Act(i), message, signature), fault, "another identity of the same owner");
        }
    }

    function test_RevertWhen_SignedForAnotherAct() external {
        _prepareVeto();
        Message memory message = _message(alice, 9);
        for (uint256 i = 0; i < ACTS; ++i) {
            Signature memory signature = signHash(aliceKey, _hash(Act(i), message));
            Act other = Act((i + 1) % ACTS);
            bytes memory fault = invalid(alice, _hash(other, message));
            assertRefused(_callWith(other, message, signature), fault, "another act");
        }
    }

    function test_RevertWhen_NonceOrDeadlineDiffers() external {
        _prepareVeto();
        for (uint256 i = 0; i < ACTS; ++i) {
            Signature memory signature = signHash(aliceKey, _hash(Act(i), _message(alice, 9)));
            Message memory message = _message(alice, 10);
            assertRefused(_callWith(Act(i), message, signature), invalid(alice, _hash(Act(i), message)), "nonce");
            message = _message(alice, 9);
            ++message.deadline;
            assertRefused(_callWith(Act(i), message, signature), invalid(alice, _hash(Act(i), message)), "deadline");
        }
    }

    function test_RevertWhen_NewOwnerDiffers() external {
        OwnerChange memory message = _ownerChange(_message(alice, 9));
        Signature memory signature = signHash(aliceKey, hashOf(message));
        message.newOwner = carol;
        bytes memory call = abi.encodeCall(identities.changeOwnerBySig, (message, signature));
        assertRefused(call, invalid(alice, hashOf(message)), "new owner");
    }

    function test_RevertWhen_AnyFieldOfADelegateDiffers() external {
        DelegateGrant memory grant = _grant(_message(alice, 9));
        Signature memory signature = signHash(aliceKey, hashOf(grant));
        grant.delegateType = "sigAuth";
        _assertRefused(grant, signature);
        grant = _grant(_message(alice, 9));
        grant.delegate = carol;
        _assertRefused(grant, signature);
        grant = _grant(_message(alice, 9));
        ++grant.validity;
        _assertRefused(grant, signature);

        DelegateRevocation memory revocation = _delegateRevocation(_message(alice, 9));
        signature = signHash(aliceKey, hashOf(revocation));
        revocation.delegateType = "sigAuth";
        _assertRefused(revocation, signature);
        revocation = _delegateRevocation(_message(alice, 9));
        revocation.delegate = carol;
        _assertRefused(revocation, signature);
    }

    function test_RevertWhen_AnyFieldOfAnAttributeDiffers() external {
        AttributeChange memory change = _attributeChange(_message(alice, 9));
        Signature memory signature = signHash(aliceKey, hashOf(change));
        change.name = "did/svc/Other";
        _assertRefused(change, signature);
        change = _attributeChange(_message(alice, 9));
        change.value = "https://elsewhere.example";
        _assertRefused(change, signature);
        change = _attributeChange(_message(alice, 9));
        ++change.validity;
        _assertRefused(change, signature);

        AttributeRevocation memory revocation = _attributeRevocation(_message(alice, 9));
        signature = signHash(aliceKey, hashOf(revocation));
        revocation.name = "did/svc/Other";
        _assertRefused(revocation, signature);
        revocation = _attributeRevocation(_message(alice, 9));
        revocation.value = "https://elsewhere.example";
        _assertRefused(revocation, signature);
    }

    function test_RevertWhen_AnyFieldOfAPlanDiffers() external {
        GuardianChange memory change = _guardianChange(_message(alice, 9));
        Signature memory signature = signHash(aliceKey, hashOf(change));
        change.plan.threshold = 1;
        _assertRefused(change, signature);
        change = _guardianChange(_message(alice, 9));
        change.plan.delay = 1 days;
        _assertRefused(change, signature);
        change = _guardianChange(_message(alice, 9));
        change.plan.guardians = new address[](2);
        (change.plan.guardians[0], change.plan.guardians[1]) = (guardians[1], guardians[2]);
        _assertRefused(change, signature);
    }

    function test_RevertWhen_Retired() external {
        _prepareVeto();
        bytes[] memory calls = new bytes[](ACTS);
        for (uint256 i = 0; i < ACTS; ++i) calls[i] = _call(Act(i), _message(alice, i), aliceKey);
        _give(alice, address(0));
        for (uint256 i = 0; i < ACTS; ++i) assertRefused(calls[i], retired(alice), "retired");
    }

    function test_RevertWhen_AnEndLiesBeyondTheCalendar() external {
        DelegateGrant memory grant = _grant(_message(alice, 9));
        grant.validity = type(uint256).max;
        bytes memory call = abi.encodeCall(identities.addDelegateBySig, (grant, signHash(aliceKey, hashOf(grant))));
        assertRefused(call, overflow(), "delegate");

        AttributeChange memory change = _attributeChange(_message(alice, 9));
        change.validity = type(uint256).max;
        call = abi.encodeCall(identities.setAttributeBySig, (change, signHash(aliceKey, hashOf(change))));
        assertRefused(call, overflow(), "attribute");
        assertFalse(identities.isNonceUsed(alice, 9), "no nonce was used");
    }

    // --- fuzz

    function testFuzz_AnyMessageServesOnceUntilItsDeadline(
        uint256 key,
        uint256 number,
        uint256 lifetime,
        uint256 elapsed,
        uint8 act
    ) external {
        key = bound(key, 1, SECP256K1_ORDER - 1);
        lifetime = bound(lifetime, 0, 30 days);
        elapsed = bound(elapsed, 0, 60 days);
        Act chosen = Act(act % ACTS);
        // A veto needs a recovery, and has tests of its own.
        if (chosen == Act.VetoRecovery) chosen = Act.SetAttribute;
        Message memory message = Message({identity: vm.addr(key), nonce: number, deadline: uint48(EPOCH + lifetime)});
        bytes memory call = _call(chosen, message, key);
        vm.warp(EPOCH + elapsed);
        if (elapsed > lifetime) {
            assertRefused(call, expired(message.deadline), "late");
        } else {
            relay(call);
            assertTrue(identities.isNonceUsed(message.identity, number), "used");
            assertFalse(_succeeds(call), "the second time");
        }
    }

    // --- what is signed and sent

    function _message(address identity, uint256 number) private pure returns (Message memory message) {
        return Message({identity: identity, nonce: number, deadline: uint48(EPOCH + 1 hours)});
    }

    function _call(Act act, Message memory message, uint256 key) private view returns (bytes memory call) {
        return _callWith(act, message, signHash(key, _hash(act, message)));
    }

    function _hash(Act act, Message memory message) private view returns (bytes32 structHash) {
        if (act == Act.ChangeOwner) return hashOf(_ownerChange(message));
        if (act == Act.AddDelegate) return hashOf(_grant(message));
        if (act == Act.RevokeDelegate) return hashOf(_delegateRevocation(message));
        if (act == Act.SetAttribute) return hashOf(_attributeChange(message));
        if (act == Act.RevokeAttribute) return hashOf(_attributeRevocation(message));
        if (act == Act.SetGuardians) return hashOf(_guardianChange(message));
        return hashOf(_veto(message));
    }

    function _callWith(
        Act act,
        Message memory message,
        Signature memory signature
    ) private view returns (bytes memory call) {
        if (act == Act.ChangeOwner) {
            return abi.encodeCall(identities.changeOwnerBySig, (_ownerChange(message), signature));
        }
        if (act == Act.AddDelegate) return abi.encodeCall(identities.addDelegateBySig, (_grant(message), signature));
        if (act == Act.RevokeDelegate) {
            return abi.encodeCall(identities.revokeDelegateBySig, (_delegateRevocation(message), signature));
        }
        if (act == Act.SetAttribute) {
            return abi.encodeCall(identities.setAttributeBySig, (_attributeChange(message), signature));
        }
        if (act == Act.RevokeAttribute) {
            return abi.encodeCall(identities.revokeAttributeBySig, (_attributeRevocation(message), signature));
        }
        if (act == Act.SetGuardians) {
            return abi.encodeCall(identities.setGuardiansBySig, (_guardianChange(message), signature));
        }
        return abi.encodeCall(identities.vetoRecoveryBySig, (_veto(message), signature));
    }

    function _ownerChange(Message memory message) private view returns (OwnerChange memory change) {
        return
            OwnerChange({identity: message.identity, newOwner: bob, nonce: message.nonce, deadline: message.deadline});
    }

    function _grant(Message memory message) private view returns (DelegateGrant memory grant) {
        return
            DelegateGrant({
                identity: message.identity,
                delegateType: VERI_KEY,
                delegate: bob,
                validity: VALIDITY,
                nonce: message.nonce,
                deadline: message.deadline
            });
    }

    function _delegateRevocation(Message memory message) private view returns (DelegateRevocation memory revocation) {
        return
            DelegateRevocation({
                identity: message.identity,
                delegateType: VERI_KEY,
                delegate: bob,
                nonce: message.nonce,
                deadline: message.deadline
            });
    }

    function _attributeChange(Message memory message) private pure returns (AttributeChange memory change) {
        return
            AttributeChange({
                identity: message.identity,
                name: NAME,
                value: VALUE,
                validity: VALIDITY,
                nonce: message.nonce,
                deadline: message.deadline
            });
    }

    function _attributeRevocation(Message memory message) private pure returns (AttributeRevocation memory revocation) {
        return
            AttributeRevocation({
                identity: message.identity,
                name: NAME,
                value: VALUE,
                nonce: message.nonce,
                deadline: message.deadline
            });
    }

    function _guardianChange(Message memory message) private view returns (GuardianChange memory change) {
        change.identity = message.identity;
        change.plan = planOfThree();
        // Another plan than the one that stands in the tests of a veto.
        change.plan.threshold = 3;
        change.nonce = message.nonce;
        change.deadline = message.deadline;
    }

    function _veto(Message memory message) private pure returns (RecoveryVeto memory veto) {
        return RecoveryVeto({identity: message.identity, round: 0, nonce: message.nonce, deadline: message.deadline});
    }

    function _give(address identity, address newOwner) private {
        vm.prank(identities.identityOwner(identity));
        identities.changeOwner(identity, newOwner);
    }

    function _startRecovery(address identity) private {
        nameGuardians(identity);
        startRecovery(identity, carol);
    }

    /// @dev A recovery of alice's identity, so that a veto has something to stop.
    function _prepareVeto() private {
        _startRecovery(alice);
    }

    function _succeeds(bytes memory call) private returns (bool success) {
        (success, ) = address(identities).call(call);
    }

    function _assertRefused(DelegateGrant memory message, Signature memory signature) private {
        bytes memory call = abi.encodeCall(identities.addDelegateBySig, (message, signature));
        assertRefused(call, invalid(alice, hashOf(message)), "grant");
    }

    function _assertRefused(DelegateRevocation memory message, Signature memory signature) private {
        bytes memory call = abi.encodeCall(identities.revokeDelegateBySig, (message, signature));
        assertRefused(call, invalid(alice, hashOf(message)), "revocation of a delegate");
    }

    function _assertRefused(AttributeChange memory message, Signature memory signature) private {
        bytes memory call = abi.encodeCall(identities.setAttributeBySig, (message, signature));
        assertRefused(call, invalid(alice, hashOf(message)), "attribute");
    }

    function _assertRefused(AttributeRevocation memory message, Signature memory signature) private {
        bytes memory call = abi.encodeCall(identities.revokeAttributeBySig, (message, signature));
        assertRefused(call, invalid(alice, hashOf(message)), "revocation of an attribute");
    }

    function _assertRefused(GuardianChange memory message, Signature memory signature) private {
        bytes memory call = abi.encodeCall(identities.setGuardiansBySig, (message, signature));
        assertRefused(call, invalid(alice, hashOf(message)), "plan");
    }
}
