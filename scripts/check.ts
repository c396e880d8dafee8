// Runs every check of package.json, two at a time where there are two cores, and ends with what failed. What a check prints is
// shown when it ends. Later checks run even if an earlier one failed.
//
//   npm run check -- [names of checks to run alone, such as format or imports]

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import process from "node:process";
import { readText, root } from "./lib/project.js";

const PREFIX = "check:";
/** It takes longer than all others together, so it starts first. */
const LONGEST = "check:coverage";
const AT_ONCE = Math.min(2, availableParallelism());

interface Result {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
}

const { scripts } = JSON.parse(readText("package.json")) as { scripts: Record<string, string> };
const only = process.argv.slice(2).map((name) => PREFIX + name);
const known = Object.keys(scripts).filter((name) => name.startsWith(PREFIX));
const unknown = only.find((name) => !known.includes(name));
if (unknown !== undefined) {
  const names = known.map((name) => name.slice(PREFIX.length)).join(", ");
  console.error(`There is no check ${unknown.slice(PREFIX.length)}; name some of ${names}, or none to run them all.`);
  process.exit(1);
}

async function check(name: string): Promise<Result> {
  const start = Date.now();
  // The names hold nothing that a shell would change, and Windows needs one for npm.cmd.
  const child = spawn(`npm run --silent ${name}`, { cwd: root, stdio: ["ignore", "pipe", "pipe"], shell: true });
  const output: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => output.push(part));
  child.stderr.on("data", (part: Buffer) => output.push(part));
  const passed = await new Promise<boolean>((resolve) =>
    child.on("close", (code) => {
      resolve(code === 0);
    }),
  );
  console.log(`\n--- ${name}\n${Buffer.concat(output).toString()}`);
  return { name, passed, seconds: (Date.now() - start) / 1000 };
}

const chosen = known.filter((name) => only.length === 0 || only.includes(name));
const waiting = [...chosen.filter((name) => name === LONGEST), ...chosen.filter((name) => name !== LONGEST)];
const results: Result[] = [];
async function work(): Promise<void> {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) results.push(await check(name));
}
await Promise.all(Array.from({ length: AT_ONCE }, work));

console.log("\n--- summary");
results.sort((left, right) => chosen.indexOf(left.name) - chosen.indexOf(right.name));
for (const { name, passed, seconds } of results) {
  console.log(`${passed ? "passed" : "FAILED"}  ${name.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s`);
}
const failed = results.filter(({ passed }) => !passed);
console.log(
  failed.length === 0 ? `All ${results.length} checks passed.` : `${failed.length} of ${results.length} checks failed.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
