// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OrderFlags, StandingOrder, Step} from "./IEnergyMarket.sol";

/// @title StandingOrders
/// @notice A standing order in one word, from the highest bit down: steps 4 × (tick 8, Wh 20) | 20 unused | base price 24 |
/// tick size 16 | first interval 32 | last interval 32 | flags 8, with the number of steps | epoch 12. Zero: there is none.
library StandingOrders {
    /// @notice Most steps of an order.
    uint256 internal constant MAX_STEPS = 4;
    /// @notice Most energy of a step of a standing order, Wh. No account may trade as much, see {AccountSlots}.
    uint256 internal constant MAX_WH = 0xfffff;

    /// @dev Steps in the record of an order.
    uint256 private constant STEP_BITS = 40;
    uint256 private constant TICK_SHIFT = 248;
    uint256 private constant WH_SHIFT = 216;
    /// @dev Steps here, and the bits that Wh have less.
    uint256 private constant SHORT_BITS = 28;
    uint256 private constant SAVED_BITS = 12;
    uint256 private constant SHORT_SHIFT = 228;
    /// @dev Where the first of them has its tick and its Wh.
    uint256 private constant FIRST_TICK = 0xff << TICK_SHIFT;
    uint256 private constant FIRST_WH = MAX_WH << SHORT_SHIFT;

    uint256 private constant PRICES_SHIFT = 84;
    uint256 private constant TICK_SIZE_BITS = 16;
    uint256 private constant FROM_SHIFT = 52;
    uint256 private constant TO_SHIFT = 20;
    uint256 private constant FLAGS_SHIFT = 12;
    uint256 private constant EPOCH_MASK = 0xfff;

    /// @notice Packs a standing order.
    /// @param order Of 1 to 4 steps of at most {MAX_WH}, with an epoch of 12 bits.
    /// @return word Word of a standing order.
    function pack(StandingOrder calldata order) internal pure returns (uint256 word) {
        for (uint256 i = 0; i < order.steps.length; ++i) {
            uint256 step = (uint256(order.steps[i].tick) << TICK_SHIFT) | (uint256(order.steps[i].wh) << SHORT_SHIFT);
            word |= step >> (i * SHORT_BITS);
        }
        word |= _pricesOf(order.basePrice, order.tickSize) << PRICES_SHIFT;
        word |= uint256(order.fromInterval) << FROM_SHIFT;
        word |= uint256(order.toInterval) << TO_SHIFT;
        word |= uint256(withCount(order.flags, order.steps.length)) << FLAGS_SHIFT;
        return word | order.epoch;
    }

    /// @notice Unpacks a standing order; its flags come without the number of steps.
    /// @param account Account, which is its meter's number.
    /// @param word Word of a standing order.
    /// @return order The standing order.
    function unpack(uint32 account, uint256 word) internal pure returns (StandingOrder memory order) {
        if (word == 0) return order;
        uint8 flags = flagsOf(word);
        order.account = account;
        order.epoch = uint16(word & EPOCH_MASK); // 12 bits
        order.fromInterval = uint32(word >> FROM_SHIFT); // cut to its 32 bits
        order.toInterval = uint32(word >> TO_SHIFT); // cut to its 32 bits
        order.basePrice = uint24(word >> (PRICES_SHIFT + TICK_SIZE_BITS)); // cut to its 24 bits
        order.tickSize = uint16(word >> PRICES_SHIFT); // cut to its 16 bits
        order.flags = withCount(flags, 1);
        order.steps = new Step[](((flags >> OrderFlags.STEPS_SHIFT) & OrderFlags.STEPS_MASK) + 1);
        uint256 steps = stepsOf(word);
        for (uint256 i = 0; i < order.steps.length; ++i) {
            uint256 step = steps << (i * STEP_BITS);
            order.steps[i] = Step(uint8(step >> TICK_SHIFT), uint32(step >> WH_SHIFT)); // cut to 8 and 32 bits
        }
    }

    /// @notice Whether the order is for an interval, and of the account's epoch.
    /// @param word Word of a standing order.
    /// @param interval Number of the interval.
    /// @param epoch Epoch of the account.
    /// @return due Whether it can be posted.
    function isDue(uint256 word, uint32 interval, uint256 epoch) internal pure returns (bool due) {
        return
            word != 0 &&
            word & EPOCH_MASK == epoch &&
            interval >= uint32(word >> FROM_SHIFT) && // cut to its 32 bits
            interval <= uint32(word >> TO_SHIFT); // cut to its 32 bits
    }

    /// @notice Whether the order's ticks mean what they do in a tariff.
    /// @param word Word of a standing order.
    /// @param basePrice Price at tick zero, money units per Wh.
    /// @param tickSize What a tick adds to it.
    /// @return priced Whether they do.
    function isPriced(uint256 word, uint24 basePrice, uint16 tickSize) internal pure returns (bool priced) {
        return uint40(word >> PRICES_SHIFT) == _pricesOf(basePrice, tickSize); // cut to its 40 bits
    }

    /// @notice Flags, with the number of steps.
    /// @param word Word of a standing order.
    /// @return flags See {OrderFlags}.
    function flagsOf(uint256 word) internal pure returns (uint8 flags) {
        return uint8(word >> FLAGS_SHIFT); // cut to its 8 bits
    }

    /// @notice Steps as in the record of an order, from the highest bit down; zero in every other bit.
    /// @param word Word of a standing order.
    /// @return steps At most four steps of 40 bits.
    function stepsOf(uint256 word) internal pure returns (uint256 steps) {
        (uint256 tick, uint256 wh) = (FIRST_TICK, FIRST_WH);
        // Steps that are not there are zero here, so they are there too. The gap is 48 at the end.
        unchecked {
            for (uint256 gap = 0; gap < MAX_STEPS * SAVED_BITS; gap += SAVED_BITS) {
                steps |= ((word & tick) | ((word & wh) >> SAVED_BITS)) >> gap;
                tick >>= SHORT_BITS;
                wh >>= SHORT_BITS;
            }
        }
    }

    /// @notice Steps as in the record of an order, from the highest bit down; zero in every other bit.
    /// @param steps At most 4.
    /// @return packed Steps of 40 bits.
    function packSteps(Step[] calldata steps) internal pure returns (uint256 packed) {
        for (uint256 i = 0; i < steps.length; ++i) {
            uint256 step = (uint256(steps[i].tick) << TICK_SHIFT) | (uint256(steps[i].wh) << WH_SHIFT);
            packed |= step >> (i * STEP_BITS);
        }
    }

    /// @notice Flags that announce a number of steps.
    /// @param flags Flags with any number of steps.
    /// @param count 1 to 4.
    /// @return changed Flags with the number of steps.
    function withCount(uint8 flags, uint256 count) internal pure returns (uint8 changed) {
        uint8 rest = flags & ~(OrderFlags.STEPS_MASK << OrderFlags.STEPS_SHIFT);
        return rest | uint8((count - 1) << OrderFlags.STEPS_SHIFT); // at most 3, in two bits
    }

    /// @dev Base price and tick size in 40 bits.
    function _pricesOf(uint24 basePrice, uint16 tickSize) private pure returns (uint256 prices) {
        return (uint256(basePrice) << TICK_SIZE_BITS) | tickSize;
    }
}
