/**
 * Rules that judge options by pairwise counts alone: twin of contracts/participation/rules/PairwiseRules.sol, where their
 * sources are named. Each gives a score for each option, of which the greatest is best.
 */
import type { PairwiseMatrix } from "./pairwiseTally.js";
import { NO_OPTION } from "./rankings.js";

function votes(matrix: PairwiseMatrix, winner: number, loser: number): bigint {
  return matrix[winner]?.[loser] ?? 0n;
}

/** Votes by which one option beats another; zero: it does not. */
function defeat(matrix: PairwiseMatrix, winner: number, loser: number): bigint {
  const won = votes(matrix, winner, loser);
  return won > votes(matrix, loser, winner) ? won : 0n;
}

/** The option that beats each other one; {@link NO_OPTION}: there is none. */
export function condorcetWinner(matrix: PairwiseMatrix): number {
  const options = [...matrix.keys()];
  const beatsAll = (winner: number): boolean =>
    options.every((other) => other === winner || defeat(matrix, winner, other) > 0n);
  return options.find(beatsAll) ?? NO_OPTION;
}

/**
 * Borda's count, doubled: two points for each option below on a ballot, one for each that is tied.
 *
 * @param ballots - Number of ballots, blank ones among them.
 */
export function bordaScores(matrix: PairwiseMatrix, ballots: bigint): bigint[] {
  const options = [...matrix.keys()];
  return options.map((i) =>
    options
      .filter((j) => j !== i)
      .reduce((score, j) => score + ballots + votes(matrix, i, j) - votes(matrix, j, i), 0n),
  );
}

/**
 * Minimax: ballots less the winning votes of an option's worst defeat.
 *
 * @param ballots - Number of ballots.
 */
export function minimaxScores(matrix: PairwiseMatrix, ballots: bigint): bigint[] {
  const options = [...matrix.keys()];
  return options.map((i) =>
    options.reduce((least, j) => {
      const left = ballots - defeat(matrix, j, i);
      return left < least ? left : least;
    }, ballots),
  );
}

/** Schulze's method: number of others that do not beat an option by their strongest path of defeats. */
export function schulzeScores(matrix: PairwiseMatrix): bigint[] {
  const options = [...matrix.keys()];
  const paths = options.map((i) => options.map((j) => defeat(matrix, i, j)));
  for (const via of options) {
    for (const from of options) {
      for (const to of options) {
        if (from === via || to === via || from === to) continue;
        const [first, second] = [votes(paths, from, via), votes(paths, via, to)];
        const width = first < second ? first : second;
        const row = paths[from];
        if (row !== undefined && width > votes(paths, from, to)) row[to] = width;
      }
    }
  }
  return options.map((i) => BigInt(options.filter((j) => j !== i && votes(paths, j, i) <= votes(paths, i, j)).length));
}
