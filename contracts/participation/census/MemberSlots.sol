// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Member} from "./ICensus.sol";

/// @title MemberSlots
/// @notice Packs members, four to a storage slot, so that people whose credentials have numbers near each other share one.
/// @dev A lane of 64 bits, from the low end: index 32, segment 10, present 1, times 21. There are at most 1,000 segments; who
/// adds counts `times` up and must stop at {MAX_TIMES}. Unpacking narrows after a mask of the field's width.
library MemberSlots {
    uint256 private constant LANE_MASK = type(uint64).max;
    uint256 private constant SEGMENT_SHIFT = 32;
    uint256 private constant SEGMENT_MASK = (1 << 10) - 1;
    uint256 private constant PRESENT_SHIFT = 42;
    uint256 private constant TIMES_SHIFT = 43;

    /// @notice Most times that a member can be added.
    uint32 internal constant MAX_TIMES = (1 << 21) - 1;

    /// @notice A member.
    /// @param slots All members.
    /// @param tag Who it is.
    /// @return member Its place.
    function get(
        mapping(uint256 group => uint256 lanes) storage slots,
        uint256 tag
    ) internal view returns (Member memory member) {
        uint256 lane = (slots[tag >> 2] >> _shiftOf(tag)) & LANE_MASK;
        member.index = uint32(lane);
        member.segment = uint16((lane >> SEGMENT_SHIFT) & SEGMENT_MASK);
        member.present = (lane >> PRESENT_SHIFT) & 1 == 1;
        member.times = uint32(lane >> TIMES_SHIFT);
    }

    /// @notice Stores a member.
    /// @param slots All members.
    /// @param tag Who it is.
    /// @param member Its place.
    function set(mapping(uint256 group => uint256 lanes) storage slots, uint256 tag, Member memory member) internal {
        uint256 lane =
            uint256(member.index) |
                (uint256(member.segment) << SEGMENT_SHIFT) |
                (member.present ? 1 << PRESENT_SHIFT : 0) |
                (uint256(member.times) << TIMES_SHIFT);
        uint256 shift = _shiftOf(tag);
        slots[tag >> 2] = (slots[tag >> 2] & ~(LANE_MASK << shift)) | (lane << shift);
    }

    /// @dev Where the lane of a tag begins: 0, 64, 128 or 192.
    function _shiftOf(uint256 tag) private pure returns (uint256 shift) {
        return (tag & 3) << 6;
    }
}
