/** Moments at which something goes wrong, by chance and the same for the same seed. */
import { textHash } from "../../sdk/index.js";
import { Random } from "../lib/random.js";

/** Where the fault is: before the node hears of a request, or after it did what it was asked, and before it says so. */
export type Side = "before" | "after";

/** A request, counted from 1, and the side of it. */
export interface Moment {
  readonly request: number;
  readonly side: Side;
}

/** Numbers by chance for a purpose. */
export function chanceOf(seed: string, purpose: string): Random {
  return new Random(BigInt(textHash(`${seed}/${purpose}`)));
}

/** Different requests of so many, in their order, each with a side. */
export function momentsOf(random: Random, count: number, requests: number): Moment[] {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, requests)) chosen.add(random.whole(1, requests));
  return [...chosen]
    .sort((left, right) => left - right)
    .map((request) => ({ request, side: random.whole(0, 1) === 0 ? "before" : "after" }));
}
