// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IERC5192
/// @notice Soulbound tokens, the smallest interface (ERC-5192, interface id 0xb45a3c0e).
interface IERC5192 {
    /// @notice The token can no longer be transferred.
    /// @param tokenId The token.
    event Locked(uint256 tokenId);

    /// @notice The token can be transferred.
    /// @param tokenId The token.
    event Unlocked(uint256 tokenId);

    /// @notice Whether a token is locked. Reverts for a token that does not exist.
    /// @param tokenId The token.
    /// @return isLocked True when every transfer reverts.
    function locked(uint256 tokenId) external view returns (bool isLocked);
}
