// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A number of 32 bits for each interval, eight to a slot; zero to begin with.
struct Lanes {
    mapping(uint256 word => uint256 bits) words;
}

/// @title IntervalLanes
/// @notice Reads and writes {Lanes}.
library IntervalLanes {
    uint256 private constant WORD_SHIFT = 3;
    uint256 private constant LANE_MASK = 7;
    uint256 private constant BITS_SHIFT = 5;

    /// @notice Writes the number of an interval.
    /// @param self The numbers.
    /// @param interval Interval.
    /// @param bits What to write.
    function set(Lanes storage self, uint32 interval, uint32 bits) internal {
        uint256 shift = _shiftOf(interval);
        uint256 word = interval >> WORD_SHIFT;
        self.words[word] = (self.words[word] & ~(uint256(type(uint32).max) << shift)) | (uint256(bits) << shift);
    }

    /// @notice The number of an interval.
    /// @param self The numbers.
    /// @param interval Interval.
    /// @return bits The number.
    function get(Lanes storage self, uint32 interval) internal view returns (uint32 bits) {
        return uint32(self.words[interval >> WORD_SHIFT] >> _shiftOf(interval)); // the lane alone
    }

    function _shiftOf(uint32 interval) private pure returns (uint256 shift) {
        return (interval & LANE_MASK) << BITS_SHIFT;
    }
}
