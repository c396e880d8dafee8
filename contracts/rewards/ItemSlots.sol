// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Item} from "./IRedemption.sol";

/// @notice Who gives an item and when it can be had, in one storage slot. From the low end: merchant 160 bits (zero: there is
/// no such item), stock 32, first second 32, last second 32.
type ItemHead is uint256;

/// @notice What an item is worth, in one storage slot. From the low end: price 64 bits, face value 64, lifetime 32, most that
/// an account buys in a month 16 (zero: no limit), whether it can be had at all 1.
type ItemBody is uint256;

using ItemSlots for ItemHead global;
using ItemSlots for ItemBody global;

/// @title ItemSlots
/// @notice Packs and unpacks the two slots of an {Item}.
/// @dev By hand, because the compiler reads a packed struct field by field, see {RedemptionSlots}. Packing takes fields of
/// their own width, so no shift can spill into a neighbour; unpacking narrows after a shift that leaves the field at the low
/// end.
library ItemSlots {
    uint256 private constant STOCK_SHIFT = 160;
    uint256 private constant FROM_SHIFT = 192;
    uint256 private constant TO_SHIFT = 224;

    uint256 private constant FACE_SHIFT = 64;
    uint256 private constant LIFETIME_SHIFT = 128;
    uint256 private constant LIMIT_SHIFT = 160;
    uint256 private constant ACTIVE_SHIFT = 176;

    /// @notice Packs an item.
    /// @param item The item.
    /// @return head First slot.
    /// @return body Second slot.
    function pack(Item memory item) internal pure returns (ItemHead head, ItemBody body) {
        head = ItemHead.wrap(
            uint160(item.merchant) |
                (uint256(item.stock) << STOCK_SHIFT) |
                (uint256(item.fromTime) << FROM_SHIFT) |
                (uint256(item.toTime) << TO_SHIFT)
        );
        body = ItemBody.wrap(
            item.price |
                (uint256(item.faceValue) << FACE_SHIFT) |
                (uint256(item.lifetime) << LIFETIME_SHIFT) |
                (uint256(item.perMonth) << LIMIT_SHIFT) |
                (item.active ? 1 << ACTIVE_SHIFT : 0)
        );
    }

    /// @notice Unpacks an item.
    /// @param head First slot.
    /// @param body Second slot.
    /// @return item The item; all zero: there is none.
    function unpack(ItemHead head, ItemBody body) internal pure returns (Item memory item) {
        return
            Item({
                merchant: merchant(head),
                stock: stock(head),
                fromTime: fromTime(head),
                toTime: toTime(head),
                price: price(body),
                faceValue: faceValue(body),
                lifetime: lifetime(body),
                perMonth: perMonth(body),
                active: isActive(body)
            });
    }

    /// @notice The same item with one voucher less in stock.
    /// @param head First slot, with a stock above zero.
    /// @return changed The slot.
    function withOneSold(ItemHead head) internal pure returns (ItemHead changed) {
        return ItemHead.wrap(ItemHead.unwrap(head) - (1 << STOCK_SHIFT));
    }

    /// @notice The same item with one voucher more in stock, unless that is as great as can be.
    /// @param head First slot.
    /// @return changed The slot.
    function withOneBack(ItemHead head) internal pure returns (ItemHead changed) {
        if (stock(head) == type(uint32).max) return head;
        return ItemHead.wrap(ItemHead.unwrap(head) + (1 << STOCK_SHIFT));
    }

    /// @notice Who gives it.
    /// @param head First slot.
    /// @return value Zero: there is no such item.
    function merchant(ItemHead head) internal pure returns (address value) {
        return address(uint160(ItemHead.unwrap(head)));
    }

    /// @notice Vouchers that can still be had.
    /// @param head First slot.
    /// @return value Vouchers.
    function stock(ItemHead head) internal pure returns (uint32 value) {
        return uint32(ItemHead.unwrap(head) >> STOCK_SHIFT);
    }

    /// @notice First second at which it can be had.
    /// @param head First slot.
    /// @return value Unix time.
    function fromTime(ItemHead head) internal pure returns (uint32 value) {
        return uint32(ItemHead.unwrap(head) >> FROM_SHIFT);
    }

    /// @notice Last second at which it can be had.
    /// @param head First slot.
    /// @return value Unix time.
    function toTime(ItemHead head) internal pure returns (uint32 value) {
        return uint32(ItemHead.unwrap(head) >> TO_SHIFT);
    }

    /// @notice What it costs.
    /// @param body Second slot.
    /// @return value Millionths of the reward token.
    function price(ItemBody body) internal pure returns (uint64 value) {
        return uint64(ItemBody.unwrap(body));
    }

    /// @notice What the merchant gets for a voucher before the fee.
    /// @param body Second slot.
    /// @return value Units of the settlement token.
    function faceValue(ItemBody body) internal pure returns (uint64 value) {
        return uint64(ItemBody.unwrap(body) >> FACE_SHIFT);
    }

    /// @notice How long a voucher is good.
    /// @param body Second slot.
    /// @return value Seconds.
    function lifetime(ItemBody body) internal pure returns (uint32 value) {
        return uint32(ItemBody.unwrap(body) >> LIFETIME_SHIFT);
    }

    /// @notice Most that an account buys in a month.
    /// @param body Second slot.
    /// @return value Zero: no limit.
    function perMonth(ItemBody body) internal pure returns (uint16 value) {
        return uint16(ItemBody.unwrap(body) >> LIMIT_SHIFT);
    }

    /// @notice Whether it can be had at all.
    /// @param body Second slot.
    /// @return active True if so.
    function isActive(ItemBody body) internal pure returns (bool active) {
        return ItemBody.unwrap(body) >> ACTIVE_SHIFT != 0;
    }
}
