/** Blocks are asked for in parts: most nodes answer no more than some thousand at once. */
import type { ContractRunner } from "ethers";

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
 * Ranges from a block to the latest one. The last has no end of its own: the number of the latest block may be known from a
 * moment ago, and what came since is not to be missed.
 *
 * @param contract - Contract that is bound to the chain.
 * @param from - First block.
 * @throws TypeError if it is bound to none.
 */
export async function rangesToLatest(
  { runner }: { readonly runner: ContractRunner | null },
  from: number,
): Promise<OpenRange[]> {
  const provider = runner?.provider;
  if (provider === undefined || provider === null) throw new TypeError("the contract is not bound to a provider");
  const ranges = blockRanges(from, await provider.getBlockNumber());
  return [...ranges.slice(0, -1), [ranges.at(-1)?.[0] ?? from, "latest"]];
}
