/** Capacity per discharge cycle, the form in which public battery-ageing data sets are kept in this repository. */
import { type Range, readDecimal, readInstant, readText, readWhole, writeDecimal, writeInstant } from "./cells.js";
import { hasColumns, readTable, type SourceText } from "./csv.js";
import { inOrder, type RowFault } from "./faults.js";
import { RowReader } from "./rows.js";

/** Columns of a file, in the order of its header. */
export const BATTERY_HISTORY_COLUMNS = [
  "battery_id",
  "cycle",
  "timestamp",
  "capacity_mAh",
  "soh_permille",
  "throughput_wh",
  "ambient_c",
] as const;

export type BatteryHistoryColumn = (typeof BATTERY_HISTORY_COLUMNS)[number];

/** Capacity of a new cell, mAh: what the state of health of the format refers to. */
export const RATED_MAH = 2_000n;

/** Greatest capacity that a certificate can state: 120 % of rated. */
const MAX_MAH = 2_400n;
/** The longest history that fits the longest lease, which has 50 years, with room for its ends. */
const MAX_HISTORY = 49n * 365n * 86_400n;
/** 1 January 1971: a chain that begins before the data cannot begin before 1970. */
const EARLIEST = 31_536_000n;
const PER_MILLE = 1_000n;
const THROUGHPUT_DECIMALS = 3;
const TEMPERATURE_DECIMALS = 1;

const CYCLE: Range = { least: 1n, greatest: 2n ** 32n - 1n };
const CAPACITY: Range = { least: 0n, greatest: MAX_MAH, why: "which is 120 % of rated" };
const HEALTH: Range = { least: 0n, greatest: 1_200n };
const THROUGHPUT: Range = { least: 0n, greatest: 10n ** 12n };
const AMBIENT: Range = { least: -1_000n, greatest: 2_000n };

/** One discharge of a cell. */
export interface BatteryCycle {
  readonly line: number;
  readonly file: string;
  readonly cycle: bigint;
  /** Unix time. */
  readonly at: bigint;
  readonly capacityMAh: bigint;
  readonly sohPermille: bigint;
  /** Energy discharged so far in the record, thousandths of a Wh. */
  readonly throughputMilliWh: bigint;
  /** Temperature of the room, tenths of a degree Celsius. */
  readonly ambientDeciC: bigint;
}

/** The record of one cell. */
export interface BatteryHistory {
  readonly id: string;
  /** At least one, in order of time. */
  readonly cycles: readonly BatteryCycle[];
}

export interface BatteryHistories {
  /** In order of their first cycle's time, then of their id. */
  readonly batteries: readonly BatteryHistory[];
  /** What is wrong with rows that are not among the cycles. */
  readonly faults: readonly RowFault[];
  /** Rows read, good or bad, without headers. */
  readonly rowCount: number;
}

/** Whether a file's header row is that of a battery history. */
export function isBatteryHistory(header: readonly string[]): boolean {
  return hasColumns(header, BATTERY_HISTORY_COLUMNS);
}

/**
 * Reads the histories in files of the columns {@link BATTERY_HISTORY_COLUMNS}. A cell's rows may stand in several files,
 * but in order of cycle, time and throughput. A row with a fault is left out, and the next is compared with the last good
 * one.
 */
export function importBatteryHistories(sources: readonly SourceText[]): BatteryHistories {
  const records = new Map<string, Sequence>();
  const faults: RowFault[] = [];
  let rowCount = 0;
  for (const source of sources) {
    const table = readTable(source, BATTERY_HISTORY_COLUMNS);
    faults.push(...table.faults);
    rowCount += table.rows.length + (table.unreadable ? 0 : table.faults.length);
    for (const row of table.rows) {
      const reader = new CycleReader(source.name, row);
      const id = reader.read("battery_id", readText);
      const cycle = reader.cycle();
      if (id !== undefined && cycle !== undefined) {
        const record = records.get(id) ?? { cycles: [], byNumber: new Map<bigint, BatteryCycle>() };
        reader.compare(cycle, record);
        if (reader.faults.length === 0) {
          record.cycles.push(cycle);
          record.byNumber.set(cycle.cycle, cycle);
          records.set(id, record);
        }
      }
      faults.push(...reader.faults);
    }
  }
  const batteries = [...records].map(([id, { cycles }]) => ({ id, cycles }));
  batteries.sort((left, right) => compareBigInts(firstAt(left), firstAt(right)) || (left.id < right.id ? -1 : 1));
  return { batteries, faults: inOrder(faults, sources), rowCount };
}

/** The good rows of one battery so far. */
interface Sequence {
  readonly cycles: BatteryCycle[];
  readonly byNumber: Map<bigint, BatteryCycle>;
}

/** Reads one row of a history. */
class CycleReader extends RowReader<BatteryHistoryColumn> {
  /** The row's cycle, or undefined when a cell cannot be read. */
  cycle(): BatteryCycle | undefined {
    const cycle = this.read("cycle", (cell) => readWhole(cell, CYCLE));
    const at = this.read("timestamp", readInstant);
    const capacityMAh = this.read("capacity_mAh", (cell) => readWhole(cell, CAPACITY));
    const sohPermille = this.read("soh_permille", (cell) => readWhole(cell, HEALTH));
    const throughputMilliWh = this.read("throughput_wh", (cell) => readDecimal(cell, THROUGHPUT_DECIMALS, THROUGHPUT));
    const ambientDeciC = this.read("ambient_c", (cell) => readDecimal(cell, TEMPERATURE_DECIMALS, AMBIENT));
    if (
      cycle === undefined ||
      at === undefined ||
      capacityMAh === undefined ||
      sohPermille === undefined ||
      throughputMilliWh === undefined ||
      ambientDeciC === undefined
    ) {
      return undefined;
    }
    if (at < EARLIEST) this.add("timestamp", "before 1971");
    // Rounded up or down: both are in use, and differ for odd capacities only.
    const down = (capacityMAh * PER_MILLE) / RATED_MAH;
    const up = (capacityMAh * PER_MILLE + RATED_MAH - 1n) / RATED_MAH;
    if (sohPermille !== down && sohPermille !== up) {
      this.add(
        "soh_permille",
        `does not agree with capacity_mAh ${capacityMAh}, which is ${down} per mille of 2000 mAh`,
      );
    }
    return {
      file: this.file,
      line: this.line,
      cycle,
      at,
      capacityMAh,
      sohPermille,
      throughputMilliWh,
      ambientDeciC,
    };
  }

  /** Compares a cycle with the good ones before it. */
  compare(cycle: BatteryCycle, { cycles, byNumber }: Sequence): void {
    const [first, last] = [cycles[0], cycles.at(-1)];
    if (first === undefined || last === undefined) return;
    const where = this.placeOf(last);
    const twin = byNumber.get(cycle.cycle);
    if (twin !== undefined) {
      this.add("cycle", `this battery's cycle ${cycle.cycle} stands in ${this.placeOf(twin)} already`);
    } else if (cycle.cycle < last.cycle) this.add("cycle", `not above ${last.cycle} in ${where}`);
    if (cycle.at <= last.at) this.add("timestamp", `not after ${writeInstant(last.at)} in ${where}`);
    if (cycle.at - first.at > MAX_HISTORY) {
      this.add("timestamp", `more than 49 years after the battery's first, ${writeInstant(first.at)}`);
    }
    if (cycle.throughputMilliWh < last.throughputMilliWh) {
      const limit = writeDecimal(last.throughputMilliWh, THROUGHPUT_DECIMALS);
      this.add("throughput_wh", `below ${limit} in ${where}: energy given never decreases`);
    }
  }
}

function firstAt({ cycles }: BatteryHistory): bigint {
  return cycles[0]?.at ?? 0n;
}

function compareBigInts(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
