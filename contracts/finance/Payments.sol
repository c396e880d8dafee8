// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IReceiveWithAuthorization} from "./IReceiveWithAuthorization.sol";

/// @notice A payer's signed ERC-3009 transfer; payer, payee, amount and nonce follow from what it pays for.
struct PaymentAuthorization {
    /// @dev Unix time after which it is good.
    uint256 validAfter;
    /// @dev Unix time before which it is good.
    uint256 validBefore;
    /// @dev The payer's, over ERC-3009's ReceiveWithAuthorization.
    bytes signature;
}

/// @title Payments
/// @notice Moves the settlement token in and out, and tells what really moved, so that the caller can refuse tokens that
/// take a fee or change balances by themselves.
library Payments {
    using SafeERC20 for IERC20;

    /// @dev A nonce is the upper 192 bits of a hash, which tokens with keyed nonces read as a key at sequence 0.
    uint256 private constant NONCE_KEY_MASK = ~uint256(type(uint64).max);

    /// @notice Takes tokens by the payer's allowance. Who calls sees to it that the payer is the sender, or has signed for it.
    /// @param token Token.
    /// @param from Payer.
    /// @param amount Token units.
    /// @return moved Token units by which the balance of this contract grew.
    function pull(IERC20 token, address from, uint256 amount) internal returns (uint256 moved) {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amount);
        return _arrived(token, before);
    }

    /// @notice Takes tokens by the payer's signed ERC-3009 transfer.
    /// @param token Token.
    /// @param from Payer.
    /// @param amount Token units.
    /// @param nonce Nonce that binds the transfer to what it pays for, see {nonceOf}.
    /// @param authorization The transfer.
    /// @return moved Token units by which the balance of this contract grew.
    function pullAuthorized(
        IERC20 token,
        address from,
        uint256 amount,
        bytes32 nonce,
        PaymentAuthorization calldata authorization
    ) internal returns (uint256 moved) {
        uint256 before = token.balanceOf(address(this));
        IReceiveWithAuthorization(address(token)).receiveWithAuthorization(
            from,
            address(this),
            amount,
            authorization.validAfter,
            authorization.validBefore,
            nonce,
            authorization.signature
        );
        return _arrived(token, before);
    }

    /// @notice Whether who is to be paid could take the tokens: not nobody, and not this contract, where they would be lost.
    /// @param to Who is to be paid.
    /// @return can Whether it could.
    function canReceive(address to) internal view returns (bool can) {
        return to != address(0) && to != address(this);
    }

    /// @notice ERC-3009 nonce made of a hash.
    /// @param hash What the payment is for.
    /// @return nonce Upper 192 bits of the hash, then zeros.
    function nonceOf(bytes32 hash) internal pure returns (bytes32 nonce) {
        return bytes32(uint256(hash) & NONCE_KEY_MASK);
    }

    /// @dev Zero if the balance shrank, which some tokens can do.
    function _arrived(IERC20 token, uint256 before) private view returns (uint256 moved) {
        uint256 balance = token.balanceOf(address(this));
        return balance > before ? balance - before : 0;
    }
}
