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
        return faults & CARRIES == 0;
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
        // Each of the four sums is below 2^40. Places without a meter count as missing.
        for (; sums != 0; sums >>= 2 * VALUE_BITS) total += sums & ((1 << (2 * VALUE_BITS)) - 1);
        uint256 places = ((matrix.meterCount + BLOCK - 1) / BLOCK) * BLOCK;
        return int256(total) - int256(places * BIAS);
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

    /// @notice A single value.
    /// @param values Values, 4 bytes each.
    /// @param index Its number.
    function valueAt(bytes calldata values, uint256 index) internal pure returns (int32 wh) {
        return int32(uint32(bytes4(values[index * VALUE_BYTES:(index + 1) * VALUE_BYTES])));
    }

    /// @dev Takes up to eight words, each from a row of its own, adds them to the sums of the rows, and keeps them in `rows`.
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
        // Offsets as in {gather}.
        unchecked {
            for (uint256 i = 0; i < count; ++i) {
                uint256 word = _take(source, rows, i);
                source += matrix.meterCount * VALUE_BYTES;
                (uint256 faultsOfWord, uint256 sums) = _measure(limits, word);
                faults |= faultsOfWord;
                _add(matrix.sums, row + i, sums);
            }
        }
    }

    /// @dev Measures eight values. In each second value, a carry put above it pays for what is taken from it, so nothing is
    /// borrowed from its neighbour, and the carry is left exactly if it is not less than what was taken.
    /// @return faults Has the CARRIES of values that are neither in range nor missing.
    /// @return sums Biased values, of which missing ones count as zero, each two together.
    function _measure(Limits memory limits, uint256 word) private pure returns (uint256 faults, uint256 sums) {
        (uint256 odd, uint256 even) = _split((word ^ SIGNS) & limits.mask);
        // As above.
        unchecked {
            uint256 oddMissing = (CARRIES - odd) & CARRIES;
            uint256 evenMissing = (CARRIES - even) & CARRIES;
            faults =
                ~((((odd | CARRIES) - limits.lowestOdd) & (limits.highestOdd - odd)) | oddMissing) |
                ~((((even | CARRIES) - limits.lowestEven) & (limits.highestEven - even)) | evenMissing);
            // Zero is BIAS, which is the carry, one bit lower.
            sums = odd + even + ((oddMissing + evenMissing) >> 1);
        }
    }

    /// @dev Turns a block: the n-th word of the rows goes, value by value, to the n-th values of the columns. Swaps halves
    /// of rows four apart, then quarters of rows two apart, then values of rows next to each other.
    function _transpose(uint256[ROWS] memory rows, uint256 target, uint256 stride) private pure {
        uint256 a = rows[0];
        uint256 b = rows[1];
        uint256 c = rows[2];
        uint256 d = rows[3];
        uint256 e = rows[4];
        uint256 f = rows[5];
        uint256 g = rows[6];
        uint256 h = rows[7];
        (a, e) = _swap(a, e, 128, HALF);
        (b, f) = _swap(b, f, 128, HALF);
        (c, g) = _swap(c, g, 128, HALF);
        (d, h) = _swap(d, h, 128, HALF);
        (a, c) = _swap(a, c, 64, PAIRS);
        (b, d) = _swap(b, d, 64, PAIRS);
        (e, g) = _swap(e, g, 64, PAIRS);
        (f, h) = _swap(f, h, 64, PAIRS);
        (a, b) = _swap(a, b, 32, VALUES);
        (c, d) = _swap(c, d, 32, VALUES);
        (e, f) = _swap(e, f, 32, VALUES);
        (g, h) = _swap(g, h, 32, VALUES);
        // Within the eight columns, see {open}.
        assembly ("memory-safe") {
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

    /// @dev Reads a word of values and keeps it as a row of the block.
    function _take(uint256 source, uint256[ROWS] memory rows, uint256 i) private pure returns (uint256 word) {
        // `i` is below ROWS. Beyond the end of call data there are zeros.
        assembly ("memory-safe") {
            word := calldataload(source)
            mstore(add(rows, shl(5, i)), word)
        }
    }

    /// @dev Adds to the sums of a row, each of which stays below 2^40: 64 biased values with their carries.
    function _add(uint256[] memory sums, uint256 row, uint256 biased) private pure {
        // `row` is below their number.
        assembly ("memory-safe") {
            let sum := add(add(sums, 0x20), shl(5, row))
            mstore(sum, add(mload(sum), biased))
        }
    }

    /// @dev Swaps the lower parts of `upper` with the upper parts of `lower`; `mask` has the lower parts.
    function _swap(
        uint256 upper,
        uint256 lower,
        uint256 shift,
        uint256 mask
    ) private pure returns (uint256 swappedUpper, uint256 swappedLower) {
        uint256 difference = (upper ^ (lower >> shift)) & mask;
        return (upper ^ difference, lower ^ (difference << shift));
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
