const WORD = 64n;
const MASK = (1n << WORD) - 1n;

/** Numbers that look random and are the same in every run (splitmix64). */
export class Random {
  #state: bigint;

  /** @param seed - Any whole number; its lowest 64 bits count. */
  constructor(seed: number | bigint) {
    this.#state = BigInt(seed) & MASK;
  }

  /** A number of this many bits. */
  bits(width: bigint): bigint {
    let value = 0n;
    for (let got = 0n; got < width; got += WORD) value = (value << WORD) | this.#word();
    return value & ((1n << width) - 1n);
  }

  /** A number from `low` to `high`, both included. */
  between(low: bigint, high: bigint): bigint {
    // Modulo bias does not matter to a search.
    return low + (this.bits(WORD * 5n) % (high - low + 1n));
  }

  /** A small whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Number(this.#word() % BigInt(high - low + 1));
  }

  /** One of several. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[Number(this.between(0n, BigInt(items.length - 1)))] ?? items[0];
  }

  /** A number below two to the power of `width`: small, large, beside a power of two, or of any size. */
  edgy(width: bigint): bigint {
    const max = (1n << width) - 1n;
    const power = 1n << this.between(0n, width - 1n);
    const value = this.pick([
      () => this.between(0n, 2n),
      () => max - this.between(0n, 2n),
      () => power + this.between(0n, 2n) - 1n,
      () => this.bits(this.between(1n, width)),
      () => this.bits(width),
    ])();
    return value > max ? max : value;
  }

  /** One of some instants or a second beside it, at least zero. */
  around(instants: readonly [bigint, ...bigint[]]): bigint {
    const value = this.pick(instants) + this.between(0n, 2n) - 1n;
    return value < 0n ? 0n : value;
  }

  #word(): bigint {
    this.#state = (this.#state + 0x9e3779b97f4a7c15n) & MASK;
    let mixed = this.#state;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK;
    return mixed ^ (mixed >> 31n);
  }
}
