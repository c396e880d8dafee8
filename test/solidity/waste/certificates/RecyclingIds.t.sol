// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WasteOperations} from "../../../../contracts/waste/codes/WasteOperations.sol";
import {Recycled, RecyclingIds} from "../../../../contracts/waste/certificates/RecyclingIds.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

contract RecyclingIdsTest is CivitasTest {
    // encode, decode
    // ├── other bits, no code, no facility, an operation that recycles nothing: refused
    // └── else: each member where it belongs, and back

    function test_EachMemberIsWhereItBelongs() external pure {
        Recycled memory recycled = Recycled({code: 0x2488c9, op: 3, facility: 0xaabbccdd, month: 0x02a0});
        assertEq(RecyclingIds.encode(recycled), 0x2488c9_03_aabbccdd_02a0, "id");
        assertEq(RecyclingIds.encode(Recycled(150_102, 3, 7, 672)), 0x024a56_03_00000007_02a0, "as an example");
    }

    function testFuzz_WhatIsWrittenIsRead(uint24 code, uint8 op, uint32 facility, uint16 month) external pure {
        Recycled memory recycled = Recycled({
            code: uint24(bound(code, 1, type(uint24).max)),
            op: uint8(bound(op, WasteOperations.R2, WasteOperations.R9)),
            facility: uint32(bound(facility, 1, type(uint32).max)),
            month: month
        });
        Recycled memory found = RecyclingIds.decode(RecyclingIds.encode(recycled));
        assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(recycled)), "as written");
    }

    function test_RevertWhen_TheNumberIsNoId() external {
        uint256 good = RecyclingIds.encode(Recycled(150_102, 3, 7, 672));
        this.decode(good);
        for (uint256 bit = 80; bit < 256; ++bit) _expectMalformed(good | (uint256(1) << bit));
        _expectMalformed(RecyclingIds.encode(Recycled(0, 3, 7, 672)));
        _expectMalformed(RecyclingIds.encode(Recycled(150_102, 3, 0, 672)));
    }

    function test_RevertWhen_TheOperationRecyclesNothing() external {
        for (uint256 op = 0; op <= type(uint8).max; ++op) {
            uint256 id = RecyclingIds.encode(Recycled(150_102, uint8(op), 7, 672));
            if (op >= 2 && op <= 9) this.decode(id);
            else _expectMalformed(id);
        }
    }

    function decode(uint256 id) external pure returns (Recycled memory recycled) {
        return RecyclingIds.decode(id);
    }

    function _expectMalformed(uint256 id) private {
        vm.expectRevert(abi.encodeWithSelector(RecyclingIds.RecyclingIdsMalformed.selector, id));
        this.decode(id);
    }
}
