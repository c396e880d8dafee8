import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { type BatteryHistory, importBatteryHistories } from "../../../sdk/importers/index.js";
import { balanceBooks } from "./books.js";
import { EXPECTED_FILE, filesIn, type Format, recognise } from "../folder.js";
import type { DayModule } from "../module.js";
import { LEAD_SECONDS, liveBatteries } from "./life.js";

const NAME = "battery";

type Kind = "history" | "attributes";

// Whatever is a table has to be one that is known: a table with a wrong header is a mistake, not another thing.
const FORMATS: readonly Format<Kind>[] = [
  { kind: "history", matches: ({ extension }) => extension === ".csv" },
  { kind: "attributes", matches: (file) => file.extension === ".json" && attributeNames(file.text) !== undefined },
];

/** What a data folder expects of its batteries, as far as it says so. */
export interface Expected {
  /** First cycle below 1,400 mAh by battery; null: never. */
  readonly failures: ReadonlyMap<string, number | null>;
  /** Names of the attributes of the data model; absent when the folder has no list of them. */
  readonly attributes: ReadonlySet<string> | undefined;
}

/** Batteries: from capacity per cycle to leases, certificates and money. */
export const battery: DayModule = {
  name: NAME,
  prepare(dataPath) {
    const { of, unknown } = recognise(filesIn(dataPath, NAME), FORMATS);
    const [histories, lists] = [of("history"), of("attributes")];
    const { batteries, faults } = importBatteryHistories(histories);
    const expected: Expected = {
      failures: expectedFailures(join(dataPath, NAME, EXPECTED_FILE)),
      attributes: lists.length === 0 ? undefined : new Set(lists.flatMap(({ text }) => attributeNames(text) ?? [])),
    };
    const startsAt = firstRow(batteries);
    return {
      used: [...histories, ...lists].map(({ name }) => name),
      unknown: unknown.map(({ name }) => name),
      faults,
      ...(startsAt === undefined ? {} : { startsAt: startsAt - LEAD_SECONDS }),
      async live(day) {
        return balanceBooks(await liveBatteries(day, batteries, (startsAt ?? 0n) - LEAD_SECONDS), expected);
      },
    };
  },
};

function firstRow(batteries: readonly BatteryHistory[]): bigint | undefined {
  return batteries[0]?.cycles[0]?.at;
}

/** Names in a list of the data model's properties, or undefined when the text is no such list. */
function attributeNames(text: string): string[] | undefined {
  const list = parse(text);
  if (!isObject(list) || !Array.isArray(list.properties)) return undefined;
  return list.properties.flatMap((entry: unknown) =>
    isObject(entry) && typeof entry.property === "string" ? [entry.property] : [],
  );
}

function expectedFailures(path: string): Map<string, number | null> {
  const failures = new Map<string, number | null>();
  const entries = existsSync(path) ? parse(readFileSync(path, "utf8")) : undefined;
  if (!isObject(entries)) return failures;
  for (const [id, entry] of Object.entries(entries)) {
    const cycle = isObject(entry) ? entry.first_cycle_below_1400_mAh : undefined;
    if (cycle === null || typeof cycle === "number") failures.set(id, cycle);
  }
  return failures;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
