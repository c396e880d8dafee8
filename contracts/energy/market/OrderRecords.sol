// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IntervalRecord} from "./EnergyLedger.sol";
import {BookClass, IEnergyMarket, OrderFlags} from "./IEnergyMarket.sol";

/// @notice A record of an order, unpacked.
struct OrderRecord {
    uint32 account;
    uint8 flags;
    bool offer;
    /// @dev Number of steps, 1 to 4.
    uint256 stepCount;
    /// @dev Where the first step begins.
    uint256 stepsAt;
    /// @dev Where the next record begins.
    uint256 nextAt;
}

/// @title OrderRecords
/// @notice Reads records of orders, and says what they lock. See {IEnergyMarket} for their format.
library OrderRecords {
    /// @notice Bytes of account and flags.
    uint256 internal constant HEAD_BYTES = 5;
    /// @notice Bytes of a step.
    uint256 internal constant STEP_BYTES = 5;
    /// @notice Bytes of a record with four steps.
    uint256 internal constant MAX_BYTES = 25;

    /// @dev Kind of an offer that counts as green, see {accepted}.
    uint8 private constant GREEN_KIND = 1;
    /// @notice Where account and flags are in a word that begins with a record, and how many bits they have.
    uint256 internal constant ACCOUNT_SHIFT = 224;
    uint256 internal constant FLAGS_SHIFT = 216;
    uint256 internal constant HEAD_BITS = 40;
    uint256 private constant STEP_BITS = 40;
    /// @dev Bits of a word after four steps.
    uint256 private constant STEPS_END = 96;

    uint256 private constant TICK_SHIFT = 248;
    uint256 private constant WH_SHIFT = 216;

    /// @notice Reads the record at an offset. Reverts if the records end within it.
    /// @param records Records.
    /// @param offset Where it begins.
    /// @return order The record.
    function read(bytes calldata records, uint256 offset) internal pure returns (OrderRecord memory order) {
        uint256 head = _word(records, offset);
        order.account = uint32(head >> ACCOUNT_SHIFT); // upper 32 bits
        order.flags = uint8(head >> FLAGS_SHIFT); // next 8 bits
        order.offer = order.flags & OrderFlags.OFFER != 0;
        order.stepCount = stepCountOf(order.flags);
        order.stepsAt = offset + HEAD_BYTES;
        order.nextAt = order.stepsAt + order.stepCount * STEP_BYTES;
        // At least one step is announced, so a head that is cut off is refused as well.
        if (order.nextAt > records.length) revert IEnergyMarket.EnergyMarketMalformed(offset, records.length);
    }

    /// @notice Whether a record begins at an offset.
    /// @param records Records, of which none is cut off.
    /// @param offset Bytes from their beginning, less than they have.
    /// @return boundary Whether it does.
    function isBoundary(bytes calldata records, uint256 offset) internal pure returns (bool boundary) {
        uint256 place = 0;
        while (place < offset) place += lengthOf(_word(records, place));
        return place == offset;
    }

    /// @notice A step of a record.
    /// @param records Records.
    /// @param offset Where the step begins, within them.
    /// @return tick Price.
    /// @return wh Energy, Wh.
    function step(bytes calldata records, uint256 offset) internal pure returns (uint256 tick, uint256 wh) {
        uint256 word = _word(records, offset);
        return (word >> TICK_SHIFT, (word >> WH_SHIFT) & type(uint32).max);
    }

    /// @notice Number of steps that flags announce.
    /// @param flags See {OrderFlags}.
    /// @return count Number of steps, 1 to 4.
    function stepCountOf(uint8 flags) internal pure returns (uint256 count) {
        return ((flags >> OrderFlags.STEPS_SHIFT) & OrderFlags.STEPS_MASK) + 1;
    }

    /// @notice Money units per Wh at a tick.
    /// @param interval Record of the interval.
    /// @param tick Tick, 0 to 255.
    /// @return price Money units per Wh.
    function priceAt(IntervalRecord memory interval, uint256 tick) internal pure returns (uint256 price) {
        return interval.basePrice + tick * interval.tickSize;
    }

    /// @notice The beginning of a record as it is accepted. Whether the account's offers count as green may change before they
    /// are settled, so the record says it: by a kind that no offer can ask for.
    /// @param head First word of the record.
    /// @param class {BookClass} that the order entered.
    /// @return recorded First word of the record as it is accepted.
    function accepted(uint256 head, uint256 class) internal pure returns (uint256 recorded) {
        bool green = class == uint256(BookClass.OfferGreen);
        return green ? head | (uint256(GREEN_KIND) << (FLAGS_SHIFT + OrderFlags.KIND_SHIFT)) : head;
    }

    /// @notice The book that an accepted order entered first.
    /// @param recorded Flags of the accepted record.
    /// @return class The book.
    function classOf(uint8 recorded) internal pure returns (BookClass class) {
        uint8 kind = (recorded >> OrderFlags.KIND_SHIFT) & OrderFlags.KIND_MASK;
        if (recorded & OrderFlags.OFFER == 0) return BookClass(kind); // bids come first, in the order of their kinds
        if (kind == 0) return BookClass.Offer;
        return kind == GREEN_KIND ? BookClass.OfferGreen : BookClass.OfferFeederOnly;
    }

    /// @notice Bytes of the record that a word begins with.
    /// @param word Word that begins with a record.
    /// @return length Number of bytes.
    function lengthOf(uint256 word) internal pure returns (uint256 length) {
        unchecked {
            // At most four steps.
            uint256 more = (word >> (FLAGS_SHIFT + OrderFlags.STEPS_SHIFT)) & OrderFlags.STEPS_MASK;
            return HEAD_BYTES + STEP_BYTES + more * STEP_BYTES;
        }
    }

    /// @notice Steps of the record that a word begins with, from the highest bit down, and zeros.
    /// @param word Word that begins with a record.
    /// @return steps At most four steps of 40 bits.
    function stepsOf(uint256 word) internal pure returns (uint256 steps) {
        unchecked {
            // At most four steps, so 160 bits.
            uint256 rest = (OrderFlags.STEPS_MASK -
                ((word >> (FLAGS_SHIFT + OrderFlags.STEPS_SHIFT)) & OrderFlags.STEPS_MASK));
            rest = STEPS_END + rest * STEP_BITS;
            return ((word << HEAD_BITS) >> rest) << rest;
        }
    }

    /// @notice The most that a step can cost its account for energy traded, money units: a buyer's price and the higher
    /// grid fee, or a seller's loss if nothing is delivered.
    /// @param interval Record of the interval.
    /// @param offer Whether it is an offer.
    /// @param tick Price; for an offer not above the retail price.
    /// @param wh Energy, Wh.
    /// @return amount What is locked, money units.
    function lockOf(
        IntervalRecord memory interval,
        bool offer,
        uint256 tick,
        uint256 wh
    ) internal pure returns (uint256 amount) {
        uint256 price = priceAt(interval, tick);
        return (offer ? interval.retail - price : price + interval.gridFee) * wh;
    }

    /// @notice What all steps of a record lock, money units.
    /// @param interval Record of the interval.
    /// @param records Records side by side.
    /// @param order The record.
    /// @return amount What is locked, money units.
    function lockOf(
        IntervalRecord memory interval,
        bytes calldata records,
        OrderRecord memory order
    ) internal pure returns (uint256 amount) {
        for (uint256 offset = order.stepsAt; offset < order.nextAt; offset += STEP_BYTES) {
            (uint256 tick, uint256 wh) = step(records, offset);
            amount += lockOf(interval, order.offer, tick, wh);
        }
    }

    /// @dev 32 bytes from an offset; what lies behind the end reads as zero or as other call data, and is cut off.
    function _word(bytes calldata records, uint256 offset) private pure returns (uint256 word) {
        // The caller has seen to it that the offset is within the records.
        assembly ("memory-safe") {
            word := calldataload(add(records.offset, offset))
        }
    }
}
