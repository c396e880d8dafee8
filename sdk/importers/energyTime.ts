/** Instants of energy data: with their offset from UTC, and on the grid of their intervals. */
import { CellFault, readInstant, writeInstant } from "./cells.js";

const OFFSET = /(Z|[+-]\d{2}:\d{2})$/;
const SHORTEST = 60n;
const LONGEST = 3_600n;
const SECONDS_PER_DAY = 86_400n;

/** A start of an interval as a file gives it. */
export interface IntervalStart {
  /** Unix time. */
  readonly at: bigint;
  /** As it stands in the file, with its offset. */
  readonly text: string;
  /** Offset from UTC, for instance `-08:00` or `Z`. */
  readonly offset: string;
}

/** A start of an interval. The offset must be given: a local time alone is not one instant when clocks change. */
export function readStart(cell: string): IntervalStart {
  const at = readInstant(cell);
  const offset = OFFSET.exec(cell)?.[0];
  if (offset === undefined) {
    throw new CellFault("without an offset from UTC, such as Z or +01:00; a local time alone is not one instant");
  }
  return { at, text: cell, offset };
}

/** An instant in UTC, for messages. */
export function writeUtc(at: bigint): string {
  return `${writeInstant(at)}Z`;
}

/**
 * Length of the intervals that begin at these instants: the least step from one to the next.
 *
 * @returns Seconds; undefined where there are less than two instants, or the step is no length of intervals: from one
 * minute to one hour, and a whole part of a day.
 */
export function lengthOf(instants: Iterable<bigint>): bigint | undefined {
  const sorted = [...new Set(instants)].sort((left, right) => (left < right ? -1 : 1));
  let least: bigint | undefined;
  for (const [index, at] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before !== undefined && (least === undefined || at - before < least)) least = at - before;
  }
  return least !== undefined && isLength(least) ? least : undefined;
}

/** Whether intervals can last so many seconds. */
export function isLength(seconds: bigint): boolean {
  return seconds >= SHORTEST && seconds <= LONGEST && SECONDS_PER_DAY % seconds === 0n;
}
