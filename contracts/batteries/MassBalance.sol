// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RecyclingOutput} from "./IBatteryPack.sol";

/// @title MassBalance
/// @notice Sums and efficiency of recycling, in grams.
library MassBalance {
    uint256 private constant BASIS_POINTS = 10_000;

    /// @notice Sums what came out. The caller bounds the number of outputs.
    /// @param outputs What came out.
    /// @return totalGrams Mass of all outputs.
    /// @return recoveredGrams Mass of those that go back into products, at most `totalGrams`.
    function sum(
        RecyclingOutput[] calldata outputs
    ) internal pure returns (uint256 totalGrams, uint256 recoveredGrams) {
        for (uint256 i = 0; i < outputs.length; ++i) {
            totalGrams += outputs[i].massGrams;
            if (outputs[i].recovered) recoveredGrams += outputs[i].massGrams;
        }
    }

    /// @notice Recycling efficiency, rounded down.
    /// @param recoveredGrams Mass recovered, at most `massGrams`.
    /// @param massGrams Mass that went in, not zero.
    /// @return efficiencyBp Basis points, 0 to 10,000.
    function efficiencyBpDown(uint64 recoveredGrams, uint64 massGrams) internal pure returns (uint16 efficiencyBp) {
        // Fits: at most 10,000, since no more is recovered than went in.
        return uint16((recoveredGrams * BASIS_POINTS) / massGrams);
    }
}
