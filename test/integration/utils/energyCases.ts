import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** An order of a case. */
export interface CaseOrder {
  readonly id: number;
  readonly who: string;
  /** Thousandths of the source's currency unit per kWh. */
  readonly price: number;
  readonly wh: number;
}

/** A market with the outcome of the rule of one price. */
export interface MarketCase {
  readonly name: string;
  readonly bids: readonly CaseOrder[];
  readonly offers: readonly CaseOrder[];
  readonly reference_uniform: {
    readonly price_low: number;
    readonly price_high: number;
    /** Null: nothing is traded. */
    readonly price: number | null;
    readonly volume_wh: number;
    readonly welfare_price_wh: number;
    readonly fills_wh: Readonly<Record<string, number>>;
    readonly total_buyer_payment_price_wh: number;
  };
}

/** One account's settlement. */
export interface SettlementCase {
  readonly name: string;
  readonly price: number;
  readonly grid_fee: number;
  readonly retail: number;
  readonly feed_in: number;
  readonly contract_wh: number;
  readonly metered_net_wh: number;
  readonly expected: {
    readonly trade: number;
    readonly fee: number;
    readonly imbalance: number;
    readonly total: number;
    readonly to_sellers: number;
    readonly to_dso: number;
    readonly to_supplier: number;
  };
}

interface EnergyCases {
  readonly cases: readonly MarketCase[];
  readonly settlement_cases: readonly SettlementCase[];
}

const path = fileURLToPath(new URL("../../../../shared/cases/energy.json", import.meta.url));

/** The agreed cases of the energy market, which stand beside the repository; undefined where they do not. */
export function readEnergyCases(): EnergyCases | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as EnergyCases) : undefined;
}

/** A grid of ticks on which every price of a case and every middle between two of them stands. */
export interface Grid {
  readonly basePrice: bigint;
  readonly tickSize: bigint;
}

/**
 * The grid for a case: it begins at the lowest price, and its step is half the greatest common divisor of all
 * differences, so that the middle between any two prices is a tick too. Where that divisor is odd the step is 1, and the
 * middle is rounded down as in the case.
 */
export function gridOf({ bids, offers }: MarketCase): Grid {
  const prices = [...bids, ...offers].map(({ price }) => BigInt(price));
  const basePrice = prices.reduce((least, price) => (price < least ? price : least));
  const common = prices.reduce((divisor, price) => gcd(divisor, price - basePrice), 0n);
  return { basePrice, tickSize: common === 0n || common % 2n === 1n ? 1n : common / 2n };
}

function gcd(left: bigint, right: bigint): bigint {
  return right === 0n ? left : gcd(right, left % right);
}
