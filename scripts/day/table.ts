import Table from "cli-table3";

/** A column of a table. */
export interface Column {
  readonly head: string;
  /** Whether its cells stand to the right, as numbers do. */
  readonly right?: boolean;
}

/** Rows of cells under heads. */
export interface TableData {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** A line of text, or a table. The line right before a table is its caption; an empty line divides. */
export type Line = string | TableData;

/** What a part says to a reader; the first line is its title. */
export type Report = readonly Line[];

/** A table of a report. */
export function tableOf(columns: readonly Column[], rows: readonly (readonly string[])[]): TableData {
  return { columns, rows };
}

/** A table for a terminal or a log: plain lines, numbers to the right. */
export function writeTable({ columns, rows }: TableData): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ right }) => (right === true ? "right" : "left")),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

/** A report for a terminal or a log. */
export function writeLines(report: Report): string {
  return report.map((line) => (typeof line === "string" ? line : writeTable(line))).join("\n");
}
