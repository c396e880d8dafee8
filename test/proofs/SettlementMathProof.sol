// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SettlementMath} from "../../contracts/energy/market/SettlementMath.sol";

/// @title SettlementMathProof
/// @notice What the solver proves of the money of a settlement.
/// @dev Widths are those that {SettlementMath} names: 24 bits for prices and fees, 35 for what an account bought, and int32 for
/// what a result holds. A tariff is refused unless feed-in is at most retail, and the fee inside a feeder at most the full one.
contract SettlementMathProof {
    /// @notice Only who drew more than bought owes, and only who fed in beyond the contracts gets.
    function imbalanceHasItsSign(uint24 retail, uint24 feedIn, int32 contracted, int32 metered) external pure {
        int256 amount = SettlementMath.imbalance(retail, feedIn, contracted, metered);
        assert(contracted <= metered || amount >= 0);
        assert(contracted >= metered || amount <= 0);
        assert(contracted != metered || amount == 0);
    }

    /// @notice An imbalance is priced exactly, and no product wraps around.
    function imbalanceIsExact(uint24 retail, uint24 feedIn, int32 contracted, int32 metered) external pure {
        int256 amount = SettlementMath.imbalance(retail, feedIn, contracted, metered);
        int256 beyond = int256(contracted) - metered;
        assert(amount == (beyond < 0 ? beyond * int256(uint256(retail)) : beyond * int256(uint256(feedIn))));
    }

    /// @notice Where the supplier sells no cheaper than it buys, drawing a Wh and feeding in another never pays.
    function noMoneyFromCircles(uint24 retail, uint24 feedIn, int32 beyond) external pure {
        require(feedIn <= retail && beyond > type(int32).min);
        int256 there = SettlementMath.imbalance(retail, feedIn, beyond, 0);
        int256 back = SettlementMath.imbalance(retail, feedIn, 0, beyond);
        assert(there + back <= 0);
    }

    /// @notice Two meters settled apart never get more than settled as one: what one draws and the other feeds in is no gain.
    function splittingNeverPays(uint24 retail, uint24 feedIn, int32 first, int32 second) external pure {
        require(feedIn <= retail);
        int256 apart =
            SettlementMath.imbalance(retail, feedIn, first, 0) + SettlementMath.imbalance(retail, feedIn, second, 0);
        assert(apart <= SettlementMath.imbalance(retail, feedIn, int256(first) + second, 0));
    }

    /// @notice Feeding in more, or drawing less, never costs.
    function moreFedInNeverCosts(
        uint24 retail,
        uint24 feedIn,
        int32 contracted,
        int32 metered,
        int32 drawn
    ) external pure {
        require(metered <= drawn);
        int256 amount = SettlementMath.imbalance(retail, feedIn, contracted, metered);
        assert(SettlementMath.imbalance(retail, feedIn, contracted, drawn) <= amount);
    }

    /// @notice A meter that says nothing drew what it bought, and fed in nothing; so it owes nothing and gets nothing for a
    /// purchase.
    function missingReadingIsNeutral(uint24 retail, uint24 feedIn, int32 contracted) external pure {
        int256 drawn = SettlementMath.meteredOr(type(int32).min, contracted);
        assert(drawn >= 0);
        int256 amount = SettlementMath.imbalance(retail, feedIn, contracted, drawn);
        assert(contracted < 0 || amount == 0);
        assert(amount <= 0);
    }

    /// @notice A meter that says something is believed.
    function readingStands(int32 reading, int32 contracted) external pure {
        require(reading != type(int32).min);
        assert(SettlementMath.meteredOr(reading, contracted) == reading);
    }

    /// @notice The grid costs at least the fee inside a feeder and at most the full one.
    function gridFeeWithinBounds(uint40 bought, uint40 nearby, uint24 feederFee, uint24 gridFee) external pure {
        require(nearby <= bought && feederFee <= gridFee);
        uint256 amount = SettlementMath.gridFeeOf(bought, nearby, feederFee, gridFee);
        assert(amount >= uint256(bought) * feederFee);
        assert(amount <= uint256(bought) * gridFee);
    }

    /// @notice The grid costs the same for a purchase at once and in two parts.
    function gridFeeAddsUp(
        uint40 first,
        uint40 firstNearby,
        uint40 second,
        uint40 secondNearby,
        uint24 feederFee,
        uint24 gridFee
    ) external pure {
        require(firstNearby <= first && secondNearby <= second);
        uint256 both = SettlementMath.gridFeeOf(
            uint256(first) + second,
            uint256(firstNearby) + secondNearby,
            feederFee,
            gridFee
        );
        uint256 one = SettlementMath.gridFeeOf(first, firstNearby, feederFee, gridFee);
        assert(one + SettlementMath.gridFeeOf(second, secondNearby, feederFee, gridFee) == both);
    }

    /// @notice Buying nearby never costs more.
    function nearbyNeverDearer(
        uint40 bought,
        uint40 nearby,
        uint40 more,
        uint24 feederFee,
        uint24 gridFee
    ) external pure {
        require(nearby <= more && more <= bought && feederFee <= gridFee);
        uint256 amount = SettlementMath.gridFeeOf(bought, nearby, feederFee, gridFee);
        assert(SettlementMath.gridFeeOf(bought, more, feederFee, gridFee) <= amount);
    }

    /// @notice A result that a group has ends inside it, and no group that has one is taken for a node of 64 bytes.
    function resultWithinGroup(bytes calldata group, uint256 position) external pure {
        if (!SettlementMath.hasResult(group, position)) return;
        assert(group.length != 64);
        assert(group.length <= 96);
        assert(position < 8);
        assert(position * 12 + 12 <= group.length);
    }
}
