// Proofs with the compiler's model checker: what it is asked, how the solver z3 is run, and what the answers mean.
//
// A harness is a contract in test/proofs/. Each of its functions is a property: whatever its arguments are, none of its
// assertions can fail. Each property is proved on its own, with the others cut out, so that no property changes what the
// solver is asked about another one.
//
// Two engines of the checker are asked. CHC finds invariants of loops, but knows little of products of variables. BMC knows
// more of them, and follows a loop once only; so it is heard about code without loops alone, where once is all there is. CHC
// takes memory that a function writes into for unchanged, if it was given to that function; BMC takes it for unknown. So
// where both answer, BMC is right, and no harness calls a function with a loop that writes into memory it was given.

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { filesBelow, readText } from "./project.js";
import { contractsOf, parseSource } from "./solidity.js";

/** Where the harnesses are. */
export const PROOFS = "test/proofs";

/** The properties that are known to be proved. */
export const PROVED = `${PROOFS}/proved.json`;

/** Time after which the solver is ended, unless told otherwise, seconds. Far more than it needs for its steps. */
export const SECONDS = 120;

/** What to do where there is no solver. */
export const NO_SOLVER =
  "The solver z3 is missing, so nothing can be proved. Install it (Debian and Ubuntu: apt-get install z3; macOS: brew install z3; Windows: put z3.exe on the path) and run this again.";

/** How a property came out; `vacuous` is one whose assertions no argument reaches, so that it says nothing. */
export type Verdict = "proved" | "not proved" | "counterexample" | "vacuous";

/** An engine of the compiler's model checker. */
export type Engine = "bmc" | "chc";

/** A property and its outcome. */
export interface Proof {
  /** Harness and function, as in `QuotasProof.oneMajority`. */
  property: string;
  verdict: Verdict;
  /** Engines that proved it. */
  engines: Engine[];
  /** Arguments for which an assertion fails, if there are any. */
  example?: string;
  seconds: number;
}

/** Replaces text of a source before it is compiled, to plant a fault. */
export interface Fault {
  path: string;
  /** Stands in the source exactly once. */
  from: string;
  to: string;
}

/** What a harness holds. */
export interface Harness {
  path: string;
  contract: string;
  /** Functions by name, with what they state. */
  properties: Map<string, string>;
}

interface Diagnostic {
  severity: string;
  errorCode?: string;
  message: string;
  formattedMessage: string;
  sourceLocation?: { file: string; start: number };
}

interface Compiler {
  compile(
    input: string,
    callbacks: {
      import(path: string): { contents: string } | { error: string };
      smtSolver?: (query: string) => { contents: string };
    },
  ): string;
}

/** Codes of what the engines say: that an assertion holds, that it may fail, that it fails. */
const SAFE = ["2961", "9576"];
const UNSAFE = ["4661", "6328", "7812"];
const FAILS = "happens here";
const GOAL = /\(=> \|?(error_target_\d+)\|? false\)/;
/** An operation on bits of two numbers that are not negative, as the compiler writes it. */
const BITS =
  /\(bv2nat \((bvand|bvlshr|bvshl) \(ite \(>= (expr_\d+_\d+) 0\) \(\(_ int2bv (\d+)\) \2\) \(bvneg \(\(_ int2bv \3\) \(- \2\)\)\)\) \(ite \(>= (expr_\d+_\d+) 0\) \(\(_ int2bv \3\) \4\) \(bvneg \(\(_ int2bv \3\) \(- \4\)\)\)\)\)\)/g;
/** A number cut to its lowest bits, as the compiler writes it. */
const CUT =
  /\(bv2nat \(ite \(>= (expr_\d+_\d+) 0\) \(\(_ int2bv (\d+)\) \1\) \(bvneg \(\(_ int2bv \2\) \(- \1\)\)\)\)\)/g;
const CANARY = "assert(false);";
const UNKNOWN = "unknown\n";
/**
 * Steps that the solver has for an assertion, so that a slow machine proves what a fast one does: as many as the compiler
 * gives it, and three times as many where it is the better engine.
 */
const STEPS = { few: 20_000_000, many: 60_000_000 };
const MILLISECONDS = 1_000;
/** Past this the solver is ended even if it overlooks its own limit, seconds. */
const PATIENCE = 5;
/** Of the solver's Horn clause engine, as the compiler's own runner has them. */
const SETTINGS = [
  "rewriter.pull_cheap_ite=true",
  "fp.spacer.q3.use_qgen=true",
  "fp.spacer.mbqi=false",
  "fp.spacer.ground_pobs=false",
];

/** The version of z3 on this machine, or undefined if it has none. */
export function solverVersion(): string | undefined {
  const { status, stdout } = spawnSync("z3", ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** All harnesses. */
export function harnesses(): Harness[] {
  return filesBelow(PROOFS, ".sol").map((path) => {
    const contract = basename(path, ".sol");
    return { path, contract, properties: propertiesOf(path, readText(path)) };
  });
}

interface FunctionNode {
  type: string;
  name: string | null;
  visibility: string;
  range?: [number, number];
}

/** The functions of a harness that are properties. */
function functionsOf(path: string, text: string): FunctionNode[] {
  const nodes = contractsOf(parseSource(path, text)).flatMap(({ subNodes }) => subNodes as unknown as FunctionNode[]);
  return nodes.filter(({ type, visibility }) => type === "FunctionDefinition" && visibility === "external");
}

/** Functions of a harness with their notices. */
function propertiesOf(path: string, text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const node of functionsOf(path, text)) {
    if (node.name === null) continue;
    const before = text.slice(0, node.range?.[0] ?? 0);
    const comment = /((?:[ \t]*\/\/\/[^\n]*\n)+)[ \t]*$/.exec(before)?.[1] ?? "";
    const words = comment.replace(/^\s*\/\/\/ ?/gm, "").replace(/\s+/g, " ");
    found.set(node.name, words.replace(/^\s*@notice\s*/, "").trim());
  }
  return found;
}

/** A harness with one of its properties alone. */
function isolate(path: string, text: string, property: string): { source: string; end: number } {
  let source = text;
  let end = -1;
  for (const node of functionsOf(path, text).reverse()) {
    if (node.range === undefined) continue;
    const [first, last] = node.range;
    if (node.name === property) end = last;
    else {
      source = source.slice(0, first) + source.slice(last + 1);
      if (end >= 0) end -= last + 1 - first;
    }
  }
  if (end < 0) throw new Error(`${path} has no property ${property}; see the functions of that file.`);
  return { source, end };
}

/** Puts a fault into a source. */
function plant(text: string, { path, from, to }: Fault): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${path} has ${parts.length - 1} times, not once: ${from}`);
  return parts.join(to);
}

/** Asks z3, and takes no answer in its limits, or none that is one, for "unknown". */
function runSolver(query: string, steps: number, seconds: number): string {
  const { stdout, error } = spawnSync("z3", ["-smt2", "-in", `-T:${seconds}`, `rlimit=${steps}`, ...SETTINGS], {
    encoding: "utf8",
    input: query,
    timeout: (seconds + PATIENCE) * MILLISECONDS,
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined && "code" in error && error.code === "ENOENT") throw new Error(NO_SOLVER);
  return /^(un)?sat\b/.test(stdout) ? stdout : UNKNOWN;
}

/** Whether what a query of the CHC engine asks about can run in circles: by a loop, or by a function that calls itself. */
export function hasLoop(query: string): boolean {
  const declared = new Set(
    [...query.matchAll(/\(declare-fun \|([^|]+)\| \([^\n]*\) Bool\)/g)].map(([, name]) => name ?? ""),
  );
  // What a rule derives stands last in it, and what it derives it from before.
  const sources = new Map<string, Set<string>>();
  for (const rule of query.split("(assert").slice(1)) {
    if (GOAL.test(rule)) continue;
    const named = [...rule.matchAll(/\(\|?(\w+)\|?[ )]|\b(error_target_\d+)\b/g)].map(
      ([, call, goal]) => call ?? goal ?? "",
    );
    const predicates = named.filter((name) => declared.has(name));
    const head = predicates.pop();
    if (head !== undefined) sources.set(head, new Set([...(sources.get(head) ?? []), ...predicates]));
  }
  const done = new Set<string>();
  const path = new Set<string>();
  const circles = (name: string): boolean => {
    // A contract can be called again after each call; what it stores is none of a pure function's business.
    if (done.has(name) || /^(nondet_)?interface_/.test(name)) return false;
    if (path.has(name)) return true;
    path.add(name);
    const found = [...(sources.get(name) ?? [])].some(circles);
    path.delete(name);
    done.add(name);
    return found;
  };
  const goal = GOAL.exec(query)?.[1];
  if (goal === undefined || !sources.has(goal)) throw new Error("The compiler's query names no goal that is known.");
  return circles(goal);
}

/**
 * Writes shifts by a constant, masks of low bits and narrowing casts as the divisions, products and remainders that they are, of which a
 * solver of integers knows more than of bits.
 */
export function plainShifts(query: string): string {
  const constants = new Map(
    [...query.matchAll(/\(= (expr_\d+_\d+) (\d+)\)/g)].map(([, name = "", value = ""]) => [name, BigInt(value)]),
  );
  const cut = query.replace(CUT, (_whole, name: string, width: string) => `(mod ${name} ${1n << BigInt(width)})`);
  return cut.replace(BITS, (whole: string, operation: string, left: string, width: string, right: string) => {
    const size = 1n << BigInt(width);
    const word = `(mod ${left} ${size})`;
    const value = constants.get(right);
    if (value === undefined) return whole;
    if (operation === "bvand") return (value & (value + 1n)) === 0n ? `(mod ${left} ${value + 1n})` : whole;
    if (value >= BigInt(width)) return "0";
    const factor = 1n << value;
    return operation === "bvlshr" ? `(div ${word} ${factor})` : `(mod (* ${left} ${factor}) ${size})`;
  });
}

/**
 * Proves a property of a harness, or finds out why not.
 * @param seconds Time for each assertion.
 */
export function prove({ path, contract }: Harness, property: string, seconds: number, fault?: Fault): Proof {
  const start = Date.now();
  const { source, end } = isolate(path, readText(path), property);
  const read = (target: string): { contents: string } | { error: string } => {
    try {
      const text = readText(/^(contracts|test)\//.test(target) ? target : `node_modules/${target}`);
      return { contents: target === fault?.path ? plant(text, fault) : text };
    } catch (error) {
      return { error: String(error) };
    }
  };
  const ask = (content: string, engine: Engine, solve: (query: string) => string): Diagnostic[] => {
    const input = {
      language: "Solidity",
      sources: { [path]: { content } },
      settings: {
        evmVersion: "cancun",
        outputSelection: { "*": { "*": [] } },
        modelChecker: {
          engine,
          targets: ["assert"],
          contracts: { [path]: [contract] },
          solvers: ["smtlib2"],
          showProvedSafe: true,
          showUnproved: true,
        },
      },
    };
    const compiler = createRequire(import.meta.url)("solc") as Compiler;
    const smtSolver = (query: string): { contents: string } => ({ contents: solve(query) });
    const output = compiler.compile(JSON.stringify(input), { import: read, smtSolver });
    const { errors = [] } = JSON.parse(output) as { errors?: Diagnostic[] };
    const wrong = errors.find(({ severity }) => severity === "error");
    if (wrong !== undefined) throw new Error(wrong.formattedMessage);
    return errors.filter(({ errorCode = "" }) => [...SAFE, ...UNSAFE].includes(errorCode));
  };
  const solve = (steps: number) => (query: string) => runSolver(plainShifts(query), steps, seconds);
  const few = solve(STEPS.few);
  const many = solve(STEPS.many);
  const isSafe = ({ errorCode = "" }: Diagnostic): boolean => SAFE.includes(errorCode);

  let loops = false as boolean;
  let chc = ask(source, "chc", (query) => {
    loops ||= hasLoop(query);
    return few(query);
  });
  if (chc.length === 0) throw new Error(`${contract}.${property} asserts nothing.`);
  if (loops && !chc.every(isSafe)) chc = ask(source, "chc", many);
  const bmc = loops ? [] : ask(source, "bmc", many);
  const engines = (["chc", "bmc"] as const).filter((engine) => {
    const answers = engine === "chc" ? chc : bmc;
    return answers.length > 0 && answers.every(isSafe);
  });
  const outcome = (verdict: Verdict, example?: string): Proof => ({
    property: `${contract}.${property}`,
    verdict,
    engines,
    ...(example === undefined ? {} : { example }),
    seconds: (Date.now() - start) / MILLISECONDS,
  });
  const decisive = loops || bmc.every((answer) => !isSafe(answer) && !answer.message.includes(FAILS)) ? chc : bmc;
  const failed = decisive.find(({ message }) => message.includes(FAILS));
  if (failed !== undefined) return outcome("counterexample", valuesIn(failed.message));
  if (engines.length === 0) return outcome("not proved");
  // The harness is plain ASCII, so the compiler's bytes are characters.
  const [engine = "chc"] = engines;
  const canary = ask(`${source.slice(0, end)}${CANARY}${source.slice(end)}`, engine, few);
  const atEnd = canary.find(({ sourceLocation }) => sourceLocation?.start === end);
  return outcome(atEnd === undefined || isSafe(atEnd) ? "vacuous" : "proved");
}

/** The values of a counterexample, on one line. */
function valuesIn(message: string): string {
  const values = /Counterexample:\s*([\s\S]*?)(?:\n\s*\n|$)/.exec(message)?.[1]?.trim() ?? "";
  if (values === "") return "found, without its values";
  return values
    .split("\n")
    .map((line) => line.trim())
    .join(", ");
}

/**
 * What is wrong with some proofs.
 * @param known Properties that are known to be proved.
 * @param complete Whether these are the proofs of all properties.
 */
export function proofFaults(proofs: readonly Proof[], known: readonly string[], complete: boolean): string[] {
  const faults: string[] = [];
  for (const { property, verdict, example } of proofs) {
    const listed = known.includes(property);
    if (verdict === "counterexample") faults.push(`${property} is wrong: ${example ?? ""}`);
    else if (verdict === "vacuous") faults.push(`${property} says nothing: no arguments meet what it requires`);
    else if (verdict === "not proved" && listed) faults.push(`${property} was proved before and is not proved now`);
    else if (verdict === "proved" && !listed) {
      faults.push(`${property} is proved, but not in ${PROVED}. If that is meant, run: npm run prove -- --write`);
    }
  }
  if (!complete) return faults;
  const gone = known.filter((name) => !proofs.some(({ property }) => property === name));
  return [...faults, ...gone.map((name) => `${name} is in ${PROVED}, but there is no such property`)];
}
