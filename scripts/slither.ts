// Runs Slither over every contract of the suite, without test doubles, and fails on each finding above informational. What a
// finding is about says beside the code why it is none, in a comment that turns it off there.
//
// Slither reads what a build of Hardhat leaves. This writes such a build with the syntax trees of all contracts at once,
// which takes the compiler seconds; code is not what Slither looks at.
//
//   npm run slither -- [arguments for Slither]

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root } from "./lib/project.js";
import { compileTrees, productionSources } from "./lib/solidity.js";

const VERSION = "0.11.6";
const FOLDER = "cache/slither";
const BUILD = "suite";
const MISSING =
  `Slither is missing. Install it (python3 -m venv ~/slither && ~/slither/bin/pip install slither-analyzer==${VERSION}), ` +
  "put its folder on the path (PATH=~/slither/bin:$PATH) and run this again.";

const found = spawnSync("slither", ["--version"], { encoding: "utf8" });
if (found.status !== 0) {
  console.error(MISSING);
  process.exit(1);
}
const version = found.stdout.trim();
if (version !== VERSION) console.log(`Slither is ${version}; findings are explained for ${VERSION}.`);

const { input, output, compiler } = compileTrees(productionSources());
const folder = join(root, FOLDER, "build-info");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, `${BUILD}.json`), JSON.stringify({ solcVersion: compiler, input }));
writeFileSync(join(folder, `${BUILD}.output.json`), JSON.stringify({ output }));

const { status } = spawnSync(
  "slither",
  [".", "--hardhat-ignore-compile", "--hardhat-artifacts-directory", FOLDER, ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit" },
);
if (status === 0) console.log("Slither finds nothing that is not explained.");
process.exitCode = status ?? 1;
