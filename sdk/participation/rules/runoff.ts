/** Instant-runoff voting: twin of contracts/participation/rules/InstantRunoff.sol, and what is to be given to it. */
import { orderByScores, type Ordered } from "./order.js";
import { checkRange, firstAmong, MAX_OPTIONS, NO_OPTION } from "./rankings.js";

/** What a round came to. */
export interface RunoffRound {
  /** From 1. */
  readonly number: number;
  /** Ballots of each option; zero for those that do not stand. */
  readonly tallies: readonly bigint[];
  /** Ballots that count for nobody any more. */
  readonly exhausted: bigint;
  /** Option that is eliminated; {@link NO_OPTION}: one has a majority. */
  readonly eliminated: number;
  /** Whether the tie rule chose whom to eliminate. */
  readonly tied: boolean;
}

/** A whole count. */
export interface RunoffResult extends Ordered {
  readonly rounds: readonly RunoffRound[];
  /** For each round, the rankings that the contract has to be given, ascending. */
  readonly due: readonly (readonly bigint[])[];
}

const bit = (option: number): bigint => 1n << BigInt(option);
const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : 1);

/**
 * Counts an election.
 *
 * @param ballots - Number of ballots by strict ranking; the blank one is 0.
 * @param tieOrder - Priority of each option, see {@link priorities}; it also says how many options there are, 2 to 32.
 * @throws RuleError for another number of options, or a negative number of ballots.
 */
export function instantRunoff(ballots: ReadonlyMap<bigint, bigint>, tieOrder: readonly number[]): RunoffResult {
  checkRange("number of options", tieOrder.length, 2, MAX_OPTIONS);
  const cast = [...ballots].filter(([, number]) => checkRange("number of ballots", number, 0n, 1n << 32n) > 0n);
  const last: number[] = [];
  const rounds: RunoffRound[] = [];
  const due = [cast.map(([ranking]) => ranking).sort(ascending)];
  let standing = tieOrder.map((_, option) => option);
  for (;;) {
    const bits = standing.reduce((all, option) => all | bit(option), 0n);
    const tallies = tieOrder.map(() => 0n);
    let exhausted = 0n;
    for (const [ranking, number] of cast) {
      const first = firstAmong(ranking, bits);
      if (first === NO_OPTION) exhausted += number;
      else tallies[first] = (tallies[first] ?? 0n) + number;
    }
    const counting = tallies.reduce((sum, tally) => sum + tally, 0n);
    const ranked = inOrder(standing, tallies, tieOrder);
    const round = { number: rounds.length + 1, tallies, exhausted };
    const most = tallies[ranked.order[0] ?? 0] ?? 0n;
    if (most * 2n > counting) {
      rounds.push({ ...round, eliminated: NO_OPTION, tied: false });
      return { order: [...ranked.order, ...last], firstTied: false, rounds, due };
    }
    const eliminated = ranked.order.at(-1) ?? 0;
    const tied = standing.filter((option) => tallies[option] === tallies[eliminated]).length > 1;
    rounds.push({ ...round, eliminated, tied });
    last.unshift(eliminated);
    standing = standing.filter((option) => option !== eliminated);
    if (standing.length === 1) return { order: [...standing, ...last], firstTied: tied, rounds, due };
    due.push(
      cast
        .map(([ranking]) => ranking)
        .filter((ranking) => firstAmong(ranking, bits) === eliminated)
        .sort(ascending),
    );
  }
}

/**
 * Rankings in the order in which the contract takes them, cut into calls. If all fit into one call, that one is enough;
 * otherwise the rounds follow upon another.
 *
 * @param ballots - As for {@link instantRunoff}.
 * @param most - Most rankings in one call, at least 1.
 * @throws RuleError as {@link instantRunoff}, and for less than one ranking in a call.
 */
export function runoffCalls(
  ballots: ReadonlyMap<bigint, bigint>,
  tieOrder: readonly number[],
  most: number,
): bigint[][] {
  checkRange("rankings in a call", most, 1, Number.MAX_SAFE_INTEGER);
  const { due } = instantRunoff(ballots, tieOrder);
  const [first = []] = due;
  if (first.length <= most) return [[...first]];
  const all = due.flat();
  return Array.from({ length: Math.ceil(all.length / most) }, (_, call) => all.slice(call * most, (call + 1) * most));
}

/** Options that stand, by their tallies. */
function inOrder(standing: readonly number[], tallies: readonly bigint[], tieOrder: readonly number[]): Ordered {
  const { order, firstTied } = orderByScores(
    standing.map((option) => tallies[option] ?? 0n),
    standing.map((option) => tieOrder[option] ?? option),
  );
  return { order: order.map((index) => standing[index] ?? 0), firstTied };
}
