// Asks the tokens of the suite for what their standards say: the tests of test/solidity/conformance, which are also part of
// npm test, and slither-check-erc, where Slither is installed.
//
//   npm run conformance

import { spawnSync } from "node:child_process";
import { hasLooked, missingIn, TOKENS } from "./lib/conformance.js";
import { filesBelow, readText, report, root, run } from "./lib/project.js";
import { readingBuild, writeBuild } from "./lib/slither.js";

const FOLDER = "cache/conformance";

const tests = filesBelow("test/solidity/conformance", ".t.sol");
const faults = run("hardhat", "test", "solidity", ...tests) === 0 ? [] : ["The conformance tests failed."];
if (spawnSync("slither-check-erc", ["--help"]).status !== 0) {
  console.log("NOT CHECKED: slither-check-erc is missing, which comes with Slither; see npm run slither.");
  report(faults, `The tests of ${tests.length} files pass.`);
} else {
  for (const { path, contract, standards } of TOKENS) {
    const folder = `${FOLDER}/${contract}`;
    writeBuild(folder, new Map([[path, readText(path)]]));
    for (const standard of standards) {
      const { stdout, stderr } = spawnSync(
        "slither-check-erc",
        [...readingBuild(folder).slice(0, 1), contract, "--erc", standard, ...readingBuild(folder).slice(1)],
        { cwd: root, encoding: "utf8" },
      );
      // Its marks are printed to one or the other, by version.
      const output = stdout + stderr;
      const missing = hasLooked(output) ? missingIn(output) : ["slither-check-erc did not get to its end"];
      console.log(`${contract}, ${standard}: ${missing.length === 0 ? "as the standard says" : missing.join("; ")}`);
      faults.push(...missing.map((what) => `${contract}, ${standard}: ${what}`));
    }
  }
  report(faults, `The tests of ${tests.length} files pass, and Slither misses nothing.`);
}
