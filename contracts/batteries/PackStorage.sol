// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Category, Status} from "./IBatteryPack.sol";

/// @notice What a pack was made as, in one word written once. From the low bits: key 160, ratedWh 40, madeOnDay 24,
/// ratedPowerW 32.
type Device is uint256;

/// @notice Where a pack stands, in one word: never zero once the pack is registered, so that recording a sale is
/// cheap. From the low bits: seller 160, soldAt 40, status 8, category 8, bookId 8, operatorId 32.
type PackStanding is uint256;

/// @notice Who may use a pack, in one word. From the low bits: user 160, expires 64, leaseId 32.
type Tenancy is uint256;

/// @notice Operator that an account acts for, in one word. From the low bits: activeId 32, barredId 32. At most one of both
/// is set, so that whoever begins a passport is checked by the first alone, as if there were no bars.
type Seat is uint256;

using DeviceWord for Device global;
using StandingWord for PackStanding global;
using TenancyWord for Tenancy global;
using SeatWord for Seat global;

/// @notice All that is stored of a pack but its owner and its links. Four slots.
struct PackRecord {
    // slot 1
    /// @dev Root of the attribute tree. Zero: no such pack.
    bytes32 passportRoot;
    // slot 2
    Device device;
    // slot 3
    PackStanding standing;
    // slot 4
    Tenancy tenancy;
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

/// @title DeviceWord
/// @notice Fields of a {Device}. Every narrowing cast cuts off exactly the fields above the one read.
library DeviceWord {
    uint256 private constant RATED_WH_SHIFT = 160;
    uint256 private constant MADE_ON_DAY_SHIFT = 200;
    uint256 private constant RATED_POWER_W_SHIFT = 224;

    /// @dev See {PackData} for units and ranges.
    function encode(
        address key_,
        uint40 ratedWh_,
        uint24 madeOnDay_,
        uint32 ratedPowerW_
    ) internal pure returns (Device self) {
        return
            Device.wrap(
                uint256(uint160(key_)) |
                    (uint256(ratedWh_) << RATED_WH_SHIFT) |
                    (uint256(madeOnDay_) << MADE_ON_DAY_SHIFT) |
                    (uint256(ratedPowerW_) << RATED_POWER_W_SHIFT)
            );
    }

    /// @dev First key of the monitoring device. Zero: none.
    function key(Device self) internal pure returns (address) {
        return address(uint160(Device.unwrap(self)));
    }

    /// @dev Rated energy when new, Wh, from 1.
    function ratedWh(Device self) internal pure returns (uint40) {
        return uint40(Device.unwrap(self) >> RATED_WH_SHIFT);
    }

    /// @dev Day of manufacture, days since 1 January 1970.
    function madeOnDay(Device self) internal pure returns (uint24) {
        return uint24(Device.unwrap(self) >> MADE_ON_DAY_SHIFT);
    }

    /// @dev Greatest charge or discharge power, W. Zero: not stated.
    function ratedPowerW(Device self) internal pure returns (uint32) {
        return uint32(Device.unwrap(self) >> RATED_POWER_W_SHIFT);
    }
}

/// @title StandingWord
/// @notice Fields of a {PackStanding}. Every narrowing cast cuts off exactly the fields above the one read.
library StandingWord {
    uint256 private constant SOLD_AT_SHIFT = 160;
    uint256 private constant STATUS_SHIFT = 200;
    uint256 private constant CATEGORY_SHIFT = 208;
    uint256 private constant BOOK_ID_SHIFT = 216;
    uint256 private constant OPERATOR_ID_SHIFT = 224;
    uint256 private constant SALE_MASK = (1 << STATUS_SHIFT) - 1;
    uint256 private constant STATUS_MASK = uint256(type(uint8).max) << STATUS_SHIFT;
    uint256 private constant BOOK_ID_MASK = uint256(type(uint8).max) << BOOK_ID_SHIFT;

    /// @dev A new passport: not leased, not sold. See {Pack}.
    function encode(Status status_, Category category_, uint32 operatorId_) internal pure returns (PackStanding self) {
        return
            PackStanding.wrap(
                (uint256(status_) << STATUS_SHIFT) |
                    (uint256(category_) << CATEGORY_SHIFT) |
                    (uint256(operatorId_) << OPERATOR_ID_SHIFT)
            );
    }

    /// @dev Replaces the sale that the lease book has not seen; zeros for none.
    function withSale(PackStanding self, address seller_, uint40 soldAt_) internal pure returns (PackStanding) {
        return
            PackStanding.wrap(
                (PackStanding.unwrap(self) & ~SALE_MASK) | uint160(seller_) | (uint256(soldAt_) << SOLD_AT_SHIFT)
            );
    }

    /// @dev Replaces the status.
    function withStatus(PackStanding self, Status status_) internal pure returns (PackStanding) {
        return PackStanding.wrap((PackStanding.unwrap(self) & ~STATUS_MASK) | (uint256(status_) << STATUS_SHIFT));
    }

    /// @dev Replaces the lease book's number; zero for none.
    function withBook(PackStanding self, uint8 bookId_) internal pure returns (PackStanding) {
        return PackStanding.wrap((PackStanding.unwrap(self) & ~BOOK_ID_MASK) | (uint256(bookId_) << BOOK_ID_SHIFT));
    }

    /// @dev Whether there is no such pack.
    function isNone(PackStanding self) internal pure returns (bool) {
        return PackStanding.unwrap(self) == 0;
    }

    /// @dev Whether the passport has ended.
    function isRetired(PackStanding self) internal pure returns (bool) {
        Status current = status(self);
        return current == Status.Recycled || current == Status.Superseded;
    }

    /// @dev Owner until the sale that the lease book has not seen. Zero: no such sale.
    function seller(PackStanding self) internal pure returns (address) {
        return address(uint160(PackStanding.unwrap(self)));
    }

    /// @dev Unix time of that sale. Zero: no such sale.
    function soldAt(PackStanding self) internal pure returns (uint40) {
        return uint40(PackStanding.unwrap(self) >> SOLD_AT_SHIFT);
    }

    /// @dev None: no such pack.
    function status(PackStanding self) internal pure returns (Status) {
        return Status(uint8(PackStanding.unwrap(self) >> STATUS_SHIFT));
    }

    /// @dev None: no such pack.
    function category(PackStanding self) internal pure returns (Category) {
        return Category(uint8(PackStanding.unwrap(self) >> CATEGORY_SHIFT));
    }

    /// @dev Number of the lease book that holds the pack, 1 to 255. Zero: not leased.
    function bookId(PackStanding self) internal pure returns (uint8) {
        return uint8(PackStanding.unwrap(self) >> BOOK_ID_SHIFT);
    }

    /// @dev Operator answerable for the passport, from 1. Zero: no such pack.
    function operatorId(PackStanding self) internal pure returns (uint32) {
        return uint32(PackStanding.unwrap(self) >> OPERATOR_ID_SHIFT);
    }
}

/// @title TenancyWord
/// @notice Fields of a {Tenancy}. Every narrowing cast cuts off exactly the fields above the one read.
library TenancyWord {
    uint256 private constant EXPIRES_SHIFT = 160;
    uint256 private constant LEASE_ID_SHIFT = 224;

    /// @dev Without user there is no expiry, as ERC-4907 has it.
    function encode(address user_, uint64 expires_, uint32 leaseId_) internal pure returns (Tenancy self) {
        return
            Tenancy.wrap(
                uint256(uint160(user_)) |
                    (user_ == address(0) ? 0 : uint256(expires_) << EXPIRES_SHIFT) |
                    (uint256(leaseId_) << LEASE_ID_SHIFT)
            );
    }

    /// @dev User of ERC-4907. Zero: none.
    function user(Tenancy self) internal pure returns (address) {
        return address(uint160(Tenancy.unwrap(self)));
    }

    /// @dev Last second, in Unix time, at which the user is valid. Zero when there is no user.
    function expires(Tenancy self) internal pure returns (uint64) {
        return uint64(Tenancy.unwrap(self) >> EXPIRES_SHIFT);
    }

    /// @dev Lease that the user belongs to, from 1. Zero: not leased.
    function leaseId(Tenancy self) internal pure returns (uint32) {
        return uint32(Tenancy.unwrap(self) >> LEASE_ID_SHIFT);
    }
}

/// @title SeatWord
/// @notice Fields of a {Seat}. Every narrowing cast cuts off exactly the fields above the one read.
library SeatWord {
    uint256 private constant BARRED_ID_SHIFT = 32;

    /// @dev An operator, from 1, which may begin passports or is barred from it.
    function encode(uint32 operatorId_, bool barred) internal pure returns (Seat self) {
        return Seat.wrap(barred ? uint256(operatorId_) << BARRED_ID_SHIFT : operatorId_);
    }

    /// @dev Operator that may begin passports, from 1. Zero: none, or a barred one.
    function activeId(Seat self) internal pure returns (uint32) {
        return uint32(Seat.unwrap(self));
    }

    /// @dev Operator, barred or not, from 1. Zero: none.
    function operatorId(Seat self) internal pure returns (uint32) {
        return uint32(Seat.unwrap(self) | (Seat.unwrap(self) >> BARRED_ID_SHIFT));
    }

    /// @dev Whether there is an operator that may not begin passports.
    function isBarred(Seat self) internal pure returns (bool) {
        return Seat.unwrap(self) >> BARRED_ID_SHIFT != 0;
    }
}
