/**
 * Formulas of rewards and of redemption: twin of contracts/rewards/RewardMath.sol. Rewards are millionths of a token, in
 * bigint; every formula rounds once, down.
 */
import { RewardLimit } from "../enums.js";
import { checkField, FieldError } from "../waste/packing.js";

/** All of something, basis points. */
export const FULL_BP = 10_000n;
/** Days that are set aside for a year of epochs. */
export const YEAR_DAYS = 366n;

const UNITS_PER_RATE = 1_000n;
const CYCLE_YEARS = 400n;
const CYCLE_DAYS = 146_097n;
const LAST_SPAN = 143;

/** A reward on its way through the limits. */
export interface Reward {
  /** What the formula gives. */
  readonly earned: bigint;
  /** What is left of it. */
  readonly paid: bigint;
  /** See {@link RewardLimit}: the limit that left least; None: nothing was cut. */
  readonly limit: bigint;
}

/** What a limit leaves. */
export interface Limit {
  /** See {@link RewardLimit}. */
  readonly limit: bigint;
  readonly left: bigint;
}

/**
 * What units earn: floor(units × rate × quality / (1,000 × 10,000)).
 *
 * @param units - Grams, watt-hours, zones.
 * @param ratePerThousand - Reward for 1,000 units.
 * @param qualityBp - Basis points, at most 10,000.
 * @throws FieldError for a negative number, and for a quality above 10,000.
 */
export function earnedDown(units: bigint, ratePerThousand: bigint, qualityBp: number | bigint = FULL_BP): bigint {
  notNegative("units", units);
  notNegative("rate", ratePerThousand);
  const quality = checkField("quality", qualityBp, 0n, FULL_BP);
  return (units * ratePerThousand * quality) / (UNITS_PER_RATE * FULL_BP);
}

/** What a programme pays for, as far as the formula needs it. */
export interface RateTerms {
  /** Reward for 1,000 units. */
  readonly ratePerThousand: bigint;
  /** Units below which an act or a deposit earns nothing, and above which it earns no more. */
  readonly leastUnits: bigint;
  readonly mostUnits: bigint;
}

/**
 * What units earn, cut to the units that count.
 *
 * @throws FieldError as {@link earnedDown}.
 */
export function rewardFor(terms: RateTerms, units: bigint, qualityBp: number | bigint = FULL_BP): Reward {
  const { ratePerThousand, leastUnits, mostUnits } = terms;
  const earned = earnedDown(units, ratePerThousand, qualityBp);
  const reward = { earned, paid: earned, limit: RewardLimit.None };
  if (units < leastUnits) return cut(reward, { limit: RewardLimit.Units, left: 0n });
  if (units <= mostUnits) return reward;
  return cut(reward, { limit: RewardLimit.Units, left: earnedDown(mostUnits, ratePerThousand, qualityBp) });
}

/** A reward cut to a limit, which is named where it leaves less than those before. */
export function cut(reward: Reward, { limit, left }: Limit): Reward {
  const most = left < 0n ? 0n : left;
  return most < reward.paid ? { ...reward, paid: most, limit } : reward;
}

/**
 * A reward cut to several limits in their order. For an act that is: a strike, the person's day, the attestors', the
 * programme's, the city's day and the city's year; for a deposit the container stands behind the strike, and there are
 * no attestors.
 */
export function cutToAll(reward: Reward, limits: readonly Limit[]): Reward {
  return limits.reduce(cut, reward);
}

/**
 * Grams that a deposit claims: as much of them as it was paid, rounded up so that a deposit that was paid something claims
 * something, and at most what may still be claimed at the container.
 */
export function claimedUp(grams: bigint, room: bigint, { earned, paid }: Reward): bigint {
  if (paid === 0n) return 0n;
  const claimed = (grams * paid + earned - 1n) / earned;
  return claimed > room ? room : claimed;
}

/** Mass of deposits that a ticket allows: floor(collected × (10,000 + tolerance) / 10,000). */
export function allowedDown(collectedGrams: bigint, toleranceBp: number | bigint): bigint {
  return (collectedGrams * (FULL_BP + BigInt(toleranceBp))) / FULL_BP;
}

/**
 * What a claim of deposits is worth.
 *
 * @param amount - What it would be worth in full.
 * @param claimedGrams - Mass that all claims of the collection claim.
 * @param allowedGrams - Mass that the ticket allows, see {@link allowedDown}.
 * @param cutBp - What an audit of the sorting takes off, basis points.
 * @throws FieldError for a cut above 10,000.
 */
export function vestedDown(
  amount: bigint,
  claimedGrams: bigint,
  allowedGrams: bigint,
  cutBp: number | bigint = 0,
): bigint {
  const kept = FULL_BP - checkField("cut", cutBp, 0n, FULL_BP);
  const share = allowedGrams < claimedGrams ? allowedGrams : claimedGrams;
  return (amount * share * kept) / (claimedGrams * FULL_BP);
}

/**
 * Spans of a day that are less than some distance from one, a bit for each.
 *
 * @param span - 0 to 143.
 * @param distance - In spans; zero: none are.
 */
export function spansNear(span: number, distance: number): bigint {
  checkField("span", span, 0n, BigInt(LAST_SPAN));
  if (distance === 0) return 0n;
  const first = Math.max(0, span + 1 - distance);
  const last = Math.min(LAST_SPAN, span + distance - 1);
  return ((1n << BigInt(last + 1 - first)) - 1n) << BigInt(first);
}

/** Number of the year that a day belongs to. Years begin within a day of the calendar's, and none is longer than 366 days. */
export function yearOf(day: number): number {
  return Number((BigInt(day) * CYCLE_YEARS) / CYCLE_DAYS);
}

/**
 * What all programmes but those of epochs can give in a year.
 *
 * @param yearCap - What the city gives in a year.
 * @param setAside - Day budgets of programmes of epochs.
 * @returns Zero where more is set aside than there is.
 */
export function sharedYearCap(yearCap: bigint, setAside: bigint): bigint {
  const shared = yearCap - YEAR_DAYS * setAside;
  return shared < 0n ? 0n : shared;
}

/** The city's part of what a merchant takes out: floor(gross × fee / 10,000). */
export function feeDown(gross: bigint, feeBp: number | bigint): bigint {
  notNegative("gross", gross);
  return (gross * checkField("fee", feeBp, 0n, FULL_BP)) / FULL_BP;
}

/** What a settlement comes to for a merchant. */
export interface MerchantStatement {
  readonly gross: bigint;
  readonly fee: bigint;
  readonly net: bigint;
}

/** What a merchant gets for vouchers of these face values, units of the settlement token. */
export function merchantStatement(faceValues: readonly bigint[], feeBp: number | bigint): MerchantStatement {
  const gross = faceValues.reduce((sum, value) => sum + value, 0n);
  const fee = feeDown(gross, feeBp);
  return { gross, fee, net: gross - fee };
}

function notNegative(name: string, value: bigint): void {
  if (value < 0n) throw new FieldError(`${name} ${value.toString()} is negative`);
}
