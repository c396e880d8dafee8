/** Proofs of residents, made by Semaphore's own package from artifacts of another one: nothing is downloaded. */
import { createRequire } from "node:module";
import { dirname } from "node:path";

import { importProver, type Prover, type VoteProof } from "../../../sdk/participation/index.js";

/** Where the circuits' artifacts lie. */
export const ARTIFACTS = dirname(createRequire(import.meta.url).resolve("@zk-kit/semaphore-artifacts/package.json"));

/** Proofs made so far in this process, by what they prove. A proof takes seconds, and two equal days ask for equal ones. */
const made = new Map<string, Promise<VoteProof>>();

/** The prover, which makes no proof twice. */
export const prover: Prover = {
  async generateProof(identity, membership, message, scope, depth, artifacts) {
    const key = [identity.commitment, membership.root, message, scope, depth].join();
    const known = made.get(key);
    if (known !== undefined) return known;
    const proof = importProver().then(async (its) =>
      its.generateProof(identity, membership, message, scope, depth, artifacts),
    );
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
