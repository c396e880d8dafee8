// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A book: Wh at each tick, four ticks in a word. In memory.
struct Book {
    /// @dev Wh offered at the tick; after {UniformPriceAuction-cumulate} at it and every lower one.
    uint256[64] supply;
    /// @dev Wh bid for at the tick; after {UniformPriceAuction-cumulate} at it and every higher one.
    uint256[64] demand;
}

/// @notice What books that hang on one bus would send to it, summed. In memory.
struct Nets {
    /// @dev Wh sent out at the tick by books in which nobody at the tick itself trades but buyers, plus `base`; four ticks in
    /// a word.
    uint256[64] withBids;
    /// @dev The same when sellers at the tick trade too.
    uint256[64] withOffers;
    /// @dev Most Wh that the books can take in. Added to what they send out, so that no entry is negative.
    uint256 base;
    /// @dev Most Wh that the books can take in and send out, summed.
    uint256 span;
}

/// @notice How what a round leaves open at its price is shared out between the books.
struct Balance {
    /// @dev Whether all offers at the price are in, so that the books differ in how many bids at the price they leave out.
    bool offersIn;
    /// @dev Wh to be shared out.
    uint256 filled;
    /// @dev Wh that the books can take of them, at least `filled`.
    uint256 level;
    /// @dev Of `level`, what belongs to books already visited.
    uint256 visited;
}

/// @notice What a book trades at its price. Energy in Wh.
struct Trade {
    /// @dev The price.
    uint256 tick;
    uint256 sold;
    uint256 bought;
    /// @dev Of `sold`, what is offered at the tick; the rest is all offers below.
    uint256 soldAt;
    /// @dev Of `bought`, what is bid for at the tick; the rest is all bids above.
    uint256 boughtAt;
    /// @dev All that is offered at the tick.
    uint256 offeredAt;
    /// @dev All that is bid for at the tick.
    uint256 bidAt;
}

/// @title UniformPriceAuction
/// @notice Formulas of a double auction at one price, over books with limits on what they exchange. Energy in Wh.
/// @dev S(p) is what is offered at tick p or lower, D(p) what is bid for at p or higher, S(-1) = D(256) = 0. A book that is
/// to send x out has the price p exactly when S(p-1) - D(p) <= x <= S(p) - D(p+1).
///
/// Four ticks are worked on at once, in lanes of 56 bits of which the lowest belongs to the lowest tick. No lane overflows,
/// nor meets its guard, the upper bit: a meter's orders stay below 2^20 Wh, see {AccountSlots}, and there are less than 2^24
/// meters, so every sum stays below 2^45.
library UniformPriceAuction {
    /// @notice Number of ticks.
    uint256 internal constant TICKS = 256;
    /// @notice Words of four ticks.
    uint256 internal constant WORDS = 64;

    uint256 private constant WORDS_BYTES = 2048;
    uint256 private constant LANE_BITS = 56;
    uint256 private constant LANE_MASK = (1 << LANE_BITS) - 1;
    uint256 private constant TOP_LANE = 168;
    uint256 private constant WORD_MASK = (1 << (4 * LANE_BITS)) - 1;
    /// @dev 1 in each lane.
    uint256 private constant ONES = 1 | (1 << LANE_BITS) | (1 << (2 * LANE_BITS)) | (1 << TOP_LANE);
    uint256 private constant GUARD_SHIFT = 55;
    uint256 private constant GUARDS = ONES << GUARD_SHIFT;

    // --- books

    /// @notice Empties a book.
    function reset(Book memory book) internal pure {
        _clear(book.supply);
        _clear(book.demand);
    }

    /// @notice Turns the Wh at each tick into S and D.
    function cumulate(Book memory book) internal pure {
        uint256[64] memory supply = book.supply;
        uint256[64] memory demand = book.demand;
        uint256 ones = ONES;
        uint256 mask = WORD_MASK;
        // Reads and writes the words of both arrays only. The product with `ones` puts into each lane the sum of it and all
        // lower ones; sums stay below 2^45, so in their lanes.
        assembly ("memory-safe") {
            let offered := 0
            for {
                let place := supply
                let end := add(supply, WORDS_BYTES)
            } lt(place, end) {
                place := add(place, 0x20)
            } {
                let sums := and(mul(add(mload(place), offered), ones), mask)
                mstore(place, sums)
                offered := shr(TOP_LANE, sums)
            }
            let bid := 0
            for {
                let place := add(demand, WORDS_BYTES)
            } gt(place, demand) {} {
                place := sub(place, 0x20)
                let sums := and(mul(mload(place), ones), mask)
                bid := add(bid, shr(TOP_LANE, sums))
                // The lowest lane has everything from here on, each other one that less the lanes below it.
                mstore(place, sub(mul(bid, ones), and(shl(LANE_BITS, sums), mask)))
            }
        }
    }

    /// @notice S(tick - 1).
    /// @param tick 0 to 256.
    function offeredBelow(Book memory book, uint256 tick) internal pure returns (uint256 wh) {
        return tick == 0 ? 0 : laneOf(book.supply, tick - 1);
    }

    /// @notice D(tick).
    /// @param tick 0 to 256.
    function bidFrom(Book memory book, uint256 tick) internal pure returns (uint256 wh) {
        return tick == TICKS ? 0 : laneOf(book.demand, tick);
    }

    /// @notice Sum over the buyers that trade at a tick of how many ticks above it they bid, times their Wh.
    function ticksAbove(Book memory book, uint256 tick) internal pure returns (uint256 whTicks) {
        // A bid n ticks above is in D of n ticks above. At most 255 sums below 2^45.
        unchecked {
            for (uint256 above = tick + 1; above < TICKS; ++above) {
                whTicks += laneOf(book.demand, above);
            }
        }
    }

    /// @notice What a book trades at its price.
    /// @param tick Its price.
    /// @param sent What it sends out, negative: takes in; as the price allows.
    function tradeAt(Book memory book, uint256 tick, int256 sent) internal pure returns (Trade memory trade) {
        uint256 offered = offeredBelow(book, tick + 1);
        uint256 below = offeredBelow(book, tick);
        uint256 bid = bidFrom(book, tick);
        uint256 above = bidFrom(book, tick + 1);
        // Sums below 2^45; and since it is a price, `below` is at most `bid + sent`, and `above + sent` at most `offered`.
        unchecked {
            // All that is offered, or as much as all bids can take.
            uint256 sold = uint256(int256(bid) + sent);
            if (offered < sold) sold = offered;
            trade.tick = tick;
            trade.sold = sold;
            trade.bought = uint256(int256(sold) - sent);
            trade.soldAt = sold - below;
            trade.boughtAt = trade.bought - above;
            trade.offeredAt = offered - below;
            trade.bidAt = bid - above;
        }
    }

    // --- price

    /// @notice Takes all books off the bus.
    function reset(Nets memory nets) internal pure {
        _clear(nets.withBids);
        _clear(nets.withOffers);
        nets.base = 0;
        nets.span = 0;
    }

    /// @notice Adds a book to those on the bus.
    /// @param importWh Most it can take in, at most D(0).
    /// @param exportWh Most it can send out, at most S(255).
    function add(Nets memory nets, Book memory book, uint256 importWh, uint256 exportWh) internal pure {
        // It sends nothing at any tick.
        if (importWh + exportWh == 0) return;
        // Sums below 2^45, so in their lanes.
        unchecked {
            nets.base += importWh;
            nets.span += importWh + exportWh;
            uint256 low = importWh * ONES;
            // Zero from here on: no limit matters.
            uint256 span = low + exportWh * ONES;
            if (importWh == bidFrom(book, 0) && exportWh == offeredBelow(book, TICKS)) span = 0;
            _addWithin(nets.withBids, book, low, span, true);
            _addWithin(nets.withOffers, book, low, span, false);
        }
    }

    /// @notice All prices at which the books together send a given amount out; there is at least one.
    /// @param nets The books.
    /// @param sent Wh, negative: taken in; not beyond what the books can.
    /// @return low Lowest tick.
    /// @return high Highest tick.
    function range(Nets memory nets, int256 sent) internal pure returns (uint256 low, uint256 high) {
        // Not below zero, for no more is taken in than can be. A sum below 2^45.
        unchecked {
            uint256 target = uint256(int256(nets.base) + sent);
            return (_first(nets, target) - 1, _first(nets, target + 1) - 1);
        }
    }

    /// @notice How the books balance at a price.
    /// @param tick In the range for nothing sent out.
    function balanceAt(Nets memory nets, uint256 tick) internal pure returns (Balance memory balance) {
        uint256 start = laneOf(nets.withBids, tick);
        uint256 middle = laneOf(nets.withOffers, tick);
        // At a price `start` is at most `base`, and what follows both at least.
        unchecked {
            balance.offersIn = middle < nets.base;
            if (balance.offersIn) {
                balance.filled = nets.base - middle;
                balance.level = (tick + 1 == TICKS ? nets.span : laneOf(nets.withBids, tick + 1)) - middle;
            } else {
                balance.filled = nets.base - start;
                balance.level = middle - start;
            }
        }
    }

    /// @notice What the next book sends out at the price of the bus. Over all books it adds up to nothing.
    /// @param balance Is moved on.
    /// @param book The book.
    /// @param tick Price of the bus.
    /// @param importWh As it was given to {add}.
    /// @param exportWh As it was given to {add}.
    /// @return sent Wh, negative: taken in.
    function send(
        Balance memory balance,
        Book memory book,
        uint256 tick,
        uint256 importWh,
        uint256 exportWh
    ) internal pure returns (int256 sent) {
        // Sums below 2^45.
        unchecked {
            uint256 offersIn = balance.offersIn ? 1 : 0;
            sent = _clip(_net(book, tick + offersIn, tick), importWh, exportWh);
            uint256 room = uint256(_clip(_net(book, tick + 1, tick + offersIn), importWh, exportWh) - sent);
            sent += int256(share(balance.visited, room, balance.filled, balance.level));
            balance.visited += room;
        }
    }

    /// @notice Whether a limit keeps a book from the price of the bus.
    /// @param importWh As it was given to {add}.
    /// @param exportWh As it was given to {add}.
    function isCongested(
        Book memory book,
        uint256 tick,
        uint256 importWh,
        uint256 exportWh
    ) internal pure returns (bool congested) {
        // Wh below 2^45.
        return _net(book, tick, tick) > int256(exportWh) || _net(book, tick + 1, tick + 1) < -int256(importWh);
    }

    // --- shares

    /// @notice The part of an order, or of a class or a book, in what is shared out, so that all parts add up exactly: the
    /// difference of two prefixes, each rounded down. Within 1 Wh of `wh × filled ÷ level`, and not above `wh`.
    /// @param visited Wh of the level that came before, below 2^64.
    /// @param wh Wh of this one, below 2^64.
    /// @param filled Wh shared out, at most `level`; zero: the part is zero, whatever the rest is.
    /// @param level Wh among which they are shared out, below 2^64.
    /// @return part Wh.
    function share(uint256 visited, uint256 wh, uint256 filled, uint256 level) internal pure returns (uint256 part) {
        if (filled == 0) return 0;
        // Products below 2^129; `level` is not zero, for `filled` is not above it.
        unchecked {
            return ((visited + wh) * filled) / level - (visited * filled) / level;
        }
    }

    // --- internals

    /// @notice What stands at a tick.
    /// @param words Four ticks in each.
    /// @param tick 0 to 255.
    function laneOf(uint256[64] memory words, uint256 tick) internal pure returns (uint256 wh) {
        uint256 word;
        // One of the 64 words: the tick has 8 bits.
        assembly ("memory-safe") {
            word := mload(add(words, shl(5, shr(2, tick))))
        }
        return (word >> ((tick & 3) * LANE_BITS)) & LANE_MASK;
    }

    /// @dev Adds to each lane what is offered at its tick or below less what is bid for, plus `low`, but at least zero and at
    /// most `span`.
    /// @param low In each lane the most that the book takes in.
    /// @param span In each lane that and the most that it sends out; zero: no limit matters, so that there is nothing to cut.
    /// @param below Whether offers at the tick itself are left out.
    function _addWithin(uint256[64] memory sums, Book memory book, uint256 low, uint256 span, bool below) private pure {
        uint256[64] memory supply = book.supply;
        uint256[64] memory demand = book.demand;
        (uint256 ones, uint256 mask, uint256 guards) = (ONES, WORD_MASK, GUARDS);
        // Reads and writes the words of the three arrays only. All lanes stay below the guard. A guard set in the first of two
        // numbers stays set exactly in the lanes whose difference is not negative. It is turned into a mask of the bits below.
        assembly ("memory-safe") {
            let before := 0
            for {
                let offset := 0
            } lt(offset, WORDS_BYTES) {
                offset := add(offset, 0x20)
            } {
                let lanes := mload(add(supply, offset))
                if below {
                    let last := shr(TOP_LANE, lanes)
                    lanes := or(and(shl(LANE_BITS, lanes), mask), before)
                    before := last
                }
                lanes := add(lanes, low)
                let bid := mload(add(demand, offset))
                switch span
                case 0 {
                    lanes := sub(lanes, bid)
                }
                default {
                    lanes := sub(or(lanes, guards), bid)
                    let kept := and(shr(GUARD_SHIFT, lanes), ones)
                    lanes := and(lanes, sub(shl(GUARD_SHIFT, kept), kept))
                    lanes := sub(or(span, guards), lanes)
                    kept := and(shr(GUARD_SHIFT, lanes), ones)
                    lanes := sub(span, and(lanes, sub(shl(GUARD_SHIFT, kept), kept)))
                }
                let place := add(sums, offset)
                mstore(place, add(mload(place), lanes))
            }
        }
    }

    /// @dev First tick from 1 on whose `withBids` is at least that; 256 if there is none. They do not fall from tick to tick.
    function _first(Nets memory nets, uint256 least) private pure returns (uint256 tick) {
        uint256[64] memory words = nets.withBids;
        uint256 end = TICKS;
        tick = 1;
        while (tick < end) {
            uint256 middle = (tick + end) >> 1;
            if (laneOf(words, middle) < least) tick = middle + 1;
            else end = middle;
        }
    }

    function _clear(uint256[64] memory words) private pure {
        // What lies behind the end of the call data reads as zero. Exactly the words of the array are written.
        assembly ("memory-safe") {
            calldatacopy(words, calldatasize(), WORDS_BYTES)
        }
    }

    /// @dev Offers below a tick less bids from another on.
    function _net(Book memory book, uint256 offersBelow, uint256 bidsFrom) private pure returns (int256 sent) {
        // Wh below 2^45.
        unchecked {
            return int256(offeredBelow(book, offersBelow)) - int256(bidFrom(book, bidsFrom));
        }
    }

    function _clip(int256 value, uint256 importWh, uint256 exportWh) private pure returns (int256 clipped) {
        // Wh below 2^45.
        if (value > int256(exportWh)) return int256(exportWh);
        return value < -int256(importWh) ? -int256(importWh) : value;
    }
}
