// Writes what pages say of gas, from what is in bench/: gas.json, ceilings.json and scale.json. With --check it fails if a page
// is stale, and writes nothing.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Figures, Limits } from "./lib/ceilings.js";
import { frontParts, gasParts } from "./lib/gasTables.js";
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
  "docs/scale.md": scaleTables(JSON.parse(readText("bench/scale.json")) as Outcome),
};

const faults: string[] = [];
for (const [page, parts] of Object.entries(pages)) {
  const before = readText(page);
  const text = fillPage(before, parts);
  if (text === before) continue;
  if (process.argv.includes("--check")) faults.push(`${page} is not what bench/ says; run: npm run docs:figures`);
  else writeFileSync(join(root, page), text);
}
report(faults, `${Object.keys(pages).length} pages say of gas what was measured.`);
