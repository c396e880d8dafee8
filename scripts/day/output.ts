/** Summary and report of a day in the form in which they are written. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { StateDigest } from "./digest/index.js";
import { listFaults } from "./errors.js";
import { writeWhole } from "./money.js";
import type { DayResult, Summary } from "./run.js";
import { type TableData, tableOf, writeLines, writeTable } from "./table.js";

const INDENT = 2;

/** JSON with numbers of any size as decimal strings. */
export function toJson(summary: Summary): string {
  const text = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
  return `${JSON.stringify(summary, text, INDENT)}\n`;
}

/** Writes summary.json into a folder, which is made where it is missing, and returns its path. */
export function writeSummary(folder: string, summary: Summary): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "summary.json");
  writeFileSync(path, toJson(summary));
  return path;
}

/** Writes state.json, what the city has in the end, line by line, into a folder, and returns its path. */
export function writeState(folder: string, state: StateDigest): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "state.json");
  writeFileSync(path, `${JSON.stringify(state, undefined, INDENT)}\n`);
  return path;
}

/** What operations cost over the day. */
export function gasTable({ gas }: Pick<Summary, "gas">): TableData {
  return tableOf(
    [
      { head: "Operation" },
      { head: "Times", right: true },
      { head: "Mean", right: true },
      { head: "Greatest", right: true },
      { head: "Each in a batch", right: true },
    ],
    Object.entries(gas).map(([operation, { count, max, mean, perItem }]) => [
      operation,
      writeWhole(count),
      writeWhole(mean),
      writeWhole(max),
      perItem === undefined ? "" : writeWhole(perItem),
    ]),
  );
}

/** Checks with their two sides. */
export function checkTable(checks: Summary["checks"]): TableData {
  return tableOf(
    [{ head: "Statement" }, { head: "Left", right: true }, { head: "Right", right: true }, { head: "" }],
    checks.map(({ left, name, ok, right }) => [name, left, right, ok ? "OK" : "FAIL"]),
  );
}

/** How many checks hold, in a sentence. */
export function checkVerdict(checks: Summary["checks"]): string {
  const failed = checks.filter(({ ok }) => !ok).length;
  return failed === 0 ? `All ${checks.length} checks hold.` : `${failed} of ${checks.length} checks FAIL.`;
}

/** The whole report. */
export function writeDay({ parts, summary }: DayResult): string {
  const { checks, digest, files, skippedRows } = summary;
  const skipped =
    skippedRows.length === 0 ? [] : [`Rows skipped: ${skippedRows.length}`, ...listFaults(skippedRows), ""];
  return [
    ...files.read.map((name) => `Read ${name}`),
    ...files.unknown.map((name) => `Left out ${name}`),
    "",
    ...skipped,
    parts.map(({ report }) => writeLines(report)).join("\n\n"),
    "",
    "GAS",
    writeTable(gasTable(summary)),
    "",
    "CHECKS",
    writeTable(checkTable(checks)),
    "",
    `Digest of the state: ${digest.digest}`,
    checkVerdict(checks),
  ].join("\n");
}
