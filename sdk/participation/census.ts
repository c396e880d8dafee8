/**
 * Rolls of voters, made anew from what a chain says of them: who is a member, and what path leads from a leaf to the root that
 * a ballot froze. Rolls, segments and places are whole numbers; tags, leaves and instants (Unix time) are bigint.
 */
import { type Log, type Provider, type Result, solidityPackedKeccak256, toBeHex } from "ethers";

import { ICensus__factory } from "../../typechain-types/index.js";
import { inRanges, rangesIn } from "../blocks.js";
import { RollKind } from "../enums.js";
import { LeanTree, type LeanProof, type PairHash } from "./leanTree.js";
import { poseidonPair, SCALAR_FIELD } from "./poseidon.js";

/** Smallest tag: numbers of credentials are below. */
export const LEAST_TAG = 1n << 64n;

/** Most people in one call, by kind of roll. */
export const MAX_ENTRANTS = { named: 200, anonymous: 120 } as const;

/** Members were added to a segment. */
export interface MembersAdded {
  readonly name: "MembersAdded";
  readonly rollId: number;
  readonly segment: number;
  /** Identity of the registrar. */
  readonly registrar: string;
  /** Identity of the second one; the zero address: none. */
  readonly cosigner: string;
  /** Place of the first. */
  readonly firstIndex: number;
  readonly tags: readonly bigint[];
  /** Commitments, or accounts as numbers. */
  readonly leaves: readonly bigint[];
  /** Time of the block. */
  readonly at: bigint;
}

/** A member was taken out. */
export interface MemberRemoved {
  readonly name: "MemberRemoved";
  readonly rollId: number;
  readonly segment: number;
  readonly tag: bigint;
  readonly index: number;
  readonly registrar: string;
  readonly cosigner: string;
  readonly at: bigint;
}

/** What changes a roll. */
export type RollEvent = MembersAdded | MemberRemoved;

/** Where a member is. */
export interface RollPlace {
  readonly segment: number;
  readonly index: number;
  /** As it was added. */
  readonly leaf: bigint;
}

/** A roll that cannot be as the events say. */
export class RollError extends Error {
  override readonly name = "RollError";
  /** Tag, place or block that is at fault. */
  readonly value: bigint;

  constructor(message: string, value: bigint) {
    super(`${message}: ${value}.`);
    this.value = value;
  }
}

/** Hash of two nodes of a named roll's trees: keccak256 over the lower one and the higher. */
export const namedPair: PairHash = (left, right) => {
  const [low, high] = left < right ? [left, right] : [right, left];
  return BigInt(solidityPackedKeccak256(["uint256", "uint256"], [low, high]));
};

/**
 * Leaf of an account at a place of a named roll.
 *
 * @param index - Place, from 0, 32 bits.
 * @param account - The account.
 */
export function namedLeaf(index: number, account: string): bigint {
  return BigInt(solidityPackedKeccak256(["uint32", "address"], [index, account]));
}

/** An account as a leaf is given to the contract. */
export function accountLeaf(account: string): bigint {
  return BigInt(account);
}

/** Whether a number can be an identity commitment: an element of the scalar field that is not zero. */
export function isCommitment(leaf: bigint): boolean {
  return leaf > 0n && leaf < SCALAR_FIELD;
}

/**
 * A tree of an anonymous roll. All leaves are as deep, so that nobody can register the root of a tree and vote for its leaves.
 *
 * @param leaves - Identity commitments; zero: taken out.
 */
export function anonymousTree(leaves: readonly bigint[] = []): LeanTree {
  return new LeanTree(poseidonPair, leaves, true);
}

/** A roll as its events made it. */
export class Roll {
  readonly kind: bigint;
  readonly #trees = new Map<number, LeanTree>();
  readonly #places = new Map<bigint, RollPlace>();

  /**
   * @param kind - See {@link RollKind}.
   * @param events - What happened, in the order of the chain.
   * @throws RollError as {@link Roll.apply}.
   */
  constructor(kind: bigint, events: readonly RollEvent[] = []) {
    this.kind = kind;
    for (const event of events) this.apply(event);
  }

  /** Members by tag. */
  get members(): ReadonlyMap<bigint, RollPlace> {
    return this.#places;
  }

  /**
   * Lets something happen.
   *
   * @throws RollError if it does not follow on what happened before: events are missing, or of another roll.
   */
  apply(event: RollEvent): void {
    if (event.name === "MembersAdded") this.#add(event);
    else this.#remove(event);
  }

  /** Tree of a segment. */
  treeOf(segment: number): LeanTree {
    const known = this.#trees.get(segment);
    if (known !== undefined) return known;
    const tree = this.kind === RollKind.Named ? new LeanTree(namedPair) : anonymousTree();
    this.#trees.set(segment, tree);
    return tree;
  }

  /**
   * Where a member is.
   *
   * @throws RollError for somebody who is no member.
   */
  placeOf(tag: bigint): RollPlace {
    const place = this.#places.get(tag);
    if (place === undefined) throw new RollError("This tag is no member's", tag);
    return place;
  }

  /**
   * A member's leaf with its path. For an anonymous roll, {@link proveVote} makes it as long as the circuit wants it.
   *
   * @throws RollError for somebody who is no member.
   */
  proofOf(tag: bigint): LeanProof {
    const { segment, index } = this.placeOf(tag);
    return this.treeOf(segment).proofOf(index);
  }

  /**
   * A member's path as `removeMember` takes it, and as words for a vote by an account.
   *
   * @throws RollError for somebody who is no member.
   */
  pathOf(tag: bigint): string[] {
    const { segment, index } = this.placeOf(tag);
    return this.treeOf(segment)
      .pathOf(index)
      .map((sibling) => toBeHex(sibling, 32));
  }

  #add({ segment, firstIndex, tags, leaves }: MembersAdded): void {
    const tree = this.treeOf(segment);
    if (tree.size !== firstIndex) throw new RollError("No leaf was expected at this place", BigInt(firstIndex));
    tags.forEach((tag, i) => {
      if (this.#places.has(tag)) throw new RollError("This tag is a member's already", tag);
      this.#places.set(tag, { segment, index: firstIndex + i, leaf: leaves[i] ?? 0n });
    });
    tree.insert(leaves.map((leaf, i) => this.#nodeOf(firstIndex + i, leaf)));
  }

  #remove({ segment, tag, index }: MemberRemoved): void {
    const place = this.placeOf(tag);
    if (place.segment !== segment || place.index !== index) throw new RollError("This tag is elsewhere", tag);
    this.#places.delete(tag);
    this.treeOf(segment).clear(index);
  }

  #nodeOf(index: number, leaf: bigint): bigint {
    return this.kind === RollKind.Named ? namedLeaf(index, toBeHex(leaf, 20)) : leaf;
  }
}

/** Where events are read from. */
export interface RollSource {
  /** Address of `Census`. */
  readonly census: string;
  readonly rollId: number;
  /** First block: that of the contract's deployment or before. 0 when left out. */
  readonly fromBlock?: number;
  /** Last block; the latest when left out. */
  readonly toBlock?: number;
}

const census = ICensus__factory.createInterface();

/**
 * Reads a log of `Census`.
 *
 * @param log - The log.
 * @param at - Time of its block.
 * @returns Undefined for a log that changes no roll.
 */
export function parseRollLog(log: Log, at: bigint): RollEvent | undefined {
  const description = census.parseLog(log);
  if (description === null) return undefined;
  const { name, args } = description;
  if (name !== "MembersAdded" && name !== "MemberRemoved") return undefined;
  const common = {
    rollId: Number(args.getValue("rollId")),
    registrar: args.getValue("registrar") as string,
    cosigner: args.getValue("cosigner") as string,
    segment: Number(args.getValue("segment")),
    at,
  };
  if (name === "MembersAdded") {
    const [tags, leaves] = [listIn(args, "tags"), listIn(args, "leaves")];
    return { ...common, name, firstIndex: Number(args.getValue("firstIndex")), tags, leaves };
  }
  const [tag, index] = [args.getValue("tag") as bigint, Number(args.getValue("index"))];
  return { ...common, name, tag, index };
}

/**
 * Reads what happened to a roll, in the order of the chain.
 *
 * @param provider - The chain.
 * @param source - Contract, roll and blocks.
 * @throws RollError for a block that the chain has no more, because it was reorganised meanwhile: read again.
 */
export async function readRollEvents(provider: Provider, source: RollSource): Promise<RollEvent[]> {
  const { census: address, rollId } = source;
  const names = (["MembersAdded", "MemberRemoved"] as const).map((name) => census.getEvent(name).topicHash);
  const topics = [names, toBeHex(rollId, 32)];
  const events: RollEvent[] = [];
  const times = new Map<string, bigint>();
  const logs = await inRanges(await rangesIn(provider, source), async (from, to) =>
    provider.getLogs({ address, topics, fromBlock: from, toBlock: to }),
  );
  for (const log of logs) {
    const at = times.get(log.blockHash) ?? (await timeOf(provider, log));
    times.set(log.blockHash, at);
    const event = parseRollLog(log, at);
    if (event !== undefined) events.push(event);
  }
  return events;
}

/** Time of a log's very block, not of one that took its place. */
async function timeOf(provider: Provider, { blockHash, blockNumber }: Log): Promise<bigint> {
  const block = await provider.getBlock(blockHash);
  if (block === null) throw new RollError("This block is gone", BigInt(blockNumber));
  return BigInt(block.timestamp);
}

/**
 * A roll as it was at the end of a second: the census of a ballot that froze it then.
 *
 * @param kind - See {@link RollKind}.
 * @param events - What happened, in the order of the chain.
 * @param time - The second, Unix time.
 */
export function rollAt(kind: bigint, events: readonly RollEvent[], time: bigint): Roll {
  return new Roll(
    kind,
    events.filter(({ at }) => at <= time),
  );
}

function listIn(args: Result, name: string): bigint[] {
  return (args.getValue(name) as Result).toArray() as bigint[];
}
