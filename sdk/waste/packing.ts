/** Whole numbers side by side in bytes, as the contracts read and log them. */
import { type BytesLike, concat, getBytes, hexlify, toBeHex } from "ethers";

/** A value is outside what its field holds, or bytes are no whole records. */
export class FieldError extends RangeError {
  override readonly name = "FieldError";
}

/**
 * A whole number checked against its limits.
 *
 * @param name - What the message calls it.
 * @throws FieldError for a value outside, or not whole.
 */
export function checkField(name: string, value: bigint | number, least: bigint, greatest: bigint): bigint {
  if (typeof value === "number" && !Number.isInteger(value)) throw new FieldError(`${name} ${value} is not whole`);
  const whole = BigInt(value);
  if (whole < least || whole > greatest) {
    throw new FieldError(`${name} ${whole.toString()} is not ${least.toString()} to ${greatest.toString()}`);
  }
  return whole;
}

/** Greatest number of so many bits. */
export function maxOf(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}

/**
 * A field of so many bits.
 *
 * @throws FieldError for a value that does not fit.
 */
export function field(name: string, value: bigint | number, bits: number): bigint {
  return checkField(name, value, 0n, maxOf(bits));
}

const BITS_PER_BYTE = 8;

/** A number of so many bytes, in hexadecimal form. */
export function bytesOf(name: string, value: bigint | number, bytes: number): string {
  return toBeHex(field(name, value, bytes * BITS_PER_BYTE), bytes);
}

/** Container ids as routes have them: uint32 each, in hexadecimal form. */
export function packIds(ids: readonly number[]): string {
  return concat(ids.map((id) => bytesOf("container", id, ID_BYTES)));
}

/**
 * Reads container ids.
 *
 * @throws FieldError for bytes that are no whole ids.
 */
export function unpackIds(ids: BytesLike): number[] {
  return recordsIn(ids, ID_BYTES).map((record) => Number(BigInt(hexlify(record))));
}

const ID_BYTES = 4;

/**
 * Records of one length that lie side by side.
 *
 * @throws FieldError for bytes that are no whole records.
 */
export function recordsIn(data: BytesLike, length: number): Uint8Array[] {
  const bytes = getBytes(data);
  if (bytes.length % length !== 0) {
    throw new FieldError(`${bytes.length} bytes are no whole records of ${length}`);
  }
  return Array.from({ length: bytes.length / length }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  );
}

/** The numbers in a record whose fields have these widths in bytes. */
export function fieldsIn(record: Uint8Array, widths: readonly number[]): bigint[] {
  let at = 0;
  return widths.map((width) => {
    const value = BigInt(hexlify(record.subarray(at, at + width)));
    at += width;
    return value;
  });
}
