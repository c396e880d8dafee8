// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    GroupSlot,
    GroupSlots,
    HeadSlot,
    PollSlot,
    PollSlots
} from "../../../../contracts/participation/ballots/BallotSlots.sol";
import {BallotKind, BallotTerms, Rule, Secrecy} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

contract PollSlotsTest is CivitasTest {
    // create, withRoot, withMembers: each member is read as it was written, whatever the others are
    // isOpen
    // ├─ before the first second ..................... false
    // ├─ from it on, and before the last one ......... true
    // ├─ then ........................................ false
    // └─ empty ....................................... false
    // goes ........................................... its own secrecy and roll alone, whether votes are replaced or not
    // isPlain ........................................ public, named, not replaced
    // countsInHead ................................... public, Single, with receipts
    // isGrouped ...................................... plain, Single, at most four options
    // hasRoot ........................................ by the upper 168 bits

    function testFuzz_KeepsMembersApart(
        uint32 opensAt,
        uint32 closesAt,
        uint8 options,
        uint8 limit,
        uint256 shape,
        uint256 root
    ) external view {
        BallotTerms memory terms = _terms(shape);
        (terms.opensAt, terms.closesAt) = (opensAt, closesAt);
        (terms.options, terms.limit) = (uint8(bound(options, 0, 63)), limit);
        bool named = shape & 1 == 1;
        PollSlot blank = this.create(terms, named);
        _assertShape(blank, terms, named);
        assertEq(blank.rootPart(), 0, "no root");
        PollSlot withRoot = blank.withRoot(root);
        _assertShape(withRoot, terms, named);
        assertEq(withRoot.rootPart(), root >> 88, "root");
        PollSlot withMembers = blank.withMembers(uint32(root));
        _assertShape(withMembers, terms, named);
        assertEq(withMembers.rootPart(), uint32(root), "members");
    }

    /// @dev Limits beyond 8 bits are elsewhere, and touch nothing here.
    function testFuzz_KeepsTheLowerBitsOfALimit(uint32 limit) external view {
        BallotTerms memory terms;
        terms.limit = limit;
        PollSlot slot = this.create(terms, false);
        assertEq(slot.limit(), limit & 0xff, "limit");
        assertFalse(slot.isBlankLast(), "blank");
        terms.limit = 0;
        assertEq(
            PollSlot.unwrap(slot) ^ PollSlot.unwrap(this.create(terms, false)),
            uint256(limit & 0xff) << 246,
            "others"
        );
    }

    function testFuzz_IsOpenFromFirstToLastSecond(uint32 opensAt, uint32 closesAt, uint32 time) external {
        opensAt = uint32(bound(opensAt, 1, type(uint32).max - 1));
        closesAt = uint32(bound(closesAt, uint256(opensAt) + 1, type(uint32).max));
        BallotTerms memory terms;
        (terms.opensAt, terms.closesAt) = (opensAt, closesAt);
        PollSlot slot = this.create(terms, true).withRoot(type(uint256).max);
        vm.warp(opensAt - 1);
        assertFalse(slot.isOpen(), "before");
        vm.warp(opensAt);
        assertTrue(slot.isOpen(), "first");
        vm.warp(closesAt - 1);
        assertTrue(slot.isOpen(), "last");
        vm.warp(closesAt);
        assertFalse(slot.isOpen(), "closed");
        vm.warp(time);
        assertTrue(slot.isOpen() == (time >= opensAt && time < closesAt), "any time");
        assertFalse(PollSlot.wrap(0).isOpen(), "empty");
    }

    function test_KnowsItsWay() external view {
        for (uint256 i = 0; i < 12; ++i) {
            BallotTerms memory terms;
            (terms.kind, terms.options) = (BallotKind.Single, 4);
            (terms.secrecy, terms.revotes) = (Secrecy(i % 3), i % 2 == 1);
            bool named = i < 6;
            PollSlot slot = this.create(terms, named);
            for (uint256 j = 0; j < 6; ++j) {
                bool same = j % 3 == i % 3 && (j < 3) == named;
                assertTrue(slot.goes(Secrecy(j % 3), j < 3) == same, "goes");
            }
            bool plain = i % 3 == 0 && named && i % 2 == 0;
            assertTrue(slot.isPlain() == plain, "plain");
            assertTrue(slot.isGrouped() == plain, "grouped");
            assertTrue(slot.countsInHead() == (i % 3 == 0 && !plain), "counts in head");
        }
    }

    function test_GroupsUpToFourOptionsOfSingleChoice() external view {
        for (uint256 i = 1; i <= uint256(type(BallotKind).max); ++i) {
            for (uint8 options = 2; options <= 32; ++options) {
                BallotTerms memory terms;
                (terms.kind, terms.options, terms.limit) = (BallotKind(i), options, 255);
                terms.blankLast = true;
                PollSlot slot = this.create(terms, true);
                assertTrue(slot.isPlain(), "plain");
                assertTrue(slot.isGrouped() == (BallotKind(i) == BallotKind.Single && options <= 4), "grouped");
                assertFalse(slot.countsInHead(), "no receipts");
                terms.revotes = true;
                slot = this.create(terms, true);
                assertFalse(slot.isGrouped(), "not grouped");
                assertTrue(slot.countsInHead() == (BallotKind(i) == BallotKind.Single), "counts in head");
            }
        }
    }

    function testFuzz_KnowsItsRoot(uint256 root, uint256 other) external view {
        BallotTerms memory terms;
        PollSlot slot = this.create(terms, true).withRoot(root);
        assertTrue(slot.hasRoot(bytes32(root)), "root");
        assertTrue(slot.hasRoot(bytes32(root ^ 1)), "lower bits are not kept");
        assertFalse(slot.hasRoot(bytes32(root ^ (1 << 88))), "lowest kept bit");
        assertFalse(slot.hasRoot(bytes32(root ^ (1 << 255))), "highest bit");
        assertTrue(slot.hasRoot(bytes32(other)) == (root >> 88 == other >> 88), "another");
    }

    function create(BallotTerms calldata terms, bool named) external pure returns (PollSlot slot) {
        return PollSlots.create(terms, named);
    }

    function _terms(uint256 shape) private pure returns (BallotTerms memory terms) {
        terms.revotes = (shape >> 1) & 1 == 1;
        terms.blankLast = (shape >> 2) & 1 == 1;
        terms.kind = BallotKind((shape >> 8) % 8);
        terms.rule = Rule((shape >> 16) % 5);
        terms.secrecy = Secrecy((shape >> 24) % 3);
    }

    function _assertShape(PollSlot slot, BallotTerms memory terms, bool named) private pure {
        assertEq(slot.opensAt(), terms.opensAt, "opens");
        assertEq(slot.closesAt(), terms.closesAt, "closes");
        assertEq(uint256(slot.kind()), uint256(terms.kind), "kind");
        assertEq(uint256(slot.secrecy()), uint256(terms.secrecy), "secrecy");
        assertTrue(slot.isNamed() == named, "named");
        assertTrue(slot.revotes() == terms.revotes, "revotes");
        assertTrue(slot.isHistogram() == (terms.rule == Rule.InstantRunoff), "histogram");
        assertEq(slot.options(), terms.options, "options");
        assertEq(slot.limit(), terms.limit, "limit");
        assertTrue(slot.isBlankLast() == terms.blankLast, "blank");
    }
}

contract HeadSlotsTest is CivitasTest {
    // plus, minus .................................... one lane, no other, and not the hash
    // linked ......................................... the hash, and no lane

    function testFuzz_ChangesOneLane(uint256 word, uint8 lane, uint32 count) external pure {
        lane = lane % 3;
        HeadSlot head = HeadSlot.wrap(word);
        count = uint32(bound(count, 0, type(uint32).max - head.laneOf(lane)));
        HeadSlot changed = head.plus(lane, count);
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(changed.laneOf(i), uint256(head.laneOf(i)) + (i == lane ? count : 0), "lane");
        }
        assertEq(changed.chain(), head.chain(), "hash");
        assertEq(HeadSlot.unwrap(changed.minus(lane, count)), word, "back");
    }

    function testFuzz_LinksIntoTheHash(uint256 word, bytes32 link) external pure {
        HeadSlot head = HeadSlot.wrap(word);
        HeadSlot changed = head.linked(link);
        for (uint256 i = 0; i < 3; ++i) assertEq(changed.laneOf(i), head.laneOf(i), "lane");
        bytes32 hash = keccak256(abi.encode(uint256(head.chain()), link));
        assertEq(changed.chain(), uint256(hash) >> 96, "hash");
    }
}

contract GroupSlotsTest is CivitasTest {
    // plus ........................................... the account's bit, the option's lane and the hash, and nothing else
    // numberOf ....................................... 64 to a group

    function testFuzz_PutsAVoteIn(uint256 word, uint32 index, uint8 option, bytes32 link) external pure {
        option = option % 4;
        // The account has not voted, and the lane has room for it.
        word &= ~(uint256(1) << (index % 64)) & ~(uint256(0x80) << (64 + 8 * uint256(option)));
        GroupSlot group = GroupSlot.wrap(word);
        assertFalse(group.hasVoted(index), "before");
        GroupSlot changed = group.plus(index, option, link);
        for (uint32 i = 0; i < 64; ++i) {
            assertTrue(changed.hasVoted(i) == (group.hasVoted(i) || i == index % 64), "bit");
        }
        for (uint256 i = 0; i < 4; ++i) {
            assertEq(changed.votesOf(i), group.votesOf(i) + (i == option ? 1 : 0), "lane");
        }
        bytes32 hash = keccak256(abi.encode(uint256(group.chain()), link));
        assertEq(changed.chain(), uint256(hash) >> 96, "hash");
    }

    function testFuzz_HasRoomForAllOfOneMind(uint8 option) external pure {
        option = option % 4;
        GroupSlot group;
        for (uint32 i = 0; i < 64; ++i) group = group.plus(i, option, bytes32(uint256(i)));
        for (uint256 i = 0; i < 4; ++i) assertEq(group.votesOf(i), i == option ? 64 : 0, "votes");
        assertEq(uint64(GroupSlot.unwrap(group)), type(uint64).max, "all voted");
    }

    function testFuzz_NumbersGroups(uint32 index) external pure {
        assertEq(GroupSlots.numberOf(index), uint256(index) / 64, "group");
    }
}
