// Direction of imports of the contracts, and packages that the SDK may import: those that come along with it.

import ts from "typescript";
import { existsSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { importFaults } from "../lib/imports.js";
import { filesBelow, readText, report, root } from "../lib/project.js";
import { productionSources } from "../lib/solidity.js";

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

function sdkFaults(): string[] {
  if (!existsSync(join(root, "sdk"))) return [];
  const manifest = JSON.parse(readText("package.json")) as Manifest;
  const { dependencies, peerDependencies, peerDependenciesMeta } = manifest;
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  const installed = new Set([...Object.keys(dependencies), ...peers]);
  const faults: string[] = [];
  for (const path of filesBelow("sdk", ".ts")) {
    for (const { fileName } of ts.preProcessFile(readText(path)).importedFiles) {
      if (isBuiltin(fileName) || fileName.startsWith(".")) continue;
      const name = fileName.split("/", fileName.startsWith("@") ? 2 : 1).join("/");
      if (!installed.has(name)) faults.push(`${path}: imports ${name}, which does not come along with the package`);
    }
  }
  return faults;
}

const sources = productionSources(true);
report([...importFaults(sources), ...sdkFaults()], `The imports of ${sources.size} Solidity files point downwards.`);
