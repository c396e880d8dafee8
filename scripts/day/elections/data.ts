/** The elections folder: which files there are, and what of them can be voted on. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import {
  importPabulib,
  importPrefLib,
  importRankedBallots,
  importReferendum,
  isCandidates,
  isPabulib,
  isPrefLib,
  isRankedBallots,
  type PabulibElection,
  pairRankedFiles,
  type RankedBallots,
  type RankedElection,
  type ReferendumRow,
  type RowFault,
} from "../../../sdk/importers/index.js";
import { isStrict } from "../../../sdk/participation/ranking.js";
import { MAX_OPTIONS, MAX_PAIRWISE_OPTIONS } from "../../../sdk/participation/rules/index.js";
import { MAX_SEGMENTS } from "../../../sdk/participation/terms.js";
import { type DataFile, EXPECTED_FILE, type Format, recognise } from "../folder.js";

type Kind = "budgets" | "preflib" | "ballots" | "candidates" | "referendums";

// Whatever is a table has to be one that is known: a table with a wrong header is a mistake, not another thing.
const FORMATS: readonly Format<Kind>[] = [
  { kind: "budgets", matches: isPabulib },
  { kind: "preflib", matches: isPrefLib },
  { kind: "ballots", matches: (file) => isTable(file) && isRankedBallots(file.header) },
  { kind: "candidates", matches: (file) => isTable(file) && isCandidates(file.header) },
  { kind: "referendums", matches: isTable },
];

const LEAST_OPTIONS = 2;
/** Counters of a ballot have 32 bits. */
const MOST_PAPERS = 2 ** 32 - 1;

function isTable({ extension }: DataFile): boolean {
  return extension === ".csv";
}

/** By which rule a ranked election is counted on chain: instant runoff knows no ties. */
export type RankedRule = "Schulze" | "InstantRunoff";

/** A ranked election. Candidates are numbered from 0. */
export interface Contest {
  /** The file's name up to its first point; no other one has it. */
  readonly name: string;
  readonly file: string;
  readonly candidates: readonly string[];
  readonly ballots: readonly RankedBallots[];
  /** Ballots in all. */
  readonly count: number;
  readonly rule: RankedRule;
  /** What its results are said to be; empty where nothing says so. */
  readonly expected: ExpectedContest;
}

/** Counts of an area, or of the whole. */
export interface Area {
  readonly name: string;
  /** As the file has it; where it does not, those whose papers were counted. */
  readonly electorate: number;
  /** By option. */
  readonly votes: readonly number[];
  readonly rejected: number;
}

/** A question of a referendum. */
export interface Question {
  /** The file's name up to its first point, with a number where the file has several questions; no other one has it. */
  readonly name: string;
  readonly file: string;
  /** As the file has it. */
  readonly text: string | undefined;
  readonly options: readonly string[];
  readonly areas: readonly Area[];
  /** Whether the file says how many could vote. */
  readonly electorateKnown: boolean;
  readonly expected: ExpectedQuestion;
}

/** A participatory budget, of which ballots are counted. */
export interface Budget {
  readonly name: string;
  readonly file: string;
  readonly election: PabulibElection;
  /** Ballots that break a limit of their own file. */
  readonly remarks: number;
  readonly expected: ExpectedBudget;
}

/** What there is to vote on and to count. */
export interface ElectionsData {
  readonly contests: readonly Contest[];
  readonly questions: readonly Question[];
  readonly budgets: readonly Budget[];
}

/** What data folders tell beside their files, as far as they do. Candidates are numbered from 1. */
export interface ExpectedContest {
  readonly ballots?: number;
  readonly candidates?: number;
  readonly distinct_rankings?: number;
  readonly ballots_with_ties?: number;
  readonly condorcet_winner?: number | null;
  readonly schulze_winners?: readonly number[];
  readonly irv_winner?: number;
  readonly irv_rounds?: readonly { readonly tally: Readonly<Record<string, number>>; readonly exhausted?: number }[];
  readonly plurality_first_choices?: Readonly<Record<string, number>>;
  readonly pairwise?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Counts and figures of a referendum by their names. */
export type ExpectedQuestion = Readonly<Record<string, number | string>>;

export interface ExpectedBudget {
  readonly budget?: number;
  readonly ballots?: number;
  readonly projects?: number;
  readonly sum_of_approvals?: number;
}

export interface ReadFolder {
  /** Absent where there is nothing to vote on and to count. */
  readonly data: ElectionsData | undefined;
  readonly used: readonly string[];
  readonly unknown: readonly string[];
  /** Files that no ballot can hold, with the reason. */
  readonly leftOut: readonly string[];
  readonly faults: readonly RowFault[];
}

/** Reads the files of the folder. */
export function readElections(dataPath: string, files: readonly DataFile[]): ReadFolder {
  const { of, unknown } = recognise(files, FORMATS);
  const reader = new Reader(dataPath);
  for (const file of of("preflib")) reader.readPrefLib(file);
  reader.readTables(of("ballots"), of("candidates"));
  for (const file of of("referendums")) reader.readReferendum(file);
  for (const file of of("budgets")) reader.readBudget(file);
  const { budgets, contests, questions } = reader;
  const isEmpty = budgets.length + contests.length + questions.length === 0;
  const left = new Set(reader.leftOut.map(({ file }) => file));
  return {
    data: isEmpty ? undefined : { contests, questions, budgets },
    used: files.flatMap((file) => (unknown.includes(file) || left.has(file.name) ? [] : [file.name])),
    unknown: unknown.map(({ name }) => name),
    leftOut: reader.leftOut.map(({ file, reason }) => `${file}: ${reason}`),
    faults: reader.faults,
  };
}

class Reader {
  readonly contests: Contest[] = [];
  readonly questions: Question[] = [];
  readonly budgets: Budget[] = [];
  readonly leftOut: { readonly file: string; readonly reason: string }[] = [];
  readonly faults: RowFault[] = [];
  readonly #dataPath: string;
  readonly #names = new Set<string>();

  constructor(dataPath: string) {
    this.#dataPath = dataPath;
  }

  readPrefLib(file: DataFile): void {
    const { election, faults } = importPrefLib(file);
    this.faults.push(...faults);
    // What is meant to have ties is counted by a rule that knows them, also where nobody made use of them.
    if (election !== undefined) this.#addContest(file, election, election.type === "toc" || election.type === "toi");
  }

  readTables(ballots: readonly DataFile[], candidates: readonly DataFile[]): void {
    const { alone, pairs } = pairRankedFiles(ballots, candidates);
    for (const { name, header } of alone) {
      const partner = isCandidates(header) ? "ballots" : "candidates";
      this.faults.push({ file: name, line: 1, column: "", value: "", reason: `no file of ${partner} goes with it` });
    }
    for (const pair of pairs) {
      const { election, faults } = importRankedBallots(pair);
      this.faults.push(...faults);
      if (election !== undefined) this.#addContest(pair.ballots, election, false);
    }
  }

  readReferendum(file: DataFile): void {
    const { faults, referendum } = importReferendum(file);
    this.faults.push(...faults);
    if (referendum === undefined) return;
    const { columns, options, rows } = referendum;
    if (options.length > MAX_OPTIONS) {
      this.#leaveOut(file, `more than ${MAX_OPTIONS} options`);
      return;
    }
    const byText = new Map<string | undefined, ReferendumRow[]>();
    for (const row of rows) {
      const { question } = row.texts;
      byText.set(question, [...(byText.get(question) ?? []), row]);
    }
    const expected = expectedOf(this.#expectations(file), stemOf(file));
    for (const [number, [text, own]] of [...byText].entries()) {
      const areas = own.map(areaOf);
      if (areas.length > MAX_SEGMENTS) {
        this.#leaveOut(file, `more than ${MAX_SEGMENTS} areas`);
        return;
      }
      if (sum(areas.map(({ electorate }) => electorate)) > MOST_PAPERS) {
        this.#leaveOut(file, `more than ${MOST_PAPERS} voters`);
        return;
      }
      const name = this.#nameOf(byText.size === 1 ? stemOf(file) : `${stemOf(file)}-${number + 1}`);
      const electorateKnown = columns.includes("electorate");
      this.questions.push({ name, file: file.name, text, options, areas, electorateKnown, expected });
    }
  }

  readBudget(file: DataFile): void {
    const { election, faults, remarks } = importPabulib(file);
    this.faults.push(...faults);
    if (election === undefined) return;
    const all = this.#expectations(file);
    const expected = Array.isArray(all)
      ? (all as (ExpectedBudget & { file?: string })[]).find((one) => one.file === basename(file.name))
      : undefined;
    const name = this.#nameOf(stemOf(file));
    this.budgets.push({ name, file: file.name, election, remarks: remarks.length, expected: expected ?? {} });
  }

  #addContest(file: DataFile, { ballots, candidates }: RankedElection, withTies: boolean): void {
    const rule = withTies || !ballots.every(({ levels }) => isStrict(levels)) ? "Schulze" : "InstantRunoff";
    const most = rule === "Schulze" ? MAX_PAIRWISE_OPTIONS : MAX_OPTIONS;
    const count = sum(ballots.map((one) => one.count));
    if (candidates.length < LEAST_OPTIONS) {
      this.#leaveOut(file, `fewer than ${LEAST_OPTIONS} candidates`);
      return;
    }
    if (candidates.length > most) {
      this.#leaveOut(file, `${candidates.length} candidates, and ${rule} is counted on chain for ${most} at most`);
      return;
    }
    if (count > MOST_PAPERS) {
      this.#leaveOut(file, `more than ${MOST_PAPERS} ballots`);
      return;
    }
    const all = this.#expectations(file);
    const stem = stemOf(file);
    const expected = Array.isArray(all)
      ? (all as (ExpectedContest & { election?: string })[]).find((one) => one.election === stem)
      : undefined;
    const name = this.#nameOf(stem);
    this.contests.push({ name, file: file.name, candidates, ballots, count, rule, expected: expected ?? {} });
  }

  #leaveOut({ name }: DataFile, reason: string): void {
    this.leftOut.push({ file: name, reason });
  }

  /** What stands beside a file; undefined where nothing does that can be read. */
  #expectations({ name }: DataFile): unknown {
    const path = join(this.#dataPath, dirname(name), EXPECTED_FILE);
    if (!existsSync(path)) return undefined;
    try {
      return JSON.parse(readFileSync(path, "utf8")) as unknown;
    } catch {
      return undefined;
    }
  }

  /** A name that no other election has. */
  #nameOf(stem: string): string {
    let name = stem;
    for (let number = 2; this.#names.has(name); number += 1) name = `${stem}-${number}`;
    this.#names.add(name);
    return name;
  }
}

/** A file's name up to its first point. */
function stemOf({ name }: DataFile): string {
  const base = basename(name);
  return base.split(".")[0] ?? base;
}

/** Figures of a referendum are told by a name with which the file's begins. */
function expectedOf(all: unknown, stem: string): ExpectedQuestion {
  if (typeof all !== "object" || all === null || Array.isArray(all)) return {};
  const [found] = Object.entries(all as Record<string, ExpectedQuestion>)
    .filter(([name]) => stem === name || stem.startsWith(`${name}_`))
    .sort(([left], [right]) => right.length - left.length);
  return found?.[1] ?? {};
}

function areaOf({ counts, texts, votes }: ReferendumRow): Area {
  const { electorate, rejected = 0 } = counts;
  return {
    name: texts.area ?? texts.question ?? "",
    electorate: electorate ?? sum(votes) + rejected,
    votes,
    rejected,
  };
}

/** Sum of whole numbers. */
export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
