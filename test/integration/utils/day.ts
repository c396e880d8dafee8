/** What the tests of the city day have in common. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

import { DayError } from "../../../scripts/day/errors.js";
import { toJson } from "../../../scripts/day/output.js";
import { type DayOptions, type DayResult, liveDay } from "../../../scripts/day/run.js";
import { root } from "../../../scripts/lib/project.js";

/** The made-up town of the repository. */
export const TOWN = join(root, "data");
/** Public data beside the repository; a clone alone does not have them. */
export const REAL = fileURLToPath(new URL("../../../../shared/data", import.meta.url));

/** What the summaries of all modules have in common, as JSON holds them. */
export interface DayJson<Modules> {
  readonly network: string;
  readonly files: { readonly read: readonly string[]; readonly unknown: readonly string[] };
  readonly modules: Modules;
  readonly checks: readonly {
    readonly name: string;
    readonly left: string;
    readonly right: string;
    readonly ok: boolean;
  }[];
  readonly gas: Readonly<
    Record<
      string,
      {
        readonly count: number;
        readonly mean: string;
        readonly max: string;
        readonly items?: number;
        readonly perItem?: string;
      }
    >
  >;
  readonly ok: boolean;
}

/** A folder with files, given by path and text, for as long as `body` runs. */
export async function withData(
  files: Readonly<Record<string, string>>,
  body: (folder: string) => Promise<void> | void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "civitas-day-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A day's summary as it is written. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- The caller knows which modules were lived.
export function summaryOf<Summary extends DayJson<unknown>>(result: DayResult): Summary {
  return JSON.parse(toJson(result.summary)) as Summary;
}

/** Every check of a day holds, and its sides are the same as they are written. */
export function expectChecksHold({ checks, ok }: DayJson<unknown>): void {
  expect(checks.filter((check) => !check.ok)).to.deep.equal([]);
  expect(checks.every(({ left, right }) => left === right)).to.equal(true);
  expect(ok).to.equal(true);
}

/** A file of lines below a header. */
export function table(header: string, ...rows: readonly string[]): string {
  return [header, ...rows, ""].join("\n");
}

/** Lives a day that must not reach a chain, and returns what it says instead. */
export async function refusalOf(options: DayOptions): Promise<DayError> {
  const connect = () => Promise.reject(new Error("a chain was opened"));
  const error = await liveDay({ ...options, connect }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DayError)) throw new Error("the day was not refused", { cause: error });
  return error;
}

/** Sum of amounts as JSON holds them; one that is left out counts nothing. */
export function sum(amounts: readonly (string | undefined)[]): bigint {
  return amounts.reduce((total, amount) => total + BigInt(amount ?? "0"), 0n);
}
