/** Consumption and production per meter and interval, and the meters' homes. */
import { type Range, readDecimal, readText, readWhole } from "./cells.js";
import { hasColumns, readTable, type SourceText } from "./csv.js";
import { type IntervalStart, lengthOf, readStart, writeUtc } from "./energyTime.js";
import { inOrder, type Place, type RowFault } from "./faults.js";
import { RowReader } from "./rows.js";

/** Columns of a file of readings. */
export const ENERGY_READING_COLUMNS = ["meter_id", "interval_start_iso", "consumption_wh", "production_wh"] as const;

/** Columns of a file of homes. */
export const ENERGY_HOME_COLUMNS = ["meter_id", "pv_nominal_kw", "battery_kwh_in_benchmark"] as const;

export type EnergyReadingColumn = (typeof ENERGY_READING_COLUMNS)[number];
export type EnergyHomeColumn = (typeof ENERGY_HOME_COLUMNS)[number];

/** Most energy in an interval, Wh: the most that a meter's cap can say. */
const MAX_WH = 1_023_000n;
const ENERGY: Range = { least: 0n, greatest: MAX_WH, why: "the most that a meter can be rated for" };
/** Whole watts and watt-hours. */
const KILO_DECIMALS = 3;
const POWER: Range = { least: 0n, greatest: MAX_WH, why: "the most that a meter can be rated for" };

/** What a meter measured in an interval. */
export interface EnergyReading extends Place {
  /** Start of the interval, Unix time. */
  readonly at: bigint;
  /** Wh, before what the home uses of its own. */
  readonly consumptionWh: bigint;
  readonly productionWh: bigint;
}

/** All that is known of one meter. */
export interface EnergyMeterRecord {
  readonly id: string;
  /** At least one, in order of time. */
  readonly readings: readonly EnergyReading[];
}

export interface EnergyReadings {
  /** In the order in which they first appear. */
  readonly meters: readonly EnergyMeterRecord[];
  /** Seconds of an interval; undefined where no two good rows tell. */
  readonly intervalLength: bigint | undefined;
  /** Starts of the first and the last interval, Unix time; undefined where there is no good row. */
  readonly first: bigint | undefined;
  readonly last: bigint | undefined;
  /** What is wrong with rows that are not among the readings, and intervals that are missing. */
  readonly faults: readonly RowFault[];
  /** Rows read, good or bad, without headers. */
  readonly rowCount: number;
}

/** Whether a file's header row is that of readings. */
export function isEnergyReadings(header: readonly string[]): boolean {
  return hasColumns(header, ENERGY_READING_COLUMNS);
}

/** Whether a file's header row is that of homes. */
export function isEnergyHomes(header: readonly string[]): boolean {
  return hasColumns(header, ENERGY_HOME_COLUMNS);
}

/** What a meter has in an interval. */
interface Seen extends Place {
  readonly start: IntervalStart;
  /** Absent for a row with a fault, which counts as there, so that it is not named as missing too. */
  readonly reading?: EnergyReading;
}

/**
 * Reads files of the columns {@link ENERGY_READING_COLUMNS}. Every meter must have one row for each interval from the
 * first to the last of all files, in any order. The offset in `interval_start_iso` decides which instant is meant, so an
 * hour that clocks show twice has two offsets, and one that they leave out leaves no gap. A row with a fault is left out;
 * a missing interval is named at the row behind the gap, or at the meter's last row, and leaves nothing out.
 */
export function importEnergyReadings(sources: readonly SourceText[]): EnergyReadings {
  const meters = new Map<string, Map<bigint, Seen>>();
  const faults: RowFault[] = [];
  let rowCount = 0;
  for (const source of sources) {
    const table = readTable(source, ENERGY_READING_COLUMNS);
    faults.push(...table.faults);
    rowCount += table.rows.length + (table.unreadable ? 0 : table.faults.length);
    for (const row of table.rows) {
      const reader = new RowReader(source.name, row);
      addReading(reader, meters);
      faults.push(...reader.faults);
    }
  }
  const starts = [...meters.values()].flatMap((seen) => [...seen.keys()]);
  const intervalLength = lengthOf(starts);
  const { first, last } = boundsOf(starts);
  if (first !== undefined && last !== undefined) {
    for (const [id, seen] of meters) {
      if (intervalLength !== undefined) faults.push(...offGrid(seen, intervalLength));
      faults.push(...gapsOf(id, seen, intervalLength, first, last));
    }
  }
  return {
    meters: [...meters].map(([id, seen]) => ({ id, readings: readingsOf(seen) })).filter(hasReadings),
    intervalLength,
    first,
    last,
    faults: inOrder(faults, sources),
    rowCount,
  };
}

function addReading(reader: RowReader<EnergyReadingColumn>, meters: Map<string, Map<bigint, Seen>>): void {
  const id = reader.read("meter_id", readText);
  const start = reader.read("interval_start_iso", readStart);
  const consumptionWh = reader.read("consumption_wh", (cell) => readWhole(cell, ENERGY));
  const productionWh = reader.read("production_wh", (cell) => readWhole(cell, ENERGY));
  if (id === undefined || start === undefined) return;
  const seen = meters.get(id) ?? new Map<bigint, Seen>();
  meters.set(id, seen);
  const { file, line } = reader;
  const twin = seen.get(start.at);
  if (twin !== undefined) {
    reader.add("interval_start_iso", duplicate(id, start, twin, reader.placeOf(twin)));
    return;
  }
  const isGood = consumptionWh !== undefined && productionWh !== undefined && reader.faults.length === 0;
  const reading = isGood ? { file, line, at: start.at, consumptionWh, productionWh } : undefined;
  seen.set(start.at, { file, line, start, ...(reading === undefined ? {} : { reading }) });
}

/** Why a row is one too many; where clocks may have changed, in those words. */
function duplicate(id: string, start: IntervalStart, twin: Seen, place: string): string {
  const before = `meter ${id} has this interval in ${place} already`;
  if (start.text !== twin.start.text) return `${before}, as ${twin.start.text}, which is the same instant`;
  return `${before}; where clocks go back, the hour that appears twice has another offset the second time`;
}

/** Rows whose interval begins between two others. */
function offGrid(seen: ReadonlyMap<bigint, Seen>, length: bigint): RowFault[] {
  return [...seen.values()]
    .filter(({ start }) => start.at % length !== 0n)
    .map(({ file, line, start }) => ({
      file,
      line,
      column: "interval_start_iso",
      value: start.text,
      reason: `not the start of an interval of ${length} seconds, counted from midnight UTC`,
    }));
}

/** Intervals that a meter lacks. */
function gapsOf(
  id: string,
  seen: ReadonlyMap<bigint, Seen>,
  length: bigint | undefined,
  first: bigint,
  last: bigint,
): RowFault[] {
  const sorted = [...seen.values()].sort((left, right) => (left.start.at < right.start.at ? -1 : 1));
  const faults: RowFault[] = [];
  const missing = (at: Seen, from: bigint, to: bigint, where: string): void => {
    const span = from === to ? writeUtc(from) : `${writeUtc(from)} to ${writeUtc(to)}`;
    const { file, line, start } = at;
    const reason = `meter ${id} has no row for ${span}, ${where}`;
    faults.push({ file, line, column: "interval_start_iso", value: start.text, reason });
  };
  for (const [index, current] of sorted.entries()) {
    const before = sorted[index - 1];
    const { at, offset } = current.start;
    if (before === undefined) {
      if (at > first) missing(current, first, at - (length ?? at - first), "where the data begin");
      continue;
    }
    if (length === undefined || at - before.start.at <= length) continue;
    const sameOffset = before.start.offset === offset;
    const hint = sameOffset ? "; where clocks go forward, the offset changes and no hour is missing" : "";
    missing(current, before.start.at + length, at - length, `between line ${before.line} and this one${hint}`);
  }
  const end = sorted.at(-1);
  if (end !== undefined && end.start.at < last) {
    missing(end, end.start.at + (length ?? last - end.start.at), last, "where the data end");
  }
  return faults;
}

function boundsOf(starts: readonly bigint[]): { first: bigint | undefined; last: bigint | undefined } {
  let [first, last] = [starts[0], starts[0]];
  for (const at of starts) {
    if (first === undefined || at < first) first = at;
    if (last === undefined || at > last) last = at;
  }
  return { first, last };
}

function readingsOf(seen: ReadonlyMap<bigint, Seen>): EnergyReading[] {
  return [...seen.values()]
    .flatMap(({ reading }) => (reading === undefined ? [] : [reading]))
    .sort((left, right) => (left.at < right.at ? -1 : 1));
}

function hasReadings({ readings }: EnergyMeterRecord): boolean {
  return readings.length > 0;
}

/** What stands behind a meter. */
export interface EnergyHome extends Place {
  readonly meterId: string;
  /** Greatest power of its solar panels, W; zero: it has none. */
  readonly solarW: bigint;
  /** Energy that its battery holds, Wh; zero: it has none. */
  readonly batteryWh: bigint;
}

export interface EnergyHomes {
  readonly homes: readonly EnergyHome[];
  readonly faults: readonly RowFault[];
  readonly rowCount: number;
}

/** Reads files of the columns {@link ENERGY_HOME_COLUMNS}, one row for each meter. */
export function importEnergyHomes(sources: readonly SourceText[]): EnergyHomes {
  const homes = new Map<string, EnergyHome>();
  const faults: RowFault[] = [];
  let rowCount = 0;
  for (const source of sources) {
    const table = readTable(source, ENERGY_HOME_COLUMNS);
    faults.push(...table.faults);
    rowCount += table.rows.length + (table.unreadable ? 0 : table.faults.length);
    for (const row of table.rows) {
      const reader = new RowReader(source.name, row);
      const meterId = reader.read("meter_id", readText);
      const solarW = reader.read("pv_nominal_kw", readKilo);
      const batteryWh = reader.read("battery_kwh_in_benchmark", readKilo);
      const twin = meterId === undefined ? undefined : homes.get(meterId);
      if (twin !== undefined) reader.add("meter_id", `this meter stands in ${reader.placeOf(twin)} already`);
      const { file, line } = reader;
      if (meterId !== undefined && solarW !== undefined && batteryWh !== undefined && twin === undefined) {
        homes.set(meterId, { file, line, meterId, solarW, batteryWh });
      }
      faults.push(...reader.faults);
    }
  }
  return { homes: [...homes.values()], faults, rowCount };
}

function readKilo(cell: string): bigint {
  return readDecimal(cell, KILO_DECIMALS, POWER);
}
