// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ICensus, RollKind, RollTerms, Snapshot} from "../census/ICensus.sol";
import {ISemaphoreBatchVerifier} from "../proofs/ISemaphoreBatchVerifier.sol";
import {CountLanes} from "../rules/CountLanes.sol";
import {SurveyAnswers} from "../rules/SurveyAnswers.sol";
import {BallotCasting} from "./BallotCasting.sol";
import {Ballot, BallotLedger, Poll} from "./BallotLedger.sol";
import {BallotMessages} from "./BallotMessages.sol";
import {PollSlot, PollSlots} from "./BallotSlots.sol";
import {BallotStates} from "./BallotStates.sol";
import {BallotKind, BallotState, BallotTerms, IBallotBox, Rule, Secrecy, TextHash} from "./IBallotBox.sol";

/// @title BallotPublishing
/// @notice Ballots before they open: what their terms can be, and their census.
library BallotPublishing {
    using BallotCasting for BallotLedger;
    using BallotStates for Ballot;
    using BallotStates for BallotLedger;

    /// @dev A census while it is written down.
    struct Freezing {
        uint32 ballotId;
        ICensus census;
        ISemaphoreBatchVerifier verifier;
        /// @dev What is the same for all segments.
        PollSlot blank;
        /// @dev People in the segments so far.
        uint256 members;
    }

    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant MAX_SEGMENTS = 500;
    /// @dev Words of pairwise counts in all segments. A transaction cannot read more, and the result is found in one.
    uint256 private constant MAX_PAIR_WORDS = 5_000;
    uint256 private constant MAX_TEXTS = 100;
    uint8 private constant MAX_OPTIONS = 32;
    /// @dev Of points, which have 16 bits each, and of the pairwise rules, whose matrix grows with the square.
    uint8 private constant MAX_OPTIONS_WIDE = 16;
    uint256 private constant MAX_SCORE = type(uint8).max;
    /// @dev Credits of 32 votes of 8 bits.
    uint256 private constant MAX_CREDITS = 32 * 255 * 255;
    uint256 private constant MAX_POINTS = type(uint16).max;
    uint256 private constant LEAST_ANONYMITY = 3;
    /// @dev Who commits and does not reveal is seen, and each does so itself: a way for councils.
    uint256 private constant MAX_COMMITTED = 250;
    /// @dev Longest time from publication to the end of the count.
    uint256 private constant MAX_DURATION = 3 * 365 days;
    uint256 private constant MAX_OBJECTION = 365 days;
    /// @dev Seconds after the close in which keys and committed votes must be brought, at least.
    uint256 private constant LEAST_COUNT = 1 hours;

    /// @notice See {IBallotBox-publish}.
    /// @param ledger Storage.
    /// @param census The rolls.
    /// @param noticePeriod Seconds from a census to the opening, at least.
    /// @param terms All about the ballot.
    /// @return ballotId Its number.
    function publish(
        BallotLedger storage ledger,
        ICensus census,
        uint32 noticePeriod,
        BallotTerms calldata terms
    ) external returns (uint32 ballotId) {
        RollTerms memory roll = census.termsOf(terms.rollId);
        _checkCombination(terms, roll.kind == RollKind.Named);
        _checkPapers(terms);
        _checkTimes(terms, noticePeriod);
        _checkSegments(terms, roll.segments);
        _checkQuorums(terms);
        _checkTexts(terms.texts);
        if (terms.secrecy == Secrecy.Sealed) _checkKey(terms.sealX, terms.sealY);
        ballotId = ++ledger.count;
        bytes32 termsHash = keccak256(abi.encode(terms));
        Ballot storage ballot = ledger.ballots[ballotId];
        ballot.termsHash = termsHash;
        (ballot.rollId, ballot.paperElectorate) = (terms.rollId, terms.paperElectorate);
        (ballot.opensAt, ballot.closesAt, ballot.countsUntil) = (terms.opensAt, terms.closesAt, terms.countsUntil);
        ballot.segments = uint16(terms.segments.length); // at most 500
        if (terms.kind == BallotKind.Quadratic || terms.kind == BallotKind.Points) ballot.limit = terms.limit;
        if (terms.kind == BallotKind.Survey) ledger.forms[ballotId] = terms.form;
        emit IBallotBox.BallotPublished(ballotId, termsHash, terms);
        census.giveNotice(terms.rollId, terms.freezesAt);
    }

    /// @notice See {IBallotBox-withdraw}.
    /// @param ledger Storage.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param reasonHash keccak256 of why.
    function withdraw(
        BallotLedger storage ledger,
        uint32 ballotId,
        BallotTerms calldata terms,
        bytes32 reasonHash
    ) external {
        (Ballot storage ballot, BallotState state) = ledger.known(ballotId);
        ballot.requireTerms(ballotId, terms);
        // solhint-disable-next-line not-rely-on-time
        if (ballot.ended != BallotState.None || block.timestamp >= ballot.opensAt) {
            revert IBallotBox.BallotBoxWrongState(ballotId, state);
        }
        _end(ledger, ballot, ballotId, terms.segments[:ballot.frozenSegments], BallotState.Withdrawn);
        emit IBallotBox.BallotWithdrawn(ballotId, reasonHash);
    }

    /// @notice See {IBallotBox-freeze}.
    /// @param ledger Storage.
    /// @param census The rolls.
    /// @param verifier Who checks proofs.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param count How many segments.
    function freeze(
        BallotLedger storage ledger,
        ICensus census,
        ISemaphoreBatchVerifier verifier,
        uint32 ballotId,
        BallotTerms calldata terms,
        uint256 count
    ) external {
        Ballot storage ballot = ledger.requireIn(ballotId, BallotState.Published);
        ballot.requireTerms(ballotId, terms);
        uint256 first = ballot.frozenSegments;
        uint256 left = terms.segments.length - first;
        if (count == 0 || count > left) revert IBallotBox.BallotBoxBadList(count, left);
        RollTerms memory roll = census.termsOf(terms.rollId);
        bool named = roll.kind == RollKind.Named;
        if (!named && roll.depth > verifier.depth()) {
            revert IBallotBox.BallotBoxCensusTooDeep(roll.depth, verifier.depth());
        }
        Freezing memory freezing = Freezing({
            ballotId: ballotId,
            census: census,
            verifier: verifier,
            blank: PollSlots.create(terms, named),
            members: ballot.members
        });
        for (uint256 i = first; i < first + count; ++i) {
            if (_freezeOne(ledger, freezing, terms, terms.segments[i])) continue;
            _end(ledger, ballot, ballotId, terms.segments[:i], BallotState.Void);
            return;
        }
        uint256 most = type(uint32).max - terms.paperElectorate;
        if (freezing.members > most) revert IBallotBox.BallotBoxTooManyVoters(freezing.members, most);
        ballot.members = uint32(freezing.members); // checked just now
        ballot.frozenSegments = uint16(first + count); // at most 500
    }

    /// @dev Writes the census of a segment down, unless the ballot cannot be held with it.
    function _freezeOne(
        BallotLedger storage ledger,
        Freezing memory freezing,
        BallotTerms calldata terms,
        uint16 segment
    ) private returns (bool good) {
        Snapshot memory snapshot = freezing.census.snapshotAt(terms.rollId, segment, terms.freezesAt);
        freezing.members += snapshot.members;
        bool named = freezing.blank.isNamed();
        bool small = !named && snapshot.members < terms.minAnonymity;
        if (small || (terms.secrecy == Secrecy.Committed && freezing.members > MAX_COMMITTED)) {
            emit IBallotBox.BallotVoided(freezing.ballotId, segment, snapshot.members);
            return false;
        }
        Poll storage poll = ledger.pollOf(freezing.ballotId, segment);
        if (named) {
            poll.slot = freezing.blank.withRoot(snapshot.root);
            poll.root = snapshot.leaves;
        } else {
            poll.slot = freezing.blank.withMembers(snapshot.members);
            // No way to the root is shorter than the circuit's, so that none starts below a leaf.
            snapshot.root = freezing.census.raisedRoot(snapshot.root, snapshot.depth, freezing.verifier.depth());
            poll.root = snapshot.root;
            // What every proof has in common is reckoned out once.
            uint256 scope = BallotMessages.signalOf(BallotMessages.scopeOf(address(this), freezing.ballotId));
            (poll.preparedX, poll.preparedY) = freezing.verifier.prepare(snapshot.root, scope);
        }
        emit IBallotBox.CensusFrozen(freezing.ballotId, segment, snapshot.root, snapshot.members);
        return true;
    }

    /// @dev Ends a ballot that has no vote. Its segments take none, because their slots are empty.
    function _end(
        BallotLedger storage ledger,
        Ballot storage ballot,
        uint32 ballotId,
        uint16[] calldata frozen,
        BallotState state
    ) private {
        ballot.ended = state;
        for (uint256 i = 0; i < frozen.length; ++i) ledger.pollOf(ballotId, frozen[i]).slot = PollSlot.wrap(0);
    }

    function _checkTimes(BallotTerms calldata terms, uint256 noticePeriod) private view {
        // solhint-disable-next-line not-rely-on-time
        uint256 time = block.timestamp;
        if (terms.freezesAt < time) revert IBallotBox.BallotBoxBadTimes(terms.freezesAt, time);
        // A second more, so that the census is past when it is looked up.
        uint256 least = uint256(terms.freezesAt) + 1 + noticePeriod;
        if (terms.opensAt < least) revert IBallotBox.BallotBoxBadTimes(terms.opensAt, least);
        least = uint256(terms.opensAt) + 1;
        if (terms.closesAt < least) revert IBallotBox.BallotBoxBadTimes(terms.closesAt, least);
        bool waits = terms.secrecy != Secrecy.Public || terms.paperElectorate != 0;
        least = uint256(terms.closesAt) + (waits ? LEAST_COUNT : 0);
        if (terms.countsUntil < least) revert IBallotBox.BallotBoxBadTimes(terms.countsUntil, least);
        uint256 most = time + MAX_DURATION;
        if (most > type(uint32).max) most = type(uint32).max;
        if (terms.countsUntil > most) revert IBallotBox.BallotBoxBadTimes(terms.countsUntil, most);
        _checkRange(terms.objectionPeriod, MAX_OBJECTION);
    }

    function _checkKey(uint256 x, uint256 y) private view {
        // The precompile takes points of the curve alone; the point at infinity opens to everybody.
        (bool onCurve, ) = address(6).staticcall(abi.encode(x, y, 0, 0));
        if (!onCurve || (x == 0 && y == 0)) revert IBallotBox.BallotBoxBadKey(x, y);
    }

    function _checkCombination(BallotTerms calldata terms, bool named) private pure {
        bool ranked = terms.kind == BallotKind.Ranked;
        bool good = terms.kind != BallotKind.None && ranked == (terms.rule != Rule.MostFirst);
        if (terms.secrecy == Secrecy.Sealed && named) good = false;
        if (terms.secrecy == Secrecy.Committed && (!named || terms.paperElectorate != 0)) good = false;
        if (terms.kind == BallotKind.Survey && terms.actionsHash != 0) good = false;
        bool votes = terms.kind == BallotKind.Single || terms.kind == BallotKind.Approval;
        if (terms.blankLast && (!votes || terms.options < 3)) good = false;
        if (!good) revert IBallotBox.BallotBoxBadCombination(terms.kind, terms.rule, terms.secrecy);
        if (named) {
            if (terms.minAnonymity != 0) revert IBallotBox.BallotBoxOutOfRange(terms.minAnonymity, 0);
        } else if (terms.minAnonymity < LEAST_ANONYMITY) {
            revert IBallotBox.BallotBoxAnonymityTooSmall(terms.minAnonymity, LEAST_ANONYMITY);
        }
    }

    function _checkPapers(BallotTerms calldata terms) private pure {
        BallotKind kind = terms.kind;
        if (kind == BallotKind.Survey) {
            if (terms.options != 0) revert IBallotBox.BallotBoxBadOptions(terms.options, 0);
            SurveyAnswers.requireForm(terms.form);
            _checkRange(terms.limit, 0);
            // Cells of one or two people hide nobody from each other.
            if (terms.minCell != 0 && terms.minCell < LEAST_ANONYMITY) {
                revert IBallotBox.BallotBoxAnonymityTooSmall(terms.minCell, LEAST_ANONYMITY);
            }
            return;
        }
        if (terms.form != 0) revert IBallotBox.BallotBoxOutOfRange(terms.form, 0);
        _checkRange(terms.minCell, 0);
        bool wide = kind == BallotKind.Points || (kind == BallotKind.Ranked && terms.rule != Rule.InstantRunoff);
        uint8 most = wide ? MAX_OPTIONS_WIDE : MAX_OPTIONS;
        if (terms.options < 2 || terms.options > most) revert IBallotBox.BallotBoxBadOptions(terms.options, most);
        uint256 limit = terms.options;
        if (kind == BallotKind.Single) limit = 0;
        else if (kind == BallotKind.Score) limit = MAX_SCORE;
        else if (kind == BallotKind.Quadratic) limit = MAX_CREDITS;
        else if (kind == BallotKind.Points) limit = MAX_POINTS;
        _checkRange(terms.limit, limit);
        if (terms.limit == 0 && limit != 0) revert IBallotBox.BallotBoxOutOfRange(0, limit);
    }

    function _checkSegments(BallotTerms calldata terms, uint16 segments) private pure {
        uint256 count = terms.segments.length;
        uint256 most = MAX_SEGMENTS;
        if (terms.kind == BallotKind.Ranked && terms.rule != Rule.InstantRunoff) {
            uint256 pairs = uint256(terms.options) * (terms.options - 1);
            most = Math.min(most, MAX_PAIR_WORDS / CountLanes.wordsFor(pairs));
        }
        if (count == 0 || count > most) revert IBallotBox.BallotBoxBadSegments(count, most + 1);
        for (uint256 i = 0; i < count; ++i) {
            uint16 segment = terms.segments[i];
            if (segment >= segments) revert IBallotBox.BallotBoxBadSegments(segment, segments);
            if (i != 0 && segment <= terms.segments[i - 1]) {
                revert IBallotBox.BallotBoxBadSegments(terms.segments[i - 1], segment);
            }
        }
    }

    function _checkQuorums(BallotTerms calldata terms) private pure {
        _checkRange(terms.turnoutBp, BASIS_POINTS);
        bool votes = terms.kind == BallotKind.Single || terms.kind == BallotKind.Approval;
        _checkRange(terms.approvalBp, votes ? BASIS_POINTS : 0);
        _checkRange(terms.segmentsBp, votes ? BASIS_POINTS : 0);
    }

    function _checkTexts(TextHash[] calldata texts) private pure {
        uint256 count = texts.length;
        if (count == 0 || count > MAX_TEXTS) revert IBallotBox.BallotBoxBadTexts(count);
        for (uint256 i = 0; i < count; ++i) {
            bool rises = i == 0 ? texts[i].language != 0 : texts[i].language > texts[i - 1].language;
            if (!rises || texts[i].hash == 0) revert IBallotBox.BallotBoxBadTexts(i);
        }
    }

    function _checkRange(uint256 value, uint256 limit) private pure {
        if (value > limit) revert IBallotBox.BallotBoxOutOfRange(value, limit);
    }
}
