/** Who votes: people with keys, and members with secrets, whose votes are proven. The same ones in every run. */
import crypto from "node:crypto";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Group } from "@semaphore-protocol/group";
import { Identity } from "@semaphore-protocol/identity";
import { concat, getBytes, id, Wallet } from "ethers";

import type { City } from "../sdk/city.js";
import { accountLeaf, anonymousTree } from "../sdk/participation/census.js";
import type { LeanTree } from "../sdk/participation/leanTree.js";
import type { BallotPlace } from "../sdk/participation/place.js";
import { SCALAR_FIELD } from "../sdk/participation/poseidon.js";
import { importProver, type VoteProof } from "../sdk/participation/proofs.js";
import { type RandomBytes, type SealKey, sealKeyOf } from "../sdk/participation/sealing.js";
import {
  type AnonymousPaper,
  type AnonymousVote,
  anonymousVote,
  type AnonymousVoter,
  type SealedVote,
  sealVote,
  voterGroup,
} from "../sdk/participation/votes.js";
import { type RollEntry, type Signature, signRollEntry } from "../sdk/typedData.js";

/** Somebody for a roll: the key of its own device, its tag, and its leaf. */
export interface Person {
  readonly key: Wallet;
  readonly tag: bigint;
  readonly leaf: bigint;
}

/** Somebody for a named roll. */
export function citizenOf(name: string): Person {
  const key = new Wallet(id(name));
  return { key, tag: BigInt(id(`tag of ${name}`)), leaf: accountLeaf(key.address) };
}

/** Somebody for an anonymous one. Without a secret the commitment is nobody's. */
export function memberOf(name: string, secret?: Identity): Person {
  const leaf = secret?.commitment ?? BigInt(id(`commitment of ${name}`)) % SCALAR_FIELD;
  return { ...citizenOf(name), leaf };
}

/** Where people are to be put, and until when they agree to it. */
export interface RollPlace {
  readonly rollId: number;
  readonly segment: number;
  readonly deadline: bigint;
}

/** Somebody as the census takes it, with its consent, and what it consents to. */
export interface Consenting {
  readonly entry: RollEntry;
  readonly entrant: Omit<RollEntry, "rollId" | "segment" | "times"> & {
    readonly holder: string;
    readonly consent: Signature;
  };
}

/** Has people agree to be put on a roll. */
export async function consenting(
  city: City,
  { deadline, ...place }: RollPlace,
  people: readonly Person[],
): Promise<Consenting[]> {
  return Promise.all(
    people.map(async ({ key, tag, leaf }) => {
      const entry: RollEntry = { ...place, tag, leaf, times: 0, deadline };
      const consent = await signRollEntry(city, key, entry);
      return { entry, entrant: { holder: key.address, tag, leaf, deadline, consent } };
    }),
  );
}

/** Key of the sealed ballots, released after the close. */
export const SEAL_SECRET = BigInt(id("key of the seal"));
export const SEAL_KEY: SealKey = sealKeyOf(SEAL_SECRET);

/** Random bytes of somebody, to seal a paper with. */
export function chanceOf(name: string): RandomBytes {
  return (length) => getBytes(concat([id(name), id(`more of ${name}`)])).slice(0, length);
}

const ARTIFACTS = dirname(createRequire(import.meta.url).resolve("@zk-kit/semaphore-artifacts/package.json"));

/** An anonymous roll of one segment, the first members of which have a secret and can prove votes. */
export class Members {
  readonly people: readonly Person[];
  readonly tree: LeanTree;
  readonly #secrets: readonly Identity[];

  constructor(
    count: number,
    secrets: number,
    /** Levels for which votes are proven. */
    readonly depth: number,
  ) {
    this.#secrets = Array.from({ length: secrets }, (_, index) => new Identity(`secret of member ${index}`));
    this.people = Array.from({ length: count }, (_, index) => memberOf(`member ${index}`, this.#secrets[index]));
    const leaves = this.people.map(({ leaf }) => leaf);
    this.tree = anonymousTree(leaves);
  }

  async vote(place: BallotPlace, index: number, paper: AnonymousPaper, previous?: bigint): Promise<AnonymousVote> {
    return withChance(async () => anonymousVote(place, this.#voterOf(index), paper, previous));
  }

  async seal(place: BallotPlace, index: number, paper: AnonymousPaper): Promise<SealedVote> {
    const chance = chanceOf(`seal of ${index}`);
    return withChance(async () => sealVote(place, SEAL_KEY, this.#voterOf(index), paper, chance));
  }

  /** What a member says in a group of Semaphore's, whose ways to the root leave levels out. */
  async proveToSemaphore(index: number, message: bigint, scope: bigint): Promise<VoteProof> {
    const way = new Group(this.people.map(({ leaf }) => leaf)).generateMerkleProof(index);
    const prover = await importProver();
    const path = join(ARTIFACTS, `semaphore-${this.depth}`);
    const artifacts = { wasm: `${path}.wasm`, zkey: `${path}.zkey` };
    const [secret, { depth }] = [this.#secretOf(index), this];
    return withChance(async () => prover.generateProof(secret, way, message, scope, depth, artifacts));
  }

  #secretOf(index: number): Identity {
    const identity = this.#secrets[index];
    if (identity === undefined) throw new Error(`member ${index} has no secret`);
    return identity;
  }

  #voterOf(index: number): AnonymousVoter {
    const identity = this.#secretOf(index);
    return { identity, group: voterGroup(this.tree), depth: this.depth, artifacts: ARTIFACTS };
  }
}

/**
 * Runs a prover with chance that is the same in every run, so that its proofs are too, and what their bytes cost. It asks
 * for chance once, to begin a sequence of its own.
 */
async function withChance<T>(prove: () => Promise<T>): Promise<T> {
  const { randomFillSync } = crypto;
  crypto.randomFillSync = (buffer) => {
    new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength).fill(CHANCE);
    return buffer;
  };
  try {
    return await prove();
  } finally {
    crypto.randomFillSync = randomFillSync;
  }
}

const CHANCE = 0xc1;
