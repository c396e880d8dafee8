// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ballot, BallotLedger} from "./BallotLedger.sol";
import {BallotState, BallotTerms, IBallotBox} from "./IBallotBox.sol";

/// @title BallotStates
/// @notice Where a ballot is: what ended it, or else what time it is.
library BallotStates {
    /// @notice State of a ballot.
    /// @param ballot The ballot.
    /// @return state Its state; None: there is none.
    function stateOf(Ballot storage ballot) internal view returns (BallotState state) {
        if (ballot.termsHash == 0) return BallotState.None;
        if (ballot.ended != BallotState.None) return ballot.ended;
        if (ballot.frozenSegments < ballot.segments) return BallotState.Published;
        // solhint-disable-next-line not-rely-on-time
        uint256 time = block.timestamp;
        if (time < ballot.opensAt) return BallotState.Frozen;
        return time < ballot.closesAt ? BallotState.Open : BallotState.Closed;
    }

    /// @notice A ballot that there is, in a state.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param state State that it must be in.
    /// @return ballot The ballot.
    function requireIn(
        BallotLedger storage ledger,
        uint32 ballotId,
        BallotState state
    ) internal view returns (Ballot storage ballot) {
        BallotState its;
        (ballot, its) = known(ledger, ballotId);
        if (its != state) revert IBallotBox.BallotBoxWrongState(ballotId, its);
    }

    /// @notice A ballot that there is.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @return ballot The ballot.
    /// @return state Its state.
    function known(
        BallotLedger storage ledger,
        uint32 ballotId
    ) internal view returns (Ballot storage ballot, BallotState state) {
        ballot = ledger.ballots[ballotId];
        state = stateOf(ballot);
        if (state == BallotState.None) revert IBallotBox.BallotBoxUnknownBallot(ballotId);
    }

    /// @notice Reverts unless terms are those of a ballot.
    /// @param ballot The ballot.
    /// @param ballotId Its number.
    /// @param terms Terms given.
    function requireTerms(Ballot storage ballot, uint32 ballotId, BallotTerms calldata terms) internal view {
        bytes32 termsHash = keccak256(abi.encode(terms));
        if (termsHash != ballot.termsHash) revert IBallotBox.BallotBoxOtherTerms(ballotId, termsHash);
    }
}
