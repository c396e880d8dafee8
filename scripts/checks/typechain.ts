// The committed TypeChain types are those of the contracts as they stand: generated anew elsewhere and compared. Every build
// writes the types too, so where the contracts are as committed, git is asked whether a build has changed them since.

import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import config from "../../hardhat.config.js";
import { changedFiles, filesBelow, report, root } from "../lib/project.js";

const COMMITTED = "typechain-types";
/** What the types follow from. */
const SOURCES = ["contracts", "hardhat.config.ts", "package-lock.json"];
const fresh = mkdtempSync(join(tmpdir(), "civitas-typechain-"));

try {
  const hre = await createHardhatRuntimeEnvironment({ ...config, typechain: { outDir: fresh } }, {}, root);
  await hre.tasks.getTask("build").run({ quiet: true });
  const wanted = filesBelow(".", ".ts", fresh);
  const committed = existsSync(join(root, COMMITTED)) ? filesBelow(".", ".ts", join(root, COMMITTED)) : [];
  const faults: string[] = [];
  for (const path of wanted) {
    if (!committed.includes(path)) faults.push(`${COMMITTED}/${path} is missing`);
    else if (readFileSync(join(fresh, path), "utf8") !== readFileSync(join(root, COMMITTED, path), "utf8")) {
      faults.push(`${COMMITTED}/${path} is stale`);
    }
  }
  for (const path of committed) if (!wanted.includes(path)) faults.push(`${COMMITTED}/${path} belongs to no contract`);
  if (changedFiles(...SOURCES).length === 0) {
    for (const path of changedFiles(COMMITTED))
      faults.push(`${path} is not what the committed contracts give: commit it`);
  }
  // A build of only what has changed leaves other remappings in the metadata, and so another hash at the end of the code.
  if (faults.length > 0) faults.push(`Delete ${COMMITTED}, and run: npm run build -- --force`);
  report(faults, `${wanted.length} generated files are up to date.`);
} finally {
  rmSync(fresh, { recursive: true });
}
