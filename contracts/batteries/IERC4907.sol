// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IERC4907
/// @notice Rental NFT: a user beside the owner, for a limited time (ERC-4907, interface id 0xad092b5c).
interface IERC4907 {
    /// @notice The user of a token, or the user's last second, changed.
    /// @param tokenId The token.
    /// @param user New user; zero when there is none.
    /// @param expires Last second, in Unix time, at which the user is valid.
    event UpdateUser(uint256 indexed tokenId, address indexed user, uint64 expires);

    /// @notice Sets the user of a token. The owner, or an account approved for it, may.
    /// @param tokenId The token.
    /// @param user New user; zero for none.
    /// @param expires Last second, in Unix time, at which the user is valid.
    function setUser(uint256 tokenId, address user, uint64 expires) external;

    /// @notice The valid user of a token.
    /// @param tokenId The token.
    /// @return user Zero when there is none or its time is over.
    function userOf(uint256 tokenId) external view returns (address user);

    /// @notice The last second at which the user of a token is valid.
    /// @param tokenId The token.
    /// @return expires Unix time; zero when no user was set.
    function userExpires(uint256 tokenId) external view returns (uint256 expires);
}
