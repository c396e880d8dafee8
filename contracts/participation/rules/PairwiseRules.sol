// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Rankings} from "./Rankings.sol";

/// @title PairwiseRules
/// @notice Rules that judge options by pairwise counts alone. All take a matrix that has, at i * options + j, the number of
/// ballots that rank i strictly above j. Each gives scores, of which the greatest is best.
/// @dev Sources. Borda: J.-C. de Borda, "Mémoire sur les élections au scrutin", 1781; ties as by D. Black, "Partial
/// justification of the Borda count", 1976. Minimax: P. B. Simpson, "On defining areas of voter choice", 1969, and
/// G. H. Kramer, "A dynamical model of political equilibrium", 1977. Schulze: M. Schulze, "A new monotonic,
/// clone-independent, reversal symmetric, and Condorcet-consistent single-winner election method", 2011. The strength of
/// a defeat is the number of winning votes.
library PairwiseRules {
    /// @notice The option that beats each other one in a majority of those ballots that tell the two apart.
    /// @param matrix Pairwise counts.
    /// @param options Number of options, 2 to 16.
    /// @return winner Its number from 0; NO_OPTION of {Rankings}: there is none.
    function condorcetWinner(uint256[] memory matrix, uint256 options) internal pure returns (uint256 winner) {
        for (winner = 0; winner < options; ++winner) {
            uint256 other = 0;
            while (other < options && (other == winner || _defeat(matrix, options, winner, other) != 0)) ++other;
            if (other == options) return winner;
        }
        return Rankings.NO_OPTION;
    }

    /// @notice Borda's count, doubled so that it is whole: two points for each option below on a ballot, one for each that
    /// is tied.
    /// @param matrix Pairwise counts.
    /// @param options Number of options, 2 to 16.
    /// @param ballots Number of ballots, blank ones among them; at least each count, below 2^32.
    /// @return scores The sum over all others of ballots + above - below.
    function borda(
        uint256[] memory matrix,
        uint256 options,
        uint256 ballots
    ) internal pure returns (uint256[] memory scores) {
        scores = new uint256[](options);
        for (uint256 i = 0; i < options; ++i) {
            uint256 score = ballots * (options - 1);
            // The diagonal is zero on both sides.
            for (uint256 j = 0; j < options; ++j) {
                score = score + matrix[i * options + j] - matrix[j * options + i];
            }
            scores[i] = score;
        }
    }

    /// @notice Minimax: the best option is that whose worst defeat is least.
    /// @param matrix Pairwise counts.
    /// @param options Number of options, 2 to 16.
    /// @param ballots Number of ballots; at least each count.
    /// @return scores Ballots less the winning votes of the worst defeat; all ballots: there is none.
    function minimax(
        uint256[] memory matrix,
        uint256 options,
        uint256 ballots
    ) internal pure returns (uint256[] memory scores) {
        scores = new uint256[](options);
        for (uint256 i = 0; i < options; ++i) {
            uint256 worst = 0;
            for (uint256 j = 0; j < options; ++j) {
                uint256 defeat = _defeat(matrix, options, j, i);
                if (defeat > worst) worst = defeat;
            }
            scores[i] = ballots - worst;
        }
    }

    /// @notice Schulze's method: an option is beaten by another if the strongest path of defeats from that other one is
    /// stronger than the strongest path back.
    /// @dev The relation is transitive, so an option that is beaten is beaten by all who beat the other one, and by that
    /// one besides: the order of scores contains it. All who are unbeaten, which are Schulze's potential winners,
    /// share the greatest score.
    /// @param matrix Pairwise counts.
    /// @param options Number of options, 2 to 16.
    /// @return scores Number of others that do not beat it; options - 1: it is unbeaten.
    function schulze(uint256[] memory matrix, uint256 options) internal pure returns (uint256[] memory scores) {
        uint256[] memory paths = _widestPaths(matrix, options);
        scores = new uint256[](options);
        for (uint256 i = 0; i < options; ++i) {
            uint256 score = options - 1;
            for (uint256 j = 0; j < options; ++j) {
                if (paths[j * options + i] > paths[i * options + j]) --score;
            }
            scores[i] = score;
        }
    }

    /// @dev Strength of the strongest path of defeats between each two, by the algorithm of Floyd and Warshall. Its
    /// diagonal means nothing.
    function _widestPaths(uint256[] memory matrix, uint256 options) private pure returns (uint256[] memory paths) {
        paths = new uint256[](options * options);
        for (uint256 i = 0; i < options; ++i) {
            for (uint256 j = 0; j < options; ++j) paths[i * options + j] = _defeat(matrix, options, i, j);
        }
        for (uint256 via = 0; via < options; ++via) {
            for (uint256 i = 0; i < options; ++i) {
                uint256 reach = paths[i * options + via];
                if (i != via && reach != 0) _widen(paths, i * options, via * options, options, reach);
            }
        }
    }

    /// @dev Widens the paths of one row by those that go on from the end of a path of some strength, which is another row.
    /// Both rows begin at an index of the array and lie within it.
    function _widen(uint256[] memory paths, uint256 from, uint256 via, uint256 options, uint256 reach) private pure {
        // Reads and writes elements of the array alone: the caller's rows end within it.
        assembly ("memory-safe") {
            let row := add(add(paths, 0x20), shl(5, from))
            let end := add(row, shl(5, options))
            let onward := add(add(paths, 0x20), shl(5, via))
            for {} lt(row, end) {} {
                let width := mload(onward)
                if gt(width, reach) {
                    width := reach
                }
                if gt(width, mload(row)) {
                    mstore(row, width)
                }
                row := add(row, 0x20)
                onward := add(onward, 0x20)
            }
        }
    }

    /// @dev Votes by which one option beats another; zero: it does not.
    function _defeat(
        uint256[] memory matrix,
        uint256 options,
        uint256 winner,
        uint256 loser
    ) private pure returns (uint256 votes) {
        votes = matrix[winner * options + loser];
        return votes > matrix[loser * options + winner] ? votes : 0;
    }
}
