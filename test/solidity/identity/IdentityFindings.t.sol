// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {ICredentialRegistry} from "../../../contracts/identity/ICredentialRegistry.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {
    Commissioning,
    DelegateGrant,
    GuardianPlan,
    IIdentities,
    OwnerChange,
    RecoveryApproval,
    SignedApproval
} from "../../../contracts/identity/IIdentities.sol";
import {IdentitiesFixture} from "./IdentitiesFixture.sol";

/// @notice Registry that writes for an identity it owns while it is asked about a device.
contract WritingRegistry {
    Identities private immutable _identities;

    constructor(Identities identities_) {
        _identities = identities_;
    }

    function holds(bytes32, address) external returns (bool held) {
        _identities.changeOwner(address(this), address(0));
        return true;
    }
}

/// @notice Attacks on identities: a signature that could serve as another act, for another owner, or once more.
contract IdentityFindingsTest is IdentitiesFixture {
    struct SignedParts {
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    function setUp() external {
        buildIdentities();
    }

    /// @dev The reference's digests are packed, with a value of any length before a fixed field. The method's name comes
    /// first and none begins with another, so bytes moved between fields never make one act another.
    function testFuzz_PackedAttributeIsNoOtherAct(bytes32 name, bytes calldata value, uint256 validity) external {
        SignedParts memory parts = _signAct(abi.encodePacked("setAttribute", name, value, validity));
        bytes memory longer = abi.encodePacked(value, validity);
        _assertNotAlice(_revokeAttribute(parts, name, longer), "set as revoked");
        // The end of the value taken for the validity, with the value that much shorter.
        if (value.length >= 32) {
            uint256 moved = uint256(bytes32(value[value.length - 32:]));
            _assertNotAlice(_setAttribute(parts, name, value[:value.length - 32], moved), "value cut");
        }
        parts = _signAct(abi.encodePacked("revokeAttribute", name, longer));
        _assertNotAlice(_setAttribute(parts, name, value, validity), "revoked as set");
    }

    function testFuzz_PackedDelegateIsNoOtherAct(bytes32 name, address delegate, uint256 validity) external {
        SignedParts memory parts = _signAct(abi.encodePacked("addDelegate", name, delegate, validity));
        _assertNotAlice(_setAttribute(parts, name, abi.encodePacked(delegate), validity), "added as attribute");
        _assertNotAlice(
            abi.encodeCall(identities.revokeDelegateSigned, (alice, parts.v, parts.r, parts.s, name, delegate)),
            "added as revoked"
        );
        parts = _signAct(abi.encodePacked("revokeDelegate", name, delegate));
        _assertNotAlice(_revokeAttribute(parts, name, abi.encodePacked(delegate)), "revoked as attribute");
        _assertNotAlice(
            abi.encodeCall(identities.changeOwnerSigned, (alice, parts.v, parts.r, parts.s, delegate)),
            "revoked as owner"
        );
    }

    /// @dev An owner that moves from a plain key to a contract account of the same key: what it signed and revoked since
    /// must not serve a second time.
    function test_RevertWhen_MessageWasUsedByTheOwnersFormerAccount() external {
        DelegateGrant memory grant = DelegateGrant({
            identity: alice,
            delegateType: VERI_KEY,
            delegate: bob,
            validity: 365 days,
            nonce: 1,
            deadline: inAnHour()
        });
        bytes memory call = abi.encodeCall(identities.addDelegateBySig, (grant, signHash(aliceKey, hashOf(grant))));
        relay(call);
        vm.startPrank(alice);
        identities.revokeDelegate(alice, VERI_KEY, bob);
        identities.changeOwner(alice, address(account));
        vm.stopPrank();
        assertRefused(call, invalid(address(account), hashOf(grant)), "used twice");
        assertFalse(identities.validDelegate(alice, VERI_KEY, bob), "revoked delegate is back");
    }

    /// @dev A guardian agreed that two of three recover. Its approval must not suffice alone after the owner let one do.
    function test_RevertWhen_ApprovalWasGivenUnderAnotherPlan() external {
        nameGuardians(alice);
        SignedApproval[] memory approvals = approvalsOf(alice, bob, one(0));
        GuardianPlan memory plan = planOfThree();
        plan.threshold = 1;
        vm.prank(alice);
        identities.setGuardians(alice, plan);
        RecoveryApproval memory fresh = approvalMessage(alice, bob);
        assertRefused(
            abi.encodeCall(identities.startRecovery, (alice, bob, plan, approvals)),
            invalid(guardians[0], hashOf(fresh, guardians[0])),
            "approval of another plan"
        );
    }

    /// @dev Two guardians that are accounts of one key: the approval of one is not the other's.
    function test_RevertWhen_ApprovalIsAnotherGuardiansOfTheSameKey() external {
        GuardianPlan memory plan = planOfThree();
        bool first = address(account) < alice;
        plan.guardians = new address[](2);
        (plan.guardians[0], plan.guardians[1]) = first ? (address(account), alice) : (alice, address(account));
        vm.prank(bob);
        identities.setGuardians(bob, plan);
        RecoveryApproval memory message = approvalMessage(bob, carol);
        SignedApproval[] memory approvals = new SignedApproval[](2);
        for (uint256 i = 0; i < 2; ++i) approvals[i] = signApproval(message, i, aliceKey, plan.guardians[0]);
        assertRefused(
            abi.encodeCall(identities.startRecovery, (bob, carol, plan, approvals)),
            invalid(plan.guardians[1], hashOf(message, plan.guardians[1])),
            "one signature for two"
        );
    }

    /// @dev The guardians of a first term do not come back with their owner.
    function test_GuardiansOfAnEarlierTermStayDismissed() external {
        nameGuardians(alice);
        SignedApproval[] memory approvals = approvalsOf(alice, carol, two(0, 1));
        vm.prank(alice);
        identities.changeOwner(alice, bob);
        vm.prank(bob);
        identities.changeOwner(alice, alice);
        assertEq(identities.guardiansOf(alice), 0, "no plan");
        vm.expectRevert(
            abi.encodeWithSelector(
                IIdentities.IdentitiesNotTheirGuardians.selector,
                alice,
                identities.guardianPlanHash(planOfThree()),
                bytes32(0)
            )
        );
        identities.startRecovery(alice, carol, planOfThree(), approvals);
        nameGuardians(alice);
        RecoveryApproval memory fresh = approvalMessage(alice, carol);
        fresh.nonce = approvals[0].nonce;
        fresh.deadline = approvals[0].deadline;
        vm.expectRevert(
            abi.encodeWithSelector(
                ISigned.SignedInvalidSignature.selector,
                guardians[0],
                digestOf(hashOf(fresh, guardians[0]))
            )
        );
        identities.startRecovery(alice, carol, planOfThree(), approvals);
    }

    /// @dev An operator that sees a commissioning on its way cannot put itself in the place of the one named.
    function test_CommissioningIsNotTakenByAnotherOperator() external {
        Commissioning memory message = Commissioning({
            device: alice,
            operator: bob,
            validity: 30 days,
            registry: ICredentialRegistry(address(0)),
            make: 0,
            nonce: 1,
            deadline: inAnHour()
        });
        Signature memory device = signHash(aliceKey, hashOf(message));
        message.operator = carol;
        assertRefused(
            abi.encodeCall(identities.commission, (message, device, none())),
            invalid(alice, hashOf(message)),
            "taken"
        );
    }

    /// @dev The registry is asked without power to write, so it cannot change what the commissioning has read.
    function test_RegistryCannotWriteWhileItIsAsked() external {
        WritingRegistry registry = new WritingRegistry(identities);
        Commissioning memory message = Commissioning({
            device: alice,
            operator: carol,
            validity: 30 days,
            registry: ICredentialRegistry(address(registry)),
            make: "PACK",
            nonce: 1,
            deadline: inAnHour()
        });
        bytes memory call = abi.encodeCall(
            identities.commission,
            (message, signHash(aliceKey, hashOf(message)), none())
        );
        vm.prank(carol);
        (bool success, ) = address(identities).call(call);
        assertFalse(success, "commissioned");
        assertFalse(identities.isRetired(address(registry)), "registry wrote");
        assertEq(identities.identityOwner(alice), alice, "device");
    }

    /// @dev A message left over from a first term of an owner would serve again when it becomes the owner again, so the owner
    /// voids the nonces of what it gave away.
    function test_UnusedMessageRestsWhileAnotherOwnsAndEndsWhenVoided() external {
        OwnerChange memory change = OwnerChange({identity: alice, newOwner: carol, nonce: 4, deadline: inAnHour()});
        bytes memory call = abi.encodeCall(identities.changeOwnerBySig, (change, signHash(aliceKey, hashOf(change))));
        vm.prank(alice);
        identities.changeOwner(alice, bob);
        assertRefused(call, invalid(bob, hashOf(change)), "another's");
        vm.prank(bob);
        identities.changeOwner(alice, alice);
        vm.prank(alice);
        identities.voidNonces(0, 1 << 4);
        assertRefused(call, nonceUsed(alice, 4), "voided");
    }

    function _signAct(bytes memory act) private view returns (SignedParts memory parts) {
        (parts.v, parts.r, parts.s) = vm.sign(aliceKey, legacyDigest(alice, numberOf(0), act));
    }

    function _setAttribute(
        SignedParts memory parts,
        bytes32 name,
        bytes memory value,
        uint256 validity
    ) private view returns (bytes memory call) {
        return abi.encodeCall(identities.setAttributeSigned, (alice, parts.v, parts.r, parts.s, name, value, validity));
    }

    function _revokeAttribute(
        SignedParts memory parts,
        bytes32 name,
        bytes memory value
    ) private view returns (bytes memory call) {
        return abi.encodeCall(identities.revokeAttributeSigned, (alice, parts.v, parts.r, parts.s, name, value));
    }

    function _assertNotAlice(bytes memory call, string memory reason) private {
        assertRefused(call, badSignature(alice, alice, numberOf(0)), reason);
    }
}
