/**
 * Messages of the waste module: of containers' devices, of the keys that operators appoint, and of operators themselves.
 * Containers, counters, codes, operators, routes and versions are whole numbers; lots are bigint, mass is grams, instants
 * are Unix time. Devices and crews have plain keys, whose signatures are short (ERC-2098).
 */
import type { BaseContract } from "ethers";

import { type CompactSignature, signCompact } from "./compact.js";
import { digestOf, type MessageSigner, type Signature, signMessage, type TypedDataSigner } from "./messages.js";

/** A reading of a container's device, signed by the device. */
export interface Fill {
  readonly binId: number;
  /** Counts up with every message of the device, readings and tickets alike. */
  readonly counter: number;
  readonly takenAt: bigint;
  /** How full, basis points, at most 10,000. */
  readonly fillBp: number;
}

/** A container was emptied, signed by its device, or the scale that speaks for it, and by a key of the collector. */
export interface Ticket {
  readonly binId: number;
  /** Of the device, above that of its message before. */
  readonly counter: number;
  readonly takenAt: bigint;
  /** List of Waste code as a number: 15 01 06 is 150106. */
  readonly code: number;
  /** 1 to 40,000,000. */
  readonly grams: bigint;
  /** See {@link Weighing}. */
  readonly weighing: bigint;
  /** Key that signs for the collector. */
  readonly collector: string;
  /** Route on which it was; zero: none. */
  readonly routeId: number;
  /** keccak256 of the papers, salted; zero: none. */
  readonly documentHash: string;
}

/** A sender hands a lot over, signed by a key of the lot's holder. */
export interface Handover {
  readonly lotId: bigint;
  /** Version of the lot: what is signed for one state is good for no other. */
  readonly version: number;
  /** Operator that is to have it. */
  readonly receiver: number;
  /** Mass that leaves, all of the lot. Signed, but not brought: the contract knows it. */
  readonly grams: bigint;
  /** Last second at which it can be received. */
  readonly until: bigint;
}

/** What a receiver found, signed by a key of the receiver. */
export interface Receipt {
  /** Digest of the handover, see {@link handoverDigest}. */
  readonly handover: string;
  /** Mass that came. */
  readonly receivedGrams: bigint;
  /** Mass that is kept, at most what came; the rest goes back. */
  readonly acceptedGrams: bigint;
  /** keccak256 of why mass is refused, salted; zero: none is. */
  readonly reasonHash: string;
}

/** An identity becomes an operator, signed by its owner. */
export interface Admission {
  readonly account: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/**
 * A key signs for an operator, or no longer, signed by the owner of the operator's identity, and by the key itself when it
 * is first appointed.
 */
export interface CrewChange {
  readonly operatorId: number;
  readonly key: string;
  /** Last second at which the key signs; zero: it is dismissed. */
  readonly until: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** An operator gets another identity, signed by the owner of that identity, who then answers for the operator's keys. */
export interface OperatorHandover {
  readonly operatorId: number;
  /** Identity that takes it over. */
  readonly account: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** The part of a city that signing readings needs. */
export interface HasContainers {
  readonly containers: BaseContract;
}

/** The part of a city that signing tickets and handovers needs. */
export interface HasWasteLots {
  readonly wasteLots: BaseContract;
}

/** The part of a city that admitting operators and appointing crews needs. */
export interface HasWasteOperators {
  readonly wasteOperators: BaseContract;
}

/** Signs a reading with the key of the container's device. */
export async function signFill(
  { containers }: HasContainers,
  device: TypedDataSigner,
  fill: Fill,
): Promise<CompactSignature> {
  return signCompact(containers, device, "Fill", fill);
}

/** Signs a ticket with the key of the container's device, or with the collector's key that the ticket names. */
export async function signTicket(
  { wasteLots }: HasWasteLots,
  signer: TypedDataSigner,
  ticket: Ticket,
): Promise<CompactSignature> {
  return signCompact(wasteLots, signer, "Ticket", ticket);
}

/** Signs a handover with a key of the lot's holder. */
export async function signHandover(
  { wasteLots }: HasWasteLots,
  sender: TypedDataSigner,
  handover: Handover,
): Promise<CompactSignature> {
  return signCompact(wasteLots, sender, "Handover", handover);
}

/** Digest of a handover: what its sender signs, and what its receipt names. */
export async function handoverDigest({ wasteLots }: HasWasteLots, handover: Handover): Promise<string> {
  return digestOf(wasteLots, "Handover", handover);
}

/** Signs a receipt with a key of the receiver. */
export async function signReceipt(
  { wasteLots }: HasWasteLots,
  receiver: TypedDataSigner,
  receipt: Receipt,
): Promise<CompactSignature> {
  return signCompact(wasteLots, receiver, "Receipt", receipt);
}

/** Signs that an identity becomes an operator, for the owner of that identity. */
export async function signAdmission(
  { wasteOperators }: HasWasteOperators,
  signer: MessageSigner,
  admission: Admission,
): Promise<Signature> {
  return signMessage(wasteOperators, signer, "Admission", admission);
}

/** Signs a key's appointment or dismissal for the owner of the operator's identity. */
export async function signCrewChange(
  { wasteOperators }: HasWasteOperators,
  signer: MessageSigner,
  change: CrewChange,
): Promise<Signature> {
  return signMessage(wasteOperators, signer, "CrewChange", change);
}

/** Signs a key's first appointment with the key itself: its consent, of the same message that the owner signs or sends. */
export async function signCrewConsent(
  { wasteOperators }: HasWasteOperators,
  key: TypedDataSigner,
  change: CrewChange,
): Promise<CompactSignature> {
  return signCompact(wasteOperators, key, "CrewChange", change);
}

/** Signs that an identity takes an operator over, for the owner of that identity. */
export async function signOperatorHandover(
  { wasteOperators }: HasWasteOperators,
  signer: MessageSigner,
  handover: OperatorHandover,
): Promise<Signature> {
  return signMessage(wasteOperators, signer, "OperatorHandover", handover);
}
