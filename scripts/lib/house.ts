// House rules that no linter knows: names of errors, compiler versions, one deployable contract per file, and words that
// do not belong into a repository.

import { basename } from "node:path";
import { type TopLevelNode, contractsOf, parseSource } from "./solidity.js";

const COMPILER = "0.8.37";
const LIBRARY_COMPILER = "^0.8.28";

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
