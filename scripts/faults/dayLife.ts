// Lives a day on a node, or goes on with it if it was killed; writes what the city has in the end.
//
//   node --import tsx scripts/faults/dayLife.ts '{"url":…,"data":…,"only":…,"folder":…,"out":…}'

import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { DayError } from "../day/errors.js";
import { writeState } from "../day/output.js";
import type { Patience } from "../../sdk/index.js";
import { liveResumably } from "../day/resume/index.js";
import { ACCOUNTS, MNEMONIC } from "../e2e/client.js";

/** What the program is told. */
export interface DayLife {
  readonly url: string;
  readonly data: string;
  readonly only?: readonly string[];
  /** For the journal. */
  readonly folder: string;
  /** For the state. */
  readonly out: string;
  readonly patience?: Patience;
}

/** Exit code when the day could not go on. */
const NOT_ENDED = 2;

const { data, folder, only, out, patience, url } = JSON.parse(process.argv[2] ?? "{}") as DayLife;
try {
  const { state, summary } = await liveResumably(
    { data, network: "localhost", ...(only === undefined ? {} : { only }) },
    {
      folder,
      resume: existsSync(join(folder, "journal.jsonl")),
      accounts: { mnemonic: MNEMONIC, count: ACCOUNTS },
      url: async () => Promise.resolve(url),
      tell: (line) => {
        console.error(line);
      },
      ...(patience === undefined ? {} : { patience }),
    },
  );
  writeState(out, state);
  for (const { left, name, ok, right } of summary.checks) if (!ok) console.error(`FAIL: ${name}: ${left} and ${right}`);
  process.exitCode = summary.ok ? 0 : 1;
} catch (error) {
  if (!(error instanceof DayError)) throw error;
  console.error(error.message);
  process.exitCode = NOT_ENDED;
}
