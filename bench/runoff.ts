/**
 * An election of the size and shape of the one for mayor of Minneapolis in 2017: as many ballots, options and different
 * rankings, as many of both for each first choice, and short rankings as often. What voters put behind their first choice
 * is made up from what came first with others. The count takes as many rounds, and has the same winner.
 */
import { packRanking } from "../sdk/participation/ranking.js";

/** By option: ballots that rank it first, and different rankings among them. Two were never ranked first. */
const FIRST_CHOICES: readonly (readonly [ballots: number, rankings: number])[] = [
  [26_104, 233],
  [20_122, 242],
  [18_905, 217],
  [18_100, 216],
  [15_715, 220],
  [1_233, 172],
  [751, 136],
  [711, 121],
  [612, 125],
  [476, 127],
  [438, 147],
  [335, 107],
  [321, 122],
  [220, 94],
  [184, 89],
  [119, 73],
  [1, 1],
  [0, 0],
  [137, 37],
];
const BLANK = 1_444;
/** Part of the ballots with one, two and three ranks. */
const LENGTHS = [0.13, 0.15, 0.72] as const;

export const RUNOFF_OPTIONS = FIRST_CHOICES.length;
/** All papers, blank ones among them. */
export const RUNOFF_PAPERS = FIRST_CHOICES.reduce((sum, [ballots]) => sum + ballots, BLANK);
/** Most ranks of a ballot. */
export const RUNOFF_RANKS = LENGTHS.length;

interface Weighed {
  readonly options: readonly number[];
  readonly weight: number;
}

/** Ballots by ranking, rankings rising. */
export function runoffProfile(): ReadonlyMap<bigint, bigint> {
  const ballots: [bigint, bigint][] = [[0n, BigInt(BLANK)]];
  for (const [option, [total, rankings]] of FIRST_CHOICES.entries()) {
    const likeliest = rankingsFrom(option)
      .sort((a, b) => b.weight - a.weight || compare(wordOf(a), wordOf(b)))
      .slice(0, rankings);
    for (const [index, number] of share(total, likeliest).entries()) {
      const ranking = likeliest[index];
      if (ranking !== undefined) ballots.push([wordOf(ranking), BigInt(number)]);
    }
  }
  return new Map(ballots.sort(([a], [b]) => compare(a, b)));
}

/** How likely an option is to be put behind others. */
function appeal(option: number): number {
  return Math.sqrt(FIRST_CHOICES[option]?.[0] ?? 0);
}

/** All rankings that begin with an option. */
function rankingsFrom(first: number): Weighed[] {
  const found: Weighed[] = [];
  const extend = (options: readonly number[], weight: number): void => {
    found.push({ options, weight: weight * (LENGTHS[options.length - 1] ?? 0) });
    if (options.length === RUNOFF_RANKS) return;
    const others = FIRST_CHOICES.map((_, option) => option).filter((option) => !options.includes(option));
    const all = others.reduce((sum, option) => sum + appeal(option), 0);
    for (const option of others) extend([...options, option], (weight * appeal(option)) / all);
  };
  extend([first], 1);
  return found;
}

/** Shares a number out by weight, at least one to each; the first take what is left over. */
function share(total: number, among: readonly Weighed[]): number[] {
  const spare = total - among.length;
  const all = among.reduce((sum, { weight }) => sum + weight, 0);
  const shares = among.map(({ weight }) => 1 + Math.floor((spare * weight) / all));
  let left = total - shares.reduce((sum, number) => sum + number, 0);
  return shares.map((number) => (left-- > 0 ? number + 1 : number));
}

function wordOf({ options }: Weighed): bigint {
  return packRanking(options.map((option) => [option + 1]));
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : 1;
}
