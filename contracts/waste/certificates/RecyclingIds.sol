// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Fate, WasteOperations} from "../codes/WasteOperations.sol";

/// @notice What the id of a certificate says of the mass behind it.
struct Recycled {
    /// @dev Code of the waste, its six digits as a number.
    uint24 code;
    /// @dev The operation, R2 to R9, see {WasteOperations}.
    uint8 op;
    /// @dev Operator that recycled it; never zero.
    uint32 facility;
    /// @dev Month in which it did, months since January 1970.
    uint16 month;
}

/// @title RecyclingIds
/// @notice Writes and reads ids of certificates. From the highest bit down:
/// zeros 176 | code 24 | operation 8 | facility 32 | month 16.
library RecyclingIds {
    uint256 private constant FACILITY_SHIFT = 16;
    uint256 private constant OP_SHIFT = 48;
    uint256 private constant CODE_SHIFT = 56;
    uint256 private constant END_SHIFT = 80;

    /// @notice The number is no id of a certificate.
    /// @param id Number given.
    error RecyclingIdsMalformed(uint256 id);

    /// @notice The id of a certificate.
    /// @param recycled What it is to say.
    /// @return id The id.
    function encode(Recycled memory recycled) internal pure returns (uint256 id) {
        return
            (uint256(recycled.code) << CODE_SHIFT) |
            (uint256(recycled.op) << OP_SHIFT) |
            (uint256(recycled.facility) << FACILITY_SHIFT) |
            recycled.month;
    }

    /// @notice What an id says. Reverts with {RecyclingIdsMalformed} if it has other bits, or names no facility, no code, or
    /// an operation that recycles nothing.
    /// @param id The number.
    /// @return recycled What the id says.
    function decode(uint256 id) internal pure returns (Recycled memory recycled) {
        // Each cast keeps the field's own bits.
        recycled = Recycled({
            code: uint24(id >> CODE_SHIFT),
            op: uint8(id >> OP_SHIFT),
            facility: uint32(id >> FACILITY_SHIFT),
            month: uint16(id)
        });
        if (
            id >> END_SHIFT != 0 ||
            recycled.code == 0 ||
            recycled.facility == 0 ||
            WasteOperations.fateOf(recycled.op) != Fate.Recycled
        ) {
            revert RecyclingIdsMalformed(id);
        }
    }
}
