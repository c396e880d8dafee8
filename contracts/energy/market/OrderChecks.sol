// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountSlot, AccountSlots} from "./AccountSlots.sol";
import {EnergyLedger} from "./EnergyLedger.sol";
import {OrderFault, OrderFlags} from "./IEnergyMarket.sol";
import {OrderOpening, Posting} from "./OrderOpening.sol";
import {OrderRecords} from "./OrderRecords.sol";

/// @title OrderChecks
/// @notice Says whether an order is good, leaving aside who signed it.
/// @dev {isGood} answers in as little gas as it can; {screen} names what is wrong. A fuzz test compares the two. The word of {EnergyLedger-posted} that the account is in must be at hand, see
/// {OrderBooks-turn}. No sum or product here comes near 2^256: factors have at most 32 bits, there are four steps.
library OrderChecks {
    uint256 private constant ACCOUNT_SHIFT = 224;
    uint256 private constant FLAGS_SHIFT = 216;
    uint256 private constant STEPS_SHIFT = 40;
    /// @dev Places in a step that begins at the highest bit.
    uint256 private constant TICK_SHIFT = 248;
    uint256 private constant WH_SHIFT = 216;
    uint256 private constant STEP_BITS = 40;
    /// @dev Sides in {EnergyLedger-posted}.
    uint256 private constant BIDS = 1;
    uint256 private constant OFFERS = 2;
    uint256 private constant BUYS = 4;
    uint256 private constant SELLS = 8;

    /// @notice Whether nothing is wrong with an order, and its account covers it. Then `posting` holds what
    /// {OrderBooks-put} needs; it holds the account's slot in any case.
    /// @param ledger Storage of the market.
    /// @param posting What posting keeps at hand.
    /// @param head Account, flags and steps from the highest bit down, as in a record.
    /// @return good Whether the order can be taken, apart from who signed it.
    function isGood(
        EnergyLedger storage ledger,
        Posting memory posting,
        uint256 head
    ) internal view returns (bool good) {
        mapping(uint32 account => AccountSlot slot) storage accounts = ledger.accounts;
        // Numbers of words in {Posting}, times 32: locks 0x00 and 0x20, slopes 0x40 and 0x60, highest tick 0x80, minimum
        // 0xa0, classes 0xc0, slot 0xe0, place of the slot 0x100, lock 0x120, Wh 0x140, class 0x160, shift 0x180, posted 0x1a0.
        // Writes words of `posting`, and the first two of memory, which are free to use.
        assembly ("memory-safe") {
            mstore(0, shr(224, head))
            mstore(0x20, accounts.slot)
            let slot := keccak256(0, 0x40)
            mstore(add(posting, 0x100), slot)
            slot := sload(slot)
            mstore(add(posting, 0xe0), slot)
            let flags := and(shr(216, head), 0xff)
            let side := and(flags, 1)
            // Side, kind and green account give the class; of the account's flags only OPEN (8), not INDEBTED (1) nor BARRED
            // (2), may be set.
            let bad := byte(or(or(side, and(shr(2, flags), 6)), shl(1, and(slot, 4))), mload(add(posting, 0xc0)))
            mstore(add(posting, 0x160), bad)
            bad := or(or(gt(bad, 6), gt(flags, 0x1f)), xor(and(slot, 11), 8))
            // Wh in the upper half of `sum`, money in the lower.
            let sum := 0
            {
                let lock := add(posting, shl(5, side))
                let steps := shl(40, head)
                for {
                    let left := and(shr(1, flags), 3)
                } 1 {
                    left := sub(left, 1)
                } {
                    let tick := shr(248, steps)
                    let wh := and(shr(216, steps), 0xffffffff)
                    bad := or(bad, or(gt(tick, mload(add(posting, 0x80))), lt(wh, mload(add(posting, 0xa0)))))
                    sum := add(sum, mul(wh, add(shl(128, 1), add(mload(lock), mul(tick, mload(add(lock, 0x40)))))))
                    if iszero(left) {
                        break
                    }
                    steps := shl(40, steps)
                }
            }
            // The cap of an offer stands 12 bits below that of a bid; powers of ten have 16 bits each.
            let cap := shr(sub(16, mul(12, side)), slot)
            cap := mul(and(shr(2, cap), 0x3ff), and(shr(shl(4, and(cap, 3)), 0x03e80064000a0001), 0xffff))
            bad := or(bad, gt(shr(128, sum), cap))
            mstore(add(posting, 0x140), shr(128, sum))
            sum := and(sum, 0xffffffffffffffffffffffffffffffff)
            mstore(add(posting, 0x120), sum)
            bad := or(bad, gt(sum, and(shr(40, slot), 0xffffffffffffff)))
            // Neither bids (1) nor offers (2), nor agreements on the other side: sales (8) for a bid, purchases (4) for an
            // offer.
            let shift := and(shr(224, head), 0xff)
            shift := shl(2, mod(shift, 56))
            mstore(add(posting, 0x180), shift)
            bad := or(bad, and(shr(shift, mload(add(posting, 0x1a0))), sub(11, shl(2, side))))
            good := iszero(bad)
        }
    }

    /// @notice Names what is wrong with an order, leaving aside who signed it and whether it is covered.
    /// @param ledger Storage of the market.
    /// @param posting What posting keeps at hand.
    /// @param head Account, flags and steps from the highest bit down, as in a record.
    /// @return fault None: so far it is good, and `posting` holds what {OrderBooks-take} needs. Else it holds the value at
    /// fault and what that is measured by.
    function screen(
        EnergyLedger storage ledger,
        Posting memory posting,
        uint256 head
    ) internal view returns (OrderFault fault) {
        if (isGood(ledger, posting, head)) return OrderFault.None;
        AccountSlot slot = posting.slot;
        if (!slot.isOpen()) return OrderFault.UnknownAccount;
        if (slot.has(AccountSlots.BARRED)) return OrderFault.Barred;
        if (slot.has(AccountSlots.INDEBTED)) {
            uint256 debt = ledger.details[uint32(head >> ACCOUNT_SHIFT)].debt; // upper 32 bits
            return _blame(posting, OrderFault.Indebted, debt, 0);
        }
        uint256 flags = (head >> FLAGS_SHIFT) & type(uint8).max;
        if (flags & OrderFlags.UNKNOWN != 0 || posting.class == OrderOpening.UNKNOWN) {
            return _blame(posting, OrderFault.UnknownFlags, flags, 0);
        }
        if (posting.class == OrderOpening.NOT_OFFERED) {
            return _blame(posting, OrderFault.NotOffered, flags, posting.record.rules);
        }
        fault = _screenSteps(posting, head << STEPS_SHIFT, OrderRecords.stepCountOf(uint8(flags))); // 8 bits
        if (fault != OrderFault.None) return fault;
        bool offer = flags & OrderFlags.OFFER != 0;
        uint256 cap = offer ? slot.exportCapWh() : slot.importCapWh();
        if (posting.wh > cap) return _blame(posting, OrderFault.CapExceeded, posting.wh, cap);
        uint256 sides = posting.postedWord >> posting.postedShift;
        if (sides & (BIDS | OFFERS) != 0) return OrderFault.AlreadyPosted;
        if (sides & (offer ? BUYS : SELLS) != 0) return OrderFault.SideConflict;
    }

    function _screenSteps(
        Posting memory posting,
        uint256 steps,
        uint256 count
    ) private pure returns (OrderFault fault) {
        for (; count != 0; --count) {
            uint256 tick = steps >> TICK_SHIFT;
            uint256 wh = (steps >> WH_SHIFT) & type(uint32).max;
            if (tick > posting.highestTick) return _blame(posting, OrderFault.BadTick, tick, posting.highestTick);
            if (wh < posting.minimumWh) return _blame(posting, OrderFault.BelowMinimum, wh, posting.minimumWh);
            steps <<= STEP_BITS;
        }
    }

    /// @dev Keeps what a fault is about.
    function _blame(
        Posting memory posting,
        OrderFault fault,
        uint256 value,
        uint256 limit
    ) private pure returns (OrderFault) {
        posting.value = value;
        posting.limit = limit;
        return fault;
    }
}
