/**
 * Terms of the day's leases, taken from real contracts and scaled to a pack of 7.4 kWh; a euro is counted as 7.8 CNY and
 * as 35 TWD.
 */
import type { Offer } from "../../../sdk/index.js";
import { EURO } from "../money.js";
import { RATED_WH } from "./scale.js";

const HOUR = 3_600n;
const DAY = 24n * HOUR;
const MONTH = 30n * DAY;
const YEAR = 365n * DAY;
const WH_PER_KWH = 1_000n;
const BASIS_POINTS = 10_000n;

/** NIO, battery as a service: 980 CNY a month for 70 kWh, 14 CNY or 1.80 € for each kWh. */
const RENT_PER_KWH_MONTH = (18n * EURO) / 10n;
/** NIO: the pack of 70 kWh costs 70,000 CNY, 1,000 CNY or 128 € for each kWh, and rent does not count towards it. */
const PRICE_PER_KWH = 128n * EURO;
/** Share of the price at the end of the term: the warranted 70 % of a pack, less a tenth. */
const RESIDUAL_BP = 6_000n;
/** Gogoro: 4,800 TWD times the days left of 730, which is 5.70 € for each month of the term. */
const EARLY_FEE_PER_MONTH = (57n * EURO) / 10n;
/** Interest-free deposits of Indian swap networks: about six months of rent. */
const DEPOSIT_MONTHS = 6n;
const LATE_FEE = 2n * EURO;
/** Gogoro bills kilometres above an allowance; here kWh, above two and a quarter full charges a day. */
const INCLUDED_CHARGES_PER_DAY_BP = 22_500n;
const OVERAGE_PER_KWH = (12n * EURO) / 100n;
/** End of life of the recorded cells by NASA, 30 % fade; Renault repairs or swaps below 75 %. */
export const MIN_SOH_BP = 7_000n;
const CURE_DURATION = 14n * DAY;
const CLAIM_WINDOW = 7n * DAY;
const ARBITER_WINDOW = 30n * DAY;

/** Rent falls due this often in a lease's term, unless periods would be longer than a year. */
const PERIODS = 6n;
/** Part of a period that a lessee may be late. */
const GRACE_PART = 10n;

/** Length and number of a lease's periods that cover a span, in whole hours. */
export function fitPeriods(span: bigint): Pick<Terms, "period" | "periods"> {
  const periods = span > PERIODS * YEAR ? span / YEAR + 1n : PERIODS;
  return { period: HOUR * (span / (periods * HOUR) + 1n), periods };
}

/** Terms that say nothing of pack and parties. */
export type Terms = Omit<Offer, "packId" | "lessor" | "lessee" | "agreementHash" | "nonce" | "deadline">;

/** The money and time terms of a lease of `periods` periods. */
export function termsFor({ period, periods }: Pick<Terms, "period" | "periods">): Terms {
  const term = period * periods;
  const price = (PRICE_PER_KWH * RATED_WH) / WH_PER_KWH;
  const rentOf = (span: bigint): bigint => (RENT_PER_KWH_MONTH * RATED_WH * span) / (WH_PER_KWH * MONTH);
  return {
    period,
    periods,
    rent: rentOf(period),
    deposit: rentOf(DEPOSIT_MONTHS * MONTH),
    lateFee: LATE_FEE,
    earlyFee: (EARLY_FEE_PER_MONTH * term) / MONTH,
    buyoutStart: price,
    buyoutResidual: (price * RESIDUAL_BP) / BASIS_POINTS,
    overagePerKWh: OVERAGE_PER_KWH,
    includedWh: (RATED_WH * INCLUDED_CHARGES_PER_DAY_BP * period) / (BASIS_POINTS * DAY),
    startWh: 0n,
    grace: period / GRACE_PART,
    defaultAfter: MONTH,
    claimWindow: CLAIM_WINDOW,
    arbiterWindow: ARBITER_WINDOW,
    cureDuration: CURE_DURATION,
    minSohBp: MIN_SOH_BP,
  };
}

/** The agreement whose hash every offer of the day carries. */
export const AGREEMENT = "Lease of a battery pack, version 1";
