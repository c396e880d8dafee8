// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title RedemptionMessages
/// @notice Hashes of the messages that {Redemption} takes, as EIP-712 has them.
library RedemptionMessages {
    /// @dev Redeem(uint32 itemId,uint64 maxPrice,address holder,uint256 nonce,uint256 deadline)
    bytes32 private constant REDEEM_TYPE = keccak256(
        "Redeem(uint32 itemId,uint64 maxPrice,address holder,uint256 nonce,uint256 deadline)"
    );
    /// @dev Use(uint256 voucherId,address merchant,uint256 nonce,uint256 deadline)
    bytes32 private constant USE_TYPE = keccak256(
        "Use(uint256 voucherId,address merchant,uint256 nonce,uint256 deadline)"
    );
    /// @dev VoucherRefund(uint256 voucherId,uint256 nonce,uint256 deadline)
    bytes32 private constant VOUCHER_REFUND_TYPE = keccak256(
        "VoucherRefund(uint256 voucherId,uint256 nonce,uint256 deadline)"
    );
    /// @dev MerchantSettlement(address account,address to,uint256 nonce,uint256 deadline)
    bytes32 private constant MERCHANT_SETTLEMENT_TYPE = keccak256(
        "MerchantSettlement(address account,address to,uint256 nonce,uint256 deadline)"
    );

    /// @notice Hash of buying a voucher.
    /// @param itemId Item.
    /// @param maxPrice Most that the holder wants to pay, millionths of the reward token.
    /// @param holder Who pays and gets it.
    /// @param nonce Number that the signature uses up.
    /// @param deadline Last second at which the signature is good, Unix time.
    /// @return hash The hash.
    function redeem(
        uint32 itemId,
        uint64 maxPrice,
        address holder,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(REDEEM_TYPE, itemId, maxPrice, holder, nonce, deadline));
    }

    /// @notice Hash of using a voucher, which its holder signs, and its merchant where somebody else relays it.
    /// @param voucherId Number of the voucher.
    /// @param merchant Who gives the good.
    /// @param nonce Number that the signature uses up.
    /// @param deadline Last second at which the signature is good, Unix time.
    /// @return hash The hash.
    function use(
        uint256 voucherId,
        address merchant,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(USE_TYPE, voucherId, merchant, nonce, deadline));
    }

    /// @notice Hash of giving a voucher back, which its merchant signs.
    /// @param voucherId Number of the voucher.
    /// @param nonce Number that the signature uses up.
    /// @param deadline Last second at which the signature is good, Unix time.
    /// @return hash The hash.
    function refund(uint256 voucherId, uint256 nonce, uint256 deadline) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(VOUCHER_REFUND_TYPE, voucherId, nonce, deadline));
    }

    /// @notice Hash of taking out what an account has.
    /// @param account Merchant, or the city's account for fees.
    /// @param to Who gets it.
    /// @param nonce Number that the signature uses up.
    /// @param deadline Last second at which the signature is good, Unix time.
    /// @return hash The hash.
    function settlement(
        address account,
        address to,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(MERCHANT_SETTLEMENT_TYPE, account, to, nonce, deadline));
    }
}
