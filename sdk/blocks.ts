/** Blocks are asked for in parts: most nodes answer no more than some thousand at once. */
import type { Provider } from "ethers";

import { type BoundContract, providerOf } from "./runner.js";

/** Most blocks asked for at once. */
const BLOCK_RANGE = 10_000;

/** First and last block. */
export type BlockRange = readonly [from: number, to: number];

/** First and last block, which can be whichever is the latest. */
export type OpenRange = readonly [from: number, to: number | "latest"];

/**
 * A range of blocks in parts that nodes answer, in their order; none if it ends before it begins.
 *
 * @param from - First block.
 * @param to - Last block.
 */
export function blockRanges(from: number, to: number): BlockRange[] {
  return Array.from({ length: Math.max(0, Math.ceil((to - from + 1) / BLOCK_RANGE)) }, (_, part) => {
    const start = from + part * BLOCK_RANGE;
    return [start, Math.min(to, start + BLOCK_RANGE - 1)];
  });
}

/**
 * What ranges of blocks have, asked for one after the other.
 *
 * @param fetch - Asks for a range, both ends included.
 */
export async function inRanges<To extends number | "latest", Found>(
  ranges: readonly (readonly [from: number, to: To])[],
  fetch: (from: number, to: To) => Promise<readonly Found[]>,
): Promise<Found[]> {
  const found: Found[] = [];
  for (const range of ranges) for (const one of await fetch(...range)) found.push(one);
  return found;
}

/**
 * Ranges from a block to the latest one; at least one. The last has no end of its own: the number of the latest block may be known
 * from a moment ago, and what came since is not to be missed.
 *
 * @param from - First block.
 * @param latest - Number of the latest block, as far as it is known.
 */
export function openRanges(from: number, latest: number): OpenRange[] {
  const ranges = blockRanges(from, latest);
  return [...ranges.slice(0, -1), [ranges.at(-1)?.[0] ?? from, "latest"]];
}

/**
 * Ranges from a block to the latest one, see {@link openRanges}.
 *
 * @param contract - Contract that is bound to the chain.
 * @param from - First block.
 * @throws RunnerError if it is bound to none.
 */
export async function rangesToLatest(contract: BoundContract, from: number): Promise<OpenRange[]> {
  return openRanges(from, await providerOf(contract).getBlockNumber());
}

/** First and last block, either of which can be left out. */
export interface BlockSpan {
  /** First block. 0 when left out. */
  readonly fromBlock?: number;
  /** Last block; the latest when left out. */
  readonly toBlock?: number;
}

/**
 * Ranges of a span of blocks: open at its end, see {@link openRanges}, where the last block is left out.
 *
 * @param provider - The chain.
 * @param span - First and last block.
 */
export async function rangesIn(provider: Provider, { fromBlock = 0, toBlock }: BlockSpan): Promise<OpenRange[]> {
  return toBlock === undefined
    ? openRanges(fromBlock, await provider.getBlockNumber())
    : blockRanges(fromBlock, toBlock);
}
