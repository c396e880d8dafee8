/** Leaves of the trees over passports, production batches, device logs and fleets: hashed twice. */
import { AbiCoder, keccak256, toUtf8Bytes } from "ethers";

import { randomSalt, textHash } from "./packs.js";

/** One attribute of a passport as the contract checks it. */
export interface Attribute {
  /** keccak256 of the attribute's name. */
  readonly id: string;
  /** keccak256 of the UTF-8 bytes of the value's JSON. */
  readonly valueHash: string;
  readonly salt: string;
  /** See {@link AccessTier}. */
  readonly tier: bigint;
}

/** One attribute of a passport in the clear. */
export interface AttributeValue {
  /** Name in the BatteryPass data model, for instance `ratedCapacity`. */
  readonly name: string;
  /** Anything that JSON can hold. */
  readonly value: unknown;
  /** See {@link AccessTier}. */
  readonly tier: bigint;
  /** 32 bytes, different for each attribute; random when left out. */
  readonly salt?: string;
}

/** What a pack is when its passport begins. */
export interface PackData {
  readonly serialHash: string;
  readonly passportRoot: string;
  /** First key of the pack's device; the zero address: none. */
  readonly device: string;
  /** Rated energy when new, Wh. */
  readonly ratedWh: bigint;
  /** Greatest charge or discharge power, W; zero: not stated. */
  readonly ratedPowerW: bigint;
  /** Days since 1 January 1970. */
  readonly madeOnDay: bigint;
  /** See {@link Category}. */
  readonly category: bigint;
}

/** One entry of a device's log of a day. */
export interface LogEntry {
  readonly packId: bigint;
  readonly counter: bigint;
  /** Unix time. */
  readonly takenAt: bigint;
  /** keccak256 of the salted values. */
  readonly payloadHash: string;
}

/** One pack's day in a fleet tree. */
export interface FleetEntry {
  readonly packId: bigint;
  /** Days since 1 January 1970. */
  readonly day: bigint;
  readonly logRoot: string;
  /** Log entries of the day. */
  readonly entryCount: bigint;
}

/** Leaf that fills up a day's tree. */
export const EMPTY_LEAF = textHash("civitas.log.empty");

/** Leaf of an attribute in its passport. */
export function attributeLeaf({ id, valueHash, salt, tier }: Attribute): string {
  return leaf(["bytes32", "bytes32", "bytes32", "uint8"], [id, valueHash, salt, tier]);
}

/** Leaf of a pack in its production batch. */
export function packLeaf(pack: PackData): string {
  const { serialHash, passportRoot, device, ratedWh, ratedPowerW, madeOnDay, category } = pack;
  return leaf(
    ["bytes32", "bytes32", "address", "uint40", "uint32", "uint24", "uint8"],
    [serialHash, passportRoot, device, ratedWh, ratedPowerW, madeOnDay, category],
  );
}

/** Leaf of an entry in its day's log. */
export function logLeaf({ packId, counter, takenAt, payloadHash }: LogEntry): string {
  return leaf(["uint256", "uint48", "uint48", "bytes32"], [packId, counter, takenAt, payloadHash]);
}

/** Leaf of a pack's day in a fleet tree. */
export function fleetLeaf({ packId, day, logRoot, entryCount }: FleetEntry): string {
  return leaf(["uint256", "uint32", "bytes32", "uint32"], [packId, day, logRoot, entryCount]);
}

/** An attribute with its value hashed and, unless it has one, a random salt. */
export function hashAttribute({ name, value, tier, salt = randomSalt() }: AttributeValue): Attribute {
  // JSON has no undefined, which stringify would return as it is.
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError(`the value of attribute ${name} cannot be written as JSON`);
  return { id: textHash(name), valueHash: keccak256(toUtf8Bytes(json)), salt, tier };
}

function leaf(types: string[], values: unknown[]): string {
  return keccak256(keccak256(AbiCoder.defaultAbiCoder().encode(types, values)));
}
