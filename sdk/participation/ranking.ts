/** Rankings of a ballot as people write them, and as the one word that a ballot paper carries on chain. */

/** Most options of a ballot: a ranking has a byte for each in its word. */
export const MAX_RANKED_OPTIONS = 32;

/** What a ranking can be wrong in. */
export type RankingFault =
  | "empty level"
  | "no such option"
  | "option twice"
  | "too many options"
  | "no word"
  | "tie with nothing"
  | "tie out of order"
  | "entry behind the end";

/** A ranking that cannot be, with the value that is at fault and the limit that it breaks. */
export class RankingError extends RangeError {
  override readonly name = "RankingError";
  readonly fault: RankingFault;
  /** What stands there: an option number, a place, a number of options, an entry's byte, or the word. */
  readonly value: bigint;
  /** The greatest there may be, or what the value collides with. */
  readonly limit: bigint;

  constructor(fault: RankingFault, value: bigint | number, limit: bigint | number, message: string) {
    super(message);
    this.fault = fault;
    this.value = BigInt(value);
    this.limit = BigInt(limit);
  }
}

/**
 * A ranking by levels, best first. A level is the options that are tied in it, numbered from 1, in any order. Options in
 * no level are tied with each other below all levels. No level at all is a blank ballot.
 */
export type RankingLevels = readonly (readonly number[])[];

const BITS_PER_ENTRY = 8n;
const TIED = 0x80;
const OPTION_MASK = 0x7f;
const ENTRY_MASK = 0xffn;
const WORD_BITS = 256n;

/**
 * A ranking as one word: a byte for each option from the low end, best first, with 0x80 set where an option is tied with
 * the one before it. Tied options stand in ascending order, whatever their order in the level. A blank ballot is 0.
 *
 * @param levels - The ranking.
 * @param optionCount - Options of the ballot, 1 to {@link MAX_RANKED_OPTIONS}; that greatest number when left out.
 * @throws RankingError for a level without an option, an option that the ballot has not or that is ranked twice, and for
 * a ballot of more options than fit.
 */
export function packRanking(levels: RankingLevels, optionCount: number = MAX_RANKED_OPTIONS): bigint {
  const ranked = new OptionSet(optionCount);
  let word = 0n;
  let place = 0n;
  for (const [index, level] of levels.entries()) {
    if (level.length === 0) {
      throw new RankingError("empty level", index, levels.length, `level ${index} of ${levels.length} has no option`);
    }
    for (const [position, option] of [...level].sort((left, right) => left - right).entries()) {
      ranked.add(option);
      word |= BigInt(position === 0 ? option : option | TIED) << (place * BITS_PER_ENTRY);
      place += 1n;
    }
  }
  return word;
}

/**
 * The ranking that a word has, with tied options in ascending order. Only words that {@link packRanking} makes are
 * rankings, so that there is one word for each.
 *
 * @param word - 256 bits.
 * @param optionCount - Options of the ballot, 1 to {@link MAX_RANKED_OPTIONS}; that greatest number when left out.
 * @throws RankingError for a number that is no word, an option that the ballot has not or that is ranked twice, a tie of
 * the first entry or with a greater option, an entry behind the end, and for a ballot of more options than fit.
 */
export function unpackRanking(word: bigint, optionCount: number = MAX_RANKED_OPTIONS): number[][] {
  if (word < 0n || word >> WORD_BITS !== 0n) {
    const limit = (1n << WORD_BITS) - 1n;
    throw new RankingError("no word", word, limit, `${word.toString()} is not a word of ${WORD_BITS.toString()} bits`);
  }
  const ranked = new OptionSet(optionCount);
  const levels: number[][] = [];
  for (let rest = word; rest !== 0n; rest >>= BITS_PER_ENTRY) {
    const entry = Number(rest & ENTRY_MASK);
    if (entry === 0) {
      throw new RankingError(
        "entry behind the end",
        rest,
        0n,
        `0x${rest.toString(16)} stands behind the ranking's end`,
      );
    }
    const option = entry & OPTION_MASK;
    const before = levels.at(-1);
    if (entry === option) {
      ranked.add(option);
      levels.push([option]);
      continue;
    }
    const last = before?.at(-1);
    if (before === undefined || last === undefined) {
      throw new RankingError("tie with nothing", entry, TIED, `option ${option} is tied with one before, and is first`);
    }
    if (option < last) {
      throw new RankingError("tie out of order", option, last, `option ${option} stands behind ${last} in a tie`);
    }
    ranked.add(option);
    before.push(option);
  }
  return levels;
}

/** Whether no two options share a level, as counts by elimination ask. A blank ballot is strict. */
export function isStrict(levels: RankingLevels): boolean {
  return levels.every((level) => level.length === 1);
}

/** Options that are ranked already. */
class OptionSet {
  readonly #count: number;
  readonly #seen = new Set<number>();

  constructor(count: number) {
    if (!Number.isInteger(count) || count < 1 || count > MAX_RANKED_OPTIONS) {
      const reason = `a ballot has 1 to ${MAX_RANKED_OPTIONS} options, not ${count}`;
      throw new RankingError("too many options", Math.trunc(count), MAX_RANKED_OPTIONS, reason);
    }
    this.#count = count;
  }

  add(option: number): void {
    if (!Number.isInteger(option) || option < 1 || option > this.#count) {
      const reason = `options are 1 to ${this.#count}, not ${option}`;
      throw new RankingError("no such option", Math.trunc(option), this.#count, reason);
    }
    if (this.#seen.has(option)) {
      throw new RankingError("option twice", option, this.#count, `option ${option} is ranked twice`);
    }
    this.#seen.add(option);
  }
}
