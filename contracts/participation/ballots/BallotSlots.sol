// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BallotKind, BallotTerms, Rule, Secrecy} from "./IBallotBox.sol";

/// @notice What a vote needs to know of its segment, in one slot. From the low end: root of a named roll's tree, its upper 168
/// bits, or of an anonymous one the number of members; first second 32 bits, first second no longer 32, kind 3, secrecy 2,
/// whether the roll is named 1, whether votes can be replaced 1, whether rankings go to a histogram 1, number of options 6, lower
/// 8 bits of the limit, whether the last option is blank 1. Zero: the segment does not vote, or its census is not frozen.
type PollSlot is uint256;

/// @notice What every vote changes in its segment, in one slot. From the low end: three lanes of 32 bits, upper 160 bits of the
/// running hash. Of a public ballot of kind Single with receipts the lanes are those of options 0 to 2. Of any other, lane 0 counts papers,
/// lane 1 sealed entries, replaced ones included, and lane 2 how far they were opened, or how many committed papers were revealed.
type HeadSlot is uint256;

/// @notice 64 accounts that vote once, in one slot, so that a vote changes a single one. From the low end: a bit for each that has
/// voted, a lane of 8 bits for each of four options, upper 160 bits of the running hash of their votes. For public ballots of named
/// rolls, of kind Single, with at most four options, in which nobody votes again.
type GroupSlot is uint256;

using GroupSlots for GroupSlot global;
using PollSlots for PollSlot global;
using HeadSlots for HeadSlot global;

/// @title PollSlots
/// @notice Packs and reads a {PollSlot}.
/// @dev By hand, because the compiler reads packed structs field by field. Members come in their own width, so no shift spills
/// into a neighbour.
library PollSlots {
    uint256 private constant ROOT_BITS = 168;
    uint256 private constant ROOT_SHIFT = 88; // 256 - 168
    uint256 private constant ROOT_MASK = (1 << ROOT_BITS) - 1;
    uint256 private constant OPENS_SHIFT = 168;
    uint256 private constant CLOSES_SHIFT = 200;
    uint256 private constant SHAPE_SHIFT = 232;
    /// @dev Members of the shape, from its low end. Together 24 bits.
    uint256 private constant SECRECY_SHIFT = 3;
    uint256 private constant NAMED = 1 << 5;
    uint256 private constant REVOTES = 1 << 6;
    uint256 private constant HISTOGRAM = 1 << 7;
    uint256 private constant OPTIONS_SHIFT = 8;
    uint256 private constant LIMIT_SHIFT = 14;
    uint256 private constant BLANK_LAST = 1 << 22;
    uint256 private constant KIND_MASK = 0x7;
    uint256 private constant SECRECY_MASK = 0x3;
    uint256 private constant OPTIONS_MASK = 0x3f;
    uint256 private constant LIMIT_MASK = 0xff;
    /// @dev Secrecy, whether named and whether replaced: what decides which way votes come in.
    uint256 private constant WAY_MASK = (SECRECY_MASK << SECRECY_SHIFT) | NAMED | REVOTES;

    /// @notice Packs what is the same for all segments of a ballot.
    /// @param terms Its terms, checked: times fit 32 bits, options 6.
    /// @param named Whether the roll is.
    /// @return slot Without root and members.
    function create(BallotTerms calldata terms, bool named) internal pure returns (PollSlot slot) {
        uint256 shape =
            uint256(terms.kind) |
                (uint256(terms.secrecy) << SECRECY_SHIFT) |
                (named ? NAMED : 0) |
                (terms.revotes ? REVOTES : 0) |
                (terms.rule == Rule.InstantRunoff ? HISTOGRAM : 0) |
                (uint256(terms.options) << OPTIONS_SHIFT) |
                ((terms.limit & LIMIT_MASK) << LIMIT_SHIFT) |
                (terms.blankLast ? BLANK_LAST : 0);
        return
            PollSlot.wrap(
                (shape << SHAPE_SHIFT) |
                    (uint256(terms.closesAt) << CLOSES_SHIFT) |
                    (uint256(terms.opensAt) << OPENS_SHIFT)
            );
    }

    /// @notice The slot with the root of a named roll's tree.
    /// @param slot Without root.
    /// @param root The root.
    /// @return frozen The slot.
    function withRoot(PollSlot slot, uint256 root) internal pure returns (PollSlot frozen) {
        return PollSlot.wrap(PollSlot.unwrap(slot) | (root >> ROOT_SHIFT));
    }

    /// @notice The slot with the number of members of an anonymous roll.
    /// @param slot Without it.
    /// @param members How many.
    /// @return frozen The slot.
    function withMembers(PollSlot slot, uint32 members) internal pure returns (PollSlot frozen) {
        return PollSlot.wrap(PollSlot.unwrap(slot) | members);
    }

    /// @notice Whether a root is that of the census, as far as it is kept.
    /// @dev 168 bits are more than an address has. To find a tree that has the root of a given census is a search for a second
    /// preimage. Who prepares two trees with one root has a collision of 2^84 hashes to find, and must be a registrar to put one of
    /// them on the roll; everybody in the other one could vote too.
    /// @param slot Of a named roll.
    /// @param root The root.
    /// @return same True if so.
    function hasRoot(PollSlot slot, bytes32 root) internal pure returns (bool same) {
        return uint256(root) >> ROOT_SHIFT == PollSlot.unwrap(slot) & ROOT_MASK;
    }

    /// @notice Lower 168 bits: the kept part of a named roll's root, or an anonymous roll's members.
    /// @param slot The slot.
    /// @return kept They.
    function rootPart(PollSlot slot) internal pure returns (uint168 kept) {
        return uint168(PollSlot.unwrap(slot)); // the lower 168 bits
    }

    /// @notice Whether votes count now.
    /// @param slot The slot.
    /// @return open True from the first second on and before the last.
    function isOpen(PollSlot slot) internal view returns (bool open) {
        uint256 word = PollSlot.unwrap(slot);
        // solhint-disable-next-line not-rely-on-time
        return block.timestamp >= uint32(word >> OPENS_SHIFT) && block.timestamp < uint32(word >> CLOSES_SHIFT);
    }

    /// @notice First second at which votes count.
    /// @param slot The slot.
    /// @return time Unix time.
    function opensAt(PollSlot slot) internal pure returns (uint32 time) {
        return uint32(PollSlot.unwrap(slot) >> OPENS_SHIFT); // 32 bits of it
    }

    /// @notice First second at which they no longer do.
    /// @param slot The slot.
    /// @return time Unix time.
    function closesAt(PollSlot slot) internal pure returns (uint32 time) {
        return uint32(PollSlot.unwrap(slot) >> CLOSES_SHIFT); // 32 bits of it
    }

    /// @notice Whether votes come in a given way.
    /// @param slot The slot.
    /// @param wanted Secrecy.
    /// @param named Whether of a named roll.
    /// @return so True if they do.
    function goes(PollSlot slot, Secrecy wanted, bool named) internal pure returns (bool so) {
        uint256 way = (uint256(wanted) << SECRECY_SHIFT) | (named ? NAMED : 0);
        return (PollSlot.unwrap(slot) >> SHAPE_SHIFT) & (WAY_MASK & ~REVOTES) == way;
    }

    /// @notice Whether a vote is public, of a named roll, and cannot be replaced.
    /// @param slot The slot.
    /// @return plain True if so.
    function isPlain(PollSlot slot) internal pure returns (bool plain) {
        return (PollSlot.unwrap(slot) >> SHAPE_SHIFT) & WAY_MASK == NAMED;
    }

    /// @notice Whether votes can be replaced.
    /// @param slot The slot.
    /// @return can True if so.
    function revotes(PollSlot slot) internal pure returns (bool can) {
        return (PollSlot.unwrap(slot) >> SHAPE_SHIFT) & REVOTES != 0;
    }

    /// @notice Whether the roll is named.
    /// @param slot The slot.
    /// @return named True if so.
    function isNamed(PollSlot slot) internal pure returns (bool named) {
        return (PollSlot.unwrap(slot) >> SHAPE_SHIFT) & NAMED != 0;
    }

    /// @notice Whether rankings are counted by how often each was cast, and not in pairs.
    /// @param slot The slot.
    /// @return so True if so.
    function isHistogram(PollSlot slot) internal pure returns (bool so) {
        return (PollSlot.unwrap(slot) >> SHAPE_SHIFT) & HISTOGRAM != 0;
    }

    /// @notice What papers say.
    /// @param slot The slot.
    /// @return kind_ Kind.
    function kind(PollSlot slot) internal pure returns (BallotKind kind_) {
        return BallotKind((PollSlot.unwrap(slot) >> SHAPE_SHIFT) & KIND_MASK);
    }

    /// @notice Until when nobody sees what they say.
    /// @param slot The slot.
    /// @return secrecy_ Secrecy.
    function secrecy(PollSlot slot) internal pure returns (Secrecy secrecy_) {
        return Secrecy((PollSlot.unwrap(slot) >> (SHAPE_SHIFT + SECRECY_SHIFT)) & SECRECY_MASK);
    }

    /// @notice How many options there are.
    /// @param slot The slot.
    /// @return count To 32.
    function options(PollSlot slot) internal pure returns (uint256 count) {
        return (PollSlot.unwrap(slot) >> (SHAPE_SHIFT + OPTIONS_SHIFT)) & OPTIONS_MASK;
    }

    /// @notice The limit, of kinds for which 8 bits hold it.
    /// @param slot The slot.
    /// @return most To 255.
    function limit(PollSlot slot) internal pure returns (uint256 most) {
        return (PollSlot.unwrap(slot) >> (SHAPE_SHIFT + LIMIT_SHIFT)) & LIMIT_MASK;
    }

    /// @notice Whether the last option is blank.
    /// @param slot The slot.
    /// @return so True if so.
    function isBlankLast(PollSlot slot) internal pure returns (bool so) {
        return (PollSlot.unwrap(slot) >> SHAPE_SHIFT) & BLANK_LAST != 0;
    }

    /// @notice Whether the options' own lanes are in the {HeadSlot}.
    /// @param slot The slot.
    /// @return so True of public ballots of kind Single with receipts.
    function countsInHead(PollSlot slot) internal pure returns (bool so) {
        uint256 shape = PollSlot.unwrap(slot) >> SHAPE_SHIFT;
        uint256 mask = (SECRECY_MASK << SECRECY_SHIFT) | KIND_MASK;
        return shape & mask == uint256(BallotKind.Single) && shape & (NAMED | REVOTES) != NAMED;
    }

    /// @notice Whether votes are in a {GroupSlot}.
    /// @param slot The slot.
    /// @return so True if so.
    function isGrouped(PollSlot slot) internal pure returns (bool so) {
        uint256 shape = PollSlot.unwrap(slot) >> SHAPE_SHIFT;
        // What is left of the shape begins with the number of options.
        return
            shape & (WAY_MASK | KIND_MASK) == NAMED | uint256(BallotKind.Single) &&
            (shape >> OPTIONS_SHIFT) & OPTIONS_MASK <= GroupSlots.OPTIONS;
    }
}

/// @title HeadSlots
/// @notice Changes and reads a {HeadSlot}.
library HeadSlots {
    /// @notice Lanes of options in a head.
    uint256 internal constant LANES = 3;

    uint256 private constant LANE_BITS_SHIFT = 5;
    uint256 private constant LANES_MASK = (1 << 96) - 1;
    uint256 private constant CHAIN_SHIFT = 96;

    /// @notice Adds to a lane. The census bounds every lane below 2^32, see {BallotTerms}.
    /// @param head The slot.
    /// @param lane 0 to 2.
    /// @param count How many.
    /// @return changed The slot.
    function plus(HeadSlot head, uint256 lane, uint256 count) internal pure returns (HeadSlot changed) {
        return HeadSlot.wrap(HeadSlot.unwrap(head) + (count << (lane << LANE_BITS_SHIFT)));
    }

    /// @notice Takes from a lane what was added to it.
    /// @param head The slot.
    /// @param lane 0 to 2.
    /// @param count How many.
    /// @return changed The slot.
    function minus(HeadSlot head, uint256 lane, uint256 count) internal pure returns (HeadSlot changed) {
        return HeadSlot.wrap(HeadSlot.unwrap(head) - (count << (lane << LANE_BITS_SHIFT)));
    }

    /// @notice A lane.
    /// @param head The slot.
    /// @param lane 0 to 2.
    /// @return count What is in it.
    function laneOf(HeadSlot head, uint256 lane) internal pure returns (uint32 count) {
        return uint32(HeadSlot.unwrap(head) >> (lane << LANE_BITS_SHIFT)); // 32 bits of it
    }

    /// @notice All lanes.
    /// @param head The slot.
    /// @return ones A word of eight lanes of 32 bits, of which the first three are the head's.
    function lanes(HeadSlot head) internal pure returns (uint256 ones) {
        return HeadSlot.unwrap(head) & LANES_MASK;
    }

    /// @notice Links a vote into the running hash: the upper 160 bits of keccak256 of the hash so far and the vote.
    /// @dev 160 bits are as much as an address has. To put other votes in the place of those cast is a search for a second preimage.
    /// A voter can look for two votes of its own with one hash, 2^80 hashes, and gains a second name for its own vote.
    /// @param head The slot.
    /// @param link Hash of the vote.
    /// @return changed The slot.
    function linked(HeadSlot head, bytes32 link) internal pure returns (HeadSlot changed) {
        return HeadSlot.wrap(linkedWord(HeadSlot.unwrap(head), link));
    }

    /// @notice The same for a word whose upper 160 bits are such a hash.
    /// @param word The word.
    /// @param link Hash of the vote.
    /// @return changed The word.
    function linkedWord(uint256 word, bytes32 link) internal pure returns (uint256 changed) {
        uint256 hash;
        // Two words of scratch space.
        assembly ("memory-safe") {
            mstore(0x00, shr(CHAIN_SHIFT, word))
            mstore(0x20, link)
            hash := keccak256(0x00, 0x40)
        }
        return (hash & ~LANES_MASK) | (word & LANES_MASK);
    }

    /// @notice The running hash.
    /// @param head The slot.
    /// @return hash Zero: no vote.
    function chain(HeadSlot head) internal pure returns (uint160 hash) {
        return uint160(HeadSlot.unwrap(head) >> CHAIN_SHIFT); // the upper 160 bits
    }
}

/// @title GroupSlots
/// @notice Changes and reads a {GroupSlot}.
library GroupSlots {
    /// @notice Most options.
    uint256 internal constant OPTIONS = 4;
    /// @notice Accounts in a group, as a power of two.
    uint256 internal constant SIZE_SHIFT = 6;

    uint256 private constant PLACE_MASK = 63;
    uint256 private constant LANES_SHIFT = 64;
    uint256 private constant LANE_BITS_SHIFT = 3;
    uint256 private constant CHAIN_SHIFT = 96;

    /// @notice Group of an account.
    /// @param index Place on the roll.
    /// @return group Number of the group.
    function numberOf(uint32 index) internal pure returns (uint256 group) {
        return index >> SIZE_SHIFT;
    }

    /// @notice Whether an account has voted.
    /// @param group Its group.
    /// @param index Place on the roll.
    /// @return voted True if so.
    function hasVoted(GroupSlot group, uint32 index) internal pure returns (bool voted) {
        return (GroupSlot.unwrap(group) >> (index & PLACE_MASK)) & 1 != 0;
    }

    /// @notice Puts the vote of an account in that has not voted.
    /// @dev No lane overflows, for 64 accounts vote once each.
    /// @param group Its group.
    /// @param index Place on the roll.
    /// @param option Option, 0 to 3.
    /// @param link Hash of the vote.
    /// @return changed The group.
    function plus(
        GroupSlot group,
        uint32 index,
        uint256 option,
        bytes32 link
    ) internal pure returns (GroupSlot changed) {
        // Lanes are beside each other, and below the hash.
        unchecked {
            uint256 word = GroupSlot.unwrap(group) | (1 << (index & PLACE_MASK));
            word += 1 << (LANES_SHIFT + (option << LANE_BITS_SHIFT));
            return GroupSlot.wrap(HeadSlots.linkedWord(word, link));
        }
    }

    /// @notice Votes for an option.
    /// @param group The group.
    /// @param option Option, 0 to 3.
    /// @return votes To 64.
    function votesOf(GroupSlot group, uint256 option) internal pure returns (uint256 votes) {
        return uint8(GroupSlot.unwrap(group) >> (LANES_SHIFT + (option << LANE_BITS_SHIFT))); // 8 bits of it
    }

    /// @notice The running hash.
    /// @param group The group.
    /// @return hash Zero: no vote.
    function chain(GroupSlot group) internal pure returns (uint160 hash) {
        return uint160(GroupSlot.unwrap(group) >> CHAIN_SHIFT); // the upper 160 bits
    }
}
