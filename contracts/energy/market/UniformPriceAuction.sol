// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TickLanes} from "./TickLanes.sol";

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
/// Sums of Wh stay below 2^45, see {TickLanes}. Above 150 lines, for book, bus and shares make one rule, and most lines are
/// documentation.
library UniformPriceAuction {
    using TickLanes for uint256[64];

    /// @notice Number of ticks.
    uint256 internal constant TICKS = 256;

    uint256 internal constant WORDS = 64;

    // --- books

    /// @notice Empties a book.
    /// @param book The book.
    function reset(Book memory book) internal pure {
        book.supply.clear();
        book.demand.clear();
    }

    /// @notice Turns the Wh at each tick into S and D.
    /// @param book The book.
    function cumulate(Book memory book) internal pure {
        book.supply.sumUp();
        book.demand.sumDown();
    }

    /// @notice S(tick - 1).
    /// @param book The book.
    /// @param tick 0 to 256.
    /// @return wh Wh.
    function offeredBelow(Book memory book, uint256 tick) internal pure returns (uint256 wh) {
        return tick == 0 ? 0 : book.supply.valueAt(tick - 1);
    }

    /// @notice D(tick).
    /// @param book The book.
    /// @param tick 0 to 256.
    /// @return wh Wh.
    function bidFrom(Book memory book, uint256 tick) internal pure returns (uint256 wh) {
        return tick == TICKS ? 0 : book.demand.valueAt(tick);
    }

    /// @notice Sum over the buyers that trade at a tick of how many ticks above it they bid, times their Wh.
    /// @param book The book.
    /// @param tick 0 to 255.
    /// @return whTicks Wh times ticks.
    function ticksAbove(Book memory book, uint256 tick) internal pure returns (uint256 whTicks) {
        // A bid n ticks above is in D of n ticks above. At most 255 sums below 2^45.
        unchecked {
            for (uint256 above = tick + 1; above < TICKS; ++above) {
                whTicks += book.demand.valueAt(above);
            }
        }
    }

    /// @notice What a book trades at its price.
    /// @param book The book.
    /// @param tick Its price.
    /// @param sent What it sends out, negative: takes in; as the price allows.
    /// @return trade What it trades.
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
    /// @param nets The books.
    function reset(Nets memory nets) internal pure {
        nets.withBids.clear();
        nets.withOffers.clear();
        nets.base = 0;
        nets.span = 0;
    }

    /// @notice Adds a book to those on the bus.
    /// @param nets The books.
    /// @param book Another one.
    /// @param importWh Most it can take in, at most D(0).
    /// @param exportWh Most it can send out, at most S(255).
    function add(Nets memory nets, Book memory book, uint256 importWh, uint256 exportWh) internal pure {
        // It sends nothing at any tick.
        if (importWh + exportWh == 0) return;
        // Sums below 2^45, so in their lanes.
        unchecked {
            nets.base += importWh;
            nets.span += importWh + exportWh;
            uint256 low = TickLanes.spread(importWh);
            // Zero from here on: no limit matters.
            uint256 span = low + TickLanes.spread(exportWh);
            if (importWh == bidFrom(book, 0) && exportWh == offeredBelow(book, TICKS)) span = 0;
            nets.withBids.addWithin(book.supply, book.demand, low, span, true);
            nets.withOffers.addWithin(book.supply, book.demand, low, span, false);
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
    /// @param nets The books.
    /// @param tick In the range for nothing sent out.
    /// @return balance To be shared out from the first book on.
    function balanceAt(Nets memory nets, uint256 tick) internal pure returns (Balance memory balance) {
        uint256 start = nets.withBids.valueAt(tick);
        uint256 middle = nets.withOffers.valueAt(tick);
        // At a price `start` is at most `base`, and what follows both at least.
        unchecked {
            balance.offersIn = middle < nets.base;
            if (balance.offersIn) {
                balance.filled = nets.base - middle;
                balance.level = (tick + 1 == TICKS ? nets.span : nets.withBids.valueAt(tick + 1)) - middle;
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
    /// @param book The book.
    /// @param tick Price of the bus.
    /// @param importWh As it was given to {add}.
    /// @param exportWh As it was given to {add}.
    /// @return congested Whether it does.
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

    /// @dev First tick from 1 on whose `withBids` is at least that; 256 if there is none. They do not fall from tick to tick.
    function _first(Nets memory nets, uint256 least) private pure returns (uint256 tick) {
        uint256[64] memory words = nets.withBids;
        uint256 end = TICKS;
        tick = 1;
        while (tick < end) {
            uint256 middle = (tick + end) >> 1;
            if (words.valueAt(middle) < least) tick = middle + 1;
            else end = middle;
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
