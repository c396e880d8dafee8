// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GuardianChange, GuardianPlan, IIdentities} from "../../../contracts/identity/IIdentities.sol";
import {IdentitiesFixture} from "./IdentitiesFixture.sol";

/// @notice The plans by which owners name guardians.
contract GuardiansTest is IdentitiesFixture {
    uint256 private constant MAX_GUARDIANS = 16;

    function setUp() external {
        buildIdentities();
    }

    // setGuardians, and setGuardiansBySig, whose signatures have tests of their own
    // ├─ retired, not the owner ................ see {IdentitiesTest}
    // ├─ more than 16 guardians ................ IdentitiesTooManyGuardians
    // ├─ threshold
    // │  ├─ zero with guardians ................ IdentitiesBadThreshold
    // │  ├─ above their number ................. IdentitiesBadThreshold
    // │  └─ not zero without guardians ......... IdentitiesBadThreshold
    // ├─ delay
    // │  ├─ below a day, above a year .......... IdentitiesBadDelay
    // │  └─ not zero without guardians ......... IdentitiesBadDelay
    // ├─ a guardian
    // │  ├─ zero ............................... IdentitiesBadGuardian
    // │  ├─ repeated or out of order ........... IdentitiesBadGuardian
    // │  ├─ the identity ....................... IdentitiesBadGuardian
    // │  └─ the owner .......................... IdentitiesBadGuardian
    // ├─ the plan stands already ............... IdentitiesSameGuardians
    // ├─ none stands and none is named ......... IdentitiesSameGuardians
    // └─ else
    //    ├─ no recovery is under way ........... the plan stands
    //    └─ one is ............................. and the recovery is stopped

    function test_OwnerNamesReplacesAndRemovesGuardians() external {
        GuardianPlan memory plan = planOfThree();
        vm.startPrank(alice);
        vm.expectEmit(address(identities));
        emit IIdentities.GuardiansChanged(alice, hashOf(plan), plan);
        identities.setGuardians(alice, plan);
        assertEq(identities.guardiansOf(alice), hashOf(plan), "named");

        plan.threshold = 3;
        vm.expectEmit(address(identities));
        emit IIdentities.GuardiansChanged(alice, hashOf(plan), plan);
        identities.setGuardians(alice, plan);
        assertEq(identities.guardiansOf(alice), hashOf(plan), "replaced");

        vm.expectEmit(address(identities));
        emit IIdentities.GuardiansChanged(alice, 0, emptyPlan());
        identities.setGuardians(alice, emptyPlan());
        assertEq(identities.guardiansOf(alice), 0, "removed");
        vm.stopPrank();

        assertEq(identities.changed(alice), 0, "guardians stand in no DID document");
        assertEq(identities.ownerVersion(alice), 0, "no change of hands");
        assertEq(identities.recoveryRound(alice), 0, "no recovery");
    }

    function test_OwnerNamesGuardiansByMessage() external {
        GuardianChange memory change = GuardianChange({
            identity: alice,
            plan: planOfThree(),
            nonce: 4,
            deadline: inAnHour()
        });
        bytes memory call = abi.encodeCall(identities.setGuardiansBySig, (change, signHash(aliceKey, hashOf(change))));
        vm.expectEmit(address(identities));
        emit IIdentities.GuardiansChanged(alice, hashOf(change.plan), change.plan);
        relay(call);
        assertEq(identities.guardiansOf(alice), hashOf(change.plan), "named");
        assertTrue(identities.isNonceUsed(alice, 4), "nonce");
    }

    function test_GuardiansEndWhenTheIdentityChangesHands() external {
        nameGuardians(alice);
        vm.prank(alice);
        identities.changeOwner(alice, bob);
        assertEq(identities.guardiansOf(alice), 0, "the buyer's");
        vm.prank(bob);
        identities.changeOwner(alice, alice);
        assertEq(identities.guardiansOf(alice), 0, "and back");
    }

    function test_NewGuardiansStopARecovery() external {
        nameGuardians(alice);
        startRecovery(alice, bob);
        GuardianPlan memory plan = planOfThree();
        plan.threshold = 3;
        vm.expectEmit(address(identities));
        emit IIdentities.RecoveryVetoed(alice, bob, 0);
        vm.expectEmit(address(identities));
        emit IIdentities.GuardiansChanged(alice, hashOf(plan), plan);
        vm.prank(alice);
        identities.setGuardians(alice, plan);
        assertEq(identities.recoveryOf(alice).newOwner, address(0), "stopped");
        assertEq(identities.recoveryRound(alice), 1, "round");
    }

    function test_RemovedGuardiansStopARecovery() external {
        nameGuardians(alice);
        startRecovery(alice, bob);
        vm.expectEmit(address(identities));
        emit IIdentities.RecoveryVetoed(alice, bob, 0);
        vm.prank(alice);
        identities.setGuardians(alice, emptyPlan());
        vm.warp(EPOCH + DELAY);
        vm.expectRevert(noRecovery(alice, 1));
        identities.finishRecovery(alice);
    }

    function test_LimitsAreAllowed() external {
        GuardianPlan memory plan = _planOf(MAX_GUARDIANS);
        // Bounded by the number of guardians.
        plan.threshold = uint8(MAX_GUARDIANS);
        plan.delay = 365 days;
        vm.startPrank(alice);
        identities.setGuardians(alice, plan);
        assertEq(identities.guardiansOf(alice), hashOf(plan), "the most");
        plan = _planOf(1);
        identities.setGuardians(alice, plan);
        assertEq(identities.guardiansOf(alice), hashOf(plan), "the least");
        vm.stopPrank();
    }

    function test_RevertWhen_GuardiansAreTooMany() external {
        _assertPlanRefused(
            _planOf(MAX_GUARDIANS + 1),
            abi.encodeWithSelector(IIdentities.IdentitiesTooManyGuardians.selector, MAX_GUARDIANS + 1, MAX_GUARDIANS)
        );
    }

    function test_RevertWhen_ThresholdIsOutOfRange() external {
        GuardianPlan memory plan = planOfThree();
        plan.threshold = 0;
        _assertPlanRefused(plan, _badThreshold(0, GUARDIANS));
        plan.threshold = 4;
        _assertPlanRefused(plan, _badThreshold(4, GUARDIANS));
        plan = emptyPlan();
        plan.threshold = 1;
        _assertPlanRefused(plan, _badThreshold(1, 0));
    }

    function test_RevertWhen_DelayIsOutOfRange() external {
        GuardianPlan memory plan = planOfThree();
        plan.delay = 1 days - 1;
        _assertPlanRefused(plan, _badDelay(1 days - 1, 1 days, 365 days));
        plan.delay = 365 days + 1;
        _assertPlanRefused(plan, _badDelay(365 days + 1, 1 days, 365 days));
        plan = emptyPlan();
        plan.delay = 1;
        _assertPlanRefused(plan, _badDelay(1, 0, 0));
    }

    function test_RevertWhen_GuardianIsZero() external {
        GuardianPlan memory plan = planOfThree();
        plan.guardians[0] = address(0);
        _assertPlanRefused(plan, _badGuardian(0, address(0)));
    }

    function test_RevertWhen_GuardianIsRepeated() external {
        GuardianPlan memory plan = planOfThree();
        plan.guardians[2] = plan.guardians[1];
        _assertPlanRefused(plan, _badGuardian(2, plan.guardians[1]));
    }

    function test_RevertWhen_GuardiansAreOutOfOrder() external {
        GuardianPlan memory plan = planOfThree();
        (plan.guardians[0], plan.guardians[1]) = (plan.guardians[1], plan.guardians[0]);
        _assertPlanRefused(plan, _badGuardian(1, plan.guardians[1]));
    }

    function test_RevertWhen_GuardianIsTheIdentityOrItsOwner() external {
        GuardianPlan memory plan = _planOf(1);
        plan.guardians[0] = alice;
        _assertPlanRefused(plan, _badGuardian(0, alice));

        vm.prank(bob);
        identities.changeOwner(bob, alice);
        vm.startPrank(alice);
        vm.expectRevert(_badGuardian(0, alice));
        identities.setGuardians(bob, plan);
        plan.guardians[0] = bob;
        vm.expectRevert(_badGuardian(0, bob));
        identities.setGuardians(bob, plan);
        vm.stopPrank();
    }

    function test_RevertWhen_PlanStandsAlready() external {
        _assertPlanRefused(
            emptyPlan(),
            abi.encodeWithSelector(IIdentities.IdentitiesSameGuardians.selector, alice, bytes32(0))
        );
        nameGuardians(alice);
        _assertPlanRefused(
            planOfThree(),
            abi.encodeWithSelector(IIdentities.IdentitiesSameGuardians.selector, alice, hashOf(planOfThree()))
        );
    }

    // guardianPlanHash
    // └─ any plan ..... its EIP-712 struct hash

    function testFuzz_HashIsTheStructHashOfThePlan(
        address[] calldata list,
        uint8 threshold,
        uint32 delay
    ) external view {
        GuardianPlan memory plan = GuardianPlan({guardians: list, threshold: threshold, delay: delay});
        assertEq(identities.guardianPlanHash(plan), hashOf(plan), "hash");
    }

    /// @dev Whatever is named, what stands keeps the rules, and what keeps the rules stands.
    function testFuzz_OnlySoundPlansStand(
        uint8 count,
        uint8 threshold,
        uint32 delay,
        uint256 seed,
        bool disordered
    ) external {
        uint256 length = bound(count, 0, MAX_GUARDIANS + 2);
        GuardianPlan memory plan = _planOf(length);
        plan.threshold = uint8(bound(threshold, 0, length + 1));
        plan.delay = uint32(bound(delay, 0, 400 days));
        disordered = disordered && length > 1;
        if (disordered) {
            // Two neighbours, swapped or made equal.
            uint256 place = bound(seed, 0, length - 2);
            plan.guardians[place + 1] = plan.guardians[place];
            if (seed % 2 == 0) plan.guardians[place] = address(type(uint160).max);
        }
        bool sound =
            length == 0
                ? plan.threshold == 0 && plan.delay == 0
                : length <= MAX_GUARDIANS &&
                    plan.threshold != 0 &&
                    plan.threshold <= length &&
                    plan.delay >= 1 days &&
                    plan.delay <= 365 days &&
                    !disordered;
        // Something else stands, so that an empty plan is a change.
        nameGuardians(alice);
        vm.prank(alice);
        (bool success, ) = address(identities).call(abi.encodeCall(identities.setGuardians, (alice, plan)));
        assertTrue(success == sound, "sound plans alone");
        bytes32 expected = hashOf(sound ? plan : planOfThree());
        assertEq(identities.guardiansOf(alice), sound && length == 0 ? bytes32(0) : expected, "what stands");
    }

    /// @dev A plan of `count` guardians, one of whom is enough, with the shortest delay.
    function _planOf(uint256 count) private pure returns (GuardianPlan memory plan) {
        if (count == 0) return plan;
        plan = GuardianPlan({guardians: new address[](count), threshold: 1, delay: 1 days});
        for (uint256 i = 0; i < count; ++i) plan.guardians[i] = address(uint160(0x1000 + i));
    }

    function _assertPlanRefused(GuardianPlan memory plan, bytes memory fault) private {
        vm.expectRevert(fault);
        vm.prank(alice);
        identities.setGuardians(alice, plan);
        GuardianChange memory change = GuardianChange({identity: alice, plan: plan, nonce: 4, deadline: inAnHour()});
        bytes memory call = abi.encodeCall(identities.setGuardiansBySig, (change, signHash(aliceKey, hashOf(change))));
        assertRefused(call, fault, "by message");
    }

    function _badThreshold(uint256 threshold, uint256 count) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesBadThreshold.selector, threshold, count);
    }

    function _badDelay(uint256 delay, uint256 least, uint256 greatest) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesBadDelay.selector, delay, least, greatest);
    }

    function _badGuardian(uint256 place, address guardian) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesBadGuardian.selector, place, guardian);
    }
}
