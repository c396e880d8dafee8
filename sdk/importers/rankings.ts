/** What files of ranked ballots have in common. */
import type { RankingLevels } from "../participation/ranking.js";
import { CellFault, type Range, readText } from "./cells.js";
import type { Place } from "./faults.js";

/** Ballots with one ranking. */
export interface RankedBallots extends Place {
  /** How many, at least one. */
  readonly count: number;
  /**
   * Candidates by their numbers from 1, best first, tied ones in one level. Those in no level are tied below all others;
   * without any level the ballots are blank.
   */
  readonly levels: RankingLevels;
}

/** An election by ranked ballots. */
export interface RankedElection {
  /** Names of the candidates: that of number 1 first. */
  readonly candidates: readonly string[];
  readonly ballots: readonly RankedBallots[];
}

/** Ballots of one row. */
export const BALLOT_COUNT: Range = { least: 1n, greatest: 0xffff_ffffn };

/** Candidates of one election. */
export const CANDIDATE_COUNT: Range = { least: 0n, greatest: 100_000n };

const CANDIDATE = /^\d{1,7}$/;

/** The number of a candidate in a ranking. */
export function readCandidate(text: string): number {
  if (text === "") throw new CellFault("an empty place in the ranking");
  if (!CANDIDATE.test(text)) throw new CellFault(`${text} is not the number of a candidate`);
  return Number(text);
}

/** A candidate's name. */
export function readName(cell: string): string {
  const name = readText(cell.trim());
  if (name.includes("\n")) throw new CellFault("the name has more than one line");
  return name;
}

/** Levels whose candidates all exist and are ranked once each. */
export function checkedLevels(levels: readonly (readonly number[])[], candidateCount: number): RankingLevels {
  const seen = new Set<number>();
  for (const candidate of levels.flat()) {
    if (candidate < 1 || candidate > candidateCount) throw new CellFault(`there is no candidate ${candidate}`);
    if (seen.has(candidate)) throw new CellFault(`candidate ${candidate} stands there twice`);
    seen.add(candidate);
  }
  return levels;
}

/** Names by number, where some are lacking: a candidate without a name is called by the number. */
export function namesOf(named: ReadonlyMap<number, string>, count: number): string[] {
  return Array.from({ length: count }, (_, index) => named.get(index + 1) ?? (index + 1).toString());
}
