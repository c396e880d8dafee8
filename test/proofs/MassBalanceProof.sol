// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RecyclingOutput} from "../../contracts/batteries/IBatteryPack.sol";
import {MassBalance} from "../../contracts/batteries/MassBalance.sol";

/// @title MassBalanceProof
/// @notice What the solver proves of {MassBalance}, for lists of any length.
contract MassBalanceProof {
    /// @notice No more is recovered than came out.
    function recoveredWithinTotal(RecyclingOutput[] calldata outputs) external pure {
        (uint256 totalGrams, uint256 recoveredGrams) = MassBalance.sum(outputs);
        assert(recoveredGrams <= totalGrams);
    }

    /// @notice Nothing weighs nothing.
    function nothingWeighsNothing(RecyclingOutput[] calldata outputs) external pure {
        require(outputs.length == 0);
        (uint256 totalGrams, uint256 recoveredGrams) = MassBalance.sum(outputs);
        assert(totalGrams == 0 && recoveredGrams == 0);
    }

    /// @notice Efficiency is at most the whole, and no bit of it is cut off.
    function efficiencyWithinWhole(uint64 recoveredGrams, uint64 massGrams) external pure {
        require(massGrams != 0 && recoveredGrams <= massGrams);
        uint256 efficiencyBp = MassBalance.efficiencyBpDown(recoveredGrams, massGrams);
        assert(efficiencyBp <= 10_000);
        assert(efficiencyBp * massGrams <= uint256(recoveredGrams) * 10_000);
        assert(uint256(recoveredGrams) * 10_000 - efficiencyBp * massGrams < massGrams);
    }

    /// @notice Whoever recovers more is not less efficient.
    function efficiencyNeverFalls(uint64 recoveredGrams, uint64 moreGrams, uint64 massGrams) external pure {
        require(massGrams != 0 && recoveredGrams <= moreGrams && moreGrams <= massGrams);
        uint256 efficiencyBp = MassBalance.efficiencyBpDown(recoveredGrams, massGrams);
        assert(efficiencyBp <= MassBalance.efficiencyBpDown(moreGrams, massGrams));
    }
}
