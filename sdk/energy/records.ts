/**
 * Orders as the market's records hold them: twin of contracts/energy/market/OrderRecords.sol. Accounts, ticks and flags are
 * numbers, energy is Wh in bigint.
 */
import { type BytesLike, concat, getBytes, toBeHex } from "ethers";

import type { BookClassName } from "./auction.js";
import { EnergyRules, hasRule, priceAt, type Tariff } from "./tariffs.js";

/** One step of an order: so much energy at this price or a better one. */
export interface Step {
  /** 0 to 255. */
  readonly tick: number;
  /** Energy in the interval, Wh, 1 to 4,294,967,295. */
  readonly wh: bigint;
}

/**
 * Where an order trades. Bids: any but `green`. Offers: `anywhere` or `feederOnly`; in the records of orders that were
 * accepted, `green` stands for `anywhere` where the account's energy is certified and the interval asks for that.
 */
export type OrderKind = "anywhere" | "greenFirst" | "greenOnly" | "feederOnly" | "green";

/** An order of one meter for one interval. */
export interface Order {
  /** Number of account and meter: `feeder << 8 | position`. */
  readonly account: number;
  /** Offer; else bid. */
  readonly offer: boolean;
  readonly kind: OrderKind;
  /** 1 to 4. */
  readonly steps: readonly Step[];
}

/** The byte of flags in a record. */
export const OrderFlags = {
  OFFER: 1,
  STEPS_SHIFT: 1,
  STEPS_MASK: 3,
  KIND_SHIFT: 3,
  KIND_MASK: 3,
  UNKNOWN: 0xe0,
} as const;

/** Most steps of an order. */
export const MAX_STEPS = 4;

const BID_KINDS: readonly OrderKind[] = ["anywhere", "greenFirst", "greenOnly", "feederOnly"];
const OFFER_KINDS: readonly (OrderKind | undefined)[] = ["anywhere", "green", undefined, "feederOnly"];
const FEEDER_SHIFT = 8;
const HEAD_BYTES = 5;
const STEP_BYTES = 5;
const MAX_UINT32 = 0xffff_ffffn;
const MAX_UINT8 = 0xff;

/** Records do not have the length that they announce, or an order cannot be written as a record. */
export class RecordError extends RangeError {
  override readonly name = "RecordError";
}

/** Feeder of an account. */
export function feederOf(account: number): number {
  return account >> FEEDER_SHIFT;
}

/** Place of an account's meter on its feeder, 0 to 255. */
export function positionOn(account: number): number {
  return account & MAX_UINT8;
}

/** Number of the account at a place of a feeder. */
export function accountAt(feeder: number, position: number): number {
  return (feeder << FEEDER_SHIFT) | position;
}

/**
 * Flags of an order without the number of its steps: as they are signed.
 *
 * @throws RecordError for a kind that the side does not have.
 */
export function signedFlags({ offer, kind }: Pick<Order, "offer" | "kind">): number {
  const number = (offer ? OFFER_KINDS : BID_KINDS).indexOf(kind);
  if (number < 0) throw new RecordError(`${offer ? "an offer" : "a bid"} cannot be of kind ${kind}`);
  return (offer ? OrderFlags.OFFER : 0) | (number << OrderFlags.KIND_SHIFT);
}

/** Flags of an order as its record has them. */
export function flagsOf(order: Pick<Order, "offer" | "kind" | "steps">): number {
  return signedFlags(order) | ((order.steps.length - 1) << OrderFlags.STEPS_SHIFT);
}

/**
 * Side and kind that flags stand for.
 *
 * @throws RecordError for flags that no order has.
 */
export function orderOfFlags(flags: number): Pick<Order, "offer" | "kind"> {
  const offer = (flags & OrderFlags.OFFER) !== 0;
  const known = (flags & OrderFlags.UNKNOWN) === 0;
  const number = (flags >> OrderFlags.KIND_SHIFT) & OrderFlags.KIND_MASK;
  const kind = known ? (offer ? OFFER_KINDS : BID_KINDS)[number] : undefined;
  if (kind === undefined) throw new RecordError(`flags ${flags} are of no order`);
  return { offer, kind };
}

const BID_CLASSES = {
  anywhere: "Bid",
  greenFirst: "BidGreenFirst",
  greenOnly: "BidGreenOnly",
  feederOnly: "BidFeederOnly",
} as const;

/**
 * The class that an order enters.
 *
 * @param green - Whether the account's offers count as green; an accepted record says it by its kind.
 */
export function classOf(
  { offer, kind }: Pick<Order, "offer" | "kind">,
  green: boolean,
  tariff: Pick<Tariff, "rules">,
): BookClassName {
  if (kind === "green") return "OfferGreen";
  if (!offer) return BID_CLASSES[kind];
  if (kind !== "anywhere") return "OfferFeederOnly";
  return green && hasRule(tariff, EnergyRules.GREEN) ? "OfferGreen" : "Offer";
}

/** Energy of all steps of an order, Wh. */
export function whOf({ steps }: Pick<Order, "steps">): bigint {
  return steps.reduce((sum, { wh }) => sum + wh, 0n);
}

/**
 * What an order locks: the most that it can cost its account for energy traded, money units. A buyer's price and the
 * higher grid fee; a seller's loss if nothing is delivered.
 */
export function lockOf(tariff: Tariff, { offer, steps }: Pick<Order, "offer" | "steps">): bigint {
  return steps.reduce((sum, { tick, wh }) => {
    const price = priceAt(tariff, tick);
    return sum + (offer ? tariff.retail - price : price + tariff.gridFee) * wh;
  }, 0n);
}

/**
 * The record of an order, in hexadecimal form: `account uint32 | flags uint8 | (tick uint8 | wh uint32)…`.
 *
 * @throws RecordError for no step or more than four, and for an account, tick or Wh outside its range.
 */
export function packOrder(order: Order): string {
  const { account, steps } = order;
  if (steps.length === 0 || steps.length > MAX_STEPS) {
    throw new RecordError(`order of account ${account} has ${steps.length} steps; an order has 1 to ${MAX_STEPS}`);
  }
  checkRange(`account`, BigInt(account), MAX_UINT32);
  const parts = [toBeHex(account, 4), toBeHex(flagsOf(order), 1)];
  for (const { tick, wh } of steps) {
    checkRange(`tick of account ${account}`, BigInt(tick), BigInt(MAX_UINT8));
    checkRange(`Wh of account ${account}`, wh, MAX_UINT32);
    parts.push(toBeHex(tick, 1), toBeHex(wh, 4));
  }
  return concat(parts);
}

/** The records of orders, one after the other, in hexadecimal form. */
export function packOrders(orders: readonly Order[]): string {
  return concat(orders.map(packOrder));
}

/**
 * Reads records.
 *
 * @throws RecordError for records that end within one, and for flags that no order has. It names the byte.
 */
export function unpackOrders(records: BytesLike): Order[] {
  const bytes = getBytes(records);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const orders: Order[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (offset + HEAD_BYTES > bytes.length) throw cutOff(offset, bytes.length);
    const account = view.getUint32(offset);
    const flags = view.getUint8(offset + HEAD_BYTES - 1);
    const count = ((flags >> OrderFlags.STEPS_SHIFT) & OrderFlags.STEPS_MASK) + 1;
    const end = offset + HEAD_BYTES + count * STEP_BYTES;
    if (end > bytes.length) throw cutOff(offset, bytes.length);
    const steps: Step[] = [];
    for (let step = offset + HEAD_BYTES; step < end; step += STEP_BYTES) {
      steps.push({ tick: view.getUint8(step), wh: BigInt(view.getUint32(step + 1)) });
    }
    orders.push({ account, ...orderOfFlags(flags), steps });
    offset = end;
  }
  return orders;
}

/** Numbers of accounts, 4 bytes each, as the market takes them, in hexadecimal form. */
export function packAccounts(accounts: readonly number[]): string {
  return concat(accounts.map((account) => toBeHex(account, 4)));
}

function cutOff(offset: number, length: number): RecordError {
  return new RecordError(`the record at byte ${offset} is longer than the ${length} bytes there are`);
}

function checkRange(name: string, value: bigint, greatest: bigint): void {
  if (value < 0n || value > greatest) {
    throw new RecordError(`${name} is ${value.toString()}; it can be 0 to ${greatest.toString()}`);
  }
}
