// Writes the contract reference from what the compiler takes out of the NatSpec comments.

import { basename, posix } from "node:path";
import {
  type AbiItem,
  type CompiledContract,
  type CompilerOutput,
  type Doc,
  type Parameter,
  contractsOf,
  parseSource,
} from "./solidity.js";

const KINDS = [
  { type: "constructor", title: "Constructor" },
  { type: "function", title: "Functions" },
  { type: "event", title: "Events" },
  { type: "error", title: "Errors" },
] as const;

const plain = (text: string): string => text.replace(/\s+/g, " ").trim().replace(/[<>|]/g, "\\$&");

function canonicalType({ type, components }: Parameter): string {
  return type.startsWith("tuple") ? `(${(components ?? []).map(canonicalType).join(",")})${type.slice(5)}` : type;
}

/** The type as the source says it: the name of a struct or an enum rather than what it is encoded as. */
function shownType({ type, internalType }: Parameter): string {
  return internalType === undefined ? type : internalType.replace(/^(struct|enum|contract) /, "").replace(/^.*\./, "");
}

function signatureOf(item: AbiItem): string {
  if (item.type === "constructor") return "constructor";
  return `${item.name ?? item.type}(${(item.inputs ?? []).map(canonicalType).join(",")})`;
}

/** As the comments of a library have it, which name structs instead of what they are encoded as. */
function namedSignatureOf(item: AbiItem): string {
  return `${item.name ?? item.type}(${(item.inputs ?? []).map(shownType).join(",")})`;
}

function headingOf(item: AbiItem): string {
  const show = (parameter: Parameter): string =>
    [shownType(parameter), parameter.indexed === true ? "indexed" : "", parameter.name].filter(Boolean).join(" ");
  const inputs = (item.inputs ?? []).map(show).join(", ");
  const mutability =
    item.type === "function" && item.stateMutability !== "nonpayable" ? item.stateMutability : undefined;
  const outputs = (item.outputs ?? []).map(shownType).join(", ");
  const name = item.name ?? item.type;
  return [`${name}(${inputs})`, mutability, outputs === "" ? undefined : `returns (${outputs})`]
    .filter(Boolean)
    .join(" ");
}

/** What NatSpec says of an item: the notice for users and the notes for developers in one. */
export function docOf({ devdoc, userdoc }: CompiledContract, item: AbiItem): Doc {
  const signature = signatureOf(item);
  if (item.type === "event") return { ...devdoc.events?.[signature], ...userdoc.events?.[signature] };
  if (item.type === "error") return { ...devdoc.errors?.[signature]?.[0], ...userdoc.errors?.[signature]?.[0] };
  const named = namedSignatureOf(item);
  return {
    ...(devdoc.methods?.[signature] ?? devdoc.methods?.[named]),
    ...(userdoc.methods?.[signature] ?? userdoc.methods?.[named]),
  };
}

function describe(item: AbiItem, doc: Doc): string[] {
  const lines = [`#### \`${headingOf(item)}\``, ""];
  for (const text of [doc.notice, doc.details]) if (text !== undefined) lines.push(plain(text), "");
  const entries = Object.entries(doc.params ?? {}).map(([name, text]) => `- \`${name}\`: ${plain(text)}`);
  for (const [name, text] of Object.entries(doc.returns ?? {})) {
    entries.push(`- returns ${name.startsWith("_") ? "" : `\`${name}\`: `}${plain(text)}`);
  }
  if (entries.length > 0) lines.push(...entries, "");
  return lines;
}

const keyOf = (item: AbiItem): string => `${item.type} ${signatureOf(item)}`;

/** A part of a contract: a function, an event, an error, or a group of state variables. */
interface Part {
  name?: string | null;
  override?: unknown;
  variables?: Part[];
}

export interface Reference {
  /** Pages by path below the folder of the reference. */
  pages: Map<string, string>;
  /** Items of the suite that have no notice, or a parameter that is not described. */
  gaps: string[];
}

/** The reference of the sources given by path and text, one page for every module. */
export function writeReference(sources: ReadonlyMap<string, string>, output: CompilerOutput): Reference {
  const pages = new Map<string, string>();
  const gaps: string[] = [];
  const modules = new Map<string, string[]>();
  const order = [...sources.keys()].sort((a, b) => {
    const byModule = posix.dirname(a).localeCompare(posix.dirname(b));
    const isInterface = (path: string): number => (/^I[A-Z]/.test(basename(path)) ? 0 : 1);
    return byModule || isInterface(a) - isInterface(b) || a.localeCompare(b);
  });

  const bases = new Map<string, { path: string; parents: string[] }>();
  for (const [path, text] of sources) {
    for (const { name, baseContracts } of contractsOf(parseSource(path, text))) {
      bases.set(name, { path, parents: baseContracts.map((base) => base.baseName.namePath) });
    }
  }
  /** The items that a contract takes over from others of the suite, which describe them. */
  const inherited = (name: string): string[] =>
    (bases.get(name)?.parents ?? []).flatMap((parent) => {
      const abi = output.contracts[bases.get(parent)?.path ?? ""]?.[parent]?.abi ?? [];
      return [...abi.filter(({ type }) => type !== "constructor").map(keyOf), ...inherited(parent)];
    });

  for (const path of order) {
    const module = path.split("/")[1] ?? "";
    for (const node of contractsOf(parseSource(path, sources.get(path) ?? ""))) {
      const compiled = output.contracts[path]?.[node.name];
      if (compiled === undefined) throw new Error(`${path}: the compiler gave nothing for ${node.name}`);
      const lines = modules.get(module) ?? [`# ${module}`, ""];
      modules.set(module, lines);
      const parents = bases.get(node.name)?.parents ?? [];
      const suffix = parents.length === 0 ? "" : `, which is ${parents.join(", ")}`;
      lines.push(`## ${node.name}`, "", `${node.kind} in \`${path}\`${suffix}`, "");
      for (const text of [compiled.userdoc.notice, compiled.devdoc.details]) {
        if (text !== undefined) lines.push(plain(text), "");
      }
      if (compiled.userdoc.notice === undefined) gaps.push(`${path}: ${node.name} has no notice`);

      // Only what this file declares anew: the rest is described where it comes from.
      const known = new Set(inherited(node.name));
      const declared: string[] = [];
      for (const part of node.subNodes as Part[]) {
        const members = part.variables ?? [part];
        for (const { name, override } of members) if (!Array.isArray(override)) declared.push(name ?? "constructor");
      }
      for (const { type, title } of KINDS) {
        const items = compiled.abi
          .filter((item) => item.type === type && declared.includes(item.name ?? item.type) && !known.has(keyOf(item)))
          .sort((a, b) => declared.indexOf(a.name ?? a.type) - declared.indexOf(b.name ?? b.type));
        if (items.length === 0) continue;
        lines.push(`### ${title} of ${node.name}`, "");
        for (const item of items) {
          const doc = docOf(compiled, item);
          lines.push(...describe(item, doc));
          const label = `${path}: ${type} ${item.name ?? ""}`.trim();
          if (type !== "constructor" && doc.notice === undefined) gaps.push(`${label} has no notice`);
          for (const { name } of item.inputs ?? []) {
            if (name !== "" && doc.params?.[name] === undefined) gaps.push(`${label} does not describe ${name}`);
          }
        }
      }
    }
  }
  for (const [module, lines] of modules) pages.set(`${module}.md`, `${lines.join("\n").trimEnd()}\n`);
  return { pages, gaps };
}
