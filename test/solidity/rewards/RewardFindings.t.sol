// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Act, Cycle, Deposit, IEcoRewards, Person} from "../../../contracts/rewards/IEcoRewards.sol";
import {BinStatus, IContainers} from "../../../contracts/waste/containers/IContainers.sol";
import {RewardFixture} from "./RewardFixture.sol";
import {WasteTown} from "./WasteTown.sol";

/// @notice What a review of the rewards found, each as it must not come back.
contract RewardFindingsTest is RewardFixture {
    // Deposits are relayed by anybody, and so in any order
    // ├── a later one that comes first ............... shuts no earlier one out
    // ├── with the highest counter there is .......... neither
    // └── each ....................................... counts once

    function test_Finding_ALaterDepositShutsNoEarlierOneOut() external {
        Deposit memory first = depositOf(aliceId, alice, 10_000);
        Deposit memory second = depositOf(bobId, bob, 10_000);
        second.counter = type(uint32).max;
        vm.prank(bob);
        assertEq(this.putOutside(second), 10e6, "bob hurries");
        assertEq(put(first), 10e6, "alice has lost nothing");
        assertEq(rewards.cycleOf(BIN, 1).counter, type(uint32).max, "highest");
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsDepositRecorded.selector, BIN, 1, 1));
        this.putOutside(first);
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsDepositRecorded.selector, BIN, 1, type(uint32).max)
        );
        this.putOutside(second);
        // The counters of the next collection are others.
        collect(20_000);
        skip(1);
        assertEq(put(aliceId, alice, 5_000), 5e6, "counter 1 again");
    }

    // A container's device is replaced within a collection
    // ├── the new one counts from 1
    // └── what the old one signed .................... EcoRewardsBadDeviceSignature, so nothing counts twice

    function test_Finding_ANewDeviceCountsAnew() external {
        Deposit memory deposit = depositOf(aliceId, alice, 1_000);
        put(deposit);
        Deposit memory stolen = depositOf(bobId, bob, 1_000);
        stolen.counter = type(uint32).max;
        put(stolen);
        bins.set(BIN, stranger, 1_100, 200);
        assertEq(
            rewards.recordDeposit(deposit, compact(strangerKey, depositHash(deposit))),
            1e6,
            "counter 1 of the new device"
        );
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsBadDeviceSignature.selector, BIN, vm.addr(deviceKey))
        );
        this.putOutside(stolen);
        assertEq(rewards.cycleOf(BIN, 1).claimedGrams, 3_000, "three deposits");
    }

    // A container that is retired
    // ├── a deposit for a collection that never comes  EcoRewardsBinRetired: spends no budget of others
    // ├── one from before the last emptying .......... still counts
    // └── suspended only, it can be emptied .......... still counts

    function test_Finding_ARetiredContainerTakesNothing() external {
        Deposit memory late = depositOf(aliceId, alice, 1_000);
        collect(1_000);
        skip(1 hours);
        bins.setStatus(BIN, BinStatus.Suspended);
        assertEq(put(bobId, bob, 1_000), 1e6, "suspended");
        bins.setStatus(BIN, BinStatus.Retired);
        Deposit memory deposit = depositOf(bobId, bob, 1_000);
        (, , uint256 left, ) = rewards.cityBudget();
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBinRetired.selector, BIN));
        this.putOutside(deposit);
        (, , uint256 after_, ) = rewards.cityBudget();
        assertEq(after_, left, "budgets are whole");
        assertEq(put(late), 1e6, "collected before");
    }

    /// @dev An attestor is believed about whose a nullifier is, too, whatever is left of its budget.
    function test_ANullifierBelongsToWhomAnyAttestorSaysFirst() external {
        setAttestor(byNullifier, highKey, 1);
        Act memory first = actOf(NULLIFIER, stranger);
        first.units = 0;
        assertEq(rewards.earn(first, signed(first, highKey)), 0, "earns nothing");
        Act memory honest = actOf(NULLIFIER, alice);
        honest.span++;
        vm.expectRevert(
            abi.encodeWithSelector(IEcoRewards.EcoRewardsWrongAccount.selector, NULLIFIER, alice, stranger)
        );
        this.earnOutside(honest);
    }

    // A credential moved to another identity
    // ├── the old one ................................ ends nothing, so nobody can end the new enrolment through it
    // └── its account ................................ gets rewards until the new one enrols

    function test_AMovedCredentialIsNotEndedThroughTheOldIdentity() external {
        vm.prank(cityKey);
        registry.replaceSubject(RESIDENT, alice, stranger, UNTIL, 0);
        assertEq(earn(actOf(aliceId, alice)), 2.5e6, "not enrolled anew yet");
        vm.prank(stranger);
        rewards.enrol(stranger, relayer, 0, 0, none());
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        rewards.recheck(alice);
        Person memory known = rewards.personOf(aliceId);
        assertEq(known.account, relayer, "account");
        assertEq(known.enrolledUntil, UNTIL, "enrolled");
        Act memory act = actOf(aliceId, alice);
        act.span++;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsWrongAccount.selector, aliceId, alice, relayer));
        this.earnOutside(act);
    }

    /// @dev Not a gram more is vested than weighed, whatever share of them was paid, revised, voided or came late.
    function testFuzz_NotAGramMoreThanWeighed(
        uint32[3] memory grams,
        uint32 collected,
        uint16 cutBp,
        uint8 voided,
        uint32 late
    ) external {
        uint64[3] memory people = [aliceId, bobId, carolId];
        address[3] memory accounts = [alice, bob, carol];
        for (uint256 i = 0; i < 3; ++i) put(people[i], accounts[i], uint32(bound(grams[i], 50, 20_000)));
        Deposit memory slow = depositOf(aliceId, alice, uint32(bound(late, 0, 20_000)));
        collected = uint32(bound(collected, 1, 60_000));
        collect(collected);
        rewards.settleCycle(BIN, 1);
        put(slow);
        cutBp = uint16(bound(cutBp, 1, 10_000));
        vm.startPrank(auditor);
        rewards.auditCycle(BIN, 1, cutBp, REASON);
        if (voided < 3) rewards.voidClaim(depositClaim(people[voided], 1), REASON, 0);
        vm.stopPrank();
        Cycle memory cycle = rewards.cycleOf(BIN, 1);
        skip(WINDOW);
        uint256 paid;
        for (uint256 i = 0; i < 3; ++i) if (i != voided) paid += rewards.release(depositClaim(people[i], 1));
        uint256 allowed = (uint256(collected) * 10_500) / 10_000;
        uint256 least = allowed < cycle.claimedGrams ? allowed : cycle.claimedGrams;
        // A token a kilogram: 1,000 millionths a gram.
        uint256 most = (least * 1_000 * (10_000 - cutBp)) / 10_000;
        assertLe(paid, most, "allowed, less the cut");
        assertLe(most, paid + 3, "and all of it but for the rounding");
        assertEq(eco.totalSupply(), paid, "minted");
    }

    function putOutside(Deposit memory deposit) external returns (uint256 paid) {
        return put(deposit);
    }

    function earnOutside(Act memory act) external returns (uint256 paid) {
        return earn(act);
    }
}

/// @notice The same on the real containers.
contract RewardFindingsInTownTest is RewardFixture {
    uint32 private constant STREET_BIN = 3;

    WasteTown private town;

    function setUp() public override {
        super.setUp();
        town = new WasteTown();
        town.build();
        buildContracts(town.lots());
        openRewards();
    }

    function test_Finding_AnUnknownContainerIsNamed() external {
        Deposit memory deposit = _deposit(99);
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersUnknownBin.selector, 99));
        this.putOutside(deposit);
    }

    function test_Finding_ARetiredContainerOfTheTownTakesNothing() external {
        Deposit memory deposit = _deposit(STREET_BIN);
        assertEq(this.putOutside(deposit), 1e6, "in use");
        town.retire(STREET_BIN);
        deposit.counter++;
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBinRetired.selector, STREET_BIN));
        this.putOutside(deposit);
    }

    function putOutside(Deposit memory deposit) external returns (uint256 paid) {
        return rewards.recordDeposit(deposit, compact(town.keyOf(STREET_BIN), depositHash(deposit)));
    }

    function _deposit(uint32 binId) private view returns (Deposit memory) {
        return
            Deposit({
                programmeId: deposits,
                person: aliceId,
                to: alice,
                binId: binId,
                collection: 1,
                grams: 1_000,
                takenAt: uint40(block.timestamp),
                counter: 1
            });
    }
}
