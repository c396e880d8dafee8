/** Smart containers of a city, and how full they were day by day. */
import { FULL_BP } from "../waste/containers.js";
import { CellFault, type Range, readDate, readDecimal, readText, readWhole } from "./cells.js";
import { hasColumns, readTable, type SourceText } from "./csv.js";
import { inOrder, type Place, type RowFault } from "./faults.js";
import { RowReader } from "./rows.js";

/** Columns of a file of containers. */
export const WASTE_BIN_COLUMNS = [
  "serial",
  "description",
  "latitude",
  "longitude",
  "threshold",
  "n_readings",
  "stream",
  "suburb",
] as const;

/** Columns of a file of fill levels. */
export const WASTE_FILL_COLUMNS = ["serial", "date", "fullness_0_10", "fill_bp"] as const;

export type WasteBinColumn = (typeof WASTE_BIN_COLUMNS)[number];
export type WasteFillColumn = (typeof WASTE_FILL_COLUMNS)[number];

const MICRO_DECIMALS = 6;
/** Digits of a coordinate in the source; what is behind the sixth is less than a decimetre and is rounded. */
const COORDINATE_DECIMALS = 10;
const LATITUDE: Range = degrees(90n);
const LONGITUDE: Range = degrees(180n);
const LEVEL_DECIMALS = 3;
/** Levels are 0 to 10, so a thousandth of one is a basis point. */
const LEVEL: Range = { least: 0n, greatest: BigInt(FULL_BP) };
const THRESHOLD: Range = { least: 1n, greatest: BigInt(FULL_BP) };
const COUNT: Range = { least: 0n, greatest: 0xffff_ffffn };

/** A container as the file has it. */
export interface WasteBinRow extends Place {
  readonly serial: string;
  readonly description: string;
  /** Millionths of a degree. */
  readonly latitude: bigint;
  readonly longitude: bigint;
  /** Fill at which it wants to be emptied, basis points. */
  readonly alertBp: number;
  /** Readings that the source has of it. */
  readonly readingCount: number;
  /** What belongs into it. */
  readonly stream: "general" | "recycling";
  readonly suburb: string;
}

/** What files of containers have. */
export interface WasteBins {
  readonly bins: readonly WasteBinRow[];
  readonly faults: readonly RowFault[];
  readonly rowCount: number;
}

/** How full a container was on a day. */
export interface WasteFillRow extends Place {
  readonly serial: string;
  /** Days since 1 January 1970; the source has no time of day. */
  readonly day: number;
  /** Basis points. */
  readonly fillBp: number;
}

/** All levels of one container. */
export interface WasteFillHistory {
  readonly serial: string;
  /** At least one, in order of time. */
  readonly fills: readonly WasteFillRow[];
}

/** What files of fill levels have. */
export interface WasteFills {
  /** In the order in which they first appear. */
  readonly histories: readonly WasteFillHistory[];
  /** First and last day; undefined where there is no good row. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** What is wrong with rows that are left out, and days that are missing. */
  readonly faults: readonly RowFault[];
  readonly rowCount: number;
}

/** Whether a file's header row is that of containers. */
export function isWasteBins(header: readonly string[]): boolean {
  return hasColumns(header, WASTE_BIN_COLUMNS);
}

/** Whether a file's header row is that of fill levels. */
export function isWasteFills(header: readonly string[]): boolean {
  return hasColumns(header, WASTE_FILL_COLUMNS);
}

/** Reads files of the columns {@link WASTE_BIN_COLUMNS}, one row for each container. A row with a fault is left out. */
export function importWasteBins(sources: readonly SourceText[]): WasteBins {
  const bins = new Map<string, WasteBinRow>();
  const faults: RowFault[] = [];
  let rowCount = 0;
  for (const source of sources) {
    const table = readTable(source, WASTE_BIN_COLUMNS);
    faults.push(...table.faults);
    rowCount += table.rows.length + (table.unreadable ? 0 : table.faults.length);
    for (const row of table.rows) {
      const reader = new RowReader(source.name, row);
      const bin = binOf(reader, bins);
      if (bin !== undefined && reader.faults.length === 0) bins.set(bin.serial, bin);
      faults.push(...reader.faults);
    }
  }
  return { bins: [...bins.values()], faults, rowCount };
}

function binOf(reader: RowReader<WasteBinColumn>, known: ReadonlyMap<string, WasteBinRow>): WasteBinRow | undefined {
  const serial = reader.read("serial", readText);
  const description = reader.read("description", readText);
  const latitude = reader.read("latitude", (cell) => readCoordinate(cell, LATITUDE));
  const longitude = reader.read("longitude", (cell) => readCoordinate(cell, LONGITUDE));
  const alert = reader.read("threshold", (cell) => readDecimal(cell, LEVEL_DECIMALS, THRESHOLD));
  const readings = reader.read("n_readings", (cell) => readWhole(cell, COUNT));
  const stream = reader.read("stream", readStream);
  const suburb = reader.read("suburb", readText);
  const twin = serial === undefined ? undefined : known.get(serial);
  if (twin !== undefined) reader.add("serial", `this container stands in ${reader.placeOf(twin)} already`);
  if (serial === undefined || description === undefined || stream === undefined || suburb === undefined)
    return undefined;
  if (latitude === undefined || longitude === undefined) return undefined;
  if (alert === undefined || readings === undefined) return undefined;
  const { file, line } = reader;
  const place = { latitude, longitude, alertBp: Number(alert), readingCount: Number(readings) };
  return { file, line, serial, description, ...place, stream, suburb };
}

/**
 * Reads files of the columns {@link WASTE_FILL_COLUMNS}. Every container must have one row for each day from its first to
 * its last, in any order. A row with a fault is left out; a missing day is named at the row behind the gap and leaves
 * nothing out.
 *
 * @param serials - Containers there are; any when left out.
 */
export function importWasteFills(sources: readonly SourceText[], serials?: ReadonlySet<string>): WasteFills {
  const histories = new Map<string, Map<number, Seen>>();
  const faults: RowFault[] = [];
  let rowCount = 0;
  for (const source of sources) {
    const table = readTable(source, WASTE_FILL_COLUMNS);
    faults.push(...table.faults);
    rowCount += table.rows.length + (table.unreadable ? 0 : table.faults.length);
    for (const row of table.rows) {
      const reader = new RowReader(source.name, row);
      addFill(reader, histories, serials);
      faults.push(...reader.faults);
    }
  }
  for (const [serial, seen] of histories) faults.push(...gapsOf(serial, seen));
  const good = [...histories]
    .map(([serial, seen]) => ({ serial, fills: fillsOf(seen) }))
    .filter(({ fills }) => fills.length > 0);
  const days = good.flatMap(({ fills }) => fills.map(({ day }) => day)).sort((left, right) => left - right);
  return { histories: good, first: days[0], last: days.at(-1), faults: inOrder(faults, sources), rowCount };
}

/** What a container has on a day. */
interface Seen extends Place {
  readonly text: string;
  readonly day: number;
  /** Absent for a row with a fault, which counts as there, so that it is not named as missing too. */
  readonly fill?: WasteFillRow;
}

function addFill(
  reader: RowReader<WasteFillColumn>,
  histories: Map<string, Map<number, Seen>>,
  serials: ReadonlySet<string> | undefined,
): void {
  const serial = reader.read("serial", readText);
  const date = reader.read("date", (cell) => ({ day: readDate(cell), text: cell }));
  const level = reader.read("fullness_0_10", (cell) => readDecimal(cell, LEVEL_DECIMALS, LEVEL));
  const fillBp = reader.read("fill_bp", (cell) => readWhole(cell, LEVEL));
  if (level !== undefined && fillBp !== undefined && level !== fillBp) {
    reader.add("fill_bp", `not the fullness times 1,000, which is ${level.toString()}`);
  }
  if (serial !== undefined && serials?.has(serial) === false) reader.add("serial", "there is no such container");
  if (serial === undefined || date === undefined) return;
  const { day, text } = date;
  const { file, line } = reader;
  const seen = histories.get(serial) ?? new Map<number, Seen>();
  histories.set(serial, seen);
  const twin = seen.get(day);
  if (twin !== undefined) {
    reader.add("date", `container ${serial} has this day in ${reader.placeOf(twin)} already`);
    return;
  }
  const isGood = fillBp !== undefined && reader.faults.length === 0;
  const fill = isGood ? { file, line, serial, day, fillBp: Number(fillBp) } : undefined;
  seen.set(day, { file, line, text, day, ...(fill === undefined ? {} : { fill }) });
}

function sorted(seen: ReadonlyMap<number, Seen>): Seen[] {
  return [...seen.values()].sort((left, right) => left.day - right.day);
}

function fillsOf(seen: ReadonlyMap<number, Seen>): WasteFillRow[] {
  return sorted(seen).flatMap(({ fill }) => (fill === undefined ? [] : [fill]));
}

/** Days that a container lacks between its first and its last. */
function gapsOf(serial: string, seen: ReadonlyMap<number, Seen>): RowFault[] {
  const rows = sorted(seen);
  return rows.flatMap(({ file, line, text, day }, index) => {
    const before = rows[index - 1];
    const missing = before === undefined ? 0 : day - before.day - 1;
    if (before === undefined || missing === 0) return [];
    const reason = `container ${serial} has no row for ${missing === 1 ? "a day" : `${missing} days`} before this one`;
    return [{ file, line, column: "date", value: text, reason }];
  });
}

function degrees(limit: bigint): Range {
  const unit = 10n ** BigInt(COORDINATE_DECIMALS);
  return { least: -limit * unit, greatest: limit * unit, why: "no such place" };
}

/** A coordinate in millionths of a degree, rounded to the nearest, halves away from zero. */
function readCoordinate(cell: string, range: Range): bigint {
  const fine = readDecimal(cell, COORDINATE_DECIMALS, range);
  const unit = 10n ** BigInt(COORDINATE_DECIMALS - MICRO_DECIMALS);
  const size = ((fine < 0n ? -fine : fine) + unit / 2n) / unit;
  return fine < 0n ? -size : size;
}

function readStream(cell: string): "general" | "recycling" {
  if (cell !== "general" && cell !== "recycling") throw new CellFault("neither general nor recycling");
  return cell;
}
