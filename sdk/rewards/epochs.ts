/** Rewards of many people under one root: a standard tree of OpenZeppelin over epoch, number, account and amount. */
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { getAddress } from "ethers";

import { checkField, field, FieldError, maxOf } from "../waste/packing.js";

/** One reward of an epoch. */
export interface EpochReward {
  /** Number of the leaf, different for each; consecutive ones share storage when they are claimed. */
  readonly index: bigint;
  /** Who gets it. */
  readonly to: string;
  /** Millionths of a token, above zero. */
  readonly amount: bigint;
}

/** A reward with its proof, as `claimFromEpoch` takes it. */
export interface ProvenReward extends EpochReward {
  /** Epoch that gives it. */
  readonly epochId: bigint;
  readonly proof: string[];
}

/** An epoch as it is published. Numbers are texts, because JSON keeps them as floats. */
export interface EpochJson {
  readonly epochId: string;
  readonly rewards: readonly { readonly index: string; readonly to: string; readonly amount: string }[];
}

/** Two rewards of an epoch have one number, so only one of them could be claimed. */
export class DuplicateIndexError extends RangeError {
  override readonly name = "DuplicateIndexError";
  readonly index: bigint;

  constructor(index: bigint) {
    super(`two rewards of the epoch have the number ${index.toString()}`);
    this.index = index;
  }
}

/** An epoch is worth more than one can be. */
export class EpochTotalError extends RangeError {
  override readonly name = "EpochTotalError";
  readonly total: bigint;
  readonly limit: bigint;

  constructor(total: bigint, limit: bigint) {
    super(`the rewards of the epoch sum up to ${total.toString()}; the limit is ${limit.toString()}`);
    this.total = total;
    this.limit = limit;
  }
}

const LEAF = ["uint40", "uint256", "address", "uint256"];
/** A leaf names its epoch, so a root that is posted twice pays once. */
type Leaf = [epochId: bigint, index: bigint, to: string, amount: bigint];
/** Most that an epoch can be worth. */
const MAX_TOTAL = maxOf(56);

/** The rewards of an epoch with their tree. */
export class EpochTree {
  /** Number of the epoch. */
  readonly epochId: bigint;
  /** In the order in which they were given. */
  readonly rewards: readonly EpochReward[];
  /** Sum of all, millionths. */
  readonly total: bigint;
  readonly #tree: StandardMerkleTree<Leaf>;
  readonly #places: ReadonlyMap<bigint, number>;

  /**
   * @param epochId - Number of the epoch: of its programme and of the day on which it is posted, see {@link epochId}. On any
   * other day it is refused.
   * @param rewards - At least one.
   * @param budget - What the programme can still give on the day; the most that an epoch can be worth when left out.
   * @throws FieldError for no reward, for an amount of zero, and for an epoch above 40 bits.
   * @throws TypeError for what is no address.
   * @throws DuplicateIndexError for two rewards of one number.
   * @throws EpochTotalError for a sum above the budget.
   */
  constructor(epochId: bigint, rewards: readonly EpochReward[], budget: bigint = MAX_TOTAL) {
    field("epoch", epochId, 40);
    checkField("number of rewards", rewards.length, 1n, maxOf(32));
    const places = new Map<bigint, number>();
    let total = 0n;
    const leaves = rewards.map(({ index, to, amount }, place): Leaf => {
      field("number of a reward", index, 256);
      if (places.has(index)) throw new DuplicateIndexError(index);
      places.set(index, place);
      total += checkField("amount", amount, 1n, MAX_TOTAL);
      return [epochId, index, getAddress(to), amount];
    });
    const limit = budget < MAX_TOTAL ? budget : MAX_TOTAL;
    if (total > limit) throw new EpochTotalError(total, limit);
    this.epochId = epochId;
    this.rewards = rewards;
    this.total = total;
    this.#places = places;
    this.#tree = StandardMerkleTree.of(leaves, LEAF);
  }

  /**
   * Reads an epoch as {@link EpochTree.toJSON} wrote it.
   *
   * @throws as the constructor, and SyntaxError for what is no JSON.
   */
  static parse(json: string): EpochTree {
    const { epochId, rewards } = JSON.parse(json) as EpochJson;
    return new EpochTree(
      BigInt(epochId),
      rewards.map(({ index, to, amount }) => ({ index: BigInt(index), to, amount: BigInt(amount) })),
    );
  }

  get root(): string {
    return this.#tree.root;
  }

  /**
   * A reward with its proof.
   *
   * @param index - Its number.
   * @throws FieldError for a number that no reward has.
   */
  prove(index: bigint): ProvenReward {
    const place = this.#places.get(index);
    const reward = place === undefined ? undefined : this.rewards[place];
    if (place === undefined || reward === undefined) {
      throw new FieldError(`no reward of the epoch has the number ${index.toString()}`);
    }
    return { ...reward, epochId: this.epochId, proof: this.#tree.getProof(place) };
  }

  /** The leaves, as they are published at the epoch's URI. */
  toJSON(): EpochJson {
    const rewards = this.rewards.map(({ index, to, amount }) => ({
      index: index.toString(),
      to: getAddress(to),
      amount: amount.toString(),
    }));
    return { epochId: this.epochId.toString(), rewards };
  }
}

/** Checks a reward against a root as the contract does. */
export function verifyReward(root: string, { epochId, index, to, amount, proof }: ProvenReward): boolean {
  return StandardMerkleTree.verify<Leaf>(root, LEAF, [epochId, index, to, amount], proof);
}
