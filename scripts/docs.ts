// Writes docs/reference and the SDK's sentences from the NatSpec comments of the contracts. With --check it fails if one of
// them is stale or a comment is missing, and writes nothing.

import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { filesBelow, readText, report, root } from "./lib/project.js";
import { writeReference } from "./lib/reference.js";
import { compileDocs, productionSources } from "./lib/solidity.js";
import { packageSources, writeWords } from "./lib/words.js";

const FOLDER = "docs/reference";
const WORDS = "sdk/natspec.ts";

const sources = productionSources();
const all = new Map([...sources, ...packageSources()]);
const output = compileDocs(all);
for (const { severity, formattedMessage } of output.errors ?? []) {
  if (severity === "error") throw new Error(formattedMessage);
}
const { pages, gaps } = writeReference(sources, output);
const words = writeWords(all.keys(), output);
const faults = [...gaps, ...words.gaps];

if (process.argv.includes("--check")) {
  const present = existsSync(join(root, FOLDER)) ? filesBelow(".", ".md", join(root, FOLDER)) : [];
  for (const [name, text] of pages) {
    if (!present.includes(name)) faults.push(`${FOLDER}/${name} is missing; run: npm run docs`);
    else if (readText(join(FOLDER, name)) !== text) faults.push(`${FOLDER}/${name} is stale; run: npm run docs`);
  }
  if (!existsSync(join(root, WORDS)) || readText(WORDS) !== words.text) faults.push(`${WORDS} is stale; run: npm run docs`);
  for (const name of present)
    if (!pages.has(name)) faults.push(`${FOLDER}/${name} belongs to no module; run: npm run docs`);
} else {
  rmSync(join(root, FOLDER), { recursive: true, force: true });
  mkdirSync(join(root, FOLDER), { recursive: true });
  for (const [name, text] of pages) writeFileSync(join(root, FOLDER, name), text);
  writeFileSync(join(root, WORDS), words.text);
}
report(faults, `${pages.size} pages of reference and the SDK's sentences are complete.`);
