// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Signature} from "../authority/ISigned.sol";
import {Signed} from "../authority/Signed.sol";
import {Guardians} from "./Guardians.sol";
import {ICredentialRegistry} from "./ICredentialRegistry.sol";
import {IERC1056} from "./IERC1056.sol";
import {
    AttributeChange,
    AttributeRevocation,
    Commissioning,
    DelegateGrant,
    DelegateRevocation,
    DeviceChange,
    GuardianChange,
    GuardianPlan,
    IIdentities,
    OwnerChange,
    PendingRecovery,
    RecoveryApproval,
    RecoveryVeto,
    SignedApproval
} from "./IIdentities.sol";
import {IdentityMessages} from "./IdentityMessages.sol";
import {Identity, Recovery, RecoveryWord} from "./IdentityStorage.sol";

/// @title Identities
/// @notice Identities of people, bodies and devices. See {IIdentities}.
/// @dev Trust:
/// - There is no administrator. Nobody can pause, upgrade, or write for an identity that is not theirs.
/// - The owner of an identity is believed in all it writes; attributes and delegates are claims of the owner, which
///   somebody else must vouch for (see {ICredentialRegistry}) before they prove anything about it. An owner can name a
///   key of its own as a device's, so a change signed by device and operator proves the device's part only to whoever
///   knows the device's key.
/// - Guardians in the number of the threshold can take the identity of an owner that does not look for as long as the
///   delay. Fewer can do nothing, and none can retire it or write for it.
/// - The registry that a commissioning names is believed about the make by those alone who believe that registry; it is
///   asked without power to change state, before anything is written.
/// - Delegates and attributes outlive the owner that wrote them, as in ERC-1056: a new owner revokes what it does not
///   want.
///
/// Above 400 lines with its lists of imports and the three forms in which every act of ERC-1056 comes.
contract Identities is IIdentities, Signed {
    /// @dev Delegate type by which a device's key signs; DID documents show such a delegate as a verification method.
    bytes32 private constant VERI_KEY = "veriKey";
    /// @dev Where the chain's id begins in a number of {nonce}. Ids in use are far below 2^128.
    uint256 private constant CHAIN_SHIFT = 128;
    /// @dev Where the day begins in a number of {nonce}.
    uint256 private constant DAY_SHIFT = 64;

    mapping(address identity => Identity word) private _identities;
    mapping(address identity => mapping(bytes32 typeHash => mapping(address delegate => uint256 validTo)))
        private _delegates;
    mapping(address owner => uint64 count) private _counts;
    mapping(address identity => mapping(uint32 version => bytes32 planHash)) private _plans;
    mapping(address identity => Recovery word) private _recoveries;

    constructor() EIP712("Civitas Identities", "1") {}

    // --- ERC-1056 by the owner's call

    /// @inheritdoc IERC1056
    function changeOwner(address identity, address newOwner) external {
        _setOwner(identity, _ownedByCaller(identity), newOwner);
    }

    /// @inheritdoc IERC1056
    function addDelegate(address identity, bytes32 delegateType, address delegate, uint256 validity) external {
        _setDelegate(identity, _ownedByCaller(identity), delegateType, delegate, _endOf(validity));
    }

    /// @inheritdoc IERC1056
    function revokeDelegate(address identity, bytes32 delegateType, address delegate) external {
        _setDelegate(identity, _ownedByCaller(identity), delegateType, delegate, block.timestamp);
    }

    /// @inheritdoc IERC1056
    function setAttribute(address identity, bytes32 name, bytes calldata value, uint256 validity) external {
        _logAttribute(identity, _ownedByCaller(identity), name, value, _endOf(validity));
    }

    /// @inheritdoc IERC1056
    function revokeAttribute(address identity, bytes32 name, bytes calldata value) external {
        _logAttribute(identity, _ownedByCaller(identity), name, value, 0);
    }

    // --- ERC-1056 by signatures of the reference registry's form

    /// @inheritdoc IERC1056
    function changeOwnerSigned(address identity, uint8 sigV, bytes32 sigR, bytes32 sigS, address newOwner) external {
        Identity word = _useErc1056Signature(identity, sigV, sigR, sigS, abi.encodePacked("changeOwner", newOwner));
        _setOwner(identity, word, newOwner);
    }

    /// @inheritdoc IERC1056
    function addDelegateSigned(
        address identity,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS,
        bytes32 delegateType,
        address delegate,
        uint256 validity
    ) external {
        bytes memory act = abi.encodePacked("addDelegate", delegateType, delegate, validity);
        Identity word = _useErc1056Signature(identity, sigV, sigR, sigS, act);
        _setDelegate(identity, word, delegateType, delegate, _endOf(validity));
    }

    /// @inheritdoc IERC1056
    function revokeDelegateSigned(
        address identity,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS,
        bytes32 delegateType,
        address delegate
    ) external {
        bytes memory act = abi.encodePacked("revokeDelegate", delegateType, delegate);
        Identity word = _useErc1056Signature(identity, sigV, sigR, sigS, act);
        _setDelegate(identity, word, delegateType, delegate, block.timestamp);
    }

    /// @inheritdoc IERC1056
    function setAttributeSigned(
        address identity,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS,
        bytes32 name,
        bytes calldata value,
        uint256 validity
    ) external {
        bytes memory act = abi.encodePacked("setAttribute", name, value, validity);
        Identity word = _useErc1056Signature(identity, sigV, sigR, sigS, act);
        _logAttribute(identity, word, name, value, _endOf(validity));
    }

    /// @inheritdoc IERC1056
    function revokeAttributeSigned(
        address identity,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS,
        bytes32 name,
        bytes calldata value
    ) external {
        bytes memory act = abi.encodePacked("revokeAttribute", name, value);
        Identity word = _useErc1056Signature(identity, sigV, sigR, sigS, act);
        _logAttribute(identity, word, name, value, 0);
    }

    // --- ERC-1056 by EIP-712 messages

    /// @inheritdoc IIdentities
    function changeOwnerBySig(OwnerChange calldata change, Signature calldata signature) external {
        (Identity word, address owner) = _living(change.identity);
        _authorize(owner, IdentityMessages.hash(change, owner), change.nonce, change.deadline, signature);
        _setOwner(change.identity, word, change.newOwner);
    }

    /// @inheritdoc IIdentities
    function addDelegateBySig(DelegateGrant calldata grant, Signature calldata signature) external {
        (Identity word, address owner) = _living(grant.identity);
        _authorize(owner, IdentityMessages.hash(grant, owner), grant.nonce, grant.deadline, signature);
        _setDelegate(grant.identity, word, grant.delegateType, grant.delegate, _endOf(grant.validity));
    }

    /// @inheritdoc IIdentities
    function revokeDelegateBySig(DelegateRevocation calldata revocation, Signature calldata signature) external {
        (Identity word, address owner) = _living(revocation.identity);
        _authorize(owner, IdentityMessages.hash(revocation, owner), revocation.nonce, revocation.deadline, signature);
        _setDelegate(revocation.identity, word, revocation.delegateType, revocation.delegate, block.timestamp);
    }

    /// @inheritdoc IIdentities
    function setAttributeBySig(AttributeChange calldata change, Signature calldata signature) external {
        (Identity word, address owner) = _living(change.identity);
        _authorize(owner, IdentityMessages.hash(change, owner), change.nonce, change.deadline, signature);
        _logAttribute(change.identity, word, change.name, change.value, _endOf(change.validity));
    }

    /// @inheritdoc IIdentities
    function revokeAttributeBySig(AttributeRevocation calldata revocation, Signature calldata signature) external {
        (Identity word, address owner) = _living(revocation.identity);
        _authorize(owner, IdentityMessages.hash(revocation, owner), revocation.nonce, revocation.deadline, signature);
        _logAttribute(revocation.identity, word, revocation.name, revocation.value, 0);
    }

    // --- guardians

    /// @inheritdoc IIdentities
    function setGuardians(address identity, GuardianPlan calldata plan) external {
        // The owner is the caller.
        _setPlan(identity, _ownedByCaller(identity), msg.sender, plan);
    }

    /// @inheritdoc IIdentities
    function setGuardiansBySig(GuardianChange calldata change, Signature calldata signature) external {
        (Identity word, address owner) = _living(change.identity);
        _authorize(owner, Guardians.hash(change, owner), change.nonce, change.deadline, signature);
        _setPlan(change.identity, word, owner, change.plan);
    }

    /// @inheritdoc IIdentities
    function startRecovery(
        address identity,
        address newOwner,
        GuardianPlan calldata plan,
        SignedApproval[] calldata approvals
    ) external {
        (Identity word, address owner) = _living(identity);
        if (newOwner == address(0) || newOwner == owner) revert IdentitiesBadNewOwner(identity, newOwner);
        uint32 version = word.version();
        Recovery recovery = _recoveries[identity];
        if (recovery.isPending(version)) {
            revert IdentitiesRecoveryPending(identity, recovery.newOwner(), recovery.maturesAt());
        }
        uint24 round = recovery.roundFor(version);
        RecoveryApproval memory message = RecoveryApproval({
            guardian: address(0),
            identity: identity,
            newOwner: newOwner,
            planHash: _requirePlan(identity, version, plan),
            ownerVersion: version,
            round: round,
            nonce: 0,
            deadline: 0
        });
        _requireApprovals(message, plan, approvals);
        // Time and a year fit into 40 bits until the year 36811.
        uint40 maturesAt = uint40(block.timestamp) + plan.delay;
        _recoveries[identity] = RecoveryWord.encode(newOwner, maturesAt, version, round);
        emit RecoveryStarted(identity, newOwner, round, maturesAt);
    }

    /// @inheritdoc IIdentities
    function vetoRecovery(address identity) external {
        Recovery recovery = _pending(identity, _ownedByCaller(identity));
        _stopRecovery(identity, recovery);
    }

    /// @inheritdoc IIdentities
    function vetoRecoveryBySig(RecoveryVeto calldata veto, Signature calldata signature) external {
        (Identity word, address owner) = _living(veto.identity);
        Recovery recovery = _recoveries[veto.identity];
        if (!recovery.isPending(word.version()) || veto.round != recovery.round()) {
            revert IdentitiesNoRecovery(veto.identity, veto.round);
        }
        _authorize(owner, Guardians.hash(veto, owner), veto.nonce, veto.deadline, signature);
        _stopRecovery(veto.identity, recovery);
    }

    /// @inheritdoc IIdentities
    function finishRecovery(address identity) external {
        (Identity word, ) = _living(identity);
        Recovery recovery = _pending(identity, word);
        uint40 maturesAt = recovery.maturesAt();
        if (block.timestamp < maturesAt) revert IdentitiesRecoveryTooEarly(identity, maturesAt, block.timestamp);
        _recoveries[identity] = recovery.ended();
        _setOwner(identity, word, recovery.newOwner());
        emit RecoveryFinished(identity, recovery.newOwner(), recovery.round());
    }

    // --- devices

    /// @inheritdoc IIdentities
    function commission(
        Commissioning calldata commissioning,
        Signature calldata deviceSignature,
        Signature calldata operatorSignature
    ) external {
        address device = commissioning.device;
        address operator = commissioning.operator;
        (Identity word, address owner) = _living(device);
        if (owner != device) revert IdentitiesAlreadyCommissioned(device, owner);
        _requireSoundCommissioning(commissioning);
        bytes32 structHash = IdentityMessages.hash(commissioning);
        _authorize(device, structHash, commissioning.nonce, commissioning.deadline, deviceSignature);
        _authorizeOrSender(operator, structHash, commissioning.nonce, commissioning.deadline, operatorSignature);
        word = _setOwner(device, word, operator);
        _setDelegate(device, word, VERI_KEY, device, _endOf(commissioning.validity));
        emit DeviceCommissioned(device, operator, commissioning.registry, commissioning.make);
    }

    /// @inheritdoc IIdentities
    function changeDevice(
        DeviceChange calldata change,
        Signature calldata deviceSignature,
        Signature calldata operatorSignature
    ) external {
        (Identity word, address owner) = _living(change.device);
        if (!validDelegate(change.device, VERI_KEY, change.key)) {
            revert IdentitiesNotDeviceKey(change.device, change.key);
        }
        bytes32 structHash = IdentityMessages.hash(change, owner);
        _authorize(change.key, structHash, change.nonce, change.deadline, deviceSignature);
        _authorizeOrSender(owner, structHash, change.nonce, change.deadline, operatorSignature);
        _logAttribute(change.device, word, change.name, change.value, _endOf(change.validity));
        emit DeviceChanged(change.device, change.key, owner, change.name, change.value);
    }

    // --- views

    /// @inheritdoc IERC1056
    function identityOwner(address identity) external view returns (address owner) {
        return _identities[identity].ownerOf(identity);
    }

    /// @inheritdoc IERC1056
    function owners(address identity) external view returns (address owner) {
        return _identities[identity].recordedOwner();
    }

    /// @inheritdoc IERC1056
    function delegates(
        address identity,
        bytes32 delegateTypeHash,
        address delegate
    ) external view returns (uint256 validTo) {
        return _delegates[identity][delegateTypeHash][delegate];
    }

    /// @inheritdoc IERC1056
    function changed(address identity) external view returns (uint256 blockNumber) {
        return _identities[identity].changedIn();
    }

    /// @inheritdoc IERC1056
    function nonce(address owner) external view returns (uint256 value) {
        return _numberOf(owner);
    }

    /// @inheritdoc IIdentities
    function isRetired(address identity) external view returns (bool retired) {
        return _identities[identity].ownerOf(identity) == address(0);
    }

    /// @inheritdoc IIdentities
    function ownerVersion(address identity) external view returns (uint32 version) {
        return _identities[identity].version();
    }

    /// @inheritdoc IIdentities
    function recoveryRound(address identity) external view returns (uint24 round) {
        return _recoveries[identity].roundFor(_identities[identity].version());
    }

    /// @inheritdoc IIdentities
    function recoveryOf(address identity) external view returns (PendingRecovery memory recovery) {
        Recovery word = _recoveries[identity];
        if (!word.isPending(_identities[identity].version())) return recovery;
        return PendingRecovery({newOwner: word.newOwner(), maturesAt: word.maturesAt()});
    }

    /// @inheritdoc IIdentities
    function guardiansOf(address identity) external view returns (bytes32 planHash) {
        return _plans[identity][_identities[identity].version()];
    }

    /// @inheritdoc IIdentities
    function guardianPlanHash(GuardianPlan calldata plan) external pure returns (bytes32 planHash) {
        return Guardians.hash(plan);
    }

    /// @inheritdoc IERC1056
    function validDelegate(address identity, bytes32 delegateType, address delegate) public view returns (bool valid) {
        uint256 validTo = _delegates[identity][_typeHash(delegateType)][delegate];
        return validTo > block.timestamp && _identities[identity].ownerOf(identity) != address(0);
    }

    // --- internals that write

    /// @dev Gives the identity to its new owner. Approvals, guardians and a recovery under way end by the new version.
    function _setOwner(address identity, Identity word, address newOwner) private returns (Identity written) {
        written = word.withOwner(newOwner).withChange(block.number);
        _identities[identity] = written;
        emit DIDOwnerChanged(identity, newOwner, word.changedIn());
    }

    function _setDelegate(
        address identity,
        Identity word,
        bytes32 delegateType,
        address delegate,
        uint256 validTo
    ) private {
        _delegates[identity][_typeHash(delegateType)][delegate] = validTo;
        _identities[identity] = word.withChange(block.number);
        emit DIDDelegateChanged(identity, delegateType, delegate, validTo, word.changedIn());
    }

    function _logAttribute(
        address identity,
        Identity word,
        bytes32 name,
        bytes calldata value,
        uint256 validTo
    ) private {
        _identities[identity] = word.withChange(block.number);
        emit DIDAttributeChanged(identity, name, value, validTo, word.changedIn());
    }

    function _setPlan(address identity, Identity word, address owner, GuardianPlan calldata plan) private {
        Guardians.requireSound(plan, identity, owner);
        uint32 version = word.version();
        bytes32 planHash = plan.guardians.length == 0 ? bytes32(0) : Guardians.hash(plan);
        if (planHash == _plans[identity][version]) revert IdentitiesSameGuardians(identity, planHash);
        _plans[identity][version] = planHash;
        Recovery recovery = _recoveries[identity];
        if (recovery.isPending(version)) _stopRecovery(identity, recovery);
        emit GuardiansChanged(identity, planHash, plan);
    }

    function _stopRecovery(address identity, Recovery recovery) private {
        _recoveries[identity] = recovery.ended();
        emit RecoveryVetoed(identity, recovery.newOwner(), recovery.round());
    }

    /// @dev Living identity whose owner signed `act` with today's number or yesterday's; counts the signature.
    function _useErc1056Signature(
        address identity,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS,
        bytes memory act
    ) private returns (Identity word) {
        address owner;
        (word, owner) = _living(identity);
        uint256 today = _numberOf(owner);
        if (_recover(identity, today, act, sigV, sigR, sigS) != owner) {
            // A chain's time lies long after the first day.
            uint256 yesterday = today - (1 << DAY_SHIFT);
            if (_recover(identity, yesterday, act, sigV, sigR, sigS) != owner) {
                revert IdentitiesBadSignature(identity, owner, today);
            }
        }
        ++_counts[owner];
    }

    /// @dev Checks the approvals one by one. Their count is bounded by that of the plan, as their places ascend. Writes
    /// into the message what differs between them.
    function _requireApprovals(
        RecoveryApproval memory message,
        GuardianPlan calldata plan,
        SignedApproval[] calldata approvals
    ) private {
        if (approvals.length < plan.threshold) revert IdentitiesTooFewApprovals(approvals.length, plan.threshold);
        uint256 next = 0;
        for (uint256 i = 0; i < approvals.length; ++i) {
            SignedApproval calldata approval = approvals[i];
            uint256 index = approval.guardianIndex;
            if (index < next || index >= plan.guardians.length) {
                revert IdentitiesBadApproval(index, plan.guardians.length);
            }
            next = index + 1;
            address guardian = plan.guardians[index];
            message.guardian = guardian;
            message.nonce = approval.nonce;
            message.deadline = approval.deadline;
            _authorizeOrSender(guardian, Guardians.hash(message), message.nonce, message.deadline, approval.signature);
        }
    }

    // --- internals that only read or compute

    /// @dev Word and owner of an identity that is not retired. The zero address, for which a signature that is none
    /// would speak, counts as retired from the start; so no owner is zero.
    function _living(address identity) private view returns (Identity word, address owner) {
        word = _identities[identity];
        owner = word.ownerOf(identity);
        if (owner == address(0)) revert IdentitiesRetired(identity);
    }

    /// @dev Word of an identity that the caller owns.
    function _ownedByCaller(address identity) private view returns (Identity word) {
        address owner;
        (word, owner) = _living(identity);
        if (msg.sender != owner) revert IdentitiesNotOwner(identity, msg.sender, owner);
    }

    /// @dev Recovery under way of the identity whose word is given.
    function _pending(address identity, Identity word) private view returns (Recovery recovery) {
        recovery = _recoveries[identity];
        uint32 version = word.version();
        if (!recovery.isPending(version)) revert IdentitiesNoRecovery(identity, recovery.roundFor(version));
    }

    /// @dev Hash of the plan, which must be the one that stands.
    function _requirePlan(
        address identity,
        uint32 version,
        GuardianPlan calldata plan
    ) private view returns (bytes32 planHash) {
        planHash = Guardians.hash(plan);
        bytes32 standing = _plans[identity][version];
        if (planHash != standing) revert IdentitiesNotTheirGuardians(identity, planHash, standing);
    }

    function _requireSoundCommissioning(Commissioning calldata commissioning) private view {
        address device = commissioning.device;
        address operator = commissioning.operator;
        ICredentialRegistry registry = commissioning.registry;
        bytes32 make = commissioning.make;
        bool hasRegistry = address(registry) != address(0);
        if (operator == address(0) || operator == device || commissioning.validity == 0 || hasRegistry != (make != 0)) {
            revert IdentitiesBadCommissioning(device, operator);
        }
        // A registry without code cannot answer; the call would revert without a reason.
        if (hasRegistry && (address(registry).code.length == 0 || !registry.holds(make, device))) {
            revert IdentitiesUnvouchedDevice(device, registry, make);
        }
    }

    /// @dev Number that the owner's next signature of the reference registry's form must contain today.
    function _numberOf(address owner) private view returns (uint256 number) {
        return (block.chainid << CHAIN_SHIFT) | ((block.timestamp / 1 days) << DAY_SHIFT) | _counts[owner];
    }

    /// @dev Who signed `act` with `number` in the reference registry's form. Zero, which owns nothing that lives, for a
    /// signature that is none or has a high s.
    function _recover(
        address identity,
        uint256 number,
        bytes memory act,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS
    ) private view returns (address signer) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1900", address(this), number, identity, act));
        (signer, , ) = ECDSA.tryRecover(digest, sigV, sigR, sigS);
    }

    /// @dev Unix time that lies `validity` seconds ahead; panics beyond 2^256.
    function _endOf(uint256 validity) private view returns (uint256 validTo) {
        return block.timestamp + validity;
    }

    function _typeHash(bytes32 delegateType) private pure returns (bytes32 typeHash) {
        return keccak256(abi.encode(delegateType));
    }
}
