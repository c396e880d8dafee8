// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC4907A} from "erc721a/contracts/extensions/IERC4907A.sol";

/// @title RentDesk
/// @notice The least that stock parts need to take money for use: a pull of tokens and ERC-4907's setUser in one
/// transaction. It keeps no terms, no account and no deposit, checks nothing, and the owner can evict the user.
contract RentDesk {
    using SafeERC20 for IERC20;

    IERC20 private immutable TOKEN;
    IERC4907A private immutable RENTED;

    /// @param token Settlement token.
    /// @param rented Tokens for rent; their owner has approved this contract for all of them.
    constructor(IERC20 token, IERC4907A rented) {
        TOKEN = token;
        RENTED = rented;
    }

    /// @notice Takes the first payment by permit and sets the user.
    /// @param tokenId Token for rent.
    /// @param value Amount.
    /// @param expires End of the use.
    /// @param deadline Of the permit.
    /// @param v Of the permit's signature.
    /// @param r Of the permit's signature.
    /// @param s Of the permit's signature.
    function begin(
        uint256 tokenId,
        uint256 value,
        uint64 expires,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        IERC20Permit(address(TOKEN)).permit(msg.sender, address(this), value, deadline, v, r, s);
        TOKEN.safeTransferFrom(msg.sender, address(this), value);
        RENTED.setUser(tokenId, msg.sender, expires);
    }

    /// @notice Takes a payment and extends the use.
    /// @param tokenId Token for rent.
    /// @param value Amount.
    /// @param expires New end of the use.
    function pay(uint256 tokenId, uint256 value, uint64 expires) external {
        TOKEN.safeTransferFrom(msg.sender, address(this), value);
        RENTED.setUser(tokenId, msg.sender, expires);
    }

    /// @notice Takes one payment for several and extends the use of each.
    /// @param tokenIds Tokens for rent.
    /// @param value Amount in all.
    /// @param expires New end of the use.
    function payMany(uint256[] calldata tokenIds, uint256 value, uint64 expires) external {
        TOKEN.safeTransferFrom(msg.sender, address(this), value);
        for (uint256 i = 0; i < tokenIds.length; ++i) RENTED.setUser(tokenIds[i], msg.sender, expires);
    }
}
