// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {PaymentAuthorization, Payments} from "../finance/Payments.sol";
import {IBatteryLease, Lease, Permit} from "./IBatteryLease.sol";

/// @title LeaseMoney
/// @notice Moves the settlement token into {BatteryLease}, and sees that exactly what was asked for arrives.
library LeaseMoney {
    using Payments for IERC20;

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
        _requireArrived(token.pull(from, amount), amount);
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
        _requireArrived(token.pullAuthorized(from, amount, nonce, authorization), amount);
    }

    /// @notice {IBatteryLease-rentNonce}.
    /// @param lease The lease.
    /// @param leaseId Its number.
    /// @param periodCount Periods to pay.
    /// @return nonce Different for every book, lease, lessee, request to return, paid state and number of periods.
    function rentNonceOf(
        Lease storage lease,
        uint256 leaseId,
        uint256 periodCount
    ) internal view returns (bytes32 nonce) {
        return
            Payments.nonceOf(
                keccak256(
                    abi.encode(address(this), leaseId, lease.lessee, lease.requestedAt, lease.paidPeriods, periodCount)
                )
            );
    }

    function _requireArrived(uint256 moved, uint256 amount) private pure {
        if (moved != amount) revert IBatteryLease.BatteryLeaseTokenDeltaMismatch(amount, moved);
    }
}
