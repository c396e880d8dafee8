/** The end of the elections part: who won, and whether files, reference, recount and chain agree to the last paper. */
import { writeExact } from "../../../sdk/importers/index.js";
import { rules } from "../../../sdk/participation/index.js";
import { type Check, equal } from "../check.js";
import type { Chart } from "../charts.js";
import type { Outcome } from "../module.js";
import { electionsTiles, roundsChart, sharesChart } from "./charts.js";
import type { ContestStory } from "./contests.js";
import { type Budget, type Contest, sum } from "./data.js";
import type { Life } from "./life.js";
import { isSigned } from "./plan.js";
import type { QuestionStory } from "./questions.js";
import {
  type BudgetReference,
  countBudget,
  countContest,
  countQuestion,
  type QuestionReference,
  type RankedReference,
} from "./reference.js";
import { writeReport } from "./report.js";
import { OPTIONS } from "./residents.js";
import type { Story } from "./story.js";
import { RESIDENTS, VOTERS } from "./terms.js";
import { readTold, type Told } from "./told.js";

const FULL_BP = 10_000;

/** A ranked election with its counts. */
export interface ContestOutcome {
  readonly story: ContestStory;
  readonly reference: RankedReference;
  readonly told: Told;
}

/** A referendum with its counts. */
export interface QuestionOutcome {
  readonly story: QuestionStory;
  readonly reference: QuestionReference;
  readonly told: Told;
}

/** A participatory budget with its counts. */
export interface BudgetOutcome {
  readonly budget: Budget;
  readonly reference: BudgetReference;
}

/** What the part came to. */
export interface ElectionsOutcome {
  readonly life: Life;
  readonly contests: readonly ContestOutcome[];
  readonly questions: readonly QuestionOutcome[];
  readonly budgets: readonly BudgetOutcome[];
  readonly residents: Told;
}

/** Draws up the accounts. */
export async function balanceBooks(life: Life): Promise<Outcome> {
  const all = life.contests.length + life.questions.length + 1;
  const progress = life.day.progress("elections: counting anew");
  let done = 0;
  const tell = async (story: Story): Promise<Told> => {
    const told = await readTold(life.day, story);
    done += 1;
    progress(done, all);
    return told;
  };
  const contests: ContestOutcome[] = [];
  for (const story of life.contests) {
    contests.push({ story, reference: countContest(story.contest), told: await tell(story) });
  }
  const questions: QuestionOutcome[] = [];
  for (const story of life.questions) {
    questions.push({ story, reference: countQuestion(story.question), told: await tell(story) });
  }
  const outcome: ElectionsOutcome = {
    life,
    contests,
    questions,
    budgets: life.data.budgets.map((budget) => ({ budget, reference: countBudget(budget) })),
    residents: await tell(life.residents),
  };
  return {
    summary: summaryOf(outcome),
    checks: [
      ...residentsChecks(outcome),
      ...contests.flatMap(contestChecks),
      ...questions.flatMap(questionChecks),
      ...outcome.budgets.flatMap(budgetChecks),
      ...life.refusals.checks,
    ],
    report: writeReport(outcome),
    charts: chartsOf(outcome),
    tiles: electionsTiles({
      ballots: all,
      papers: sum(tolds(outcome).map(({ recount }) => recount.cast)),
      proofs: life.residentsOutcome.proofs,
      differences: sum(tolds(outcome).map(({ differences }) => differences.length)),
    }),
  };
}

// --- what came of it

/** Name of an option; nobody's where there is none. */
export function nameOf(names: readonly string[], option: number | undefined): string {
  return option === undefined ? "nobody" : (names[option] ?? option.toString());
}

/** Who won on the chain; absent where nothing was decided. */
export function winnerOf({ decided, order }: Told): number | undefined {
  return decided ? order[0] : undefined;
}

/** Who wins by a rule in a ranked election; absent where no ballot prefers anybody, and where the rule does not apply. */
export function winnersBy(
  { count }: Pick<Contest, "count">,
  { blank, condorcet, orders, runoff }: RankedReference,
): Readonly<Record<"Condorcet" | "Schulze" | "InstantRunoff" | "Borda" | "Minimax", number | undefined>> {
  const first = (order: readonly number[] | undefined): number | undefined =>
    count === blank ? undefined : order?.[0];
  return {
    Condorcet: condorcet,
    Schulze: first(orders.Schulze),
    InstantRunoff: first(runoff?.order),
    Borda: first(orders.Borda),
    Minimax: first(orders.Minimax),
  };
}

/** Papers by option of a ballot of votes, from a recount. */
export function votesOf({ recount }: Told): bigint[] {
  return Array.from({ length: recount.terms.options }, (_, option) => recount.papers.get(BigInt(option)) ?? 0n);
}

/** A share in basis points, rounded down; zero of nothing. */
export function shareBp(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.floor((part * FULL_BP) / whole);
}

/** What a recount found, in a word. */
function differencesOf({ differences }: Told): string {
  const [first] = differences;
  return first === undefined ? "0" : `${differences.length}, first of ${first.what}`;
}

/** All ballots of the chain. */
function tolds({ contests, questions, residents }: ElectionsOutcome): Told[] {
  return [...contests, ...questions].map(({ told }) => told).concat(residents);
}

function chartsOf({ contests, life, questions, residents }: ElectionsOutcome): Chart[] {
  const runoffs = contests.flatMap(({ story: { contest }, told: { order, recount } }) => {
    const rounds = recount.outcome?.rounds ?? [];
    return rounds.length === 0 ? [] : [{ name: contest.name, candidates: contest.candidates, order, rounds }];
  });
  return [
    ...runoffs.map(roundsChart),
    sharesChart([
      ...questions.map(({ story: { question }, told }) => ({
        name: question.name,
        options: question.options,
        votes: votesOf(told),
      })),
      { name: life.residents.name, options: OPTIONS, votes: votesOf(residents) },
    ]),
  ];
}

// --- checks

function recountCheck(name: string, told: Told): Check {
  return equal(`elections: ${name}: differences of the recount from the chain = 0`, differencesOf(told), "0");
}

function contestChecks({ reference, story, told }: ContestOutcome): Check[] {
  const { contest } = story;
  const { name } = contest;
  const { recount } = told;
  const same = [...reference.histogram].filter(([ranking, number]) => recount.papers.get(ranking) === number).length;
  const expectedOrder = contest.rule === "Schulze" ? reference.orders.Schulze : (reference.runoff?.order ?? []);
  return [
    equal(`elections: ${name}: papers cast on chain = ballots in the data`, recount.cast, contest.count),
    equal(
      `elections: ${name}: rankings cast as often as in the data = rankings in the data`,
      same,
      Math.max(reference.histogram.size, recount.papers.size),
    ),
    recountCheck(name, told),
    equal(
      `elections: ${name}: order on chain = order by the reference rule`,
      told.order.map((option) => option + 1).join(">"),
      expectedOrder.map((option) => option + 1).join(">"),
    ),
    ...expectedContestChecks(contest, reference, told),
  ];
}

function questionChecks({ reference, story, told }: QuestionOutcome): Check[] {
  const { name, options } = story.question;
  const { recount } = told;
  const votes = votesOf(told);
  const leads = ledOn(told);
  return [
    ...options.map((option, number) =>
      equal(`elections: ${name}: ${option} on chain = in the data`, votes[number] ?? 0n, reference.votes[number] ?? 0),
    ),
    equal(`elections: ${name}: void papers on chain = in the data`, recount.spoilt, reference.rejected),
    equal(`elections: ${name}: electorate on chain = in the data`, recount.electorate, reference.electorate),
    equal(
      `elections: ${name}: areas that each option leads on chain = in the data`,
      leads.join(),
      reference.areasLed.join(),
    ),
    recountCheck(name, told),
    equal(
      `elections: ${name}: outcome on chain = in the data`,
      nameOf(options, winnerOf(told)),
      nameOf(options, reference.winner),
    ),
    ...expectedQuestionChecks(story, reference, told),
  ];
}

/** Areas that each option leads, from the recount of the segments. */
function ledOn({ recount: { segments, terms } }: Told): number[] {
  return Array.from(
    { length: terms.options },
    (_, option) => segments.filter(({ tallies }) => rules.leads(tallies, option)).length,
  );
}

function residentsChecks({ life, residents: told }: ElectionsOutcome): Check[] {
  const { chosen, grant, toldBefore } = life.residentsOutcome;
  const { recount } = told;
  const name = life.residents.name;
  return [
    equal(`elections: ${name}: papers cast on chain = voters`, recount.cast, VOTERS),
    equal(`elections: ${name}: electorate on chain = residents on the roll`, recount.electorate, RESIDENTS),
    equal(`elections: ${name}: votes on chain = what voters chose`, votesOf(told).join(), chosen.join()),
    equal(
      `elections: ${name}: votes told before the key was known = 0`,
      toldBefore.reduce((total, one) => total + one, 0n),
      0n,
    ),
    recountCheck(name, told),
    equal(`elections: ${name}: paid out = what was decided`, grant.received, told.passed ? grant.amount : 0n),
    equal(`elections: ${name}: paid in = paid out + left`, grant.paidIn, grant.received + grant.left),
  ];
}

function budgetChecks({ budget, reference }: BudgetOutcome): Check[] {
  const { election, expected, file } = budget;
  return figureChecks(file, [
    ["ballots", reference.ballots, expected.ballots],
    ["projects", election.projects.length, expected.projects],
    ["budget", Number(writeExact(election.budget)), expected.budget],
    ["sum_of_approvals", reference.approvals, expected.sum_of_approvals],
  ]);
}

/** Figures that the data expect, of those that they do. */
function figureChecks(
  name: string,
  figures: readonly (readonly [what: string, value: number | string, wanted: number | string | undefined])[],
): Check[] {
  return figures.flatMap(([what, value, wanted]) =>
    wanted === undefined ? [] : [equal(`elections: ${name}: ${what} = expected.json`, value, wanted)],
  );
}

/** Numbers of candidates, from 1. */
function numbersOf(options: readonly number[]): string {
  return options.map((option) => option + 1).join();
}

function expectedContestChecks(contest: Contest, reference: RankedReference, told: Told): Check[] {
  const { candidates, expected, name } = contest;
  const rounds = told.recount.outcome?.rounds ?? [];
  const condorcet = expected.condorcet_winner;
  return [
    ...figureChecks(name, [
      ["ballots", told.recount.cast, expected.ballots],
      ["candidates", candidates.length, expected.candidates],
      ["distinct_rankings", told.recount.papers.size, expected.distinct_rankings],
      ["ballots_with_ties", reference.withTies, expected.ballots_with_ties],
      [
        "condorcet_winner",
        reference.condorcet === undefined ? "none" : reference.condorcet + 1,
        condorcet === null ? "none" : condorcet,
      ],
      ["schulze_winners", numbersOf(reference.schulzeWinners), expected.schulze_winners?.join()],
      [
        "plurality_first_choices",
        textOf(reference.firstChoices.map(BigInt)),
        wantedText(expected.plurality_first_choices, candidates.length),
      ],
    ]),
    ...pairwiseChecks(contest, told),
    ...(contest.rule === "Schulze"
      ? figureChecks(name, [["Schulze winner on chain", (winnerOf(told) ?? -1) + 1, expected.schulze_winners?.[0]]])
      : figureChecks(name, [
          ["irv_winner", (winnerOf(told) ?? -1) + 1, expected.irv_winner],
          ["first of irv_rounds", textOf(rounds[0]?.tallies ?? []), wantedRound(expected, 0, candidates.length)],
          ["last of irv_rounds", textOf(rounds.at(-1)?.tallies ?? []), wantedRound(expected, -1, candidates.length)],
        ])),
  ];
}

/** The matrix on chain against the one that is expected. */
function pairwiseChecks({ candidates, expected, name, rule }: Contest, { recount }: Told): Check[] {
  const { pairwise } = expected;
  if (pairwise === undefined || rule !== "Schulze") return [];
  const tallies = recount.segments[0]?.tallies ?? [];
  const wanted = candidates.flatMap((_, row) =>
    candidates.map((__, column) => BigInt(pairwise[row + 1]?.[column + 1] ?? 0)),
  );
  const same = wanted.filter((count, lane) => count === tallies[lane]).length;
  return [equal(`elections: ${name}: pairwise counts on chain = expected.json`, same, wanted.length)];
}

/** Counts by candidate from 1, without those of zero. */
function textOf(counts: readonly bigint[]): string {
  return counts.flatMap((count, option) => (count === 0n ? [] : [`${option + 1}: ${count}`])).join(", ");
}

function wantedText(counts: Readonly<Record<string, number>> | undefined, options: number): string | undefined {
  if (counts === undefined) return undefined;
  return textOf(Array.from({ length: options }, (_, option) => BigInt(counts[option + 1] ?? 0)));
}

function wantedRound({ irv_rounds: rounds }: Contest["expected"], at: number, options: number): string | undefined {
  return wantedText(rounds?.at(at)?.tally, options);
}

function expectedQuestionChecks(
  { question: { areas, expected, name, options } }: QuestionStory,
  reference: QuestionReference,
  told: Told,
): Check[] {
  const votes = votesOf(told).map(Number);
  return figureChecks(name, [
    ["areas", areas.length, expected.areas],
    ["electorate", told.recount.electorate, expected.electorate],
    ["valid", sum(votes), expected.valid],
    ["rejected", told.recount.spoilt, expected.rejected],
    ...options.map((option, number) => [option, votes[number] ?? 0, expected[option]] as const),
    ...options.map(
      (option, number) => [`areas_${option}`, ledOn(told)[number] ?? 0, expected[`areas_${option}`]] as const,
    ),
    ["areas_tied", reference.areasTied, expected.areas_tied],
    ["outcome", nameOf(options, winnerOf(told)), expected.outcome],
  ]);
}

// --- summary

function summaryOf({ budgets, contests, life, questions, residents }: ElectionsOutcome): Outcome["summary"] {
  return {
    timeShiftSeconds: life.shift,
    ranked: contests.map(contestSummary),
    referendums: questions.map(questionSummary),
    budgets: budgets.map(budgetSummary),
    residents: residentsSummary(life, residents),
    refusals: life.refusals.all.map(({ key, message, reason }) => ({ key, reason, message })),
  };
}

function recountSummary({ differences, recount }: Told) {
  return {
    papers: recount.cast,
    valid: recount.valid,
    spoilt: recount.spoilt,
    onPaper: recount.onPaper,
    differences: differences.length,
  };
}

function contestSummary({ reference, story: { contest }, told }: ContestOutcome) {
  const { candidates, count, file, name, rule } = contest;
  const winners = Object.entries(winnersBy(contest, reference));
  return {
    name,
    file,
    rule,
    ballots: count,
    blank: reference.blank,
    withTies: reference.withTies,
    rankings: reference.histogram.size,
    cast: isSigned(contest) ? "signed votes" : "protocols",
    protocols: told.protocols,
    winner: nameOf(candidates, winnerOf(told)),
    tied: told.tied,
    order: told.order.map((option) => nameOf(candidates, option)),
    firstChoices: Object.fromEntries(candidates.map((one, option) => [one, reference.firstChoices[option]])),
    ...(rule === "InstantRunoff" ? { rounds: roundsSummary(candidates, told) } : {}),
    // What the reference says by each rule; absent where it does not apply.
    winners: Object.fromEntries(
      winners.flatMap(([by, option]) => (option === undefined ? [] : [[by, nameOf(candidates, option)]])),
    ),
    recount: recountSummary(told),
  };
}

function roundsSummary(candidates: readonly string[], { recount }: Told) {
  return (recount.outcome?.rounds ?? []).map(({ eliminated, exhausted, number, tallies, tied }) => ({
    number,
    tallies: Object.fromEntries(
      tallies.flatMap((tally, option) => (tally === 0n ? [] : [[nameOf(candidates, option), tally]])),
    ),
    exhausted,
    ...(eliminated === rules.NO_OPTION ? {} : { eliminated: nameOf(candidates, eliminated), tied }),
  }));
}

function questionSummary({ reference, story: { question }, told }: QuestionOutcome) {
  const { areas, electorateKnown, file, name, options, text } = question;
  const votes = votesOf(told);
  const byOption = (counts: readonly (bigint | number)[]) =>
    Object.fromEntries(options.map((option, number) => [option, counts[number] ?? 0]));
  return {
    name,
    file,
    ...(text === undefined ? {} : { question: text }),
    votes: byOption(votes),
    rejected: told.recount.spoilt,
    electorate: told.recount.electorate,
    electorateKnown,
    turnoutBp: shareBp(told.recount.cast, told.recount.electorate),
    outcome: nameOf(options, winnerOf(told)),
    winner: nameOf(options, winnerOf(told)),
    areas: areas.length,
    areasLed: byOption(reference.areasLed),
    areasTied: reference.areasTied,
    doubleMajority: reference.doubleMajority,
    protocols: told.protocols,
    recount: recountSummary(told),
  };
}

function budgetSummary({ budget: { election, file, name, remarks }, reference }: BudgetOutcome) {
  const { ballots, blank, approvals, projects } = reference;
  return {
    name,
    file,
    voteType: election.voteType,
    budget: writeExact(election.budget),
    currency: election.meta.get("currency") ?? "",
    projects: election.projects.length,
    ballots,
    blank,
    approvals,
    remarks,
    mostNamed: projects.slice(0, MOST_NAMED),
    allocated: false,
  };
}

const MOST_NAMED = 5;

function residentsSummary({ residents, residentsOutcome }: Life, told: Told) {
  const votes = votesOf(told);
  const { batches, grant, proofs, waited } = residentsOutcome;
  return {
    name: residents.name,
    roll: told.recount.electorate,
    voters: told.recount.cast,
    proofs,
    batches,
    entries: told.recount.segments[0]?.entries ?? 0,
    votes: Object.fromEntries(OPTIONS.map((option, number) => [option, votes[number] ?? 0n])),
    turnoutBp: shareBp(told.recount.cast, told.recount.electorate),
    winner: nameOf(OPTIONS, winnerOf(told)),
    passed: told.passed,
    grant,
    executedAfterSeconds: waited,
    recount: recountSummary(told),
  };
}
