// Long runs of the fuzz and invariant tests: which modules there are, how rounds grow and get their seeds, and what is said
// of their outcome.

import { stripVTControlCharacters } from "node:util";
import { ethers } from "ethers";
import { type TableData, tableOf } from "../day/table.js";
import { markdownTable } from "./pages.js";
import { filesBelow, readText } from "./project.js";

/** Where the last outcome of each module is kept. */
export const FUZZED = "bench/fuzz.json";

/** The page that tells it. */
export const PAGE = "docs/verification.md";

/** Time for each module, unless told otherwise. */
export const MINUTES = 10;

const TESTS = "test/solidity";
const SEED_BYTES = 8;
const MAX_SEED_BYTES = 32;
const SECONDS_A_MINUTE = 60;
const COLUMNS = [
  { head: "module" },
  { head: "rounds", right: true },
  { head: "tests", right: true },
  { head: "cases", right: true },
  { head: "calls", right: true },
  { head: "failures", right: true },
  { head: "seconds", right: true },
];

/** Tests by name that a round runs: those that get inputs, and invariants. */
export const SEARCHING = "^(testFuzz|invariant)";

/** What a round is asked to do. */
export interface RoundOrder {
  files: string[];
  /** Of all tests of the round. */
  seed: string;
  /** How many times the usual work. */
  factor: number;
  /** Tests by name. */
  grep: string;
}

/** A test that failed. */
export interface Failure {
  /** File, contract and test. */
  test: string;
  reason: string;
  /** The calls that lead to it, in order; one of the test itself for a fuzz test. */
  example: string[];
  seed: string;
  factor: number;
}

/** What a round did. */
export interface RoundOutcome {
  /** Fuzz and invariant tests that ran. */
  tests: number;
  /** Inputs of fuzz tests, and runs of invariants. */
  cases: number;
  /** Calls that the runs of invariants made. */
  calls: number;
  failures: Failure[];
}

/** What all rounds of a module did. */
export interface ModuleOutcome extends RoundOutcome {
  module: string;
  rounds: number;
  seconds: number;
  /** From which the seeds of the rounds come. */
  seed: string;
  /** Day of the run, as in 2026-11-22. */
  day: string;
}

/** How many times the usual number of inputs, of runs and of calls a run a round makes. */
export interface Scale {
  /** Inputs of a fuzz test. */
  inputs: number;
  /** Runs of an invariant. */
  runs: number;
  /** Calls of each run. */
  depth: number;
}

/** The work of a round, `factor` times the usual: invariants get more runs and longer ones alike. */
export function scaleOf(factor: number): Scale {
  const depth = Math.floor(Math.sqrt(factor));
  return { inputs: factor, runs: Math.ceil(factor / depth), depth };
}

/** The modules with fuzz or invariant tests, and their files of tests, which may inherit them: folders of test/solidity. */
export function fuzzedModules(): Map<string, string[]> {
  const modules = new Map<string, string[]>();
  const searched = new Set<string>();
  for (const file of filesBelow(TESTS, ".sol")) {
    const module = file.slice(TESTS.length + 1).split("/")[0] ?? "";
    if (file.endsWith(".t.sol")) modules.set(module, [...(modules.get(module) ?? []), file]);
    if (/function (testFuzz|invariant)\w*\(/.test(readText(file))) searched.add(module);
  }
  for (const module of [...modules.keys()]) if (!searched.has(module)) modules.delete(module);
  return modules;
}

/** The seed of a round, from 1: the first has the base itself, so that any round can be the first of another run. */
export function seedOfRound(base: string, round: number): string {
  if (round === 1) return base;
  return ethers.dataSlice(ethers.solidityPackedKeccak256(["uint256", "uint256"], [base, round]), 0, SEED_BYTES);
}

/** A seed that nobody chose. */
function freshSeed(): string {
  return ethers.hexlify(ethers.randomBytes(SEED_BYTES));
}

/**
 * How many times the usual work the next round does: twice that of the last one, or what the time that is left has room
 * for, and never less than once.
 */
export function nextFactor(last: { factor: number; seconds: number }, left: number): number {
  const room = Math.floor((left / last.seconds) * last.factor);
  return Math.max(1, Math.min(last.factor * 2, room));
}

/**
 * The source of a test with the numbers of its own for the test runner raised, in comments such as
 * `/// forge-config: default.fuzz.runs = 64`. The settings do not change these, so that the source has to.
 */
export function raiseInline(source: string, scale: Scale): string {
  return source.replace(
    /((?:forge|hardhat)-config:\s*(?:\w+\.)?(fuzz|invariant)\.(runs|depth)\s*=\s*)(\d+)/g,
    (_, key: string, kind: string, what: string, value: string) =>
      key + String(Number(value) * (kind === "fuzz" ? scale.inputs : what === "runs" ? scale.runs : scale.depth)),
  );
}

/** What is asked for, checked. */
export interface Wanted {
  modules: string[];
  minutes: number;
  rounds: number;
  factor: number;
  seed: string;
}

/**
 * Checks what is asked for.
 *
 * @throws Error in one sentence if something cannot be meant
 */
export function wantedOf(
  words: readonly string[],
  options: { minutes?: string; rounds?: string; factor?: string; seed?: string },
  known: readonly string[],
): Wanted {
  for (const word of words) {
    if (!known.includes(word)) {
      throw new Error(`There is no module ${word} with fuzz tests. There are ${known.join(", ")}.`);
    }
  }
  const { minutes = String(MINUTES), rounds, factor = "1", seed = freshSeed() } = options;
  if (!(Number(minutes) > 0) || !Number.isFinite(Number(minutes))) {
    throw new Error(`--minutes is ${minutes}, but must be a number above 0.`);
  }
  if (!ethers.isHexString(seed) || seed.length < 3 || seed.length > 2 + 2 * MAX_SEED_BYTES) {
    throw new Error(`--seed is ${seed}, but must be 0x and 1 to ${2 * MAX_SEED_BYTES} hexadecimal digits.`);
  }
  const whole = (name: string, value: string): number => {
    if (!/^[1-9]\d{0,5}$/.test(value)) {
      throw new Error(`--${name} is ${value}, but must be a whole number from 1 to 999999.`);
    }
    return Number(value);
  };
  return {
    modules: words.length === 0 ? [...known] : known.filter((module) => words.includes(module)),
    minutes: Number(minutes),
    rounds: rounds === undefined ? Number.MAX_SAFE_INTEGER : whole("rounds", rounds),
    factor: whole("factor", factor),
    seed,
  };
}

/** What stands in a result of the test runner that matters here. */
export interface SuiteResult {
  id: { source: string; name: string };
  testResults: readonly {
    name: string;
    status: string;
    reason?: string | undefined;
    kind: object;
    counterexample?: object | undefined;
  }[];
}

interface Call {
  calldata: Uint8Array;
  contractName?: string;
  signature?: string;
  args?: string;
  sender?: Uint8Array;
}

/** What the test runner's results say of a round. */
export function outcomeOf(suites: readonly SuiteResult[], { seed, factor }: RoundOrder): RoundOutcome {
  const outcome: RoundOutcome = { tests: 0, cases: 0, calls: 0, failures: [] };
  for (const { id, testResults } of suites) {
    // The runner's names of sources begin with the project's.
    const source = id.source.replace(/^.*?(?=test\/)/, "");
    for (const { name, status, reason, kind, counterexample } of testResults) {
      outcome.tests += 1;
      outcome.cases += "runs" in kind ? Number(kind.runs) : 0;
      outcome.calls += "calls" in kind ? Number(kind.calls) : 0;
      if (status !== "Failure") continue;
      const calls =
        counterexample === undefined
          ? []
          : "sequence" in counterexample
            ? (counterexample.sequence as Call[])
            : [counterexample as Call];
      outcome.failures.push({
        test: `${source}:${id.name}#${name}`,
        reason: reason ?? "no reason given",
        example: calls.map(writeCall),
        seed,
        factor,
      });
    }
  }
  return outcome;
}

function writeCall({ calldata, contractName, signature, args, sender }: Call): string {
  const by = sender === undefined ? "" : ` by ${ethers.hexlify(sender)}`;
  // Large numbers come with a short form of theirs in colour.
  const given = stripVTControlCharacters(args ?? "");
  if (signature === undefined) return `${given === "" ? ethers.hexlify(calldata) : `(${given})`}${by}`;
  const name = signature.replace(/\(.*$/, "");
  return `${contractName === undefined ? "" : `${contractName.replace(/^.*:/, "")}.`}${name}(${given})${by}`;
}

/** The command that repeats a failure, and nothing else. */
export function repeatOf(module: string, { test, seed, factor }: Failure): string {
  const name = test.replace(/^.*#/, "").replace(/\(.*$/, "");
  const more = factor === 1 ? "" : ` --factor ${factor}`;
  return `npm run fuzz:deep -- ${module} --seed ${seed} --rounds 1${more} --grep '^${name}'`;
}

/** What is said of a failure. */
export function writeFailure(module: string, failure: Failure): string {
  return [
    `FAILED  ${failure.test}`,
    `  reason  ${failure.reason}`,
    `  seed    ${failure.seed}`,
    ...failure.example.map((call, index) => `  ${index === 0 ? "calls " : "      "}  ${call}`),
    `  repeat  ${repeatOf(module, failure)}`,
  ].join("\n");
}

/** Adds a round to what a module did. */
export function addRound(outcome: ModuleOutcome, round: RoundOutcome, seconds: number): ModuleOutcome {
  return {
    ...outcome,
    rounds: outcome.rounds + 1,
    tests: Math.max(outcome.tests, round.tests),
    cases: outcome.cases + round.cases,
    calls: outcome.calls + round.calls,
    failures: [...outcome.failures, ...round.failures],
    seconds: outcome.seconds + seconds,
  };
}

/** The outcomes kept so far with others in the place of those of the same modules, in order. */
export function mergeOutcomes(kept: readonly ModuleOutcome[], others: readonly ModuleOutcome[]): ModuleOutcome[] {
  const fresh = kept.filter(({ module }) => !others.some((other) => other.module === module));
  return [...fresh, ...others].sort((left, right) => (left.module < right.module ? -1 : 1));
}

const whole = (value: number): string => value.toLocaleString("en");

function cellsOf({ module, rounds, tests, cases, calls, failures, seconds }: ModuleOutcome): string[] {
  return [module, ...[rounds, tests, cases, calls, failures.length, Math.round(seconds)].map(whole)];
}

/** What a run did, a module a row. */
export function outcomeTable(outcomes: readonly ModuleOutcome[]): TableData {
  return tableOf(COLUMNS, outcomes.map(cellsOf));
}

/** The same for the page, with day and seed, and the sum in words. */
export function outcomePart(outcomes: readonly ModuleOutcome[]): string {
  const sum = (of: (outcome: ModuleOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const heads = [...COLUMNS.map(({ head }) => head), "day", "seed"];
  const rows = outcomes.map((outcome) => [...cellsOf(outcome), outcome.day, `\`${outcome.seed}\``]);
  return [
    `${whole(sum(({ cases }) => cases))} cases and ${whole(sum(({ calls }) => calls))} calls in ` +
      `${Math.round(sum(({ seconds }) => seconds) / SECONDS_A_MINUTE)} minutes; ` +
      `${whole(sum(({ failures }) => failures.length))} failures.`,
    "",
    markdownTable(heads, rows, new Set(COLUMNS.flatMap(({ right }, column) => (right === true ? [column] : [])))),
  ].join("\n");
}
