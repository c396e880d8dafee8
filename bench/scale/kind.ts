/** What is measured of a kind of item. */
import type { Load } from "./chain.js";
import type { Stage } from "./stage.js";

/** A measured step, once everything that it needs stands. */
export interface Step {
  /** Name of its row. */
  readonly name: string;
  /** What one item is. */
  readonly item: string;
  /** Hashes in the Merkle proofs of an item, 0 where it brings none. */
  readonly hashes: number;
  /** Items of a full transaction; the gas of an item is told from those, where there are any. */
  readonly fullBatch: number;
  /** Whether it costs the same for any number of items. */
  readonly fixed?: true;
  /** Most items that the contract takes in one transaction; left out where only gas bounds it. */
  readonly most?: number;
  /** Transactions in their order, built and signed when they are asked for. */
  loads(): Iterable<Load> | AsyncIterable<Load>;
  /** Fails unless all items happened. */
  check?(): Promise<void>;
}

/** Something that was prepared, and what is measured then, step by step. */
export interface Plan {
  /** What the preparation made, in words. */
  readonly prepared: string;
  readonly steps: AsyncIterable<Step> | Iterable<Step>;
}

/** A kind of items that residents make. */
export interface Kind {
  /** Names of the rows that it gives. */
  readonly rows: readonly string[];
  /** What one resident stands for. */
  readonly resident: string;
  prepare(stage: Stage, residents: number): Promise<Plan>;
}
