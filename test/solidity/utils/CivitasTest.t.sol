// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CivitasTest} from "./CivitasTest.sol";

contract CivitasTestTest is CivitasTest {
    function test_ActorsAreStable() external {
        (address a, uint256 k) = actor("alice");
        assertEq(a, vm.addr(k), "address of key");
    }

    function testFuzz_BoundStaysInside(uint256 value, uint256 low, uint256 high) external pure {
        if (low > high) (low, high) = (high, low);
        uint256 bounded = bound(value, low, high);
        assertLe(low, bounded, "low");
        assertLe(bounded, high, "high");
    }

    function test_P256KeysSign() external view {
        (uint256 x, ) = vm.publicKeyP256(7);
        assertTrue(x != 0, "x");
        (bytes32 r, ) = vm.signP256(7, keccak256("a"));
        assertTrue(r != 0, "r");
    }
}
