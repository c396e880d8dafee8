// Deploys the city, or goes on where an earlier run stopped, and writes deployments/<chainId>.json.
//
//   npm run deploy -- [--network NAME] [--parameters FILE] [--reset] [--confirmations N] [--no-verify]
//
// Exit code 0: the city stands. 1: it stands, and something else is left to do. 2: it does not stand.

import { relative, resolve } from "node:path";
import process from "node:process";
import { Command, InvalidArgumentError } from "commander";

import { IN_PROCESS } from "./deploy/chain.js";
import { inWords, LEFT, NOT_DONE } from "./deploy/errors.js";
import { deployCity } from "./deploy/run.js";
import { linesOf } from "./deploy/telling.js";
import { root } from "./lib/project.js";

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

try {
  const outcome = await deployCity({
    ...flags,
    // Paths are meant from where npm was called, which is not where npm runs this.
    ...(parameters === undefined
      ? {}
      : { parameters: relative(process.cwd(), resolve(process.env.INIT_CWD ?? root, parameters)) }),
    output: process.stderr,
  });
  for (const line of linesOf(outcome)) console.log(line);
  if (outcome.verified.some(({ failed }) => failed.length > 0)) process.exitCode = LEFT;
} catch (error) {
  const { exitCode, message } = inWords(error, flags.network ?? IN_PROCESS);
  console.error(message);
  process.exitCode = exitCode;
}
