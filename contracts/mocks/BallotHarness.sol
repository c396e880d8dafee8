// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BallotLedger} from "../participation/ballots/BallotLedger.sol";
import {BallotMessages} from "../participation/ballots/BallotMessages.sol";
import {PollSlot, PollSlots} from "../participation/ballots/BallotSlots.sol";
import {BallotTally} from "../participation/ballots/BallotTally.sol";
import {BallotTerms, Envelope, PaperCount, PaperProtocol, Vote} from "../participation/ballots/IBallotBox.sol";
import {SealedPapers} from "../participation/ballots/SealedPapers.sol";

/// @title BallotHarness
/// @notice Opens to tests what a ballot box does with single papers and messages.
contract BallotHarness {
    using BallotTally for BallotLedger;

    BallotLedger private _ledger;
    PollSlot private _slot;

    /// @notice Takes up a ballot.
    /// @param terms Its terms.
    /// @param named Whether its roll is.
    function begin(BallotTerms calldata terms, bool named) external {
        _slot = PollSlots.create(terms, named);
        _ledger.ballots[1].limit = terms.limit;
        _ledger.forms[1] = terms.form;
    }

    function areValid(uint256[] calldata payloads) external view returns (bool[] memory valid) {
        valid = new bool[](payloads.length);
        for (uint256 i = 0; i < payloads.length; ++i) valid[i] = _ledger.isValid(_slot, 1, payloads[i]);
    }

    function open(
        uint256 key,
        Envelope calldata envelope,
        uint256 nullifier,
        uint256 scope
    ) external view returns (bool intact, uint256 payload) {
        return SealedPapers.open(key, envelope, nullifier, scope);
    }

    function isKey(uint256 key, uint256 x, uint256 y) external view returns (bool fits) {
        return SealedPapers.isKey(key, x, y);
    }

    function hashOfEnvelope(Envelope calldata envelope) external pure returns (bytes32 hash) {
        return BallotMessages.hashOf(envelope);
    }

    function hashOfVote(Vote calldata vote) external pure returns (bytes32 hash) {
        return BallotMessages.hashOf(vote);
    }

    function hashOfCommitment(Vote calldata vote) external pure returns (bytes32 hash) {
        return BallotMessages.hashOfCommitment(vote);
    }

    function hashOfProtocol(
        PaperProtocol calldata protocol,
        PaperCount[] calldata entries,
        address owner
    ) external pure returns (bytes32 hash) {
        return BallotMessages.hashOf(protocol, entries, owner);
    }

    function hashOfTerms(BallotTerms calldata terms) external pure returns (bytes32 hash) {
        return keccak256(abi.encode(terms));
    }
}
