// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISigned, Signature} from "../authority/ISigned.sol";
import {ICredentialRegistry} from "./ICredentialRegistry.sol";
import {IERC1056} from "./IERC1056.sol";

/// @notice An identity goes to a new owner (EIP-712 message `OwnerChange`, signed by the owner).
/// The present owner is signed too, as the last member `address owner`; so in every message below of which it is said.
struct OwnerChange {
    address identity;
    /// @dev Zero: retire the identity for ever.
    address newOwner;
    uint256 nonce;
    /// @dev Last Unix time at which the message is good.
    uint48 deadline;
}

/// @notice A delegate is added (EIP-712 message `DelegateGrant`, signed by the owner, with `owner`).
struct DelegateGrant {
    address identity;
    bytes32 delegateType;
    address delegate;
    /// @dev Seconds from the act.
    uint256 validity;
    uint256 nonce;
    uint48 deadline;
}

/// @notice A delegate is revoked (EIP-712 message `DelegateRevocation`, signed by the owner, with `owner`).
struct DelegateRevocation {
    address identity;
    bytes32 delegateType;
    address delegate;
    uint256 nonce;
    uint48 deadline;
}

/// @notice An attribute is set (EIP-712 message `AttributeChange`, signed by the owner, with `owner`).
struct AttributeChange {
    address identity;
    bytes32 name;
    bytes value;
    /// @dev Seconds from the act.
    uint256 validity;
    uint256 nonce;
    uint48 deadline;
}

/// @notice An attribute is revoked (EIP-712 message `AttributeRevocation`, signed by the owner, with `owner`).
struct AttributeRevocation {
    address identity;
    bytes32 name;
    bytes value;
    uint256 nonce;
    uint48 deadline;
}

/// @notice Who may recover an identity for an owner that lost its key, and how.
struct GuardianPlan {
    /// @dev Up to 16, strictly ascending. Empty: nobody, and the other fields are zero.
    address[] guardians;
    /// @dev How many of them must agree, 1 to all.
    uint8 threshold;
    /// @dev Seconds between the start of a recovery and its end, in which the owner may veto: 1 to 365 days.
    uint32 delay;
}

/// @notice An owner names its guardians (EIP-712 message `GuardianChange`, signed by the owner, with `owner`).
struct GuardianChange {
    address identity;
    GuardianPlan plan;
    uint256 nonce;
    uint48 deadline;
}

/// @notice A guardian agrees to a recovery (EIP-712 message `RecoveryApproval`, signed by the guardian).
struct RecoveryApproval {
    /// @dev Who signs it.
    address guardian;
    address identity;
    address newOwner;
    /// @dev {IIdentities-guardiansOf} the identity: approvals end with the plan they were given under.
    bytes32 planHash;
    /// @dev {IIdentities-ownerVersion} of the identity: approvals end with the owner they were given against.
    uint32 ownerVersion;
    /// @dev {IIdentities-recoveryRound} of the identity: approvals end with the recovery they were given for.
    uint24 round;
    uint256 nonce;
    uint48 deadline;
}

/// @notice A guardian's approval as it is handed in.
struct SignedApproval {
    /// @dev Place of the guardian in the plan. Strictly ascending in a call.
    uint8 guardianIndex;
    uint256 nonce;
    uint48 deadline;
    /// @dev May be empty for the guardian's own call.
    Signature signature;
}

/// @notice An owner stops a recovery (EIP-712 message `RecoveryVeto`, signed by the owner, with `owner`).
struct RecoveryVeto {
    address identity;
    /// @dev {IIdentities-recoveryRound} of the recovery.
    uint24 round;
    uint256 nonce;
    uint48 deadline;
}

/// @notice A device enters service (EIP-712 message `Commissioning`, signed by the device and by its operator).
struct Commissioning {
    /// @dev Address of the device's own key, and from then on its identity.
    address device;
    /// @dev Who owns the identity from now on.
    address operator;
    /// @dev Seconds for which the device's key is a delegate of type `veriKey`, from 1.
    uint256 validity;
    /// @dev Where the device's make is vouched for. Zero: the device claims none.
    ICredentialRegistry registry;
    /// @dev Credential type that the device must hold there. Zero exactly when `registry` is.
    bytes32 make;
    uint256 nonce;
    uint48 deadline;
}

/// @notice Firmware or configuration of a device changed (EIP-712 message `DeviceChange`, signed by a key of the device
/// and by its operator, with `owner`, which is the operator).
struct DeviceChange {
    address device;
    /// @dev Key of the device: a delegate of type `veriKey` now.
    address key;
    /// @dev Name of the attribute, for instance `device/firmware`.
    bytes32 name;
    /// @dev Its value, for instance the hash of the image.
    bytes value;
    /// @dev Seconds from the act.
    uint256 validity;
    uint256 nonce;
    uint48 deadline;
}

/// @notice A recovery under way.
struct PendingRecovery {
    /// @dev Who will own the identity. Zero: no recovery is under way.
    address newOwner;
    /// @dev Unix time from which {IIdentities-finishRecovery} is possible.
    uint40 maturesAt;
}

/// @title IIdentities
/// @notice People, bodies and devices as identities of ERC-1056, with the defects of its reference registry mended.
/// @dev - A retired identity (owner zero) stays so: nothing can be written for it and it has no delegates.
/// - The `…Signed` functions of ERC-1056 keep their form and the message they sign, but the number that {nonce} gives
///   is `chainId << 128 | day << 64 | count`: a signature is good on one chain, and until the end of the day (UTC) after
///   the one on which its number was read. The reference's are good on every chain and for ever.
/// - The `…BySig` functions take EIP-712 messages with deadline and unordered nonces, see {ISigned}; the owner may be an
///   ERC-1271 account or an ERC-7913 key without an account. Anybody may relay them. A message is good for the owner
///   that it was signed for and no other, even one whose account accepts the same key.
/// - An owner that loses its key may be helped by guardians whom it named before. They are against loss, not against
///   theft: whoever has the owner's key can veto, and can rotate at once. Guardians and approvals end when the identity
///   changes hands.
interface IIdentities is IERC1056, ISigned {
    /// @notice An owner named its guardians, or removed them.
    /// @param identity The identity.
    /// @param planHash Hash of the plan, see {guardianPlanHash}; zero: removed.
    /// @param plan The plan.
    event GuardiansChanged(address indexed identity, bytes32 planHash, GuardianPlan plan);

    /// @notice Guardians started a recovery.
    /// @param identity The identity.
    /// @param newOwner Who will own it.
    /// @param round Number of the recovery.
    /// @param maturesAt Unix time until which the owner alone can still decide, by a veto.
    event RecoveryStarted(address indexed identity, address indexed newOwner, uint24 round, uint40 maturesAt);

    /// @notice The owner stopped a recovery.
    /// @param identity The identity.
    /// @param newOwner Who would have owned it.
    /// @param round Number of the recovery.
    event RecoveryVetoed(address indexed identity, address indexed newOwner, uint24 round);

    /// @notice A recovery ended with a new owner; {DIDOwnerChanged} tells the same to DID clients.
    /// @param identity The identity.
    /// @param newOwner The new owner.
    /// @param round Number of the recovery.
    event RecoveryFinished(address indexed identity, address indexed newOwner, uint24 round);

    /// @notice A device entered service; {DIDOwnerChanged} and {DIDDelegateChanged} tell the same to DID clients.
    /// @param device Identity of the device.
    /// @param operator Its owner.
    /// @param registry Where its make was vouched for; zero: not claimed.
    /// @param make Credential type that it held there.
    event DeviceCommissioned(
        address indexed device,
        address indexed operator,
        ICredentialRegistry registry,
        bytes32 indexed make
    );

    /// @notice A device and its operator agreed on a change of the device; {DIDAttributeChanged} carries it.
    /// @param device Identity of the device.
    /// @param key Key of the device that signed.
    /// @param operator Owner that agreed.
    /// @param name Name of the attribute.
    /// @param value Its value.
    event DeviceChanged(
        address indexed device,
        address indexed key,
        address indexed operator,
        bytes32 name,
        bytes value
    );

    /// @notice The caller does not own the identity.
    /// @param identity The identity.
    /// @param caller Who called.
    /// @param owner Its owner.
    error IdentitiesNotOwner(address identity, address caller, address owner);

    /// @notice The identity is retired; nothing can be written for it.
    /// @param identity The identity.
    error IdentitiesRetired(address identity);

    /// @notice A signature of an ERC-1056 `…Signed` function is not the owner's, or its number is used or too old.
    /// @param identity The identity.
    /// @param owner Who was to have signed.
    /// @param expectedNonce Number that a signature must contain now, see {nonce}.
    error IdentitiesBadSignature(address identity, address owner, uint256 expectedNonce);

    /// @notice The list of guardians is longer than allowed.
    /// @param count Its length.
    /// @param limit Greatest length.
    error IdentitiesTooManyGuardians(uint256 count, uint256 limit);

    /// @notice Guardians are zero, repeated, out of order, or include the identity or its owner.
    /// @param index Place in the list.
    /// @param guardian Who stands there.
    error IdentitiesBadGuardian(uint256 index, address guardian);

    /// @notice The threshold is not from 1 to the number of guardians (zero without any).
    /// @param threshold The threshold.
    /// @param count Number of guardians.
    error IdentitiesBadThreshold(uint256 threshold, uint256 count);

    /// @notice The delay is out of its range (zero without guardians).
    /// @param delay The delay, seconds.
    /// @param least Smallest.
    /// @param greatest Greatest.
    error IdentitiesBadDelay(uint256 delay, uint256 least, uint256 greatest);

    /// @notice The plan is the one that stands, so the call would change nothing.
    /// @param identity The identity.
    /// @param planHash Its hash.
    error IdentitiesSameGuardians(address identity, bytes32 planHash);

    /// @notice The plan handed in is not the owner's present one.
    /// @param identity The identity.
    /// @param planHash Hash of what was handed in.
    /// @param standing Hash of the present one; zero: none.
    error IdentitiesNotTheirGuardians(address identity, bytes32 planHash, bytes32 standing);

    /// @notice Too few guardians agreed.
    /// @param count How many did.
    /// @param threshold How many must.
    error IdentitiesTooFewApprovals(uint256 count, uint256 threshold);

    /// @notice An approval names a guardian beyond the plan, or one not above the approval before it.
    /// @param guardianIndex The place named.
    /// @param limit First place beyond the plan.
    error IdentitiesBadApproval(uint256 guardianIndex, uint256 limit);

    /// @notice The new owner of a recovery is zero or the present owner.
    /// @param identity The identity.
    /// @param newOwner The new owner.
    error IdentitiesBadNewOwner(address identity, address newOwner);

    /// @notice A recovery is under way already.
    /// @param identity The identity.
    /// @param newOwner Whom it will give the identity to.
    /// @param maturesAt When it can be finished, Unix time.
    error IdentitiesRecoveryPending(address identity, address newOwner, uint40 maturesAt);

    /// @notice No recovery is under way, or not the one named.
    /// @param identity The identity.
    /// @param round The round named, or the present one where none is named.
    error IdentitiesNoRecovery(address identity, uint24 round);

    /// @notice The recovery cannot be finished yet.
    /// @param identity The identity.
    /// @param maturesAt When it can, Unix time.
    /// @param timestamp Time of the call.
    error IdentitiesRecoveryTooEarly(address identity, uint40 maturesAt, uint256 timestamp);

    /// @notice Only a device that still owns itself can be commissioned.
    /// @param device The device.
    /// @param owner Its owner.
    error IdentitiesAlreadyCommissioned(address device, address owner);

    /// @notice A commissioning names no operator, the device itself as operator, no validity, or only one of registry
    /// and make.
    /// @param device The device.
    /// @param operator The operator named.
    error IdentitiesBadCommissioning(address device, address operator);

    /// @notice Nobody accredited vouches for the make that the device claims.
    /// @param device The device.
    /// @param registry Where it was looked up.
    /// @param make The credential type.
    error IdentitiesUnvouchedDevice(address device, ICredentialRegistry registry, bytes32 make);

    /// @notice The key is no `veriKey` delegate of the device now.
    /// @param device The device.
    /// @param key The key.
    error IdentitiesNotDeviceKey(address device, address key);

    // --- ERC-1056 by EIP-712 messages

    /// @notice As {IERC1056-changeOwner}, by signature.
    /// @dev Anybody. Reverts with the errors of {ISigned} and {IdentitiesRetired}, as every `…BySig` function.
    /// @param change The message.
    /// @param signature The owner's.
    function changeOwnerBySig(OwnerChange calldata change, Signature calldata signature) external;

    /// @notice As {IERC1056-addDelegate}, by signature.
    /// @param grant The message.
    /// @param signature The owner's.
    function addDelegateBySig(DelegateGrant calldata grant, Signature calldata signature) external;

    /// @notice As {IERC1056-revokeDelegate}, by signature.
    /// @param revocation The message.
    /// @param signature The owner's.
    function revokeDelegateBySig(DelegateRevocation calldata revocation, Signature calldata signature) external;

    /// @notice As {IERC1056-setAttribute}, by signature.
    /// @param change The message.
    /// @param signature The owner's.
    function setAttributeBySig(AttributeChange calldata change, Signature calldata signature) external;

    /// @notice As {IERC1056-revokeAttribute}, by signature.
    /// @param revocation The message.
    /// @param signature The owner's.
    function revokeAttributeBySig(AttributeRevocation calldata revocation, Signature calldata signature) external;

    // --- guardians

    /// @notice Names the guardians of an identity in place of those before, or removes them by an empty plan.
    /// @dev Only the owner. A recovery under way is stopped, with {RecoveryVetoed}. Emits {GuardiansChanged}. Reverts
    /// with {IdentitiesTooManyGuardians}, {IdentitiesBadGuardian}, {IdentitiesBadThreshold}, {IdentitiesBadDelay} and
    /// {IdentitiesSameGuardians}. The plan is public.
    /// @param identity The identity.
    /// @param plan The plan.
    function setGuardians(address identity, GuardianPlan calldata plan) external;

    /// @notice As {setGuardians}, by signature.
    /// @param change The message.
    /// @param signature The owner's.
    function setGuardiansBySig(GuardianChange calldata change, Signature calldata signature) external;

    /// @notice Starts a recovery with enough guardians' approvals.
    /// @dev Anybody. Emits {RecoveryStarted}. Reverts with {IdentitiesNotTheirGuardians},
    /// {IdentitiesTooFewApprovals}, {IdentitiesBadApproval}, {IdentitiesBadNewOwner}, {IdentitiesRecoveryPending},
    /// {IdentitiesRetired} and the errors of {ISigned} for each approval.
    /// @param identity The identity.
    /// @param newOwner Who will own it. Not zero: guardians cannot retire.
    /// @param plan The present plan, as it was announced.
    /// @param approvals Approvals of at least the threshold of guardians, in ascending order of their places.
    function startRecovery(
        address identity,
        address newOwner,
        GuardianPlan calldata plan,
        SignedApproval[] calldata approvals
    ) external;

    /// @notice Stops a recovery, at any time before it is finished.
    /// @dev Only the owner. The approvals of the recovery, and any left over, serve no more. Emits {RecoveryVetoed}.
    /// Reverts with {IdentitiesNoRecovery}.
    /// @param identity The identity.
    function vetoRecovery(address identity) external;

    /// @notice As {vetoRecovery}, by signature.
    /// @param veto The message.
    /// @param signature The owner's.
    function vetoRecoveryBySig(RecoveryVeto calldata veto, Signature calldata signature) external;

    /// @notice Gives the identity to the new owner of a recovery that matured without a veto.
    /// @dev Anybody. Emits {DIDOwnerChanged} and {RecoveryFinished}. Reverts with {IdentitiesNoRecovery},
    /// {IdentitiesRecoveryTooEarly} and {IdentitiesRetired}. Delegates and attributes stay; the new owner should look
    /// through them.
    /// @param identity The identity.
    function finishRecovery(address identity) external;

    // --- devices

    /// @notice Puts a device into service: its operator owns its identity, and its key becomes a delegate that expires,
    /// so that a stolen device key cannot take the identity.
    /// @dev Anybody, with the device's signature and the operator's; the operator's own call needs none. A make is
    /// vouched for by whom the `registry` that both signed believes. Emits {DIDOwnerChanged}, {DIDDelegateChanged} and
    /// {DeviceCommissioned}. Reverts with {IdentitiesBadCommissioning}, {IdentitiesAlreadyCommissioned},
    /// {IdentitiesUnvouchedDevice}, {IdentitiesRetired} and the errors of {ISigned}.
    /// @param commissioning The message.
    /// @param deviceSignature The device's.
    /// @param operatorSignature The operator's.
    function commission(
        Commissioning calldata commissioning,
        Signature calldata deviceSignature,
        Signature calldata operatorSignature
    ) external;

    /// @notice Logs a change of a device that both it and its operator state.
    /// @dev Anybody, with the signatures of a key of the device and of its operator; the operator's own call needs
    /// none. Emits {DIDAttributeChanged} and {DeviceChanged}. Reverts with {IdentitiesNotDeviceKey},
    /// {IdentitiesRetired} and the errors of {ISigned}.
    /// @param change The message.
    /// @param deviceSignature The device key's.
    /// @param operatorSignature The operator's.
    function changeDevice(
        DeviceChange calldata change,
        Signature calldata deviceSignature,
        Signature calldata operatorSignature
    ) external;

    // --- views

    /// @notice Whether an identity is retired.
    /// @param identity The identity.
    /// @return retired True for ever once true. The zero address is retired from the start.
    function isRetired(address identity) external view returns (bool retired);

    /// @notice How often an identity changed hands, retirement included.
    /// @param identity The identity.
    /// @return version The number.
    function ownerVersion(address identity) external view returns (uint32 version);

    /// @notice Number that the next approval, or the veto of the recovery under way, must name.
    /// @param identity The identity.
    /// @return round Grows by one with every recovery that is vetoed, finished or ended by a change of hands.
    function recoveryRound(address identity) external view returns (uint24 round);

    /// @notice Recovery under way.
    /// @param identity The identity.
    /// @return recovery Zero: none, or one that ended because the identity changed hands.
    function recoveryOf(address identity) external view returns (PendingRecovery memory recovery);

    /// @notice Hash of the present owner's guardian plan.
    /// @param identity The identity.
    /// @return planHash Zero: no guardians.
    function guardiansOf(address identity) external view returns (bytes32 planHash);

    /// @notice Hash of a plan.
    /// @param plan The plan.
    /// @return planHash EIP-712 struct hash of the plan.
    function guardianPlanHash(GuardianPlan calldata plan) external pure returns (bytes32 planHash);
}
