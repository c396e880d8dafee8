// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountSlot} from "./AccountSlots.sol";
import {IEnergyRegistry} from "../registry/IEnergyRegistry.sol";
import {Agreement, BookClass, Delegate, IntervalState, Position, Round, Share} from "./IEnergyMarket.sol";

/// @notice What an account needs rarely. Two slots.
struct AccountDetails {
    /// @dev Whose the money is.
    address owner;
    /// @dev Money units owed to the supplier; above zero exactly when the account's INDEBTED flag is set.
    uint64 debt;
    /// @dev How many owners the account has had, so that what a former one agreed to does not bind the next.
    uint32 tenure;
    /// @dev Money units the supplier owes and could not pay.
    uint64 claim;
}

/// @notice Whose agreement it is. One slot; see {AccountDetails-tenure}.
struct AgreementTenures {
    uint32 buyer;
    uint32 seller;
}

/// @notice An interval that somebody posted to. One slot. The tariff is copied at the first post, when it is frozen.
struct IntervalRecord {
    /// @dev See {Tariff}.
    uint24 feedIn;
    uint24 retail;
    uint24 feederFee;
    uint24 gridFee;
    uint24 basePrice;
    /// @dev Zero: nobody posted.
    uint16 tickSize;
    uint8 rules;
    /// @dev Open as long as neither clearing nor voiding began: time decides between Future, Open and Closed.
    IntervalState state;
    /// @dev Round that clearing is in.
    Round round;
    /// @dev Whether clearing has gone through all books for the curves of the round and is sharing it out.
    bool sharing;
    /// @dev Next feeder to look at, of clearing or of the confirmation of readings.
    uint16 cursor;
    /// @dev Number of settlements so far.
    uint32 settlements;
    /// @dev Positions from agreements that are not settled or refunded.
    uint32 positionsLeft;
}

/// @notice What clearing found out about an interval. One slot. Sums of money fit, for all of it is locked in accounts.
struct IntervalTotals {
    /// @dev Wh bought and sold in the auction; they are equal.
    uint56 bought;
    uint56 sold;
    /// @dev Congestion rent, money units.
    uint64 rent;
    /// @dev What buyers pay above the price, money units.
    uint64 surplus;
}

/// @notice What clearing found out about a feeder's book. One slot, only where the rules have books by feeder.
struct BookTotals {
    /// @dev Wh bought and sold over all rounds.
    uint64 bought;
    uint64 sold;
    /// @dev Wh bought that settlement has visited, which decides who gets the feeder's cheaper fee.
    uint64 boughtVisited;
    /// @dev Wh that the green round sent out of the feeder; negative: into it.
    int64 greenFlow;
}

/// @notice Money that belongs to nobody's account. One slot, money units.
struct Treasury {
    uint64 supplier;
    uint64 gridFees;
    uint64 pot;
    /// @dev Everything the market holds: free money, locks, the three above and what former owners can withdraw.
    uint64 held;
}

/// @notice What a takeover left. One slot, money units.
struct Former {
    /// @dev Zero while there is debt.
    uint64 balance;
    /// @dev Owed to the supplier.
    uint64 debt;
    /// @dev Owed by the supplier; zero while there is debt.
    uint64 claim;
}

/// @notice What the parts of a market need to know of it.
struct MarketFrame {
    IEnergyRegistry registry;
    /// @dev Seconds of an interval.
    uint32 intervalLength;
    /// @dev Intervals before its beginning at which an interval opens.
    uint32 horizon;
    /// @dev Seconds before its beginning at which its orders end.
    uint32 gateLead;
    /// @dev Seconds after its end at which it can be voided.
    uint32 longStop;
    /// @dev Number of intervals after which words of levels are used again. More than are between opening and long stop.
    uint32 ring;
    /// @dev Least energy of a step, Wh.
    uint32 minimumWh;
    /// @dev Supplier's balance below which no orders are taken, money units.
    uint64 supplierFloor;
}

/// @notice Everything that the market stores.
struct EnergyLedger {
    Treasury treasury;
    mapping(uint32 account => AccountSlot) accounts;
    mapping(uint32 account => AccountDetails) details;
    /// @dev By {LedgerKeys-delegate}, so that a new epoch ends them all.
    mapping(uint32 account => mapping(uint256 epochAndKey => Delegate)) delegates;
    /// @dev Packed by {StandingOrders}.
    mapping(uint32 account => uint256 word) standing;
    mapping(address owner => Former) former;
    /// @dev Agreements by their hash; `toInterval` is the last that it runs in, after {endAgreement} too.
    mapping(bytes32 agreementId => Agreement) agreements;
    /// @dev Tenures of buyer and seller that made an agreement; it lapses when one of them ends.
    mapping(bytes32 agreementId => AgreementTenures) agreementTenures;
    mapping(bytes32 agreementId => mapping(uint256 word => uint256 bits)) agreementsPosted;
    mapping(uint32 interval => mapping(uint32 account => Position)) positions;
    /// @dev Bit n: the n-th meter of the feeder has a position that is not settled or refunded.
    mapping(uint32 interval => mapping(uint16 feeder => uint256 bits)) positioned;
    mapping(uint32 interval => IntervalRecord) intervals;
    mapping(uint32 interval => IntervalTotals) totals;
    /// @dev Wh sold that settlement has visited, for the shares in the surplus.
    mapping(uint32 interval => uint256 wh) soldVisited;
    mapping(uint32 interval => bytes32) chains;
    /// @dev Bit n of word w: feeder 256·w + n has orders or agreements.
    mapping(uint32 interval => mapping(uint256 word => uint256 bits)) feeders;
    mapping(uint32 interval => mapping(uint256 bookKey => Share)) shares;
    mapping(uint32 interval => mapping(uint16 feeder => BookTotals)) books;
    mapping(uint32 interval => mapping(uint256 index => bytes32)) results;
    /// @dev interval 32 | 4 bits for each of 56 meters: bids, offers, buys by agreement, sells by agreement. In a ring.
    mapping(uint256 ringKey => uint256 word) posted;
    /// @dev interval 32 | for each {BookClass}, from the lowest bit up, 32 bits, of which bit n says that word 2n or 2n + 1 of
    /// its levels is in use. In a ring.
    mapping(uint256 ringKey => uint256 word) headers;
    /// @dev interval 32 | 4 × 56 bits: Wh at each of four ticks, the lowest tick in the lowest bits. In a ring.
    mapping(uint256 ringKey => uint256 word) levels;
    /// @dev What a clearing that takes more than one call has summed up, interval 32 | 4 × 56 bits. In a ring.
    mapping(uint256 ringKey => uint256 word) curves;
}

/// @title LedgerKeys
/// @notice Where things stand in the {EnergyLedger}. A word in a ring belongs to the interval in its upper 32 bits, and
/// counts as zero for every other one.
library LedgerKeys {
    /// @notice Number of ticks.
    uint256 internal constant TICKS = 256;
    /// @notice Ticks in a word of levels.
    uint256 internal constant TICKS_PER_WORD = 4;
    /// @notice Bits of a level, Wh.
    uint256 internal constant LEVEL_BITS = 56;
    /// @notice Meters in a word of {EnergyLedger-posted}.
    uint256 internal constant METERS_PER_WORD = 56;
    /// @notice Bits below the interval in a word of a ring.
    uint256 internal constant TAG_SHIFT = 224;

    /// @notice Highest number of an account.
    uint256 internal constant MAX_ACCOUNT = type(uint24).max;

    uint256 private constant RING_SHIFT = 40;
    uint256 private constant FEEDER_SHIFT = 16;
    uint256 private constant CLASS_SHIFT = 8;
    uint256 private constant FEEDER_OF_ACCOUNT = 8;
    uint256 private constant EPOCH_SHIFT = 160;

    /// @notice The feeder of an account.
    /// @param account Account, which is its meter's number.
    /// @return feeder Number of the feeder.
    function feederOf(uint32 account) internal pure returns (uint16 feeder) {
        return uint16(account >> FEEDER_OF_ACCOUNT); // numbers are feeder << 8 | position, and feeders have 16 bits
    }

    /// @notice Key of the word `word` of levels of a class.
    /// @param interval Number of the interval.
    /// @param ring See {MarketFrame-ring}.
    /// @param feeder Number of the feeder; 0 for the one book of all.
    /// @param class Which part of the book.
    /// @param word Number of the word, 0 to 63.
    /// @return ringKey Key in the ring.
    function level(
        uint32 interval,
        uint32 ring,
        uint256 feeder,
        BookClass class,
        uint256 word
    ) internal pure returns (uint256 ringKey) {
        return ringOf(interval, ring) | (feeder << FEEDER_SHIFT) | (uint256(class) << CLASS_SHIFT) | word;
    }

    /// @notice Place of a tick's level in its word: the lowest tick has the lowest bits.
    /// @param tick Tick, 0 to 255.
    /// @return shift Bits below the level.
    function levelShift(uint256 tick) internal pure returns (uint256 shift) {
        return (tick % TICKS_PER_WORD) * LEVEL_BITS;
    }

    /// @notice Level of a tick, Wh.
    /// @param word The word in which it is.
    /// @param tick Tick, 0 to 255.
    /// @return wh Energy at the tick, Wh.
    function levelIn(uint256 word, uint256 tick) internal pure returns (uint256 wh) {
        return (word >> levelShift(tick)) & ((1 << LEVEL_BITS) - 1);
    }

    /// @notice Key of a book's header, and, with `part` the position divided by {METERS_PER_WORD}, of a feeder's meters.
    /// @param interval Number of the interval.
    /// @param ring See {MarketFrame-ring}.
    /// @param feeder Number of the feeder; 0 for the one book of all.
    /// @param part Number of the word.
    /// @return ringKey Key in the ring.
    function wordOf(
        uint32 interval,
        uint32 ring,
        uint256 feeder,
        uint256 part
    ) internal pure returns (uint256 ringKey) {
        return ringOf(interval, ring) | (feeder << FEEDER_SHIFT) | part;
    }

    /// @notice Key of a delegate that was named in an epoch.
    /// @param key Public address of the delegate.
    /// @param epoch Epoch of the account.
    /// @return epochAndKey Key of {EnergyLedger-delegates}.
    function delegate(address key, uint256 epoch) internal pure returns (uint256 epochAndKey) {
        return (epoch << EPOCH_SHIFT) | uint160(key);
    }

    /// @notice Part of a key that says which turn of the ring.
    /// @param interval Number of the interval.
    /// @param ring See {MarketFrame-ring}.
    /// @return part The upper bits of a key.
    function ringOf(uint32 interval, uint32 ring) internal pure returns (uint256 part) {
        return (uint256(interval) % ring) << RING_SHIFT;
    }

    /// @notice What a word says about an interval: nothing, if it was written for another.
    /// @param stored Word as it is stored.
    /// @param interval Number of the interval.
    /// @return payload The word without its tag.
    function payloadOf(uint256 stored, uint32 interval) internal pure returns (uint256 payload) {
        return stored >> TAG_SHIFT == interval ? stored & ((1 << TAG_SHIFT) - 1) : 0;
    }

    /// @notice Key of a {Share}.
    /// @param feeder Number of the feeder; 0 for the one book of all.
    /// @param class Which part of the book.
    /// @param round Round of the auction.
    /// @return bookKey Key of {EnergyLedger-shares}.
    function share(uint256 feeder, BookClass class, Round round) internal pure returns (uint256 bookKey) {
        return (feeder << FEEDER_SHIFT) | (uint256(class) << CLASS_SHIFT) | uint256(round);
    }
}
