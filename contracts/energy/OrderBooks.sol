// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountSlot, AccountSlots} from "./AccountSlots.sol";
import {EnergyLedger, IntervalRecord, LedgerKeys, MarketFrame} from "./EnergyLedger.sol";
import {BookClass, IEnergyMarket, IntervalState, OrderFault, OrderFlags} from "./IEnergyMarket.sol";
import {EnergyRules, Tariff} from "./IEnergyRegistry.sol";

/// @notice What posting to an interval keeps at hand in memory, so that storage is read and written once.
struct Posting {
    uint256 interval;
    /// @dev Ring part of the interval's keys.
    uint256 ring;
    /// @dev Whether nobody posted to the interval before.
    bool fresh;
    IntervalRecord record;
    /// @dev What a Wh at tick zero locks, and what each tick adds to it, modulo 2^256.
    uint256 bidLock;
    uint256 bidSlope;
    uint256 offerLock;
    uint256 offerSlope;
    uint256 highestTick;
    uint256 minimumWh;
    /// @dev Byte n: {BookClass} of a side and kind, see {OrderBooks-screen}.
    uint256 classes;
    uint256 accepted;
    /// @dev Feeder & mask = book.
    uint256 bookMask;
    /// @dev The order under examination: its account's slot and the place of it, what it locks, its Wh, its class, and, if
    /// something is wrong with it, the value at fault and what that is measured by.
    AccountSlot slot;
    uint256 slotKey;
    uint256 lock;
    uint256 wh;
    uint256 class;
    uint256 value;
    uint256 limit;
    /// @dev Word of {EnergyLedger-posted} at hand: `feeder << 16 | part`, its content, and the order's shift in it.
    uint256 postedPart;
    uint256 postedWord;
    uint256 postedShift;
    /// @dev Feeder of the last order accepted; above all numbers: none.
    uint256 feeder;
    uint256 book;
    /// @dev Header bits of what was added to the book.
    uint256 touched;
    /// @dev Memory with the Wh to add for each class and word of the book's levels; less what lies before the first class.
    uint256 levels;
    /// @dev Memory with the numbers of those of them that are not zero, and where the list of them ends.
    uint256 list;
    uint256 listEnd;
}

/// @title OrderBooks
/// @notice Examines orders and takes them into the books of an interval.
/// @dev Wh of a book are added up in memory and written when the book changes and at the end. Levels cannot overflow: a
/// meter posts once in an interval, at most 1,023,000 Wh, and its number has 32 bits, so less than 2^52 Wh stand at a level
/// of 56 bits. For the same reasons no sum or product here comes near 2^256: all factors have at most 32 bits.
library OrderBooks {
    uint256 private constant NONE = type(uint256).max;
    uint256 private constant CLASSES = 7;
    uint256 private constant WORDS = 64;
    uint256 private constant WORD_BYTES = 32;
    uint256 private constant CLASS_SHIFT = 8;
    uint256 private constant FEEDER_SHIFT = 16;
    uint256 private constant POSITION_MASK = 0xff;
    uint256 private constant TICK_SHIFT = 248;
    uint256 private constant WH_SHIFT = 216;
    uint256 private constant STEP_BITS = 40;
    /// @dev Places in an {AccountSlot}.
    uint256 private constant IMPORT_SHIFT = 16;
    uint256 private constant CAP_BITS = 12;
    uint256 private constant CAP_MASK = 0xfff;
    uint256 private constant FREE_SHIFT = 40;
    /// @dev Sides in {EnergyLedger-posted}.
    uint256 private constant BIDS = 1;
    uint256 private constant OFFERS = 2;
    uint256 private constant BUYS = 4;
    uint256 private constant SELLS = 8;
    /// @dev Sides and kinds that are no class.
    uint256 private constant LAST_CLASS = 6;
    uint256 private constant NOT_OFFERED = 0xfe;
    uint256 private constant UNKNOWN = 0xff;
    /// @dev Where side (1), kind (2, 4) and a green account (8) are in the number of a class.
    uint256 private constant GREEN_INDEX = 8;
    uint256 private constant KIND_INDEX_MASK = 6;

    /// @notice Makes ready for orders in an interval. Reverts unless it is open and the supplier is above its floor.
    function begin(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval
    ) internal view returns (Posting memory posting) {
        requireOpen(frame, interval);
        uint256 balance = ledger.treasury.supplier;
        if (balance < frame.supplierFloor) {
            revert IEnergyMarket.EnergyMarketSupplierBelowFloor(balance, frame.supplierFloor);
        }
        IntervalRecord memory record = recordOf(ledger, frame, interval);
        posting.interval = interval;
        posting.ring = LedgerKeys.ringOf(interval, frame.ring);
        posting.fresh = record.state == IntervalState.Future;
        posting.record = record;
        posting.minimumWh = frame.minimumWh;
        posting.bookMask = record.rules & EnergyRules.BY_FEEDER != 0 ? type(uint16).max : 0;
        posting.postedPart = NONE;
        posting.feeder = NONE;
        posting.classes = _classes(record.rules);
        unchecked {
            // Prices have 24 bits, and the base price is not above the retail price. Slopes count modulo 2^256.
            uint256 room = record.retail - record.basePrice;
            posting.bidLock = uint256(record.basePrice) + record.gridFee;
            posting.bidSlope = record.tickSize;
            posting.offerLock = room;
            posting.offerSlope = 0 - uint256(record.tickSize);
            posting.highestTick = room / record.tickSize;
        }
    }

    /// @notice Reverts unless an interval takes orders.
    function requireOpen(MarketFrame memory frame, uint32 interval) internal view {
        (uint256 opensAt, uint256 closesAt) = openingOf(frame, interval);
        // solhint-disable not-rely-on-time
        if (block.timestamp < opensAt) revert IEnergyMarket.EnergyMarketNotOpen(interval, opensAt);
        if (block.timestamp >= closesAt) revert IEnergyMarket.EnergyMarketGateClosed(interval, closesAt);
        // solhint-enable not-rely-on-time
    }

    /// @notice When an interval takes orders.
    /// @return opensAt First second.
    /// @return closesAt First second after it.
    function openingOf(
        MarketFrame memory frame,
        uint32 interval
    ) internal pure returns (uint256 opensAt, uint256 closesAt) {
        uint256 length = frame.intervalLength;
        uint256 startsAt = interval * length;
        uint256 lead = frame.horizon * length;
        opensAt = startsAt > lead ? startsAt - lead : 0;
        closesAt = startsAt > frame.gateLead ? startsAt - frame.gateLead : 0;
    }

    /// @notice The record of an interval; where nobody posted, one with the registry's tariff and no state, not stored.
    function recordOf(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval
    ) internal view returns (IntervalRecord memory record) {
        record = ledger.intervals[interval];
        if (record.tickSize != 0) return record;
        Tariff memory tariff = frame.registry.tariffOf(interval);
        record.feedIn = tariff.feedIn;
        record.retail = tariff.retail;
        record.feederFee = tariff.feederFee;
        record.gridFee = tariff.gridFee;
        record.basePrice = tariff.basePrice;
        record.tickSize = tariff.tickSize;
        record.rules = tariff.rules;
    }

    /// @notice Gives memory for the levels of every class: for a batch.
    function reserve(Posting memory posting) internal pure {
        _reserve(posting, 0, CLASSES);
    }

    /// @notice Gives memory for the levels of the class of the order that was examined: for an order alone.
    function reserveOne(Posting memory posting) internal pure {
        _reserve(posting, posting.class, 1);
    }

    /// @notice Says what is wrong with an order, leaving aside who signed it and whether it is covered.
    /// @param account Number of 32 bits.
    /// @param flags With the number of steps.
    /// @param steps From the highest bit down, 40 bits each; what comes after the last one is not heeded.
    /// @return fault None: so far it is good, and `posting` holds what {take} needs. Else it holds the value at fault and what
    /// that is measured by.
    function screen(
        EnergyLedger storage ledger,
        Posting memory posting,
        uint256 account,
        uint256 flags,
        uint256 steps
    ) internal returns (OrderFault fault) {
        unchecked {
            uint256 slot = _slotOf(ledger, posting, account);
            if (slot & (AccountSlots.OPEN | AccountSlots.BARRED | AccountSlots.INDEBTED) != AccountSlots.OPEN) {
                return _standing(ledger, posting, account, slot);
            }
            uint256 side = flags & OrderFlags.OFFER;
            {
                // Side in bit 0, kind in bits 1 and 2, green in bit 3.
                uint256 index = side | ((flags >> 2) & KIND_INDEX_MASK) | ((slot & AccountSlots.GREEN) << 1);
                uint256 class = (posting.classes >> (index << 3)) & 0xff;
                if (class > LAST_CLASS || flags & OrderFlags.UNKNOWN != 0) return _classFault(posting, class, flags);
                posting.class = class;
            }
            fault = _sum(posting, flags, steps, side);
            if (fault != OrderFault.None) return fault;
            {
                uint256 cap = AccountSlots.decodeCap((slot >> (IMPORT_SHIFT - side * CAP_BITS)) & CAP_MASK);
                if (posting.wh > cap) return _blame(posting, OrderFault.CapExceeded, posting.wh, cap);
            }
            uint256 position = account & POSITION_MASK;
            uint256 part = position / LedgerKeys.METERS_PER_WORD;
            position = (position - part * LedgerKeys.METERS_PER_WORD) << 2;
            part |= (account >> CLASS_SHIFT) << FEEDER_SHIFT;
            if (part != posting.postedPart) _turnPosted(ledger, posting, part);
            posting.postedShift = position;
            uint256 sides = posting.postedWord >> position;
            if (sides & (BIDS | OFFERS | (SELLS - side * (SELLS - BUYS))) != 0) {
                return sides & (BIDS | OFFERS) != 0 ? OrderFault.AlreadyPosted : OrderFault.SideConflict;
            }
        }
    }

    /// @notice Takes the order that was examined, if its account covers it.
    /// @return fault None or InsufficientFree; then `posting` holds what it locks and what is free, money units.
    function take(
        EnergyLedger storage ledger,
        Posting memory posting,
        uint256 account,
        uint256 flags,
        uint256 steps
    ) internal returns (OrderFault fault) {
        unchecked {
            {
                uint256 lock = posting.lock;
                AccountSlot slot = posting.slot;
                if (lock > slot.free()) return _blame(posting, OrderFault.InsufficientFree, lock, slot.free());
                uint256 place = posting.slotKey;
                // Not above the free money, so nothing is borrowed from other fields. The place is the account's slot.
                uint256 changed = AccountSlot.unwrap(slot) - (lock << FREE_SHIFT);
                assembly ("memory-safe") {
                    sstore(place, changed)
                }
            }
            // The bit after that of the bids is that of the offers.
            posting.postedWord |= BIDS << (posting.postedShift + (flags & OrderFlags.OFFER));
            account >>= CLASS_SHIFT;
            if (account != posting.feeder) _turnFeeder(ledger, posting, account);
            _addLevels(posting, flags, steps);
            ++posting.accepted;
        }
    }

    /// @notice Writes what is held in memory, chains the records, and tells of them.
    /// @param records Records that were accepted, at least one.
    function finish(EnergyLedger storage ledger, Posting memory posting, bytes memory records) internal {
        _flushPosted(ledger, posting);
        _flushBook(ledger, posting);
        uint32 interval = uint32(posting.interval); // it came in as one
        if (posting.fresh) create(ledger, interval, posting.record);
        bytes32 previous = ledger.chains[interval];
        bytes32 chain = keccak256(abi.encodePacked(previous, keccak256(records)));
        ledger.chains[interval] = chain;
        emit IEnergyMarket.OrdersPosted(interval, chain, previous, records);
    }

    /// @notice Stores the record of an interval that nobody posted to before.
    function create(EnergyLedger storage ledger, uint32 interval, IntervalRecord memory record) internal {
        record.state = IntervalState.Open;
        ledger.intervals[interval] = record;
    }

    /// @dev Reads an account's slot, and keeps it and its place.
    function _slotOf(
        EnergyLedger storage ledger,
        Posting memory posting,
        uint256 account
    ) private view returns (uint256 slot) {
        mapping(uint32 account => AccountSlot slot) storage accounts = ledger.accounts;
        uint256 place;
        // Where Solidity keeps the value of a mapping; the first two words of memory are free to use.
        assembly ("memory-safe") {
            mstore(0, account)
            mstore(0x20, accounts.slot)
            place := keccak256(0, 0x40)
            slot := sload(place)
        }
        posting.slotKey = place;
        posting.slot = AccountSlot.wrap(slot);
    }

    /// @dev What bars an account from ordering.
    function _standing(
        EnergyLedger storage ledger,
        Posting memory posting,
        uint256 account,
        uint256 slot
    ) private view returns (OrderFault fault) {
        if (slot == 0) return OrderFault.UnknownAccount;
        if (slot & AccountSlots.BARRED != 0) return OrderFault.Barred;
        return _blame(posting, OrderFault.Indebted, ledger.details[uint32(account)].debt, 0); // 32 bits
    }

    /// @dev What keeps flags from a class.
    function _classFault(Posting memory posting, uint256 class, uint256 flags) private pure returns (OrderFault fault) {
        if (class == UNKNOWN || flags & OrderFlags.UNKNOWN != 0) {
            return _blame(posting, OrderFault.UnknownFlags, flags, 0);
        }
        return _blame(posting, OrderFault.NotOffered, flags, posting.record.rules);
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

    /// @dev Adds steps up, and says what is wrong with one of them.
    function _sum(
        Posting memory posting,
        uint256 flags,
        uint256 steps,
        uint256 side
    ) private pure returns (OrderFault fault) {
        unchecked {
            uint256 base = side == 0 ? posting.bidLock : posting.offerLock;
            uint256 slope = side == 0 ? posting.bidSlope : posting.offerSlope;
            uint256 total = 0;
            uint256 lock = 0;
            for (uint256 left = (flags >> OrderFlags.STEPS_SHIFT) & OrderFlags.STEPS_MASK; ; --left) {
                uint256 tick = steps >> TICK_SHIFT;
                uint256 wh = (steps >> WH_SHIFT) & type(uint32).max;
                if (tick > posting.highestTick) return _blame(posting, OrderFault.BadTick, tick, posting.highestTick);
                if (wh < posting.minimumWh) return _blame(posting, OrderFault.BelowMinimum, wh, posting.minimumWh);
                total += wh;
                lock += (base + tick * slope) * wh;
                if (left == 0) break;
                steps <<= STEP_BITS;
            }
            posting.wh = total;
            posting.lock = lock;
        }
    }

    /// @dev Adds the steps of the order that was examined to the book in memory.
    function _addLevels(Posting memory posting, uint256 flags, uint256 steps) private pure {
        unchecked {
            uint256 class = posting.class;
            uint256 levels = posting.levels;
            for (uint256 left = (flags >> OrderFlags.STEPS_SHIFT) & OrderFlags.STEPS_MASK; ; --left) {
                uint256 tick = steps >> TICK_SHIFT;
                uint256 index = class * WORDS + (tick >> 2);
                uint256 added = ((steps >> WH_SHIFT) & type(uint32).max) << ((tick & 3) * LedgerKeys.LEVEL_BITS);
                uint256 place = levels + index * WORD_BYTES;
                uint256 sum;
                // One of the words reserved: the class is one they are for, the tick has 8 bits.
                assembly ("memory-safe") {
                    sum := mload(place)
                    mstore(place, add(sum, added))
                }
                if (sum == 0) _enlist(posting, class, tick, index);
                if (left == 0) return;
                steps <<= STEP_BITS;
            }
        }
    }

    /// @dev A word of levels gets its first Wh.
    function _enlist(Posting memory posting, uint256 class, uint256 tick, uint256 index) private pure {
        posting.touched |= 1 << ((class << 5) + (tick >> 3));
        uint256 end = posting.listEnd;
        // The list has room for every word reserved.
        assembly ("memory-safe") {
            mstore(end, index)
        }
        posting.listEnd = end + WORD_BYTES;
    }

    function _turnPosted(EnergyLedger storage ledger, Posting memory posting, uint256 part) private {
        _flushPosted(ledger, posting);
        posting.postedPart = part;
        posting.postedWord = _tagged(ledger.posted[posting.ring | part], posting.interval << LedgerKeys.TAG_SHIFT);
    }

    function _flushPosted(EnergyLedger storage ledger, Posting memory posting) private {
        if (posting.postedPart == NONE) return;
        uint256 key = posting.ring | posting.postedPart;
        if (ledger.posted[key] != posting.postedWord) ledger.posted[key] = posting.postedWord;
    }

    function _turnFeeder(EnergyLedger storage ledger, Posting memory posting, uint256 feeder) private {
        posting.feeder = feeder;
        uint256 bit = 1 << (feeder & 0xff);
        uint32 interval = uint32(posting.interval); // it came in as one
        uint256 bits = ledger.feeders[interval][feeder >> 8];
        if (bits & bit == 0) ledger.feeders[interval][feeder >> 8] = bits | bit;
        uint256 book = feeder & posting.bookMask;
        if (book == posting.book) return;
        _flushBook(ledger, posting);
        posting.book = book;
    }

    function _flushBook(EnergyLedger storage ledger, Posting memory posting) private {
        unchecked {
            if (posting.touched == 0) return;
            uint256 tag = posting.interval << LedgerKeys.TAG_SHIFT;
            uint256 prefix = posting.ring | (posting.book << FEEDER_SHIFT);
            uint256 levels = posting.levels;
            uint256 end = posting.listEnd;
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
            posting.listEnd = posting.list;
            uint256 header = ledger.headers[prefix];
            uint256 changed = _tagged(header, tag) | posting.touched;
            if (changed != header) ledger.headers[prefix] = changed;
            posting.touched = 0;
        }
    }

    /// @dev A word of a ring as the interval with that tag has it: without anything if it was written for another.
    function _tagged(uint256 stored, uint256 tag) private pure returns (uint256 word) {
        return stored >> LedgerKeys.TAG_SHIFT == tag >> LedgerKeys.TAG_SHIFT ? stored : tag;
    }

    /// @dev Memory for the levels of `count` classes from `first` on.
    function _reserve(Posting memory posting, uint256 first, uint256 count) private pure {
        uint256 words = count * WORDS;
        uint256[] memory levels = new uint256[](words);
        uint256 list;
        // Behind the levels as much memory again, which is written before it is read.
        uint256 start;
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

    /// @dev The class for each number of side, kind and green account, one byte each.
    function _classes(uint256 rules) private pure returns (uint256 classes) {
        bool green = rules & EnergyRules.GREEN != 0;
        bool feederFirst = rules & EnergyRules.FEEDER_FIRST != 0;
        uint256 feederBid = feederFirst ? uint256(BookClass.BidFeederOnly) : NOT_OFFERED;
        uint256 feederOffer = feederFirst ? uint256(BookClass.OfferFeederOnly) : NOT_OFFERED;
        uint256 bids =
            uint256(BookClass.Bid) |
                ((green ? uint256(BookClass.BidGreenFirst) : NOT_OFFERED) << 16) |
                ((green ? uint256(BookClass.BidGreenOnly) : NOT_OFFERED) << 32) |
                (feederBid << 48);
        uint256 offers = (UNKNOWN << 24) | (UNKNOWN << 40) | (feederOffer << 56);
        classes = bids | offers | (uint256(BookClass.Offer) << 8);
        classes |= (bids | offers | (uint256(green ? BookClass.OfferGreen : BookClass.Offer) << 8)) << 64;
    }
}
