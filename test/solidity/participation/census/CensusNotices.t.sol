// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICensus, Notice, RollTerms} from "../../../../contracts/participation/census/ICensus.sol";
import {CensusFixture} from "./CensusFixture.sol";

contract CensusNoticesTest is CensusFixture {
    uint32 private constant ROLL = NAMED_BY_TAG;
    uint40 private constant END = uint40(EPOCH + 14 days);

    // giveNotice
    // ├─ caller is no attached box .............. CensusNotBox
    // ├─ no such roll ........................... CensusUnknownRoll
    // ├─ would be over .......................... nothing
    // ├─ none runs .............................. allowance of the members there are, NoticeGiven
    // └─ one runs
    //    ├─ would end no later .................. nothing
    //    └─ else ................................ ends later, with the allowance it has, NoticeGiven
    // addMembers
    // ├─ no notice runs ......................... as many as there is room for
    // └─ one runs
    //    ├─ more than the roll may grow ......... CensusGrowthExceeded
    //    ├─ more than the segment may grow ...... CensusGrowthExceeded
    //    └─ else ................................ counted

    function test_RevertWhen_CallerIsNoBox() external {
        address[2] memory callers = [stranger, clerk];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ICensus.CensusNotBox.selector, callers[i]));
            vm.prank(callers[i]);
            census.giveNotice(ROLL, END);
        }
    }

    function test_RevertWhen_ThereIsNoRoll() external {
        for (uint32 rollId = 0; rollId <= ROLLS + 1; rollId += ROLLS + 1) {
            vm.expectRevert(abi.encodeWithSelector(ICensus.CensusUnknownRoll.selector, rollId));
            census.giveNotice(rollId, END);
        }
    }

    function test_NoticeThatWouldBeOverIsNone() external {
        vm.recordLogs();
        census.giveNotice(ROLL, uint40(EPOCH - 1));
        census.giveNotice(ROLL, 0);
        assertEq(vm.getRecordedLogs().length, 0, "nothing");
        _check(0, 0, 0, 0);
    }

    function test_NoticeOfOneSecond() external {
        _give(uint40(EPOCH), GROWTH_LEAST);
        _refuse(0, 1, GROWTH_LEAST + 1, GROWTH_LEAST + 1, GROWTH_LEAST);
        vm.warp(EPOCH + 1);
        add(ROLL, 0, 1, GROWTH_LEAST + 1);
        _check(uint40(EPOCH), uint40(EPOCH), GROWTH_LEAST, 0);
    }

    function test_AllowanceIsAShareOfTheMembersOrTheLeast() external {
        // A quarter, or three: with 15 members both are three, with 16 a quarter is four.
        add(ROLL, 0, 1, 15);
        _give(END, 3);
        vm.warp(END + 1);
        add(ROLL, 1, 16, 1);
        _give(END + 2, 4);
        _check(END + 1, END + 2, 4, 0);
        // Those who left do not count.
        vm.warp(END + 3);
        remove(ROLL, 1);
        _give(END + 4, 3);
    }

    function test_AllowanceIsAtMostWhatCanBeCounted() external {
        RollTerms memory terms = termsFor(ANONYMOUS_BY_TAG);
        terms.growthLeast = type(uint32).max;
        uint32 rollId = openRoll(terms);
        vm.expectEmit(address(census));
        emit ICensus.NoticeGiven(rollId, END, type(uint32).max);
        census.giveNotice(rollId, END);
        send(rollId, 0, entrantsFor(rollId, 0, 1, 3));
        assertEq(census.noticeOf(rollId).added, 3, "added");
    }

    function test_RollGrowsAsFarAsTheNoticeLets() external {
        add(ROLL, 0, 1, 20);
        vm.warp(EPOCH + 1);
        _give(END, 5);
        _refuse(0, 21, 6, 6, 5);
        add(ROLL, 0, 21, 3);
        _check(uint40(EPOCH + 1), END, 5, 3);
        _refuse(1, 24, 3, 6, 5);
        add(ROLL, 1, 24, 2);
        _check(uint40(EPOCH + 1), END, 5, 5);
        _refuse(2, 26, 1, 6, 5);
        vm.warp(END);
        _refuse(2, 26, 1, 6, 5);
        vm.warp(END + 1);
        add(ROLL, 2, 26, 20);
        assertEq(census.membersOf(ROLL), 45, "members");
        _check(uint40(EPOCH + 1), END, 5, 5);
    }

    function test_NoSegmentGrowsMoreThanItsShare() external {
        // 40 members, of whom 8 in the last segment: the roll may grow by ten, that segment by three, the least.
        add(ROLL, 0, 1, 32);
        add(ROLL, 2, 33, 8);
        vm.warp(EPOCH + 1);
        _give(END, 10);
        _refuse(2, 41, 4, 4, GROWTH_LEAST);
        add(ROLL, 2, 41, 2);
        _refuse(2, 43, 2, 4, GROWTH_LEAST);
        // Whoever leaves makes no room.
        remove(ROLL, 41);
        remove(ROLL, 33);
        _refuse(2, 43, 2, 4, GROWTH_LEAST);
        add(ROLL, 2, 43, 1);
        _refuse(2, 44, 1, 4, GROWTH_LEAST);
        // A segment without members grows by the least.
        _refuse(1, 44, 4, 4, GROWTH_LEAST);
        add(ROLL, 1, 44, 3);
        // The first could grow by eight, the roll by four more.
        _refuse(0, 47, 5, 11, 10);
        add(ROLL, 0, 47, 4);
        _check(uint40(EPOCH + 1), END, 10, 10);
    }

    function test_OverlappingNoticesDoNotAddUp() external {
        add(ROLL, 0, 1, 20);
        vm.warp(EPOCH + 1 days);
        _give(END, 5);
        add(ROLL, 0, 21, 4);
        vm.warp(EPOCH + 5 days);
        vm.recordLogs();
        census.giveNotice(ROLL, END);
        census.giveNotice(ROLL, END - 1);
        census.giveNotice(ROLL, uint40(EPOCH + 5 days));
        assertEq(vm.getRecordedLogs().length, 0, "nothing");
        _check(uint40(EPOCH + 1 days), END, 5, 4);
        _give(END + 7 days, 5);
        _check(uint40(EPOCH + 1 days), END + 7 days, 5, 4);
        vm.warp(END + 1);
        _refuse(0, 25, 2, 6, 5);
        // In the very last second too.
        vm.warp(END + 7 days);
        _give(END + 8 days, 5);
        _refuse(0, 25, 2, 6, 5);
        add(ROLL, 0, 25, 1);
        vm.warp(END + 8 days + 1);
        _give(END + 9 days, 6);
        _check(END + 8 days + 1, END + 9 days, 6, 0);
    }

    function test_ManySmallListsAreAsOneLargeOne() external {
        add(ROLL, 0, 1, 20);
        vm.warp(EPOCH + 1);
        _give(END, 5);
        for (uint256 i = 0; i < 5; ++i) add(ROLL, 0, 21 + i, 1);
        _refuse(0, 26, 1, 6, 5);
    }

    function test_WhoLeavesAndComesBackUsesTheAllowance() external {
        add(ROLL, 0, 1, 20);
        vm.warp(EPOCH + 1);
        _give(END, 5);
        for (uint256 i = 0; i < 5; ++i) {
            remove(ROLL, 1);
            add(ROLL, 0, 1, 1);
        }
        remove(ROLL, 1);
        _refuse(0, 1, 1, 6, 5);
        remove(ROLL, 2);
        _refuse(0, 1, 1, 6, 5);
        _check(uint40(EPOCH + 1), END, 5, 5);
        assertEq(census.membersOf(ROLL), 18, "members");
    }

    function test_NoticeOfOneRollIsNoneOfAnother() external {
        _give(END, GROWTH_LEAST);
        add(ANONYMOUS_BY_TAG, 0, 1, 10);
        assertEq(census.noticeOf(ANONYMOUS_BY_TAG).until, 0, "none");
    }

    // --- internals

    function _give(uint40 end, uint32 allowance) private {
        vm.expectEmit(address(census));
        emit ICensus.NoticeGiven(ROLL, end, allowance);
        census.giveNotice(ROLL, end);
    }

    function _refuse(uint16 segment, uint256 person, uint256 count, uint256 added, uint256 allowance) private {
        refuse(
            abi.encodeWithSelector(ICensus.CensusGrowthExceeded.selector, added, allowance),
            ROLL,
            segment,
            entrantsFor(ROLL, segment, person, count)
        );
    }

    function _check(uint40 since, uint40 end, uint32 allowance, uint32 added) private view {
        Notice memory notice = census.noticeOf(ROLL);
        assertEq(notice.since, since, "since");
        assertEq(notice.until, end, "until");
        assertEq(notice.allowance, allowance, "allowance");
        assertEq(notice.added, added, "added");
    }
}
