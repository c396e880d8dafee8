/**
 * The money formulas of a battery lease: twin of contracts/batteries/LeaseMath.sol, in bigint. Spans in seconds, amounts
 * in token units, energy in Wh. Divisions round down. Like the contract, a function that is given less than it takes
 * away throws.
 */

const WH_PER_KWH = 1_000n;
const MAX_UINT256 = (1n << 256n) - 1n;

/** A number is negative, or above 256 bits: where the contract reverts with Panic(0x11). */
export class ArithmeticError extends RangeError {
  override readonly name = "ArithmeticError";
}

/** A division by zero: where the contract reverts with Panic(0x12). */
export class DivisionByZeroError extends RangeError {
  override readonly name = "DivisionByZeroError";
}

/** What the accounts of a lease hold when it ends. */
export interface Account {
  /** Rent of a period. */
  readonly rent: bigint;
  readonly period: bigint;
  /** From the start to the end, at most the term. */
  readonly elapsed: bigint;
  readonly paidPeriods: bigint;
  /** Rent credited to owners before. */
  readonly credited: bigint;
  /** Rebate through the paid part of `elapsed`, token units times seconds. */
  readonly rebateCovered: bigint;
  /** Rebate through `elapsed`, token units times seconds. */
  readonly rebateElapsed: bigint;
  /** Rebate that the lessee has had. */
  readonly rebateTaken: bigint;
  readonly deposit: bigint;
  readonly overage: bigint;
  readonly lateFees: bigint;
  readonly earlyFee: bigint;
}

/** How the accounts close. The first five are the owner's, `held` stays the lessee's. */
export interface Statement {
  readonly rentCredit: bigint;
  readonly arrears: bigint;
  readonly overage: bigint;
  readonly lateFees: bigint;
  readonly earlyFee: bigint;
  readonly held: bigint;
  /** Charges that the lessee's money did not cover. */
  readonly shortfall: bigint;
}

/** A span of rent abatement with those before it. */
export interface Abatement {
  /** Rebate of the spans before, token units times seconds. */
  readonly base: bigint;
  /** Rebate of a period in this span. */
  readonly perPeriod: bigint;
  /** Start of the span, Unix time. */
  readonly since: bigint;
  /** End of the span; zero: open. */
  readonly until: bigint;
}

/**
 * Rent earned in a span, after rebate: floor((rent * elapsed - rebate) / period).
 *
 * @param rebate - Rebate through `elapsed`, token units times seconds, at most rent * elapsed.
 */
export function earnedDown(rent: bigint, period: bigint, elapsed: bigint, rebate: bigint): bigint {
  return divide(fit(fit(rent * elapsed) - rebate), period);
}

/** Rebate through an instant, token units times seconds. */
export function rebateThrough({ base, perPeriod, since, until }: Abatement, timestamp: bigint): bigint {
  const last = until !== 0n && until < timestamp ? until : timestamp;
  return last > since ? fit(base + fit(perPeriod * (last - since))) : base;
}

/** Due dates reached, at most `periods`: period k is due k periods after the start. */
export function dueCount(elapsed: bigint, period: bigint, periods: bigint): bigint {
  return least(fit(divide(elapsed, period) + 1n), periods);
}

/** Due dates passed by more than the grace span: number of k below `periods` with k * period + grace < elapsed. */
export function lateCount(elapsed: bigint, period: bigint, periods: bigint, grace: bigint): bigint {
  if (elapsed <= grace) return 0n;
  return least(fit(divide(elapsed - grace - 1n, period) + 1n), periods);
}

/** Periods of which at least a second has passed, 1 to `periods`; the first counts from the start. */
export function startedCount(elapsed: bigint, period: bigint, periods: bigint): bigint {
  if (elapsed === 0n) return 1n;
  return least(fit(divide(elapsed - 1n, period) + 1n), periods);
}

/**
 * Use above the pooled allowance, Wh.
 *
 * @param usedWh - Used since the start.
 * @param includedWh - Allowance of a period.
 * @param started - Periods started.
 */
export function overWh(usedWh: bigint, includedWh: bigint, started: bigint): bigint {
  const allowance = fit(includedWh * started);
  return usedWh > allowance ? usedWh - allowance : 0n;
}

/**
 * Charge for over-use beyond what was billed, by the difference of two floors of cumulative numbers.
 *
 * @param over - Over-use since the start, Wh.
 * @param billedOver - Greatest over-use billed before, Wh.
 */
export function overageDown(over: bigint, billedOver: bigint, pricePerKWh: bigint): bigint {
  if (over <= billedOver) return 0n;
  return fit(over * pricePerKWh) / WH_PER_KWH - fit(billedOver * pricePerKWh) / WH_PER_KWH;
}

/**
 * Price of the pack, falling linearly over the term: residual + floor((start - residual) * (term - elapsed) / term).
 *
 * @param elapsed - Seconds from the start, at most `term`.
 */
export function buyoutPriceDown(start: bigint, residual: bigint, term: bigint, elapsed: bigint): bigint {
  return fit(residual + divide(fit(fit(start - residual) * fit(term - elapsed)), term));
}

/**
 * Fee for an early return, falling linearly over the term: floor(fee * (term - elapsed) / term).
 *
 * @param elapsed - Seconds from the start, at most `term`.
 */
export function earlyFeeDown(fee: bigint, term: bigint, elapsed: bigint): bigint {
  return divide(fit(fee * fit(term - elapsed)), term);
}

/** Rent of a pack below its guarantee: floor(rent * sohBp / minSohBp). */
export function abatedRentDown(rent: bigint, sohBp: bigint, minSohBp: bigint): bigint {
  return divide(fit(rent * sohBp), minSohBp);
}

/**
 * Closes the accounts: owner's rent, then arrears, overage, late fees and early fee out of the lessee's money (deposit,
 * unearned rent and rebate) as far as it goes. rentCredit + arrears + overage + lateFees + earlyFee + held equals what
 * the book held for the lease.
 */
export function close(account: Account): Statement {
  const { rent, period, elapsed, paidPeriods, credited } = account;
  const covered = least(elapsed, fit(paidPeriods * period));
  const earned = earnedDown(rent, period, covered, account.rebateCovered);
  const accrued = earnedDown(rent, period, elapsed, account.rebateElapsed);
  const arrears = fit(accrued - earned);
  // A bay's receipt may end the lease before the last credit, which is not taken back.
  const owners = earned < credited ? credited : earned;
  let held = fit(fit(fit(account.deposit + fit(paidPeriods * rent)) - owners) - account.rebateTaken);
  let shortfall = 0n;
  const take = (charge: bigint): bigint => {
    const taken = least(charge, held);
    held -= taken;
    shortfall = fit(shortfall + charge - taken);
    return taken;
  };
  const taken = {
    arrears: take(arrears),
    overage: take(account.overage),
    lateFees: take(account.lateFees),
    earlyFee: take(account.earlyFee),
  };
  return { rentCredit: owners - credited, ...taken, held, shortfall };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function divide(dividend: bigint, divisor: bigint): bigint {
  if (divisor === 0n) throw new DivisionByZeroError(`${dividend.toString()} divided by zero`);
  return dividend / divisor;
}

function fit(value: bigint): bigint {
  if (value < 0n || value > MAX_UINT256) throw new ArithmeticError(`${value.toString()} does not fit 256 bits`);
  return value;
}
