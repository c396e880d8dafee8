// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEcoRewards, ProgrammeKind, ProgrammeTerms} from "../../../contracts/rewards/IEcoRewards.sol";
import {RewardFixture} from "./RewardFixture.sol";

contract EcoRewardsEpochsTest is RewardFixture {
    bytes32[] private proof;

    // postEpoch
    // ├─ programme unknown, of another kind, inactive  as in earn
    // ├─ not the poster .............................. EcoRewardsNotPoster
    // ├─ not of today ................................ EcoRewardsBadDay, and today's can still be posted
    // ├─ a total of nothing .......................... EcoRewardsZeroTotal
    // ├─ above the day budget ........................ EcoRewardsBudgetExceeded
    // ├─ one was posted today ........................ EcoRewardsEpochPosted
    // └─ else ........................................ stored, EpochPosted

    function test_RevertWhen_ProgrammePostsNoEpochs() external {
        (uint40 unknown, uint40 ofActs, uint40 epochId) = (todaysEpoch(9), todaysEpoch(attested), todaysEpoch(epochs));
        vm.startPrank(poster);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsUnknownProgramme.selector, 9));
        rewards.postEpoch(unknown, 0, 1, "");
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsWrongKind.selector, attested, ProgrammeKind.Attested)
        );
        rewards.postEpoch(ofActs, 0, 1, "");
        vm.stopPrank();
        ProgrammeTerms memory terms = epochTerms();
        terms.active = false;
        setTerms(epochs, terms);
        vm.prank(poster);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotActive.selector, epochs));
        rewards.postEpoch(epochId, 0, 1, "");
    }

    function test_RevertWhen_CallerIsNotThePoster() external {
        uint40 epochId = todaysEpoch(epochs);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotPoster.selector, stranger, poster));
        rewards.postEpoch(epochId, 0, 1, "");
    }

    /// @dev The poster's transaction is late: nothing is posted under leaves that name another day, and the day stays free.
    function test_RevertWhen_EpochIsNotOfToday() external {
        bytes32 root = leafOf(0, alice, 5e6);
        uint40 epochId = todaysEpoch(epochs);
        // The first second of the city's next day.
        skip(1 days - ((block.timestamp + 1 hours) % 1 days));
        for (uint40 named = epochId; named <= epochId + 2; named += 2) {
            vm.expectRevert(
                abi.encodeWithSelector(IEcoRewards.EcoRewardsBadDay.selector, uint24(named), today(), today())
            );
            vm.prank(poster);
            rewards.postEpoch(named, root, 5e6, "");
        }
        (uint40 next, uint40 claimableAt) = post(leafOf(0, alice, 5e6), 5e6);
        assertEq(next, epochId + 1, "the day's own");
        vm.warp(claimableAt);
        rewards.claimFromEpoch(next, claimableAt, 0, alice, 5e6, new bytes32[](0));
        assertEq(eco.balanceOf(alice), 5e6, "paid");
    }

    function test_RevertWhen_TotalIsNothingOrTooMuch() external {
        uint40 epochId = todaysEpoch(epochs);
        vm.startPrank(poster);
        expectError(IEcoRewards.EcoRewardsZeroTotal.selector);
        rewards.postEpoch(epochId, 0, 0, "");
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBudgetExceeded.selector, 200e6 + 1, 200e6));
        rewards.postEpoch(epochId, 0, 200e6 + 1, "");
        vm.stopPrank();
    }

    function test_RevertWhen_OneWasPostedToday() external {
        (uint40 epochId, ) = post("root", 1);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsEpochPosted.selector, epochId));
        this.postOutside("other", 1);
        skip(1 days);
        (uint40 next, ) = post("other", 1);
        assertEq(next, epochId + 1, "the next day");
    }

    function test_Posts() external {
        uint40 expected = (uint40(epochs) << 24) | today();
        vm.expectEmit(address(rewards));
        emit IEcoRewards.EpochPosted(
            expected,
            epochs,
            "root",
            200e6,
            uint40(block.timestamp + EPOCH_WINDOW),
            "ipfs://leaves"
        );
        this.postOutside("root", 200e6);
        assertEq(rewards.epochLeft(expected), 200e6, "left");
        (, , uint256 left, ) = rewards.cityBudget();
        assertEq(left, 800e6, "nobody else's budget");
    }

    // claimFromEpoch
    // ├─ no such epoch, or struck out ................ EcoRewardsUnknownEpoch
    // ├─ the proof, or the time, is another's ........ EcoRewardsBadProof
    // ├─ before its time ............................. EcoRewardsTooEarly
    // ├─ the leaf is paid ............................ EcoRewardsAlreadyClaimed
    // ├─ more than is left ........................... EcoRewardsBudgetExceeded
    // └─ else ........................................ minted, EpochClaimed

    function test_RevertWhen_EpochIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsUnknownEpoch.selector, 7));
        rewards.claimFromEpoch(7, 0, 0, alice, 1, proof);
    }

    function test_RevertWhen_ProofOrTimeIsWrong() external {
        (uint40 epochId, uint40 at_, ) = _two(5e6, 7e6, 12e6);
        skip(EPOCH_WINDOW);
        _expectBadProof(epochId, pairOf(leafOf(epochId, 0, alice, 5e6 + 1), proof[0]));
        rewards.claimFromEpoch(epochId, at_, 0, alice, 5e6 + 1, proof);
        _expectBadProof(epochId, pairOf(leafOf(epochId, 0, bob, 5e6), proof[0]));
        rewards.claimFromEpoch(epochId, at_, 0, bob, 5e6, proof);
        _expectBadProof(epochId, pairOf(leafOf(epochId, 2, alice, 5e6), proof[0]));
        rewards.claimFromEpoch(epochId, at_, 2, alice, 5e6, proof);
        // The time belongs to what was posted, so nobody claims by an earlier one.
        _expectBadProof(epochId, pairOf(leafOf(epochId, 0, alice, 5e6), proof[0]));
        rewards.claimFromEpoch(epochId, at_ - 1, 0, alice, 5e6, proof);
    }

    function test_RevertWhen_ClaimIsTooEarly() external {
        (uint40 epochId, uint40 at_, ) = _two(5e6, 7e6, 12e6);
        skip(EPOCH_WINDOW - 1);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsTooEarly.selector, at_, block.timestamp));
        rewards.claimFromEpoch(epochId, at_, 0, alice, 5e6, proof);
    }

    function test_KnowsEachOfManyClaims() external {
        bytes32 leaf = leafOf(todaysEpoch(epochs), 300, alice, 5e6);
        proof.push(leafOf(todaysEpoch(epochs), 44, bob, 7e6));
        (uint40 epochId, uint40 at_) = post(pairOf(leaf, proof[0]), 12e6);
        skip(EPOCH_WINDOW);
        rewards.claimFromEpoch(epochId, at_, 300, alice, 5e6, proof);
        for (uint256 index = 0; index < 1_024; ++index) {
            assertTrue(rewards.isClaimed(epochId, index) == (index == 300), "that one alone");
        }
    }

    function test_Claims() external {
        (uint40 epochId, uint40 at_, bytes32 other) = _two(5e6, 7e6, 12e6);
        skip(EPOCH_WINDOW);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.EpochClaimed(epochId, 0, alice, 5e6);
        vm.prank(stranger);
        rewards.claimFromEpoch(epochId, at_, 0, alice, 5e6, proof);
        assertTrue(rewards.isClaimed(epochId, 0), "claimed");
        assertFalse(rewards.isClaimed(epochId, 1), "not the other");
        assertEq(rewards.epochLeft(epochId), 7e6, "left");
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsAlreadyClaimed.selector, epochId, 0));
        rewards.claimFromEpoch(epochId, at_, 0, alice, 5e6, proof);
        proof[0] = other;
        rewards.claimFromEpoch(epochId, at_, 1, bob, 7e6, proof);
        assertEq(eco.balanceOf(alice), 5e6, "alice");
        assertEq(eco.balanceOf(bob), 7e6, "bob");
        assertEq(eco.totalSupply(), 12e6, "supply");
        assertEq(rewards.epochLeft(epochId), 0, "nothing left");
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsAlreadyClaimed.selector, epochId, 1));
        rewards.claimFromEpoch(epochId, at_, 1, bob, 7e6, proof);
    }

    function test_RevertWhen_LeavesSumUpToMoreThanTheTotal() external {
        (uint40 epochId, uint40 at_, bytes32 other) = _two(5e6, 7e6, 12e6 - 1);
        skip(EPOCH_WINDOW);
        rewards.claimFromEpoch(epochId, at_, 0, alice, 5e6, proof);
        proof[0] = other;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBudgetExceeded.selector, 7e6, 7e6 - 1));
        rewards.claimFromEpoch(epochId, at_, 1, bob, 7e6, proof);
    }

    /// @dev An amount that only the high bits of a word hold does not wrap around what is left.
    function test_RevertWhen_LeafIsHuge() external {
        uint256 amount = 1 << 64;
        (uint40 epochId, uint40 at_) = post(leafOf(0, alice, amount), 5e6);
        skip(EPOCH_WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBudgetExceeded.selector, amount, 5e6));
        rewards.claimFromEpoch(epochId, at_, 0, alice, amount, proof);
    }

    // voidEpoch
    // ├─ no such epoch ............................... EcoRewardsUnknownEpoch
    // ├─ root or time is another's ................... EcoRewardsBadProof
    // ├─ it can be claimed ........................... EcoRewardsTooLate
    // └─ else ........................................ struck out for good, EpochVoided

    function test_RevertWhen_EpochCannotBeStruckOut() external {
        (uint40 epochId, uint40 at_) = post("root", 5e6);
        vm.startPrank(auditor);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsUnknownEpoch.selector, 7));
        rewards.voidEpoch(7, "root", at_, REASON);
        _expectBadProof(epochId, "other");
        rewards.voidEpoch(epochId, "other", at_, REASON);
        // A later time than was posted does not leave more time.
        _expectBadProof(epochId, "root");
        rewards.voidEpoch(epochId, "root", at_ + 1, REASON);
        vm.warp(at_);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsTooLate.selector, at_, at_));
        rewards.voidEpoch(epochId, "root", at_, REASON);
        vm.stopPrank();
    }

    function test_StrikesOut() external {
        (uint40 epochId, uint40 at_) = post(leafOf(0, alice, 5e6), 5e6);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.EpochVoided(epochId, REASON);
        vm.prank(auditor);
        rewards.voidEpoch(epochId, leafOf(0, alice, 5e6), at_, REASON);
        assertEq(rewards.epochLeft(epochId), 0, "nothing left");
        // The day's budget does not come back.
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsEpochPosted.selector, epochId));
        this.postOutside("other", 1);
        skip(EPOCH_WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsUnknownEpoch.selector, epochId));
        rewards.claimFromEpoch(epochId, at_, 0, alice, 5e6, proof);
        vm.prank(auditor);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsUnknownEpoch.selector, epochId));
        rewards.voidEpoch(epochId, leafOf(epochId, 0, alice, 5e6), at_, REASON);
    }

    function test_LastSecondToStrikeOut() external {
        (uint40 epochId, uint40 at_) = post("root", 5e6);
        vm.warp(at_ - 1);
        vm.prank(auditor);
        rewards.voidEpoch(epochId, "root", at_, REASON);
        assertEq(rewards.epochLeft(epochId), 0, "struck out");
    }

    /// @dev Trees of any size and shape that pairs by value make: every leaf is paid once, at its place.
    function testFuzz_EveryLeafIsPaidOnce(uint256 seed, uint256 leaves, uint256 which) external {
        leaves = bound(leaves, 1, 40);
        which = bound(which, 0, leaves - 1);
        bytes32[] memory level = new bytes32[](leaves);
        uint256 total;
        uint256 place = which;
        for (uint256 i = 0; i < leaves; ++i) {
            uint256 amount = _amount(seed, i);
            total += amount;
            level[i] = leafOf(i + (seed % 1_000), alice, amount);
        }
        while (level.length > 1) {
            bytes32[] memory next = new bytes32[]((level.length + 1) / 2);
            for (uint256 i = 0; i < level.length; i += 2) {
                next[i / 2] = i + 1 < level.length ? pairOf(level[i], level[i + 1]) : level[i];
            }
            if (place ^ 1 < level.length) proof.push(level[place ^ 1]);
            (level, place) = (next, place / 2);
        }
        (uint40 epochId, uint40 at_) = post(level[0], uint48(total));
        vm.warp(at_);
        uint256 index = which + (seed % 1_000);
        rewards.claimFromEpoch(epochId, at_, index, alice, _amount(seed, which), proof);
        assertEq(eco.balanceOf(alice), _amount(seed, which), "paid");
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsAlreadyClaimed.selector, epochId, index));
        rewards.claimFromEpoch(epochId, at_, index, alice, _amount(seed, which), proof);
    }

    function _amount(uint256 seed, uint256 i) private pure returns (uint256 amount) {
        return 1 + (uint256(keccak256(abi.encode(seed, i))) % 5e6);
    }

    function postOutside(bytes32 root, uint48 total) external {
        post(root, total);
    }

    /// @dev Two leaves; the proof is alice's, and what comes back is bob's.
    function _two(
        uint256 first,
        uint256 second,
        uint48 total
    ) private returns (uint40 epochId, uint40 claimableAt, bytes32 other) {
        other = leafOf(0, alice, first);
        proof.push(leafOf(1, bob, second));
        (epochId, claimableAt) = post(pairOf(other, proof[0]), total);
    }

    function _expectBadProof(uint40 epochId, bytes32 root) private {
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadProof.selector, epochId, root));
    }
}
