// Deploys the city on another client, started for it, by what `npm run deploy` does; lives the day there; and compares what
// the city has in the end with a day in this process.
//
//   npm run e2e:anvil -- [--data DIR] [--only MODULE,…] [--out DIR]
//   npm run e2e:geth  -- [the same]

import { relative, resolve } from "node:path";
import process from "node:process";
import { Argument, Command } from "commander";
import hre, { network } from "hardhat";

import { compareStates, type StateDifference } from "./day/digest/index.js";
import { DayError } from "./day/errors.js";
import { writeState, writeSummary } from "./day/output.js";
import { type DayResult, liveDay, type openChain } from "./day/run.js";
import { DeployError } from "./deploy/errors.js";
import { startAnvil } from "./e2e/anvil.js";
import { ACCOUNTS, type Client, ClientError, MNEMONIC } from "./e2e/client.js";
import { deployByCommand, NETWORK } from "./e2e/deploy.js";
import { buildGeth, NoGoError, startGeth } from "./e2e/geth.js";
import { root } from "./lib/project.js";

/** Exit code when the days could not be compared, as against 1 for a difference. */
const NOT_COMPARED = 2;
/** Differences that are printed; all are in the files. */
const LISTED = 50;

type Name = "anvil" | "geth";

interface Flags {
  readonly data: string;
  readonly out: string;
  readonly only?: string[];
}

const command = new Command("npm run e2e:<client> --")
  .description("Lives the day on another client, and compares its end with that of a day in this process.")
  .addArgument(new Argument("<client>").choices(["anvil", "geth"]))
  .option("--data <dir>", "folder with one folder for each module", "data")
  .option("--out <dir>", "folder for what both days come to", "out")
  .option("--only <modules>", "modules to run, with commas between them", (names) => names.split(","))
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : NOT_COMPARED))
  .parse();
const flags = command.opts<Flags>();
const name = command.args[0] as Name;

// Folders are meant from where npm was called, which is not where npm runs this.
const folder = (path: string): string => relative(process.cwd(), resolve(process.env.INIT_CWD ?? root, path)) || ".";

const options = {
  data: folder(flags.data),
  ...(flags.only === undefined ? {} : { only: flags.only }),
  output: process.stderr,
};

/** How the client is started; what it needs is built before any day is lived. */
function prepare(): (at: bigint) => Promise<Client> {
  if (name === "anvil") return startAnvil;
  const program = buildGeth((line) => {
    console.error(line);
  });
  return async (at) => startGeth(program, at);
}

/** Lives the day on a client of its own, with the chain's first block where the in-process chain has it. */
async function liveOn(start: (at: bigint) => Promise<Client>): Promise<DayResult> {
  const started: Client[] = [];
  const connect: typeof openChain = async (_, at) => {
    const client = await start(at);
    started.push(client);
    console.error(`Living the day on ${client.version} …`);
    const accounts = { mnemonic: MNEMONIC, count: ACCOUNTS };
    return network.create({ network: NETWORK, override: { url: client.url, accounts } });
  };
  try {
    const deploy = deployByCommand((line) => {
      console.error(line);
    });
    return await liveDay({ ...options, network: name, connect, deploy });
  } finally {
    for (const client of started) await client.stop();
  }
}

function write({ left, name: line, part, right }: StateDifference): string {
  return `  ${part}, ${line}: ${left ?? "nothing"} in process, ${right ?? "nothing"} on ${name}`;
}

try {
  const start = prepare();
  console.error("Building the contracts where they have changed …");
  await hre.tasks.getTask("build").run({ quiet: true });
  console.error("Living the day in this process …");
  const here = await liveDay(options);
  const there = await liveOn(start);
  for (const [place, { state, summary }] of [
    ["in-process", here],
    [name, there],
  ] as const) {
    const path = `${folder(flags.out)}/e2e-${name}/${place}`;
    console.log(
      `${place}: digest ${state.digest}, written to ${writeState(path, state)} and ${writeSummary(path, summary)}`,
    );
  }
  const differences = compareStates(here.state, there.state);
  const failed = [...here.summary.checks, ...there.summary.checks].filter(({ ok }) => !ok);
  for (const { left, name: statement, right } of failed) console.log(`FAIL: ${statement}: ${left} and ${right}`);
  for (const difference of differences.slice(0, LISTED)) console.log(write(difference));
  if (differences.length > LISTED) console.log(`  … and ${differences.length - LISTED} more`);
  const lines = Object.values(here.state.parts).reduce((sum, part) => sum + Object.keys(part.lines).length, 0);
  console.log(
    differences.length === 0
      ? `The same in all ${lines} lines of ${Object.keys(here.state.parts).length} parts.`
      : `${differences.length} differences in ${lines} lines.`,
  );
  process.exitCode = differences.length === 0 && failed.length === 0 ? 0 : 1;
} catch (error) {
  if (error instanceof NoGoError) {
    console.error(`\n*** SKIPPED: the day was NOT lived on go-ethereum. ${error.message} ***\n`);
  } else if (error instanceof DayError || error instanceof DeployError || error instanceof ClientError) {
    console.error(error.message);
    process.exitCode = NOT_COMPARED;
  } else throw error;
}
