// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyLedger, LedgerKeys} from "./EnergyLedger.sol";
import {IEnergyMarket, OrderFault} from "./IEnergyMarket.sol";
import {OrderOpening, Posting} from "./OrderOpening.sol";

/// @title OrderBooks
/// @notice Takes orders that {OrderChecks} found good into the books of an interval.
/// @dev Wh of a book are added up in memory and written when the book changes and at the end. Levels cannot overflow: a
/// meter posts once in an interval, at most 1,023,000 Wh, and its number has 32 bits, so less than 2^52 Wh stand at a level
/// of 56 bits.
library OrderBooks {
    uint256 private constant NONE = type(uint256).max;
    uint256 private constant CLASSES = 7;
    /// @dev Words of levels of a class.
    uint256 private constant WORDS = 64;
    uint256 private constant WORD_BYTES = 32;
    uint256 private constant CLASS_SHIFT = 8;
    uint256 private constant FEEDER_SHIFT = 16;
    uint256 private constant POSITION_MASK = 0xff;
    /// @dev Where account and feeder begin in the head of an order.
    uint256 private constant ACCOUNT_SHIFT = 224;
    uint256 private constant FEEDER_IN_HEAD = 232;
    uint256 private constant BITS_PER_WORD_SHIFT = 8;

    /// @notice Gives memory for the levels of every class: for a batch.
    /// @param posting What posting keeps at hand.
    function reserve(Posting memory posting) internal pure {
        _reserve(posting, 0, CLASSES);
    }

    /// @notice Gives memory for the levels of the class of the order that was examined: for an order alone.
    /// @param posting What posting keeps at hand.
    function reserveOne(Posting memory posting) internal pure {
        _reserve(posting, posting.class, 1);
    }

    /// @notice Takes the word of {EnergyLedger-posted} at hand that an account is in.
    /// @param ledger Storage of the market.
    /// @param posting What posting keeps at hand.
    /// @param head Account, flags and steps from the highest bit down, as in a record.
    function turn(EnergyLedger storage ledger, Posting memory posting, uint256 head) internal {
        uint256 part;
        unchecked {
            part = (((head >> ACCOUNT_SHIFT) & POSITION_MASK) / LedgerKeys.METERS_PER_WORD); // a constant above zero
        }
        part |= (head >> FEEDER_IN_HEAD) << FEEDER_SHIFT;
        if (part == posting.postedPart) return;
        _flushPosted(ledger, posting);
        posting.postedPart = part;
        uint256 word = _tagged(ledger.posted[posting.ring | part], posting.interval << LedgerKeys.TAG_SHIFT);
        posting.postedWord = word;
        posting.postedBefore = word;
    }

    /// @notice Takes the order that was examined, if its account covers it.
    /// @param ledger Storage of the market.
    /// @param posting What posting keeps at hand.
    /// @param head Account, flags and steps from the highest bit down, as in a record.
    /// @return fault None or InsufficientFree; then `posting` holds what it locks and what is free, money units.
    function take(
        EnergyLedger storage ledger,
        Posting memory posting,
        uint256 head
    ) internal returns (OrderFault fault) {
        uint256 free = posting.slot.free();
        if (posting.lock > free) {
            (posting.value, posting.limit) = (posting.lock, free);
            return OrderFault.InsufficientFree;
        }
        put(ledger, posting, head);
    }

    /// @notice Takes the order that was examined, whose account covers it.
    /// @param ledger Storage of the market.
    /// @param posting What posting keeps at hand.
    /// @param head Account, flags and steps from the highest bit down, as in a record.
    function put(EnergyLedger storage ledger, Posting memory posting, uint256 head) internal {
        if (head >> FEEDER_IN_HEAD != posting.feeder) _turnFeeder(ledger, posting, head >> FEEDER_IN_HEAD);
        // Numbers of words in {Posting}, times 32: slot 0xe0, place of the slot 0x100, lock 0x120, class 0x160, shift 0x180,
        // posted 0x1a0, levels 0x1c0, touched 0x1e0, end of the list 0x220.
        // Writes the account's slot, words of `posting`, and of the memory reserved: the class is one it is for, ticks have 8
        // bits, and every word enters the list once. The lock is not above the free money, so nothing is borrowed from the
        // other fields of the slot.
        assembly ("memory-safe") {
            sstore(mload(add(posting, 0x100)), sub(mload(add(posting, 0xe0)), shl(40, mload(add(posting, 0x120)))))
            let side := and(shr(216, head), 1)
            // Bids have bit 0 of a meter's four, offers bit 1.
            side := shl(add(mload(add(posting, 0x180)), side), 1)
            mstore(add(posting, 0x1a0), or(mload(add(posting, 0x1a0)), side))
            let class := mload(add(posting, 0x160))
            let left := and(shr(217, head), 3)
            for {
                let steps := shl(40, head)
            } 1 {
                left := sub(left, 1)
            } {
                let tick := shr(248, steps)
                let index := add(shl(6, class), shr(2, tick))
                let place := add(mload(add(posting, 0x1c0)), shl(5, index))
                let before := mload(place)
                mstore(place, add(before, shl(mul(56, and(tick, 3)), and(shr(216, steps), 0xffffffff))))
                if iszero(before) {
                    let bit := shl(add(shl(5, class), shr(3, tick)), 1)
                    mstore(add(posting, 0x1e0), or(mload(add(posting, 0x1e0)), bit))
                    let end := mload(add(posting, 0x220))
                    mstore(end, index)
                    mstore(add(posting, 0x220), add(end, 0x20))
                }
                if iszero(left) {
                    break
                }
                steps := shl(40, steps)
            }
        }
    }

    /// @notice Writes what is held in memory, chains the records, and tells of them.
    /// @param ledger Storage of the market.
    /// @param posting What posting keeps at hand.
    /// @param records Records that were accepted, at least one.
    function finish(EnergyLedger storage ledger, Posting memory posting, bytes memory records) internal {
        _flushPosted(ledger, posting);
        _flushBook(ledger, posting);
        uint32 interval = uint32(posting.interval); // it came in as one
        if (posting.fresh) OrderOpening.create(ledger, interval, posting.record);
        bytes32 previous = ledger.chains[interval];
        bytes32 chain = keccak256(abi.encodePacked(previous, keccak256(records)));
        ledger.chains[interval] = chain;
        emit IEnergyMarket.OrdersPosted(interval, chain, previous, records);
    }

    function _flushPosted(EnergyLedger storage ledger, Posting memory posting) private {
        uint256 word = posting.postedWord;
        if (word != posting.postedBefore) ledger.posted[posting.ring | posting.postedPart] = word;
    }

    function _turnFeeder(EnergyLedger storage ledger, Posting memory posting, uint256 feeder) private {
        posting.feeder = feeder;
        uint256 bit = 1 << (feeder & type(uint8).max);
        uint32 interval = uint32(posting.interval); // it came in as one
        uint256 bits = ledger.feeders[interval][feeder >> BITS_PER_WORD_SHIFT];
        if (bits & bit == 0) ledger.feeders[interval][feeder >> BITS_PER_WORD_SHIFT] = bits | bit;
        uint256 book = feeder & posting.bookMask;
        if (book == posting.book) return;
        _flushBook(ledger, posting);
        posting.book = book;
    }

    function _flushBook(EnergyLedger storage ledger, Posting memory posting) private {
        uint256 touched = posting.touched;
        if (touched == 0) return;
        uint256 tag = posting.interval << LedgerKeys.TAG_SHIFT;
        uint256 prefix = posting.ring | (posting.book << FEEDER_SHIFT);
        unchecked {
            uint256 levels = posting.levels;
            uint256 end = posting.listEnd;
            // Places in memory; and levels, which do not overflow.
            for (uint256 entry = posting.list; entry < end; entry += WORD_BYTES) {
                uint256 index;
                uint256 added;
                // Words of the list and of those reserved, which are zero again for the next book.
                assembly ("memory-safe") {
                    index := mload(entry)
                    let place := add(levels, shl(5, index))
                    added := mload(place)
                    mstore(place, 0)
                }
                uint256 key = prefix | ((index / WORDS) << CLASS_SHIFT) | (index % WORDS);
                ledger.levels[key] = _tagged(ledger.levels[key], tag) + added;
            }
        }
        posting.listEnd = posting.list;
        posting.touched = 0;
        uint256 header = ledger.headers[prefix];
        uint256 changed = _tagged(header, tag) | touched;
        if (changed != header) ledger.headers[prefix] = changed;
    }

    /// @dev A word of a ring as the interval with that tag has it: without anything if it was written for another.
    function _tagged(uint256 stored, uint256 tag) private pure returns (uint256 word) {
        return stored >> LedgerKeys.TAG_SHIFT == tag >> LedgerKeys.TAG_SHIFT ? stored : tag;
    }

    /// @dev Memory for the levels of `count` classes from `first` on.
    function _reserve(Posting memory posting, uint256 first, uint256 count) private pure {
        uint256 words = count * WORDS;
        uint256[] memory levels = new uint256[](words);
        uint256 start;
        uint256 list;
        // Behind the levels as much memory again, which is written before it is read.
        assembly ("memory-safe") {
            start := add(levels, 0x20)
            list := mload(0x40)
            mstore(0x40, add(list, shl(5, words)))
        }
        unchecked {
            posting.levels = start - first * WORDS * WORD_BYTES; // modulo 2^256; every index in use is one from `first` on
        }
        posting.list = list;
        posting.listEnd = list;
    }
}
