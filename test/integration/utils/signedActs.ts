import type { BaseContract, Signer } from "ethers";

/** What is signed, by whom, and how it is sent. */
export interface Act {
  /** Contract for which the act is signed. */
  readonly contract: BaseContract;
  /** Others that it asks and whose errors it passes on. */
  readonly alsoReverts?: readonly BaseContract[];
  readonly message: Readonly<Record<string, unknown>>;
  /** Member by which a message names its signer, where each signs one of its own. */
  readonly signerMember?: string;
  /** Each signs the same message, but for that member; the contract checks them in this order. */
  readonly signers: readonly (Signer & { readonly address: string })[];
  /** Sends the act with the signatures in the order of `signers`. */
  send(signatures: readonly string[]): Promise<unknown>;
}

/** What a signer of the act signs. */
export function messageFor({ message, signerMember, signers }: Act, index: number): Record<string, unknown> {
  return signerMember === undefined ? { ...message } : { ...message, [signerMember]: signers[index]!.address };
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
