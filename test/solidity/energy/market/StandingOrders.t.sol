// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OrderFlags, StandingOrder, Step} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {StandingOrders} from "../../../../contracts/energy/market/StandingOrders.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @dev Takes standing orders as call data.
contract StandingOrdersHarness {
    function pack(StandingOrder calldata order) external pure returns (uint256 word) {
        return StandingOrders.pack(order);
    }

    function packSteps(Step[] calldata steps) external pure returns (uint256 packed) {
        return StandingOrders.packSteps(steps);
    }
}

/// pack, unpack
/// ├── none: an empty order
/// └── some: what went in comes out, without the number of steps in the flags
/// isDue
/// ├── none, another epoch, before, after: no
/// └── from first to last interval: yes
/// isPriced: at its own base price and tick size alone
/// stepsOf: as in the record of an order
contract StandingOrdersTest is CivitasTest {
    StandingOrdersHarness private harness;

    function setUp() public {
        harness = new StandingOrdersHarness();
    }

    function testFuzz_WhatIsPackedIsUnpacked(
        uint32 account,
        uint16 epoch,
        uint32 from,
        uint32 to,
        uint8 flags,
        uint8[4] memory ticks,
        uint32[4] memory whs,
        uint256 count
    ) external view {
        StandingOrder memory order = _order(account, epoch, from, to, flags, ticks, whs, count);
        uint256 word = harness.pack(order);
        order.flags &= ~(OrderFlags.STEPS_MASK << OrderFlags.STEPS_SHIFT);
        StandingOrder memory seen = StandingOrders.unpack(account, word);
        assertEq(keccak256(abi.encode(seen)), keccak256(abi.encode(order)), "order");
        bytes memory steps = abi.encodePacked(harness.packSteps(order.steps));
        assertEq(StandingOrders.stepsOf(word), uint256(bytes32(steps)), "steps");
        for (uint256 i = 0; i < order.steps.length; ++i) {
            uint256 step = uint256(bytes32(steps)) << (40 * i);
            assertEq(step >> 248, order.steps[i].tick, "tick");
            assertEq((step >> 216) & type(uint32).max, order.steps[i].wh, "wh");
        }
        assertTrue(StandingOrders.isPriced(word, order.basePrice, order.tickSize), "prices");
        assertFalse(StandingOrders.isPriced(word, order.basePrice ^ 1, order.tickSize), "another base price");
        assertFalse(StandingOrders.isPriced(word, order.basePrice, order.tickSize ^ 1), "another tick size");
        assertEq(StandingOrders.flagsOf(word), order.flags | uint8((order.steps.length - 1) << 1), "flags");
    }

    function test_NoWordIsNoOrder() external pure {
        StandingOrder memory seen = StandingOrders.unpack(7, 0);
        assertEq(seen.account, 0, "account");
        assertEq(seen.steps.length, 0, "steps");
        assertFalse(StandingOrders.isDue(0, 0, 0), "due");
    }

    function testFuzz_IsDueInItsRunAndEpoch(uint32 from, uint32 to, uint32 interval, uint16 epoch) external view {
        uint8[4] memory ticks;
        uint32[4] memory whs = [uint32(1), 2, 3, 4];
        StandingOrder memory order = _order(1, epoch, from, to, 0, ticks, whs, 4);
        uint256 word = harness.pack(order);
        bool inRun = order.fromInterval <= interval && interval <= order.toInterval;
        assertTrue(StandingOrders.isDue(word, interval, order.epoch) == inRun, "run");
        assertTrue(StandingOrders.isDue(word, order.fromInterval, order.epoch), "first");
        assertTrue(StandingOrders.isDue(word, order.toInterval, order.epoch), "last");
        assertFalse(StandingOrders.isDue(word, order.fromInterval, (order.epoch + 1) & 0xfff), "epoch");
    }

    function _order(
        uint32 account,
        uint16 epoch,
        uint32 from,
        uint32 to,
        uint8 flags,
        uint8[4] memory ticks,
        uint32[4] memory whs,
        uint256 count
    ) private pure returns (StandingOrder memory order) {
        if (from > to) (from, to) = (to, from);
        Step[] memory steps = new Step[](bound(count, 1, 4));
        for (uint256 i = 0; i < steps.length; ++i) steps[i] = Step(ticks[i], whs[i] & uint32(StandingOrders.MAX_WH));
        if (steps[0].wh == 0) steps[0].wh = 1;
        uint256 prices = uint256(keccak256(abi.encode(account, from, to)));
        return
            StandingOrder({
                account: account,
                epoch: epoch & 0xfff,
                fromInterval: from,
                toInterval: to,
                basePrice: uint24(prices),
                tickSize: uint16(prices >> 24),
                flags: flags,
                steps: steps
            });
    }
}
