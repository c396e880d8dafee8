// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title TickLanes
/// @notice Wh at 256 ticks in 64 words of memory, worked on four ticks at once.
/// @dev A word has four lanes of 56 bits, of which the lowest belongs to the lowest tick. No lane overflows, nor meets its
/// guard, the upper bit: a meter's orders stay below 2^20 Wh, see {AccountSlots}, and there are less than 2^24 meters, so every
/// sum stays below 2^45. Loops are in assembly, for they are what clearing a small market costs.
library TickLanes {
    /// @notice Number of words.
    uint256 internal constant WORDS = 64;

    uint256 private constant WORDS_BYTES = 2048;
    uint256 private constant LANE_BITS = 56;
    uint256 private constant LANE_MASK = (1 << LANE_BITS) - 1;
    uint256 private constant TOP_LANE = 168;
    uint256 private constant WORD_MASK = (1 << (4 * LANE_BITS)) - 1;
    /// @dev 1 in each lane.
    uint256 private constant ONES = 1 | (1 << LANE_BITS) | (1 << (2 * LANE_BITS)) | (1 << TOP_LANE);
    uint256 private constant GUARD_SHIFT = 55;
    uint256 private constant GUARDS = ONES << GUARD_SHIFT;

    /// @notice Sets all ticks to zero.
    /// @param words Words.
    function clear(uint256[64] memory words) internal pure {
        // What lies behind the end of the call data reads as zero. Exactly the words of the array are written.
        assembly ("memory-safe") {
            calldatacopy(words, calldatasize(), WORDS_BYTES)
        }
    }

    /// @notice What stands at a tick.
    /// @param words Words.
    /// @param tick 0 to 255.
    /// @return wh Wh.
    function valueAt(uint256[64] memory words, uint256 tick) internal pure returns (uint256 wh) {
        uint256 word;
        // One of the 64 words: the tick has 8 bits.
        assembly ("memory-safe") {
            word := mload(add(words, shl(5, shr(2, tick))))
        }
        return (word >> ((tick & 3) * LANE_BITS)) & LANE_MASK;
    }

    /// @notice The same number for four ticks.
    /// @param wh Wh, below 2^55.
    /// @return lanes A word.
    function spread(uint256 wh) internal pure returns (uint256 lanes) {
        return wh * ONES;
    }

    /// @notice Turns what stands at each tick into the sum of it and all lower ticks.
    /// @param words Words.
    function sumUp(uint256[64] memory words) internal pure {
        (uint256 ones, uint256 mask) = (ONES, WORD_MASK);
        // Reads and writes the words of the array only. The product with `ones` puts into each lane the sum of it and all lower
        // ones.
        assembly ("memory-safe") {
            let sum := 0
            for {
                let place := words
                let end := add(words, WORDS_BYTES)
            } lt(place, end) {
                place := add(place, 0x20)
            } {
                let sums := and(mul(add(mload(place), sum), ones), mask)
                mstore(place, sums)
                sum := shr(TOP_LANE, sums)
            }
        }
    }

    /// @notice Turns what stands at each tick into the sum of it and all higher ticks.
    /// @param words Words.
    function sumDown(uint256[64] memory words) internal pure {
        (uint256 ones, uint256 mask) = (ONES, WORD_MASK);
        // Reads and writes the words of the array only. The product with `ones` puts into each lane the sum of it and all lower
        // ones.
        assembly ("memory-safe") {
            let sum := 0
            for {
                let place := add(words, WORDS_BYTES)
            } gt(place, words) {} {
                place := sub(place, 0x20)
                let sums := and(mul(mload(place), ones), mask)
                sum := add(sum, shr(TOP_LANE, sums))
                // The lowest lane has everything from here on, each other one that less the lanes below it.
                mstore(place, sub(mul(sum, ones), and(shl(LANE_BITS, sums), mask)))
            }
        }
    }

    /// @notice Adds to each tick what is offered up to it less what is bid for from it on, plus `low`, but at least zero and
    /// at most `span`.
    /// @param sums What is added to.
    /// @param supply Offered at a tick and all lower ones.
    /// @param demand Bid for at a tick and all higher ones.
    /// @param low In each lane the most that may be bid for beyond what is offered.
    /// @param span In each lane that and the most that may be offered beyond what is bid for; zero: the limits are beyond
    /// all orders, so that there is nothing to cut.
    /// @param below Whether offers at the tick itself are left out.
    function addWithin(
        uint256[64] memory sums,
        uint256[64] memory supply,
        uint256[64] memory demand,
        uint256 low,
        uint256 span,
        bool below
    ) internal pure {
        (uint256 ones, uint256 mask, uint256 guards) = (ONES, WORD_MASK, GUARDS);
        // Reads and writes the words of the three arrays only. All lanes stay below the guard. A guard set in the first of two
        // numbers stays set exactly in the lanes whose difference is not negative. It is turned into a mask of the bits below.
        assembly ("memory-safe") {
            let before := 0
            for {
                let offset := 0
            } lt(offset, WORDS_BYTES) {
                offset := add(offset, 0x20)
            } {
                let lanes := mload(add(supply, offset))
                if below {
                    let last := shr(TOP_LANE, lanes)
                    lanes := or(and(shl(LANE_BITS, lanes), mask), before)
                    before := last
                }
                lanes := add(lanes, low)
                let bid := mload(add(demand, offset))
                switch span
                case 0 {
                    lanes := sub(lanes, bid)
                }
                default {
                    lanes := sub(or(lanes, guards), bid)
                    let kept := and(shr(GUARD_SHIFT, lanes), ones)
                    lanes := and(lanes, sub(shl(GUARD_SHIFT, kept), kept))
                    lanes := sub(or(span, guards), lanes)
                    kept := and(shr(GUARD_SHIFT, lanes), ones)
                    lanes := sub(span, and(lanes, sub(shl(GUARD_SHIFT, kept), kept)))
                }
                let place := add(sums, offset)
                mstore(place, add(mload(place), lanes))
            }
        }
    }
}
