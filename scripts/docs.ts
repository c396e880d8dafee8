// Writes docs/reference from the NatSpec comments of the contracts, and docs/powers.md, which says who can call what. With
// --check it fails if a page is stale or a comment is missing, and writes nothing.

import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { restrictedFunctions, type RoleName, roles } from "../ignition/authority.js";
import { credentialNames, credentialTypes } from "../ignition/credentials.js";
import { writePowers } from "./lib/powers.js";
import { filesBelow, readText, report, root } from "./lib/project.js";
import { writeReference } from "./lib/reference.js";
import { compileDocsAndTrees, productionSources } from "./lib/solidity.js";

const FOLDER = "docs/reference";
const POWERS = "docs/powers.md";
const ROLES = "contracts/authority/Roles.sol";

const sources = productionSources();
const output = compileDocsAndTrees(sources);
for (const { severity, formattedMessage } of output.errors ?? []) {
  if (severity === "error") throw new Error(formattedMessage);
}
const { pages, gaps } = writeReference(sources, output);
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
const faults = [...gaps, ...powers.faults];

if (process.argv.includes("--check")) {
  const present = existsSync(join(root, FOLDER)) ? filesBelow(".", ".md", join(root, FOLDER)) : [];
  for (const [name, text] of pages) {
    if (!present.includes(name)) faults.push(`${FOLDER}/${name} is missing; run: npm run docs`);
    else if (readText(join(FOLDER, name)) !== text) faults.push(`${FOLDER}/${name} is stale; run: npm run docs`);
  }
  for (const name of present)
    if (!pages.has(name)) faults.push(`${FOLDER}/${name} belongs to no module; run: npm run docs`);
  if (!existsSync(join(root, POWERS))) faults.push(`${POWERS} is missing; run: npm run docs`);
  else if (readText(POWERS) !== powers.page) faults.push(`${POWERS} is stale; run: npm run docs`);
} else {
  rmSync(join(root, FOLDER), { recursive: true, force: true });
  mkdirSync(join(root, FOLDER), { recursive: true });
  for (const [name, text] of pages) writeFileSync(join(root, FOLDER, name), text);
  writeFileSync(join(root, POWERS), powers.page);
}
report(faults, `${pages.size} pages of reference are complete, and ${POWERS} says who can call what.`);
