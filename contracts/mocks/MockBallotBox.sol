// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BallotView, Result} from "../participation/ballots/IBallotBox.sol";

/// @title MockBallotBox
/// @notice The part of {IBallotBox} that serves who acts upon results; what it says is set without votes.
contract MockBallotBox {
    mapping(uint32 ballotId => bytes32 hash) private _termsHashes;
    mapping(uint32 ballotId => Result) private _results;

    /// @notice Publishes a ballot.
    /// @param ballotId Ballot.
    /// @param termsHash Hash of its terms.
    function publish(uint32 ballotId, bytes32 termsHash) external {
        _termsHashes[ballotId] = termsHash;
    }

    /// @notice Sets a result.
    /// @param ballotId Ballot.
    /// @param passed Whether the first option won.
    /// @param objectionPeriod Seconds from now.
    function conclude(uint32 ballotId, bool passed, uint40 objectionPeriod) external {
        Result storage result = _results[ballotId];
        (result.passed, result.decided) = (passed, true);
        // solhint-disable-next-line not-rely-on-time
        result.finalAt = uint40(block.timestamp);
        result.objectionUntil = result.finalAt + objectionPeriod;
    }

    function ballotOf(uint32 ballotId, uint16[] calldata) external view returns (BallotView memory ballot) {
        ballot.termsHash = _termsHashes[ballotId];
    }

    function resultOf(uint32 ballotId) external view returns (Result memory result) {
        return _results[ballotId];
    }
}
