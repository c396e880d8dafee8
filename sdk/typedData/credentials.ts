/** Messages that organisations and people sign for credentials. Anybody may relay them. */
import { ZeroHash } from "ethers";

import { type Credentials, Identities__factory } from "../../typechain-types/index.js";
import type { OwnerSigned } from "./identities.js";
import { type MessageSigner, type Signature, signMessage, withNonce } from "./messages.js";

// --- messages

/** An organisation names its issuing key, signed by the owner of its identity and by the key. */
export interface KeyAppointment extends OwnerSigned {
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
  /**
   * Organisation that accredits, for which the key signs: signed, not handed in. When left out, the contract is asked for
   * whom the key speaks now.
   */
  readonly accreditor?: string;
}

/** An accreditation is withdrawn, signed by the key of who gave it or of the type's authority. */
export interface AccreditationWithdrawal {
  readonly key: string;
  readonly typeId: string;
  readonly issuer: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
  /**
   * Organisation that withdraws it, for which the key signs: signed, not handed in. When left out, the contract is asked for
   * whom the key speaks now.
   */
  readonly by?: string;
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
  /**
   * Organisation that issues it, for which the key signs: signed, not handed in. When left out, the contract is asked for
   * whom the key speaks now.
   */
  readonly issuer?: string;
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
  /**
   * Organisation that changes it, for which the key signs: signed, not handed in. When left out, the contract is asked for
   * whom the key speaks now.
   */
  readonly issuer?: string;
}

/** A subject shows one attribute to one verifier for one purpose, signed by the owner of the subject's identity. */
export interface Presentation extends OwnerSigned {
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
  const owner = appointment.owner ?? (await ownerOf(credentials, appointment.issuer));
  return signMessage(credentials, signer, "KeyAppointment", { ...appointment, owner });
}

/** Signs an accreditation for the accreditor's key. */
export async function signAccreditationGrant(
  { credentials }: HasCredentials,
  signer: MessageSigner,
  grant: AccreditationGrant,
): Promise<Signature> {
  const accreditor = grant.accreditor ?? (await credentials.issuerOf(grant.key));
  return signMessage(credentials, signer, "AccreditationGrant", { ...grant, accreditor });
}

/** Signs the withdrawal of an accreditation for the key of who gave it or of the type's authority. */
export async function signAccreditationWithdrawal(
  { credentials }: HasCredentials,
  signer: MessageSigner,
  withdrawal: AccreditationWithdrawal,
): Promise<Signature> {
  const by = withdrawal.by ?? (await credentials.issuerOf(withdrawal.key));
  return signMessage(credentials, signer, "AccreditationWithdrawal", { ...withdrawal, by });
}

/** Signs a credential for the issuer's key. */
export async function signIssuance(
  { credentials }: HasCredentials,
  signer: MessageSigner,
  issuance: Issuance,
): Promise<Signature> {
  const issuer = issuance.issuer ?? (await credentials.issuerOf(issuance.key));
  return signMessage(credentials, signer, "Issuance", { ...issuance, issuer });
}

/** Signs a revocation, a suspension or its end for the issuer's key. */
export async function signStandingChange(
  { credentials }: HasCredentials,
  signer: MessageSigner,
  change: StandingChange,
): Promise<Signature> {
  const issuer = change.issuer ?? (await credentials.issuerOf(change.key));
  return signMessage(credentials, signer, "StandingChange", { ...change, issuer });
}

/** Signs a presentation for the owner of the subject's identity. */
export async function signPresentation(
  { credentials }: HasCredentials,
  signer: MessageSigner,
  presentation: Presentation,
): Promise<Signature> {
  const owner = presentation.owner ?? (await ownerOf(credentials, presentation.subject));
  return signMessage(credentials, signer, "Presentation", { ...presentation, owner });
}

/** Present owner of an identity, by the registry that the credentials believe. */
async function ownerOf(credentials: Credentials, identity: string): Promise<string> {
  return Identities__factory.connect(await credentials.identities(), credentials.runner).identityOwner(identity);
}
