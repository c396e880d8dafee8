/** Decimal numbers as files have them: nothing is rounded, and they are written as they were read. */
import { CellFault, readText } from "./cells.js";

/** A decimal number: `units` times ten to the power of minus `decimals`. */
export interface Decimal {
  readonly units: bigint;
  /** Digits after the point, 0 to {@link MAX_DECIMALS}. */
  readonly decimals: number;
}

/** Most digits after the point. */
export const MAX_DECIMALS = 18;

/** Most units, of either sign. */
export const MAX_DECIMAL_UNITS = (1n << 128n) - 1n;

/** Behind a comma stand one or two digits: three could be thousands. */
const DECIMAL = /^(-?)(\d+)(?:\.(\d+)|,(\d{1,2}))?$/;

/** What {@link decimalUnits} is asked for cannot be had without rounding. */
export class DecimalError extends RangeError {
  override readonly name = "DecimalError";
}

/** A cell such as `12`, `-3`, `500000.00` or `0,5`, with as many digits after the point or comma as stand there. */
export function readExact(cell: string): Decimal {
  const text = readText(cell.trim());
  const match = DECIMAL.exec(text);
  if (match === null) throw new CellFault("not a number");
  const [, sign = "", whole = "", behindPoint, behindComma = ""] = match;
  const fraction = behindPoint ?? behindComma;
  if (fraction.length > MAX_DECIMALS) throw new CellFault(`more than ${MAX_DECIMALS} digits after the point`);
  const size = BigInt(whole + fraction);
  if (size > MAX_DECIMAL_UNITS) throw new CellFault("too great");
  return { units: sign === "-" ? -size : size, decimals: fraction.length };
}

/** A number as {@link readExact} reads it, with all its digits after a point. */
export function writeExact({ units, decimals }: Decimal): string {
  const size = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  const point = size.length - decimals;
  const fraction = decimals === 0 ? "" : `.${size.slice(point)}`;
  return `${units < 0n ? "-" : ""}${size.slice(0, point)}${fraction}`;
}

/**
 * A number in units of ten to the power of minus `decimals`, so that numbers with different digits can be added.
 *
 * @throws DecimalError where that would lose digits.
 */
export function decimalUnits({ units, decimals: own }: Decimal, decimals: number): bigint {
  if (decimals < own) throw new DecimalError(`${own} digits after the point do not fit into ${decimals}`);
  return units * 10n ** BigInt(decimals - own);
}

/** Below zero, zero or above as the first number is less than, equal to or greater than the second. */
export function compareDecimals(left: Decimal, right: Decimal): number {
  const decimals = Math.max(left.decimals, right.decimals);
  const difference = decimalUnits(left, decimals) - decimalUnits(right, decimals);
  return difference < 0n ? -1 : Number(difference > 0n);
}
