/** Reads single cells. Each reader returns the value, or throws a {@link CellFault} that gives the reason. */

/** Why a cell cannot be read. */
export class CellFault extends Error {
  override readonly name = "CellFault";
}

export interface Range {
  readonly least: bigint;
  readonly greatest: bigint;
  /** Said after the limit when a value is outside, for instance why. */
  readonly why?: string;
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?$/;
const INSTANT = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?$/;

const DATE = /^\d{4}-\d{2}-\d{2}$/;

const MS_PER_SECOND = 1_000;
const MS_PER_DAY = 86_400_000;
const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;
const HOURS_PER_DAY = 24;

/** A text that is not empty. */
export function readText(cell: string): string {
  if (cell === "") throw new CellFault("the cell is empty");
  return cell;
}

/** A whole number within a range. */
export function readWhole(cell: string, range: Range): bigint {
  return readDecimal(cell, 0, range);
}

/**
 * A decimal number as a whole number of its smallest part, so that nothing is rounded.
 *
 * @param cell - The cell.
 * @param decimals - Most digits after the point; 3 reads "1.5" as 1,500.
 * @param range - In smallest parts.
 */
export function readDecimal(cell: string, decimals: number, range: Range): bigint {
  const match = NUMBER.exec(readText(cell));
  if (match === null) throw new CellFault("not a number");
  const [, sign, whole = "", fraction = ""] = match;
  const digits = fraction.replace(/0+$/, "");
  if (digits.length > decimals) {
    throw new CellFault(decimals === 0 ? "not a whole number" : `more than ${decimals} digits after the point`);
  }
  const size = BigInt(whole + digits.padEnd(decimals, "0"));
  const value = sign === "-" ? -size : size;
  const why = range.why === undefined ? "" : `, ${range.why}`;
  if (value < 0n && range.least >= 0n) throw new CellFault("negative");
  if (value < range.least) throw new CellFault(`below ${writeDecimal(range.least, decimals)}${why}`);
  if (value > range.greatest) throw new CellFault(`above ${writeDecimal(range.greatest, decimals)}${why}`);
  return value;
}

/** A number of smallest parts as {@link readDecimal} reads it. */
export function writeDecimal(value: bigint, decimals: number): string {
  const size = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  const whole = size.slice(0, size.length - decimals);
  const fraction = size.slice(size.length - decimals).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** An instant from 1970 on, such as 2008-04-02T15:25:41 or 2008-04-02T15:25:41+02:00, in Unix time. Without an offset it is read as UTC. */
export function readInstant(cell: string): bigint {
  const match = INSTANT.exec(readText(cell));
  if (match === null) throw new CellFault("not a date and time such as 2008-04-02T15:25:41");
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((digits: string | undefined) => Number(digits ?? 0));
  // By its own setter, since a year below 100 means the 20th century to others.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const isReal =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  if (!isReal) throw new CellFault("no such date or time");
  const at = BigInt(date.getTime() / MS_PER_SECOND) - offsetOf(match[7]);
  if (at < 0n) throw new CellFault("before 1970");
  return at;
}

/** Seconds by which a zone such as +02:00 is ahead of UTC; less than a day. */
function offsetOf(zone: string | undefined): bigint {
  if (zone === undefined || zone === "Z") return 0n;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))];
  if (hours >= HOURS_PER_DAY || minutes >= MINUTES_PER_HOUR) throw new CellFault(`no such offset from UTC as ${zone}`);
  const ahead = (hours * MINUTES_PER_HOUR + minutes) * SECONDS_PER_MINUTE;
  return BigInt(zone.startsWith("-") ? -ahead : ahead);
}

/** A date such as 2026-12-09, in days since 1 January 1970. */
export function readDate(cell: string): number {
  const text = readText(cell);
  if (!DATE.test(text)) throw new CellFault("not a date such as 2026-12-09");
  const at = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(at) || !new Date(at).toISOString().startsWith(text)) throw new CellFault("no such date");
  if (at < 0) throw new CellFault("before 1970");
  return at / MS_PER_DAY;
}

/** An instant in the form that {@link readInstant} reads. */
export function writeInstant(at: bigint): string {
  return new Date(Number(at) * MS_PER_SECOND).toISOString().slice(0, "2008-04-02T15:25:41".length);
}
