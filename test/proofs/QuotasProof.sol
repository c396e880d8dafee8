// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ApprovalBase, Quotas} from "../../contracts/participation/rules/Quotas.sol";

/// @title QuotasProof
/// @notice What the solver proves of when a result binds. Counts have the 64 bits that {Quotas} asks for.
contract QuotasProof {
    /// @notice Another ballot never undoes a turnout.
    function turnoutNeverFalls(uint64 cast, uint64 more, uint64 electorate, uint16 quorumBp) external pure {
        require(cast <= more);
        bool met = Quotas.turnoutMet(cast, electorate, quorumBp);
        assert(!met || Quotas.turnoutMet(more, electorate, quorumBp));
    }

    /// @notice Who reaches a quorum reaches every lower one.
    function turnoutFollowsQuorum(uint64 cast, uint64 electorate, uint16 quorumBp, uint16 lowerBp) external pure {
        require(lowerBp <= quorumBp);
        bool met = Quotas.turnoutMet(cast, electorate, quorumBp);
        assert(!met || Quotas.turnoutMet(cast, electorate, lowerBp));
    }

    /// @notice Without a quorum every turnout is enough; for a quorum of all, all have to vote.
    function turnoutAtTheEnds(uint64 cast, uint64 electorate) external pure {
        assert(Quotas.turnoutMet(cast, electorate, 0));
        assert(Quotas.turnoutMet(cast, electorate, 10_000) == (cast >= electorate));
    }

    /// @notice A quorum of approval is never met without an approval, unless there is none.
    function nobodyApprovesNothing(
        bool ofBallots,
        uint64 cast,
        uint64 blank,
        uint64 electorate,
        uint16 bp
    ) external pure {
        require(blank <= cast);
        ApprovalBase base = ofBallots ? ApprovalBase.Ballots : ApprovalBase.Electorate;
        assert(Quotas.approvalMet(base, 0, cast, blank, electorate, bp) == (bp == 0));
    }

    /// @notice Another approval never undoes a result.
    function approvalNeverFalls(
        bool ofBallots,
        uint64 approvals,
        uint64 more,
        uint64 cast,
        uint64 blank,
        uint64 electorate,
        uint16 bp
    ) external pure {
        require(blank <= cast && approvals <= more);
        ApprovalBase base = ofBallots ? ApprovalBase.Ballots : ApprovalBase.Electorate;
        bool met = Quotas.approvalMet(base, approvals, cast, blank, electorate, bp);
        assert(!met || Quotas.approvalMet(base, more, cast, blank, electorate, bp));
    }

    /// @notice A blank ballot is neither for nor against: it never undoes an approval of ballots.
    function blankIsNeutral(uint64 approvals, uint64 cast, uint64 blank, uint64 electorate, uint16 bp) external pure {
        require(blank <= cast && cast < type(uint64).max);
        bool met = Quotas.approvalMet(ApprovalBase.Ballots, approvals, cast, blank, electorate, bp);
        bool after_ = Quotas.approvalMet(
            ApprovalBase.Ballots,
            approvals,
            uint256(cast) + 1,
            uint256(blank) + 1,
            electorate,
            bp
        );
        assert(met == after_);
    }

    /// @notice Two options that share the segments never both lead in a majority of them.
    function oneMajority(uint64 first, uint64 second, uint64 segments) external pure {
        require(uint256(first) + second <= segments);
        assert(!Quotas.leadsInMajority(first, segments) || !Quotas.leadsInMajority(second, segments));
    }

    /// @notice One half against the other is not a majority; all of at least one is.
    function majorityIsMoreThanHalf(uint64 half, uint64 segments) external pure {
        assert(!Quotas.leadsInMajority(half, uint256(half) * 2));
        assert(Quotas.leadsInMajority(uint256(half) + 1, uint256(half) * 2));
        assert(segments == 0 || Quotas.leadsInMajority(segments, segments));
    }

    /// @notice Who leads in a majority leads in half of the segments.
    function majorityIsAShare(uint64 led, uint64 segments) external pure {
        assert(!Quotas.leadsInMajority(led, segments) || Quotas.leadsInShare(led, segments, 5_000));
    }
}
