/** Ranked ballot papers as one word: twin of contracts/participation/rules/Rankings.sol. Options are numbered from 0. */

/** What is wrong with a ranking, by the first entry that is wrong. */
export const RankingFault = {
  None: 0n,
  GapInside: 1n,
  OptionOutOfRange: 2n,
  OptionTwice: 3n,
  TieNotAllowed: 4n,
  TieOnFirst: 5n,
  TieNotAscending: 6n,
} as const;

/** Stands for an option where there is none. */
export const NO_OPTION = 255;
/** Most options of a ballot: as many as a ranking has places. */
export const MAX_OPTIONS = 32;

const ENTRY_BITS = 8n;
const ENTRY_MASK = 0xffn;
const OPTION_MASK = 0x7fn;
const TIED = 0x80n;

/** A number is outside what a rule takes. */
export class RuleError extends RangeError {
  override readonly name = "RuleError";

  constructor(
    /** What the number is. */
    readonly subject: string,
    readonly value: number | bigint,
    /** Least that it may be. */
    readonly least: number | bigint,
    /** Greatest that it may be. */
    readonly greatest: number | bigint,
  ) {
    super(`${subject} ${value.toString()} is not ${least.toString()} to ${greatest.toString()}`);
  }
}

/**
 * Holds a whole number against its limits.
 *
 * @param subject - What the message calls it.
 * @throws RuleError for a number outside, or not whole.
 */
export function checkRange<Value extends number | bigint>(
  subject: string,
  value: Value,
  least: number | bigint,
  greatest: number | bigint,
): Value {
  if ((typeof value === "number" && !Number.isInteger(value)) || value < least || value > greatest) {
    throw new RuleError(subject, value, least, greatest);
  }
  return value;
}

/**
 * The word of a ranking.
 *
 * @param levels - Options in order, best first; those of one level are tied, in any order. Left out: tied behind the last.
 * @param options - Number of options, 2 to 32.
 * @throws RuleError for an option that there is not, or that stands twice; its subject says which.
 */
export function encodeRanking(levels: readonly (readonly number[])[], options = MAX_OPTIONS): bigint {
  checkRange("number of options", options, 2, MAX_OPTIONS);
  const seen = new Set<number>();
  let word = 0n;
  let shift = 0n;
  for (const level of levels) {
    for (const [index, option] of [...level].sort((a, b) => a - b).entries()) {
      checkRange("option", option, 0, options - 1);
      if (seen.has(option)) throw new RuleError("places of an option", 2, 0, 1);
      seen.add(option);
      word |= (BigInt(option + 1) | (index === 0 ? 0n : TIED)) << shift;
      shift += ENTRY_BITS;
    }
  }
  return word;
}

/** The levels of a good ranking, best first; a strict ranking has one option on each. */
export function decodeRanking(ranking: bigint): number[][] {
  const levels: number[][] = [];
  for (let rest = ranking; rest !== 0n; rest >>= ENTRY_BITS) {
    const option = Number(rest & OPTION_MASK) - 1;
    if ((rest & TIED) === 0n) levels.push([option]);
    else levels.at(-1)?.push(option);
  }
  return levels;
}

/**
 * What is wrong with a word as a ranking.
 *
 * @param ranking - Any number of up to 256 bits.
 * @param options - Number of options.
 * @param tiesAllowed - Whether options may be tied.
 * @returns See {@link RankingFault}.
 */
export function rankingFault(ranking: bigint, options: number, tiesAllowed: boolean): bigint {
  const seen = new Set<number>();
  let previous = 0;
  for (let rest = ranking; rest !== 0n; rest >>= ENTRY_BITS) {
    if ((rest & ENTRY_MASK) === 0n) return RankingFault.GapInside;
    const number = Number(rest & OPTION_MASK);
    if (number === 0 || number > options) return RankingFault.OptionOutOfRange;
    if (seen.has(number)) return RankingFault.OptionTwice;
    if ((rest & TIED) !== 0n) {
      if (!tiesAllowed) return RankingFault.TieNotAllowed;
      if (previous === 0) return RankingFault.TieOnFirst;
      if (number < previous) return RankingFault.TieNotAscending;
    }
    seen.add(number);
    previous = number;
  }
  return RankingFault.None;
}

/** Number of options that a good ranking lists. */
export function rankingLength(ranking: bigint): number {
  return decodeRanking(ranking).flat().length;
}

/**
 * The best option of a strict ranking among those that stand.
 *
 * @param standing - A bit for each option that stands.
 * @returns Its number; {@link NO_OPTION}: none that stands is listed.
 */
export function firstAmong(ranking: bigint, standing: bigint): number {
  const options = decodeRanking(ranking).flat();
  return options.find((option) => ((standing >> BigInt(option)) & 1n) === 1n) ?? NO_OPTION;
}
