/** What the parts of a made-up town have in common. */
import { textHash } from "../../sdk/index.js";
import { Random } from "../lib/random.js";

/** A town that is to be made. */
export interface TownPlan {
  /** People who live there. */
  readonly residents: number;
  /** Any text; towns of one size and seed are the same. */
  readonly seed: string;
}

/** Text of files by path from the data folder. */
export type TownFiles = Readonly<Record<string, string>>;

/** Parts of the town. */
export const QUARTERS = ["linden", "mill", "harbour"] as const;

/** Random numbers for a purpose: what one part draws changes nothing for another. */
export function randomFor({ residents, seed }: TownPlan, purpose: string): Random {
  return new Random(BigInt(textHash(`civitas town/${residents}/${seed}/${purpose}`)));
}

/** A share of a number, at least one. */
export function shareOf(number: number, of: number): number {
  return Math.max(1, Math.round(number / of));
}

/** Name of the thing with a number, from 1: things of a town are spread over its quarters. */
export function placeOf(number: number): string {
  const quarter = QUARTERS[(number - 1) % QUARTERS.length] ?? QUARTERS[0];
  return `${quarter}-${String(Math.ceil(number / QUARTERS.length)).padStart(PLACE_DIGITS, "0")}`;
}

const PLACE_DIGITS = 4;

/** Rows of a table with their header. */
export function table(header: string, rows: readonly (readonly (string | number)[])[]): string {
  return [header, ...rows.map((row) => row.join(",")), ""].join("\n");
}

/** A file that tells what a part is expected to come to. */
export function expectation(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Numbers from 1 to as many as there are. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
