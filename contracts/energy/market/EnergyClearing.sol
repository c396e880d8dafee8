// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clearing, ClearingPauses} from "./ClearingPauses.sol";
import {EnergyBooks, Place} from "./EnergyBooks.sol";
import {BookTotals, EnergyLedger, IntervalRecord, IntervalTotals, LedgerKeys, MarketFrame} from "./EnergyLedger.sol";
import {IEnergyMarket, IntervalState, Round} from "./IEnergyMarket.sol";
import {EnergyRules} from "../registry/IEnergyRegistry.sol";
import {IntervalClock} from "../IntervalClock.sol";
import {OrderRecords} from "./OrderRecords.sol";
import {Balance, Book, Nets, Trade, UniformPriceAuction} from "./UniformPriceAuction.sol";

/// @title EnergyClearing
/// @notice Finds prices and shares of an interval from the Wh at each tick of its books.
/// @dev Linked library; runs in the market's storage. {UniformPriceAuction} has the formulas, {IEnergyMarket} the errors and
/// events. What it costs depends on the ticks in use, not on the number of orders.
///
/// The round inside feeders takes one pass over the books. A round on the bus takes two: the first sums up what the books
/// would send out at each tick, from which the price follows; the second gives each book what it sends out and trades. If a
/// call ends within a pass, what the pass has summed up is written down; a pass that begins starts from nothing.
///
/// Above 150 lines: it is the one place that knows the order of rounds, passes and books.
library EnergyClearing {
    using UniformPriceAuction for Balance;
    using UniformPriceAuction for Book;
    using UniformPriceAuction for Nets;

    uint256 private constant LAST_TICK = LedgerKeys.TICKS - 1;
    uint256 private constant FEEDERS_PER_WORD = 256;

    /// @notice {IEnergyMarket-clear}.
    /// @param ledger The market's.
    /// @param frame The market's.
    /// @param interval Interval.
    /// @param maxBooks Most books to visit, at least 1; a pass over a book is a visit.
    /// @return done Whether the interval is cleared.
    function clear(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval,
        uint256 maxBooks
    ) external returns (bool done) {
        if (maxBooks == 0) revert IEnergyMarket.EnergyMarketInvalidBound(maxBooks);
        Clearing memory run;
        _begin(ledger, frame, interval, run);
        // One book is done at once.
        uint256 left = run.byFeeder ? maxBooks : type(uint256).max;
        while (!done) {
            (bool found, uint16 feeder) = _next(ledger, run);
            if (!found) {
                done = _endPass(run);
            } else if (left == 0) {
                ClearingPauses.write(ledger, run, feeder);
                break;
            } else {
                --left;
                _visit(ledger, run, feeder);
                run.position = uint256(feeder) + 1;
            }
        }
        ledger.totals[interval] = run.totals;
        ledger.intervals[interval] = run.record;
        if (done) {
            IntervalTotals memory totals = run.totals;
            emit IEnergyMarket.IntervalCleared(interval, totals.bought, totals.sold, totals.rent, totals.surplus);
        }
    }

    // --- passes

    /// @dev Checks that the interval can be cleared, and takes up what earlier calls left.
    function _begin(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval,
        Clearing memory run
    ) private view {
        IntervalRecord memory record = ledger.intervals[interval];
        // solhint-disable-next-line not-rely-on-time
        IntervalState state = IntervalClock.stateAt(record, frame, interval, block.timestamp);
        bool begun = state == IntervalState.Clearing;
        if (!begun && (state != IntervalState.Closed || record.tickSize == 0)) {
            revert IEnergyMarket.EnergyMarketWrongState(interval, state);
        }
        uint256 passedAt = IntervalClock.voidableAt(frame, interval);
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp >= passedAt) revert IEnergyMarket.EnergyMarketLongStopPassed(interval, passedAt);

        run.registry = frame.registry;
        run.record = record;
        run.place.interval = interval;
        run.place.ring = frame.ring;
        run.place.rules = record.rules;
        run.byFeeder = record.rules & EnergyRules.BY_FEEDER != 0;
        if (run.byFeeder) run.lastFeeder = frame.registry.lastFeeder();
        if (begun) {
            run.totals = ledger.totals[interval];
            run.place.round = record.round;
            run.position = record.cursor;
            ClearingPauses.read(ledger, run);
        } else {
            record.state = IntervalState.Clearing;
            if (record.rules & EnergyRules.FEEDER_FIRST != 0) (record.round, record.sharing) = (Round.Feeder, true);
            else _startBusRound(run, record.rules & EnergyRules.GREEN != 0 ? Round.Green : Round.Main);
        }
    }

    /// @dev The next book of the pass.
    function _next(EnergyLedger storage ledger, Clearing memory run) private view returns (bool found, uint16 feeder) {
        if (!run.byFeeder) return (run.position == 0, 0);
        uint256 position = run.position;
        while (position <= run.lastFeeder) {
            uint256 bits = ledger.feeders[run.place.interval][position / FEEDERS_PER_WORD];
            bits >>= position % FEEDERS_PER_WORD;
            // The lowest bit is set, so `position` has the number of a feeder, of 16 bits.
            if (bits & 1 != 0) return (true, uint16(position));
            if (bits == 0) position = (position / FEEDERS_PER_WORD + 1) * FEEDERS_PER_WORD;
            else ++position;
        }
    }

    function _visit(EnergyLedger storage ledger, Clearing memory run, uint16 feeder) private {
        // The second pass finds what the first one read, if there is one book.
        if (!run.isRead || run.place.feeder != feeder) {
            run.place.feeder = feeder;
            run.header = EnergyBooks.read(ledger, run.place, run.book);
            run.isRead = true;
        }
        uint256 demand = run.book.bidFrom(0);
        uint256 supply = run.book.offeredBelow(LedgerKeys.TICKS);
        if (run.place.round == Round.Feeder) {
            if (demand != 0 && supply != 0) _trade(ledger, run, _ownPrice(run, 0), 0, 0);
            return;
        }
        if (demand == 0 && supply == 0) return;
        (uint256 importWh, uint256 exportWh) = _limits(ledger, run, demand, supply);
        if (run.record.sharing) {
            uint256 price = (run.low + run.high) / 2;
            int256 sent = run.balance.send(run.book, price, importWh, exportWh);
            bool congested = run.book.isCongested(price, importWh, exportWh);
            _trade(ledger, run, congested ? _ownPrice(run, sent) : price, sent, price);
        } else {
            run.bus.add(run.book, importWh, exportWh);
            run.demand += demand;
            run.supply += supply;
        }
    }

    /// @dev Turns to the next pass, if there is one.
    function _endPass(Clearing memory run) private returns (bool done) {
        Round round = run.place.round;
        if (round != Round.Feeder) {
            // Without bids or offers there is nothing to share out.
            if (!run.record.sharing && run.demand != 0 && run.supply != 0) {
                (run.low, run.high) = run.bus.range(0);
                run.balance = run.bus.balanceAt((run.low + run.high) / 2);
                run.record.sharing = true;
                run.position = 0;
                return false;
            }
            _emitRound(run);
        }
        if (round == Round.Main) {
            run.record.state = IntervalState.Cleared;
            run.record.sharing = false;
            run.record.cursor = 0;
            return true;
        }
        bool green = round == Round.Feeder && run.record.rules & EnergyRules.GREEN != 0;
        _startBusRound(run, green ? Round.Green : Round.Main);
    }

    function _startBusRound(Clearing memory run, Round round) private pure {
        run.place.round = round;
        run.record.round = round;
        run.record.sharing = false;
        run.position = 0;
        run.isRead = false;
        run.bus.reset();
        (run.demand, run.supply, run.volume) = (0, 0, 0);
    }

    // --- a book

    /// @dev What may still flow between a book and the bus, and no more than it could send or take.
    function _limits(
        EnergyLedger storage ledger,
        Clearing memory run,
        uint256 demand,
        uint256 supply
    ) private view returns (uint256 importWh, uint256 exportWh) {
        if (!run.byFeeder) return (demand, supply);
        uint32 interval = run.place.interval;
        uint16 feeder = run.place.feeder;
        (importWh, exportWh) = run.registry.limitsOf(feeder, interval);
        if (run.place.round == Round.Main && run.record.rules & EnergyRules.GREEN != 0) {
            int256 flow = ledger.books[interval][feeder].greenFlow;
            // Not below zero: the green round kept to the limits, which are frozen since the interval opened.
            importWh = uint256(int256(importWh) + flow);
            exportWh = uint256(int256(exportWh) - flow);
        }
        if (importWh > demand) importWh = demand;
        if (exportWh > supply) exportWh = supply;
    }

    /// @dev Price at which a book alone sends out what it is to.
    function _ownPrice(Clearing memory run, int256 sent) private pure returns (uint256 tick) {
        run.alone.reset();
        run.alone.add(run.book, run.book.bidFrom(0), run.book.offeredBelow(LedgerKeys.TICKS));
        (uint256 low, uint256 high) = run.alone.range(sent);
        return (low + high) / 2;
    }

    /// @dev Writes down what a book trades at its price, when it sends so much out; negative: takes in. `busTick` is paid for
    /// what is sent.
    function _trade(
        EnergyLedger storage ledger,
        Clearing memory run,
        uint256 tick,
        int256 sent,
        uint256 busTick
    ) private {
        Place memory place = run.place;
        Trade memory trade = run.book.tradeAt(tick, sent);
        if (trade.bought == 0 && trade.sold == 0) return;
        if (trade.bought != 0) EnergyBooks.writeShares(ledger, place, run.header, trade, false);
        if (trade.sold != 0) EnergyBooks.writeShares(ledger, place, run.header, trade, true);
        _count(run, trade, sent, busTick);
        // Sums of Wh, which stay below 2^45.
        (uint64 bought, uint64 sold) = (uint64(trade.bought), uint64(trade.sold));
        if (run.byFeeder) {
            BookTotals memory book = ledger.books[place.interval][place.feeder];
            book.bought += bought;
            book.sold += sold;
            if (place.round == Round.Green) book.greenFlow = int64(sent);
            ledger.books[place.interval][place.feeder] = book;
        }
        emit IEnergyMarket.BookCleared(place.interval, place.round, place.feeder, _priceAt(run, tick), bought, sold);
    }

    /// @dev Adds what a book trades to the interval's totals.
    function _count(Clearing memory run, Trade memory trade, int256 sent, uint256 busTick) private pure {
        IntervalTotals memory totals = run.totals;
        // Sums of Wh, which stay below 2^45. Sums of money are part of what is locked, which has 56 bits.
        run.volume += trade.bought;
        totals.bought += uint56(trade.bought);
        totals.sold += uint56(trade.sold);
        uint256 tick = trade.tick;
        uint256 tickSize = run.record.tickSize;
        if (sent != 0 && tick != busTick) {
            // Who sends gets less than the bus pays, and who takes pays more.
            totals.rent += uint64(
                (sent > 0 ? uint256(sent) * (busTick - tick) : uint256(-sent) * (tick - busTick)) * tickSize
            );
        }
        if (trade.bought != 0 && run.record.rules & EnergyRules.PAY_AS_BID != 0) {
            totals.surplus += uint64(run.book.ticksAbove(tick) * tickSize);
        }
    }

    function _emitRound(Clearing memory run) private {
        bool traded = run.volume != 0;
        emit IEnergyMarket.RoundCleared(
            run.place.interval,
            run.place.round,
            traded ? _priceAt(run, run.low) : 0,
            traded ? _priceAt(run, run.high) : 0,
            traded ? _priceAt(run, (run.low + run.high) / 2) : 0,
            uint64(run.volume) // below 2^45
        );
    }

    /// @dev Money units per Wh at a tick. Nobody trades at a price above 24 bits; the range of the bus reaches there where no
    /// feeder can send anything, and is cut off.
    function _priceAt(Clearing memory run, uint256 tick) private pure returns (uint24 price) {
        uint256 exact = OrderRecords.priceAt(run.record, tick);
        return exact > type(uint24).max ? type(uint24).max : uint24(exact);
    }
}
