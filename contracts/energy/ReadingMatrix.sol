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
    uint256 lowestOdd;
    uint256 lowestEven;
    /// @dev With a carry above each value.
    uint256 highestOdd;
    uint256 highestEven;
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
    /// @dev Bits above the first value of a word.
    uint256 private constant FIRST_SHIFT = 224;
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

    /// @notice A bound of a meter, biased, in its place in the word of its block.
    /// @param bound Wh, in int32.
    /// @param index Place of the meter in its block, 0 to 7.
    function place(int256 bound, uint256 index) internal pure returns (uint256 word) {
        // In 32 bits by the bounds of both.
        unchecked {
            return uint256(bound + int256(BIAS)) << (FIRST_SHIFT - VALUE_BITS * index);
        }
    }

    /// @notice Takes up to eight meters out of the matrix, and adds them to the sums of their rows.
    /// @dev Their columns take the place of those before.
    /// @param first Number of the first of them, a multiple of 8 below the number of meters.
    /// @param lowest For each of them by {place} the least value; above {MISSING}.
    /// @param highest Likewise the greatest.
    /// @return inRange Whether each value is in its range or missing.
    function gather(
        Matrix memory matrix,
        uint256 first,
        uint256 lowest,
        uint256 highest
    ) internal pure returns (bool inRange) {
        Limits memory limits;
        limits.mask = _maskOf(matrix.meterCount - first);
        (limits.lowestOdd, limits.lowestEven) = _split(lowest);
        (limits.highestOdd, limits.highestEven) = _split(highest);
        limits.highestOdd |= CARRIES;
        limits.highestEven |= CARRIES;
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
    /// @param index Place of the meter in its block, 0 to 7.
    /// @param meter The meter.
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
    /// @param row Number of the interval in the day.
    /// @return wh Net draw, Wh.
    function sumOf(Matrix memory matrix, uint256 row) internal pure returns (int256 wh) {
        uint256 sums = matrix.sums[row];
        uint256 total = 0;
        // Each of the four sums is below 2^40.
        for (; sums != 0; sums >>= 2 * VALUE_BITS) total += sums & ((1 << (2 * VALUE_BITS)) - 1);
        return int256(total) - int256(matrix.meterCount * BIAS);
    }

    /// @notice Whether each row's sum is within tolerance of a value measured for all together.
    /// @param headValues 4 bytes for each interval. Where one is missing, nothing fits.
    /// @param toleranceBps Parts of 10,000 of that value.
    function fits(
        Matrix memory matrix,
        bytes calldata headValues,
        uint256 toleranceBps
    ) internal pure returns (bool within) {
        for (uint256 row = 0; row < matrix.intervals; ++row) {
            int256 head = valueAt(headValues, row);
            if (head == MISSING) return false;
            uint256 difference = SignedMath.abs(sumOf(matrix, row) - head);
            if (difference * BASIS_POINTS > toleranceBps * SignedMath.abs(head)) return false;
        }
        return true;
    }

    /// @notice Leaves of the tree of rows.
    /// @param values As for {open}.
    /// @param firstInterval Number of the first interval of the day.
    /// @param count Intervals.
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
    function columnLeaf(uint32 meter, bytes calldata column) internal pure returns (bytes32 leaf) {
        return keccak256(bytes.concat(keccak256(abi.encodePacked(meter, column))));
    }

    /// @notice Hash of a column without any value.
    /// @param intervals Intervals.
    function missingHash(uint256 intervals) internal pure returns (bytes32 hash) {
        uint256[] memory words = new uint256[]((intervals + ROWS - 1) / ROWS);
        for (uint256 i = 0; i < words.length; ++i) words[i] = SIGNS;
        // Reads the words, which are at least as long.
        assembly ("memory-safe") {
            hash := keccak256(add(words, 0x20), shl(2, intervals))
        }
    }

    /// @notice keccak256 of a long list in call data, without keeping a copy of it.
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
    function valueAt(bytes calldata values, uint256 index) internal pure returns (int32 wh) {
        return int32(uint32(bytes4(values[index * VALUE_BYTES:(index + 1) * VALUE_BYTES])));
    }

    /// @dev Takes up to eight words, each from a row of its own, adds them to the sums of the rows, and keeps them in `rows`.
    /// In each second value, a carry put above it pays for what is taken from it, so nothing is borrowed from its neighbour,
    /// and the carry is left exactly if it is not less than what was taken.
    /// @return faults Has the CARRIES of values that are neither in range nor missing.
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
                let oddPassed := and(
                    sub(or(odd, CARRIES), mload(add(limits, 0x20))),
                    sub(mload(add(limits, 0x60)), odd)
                )
                let evenPassed := and(
                    sub(or(even, CARRIES), mload(add(limits, 0x40))),
                    sub(mload(add(limits, 0x80)), even)
                )
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
    /// above the diagonal changes places with what stands below it, in ever smaller squares.
    function _transpose(uint256[ROWS] memory rows, uint256 target, uint256 stride) private pure {
        // Reads the rows, and writes a word of each of the eight columns, see {open}.
        assembly ("memory-safe") {
            let t
            let a := mload(rows)
            let b := mload(add(rows, 0x20))
            let c := mload(add(rows, 0x40))
            let d := mload(add(rows, 0x60))
            let e := mload(add(rows, 0x80))
            let f := mload(add(rows, 0xa0))
            let g := mload(add(rows, 0xc0))
            let h := mload(add(rows, 0xe0))
            // Halves of rows four apart.
            t := and(xor(a, shr(128, e)), HALF)
            a := xor(a, t)
            e := xor(e, shl(128, t))
            t := and(xor(b, shr(128, f)), HALF)
            b := xor(b, t)
            f := xor(f, shl(128, t))
            t := and(xor(c, shr(128, g)), HALF)
            c := xor(c, t)
            g := xor(g, shl(128, t))
            t := and(xor(d, shr(128, h)), HALF)
            d := xor(d, t)
            h := xor(h, shl(128, t))
            // Quarters of rows two apart.
            t := and(xor(a, shr(64, c)), PAIRS)
            a := xor(a, t)
            c := xor(c, shl(64, t))
            t := and(xor(b, shr(64, d)), PAIRS)
            b := xor(b, t)
            d := xor(d, shl(64, t))
            t := and(xor(e, shr(64, g)), PAIRS)
            e := xor(e, t)
            g := xor(g, shl(64, t))
            t := and(xor(f, shr(64, h)), PAIRS)
            f := xor(f, t)
            h := xor(h, shl(64, t))
            // Values of rows next to each other.
            t := and(xor(a, shr(32, b)), VALUES)
            a := xor(a, t)
            b := xor(b, shl(32, t))
            t := and(xor(c, shr(32, d)), VALUES)
            c := xor(c, t)
            d := xor(d, shl(32, t))
            t := and(xor(e, shr(32, f)), VALUES)
            e := xor(e, t)
            f := xor(f, shl(32, t))
            t := and(xor(g, shr(32, h)), VALUES)
            g := xor(g, t)
            h := xor(h, shl(32, t))
            mstore(target, a)
            target := add(target, stride)
            mstore(target, b)
            target := add(target, stride)
            mstore(target, c)
            target := add(target, stride)
            mstore(target, d)
            target := add(target, stride)
            mstore(target, e)
            target := add(target, stride)
            mstore(target, f)
            target := add(target, stride)
            mstore(target, g)
            target := add(target, stride)
            mstore(target, h)
        }
    }

    /// @dev The first, third, … and the second, fourth, … values of a word.
    function _split(uint256 word) private pure returns (uint256 odd, uint256 even) {
        return ((word >> VALUE_BITS) & VALUES, word & VALUES);
    }

    /// @dev Bits of the first `count` values of a word; all for eight and more.
    function _maskOf(uint256 count) private pure returns (uint256 mask) {
        return count < BLOCK ? ~(type(uint256).max >> (count * VALUE_BITS)) : type(uint256).max;
    }
}
