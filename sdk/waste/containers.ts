/**
 * Readings of containers: how they travel, alone and in batches, and the twin of what `Containers` makes of them. Fill is
 * basis points, instants are Unix time.
 */
import { type BytesLike, concat, dataSlice, hexlify, keccak256 } from "ethers";

import { BinStatus, FillFault } from "../enums.js";
import { type CompactSignature, packSignatures } from "../typedData/compact.js";
import type { TypedDataSigner } from "../typedData/messages.js";
import { type Fill, type HasContainers, signFill } from "../typedData/waste.js";
import { bytesOf, checkField, FieldError, fieldsIn, packIds, recordsIn } from "./packing.js";

/** Most readings of `reportMany`. */
export const MAX_SIGNED_FILLS = 200;
/** Most readings of `reportPacked`. */
export const MAX_PACKED_FILLS = 400;
/** Most stops of a route. */
export const MAX_STOPS = 500;
/** A container that is full, basis points. */
export const FULL_BP = 10_000;
/** Fall without a ticket that counts as an emptying nobody recorded, basis points. */
export const UNRECORDED_FALL_BP = 3_000;
/** Seconds by which a device's clock may be ahead. */
export const CLOCK_LEAD = 300n;

const FILL_WIDTHS = [4, 4, 5, 2] as const;
const FILL_BYTES = 15;
const SIGNED_FILL_BYTES = 79;
const STOPS_HASH_BYTES = 14;

/** A reading with its device's signature. */
export interface SignedFill {
  readonly fill: Fill;
  readonly signature: CompactSignature;
}

/**
 * Signs a reading with its device's key.
 *
 * @throws FieldError for a member that does not fit, or a fill above 10,000 basis points.
 */
export async function signedFill(city: HasContainers, device: TypedDataSigner, fill: Fill): Promise<SignedFill> {
  packFill(fill);
  return { fill, signature: await signFill(city, device, fill) };
}

/**
 * A reading as a gateway brings it and events log it: container uint32, counter uint32, time uint40, fill uint16.
 *
 * @throws FieldError for a member that does not fit, or a fill above 10,000 basis points.
 */
export function packFill({ binId, counter, takenAt, fillBp }: Fill): string {
  checkField("fill", fillBp, 0n, BigInt(FULL_BP));
  const [id, count, time, fill] = FILL_WIDTHS;
  return concat([
    bytesOf("container", binId, id),
    bytesOf("counter", counter, count),
    bytesOf("time", takenAt, time),
    bytesOf("fill", fillBp, fill),
  ]);
}

/**
 * Readings as `reportPacked` takes them from a gateway, 15 bytes each.
 *
 * @throws FieldError for none or more than 400, and as {@link packFill}.
 */
export function packFills(fills: readonly Fill[]): string {
  checkField("number of readings", fills.length, 1n, BigInt(MAX_PACKED_FILLS));
  return concat(fills.map(packFill));
}

/**
 * Readings with their signatures as `reportMany` takes them, 79 bytes each.
 *
 * @throws FieldError for none or more than 200, and as {@link packFill}.
 */
export function packSignedFills(fills: readonly SignedFill[]): string {
  checkField("number of signed readings", fills.length, 1n, BigInt(MAX_SIGNED_FILLS));
  return concat(fills.flatMap(({ fill, signature }): BytesLike[] => [packFill(fill), packSignatures([signature])]));
}

/**
 * Reads readings that lie side by side, for instance of an event `FillsReported`.
 *
 * @throws FieldError for bytes that are no whole readings.
 */
export function unpackFills(data: BytesLike): Fill[] {
  return recordsIn(data, FILL_BYTES).map(fillIn);
}

/**
 * Reads signed readings.
 *
 * @throws FieldError for bytes that are no whole readings.
 */
export function unpackSignedFills(data: BytesLike): SignedFill[] {
  return recordsIn(data, SIGNED_FILL_BYTES).map((record) => {
    const r = FILL_BYTES;
    const vs = r + 32;
    const signature = { r: hexlify(record.subarray(r, vs)), vs: hexlify(record.subarray(vs)) };
    return { fill: fillIn(record), signature };
  });
}

function fillIn(record: Uint8Array): Fill {
  const [binId = 0n, counter = 0n, takenAt = 0n, fillBp = 0n] = fieldsIn(record, FILL_WIDTHS);
  return { binId: Number(binId), counter: Number(counter), takenAt, fillBp: Number(fillBp) };
}

/**
 * Containers of a route as `planRoute` takes them.
 *
 * @throws FieldError for none or more than 500, and for a number that is none of a container.
 */
export function packStops(binIds: readonly number[]): string {
  checkField("number of stops", binIds.length, 1n, BigInt(MAX_STOPS));
  return packIds(binIds);
}

/** What a route keeps of its stops: the first 14 bytes of keccak256 over their ids. */
export function stopsHash(binIds: readonly number[]): string {
  return dataSlice(keccak256(packStops(binIds)), 0, STOPS_HASH_BYTES);
}

// --- twin

/** What a container's device said last, as far as readings need it. */
export interface BinState {
  /** Greatest of a message of the device; zero: none yet. */
  readonly counter: number;
  /** Of the latest message. */
  readonly takenAt: bigint;
  readonly fillBp: number;
  /** Fill at which it wants to be emptied, 1 to 10,000. */
  readonly alertBp: number;
  /** See {@link BinStatus}. */
  readonly status: bigint;
}

/** What a reading comes to. */
export interface FillOutcome {
  /** See {@link FillFault}; None: the reading is recorded. */
  readonly fault: bigint;
  /** The container behind it; as before where the reading is refused. */
  readonly state: BinState;
  /** It rose to its alert level or above, from below. */
  readonly alert: boolean;
  /** It fell by 3,000 basis points or more, and no ticket was brought. */
  readonly unrecordedEmptying: boolean;
}

/**
 * What `Containers` makes of a reading: its checks in their order, the alert, and an emptying without a ticket.
 *
 * @param state - The container; undefined: there is none.
 * @param fill - The reading.
 * @param now - Unix time of the call.
 * @param signedByDevice - Whether the container's device signed it, or a gateway answers for it.
 */
export function reportFill(
  state: BinState | undefined,
  { counter, takenAt, fillBp }: Pick<Fill, "counter" | "takenAt" | "fillBp">,
  now: bigint,
  signedByDevice = true,
): FillOutcome {
  const fault = faultOf(state, { counter, takenAt, fillBp }, now, signedByDevice);
  const before = state ?? NO_BIN;
  if (fault !== FillFault.None) return { fault, state: before, alert: false, unrecordedEmptying: false };
  return {
    fault,
    state: { ...before, counter, takenAt, fillBp },
    alert: before.fillBp < before.alertBp && fillBp >= before.alertBp,
    unrecordedEmptying: before.fillBp - fillBp >= UNRECORDED_FALL_BP,
  };
}

const NO_BIN: BinState = { counter: 0, takenAt: 0n, fillBp: 0, alertBp: 0, status: BinStatus.None };

function faultOf(
  state: BinState | undefined,
  { counter, takenAt, fillBp }: Pick<Fill, "counter" | "takenAt" | "fillBp">,
  now: bigint,
  signedByDevice: boolean,
): bigint {
  if (state === undefined || state.status === BinStatus.None) return FillFault.UnknownBin;
  if (state.status !== BinStatus.Active) return FillFault.BinNotActive;
  if (counter <= state.counter) return FillFault.CounterNotIncreasing;
  if (takenAt < state.takenAt) return FillFault.TimeBackwards;
  if (takenAt > now + CLOCK_LEAD) return FillFault.TimeInFuture;
  if (fillBp > FULL_BP) return FillFault.OutOfRange;
  return signedByDevice ? FillFault.None : FillFault.BadDeviceSignature;
}

/**
 * A container behind a ticket: empty, unless a reading taken after the emptying says something else.
 *
 * @param state - The container.
 * @param ticket - Counter and time on the ticket.
 */
export function emptyBin(state: BinState, { counter, takenAt }: Pick<Fill, "counter" | "takenAt">): BinState {
  if (takenAt < state.takenAt) return state;
  return { ...state, counter: Math.max(counter, state.counter), takenAt, fillBp: 0 };
}

/** Whether a container wants to be emptied and can be. */
export function needsCollection({ fillBp, alertBp, status }: BinState): boolean {
  return fillBp >= alertBp && (status === BinStatus.Active || status === BinStatus.Suspended);
}

/**
 * Most mass that fits into a container, grams; undefined: its record sets no bound.
 *
 * @param capacityL - Litres.
 * @param maxGramsPerL - Greatest mass of a litre; zero: no bound.
 * @throws FieldError for a negative number.
 */
export function mostGramsIn(capacityL: number, maxGramsPerL: number): bigint | undefined {
  if (capacityL < 0 || maxGramsPerL < 0) throw new FieldError(`${capacityL} l of ${maxGramsPerL} g are negative`);
  return maxGramsPerL === 0 ? undefined : BigInt(capacityL) * BigInt(maxGramsPerL);
}
