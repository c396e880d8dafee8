// Kills a keeper, a relayer and the city's day again and again, replaces blocks under them and cuts their lines; says whether what
// they end with is the same as that of undisturbed ones.
//
//   npm run faults -- [--part keeper,relayer,day,reorg,line] [--kill COUNT] [--seed TEXT] [--data DIR] [--only MODULE,…] [--no-build]

import { spawnSync } from "node:child_process";
import { relative, resolve } from "node:path";
import process from "node:process";
import { Command } from "commander";
import hre from "hardhat";

import { DayError } from "./day/errors.js";
import { ClientError } from "./e2e/client.js";
import { calmDay, type DayFault, dayUnder, PARTS } from "./faults/days.js";
import { LifeError } from "./faults/lives.js";
import { root, tool } from "./lib/project.js";

/** Exit code when nothing could be compared, as against 1 for a difference. */
const NOT_COMPARED = 2;
const KILLS = 50;

interface Flags {
  readonly data: string;
  readonly kill: number;
  readonly only: string[];
  readonly part: string[];
  readonly build: boolean;
  readonly seed: string;
}

const list = (names: string): string[] => names.split(",");
const count = (text: string): number => {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  console.error(`--kill takes a whole number from 1 up, not ${text}.`);
  return process.exit(NOT_COMPARED);
};
const flags = new Command("npm run faults --")
  .description("Kills a keeper, a relayer and the city's day, and compares what they end with.")
  .option("--part <parts>", `parts to run, of ${PARTS.join(", ")}`, list, [...PARTS])
  .option("--kill <count>", "how often the day is killed", count, KILLS)
  .option("--seed <text>", "other moments", "civitas")
  .option("--data <dir>", "folder of the day", "data")
  .option("--only <modules>", "modules of the day, with commas between them", list, ["battery"])
  .option("--no-build", "take the contracts as they were built last")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : NOT_COMPARED))
  .parse()
  .opts<Flags>();

const data = relative(process.cwd(), resolve(process.env.INIT_CWD ?? root, flags.data)) || ".";
const strangers = flags.part.filter((name) => !PARTS.includes(name as (typeof PARTS)[number]));
if (strangers.length > 0) {
  console.error(`There is no part ${strangers.join(", ")}; there is ${PARTS.join(", ")}.`);
  process.exit(NOT_COMPARED);
}

/** Keeper and relayer, which are killed 50 times each in their tests. */
function test(part: string): boolean {
  const file = `test/integration/${part}Faults.ts`;
  const env = { ...process.env, CIVITAS_SEED: flags.seed };
  const args = [tool("hardhat"), "test", "mocha", "--no-compile", file];
  return spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env }).status === 0;
}

try {
  if (flags.build) {
    console.error("Building the contracts where they have changed …");
    await hre.tasks.getTask("build").run({ quiet: true });
  }
  let isSame = true;
  for (const part of ["keeper", "relayer"]) if (flags.part.includes(part)) isSame = test(part) && isSame;
  const faults = (["day", "reorg", "line"] as const).filter((part) => flags.part.includes(part));
  if (faults.length > 0) {
    const options = { data, only: flags.only, kills: flags.kill, seed: flags.seed };
    console.log(`The day of ${flags.only.join(", ")} in ${data}, on anvil, with seed ${flags.seed}`);
    const calm = await calmDay(options);
    console.log(`undisturbed: ${calm.requests} requests, ${calm.seconds.toFixed(0)} s, digest ${calm.digest}`);
    for (const fault of faults as readonly DayFault[]) {
      const { digest, said, seconds } = await dayUnder(fault, options, calm);
      const same = digest === calm.digest;
      console.log(`${said}: ${seconds.toFixed(0)} s, digest ${digest}, ${same ? "the same" : "ANOTHER ONE"}`);
      isSame &&= same;
    }
  }
  console.log(isSame ? "Nothing was lost, and nothing happened twice." : "Not the same.");
  process.exitCode = isSame ? 0 : 1;
} catch (error) {
  if (!(error instanceof ClientError || error instanceof DayError || error instanceof LifeError)) throw error;
  console.error(error.message);
  process.exitCode = NOT_COMPARED;
}
