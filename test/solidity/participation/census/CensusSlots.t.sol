// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {Member, Snapshot} from "../../../../contracts/participation/census/ICensus.sol";
import {MemberSlots} from "../../../../contracts/participation/census/MemberSlots.sol";
import {History, SegmentHistory} from "../../../../contracts/participation/census/SegmentHistory.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

contract MemberSlotsTest is CivitasTest {
    using MemberSlots for mapping(uint256 group => uint256 lanes);

    mapping(uint256 group => uint256 lanes) private _slots;

    // get, set
    // ├─ what was set is got
    // ├─ neighbours in the slot keep theirs
    // └─ four are one slot

    function testFuzz_MembersKeepApart(uint256 tag, uint256[4] calldata seeds) external {
        tag = bound(tag, 0, type(uint256).max - 3);
        for (uint256 i = 0; i < 4; ++i) _slots.set(tag + i, _member(seeds[(i + 1) % 4]));
        for (uint256 i = 0; i < 4; ++i) _slots.set(tag + i, _member(seeds[i]));
        for (uint256 i = 0; i < 4; ++i) {
            assertEq(keccak256(abi.encode(_slots.get(tag + i))), keccak256(abi.encode(_member(seeds[i]))), "member");
        }
    }

    function test_FourAreOneSlot() external {
        Member memory most = Member(type(uint32).max, 1_023, true, MemberSlots.MAX_TIMES);
        for (uint256 tag = 8; tag < 12; ++tag) _slots.set(tag, most);
        assertEq(_slots[2], type(uint256).max, "the slot is full");
        assertEq(_slots[1] | _slots[3], 0, "no other");
        _slots.set(10, Member(0, 0, false, 0));
        assertEq(_slots[2], ~(uint256(type(uint64).max) << 128), "one lane");
        assertFalse(_slots.get(7).present || _slots.get(12).present, "nobody");
    }

    function _member(uint256 seed) private pure returns (Member memory member) {
        return
            Member({
                index: uint32(seed),
                segment: uint16((seed >> 32) % 1_000),
                present: (seed >> 48) & 1 == 1,
                times: uint32((seed >> 49) & MemberSlots.MAX_TIMES)
            });
    }
}

contract SegmentHistoryTest is CivitasTest {
    using Checkpoints for Checkpoints.Trace208;
    using SegmentHistory for History;

    History private _history;

    // push, latest, past
    // ├─ nothing yet ............................ all zero
    // ├─ several in a second .................... the last
    // ├─ before the first ....................... all zero
    // └─ any time ............................... the state at its end

    function test_NothingYet() external view {
        _check(_history.latest(), 0);
        _check(_history.past(EPOCH), 0);
    }

    function test_LastOfASecondCounts() external {
        vm.warp(EPOCH);
        _history.push(_state(1));
        _history.push(_state(2));
        vm.warp(EPOCH + 5);
        _history.push(_state(3));
        _history.push(_state(4));
        _history.push(_state(5));
        _check(_history.past(EPOCH - 1), 0);
        _check(_history.past(EPOCH), 2);
        _check(_history.past(EPOCH + 4), 2);
        _check(_history.past(EPOCH + 5), 5);
        _check(_history.past(type(uint48).max), 5);
        _check(_history.latest(), 5);
        assertEq(_history.states.length(), 2, "states");
        assertEq(_history.roots[0], _state(2).root, "root of the first");
        assertEq(_history.roots[1], _state(5).root, "root of the second");
        assertEq(_history.roots[2], 0, "no more roots");
    }

    function testFuzz_AnyTime(uint256 seed, uint256 time) external {
        uint256[] memory times = new uint256[](20);
        uint256 now_ = EPOCH;
        for (uint256 i = 0; i < 20; ++i) {
            now_ += (seed >> (i * 8)) & 7;
            times[i] = now_;
            vm.warp(now_);
            _history.push(_state(i + 1));
        }
        time = bound(time, EPOCH - 5, now_ + 5);
        uint256 expected = 0;
        for (uint256 i = 0; i < 20; ++i) if (times[i] <= time) expected = i + 1;
        _check(_history.past(time), expected);
        _check(_history.latest(), 20);
    }

    function test_WidestState() external {
        vm.warp(EPOCH);
        Snapshot memory widest = Snapshot(type(uint256).max, type(uint32).max, type(uint32).max, type(uint8).max);
        _history.push(widest);
        assertEq(keccak256(abi.encode(_history.latest())), keccak256(abi.encode(widest)), "state");
    }

    function _state(uint256 number) private pure returns (Snapshot memory state) {
        if (number == 0) return state;
        return
            Snapshot({
                root: uint256(keccak256(abi.encode(number))),
                leaves: uint32(number + 10),
                members: uint32(number),
                depth: uint8(number % 32)
            });
    }

    function _check(Snapshot memory found, uint256 number) private pure {
        assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(_state(number))), "state");
    }
}
