/** The sections of a `.pb` file: what is common to META, PROJECTS and VOTES. */
import { CsvError, parse } from "csv-parse/sync";

import { faultOfLength, type SourceText, type TableForm, type TableRow } from "./csv.js";
import type { RowFault } from "./faults.js";

const SECTIONS = ["META", "PROJECTS", "VOTES"] as const;

/** A title, as a spreadsheet may have filled it up. */
const TITLE = /^\s*(?:META|PROJECTS|VOTES)[\s;]*$/i;

export type SectionName = (typeof SECTIONS)[number];

/** How the rows of all sections are written. Blanks behind a cell belong to it. */
export const PABULIB_FORM: TableForm = { delimiter: ";", fragile: /^\s/ };

/** A section's rows with all their cells. */
export interface Section {
  /** Line of its title. */
  readonly line: number;
  /** Line of its header; that of the title where there is none. */
  headerLine: number;
  header: string[] | undefined;
  readonly rows: TableRow<string>[];
  /** Rows, those with a wrong number of cells included. */
  rowCount: number;
}

interface SourceLine {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A piece of a file that is parsed at once. */
interface Piece {
  /** Lines of the file before it. */
  readonly before: number;
  readonly lines: string[];
}

/**
 * Cuts a file before and behind its titles, so that the rows of a piece are alike: rows of another length than the first
 * take the parser many times as long. A line within quotation marks is no title.
 */
function piecesOf(text: string): Piece[] {
  let piece: Piece = { before: 0, lines: [] };
  const pieces = [piece];
  let isQuoted = false;
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n?|\n/)
    .entries()) {
    const isTitle = !isQuoted && TITLE.test(line);
    if (isTitle) pieces.push({ before: index, lines: [line] });
    else piece.lines.push(line);
    if (isTitle) pieces.push((piece = { before: index + 1, lines: [] }));
    if (line.split('"').length % 2 === 0) isQuoted = !isQuoted;
  }
  return pieces;
}

/** The lines of a file that are not blank, cut into cells; undefined where that cannot be done. */
function linesOf({ name: file, text }: SourceText, faults: RowFault[]): SourceLine[] | undefined {
  let last = 0;
  try {
    return piecesOf(text).flatMap(({ before, lines }) => {
      last = before;
      return linesOfPiece(lines.join("\n"), (line) => (last = before + line)).map(({ cells, line }) => ({
        line: before + line,
        cells,
      }));
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    faults.push({ file, line: last + 1, column: "", value: "", reason: "a quotation mark is not closed" });
    return undefined;
  }
}

function linesOfPiece(text: string, onLine: (line: number) => void): SourceLine[] {
  const parsed = parse(text, {
    delimiter: PABULIB_FORM.delimiter,
    info: true,
    ltrim: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    on_record: (record: string[], { lines }) => {
      onLine(lines);
      return record;
    },
  }) as unknown as { readonly record: string[]; readonly info: { readonly lines: number } }[];
  return parsed
    .map(({ info, record }) => ({
      // A record that runs over several lines is named by its first.
      line: info.lines - record.join("").split("\n").length + 1,
      cells: record,
    }))
    .filter(({ cells }) => cells.length > 1 || cells[0]?.trim() !== "");
}

/** The sections of a file by name; a fault is added for each that is missing, there twice or without columns. */
export function readSections(source: SourceText, faults: RowFault[]): Map<SectionName, Section> {
  const file = source.name;
  const add = (line: number, value: string, reason: string): number =>
    faults.push({ file, line, column: "", value, reason });
  const sections = new Map<SectionName, Section>();
  const lines = linesOf(source, faults);
  if (lines === undefined) return sections;
  if (lines.length === 0) {
    add(1, "", "the file is empty");
    return sections;
  }
  let current: Section | undefined;
  for (const { line, cells } of lines) {
    const title = titleOf(cells);
    if (title !== undefined) {
      const twin = sections.get(title);
      if (twin !== undefined) add(line, title, `the section begins in line ${twin.line} already; this one is left out`);
      current = { line, headerLine: line, header: undefined, rows: [], rowCount: 0 };
      if (twin === undefined) sections.set(title, current);
    } else if (current === undefined) {
      add(line, cells[0] ?? "", "the row stands before the first section");
    } else if (current.header === undefined) {
      current.header = trimEnd(cells.map((cell) => cell.trim()));
      current.headerLine = line;
    } else addRow(file, current, line, cells, faults);
  }
  for (const name of SECTIONS) if (!sections.has(name)) add(1, "", `the section ${name} is missing`);
  return sections;
}

function titleOf([first = "", ...others]: readonly string[]): SectionName | undefined {
  if (others.some((cell) => cell.trim() !== "")) return undefined;
  return SECTIONS.find((name) => name === first.trim().toUpperCase());
}

/** A row without the blank cells at its end that a spreadsheet fills it up with, down to so many. */
function trimEnd(cells: readonly string[], least = 1): string[] {
  let length = cells.length;
  while (length > least && cells[length - 1]?.trim() === "") length--;
  return cells.slice(0, length);
}

function addRow(file: string, section: Section, line: number, cells: readonly string[], faults: RowFault[]): void {
  const header = section.header ?? [];
  section.rowCount++;
  const record = trimEnd(cells, header.length);
  const fault = faultOfLength(header, record);
  if (fault !== undefined) faults.push({ file, line, ...fault });
  else section.rows.push({ line, cells: Object.fromEntries(header.map((column, at) => [column, record[at] ?? ""])) });
}

/** A section's columns, if those that are needed are there and none is there twice. */
export function columnsOf(
  section: Section | undefined,
  file: string,
  needed: readonly string[],
  faults: RowFault[],
): readonly string[] | undefined {
  if (section === undefined) return undefined;
  const { header, headerLine: line } = section;
  const found = header ?? [];
  const missing = needed.filter((column) => !found.includes(column));
  const twice = found.filter((column, at) => found.indexOf(column) !== at);
  if (header === undefined) {
    faults.push({ file, line, column: "", value: "", reason: "the section has no header" });
    return undefined;
  }
  for (const column of missing) faults.push({ file, line, column, value: "", reason: "the column is missing" });
  for (const column of twice) {
    faults.push({ file, line, column, value: column, reason: "the column stands there twice" });
  }
  return missing.length + twice.length > 0 ? undefined : header;
}
