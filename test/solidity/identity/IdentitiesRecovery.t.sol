// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1056} from "../../../contracts/identity/IERC1056.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {
    GuardianPlan,
    IIdentities,
    PendingRecovery,
    RecoveryApproval,
    RecoveryVeto,
    SignedApproval
} from "../../../contracts/identity/IIdentities.sol";
import {IdentitiesFixture} from "./IdentitiesFixture.sol";

/// @notice Recoveries as they are meant to go, and every way in which they are refused.
contract IdentitiesRecoveryTest is IdentitiesFixture {
    function setUp() external {
        buildIdentities();
        nameGuardians(alice);
    }

    // startRecovery
    // ├─ the identity is retired ................... IdentitiesRetired
    // ├─ the new owner is zero or the owner ........ IdentitiesBadNewOwner
    // ├─ a recovery is under way ................... IdentitiesRecoveryPending
    // ├─ the plan is not the one that stands ....... IdentitiesNotTheirGuardians
    // ├─ no plan stands ............................ IdentitiesNotTheirGuardians
    // ├─ fewer approvals than the threshold ........ IdentitiesTooFewApprovals
    // ├─ an approval
    // │  ├─ names a place beyond the plan .......... IdentitiesBadApproval
    // │  ├─ names a place not above the last ....... IdentitiesBadApproval
    // │  ├─ is late, used or not the guardian's .... the errors of Signed
    // │  ├─ is signed: plain, ERC-1271, ERC-7913 ... counts
    // │  └─ is the guardian's own call ............. counts without a signature
    // └─ enough .................................... under way, with the delay of the plan

    function test_EnoughGuardiansStartARecovery() external {
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 2));
        uint40 maturesAt = uint40(EPOCH + DELAY);
        vm.expectEmit(address(identities));
        emit IIdentities.RecoveryStarted(alice, bob, 0, maturesAt);
        vm.prank(carol);
        identities.startRecovery(alice, bob, planOfThree(), approvals);

        PendingRecovery memory pending = identities.recoveryOf(alice);
        assertEq(pending.newOwner, bob, "new owner");
        assertEq(pending.maturesAt, maturesAt, "maturity");
        assertEq(identities.recoveryRound(alice), 0, "round");
        assertEq(identities.identityOwner(alice), alice, "nothing is decided yet");
        assertTrue(identities.isNonceUsed(guardians[0], approvals[0].nonce), "the first approval");
        assertTrue(identities.isNonceUsed(guardians[2], approvals[1].nonce), "the second approval");
        assertFalse(identities.isNonceUsed(guardians[1], approvals[0].nonce), "who did not approve");
    }

    function test_MoreThanEnoughGuardiansStartARecovery() external {
        uint256[] memory all = new uint256[](GUARDIANS);
        for (uint256 i = 0; i < GUARDIANS; ++i) all[i] = i;
        identities.startRecovery(alice, bob, planOfThree(), approvalsOf(alice, bob, all));
        assertEq(identities.recoveryOf(alice).newOwner, bob, "new owner");
    }

    function test_GuardianStartsItByItsOwnCall() external {
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 2));
        approvals[0].signature = none();
        // The caller's own deadline and nonce do not matter.
        approvals[0].deadline = 0;
        vm.prank(guardians[0]);
        identities.startRecovery(alice, bob, planOfThree(), approvals);
        assertEq(identities.recoveryOf(alice).newOwner, bob, "new owner");
        assertFalse(identities.isNonceUsed(guardians[0], approvals[0].nonce), "no nonce for a call");
        assertTrue(identities.isNonceUsed(guardians[2], approvals[1].nonce), "the other's");
    }

    function test_GuardiansMayBeContractsAndKeysWithoutAccounts() external {
        (address low, address high) = (address(account), p256Account());
        bool swapped = low > high;
        if (swapped) (low, high) = (high, low);
        GuardianPlan memory plan = GuardianPlan({guardians: new address[](2), threshold: 2, delay: DELAY});
        (plan.guardians[0], plan.guardians[1]) = (low, high);
        vm.prank(bob);
        identities.setGuardians(bob, plan);

        RecoveryApproval memory message = approvalMessage(bob, carol);
        SignedApproval[] memory approvals = new SignedApproval[](2);
        for (uint256 i = 0; i < 2; ++i) approvals[i] = signApproval(message, i, aliceKey, address(account));
        approvals[swapped ? 0 : 1].signature = p256Sign(hashOf(message, p256Account()));
        identities.startRecovery(bob, carol, plan, approvals);
        assertEq(identities.recoveryOf(bob).newOwner, carol, "new owner");
        assertTrue(identities.isNonceUsed(p256Account(), message.nonce), "the key's nonce");
        assertTrue(identities.isNonceUsed(address(account), message.nonce), "the contract's nonce");
    }

    function test_IdentityMayComeBackToItsFirstKey() external {
        vm.prank(bob);
        identities.changeOwner(bob, alice);
        nameGuardians(bob);
        startRecovery(bob, bob);
        vm.warp(EPOCH + DELAY);
        identities.finishRecovery(bob);
        assertEq(identities.identityOwner(bob), bob, "owner");
    }

    function test_RevertWhen_StartedForARetiredIdentity() external {
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 1));
        vm.prank(alice);
        identities.changeOwner(alice, address(0));
        vm.expectRevert(retired(alice));
        identities.startRecovery(alice, bob, planOfThree(), approvals);
    }

    function test_RevertWhen_NewOwnerIsZeroOrTheOwner() external {
        _expectStartRefused(address(0), two(0, 1), _badNewOwner(address(0)));
        _expectStartRefused(alice, two(0, 1), _badNewOwner(alice));
    }

    function test_RevertWhen_ARecoveryIsUnderWay() external {
        startRecovery(alice, bob);
        bytes memory fault = abi.encodeWithSelector(
            IIdentities.IdentitiesRecoveryPending.selector,
            alice,
            bob,
            EPOCH + DELAY
        );
        _expectStartRefused(carol, two(0, 1), fault);
        vm.warp(EPOCH + DELAY);
        _expectStartRefused(carol, two(0, 1), fault);
    }

    function test_RevertWhen_NoPlanStands() external {
        SignedApproval[] memory approvals = new SignedApproval[](0);
        vm.expectRevert(_notTheirs(bob, planOfThree(), 0));
        identities.startRecovery(bob, carol, planOfThree(), approvals);
        vm.expectRevert(_notTheirs(bob, emptyPlan(), 0));
        identities.startRecovery(bob, carol, emptyPlan(), approvals);
    }

    function test_RevertWhen_ApprovalsAreTooFew() external {
        _expectStartRefused(bob, one(1), _tooFew(1));
        _expectStartRefused(bob, new uint256[](0), _tooFew(0));
    }

    function test_RevertWhen_PlaceIsBeyondThePlan() external {
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 1));
        approvals[1].guardianIndex = 3;
        vm.expectRevert(_badApproval(3));
        identities.startRecovery(alice, bob, planOfThree(), approvals);
        // The greatest that fits.
        approvals[1].guardianIndex = type(uint8).max;
        vm.expectRevert(_badApproval(type(uint8).max));
        identities.startRecovery(alice, bob, planOfThree(), approvals);
    }

    function test_RevertWhen_PlacesDoNotAscend() external {
        _expectStartRefused(bob, two(1, 0), _badApproval(0));
        _expectStartRefused(bob, two(2, 2), _badApproval(2));
    }

    function test_RevertWhen_AnApprovalIsNotTheGuardians() external {
        RecoveryApproval memory message = approvalMessage(alice, bob);
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 1));
        approvals[1] = signApproval(message, 1, guardianKeys[2]);
        vm.expectRevert(invalid(guardians[1], hashOf(message, guardians[1])));
        identities.startRecovery(alice, bob, planOfThree(), approvals);
        approvals[1].signature = none();
        vm.expectRevert(invalid(guardians[1], hashOf(message, guardians[1])));
        identities.startRecovery(alice, bob, planOfThree(), approvals);
        assertFalse(identities.isNonceUsed(guardians[0], message.nonce), "the good one serves again");
    }

    function test_RevertWhen_AnApprovalsNonceIsUsed() external {
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 1));
        vm.prank(guardians[1]);
        identities.voidNonces(approvals[1].nonce >> 8, 1 << (approvals[1].nonce & 0xff));
        vm.expectRevert(nonceUsed(guardians[1], approvals[1].nonce));
        identities.startRecovery(alice, bob, planOfThree(), approvals);
    }

    // vetoRecovery, vetoRecoveryBySig
    // ├─ retired, not the owner ............... see {IdentitiesTest}, {IdentitiesBySigTest}
    // ├─ none was ever started ................ IdentitiesNoRecovery
    // ├─ the last was vetoed or finished ...... IdentitiesNoRecovery
    // ├─ the message names another round ...... IdentitiesNoRecovery
    // └─ one is under way, matured or not ..... stopped; the next has another number

    function test_OwnerVetoes() external {
        startRecovery(alice, bob);
        vm.expectEmit(address(identities));
        emit IIdentities.RecoveryVetoed(alice, bob, 0);
        vm.prank(alice);
        identities.vetoRecovery(alice);
        assertEq(identities.recoveryOf(alice).newOwner, address(0), "stopped");
        assertEq(identities.recoveryOf(alice).maturesAt, 0, "no maturity");
        assertEq(identities.recoveryRound(alice), 1, "round");
        assertEq(identities.guardiansOf(alice), hashOf(planOfThree()), "the guardians stay");
    }

    function test_OwnerVetoesByMessage() external {
        startRecovery(alice, bob);
        RecoveryVeto memory veto = _veto(0);
        bytes memory call = abi.encodeCall(identities.vetoRecoveryBySig, (veto, signHash(aliceKey, hashOf(veto))));
        vm.expectEmit(address(identities));
        emit IIdentities.RecoveryVetoed(alice, bob, 0);
        relay(call);
        assertEq(identities.recoveryRound(alice), 1, "round");
        assertTrue(identities.isNonceUsed(alice, veto.nonce), "nonce");
    }

    function test_OwnerVetoesAfterMaturity() external {
        startRecovery(alice, bob);
        vm.warp(EPOCH + DELAY + 100 days);
        vm.prank(alice);
        identities.vetoRecovery(alice);
        vm.expectRevert(noRecovery(alice, 1));
        identities.finishRecovery(alice);
    }

    function test_RevertWhen_NothingIsToBeVetoed() external {
        vm.startPrank(alice);
        vm.expectRevert(noRecovery(alice, 0));
        identities.vetoRecovery(alice);
        startRecoveryAs(alice, bob);
        vm.startPrank(alice);
        identities.vetoRecovery(alice);
        vm.expectRevert(noRecovery(alice, 1));
        identities.vetoRecovery(alice);
        vm.stopPrank();
    }

    function test_RevertWhen_VetoNamesAnotherRound() external {
        startRecovery(alice, bob);
        RecoveryVeto memory veto = _veto(1);
        bytes memory call = abi.encodeCall(identities.vetoRecoveryBySig, (veto, signHash(aliceKey, hashOf(veto))));
        assertRefused(call, noRecovery(alice, 1), "a veto in advance");
        vm.prank(alice);
        identities.vetoRecovery(alice);
        assertRefused(call, noRecovery(alice, 1), "nothing is under way");
        startRecovery(alice, bob);
        relay(call);
        assertEq(identities.recoveryRound(alice), 2, "the round that it named");
    }

    // finishRecovery
    // ├─ the identity is retired .............. IdentitiesRetired
    // ├─ none was ever started ................ IdentitiesNoRecovery
    // ├─ the last was vetoed or finished ...... IdentitiesNoRecovery
    // ├─ it ended by a change of hands ........ IdentitiesNoRecovery
    // ├─ before its maturity .................. IdentitiesRecoveryTooEarly
    // └─ from its maturity .................... the identity has its new owner

    function test_AnybodyFinishesAMatureRecovery() external {
        vm.prank(alice);
        identities.addDelegate(alice, VERI_KEY, carol, 365 days);
        startRecovery(alice, bob);
        vm.warp(EPOCH + DELAY);
        vm.roll(START_BLOCK + 9);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDOwnerChanged(alice, bob, START_BLOCK);
        vm.expectEmit(address(identities));
        emit IIdentities.RecoveryFinished(alice, bob, 0);
        vm.prank(carol);
        identities.finishRecovery(alice);

        assertEq(identities.identityOwner(alice), bob, "owner");
        assertEq(identities.ownerVersion(alice), 1, "version");
        assertEq(identities.changed(alice), START_BLOCK + 9, "changed");
        assertEq(identities.recoveryOf(alice).newOwner, address(0), "over");
        assertEq(identities.recoveryRound(alice), 1, "round");
        assertEq(identities.guardiansOf(alice), 0, "the guardians go with the owner that named them");
        assertTrue(identities.validDelegate(alice, VERI_KEY, carol), "delegates stay");
        vm.expectRevert(notOwner(alice, alice, bob));
        vm.prank(alice);
        identities.setAttribute(alice, NAME, VALUE, 1);
        vm.prank(bob);
        identities.setAttribute(alice, NAME, VALUE, 1);
    }

    function test_RevertWhen_RecoveryIsNotMature() external {
        startRecovery(alice, bob);
        vm.warp(EPOCH + DELAY - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IIdentities.IdentitiesRecoveryTooEarly.selector,
                alice,
                EPOCH + DELAY,
                EPOCH + DELAY - 1
            )
        );
        identities.finishRecovery(alice);
    }

    function test_RevertWhen_NothingIsToBeFinished() external {
        vm.expectRevert(noRecovery(alice, 0));
        identities.finishRecovery(alice);
        startRecovery(alice, bob);
        vm.warp(EPOCH + DELAY);
        identities.finishRecovery(alice);
        vm.expectRevert(noRecovery(alice, 1));
        identities.finishRecovery(alice);
    }

    function test_RevertWhen_RetiredMeanwhile() external {
        startRecovery(alice, bob);
        vm.prank(alice);
        identities.changeOwner(alice, address(0));
        assertEq(identities.recoveryOf(alice).newOwner, address(0), "void");
        vm.warp(EPOCH + DELAY);
        vm.expectRevert(retired(alice));
        identities.finishRecovery(alice);
    }

    /// @dev Ends a prank that is under way.
    function startRecoveryAs(address identity, address newOwner) private {
        vm.stopPrank();
        startRecovery(identity, newOwner);
    }

    function _expectStartRefused(address newOwner, uint256[] memory places, bytes memory fault) private {
        SignedApproval[] memory approvals = approvalsOf(alice, newOwner, places);
        vm.expectRevert(fault);
        identities.startRecovery(alice, newOwner, planOfThree(), approvals);
    }

    function _veto(uint24 round) private view returns (RecoveryVeto memory veto) {
        return RecoveryVeto({identity: alice, round: round, nonce: 77, deadline: uint48(EPOCH + 30 days)});
    }

    function _badNewOwner(address newOwner) private view returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesBadNewOwner.selector, alice, newOwner);
    }

    function _tooFew(uint256 count) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesTooFewApprovals.selector, count, 2);
    }

    function _badApproval(uint256 place) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesBadApproval.selector, place, GUARDIANS);
    }

    function _notTheirs(
        address identity,
        GuardianPlan memory plan,
        bytes32 standing
    ) private pure returns (bytes memory fault) {
        return
            abi.encodeWithSelector(IIdentities.IdentitiesNotTheirGuardians.selector, identity, hashOf(plan), standing);
    }
}

/// @notice What guardians, thieves and former owners try.
contract IdentitiesRecoveryAttacks is IdentitiesFixture {
    function setUp() external {
        buildIdentities();
        nameGuardians(alice);
    }

    /// @dev One of three, where two must agree.
    function test_Attack_CollusionBelowTheThreshold() external {
        SignedApproval[] memory approvals = approvalsOf(alice, bob, one(1));
        _assertStartRefused(planOfThree(), approvals, _tooFew(1));
        assertEq(identities.recoveryOf(alice).newOwner, address(0), "nothing is under way");
        vm.warp(EPOCH + 365 days);
        vm.expectRevert(noRecovery(alice, 0));
        identities.finishRecovery(alice);
    }

    function test_Attack_SameGuardianTwice() external {
        RecoveryApproval memory message = approvalMessage(alice, bob);
        SignedApproval[] memory approvals = new SignedApproval[](2);
        approvals[0] = signApproval(message, 1, guardianKeys[1]);
        ++message.nonce;
        approvals[1] = signApproval(message, 1, guardianKeys[1]);
        bytes memory fault = abi.encodeWithSelector(IIdentities.IdentitiesBadApproval.selector, 1, GUARDIANS);
        _assertStartRefused(planOfThree(), approvals, fault);

        // At another guardian's place.
        approvals[1].guardianIndex = 2;
        _assertStartRefused(planOfThree(), approvals, invalid(guardians[2], hashOf(message, guardians[2])));

        // Once by call and once by signature.
        approvals[1].guardianIndex = 1;
        vm.expectRevert(fault);
        vm.prank(guardians[1]);
        identities.startRecovery(alice, bob, planOfThree(), approvals);
    }

    /// @dev Enough guardians collude against an owner that looks.
    function test_Attack_CollusionAtTheThresholdMeetsAVeto() external {
        startRecovery(alice, bob);
        vm.warp(EPOCH + DELAY - 1);
        vm.prank(alice);
        identities.vetoRecovery(alice);
        vm.warp(EPOCH + DELAY);
        vm.expectRevert(noRecovery(alice, 1));
        identities.finishRecovery(alice);
        assertEq(identities.identityOwner(alice), alice, "owner");
        // The owner rids itself of them.
        vm.prank(alice);
        identities.setGuardians(alice, emptyPlan());
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 1));
        _assertStartRefused(planOfThree(), approvals, _notTheirs(planOfThree(), 0));
    }

    function test_Attack_LeftoverApprovalsAfterAVeto() external {
        // All three signed, with the longest deadlines; two were used.
        RecoveryApproval memory message = approvalMessage(alice, bob);
        message.deadline = type(uint48).max;
        SignedApproval[] memory approvals = new SignedApproval[](2);
        for (uint256 i = 0; i < 2; ++i) approvals[i] = signApproval(message, i, guardianKeys[i]);
        RecoveryApproval memory spare = message;
        ++spare.nonce;
        SignedApproval[] memory leftover = new SignedApproval[](2);
        for (uint256 i = 0; i < 2; ++i) leftover[i] = signApproval(spare, i + 1, guardianKeys[i + 1]);
        identities.startRecovery(alice, bob, planOfThree(), approvals);
        vm.prank(alice);
        identities.vetoRecovery(alice);

        spare.round = 1;
        _assertStartRefused(planOfThree(), leftover, invalid(guardians[1], hashOf(spare, guardians[1])));
        _assertStartRefused(planOfThree(), approvals, nonceUsed(guardians[0], approvals[0].nonce));
    }

    function test_Attack_LeftoverApprovalsAfterAFinish() external {
        RecoveryApproval memory message = approvalMessage(alice, carol);
        message.deadline = type(uint48).max;
        SignedApproval[] memory leftover = new SignedApproval[](2);
        for (uint256 i = 0; i < 2; ++i) leftover[i] = signApproval(message, i, guardianKeys[i]);
        startRecovery(alice, bob);
        vm.warp(EPOCH + DELAY);
        identities.finishRecovery(alice);
        // The new owner trusts the same guardians.
        nameGuardians(alice);
        (message.ownerVersion, message.round) = (1, 1);
        vm.expectRevert(invalid(guardians[0], hashOf(message, guardians[0])));
        identities.startRecovery(alice, carol, planOfThree(), leftover);
    }

    function test_Attack_ApprovalsAfterAnOwnerChange() external {
        RecoveryApproval memory message = approvalMessage(alice, bob);
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 1));
        // The owner rotates its key to one it trusts more, and names the same guardians again.
        vm.prank(alice);
        identities.changeOwner(alice, carol);
        nameGuardians(alice);
        message.ownerVersion = 1;
        _assertStartRefused(planOfThree(), approvals, invalid(guardians[0], hashOf(message, guardians[0])));
    }

    function test_Attack_ApprovalsForAnotherNewOwner() external {
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 1));
        RecoveryApproval memory message = approvalMessage(alice, bob);
        message.newOwner = carol;
        vm.expectRevert(invalid(guardians[0], hashOf(message, guardians[0])));
        identities.startRecovery(alice, carol, planOfThree(), approvals);
    }

    function test_Attack_ReplayOnAnotherIdentity() external {
        // Both have the same guardians.
        nameGuardians(carol);
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 1));
        RecoveryApproval memory message = approvalMessage(alice, bob);
        message.identity = carol;
        vm.expectRevert(invalid(guardians[0], hashOf(message, guardians[0])));
        identities.startRecovery(carol, bob, planOfThree(), approvals);
    }

    function test_Attack_ReplayAtAnotherContract() external {
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 1));
        RecoveryApproval memory message = approvalMessage(alice, bob);
        identities = new Identities();
        nameGuardians(alice);
        _assertStartRefused(planOfThree(), approvals, invalid(guardians[0], hashOf(message, guardians[0])));
    }

    function test_Attack_ReplayOnAnotherChain() external {
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 1));
        RecoveryApproval memory message = approvalMessage(alice, bob);
        // The chain splits, and the half looked at takes another id.
        vm.chainId(block.chainid + 1);
        _assertStartRefused(planOfThree(), approvals, invalid(guardians[0], hashOf(message, guardians[0])));
    }

    function test_Attack_ApprovalsAfterTheirDeadline() external {
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 1));
        vm.warp(uint256(approvals[0].deadline) + 1);
        _assertStartRefused(planOfThree(), approvals, expired(approvals[0].deadline));
        // Shifting the deadline breaks the signature.
        RecoveryApproval memory message = approvalMessage(alice, bob);
        message.deadline = approvals[0].deadline = uint48(block.timestamp);
        _assertStartRefused(planOfThree(), approvals, invalid(guardians[0], hashOf(message, guardians[0])));
    }

    /// @dev The list handed in is not the owner's: friends of the attacker, one guardian fewer to ask, no wait.
    function test_Attack_GuardianListSwapped() external {
        bytes32 standing = hashOf(planOfThree());
        SignedApproval[] memory approvals = approvalsOf(alice, bob, one(0));

        GuardianPlan memory plan = planOfThree();
        plan.guardians[0] = bob;
        _assertStartRefused(plan, approvals, _notTheirs(plan, standing));
        plan = planOfThree();
        plan.threshold = 1;
        _assertStartRefused(plan, approvals, _notTheirs(plan, standing));
        plan = planOfThree();
        plan.threshold = 0;
        _assertStartRefused(plan, new SignedApproval[](0), _notTheirs(plan, standing));
        plan = planOfThree();
        plan.delay = 0;
        _assertStartRefused(plan, approvals, _notTheirs(plan, standing));
        _assertStartRefused(emptyPlan(), new SignedApproval[](0), _notTheirs(emptyPlan(), standing));
    }

    function test_Attack_GuardiansThatWereReplaced() external {
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 1));
        GuardianPlan memory plan = planOfThree();
        (plan.guardians, plan.threshold) = (new address[](1), 1);
        plan.guardians[0] = carol;
        vm.prank(alice);
        identities.setGuardians(alice, plan);
        _assertStartRefused(planOfThree(), approvals, _notTheirs(planOfThree(), hashOf(plan)));
        bytes memory fault = abi.encodeWithSelector(IIdentities.IdentitiesBadApproval.selector, 1, 1);
        approvals[0].guardianIndex = 1;
        _assertStartRefused(plan, approvals, fault);
    }

    /// @dev Whoever sells an identity cannot have it back through its friends.
    function test_Attack_SellersGuardiansAfterASale() external {
        vm.prank(alice);
        identities.changeOwner(alice, carol);
        SignedApproval[] memory approvals = approvalsOf(alice, bob, two(0, 1));
        _assertStartRefused(planOfThree(), approvals, _notTheirs(planOfThree(), 0));
    }

    /// @dev The seller starts a recovery before the sale, and finishes it after.
    function test_Attack_RecoveryPendingAtASale() external {
        startRecovery(alice, bob);
        vm.prank(alice);
        identities.changeOwner(alice, carol);
        assertEq(identities.recoveryOf(alice).newOwner, address(0), "void");
        assertEq(identities.recoveryRound(alice), 1, "its number is not used again");
        vm.warp(EPOCH + DELAY);
        vm.expectRevert(noRecovery(alice, 1));
        identities.finishRecovery(alice);
        assertEq(identities.identityOwner(alice), carol, "owner");
    }

    /// @dev As before, but the identity comes back to the owner under whom the recovery began.
    function test_Attack_RecoveryPendingAtAHandOverAndBackAgain() external {
        SignedApproval[] memory leftover = _longLived(alice, bob);
        startRecovery(alice, bob);
        vm.prank(alice);
        identities.changeOwner(alice, carol);
        vm.prank(carol);
        identities.changeOwner(alice, alice);
        vm.warp(EPOCH + DELAY);
        vm.expectRevert(noRecovery(alice, 1));
        identities.finishRecovery(alice);
        vm.expectRevert(noRecovery(alice, 1));
        vm.prank(alice);
        identities.vetoRecovery(alice);

        // The same guardians, named again: what they signed before stays void.
        nameGuardians(alice);
        RecoveryApproval memory message = approvalMessage(alice, bob);
        (message.nonce, message.deadline) = (leftover[0].nonce, leftover[0].deadline);
        _assertStartRefused(planOfThree(), leftover, invalid(guardians[0], hashOf(message, guardians[0])));
        startRecovery(alice, bob);
        assertEq(identities.recoveryRound(alice), 1, "a new number");
        assertEq(identities.recoveryOf(alice).maturesAt, block.timestamp + DELAY, "a new delay");
        vm.expectRevert(
            abi.encodeWithSelector(
                IIdentities.IdentitiesRecoveryTooEarly.selector,
                alice,
                block.timestamp + DELAY,
                block.timestamp
            )
        );
        identities.finishRecovery(alice);
    }

    /// @dev A change to the same owner is a change of hands too.
    function test_Attack_RecoveryPendingWhileTheOwnerConfirmsItself() external {
        startRecovery(alice, bob);
        vm.prank(alice);
        identities.changeOwner(alice, alice);
        vm.warp(EPOCH + DELAY);
        vm.expectRevert(noRecovery(alice, 1));
        identities.finishRecovery(alice);
    }

    /// @dev An old veto of an owner that came back cannot stop a later recovery.
    function test_Attack_OldVetoAgainstALaterRecovery() external {
        RecoveryVeto memory veto = RecoveryVeto({identity: alice, round: 0, nonce: 1, deadline: type(uint48).max});
        bytes memory call = abi.encodeCall(identities.vetoRecoveryBySig, (veto, signHash(aliceKey, hashOf(veto))));
        startRecovery(alice, bob);
        vm.prank(alice);
        identities.changeOwner(alice, carol);
        vm.prank(carol);
        identities.changeOwner(alice, alice);
        nameGuardians(alice);
        startRecovery(alice, bob);
        assertRefused(call, noRecovery(alice, 0), "an old veto");
    }

    function test_Attack_GuardianVetoesOrFinishesEarly() external {
        startRecovery(alice, bob);
        vm.expectRevert(notOwner(alice, guardians[2], alice));
        vm.prank(guardians[2]);
        identities.vetoRecovery(alice);
        vm.expectRevert(notOwner(alice, bob, alice));
        vm.prank(bob);
        identities.changeOwner(alice, bob);
    }

    /// @dev Any set of guardians, of any plan: it gets the identity exactly when it is large enough.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_TheThresholdDecides(uint256 count, uint256 threshold, uint256 mask) external {
        count = bound(count, 1, 16);
        threshold = bound(threshold, 1, count);
        mask = bound(mask, 0, (1 << count) - 1);
        (GuardianPlan memory plan, uint256[] memory keys) = _planOf(count, threshold);
        vm.prank(bob);
        identities.setGuardians(bob, plan);

        RecoveryApproval memory message = approvalMessage(bob, carol);
        uint256 agreed = 0;
        for (uint256 i = 0; i < count; ++i) agreed += (mask >> i) & 1;
        SignedApproval[] memory approvals = new SignedApproval[](agreed);
        uint256 next = 0;
        for (uint256 i = 0; i < count; ++i) {
            if ((mask >> i) & 1 == 1) approvals[next++] = signApproval(message, i, keys[i], plan.guardians[i]);
        }
        if (agreed < threshold) {
            vm.expectRevert(abi.encodeWithSelector(IIdentities.IdentitiesTooFewApprovals.selector, agreed, threshold));
        }
        identities.startRecovery(bob, carol, plan, approvals);
        assertEq(identities.recoveryOf(bob).newOwner, agreed < threshold ? address(0) : carol, "under way");
        if (agreed < threshold) return;
        vm.warp(block.timestamp + plan.delay);
        identities.finishRecovery(bob);
        assertEq(identities.identityOwner(bob), carol, "owner");
    }

    /// @dev Guardians with consecutive keys, in the order of their addresses.
    function _planOf(
        uint256 count,
        uint256 threshold
    ) private pure returns (GuardianPlan memory plan, uint256[] memory keys) {
        keys = new uint256[](count);
        // The threshold is at most the count.
        plan = GuardianPlan({guardians: new address[](count), threshold: uint8(threshold), delay: 1 days});
        for (uint256 i = 0; i < count; ++i) {
            keys[i] = 0xabc + i;
            plan.guardians[i] = vm.addr(keys[i]);
            for (uint256 j = i; j > 0 && plan.guardians[j] < plan.guardians[j - 1]; --j) {
                (plan.guardians[j], plan.guardians[j - 1]) = (plan.guardians[j - 1], plan.guardians[j]);
                (keys[j], keys[j - 1]) = (keys[j - 1], keys[j]);
            }
        }
    }

    /// @dev Approvals with nonces of their own and no end.
    function _longLived(address identity, address newOwner) private view returns (SignedApproval[] memory approvals) {
        RecoveryApproval memory message = approvalMessage(identity, newOwner);
        message.deadline = type(uint48).max;
        ++message.nonce;
        approvals = new SignedApproval[](2);
        for (uint256 i = 0; i < 2; ++i) approvals[i] = signApproval(message, i, guardianKeys[i]);
    }

    function _assertStartRefused(
        GuardianPlan memory plan,
        SignedApproval[] memory approvals,
        bytes memory fault
    ) private {
        vm.expectRevert(fault);
        identities.startRecovery(alice, bob, plan, approvals);
    }

    function _tooFew(uint256 count) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesTooFewApprovals.selector, count, 2);
    }

    function _notTheirs(GuardianPlan memory plan, bytes32 standing) private view returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesNotTheirGuardians.selector, alice, hashOf(plan), standing);
    }
}
