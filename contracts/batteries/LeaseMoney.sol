// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IBatteryLease, PaymentAuthorization, Permit} from "./IBatteryLease.sol";
import {IReceiveWithAuthorization} from "./IReceiveWithAuthorization.sol";

/// @title LeaseMoney
/// @notice Moves the settlement token into {BatteryLease}, and sees that exactly what was asked for arrives.
library LeaseMoney {
    using SafeERC20 for IERC20;

    /// @dev A nonce is the upper 192 bits of a hash, which tokens with keyed nonces read as a key at sequence 0.
    uint256 private constant NONCE_KEY_MASK = ~uint256(type(uint64).max);

    /// @notice Uses the caller's ERC-2612 approval, if there is one.
    /// @dev A permit that was front-run has set the allowance already; one that is bad leaves the transfer to fail.
    /// @param token Settlement token.
    /// @param permit Approval by the caller; zero deadline: none.
    function approveBy(IERC20 token, Permit calldata permit) internal {
        if (permit.deadline == 0) return;
        try
            IERC20Permit(address(token)).permit(
                msg.sender,
                address(this),
                permit.value,
                permit.deadline,
                permit.v,
                permit.r,
                permit.s
            )
        {} catch {} // solhint-disable-line no-empty-blocks
    }

    /// @notice Takes tokens by the payer's allowance.
    /// @param token Settlement token.
    /// @param from Payer.
    /// @param amount Token units; zero: nothing happens.
    function pull(IERC20 token, address from, uint256 amount) internal {
        if (amount == 0) return;
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amount);
        _requireArrived(token, before, amount);
    }

    /// @notice Takes tokens by the payer's signed ERC-3009 transfer.
    /// @param token Settlement token.
    /// @param from Payer.
    /// @param amount Token units.
    /// @param nonce Nonce that binds the transfer to what it pays for.
    /// @param authorization The transfer.
    function pullAuthorized(
        IERC20 token,
        address from,
        uint256 amount,
        bytes32 nonce,
        PaymentAuthorization calldata authorization
    ) internal {
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
        _requireArrived(token, before, amount);
    }

    /// @notice ERC-3009 nonce made of a hash.
    /// @param hash What the payment is for.
    /// @return nonce Upper 192 bits of the hash, then zeros.
    function nonceOf(bytes32 hash) internal pure returns (bytes32 nonce) {
        return bytes32(uint256(hash) & NONCE_KEY_MASK);
    }

    /// @notice {IBatteryLease-rentNonce}.
    /// @param leaseId The lease.
    /// @param paidPeriods Periods paid so far.
    /// @param periodCount Periods to pay.
    /// @return nonce Different for every book, lease, paid state and number of periods.
    function rentNonceOf(
        uint256 leaseId,
        uint256 paidPeriods,
        uint256 periodCount
    ) internal view returns (bytes32 nonce) {
        return nonceOf(keccak256(abi.encode(address(this), leaseId, paidPeriods, periodCount)));
    }

    function _requireArrived(IERC20 token, uint256 before, uint256 amount) private view {
        uint256 balance = token.balanceOf(address(this));
        uint256 got = balance > before ? balance - before : 0;
        if (got != amount) revert IBatteryLease.BatteryLeaseTokenDeltaMismatch(amount, got);
    }
}
