// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Place} from "./EnergyBooks.sol";
import {EnergyLedger, IntervalRecord, IntervalTotals, LedgerKeys} from "./EnergyLedger.sol";
import {Round} from "./IEnergyMarket.sol";
import {IEnergyRegistry} from "../registry/IEnergyRegistry.sol";
import {TickLanes} from "./TickLanes.sol";
import {Balance, Book, Nets} from "./UniformPriceAuction.sol";

/// @notice What a call of {EnergyClearing} keeps in memory.
struct Clearing {
    IEnergyRegistry registry;
    IntervalRecord record;
    IntervalTotals totals;
    Place place;
    /// @dev Whether every feeder has a book of its own.
    bool byFeeder;
    /// @dev Highest number of a feeder.
    uint256 lastFeeder;
    /// @dev Lowest number of a book that the pass has not visited.
    uint256 position;
    /// @dev Book that was read last, and its header.
    Book book;
    uint256 header;
    /// @dev Whether a book was read in this round and call.
    bool isRead;
    /// @dev Books on the bus, of which the round's passes first sum up what they would send out, then share it out.
    Nets bus;
    /// @dev Wh bid for and offered on the bus.
    uint256 demand;
    uint256 supply;
    uint256 low;
    uint256 high;
    Balance balance;
    /// @dev Wh bought in the round so far.
    uint256 volume;
    /// @dev A book that is cleared apart from the bus.
    Nets alone;
}

/// @title ClearingPauses
/// @notice Keeps what a pass of {EnergyClearing} has summed up when a call ends within it, for the next call.
/// @dev Words are read only after the call before wrote them for the same pass: the interval's record says where it stands.
library ClearingPauses {
    /// @dev Where a pass is written down: two words for every four ticks, then two of sums.
    uint256 private constant OFFERS_PART = 64;
    uint256 private constant SUMS_PART = 128;
    uint256 private constant RANGE_PART = 129;

    /// @notice Writes down what a pass has summed up, before its next book.
    /// @param ledger The market's.
    /// @param run What the call keeps in memory.
    /// @param feeder The next book.
    function write(EnergyLedger storage ledger, Clearing memory run, uint16 feeder) internal {
        // Zero: the pass has not begun.
        run.record.cursor = run.position == 0 ? 0 : feeder;
        if (run.place.round == Round.Feeder) return;
        if (run.record.sharing) {
            Balance memory balance = run.balance;
            _write(ledger, run, SUMS_PART, balance.filled, balance.level, balance.visited, run.volume);
            _write(ledger, run, RANGE_PART, run.low, run.high, balance.offersIn ? 1 : 0, 0);
        } else if (run.position != 0) {
            for (uint256 i = 0; i < TickLanes.WORDS; ++i) {
                _writeWord(ledger, run, i, run.bus.withBids[i]);
                _writeWord(ledger, run, OFFERS_PART + i, run.bus.withOffers[i]);
            }
            _write(ledger, run, SUMS_PART, run.bus.base, run.bus.span, run.demand, run.supply);
        }
    }

    /// @notice Takes up what a pass had summed up.
    /// @param ledger The market's.
    /// @param run What the call keeps in memory; its round, position and record are there already.
    function read(EnergyLedger storage ledger, Clearing memory run) internal view {
        if (run.place.round == Round.Feeder) return;
        if (run.record.sharing) {
            Balance memory balance = run.balance;
            uint256 sums = _readWord(ledger, run, SUMS_PART);
            balance.filled = LedgerKeys.levelIn(sums, 0);
            balance.level = LedgerKeys.levelIn(sums, 1);
            balance.visited = LedgerKeys.levelIn(sums, 2);
            run.volume = LedgerKeys.levelIn(sums, 3);
            uint256 range = _readWord(ledger, run, RANGE_PART);
            run.low = LedgerKeys.levelIn(range, 0);
            run.high = LedgerKeys.levelIn(range, 1);
            balance.offersIn = LedgerKeys.levelIn(range, 2) != 0;
        } else if (run.position != 0) {
            for (uint256 i = 0; i < TickLanes.WORDS; ++i) {
                run.bus.withBids[i] = _readWord(ledger, run, i);
                run.bus.withOffers[i] = _readWord(ledger, run, OFFERS_PART + i);
            }
            uint256 sums = _readWord(ledger, run, SUMS_PART);
            run.bus.base = LedgerKeys.levelIn(sums, 0);
            run.bus.span = LedgerKeys.levelIn(sums, 1);
            run.demand = LedgerKeys.levelIn(sums, 2);
            run.supply = LedgerKeys.levelIn(sums, 3);
        }
    }

    // --- internals

    /// @dev Four numbers below 2^56.
    function _write(
        EnergyLedger storage ledger,
        Clearing memory run,
        uint256 part,
        uint256 first,
        uint256 second,
        uint256 third,
        uint256 fourth
    ) private {
        uint256 word =
            first |
                (second << LedgerKeys.levelShift(1)) |
                (third << LedgerKeys.levelShift(2)) |
                (fourth << LedgerKeys.levelShift(3));
        _writeWord(ledger, run, part, word);
    }

    function _writeWord(EnergyLedger storage ledger, Clearing memory run, uint256 part, uint256 payload) private {
        Place memory place = run.place;
        uint256 key = LedgerKeys.wordOf(place.interval, place.ring, 0, part);
        ledger.curves[key] = (uint256(place.interval) << LedgerKeys.TAG_SHIFT) | payload;
    }

    function _readWord(
        EnergyLedger storage ledger,
        Clearing memory run,
        uint256 part
    ) private view returns (uint256 payload) {
        Place memory place = run.place;
        uint256 key = LedgerKeys.wordOf(place.interval, place.ring, 0, part);
        return LedgerKeys.payloadOf(ledger.curves[key], place.interval);
    }
}
