// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Category, Status} from "./IBatteryPack.sol";

/// @notice What a pack was made as. One slot, written once.
struct Device {
    /// @dev First key of the monitoring device. Zero: none.
    address key;
    /// @dev Rated energy when new, Wh, from 1.
    uint40 ratedWh;
    /// @dev Day of manufacture, days since 1 January 1970.
    uint24 madeOnDay;
    /// @dev Greatest charge or discharge power, W. Zero: not stated.
    uint32 ratedPowerW;
}

/// @notice Where a pack stands. One slot, never zero once the pack is registered, so that recording a sale is cheap.
struct Standing {
    /// @dev Owner until the sale that the lease book has not seen. Zero: no such sale.
    address seller;
    /// @dev Unix time of that sale. Zero: no such sale.
    uint40 soldAt;
    /// @dev None: no such pack.
    Status status;
    /// @dev None: no such pack.
    Category category;
    /// @dev Number of the lease book that holds the pack, 1 to 255. Zero: not leased.
    uint8 bookId;
    /// @dev Operator answerable for the passport, from 1. Zero: no such pack.
    uint32 operatorId;
}

/// @notice Who may use a pack. One slot.
struct Tenancy {
    /// @dev User of ERC-4907. Zero: none.
    address user;
    /// @dev Last second, in Unix time, at which the user is valid. Zero when there is no user.
    uint64 expires;
    /// @dev Lease that the user belongs to, from 1. Zero: not leased.
    uint32 leaseId;
}

/// @notice A production batch. Two slots.
struct Batch {
    // slot 1
    /// @dev Merkle root over the batch's leaves. Zero: no such batch.
    bytes32 root;
    // slot 2
    /// @dev Account that will own the packs. Not zero.
    address owner;
    /// @dev Operator answerable for the passports, from 1.
    uint32 operatorId;
    /// @dev Packs declared, from 1.
    uint32 packCount;
    /// @dev Packs materialised, up to `packCount`.
    uint32 materialisedCount;
}

/// @notice A lease book. One slot.
struct Book {
    /// @dev Its number, 1 to 255. Zero: never attached.
    uint8 id;
    /// @dev Whether it may open leases.
    bool open;
}
