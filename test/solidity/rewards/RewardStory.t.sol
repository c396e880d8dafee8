// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deposit, ProgrammeTerms} from "../../../contracts/rewards/IEcoRewards.sol";
import {RewardIds} from "../../../contracts/rewards/RewardIds.sol";
import {MassTotals} from "../../../contracts/waste/lots/IWasteLots.sol";
import {RewardFixture} from "./RewardFixture.sol";
import {WasteTown} from "./WasteTown.sol";

/// @notice Rewards on the real containers and lots.
contract RewardStoryTest is RewardFixture {
    uint32 private constant STREET_BIN = 3;

    WasteTown private town;

    function setUp() public override {
        super.setUp();
        town = new WasteTown();
        town.build();
        buildContracts(town.lots());
        openRewards();
    }

    /// @dev Three people fill a container; the truck weighs less than they claim, and the ticket is corrected once.
    function test_DepositsVestAgainstTheTruck() external {
        _put(aliceId, alice, 10_000, 1);
        _put(bobId, bob, 12_000, 2);
        skip(1 hours);
        uint40 beforeTruck = uint40(block.timestamp);
        skip(1 hours);
        uint64 lotId = town.collect(STREET_BIN, 20_000);
        assertEq(lotId, RewardIds.ofCycle(STREET_BIN, 1), "the lot has the collection's number");
        rewards.settleCycle(STREET_BIN, 1);
        assertEq(rewards.cycleOf(STREET_BIN, 1).allowedGrams, 21_000, "allowed at first");

        // Carol's deposit comes late, but its time is before the truck's.
        Deposit memory late = _deposit(carolId, carol, 8_000, 3);
        late.takenAt = beforeTruck;
        rewards.recordDeposit(late, compact(town.keyOf(STREET_BIN), depositHash(late)));
        // The scale was wrong: W14 is what it should have said.
        town.revise(lotId, 24_000);
        rewards.settleCycle(STREET_BIN, 1);

        skip(WINDOW);
        assertEq(rewards.release(_claim(aliceId, 1)), 8.4e6, "alice");
        assertEq(rewards.release(_claim(bobId, 1)), 10.08e6, "bob");
        assertEq(rewards.release(_claim(carolId, 1)), 6.72e6, "carol");
        assertEq(eco.totalSupply(), 25.2e6, "weighed mass and the tolerance");
    }

    /// @dev A waste record never fails because of a reward: without budget, while rewards pause, and with nobody enrolled, the
    /// ticket is recorded as ever.
    function test_TicketsDoNotDependOnRewards() external {
        setCityBudget(200e6);
        assertEq(_put(aliceId, alice, 10_000, 1), 0, "no budget");
        vm.prank(guardian);
        rewards.pause();
        town.collect(STREET_BIN, 9_000);
        MassTotals memory sums = town.lots().totals();
        assertEq(sums.collected, 9_000, "collected");
        vm.prank(steward);
        rewards.unpause();
        Deposit memory deposit = _deposit(aliceId, alice, 1_000, 1);
        deposit.collection = 2;
        deposit.takenAt = uint40(block.timestamp);
        assertEq(
            rewards.recordDeposit(deposit, compact(town.keyOf(STREET_BIN), depositHash(deposit))),
            0,
            "recorded without a reward"
        );
        assertEq(rewards.cycleOf(STREET_BIN, 2).counter, 1, "counted");
    }

    /// @dev The container's own bound: 1,100 litres of 500 grams.
    function test_ContainerBoundsDeposits() external {
        // Caps of person and programme are lifted, so that only the container's bound is left.
        ProgrammeTerms memory terms = depositTerms();
        (terms.dayCapPerPerson, terms.dayBudget) = (800e6, 800e6);
        setTerms(deposits, terms);
        uint256 paid = 0;
        for (uint32 i = 1; i <= 31; ++i) paid += _put(aliceId, alice, 20_000, i);
        assertEq(rewards.cycleOf(STREET_BIN, 1).claimedGrams, 550_000, "full");
        assertEq(paid, 550e6, "paid");
    }

    function _deposit(uint64 person, address to, uint32 grams, uint32 counter) private view returns (Deposit memory) {
        return
            Deposit({
                programmeId: deposits,
                person: person,
                to: to,
                binId: STREET_BIN,
                collection: 1,
                grams: grams,
                takenAt: uint40(block.timestamp),
                counter: counter
            });
    }

    function _put(uint64 person, address to, uint32 grams, uint32 counter) private returns (uint256 paid) {
        Deposit memory deposit = _deposit(person, to, grams, counter);
        return rewards.recordDeposit(deposit, compact(town.keyOf(STREET_BIN), depositHash(deposit)));
    }

    function _claim(uint64 person, uint32 collection) private view returns (uint256 id) {
        return RewardIds.ofDeposits(deposits, person, RewardIds.ofCycle(STREET_BIN, collection));
    }
}
