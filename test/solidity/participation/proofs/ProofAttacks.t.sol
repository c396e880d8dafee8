// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISemaphoreBatchVerifier} from "../../../../contracts/participation/proofs/ISemaphoreBatchVerifier.sol";
import {ProofFixtures} from "../fixtures/ProofFixtures.sol";
import {BatchTwin} from "./BatchTwin.sol";
import {ProofTest} from "./ProofTest.sol";

/// @notice What somebody may try who has seen the votes of others. Each case also shows that the untouched votes hold, or that a
/// check without the defence would let the attack pass.
contract ProofAttacksTest is ProofTest {
    // --- numbers and points of one vote

    /// @dev Every word of a vote counts, wherever it is in a batch, and so do root and scope.
    function test_NoWordCanBeChanged() external view {
        for (uint256 w = 0; w < 10; ++w) {
            for (uint256 i = 0; i < 3; ++i) {
                bytes memory votes = head(3);
                BatchTwin.setWord(votes, i, w, BatchTwin.word(votes, i, w) ^ 1);
                _assertOnlyWrong(votes, i);
            }
        }
        assertTrue(holds(head(3)), "untouched");
        assertTrue(holdsFor(ProofFixtures.ROOT, ProofFixtures.SCOPE, voteOf(0)), "untouched");
        assertFalse(holdsFor(ProofFixtures.ROOT ^ 1, ProofFixtures.SCOPE, voteOf(0)), "root");
        assertFalse(holdsFor(ProofFixtures.ROOT, ProofFixtures.SCOPE ^ 1, voteOf(0)), "scope");
    }

    /// @dev Attack: the same nullifier written differently, to vote twice. In the equation they are the same.
    function test_NumbersHaveOneForm() external view {
        for (uint256 w = NULLIFIER; w <= MESSAGE; ++w) {
            for (uint256 i = 0; i < 3; ++i) {
                for (uint256 times = 1; times <= 4; ++times) {
                    bytes memory votes = head(3);
                    BatchTwin.setWord(votes, i, w, BatchTwin.word(votes, i, w) + times * R);
                    assertTrue(twinHolds(votes, _equalWeights(3)), "the equation holds");
                    _assertOnlyWrong(votes, i);
                }
            }
        }
    }

    function test_CoordinatesHaveOneForm() external view {
        for (uint256 w = A; w < NULLIFIER; ++w) {
            for (uint256 i = 0; i < 2; ++i) {
                bytes memory votes = head(2);
                BatchTwin.setWord(votes, i, w, BatchTwin.word(votes, i, w) + Q);
                _assertOnlyWrong(votes, i);
            }
        }
    }

    function test_PointsAtInfinityProveNothing() external view {
        uint256[2][5] memory spans = [[A, B], [B, C], [C, NULLIFIER], [A, C], [A, NULLIFIER]];
        for (uint256 k = 0; k < spans.length; ++k) {
            for (uint256 i = 0; i < 2; ++i) {
                bytes memory votes = head(2);
                for (uint256 w = spans[k][0]; w < spans[k][1]; ++w) BatchTwin.setWord(votes, i, w, 0);
                _assertOnlyWrong(votes, i);
            }
        }
        assertFalse(holds(new bytes(VOTE_BYTES)), "zeros");
        assertFalse(holds(new bytes(2 * VOTE_BYTES)), "zeros");
    }

    function test_PointsOffTheCurveProveNothing() external view {
        uint256[3] memory points = [A, B, C];
        for (uint256 k = 0; k < points.length; ++k) {
            for (uint256 i = 0; i < 2; ++i) {
                bytes memory votes = head(2);
                BatchTwin.setWord(votes, i, points[k], 5);
                _assertOnlyWrong(votes, i);
            }
        }
    }

    /// @dev The twist has points outside the group of order R.
    function test_PointsOutsideTheSubgroupProveNothing() external view {
        uint256[4] memory point = [
            ProofFixtures.OUTSIDE_X1,
            ProofFixtures.OUTSIDE_X0,
            ProofFixtures.OUTSIDE_Y1,
            ProofFixtures.OUTSIDE_Y0
        ];
        _assertOnTwist(point);
        for (uint256 i = 0; i < 3; ++i) {
            bytes memory votes = head(3);
            for (uint256 k = 0; k < 4; ++k) BatchTwin.setWord(votes, i, B + k, point[k]);
            _assertOnlyWrong(votes, i);
            // Not even where it is paired with the point at infinity.
            setPoint(votes, i, A, BatchTwin.Point(0, 0));
            _assertOnlyWrong(votes, i);
        }
    }

    /// @dev y^2 = x^3 + 3 / (9 + u), where u^2 = -1.
    function _assertOnTwist(uint256[4] memory point) private pure {
        (uint256 y1, uint256 y0) = _times(point[2], point[3], point[2], point[3]);
        (uint256 x1, uint256 x0) = _times(point[0], point[1], point[0], point[1]);
        (x1, x0) = _times(x1, x0, point[0], point[1]);
        (uint256 b1, uint256 b0) = _times(addmod(y1, Q - x1, Q), addmod(y0, Q - x0, Q), 1, 9);
        assertEq(b1, 0, "on the twist");
        assertEq(b0, 3, "on the twist");
    }

    function _times(
        uint256 left1,
        uint256 left0,
        uint256 right1,
        uint256 right0
    ) private pure returns (uint256 product1, uint256 product0) {
        product1 = addmod(mulmod(left1, right0, Q), mulmod(left0, right1, Q), Q);
        product0 = addmod(mulmod(left0, right0, Q), Q - mulmod(left1, right1, Q), Q);
    }

    function test_PointsOfAProofAreNotInterchangeable() external view {
        bytes memory votes = head(1);
        BatchTwin.Point memory a = pointOf(votes, 0, A);
        setPoint(votes, 0, A, pointOf(votes, 0, C));
        setPoint(votes, 0, C, a);
        assertFalse(holds(votes), "A and C");
        for (uint256 i = 0; i < 2; ++i) {
            votes = head(2);
            a = pointOf(votes, i, A);
            setPoint(votes, i, A, pointOf(votes, i, C));
            setPoint(votes, i, C, a);
            _assertOnlyWrong(votes, i);
        }
    }

    /// @dev (-A, -B, C) and (kA, B / k, C) say what (A, B, C) says, to the package, too. Whoever makes them votes no second
    /// time: nullifier and message are those of the vote that they copy.
    function test_CopiesOfAProofSayTheSame() external view {
        bytes memory votes = head(2);
        negate(votes, 0, A);
        negate(votes, 0, B);
        assertTrue(holds(votes), "negated");
        assertTrue(packageHolds(votes, 0), "negated, package");
        bytes memory copy = ProofFixtures.RANDOMISED;
        assertTrue(holds(copy), "randomised");
        assertTrue(packageHolds(copy, 0), "randomised, package");
        for (uint256 w = NULLIFIER; w <= MESSAGE; ++w) {
            assertEq(BatchTwin.word(copy, 0, w), BatchTwin.word(votes, 0, w), "nullifier and message");
            BatchTwin.setWord(copy, 0, w, BatchTwin.word(votes, 1, w));
            assertFalse(holds(copy), "other nullifier or message");
            BatchTwin.setWord(copy, 0, w, BatchTwin.word(votes, 0, w));
        }
    }

    function test_OtherNegationsProveNothing() external view {
        uint256[3] memory points = [A, B, C];
        for (uint256 set = 1; set < 8; ++set) {
            if (set == 3) continue; // A and B: see test_CopiesOfAProofSayTheSame
            for (uint256 i = 0; i < 2; ++i) {
                bytes memory votes = head(2);
                for (uint256 k = 0; k < 3; ++k) if ((set >> k) & 1 == 1) negate(votes, i, points[k]);
                _assertOnlyWrong(votes, i);
            }
        }
    }

    // --- votes for something else

    /// @dev What the proofs are bound to: chain, contract, ballot; and sequence number and ballot paper.
    function test_ScopeAndMessageBindTheVote() external pure {
        address ballotBox = 0x00000000000000000000000000000000000ba110;
        bytes32 scope = keccak256(abi.encode("BALLOT_SCOPE_V1", uint256(31_337), ballotBox, uint256(7)));
        assertEq(ProofFixtures.SCOPE, uint256(keccak256(abi.encode(scope))) >> 8, "scope");
        bytes32 message = keccak256(abi.encode("BALLOT_MSG_V1", scope, uint256(1), keccak256("paper 0 1")));
        uint256 hashed = uint256(keccak256(abi.encode(message))) >> 8;
        assertEq(BatchTwin.word(ProofFixtures.VOTES, 0, MESSAGE), hashed, "message");
    }

    function test_VotesAreGoodForOneBallotAndOneGroup() external view {
        uint256[2][3] memory signals = [
            [ProofFixtures.ROOT, ProofFixtures.SCOPE],
            [ProofFixtures.ROOT, ProofFixtures.OTHER_SCOPE],
            [ProofFixtures.JOINED_ROOT, ProofFixtures.SCOPE]
        ];
        bytes[3] memory votes = [voteOf(0), ProofFixtures.OTHER_BALLOT, ProofFixtures.OTHER_GROUP];
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 j = 0; j < 3; ++j) {
                assertTrue(holdsFor(signals[i][0], signals[i][1], votes[j]) == (i == j), "ballot and group");
            }
        }
        assertEq(BatchTwin.word(votes[2], 0, NULLIFIER), BatchTwin.word(votes[0], 0, NULLIFIER), "same nullifier");
        assertTrue(
            BatchTwin.word(votes[1], 0, NULLIFIER) != BatchTwin.word(votes[0], 0, NULLIFIER),
            "nullifier of another ballot"
        );
    }

    /// @dev A second vote has the nullifier of the first, and its message belongs to its own proof.
    function test_SecondVoteHasTheSameNullifier() external view {
        bytes memory votes = bytes.concat(voteOf(0), ProofFixtures.REVOTE);
        assertEq(each(votes), 3, "both hold");
        assertEq(BatchTwin.word(votes, 0, NULLIFIER), BatchTwin.word(votes, 1, NULLIFIER), "nullifier");
        swapWords(votes, 0, 1, MESSAGE, 1);
        assertEq(each(votes), 0, "messages changed over");
    }

    /// @dev A leaf is the hash of a key's two coordinates, as a node is of two leaves. Who registers the coordinates of a key as
    /// two neighbouring members can vote from the node above them. Both places are spent on it, for nobody knows a key whose
    /// hash is such a coordinate: two registrations make one vote.
    function test_InnerNodeIsOneVoteForTwoPlaces() external view {
        assertTrue(holdsFor(ProofFixtures.FORGED_ROOT, ProofFixtures.SCOPE, ProofFixtures.FORGED), "from the node");
        assertFalse(holds(ProofFixtures.FORGED), "in the group of others");
    }

    /// @dev A member's own way without its lowest step leads to another root.
    function test_WayThatSkipsAStepLeadsElsewhere() external view {
        assertFalse(holds(ProofFixtures.SKIPPED), "skipped");
    }

    /// @dev Whoever claims a way of more steps than the circuit has is told that its root is zero, and needs no leaf for it. So no
    /// group has the root zero, as one without members would.
    function test_GroupWithoutMembersHasNoVote() external {
        uint256[10] memory w;
        for (uint256 i = 0; i < w.length; ++i) w[i] = BatchTwin.word(ProofFixtures.NOBODY, 0, i);
        bool said = package.verifyProof(
            [w[0], w[1]],
            [[w[2], w[3]], [w[4], w[5]]],
            [w[6], w[7]],
            [0, w[8], w[9], ProofFixtures.SCOPE],
            DEPTH
        );
        assertTrue(said, "proven by nobody");
        assertFalse(holds(ProofFixtures.NOBODY), "in a group with members");
        vm.expectRevert(ISemaphoreBatchVerifier.SemaphoreBatchVerifierNoGroup.selector);
        verifier.prepare(0, ProofFixtures.SCOPE);
    }

    // --- votes against each other

    function test_PartsOfVotesAreNotInterchangeable() external view {
        uint256[2][6] memory spans = [[A, 2], [B, 4], [C, 2], [A, 8], [NULLIFIER, 1], [MESSAGE, 1]];
        for (uint256 k = 0; k < spans.length; ++k) {
            bytes memory votes = head(3);
            swapWords(votes, 0, 2, spans[k][0], spans[k][1]);
            assertFalse(holds(votes), "batch");
            assertEq(each(votes), 2, "bits");
            assertTrue(twinHolds(votes, _equalWeights(3)) == (k > 1), "without weights, but for A or B alone");
        }
    }

    function test_OrderAndCopiesDoNotMatter() external view {
        bytes memory votes = head(4);
        swapWords(votes, 0, 3, 0, 10);
        assertTrue(holds(votes), "order");
        for (uint256 w = 0; w < 10; ++w) BatchTwin.setWord(votes, 1, w, BatchTwin.word(votes, 0, w));
        assertTrue(holds(votes), "copy");
        assertEq(each(votes), 15, "bits");
        BatchTwin.setWord(votes, 1, MESSAGE, 1);
        assertEq(each(votes), 13, "bits");
    }

    /// @dev Attack: C of one vote is off by D, that of another by -D. Without weights nobody would notice.
    function testFuzz_ErrorsThatCancelOutAreFound(uint256 factor, uint256 first, uint256 second) external view {
        bytes memory votes = head(5);
        first = first % 5;
        second = (first + 1 + (second % 4)) % 5;
        BatchTwin.Point memory off = BatchTwin.times(BatchTwin.Point(1, 2), bound(factor, 1, R - 1));
        setPoint(votes, first, C, BatchTwin.plus(pointOf(votes, first, C), off));
        setPoint(votes, second, C, BatchTwin.plus(pointOf(votes, second, C), BatchTwin.negate(off)));
        assertTrue(twinHolds(votes, _equalWeights(5)), "without weights");
        assertFalse(holds(votes), "batch");
        assertEq(each(votes), ones(5) ^ (1 << first) ^ (1 << second), "bits");
    }

    /// @dev Attack: the same with A, for votes that share B.
    function test_ErrorsOfAThatCancelOutAreFound() external view {
        bytes memory votes = bytes.concat(voteOf(0), voteOf(0), voteOf(1));
        BatchTwin.Point memory off = BatchTwin.Point(1, 2);
        setPoint(votes, 0, A, BatchTwin.plus(pointOf(votes, 0, A), off));
        setPoint(votes, 1, A, BatchTwin.plus(pointOf(votes, 1, A), BatchTwin.negate(off)));
        assertTrue(twinHolds(votes, _equalWeights(3)), "without weights");
        assertFalse(holds(votes), "batch");
        assertEq(each(votes), 4, "bits");
    }

    /// @dev Attack: the same with public inputs, to change two votes.
    function test_MessagesThatCancelOutAreFound() external view {
        bytes memory votes = head(2);
        BatchTwin.setWord(votes, 0, MESSAGE, BatchTwin.word(votes, 0, MESSAGE) + 1);
        BatchTwin.setWord(votes, 1, MESSAGE, BatchTwin.word(votes, 1, MESSAGE) - 1);
        assertTrue(twinHolds(votes, _equalWeights(2)), "without weights");
        assertFalse(holds(votes), "batch");
        assertEq(each(votes), 0, "bits");
    }

    /// @dev Attack: learn the weights of a batch, then change it so that the errors cancel out under these weights. Every part
    /// that is changed changes the weights.
    function test_WeightsOfABatchAreOfNoUseForAnother() external view {
        bytes memory votes = head(3);
        uint256[] memory weights = BatchTwin.weightsOf(baseX, baseY, votes);
        assertTrue(twinHolds(votes, weights), "untouched");

        // C: D on the first, -D / w on the second.
        BatchTwin.Point memory off = BatchTwin.Point(1, 2);
        setPoint(votes, 0, C, BatchTwin.plus(pointOf(votes, 0, C), off));
        off = BatchTwin.times(BatchTwin.negate(off), _inverse(weights[1]));
        setPoint(votes, 1, C, BatchTwin.plus(pointOf(votes, 1, C), off));
        _assertPassesWithOldWeightsOnly(votes, weights, 4);

        // A: the same, for two votes that share B.
        votes = bytes.concat(voteOf(0), voteOf(0), voteOf(1));
        weights = BatchTwin.weightsOf(baseX, baseY, votes);
        off = BatchTwin.Point(1, 2);
        setPoint(votes, 0, A, BatchTwin.plus(pointOf(votes, 0, A), off));
        off = BatchTwin.times(BatchTwin.negate(off), _inverse(weights[1]));
        setPoint(votes, 1, A, BatchTwin.plus(pointOf(votes, 1, A), off));
        _assertPassesWithOldWeightsOnly(votes, weights, 4);

        // B: the same, for two votes that share A.
        _assertPassesWithOldWeightsOnly(ProofFixtures.CANCELLING, weights, 4);

        // Nullifier and message: a sum of weighted numbers that stays what it was.
        for (uint256 w = NULLIFIER; w <= MESSAGE; ++w) {
            votes = head(3);
            weights = BatchTwin.weightsOf(baseX, baseY, votes);
            BatchTwin.setWord(votes, 0, w, addmod(BatchTwin.word(votes, 0, w), weights[2], R));
            BatchTwin.setWord(votes, 2, w, addmod(BatchTwin.word(votes, 2, w), R - 1, R));
            _assertPassesWithOldWeightsOnly(votes, weights, 2);
        }
    }

    /// @dev The weights are powers of a hash of the prepared point and all votes, as {BatchTwin-weightsOf} has them: a vote falls
    /// out of its batch if its A or its C cannot be multiplied with just that weight.
    function test_WeightsAreThoseOfTheTwin() external {
        bytes memory votes = head(4);
        uint256[] memory weights = BatchTwin.weightsOf(baseX, baseY, votes);
        for (uint256 i = 1; i < 4; ++i) {
            for (uint256 w = A; w <= C; w += C) {
                vm.mockCallRevert(address(7), abi.encode(pointOf(votes, i, w), weights[i]), "");
                assertEq(each(votes), 15 ^ (1 << i), "multiplied with this weight");
                vm.clearMockedCalls();
                vm.mockCallRevert(address(7), abi.encode(pointOf(votes, i, w), weights[i] ^ 1), "");
                assertEq(each(votes), 15, "and with no other");
                vm.clearMockedCalls();
            }
        }
    }

    function _assertPassesWithOldWeightsOnly(bytes memory votes, uint256[] memory weights, uint256 valid) private view {
        assertTrue(twinHolds(votes, weights), "weights of the other batch");
        assertFalse(twinHolds(votes, BatchTwin.weightsOf(baseX, baseY, votes)), "own weights");
        assertFalse(holds(votes), "batch");
        assertEq(each(votes), valid, "bits");
    }

    /// @dev By Fermat.
    function _inverse(uint256 value) private pure returns (uint256 inverse) {
        inverse = 1;
        for (uint256 power = R - 2; power != 0; power >>= 1) {
            if (power & 1 == 1) inverse = mulmod(inverse, value, R);
            value = mulmod(value, value, R);
        }
    }

    /// @dev One vote does not hold, alone and in its batch, and the others do.
    function _assertOnlyWrong(bytes memory votes, uint256 wrong) private view {
        uint256 count = votes.length / VOTE_BYTES;
        assertFalse(holds(votes), "batch");
        assertFalse(holds(slice(votes, wrong, 1)), "alone");
        assertEq(each(slice(votes, wrong, 1)), 0, "bit alone");
        assertEq(each(votes), ones(count) ^ (1 << wrong), "bits");
        assertFalse(packageHolds(votes, wrong), "package");
    }

    function _equalWeights(uint256 count) private pure returns (uint256[] memory weights) {
        weights = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) weights[i] = 1;
    }
}
