// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Roles} from "../../../../contracts/authority/Roles.sol";
import {MockBatchVerifier} from "../../../../contracts/mocks/MockBatchVerifier.sol";
import {BallotMessages} from "../../../../contracts/participation/ballots/BallotMessages.sol";
import {
    AnonymousVote,
    BallotTerms,
    Envelope,
    IBallotBox,
    Reveal,
    SealedEntry,
    SealedVote
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {ISemaphoreBatchVerifier} from "../../../../contracts/participation/proofs/ISemaphoreBatchVerifier.sol";
import {SemaphoreBatchVerifier} from "../../../../contracts/participation/proofs/SemaphoreBatchVerifier.sol";
import {RollKind} from "../../../../contracts/participation/census/ICensus.sol";
import {BallotProofFixtures as Proofs} from "../fixtures/BallotProofFixtures.sol";
import {BatchTwin} from "../proofs/BatchTwin.sol";
import {BallotTown} from "./BallotFixture.sol";

/// @notice The town with votes that nobody can tell whose they are, and envelopes.
abstract contract SecretTown is BallotTown {
    uint256 internal constant FIELD = BatchTwin.R;
    uint256 internal constant COORDINATES = BatchTwin.Q;
    uint256 internal constant SEAL_KEY = uint256(keccak256(abi.encode("seal key"))) % FIELD;

    // --- terms

    /// @dev Of the anonymous roll, four options, votes can be replaced.
    function openTerms() internal pure returns (BallotTerms memory terms) {
        terms = anonymousTerms();
        (terms.options, terms.revotes) = (4, true);
    }

    /// @dev As {openTerms}, sealed.
    function closedTerms() internal view returns (BallotTerms memory terms) {
        terms = sealedTerms(SEAL_KEY);
        (terms.options, terms.revotes) = (4, true);
    }

    // --- what proofs are about

    function scopeOf(uint256 chainId, address place, uint32 ballotId) internal pure returns (uint256 scope) {
        return uint256(keccak256(abi.encode("BALLOT_SCOPE_V1", chainId, place, uint256(ballotId))));
    }

    function messageOf(uint256 scope, uint32 sequence, bytes32 paper) internal pure returns (uint256 message) {
        return uint256(keccak256(abi.encode("BALLOT_MSG_V1", scope, uint256(sequence), paper)));
    }

    function signalOf(uint256 number) internal pure returns (uint256 signal) {
        return uint256(keccak256(abi.encode(number))) >> 8;
    }

    function paperOf(uint256 payload) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(payload));
    }

    function paperOf(Envelope memory envelope) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(envelope));
    }

    // --- envelopes

    /// @dev Seals a payload with the public key of a scalar, as a voter does.
    function sealTo(
        uint256 key,
        uint256 secret,
        uint256 payload,
        uint256 nullifier,
        uint256 scope
    ) internal view returns (Envelope memory envelope) {
        (uint256 keyX, uint256 keyY) = pointOf(key);
        (envelope.x, envelope.y) = pointOf(secret);
        (keyX, keyY) = timesPoint(keyX, keyY, secret);
        uint256 pad = uint256(keccak256(abi.encode(keyX, keyY, nullifier, scope)));
        envelope.cipher = payload ^ pad;
        envelope.check = uint64(uint256(keccak256(abi.encode(pad, payload))) >> 192);
    }

    function envelopeFor(
        uint32 ballotId,
        uint256 nullifier,
        uint256 secret,
        uint256 payload
    ) internal view returns (Envelope memory envelope) {
        return sealTo(SEAL_KEY, secret, payload, nullifier, scopeOf(block.chainid, address(box), ballotId));
    }

    function entryOf(SealedVote memory vote) internal pure returns (SealedEntry memory entry) {
        return SealedEntry({nullifier: vote.nullifier, sequence: vote.sequence, envelope: vote.envelope});
    }

    function entriesOf(SealedVote[] memory votes) internal pure returns (SealedEntry[] memory entries) {
        entries = new SealedEntry[](votes.length);
        for (uint256 i = 0; i < votes.length; ++i) entries[i] = entryOf(votes[i]);
    }

    function entriesOf(SealedVote memory vote) internal pure returns (SealedEntry[] memory entries) {
        entries = new SealedEntry[](1);
        entries[0] = entryOf(vote);
    }

    function openOne(uint32 ballotId, uint16 segment, SealedVote memory vote) internal {
        box.open(ballotId, segment, entriesOf(vote));
    }

    // --- commitments

    function revealOf(uint32 index, uint256 payload, bytes32 salt) internal pure returns (Reveal[] memory reveals) {
        reveals = new Reveal[](1);
        reveals[0] = Reveal({index: index, payload: payload, salt: salt});
    }

    // --- gas

    /// @dev Gas of a transaction: what it costs to be one, its call data, and what it does. The contract is warm, as its
    /// destination is.
    function gasOfTransaction(address target, bytes memory data) internal returns (uint256 spent) {
        IBallotBox(target).noticePeriod();
        (bool done, bytes memory result) = (false, bytes(""));
        spent = gasleft();
        (done, result) = target.call(data);
        spent -= gasleft();
        if (!done) {
            assembly ("memory-safe") {
                revert(add(result, 0x20), mload(result))
            }
        }
        spent += 21_000;
        for (uint256 i = 0; i < data.length; ++i) spent += data[i] == 0 ? 4 : 16;
    }

    /// @dev Coverage puts probes into the code, which no ceiling allows for; the cost of a hash says whether it did.
    function isProbed() internal view returns (bool probed) {
        uint256 gas = gasleft();
        BallotMessages.payloadHashOf(gas);
        return gas - gasleft() > 200;
    }
}

/// @notice The town with a verifier that takes hashes for proofs, so that votes of anybody can be made at once.
abstract contract MaskedTown is SecretTown {
    function deployVerifier() internal override returns (ISemaphoreBatchVerifier) {
        return new MockBatchVerifier(DEPTH);
    }

    /// @dev Nullifier of an anonymous person in a ballot.
    function nullifierOf(uint32 ballotId, uint256 person) internal view returns (uint256 nullifier) {
        return uint256(keccak256(abi.encode(scopeOf(block.chainid, address(box), ballotId), person))) >> 3;
    }

    /// @dev Proof that somebody below the root of a segment says something.
    function proofFor(
        uint32 ballotId,
        uint16 segment,
        uint256 nullifier,
        uint32 sequence,
        bytes32 paper
    ) internal view returns (uint256[8] memory proof) {
        uint256 scope = scopeOf(block.chainid, address(box), ballotId);
        proof[0] = MockBatchVerifier(address(verifier)).proofOf(
            anonymousRootOf(segment),
            signalOf(scope),
            nullifier,
            signalOf(messageOf(scope, sequence, paper))
        );
    }

    function maskedVote(
        uint32 ballotId,
        uint16 segment,
        uint256 person,
        uint32 sequence,
        uint256 payload,
        uint256 previous
    ) internal view returns (AnonymousVote memory vote) {
        vote.nullifier = nullifierOf(ballotId, person);
        (vote.sequence, vote.payload, vote.previous) = (sequence, payload, previous);
        vote.proof = proofFor(ballotId, segment, vote.nullifier, sequence, paperOf(payload));
    }

    function castMasked(uint32 ballotId, uint256 person, uint32 sequence, uint256 payload, uint256 previous) internal {
        box.voteAnonymously(ballotId, 0, maskedVote(ballotId, 0, person, sequence, payload, previous));
    }

    function withEnvelope(
        uint32 ballotId,
        uint16 segment,
        uint256 person,
        uint32 sequence,
        Envelope memory envelope
    ) internal view returns (SealedVote memory vote) {
        vote.nullifier = nullifierOf(ballotId, person);
        (vote.sequence, vote.envelope) = (sequence, envelope);
        vote.proof = proofFor(ballotId, segment, vote.nullifier, sequence, paperOf(envelope));
    }

    function sealedVote(
        uint32 ballotId,
        uint16 segment,
        uint256 person,
        uint32 sequence,
        uint256 payload
    ) internal view returns (SealedVote memory vote) {
        uint256 secret = uint256(keccak256(abi.encode("seal", person, sequence))) % FIELD;
        Envelope memory envelope = envelopeFor(ballotId, nullifierOf(ballotId, person), secret, payload);
        return withEnvelope(ballotId, segment, person, sequence, envelope);
    }
}

/// @notice The town with real proofs: 24 members in segment 0 of the anonymous roll, 5 in segment 1, and a box where they
/// are good.
abstract contract ProvenTown is SecretTown {
    uint256 internal constant MEMBERS = 24;
    uint256 internal constant VOTES = 20;

    function buildProvenTown() internal {
        buildTown();
        buildBox();
        assertEq(uint160(address(box)), Proofs.BOX, "address that proofs are bound to");
        rolls.setRoll(ANONYMOUS, RollKind.Anonymous, uint8(verifier.depth()), SEGMENTS);
        rolls.setSegment(ANONYMOUS, 0, Proofs.ROOT, uint32(MEMBERS));
        rolls.setSegment(ANONYMOUS, 1, Proofs.OTHER_ROOT, 5);
    }

    /// @dev A box whose address goes by who makes it and how many it made before.
    function buildBox() internal {
        vm.prank(address(uint160(Proofs.BUILDER)));
        box = deployBox(NOTICE);
        bytes4[] memory acts = new bytes4[](2);
        (acts[0], acts[1]) = (IBallotBox.publish.selector, IBallotBox.withdraw.selector);
        manager.setTargetFunctionRole(address(box), acts, Roles.BALLOT_CLERK);
    }

    function deployVerifier() internal override returns (ISemaphoreBatchVerifier) {
        return new SemaphoreBatchVerifier(20);
    }

    function nullifierAt(uint256 member) internal pure returns (uint256 nullifier) {
        return BatchTwin.word(Proofs.VOTES, member, 8);
    }

    function proofAt(bytes memory votes, uint256 vote) internal pure returns (uint256[8] memory proof) {
        for (uint256 i = 0; i < 8; ++i) proof[i] = BatchTwin.word(votes, vote, i);
    }

    /// @dev A vote of the fixtures.
    function provenVote(
        bytes memory votes,
        uint256 which,
        uint32 sequence,
        uint256 payload,
        uint256 previous
    ) internal pure returns (AnonymousVote memory vote) {
        vote.nullifier = BatchTwin.word(votes, which, 8);
        (vote.sequence, vote.payload, vote.previous) = (sequence, payload, previous);
        vote.proof = proofAt(votes, which);
    }

    /// @dev The first vote of a member.
    function firstVote(uint256 member) internal pure returns (AnonymousVote memory vote) {
        return provenVote(Proofs.VOTES, member, 1, member % 4, 0);
    }

    /// @dev First votes of members from one on.
    function firstVotes(uint256 from, uint256 count) internal pure returns (AnonymousVote[] memory votes) {
        votes = new AnonymousVote[](count);
        for (uint256 i = 0; i < count; ++i) votes[i] = firstVote(from + i);
    }

    /// @dev A sealed vote of the fixtures, by member 0 to 19.
    function provenSeal(
        bytes memory votes,
        uint256 which,
        uint256 member,
        uint32 sequence,
        uint256 payload
    ) internal view returns (SealedVote memory vote) {
        vote.nullifier = nullifierAt(member);
        vote.sequence = sequence;
        uint256 secret = uint256(keccak256(abi.encode("seal", member, uint256(sequence)))) % FIELD;
        vote.envelope = envelopeFor(1, vote.nullifier, secret, payload);
        vote.proof = proofAt(votes, which);
    }

    function firstSeal(uint256 member) internal view returns (SealedVote memory vote) {
        return provenSeal(Proofs.ENVELOPES, member, member, 1, member % 4);
    }

    function firstSeals(uint256 from, uint256 count) internal view returns (SealedVote[] memory votes) {
        votes = new SealedVote[](count);
        for (uint256 i = 0; i < count; ++i) votes[i] = firstSeal(from + i);
    }
}
