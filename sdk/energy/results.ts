/** Results of settlements, and the trees under which the market keeps them so that they can be corrected. */
import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { type BytesLike, concat, dataSlice, getBytes, hexlify, keccak256, toBeHex, toTwos } from "ethers";

import type { EnergyMarket } from "../../typechain-types/index.js";
import { inRanges, rangesToLatest } from "../blocks.js";

/** What an account was settled for. */
export interface Result {
  readonly account: number;
  /** Wh bought; sold, if negative. */
  readonly contracted: bigint;
  /** Net draw that was settled, Wh; feed-in is negative. */
  readonly metered: bigint;
}

/** Results in a leaf. */
export const GROUP_SIZE = 8;

const RESULT_BYTES = 12;
const INT32_BITS = 32;
const INT32_BYTES = 4;

/** What `correct` needs for one account. */
export interface ResultProof {
  /** The results of the group, in hexadecimal form. */
  readonly group: string;
  /** Place of the account in the group, 0 to 7. */
  readonly position: number;
  readonly proof: string[];
}

/** A result as the market writes it, in hexadecimal form: `account uint32 | contracted int32 | metered int32`. */
export function packResult({ account, contracted, metered }: Result): string {
  return concat([toBeHex(account, INT32_BYTES), packInt32(contracted), packInt32(metered)]);
}

/**
 * Reads results.
 *
 * @throws RangeError for bytes that are not whole results.
 */
export function unpackResults(results: BytesLike): Result[] {
  const bytes = getBytes(results);
  if (bytes.length % RESULT_BYTES !== 0) {
    throw new RangeError(`${bytes.length} bytes are not whole results of ${RESULT_BYTES}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / RESULT_BYTES }, (_, index) => {
    const offset = index * RESULT_BYTES;
    return {
      account: view.getUint32(offset),
      contracted: BigInt(view.getInt32(offset + INT32_BYTES)),
      metered: BigInt(view.getInt32(offset + 2 * INT32_BYTES)),
    };
  });
}

/** The results of one settlement as a tree: groups of eight are its leaves. */
export class ResultTree {
  readonly results: readonly Result[];
  readonly #groups: readonly string[];
  readonly #tree: SimpleMerkleTree;

  /** @throws RangeError for no result. */
  constructor(results: readonly Result[]) {
    if (results.length === 0) throw new RangeError("a settlement has at least one result");
    this.results = results;
    const bytes = concat(results.map(packResult));
    const groupBytes = GROUP_SIZE * RESULT_BYTES;
    const end = results.length * RESULT_BYTES;
    this.#groups = Array.from({ length: Math.ceil(results.length / GROUP_SIZE) }, (_, index) =>
      dataSlice(bytes, index * groupBytes, Math.min(end, (index + 1) * groupBytes)),
    );
    this.#tree = SimpleMerkleTree.of(
      this.#groups.map((group) => keccak256(group)),
      { sortLeaves: false },
    );
  }

  /** From the bytes of an AccountsSettled event. */
  static of(results: BytesLike): ResultTree {
    return new ResultTree(unpackResults(results));
  }

  get root(): string {
    return this.#tree.root;
  }

  /**
   * The tree with another reading of one account, as a correction leaves it.
   *
   * @throws RangeError for an account that was not settled here.
   */
  corrected(account: number, metered: bigint): ResultTree {
    this.#indexOf(account);
    return new ResultTree(this.results.map((result) => (result.account === account ? { ...result, metered } : result)));
  }

  /**
   * What `correct` needs.
   *
   * @throws RangeError for an account that was not settled here.
   */
  proofOf(account: number): ResultProof {
    const index = this.#indexOf(account);
    const leaf = Math.floor(index / GROUP_SIZE);
    return {
      group: this.#groups[leaf] ?? "0x",
      position: index % GROUP_SIZE,
      proof: this.#tree.getProof(leaf),
    };
  }

  #indexOf(account: number): number {
    const index = this.results.findIndex((result) => result.account === account);
    if (index < 0) throw new RangeError(`account ${account} is not among the ${this.results.length} results`);
    return index;
  }
}

/** What `correct` takes. */
export interface Correction extends ResultProof {
  readonly interval: number;
  /** Number of the settlement in its interval. */
  readonly index: bigint;
}

/**
 * The results of an interval as they stand, from the events of its settlements and corrections.
 *
 * @param fromBlock - Block from which to look, for instance that of the market's deployment.
 * @returns A tree for each settlement of the interval, in their order.
 */
export async function resultsOf(market: EnergyMarket, interval: number, fromBlock = 0): Promise<ResultTree[]> {
  const { filters } = market;
  const ranges = await rangesToLatest(market, fromBlock);
  const settled = await inRanges(ranges, async (from, to) =>
    market.queryFilter(filters.AccountsSettled(interval), from, to),
  );
  const corrected = await inRanges(ranges, async (from, to) =>
    market.queryFilter(filters.SettlementCorrected(interval), from, to),
  );
  return resultTrees(
    settled.map(({ args }) => args),
    corrected.map(({ args }) => args),
  );
}

/** {@link resultsOf} from events that are at hand, in the order of the chain. */
export function resultTrees(
  settled: readonly { readonly index: bigint; readonly results: string }[],
  corrected: readonly { readonly index: bigint; readonly account: bigint; readonly wh: bigint }[],
): ResultTree[] {
  const trees: ResultTree[] = [];
  for (const { index, results } of settled) trees[Number(index)] = ResultTree.of(results);
  for (const { index, account, wh } of corrected) {
    const tree = trees[Number(index)];
    if (tree !== undefined) trees[Number(index)] = tree.corrected(Number(account), wh);
  }
  return trees;
}

/**
 * What `correct` takes for an account.
 *
 * @param trees - The interval's results, see {@link resultsOf}.
 * @throws RangeError for an account that was not settled in the interval.
 */
export function correctionFor(trees: readonly ResultTree[], interval: number, account: number): Correction {
  const index = trees.findIndex(({ results }) => results.some((result) => result.account === account));
  const tree = trees[index];
  if (tree === undefined) throw new RangeError(`account ${account} is not settled in interval ${interval}`);
  return { interval, index: BigInt(index), ...tree.proofOf(account) };
}

/** A signed number of 32 bits, big-endian, in hexadecimal form. */
export function packInt32(value: bigint): string {
  return hexlify(toBeHex(toTwos(value, INT32_BITS), INT32_BYTES));
}
