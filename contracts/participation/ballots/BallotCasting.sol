// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ballot, BallotLedger, Casting, Poll, Receipts} from "./BallotLedger.sol";
import {BallotMessages} from "./BallotMessages.sol";
import {GroupSlot, GroupSlots, HeadSlot, PollSlot} from "./BallotSlots.sol";
import {BallotTally} from "./BallotTally.sol";
import {BallotState, IBallotBox, Secrecy, VoteFault} from "./IBallotBox.sol";

/// @title BallotCasting
/// @notice What all ways to vote have in common: who votes, whether it may, and what is written down of it.
library BallotCasting {
    using BallotTally for BallotLedger;

    uint256 private constant SEGMENT_SHIFT = 16;
    uint256 private constant INDEX_BITS = 32;
    uint256 private constant SEQUENCE_SHIFT = 224;
    uint256 private constant SEGMENT_WORD_SHIFT = 208;
    /// @dev A leaf is the hash of the last 24 bytes of a word: 4 of the place and 20 of the account.
    uint256 private constant ACCOUNT_BITS = 160;
    uint256 private constant ACCOUNT_SHIFT = 96;
    uint256 private constant LEAF_START = 8;
    uint256 private constant LEAF_BYTES = 24;

    /// @notice A segment in which votes count now and come in that way.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param secrecy The way.
    /// @param named Whether of accounts.
    /// @return poll Segment.
    /// @return casting It, to put votes in.
    function begin(
        BallotLedger storage ledger,
        uint32 ballotId,
        uint16 segment,
        Secrecy secrecy,
        bool named
    ) internal view returns (Poll storage poll, Casting memory casting) {
        poll = pollOf(ledger, ballotId, segment);
        PollSlot slot = poll.slot;
        requireOpen(slot, ballotId, segment);
        if (!slot.goes(secrecy, named)) revert IBallotBox.BallotBoxWrongWay(ballotId);
        // Segments frozen so far are open for nobody if another one can still be too small. In plain ballots none can.
        if (!slot.isPlain()) _requireFrozen(ledger, ballotId);
        (casting.ballotId, casting.segment, casting.slot) = (ballotId, segment, slot);
        // Groups have running hashes of their own.
        if (!slot.isGrouped()) casting.head = poll.head;
    }

    /// @notice Stores what votes changed in a segment's head.
    /// @param poll Segment.
    /// @param casting It.
    function finish(Poll storage poll, Casting memory casting) internal {
        if (!casting.slot.isGrouped()) poll.head = casting.head;
    }

    /// @notice Reverts unless votes count now.
    /// @param slot The segment's slot.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    function requireOpen(PollSlot slot, uint32 ballotId, uint16 segment) internal view {
        if (slot.isOpen()) return;
        if (PollSlot.unwrap(slot) == 0) revert IBallotBox.BallotBoxUnknownSegment(ballotId, segment);
        // solhint-disable-next-line not-rely-on-time
        revert IBallotBox.BallotBoxNotOpen(slot.opensAt(), slot.closesAt(), block.timestamp);
    }

    /// @notice Where a segment is stored.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @return poll The segment.
    function pollOf(
        BallotLedger storage ledger,
        uint32 ballotId,
        uint16 segment
    ) internal view returns (Poll storage poll) {
        return ledger.polls[(uint256(ballotId) << SEGMENT_SHIFT) | segment];
    }

    /// @notice Name of a named voter in a ballot.
    /// @param segment Segment.
    /// @param index Place on the roll.
    /// @return voter Both side by side.
    function voterOf(uint16 segment, uint32 index) internal pure returns (uint256 voter) {
        return (uint256(segment) << INDEX_BITS) | index;
    }

    /// @notice Whether an account is at a place of the census.
    /// @dev Leaves and nodes are those of {NamedLeaves}. A leaf is shorter than what an inner node is the hash of, so none passes
    /// for it.
    /// @param slot The segment's slot.
    /// @param index Place.
    /// @param account Account.
    /// @param path Siblings from below.
    /// @return member True if so.
    function isMember(
        PollSlot slot,
        uint32 index,
        address account,
        bytes32[] calldata path
    ) internal pure returns (bool member) {
        bytes32 node;
        // Two words of scratch space. The path's length is checked by who decodes it.
        assembly ("memory-safe") {
            mstore(0x00, or(shl(ACCOUNT_BITS, index), shr(ACCOUNT_SHIFT, shl(ACCOUNT_SHIFT, account))))
            node := keccak256(LEAF_START, LEAF_BYTES)
            let end := add(path.offset, shl(5, path.length))
            for {
                let at := path.offset
            } lt(at, end) {
                at := add(at, 0x20)
            } {
                let sibling := calldataload(at)
                // The greater one goes second.
                let place := shl(5, gt(node, sibling))
                mstore(place, node)
                mstore(xor(place, 0x20), sibling)
                node := keccak256(0x00, 0x40)
            }
        }
        return slot.hasRoot(node);
    }

    /// @notice Whether somebody may vote with a receipt, and what is wrong if not.
    /// @param casting Segment.
    /// @param receipt What stands; zero: nothing.
    /// @param sequence Sequence number of the new vote.
    /// @return fault None or StaleSequence.
    function checkSequence(
        Casting memory casting,
        uint256 receipt,
        uint32 sequence
    ) internal pure returns (VoteFault fault) {
        if (sequence <= Receipts.sequenceOf(receipt)) return VoteFault.StaleSequence;
        if (receipt == 0) return VoteFault.None;
        // What stands in another segment cannot be taken out of this one.
        bool same = Receipts.segmentOf(receipt) == casting.segment;
        if (!same || !casting.slot.revotes()) return VoteFault.StaleSequence;
    }

    /// @notice Puts a public vote in, or says what is wrong with it.
    /// @param ledger Storage.
    /// @param poll Segment.
    /// @param casting It, whose head is changed.
    /// @param voter Who.
    /// @param sequence Sequence number.
    /// @param payload What the paper says.
    /// @param previous What the one that stands says.
    /// @return fault None: it is in.
    function put(
        BallotLedger storage ledger,
        Poll storage poll,
        Casting memory casting,
        uint256 voter,
        uint32 sequence,
        uint256 payload,
        uint256 previous
    ) internal returns (VoteFault fault) {
        if (!ledger.isValid(casting.slot, casting.ballotId, payload)) return VoteFault.BadPayload;
        mapping(uint256 voter => uint256 receipt) storage receipts = ledger.receipts[casting.ballotId];
        uint256 receipt = receipts[voter];
        fault = checkSequence(casting, receipt, sequence);
        if (fault != VoteFault.None) return fault;
        if (receipt != 0) {
            if (!Receipts.isOf(receipt, BallotMessages.payloadHashOf(previous))) return VoteFault.WrongPrevious;
            ledger.minus(poll, casting, previous);
        } else {
            countOne(casting);
        }
        bytes32 payloadHash = BallotMessages.payloadHashOf(payload);
        receipts[voter] = Receipts.create(sequence, 0, casting.segment, payloadHash);
        ledger.plus(poll, casting, payload, 1);
        casting.head = tell(casting.head, casting.ballotId, casting.segment, voter, sequence, payload);
    }

    /// @notice Counts a paper more, where options' lanes do not.
    /// @param casting Segment, whose head is changed.
    function countOne(Casting memory casting) internal pure {
        if (!casting.slot.countsInHead()) casting.head = casting.head.plus(0, 1);
    }

    /// @notice Puts a vote in that nobody sees: an envelope or a commitment.
    /// @param ledger Storage.
    /// @param poll Segment.
    /// @param casting It, whose head is changed.
    /// @param voter Who.
    /// @param sequence Sequence number.
    /// @param hash Hash of what is put in.
    /// @param entry Number of the entry; zero for commitments.
    /// @return fault None: it is in.
    function hide(
        BallotLedger storage ledger,
        Poll storage poll,
        Casting memory casting,
        uint256 voter,
        uint32 sequence,
        bytes32 hash,
        uint32 entry
    ) internal returns (VoteFault fault) {
        mapping(uint256 voter => uint256 receipt) storage receipts = ledger.receipts[casting.ballotId];
        uint256 receipt = receipts[voter];
        fault = checkSequence(casting, receipt, sequence);
        if (fault != VoteFault.None) return fault;
        HeadSlot head = casting.head;
        if (receipt == 0) {
            head = head.plus(0, 1);
        } else if (casting.slot.secrecy() == Secrecy.Sealed) {
            uint256 replaced = Receipts.entryOf(receipt);
            poll.marks[replaced >> 8] |= 1 << (replaced & 0xff);
        }
        receipts[voter] = Receipts.create(sequence, entry, casting.segment, hash);
        casting.head = head.linked(_linkOf(voter, sequence, uint256(hash)));
    }

    /// @notice Reverts with the error that a fault stands for.
    /// @param ledger Storage.
    /// @param casting Segment.
    /// @param fault What is wrong.
    /// @param voter Who.
    /// @param sequence Sequence number.
    /// @param payload What the paper says.
    /// @param previous What the one that stands says.
    function refuse(
        BallotLedger storage ledger,
        Casting memory casting,
        VoteFault fault,
        uint256 voter,
        uint32 sequence,
        uint256 payload,
        uint256 previous
    ) internal view {
        if (fault == VoteFault.BadPayload) revert IBallotBox.BallotBoxBadPayload(payload);
        if (fault == VoteFault.WrongPrevious) revert IBallotBox.BallotBoxWrongPrevious(voter, previous);
        uint32 latest = Receipts.sequenceOf(ledger.receipts[casting.ballotId][voter]);
        revert IBallotBox.BallotBoxStaleSequence(voter, sequence, latest);
    }

    /// @notice Puts the vote of an account in that votes once, or says what is wrong with it.
    /// @param ledger Storage.
    /// @param poll Segment.
    /// @param casting It, whose head is changed.
    /// @param index Place on the roll.
    /// @param payload What the paper says.
    /// @return fault None: it is in.
    function putOnce(
        BallotLedger storage ledger,
        Poll storage poll,
        Casting memory casting,
        uint32 index,
        uint256 payload
    ) internal returns (VoteFault fault) {
        if (casting.slot.isGrouped()) {
            return join(poll, casting.slot, casting.ballotId, casting.segment, index, payload);
        }
        if (!ledger.isValid(casting.slot, casting.ballotId, payload)) return VoteFault.BadPayload;
        uint256 word = poll.marks[index >> 8];
        uint256 bit = 1 << (index & 0xff);
        if (word & bit != 0) return VoteFault.StaleSequence;
        poll.marks[index >> 8] = word | bit;
        uint256 voter = voterOf(casting.segment, index);
        casting.head = casting.head.plus(0, 1).linked(_linkOf(voter, 1, payload));
        ledger.plus(poll, casting, payload, 1);
        emit IBallotBox.VoteCast(casting.ballotId, voter, payload);
    }

    /// @notice Puts the vote of an account into its group, or says what is wrong with it.
    /// @param poll Segment.
    /// @param slot Its slot, which is grouped.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param index Place on the roll.
    /// @param option What the paper says.
    /// @return fault None: it is in.
    function join(
        Poll storage poll,
        PollSlot slot,
        uint32 ballotId,
        uint16 segment,
        uint32 index,
        uint256 option
    ) internal returns (VoteFault fault) {
        if (option >= slot.options()) return VoteFault.BadPayload;
        mapping(uint256 word => uint256 bits) storage groups = poll.marks;
        uint256 number = GroupSlots.numberOf(index);
        GroupSlot group = GroupSlot.wrap(groups[number]);
        if (group.hasVoted(index)) return VoteFault.StaleSequence;
        uint256 voter = voterOf(segment, index);
        groups[number] = GroupSlot.unwrap(group.plus(index, option, _linkOf(voter, 1, option)));
        emit IBallotBox.VoteCast(ballotId, voter, option);
    }

    /// @notice Tells of a public vote, and links it into the running hash.
    /// @param head The segment's head.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param voter Who.
    /// @param sequence Sequence number.
    /// @param payload What the paper says.
    /// @return linked The head.
    function tell(
        HeadSlot head,
        uint32 ballotId,
        uint16 segment,
        uint256 voter,
        uint32 sequence,
        uint256 payload
    ) internal returns (HeadSlot linked) {
        uint256 ballot = (uint256(sequence) << SEQUENCE_SHIFT) | (uint256(segment) << SEGMENT_WORD_SHIFT);
        emit IBallotBox.VoteRecorded(ballotId, voter, ballot, payload);
        return head.linked(_linkOf(voter, sequence, payload));
    }

    function _requireFrozen(BallotLedger storage ledger, uint32 ballotId) private view {
        Ballot storage ballot = ledger.ballots[ballotId];
        if (ballot.frozenSegments != ballot.segments) {
            revert IBallotBox.BallotBoxWrongState(ballotId, BallotState.Published);
        }
    }

    /// @dev Hash of a vote, of three words behind the memory in use.
    function _linkOf(uint256 voter, uint32 sequence, uint256 paper) private pure returns (bytes32 link) {
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, voter)
            mstore(add(words, 0x20), and(sequence, 0xffffffff))
            mstore(add(words, 0x40), paper)
            link := keccak256(words, 0x60)
        }
    }
}
