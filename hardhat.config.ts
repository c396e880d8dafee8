import { createRequire } from "node:module";
import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { defineConfig } from "hardhat/config";

const compiler = createRequire(import.meta.url).resolve("solc/soljson.js");

export default defineConfig({
  plugins: [toolbox],
  solidity: {
    version: "0.8.37",
    path: compiler,
    settings: { evmVersion: "cancun", optimizer: { enabled: true, runs: 10_000 } },
  },
  paths: { tests: { solidity: "test/solidity", mocha: "test/integration" } },
  typechain: { outDir: "typechain-types" },
});
