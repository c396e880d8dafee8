// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {
    BallotKind,
    BallotState,
    BallotTerms,
    BallotView,
    IBallotBox,
    Rule,
    TextHash
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {RollKind} from "../../../../contracts/participation/census/ICensus.sol";
import {SurveyAnswers} from "../../../../contracts/participation/rules/SurveyAnswers.sol";
import {BallotFixture} from "./BallotFixture.sol";

/// @dev What terms there can be.
contract BallotPublishingTest is BallotFixture {
    uint256 private constant KEY = 5;

    // constructor
    // ├─ notice above 90 days ........................ BallotBoxOutOfRange
    // └─ else ........................................ keeps its contracts

    function test_RevertWhen_NoticeIsTooLong() external {
        expectError(IBallotBox.BallotBoxOutOfRange.selector, 90 days + 1, 90 days);
        this.deployOutside(90 days + 1);
        assertEq(this.deployOutside(90 days).noticePeriod(), 90 days, "longest");
    }

    function test_KnowsItsContracts() external view {
        assertEq(address(box.census()), address(rolls), "census");
        assertEq(address(box.verifier()), address(verifier), "verifier");
        assertEq(box.noticePeriod(), NOTICE, "notice");
    }

    // publish
    // ├─ not the clerk ............................... AccessManagedUnauthorized
    // ├─ combination ................................. BallotBoxBadCombination
    // │  ├─ no kind; a rule of another kind; sealed and named; committed and anonymous or with paper; a survey that acts
    // │  └─ blank with fewer than two others, or of kinds that do not have it
    // ├─ anonymity
    // │  ├─ named with any ........................... BallotBoxOutOfRange
    // │  ├─ anonymous below three .................... BallotBoxAnonymityTooSmall
    // │  └─ cells of a survey below three ............ BallotBoxAnonymityTooSmall
    // ├─ options fewer than two, or more than the kind has, or of a survey ... BallotBoxBadOptions
    // ├─ limit none or too high, form or cell of another kind, quorum too high or of another kind ... BallotBoxOutOfRange
    // ├─ form that is none ........................... as SurveyAnswers says
    // ├─ times, each too early or too late ........... BallotBoxBadTimes
    // ├─ segments none, too many, not rising, unknown  BallotBoxBadSegments
    // ├─ texts none, too many, not rising, no hash ... BallotBoxBadTexts
    // ├─ key no point of the curve ................... BallotBoxBadKey
    // └─ else ........................................ numbered, BallotPublished, notice to the roll

    function test_RevertWhen_CallerIsNotTheClerk() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        box.publish(plainTerms());
    }

    function test_RevertWhen_ThingsDoNotGoTogether() external {
        _refuseCombination(termsOf(BallotKind.None, Rule.MostFirst, 3, 0));
        _refuseCombination(termsOf(BallotKind.Ranked, Rule.MostFirst, 3, 3));
        for (uint256 i = 1; i <= uint256(type(Rule).max); ++i) {
            _refuseCombination(termsOf(BallotKind.Single, Rule(i), 3, 0));
            _refuseCombination(termsOf(BallotKind.Survey, Rule(i), 0, 0));
        }
        BallotTerms memory terms = sealedTerms(KEY);
        (terms.rollId, terms.minAnonymity) = (NAMED, 0);
        _refuseCombination(terms);
        terms = committedTerms();
        terms.paperElectorate = 1;
        _refuseCombination(terms);
        terms = committedTerms();
        (terms.rollId, terms.minAnonymity) = (ANONYMOUS, 3);
        _refuseCombination(terms);
        terms = surveyTerms(0x11, 0);
        terms.actionsHash = keccak256("actions");
        _refuseCombination(terms);
    }

    function test_RevertWhen_BlankCannotBe() external {
        for (uint256 i = 1; i <= uint256(type(BallotKind).max); ++i) {
            BallotKind kind = BallotKind(i);
            BallotTerms memory terms = termsOf(
                kind,
                kind == BallotKind.Ranked ? Rule.Borda : Rule.MostFirst,
                3,
                kind == BallotKind.Single ? 0 : 3
            );
            terms.blankLast = true;
            if (kind != BallotKind.Single && kind != BallotKind.Approval) {
                _refuseCombination(terms);
                continue;
            }
            publish(terms);
            terms.options = 2;
            _refuseCombination(terms);
        }
    }

    function test_RevertWhen_AnonymityIsOfNoUse() external {
        BallotTerms memory terms = plainTerms();
        terms.minAnonymity = 1;
        _refuse(abi.encodeWithSelector(IBallotBox.BallotBoxOutOfRange.selector, 1, 0), terms);
        terms = anonymousTerms();
        terms.minAnonymity = 2;
        _refuse(abi.encodeWithSelector(IBallotBox.BallotBoxAnonymityTooSmall.selector, 2, 3), terms);
        terms.minAnonymity = 3;
        publish(terms);
    }

    function test_RevertWhen_OptionsCannotBe() external {
        _boundOptions(termsOf(BallotKind.Single, Rule.MostFirst, 0, 0), 32);
        _boundOptions(termsOf(BallotKind.Approval, Rule.MostFirst, 0, 1), 32);
        _boundOptions(termsOf(BallotKind.Score, Rule.MostFirst, 0, 1), 32);
        _boundOptions(termsOf(BallotKind.Quadratic, Rule.MostFirst, 0, 1), 32);
        _boundOptions(termsOf(BallotKind.Points, Rule.MostFirst, 0, 1), 16);
        _boundOptions(termsOf(BallotKind.Ranked, Rule.Borda, 0, 1), 16);
        _boundOptions(termsOf(BallotKind.Ranked, Rule.Minimax, 0, 1), 16);
        _boundOptions(termsOf(BallotKind.Ranked, Rule.Schulze, 0, 1), 16);
        _boundOptions(termsOf(BallotKind.Ranked, Rule.InstantRunoff, 0, 1), 32);
        _refuseOptions(termsOf(BallotKind.Survey, Rule.MostFirst, 1, 0), 0);
    }

    function test_RevertWhen_LimitCannotBe() external {
        _boundLimit(BallotKind.Approval, Rule.MostFirst, 5, 5);
        _boundLimit(BallotKind.Score, Rule.MostFirst, 5, 255);
        _boundLimit(BallotKind.Quadratic, Rule.MostFirst, 5, 32 * 255 * 255);
        _boundLimit(BallotKind.Points, Rule.MostFirst, 5, 65_535);
        _boundLimit(BallotKind.Ranked, Rule.Minimax, 5, 5);
        _boundLimit(BallotKind.Ranked, Rule.InstantRunoff, 32, 32);
        _refuseRange(termsOf(BallotKind.Single, Rule.MostFirst, 5, 1), 1, 0);
        BallotTerms memory survey = surveyTerms(0x11, 0);
        survey.limit = 1;
        _refuseRange(survey, 1, 0);
    }

    function test_RevertWhen_FormIsWrong() external {
        BallotTerms memory terms = plainTerms();
        terms.form = 0x11;
        _refuseRange(terms, 0x11, 0);
        terms = plainTerms();
        terms.minCell = 3;
        _refuseRange(terms, 3, 0);
        _refuse(abi.encodeWithSelector(SurveyAnswers.SurveyAnswersGap.selector, 0), surveyTerms(0, 3));
        for (uint32 minCell = 1; minCell < 3; ++minCell) {
            _refuse(
                abi.encodeWithSelector(IBallotBox.BallotBoxAnonymityTooSmall.selector, minCell, 3),
                surveyTerms(0x11, minCell)
            );
        }
        publish(surveyTerms(0x11, 3));
        publish(surveyTerms(0x11, type(uint32).max));
    }

    function test_RevertWhen_QuorumCannotBe() external {
        for (uint256 i = 1; i <= uint256(type(BallotKind).max); ++i) {
            BallotKind kind = BallotKind(i);
            bool votes = kind == BallotKind.Single || kind == BallotKind.Approval;
            bool survey = kind == BallotKind.Survey;
            BallotTerms memory terms = termsOf(
                kind,
                kind == BallotKind.Ranked ? Rule.Schulze : Rule.MostFirst,
                survey ? 0 : 3,
                kind == BallotKind.Single || survey ? 0 : 3
            );
            if (survey) terms.form = 0x11;
            terms.turnoutBp = 10_001;
            _refuseRange(terms, 10_001, 10_000);
            terms.turnoutBp = 10_000;
            uint16 most = votes ? 10_000 : 0;
            terms.approvalBp = most + 1;
            _refuseRange(terms, most + 1, most);
            terms.approvalBp = most;
            terms.segmentsBp = most + 1;
            _refuseRange(terms, most + 1, most);
            terms.segmentsBp = most;
            publish(terms);
        }
    }

    function test_RevertWhen_TimesDoNotFollow() external {
        BallotTerms memory terms = plainTerms();
        terms.freezesAt = uint40(EPOCH - 1);
        _refuseTime(terms, EPOCH - 1, EPOCH);
        terms.freezesAt = uint40(EPOCH);
        publish(terms);
        terms = plainTerms();
        terms.opensAt = FREEZES + NOTICE;
        _refuseTime(terms, FREEZES + NOTICE, OPENS);
        terms = plainTerms();
        terms.closesAt = OPENS;
        _refuseTime(terms, OPENS, OPENS + 1);
        (terms.closesAt, terms.countsUntil) = (OPENS + 1, OPENS + 1);
        publish(terms);
        (terms.opensAt, terms.closesAt) = (NEVER, NEVER);
        _refuseTime(terms, NEVER, uint256(NEVER) + 1);
    }

    function test_RevertWhen_CountIsTooShort() external {
        BallotTerms memory terms = plainTerms();
        terms.countsUntil = CLOSES - 1;
        _refuseTime(terms, CLOSES - 1, CLOSES);
        BallotTerms[3] memory waiting = [paperTerms(1), committedTerms(), sealedTerms(KEY)];
        for (uint256 i = 0; i < 3; ++i) {
            waiting[i].countsUntil = CLOSES + 1 hours - 1;
            _refuseTime(waiting[i], CLOSES + 1 hours - 1, CLOSES + 1 hours);
            ++waiting[i].countsUntil;
            publish(waiting[i]);
        }
    }

    function test_RevertWhen_TimesAreTooFar() external {
        BallotTerms memory terms = plainTerms();
        uint40 most = uint40(EPOCH + 3 * 365 days);
        terms.countsUntil = most + 1;
        _refuseTime(terms, most + 1, most);
        terms.countsUntil = most;
        terms.objectionPeriod = 365 days + 1;
        _refuseRange(terms, 365 days + 1, 365 days);
        terms.objectionPeriod = 365 days;
        publish(terms);
    }

    /// @dev Votes read times of 32 bits.
    function test_RevertWhen_TimesAreBeyondThoseOfVotes() external {
        uint40 last = type(uint32).max;
        vm.warp(last - 30 days);
        BallotTerms memory terms = plainTerms();
        terms.freezesAt = last - 20 days;
        terms.opensAt = last - 10 days;
        (terms.closesAt, terms.countsUntil) = (last, last + 1);
        _refuseTime(terms, last + 1, last);
        terms.countsUntil = last;
        publish(terms);
    }

    function test_RevertWhen_SegmentsAreWrong() external {
        BallotTerms memory terms = plainTerms();
        terms.segments = new uint16[](0);
        _refuseSegments(terms, 0, 501);
        terms.segments = new uint16[](501);
        _refuseSegments(terms, 501, 501);
        terms.segments = segmentsOf(SEGMENTS);
        _refuseSegments(terms, SEGMENTS, SEGMENTS);
        terms.segments = segmentsTo(3);
        terms.segments[2] = 1;
        _refuseSegments(terms, 1, 1);
        (terms.segments[1], terms.segments[2]) = (2, 1);
        _refuseSegments(terms, 2, 1);
        terms = plainTerms();
        (terms.rollId, terms.minAnonymity) = (NO_ROLL, 3);
        _refuseSegments(terms, 0, 0);
    }

    function test_PublishesForManySegments() external {
        rolls.setRoll(NAMED, RollKind.Named, DEPTH, 501);
        BallotTerms memory terms = plainTerms();
        terms.segments = segmentsTo(500);
        assertEq(publish(terms), 1, "ballot");
        _boundSegments(rankedTerms(Rule.InstantRunoff, 32), 500);
        _boundSegments(rankedTerms(Rule.Borda, 2), 500);
        _boundSegments(rankedTerms(Rule.Borda, 9), 500);
        _boundSegments(rankedTerms(Rule.Minimax, 10), 416);
        _boundSegments(rankedTerms(Rule.Schulze, 16), 166);
    }

    function test_RevertWhen_TextsAreWrong() external {
        BallotTerms memory terms = plainTerms();
        terms.texts = new TextHash[](0);
        _refuseTexts(terms, 0);
        terms.texts = new TextHash[](101);
        _refuseTexts(terms, 101);
        terms.texts = textsOf(0);
        _refuseTexts(terms, 0);
        terms.texts = textsOf("en");
        terms.texts[0].hash = 0;
        _refuseTexts(terms, 0);
        terms.texts = new TextHash[](3);
        terms.texts[0] = TextHash({language: "de", hash: "a"});
        terms.texts[1] = TextHash({language: "en", hash: "b"});
        terms.texts[2] = TextHash({language: "en", hash: "c"});
        _refuseTexts(terms, 2);
        terms.texts[2].language = "pt-BR";
        terms.texts[1].hash = 0;
        _refuseTexts(terms, 1);
        terms.texts[1].hash = "b";
        publish(terms);
    }

    function test_RevertWhen_KeyIsNoPoint() external {
        BallotTerms memory terms = sealedTerms(KEY);
        ++terms.sealY;
        _refuse(abi.encodeWithSelector(IBallotBox.BallotBoxBadKey.selector, terms.sealX, terms.sealY), terms);
        (terms.sealX, terms.sealY) = (0, 0);
        _refuse(abi.encodeWithSelector(IBallotBox.BallotBoxBadKey.selector, 0, 0), terms);
        publish(sealedTerms(KEY));
    }

    function test_Publishes() external {
        BallotTerms memory terms = plainTerms();
        vm.expectEmit(address(box));
        emit IBallotBox.BallotPublished(1, keccak256(abi.encode(terms)), terms);
        vm.prank(clerk);
        assertEq(box.publish(terms), 1, "first");
        assertEq(rolls.noticedRoll(), NAMED, "roll");
        assertEq(rolls.noticedUntil(), FREEZES, "until");
        assertEq(publish(anonymousTerms()), 2, "second");
        assertEq(rolls.noticedRoll(), ANONYMOUS, "other roll");
        BallotView memory ballot = box.ballotOf(1, new uint16[](0));
        assertEq(uint256(ballot.state), uint256(BallotState.Published), "state");
        assertEq(ballot.termsHash, keccak256(abi.encode(terms)), "terms");
        assertEq(uint256(ballot.members) + ballot.frozenSegments + ballot.cast + ballot.spoilt, 0, "nothing yet");
    }

    function deployOutside(uint32 noticePeriod) external returns (IBallotBox) {
        return deployBox(noticePeriod);
    }

    // --- internals

    function _refuse(bytes memory fault, BallotTerms memory terms) private {
        vm.expectRevert(fault);
        vm.prank(clerk);
        box.publish(terms);
    }

    function _refuseCombination(BallotTerms memory terms) private {
        _refuse(
            abi.encodeWithSelector(IBallotBox.BallotBoxBadCombination.selector, terms.kind, terms.rule, terms.secrecy),
            terms
        );
    }

    function _refuseOptions(BallotTerms memory terms, uint8 most) private {
        _refuse(abi.encodeWithSelector(IBallotBox.BallotBoxBadOptions.selector, terms.options, most), terms);
    }

    function _refuseRange(BallotTerms memory terms, uint256 value, uint256 most) private {
        _refuse(abi.encodeWithSelector(IBallotBox.BallotBoxOutOfRange.selector, value, most), terms);
    }

    function _refuseTime(BallotTerms memory terms, uint256 time, uint256 limit) private {
        _refuse(abi.encodeWithSelector(IBallotBox.BallotBoxBadTimes.selector, time, limit), terms);
    }

    function _refuseSegments(BallotTerms memory terms, uint256 segment, uint256 limit) private {
        _refuse(abi.encodeWithSelector(IBallotBox.BallotBoxBadSegments.selector, segment, limit), terms);
    }

    function _refuseTexts(BallotTerms memory terms, uint256 number) private {
        _refuse(abi.encodeWithSelector(IBallotBox.BallotBoxBadTexts.selector, number), terms);
    }

    /// @dev From 2 to so many options.
    function _boundOptions(BallotTerms memory terms, uint8 most) private {
        terms.options = 1;
        _refuseOptions(terms, most);
        terms.options = most + 1;
        _refuseOptions(terms, most);
        terms.options = most;
        publish(terms);
        terms.options = 2;
        publish(terms);
    }

    /// @dev Up to so many segments.
    function _boundSegments(BallotTerms memory terms, uint16 most) private {
        terms.segments = segmentsTo(most + 1);
        _refuseSegments(terms, most + 1, most + 1);
        terms.segments = segmentsTo(most);
        publish(terms);
    }

    /// @dev From 1 to a limit.
    function _boundLimit(BallotKind kind, Rule rule, uint8 options, uint32 most) private {
        _refuseRange(termsOf(kind, rule, options, most + 1), most + 1, most);
        _refuseRange(termsOf(kind, rule, options, 0), 0, most);
        publish(termsOf(kind, rule, options, most));
        publish(termsOf(kind, rule, options, 1));
    }
}

/// @dev Ballots that end before they begin, and their census.
contract BallotFreezingTest is BallotFixture {
    // withdraw
    // ├─ not the clerk ............................... AccessManagedUnauthorized
    // ├─ unknown ..................................... BallotBoxUnknownBallot
    // ├─ other terms ................................. BallotBoxOtherTerms
    // ├─ withdrawn or void ........................... BallotBoxWrongState
    // ├─ from the first second on, frozen or not ..... BallotBoxWrongState
    // └─ else ........................................ Withdrawn, BallotWithdrawn; nothing votes afterwards

    function test_RevertWhen_WithdrawnBySomebodyElse() external {
        BallotTerms memory terms = plainTerms();
        uint32 id = publish(terms);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        box.withdraw(id, terms, REASON);
    }

    function test_RevertWhen_WithdrawnBallotIsAnother() external {
        BallotTerms memory terms = plainTerms();
        uint32 id = publish(terms);
        _refuseWithdrawal(abi.encodeWithSelector(IBallotBox.BallotBoxUnknownBallot.selector, id + 1), id + 1, terms);
        terms.objectionPeriod = 1;
        bytes32 hash = keccak256(abi.encode(terms));
        _refuseWithdrawal(abi.encodeWithSelector(IBallotBox.BallotBoxOtherTerms.selector, id, hash), id, terms);
    }

    function test_RevertWhen_WithdrawnAtTheFirstSecond() external {
        BallotTerms memory terms = plainTerms();
        terms.segments = segmentsTo(2);
        uint32 id = publish(terms);
        vm.warp(OPENS);
        _refuseWithdrawal(_wrongState(id, BallotState.Published), id, terms);
        box.freeze(id, terms, 1);
        _refuseWithdrawal(_wrongState(id, BallotState.Published), id, terms);
        box.freeze(id, terms, 1);
        _refuseWithdrawal(_wrongState(id, BallotState.Open), id, terms);
    }

    function test_WithdrawsBeforeTheCensus() external {
        BallotTerms memory terms = plainTerms();
        uint32 id = publish(terms);
        _withdraw(id, terms);
        _refuseWithdrawal(_wrongState(id, BallotState.Withdrawn), id, terms);
        vm.warp(FREEZES + 1);
        vm.expectRevert(_wrongState(id, BallotState.Withdrawn));
        box.freeze(id, terms, 1);
    }

    /// @dev Segments whose census was frozen take no vote, whichever way it comes.
    function test_WithdrawsUpToTheLastSecond() external {
        for (uint256 frozen = 1; frozen <= 3; ++frozen) {
            BallotTerms memory terms = plainTerms();
            terms.segments = segmentsTo(3);
            vm.warp(EPOCH);
            uint32 id = publish(terms);
            vm.warp(OPENS - 1);
            box.freeze(id, terms, frozen);
            _withdraw(id, terms);
            vm.warp(OPENS);
            assertState(id, BallotState.Withdrawn, "withdrawn");
            for (uint16 segment = 0; segment < 3; ++segment) _assertSilent(id, segment);
        }
    }

    // freeze
    // ├─ unknown, other state, other terms ........... BallotBoxUnknownBallot, WrongState, OtherTerms
    // ├─ none or more than are left .................. BallotBoxBadList
    // ├─ before the census is past ................... as the census says
    // ├─ tree deeper than proofs ..................... BallotBoxCensusTooDeep; of a named roll never
    // ├─ a segment too small to be anonymous, or a committed body above 250 ... Void, BallotVoided; nothing votes
    // ├─ more voters than 32 bits count .............. BallotBoxTooManyVoters
    // └─ else ........................................ CensusFrozen for each, by anybody, in pieces, late

    function test_RevertWhen_FrozenBallotIsAnother() external {
        BallotTerms memory terms = plainTerms();
        uint32 id = publish(terms);
        vm.warp(FREEZES + 1);
        expectError(IBallotBox.BallotBoxUnknownBallot.selector, id + 1);
        box.freeze(id + 1, terms, 1);
        terms.blankLast = true;
        expectError(IBallotBox.BallotBoxOtherTerms.selector, id, uint256(keccak256(abi.encode(terms))));
        box.freeze(id, terms, 1);
        terms.blankLast = false;
        box.freeze(id, terms, 1);
        vm.expectRevert(_wrongState(id, BallotState.Frozen));
        box.freeze(id, terms, 1);
    }

    function test_RevertWhen_NoneOrTooManyAreFrozen() external {
        BallotTerms memory terms = plainTerms();
        terms.segments = segmentsTo(3);
        uint32 id = publish(terms);
        vm.warp(FREEZES + 1);
        expectError(IBallotBox.BallotBoxBadList.selector, 0, 3);
        box.freeze(id, terms, 0);
        expectError(IBallotBox.BallotBoxBadList.selector, 4, 3);
        box.freeze(id, terms, 4);
        box.freeze(id, terms, 2);
        expectError(IBallotBox.BallotBoxBadList.selector, 2, 1);
        box.freeze(id, terms, 2);
    }

    function test_RevertWhen_CensusIsNotPast() external {
        BallotTerms memory terms = plainTerms();
        uint32 id = publish(terms);
        vm.warp(FREEZES);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "not past"));
        box.freeze(id, terms, 1);
    }

    function test_RevertWhen_TreeIsTooDeep() external {
        rolls.setRoll(ANONYMOUS, RollKind.Anonymous, DEPTH + 1, SEGMENTS);
        rolls.setRoll(NAMED, RollKind.Named, DEPTH + 1, SEGMENTS);
        uint32 id = publish(anonymousTerms());
        uint32 named = publish(plainTerms());
        vm.warp(FREEZES + 1);
        expectError(IBallotBox.BallotBoxCensusTooDeep.selector, DEPTH + 1, DEPTH);
        box.freeze(id, anonymousTerms(), 1);
        box.freeze(named, plainTerms(), 1);
        assertState(named, BallotState.Frozen, "without proofs there is no depth");
    }

    function test_FreezesInPieces() external {
        BallotTerms memory terms = plainTerms();
        terms.segments = segmentsTo(3);
        uint32 id = publish(terms);
        vm.warp(FREEZES + 1);
        for (uint16 segment = 0; segment < 3; ++segment) {
            assertState(id, BallotState.Published, "pieces");
            vm.expectEmit(address(box));
            emit IBallotBox.CensusFrozen(id, segment, uint256(rootOf(NAMED, segment)), PEOPLE);
            vm.prank(stranger);
            box.freeze(id, terms, 1);
            assertEq(box.ballotOf(id, new uint16[](0)).frozenSegments, segment + 1, "segments");
            assertEq(box.ballotOf(id, new uint16[](0)).members, PEOPLE * (uint256(segment) + 1), "members");
            assertEq(box.pollOf(id, segment).root, uint256(rootOf(NAMED, segment)) >> 88, "root");
        }
        assertState(id, BallotState.Frozen, "whole");
        vm.warp(OPENS);
        assertState(id, BallotState.Open, "open");
    }

    /// @dev Segments by their own numbers, which need not be the first ones.
    function test_FreezesTheSegmentsThatVote() external {
        BallotTerms memory terms = anonymousTerms();
        terms.segments = new uint16[](2);
        (terms.segments[0], terms.segments[1]) = (1, 2);
        uint32 id = freeze(terms);
        assertEq(box.pollOf(id, 0).root, 0, "does not vote");
        assertEq(box.pollOf(id, 1).root, anonymousRootOf(1), "first");
        assertEq(box.pollOf(id, 2).root, anonymousRootOf(2), "second");
    }

    /// @dev Proofs are of one depth, whatever the tree's is.
    function test_RaisesTheRootToTheDepthOfTheProofs() external {
        rolls.setRoll(ANONYMOUS, RollKind.Anonymous, DEPTH - 3, SEGMENTS);
        rolls.setSegment(ANONYMOUS, 0, 77, 9);
        BallotTerms memory terms = anonymousTerms();
        terms.segments = segmentsTo(1);
        uint256 raised = rolls.raisedRoot(77, DEPTH - 3, DEPTH);
        assertTrue(raised != 77, "raised");
        uint32 id = publish(terms);
        vm.warp(FREEZES + 1);
        vm.expectEmit(address(box));
        emit IBallotBox.CensusFrozen(id, 0, raised, 9);
        box.freeze(id, terms, 1);
        assertEq(box.pollOf(id, 0).root, raised, "root");
    }

    /// @dev Whoever forgets it takes the time of the vote from all, but the ballot has an end.
    function test_FreezesLate() external {
        BallotTerms memory terms = plainTerms();
        uint32 id = publish(terms);
        vm.warp(CLOSES);
        assertState(id, BallotState.Published, "nobody wrote the census down");
        box.freeze(id, terms, 1);
        assertState(id, BallotState.Closed, "late");
        box.addUp(id, 0, 1);
        box.finalise(id, terms);
        assertResult(id, "ABC", false, false, true, "nobody voted");
    }

    function test_VoidsWhatIsNotAnonymous() external {
        BallotTerms memory terms = anonymousTerms();
        (terms.segments, terms.minAnonymity) = (segmentsTo(3), PEOPLE);
        rolls.setSegment(ANONYMOUS, 2, anonymousRootOf(2), PEOPLE - 1);
        uint32 id = publish(terms);
        vm.warp(FREEZES + 1);
        box.freeze(id, terms, 1);
        vm.expectEmit(address(box));
        emit IBallotBox.BallotVoided(id, 2, PEOPLE - 1);
        box.freeze(id, terms, 2);
        assertState(id, BallotState.Void, "void");
        for (uint16 segment = 0; segment < 3; ++segment) assertEq(box.pollOf(id, segment).root, 0, "no segment");
        vm.expectRevert(_wrongState(id, BallotState.Void));
        box.freeze(id, terms, 1);
        _refuseWithdrawal(_wrongState(id, BallotState.Void), id, terms);
    }

    function test_FreezesWhatIsJustAnonymous() external {
        BallotTerms memory terms = anonymousTerms();
        terms.minAnonymity = PEOPLE;
        uint32 id = publish(terms);
        vm.warp(FREEZES + 1);
        vm.expectEmit(address(box));
        emit IBallotBox.CensusFrozen(id, 0, anonymousRootOf(0), PEOPLE);
        box.freeze(id, terms, 1);
        assertState(id, BallotState.Frozen, "frozen");
    }

    /// @dev The members of all segments together.
    function test_VoidsLargeBodiesThatCommit() external {
        BallotTerms memory terms = committedTerms();
        terms.segments = segmentsTo(2);
        rolls.setSegment(NAMED, 0, 1, 125);
        rolls.setSegment(NAMED, 1, 1, 126);
        uint32 id = publish(terms);
        vm.warp(FREEZES + 1);
        vm.expectEmit(address(box));
        emit IBallotBox.BallotVoided(id, 1, 126);
        box.freeze(id, terms, 2);
        assertState(id, BallotState.Void, "void");
        _assertSilent(id, 0);
        _assertSilent(id, 1);
        rolls.setSegment(NAMED, 1, 1, 125);
        vm.warp(EPOCH);
        assertState(freeze(terms), BallotState.Frozen, "just small enough");
    }

    function test_RevertWhen_VotersAreTooMany() external {
        BallotTerms memory terms = paperTerms(2);
        terms.segments = segmentsTo(2);
        rolls.setSegment(NAMED, 0, 1, type(uint32).max - 3);
        rolls.setSegment(NAMED, 1, 1, 2);
        uint32 id = publish(terms);
        vm.warp(FREEZES + 1);
        expectError(IBallotBox.BallotBoxTooManyVoters.selector, type(uint32).max - 1, type(uint32).max - 2);
        box.freeze(id, terms, 2);
        rolls.setSegment(NAMED, 1, 1, 1);
        box.freeze(id, terms, 2);
        assertEq(box.ballotOf(id, new uint16[](0)).members, type(uint32).max - 2, "just few enough");
    }

    // --- internals

    function _withdraw(uint32 id, BallotTerms memory terms) private {
        vm.expectEmit(address(box));
        emit IBallotBox.BallotWithdrawn(id, REASON);
        vm.prank(clerk);
        box.withdraw(id, terms, REASON);
        assertState(id, BallotState.Withdrawn, "withdrawn");
    }

    function _refuseWithdrawal(bytes memory fault, uint32 id, BallotTerms memory terms) private {
        vm.expectRevert(fault);
        vm.prank(clerk);
        box.withdraw(id, terms, REASON);
    }

    /// @dev No way of voting is open to a segment.
    function _assertSilent(uint32 id, uint16 segment) private {
        bytes memory fault = abi.encodeWithSelector(IBallotBox.BallotBoxUnknownSegment.selector, id, segment);
        vm.expectRevert(fault);
        this.castOutside(id, segment);
        vm.expectRevert(fault);
        this.recastOutside(id, segment);
    }

    function castOutside(uint32 id, uint16 segment) external {
        castAs(id, segment, 0, 0);
    }

    function recastOutside(uint32 id, uint16 segment) external {
        recastAs(id, segment, 0, 1, 0, 0);
    }

    function _wrongState(uint32 id, BallotState state) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(IBallotBox.BallotBoxWrongState.selector, id, state);
    }
}
