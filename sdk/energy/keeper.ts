/**
 * A keeper takes intervals from their first order to their last account. Everything it does anybody may do, and it keeps
 * no files: what is to be done next follows from the chain's state and events alone, so it can be stopped at any moment
 * and started anew, and several can run at once. Blocks that are replaced by others change what is to be done next, and
 * nothing else: an interval that was finished may be pending again.
 */
import {
  type ContractTransactionReceipt,
  dataLength,
  dataSlice,
  type ContractTransactionResponse,
  type EventLog,
  type Log,
  type Provider,
  ZeroHash,
} from "ethers";

import type { FeederRowStruct, PostedBatchStruct } from "../../typechain-types/contracts/energy/market/EnergyMarket.js";
import {
  type EnergyMarket,
  type IEnergyRegistry,
  IEnergyRegistry__factory,
  type IMeterReadings,
  IMeterReadings__factory,
} from "../../typechain-types/index.js";
import { IntervalState } from "../enums.js";
import { explainRevert } from "../errors.js";
import { afterOwn, type Certainty, isLineFault, settled } from "../line.js";
import { isOwnFault, isStillNext } from "../race.js";
import { providerOf } from "../runner.js";
import { packSignatures } from "../typedData/compact.js";
import { EventCache } from "./logs.js";
import { BATCH_ORDERS, packBatches, type SignedOrder } from "./orders.js";
import { dayOfInterval, FeederDayValues } from "./readings.js";
import { feederOf, packAccounts, packOrder, packOrders, unpackOrders } from "./records.js";
import { type Correction, correctionFor, resultTrees, unpackResults } from "./results.js";

/** Where signed orders come from, for instance a mempool of the district. */
export interface OrderSource {
  /** Signed orders for an interval, posted or not. Several for one account: the first that the market takes counts. */
  signedOrders(interval: number): Promise<readonly SignedOrder[]>;
}

/** How a keeper works, and how sure it makes of a transaction before it goes on. */
export interface KeeperOptions extends Certainty {
  /** Signed orders to post; none when left out. Standing orders and agreements are read from the chain. */
  readonly source?: OrderSource;
  /** Block from which to look for events: that of the market's deployment or before. 0 when left out. */
  readonly fromBlock?: number;
  /** Seconds before the gate from which orders are posted, so that nobody sees them earlier. An interval when left out. */
  readonly lead?: number;
  /** Most orders of a batch. */
  readonly batchOrders?: number;
  /** Most orders settled or refunded by a call, as far as their batches allow. */
  readonly settledOrders?: number;
  /** Most gas of a settlement or refund, and of what posts agreements. 16,000,000 when left out, for a transaction may use 16,777,216. */
  readonly maxGas?: bigint;
  /** Most books cleared and feeders confirmed by a call. */
  readonly books?: number;
}

/** What a keeper can do for an interval. */
export type KeeperAct =
  | { readonly kind: "postAgreements"; readonly agreementIds: readonly string[] }
  | { readonly kind: "postOrders"; readonly records: string; readonly signatures: string }
  | { readonly kind: "postStandingOrders"; readonly accounts: string }
  | { readonly kind: "clear" }
  | { readonly kind: "confirmReadings" }
  | { readonly kind: "splitBatch"; readonly batch: PostedBatchStruct; readonly offset: number }
  | {
      readonly kind: "settle";
      readonly batches: readonly PostedBatchStruct[];
      readonly rows: readonly FeederRowStruct[];
    }
  | { readonly kind: "settlePositions"; readonly accounts: string; readonly rows: readonly FeederRowStruct[] }
  | { readonly kind: "correct"; readonly correction: Correction }
  | { readonly kind: "voidInterval" }
  | { readonly kind: "refund"; readonly batches: readonly PostedBatchStruct[] }
  | { readonly kind: "refundPositions"; readonly accounts: string };

/** Why there is nothing to do now. */
export type KeeperWait =
  /** Nothing more will come of the interval, but for a reading that is amended. */
  | { readonly kind: "finished" }
  /** Nobody posted, and nobody can any more. */
  | { readonly kind: "empty" }
  /** Nothing to post. `until`: Unix time at which something changes by itself. */
  | { readonly kind: "waitsForOrders"; readonly until: bigint }
  /** Traded and not over, or its readings are not final. `until`: when it can be voided, if they never are. */
  | { readonly kind: "waitsForReadings"; readonly until: bigint };

/** What a step came to. */
export interface KeeperStep {
  /** What was done, or why nothing was. */
  readonly plan: KeeperAct | KeeperWait;
  /** The transaction; absent where nothing was done, or somebody else was faster. */
  readonly receipt?: ContractTransactionReceipt;
  /** Whether somebody else was faster. */
  readonly lostRace: boolean;
}

const MAX_GAS = 16_000_000n;
const SETTLED_ORDERS = 1_500;
const BOOKS = 16;
const POSITIONS = 500;
/** About 14 M gas where no account has two of them. */
const AGREEMENTS = 120;
const SIGNATURE_BYTES = 64;

/** What does not change in a market. */
interface Frame {
  readonly registry: IEnergyRegistry;
  readonly readings: IMeterReadings;
  readonly length: bigint;
  readonly gateLead: bigint;
  readonly longStop: bigint;
}

/** A batch as an OrdersPosted or a BatchSplit event tells of it. */
interface Posted {
  readonly chain: string;
  readonly previous: string;
  readonly records: string;
}

/** Calls the market without sending anything. */
type Call = (overrides: { readonly gasLimit: bigint }) => Promise<unknown>;

/** An act, and how to see whether it would come through. */
interface Tried {
  readonly act: KeeperAct;
  readonly call: Call;
}

/** See the head of this file. */
export class Keeper {
  readonly #market: EnergyMarket;
  readonly #provider: Provider;
  readonly #options: KeeperOptions;
  readonly #events: EventCache;
  #frame: Promise<Frame> | undefined;

  /**
   * @param market - The market, bound to a signer that pays for the transactions. A provider that remembers answers, as those of
   *   ethers do for 250 ms unless their `cacheTimeout` is -1, may not know the last step yet where blocks come at once;
   *   {@link SteadyProvider} remembers none.
   * @throws RunnerError for a market that is bound to nothing that can read a chain.
   */
  constructor(market: EnergyMarket, options: KeeperOptions = {}) {
    this.#provider = providerOf(market);
    this.#market = market;
    this.#options = options;
    this.#events = new EventCache(options.fromBlock ?? 0);
  }

  /**
   * Does the next thing that an interval needs, if there is one now. Two steps at once do no harm: whoever comes second
   * finds it done. What this account sent before and nobody has mined yet is waited for first.
   *
   * @throws PendingError if that does not get into a block.
   * @throws what ethers throws when a call fails though nobody else was faster, or does not count in time.
   */
  async step(interval: number): Promise<KeeperStep> {
    await afterOwn(this.#market.runner, this.#options);
    const plan = await this.plan(interval);
    if (isWait(plan)) return { plan, lostRace: false };
    try {
      const receipt = await settled(await this.#send(interval, plan), this.#options);
      return { plan, lostRace: false, ...(receipt === null ? {} : { receipt }) };
    } catch (error) {
      // Somebody else was faster if something else, or nothing, is to be done now.
      if (isOwnFault(error) || (await isStillNext(plan, async () => this.plan(interval)))) throw error;
      return { plan, lostRace: true };
    }
  }

  /** Steps until nothing is to be done now. */
  async run(interval: number): Promise<KeeperStep[]> {
    const steps: KeeperStep[] = [];
    for (;;) {
      const step = await this.step(interval);
      steps.push(step);
      if (isWait(step.plan)) return steps;
    }
  }

  /** Intervals that somebody posted to and that are not finished, in their order. */
  async pending(): Promise<number[]> {
    const latest = await this.#provider.getBlockNumber();
    const market = this.#market;
    const orders = await this.#events.get("orders", latest, (from, to) =>
      market.queryFilter(market.filters.OrdersPosted(), from, to),
    );
    const agreements = await this.#events.get("agreements posted", latest, (from, to) =>
      market.queryFilter(market.filters.AgreementPosted(), from, to),
    );
    const found = [...orders, ...agreements].map(({ args }) => Number(args.interval));
    const pending: number[] = [];
    for (const interval of [...new Set(found)].sort((left, right) => left - right)) {
      if ((await this.plan(interval)).kind !== "finished") pending.push(interval);
    }
    return pending;
  }

  /** What an interval needs next. Reads only. */
  async plan(interval: number): Promise<KeeperAct | KeeperWait> {
    const state = await this.#market.stateOf(interval);
    switch (state) {
      case IntervalState.Future:
        return { kind: "waitsForOrders", until: await this.#leadAt(interval) };
      case IntervalState.Open:
        return this.#planPosting(interval);
      case IntervalState.Closed:
      case IntervalState.Clearing:
        return this.#planClearing(interval);
      case IntervalState.Cleared:
        return this.#planConfirmation(interval);
      case IntervalState.Settling:
      case IntervalState.Settled:
        return this.#planSettlement(interval);
      default:
        return this.#planRefund(interval);
    }
  }

  // --- posting

  async #planPosting(interval: number): Promise<KeeperAct | KeeperWait> {
    const agreementIds = await this.#dueAgreements(interval);
    if (agreementIds.length > 0) return { kind: "postAgreements", agreementIds };
    const leadAt = await this.#leadAt(interval);
    if ((await this.#now()) < leadAt) return { kind: "waitsForOrders", until: leadAt };
    const posted = await this.#accountsPosted(interval);
    const signed = await this.#goodOrders(interval, posted);
    if (signed !== undefined) return signed;
    const standing = await this.#dueStandingOrders(interval, posted);
    if (standing.length > 0) return { kind: "postStandingOrders", accounts: packAccounts(standing) };
    return { kind: "waitsForOrders", until: await this.#gateAt(interval) };
  }

  /**
   * The next batch of signed orders that the market will take. Anybody can write another's account on an order, or hand in what
   * is none, so where the first one for an account is not taken, the next one is tried.
   */
  async #goodOrders(interval: number, posted: ReadonlySet<number>): Promise<KeeperAct | undefined> {
    const all = (await this.#options.source?.signedOrders(interval)) ?? [];
    let open = all.filter((one) => isOrder(one) && one.interval === interval && !posted.has(one.order.account));
    while (open.length > 0) {
      const batches = packBatches(open, this.#options.batchOrders ?? BATCH_ORDERS);
      for (const { orders } of batches) {
        const good = await goodOnes(orders, async (part) => {
          const [batch] = packBatches(part, part.length);
          if (batch === undefined) return 0;
          return this.#wouldAccept("postOrders", interval, batch.records, batch.signatures);
        });
        const [batch] = packBatches(good, Math.max(1, good.length));
        if (batch !== undefined) return { kind: "postOrders", records: batch.records, signatures: batch.signatures };
      }
      const tried = new Set(batches.flatMap(({ orders }) => orders));
      open = open.filter((one) => !tried.has(one));
    }
    return undefined;
  }

  /** Accounts whose standing order the market will post. */
  async #dueStandingOrders(interval: number, posted: ReadonlySet<number>): Promise<number[]> {
    const placed = await this.#logs("standing orders", (from, to) =>
      this.#market.queryFilter(this.#market.filters.StandingOrderPlaced(), from, to),
    );
    const latest = new Map(placed.map(({ args }) => [Number(args.account), args.order]));
    const due = [...latest]
      .filter(([account, { fromInterval, toInterval, steps }]) => {
        const runs = fromInterval <= interval && interval <= toInterval && steps.length > 0;
        return runs && !posted.has(account);
      })
      .map(([account]) => account)
      .sort((left, right) => left - right);
    const most = this.#options.batchOrders ?? BATCH_ORDERS;
    for (let start = 0; start < due.length; start += most) {
      const good = await goodOnes(due.slice(start, start + most), async (part) =>
        this.#wouldAccept("postStandingOrders", interval, packAccounts(part)),
      );
      if (good.length > 0) return good;
    }
    return [];
  }

  /** Agreements that the market will post. */
  async #dueAgreements(interval: number): Promise<string[]> {
    const market = this.#market;
    const made = await this.#logs("agreements made", (from, to) =>
      market.queryFilter(market.filters.AgreementMade(), from, to),
    );
    const posted = new Set((await this.#agreementsPosted(interval)).map(({ agreementId }) => agreementId));
    const candidates = made
      .filter(({ args: { agreement } }) => agreement.fromInterval <= interval && interval <= agreement.toInterval)
      .map(({ args: { agreementId } }) => agreementId)
      .filter((agreementId) => !posted.has(agreementId));
    const due = [...new Set(candidates)];
    for (let start = 0; start < due.length; start += AGREEMENTS) {
      const good = await this.#goodAgreements(interval, due.slice(start, start + AGREEMENTS));
      if (good.length > 0) return good;
    }
    return [];
  }

  /** Of some agreements those that the market would post, as many as fit a transaction. One alone always does. */
  async #goodAgreements(interval: number, agreementIds: readonly string[]): Promise<string[]> {
    const good = await goodOnes(agreementIds, async (part) => this.#wouldAccept("postAgreements", interval, part));
    const gasLimit = this.#options.maxGas ?? MAX_GAS;
    let count = good.length;
    for (; count > 1; count = Math.ceil(count / 2)) {
      try {
        await this.#wouldAccept("postAgreements", interval, good.slice(0, count), { gasLimit });
        break;
      } catch (error) {
        // What runs out of gas gives no reason, as below.
        if (isLineFault(error)) throw error;
      }
    }
    return good.slice(0, count);
  }

  /** How many of some orders the market would take now. None if it reverts: paused, the supplier below its floor, closed. */
  async #wouldAccept(
    act: "postOrders" | "postStandingOrders" | "postAgreements",
    interval: number,
    ...args: readonly unknown[]
  ): Promise<number> {
    try {
      return Number(await this.#market.getFunction(act).staticCall(interval, ...args));
    } catch (error) {
      if (explainRevert(error) === undefined) throw error;
      return 0;
    }
  }

  // --- clearing and settlement

  async #planClearing(interval: number): Promise<KeeperAct | KeeperWait> {
    if (!(await this.#isInUse(interval))) return { kind: "empty" };
    return (await this.#now()) >= (await this.#voidableAt(interval)) ? { kind: "voidInterval" } : { kind: "clear" };
  }

  async #planConfirmation(interval: number): Promise<KeeperAct | KeeperWait> {
    try {
      await this.#market.confirmReadings.staticCall(interval, this.#books);
      return { kind: "confirmReadings" };
    } catch (error) {
      if (explainRevert(error) === undefined) throw error;
    }
    const voidableAt = await this.#voidableAt(interval);
    if ((await this.#now()) >= voidableAt) return { kind: "voidInterval" };
    return { kind: "waitsForReadings", until: voidableAt };
  }

  async #planSettlement(interval: number): Promise<KeeperAct | KeeperWait> {
    const batches = await this.#nextBatches(interval);
    if (batches.length > 0) return this.#planUnwinding(batches, (next) => this.#settleAct(interval, next));
    const accounts = await this.#positionsToSettle(interval);
    if (accounts.length > 0) {
      const rows = await this.#rowsFor(interval, accounts);
      return { kind: "settlePositions", accounts: packAccounts(accounts), rows };
    }
    return (await this.#planCorrection(interval)) ?? { kind: "finished" };
  }

  /** As many batches as fit a transaction, newest first. One that does not fit is divided in the middle. */
  async #planUnwinding(
    all: readonly Posted[],
    tryOut: (batches: readonly Posted[]) => Promise<Tried> | Tried,
  ): Promise<KeeperAct> {
    for (let count = all.length; ; count = Math.ceil(count / 2)) {
      const { act, call } = await tryOut(all.slice(0, count));
      const [newest] = all;
      if (newest === undefined || (await this.#fits(call, unpackOrders(newest.records).length))) return act;
      if (count === 1) return splitAct(newest);
    }
  }

  async #settleAct(interval: number, all: readonly Posted[]): Promise<Tried> {
    const batches = all.map(structOf);
    const accounts = all.flatMap(({ records }) => unpackOrders(records).map(({ account }) => account));
    const rows = await this.#rowsFor(interval, accounts);
    const call: Call = async (limit) => this.#market.settle.staticCall(interval, batches, rows, limit);
    return { act: { kind: "settle", batches, rows }, call };
  }

  #refundAct(interval: number, all: readonly Posted[]): Tried {
    const batches = all.map(structOf);
    const call: Call = async (limit) => this.#market.refund.staticCall(interval, batches, limit);
    return { act: { kind: "refund", batches }, call };
  }

  /**
   * Whether a call fits a transaction. What runs out of gas gives no reason, at one node in these and at another in those
   * words. A line that is cut says nothing, and a batch is not split for it.
   *
   * @param orders - Orders of the newest batch: one alone always fits, so its failure is another one.
   */
  async #fits(call: Call, orders: number): Promise<boolean> {
    try {
      await call({ gasLimit: this.#options.maxGas ?? MAX_GAS });
      return true;
    } catch (error) {
      if (orders < 2 || isLineFault(error) || explainRevert(error) !== undefined) throw error;
      return false;
    }
  }

  /** A correction that an amended reading asks for. */
  async #planCorrection(interval: number): Promise<KeeperAct | undefined> {
    const market = this.#market;
    const { readings } = await this.#framed();
    const replaced = await this.#logs(`replaced ${interval}`, (from, to) =>
      readings.queryFilter(readings.filters.ReadingReplaced(undefined, interval), from, to),
    );
    if (replaced.length === 0) return undefined;
    const corrected = await this.#logs(`corrected ${interval}`, (from, to) =>
      market.queryFilter(market.filters.SettlementCorrected(interval), from, to),
    );
    const trees = resultTrees(
      await this.#settlements(interval),
      corrected.map(({ args }) => args),
    );
    const results = new Map(trees.flatMap((tree) => tree.results.map((result) => [result.account, result])));
    const values = new Map(replaced.map(({ args }) => [Number(args.meter), args.wh]));
    for (const [account, wh] of values) {
      const result = results.get(account);
      if (result !== undefined && result.metered !== wh) {
        return { kind: "correct", correction: correctionFor(trees, interval, account) };
      }
    }
    return undefined;
  }

  async #planRefund(interval: number): Promise<KeeperAct | KeeperWait> {
    const batches = await this.#nextBatches(interval);
    if (batches.length > 0) return this.#planUnwinding(batches, (next) => this.#refundAct(interval, next));
    const accounts = await this.#positionsToRefund(interval);
    if (accounts.length > 0) return { kind: "refundPositions", accounts: packAccounts(accounts) };
    return { kind: "finished" };
  }

  /** Batches that are next on the interval's chain, newest first, up to the bound of a call. */
  async #nextBatches(interval: number): Promise<Posted[]> {
    const byChain = new Map((await this.#batchesPosted(interval)).map((posted) => [posted.chain, posted]));
    for (const { args } of await this.#splits(interval)) {
      for (const part of partsOf(byChain.get(args.divided), args)) byChain.set(part.chain, part);
    }
    const most = this.#options.settledOrders ?? SETTLED_ORDERS;
    const batches: Posted[] = [];
    let orders = 0;
    let chain = await this.#market.chainOf(interval);
    while (chain !== ZeroHash) {
      const posted = byChain.get(chain);
      if (posted === undefined) throw new RangeError(`no event tells of batch ${chain} of interval ${interval}`);
      orders += unpackOrders(posted.records).length;
      if (batches.length > 0 && orders > most) break;
      batches.push(posted);
      chain = posted.previous;
    }
    return batches;
  }

  /** Accounts that have agreements and are not settled, in their order, up to the bound of a call. */
  async #positionsToSettle(interval: number): Promise<number[]> {
    const parties = await this.#partiesOf(interval);
    if (parties.length === 0) return [];
    const settled = new Set(
      (await this.#settlements(interval)).flatMap(({ results }) =>
        unpackResults(results).map(({ account }) => account),
      ),
    );
    return parties.filter((account) => !settled.has(account)).slice(0, POSITIONS);
  }

  /** Accounts whose agreements still lock money in a void interval. No event names them, so the market is asked. */
  async #positionsToRefund(interval: number): Promise<number[]> {
    const left: number[] = [];
    for (const account of await this.#partiesOf(interval)) {
      if (left.length === POSITIONS) break;
      if (await this.#holds(interval, account)) left.push(account);
    }
    return left;
  }

  async #holds(interval: number, account: number): Promise<boolean> {
    try {
      await this.#market.refundPositions.staticCall(interval, packAccounts([account]));
      return true;
    } catch (error) {
      if (explainRevert(error) === undefined) throw error;
      return false;
    }
  }

  /** Parties of the agreements that were posted, in their order. */
  async #partiesOf(interval: number): Promise<number[]> {
    const parties = new Set<number>();
    for (const { agreementId } of await this.#agreementsPosted(interval)) {
      const { buyer, seller } = await this.#market.agreementOf(agreementId);
      parties.add(Number(buyer)).add(Number(seller));
    }
    return [...parties].sort((left, right) => left - right);
  }

  /** Readings for accounts: a row of each feeder, in the order in which they come to it. */
  async #rowsFor(interval: number, accounts: readonly number[]): Promise<FeederRowStruct[]> {
    const rows: FeederRowStruct[] = [];
    for (const feeder of new Set(accounts.map(feederOf))) rows.push(await this.#rowOf(feeder, interval));
    return rows;
  }

  async #rowOf(feeder: number, interval: number): Promise<FeederRowStruct> {
    const { readings, length } = await this.#framed();
    const perDay = Number(SECONDS_PER_DAY / length);
    const day = dayOfInterval(interval, perDay);
    const accepted = await this.#logs(`readings ${feeder}/${day}`, (from, to) =>
      readings.queryFilter(readings.filters.ReadingsAccepted(feeder, day), from, to),
    );
    const event = accepted.at(-1);
    if (event === undefined) throw new RangeError(`no event tells of the readings of feeder ${feeder} on day ${day}`);
    // By its place: its name is that of a function that every list of arguments has.
    const [, , , , , , values] = event.args;
    return FeederDayValues.of({ feeder, day }, perDay, values).row(interval);
  }

  // --- what the chain says

  async #isInUse(interval: number): Promise<boolean> {
    if ((await this.#market.chainOf(interval)) !== ZeroHash) return true;
    return (await this.#agreementsPosted(interval)).length > 0;
  }

  async #batchesPosted(interval: number): Promise<Posted[]> {
    const market = this.#market;
    const posted = await this.#logs(`batches ${interval}`, (from, to) =>
      market.queryFilter(market.filters.OrdersPosted(interval), from, to),
    );
    return posted.map(({ args: { chain, previous, records } }) => ({ chain, previous, records }));
  }

  async #splits(interval: number) {
    const market = this.#market;
    return this.#logs(`splits ${interval}`, (from, to) =>
      market.queryFilter(market.filters.BatchSplit(interval), from, to),
    );
  }

  async #settlements(interval: number): Promise<{ readonly index: bigint; readonly results: string }[]> {
    const market = this.#market;
    const settled = await this.#logs(`settled ${interval}`, (from, to) =>
      market.queryFilter(market.filters.AccountsSettled(interval), from, to),
    );
    return settled.map(({ args: { index, results } }) => ({ index, results }));
  }

  async #accountsPosted(interval: number): Promise<Set<number>> {
    const batches = await this.#batchesPosted(interval);
    return new Set(batches.flatMap(({ records }) => unpackOrders(records).map(({ account }) => account)));
  }

  async #agreementsPosted(interval: number): Promise<{ readonly agreementId: string }[]> {
    const market = this.#market;
    const posted = await this.#logs(`agreements ${interval}`, (from, to) =>
      market.queryFilter(market.filters.AgreementPosted(undefined, interval), from, to),
    );
    return posted.map(({ args: { agreementId } }) => ({ agreementId }));
  }

  async #logs<Found extends EventLog | Log>(
    key: string,
    fetch: (from: number, to: number | "latest") => Promise<Found[]>,
  ): Promise<Found[]> {
    return this.#events.get(key, await this.#provider.getBlockNumber(), fetch);
  }

  async #send(interval: number, act: KeeperAct): Promise<ContractTransactionResponse> {
    const market = this.#market;
    switch (act.kind) {
      case "postAgreements":
        return market.postAgreements(interval, [...act.agreementIds]);
      case "postOrders":
        return market.postOrders(interval, act.records, act.signatures);
      case "postStandingOrders":
        return market.postStandingOrders(interval, act.accounts);
      case "clear":
        return market.clear(interval, this.#books);
      case "confirmReadings":
        return market.confirmReadings(interval, this.#books);
      case "splitBatch":
        return market.splitBatch(interval, act.batch, act.offset);
      case "settle":
        return market.settle(interval, [...act.batches], [...act.rows]);
      case "settlePositions":
        return market.settlePositions(interval, act.accounts, [...act.rows]);
      case "correct": {
        const { index, group, position, proof } = act.correction;
        return market.correct(interval, index, group, position, proof);
      }
      case "voidInterval":
        return market.voidInterval(interval);
      case "refund":
        return market.refund(interval, [...act.batches]);
      case "refundPositions":
        return market.refundPositions(interval, act.accounts);
    }
  }

  // --- time

  async #leadAt(interval: number): Promise<bigint> {
    const { length } = await this.#framed();
    return (await this.#gateAt(interval)) - BigInt(this.#options.lead ?? Number(length));
  }

  /** The second from which no order is taken. */
  async #gateAt(interval: number): Promise<bigint> {
    const { length, gateLead } = await this.#framed();
    return BigInt(interval) * length - gateLead;
  }

  async #voidableAt(interval: number): Promise<bigint> {
    const { length, longStop } = await this.#framed();
    return BigInt(interval + 1) * length + longStop;
  }

  async #now(): Promise<bigint> {
    const block = await this.#provider.getBlock("latest");
    return BigInt(block?.timestamp ?? 0);
  }

  async #framed(): Promise<Frame> {
    if (this.#frame !== undefined) return this.#frame;
    const asked = this.#askFrame();
    this.#frame = asked;
    // A chain that did not answer is asked again.
    asked.catch(() => (this.#frame = undefined));
    return asked;
  }

  async #askFrame(): Promise<Frame> {
    const market = this.#market;
    const registry = IEnergyRegistry__factory.connect(await market.registry(), market.runner);
    const readings = IMeterReadings__factory.connect(await market.readings(), market.runner);
    const { gateLead, longStop } = await market.settings();
    return { registry, readings, length: await registry.intervalLength(), gateLead, longStop };
  }

  get #books(): number {
    return this.#options.books ?? BOOKS;
  }
}

const SECONDS_PER_DAY = 86_400n;

const WAITS: ReadonlySet<string> = new Set(["finished", "empty", "waitsForOrders", "waitsForReadings"]);

/** Whether there is nothing to do now. */
export function isWait(plan: KeeperAct | KeeperWait): plan is KeeperWait {
  return WAITS.has(plan.kind);
}

function structOf({ previous, records }: Posted): PostedBatchStruct {
  return { previous, records };
}

/** Divides a batch of more than one order in the middle. */
function splitAct(posted: Posted): KeeperAct {
  const orders = unpackOrders(posted.records);
  const first = packOrders(orders.slice(0, Math.ceil(orders.length / 2)));
  return { kind: "splitBatch", batch: structOf(posted), offset: dataLength(first) };
}

/** What a batch was divided into: the newer part has the first records, so that orders keep their turn. */
function partsOf(
  divided: Posted | undefined,
  { chain, middle, offset }: { readonly chain: string; readonly middle: string; readonly offset: bigint },
): Posted[] {
  if (divided === undefined) return [];
  const { previous, records } = divided;
  return [
    { chain: middle, previous, records: dataSlice(records, Number(offset)) },
    { chain, previous: middle, records: dataSlice(records, 0, Number(offset)) },
  ];
}

/** Whether an order can be put into a call: one that cannot would keep all others of its batch out. */
function isOrder(signed: SignedOrder): boolean {
  try {
    const { order, signature } = signed;
    packOrder(order);
    return typeof order.account === "number" && dataLength(packSignatures([signature])) === SIGNATURE_BYTES;
  } catch {
    return false;
  }
}

/** The members of a list that are accepted, found by halving it: a bad one costs about as many questions as it has halves. */
async function goodOnes<Item>(
  items: readonly Item[],
  accepted: (part: readonly Item[]) => Promise<number>,
): Promise<Item[]> {
  if (items.length === 0) return [];
  const count = await accepted(items);
  if (count === items.length) return [...items];
  if (count === 0 || items.length === 1) return [];
  const middle = Math.ceil(items.length / 2);
  return [...(await goodOnes(items.slice(0, middle), accepted)), ...(await goodOnes(items.slice(middle), accepted))];
}
