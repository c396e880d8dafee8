/**
 * Settlement of an interval: twin of contracts/energy/market/EnergySettlement.sol. Energy is Wh and money is money units, both
 * in bigint; accounts are numbers. What an account gets is positive, what it pays is negative.
 */
import {
  type BookClassName,
  type BookResult,
  type BookTotals,
  type Clearing,
  isBidClass,
  prefixShare,
  roundsOf,
} from "./auction.js";
import { classOf, feederOf, lockOf, type Order } from "./records.js";
import type { Result } from "./results.js";
import { EnergyRules, hasRule, priceAt, type Tariff } from "./tariffs.js";

/** What agreements come to for one account in one interval, as the market holds it. */
export interface Position {
  /** Energy, Wh. */
  readonly wh: bigint;
  /** Whether the account sells it. */
  readonly sells: boolean;
  /** Σ price × Wh, money units. */
  readonly trade: bigint;
  /** Grid fee of a buyer, money units. */
  readonly fee: bigint;
  /** Money units held until settlement. */
  readonly locked: bigint;
}

/** An account that is settled. It has an order, a position or both, of one side. */
export interface Entry {
  readonly account: number;
  readonly order?: Order;
  /** Whether its offers count as green; not needed for an accepted record, which says it. */
  readonly green?: boolean;
  readonly position?: Position;
  /** Net draw of its meter, Wh: draw is positive, feed-in negative. Undefined: there is no reading. */
  readonly metered?: bigint | undefined;
}

/** What the auction gave an order. */
export interface Fill {
  /** Wh of all steps in all rounds. */
  readonly wh: bigint;
  /** Wh of each step. */
  readonly steps: readonly bigint[];
  /** What a buyer pays, or a seller gets, for them at the prices of the auction; above zero or zero. */
  readonly trade: bigint;
}

/** What settlement comes to for an account, money units but for the energy. */
export interface Settlement extends Result {
  /** Wh bought (positive) or sold (negative) in the auction alone. */
  readonly filled: bigint;
  /** Lock that goes back before anything is paid. */
  readonly lock: bigint;
  /** Paid (negative) or got for energy traded, with that of agreements. */
  readonly trade: bigint;
  /** A seller's part of what buyers pay above the price. */
  readonly surplus: bigint;
  /** Grid fee, zero or negative. */
  readonly fee: bigint;
  /** Against the supplier, for what was drawn beyond, or less than, what was bought. */
  readonly imbalance: bigint;
  /** Sum of the four. */
  readonly total: bigint;
}

/**
 * What an account gets from the supplier, or pays if negative, money units: retail for each Wh drawn beyond its
 * contract, feed-in for each Wh short of it.
 *
 * @param contracted - Wh bought; sold, if negative.
 * @param metered - Net draw, Wh.
 */
export function imbalanceOf(tariff: Pick<Tariff, "retail" | "feedIn">, contracted: bigint, metered: bigint): bigint {
  const deviation = metered - contracted;
  return deviation > 0n ? -tariff.retail * deviation : tariff.feedIn * -deviation;
}

/** What {@link IntervalSettlement} has visited of a share. */
interface Visited {
  level: bigint;
}

/**
 * The settlement of an interval. Accounts are settled in the order in which the chain unwinds: batches newest first, the
 * records of each in their order, then accounts that have agreements only. Who comes first decides where the last Wh of
 * a level goes.
 */
export class IntervalSettlement {
  readonly #tariff: Tariff;
  readonly #clearing: Clearing;
  readonly #byFeeder: boolean;
  readonly #surplusToPot: boolean;
  readonly #visited = new Map<string, Visited>();
  readonly #boughtVisited = new Map<number, bigint>();
  #soldVisited = 0n;

  constructor(tariff: Tariff, clearing: Clearing) {
    this.#tariff = tariff;
    this.#clearing = clearing;
    this.#byFeeder = hasRule(tariff, EnergyRules.BY_FEEDER);
    this.#surplusToPot = hasRule(tariff, EnergyRules.SURPLUS_TO_POT);
  }

  /** What goes to the grid operator and to the community pot when all are settled, money units. */
  get ends(): { readonly rent: bigint; readonly pot: bigint } {
    return { rent: this.#clearing.rent, pot: this.#surplusToPot ? this.#clearing.surplus : 0n };
  }

  /** Settles the next account. */
  settle({ account, order, green = false, position, metered }: Entry): Settlement {
    const tariff = this.#tariff;
    const filled = order === undefined ? NOTHING : this.#fill(order, green);
    const sells = order?.offer ?? position?.sells ?? false;
    const wh = filled.wh + (position?.wh ?? 0n);
    const contracted = sells ? -wh : wh;
    const measured = metered ?? (sells ? 0n : contracted);
    const trade = filled.trade + (position?.trade ?? 0n);
    const surplus = sells ? this.#surplusFor(filled.wh) : 0n;
    const fee = sells ? 0n : this.#feeFor(account, filled.wh) + (position?.fee ?? 0n);
    const imbalance = imbalanceOf(tariff, contracted, measured);
    const signed = sells ? trade : -trade;
    return {
      account,
      contracted,
      metered: measured,
      filled: sells ? -filled.wh : filled.wh,
      lock: (order === undefined ? 0n : lockOf(tariff, order)) + (position?.locked ?? 0n),
      trade: signed,
      surplus,
      fee: -fee,
      imbalance,
      total: signed + surplus - fee + imbalance,
    };
  }

  #fill(order: Order, green: boolean): Fill {
    const tariff = this.#tariff;
    const bookClass = classOf(order, green, tariff);
    const feeder = this.#byFeeder ? feederOf(order.account) : 0;
    const payAsBid = hasRule(tariff, EnergyRules.PAY_AS_BID) && !order.offer;
    const rounds = roundsOf(tariff, bookClass);
    let trade = 0n;
    const steps = order.steps.map(({ tick, wh }) => {
      let left = wh;
      for (const { round, books } of this.#clearing.rounds) {
        const book = books.find((candidate) => candidate.feeder === feeder);
        if (book?.tick === undefined || !rounds.includes(round)) continue;
        const part = this.#part(`${feeder}/${round}/${bookClass}`, book, bookClass, tick, left);
        trade += priceAt(tariff, payAsBid ? tick : book.tick) * part;
        left -= part;
      }
      return wh - left;
    });
    return { wh: steps.reduce((sum, wh) => sum + wh, 0n), steps, trade };
  }

  /** What a step with so much left gets in a round. */
  #part(
    key: string,
    { tick: price, shares }: BookResult,
    bookClass: BookClassName,
    tick: number,
    left: bigint,
  ): bigint {
    if (price === undefined) return 0n;
    const isBetter = isBidClass(bookClass) ? tick > price : tick < price;
    if (isBetter) return left;
    if (tick !== price) return 0n;
    const { level, filled } = shares.get(bookClass) ?? { level: 0n, filled: 0n };
    const visited = this.#visited.get(key) ?? { level: 0n };
    const part = prefixShare(visited.level, left, filled, level);
    this.#visited.set(key, { level: visited.level + left });
    return part;
  }

  #surplusFor(sold: bigint): bigint {
    if (this.#surplusToPot) return 0n;
    const part = prefixShare(this.#soldVisited, sold, this.#clearing.surplus, this.#clearing.sold);
    this.#soldVisited += sold;
    return part;
  }

  /** Grid fee for Wh bought in the auction: as many as its feeder sold cost its buyers the cheaper fee. */
  #feeFor(account: number, bought: bigint): bigint {
    const { feederFee, gridFee } = this.#tariff;
    if (!this.#byFeeder) return gridFee * bought;
    const feeder = feederOf(account);
    const totals = this.#clearing.totals.get(feeder);
    const visited = this.#boughtVisited.get(feeder) ?? 0n;
    this.#boughtVisited.set(feeder, visited + bought);
    const cheap = prefixShare(visited, bought, cheapOf(totals), totals?.bought ?? 0n);
    return feederFee * cheap + gridFee * (bought - cheap);
  }
}

const NOTHING: Fill = { wh: 0n, steps: [], trade: 0n };

/** Wh that a feeder's buyers get at its own fee. */
function cheapOf(totals: BookTotals | undefined): bigint {
  if (totals === undefined) return 0n;
  return totals.bought < totals.sold ? totals.bought : totals.sold;
}

/** Money of one account, money units. */
export interface Purse {
  readonly free: bigint;
  /** Owed to the supplier. */
  readonly debt: bigint;
  /** The supplier owes it. */
  readonly claim: bigint;
}

const EMPTY: Purse = { free: 0n, debt: 0n, claim: 0n };

/**
 * The money of a market, which adds up at any time: what is free, what is locked, what belongs to supplier, grid
 * operator and pot, and what intervals hold between their first and their last account.
 */
export class MarketBooks {
  supplier = 0n;
  gridFees = 0n;
  pot = 0n;
  /** Paid by buyers and not yet by the market, less what sellers got before buyers paid. */
  open = 0n;
  #locked = 0n;
  readonly #purses = new Map<number, Purse>();

  purseOf(account: number): Purse {
    return this.#purses.get(account) ?? EMPTY;
  }

  /** Everything that the market holds. */
  get held(): bigint {
    const free = [...this.#purses.values()].reduce((sum, purse) => sum + purse.free, 0n);
    return free + this.#locked + this.supplier + this.gridFees + this.pot + this.open;
  }

  /** Pays into an account; debt is paid first. */
  deposit(account: number, amount: bigint): void {
    this.#credit(account, amount);
  }

  /**
   * Takes money out of an account: for a withdrawal.
   *
   * @throws RangeError for more than is free.
   */
  withdraw(account: number, amount: bigint): void {
    this.#take(account, amount);
  }

  /**
   * Locks money for an order or an agreement.
   *
   * @throws RangeError for more than is free.
   */
  lock(account: number, amount: bigint): void {
    this.#take(account, amount);
    this.#locked += amount;
  }

  /** Returns a lock of a void interval. */
  unlock(account: number, amount: bigint): void {
    this.#locked -= amount;
    this.#credit(account, amount);
  }

  /** Pays an account's claim as far as the supplier's money goes. */
  payClaim(account: number): bigint {
    const purse = this.purseOf(account);
    const paid = least(purse.claim, this.supplier);
    this.supplier -= paid;
    this.#purses.set(account, { ...purse, claim: purse.claim - paid });
    this.#credit(account, paid);
    return paid;
  }

  /** Applies what settlement comes to for an account. Never fails: what it cannot pay becomes its debt. */
  apply({ account, lock, trade, surplus, fee, imbalance }: Settlement): void {
    this.#locked -= lock;
    this.gridFees -= fee;
    this.open -= trade + surplus;
    this.#credit(account, lock + trade + surplus + fee);
    this.#deviate(account, imbalance);
  }

  /**
   * Books the difference that an amended reading makes, money units; negative: the account pays. A claim that was not
   * paid yet is reduced first.
   */
  correct(account: number, change: bigint): void {
    const purse = this.purseOf(account);
    const reduced = change < 0n ? least(-change, purse.claim) : 0n;
    this.#purses.set(account, { ...purse, claim: purse.claim - reduced });
    this.#deviate(account, change + reduced);
  }

  /** Ends an interval whose accounts are all settled. */
  close({ rent, pot }: IntervalSettlement["ends"]): void {
    this.open -= rent + pot;
    this.gridFees += rent;
    this.pot += pot;
  }

  /** Between an account and the supplier, for what was drawn or fed in beyond the contract. */
  #deviate(account: number, amount: bigint): void {
    const purse = this.purseOf(account);
    if (amount < 0n) {
      const paid = least(-amount, purse.free);
      this.supplier += paid;
      this.#purses.set(account, { ...purse, free: purse.free - paid, debt: purse.debt - amount - paid });
      return;
    }
    // What goes into the account's own debt comes back at once, so the supplier need not have it.
    const paid = least(amount, this.supplier + purse.debt);
    this.supplier -= paid;
    this.#purses.set(account, { ...purse, claim: purse.claim + amount - paid });
    this.#credit(account, paid);
  }

  /** Debt is paid first. */
  #credit(account: number, amount: bigint): void {
    const { free, debt, claim } = this.purseOf(account);
    const repaid = least(amount, debt);
    this.supplier += repaid;
    this.#purses.set(account, { free: free + amount - repaid, debt: debt - repaid, claim });
  }

  #take(account: number, amount: bigint): void {
    const purse = this.purseOf(account);
    if (amount > purse.free) {
      throw new RangeError(
        `account ${account} has ${purse.free.toString()} money units free, not ${amount.toString()}`,
      );
    }
    this.#purses.set(account, { ...purse, free: purse.free - amount });
  }
}

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

/** Levels of classes, from orders: what a market's books hold before clearing. */
export function levelsOf(
  tariff: Tariff,
  orders: readonly Order[],
  isGreen: (account: number) => boolean,
): Map<number, Partial<Record<BookClassName, bigint[]>>> {
  const byFeeder = hasRule(tariff, EnergyRules.BY_FEEDER);
  const books = new Map<number, Partial<Record<BookClassName, bigint[]>>>();
  for (const order of orders) {
    const feeder = byFeeder ? feederOf(order.account) : 0;
    const book = books.get(feeder) ?? {};
    books.set(feeder, book);
    const levels = (book[classOf(order, isGreen(order.account), tariff)] ??= Array<bigint>(256).fill(0n));
    for (const { tick, wh } of order.steps) levels[tick] = (levels[tick] ?? 0n) + wh;
  }
  return books;
}
