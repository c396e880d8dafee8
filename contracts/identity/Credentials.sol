// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {Signature} from "../authority/ISigned.sol";
import {Signed} from "../authority/Signed.sol";
import {AccreditationChain} from "./AccreditationChain.sol";
import {CredentialMessages} from "./CredentialMessages.sol";
import {
    CardWord,
    Kind,
    KindWord,
    Mandate,
    Record,
    Speaker,
    SpeakerWord,
    Statement,
    StatementWord
} from "./CredentialStorage.sol";
import {ICredentialRegistry} from "./ICredentialRegistry.sol";
import {
    Accreditation,
    AccreditationGrant,
    AccreditationWithdrawal,
    Credential,
    CredentialType,
    Grant,
    ICredentials,
    Issuance,
    KeyAppointment,
    Presentation,
    Standing,
    StandingChange
} from "./ICredentials.sol";
import {IIdentities} from "./IIdentities.sol";

/// @title Credentials
/// @notice Types of credentials, accredited issuers, and what they said of whom.
/// @dev Trust: CREDENTIAL_REGISTRAR adds types and can put any body in the place of a type's authority, but cannot
/// accredit, issue or revoke. A type's authority is believed about who may issue, and can withdraw any accreditation of
/// its type; for a bound type that voids what was issued under it. An accredited issuer is believed about every subject
/// of its type that no other issuer's statement stands for, and alone can revoke what it said. An issuing key can do
/// all that its organisation can, until its time is over or the owner of the organisation's identity dismisses it;
/// retirement of that identity does not silence the key by itself, but anybody may dismiss it then. The contract of
/// the identities is believed about who owns an identity. Nobody can pause anything.
/// Longer than 400 lines because the accreditations, the credentials and the lists are written by the same issuing keys
/// and read together in one call.
contract Credentials is ICredentials, Signed, AccessManaged {
    using AccreditationChain for mapping(address issuer => Mandate mandate);
    using AccreditationChain for Mandate;
    using CredentialMessages for AccreditationGrant;
    using CredentialMessages for AccreditationWithdrawal;
    using CredentialMessages for Issuance;
    using CredentialMessages for KeyAppointment;
    using CredentialMessages for Presentation;
    using CredentialMessages for StandingChange;

    uint256 private constant MAX_GRANTS = 300;
    uint256 private constant LIST_SHIFT = 64;
    uint256 private constant MAX_POSITION = type(uint96).max;
    /// @dev A card's word is its place shifted by this, because a word holds 256 cards.
    uint256 private constant WORD_SHIFT = 8;
    /// @dev The most significant bit, which is the first card of a word.
    uint256 private constant FIRST_CARD = 1 << 255;

    /// @inheritdoc ICredentials
    IIdentities public immutable identities;

    mapping(bytes32 typeId => Kind kind) private _kinds;
    mapping(address key => Speaker speaker) private _speakers;
    mapping(address issuer => address key) private _keys;
    mapping(bytes32 typeId => mapping(address issuer => Mandate mandate)) private _mandates;
    mapping(bytes32 typeId => mapping(address subject => Record record)) private _records;
    mapping(uint256 word => CardWord cards) private _cards;

    /// @param authority The city's AccessManager.
    /// @param identities_ Contract of the identities.
    constructor(
        address authority,
        IIdentities identities_
    ) EIP712("Civitas Credentials", "1") AccessManaged(authority) {
        identities = identities_;
    }

    // --- types

    /// @inheritdoc ICredentials
    function registerType(
        bytes32 typeId,
        address authority,
        bool bound,
        bool numbered,
        string calldata schemaURI
    ) external restricted {
        if (!_kinds[typeId].isNone()) revert CredentialsTypeTaken(typeId);
        if (typeId == 0 || authority == address(0)) revert CredentialsBadAccount(address(0));
        _kinds[typeId] = KindWord.encode(authority, bound, numbered);
        emit TypeRegistered(typeId, authority, bound, numbered, schemaURI);
    }

    /// @inheritdoc ICredentials
    function changeTypeAuthority(bytes32 typeId, address newAuthority) external restricted {
        Kind kind = _requireType(typeId);
        address oldAuthority = kind.authority();
        if (newAuthority == address(0) || newAuthority == oldAuthority) revert CredentialsBadAccount(newAuthority);
        _kinds[typeId] = kind.withAuthority(newAuthority);
        emit TypeAuthorityChanged(typeId, oldAuthority, newAuthority);
    }

    // --- issuing keys

    /// @inheritdoc ICredentials
    function appointKey(
        KeyAppointment calldata appointment,
        Signature calldata ownerSignature,
        Signature calldata keySignature
    ) external {
        (address issuer, address key, uint40 until) = (appointment.issuer, appointment.key, appointment.until);
        if (issuer == address(0) || key == address(0)) revert CredentialsBadAccount(address(0));
        _requireNotOver(until);
        address owner = identities.identityOwner(issuer);
        if (owner == address(0)) revert CredentialsNotTheirKey(issuer, msg.sender);
        Speaker prior = _speakers[key];
        if (prior.issuer() != address(0) && prior.issuer() != issuer) revert CredentialsKeyTaken(key, prior.issuer());
        if (prior.issuer() == issuer && prior.until() == until) revert CredentialsUnchanged(0, issuer);

        bytes32 structHash = appointment.hash(owner);
        _authorizeOrSender(owner, structHash, appointment.nonce, appointment.deadline, ownerSignature);
        if (key != owner) {
            _authorizeOrSender(key, structHash, appointment.nonce, appointment.deadline, keySignature);
        }
        address oldKey = _keys[issuer];
        _speakers[oldKey] = SpeakerWord.NOBODY;
        _speakers[key] = SpeakerWord.encode(issuer, until);
        _keys[issuer] = key;
        emit IssuingKeyChanged(issuer, oldKey, key, until);
    }

    /// @inheritdoc ICredentials
    function dismissKey(address issuer) external {
        address key = _keys[issuer];
        if (key == address(0)) revert CredentialsUnchanged(0, issuer);
        if (msg.sender != key) {
            address owner = identities.identityOwner(issuer);
            if (owner != address(0) && owner != msg.sender) revert CredentialsNotTheirKey(issuer, msg.sender);
        }
        _speakers[key] = SpeakerWord.NOBODY;
        delete _keys[issuer];
        emit IssuingKeyChanged(issuer, key, address(0), 0);
    }

    // --- accreditations

    /// @inheritdoc ICredentials
    function accredit(bytes32 typeId, address issuer, uint40 until, bool mayAccredit) external {
        _accredit(_requireSpeaker(msg.sender).issuer(), typeId, issuer, until, mayAccredit);
    }

    /// @inheritdoc ICredentials
    function accreditBySig(AccreditationGrant calldata grant, Signature calldata signature) external {
        address accreditor = _requireSpeaker(grant.key).issuer();
        _authorize(grant.key, grant.hash(accreditor), grant.nonce, grant.deadline, signature);
        _accredit(accreditor, grant.typeId, grant.issuer, grant.until, grant.mayAccredit);
    }

    /// @inheritdoc ICredentials
    function withdrawAccreditation(bytes32 typeId, address issuer) external {
        _withdraw(_requireSpeaker(msg.sender).issuer(), typeId, issuer);
    }

    /// @inheritdoc ICredentials
    function withdrawAccreditationBySig(
        AccreditationWithdrawal calldata withdrawal,
        Signature calldata signature
    ) external {
        address by = _requireSpeaker(withdrawal.key).issuer();
        _authorize(withdrawal.key, withdrawal.hash(by), withdrawal.nonce, withdrawal.deadline, signature);
        _withdraw(by, withdrawal.typeId, withdrawal.issuer);
    }

    // --- credentials

    /// @inheritdoc ICredentials
    function issue(bytes32 typeId, address subject, uint40 until, bytes32 attributesRoot) external {
        Speaker speaker = _requireSpeaker(msg.sender);
        _issue(_requireAccredited(typeId, speaker.issuer()), speaker, typeId, subject, until, attributesRoot);
    }

    /// @inheritdoc ICredentials
    function issueMany(bytes32 typeId, Grant[] calldata grants) external {
        if (grants.length == 0 || grants.length > MAX_GRANTS) revert CredentialsBadLength(grants.length, MAX_GRANTS);
        Speaker speaker = _requireSpeaker(msg.sender);
        Mandate mandate = _requireAccredited(typeId, speaker.issuer());
        for (uint256 i = 0; i < grants.length; ++i) {
            Grant calldata grant = grants[i];
            _issue(mandate, speaker, typeId, grant.subject, grant.until, grant.attributesRoot);
        }
    }

    /// @inheritdoc ICredentials
    function issueBySig(Issuance calldata issuance, Signature calldata signature) external {
        Speaker speaker = _requireSpeaker(issuance.key);
        _authorize(issuance.key, issuance.hash(speaker.issuer()), issuance.nonce, issuance.deadline, signature);
        _issue(
            _requireAccredited(issuance.typeId, speaker.issuer()),
            speaker,
            issuance.typeId,
            issuance.subject,
            issuance.until,
            issuance.attributesRoot
        );
    }

    /// @inheritdoc ICredentials
    function replaceSubject(
        bytes32 typeId,
        address oldSubject,
        address newSubject,
        uint40 until,
        bytes32 attributesRoot
    ) external {
        if (newSubject == address(0)) revert CredentialsBadAccount(newSubject);
        _requireNotOver(until);
        Speaker speaker = _requireSpeaker(msg.sender);
        Mandate mandate = _requireAccredited(typeId, speaker.issuer());
        Record storage record = _records[typeId][oldSubject];
        Statement statement = record.statement;
        if (!statement.isBy(speaker)) _refuse(speaker, typeId, oldSubject, statement);
        uint32 index = statement.index();
        Record storage newRecord = _records[typeId][newSubject];
        if (index == 0 || newRecord.statement.index() != 0) {
            revert CredentialsNotReplaceable(typeId, oldSubject, newSubject);
        }
        // Without its number, so that what is issued to the first identity later is another person's.
        record.statement = statement.revoked().unnumbered();
        if (!statement.isRevoked()) emit CredentialRevoked(typeId, oldSubject);
        emit CredentialReplaced(typeId, oldSubject, newSubject, index);
        _write(newRecord, mandate, speaker.issuer(), typeId, newSubject, until, index, attributesRoot);
    }

    /// @inheritdoc ICredentials
    function revoke(bytes32 typeId, address subject) external {
        // Without a call to {_requireSpeaker} or {_revoke}, because this is the act that must never be too dear.
        Speaker speaker = _speakers[msg.sender];
        // solhint-disable-next-line not-rely-on-time
        if (speaker.isSilent(block.timestamp)) revert CredentialsNoIssuingKey(msg.sender, speaker.until());
        Record storage record = _records[typeId][subject];
        Statement statement = record.statement;
        if (!statement.isRevocableBy(speaker)) _refuse(speaker, typeId, subject, statement);
        record.statement = statement.revoked();
        bytes32 topic = CredentialRevoked.selector;
        // Emits {CredentialRevoked}, cheaper. The decoder of the call leaves no bits above an address.
        assembly ("memory-safe") {
            log3(0, 0, topic, typeId, subject)
        }
    }

    /// @inheritdoc ICredentials
    function suspend(bytes32 typeId, address subject) external {
        _setSuspended(_requireSpeaker(msg.sender), typeId, subject, true);
    }

    /// @inheritdoc ICredentials
    function restore(bytes32 typeId, address subject) external {
        _setSuspended(_requireSpeaker(msg.sender), typeId, subject, false);
    }

    /// @inheritdoc ICredentials
    function changeStandingBySig(StandingChange calldata change, Signature calldata signature) external {
        Speaker speaker = _requireSpeaker(change.key);
        _authorize(change.key, change.hash(speaker.issuer()), change.nonce, change.deadline, signature);
        Standing standing = change.standing;
        if (standing == Standing.Revoked) {
            _revoke(speaker, change.typeId, change.subject);
        } else if (standing == Standing.Suspended || standing == Standing.Current) {
            _setSuspended(speaker, change.typeId, change.subject, standing == Standing.Suspended);
        } else {
            revert CredentialsBadStanding(standing);
        }
    }

    // --- status lists

    /// @inheritdoc ICredentials
    function revokeCards(uint256 position, uint256 cards) external {
        // Without calls to {_requireSpeaker} and {_wordOf}, as in {revoke}.
        Speaker speaker = _speakers[msg.sender];
        // solhint-disable-next-line not-rely-on-time
        if (speaker.isSilent(block.timestamp)) revert CredentialsNoIssuingKey(msg.sender, speaker.until());
        if (position > MAX_POSITION) revert CredentialsBadPosition(position, MAX_POSITION);
        uint256 word = speaker.listWord(position);
        CardWord storage entry = _cards[word];
        uint256 revoked = entry.revoked;
        uint256 fresh = cards & ~revoked;
        if (fresh == 0) revert CredentialsUnchanged(0, speaker.issuer());
        entry.revoked = revoked | fresh;
        emit CardsRevoked(word, fresh);
    }

    /// @inheritdoc ICredentials
    function suspendCards(uint256 position, uint256 cards) external {
        Speaker speaker = _requireSpeaker(msg.sender);
        uint256 word = _wordOf(speaker, position);
        CardWord storage entry = _cards[word];
        uint256 oldCards = entry.suspended;
        if (cards == oldCards) revert CredentialsUnchanged(0, speaker.issuer());
        entry.suspended = cards;
        emit CardsSuspended(word, oldCards, cards);
    }

    // --- presentations

    /// @inheritdoc ICredentials
    function present(
        Presentation calldata presentation,
        bytes32 salt,
        bytes32[] calldata proof,
        Signature calldata signature
    ) external {
        (bytes32 typeId, address subject) = (presentation.typeId, presentation.subject);
        if (msg.sender != presentation.verifier) revert CredentialsNotVerifier(presentation.verifier, msg.sender);
        Record storage record = _records[typeId][subject];
        Standing standing = _standingOf(typeId, record.statement);
        address owner = identities.identityOwner(subject);
        if (standing == Standing.Current && owner == address(0)) standing = Standing.SubjectRetired;
        if (standing != Standing.Current) revert CredentialsNotHeld(typeId, subject, standing);
        if (!_isStated(record, subject, presentation.predicate, salt, proof)) {
            revert CredentialsNotStated(typeId, subject, presentation.predicate);
        }
        _authorize(owner, presentation.hash(owner), presentation.nonce, presentation.deadline, signature);
        emit AttributePresented(typeId, subject, msg.sender, presentation.purpose, presentation.predicate);
    }

    // --- views

    /// @inheritdoc ICredentialRegistry
    function holds(bytes32 typeId, address subject) external view returns (bool held) {
        return _standingOf(typeId, _records[typeId][subject].statement) == Standing.Current;
    }

    /// @inheritdoc ICredentials
    function holdsAs(bytes32 typeId, address subject, address account) external view returns (bool held) {
        return checkAs(typeId, subject, account) == Standing.Current;
    }

    /// @inheritdoc ICredentials
    function check(bytes32 typeId, address subject) external view returns (Standing standing) {
        return _standingOf(typeId, _records[typeId][subject].statement);
    }

    /// @inheritdoc ICredentials
    function proveAttribute(
        bytes32 typeId,
        address subject,
        bytes32 predicate,
        bytes32 salt,
        bytes32[] calldata proof
    ) external view returns (bool proven) {
        Record storage record = _records[typeId][subject];
        return
            _standingOf(typeId, record.statement) == Standing.Current &&
            _isStated(record, subject, predicate, salt, proof);
    }

    /// @inheritdoc ICredentials
    function typeOf(bytes32 typeId) external view returns (CredentialType memory credentialType) {
        Kind kind = _kinds[typeId];
        return
            CredentialType({
                authority: kind.authority(),
                bound: kind.isBound(),
                numbered: kind.isNumbered(),
                subjectCount: kind.subjectCount()
            });
    }

    /// @inheritdoc ICredentials
    function credentialOf(bytes32 typeId, address subject) external view returns (Credential memory credential) {
        Record storage record = _records[typeId][subject];
        Statement statement = record.statement;
        return
            Credential({
                issuer: statement.issuer(),
                until: statement.until(),
                index: statement.index(),
                suspended: statement.isSuspended(),
                revoked: statement.isRevoked(),
                attributesRoot: statement.isRooted() ? record.attributesRoot : bytes32(0)
            });
    }

    /// @inheritdoc ICredentials
    function accreditationOf(
        bytes32 typeId,
        address issuer
    ) external view returns (Accreditation memory accreditation) {
        Mandate mandate = _mandates[typeId][issuer];
        return
            Accreditation({
                accreditor: mandate.accreditor(),
                until: mandate.until(),
                depth: mandate.depth(),
                mayAccredit: mandate.mayAccredit(),
                withdrawn: mandate.isWithdrawn()
            });
    }

    /// @inheritdoc ICredentials
    function accreditationStanding(bytes32 typeId, address issuer) external view returns (Standing standing) {
        return _accreditationStanding(typeId, _mandates[typeId][issuer]);
    }

    /// @inheritdoc ICredentials
    function issuingKeyOf(address issuer) external view returns (address key, uint40 until) {
        key = _keys[issuer];
        until = _speakers[key].until();
    }

    /// @inheritdoc ICredentials
    function issuerOf(address key) external view returns (address issuer) {
        return _speakers[key].issuer();
    }

    /// @inheritdoc ICredentials
    function cardsOf(address issuer, uint256 position) external view returns (uint256 revoked, uint256 suspended) {
        CardWord storage entry = _cards[_wordOf(SpeakerWord.encode(issuer, 0), position)];
        return (entry.revoked, entry.suspended);
    }

    /// @inheritdoc ICredentials
    function cardStatus(address issuer, uint32 list, uint64 card) external view returns (bool revoked, bool suspended) {
        CardWord storage entry = _cards[
            _wordOf(SpeakerWord.encode(issuer, 0), (uint256(list) << LIST_SHIFT) | (card >> WORD_SHIFT))
        ];
        uint256 bit = FIRST_CARD >> (card & 0xff);
        revoked = entry.revoked & bit != 0;
        suspended = entry.suspended & bit != 0;
    }

    /// @inheritdoc ICredentials
    function checkAs(bytes32 typeId, address subject, address account) public view returns (Standing standing) {
        standing = _standingOf(typeId, _records[typeId][subject].statement);
        if (standing != Standing.Current) return standing;
        address owner = identities.identityOwner(subject);
        if (owner == address(0)) return Standing.SubjectRetired;
        if (owner != account) return Standing.WrongAccount;
    }

    /// @inheritdoc ICredentials
    function attributeLeaf(address subject, bytes32 predicate, bytes32 salt) public pure returns (bytes32 leaf) {
        return keccak256(bytes.concat(keccak256(abi.encode(subject, predicate, salt))));
    }

    // --- internals

    function _accredit(address accreditor, bytes32 typeId, address issuer, uint40 until, bool mayAccredit) private {
        Kind kind = _requireType(typeId);
        if (issuer == address(0)) revert CredentialsBadAccount(issuer);
        _requireNotOver(until);
        mapping(address issuer => Mandate mandate) storage mandates = _mandates[typeId];
        Mandate mandate = mandates.next(kind, typeId, accreditor, issuer, until, mayAccredit);
        if (mandate.equals(mandates[issuer])) revert CredentialsUnchanged(typeId, issuer);
        mandates[issuer] = mandate;
        emit IssuerAccredited(typeId, issuer, accreditor, until, mayAccredit);
    }

    function _withdraw(address by, bytes32 typeId, address issuer) private {
        Kind kind = _kinds[typeId];
        Mandate mandate = _mandates[typeId][issuer];
        address holder = mandate.holderOf(kind);
        if (mandate.isNone() || (by != holder && by != kind.authority())) {
            revert CredentialsAccreditedByAnother(typeId, issuer, holder);
        }
        if (mandate.isWithdrawn()) revert CredentialsUnchanged(typeId, issuer);
        _mandates[typeId][issuer] = mandate.withdrawn();
        emit AccreditationWithdrawn(typeId, issuer, by);
    }

    function _issue(
        Mandate mandate,
        Speaker speaker,
        bytes32 typeId,
        address subject,
        uint40 until,
        bytes32 attributesRoot
    ) private {
        if (subject == address(0)) revert CredentialsBadAccount(subject);
        _requireNotOver(until);
        Record storage record = _records[typeId][subject];
        Statement prior = record.statement;
        if (!prior.isNone() && !prior.isBy(speaker) && !_isOver(typeId, prior)) {
            revert CredentialsIssuedByAnother(typeId, subject, prior.issuer());
        }
        uint32 index = prior.index();
        if (index == 0 && mandate.isNumbered()) index = _takeNumber(typeId);
        _write(record, mandate, speaker.issuer(), typeId, subject, until, index, attributesRoot);
    }

    function _write(
        Record storage record,
        Mandate mandate,
        address issuer,
        bytes32 typeId,
        address subject,
        uint40 until,
        uint32 index,
        bytes32 attributesRoot
    ) private {
        record.statement = StatementWord.encode(mandate, issuer, until, index, attributesRoot != 0);
        if (attributesRoot != 0) record.attributesRoot = attributesRoot;
        emit CredentialIssued(typeId, subject, issuer, until, index, attributesRoot);
    }

    function _takeNumber(bytes32 typeId) private returns (uint32 index) {
        Kind kind = _kinds[typeId];
        if (kind.subjectCount() == type(uint32).max) revert CredentialsNumbersUsedUp(typeId, type(uint32).max);
        kind = kind.withOneMore();
        _kinds[typeId] = kind;
        return kind.subjectCount();
    }

    function _revoke(Speaker speaker, bytes32 typeId, address subject) private {
        (Record storage record, Statement statement) = _requireRevocable(speaker, typeId, subject);
        record.statement = statement.revoked();
        emit CredentialRevoked(typeId, subject);
    }

    /// @dev Suspends or restores.
    function _setSuspended(Speaker speaker, bytes32 typeId, address subject, bool suspending) private {
        (Record storage record, Statement statement) = _requireRevocable(speaker, typeId, subject);
        if (statement.isSuspended() == suspending) revert CredentialsUnchanged(typeId, subject);
        record.statement = statement.toggled();
        if (suspending) emit CredentialSuspended(typeId, subject);
        else emit CredentialRestored(typeId, subject);
    }

    /// @dev Organisation that speaks through a key now.
    function _requireSpeaker(address key) private view returns (Speaker speaker) {
        speaker = _speakers[key];
        // solhint-disable-next-line not-rely-on-time
        if (speaker.isSilent(block.timestamp)) revert CredentialsNoIssuingKey(key, speaker.until());
    }

    function _requireType(bytes32 typeId) private view returns (Kind kind) {
        kind = _kinds[typeId];
        if (kind.isNone()) revert CredentialsUnknownType(typeId);
    }

    function _requireAccredited(bytes32 typeId, address issuer) private view returns (Mandate mandate) {
        mandate = _mandates[typeId][issuer];
        Standing standing = _accreditationStanding(typeId, mandate);
        if (standing == Standing.Current) return mandate;
        if (standing == Standing.UnknownType) revert CredentialsUnknownType(typeId);
        revert CredentialsNotAccredited(typeId, issuer, standing);
    }

    function _requireRevocable(
        Speaker speaker,
        bytes32 typeId,
        address subject
    ) private view returns (Record storage record, Statement statement) {
        record = _records[typeId][subject];
        statement = record.statement;
        if (!statement.isRevocableBy(speaker)) _refuse(speaker, typeId, subject, statement);
    }

    /// @dev Says why an organisation can do nothing with a credential.
    function _refuse(Speaker speaker, bytes32 typeId, address subject, Statement statement) private pure {
        if (!statement.isBy(speaker)) revert CredentialsIssuedByAnother(typeId, subject, statement.issuer());
        revert CredentialsAlreadyRevoked(typeId, subject);
    }

    function _requireNotOver(uint40 until) private view {
        // solhint-disable-next-line not-rely-on-time
        if (until < block.timestamp) revert CredentialsAlreadyOver(until, block.timestamp);
    }

    function _accreditationStanding(bytes32 typeId, Mandate mandate) private view returns (Standing standing) {
        if (mandate.isNone()) return _kinds[typeId].isNone() ? Standing.UnknownType : Standing.None;
        return _mandates[typeId].standingOf(mandate);
    }

    function _standingOf(bytes32 typeId, Statement statement) private view returns (Standing standing) {
        if (statement.isNone()) return _kinds[typeId].isNone() ? Standing.UnknownType : Standing.None;
        if (statement.isRevoked()) return Standing.Revoked;
        if (statement.isSuspended()) return Standing.Suspended;
        // solhint-disable-next-line not-rely-on-time
        if (statement.until() < block.timestamp) return Standing.Expired;
        return statement.isBound() ? _issuerStanding(typeId, statement) : Standing.Current;
    }

    /// @dev How the accreditation stands under which a credential was issued.
    function _issuerStanding(bytes32 typeId, Statement statement) private view returns (Standing standing) {
        mapping(address issuer => Mandate mandate) storage mandates = _mandates[typeId];
        Mandate mandate = mandates[statement.issuer()];
        if (mandate.epoch() != statement.epoch()) return Standing.IssuerWithdrawn;
        return mandates.standingOf(mandate);
    }

    /// @dev Whether a statement ended for good, or nobody is left to end it, so that any issuer may replace it.
    function _isOver(bytes32 typeId, Statement statement) private view returns (bool over) {
        // solhint-disable-next-line not-rely-on-time
        if (statement.isRevoked() || statement.until() < block.timestamp) return true;
        if (statement.isBound() && _issuerStanding(typeId, statement) == Standing.IssuerWithdrawn) return true;
        return identities.identityOwner(statement.issuer()) == address(0);
    }

    function _isStated(
        Record storage record,
        address subject,
        bytes32 predicate,
        bytes32 salt,
        bytes32[] calldata proof
    ) private view returns (bool stated) {
        return
            record.statement.isRooted() &&
            MerkleProof.verifyCalldata(proof, record.attributesRoot, attributeLeaf(subject, predicate, salt));
    }

    function _wordOf(Speaker speaker, uint256 position) private pure returns (uint256 word) {
        if (position > MAX_POSITION) revert CredentialsBadPosition(position, MAX_POSITION);
        return speaker.listWord(position);
    }
}
