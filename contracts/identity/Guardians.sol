// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {GuardianChange, GuardianPlan, IIdentities, RecoveryApproval, RecoveryVeto} from "./IIdentities.sol";

/// @title Guardians
/// @notice What makes a plan of guardians a sound one, and the EIP-712 struct hashes of plans and of the messages about
/// them. Errors are documented at {IIdentities}.
library Guardians {
    bytes32 private constant PLAN_TYPEHASH = keccak256(
        "GuardianPlan(address[] guardians,uint8 threshold,uint32 delay)"
    );
    bytes32 private constant CHANGE_TYPEHASH = keccak256(
        "GuardianChange(address identity,GuardianPlan plan,uint256 nonce,uint48 deadline,address owner)GuardianPlan(address[] guardians,uint8 threshold,uint32 delay)"
    );
    bytes32 private constant APPROVAL_TYPEHASH = keccak256(
        "RecoveryApproval(address guardian,address identity,address newOwner,bytes32 planHash,uint32 ownerVersion,uint24 round,uint256 nonce,uint48 deadline)"
    );
    bytes32 private constant VETO_TYPEHASH = keccak256(
        "RecoveryVeto(address identity,uint24 round,uint256 nonce,uint48 deadline,address owner)"
    );

    /// @dev Most guardians of an identity: a recovery may check a signature of each.
    uint256 private constant MAX_GUARDIANS = 16;
    /// @dev Shortest time for a veto: an owner that looks once a day sees the recovery.
    uint256 private constant MIN_DELAY = 1 days;
    /// @dev Longest time for a veto.
    uint256 private constant MAX_DELAY = 365 days;

    /// @notice Reverts unless the plan is sound for the identity and its owner.
    /// @param plan The plan.
    /// @param identity The identity.
    /// @param owner Its owner.
    function requireSound(GuardianPlan calldata plan, address identity, address owner) internal pure {
        uint256 count = plan.guardians.length;
        if (count > MAX_GUARDIANS) revert IIdentities.IdentitiesTooManyGuardians(count, MAX_GUARDIANS);
        bool hasGuardians = count != 0;
        if ((plan.threshold != 0) != hasGuardians || plan.threshold > count) {
            revert IIdentities.IdentitiesBadThreshold(plan.threshold, count);
        }
        (uint256 least, uint256 greatest) = hasGuardians ? (MIN_DELAY, MAX_DELAY) : (0, 0);
        if (plan.delay < least || plan.delay > greatest) {
            revert IIdentities.IdentitiesBadDelay(plan.delay, least, greatest);
        }
        address last = address(0);
        for (uint256 i = 0; i < count; ++i) {
            address guardian = plan.guardians[i];
            if (guardian <= last || guardian == identity || guardian == owner) {
                revert IIdentities.IdentitiesBadGuardian(i, guardian);
            }
            last = guardian;
        }
    }

    /// @notice Struct hash of a {GuardianPlan}.
    /// @param plan The plan.
    /// @return structHash The hash.
    function hash(GuardianPlan calldata plan) internal pure returns (bytes32 structHash) {
        // Packed elements of an array are padded to words, as EIP-712 has them.
        return
            keccak256(
                abi.encode(PLAN_TYPEHASH, keccak256(abi.encodePacked(plan.guardians)), plan.threshold, plan.delay)
            );
    }

    /// @notice Struct hash of a {GuardianChange}.
    /// @param change The message.
    /// @param owner Present owner of the identity, see {IdentityMessages}.
    /// @return structHash The hash.
    function hash(GuardianChange calldata change, address owner) internal pure returns (bytes32 structHash) {
        bytes32 planHash = hash(change.plan);
        return keccak256(abi.encode(CHANGE_TYPEHASH, change.identity, planHash, change.nonce, change.deadline, owner));
    }

    /// @notice Struct hash of a {RecoveryApproval}.
    /// @param approval The message.
    /// @return structHash The hash.
    function hash(RecoveryApproval memory approval) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(APPROVAL_TYPEHASH, approval));
    }

    /// @notice Struct hash of a {RecoveryVeto}.
    /// @param veto The message.
    /// @param owner Present owner of the identity, see {IdentityMessages}.
    /// @return structHash The hash.
    function hash(RecoveryVeto calldata veto, address owner) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(VETO_TYPEHASH, veto, owner));
    }
}
