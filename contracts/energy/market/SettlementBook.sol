// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BookTotals, EnergyLedger, LedgerKeys} from "./EnergyLedger.sol";
import {BookClass, Round, Share} from "./IEnergyMarket.sol";
import {OrderRecords} from "./OrderRecords.sol";
import {UniformPriceAuction} from "./UniformPriceAuction.sol";

/// @notice What a class got in a round with trade, and how far settlement is with it. In memory.
struct ShareRun {
    uint256 tick;
    /// @dev Money units per Wh at the tick.
    uint256 price;
    /// @dev See {Share}.
    uint256 level;
    uint256 filled;
    uint256 visited;
    /// @dev What `visited` is in the ledger.
    uint256 stored;
    /// @dev Where it is in the ledger.
    uint256 key;
}

/// @notice The book whose orders are being settled. In memory.
struct BookRun {
    /// @dev Feeder; 0: the one book of all.
    uint256 feeder;
    /// @dev Bit n: entry n is in `shares`.
    uint256 known;
    /// @dev Rounds with trade that an order takes part in, the last one first, by its side (1) and kind (2, 4).
    ShareRun[][8] shares;
    /// @dev Wh bought over all rounds; zero where the cheaper fee inside a feeder does not matter.
    uint256 bought;
    /// @dev Wh of them that were sold by the same feeder.
    uint256 nearby;
    /// @dev Wh bought that settlement has visited.
    uint256 visited;
}

/// @notice What a tick stands for on one side, money units per Wh. In memory.
struct PriceRun {
    uint256 base;
    uint256 tickSize;
    /// @dev Whether an order trades at its own price instead of the book's.
    bool own;
    /// @dev What is locked at tick zero, and what each tick adds to it, modulo 2^256.
    uint256 lockBase;
    uint256 lockSlope;
}

/// @title SettlementBook
/// @notice Says what an order got, from the shares that clearing left in the ledger; reads and writes each of them once.
/// @dev Prices have 24 bits, Wh of a step 32 and what is bought in a book 56, so no unchecked sum or product here comes
/// near 2^256.
library SettlementBook {
    uint256 private constant ENTRIES = 8;
    uint256 private constant SIDE_MASK = 1;
    uint256 private constant KIND_MASK = 6;
    /// @dev From the kind in the flags to the kind in the number of an entry.
    uint256 private constant KIND_SHIFT = 2;
    /// @dev For each class one hexadecimal digit, the lowest for the first: bit n says that it takes part in round n.
    uint256 private constant ROUNDS_OF_CLASS = 0x1751265;
    uint256 private constant CLASS_BITS = 4;
    uint256 private constant ROUNDS = 3;
    uint256 private constant TICK_SHIFT = 248;
    uint256 private constant WH_SHIFT = 216;
    uint256 private constant STEP_BITS = 40;

    /// @notice Turns to the book of a feeder. The one book of all needs no opening.
    /// @param ledger The market's storage.
    /// @param book The book; is moved on.
    /// @param interval Interval.
    /// @param feeder Feeder.
    function open(EnergyLedger storage ledger, BookRun memory book, uint32 interval, uint16 feeder) internal view {
        book.feeder = feeder;
        book.known = 0;
        BookTotals storage totals = ledger.books[interval][feeder];
        (uint256 bought, uint256 sold) = (totals.bought, totals.sold);
        book.bought = bought;
        book.nearby = sold < bought ? sold : bought;
        book.visited = totals.boughtVisited;
    }

    /// @notice Writes down how far settlement is in the book.
    /// @param ledger The market's storage.
    /// @param book The book; is moved on.
    /// @param interval Interval.
    function close(EnergyLedger storage ledger, BookRun memory book, uint32 interval) internal {
        for (uint256 entry = 0; entry < ENTRIES; ++entry) {
            if ((book.known >> entry) & 1 == 0) continue;
            ShareRun[] memory shares = book.shares[entry];
            for (uint256 i = 0; i < shares.length; ++i) {
                ShareRun memory share = shares[i];
                if (share.visited == share.stored) continue;
                ledger.shares[interval][share.key].visited = uint64(share.visited); // at most the level
            }
        }
        // At most what was bought.
        if (book.bought != 0) ledger.books[interval][uint16(book.feeder)].boughtVisited = uint64(book.visited);
    }

    /// @notice The rounds with trade of an order; reads them when they are asked for first.
    /// @param ledger The market's storage.
    /// @param book The book; is moved on.
    /// @param prices Prices of its side.
    /// @param interval Interval.
    /// @param flags Flags of the accepted record.
    /// @return shares Rounds with trade, the last one first.
    function sharesOf(
        EnergyLedger storage ledger,
        BookRun memory book,
        PriceRun memory prices,
        uint32 interval,
        uint256 flags
    ) internal view returns (ShareRun[] memory shares) {
        uint256 entry = (flags & SIDE_MASK) | ((flags >> KIND_SHIFT) & KIND_MASK); // below ENTRIES
        if ((book.known >> entry) & 1 != 0) return book.shares[entry];
        shares = _read(ledger, book.feeder, prices, interval, OrderRecords.classOf(uint8(flags))); // 8 bits
        book.known |= 1 << entry;
        book.shares[entry] = shares;
    }

    /// @notice What an order got, as the next one that is visited. Better steps get all that is left of them, worse ones
    /// nothing, those at the price their part by the rule of {UniformPriceAuction-share}.
    /// @param prices Of its side.
    /// @param shares Rounds of the order.
    /// @param offer Whether it is an offer.
    /// @param steps Its steps from the highest bit down, and zeros; none of them has 0 Wh.
    /// @return lock Money units that it locked.
    /// @return filled Wh traded.
    /// @return trade Money units for them.
    function visit(
        PriceRun memory prices,
        ShareRun[] memory shares,
        bool offer,
        uint256 steps
    ) internal pure returns (uint256 lock, uint256 filled, uint256 trade) {
        // Goes by the order of the fields in {PriceRun} and {ShareRun}. A part is at most what the step has left. A level of
        // zero has nothing filled, and a division by zero gives zero.
        assembly ("memory-safe") {
            for {} steps {
                steps := shl(STEP_BITS, steps)
            } {
                let tick := shr(TICK_SHIFT, steps)
                let wh := and(shr(WH_SHIFT, steps), 0xffffffff)
                lock := add(lock, mul(add(mload(add(prices, 0x60)), mul(mload(add(prices, 0x80)), tick)), wh))
                for {
                    let left := mload(shares)
                } left {
                    left := sub(left, 1)
                } {
                    let share := mload(add(shares, shl(5, left)))
                    let part := mul(wh, eq(lt(tick, mload(share)), offer))
                    if eq(tick, mload(share)) {
                        let visited := mload(add(share, 0x80))
                        part := div(mul(visited, mload(add(share, 0x60))), mload(add(share, 0x40)))
                        visited := add(visited, wh)
                        mstore(add(share, 0x80), visited)
                        part := sub(div(mul(visited, mload(add(share, 0x60))), mload(add(share, 0x40))), part)
                    }
                    wh := sub(wh, part)
                    filled := add(filled, part)
                    switch mload(add(prices, 0x40))
                    case 0 {
                        trade := add(trade, mul(mload(add(share, 0x20)), part))
                    }
                    default {
                        trade := add(trade, mul(add(mload(prices), mul(mload(add(prices, 0x20)), tick)), part))
                    }
                }
            }
        }
    }

    /// @notice Wh of a buyer that cost the fee inside the feeder, as the next one that is visited.
    /// @param book The book; is moved on.
    /// @param wh Wh bought.
    /// @return nearby Wh.
    function nearbyOf(BookRun memory book, uint256 wh) internal pure returns (uint256 nearby) {
        if (book.bought == 0) return 0;
        nearby = UniformPriceAuction.share(book.visited, wh, book.nearby, book.bought);
        unchecked {
            book.visited += wh;
        }
    }

    /// @dev Reads the rounds with trade of a class, the last one first.
    function _read(
        EnergyLedger storage ledger,
        uint256 feeder,
        PriceRun memory prices,
        uint32 interval,
        BookClass class
    ) private view returns (ShareRun[] memory shares) {
        shares = new ShareRun[](ROUNDS);
        uint256 rounds = ROUNDS_OF_CLASS >> (uint256(class) * CLASS_BITS);
        uint256 count = 0;
        for (uint256 round = ROUNDS; round > 0;) {
            --round;
            if ((rounds >> round) & 1 == 0) continue;
            uint256 key = LedgerKeys.share(feeder, class, Round(round));
            Share memory share = ledger.shares[interval][key];
            if (!share.traded) continue;
            shares[count] = ShareRun({
                tick: share.tick,
                price: prices.base + share.tick * prices.tickSize,
                level: share.level,
                filled: share.filled,
                visited: share.visited,
                stored: share.visited,
                key: key
            });
            ++count;
        }
        // Gives up the entries at the end that are not used.
        assembly ("memory-safe") {
            mstore(shares, count)
        }
    }
}
