/** Summary and report of a day in the form in which they are written. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { StateDigest } from "./digest/index.js";
import { listFaults } from "./errors.js";
import { writeWhole } from "./money.js";
import type { DayResult, Summary } from "./run.js";
import { writeTable } from "./table.js";

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

/** The whole report. */
export function writeDay({ reports, summary }: DayResult): string {
  const { checks, digest, files, gas, skippedRows } = summary;
  const skipped =
    skippedRows.length === 0 ? [] : [`Rows skipped: ${skippedRows.length}`, ...listFaults(skippedRows), ""];
  const failed = checks.filter(({ ok }) => !ok).length;
  return [
    ...files.read.map((name) => `Read ${name}`),
    ...files.unknown.map((name) => `Left out ${name}`),
    "",
    ...skipped,
    reports.join("\n\n"),
    "",
    "GAS",
    writeTable(
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
    ),
    "",
    "CHECKS",
    writeTable(
      [{ head: "Statement" }, { head: "Left", right: true }, { head: "Right", right: true }, { head: "" }],
      checks.map(({ left, name, ok, right }) => [name, left, right, ok ? "OK" : "FAIL"]),
    ),
    "",
    failed === 0 ? `All ${checks.length} checks hold.` : `${failed} of ${checks.length} checks FAIL.`,
    `Digest of the state: ${digest.digest}`,
  ].join("\n");
}
