// Runs Slither over every contract of the suite, without test doubles, and fails on each finding above informational for
// which slither.reasons.json gives no reason why it is none, on each function that Slither cannot read, and on each reason that
// is no longer needed.
//
// Slither reads what a build of Hardhat leaves. This writes such a build with the syntax trees of all contracts at once,
// which takes the compiler seconds; code is not what Slither looks at.
//
//   npm run slither

import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { readText, report, root } from "./lib/project.js";
import { readingBuild, type Reason, type SlitherOutput, unexplained, unreadIn, writeBuild } from "./lib/slither.js";
import { productionSources } from "./lib/solidity.js";

const VERSION = "0.11.6";
const FOLDER = "cache/slither";
const SCOPE = ["--exclude-informational", "--exclude-optimization", "--exclude-dependencies"];
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

writeBuild(FOLDER, productionSources());

const results = join(root, FOLDER, "results.json");
rmSync(results, { force: true });
// It ends with a code of its own whenever it finds something.
const { stderr } = spawnSync("slither", [...readingBuild(FOLDER), ...SCOPE, "--json", results], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 2 ** 28,
});
if (!existsSync(results)) {
  console.error(stderr);
  console.error("Slither did not get to its end; what it says stands above.");
  process.exit(1);
}
const { results: told } = JSON.parse(readText(join(FOLDER, "results.json"))) as SlitherOutput;
const findings = [...(told.detectors ?? []), ...unreadIn(stderr)];
const reasons = JSON.parse(readText("slither.reasons.json")) as Reason[];
report(
  unexplained(findings, reasons),
  `Each of Slither's ${findings.length} findings above informational is explained.`,
);
