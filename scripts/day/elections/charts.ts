/** What is drawn of elections: rounds of instant runoffs, and shares of votes. */
import type { RoundsChart, SharesChart, Tile } from "../charts.js";
import { writeWhole } from "../money.js";
import { type TableData, tableOf } from "../table.js";

/** Most options that rounds show by name; those that came last become one. */
const MOST_OPTIONS = 7;
const FULL_PERCENT = 100;
const DECIMALS = 2;

/** A round as the recount found it. */
export interface DrawnRound {
  readonly number: number;
  /** By option. */
  readonly tallies: readonly bigint[];
  readonly exhausted: bigint;
}

/** An instant runoff. */
export interface DrawnRunoff {
  readonly name: string;
  readonly candidates: readonly string[];
  /** Options, best first. */
  readonly order: readonly number[];
  readonly rounds: readonly DrawnRound[];
}

/** A question with the votes of each option. */
export interface DrawnQuestion {
  readonly name: string;
  readonly options: readonly string[];
  readonly votes: readonly bigint[];
}

/** Rounds of a runoff. */
export function roundsChart({ candidates, name, order, rounds }: DrawnRunoff, place: number): RoundsChart {
  const named = order.length > MOST_OPTIONS ? order.slice(0, MOST_OPTIONS - 1) : order;
  const rest = order.slice(named.length);
  const others = rest.length === 0 ? [] : [`${rest.length} others`];
  const options = [...named.map((option) => candidates[option] ?? option.toString()), ...others];
  const drawn = rounds.map(({ exhausted, number, tallies }) => {
    const tallyOf = (option: number): number => Number(tallies[option] ?? 0n);
    const last = rest.length === 0 ? [] : [rest.reduce((sum, option) => sum + tallyOf(option), 0)];
    return { number, tallies: [...named.map(tallyOf), ...last], exhausted: Number(exhausted) };
  });
  return {
    kind: "rounds",
    id: `elections-rounds-${place + 1}`,
    title: `${name}: rounds of the instant runoff`,
    text:
      `Each bar is a round as it was counted on the chain. Whoever has least leaves, and ballots go to who comes next on ` +
      `them; a ballot that names nobody who is left is exhausted. ${options[0] ?? "Nobody"} wins.`,
    options,
    rounds: drawn,
    table: tableOf(
      [{ head: "Round" }, ...[...options, "Exhausted"].map((head) => ({ head, right: true }))],
      drawn.map(({ exhausted, number, tallies }) => [number.toString(), ...[...tallies, exhausted].map(writeWhole)]),
    ),
  };
}

/** Shares of votes. */
export function sharesChart(questions: readonly DrawnQuestion[]): SharesChart {
  const drawn = questions.map(({ name, options, votes }) => ({
    name,
    parts: options.map((option, number) => ({ option, votes: Number(votes[number] ?? 0n) })),
  }));
  return {
    kind: "shares",
    id: "elections-shares",
    title: "Shares of valid votes",
    text: "Referendums and the vote of residents: the share of each option, and the line of one half.",
    questions: drawn,
    table: sharesTable(drawn),
  };
}

function sharesTable(questions: SharesChart["questions"]): TableData {
  return tableOf(
    [{ head: "Question" }, { head: "Option" }, { head: "Votes", right: true }, { head: "Share", right: true }],
    questions.flatMap(({ name, parts }) => {
      const all = parts.reduce((sum, { votes }) => sum + votes, 0);
      return parts.map(({ option, votes }) => [
        name,
        option,
        writeWhole(votes),
        all === 0 ? "none" : `${((votes * FULL_PERCENT) / all).toFixed(DECIMALS)} %`,
      ]);
    }),
  );
}

/** The elections part's few figures. */
export function electionsTiles(figures: {
  readonly ballots: number;
  readonly papers: number;
  readonly proofs: number;
  readonly differences: number;
}): Tile[] {
  return [
    { label: "ballots held", value: writeWhole(figures.ballots) },
    { label: "papers counted", value: writeWhole(figures.papers) },
    { label: "proofs of membership", value: writeWhole(figures.proofs) },
    { label: "differences of the recounts", value: writeWhole(figures.differences) },
  ];
}
