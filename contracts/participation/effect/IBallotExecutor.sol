// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

import {BallotTerms, IBallotBox} from "../ballots/IBallotBox.sol";

/// @notice What is done if a ballot passes: calls of the timelock, in this order, all or none.
struct Actions {
    address[] targets;
    uint256[] values;
    bytes[] payloads;
}

/// @title IBallotExecutor
/// @notice Does what a ballot decided: exactly the actions whose hash was frozen at publication, through OpenZeppelin's
/// TimelockController, after the time in which it can be objected to. Anybody may put them on their way.
/// @dev An action that fails undoes no vote and no result: it can be tried again as long as the timelock holds it.
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
    /// @param operationId Their number there.
    event ActionsQueued(uint32 indexed ballotId, bytes32 indexed operationId);

    /// @notice The ballot did not pass, or has no result.
    /// @param ballotId Ballot.
    error BallotExecutorNotPassed(uint32 ballotId);
    /// @notice These are not the actions that were published.
    /// @param ballotId Ballot.
    /// @param actionsHash Hash of what was given.
    error BallotExecutorOtherActions(uint32 ballotId, bytes32 actionsHash);
    /// @notice It can still be objected to, or execution is put off.
    /// @param time Unix time from which it goes on.
    /// @param timestamp Time of the call.
    error BallotExecutorTooEarly(uint256 time, uint256 timestamp);
    /// @notice The time to object is over, or there is nothing to object to yet.
    /// @param ballotId Ballot.
    /// @param until Last second.
    error BallotExecutorNoObjection(uint32 ballotId, uint256 until);
    /// @notice The actions are in the timelock already.
    /// @param ballotId Ballot.
    error BallotExecutorQueued(uint32 ballotId);
    /// @notice It was put off before, which can be done once, or too long.
    /// @param duration Seconds asked for.
    /// @param limit Most; zero: none any more.
    error BallotExecutorBadSuspension(uint256 duration, uint256 limit);

    /// @notice Objects to a result, on the record, before the objection period is over. Anybody.
    /// @param ballotId Ballot.
    /// @param evidenceHash keccak256 of why, salted.
    function object(uint32 ballotId, bytes32 evidenceHash) external;

    /// @notice Puts the execution off, once and for a while. Only GUARDIAN. The result stays as it is.
    /// @param ballotId Ballot.
    /// @param duration Seconds from now, at most 30 days.
    /// @param reasonHash keccak256 of why.
    function suspend(uint32 ballotId, uint32 duration, bytes32 reasonHash) external;

    /// @notice Puts the actions of a ballot that passed into the timelock. Anybody, once.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param actions Its actions.
    /// @return operationId Their number in the timelock.
    function queue(
        uint32 ballotId,
        BallotTerms calldata terms,
        Actions calldata actions
    ) external returns (bytes32 operationId);

    /// @notice Runs the actions when the timelock's delay is over. Anybody.
    /// @param ballotId Ballot.
    /// @param actions Its actions.
    function execute(uint32 ballotId, Actions calldata actions) external payable;

    /// @notice What a ballot must be published with, for these actions.
    /// @param actions The actions.
    /// @return actionsHash keccak256 of them, ABI encoded.
    function hashOf(Actions calldata actions) external pure returns (bytes32 actionsHash);

    /// @notice Number of a ballot's actions in the timelock.
    /// @param ballotId Ballot.
    /// @param actions Its actions.
    /// @return operationId The number.
    function operationOf(uint32 ballotId, Actions calldata actions) external view returns (bytes32 operationId);

    /// @notice Until when execution is put off.
    /// @param ballotId Ballot.
    /// @return until Unix time; zero: it is not.
    function suspendedUntil(uint32 ballotId) external view returns (uint40 until);

    /// @notice The ballots.
    /// @return box_ The contract.
    function box() external view returns (IBallotBox box_);

    /// @notice Where actions wait.
    /// @return timelock_ The contract.
    function timelock() external view returns (TimelockController timelock_);
}
