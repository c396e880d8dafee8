// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountSlot} from "./AccountSlots.sol";
import {EnergyLedger, IntervalRecord, LedgerKeys, MarketFrame} from "./EnergyLedger.sol";
import {BookClass, IEnergyMarket, IntervalState} from "./IEnergyMarket.sol";
import {EnergyRules, Tariff} from "../registry/IEnergyRegistry.sol";

/// @notice What posting to an interval keeps at hand in memory, so that storage is read and written once. {OrderChecks} and
/// {OrderBooks} know where its first members stand.
struct Posting {
    // --- words 0 to 6: what orders are measured by

    /// @dev What a Wh at tick zero locks, of a bid and of an offer.
    uint256 bidLock;
    uint256 offerLock;
    /// @dev What each tick adds to it, modulo 2^256.
    uint256 bidSlope;
    uint256 offerSlope;
    uint256 highestTick;
    uint256 minimumWh;
    /// @dev Byte n from the highest: {BookClass} of a side, a kind and a green account, see {OrderOpening-classesOf}.
    uint256 classes;
    //
    // --- words 7 to 12: the order under examination

    /// @dev Its account's slot, and the place of it.
    AccountSlot slot;
    uint256 slotKey;
    /// @dev What it locks, money units.
    uint256 lock;
    /// @dev Energy, Wh.
    uint256 wh;
    /// @dev See {BookClass}.
    uint256 class;
    /// @dev Where in the word at hand its meter's sides stand.
    uint256 postedShift;
    //
    // --- words 13 to 17: what is written later

    /// @dev Word at hand of {EnergyLedger-posted}.
    uint256 postedWord;
    /// @dev Memory with the Wh to add for each class and word of the book's levels; less what lies before the first class.
    uint256 levels;
    /// @dev Header bits of what is added to the book.
    uint256 touched;
    /// @dev Memory with the numbers of the words of levels that are not zero, and where the list of them ends.
    uint256 list;
    uint256 listEnd;
    //
    // --- whatever the order

    uint256 interval;
    /// @dev Ring part of the interval's keys.
    uint256 ring;
    /// @dev Whether nobody posted to the interval before.
    bool fresh;
    IntervalRecord record;
    /// @dev Feeder & mask = book.
    uint256 bookMask;
    /// @dev Feeder of the last order accepted, above all numbers: none; and its book.
    uint256 feeder;
    uint256 book;
    /// @dev Which word of {EnergyLedger-posted} is at hand, `feeder << 16 | part`; above all numbers: none. And what it was.
    uint256 postedPart;
    uint256 postedBefore;
    /// @dev If something is wrong with the order: the value at fault and what that is measured by.
    uint256 value;
    uint256 limit;
}

/// @title OrderOpening
/// @notice When an interval takes orders, and by what rules.
library OrderOpening {
    uint256 private constant NONE = type(uint256).max;
    /// @dev Places of classes in a half of {classesOf}; offers to the feeder only come last, at zero; bids anywhere first,
    /// whose class is zero. And places of the halves.
    uint256 private constant KIND_0_OFFER = 48;
    uint256 private constant KIND_1_BID = 40;
    uint256 private constant KIND_1_OFFER = 32;
    uint256 private constant KIND_2_BID = 24;
    uint256 private constant KIND_2_OFFER = 16;
    uint256 private constant KIND_3_BID = 8;
    uint256 private constant PLAIN_SHIFT = 192;
    uint256 private constant GREEN_SHIFT = 128;

    /// @notice A number that is no class: the tariff's rules have no such book.
    uint256 internal constant NOT_OFFERED = 0xfe;
    /// @notice A number that is no class: there is no such book at all.
    uint256 internal constant UNKNOWN = 0xff;

    /// @notice Makes ready for orders in an interval. Reverts unless it is open and the supplier is above its floor.
    /// @param ledger Storage of the market.
    /// @param frame What the market is set up with.
    /// @param interval Number of the interval.
    /// @return posting What posting keeps at hand, without an order.
    function begin(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval
    ) internal view returns (Posting memory posting) {
        (uint256 opensAt, uint256 closesAt) = openingOf(frame, interval);
        // solhint-disable not-rely-on-time
        if (block.timestamp < opensAt) revert IEnergyMarket.EnergyMarketNotOpen(interval, opensAt);
        if (block.timestamp >= closesAt) revert IEnergyMarket.EnergyMarketGateClosed(interval, closesAt);
        // solhint-enable not-rely-on-time
        uint256 balance = ledger.treasury.supplier;
        if (balance < frame.supplierFloor) {
            revert IEnergyMarket.EnergyMarketSupplierBelowFloor(balance, frame.supplierFloor);
        }
        IntervalRecord memory record = _recordOf(ledger, frame, interval);
        posting.interval = interval;
        posting.ring = LedgerKeys.ringOf(interval, frame.ring);
        posting.fresh = record.state == IntervalState.Future;
        posting.record = record;
        posting.minimumWh = frame.minimumWh;
        posting.bookMask = record.rules & EnergyRules.BY_FEEDER != 0 ? type(uint16).max : 0;
        posting.postedPart = NONE;
        posting.feeder = NONE;
        posting.classes = classesOf(record.rules);
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

    /// @notice Stores the record of an interval that nobody posted to before.
    /// @param ledger Storage of the market.
    /// @param interval Number of the interval.
    /// @param record Its record; it becomes open.
    function create(EnergyLedger storage ledger, uint32 interval, IntervalRecord memory record) internal {
        record.state = IntervalState.Open;
        ledger.intervals[interval] = record;
    }

    /// @notice When an interval takes orders.
    /// @param frame What the market is set up with.
    /// @param interval Number of the interval.
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

    /// @notice The class of every order: byte `side | kind << 1 | green account << 3`, counted from the highest.
    /// @param rules See {Tariff-rules}.
    /// @return classes A byte for each of 16 kinds of order.
    function classesOf(uint256 rules) internal pure returns (uint256 classes) {
        // Two halves of the upper 16 bytes: without and with a green account. In each: bid, offer, bid green first, none, bid
        // green only, none, bid to the feeder, offer to the feeder.
        uint256 half = UNKNOWN << KIND_1_OFFER;
        half |= (UNKNOWN << KIND_2_OFFER) | (uint256(BookClass.Offer) << KIND_0_OFFER);
        bool green = rules & EnergyRules.GREEN != 0;
        half |= (green ? uint256(BookClass.BidGreenFirst) : NOT_OFFERED) << KIND_1_BID;
        half |= (green ? uint256(BookClass.BidGreenOnly) : NOT_OFFERED) << KIND_2_BID;
        bool feederFirst = rules & EnergyRules.FEEDER_FIRST != 0;
        half |= (feederFirst ? uint256(BookClass.BidFeederOnly) : NOT_OFFERED) << KIND_3_BID;
        half |= feederFirst ? uint256(BookClass.OfferFeederOnly) : NOT_OFFERED;
        classes = (half << PLAIN_SHIFT) | (half << GREEN_SHIFT);
        // The one class that a green account changes.
        if (green)
            classes ^= (uint256(BookClass.OfferGreen) ^ uint256(BookClass.Offer)) << (GREEN_SHIFT + KIND_0_OFFER);
    }

    /// @dev The record of an interval; where nobody posted, one with the registry's tariff and no state, not stored.
    function _recordOf(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval
    ) private view returns (IntervalRecord memory record) {
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
}
