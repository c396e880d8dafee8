// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEnergySharing, SharingKey, Terms} from "./IEnergySharing.sol";
import {SharingKeys} from "./SharingKeys.sol";

/// @title SharingTerms
/// @notice Checks and reads {Terms}.
library SharingTerms {
    /// @notice Most meters of a feeder.
    uint256 internal constant MAX_MEMBERS = 256;

    uint256 private constant MEMBER_BYTES = 3;

    /// @notice Reverts unless the terms can be worked with.
    /// @param terms Terms, see {Terms}.
    function check(Terms calldata terms) internal pure {
        if (terms.key == SharingKey.None) revert IEnergySharing.EnergySharingInvalidKey(terms.key);
        uint256 length = terms.members.length;
        uint256 limit = MAX_MEMBERS * MEMBER_BYTES;
        if (length % MEMBER_BYTES != 0 || length > limit) {
            revert IEnergySharing.EnergySharingBadMembers(length, limit);
        }
        uint256 seen = 0;
        uint256 parts = 0;
        for (uint256 i = 0; i < countOf(terms); ++i) {
            (uint8 position, uint256 part) = memberAt(terms, i);
            if ((seen >> position) & 1 == 1) revert IEnergySharing.EnergySharingDuplicateMember(position);
            seen |= 1 << position;
            parts += part;
        }
        uint256 whole = terms.key == SharingKey.Static ? SharingKeys.WHOLE : 0;
        if (parts > whole) revert IEnergySharing.EnergySharingTooManyParts(parts, whole);
    }

    /// @notice Number of members.
    /// @param terms Terms, see {Terms}.
    /// @return count The number.
    function countOf(Terms calldata terms) internal pure returns (uint256 count) {
        return terms.members.length / MEMBER_BYTES;
    }

    /// @notice A member by its place in the list.
    /// @param terms Terms, see {Terms}.
    /// @param i Place in the list, from 0.
    /// @return position The meter's on the feeder.
    /// @return part In 10,000ths.
    function memberAt(Terms calldata terms, uint256 i) internal pure returns (uint8 position, uint256 part) {
        bytes calldata entry = terms.members[i * MEMBER_BYTES:(i + 1) * MEMBER_BYTES];
        return (uint8(entry[0]), uint16(bytes2(entry[1:])));
    }
}
