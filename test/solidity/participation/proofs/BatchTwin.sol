// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {VerificationKey} from "../../../../contracts/participation/proofs/ISemaphoreBatchVerifier.sol";

/// @notice The weighted equation written down plainly, for weights that a test chooses.
library BatchTwin {
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 internal constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;
    uint256 internal constant VOTE_WORDS = 10;

    struct Point {
        uint256 x;
        uint256 y;
    }

    /// @dev Whether all points are points and the equation holds.
    function holds(
        VerificationKey memory key,
        uint256[2] memory signals,
        bytes memory votes,
        uint256[] memory weights
    ) internal view returns (bool valid) {
        bytes memory pairs;
        Point[3] memory sums; // alpha, the public inputs, C
        for (uint256 i = 0; i < weights.length; ++i) {
            Point memory a = Point(word(votes, i, 0), word(votes, i, 1));
            Point memory c = Point(word(votes, i, 6), word(votes, i, 7));
            pairs = abi.encodePacked(pairs, abi.encode(negate(times(a, weights[i]))));
            for (uint256 w = 2; w < 6; ++w) pairs = abi.encodePacked(pairs, word(votes, i, w));
            sums[0] = plus(sums[0], times(Point(key.alpha[0], key.alpha[1]), weights[i]));
            sums[1] = plus(sums[1], times(inputs(key, signals, word(votes, i, 8), word(votes, i, 9)), weights[i]));
            sums[2] = plus(sums[2], times(c, weights[i]));
        }
        (bool called, bytes memory result) = address(8).staticcall(
            abi.encodePacked(
                pairs,
                abi.encode(sums[0], key.beta),
                abi.encode(sums[1], key.gamma),
                abi.encode(sums[2], key.delta)
            )
        );
        return called && abi.decode(result, (bool));
    }

    /// @dev The public inputs of a vote: what they are in its equation.
    function inputs(
        VerificationKey memory key,
        uint256[2] memory signals,
        uint256 nullifier,
        uint256 message
    ) internal view returns (Point memory sum) {
        sum = Point(key.ic[0][0], key.ic[0][1]);
        uint256[4] memory scalars = [signals[0], nullifier, message, signals[1]];
        for (uint256 i = 0; i < 4; ++i) sum = plus(sum, times(Point(key.ic[i + 1][0], key.ic[i + 1][1]), scalars[i]));
    }

    /// @dev The weights of a batch.
    function weightsOf(uint256 x, uint256 y, bytes memory votes) internal pure returns (uint256[] memory weights) {
        weights = new uint256[](votes.length / (VOTE_WORDS * 32));
        uint256 base = (uint256(keccak256(abi.encodePacked(x, y, votes))) >> 3) | 1;
        weights[0] = 1;
        for (uint256 i = 1; i < weights.length; ++i) weights[i] = mulmod(weights[i - 1], base, R);
    }

    function plus(Point memory left, Point memory right) internal view returns (Point memory sum) {
        (bool called, bytes memory result) = address(6).staticcall(abi.encode(left, right));
        require(called, "no points");
        return abi.decode(result, (Point));
    }

    function times(Point memory point, uint256 scalar) internal view returns (Point memory product) {
        (bool called, bytes memory result) = address(7).staticcall(abi.encode(point, scalar));
        require(called, "no point");
        return abi.decode(result, (Point));
    }

    function negate(Point memory point) internal pure returns (Point memory negated) {
        return Point(point.x, (Q - point.y) % Q);
    }

    function word(bytes memory votes, uint256 vote, uint256 w) internal pure returns (uint256 value) {
        uint256 place = 32 * (vote * VOTE_WORDS + w + 1);
        assembly ("memory-safe") {
            value := mload(add(votes, place))
        }
    }

    function setWord(bytes memory votes, uint256 vote, uint256 w, uint256 value) internal pure {
        uint256 place = 32 * (vote * VOTE_WORDS + w + 1);
        assembly ("memory-safe") {
            mstore(add(votes, place), value)
        }
    }
}
