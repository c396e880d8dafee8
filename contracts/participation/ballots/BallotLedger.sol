// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RunoffRecord} from "../rules/RunoffSlots.sol";
import {HeadSlot, PollSlot} from "./BallotSlots.sol";
import {BallotState, Result} from "./IBallotBox.sol";

/// @notice A ballot. Four slots.
struct Ballot {
    bytes32 termsHash;
    /// @dev See {BallotTerms}.
    uint32 rollId;
    uint32 paperElectorate;
    uint40 opensAt;
    uint40 closesAt;
    uint40 countsUntil;
    /// @dev People at the census, in the segments frozen so far.
    uint32 members;
    uint16 segments;
    /// @dev Segments frozen so far.
    uint16 frozenSegments;
    /// @dev Withdrawn, Void, Final, or None as long as time decides.
    BallotState ended;
    /// @dev Credits of Quadratic or points of Points, see {BallotTerms-limit}.
    uint32 limit;
    /// @dev Papers of protocols, spoilt ones included.
    uint32 onPaper;
    /// @dev Spoilt ones of protocols.
    uint32 spoiltOnPaper;
    /// @dev Sealed or revealed papers that say nothing that counts.
    uint32 spoilt;
    /// @dev Block whose hash decides ties; zero: none was announced.
    uint64 lotBlock;
    /// @dev Of a sealed ballot, once it is known; zero: not yet.
    uint256 key;
}

/// @notice A segment of a ballot.
struct Poll {
    PollSlot slot;
    HeadSlot head;
    /// @dev Leaves of a named roll's tree; root of an anonymous roll's, and the point that it and the ballot's scope are in the equation of every proof, see
    /// {ISemaphoreBatchVerifier-prepare}.
    uint256 root;
    uint256 preparedX;
    uint256 preparedY;
    /// @dev Of public ballots that take one vote of accounts: {GroupSlot}s, or who has voted, by place on the roll. Of sealed ones:
    /// entries that were replaced, by their number.
    mapping(uint256 word => uint256 bits) marks;
    /// @dev Tallies, in lanes as {BallotTally} has them.
    mapping(uint256 word => uint256 lanes) lanes;
}

/// @notice A segment while papers are put in or taken out. The head is stored when all are.
struct Casting {
    uint32 ballotId;
    uint16 segment;
    PollSlot slot;
    HeadSlot head;
}

/// @notice Everything that {BallotBox} stores.
struct BallotLedger {
    uint32 count;
    mapping(uint32 ballotId => Ballot) ballots;
    /// @dev By `ballot << 16 | segment`.
    mapping(uint256 pollId => Poll) polls;
    /// @dev By ballot and voter, see {Receipts}.
    mapping(uint32 ballotId => mapping(uint256 voter => uint256 receipt)) receipts;
    /// @dev Papers with a ranking, of instant runoffs.
    mapping(uint32 ballotId => mapping(uint256 ranking => uint256 count)) rankings;
    /// @dev Questions of a survey.
    mapping(uint32 ballotId => uint256 form) forms;
    /// @dev Lots that decide ties; zero: not drawn.
    mapping(uint32 ballotId => bytes32 seed) seeds;
    mapping(uint32 ballotId => Result) results;
    /// @dev Where each caller is in an instant runoff, so that what one leaves out stops no other.
    mapping(uint32 ballotId => mapping(address counter => RunoffRecord)) runoffs;
    /// @dev Instant runoffs that somebody brought to their end, which is the same whoever does.
    mapping(uint32 ballotId => RunoffRecord) outcomes;
}

/// @title Receipts
/// @notice What is kept of a vote that can be replaced, or of an anonymous one, in one word: sequence number in the upper 32 bits,
/// number of the entry in the 32 below, segment in the next 16, upper 176 bits of the payload's hash in the rest. Zero: no vote.
/// @dev The segment, because a commitment can be on the roll of two: who votes in one with it cannot replace that vote in another.
library Receipts {
    uint256 private constant SEQUENCE_SHIFT = 224;
    uint256 private constant ENTRY_SHIFT = 192;
    uint256 private constant SEGMENT_SHIFT = 176;
    uint256 private constant HASH_SHIFT = 80;

    /// @notice Packs a receipt.
    /// @param sequence Sequence number.
    /// @param entry Number of the entry.
    /// @param segment Segment.
    /// @param payloadHash Hash of the payload.
    /// @return receipt The word.
    function create(
        uint32 sequence,
        uint32 entry,
        uint16 segment,
        bytes32 payloadHash
    ) internal pure returns (uint256 receipt) {
        return
            (uint256(sequence) << SEQUENCE_SHIFT) |
            (uint256(entry) << ENTRY_SHIFT) |
            (uint256(segment) << SEGMENT_SHIFT) |
            (uint256(payloadHash) >> HASH_SHIFT);
    }

    /// @notice Sequence number.
    /// @param receipt The word.
    /// @return sequence Zero: no vote.
    function sequenceOf(uint256 receipt) internal pure returns (uint32 sequence) {
        return uint32(receipt >> SEQUENCE_SHIFT); // the upper 32 bits
    }

    /// @notice Number of the entry.
    /// @param receipt The word.
    /// @return entry From 0.
    function entryOf(uint256 receipt) internal pure returns (uint32 entry) {
        return uint32(receipt >> ENTRY_SHIFT); // 32 bits of it
    }

    /// @notice Segment.
    /// @param receipt The word.
    /// @return segment Where the vote is.
    function segmentOf(uint256 receipt) internal pure returns (uint16 segment) {
        return uint16(receipt >> SEGMENT_SHIFT); // 16 bits of it
    }

    /// @notice Upper bits of the payload's hash.
    /// @param receipt The word.
    /// @return payloadHash 176 bits.
    function hashOf(uint256 receipt) internal pure returns (uint176 payloadHash) {
        return uint176(receipt); // the lower 176 bits
    }

    /// @notice Whether a receipt is of a payload.
    /// @param receipt The word.
    /// @param payloadHash Hash of the payload.
    /// @return same True if so.
    function isOf(uint256 receipt, bytes32 payloadHash) internal pure returns (bool same) {
        return hashOf(receipt) == uint176(uint256(payloadHash) >> HASH_SHIFT); // 176 bits are left
    }
}
