// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a final operation makes of waste.
enum Fate {
    None,
    /// @dev Became a product, material or substance again: R2 to R9.
    Recycled,
    /// @dev Served as fuel or otherwise made use of: R1, R10, R11.
    Recovered,
    /// @dev Was put away or burnt: D1 to D7 and D10 to D12.
    Disposed
}

/// @title WasteOperations
/// @notice Operations of recovery and disposal in Annexes I and II of Directive 2008/98/EC as one number each: R1 to R13 are
/// 1 to 13, D1 to D15 are 101 to 115.
library WasteOperations {
    /// @notice Use principally as a fuel.
    uint8 internal constant R1 = 1;
    /// @notice First and last of those that recycle: reclamation, regeneration and re-refining.
    uint8 internal constant R2 = 2;
    uint8 internal constant R9 = 9;
    /// @notice Land treatment, and use of what R1 to R10 left.
    uint8 internal constant R10 = 10;
    uint8 internal constant R11 = 11;
    /// @notice First of disposal.
    uint8 internal constant D1 = 101;
    /// @notice Treatments before another disposal, which end nothing.
    uint8 internal constant D8 = 108;
    uint8 internal constant D9 = 109;
    /// @notice Last disposal that is final.
    uint8 internal constant D12 = 112;

    /// @notice Whether an operation recycles.
    /// @param op Its number.
    /// @return does True for R2 to R9.
    function recycles(uint8 op) internal pure returns (bool does) {
        return op >= R2 && op <= R9;
    }

    /// @notice What an operation makes of waste in the end.
    /// @param op Its number.
    /// @return fate None: there is none such, or it is an exchange, storage or treatment (R12, R13, D8, D9, D13 to D15),
    /// after which waste is still waste.
    function fateOf(uint8 op) internal pure returns (Fate fate) {
        if (recycles(op)) return Fate.Recycled;
        if (op == R1 || op == R10 || op == R11) return Fate.Recovered;
        if (op >= D1 && op <= D12 && op != D8 && op != D9) return Fate.Disposed;
        return Fate.None;
    }
}
