// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OptionOrder} from "../../../../contracts/participation/rules/OptionOrder.sol";
import {TieRule, TieRules} from "../../../../contracts/participation/rules/TieRules.sol";
import {RulesFixture} from "./RulesFixture.sol";

contract OptionOrderTest is RulesFixture {
    bytes32 private constant SEED = keccak256("seed");

    // prioritiesOf
    // ├─ LowestNumber ................................ the numbers, whatever the seed
    // └─ Lot ......................................... place of keccak256(seed, option) among all

    function test_PrefersTheLowestNumber() external pure {
        assertEq(TieRules.prioritiesOf(TieRule.LowestNumber, SEED, 32), BY_NUMBER, "32 options");
        assertEq(TieRules.prioritiesOf(TieRule.LowestNumber, 0, 3), 0x020100, "3 options");
    }

    function testFuzz_DrawsLots(bytes32 seed, uint256 options) external pure {
        options = bound(options, 2, 32);
        uint256 priorities = TieRules.prioritiesOf(TieRule.Lot, seed, options);
        uint256 seen = 0;
        for (uint256 i = 0; i < options; ++i) {
            uint256 priority = TieRules.priorityOf(priorities, i);
            seen |= 1 << priority;
            for (uint256 j = 0; j < options; ++j) {
                bool smaller = keccak256(abi.encode(seed, i)) < keccak256(abi.encode(seed, j));
                assertEq(priority < TieRules.priorityOf(priorities, j), smaller, "the smaller lot goes first");
            }
        }
        assertEq(seen, (1 << options) - 1, "each place once");
        assertEq((priorities >> (8 * (options - 1))) >> 8, 0, "nothing behind");
    }

    // byScores
    // ├─ scores differ ............................... most first
    // ├─ some are equal .............................. by priority among them
    // ├─ the first two are equal ..................... and firstTied
    // └─ one option .................................. it, not tied

    function test_OrdersByScore() external pure {
        (uint256 order, bool tied) = OptionOrder.byScores(scoresOf(3, 7, 5), BY_NUMBER);
        assertOrder(order, "BCA", "most first");
        assertFalse(tied, "the winner has most");
        (order, tied) = OptionOrder.byScores(scoresOf(3, 7, 3), BY_NUMBER);
        assertOrder(order, "BAC", "the lower number first");
        assertFalse(tied, "ties behind do not matter");
    }

    function test_OrdersTiesByPriority() external pure {
        (uint256 order, bool tied) = OptionOrder.byScores(scoresOf(7, 3, 7), BY_NUMBER);
        assertOrder(order, "ACB", "the lower number first");
        assertTrue(tied, "the tie rule chose");
        (order, tied) = OptionOrder.byScores(scoresOf(7, 3, 7), 0x000102);
        assertOrder(order, "CAB", "by other priorities");
        assertTrue(tied, "the tie rule chose again");
        uint256 most = type(uint240).max;
        (order, tied) = OptionOrder.byScores(scoresOf(most - 1, most, most), 0x000102);
        assertOrder(order, "CBA", "the greatest scores");
    }

    function test_OrdersTwo() external pure {
        uint256[] memory scores = new uint256[](2);
        (scores[0], scores[1]) = (4, 4);
        (uint256 order, bool tied) = OptionOrder.byScores(scores, BY_NUMBER);
        assertOrder(order, "AB", "the lower number first");
        assertTrue(tied, "the tie rule chose");
        scores[1] = 5;
        (order, tied) = OptionOrder.byScores(scores, BY_NUMBER);
        assertOrder(order, "BA", "most first");
        assertFalse(tied, "the winner has most");
    }

    function test_OrdersNobodyAndOne() external pure {
        (uint256 order, bool tied) = OptionOrder.byScores(scoresOf(0, 0, 0), BY_NUMBER);
        assertOrder(order, "ABC", "no votes at all");
        assertTrue(tied, "nobody is ahead");
        (order, tied) = OptionOrder.byScores(new uint256[](1), BY_NUMBER);
        assertOrder(order, "A", "one");
        assertFalse(tied, "of one");
    }

    function testFuzz_OrdersAll(uint256 seed, uint256 options) external pure {
        options = bound(options, 2, 32);
        uint256[] memory scores = new uint256[](options);
        for (uint256 i = 0; i < options; ++i) scores[i] = uint256(keccak256(abi.encode(seed, i))) % 12;
        uint256 priorities = TieRules.prioritiesOf(TieRule.Lot, bytes32(seed), options);
        (uint256 order, bool tied) = OptionOrder.byScores(scores, priorities);
        uint256 seen = 0;
        for (uint256 place = 0; place < options; ++place) {
            uint256 option = OptionOrder.optionAt(order, place);
            seen |= 1 << option;
            if (place == 0) continue;
            uint256 before = OptionOrder.optionAt(order, place - 1);
            assertGe(scores[before], scores[option], "descending");
            if (place == 1) assertEq(tied, scores[before] == scores[option], "tied");
            if (scores[before] != scores[option]) continue;
            uint256 priority = TieRules.priorityOf(priorities, option);
            assertLt(TieRules.priorityOf(priorities, before), priority, "by lot");
        }
        assertEq(seen, (1 << options) - 1, "each once");
        assertEq((order >> (8 * (options - 1))) >> 8, 0, "nothing behind");
    }

    function scoresOf(uint256 a, uint256 b, uint256 c) private pure returns (uint256[] memory scores) {
        scores = new uint256[](3);
        (scores[0], scores[1], scores[2]) = (a, b, c);
    }
}
