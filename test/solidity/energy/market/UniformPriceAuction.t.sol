// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    Balance,
    Book,
    Nets,
    Trade,
    UniformPriceAuction
} from "../../../../contracts/energy/market/UniformPriceAuction.sol";
import {TickLanes} from "../../../../contracts/energy/market/TickLanes.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @dev cumulate, offeredBelow, bidFrom
///   ├ S and D at every tick are sums one by one
///   └ S(-1) and D(256) are zero
/// ticksAbove
///   ├ as counted bid by bid
///   └ at the last tick: none
/// range
///   ├ one book: exactly the ticks at which neither side could trade more
///   ├ a book that sends or takes: exactly the ticks that allow it
///   └ no orders: all ticks
/// add, balanceAt, send, isCongested, tradeAt
///   ├ one book: the trade has the greatest value and volume that there is
///   ├ several books: all flows tried, none has a greater value or volume; they balance, and keep to the limits
///   ├ bids at the price are left over; offers are; at the last tick; at the first tick
///   └ congested: sends its limit below the price of the bus, takes it above
/// reset
///   └ a book and a bus used before count as new
/// share
///   ├ parts add up exactly, each within 1 Wh of its due and not above its size
///   └ nothing to share: zero, though nothing was there either
contract UniformPriceAuctionTest is CivitasTest {
    using UniformPriceAuction for Balance;
    using UniformPriceAuction for Book;
    using UniformPriceAuction for Nets;

    uint256 private constant TICKS = 256;
    /// @dev Small markets for the search: orders at so many neighbouring ticks, so many in a book, of so many Wh at most.
    uint256 private constant WINDOW = 6;
    uint256 private constant ORDERS = 5;
    uint256 private constant MAX_WH = 3;
    uint256 private constant MAX_SIDE = ORDERS * MAX_WH;
    uint256 private constant BOOKS = 3;
    int256 private constant IMPOSSIBLE = type(int256).min;

    // --- cumulate, offeredBelow, bidFrom

    function testFuzz_CurvesAreSumsOneByOne(uint256 seed) external pure {
        (uint256[TICKS] memory offers, uint256[TICKS] memory bids, Book memory book) = _wideBook(seed);
        uint256 sum = 0;
        assertEq(book.offeredBelow(0), 0, "S(-1)");
        for (uint256 tick = 0; tick < TICKS; ++tick) {
            sum += offers[tick];
            assertEq(book.offeredBelow(tick + 1), sum, "S");
        }
        sum = 0;
        assertEq(book.bidFrom(TICKS), 0, "D(256)");
        for (uint256 tick = TICKS; tick > 0; --tick) {
            sum += bids[tick - 1];
            assertEq(book.bidFrom(tick - 1), sum, "D");
        }
    }

    // --- ticksAbove

    function testFuzz_TicksAboveAreCountedBidByBid(uint256 seed, uint256 tick) external pure {
        tick = bound(tick, 0, TICKS - 1);
        (, uint256[TICKS] memory bids, Book memory book) = _wideBook(seed);
        uint256 expected = 0;
        for (uint256 above = tick + 1; above < TICKS; ++above) expected += (above - tick) * bids[above];
        assertEq(book.ticksAbove(tick), expected, "ticks above");
    }

    function test_NoBidIsAboveTheLastTick() external pure {
        Book memory book;
        _put(book.demand, TICKS - 1, 7);
        book.cumulate();
        assertEq(book.ticksAbove(TICKS - 1), 0, "last tick");
        assertEq(book.ticksAbove(TICKS - 3), 14, "two below");
    }

    // --- range

    function testFuzz_RangeIsWhereNeitherSideCouldTradeMore(uint256 seed) external pure {
        (, , Book memory book) = _wideBook(seed);
        (uint256 low, uint256 high) = _alone(book, 0);
        _requireRange(book, 0, low, high);
    }

    function testFuzz_RangeAllowsWhatIsSent(uint256 seed, uint256 shift) external pure {
        (, , Book memory book) = _wideBook(seed);
        uint256 demand = book.bidFrom(0);
        int256 sent = int256(bound(shift, 0, demand + book.offeredBelow(TICKS))) - int256(demand);
        (uint256 low, uint256 high) = _alone(book, sent);
        _requireRange(book, sent, low, high);
    }

    function test_WithoutOrdersEveryTickIsAPrice() external pure {
        Book memory book;
        (uint256 low, uint256 high) = _alone(book, 0);
        assertEq(low, 0, "low");
        assertEq(high, TICKS - 1, "high");
    }

    // --- optimum

    function testFuzz_OneBookTradesTheOptimum(uint256 seed) external pure {
        Book memory book = _smallBook(seed, bound(seed, 0, TICKS - WINDOW));
        (int256 best, uint256 volume) = _bestOf(book, 0);
        (uint256 low, uint256 high) = _alone(book, 0);
        for (uint256 tick = low; tick <= high; ++tick) {
            Trade memory trade = book.tradeAt(tick, 0);
            assertEq(trade.sold, trade.bought, "sold and bought");
            assertEq(trade.bought, volume, "volume");
            assertTrue(_valueOf(book, trade.bought, trade.sold) == best, "value");
        }
    }

    /// @dev All flows are tried: what each book makes of each flow is known from all amounts that it could buy at it.
    function testFuzz_BooksOnABusTradeTheOptimum(uint256 seed) external pure {
        uint256 start = bound(seed, 0, TICKS - WINDOW);
        Book[BOOKS] memory books;
        uint256[BOOKS] memory imports;
        uint256[BOOKS] memory exports;
        for (uint256 i = 0; i < BOOKS; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            books[i] = _smallBook(random, start);
            imports[i] = _limit(random >> 8, books[i].bidFrom(0));
            exports[i] = _limit(random >> 24, books[i].offeredBelow(TICKS));
        }
        (int256 value, uint256 volume) = _clear(books, imports, exports);
        (int256 best, uint256 most) = _search(books, imports, exports);
        assertTrue(value == best, "value");
        assertEq(volume, most, "volume");
    }

    /// @dev The limit is what is bid from the second tick on: it leaves out what is bid at the first.
    function test_ALimitBindsFromTheFirstTickOn() external pure {
        Book[BOOKS] memory books = [_book(0, 3, 0, 0), _book(0, 0, 0, 4), _book(0, 0, 0, 0)];
        _put(books[0].demand, 0, 2);
        _put(books[0].demand, 1, 2);
        uint256[BOOKS] memory imports = [uint256(2), 0, 0];
        uint256[BOOKS] memory exports = [uint256(0), 4, 0];
        (int256 value, uint256 volume) = _clear(books, imports, exports);
        (int256 best, uint256 most) = _search(books, imports, exports);
        assertTrue(value == best, "value");
        assertEq(volume, most, "volume");
        assertEq(volume, 2, "the limit");
    }

    // --- balanceAt, send

    function test_OffersAtThePriceAreSharedOut() external pure {
        (Balance memory balance, uint256 tick) = _balanceOf(_book(100, 10, 100, 16), _book(100, 2, 100, 8));
        assertEq(tick, 100, "price");
        assertFalse(balance.offersIn, "bids are in");
        assertEq(balance.filled, 12, "filled");
        assertEq(balance.level, 24, "level");
        // 16 × 12 ÷ 24 of the first are taken, 8 × 12 ÷ 24 of the second.
        assertTrue(balance.send(_book(100, 10, 100, 16), tick, 10, 16) == -2, "first");
        assertTrue(balance.send(_book(100, 2, 100, 8), tick, 2, 8) == 2, "second");
        assertEq(balance.visited, 24, "visited");
    }

    function test_BidsAtThePriceAreSharedOutUpToTheLastTick() external pure {
        (Balance memory balance, uint256 tick) = _balanceOf(_book(255, 16, 255, 10), _book(255, 8, 255, 2));
        assertEq(tick, 255, "price");
        assertTrue(balance.offersIn, "offers are in");
        assertEq(balance.filled, 12, "left out");
        assertEq(balance.level, 24, "level");
        assertTrue(balance.send(_book(255, 16, 255, 10), tick, 16, 10) == 2, "first");
        assertTrue(balance.send(_book(255, 8, 255, 2), tick, 8, 2) == -2, "second");
    }

    function test_BidsAtThePriceAreSharedOutBelowTheLastTick() external pure {
        (Balance memory balance, uint256 tick) = _balanceOf(_book(0, 5, 0, 1), _book(0, 1, 0, 2));
        assertEq(tick, 0, "price");
        assertTrue(balance.offersIn, "offers are in");
        assertEq(balance.filled, 3, "left out");
        assertEq(balance.level, 6, "level");
    }

    function test_ALimitKeepsABookFromThePriceOfTheBus() external pure {
        Book memory seller = _book(0, 0, 10, 100);
        assertTrue(seller.isCongested(20, 0, 99), "sends its limit");
        assertFalse(seller.isCongested(20, 0, 100), "sends all");
        assertFalse(seller.isCongested(10, 0, 5), "has a price at its own tick");
        Book memory buyer = _book(30, 100, 0, 0);
        assertTrue(buyer.isCongested(20, 99, 0), "takes its limit");
        assertFalse(buyer.isCongested(20, 100, 0), "takes all");
        assertFalse(buyer.isCongested(30, 5, 0), "bids at the price");
        (uint256 low, uint256 high) = _alone(seller, 40);
        assertEq(low, 10, "low of the seller");
        assertEq(high, 10, "high of the seller");
        Trade memory trade = seller.tradeAt(10, 40);
        assertEq(trade.sold, 40, "sold");
        assertEq(trade.soldAt, 40, "sold at the tick");
        assertEq(trade.offeredAt, 100, "offered at the tick");
        assertEq(trade.bought + trade.boughtAt + trade.bidAt, 0, "bought");
    }

    function test_BetterOrdersAreFilledWhole() external pure {
        Book memory book;
        _put(book.demand, 6, 10);
        _put(book.demand, 5, 30);
        _put(book.supply, 1, 12);
        _put(book.supply, 5, 8);
        book.cumulate();
        Trade memory trade = book.tradeAt(5, 0);
        assertEq(trade.tick, 5, "tick");
        assertEq(trade.sold, 20, "sold");
        assertEq(trade.bought, 20, "bought");
        assertEq(trade.soldAt, 8, "sold at the tick");
        assertEq(trade.boughtAt, 10, "bought at the tick");
        assertEq(trade.offeredAt, 8, "offered at the tick");
        assertEq(trade.bidAt, 30, "bid at the tick");
    }

    // --- reset

    function testFuzz_WhatWasUsedBeforeCountsAsNew(uint256 seed) external pure {
        (, , Book memory book) = _wideBook(seed);
        Nets memory nets;
        nets.add(book, book.bidFrom(0), book.offeredBelow(TICKS));
        book.reset();
        nets.reset();
        assertEq(nets.base + nets.span, 0, "sums");
        for (uint256 i = 0; i < TickLanes.WORDS; ++i) {
            assertEq(book.supply[i] | book.demand[i], 0, "book");
            assertEq(nets.withBids[i] | nets.withOffers[i], 0, "bus");
        }
    }

    // --- share

    function testFuzz_PartsAddUp(uint256 seed, uint256 count, uint256 filled) external pure {
        count = bound(count, 1, 40);
        uint256[] memory sizes = new uint256[](count);
        uint256 level = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            sizes[i] = random % 3 == 0 ? random % 4 : random % type(uint32).max;
            level += sizes[i];
        }
        filled = bound(filled, 0, level);
        uint256 visited = 0;
        uint256 sum = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint256 part = UniformPriceAuction.share(visited, sizes[i], filled, level);
            assertLe(part, sizes[i], "not above its size");
            if (level != 0) {
                assertLe(part * level, sizes[i] * filled + level, "at most 1 Wh above its due");
                assertLe(sizes[i] * filled, (part + 1) * level, "at most 1 Wh below its due");
            }
            visited += sizes[i];
            sum += part;
        }
        assertEq(sum, filled, "sum");
    }

    function test_NothingIsSharedAmongNobody() external pure {
        assertEq(UniformPriceAuction.share(0, 0, 0, 0), 0, "no level");
        assertEq(UniformPriceAuction.share(5, 7, 0, 12), 0, "nothing filled");
        assertEq(UniformPriceAuction.share(5, 7, 12, 12), 7, "all filled");
    }

    function test_TheLargestNumbersFit() external pure {
        uint256 most = type(uint64).max;
        assertEq(UniformPriceAuction.share(most - 5, 5, most, most), 5, "largest");
    }

    // --- helpers

    /// @dev Orders at every tick, in sums near the greatest that there can be.
    function _wideBook(
        uint256 seed
    ) private pure returns (uint256[TICKS] memory offers, uint256[TICKS] memory bids, Book memory book) {
        uint256 bits = bound(seed, 1, 36);
        for (uint256 tick = 0; tick < TICKS; ++tick) {
            uint256 random = uint256(keccak256(abi.encode(seed, tick)));
            if (random & 1 != 0) offers[tick] = (random >> 8) & ((1 << bits) - 1);
            if (random & 2 != 0) bids[tick] = (random >> 64) & ((1 << bits) - 1);
            _put(book.supply, tick, offers[tick]);
            _put(book.demand, tick, bids[tick]);
        }
        book.cumulate();
    }

    function _smallBook(uint256 seed, uint256 start) private pure returns (Book memory book) {
        for (uint256 i = 0; i < ORDERS; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i, "order")));
            uint256 tick = start + ((random >> 8) % WINDOW);
            _put(random & 1 == 0 ? book.supply : book.demand, tick, 1 + ((random >> 64) % MAX_WH));
        }
        book.cumulate();
    }

    function _book(
        uint256 bidTick,
        uint256 bid,
        uint256 offerTick,
        uint256 offered
    ) private pure returns (Book memory book) {
        _put(book.demand, bidTick, bid);
        _put(book.supply, offerTick, offered);
        book.cumulate();
    }

    function _put(uint256[64] memory words, uint256 tick, uint256 wh) private pure {
        words[tick / 4] += wh << ((tick % 4) * 56);
    }

    /// @dev Often no limit, else small.
    function _limit(uint256 random, uint256 most) private pure returns (uint256 limit) {
        limit = random % 3 == 0 ? most : (random >> 4) % 5;
        return limit < most ? limit : most;
    }

    function _alone(Book memory book, int256 sent) private pure returns (uint256 low, uint256 high) {
        Nets memory nets;
        nets.add(book, book.bidFrom(0), book.offeredBelow(TICKS));
        return nets.range(sent);
    }

    function _requireRange(Book memory book, int256 sent, uint256 low, uint256 high) private pure {
        assertLe(low, high, "not empty");
        for (uint256 tick = 0; tick < TICKS; ++tick) {
            assertTrue(_allows(book, tick, sent) == (low <= tick && tick <= high), "range");
        }
    }

    function _allows(Book memory book, uint256 tick, int256 sent) private pure returns (bool) {
        return
            int256(book.offeredBelow(tick)) - int256(book.bidFrom(tick)) <= sent &&
            sent <= int256(book.offeredBelow(tick + 1)) - int256(book.bidFrom(tick + 1));
    }

    function _balanceOf(
        Book memory first,
        Book memory second
    ) private pure returns (Balance memory balance, uint256 tick) {
        Nets memory bus;
        bus.add(first, first.bidFrom(0), first.offeredBelow(TICKS));
        bus.add(second, second.bidFrom(0), second.offeredBelow(TICKS));
        (uint256 low, uint256 high) = bus.range(0);
        tick = (low + high) / 2;
        balance = bus.balanceAt(tick);
    }

    /// @dev Clears books on a bus.
    function _clear(
        Book[BOOKS] memory books,
        uint256[BOOKS] memory imports,
        uint256[BOOKS] memory exports
    ) private pure returns (int256 value, uint256 volume) {
        Nets memory bus;
        for (uint256 i = 0; i < BOOKS; ++i) bus.add(books[i], imports[i], exports[i]);
        (uint256 low, uint256 high) = bus.range(0);
        Balance memory balance = bus.balanceAt((low + high) / 2);
        int256 sum = 0;
        for (uint256 i = 0; i < BOOKS; ++i) {
            Trade memory trade = _clearOne(books[i], balance, (low + high) / 2, imports[i], exports[i]);
            sum += int256(trade.sold) - int256(trade.bought);
            volume += trade.bought;
            value += _valueOf(books[i], trade.bought, trade.sold);
        }
        assertTrue(sum == 0, "balance");
        assertEq(balance.visited, balance.level, "all visited");
    }

    /// @dev Gives a book what it sends and trades, and checks what holds for it.
    function _clearOne(
        Book memory book,
        Balance memory balance,
        uint256 price,
        uint256 importWh,
        uint256 exportWh
    ) private pure returns (Trade memory trade) {
        int256 sent = balance.send(book, price, importWh, exportWh);
        assertTrue(sent >= -int256(importWh) && sent <= int256(exportWh), "limits");
        uint256 tick = price;
        if (book.isCongested(price, importWh, exportWh)) {
            (uint256 low, uint256 high) = _alone(book, sent);
            tick = (low + high) / 2;
            assertTrue(sent == (tick < price ? int256(exportWh) : -int256(importWh)), "at the limit");
            assertTrue(tick != price, "another price");
        }
        assertTrue(_allows(book, tick, sent), "a price of the book");
        trade = book.tradeAt(tick, sent);
        assertTrue(int256(trade.sold) - int256(trade.bought) == sent, "what is sent");
        assertLe(trade.soldAt, trade.offeredAt, "offers at the tick");
        assertLe(trade.boughtAt, trade.bidAt, "bids at the tick");
    }

    /// @dev The best of all flows that keep to the limits.
    function _search(
        Book[BOOKS] memory books,
        uint256[BOOKS] memory imports,
        uint256[BOOKS] memory exports
    ) private pure returns (int256 best, uint256 most) {
        int256[2 * MAX_SIDE + 1][BOOKS] memory values;
        uint256[2 * MAX_SIDE + 1][BOOKS] memory volumes;
        int256 shift = int256(MAX_SIDE);
        for (uint256 i = 0; i < BOOKS; ++i) {
            for (int256 sent = -int256(imports[i]); sent <= int256(exports[i]); ++sent) {
                uint256 column = uint256(sent + shift);
                (values[i][column], volumes[i][column]) = _bestOf(books[i], sent);
            }
        }
        best = IMPOSSIBLE;
        for (int256 first = -int256(imports[0]); first <= int256(exports[0]); ++first) {
            for (int256 second = -int256(imports[1]); second <= int256(exports[1]); ++second) {
                int256 third = -first - second;
                if (third < -int256(imports[2]) || third > int256(exports[2])) continue;
                int256 value =
                    values[0][uint256(first + shift)] +
                        values[1][uint256(second + shift)] +
                        values[2][uint256(third + shift)];
                uint256 volume =
                    volumes[0][uint256(first + shift)] +
                        volumes[1][uint256(second + shift)] +
                        volumes[2][uint256(third + shift)];
                if (value > best || (value == best && volume > most)) (best, most) = (value, volume);
            }
        }
    }

    /// @dev The best that a book can do when it sends so much, of all amounts that it could buy.
    function _bestOf(Book memory book, int256 sent) private pure returns (int256 best, uint256 volume) {
        best = IMPOSSIBLE;
        for (uint256 bought = 0; bought <= book.bidFrom(0); ++bought) {
            int256 sold = int256(bought) + sent;
            if (sold < 0 || sold > int256(book.offeredBelow(TICKS))) continue;
            int256 value = _valueOf(book, bought, uint256(sold));
            if (value >= best) (best, volume) = (value, bought);
        }
    }

    /// @dev What the best bids for so much are worth, less what the cheapest offers of so much cost. In ticks.
    function _valueOf(Book memory book, uint256 bought, uint256 sold) private pure returns (int256 value) {
        for (uint256 tick = TICKS; bought > 0; --tick) {
            uint256 wh = book.bidFrom(tick - 1) - book.bidFrom(tick);
            if (wh > bought) wh = bought;
            bought -= wh;
            value += int256(wh * tick);
        }
        for (uint256 tick = 1; sold > 0; ++tick) {
            uint256 wh = book.offeredBelow(tick) - book.offeredBelow(tick - 1);
            if (wh > sold) wh = sold;
            sold -= wh;
            value -= int256(wh * tick);
        }
    }
}
