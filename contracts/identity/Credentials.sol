// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {Signature} from "../authority/ISigned.sol";
import {Signed} from "../authority/Signed.sol";
import {AccreditationChain} from "./AccreditationChain.sol";
import {CredentialMessages} from "./CredentialMessages.sol";
import {Kind, KindWord, Mandate, Speaker, SpeakerWord, Statement, StatementWord} from "./CredentialStorage.sol";
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
/// all that its organisation can, until the owner of the organisation's identity dismisses it. The contract of the
/// identities is believed about who owns an identity. Nobody can pause anything.
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

    uint256 private constant MAX_GRANTS = 400;
    uint256 private constant LIST_SHIFT = 64;
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
    mapping(bytes32 typeId => mapping(address subject => Statement statement)) private _statements;
    mapping(bytes32 typeId => mapping(address subject => bytes32 attributesRoot)) private _roots;
    mapping(address issuer => mapping(uint256 position => uint256 cards)) private _revokedCards;
    mapping(address issuer => mapping(uint256 position => uint256 cards)) private _suspendedCards;

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
        if (typeId == 0 || authority == address(0)) revert CredentialsBadAccount(authority);
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

        bytes32 structHash = appointment.hash();
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
        _accredit(_speakerOf(msg.sender), typeId, issuer, until, mayAccredit);
    }

    /// @inheritdoc ICredentials
    function accreditBySig(AccreditationGrant calldata grant, Signature calldata signature) external {
        _authorize(grant.key, grant.hash(), grant.nonce, grant.deadline, signature);
        _accredit(_speakerOf(grant.key), grant.typeId, grant.issuer, grant.until, grant.mayAccredit);
    }

    /// @inheritdoc ICredentials
    function withdrawAccreditation(bytes32 typeId, address issuer) external {
        _withdraw(_speakerOf(msg.sender), typeId, issuer);
    }

    /// @inheritdoc ICredentials
    function withdrawAccreditationBySig(
        AccreditationWithdrawal calldata withdrawal,
        Signature calldata signature
    ) external {
        _authorize(withdrawal.key, withdrawal.hash(), withdrawal.nonce, withdrawal.deadline, signature);
        _withdraw(_speakerOf(withdrawal.key), withdrawal.typeId, withdrawal.issuer);
    }

    // --- credentials

    /// @inheritdoc ICredentials
    function issue(bytes32 typeId, address subject, uint40 until, bytes32 attributesRoot) external {
        address issuer = _speakerOf(msg.sender);
        _issue(_requireAccredited(typeId, issuer), issuer, typeId, subject, until, attributesRoot);
    }

    /// @inheritdoc ICredentials
    function issueMany(bytes32 typeId, Grant[] calldata grants) external {
        if (grants.length == 0 || grants.length > MAX_GRANTS) revert CredentialsBadLength(grants.length, MAX_GRANTS);
        address issuer = _speakerOf(msg.sender);
        Mandate mandate = _requireAccredited(typeId, issuer);
        for (uint256 i = 0; i < grants.length; ++i) {
            Grant calldata grant = grants[i];
            _issue(mandate, issuer, typeId, grant.subject, grant.until, grant.attributesRoot);
        }
    }

    /// @inheritdoc ICredentials
    function issueBySig(Issuance calldata issuance, Signature calldata signature) external {
        _authorize(issuance.key, issuance.hash(), issuance.nonce, issuance.deadline, signature);
        address issuer = _speakerOf(issuance.key);
        _issue(
            _requireAccredited(issuance.typeId, issuer),
            issuer,
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
        address issuer = _speakerOf(msg.sender);
        Mandate mandate = _requireAccredited(typeId, issuer);
        Statement statement = _requireOwn(issuer, typeId, oldSubject);
        uint32 index = statement.index();
        if (index == 0 || newSubject == address(0) || _statements[typeId][newSubject].index() != 0) {
            revert CredentialsNotReplaceable(typeId, oldSubject, newSubject);
        }
        // Without its number, so that what is issued to the first identity later is another person's.
        _statements[typeId][oldSubject] = statement.revoked().unnumbered();
        if (!statement.isRevoked()) emit CredentialStandingChanged(typeId, oldSubject, issuer, Standing.Revoked);
        emit CredentialReplaced(typeId, oldSubject, newSubject, index);
        _state(mandate, issuer, typeId, newSubject, until, index, attributesRoot);
    }

    /// @inheritdoc ICredentials
    function revoke(bytes32 typeId, address subject) external {
        _revoke(_speakerOf(msg.sender), typeId, subject);
    }

    /// @inheritdoc ICredentials
    function suspend(bytes32 typeId, address subject) external {
        _toggle(_speakerOf(msg.sender), typeId, subject, Standing.Suspended);
    }

    /// @inheritdoc ICredentials
    function restore(bytes32 typeId, address subject) external {
        _toggle(_speakerOf(msg.sender), typeId, subject, Standing.Current);
    }

    /// @inheritdoc ICredentials
    function changeStandingBySig(StandingChange calldata change, Signature calldata signature) external {
        _authorize(change.key, change.hash(), change.nonce, change.deadline, signature);
        address issuer = _speakerOf(change.key);
        Standing standing = change.standing;
        if (standing == Standing.Revoked) {
            _revoke(issuer, change.typeId, change.subject);
        } else if (standing == Standing.Suspended || standing == Standing.Current) {
            _toggle(issuer, change.typeId, change.subject, standing);
        } else {
            revert CredentialsBadStanding(standing);
        }
    }

    // --- status lists

    /// @inheritdoc ICredentials
    function revokeCards(uint256 position, uint256 cards) external {
        address issuer = _speakerOf(msg.sender);
        mapping(uint256 position => uint256 cards) storage words = _revokedCards[issuer];
        uint256 word = words[position];
        uint256 fresh = cards & ~word;
        if (fresh == 0) revert CredentialsUnchanged(0, issuer);
        words[position] = word | fresh;
        emit CardsRevoked(issuer, position, fresh);
    }

    /// @inheritdoc ICredentials
    function suspendCards(uint256 position, uint256 cards) external {
        address issuer = _speakerOf(msg.sender);
        uint256 oldCards = _suspendedCards[issuer][position];
        if (cards == oldCards) revert CredentialsUnchanged(0, issuer);
        _suspendedCards[issuer][position] = cards;
        emit CardsSuspended(issuer, position, oldCards, cards);
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
        Statement statement = _statements[typeId][subject];
        Standing standing = _standingOf(typeId, statement);
        address owner = identities.identityOwner(subject);
        if (standing == Standing.Current && owner == address(0)) standing = Standing.SubjectRetired;
        if (standing != Standing.Current) revert CredentialsNotHeld(typeId, subject, standing);
        if (!_isStated(typeId, subject, statement, presentation.predicate, salt, proof)) {
            revert CredentialsNotStated(typeId, subject, presentation.predicate);
        }
        _authorize(owner, presentation.hash(), presentation.nonce, presentation.deadline, signature);
        emit AttributePresented(typeId, subject, msg.sender, presentation.purpose, presentation.predicate);
    }

    // --- views

    /// @inheritdoc ICredentialRegistry
    function holds(bytes32 typeId, address subject) external view returns (bool held) {
        return _standingOf(typeId, _statements[typeId][subject]) == Standing.Current;
    }

    /// @inheritdoc ICredentials
    function holdsAs(bytes32 typeId, address subject, address account) external view returns (bool held) {
        return checkAs(typeId, subject, account) == Standing.Current;
    }

    /// @inheritdoc ICredentials
    function check(bytes32 typeId, address subject) external view returns (Standing standing) {
        return _standingOf(typeId, _statements[typeId][subject]);
    }

    /// @inheritdoc ICredentials
    function proveAttribute(
        bytes32 typeId,
        address subject,
        bytes32 predicate,
        bytes32 salt,
        bytes32[] calldata proof
    ) external view returns (bool proven) {
        Statement statement = _statements[typeId][subject];
        return
            _standingOf(typeId, statement) == Standing.Current &&
            _isStated(typeId, subject, statement, predicate, salt, proof);
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
        Statement statement = _statements[typeId][subject];
        return
            Credential({
                issuer: statement.issuer(),
                until: statement.until(),
                index: statement.index(),
                suspended: statement.isSuspended(),
                revoked: statement.isRevoked(),
                attributesRoot: statement.isRooted() ? _roots[typeId][subject] : bytes32(0)
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
        return (_revokedCards[issuer][position], _suspendedCards[issuer][position]);
    }

    /// @inheritdoc ICredentials
    function cardStatus(address issuer, uint64 list, uint64 card) external view returns (bool revoked, bool suspended) {
        uint256 position = (uint256(list) << LIST_SHIFT) | (card >> WORD_SHIFT);
        uint256 bit = FIRST_CARD >> (card & 0xff);
        revoked = _revokedCards[issuer][position] & bit != 0;
        suspended = _suspendedCards[issuer][position] & bit != 0;
    }

    /// @inheritdoc ICredentials
    function checkAs(bytes32 typeId, address subject, address account) public view returns (Standing standing) {
        standing = _standingOf(typeId, _statements[typeId][subject]);
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
        address issuer,
        bytes32 typeId,
        address subject,
        uint40 until,
        bytes32 attributesRoot
    ) private {
        if (subject == address(0)) revert CredentialsBadAccount(subject);
        Statement prior = _statements[typeId][subject];
        if (!prior.isNone() && prior.issuer() != issuer && !_isOver(typeId, prior)) {
            revert CredentialsIssuedByAnother(typeId, subject, prior.issuer());
        }
        uint32 index = prior.index();
        if (index == 0 && mandate.isNumbered()) index = _takeNumber(typeId);
        _state(mandate, issuer, typeId, subject, until, index, attributesRoot);
    }

    function _state(
        Mandate mandate,
        address issuer,
        bytes32 typeId,
        address subject,
        uint40 until,
        uint32 index,
        bytes32 attributesRoot
    ) private {
        _requireNotOver(until);
        _statements[typeId][subject] = StatementWord.encode(mandate, issuer, until, index, attributesRoot != 0);
        if (attributesRoot != 0) _roots[typeId][subject] = attributesRoot;
        emit CredentialIssued(typeId, subject, issuer, until, index, attributesRoot);
    }

    function _takeNumber(bytes32 typeId) private returns (uint32 index) {
        Kind kind = _kinds[typeId];
        if (kind.subjectCount() == type(uint32).max) revert CredentialsNumbersUsedUp(typeId, type(uint32).max);
        kind = kind.withOneMore();
        _kinds[typeId] = kind;
        return kind.subjectCount();
    }

    function _revoke(address issuer, bytes32 typeId, address subject) private {
        Statement statement = _requireOwn(issuer, typeId, subject);
        if (statement.isRevoked()) revert CredentialsAlreadyRevoked(typeId, subject);
        _statements[typeId][subject] = statement.revoked();
        emit CredentialStandingChanged(typeId, subject, issuer, Standing.Revoked);
    }

    /// @dev Suspends or restores.
    function _toggle(address issuer, bytes32 typeId, address subject, Standing standing) private {
        Statement statement = _requireOwn(issuer, typeId, subject);
        if (statement.isRevoked()) revert CredentialsAlreadyRevoked(typeId, subject);
        if (statement.isSuspended() == (standing == Standing.Suspended)) revert CredentialsUnchanged(typeId, subject);
        _statements[typeId][subject] = statement.toggled();
        emit CredentialStandingChanged(typeId, subject, issuer, standing);
    }

    /// @dev Organisation that speaks through a key now.
    function _speakerOf(address key) private view returns (address issuer) {
        Speaker speaker = _speakers[key];
        // solhint-disable-next-line not-rely-on-time
        if (speaker.until() < block.timestamp) revert CredentialsNoIssuingKey(key, speaker.until());
        return speaker.issuer();
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

    function _requireOwn(address issuer, bytes32 typeId, address subject) private view returns (Statement statement) {
        statement = _statements[typeId][subject];
        if (statement.issuer() != issuer) revert CredentialsIssuedByAnother(typeId, subject, statement.issuer());
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
        bytes32 typeId,
        address subject,
        Statement statement,
        bytes32 predicate,
        bytes32 salt,
        bytes32[] calldata proof
    ) private view returns (bool stated) {
        return
            statement.isRooted() &&
            MerkleProof.verifyCalldata(proof, _roots[typeId][subject], attributeLeaf(subject, predicate, salt));
    }
}
