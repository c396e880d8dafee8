/**
 * Deposits into a container between two collections: what they claim, and what the ticket makes of them. Mass is grams,
 * rewards are millionths of a token.
 */
import { RewardLimit } from "../enums.js";
import { FieldError } from "../waste/packing.js";
import {
  allowedDown,
  claimedUp,
  countedUnits,
  cutToAll,
  earnedDown,
  type Limit,
  type Reward,
  vestedDown,
} from "./formulas.js";

/** What a programme of deposits says. */
export interface DepositTerms {
  /** Reward for 1,000 grams. */
  readonly ratePerThousand: bigint;
  /** Grams below which a deposit earns nothing, and above which it earns no more. */
  readonly leastUnits: bigint;
  readonly mostUnits: bigint;
  /** What people may claim above what the ticket weighed, basis points. */
  readonly toleranceBp: number;
}

/** A claim of one person. */
export interface DepositClaim {
  /** Before it is cut to what was weighed. */
  readonly amount: bigint;
  readonly grams: bigint;
}

/** All deposits of one collection. */
export class DepositCycle {
  readonly #terms: DepositTerms;
  readonly #capacityGrams: bigint | undefined;
  readonly #claims = new Map<bigint, DepositClaim>();
  #claimedGrams = 0n;
  #allowedGrams: bigint | undefined;
  #cutBp = 0;

  /**
   * @param terms - Of the programme.
   * @param capacityGrams - Most mass that fits into the container; no bound when left out.
   */
  constructor(terms: DepositTerms, capacityGrams?: bigint) {
    this.#terms = terms;
    this.#capacityGrams = capacityGrams;
  }

  /** Grams of all deposits, as far as they earned something. */
  get claimedGrams(): bigint {
    return this.#claimedGrams;
  }

  /** What the ticket allows; undefined before it is settled. */
  get allowedGrams(): bigint | undefined {
    return this.#allowedGrams;
  }

  /** A person's claim; undefined: it has none. */
  claimOf(person: bigint): DepositClaim | undefined {
    return this.#claims.get(person);
  }

  /**
   * Records a deposit. What earns nothing claims nothing.
   *
   * @param person - Number of the person.
   * @param grams - Mass on the deposit.
   * @param limits - What the caps leave, in their order.
   */
  deposit(person: bigint, grams: bigint, limits: readonly Limit[] = []): Reward {
    const counted = countedUnits(grams, this.#terms);
    const earned = earnedDown(counted.units, this.#terms.ratePerThousand);
    const reward = cutToAll(earned, [...this.#room(counted.units, earned), ...limits]);
    const room = this.#capacityGrams === undefined ? counted.units : this.#capacityGrams - this.#claimedGrams;
    const claimed = claimedUp(counted.units, room, reward);
    const before = this.#claims.get(person) ?? { amount: 0n, grams: 0n };
    this.#claims.set(person, { amount: before.amount + reward.paid, grams: before.grams + claimed });
    this.#claimedGrams += claimed;
    return counted.limit !== RewardLimit.None && reward.limit === RewardLimit.None
      ? { ...reward, limit: counted.limit }
      : reward;
  }

  /**
   * Says what the deposits are worth.
   *
   * @param collectedGrams - Mass on the ticket as it stands; zero where its code is another than the programme's.
   * @returns Mass that it allows.
   */
  settle(collectedGrams: bigint): bigint {
    this.#allowedGrams = allowedDown(collectedGrams, this.#terms.toleranceBp);
    return this.#allowedGrams;
  }

  /** Takes basis points off what is allowed, for an audit of the sorting. */
  audit(cutBp: number): void {
    this.#cutBp = cutBp;
  }

  /**
   * What a person's claim is worth.
   *
   * @throws FieldError before the cycle is settled, and for a person without a claim.
   */
  vestedOf(person: bigint): bigint {
    const claim = this.#claims.get(person);
    if (claim === undefined) throw new FieldError(`person ${person.toString()} has no claim`);
    if (this.#allowedGrams === undefined) throw new FieldError("the collection has no ticket yet");
    if (claim.amount === 0n) return 0n;
    return vestedDown(claim.amount, this.#claimedGrams, this.#allowedGrams, this.#cutBp);
  }

  /** What fits into the container bounds what a deposit earns. */
  #room(grams: bigint, earned: bigint): Limit[] {
    if (this.#capacityGrams === undefined || grams === 0n) return [];
    const room = this.#capacityGrams - this.#claimedGrams;
    return room >= grams ? [] : [{ limit: RewardLimit.Container, left: (earned * room) / grams }];
  }
}
