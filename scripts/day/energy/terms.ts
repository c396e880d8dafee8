/**
 * What the day assumes where the data say nothing. Prices are thousandths of the data's currency per kWh, which at a token
 * of 6 decimals are money units per Wh; a unit of that currency is counted as a euro.
 */
import { EnergyRules, type Tariff, TICKS } from "../../../sdk/energy/index.js";

/** Supplier pays for what is fed in without a buyer. */
export const FEED_IN = 80n;
/** Grid fee for a Wh bought from another feeder. */
export const GRID_FEE = 40n;
/** Grid fee for a Wh bought from the same feeder. */
export const FEEDER_FEE = 20n;
/** Least retail price at which neighbours can trade at all. */
export const LEAST_RETAIL = FEED_IN + GRID_FEE;

/** Least energy of an order, Wh: 1 instead of the usual 10, so that every surplus and every need can be ordered. */
export const MINIMUM_WH = 1n;
/** Feeders among which homes are divided, if there are no more homes than these hold. */
export const FEEDERS = 2;
/** Most meters of a feeder. */
export const METERS_PER_FEEDER = 256;
/** Power of a home's connection, W. A home that the data or the orders show with more has a larger one. */
export const CONNECTION_W = 24_000n;

const MILLI = 1_000n;
const SECONDS_PER_DAY = 86_400n;
const SECONDS_PER_HOUR = 3_600n;
const LAST_TICK = BigInt(TICKS - 1);

/** Greatest number that a cap can be written with; it is multiplied by 1, 10, 100 or 1,000. */
const CAP_DIGITS = 1_023n;
const CAP_UNITS = [1n, 10n, 100n, 1_000n] as const;

/** Energy that a power comes to in an interval, Wh, rounded up. */
export function whIn(intervalLength: bigint, watts: bigint): bigint {
  return (watts * intervalLength + SECONDS_PER_HOUR - 1n) / SECONDS_PER_HOUR;
}

/** The least cap that the registry can write and that is not below so many Wh. */
export function capFor(wh: bigint): bigint {
  for (const unit of CAP_UNITS) {
    const digits = (wh + unit - 1n) / unit;
    if (digits <= CAP_DIGITS) return digits * unit;
  }
  return CAP_DIGITS * MILLI;
}

/** Parameters of the deployment: the clock of the data, orders a day ahead, and the least order. */
export function deploymentFor(intervalLength: bigint): { readonly Energy: Readonly<Record<string, number>> } {
  return {
    Energy: {
      intervalLength: Number(intervalLength),
      horizon: Number(SECONDS_PER_DAY / intervalLength),
      minimumWh: Number(MINIMUM_WH),
    },
  };
}

/**
 * Price step for all tariffs of the day: the least that reaches from the feed-in price to every retail price with 256
 * ticks, and on whose grid every bid of the rule stands. Where there is none, the least that reaches: bids are then
 * rounded down to the grid.
 */
export function tickSizeFor(retails: readonly bigint[]): bigint {
  const highest = retails.reduce((most, one) => (one > most ? one : most), LEAST_RETAIL);
  const least = (highest - FEED_IN + LAST_TICK - 1n) / LAST_TICK;
  for (let size = least; size < 2n * least; ++size) {
    if (retails.every((retail) => (retail - GRID_FEE - FEED_IN) % size === 0n)) return size;
  }
  return least;
}

/** Every feeder has a book of its own, so that the cheaper fee inside a feeder is known; there are no limits. */
export function tariffFor(retail: bigint, tickSize: bigint): Tariff {
  return {
    feedIn: FEED_IN,
    retail,
    feederFee: FEEDER_FEE,
    gridFee: GRID_FEE,
    basePrice: FEED_IN,
    tickSize,
    rules: EnergyRules.BY_FEEDER,
  };
}
