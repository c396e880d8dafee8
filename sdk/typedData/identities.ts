/** Messages that owners, guardians, devices and operators of identities sign. */
import { getAddress, ZeroAddress, ZeroHash } from "ethers";

import type { Identities } from "../../typechain-types/index.js";
import { type P256Signer, p256AccountOf } from "../p256.js";
import {
  type AccountSigner,
  type MessageSigner,
  randomNonce,
  type Signature,
  signMessage,
  structHash,
} from "./messages.js";
import type { StructName } from "./structs.js";

// --- messages

/**
 * A message about an identity that its owner signs. The contract hashes it with the present owner, who is not handed in:
 * so it is good for this owner and no other, even one whose account accepts the same key.
 */
export interface OwnerSigned {
  /** Owner for which it is signed; when left out, the registry is asked for the present one. */
  readonly owner?: string;
}

/** An identity goes to a new owner, signed by its owner. */
export interface OwnerChange extends OwnerSigned {
  readonly identity: string;
  /** The zero address: retire the identity for ever. */
  readonly newOwner: string;
  readonly nonce: bigint;
  /** Last Unix time at which the message is good, as in every message below. */
  readonly deadline: bigint;
}

/** A delegate is added, signed by the owner. */
export interface DelegateGrant extends OwnerSigned {
  readonly identity: string;
  /** 32 bytes: UTF-8 text, filled up with zeros. */
  readonly delegateType: string;
  readonly delegate: string;
  /** Seconds from the act. */
  readonly validity: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A delegate is revoked, signed by the owner. */
export interface DelegateRevocation extends OwnerSigned {
  readonly identity: string;
  readonly delegateType: string;
  readonly delegate: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** An attribute is set, signed by the owner. */
export interface AttributeChange extends OwnerSigned {
  readonly identity: string;
  /** 32 bytes: UTF-8 text, filled up with zeros. */
  readonly name: string;
  /** Any bytes, in hexadecimal form. */
  readonly value: string;
  /** Seconds from the act. */
  readonly validity: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** An attribute is revoked, signed by the owner. */
export interface AttributeRevocation extends OwnerSigned {
  readonly identity: string;
  readonly name: string;
  readonly value: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** Who may recover an identity for an owner that lost its key, and how. */
export interface GuardianPlan {
  /** Up to {@link MAX_GUARDIANS}, strictly ascending. Empty: nobody, and the other fields are zero. */
  readonly guardians: readonly string[];
  /** How many of them must agree, 1 to all. */
  readonly threshold: bigint;
  /** Seconds in which the owner may veto, {@link MIN_RECOVERY_DELAY} to {@link MAX_RECOVERY_DELAY}. */
  readonly delay: bigint;
}

/** An owner names its guardians. */
export interface GuardianChange extends OwnerSigned {
  readonly identity: string;
  readonly plan: GuardianPlan;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A guardian agrees to a recovery. */
export interface RecoveryApproval {
  /** Account of the guardian. */
  readonly guardian: string;
  readonly identity: string;
  readonly newOwner: string;
  /** {@link guardianPlanHash} of the identity's plan: approvals end with the plan they were given under. */
  readonly planHash: string;
  /** `ownerVersion` of the identity: approvals end with the owner they were given against. */
  readonly ownerVersion: bigint;
  /** `recoveryRound` of the identity: approvals end with the recovery they were given for. */
  readonly round: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A guardian's approval as `startRecovery` takes it. */
export interface SignedApproval {
  /** Place of the guardian in the plan, from 0. */
  readonly guardianIndex: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
  readonly signature: Signature;
}

/** An owner stops a recovery. */
export interface RecoveryVeto extends OwnerSigned {
  readonly identity: string;
  /** `recoveryRound` of the identity. */
  readonly round: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A device enters service, signed by the device and by its operator. */
export interface Commissioning {
  /** Account of the device's own key, and from then on its identity. */
  readonly device: string;
  /** Who owns the identity from now on. */
  readonly operator: string;
  /** Seconds for which the device's key is a delegate, at least 1. */
  readonly validity: bigint;
  /** Where the device's make is vouched for; the zero address: the device claims none. */
  readonly registry: string;
  /** Credential type that the device must hold there; zero exactly when `registry` is. */
  readonly make: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** Firmware or configuration of a device changed, signed by a key of the device and by its operator. */
export interface DeviceChange extends OwnerSigned {
  readonly device: string;
  /** Key of the device: a delegate of type `veriKey` at the time of the act. */
  readonly key: string;
  /** 32 bytes: UTF-8 text, filled up with zeros; for instance `device/firmware`. */
  readonly name: string;
  /** Any bytes, in hexadecimal form; for instance the hash of the image. */
  readonly value: string;
  /** Seconds from the act. */
  readonly validity: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** Most guardians of an identity. */
export const MAX_GUARDIANS = 16;

const DAY = 86_400n;

/** Shortest time for a veto, seconds. */
export const MIN_RECOVERY_DELAY = DAY;

/** Longest time for a veto, seconds. */
export const MAX_RECOVERY_DELAY = 365n * DAY;

/** Plan of an owner that wants no guardians. */
export const NO_GUARDIANS: GuardianPlan = { guardians: [], threshold: 0n, delay: 0n };

// --- builders

/**
 * A plan with its guardians in the order that the contract asks for.
 *
 * @param guardians - Accounts in any order, 1 to {@link MAX_GUARDIANS}; for none see {@link NO_GUARDIANS}.
 * @param threshold - How many of them must agree, 1 to all.
 * @param delay - Seconds, {@link MIN_RECOVERY_DELAY} to {@link MAX_RECOVERY_DELAY}.
 * @throws TypeError for what is no address, RangeError for a value out of its range and for a guardian named twice.
 */
export function buildGuardianPlan(guardians: readonly string[], threshold: bigint, delay: bigint): GuardianPlan {
  const sorted = guardians.map((guardian) => getAddress(guardian)).sort(byValue);
  const count = sorted.length;
  if (count === 0 || count > MAX_GUARDIANS) {
    throw new RangeError(`a plan has 1 to ${MAX_GUARDIANS} guardians, not ${count}`);
  }
  const bad = sorted.find((guardian, index) => guardian === ZeroAddress || guardian === sorted[index - 1]);
  if (bad !== undefined) throw new RangeError(`guardian ${bad} is zero or named twice`);
  if (threshold < 1n || threshold > BigInt(count)) {
    throw new RangeError(`threshold ${threshold.toString()} is not from 1 to ${count}, the number of guardians`);
  }
  if (delay < MIN_RECOVERY_DELAY || delay > MAX_RECOVERY_DELAY) {
    const limits = `${MIN_RECOVERY_DELAY.toString()} to ${MAX_RECOVERY_DELAY.toString()}`;
    throw new RangeError(`delay ${delay.toString()} is not from ${limits} seconds`);
  }
  return { guardians: sorted, threshold, delay };
}

function byValue(left: string, right: string): number {
  return BigInt(left) < BigInt(right) ? -1 : 1;
}

/** Commissioning of a device from its fields: it claims no make and has a random nonce unless they are given. */
export function buildCommissioning(
  fields: Omit<Commissioning, "registry" | "make" | "nonce"> & Partial<Commissioning>,
): Commissioning {
  return { registry: ZeroAddress, make: ZeroHash, nonce: randomNonce(), ...fields };
}

/** EIP-712 struct hash of a plan: what the contract keeps of it. Twin of the contract's `guardianPlanHash`. */
export function guardianPlanHash(plan: GuardianPlan): string {
  return structHash("GuardianPlan", plan);
}

// --- signatures

/** The part of a city that signing for identities needs. */
export interface HasIdentities {
  readonly identities: Identities;
}

/** Signs a message that the contract hashes with the owner of the identity that it is about. */
async function signForOwner(
  identities: Identities,
  signer: MessageSigner,
  name: StructName,
  identity: string,
  message: OwnerSigned,
): Promise<Signature> {
  const owner = message.owner ?? (await identities.identityOwner(identity));
  return signMessage(identities, signer, name, { ...message, owner });
}

/** Account that a signer acts as: that of its P-256 key, or its own address. */
export async function accountOf(signer: AccountSigner | P256Signer): Promise<string> {
  return "verifier" in signer ? p256AccountOf(signer) : signer.getAddress();
}

/** Signs a change of owner, or the retirement, for the owner. */
export async function signOwnerChange(
  { identities }: HasIdentities,
  owner: MessageSigner,
  change: OwnerChange,
): Promise<Signature> {
  return signForOwner(identities, owner, "OwnerChange", change.identity, change);
}

/** Signs a delegate's appointment for the owner. */
export async function signDelegateGrant(
  { identities }: HasIdentities,
  owner: MessageSigner,
  grant: DelegateGrant,
): Promise<Signature> {
  return signForOwner(identities, owner, "DelegateGrant", grant.identity, grant);
}

/** Signs a delegate's dismissal for the owner. */
export async function signDelegateRevocation(
  { identities }: HasIdentities,
  owner: MessageSigner,
  revocation: DelegateRevocation,
): Promise<Signature> {
  return signForOwner(identities, owner, "DelegateRevocation", revocation.identity, revocation);
}

/** Signs an attribute for the owner. */
export async function signAttributeChange(
  { identities }: HasIdentities,
  owner: MessageSigner,
  change: AttributeChange,
): Promise<Signature> {
  return signForOwner(identities, owner, "AttributeChange", change.identity, change);
}

/** Signs the end of an attribute for the owner. */
export async function signAttributeRevocation(
  { identities }: HasIdentities,
  owner: MessageSigner,
  revocation: AttributeRevocation,
): Promise<Signature> {
  return signForOwner(identities, owner, "AttributeRevocation", revocation.identity, revocation);
}

/** Signs a plan for the owner. */
export async function signGuardianChange(
  { identities }: HasIdentities,
  owner: MessageSigner,
  change: GuardianChange,
): Promise<Signature> {
  return signForOwner(identities, owner, "GuardianChange", change.identity, change);
}

/** Signs a recovery for a guardian. {@link toSignedApproval} makes of it what `startRecovery` takes. */
export async function signRecoveryApproval(
  { identities }: HasIdentities,
  guardian: MessageSigner,
  approval: RecoveryApproval,
): Promise<Signature> {
  return signMessage(identities, guardian, "RecoveryApproval", approval);
}

/** Signs a veto for the owner. */
export async function signRecoveryVeto(
  { identities }: HasIdentities,
  owner: MessageSigner,
  veto: RecoveryVeto,
): Promise<Signature> {
  return signForOwner(identities, owner, "RecoveryVeto", veto.identity, veto);
}

/** Signs a commissioning for the device or its operator. */
export async function signCommissioning(
  { identities }: HasIdentities,
  signer: MessageSigner,
  commissioning: Commissioning,
): Promise<Signature> {
  return signMessage(identities, signer, "Commissioning", commissioning);
}

/** Signs a change of a device for a key of it or its operator. */
export async function signDeviceChange(
  { identities }: HasIdentities,
  signer: MessageSigner,
  change: DeviceChange,
): Promise<Signature> {
  return signForOwner(identities, signer, "DeviceChange", change.device, change);
}

/**
 * A guardian's signed approval as `startRecovery` takes it; hand them in sorted by `guardianIndex`.
 *
 * @param plan - The identity's plan.
 * @param guardian - Account of the guardian.
 * @param approval - What it signed.
 * @param signature - Its signature.
 * @throws RangeError when the plan does not name the guardian.
 */
export function toSignedApproval(
  plan: GuardianPlan,
  guardian: string,
  { nonce, deadline }: Pick<RecoveryApproval, "nonce" | "deadline">,
  signature: Signature,
): SignedApproval {
  const index = plan.guardians.findIndex((named) => getAddress(named) === getAddress(guardian));
  if (index === -1) throw new RangeError(`${guardian} is none of the guardians ${plan.guardians.join(", ")}`);
  return { guardianIndex: BigInt(index), nonce, deadline, signature };
}
