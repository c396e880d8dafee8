/**
 * Messages of the census: of people who are to be on a roll, and of second registrars. Rolls, segments and counts are whole
 * numbers; tags and leaves are bigint; instants are Unix time. None has a nonce: how often the person was added is in all of
 * them, so that each serves once.
 */
import type { BaseContract } from "ethers";

import { type MessageSigner, type Signature, signMessage } from "./messages.js";

/** A person consents to be put on a roll, signed by the owner of its identity, or by its own account. */
export interface RollEntry {
  readonly rollId: number;
  readonly segment: number;
  /** Number of the person's credential, or its tag. */
  readonly tag: bigint;
  /** Identity commitment, or the account as a number. */
  readonly leaf: bigint;
  /** How often the person was added before, as `memberOf` tells it. */
  readonly times: number;
  /** Last second at which it can be used, 40 bits. */
  readonly deadline: bigint;
}

/** A second registrar consents to a list of entries, in the order in which they are added. */
export interface RollEntries {
  readonly entries: readonly RollEntry[];
  readonly deadline: bigint;
}

/** A second registrar consents that a member be taken out. */
export interface RollRemoval {
  readonly rollId: number;
  readonly tag: bigint;
  /** How often the member was added. */
  readonly times: number;
  readonly deadline: bigint;
}

/** The part of a city that its rolls need. */
export interface HasCensus {
  readonly census: BaseContract;
}

/** Signs a person's consent with the key of the owner of its identity, or of its account. */
export async function signRollEntry(
  { census }: HasCensus,
  signer: MessageSigner,
  entry: RollEntry,
): Promise<Signature> {
  return signMessage(census, signer, "RollEntry", entry);
}

/** Signs a list of entries with the key of the owner of the second registrar's identity. */
export async function signRollEntries(
  { census }: HasCensus,
  signer: MessageSigner,
  entries: RollEntries,
): Promise<Signature> {
  return signMessage(census, signer, "RollEntries", entries);
}

/** Signs a removal with the key of the owner of the second registrar's identity. */
export async function signRollRemoval(
  { census }: HasCensus,
  signer: MessageSigner,
  removal: RollRemoval,
): Promise<Signature> {
  return signMessage(census, signer, "RollRemoval", removal);
}
