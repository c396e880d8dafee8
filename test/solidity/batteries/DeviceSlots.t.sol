// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DeviceSlots, Head, State} from "../../../contracts/batteries/DeviceSlots.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

contract DeviceSlotsTest is CivitasTest {
    function testFuzz_HeadComesBackAsPacked(address key, uint48 counter, uint48 takenAt, address newKey) external pure {
        Head head = DeviceSlots.packHead(key, counter, takenAt);
        assertEq(head.device(), key, "device");
        assertEq(head.counter(), counter, "counter");
        assertEq(head.takenAt(), takenAt, "takenAt");
        head = head.withDevice(newKey);
        assertEq(head.device(), newKey, "new device");
        assertEq(head.counter(), counter, "counter kept");
        assertEq(head.takenAt(), takenAt, "takenAt kept");
    }

    function testFuzz_StateComesBackAsPacked(
        uint48 throughputWh,
        uint40 remainingWh,
        uint32 fullCycles,
        uint16 sohBp,
        uint16 maxTempDK,
        uint32 flags,
        uint32 ratedPowerW,
        uint40 abusedAt
    ) external pure {
        State state = DeviceSlots.packState(ratedPowerW, abusedAt);
        assertEq(state.throughputWh(), 0, "no reading yet");
        state = state.withReading(throughputWh, remainingWh, fullCycles, sohBp, maxTempDK, flags);
        assertEq(state.throughputWh(), throughputWh, "throughputWh");
        assertEq(state.remainingWh(), remainingWh, "remainingWh");
        assertEq(state.fullCycles(), fullCycles, "fullCycles");
        assertEq(state.sohBp(), sohBp, "sohBp");
        assertEq(state.maxTempDK(), maxTempDK, "maxTempDK");
        assertEq(state.flags(), flags, "flags");
        assertEq(state.ratedPowerW(), ratedPowerW, "ratedPowerW");
        assertEq(state.abusedAt(), abusedAt, "abusedAt");
    }
}
