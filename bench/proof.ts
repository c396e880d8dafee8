/** Merkle proofs without their trees: a verifier sees a leaf and hashes, and cannot tell where those come from. */
import { concat, id, keccak256 } from "ethers";

export interface Proof {
  readonly root: string;
  readonly proof: string[];
}

/** A proof of `depth` hashes that leads from a leaf to a root; pairs are sorted. */
export function proofFrom(leaf: string, depth: number): Proof {
  const proof = Array.from({ length: depth }, (_, level) => id(`sibling ${level}`));
  const root = proof.reduce((node, sibling) => keccak256(concat([node, sibling].sort())), leaf);
  return { root, proof };
}
