// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Matrix, ReadingMatrix} from "../../../../contracts/energy/readings/ReadingMatrix.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {ValuesTwin} from "./ValuesTwin.sol";

/// @notice What the matrix makes of values in call data.
contract MatrixHarness {
    using ReadingMatrix for Matrix;

    struct Outcome {
        bool inRange;
        bytes32[] hashes;
        bytes32[] leaves;
        int256[] sums;
        bytes32[] rows;
    }

    /// @dev All meters have the same bounds, but for one.
    function pass(
        bytes calldata values,
        uint256 meterCount,
        int256[2] calldata bounds,
        uint256 odd,
        int256[2] calldata oddBounds,
        uint256 first
    ) external pure returns (Outcome memory outcome) {
        uint256 intervals = values.length / 4 / meterCount;
        Matrix memory matrix = ReadingMatrix.open(values, meterCount, intervals);
        outcome.inRange = true;
        outcome.hashes = new bytes32[](meterCount);
        outcome.leaves = new bytes32[](meterCount);
        outcome.sums = new int256[](intervals);
        for (uint256 i = 0; i < meterCount; i += 8) {
            uint256 lowest = 0;
            uint256 highest = 0;
            for (uint256 k = i; k < i + 8 && k < meterCount; ++k) {
                lowest = ReadingMatrix.append(lowest, k == odd ? oddBounds[0] : bounds[0]);
                highest = ReadingMatrix.append(highest, k == odd ? oddBounds[1] : bounds[1]);
            }
            if (!matrix.gather(i, lowest, highest)) outcome.inRange = false;
            for (uint256 k = i; k < i + 8 && k < meterCount; ++k) {
                (outcome.hashes[k], outcome.leaves[k]) = matrix.columnOf(k - i, uint32(first + k));
            }
        }
        for (uint256 i = 0; i < intervals; ++i) outcome.sums[i] = matrix.sumOf(i);
        outcome.rows = ReadingMatrix.rowLeaves(values, first, intervals);
    }

    function fits(
        bytes calldata values,
        uint256 meterCount,
        bytes calldata headValues,
        uint256 toleranceBp,
        uint256 toleranceWh
    ) external pure returns (bool within) {
        Matrix memory matrix = ReadingMatrix.open(values, meterCount, values.length / 4 / meterCount);
        for (uint256 i = 0; i < meterCount; i += 8) {
            uint256 lowest = 0;
            for (uint256 k = i; k < i + 8 && k < meterCount; ++k) {
                lowest = ReadingMatrix.append(lowest, int256(type(int32).min) + 1);
            }
            matrix.gather(i, lowest, type(uint256).max);
        }
        return matrix.fits(headValues, toleranceBp, toleranceWh);
    }

    function missingHash(uint256 intervals) external pure returns (bytes32 hash) {
        return ReadingMatrix.missingHash(intervals);
    }

    function valueAt(bytes calldata values, uint256 index) external pure returns (int32 wh) {
        return ReadingMatrix.valueAt(values, index);
    }

    function columnLeaf(uint32 meter, bytes calldata column) external pure returns (bytes32 leaf) {
        return ReadingMatrix.columnLeaf(meter, column);
    }
}

/// @dev gather
///   ├ number of meters or intervals not a multiple of eight: nothing of the next row or column is taken along
///   ├ value below or above its own meter's range, at any place: not in range; at the bounds and missing: in range
///   ├ columns, their hashes and leaves, sums, leaves of rows: as one value after the other gives them
///   └ missing values count as zero in sums
/// fits
///   ├ within tolerance, up and down, at the limit: true; one Wh beyond: false
///   ├ head without reading: false, although all are missing
///   ├ tolerance of nothing: equal only
///   ├ within so many Wh: true, however little the head has
///   └ any sums and tolerances: as the greater of the two tolerances has it
contract ReadingMatrixTest is CivitasTest {
    MatrixHarness private _harness;

    int32 private constant LEAST = type(int32).min + 1;
    int32 private constant GREATEST = type(int32).max;

    function setUp() public {
        _harness = new MatrixHarness();
    }

    /// forge-config: default.fuzz.runs = 24
    function testFuzz_EverythingIsAsValueByValue(uint256 meterCount, uint256 intervals, uint256 seed) external view {
        meterCount = bound(meterCount, 1, 40);
        intervals = bound(intervals, 1, 30);
        bytes memory values = _random(meterCount * intervals, seed, LEAST, GREATEST);
        _compare(values, meterCount, intervals);
    }

    function test_LargestMatrix() external view {
        bytes memory values = _random(256 * 9, 1, LEAST, GREATEST);
        _compare(values, 256, 9);
        values = _random(9 * 256, 2, LEAST, GREATEST);
        _compare(values, 9, 256);
    }

    function test_ExtremesAddUpWithoutTouchingTheirNeighbours() external view {
        bytes memory values = new bytes(4 * 256 * 3);
        for (uint256 i = 0; i < 256; ++i) {
            ValuesTwin.set(values, i, GREATEST);
            ValuesTwin.set(values, 256 + i, LEAST);
            ValuesTwin.set(values, 512 + i, ValuesTwin.MISSING);
        }
        MatrixHarness.Outcome memory outcome = _pass(values, 256);
        assertTrue(outcome.inRange, "in range");
        assertTrue(outcome.sums[0] == 256 * int256(GREATEST), "greatest");
        assertTrue(outcome.sums[1] == 256 * int256(LEAST), "least");
        assertTrue(outcome.sums[2] == 0, "missing");
    }

    /// @dev One value at a random place among extremes of the others; its own range is narrow.
    /// forge-config: default.fuzz.runs = 128
    function testFuzz_ARangeIsThatOfItsOwnMeter(
        uint256 seed,
        uint256 place,
        int32 wh,
        int32 low,
        int32 high
    ) external view {
        if (low == ValuesTwin.MISSING) low = LEAST;
        if (high == ValuesTwin.MISSING) high = LEAST;
        if (low > high) (low, high) = (high, low);
        uint256 meterCount = bound(seed >> 8, 1, 20);
        uint256 intervals = bound(seed >> 16, 1, 20);
        place = bound(place, 0, meterCount * intervals - 1);
        uint256 odd = place % meterCount;
        // Near the bounds half of the time.
        if (seed & 1 == 0) wh = (seed & 2 == 0 ? low : high) + (seed & 4 == 0 ? int32(0) : _nudge(seed, low, high));
        bytes memory values = new bytes(4 * meterCount * intervals);
        for (uint256 i = 0; i < meterCount * intervals; ++i) {
            int32 other = (uint256(keccak256(abi.encode(seed, i))) & 1 == 0) ? LEAST : GREATEST;
            ValuesTwin.set(values, i, i % meterCount == odd ? ValuesTwin.MISSING : other);
        }
        ValuesTwin.set(values, place, wh);
        bool expected = wh == ValuesTwin.MISSING || (wh >= low && wh <= high);
        MatrixHarness.Outcome memory outcome = _harness.pass(
            values,
            meterCount,
            [int256(LEAST), GREATEST],
            odd,
            [int256(low), high],
            0
        );
        assertTrue(outcome.inRange == expected, "in range");
    }

    function test_BoundsThemselvesAreInRange() external view {
        bytes memory values = new bytes(4);
        int32[6] memory whs = [int32(-501), -500, 0, 1_000, 1_001, ValuesTwin.MISSING];
        bool[6] memory expected = [false, true, true, true, false, true];
        for (uint256 i = 0; i < whs.length; ++i) {
            ValuesTwin.set(values, 0, whs[i]);
            bool inRange = _harness.pass(values, 1, [int256(-500), 1_000], 1, [int256(0), 0], 0).inRange;
            assertTrue(inRange == expected[i], "in range");
        }
    }

    function test_SumsFitWithinTolerance() external view {
        // 3 meters, sums 1,000 and -1,000.
        bytes memory values = new bytes(24);
        ValuesTwin.set(values, 0, 1_500);
        ValuesTwin.set(values, 1, -500);
        ValuesTwin.set(values, 2, ValuesTwin.MISSING);
        ValuesTwin.set(values, 3, -1_500);
        ValuesTwin.set(values, 4, ValuesTwin.MISSING);
        ValuesTwin.set(values, 5, 500);
        assertTrue(_fits(values, 1_000, -1_000, 0), "equal");
        assertFalse(_fits(values, 1_001, -1_000, 0), "first is not equal");
        assertFalse(_fits(values, 1_000, -999, 0), "second is not equal");
        // 5 % of 1,052 are 52.6; of 1,053, 52.65; of 953, 47.65; of 952, 47.6.
        assertTrue(_fits(values, 1_052, -953, 500), "within");
        assertFalse(_fits(values, 1_053, -953, 500), "too little");
        assertFalse(_fits(values, 1_052, -952, 500), "too much");
        assertTrue(_fits(values, 1_250, -1_250, 2_000), "at the limit");
        assertFalse(_fits(values, -1_000, 1_000, 10_000), "other direction");
        assertFalse(_fits(values, 0, 0, 10_000), "nothing at the head");
    }

    function test_SoManyWhFitWhateverTheHeadHas() external view {
        bytes memory values = new bytes(12);
        bytes memory headValues = new bytes(4);
        for (int32 sum = -8; sum <= 8; ++sum) {
            ValuesTwin.set(values, 1, sum);
            bool expected = sum >= -7 && sum <= 7;
            assertTrue(_harness.fits(values, 3, headValues, 500, 7) == expected, "nothing at the head");
        }
        // 5 % of 1,000 are 50.
        ValuesTwin.set(headValues, 0, 1_000);
        ValuesTwin.set(values, 1, 1_050);
        assertTrue(_harness.fits(values, 3, headValues, 500, 49), "by parts");
        ValuesTwin.set(values, 1, 1_051);
        assertFalse(_harness.fits(values, 3, headValues, 500, 50), "by neither");
        assertTrue(_harness.fits(values, 3, headValues, 500, 51), "by Wh");
    }

    function testFuzz_SumsFitWithinTheGreaterTolerance(
        uint256 seed,
        int32 off,
        uint256 toleranceBp,
        uint256 toleranceWh
    ) external view {
        bytes memory values = new bytes(12);
        int256 sum = 0;
        for (uint256 i = 0; i < 3; ++i) {
            int32 wh = int32(int16(uint16(seed >> (16 * i))));
            ValuesTwin.set(values, i, wh);
            sum += wh;
        }
        off %= 6_000;
        toleranceBp = bound(toleranceBp, 0, 1_000);
        toleranceWh = bound(toleranceWh, 0, 4_000);
        int256 head = sum + off;
        bytes memory headValues = new bytes(4);
        ValuesTwin.set(headValues, 0, int32(head));
        uint256 allowed = (uint256(head < 0 ? -head : head) * toleranceBp) / 10_000;
        if (allowed < toleranceWh) allowed = toleranceWh;
        bool expected = uint256(int256(off < 0 ? -off : off)) <= allowed;
        assertTrue(_harness.fits(values, 3, headValues, toleranceBp, toleranceWh) == expected, "within");
    }

    function test_HeadWithoutReadingFitsNothing() external view {
        bytes memory values = new bytes(8);
        ValuesTwin.set(values, 0, ValuesTwin.MISSING);
        ValuesTwin.set(values, 1, ValuesTwin.MISSING);
        bytes memory headValues = new bytes(4);
        assertTrue(_harness.fits(values, 2, headValues, 0, 0), "zero fits zero");
        ValuesTwin.set(headValues, 0, ValuesTwin.MISSING);
        assertFalse(_harness.fits(values, 2, headValues, 10_000, type(uint32).max), "missing");
    }

    function test_MissingHashIsThatOfAColumnWithoutValues() external view {
        for (uint256 count = 1; count <= 25; ++count) {
            bytes memory column = new bytes(4 * count);
            for (uint256 i = 0; i < count; ++i) ValuesTwin.set(column, i, ValuesTwin.MISSING);
            assertEq(_harness.missingHash(count), keccak256(column), "hash");
        }
    }

    function testFuzz_ValuesAreReadAsWritten(int32 wh, uint256 index) external view {
        bytes memory values = new bytes(40);
        index = bound(index, 0, 9);
        ValuesTwin.set(values, index, wh);
        assertTrue(_harness.valueAt(values, index) == wh, "value");
    }

    function testFuzz_LeafOfAColumn(uint32 meter, bytes calldata column) external view {
        assertEq(_harness.columnLeaf(meter, column), ValuesTwin.leaf(meter, column), "leaf");
    }

    function _compare(bytes memory values, uint256 meterCount, uint256 intervals) private view {
        uint256 first = 77 << 8;
        MatrixHarness.Outcome memory outcome = _pass(values, meterCount);
        assertTrue(outcome.inRange, "in range");
        bytes32[] memory leaves = ValuesTwin.columnLeaves(values, meterCount, first);
        for (uint256 i = 0; i < meterCount; ++i) {
            assertEq(outcome.hashes[i], keccak256(ValuesTwin.columnOf(values, meterCount, i)), "hash of column");
            assertEq(outcome.leaves[i], leaves[i], "leaf of column");
        }
        leaves = ValuesTwin.rowLeaves(values, meterCount, first);
        for (uint256 i = 0; i < intervals; ++i) {
            assertEq(outcome.rows[i], leaves[i], "leaf of row");
            int256 sum = 0;
            for (uint256 k = 0; k < meterCount; ++k) {
                int32 wh = ValuesTwin.get(values, i * meterCount + k);
                if (wh != ValuesTwin.MISSING) sum += wh;
            }
            assertTrue(outcome.sums[i] == sum, "sum of row");
        }
    }

    function _pass(
        bytes memory values,
        uint256 meterCount
    ) private view returns (MatrixHarness.Outcome memory outcome) {
        int256[2] memory bounds = [int256(LEAST), GREATEST];
        return _harness.pass(values, meterCount, bounds, meterCount, bounds, 77 << 8);
    }

    /// @dev Every eighth or so is missing, every eighth an extreme.
    function _random(
        uint256 count,
        uint256 seed,
        int32 least,
        int32 greatest
    ) private pure returns (bytes memory values) {
        values = new bytes(4 * count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            int32 wh = int32(uint32(random >> 8));
            if (random & 7 == 0) wh = ValuesTwin.MISSING;
            else if (random & 7 == 1) wh = random & 8 == 0 ? least : greatest;
            ValuesTwin.set(values, i, wh);
        }
    }

    /// @dev One down or up, where that is an int32.
    function _nudge(uint256 seed, int32 low, int32 high) private pure returns (int32 wh) {
        if (seed & 2 == 0) return low > LEAST ? -1 : int32(0);
        return high < GREATEST ? int32(1) : int32(0);
    }

    function _fits(bytes memory values, int32 first, int32 second, uint256 bps) private view returns (bool within) {
        bytes memory headValues = new bytes(8);
        ValuesTwin.set(headValues, 0, first);
        ValuesTwin.set(headValues, 1, second);
        return _harness.fits(values, 3, headValues, bps, 0);
    }
}
