// Measures what whole cities cost: residents who order, report, vote and claim, on new chains in this process and on anvil.
// It fails when an item costs more in a larger city.
//
//   npm run bench:scale -- [--residents N,…] [--only NAME,…] [--on edr,anvil] [--resume] [--write] [--no-build]

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { Command, InvalidArgumentError } from "commander";
import hre from "hardhat";
import type { ClientName } from "../bench/scale/chain.js";
import { kinds, measure } from "../bench/scale/run.js";
import { ClientError } from "./e2e/client.js";
import { fillPage } from "./lib/pages.js";
import { readText, root, run } from "./lib/project.js";
import { CLIENTS, growthFaults, type Run, runKey, scaleTables, SIZES } from "./lib/scale.js";

/** What has been measured so far, so that a run that was broken off can go on. */
const PROGRESS = "out/scale.json";
const WRITTEN = "bench/scale.json";
const PAGE = "docs/scale.md";
const LARGEST = 250_000;
const GB = 2 ** 30;
/** Exit code when nothing could be measured, as against 1 for growth. */
const NOT_MEASURED = 2;

interface Flags {
  readonly residents: readonly number[];
  readonly only: readonly string[];
  readonly on: readonly ClientName[];
  readonly resume?: true;
  readonly write?: true;
  readonly build: boolean;
}

function parseSizes(text: string): number[] {
  return text.split(",").map((word) => {
    const size = Number(word);
    if (!/^\d+$/.test(word) || size < 1 || size > LARGEST) {
      throw new InvalidArgumentError(`Give whole numbers from 1 to ${LARGEST} with commas between them.`);
    }
    return size;
  });
}

/** Names of runs or of their steps; a step is measured with the run that it is part of. */
function parseKinds(text: string): string[] {
  const names = text.split(",").map((word) => {
    const found = Object.entries(kinds).find(([name, { rows }]) => name === word || rows.includes(word));
    if (found === undefined) {
      const known = Object.values(kinds).flatMap(({ rows }) => rows);
      throw new InvalidArgumentError(`There is no ${word}; there are ${known.join(", ")}.`);
    }
    return found[0];
  });
  return [...new Set(names)];
}

function parseClients(text: string): ClientName[] {
  return text.split(",").map((word) => {
    const name = CLIENTS.find((known) => known === word);
    if (name === undefined) throw new InvalidArgumentError(`Give ${CLIENTS.join(" or ")}, or both with a comma.`);
    return name;
  });
}

const flags = new Command("npm run bench:scale --")
  .description(
    "Measures what the items of 1,000 to 100,000 residents cost, and whether an item costs more in a larger city.",
  )
  .option("--residents <sizes>", "sizes of the city, with commas between them", parseSizes, [...SIZES])
  .option("--only <names>", "what to measure, with commas between", parseKinds, Object.keys(kinds))
  .option("--on <clients>", "edr, anvil, or both with a comma", parseClients, [...CLIENTS])
  .option("--resume", `leave out what ${PROGRESS} has from a run that was broken off`)
  .option("--write", `write all that ${PROGRESS} has to ${WRITTEN} and ${PAGE}`)
  .option("--no-build", "take the contracts as they were built")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : NOT_MEASURED))
  .parse()
  .opts<Flags>();

const progress = join(root, PROGRESS);

function known(): Record<string, Run> {
  return existsSync(progress) ? (JSON.parse(readFileSync(progress, "utf8")) as Record<string, Run>) : {};
}

/** Adds to what is known, which another command may have added to meanwhile. */
function keep(more: Readonly<Record<string, Run>>): Record<string, Run> {
  const runs = { ...known(), ...more };
  mkdirSync(dirname(progress), { recursive: true });
  writeFileSync(progress, `${JSON.stringify(runs, undefined, 2)}\n`);
  return runs;
}

function write(runs: Readonly<Record<string, Run>>): void {
  const [processor] = cpus();
  const machine = {
    processor: processor?.model ?? "an unknown processor",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / GB),
    node: process.version,
  };
  const order = (one: Run): number => CLIENTS.findIndex((name) => name === one.client) * LARGEST * 2 + one.residents;
  const names = Object.keys(kinds);
  const sorted = Object.values(runs).sort(
    (a, b) => names.indexOf(a.kind) - names.indexOf(b.kind) || order(a) - order(b),
  );
  const outcome = { machine, runs: Object.fromEntries(sorted.map((one) => [runKey(one), one])) };
  writeFileSync(join(root, WRITTEN), `${JSON.stringify(outcome, undefined, 2)}\n`);
  writeFileSync(join(root, PAGE), fillPage(readText(PAGE), scaleTables(outcome)));
  console.log(`Written to ${WRITTEN} and ${PAGE}.`);
}

function tell({ client, kind, residents, opening, preparing, rows }: Run): void {
  console.log(
    `${client}, ${kind}, ${residents.toLocaleString("en")} residents: ` +
      `deployed in ${opening.toFixed(1)} s, prepared in ${preparing.toFixed(1)} s`,
  );
  for (const { name, perItem, transactions, gas, signing, sending, blocks } of rows) {
    console.log(
      `  ${name}: ${perItem.toLocaleString("en")} gas each, ${transactions.toLocaleString("en")} transactions in ` +
        `${blocks} blocks, signed in ${signing.toFixed(1)} s, sent in ${sending.toFixed(1)} s: ` +
        `${(transactions / sending).toFixed(1)} transactions and ${(gas / sending / 1e6).toFixed(1)} M gas a second`,
    );
  }
}

if (flags.build && run("hardhat", "build", "--quiet") !== 0) process.exit(NOT_MEASURED);
// The chain in this process would read all that the compiler ever put out, gigabytes, to name lines of failing contracts.
hre.artifacts.getAllBuildInfoIds = async () => Promise.resolve(new Set<string>());

try {
  if (flags.resume !== true) rmSync(progress, { force: true });
  let runs = known();
  for (const residents of flags.residents) {
    for (const client of flags.on) {
      for (const kind of flags.only) {
        const key = runKey({ client, kind, residents });
        if (runs[key] !== undefined) {
          console.log(`${key}: known from before`);
          continue;
        }
        const measured = await measure(client, kind, residents);
        runs = keep({ [key]: measured });
        tell(measured);
      }
    }
  }
  if (flags.write === true) write(runs);
  const faults = growthFaults(Object.values(runs));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
  else console.log("No item costs over 5 % more in a larger city, apart from longer Merkle proofs.");
} catch (error) {
  if (!(error instanceof ClientError)) throw error;
  console.error(error.message);
  process.exitCode = NOT_MEASURED;
}
