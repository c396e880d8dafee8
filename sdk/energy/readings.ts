/**
 * What the meters of a feeder measured in a day: values, signatures, and proofs out of the two trees under which the
 * chain keeps them. Energy is net draw in Wh, feed-in negative; undefined stands for a missing reading.
 */
import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { type BytesLike, concat, getBytes, hexlify, keccak256, toBeHex, zeroPadValue } from "ethers";

import type { FeederRowStruct } from "../../typechain-types/contracts/energy/market/EnergyMarket.js";
import type { DaySubmissionStruct } from "../../typechain-types/contracts/energy/readings/IMeterReadings.js";
import { type CompactSignature, packSignatures } from "../typedData/compact.js";
import type { FeederReadings } from "../typedData/energy.js";
import { NO_SIGNATURE, type Signature } from "../typedData/messages.js";
import { accountAt } from "./records.js";
import { packInt32 } from "./results.js";

/** The int32 that says that there is no reading. */
export const NO_READING = -(2n ** 31n);

const GREATEST_READING = 2n ** 31n - 1n;
const VALUE_BYTES = 4;
const SIGNATURE_BYTES = 64;
const MOST_METERS = 256;

/** A reading, or undefined where there is none. */
export type Wh = bigint | undefined;

/** Which feeder and day values are of. */
export interface DayPlace {
  readonly feeder: number;
  /** Unix time / 86,400. */
  readonly day: number;
}

/** A column of values with its proof, as `challenge`, `amend` and the certificates take it. */
export interface ColumnProof {
  /** One int32 for each interval, in hexadecimal form. */
  readonly values: string;
  readonly proof: string[];
}

/** The first interval of a day. */
export function firstIntervalOf(day: number, intervalsPerDay: number): number {
  return day * intervalsPerDay;
}

/** The day that an interval is in. */
export function dayOfInterval(interval: number, intervalsPerDay: number): number {
  return Math.floor(interval / intervalsPerDay);
}

/** Values of a meter's day as int32, in hexadecimal form. */
export function packValues(values: readonly Wh[]): string {
  return concat(values.map(packValue));
}

/**
 * Reads int32 values.
 *
 * @throws RangeError for bytes that are not whole values.
 */
export function unpackValues(values: BytesLike): Wh[] {
  const bytes = getBytes(values);
  if (bytes.length % VALUE_BYTES !== 0) throw new RangeError(`${bytes.length} bytes are not whole values of 4 bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / VALUE_BYTES }, (_, index) => {
    const value = BigInt(view.getInt32(index * VALUE_BYTES));
    return value === NO_READING ? undefined : value;
  });
}

function packValue(value: Wh): string {
  if (value === undefined) return packInt32(NO_READING);
  if (value <= NO_READING || value > GREATEST_READING) {
    const limits = `${(NO_READING + 1n).toString()} to ${GREATEST_READING.toString()}`;
    throw new RangeError(`a reading of ${value.toString()} Wh; it can be ${limits}`);
  }
  return packInt32(value);
}

/** All values of a feeder's day, with both trees. */
export class FeederDayValues implements DayPlace {
  readonly feeder: number;
  readonly day: number;
  /** For each interval of the day in order, for each meter in the order of their ids. */
  readonly rows: readonly (readonly Wh[])[];
  #rowTree: SimpleMerkleTree | undefined;
  #columnTree: SimpleMerkleTree | undefined;

  /** @throws RangeError for no interval, no meter, more than 256 meters, and rows of different lengths. */
  constructor({ feeder, day }: DayPlace, rows: readonly (readonly Wh[])[]) {
    const meters = rows[0]?.length ?? 0;
    if (meters === 0) throw new RangeError(`feeder ${feeder} has no values on day ${day}`);
    if (meters > MOST_METERS) {
      throw new RangeError(`feeder ${feeder} has ${meters} meters on day ${day}; it can have ${MOST_METERS}`);
    }
    for (const [index, row] of rows.entries()) {
      if (row.length !== meters) {
        throw new RangeError(`interval ${index} of day ${day} has ${row.length} values, the first has ${meters}`);
      }
    }
    this.feeder = feeder;
    this.day = day;
    this.rows = rows;
  }

  /** From the bytes of a ReadingsAccepted event, and the number of intervals in a day. */
  static of(place: DayPlace, intervalsPerDay: number, values: BytesLike): FeederDayValues {
    const all = unpackValues(values);
    const meters = all.length / intervalsPerDay;
    if (!Number.isInteger(meters)) {
      throw new RangeError(`${all.length} values are not whole rows for ${intervalsPerDay} intervals`);
    }
    const rows = Array.from({ length: intervalsPerDay }, (_, index) => all.slice(index * meters, (index + 1) * meters));
    return new FeederDayValues(place, rows);
  }

  get meterCount(): number {
    return this.rows[0]?.length ?? 0;
  }

  get intervalsPerDay(): number {
    return this.rows.length;
  }

  /** As `submit` takes them, in hexadecimal form. */
  get bytes(): string {
    return packValues(this.rows.flat());
  }

  /** Root over the rows. */
  get rowsRoot(): string {
    return this.#rowsTree().root;
  }

  /** Root over the columns. */
  get columnsRoot(): string {
    return this.#columnsTree().root;
  }

  /** Net draw of a meter in an interval; undefined for a missing reading, and for a meter or interval that is not in it. */
  whAt(position: number, interval: number): Wh {
    return this.rows[this.#indexOf(interval)]?.[position];
  }

  /** Values of a meter, in hexadecimal form: what the meter signs. */
  column(position: number): string {
    return packValues(this.rows.map((row) => row[position]));
  }

  /**
   * A row with its proof, as the market takes it.
   *
   * @param interval - Number of the interval, of this day.
   * @throws RangeError for an interval of another day.
   */
  row(interval: number): FeederRowStruct & { values: string; proof: string[] } {
    const index = this.#indexOf(interval);
    const row = this.rows[index];
    if (row === undefined) throw new RangeError(`interval ${interval} is not of day ${this.day}`);
    return { values: packValues(row), proof: this.#rowsTree().getProof(index) };
  }

  /**
   * A meter's day with its proof.
   *
   * @throws RangeError for a meter that is not in it.
   */
  columnProof(position: number): ColumnProof {
    if (position >= this.meterCount) {
      throw new RangeError(
        `feeder ${this.feeder} has ${this.meterCount} meters on day ${this.day}, not ${position + 1}`,
      );
    }
    return { values: this.column(position), proof: this.#columnsTree().getProof(position) };
  }

  #indexOf(interval: number): number {
    return interval - firstIntervalOf(this.day, this.intervalsPerDay);
  }

  #rowsTree(): SimpleMerkleTree {
    const first = firstIntervalOf(this.day, this.intervalsPerDay);
    return (this.#rowTree ??= treeOf(this.rows.map((row, index) => leafOf(first + index, packValues(row)))));
  }

  #columnsTree(): SimpleMerkleTree {
    const columns = Array.from({ length: this.meterCount }, (_, position) =>
      leafOf(accountAt(this.feeder, position), this.column(position)),
    );
    return (this.#columnTree ??= treeOf(columns));
  }
}

/** Which meters signed a day. */
export interface MeterWords {
  /** Of each meter in the order of their ids, undefined for one that did not sign; none when left out. */
  readonly meters?: readonly (CompactSignature | undefined)[];
  /** Values and signature of the meter at the head of the feeder, where there is one. */
  readonly head?: { readonly values: readonly Wh[]; readonly signature: CompactSignature };
}

/** Who signed a day. */
export interface DaySignatures extends MeterWords {
  readonly operator?: Signature;
  readonly gridOperator?: Signature;
}

/**
 * What operator and grid operator sign of a day, once its meters have signed: their signatures are part of it.
 *
 * @throws RangeError for another number of meters' signatures than meters.
 */
export function feederReadings(values: FeederDayValues, { meters, head }: MeterWords = {}): FeederReadings {
  if (meters !== undefined && meters.length !== values.meterCount) {
    throw new RangeError(`${meters.length} signatures for ${values.meterCount} meters of feeder ${values.feeder}`);
  }
  const none = zeroPadValue("0x", SIGNATURE_BYTES);
  return {
    feeder: values.feeder,
    day: values.day,
    values: values.bytes,
    headValues: head === undefined ? "0x" : packValues(head.values),
    meterSignatures: concat((meters ?? []).map((one) => (one === undefined ? none : packSignatures([one])))),
  };
}

/**
 * A day as `submit` takes it.
 *
 * @throws RangeError for another number of meters' signatures than meters.
 */
export function daySubmission(values: FeederDayValues, signatures: DaySignatures): DaySubmissionStruct {
  const { operator = NO_SIGNATURE, gridOperator = NO_SIGNATURE, head } = signatures;
  return {
    ...feederReadings(values, signatures),
    headSignature: head === undefined ? "0x" : packSignatures([head.signature]),
    operatorSignature: operator,
    gridOperatorSignature: gridOperator,
  };
}

/** Bits of intervals of a day, as `challenge` and the certificates take them: bit n for the n-th of the day. */
export function intervalBits(day: number, intervalsPerDay: number, intervals: readonly number[]): bigint {
  const first = firstIntervalOf(day, intervalsPerDay);
  return intervals.reduce((bits, interval) => {
    const index = interval - first;
    if (index < 0 || index >= intervalsPerDay) throw new RangeError(`interval ${interval} is not of day ${day}`);
    return bits | (1n << BigInt(index));
  }, 0n);
}

function leafOf(number: number, values: string): string {
  return keccak256(keccak256(concat([toBeHex(number, VALUE_BYTES), values])));
}

function treeOf(leaves: readonly string[]): SimpleMerkleTree {
  return SimpleMerkleTree.of(
    leaves.map((leaf) => hexlify(leaf)),
    { sortLeaves: false },
  );
}
