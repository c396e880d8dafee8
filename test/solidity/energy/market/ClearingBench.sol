// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyClearing} from "../../../../contracts/energy/market/EnergyClearing.sol";
import {
    BookTotals,
    EnergyLedger,
    IntervalRecord,
    IntervalTotals,
    LedgerKeys,
    MarketFrame
} from "../../../../contracts/energy/market/EnergyLedger.sol";
import {BookClass, IntervalState, Round, Share} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {EnergyRules, IEnergyRegistry} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";

/// @notice A ledger with levels written as orders write them, and nothing else of a market. Its own registry: no limits
/// unless they are set.
contract ClearingBench {
    uint32 public constant LENGTH = 900;
    uint32 public constant HORIZON = 96;
    uint32 public constant GATE_LEAD = 300;
    uint32 public constant LONG_STOP = 7 days;
    uint32 public constant RING = 1024;
    uint256 private constant BOOK_KEYS = 0x10000;

    EnergyLedger private _ledger;
    uint16 public lastFeeder;
    mapping(uint16 feeder => uint256 limits) private _limits;

    // --- what the market has from elsewhere

    function limitsOf(uint16 feeder, uint32) external view returns (uint56 importWh, uint56 exportWh) {
        uint256 limits = _limits[feeder];
        if (limits == 0) return (type(uint56).max, type(uint56).max);
        return (uint56(limits), uint56(limits >> 56));
    }

    function limit(uint16 feeder, uint56 importWh, uint56 exportWh) external {
        _limits[feeder] = importWh | (uint256(exportWh) << 56) | (1 << 255);
    }

    function open(uint32 interval, uint24 basePrice, uint16 tickSize, uint8 rules) external {
        IntervalRecord storage record = _ledger.intervals[interval];
        record.retail = type(uint24).max;
        record.basePrice = basePrice;
        record.tickSize = tickSize;
        record.rules = rules;
        record.state = IntervalState.Open;
    }

    /// @notice As an accepted step of an order.
    function post(uint32 interval, uint16 feeder, BookClass class, uint256 tick, uint256 wh) public {
        uint16 book = _ledger.intervals[interval].rules & EnergyRules.BY_FEEDER == 0 ? 0 : feeder;
        if (feeder > lastFeeder) lastFeeder = feeder;
        _ledger.feeders[interval][feeder >> 8] |= 1 << (feeder & 0xff);
        uint256 tag = uint256(interval) << LedgerKeys.TAG_SHIFT;
        uint256 key = LedgerKeys.level(interval, RING, book, class, tick / 4);
        uint256 payload = LedgerKeys.payloadOf(_ledger.levels[key], interval);
        _ledger.levels[key] = tag | (payload + (wh << ((tick % 4) * LedgerKeys.LEVEL_BITS)));
        key = LedgerKeys.wordOf(interval, RING, book, 0);
        payload = LedgerKeys.payloadOf(_ledger.headers[key], interval);
        _ledger.headers[key] = tag | payload | (1 << (uint256(class) * 32 + tick / 8));
    }

    /// @notice As an agreement between two meters: the feeder is marked, and nothing is in its book.
    function mark(uint32 interval, uint16 feeder) external {
        if (feeder > lastFeeder) lastFeeder = feeder;
        _ledger.feeders[interval][feeder >> 8] |= 1 << (feeder & 0xff);
    }

    function setState(uint32 interval, IntervalState state) external {
        _ledger.intervals[interval].state = state;
    }

    /// @notice Leaves words of another interval behind, as a turn of the ring does.
    function soil(uint32 interval, uint16 feeder) external {
        uint256 other = ~(uint256(interval) << LedgerKeys.TAG_SHIFT);
        _ledger.headers[LedgerKeys.wordOf(interval, RING, feeder, 0)] = other;
        for (uint256 part = 0; part < 130; ++part) {
            _ledger.curves[LedgerKeys.wordOf(interval, RING, 0, part)] = other;
            if (part < 64) _ledger.levels[LedgerKeys.level(interval, RING, feeder, BookClass.Bid, part)] = other;
            if (part < 64) _ledger.levels[LedgerKeys.level(interval, RING, feeder, BookClass.Offer, part)] = other;
        }
    }

    // --- what is tested

    function clear(uint32 interval, uint256 maxBooks) external returns (bool done) {
        return EnergyClearing.clear(_ledger, _frame(), interval, maxBooks);
    }

    // --- what came of it

    function recordOf(uint32 interval) external view returns (IntervalRecord memory) {
        return _ledger.intervals[interval];
    }

    function totalsOf(uint32 interval) external view returns (IntervalTotals memory) {
        return _ledger.totals[interval];
    }

    function bookOf(uint32 interval, uint16 feeder) external view returns (BookTotals memory) {
        return _ledger.books[interval][feeder];
    }

    function shareOf(
        uint32 interval,
        uint16 feeder,
        BookClass class,
        Round round
    ) external view returns (Share memory) {
        return _ledger.shares[interval][LedgerKeys.share(feeder, class, round)];
    }

    function _frame() private view returns (MarketFrame memory) {
        return
            MarketFrame({
                registry: IEnergyRegistry(address(this)),
                intervalLength: LENGTH,
                horizon: HORIZON,
                gateLead: GATE_LEAD,
                longStop: LONG_STOP,
                ring: RING,
                minimumWh: 1,
                supplierFloor: 0
            });
    }
}
