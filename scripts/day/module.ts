import type { RowFault } from "../../sdk/importers/index.js";
import type { Check } from "./check.js";
import type { Chart, Tile } from "./charts.js";
import type { Day } from "./day.js";
import type { Report } from "./table.js";

/** What a module came to. */
export interface Outcome {
  /** For out/summary.json; numbers of any size as bigint, which are written as decimal strings. */
  readonly summary: Readonly<Record<string, unknown>>;
  readonly checks: readonly Check[];
  /** For a reader: headings and tables. */
  readonly report: Report;
  /** What the page draws of it. */
  readonly charts: readonly Chart[];
  /** The few figures that the page shows large. */
  readonly tiles: readonly Tile[];
}

/** A module's data, read and found good as far as there are no faults. */
export interface Prepared {
  /** Files read. */
  readonly used: readonly string[];
  /** Files in the module's folder that no format of it recognises. */
  readonly unknown: readonly string[];
  /** Files that are known and not lived through, with the reason. */
  readonly leftOut?: readonly string[];
  /** Parameters of deployment modules that the data ask for. */
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Bad rows; they are not part of what {@link live} lives through. */
  readonly faults: readonly RowFault[];
  /** Unix time at which the module's part of the day begins; absent when no data are left to live through. */
  readonly startsAt?: bigint;
  live(day: Day): Promise<Outcome>;
}

/** A part of the city that lives a day from files. */
export interface DayModule {
  /** Name of its folder in the data and of its entry in the summary. */
  readonly name: string;
  /** Reads its folder. Nothing is deployed yet. */
  prepare(dataPath: string): Prepared;
}
