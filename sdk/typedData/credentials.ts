/** Messages that organisations and people sign for credentials. Anybody may relay them. */
import { ZeroHash } from "ethers";

import type { Credentials } from "../../typechain-types/index.js";
import { type MessageSigner, type Signature, signMessage, withNonce } from "./messages.js";

// --- messages

/** An organisation names its issuing key, signed by the owner of its identity and by the key. */
export interface KeyAppointment {
  /** Identity of the organisation. */
  readonly issuer: string;
  /** Account, or address of an ERC-7913 key, that will speak for it. */
  readonly key: string;
  /** Last Unix time at which the key may speak. */
  readonly until: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** An issuer is accredited for a type, signed by the accreditor's key. */
export interface AccreditationGrant {
  /** The accreditor's issuing key. */
  readonly key: string;
  readonly typeId: string;
  /** Identity to be accredited. */
  readonly issuer: string;
  /** Last Unix time at which the accreditation is good. */
  readonly until: bigint;
  /** Whether the issuer may accredit others. */
  readonly mayAccredit: boolean;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** An accreditation is withdrawn, signed by the key of who gave it or of the type's authority. */
export interface AccreditationWithdrawal {
  readonly key: string;
  readonly typeId: string;
  readonly issuer: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A credential is issued, signed by the issuer's key. */
export interface Issuance {
  readonly key: string;
  readonly typeId: string;
  readonly subject: string;
  /** Last Unix time at which the credential is good. */
  readonly until: bigint;
  /** Root of the salted attributes; zero: none. */
  readonly attributesRoot: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A credential is revoked, suspended or restored, signed by the issuer's key. */
export interface StandingChange {
  readonly key: string;
  readonly typeId: string;
  readonly subject: string;
  /** {@link Standing}: `Revoked`, `Suspended`, or `Current` to lift a suspension. */
  readonly standing: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A subject shows one attribute to one verifier for one purpose, signed by the owner of the subject's identity. */
export interface Presentation {
  readonly typeId: string;
  readonly subject: string;
  /** Contract or account that may use it. */
  readonly verifier: string;
  /** What the verifier may use it for, 32 bytes in the verifier's own terms. */
  readonly purpose: string;
  /** The attribute shown, see {@link predicateIdOf}. */
  readonly predicate: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

// --- builders

/** An issuance from its fields: no attributes and a random nonce unless they are given. */
export function buildIssuance(
  fields: Omit<Issuance, "attributesRoot" | "nonce"> & Partial<Pick<Issuance, "attributesRoot" | "nonce">>,
): Issuance {
  return withNonce({ attributesRoot: ZeroHash, ...fields });
}

/** An accreditation from its fields: without the right to accredit others and a random nonce unless they are given. */
export function buildAccreditationGrant(
  fields: Omit<AccreditationGrant, "mayAccredit" | "nonce"> &
    Partial<Pick<AccreditationGrant, "mayAccredit" | "nonce">>,
): AccreditationGrant {
  return withNonce({ mayAccredit: false, ...fields });
}

// --- signatures

/** The part of a city that signing for credentials needs. */
export interface HasCredentials {
  readonly credentials: Credentials;
}

/** Signs the appointment of a key: for the owner of the organisation's identity, and for the key. */
export async function signKeyAppointment(
  { credentials }: HasCredentials,
  signer: MessageSigner,
  appointment: KeyAppointment,
): Promise<Signature> {
  return signMessage(credentials, signer, "KeyAppointment", appointment);
}

/** Signs an accreditation for the accreditor's key. */
export async function signAccreditationGrant(
  { credentials }: HasCredentials,
  signer: MessageSigner,
  grant: AccreditationGrant,
): Promise<Signature> {
  return signMessage(credentials, signer, "AccreditationGrant", grant);
}

/** Signs the withdrawal of an accreditation for the key of who gave it or of the type's authority. */
export async function signAccreditationWithdrawal(
  { credentials }: HasCredentials,
  signer: MessageSigner,
  withdrawal: AccreditationWithdrawal,
): Promise<Signature> {
  return signMessage(credentials, signer, "AccreditationWithdrawal", withdrawal);
}

/** Signs a credential for the issuer's key. */
export async function signIssuance(
  { credentials }: HasCredentials,
  signer: MessageSigner,
  issuance: Issuance,
): Promise<Signature> {
  return signMessage(credentials, signer, "Issuance", issuance);
}

/** Signs a revocation, a suspension or its end for the issuer's key. */
export async function signStandingChange(
  { credentials }: HasCredentials,
  signer: MessageSigner,
  change: StandingChange,
): Promise<Signature> {
  return signMessage(credentials, signer, "StandingChange", change);
}

/** Signs a presentation for the owner of the subject's identity. */
export async function signPresentation(
  { credentials }: HasCredentials,
  signer: MessageSigner,
  presentation: Presentation,
): Promise<Signature> {
  return signMessage(credentials, signer, "Presentation", presentation);
}
