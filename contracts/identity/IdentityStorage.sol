// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice All that is stored of an identity but its delegates and guardians, in one word: so that an act of the owner
/// reads and writes one slot. Zero: never changed. From the low bits: owner 160, changedIn 56, version 32.
type Identity is uint256;

/// @notice Latest recovery of an identity, in one word. Zero: never one. From the low bits: newOwner 160, maturesAt 40,
/// version 32, round 24.
type Recovery is uint256;

using IdentityWord for Identity global;
using RecoveryWord for Recovery global;

/// @title IdentityWord
/// @notice Fields of an {Identity}. Every narrowing cast cuts off exactly the fields above the one read.
library IdentityWord {
    uint256 private constant CHANGED_SHIFT = 160;
    uint256 private constant VERSION_SHIFT = 216;
    uint256 private constant CHANGED_MASK = uint256(type(uint56).max) << CHANGED_SHIFT;

    /// @dev Replaces the block of the latest change, which is below 2^56 for as long as blocks take time.
    function withChange(Identity self, uint256 blockNumber) internal pure returns (Identity) {
        return Identity.wrap((Identity.unwrap(self) & ~CHANGED_MASK) | (blockNumber << CHANGED_SHIFT));
    }

    /// @dev Replaces the owner and counts the change of hands; zero retires. Panics at the 2^32nd change, rather than
    /// bring back the guardians of the first owner.
    function withOwner(Identity self, address newOwner) internal pure returns (Identity) {
        return
            Identity.wrap(
                uint256(uint160(newOwner)) |
                    (Identity.unwrap(self) & CHANGED_MASK) |
                    (uint256(version(self) + 1) << VERSION_SHIFT)
            );
    }

    /// @dev Owner of `identity`, whose word this is: itself until it changes hands. Zero: retired.
    function ownerOf(Identity self, address identity) internal pure returns (address) {
        return version(self) == 0 ? identity : recordedOwner(self);
    }

    /// @dev Zero: never changed hands, or retired.
    function recordedOwner(Identity self) internal pure returns (address) {
        return address(uint160(Identity.unwrap(self)));
    }

    /// @dev Block of the latest change. Zero: none.
    function changedIn(Identity self) internal pure returns (uint56) {
        return uint56(Identity.unwrap(self) >> CHANGED_SHIFT);
    }

    /// @dev How often the identity changed hands.
    function version(Identity self) internal pure returns (uint32) {
        return uint32(Identity.unwrap(self) >> VERSION_SHIFT);
    }
}

/// @title RecoveryWord
/// @notice Fields of a {Recovery}. Every narrowing cast cuts off exactly the fields above the one read.
library RecoveryWord {
    uint256 private constant MATURES_SHIFT = 160;
    uint256 private constant VERSION_SHIFT = 200;
    uint256 private constant ROUND_SHIFT = 232;

    /// @dev A recovery under way.
    function encode(
        address newOwner_,
        uint40 maturesAt_,
        uint32 version_,
        uint24 round_
    ) internal pure returns (Recovery self) {
        return
            Recovery.wrap(
                uint256(uint160(newOwner_)) |
                    (uint256(maturesAt_) << MATURES_SHIFT) |
                    (uint256(version_) << VERSION_SHIFT) |
                    (uint256(round_) << ROUND_SHIFT)
            );
    }

    /// @dev What stays of the recovery once it is vetoed or finished: that the next has another number. Panics at the
    /// 2^24th recovery, rather than let an approval serve again.
    function ended(Recovery self) internal pure returns (Recovery) {
        return Recovery.wrap(uint256(round(self) + 1) << ROUND_SHIFT);
    }

    /// @dev Whether the recovery is under way, seen from an identity that changed hands `version_` times.
    function isPending(Recovery self, uint32 version_) internal pure returns (bool) {
        return newOwner(self) != address(0) && version(self) == version_;
    }

    /// @dev Number of the recovery under way, or of the next one. One that a change of hands made void is over too.
    function roundFor(Recovery self, uint32 version_) internal pure returns (uint24) {
        return newOwner(self) == address(0) || version(self) == version_ ? round(self) : round(self) + 1;
    }

    /// @dev Who will own the identity. Zero: the latest recovery was vetoed or finished.
    function newOwner(Recovery self) internal pure returns (address) {
        return address(uint160(Recovery.unwrap(self)));
    }

    /// @dev Unix time from which the recovery can be finished. Zero when there is none.
    function maturesAt(Recovery self) internal pure returns (uint40) {
        return uint40(Recovery.unwrap(self) >> MATURES_SHIFT);
    }

    /// @dev How often the identity had changed hands when the recovery started.
    function version(Recovery self) internal pure returns (uint32) {
        return uint32(Recovery.unwrap(self) >> VERSION_SHIFT);
    }

    /// @dev Number of the recovery.
    function round(Recovery self) internal pure returns (uint24) {
        return uint24(Recovery.unwrap(self) >> ROUND_SHIFT);
    }
}
