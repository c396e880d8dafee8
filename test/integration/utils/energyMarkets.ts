import {
  accountAt,
  type Book,
  type Clearing,
  clearInterval,
  EnergyRules,
  feederOf,
  hasRule,
  levelsOf,
  type Order,
  type OrderKind,
  type Tariff,
  TICKS,
} from "../../../sdk/energy/index.js";
import type { Random } from "./random.js";

/** A market in memory: who ordered what, on which feeders. */
export interface Market {
  readonly tariff: Tariff;
  readonly orders: readonly Order[];
  readonly green: ReadonlySet<number>;
  /** Import and export limit of each feeder, Wh; a feeder that is left out has none. */
  readonly limits: ReadonlyMap<number, readonly [bigint, bigint]>;
}

/** What random markets are made of. */
export interface MarketShape {
  readonly feeders: number;
  readonly metersPerFeeder: number;
  /** Ticks in use, from the lowest. */
  readonly ticks: number;
  readonly maxWh: bigint;
  readonly minWh?: bigint;
  readonly maxSteps: number;
  readonly rules: bigint;
  /** Most of a limit, Wh; no limits when left out. */
  readonly maxLimit?: bigint;
}

/** A random market of a shape. A meter posts bids or offers, or nothing. */
export function randomMarket(random: Random, shape: MarketShape): Market {
  const { rules } = shape;
  const number = (low: number, high: number) => Number(random.between(BigInt(low), BigInt(high)));
  const base = random.between(0n, 50n);
  const tariff: Tariff = {
    feedIn: base === 0n ? 0n : random.between(0n, base),
    basePrice: base,
    tickSize: random.between(1n, 5n),
    retail: 0n,
    feederFee: random.between(0n, 20n),
    gridFee: random.between(20n, 60n),
    rules,
  };
  // The last tick of all may not be below retail.
  const beyond = shape.ticks < TICKS ? random.between(0n, tariff.tickSize - 1n) : 0n;
  const retail = base + BigInt(shape.ticks - 1) * tariff.tickSize + beyond;
  const orders: Order[] = [];
  const green = new Set<number>();
  const limits = new Map<number, readonly [bigint, bigint]>();
  for (let feeder = 1; feeder <= shape.feeders; ++feeder) {
    if (shape.maxLimit !== undefined && random.between(0n, 3n) > 0n) {
      limits.set(feeder, [random.between(0n, shape.maxLimit), random.between(0n, shape.maxLimit)]);
    }
    for (let position = 0; position < shape.metersPerFeeder; ++position) {
      const account = accountAt(feeder, position);
      if (random.between(0n, 1n) === 1n) green.add(account);
      if (random.between(0n, 7n) === 0n) continue;
      const offer = random.between(0n, 1n) === 1n;
      const steps = Array.from({ length: number(1, shape.maxSteps) }, () => ({
        tick: number(0, shape.ticks - 1),
        wh: random.between(shape.minWh ?? 1n, shape.maxWh),
      }));
      orders.push({ account, offer, kind: random.pick(kindsFor(rules, offer)), steps });
    }
  }
  return { tariff: { ...tariff, retail: retail === 0n ? 1n : retail }, orders, green, limits };
}

/** Kinds that a tariff's rules allow. */
function kindsFor(rules: bigint, offer: boolean): readonly [OrderKind, ...OrderKind[]] {
  const tariff = { rules };
  const feederOnly: OrderKind[] = hasRule(tariff, EnergyRules.FEEDER_FIRST) ? ["feederOnly"] : [];
  const green: OrderKind[] = hasRule(tariff, EnergyRules.GREEN) && !offer ? ["greenFirst", "greenOnly"] : [];
  return ["anywhere", "anywhere", ...feederOnly, ...green];
}

/** The books of a market. */
export function booksOf({ tariff, orders, green, limits }: Market): Book[] {
  return [...levelsOf(tariff, orders, (account) => green.has(account))].map(([feeder, levels]) => {
    const [importWh, exportWh] = limits.get(feeder) ?? [];
    return {
      feeder,
      levels,
      ...(importWh === undefined ? {} : { importWh }),
      ...(exportWh === undefined ? {} : { exportWh }),
    };
  });
}

/** Clears a market. */
export function clear(market: Market): Clearing {
  return clearInterval(market.tariff, booksOf(market));
}

/** The greatest value of what can be traded, and the greatest volume at which it is reached. */
export interface Optimum {
  /** Σ of ticks that buyers bid less ticks that sellers ask, by Wh. */
  readonly welfare: bigint;
  readonly volume: bigint;
}

/**
 * The optimum of a market with one round, by trying every amount that each feeder could sell and send out. Every Wh is
 * looked at by itself, so the market must be small.
 */
export function bruteForceOptimum({ tariff, orders, limits }: Market): Optimum {
  const byFeeder = hasRule(tariff, EnergyRules.BY_FEEDER);
  const feeders = [...new Set(orders.map(({ account }) => (byFeeder ? feederOf(account) : 0)))];
  let best = new Map<number, Optimum>([[0, { welfare: 0n, volume: 0n }]]);
  for (const feeder of feeders) {
    const own = orders.filter(({ account }) => !byFeeder || feederOf(account) === feeder);
    const bids = wattHours(own, false).sort((left, right) => right - left);
    const offers = wattHours(own, true).sort((left, right) => left - right);
    const [importWh, exportWh] = limits.get(feeder) ?? [BigInt(bids.length), BigInt(offers.length)];
    const next = new Map<number, Optimum>();
    for (let sold = 0; sold <= offers.length; ++sold) {
      for (let bought = 0; bought <= bids.length; ++bought) {
        const sent = sold - bought;
        if (BigInt(sent) > exportWh || BigInt(-sent) > importWh) continue;
        const welfare = BigInt(sum(bids.slice(0, bought)) - sum(offers.slice(0, sold)));
        for (const [net, before] of best) {
          const candidate = { welfare: before.welfare + welfare, volume: before.volume + BigInt(bought) };
          const known = next.get(net + sent);
          if (known === undefined || isBetter(candidate, known)) next.set(net + sent, candidate);
        }
      }
    }
    best = next;
  }
  return best.get(0) ?? { welfare: 0n, volume: 0n };
}

function isBetter(left: Optimum, right: Optimum): boolean {
  return left.welfare > right.welfare || (left.welfare === right.welfare && left.volume > right.volume);
}

/** Tick of every Wh on a side. */
function wattHours(orders: readonly Order[], offer: boolean): number[] {
  return orders
    .filter((order) => order.offer === offer)
    .flatMap(({ steps }) => steps.flatMap(({ tick, wh }) => Array<number>(Number(wh)).fill(tick)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
