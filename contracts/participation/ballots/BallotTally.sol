// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PairwiseTally} from "../rules/PairwiseTally.sol";
import {SurveyAnswers} from "../rules/SurveyAnswers.sol";
import {BallotLedger, Poll} from "./BallotLedger.sol";
import {HeadSlot, HeadSlots, PollSlot} from "./BallotSlots.sol";
import {BallotKind} from "./IBallotBox.sol";

/// @title BallotTally
/// @notice Counts papers into the lanes of a segment, and takes them out again when they are replaced.
/// @dev Lanes of 32 bits, eight to a word, for what each paper adds one to at most: no sum can exceed the number of voters, which
/// is below 2^32. Lanes of 64 bits, four to a word, for scores, votes and points: 32 voters' bits and 16 of a paper are 48.
library BallotTally {
    uint256 private constant ONE_LANES_SHIFT = 3;
    uint256 private constant ONE_LANE_MASK = 7;
    uint256 private constant ONE_BITS_SHIFT = 5;
    uint256 private constant SUM_LANES_SHIFT = 2;
    uint256 private constant SUM_LANE_MASK = 3;
    uint256 private constant SUM_BITS_SHIFT = 6;
    uint256 private constant BYTE = 8;
    uint256 private constant POINTS_BITS = 16;

    /// @notice Counts equal papers.
    /// @param ledger Storage.
    /// @param poll Segment.
    /// @param slot Its slot.
    /// @param head Its head.
    /// @param ballotId Ballot.
    /// @param payload What the papers say, valid.
    /// @param count How many.
    /// @return changed The head with them. It is the caller's to store.
    function plus(
        BallotLedger storage ledger,
        Poll storage poll,
        PollSlot slot,
        HeadSlot head,
        uint32 ballotId,
        uint256 payload,
        uint256 count
    ) internal returns (HeadSlot changed) {
        return _apply(ledger, poll, slot, head, ballotId, payload, count);
    }

    /// @notice Takes a paper out that was counted.
    /// @param ledger Storage.
    /// @param poll Segment.
    /// @param slot Its slot.
    /// @param head Its head.
    /// @param ballotId Ballot.
    /// @param payload What it says.
    /// @return changed The head without it. It is the caller's to store.
    function minus(
        BallotLedger storage ledger,
        Poll storage poll,
        PollSlot slot,
        HeadSlot head,
        uint32 ballotId,
        uint256 payload
    ) internal returns (HeadSlot changed) {
        return _apply(ledger, poll, slot, head, ballotId, payload, type(uint256).max);
    }

    /// @notice Papers of a segment that were accepted.
    /// @param poll Segment.
    /// @param slot Its slot.
    /// @return papers How many.
    function castOf(Poll storage poll, PollSlot slot) internal view returns (uint32 papers) {
        HeadSlot head = poll.head;
        papers = head.laneOf(0);
        if (!slot.countsInHead()) return papers;
        uint256 options = slot.options();
        for (uint256 option = 1; option < options; ++option) papers += uint32(_inHead(poll, head, option)); // of 32 bits
    }

    /// @notice What each option has.
    /// @param poll Segment.
    /// @param slot Its slot, not of a ranked ballot or a survey.
    /// @return tallies Votes, approvals, scores or points.
    function talliesOf(Poll storage poll, PollSlot slot) internal view returns (uint256[] memory tallies) {
        uint256 options = slot.options();
        tallies = new uint256[](options);
        bool inHead = slot.countsInHead();
        bool ones = inHead || _countsOnes(slot.kind());
        HeadSlot head = poll.head;
        for (uint256 option = 0; option < options; ++option) {
            if (inHead) tallies[option] = _inHead(poll, head, option);
            else if (ones) tallies[option] = uint32(poll.lanes[option >> ONE_LANES_SHIFT] >> _oneShift(option));
            else tallies[option] = uint64(poll.lanes[option >> SUM_LANES_SHIFT] >> _sumShift(option));
        }
    }

    /// @dev Adds a count to lanes; the greatest number stands for minus one, of which the carries run out at the top of the lane
    /// because it held at least one.
    function _apply(
        BallotLedger storage ledger,
        Poll storage poll,
        PollSlot slot,
        HeadSlot head,
        uint32 ballotId,
        uint256 payload,
        uint256 count
    ) private returns (HeadSlot changed) {
        unchecked {
            if (slot.countsInHead()) {
                if (payload < HeadSlots.LANES) {
                    return HeadSlot.wrap(HeadSlot.unwrap(head) + (count << (payload << ONE_BITS_SHIFT)));
                }
                uint256 lane = payload - HeadSlots.LANES;
                poll.lanes[lane >> ONE_LANES_SHIFT] += count << _oneShift(lane);
                return head;
            }
            BallotKind kind = slot.kind();
            if (kind == BallotKind.Single) {
                poll.lanes[payload >> ONE_LANES_SHIFT] += count << _oneShift(payload);
            } else if (kind == BallotKind.Approval) {
                _applyApprovals(poll, payload, count);
            } else if (kind == BallotKind.Ranked) {
                if (slot.isHistogram()) ledger.rankings[ballotId][payload] += count;
                else _applyRanking(poll, payload, slot.options(), count);
            } else if (kind == BallotKind.Survey) {
                SurveyAnswers.addTo(poll.lanes, ledger.forms[ballotId], payload, count);
            } else {
                _applySums(poll, payload, kind == BallotKind.Points ? POINTS_BITS : BYTE, count);
            }
            return head;
        }
    }

    function _applyRanking(Poll storage poll, uint256 payload, uint256 options, uint256 count) private {
        if (count == type(uint256).max) PairwiseTally.replace(poll.lanes, payload, 0, options, 1);
        else PairwiseTally.replace(poll.lanes, 0, payload, options, count);
    }

    /// @dev Word by word, so that each is written once.
    function _applyApprovals(Poll storage poll, uint256 payload, uint256 count) private {
        for (uint256 word = 0; payload != 0; ++word) {
            uint256 added = 0;
            unchecked {
                for (uint256 rest = payload & 0xff; rest != 0; rest &= rest - 1) {
                    added += count << (_lowestBit(rest) << ONE_BITS_SHIFT);
                }
                if (added != 0) poll.lanes[word] += added;
            }
            payload >>= BYTE;
        }
    }

    /// @dev As above, for lanes of 64 bits.
    function _applySums(Poll storage poll, uint256 payload, uint256 width, uint256 count) private {
        uint256 mask = (1 << width) - 1;
        for (uint256 word = 0; payload != 0; ++word) {
            uint256 added = 0;
            unchecked {
                for (uint256 lane = 0; lane <= SUM_LANE_MASK; ++lane) {
                    added += ((payload & mask) * count) << (lane << SUM_BITS_SHIFT);
                    payload >>= width;
                }
                if (added != 0) poll.lanes[word] += added;
            }
        }
    }

    function _inHead(Poll storage poll, HeadSlot head, uint256 option) private view returns (uint256 votes) {
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

    /// @dev Place of the lowest bit of 1 to 255.
    function _lowestBit(uint256 bits) private pure returns (uint256 place) {
        for (uint256 rest = bits; rest & 1 == 0; rest >>= 1) ++place;
    }
}
