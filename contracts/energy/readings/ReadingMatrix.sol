// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

/// @notice The values of a feeder's day on the way through {ReadingMatrix}.
struct Matrix {
    /// @dev Where they begin in call data.
    uint256 source;
    /// @dev Meters, 1 to 256: values in a row.
    uint256 meterCount;
    /// @dev Intervals, 1 to 256: values in a column.
    uint256 intervals;
    /// @dev For each row, four sums of biased values.
    uint256[] sums;
    /// @dev Where the columns of the present block begin in memory.
    uint256 columns;
    /// @dev Bytes from one of them to the next: a word that ends in the meter's number, then the column and what fills up its
    /// last word.
    uint256 columnStride;
}

/// @notice What eight meters that stand next to each other may have measured. The words are those of {ReadingMatrix}.
struct Limits {
    /// @dev Bits of those meters that there are.
    uint256 mask;
    /// @dev What makes the least value of every first, third, … meter carry, and of every second, fourth, … meter.
    uint256 lowestOdd;
    uint256 lowestEven;
    /// @dev What makes the first value above the greatest carry.
    uint256 aboveOdd;
    uint256 aboveEven;
}

/// @title ReadingMatrix
/// @notice Goes once through the values of a feeder's day, which come interval by interval, and hands them out meter by
/// meter, since each meter signs its own.
/// @dev Works on eight values in a word at once: on the words of eight meters in a row, and on blocks of eight rows of such
/// words. Biased means with the sign bit turned, so that values compare as unsigned numbers; the lowest int32, which stands
/// for a missing value, is then zero. Every second value of a word has room for a carry above it.
///
/// Above 150 lines with its comments: each step names the bounds that keep the values in a word apart.
library ReadingMatrix {
    /// @notice Meters in a block.
    uint256 internal constant BLOCK = 8;
    /// @notice Bytes of a value.
    uint256 internal constant VALUE_BYTES = 4;
    /// @notice What stands for a value that is missing.
    int32 internal constant MISSING = type(int32).min;
    /// @notice Parts of the whole in which a tolerance is given.
    uint256 internal constant BASIS_POINTS = 10_000;
    /// @notice Biased zero.
    uint256 internal constant BIAS = 1 << 31;

    /// @dev Rows in a block, and bits of a value.
    uint256 private constant ROWS = 8;
    uint256 private constant VALUE_BITS = 32;
    uint256 private constant WORD_BYTES = 32;

    /// @dev Sign bit of every value.
    uint256 private constant SIGNS = 0x8000000080000000800000008000000080000000800000008000000080000000;
    /// @dev Every second value, and the bit above each of them.
    uint256 private constant VALUES = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    uint256 private constant CARRIES = 0x0000000100000000000000010000000000000001000000000000000100000000;
    /// @dev Every second pair of values, and the lower four.
    uint256 private constant PAIRS = 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
    uint256 private constant HALF = 0x00000000000000000000000000000000ffffffffffffffffffffffffffffffff;

    /// @notice Makes ready for a day.
    /// @param values 4 bytes for each meter of each interval.
    /// @param meterCount Meters, 1 to 256.
    /// @param intervals Intervals, 1 to 256.
    /// @return matrix What the other functions work on.
    function open(
        bytes calldata values,
        uint256 meterCount,
        uint256 intervals
    ) internal pure returns (Matrix memory matrix) {
        uint256 source;
        assembly ("memory-safe") {
            source := values.offset
        }
        matrix.source = source;
        matrix.meterCount = meterCount;
        matrix.intervals = intervals;
        matrix.sums = new uint256[](intervals);
        // At most (1 + 32) words.
        matrix.columnStride = WORD_BYTES + ((intervals + ROWS - 1) / ROWS) * WORD_BYTES;
        bytes memory columns = new bytes(BLOCK * matrix.columnStride);
        uint256 start;
        assembly ("memory-safe") {
            start := add(columns, 0x20)
        }
        matrix.columns = start;
    }

    /// @notice Adds a meter's bound to those of the meters before it in its block.
    /// @param bounds Bounds so far; zero: none.
    /// @param bound Wh, in int32.
    /// @return appended Bounds with it.
    function append(uint256 bounds, int256 bound) internal pure returns (uint256 appended) {
        // Biased it is in 32 bits.
        unchecked {
            return (bounds << VALUE_BITS) | uint256(bound + int256(BIAS));
        }
    }

    /// @notice Takes up to eight meters out of the matrix, and adds them to the sums of their rows.
    /// @dev Their columns take the place of those before.
    /// @param matrix The values.
    /// @param first Number of the first of them, a multiple of 8 below the number of meters.
    /// @param lowest The least value of each of them by {append}; above {MISSING}.
    /// @param highest Likewise the greatest.
    /// @return inRange Whether each value is in its range or missing.
    function gather(
        Matrix memory matrix,
        uint256 first,
        uint256 lowest,
        uint256 highest
    ) internal pure returns (bool inRange) {
        Limits memory limits = _limitsOf(matrix.meterCount - first, lowest, highest);
        uint256[ROWS] memory rows;
        uint256 faults = 0;
        // Offsets are bounded by 256 rows of 256 values.
        unchecked {
            uint256 source = matrix.source + first * VALUE_BYTES;
            uint256 target = matrix.columns + WORD_BYTES;
            for (uint256 row = 0; row < matrix.intervals; row += ROWS) {
                faults |= _gatherRows(matrix, limits, rows, source, row);
                // What is left in rows beyond the last goes beyond the end of the columns.
                _transpose(rows, target, matrix.columnStride);
                source += matrix.meterCount * (ROWS * VALUE_BYTES);
                target += WORD_BYTES;
            }
        }
        return faults == 0;
    }

    /// @notice Hash of a column of the present block, and its leaf in the tree of columns.
    /// @param matrix The values.
    /// @param index Place of the meter in its block, 0 to 7.
    /// @param meter The meter.
    /// @return hash keccak256 of the column.
    /// @return leaf Its leaf.
    function columnOf(
        Matrix memory matrix,
        uint256 index,
        uint32 meter
    ) internal pure returns (bytes32 hash, bytes32 leaf) {
        uint256 start = matrix.columns + index * matrix.columnStride;
        uint256 length = matrix.intervals * VALUE_BYTES;
        // Writes the word before the column, which is there for it, and reads the column.
        assembly ("memory-safe") {
            mstore(start, meter)
            hash := keccak256(add(start, 0x20), length)
            mstore(0x00, keccak256(add(start, 0x1c), add(length, 4)))
            leaf := keccak256(0x00, 0x20)
        }
    }

    /// @notice Sum over the meters of a row, missing ones as zero, when all blocks are gathered.
    /// @param matrix The values.
    /// @param row Number of the interval in the day.
    /// @return wh Net draw, Wh.
    function sumOf(Matrix memory matrix, uint256 row) internal pure returns (int256 wh) {
        uint256 sums = matrix.sums[row];
        // Adds upper to lower sums, then second to first. Each is below 2^40, and there are at most 256 meters.
        unchecked {
            sums = (sums >> 128) + (sums & HALF);
            return int256((sums >> 64) + uint64(sums)) - int256(matrix.meterCount * BIAS);
        }
    }

    /// @notice Whether each row's sum is within tolerance of a value measured for all together.
    /// @param matrix The values, all gathered.
    /// @param headValues 4 bytes for each interval. Where one is missing, nothing fits.
    /// @param toleranceBp Parts of 10,000 of that value, by which the two may differ.
    /// @param toleranceWh Wh by which they may differ, however small it is.
    /// @return within True if all are.
    function fits(
        Matrix memory matrix,
        bytes calldata headValues,
        uint256 toleranceBp,
        uint256 toleranceWh
    ) internal pure returns (bool within) {
        for (uint256 row = 0; row < matrix.intervals; ++row) {
            int256 head = valueAt(headValues, row);
            if (head == MISSING) return false;
            uint256 difference = SignedMath.abs(sumOf(matrix, row) - head);
            if (difference <= toleranceWh) continue;
            if (difference * BASIS_POINTS > toleranceBp * SignedMath.abs(head)) return false;
        }
        return true;
    }

    /// @notice Leaves of the tree of rows.
    /// @param values As for {open}.
    /// @param firstInterval Number of the first interval of the day.
    /// @param count Intervals.
    /// @return leaves In the order of the intervals.
    function rowLeaves(
        bytes calldata values,
        uint256 firstInterval,
        uint256 count
    ) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        uint256 length = values.length / count;
        // Writes the leaves within their length. The rows pass beyond the free pointer, each after a word that ends in the
        // number of its interval, and are not kept.
        assembly ("memory-safe") {
            let row := mload(0x40)
            let source := values.offset
            let target := add(leaves, 0x20)
            for {
                let end := add(target, shl(5, count))
            } lt(target, end) {
                target := add(target, 0x20)
            } {
                mstore(row, firstInterval)
                calldatacopy(add(row, 0x20), source, length)
                mstore(0x00, keccak256(add(row, 0x1c), add(length, 4)))
                mstore(target, keccak256(0x00, 0x20))
                source := add(source, length)
                firstInterval := add(firstInterval, 1)
            }
        }
    }

    /// @notice Leaf of a column that is brought with a proof.
    /// @param meter The meter.
    /// @param column Its values.
    /// @return leaf The leaf.
    function columnLeaf(uint32 meter, bytes calldata column) internal pure returns (bytes32 leaf) {
        return keccak256(bytes.concat(keccak256(abi.encodePacked(meter, column))));
    }

    /// @notice Hash of a column without any value.
    /// @param intervals Intervals.
    /// @return hash keccak256 of the column.
    function missingHash(uint256 intervals) internal pure returns (bytes32 hash) {
        uint256[] memory words = new uint256[]((intervals + ROWS - 1) / ROWS);
        for (uint256 i = 0; i < words.length; ++i) words[i] = SIGNS;
        // Reads the words, which are at least as long.
        assembly ("memory-safe") {
            hash := keccak256(add(words, 0x20), shl(2, intervals))
        }
    }

    /// @notice keccak256 of a long list in call data, without keeping a copy of it.
    /// @param list The list.
    /// @return hash Its keccak256.
    function hashOf(bytes calldata list) internal pure returns (bytes32 hash) {
        // Beyond the free pointer, which stays.
        assembly ("memory-safe") {
            let copy := mload(0x40)
            calldatacopy(copy, list.offset, list.length)
            hash := keccak256(copy, list.length)
        }
    }

    /// @notice A single value.
    /// @param values Values, 4 bytes each.
    /// @param index Its number.
    /// @return wh Net draw, Wh.
    function valueAt(bytes calldata values, uint256 index) internal pure returns (int32 wh) {
        return int32(uint32(bytes4(values[index * VALUE_BYTES:(index + 1) * VALUE_BYTES])));
    }

    /// @dev Takes up to eight words, each from a row of its own, adds them to the sums of the rows, and keeps them in `rows`.
    /// A value is in range exactly if it carries with what its least value needs for it, and not with what its greatest
    /// value does not: if the two sums differ in the carry. Sums are below 2^33, so they leave their neighbours alone.
    /// `faults` has the CARRIES of values that are neither in range nor missing.
    function _gatherRows(
        Matrix memory matrix,
        Limits memory limits,
        uint256[ROWS] memory rows,
        uint256 source,
        uint256 row
    ) private pure returns (uint256 faults) {
        uint256 count = matrix.intervals - row;
        if (count > ROWS) count = ROWS;
        uint256[] memory sums = matrix.sums;
        uint256 stride = matrix.meterCount * VALUE_BYTES;
        // Reads `limits` by the order of its members; writes `count` words of `rows` and of the sums from `row` on, which are
        // within both. Each of the four sums in a word gets two values below 2^32 at a time, 64 in all.
        assembly ("memory-safe") {
            let sum := add(add(sums, 0x20), shl(5, row))
            for {
                let end := add(rows, shl(5, count))
            } lt(rows, end) {
                rows := add(rows, 0x20)
            } {
                let even := calldataload(source)
                mstore(rows, even)
                even := and(xor(even, SIGNS), mload(limits))
                let odd := and(shr(32, even), VALUES)
                even := and(even, VALUES)
                let oddPassed := xor(add(odd, mload(add(limits, 0x20))), add(odd, mload(add(limits, 0x60))))
                let evenPassed := xor(add(even, mload(add(limits, 0x40))), add(even, mload(add(limits, 0x80))))
                let total := add(odd, even)
                if iszero(eq(and(and(oddPassed, evenPassed), CARRIES), CARRIES)) {
                    // A missing value is out of range, being zero. It counts as BIAS: the carry, one bit lower.
                    let oddFailed := and(not(oddPassed), CARRIES)
                    let evenFailed := and(not(evenPassed), CARRIES)
                    let oddMissing := and(sub(CARRIES, odd), oddFailed)
                    let evenMissing := and(sub(CARRIES, even), evenFailed)
                    faults := or(faults, or(xor(oddFailed, oddMissing), xor(evenFailed, evenMissing)))
                    total := add(total, shr(1, add(oddMissing, evenMissing)))
                }
                mstore(sum, add(mload(sum), total))
                sum := add(sum, 0x20)
                source := add(source, stride)
            }
        }
    }

    /// @dev Turns a block: the n-th word of the rows goes, value by value, to the n-th values of the columns. What stands
    /// above the diagonal changes places with what stands below it: single values in squares of two rows, pairs of values
    /// in squares of four, and halves of words in the whole. In this order and in loops, few words are on the stack.
    function _transpose(uint256[ROWS] memory rows, uint256 target, uint256 stride) private pure {
        // Writes the rows, and a word of each of the eight columns, see {open}.
        assembly ("memory-safe") {
            let end := add(rows, 0x100)
            for {
                let row := rows
            } lt(row, end) {
                row := add(row, 0x80)
            } {
                let a := mload(row)
                let b := mload(add(row, 0x20))
                let c := mload(add(row, 0x40))
                let d := mload(add(row, 0x60))
                let t := and(xor(a, shr(32, b)), VALUES)
                a := xor(a, t)
                b := xor(b, shl(32, t))
                t := and(xor(c, shr(32, d)), VALUES)
                c := xor(c, t)
                d := xor(d, shl(32, t))
                t := and(xor(a, shr(64, c)), PAIRS)
                mstore(row, xor(a, t))
                mstore(add(row, 0x40), xor(c, shl(64, t)))
                t := and(xor(b, shr(64, d)), PAIRS)
                mstore(add(row, 0x20), xor(b, t))
                mstore(add(row, 0x60), xor(d, shl(64, t)))
            }
            end := add(rows, 0x80)
            let half := shl(2, stride)
            for {} lt(rows, end) {
                rows := add(rows, 0x20)
            } {
                let a := mload(rows)
                let b := mload(add(rows, 0x80))
                let t := and(xor(a, shr(128, b)), HALF)
                mstore(target, xor(a, t))
                mstore(add(target, half), xor(b, shl(128, t)))
                target := add(target, stride)
            }
        }
    }

    /// @dev The first, third, … and the second, fourth, … values of a word.
    function _split(uint256 word) private pure returns (uint256 odd, uint256 even) {
        return ((word >> VALUE_BITS) & VALUES, word & VALUES);
    }

    /// @dev What `count` meters, from 1, may have measured; of more than eight, the first eight.
    function _limitsOf(uint256 count, uint256 lowest, uint256 highest) private pure returns (Limits memory limits) {
        uint256 emptyBits = count < BLOCK ? (BLOCK - count) * VALUE_BITS : 0;
        limits.mask = type(uint256).max << emptyBits;
        (uint256 odd, uint256 even) = _split(lowest << emptyBits);
        // Values are smaller than the carries above them, and not greater than VALUES.
        (limits.lowestOdd, limits.lowestEven) = (CARRIES - odd, CARRIES - even);
        (odd, even) = _split(highest << emptyBits);
        (limits.aboveOdd, limits.aboveEven) = (VALUES - odd, VALUES - even);
    }
}
