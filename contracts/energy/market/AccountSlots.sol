// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What an order needs to know of an account, in one slot, so that posting and settling read and write once:
/// signer 160 | free 56 | epoch 12 | import cap 12 | export cap 12 | flags 4, from the highest bit down. Zero: not open.
type AccountSlot is uint256;

using AccountSlots for AccountSlot global;

/// @title AccountSlots
/// @notice Reads and changes an {AccountSlot}. A cap is kept with three decimal digits: `digits << 2 | power of ten`.
library AccountSlots {
    /// @notice Most that all accounts together may hold, so that no account can overflow, money units.
    uint256 internal constant MAX_FREE = type(uint56).max;
    /// @notice Highest epoch.
    uint256 internal constant MAX_EPOCH = 0xfff;
    /// @notice The account owes the supplier, so it cannot order.
    uint256 internal constant INDEBTED = 1;
    /// @notice The account's meter may not trade.
    uint256 internal constant BARRED = 2;
    /// @notice The account's offers count as green.
    uint256 internal constant GREEN = 4;
    /// @notice Flag that is set on every open account, so that a slot is never zero.
    uint256 internal constant OPEN = 8;

    uint256 private constant SIGNER_SHIFT = 96;
    uint256 private constant FREE_SHIFT = 40;
    uint256 private constant EPOCH_SHIFT = 28;
    uint256 private constant IMPORT_SHIFT = 16;
    uint256 private constant EXPORT_SHIFT = 4;
    uint256 private constant CAP_MASK = 0xfff;
    uint256 private constant MAX_DIGITS = 1023;
    uint256 private constant MAX_POWER = 3;
    uint256 private constant BASE = 10;
    uint256 private constant POWERS = 0x03e80064000a0001;

    /// @notice Whether the account is open.
    /// @param slot The slot.
    /// @return open Whether it is.
    function isOpen(AccountSlot slot) internal pure returns (bool open) {
        return AccountSlot.unwrap(slot) != 0;
    }

    /// @notice Key that signs its orders.
    /// @param slot The slot.
    /// @return key The key.
    function signer(AccountSlot slot) internal pure returns (address key) {
        return address(uint160(AccountSlot.unwrap(slot) >> SIGNER_SHIFT)); // the upper 160 bits
    }

    /// @notice Money units that can be used or withdrawn.
    /// @param slot The slot.
    /// @return amount Money units.
    function free(AccountSlot slot) internal pure returns (uint256 amount) {
        return (AccountSlot.unwrap(slot) >> FREE_SHIFT) & MAX_FREE;
    }

    /// @notice Number that its signed orders carry.
    /// @param slot The slot.
    /// @return number The epoch.
    function epoch(AccountSlot slot) internal pure returns (uint256 number) {
        return (AccountSlot.unwrap(slot) >> EPOCH_SHIFT) & MAX_EPOCH;
    }

    /// @notice Most it may bid for in an interval, Wh.
    /// @param slot The slot.
    /// @return capWh Wh.
    function importCapWh(AccountSlot slot) internal pure returns (uint256 capWh) {
        return decodeCap((AccountSlot.unwrap(slot) >> IMPORT_SHIFT) & CAP_MASK);
    }

    /// @notice Most it may offer in an interval, Wh.
    /// @param slot The slot.
    /// @return capWh Wh.
    function exportCapWh(AccountSlot slot) internal pure returns (uint256 capWh) {
        return decodeCap((AccountSlot.unwrap(slot) >> EXPORT_SHIFT) & CAP_MASK);
    }

    /// @notice Whether a flag is set.
    /// @param slot The slot.
    /// @param flag One of the flags above.
    /// @return set Whether it is.
    function has(AccountSlot slot, uint256 flag) internal pure returns (bool set) {
        return AccountSlot.unwrap(slot) & flag != 0;
    }

    /// @notice The slot with another signer.
    /// @param slot The slot.
    /// @param key The key.
    /// @return changed The slot, which is open from now on.
    function withSigner(AccountSlot slot, address key) internal pure returns (AccountSlot changed) {
        uint256 rest = AccountSlot.unwrap(slot) & ((1 << SIGNER_SHIFT) - 1);
        return AccountSlot.wrap(rest | (uint256(uint160(key)) << SIGNER_SHIFT) | OPEN);
    }

    /// @notice The slot with other free money.
    /// @param slot The slot.
    /// @param amount At most {MAX_FREE}, which the market's own limit sees to.
    /// @return changed The slot.
    function withFree(AccountSlot slot, uint256 amount) internal pure returns (AccountSlot changed) {
        assert(amount <= MAX_FREE);
        return AccountSlot.wrap((AccountSlot.unwrap(slot) & ~(MAX_FREE << FREE_SHIFT)) | (amount << FREE_SHIFT));
    }

    /// @notice The slot with more free money, or less, without asking whether it fits.
    /// @param slot The slot.
    /// @param amount What is added, modulo 2^256; afterwards the free money is from zero to {MAX_FREE}.
    /// @return changed The slot.
    function plus(AccountSlot slot, uint256 amount) internal pure returns (AccountSlot changed) {
        // The sum changes the field of free money alone, for it neither overflows nor falls below zero there.
        unchecked {
            return AccountSlot.wrap(AccountSlot.unwrap(slot) + (amount << FREE_SHIFT));
        }
    }

    /// @notice The slot with another epoch.
    /// @param slot The slot.
    /// @param number At most {MAX_EPOCH}.
    /// @return changed The slot.
    function withEpoch(AccountSlot slot, uint256 number) internal pure returns (AccountSlot changed) {
        assert(number <= MAX_EPOCH);
        return AccountSlot.wrap((AccountSlot.unwrap(slot) & ~(MAX_EPOCH << EPOCH_SHIFT)) | (number << EPOCH_SHIFT));
    }

    /// @notice The slot with other caps, each as {encodeCap} writes it.
    /// @param slot The slot.
    /// @param importCode Most it may bid for.
    /// @param exportCode Most it may offer.
    /// @return changed The slot.
    function withCaps(
        AccountSlot slot,
        uint256 importCode,
        uint256 exportCode
    ) internal pure returns (AccountSlot changed) {
        uint256 rest = AccountSlot.unwrap(slot) & ~((CAP_MASK << IMPORT_SHIFT) | (CAP_MASK << EXPORT_SHIFT));
        return AccountSlot.wrap(rest | (importCode << IMPORT_SHIFT) | (exportCode << EXPORT_SHIFT));
    }

    /// @notice The slot with a flag set or cleared.
    /// @param slot The slot.
    /// @param flag One of the flags above.
    /// @param set Whether it is set from now on.
    /// @return changed The slot.
    function withFlag(AccountSlot slot, uint256 flag, bool set) internal pure returns (AccountSlot changed) {
        uint256 word = AccountSlot.unwrap(slot);
        return AccountSlot.wrap(set ? word | flag : word & ~flag);
    }

    /// @notice A cap as three digits and a power of ten.
    /// @param capWh Wh.
    /// @return code `digits << 2 | power`; the largest one for a cap that is too large.
    /// @return nearestWh The cap that the code stands for: `capWh` itself if it can be written so, else the next below
    /// that can.
    function encodeCap(uint256 capWh) internal pure returns (uint256 code, uint256 nearestWh) {
        uint256 digits = capWh;
        uint256 power = 0;
        while (digits > MAX_DIGITS && power < MAX_POWER) {
            digits /= BASE;
            ++power;
        }
        if (digits > MAX_DIGITS) digits = MAX_DIGITS;
        if (power != 0 && digits == MAX_DIGITS / BASE) {
            // It was 1,024 to 1,029 of the unit before, in which the most digits come nearer.
            digits = MAX_DIGITS;
            --power;
        }
        code = (digits << 2) | power;
        return (code, decodeCap(code));
    }

    /// @notice The Wh that a code stands for.
    /// @param code `digits << 2 | power of ten`.
    /// @return capWh Wh.
    function decodeCap(uint256 code) internal pure returns (uint256 capWh) {
        // 1, 10, 100 and 1,000, each in 16 bits: cheaper than a power.
        return (code >> 2) * ((POWERS >> ((code & MAX_POWER) << 4)) & type(uint16).max);
    }
}
