/**
 * What a city has in the end, as one hash: balances of all tokens and ledgers, roots, results and tallies, read from the
 * chain. It does not depend on where the contracts stand, nor on block numbers, hashes, gas and the seconds of blocks, so the
 * same day has the same digest on every client.
 */
import type { Provider } from "ethers";

import { type City, textHash } from "../../../sdk/index.js";
import { energy, leases, register, rewards, waste } from "./ledgers.js";
import { ballots, clearing, roots } from "./results.js";
import { type Lines, StateReader } from "./state.js";
import { fungible, multiple, packs } from "./tokens.js";

/** One part of a city's state. */
export interface StatePart {
  /** Hash of its lines. */
  readonly digest: string;
  /** Values by name, in order of names. */
  readonly lines: Readonly<Record<string, string>>;
}

/** What a city has in the end. */
export interface StateDigest {
  /** Hash of the hashes of all parts with their names. */
  readonly digest: string;
  readonly parts: Readonly<Record<string, StatePart>>;
}

/** A line in which two states differ; undefined where one of them has none. */
export interface StateDifference {
  readonly part: string;
  readonly name: string;
  readonly left: string | undefined;
  readonly right: string | undefined;
}

const PARTS: Readonly<Record<string, (reader: StateReader) => Promise<Lines>>> = {
  euros: async (reader) => fungible(reader, reader.city.token),
  ecoTokens: async (reader) => fungible(reader, reader.city.ecoToken),
  packs,
  energyCertificates: async (reader) => multiple(reader, reader.city.energyCertificates),
  recyclingCertificates: async (reader) => multiple(reader, reader.city.recyclingCertificates),
  register,
  leases,
  energy,
  waste,
  rewards,
  roots,
  clearing,
  ballots,
};

/**
 * Reads what a city has.
 *
 * @param city - Its contracts, bound to a runner.
 * @param provider - The chain on which they stand.
 * @param fromBlock - Block of the deployment or before: what happened earlier is not looked for.
 */
export async function digestOf(city: City, provider: Provider, fromBlock = 0): Promise<StateDigest> {
  const reader = new StateReader(city, provider, fromBlock);
  const lines: Record<string, Lines> = {};
  for (const [name, read] of Object.entries(PARTS)) lines[name] = await read(reader);
  return digestLines(lines);
}

/** Hashes lines by part. */
export function digestLines(parts: Readonly<Record<string, Lines>>): StateDigest {
  const hashed = Object.entries(parts)
    .sort(byName)
    .map(([name, lines]): [string, StatePart] => {
      const sorted = [...lines].sort(byName);
      return [name, { digest: hashOf(sorted), lines: Object.fromEntries(sorted) }];
    });
  return { digest: hashOf(hashed.map(([name, { digest }]) => [name, digest])), parts: Object.fromEntries(hashed) };
}

/** Where two states differ, line by line. */
export function compareStates(left: StateDigest, right: StateDigest): StateDifference[] {
  const parts = new Set([...Object.keys(left.parts), ...Object.keys(right.parts)]);
  return [...parts].sort().flatMap((part) => {
    const [one, other] = [left.parts[part]?.lines ?? {}, right.parts[part]?.lines ?? {}];
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...names].sort().flatMap((name) => {
      if (one[name] === other[name]) return [];
      return [{ part, name, left: one[name], right: other[name] }];
    });
  });
}

function hashOf(pairs: readonly (readonly [string, string])[]): string {
  return textHash(pairs.map(([name, text]) => `${JSON.stringify(name)}:${JSON.stringify(text)}\n`).join(""));
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left === right ? 0 : left < right ? -1 : 1;
}
