import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";
import compilerRuns from "./scripts/lib/compilerRuns.js";
import typechainInputs from "./scripts/lib/typechainInputs.js";

// The compiler is a package: nothing is downloaded at build time, and the lock file pins its hash.
const path = createRequire(import.meta.url).resolve("solc/soljson.js");
const version = "0.8.37";

// The same for tests and for Ignition's production profile, so that what is tested is what is deployed.
const settings = { evmVersion: "cancun", optimizer: { enabled: true, runs: 10_000 } };

/**
 * The compiler cannot take in, or put out, all tests at once: its input is bound by its stack of 16 MB. So the tests of the
 * largest modules get settings of their own, which makes each group a run of its own; an optimizer run less or two change
 * nothing. With the probes of coverage some are to be split off besides.
 */
const TESTS_APART = [["energy"], ["waste", "rewards"], ["participation"]];
const LARGE_TESTS = [
  "test/solidity/batteries/BatteryLease.invariant.t.sol",
  "test/solidity/energy/market/EnergyAttacks.t.sol",
  "test/solidity/energy/market/EnergyBounds.invariant.t.sol",
  "test/solidity/energy/market/EnergyMarket.invariant.t.sol",
  "test/solidity/energy/market/EnergySmallMarkets.invariant.t.sol",
];
const runsLess = (less: number) => ({
  version,
  path,
  settings: { ...settings, optimizer: { enabled: true, runs: settings.optimizer.runs - less } },
});
const solidityBelow = (folder: string): string[] =>
  readdirSync(new URL(folder, import.meta.url), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".sol"))
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`);
const testsApart = TESTS_APART.flatMap((modules, index) =>
  modules
    .flatMap((module) => solidityBelow(`test/solidity/${module}`))
    .map((file) => [file, runsLess(index + 1)] as const),
);
const covered = process.argv.includes("--coverage");
const largeTests = covered
  ? [LARGE_TESTS, solidityBelow("test/solidity/conformance")].flatMap((files, index) =>
      files.map((file) => [file, runsLess(TESTS_APART.length + 1 + index)] as const),
    )
  : [];

const build = {
  compilers: [{ version, path, settings }],
  overrides: {
    ...Object.fromEntries([...testsApart, ...largeTests]),
    // The door of the market only takes signatures and hands call data on to its parts, which are compiled as everything
    // else. Otherwise it would exceed the size limit: 29,457 bytes, so 21,795.
    "contracts/energy/market/EnergyMarket.sol": {
      version,
      path,
      settings: { ...settings, viaIR: true, optimizer: { enabled: true, runs: 200 } },
    },
    "contracts/energy/market/EnergyOrders.sol": { version, path, settings: { ...settings, viaIR: true } },
    // Saves 4 % of clearing a book of 256 ticks, 10 % of one of 10.
    "contracts/energy/market/EnergyClearing.sol": { version, path, settings: { ...settings, viaIR: true } },
    // Saves 5 % of settling an order.
    "contracts/energy/market/EnergySettlement.sol": { version, path, settings: { ...settings, viaIR: true } },
    // Saves 5 % of a day of 17 or 64 meters, 4 % of one of 256.
    "contracts/energy/readings/MeterReadings.sol": { version, path, settings: { ...settings, viaIR: true } },
    // Would exceed the size limit otherwise: 32,704 bytes, so 22,882. Saves 2 % of an act.
    "contracts/rewards/EcoRewards.sol": {
      version,
      path,
      settings: { ...settings, viaIR: true, optimizer: { enabled: true, runs: 200 } },
    },
    // Saves 2,300 of a ticket and 1,600 of a handover, which the legacy pipeline does not bring under their ceilings.
    "contracts/waste/lots/WasteLots.sol": { version, path, settings: { ...settings, viaIR: true } },
    // What tickets and handovers ask of these costs 1,300 less of a ticket and 600 less of a handover.
    "contracts/waste/containers/Containers.sol": { version, path, settings: { ...settings, viaIR: true } },
    "contracts/waste/operators/WasteOperators.sol": { version, path, settings: { ...settings, viaIR: true } },
    "contracts/waste/codes/MaterialCodes.sol": { version, path, settings: { ...settings, viaIR: true } },
    // Would exceed the size limit otherwise: 26,956 bytes.
    "contracts/participation/ballots/BallotBox.sol": {
      version,
      path,
      settings: { ...settings, optimizer: { enabled: true, runs: 200 } },
    },
    // Saves 3 % of opening a sealed paper, which the legacy pipeline does not bring under its ceiling.
    "contracts/participation/ballots/BallotOpening.sol": { version, path, settings: { ...settings, viaIR: true } },
    // Saves 12 % of a reading in a batch, which the legacy pipeline does not bring under its ceiling.
    "contracts/batteries/BatteryTelemetry.sol": { version, path, settings: { ...settings, viaIR: true } },
  },
};

// CIVITAS_DEEP=1 searches longer; the seed stays the same, so a failure can be repeated.
const deep = process.env.CIVITAS_DEEP === "1";

const MOCHA_TIMEOUT_MS = 300_000;

// Files of tests that run side by side, each in a process of its own.
const jobs = Number(process.env.CIVITAS_JOBS ?? 1);

// For each of the city's bodies, those who have a trade, and people.
const simulated = { type: "edr-simulated", accounts: { count: 51 } } as const;

/** A network that somebody else runs. Neither variable is asked for unless the network is used. */
const remote = (rpcVariable: string) => ({
  type: "http" as const,
  url: configVariable(rpcVariable),
  // Of who sends: the deployer, and afterwards the admin who takes over.
  accounts: [configVariable("CIVITAS_KEY")],
});

export default defineConfig({
  // TypeChain, which comes with the toolbox, is given what the plugin before it orders.
  plugins: [compilerRuns, typechainInputs, toolbox],
  solidity: {
    profiles: { default: build, production: { ...build, isolated: false } },
    npmFilesToBuild: [
      "@openzeppelin/contracts/access/manager/AccessManager.sol",
      // A library that is linked.
      "poseidon-solidity/PoseidonT3.sol",
    ],
  },
  paths: {
    tests: { solidity: "test/solidity", mocha: "test/integration" },
    // What carries probes is kept apart, so that other runs can go on beside it.
    ...(covered ? { artifacts: "cache/coverage/artifacts", cache: "cache/coverage/cache" } : {}),
  },
  typechain: { outDir: "typechain-types" },
  coverage: { skipFiles: ["contracts/mocks/**", "test/**"] },
  networks: {
    default: simulated,
    node: simulated,
    localhost: { type: "http", url: "http://127.0.0.1:8545" },
    sepolia: { ...remote("SEPOLIA_RPC_URL"), chainType: "l1", chainId: 11_155_111 },
    opSepolia: { ...remote("OP_SEPOLIA_RPC_URL"), chainType: "op", chainId: 11_155_420 },
    arbitrumSepolia: { ...remote("ARBITRUM_SEPOLIA_RPC_URL"), chainType: "generic", chainId: 421_614 },
    // A consortium's own chain (QBFT). Its id is its own affair; a file of parameters can name it.
    besu: { ...remote("BESU_RPC_URL"), chainType: "generic" },
  },
  // Blockscout and Sourcify need no key. Etherscan is asked only where its key is known.
  verify: {
    etherscan: { apiKey: configVariable("ETHERSCAN_API_KEY") },
    blockscout: { enabled: true },
    sourcify: { enabled: true },
  },
  test: {
    solidity: {
      fsPermissions: { readDirectory: ["data", "../shared"] },
      fuzz: { seed: "0xc1c1", runs: deep ? 10_000 : 256 },
      invariant: { runs: deep ? 1_024 : 64, depth: deep ? 512 : 256 },
    },
    mocha: {
      reporter: "spec",
      timeout: MOCHA_TIMEOUT_MS,
      forbidOnly: process.env.CI !== undefined,
      parallel: jobs > 1,
      jobs,
      require: jobs > 1 ? [fileURLToPath(new URL("scripts/lib/workerMessages.ts", import.meta.url))] : [],
    },
  },
});
