/** Ranked ballots as a table of counts and rankings, beside a table of the candidates' names. */
import type { RankingLevels } from "../participation/ranking.js";
import { CellFault, readWhole } from "./cells.js";
import { hasColumns, readTable, type SourceText, writeTable } from "./csv.js";
import { ExportError, writeChecked } from "./exports.js";
import { inOrder, type Place, type RowFault } from "./faults.js";
import {
  BALLOT_COUNT,
  CANDIDATE_COUNT,
  checkedLevels,
  namesOf,
  type RankedBallots,
  type RankedElection,
  readCandidate,
  readName,
} from "./rankings.js";
import { RowReader } from "./rows.js";

/** Columns of a file of ranked ballots. */
export const RANKED_BALLOT_COLUMNS = ["count", "ranking"] as const;

/** Columns of a file of candidates. */
export const CANDIDATE_COLUMNS = ["no", "name"] as const;

export type RankedBallotColumn = (typeof RANKED_BALLOT_COLUMNS)[number];
export type CandidateColumn = (typeof CANDIDATE_COLUMNS)[number];

const ABOVE = ">";
const TIED = "=";

/** What a file of ballots and its file of candidates have. */
export interface RankedFiles {
  /** Undefined where one of the files cannot be read. */
  readonly election: RankedElection | undefined;
  readonly faults: readonly RowFault[];
  /** Rows of both files. */
  readonly rowCount: number;
}

/** The two files of an election. */
export interface RankedPair<Source extends SourceText> {
  readonly ballots: Source;
  readonly candidates: Source;
}

/** Whether a file's header row is that of ranked ballots. */
export function isRankedBallots(header: readonly string[]): boolean {
  return hasColumns(header, RANKED_BALLOT_COLUMNS);
}

/** Whether a file's header row is that of candidates. */
export function isCandidates(header: readonly string[]): boolean {
  return hasColumns(header, CANDIDATE_COLUMNS);
}

/**
 * Finds the files that belong together: those whose names begin alike for longest, each in one pair at most. So
 * `mayor.ballots.csv` goes with `mayor.candidates.csv`, whatever else is there, and two files with other names go
 * together when they are the only ones.
 *
 * @returns The pairs in the order of the ballots, and the files without a partner.
 */
export function pairRankedFiles<Source extends SourceText>(
  ballots: readonly Source[],
  candidates: readonly Source[],
): { pairs: RankedPair<Source>[]; alone: Source[] } {
  const ranked = ballots
    .flatMap((file) => candidates.map((names) => ({ file, names, shared: sharedStart(file.name, names.name) })))
    .sort((left, right) => right.shared - left.shared);
  const partners = new Map<Source, Source>();
  for (const { file, names } of ranked) {
    if (partners.has(file) || partners.has(names)) continue;
    partners.set(file, names).set(names, file);
  }
  const pairs = ballots.flatMap((file) => {
    const names = partners.get(file);
    return names === undefined ? [] : [{ ballots: file, candidates: names }];
  });
  return { pairs, alone: [...ballots, ...candidates].filter((file) => !partners.has(file)) };
}

function sharedStart(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return length;
}

/**
 * Reads a file of the columns {@link RANKED_BALLOT_COLUMNS} and one of {@link CANDIDATE_COLUMNS}. A ranking is numbers of
 * candidates with `>` between one and the next and `=` between tied ones, such as `4>1=2`, and nothing for a blank ballot.
 * A ranking may stand in several rows. A row with a fault is left out; a candidate whose name is lacking is called by the
 * number. There may be no ballots, and no candidates.
 */
export function importRankedBallots({ ballots: source, candidates: names }: RankedPair<SourceText>): RankedFiles {
  const candidates = readCandidates(names);
  const table = readTable(source, RANKED_BALLOT_COLUMNS, true);
  const faults = [...candidates.faults, ...table.faults];
  const rowCount = candidates.rowCount + (table.unreadable ? 0 : table.rows.length + table.faults.length);
  const ballots: RankedBallots[] = [];
  for (const row of candidates.unreadable ? [] : table.rows) {
    const reader = new RowReader(source.name, row);
    const count = reader.read("count", (cell) => readWhole(cell, BALLOT_COUNT));
    const levels = reader.read("ranking", (cell) => checkedLevels(readRanking(cell), candidates.names.length));
    faults.push(...reader.faults);
    if (count === undefined || levels === undefined) continue;
    ballots.push({ file: source.name, line: row.line, count: Number(count), levels });
  }
  const isWhole = !table.unreadable && !candidates.unreadable;
  return {
    election: isWhole ? { candidates: candidates.names, ballots } : undefined,
    faults: inOrder(faults, [names, source]),
    rowCount,
  };
}

/**
 * Writes the two files of an election. Files with line feeds, without blanks and without needless quotation marks, whose
 * candidates stand in the order of their numbers, come back byte for byte; others with the same meaning.
 *
 * @throws ExportError for candidates who are ranked twice or who do not exist, and for names that are empty or have more
 * than one line.
 */
export function exportRankedBallots(election: RankedElection): { ballots: string; candidates: string } {
  const candidates = writeCandidates(election);
  const ballots = writeChecked(election, writeBallots, (text) => {
    const sources = {
      ballots: { name: "ballots.csv", text },
      candidates: { name: "candidates.csv", text: candidates },
    };
    const { election: value, faults } = importRankedBallots(sources);
    if (value !== undefined && writeCandidates(value) !== candidates) throw new ExportError(faults);
    return { value, faults };
  });
  return { ballots, candidates };
}

/** A ranking such as `4>1=2`; empty for a blank ballot. */
export function writeRanking(levels: RankingLevels): string {
  return levels.map((level) => level.join(TIED)).join(ABOVE);
}

/** The levels of a ranking such as `4>1=2`; none for an empty cell. */
function readRanking(cell: string): number[][] {
  if (cell.trim() === "") return [];
  return cell.split(ABOVE).map((level) => level.split(TIED).map((candidate) => readCandidate(candidate.trim())));
}

function writeBallots({ ballots }: RankedElection): string {
  return writeTable([RANKED_BALLOT_COLUMNS, ...ballots.map(({ count, levels }) => [`${count}`, writeRanking(levels)])]);
}

function writeCandidates({ candidates }: RankedElection): string {
  return writeTable([CANDIDATE_COLUMNS, ...candidates.map((name, index) => [`${index + 1}`, name])]);
}

interface Candidates {
  readonly names: readonly string[];
  readonly faults: readonly RowFault[];
  readonly unreadable: boolean;
  readonly rowCount: number;
}

function readCandidates(source: SourceText): Candidates {
  const table = readTable(source, CANDIDATE_COLUMNS, true);
  const faults = [...table.faults];
  const rowCount = table.unreadable ? 0 : table.rows.length + table.faults.length;
  const named = new Map<number, string>();
  const places = new Map<number, Place & { readonly text: string }>();
  for (const row of table.rows) {
    const reader = new RowReader(source.name, row);
    const number = reader.read("no", readNumber);
    const name = reader.read("name", readName);
    const twin = number === undefined ? undefined : places.get(number);
    if (twin !== undefined) reader.add("no", `this candidate stands in ${reader.placeOf(twin)} already`);
    faults.push(...reader.faults);
    if (number === undefined || twin !== undefined) continue;
    places.set(number, { file: source.name, line: row.line, text: row.cells.no });
    if (name !== undefined) named.set(number, name);
  }
  const numbers = [...places.keys()].sort((left, right) => left - right);
  for (const [index, number] of numbers.entries()) {
    const before = numbers[index - 1] ?? 0;
    const place = places.get(number);
    if (number === before + 1 || place === undefined) continue;
    const { file, line, text } = place;
    faults.push({
      file,
      line,
      column: "no",
      value: text,
      reason: `there is no candidate ${before + 1} before this one`,
    });
  }
  return { names: namesOf(named, numbers.at(-1) ?? 0), faults, unreadable: table.unreadable, rowCount };
}

function readNumber(cell: string): number {
  const number = Number(readWhole(cell, CANDIDATE_COUNT));
  if (number === 0) throw new CellFault("candidates are numbered from 1");
  return number;
}
