// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SemaphoreVerifier} from "@semaphore-protocol/contracts/base/SemaphoreVerifier.sol";

import {SemaphoreBatchVerifier} from "../../../../contracts/participation/proofs/SemaphoreBatchVerifier.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {ProofFixtures} from "../fixtures/ProofFixtures.sol";
import {BatchTwin} from "./BatchTwin.sol";

/// @notice A ballot with proofs of twenty members, our verifier and the one of the package.
abstract contract ProofTest is CivitasTest {
    uint256 internal constant DEPTH = 20;
    uint256 internal constant VOTES = 20;
    uint256 internal constant VOTE_BYTES = 320;
    uint256 internal constant R = BatchTwin.R;
    uint256 internal constant Q = BatchTwin.Q;

    /// @dev Numbers of words in a vote.
    uint256 internal constant A = 0;
    uint256 internal constant B = 2;
    uint256 internal constant C = 6;
    uint256 internal constant NULLIFIER = 8;
    uint256 internal constant MESSAGE = 9;

    SemaphoreBatchVerifier internal immutable verifier = new SemaphoreBatchVerifier(DEPTH);
    SemaphoreVerifier internal immutable package = new SemaphoreVerifier();
    uint256 internal immutable baseX;
    uint256 internal immutable baseY;

    constructor() {
        (baseX, baseY) = verifier.prepare(ProofFixtures.ROOT, ProofFixtures.SCOPE);
    }

    function holds(bytes memory votes) internal view returns (bool valid) {
        return verifier.verifyBatch(baseX, baseY, votes);
    }

    function each(bytes memory votes) internal view returns (uint256 valid) {
        return verifier.verifyEach(baseX, baseY, votes);
    }

    /// @dev Whether a vote holds for another root and scope.
    function holdsFor(uint256 root, uint256 scope, bytes memory vote) internal view returns (bool valid) {
        (uint256 x, uint256 y) = verifier.prepare(root, scope);
        return verifier.verifyBatch(x, y, vote);
    }

    /// @dev What the package's verifier says to a vote.
    function packageHolds(bytes memory votes, uint256 vote) internal view returns (bool valid) {
        uint256[10] memory w;
        for (uint256 i = 0; i < w.length; ++i) w[i] = BatchTwin.word(votes, vote, i);
        return
            package.verifyProof(
                [w[0], w[1]],
                [[w[2], w[3]], [w[4], w[5]]],
                [w[6], w[7]],
                [ProofFixtures.ROOT, w[8], w[9], ProofFixtures.SCOPE],
                DEPTH
            );
    }

    function twinHolds(bytes memory votes, uint256[] memory weights) internal view returns (bool valid) {
        return BatchTwin.holds(verifier.verificationKey(), [ProofFixtures.ROOT, ProofFixtures.SCOPE], votes, weights);
    }

    /// @dev The first votes of the ballot.
    function head(uint256 count) internal pure returns (bytes memory votes) {
        return slice(ProofFixtures.VOTES, 0, count);
    }

    function voteOf(uint256 member) internal pure returns (bytes memory vote) {
        return slice(ProofFixtures.VOTES, member, 1);
    }

    function slice(bytes memory votes, uint256 from, uint256 count) internal pure returns (bytes memory part) {
        part = new bytes(count * VOTE_BYTES);
        assembly ("memory-safe") {
            mcopy(add(part, 0x20), add(add(votes, 0x20), mul(from, VOTE_BYTES)), mload(part))
        }
    }

    function ones(uint256 count) internal pure returns (uint256 mask) {
        return (1 << count) - 1;
    }

    function pointOf(bytes memory votes, uint256 vote, uint256 w) internal pure returns (BatchTwin.Point memory point) {
        return BatchTwin.Point(BatchTwin.word(votes, vote, w), BatchTwin.word(votes, vote, w + 1));
    }

    function setPoint(bytes memory votes, uint256 vote, uint256 w, BatchTwin.Point memory point) internal pure {
        BatchTwin.setWord(votes, vote, w, point.x);
        BatchTwin.setWord(votes, vote, w + 1, point.y);
    }

    /// @dev Negates A, B or C.
    function negate(bytes memory votes, uint256 vote, uint256 w) internal pure {
        uint256 first = w == B ? B + 2 : w + 1;
        uint256 end = w == B ? B + 4 : w + 2;
        for (uint256 i = first; i < end; ++i) {
            BatchTwin.setWord(votes, vote, i, (Q - BatchTwin.word(votes, vote, i)) % Q);
        }
    }

    function swapWords(bytes memory votes, uint256 left, uint256 right, uint256 from, uint256 count) internal pure {
        for (uint256 w = from; w < from + count; ++w) {
            uint256 kept = BatchTwin.word(votes, left, w);
            BatchTwin.setWord(votes, left, w, BatchTwin.word(votes, right, w));
            BatchTwin.setWord(votes, right, w, kept);
        }
    }
}
