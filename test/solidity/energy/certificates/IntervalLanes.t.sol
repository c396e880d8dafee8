// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IntervalLanes, Lanes} from "../../../../contracts/energy/certificates/IntervalLanes.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

contract IntervalLanesTest is CivitasTest {
    using IntervalLanes for Lanes;

    Lanes private _lanes;

    // set and get
    // ├── nothing written: zero
    // ├── written: that number, whatever stood there
    // └── other intervals: as they were

    function testFuzz_ANumberIsReadAsItWasWritten(uint32 interval, uint32 first, uint32 second) external {
        assertEq(_lanes.get(interval), 0, "nothing written");
        _lanes.set(interval, first);
        assertEq(_lanes.get(interval), first, "first");
        _lanes.set(interval, second);
        assertEq(_lanes.get(interval), second, "second");
    }

    function testFuzz_OtherIntervalsStand(uint32 interval, uint32 other, uint32 bits, uint32 otherBits) external {
        if (interval == other) other = ~other;
        _lanes.set(other, otherBits);
        _lanes.set(interval, bits);
        assertEq(_lanes.get(other), otherBits, "other");
    }

    function testFuzz_NeighboursStand(uint32 seed, uint32 bits) external {
        uint32 word = uint32(bound(seed, 0, 1_000)) * 8;
        for (uint32 i = 0; i < 8; ++i) _lanes.set(word + i, ~i);
        _lanes.set(word + (bits % 8), bits);
        for (uint32 i = 0; i < 8; ++i) assertEq(_lanes.get(word + i), i == bits % 8 ? bits : ~i, "neighbour");
    }
}
