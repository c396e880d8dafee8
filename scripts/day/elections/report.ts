/** The elections part for a reader. */
import { projectName, writeExact } from "../../../sdk/importers/index.js";
import { writeEuro, writeWhole } from "../money.js";
import { type Line, type Report, tableOf } from "../table.js";
import {
  type BudgetOutcome,
  type ContestOutcome,
  type ElectionsOutcome,
  nameOf,
  type QuestionOutcome,
  shareBp,
  votesOf,
  winnerOf,
  winnersBy,
} from "./books.js";
import { isSigned } from "./plan.js";
import { OPTIONS } from "./residents.js";
import { SECONDS_PER_DAY, SEALED_PER_BATCH } from "./terms.js";
import type { Told } from "./told.js";

const PERCENT = 100;

const RULE_NAMES = { Schulze: "Schulze", InstantRunoff: "instant runoff" } as const;

export function writeReport(outcome: ElectionsOutcome): Report {
  const { budgets, contests, life, questions } = outcome;
  const moved = life.shift === 0n ? "" : ` The part begins ${life.shift / SECONDS_PER_DAY} days later than usual.`;
  return [
    "ELECTIONS",
    "",
    `${count(contests.length, "ranked election")}, ${count(questions.length, "referendum")} and a vote of residents ` +
      `were held; of ${count(budgets.length, "participatory budget")} the ballots were counted. Every result was ` +
      `counted anew from events alone.${moved}`,
    "",
    ...contestLines(contests),
    ...questionLines(questions),
    ...residentsLines(outcome),
    ...budgetLines(budgets),
    "Refused, and why",
    tableOf(
      [{ head: "What was tried" }, { head: "Reason" }, { head: "In words" }],
      life.refusals.all.map(({ attempt, message, reason }) => [
        attempt,
        reason,
        shortened(life.day.register.withNames(message)),
      ]),
    ),
  ];
}

function right(head: string): { head: string; right: true } {
  return { head, right: true };
}

/** A number of things. */
function count(number: number, thing: string): string {
  return `${writeWhole(number)} ${thing}${number === 1 ? "" : "s"}`;
}

/** A message without most of the digits of hashes and nullifiers. */
function shortened(message: string): string {
  return message.replace(/\b(0x[\da-f]{8})[\da-f]{56}\b/g, "$1…").replace(/\b(\d{8})\d{56,}\b/g, "$1…");
}

/** What came of counting a ballot anew. */
function recounted({ differences }: Told): string {
  if (differences.length === 0) return "The recount agrees with the chain.";
  return `The recount differs from the chain in ${count(differences.length, "point")}.`;
}

/** A share such as 72.2 %. */
function writeShare(part: number, whole: number): string {
  return `${(shareBp(part, whole) / PERCENT).toFixed(2)} %`;
}

// --- ranked elections

function contestLines(contests: readonly ContestOutcome[]): Line[] {
  if (contests.length === 0) return [];
  const signed = contests.filter(({ story }) => isSigned(story.contest));
  const onPaper = contests.filter((contest) => !signed.includes(contest));
  return [
    "Ranked elections, counted on chain: by Schulze's rule where ballots may have ties, by instant runoff where they have none",
    tableOf(
      [
        { head: "Election" },
        { head: "Rule" },
        ...["Ballots", "Blank", "With ties", "Rankings"].map(right),
        { head: "Winner" },
        right("Recount differs in"),
      ],
      contests.map(({ reference, story: { contest }, told }) => [
        contest.name,
        RULE_NAMES[contest.rule],
        ...[contest.count, reference.blank, reference.withTies, reference.histogram.size].map(writeWhole),
        `${nameOf(contest.candidates, winnerOf(told))}${told.tied ? ", by the tie rule" : ""}`,
        writeWhole(told.differences.length),
      ]),
    ),
    ...(signed.length === 0
      ? []
      : [`Each ballot is a vote that an account signed: ${signed.map(({ story }) => story.name).join(", ")}.`]),
    ...onPaper.map(
      ({ story, told }) =>
        `${story.name}: the ballots are no votes of accounts. The returning officer signed ` +
        `${count(told.protocols, "protocol")} of equal rankings with their numbers, and is believed about them.`,
    ),
    "",
    ...contests.flatMap(roundLines),
    "Who wins by which rule; the others are counted beside the chain for comparison",
    tableOf(
      ["Election", "Beats all others", "Schulze", "Instant runoff", "Borda", "Minimax"].map((head) => ({ head })),
      contests.map(({ reference, story: { contest } }) => {
        const by = winnersBy(contest, reference);
        const name = (option: number | undefined): string =>
          option === undefined ? "-" : nameOf(contest.candidates, option);
        return [contest.name, ...[by.Condorcet, by.Schulze, by.InstantRunoff, by.Borda, by.Minimax].map(name)];
      }),
    ),
    "",
  ];
}

/** First and last round of an instant runoff. */
function roundLines({ story: { contest }, told }: ContestOutcome): Line[] {
  const rounds = told.recount.outcome?.rounds ?? [];
  const [first, last] = [rounds[0], rounds.at(-1)];
  if (first === undefined || last === undefined) return [];
  const leftIn = (option: number): string => {
    const round = rounds.find(({ eliminated }) => eliminated === option);
    return round === undefined ? "" : writeWhole(round.number);
  };
  return [
    `${contest.name}: ${writeWhole(rounds.length)} rounds on chain`,
    tableOf(
      [{ head: "Candidate" }, right("First round"), right("Last round"), right("Left after round")],
      [
        ...told.order.map((option) => [
          nameOf(contest.candidates, option),
          writeWhole(first.tallies[option] ?? 0n),
          (last.tallies[option] ?? 0n) === 0n ? "" : writeWhole(last.tallies[option] ?? 0n),
          leftIn(option),
        ]),
        ["exhausted", writeWhole(first.exhausted), writeWhole(last.exhausted), ""],
      ],
    ),
    "",
  ];
}

// --- referendums

function questionLines(questions: readonly QuestionOutcome[]): Line[] {
  if (questions.length === 0) return [];
  return [
    "Referendums, a segment for each area, from protocols of the returning officer",
    tableOf(
      [
        { head: "Referendum" },
        { head: "Option" },
        ...["Votes", "Of valid ones", "Areas led"].map(right),
        { head: "Outcome" },
      ],
      questions.flatMap(({ reference, story: { question }, told }) => {
        const votes = votesOf(told).map(Number);
        const valid = votes.reduce((total, one) => total + one, 0);
        return question.options.map((option, number) => [
          number === 0 ? question.name : "",
          option,
          writeWhole(votes[number] ?? 0),
          writeShare(votes[number] ?? 0, valid),
          writeWhole(reference.areasLed[number] ?? 0),
          winnerOf(told) === number ? "has it" : "",
        ]);
      }),
    ),
    ...questions.map(({ reference, story: { question }, told }) => {
      const { areas, electorateKnown, name, options } = question;
      const { protocols, recount } = told;
      const { areasLed, areasTied, doubleMajority, winner } = reference;
      const turnout = electorateKnown
        ? `turnout ${writeShare(recount.cast, recount.electorate)} of ${writeWhole(recount.electorate)}`
        : "the file does not say how many could vote, so those who did are taken";
      const leads = writeWhole(winner === undefined ? 0 : (areasLed[winner] ?? 0));
      return (
        `${name}: ${count(protocols, "protocol")} for ${count(areas.length, "area")}, ` +
        `${count(recount.spoilt, "void paper")}; ${turnout}. ${nameOf(options, winner)} leads in ${leads} of ` +
        `${count(areas.length, "area")}, and ${writeWhole(areasTied)} are tied: a double majority by area would ` +
        `${doubleMajority ? "" : "not "}be met. ${recounted(told)}`
      );
    }),
    "",
  ];
}

// --- the residents' vote

function residentsLines({ life, residents: told }: ElectionsOutcome): Line[] {
  const { batches, grant, proofs, waited } = life.residentsOutcome;
  const votes = votesOf(told);
  const { recount } = told;
  return [
    `Vote of residents: ${writeWhole(recount.cast)} of ${writeWhole(recount.electorate)} voted`,
    tableOf(
      [{ head: "Option" }, right("Votes")],
      OPTIONS.map((option, number) => [option, writeWhole(votes[number] ?? 0n)]),
    ),
    `${writeWhole(proofs)} proofs of membership were made on the spot, one of them for a second vote of the same ` +
      `person. Sealed votes were relayed in shuffled batches of ${SEALED_PER_BATCH} at most (${batches.join(", ")}), ` +
      `whose proofs are checked together. Nobody saw a vote before the close.`,
    `${told.passed ? "It passed" : "It did not pass"}: ${writeEuro(grant.received)} of ${writeEuro(grant.paidIn)} euro ` +
      `went from the timelock to the fund, ${waited / SECONDS_PER_DAY} days after the result; ` +
      `${writeEuro(grant.left)} are left. ${recounted(told)}`,
    "",
  ];
}

// --- participatory budgets

function budgetLines(budgets: readonly BudgetOutcome[]): Line[] {
  if (budgets.length === 0) return [];
  return [
    "Participatory budgets: ballots were read and counted; what is bought is decided by no contract yet",
    tableOf(
      [
        { head: "Budget" },
        { head: "Ballots are" },
        right("To spend"),
        ...["Projects", "Ballots", "Blank", "Approvals", "Beyond limits"].map(right),
        { head: "Most named" },
      ],
      budgets.map(({ budget: { election, name, remarks }, reference }) => {
        const [most] = reference.projects;
        const project = election.projects.find(({ id }) => id === most?.id);
        return [
          name,
          election.voteType,
          `${writeExact(election.budget)} ${election.meta.get("currency") ?? ""}`.trim(),
          ...[election.projects.length, reference.ballots, reference.blank, reference.approvals, remarks].map(
            writeWhole,
          ),
          project === undefined ? "" : `${projectName(project)}, ${writeWhole(most?.ballots ?? 0)}`,
        ];
      }),
    ),
    "",
  ];
}
