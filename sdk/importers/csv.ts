/** Tables in CSV files, with the line of every row, so that a fault can be found again. */
import { CsvError, parse } from "csv-parse/sync";

import type { RowFault } from "./faults.js";

/** A file to import. */
export interface SourceText {
  /** How messages name it, for instance its path. */
  readonly name: string;
  readonly text: string;
}

/** A row with its cells by column. */
export interface TableRow<Column extends string> {
  readonly line: number;
  readonly cells: Readonly<Record<Column, string>>;
}

/** The rows of a file that have all their cells, and what is wrong with the others. */
export interface Table<Column extends string> {
  readonly rows: readonly TableRow<Column>[];
  readonly faults: readonly RowFault[];
  /** Why no row of the file can be read, if so; it is among the faults. */
  readonly unreadable: boolean;
}

interface Parsed {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

/** How tables are read. */
const FORM = { bom: true, relax_column_count: true, relax_quotes: true, trim: true } as const;

/**
 * The header row of a CSV text: its column names, read as {@link readTable} reads them.
 *
 * @returns Nothing for a text that begins with no row, or with one in which a quotation mark is not closed.
 */
export function headerOf(text: string): string[] {
  try {
    const [header = []] = parse(text, { ...FORM, to: 1 });
    return header.length === 1 && header[0] === "" ? [] : header;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return [];
  }
}

/** Whether a header row has these columns and no other, in any order. */
export function hasColumns(header: readonly string[], columns: readonly string[]): boolean {
  return header.length === columns.length && columns.every((column) => header.includes(column));
}

/**
 * Reads a table.
 *
 * @param source - The file.
 * @param columns - Its columns, in any order; there must be no other.
 * @param mayBeEmpty - Whether a header without a row is a table, too.
 */
export function readTable<Column extends string>(
  { name: file, text }: SourceText,
  columns: readonly Column[],
  mayBeEmpty = false,
): Table<Column> {
  const spoiled = (line: number, column: string, value: string, reason: string): Table<Column> => ({
    rows: [],
    faults: [{ file, line, column, value, reason }],
    unreadable: true,
  });

  let parsed: Parsed[];
  try {
    parsed = parse(text, { ...FORM, info: true }) as unknown as Parsed[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return spoiled(typeof error.lines === "number" ? error.lines : 1, "", "", "a quotation mark is not closed");
  }
  const [head, ...body] = parsed.filter(({ record }) => record.length > 1 || record[0] !== "");
  if (head === undefined) return spoiled(1, "", "", "the file is empty");

  const headerFaults = faultsOfHeader(file, head, columns);
  if (headerFaults.length > 0) return { rows: [], faults: headerFaults, unreadable: true };
  if (body.length === 0 && !mayBeEmpty) return spoiled(head.info.lines, "", "", "the file has a header and no row");

  const rows: TableRow<Column>[] = [];
  const faults: RowFault[] = [];
  for (const { record, info } of body) {
    const fault = faultOfLength(head.record, record);
    if (fault === undefined) {
      const cells = Object.fromEntries(head.record.map((column, index) => [column, record[index]]));
      rows.push({ line: info.lines, cells: cells as Record<Column, string> });
    } else faults.push({ file, line: info.lines, ...fault });
  }
  return { rows, faults, unreadable: false };
}

function faultsOfHeader(file: string, { record, info }: Parsed, columns: readonly string[]): RowFault[] {
  const place = { file, line: info.lines };
  const missing = columns.filter((column) => !record.includes(column));
  if (missing.length === columns.length) {
    const reason = `unknown header; expected ${columns.join(",")}`;
    return [{ ...place, column: "", value: record.join(","), reason }];
  }
  const unknown = record.filter((column) => !columns.includes(column));
  const twice = record.filter((column, index) => columns.includes(column) && record.indexOf(column) !== index);
  return [
    ...missing.map((column) => ({ ...place, column, value: "", reason: "the column is missing" })),
    ...unknown.map((column) => ({ ...place, column, value: column, reason: "the format has no such column" })),
    ...twice.map((column) => ({ ...place, column, value: column, reason: "the column stands there twice" })),
  ];
}

/** What is wrong with a row that has fewer or more cells than its header; undefined where nothing is. */
export function faultOfLength(
  header: readonly string[],
  record: readonly string[],
): Pick<RowFault, "column" | "value" | "reason"> | undefined {
  if (record.length === header.length) return undefined;
  const reason = `the row has ${record.length} cells, the header ${header.length}`;
  return record.length < header.length
    ? { column: header[record.length] ?? "", value: "", reason }
    : { column: "", value: record[header.length] ?? "", reason };
}

/** How a table is written. */
export interface TableForm {
  /** One character between cells. */
  readonly delimiter: string;
  /** Matches cells whose blanks a reader would drop if they were not quoted. */
  readonly fragile: RegExp;
}

/** Comma-separated values as {@link readTable} reads them. */
export const COMMA_SEPARATED: TableForm = { delimiter: ",", fragile: /^\s|\s$/ };

/** Rows as lines of a table, the header row first, each with a line feed. A cell is quoted only where it has to be. */
export function writeTable(rows: readonly (readonly string[])[], form: TableForm = COMMA_SEPARATED): string {
  return rows.map((cells) => `${cells.map((cell) => writeCell(cell, form)).join(form.delimiter)}\n`).join("");
}

function writeCell(cell: string, { delimiter, fragile }: TableForm): string {
  const isPlain = !cell.includes(delimiter) && !/["\r\n]/.test(cell) && !fragile.test(cell);
  return isPlain ? cell : `"${cell.replaceAll('"', '""')}"`;
}
