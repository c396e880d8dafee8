/** Counts of a referendum, by area or in total. */
import { type Range, readText, readWhole } from "./cells.js";
import { headerOf, readTable, type SourceText, writeTable } from "./csv.js";
import { writeChecked } from "./exports.js";
import { inOrder, type Place, type RowFault } from "./faults.js";
import { RowReader } from "./rows.js";

/** Columns with texts. A file has `area` or `question`, and may have the others. */
export const REFERENDUM_TEXT_COLUMNS = ["question", "region", "area_code", "area"] as const;

/** Columns with counts that are no option's. A file may have each. */
export const REFERENDUM_COUNT_COLUMNS = ["electorate", "verified_papers", "valid", "rejected"] as const;

export type ReferendumTextColumn = (typeof REFERENDUM_TEXT_COLUMNS)[number];
export type ReferendumCountColumn = (typeof REFERENDUM_COUNT_COLUMNS)[number];

/** Fewest options of a referendum. */
const LEAST_OPTIONS = 2;

/** Persons or papers of one area. */
const COUNT: Range = { least: 0n, greatest: 0xffff_ffffn };

/** Counts of one row: an area, or a whole referendum. */
export interface ReferendumRow extends Place {
  /** Those of the columns that the file has. */
  readonly texts: Readonly<Partial<Record<ReferendumTextColumn, string>>>;
  /** Those of the columns that the file has. Persons for `electorate`, papers for the others. */
  readonly counts: Readonly<Partial<Record<ReferendumCountColumn, number>>>;
  /** Votes of each option, in the order of the options. */
  readonly votes: readonly number[];
}

/** What a file has. */
export interface Referendum {
  /** All columns in the order of the file. */
  readonly columns: readonly string[];
  /** Names of the columns that are options, in the order of the file. */
  readonly options: readonly string[];
  readonly rows: readonly ReferendumRow[];
}

export interface ReferendumFile {
  /** Undefined where no row can be read. */
  readonly referendum: Referendum | undefined;
  readonly faults: readonly RowFault[];
  readonly rowCount: number;
}

/**
 * Whether a file's header row is that of a referendum: it names an area or a question, every column once, and at least
 * two options, which are all columns that are not known otherwise.
 */
export function isReferendum(header: readonly string[]): boolean {
  const names = header.includes("area") || header.includes("question");
  return names && new Set(header).size === header.length && optionsOf(header).length >= LEAST_OPTIONS;
}

/**
 * Reads counts of a referendum, a row for each area or question. Every row is checked: the options come to `valid`, and
 * `valid` with `rejected` to no more than `electorate`, as far as there are such columns. `verified_papers` are counted
 * before the votes and may differ from them either way, but not be more than `electorate`. An area stands there once for
 * each question, by `area_code` or else by `region` and `area`. A row with a fault is left out. There may be no rows.
 */
export function importReferendum(source: SourceText): ReferendumFile {
  const header = headerOf(source.text);
  if (!isReferendum(header)) {
    const reason = "unknown header; expected area or question, and two options or more, each column once";
    const fault: RowFault = { file: source.name, line: 1, column: "", value: header.join(","), reason };
    return { referendum: undefined, faults: [fault], rowCount: 0 };
  }
  const table = readTable(source, header, true);
  const faults = [...table.faults];
  const rowCount = table.unreadable ? 0 : table.rows.length + table.faults.length;
  const options = optionsOf(header);
  const rows = new Map<string, ReferendumRow>();
  for (const line of table.rows) {
    const reader = new RowReader(source.name, line);
    const row = rowOf(reader, header, options);
    const key = keyOf(row);
    const twin = rows.get(key);
    if (twin !== undefined) {
      const column = (["area_code", "area", "question"] as const).find((name) => row.texts[name] !== undefined);
      reader.add(column ?? "", `its counts stand in ${reader.placeOf(twin)} already`);
    }
    faults.push(...reader.faults);
    if (reader.faults.length === 0) rows.set(key, row);
  }
  const referendum = table.unreadable ? undefined : { columns: header, options, rows: [...rows.values()] };
  return { referendum, faults: inOrder(faults, [source]), rowCount };
}

/**
 * Writes counts of a referendum. A file with line feeds, without blanks, without needless quotation marks and without
 * leading zeros comes back byte for byte; others with the same meaning.
 *
 * @throws ExportError for rows that {@link importReferendum} would not read.
 */
export function exportReferendum(referendum: Referendum): string {
  return writeChecked(referendum, writeReferendum, (text) => {
    const { faults, referendum: value } = importReferendum({ name: "referendum.csv", text });
    return { value, faults };
  });
}

/** Sums over all rows: votes by option, and the other counts as far as the file has them. */
export function referendumTotals({ options, rows }: Referendum): {
  votes: number[];
  counts: Partial<Record<ReferendumCountColumn, number>>;
} {
  const votes = options.map((_, at) => rows.reduce((sum, row) => sum + (row.votes[at] ?? 0), 0));
  const counts: Partial<Record<ReferendumCountColumn, number>> = {};
  for (const row of rows) {
    for (const column of REFERENDUM_COUNT_COLUMNS) {
      const count = row.counts[column];
      if (count !== undefined) counts[column] = (counts[column] ?? 0) + count;
    }
  }
  return { votes, counts };
}

function isTextColumn(name: string): name is ReferendumTextColumn {
  return REFERENDUM_TEXT_COLUMNS.some((column) => column === name);
}

function isCountColumn(name: string): name is ReferendumCountColumn {
  return REFERENDUM_COUNT_COLUMNS.some((column) => column === name);
}

function optionsOf(header: readonly string[]): string[] {
  return header.filter((name) => name !== "" && !isTextColumn(name) && !isCountColumn(name));
}

function rowOf(reader: RowReader<string>, header: readonly string[], options: readonly string[]): ReferendumRow {
  const { file, line } = reader;
  const texts: Partial<Record<ReferendumTextColumn, string>> = {};
  const counts: Partial<Record<ReferendumCountColumn, number>> = {};
  for (const column of header) {
    if (isTextColumn(column)) {
      const text = reader.read(column, readText);
      if (text !== undefined) texts[column] = text;
    } else if (isCountColumn(column)) {
      const count = reader.read(column, readCount);
      if (count !== undefined) counts[column] = count;
    }
  }
  const votes = options.map((option) => reader.read(option, readCount));
  const given = votes.flatMap((count) => (count === undefined ? [] : [count]));
  if (given.length === options.length) checkSums(reader, counts, given);
  return { file, line, texts, counts, votes: given };
}

function checkSums(
  reader: RowReader<string>,
  { electorate, rejected = 0, valid, verified_papers: papers = 0 }: ReferendumRow["counts"],
  votes: readonly number[],
): void {
  const sum = votes.reduce((total, count) => total + count, 0);
  if (valid !== undefined && valid !== sum) reader.add("valid", `the options come to ${sum}`);
  if (electorate === undefined) return;
  const cast = (valid ?? sum) + rejected;
  if (cast > electorate) reader.add("electorate", `${cast} papers were counted, more than there are voters`);
  if (papers > electorate) reader.add("verified_papers", `more papers than the ${electorate} voters`);
}

/** What makes a row another one. */
function keyOf({ texts: { area, area_code: code, question, region } }: ReferendumRow): string {
  return JSON.stringify(code === undefined ? [question, region, area] : [question, code]);
}

function readCount(cell: string): number {
  return Number(readWhole(cell, COUNT));
}

function writeReferendum({ columns, options, rows }: Referendum): string {
  const cells = rows.map(({ counts, texts, votes }) =>
    columns.map((column) => {
      if (isTextColumn(column)) return texts[column] ?? "";
      const count = isCountColumn(column) ? counts[column] : votes[options.indexOf(column)];
      return count?.toString() ?? "";
    }),
  );
  return writeTable([columns, ...cells]);
}
