// Runs the Solidity and the Mocha tests in one go, the files of the latter two at a time where there are two cores. The last
// line gives the counts, and a run without a test fails.
//
//   npm test -- [files] [--grep PATTERN] [any option of `hardhat test`]

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import process from "node:process";
import { countTests, faultOf, formatCounts } from "./lib/counts.js";
import { root, tool } from "./lib/project.js";

const MOST_JOBS = 2;

const args = process.argv.slice(2);
const child = spawn(process.execPath, [tool("hardhat"), "test", ...args], {
  cwd: root,
  stdio: ["inherit", "pipe", "inherit"],
  env: {
    CIVITAS_JOBS: String(Math.min(MOST_JOBS, availableParallelism())),
    ...process.env,
    ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}),
  },
});
let output = "";
child.stdout.setEncoding("utf8").on("data", (text: string) => {
  output += text;
  process.stdout.write(text);
});
child.on("close", (code) => {
  const counts = countTests(output);
  const fault = faultOf(counts, code, args.length > 0);
  if (fault !== undefined) console.error(fault);
  if (counts.skipped > 0) console.log(`${counts.skipped} skipped`);
  console.log(formatCounts(counts));
  process.exitCode = fault === undefined ? 0 : 1;
});
