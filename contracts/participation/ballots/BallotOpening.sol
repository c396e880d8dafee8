// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {BallotCasting} from "./BallotCasting.sol";
import {Ballot, BallotLedger, Casting, Poll, Receipts} from "./BallotLedger.sol";
import {BallotMessages} from "./BallotMessages.sol";
import {PollSlot} from "./BallotSlots.sol";
import {BallotStates} from "./BallotStates.sol";
import {BallotTally} from "./BallotTally.sol";
import {
    BallotState,
    BallotTerms,
    IBallotBox,
    PaperCount,
    PaperProtocol,
    Reveal,
    SealedEntry,
    Secrecy
} from "./IBallotBox.sol";
import {SealedPapers} from "./SealedPapers.sol";

/// @title BallotOpening
/// @notice Papers that are counted after they were put in: sealed and committed ones, and those of wood and paper.
library BallotOpening {
    using BallotCasting for BallotLedger;
    using BallotStates for Ballot;
    using BallotStates for BallotLedger;
    using BallotTally for BallotLedger;

    /// @dev Papers of a segment while they are being opened. Committed ones need no key, scope and entries.
    struct Opening {
        Casting casting;
        uint256 key;
        uint256 scope;
        /// @dev Number of the entry that is next.
        uint256 next;
        /// @dev Entries there are.
        uint256 entries;
        uint32 spoilt;
    }

    uint256 private constant MAX_ENTRIES = 1_000;
    /// @dev Replaced entries that a call without others passes over: words of 256 that a transaction can read.
    uint256 private constant MAX_PASSED = 1 << 20;
    uint256 private constant MAX_REVEALS = 250;
    uint256 private constant MAX_COUNTS = 500;
    uint256 private constant WORD = 256;
    /// @dev Lane of the head that counts sealed entries.
    uint256 private constant ENTRIES = 1;
    /// @dev Lane of the head that says how far opening is.
    uint256 private constant OPENED = 2;

    /// @notice See {IBallotBox-releaseKey}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param key The scalar.
    function releaseKey(
        BallotLedger storage ledger,
        uint32 ballotId,
        BallotTerms calldata terms,
        uint256 key
    ) external {
        Ballot storage ballot = ledger.requireIn(ballotId, BallotState.Closed);
        ballot.requireTerms(ballotId, terms);
        if (terms.secrecy != Secrecy.Sealed) revert IBallotBox.BallotBoxWrongWay(ballotId);
        // A key is zero for no point of the curve, and one plus the order for the same point.
        if (ballot.key != 0 || !SealedPapers.isKey(key, terms.sealX, terms.sealY)) {
            revert IBallotBox.BallotBoxWrongKey(key);
        }
        _requireBefore(ballot.countsUntil);
        ballot.key = key;
        emit IBallotBox.KeyReleased(ballotId, key);
    }

    /// @notice See {IBallotBox-open}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param entries The next votes that stand.
    function open(
        BallotLedger storage ledger,
        uint32 ballotId,
        uint16 segment,
        SealedEntry[] calldata entries
    ) external {
        Ballot storage ballot = ledger.requireIn(ballotId, BallotState.Closed);
        Opening memory opening;
        opening.key = ballot.key;
        if (opening.key == 0) revert IBallotBox.BallotBoxWrongKey(0);
        if (entries.length > MAX_ENTRIES) revert IBallotBox.BallotBoxBadList(entries.length, MAX_ENTRIES);
        Poll storage poll = ledger.pollOf(ballotId, segment);
        opening.casting = Casting({ballotId: ballotId, segment: segment, slot: poll.slot, head: poll.head});
        opening.scope = BallotMessages.scopeOf(address(this), ballotId);
        (opening.next, opening.entries) = (poll.head.laneOf(OPENED), poll.head.laneOf(ENTRIES));
        uint256 first = opening.next;
        (uint256[] memory payloads, uint256[] memory spoilt) = _openAll(ledger, poll, opening, entries);
        if (entries.length == 0) {
            // Or somebody could vote again so often that no transaction gets to the next one.
            opening.next = _nextStanding(poll, first, Math.min(opening.entries, first + MAX_PASSED));
            if (opening.next == first) revert IBallotBox.BallotBoxBadList(0, MAX_ENTRIES);
        }
        // Counts of 32 bits, and next is not before first.
        poll.head = opening.casting.head.plus(OPENED, opening.next - first);
        if (opening.spoilt != 0) ballot.spoilt += opening.spoilt;
        emit IBallotBox.VotesOpened(ballotId, segment, uint32(first), uint32(opening.next), payloads, spoilt);
    }

    /// @notice See {IBallotBox-reveal}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param reveals What voters committed to.
    function reveal(BallotLedger storage ledger, uint32 ballotId, uint16 segment, Reveal[] calldata reveals) external {
        Ballot storage ballot = ledger.requireIn(ballotId, BallotState.Closed);
        _requireBefore(ballot.countsUntil);
        _requireCount(reveals.length, MAX_REVEALS);
        Poll storage poll = ledger.pollOf(ballotId, segment);
        // Receipts of public votes could be taken for those of commitments: a paper can be any word.
        if (!poll.slot.goes(Secrecy.Committed, true)) revert IBallotBox.BallotBoxWrongWay(ballotId);
        Opening memory opening;
        opening.casting = Casting({ballotId: ballotId, segment: segment, slot: poll.slot, head: poll.head});
        for (uint256 i = 0; i < reveals.length; ++i) {
            uint256 voter = _reveal(ledger, ballotId, segment, reveals[i]);
            bool valid = _count(ledger, poll, opening, reveals[i].payload);
            emit IBallotBox.VoteRevealed(ballotId, voter, reveals[i].payload, reveals[i].salt, valid);
        }
        poll.head = opening.casting.head.plus(OPENED, reveals.length);
        if (opening.spoilt != 0) ballot.spoilt += opening.spoilt;
    }

    /// @notice See {IBallotBox-recordProtocol}.
    /// @param ledger Storage.
    /// @param protocol The protocol, of which the signature was checked.
    /// @param entries Equal papers.
    function recordProtocol(
        BallotLedger storage ledger,
        PaperProtocol calldata protocol,
        PaperCount[] calldata entries
    ) external {
        uint32 ballotId = protocol.ballotId;
        (Ballot storage ballot, BallotState state) = ledger.known(ballotId);
        if (state != BallotState.Open && state != BallotState.Closed) {
            revert IBallotBox.BallotBoxWrongState(ballotId, state);
        }
        _requireBefore(ballot.countsUntil);
        if (entries.length > MAX_COUNTS) revert IBallotBox.BallotBoxBadList(entries.length, MAX_COUNTS);
        Poll storage poll = ledger.pollOf(ballotId, protocol.segment);
        if (PollSlot.unwrap(poll.slot) == 0) revert IBallotBox.BallotBoxUnknownSegment(ballotId, protocol.segment);
        // What is counted on paper says how a vote that nobody sees goes.
        if (state == BallotState.Open && poll.slot.secrecy() != Secrecy.Public) {
            revert IBallotBox.BallotBoxWrongState(ballotId, state);
        }
        uint256 papers = _countPapers(ledger, poll, ballotId, protocol.segment, entries);
        uint256 all = ballot.onPaper + papers + protocol.spoilt;
        if (all > ballot.paperElectorate) revert IBallotBox.BallotBoxTooManyPapers(all, ballot.paperElectorate);
        if (papers + protocol.spoilt == 0) revert IBallotBox.BallotBoxUnchanged();
        ballot.onPaper = uint32(all); // no more than people who vote on paper
        if (protocol.spoilt != 0) ballot.spoiltOnPaper += protocol.spoilt;
        emit IBallotBox.ProtocolRecorded(
            ballotId,
            protocol.segment,
            protocol.officer,
            uint32(papers), // as above
            protocol.spoilt,
            protocol.documentHash,
            entries
        );
    }

    /// @notice See {IBallotBox-abandon}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    function abandon(BallotLedger storage ledger, uint32 ballotId, BallotTerms calldata terms) external {
        Ballot storage ballot = ledger.requireIn(ballotId, BallotState.Closed);
        ballot.requireTerms(ballotId, terms);
        if (terms.secrecy != Secrecy.Sealed || ballot.key != 0) revert IBallotBox.BallotBoxWrongWay(ballotId);
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp <= terms.countsUntil) {
            revert IBallotBox.BallotBoxTooEarly(uint256(terms.countsUntil) + 1, block.timestamp);
        }
        // Without a sealed paper no key is missing, and those of protocols have a result.
        if (!_hasEntries(ledger, ballotId, terms)) revert IBallotBox.BallotBoxUnchanged();
        ballot.ended = BallotState.Void;
        emit IBallotBox.BallotAbandoned(ballotId);
    }

    function _openAll(
        BallotLedger storage ledger,
        Poll storage poll,
        Opening memory opening,
        SealedEntry[] calldata entries
    ) private returns (uint256[] memory payloads, uint256[] memory spoilt) {
        uint256 count = entries.length;
        payloads = new uint256[](count);
        spoilt = new uint256[]((count + WORD - 1) / WORD);
        for (uint256 i = 0; i < count; ++i) {
            opening.next = _nextStanding(poll, opening.next, opening.entries);
            _requireNext(ledger, opening, entries[i]);
            ++opening.next;
            bool valid;
            (valid, payloads[i]) = _openOne(ledger, poll, opening, entries[i]);
            if (!valid) spoilt[i / WORD] |= 1 << (i % WORD);
        }
        // The last entry of all stands, so that there is an entry to open as long as any is left.
    }

    function _openOne(
        BallotLedger storage ledger,
        Poll storage poll,
        Opening memory opening,
        SealedEntry calldata entry
    ) private returns (bool valid, uint256 payload) {
        (valid, payload) = SealedPapers.open(opening.key, entry.envelope, entry.nullifier, opening.scope);
        if (valid) return (_count(ledger, poll, opening, payload), payload);
        ++opening.spoilt;
        return (false, 0);
    }

    /// @dev Counts a paper if it says something; else it is spoilt.
    function _count(
        BallotLedger storage ledger,
        Poll storage poll,
        Opening memory opening,
        uint256 payload
    ) private returns (bool valid) {
        valid = ledger.isValid(opening.casting.slot, opening.casting.ballotId, payload);
        if (valid) ledger.plus(poll, opening.casting, payload, 1);
        else ++opening.spoilt;
    }

    /// @dev Notes that a vote was revealed, in its receipt.
    function _reveal(
        BallotLedger storage ledger,
        uint32 ballotId,
        uint16 segment,
        Reveal calldata reveal_
    ) private returns (uint256 voter) {
        voter = BallotCasting.voterOf(segment, reveal_.index);
        bytes32 commitment = BallotMessages.commitmentOf(address(this), ballotId, voter, reveal_.payload, reveal_.salt);
        bytes32 hash = BallotMessages.payloadHashOf(uint256(commitment));
        uint256 receipt = ledger.receipts[ballotId][voter];
        bool fits = receipt != 0 && Receipts.isOf(receipt, hash) && Receipts.entryOf(receipt) == 0;
        if (!fits) revert IBallotBox.BallotBoxWrongReveal(voter);
        ledger.receipts[ballotId][voter] = Receipts.create(Receipts.sequenceOf(receipt), 1, segment, hash);
    }

    function _countPapers(
        BallotLedger storage ledger,
        Poll storage poll,
        uint32 ballotId,
        uint16 segment,
        PaperCount[] calldata entries
    ) private returns (uint256 papers) {
        Casting memory casting = Casting({ballotId: ballotId, segment: segment, slot: poll.slot, head: poll.head});
        uint256 most = ledger.ballots[ballotId].paperElectorate;
        for (uint256 i = 0; i < entries.length; ++i) {
            papers += entries[i].count;
            // Before they are counted, so that no lane overflows.
            if (papers > most) revert IBallotBox.BallotBoxTooManyPapers(papers, most);
            _countEqual(ledger, poll, casting, entries[i]);
        }
        poll.head = casting.slot.countsInHead() ? casting.head : casting.head.plus(0, papers);
    }

    function _countEqual(
        BallotLedger storage ledger,
        Poll storage poll,
        Casting memory casting,
        PaperCount calldata equal
    ) private {
        uint256 payload = equal.payload;
        if (!ledger.isValid(casting.slot, casting.ballotId, payload)) revert IBallotBox.BallotBoxBadPayload(payload);
        ledger.plus(poll, casting, payload, equal.count);
    }

    /// @dev Number of the first entry from one on that was not replaced. Goes over 256 at a time.
    function _nextStanding(Poll storage poll, uint256 from, uint256 entries) private view returns (uint256 entry) {
        entry = from;
        while (entry < entries) {
            uint256 standing = ~poll.marks[entry >> 8] >> (entry & 0xff);
            if (standing != 0) {
                while (standing & 1 == 0) {
                    standing >>= 1;
                    ++entry;
                }
                return entry;
            }
            entry = (entry | 0xff) + 1;
        }
    }

    /// @dev Whether there is a sealed paper in any segment.
    function _hasEntries(
        BallotLedger storage ledger,
        uint32 ballotId,
        BallotTerms calldata terms
    ) private view returns (bool some) {
        for (uint256 i = 0; i < terms.segments.length; ++i) {
            if (ledger.pollOf(ballotId, terms.segments[i]).head.laneOf(ENTRIES) != 0) return true;
        }
    }

    /// @dev Reverts unless an entry is the one that is next, as its receipt has it.
    function _requireNext(
        BallotLedger storage ledger,
        Opening memory opening,
        SealedEntry calldata entry
    ) private view {
        uint256 receipt = ledger.receipts[opening.casting.ballotId][entry.nullifier];
        bool fits =
            receipt != 0 &&
                opening.next < opening.entries &&
                Receipts.entryOf(receipt) == opening.next &&
                // Entries have numbers of their own in each segment.
                Receipts.segmentOf(receipt) == opening.casting.segment &&
                Receipts.sequenceOf(receipt) == entry.sequence &&
                Receipts.isOf(receipt, BallotMessages.hashOf(entry.envelope));
        if (!fits) revert IBallotBox.BallotBoxWrongEntry(entry.nullifier, uint32(opening.next)); // of 32 bits
    }

    function _requireBefore(uint256 time) private view {
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > time) revert IBallotBox.BallotBoxTooLate(time, block.timestamp);
    }

    function _requireCount(uint256 count, uint256 limit) private pure {
        if (count == 0 || count > limit) revert IBallotBox.BallotBoxBadList(count, limit);
    }
}
