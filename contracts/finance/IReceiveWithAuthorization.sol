// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IReceiveWithAuthorization
/// @notice The transfer of ERC-3009 that only its payee can execute, in the form with a signature of any length.
interface IReceiveWithAuthorization {
    /// @notice Moves `value` from `from` to the caller, who must be `to`, by `from`'s signature.
    /// @param from Payer.
    /// @param to Payee, the caller.
    /// @param value Token units.
    /// @param validAfter Unix time after which it is good.
    /// @param validBefore Unix time before which it is good.
    /// @param nonce Used once per payer.
    /// @param signature The payer's, over ERC-3009's ReceiveWithAuthorization.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes memory signature
    ) external;
}
