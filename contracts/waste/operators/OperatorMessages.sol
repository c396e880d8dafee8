// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title OperatorMessages
/// @notice Hashes of the messages that {WasteOperators} takes, as EIP-712 has them:
///
///     Admission(address account,uint256 nonce,uint256 deadline)
///     CrewChange(uint32 operatorId,address key,uint40 until,uint256 nonce,uint256 deadline)
///     OperatorHandover(uint32 operatorId,address account,uint256 nonce,uint256 deadline)
library OperatorMessages {
    bytes32 private constant ADMISSION_TYPE = keccak256("Admission(address account,uint256 nonce,uint256 deadline)");
    bytes32 private constant CREW_CHANGE_TYPE = keccak256(
        "CrewChange(uint32 operatorId,address key,uint40 until,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant OPERATOR_HANDOVER_TYPE = keccak256(
        "OperatorHandover(uint32 operatorId,address account,uint256 nonce,uint256 deadline)"
    );

    /// @notice Hash of an identity's wish to have a number.
    /// @param account The identity.
    /// @param nonce Nonce of the message.
    /// @param deadline Last second at which the message counts.
    /// @return hash EIP-712 hash of the struct.
    function admission(address account, uint256 nonce, uint256 deadline) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(ADMISSION_TYPE, account, nonce, deadline));
    }

    /// @notice Hash of the appointment or dismissal of a key, which the operator signs, and the key when it is first appointed.
    /// @param operatorId Operator.
    /// @param key The key.
    /// @param until Last second at which it signs, Unix time; zero: dismissed.
    /// @param nonce Nonce of the message.
    /// @param deadline Last second at which the message counts.
    /// @return hash EIP-712 hash of the struct.
    function crewChange(
        uint32 operatorId,
        address key,
        uint40 until,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(CREW_CHANGE_TYPE, operatorId, key, until, nonce, deadline));
    }

    /// @notice Hash of the consent of whoever takes an operator over.
    /// @param operatorId Operator.
    /// @param account Identity that takes it over.
    /// @param nonce Nonce of the message.
    /// @param deadline Last second at which the message counts.
    /// @return hash EIP-712 hash of the struct.
    function operatorHandover(
        uint32 operatorId,
        address account,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(OPERATOR_HANDOVER_TYPE, operatorId, account, nonce, deadline));
    }
}
