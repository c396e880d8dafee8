// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

import {BallotTerms, IBallotBox} from "../ballots/IBallotBox.sol";

/// @notice What is done if a ballot passes: calls of the timelock, in this order, all or none.
struct Actions {
    /// @dev Contracts, or accounts that money goes to.
    address[] targets;
    /// @dev Wei for each, of the timelock's money or of what comes with {IBallotExecutor-execute}.
    uint256[] values;
    /// @dev Call data for each.
    bytes[] payloads;
}

/// @title IBallotExecutor
/// @notice Does what a ballot decided: exactly the actions whose hash was frozen at publication, through OpenZeppelin's
/// TimelockController, after the time in which it can be objected to. Anybody may put them on their way, and anybody may run them.
/// @dev An action that fails undoes no vote and no result: all of them are as if they had not been run, and can be run again for ever.
interface IBallotExecutor {
    /// @notice Somebody objected to a result. What the box counted can be counted again by anybody; this is for what it cannot see.
    /// @param ballotId Ballot.
    /// @param objector Who.
    /// @param evidenceHash keccak256 of why, salted.
    event ObjectionRaised(uint32 indexed ballotId, address indexed objector, bytes32 evidenceHash);
    /// @notice The guardian put the execution off.
    /// @param ballotId Ballot.
    /// @param until Unix time from which it goes on.
    /// @param reasonHash keccak256 of why.
    event ExecutionSuspended(uint32 indexed ballotId, uint40 until, bytes32 reasonHash);
    /// @notice The actions are in the timelock.
    /// @param ballotId Ballot.
    /// @param operationId Their number there. The timelock's events have it too, also when they are run.
    /// @param readyAt Unix time from which they can be run.
    event ActionsQueued(uint32 indexed ballotId, bytes32 indexed operationId, uint256 readyAt);

    /// @notice The ballot did not pass, or has no result.
    /// @param ballotId Ballot.
    error BallotExecutorNotPassed(uint32 ballotId);
    /// @notice These are not the ballot's terms.
    /// @param ballotId Ballot.
    /// @param termsHash Hash of what was given.
    error BallotExecutorOtherTerms(uint32 ballotId, bytes32 termsHash);
    /// @notice These are not the actions that were published.
    /// @param ballotId Ballot.
    /// @param actionsHash Hash of what was given.
    error BallotExecutorOtherActions(uint32 ballotId, bytes32 actionsHash);
    /// @notice Each action needs a target, a value and a payload.
    /// @param targets How many targets there are.
    /// @param values How many values.
    /// @param payloads How many payloads.
    error BallotExecutorBadActions(uint256 targets, uint256 values, uint256 payloads);
    /// @notice It can still be objected to, or execution is put off.
    /// @param time Unix time from which it goes on.
    /// @param timestamp Time of the call.
    error BallotExecutorTooEarly(uint256 time, uint256 timestamp);
    /// @notice The time to object is over, or there is nothing to object to yet.
    /// @param ballotId Ballot.
    /// @param until First second at which it was over; zero: there is no result.
    error BallotExecutorNoObjection(uint32 ballotId, uint256 until);
    /// @notice The actions are in the timelock, or were run.
    /// @param ballotId Ballot.
    /// @param operationId Their number there.
    error BallotExecutorQueued(uint32 ballotId, bytes32 operationId);
    /// @notice The actions are not in the timelock.
    /// @param ballotId Ballot.
    error BallotExecutorNotQueued(uint32 ballotId);
    /// @notice It was put off before, which can be done once, or for no time, or for too long.
    /// @param duration Seconds asked for.
    /// @param limit Most; zero: it was put off before.
    error BallotExecutorBadSuspension(uint256 duration, uint256 limit);

    /// @notice Objects to a result, on the record, before the objection period is over. Anybody, to any result. It stops nothing by
    /// itself: the guardian may.
    /// @dev Reverts with BallotExecutorNoObjection without a result, and from its objectionUntil on.
    /// @param ballotId Ballot.
    /// @param evidenceHash keccak256 of why, salted.
    function object(uint32 ballotId, bytes32 evidenceHash) external;

    /// @notice Puts the execution of a ballot that passed off, once and for a while, before its actions are in the timelock. Only
    /// GUARDIAN. The result stays as it is. With an objection period of zero there may be no time for this.
    /// @dev Reverts with BallotExecutorNotPassed, BallotExecutorQueued or BallotExecutorBadSuspension.
    /// @param ballotId Ballot.
    /// @param duration Seconds from now, 1 to 30 days.
    /// @param reasonHash keccak256 of why.
    function suspend(uint32 ballotId, uint32 duration, bytes32 reasonHash) external;

    /// @notice Puts the actions of a ballot that passed into the timelock, with the shortest delay that it takes. Anybody, once the
    /// objection period and a suspension are over. Again only if a canceller, whom another ballot would have had to appoint, took them
    /// out.
    /// @dev Reverts with BallotExecutorOtherTerms, BallotExecutorBadActions, BallotExecutorOtherActions, BallotExecutorNotPassed,
    /// BallotExecutorTooEarly or BallotExecutorQueued.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param actions Its actions.
    /// @return operationId Their number in the timelock.
    function queue(
        uint32 ballotId,
        BallotTerms calldata terms,
        Actions calldata actions
    ) external returns (bytes32 operationId);

    /// @notice Runs the actions when the timelock's delay is over, once. Anybody. Money that comes along goes to the timelock, which pays
    /// the values; what is more than they are stays there.
    /// @dev Reverts with BallotExecutorNotQueued, with BallotExecutorOtherActions, with TimelockUnexpectedOperationState of the
    /// timelock before the delay is over and when they were run, and with what an action reverts with.
    /// @param ballotId Ballot.
    /// @param actions Its actions.
    function execute(uint32 ballotId, Actions calldata actions) external payable;

    /// @notice What a ballot must be published with, for these actions.
    /// @dev Reverts with BallotExecutorBadActions.
    /// @param actions The actions.
    /// @return actionsHash keccak256 of them, ABI encoded.
    function hashOf(Actions calldata actions) external pure returns (bytes32 actionsHash);

    /// @notice Number of a ballot's actions in the timelock, which says whether they wait, are ready or done.
    /// @param ballotId Ballot.
    /// @return operationId The number; zero: they were not queued.
    function operationOf(uint32 ballotId) external view returns (bytes32 operationId);

    /// @notice Until when execution was put off.
    /// @param ballotId Ballot.
    /// @return until Unix time, which may be over; zero: it was not.
    function suspendedUntil(uint32 ballotId) external view returns (uint40 until);

    /// @notice The ballots.
    /// @return box_ The contract.
    function box() external view returns (IBallotBox box_);

    /// @notice Where actions wait.
    /// @return timelock_ The contract.
    function timelock() external view returns (TimelockController timelock_);
}
