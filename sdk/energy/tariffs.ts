/** What energy costs in an interval, on the grid of ticks. Prices are money units per Wh, energy is Wh. */

/** Ticks of a book, 0 to 255. */
export const TICKS = 256;

/** Stands for no limit of a feeder: the greatest number that the registry holds, Wh. */
export const UNLIMITED_WH = (1n << 56n) - 1n;

/** Flags of a tariff's `rules`: how the auction of its intervals works. */
export const EnergyRules = {
  /** Every feeder has a book of its own, which its limits and the cheaper fee inside a feeder need. */
  BY_FEEDER: 1n,
  /** Neighbours of one feeder trade first. Needs BY_FEEDER. */
  FEEDER_FIRST: 2n,
  /** Bids for green energy trade with certified offers before the rest. */
  GREEN: 4n,
  /** Buyers pay their own bid. */
  PAY_AS_BID: 8n,
  /** What buyers pay above the price goes to the community pot instead of to the sellers. Needs PAY_AS_BID. */
  SURPLUS_TO_POT: 16n,
} as const;

/** A tariff as the registry holds it. Prices in money units per Wh, each 0 to 16,777,215. */
export interface Tariff {
  /** The supplier pays it for what is fed in without a buyer. */
  readonly feedIn: bigint;
  /** The supplier charges it for what is drawn without a seller; above zero. */
  readonly retail: bigint;
  /** Grid fee for a Wh bought from the same feeder; at most `gridFee`. */
  readonly feederFee: bigint;
  /** Grid fee for any other Wh bought. */
  readonly gridFee: bigint;
  /** Price at tick 0; `feedIn` to `retail`. */
  readonly basePrice: bigint;
  /** Price step from one tick to the next, 1 to 65,535. */
  readonly tickSize: bigint;
  /** Sum of {@link EnergyRules}. */
  readonly rules: bigint;
}

/** A price cannot be bid or offered. */
export class PriceError extends RangeError {
  override readonly name = "PriceError";
  /** Money units per Wh. */
  readonly price: bigint;

  constructor(price: bigint, reason: string) {
    super(`price ${price.toString()} money units per Wh ${reason}`);
    this.price = price;
  }
}

/** Whether a tariff has a rule. */
export function hasRule({ rules }: Pick<Tariff, "rules">, rule: bigint): boolean {
  return (rules & rule) !== 0n;
}

/** Price at a tick, money units per Wh. */
export function priceAt({ basePrice, tickSize }: Pick<Tariff, "basePrice" | "tickSize">, tick: number): bigint {
  return basePrice + BigInt(tick) * tickSize;
}

/** Highest tick that may be bid or offered: the last whose price is not above retail. */
export function highestTick({ retail, basePrice, tickSize }: Tariff): number {
  const highest = (retail - basePrice) / tickSize;
  return highest >= BigInt(TICKS) ? TICKS - 1 : Number(highest);
}

/**
 * Tick of a price.
 *
 * @param price - Money units per Wh.
 * @throws PriceError for a price outside the band from `basePrice` to the last tick not above `retail`, or between two
 * ticks. It names the band, or the two prices beside it.
 */
export function tickOf(tariff: Tariff, price: bigint): number {
  const { basePrice, tickSize } = tariff;
  const highest = priceAt(tariff, highestTick(tariff));
  if (price < basePrice || price > highest) {
    throw new PriceError(price, `is outside the band from ${basePrice.toString()} to ${highest.toString()}`);
  }
  const above = price - basePrice;
  if (above % tickSize !== 0n) {
    const below = price - (above % tickSize);
    throw new PriceError(price, `is between the ticks at ${below.toString()} and ${(below + tickSize).toString()}`);
  }
  return Number(above / tickSize);
}

/**
 * Tick of a price that need not be on the grid: a bid's is rounded down and an offer's up, so that the order is never
 * filled at a worse price.
 *
 * @param price - Money units per Wh. A bid above the band takes its upper end, an offer below it the lower end.
 * @throws PriceError for a bid below the band or an offer above it.
 */
export function tickWithin(tariff: Tariff, offer: boolean, price: bigint): number {
  const { basePrice, tickSize } = tariff;
  const last = highestTick(tariff);
  const highest = priceAt(tariff, last);
  if (offer ? price > highest : price < basePrice) {
    const end = offer
      ? `above the band, which ends at ${highest.toString()}`
      : `below the band, which begins at ${basePrice.toString()}`;
    throw new PriceError(price, `is ${end}`);
  }
  if (offer) return price <= basePrice ? 0 : Number((price - basePrice + tickSize - 1n) / tickSize);
  return price >= highest ? last : Number((price - basePrice) / tickSize);
}
