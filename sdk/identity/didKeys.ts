/** Whose signature it is, by DID documents and the contract of the identities. */
import type { DIDDocument, Resolvable, VerificationMethod } from "did-resolver";
import { computeAddress, encodeBytes32String, getAddress } from "ethers";

import type { Identities } from "../../typechain-types/index.js";
import { didOf, parseDid } from "./did.js";
import { recoverJwt } from "./es256k.js";
import { type RefusalReason, refuse } from "./refusal.js";
import type { CredentialRegistry } from "./sdJwt.js";

/** Where people are looked up. */
export interface People {
  readonly identities: Identities;
  readonly resolver: Resolvable;
  readonly registry: CredentialRegistry;
}

/** What a key stands in a DID document for. */
export type Purpose = "assertionMethod" | "authentication";

/**
 * Resolves a DID of the registry's chain.
 *
 * @throws Refusal with one of the reasons given.
 */
export async function resolve(
  did: string,
  { resolver, registry }: People,
  unknown: RefusalReason,
  deactivated: RefusalReason,
): Promise<{ document: DIDDocument; address: string }> {
  const { didResolutionMetadata, didDocumentMetadata, didDocument } = await resolver.resolve(did);
  const { error } = didResolutionMetadata;
  if (error !== undefined || didDocument === null) return refuse(unknown, `${did}: ${error ?? "notFound"}`);
  const address = addressIn(did, registry);
  if (address === undefined) return refuse(unknown, `${did} is no identity of chain ${registry.chainId.toString()}`);
  if (didDocumentMetadata.deactivated === true) return refuse(deactivated, did);
  return { document: didDocument, address };
}

/** Identity that a DID names on the registry's chain, in the one form that cards use. */
function addressIn(did: string, { chainId }: CredentialRegistry): string | undefined {
  try {
    const { address } = parseDid(did);
    return did === didOf(address, chainId) ? address : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a signature is that of a key which stands in the document for the purpose, and which the chain knows too. */
export async function isSignedBy(
  [text, signature]: readonly [string, string],
  document: DIDDocument,
  purpose: Purpose,
  identity: string,
  { identities, registry }: People,
): Promise<boolean> {
  const signers = recoverJwt(text, signature);
  for (const reference of document[purpose] ?? []) {
    const method =
      typeof reference === "string" ? document.verificationMethod?.find(({ id }) => id === reference) : reference;
    const account = method === undefined ? undefined : accountOf(method, registry.chainId);
    if (account === undefined || !signers.includes(account)) continue;
    // A published key is only in the log. An account is a delegate or the owner, and the contract says until when: the
    // document still has a delegate in the second in which its time ends.
    if (method?.blockchainAccountId === undefined) return true;
    if (await isTheirs(identities, identity, account, purpose)) return true;
  }
  return false;
}

async function isTheirs(identities: Identities, identity: string, account: string, purpose: Purpose): Promise<boolean> {
  if ((await identities.identityOwner(identity)) === account) return true;
  if (await identities.validDelegate(identity, SIG_AUTH, account)) return true;
  return purpose === "assertionMethod" && identities.validDelegate(identity, VERI_KEY, account);
}

const SIG_AUTH = encodeBytes32String("sigAuth");
const VERI_KEY = encodeBytes32String("veriKey");
const SECP256K1_KEY = "EcdsaSecp256k1VerificationKey2019";
/** A secp256k1 public key, compressed or not. */
const PUBLIC_KEY = /^(?:0[23][\da-f]{64}|04[\da-f]{128})$/i;

/** Account of a secp256k1 key in a DID document. */
function accountOf(method: VerificationMethod, chainId: bigint): string | undefined {
  if (method.blockchainAccountId !== undefined) {
    const [, chain = "", account = ""] = /^eip155:(\d+):(0x[\da-fA-F]{40})$/.exec(method.blockchainAccountId) ?? [];
    return chain === chainId.toString() ? getAddress(account.toLowerCase()) : undefined;
  }
  // What did:ethr documents hold a key in, whatever the data model thinks of it. Of this kind and these lengths only:
  // ethers takes 32 bytes, which an Ed25519 key has, for a secret key, and everybody could sign with that.
  const { publicKeyHex } = method as unknown as Readonly<Record<string, unknown>>;
  if (method.type !== SECP256K1_KEY || typeof publicKeyHex !== "string" || !PUBLIC_KEY.test(publicKeyHex)) {
    return undefined;
  }
  try {
    return computeAddress(`0x${publicKeyHex}`);
  } catch {
    // A point off the curve.
    return undefined;
  }
}
