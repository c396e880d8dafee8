// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Fate, WasteOperations} from "../../../../contracts/waste/codes/WasteOperations.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

contract WasteOperationsTest is CivitasTest {
    // fateOf, recycles
    // ├─ R2 to R9 ........................................ Recycled
    // ├─ R1, R10, R11 .................................... Recovered
    // ├─ D1 to D7, D10 to D12 ............................ Disposed
    // └─ any other ....................................... None

    function test_EveryNumberHasItsFate() external pure {
        for (uint256 i = 0; i <= type(uint8).max; ++i) {
            uint8 op = uint8(i);
            assertEq(
                uint256(WasteOperations.fateOf(op)),
                uint256(_expected(i)),
                string.concat("fate of ", vm.toString(i))
            );
            assertTrue(
                WasteOperations.recycles(op) == (_expected(i) == Fate.Recycled),
                string.concat("recycles ", vm.toString(i))
            );
        }
    }

    /// @dev Annexes I and II of the directive, line by line.
    function _expected(uint256 op) private pure returns (Fate fate) {
        Fate[14] memory recovery;
        recovery[1] = Fate.Recovered;
        for (uint256 i = 2; i < 10; ++i) recovery[i] = Fate.Recycled;
        (recovery[10], recovery[11]) = (Fate.Recovered, Fate.Recovered);
        if (op < recovery.length) return recovery[op];
        bool[16] memory endsByDisposal;
        for (uint256 i = 1; i < 8; ++i) endsByDisposal[i] = true;
        for (uint256 i = 10; i < 13; ++i) endsByDisposal[i] = true;
        if (op > 100 && op < 116 && endsByDisposal[op - 100]) return Fate.Disposed;
    }
}
