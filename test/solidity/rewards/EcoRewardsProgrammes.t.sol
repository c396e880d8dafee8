// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    Act,
    IEcoRewards,
    Participants,
    ProgrammeKind,
    ProgrammeTerms,
    RewardSettings
} from "../../../contracts/rewards/IEcoRewards.sol";
import {IWasteLots} from "../../../contracts/waste/lots/IWasteLots.sol";
import {RewardFixture} from "./RewardFixture.sol";

contract EcoRewardsSettingsTest is RewardFixture {
    // constructor
    // ├─ a clock more than 14 hours from UTC ......... EcoRewardsBadClock
    // └─ else ........................................ kept, CityBudgetSet

    function test_RevertWhen_ClockIsTooFarFromUtc() external {
        RewardSettings memory wrong = settings();
        int32[2] memory offsets = [int32(50_401), -50_401];
        for (uint256 i = 0; i < 2; ++i) {
            wrong.clockOffset = offsets[i];
            vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadClock.selector, offsets[i], 50_400));
            this.deploy(wrong);
        }
        wrong.clockOffset = -50_400;
        IEcoRewards west = this.deploy(wrong);
        assertEq(west.today(), today() - 1, "still the day before");
    }

    function test_KeepsItsSettings() external view {
        assertEq(rewards.personType(), RESIDENT, "type");
        assertTrue(rewards.clockOffset() == OFFSET, "offset");
        assertEq(rewards.yearCap(), YEAR_CAP, "year");
        assertEq(address(rewards.ecoToken()), address(eco), "token");
        assertEq(address(rewards.lots()), address(tickets), "lots");
        assertEq(address(rewards.containers()), address(bins), "containers");
        assertEq(address(rewards.credentials()), address(registry), "credentials");
        assertEq(address(rewards.identities()), address(ids), "identities");
        (uint256 dayBudget, uint256 setAside, uint256 left, uint256 leftInYear) = rewards.cityBudget();
        assertEq(dayBudget, CITY_BUDGET, "day budget");
        assertEq(setAside, 200e6, "set aside");
        assertEq(left, 800e6, "left today");
        assertEq(leftInYear, YEAR_CAP - 366 * 200e6, "left this year");
    }

    function test_TellsTheFirstBudget() external {
        vm.recordLogs();
        this.deploy(settings());
        assertEq(
            vm.getRecordedLogs()[1].topics[0],
            IEcoRewards.CityBudgetSet.selector,
            "after the authority's own event"
        );
    }

    /// @dev From outside, so that a revert is that of one call.
    function deploy(RewardSettings memory settings_) external returns (IEcoRewards deployed) {
        return deployRewards(IWasteLots(address(tickets)), settings_);
    }

    // Every act of an office
    // └─ the caller has not its role ................. AccessManagedUnauthorized

    function test_RevertWhen_CallerHasNotTheRole() external {
        vm.startPrank(stranger);
        expectUnauthorized(stranger);
        rewards.setProgramme(0, attestedTerms());
        expectUnauthorized(stranger);
        rewards.setAttestor(attested, stranger, 1);
        expectUnauthorized(stranger);
        rewards.setCityBudget(1);
        expectUnauthorized(stranger);
        rewards.voidClaim(1, REASON, 0);
        expectUnauthorized(stranger);
        rewards.auditCycle(BIN, 1, 1, REASON);
        expectUnauthorized(stranger);
        rewards.pardon(aliceId);
        expectUnauthorized(stranger);
        rewards.voidEpoch(1, 0, 0, REASON);
        expectUnauthorized(stranger);
        rewards.pause();
        expectUnauthorized(stranger);
        rewards.unpause();
        vm.stopPrank();
    }

    // setCityBudget
    // ├─ the same .................................... EcoRewardsUnchanged
    // ├─ below what is set aside ..................... EcoRewardsBelowSetAside
    // └─ else ........................................ set, CityBudgetSet

    function test_RevertWhen_CityBudgetStays() external {
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        setCityBudget(CITY_BUDGET);
    }

    function test_RevertWhen_CityBudgetIsBelowWhatIsSetAside() external {
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBelowSetAside.selector, 200e6 - 1, 200e6));
        setCityBudget(200e6 - 1);
    }

    function test_SetsTheCityBudget() external {
        vm.expectEmit(address(rewards));
        emit IEcoRewards.CityBudgetSet(CITY_BUDGET, 200e6);
        setCityBudget(200e6);
        (, , uint256 left, ) = rewards.cityBudget();
        assertEq(left, 0, "all is set aside");
    }

    // pause, unpause
    // ├─ is it already ............................... EcoRewardsPaused, EcoRewardsNotPaused
    // └─ else ........................................ new business stops and goes on
    //    ├─ enrolments, acts, deposits, epochs ....... EcoRewardsPaused while it lasts
    //    └─ who is enrolled .......................... can name another account, which gets what is pending

    function test_PauseLetsPeopleNameAnotherAccount() external {
        earn(actOf(aliceId, alice));
        uint256 id = actClaim(aliceId);
        vm.prank(guardian);
        rewards.pause();
        vm.expectEmit(address(rewards));
        emit IEcoRewards.Enrolled(aliceId, bob, UNTIL);
        vm.prank(alice);
        rewards.enrol(alice, bob, 0, 0, none());
        skip(8 days);
        rewards.release(id);
        assertEq(eco.balanceOf(bob), 2.5e6, "the new account");
    }

    function test_PauseStopsNewBusinessAlone() external {
        Act memory act = actOf(aliceId, alice);
        put(aliceId, alice, 1_000);
        collect(1_000);
        earn(act);
        rewards.settleCycle(BIN, 1);
        (uint40 epochId, uint40 claimableAt) = post(leafOf(0, alice, 5e6), 5e6);
        uint256 id = actClaim(aliceId);
        (address newcomer, ) = actor("newcomer");
        issue(newcomer, UNTIL);

        vm.expectEmit(address(rewards));
        emit IEcoRewards.Paused(guardian);
        vm.prank(guardian);
        rewards.pause();
        assertTrue(rewards.paused(), "paused");
        act.span++;
        expectError(IEcoRewards.EcoRewardsPaused.selector);
        this.earnOutside(act);
        expectError(IEcoRewards.EcoRewardsPaused.selector);
        this.putOutside(1_000);
        expectError(IEcoRewards.EcoRewardsPaused.selector);
        vm.prank(poster);
        rewards.postEpoch(epochId, 0, 1, "");
        expectError(IEcoRewards.EcoRewardsPaused.selector);
        vm.prank(newcomer);
        rewards.enrol(newcomer, newcomer, 0, 0, none());
        expectError(IEcoRewards.EcoRewardsPaused.selector);
        vm.prank(guardian);
        rewards.pause();

        skip(8 days);
        rewards.release(id);
        rewards.release(depositClaim(aliceId, 1));
        rewards.claimFromEpoch(epochId, claimableAt, 0, alice, 5e6, new bytes32[](0));
        assertEq(eco.balanceOf(alice), 2.5e6 + 1e6 + 5e6, "paid while paused");

        vm.expectEmit(address(rewards));
        emit IEcoRewards.Unpaused(steward);
        vm.prank(steward);
        rewards.unpause();
        assertFalse(rewards.paused(), "goes on");
        assertEq(earn(actOf(aliceId, alice)), 2.5e6, "acts count again");
        expectError(IEcoRewards.EcoRewardsNotPaused.selector);
        vm.prank(steward);
        rewards.unpause();
    }

    function earnOutside(Act memory act) external {
        earn(act);
    }

    function putOutside(uint32 grams) external {
        put(aliceId, alice, grams);
    }
}

contract EcoRewardsProgrammesTest is RewardFixture {
    /// @dev Where the number of programmes is stored.
    bytes32 private constant COUNT_SLOT = bytes32(uint256(5));

    // setProgramme
    // ├─ new, and 65,535 there already ............... EcoRewardsTooManyProgrammes
    // ├─ number unknown .............................. EcoRewardsUnknownProgramme
    // ├─ another kind ................................ EcoRewardsWrongKind
    // ├─ other participants .......................... EcoRewardsWrongParticipants
    // ├─ a member out of its range ................... EcoRewardsBadTerms
    // ├─ nothing changes ............................. EcoRewardsUnchanged
    // ├─ more for epochs than the city has ........... EcoRewardsBudgetExceeded
    // └─ else ........................................ stored, ProgrammeSet

    function test_RevertWhen_NoNumberIsLeftForAProgramme() external {
        assertEq(uint256(vm.load(address(rewards), COUNT_SLOT)), byNullifier, "programmes so far");
        vm.store(address(rewards), COUNT_SLOT, bytes32(uint256(65_534)));
        setTerms(0, attestedTerms());
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsTooManyProgrammes.selector, 65_536, 65_535));
        setTerms(0, attestedTerms());
        // Those that there are can still be changed.
        ProgrammeTerms memory terms = attestedTerms();
        ++terms.dayBudget;
        setTerms(type(uint16).max, terms);
    }

    function test_RevertWhen_ProgrammeIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsUnknownProgramme.selector, 9));
        setTerms(9, attestedTerms());
    }

    function test_RevertWhen_KindChanges() external {
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsWrongKind.selector, attested, ProgrammeKind.Attested)
        );
        setTerms(attested, depositTerms());
    }

    function test_RevertWhen_ParticipantsChange() external {
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsWrongParticipants.selector, attested, Participants.Residents)
        );
        setTerms(attested, nullifierTerms());
        vm.expectRevert(
            abi.encodeWithSelector(
                IEcoRewards.EcoRewardsWrongParticipants.selector,
                byNullifier,
                Participants.Nullifiers
            )
        );
        setTerms(byNullifier, attestedTerms());
        // Neither does what lies in that place in a programme of epochs.
        ProgrammeTerms memory terms = epochTerms();
        terms.poster = address(type(uint160).max);
        setTerms(epochs, terms);
        setTerms(epochs, epochTerms());
    }

    function test_RevertWhen_NothingChanges() external {
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        setTerms(attested, attestedTerms());
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        setTerms(deposits, depositTerms());
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        setTerms(epochs, epochTerms());
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        setTerms(byNullifier, nullifierTerms());
    }

    function test_RevertWhen_TermsOfActsAreOutOfRange() external {
        ProgrammeTerms memory terms = attestedTerms();
        terms.kind = ProgrammeKind.None;
        _expectBad(terms, 0, 1, 3);
        terms = attestedTerms();
        (terms.windowDays) = 6;
        _expectBad(terms, 6, 7, 90);
        terms.windowDays = 91;
        _expectBad(terms, 91, 7, 90);
        terms = attestedTerms();
        terms.quorum = 0;
        _expectBad(terms, 0, 1, 8);
        terms.quorum = 9;
        _expectBad(terms, 9, 1, 8);
        terms = attestedTerms();
        terms.minGap = 144;
        _expectBad(terms, 144, 0, 143);
        terms = attestedTerms();
        terms.code = 1;
        _expectBad(terms, 1, 0, 0);
        terms = attestedTerms();
        terms.toleranceBp = 1;
        _expectBad(terms, 1, 0, 0);
        terms = attestedTerms();
        terms.poster = poster;
        _expectBad(terms, uint160(poster), 0, 0);
        terms = attestedTerms();
        terms.mostUnits = 1 << 20;
        _expectBad(terms, 1 << 20, 0, (1 << 20) - 1);
        terms = attestedTerms();
        terms.leastUnits = 1 << 13;
        _expectBad(terms, 1 << 13, 0, (1 << 13) - 1);
        (terms.leastUnits, terms.mostUnits) = (51, 50);
        _expectBad(terms, 51, 0, 50);
    }

    function test_RevertWhen_TermsOfDepositsAreOutOfRange() external {
        ProgrammeTerms memory terms = depositTerms();
        terms.windowDays = 6;
        _expectBad(terms, 6, 7, 90);
        terms = depositTerms();
        terms.participants = Participants.Nullifiers;
        _expectBad(terms, 1, 0, 0);
        terms = depositTerms();
        terms.quorum = 1;
        _expectBad(terms, 1, 0, 0);
        terms = depositTerms();
        terms.code = 0;
        _expectBad(terms, 0, 1, type(uint24).max);
        terms = depositTerms();
        terms.toleranceBp = 1_001;
        _expectBad(terms, 1_001, 0, 1_000);
        terms = depositTerms();
        terms.poster = poster;
        _expectBad(terms, uint160(poster), 0, 0);
    }

    function test_RevertWhen_TermsOfEpochsAreOutOfRange() external {
        ProgrammeTerms memory terms = epochTerms();
        terms.windowDays = 1;
        _expectBad(terms, 1, 2, 90);
        terms = epochTerms();
        terms.participants = Participants.Nullifiers;
        _expectBad(terms, 1, 0, 0);
        terms = epochTerms();
        terms.quorum = 1;
        _expectBad(terms, 1, 0, 0);
        terms = epochTerms();
        terms.minGap = 1;
        _expectBad(terms, 1, 0, 0);
        terms = epochTerms();
        terms.poster = address(0);
        _expectBad(terms, 0, 1, type(uint160).max);
        terms = epochTerms();
        terms.ratePerThousand = 1;
        _expectBad(terms, 1, 0, 0);
        terms = epochTerms();
        terms.dayCapPerPerson = 1;
        _expectBad(terms, 1, 0, 0);
        terms = epochTerms();
        terms.mostUnits = 1;
        _expectBad(terms, 1, 0, 0);
        terms = epochTerms();
        terms.leastUnits = 1;
        _expectBad(terms, 1, 0, 0);
    }

    function _expectBad(ProgrammeTerms memory terms, uint256 value, uint256 lowest, uint256 highest) private {
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadTerms.selector, value, lowest, highest));
        setTerms(0, terms);
    }

    function test_MakesProgrammes() external {
        assertEq(attested, 1, "first");
        assertEq(deposits, 2, "second");
        assertEq(epochs, 3, "third");
        assertEq(byNullifier, 4, "fourth");
        ProgrammeTerms[4] memory all = [attestedTerms(), depositTerms(), epochTerms(), nullifierTerms()];
        for (uint16 i = 0; i < all.length; ++i) {
            ProgrammeTerms memory terms = all[i];
            terms.active = false;
            vm.expectEmit(address(rewards));
            emit IEcoRewards.ProgrammeSet(i + 1, terms);
            setTerms(i + 1, terms);
            (ProgrammeTerms memory read, uint48 used) = rewards.programmeOf(i + 1);
            assertEq(keccak256(abi.encode(read)), keccak256(abi.encode(terms)), "as it was set");
            assertEq(used, 0, "nothing used");
        }
        (ProgrammeTerms memory nothing, ) = rewards.programmeOf(9);
        assertEq(uint256(nothing.kind), 0, "unknown");
    }

    /// @dev A change of what lies in the second slot alone is a change.
    function test_ChangesCodeAndTolerance() external {
        ProgrammeTerms memory terms = depositTerms();
        terms.code = CODE + 1;
        setTerms(deposits, terms);
        terms.toleranceBp = 0;
        setTerms(deposits, terms);
        (ProgrammeTerms memory read, ) = rewards.programmeOf(deposits);
        assertEq(read.code, CODE + 1, "code");
        assertEq(read.toleranceBp, 0, "tolerance");
    }

    function testFuzz_TermsAreAsTheyWereSet(bool acts, bool active, uint256[10] memory values) external {
        ProgrammeTerms memory terms;
        terms.kind = acts ? ProgrammeKind.Attested : ProgrammeKind.Deposits;
        terms.active = active;
        terms.ratePerThousand = uint40(values[0]);
        terms.dayCapPerPerson = uint48(values[1]);
        terms.dayBudget = uint48(values[2]);
        terms.windowDays = uint8(bound(values[3], 7, 90));
        terms.minGap = uint8(bound(values[4], 0, 143));
        terms.mostUnits = uint24(bound(values[5], 0, (1 << 20) - 1));
        terms.leastUnits = uint16(bound(values[6], 0, terms.mostUnits < 8_191 ? terms.mostUnits : 8_191));
        if (acts) {
            terms.quorum = uint8(bound(values[7], 1, 8));
            terms.participants = values[8] % 2 == 0 ? Participants.Residents : Participants.Nullifiers;
        } else {
            terms.code = uint24(bound(values[8], 1, type(uint24).max));
            terms.toleranceBp = uint16(bound(values[9], 0, 1_000));
        }
        vm.prank(programmes);
        uint16 number = rewards.setProgramme(0, terms);
        assertEq(number, 5, "number");
        (ProgrammeTerms memory read, ) = rewards.programmeOf(number);
        assertEq(keccak256(abi.encode(read)), keccak256(abi.encode(terms)), "as it was set");
    }

    /// @dev What was given today stays counted when the programme changes.
    function test_ChangeKeepsWhatWasGiven() external {
        earn(actOf(aliceId, alice));
        ProgrammeTerms memory terms = attestedTerms();
        terms.dayBudget = 3e6;
        setTerms(attested, terms);
        (, uint48 used) = rewards.programmeOf(attested);
        assertEq(used, 2.5e6, "used");
        assertEq(earn(actOf(bobId, bob)), 0.5e6, "the rest");
        skip(1 days);
        (, used) = rewards.programmeOf(attested);
        assertEq(used, 0, "another day");
    }

    // day budgets of epochs
    // ├─ raised above what is left today ............. EcoRewardsBudgetExceeded
    // ├─ raised above what is left of the year ....... EcoRewardsBudgetExceeded
    // ├─ raised ...................................... set aside
    // └─ lowered ..................................... free, but used today and this year

    function test_RevertWhen_TodayHasNotEnoughForEpochs() external {
        earn(actOf(aliceId, alice));
        ProgrammeTerms memory terms = epochTerms();
        terms.dayBudget = CITY_BUDGET_48 - 2.5e6 + 1;
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsBudgetExceeded.selector, 800e6 - 2.5e6 + 1, 800e6 - 2.5e6)
        );
        setTerms(epochs, terms);
        terms.dayBudget -= 1;
        setTerms(epochs, terms);
        (, uint256 setAside, uint256 left, ) = rewards.cityBudget();
        assertEq(setAside, CITY_BUDGET - 2.5e6, "set aside");
        assertEq(left, 0, "nothing left for acts");
    }

    function test_RevertWhen_TheYearHasNotEnoughForEpochs() external {
        setCityBudget(2_000e6);
        uint256 leftInYear = YEAR_CAP - 366 * 200e6;
        uint48 more = uint48(leftInYear / 366) + 1;
        ProgrammeTerms memory terms = epochTerms();
        terms.dayBudget = 200e6 + more;
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsBudgetExceeded.selector, 366 * uint256(more), leftInYear)
        );
        setTerms(epochs, terms);
        terms.dayBudget -= 1;
        setTerms(epochs, terms);
        (, , , uint256 left) = rewards.cityBudget();
        assertLe(left, 366, "the year is set aside");
    }

    function test_WhatIsFreedIsUsedTodayAndThisYear() external {
        ProgrammeTerms memory terms = epochTerms();
        terms.dayBudget = 50e6;
        setTerms(epochs, terms);
        (, uint256 setAside, uint256 left, uint256 leftInYear) = rewards.cityBudget();
        assertEq(setAside, 50e6, "less set aside");
        assertEq(left, 800e6, "no more today");
        assertEq(leftInYear, YEAR_CAP - 366 * 200e6, "no more this year");
        skip(1 days);
        (, , left, leftInYear) = rewards.cityBudget();
        assertEq(left, 950e6, "more tomorrow");
        assertEq(leftInYear, YEAR_CAP - 366 * 200e6, "still no more this year");
        skip(366 days);
        (, , left, leftInYear) = rewards.cityBudget();
        assertEq(leftInYear, YEAR_CAP - 366 * 50e6, "more next year");
    }

    // setAttestor
    // ├─ programme unknown ........................... EcoRewardsUnknownProgramme
    // ├─ its acts are not attested ................... EcoRewardsWrongKind
    // ├─ key zero .................................... EcoRewardsBadAccount
    // ├─ the same budget ............................. EcoRewardsUnchanged
    // └─ else ........................................ set, AttestorSet; what it gave today stays counted

    function test_RevertWhen_AttestorHasNoProgramme() external {
        vm.startPrank(programmes);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsUnknownProgramme.selector, 9));
        rewards.setAttestor(9, stranger, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsWrongKind.selector, deposits, ProgrammeKind.Deposits)
        );
        rewards.setAttestor(deposits, stranger, 1);
        vm.stopPrank();
    }

    function test_RevertWhen_AttestorIsZeroOrStays() external {
        vm.startPrank(programmes);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadAccount.selector, address(0)));
        rewards.setAttestor(attested, address(0), 1);
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        rewards.setAttestor(attested, vm.addr(lowKey), ATTESTOR_BUDGET);
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        rewards.setAttestor(attested, stranger, 0);
        vm.stopPrank();
    }

    function test_SetsAttestors() external {
        earn(actOf(aliceId, alice));
        vm.expectEmit(address(rewards));
        emit IEcoRewards.AttestorSet(attested, vm.addr(lowKey), ATTESTOR_BUDGET, 0);
        setAttestor(lowKey, 0);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotAttestor.selector, attested, vm.addr(lowKey)));
        this.earnOutside(actOf(bobId, bob));
        setAttestor(lowKey, 3e6);
        (uint48 dayBudget, uint48 used) = rewards.attestorOf(attested, vm.addr(lowKey));
        assertEq(dayBudget, 3e6, "budget");
        assertEq(used, 2.5e6, "used");
        assertEq(earn(actOf(bobId, bob)), 0.5e6, "the rest");
        skip(1 days);
        (, used) = rewards.attestorOf(attested, vm.addr(lowKey));
        assertEq(used, 0, "another day");
    }

    function earnOutside(Act memory act) external {
        earn(act);
    }
}
