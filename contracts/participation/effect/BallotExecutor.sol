// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {BallotTerms, IBallotBox, Result} from "../ballots/IBallotBox.sol";
import {Actions, IBallotExecutor} from "./IBallotExecutor.sol";

/// @title BallotExecutor
/// @notice Does what ballots decided. See {IBallotExecutor}.
/// @dev Trust:
/// - The box is believed about what passed and what was published. Nothing here can change it.
/// - This contract must be the timelock's only proposer, and the timelock without another admin than itself. Then nothing is run
///   but what a ballot decided, and nobody can take it out again: this contract has no function that cancels, so the right to, which
///   OpenZeppelin's timelock gives proposers named at its construction, is of no use to it. Only a ballot can appoint
///   a canceller, by an action of the timelock upon itself, and what such a one takes out anybody can queue again.
/// - Anybody may be the timelock's executor: this contract runs nothing that could not be run there.
/// - GUARDIAN can put the execution of a ballot off, once and for 30 days at most, before its actions are queued. It can
///   change neither the actions nor the result.
/// - What actions do is the ballot's affair. The timelock calls them in its own name, so rights that ballots are to use must be
///   the timelock's.
contract BallotExecutor is IBallotExecutor, AccessManaged {
    /// @notice What happens to a ballot that passed.
    struct Execution {
        /// @dev Number of its actions in the timelock; zero: not queued.
        bytes32 operationId;
        /// @dev Unix time until which it was put off; zero: it was not.
        uint40 suspendedUntil;
    }

    uint256 private constant MAX_SUSPENSION = 30 days;

    /// @inheritdoc IBallotExecutor
    IBallotBox public immutable box;
    /// @inheritdoc IBallotExecutor
    TimelockController public immutable timelock;

    mapping(uint32 ballotId => Execution execution) private _executions;

    /// @param authority Who knows the guardian.
    /// @param box_ The ballots.
    /// @param timelock_ Where actions wait. This contract must become its only proposer.
    constructor(address authority, IBallotBox box_, TimelockController timelock_) AccessManaged(authority) {
        box = box_;
        timelock = timelock_;
    }

    /// @inheritdoc IBallotExecutor
    function object(uint32 ballotId, bytes32 evidenceHash) external {
        uint256 until = box.resultOf(ballotId).objectionUntil;
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp >= until) revert BallotExecutorNoObjection(ballotId, until);
        emit ObjectionRaised(ballotId, msg.sender, evidenceHash);
    }

    /// @inheritdoc IBallotExecutor
    function suspend(uint32 ballotId, uint32 duration, bytes32 reasonHash) external restricted {
        if (!box.resultOf(ballotId).passed) revert BallotExecutorNotPassed(ballotId);
        Execution storage execution = _executions[ballotId];
        _requireNotQueued(ballotId, execution.operationId);
        uint256 limit = execution.suspendedUntil == 0 ? MAX_SUSPENSION : 0;
        if (duration == 0 || duration > limit) revert BallotExecutorBadSuspension(duration, limit);
        // solhint-disable-next-line not-rely-on-time
        uint40 until = uint40(block.timestamp + duration); // both fit 39 bits for thousands of years
        execution.suspendedUntil = until;
        emit ExecutionSuspended(ballotId, until, reasonHash);
    }

    /// @inheritdoc IBallotExecutor
    function queue(
        uint32 ballotId,
        BallotTerms calldata terms,
        Actions calldata actions
    ) external returns (bytes32 operationId) {
        _requireTerms(ballotId, terms);
        bytes32 actionsHash = hashOf(actions);
        if (actionsHash != terms.actionsHash) revert BallotExecutorOtherActions(ballotId, actionsHash);
        Execution storage execution = _executions[ballotId];
        _requireDue(ballotId, execution.suspendedUntil);
        _requireNotQueued(ballotId, execution.operationId);
        operationId = _operationOf(ballotId, actions);
        execution.operationId = operationId;
        uint256 delay = timelock.getMinDelay();
        // solhint-disable-next-line not-rely-on-time
        emit ActionsQueued(ballotId, operationId, block.timestamp + delay);
        _schedule(ballotId, actions, delay);
    }

    /// @inheritdoc IBallotExecutor
    function execute(uint32 ballotId, Actions calldata actions) external payable {
        bytes32 operationId = _executions[ballotId].operationId;
        if (operationId == 0) revert BallotExecutorNotQueued(ballotId);
        if (_operationOf(ballotId, actions) != operationId) {
            revert BallotExecutorOtherActions(ballotId, hashOf(actions));
        }
        // The timelock runs each operation once, whoever calls it back on the way.
        timelock.executeBatch{value: msg.value}(
            actions.targets,
            actions.values,
            actions.payloads,
            0,
            _saltOf(ballotId)
        );
    }

    /// @inheritdoc IBallotExecutor
    function operationOf(uint32 ballotId) external view returns (bytes32 operationId) {
        return _executions[ballotId].operationId;
    }

    /// @inheritdoc IBallotExecutor
    function suspendedUntil(uint32 ballotId) external view returns (uint40 until) {
        return _executions[ballotId].suspendedUntil;
    }

    /// @inheritdoc IBallotExecutor
    function hashOf(Actions calldata actions) public pure returns (bytes32 actionsHash) {
        uint256 count = actions.targets.length;
        if (actions.values.length != count || actions.payloads.length != count) {
            revert BallotExecutorBadActions(count, actions.values.length, actions.payloads.length);
        }
        return keccak256(abi.encode(actions));
    }

    function _schedule(uint32 ballotId, Actions calldata actions, uint256 delay) private {
        bytes32 salt = _saltOf(ballotId);
        timelock.scheduleBatch(actions.targets, actions.values, actions.payloads, 0, salt, delay);
    }

    function _requireTerms(uint32 ballotId, BallotTerms calldata terms) private view {
        bytes32 termsHash = keccak256(abi.encode(terms));
        if (termsHash != box.ballotOf(ballotId, new uint16[](0)).termsHash) {
            revert BallotExecutorOtherTerms(ballotId, termsHash);
        }
    }

    /// @dev Reverts unless the ballot passed and all times are over.
    function _requireDue(uint32 ballotId, uint256 suspended) private view {
        Result memory result = box.resultOf(ballotId);
        if (!result.passed) revert BallotExecutorNotPassed(ballotId);
        uint256 time = result.objectionUntil > suspended ? result.objectionUntil : suspended;
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp < time) revert BallotExecutorTooEarly(time, block.timestamp);
    }

    /// @dev What was cancelled is not queued.
    function _requireNotQueued(uint32 ballotId, bytes32 operationId) private view {
        if (operationId != 0 && timelock.isOperation(operationId)) revert BallotExecutorQueued(ballotId, operationId);
    }

    function _operationOf(uint32 ballotId, Actions calldata actions) private view returns (bytes32 operationId) {
        return timelock.hashOperationBatch(actions.targets, actions.values, actions.payloads, 0, _saltOf(ballotId));
    }

    /// @dev Tells equal actions of two ballots from each other, and those of another box.
    function _saltOf(uint32 ballotId) private view returns (bytes32 salt) {
        return keccak256(abi.encode(box, ballotId));
    }
}
