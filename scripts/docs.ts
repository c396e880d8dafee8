// Writes what the comments of the contracts say: docs/reference, docs/powers.md, which says who can call what, and the SDK's
// sentences. With --check it fails if one of them is stale or a comment is missing, and writes nothing.

import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { restrictedFunctions, type RoleName, roles } from "../ignition/authority.js";
import { credentialNames, credentialTypes } from "../ignition/credentials.js";
import { writePowers } from "./lib/powers.js";
import { filesBelow, readText, report, root } from "./lib/project.js";
import { writeReference } from "./lib/reference.js";
import { compileDocsAndTrees, productionSources } from "./lib/solidity.js";
import { packageSources, writeWords } from "./lib/words.js";

const FOLDER = "docs/reference";
const POWERS = "docs/powers.md";
const WORDS = "sdk/natspec.ts";
const ROLES = "contracts/authority/Roles.sol";

const sources = productionSources();
const all = new Map([...sources, ...packageSources()]);
const output = compileDocsAndTrees(all);
for (const { severity, formattedMessage } of output.errors ?? []) {
  if (severity === "error") throw new Error(formattedMessage);
}
const { pages, gaps } = writeReference(sources, output);
const words = writeWords(all.keys(), output);
const bound: Readonly<Record<string, Readonly<Record<string, RoleName>>>> = restrictedFunctions;
const powers = writePowers(output, readText(ROLES), {
  roles: Object.entries(roles).map(([name, { holder, executionDelay, grantDelay = 0 }]) => ({
    name,
    holder,
    delay: executionDelay,
    grantDelay,
  })),
  credentials: credentialNames.map((name) => ({ name, authority: credentialTypes[name].authority })),
  roleOf: (contract, name) => bound[contract]?.[name],
});
const written = new Map([
  ...[...pages].map(([name, text]) => [`${FOLDER}/${name}`, text] as const),
  [POWERS, powers.page],
  [WORDS, words.text],
]);
const faults = [...gaps, ...words.gaps, ...powers.faults];

if (process.argv.includes("--check")) {
  for (const [path, text] of written) {
    if (!existsSync(join(root, path))) faults.push(`${path} is missing; run: npm run docs`);
    else if (readText(path) !== text) faults.push(`${path} is stale; run: npm run docs`);
  }
  for (const path of existsSync(join(root, FOLDER)) ? filesBelow(FOLDER, ".md") : []) {
    if (!written.has(path)) faults.push(`${path} belongs to no module; run: npm run docs`);
  }
} else {
  rmSync(join(root, FOLDER), { recursive: true, force: true });
  mkdirSync(join(root, FOLDER), { recursive: true });
  for (const [path, text] of written) writeFileSync(join(root, path), text);
}
report(faults, `${pages.size} pages of reference, who can call what, and the SDK's sentences are complete.`);
