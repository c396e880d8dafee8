/** The day on one page: a file of its own, without scripts and without anything that is to be fetched. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Figures } from "../../lib/ceilings.js";
import type { Check } from "../check.js";
import { listFaults } from "../errors.js";
import { writeWhole } from "../money.js";
import { checkTable, checkVerdict, gasTable } from "../output.js";
import type { DayResult, Part, Summary } from "../run.js";
import { ratioCharts, readFigures } from "./bench.js";
import { chartHtml, escape, foldHtml, reportHtml, tableHtml, tilesHtml } from "./html.js";

const STYLE = new URL("page.css", import.meta.url);
/** A browser that obeys it runs no script and sends no request, whatever is in the data. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
const MILLION = 1_000_000n;

/** Writes report.html into a folder, which is made where it is missing, and returns its path. */
export function writePage(folder: string, result: DayResult): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "report.html");
  writeFileSync(path, pageOf(result, readFigures()));
  return path;
}

/** The page of a day. The same day gives the same page. */
export function pageOf({ parts, summary }: Pick<DayResult, "parts" | "summary">, figures: Figures): string {
  const ratios = ratioCharts(figures);
  const titles = parts.map(titleOf);
  const links = [
    ...parts.map(({ name }, place) => ({ id: name, title: titles[place] ?? name })),
    { id: "gas", title: "Gas" },
    { id: "checks", title: "Checks" },
  ];
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<link rel="icon" href="data:,">',
    `<title>City day: ${escape(summary.data)}</title>`,
    `<style>\n${readFileSync(STYLE, "utf8")}</style>`,
    "</head>",
    "<body>",
    headerHtml(summary),
    `<nav aria-label="Parts of the day"><ul>${links.map(({ id, title }) => `<li><a href="#${id}">${escape(title)}</a></li>`).join("")}</ul></nav>`,
    "<main>",
    ...parts.map((part, place) => partHtml(part, titles[place] ?? part.name, summary.checks)),
    gasHtml(summary, ratios.map(chartHtml)),
    checksHtml(summary.checks, links),
    "</main>",
    footerHtml(summary),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** BATTERIES is Batteries. */
function titleOf({ name, report }: Part): string {
  const [first] = report;
  const title = typeof first === "string" ? first : name;
  return title.slice(0, 1) + title.slice(1).toLowerCase();
}

/** Checks of a part; their names begin with its name. */
function checksOf(name: string, checks: readonly Check[]): Check[] {
  return checks.filter((check) => check.name.startsWith(`${name}: `));
}

function headerHtml({ checks, data, gas, network, ok }: Summary): string {
  const uses = Object.values(gas);
  const transactions = uses.reduce((sum, { count }) => sum + count, 0);
  const spent = uses.reduce((sum, { count, mean }) => sum + mean * BigInt(count), 0n);
  return [
    "<header>",
    "<h1>A day in the life of the city</h1>",
    `<p>Lived from the data in <code>${escape(data)}</code> on the ${escape(network)} chain.</p>`,
    `<p class="verdict ${ok ? "ok" : "fail"}"><strong>${escape(checkVerdict(checks))}</strong> ` +
      `<a href="#checks">Each with its two sides</a></p>`,
    tilesHtml([
      { label: "operations counted", value: writeWhole(transactions) },
      { label: "million gas", value: writeWhole(spent / MILLION) },
      { label: "kinds of operations", value: writeWhole(uses.length) },
      { label: "checks", value: writeWhole(checks.length) },
    ]),
    "</header>",
  ].join("\n");
}

function partHtml({ charts, name, report, tiles }: Part, title: string, checks: readonly Check[]): string {
  const own = checksOf(name, checks);
  return [
    `<section id="${escape(name)}" aria-labelledby="${escape(name)}-title">`,
    `<h2 id="${escape(name)}-title">${escape(title)}</h2>`,
    tilesHtml(tiles),
    ...charts.map(chartHtml),
    reportHtml(report, title),
    own.length === 0 ? "" : `<p class="checked">${escape(checkVerdict(own))}</p>`,
    "</section>",
  ].join("\n");
}

function gasHtml(summary: Summary, charts: readonly string[]): string {
  return [
    '<section id="gas" aria-labelledby="gas-title">',
    '<h2 id="gas-title">Gas</h2>',
    ...(charts.length === 0
      ? []
      : [
          "<p>Measured by the bench on the same chain and compiler as the peers, apart from this day: how much gas an " +
            "operation takes as a multiple of what its peer takes.</p>",
          '<div class="pair">',
          ...charts,
          "</div>",
        ]),
    foldHtml("What operations cost on this day", tableHtml(gasTable(summary), "Gas of this day's operations")),
    "</section>",
  ].join("\n");
}

function checksHtml(
  checks: readonly Check[],
  parts: readonly { readonly id: string; readonly title: string }[],
): string {
  const failed = checks.filter(({ ok }) => !ok);
  const groups = parts.map(({ id, title }) => ({ title, own: checksOf(id, checks) }));
  const rest = checks.filter((check) => !groups.some(({ own }) => own.includes(check)));
  return [
    '<section id="checks" aria-labelledby="checks-title">',
    '<h2 id="checks-title">Checks</h2>',
    `<p>Statements that must hold at the end of the day, each with both of its sides. ${escape(checkVerdict(checks))}</p>`,
    ...(failed.length === 0 ? [] : [tableHtml(checkTable(failed), "Checks that fail")]),
    ...[...groups, { title: "Others", own: rest }]
      .filter(({ own }) => own.length > 0)
      .map(({ own, title }) => foldHtml(`${title}: ${checkVerdict(own)}`, tableHtml(checkTable(own), title))),
    "</section>",
  ].join("\n");
}

function footerHtml({ digest, files, skippedRows }: Summary): string {
  const list = (names: readonly string[]): string =>
    `<ul>${names.map((one) => `<li>${escape(one)}</li>`).join("")}</ul>`;
  return [
    "<footer>",
    foldHtml(`Files read: ${files.read.length}`, list(files.read)),
    ...(files.unknown.length === 0 ? [] : [foldHtml(`Left out: ${files.unknown.length}`, list(files.unknown))]),
    ...(skippedRows.length === 0
      ? []
      : [foldHtml(`Rows skipped: ${skippedRows.length}`, list(listFaults(skippedRows)), true)]),
    `<p>Digest of the state: <code>${escape(digest.digest)}</code></p>`,
    "<p>All figures are also in <code>summary.json</code> beside this file.</p>",
    "</footer>",
  ].join("\n");
}
