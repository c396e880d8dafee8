// Writes the computed parts of docs/networks.md from bench/gas.json. With --check it fails if they are stale, and writes
// nothing.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fillPage, type GasFigures, networkTables } from "./lib/networks.js";
import { readText, report, root } from "./lib/project.js";

const PAGE = "docs/networks.md";

const page = readText(PAGE);
const text = fillPage(page, networkTables(JSON.parse(readText("bench/gas.json")) as GasFigures));
if (process.argv.includes("--check")) {
  report(
    text === page ? [] : [`${PAGE} is not what bench/gas.json says; run: npm run docs:networks`],
    `${PAGE} says what bench/gas.json measured.`,
  );
} else {
  writeFileSync(join(root, PAGE), text);
}
