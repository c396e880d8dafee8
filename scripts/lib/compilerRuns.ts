// A plugin for the runs of the compiler. Files with equal settings of their own are compiled together: Hardhat compiles
// together what has the very same settings object, and makes a new one for each override. And there are as many runs at a
// time as there are processors; Hardhat leaves one of them free, which is half of two.

import { availableParallelism } from "node:os";
import type { ConfigHooks, SolidityHooks } from "hardhat/types/hooks";
import type { HardhatPlugin } from "hardhat/types/plugins";

/** Puts the first of equal values in the place of the others. */
function shareEqual<Value>(values: Record<string, Value>): void {
  const known = new Map<string, Value>();
  for (const [key, value] of Object.entries(values)) {
    const text = JSON.stringify(value);
    const shared = known.get(text) ?? value;
    known.set(text, shared);
    values[key] = shared;
  }
}

const configHandlers: Partial<ConfigHooks> = {
  resolveUserConfig: async (userConfig, resolveVariable, next) => {
    const config = await next(userConfig, resolveVariable);
    for (const profile of Object.values(config.solidity.profiles)) shareEqual(profile.overrides);
    return config;
  },
};

const solidityHandlers: Partial<SolidityHooks> = {
  build: (context, rootFilePaths, options, next) =>
    next(context, rootFilePaths, { ...options, concurrency: availableParallelism() }),
};

const compilerRuns: HardhatPlugin = {
  id: "civitas-compiler-runs",
  hookHandlers: {
    config: () => Promise.resolve({ default: () => Promise.resolve(configHandlers) }),
    solidity: () => Promise.resolve({ default: () => Promise.resolve(solidityHandlers) }),
  },
};

export default compilerRuns;
