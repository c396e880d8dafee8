// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PairwiseTally} from "../rules/PairwiseTally.sol";
import {RankingFault, Rankings} from "../rules/Rankings.sol";
import {SurveyAnswers} from "../rules/SurveyAnswers.sol";
import {BallotLedger, Poll} from "./BallotLedger.sol";
import {PollSlot} from "./BallotSlots.sol";
import {BallotKind} from "./IBallotBox.sol";

/// @title BallotKinds
/// @notice What differs between kinds of ballots: which papers there are, and which lanes they count in. For all but kind
/// Single, which {BallotTally} sees to itself.
library BallotKinds {
    uint256 private constant BYTE_BITS_SHIFT = 3;
    uint256 private constant POINTS_BITS_SHIFT = 4;
    uint256 private constant ONE_BITS_SHIFT = 5;
    uint256 private constant SUM_LANE_MASK = 3;
    uint256 private constant SUM_BITS_SHIFT = 6;
    uint256 private constant BYTE = 8;
    uint256 private constant POINTS_BITS = 16;
    /// @dev See {BallotTally}.
    uint256 private constant MINUS_ONE = type(uint256).max;

    /// @notice Counts equal papers, or takes one out.
    /// @param ledger Storage.
    /// @param poll Segment.
    /// @param slot Its slot.
    /// @param ballotId Ballot.
    /// @param payload What the papers say, valid.
    /// @param count How many; the greatest number: one is taken out.
    function tally(
        BallotLedger storage ledger,
        Poll storage poll,
        PollSlot slot,
        uint32 ballotId,
        uint256 payload,
        uint256 count
    ) external {
        BallotKind kind = slot.kind();
        if (kind == BallotKind.Approval) {
            _applyApprovals(poll, payload, count);
        } else if (kind == BallotKind.Ranked) {
            if (slot.isHistogram()) _applyHistogram(ledger, ballotId, payload, count);
            else _applyRanking(poll, payload, slot.options(), count);
        } else if (kind == BallotKind.Survey) {
            SurveyAnswers.addTo(poll.lanes, ledger.forms[ballotId], payload, count);
        } else {
            _applySums(poll, payload, kind == BallotKind.Points ? POINTS_BITS : BYTE, count);
        }
    }

    /// @notice Whether a payload is valid.
    /// @param ledger Storage, which is read for the kinds whose limit does not fit into the slot.
    /// @param slot The segment's slot.
    /// @param ballotId Ballot.
    /// @param payload The payload.
    /// @return valid True if so.
    function isValid(
        BallotLedger storage ledger,
        PollSlot slot,
        uint32 ballotId,
        uint256 payload
    ) external view returns (bool valid) {
        BallotKind kind = slot.kind();
        uint256 options = slot.options();
        if (kind == BallotKind.Survey) return SurveyAnswers.isValid(ledger.forms[ballotId], payload);
        if (kind == BallotKind.Ranked) {
            bool good = Rankings.faultOf(payload, options, !slot.isHistogram()) == RankingFault.None;
            return good && Rankings.lengthOf(payload) <= slot.limit();
        }
        if (kind == BallotKind.Approval) {
            // Who approves of others too would else be out of what they are measured by.
            if (slot.isBlankLast() && payload >> (options - 1) != 0) return payload == 1 << (options - 1);
            return _isApproval(payload, options, slot.limit());
        }
        if (kind == BallotKind.Score) return _isScore(payload, options, slot.limit());
        uint256 limit = ledger.ballots[ballotId].limit;
        if (kind == BallotKind.Quadratic) return creditsOf(payload, options) <= limit;
        return pointsOf(payload, options) <= limit;
    }

    /// @notice Credits that a quadratic paper costs: the sum of the squares of its votes.
    /// @param payload The payload.
    /// @param options How many options there are.
    /// @return credits The sum; the greatest number if the payload has votes for options that there are not.
    function creditsOf(uint256 payload, uint256 options) internal pure returns (uint256 credits) {
        if (_exceeds(payload, options << BYTE_BITS_SHIFT)) return type(uint256).max;
        for (uint256 rest = payload; rest != 0; rest >>= 8) {
            uint256 votes = rest & 0xff;
            credits += votes * votes; // 32 squares of 8 bits
        }
    }

    /// @notice Points that a paper shares out.
    /// @param payload The payload.
    /// @param options How many options there are.
    /// @return points The sum; the greatest number if the payload has points for options that there are not.
    function pointsOf(uint256 payload, uint256 options) internal pure returns (uint256 points) {
        if (_exceeds(payload, options << POINTS_BITS_SHIFT)) return type(uint256).max;
        for (uint256 rest = payload; rest != 0; rest >>= 16) points += rest & 0xffff; // 16 numbers of 16 bits
    }

    function _applyHistogram(BallotLedger storage ledger, uint32 ballotId, uint256 payload, uint256 count) private {
        unchecked {
            ledger.rankings[ballotId][payload] += count;
        }
    }

    function _applyRanking(Poll storage poll, uint256 payload, uint256 options, uint256 count) private {
        if (count == MINUS_ONE) PairwiseTally.replace(poll.lanes, payload, 0, options, 1);
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

    /// @dev Place of the lowest bit of 1 to 255.
    function _lowestBit(uint256 bits) private pure returns (uint256 place) {
        for (uint256 rest = bits; rest & 1 == 0; rest >>= 1) ++place;
    }

    /// @dev At most so many bits are set, and none beyond the options.
    function _isApproval(uint256 payload, uint256 options, uint256 limit) private pure returns (bool valid) {
        if (_exceeds(payload, options)) return false;
        uint256 approved = 0;
        for (uint256 rest = payload; rest != 0; rest &= rest - 1) ++approved;
        return approved <= limit;
    }

    function _isScore(uint256 payload, uint256 options, uint256 limit) private pure returns (bool valid) {
        if (_exceeds(payload, options << BYTE_BITS_SHIFT)) return false;
        for (uint256 rest = payload; rest != 0; rest >>= 8) {
            if (rest & 0xff > limit) return false;
        }
        return true;
    }

    /// @dev Whether there is anything above so many bits. A shift by 256 leaves nothing.
    function _exceeds(uint256 payload, uint256 bits) private pure returns (bool more) {
        return payload >> bits != 0;
    }
}
