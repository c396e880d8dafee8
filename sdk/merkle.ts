/** Merkle trees over passports, production batches, device logs and fleets: sorted pairs, leaves hashed twice. */
import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { AbiCoder, type BytesLike, keccak256, toUtf8Bytes } from "ethers";

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

/** A Merkle tree over entries, with proofs by the entry's place. */
export class EntryTree<Entry> {
  readonly entries: readonly Entry[];
  readonly #tree: SimpleMerkleTree;

  /**
   * @param entries - At least one.
   * @param leafOf - Leaf of an entry.
   * @param width - Leaves of the tree, filled up with {@link EMPTY_LEAF}; as many as entries when left out.
   * @throws RangeError for no entry, or more than `width`.
   */
  constructor(entries: readonly Entry[], leafOf: (entry: Entry) => string, width: number = entries.length) {
    if (entries.length === 0 || entries.length > width) {
      throw new RangeError(`a tree of ${width} leaves cannot hold ${entries.length} entries; it needs 1 to ${width}`);
    }
    this.entries = entries;
    const empty = new Array<string>(width - entries.length).fill(EMPTY_LEAF);
    this.#tree = SimpleMerkleTree.of([...entries.map(leafOf), ...empty], { sortLeaves: false });
  }

  get root(): string {
    return this.#tree.root;
  }

  /**
   * Proof of one entry.
   *
   * @param index - Its place among the entries, from 0.
   * @throws RangeError for a place without an entry.
   */
  proofOf(index: number): string[] {
    if (this.entries[index] === undefined) {
      throw new RangeError(`there is no entry ${index}; the tree has ${this.entries.length}`);
    }
    return this.#tree.getProof(index);
  }
}

/** A passport: the tree over a pack's salted attributes. The entries with their salts are to be kept off chain. */
export class Passport extends EntryTree<Attribute> {
  readonly #places: ReadonlyMap<string, number>;

  /** @throws RangeError for no attribute or two of one name. */
  constructor(values: readonly AttributeValue[]) {
    const entries = values.map(hashAttribute);
    super(entries, attributeLeaf);
    this.#places = new Map(entries.map(({ id }, index) => [id, index]));
    if (this.#places.size !== entries.length) throw new RangeError("two attributes of the passport have one name");
  }

  /**
   * What `proveAttribute` needs for one attribute.
   *
   * @throws RangeError for a name that is not in the passport.
   */
  prove(name: string): { attribute: Attribute; proof: string[] } {
    const index = this.#places.get(textHash(name));
    const attribute = index === undefined ? undefined : this.entries[index];
    if (index === undefined || attribute === undefined) throw new RangeError(`the passport has no attribute ${name}`);
    return { attribute, proof: this.proofOf(index) };
  }
}

/** A production batch: the tree over packs that are materialised later. */
export class ProductionBatch extends EntryTree<PackData> {
  constructor(packs: readonly PackData[]) {
    super(packs, packLeaf);
  }
}

/** Leaves of a day's tree: the minutes of a day, filled up to a power of two; a proof has 11 hashes. */
export const DAY_WIDTH = 2_048;

/** A device's log of one day: up to 2,048 entries, usually one for each of 1,440 minutes. */
export class DayLog extends EntryTree<LogEntry> {
  constructor(entries: readonly LogEntry[]) {
    super(entries, logLeaf, DAY_WIDTH);
  }
}

/** A fleet's day logs. */
export class FleetTree extends EntryTree<FleetEntry> {
  constructor(entries: readonly FleetEntry[]) {
    super(entries, fleetLeaf);
  }
}

/** Checks a proof as the contracts do. */
export function verifyProof(root: BytesLike, leafHash: BytesLike, proof: readonly BytesLike[]): boolean {
  return SimpleMerkleTree.verify(root, leafHash, [...proof]);
}

function leaf(types: string[], values: unknown[]): string {
  return keccak256(keccak256(AbiCoder.defaultAbiCoder().encode(types, values)));
}
