// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BallotMessages} from "../../../../contracts/participation/ballots/BallotMessages.sol";
import {
    BallotKind,
    BallotState,
    BallotTerms,
    IBallotBox,
    Rule,
    SignedVote
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {RollKind} from "../../../../contracts/participation/census/ICensus.sol";
import {BallotFixture} from "./BallotFixture.sol";

/// @dev Measures calls as transactions of their own. What setUp did is cold in a test.
abstract contract BallotMeter is BallotFixture {
    uint256 private constant TRANSACTION_GAS = 21_000;
    uint256 private constant COLD_ACCOUNT_GAS = 2_600;
    uint256 private constant HASH_GAS = 200;

    /// @dev What a transaction with a call takes. Nothing of it is warm, but for the box itself.
    function send(bytes memory data) internal returns (uint256 spent) {
        address target = address(box);
        bool done;
        assembly ("memory-safe") {
            spent := gas()
            done := call(gas(), target, 0, add(data, 0x20), mload(data), 0, 0)
            spent := sub(spent, gas())
        }
        assertTrue(done, "call");
        for (uint256 i = 0; i < data.length; ++i) spent += data[i] == 0 ? 4 : 16;
        return spent + TRANSACTION_GAS - COLD_ACCOUNT_GAS;
    }

    /// @dev Coverage puts probes into the code, which no ceiling allows for; the cost of a hash says whether it did.
    function assertGas(uint256 spent, uint256 most) internal view {
        uint256 gas = gasleft();
        BallotMessages.payloadHashOf(gas);
        if (gas - gasleft() <= HASH_GAS) assertLe(spent, most, "gas");
    }
}

/// @notice What a vote costs in a census of 1,024, as a transaction of its own.
contract BallotGasTest is BallotMeter {
    uint16 private constant LARGE = 3;
    uint256 private constant MEMBERS = 1_024;
    uint256 private constant BATCH = 10;
    uint256 private constant VOTE_CEILING = 42_000;
    uint256 private constant BATCH_CEILING = 21_000;

    uint32 private id;
    /// @dev Calls, ready to be sent.
    bytes private direct;
    bytes private batch;

    function setUp() public override {
        super.setUp();
        rolls.setRoll(NAMED, rolls.termsOf(NAMED).kind, DEPTH, LARGE + 1);
        enrol(NAMED, LARGE, 1_000, 20);
        for (uint256 i = 20; i < MEMBERS; ++i) seat(NAMED, LARGE, address(uint160(uint256(keccak256(abi.encode(i))))));
        settle(NAMED, LARGE);
        BallotTerms memory terms = plainTerms();
        terms.segments = segmentsOf(LARGE);
        id = open(terms);
        // Somebody of the same group voted before.
        castAs(id, LARGE, 0, 1);
        direct = abi.encodeCall(IBallotBox.vote, (id, LARGE, 1, 2, pathOf(NAMED, LARGE, 1)));
        SignedVote[] memory votes = new SignedVote[](BATCH);
        for (uint32 i = 0; i < BATCH; ++i) votes[i] = signedVote(id, LARGE, i + 2, 1, i % 3, 0);
        batch = abi.encodeCall(IBallotBox.voteMany, (id, LARGE, votes));
    }

    // A vote: at most 42,000. Ten signed ones together: at most 21,000 each.

    function test_VoteOfAnAccount() external {
        bytes memory data = direct;
        vm.prank(accountOf(people[NAMED][LARGE][1]));
        uint256 gas = send(data);
        assertTrue(box.hasVoted(id, LARGE, 1), "voted");
        assertGas(gas, VOTE_CEILING);
    }

    function test_TenSignedVotes() external {
        bytes memory data = batch;
        uint256 gas = send(data);
        assertTrue(box.hasVoted(id, LARGE, 11), "voted");
        assertGas(gas, BATCH * BATCH_CEILING);
    }
}

/// @notice The largest ballots end within a transaction: one that could not would never have a result.
contract BallotSizeTest is BallotMeter {
    uint256 private constant MOST_GAS = 1 << 24;
    uint16 private constant MOST_SEGMENTS = 500;

    /// @dev Call that finishes each ballot.
    bytes[5] private ends;
    bytes private rounds;

    function setUp() public override {
        super.setUp();
        rolls.setRoll(NAMED, RollKind.Named, DEPTH, MOST_SEGMENTS);
        for (uint16 i = 0; i < MOST_SEGMENTS; ++i) rolls.setSegment(NAMED, i, 1, 0);
        BallotTerms memory terms = termsOf(BallotKind.Single, Rule.MostFirst, 32, 0);
        (terms.revotes, terms.segmentsBp) = (true, 10_000);
        ends[0] = _prepare(terms, MOST_SEGMENTS);
        terms = termsOf(BallotKind.Approval, Rule.MostFirst, 32, 32);
        terms.segmentsBp = 10_000;
        ends[1] = _prepare(terms, MOST_SEGMENTS);
        ends[2] = _prepare(termsOf(BallotKind.Score, Rule.MostFirst, 32, 255), MOST_SEGMENTS);
        ends[3] = _prepare(rankedTerms(Rule.Schulze, 16), 166);
        ends[4] = _prepare(rankedTerms(Rule.Schulze, 10), 416);
        terms = rankedTerms(Rule.InstantRunoff, 32);
        _prepare(terms, MOST_SEGMENTS);
        (terms.segments, terms.paperElectorate, terms.countsUntil) = (segmentsTo(MOST_SEGMENTS), 1, COUNTS);
        rounds = abi.encodeCall(IBallotBox.countRounds, (6, terms, list(1)));
    }

    function test_SingleChoiceEnds() external {
        _finish(0);
    }

    function test_ApprovalEnds() external {
        _finish(1);
    }

    function test_ScoresEnd() external {
        _finish(2);
    }

    function test_PairsOfSixteenEnd() external {
        _finish(3);
    }

    function test_PairsOfTenEnd() external {
        _finish(4);
    }

    function test_RoundsAreCounted() external {
        vm.warp(CLOSES);
        bytes memory data = rounds;
        assertGas(send(data), MOST_GAS / 4);
    }

    function _finish(uint256 which) private {
        vm.warp(CLOSES);
        bytes memory data = ends[which];
        assertGas(send(data), MOST_GAS);
        assertState(uint32(which + 1), BallotState.Final, "final");
    }

    /// @dev One paper for the first option, so that all of the quorums are looked at.
    function _prepare(BallotTerms memory terms, uint16 segments) private returns (bytes memory end) {
        vm.warp(EPOCH);
        (terms.segments, terms.paperElectorate, terms.countsUntil) = (segmentsTo(segments), 1, COUNTS);
        uint32 id = open(terms);
        record(id, 0, 0, papersOf(terms.kind == BallotKind.Single ? 0 : 1, 1));
        return abi.encodeCall(IBallotBox.finalise, (id, terms));
    }
}
