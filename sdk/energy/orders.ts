/** Building, signing and packing of orders. */
import { AbiCoder, type BytesLike, getBytes, keccak256 } from "ethers";

import type { SignedOrderStruct } from "../../typechain-types/contracts/energy/market/EnergyMarket.js";
import { type CompactSignature, packSignatures } from "../typedData/compact.js";
import { type Agreement, type HasEnergyMarket, signOrder, type StandingOrderMessage } from "../typedData/energy.js";
import { withNonce, type TypedDataSigner } from "../typedData/messages.js";
import { feederOf, MAX_STEPS, type Order, type OrderKind, packOrders, RecordError, signedFlags } from "./records.js";
import { EnergyRules, hasRule, type Tariff, tickOf } from "./tariffs.js";

/** One step of an order by its price. */
export interface PricedStep {
  /** Money units per Wh, on the grid of the tariff. */
  readonly price: bigint;
  /** Wh, 1 to 4,294,967,295. */
  readonly wh: bigint;
}

/** What an order is to be. */
export interface OrderTerms {
  readonly account: number;
  /** `buy` or `sell`. */
  readonly side: "buy" | "sell";
  /** `anywhere` when left out. */
  readonly kind?: OrderKind;
  /** 1 to 4. */
  readonly steps: readonly PricedStep[];
}

/** An order with its signature, as it travels to whoever posts it. */
export interface SignedOrder {
  readonly interval: number;
  /** Epoch of the account for which it is signed. */
  readonly epoch: number;
  readonly order: Order;
  readonly signature: CompactSignature;
}

/** Orders as one call of `postOrders` takes them. */
export interface OrderBatch {
  /** In the order of the records. */
  readonly orders: readonly SignedOrder[];
  /** In hexadecimal form. */
  readonly records: string;
  /** 64 bytes for each record, in hexadecimal form. */
  readonly signatures: string;
}

/** Most orders of a batch unless the caller wants another number: about 14 M gas. */
export const BATCH_ORDERS = 1_000;

/**
 * An order for an interval with this tariff.
 *
 * @throws PriceError for a price outside the tariff's band or between its ticks: it names the price and the limits.
 * @throws RecordError for no step or more than four, for a step of no energy, and for a kind that side and rules do not
 * offer.
 */
export function buildOrder(tariff: Tariff, { account, side, kind = "anywhere", steps }: OrderTerms): Order {
  const offer = side === "sell";
  checkKind(tariff, account, offer, kind);
  checkSteps(account, steps);
  return { account, offer, kind, steps: steps.map(({ price, wh }) => ({ tick: tickOf(tariff, price), wh })) };
}

function checkKind(tariff: Tariff, account: number, offer: boolean, kind: OrderKind): void {
  const isGreen = kind === "greenFirst" || kind === "greenOnly";
  if (isGreen && offer) throw new RecordError(`offer of account ${account} is ${kind}, which only bids can be`);
  if (kind === "green") throw new RecordError(`order of account ${account} is green, which only the market can say`);
  const needed = isGreen ? EnergyRules.GREEN : kind === "feederOnly" ? EnergyRules.FEEDER_FIRST : 0n;
  if (needed !== 0n && !hasRule(tariff, needed)) {
    const { rules } = tariff;
    throw new RecordError(`order of account ${account} is ${kind}, which rules ${rules.toString()} do not offer`);
  }
}

function checkSteps(account: number, steps: readonly PricedStep[]): void {
  if (steps.length === 0 || steps.length > MAX_STEPS) {
    throw new RecordError(`order of account ${account} has ${steps.length} steps; an order has 1 to ${MAX_STEPS}`);
  }
  for (const { wh } of steps) {
    if (wh <= 0n)
      throw new RecordError(`a step of account ${account} is of ${wh.toString()} Wh; it must be above zero`);
  }
}

/**
 * Signs an order for an interval.
 *
 * @param signer - The account's signer or a delegate of it: a plain key.
 * @param epoch - The account's epoch, see `accountOf` of the market.
 */
export async function signOrderFor(
  city: HasEnergyMarket,
  signer: TypedDataSigner,
  interval: number,
  epoch: number,
  order: Order,
): Promise<SignedOrder> {
  const { account, steps } = order;
  const message = { interval, account, epoch, flags: signedFlags(order), steps };
  return { interval, epoch, order, signature: await signOrder(city, signer, message) };
}

/** A signed order as `postSignedOrder` takes it. */
export function signedOrderStruct({ interval, epoch, order, signature }: SignedOrder): SignedOrderStruct {
  const { account, steps } = order;
  return {
    interval,
    account,
    epoch,
    flags: signedFlags(order),
    steps: steps.map((step) => ({ ...step })),
    ...signature,
  };
}

/**
 * Packs signed orders into batches, by the number of their account: neighbours share storage, which saves gas, and rows
 * of readings, which settlement needs once for every run of a feeder.
 *
 * @param signed - Orders of one interval. Of several for one account the first is taken, for a meter posts once.
 * @param most - Most orders of a batch.
 * @throws RangeError for orders of different intervals, and for a bound below 1.
 */
export function packBatches(signed: readonly SignedOrder[], most: number = BATCH_ORDERS): OrderBatch[] {
  if (!Number.isSafeInteger(most) || most < 1) throw new RangeError(`a batch of at most ${most} orders is none`);
  const intervals = new Set(signed.map(({ interval }) => interval));
  if (intervals.size > 1) throw new RangeError(`orders of intervals ${[...intervals].join(", ")} in one batch`);
  const byAccount = new Map<number, SignedOrder>();
  for (const one of signed) if (!byAccount.has(one.order.account)) byAccount.set(one.order.account, one);
  const sorted = [...byAccount.values()].sort((left, right) => left.order.account - right.order.account);
  return Array.from({ length: Math.ceil(sorted.length / most) }, (_, index) => {
    const orders = sorted.slice(index * most, (index + 1) * most);
    return {
      orders,
      records: packOrders(orders.map(({ order }) => order)),
      signatures: packSignatures(orders.map(({ signature }) => signature)),
    };
  });
}

/** An order that the market left out of a batch. */
export interface SkippedOrder {
  readonly account: number;
  /** See `OrderFault`. */
  readonly fault: bigint;
}

const SKIPPED_BYTES = 5;
const ACCOUNT_BYTES = 4;

/** Reads the faults of an OrdersSkipped event. */
export function unpackSkipped(faults: BytesLike): SkippedOrder[] {
  const bytes = getBytes(faults);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / SKIPPED_BYTES) }, (_, index) => ({
    account: view.getUint32(index * SKIPPED_BYTES),
    fault: BigInt(view.getUint8(index * SKIPPED_BYTES + ACCOUNT_BYTES)),
  }));
}

/** What a standing order is to be. */
export interface StandingTerms extends OrderTerms {
  /** The account's epoch; the standing order is void when the account has another. */
  readonly epoch: number;
  /** First and last interval, 65,535 at most. */
  readonly fromInterval: number;
  readonly toInterval: number;
  /** Last second at which it can be placed. */
  readonly deadline: bigint;
  /** Random when left out. */
  readonly nonce?: bigint;
}

/** Most intervals of a run. */
const LONGEST_RUN = 65_535;

/** Most energy of a step of a standing order, Wh. */
const MOST_STANDING_WH = 1_048_575n;

/**
 * A standing order. It is posted in intervals whose tariff has the base price and the tick size of the given one, so that
 * its ticks mean the same prices.
 *
 * @throws as {@link buildOrder}.
 * @throws RangeError for a run that is empty or longer than 65,535 intervals.
 * @throws RecordError for a step of more than 1,048,575 Wh.
 */
export function buildStandingOrder(tariff: Tariff, terms: StandingTerms): StandingOrderMessage {
  const { account, epoch, fromInterval, toInterval, deadline, nonce } = terms;
  const order = buildOrder(tariff, terms);
  checkRun(fromInterval, toInterval);
  for (const { wh } of order.steps) {
    if (wh > MOST_STANDING_WH) {
      const most = MOST_STANDING_WH.toString();
      throw new RecordError(
        `a standing step of account ${account} is of ${wh.toString()} Wh; it can be ${most} at most`,
      );
    }
  }
  const { basePrice, tickSize } = tariff;
  const run = { account, epoch, fromInterval, toInterval, basePrice, tickSize };
  const fields = { ...run, flags: signedFlags(order), steps: order.steps, deadline };
  return withNonce(nonce === undefined ? fields : { ...fields, nonce });
}

/** Withdraws an account's standing order. */
export function withdrawStandingOrder(account: number, epoch: number, deadline: bigint): StandingOrderMessage {
  const nothing = { fromInterval: 0, toInterval: 0, basePrice: 0n, tickSize: 0n, flags: 0, steps: [] };
  return withNonce({ account, epoch, ...nothing, deadline });
}

/**
 * An agreement.
 *
 * @throws RangeError for a run that is empty or too long, for one account on both sides, and for no energy.
 */
export function buildAgreement(terms: Omit<Agreement, "salt"> & Partial<Pick<Agreement, "salt">>): Agreement {
  const { buyer, seller, fromInterval, toInterval, wh } = terms;
  checkRun(fromInterval, toInterval);
  if (buyer === seller) throw new RangeError(`account ${buyer} is buyer and seller`);
  if (wh <= 0n) throw new RangeError(`an agreement of ${wh.toString()} Wh; it must be above zero`);
  return { salt: 0n, ...terms };
}

/** The id under which the market keeps an agreement: twin of the contract's. */
export function agreementIdOf({ buyer, seller, fromInterval, toInterval, price, wh, salt }: Agreement): string {
  const types = ["uint32", "uint32", "uint32", "uint32", "uint24", "uint32", "uint64"];
  const values = [buyer, seller, fromInterval, toInterval, price, wh, salt];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
}

/** Whether two accounts are on one feeder, so that the cheaper grid fee is due. */
export function areNeighbours(left: number, right: number): boolean {
  return feederOf(left) === feederOf(right);
}

function checkRun(fromInterval: number, toInterval: number): void {
  if (toInterval < fromInterval || toInterval - fromInterval >= LONGEST_RUN) {
    throw new RangeError(`intervals ${fromInterval} to ${toInterval} are no run of 1 to ${LONGEST_RUN} intervals`);
  }
}
