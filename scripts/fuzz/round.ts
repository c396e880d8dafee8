// One round of fuzz and invariant tests, in a process of its own: reads an order as JSON from one file and writes what the
// round did to another. scripts/fuzz.ts starts it.
//
// The runner reads a test's own numbers of runs from the comments of its source on disk, and nothing overrules them. So the
// runner is shown copies of these sources, with the numbers raised, in the place of the sources. The code that runs is the
// code that was built.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import config from "../../hardhat.config.js";
import { outcomeOf, raiseInline, type RoundOrder, scaleOf, type SuiteResult } from "../lib/fuzz.js";
import { root } from "../lib/project.js";

interface RunnerArguments {
  testSourcePaths: Record<string, string>;
}
interface Runner {
  runSolidityTests: (
    this: unknown,
    chain: string,
    artifacts: unknown,
    suites: unknown,
    args: RunnerArguments,
    ...more: unknown[]
  ) => unknown;
}

const [orderFile, outcomeFile] = process.argv.slice(2);
if (orderFile === undefined || outcomeFile === undefined) throw new Error("round.ts takes two files");
const order = JSON.parse(readFileSync(orderFile, "utf8")) as RoundOrder;
const scale = scaleOf(order.factor);

const copies = join(dirname(outcomeFile), "sources");
mkdirSync(copies, { recursive: true });
const { EdrContext } = createRequire(import.meta.resolve("hardhat"))("@nomicfoundation/edr") as {
  EdrContext: { prototype: Runner };
};
const original = EdrContext.prototype.runSolidityTests;
EdrContext.prototype.runSolidityTests = function (chain, artifacts, suites, args, ...more) {
  const testSourcePaths = Object.fromEntries(
    Object.entries(args.testSourcePaths).map(([source, path], index) => {
      const copy = join(copies, `${index}-${basename(path)}`);
      writeFileSync(copy, raiseInline(readFileSync(path, "utf8"), scale));
      return [source, copy];
    }),
  );
  return original.call(this, chain, artifacts, suites, { ...args, testSourcePaths }, ...more);
};

const usual = config.test?.solidity as {
  fuzz: { runs: number };
  invariant: { runs: number; depth: number };
};
const hre = await createHardhatRuntimeEnvironment(
  {
    ...config,
    test: {
      ...config.test,
      solidity: {
        ...usual,
        fuzz: { ...usual.fuzz, seed: order.seed, runs: usual.fuzz.runs * scale.inputs },
        invariant: {
          ...usual.invariant,
          runs: usual.invariant.runs * scale.runs,
          depth: usual.invariant.depth * scale.depth,
        },
      },
    },
  },
  { config: join(root, "hardhat.config.ts") },
  root,
);
const result = (await hre.tasks
  .getTask(["test", "solidity"])
  .run({ testFiles: order.files, noCompile: true, grep: order.grep })) as {
  value?: { suiteResults: SuiteResult[] };
  error?: { suiteResults: SuiteResult[] };
};
const suites = (result.value ?? result.error)?.suiteResults ?? [];
writeFileSync(outcomeFile, JSON.stringify(outcomeOf(suites, order)));
