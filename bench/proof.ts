/** Merkle proofs without their trees: a verifier sees a leaf and hashes, and cannot tell where those come from. */
import { concat, id, keccak256 } from "ethers";

export interface Proof {
  readonly root: string;
  readonly proof: string[];
}

/** A proof of `depth` hashes that leads from a leaf to a root; pairs are sorted. */
export function proofFrom(leaf: string, depth: number): Proof {
  const proof = Array.from({ length: depth }, (_, level) => id(`sibling ${level}`));
  const root = proof.reduce(parentOf, leaf);
  return { root, proof };
}

/** Proofs of `depth` hashes of two leaves that lie side by side. */
export function pairOfProofs(
  [left, right]: readonly [string, string],
  depth: number,
): { readonly root: string; readonly proofs: readonly [string[], string[]] } {
  const { root, proof } = proofFrom(parentOf(left, right), depth - 1);
  return {
    root,
    proofs: [
      [right, ...proof],
      [left, ...proof],
    ],
  };
}

function parentOf(left: string, right: string): string {
  return keccak256(concat([left, right].sort()));
}
