// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SemaphoreVerifier} from "@semaphore-protocol/contracts/base/SemaphoreVerifier.sol";
import {ISemaphore} from "@semaphore-protocol/contracts/interfaces/ISemaphore.sol";
import {ISemaphoreVerifier} from "@semaphore-protocol/contracts/interfaces/ISemaphoreVerifier.sol";
import {Semaphore} from "@semaphore-protocol/contracts/Semaphore.sol";
import {PoseidonT3} from "poseidon-solidity/PoseidonT3.sol";

import {
    AnonymousVote,
    BallotTerms,
    IBallotBox,
    PaperCount,
    SealedVote,
    VoteFault
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {ICensus, RollKind} from "../../../../contracts/participation/census/ICensus.sol";
import {BallotProofFixtures as Proofs} from "../fixtures/BallotProofFixtures.sol";
import {BatchTwin} from "../proofs/BatchTwin.sol";
import {ProvenTown} from "./SecretFixture.sol";

/// @notice Real proofs of Semaphore: that they count, and what somebody may try who has seen them.
contract BallotProvenTest is ProvenTown {
    /// @dev Terms of the ballot, encoded: as they are they cannot be stored.
    bytes private encoded;
    uint32 private id;

    function setUp() external {
        buildProvenTown();
    }

    // --- what proofs are about

    function test_ScopeAndMessageAreThoseOfTheProofs() external {
        _open(openTerms());
        uint256 scope = box.scopeOf(id);
        assertEq(scope, scopeOf(31_337, address(box), 1), "scope");
        for (uint256 i = 0; i < VOTES; ++i) {
            uint256 message = signalOf(messageOf(scope, 1, paperOf(i % 4)));
            assertEq(BatchTwin.word(Proofs.VOTES, i, 9), message, "message");
        }
    }

    function test_ProofsCountOneByOne() external {
        _open(openTerms());
        for (uint256 i = 0; i < 5; ++i) box.voteAnonymously(id, 0, firstVote(i));
        _assertTallies(list(2, 1, 1, 1), "tallies");
    }

    function test_ProofsCountTogether() external {
        _open(openTerms());
        assertEq(box.voteAnonymouslyMany(id, 0, firstVotes(0, VOTES)), VOTES, "accepted");
        _assertTallies(list(5, 5, 5, 5), "tallies");
        assertEq(box.pollOf(id, 0).root, Proofs.ROOT, "root");
    }

    function test_VotesAreReplacedTogether() external {
        _open(openTerms());
        box.voteAnonymouslyMany(id, 0, firstVotes(0, 3));
        AnonymousVote[] memory votes = new AnonymousVote[](4);
        votes[0] = provenVote(Proofs.REVOTES, 0, 2, 3, 0);
        votes[1] = provenVote(Proofs.REVOTES, 1, 2, 3, 1);
        votes[2] = provenVote(Proofs.THIRD, 0, 3, 2, 3);
        votes[3] = firstVote(3);
        assertEq(box.voteAnonymouslyMany(id, 0, votes), 4, "accepted");
        _assertTallies(list(0, 0, 2, 2), "tallies");
    }

    // --- attacks

    function test_NobodyVotesTwice() external {
        _open(openTerms());
        AnonymousVote memory vote = firstVote(0);
        box.voteAnonymously(id, 0, vote);
        expectError(IBallotBox.BallotBoxStaleSequence.selector, vote.nullifier, 1, 1);
        box.voteAnonymously(id, 0, vote);
        // The proof made anew from itself says the same.
        vote.proof[1] = COORDINATES - vote.proof[1];
        vote.proof[4] = COORDINATES - vote.proof[4];
        vote.proof[5] = COORDINATES - vote.proof[5];
        expectError(IBallotBox.BallotBoxStaleSequence.selector, vote.nullifier, 1, 1);
        box.voteAnonymously(id, 0, vote);
        _assertTallies(list(1, 0, 0, 0), "once");
    }

    /// @dev The same nullifier written otherwise is the same in the circuit.
    function test_NullifierHasOneForm() external {
        _open(openTerms());
        AnonymousVote memory vote = firstVote(0);
        uint256 nullifier = vote.nullifier;
        for (uint256 times = 1; times <= 4; ++times) {
            vote.nullifier = nullifier + times * FIELD;
            expectError(IBallotBox.BallotBoxNullifierOutOfField.selector, vote.nullifier);
            box.voteAnonymously(id, 0, vote);
        }
        AnonymousVote[] memory votes = firstVotes(0, 3);
        votes[1] = vote;
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRejected(id, vote.nullifier, 1, VoteFault.NullifierOutOfField);
        assertEq(box.voteAnonymouslyMany(id, 0, votes), 2, "others");
    }

    /// @dev Who sees a vote on its way can bring it, but cannot make it say something else.
    function test_NobodyVotesOtherwiseWithAProof() external {
        _open(openTerms());
        AnonymousVote memory vote = firstVote(0);
        for (uint256 payload = 1; payload < 4; ++payload) {
            vote.payload = payload;
            _assertBadProof(0, vote);
        }
        vote.payload = 0;
        vote.sequence = 2;
        _assertBadProof(0, vote);
        vote.sequence = 1;
        vote.nullifier = firstVote(1).nullifier;
        _assertBadProof(0, vote);
        vote.nullifier = firstVote(0).nullifier;
        vm.prank(stranger);
        box.voteAnonymously(id, 0, vote);
        _assertTallies(list(1, 0, 0, 0), "the voter's own choice");
    }

    function test_OlderVotesAreGoodForNothing() external {
        _open(openTerms());
        box.voteAnonymously(id, 0, firstVote(0));
        box.voteAnonymously(id, 0, provenVote(Proofs.REVOTES, 0, 2, 3, 0));
        AnonymousVote memory vote = firstVote(0);
        vote.previous = 3;
        expectError(IBallotBox.BallotBoxStaleSequence.selector, vote.nullifier, 1, 2);
        box.voteAnonymously(id, 0, vote);
        box.voteAnonymously(id, 0, provenVote(Proofs.THIRD, 0, 3, 2, 3));
        vote = provenVote(Proofs.REVOTES, 0, 2, 3, 2);
        expectError(IBallotBox.BallotBoxStaleSequence.selector, vote.nullifier, 2, 3);
        box.voteAnonymously(id, 0, vote);
        _assertTallies(list(0, 0, 1, 0), "the latest");
    }

    function test_ProofsAreGoodForOneBallot() external {
        BallotTerms memory terms = openTerms();
        encoded = abi.encode(terms);
        id = publish(terms);
        uint32 other = publish(terms);
        vm.warp(OPENS);
        box.freeze(id, terms, 1);
        box.freeze(other, terms, 1);
        AnonymousVote memory vote = provenVote(Proofs.OTHER_BALLOT, 0, 1, 1, 0);
        _assertBadProof(0, vote);
        box.voteAnonymously(other, 0, vote);
        vote = firstVote(1);
        expectError(IBallotBox.BallotBoxBadProof.selector, vote.nullifier);
        box.voteAnonymously(other, 0, vote);
        box.voteAnonymously(id, 0, vote);
    }

    function test_ProofsAreGoodForOneBox() external {
        AnonymousVote memory vote = provenVote(Proofs.OTHER_BOX, 0, 1, 1, 0);
        _open(openTerms());
        _assertBadProof(0, vote);
        vm.warp(EPOCH);
        buildBox();
        _open(openTerms());
        _assertBadProof(0, firstVote(0));
        box.voteAnonymously(id, 0, vote);
        _assertTallies(list(0, 1, 0, 0), "in its own");
    }

    /// @dev A chain that splits off after the census takes no proof at all.
    function test_ProofsAreGoodForOneChain() external {
        AnonymousVote memory vote = provenVote(Proofs.OTHER_CHAIN, 0, 1, 1, 0);
        _open(openTerms());
        _assertBadProof(0, vote);
        vm.chainId(31_338);
        _assertBadProof(0, vote);
        _assertBadProof(0, firstVote(0));
    }

    function test_ProofsOfAnotherChainAreGoodThere() external {
        vm.chainId(31_338);
        _open(openTerms());
        _assertBadProof(0, firstVote(0));
        box.voteAnonymously(id, 0, provenVote(Proofs.OTHER_CHAIN, 0, 1, 1, 0));
        _assertTallies(list(0, 1, 0, 0), "in its own");
    }

    /// @dev The census is that of the freeze: who joined later has no vote, and the roll's growth spoils nobody's.
    function test_RootIsFrozen() external {
        _open(openTerms());
        rolls.setSegment(ANONYMOUS, 0, Proofs.JOINED_ROOT, uint32(MEMBERS) + 1);
        _assertBadProof(0, provenVote(Proofs.LATECOMER, 0, 1, 1, 0));
        _assertBadProof(0, provenVote(Proofs.JOINED, 0, 1, 1, 0));
        box.voteAnonymously(id, 0, firstVote(0));
        _assertTallies(list(1, 0, 0, 0), "by the older root");
    }

    /// @dev Nothing shows what a leaf is. Somebody registers the root of a tree of two keys, and proves a vote with each: on the
    /// root as the census has it both are good, but no way is left from below a leaf to the one that the ballot has.
    function test_RootOfATreeIsNoTwoMembers() external {
        ICensus census = ICensus(address(rolls));
        uint8 depth = 5;
        uint256 levels = verifier.depth();
        rolls.setRoll(ANONYMOUS, RollKind.Anonymous, depth, SEGMENTS);
        rolls.setSegment(ANONYMOUS, 0, Proofs.INFESTED_ROOT, uint32(MEMBERS) + 1);
        uint256 raised = Proofs.INFESTED_ROOT;
        for (uint256 level = depth; level < levels; ++level) raised = PoseidonT3.hash([raised, 0]);
        vm.mockCall(
            address(rolls),
            abi.encodeCall(census.raisedRoot, (Proofs.INFESTED_ROOT, depth, levels)),
            abi.encode(raised)
        );
        _open(openTerms());
        assertEq(box.pollOf(id, 0).root, raised, "root");
        uint256 scope = signalOf(box.scopeOf(id));
        (uint256 x, uint256 y) = verifier.prepare(Proofs.INFESTED_ROOT, scope);
        assertEq(verifier.verifyEach(x, y, Proofs.HEADS), 3, "on the root of the census");
        (x, y) = verifier.prepare(raised, scope);
        assertEq(verifier.verifyEach(x, y, Proofs.HEADS), 0, "on the root of the ballot");
        _assertBadProof(0, provenVote(Proofs.HEADS, 0, 1, 1, 0));
        _assertBadProof(0, provenVote(Proofs.HEADS, 1, 1, 1, 0));
        box.voteAnonymously(id, 0, provenVote(Proofs.INFESTED, 0, 1, 1, 0));
        _assertTallies(list(0, 1, 0, 0), "the member's own");
    }

    /// @dev Semaphore's contract takes any proof from anybody, and its nullifier is spent there. Here it is not.
    function test_NullifiersCannotBeBurntInSemaphore() external {
        _open(openTerms());
        Semaphore semaphore = new Semaphore(ISemaphoreVerifier(address(new SemaphoreVerifier())));
        uint256 group = semaphore.createGroup();
        // Of a group with one member, that is the root.
        semaphore.addMember(group, Proofs.ROOT);
        assertEq(semaphore.getMerkleTreeRoot(group), Proofs.ROOT, "same members");
        AnonymousVote memory vote = firstVote(0);
        uint256 scope = box.scopeOf(id);
        ISemaphore.SemaphoreProof memory proof = ISemaphore.SemaphoreProof({
            merkleTreeDepth: 20,
            merkleTreeRoot: Proofs.ROOT,
            nullifier: vote.nullifier,
            message: messageOf(scope, 1, paperOf(0)),
            scope: scope,
            points: vote.proof
        });
        vm.prank(stranger);
        semaphore.validateProof(group, proof);
        vm.expectRevert(ISemaphore.Semaphore__YouAreUsingTheSameNullifierTwice.selector);
        semaphore.validateProof(group, proof);
        box.voteAnonymously(id, 0, vote);
        _assertTallies(list(1, 0, 0, 0), "counted all the same");
    }

    function test_RevertWhen_ProofIsGoodAndVoteIsNot() external {
        _open(openTerms());
        expectError(IBallotBox.BallotBoxBadPayload.selector, 4);
        box.voteAnonymously(id, 0, provenVote(Proofs.BAD_PAYLOAD, 0, 1, 4, 0));
        AnonymousVote memory vote = provenVote(Proofs.SEQUENCE_0, 0, 0, 0, 0);
        expectError(IBallotBox.BallotBoxStaleSequence.selector, vote.nullifier, 0, 0);
        box.voteAnonymously(id, 0, vote);
    }

    /// @dev A wrong vote in each place of a batch, by each word of its proof and more.
    function test_WrongVotesHoldUpNoOthers() external {
        _open(openTerms());
        for (uint256 place = 0; place < 4; ++place) {
            uint256 snapshot = vm.snapshotState();
            AnonymousVote[] memory votes = firstVotes(0, 4);
            votes[place].proof[(place * 3) % 8] ^= 1;
            vm.expectEmit(address(box));
            emit IBallotBox.VoteRejected(id, votes[place].nullifier, 1, VoteFault.BadProof);
            assertEq(box.voteAnonymouslyMany(id, 0, votes), 3, "others");
            uint256[] memory expected = list(1, 1, 1, 1);
            --expected[place];
            _assertTallies(expected, "others");
            vm.revertToState(snapshot);
        }
    }

    /// @dev Proofs of votes that are out for another reason are not looked at, and the others keep theirs.
    function test_FaultsBeforeTheProofsKeepThePlaces() external {
        _open(openTerms());
        box.voteAnonymously(id, 0, firstVote(0));
        AnonymousVote[] memory votes = new AnonymousVote[](6);
        votes[0] = firstVote(0);
        votes[1] = firstVote(1);
        votes[2] = firstVote(2);
        votes[2].nullifier += FIELD;
        votes[3] = firstVote(3);
        votes[3].payload = 0;
        votes[4] = provenVote(Proofs.BAD_PAYLOAD, 0, 1, 4, 0);
        votes[5] = firstVote(5);
        VoteFault[6] memory faults = [
            VoteFault.StaleSequence,
            VoteFault.None,
            VoteFault.NullifierOutOfField,
            VoteFault.BadProof,
            VoteFault.BadPayload,
            VoteFault.None
        ];
        for (uint256 i = 0; i < 6; ++i) {
            vm.expectEmit(address(box));
            if (faults[i] != VoteFault.None) emit IBallotBox.VoteRejected(id, votes[i].nullifier, 1, faults[i]);
            else emit IBallotBox.VoteRecorded(id, votes[i].nullifier, uint256(1) << 224, votes[i].payload);
        }
        assertEq(box.voteAnonymouslyMany(id, 0, votes), 2, "accepted");
        _assertTallies(list(1, 2, 0, 0), "tallies");
    }

    /// @dev Attack: one commitment in two segments, see {BallotAnonymousTest}. The proof for the other segment is good.
    function test_OneCommitmentInTwoSegmentsIsOneVote() external {
        _openBoth(openTerms());
        box.voteAnonymously(id, 0, firstVote(0));
        AnonymousVote memory vote = provenVote(Proofs.ELSEWHERE, 0, 2, 2, 0);
        assertEq(vote.nullifier, firstVote(0).nullifier, "same nullifier");
        expectError(IBallotBox.BallotBoxStaleSequence.selector, vote.nullifier, 2, 1);
        box.voteAnonymously(id, 1, vote);
        _assertBadProof(0, vote);
        assertEq(box.talliesOf(id, _terms(), 1), list(0, 0, 0, 0), "nothing there");
        _assertTallies(list(1, 0, 0, 0), "the first vote");
    }

    function test_OneCommitmentInTwoSegmentsIsOneEnvelope() external {
        _openBoth(closedTerms());
        box.voteSealed(id, 0, firstSeal(1));
        box.voteSealed(id, 0, firstSeal(0));
        SealedVote memory vote = provenSeal(Proofs.SEALED_ELSEWHERE, 0, 0, 2, 3);
        expectError(IBallotBox.BallotBoxStaleSequence.selector, vote.nullifier, 2, 1);
        box.voteSealed(id, 1, vote);
        assertEq(box.pollOf(id, 1).sealedVotes, 0, "nothing there");
        vm.warp(CLOSES);
        box.releaseKey(id, _terms(), SEAL_KEY);
        openOne(id, 0, firstSeal(1));
        openOne(id, 0, firstSeal(0));
        _assertTallies(list(1, 1, 0, 0), "both open");
        vm.warp(COUNTS);
        box.finalise(id, _terms());
    }

    function _openBoth(BallotTerms memory both) private {
        both.segments = segmentsTo(2);
        _open(both);
    }

    // --- sealed

    function test_SealedProofsCount() external {
        _open(closedTerms());
        box.voteSealed(id, 0, firstSeal(0));
        SealedVote[] memory votes = firstSeals(1, VOTES - 1);
        assertEq(box.voteSealedMany(id, 0, votes), VOTES - 1, "accepted");
        SealedVote memory again = provenSeal(Proofs.RESEALED, 0, 0, 2, 3);
        box.voteSealed(id, 0, again);
        vm.warp(CLOSES);
        box.releaseKey(id, _terms(), SEAL_KEY);
        box.open(id, 0, entriesOf(votes));
        openOne(id, 0, again);
        _assertTallies(list(4, 5, 5, 6), "tallies");
    }

    function test_NobodyChangesAnEnvelope() external {
        _open(closedTerms());
        SealedVote memory vote = firstSeal(0);
        SealedVote memory other = firstSeal(1);
        vote.envelope = other.envelope;
        _assertBadSeal(vote);
        vote = firstSeal(0);
        vote.envelope.cipher ^= 1;
        _assertBadSeal(vote);
        vote.envelope.cipher ^= 1;
        vote.envelope.check ^= 1;
        _assertBadSeal(vote);
        vote.envelope.check ^= 1;
        vote.envelope.y = COORDINATES - vote.envelope.y;
        _assertBadSeal(vote);
        vote = firstSeal(0);
        vote.sequence = 2;
        _assertBadSeal(vote);
        SealedVote[] memory votes = firstSeals(0, 4);
        votes[2].envelope.x ^= 1;
        vm.expectEmit(address(box));
        emit IBallotBox.VoteRejected(id, votes[2].nullifier, 1, VoteFault.BadProof);
        assertEq(box.voteSealedMany(id, 0, votes), 3, "others");
    }

    // --- internals

    function _open(BallotTerms memory opened) private {
        encoded = abi.encode(opened);
        id = open(opened);
    }

    function _terms() private view returns (BallotTerms memory terms) {
        return abi.decode(encoded, (BallotTerms));
    }

    function _assertBadProof(uint16 segment, AnonymousVote memory vote) private {
        expectError(IBallotBox.BallotBoxBadProof.selector, vote.nullifier);
        box.voteAnonymously(id, segment, vote);
    }

    function _assertBadSeal(SealedVote memory vote) private {
        expectError(IBallotBox.BallotBoxBadProof.selector, vote.nullifier);
        box.voteSealed(id, 0, vote);
    }

    function _assertTallies(uint256[] memory expected, string memory reason) private view {
        assertEq(box.talliesOf(id, _terms(), 0), expected, reason);
    }
}

/// @notice What votes with real proofs cost as transactions, when there was a paper for each option before.
contract BallotProvenGasTest is ProvenTown {
    uint256 private constant ONE_GAS = 285_000;
    uint256 private constant TEN_GAS = 105_000;
    uint256 private constant TWENTY_GAS = 92_000;
    /// @dev Writing a word anew that was zero, and not one that was not.
    uint256 private constant FRESH_GAS = 17_100;

    function setUp() external {
        buildProvenTown();
        BallotTerms memory terms = openTerms();
        (terms.paperElectorate, terms.countsUntil) = (4, COUNTS);
        uint32 id = open(terms);
        PaperCount[] memory papers = new PaperCount[](4);
        for (uint256 option = 0; option < 4; ++option) papers[option] = PaperCount({payload: option, count: 1});
        record(id, 0, 0, papers);
    }

    function test_GasOfOne() external {
        _assertGas(abi.encodeCall(box.voteAnonymously, (1, 0, firstVote(0))), 1, ONE_GAS);
    }

    function test_GasOfAnother() external {
        box.voteAnonymously(1, 0, firstVote(0));
        AnonymousVote memory vote = provenVote(Proofs.REVOTES, 0, 2, 3, 0);
        _assertGas(abi.encodeCall(box.voteAnonymously, (1, 0, vote)), 1, ONE_GAS - FRESH_GAS);
    }

    function test_GasOfTen() external {
        _assertGas(abi.encodeCall(box.voteAnonymouslyMany, (1, 0, firstVotes(0, 10))), 10, TEN_GAS);
    }

    function test_GasOfTwenty() external {
        _assertGas(abi.encodeCall(box.voteAnonymouslyMany, (1, 0, firstVotes(0, 20))), 20, TWENTY_GAS);
    }

    function _assertGas(bytes memory data, uint256 votes, uint256 most) private {
        uint256 spent = gasOfTransaction(address(box), data) / votes;
        if (!isProbed()) assertLe(spent, most, "gas of a vote");
    }
}

/// @notice The same for sealed votes, the first in their segment.
contract SealedProvenGasTest is ProvenTown {
    uint256 private constant ONE_GAS = 295_000;
    uint256 private constant TWENTY_GAS = 102_000;

    function setUp() external {
        buildProvenTown();
        open(closedTerms());
    }

    function test_GasOfOne() external {
        _assertGas(abi.encodeCall(box.voteSealed, (1, 0, firstSeal(0))), 1, ONE_GAS);
    }

    function test_GasOfTwenty() external {
        _assertGas(abi.encodeCall(box.voteSealedMany, (1, 0, firstSeals(0, 20))), 20, TWENTY_GAS);
    }

    function _assertGas(bytes memory data, uint256 votes, uint256 most) private {
        uint256 spent = gasOfTransaction(address(box), data) / votes;
        if (!isProbed()) assertLe(spent, most, "gas of a sealed vote");
    }
}
