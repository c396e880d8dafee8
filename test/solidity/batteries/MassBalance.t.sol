// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RecyclingOutput} from "../../../contracts/batteries/IBatteryPack.sol";
import {MassBalance} from "../../../contracts/batteries/MassBalance.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

contract MassBalanceTest is CivitasTest {
    function sum(RecyclingOutput[] calldata outputs) external pure returns (uint256 total, uint256 recovered) {
        return MassBalance.sum(outputs);
    }

    // sum
    // ├── no outputs: zero and zero
    // └── outputs: all of them, and the recovered ones

    function test_SumOfNothingIsZero() external view {
        (uint256 total, uint256 recovered) = this.sum(new RecyclingOutput[](0));
        assertEq(total, 0, "total");
        assertEq(recovered, 0, "recovered");
    }

    function testFuzz_SumSeparatesRecoveredFromResidue(
        uint64[4] calldata masses,
        bool[4] calldata recoveredOf
    ) external view {
        RecyclingOutput[] memory outputs = new RecyclingOutput[](4);
        uint256 all = 0;
        uint256 residue = 0;
        for (uint256 i = 0; i < 4; ++i) {
            outputs[i] = RecyclingOutput({material: bytes32(i), massGrams: masses[i], recovered: recoveredOf[i]});
            all += masses[i];
            if (!recoveredOf[i]) residue += masses[i];
        }
        (uint256 total, uint256 recovered) = this.sum(outputs);
        assertEq(total, all, "total");
        assertEq(recovered + residue, all, "recovered and residue");
    }

    // efficiencyBpDown
    // ├── everything recovered: 10,000
    // ├── nothing recovered: 0
    // └── between: the greatest rate that does not promise too much

    function test_EfficiencyIsExactAtItsEnds() external pure {
        assertEq(MassBalance.efficiencyBpDown(1, 1), 10_000, "all of one gram");
        assertEq(MassBalance.efficiencyBpDown(type(uint64).max, type(uint64).max), 10_000, "all of the most");
        assertEq(MassBalance.efficiencyBpDown(0, 3), 0, "nothing");
        assertEq(MassBalance.efficiencyBpDown(2, 3), 6_666, "two thirds");
    }

    function testFuzz_EfficiencyRoundsDown(uint64 recoveredSeed, uint64 massSeed) external pure {
        uint64 mass = uint64(bound(massSeed, 1, type(uint64).max));
        uint64 recovered = uint64(bound(recoveredSeed, 0, mass));
        uint256 bp = MassBalance.efficiencyBpDown(recovered, mass);
        assertLe(bp * mass, uint256(recovered) * 10_000, "not above");
        assertLe(uint256(recovered) * 10_000 + 1, (bp + 1) * mass, "within one point");
    }
}
