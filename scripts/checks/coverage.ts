// Every line and every statement of the contracts, test doubles aside, is reached by a test in Solidity. What only a test in
// TypeScript reaches does not count, nor what only a campaign of random calls reaches.

import process from "node:process";
import { readLcov, readStatements } from "../lib/coverage.js";
import { readText, report, runAndRead } from "../lib/project.js";

const FULL = 100;

// Types come from the contracts as they are deployed, not from those that carry probes.
const { code, output } = runAndRead(
  "hardhat",
  "test",
  "solidity",
  "--coverage",
  "--no-typechain",
  "--grep-exclude",
  "invariant_",
);
if (code !== 0) process.exit(1);

const files = readLcov(readText("coverage/lcov.info"));
const statements = readStatements(output);
const faults = files
  .filter(({ missed }) => missed.length > 0)
  .map(({ path, missed }) => `${path}: no test reaches line ${missed.join(", ")}`);
for (const [path, share] of statements) {
  if (share < FULL) faults.push(`${path}: tests reach ${share} % of the statements`);
}
if (files.length === 0 || !statements.has("Total")) faults.push("The coverage report is empty.");
report(faults, `Tests reach every line and statement of ${files.length} files.`);
