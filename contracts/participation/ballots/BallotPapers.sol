// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RankingFault, Rankings} from "../rules/Rankings.sol";
import {SurveyAnswers} from "../rules/SurveyAnswers.sol";
import {PollSlot} from "./BallotSlots.sol";
import {BallotLedger} from "./BallotLedger.sol";
import {BallotKind} from "./IBallotBox.sol";

/// @title BallotPapers
/// @notice Whether a paper is one that its ballot knows.
library BallotPapers {
    uint256 private constant BYTE_BITS_SHIFT = 3;
    uint256 private constant POINTS_BITS_SHIFT = 4;

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
    ) internal view returns (bool valid) {
        BallotKind kind = slot.kind();
        if (kind == BallotKind.Single) return payload < slot.options();
        if (kind == BallotKind.Survey) return SurveyAnswers.isValid(ledger.forms[ballotId], payload);
        if (kind == BallotKind.Ranked) {
            bool good = Rankings.faultOf(payload, slot.options(), !slot.isHistogram()) == RankingFault.None;
            return good && Rankings.lengthOf(payload) <= slot.limit();
        }
        if (kind == BallotKind.Approval) return _isApproval(payload, slot.options(), slot.limit());
        if (kind == BallotKind.Score) return _isScore(payload, slot.options(), slot.limit());
        uint256 limit = ledger.ballots[ballotId].limit;
        if (kind == BallotKind.Quadratic) return creditsOf(payload, slot.options()) <= limit;
        return pointsOf(payload, slot.options()) <= limit;
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
