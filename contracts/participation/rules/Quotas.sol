// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What an approval quorum is a part of.
enum ApprovalBase {
    /// @dev Ballots that were cast, without blank ones.
    Ballots,
    /// @dev All who might have cast one.
    Electorate
}

/// @title Quotas
/// @notice Tells whether a ballot reaches what it must for its result to bind. Nothing is rounded: products are compared. Counts
/// are below 2^64.
library Quotas {
    /// @notice All of something, basis points.
    uint256 internal constant FULL_BP = 10_000;

    /// @notice Whether at least a share of the electorate took part.
    /// @param cast Ballots that were cast, blank ones among them.
    /// @param electorate All who might have cast one.
    /// @param quorumBp Basis points of the electorate; zero: no quorum.
    /// @return met Whether cast / electorate is at least the quorum.
    function turnoutMet(uint256 cast, uint256 electorate, uint256 quorumBp) internal pure returns (bool met) {
        return _reaches(cast, electorate, quorumBp);
    }

    /// @notice Whether at least a share approved. Nobody's approval is none, so without any a quorum is not met.
    /// @param base What the quorum is a part of.
    /// @param approvals Ballots for the option.
    /// @param cast Ballots that were cast, blank ones among them.
    /// @param blank Blank ones among them.
    /// @param electorate All who might have cast one.
    /// @param quorumBp Basis points; zero: no quorum.
    /// @return met Whether approvals / base is at least the quorum.
    function approvalMet(
        ApprovalBase base,
        uint256 approvals,
        uint256 cast,
        uint256 blank,
        uint256 electorate,
        uint256 quorumBp
    ) internal pure returns (bool met) {
        if (quorumBp == 0) return true;
        return
            approvals != 0 && _reaches(approvals, base == ApprovalBase.Ballots ? cast - blank : electorate, quorumBp);
    }

    /// @notice Whether an option leads in more than half of the segments, so that one half against the other is not enough.
    /// @param led Segments in which it leads.
    /// @param segments All segments, those without ballots among them.
    /// @return met Whether led / segments is more than a half.
    function leadsInMajority(uint256 led, uint256 segments) internal pure returns (bool met) {
        return led * 2 > segments;
    }

    /// @notice Whether an option leads in at least a share of the segments.
    /// @param led Segments in which it leads.
    /// @param segments All segments, those without ballots among them.
    /// @param shareBp Basis points of the segments.
    /// @return met Whether led / segments is at least the share.
    function leadsInShare(uint256 led, uint256 segments, uint256 shareBp) internal pure returns (bool met) {
        return _reaches(led, segments, shareBp);
    }

    /// @notice Whether an option leads in a segment: it has more than every other. So nobody leads in a segment whose first
    /// place is tied.
    /// @param scores Scores of all options in the segment.
    /// @param option Number of the option from 0.
    /// @return ahead Whether it leads.
    function leads(uint256[] memory scores, uint256 option) internal pure returns (bool ahead) {
        uint256 score = scores[option];
        for (uint256 i = 0; i < scores.length; ++i) {
            if (i != option && scores[i] >= score) return false;
        }
        return true;
    }

    /// @dev Whether a part is at least a share of the whole.
    function _reaches(uint256 part, uint256 whole, uint256 shareBp) private pure returns (bool met) {
        return part * FULL_BP >= whole * shareBp;
    }
}
