/** Merkle trees over passports, production batches, device logs and fleets: sorted pairs, leaves hashed twice. */
import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import type { BytesLike } from "ethers";

import {
  type Attribute,
  attributeLeaf,
  type AttributeValue,
  EMPTY_LEAF,
  type FleetEntry,
  fleetLeaf,
  hashAttribute,
  type LogEntry,
  logLeaf,
  type PackData,
  packLeaf,
} from "./leaves.js";
import { textHash } from "./packs.js";

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
