// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {Snapshot} from "./ICensus.sol";

/// @notice All states of a segment by time.
struct History {
    /// @dev All but the root, and where that is: from the low end leaves 32 bits, members 32, depth 8, number of the root 32.
    Checkpoints.Trace208 states;
    mapping(uint256 number => uint256 root) roots;
}

/// @title SegmentHistory
/// @notice Keeps each state of a segment with its time. Of several in one second the last one counts.
/// @dev Roots are apart, because a checkpoint that holds a whole word is two slots. Unpacking narrows after a shift, to the
/// field's width.
library SegmentHistory {
    using Checkpoints for Checkpoints.Trace208;

    uint256 private constant MEMBERS_SHIFT = 32;
    uint256 private constant DEPTH_SHIFT = 64;
    uint256 private constant NUMBER_SHIFT = 72;

    /// @notice Writes down the state from now on.
    /// @param self History of the segment.
    /// @param state Its state.
    function push(History storage self, Snapshot memory state) internal {
        // A clock of 48 bits lasts for millions of years.
        // solhint-disable-next-line not-rely-on-time
        uint48 time = uint48(block.timestamp);
        (bool exists, uint48 last, ) = self.states.latestCheckpoint();
        uint256 number = self.states.length();
        if (exists && last == time) --number;
        self.roots[number] = state.root;
        self.states.push(
            time,
            uint208(
                uint256(state.leaves) |
                    (uint256(state.members) << MEMBERS_SHIFT) |
                    (uint256(state.depth) << DEPTH_SHIFT) |
                    (number << NUMBER_SHIFT)
            )
        );
    }

    /// @notice The state now.
    /// @param self History of the segment.
    /// @return state Its state; all zero: nobody was ever in it.
    function latest(History storage self) internal view returns (Snapshot memory state) {
        return _unpack(self, self.states.latest());
    }

    /// @notice The state at the end of a second that is past.
    /// @param self History of the segment.
    /// @param time Unix time, below two to the power of 48.
    /// @return state Its state then; all zero: nobody was ever in it.
    function past(History storage self, uint256 time) internal view returns (Snapshot memory state) {
        return _unpack(self, self.states.upperLookupRecent(uint48(time)));
    }

    function _unpack(History storage self, uint256 packed) private view returns (Snapshot memory state) {
        if (packed == 0) return state;
        state.root = self.roots[packed >> NUMBER_SHIFT];
        state.leaves = uint32(packed);
        state.members = uint32(packed >> MEMBERS_SHIFT);
        state.depth = uint8(packed >> DEPTH_SHIFT);
    }
}
