// The direction of imports: a layer knows only the layers below it, and modules of one layer do not know each other.

import { contractsOf, importsOf, parseSource } from "./solidity.js";

/** The layers from the lowest to the highest, each with its modules. */
export const LAYERS: readonly (readonly string[])[] = [
  ["authority"],
  ["identity"],
  ["finance"],
  ["batteries", "energy", "waste", "participation"],
  ["rewards"],
];

const MOCKS = "mocks";

function moduleOf(path: string): string | undefined {
  return /^contracts\/([^/]+)\//.exec(path)?.[1];
}

/** Faults in the imports of Solidity files, given by path from the project's folder and text. */
export function importFaults(sources: ReadonlyMap<string, string>): string[] {
  const faults: string[] = [];
  const trees = new Map([...sources].map(([path, text]) => [path, parseSource(path, text)]));
  const edges = new Map<string, string[]>();
  const layerOf = (module: string): number => LAYERS.findIndex((modules) => modules.includes(module));

  for (const [path, tree] of trees) {
    const module = moduleOf(path);
    const imports = importsOf(path, tree);
    edges.set(
      path,
      imports.map((entry) => entry.path),
    );
    if (module === MOCKS) continue;
    if (module === undefined || layerOf(module) < 0) {
      faults.push(`${path}: stands in no module of a known layer`);
      continue;
    }
    for (const { path: target, line } of imports) {
      const other = moduleOf(target);
      if (other === undefined) {
        if (/^(test|\.\.)\//.test(target)) faults.push(`${path}:${line}: imports ${target} from outside contracts/`);
      } else if (other === MOCKS) {
        faults.push(`${path}:${line}: imports the test double ${target}`);
      } else if (other !== module) {
        const from = layerOf(module);
        const to = layerOf(other);
        const targetTree = trees.get(target);
        if (to < 0) faults.push(`${path}:${line}: imports ${target}, which stands in no module of a known layer`);
        else if (to > from) faults.push(`${path}:${line}: imports ${target} from a higher layer`);
        else if (to === from) faults.push(`${path}:${line}: imports ${target} from another module of its layer`);
        else if (targetTree !== undefined && contractsOf(targetTree).some((node) => node.kind === "contract")) {
          faults.push(`${path}:${line}: imports the contract ${target} instead of its interface`);
        }
      }
    }
  }
  return [...faults, ...cycles(edges)];
}

/** One fault for every circle of imports that a walk from the first file on meets. */
function cycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const faults: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      faults.push(`import cycle: ${[...trail.slice(start), path].join(" -> ")}`);
      return;
    }
    if (done.has(path)) return;
    trail.push(path);
    for (const next of edges.get(path) ?? []) visit(next);
    trail.pop();
    done.add(path);
  };
  for (const path of edges.keys()) visit(path);
  return faults;
}
