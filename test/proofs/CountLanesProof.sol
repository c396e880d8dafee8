// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CountLanes} from "../../contracts/participation/rules/CountLanes.sol";

/// @title CountLanesProof
/// @notice What the solver proves of {CountLanes}.
contract CountLanesProof {
    /// @notice Words have room for all counts, and none is left empty.
    function wordsHoldCounts(uint64 counts) external pure {
        uint256 words = CountLanes.wordsFor(counts);
        assert(words * 8 >= counts);
        assert(words * 8 < uint256(counts) + 8);
    }

    /// @notice A count that is read has 32 bits, whatever stands beside it.
    function countHasItsWidth(uint256[] memory lanes, uint256 lane) external pure {
        require(lane / 8 < lanes.length);
        assert(CountLanes.countAt(lanes, lane) < 2 ** 32);
    }
}
