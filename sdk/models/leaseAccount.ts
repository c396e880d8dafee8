/** The accounts of one lease over its life: twin of what the lease book keeps, for forecasts and for checks. */
import type { Offer } from "../typedData.js";
import {
  type Abatement,
  abatedRentDown,
  close,
  dueCount,
  earlyFeeDown,
  earnedDown,
  lateCount,
  overageDown,
  overWh,
  rebateThrough,
  startedCount,
  type Statement,
} from "./lease.js";

/** Where a lease stands, and what its lessee has to pay now. Amounts in token units. */
export interface Owed {
  /** Rent accrued since the start after abatement, paid or not. */
  readonly accrued: bigint;
  /** Unix time until which rent is paid. */
  readonly paidThrough: bigint;
  /** Due dates reached, from the start. */
  readonly duePeriods: bigint;
  readonly rentDue: bigint;
  readonly lateFees: bigint;
  /** As much billed overage as the rent due; what is above it waits. */
  readonly overageDue: bigint;
  /** Rebate that will be set off. */
  readonly rebate: bigint;
  /** Sum that makes the lease current. */
  readonly payToCure: bigint;
}

/** What a payment is made of. */
export interface Payment {
  /** Tokens taken from the payer. */
  readonly amount: bigint;
  readonly lateFees: bigint;
  readonly overage: bigint;
  readonly rebate: bigint;
}

/**
 * One lease, from acceptance to the closing of its accounts. Acts are given in the order of their time, in Unix seconds,
 * not before the start. Swaps are left out: a swap starts the count of energy and of health anew.
 */
export class LeaseAccount {
  readonly offer: Offer;
  readonly startedAt: bigint;
  /** What each account was credited so far, by its address; withdrawals are not taken off. */
  readonly credits = new Map<string, bigint>();
  /** Tokens that came in so far. */
  paidIn: bigint;

  #owner: string;
  #paidPeriods = 1n;
  #lateThrough = 0n;
  #credited = 0n;
  #usedWh = 0n;
  #billedOverWh = 0n;
  #billedPeriods = 0n;
  #overageDue = 0n;
  #abatement: Abatement | undefined;
  #abatedSohBp = 0n;
  #uncuredSince = 0n;
  #rebateTaken = 0n;

  /**
   * @param offer - The terms.
   * @param startedAt - Unix time of acceptance.
   * @param owner - Owner of the pack.
   */
  constructor(offer: Offer, startedAt: bigint, owner: string = offer.lessor) {
    this.offer = offer;
    this.startedAt = startedAt;
    this.#owner = owner;
    this.paidIn = offer.deposit + offer.rent;
  }

  /** Owner of the pack now. */
  get owner(): string {
    return this.#owner;
  }

  /** Periods paid, from the start. */
  get paidPeriods(): bigint {
    return this.#paidPeriods;
  }

  /** Unix time until which rent is paid. */
  get paidThrough(): bigint {
    return this.startedAt + this.#paidPeriods * this.offer.period;
  }

  /** State of health that rent is abated by, basis points; undefined when it is not. */
  get abatedSohBp(): bigint | undefined {
    return this.#abatement?.until === 0n ? this.#abatedSohBp : undefined;
  }

  /** Full periods that had passed at the latest bill; the next bill needs one more. */
  get billedPeriods(): bigint {
    return this.#billedPeriods;
  }

  /** Where the lease stands at an instant. */
  owedAt(timestamp: bigint): Owed {
    const { period, periods, rent } = this.offer;
    const duePeriods = dueCount(timestamp - this.startedAt, period, periods);
    const rentDue = duePeriods > this.#paidPeriods ? (duePeriods - this.#paidPeriods) * rent : 0n;
    const { fees: lateFees } = this.#late(timestamp);
    const overageDue = least(this.#overageDue, rentDue);
    const gross = rentDue + lateFees + overageDue;
    const rebate = least(this.#rebateOpen(timestamp), gross);
    return {
      accrued: this.#accrued(timestamp),
      paidThrough: this.paidThrough,
      duePeriods,
      rentDue,
      lateFees,
      overageDue,
      rebate,
      payToCure: gross - rebate,
    };
  }

  /**
   * Pays whole periods, with all late fees and as much billed overage as rent, less the rebate.
   *
   * @throws RangeError for no period or more than are left.
   */
  pay(periodCount: bigint, timestamp: bigint): Payment {
    const left = this.offer.periods - this.#paidPeriods;
    if (periodCount < 1n || periodCount > left) {
      throw new RangeError(`${periodCount.toString()} periods cannot be paid; 1 to ${left.toString()} can`);
    }
    const { fees: lateFees, through } = this.#late(timestamp);
    const rent = periodCount * this.offer.rent;
    const overage = least(this.#overageDue, rent);
    const gross = rent + lateFees + overage;
    const rebate = least(this.#rebateOpen(timestamp), gross);
    this.#lateThrough = through;
    this.#overageDue -= overage;
    this.#rebateTaken += rebate;
    this.#paidPeriods += periodCount;
    this.#give(this.#owner, lateFees + overage);
    this.paidIn += gross - rebate;
    return { amount: gross - rebate, lateFees, overage, rebate };
  }

  /** Credits the owner with rent that is earned, paid and not credited before; returns how much. */
  credit(timestamp: bigint): bigint {
    const earned = this.#earned(timestamp);
    if (earned <= this.#credited) return 0n;
    const amount = earned - this.#credited;
    this.#credited = earned;
    this.#give(this.#owner, amount);
    return amount;
  }

  /** The pack is sold: what is earned until now is the seller's. */
  sell(buyer: string, timestamp: bigint): void {
    this.credit(timestamp);
    this.#owner = buyer;
  }

  /** The pack's device has read this use since the start, Wh. */
  read(usedWh: bigint): void {
    this.#usedWh = usedWh;
  }

  /**
   * Bills use above the allowance; returns the charge.
   *
   * @throws RangeError when no full period has passed since the latest bill.
   */
  bill(timestamp: bigint): bigint {
    const elapsed = this.#elapsed(timestamp);
    const fullPeriods = elapsed / this.offer.period;
    if (fullPeriods <= this.#billedPeriods) {
      throw new RangeError(`${fullPeriods.toString()} periods have passed and are billed`);
    }
    const over = this.#overWh(elapsed);
    const charge = overageDown(over, this.#billedOverWh, this.offer.overagePerKWh);
    if (over > this.#billedOverWh) this.#billedOverWh = over;
    this.#overageDue += charge;
    this.#billedPeriods = fullPeriods;
    return charge;
  }

  /** Abates the rent from now on by a state of health below the guarantee, basis points. */
  abate(sohBp: bigint, timestamp: bigint): void {
    const { rent, minSohBp } = this.offer;
    const base = this.#rebate(timestamp);
    if (this.abatedSohBp === undefined) this.#uncuredSince = timestamp;
    this.#abatement = { base, perPeriod: rent - abatedRentDown(rent, sohBp, minSohBp), since: timestamp, until: 0n };
    this.#abatedSohBp = sohBp;
  }

  /** Ends the abatement. */
  cure(timestamp: bigint): void {
    if (this.#abatement !== undefined) this.#abatement = { ...this.#abatement, until: timestamp };
  }

  /** Closes the accounts at the return of the pack or at a default. `held` is left to claim or to give back. */
  end(timestamp: bigint): Statement {
    const { rent, period, periods, deposit, earlyFee, overagePerKWh } = this.offer;
    const elapsed = this.#elapsed(timestamp);
    const endedAt = this.startedAt + elapsed;
    const overage =
      overagePerKWh === 0n
        ? 0n
        : this.#overageDue + overageDown(this.#overWh(elapsed), this.#billedOverWh, overagePerKWh);
    const statement = close({
      rent,
      period,
      elapsed,
      paidPeriods: this.#paidPeriods,
      credited: this.#credited,
      rebateCovered: this.#rebate(least(endedAt, this.paidThrough)),
      rebateElapsed: this.#rebate(endedAt),
      rebateTaken: this.#rebateTaken,
      deposit,
      overage,
      lateFees: this.#late(timestamp).fees,
      earlyFee: this.#mayLeaveFree(timestamp) ? 0n : earlyFeeDown(earlyFee, periods * period, elapsed),
    });
    const { rentCredit, arrears, lateFees } = statement;
    this.#give(this.#owner, rentCredit + arrears + statement.overage + lateFees + statement.earlyFee);
    return statement;
  }

  #give(account: string, amount: bigint): void {
    this.credits.set(account, (this.credits.get(account) ?? 0n) + amount);
  }

  #elapsed(timestamp: bigint): bigint {
    return least(timestamp - this.startedAt, this.offer.periods * this.offer.period);
  }

  #rebate(timestamp: bigint): bigint {
    return this.#abatement === undefined ? 0n : rebateThrough(this.#abatement, timestamp);
  }

  #accrued(timestamp: bigint): bigint {
    const elapsed = this.#elapsed(timestamp);
    return earnedDown(this.offer.rent, this.offer.period, elapsed, this.#rebate(this.startedAt + elapsed));
  }

  #earned(timestamp: bigint): bigint {
    return this.#accrued(least(timestamp, this.paidThrough));
  }

  #rebateOpen(timestamp: bigint): bigint {
    if (this.#abatement === undefined) return 0n;
    const elapsed = this.#elapsed(least(timestamp, this.paidThrough));
    const rebate = earnedDown(this.offer.rent, this.offer.period, elapsed, 0n) - this.#earned(timestamp);
    return rebate > this.#rebateTaken ? rebate - this.#rebateTaken : 0n;
  }

  #late(timestamp: bigint): { fees: bigint; through: bigint } {
    const { period, periods, grace, lateFee } = this.offer;
    const late = lateCount(timestamp - this.startedAt, period, periods, grace);
    const settled = this.#lateThrough > this.#paidPeriods ? this.#lateThrough : this.#paidPeriods;
    return late > settled
      ? { fees: (late - settled) * lateFee, through: late }
      : { fees: 0n, through: this.#lateThrough };
  }

  #overWh(elapsed: bigint): bigint {
    const { includedWh, period, periods } = this.offer;
    return overWh(this.#usedWh, includedWh, startedCount(elapsed, period, periods));
  }

  #mayLeaveFree(timestamp: bigint): boolean {
    return this.#abatement?.until === 0n && timestamp > this.#uncuredSince + this.offer.cureDuration;
  }
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
