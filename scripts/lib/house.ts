// House rules that no linter knows: order of a contract's parts, names of errors and private parts, compiler versions, one
// deployable contract per file, and words that do not belong into a repository.

import { basename } from "node:path";
import { type ContractNode, type TopLevelNode, contractsOf, parseSource } from "./solidity.js";

const COMPILER = "0.8.37";
const LIBRARY_COMPILER = "^0.8.28";

/** Parts of a contract in the order in which they stand. */
const PARTS = [
  "using directive",
  "type",
  "constant",
  "immutable",
  "storage",
  "event",
  "error",
  "modifier",
  "constructor",
  "receive or fallback function",
  "external function",
  "external view",
  "internal function",
] as const;

function partOf(node: TopLevelNode): (typeof PARTS)[number] | undefined {
  switch (node.type) {
    case "UsingForDeclaration":
      return "using directive";
    case "EnumDefinition":
    case "StructDefinition":
    case "TypeDefinition":
      return "type";
    case "StateVariableDeclaration": {
      const [variable] = node.variables;
      if (variable?.isDeclaredConst === true) return "constant";
      return variable?.isImmutable === true ? "immutable" : "storage";
    }
    case "EventDefinition":
      return "event";
    case "CustomErrorDefinition":
      return "error";
    case "ModifierDefinition":
      return "modifier";
    case "FunctionDefinition":
      if (node.isConstructor) return "constructor";
      if (node.isFallback || node.isReceiveEther) return "receive or fallback function";
      if (node.visibility === "internal" || node.visibility === "private") return "internal function";
      return node.stateMutability === "view" || node.stateMutability === "pure" ? "external view" : "external function";
    default:
      return undefined;
  }
}

/** Whether a part is hidden from callers, by the names that the leading underscore marks. */
function hiddenName(node: TopLevelNode): string | undefined {
  if (node.type === "StateVariableDeclaration") {
    const [variable] = node.variables;
    const isFixed = variable?.isDeclaredConst === true || variable?.isImmutable === true;
    return variable?.visibility === "public" || isFixed ? undefined : (variable?.name ?? undefined);
  }
  return partOf(node) === "internal function" && node.type === "FunctionDefinition"
    ? (node.name ?? undefined)
    : undefined;
}

/** Faults in the order of a contract's parts and in the names of its hidden ones. */
function partFaults(path: string, contract: ContractNode): string[] {
  const faults: string[] = [];
  let last = 0;
  for (const node of contract.subNodes as TopLevelNode[]) {
    const line = `${path}:${node.loc?.start.line ?? 0}`;
    const part = partOf(node);
    if (part === undefined) continue;
    const place = PARTS.indexOf(part);
    if (place < last) faults.push(`${line}: ${part} stands after ${PARTS[last] ?? ""}`);
    last = Math.max(last, place);
    const name = contract.kind === "library" ? undefined : hiddenName(node);
    if (name?.startsWith("_") === false) faults.push(`${line}: ${name} is hidden and lacks its leading underscore`);
  }
  return faults;
}

/** Faults of a Solidity file of the suite that is no test double. */
export function sourceFaults(path: string, text: string): string[] {
  const tree = parseSource(path, text);
  const contracts = contractsOf(tree);
  const faults: string[] = [];
  const deployables = contracts.filter((node) => node.kind === "contract");
  const pragma = tree.children.find((node) => node.type === "PragmaDirective");

  const wanted = deployables.length > 0 ? COMPILER : LIBRARY_COMPILER;
  if (pragma?.value !== wanted) faults.push(`${path}: the pragma is ${String(pragma?.value)}, not ${wanted}`);
  if (deployables.length > 1) faults.push(`${path}: holds ${deployables.length} deployable contracts`);
  for (const { name } of deployables) {
    if (name !== basename(path, ".sol")) faults.push(`${path}: is not named like its contract ${name}`);
  }
  for (const contract of contracts) {
    faults.push(...partFaults(path, contract));
    const prefix = contract.kind === "interface" ? contract.name.replace(/^I(?=[A-Z])/, "") : contract.name;
    for (const node of contract.subNodes as TopLevelNode[]) {
      if (node.type !== "CustomErrorDefinition" || node.name.startsWith(prefix)) continue;
      faults.push(`${path}:${node.loc?.start.line ?? 0}: error ${node.name} does not begin with ${prefix}`);
    }
  }
  return faults;
}

// Put together here, so that this file does not hold what it looks for.
const WORDS = [
  "TO" + "DO",
  "FIX" + "ME",
  "XX" + "X",
  "for" + " now",
  "simplified" + " version",
  "placeholder" + " implementation",
];
const UNFINISHED = new RegExp(`\\b(${WORDS.join("|")}|in a real (system|implementation|deployment))\\b`, "i");
const MACHINE_PATHS = [
  /(?<![\w.~-])\/(home|root|Users|work|tmp|var\/folders)\/[\w.-]+/,
  /[A-Z]:\\Users\\/,
  /\bhttps?:\/\/[^/\s"'`]*(registry|artifactory|verdaccio)[^\s"'`]*/i,
];

/** Faults of a text file: words that mark something unfinished, paths of one machine, hosts of package registries. */
export function wordFaults(path: string, text: string): string[] {
  const faults: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const word = UNFINISHED.exec(line)?.[0];
    if (word !== undefined) faults.push(`${path}:${index + 1}: says "${word}"`);
    const place = MACHINE_PATHS.map((pattern) => pattern.exec(line)?.[0]).find((found) => found !== undefined);
    if (place !== undefined) faults.push(`${path}:${index + 1}: names ${place}`);
  }
  return faults;
}
