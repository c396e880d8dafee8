// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {CompactSignature, CompactSignatures} from "../../authority/CompactSignatures.sol";
import {Signature} from "../../authority/ISigned.sol";
import {Signed} from "../../authority/Signed.sol";
import {ICredentialRegistry} from "../../identity/ICredentialRegistry.sol";
import {IIdentities} from "../../identity/IIdentities.sol";
import {WasteCredentials} from "../WasteCredentials.sol";
import {Crew, CustodyModel, FacilityTerms, IWasteOperators, Operator, Parties} from "./IWasteOperators.sol";
import {OperatorMessages} from "./OperatorMessages.sol";
import {OperatorSlot, OperatorSlots} from "./OperatorSlots.sol";

/// @title WasteOperators
/// @notice Who handles waste in the city, see {IWasteOperators}.
/// @dev Trust:
/// - The credentials are believed about who is a collector or runs a plant, as of the last time somebody had them checked.
///   Until {recheck} is called, an operator whose credential ended, or whose identity is retired, goes on as one; anybody can
///   call it.
/// - The owner of an operator's identity is believed about its keys; a key signs alone for all that the operator does with
///   waste, until its time is over or it is dismissed. A key agrees once, by its own signature or call, and is that
///   operator's for good, so nobody takes a key that is another's, nor what it signed before it was appointed.
/// - WASTE_LICENSING is believed about licences and permits, and about who follows an operator whose identity is retired: it
///   can stop a plant, and give away with its number the lots of an operator that ceased to be. It can neither take lots of
///   any other, nor name keys. The keys of an operator that ceased to be hand its lots on until their time is over or the
///   successor dismisses them; they collect and process nothing more once it was rechecked.
/// - Nobody can pause anything.
contract WasteOperators is IWasteOperators, AccessManaged, Signed {
    uint16 private constant MAX_TOLERANCE_BP = 1_000;
    uint16 private constant MAX_LOSS_BP = 10_000;
    uint8 private constant MAX_CONVERSION_PCT = 100;

    /// @dev Numbers of the members of {FacilityTerms}.
    uint256 private constant TOLERANCE = 1;
    uint256 private constant MAX_LOSS = 2;
    uint256 private constant CONVERSION = 3;
    uint256 private constant MODEL = 4;
    uint256 private constant BALANCE_DAYS = 5;

    /// @inheritdoc IWasteOperators
    IIdentities public immutable identities;
    /// @inheritdoc IWasteOperators
    ICredentialRegistry public immutable credentials;

    uint32 private _count;
    mapping(uint32 operatorId => OperatorSlot slot) private _operators;
    /// @inheritdoc IWasteOperators
    mapping(address account => uint32 operatorId) public numberOf;
    mapping(address key => Crew crew) private _crews;
    /// @dev By identity, so that permits do not go along when an operator is handed over.
    mapping(address account => mapping(uint24 code => uint40 until)) private _permits;

    /// @param authority The city's AccessManager.
    /// @param identities_ Registry of identities.
    /// @param credentials_ Registry of credentials.
    constructor(
        address authority,
        IIdentities identities_,
        ICredentialRegistry credentials_
    ) EIP712("Civitas Waste Operators", "1") AccessManaged(authority) {
        identities = identities_;
        credentials = credentials_;
    }

    /// @inheritdoc IWasteOperators
    function admit(
        address account,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external returns (uint32 operatorId) {
        OperatorSlot slot = _newHolder(account);
        bytes32 message = OperatorMessages.admission(account, nonce, deadline);
        _authorizeOrSender(identities.identityOwner(account), message, nonce, deadline, signature);
        operatorId = ++_count;
        _operators[operatorId] = slot;
        numberOf[account] = operatorId;
        emit OperatorAdmitted(operatorId, account);
        emit OperatorChecked(operatorId, slot.collector(), slot.facility());
    }

    /// @inheritdoc IWasteOperators
    function recheck(uint32 operatorId) external {
        OperatorSlot slot = _require(operatorId);
        OperatorSlot changed = slot.withHolder(_check(slot.account()));
        if (changed.equals(slot)) revert WasteOperatorsUnchanged(operatorId);
        _operators[operatorId] = changed;
        emit OperatorChecked(operatorId, changed.collector(), changed.facility());
    }

    /// @inheritdoc IWasteOperators
    function handOver(
        uint32 operatorId,
        address account,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external {
        OperatorSlot slot = _require(operatorId);
        address previous = slot.account();
        if (msg.sender != identities.identityOwner(previous)) revert WasteOperatorsNotOwner(operatorId, msg.sender);
        OperatorSlot changed = _newHolder(account);
        _authorizeOrSender(
            identities.identityOwner(account),
            OperatorMessages.operatorHandover(operatorId, account, nonce, deadline),
            nonce,
            deadline,
            signature
        );
        _replace(operatorId, slot, changed);
    }

    /// @inheritdoc IWasteOperators
    function appointSuccessor(uint32 operatorId, address account) external restricted {
        OperatorSlot slot = _require(operatorId);
        address previous = slot.account();
        if (!identities.isRetired(previous)) revert WasteOperatorsNotRetired(operatorId, previous);
        _replace(operatorId, slot, _newHolder(account));
    }

    /// @inheritdoc IWasteOperators
    function setCrew(
        uint32 operatorId,
        address key,
        uint40 until,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature,
        CompactSignature calldata consent
    ) external {
        address owner = identities.identityOwner(_require(operatorId).account());
        Crew memory crew = _crews[key];
        if (key == address(0) || (crew.operatorId != 0 && crew.operatorId != operatorId)) {
            revert WasteOperatorsBadKey(key, crew.operatorId);
        }
        if (crew.until == until) revert WasteOperatorsUnchanged(operatorId);
        bytes32 message = OperatorMessages.crewChange(operatorId, key, until, nonce, deadline);
        _authorizeOrSender(owner, message, nonce, deadline, signature);
        if (crew.operatorId == 0 && msg.sender != key) _requireConsent(operatorId, key, message, deadline, consent);
        _crews[key] = Crew({operatorId: operatorId, until: until});
        emit CrewSet(operatorId, key, until);
    }

    /// @inheritdoc IWasteOperators
    function permit(uint32 operatorId, uint24 code, uint40 until) external restricted {
        address account = _require(operatorId).account();
        if (_permits[account][code] == until) revert WasteOperatorsUnchanged(operatorId);
        _permits[account][code] = until;
        emit PermitSet(operatorId, code, until);
    }

    /// @inheritdoc IWasteOperators
    function license(uint32 operatorId, FacilityTerms calldata terms) external restricted {
        OperatorSlot slot = _require(operatorId);
        // solhint-disable-next-line not-rely-on-time
        if (!slot.facility() && terms.until >= block.timestamp) revert WasteOperatorsNoCredential(slot.account());
        _checkTerms(terms);
        OperatorSlot changed = slot.withTerms(terms);
        if (changed.equals(slot)) revert WasteOperatorsUnchanged(operatorId);
        _operators[operatorId] = changed;
        emit FacilityLicensed(operatorId, terms);
    }

    // --- views

    /// @inheritdoc IWasteOperators
    function operatorOf(uint32 operatorId) external view returns (Operator memory operator) {
        OperatorSlot slot = _operators[operatorId];
        return Operator({account: slot.account(), collector: slot.collector(), facility: slot.facility()});
    }

    /// @inheritdoc IWasteOperators
    function crewOf(address key) external view returns (Crew memory crew) {
        return _crews[key];
    }

    /// @inheritdoc IWasteOperators
    function collectorOf(address key, uint24 code) external view returns (uint32 operatorId, uint40 permittedUntil) {
        operatorId = _operatorBy(key);
        OperatorSlot slot = _operators[operatorId];
        if (!slot.collector()) return (0, 0);
        if (code != 0) permittedUntil = _permits[slot.account()][code];
    }

    /// @inheritdoc IWasteOperators
    function partiesOf(address senderKey, address receiverKey) external view returns (Parties memory parties) {
        parties.sender = _operatorBy(senderKey);
        parties.receiver = _operatorBy(receiverKey);
        OperatorSlot slot = _operators[parties.receiver];
        bool licensed = slot.isLicensed(block.timestamp);
        parties.licensed = licensed || slot.collector();
        if (licensed) parties.toleranceBp = slot.toleranceBp();
    }

    /// @inheritdoc IWasteOperators
    function facilityBy(address key) external view returns (uint32 operatorId, FacilityTerms memory terms) {
        uint32 signsFor = _operatorBy(key);
        OperatorSlot slot = _operators[signsFor];
        if (slot.isLicensed(block.timestamp)) return (signsFor, slot.terms());
    }

    /// @inheritdoc IWasteOperators
    function facilityOf(uint32 operatorId) external view returns (FacilityTerms memory terms) {
        OperatorSlot slot = _operators[operatorId];
        if (slot.facility()) return slot.terms();
    }

    /// @inheritdoc IWasteOperators
    function permitOf(uint32 operatorId, uint24 code) external view returns (uint40 until) {
        return _permits[_operators[operatorId].account()][code];
    }

    // --- internals

    function _require(uint32 operatorId) private view returns (OperatorSlot slot) {
        slot = _operators[operatorId];
        if (slot.account() == address(0)) revert WasteOperatorsUnknown(operatorId);
    }

    /// @dev What an identity holds now, with no licence. One that is retired holds nothing, whatever was stated about it.
    function _check(address account) private view returns (OperatorSlot slot) {
        bool present = !identities.isRetired(account);
        return
            OperatorSlots.pack(
                account,
                present && credentials.holds(WasteCredentials.WASTE_COLLECTOR, account),
                present && credentials.holds(WasteCredentials.WASTE_FACILITY, account)
            );
    }

    /// @dev As {_check}, of an identity that is to own an operator.
    function _newHolder(address account) private view returns (OperatorSlot slot) {
        if (identities.isRetired(account)) revert WasteOperatorsRetired(account);
        uint32 owned = numberOf[account];
        if (owned != 0) revert WasteOperatorsTaken(account, owned);
        slot = _check(account);
        if (!slot.collector() && !slot.facility()) revert WasteOperatorsNoCredential(account);
    }

    /// @dev Puts another identity in the place of an operator's.
    function _replace(uint32 operatorId, OperatorSlot slot, OperatorSlot changed) private {
        (address previous, address account) = (slot.account(), changed.account());
        delete numberOf[previous];
        numberOf[account] = operatorId;
        _operators[operatorId] = changed;
        emit OperatorHandedOver(operatorId, previous, account);
        if (changed.collector() != slot.collector() || changed.facility() != slot.facility()) {
            emit OperatorChecked(operatorId, changed.collector(), changed.facility());
        }
        if (slot.terms().model != CustodyModel.None) emit FacilityLicensed(operatorId, changed.terms());
    }

    /// @dev Reverts unless a key signed its own appointment. Where the owner calls, nobody has looked at the deadline yet.
    function _requireConsent(
        uint32 operatorId,
        address key,
        bytes32 message,
        uint256 deadline,
        CompactSignature calldata consent
    ) private view {
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > deadline) revert SignedExpired(deadline, block.timestamp);
        address signer = CompactSignatures.recover(_hashTypedDataV4(message), consent);
        if (signer != key) revert WasteOperatorsNoConsent(operatorId, key, signer);
    }

    /// @dev Operator for which a key signs now; zero: none. There is no operator zero.
    function _operatorBy(address key) private view returns (uint32 operatorId) {
        Crew storage crew = _crews[key];
        if (block.timestamp <= crew.until) return crew.operatorId;
    }

    function _checkTerms(FacilityTerms calldata terms) private pure {
        (uint16 tolerance, uint16 loss, uint8 conversion) = (terms.toleranceBp, terms.maxLossBp, terms.conversionPct);
        CustodyModel model = terms.model;
        _requireTerm(tolerance <= MAX_TOLERANCE_BP, TOLERANCE, tolerance, MAX_TOLERANCE_BP);
        _requireTerm(loss <= MAX_LOSS_BP, MAX_LOSS, loss, MAX_LOSS_BP);
        _requireTerm(conversion != 0, CONVERSION, conversion, 1);
        _requireTerm(conversion <= MAX_CONVERSION_PCT, CONVERSION, conversion, MAX_CONVERSION_PCT);
        _requireTerm(model != CustodyModel.None, MODEL, uint256(model), uint256(CustodyModel.Segregated));
        _requireTerm(model == CustodyModel.Segregated || terms.balanceDays != 0, BALANCE_DAYS, terms.balanceDays, 1);
    }

    function _requireTerm(bool holds, uint256 field, uint256 value, uint256 limit) private pure {
        if (!holds) revert WasteOperatorsBadTerms(field, value, limit);
    }
}
