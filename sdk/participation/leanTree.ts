/** Append-only Merkle trees without empty leaves, in the form of zk-kit's LeanIMT, or padded. */

/** Hash of a left and a right node. */
export type PairHash = (left: bigint, right: bigint) => bigint;

/** A leaf that a tree has not, or a leaf that cannot be put into it. */
export class LeanTreeError extends RangeError {
  override readonly name = "LeanTreeError";
  /** Place that was asked for. */
  readonly index: number;
  /** Leaves that the tree has. */
  readonly size: number;

  constructor(index: number, size: number) {
    super(`The tree has ${size} leaves, none at place ${index}.`);
    this.index = index;
    this.size = size;
  }
}

/** A leaf with all that it takes to find the root. */
export interface LeanProof {
  readonly root: bigint;
  readonly leaf: bigint;
  /** Which siblings are on the left: bit i stands for sibling i. As Semaphore wants it; not the leaf's place. */
  readonly index: number;
  /** Siblings from below, of those levels where there is one; of a padded tree, of all levels. */
  readonly siblings: bigint[];
}

/**
 * A tree with all its nodes. A node without a right sibling is its parent too; in a padded tree it has a zero for its right
 * sibling, so that all leaves are as deep.
 */
export class LeanTree {
  readonly #hash: PairHash;
  readonly #padded: boolean;
  readonly #levels: [bigint[], ...bigint[][]] = [[]];

  /**
   * @param hash - Hash of two nodes.
   * @param leaves - First leaves.
   * @param padded - Whether it is padded.
   */
  constructor(hash: PairHash, leaves: readonly bigint[] = [], padded = false) {
    this.#hash = hash;
    this.#padded = padded;
    this.insert(leaves);
  }

  /** Leaves, cleared ones included. */
  get size(): number {
    return this.leaves.length;
  }

  /** Levels above the leaves. */
  get depth(): number {
    return this.#levels.length - 1;
  }

  /** Zero: there is no leaf, or a single one that was cleared. */
  get root(): bigint {
    return this.#levels.at(-1)?.[0] ?? 0n;
  }

  /** All leaves; zero: cleared. */
  get leaves(): readonly bigint[] {
    return this.#levels[0];
  }

  /** Adds leaves at the end. */
  insert(leaves: readonly bigint[]): void {
    const first = this.size;
    for (const leaf of leaves) this.#levels[0].push(leaf);
    if (leaves.length > 0) this.#climb(first, this.size - 1);
  }

  /**
   * Makes a leaf zero.
   *
   * @throws LeanTreeError for a place that the tree has not.
   */
  clear(index: number): void {
    this.#check(index);
    this.#levels[0][index] = 0n;
    this.#climb(index, index);
  }

  /**
   * Siblings of a leaf from below, of those levels where there is one.
   *
   * @throws LeanTreeError for a place that the tree has not.
   */
  pathOf(index: number): bigint[] {
    return [...this.#siblingsOf(index)].flatMap(({ sibling }) => sibling ?? []);
  }

  /**
   * A leaf, its siblings, and where they stand.
   *
   * @throws LeanTreeError for a place that the tree has not.
   */
  proofOf(index: number): LeanProof {
    const siblings: bigint[] = [];
    let sides = 0;
    for (const { sibling, onLeft } of this.#siblingsOf(index)) {
      if (onLeft) sides += 2 ** siblings.length;
      if (sibling !== undefined) siblings.push(sibling);
      else if (this.#padded) siblings.push(0n);
    }
    return { root: this.root, leaf: this.leaves[index] ?? 0n, index: sides, siblings };
  }

  *#siblingsOf(index: number): Generator<{ readonly sibling: bigint | undefined; readonly onLeft: boolean }> {
    this.#check(index);
    for (let level = 0; level < this.depth; level++) {
      const place = Math.floor(index / 2 ** level);
      yield { sibling: this.#levels[level]?.[place ^ 1], onLeft: place % 2 === 1 };
    }
  }

  /** Reckons the nodes above leaves from one place to another. */
  #climb(first: number, last: number): void {
    let [from, to] = [first, last];
    let nodes = this.#levels[0];
    for (let level = 1; nodes.length > 1; level++) {
      const parents = (this.#levels[level] ??= []);
      [from, to] = [Math.floor(from / 2), Math.floor(to / 2)];
      for (let place = from; place <= to; place++) {
        const [left = 0n, right] = nodes.slice(2 * place, 2 * place + 2);
        parents[place] = right === undefined && !this.#padded ? left : this.#hash(left, right ?? 0n);
      }
      nodes = parents;
    }
  }

  #check(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.size) throw new LeanTreeError(index, this.size);
  }
}
