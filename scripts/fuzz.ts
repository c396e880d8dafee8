// Searches long: runs the fuzz and invariant tests of each module again and again, each round from a seed of its own and
// with more work than the one before, until the module's time is up. A failure is told with the command that repeats it,
// ends its module, and makes the exit code 1.
//
//   npm run fuzz:deep -- [modules] [--minutes 10] [--seed HEX] [--write]
//   npm run fuzz:deep -- --resume      goes on with a run that was interrupted, from the module it was at
//
// To repeat a failure: [--rounds N] ends a module after that many rounds, [--factor N] makes the first of them do N times
// the usual work, [--grep PATTERN] leaves out the other tests. [--no-build] takes the build as it is.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { resolveCommand } from "./bootstrap.mjs";
import { writeTable } from "./day/table.js";
import {
  addRound,
  FUZZED,
  fuzzedModules,
  mergeOutcomes,
  type ModuleOutcome,
  nextFactor,
  outcomeTable,
  PAGE,
  type RoundOrder,
  type RoundOutcome,
  SEARCHING,
  seedOfRound,
  type Wanted,
  wantedOf,
  writeFailure,
} from "./lib/fuzz.js";
import { readText, root, run } from "./lib/project.js";

const FOLDER = join(root, "cache", "fuzz");
const STATE = join(FOLDER, "run.json");
const SECONDS_A_MINUTE = 60;

/** What an interrupted run needs to go on. */
interface State {
  wanted: Wanted;
  grep: string;
  done: ModuleOutcome[];
}

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};

const modules = fuzzedModules();

function stateOf(): State {
  if (values.resume) {
    if (!existsSync(STATE)) fail("There is no run to go on with. Start one without --resume.");
    return JSON.parse(readFileSync(STATE, "utf8")) as State;
  }
  const wanted = wantedOf(positionals, values, [...modules.keys()]);
  return { wanted, grep: values.grep ?? SEARCHING, done: [] };
}

/** Runs a round. One that does not come to its end is a failure of its own. */
function runRound(order: RoundOrder): RoundOutcome {
  const [orderFile, outcomeFile] = [join(FOLDER, "order.json"), join(FOLDER, "outcome.json")];
  rmSync(outcomeFile, { force: true });
  writeFileSync(orderFile, JSON.stringify(order));
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    resolveCommand(root, ["scripts/fuzz/round.ts", orderFile, outcomeFile]),
    { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  if (existsSync(outcomeFile)) return JSON.parse(readFileSync(outcomeFile, "utf8")) as RoundOutcome;
  console.error(stdout + stderr);
  const reason = `The round ended with ${signal ?? `code ${status}`} and no result; what it said stands above.`;
  const { seed, factor } = order;
  return { tests: 0, cases: 0, calls: 0, failures: [{ test: "all", reason, example: [], seed, factor }] };
}

/** Rounds of a module until its time is up, or until one finds something. */
function search(module: string, { wanted, grep }: State): ModuleOutcome {
  const files = modules.get(module) ?? [];
  const limit = wanted.minutes * SECONDS_A_MINUTE;
  let outcome: ModuleOutcome = {
    module,
    rounds: 0,
    tests: 0,
    cases: 0,
    calls: 0,
    failures: [],
    seconds: 0,
    seed: wanted.seed,
    day: new Date().toISOString().slice(0, "2026-11-22".length),
  };
  let { factor } = wanted;
  while (outcome.rounds < wanted.rounds && outcome.seconds < limit && outcome.failures.length === 0) {
    const seed = seedOfRound(wanted.seed, outcome.rounds + 1);
    const start = performance.now();
    const round = runRound({ files, seed, factor, grep });
    const seconds = (performance.now() - start) / 1000;
    outcome = addRound(outcome, round, seconds);
    console.log(
      `${module}: round ${outcome.rounds}, seed ${seed}, ${factor} times the usual work, ${round.tests} tests, ` +
        `${round.cases} cases, ${round.calls} calls, ${round.failures.length} failures, ${seconds.toFixed(0)} s`,
    );
    if (round.tests === 0 && round.failures.length === 0) fail(`No test of ${module} has a name like ${grep}.`);
    factor = nextFactor({ factor, seconds }, limit - outcome.seconds);
  }
  for (const failure of outcome.failures) console.error(writeFailure(module, failure));
  return outcome;
}

/** Keeps the outcomes where they are committed, and brings the page up to date. */
function keep(outcomes: readonly ModuleOutcome[]): void {
  const kept = existsSync(join(root, FUZZED)) ? (JSON.parse(readText(FUZZED)) as ModuleOutcome[]) : [];
  // The order of the list of modules; what is no module any more is dropped.
  const all = mergeOutcomes(kept, outcomes).filter(({ module }) => modules.has(module));
  writeFileSync(join(root, FUZZED), `${JSON.stringify(all, undefined, 2)}\n`);
  run("scripts/figures.ts");
}

const { values, positionals } = parseArgs({
  options: {
    minutes: { type: "string" },
    rounds: { type: "string" },
    factor: { type: "string" },
    seed: { type: "string" },
    grep: { type: "string" },
    resume: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    "no-build": { type: "boolean", default: false },
  },
  allowPositionals: true,
});
let state: State;
try {
  state = stateOf();
} catch (error) {
  state = fail((error as Error).message);
}
if (values.write && (values.grep ?? values.rounds ?? values.factor) !== undefined) {
  fail("--write keeps whole searches, so it goes without --grep, --rounds and --factor. Leave one of them out.");
}
if (!values["no-build"] && run("hardhat", "build") !== 0) {
  fail("The project does not build, so there is nothing to search.");
}

mkdirSync(FOLDER, { recursive: true });
const { wanted } = state;
console.log(`Base seed ${wanted.seed}, ${wanted.minutes} minutes for each of ${wanted.modules.join(", ")}.`);
for (const module of wanted.modules.filter((name) => !state.done.some((outcome) => outcome.module === name))) {
  state.done.push(search(module, state));
  writeFileSync(STATE, JSON.stringify(state));
  if (values.write) keep(state.done);
}
console.log(writeTable(outcomeTable(state.done)));
if (values.write) console.log(`Written to ${FUZZED} and ${PAGE}.`);
if (state.done.some(({ failures }) => failures.length > 0)) process.exitCode = 1;
