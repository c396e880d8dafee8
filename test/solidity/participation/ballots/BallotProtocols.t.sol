// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {Standing} from "../../../../contracts/identity/ICredentials.sol";
import {
    BallotKind,
    BallotState,
    BallotTerms,
    BallotView,
    IBallotBox,
    PaperCount,
    PaperProtocol,
    Rule
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {BallotFixture} from "./BallotFixture.sol";

/// @dev Votes on paper.
contract BallotProtocolsTest is BallotFixture {
    uint256 private constant KEY = 5;

    // recordProtocol
    // ├─ officer without current credential .......... BallotBoxNotOfficer
    // ├─ not from its owner, and not signed by it .... SignedInvalidSignature, SignedExpired, SignedNonceUsed
    // ├─ unknown ballot .............................. BallotBoxUnknownBallot
    // ├─ before the opening, or ended ................ BallotBoxWrongState
    // ├─ sealed, before the close .................... BallotBoxWrongState
    // ├─ after the count ............................. BallotBoxTooLate
    // ├─ above 500 entries ........................... BallotBoxBadList
    // ├─ segment that does not vote .................. BallotBoxUnknownSegment
    // ├─ a payload that there is not ................. BallotBoxBadPayload
    // ├─ more than who vote on paper ................. BallotBoxTooManyPapers
    // ├─ no papers ................................... BallotBoxUnchanged
    // └─ else ........................................ counted, ProtocolRecorded

    function test_RevertWhen_NoOfficer() external {
        uint32 id = open(paperTerms(9));
        PaperProtocol memory protocol = protocolOf(id, 0, 0, 0);
        Signature memory none;
        protocol.officer = stranger;
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IBallotBox.BallotBoxNotOfficer.selector, stranger));
        box.recordProtocol(protocol, papersOf(0, 1), none);
        registry.set(OFFICER, officer, Standing.Revoked);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(IBallotBox.BallotBoxNotOfficer.selector, officer));
        box.recordProtocol(protocolOf(id, 0, 0, 0), papersOf(0, 1), none);
    }

    function test_RevertWhen_SignatureIsOfSomethingElse() external {
        uint32 id = open(paperTerms(9));
        PaperProtocol memory protocol = protocolOf(id, 0, 1, 4);
        PaperCount[] memory entries = papersOf(0, 1);
        Signature memory signature = _sign(protocol, entries);
        _refuseSignature(protocol, papersOf(1, 1), signature);
        _refuseSignature(protocol, papersOf(0, 2), signature);
        protocol.spoilt = 2;
        _refuseSignature(protocol, entries, signature);
        (protocol.spoilt, protocol.segment) = (1, 1);
        _refuseSignature(protocol, entries, signature);
        (protocol.segment, protocol.ballotId) = (0, id + 1);
        _refuseSignature(protocol, entries, signature);
        (protocol.ballotId, protocol.documentHash) = (id, 0);
        _refuseSignature(protocol, entries, signature);
        (protocol.documentHash, protocol.nonce) = (DOCUMENT, 5);
        _refuseSignature(protocol, entries, signature);
        (protocol.nonce, protocol.deadline) = (4, CLOSES);
        _refuseSignature(protocol, entries, signature);
        protocol.deadline = type(uint256).max;
        _refuseSignature(protocol, entries, signTyped(strangerKey, domain(), hashOf(protocol, entries, officer)));
        vm.chainId(block.chainid + 1);
        _refuseSignature(protocol, entries, signature);
        vm.chainId(block.chainid - 1);
        box.recordProtocol(protocol, entries, signature);
    }

    /// @dev The owner of an identity acts for it, and who was its owner does not.
    function test_RevertWhen_TheOwnerIsAnother() external {
        uint32 id = open(paperTerms(9));
        vm.prank(officer);
        ids.changeOwner(officer, stranger);
        PaperProtocol memory protocol = protocolOf(id, 0, 0, 0);
        PaperCount[] memory entries = papersOf(0, 1);
        bytes32 structHash = hashOf(protocol, entries, stranger);
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, stranger, digestOf(structHash))
        );
        box.recordProtocol(protocol, entries, signTyped(officerKey, domain(), structHash));
        box.recordProtocol(protocol, entries, signTyped(strangerKey, domain(), structHash));
        assertEq(box.ballotOf(id, segmentsOf(0)).cast, 1, "counted");
    }

    function test_RevertWhen_BroughtAgain() external {
        uint32 id = open(paperTerms(9));
        PaperProtocol memory protocol = protocolOf(id, 0, 0, 4);
        PaperCount[] memory entries = papersOf(0, 1);
        Signature memory signature = _sign(protocol, entries);
        box.recordProtocol(protocol, entries, signature);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, officer, 4));
        box.recordProtocol(protocol, entries, signature);
        (protocol.nonce, protocol.deadline) = (5, block.timestamp - 1);
        signature = _sign(protocol, entries);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, block.timestamp - 1, block.timestamp));
        box.recordProtocol(protocol, entries, signature);
    }

    /// @dev An officer can take back what it signed before somebody brings it.
    function test_RevertWhen_NonceIsVoid() external {
        uint32 id = open(paperTerms(9));
        PaperProtocol memory protocol = protocolOf(id, 0, 0, 256);
        PaperCount[] memory entries = papersOf(0, 1);
        Signature memory signature = _sign(protocol, entries);
        vm.prank(officer);
        ISigned(address(box)).voidNonces(1, 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, officer, 256));
        box.recordProtocol(protocol, entries, signature);
    }

    function test_RevertWhen_NotInItsTime() external {
        BallotTerms memory terms = paperTerms(9);
        uint32 id = publish(terms);
        expectError(IBallotBox.BallotBoxUnknownBallot.selector, id + 1);
        this.recordOutside(id + 1, 0, 0, papersOf(0, 1));
        _refuseState(id, BallotState.Published);
        vm.warp(FREEZES + 1);
        box.freeze(id, terms, 1);
        vm.warp(OPENS - 1);
        _refuseState(id, BallotState.Frozen);
        vm.warp(OPENS);
        record(id, 0, 0, papersOf(0, 1));
        vm.warp(COUNTS);
        record(id, 0, 0, papersOf(0, 1));
        vm.warp(COUNTS + 1);
        expectError(IBallotBox.BallotBoxTooLate.selector, COUNTS, COUNTS + 1);
        this.recordOutside(id, 0, 0, papersOf(0, 1));
        addUpAll(id, terms);
        box.finalise(id, terms);
        _refuseState(id, BallotState.Final);
    }

    /// @dev What is counted on paper would say how the others go.
    function test_RevertWhen_SealedAndStillOpen() external {
        BallotTerms memory terms = sealedTerms(KEY);
        terms.paperElectorate = 9;
        uint32 id = open(terms);
        _refuseState(id, BallotState.Open);
        vm.warp(CLOSES);
        record(id, 0, 0, papersOf(2, 4));
        assertEq(box.talliesOf(id, terms, 0), list(0, 0, 4), "counted");
        assertEq(box.pollOf(id, 0).cast, 4, "cast");
    }

    function test_RevertWhen_EntriesAreTooMany() external {
        uint32 id = open(paperTerms(501));
        PaperCount[] memory entries = new PaperCount[](501);
        expectError(IBallotBox.BallotBoxBadList.selector, 501, 500);
        this.recordOutside(id, 0, 1, entries);
        entries = new PaperCount[](500);
        for (uint256 i = 0; i < 500; ++i) entries[i] = PaperCount({payload: i % 3, count: 1});
        record(id, 0, 0, entries);
        assertEq(box.talliesOf(id, paperTerms(501), 0), list(167, 167, 166), "counted");
    }

    function test_RevertWhen_SegmentDoesNotVote() external {
        uint32 id = open(paperTerms(9));
        expectError(IBallotBox.BallotBoxUnknownSegment.selector, id, 1);
        this.recordOutside(id, 1, 0, papersOf(0, 1));
    }

    function test_RevertWhen_PayloadIsNone() external {
        uint32 id = open(paperTerms(9));
        expectError(IBallotBox.BallotBoxBadPayload.selector, 3);
        this.recordOutside(id, 0, 0, papersOf(0, 1, 3, 1));
    }

    function test_RevertWhen_PapersAreTooMany() external {
        uint32 id = open(paperTerms(9));
        expectError(IBallotBox.BallotBoxTooManyPapers.selector, 10, 9);
        this.recordOutside(id, 0, 0, papersOf(0, 4, 1, 6));
        // As many as 32 bits hold, twice, do not come around.
        expectError(IBallotBox.BallotBoxTooManyPapers.selector, type(uint32).max, 9);
        this.recordOutside(id, 0, 0, papersOf(0, type(uint32).max, 0, type(uint32).max));
        expectError(IBallotBox.BallotBoxTooManyPapers.selector, 10, 9);
        this.recordOutside(id, 0, 5, papersOf(0, 5));
        expectError(IBallotBox.BallotBoxTooManyPapers.selector, uint256(type(uint32).max) + 9, 9);
        this.recordOutside(id, 0, type(uint32).max, papersOf(0, 9));
        record(id, 0, 2, papersOf(0, 5));
        expectError(IBallotBox.BallotBoxTooManyPapers.selector, 10, 9);
        this.recordOutside(id, 0, 1, papersOf(0, 2));
        record(id, 0, 1, papersOf(0, 1));
        expectError(IBallotBox.BallotBoxTooManyPapers.selector, 10, 9);
        this.recordOutside(id, 0, 1, new PaperCount[](0));
    }

    function test_RevertWhen_NobodyVotesOnPaper() external {
        uint32 id = open(plainTerms());
        expectError(IBallotBox.BallotBoxTooManyPapers.selector, 1, 0);
        this.recordOutside(id, 0, 0, papersOf(0, 1));
    }

    function test_RevertWhen_NothingIsOnPaper() external {
        uint32 id = open(paperTerms(9));
        expectError(IBallotBox.BallotBoxUnchanged.selector);
        this.recordOutside(id, 0, 0, new PaperCount[](0));
        expectError(IBallotBox.BallotBoxUnchanged.selector);
        this.recordOutside(id, 0, 0, papersOf(1, 0));
    }

    function test_CountsWhatWasSigned() external {
        BallotTerms memory terms = paperTerms(9);
        terms.segments = segmentsTo(2);
        uint32 id = open(terms);
        PaperProtocol memory protocol = protocolOf(id, 1, 2, 4);
        PaperCount[] memory entries = papersOf(2, 3, 0, 1);
        Signature memory signature = _sign(protocol, entries);
        vm.expectEmit(address(box));
        emit IBallotBox.ProtocolRecorded(id, 1, officer, 4, 2, DOCUMENT, entries);
        vm.prank(relayer);
        box.recordProtocol(protocol, entries, signature);
        assertEq(box.talliesOf(id, terms, 1), list(1, 0, 3), "tallies");
        assertEq(box.talliesOf(id, terms, 0), list(0, 0, 0), "the other segment's");
        BallotView memory ballot = box.ballotOf(id, segmentsTo(2));
        assertEq(ballot.cast, 6, "cast");
        assertEq(ballot.spoilt, 2, "spoilt");
        assertEq(ballot.onPaper, 6, "on paper");
        assertEq(box.pollOf(id, 1).cast, 4, "cast in the segment");
        assertEq(box.pollOf(id, 1).chain, 0, "no votes here");
    }

    /// @dev Beside votes here, before and after they are added up.
    function test_CountsBesideVotes() external {
        BallotTerms memory terms = paperTerms(9);
        uint32 id = open(terms);
        record(id, 0, 0, papersOf(2, 3));
        castAs(id, 0, 0, 2);
        vm.warp(CLOSES);
        record(id, 0, 1, papersOf(1, 1));
        assertEq(box.addUp(id, 0, 1), 0, "added up");
        record(id, 0, 0, papersOf(1, 1));
        assertEq(box.talliesOf(id, terms, 0), list(0, 2, 4), "tallies");
        assertEq(box.ballotOf(id, segmentsOf(0)).cast, 7, "cast");
        assertEq(box.pollOf(id, 0).cast, 6, "not the spoilt one");
    }

    /// @dev Equal papers of each kind weigh as many as they are.
    function test_CountsEveryKind() external {
        _countEqual(termsOf(BallotKind.Single, Rule.MostFirst, 6, 0), 5, 6);
        _countEqual(termsOf(BallotKind.Approval, Rule.MostFirst, 3, 3), 6, 3);
        _countEqual(termsOf(BallotKind.Score, Rule.MostFirst, 3, 9), 0x090005, 3);
        _countEqual(termsOf(BallotKind.Quadratic, Rule.MostFirst, 3, 25), 0x040003, 3);
        _countEqual(termsOf(BallotKind.Points, Rule.MostFirst, 3, 900), (uint256(500) << 32) | 400, 3);
        _countEqual(rankedTerms(Rule.Schulze, 3), ranking("CA"), 9);
        uint32 id = _countEqual(rankedTerms(Rule.InstantRunoff, 3), ranking("CA"), 0);
        assertEq(box.rankingCountOf(id, ranking("CA")), 40_000_000, "rankings");
        BallotTerms memory terms = plainTerms();
        terms.revotes = true;
        id = _countEqual(terms, 2, 3);
        recastAs(id, 0, 0, 1, 2, 0);
        recastAs(id, 0, 0, 2, 1, 2);
        assertEq(box.talliesOf(id, _paper(terms), 0), list(0, 1, 40_000_000), "beside replacements");
    }

    /// @dev As many as there can be, and all voters beside.
    function test_LanesHoldAllPapers() external {
        uint32 papers = type(uint32).max - PEOPLE;
        BallotTerms memory terms = paperTerms(papers);
        (terms.kind, terms.options, terms.limit) = (BallotKind.Score, 5, 255);
        uint32 id = open(terms);
        record(id, 0, 0, papersOf(0xffffffffff, papers));
        for (uint32 i = 0; i < PEOPLE; ++i) castAs(id, 0, i, 0xffffffffff);
        uint256[] memory tallies = box.talliesOf(id, terms, 0);
        for (uint256 i = 0; i < 5; ++i) assertEq(tallies[i], 255 * uint256(type(uint32).max), "full");
        assertEq(box.ballotOf(id, segmentsOf(0)).cast, type(uint32).max, "cast");
        vm.warp(EPOCH);
        terms = paperTerms(papers);
        id = open(terms);
        record(id, 0, 0, papersOf(2, papers));
        for (uint32 i = 0; i < PEOPLE; ++i) castAs(id, 0, i, 2);
        close(id, terms);
        assertEq(box.talliesOf(id, terms, 0), list(0, 0, type(uint32).max), "full of one mind");
        box.finalise(id, terms);
        assertResult(id, "CAB", true, false, false, "one mind");
    }

    // --- internals

    function recordOutside(uint32 id, uint16 segment, uint32 spoilt, PaperCount[] memory entries) external {
        record(id, segment, spoilt, entries);
    }

    function _paper(BallotTerms memory terms) private pure returns (BallotTerms memory changed) {
        (terms.paperElectorate, terms.countsUntil) = (40_000_000, COUNTS);
        return terms;
    }

    function _countEqual(BallotTerms memory terms, uint256 payload, uint256 length) private returns (uint32 id) {
        vm.warp(EPOCH);
        id = open(_paper(terms));
        record(id, 0, 0, papersOf(payload, 1));
        uint256[] memory one = box.talliesOf(id, terms, 0);
        assertEq(one.length, length, "tallies");
        uint256 sum = 0;
        for (uint256 i = 0; i < length; ++i) sum += one[i];
        assertTrue(sum != 0 || length == 0, "one paper counts");
        record(id, 0, 0, papersOf(payload, 39_999_999));
        uint256[] memory all = box.talliesOf(id, terms, 0);
        for (uint256 i = 0; i < length; ++i) assertEq(all[i], one[i] * 40_000_000, "as many as they are");
        assertEq(box.pollOf(id, 0).cast, 40_000_000, "cast");
    }

    function _sign(PaperProtocol memory protocol, PaperCount[] memory entries) private view returns (Signature memory) {
        return signTyped(officerKey, domain(), hashOf(protocol, entries, officer));
    }

    function _refuseSignature(
        PaperProtocol memory protocol,
        PaperCount[] memory entries,
        Signature memory signature
    ) private {
        bytes32 digest = digestOf(hashOf(protocol, entries, officer));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, officer, digest));
        box.recordProtocol(protocol, entries, signature);
    }

    function _refuseState(uint32 id, BallotState state) private {
        vm.expectRevert(abi.encodeWithSelector(IBallotBox.BallotBoxWrongState.selector, id, state));
        this.recordOutside(id, 0, 0, papersOf(0, 1));
    }
}
