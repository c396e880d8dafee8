/** Results by the reference rules, from the files alone: what the chain is held against, and what other rules would have said. */
import {
  bordaScores,
  condorcetWinner,
  decodeRanking,
  instantRunoff,
  minimaxScores,
  NO_OPTION,
  orderByScores,
  type PairwiseMatrix,
  addRanking,
  priorities,
  type RunoffResult,
  schulzeScores,
  TieRule,
} from "../../../sdk/participation/rules/index.js";
import { type Area, type Budget, type Contest, type Question, sum } from "./data.js";
import { histogramOf } from "./plan.js";

/** What a ranked election comes to. Candidates are numbered from 0. */
export interface RankedReference {
  readonly histogram: ReadonlyMap<bigint, bigint>;
  readonly blank: number;
  readonly withTies: number;
  /** Ballots with each alone on their first place. */
  readonly firstChoices: readonly number[];
  readonly matrix: PairwiseMatrix;
  /** Who beats each other one; absent where nobody does. */
  readonly condorcet: number | undefined;
  /** Those whom nobody beats by Schulze's paths. */
  readonly schulzeWinners: readonly number[];
  /** Orders by rule, best first; ties go to the lower number. */
  readonly orders: Readonly<Record<"Schulze" | "Borda" | "Minimax", readonly number[]>>;
  /** Absent where ballots have ties. */
  readonly runoff: RunoffResult | undefined;
}

/** Counts a ranked election by all rules. */
export function countContest(contest: Contest): RankedReference {
  const histogram = histogramOf(contest);
  const options = contest.candidates.length;
  const tieOrder = priorities(TieRule.LowestNumber, options);
  // The matrix of the contracts ends with 16 options; the rules do not.
  const matrix = Array.from({ length: options }, () => Array.from({ length: options }, () => 0n));
  const firstChoices = Array.from({ length: options }, () => 0);
  let [blank, withTies] = [0, 0];
  for (const [ranking, number] of histogram) {
    addRanking(matrix, ranking, number);
    const levels = decodeRanking(ranking);
    const [first, ...tied] = levels[0] ?? [];
    if (isBlank(ranking, options)) blank += Number(number);
    if (first !== undefined && tied.length === 0) firstChoices[first] = (firstChoices[first] ?? 0) + Number(number);
    if (levels.some((level) => level.length > 1)) withTies += Number(number);
  }
  const ballots = BigInt(contest.count);
  const order = (scores: readonly bigint[]): number[] => orderByScores(scores, tieOrder).order;
  const schulze = schulzeScores(matrix);
  const condorcet = condorcetWinner(matrix);
  return {
    histogram,
    blank,
    withTies,
    firstChoices,
    matrix,
    condorcet: condorcet === NO_OPTION ? undefined : condorcet,
    schulzeWinners: [...schulze.keys()].filter((option) => schulze[option] === BigInt(options - 1)),
    orders: {
      Schulze: order(schulze),
      Borda: order(bordaScores(matrix, ballots)),
      Minimax: order(minimaxScores(matrix, ballots)),
    },
    runoff: withTies === 0 ? instantRunoff(histogram, tieOrder) : undefined,
  };
}

/** Whether a ballot prefers nobody to anybody: it ranks nobody, or all alike. */
function isBlank(ranking: bigint, options: number): boolean {
  const [first, second] = decodeRanking(ranking);
  return first === undefined || (second === undefined && first.length === options);
}

/** What a referendum comes to. */
export interface QuestionReference {
  readonly electorate: number;
  /** By option. */
  readonly votes: readonly number[];
  readonly rejected: number;
  /** Areas in which an option is ahead of all others, by option. */
  readonly areasLed: readonly number[];
  /** Areas in which none is. */
  readonly areasTied: number;
  /** Option with most votes, the lower number among equals; absent where nobody voted. */
  readonly winner: number | undefined;
  /** Whether it leads in more than half of the areas too. */
  readonly doubleMajority: boolean;
}

/** Counts a referendum. */
export function countQuestion({ areas, options }: Question): QuestionReference {
  const votes = options.map((_, option) => sum(areas.map((area) => area.votes[option] ?? 0)));
  const leaders = areas.map(leaderOf);
  const areasLed = options.map((_, option) => leaders.filter((leader) => leader === option).length);
  const most = Math.max(...votes);
  const winner = most === 0 ? undefined : votes.indexOf(most);
  return {
    electorate: sum(areas.map(({ electorate }) => electorate)),
    votes,
    rejected: sum(areas.map(({ rejected }) => rejected)),
    areasLed,
    areasTied: leaders.filter((leader) => leader === undefined).length,
    winner,
    doubleMajority: winner !== undefined && (areasLed[winner] ?? 0) * 2 > areas.length,
  };
}

/** Option with more votes than each other one in an area. */
function leaderOf({ votes }: Area): number | undefined {
  const most = Math.max(...votes);
  return votes.filter((count) => count === most).length === 1 ? votes.indexOf(most) : undefined;
}

/** Ballots of a participatory budget. */
export interface BudgetReference {
  readonly ballots: number;
  readonly blank: number;
  /** Times that a ballot names a project. */
  readonly approvals: number;
  /** Ballots that name each project, most first, those of equal number in the order of the file. */
  readonly projects: readonly { readonly id: string; readonly ballots: number }[];
}

/** Counts the ballots of a participatory budget; what is bought is not decided here. */
export function countBudget({ election }: Budget): BudgetReference {
  const numbers = new Map(election.projects.map(({ id }) => [id, 0]));
  for (const id of election.ballots.flatMap(({ projects }) => projects)) numbers.set(id, (numbers.get(id) ?? 0) + 1);
  const projects = [...numbers].map(([id, ballots]) => ({ id, ballots }));
  return {
    ballots: election.ballots.length,
    blank: election.ballots.filter((ballot) => ballot.projects.length === 0).length,
    approvals: sum(projects.map(({ ballots }) => ballots)),
    projects: projects.sort((left, right) => right.ballots - left.ballots),
  };
}
