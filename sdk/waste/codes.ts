/**
 * The List of Waste (Commission Decision 2000/532/EC) and the operations of recovery and disposal (Annexes I and II of
 * Directive 2008/98/EC) as the contracts number them: 15 01 06 is 150106, R1 to R13 are 1 to 13, D1 to D15 are 101 to 115.
 */
import { EntryType, Fate } from "../enums.js";
import { slices } from "../slices.js";

/** An entry of the list, as `MaterialCodes` takes it. */
export interface Material {
  /** Six digits as a number. */
  readonly code: number;
  /** See {@link EntryType}. */
  readonly entryType: bigint;
  /** First day on which waste may be given this code, days since 1 January 1970; zero: always. */
  readonly fromDay: number;
  /** Last such day; zero: without end. */
  readonly toDay: number;
}

/** A change of an entry's type, as `MaterialCodes` is told of it. */
export interface Reclassification {
  /** Six digits as a number. */
  readonly code: number;
  /** Type from the day on, see {@link EntryType}. */
  readonly entryType: bigint;
  /** First day with it, days since 1 January 1970. */
  readonly fromDay: number;
}

/** Most entries that `MaterialCodes` takes in one call. */
export const MAX_CODES_PER_CALL = 400;

const CODE = /^(\d{2}) ?(\d{2}) ?(\d{2}) ?\*?$/;
const CODE_DIGITS = 6;
const CHAPTER_SHARE = 10_000;
const CHAPTERS = 20;
const OPERATION = /^([RD])(\d{1,2})$/;
const LAST_RECOVERY = 13;
const DISPOSAL_BASE = 100;
const LAST_DISPOSAL = 15;
const MS_PER_DAY = 86_400_000;

/**
 * A code as a number.
 *
 * @param text - Six digits, with or without spaces, with or without the asterisk of a hazardous entry: `16 06 01*`.
 * @throws RangeError for anything else, and for a chapter beyond 20.
 */
export function wasteCode(text: string): number {
  const match = CODE.exec(text.trim());
  const code = match === null ? 0 : Number(match.slice(1).join(""));
  return checkCode(code, text);
}

/**
 * A code as it is written: `15 01 06`.
 *
 * @throws RangeError for a number that is none.
 */
export function wasteCodeText(code: number): string {
  const digits = checkCode(code, code.toString()).toString().padStart(CODE_DIGITS, "0");
  return digits.replace(/^(..)(..)(..)$/, "$1 $2 $3");
}

/** Chapter of a code, 1 to 20. */
export function chapterOf(code: number): number {
  return Math.floor(code / CHAPTER_SHARE);
}

function checkCode(code: number, text: string): number {
  const chapter = chapterOf(code);
  if (!Number.isInteger(code) || chapter < 1 || chapter > CHAPTERS) {
    throw new RangeError(`${JSON.stringify(text)} is no code of six digits in the chapters 01 to ${CHAPTERS}`);
  }
  return code;
}

/** Whether an entry of this type is hazardous. */
export function isHazardousType(entryType: bigint): boolean {
  return entryType === EntryType.AbsoluteHazardous || entryType === EntryType.MirrorHazardous;
}

/** Whether waste may be given an entry's code on a day. */
export function isValidOn({ entryType, fromDay, toDay }: Material, day: number): boolean {
  return entryType !== EntryType.None && day >= fromDay && (toDay === 0 || day <= toDay);
}

/**
 * Type that an entry has on a day. `MaterialCodes` knows only the latest of its changes, and judges days before that by
 * the type just before it, so it agrees with this from the change before the latest on.
 *
 * @param entry - With the type that it has before any of the changes.
 * @param changes - In any order; of other entries too. Without those that were replaced or withdrawn before their day, which
 * events tell as well.
 */
export function typeOn({ code, entryType }: Material, day: number, changes: readonly Reclassification[]): bigint {
  const past = changes.filter((change) => change.code === code && change.fromDay <= day);
  const latest = past.reduce<Reclassification | undefined>(
    (found, change) => (found === undefined || change.fromDay >= found.fromDay ? change : found),
    undefined,
  );
  return latest?.entryType ?? entryType;
}

/**
 * A list as `MaterialCodes` can take it on a day: entries have the type of that day, and of changes are left those that are
 * still to come, of entries in the list, to another type. `reclassify` takes them after the list is loaded.
 *
 * @param list - Entries with the types that they have before any of the changes.
 * @param changes - At most one of an entry that is still to come, which is what the contract keeps.
 * @param today - Day of the call, days since 1 January 1970.
 * @throws RangeError for two changes of one entry that are both to come.
 */
export function materialsOn(
  list: readonly Material[],
  changes: readonly Reclassification[],
  today: number,
): { materials: Material[]; ahead: Reclassification[] } {
  const materials = list.map((entry) => ({ ...entry, entryType: typeOn(entry, today, changes) }));
  const types = new Map(materials.map(({ code, entryType }) => [code, entryType]));
  const toCome = changes.filter(({ code, fromDay }) => fromDay > today && types.has(code));
  const codes = new Set<number>();
  for (const { code } of toCome) {
    // Whatever their types: a second one may undo the first, and is not to be lost.
    if (codes.has(code)) throw new RangeError(`two changes of code ${wasteCodeText(code)} are to come`);
    codes.add(code);
  }
  const ahead = toCome.filter(({ code, entryType }) => types.get(code) !== entryType);
  return { materials, ahead };
}

/**
 * Entries in calls of at most 400, in rising order of their codes, which shares storage and costs least.
 *
 * @throws RangeError for two entries of one code.
 */
export function materialBatches(entries: readonly Material[]): Material[][] {
  const sorted = [...entries].sort((left, right) => left.code - right.code);
  for (const [index, { code }] of sorted.entries()) {
    if (sorted[index - 1]?.code === code) throw new RangeError(`two entries of code ${wasteCodeText(code)}`);
  }
  return slices(sorted, MAX_CODES_PER_CALL);
}

/**
 * Days since 1 January 1970 of a date such as 2026-12-09.
 *
 * @throws RangeError for what is no date.
 */
export function dayOfDate(date: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || !new Date(at).toISOString().startsWith(date)) {
    throw new RangeError(`${date} is no date such as 2026-12-09`);
  }
  return at / MS_PER_DAY;
}

// --- operations

/**
 * Number of an operation such as `R3` or `D10`.
 *
 * @throws RangeError for one that there is not.
 */
export function operationOf(text: string): number {
  const [, list, digits] = OPERATION.exec(text.trim()) ?? [];
  const number = Number(digits);
  const limit = list === "R" ? LAST_RECOVERY : LAST_DISPOSAL;
  if (list === undefined || number < 1 || number > limit) {
    throw new RangeError(`${JSON.stringify(text)} is none of R1 to R${LAST_RECOVERY} and D1 to D${LAST_DISPOSAL}`);
  }
  return list === "R" ? number : DISPOSAL_BASE + number;
}

/**
 * An operation as it is written: `R3`.
 *
 * @throws RangeError for a number that is none.
 */
export function operationText(op: number): string {
  if (!isOperation(op)) {
    throw new RangeError(
      `${op} is no operation: R1 to R13 are 1 to ${LAST_RECOVERY}, D1 to D15 are ${DISPOSAL_BASE + 1} to ` +
        `${DISPOSAL_BASE + LAST_DISPOSAL}`,
    );
  }
  return op > DISPOSAL_BASE ? `D${op - DISPOSAL_BASE}` : `R${op}`;
}

/** Whether there is such an operation. */
export function isOperation(op: number): boolean {
  const number = op > DISPOSAL_BASE ? op - DISPOSAL_BASE : op;
  return Number.isInteger(op) && number >= 1 && number <= (op > DISPOSAL_BASE ? LAST_DISPOSAL : LAST_RECOVERY);
}

/** Operations after which nothing is left to be done, by what they make of waste: twin of `WasteOperations.fateOf`. */
const FINAL_OPERATIONS: ReadonlyMap<string, bigint> = new Map([
  ...["R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9"].map((op) => [op, Fate.Recycled] as const),
  ...["R1", "R10", "R11"].map((op) => [op, Fate.Recovered] as const),
  ...["D1", "D2", "D3", "D4", "D5", "D6", "D7", "D10", "D11", "D12"].map((op) => [op, Fate.Disposed] as const),
]);

/**
 * What an operation makes of waste in the end, see {@link Fate}: `None` for storage, exchange and treatment, after which
 * waste is still waste, and for a number that is no operation.
 */
export function fateOf(op: number): bigint {
  return isOperation(op) ? (FINAL_OPERATIONS.get(operationText(op)) ?? Fate.None) : Fate.None;
}
