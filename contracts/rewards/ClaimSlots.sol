// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Claim, ClaimStatus} from "./IEcoRewards.sol";

/// @notice A {Claim} in one slot: amount 56 | unlockAt 40 | status 8 | detail 144, from the lowest bit up. A person's day of
/// deposits is kept in the same form, with neither time nor status.
type ClaimSlot is uint256;

using ClaimSlots for ClaimSlot global;

/// @title ClaimSlots
/// @notice Reads and changes a {ClaimSlot}.
library ClaimSlots {
    uint256 private constant UNLOCK_SHIFT = 56;
    uint256 private constant STATUS_SHIFT = 96;
    uint256 private constant STATUS_MASK = 0xff << STATUS_SHIFT;
    uint256 private constant DETAIL_SHIFT = 104;

    /// @notice What it is worth.
    /// @param slot The slot.
    /// @return millionths Millionths.
    function amount(ClaimSlot slot) internal pure returns (uint56 millionths) {
        return uint56(ClaimSlot.unwrap(slot)); // the lower 56 bits
    }

    /// @notice When it can be released.
    /// @param slot The slot.
    /// @return timestamp Unix time.
    function unlockAt(ClaimSlot slot) internal pure returns (uint40 timestamp) {
        return uint40(ClaimSlot.unwrap(slot) >> UNLOCK_SHIFT); // 40 bits of it
    }

    /// @notice What came of it.
    /// @param slot The slot.
    /// @return which The status.
    function status(ClaimSlot slot) internal pure returns (ClaimStatus which) {
        return ClaimStatus(uint8(ClaimSlot.unwrap(slot) >> STATUS_SHIFT)); // 8 bits of it
    }

    /// @notice Spans, or grams.
    /// @param slot The slot.
    /// @return bits See {Claim-detail}.
    function detail(ClaimSlot slot) internal pure returns (uint256 bits) {
        return ClaimSlot.unwrap(slot) >> DETAIL_SHIFT;
    }

    /// @notice The slot with more in it.
    /// @param slot The slot.
    /// @param millionths What comes to its amount, which stays below 2^56.
    /// @param bits What comes to its detail, which stays below 2^144.
    /// @return changed The slot.
    function plus(ClaimSlot slot, uint256 millionths, uint256 bits) internal pure returns (ClaimSlot changed) {
        // Both sums stay in their bits.
        unchecked {
            return ClaimSlot.wrap(ClaimSlot.unwrap(slot) + millionths + (bits << DETAIL_SHIFT));
        }
    }

    /// @notice The slot as a pending claim that is locked at least until a time.
    /// @param slot The slot.
    /// @param timestamp Unix time, below 2^40.
    /// @return changed The slot.
    function lockedUntil(ClaimSlot slot, uint256 timestamp) internal pure returns (ClaimSlot changed) {
        uint256 word = ClaimSlot.unwrap(slot);
        uint256 until = unlockAt(slot);
        // The first is above the second, and the sum is the first.
        unchecked {
            if (timestamp > until) word += (timestamp - until) << UNLOCK_SHIFT;
        }
        return withStatus(ClaimSlot.wrap(word), ClaimStatus.Pending);
    }

    /// @notice The slot with another status.
    /// @param slot The slot.
    /// @param which The status.
    /// @return changed The slot.
    function withStatus(ClaimSlot slot, ClaimStatus which) internal pure returns (ClaimSlot changed) {
        return ClaimSlot.wrap((ClaimSlot.unwrap(slot) & ~STATUS_MASK) | (uint256(which) << STATUS_SHIFT));
    }

    /// @notice The claim in a slot.
    /// @param slot The slot.
    /// @return claim The claim.
    function unpack(ClaimSlot slot) internal pure returns (Claim memory claim) {
        // The detail is what is above 104 bits of 256, less 8 bits that are never used.
        return
            Claim({
                amount: amount(slot),
                unlockAt: unlockAt(slot),
                status: status(slot),
                detail: uint144(detail(slot))
            });
    }
}
