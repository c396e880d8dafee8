// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title SharingMessages
/// @notice Hashes of the messages that {EnergySharing} takes, as EIP-712 has them.
library SharingMessages {
    bytes32 private constant COMMUNITY_JOIN_TYPE = keccak256(
        "CommunityJoin(uint32 community,uint32 meter,bytes32 termsHash,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant COMMUNITY_LEAVE_TYPE = keccak256(
        "CommunityLeave(uint32 community,uint32 meter,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant SHARING_WITHDRAWAL_TYPE = keccak256(
        "SharingWithdrawal(address account,uint256 amount,address to,uint256 nonce,uint256 deadline)"
    );

    /// @notice Hash of joining a community.
    /// @param community Number of the community.
    /// @param meter Meter.
    /// @param termsHash Hash of the terms.
    /// @param nonce Number that the signature uses up; ignored without one.
    /// @param deadline Last second at which the signature is good, unix time.
    /// @return hash The hash.
    function joinCommunity(
        uint32 community,
        uint32 meter,
        bytes32 termsHash,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(COMMUNITY_JOIN_TYPE, community, meter, termsHash, nonce, deadline));
    }

    /// @notice Hash of leaving a community.
    /// @param community Number of the community.
    /// @param meter Meter.
    /// @param nonce Number that the signature uses up; ignored without one.
    /// @param deadline Last second at which the signature is good, unix time.
    /// @return hash The hash.
    function leaveCommunity(
        uint32 community,
        uint32 meter,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(COMMUNITY_LEAVE_TYPE, community, meter, nonce, deadline));
    }

    /// @notice Hash of a withdrawal.
    /// @param account Account.
    /// @param amount Token units.
    /// @param to Receives it.
    /// @param nonce Number that the signature uses up; ignored without one.
    /// @param deadline Last second at which the signature is good, unix time.
    /// @return hash The hash.
    function withdrawal(
        address account,
        uint256 amount,
        address to,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(SHARING_WITHDRAWAL_TYPE, account, amount, to, nonce, deadline));
    }
}
