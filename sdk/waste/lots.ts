/** Tickets, handovers and receipts, built and signed, and the ids of lots. Mass is grams, instants are Unix time. */
import { ZeroHash } from "ethers";

import { Weighing } from "../enums.js";
import { slices } from "../slices.js";
import { type CompactSignature, NO_COMPACT_SIGNATURE } from "../typedData/compact.js";
import type { TypedDataSigner } from "../typedData/messages.js";
import {
  type Handover,
  handoverDigest,
  type HasWasteLots,
  type Receipt,
  signHandover,
  signReceipt,
  signTicket,
  type Ticket,
} from "../typedData/waste.js";
import { wasteCodeText } from "./codes.js";
import { checkField, field, maxOf } from "./packing.js";

/** Most mass on a ticket, the load of a road vehicle. */
export const MAX_TICKET_GRAMS = 40_000_000n;
/** Most mass of any lot. */
export const MAX_LOT_GRAMS = maxOf(40);
/** Most tickets of `collectMany`. */
export const MAX_TICKETS = 100;
/** Most lots that go into a group or a process, and most outputs of a process. */
export const MAX_LOTS = 50;

const SERIAL_FLAG = 1n << 63n;
const BIN_SHIFT = 32n;
const COLLECTION_BITS = 32;
const BASIS_POINTS = 10_000n;

// --- ids

/** Where a lot comes from: a collection of a container, or else it is a later one with a serial number. */
export type LotOrigin =
  | { readonly kind: "ticket"; readonly binId: number; readonly collection: number }
  | { readonly kind: "serial"; readonly serial: bigint };

/**
 * Id of the lot that a collection made.
 *
 * @param binId - The container, 1 to 2^31 - 1.
 * @param collection - How many tickets have emptied it, that one included.
 * @throws FieldError for a number that does not fit.
 */
export function ticketLotId(binId: number, collection: number): bigint {
  const bin = checkField("container", binId, 1n, maxOf(31));
  return (bin << BIN_SHIFT) | checkField("collection", collection, 1n, maxOf(COLLECTION_BITS));
}

/**
 * Id of a lot that came of others.
 *
 * @param serial - From 1.
 * @throws FieldError for a number that does not fit.
 */
export function serialLotId(serial: bigint | number): bigint {
  return SERIAL_FLAG | checkField("serial number", serial, 1n, maxOf(63));
}

/** What a lot's id says. */
export function lotOrigin(lotId: bigint): LotOrigin {
  if (lotId >= SERIAL_FLAG) return { kind: "serial", serial: lotId - SERIAL_FLAG };
  return { kind: "ticket", binId: Number(lotId >> BIN_SHIFT), collection: Number(lotId & maxOf(COLLECTION_BITS)) };
}

// --- tickets

/** A ticket as it is made; what is left out is usual. */
export type TicketTerms = Omit<Ticket, "weighing" | "routeId" | "documentHash"> &
  Partial<Pick<Ticket, "weighing" | "routeId" | "documentHash">>;

/** A ticket with both signatures, as `collect` takes it. */
export interface SignedTicket {
  readonly ticket: Ticket;
  readonly device: CompactSignature;
  readonly collector: CompactSignature;
}

/**
 * A ticket: weighed, on no route and without papers unless the terms say otherwise.
 *
 * @throws FieldError for a mass of zero or above 40 t, and for a number that does not fit.
 * @throws RangeError for a code of no chapter.
 */
export function buildTicket(terms: TicketTerms): Ticket {
  const ticket = { weighing: Weighing.Weighed, routeId: 0, documentHash: ZeroHash, ...terms };
  field("container", ticket.binId, 32);
  field("counter", ticket.counter, 32);
  field("time", ticket.takenAt, 40);
  field("route", ticket.routeId, 32);
  checkField("mass on a ticket", ticket.grams, 1n, MAX_TICKET_GRAMS);
  checkField("weighing", ticket.weighing, 0n, Weighing.Declared);
  wasteCodeText(ticket.code);
  return ticket;
}

/**
 * Signs a ticket for the container's device and for the collector.
 *
 * @param city - The contract.
 * @param device - Key of the container's device.
 * @param collector - Key that the ticket names; left out where that key sends the call for this ticket alone, which then
 *   need not sign.
 * @param ticket - The ticket.
 */
export async function signedTicket(
  city: HasWasteLots,
  device: TypedDataSigner,
  collector: TypedDataSigner | undefined,
  ticket: Ticket,
): Promise<SignedTicket> {
  return {
    ticket,
    device: await signTicket(city, device, ticket),
    collector: collector === undefined ? NO_COMPACT_SIGNATURE : await signTicket(city, collector, ticket),
  };
}

/**
 * Tickets in calls of at most 100, in their order.
 *
 * @param size - Most tickets of a call, 1 to 100.
 * @throws FieldError for another size.
 */
export function ticketBatches(tickets: readonly SignedTicket[], size: number = MAX_TICKETS): SignedTicket[][] {
  checkField("tickets of a call", size, 1n, BigInt(MAX_TICKETS));
  return slices(tickets, size);
}

// --- custody

/** What `receiveLot` takes. */
export interface SignedHandover {
  readonly handover: Handover;
  readonly receipt: Receipt;
  readonly sender: CompactSignature;
  readonly receiver: CompactSignature;
}

/** What a receiver found; all of it is kept where nothing is said. */
export interface Findings {
  readonly receivedGrams: bigint;
  /** Mass that is kept; all that came when left out. */
  readonly acceptedGrams?: bigint;
  /** keccak256 of why mass is refused, salted; needed where less is kept than came. */
  readonly reasonHash?: string;
}

/**
 * A handover.
 *
 * @throws FieldError for a mass of zero or above 2^40 - 1 grams, and for a number that does not fit.
 */
export function buildHandover(handover: Handover): Handover {
  field("lot", handover.lotId, 64);
  field("version", handover.version, 32);
  checkField("receiver", handover.receiver, 1n, maxOf(32));
  checkField("mass that leaves", handover.grams, 1n, MAX_LOT_GRAMS);
  field("time", handover.until, 40);
  return handover;
}

/**
 * The receipt of a handover.
 *
 * @throws FieldError where more is kept than came, or nothing came.
 * @throws RangeError where mass is refused without a reason.
 */
export async function buildReceipt(city: HasWasteLots, handover: Handover, findings: Findings): Promise<Receipt> {
  const { receivedGrams, acceptedGrams = receivedGrams, reasonHash = ZeroHash } = findings;
  checkField("mass that came", receivedGrams, 1n, MAX_LOT_GRAMS);
  checkField("mass that is kept", acceptedGrams, 0n, receivedGrams);
  if (acceptedGrams < receivedGrams && reasonHash === ZeroHash) {
    const refused = (receivedGrams - acceptedGrams).toString();
    throw new RangeError(`${refused} g of lot ${handover.lotId.toString()} are refused without a reason`);
  }
  return { handover: await handoverDigest(city, handover), receivedGrams, acceptedGrams, reasonHash };
}

/** Who signs a handover. */
export interface HandoverSigners {
  /** Key of the lot's holder; left out where it sends the call, which then need not sign. */
  readonly sender?: TypedDataSigner;
  /** Key of the receiver. */
  readonly receiver: TypedDataSigner;
}

/**
 * Signs a handover and its receipt, which anybody can bring.
 *
 * @throws as {@link buildHandover} and {@link buildReceipt}.
 */
export async function signedHandover(
  city: HasWasteLots,
  { sender, receiver }: HandoverSigners,
  terms: Handover,
  findings: Findings,
): Promise<SignedHandover> {
  const handover = buildHandover(terms);
  const receipt = await buildReceipt(city, handover, findings);
  return {
    handover,
    receipt,
    sender: sender === undefined ? NO_COMPACT_SIGNATURE : await signHandover(city, sender, handover),
    receiver: await signReceipt(city, receiver, receipt),
  };
}

/** What `takeDelivery` takes, besides the mass that came: a receiver's key brings it, and need not sign. */
export interface SignedDelivery {
  readonly handover: Handover;
  readonly sender: CompactSignature;
}

/**
 * Signs a handover for a receiver that brings it itself and keeps all that comes.
 *
 * @throws FieldError as {@link buildHandover}.
 */
export async function signedDelivery(
  city: HasWasteLots,
  sender: TypedDataSigner,
  terms: Handover,
): Promise<SignedDelivery> {
  const handover = buildHandover(terms);
  return { handover, sender: await signHandover(city, sender, handover) };
}

/**
 * Difference between sent and received mass that is no dispute: floor(sent × tolerance / 10,000).
 *
 * @param toleranceBp - Of the receiver's licence, basis points.
 */
export function toleranceGrams(sentGrams: bigint, toleranceBp: number): bigint {
  return (sentGrams * BigInt(toleranceBp)) / BASIS_POINTS;
}

/** What became of a handover: what is kept, what goes back, and what the way took or gave; or a dispute. */
export type HandoverOutcome =
  | { readonly kind: "disputed"; readonly toleranceGrams: bigint }
  | {
      readonly kind: "received" | "refused";
      readonly acceptedGrams: bigint;
      readonly refusedGrams: bigint;
      readonly transitGain: bigint;
      readonly transitLoss: bigint;
    };

/** Twin of `receiveLot`: the bound is part of what is allowed. */
export function handoverOutcome(
  sentGrams: bigint,
  { receivedGrams, acceptedGrams = receivedGrams }: Findings,
  toleranceBp: number,
): HandoverOutcome {
  const tolerance = toleranceGrams(sentGrams, toleranceBp);
  const gain = receivedGrams > sentGrams ? receivedGrams - sentGrams : 0n;
  const loss = sentGrams > receivedGrams ? sentGrams - receivedGrams : 0n;
  if (gain > tolerance || loss > tolerance) return { kind: "disputed", toleranceGrams: tolerance };
  const kind = acceptedGrams === 0n ? "refused" : "received";
  return { kind, acceptedGrams, refusedGrams: receivedGrams - acceptedGrams, transitGain: gain, transitLoss: loss };
}

// --- processing

/** Something that came out of a process. */
export interface Output {
  readonly code: number;
  readonly grams: bigint;
  /** A final operation that it went through at once; zero: it is a lot of its own. */
  readonly op: number;
}

/** What a process can be checked against, of a facility's licence. */
export interface ProcessLimits {
  /** Most that may be lost, basis points of what goes in. */
  readonly maxLossBp: number;
  /** Most of what goes in that may come out recycled, percent. */
  readonly conversionPct: number;
}

/** Most that may be lost of so much: floor(in × maxLossBp / 10,000). */
export function mostLoss(inputGrams: bigint, maxLossBp: number): bigint {
  return (inputGrams * BigInt(maxLossBp)) / BASIS_POINTS;
}

/** Most of so much that may come out recycled: floor(in × conversionPct / 100). */
export function mostRecycled(inputGrams: bigint, conversionPct: number): bigint {
  return (inputGrams * BigInt(conversionPct)) / PERCENT;
}

const PERCENT = 100n;
