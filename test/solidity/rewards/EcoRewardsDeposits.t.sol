// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../contracts/authority/CompactSignatures.sol";
import {
    Claim,
    ClaimStatus,
    Cycle,
    Deposit,
    IEcoRewards,
    ProgrammeKind,
    ProgrammeTerms,
    RewardLimit
} from "../../../contracts/rewards/IEcoRewards.sol";
import {RewardIds} from "../../../contracts/rewards/RewardIds.sol";
import {LotFlags} from "../../../contracts/waste/lots/IWasteLots.sol";
import {IContainers} from "../../../contracts/waste/containers/IContainers.sol";
import {RewardFixture} from "./RewardFixture.sol";

contract EcoRewardsDepositsTest is RewardFixture {
    // recordDeposit
    // ├─ programme unknown, of another kind, inactive  as in earn
    // ├─ a nullifier ................................. EcoRewardsNotParticipant
    // ├─ container unknown ........................... ContainersUnknownBin
    // ├─ not the container's device .................. EcoRewardsBadDeviceSignature
    // ├─ more than 300 s ahead ....................... EcoRewardsTimeInFuture
    // ├─ a day more than 6 before, or to come ........ EcoRewardsBadDay
    // ├─ collection
    // │  ├─ the next, of a retired container ......... EcoRewardsBinRetired
    // │  ├─ the next, with a time before the latest .. EcoRewardsBadTime
    // │  ├─ the latest, with a time after it ......... EcoRewardsBadTime
    // │  ├─ the latest, two days after its settlement  EcoRewardsBadCollection
    // │  └─ any other ................................ EcoRewardsBadCollection
    // ├─ the cycle is of another programme ........... EcoRewardsOtherProgramme
    // ├─ recorded before ............................. EcoRewardsDepositRecorded
    // ├─ the claim is voided ......................... EcoRewardsNotPending
    // ├─ too near to another of that day ............. EcoRewardsTooSoon
    // ├─ person not enrolled, or another account ..... EcoRewardsNotEnrolled, EcoRewardsWrongAccount
    // └─ else ........................................ recorded: Deposited, and Earned or RewardSkipped

    function test_RevertWhen_ProgrammeTakesNoDeposits() external {
        Deposit memory deposit = depositOf(aliceId, alice, 1_000);
        deposit.programmeId = 9;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsUnknownProgramme.selector, 9));
        this.putOutside(deposit);
        deposit.programmeId = attested;
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsWrongKind.selector, attested, ProgrammeKind.Attested)
        );
        this.putOutside(deposit);
        ProgrammeTerms memory terms = depositTerms();
        terms.active = false;
        setTerms(deposits, terms);
        deposit.programmeId = deposits;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotActive.selector, deposits));
        this.putOutside(deposit);
    }

    function test_RevertWhen_AnotherDeviceSigns() external {
        Deposit memory deposit = depositOf(aliceId, alice, 1_000);
        CompactSignature memory signature = compact(strangerKey, depositHash(deposit));
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadDeviceSignature.selector, BIN, stranger));
        rewards.recordDeposit(deposit, signature);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadDeviceSignature.selector, BIN, address(0)));
        rewards.recordDeposit(deposit, CompactSignature({r: 0, vs: 0}));
        // A container that does not exist has no device whose signature of nobody could be.
        deposit.binId = 8;
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersUnknownBin.selector, 8));
        rewards.recordDeposit(deposit, CompactSignature({r: 0, vs: 0}));
    }

    function test_RevertWhen_DeviceIsAheadOrLate() external {
        Deposit memory deposit = depositOf(aliceId, alice, 1_000);
        uint256 latest = block.timestamp + 300;
        deposit.takenAt = uint40(latest + 1);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsTimeInFuture.selector, latest + 1, latest));
        this.putOutside(deposit);
        deposit.takenAt = uint40(latest);
        assertEq(put(deposit), 1e6, "a little ahead");
        // A clock that is ahead over midnight names a day to come.
        vm.warp(EPOCH + 23 hours - 1);
        deposit = depositOf(aliceId, alice, 1_000);
        deposit.takenAt++;
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsBadDay.selector, today() + 1, today() - 6, today())
        );
        this.putOutside(deposit);
        deposit.takenAt = uint40(block.timestamp - 7 days);
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsBadDay.selector, today() - 7, today() - 6, today())
        );
        this.putOutside(deposit);
        deposit.takenAt = uint40(block.timestamp - 6 days);
        assertEq(put(deposit), 1e6, "six days late");
    }

    function test_RevertWhen_CollectionIsNotTheNextOrTheLatest() external {
        collect(1_000);
        collect(1_000);
        skip(1 hours);
        Deposit memory deposit = depositOf(aliceId, alice, 1_000);
        uint32[2] memory wrong = [uint32(1), 4];
        for (uint256 i = 0; i < 2; ++i) {
            deposit.collection = wrong[i];
            vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadCollection.selector, BIN, wrong[i], 3));
            this.putOutside(deposit);
        }
    }

    function test_RevertWhen_TimeIsNotThatOfTheCollection() external {
        collect(1_000);
        uint40 emptiedAt = uint40(block.timestamp);
        skip(1 hours);
        Deposit memory deposit = depositOf(aliceId, alice, 1_000);
        deposit.takenAt = emptiedAt - 1;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadTime.selector, emptiedAt - 1, emptiedAt));
        this.putOutside(deposit);
        deposit.takenAt = emptiedAt;
        assertEq(put(deposit), 1e6, "the next from the second of the emptying on");
        (deposit.collection, deposit.takenAt) = (1, emptiedAt + 1);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadTime.selector, emptiedAt + 1, emptiedAt));
        this.putOutside(deposit);
        deposit.takenAt = emptiedAt;
        assertEq(put(deposit), 1e6, "the latest up to that second");
    }

    function test_LateDepositsCountUntilTheAuditIsOver() external {
        put(aliceId, alice, 1_000);
        skip(1 hours);
        Deposit memory late = depositOf(bobId, bob, 1_000);
        Deposit memory later = depositOf(carolId, carol, 1_000);
        later.counter = 3;
        collect(3_000);
        rewards.settleCycle(BIN, 1);
        skip(AUDIT_DURATION - 1);
        assertEq(put(late), 1e6, "last second");
        skip(1);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadCollection.selector, BIN, 1, 2));
        this.putOutside(later);
    }

    function test_RevertWhen_CycleIsOfAnotherProgramme() external {
        put(aliceId, alice, 1_000);
        vm.prank(programmes);
        uint16 other = rewards.setProgramme(0, depositTerms());
        Deposit memory deposit = depositOf(bobId, bob, 1_000);
        deposit.programmeId = other;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsOtherProgramme.selector, BIN, 1, deposits));
        this.putOutside(deposit);
    }

    function test_RevertWhen_DepositIsRecorded() external {
        Deposit memory deposit = depositOf(aliceId, alice, 1_000);
        uint32[6] memory counters = [uint32(5), 9, 0, 256, 4, type(uint32).max];
        for (uint256 i = 0; i < 6; ++i) {
            deposit.counter = counters[i];
            assertEq(put(deposit), 1e6, "a gap is allowed, and any order");
        }
        for (uint256 i = 0; i < 6; ++i) {
            deposit.counter = counters[i];
            // Whatever else it says.
            deposit.grams += 1;
            vm.expectRevert(
                abi.encodeWithSelector(IEcoRewards.EcoRewardsDepositRecorded.selector, BIN, 1, counters[i])
            );
            this.putOutside(deposit);
        }
        assertEq(rewards.cycleOf(BIN, 1).counter, type(uint32).max, "the highest");
    }

    function test_RevertWhen_ClaimIsVoided() external {
        put(aliceId, alice, 1_000);
        uint256 id = depositClaim(aliceId, 1);
        vm.prank(auditor);
        rewards.voidClaim(id, REASON, 0);
        Deposit memory deposit = depositOf(aliceId, alice, 1_000);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotPending.selector, id, ClaimStatus.Voided));
        this.putOutside(deposit);
    }

    function test_GapLiesBetweenDepositsOfADay() external {
        ProgrammeTerms memory terms = depositTerms();
        terms.minGap = 2;
        setTerms(deposits, terms);
        put(aliceId, alice, 1_000);
        skip(20 minutes - 1);
        Deposit memory deposit = depositOf(aliceId, alice, 1_000);
        uint256 dayId = RewardIds.ofDay(deposits, aliceId, today());
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsTooSoon.selector, dayId, NOON_SPAN + 1));
        this.putOutside(deposit);
        assertEq(put(depositOf(bobId, bob, 1_000)), 1e6, "another person");
        skip(1);
        assertEq(put(depositOf(aliceId, alice, 1_000)), 1e6, "two spans later");
    }

    function test_WithoutAGapBagsFollowEachOther() external {
        put(aliceId, alice, 1_000);
        assertEq(put(aliceId, alice, 1_000), 1e6, "the same second");
        (uint56 used, uint144 spans) = rewards.depositDayOf(deposits, aliceId, today());
        assertEq(used, 2e6, "used");
        assertEq(spans, 1 << NOON_SPAN, "one span");
    }

    function test_RevertWhen_PersonIsNotKnown() external {
        Deposit memory deposit = depositOf(4, alice, 1_000);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotEnrolled.selector, 4));
        this.putOutside(deposit);
        deposit.person = aliceId;
        deposit.to = bob;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsWrongAccount.selector, aliceId, bob, alice));
        this.putOutside(deposit);
    }

    /// @dev A device does not know whose a nullifier is, and attestors of another programme are not asked.
    function test_RevertWhen_PersonIsANullifier() external {
        earn(actOf(NULLIFIER, stranger));
        Deposit memory deposit = depositOf(NULLIFIER, stranger, 1_000);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotParticipant.selector, NULLIFIER, deposits));
        this.putOutside(deposit);
        deposit.person = 1 << 63;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotParticipant.selector, 1 << 63, deposits));
        this.putOutside(deposit);
        deposit.person = (1 << 63) - 1;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotEnrolled.selector, (1 << 63) - 1));
        this.putOutside(deposit);
    }

    function test_RecordsDeposits() external {
        Deposit memory deposit = depositOf(aliceId, alice, 3_000);
        uint256 id = depositClaim(aliceId, 1);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.Deposited(id, BIN, 1, 1, 3_000, 3_000);
        expectEarned(id, aliceId, 3e6, 3e6, RewardLimit.None);
        vm.prank(relayer);
        assertEq(this.putOutside(deposit), 3e6, "paid");
        Claim memory claim = rewards.claimOf(id);
        assertEq(claim.amount, 3e6, "amount");
        assertEq(claim.detail, 3_000, "grams");
        assertEq(claim.unlockAt, block.timestamp + WINDOW, "unlocks");
        assertEq(uint256(claim.status), uint256(ClaimStatus.Pending), "status");
        Cycle memory cycle = rewards.cycleOf(BIN, 1);
        assertEq(cycle.programmeId, deposits, "programme");
        assertEq(cycle.claimedGrams, 3_000, "claimed");
        assertEq(cycle.counter, 1, "counter");
        assertEq(cycle.code, CODE, "code");
        assertEq(cycle.toleranceBp, 500, "tolerance");
        assertEq(cycle.settledAt, 0, "not settled");
        (, , uint256 left, ) = rewards.cityBudget();
        assertEq(left, 797e6, "city");
        (, uint48 used) = rewards.programmeOf(deposits);
        assertEq(used, 3e6, "programme");

        skip(1 hours);
        put(aliceId, alice, 500);
        claim = rewards.claimOf(id);
        assertEq(claim.amount, 3.5e6, "grown");
        assertEq(claim.detail, 3_500, "grams grown");
        assertEq(claim.unlockAt, block.timestamp + WINDOW, "unlocks later");
    }

    // Limits of deposits

    function test_UnitsHaveALeastAndAMost() external {
        uint256 id = depositClaim(aliceId, 1);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.Deposited(id, BIN, 1, 1, 49, 0);
        expectSkipped(id, aliceId, 49_000, RewardLimit.Units);
        assertEq(this.putGrams(49), 0, "too little");
        assertStatus(id, ClaimStatus.None, "no claim");
        assertEq(rewards.cycleOf(BIN, 1).counter, 1, "but recorded");
        ProgrammeTerms memory terms = depositTerms();
        terms.mostUnits = 2_000;
        setTerms(deposits, terms);
        expectEarned(id, aliceId, 3e6, 2e6, RewardLimit.Units);
        assertEq(this.putGrams(3_000), 2e6, "too much");
        assertEq(rewards.cycleOf(BIN, 1).claimedGrams, 2_000, "claims what it earned");
    }

    function test_PersonsDayCapClips() external {
        this.putGrams(18_000);
        uint256 id = depositClaim(aliceId, 1);
        expectEarned(id, aliceId, 5.7e6, 2e6, RewardLimit.Person);
        this.putGrams(5_700);
        assertEq(rewards.claimOf(id).detail, 20_000, "grams that earned something");
        expectSkipped(id, aliceId, 5.7e6, RewardLimit.Person);
        this.putGrams(5_700);
        assertEq(rewards.cycleOf(BIN, 1).claimedGrams, 20_000, "all of them");
        // The cap is one of all containers.
        bins.set(9, vm.addr(deviceKey), 1_100, 200);
        Deposit memory deposit = depositOf(aliceId, alice, 5_700);
        deposit.binId = 9;
        assertEq(put(deposit), 0, "another container");
        skip(1 days);
        assertEq(this.putGrams(5_700), 5.7e6, "another day");
    }

    function test_ContainerBoundsWhatIsClaimed() external {
        bins.set(BIN, vm.addr(deviceKey), 10, 1_000);
        this.putGrams(8_000);
        uint256 id = depositClaim(aliceId, 1);
        expectEarned(id, aliceId, 5.7e6, 2e6, RewardLimit.Container);
        this.putGrams(5_700);
        assertEq(rewards.cycleOf(BIN, 1).claimedGrams, 10_000, "full");
        expectSkipped(id, aliceId, 5.7e6, RewardLimit.Container);
        this.putGrams(5_700);
        collect(10_000);
        skip(1);
        assertEq(this.putGrams(5_700), 5.7e6, "emptied");
        // A smaller container than is claimed has no room.
        bins.set(BIN, vm.addr(deviceKey), 1, 1_000);
        assertEq(this.putGrams(100), 0, "smaller");
    }

    function test_ContainerWithoutABoundTakesFortyBits() external {
        bins.set(BIN, vm.addr(deviceKey), 1_100, 0);
        ProgrammeTerms memory terms = depositTerms();
        (terms.ratePerThousand, terms.dayCapPerPerson) = (1, type(uint48).max);
        terms.mostUnits = 1_048_575;
        setTerms(deposits, terms);
        Deposit memory deposit = depositOf(aliceId, alice, 1_048_575);
        assertEq(put(deposit), 1_048, "no bound of the container");
        // The claimed grams of a cycle are 40 bits: fill them up in storage.
        bytes32 slot = _cycleSlot();
        uint256 word = uint256(vm.load(address(rewards), slot));
        vm.store(address(rewards), slot, bytes32(word | (uint256(type(uint40).max) << 16)));
        assertEq(rewards.cycleOf(BIN, 1).claimedGrams, type(uint40).max, "full");
        expectSkipped(depositClaim(aliceId, 1), aliceId, 1_048, RewardLimit.Container);
        deposit.counter++;
        this.putOutside(deposit);
    }

    /// @dev Slot of the cycle, which begins with its programme.
    function _cycleSlot() private view returns (bytes32 slot) {
        for (uint256 base = 0; base < 32; ++base) {
            slot = keccak256(abi.encode(RewardIds.ofCycle(BIN, 1), base));
            if (uint16(uint256(vm.load(address(rewards), slot))) == deposits) return slot;
        }
        revert AssertionFailed("no such slot", "", "");
    }

    function test_OtherLimitsClip() external {
        ProgrammeTerms memory terms = depositTerms();
        terms.dayBudget = 1.5e6;
        setTerms(deposits, terms);
        expectEarned(depositClaim(aliceId, 1), aliceId, 5.7e6, 1.5e6, RewardLimit.Programme);
        this.putGrams(5_700);
        terms.dayBudget = 100e6;
        setTerms(deposits, terms);
        setCityBudget(202e6);
        expectEarned(depositClaim(aliceId, 1), aliceId, 5.7e6, 0.5e6, RewardLimit.City);
        this.putGrams(5_700);
        assertEq(rewards.claimOf(depositClaim(aliceId, 1)).detail, 2_000, "grams that earned something");
    }

    function test_StruckPersonEarnsNothing() external {
        put(bobId, bob, 1_000);
        vm.prank(auditor);
        rewards.voidClaim(depositClaim(bobId, 1), REASON, 1);
        collect(1_000);
        skip(1 days);
        Deposit memory deposit = depositOf(bobId, bob, 1_000);
        expectSkipped(depositClaim(bobId, 2), bobId, 1e6, RewardLimit.Struck);
        this.putOutside(deposit);
        skip(1 days);
        assertEq(put(bobId, bob, 1_000), 1e6, "the day after");
    }

    /// @dev A claim of a container that is never emptied grows day by day, to what 56 bits hold.
    function test_ClaimHoldsFiftySixBits() external {
        put(aliceId, alice, 1_000);
        uint256 id = depositClaim(aliceId, 1);
        bytes32 slot;
        for (uint256 base = 0; base < 32; ++base) {
            slot = keccak256(abi.encode(id, base));
            if (uint56(uint256(vm.load(address(rewards), slot))) == 1e6) break;
        }
        uint256 word = uint256(vm.load(address(rewards), slot));
        vm.store(address(rewards), slot, bytes32(word - 1e6 + type(uint56).max - 7));
        expectEarned(id, aliceId, 1e6, 7, RewardLimit.Person);
        this.putGrams(1_000);
        assertAmount(id, type(uint56).max, "full");
        expectSkipped(id, aliceId, 1e6, RewardLimit.Person);
        this.putGrams(1_000);
    }

    function putOutside(Deposit memory deposit) external returns (uint256 paid) {
        return put(deposit);
    }

    function putGrams(uint32 grams) external returns (uint256 paid) {
        return put(aliceId, alice, grams);
    }
}

contract EcoRewardsCyclesTest is RewardFixture {
    // settleCycle
    // ├─ no deposits ................................. EcoRewardsUnknownCycle
    // ├─ a claim is released ......................... EcoRewardsCycleReleased
    // ├─ no ticket ................................... EcoRewardsNotCollected
    // ├─ settled, and the same again ................. EcoRewardsUnchanged
    // └─ else ........................................ what is allowed is known, CycleSettled
    //    ├─ the lot has another code ................. nothing is allowed
    //    └─ it was not weighed ....................... nothing is allowed

    function test_RevertWhen_CycleIsUnknown() external {
        collect(1_000);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsUnknownCycle.selector, BIN, 1));
        rewards.settleCycle(BIN, 1);
    }

    function test_RevertWhen_ThereIsNoTicket() external {
        put(aliceId, alice, 1_000);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotCollected.selector, BIN, 1));
        rewards.settleCycle(BIN, 1);
    }

    /// @dev Case W14.
    function test_VestsAgainstWeighedMass() external {
        _putW14();
        collect(24_000);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.CycleSettled(BIN, 1, 30_000, 25_200);
        vm.prank(stranger);
        rewards.settleCycle(BIN, 1);
        Cycle memory cycle = rewards.cycleOf(BIN, 1);
        assertEq(cycle.allowedGrams, 25_200, "allowed");
        assertEq(cycle.settledAt, block.timestamp, "settled");
        skip(WINDOW);
        assertEq(rewards.release(depositClaim(aliceId, 1)), 8.4e6, "alice");
        assertEq(rewards.release(depositClaim(bobId, 1)), 10.08e6, "bob");
        assertEq(rewards.release(depositClaim(carolId, 1)), 6.72e6, "carol");
        assertEq(eco.balanceOf(alice), 8.4e6, "alice has it");
        assertEq(eco.balanceOf(bob), 10.08e6, "bob has it");
        assertEq(eco.balanceOf(carol), 6.72e6, "carol has it");
        assertEq(eco.totalSupply(), 25.2e6, "all of what is allowed");
    }

    function test_VestsInFullWhereAllWasWeighed() external {
        _putW14();
        collect(30_000);
        rewards.settleCycle(BIN, 1);
        skip(WINDOW);
        assertEq(rewards.release(depositClaim(aliceId, 1)), 10e6, "alice");
        assertEq(rewards.release(depositClaim(bobId, 1)), 12e6, "bob");
        assertEq(rewards.release(depositClaim(carolId, 1)), 8e6, "carol");
    }

    function test_EstimatedTicketAllowsNothing() external {
        put(aliceId, alice, 1_000);
        collect(1_000);
        uint64 lotId = RewardIds.ofCycle(BIN, 1);
        tickets.flag(lotId, LotFlags.NOT_WEIGHED | LotFlags.HAZARDOUS);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.CycleSettled(BIN, 1, 1_000, 0);
        rewards.settleCycle(BIN, 1);
        tickets.flag(lotId, LotFlags.HAZARDOUS);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.CycleSettled(BIN, 1, 1_000, 1_050);
        rewards.settleCycle(BIN, 1);
    }

    function test_OtherWasteAllowsNothing() external {
        put(aliceId, alice, 1_000);
        bins.empty(BIN, uint40(block.timestamp));
        tickets.set(RewardIds.ofCycle(BIN, 1), CODE + 1, 1_000);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.CycleSettled(BIN, 1, 1_000, 0);
        rewards.settleCycle(BIN, 1);
        skip(WINDOW);
        assertEq(rewards.release(depositClaim(aliceId, 1)), 0, "nothing");
        assertStatus(depositClaim(aliceId, 1), ClaimStatus.Released, "but done");
    }

    function test_SettlesAgainAfterARevision() external {
        put(aliceId, alice, 10_000);
        collect(5_000);
        rewards.settleCycle(BIN, 1);
        uint256 settledAt = block.timestamp;
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        rewards.settleCycle(BIN, 1);
        skip(1 days);
        tickets.set(RewardIds.ofCycle(BIN, 1), CODE, 8_000);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.CycleSettled(BIN, 1, 10_000, 8_400);
        rewards.settleCycle(BIN, 1);
        assertEq(rewards.cycleOf(BIN, 1).settledAt, settledAt, "the first time counts");
        skip(WINDOW);
        assertEq(rewards.release(depositClaim(aliceId, 1)), 8.4e6, "by the revised ticket");
        tickets.set(RewardIds.ofCycle(BIN, 1), CODE, 9_000);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsCycleReleased.selector, BIN, 1));
        rewards.settleCycle(BIN, 1);
    }

    // release (deposits)
    // ├─ not settled ................................. EcoRewardsNotSettled
    // ├─ settled less than two days ago .............. EcoRewardsTooEarly
    // └─ else ........................................ its share of what is allowed

    function test_RevertWhen_CycleIsNotSettled() external {
        put(aliceId, alice, 1_000);
        skip(WINDOW);
        uint256 id = depositClaim(aliceId, 1);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotSettled.selector, BIN, 1));
        rewards.release(id);
        collect(1_000);
        rewards.settleCycle(BIN, 1);
        uint256 until = block.timestamp + AUDIT_DURATION;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsTooEarly.selector, until, block.timestamp));
        rewards.release(id);
        vm.warp(until);
        assertEq(rewards.release(id), 1e6, "two days later");
        assertTrue(rewards.cycleOf(BIN, 1).released, "released");
    }

    // auditCycle
    // ├─ no deposits ................................. EcoRewardsUnknownCycle
    // ├─ a claim is released ......................... EcoRewardsCycleReleased
    // ├─ above 10,000 ................................ EcoRewardsOutOfRange
    // ├─ as it is .................................... EcoRewardsUnchanged
    // └─ else ........................................ cut, CycleAudited

    function test_RevertWhen_AuditIsWrong() external {
        vm.startPrank(auditor);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsUnknownCycle.selector, BIN, 1));
        rewards.auditCycle(BIN, 1, 1, REASON);
        vm.stopPrank();
        put(aliceId, alice, 1_000);
        vm.startPrank(auditor);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsOutOfRange.selector, 10_001, 10_000));
        rewards.auditCycle(BIN, 1, 10_001, REASON);
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        rewards.auditCycle(BIN, 1, 0, REASON);
        vm.stopPrank();
        collect(1_000);
        rewards.settleCycle(BIN, 1);
        skip(WINDOW);
        rewards.release(depositClaim(aliceId, 1));
        vm.prank(auditor);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsCycleReleased.selector, BIN, 1));
        rewards.auditCycle(BIN, 1, 1, REASON);
    }

    function test_AuditCuts() external {
        _putW14();
        collect(30_000);
        rewards.settleCycle(BIN, 1);
        skip(WINDOW);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.CycleAudited(BIN, 1, 5_000, REASON);
        vm.prank(auditor);
        rewards.auditCycle(BIN, 1, 5_000, REASON);
        // Half of all, although 31,500 were allowed of the 30,000 claimed.
        assertEq(rewards.release(depositClaim(aliceId, 1)), 5e6, "alice");
        assertEq(rewards.release(depositClaim(bobId, 1)), 6e6, "bob");
        assertEq(rewards.release(depositClaim(carolId, 1)), 4e6, "carol");
    }

    // voidClaim (deposits)
    // ├─ no claim of the collection is released ...... its grams no longer count against the others
    // └─ one is ...................................... they do

    function test_VoidedGramsLeaveRoomToTheOthers() external {
        _putW14();
        collect(20_000);
        rewards.settleCycle(BIN, 1);
        vm.prank(auditor);
        rewards.voidClaim(depositClaim(bobId, 1), REASON, 0);
        assertEq(rewards.cycleOf(BIN, 1).claimedGrams, 18_000, "without bob's");
        skip(WINDOW);
        assertEq(rewards.release(depositClaim(aliceId, 1)), 10e6, "in full");
        vm.prank(auditor);
        rewards.voidClaim(depositClaim(carolId, 1), REASON, 0);
        assertEq(rewards.cycleOf(BIN, 1).claimedGrams, 18_000, "stays after a release");
        assertEq(eco.totalSupply(), 10e6, "nothing of the voided");
    }

    /// @dev What a programme says when a cycle begins holds for it to the end.
    function test_ChangedProgrammeTouchesNoCycle() external {
        _putW14();
        ProgrammeTerms memory terms = depositTerms();
        (terms.code, terms.toleranceBp, terms.ratePerThousand, terms.active) = (CODE + 1, 0, 1, false);
        setTerms(deposits, terms);
        collect(24_000);
        rewards.settleCycle(BIN, 1);
        assertEq(rewards.cycleOf(BIN, 1).allowedGrams, 25_200, "code and tolerance as at first");
        skip(WINDOW);
        assertEq(rewards.release(depositClaim(aliceId, 1)), 8.4e6, "and the rate");
    }

    function _putW14() private {
        put(aliceId, alice, 10_000);
        put(bobId, bob, 12_000);
        put(carolId, carol, 8_000);
    }
}
