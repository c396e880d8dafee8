// How a mutant is judged: compiled, compared with what is known, and given to the tests until one of them fails.
//
// Speed decides how much can be looked at, so tests are compiled once and a mutant alone after that: 0.2 to 3 seconds, where
// a test of a large contract takes 8. This is done by keeping what is mutated out of the tests. A linked library stands as
// code at an address of its own before the tests begin. A contract that a test makes by `new` is in the test's own code; there
// it gives way to a stub of the same length, which takes the mutant's code from an address and runs it with the arguments that
// it was given. The code of a library without an address is in its test, so such a test is compiled with each mutant.
//
// The tests run in EDR, as Hardhat runs them, within this process: starting Hardhat takes longer than most mutants do. One
// suite runs after the other, first those that have killed most, until one fails. At first fuzz tests have few runs. A mutant
// that survives those gets as many as in the tests.
//
// A mutant that the optimizer turns into the code of the original is no fault, and one with the code of another is the same
// fault; neither counts. For a library without an address its functions are opened for that, so that none is left out.

import { createRequire } from "node:module";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { keccak256, toUtf8Bytes } from "ethers";
import type { FunctionDefinition } from "@solidity-parser/parser/dist/src/ast-types.js";
import { type Mutant, mutantsOf, plant } from "./mutants.js";
import { filesBelow, readText, root } from "./project.js";
import { type AbiItem, contractsOf, parseSource } from "./solidity.js";

/** What is mutated, and which tests are to find it. */
export interface Target {
  name: string;
  /** The file that is mutated. */
  source: string;
  /** Tests that hold the code of the source themselves. */
  unit: string[];
  /** Tests that call contracts which hold it. */
  deployed: string[];
  /** How many mutants are looked at unless told otherwise; all if there is no such number. */
  sample?: number;
}

/** How a mutant came out. `same` is one without an effect, or with that of another mutant; `invalid` does not compile. */
export type Verdict = "invalid" | "killed" | "same" | "survived" | "timed out";

/** A mutant and how it came out. */
export interface Judgement {
  verdict: Verdict;
  /** The suite and the test that failed. */
  by?: string;
}

interface Evm {
  object: string;
}

interface Output {
  abi: AbiItem[];
  evm: { bytecode?: Evm; deployedBytecode?: Evm };
}

interface Compiled {
  errors?: { severity: string; formattedMessage: string }[];
  contracts?: Record<string, Record<string, Output>>;
}

interface Suite {
  file: string;
  name: string;
  abi: AbiItem[];
  /** Code that makes it, with stubs in place. */
  code: string;
  kills: number;
  seconds: number;
  /** What each of its tests may use. */
  gas: bigint;
}

/** A contract or linked library. */
interface Part {
  path: string;
  name: string;
  linked: boolean;
  /** Where its code stands: of a contract the code that makes it. */
  address: string;
}

/** What a runner of EDR says of a suite. */
interface SuiteResult {
  testResults: TestResult[];
}

/** Of invariants there is no gas. */
interface TestResult {
  name: string;
  status: string;
  kind: { readonly consumedGas?: bigint; readonly meanGas?: bigint };
}

interface Edr {
  L1_CHAIN_TYPE: string;
  EdrContext: new () => {
    registerSolidityTestRunnerFactory(chain: string, factory: unknown): Promise<void>;
    runSolidityTests(
      chain: string,
      artifacts: unknown[],
      suites: unknown[],
      settings: object,
      tracing: object,
      done: (result: SuiteResult) => void,
    ): Promise<unknown>;
  };
  l1SolidityTestRunnerFactory(): unknown;
  l1GenesisState(hardfork: string): object[];
  l1HardforkFromString(hardfork: string): string;
  FsAccessPermission: { ReadDirectory: number };
  IncludeTraces: { None: number };
  CollectStackTraces: { OnFailure: number };
}

const require = createRequire(import.meta.url);
const VERSION = "0.8.37";
const HARDFORK = "Osaka";
const CACHE = "cache/mutation";
/**
 * Most gas of a test: more than any needs. EDR keeps each step of one that fails, some 20 GB of a loop that a mutant made endless, so
 * a test has no more than several times what it uses without a fault, yet at least the least.
 */
const GAS_LIMIT = 1_000_000_000n;
const LEAST_GAS = 30_000_000n;
const TIMES_USED = 4n;
/** Of a fuzz test EDR tells the mean alone. */
const TIMES_MEAN = 40n;
/** Runs of a fuzz test at first, and for what survives those. */
const RUNS = [24, 256];
const SEED = "0xc1c1";
/** Where parts stand: far from what anybody derives from a key. */
const FIRST_ADDRESS = 0xc1717a5_0000n;
const SETTINGS = {
  evmVersion: "cancun",
  optimizer: { enabled: true, runs: 10_000 },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
};

/** What a file imports, what it holds, and functions of it that others call: sources are formatted, and parsing takes long. */
const IMPORT = /^(?:import|\}).* from "([^"]+)";$/gm;
const CONTRACT = /^(contract|library) (\w+)/gm;
const OUTER = /^ {4}(?:function .*)?\) (?:external|public)\b/m;

/** For tests that are compiled with each mutant, which takes a fourth of the time so. */
const PLAIN = { ...SETTINGS, optimizer: { enabled: false } };

/**
 * The base of all tests, and what it is given here. For a stack trace, which nobody reads here, EDR runs a failed test again and
 * keeps each step with all memory: seconds, and gigabytes of a loop without end. It does not where a test asked the machine
 * for something, because that could have another answer.
 */
const BASE = "test/solidity/utils/CivitasTest.sol";
const BASE_BEGINS = "abstract contract CivitasTest {\n";
const ASKS_TIME =
  'constructor() { (bool asked, ) = address(vm).staticcall(abi.encodeWithSignature("unixTime()")); assert(asked); }\n';

const sources = new Map<string, string>();
const closures = new Map<string, Set<string>>();

function sourceOf(path: string): string {
  const known = sources.get(path);
  if (known !== undefined) return known;
  let text = readText(/^(contracts|test)\//.test(path) ? path : `node_modules/${path}`);
  if (path === BASE) {
    if (!text.includes(BASE_BEGINS)) throw new Error(`${BASE} does not begin its contract as it should.`);
    text = text.replace(BASE_BEGINS, BASE_BEGINS + ASKS_TIME);
  }
  sources.set(path, text);
  return text;
}

/** A file and all that it imports. */
function closureOf(path: string): Set<string> {
  const known = closures.get(path);
  if (known !== undefined) return known;
  const found = new Set<string>();
  const pending = [path];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    for (const [, target = ""] of sourceOf(next).matchAll(IMPORT)) {
      pending.push(target.startsWith(".") ? posix.join(posix.dirname(next), target) : target);
    }
  }
  closures.set(path, found);
  return found;
}

/** Compiles files for the code of some of what they hold; `changed` takes the place of a source. */
function compile(
  wanted: Record<string, string[]>,
  changed?: { path: string; source: string },
  settings: object = SETTINGS,
): Compiled {
  const solc = require("solc") as {
    compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
  };
  const read = (path: string): string => (path === changed?.path ? changed.source : sourceOf(path));
  const outputs = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"];
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.keys(wanted).map((path) => [path, { content: read(path) }])),
    settings: {
      ...settings,
      outputSelection: Object.fromEntries(
        Object.entries(wanted).map(([path, names]) => [path, Object.fromEntries(names.map((name) => [name, outputs]))]),
      ),
    },
  };
  const find = (path: string): { contents: string } | { error: string } => {
    try {
      return { contents: read(path) };
    } catch (error) {
      return { error: String(error) };
    }
  };
  return JSON.parse(solc.compile(JSON.stringify(input), { import: find })) as Compiled;
}

const faultOf = ({ errors }: Compiled): string | undefined =>
  errors?.find(({ severity }) => severity === "error")?.formattedMessage;

/** What stands in code where the address of a library goes. */
const placeholderOf = ({ path, name }: Part): string =>
  `__$${keccak256(toUtf8Bytes(`${path}:${name}`)).slice(2, 36)}$__`;

/** All contracts and linked libraries of the suite and of packages that are linked. */
function partsOf(): Part[] {
  const parts: Omit<Part, "address">[] = [
    { path: "poseidon-solidity/PoseidonT3.sol", name: "PoseidonT3", linked: true },
  ];
  for (const path of filesBelow("contracts", ".sol")) {
    for (const [, kind, name = ""] of sourceOf(path).matchAll(CONTRACT)) {
      const linked = kind === "library" && OUTER.test(sourceOf(path));
      if (linked || kind === "contract") parts.push({ path, name, linked });
    }
  }
  return parts.map((part, index) => ({
    ...part,
    address: (FIRST_ADDRESS + BigInt(index)).toString(16).padStart(40, "0"),
  }));
}

/** A library whose functions are all open, so that its code holds them. */
export function opened(path: string, source: string): string {
  const places: [number, number][] = [];
  for (const { kind, subNodes } of contractsOf(parseSource(path, source))) {
    if (kind !== "library") continue;
    for (const node of subNodes) {
      if (node.type !== "FunctionDefinition") continue;
      const { visibility, body, range } = node as FunctionDefinition;
      if (visibility !== "internal" || body === null) continue;
      const from = range?.[0] ?? 0;
      // Types of functions, which are internal as well, stand in brackets before.
      const head = source.slice(from, body.range?.[0] ?? from);
      let depth = 0;
      for (let index = 0; index < head.length; ++index) {
        if (head[index] === "(") ++depth;
        else if (head[index] === ")") --depth;
        else if (depth === 0 && head.startsWith("internal", index)) places.push([from + index, from + index + 8]);
      }
    }
  }
  return places.reverse().reduce((text, [start, end]) => `${text.slice(0, start)}public${text.slice(end)}`, source);
}

/** A source with a step at the beginning of each function that the compiler does not take away. */
function probed(path: string, source: string): string {
  const places = contractsOf(parseSource(path, source)).flatMap(({ subNodes }) =>
    subNodes.flatMap((node) => {
      const { body } = node as FunctionDefinition;
      return node.type === "FunctionDefinition" && body?.range !== undefined ? [body.range[0] + 1] : [];
    }),
  );
  const step = " assembly { mstore(0, 0xc171) } ";
  return places.reverse().reduce((text, at) => text.slice(0, at) + step + text.slice(at), source);
}

/** Code of the length of `original` that makes what the code at `address` makes, with the arguments that come after it. */
export function stubOf(original: string, address: string): string {
  const length = (original.length / 2).toString(16).padStart(6, "0");
  const stub = [
    // The code is read to 32, and the arguments behind it.
    `73${address}3b`, // [size]
    `805f602073${address}3c`,
    `62${length}3803`, // [rest, size]
    `8062${length}836020013901`, // [all]
    // Before it stands what makes an account with everything behind itself as code.
    "6a600b380380600b5f395ff35f52",
    "600b0160155ff0", // [account]
    // The code runs there in the name of this account, and returns, or faults, as it would here.
    "5f5f5f5f845af4", // [succeeded, account]
    "3d5f5f3e",
  ].join("");
  const target = (stub.length / 2 + 7).toString(16).padStart(4, "0");
  const code = `${stub}61${target}573d5ffd5b3d5ff3`;
  if (code.length > original.length) throw new Error("The code is shorter than its stub.");
  return code.padEnd(original.length, "0");
}

interface Runner {
  edr: Edr;
  context: InstanceType<Edr["EdrContext"]>;
}

/** There can be one in a process. */
let runner: Runner | undefined;

async function startRunner(): Promise<Runner> {
  const edr = createRequire(require.resolve("hardhat"))("@nomicfoundation/edr") as Edr;
  const context = new edr.EdrContext();
  await context.registerSolidityTestRunnerFactory(edr.L1_CHAIN_TYPE, edr.l1SolidityTestRunnerFactory());
  return { edr, context };
}

/** The tests of a target, ready to judge its mutants. */
export class Bench {
  readonly mutants: Mutant[];
  readonly #target: Target;
  readonly #source: string;
  readonly #edr: Edr;
  readonly #context: Runner["context"];
  readonly #parts = partsOf();
  /** Parts that hold the source, and all others that stand there, with the code of each. */
  readonly #affected: Part[];
  readonly #standing = new Map<Part, string>();
  readonly #deployed: Suite[] = [];
  #unit: Suite[] = [];
  /** How tests are compiled with each mutant: without the optimizer, unless one of them needs it. */
  #settings: object = PLAIN;
  readonly #codes = new Map<string, string>();

  private constructor(target: Target, { edr, context }: Runner) {
    this.#target = target;
    this.#source = sourceOf(target.source);
    this.mutants = mutantsOf(target.source, this.#source);
    this.#edr = edr;
    this.#context = context;
    const needed = new Set(target.deployed.flatMap((file) => [...this.#partsFor(file)]));
    const own = [...needed].filter(({ path }) => path === target.source);
    this.#affected = own.length > 0 ? own : this.#holders([...needed]);
    if (target.deployed.length > 0 && this.#affected.length === 0) {
      throw new Error(`${target.name}: none of its tests calls a contract that holds ${target.source}.`);
    }
  }

  /** Compiles what a target needs, runs its tests without a fault, and keeps what it learnt. */
  static async open(target: Target): Promise<Bench> {
    runner ??= await startRunner();
    const bench = new Bench(target, runner);
    await bench.#prepare();
    return bench;
  }

  /** Judges a mutant. */
  async judge(mutant: Mutant): Promise<Judgement> {
    const source = plant(this.#source, mutant);
    const changed = { path: this.#target.source, source };
    const codes = this.#codeOf(this.#affected, changed);
    const key = codes === undefined ? undefined : this.#keyOf(codes, changed);
    if (codes === undefined || key === undefined) return { verdict: "invalid" };
    const twin = this.#codes.get(key);
    if (twin !== undefined) return { verdict: "same", by: twin };
    this.#codes.set(key, `${mutant.original} => ${mutant.mutant}`);

    const unit = this.#suitesOf(this.#target.unit, this.#settings, changed);
    if (unit === undefined) return { verdict: "invalid" };
    for (const suite of unit) {
      const learnt = this.#unit.find(({ name }) => name === suite.name);
      if (learnt !== undefined) [suite.kills, suite.gas] = [learnt.kills, learnt.gas];
    }
    for (const runs of RUNS) {
      for (const [suites, standing] of [
        [unit, this.#standing],
        [this.#deployed, new Map([...this.#standing, ...codes])],
      ] as const) {
        for (const suite of [...suites].sort(
          (left, right) => right.kills - left.kills || left.seconds - right.seconds,
        )) {
          const failed = failureIn(await this.#run(suite, standing, runs));
          if (failed === undefined) continue;
          ++(this.#unit.find(({ name }) => name === suite.name) ?? suite).kills;
          return { verdict: "killed", by: `${suite.name}.${failed}` };
        }
      }
    }
    return { verdict: "survived" };
  }

  /** Parts whose code changes with that of the source: with a step more in each of its functions. */
  #holders(parts: readonly Part[]): Part[] {
    const { source } = this.#target;
    const near = parts.filter(({ path }) => closureOf(path).has(source));
    const before = this.#codeOf(near);
    const after = this.#codeOf(near, { path: source, source: probed(source, this.#source) });
    if (before === undefined || after === undefined) return near;
    return near.filter((part) => before.get(part) !== after.get(part));
  }

  async #prepare(): Promise<void> {
    const { name, unit, deployed } = this.#target;
    for (const file of [...unit, ...deployed]) {
      for (const part of this.#partsFor(file)) this.#standing.set(part, "");
    }
    const codes = this.#codeOf([...this.#standing.keys()]);
    if (codes === undefined) throw new Error(`${name}: what its tests need does not compile.`);
    for (const [part, code] of codes) this.#standing.set(part, code);
    if (unit.some((file) => faultOf(compile({ [file]: ["*"] }, undefined, PLAIN)) !== undefined))
      this.#settings = SETTINGS;
    this.#unit = this.#suitesOf(unit, this.#settings) ?? [];
    this.#deployed.push(...(this.#suitesOf(deployed, SETTINGS) ?? []));
    const key = this.#keyOf(new Map(this.#affected.map((part) => [part, this.#standing.get(part) ?? ""])));
    if (key !== undefined) this.#codes.set(key, "the original");
    for (const suite of [...this.#unit, ...this.#deployed]) {
      const start = Date.now();
      const results = await this.#run(suite, this.#standing, RUNS[0] ?? 1);
      suite.seconds = (Date.now() - start) / 1_000;
      const failed = failureIn(results);
      if (failed !== undefined) throw new Error(`${name}: ${suite.name}.${failed} fails without a fault.`);
      suite.gas = gasFor(results);
      // What a suite sets up is not counted, but must fit as well.
      if (failureIn(await this.#run(suite, this.#standing, 1)) !== undefined) suite.gas = GAS_LIMIT;
    }
    if (this.#unit.length + this.#deployed.length === 0) throw new Error(`${name} has no tests.`);
  }

  /** What stands for the effect of a source: the code of all that it is in. */
  #keyOf(codes: ReadonlyMap<Part, string>, changed?: { path: string; source: string }): string | undefined {
    const { source } = this.#target;
    const inParts = [...codes.values()].join();
    if (this.#affected.some(({ path }) => path === source)) return inParts;
    const text = changed?.source ?? this.#source;
    const output = compile({ [source]: ["*"] }, { path: source, source: opened(source, text) });
    // Some functions cannot be opened. Such a library is known by the parts that hold it, or else by its text.
    if (faultOf(output) !== undefined) return inParts === "" ? text : inParts;
    return Object.values(output.contracts?.[source] ?? {})
      .map(({ evm }) => evm.deployedBytecode?.object ?? "")
      .join();
  }

  /** Parts that a test file needs: what it imports, what it takes by its name, and the libraries of those. */
  #partsFor(file: string): Set<Part> {
    const files = closureOf(file);
    const asked = new Set(
      [...files].flatMap((path) =>
        path.startsWith("test/")
          ? [...sourceOf(path).matchAll(/getCode\("(?:\w+\.sol:)?(\w+)"\)/g)].map(([, name]) => name ?? "")
          : [],
      ),
    );
    const all = this.#parts.filter(({ name }) => asked.has(name)).flatMap(({ path }) => [...closureOf(path)]);
    const near = new Set([...files, ...all]);
    return new Set(this.#parts.filter(({ path, name }) => near.has(path) || asked.has(name)));
  }

  /** Linked code of parts; of libraries what runs, of contracts what makes them. */
  #codeOf(parts: readonly Part[], changed?: { path: string; source: string }): Map<Part, string> | undefined {
    const codes = new Map<Part, string>();
    if (parts.length === 0) return codes;
    const output = compile(Object.fromEntries(parts.map(({ path }) => [path, ["*"]])), changed);
    if (faultOf(output) !== undefined) return undefined;
    for (const part of parts) {
      const evm = output.contracts?.[part.path]?.[part.name]?.evm;
      let code = this.#link((part.linked ? evm?.deployedBytecode : evm?.bytecode)?.object ?? "");
      // A library knows its own address, so that it is not called directly.
      if (part.linked) code = code.replace(/^73(00){20}/, `73${part.address}`);
      codes.set(part, code);
    }
    return codes;
  }

  /** The suites of some tests, with stubs for contracts. */
  #suitesOf(
    files: readonly string[],
    settings: object,
    changed?: { path: string; source: string },
  ): Suite[] | undefined {
    const found: Suite[] = [];
    for (const file of files) {
      const stubs =
        changed === undefined
          ? [...this.#partsFor(file)].filter(({ linked, path }) => !linked && closureOf(file).has(path))
          : [];
      const wanted = Object.fromEntries([file, ...stubs.map(({ path }) => path)].map((path) => [path, ["*"]]));
      const output = changed === undefined ? this.#cached(file, wanted, settings) : compile(wanted, changed, settings);
      if (faultOf(output) !== undefined) {
        if (changed === undefined) throw new Error(faultOf(output));
        return undefined;
      }
      for (const [name, { abi, evm }] of Object.entries(output.contracts?.[file] ?? {})) {
        let code = evm.bytecode?.object ?? "";
        const isTest = abi.some(({ type, name: of = "" }) => type === "function" && /^(test|invariant)/.test(of));
        if (code === "" || !isTest) continue;
        for (const part of stubs) {
          const original = output.contracts?.[part.path]?.[part.name]?.evm.bytecode?.object ?? "";
          if (original !== "" && this.#affected.includes(part))
            code = code.replaceAll(original, () => stubOf(original, part.address));
        }
        found.push({ file, name, abi, code: this.#link(code), kills: 0, seconds: 0, gas: GAS_LIMIT });
      }
    }
    return found;
  }

  /** Compiles a test without a fault, or takes what an earlier run left. */
  #cached(file: string, wanted: Record<string, string[]>, settings: object): Compiled {
    const hash = createHash("sha256").update(JSON.stringify([settings, wanted]));
    for (const path of new Set(Object.keys(wanted).flatMap((name) => [...closureOf(name)])))
      hash.update(sourceOf(path));
    const path = join(root, CACHE, `${basename(file, ".t.sol")}-${hash.digest("hex").slice(0, 16)}.json`);
    if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as Compiled;
    const output = compile(wanted, undefined, settings);
    mkdirSync(join(root, CACHE), { recursive: true });
    if (faultOf(output) === undefined) writeFileSync(path, JSON.stringify(output));
    return output;
  }

  #link(code: string): string {
    if (!code.includes("__$")) return code;
    return this.#parts.reduce((text, part) => text.replaceAll(placeholderOf(part), part.address), code);
  }

  async #run(suite: Suite, standing: ReadonlyMap<Part, string>, runs: number): Promise<TestResult[]> {
    const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
    const artifactOf = (name: string, source: string, abi: unknown, code: string): object => ({
      id: { name, source, solcVersion: VERSION },
      contract: {
        abi: JSON.stringify(abi),
        bytecode: `0x${code}`,
        deployedBytecode: "0x",
        linkReferences: {},
        deployedLinkReferences: {},
      },
    });
    const own = artifactOf(suite.name, suite.file, suite.abi, suite.code) as { id: object };
    const artifacts = [own];
    const predeploys: object[] = this.#edr.l1GenesisState(this.#edr.l1HardforkFromString(HARDFORK));
    for (const [part, code] of standing) {
      if (code === "") continue;
      predeploys.push({ address: bytes(part.address), code: bytes(code) });
      if (!part.linked) artifacts.push(artifactOf(part.name, part.path, [], code) as { id: object });
    }
    let report: (result: SuiteResult) => void = () => undefined;
    const reported = new Promise<SuiteResult>((resolve) => {
      report = resolve;
    });
    await this.#context.runSolidityTests(
      this.#edr.L1_CHAIN_TYPE,
      artifacts,
      [own.id],
      {
        projectRoot: root,
        hardfork: HARDFORK,
        fsPermissions: ["data", "../shared"].map((path) => ({
          access: this.#edr.FsAccessPermission.ReadDirectory,
          path,
        })),
        localPredeploys: predeploys,
        gasLimit: suite.gas,
        disableBlockGasLimit: true,
        disableTransactionGasCap: true,
        includeTraces: this.#edr.IncludeTraces.None,
        collectStackTraces: this.#edr.CollectStackTraces.OnFailure,
        fuzz: { runs, seed: SEED },
        invariant: { runs: 4, depth: 64, shrinkRunLimit: 0 },
      },
      {},
      (result) => {
        report(result);
      },
    );
    // The results may come after the end of the run.
    const { testResults } = await reported;
    return testResults;
  }
}

/** Name of a test that fails. */
function failureIn(results: readonly TestResult[]): string | undefined {
  return results.find(({ status }) => status === "Failure")?.name;
}

/** What the tests of a suite may use with a fault. */
function gasFor(results: readonly TestResult[]): bigint {
  const limits = results.map(({ kind: { consumedGas, meanGas } }) => {
    if (consumedGas !== undefined) return consumedGas * TIMES_USED;
    return meanGas === undefined ? GAS_LIMIT : meanGas * TIMES_MEAN;
  });
  const most = limits.reduce((left, right) => (left > right ? left : right), LEAST_GAS);
  return most < GAS_LIMIT ? most : GAS_LIMIT;
}

/** The targets, as they are committed. */
export const TARGETS = "test/mutation/targets.json";

/** The targets that are listed; what a target does not say follows from where its source is. */
export function targets(): Target[] {
  const listed = JSON.parse(readText(TARGETS)) as {
    source: string;
    unit?: string[];
    deployed?: string[];
    sample?: number;
  }[];
  return listed.map(({ source, unit, deployed = [], sample }) => {
    const name = basename(source, ".sol");
    const own = posix.join("test/solidity", posix.relative("contracts", posix.dirname(source)), `${name}.t.sol`);
    return {
      name,
      source,
      unit: unit ?? (existsSync(join(root, own)) ? [own] : []),
      deployed,
      ...(sample === undefined ? {} : { sample }),
    };
  });
}
