/** Proofs of residents, made by Semaphore's own package from artifacts of another one: nothing is downloaded. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { importProver, type Prover, type VoteProof } from "../../../sdk/participation/index.js";

/** Where the circuits' artifacts lie. */
export const ARTIFACTS = dirname(createRequire(import.meta.url).resolve("@zk-kit/semaphore-artifacts/package.json"));

/** Proofs made so far in this process, by what they prove. A proof takes seconds, and two equal days ask for equal ones. */
const made = new Map<string, Promise<VoteProof>>();

let shelf: string | undefined;

/** Keeps proofs in a folder from now on: a day that is lived again after it was killed makes none twice either. */
export function keepProofs(folder: string | undefined): void {
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  shelf = folder;
}

/** A proof from the folder, or made and put there. */
async function kept(key: string, make: () => Promise<VoteProof>): Promise<VoteProof> {
  if (shelf === undefined) return make();
  const file = join(shelf, `${createHash("sha256").update(key).digest("hex")}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as VoteProof;
  const proof = await make();
  // Whole or not at all, whenever the program is killed.
  writeFileSync(`${file}.part`, JSON.stringify(proof));
  renameSync(`${file}.part`, file);
  return proof;
}

/** The prover, which makes no proof twice. */
export const prover: Prover = {
  async generateProof(identity, membership, message, scope, depth, artifacts) {
    const key = [identity.commitment, membership.root, message, scope, depth].join();
    const known = made.get(key);
    if (known !== undefined) return known;
    const proof = kept(key, async () => {
      const its = await importProver();
      return its.generateProof(identity, membership, message, scope, depth, artifacts);
    });
    made.set(key, proof);
    return proof;
  },
};

/**
 * Does the same to all items, so many at once, and keeps their order. The first is done alone: two proofs that begin at once start the
 * prover's workers twice, and only those of one are ended with {@link endProving}.
 */
export async function mapSome<Item, Made>(
  items: readonly Item[],
  atOnce: number,
  make: (item: Item) => Promise<Made>,
): Promise<Made[]> {
  const results: Made[] = [];
  const rest = [...items.entries()];
  const first = rest.shift();
  if (first !== undefined) results[0] = await make(first[1]);
  const work = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) results[next[0]] = await make(next[1]);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
