// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    AccreditationGrant,
    AccreditationWithdrawal,
    Issuance,
    KeyAppointment,
    Presentation,
    StandingChange
} from "./ICredentials.sol";

/// @title CredentialMessages
/// @notice EIP-712 struct hashes of the messages of {ICredentials}.
/// @dev Whom a message is signed for is hashed with it as its last member: the present owner of the identity, for the
/// reason given at {IdentityMessages}; or the organisation that the key speaks for, so that what a key signed for one
/// is not said by the next that appoints it.
library CredentialMessages {
    bytes32 private constant KEY_APPOINTMENT = keccak256(
        "KeyAppointment(address issuer,address key,uint40 until,uint256 nonce,uint48 deadline,address owner)"
    );
    bytes32 private constant ACCREDITATION_GRANT = keccak256(
        "AccreditationGrant(address key,bytes32 typeId,address issuer,uint40 until,bool mayAccredit,uint256 nonce,uint48 deadline,address accreditor)"
    );
    bytes32 private constant ACCREDITATION_WITHDRAWAL = keccak256(
        "AccreditationWithdrawal(address key,bytes32 typeId,address issuer,uint256 nonce,uint48 deadline,address by)"
    );
    bytes32 private constant ISSUANCE = keccak256(
        "Issuance(address key,bytes32 typeId,address subject,uint40 until,bytes32 attributesRoot,uint256 nonce,uint48 deadline,address issuer)"
    );
    bytes32 private constant STANDING_CHANGE = keccak256(
        "StandingChange(address key,bytes32 typeId,address subject,uint8 standing,uint256 nonce,uint48 deadline,address issuer)"
    );
    bytes32 private constant PRESENTATION = keccak256(
        "Presentation(bytes32 typeId,address subject,address verifier,bytes32 purpose,bytes32 predicate,uint256 nonce,uint48 deadline,address owner)"
    );

    /// @dev Struct hash of a {KeyAppointment}, signed for `owner`.
    function hash(KeyAppointment calldata appointment, address owner) internal pure returns (bytes32) {
        return keccak256(abi.encode(KEY_APPOINTMENT, appointment, owner));
    }

    /// @dev Struct hash of an {AccreditationGrant}, signed for `accreditor`.
    function hash(AccreditationGrant calldata grant, address accreditor) internal pure returns (bytes32) {
        return keccak256(abi.encode(ACCREDITATION_GRANT, grant, accreditor));
    }

    /// @dev Struct hash of an {AccreditationWithdrawal}, signed for `by`.
    function hash(AccreditationWithdrawal calldata withdrawal, address by) internal pure returns (bytes32) {
        return keccak256(abi.encode(ACCREDITATION_WITHDRAWAL, withdrawal, by));
    }

    /// @dev Struct hash of an {Issuance}, signed for `issuer`.
    function hash(Issuance calldata issuance, address issuer) internal pure returns (bytes32) {
        return keccak256(abi.encode(ISSUANCE, issuance, issuer));
    }

    /// @dev Struct hash of a {StandingChange}, signed for `issuer`.
    function hash(StandingChange calldata change, address issuer) internal pure returns (bytes32) {
        return keccak256(abi.encode(STANDING_CHANGE, change, issuer));
    }

    /// @dev Struct hash of a {Presentation}, signed for `owner`.
    function hash(Presentation calldata presentation, address owner) internal pure returns (bytes32) {
        return keccak256(abi.encode(PRESENTATION, presentation, owner));
    }
}
