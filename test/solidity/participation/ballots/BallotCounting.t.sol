// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    BallotKind,
    BallotState,
    BallotTerms,
    IBallotBox,
    PaperCount,
    Rule
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {InstantRunoff} from "../../../../contracts/participation/rules/InstantRunoff.sol";
import {TieRule} from "../../../../contracts/participation/rules/TieRules.sol";
import {BallotFixture} from "./BallotFixture.sol";

/// @dev What is to be done between the close and the result: groups, lots and rounds.
contract BallotCountingTest is BallotFixture {
    uint32 private constant TENNESSEE = 100;
    uint256 private constant NO_OPTION = 255;

    // addUp
    // ├─ unknown, or not closed ...................... BallotBoxUnknownBallot, BallotBoxWrongState
    // ├─ segment that does not vote .................. BallotBoxUnknownSegment
    // ├─ without groups .............................. BallotBoxWrongWay
    // ├─ none asked for, or none left ................ BallotBoxUnchanged
    // └─ else ........................................ added up, in pieces, by anybody

    function test_RevertWhen_NothingIsToBeAddedUp() external {
        uint32 id = open(plainTerms());
        expectError(IBallotBox.BallotBoxUnknownBallot.selector, id + 1);
        box.addUp(id + 1, 0, 1);
        vm.expectRevert(_wrongState(id, BallotState.Open));
        box.addUp(id, 0, 1);
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id, 1);
        box.addUp(id, 1, 1);
        expectError(IBallotBox.BallotBoxUnchanged.selector);
        box.addUp(id, 0, 0);
        box.addUp(id, 0, 9);
        expectError(IBallotBox.BallotBoxUnchanged.selector);
        box.addUp(id, 0, 9);
        BallotTerms memory terms = plainTerms();
        terms.options = 5;
        vm.warp(EPOCH);
        id = open(terms);
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxWrongWay.selector, id);
        box.addUp(id, 0, 1);
    }

    function test_AddsUpInPieces() external {
        enrol(NAMED, 0, 1_000, 124);
        BallotTerms memory terms = plainTerms();
        uint32 id = open(terms);
        uint32[6] memory voters = [0, 63, 64, 127, 128, uint32(3)];
        for (uint256 i = 0; i < 6; ++i) castAs(id, 0, voters[i], i % 3);
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 0, 3);
        box.finalise(id, terms);
        vm.prank(stranger);
        assertEq(box.addUp(id, 0, 1), 2, "two left");
        assertEq(box.talliesOf(id, terms, 0), list(1, 1, 1), "first group");
        assertEq(box.pollOf(id, 0).cast, 3, "papers of it");
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 1, 3);
        box.finalise(id, terms);
        assertEq(box.addUp(id, 0, 1), 1, "one left");
        assertEq(box.talliesOf(id, terms, 0), list(2, 1, 2), "second group");
        assertEq(box.addUp(id, 0, 1), 0, "none left");
        assertEq(box.talliesOf(id, terms, 0), list(2, 2, 2), "third group");
        assertEq(box.pollOf(id, 0).cast, 6, "papers of all");
        box.finalise(id, terms);
        assertState(id, BallotState.Final, "final");
    }

    /// @dev A census whose last group is full, and one of nobody.
    function test_NumberOfGroupsIsRoundedUp() external {
        BallotTerms memory terms = plainTerms();
        terms.segments = segmentsTo(3);
        rolls.setSegment(NAMED, 0, 1, 128);
        rolls.setSegment(NAMED, 1, 1, 129);
        rolls.setSegment(NAMED, 2, 0, 0);
        uint32 id = open(terms);
        vm.warp(CLOSES);
        assertEq(box.addUp(id, 0, 1), 1, "two");
        assertEq(box.addUp(id, 1, 1), 2, "three");
        expectError(IBallotBox.BallotBoxUnchanged.selector);
        box.addUp(id, 2, 1);
        box.addUp(id, 0, 1);
        box.addUp(id, 1, 2);
        box.finalise(id, terms);
        assertState(id, BallotState.Final, "nobody is to be added up");
    }

    function test_GroupsHoldAllOfOneMind() external {
        enrol(NAMED, 0, 1_000, 59);
        BallotTerms memory terms = plainTerms();
        uint32 id = open(terms);
        for (uint32 i = 0; i < 64; ++i) castAs(id, 0, i, 1);
        vm.warp(CLOSES);
        box.addUp(id, 0, 1);
        assertEq(box.talliesOf(id, terms, 0), list(0, 64, 0), "tallies");
    }

    // drawLot
    // ├─ unknown, not closed, other terms ............ BallotBoxUnknownBallot, WrongState, OtherTerms
    // ├─ another tie rule, or drawn .................. BallotBoxUnchanged
    // ├─ something is to be counted .................. BallotBoxNotCounted
    // ├─ not announced, or too long ago .............. LotAnnounced, eight blocks ahead
    // ├─ before that block is past ................... BallotBoxNoLot
    // └─ then, for 256 blocks ........................ LotDrawn, from its hash

    function test_RevertWhen_NoLotIsToBeDrawn() external {
        BallotTerms memory terms = _lotTerms();
        uint32 id = open(terms);
        expectError(IBallotBox.BallotBoxUnknownBallot.selector, id + 1);
        box.drawLot(id + 1, terms);
        vm.expectRevert(_wrongState(id, BallotState.Open));
        box.drawLot(id, terms);
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 0, 1);
        box.drawLot(id, terms);
        box.addUp(id, 0, 1);
        terms.tieRule = TieRule.LowestNumber;
        expectError(IBallotBox.BallotBoxOtherTerms.selector, id, uint256(keccak256(abi.encode(terms))));
        box.drawLot(id, terms);
        vm.warp(EPOCH);
        id = open(terms);
        close(id, terms);
        expectError(IBallotBox.BallotBoxUnchanged.selector);
        box.drawLot(id, terms);
    }

    function test_DrawsALot() external {
        BallotTerms memory terms = _lotTerms();
        uint32 id = open(terms);
        close(id, terms);
        expectError(IBallotBox.BallotBoxNoLot.selector, 0);
        box.finalise(id, terms);
        vm.roll(1_000);
        _announce(id, terms, 1_008);
        expectError(IBallotBox.BallotBoxNoLot.selector, 1_008);
        box.finalise(id, terms);
        vm.roll(1_008);
        expectError(IBallotBox.BallotBoxNoLot.selector, 1_008);
        box.drawLot(id, terms);
        vm.roll(1_009);
        bytes32 seed = _draw(id, terms, 1_008);
        expectError(IBallotBox.BallotBoxUnchanged.selector);
        box.drawLot(id, terms);
        box.finalise(id, terms);
        assertEq(box.resultOf(id).order, _orderOf(seed), "smaller lots first");
    }

    function test_DrawsALotWhileItsBlockIsRemembered() external {
        BallotTerms memory terms = _lotTerms();
        uint32 id = open(terms);
        close(id, terms);
        vm.roll(1_000);
        _announce(id, terms, 1_008);
        vm.roll(1_008 + 256);
        bytes32 seed = _draw(id, terms, 1_008);
        assertTrue(seed != keccak256(abi.encode(bytes32(0), address(box), id)), "a hash");
    }

    function test_AnnouncesALotAnewWhenItsBlockIsForgotten() external {
        BallotTerms memory terms = _lotTerms();
        uint32 id = open(terms);
        close(id, terms);
        vm.roll(1_000);
        _announce(id, terms, 1_008);
        vm.roll(1_008 + 257);
        _announce(id, terms, 1_008 + 257 + 8);
        vm.roll(1_008 + 257 + 9);
        _draw(id, terms, 1_008 + 257 + 8);
    }

    /// @dev The lot of one ballot is not that of another, with the same block.
    function test_LotsAreOfTheirBallot() external {
        BallotTerms memory terms = _lotTerms();
        uint32 id = open(terms);
        vm.warp(EPOCH);
        uint32 other = open(terms);
        close(id, terms);
        addUpAll(other, terms);
        vm.roll(1_000);
        _announce(id, terms, 1_008);
        _announce(other, terms, 1_008);
        vm.roll(1_009);
        assertTrue(_draw(id, terms, 1_008) != _draw(other, terms, 1_008), "another seed");
    }

    // countRounds
    // ├─ unknown, not closed, other terms ............ BallotBoxUnknownBallot, WrongState, OtherTerms
    // ├─ another rule ................................ BallotBoxWrongWay
    // ├─ above 4,000 rankings ........................ BallotBoxBadList
    // ├─ something is to be counted .................. BallotBoxNotCounted
    // ├─ a lot is to be drawn ........................ BallotBoxNoLot
    // ├─ decided ..................................... BallotBoxUnchanged
    // ├─ rankings in a wrong order, or not due ....... as InstantRunoff says
    // └─ else ........................................ RoundCounted for each; one caller's alone until it is decided

    function test_RevertWhen_NoRoundsAreToBeCounted() external {
        BallotTerms memory terms = _runoffTerms();
        uint32 id = open(terms);
        uint256[] memory rankings = _rankings();
        expectError(IBallotBox.BallotBoxUnknownBallot.selector, id + 1);
        box.countRounds(id + 1, terms, rankings);
        vm.expectRevert(_wrongState(id, BallotState.Open));
        box.countRounds(id, terms, rankings);
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 0, TENNESSEE);
        box.countRounds(id, terms, rankings);
        expectError(IBallotBox.BallotBoxBadList.selector, 4_001, 4_000);
        box.countRounds(id, terms, new uint256[](4_001));
        terms.revotes = true;
        expectError(IBallotBox.BallotBoxOtherTerms.selector, id, uint256(keccak256(abi.encode(terms))));
        box.countRounds(id, terms, rankings);
        vm.warp(EPOCH);
        id = open(rankedTerms(Rule.Schulze, 4));
        vm.warp(CLOSES);
        expectError(IBallotBox.BallotBoxWrongWay.selector, id);
        box.countRounds(id, rankedTerms(Rule.Schulze, 4), rankings);
    }

    function test_CountsTennessee() external {
        (uint32 id, BallotTerms memory terms) = _tennessee(TieRule.LowestNumber);
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 0, TENNESSEE);
        box.finalise(id, terms);
        _expectRound(id, relayer, 1, 2, [uint32(42), 26, 15, 17]);
        _expectRound(id, relayer, 2, 1, [uint32(42), 26, 0, 32]);
        _expectRound(id, relayer, 3, NO_OPTION, [uint32(42), 0, 0, 58]);
        vm.prank(relayer);
        box.countRounds(id, terms, _rankings());
        expectError(IBallotBox.BallotBoxUnchanged.selector);
        box.countRounds(id, terms, _rankings());
        box.finalise(id, terms);
        assertResult(id, "DABC", true, false, false, "Knoxville, Memphis, Nashville, Chattanooga");
    }

    function test_CountsInPieces() external {
        (uint32 id, BallotTerms memory terms) = _tennessee(TieRule.LowestNumber);
        uint256[] memory all = _rankings();
        box.countRounds(id, terms, list(all[0], all[1]));
        _expectRound(id, address(this), 1, 2, [uint32(42), 26, 15, 17]);
        box.countRounds(id, terms, list(all[2], all[3]));
        expectError(InstantRunoff.InstantRunoffNotDue.selector, all[0], 2);
        box.countRounds(id, terms, list(all[0]));
        _expectRound(id, address(this), 2, 1, [uint32(42), 26, 0, 32]);
        box.countRounds(id, terms, list(all[1]));
        expectError(IBallotBox.BallotBoxNotCounted.selector, id, 0, TENNESSEE);
        box.finalise(id, terms);
        _expectRound(id, address(this), 3, NO_OPTION, [uint32(42), 0, 0, 58]);
        box.countRounds(id, terms, list(all[2]));
        box.finalise(id, terms);
        assertResult(id, "DABC", true, false, false, "the same");
    }

    /// @dev Whoever shuts rankings out of a round stops itself and nobody else.
    function test_NobodyLeadsAnothersCountAstray() external {
        (uint32 id, BallotTerms memory terms) = _tennessee(TieRule.LowestNumber);
        uint256[] memory all = _rankings();
        vm.prank(stranger);
        box.countRounds(id, terms, list(all[3]));
        vm.prank(stranger);
        expectError(InstantRunoff.InstantRunoffNotAscending.selector, all[0], all[3]);
        box.countRounds(id, terms, list(all[0]));
        box.countRounds(id, terms, list(all[0], all[1]));
        vm.prank(stranger);
        expectError(InstantRunoff.InstantRunoffNotAscending.selector, all[2], all[3]);
        box.countRounds(id, terms, list(all[2]));
        box.countRounds(id, terms, list(all[2], all[3]));
        box.countRounds(id, terms, list(all[1]));
        vm.prank(relayer);
        box.countRounds(id, terms, all);
        vm.prank(stranger);
        expectError(IBallotBox.BallotBoxUnchanged.selector);
        box.countRounds(id, terms, list(all[3]));
        expectError(IBallotBox.BallotBoxUnchanged.selector);
        box.countRounds(id, terms, list(all[2]));
        box.finalise(id, terms);
        assertResult(id, "DABC", true, false, false, "the first that came to an end");
    }

    /// @dev Rankings that nobody cast weigh nothing, and one that is given twice is not counted twice.
    function test_InventedRankingsWeighNothing() external {
        (uint32 id, BallotTerms memory terms) = _tennessee(TieRule.LowestNumber);
        uint256[] memory all = _rankings();
        expectError(InstantRunoff.InstantRunoffNotAscending.selector, all[0], all[0]);
        box.countRounds(id, terms, list(all[0], all[0]));
        uint256[] memory more = new uint256[](6);
        (more[0], more[1], more[2]) = (ranking("A"), all[0], all[1]);
        (more[3], more[4], more[5]) = (ranking("ADCB"), all[2], all[3]);
        box.countRounds(id, terms, more);
        box.finalise(id, terms);
        assertResult(id, "DABC", true, false, false, "the same");
    }

    function test_TiesOfRoundsGoByLot() external {
        (uint32 id, BallotTerms memory terms) = _tie(TieRule.Lot);
        uint256[] memory all = list(ranking("A"), ranking("B"));
        expectError(IBallotBox.BallotBoxNoLot.selector, 0);
        box.countRounds(id, terms, all);
        vm.roll(1_000);
        box.drawLot(id, terms);
        expectError(IBallotBox.BallotBoxNoLot.selector, 1_008);
        box.countRounds(id, terms, all);
        vm.roll(1_009);
        bytes32 seed = _draw(id, terms, 1_008);
        bool first = keccak256(abi.encode(seed, 0)) < keccak256(abi.encode(seed, 1));
        box.countRounds(id, terms, all);
        box.finalise(id, terms);
        assertResult(id, first ? "AB" : "BA", true, first, true, "by lot");
    }

    function test_TiesOfRoundsGoByNumber() external {
        (uint32 id, BallotTerms memory terms) = _tie(TieRule.LowestNumber);
        uint32[] memory tallies = new uint32[](2);
        (tallies[0], tallies[1]) = (2, 2);
        vm.expectEmit(address(box));
        emit IBallotBox.RoundCounted(id, address(this), 1, 1, true, tallies);
        box.countRounds(id, terms, list(ranking("A"), ranking("B")));
        box.finalise(id, terms);
        assertResult(id, "AB", true, false, true, "by number");
    }

    function test_CountsNobody() external {
        BallotTerms memory terms = rankedTerms(Rule.InstantRunoff, 3);
        uint32 id = open(terms);
        vm.warp(CLOSES);
        box.countRounds(id, terms, new uint256[](0));
        box.finalise(id, terms);
        assertResult(id, "ABC", false, false, true, "nobody voted");
    }

    /// @dev Votes of accounts, a blank one and a replaced one among them.
    function test_CountsVotesOfAccounts() external {
        BallotTerms memory terms = rankedTerms(Rule.InstantRunoff, 3);
        terms.revotes = true;
        uint32 id = open(terms);
        string[5] memory papers = ["BA", "BC", "C", "", "CA"];
        for (uint32 i = 0; i < 5; ++i) recastAs(id, 0, i, 1, ranking(papers[i]), 0);
        recastAs(id, 0, 2, 2, ranking("BA"), ranking("C"));
        assertEq(box.rankingCountOf(id, ranking("C")), 0, "replaced");
        assertEq(box.rankingCountOf(id, ranking("BA")), 2, "by this");
        vm.warp(CLOSES);
        box.countRounds(id, terms, list(0, ranking("BA"), ranking("CA"), ranking("BC")));
        box.finalise(id, terms);
        assertResult(id, "BCA", true, false, false, "three of four that are not blank");
    }

    // --- internals

    function _wrongState(uint32 id, BallotState state) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(IBallotBox.BallotBoxWrongState.selector, id, state);
    }

    function _lotTerms() private pure returns (BallotTerms memory terms) {
        terms = plainTerms();
        terms.tieRule = TieRule.Lot;
    }

    function _announce(uint32 id, BallotTerms memory terms, uint256 blockNumber) private {
        vm.expectEmit(address(box));
        emit IBallotBox.LotAnnounced(id, blockNumber);
        vm.prank(stranger);
        box.drawLot(id, terms);
    }

    function _draw(uint32 id, BallotTerms memory terms, uint256 blockNumber) private returns (bytes32 seed) {
        seed = keccak256(abi.encode(blockhash(blockNumber), address(box), id));
        vm.expectEmit(address(box));
        emit IBallotBox.LotDrawn(id, seed);
        vm.prank(stranger);
        box.drawLot(id, terms);
    }

    /// @dev Three options by the hash of seed and number.
    function _orderOf(bytes32 seed) private pure returns (uint256 order) {
        for (uint256 i = 0; i < 3; ++i) {
            uint256 place = 0;
            for (uint256 j = 0; j < 3; ++j) {
                if (keccak256(abi.encode(seed, j)) < keccak256(abi.encode(seed, i))) ++place;
            }
            order |= (i + 1) << (8 * place);
        }
    }

    function _runoffTerms() private pure returns (BallotTerms memory terms) {
        terms = paperTerms(TENNESSEE);
        (terms.kind, terms.rule, terms.options, terms.limit) = (BallotKind.Ranked, Rule.InstantRunoff, 4, 4);
    }

    /// @dev Memphis, Nashville, Chattanooga and Knoxville.
    function _tennessee(TieRule tieRule) private returns (uint32 id, BallotTerms memory terms) {
        terms = _runoffTerms();
        terms.tieRule = tieRule;
        id = open(terms);
        uint256[] memory all = _rankings();
        PaperCount[] memory entries = new PaperCount[](4);
        uint32[4] memory counts = [uint32(17), 15, 26, 42];
        for (uint256 i = 0; i < 4; ++i) entries[i] = PaperCount({payload: all[i], count: counts[i]});
        record(id, 0, 0, entries);
        vm.warp(CLOSES);
    }

    /// @dev Rising.
    function _rankings() private pure returns (uint256[] memory all) {
        return list(ranking("DCBA"), ranking("CDBA"), ranking("BCDA"), ranking("ABCD"));
    }

    function _tie(TieRule tieRule) private returns (uint32 id, BallotTerms memory terms) {
        terms = rankedTerms(Rule.InstantRunoff, 2);
        terms.tieRule = tieRule;
        id = open(terms);
        for (uint32 i = 0; i < 4; ++i) castAs(id, 0, i, ranking(i < 2 ? "A" : "B"));
        vm.warp(CLOSES);
    }

    function _expectRound(
        uint32 id,
        address counter,
        uint8 round,
        uint256 eliminated,
        uint32[4] memory expected
    ) private {
        uint32[] memory tallies = new uint32[](4);
        for (uint256 i = 0; i < 4; ++i) tallies[i] = expected[i];
        vm.expectEmit(address(box));
        emit IBallotBox.RoundCounted(id, counter, round, uint8(eliminated), false, tallies);
    }
}
