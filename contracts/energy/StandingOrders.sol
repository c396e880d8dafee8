// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OrderFlags, StandingOrder, Step} from "./IEnergyMarket.sol";

/// @title StandingOrders
/// @notice A standing order in one word, from the highest bit down: steps 4 × (tick 8, Wh 32) | first interval 32 | last
/// interval 32 | flags 8, with the number of steps | epoch 12 | 12 unused. Zero: there is none.
library StandingOrders {
    /// @notice Most steps of an order.
    uint256 internal constant MAX_STEPS = 4;

    uint256 private constant STEP_BITS = 40;
    uint256 private constant TICK_SHIFT = 248;
    uint256 private constant WH_SHIFT = 216;
    uint256 private constant STEPS_SHIFT = 96;
    uint256 private constant FROM_SHIFT = 64;
    uint256 private constant TO_SHIFT = 32;
    uint256 private constant FLAGS_SHIFT = 24;
    uint256 private constant EPOCH_SHIFT = 12;
    uint256 private constant EPOCH_MASK = 0xfff;

    /// @notice Packs a standing order.
    /// @param order Of 1 to 4 steps, with an epoch of 12 bits.
    /// @return word Word of a standing order.
    function pack(StandingOrder calldata order) internal pure returns (uint256 word) {
        return
            packSteps(order.steps) |
            (uint256(order.fromInterval) << FROM_SHIFT) |
            (uint256(order.toInterval) << TO_SHIFT) |
            (uint256(withCount(order.flags, order.steps.length)) << FLAGS_SHIFT) |
            (uint256(order.epoch) << EPOCH_SHIFT);
    }

    /// @notice Unpacks a standing order; its flags come without the number of steps.
    /// @param account Account, which is its meter's number.
    /// @param word Word of a standing order.
    /// @return order The standing order.
    function unpack(uint32 account, uint256 word) internal pure returns (StandingOrder memory order) {
        if (word == 0) return order;
        uint8 flags = flagsOf(word);
        order.account = account;
        order.epoch = uint16((word >> EPOCH_SHIFT) & EPOCH_MASK); // 12 bits
        order.fromInterval = uint32(word >> FROM_SHIFT); // cut to its 32 bits
        order.toInterval = uint32(word >> TO_SHIFT); // cut to its 32 bits
        order.flags = withCount(flags, 1);
        order.steps = new Step[](((flags >> OrderFlags.STEPS_SHIFT) & OrderFlags.STEPS_MASK) + 1);
        for (uint256 i = 0; i < order.steps.length; ++i) {
            uint256 step = word << (i * STEP_BITS);
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
            (word >> EPOCH_SHIFT) & EPOCH_MASK == epoch &&
            interval >= uint32(word >> FROM_SHIFT) && // cut to its 32 bits
            interval <= uint32(word >> TO_SHIFT); // cut to its 32 bits
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
        return (word >> STEPS_SHIFT) << STEPS_SHIFT;
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
}
