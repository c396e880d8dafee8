// Compares the gas of every Solidity unit test with .gas-snapshot, or writes that file with --write. Fuzz and invariant
// tests are left out: what they spend depends on the inputs that they try.

import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { readText, report, root, runAndRead } from "../lib/project.js";

const SNAPSHOT = ".gas-snapshot";
const mode = process.argv.includes("--write") ? "--snapshot" : "--snapshot-check";

const { code, output } = runAndRead("hardhat", "test", "solidity", mode, "--grep", "^test_");
const faults = code === 0 ? [] : ["The gas of a test differs from its snapshot, or a test failed."];

// On a run of some tests only, Hardhat does not say which tests are new or gone.
const ran = Number(/^\s*(\d+) passing/m.exec(stripVTControlCharacters(output))?.[1] ?? 0);
const kept = existsSync(join(root, SNAPSHOT)) ? readText(SNAPSHOT).split("\n").filter(Boolean).length : 0;
if (code === 0 && ran !== kept) faults.push(`${SNAPSHOT} holds ${kept} tests, but ${ran} ran.`);
if (faults.length > 0) faults.push("If the change is meant, run: npm run gas:snapshot");
report(faults, `The gas of ${ran} tests is as in ${SNAPSHOT}.`);
