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
library CredentialMessages {
    bytes32 private constant KEY_APPOINTMENT = keccak256(
        "KeyAppointment(address issuer,address key,uint40 until,uint256 nonce,uint48 deadline)"
    );
    bytes32 private constant ACCREDITATION_GRANT = keccak256(
        "AccreditationGrant(address key,bytes32 typeId,address issuer,uint40 until,bool mayAccredit,uint256 nonce,uint48 deadline)"
    );
    bytes32 private constant ACCREDITATION_WITHDRAWAL = keccak256(
        "AccreditationWithdrawal(address key,bytes32 typeId,address issuer,uint256 nonce,uint48 deadline)"
    );
    bytes32 private constant ISSUANCE = keccak256(
        "Issuance(address key,bytes32 typeId,address subject,uint40 until,bytes32 attributesRoot,uint256 nonce,uint48 deadline)"
    );
    bytes32 private constant STANDING_CHANGE = keccak256(
        "StandingChange(address key,bytes32 typeId,address subject,uint8 standing,uint256 nonce,uint48 deadline)"
    );
    bytes32 private constant PRESENTATION = keccak256(
        "Presentation(bytes32 typeId,address subject,address verifier,bytes32 purpose,bytes32 predicate,uint256 nonce,uint48 deadline)"
    );

    /// @dev Struct hash of a {KeyAppointment}.
    function hash(KeyAppointment calldata appointment) internal pure returns (bytes32) {
        return keccak256(abi.encode(KEY_APPOINTMENT, appointment));
    }

    /// @dev Struct hash of an {AccreditationGrant}.
    function hash(AccreditationGrant calldata grant) internal pure returns (bytes32) {
        return keccak256(abi.encode(ACCREDITATION_GRANT, grant));
    }

    /// @dev Struct hash of an {AccreditationWithdrawal}.
    function hash(AccreditationWithdrawal calldata withdrawal) internal pure returns (bytes32) {
        return keccak256(abi.encode(ACCREDITATION_WITHDRAWAL, withdrawal));
    }

    /// @dev Struct hash of an {Issuance}.
    function hash(Issuance calldata issuance) internal pure returns (bytes32) {
        return keccak256(abi.encode(ISSUANCE, issuance));
    }

    /// @dev Struct hash of a {StandingChange}.
    function hash(StandingChange calldata change) internal pure returns (bytes32) {
        return keccak256(abi.encode(STANDING_CHANGE, change));
    }

    /// @dev Struct hash of a {Presentation}.
    function hash(Presentation calldata presentation) internal pure returns (bytes32) {
        return keccak256(abi.encode(PRESENTATION, presentation));
    }
}
