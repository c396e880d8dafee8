import Table from "cli-table3";

/** A table for a terminal or a log: plain lines, numbers to the right. */
export function writeTable(
  columns: readonly { readonly head: string; readonly right?: boolean }[],
  rows: readonly (readonly string[])[],
): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ right }) => (right === true ? "right" : "left")),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
