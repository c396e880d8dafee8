// Runs every check of package.json, the quick ones first, and ends with what failed. Later checks run even if an earlier
// one failed.
//
//   npm run check -- [names of checks to run alone, such as format or imports]

import { spawnSync } from "node:child_process";
import process from "node:process";
import { readText, root } from "./lib/project.js";

const PREFIX = "check:";
const SLOWEST = ["check:gas", "check:ceilings", "check:coverage"];

const { scripts } = JSON.parse(readText("package.json")) as { scripts: Record<string, string> };
const only = process.argv.slice(2).map((name) => PREFIX + name);
const known = Object.keys(scripts).filter((name) => name.startsWith(PREFIX));
for (const name of only) if (!known.includes(name)) throw new Error(`There is no ${name}.`);

const names = [...known.filter((name) => !SLOWEST.includes(name)), ...SLOWEST.filter((name) => known.includes(name))];
const results: { name: string; passed: boolean; seconds: number }[] = [];

for (const name of names.filter((candidate) => only.length === 0 || only.includes(candidate))) {
  console.log(`\n--- ${name}`);
  const start = Date.now();
  // The names hold nothing that a shell would change, and Windows needs one for npm.cmd.
  const { status } = spawnSync(`npm run --silent ${name}`, { cwd: root, stdio: "inherit", shell: true });
  results.push({ name, passed: status === 0, seconds: (Date.now() - start) / 1000 });
}

console.log("\n--- summary");
for (const { name, passed, seconds } of results) {
  console.log(`${passed ? "passed" : "FAILED"}  ${name.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s`);
}
const failed = results.filter(({ passed }) => !passed);
console.log(
  failed.length === 0 ? `All ${results.length} checks passed.` : `${failed.length} of ${results.length} checks failed.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
