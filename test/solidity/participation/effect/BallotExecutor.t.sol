// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

import {Roles} from "../../../../contracts/authority/Roles.sol";
import {ActionTarget} from "../../../../contracts/mocks/ActionTarget.sol";
import {MockBallotBox} from "../../../../contracts/mocks/MockBallotBox.sol";
import {BallotKind, BallotTerms, IBallotBox} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {BallotExecutor} from "../../../../contracts/participation/effect/BallotExecutor.sol";
import {Actions, IBallotExecutor} from "../../../../contracts/participation/effect/IBallotExecutor.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

contract BallotExecutorTest is CivitasTest {
    uint32 private constant BALLOT = 7;
    uint32 private constant OTHER = 8;
    uint32 private constant OBJECTION = 14 days;
    uint256 private constant DELAY = 2 days;
    uint256 private constant MAX_SUSPENSION = 30 days;
    bytes32 private constant REASON = keccak256("reason");
    /// @dev State of the timelock in which an operation must be to be run.
    bytes32 private constant READY = bytes32(uint256(4));

    MockBallotBox private box;
    TimelockController private timelock;
    BallotExecutor private executor;
    ActionTarget private target;
    ActionTarget private other;
    address private guardian;
    address private clerk;

    function setUp() public {
        vm.warp(EPOCH);
        (guardian, ) = actor("guardian");
        (clerk, ) = actor("clerk");
        AccessManager authority = new AccessManager(address(this));
        box = new MockBallotBox();
        address[] memory anybody = new address[](1);
        timelock = new TimelockController(DELAY, new address[](0), anybody, address(this));
        executor = new BallotExecutor(address(authority), IBallotBox(address(box)), timelock);
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(executor));
        timelock.renounceRole(timelock.DEFAULT_ADMIN_ROLE(), address(this));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IBallotExecutor.suspend.selector;
        authority.setTargetFunctionRole(address(executor), selectors, Roles.GUARDIAN);
        authority.grantRole(Roles.GUARDIAN, guardian, 0);
        target = new ActionTarget();
        other = new ActionTarget();
        vm.deal(address(timelock), 10 ether);
    }

    // constructor

    function test_KnowsItsContracts() external view {
        assertEq(address(executor.box()), address(box), "box");
        assertEq(address(executor.timelock()), address(timelock), "timelock");
    }

    // hashOf
    // ├─ lists of different lengths .................. BallotExecutorBadActions
    // └─ otherwise ................................... keccak256 of all

    function test_RevertWhen_ActionsAreOfDifferentLengths() external {
        Actions memory actions = twoActions();
        actions.values = new uint256[](1);
        vm.expectRevert(abi.encodeWithSelector(IBallotExecutor.BallotExecutorBadActions.selector, 2, 1, 2));
        executor.hashOf(actions);
        actions.values = new uint256[](2);
        actions.payloads = new bytes[](3);
        vm.expectRevert(abi.encodeWithSelector(IBallotExecutor.BallotExecutorBadActions.selector, 2, 2, 3));
        executor.hashOf(actions);
    }

    function test_HashesAllOfTheActions() external view {
        Actions memory actions = twoActions();
        bytes32 hash = executor.hashOf(actions);
        assertEq(hash, keccak256(abi.encode(actions)), "hash");
        actions.values[1] = 2;
        assertTrue(executor.hashOf(actions) != hash, "value");
        actions = twoActions();
        actions.payloads[1] = abi.encodeCall(ActionTarget.set, (3));
        assertTrue(executor.hashOf(actions) != hash, "payload");
        actions = twoActions();
        (actions.targets[0], actions.targets[1]) = (actions.targets[1], actions.targets[0]);
        assertTrue(executor.hashOf(actions) != hash, "order");
    }

    // object
    // ├─ no result ................................... BallotExecutorNoObjection
    // ├─ the period is over .......................... BallotExecutorNoObjection
    // └─ before ...................................... event, by anybody, of any result

    function test_RevertWhen_ThereIsNothingToObjectTo() external {
        vm.expectRevert(abi.encodeWithSelector(IBallotExecutor.BallotExecutorNoObjection.selector, BALLOT, 0));
        executor.object(BALLOT, REASON);
        box.conclude(BALLOT, false, OBJECTION);
        vm.warp(EPOCH + OBJECTION);
        vm.expectRevert(
            abi.encodeWithSelector(IBallotExecutor.BallotExecutorNoObjection.selector, BALLOT, EPOCH + OBJECTION)
        );
        executor.object(BALLOT, REASON);
    }

    function test_RecordsObjections() external {
        box.conclude(BALLOT, false, OBJECTION);
        vm.warp(EPOCH + OBJECTION - 1);
        vm.expectEmit(address(executor));
        emit IBallotExecutor.ObjectionRaised(BALLOT, clerk, REASON);
        vm.prank(clerk);
        executor.object(BALLOT, REASON);
    }

    // suspend
    // ├─ not the guardian ............................ AccessManagedUnauthorized
    // ├─ no result, or not passed .................... BallotExecutorNotPassed
    // ├─ queued ...................................... BallotExecutorQueued
    // ├─ no time, or above 30 days ................... BallotExecutorBadSuspension with the limit
    // ├─ a second time ............................... BallotExecutorBadSuspension with zero
    // └─ otherwise ................................... put off, event

    function test_RevertWhen_SuspendedByOthers() external {
        box.conclude(BALLOT, true, OBJECTION);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, clerk));
        vm.prank(clerk);
        executor.suspend(BALLOT, 1, REASON);
    }

    function test_RevertWhen_SuspendedWithoutPassing() external {
        bytes memory fault = abi.encodeWithSelector(IBallotExecutor.BallotExecutorNotPassed.selector, BALLOT);
        vm.expectRevert(fault);
        suspend(BALLOT, 1);
        box.conclude(BALLOT, false, OBJECTION);
        vm.expectRevert(fault);
        suspend(BALLOT, 1);
    }

    function test_RevertWhen_SuspendedTooLate() external {
        bytes32 operationId = passAndQueue(BALLOT, twoActions());
        vm.expectRevert(abi.encodeWithSelector(IBallotExecutor.BallotExecutorQueued.selector, BALLOT, operationId));
        suspend(BALLOT, 1);
        vm.warp(EPOCH + OBJECTION + DELAY);
        executor.execute(BALLOT, twoActions());
        vm.expectRevert(abi.encodeWithSelector(IBallotExecutor.BallotExecutorQueued.selector, BALLOT, operationId));
        suspend(BALLOT, 1);
    }

    function test_RevertWhen_SuspendedForBadTimes() external {
        box.conclude(BALLOT, true, OBJECTION);
        expectBadSuspension(0, MAX_SUSPENSION);
        suspend(BALLOT, 0);
        expectBadSuspension(MAX_SUSPENSION + 1, MAX_SUSPENSION);
        suspend(BALLOT, uint32(MAX_SUSPENSION + 1));
    }

    function test_RevertWhen_SuspendedTwice() external {
        box.conclude(BALLOT, true, OBJECTION);
        suspend(BALLOT, 1);
        vm.warp(EPOCH + 1 days);
        expectBadSuspension(1, 0);
        suspend(BALLOT, 1);
        box.conclude(OTHER, true, OBJECTION);
        suspend(OTHER, 1);
        assertEq(executor.suspendedUntil(OTHER), EPOCH + 1 days + 1, "another ballot can be");
    }

    function test_PutsExecutionOff() external {
        BallotTerms memory terms = pass(BALLOT, twoActions());
        assertEq(executor.suspendedUntil(BALLOT), 0, "not before");
        vm.warp(EPOCH + OBJECTION);
        uint256 until = EPOCH + OBJECTION + MAX_SUSPENSION;
        vm.expectEmit(address(executor));
        emit IBallotExecutor.ExecutionSuspended(BALLOT, uint40(until), REASON);
        suspend(BALLOT, uint32(MAX_SUSPENSION));
        assertEq(executor.suspendedUntil(BALLOT), until, "until");
        vm.warp(until - 1);
        expectTooEarly(until);
        executor.queue(BALLOT, terms, twoActions());
        vm.warp(until);
        executor.queue(BALLOT, terms, twoActions());
    }

    // queue
    // ├─ other terms ................................. BallotExecutorOtherTerms
    // ├─ bad lists ................................... BallotExecutorBadActions
    // ├─ other actions, or none were published ....... BallotExecutorOtherActions
    // ├─ no result, or not passed .................... BallotExecutorNotPassed
    // ├─ in the objection period or suspended ........ BallotExecutorTooEarly
    // ├─ queued or run ............................... BallotExecutorQueued
    // ├─ cancelled ................................... queued again
    // └─ otherwise ................................... in the timelock, event

    function test_RevertWhen_TermsAreOthers() external {
        BallotTerms memory terms = pass(BALLOT, twoActions());
        vm.warp(EPOCH + OBJECTION);
        // Actions somebody would like better, with terms to match.
        Actions memory actions = oneAction(99);
        terms.actionsHash = executor.hashOf(actions);
        expectOtherTerms(BALLOT, terms);
        executor.queue(BALLOT, terms, actions);
        terms = termsOf(twoActions());
        expectOtherTerms(OTHER, terms);
        executor.queue(OTHER, terms, twoActions());
    }

    function test_RevertWhen_QueuedActionsAreBad() external {
        BallotTerms memory terms = pass(BALLOT, twoActions());
        Actions memory actions = twoActions();
        actions.payloads = new bytes[](1);
        vm.expectRevert(abi.encodeWithSelector(IBallotExecutor.BallotExecutorBadActions.selector, 2, 2, 1));
        executor.queue(BALLOT, terms, actions);
    }

    function test_RevertWhen_QueuedActionsAreOthers() external {
        BallotTerms memory terms = pass(BALLOT, twoActions());
        vm.warp(EPOCH + OBJECTION);
        Actions memory actions = twoActions();
        actions.values[0] = 1;
        expectOtherActions(BALLOT, actions);
        executor.queue(BALLOT, terms, actions);
        actions = twoActions();
        (actions.payloads[0], actions.payloads[1]) = (actions.payloads[1], actions.payloads[0]);
        expectOtherActions(BALLOT, actions);
        executor.queue(BALLOT, terms, actions);
        // Those of another ballot that passed.
        pass(OTHER, oneAction(99));
        expectOtherActions(BALLOT, oneAction(99));
        executor.queue(BALLOT, terms, oneAction(99));
    }

    function test_RevertWhen_NoActionsWerePublished() external {
        BallotTerms memory terms = termsOf(twoActions());
        terms.actionsHash = 0;
        box.publish(BALLOT, keccak256(abi.encode(terms)));
        box.conclude(BALLOT, true, 0);
        Actions memory nothing;
        expectOtherActions(BALLOT, nothing);
        executor.queue(BALLOT, terms, nothing);
    }

    function test_RevertWhen_BallotDidNotPass() external {
        BallotTerms memory terms = pass(BALLOT, twoActions());
        box.conclude(BALLOT, false, 0);
        bytes memory fault = abi.encodeWithSelector(IBallotExecutor.BallotExecutorNotPassed.selector, BALLOT);
        vm.expectRevert(fault);
        executor.queue(BALLOT, terms, twoActions());
        box.publish(OTHER, keccak256(abi.encode(terms)));
        vm.expectRevert(abi.encodeWithSelector(IBallotExecutor.BallotExecutorNotPassed.selector, OTHER));
        executor.queue(OTHER, terms, twoActions());
    }

    function testFuzz_RevertWhen_QueuedTooEarly(uint40 period, uint32 duration, uint256 suspendedAfter) external {
        period = uint40(bound(period, 1, 365 days));
        duration = uint32(bound(duration, 1, MAX_SUSPENSION));
        suspendedAfter = bound(suspendedAfter, 0, period);
        BallotTerms memory terms = pass(BALLOT, twoActions());
        box.conclude(BALLOT, true, period);
        vm.warp(EPOCH + suspendedAfter);
        suspend(BALLOT, duration);
        uint256 due = EPOCH + suspendedAfter + duration;
        if (due < EPOCH + period) due = EPOCH + period;
        vm.warp(due - 1);
        expectTooEarly(due);
        executor.queue(BALLOT, terms, twoActions());
        vm.warp(due);
        bytes32 operationId = executor.queue(BALLOT, terms, twoActions());
        assertEq(timelock.getTimestamp(operationId), due + DELAY, "ready");
    }

    function test_RevertWhen_QueuedTwice() external {
        bytes32 operationId = passAndQueue(BALLOT, twoActions());
        bytes memory fault = abi.encodeWithSelector(IBallotExecutor.BallotExecutorQueued.selector, BALLOT, operationId);
        BallotTerms memory terms = termsOf(twoActions());
        vm.expectRevert(fault);
        executor.queue(BALLOT, terms, twoActions());
        vm.warp(EPOCH + OBJECTION + DELAY);
        executor.execute(BALLOT, twoActions());
        vm.expectRevert(fault);
        executor.queue(BALLOT, terms, twoActions());
    }

    /// @dev A ballot appoints a canceller, who takes out what another ballot decided. That is queued again, by anybody.
    function test_QueuesAgainWhatWasCancelled() external {
        Actions memory appointment = oneAction(0);
        appointment.targets[0] = address(timelock);
        appointment.payloads[0] = abi.encodeCall(IAccessControl.grantRole, (timelock.CANCELLER_ROLE(), guardian));
        passAndQueue(OTHER, appointment);
        BallotTerms memory terms = pass(BALLOT, twoActions());
        vm.warp(EPOCH + 2 * OBJECTION);
        executor.execute(OTHER, appointment);
        bytes32 operationId = executor.queue(BALLOT, terms, twoActions());
        vm.prank(guardian);
        timelock.cancel(operationId);
        vm.expectRevert(
            abi.encodeWithSelector(TimelockController.TimelockUnexpectedOperationState.selector, operationId, READY)
        );
        executor.execute(BALLOT, twoActions());
        vm.prank(clerk);
        assertEq(executor.queue(BALLOT, terms, twoActions()), operationId, "the same again");
        vm.warp(EPOCH + 2 * OBJECTION + DELAY);
        executor.execute(BALLOT, twoActions());
        assertEq(target.countOf(), 1, "done");
    }

    function test_QueuesActions() external {
        Actions memory actions = twoActions();
        BallotTerms memory terms = pass(BALLOT, actions);
        assertEq(executor.operationOf(BALLOT), 0, "not queued");
        vm.warp(EPOCH + OBJECTION);
        bytes32 salt = keccak256(abi.encode(box, BALLOT));
        bytes32 expected = timelock.hashOperationBatch(actions.targets, actions.values, actions.payloads, 0, salt);
        vm.expectEmit(address(executor));
        emit IBallotExecutor.ActionsQueued(BALLOT, expected, EPOCH + OBJECTION + DELAY);
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit(address(timelock));
            emit TimelockController.CallScheduled(
                expected,
                i,
                actions.targets[i],
                actions.values[i],
                actions.payloads[i],
                0,
                DELAY
            );
        }
        vm.expectEmit(address(timelock));
        emit TimelockController.CallSalt(expected, salt);
        vm.prank(clerk);
        assertEq(executor.queue(BALLOT, terms, actions), expected, "returned");
        assertEq(executor.operationOf(BALLOT), expected, "kept");
        assertTrue(timelock.isOperationPending(expected), "waits");
    }

    function test_TellsEqualActionsOfTwoBallotsApart() external {
        bytes32 first = passAndQueue(BALLOT, twoActions());
        bytes32 second = passAndQueue(OTHER, twoActions());
        assertTrue(first != second, "two operations");
        vm.warp(EPOCH + 2 * OBJECTION + DELAY);
        executor.execute(BALLOT, twoActions());
        assertTrue(timelock.isOperationReady(second), "the other one waits");
        executor.execute(OTHER, twoActions());
        assertEq(target.countOf(), 2, "each once");
    }

    // execute
    // ├─ not queued .................................. BallotExecutorNotQueued
    // ├─ other actions ............................... BallotExecutorOtherActions
    // ├─ before the delay is over .................... TimelockUnexpectedOperationState
    // ├─ run before .................................. TimelockUnexpectedOperationState
    // ├─ an action fails ............................. its error, all undone, can be run again
    // ├─ an action runs them again ................... TimelockUnexpectedOperationState, all undone
    // ├─ with money of the caller .................... passed on
    // └─ otherwise ................................... all, in order, with money of the timelock

    function test_RevertWhen_NothingIsQueued() external {
        pass(BALLOT, twoActions());
        vm.warp(EPOCH + OBJECTION);
        vm.expectRevert(abi.encodeWithSelector(IBallotExecutor.BallotExecutorNotQueued.selector, BALLOT));
        executor.execute(BALLOT, twoActions());
    }

    function test_RevertWhen_ExecutedActionsAreOthers() external {
        passAndQueue(BALLOT, twoActions());
        passAndQueue(OTHER, oneAction(99));
        vm.warp(EPOCH + 2 * OBJECTION + DELAY);
        expectOtherActions(BALLOT, oneAction(99));
        executor.execute(BALLOT, oneAction(99));
        Actions memory actions = twoActions();
        actions.values[1] = 2;
        expectOtherActions(BALLOT, actions);
        executor.execute(BALLOT, actions);
        actions.values = new uint256[](1);
        vm.expectRevert(abi.encodeWithSelector(IBallotExecutor.BallotExecutorBadActions.selector, 2, 1, 2));
        executor.execute(BALLOT, actions);
    }

    function test_RevertWhen_ExecutedBeforeTheDelay() external {
        bytes32 operationId = passAndQueue(BALLOT, twoActions());
        vm.warp(EPOCH + OBJECTION + DELAY - 1);
        expectState(operationId, READY);
        executor.execute(BALLOT, twoActions());
        vm.warp(EPOCH + OBJECTION + DELAY);
        executor.execute(BALLOT, twoActions());
    }

    function test_RevertWhen_ExecutedTwice() external {
        bytes32 operationId = passAndQueue(BALLOT, twoActions());
        vm.warp(EPOCH + OBJECTION + DELAY);
        executor.execute(BALLOT, twoActions());
        expectState(operationId, READY);
        executor.execute(BALLOT, twoActions());
        // Not at the timelock's own door either.
        Actions memory actions = twoActions();
        expectState(operationId, READY);
        timelock.executeBatch(actions.targets, actions.values, actions.payloads, 0, keccak256(abi.encode(box, BALLOT)));
        assertEq(target.countOf(), 1, "once");
    }

    function test_RevertWhen_ActionFails() external {
        bytes32 operationId = passAndQueue(BALLOT, twoActions());
        vm.warp(EPOCH + OBJECTION + DELAY);
        other.setBroken(true);
        vm.expectRevert(abi.encodeWithSelector(ActionTarget.ActionTargetBroken.selector, 2));
        executor.execute(BALLOT, twoActions());
        assertEq(target.countOf(), 0, "the first is undone");
        assertTrue(timelock.isOperationReady(operationId), "still ready");
        assertTrue(box.resultOf(BALLOT).passed, "the vote stands");
        vm.warp(EPOCH + 3650 days);
        other.setBroken(false);
        executor.execute(BALLOT, twoActions());
        assertTrue(timelock.isOperationDone(operationId), "done, years later");
        assertEq(target.values(0), 1, "first");
        assertEq(other.values(0), 2, "second");
    }

    function test_RevertWhen_ActionRunsThemAgain() external {
        bytes32 operationId = passAndQueue(BALLOT, twoActions());
        vm.warp(EPOCH + OBJECTION + DELAY);
        target.react(address(executor), abi.encodeCall(IBallotExecutor.execute, (BALLOT, twoActions())));
        expectState(operationId, READY);
        executor.execute(BALLOT, twoActions());
        assertEq(target.countOf(), 0, "nothing is done");
        assertEq(address(other).balance, 0, "nothing is paid");
        target.react(address(0), "");
        executor.execute(BALLOT, twoActions());
        assertEq(target.countOf(), 1, "once");
        assertEq(address(other).balance, 1 ether, "paid once");
    }

    function test_RevertWhen_ActionQueuesThemAgain() external {
        bytes32 operationId = passAndQueue(BALLOT, twoActions());
        vm.warp(EPOCH + OBJECTION + DELAY);
        BallotTerms memory terms = termsOf(twoActions());
        target.react(address(executor), abi.encodeCall(IBallotExecutor.queue, (BALLOT, terms, twoActions())));
        vm.expectRevert(abi.encodeWithSelector(IBallotExecutor.BallotExecutorQueued.selector, BALLOT, operationId));
        executor.execute(BALLOT, twoActions());
    }

    function test_PaysWithMoneyOfTheCaller() external {
        Actions memory actions = twoActions();
        actions.values[1] = 11 ether;
        passAndQueue(BALLOT, actions);
        vm.warp(EPOCH + OBJECTION + DELAY);
        vm.deal(clerk, 3 ether);
        vm.prank(clerk);
        executor.execute{value: 3 ether}(BALLOT, actions);
        assertEq(address(other).balance, 11 ether, "paid");
        assertEq(address(timelock).balance, 2 ether, "the rest stays in the timelock");
        assertEq(address(executor).balance, 0, "nothing stays here");
        assertEq(clerk.balance, 0, "nothing goes back");
    }

    function test_RunsActions() external {
        Actions memory actions = twoActions();
        bytes32 operationId = passAndQueue(BALLOT, actions);
        vm.warp(EPOCH + OBJECTION + DELAY);
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit(address(timelock));
            emit TimelockController.CallExecuted(
                operationId,
                i,
                actions.targets[i],
                actions.values[i],
                actions.payloads[i]
            );
        }
        vm.prank(clerk);
        executor.execute(BALLOT, actions);
        assertTrue(timelock.isOperationDone(operationId), "done");
        assertEq(target.values(0), 1, "first");
        assertEq(other.values(0), 2, "second");
        assertEq(address(other).balance, 1 ether, "paid");
        assertEq(address(timelock).balance, 9 ether, "by the timelock");
    }

    // attacks: who is not a ballot neither begins nor stops anything

    function test_RevertWhen_OthersUseTheTimelock() external {
        bytes32 operationId = passAndQueue(BALLOT, twoActions());
        Actions memory actions = oneAction(99);
        address[2] memory people = [guardian, clerk];
        for (uint256 i = 0; i < 2; ++i) {
            expectMissing(people[i], timelock.PROPOSER_ROLE());
            vm.prank(people[i]);
            timelock.scheduleBatch(actions.targets, actions.values, actions.payloads, 0, 0, DELAY);
            expectMissing(people[i], timelock.CANCELLER_ROLE());
            vm.prank(people[i]);
            timelock.cancel(operationId);
            vm.expectRevert(abi.encodeWithSelector(TimelockController.TimelockUnauthorizedCaller.selector, people[i]));
            vm.prank(people[i]);
            timelock.updateDelay(0);
        }
    }

    function pass(uint32 ballotId, Actions memory actions) private returns (BallotTerms memory terms) {
        terms = termsOf(actions);
        box.publish(ballotId, keccak256(abi.encode(terms)));
        box.conclude(ballotId, true, OBJECTION);
    }

    function passAndQueue(uint32 ballotId, Actions memory actions) private returns (bytes32 operationId) {
        BallotTerms memory terms = pass(ballotId, actions);
        vm.warp(box.resultOf(ballotId).objectionUntil);
        return executor.queue(ballotId, terms, actions);
    }

    function suspend(uint32 ballotId, uint32 duration) private {
        vm.prank(guardian);
        executor.suspend(ballotId, duration, REASON);
    }

    function expectBadSuspension(uint256 duration, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(IBallotExecutor.BallotExecutorBadSuspension.selector, duration, limit));
    }

    function expectTooEarly(uint256 time) private {
        vm.expectRevert(abi.encodeWithSelector(IBallotExecutor.BallotExecutorTooEarly.selector, time, block.timestamp));
    }

    function expectOtherTerms(uint32 ballotId, BallotTerms memory terms) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IBallotExecutor.BallotExecutorOtherTerms.selector,
                ballotId,
                keccak256(abi.encode(terms))
            )
        );
    }

    function expectOtherActions(uint32 ballotId, Actions memory actions) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IBallotExecutor.BallotExecutorOtherActions.selector,
                ballotId,
                keccak256(abi.encode(actions))
            )
        );
    }

    function expectState(bytes32 operationId, bytes32 expected) private {
        vm.expectRevert(
            abi.encodeWithSelector(TimelockController.TimelockUnexpectedOperationState.selector, operationId, expected)
        );
    }

    function expectMissing(address account, bytes32 role) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, account, role)
        );
    }

    /// @dev The first is called without money, the second with one ether.
    function twoActions() private view returns (Actions memory actions) {
        actions.targets = new address[](2);
        (actions.targets[0], actions.targets[1]) = (address(target), address(other));
        actions.values = new uint256[](2);
        actions.values[1] = 1 ether;
        actions.payloads = new bytes[](2);
        actions.payloads[0] = abi.encodeCall(ActionTarget.set, (1));
        actions.payloads[1] = abi.encodeCall(ActionTarget.set, (2));
    }

    function oneAction(uint256 value) private view returns (Actions memory actions) {
        actions.targets = new address[](1);
        actions.targets[0] = address(target);
        actions.values = new uint256[](1);
        actions.payloads = new bytes[](1);
        actions.payloads[0] = abi.encodeCall(ActionTarget.set, (value));
    }

    function termsOf(Actions memory actions) private view returns (BallotTerms memory terms) {
        terms.kind = BallotKind.Single;
        terms.options = 2;
        terms.objectionPeriod = OBJECTION;
        terms.actionsHash = executor.hashOf(actions);
    }
}
