// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BallotCasting} from "../../../../contracts/participation/ballots/BallotCasting.sol";
import {BallotKinds} from "../../../../contracts/participation/ballots/BallotKinds.sol";
import {BallotLedger, Casting, Poll} from "../../../../contracts/participation/ballots/BallotLedger.sol";
import {PollSlot, PollSlots} from "../../../../contracts/participation/ballots/BallotSlots.sol";
import {BallotTally} from "../../../../contracts/participation/ballots/BallotTally.sol";
import {BallotKind, BallotTerms, Rule} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {PairwiseTally} from "../../../../contracts/participation/rules/PairwiseTally.sol";
import {SurveyCells} from "../../../../contracts/participation/rules/SurveyCells.sol";
import {SurveyForms} from "../../../../contracts/participation/rules/SurveyForms.sol";
import {BallotTown} from "./BallotFixture.sol";

/// @dev A ballot without a box: which papers there are, and what they count for.
abstract contract KindsFixture is BallotTown {
    uint32 internal constant BALLOT = 7;
    uint16 internal constant SEGMENT = 3;
    uint32 internal constant MOST_PAPERS = type(uint32).max;
    /// @dev One of five choices, and a number of 8 bits.
    uint256 internal constant FORM = (SurveyForms.ONE | (5 << 3)) | ((SurveyForms.NUMBER | (8 << 3)) << 16);

    BallotLedger internal ledger;
    Poll internal poll;
    Casting internal casting;

    function create(BallotTerms calldata terms, bool named) external pure returns (PollSlot slot) {
        return PollSlots.create(terms, named);
    }

    function begin(BallotTerms memory terms, bool named) internal {
        casting.ballotId = BALLOT;
        casting.segment = SEGMENT;
        casting.slot = this.create(terms, named);
        ledger.ballots[BALLOT].limit = terms.limit;
        ledger.forms[BALLOT] = terms.form;
    }

    function isValid(uint256 payload) internal view returns (bool valid) {
        return BallotTally.isValid(ledger, casting.slot, BALLOT, payload);
    }

    function plus(uint256 payload, uint256 count) internal {
        Casting memory now_ = casting;
        BallotTally.plus(ledger, poll, now_, payload, count);
        casting.head = now_.head;
        poll.head = now_.head;
    }

    function minus(uint256 payload) internal {
        Casting memory now_ = casting;
        BallotTally.minus(ledger, poll, now_, payload);
        casting.head = now_.head;
        poll.head = now_.head;
    }

    function tallies() internal view returns (uint256[] memory) {
        return BallotTally.talliesOf(poll, casting.slot);
    }

    function matrix(uint256 options) internal view returns (uint256[] memory) {
        return PairwiseTally.unpack(PairwiseTally.load(poll.lanes, options), options);
    }

    function assertValid(uint256 payload, string memory reason) internal view {
        assertTrue(isValid(payload), reason);
    }

    function assertInvalid(uint256 payload, string memory reason) internal view {
        assertFalse(isValid(payload), reason);
    }
}

contract BallotKindsValidTest is KindsFixture {
    // isValid
    // ├─ Single: an option ........................... by number
    // ├─ Approval: up to the limit of options
    // │  └─ the last is blank ........................ alone, or none of it
    // ├─ Score: each up to the limit
    // ├─ Quadratic: squares up to the limit
    // ├─ Points: a sum up to the limit
    // ├─ Ranked: options once each, up to the limit; ties in pairwise rules alone
    // ├─ Survey: by its form
    // └─ anything for options that there are not ..... false

    function test_SingleIsANumber() external {
        for (uint8 options = 2; options <= 32; options += 10) {
            begin(termsOf(BallotKind.Single, Rule.MostFirst, options, 0), false);
            assertValid(0, "first");
            assertValid(options - 1, "last");
            assertInvalid(options, "one more");
            assertInvalid(type(uint256).max, "greatest");
        }
    }

    function test_ApprovalIsASet() external {
        begin(termsOf(BallotKind.Approval, Rule.MostFirst, 5, 3), true);
        assertValid(0, "none");
        assertValid(1 << 4, "last");
        assertValid(0x15, "as many as may be");
        assertInvalid(0x17, "one more than may be");
        assertInvalid(1 << 5, "no such option");
        assertInvalid(1 << 255, "far beyond");
        begin(termsOf(BallotKind.Approval, Rule.MostFirst, 32, 32), true);
        assertValid(type(uint32).max, "all");
        assertInvalid(1 << 32, "no such option of 32");
    }

    function test_BlankIsAlone() external {
        BallotTerms memory terms = termsOf(BallotKind.Approval, Rule.MostFirst, 4, 4);
        terms.blankLast = true;
        begin(terms, true);
        assertValid(0x8, "blank");
        assertValid(0x7, "all others");
        assertValid(0, "none");
        assertInvalid(0x9, "blank and another");
        assertInvalid(0xf, "all");
        assertInvalid(0x18, "blank and beyond");
        assertInvalid(0x10, "beyond");
        terms.blankLast = false;
        begin(terms, true);
        assertValid(0xf, "not blank");
    }

    function test_ScoresAreBytes() external {
        begin(termsOf(BallotKind.Score, Rule.MostFirst, 3, 10), true);
        assertValid(0, "none");
        assertValid(0x0a000a, "greatest");
        assertInvalid(0x000b00, "one more");
        assertInvalid(0x01000000, "no such option");
        begin(termsOf(BallotKind.Score, Rule.MostFirst, 32, 255), true);
        assertValid(type(uint256).max, "all of all");
        begin(termsOf(BallotKind.Score, Rule.MostFirst, 32, 254), true);
        assertInvalid(uint256(255) << 248, "too much for the last");
    }

    function test_QuadraticVotesCostTheirSquare() external {
        begin(termsOf(BallotKind.Quadratic, Rule.MostFirst, 3, 25), true);
        assertValid(0, "none");
        assertValid(0x000403, "16 and 9");
        assertValid(0x050000, "25");
        assertInvalid(0x010403, "26");
        assertInvalid(0x060000, "36");
        assertInvalid(0x01000000, "no such option");
        begin(termsOf(BallotKind.Quadratic, Rule.MostFirst, 32, 32 * 255 * 255), true);
        assertValid(type(uint256).max, "all of all");
        begin(termsOf(BallotKind.Quadratic, Rule.MostFirst, 32, 32 * 255 * 255 - 1), true);
        assertInvalid(type(uint256).max, "one credit less");
    }

    function test_PointsAreShared() external {
        begin(termsOf(BallotKind.Points, Rule.MostFirst, 3, 1_000), true);
        assertValid(0, "none");
        assertValid((uint256(400) << 32) | 600, "all");
        assertInvalid((uint256(400) << 32) | 601, "one more");
        assertInvalid(uint256(1) << 48, "no such option");
        begin(termsOf(BallotKind.Points, Rule.MostFirst, 16, 65_535), true);
        assertValid(uint256(65_535) << 240, "all for the last");
        assertInvalid((uint256(65_535) << 240) | 1, "one more for the first");
    }

    function test_RankingsListEachOnce() external {
        begin(termsOf(BallotKind.Ranked, Rule.Schulze, 4, 3), true);
        assertValid(0, "blank");
        assertValid(ranking("DAC"), "as many as may be");
        assertValid(ranking("A=CD"), "tied");
        assertInvalid(ranking("DACB"), "one more than may be");
        assertInvalid(ranking("DAD"), "twice");
        assertInvalid(ranking("E"), "no such option");
        assertInvalid(0x010002, "a gap");
        begin(termsOf(BallotKind.Ranked, Rule.InstantRunoff, 4, 4), true);
        assertValid(0, "blank runoff");
        assertValid(ranking("DACB"), "all");
        assertInvalid(ranking("A=CD"), "tied in a runoff");
        begin(termsOf(BallotKind.Ranked, Rule.InstantRunoff, 32, 32), true);
        assertValid(0x201f1e1d1c1b1a191817161514131211100f0e0d0c0b0a090807060504030201, "32 of 32");
    }

    function test_AnswersFitTheForm() external {
        begin(surveyTerms(FORM, 0), true);
        assertValid(0, "no answer");
        assertValid(5 | (0xff << 3), "last choice, greatest number");
        assertInvalid(6, "no such choice");
        assertInvalid(1 << 11, "behind the last question");
    }

    /// @dev Each kind against its definition, option by option.
    function testFuzz_IsValidByDefinition(uint256 payload, uint8 options, uint32 limit, uint8 keep) external {
        // Short words are often valid, long ones never.
        payload >>= keep;
        options = uint8(bound(options, 2, 16));
        uint32 small = limit % 256;
        begin(termsOf(BallotKind.Approval, Rule.MostFirst, options, small), true);
        assertTrue(isValid(payload) == (_sum(payload, 1, options, false) <= small), "approval");
        begin(termsOf(BallotKind.Score, Rule.MostFirst, options, small), true);
        assertTrue(isValid(payload) == (_most(payload, options) <= small), "score");
        limit = limit % 300_000;
        begin(termsOf(BallotKind.Quadratic, Rule.MostFirst, options, limit), true);
        assertTrue(isValid(payload) == (_sum(payload, 8, options, true) <= limit), "quadratic");
        begin(termsOf(BallotKind.Points, Rule.MostFirst, options, limit), true);
        assertTrue(isValid(payload) == (_sum(payload, 16, options, false) <= limit), "points");
    }

    function _sum(uint256 payload, uint256 width, uint256 options, bool squared) private pure returns (uint256 sum) {
        for (uint256 i = 0; i < options; ++i) {
            uint256 its = payload % (1 << width);
            sum += squared ? its * its : its;
            payload /= 1 << width;
        }
        return payload == 0 ? sum : type(uint256).max;
    }

    function _most(uint256 payload, uint256 options) private pure returns (uint256 most) {
        for (uint256 i = 0; i < options; ++i) {
            if (payload % 256 > most) most = payload % 256;
            payload /= 256;
        }
        return payload == 0 ? most : type(uint256).max;
    }
}

contract BallotTallyTest is KindsFixture {
    uint256 private constant PAPERS = 24;
    uint256 private constant OPTIONS = 7;

    // plus, minus, talliesOf
    // ├─ Single, with receipts ....................... first lanes in the head
    // ├─ Single, Approval ............................ lanes of 32 bits
    // ├─ Score, Quadratic, Points .................... lanes of 64 bits
    // ├─ Ranked ...................................... pairs, or how often each ranking was cast
    // └─ Survey ...................................... cells
    // Lanes at their bounds: no neighbour changes
    // castOf: papers, of lanes or of the head
    //
    // Papers by chance, of which every third is taken out again, against what they say one by one.

    function testFuzz_CountsSingleInHead(uint256 seed) external {
        begin(termsOf(BallotKind.Single, Rule.MostFirst, uint8(OPTIONS), 0), false);
        uint256[] memory expected = new uint256[](OPTIONS);
        uint256 papers = 0;
        for (uint256 i = 0; i < PAPERS; ++i) {
            uint256 option = _random(seed, i) % OPTIONS;
            plus(option, i);
            (expected[option], papers) = (expected[option] + i, papers + i);
            if (i % 3 != 1) continue;
            minus(option);
            (expected[option], papers) = (expected[option] - 1, papers - 1);
        }
        assertEq(tallies(), expected, "tallies");
        assertEq(BallotTally.castOf(poll, casting.slot), papers, "cast");
    }

    function testFuzz_CountsOnes(uint256 seed) external {
        begin(termsOf(BallotKind.Approval, Rule.MostFirst, 32, 32), true);
        uint256[] memory expected = new uint256[](32);
        for (uint256 i = 0; i < PAPERS; ++i) {
            uint256 payload = uint32(_random(seed, i));
            plus(payload, 1 + i);
            bool out = i % 3 == 1;
            if (out) minus(payload);
            for (uint256 option = 0; option < 32; ++option) {
                if ((payload >> option) & 1 == 1) expected[option] += out ? i : 1 + i;
            }
        }
        assertEq(tallies(), expected, "tallies");
    }

    /// @dev Of an anonymous or a named roll, whose votes have no receipts or groups.
    function testFuzz_CountsSingleInLanes(uint256 seed) external {
        begin(termsOf(BallotKind.Single, Rule.MostFirst, uint8(OPTIONS), 0), true);
        uint256[] memory expected = new uint256[](OPTIONS);
        for (uint256 i = 0; i < PAPERS; ++i) {
            uint256 option = _random(seed, i) % OPTIONS;
            plus(option, 1 + i);
            if (i % 3 == 1) minus(option);
            expected[option] += i % 3 == 1 ? i : 1 + i;
        }
        assertEq(tallies(), expected, "tallies");
        assertEq(BallotTally.castOf(poll, casting.slot), 0, "papers are counted by who puts them in");
    }

    function testFuzz_CountsSums(uint256 seed) external {
        _countSums(BallotKind.Score, 8, 32, seed);
    }

    function testFuzz_CountsQuadraticVotes(uint256 seed) external {
        _countSums(BallotKind.Quadratic, 8, 32, seed);
    }

    function testFuzz_CountsPoints(uint256 seed) external {
        _countSums(BallotKind.Points, 16, 16, seed);
    }

    function testFuzz_CountsPairs(uint256 seed) external {
        begin(rankedTerms(Rule.Minimax, uint8(OPTIONS)), true);
        uint256[] memory expected = new uint256[](OPTIONS * OPTIONS);
        for (uint256 i = 0; i < PAPERS; ++i) {
            uint256 paper = _randomRanking(_random(seed, i));
            assertTrue(isValid(paper), "a ranking");
            plus(paper, 1 + i);
            bool out = i % 3 == 1;
            if (out) minus(paper);
            uint256[] memory places = _placesOf(paper);
            for (uint256 cell = 0; cell < expected.length; ++cell) {
                if (places[cell / OPTIONS] < places[cell % OPTIONS]) expected[cell] += out ? i : 1 + i;
            }
        }
        assertEq(matrix(OPTIONS), expected, "matrix");
    }

    function testFuzz_CountsRankings(uint256 seed) external {
        begin(rankedTerms(Rule.InstantRunoff, 3), true);
        uint256[] memory expected = new uint256[](4);
        uint256[4] memory papers = [ranking("CAB"), ranking("B"), 0, ranking("AB")];
        for (uint256 i = 0; i < PAPERS; ++i) {
            uint256 which = _random(seed, i) % 4;
            plus(papers[which], 1 + i);
            if (i % 3 == 1) minus(papers[which]);
            expected[which] += i % 3 == 1 ? i : 1 + i;
        }
        for (uint256 i = 0; i < 4; ++i) assertEq(ledger.rankings[BALLOT][papers[i]], expected[i], "rankings");
        assertEq(poll.lanes[0], 0, "no pairs");
    }

    function testFuzz_CountsAnswers(uint256 seed) external {
        begin(surveyTerms(FORM, 0), true);
        uint256[] memory choices = new uint256[](5);
        uint256[] memory numbers = new uint256[](2);
        for (uint256 i = 0; i < PAPERS; ++i) {
            uint256 random = _random(seed, i);
            (uint256 choice, uint256 number) = (random % 6, (random >> 8) % 256);
            plus(choice | (number << 3), 1 + i);
            bool out = i % 3 == 1;
            if (out) minus(choice | (number << 3));
            uint256 stand = out ? i : 1 + i;
            if (choice != 0) choices[choice - 1] += stand;
            if (number == 0) continue;
            numbers[0] += stand;
            numbers[1] += stand * (number - 1);
        }
        assertEq(_cells(0), choices, "choices");
        assertEq(_cells(1), numbers, "numbers");
    }

    function test_LanesOfSingleHoldAllVoters() external {
        for (uint256 option = 0; option < 32; ++option) {
            begin(termsOf(BallotKind.Single, Rule.MostFirst, 32, 0), false);
            casting.head = poll.head;
            uint256[] memory expected = new uint256[](32);
            plus(option, MOST_PAPERS);
            expected[option] = MOST_PAPERS;
            assertEq(tallies(), expected, "full");
            assertEq(BallotTally.castOf(poll, casting.slot), MOST_PAPERS, "cast");
            for (uint256 other = 0; other < 32; ++other) {
                minus(option);
                plus(other, 1);
                --expected[option];
                ++expected[other];
            }
            assertEq(tallies(), expected, "moved");
            assertEq(BallotTally.castOf(poll, casting.slot), MOST_PAPERS, "still cast");
            for (uint256 other = 0; other < 32; ++other) {
                minus(other);
                --expected[other];
            }
            // Counts of 32 bits are taken out as they were put in: in any order, one paper at a time or many.
            unchecked {
                plus(option, 0 - expected[option]);
            }
            assertEq(tallies(), new uint256[](32), "empty");
        }
        assertEq(poll.head.chain(), 0, "no hash");
    }

    function test_LanesOfApprovalsHoldAllVoters() external {
        begin(termsOf(BallotKind.Approval, Rule.MostFirst, 32, 32), true);
        uint256[] memory expected = new uint256[](32);
        plus(type(uint32).max, MOST_PAPERS);
        for (uint256 i = 0; i < 32; ++i) expected[i] = MOST_PAPERS;
        assertEq(tallies(), expected, "full");
        minus(type(uint32).max);
        plus(0x55555555, 1);
        for (uint256 i = 1; i < 32; i += 2) --expected[i];
        assertEq(tallies(), expected, "every other one less");
    }

    function test_LanesOfSumsHoldAllVoters() external {
        begin(termsOf(BallotKind.Score, Rule.MostFirst, 32, 255), true);
        uint256[] memory expected = new uint256[](32);
        plus(type(uint256).max, MOST_PAPERS);
        for (uint256 i = 0; i < 32; ++i) expected[i] = uint256(MOST_PAPERS) * 255;
        assertEq(tallies(), expected, "full");
        minus(type(uint256).max);
        for (uint256 i = 0; i < 32; ++i) expected[i] -= 255;
        assertEq(tallies(), expected, "one less");
    }

    function test_LanesOfPointsHoldAllVoters() external {
        begin(termsOf(BallotKind.Points, Rule.MostFirst, 16, 65_535), true);
        for (uint256 i = 0; i < 16; ++i) plus(uint256(65_535) << (16 * i), MOST_PAPERS);
        for (uint256 i = 0; i < 16; ++i) minus(uint256(65_535) << (16 * i));
        uint256[] memory expected = new uint256[](16);
        for (uint256 i = 0; i < 16; ++i) expected[i] = 65_535 * (uint256(MOST_PAPERS) - 1);
        assertEq(tallies(), expected, "one less than full");
    }

    function test_LanesOfPairsHoldAllVoters() external {
        begin(rankedTerms(Rule.Borda, 16), true);
        uint256 paper = ranking("PONMLKJIHGFEDCBA");
        plus(paper, MOST_PAPERS);
        minus(paper);
        plus(ranking("A"), 1);
        uint256[] memory expected = new uint256[](256);
        for (uint256 cell = 0; cell < 256; ++cell) {
            if (cell / 16 > cell % 16) expected[cell] = MOST_PAPERS - 1;
            if (cell / 16 == 0 && cell % 16 != 0) expected[cell] = 1;
        }
        assertEq(matrix(16), expected, "matrix");
    }

    // creditsOf, pointsOf
    // ├─ of options that there are not ............... the greatest number
    // └─ else ........................................ the sum

    function test_SumsUp() external pure {
        assertEq(BallotKinds.creditsOf(0x030201, 3), 14, "credits");
        assertEq(BallotKinds.creditsOf(0x030201, 2), type(uint256).max, "no third option");
        assertEq(BallotKinds.pointsOf(0x000300020001, 3), 6, "points");
        assertEq(BallotKinds.pointsOf(0x000300020001, 2), type(uint256).max, "no third option");
    }

    function test_NamesVoters() external pure {
        assertEq(BallotCasting.voterOf(0x1234, 0x56789abc), 0x123456789abc, "both side by side");
    }

    // --- models

    function _countSums(BallotKind kind, uint256 width, uint8 options, uint256 seed) private {
        begin(termsOf(kind, Rule.MostFirst, options, 65_535), true);
        uint256[] memory expected = new uint256[](options);
        for (uint256 i = 0; i < PAPERS; ++i) {
            // Short papers too, which leave words alone.
            uint256 payload = _random(seed, i);
            payload >>= payload % 256;
            plus(payload, 1 + i);
            bool out = i % 3 == 1;
            if (out) minus(payload);
            for (uint256 option = 0; option < options; ++option) {
                expected[option] += ((payload >> (option * width)) % (1 << width)) * (out ? i : 1 + i);
            }
        }
        assertEq(tallies(), expected, "tallies");
    }

    function _cells(uint256 question) private view returns (uint256[] memory cells) {
        uint256[] memory words = SurveyCells.emptyFor(FORM);
        SurveyCells.collect(words, poll.lanes, FORM, question);
        return SurveyCells.cellsOf(words, FORM, question);
    }

    function _random(uint256 seed, uint256 i) private pure returns (uint256 random) {
        return uint256(keccak256(abi.encode(seed, i)));
    }

    /// @dev Some options in any order, some of them tied with the one before.
    function _randomRanking(uint256 seed) private pure returns (uint256 paper) {
        uint256 listed = 0;
        uint256 previous = 0;
        uint256 length = seed % (OPTIONS + 1);
        for (uint256 place = 0; place < length; ++place) {
            seed = _random(seed, place);
            uint256 number = 1 + (seed % OPTIONS);
            while ((listed >> number) & 1 == 1) number = 1 + (number % OPTIONS);
            bool tied = previous != 0 && number > previous && (seed >> 8) % 3 == 0;
            paper |= (number | (tied ? TIED : 0)) << (8 * place);
            (listed, previous) = (listed | (1 << number), number);
        }
    }

    /// @dev Place of each option: that of the first it is tied with, or behind all that are listed.
    function _placesOf(uint256 paper) private pure returns (uint256[] memory places) {
        places = new uint256[](OPTIONS);
        for (uint256 i = 0; i < OPTIONS; ++i) places[i] = 99;
        uint256 level = 0;
        for (uint256 place = 0; paper != 0; ++place) {
            if (paper & TIED == 0) level = place;
            places[(paper % TIED) - 1] = level;
            paper >>= 8;
        }
    }
}
