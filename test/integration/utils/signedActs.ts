import type { BaseContract, Signer } from "ethers";

/** What is signed, by whom, and how it is sent. */
export interface Act {
  /** Contract for which the act is signed. */
  readonly contract: BaseContract;
  readonly message: Readonly<Record<string, unknown>>;
  /** Each signs the same message; the contract checks them in this order. */
  readonly signers: readonly (Signer & { readonly address: string })[];
  /** Sends the act with the signatures in the order of `signers`. */
  send(signatures: readonly string[]): Promise<unknown>;
}

/** How a typed struct becomes an act on a stage. */
export interface SignedAct<Stage> {
  /** An act that is good as it stands, but for its nonce when that was used before. */
  build(stage: Stage, nonce: bigint, deadlineAt: number): Promise<Act>;
}

/** A plain account's signature as the contracts take it. */
export function bySignature(data: string | undefined): { key: string; data: string } {
  if (data === undefined) throw new Error("a signer of the act did not sign");
  return { key: "0x", data };
}
