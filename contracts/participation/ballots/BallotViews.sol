// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PairwiseTally} from "../rules/PairwiseTally.sol";
import {SurveyCells} from "../rules/SurveyCells.sol";
import {BallotCasting} from "./BallotCasting.sol";
import {Ballot, BallotLedger, Poll} from "./BallotLedger.sol";
import {GroupSlot, GroupSlots, HeadSlot, PollSlot} from "./BallotSlots.sol";
import {BallotStates} from "./BallotStates.sol";
import {BallotTally} from "./BallotTally.sol";
import {BallotKind, BallotTerms, BallotView, IBallotBox, PollView, Rule, Secrecy} from "./IBallotBox.sol";

/// @title BallotViews
/// @notice What can be read of ballots.
library BallotViews {
    using BallotCasting for BallotLedger;
    using BallotStates for Ballot;
    using BallotStates for BallotLedger;
    using BallotTally for Poll;

    /// @notice See {IBallotBox-ballotOf}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param segments Segments whose papers are to be added up.
    /// @return view_ The ballot.
    function ballotOf(
        BallotLedger storage ledger,
        uint32 ballotId,
        uint16[] calldata segments
    ) external view returns (BallotView memory view_) {
        Ballot storage ballot = ledger.ballots[ballotId];
        view_.state = ballot.stateOf();
        view_.termsHash = ballot.termsHash;
        view_.members = ballot.members;
        view_.frozenSegments = ballot.frozenSegments;
        view_.onPaper = ballot.onPaper;
        view_.spoilt = ballot.spoilt + ballot.spoiltOnPaper;
        view_.cast = ballot.spoiltOnPaper;
        for (uint256 i = 0; i < segments.length; ++i) {
            Poll storage poll = ledger.pollOf(ballotId, segments[i]);
            view_.cast += poll.castOf(poll.slot);
        }
    }

    /// @notice See {IBallotBox-pollOf}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @return view_ The segment.
    function pollViewOf(
        BallotLedger storage ledger,
        uint32 ballotId,
        uint16 segment
    ) external view returns (PollView memory view_) {
        Poll storage poll = ledger.pollOf(ballotId, segment);
        PollSlot slot = poll.slot;
        if (PollSlot.unwrap(slot) == 0) return view_;
        HeadSlot head = poll.head;
        view_.root = slot.isNamed() ? slot.rootPart() : poll.root;
        view_.chain = head.chain();
        view_.cast = poll.castOf(slot);
        if (slot.secrecy() == Secrecy.Sealed) view_.sealedVotes = head.laneOf(1);
        if (slot.secrecy() != Secrecy.Public) view_.opened = head.laneOf(2);
    }

    /// @notice See {IBallotBox-groupOf}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param number Number of the group.
    /// @return voted A bit for each that has voted.
    /// @return votes Votes for each option.
    /// @return chain Running hash.
    function groupOf(
        BallotLedger storage ledger,
        uint32 ballotId,
        uint16 segment,
        uint256 number
    ) external view returns (uint64 voted, uint8[4] memory votes, uint160 chain) {
        Poll storage poll = ledger.pollOf(ballotId, segment);
        if (!poll.slot.isGrouped()) return (voted, votes, chain);
        GroupSlot group = GroupSlot.wrap(poll.marks[number]);
        for (uint256 option = 0; option < GroupSlots.OPTIONS; ++option) votes[option] = uint8(group.votesOf(option)); // to 64
        return (uint64(GroupSlot.unwrap(group)), votes, group.chain()); // the lower 64 bits
    }

    /// @notice See {IBallotBox-hasVoted}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param index Place on the roll.
    /// @return voted True if so.
    function hasVoted(
        BallotLedger storage ledger,
        uint32 ballotId,
        uint16 segment,
        uint32 index
    ) external view returns (bool voted) {
        Poll storage poll = ledger.pollOf(ballotId, segment);
        if (!poll.slot.isNamed()) return false;
        if (poll.slot.isGrouped()) return GroupSlot.wrap(poll.marks[GroupSlots.numberOf(index)]).hasVoted(index);
        if (poll.slot.isPlain()) return poll.marks[index >> 8] & (1 << (index & 0xff)) != 0;
        return ledger.receipts[ballotId][BallotCasting.voterOf(segment, index)] != 0;
    }

    /// @notice See {IBallotBox-talliesOf}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param segment Segment.
    /// @return tallies What each option has, or the pairwise matrix.
    function talliesIn(
        BallotLedger storage ledger,
        uint32 ballotId,
        BallotTerms calldata terms,
        uint16 segment
    ) external view returns (uint256[] memory tallies) {
        (Ballot storage ballot, ) = ledger.known(ballotId);
        ballot.requireTerms(ballotId, terms);
        Poll storage poll = ledger.pollOf(ballotId, segment);
        if (PollSlot.unwrap(poll.slot) == 0) revert IBallotBox.BallotBoxUnknownSegment(ballotId, segment);
        if (terms.kind == BallotKind.Survey || terms.rule == Rule.InstantRunoff) return tallies;
        if (terms.kind != BallotKind.Ranked) return poll.talliesOf(poll.slot);
        return PairwiseTally.unpack(PairwiseTally.load(poll.lanes, terms.options), terms.options);
    }

    /// @notice See {IBallotBox-answersOf}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param question Number of the question.
    /// @return cells People for each answer.
    /// @return hidden Bit i is set if cell i is hidden.
    function answersOf(
        BallotLedger storage ledger,
        uint32 ballotId,
        BallotTerms calldata terms,
        uint256 question
    ) external view returns (uint256[] memory cells, uint256 hidden) {
        (Ballot storage ballot, ) = ledger.known(ballotId);
        ballot.requireTerms(ballotId, terms);
        if (terms.kind != BallotKind.Survey) revert IBallotBox.BallotBoxWrongWay(ballotId);
        uint256[] memory words = SurveyCells.emptyFor(terms.form);
        for (uint256 i = 0; i < terms.segments.length; ++i) {
            Poll storage poll = ledger.pollOf(ballotId, terms.segments[i]);
            SurveyCells.collect(words, poll.lanes, terms.form, question);
        }
        return SurveyCells.shownOf(words, terms.form, question, terms.minCell);
    }
}
