// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {InstantRunoff, Runoff, RunoffRound} from "../rules/InstantRunoff.sol";
import {OptionOrder} from "../rules/OptionOrder.sol";
import {PairwiseRules} from "../rules/PairwiseRules.sol";
import {PairwiseTally} from "../rules/PairwiseTally.sol";
import {ApprovalBase, Quotas} from "../rules/Quotas.sol";
import {RunoffRecord, RunoffSlots} from "../rules/RunoffSlots.sol";
import {TieRule, TieRules} from "../rules/TieRules.sol";
import {BallotCasting} from "./BallotCasting.sol";
import {Ballot, BallotLedger, Poll} from "./BallotLedger.sol";
import {HeadSlot, PollSlot} from "./BallotSlots.sol";
import {BallotStates} from "./BallotStates.sol";
import {BallotTally} from "./BallotTally.sol";
import {BallotKind, BallotState, BallotTerms, IBallotBox, Result, Rule, Secrecy} from "./IBallotBox.sol";

/// @title BallotCounting
/// @notice From counted papers to a result: lots, rounds, order and quorums.
library BallotCounting {
    using BallotCasting for BallotLedger;
    using BallotStates for Ballot;
    using BallotStates for BallotLedger;
    using BallotTally for Poll;
    using InstantRunoff for Runoff;
    using RunoffSlots for RunoffRecord;

    /// @dev Papers of a ballot, all counted.
    struct Papers {
        /// @dev Put in, spoilt ones included.
        uint256 cast;
        /// @dev Those that say something.
        uint256 valid;
        /// @dev Committed to, and not revealed.
        uint256 concealed;
    }

    /// @dev A result while it is being found.
    struct Finding {
        uint256 order;
        bool tied;
        /// @dev Whether no paper says which option is better, so that the tie rule alone ordered them.
        bool idle;
        /// @dev What each option has, in the unit of the rule.
        uint256[] tallies;
    }

    uint256 private constant MAX_RANKINGS = 4_000;
    /// @dev Blocks from the announcement of a lot to the block whose hash is drawn, which nobody knows then.
    uint256 private constant LOT_BLOCKS = 8;
    /// @dev Blocks for which a chain remembers hashes.
    uint256 private constant LOT_MEMORY = 256;

    /// @notice See {IBallotBox-addUp}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param groups How many, at most.
    /// @return left Groups that are left.
    function addUp(
        BallotLedger storage ledger,
        uint32 ballotId,
        uint16 segment,
        uint256 groups
    ) external returns (uint256 left) {
        ledger.requireIn(ballotId, BallotState.Closed);
        Poll storage poll = ledger.pollOf(ballotId, segment);
        if (PollSlot.unwrap(poll.slot) == 0) revert IBallotBox.BallotBoxUnknownSegment(ballotId, segment);
        if (!poll.slot.isGrouped()) revert IBallotBox.BallotBoxWrongWay(ballotId);
        uint256 all = poll.groupsOf();
        if (groups == 0 || poll.addedUp() == all) revert IBallotBox.BallotBoxUnchanged();
        return all - poll.addUp(poll.slot, groups);
    }

    /// @notice See {IBallotBox-drawLot}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    function drawLot(BallotLedger storage ledger, uint32 ballotId, BallotTerms calldata terms) external {
        Ballot storage ballot = ledger.requireIn(ballotId, BallotState.Closed);
        ballot.requireTerms(ballotId, terms);
        if (terms.tieRule != TieRule.Lot || ledger.seeds[ballotId] != 0) revert IBallotBox.BallotBoxUnchanged();
        _countPapers(ledger, ballot, ballotId, terms);
        uint256 drawn = ballot.lotBlock;
        if (drawn == 0 || block.number > drawn + LOT_MEMORY) {
            uint256 next = block.number + LOT_BLOCKS;
            ballot.lotBlock = uint64(next); // blocks of 64 bits last for ever
            emit IBallotBox.LotAnnounced(ballotId, next);
            return;
        }
        if (block.number <= drawn) revert IBallotBox.BallotBoxNoLot(drawn);
        bytes32 seed = keccak256(abi.encode(blockhash(drawn), address(this), ballotId));
        ledger.seeds[ballotId] = seed;
        emit IBallotBox.LotDrawn(ballotId, seed);
    }

    /// @notice See {IBallotBox-countRounds}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param rankings The next rankings, rising.
    function countRounds(
        BallotLedger storage ledger,
        uint32 ballotId,
        BallotTerms calldata terms,
        uint256[] calldata rankings
    ) external {
        Ballot storage ballot = ledger.requireIn(ballotId, BallotState.Closed);
        ballot.requireTerms(ballotId, terms);
        if (terms.rule != Rule.InstantRunoff) revert IBallotBox.BallotBoxWrongWay(ballotId);
        if (rankings.length > MAX_RANKINGS) revert IBallotBox.BallotBoxBadList(rankings.length, MAX_RANKINGS);
        Papers memory papers = _countPapers(ledger, ballot, ballotId, terms);
        if (ledger.outcomes[ballotId].decided) revert IBallotBox.BallotBoxUnchanged();
        RunoffRecord storage stored = ledger.runoffs[ballotId][msg.sender];
        Runoff memory runoff = stored.options == 0 ? InstantRunoff.begin(terms.options, papers.valid) : stored.load();
        uint256 priorities = _prioritiesOf(ledger, ballotId, terms, terms.options);
        RunoffRound[] memory rounds = runoff.step(priorities, rankings, _numbersOf(ledger, ballotId, rankings));
        if (runoff.decided) stored = ledger.outcomes[ballotId];
        stored.store(runoff);
        for (uint256 i = 0; i < rounds.length; ++i) {
            emit IBallotBox.RoundCounted(
                ballotId,
                msg.sender,
                uint8(rounds[i].number), // at most 32
                uint8(rounds[i].eliminated), // at most 255
                rounds[i].tied,
                rounds[i].tallies
            );
        }
    }

    /// @notice See {IBallotBox-finalise}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    function finalise(BallotLedger storage ledger, uint32 ballotId, BallotTerms calldata terms) external {
        Ballot storage ballot = ledger.requireIn(ballotId, BallotState.Closed);
        ballot.requireTerms(ballotId, terms);
        Papers memory papers = _countPapers(ledger, ballot, ballotId, terms);
        Finding memory finding;
        Result memory result;
        if (terms.kind != BallotKind.Survey) {
            if (terms.rule == Rule.InstantRunoff) _findRunoff(ledger, ballotId, papers, finding);
            else if (terms.kind == BallotKind.Ranked) _findPairwise(ledger, ballotId, terms, papers, finding);
            else _findMost(ledger, ballotId, terms, finding);
            uint256 winner = OptionOrder.optionAt(finding.order, 0);
            (result.order, result.tied) = (finding.order, finding.tied);
            result.decided = _isDecided(ledger, ballot, ballotId, terms, papers, finding, winner);
            // A number is no mandate: where it broke the tie, nothing follows. A lot was agreed upon.
            bool broken = finding.tied && terms.tieRule == TieRule.LowestNumber;
            result.passed = result.decided && winner == 0 && !broken;
        }
        if (papers.concealed != 0) ballot.spoilt += uint32(papers.concealed); // at most 250
        // solhint-disable-next-line not-rely-on-time
        uint256 time = block.timestamp;
        result.finalAt = uint40(time); // 40 bits of seconds last 34,000 years
        result.objectionUntil = uint40(time + terms.objectionPeriod); // as above
        ledger.results[ballotId] = result;
        ballot.ended = BallotState.Final;
        emit IBallotBox.ResultFinal(ballotId, result, finding.tallies);
    }

    // --- papers

    /// @dev Papers of a ballot. Reverts unless all that can still come have come.
    function _countPapers(
        BallotLedger storage ledger,
        Ballot storage ballot,
        uint32 ballotId,
        BallotTerms calldata terms
    ) private view returns (Papers memory papers) {
        uint256 opened = 0;
        uint256 hidden = 0;
        for (uint256 i = 0; i < terms.segments.length; ++i) {
            Poll storage poll = ledger.pollOf(ballotId, terms.segments[i]);
            PollSlot slot = poll.slot;
            papers.cast += poll.castOf(slot);
            if (slot.isGrouped() && poll.addedUp() != poll.groupsOf()) {
                revert IBallotBox.BallotBoxNotCounted(ballotId, poll.addedUp(), poll.groupsOf());
            }
            if (terms.secrecy == Secrecy.Public) continue;
            HeadSlot head = poll.head;
            opened += head.laneOf(2);
            hidden += head.laneOf(terms.secrecy == Secrecy.Sealed ? 1 : 0);
        }
        // solhint-disable-next-line not-rely-on-time
        bool over = block.timestamp > terms.countsUntil;
        bool waits = terms.secrecy == Secrecy.Sealed || !over;
        if (waits && opened != hidden) revert IBallotBox.BallotBoxNotCounted(ballotId, opened, hidden);
        if (!over && ballot.onPaper != terms.paperElectorate) {
            revert IBallotBox.BallotBoxNotCounted(ballotId, ballot.onPaper, terms.paperElectorate);
        }
        papers.valid = papers.cast - ballot.spoilt;
        // What was committed to and never revealed says nothing.
        if (terms.secrecy == Secrecy.Committed) papers.concealed = hidden - opened;
        papers.valid -= papers.concealed;
        papers.cast += ballot.spoiltOnPaper;
    }

    // --- orders

    /// @dev Papers with each ranking.
    function _numbersOf(
        BallotLedger storage ledger,
        uint32 ballotId,
        uint256[] calldata rankings
    ) private view returns (uint256[] memory numbers) {
        mapping(uint256 ranking => uint256 count) storage counts = ledger.rankings[ballotId];
        numbers = new uint256[](rankings.length);
        for (uint256 i = 0; i < rankings.length; ++i) numbers[i] = counts[rankings[i]];
    }

    function _findRunoff(
        BallotLedger storage ledger,
        uint32 ballotId,
        Papers memory papers,
        Finding memory finding
    ) private view {
        RunoffRecord storage outcome = ledger.outcomes[ballotId];
        if (!outcome.decided) revert IBallotBox.BallotBoxNotCounted(ballotId, 0, papers.valid);
        Runoff memory runoff = outcome.load();
        (finding.order, finding.tied, finding.tallies) = (runoff.order, runoff.firstTied, runoff.tallies);
        finding.idle = finding.tallies[OptionOrder.optionAt(finding.order, 0)] == 0;
    }

    function _findPairwise(
        BallotLedger storage ledger,
        uint32 ballotId,
        BallotTerms calldata terms,
        Papers memory papers,
        Finding memory finding
    ) private view {
        uint256 options = terms.options;
        uint256[] memory lanes = PairwiseTally.empty(options);
        for (uint256 i = 0; i < terms.segments.length; ++i) {
            Poll storage poll = ledger.pollOf(ballotId, terms.segments[i]);
            // Lanes are sums over papers, of which there are fewer than 2^32 in all segments.
            for (uint256 word = 0; word < lanes.length; ++word) lanes[word] += poll.lanes[word];
        }
        finding.idle = _isEmpty(lanes);
        uint256[] memory matrix = PairwiseTally.unpack(lanes, options);
        if (terms.rule == Rule.Borda) finding.tallies = PairwiseRules.borda(matrix, options, papers.valid);
        else if (terms.rule == Rule.Minimax) finding.tallies = PairwiseRules.minimax(matrix, options, papers.valid);
        else finding.tallies = PairwiseRules.schulze(matrix, options);
        uint256 priorities = _prioritiesOf(ledger, ballotId, terms, options);
        (finding.order, finding.tied) = OptionOrder.byScores(finding.tallies, priorities);
    }

    function _findMost(
        BallotLedger storage ledger,
        uint32 ballotId,
        BallotTerms calldata terms,
        Finding memory finding
    ) private view {
        uint256 options = terms.options;
        PollSlot slot = ledger.pollOf(ballotId, terms.segments[0]).slot;
        uint256[] memory words = BallotTally.emptyFor(slot);
        for (uint256 i = 0; i < terms.segments.length; ++i) {
            BallotTally.collect(words, ledger.pollOf(ballotId, terms.segments[i]), slot);
        }
        uint256[] memory sums = new uint256[](options);
        BallotTally.fill(sums, words, slot);
        uint256 eligible = terms.blankLast ? options - 1 : options;
        uint256 priorities = _prioritiesOf(ledger, ballotId, terms, eligible);
        (finding.order, finding.tied) = OptionOrder.byScores(_first(sums, eligible), priorities);
        if (terms.blankLast) finding.order |= OptionOrder.entryOf(eligible, eligible);
        finding.tallies = sums;
        finding.idle = sums[OptionOrder.optionAt(finding.order, 0)] == 0;
    }

    function _prioritiesOf(
        BallotLedger storage ledger,
        uint32 ballotId,
        BallotTerms calldata terms,
        uint256 options
    ) private view returns (uint256 priorities) {
        bytes32 seed = ledger.seeds[ballotId];
        if (terms.tieRule == TieRule.Lot && seed == 0) {
            revert IBallotBox.BallotBoxNoLot(ledger.ballots[ballotId].lotBlock);
        }
        return TieRules.prioritiesOf(terms.tieRule, seed, options);
    }

    // --- quorums

    function _isDecided(
        BallotLedger storage ledger,
        Ballot storage ballot,
        uint32 ballotId,
        BallotTerms calldata terms,
        Papers memory papers,
        Finding memory finding,
        uint256 winner
    ) private view returns (bool decided) {
        // As nobody does without any paper.
        if (finding.idle) return false;
        uint256 electorate = uint256(ballot.members) + terms.paperElectorate;
        if (!Quotas.turnoutMet(papers.cast, electorate, terms.turnoutBp)) return false;
        if (terms.kind == BallotKind.Ranked) return true;
        bool approved = Quotas.approvalMet(
            terms.ofElectorate ? ApprovalBase.Electorate : ApprovalBase.Ballots,
            finding.tallies[winner],
            papers.valid,
            terms.blankLast ? finding.tallies[terms.options - 1] : 0,
            electorate,
            terms.approvalBp
        );
        if (!approved) return false;
        return terms.segmentsBp == 0 || _leadsIn(ledger, ballotId, terms, winner);
    }

    /// @dev Whether an option is ahead of all others in as many segments as it must be.
    function _leadsIn(
        BallotLedger storage ledger,
        uint32 ballotId,
        BallotTerms calldata terms,
        uint256 winner
    ) private view returns (bool enough) {
        uint256 eligible = terms.blankLast ? terms.options - 1 : terms.options;
        uint256 led = 0;
        uint256 count = terms.segments.length;
        uint256[] memory its = new uint256[](eligible);
        for (uint256 i = 0; i < count; ++i) {
            Poll storage poll = ledger.pollOf(ballotId, terms.segments[i]);
            PollSlot slot = poll.slot;
            uint256[] memory words = BallotTally.emptyFor(slot);
            BallotTally.collect(words, poll, slot);
            BallotTally.fill(its, words, slot);
            if (Quotas.leads(its, winner)) ++led;
        }
        return Quotas.leadsInShare(led, count, terms.segmentsBp);
    }

    function _isEmpty(uint256[] memory words) private pure returns (bool empty) {
        uint256 all = 0;
        for (uint256 i = 0; i < words.length; ++i) all |= words[i];
        return all == 0;
    }

    /// @dev The first members of a list.
    function _first(uint256[] memory all, uint256 count) private pure returns (uint256[] memory some) {
        some = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) some[i] = all[i];
    }
}
