/** Blocks are asked for in parts: most nodes answer no more than some thousand at once. */
import type { ContractRunner } from "ethers";

/** Most blocks asked for at once. */
const BLOCK_RANGE = 10_000;

/** First and last block. */
export type BlockRange = readonly [from: number, to: number];

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
 * What a range of blocks has, asked for part by part.
 *
 * @param fetch - Asks for a part, both ends included.
 */
export async function inRanges<Found>(
  from: number,
  to: number,
  fetch: (...range: BlockRange) => Promise<readonly Found[]>,
): Promise<Found[]> {
  const found: Found[] = [];
  for (const range of blockRanges(from, to)) for (const one of await fetch(...range)) found.push(one);
  return found;
}

/**
 * Number of the latest block.
 *
 * @param contract - Contract that is bound to the chain.
 * @throws TypeError if it is bound to none.
 */
export async function latestBlock({ runner }: { readonly runner: ContractRunner | null }): Promise<number> {
  const provider = runner?.provider;
  if (provider === undefined || provider === null) throw new TypeError("the contract is not bound to a provider");
  return provider.getBlockNumber();
}
