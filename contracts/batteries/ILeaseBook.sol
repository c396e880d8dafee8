// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ILeaseBook
/// @notice What a battery pack asks of the contract that leases it.
interface ILeaseBook {
    /// @notice The pack of a lease was sold before the book took note of an earlier sale; it does so now.
    /// @dev Only the pack contract. Called at most once for every second sale between two acts on the lease.
    /// @param leaseId The lease.
    /// @param seller Who owned the pack until `soldAt`.
    /// @param soldAt Unix time of the earlier sale.
    function onPackSold(uint256 leaseId, address seller, uint40 soldAt) external;
}
