/** The order of options that a ballot ends in: twin of contracts/participation/rules/OptionOrder.sol. */
import { decodeRanking, encodeRanking } from "./rankings.js";

/** An order of all options. */
export interface Ordered {
  /** Options, best first. */
  readonly order: number[];
  /** Whether the first two have one score, so that the tie rule chose the winner. */
  readonly firstTied: boolean;
}

/**
 * Orders options by score, most first.
 *
 * @param scores - Score of each option.
 * @param tieOrder - Priority of each option, see {@link priorities}: the smaller one goes first.
 */
export function orderByScores(scores: readonly bigint[], tieOrder: readonly number[]): Ordered {
  const score = (option: number): bigint => scores[option] ?? 0n;
  const priority = (option: number): number => tieOrder[option] ?? option;
  const order = [...scores.keys()].sort((a, b) => {
    if (score(a) !== score(b)) return score(a) > score(b) ? -1 : 1;
    return priority(a) - priority(b);
  });
  const [first, second] = order;
  return { order, firstTied: first !== undefined && second !== undefined && score(first) === score(second) };
}

/** The word of an order: byte i from the low end is the number, from 1, of the option on place i. */
export function packOrder(order: readonly number[]): bigint {
  return encodeRanking(order.map((option) => [option]));
}

/** Options of an order, best first. */
export function unpackOrder(word: bigint): number[] {
  return decodeRanking(word).flat();
}
