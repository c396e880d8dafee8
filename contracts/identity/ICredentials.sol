// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISigned, Signature} from "../authority/ISigned.sol";
import {ICredentialRegistry} from "./ICredentialRegistry.sol";
import {IIdentities} from "./IIdentities.sol";

/// @notice How a credential stands, or why it does not. Where several hold, the first in this order is told.
enum Standing {
    /// @dev The type is known, but nobody said this of the subject.
    None,
    Current,
    UnknownType,
    /// @dev Revoked by its issuer, for good.
    Revoked,
    Suspended,
    Expired,
    /// @dev The issuer's accreditation, or one above it, was withdrawn. Only for types that ask for accreditation.
    IssuerWithdrawn,
    /// @dev The issuer's accreditation, or one above it, lapsed and may be renewed; or the one above it lost the right to
    /// accredit, which may be given back. Only for such types.
    IssuerLapsed,
    /// @dev The subject's identity is retired. Only where an account is asked about.
    SubjectRetired,
    /// @dev The account does not own the subject's identity. Only where an account is asked about.
    WrongAccount
}

/// @notice A kind of credential.
struct CredentialType {
    /// @dev Identity of the body that accredits issuers. Zero: no such type.
    address authority;
    /// @dev Whether a credential counts only while its issuer is accredited. Otherwise losing accreditation only stops
    /// new ones.
    bool bound;
    /// @dev Whether every subject gets a number, see {Credential}.
    bool numbered;
    /// @dev Numbers given so far.
    uint32 subjectCount;
}

/// @notice What an issuer says of a subject, as stored.
struct Credential {
    /// @dev Identity of the issuer. Zero: never issued.
    address issuer;
    /// @dev Last Unix time at which it is good.
    uint40 until;
    /// @dev Number of the person among the subjects of its type, from 1; zero: the type is not numbered. It stays when
    /// the credential is issued again or replaced, so a person is counted once under any number of cards and wallets.
    uint32 index;
    bool suspended;
    bool revoked;
    /// @dev Root of the salted attributes. Zero: none.
    bytes32 attributesRoot;
}

/// @notice Right of an issuer to issue credentials of a type, as stored.
struct Accreditation {
    /// @dev Identity of who accredited it. Zero: never accredited.
    address accreditor;
    /// @dev Last Unix time at which it is good.
    uint40 until;
    /// @dev Accreditations from the type's authority down to this one, 1 to 4.
    uint8 depth;
    /// @dev Whether the issuer may accredit others.
    bool mayAccredit;
    bool withdrawn;
}

/// @notice One of many credentials issued together.
struct Grant {
    address subject;
    /// @dev Last Unix time at which the credential is good.
    uint40 until;
    /// @dev Root of the salted attributes. Zero: none.
    bytes32 attributesRoot;
}

/// @notice An organisation names its issuing key (EIP-712 message `KeyAppointment`, signed by the owner of the issuer's
/// identity and by the key). The present owner is signed too, as the last member `address owner`.
struct KeyAppointment {
    /// @dev Identity of the organisation.
    address issuer;
    /// @dev Account, or address of an ERC-7913 key, that speaks for it here.
    address key;
    /// @dev Last Unix time at which the key may speak.
    uint40 until;
    uint256 nonce;
    uint48 deadline;
}

/// @notice An issuer is accredited (EIP-712 message `AccreditationGrant`, signed by the accreditor's key). The
/// organisation that the key speaks for is signed too, as the last member `address accreditor`.
struct AccreditationGrant {
    /// @dev The accreditor's key.
    address key;
    bytes32 typeId;
    /// @dev Identity to be accredited.
    address issuer;
    /// @dev Last Unix time at which the accreditation is good.
    uint40 until;
    bool mayAccredit;
    uint256 nonce;
    uint48 deadline;
}

/// @notice An accreditation is withdrawn (EIP-712 message `AccreditationWithdrawal`, signed by the accreditor's key or
/// the authority's). The organisation that the key speaks for is signed too, as the last member `address by`.
struct AccreditationWithdrawal {
    address key;
    bytes32 typeId;
    address issuer;
    uint256 nonce;
    uint48 deadline;
}

/// @notice A credential is issued (EIP-712 message `Issuance`, signed by the issuer's key). The organisation that
/// the key speaks for is signed too, as the last member `address issuer`.
struct Issuance {
    address key;
    bytes32 typeId;
    address subject;
    /// @dev Last Unix time at which the credential is good.
    uint40 until;
    /// @dev Root of the salted attributes. Zero: none.
    bytes32 attributesRoot;
    uint256 nonce;
    uint48 deadline;
}

/// @notice A credential is revoked, suspended or restored (EIP-712 message `StandingChange`, signed by the issuer's
/// key). The organisation that the key speaks for is signed too, as the last member `address issuer`.
struct StandingChange {
    address key;
    bytes32 typeId;
    address subject;
    /// @dev {Standing-Revoked}, {Standing-Suspended}, or {Standing-Current} to lift a suspension.
    Standing standing;
    uint256 nonce;
    uint48 deadline;
}

/// @notice A subject shows one attribute of a credential to one verifier for one purpose (EIP-712 message
/// `Presentation`, signed by the owner of the subject's identity). The present owner is signed too, as the last member
/// `address owner`.
struct Presentation {
    bytes32 typeId;
    address subject;
    /// @dev Who may use it: contract or account that calls {ICredentials-present}.
    address verifier;
    /// @dev What the verifier may use it for, in the verifier's own terms.
    bytes32 purpose;
    /// @dev What is shown, for instance `over-18`.
    bytes32 predicate;
    uint256 nonce;
    uint48 deadline;
}

/// @title ICredentials
/// @notice Who may say what of whom: types of credentials, bodies accredited to issue them, and what they said.
/// @dev - One current statement for a type and a subject. An issuer can overwrite its own, one that expired or was
/// revoked, one that ended for good because accreditation was withdrawn (for types that ask for it), and one whose
/// issuer's identity is retired.
/// - Issuers are identities. An organisation speaks here through one issuing key that the owner of its identity appoints
/// and may replace at any time; what it issued, and the right to revoke it, belong to the organisation. The key is
/// stored here, because asking {IIdentities} would cost every act 5,000 gas.
/// - A withdrawn accreditation ends what it covered for good; a lapsed one suspends it until it is renewed, by who gave
/// it or by the type's authority.
/// - Status lists serve cards that live in wallets: a card is a place in a list of its issuer. The bits of a word run
/// from the most significant one, so that the words of a list one after another are the bitstring of W3C Bitstring
/// Status List 1.0.
/// - Attributes never stand on the chain: the root covers salted leaves, see {attributeLeaf}, of which a subject shows
/// single ones. A leaf should state a predicate (`over-18`), not a datum (date of birth).
interface ICredentials is ICredentialRegistry, ISigned {
    /// @notice A type of credentials was registered.
    /// @param typeId The type.
    /// @param authority Identity of the body that accredits its issuers.
    /// @param bound See {CredentialType}.
    /// @param numbered See {CredentialType}.
    /// @param schemaURI Where its schema is published.
    event TypeRegistered(
        bytes32 indexed typeId,
        address indexed authority,
        bool bound,
        bool numbered,
        string schemaURI
    );

    /// @notice Another body accredits the issuers of a type. What the one before accredited stays.
    /// @param typeId The type.
    /// @param oldAuthority Identity of the body before.
    /// @param newAuthority Identity of the body now.
    event TypeAuthorityChanged(bytes32 indexed typeId, address indexed oldAuthority, address indexed newAuthority);

    /// @notice An organisation has a new issuing key.
    /// @param issuer Identity of the organisation.
    /// @param oldKey Key before; zero: none.
    /// @param newKey Key now; zero: none.
    /// @param until Last Unix time at which the key may speak; zero without a key.
    event IssuingKeyChanged(address indexed issuer, address indexed oldKey, address indexed newKey, uint40 until);

    /// @notice An issuer was accredited, or its accreditation renewed.
    /// @param typeId The type.
    /// @param issuer Identity of the issuer.
    /// @param accreditor Identity of who accredited it.
    /// @param until Last Unix time at which the accreditation is good.
    /// @param mayAccredit Whether it may accredit others.
    event IssuerAccredited(
        bytes32 indexed typeId,
        address indexed issuer,
        address indexed accreditor,
        uint40 until,
        bool mayAccredit
    );

    /// @notice An accreditation was withdrawn.
    /// @param typeId The type.
    /// @param issuer Identity of the issuer.
    /// @param by Identity of who withdrew it.
    event AccreditationWithdrawn(bytes32 indexed typeId, address indexed issuer, address indexed by);

    /// @notice A credential was issued, anew or again.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @param issuer Identity of the issuer.
    /// @param until Last Unix time at which it is good.
    /// @param index See {Credential}.
    /// @param attributesRoot Root of the salted attributes; zero: none.
    event CredentialIssued(
        bytes32 indexed typeId,
        address indexed subject,
        address indexed issuer,
        uint40 until,
        uint32 index,
        bytes32 attributesRoot
    );

    /// @notice A credential was revoked, for good, by the issuer that {CredentialIssued} named last.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    event CredentialRevoked(bytes32 indexed typeId, address indexed subject);

    /// @notice A credential was suspended by the issuer that {CredentialIssued} named last.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    event CredentialSuspended(bytes32 indexed typeId, address indexed subject);

    /// @notice The suspension of a credential was lifted by the issuer that {CredentialIssued} named last.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    event CredentialRestored(bytes32 indexed typeId, address indexed subject);

    /// @notice A person's number went from one identity to another; the credential of the first is revoked.
    /// @param typeId The type.
    /// @param oldSubject Identity before.
    /// @param newSubject Identity now.
    /// @param index The number.
    event CredentialReplaced(
        bytes32 indexed typeId,
        address indexed oldSubject,
        address indexed newSubject,
        uint32 index
    );

    /// @notice Cards of a status list were revoked, for good.
    /// @param word Issuer, list and word, `issuer << 96 | list << 64 | word`. In one topic, because two would cost every
    /// act 440 gas more.
    /// @param cards The cards that were revoked by this act; the most significant bit is card `256 * word`.
    event CardsRevoked(uint256 indexed word, uint256 cards);

    /// @notice Cards of a status list were suspended or restored.
    /// @param word Issuer, list and word, as in {CardsRevoked}.
    /// @param oldCards Cards suspended before; the most significant bit is card `256 * word`.
    /// @param newCards Cards suspended now.
    event CardsSuspended(uint256 indexed word, uint256 oldCards, uint256 newCards);

    /// @notice A subject showed an attribute to a verifier.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @param verifier Who used it.
    /// @param purpose What for.
    /// @param predicate What was shown.
    event AttributePresented(
        bytes32 indexed typeId,
        address indexed subject,
        address indexed verifier,
        bytes32 purpose,
        bytes32 predicate
    );

    /// @notice The type is registered already.
    /// @param typeId The type.
    error CredentialsTypeTaken(bytes32 typeId);

    /// @notice No such type.
    /// @param typeId The type.
    error CredentialsUnknownType(bytes32 typeId);

    /// @notice The type, subject, issuer or authority named is zero, or an authority is the one that stands.
    /// @param account The account named.
    error CredentialsBadAccount(address account);

    /// @notice The act would change nothing.
    /// @param typeId The type; zero for cards and keys.
    /// @param account Subject or issuer concerned.
    error CredentialsUnchanged(bytes32 typeId, address account);

    /// @notice The caller is neither the owner of the identity nor, to dismiss it, the key; and the identity is not
    /// retired.
    /// @param issuer The identity.
    /// @param caller Who called.
    error CredentialsNotTheirKey(address issuer, address caller);

    /// @notice The key speaks for another organisation.
    /// @param key The key.
    /// @param issuer That organisation.
    error CredentialsKeyTaken(address key, address issuer);

    /// @notice The account is nobody's issuing key, or its time is over.
    /// @param key The account.
    /// @param until Last Unix time at which it could speak; zero: never appointed.
    error CredentialsNoIssuingKey(address key, uint40 until);

    /// @notice The end of a key, an accreditation or a credential is in the past.
    /// @param until The end, Unix time.
    /// @param timestamp Time of the call.
    error CredentialsAlreadyOver(uint40 until, uint256 timestamp);

    /// @notice The issuer is not accredited for the type at this moment.
    /// @param typeId The type.
    /// @param issuer Identity of the issuer.
    /// @param standing {Standing-None}: never accredited; else {Standing-IssuerWithdrawn} or {Standing-IssuerLapsed}.
    error CredentialsNotAccredited(bytes32 typeId, address issuer, Standing standing);

    /// @notice The accreditor is not the type's authority and may not accredit others now.
    /// @param typeId The type.
    /// @param accreditor Identity of the accreditor.
    error CredentialsMayNotAccredit(bytes32 typeId, address accreditor);

    /// @notice The chain of accreditations would be too long.
    /// @param typeId The type.
    /// @param depth Its length.
    /// @param limit Greatest length.
    error CredentialsChainTooLong(bytes32 typeId, uint256 depth, uint256 limit);

    /// @notice Somebody else's accreditation of the issuer is in force or lapsed, or it was not this accreditor's to
    /// withdraw.
    /// @param typeId The type.
    /// @param issuer Identity of the issuer.
    /// @param accreditor Identity of who accredited it; zero: nobody.
    error CredentialsAccreditedByAnother(bytes32 typeId, address issuer, address accreditor);

    /// @notice The issuer was withdrawn and accredited anew more often than can be counted: 65,535 times.
    /// @dev Nobody, not even the authority, can accredit it for the type again. An accreditor could bring this about on
    /// purpose for an issuer of its own, by some five billion gas; the organisation then needs another identity.
    /// @param typeId The type.
    /// @param issuer Identity of the issuer.
    error CredentialsTooManyWithdrawals(bytes32 typeId, address issuer);

    /// @notice Another issuer's statement stands for this type and subject.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @param issuer Identity of that issuer; zero: there is no statement.
    error CredentialsIssuedByAnother(bytes32 typeId, address subject, address issuer);

    /// @notice The credential is revoked for good.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    error CredentialsAlreadyRevoked(bytes32 typeId, address subject);

    /// @notice A batch is empty or too long.
    /// @param length Its length.
    /// @param limit Greatest length.
    error CredentialsBadLength(uint256 length, uint256 limit);

    /// @notice No word of a status list has this position.
    /// @param position The position.
    /// @param limit Greatest position.
    error CredentialsBadPosition(uint256 position, uint256 limit);

    /// @notice A standing cannot be set by hand.
    /// @param standing The standing.
    error CredentialsBadStanding(Standing standing);

    /// @notice Only numbered credentials are replaced, and only to an identity that has no number of its own.
    /// @param typeId The type.
    /// @param oldSubject Identity before.
    /// @param newSubject Identity now.
    error CredentialsNotReplaceable(bytes32 typeId, address oldSubject, address newSubject);

    /// @notice A type has given all its numbers.
    /// @param typeId The type.
    /// @param limit Greatest number.
    error CredentialsNumbersUsedUp(bytes32 typeId, uint256 limit);

    /// @notice The subject does not hold the credential that the act needs.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @param standing Why not.
    error CredentialsNotHeld(bytes32 typeId, address subject, Standing standing);

    /// @notice The attribute is not among those that the issuer stated.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @param predicate The attribute.
    error CredentialsNotStated(bytes32 typeId, address subject, bytes32 predicate);

    /// @notice The presentation is for another verifier.
    /// @param verifier Whom it is for.
    /// @param caller Who called.
    error CredentialsNotVerifier(address verifier, address caller);

    // --- types

    /// @notice Registers a type of credentials. It cannot be changed but for its authority.
    /// @dev CREDENTIAL_REGISTRAR. Emits {TypeRegistered}. Reverts with {CredentialsTypeTaken} and
    /// {CredentialsBadAccount}.
    /// @param typeId Its id, by convention up to 31 characters of ASCII padded with zeros, like `RESIDENT`. Not zero.
    /// @param authority Identity of the body that accredits its issuers.
    /// @param bound See {CredentialType}.
    /// @param numbered See {CredentialType}.
    /// @param schemaURI Where its schema is published.
    function registerType(
        bytes32 typeId,
        address authority,
        bool bound,
        bool numbered,
        string calldata schemaURI
    ) external;

    /// @notice Puts another body in the place of a type's authority.
    /// @dev CREDENTIAL_REGISTRAR. What the old one accredited stays, and the new one may withdraw it. Emits
    /// {TypeAuthorityChanged}. Reverts with {CredentialsUnknownType} and {CredentialsBadAccount}.
    /// @param typeId The type.
    /// @param newAuthority Identity of the body.
    function changeTypeAuthority(bytes32 typeId, address newAuthority) external;

    // --- issuing keys

    /// @notice Appoints the issuing key of an organisation in place of the one before.
    /// @dev Anybody, with the signatures of the owner of the issuer's identity and of the key; the caller's own
    /// signature is not needed, and one account signs once. Emits {IssuingKeyChanged}. Reverts with
    /// {CredentialsKeyTaken}, {CredentialsAlreadyOver}, {CredentialsBadAccount}, {CredentialsNotTheirKey} (identity
    /// retired), {CredentialsUnchanged} and the errors of {ISigned}.
    /// @param appointment The message.
    /// @param ownerSignature Of the owner of the issuer's identity.
    /// @param keySignature Of the key.
    function appointKey(
        KeyAppointment calldata appointment,
        Signature calldata ownerSignature,
        Signature calldata keySignature
    ) external;

    /// @notice Ends the issuing key of an organisation.
    /// @dev The owner of its identity, the key itself, or anybody once the identity is retired. Emits
    /// {IssuingKeyChanged}. Reverts with {CredentialsNotTheirKey} and {CredentialsUnchanged}.
    /// @param issuer Identity of the organisation.
    function dismissKey(address issuer) external;

    // --- accreditations

    /// @notice Accredits an issuer for a type, or changes or renews an accreditation that the caller gave.
    /// @dev Issuing key of the type's authority, or of an issuer that may accredit others. What is in force or lapsed
    /// only who gave it and the authority, which so takes it over, may change: the credentials given under it stay good.
    /// Once it was withdrawn, any accreditor may accredit anew, and the credentials given before stay void. Emits {IssuerAccredited}. Reverts with
    /// {CredentialsUnknownType}, {CredentialsNoIssuingKey}, {CredentialsMayNotAccredit}, {CredentialsChainTooLong},
    /// {CredentialsAccreditedByAnother} (never for the authority), {CredentialsAlreadyOver}, {CredentialsBadAccount},
    /// {CredentialsUnchanged} and {CredentialsTooManyWithdrawals}.
    /// @param typeId The type.
    /// @param issuer Identity of the issuer.
    /// @param until Last Unix time at which the accreditation is good.
    /// @param mayAccredit Whether it may accredit others.
    function accredit(bytes32 typeId, address issuer, uint40 until, bool mayAccredit) external;

    /// @notice As {accredit}, by signature.
    /// @param grant The message.
    /// @param signature Of the accreditor's key.
    function accreditBySig(AccreditationGrant calldata grant, Signature calldata signature) external;

    /// @notice Withdraws an accreditation, and with it all that hangs below it.
    /// @dev Issuing key of who gave it, or of the type's authority. Emits {AccreditationWithdrawn}. Reverts with
    /// {CredentialsNoIssuingKey}, {CredentialsAccreditedByAnother} and {CredentialsUnchanged}.
    /// @param typeId The type.
    /// @param issuer Identity of the issuer.
    function withdrawAccreditation(bytes32 typeId, address issuer) external;

    /// @notice As {withdrawAccreditation}, by signature.
    /// @param withdrawal The message.
    /// @param signature Of the key of who gave it or of the authority.
    function withdrawAccreditationBySig(
        AccreditationWithdrawal calldata withdrawal,
        Signature calldata signature
    ) external;

    // --- credentials

    /// @notice Issues a credential, or issues one again.
    /// @dev Issuing key of an accredited issuer. Issuing again lifts a suspension and replaces end and attributes. Emits
    /// {CredentialIssued}. Reverts with {CredentialsNoIssuingKey}, {CredentialsNotAccredited},
    /// {CredentialsUnknownType}, {CredentialsIssuedByAnother}, {CredentialsAlreadyOver}, {CredentialsBadAccount} and
    /// {CredentialsNumbersUsedUp}.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @param until Last Unix time at which the credential is good.
    /// @param attributesRoot Root of the salted attributes; zero: none.
    function issue(bytes32 typeId, address subject, uint40 until, bytes32 attributesRoot) external;

    /// @notice Issues up to 300 credentials of one type, all or none: as many as a transaction of 16,777,216 gas holds.
    /// @dev As {issue}. Reverts with {CredentialsBadLength} too.
    /// @param typeId The type.
    /// @param grants Subjects, ends and attributes.
    function issueMany(bytes32 typeId, Grant[] calldata grants) external;

    /// @notice As {issue}, by signature.
    /// @param issuance The message.
    /// @param signature Of the issuer's key.
    function issueBySig(Issuance calldata issuance, Signature calldata signature) external;

    /// @notice Gives the credential and the number of a person to another identity of that person, who lost or left the
    /// first. The credential of the first is revoked.
    /// @dev Issuing key of the accredited issuer of the credential. The two identities are linked in public. Emits
    /// {CredentialRevoked} (unless it was revoked before), {CredentialReplaced} and {CredentialIssued}. Reverts as
    /// {issue}, and with {CredentialsNotReplaceable}.
    /// @param typeId The type. Numbered.
    /// @param oldSubject Identity of the person before.
    /// @param newSubject Identity of the person now.
    /// @param until Last Unix time at which the new credential is good.
    /// @param attributesRoot Root of the salted attributes of the new credential; zero: none.
    function replaceSubject(
        bytes32 typeId,
        address oldSubject,
        address newSubject,
        uint40 until,
        bytes32 attributesRoot
    ) external;

    /// @notice Revokes a credential for good. A new one may be issued.
    /// @dev Issuing key of its issuer, accredited or not. Emits {CredentialRevoked}. Reverts with
    /// {CredentialsNoIssuingKey}, {CredentialsIssuedByAnother} and {CredentialsAlreadyRevoked}.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    function revoke(bytes32 typeId, address subject) external;

    /// @notice Suspends a credential until {restore}.
    /// @dev As {revoke}, but emits {CredentialSuspended}. Reverts with {CredentialsUnchanged} when it is suspended.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    function suspend(bytes32 typeId, address subject) external;

    /// @notice Lifts a suspension.
    /// @dev As {revoke}, but emits {CredentialRestored}. Reverts with {CredentialsUnchanged} when it is not suspended.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    function restore(bytes32 typeId, address subject) external;

    /// @notice As {revoke}, {suspend} or {restore}, by signature.
    /// @dev Reverts with {CredentialsBadStanding} for any other standing.
    /// @param change The message.
    /// @param signature Of the issuer's key.
    function changeStandingBySig(StandingChange calldata change, Signature calldata signature) external;

    // --- status lists

    /// @notice Revokes cards of a word of 256, for good.
    /// @dev Any issuing key, for its own organisation's lists. Emits {CardsRevoked}. Reverts with
    /// {CredentialsNoIssuingKey}, {CredentialsBadPosition}, and {CredentialsUnchanged} when all are revoked.
    /// @param position List and word, `list << 64 | word`.
    /// @param cards The cards; the most significant bit is card `256 * word`.
    function revokeCards(uint256 position, uint256 cards) external;

    /// @notice States which cards of a word are suspended.
    /// @dev As {revokeCards}. Emits {CardsSuspended}.
    /// @param position List and word, `list << 64 | word`.
    /// @param cards The cards suspended from now on; all others are not.
    function suspendCards(uint256 position, uint256 cards) external;

    // --- presentations

    /// @notice Accepts a subject's presentation of one attribute. Reverts unless everything about it is right.
    /// @dev Only the verifier named in it, once. Emits {AttributePresented}. Reverts with {CredentialsNotVerifier},
    /// {CredentialsNotHeld}, {CredentialsNotStated} and the errors of {ISigned}.
    /// @param presentation The message.
    /// @param salt Salt of the attribute.
    /// @param proof Merkle proof that leads from the leaf to the credential's root.
    /// @param signature Of the owner of the subject's identity.
    function present(
        Presentation calldata presentation,
        bytes32 salt,
        bytes32[] calldata proof,
        Signature calldata signature
    ) external;

    // --- views

    /// @notice Contract of the identities.
    /// @return identities The contract.
    function identities() external view returns (IIdentities identities);

    /// @notice Whether a credential is current and an account speaks for its subject: owns the subject's identity.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @param account Who acts.
    /// @return held False for a retired subject, and for a key that the subject gave up.
    function holdsAs(bytes32 typeId, address subject, address account) external view returns (bool held);

    /// @notice How a credential stands, with the reason for a no.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @return standing {Standing-Current} exactly when {ICredentialRegistry-holds}.
    function check(bytes32 typeId, address subject) external view returns (Standing standing);

    /// @notice As {check}, for an account that wants to act for the subject.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @param account Who acts.
    /// @return standing {Standing-Current} exactly when {holdsAs}.
    function checkAs(bytes32 typeId, address subject, address account) external view returns (Standing standing);

    /// @notice Whether an attribute stands in a current credential of a subject.
    /// @dev Anybody who saw leaf and proof can ask: a contract that relies on it for a caller asks {holdsAs} too, or uses
    /// {present}.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @param predicate The attribute.
    /// @param salt Its salt.
    /// @param proof Merkle proof that leads from the leaf to the credential's root.
    /// @return proven True if so.
    function proveAttribute(
        bytes32 typeId,
        address subject,
        bytes32 predicate,
        bytes32 salt,
        bytes32[] calldata proof
    ) external view returns (bool proven);

    /// @notice A type.
    /// @param typeId The type.
    /// @return credentialType All zero: unknown.
    function typeOf(bytes32 typeId) external view returns (CredentialType memory credentialType);

    /// @notice A credential as stored; {check} tells how it stands.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @return credential All zero: never issued.
    function credentialOf(bytes32 typeId, address subject) external view returns (Credential memory credential);

    /// @notice An accreditation as stored; {accreditationStanding} tells whether it is good.
    /// @param typeId The type.
    /// @param issuer Identity of the issuer.
    /// @return accreditation All zero: never accredited.
    function accreditationOf(bytes32 typeId, address issuer) external view returns (Accreditation memory accreditation);

    /// @notice How an accreditation stands, with all those above it.
    /// @param typeId The type.
    /// @param issuer Identity of the issuer.
    /// @return standing {Standing-Current}, {Standing-None}, {Standing-UnknownType}, {Standing-IssuerWithdrawn} or
    /// {Standing-IssuerLapsed}.
    function accreditationStanding(bytes32 typeId, address issuer) external view returns (Standing standing);

    /// @notice Issuing key of an organisation.
    /// @param issuer Identity of the organisation.
    /// @return key The key; zero: none.
    /// @return until Last Unix time at which it may speak.
    function issuingKeyOf(address issuer) external view returns (address key, uint40 until);

    /// @notice Organisation that a key speaks for.
    /// @param key The key.
    /// @return issuer Identity of the organisation; zero: none.
    function issuerOf(address key) external view returns (address issuer);

    /// @notice A word of a status list.
    /// @dev Reverts with {CredentialsBadPosition}.
    /// @param issuer Identity of the issuer.
    /// @param position List and word, `list << 64 | word`.
    /// @return revoked Cards revoked; the most significant bit is card `256 * word`.
    /// @return suspended Cards suspended.
    function cardsOf(address issuer, uint256 position) external view returns (uint256 revoked, uint256 suspended);

    /// @notice How a card of a status list stands.
    /// @param issuer Identity of the issuer.
    /// @param list The list.
    /// @param card Place in the list.
    /// @return revoked Whether it is revoked.
    /// @return suspended Whether it is suspended.
    function cardStatus(address issuer, uint32 list, uint64 card) external view returns (bool revoked, bool suspended);

    /// @notice Leaf of an attribute, double-hashed so that no inner node passes for one.
    /// @param subject Identity of the subject, so that a root may cover many people.
    /// @param predicate The attribute, for instance `over-18`.
    /// @param salt At least 16 random bytes, so that nobody guesses attributes that were not shown.
    /// @return leaf `keccak256(bytes.concat(keccak256(abi.encode(subject, predicate, salt))))`, the leaf of
    /// OpenZeppelin's standard Merkle tree of (address, bytes32, bytes32).
    function attributeLeaf(address subject, bytes32 predicate, bytes32 salt) external pure returns (bytes32 leaf);
}
