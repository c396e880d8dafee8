// Deploys the city and lives one day in it from files; prints what happened and proves that the books balance.
//
//   npm start -- [--data DIR | --town RESIDENTS [--seed TEXT]] [--network NAME] [--out DIR] [--only MODULE,…] [--skip-bad-rows]
//                [--resume]

import { join, relative, resolve } from "node:path";
import process from "node:process";
import { Command } from "commander";
import hre, { config } from "hardhat";

import { DayError } from "./day/errors.js";
import { writeDay, writeState, writeSummary } from "./day/output.js";
import { writePage } from "./day/page/page.js";
import { liveResumably } from "./day/resume/index.js";
import { type DayOptions, type DayResult, liveDay, openChain } from "./day/run.js";
import { root } from "./lib/project.js";
import { readTownPlan, SEED, writeTown } from "./town/index.js";

/** Exit code when the day could not begin, as against 1 for a check that fails. */
const NOT_BEGUN = 2;

interface Flags {
  readonly data?: string;
  readonly town?: string;
  readonly seed?: string;
  readonly out: string;
  readonly network?: string;
  readonly only?: string[];
  readonly skipBadRows?: true;
  readonly resume?: true;
}

const flags = new Command("npm start --")
  .description("Deploys the city and lives one day in it from files.")
  .option("--data <dir>", "folder with one folder for each module (default: data)")
  .option("--town <residents>", "makes up a town of this size and lives its day")
  .option("--seed <text>", `another town of the same size (default: ${SEED})`)
  .option("--network <name>", "network of hardhat.config.ts (default: a chain in this process)")
  .option("--out <dir>", "folder for summary.json, state.json, report.html and towns that are made up", "out")
  .option("--only <modules>", "modules to run, with commas between them", (names) => names.split(","))
  .option("--skip-bad-rows", "leave out rows with faults, and list them")
  .option("--resume", "go on with the day that was broken off on this network")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : NOT_BEGUN))
  .parse()
  .opts<Flags>();

// Folders are meant from where npm was called, which is not where npm runs this.
const folder = (path: string): string => relative(process.cwd(), resolve(process.env.INIT_CWD ?? root, path)) || ".";

/** Builds before it opens a chain, so that bad data are told of at once. */
async function buildAndOpen(...chain: Parameters<typeof openChain>): ReturnType<typeof openChain> {
  console.error("Building the contracts where they have changed …");
  await hre.tasks.getTask("build").run({ quiet: true });
  return openChain(...chain);
}

/** The folder to live from; a town is made up first where one is asked for. */
function dataFolder(): string {
  const { data, out, seed, town } = flags;
  if (town === undefined) {
    if (seed !== undefined) throw new DayError("--seed says which town is made up; give --town with it.");
    return folder(data ?? "data");
  }
  if (data !== undefined) throw new DayError("--town makes up the data that --data names; give one of the two.");
  const path = writeTown(folder(out), readTownPlan(town, seed));
  console.error(`Made up a town of ${town} in ${path}.`);
  return path;
}

/** A chain of this process ends with it; any other one outlives a day that is killed, which can then go on. */
async function live(options: DayOptions): Promise<DayResult> {
  const known = options.network === undefined ? undefined : config.networks[options.network];
  if (known?.type !== "http") {
    if (flags.resume === true) {
      throw new DayError(
        "--resume goes on with a day on a chain that outlives it; give --network with it. " +
          "A chain in this process ended with its day: leave --resume out, and begin anew.",
      );
    }
    return liveDay({ ...options, connect: buildAndOpen });
  }
  return liveResumably(options, {
    folder: join(folder(flags.out), "day"),
    resume: flags.resume === true,
    url: async (at) => {
      await (await buildAndOpen(options.network, at)).close();
      return known.url.getUrl();
    },
    tell: (line) => {
      console.error(line);
    },
  });
}

try {
  const result = await live({
    data: dataFolder(),
    ...(flags.network === undefined ? {} : { network: flags.network }),
    ...(flags.only === undefined ? {} : { only: flags.only }),
    skipBadRows: flags.skipBadRows === true,
    output: process.stderr,
  });
  console.log(writeDay(result));
  console.log(`Summary: ${writeSummary(folder(flags.out), result.summary)}`);
  console.log(`State: ${writeState(folder(flags.out), result.state)}`);
  console.log(`Report: ${writePage(folder(flags.out), result)}`);
  process.exitCode = result.summary.ok ? 0 : 1;
} catch (error) {
  if (!(error instanceof DayError)) throw error;
  console.error(error.message);
  process.exitCode = NOT_BEGUN;
}
