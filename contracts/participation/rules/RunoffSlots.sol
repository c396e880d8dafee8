// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CountLanes} from "./CountLanes.sol";
import {Runoff} from "./InstantRunoff.sol";

/// @notice A {Runoff} in storage.
struct RunoffRecord {
    /// @dev A bit for each option that stands.
    uint32 standing;
    /// @dev All ballots.
    uint32 ballots;
    /// @dev Ballots that the round has to be given.
    uint32 due;
    /// @dev Those that it was given.
    uint32 counted;
    /// @dev Ballots without an option that stands.
    uint32 exhausted;
    /// @dev Number of the round, from 1; zero: the count has not begun.
    uint8 round;
    /// @dev Option whose ballots are moved; NO_OPTION of Rankings: all are counted.
    uint8 moving;
    /// @dev Number of options.
    uint8 options;
    /// @dev Whether the order is whole.
    bool decided;
    /// @dev Whether the tie rule chose between the last two options.
    bool firstTied;
    // second slot
    /// @dev The last ranking that was given.
    uint256 cursor;
    // third slot
    /// @dev The result as far as it is known.
    uint256 order;
    // fourth slot and up to three more
    /// @dev Ballots of each option, see CountLanes; only words that the options need are used.
    uint256[4] lanes;
}

/// @title RunoffSlots
/// @notice Keeps {Runoff} in storage between calls: four slots for up to eight options, one more for each further eight.
library RunoffSlots {
    /// @notice Writes a count.
    /// @param self Where.
    /// @param runoff The count.
    function store(RunoffRecord storage self, Runoff memory runoff) internal {
        // Options are at most 32, ballots below 2^32, rounds at most as many as options, NO_OPTION is 255.
        self.standing = uint32(runoff.standing);
        self.ballots = uint32(runoff.ballots);
        self.due = uint32(runoff.due);
        self.counted = uint32(runoff.counted);
        self.exhausted = uint32(runoff.exhausted);
        self.round = uint8(runoff.round);
        self.moving = uint8(runoff.moving);
        self.options = uint8(runoff.options);
        self.decided = runoff.decided;
        self.firstTied = runoff.firstTied;
        self.cursor = runoff.cursor;
        self.order = runoff.order;
        uint256[] memory lanes = CountLanes.pack(runoff.tallies);
        for (uint256 i = 0; i < lanes.length; ++i) self.lanes[i] = lanes[i];
    }

    /// @notice Reads a count.
    /// @param self Where.
    /// @return runoff The count.
    function load(RunoffRecord storage self) internal view returns (Runoff memory runoff) {
        runoff.standing = self.standing;
        runoff.ballots = self.ballots;
        runoff.due = self.due;
        runoff.counted = self.counted;
        runoff.exhausted = self.exhausted;
        runoff.round = self.round;
        runoff.moving = self.moving;
        runoff.options = self.options;
        runoff.decided = self.decided;
        runoff.firstTied = self.firstTied;
        runoff.cursor = self.cursor;
        runoff.order = self.order;
        uint256[] memory lanes = new uint256[](CountLanes.wordsFor(runoff.options));
        for (uint256 i = 0; i < lanes.length; ++i) lanes[i] = self.lanes[i];
        runoff.tallies = new uint256[](runoff.options);
        for (uint256 i = 0; i < runoff.options; ++i) runoff.tallies[i] = CountLanes.countAt(lanes, i);
    }
}
