// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SemaphoreVerifierKeyPts} from "@semaphore-protocol/contracts/base/SemaphoreVerifierKeyPts.sol";

import {
    ISemaphoreBatchVerifier,
    VerificationKey
} from "../../../../contracts/participation/proofs/ISemaphoreBatchVerifier.sol";
import {SemaphoreBatchVerifier} from "../../../../contracts/participation/proofs/SemaphoreBatchVerifier.sol";
import {ProofFixtures} from "../fixtures/ProofFixtures.sol";
import {BatchTwin} from "./BatchTwin.sol";
import {ProofTest} from "./ProofTest.sol";

contract SemaphoreBatchVerifierTest is ProofTest {
    uint256 private constant MOST = 256;

    /// @dev What the interface promises.
    uint256 private constant ONE_GAS = 197_000;
    uint256 private constant BATCH_GAS = 163_000;
    uint256 private constant VOTE_GAS = 47_200;
    uint256 private constant CHECK_GAS = 175_000;
    uint256 private constant CHECKED_VOTE_GAS = 34_000;
    uint256 private constant WRONG_OF_20_GAS = 2_700_000;
    uint256 private constant LAST_OF_20_GAS = 1_550_000;
    uint256 private constant PREPARE_GAS = 14_000;

    // constructor
    // ├── depth 0 or above 32: WrongDepth
    // └── else: the key of that depth in the package

    function test_RevertWhen_ThereIsNoSuchDepth() external {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 wrong = i == 0 ? 0 : 33;
            vm.expectRevert(
                abi.encodeWithSelector(
                    ISemaphoreBatchVerifier.SemaphoreBatchVerifierWrongDepth.selector,
                    wrong,
                    uint256(32)
                )
            );
            new SemaphoreBatchVerifier(wrong);
        }
    }

    function test_KeyIsThatOfTheDepth() external {
        for (uint256 depth = 1; depth <= 32; ++depth) {
            SemaphoreBatchVerifier made = new SemaphoreBatchVerifier(depth);
            assertEq(made.depth(), depth, "depth");
            VerificationKey memory key = made.verificationKey();
            uint256[14] memory points = SemaphoreVerifierKeyPts.getPts(depth);
            for (uint256 i = 0; i < 4; ++i) assertEq(key.delta[i], points[i], "delta");
            for (uint256 i = 0; i < 10; ++i) assertEq(key.ic[i / 2][i % 2], points[i + 4], "inputs");
        }
    }

    // prepare
    // ├── root of no group: NoGroup, see ProofAttacks.t.sol
    // ├── root or scope not below R: OutOfField
    // └── else: what they are in the public inputs

    function test_RevertWhen_RootIsOutOfField() external {
        _expectOutOfField(ProofFixtures.ROOT + R);
        verifier.prepare(ProofFixtures.ROOT + R, ProofFixtures.SCOPE);
    }

    function test_RevertWhen_ScopeIsOutOfField() external {
        _expectOutOfField(R);
        verifier.prepare(R - 1, R);
    }

    function testFuzz_PreparedPointIsThatOfRootAndScope(uint256 root, uint256 scope) external view {
        (root, scope) = (bound(root, 1, R - 1), bound(scope, 0, R - 1));
        (uint256 x, uint256 y) = verifier.prepare(root, scope);
        BatchTwin.Point memory point = BatchTwin.inputs(verifier.verificationKey(), [root, scope], 0, 0);
        assertEq(x, point.x, "x");
        assertEq(y, point.y, "y");
    }

    function _expectOutOfField(uint256 value) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISemaphoreBatchVerifier.SemaphoreBatchVerifierOutOfField.selector, value, R)
        );
    }

    // verifyBatch, verifyEach
    // ├── no bytes, or a part of a vote: WrongLength
    // ├── more than 256 votes: TooMany
    // ├── too little gas for the pairings: TooLittleGas, never a verdict
    // ├── a vote that is formed wrongly: see ProofAttacks.t.sol
    // ├── the point is none of {prepare}: none holds
    // ├── all hold: true, all bits
    // └── some do not: false, the bits of the others

    function test_RevertWhen_VotesAreNotWhole() external {
        uint256[4] memory lengths = [uint256(0), 1, VOTE_BYTES - 1, 2 * VOTE_BYTES + 32];
        for (uint256 i = 0; i < 2 * lengths.length; ++i) {
            uint256 length = lengths[i / 2];
            vm.expectRevert(
                abi.encodeWithSelector(
                    ISemaphoreBatchVerifier.SemaphoreBatchVerifierWrongLength.selector,
                    length,
                    VOTE_BYTES
                )
            );
            if (i % 2 == 0) holds(new bytes(length));
            else each(new bytes(length));
        }
    }

    function test_RevertWhen_VotesAreTooMany() external {
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ISemaphoreBatchVerifier.SemaphoreBatchVerifierTooMany.selector, MOST + 1, MOST)
            );
            if (i == 0) holds(new bytes((MOST + 1) * VOTE_BYTES));
            else each(new bytes((MOST + 1) * VOTE_BYTES));
        }
    }

    function test_MostVotesHoldAtOnce() external view {
        bytes memory votes = new bytes(MOST * VOTE_BYTES);
        for (uint256 i = 0; i < MOST; ++i) {
            for (uint256 w = 0; w < 10; ++w)
                BatchTwin.setWord(votes, i, w, BatchTwin.word(ProofFixtures.VOTES, i % VOTES, w));
        }
        assertEq(each(votes), type(uint256).max, "all");
        assertTrue(holds(votes), "batch");
        BatchTwin.setWord(votes, 255, MESSAGE, 0);
        assertEq(each(votes), type(uint256).max >> 1, "all but the last");
    }

    /// @dev Whatever gas there is, a batch that holds is never said not to.
    function test_LittleGasIsNoVerdict() external view {
        bytes memory votes = head(3);
        bool held = false;
        bool named = false;
        for (uint256 gas = 20_000; gas < 340_000; gas += 1_777) {
            (bool called, bytes memory result) = address(verifier).staticcall{gas: gas}(
                abi.encodeCall(verifier.verifyEach, (baseX, baseY, votes))
            );
            if (called) {
                held = true;
                assertEq(abi.decode(result, (uint256)), 7, "verdict");
            } else if (result.length != 0) {
                named = true;
                assertEq(
                    bytes32(bytes4(result)),
                    bytes32(ISemaphoreBatchVerifier.SemaphoreBatchVerifierTooLittleGas.selector),
                    "selector"
                );
                (uint256 left, uint256 needed) = abi.decode(_arguments(result), (uint256, uint256));
                assertEq(needed, 45_000 + 6 * 34_000 + 500, "needed");
                assertLe(left + 1, needed, "left");
            }
        }
        assertTrue(held, "enough gas");
        assertTrue(named, "too little gas for the pairings");
    }

    function _arguments(bytes memory result) private pure returns (bytes memory arguments) {
        arguments = new bytes(result.length - 4);
        for (uint256 i = 0; i < arguments.length; ++i) arguments[i] = result[i + 4];
    }

    function test_EveryVoteHoldsAlone() external view {
        for (uint256 i = 0; i < VOTES; ++i) {
            assertTrue(holds(voteOf(i)), "batch of one");
            assertEq(each(voteOf(i)), 1, "bit");
            assertTrue(packageHolds(ProofFixtures.VOTES, i), "package");
        }
    }

    function test_BatchesHold() external view {
        uint256[5] memory sizes = [uint256(2), 3, 7, 10, 20];
        for (uint256 i = 0; i < sizes.length; ++i) {
            assertTrue(holds(head(sizes[i])), "batch");
            assertEq(each(head(sizes[i])), ones(sizes[i]), "bits");
        }
    }

    function test_OtherPointsOfTheRoundHoldNothing() external view {
        (uint256 x, uint256 y) = verifier.prepare(ProofFixtures.JOINED_ROOT, ProofFixtures.SCOPE);
        uint256[2][4] memory points = [[x, y], [baseX, baseY + 1], [baseX + Q, baseY], [uint256(0), 0]];
        for (uint256 i = 0; i < points.length; ++i) {
            for (uint256 count = 1; count <= 3; ++count) {
                assertFalse(verifier.verifyBatch(points[i][0], points[i][1], head(count)), "batch");
                assertEq(verifier.verifyEach(points[i][0], points[i][1], head(count)), 0, "bits");
            }
        }
    }

    function test_EveryDepthHasItsOwnProofs() external {
        uint256[3] memory depths = [uint256(1), 5, 32];
        bytes[3] memory votes = [ProofFixtures.DEPTH_1, ProofFixtures.DEPTH_5, ProofFixtures.DEPTH_32];
        uint256[3] memory roots = [ProofFixtures.ROOT_1, ProofFixtures.ROOT_5, ProofFixtures.ROOT_32];
        for (uint256 i = 0; i < depths.length; ++i) {
            SemaphoreBatchVerifier made = new SemaphoreBatchVerifier(depths[i]);
            (uint256 x, uint256 y) = made.prepare(roots[i], ProofFixtures.SCOPE);
            for (uint256 j = 0; j < votes.length; ++j) {
                assertTrue(made.verifyBatch(x, y, votes[j]) == (i == j), "depth");
            }
            assertFalse(made.verifyBatch(x, y, voteOf(0)), "vote of depth 20");
            assertFalse(holdsFor(roots[i], ProofFixtures.SCOPE, votes[i]), "verifier of depth 20");
        }
    }

    /// @dev Any choice of votes, each of which may be spoilt in any way: all three ways to ask say the same of each.
    /// forge-config: default.fuzz.runs = 96
    function testFuzz_AllVerifiersAgree(uint256 seed) external view {
        uint256 count = 1 + (seed % 6);
        bytes memory votes = new bytes(count * VOTE_BYTES);
        uint256 expected = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            for (uint256 w = 0; w < 10; ++w) {
                BatchTwin.setWord(votes, i, w, BatchTwin.word(ProofFixtures.VOTES, draw % VOTES, w));
            }
            if ((draw >> 8) % 3 == 0) _spoil(votes, i, draw >> 16);
            bool valid = packageHolds(votes, i);
            if (valid) expected |= 1 << i;
            assertTrue(holds(slice(votes, i, 1)) == valid, "alone");
        }
        assertEq(each(votes), expected, "bits");
        assertTrue(holds(votes) == (expected == ones(count)), "batch");
    }

    function _spoil(bytes memory votes, uint256 vote, uint256 draw) private pure {
        uint256 kind = draw % 8;
        uint256 w = (draw >> 8) % 10;
        uint256 value = BatchTwin.word(votes, vote, w);
        uint256 other = BatchTwin.word(votes, vote, (draw >> 16) % 10);
        if (kind == 0) BatchTwin.setWord(votes, vote, w, value ^ (1 << ((draw >> 24) % 256)));
        else if (kind == 1) BatchTwin.setWord(votes, vote, w, uint256(keccak256(abi.encode(draw))));
        else if (kind == 2) BatchTwin.setWord(votes, vote, w, value + (w < NULLIFIER ? Q : R));
        else if (kind == 3) BatchTwin.setWord(votes, vote, w, other);
        else if (kind == 4) BatchTwin.setWord(votes, vote, w, 0);
        else if (kind == 5) BatchTwin.setWord(votes, vote, w, (w < NULLIFIER ? Q : R) - value);
        else if (kind == 6) negate(votes, vote, [A, B, C][w % 3]);
        else setPoint(votes, vote, w % 2 == 0 ? A : C, BatchTwin.Point(1, 2));
    }

    /// @dev Any set of wrong votes is found, at no more gas than promised.
    /// forge-config: default.fuzz.runs = 24
    function testFuzz_WrongVotesAreFound(uint256 wrong, uint256 size, uint256 kind) external view {
        size = bound(size, 1, VOTES);
        bytes memory votes = head(size);
        wrong = uint256(keccak256(abi.encode(wrong))) & uint256(keccak256(abi.encode(wrong, kind))) & ones(size);
        uint256 bad = 0;
        for (uint256 i = 0; i < size; ++i) {
            if ((wrong >> i) & 1 == 0) continue;
            ++bad;
            _break(votes, i, kind >> (i % 32));
        }
        assertTrue(holds(votes) == (bad == 0), "batch");
        (uint256 gas, bytes memory result) = _gasOf(abi.encodeCall(verifier.verifyEach, (baseX, baseY, votes)));
        assertEq(abi.decode(result, (uint256)), ones(size) ^ wrong, "bits");
        if (_isProbed()) return;
        uint256 most = BATCH_GAS + VOTE_GAS * size;
        if (bad != 0) {
            most += 2 * bad * _log2(size) * CHECK_GAS + (3 + _log2(bad)) * size * CHECKED_VOTE_GAS;
        }
        assertLe(gas, most, "gas");
    }

    function _break(bytes memory votes, uint256 vote, uint256 kind) private pure {
        uint256 w = [NULLIFIER, MESSAGE, A, B, C][kind % 5];
        BatchTwin.setWord(votes, vote, w, BatchTwin.word(votes, vote, w) ^ 1);
    }

    /// @dev Rounded up.
    function _log2(uint256 value) private pure returns (uint256 log) {
        while (1 << log < value) ++log;
    }

    function test_GasOfBatches() external view {
        if (_isProbed()) return;
        assertLe(_gasOfBatch(1), ONE_GAS, "one");
        for (uint256 count = 2; count <= VOTES; ++count) {
            assertLe(_gasOfBatch(count), BATCH_GAS + count * VOTE_GAS, "batch");
        }
        assertLe(_gasOfBatch(20) - _gasOfBatch(10), 10 * VOTE_GAS, "ten more");
    }

    function test_GasOfFindingOneOfTwenty() external view {
        if (_isProbed()) return;
        for (uint256 i = 0; i < VOTES; ++i) {
            bytes memory votes = head(VOTES);
            BatchTwin.setWord(votes, i, MESSAGE, 1);
            (uint256 gas, bytes memory result) = _gasOf(abi.encodeCall(verifier.verifyEach, (baseX, baseY, votes)));
            assertEq(abi.decode(result, (uint256)), ones(VOTES) ^ (1 << i), "bits");
            assertLe(gas, BATCH_GAS + VOTES * VOTE_GAS + WRONG_OF_20_GAS, "gas");
            // First halves that hold need no check of the second.
            if (i == VOTES - 1) assertLe(gas, BATCH_GAS + VOTES * VOTE_GAS + LAST_OF_20_GAS, "gas of the last");
        }
    }

    function _gasOfBatch(uint256 count) private view returns (uint256 gas) {
        bytes memory result;
        (gas, result) = _gasOf(abi.encodeCall(verifier.verifyBatch, (baseX, baseY, head(count))));
        assertTrue(abi.decode(result, (bool)), "batch");
    }

    function _gasOf(bytes memory data) private view returns (uint256 spent, bytes memory result) {
        address target = address(verifier);
        result = new bytes(32);
        assembly ("memory-safe") {
            spent := gas()
            pop(staticcall(gas(), target, add(data, 0x20), mload(data), add(result, 0x20), 0x20))
            spent := sub(spent, gas())
        }
    }

    /// @dev Coverage puts probes into the code, which no bound allows for; the cost of preparing says whether it did.
    function _isProbed() private view returns (bool probed) {
        verifier.depth(); // so that the account is a warm one from here on
        (uint256 gas, ) = _gasOf(abi.encodeCall(verifier.prepare, (ProofFixtures.ROOT, ProofFixtures.SCOPE)));
        return gas > PREPARE_GAS;
    }
}
