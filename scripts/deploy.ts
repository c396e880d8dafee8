// Deploys the city, or goes on where an earlier run stopped, and writes deployments/<chainId>.json.
//
//   npm run deploy -- [--network NAME] [--parameters FILE] [--reset] [--confirmations N] [--no-verify]

import { relative, resolve } from "node:path";
import process from "node:process";
import { Command, InvalidArgumentError } from "commander";

import { millions } from "./deploy/chain.js";
import { DeployError } from "./deploy/errors.js";
import { deployCity, type DeployOutcome } from "./deploy/run.js";
import { root } from "./lib/project.js";

/** Exit code when the city does not stand, as against 1 when it stands and something else is left to do. */
const NOT_DONE = 2;

interface Flags {
  readonly network?: string;
  readonly parameters?: string;
  readonly reset?: true;
  readonly confirmations?: number;
  readonly verify: boolean;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError("It is a whole number from 1.");
  return number;
}

const { parameters, ...flags } = new Command("npm run deploy --")
  .description("Deploys the city, or goes on where an earlier run stopped.")
  .option("--network <name>", "network of hardhat.config.ts (default: a rehearsal on a chain in this process)")
  .option("--parameters <file>", "addresses of the city's bodies and what else docs/networks.md lists, as JSON")
  .option("--reset", "set aside what was deployed on the chain before, and deploy another city")
  .option("--confirmations <number>", "blocks to wait for after each step (default: by the network)", wholeNumber)
  .option("--no-verify", "ask no explorer to show the source")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : NOT_DONE))
  .parse()
  .opts<Flags>();

/** Tells what came of it, and what is left to do. */
function tell({ record, file, deployed, mended, handover, verified, setAside }: DeployOutcome): void {
  const { account, handover: door } = record.admin;
  for (const path of setAside) console.log(`Set aside: ${path}`);
  if (mended !== undefined) {
    const { found, unsent, failed } = mended;
    console.log(
      `Went on with an earlier run: ${found} transactions were found on the chain; ${unsent} steps had not reached it ` +
        `and ${failed} had failed there, and were begun anew.`,
    );
  }
  const gas = `${record.transactions} transactions, ${millions(BigInt(record.gas))} million gas`;
  console.log(
    deployed
      ? `The city stands on chain ${record.chainId} since block ${record.block} (${record.module}, ${gas}).`
      : `The city stands on chain ${record.chainId} as ${file ?? "its record"} says; nothing was deployed.`,
  );
  for (const { explorer, verified: count, failed } of verified) {
    console.log(`${explorer}: the source of ${count} contracts is shown.`);
    for (const fault of failed) console.log(`  not shown: ${fault}`);
    if (failed.length > 0) console.log("  Run the same command again to show what is left.");
  }
  if (handover === "waiting") {
    console.log(
      `Next step: the admin ${account} takes over, by this command with its key as CIVITAS_KEY, ` +
        `or by calling accept() of AdminHandover at ${door}.`,
    );
  } else console.log(`The admin ${account} has taken over.`);
  console.log(file === undefined ? "The chain ended with this rehearsal; nothing was written." : `Record: ${file}`);
  if (verified.some(({ failed }) => failed.length > 0)) process.exitCode = 1;
}

try {
  const outcome = await deployCity({
    ...flags,
    // Paths are meant from where npm was called, which is not where npm runs this.
    ...(parameters === undefined
      ? {}
      : { parameters: relative(process.cwd(), resolve(process.env.INIT_CWD ?? root, parameters)) }),
    output: process.stderr,
  });
  tell(outcome);
} catch (error) {
  if (!(error instanceof DeployError)) throw error;
  console.error(error.message);
  process.exitCode = NOT_DONE;
}
