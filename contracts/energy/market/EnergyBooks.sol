// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyLedger, LedgerKeys} from "./EnergyLedger.sol";
import {BookClass, Round, Share} from "./IEnergyMarket.sol";
import {EnergyRules} from "../registry/IEnergyRegistry.sol";
import {Book, Trade, UniformPriceAuction} from "./UniformPriceAuction.sol";

/// @notice Which book is worked on, and in which round.
struct Place {
    uint32 interval;
    uint32 ring;
    /// @dev Zero: the one book of all.
    uint16 feeder;
    /// @dev Of the interval's tariff.
    uint8 rules;
    Round round;
}

/// @notice What earlier rounds left of a class in a book.
struct Rest {
    uint32 interval;
    /// @dev Key of the first word of its levels.
    uint256 key;
    bool offers;
    /// @dev Tick of the dearest offers or the cheapest bids that were used; better ones are gone.
    uint256 bound;
    /// @dev Wh at that tick that are gone.
    uint256 gone;
}

/// @title EnergyBooks
/// @notice Reads from the ledger what a round finds in a book, and writes down who gets what.
/// @dev What earlier rounds used of a class follows from its {Share} in them: all of what is better than the price and part
/// of what is at it. Above 150 lines, for reading and sharing out rest on the same knowledge of that.
library EnergyBooks {
    uint256 private constant FEEDER_CLASSES =
        (1 << uint256(BookClass.Bid)) |
            (1 << uint256(BookClass.BidFeederOnly)) |
            (1 << uint256(BookClass.Offer)) |
            (1 << uint256(BookClass.OfferGreen)) |
            (1 << uint256(BookClass.OfferFeederOnly));
    uint256 private constant GREEN_CLASSES =
        (1 << uint256(BookClass.BidGreenFirst)) |
            (1 << uint256(BookClass.BidGreenOnly)) |
            (1 << uint256(BookClass.OfferGreen));
    uint256 private constant MAIN_CLASSES =
        (1 << uint256(BookClass.Bid)) |
            (1 << uint256(BookClass.BidGreenFirst)) |
            (1 << uint256(BookClass.Offer)) |
            (1 << uint256(BookClass.OfferGreen));
    uint256 private constant CLASSES = 7;
    uint256 private constant HEADER_BITS = 32;
    uint256 private constant HEADER_MASK = type(uint32).max;
    uint256 private constant LAST_TICK = LedgerKeys.TICKS - 1;
    uint256 private constant TAG_SHIFT = 224;
    uint256 private constant TAG_BITS = 32;
    /// @dev Words of levels for each bit of a header.
    uint256 private constant WORDS_PER_BIT = 2;

    /// @notice Reads a book as a round finds it, and cumulates it.
    /// @param ledger The market's.
    /// @param place Which book and round.
    /// @param book Is overwritten.
    /// @return header Which words of levels are in use; zero: the book is empty.
    function read(
        EnergyLedger storage ledger,
        Place memory place,
        Book memory book
    ) internal view returns (uint256 header) {
        UniformPriceAuction.reset(book);
        uint256 key = LedgerKeys.wordOf(place.interval, place.ring, place.feeder, 0);
        header = LedgerKeys.payloadOf(ledger.headers[key], place.interval);
        if (header == 0) return 0;
        uint256 classes = _classesOf(place.round);
        for (uint256 class = 0; class < CLASSES; ++class) {
            uint256 used = (header >> (class * HEADER_BITS)) & HEADER_MASK;
            if (used == 0 || (classes >> class) & 1 == 0) continue;
            // One of the 7 classes.
            Rest memory rest = _restOf(ledger, place, BookClass(class));
            _add(ledger, rest, used, rest.offers ? book.supply : book.demand);
        }
        UniformPriceAuction.cumulate(book);
    }

    /// @notice Shares what a side of a book traded at its price out to the side's classes, in their order.
    /// @param ledger The market's.
    /// @param place Which book and round.
    /// @param header As {read} returned it: classes without orders are left out.
    /// @param trade What the book traded.
    /// @param offers Which side.
    function writeShares(
        EnergyLedger storage ledger,
        Place memory place,
        uint256 header,
        Trade memory trade,
        bool offers
    ) internal {
        uint256 classes = _classesOf(place.round);
        uint256 visited = 0;
        for (uint256 class = 0; class < CLASSES; ++class) {
            if (_isOffer(class) != offers || (classes >> class) & 1 == 0) continue;
            if ((header >> (class * HEADER_BITS)) & HEADER_MASK == 0) continue;
            // One of the 7 classes.
            Rest memory rest = _restOf(ledger, place, BookClass(class));
            uint256 wh = LedgerKeys.levelIn(_wordOf(ledger, rest, trade.tick / LedgerKeys.TICKS_PER_WORD), trade.tick);
            uint256 filled =
                offers
                    ? UniformPriceAuction.share(visited, wh, trade.soldAt, trade.offeredAt)
                    : UniformPriceAuction.share(visited, wh, trade.boughtAt, trade.bidAt);
            ledger.shares[place.interval][LedgerKeys.share(place.feeder, BookClass(class), place.round)] = Share({
                tick: uint8(trade.tick), // 0 to 255
                traded: true,
                // Wh of a level, which has 56 bits.
                level: uint64(wh),
                filled: uint64(filled),
                visited: 0
            });
            visited += wh;
        }
    }

    // --- internals

    /// @dev Adds what is left of a class to a side of a book. Bit n of `used`: words 2n and 2n + 1 are in use.
    function _add(EnergyLedger storage ledger, Rest memory rest, uint256 used, uint256[64] memory words) private view {
        uint256 boundWord = rest.bound / LedgerKeys.TICKS_PER_WORD;
        if ((used >> (boundWord / WORDS_PER_BIT)) & 1 != 0) words[boundWord] += _wordOf(ledger, rest, boundWord);
        // Words of better orders than the bound are gone, and that of the bound is in.
        uint256 first = rest.offers ? boundWord + 1 : 0;
        uint256 end = rest.offers ? LedgerKeys.TICKS / LedgerKeys.TICKS_PER_WORD : boundWord;
        mapping(uint256 => uint256) storage levels = ledger.levels;
        (uint256 key, uint256 interval) = (rest.key, rest.interval);
        // Words are numbered below 64, so the key has no other of their bits, and `words` has all of them. The first 64 bytes of
        // memory are there for hashing. A word counts if its upper 32 bits are the interval; they are cut off.
        assembly ("memory-safe") {
            mstore(0x20, levels.slot)
            for {
                let word := first
            } lt(word, end) {
                word := add(word, 1)
            } {
                if and(shr(shr(1, word), used), 1) {
                    mstore(0, or(key, word))
                    let stored := sload(keccak256(0, 0x40))
                    if eq(shr(TAG_SHIFT, stored), interval) {
                        let place := add(words, shl(5, word))
                        mstore(place, add(mload(place), shr(TAG_BITS, shl(TAG_BITS, stored))))
                    }
                }
            }
        }
    }

    /// @dev What is left of a class at four ticks.
    function _wordOf(
        EnergyLedger storage ledger,
        Rest memory rest,
        uint256 word
    ) private view returns (uint256 levels) {
        uint256 boundWord = rest.bound / LedgerKeys.TICKS_PER_WORD;
        if (rest.offers ? word < boundWord : word > boundWord) return 0;
        levels = LedgerKeys.payloadOf(ledger.levels[rest.key | word], rest.interval);
        if (word != boundWord) return levels;
        uint256 shift = LedgerKeys.levelShift(rest.bound);
        levels = rest.offers ? (levels >> shift) << shift : levels & ((1 << (shift + LedgerKeys.LEVEL_BITS)) - 1);
        // Not more is gone than was there, so nothing is borrowed from the next level.
        return levels - (rest.gone << shift);
    }

    /// @dev What earlier rounds used of a class.
    function _restOf(
        EnergyLedger storage ledger,
        Place memory place,
        BookClass class
    ) private view returns (Rest memory rest) {
        rest.interval = place.interval;
        rest.key = LedgerKeys.level(place.interval, place.ring, place.feeder, class, 0);
        rest.offers = _isOffer(uint256(class));
        if (!rest.offers) rest.bound = LAST_TICK;
        for (uint256 earlier = 0; earlier < uint256(place.round); ++earlier) {
            // Below the number of a round.
            Round round = Round(earlier);
            if (!_held(place.rules, round) || (_classesOf(round) >> uint256(class)) & 1 == 0) continue;
            Share memory share = ledger.shares[place.interval][LedgerKeys.share(place.feeder, class, round)];
            if (!share.traded) continue;
            // Who trades later has no better orders left, so the later price is the bound; at the same price both count.
            if (share.tick != rest.bound) (rest.bound, rest.gone) = (share.tick, share.filled);
            else rest.gone += share.filled;
        }
    }

    /// @dev Whether a tariff's rules ask for a round before the main one.
    function _held(uint8 rules, Round round) private pure returns (bool held) {
        return rules & (round == Round.Feeder ? EnergyRules.FEEDER_FIRST : EnergyRules.GREEN) != 0;
    }

    /// @dev Bit n: class n takes part in the round.
    function _classesOf(Round round) private pure returns (uint256 classes) {
        if (round == Round.Main) return MAIN_CLASSES;
        return round == Round.Green ? GREEN_CLASSES : FEEDER_CLASSES;
    }

    function _isOffer(uint256 class) private pure returns (bool offers) {
        return class >= uint256(BookClass.Offer);
    }
}
