// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../contracts/authority/CompactSignatures.sol";
import {
    Act,
    Claim,
    ClaimStatus,
    IEcoRewards,
    Person,
    ProgrammeKind,
    ProgrammeTerms,
    RewardLimit
} from "../../../contracts/rewards/IEcoRewards.sol";
import {RewardIds} from "../../../contracts/rewards/RewardIds.sol";
import {RewardFixture} from "./RewardFixture.sol";

contract EcoRewardsEarnTest is RewardFixture {
    // earn
    // ├─ programme unknown ........................... EcoRewardsUnknownProgramme
    // ├─ of another kind ............................. EcoRewardsWrongKind
    // ├─ not active .................................. EcoRewardsNotActive
    // ├─ a person of the other sort .................. EcoRewardsNotParticipant
    // ├─ a day more than 6 before, or to come ........ EcoRewardsBadDay
    // ├─ quality or span out of range ................ EcoRewardsOutOfRange
    // ├─ signatures
    // │  ├─ not as many as the quorum ................ EcoRewardsBadQuorum
    // │  ├─ a key does not speak ..................... EcoRewardsNotAttestor
    // │  └─ keys do not rise ......................... EcoRewardsKeysNotRising
    // ├─ the claim is voided ......................... EcoRewardsNotPending
    // ├─ the span is used, or too near ............... EcoRewardsTooSoon
    // ├─ person
    // │  ├─ not enrolled ............................. EcoRewardsNotEnrolled
    // │  ├─ another account .......................... EcoRewardsWrongAccount
    // │  └─ a new nullifier
    // │     ├─ for account zero ...................... EcoRewardsBadAccount
    // │     └─ else .................................. bound, Enrolled
    // └─ else ........................................ recorded
    //    ├─ something is left ........................ claim grows, budgets shrink, Earned
    //    └─ nothing .................................. RewardSkipped with the limit

    function test_RevertWhen_ProgrammeCannotBeEarnedFrom() external {
        Act memory act = actOf(aliceId, alice);
        act.programmeId = 9;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsUnknownProgramme.selector, 9));
        this.earnOutside(act);
        act.programmeId = deposits;
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsWrongKind.selector, deposits, ProgrammeKind.Deposits)
        );
        this.earnOutside(act);
        ProgrammeTerms memory terms = attestedTerms();
        terms.active = false;
        setTerms(attested, terms);
        act.programmeId = attested;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotActive.selector, attested));
        this.earnOutside(act);
    }

    function test_RevertWhen_PersonIsOfTheOtherSort() external {
        uint64[4] memory persons = [NULLIFIER, 1 << 63, aliceId, (1 << 63) - 1];
        for (uint256 i = 0; i < persons.length; ++i) {
            Act memory act = actOf(persons[i], alice);
            act.programmeId = i < 2 ? attested : byNullifier;
            vm.expectRevert(
                abi.encodeWithSelector(IEcoRewards.EcoRewardsNotParticipant.selector, persons[i], act.programmeId)
            );
            this.earnOutside(act);
        }
        assertEq(earn(actOf(1 << 63, alice)), 2.5e6, "the first nullifier");
    }

    function test_RevertWhen_DayIsNotOneOfTheLastSeven() external {
        Act memory act = actOf(aliceId, alice);
        act.day = today() + 1;
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsBadDay.selector, today() + 1, today() - 6, today())
        );
        this.earnOutside(act);
        act.day = today() - 7;
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsBadDay.selector, today() - 7, today() - 6, today())
        );
        this.earnOutside(act);
        act.day = today() - 6;
        assertEq(earn(act), 2.5e6, "six days late");
    }

    function test_RevertWhen_QualityOrSpanIsOutOfRange() external {
        Act memory act = actOf(aliceId, alice);
        act.qualityBp = 10_001;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsOutOfRange.selector, 10_001, 10_000));
        this.earnOutside(act);
        (act.qualityBp, act.span) = (10_000, 144);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsOutOfRange.selector, 144, 143));
        this.earnOutside(act);
        act.span = 143;
        assertEq(earn(act), 2.5e6, "last span");
    }

    function test_RevertWhen_SignaturesAreNotAsManyAsTheQuorum() external {
        Act memory act = actOf(aliceId, alice);
        CompactSignature[] memory signatures = new CompactSignature[](0);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadQuorum.selector, 0, 1));
        rewards.earn(act, signatures);
        signatures = signed(act, lowKey, highKey);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadQuorum.selector, 2, 1));
        rewards.earn(act, signatures);
    }

    function test_RevertWhen_KeyDoesNotSpeakForTheProgramme() external {
        Act memory act = actOf(aliceId, alice);
        CompactSignature[] memory signatures = signed(act, strangerKey);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotAttestor.selector, attested, stranger));
        rewards.earn(act, signatures);
        // An attestor of one programme does not speak for another.
        vm.prank(programmes);
        act.programmeId = rewards.setProgramme(0, attestedTerms());
        signatures = signed(act, lowKey);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotAttestor.selector, 5, vm.addr(lowKey)));
        rewards.earn(act, signatures);
    }

    function test_RevertWhen_KeysDoNotRise() external {
        _askForTwo();
        Act memory act = actOf(aliceId, alice);
        CompactSignature[] memory signatures = signed(act, highKey, lowKey);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsKeysNotRising.selector, vm.addr(lowKey)));
        rewards.earn(act, signatures);
        signatures = signed(act, lowKey, lowKey);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsKeysNotRising.selector, vm.addr(lowKey)));
        rewards.earn(act, signatures);
    }

    function test_EachOfAQuorumAnswersForTheWhole() external {
        _askForTwo();
        setAttestor(highKey, 4e6);
        Act memory act = actOf(aliceId, alice);
        assertEq(rewards.earn(act, signed(act, lowKey, highKey)), 2.5e6, "first");
        act.span++;
        CompactSignature[] memory signatures = signed(act, lowKey, highKey);
        expectEarned(actClaim(aliceId), aliceId, 2.5e6, 1.5e6, RewardLimit.Attestor);
        rewards.earn(act, signatures);
        (, uint48 low) = rewards.attestorOf(attested, vm.addr(lowKey));
        (, uint48 high) = rewards.attestorOf(attested, vm.addr(highKey));
        assertEq(low, 4e6, "low");
        assertEq(high, 4e6, "high");
    }

    function test_RevertWhen_ClaimIsVoided() external {
        earn(actOf(aliceId, alice));
        uint256 id = actClaim(aliceId);
        vm.prank(auditor);
        rewards.voidClaim(id, REASON, 0);
        Act memory act = actOf(aliceId, alice);
        act.span++;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotPending.selector, id, ClaimStatus.Voided));
        this.earnOutside(act);
    }

    function test_RevertWhen_SpanIsUsed() external {
        earn(actOf(aliceId, alice));
        Act memory act = actOf(aliceId, alice);
        act.units = 77; // another act of the same span
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsTooSoon.selector, actClaim(aliceId), NOON_SPAN));
        this.earnOutside(act);
    }

    function test_GapLiesBetweenActsOfADay() external {
        ProgrammeTerms memory terms = attestedTerms();
        terms.minGap = 2;
        setTerms(attested, terms);
        earn(aliceId, alice, 1_000, 72);
        uint8[4] memory near = [70, 71, 73, 74];
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsTooSoon.selector, actClaim(aliceId), near[i]));
            this.earnSpan(near[i]);
        }
        assertEq(this.earnSpan(75), 2.5e6, "two spans lie between");
        assertEq(this.earnSpan(69), 2.5e6, "before, too");
        assertEq(rewards.claimOf(actClaim(aliceId)).detail, (1 << 69) | (1 << 72) | (1 << 75), "spans");
        // The gap is one of a day: the last span of a day and the first of the next are two days.
        assertEq(this.earnSpan(143), 2.5e6, "last span");
        skip(1 days);
        assertEq(this.earnSpan(0), 2.5e6, "first span");
    }

    function test_RevertWhen_PersonIsNotEnrolled() external {
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotEnrolled.selector, 4));
        this.earnOutside(actOf(4, alice));
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotEnrolled.selector, (1 << 63) - 1));
        this.earnOutside(actOf((1 << 63) - 1, alice));
    }

    function test_RevertWhen_RewardIsForAnotherAccount() external {
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsWrongAccount.selector, aliceId, bob, alice));
        this.earnOutside(actOf(aliceId, bob));
    }

    function test_NullifierBelongsToTheAccountOfItsFirstAct() external {
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadAccount.selector, address(0)));
        this.earnOutside(actOf(NULLIFIER, address(0)));
        vm.expectEmit(address(rewards));
        emit IEcoRewards.Enrolled(NULLIFIER, stranger, type(uint40).max);
        expectEarned(actClaim(NULLIFIER), NULLIFIER, 2.5e6, 2.5e6, RewardLimit.None);
        this.earnOutside(actOf(NULLIFIER, stranger));
        Person memory known = rewards.personOf(NULLIFIER);
        assertEq(known.account, stranger, "account");
        assertEq(known.enrolledUntil, type(uint40).max, "for good");
        skip(10 minutes);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsWrongAccount.selector, NULLIFIER, bob, stranger));
        this.earnOutside(actOf(NULLIFIER, bob));
        assertEq(earn(actOf(NULLIFIER, stranger)), 2.5e6, "second act");
    }

    function test_Earns() external {
        Act memory act = actOf(aliceId, alice);
        (act.units, act.qualityBp) = (2_400, 9_500); // case W11
        uint256 id = actClaim(aliceId);
        expectEarned(id, aliceId, 5.7e6, 5.7e6, RewardLimit.None);
        assertEq(this.earnOutside(act), 5.7e6, "paid");
        Claim memory claim = rewards.claimOf(id);
        assertEq(claim.amount, 5.7e6, "amount");
        assertEq(claim.unlockAt, block.timestamp + WINDOW, "unlocks");
        assertEq(uint256(claim.status), uint256(ClaimStatus.Pending), "status");
        assertEq(claim.detail, 1 << NOON_SPAN, "spans");
        (, uint48 used) = rewards.programmeOf(attested);
        assertEq(used, 5.7e6, "programme");
        (, used) = rewards.attestorOf(attested, vm.addr(lowKey));
        assertEq(used, 5.7e6, "attestor");
        (, , uint256 left, uint256 leftInYear) = rewards.cityBudget();
        assertEq(left, 800e6 - 5.7e6, "city");
        assertEq(leftInYear, YEAR_CAP - 366 * 200e6 - 5.7e6, "year");
        assertEq(eco.totalSupply(), 0, "nothing minted yet");

        // The second act of the day: the claim grows, and its window begins anew.
        skip(1 hours);
        earn(actOf(aliceId, alice));
        claim = rewards.claimOf(id);
        assertEq(claim.amount, 8.2e6, "grown");
        assertEq(claim.unlockAt, block.timestamp + WINDOW, "unlocks later");
        assertEq(claim.detail, (1 << NOON_SPAN) | (1 << (NOON_SPAN + 6)), "both spans");
    }

    // Limits: units, person, programme, attestor, city, year, strikes

    function test_UnitsHaveALeastAndAMost() external {
        ProgrammeTerms memory terms = attestedTerms();
        (terms.leastUnits, terms.mostUnits) = (100, 2_000);
        setTerms(attested, terms);
        uint256 id = actClaim(aliceId);
        expectSkipped(id, aliceId, 247_500, RewardLimit.Units);
        assertEq(this.earnUnits(99, 0), 0, "too few");
        assertEq(this.earnUnits(100, 1), 250_000, "least");
        expectEarned(id, aliceId, 5.0025e6, 5e6, RewardLimit.Units);
        assertEq(this.earnUnits(2_001, 2), 5e6, "above the most");
        assertEq(this.earnUnits(2_000, 3), 5e6, "most");
        assertEq(rewards.claimOf(id).detail, 15, "all four are recorded");
    }

    /// @dev Case W12.
    function test_PersonsDayCapClips() external {
        this.earnUnits(7_200, 0);
        assertAmount(actClaim(aliceId), 18e6, "earned today");
        expectEarned(actClaim(aliceId), aliceId, 5.7e6, 2e6, RewardLimit.Person);
        assertEq(this.earnUnits(2_280, 1), 2e6, "clipped");
        expectSkipped(actClaim(aliceId), aliceId, 5.7e6, RewardLimit.Person);
        assertEq(this.earnUnits(2_280, 2), 0, "nothing left");
        // The last second of the day by the city's clock, and the first of the next.
        vm.warp(EPOCH + 23 hours - 1);
        assertEq(this.earnUnits(2_280, 3), 0, "still the day");
        vm.warp(EPOCH + 23 hours);
        assertEq(this.earnUnits(8_000, 0), 20e6, "all of the next day's");
    }

    function test_LoweredCapLeavesNothing() external {
        this.earnUnits(1_000, 0);
        ProgrammeTerms memory terms = attestedTerms();
        terms.dayCapPerPerson = 2e6;
        setTerms(attested, terms);
        assertEq(this.earnUnits(1_000, 1), 0, "nothing left");
    }

    /// @dev Case W13.
    function test_ProgrammesDayBudgetClips() external {
        ProgrammeTerms memory terms = attestedTerms();
        terms.dayBudget = 1.5e6;
        setTerms(attested, terms);
        expectEarned(actClaim(aliceId), aliceId, 5.7e6, 1.5e6, RewardLimit.Programme);
        assertEq(this.earnUnits(2_280, 0), 1.5e6, "the rest");
        (, uint48 used) = rewards.programmeOf(attested);
        assertEq(used, 1.5e6, "nothing left");
        expectSkipped(actClaim(aliceId), aliceId, 5.7e6, RewardLimit.Programme);
        assertEq(this.earnUnits(2_280, 1), 0, "next");
        assertEq(rewards.claimOf(actClaim(aliceId)).detail, 3, "both stand");
    }

    function test_AttestorsDayBudgetClips() external {
        setAttestor(lowKey, 1e6);
        expectEarned(actClaim(aliceId), aliceId, 5.7e6, 1e6, RewardLimit.Attestor);
        assertEq(this.earnUnits(2_280, 0), 1e6, "the rest");
        expectSkipped(actClaim(aliceId), aliceId, 5.7e6, RewardLimit.Attestor);
        assertEq(this.earnUnits(2_280, 1), 0, "next");
    }

    function test_CitysDayBudgetClips() external {
        setCityBudget(203e6);
        expectEarned(actClaim(aliceId), aliceId, 5.7e6, 3e6, RewardLimit.City);
        assertEq(this.earnUnits(2_280, 0), 3e6, "what is not set aside");
        expectSkipped(actClaim(aliceId), aliceId, 5.7e6, RewardLimit.City);
        assertEq(this.earnUnits(2_280, 1), 0, "next");
    }

    function test_YearClips() external {
        // All of the year but 366 are set aside, and the day budget is above.
        setCityBudget(2_000e6);
        (, , , uint256 leftInYear) = rewards.cityBudget();
        ProgrammeTerms memory terms = epochTerms();
        terms.dayBudget += uint48(leftInYear / 366);
        setTerms(epochs, terms);
        (, , , leftInYear) = rewards.cityBudget();
        assertLe(1, leftInYear, "a few are left");
        expectEarned(actClaim(aliceId), aliceId, 5.7e6, leftInYear, RewardLimit.Year);
        assertEq(this.earnUnits(2_280, 0), leftInYear, "the rest of the year");
        expectSkipped(actClaim(aliceId), aliceId, 5.7e6, RewardLimit.Year);
        assertEq(this.earnUnits(2_280, 1), 0, "next");
    }

    function test_StruckPersonEarnsNothing() external {
        this.earnUnits(1_000, 0);
        vm.prank(auditor);
        rewards.voidClaim(actClaim(aliceId), REASON, 2);
        skip(2 days);
        expectSkipped(actClaim(aliceId), aliceId, 2.5e6, RewardLimit.Struck);
        assertEq(this.earnUnits(1_000, 0), 0, "last day");
        assertEq(uint256(rewards.claimOf(actClaim(aliceId)).status), uint256(ClaimStatus.Pending), "recorded");
        skip(1 days);
        assertEq(this.earnUnits(1_000, 0), 2.5e6, "the day after");
    }

    /// @dev An act that earns nothing does not lock what is there any longer.
    function test_SkippedActsDoNotLock() external {
        this.earnUnits(8_000, 0);
        uint256 unlockAt = rewards.claimOf(actClaim(aliceId)).unlockAt;
        skip(1 hours);
        assertEq(this.earnUnits(1_000, 1), 0, "over the cap");
        assertEq(rewards.claimOf(actClaim(aliceId)).unlockAt, unlockAt, "time stays");
    }

    function testFuzz_PaysTheLeastOfAllLimits(uint256[5] memory limits, uint32 units) external {
        units = uint32(bound(units, 0, 1_048_575));
        ProgrammeTerms memory terms = attestedTerms();
        terms.mostUnits = 1_048_575;
        terms.dayCapPerPerson = uint48(bound(limits[0], 0, 3_000e6));
        terms.dayBudget = uint48(bound(limits[1], 1, 3_000e6));
        setTerms(attested, terms);
        uint48 attestor = uint48(bound(limits[2], 1, 3_000e6));
        if (attestor == ATTESTOR_BUDGET) ++attestor;
        setAttestor(lowKey, attestor);
        uint56 city = uint56(bound(limits[3], 200e6, 3_000e6));
        if (city == CITY_BUDGET) ++city;
        setCityBudget(city);
        uint256 least = (uint256(units) * RATE) / 1_000;
        if (terms.dayCapPerPerson < least) least = terms.dayCapPerPerson;
        if (terms.dayBudget < least) least = terms.dayBudget;
        if (attestor < least) least = attestor;
        if (city - 200e6 < least) least = city - 200e6;
        assertEq(this.earnUnits(units, 0), least, "paid");
        assertAmount(actClaim(aliceId), least, "claim");
    }

    function earnOutside(Act memory act) external returns (uint256 paid) {
        return earn(act);
    }

    function earnUnits(uint32 units, uint8 span) external returns (uint256 paid) {
        return earn(aliceId, alice, units, span);
    }

    function earnSpan(uint8 span) external returns (uint256 paid) {
        return earn(aliceId, alice, 1_000, span);
    }

    function _askForTwo() private {
        ProgrammeTerms memory terms = attestedTerms();
        terms.quorum = 2;
        setTerms(attested, terms);
    }
}

contract EcoRewardsReleaseTest is RewardFixture {
    // release (acts)
    // ├─ no claim, released or voided ................ EcoRewardsNotPending
    // ├─ before its time ............................. EcoRewardsTooEarly
    // └─ else ........................................ minted to the person's account, Released
    //    └─ nothing was earned ....................... released, nothing minted

    function test_RevertWhen_ThereIsNoClaim() external {
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotPending.selector, 77, ClaimStatus.None));
        rewards.release(77);
    }

    function test_RevertWhen_ClaimIsLocked() external {
        earn(actOf(aliceId, alice));
        uint256 id = actClaim(aliceId);
        skip(WINDOW - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsTooEarly.selector, block.timestamp + 1, block.timestamp)
        );
        rewards.release(id);
    }

    function test_Releases() external {
        earn(actOf(aliceId, alice));
        uint256 id = actClaim(aliceId);
        skip(WINDOW);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.Released(id, alice, 2.5e6);
        vm.prank(stranger);
        assertEq(rewards.release(id), 2.5e6, "amount");
        assertEq(eco.balanceOf(alice), 2.5e6, "alice");
        assertEq(eco.totalSupply(), 2.5e6, "supply");
        assertStatus(id, ClaimStatus.Released, "released");
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotPending.selector, id, ClaimStatus.Released));
        rewards.release(id);
    }

    function test_ReleasesNothing() external {
        ProgrammeTerms memory terms = attestedTerms();
        terms.dayBudget = 0;
        setTerms(attested, terms);
        earn(actOf(aliceId, alice));
        uint256 id = actClaim(aliceId);
        skip(WINDOW);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.Released(id, alice, 0);
        assertEq(rewards.release(id), 0, "nothing");
        assertEq(eco.totalSupply(), 0, "nothing minted");
    }

    // voidClaim
    // ├─ no claim, released or voided ................ EcoRewardsNotPending
    // └─ else ........................................ voided for good, Voided
    //    ├─ no strike ................................ the person earns on
    //    └─ strike ................................... Struck; the later end counts

    function test_RevertWhen_ThereIsNothingToVoid() external {
        vm.startPrank(auditor);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotPending.selector, 77, ClaimStatus.None));
        rewards.voidClaim(77, REASON, 0);
        vm.stopPrank();
        earn(actOf(aliceId, alice));
        uint256 id = actClaim(aliceId);
        skip(WINDOW);
        rewards.release(id);
        vm.prank(auditor);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotPending.selector, id, ClaimStatus.Released));
        rewards.voidClaim(id, REASON, 0);
    }

    function test_Voids() external {
        earn(actOf(aliceId, alice));
        uint256 id = actClaim(aliceId);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.Voided(id, REASON);
        vm.prank(auditor);
        rewards.voidClaim(id, REASON, 0);
        assertStatus(id, ClaimStatus.Voided, "voided");
        assertEq(rewards.personOf(aliceId).strikes, 0, "no strike");
        (, uint48 used) = rewards.programmeOf(attested);
        assertEq(used, 2.5e6, "the budget does not come back");
        skip(WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotPending.selector, id, ClaimStatus.Voided));
        rewards.release(id);
        vm.prank(auditor);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotPending.selector, id, ClaimStatus.Voided));
        rewards.voidClaim(id, REASON, 0);
    }

    function test_StrikesAddUp() external {
        Act memory act = actOf(aliceId, alice);
        earn(act);
        act.day--;
        earn(act);
        uint256 id = actClaim(aliceId);
        vm.startPrank(auditor);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.Struck(aliceId, 1, today() + 30);
        rewards.voidClaim(id, REASON, 30);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.Struck(aliceId, 2, today() + 30);
        rewards.voidClaim(RewardIds.ofDay(attested, aliceId, act.day), REASON, 5);
        vm.stopPrank();
        Person memory known = rewards.personOf(aliceId);
        assertEq(known.strikes, 2, "strikes");
        assertEq(known.struckUntil, today() + 30, "the later end");
    }
}
