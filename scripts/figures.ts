// Writes what pages say of gas, of scale and of verification, from what was measured: bench/, test/mutation/. With --check it
// fails if a page is stale, and writes nothing.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Figures, Limits } from "./lib/ceilings.js";
import { FUZZED, type ModuleOutcome, outcomePart } from "./lib/fuzz.js";
import { frontParts, gasParts } from "./lib/gasTables.js";
import { targets } from "./lib/mutation.js";
import { mutationPart, type Outcome as MutationOutcome, OUTCOMES } from "./lib/mutationReport.js";
import { networkTables } from "./lib/networks.js";
import { fillPage } from "./lib/pages.js";
import { readText, report, root } from "./lib/project.js";
import { type Outcome, scaleTables } from "./lib/scale.js";

const figures = JSON.parse(readText("bench/gas.json")) as Figures;
const limits = JSON.parse(readText("bench/ceilings.json")) as Limits;
const pages = {
  "README.md": frontParts(figures),
  "docs/gas.md": gasParts(figures, limits),
  "docs/networks.md": networkTables(figures),
  "docs/verification.md": {
    fuzz: outcomePart(JSON.parse(readText(FUZZED)) as ModuleOutcome[]),
    mutation: mutationPart(JSON.parse(readText(OUTCOMES)) as MutationOutcome[], targets().length),
  },
  "docs/scale.md": scaleTables(JSON.parse(readText("bench/scale.json")) as Outcome),
};

const faults: string[] = [];
for (const [page, parts] of Object.entries(pages)) {
  const before = readText(page);
  const text = fillPage(before, parts);
  if (text === before) continue;
  if (process.argv.includes("--check")) faults.push(`${page} is not what was measured; run: npm run docs:figures`);
  else writeFileSync(join(root, page), text);
}
report(faults, `${Object.keys(pages).length} pages say what was measured.`);
