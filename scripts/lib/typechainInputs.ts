// A plugin that hands TypeChain the artifacts in one order and without test doubles. Hardhat lists them in the order in
// which the file system answers, so the generated index would change from build to build.

import type { HardhatPlugin } from "hardhat/types/plugins";
import type { SolidityHooks } from "hardhat/types/hooks";

const MOCKS = /[\\/]contracts[\\/]mocks[\\/]/;

/** Orders `paths` in place, because every plugin is given the same list. */
function selectInPlace(paths: string[]): void {
  const selected = paths.filter((path) => !MOCKS.test(path)).sort();
  paths.splice(0, paths.length, ...selected);
}

const handlers: Partial<SolidityHooks> = {
  processArtifactsAfterSuccessfulBuild: (_context, artifactPaths) => {
    selectInPlace(artifactPaths as string[]);
    return Promise.resolve();
  },
};

const typechainInputs: HardhatPlugin = {
  id: "civitas-typechain-inputs",
  hookHandlers: { solidity: () => Promise.resolve({ default: () => Promise.resolve(handlers) }) },
};

export default typechainInputs;
