// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BallotTerms, IBallotBox, SignedVote} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {BallotFixture} from "./BallotFixture.sol";

/// @notice What a vote costs in a census of 1,024, as a transaction of its own.
contract BallotGasTest is BallotFixture {
    uint16 private constant LARGE = 3;
    uint256 private constant MEMBERS = 1_024;
    uint256 private constant BATCH = 10;
    uint256 private constant TRANSACTION_GAS = 21_000;
    uint256 private constant COLD_ACCOUNT_GAS = 2_600;
    uint256 private constant VOTE_CEILING = 42_000;
    uint256 private constant BATCH_CEILING = 21_000;

    uint32 private id;
    /// @dev Calls, ready to be sent.
    bytes private direct;
    bytes private batch;
    bytes private spread;

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
        uint256 gas = _send(data);
        assertTrue(box.hasVoted(id, LARGE, 1), "voted");
        assertLe(gas, VOTE_CEILING, "gas");
    }

    function test_TenSignedVotes() external {
        bytes memory data = batch;
        uint256 gas = _send(data);
        assertTrue(box.hasVoted(id, LARGE, 11), "voted");
        assertLe(gas, BATCH * BATCH_CEILING, "gas");
    }

    /// @dev What a transaction with a call takes. Nothing of it is warm, but for the box itself.
    function _send(bytes memory data) private returns (uint256 spent) {
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
}
