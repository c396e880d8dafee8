// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IntervalState} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {EnergyRules, Tariff} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {TreeTwin} from "../readings/TreeTwin.sol";

/// @notice An order as its record says. In memory.
struct TwinOrder {
    uint32 account;
    uint8 flags;
    bool offer;
    uint256 class;
    /// @dev Steps from the highest bit down, each `tick 8 | Wh 32`.
    uint256 steps;
    uint256 count;
    /// @dev Where the next record begins.
    uint256 next;
}

struct TwinAccount {
    address owner;
    uint256 free;
    uint256 debt;
    uint256 claim;
    uint256 tenure;
}

struct TwinPosition {
    uint256 wh;
    bool sells;
    uint256 trade;
    uint256 fee;
    uint256 locked;
    bool waits;
}

struct TwinShare {
    bool traded;
    uint256 tick;
    uint256 level;
    uint256 filled;
    uint256 visited;
}

struct TwinBook {
    uint256 bought;
    uint256 sold;
    uint256 boughtVisited;
    int256 greenFlow;
    /// @dev Of accounts settled so far.
    uint256 settledBought;
    uint256 settledSold;
}

struct TwinBatch {
    bytes32 previous;
    bytes records;
}

struct TwinInterval {
    /// @dev Whether anybody posted.
    bool known;
    Tariff tariff;
    IntervalState state;
    bytes32 chain;
    /// @dev Not settled nor refunded.
    TwinBatch[] batches;
    bytes[] results;
    uint256 positionsLeft;
    uint256 bought;
    uint256 sold;
    int256 rent;
    uint256 surplus;
    uint256 soldVisited;
    /// @dev Paid by buyers and not yet to sellers; below zero if sellers were settled first.
    int256 pool;
    uint256 locked;
    mapping(uint32 account => uint8 sides) posted;
    mapping(uint32 account => TwinPosition) positions;
    mapping(uint256 key => TwinShare) shares;
    mapping(uint256 feeder => TwinBook) books;
    mapping(uint32 account => int32 wh) readings;
    mapping(uint256 feeder => bool marked) marked;
}

/// @notice Levels of all books of an interval. In memory.
struct TwinLevels {
    uint32 interval;
    uint256 round;
    /// @dev Ticks in use, rising.
    uint256[] ticks;
    /// @dev Feeder of each book; 0 for the one of all.
    uint256[] feeders;
    /// @dev Wh left, by book, class and tick; and whether the class of the book ever had any.
    uint256[] wh;
    bool[] used;
    /// @dev By book and number of ticks: offers at the first so many, bids at all from there on.
    uint256[] offered;
    uint256[] bid;
    int256[] importWh;
    int256[] exportWh;
    /// @dev Price of the bus, what of the room at it is shared out between the books, and how much of that is given.
    uint256 price;
    uint256 from;
    uint256 filled;
    uint256 level;
    uint256 visited;
}

/// @notice The market once more, in plain words: lists of orders instead of histograms, one order after the other.
abstract contract EnergyTwin {
    uint256 internal constant CLASSES = 7;
    uint256 private constant FEEDER_ROUND = 0;
    uint256 private constant GREEN_ROUND = 1;
    uint256 private constant MAIN_ROUND = 2;
    uint256 private constant FIRST_OFFER_CLASS = 4;
    uint256 private constant NO_CLASS = 255;
    int32 internal constant MISSING = type(int32).min;
    uint256 private constant GROUP = 96;

    mapping(uint32 interval => TwinInterval) internal twinOf;
    mapping(uint32 account => TwinAccount) internal accounts;
    uint256 internal supplierMoney;
    uint256 internal gridMoney;
    uint256 internal potMoney;
    mapping(address owner => uint256) internal formerFree;
    mapping(address owner => uint256) internal formerDebt;
    mapping(address owner => uint256) internal formerClaim;
    /// @dev Why an invariant does not hold, by its number; 0: market and twin differ.
    mapping(uint256 number => string reason) public broken;

    function _limits(
        uint256 feeder,
        uint32 interval
    ) internal view virtual returns (uint256 importWh, uint256 exportWh);

    function require_(uint256 number, bool holds, string memory reason) internal {
        if (!holds && bytes(broken[number]).length == 0) broken[number] = reason;
    }

    // --- records

    function orderAt(bytes memory records, uint256 place) internal pure returns (TwinOrder memory order) {
        uint256 word;
        assembly ("memory-safe") {
            word := mload(add(add(records, 0x20), place))
        }
        order.account = uint32(word >> 224);
        order.flags = uint8(word >> 216);
        order.offer = order.flags & 1 != 0;
        order.count = ((order.flags >> 1) & 3) + 1;
        order.steps = word << 40;
        order.next = place + 5 + 5 * order.count;
        uint256 kind = (order.flags >> 3) & 3;
        if (!order.offer) order.class = kind;
        else if (kind == 0) order.class = 4;
        else order.class = kind == 1 ? 5 : 6;
    }

    function stepAt(TwinOrder memory order, uint256 index) internal pure returns (uint256 tick, uint256 wh) {
        uint256 step = (order.steps << (40 * index)) >> 216;
        return (step >> 32, step & type(uint32).max);
    }

    function lockOf(Tariff memory tariff, TwinOrder memory order) internal pure returns (uint256 lock) {
        for (uint256 i = 0; i < order.count; ++i) {
            (uint256 tick, uint256 wh) = stepAt(order, i);
            uint256 price = tariff.basePrice + tick * tariff.tickSize;
            lock += (order.offer ? tariff.retail - price : price + tariff.gridFee) * wh;
        }
    }

    /// @dev Class of an order that is sent in; 255: there is none.
    function classOf(uint8 rules, uint8 flags, bool green) internal pure returns (uint256 class) {
        uint256 kind = (flags >> 3) & 3;
        if (kind == 3) return rules & EnergyRules.FEEDER_FIRST == 0 ? NO_CLASS : (flags & 1 == 0 ? 3 : 6);
        if (flags & 1 == 0) return kind == 0 || rules & EnergyRules.GREEN != 0 ? kind : NO_CLASS;
        if (kind != 0) return NO_CLASS;
        return green && rules & EnergyRules.GREEN != 0 ? 5 : 4;
    }

    /// @dev Books records that were accepted.
    function twinPost(uint32 interval, Tariff memory tariff, bytes memory records) internal {
        TwinInterval storage it = twinOf[interval];
        twinOpen(interval, tariff);
        for (uint256 place = 0; place < records.length;) {
            TwinOrder memory order = orderAt(records, place);
            uint256 lock = lockOf(tariff, order);
            accounts[order.account].free -= lock;
            it.locked += lock;
            it.posted[order.account] |= order.offer ? 2 : 1;
            it.marked[order.account >> 8] = true;
            place = order.next;
        }
        it.batches.push(TwinBatch(it.chain, records));
        it.chain = keccak256(abi.encodePacked(it.chain, keccak256(records)));
    }

    function twinOpen(uint32 interval, Tariff memory tariff) internal {
        TwinInterval storage it = twinOf[interval];
        if (it.known) return;
        it.known = true;
        it.tariff = tariff;
        it.state = IntervalState.Open;
    }

    // --- clearing

    function twinClear(uint32 interval) internal {
        TwinInterval storage it = twinOf[interval];
        TwinLevels memory levels = _collect(it, interval);
        uint256 rules = it.tariff.rules;
        if (rules & EnergyRules.FEEDER_FIRST != 0) _clearFeeders(it, levels);
        if (rules & EnergyRules.GREEN != 0) _clearBus(it, levels, GREEN_ROUND);
        _clearBus(it, levels, MAIN_ROUND);
        it.state = IntervalState.Cleared;
        require_(2, it.bought == it.sold, "bought and sold differ");
        require_(2, it.rent >= 0, "negative rent");
    }

    function _collect(TwinInterval storage it, uint32 interval) private view returns (TwinLevels memory levels) {
        levels.interval = interval;
        bool byFeeder = it.tariff.rules & EnergyRules.BY_FEEDER != 0;
        levels.feeders = new uint256[](byFeeder ? 3 : 1);
        for (uint256 i = 0; byFeeder && i < 3; ++i) levels.feeders[i] = i + 1;
        levels.ticks = _ticksOf(it);
        uint256 books = levels.feeders.length;
        uint256 ticks = levels.ticks.length;
        levels.wh = new uint256[](books * CLASSES * ticks);
        levels.used = new bool[](books * CLASSES);
        levels.offered = new uint256[](books * (ticks + 1));
        levels.bid = new uint256[](books * (ticks + 1));
        levels.importWh = new int256[](books);
        levels.exportWh = new int256[](books);
        for (uint256 i = 0; i < it.batches.length; ++i) {
            bytes memory records = it.batches[i].records;
            for (uint256 place = 0; place < records.length;) {
                TwinOrder memory order = orderAt(records, place);
                uint256 row = (byFeeder ? (order.account >> 8) - 1 : 0) * CLASSES + order.class;
                levels.used[row] = true;
                for (uint256 k = 0; k < order.count; ++k) {
                    (uint256 tick, uint256 wh) = stepAt(order, k);
                    levels.wh[row * ticks + _countBelow(levels, tick)] += wh;
                }
                place = order.next;
            }
        }
    }

    /// @dev All ticks of orders, rising, each once.
    function _ticksOf(TwinInterval storage it) private view returns (uint256[] memory ticks) {
        bool[256] memory used;
        uint256 count = 0;
        for (uint256 i = 0; i < it.batches.length; ++i) {
            bytes memory records = it.batches[i].records;
            for (uint256 place = 0; place < records.length;) {
                TwinOrder memory order = orderAt(records, place);
                for (uint256 k = 0; k < order.count; ++k) {
                    (uint256 tick, ) = stepAt(order, k);
                    if (!used[tick]) ++count;
                    used[tick] = true;
                }
                place = order.next;
            }
        }
        ticks = new uint256[](count);
        count = 0;
        for (uint256 tick = 0; count < ticks.length; ++tick) {
            if (used[tick]) ticks[count++] = tick;
        }
    }

    function _countBelow(TwinLevels memory levels, uint256 tick) private pure returns (uint256 count) {
        while (count < levels.ticks.length && levels.ticks[count] < tick) ++count;
    }

    function _isIn(uint256 round, uint256 class) private pure returns (bool inRound) {
        if (round == FEEDER_ROUND) return class != 1 && class != 2;
        if (round == GREEN_ROUND) return class == 1 || class == 2 || class == 5;
        return class != 2 && class != 3 && class != 6;
    }

    /// @dev Adds up what each book has in a round.
    function _cumulate(TwinLevels memory levels, uint256 round) private pure {
        levels.round = round;
        uint256 ticks = levels.ticks.length;
        for (uint256 book = 0; book < levels.feeders.length; ++book) {
            uint256 row = book * (ticks + 1);
            for (uint256 i = 0; i < ticks; ++i) {
                levels.offered[row + i + 1] = levels.offered[row + i] + _levelOf(levels, book, i, true);
            }
            for (uint256 i = ticks; i > 0; --i) {
                levels.bid[row + i - 1] = levels.bid[row + i] + _levelOf(levels, book, i - 1, false);
            }
        }
    }

    function _levelOf(
        TwinLevels memory levels,
        uint256 book,
        uint256 index,
        bool offers
    ) private pure returns (uint256 wh) {
        uint256 first = offers ? FIRST_OFFER_CLASS : 0;
        uint256 end = offers ? CLASSES : FIRST_OFFER_CLASS;
        for (uint256 class = first; class < end; ++class) {
            if (_isIn(levels.round, class)) wh += levels.wh[(book * CLASSES + class) * levels.ticks.length + index];
        }
    }

    /// @dev Offers at so many of the lowest ticks less bids at all but so many.
    function _net(TwinLevels memory levels, uint256 book, uint256 low, uint256 high) private pure returns (int256 wh) {
        uint256 row = book * (levels.ticks.length + 1);
        return int256(levels.offered[row + low]) - int256(levels.bid[row + high]);
    }

    function _clip(TwinLevels memory levels, uint256 book, int256 wh) private pure returns (int256 clipped) {
        if (wh > levels.exportWh[book]) return levels.exportWh[book];
        return wh < -levels.importWh[book] ? -levels.importWh[book] : wh;
    }

    /// @dev Σ over the books of what they send at a price: step 0 without anybody at the tick but buyers, 1 with sellers
    /// too, 2 without buyers at it.
    function _busAt(TwinLevels memory levels, uint256 tick, uint256 step) private pure returns (int256 wh) {
        for (uint256 book = 0; book < levels.feeders.length; ++book) wh += _sendAt(levels, book, tick, step);
    }

    function _sendAt(
        TwinLevels memory levels,
        uint256 book,
        uint256 tick,
        uint256 step
    ) private pure returns (int256 wh) {
        (uint256 below, uint256 upTo) = (_countBelow(levels, tick), _countBelow(levels, tick + 1));
        return _clip(levels, book, _net(levels, book, step == 0 ? below : upTo, step == 2 ? upTo : below));
    }

    /// @dev Prices at which the bus, or with `book` a book alone, sends so much out.
    function _rangeOf(
        TwinLevels memory levels,
        uint256 book,
        int256 sent
    ) private pure returns (uint256 low, uint256 high) {
        uint256 ticks = levels.ticks.length;
        // What is sent changes at ticks in use alone.
        if (_at(levels, book, 0, 2) < sent) {
            for (uint256 i = 0; i < ticks; ++i) {
                low = levels.ticks[i];
                if (_at(levels, book, low, 2) >= sent) break;
            }
        }
        high = 255;
        if (_at(levels, book, 255, 0) > sent) {
            for (uint256 i = ticks; i > 0; --i) {
                high = levels.ticks[i - 1];
                if (_at(levels, book, high, 0) <= sent) break;
            }
        }
    }

    function _at(TwinLevels memory levels, uint256 book, uint256 tick, uint256 step) private pure returns (int256 wh) {
        if (book == type(uint256).max) return _busAt(levels, tick, step);
        (uint256 below, uint256 upTo) = (_countBelow(levels, tick), _countBelow(levels, tick + 1));
        return _net(levels, book, step == 0 ? below : upTo, step == 2 ? upTo : below);
    }

    function _middle(TwinLevels memory levels, uint256 book, int256 sent) private pure returns (uint256 tick) {
        (uint256 low, uint256 high) = _rangeOf(levels, book, sent);
        return (low + high) / 2;
    }

    function _clearFeeders(TwinInterval storage it, TwinLevels memory levels) private {
        _cumulate(levels, FEEDER_ROUND);
        for (uint256 book = 0; book < levels.feeders.length; ++book) {
            (uint256 bids, uint256 offers) = _sides(levels, book);
            if (bids != 0 && offers != 0) _trade(it, levels, book, _middle(levels, book, 0), 0);
        }
    }

    function _sides(TwinLevels memory levels, uint256 book) private pure returns (uint256 bids, uint256 offers) {
        uint256 row = book * (levels.ticks.length + 1);
        return (levels.bid[row], levels.offered[row + levels.ticks.length]);
    }

    function _clearBus(TwinInterval storage it, TwinLevels memory levels, uint256 round) private {
        _cumulate(levels, round);
        (uint256 allBids, uint256 allOffers) = (0, 0);
        for (uint256 book = 0; book < levels.feeders.length; ++book) {
            (uint256 bids, uint256 offers) = _sides(levels, book);
            (allBids, allOffers) = (allBids + bids, allOffers + offers);
            (levels.importWh[book], levels.exportWh[book]) = _room(it, levels, book, bids, offers);
        }
        if (allBids == 0 || allOffers == 0) return;
        levels.price = _middle(levels, type(uint256).max, 0);
        levels.from = _busAt(levels, levels.price, 1) < 0 ? 1 : 0;
        levels.filled = uint256(-_busAt(levels, levels.price, levels.from));
        levels.level = uint256(_busAt(levels, levels.price, levels.from + 1) + int256(levels.filled));
        levels.visited = 0;
        int256 flow = 0;
        for (uint256 book = 0; book < levels.feeders.length; ++book) flow += _clearBook(it, levels, book);
        require_(2, flow == 0, "flows do not add up");
    }

    function _clearBook(TwinInterval storage it, TwinLevels memory levels, uint256 book) private returns (int256 sent) {
        uint256 price = levels.price;
        sent = _sendAt(levels, book, price, levels.from);
        uint256 room = uint256(_sendAt(levels, book, price, levels.from + 1) - sent);
        sent += int256(tele(levels.visited, room, levels.filled, levels.level));
        levels.visited += room;
        require_(2, sent <= levels.exportWh[book] && sent >= -levels.importWh[book], "limit of a feeder broken");
        bool alone = _at(levels, book, price, 0) > levels.exportWh[book];
        if (_at(levels, book, price, 2) < -levels.importWh[book]) alone = true;
        _trade(it, levels, book, alone ? _middle(levels, book, sent) : price, sent);
    }

    /// @dev What a book may take from the bus and send to it.
    function _room(
        TwinInterval storage it,
        TwinLevels memory levels,
        uint256 book,
        uint256 bids,
        uint256 offers
    ) private view returns (int256 importWh, int256 exportWh) {
        (importWh, exportWh) = (int256(bids), int256(offers));
        if (levels.feeders[book] == 0) return (importWh, exportWh);
        (uint256 most, uint256 mostOut) = _limits(levels.feeders[book], levels.interval);
        int256 flow = levels.round == MAIN_ROUND ? it.books[levels.feeders[book]].greenFlow : int256(0);
        if (int256(most) + flow < importWh) importWh = int256(most) + flow;
        if (int256(mostOut) - flow < exportWh) exportWh = int256(mostOut) - flow;
    }

    function _trade(
        TwinInterval storage it,
        TwinLevels memory levels,
        uint256 book,
        uint256 tick,
        int256 sent
    ) private {
        uint256[4] memory sums;
        {
            uint256 row = book * (levels.ticks.length + 1);
            (uint256 below, uint256 upTo) = (_countBelow(levels, tick), _countBelow(levels, tick + 1));
            sums = [
                levels.offered[row + below],
                levels.offered[row + upTo],
                levels.bid[row + upTo],
                levels.bid[row + below]
            ];
        }
        uint256 sold = uint256(int256(sums[3]) + sent);
        if (sold > sums[1]) sold = sums[1];
        uint256 bought = uint256(int256(sold) - sent);
        if (sold == 0 && bought == 0) return;
        it.bought += bought;
        it.sold += sold;
        uint256 price = it.tariff.basePrice + tick * it.tariff.tickSize;
        it.rent += (int256(bought) - int256(sold)) * int256(price);
        TwinBook storage totals = it.books[levels.feeders[book]];
        totals.bought += bought;
        totals.sold += sold;
        if (levels.round == GREEN_ROUND) totals.greenFlow = sent;
        if (bought != 0) _split(it, levels, book, tick, [bought - sums[2], sums[3] - sums[2]], false);
        if (sold != 0) _split(it, levels, book, tick, [sold - sums[0], sums[1] - sums[0]], true);
    }

    /// @dev Gives the classes of a side what they trade; `part` is filled and level at the price.
    function _split(
        TwinInterval storage it,
        TwinLevels memory levels,
        uint256 book,
        uint256 tick,
        uint256[2] memory part,
        bool offers
    ) private {
        uint256 visited = 0;
        for (uint256 class = offers ? FIRST_OFFER_CLASS : 0; class < (offers ? CLASSES : FIRST_OFFER_CLASS); ++class) {
            uint256 row = book * CLASSES + class;
            if (!_isIn(levels.round, class) || !levels.used[row]) continue;
            TwinShare memory share = TwinShare(true, tick, 0, 0, 0);
            for (uint256 i = 0; i < levels.ticks.length; ++i) {
                uint256 place = row * levels.ticks.length + i;
                uint256 other = levels.ticks[i];
                if (other == tick) {
                    share.level = levels.wh[place];
                    share.filled = tele(visited, share.level, part[0], part[1]);
                    visited += share.level;
                    levels.wh[place] -= share.filled;
                } else if ((other < tick) == offers) {
                    if (!offers && it.tariff.rules & EnergyRules.PAY_AS_BID != 0) {
                        it.surplus += levels.wh[place] * (other - tick) * it.tariff.tickSize;
                    }
                    levels.wh[place] = 0;
                }
            }
            it.shares[shareKey(levels.feeders[book], class, levels.round)] = share;
        }
    }

    function shareKey(uint256 feeder, uint256 class, uint256 round) internal pure returns (uint256 key) {
        return (feeder << 16) | (class << 8) | round;
    }

    /// @dev Difference of two prefixes.
    function tele(uint256 visited, uint256 wh, uint256 filled, uint256 level) internal pure returns (uint256 part) {
        if (filled == 0) return 0;
        return ((visited + wh) * filled) / level - (visited * filled) / level;
    }

    // --- settlement

    /// @dev Settles the newest batch.
    function twinSettleBatch(uint32 interval, bytes memory results) internal returns (bytes memory more) {
        TwinInterval storage it = twinOf[interval];
        TwinBatch memory batch = it.batches[it.batches.length - 1];
        it.batches.pop();
        it.chain = batch.previous;
        more = results;
        for (uint256 place = 0; place < batch.records.length;) {
            TwinOrder memory order = orderAt(batch.records, place);
            (uint256 amount, int256 wh) = _tradeOf(it, order);
            (uint256 also, int256 alsoWh) = _takePosition(it, order.account);
            more = bytes.concat(more, _conclude(it, order.account, amount + also, wh + alsoWh));
            place = order.next;
        }
    }

    function twinSettlePosition(uint32 interval, uint32 account) internal returns (bytes memory result) {
        (uint256 amount, int256 wh) = _takePosition(twinOf[interval], account);
        return _conclude(twinOf[interval], account, amount, wh);
    }

    /// @dev Notes a settlement, and ends the interval if it was the last.
    function twinFinish(uint32 interval, bytes memory results) internal {
        TwinInterval storage it = twinOf[interval];
        it.results.push(results);
        if (it.chain != 0 || it.positionsLeft != 0) return;
        it.state = IntervalState.Settled;
        gridMoney += uint256(it.rent);
        it.pool -= it.rent;
        if (it.tariff.rules & EnergyRules.SURPLUS_TO_POT != 0) {
            potMoney += it.surplus;
            it.pool -= int256(it.surplus);
        }
        require_(1, it.pool == 0 && it.locked == 0, "money left in a settled interval");
        for (uint256 feeder = 0; feeder <= 3; ++feeder) {
            TwinBook storage book = it.books[feeder];
            require_(2, book.settledBought == book.bought, "settled another amount than bought");
            require_(2, book.settledSold == book.sold, "settled another amount than sold");
        }
    }

    function _tradeOf(TwinInterval storage it, TwinOrder memory order) private returns (uint256 amount, int256 wh) {
        uint256 book = it.tariff.rules & EnergyRules.BY_FEEDER != 0 ? order.account >> 8 : 0;
        uint256 filled = 0;
        uint256 trade = 0;
        for (uint256 i = 0; i < order.count; ++i) {
            (uint256 part, uint256 cost) = _fill(it, order, book, i);
            (filled, trade) = (filled + part, trade + cost);
        }
        uint256 lock = lockOf(it.tariff, order);
        it.locked -= lock;
        if (order.offer) {
            it.books[book].settledSold += filled;
            if (it.surplus != 0 && it.tariff.rules & EnergyRules.SURPLUS_TO_POT == 0) {
                trade += tele(it.soldVisited, filled, it.surplus, it.sold);
                it.soldVisited += filled;
            }
            it.pool -= int256(trade);
            require_(8, lock + trade >= it.tariff.retail * filled, "a seller's lock is too small");
            return (lock + trade, -int256(filled));
        }
        it.books[book].settledBought += filled;
        uint256 fee = _feeOf(it, book, filled);
        require_(8, lock >= trade + fee, "a buyer's lock is too small");
        gridMoney += fee;
        it.pool += int256(trade);
        return (lock - trade - fee, int256(filled));
    }

    function _feeOf(TwinInterval storage it, uint256 feeder, uint256 wh) private returns (uint256 fee) {
        uint256 near = 0;
        TwinBook storage book = it.books[feeder];
        if (feeder != 0 && book.bought != 0) {
            near = tele(book.boughtVisited, wh, book.sold < book.bought ? book.sold : book.bought, book.bought);
            book.boughtVisited += wh;
        }
        return near * it.tariff.feederFee + (wh - near) * it.tariff.gridFee;
    }

    /// @dev What a step got over all rounds, and what that costs.
    function _fill(
        TwinInterval storage it,
        TwinOrder memory order,
        uint256 book,
        uint256 index
    ) private returns (uint256 filled, uint256 trade) {
        (uint256 tick, uint256 left) = stepAt(order, index);
        for (uint256 round = 0; round <= MAIN_ROUND; ++round) {
            if (!_isIn(round, order.class)) continue;
            TwinShare storage share = it.shares[shareKey(book, order.class, round)];
            if (!share.traded) continue;
            uint256 part = 0;
            if (tick == share.tick) {
                part = tele(share.visited, left, share.filled, share.level);
                _checkShare(share, left, part);
                share.visited += left;
            } else if ((tick < share.tick) == order.offer) {
                part = left;
            }
            require_(3, part == 0 || tick == share.tick || (tick < share.tick) == order.offer, "worse than its limit");
            left -= part;
            filled += part;
            bool own = !order.offer && it.tariff.rules & EnergyRules.PAY_AS_BID != 0;
            trade += part * (it.tariff.basePrice + (own ? tick : share.tick) * it.tariff.tickSize);
            require_(4, left == 0 || tick == share.tick || (tick < share.tick) != order.offer, "better, and not whole");
        }
    }

    function _checkShare(TwinShare storage share, uint256 wh, uint256 part) private {
        (uint256 level, uint256 filled) = (share.level, share.filled);
        require_(6, part <= wh, "more than was asked for");
        uint256 ideal = wh * filled;
        uint256 got = part * level;
        require_(6, got <= ideal + level && ideal <= got + level, "more than 1 Wh from the ideal share");
    }

    function _takePosition(TwinInterval storage it, uint32 account) private returns (uint256 amount, int256 wh) {
        TwinPosition storage position = it.positions[account];
        if (!position.waits) return (0, 0);
        position.waits = false;
        --it.positionsLeft;
        it.locked -= position.locked;
        if (position.sells) {
            it.pool -= int256(position.trade);
            return (position.locked + position.trade, -int256(position.wh));
        }
        gridMoney += position.fee;
        it.pool += int256(position.trade);
        return (position.locked - position.trade - position.fee, int256(position.wh));
    }

    function _conclude(
        TwinInterval storage it,
        uint32 account,
        uint256 amount,
        int256 contracted
    ) private returns (bytes memory result) {
        int256 metered = it.readings[account];
        if (metered == MISSING) metered = contracted > 0 ? contracted : int256(0);
        TwinAccount storage a = accounts[account];
        uint256 debt = a.debt;
        twinCredit(a, amount);
        twinDeviate(a, _imbalance(it.tariff, contracted, metered));
        int256 extra = metered - (contracted > 0 ? contracted : int256(0));
        uint256 most = extra > 0 ? uint256(extra) * it.tariff.retail : 0;
        require_(8, a.debt <= debt + most, "debt beyond what was drawn too much");
        return abi.encodePacked(account, int32(contracted), int32(metered));
    }

    function _imbalance(Tariff storage tariff, int256 contracted, int256 metered) private view returns (int256 amount) {
        int256 deviation = metered - contracted;
        return
            deviation > 0 ? -deviation * int256(uint256(tariff.retail)) : -deviation * int256(uint256(tariff.feedIn));
    }

    function twinCredit(TwinAccount storage a, uint256 amount) internal {
        uint256 repaid = amount < a.debt ? amount : a.debt;
        a.debt -= repaid;
        supplierMoney += repaid;
        a.free += amount - repaid;
    }

    function twinDeviate(TwinAccount storage a, int256 amount) internal {
        if (amount < 0) {
            uint256 due = uint256(-amount);
            uint256 paid = due < a.free ? due : a.free;
            a.free -= paid;
            supplierMoney += paid;
            a.debt += due - paid;
            return;
        }
        uint256 reach = supplierMoney + a.debt;
        uint256 given = uint256(amount) < reach ? uint256(amount) : reach;
        a.claim += uint256(amount) - given;
        twinCredit(a, given);
        supplierMoney -= given;
    }

    // --- correction

    /// @dev Books another reading of a settled account.
    function twinCorrect(uint32 interval, uint256 index, uint256 place, int32 wh) internal {
        TwinInterval storage it = twinOf[interval];
        bytes memory results = it.results[index];
        (uint32 account, int32 contracted, int32 before) = resultAt(results, place);
        int256 change = _imbalance(it.tariff, contracted, wh) - _imbalance(it.tariff, contracted, before);
        TwinAccount storage a = accounts[account];
        uint256 debt = a.debt;
        int256 booked = change;
        if (supplierMoney == 0 && change < 0) {
            uint256 offset = uint256(-change) < a.claim ? uint256(-change) : a.claim;
            a.claim -= offset;
            booked += int256(offset);
        }
        twinDeviate(a, booked);
        require_(8, a.debt <= debt || int256(a.debt - debt) <= -change, "debt beyond the correction");
        for (uint256 i = 0; i < 4; ++i) results[place * 12 + 8 + i] = bytes4(uint32(wh))[i];
        it.results[index] = results;
        it.readings[account] = wh;
    }

    function resultAt(
        bytes memory results,
        uint256 place
    ) internal pure returns (uint32 account, int32 contracted, int32 metered) {
        uint256 word;
        assembly ("memory-safe") {
            word := mload(add(add(results, 0x20), mul(place, 12)))
        }
        return (uint32(word >> 224), int32(uint32(word >> 192)), int32(uint32(word >> 160)));
    }

    function leavesOf(bytes memory results) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[]((results.length + GROUP - 1) / GROUP);
        for (uint256 i = 0; i < leaves.length; ++i) leaves[i] = keccak256(groupOf(results, i));
    }

    function groupOf(bytes memory results, uint256 number) internal pure returns (bytes memory group) {
        uint256 start = number * GROUP;
        uint256 length = results.length - start < GROUP ? results.length - start : GROUP;
        group = new bytes(length);
        for (uint256 i = 0; i < length; ++i) group[i] = results[start + i];
    }

    function rootOf(bytes memory results) internal pure returns (bytes32 root) {
        return TreeTwin.rootOf(leavesOf(results));
    }

    // --- void

    function twinRefundBatch(uint32 interval) internal {
        TwinInterval storage it = twinOf[interval];
        TwinBatch memory batch = it.batches[it.batches.length - 1];
        it.batches.pop();
        it.chain = batch.previous;
        for (uint256 place = 0; place < batch.records.length;) {
            TwinOrder memory order = orderAt(batch.records, place);
            uint256 lock = lockOf(it.tariff, order);
            it.locked -= lock;
            twinCredit(accounts[order.account], lock);
            place = order.next;
        }
    }

    function twinRefundPosition(uint32 interval, uint32 account) internal {
        TwinInterval storage it = twinOf[interval];
        TwinPosition storage position = it.positions[account];
        position.waits = false;
        --it.positionsLeft;
        it.locked -= position.locked;
        twinCredit(accounts[account], position.locked);
    }

    // --- takeover

    function twinHandOver(uint32 account, address owner) internal {
        TwinAccount storage a = accounts[account];
        address before = a.owner;
        uint256 debt = formerDebt[before] + a.debt;
        uint256 claim = formerClaim[before] + a.claim;
        uint256 free = formerFree[before] + a.free;
        uint256 offset = debt < claim ? debt : claim;
        (debt, claim) = (debt - offset, claim - offset);
        uint256 repaid = debt < free ? debt : free;
        supplierMoney += repaid;
        (formerFree[before], formerDebt[before], formerClaim[before]) = (free - repaid, debt - repaid, claim);
        accounts[account] = TwinAccount(owner, 0, 0, 0, a.tenure + 1);
    }
}
