// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Voucher, VoucherStatus} from "./IRedemption.sol";

/// @notice Where the pool's money is, in one storage slot that every purchase reads and writes. From the low end: units that
/// back nothing 88 bits, face value of live vouchers in units 88, number of the latest voucher 40 (zero: none), number of
/// the latest item 32 (zero: none), whether nothing can be bought 1.
type Till is uint256;

/// @notice A voucher, in one storage slot. From the low end: holder 160 bits, item 32, last second 40, {VoucherStatus} 8 (zero:
/// there is no such voucher).
type VoucherSlot is uint256;

/// @notice What an account bought of an item with a limit, in one storage slot that its next purchases use again. From the low
/// end: vouchers 16 bits, number of the month in which it bought them 16.
type Bought is uint256;

using RedemptionSlots for Till global;
using RedemptionSlots for VoucherSlot global;
using RedemptionSlots for Bought global;

/// @title RedemptionSlots
/// @notice Packs and unpacks the slots of {Redemption}; those of items are in {ItemSlots}.
/// @dev By hand, because the compiler reads and writes a packed struct field by field, which costs a purchase 1,200 gas more.
/// Packing takes fields of their own width, so no shift can spill into a neighbour; unpacking narrows after a shift that
/// leaves the field at the low end. Free and reserved units together are at most {MAX_POOL}, so neither outgrows its field
/// when units go from one to the other. Longer than 150 lines because each of many small functions says what it takes.
library RedemptionSlots {
    /// @notice Most that free and reserved units are together.
    uint256 internal constant MAX_POOL = type(uint88).max;

    uint256 private constant RESERVED_SHIFT = 88;
    uint256 private constant VOUCHERS_SHIFT = 176;
    uint256 private constant ITEMS_SHIFT = 216;
    uint256 private constant PAUSED_BIT = 1 << 248;

    uint256 private constant ITEM_SHIFT = 160;
    uint256 private constant EXPIRES_SHIFT = 192;
    uint256 private constant STATUS_SHIFT = 232;
    uint256 private constant STATUS_MASK = uint256(type(uint8).max) << STATUS_SHIFT;

    uint256 private constant MONTH_SHIFT = 16;

    // --- till

    /// @notice The next voucher is bought: it gets a number, and units back it. At 70,000 gas each, vouchers need longer for
    /// their 40 bits than the fastest of chains will last.
    /// @param till The slot.
    /// @param faceValue Units, at most what is free.
    /// @return changed The slot.
    function withVoucher(Till till, uint64 faceValue) internal pure returns (Till changed) {
        return
            Till.wrap(Till.unwrap(till) - faceValue + (uint256(faceValue) << RESERVED_SHIFT) + (1 << VOUCHERS_SHIFT));
    }

    /// @notice A voucher is used: its units are no longer the pool's.
    /// @param till The slot.
    /// @param faceValue Units, of a voucher that is live.
    /// @return changed The slot.
    function withUsed(Till till, uint64 faceValue) internal pure returns (Till changed) {
        return Till.wrap(Till.unwrap(till) - (uint256(faceValue) << RESERVED_SHIFT));
    }

    /// @notice A voucher is refunded: its units back nothing.
    /// @param till The slot.
    /// @param faceValue Units, of a voucher that is live.
    /// @return changed The slot.
    function withRefunded(Till till, uint64 faceValue) internal pure returns (Till changed) {
        return Till.wrap(Till.unwrap(till) - (uint256(faceValue) << RESERVED_SHIFT) + faceValue);
    }

    /// @notice The next item gets its number. REWARD_CATALOGUE will not call 2^32 times.
    /// @param till The slot.
    /// @return changed The slot.
    function withItem(Till till) internal pure returns (Till changed) {
        return Till.wrap(Till.unwrap(till) + (1 << ITEMS_SHIFT));
    }

    /// @notice The same with other units that back nothing.
    /// @param till The slot.
    /// @param units With those that are reserved at most {MAX_POOL}.
    /// @return changed The slot.
    function withFree(Till till, uint256 units) internal pure returns (Till changed) {
        return Till.wrap(Till.unwrap(till) - free(till) + units);
    }

    /// @notice The same with buying stopped, or no longer.
    /// @param till The slot.
    /// @param paused Whether nothing can be bought.
    /// @return changed The slot.
    function withPaused(Till till, bool paused) internal pure returns (Till changed) {
        uint256 rest = Till.unwrap(till) & ~PAUSED_BIT;
        return Till.wrap(paused ? rest | PAUSED_BIT : rest);
    }

    /// @notice What backs nothing.
    /// @param till The slot.
    /// @return units Units.
    function free(Till till) internal pure returns (uint256 units) {
        return uint88(Till.unwrap(till));
    }

    /// @notice Face value of live vouchers.
    /// @param till The slot.
    /// @return units Units.
    function reserved(Till till) internal pure returns (uint256 units) {
        return uint88(Till.unwrap(till) >> RESERVED_SHIFT);
    }

    /// @notice Number of the latest voucher.
    /// @param till The slot.
    /// @return voucherId Zero: none.
    function lastVoucher(Till till) internal pure returns (uint40 voucherId) {
        return uint40(Till.unwrap(till) >> VOUCHERS_SHIFT);
    }

    /// @notice Number of the latest item.
    /// @param till The slot.
    /// @return itemId Zero: none.
    function lastItem(Till till) internal pure returns (uint32 itemId) {
        return uint32(Till.unwrap(till) >> ITEMS_SHIFT);
    }

    /// @notice Whether nothing can be bought.
    /// @param till The slot.
    /// @return paused True if so.
    function isPaused(Till till) internal pure returns (bool paused) {
        return Till.unwrap(till) & PAUSED_BIT != 0;
    }

    // --- vouchers

    /// @notice Packs a voucher that is live.
    /// @param holder Who has it.
    /// @param itemId Item.
    /// @param expiresAt Last second at which it can be used, Unix time.
    /// @return slot The slot.
    function packVoucher(address holder, uint32 itemId, uint40 expiresAt) internal pure returns (VoucherSlot slot) {
        return
            VoucherSlot.wrap(
                uint160(holder) |
                    (uint256(itemId) << ITEM_SHIFT) |
                    (uint256(expiresAt) << EXPIRES_SHIFT) |
                    (uint256(VoucherStatus.Live) << STATUS_SHIFT)
            );
    }

    /// @notice Unpacks a voucher.
    /// @param slot The slot.
    /// @return voucher The voucher; all zero: there is none.
    function unpack(VoucherSlot slot) internal pure returns (Voucher memory voucher) {
        uint256 word = VoucherSlot.unwrap(slot);
        return
            Voucher({
                holder: address(uint160(word)),
                itemId: uint32(word >> ITEM_SHIFT),
                expiresAt: uint40(word >> EXPIRES_SHIFT),
                status: VoucherStatus(word >> STATUS_SHIFT)
            });
    }

    /// @notice The same voucher with another status.
    /// @param slot The slot.
    /// @param status What becomes of it.
    /// @return changed The slot.
    function withStatus(VoucherSlot slot, VoucherStatus status) internal pure returns (VoucherSlot changed) {
        uint256 rest = VoucherSlot.unwrap(slot) & ~STATUS_MASK;
        return VoucherSlot.wrap(rest | (uint256(status) << STATUS_SHIFT));
    }

    // --- purchases

    /// @notice Packs what an account bought.
    /// @param month Number of the month.
    /// @param count Vouchers bought in it.
    /// @return bought The slot.
    function packBought(uint16 month, uint16 count) internal pure returns (Bought bought) {
        return Bought.wrap((uint256(month) << MONTH_SHIFT) | count);
    }

    /// @notice What was bought in a month.
    /// @param bought The slot.
    /// @param month Number of the month.
    /// @return count Vouchers; zero also if the slot is of another month.
    function countIn(Bought bought, uint16 month) internal pure returns (uint16 count) {
        uint256 word = Bought.unwrap(bought);
        return word >> MONTH_SHIFT == month ? uint16(word) : 0;
    }
}
