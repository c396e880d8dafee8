// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A {CredentialType} as it is stored, in one word. From the low bits: authority 160, subjectCount 32, flags 8.
type Kind is uint256;

/// @notice Who speaks through an issuing key, in one word. From the low bits: issuer 160, zero 8,
/// until 40.
type Speaker is uint256;

/// @notice An {Accreditation} as it is stored, in one word. From the low bits: accreditor 160, until 40, epoch 16, accreditorEpoch 16,
/// depth 8, flags 8. The flags of the type are copied here, so that issuing need not read the type.
type Mandate is uint256;

/// @notice A {Credential} as it is stored, without its attributes, in one word. From the low bits: issuer 160, flags 8, until 40, index 32,
/// epoch 16. The type's flag is copied here, so that asking need not read the type.
type Statement is uint256;

/// @notice All that is stored of a credential. Two slots.
struct Record {
    // slot 1
    Statement statement;
    // slot 2
    /// @dev Root of the salted attributes. Left over from an earlier credential unless the statement is rooted.
    bytes32 attributesRoot;
}

/// @notice A word of a status list. Two slots; the most significant bit is the first card.
struct CardWord {
    // slot 1
    /// @dev Cards revoked, for good.
    uint256 revoked;
    // slot 2
    /// @dev Cards suspended.
    uint256 suspended;
}

using KindWord for Kind global;
using SpeakerWord for Speaker global;
using MandateWord for Mandate global;
using StatementWord for Statement global;

/// @title KindWord
/// @notice Fields of a {Kind}. Every narrowing cast cuts off exactly the fields above the one read.
library KindWord {
    uint256 private constant COUNT_SHIFT = 160;
    uint256 private constant ONE_SUBJECT = 1 << COUNT_SHIFT;
    uint256 private constant BOUND = 1 << 192;
    uint256 private constant NUMBERED = 1 << 193;

    /// @dev A new type, without subjects. See {CredentialType}.
    function encode(address authority_, bool bound, bool numbered) internal pure returns (Kind self) {
        return Kind.wrap(uint256(uint160(authority_)) | (bound ? BOUND : 0) | (numbered ? NUMBERED : 0));
    }

    /// @dev Replaces the authority.
    function withAuthority(Kind self, address authority_) internal pure returns (Kind) {
        return Kind.wrap(((Kind.unwrap(self) >> COUNT_SHIFT) << COUNT_SHIFT) | uint160(authority_));
    }

    /// @dev One subject more. Spills into the flags unless the count is below its greatest value.
    function withOneMore(Kind self) internal pure returns (Kind) {
        return Kind.wrap(Kind.unwrap(self) + ONE_SUBJECT);
    }

    /// @dev Whether there is no such type.
    function isNone(Kind self) internal pure returns (bool) {
        return Kind.unwrap(self) == 0;
    }

    /// @dev Zero: no such type.
    function authority(Kind self) internal pure returns (address) {
        return address(uint160(Kind.unwrap(self)));
    }

    /// @dev Numbers given so far.
    function subjectCount(Kind self) internal pure returns (uint32) {
        return uint32(Kind.unwrap(self) >> COUNT_SHIFT);
    }

    /// @dev See {CredentialType}.
    function isBound(Kind self) internal pure returns (bool) {
        return Kind.unwrap(self) & BOUND != 0;
    }

    /// @dev See {CredentialType}.
    function isNumbered(Kind self) internal pure returns (bool) {
        return Kind.unwrap(self) & NUMBERED != 0;
    }
}

/// @title SpeakerWord
/// @notice Fields of a {Speaker}. Every narrowing cast cuts off exactly the fields above the one read.
library SpeakerWord {
    /// @dev The key is nobody's.
    Speaker internal constant NOBODY = Speaker.wrap(0);

    uint256 private constant UNTIL_SHIFT = 168;
    uint256 private constant ISSUER_SHIFT = 96;

    /// @dev See {KeyAppointment}.
    function encode(address issuer_, uint40 until_) internal pure returns (Speaker self) {
        return Speaker.wrap(uint256(uint160(issuer_)) | (uint256(until_) << UNTIL_SHIFT));
    }

    /// @dev Whether the key cannot speak at a Unix time: its time is over, or it is nobody's.
    function isSilent(Speaker self, uint256 timestamp) internal pure returns (bool) {
        return Speaker.unwrap(self) >> UNTIL_SHIFT < timestamp;
    }

    /// @dev Word of the issuer's status lists, see {ICredentials-CardsRevoked}. The shift drops what is not
    /// the issuer. The position is below 2^96.
    function listWord(Speaker self, uint256 position) internal pure returns (uint256) {
        return (Speaker.unwrap(self) << ISSUER_SHIFT) | position;
    }

    /// @dev Zero: the key is nobody's.
    function issuer(Speaker self) internal pure returns (address) {
        return address(uint160(Speaker.unwrap(self)));
    }

    /// @dev Last Unix time at which the key may speak. Zero: the key is nobody's.
    function until(Speaker self) internal pure returns (uint40) {
        return uint40(Speaker.unwrap(self) >> UNTIL_SHIFT);
    }
}

/// @title MandateWord
/// @notice Fields of a {Mandate}. Every narrowing cast cuts off exactly the fields above the one read.
library MandateWord {
    uint256 private constant UNTIL_SHIFT = 160;
    uint256 private constant EPOCH_SHIFT = 200;
    uint256 private constant ACCREDITOR_EPOCH_SHIFT = 216;
    uint256 private constant DEPTH_SHIFT = 232;
    uint256 private constant MAY_ACCREDIT = 1 << 240;
    uint256 private constant WITHDRAWN = 1 << 241;
    uint256 private constant BOUND = 1 << 242;
    uint256 private constant NUMBERED = 1 << 243;

    /// @dev An accreditation in force. See the functions below for the fields.
    function encode(
        Kind kind,
        address accreditor_,
        uint40 until_,
        uint16 epoch_,
        uint16 accreditorEpoch_,
        uint8 depth_,
        bool mayAccredit_
    ) internal pure returns (Mandate self) {
        return
            Mandate.wrap(
                uint256(uint160(accreditor_)) |
                    (uint256(until_) << UNTIL_SHIFT) |
                    (uint256(epoch_) << EPOCH_SHIFT) |
                    (uint256(accreditorEpoch_) << ACCREDITOR_EPOCH_SHIFT) |
                    (uint256(depth_) << DEPTH_SHIFT) |
                    (mayAccredit_ ? MAY_ACCREDIT : 0) |
                    (kind.isBound() ? BOUND : 0) |
                    (kind.isNumbered() ? NUMBERED : 0)
            );
    }

    /// @dev The same, withdrawn.
    function withdrawn(Mandate self) internal pure returns (Mandate) {
        return Mandate.wrap(Mandate.unwrap(self) | WITHDRAWN);
    }

    /// @dev Whether the issuer was never accredited.
    function isNone(Mandate self) internal pure returns (bool) {
        return Mandate.unwrap(self) == 0;
    }

    /// @dev Whether two are the same in every field.
    function equals(Mandate self, Mandate other) internal pure returns (bool) {
        return Mandate.unwrap(self) == Mandate.unwrap(other);
    }

    /// @dev Identity of who gave it. Zero: never accredited.
    function accreditor(Mandate self) internal pure returns (address) {
        return address(uint160(Mandate.unwrap(self)));
    }

    /// @dev Last Unix time at which it is good.
    function until(Mandate self) internal pure returns (uint40) {
        return uint40(Mandate.unwrap(self) >> UNTIL_SHIFT);
    }

    /// @dev How often the issuer began anew after it was withdrawn.
    function epoch(Mandate self) internal pure returns (uint16) {
        return uint16(Mandate.unwrap(self) >> EPOCH_SHIFT);
    }

    /// @dev Epoch of the accreditor when it gave it. Zero at depth 1.
    function accreditorEpoch(Mandate self) internal pure returns (uint16) {
        return uint16(Mandate.unwrap(self) >> ACCREDITOR_EPOCH_SHIFT);
    }

    /// @dev 1: given by the type's authority. Greater than the accreditor's as long as the epochs agree.
    function depth(Mandate self) internal pure returns (uint8) {
        return uint8(Mandate.unwrap(self) >> DEPTH_SHIFT);
    }

    /// @dev Whether the issuer may accredit others.
    function mayAccredit(Mandate self) internal pure returns (bool) {
        return Mandate.unwrap(self) & MAY_ACCREDIT != 0;
    }

    /// @dev Whether it was withdrawn.
    function isWithdrawn(Mandate self) internal pure returns (bool) {
        return Mandate.unwrap(self) & WITHDRAWN != 0;
    }

    /// @dev The type's flag, see {CredentialType}.
    function isBound(Mandate self) internal pure returns (bool) {
        return Mandate.unwrap(self) & BOUND != 0;
    }

    /// @dev The type's flag, see {CredentialType}.
    function isNumbered(Mandate self) internal pure returns (bool) {
        return Mandate.unwrap(self) & NUMBERED != 0;
    }
}

/// @title StatementWord
/// @notice Fields of a {Statement}. Every narrowing cast cuts off exactly the fields above the one read.
library StatementWord {
    uint256 private constant REVOKED = 1 << 160;
    uint256 private constant SUSPENDED = 1 << 161;
    uint256 private constant BOUND = 1 << 162;
    uint256 private constant ROOTED = 1 << 163;
    uint256 private constant UNTIL_SHIFT = 168;
    uint256 private constant INDEX_SHIFT = 208;
    uint256 private constant EPOCH_SHIFT = 240;
    uint256 private constant INDEX_MASK = uint256(type(uint32).max) << INDEX_SHIFT;
    /// @dev Shifts out all that is not the issuer.
    uint256 private constant ISSUER_SHIFT = 96;
    /// @dev Shifts out all that is not the issuer or the flag of revocation.
    uint256 private constant REVOCABLE_SHIFT = 95;

    /// @dev A new credential under `mandate`. See {Credential} for the fields.
    function encode(
        Mandate mandate,
        address issuer_,
        uint40 until_,
        uint32 index_,
        bool rooted
    ) internal pure returns (Statement self) {
        return
            Statement.wrap(
                uint256(uint160(issuer_)) |
                    (uint256(until_) << UNTIL_SHIFT) |
                    (uint256(index_) << INDEX_SHIFT) |
                    (uint256(mandate.epoch()) << EPOCH_SHIFT) |
                    (mandate.isBound() ? BOUND : 0) |
                    (rooted ? ROOTED : 0)
            );
    }

    /// @dev The same, revoked.
    function revoked(Statement self) internal pure returns (Statement) {
        return Statement.wrap(Statement.unwrap(self) | REVOKED);
    }

    /// @dev The same, suspended if it was not, and else restored.
    function toggled(Statement self) internal pure returns (Statement) {
        return Statement.wrap(Statement.unwrap(self) ^ SUSPENDED);
    }

    /// @dev The same without a number.
    function unnumbered(Statement self) internal pure returns (Statement) {
        return Statement.wrap(Statement.unwrap(self) & ~INDEX_MASK);
    }

    /// @dev Whether nothing was said.
    function isNone(Statement self) internal pure returns (bool) {
        return Statement.unwrap(self) == 0;
    }

    /// @dev Whether the organisation that speaks issued it and has not revoked it: a {Speaker} has a zero where the flag
    /// of revocation stands here.
    function isRevocableBy(Statement self, Speaker speaker) internal pure returns (bool) {
        return (Statement.unwrap(self) ^ Speaker.unwrap(speaker)) << REVOCABLE_SHIFT == 0;
    }

    /// @dev Whether the organisation that speaks issued it. Cheaper than comparing the two addresses.
    function isBy(Statement self, Speaker speaker) internal pure returns (bool) {
        return (Statement.unwrap(self) ^ Speaker.unwrap(speaker)) << ISSUER_SHIFT == 0;
    }

    /// @dev Zero: never issued.
    function issuer(Statement self) internal pure returns (address) {
        return address(uint160(Statement.unwrap(self)));
    }

    /// @dev Last Unix time at which it is good.
    function until(Statement self) internal pure returns (uint40) {
        return uint40(Statement.unwrap(self) >> UNTIL_SHIFT);
    }

    /// @dev Number of the person. Zero: none, or given to another identity.
    function index(Statement self) internal pure returns (uint32) {
        return uint32(Statement.unwrap(self) >> INDEX_SHIFT);
    }

    /// @dev Epoch of the issuer's accreditation when it was issued.
    function epoch(Statement self) internal pure returns (uint16) {
        return uint16(Statement.unwrap(self) >> EPOCH_SHIFT);
    }

    /// @dev Whether it is suspended.
    function isSuspended(Statement self) internal pure returns (bool) {
        return Statement.unwrap(self) & SUSPENDED != 0;
    }

    /// @dev Whether it is revoked.
    function isRevoked(Statement self) internal pure returns (bool) {
        return Statement.unwrap(self) & REVOKED != 0;
    }

    /// @dev The type's flag, see {CredentialType}.
    function isBound(Statement self) internal pure returns (bool) {
        return Statement.unwrap(self) & BOUND != 0;
    }

    /// @dev Whether the root stored for it is its own.
    function isRooted(Statement self) internal pure returns (bool) {
        return Statement.unwrap(self) & ROOTED != 0;
    }
}
