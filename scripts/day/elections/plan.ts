/**
 * Which papers there are and how they come to the box, by rules on the data alone; nothing here knows a chain.
 *
 * - A ranked election of at most a thousand ballots is voted on by as many accounts as there are ballots: each signs one, in the
 *   order of the file, and a hundred are relayed at once. Ballots of a greater one are counted by a returning officer,
 *   who signs protocols of equal rankings.
 * - Each area of a referendum is a segment, for which a returning officer signs a protocol. Areas where nobody voted have none.
 */
import { type PaperCount } from "../../../sdk/index.js";
import { packRanking } from "../../../sdk/participation/ranking.js";
import { slices } from "../../../sdk/slices.js";
import type { Contest, Question } from "./data.js";
import { MOST_SIGNED_BALLOTS, RANKINGS_PER_PROTOCOL } from "./terms.js";

/** Equal papers that an officer found in a segment. */
export interface PlannedProtocol {
  readonly segment: number;
  readonly entries: readonly PaperCount[];
  readonly spoilt: number;
}

/** Whether each ballot is a vote of an account. */
export function isSigned({ count }: Pick<Contest, "count">): boolean {
  return count <= MOST_SIGNED_BALLOTS;
}

/** What each ballot says, one after the other. */
export function papersOf({ ballots, candidates }: Contest): bigint[] {
  return ballots.flatMap(({ count, levels }) =>
    Array.from({ length: count }, () => packRanking(levels, candidates.length)),
  );
}

/** Number of ballots by ranking, in the order of the file. */
export function histogramOf({ ballots, candidates }: Pick<Contest, "ballots" | "candidates">): Map<bigint, bigint> {
  const numbers = new Map<bigint, bigint>();
  for (const { count, levels } of ballots) {
    const ranking = packRanking(levels, candidates.length);
    numbers.set(ranking, (numbers.get(ranking) ?? 0n) + BigInt(count));
  }
  return numbers;
}

/** Protocols of a ranked election. */
export function rankedProtocols(contest: Contest): PlannedProtocol[] {
  const entries = [...histogramOf(contest)].map(([payload, count]) => ({ payload, count: Number(count) }));
  return slices(entries, RANKINGS_PER_PROTOCOL).map((part) => ({ segment: 0, entries: part, spoilt: 0 }));
}

/** Protocols of a referendum. */
export function areaProtocols({ areas }: Question): PlannedProtocol[] {
  return areas.flatMap(({ rejected, votes }, segment) => {
    const entries = votes.flatMap((count, option) => (count === 0 ? [] : [{ payload: BigInt(option), count }]));
    return entries.length === 0 && rejected === 0 ? [] : [{ segment, entries, spoilt: rejected }];
  });
}
