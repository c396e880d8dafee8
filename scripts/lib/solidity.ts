// What the checks need to know of the Solidity sources: their syntax trees and what the compiler says of them.

import { createRequire } from "node:module";
import { posix } from "node:path";
import { parse } from "@solidity-parser/parser";
import { filesBelow, readText } from "./project.js";

const require = createRequire(import.meta.url);

/** The sources of the suite by path, without test doubles unless `withMocks`. */
export function productionSources(withMocks = false): Map<string, string> {
  const paths = filesBelow("contracts", ".sol").filter((path) => withMocks || !path.startsWith("contracts/mocks/"));
  return new Map(paths.map((path) => [path, readText(path)]));
}

export type Tree = ReturnType<typeof parse>;
export type TopLevelNode = Tree["children"][number];
export type ContractNode = Extract<TopLevelNode, { type: "ContractDefinition" }>;

export function parseSource(path: string, text: string): Tree {
  try {
    return parse(text, { loc: true, range: true });
  } catch (error) {
    throw new Error(`${path}: ${String(error)}`, { cause: error });
  }
}

export function contractsOf(tree: Tree): ContractNode[] {
  return tree.children.filter((node): node is ContractNode => node.type === "ContractDefinition");
}

/** What a file imports; files of the project by their path from its root. */
export function importsOf(path: string, tree: Tree): { path: string; line: number }[] {
  const found: { path: string; line: number }[] = [];
  for (const node of tree.children) {
    if (node.type !== "ImportDirective") continue;
    const target = node.path.startsWith(".") ? posix.join(posix.dirname(path), node.path) : node.path;
    found.push({ path: target, line: node.loc?.start.line ?? 0 });
  }
  return found;
}

export interface Parameter {
  name: string;
  type: string;
  internalType?: string;
  indexed?: boolean;
  components?: Parameter[];
}

export interface AbiItem {
  type: "constructor" | "error" | "event" | "fallback" | "function" | "receive";
  name?: string;
  inputs?: Parameter[];
  outputs?: Parameter[];
  stateMutability?: string;
}

export interface Doc {
  notice?: string;
  details?: string;
  params?: Record<string, string>;
  returns?: Record<string, string>;
}

export interface CompiledContract {
  abi: AbiItem[];
  /** Selectors by signature. */
  evm?: { methodIdentifiers?: Record<string, string> };
  devdoc: Doc & {
    title?: string;
    methods?: Record<string, Doc>;
    events?: Record<string, Doc>;
    errors?: Record<string, Doc[]>;
  };
  userdoc: Doc & {
    methods?: Record<string, Doc>;
    events?: Record<string, Doc>;
    errors?: Record<string, Doc[]>;
  };
}

export interface CompilerOutput {
  errors?: { severity: string; formattedMessage: string }[];
  contracts: Record<string, Record<string, CompiledContract>>;
  /** Syntax trees, if they were asked for. */
  sources?: Record<string, { ast: unknown }>;
}

/** What a run of the compiler was given and said. */
export interface Compilation {
  /** Version of the compiler. */
  compiler: string;
  input: object;
  output: CompilerOutput;
}

function compileFor(sources: Map<string, string>, outputs: object): Compilation {
  const compiler = require("solc") as {
    compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
  };
  const { version } = require("solc/package.json") as { version: string };
  const input = {
    language: "Solidity",
    sources: Object.fromEntries([...sources].map(([path, content]) => [path, { content }])),
    settings: { evmVersion: "cancun", outputSelection: { "*": outputs } },
  };
  const find = (path: string): { contents: string } | { error: string } => {
    try {
      return { contents: readText(path.startsWith("contracts/") ? path : `node_modules/${path}`) };
    } catch {
      return { error: `${path} is missing` };
    }
  };
  const output = JSON.parse(compiler.compile(JSON.stringify(input), { import: find })) as CompilerOutput;
  return { compiler: version, input, output };
}

/** Compiles sources for their interface and documentation only, which takes a second. */
export function compileDocs(sources: Map<string, string>): CompilerOutput {
  return compileFor(sources, { "*": ["abi", "devdoc", "userdoc"] }).output;
}

/** As {@link compileDocs}, with syntax trees and selectors. */
export function compileDocsAndTrees(sources: Map<string, string>): CompilerOutput {
  return compileFor(sources, { "": ["ast"], "*": ["abi", "devdoc", "userdoc", "evm.methodIdentifiers"] }).output;
}

/** Compiles sources for their syntax trees and interfaces only, with empty code, in the shape of a build. */
export function compileTrees(sources: Map<string, string>): Compilation {
  const compilation = compileFor(sources, { "": ["ast"], "*": ["abi"] });
  const wrong = compilation.output.errors?.find(({ severity }) => severity === "error");
  if (wrong !== undefined) throw new Error(wrong.formattedMessage);
  const empty = { object: "", sourceMap: "" };
  const evm = { bytecode: empty, deployedBytecode: empty };
  for (const contracts of Object.values(compilation.output.contracts)) {
    for (const [name, contract] of Object.entries(contracts)) contracts[name] = Object.assign(contract, { evm });
  }
  return compilation;
}
