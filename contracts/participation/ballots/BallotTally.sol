// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BallotKinds} from "./BallotKinds.sol";
import {BallotLedger, Casting, Poll} from "./BallotLedger.sol";
import {GroupSlot, GroupSlots, HeadSlot, HeadSlots, PollSlot} from "./BallotSlots.sol";
import {BallotKind} from "./IBallotBox.sol";

/// @title BallotTally
/// @notice Looks at papers, counts them into the lanes of a segment, and takes them out again when they are replaced.
/// @dev Lanes of 32 bits, eight to a word, for what each paper adds one to at most: no sum can exceed the number of voters, which
/// is below 2^32. Lanes of 64 bits, four to a word, for scores, votes and points: 32 voters' bits and 16 of a paper are 48.
library BallotTally {
    /// @dev Lane of the head that says how many groups were added up.
    uint256 private constant ADDED_UP = 1;
    uint256 private constant ONE_LANES_SHIFT = 3;
    uint256 private constant ONE_LANE_MASK = 7;
    uint256 private constant ONE_BITS_SHIFT = 5;
    uint256 private constant SUM_LANES_SHIFT = 2;
    uint256 private constant SUM_LANE_MASK = 3;
    uint256 private constant SUM_BITS_SHIFT = 6;
    /// @dev Taken modulo 2^256, as counts are here: the carries run out at the top of the lane, because it held at least one.
    uint256 private constant MINUS_ONE = type(uint256).max;

    /// @notice Whether a payload is one that the ballot knows.
    /// @param ledger Storage.
    /// @param slot The segment's slot.
    /// @param ballotId Ballot.
    /// @param payload The payload.
    /// @return valid True if so.
    function isValid(
        BallotLedger storage ledger,
        PollSlot slot,
        uint32 ballotId,
        uint256 payload
    ) internal view returns (bool valid) {
        if (slot.kind() == BallotKind.Single) return payload < slot.options();
        return BallotKinds.isValid(ledger, slot, ballotId, payload);
    }

    /// @notice Counts equal papers.
    /// @param ledger Storage.
    /// @param poll Segment.
    /// @param casting It, whose head is changed.
    /// @param payload What the papers say, valid.
    /// @param count How many.
    function plus(
        BallotLedger storage ledger,
        Poll storage poll,
        Casting memory casting,
        uint256 payload,
        uint256 count
    ) internal {
        if (casting.slot.countsInHead()) casting.head = inHead(poll, casting.head, payload, count);
        else if (casting.slot.kind() == BallotKind.Single) _addOne(poll, payload, count);
        else BallotKinds.tally(ledger, poll, casting.slot, casting.ballotId, payload, count);
    }

    /// @notice Takes a paper out that was counted.
    /// @param ledger Storage.
    /// @param poll Segment.
    /// @param casting It, whose head is changed.
    /// @param payload What it says.
    function minus(BallotLedger storage ledger, Poll storage poll, Casting memory casting, uint256 payload) internal {
        plus(ledger, poll, casting, payload, MINUS_ONE);
    }

    /// @notice Counts equal papers of a ballot whose first lanes are in the head.
    /// @param poll Segment.
    /// @param head Its head.
    /// @param option Option that they are for.
    /// @param count How many.
    /// @return changed The head with them. It is the caller's to store.
    function inHead(
        Poll storage poll,
        HeadSlot head,
        uint256 option,
        uint256 count
    ) internal returns (HeadSlot changed) {
        // Lanes do not overflow, see above, and a paper is only taken out of one that has it.
        unchecked {
            if (option < HeadSlots.LANES) {
                return HeadSlot.wrap(HeadSlot.unwrap(head) + (count << (option << ONE_BITS_SHIFT)));
            }
            _addOne(poll, option - HeadSlots.LANES, count);
            return head;
        }
    }

    /// @notice Papers of a segment that were accepted.
    /// @param poll Segment.
    /// @param slot Its slot.
    /// @return papers How many.
    function castOf(Poll storage poll, PollSlot slot) internal view returns (uint32 papers) {
        HeadSlot head = poll.head;
        papers = head.laneOf(0);
        if (!slot.countsInHead()) return papers;
        // Each paper is in the lane of one option.
        uint256 options = slot.options();
        for (uint256 option = 1; option < options; ++option) papers += uint32(_laneOf(poll, head, option)); // of 32 bits
    }

    /// @notice What each option has.
    /// @param poll Segment.
    /// @param slot Its slot, not of a ranked ballot or a survey.
    /// @return tallies Votes, approvals, scores or points.
    function talliesOf(Poll storage poll, PollSlot slot) internal view returns (uint256[] memory tallies) {
        uint256 options = slot.options();
        tallies = new uint256[](options);
        bool first = slot.countsInHead();
        bool ones = first || _countsOnes(slot.kind());
        HeadSlot head = poll.head;
        for (uint256 option = 0; option < options; ++option) {
            if (first) tallies[option] = _laneOf(poll, head, option);
            else if (ones) tallies[option] = uint32(poll.lanes[option >> ONE_LANES_SHIFT] >> _oneShift(option));
            else tallies[option] = uint64(poll.lanes[option >> SUM_LANES_SHIFT] >> _sumShift(option));
        }
    }

    /// @notice Adds up the next groups of a segment. Until that is done they are part of no tally.
    /// @param poll Segment.
    /// @param slot Its slot.
    /// @param most Groups to add up at most.
    /// @return next Number of the group that is next.
    function addUp(Poll storage poll, PollSlot slot, uint256 most) internal returns (uint256 next) {
        HeadSlot head = poll.head;
        uint256 first = head.laneOf(ADDED_UP);
        next = groupsOf(poll);
        if (next - first > most) next = first + most;
        uint256 options = slot.options();
        uint256 lanes = poll.lanes[0];
        uint256 papers = 0;
        for (uint256 i = first; i < next; ++i) {
            GroupSlot group = GroupSlot.wrap(poll.marks[i]);
            for (uint256 option = 0; option < options; ++option) {
                uint256 votes = group.votesOf(option);
                papers += votes;
                lanes += votes << _oneShift(option);
            }
        }
        poll.lanes[0] = lanes;
        poll.head = head.plus(0, papers).plus(ADDED_UP, next - first);
    }

    /// @notice Groups of a segment.
    /// @param poll Segment, of a named roll.
    /// @return groups How many.
    function groupsOf(Poll storage poll) internal view returns (uint256 groups) {
        return (poll.root + (1 << GroupSlots.SIZE_SHIFT) - 1) >> GroupSlots.SIZE_SHIFT;
    }

    /// @notice Groups that were added up.
    /// @param poll Segment.
    /// @return groups How many.
    function addedUp(Poll storage poll) internal view returns (uint256 groups) {
        return poll.head.laneOf(ADDED_UP);
    }

    /// @dev Modulo 2^256, see above.
    function _addOne(Poll storage poll, uint256 lane, uint256 count) private {
        unchecked {
            poll.lanes[lane >> ONE_LANES_SHIFT] += count << _oneShift(lane);
        }
    }

    function _laneOf(Poll storage poll, HeadSlot head, uint256 option) private view returns (uint256 votes) {
        if (option < HeadSlots.LANES) return head.laneOf(option);
        uint256 lane = option - HeadSlots.LANES;
        return uint32(poll.lanes[lane >> ONE_LANES_SHIFT] >> _oneShift(lane)); // 32 bits of it
    }

    function _countsOnes(BallotKind kind) private pure returns (bool ones) {
        return kind == BallotKind.Single || kind == BallotKind.Approval;
    }

    function _oneShift(uint256 lane) private pure returns (uint256 shift) {
        return (lane & ONE_LANE_MASK) << ONE_BITS_SHIFT;
    }

    function _sumShift(uint256 lane) private pure returns (uint256 shift) {
        return (lane & SUM_LANE_MASK) << SUM_BITS_SHIFT;
    }
}
