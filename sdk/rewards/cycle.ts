/**
 * Deposits into a container between two collections: what they claim, and what the ticket makes of them. Mass is grams,
 * rewards are millionths of a token.
 */
import { RewardLimit } from "../enums.js";
import { FieldError, maxOf } from "../waste/packing.js";
import {
  allowedDown,
  claimedUp,
  cutToAll,
  earnedDown,
  type Limit,
  type RateTerms,
  type Reward,
  rewardFor,
  vestedDown,
} from "./formulas.js";

/** What a programme of deposits says; its units are grams. */
export interface DepositTerms extends RateTerms {
  /** What people may claim above what the ticket weighed, basis points. */
  readonly toleranceBp: number;
}

/** Most mass that a collection can count. */
const MAX_CLAIMED = maxOf(40);

/** A claim of one person. */
export interface DepositClaim {
  /** Before it is cut to what was weighed. */
  readonly amount: bigint;
  readonly grams: bigint;
}

/** All deposits of one collection. */
export class DepositCycle {
  readonly #terms: DepositTerms;
  readonly #capacityGrams: bigint;
  readonly #claims = new Map<bigint, DepositClaim>();
  #claimedGrams = 0n;
  #allowedGrams: bigint | undefined;
  #cutBp = 0;

  /**
   * @param terms - Of the programme.
   * @param capacityGrams - Most mass that fits into the container; no bound of its own when left out.
   */
  constructor(terms: DepositTerms, capacityGrams: bigint = MAX_CLAIMED) {
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
   * @param limits - What the caps leave, in their order: the person's, the programme's, the city's.
   */
  deposit(person: bigint, grams: bigint, limits: readonly Limit[] = []): Reward {
    const room = this.#capacityGrams - this.#claimedGrams;
    const container: Limit = {
      limit: RewardLimit.Container,
      left: earnedDown(room, this.#terms.ratePerThousand),
    };
    const bounded = grams > room ? [container, ...limits] : limits;
    const reward = cutToAll(rewardFor(this.#terms, grams), bounded);
    const claimed = claimedUp(grams, room, reward);
    const before = this.#claims.get(person) ?? { amount: 0n, grams: 0n };
    this.#claims.set(person, { amount: before.amount + reward.paid, grams: before.grams + claimed });
    this.#claimedGrams += claimed;
    return reward;
  }

  /**
   * Says what the deposits are worth.
   *
   * @param collectedGrams - Mass on the ticket as it stands; zero where it was not weighed, or its code is another than the
   * programme's.
   * @returns Mass that it allows.
   */
  settle(collectedGrams: bigint): bigint {
    this.#allowedGrams = allowedDown(collectedGrams, this.#terms.toleranceBp);
    return this.#allowedGrams;
  }

  /** Takes basis points off every claim, for an audit of the sorting. */
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
}
