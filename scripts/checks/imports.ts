// Direction of imports of the contracts, and packages that the SDK may import: those that come along with it.

import ts from "typescript";
import { existsSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { importFaults } from "../lib/imports.js";
import { filesBelow, readText, report, root } from "../lib/project.js";
import { productionSources } from "../lib/solidity.js";

function sdkFaults(): string[] {
  if (!existsSync(join(root, "sdk"))) return [];
  const { dependencies } = JSON.parse(readText("package.json")) as { dependencies: Record<string, string> };
  const faults: string[] = [];
  for (const path of filesBelow("sdk", ".ts")) {
    for (const { fileName } of ts.preProcessFile(readText(path)).importedFiles) {
      if (isBuiltin(fileName) || fileName.startsWith(".")) continue;
      const name = fileName.split("/", fileName.startsWith("@") ? 2 : 1).join("/");
      if (dependencies[name] === undefined) faults.push(`${path}: imports ${name}, which is not in dependencies`);
    }
  }
  return faults;
}

const sources = productionSources(true);
report([...importFaults(sources), ...sdkFaults()], `The imports of ${sources.size} Solidity files point downwards.`);
