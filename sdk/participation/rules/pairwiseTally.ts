/** Pairwise counts of ranked ballots: twin of contracts/participation/rules/PairwiseTally.sol. */
import { checkRange, decodeRanking } from "./rankings.js";

/** Most options that are counted in pairs. */
export const MAX_PAIRWISE_OPTIONS = 16;

/** Row i, column j: ballots that rank i strictly above j. Zero on the diagonal. */
export type PairwiseMatrix = bigint[][];

const LANE_BITS = 32n;
const LANE_MASK = (1n << LANE_BITS) - 1n;
const WORD_LANES = 8;

/**
 * Counts of no ballots.
 *
 * @param options - Number of options, 2 to 16.
 * @throws RuleError for another number.
 */
export function emptyMatrix(options: number): PairwiseMatrix {
  checkRange("number of options", options, 2, MAX_PAIRWISE_OPTIONS);
  return Array.from({ length: options }, () => Array.from({ length: options }, () => 0n));
}

/**
 * Counts a ballot, in place. Listed options are above those that are not listed.
 *
 * @param ranking - A good ranking.
 * @param weight - Its weight; a negative one takes it out of the count.
 */
export function addRanking(matrix: PairwiseMatrix, ranking: bigint, weight = 1n): void {
  const below = new Set(matrix.keys());
  for (const level of decodeRanking(ranking)) {
    for (const option of level) below.delete(option);
    for (const option of level) {
      const row = matrix[option] ?? [];
      for (const loser of below) row[loser] = (row[loser] ?? 0n) + weight;
    }
  }
}

/** Counts of many ballots, given as number of ballots by ranking. */
export function matrixOf(ballots: ReadonlyMap<bigint, bigint>, options: number): PairwiseMatrix {
  const matrix = emptyMatrix(options);
  for (const [ranking, number] of ballots) addRanking(matrix, ranking, number);
  return matrix;
}

/**
 * The words in which the contracts keep the counts: lanes of 32 bits, eight to a word, row by row without the diagonal.
 *
 * @throws RuleError for a count that has no place in its lane.
 */
export function packMatrix(matrix: PairwiseMatrix): bigint[] {
  const lanes = matrix.flatMap((row, i) => row.filter((_, j) => j !== i));
  const words = Array.from({ length: Math.ceil(lanes.length / WORD_LANES) }, () => 0n);
  for (const [lane, count] of lanes.entries()) {
    const word = Math.floor(lane / WORD_LANES);
    const shift = BigInt(lane % WORD_LANES) * LANE_BITS;
    words[word] = (words[word] ?? 0n) | (checkRange("pairwise count", count, 0n, LANE_MASK) << shift);
  }
  return words;
}

/**
 * The counts in the words of the contracts.
 *
 * @param options - Number of options, 2 to 16.
 * @throws RuleError for another number, or too few words.
 */
export function unpackMatrix(words: readonly bigint[], options: number): PairwiseMatrix {
  const matrix = emptyMatrix(options);
  checkRange(
    "number of words",
    words.length,
    Math.ceil((options * (options - 1)) / WORD_LANES),
    Number.MAX_SAFE_INTEGER,
  );
  let lane = 0;
  for (const [i, row] of matrix.entries()) {
    for (const j of row.keys()) {
      if (i === j) continue;
      const word = words[Math.floor(lane / WORD_LANES)] ?? 0n;
      row[j] = (word >> (BigInt(lane % WORD_LANES) * LANE_BITS)) & LANE_MASK;
      lane += 1;
    }
  }
  return matrix;
}
