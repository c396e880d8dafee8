// Measures what each operation of the suite costs, beside its peer, and writes bench/gas.json; fails when a figure exceeds its
// ceiling in bench/ceilings.json. With --check it writes nothing, and fails as well when bench/gas.json is not as measured.
//
//   npm run bench -- [--check]

import Table from "cli-table3";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { measureAll } from "../bench/run.js";
import { ceilingFaults, type Figures, type Limits, staleFigures } from "./lib/ceilings.js";
import { readText, report, root, run } from "./lib/project.js";

const FIGURES = "bench/gas.json";
const LIMITS = "bench/ceilings.json";

function print(figures: Figures, limits: Limits): void {
  const table = new Table({
    head: ["operation", "gas", "blocks", "each", "ceiling", "floor", "peer gas", "each", "ratio", "peer"],
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "right", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  const number = (value?: number): string => value?.toLocaleString("en") ?? "";
  for (const [key, figure] of Object.entries(figures)) {
    const limit = limits[key] ?? {};
    table.push([
      key,
      number(figure.gas),
      figure.blocks?.toFixed(2) ?? "",
      number(figure.perItem),
      limit.ratio === undefined ? number(limit.gas) : `${limit.ratio} x peer`,
      number(limit.floor),
      number(figure.peerGas),
      number(figure.peerPerItem),
      figure.ratio?.toFixed(3) ?? "",
      figure.peer ?? "",
    ]);
  }
  console.log(table.toString());
}

const { check } = parseArgs({ options: { check: { type: "boolean", default: false } } }).values;
if (run("hardhat", "build", "--quiet") !== 0) process.exit(1);

const figures = await measureAll();
const limits = JSON.parse(readText(LIMITS)) as Limits;
print(figures, limits);
const faults = ceilingFaults(figures, limits);
if (check) {
  const stale = staleFigures(figures, JSON.parse(readText(FIGURES)) as Figures);
  if (stale.length > 0) {
    faults.push(`${FIGURES} is not as measured: ${stale.join(", ")}. If the change is meant, run: npm run bench`);
  }
} else {
  writeFileSync(join(root, FIGURES), `${JSON.stringify(figures, undefined, 2)}\n`);
  console.log(`Written to ${FIGURES}.`);
}
report(faults, `${Object.keys(figures).length} figures are within their ceilings.`);
