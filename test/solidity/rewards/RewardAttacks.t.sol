// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../contracts/authority/CompactSignatures.sol";
import {Roles} from "../../../contracts/authority/Roles.sol";
import {
    Act,
    ClaimStatus,
    Deposit,
    IEcoRewards,
    ProgrammeTerms,
    RewardLimit
} from "../../../contracts/rewards/IEcoRewards.sol";
import {RewardIds} from "../../../contracts/rewards/RewardIds.sol";
import {IWasteLots} from "../../../contracts/waste/lots/IWasteLots.sol";
import {RewardFixture} from "./RewardFixture.sol";

/// @notice What people tried elsewhere, or might try here, and what becomes of it.
contract RewardAttacksTest is RewardFixture {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    // --- at the container

    /// @dev Stones weigh, so the ticket allows them; the sorting audit does not, and the container's bound holds before.
    function test_Attack_StonesInTheBag() external {
        ProgrammeTerms memory terms = depositTerms();
        (terms.dayCapPerPerson, terms.dayBudget) = (700e6, 700e6);
        setTerms(deposits, terms);
        bins.set(BIN, vm.addr(deviceKey), 50, 200); // 10 kg of packaging is all that fits
        put(bobId, bob, 2_000);
        assertEq(put(aliceId, alice, 20_000), 8e6, "what fits, whatever it weighs");
        collect(22_000);
        rewards.settleCycle(BIN, 1);
        // The auditor has two days from the settlement, even if the claims' windows are over before.
        skip(AUDIT_DURATION - 1);
        vm.startPrank(auditor);
        rewards.auditCycle(BIN, 1, 9_000, REASON);
        rewards.voidClaim(depositClaim(aliceId, 1), REASON, 90);
        vm.stopPrank();
        skip(WINDOW);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEcoRewards.EcoRewardsNotPending.selector,
                depositClaim(aliceId, 1),
                ClaimStatus.Voided
            )
        );
        rewards.release(depositClaim(aliceId, 1));
        // What the audit found counts for all who share the container.
        assertEq(rewards.release(depositClaim(bobId, 1)), 0.2e6, "a tenth of bob's bag");
        assertEq(put(aliceId, alice, 1_000), 0, "and who was caught is struck");
    }

    /// @dev A container that was emptied after every claim's window leaves the audit its time all the same.
    function test_Attack_ReleaseBeforeTheAudit() external {
        put(aliceId, alice, 10_000);
        skip(WINDOW + 1 days);
        collect(10_000);
        rewards.settleCycle(BIN, 1);
        uint256 until = block.timestamp + AUDIT_DURATION;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsTooEarly.selector, until, block.timestamp));
        rewards.release(depositClaim(aliceId, 1));
    }

    /// @dev The same bag goes in and out ten times. The truck weighs it once.
    function test_Attack_DepositAndWithdraw() external {
        uint256 paid;
        for (uint256 i = 0; i < 10; ++i) paid += put(aliceId, alice, 2_000);
        assertEq(paid, 20e6, "recorded ten times");
        collect(2_000);
        rewards.settleCycle(BIN, 1);
        skip(WINDOW);
        assertEq(rewards.release(depositClaim(aliceId, 1)), 2.1e6, "paid once, with the tolerance");
    }

    /// @dev With a gap between deposits, the loop is not even recorded.
    function test_Attack_DepositAndWithdrawAgainstAGap() external {
        ProgrammeTerms memory terms = depositTerms();
        terms.minGap = 143;
        setTerms(deposits, terms);
        put(aliceId, alice, 2_000);
        Deposit memory again = depositOf(aliceId, alice, 2_000);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEcoRewards.EcoRewardsTooSoon.selector,
                RewardIds.ofDay(deposits, aliceId, today()),
                NOON_SPAN
            )
        );
        this.putOutside(again);
    }

    /// @dev Two programmes for one container would each be allowed the whole weight.
    function test_Attack_TwoProgrammesForOneWeight() external {
        put(aliceId, alice, 10_000);
        vm.prank(programmes);
        uint16 twin = rewards.setProgramme(0, depositTerms());
        Deposit memory deposit = depositOf(aliceId, alice, 10_000);
        deposit.programmeId = twin;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsOtherProgramme.selector, BIN, 1, deposits));
        this.putOutside(deposit);
    }

    /// @dev Who earns almost nothing of a deposit cannot claim all its mass, and so thin out the others'.
    function test_Attack_ThinningOutNeighbours() external {
        put(bobId, bob, 19_999);
        put(aliceId, alice, 19_950);
        put(aliceId, alice, 20_000); // 50 g are left of her day
        assertEq(rewards.claimOf(depositClaim(aliceId, 1)).detail, 20_000, "claims what she was paid");
        put(carolId, carol, 1_000);
        assertEq(rewards.cycleOf(BIN, 1).claimedGrams, 40_999, "of 60,949");
    }

    /// @dev Settling early shuts nobody out: deposits from before the truck come in for two days.
    function test_Attack_SettlingBeforeOthersAreRelayed() external {
        put(aliceId, alice, 10_000);
        Deposit memory slow = depositOf(bobId, bob, 10_000);
        collect(20_000);
        vm.prank(alice);
        rewards.settleCycle(BIN, 1);
        skip(1 days);
        assertEq(put(slow), 10e6, "still counts");
    }

    function test_Attack_ReplayOfADeposit() external {
        Deposit memory deposit = depositOf(aliceId, alice, 2_000);
        put(deposit);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsDepositRecorded.selector, BIN, 1, 1));
        this.putOutside(deposit);
        // In another collection it is another message.
        collect(2_000);
        CompactSignature memory signature = compact(deviceKey, depositHash(deposit));
        deposit.collection = 2;
        address other = _recover(depositHash(deposit), signature);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadDeviceSignature.selector, BIN, other));
        rewards.recordDeposit(deposit, signature);
    }

    // --- people

    /// @dev Ten wallets of one person are one person; the caps count its number.
    function test_Attack_WalletsOfOnePerson() external {
        assertEq(earn(aliceId, alice, 8_000, 1), 20e6, "the day's cap");
        for (uint256 i = 0; i < 10; ++i) {
            (address wallet, ) = actor(string.concat("wallet", vm.toString(i)));
            vm.prank(alice);
            assertEq(rewards.enrol(alice, wallet, 0, 0, none()), aliceId, "the same number");
            assertEq(earn(aliceId, wallet, 8_000, uint8(2 + i)), 0, "nothing more");
        }
    }

    /// @dev Somebody known by a credential and by a nullifier has one cap in a programme, whichever way it tries.
    function test_Attack_TwoNumbersInOneProgramme() external {
        uint64 nullifier = NULLIFIER;
        assertEq(earn(aliceId, alice, 8_000, 1), 20e6, "the day's cap");
        Act memory act = actOf(nullifier, alice);
        act.programmeId = attested;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotParticipant.selector, nullifier, attested));
        this.earnOutside(act);
        assertEq(earn(actOf(nullifier, alice)), 2.5e6, "in a programme for nullifiers");
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotParticipant.selector, nullifier, attested));
        this.earnOutside(act);
        act = actOf(aliceId, alice);
        act.programmeId = byNullifier;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotParticipant.selector, aliceId, byNullifier));
        this.earnOutside(act);
        assertEq(put(aliceId, alice, 1_000), 1e6, "deposits of a resident");
        Deposit memory deposit = depositOf(nullifier, alice, 1_000);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotParticipant.selector, nullifier, deposits));
        this.putOutside(deposit);
    }

    /// @dev Nobody but its attestor makes a nullifier, and the first account keeps it.
    function test_Attack_TakingOverANullifier() external {
        earn(actOf(NULLIFIER, alice));
        skip(1 hours);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsWrongAccount.selector, NULLIFIER, bob, alice));
        this.earnOutside(actOf(NULLIFIER, bob));
    }

    function test_Attack_StruckPersonWithAnotherAccount() external {
        earn(actOf(aliceId, alice));
        vm.prank(auditor);
        rewards.voidClaim(actClaim(aliceId), REASON, 30);
        vm.prank(alice);
        rewards.enrol(alice, stranger, 0, 0, none());
        skip(1 days);
        expectSkipped(actClaim(aliceId), aliceId, 2.5e6, RewardLimit.Struck);
        this.earnOutside(actOf(aliceId, stranger));
    }

    /// @dev Acts of before the strike that were held back earn nothing either, and stay recorded when it is over.
    function test_Attack_ActsHeldBackOverAStrike() external {
        Act memory held = actOf(aliceId, alice);
        held.day--;
        earn(actOf(aliceId, alice));
        vm.prank(auditor);
        rewards.voidClaim(actClaim(aliceId), REASON, 1);
        skip(2 days);
        assertEq(earn(held), 0, "of a day that the strike covers");
        uint256 id = RewardIds.ofDay(attested, aliceId, held.day);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsTooSoon.selector, id, held.span));
        this.earnOutside(held);
    }

    // --- attestors

    /// @dev A stolen key gives a day's budget on each day until it is taken away, and all of it can be voided.
    function test_Attack_StolenAttestorKey() external {
        uint256 paid;
        for (uint64 i = 0; i < 10; ++i) paid += earn(actOf(NULLIFIER + i, stranger));
        for (uint64 i = 10; i < 20; ++i) {
            Act memory act = actOf(NULLIFIER + i, stranger);
            (act.units, act.day) = (8_000, today() - uint24(i % 7)); // spread over days past
            paid += earn(act);
        }
        assertEq(paid, ATTESTOR_BUDGET, "a day's budget, whatever days it names");
        setAttestor(byNullifier, lowKey, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsNotAttestor.selector, byNullifier, vm.addr(lowKey))
        );
        this.earnOutside(actOf(NULLIFIER, stranger));
        uint256 id = actClaim(NULLIFIER);
        skip(WINDOW - 1);
        vm.prank(auditor);
        rewards.voidClaim(id, REASON, 0);
        skip(1);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotPending.selector, id, ClaimStatus.Voided));
        rewards.release(id);
    }

    /// @dev Two attestors who saw the same act sign it differently; the span counts once.
    function test_Attack_OneActSeenByTwo() external {
        Act memory act = actOf(aliceId, alice);
        earn(act);
        act.units = 900;
        CompactSignature[] memory signatures = signed(act, highKey);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsTooSoon.selector, actClaim(aliceId), NOON_SPAN));
        rewards.earn(act, signatures);
    }

    function test_Attack_ReplayOfAnAct() external {
        Act memory act = actOf(aliceId, alice);
        CompactSignature[] memory signatures = signed(act, lowKey);
        rewards.earn(act, signatures);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsTooSoon.selector, actClaim(aliceId), NOON_SPAN));
        rewards.earn(act, signatures);
        // On another day it is another act, which nobody signed.
        Act memory moved = actOf(aliceId, alice);
        moved.day--;
        address other = _recover(actHash(moved), signatures[0]);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotAttestor.selector, attested, other));
        rewards.earn(moved, signatures);
        // And at another contract it is a message to somebody else.
        IEcoRewards second = deployRewards(IWasteLots(address(tickets)), settings());
        manager.setTargetFunctionRole(address(second), programmeActs(), Roles.REWARD_PROGRAMMES);
        vm.startPrank(programmes);
        second.setProgramme(0, attestedTerms());
        second.setAttestor(attested, vm.addr(lowKey), ATTESTOR_BUDGET);
        vm.stopPrank();
        bytes32 domain = domainOf("Civitas Rewards", address(second));
        other = ecrecover(
            keccak256(abi.encodePacked(hex"1901", domain, actHash(act))),
            uint8(27 + (uint256(signatures[0].vs) >> 255)),
            signatures[0].r,
            bytes32((uint256(signatures[0].vs) << 1) >> 1)
        );
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotAttestor.selector, attested, other));
        second.earn(act, signatures);
    }

    /// @dev The other signature that the same key could have made does not count, so nothing has two forms.
    function test_Attack_MalleableSignature() external {
        Act memory act = actOf(aliceId, alice);
        CompactSignature[] memory signatures = signed(act, lowKey);
        uint256 s = (uint256(signatures[0].vs) << 1) >> 1;
        uint256 parity = uint256(signatures[0].vs) >> 255;
        // The twin's s is above half of the order, where its highest bit may fall together with the parity's.
        signatures[0].vs = bytes32(((parity ^ 1) << 255) | (ORDER - s));
        address other = _recover(actHash(act), signatures[0]);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotAttestor.selector, attested, other));
        rewards.earn(act, signatures);
        assertTrue(other != vm.addr(lowKey), "nobody's, or another's");
    }

    // --- claims

    /// @dev A day's claim is released a week after it last grew, when no act of that day can come any more.
    function test_Attack_GrowingAReleasedClaim() external {
        uint24 day = today();
        Act memory held = actOf(aliceId, alice);
        held.span++;
        earn(actOf(aliceId, alice));
        uint256 id = actClaim(aliceId);
        // The latest second at which an act of the day is taken lies before the first at which the claim is released.
        vm.warp(uint256(day + 7) * 1 days - 1 hours - 1);
        assertLe(block.timestamp + 1, rewards.claimOf(id).unlockAt, "still locked");
        earn(held);
        skip(WINDOW);
        rewards.release(id);
        held.span++;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadDay.selector, day, today() - 6, today()));
        this.earnOutside(held);
    }

    /// @dev An act that comes days later counts in its own day's cap, and in today's budgets.
    function test_Attack_LateActsOfAFullDay() external {
        Act memory late = actOf(aliceId, alice);
        (late.units, late.span) = (8_000, 0);
        assertEq(earn(late), 20e6, "the day is full");
        skip(3 days);
        late.span = 1;
        assertEq(earn(late), 0, "and stays full");
        assertEq(earn(aliceId, alice, 8_000, 0), 20e6, "today is another");
        (, uint48 used) = rewards.programmeOf(attested);
        assertEq(used, 20e6, "today's budget");
    }

    /// @dev Around midnight by the city's clock, one second is the last of a day's cap, and the next begins another.
    function test_Attack_MidnightEdge() external {
        vm.warp(EPOCH + 1 days - 1 hours - 1); // 23:59:59 in the city, an hour earlier in UTC
        assertEq(today(), EPOCH / 1 days, "still the first");
        assertEq(earn(aliceId, alice, 8_000, 143), 20e6, "all of the day");
        assertEq(earn(aliceId, alice, 8_000, 142), 0, "nothing left");
        Act memory early = actOf(aliceId, alice);
        early.day++;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadDay.selector, early.day, today() - 6, today()));
        this.earnOutside(early);
        skip(1);
        assertEq(earn(aliceId, alice, 8_000, 0), 20e6, "the next day");
        assertEq(earn(aliceId, alice, 8_000, 1), 0, "which is a day, too");
    }

    /// @dev A thousand crumbs earn no more than the loaf, and below the least they earn nothing.
    function test_Attack_RoundingDrip() external {
        ProgrammeTerms memory terms = attestedTerms();
        terms.ratePerThousand = 999; // less than a millionth a unit
        setTerms(attested, terms);
        uint256 crumbs;
        for (uint8 span = 0; span < 144; ++span) crumbs += earn(aliceId, alice, 7, span);
        assertEq(crumbs, 144 * 6, "each rounded down");
        assertLe(crumbs, uint256(144 * 7 * 999) / 1_000, "below the whole");
        uint256 drip;
        for (uint256 i = 0; i < 50; ++i) drip += put(aliceId, alice, 49);
        assertEq(drip, 0, "below the least");
    }

    function test_Attack_ProgrammeChangedWhileClaimsArePending() external {
        earn(aliceId, alice, 1_000, 0);
        uint256 id = actClaim(aliceId);
        ProgrammeTerms memory terms = attestedTerms();
        (terms.active, terms.ratePerThousand, terms.dayCapPerPerson, terms.dayBudget) = (false, 0, 0, 0);
        terms.windowDays = 90;
        setTerms(attested, terms);
        setAttestor(lowKey, 0);
        skip(WINDOW);
        assertEq(rewards.release(id), 2.5e6, "as it was earned, when it was to be");
    }

    // --- budgets and epochs

    /// @dev Setting aside, posting and freeing again does not double a day.
    function test_Attack_SetAsideFreedToDoubleADay() external {
        post("root", 200e6);
        ProgrammeTerms memory terms = epochTerms();
        terms.dayBudget = 0;
        setTerms(epochs, terms);
        ProgrammeTerms memory greedy = attestedTerms();
        (greedy.dayBudget, greedy.dayCapPerPerson) = (2_000e6, 2_000e6);
        setTerms(attested, greedy);
        setAttestor(lowKey, 2_000e6);
        assertEq(earn(aliceId, alice, 1_000_000, 0), 800e6, "what was not set aside");
        terms.dayBudget = 200e6;
        vm.prank(programmes);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBudgetExceeded.selector, 200e6, 0));
        rewards.setProgramme(epochs, terms);
        // Nor does a second programme of epochs.
        vm.prank(programmes);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBudgetExceeded.selector, 200e6, 0));
        rewards.setProgramme(0, terms);
        skip(1 days);
        (, , uint256 left, uint256 leftInYear) = rewards.cityBudget();
        assertEq(left, CITY_BUDGET, "the next day has all");
        assertEq(leftInYear, YEAR_CAP - 366 * 200e6 - 800e6, "but the year has not");
    }

    /// @dev Two leaves with one number: one of them is paid.
    function test_Attack_EpochWithADuplicateNumber() external {
        bytes32 first = leafOf(3, alice, 5e6);
        bytes32 second = leafOf(3, bob, 5e6);
        (uint40 epochId, uint40 claimableAt) = post(pairOf(first, second), 10e6);
        vm.warp(claimableAt);
        rewards.claimFromEpoch(epochId, claimableAt, 3, alice, 5e6, _proof(second));
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsAlreadyClaimed.selector, epochId, 3));
        rewards.claimFromEpoch(epochId, claimableAt, 3, bob, 5e6, _proof(first));
    }

    /// @dev Leaves that sum up to more than was posted are paid until the total is gone.
    function test_Attack_LeavesAboveTheTotal() external {
        bytes32 first = leafOf(0, alice, 150e6);
        bytes32 second = leafOf(1, bob, 150e6);
        (uint40 epochId, uint40 claimableAt) = post(pairOf(first, second), 200e6);
        vm.warp(claimableAt);
        rewards.claimFromEpoch(epochId, claimableAt, 0, alice, 150e6, _proof(second));
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBudgetExceeded.selector, 150e6, 50e6));
        rewards.claimFromEpoch(epochId, claimableAt, 1, bob, 150e6, _proof(first));
        assertEq(eco.totalSupply(), 150e6, "within the total");
    }

    /// @dev An inner node is no leaf: leaves are hashed twice, and of four words.
    function test_Attack_InnerNodeAsALeaf() external {
        bytes32 first = leafOf(0, alice, 5e6);
        bytes32 second = leafOf(1, bob, 5e6);
        bytes32 node = pairOf(first, second);
        (uint40 epochId, uint40 claimableAt) = post(pairOf(node, "sibling"), 10e6);
        vm.warp(claimableAt);
        bytes32 wrong = pairOf(leafOf(epochId, uint256(first), address(uint160(uint256(second))), 0), "sibling");
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadProof.selector, epochId, wrong));
        rewards.claimFromEpoch(
            epochId,
            claimableAt,
            uint256(first),
            address(uint160(uint256(second))),
            0,
            _proof("sibling")
        );
    }

    /// @dev A root of one day is worth nothing under the number of another.
    function test_Attack_EpochUnderAnotherNumber() external {
        bytes32 leaf = leafOf(0, alice, 5e6);
        (uint40 epochId, uint40 claimableAt) = post(leaf, 5e6);
        skip(1 days);
        (uint40 second, ) = post("another root", 5e6);
        vm.warp(claimableAt + 1 days);
        rewards.claimFromEpoch(epochId, claimableAt, 0, alice, 5e6, new bytes32[](0));
        bytes32 other = leafOf(second, 0, alice, 5e6);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadProof.selector, second, other));
        rewards.claimFromEpoch(second, claimableAt, 0, alice, 5e6, new bytes32[](0));
    }

    /// @dev A root that is posted again, on the next day or by another programme, pays nobody a second time.
    function test_Attack_OneRootPostedTwice() external {
        vm.prank(programmes);
        uint16 others = rewards.setProgramme(0, epochTerms());
        bytes32 root = leafOf(0, alice, 5e6);
        (uint40 epochId, uint40 claimableAt) = post(root, 5e6);
        uint40 sameDay = todaysEpoch(others);
        vm.prank(poster);
        rewards.postEpoch(sameDay, root, 5e6, "ipfs://leaves");
        skip(1 days);
        (uint40 nextDay, uint40 laterAt) = post(root, 5e6);
        vm.warp(laterAt);
        rewards.claimFromEpoch(epochId, claimableAt, 0, alice, 5e6, new bytes32[](0));
        uint40[2] memory copies = [sameDay, nextDay];
        uint40[2] memory times = [claimableAt, laterAt];
        for (uint256 i = 0; i < copies.length; ++i) {
            bytes32 leaf = leafOf(copies[i], 0, alice, 5e6);
            vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadProof.selector, copies[i], leaf));
            rewards.claimFromEpoch(copies[i], times[i], 0, alice, 5e6, new bytes32[](0));
            assertEq(rewards.epochLeft(copies[i]), 5e6, "nothing paid");
        }
        assertEq(eco.totalSupply(), 5e6, "paid once");
    }

    function earnOutside(Act memory act) external returns (uint256 paid) {
        return earn(act);
    }

    function putOutside(Deposit memory deposit) external returns (uint256 paid) {
        return put(deposit);
    }

    function _proof(bytes32 sibling) private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = sibling;
    }

    /// @dev Whose signature it would be; zero: nobody's.
    function _recover(bytes32 structHash, CompactSignature memory signature) private view returns (address key) {
        uint256 s = (uint256(signature.vs) << 1) >> 1;
        if (s > ORDER / 2) return address(0);
        bytes32 domain = domainOf("Civitas Rewards", address(rewards));
        return
            ecrecover(
                keccak256(abi.encodePacked(hex"1901", domain, structHash)),
                uint8(27 + (uint256(signature.vs) >> 255)),
                signature.r,
                bytes32(s)
            );
    }
}
