// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TickLanes} from "../../../../contracts/energy/market/TickLanes.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @notice {TickLanes} against the same on 256 numbers that stand one by one.
contract TickLanesTest is CivitasTest {
    using TickLanes for uint256[64];

    uint256 private constant TICKS = 256;
    uint256 private constant LANE_BITS = 56;
    /// @dev What lies around the words, which nobody may touch.
    uint256 private constant FENCE = type(uint256).max;

    /// @dev Words between two others.
    struct Fenced {
        uint256[64] before;
        uint256[64] words;
        uint256[64] behind;
    }

    function _fenced(uint256[256] memory values) private pure returns (Fenced memory fenced) {
        for (uint256 i = 0; i < 64; ++i) (fenced.before[i], fenced.behind[i]) = (FENCE, FENCE);
        for (uint256 tick = 0; tick < TICKS; ++tick) {
            fenced.words[tick / 4] |= values[tick] << ((tick % 4) * LANE_BITS);
        }
    }

    function _draw(uint256 seed, uint256 most) private pure returns (uint256[256] memory values) {
        for (uint256 tick = 0; tick < TICKS; ++tick) {
            values[tick] = uint256(keccak256(abi.encode(seed, tick))) % (most + 1);
        }
    }

    function _assertHolds(Fenced memory fenced, uint256[256] memory values) private pure {
        for (uint256 i = 0; i < 64; ++i) {
            assertEq(fenced.before[i] & fenced.behind[i], FENCE, "nothing beside");
            assertEq(fenced.words[i] >> (4 * LANE_BITS), 0, "nothing above the lanes");
        }
        for (uint256 tick = 0; tick < TICKS; ++tick) {
            uint256 word = fenced.words[tick / 4];
            assertEq((word >> ((tick % 4) * LANE_BITS)) % (1 << LANE_BITS), values[tick], "value");
        }
    }

    // clear, valueAt, spread

    function test_ClearsAllWords() external pure {
        Fenced memory fenced = _fenced(_draw(1, type(uint40).max));
        fenced.words.clear();
        uint256[256] memory zeros;
        _assertHolds(fenced, zeros);
    }

    function testFuzz_ReadsWhatStandsAtATick(uint256 seed) external pure {
        uint256[256] memory values = _draw(seed, type(uint56).max);
        Fenced memory fenced = _fenced(values);
        for (uint256 tick = 0; tick < TICKS; ++tick) assertEq(fenced.words.valueAt(tick), values[tick], "value");
    }

    function testFuzz_SpreadsANumber(uint256 wh) external pure {
        wh = bound(wh, 0, type(uint56).max >> 1);
        uint256[64] memory words;
        words[63] = TickLanes.spread(wh);
        for (uint256 tick = 252; tick < TICKS; ++tick) assertEq(words.valueAt(tick), wh, "lane");
        assertEq(words[63] >> (4 * LANE_BITS), 0, "nothing above");
    }

    // sumUp, sumDown

    function testFuzz_SumsUp(uint256 seed) external pure {
        uint256[256] memory values = _draw(seed, type(uint32).max);
        Fenced memory fenced = _fenced(values);
        fenced.words.sumUp();
        for (uint256 tick = 1; tick < TICKS; ++tick) values[tick] += values[tick - 1];
        _assertHolds(fenced, values);
    }

    function testFuzz_SumsDown(uint256 seed) external pure {
        uint256[256] memory values = _draw(seed, type(uint32).max);
        Fenced memory fenced = _fenced(values);
        fenced.words.sumDown();
        for (uint256 tick = TICKS - 1; tick > 0; --tick) values[tick - 1] += values[tick];
        _assertHolds(fenced, values);
    }

    function test_SumsTheMostThereIs() external pure {
        // Sums stay below 2^45.
        uint256[256] memory values = _draw(1, 0);
        for (uint256 tick = 0; tick < TICKS; ++tick) values[tick] = (1 << 37) - 1;
        Fenced memory up = _fenced(values);
        Fenced memory down = _fenced(values);
        up.words.sumUp();
        down.words.sumDown();
        for (uint256 tick = 0; tick < TICKS; ++tick) values[tick] = (tick + 1) * ((1 << 37) - 1);
        _assertHolds(up, values);
        for (uint256 tick = 0; tick < TICKS; ++tick) values[tick] = (TICKS - tick) * ((1 << 37) - 1);
        _assertHolds(down, values);
    }

    // addWithin
    // ├─ limits ....................................... at least zero, at most the span
    // ├─ none ......................................... what it comes to
    // └─ below ........................................ offers up to the tick below

    function testFuzz_AddsWithinLimits(uint256 seed, uint256 low, uint256 high, bool below) external pure {
        low = bound(low, 0, 2_000);
        high = bound(high, 1, 2_000);
        _requireAdded(seed, 1_500, low, low + high, below);
    }

    function testFuzz_AddsWithoutLimits(uint256 seed, bool below) external pure {
        _requireAdded(seed, (1 << 45) - 1, 1 << 45, 0, below);
    }

    function test_AddsTheMostThereIs() external pure {
        _requireAdded(1, (1 << 45) - 1, (1 << 45) - 1, (1 << 46) - 2, false);
        _requireAdded(2, (1 << 45) - 1, 0, 1, true);
        _requireAdded(3, 0, 0, 1, true);
    }

    function _requireAdded(uint256 seed, uint256 most, uint256 low, uint256 span, bool below) private pure {
        uint256[256] memory sums = _draw(seed ^ 1, type(uint32).max);
        uint256[256] memory supply = _draw(seed ^ 2, most);
        uint256[256] memory demand = _draw(seed ^ 3, most);
        Fenced memory fenced = _fenced(sums);
        Fenced memory offered = _fenced(supply);
        Fenced memory bid = _fenced(demand);
        fenced.words.addWithin(offered.words, bid.words, TickLanes.spread(low), TickLanes.spread(span), below);
        for (uint256 tick = 0; tick < TICKS; ++tick) {
            uint256 there =
                below
                    ? tick == 0
                        ? 0
                        : supply[tick - 1]
                    : supply[tick];
            uint256 more = there + low < demand[tick] ? 0 : there + low - demand[tick];
            sums[tick] += span != 0 && more > span ? span : more;
        }
        _assertHolds(fenced, sums);
        _assertHolds(offered, supply);
        _assertHolds(bid, demand);
    }
}
