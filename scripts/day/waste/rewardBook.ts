/** Rewards that the rules of the day come to, kept beside the chain and never read from it. Millionths of a token. */
import { RewardLimit } from "../../../sdk/index.js";
import {
  actsClaimId,
  cutToAll,
  cycleId,
  DepositCycle,
  depositsClaimId,
  type Limit,
  type RateTerms,
  type Reward,
  rewardFor,
  sharedYearCap,
  yearOf,
} from "../../../sdk/rewards/index.js";
import { BIN_LITRES, MAX_GRAMS_PER_LITRE } from "./terms.js";

/** What the book needs to know of a programme. */
export interface BookedProgramme extends RateTerms {
  readonly number: number;
  readonly dayCapPerPerson: bigint;
  readonly dayBudget: bigint;
}

/** What the city gives. */
export interface CityTerms {
  readonly dayBudget: bigint;
  /** Of that for epochs. */
  readonly setAside: bigint;
  readonly yearCap: bigint;
}

/** An act as the book takes it. */
export interface BookedAct {
  readonly person: bigint;
  readonly day: number;
  readonly units: bigint;
  readonly qualityBp: number;
}

/** A deposit as the book takes it. */
export interface BookedDeposit {
  readonly person: bigint;
  readonly day: number;
  readonly binId: number;
  readonly collection: number;
  readonly grams: bigint;
}

/** A claim of the book. */
export interface BookedClaim {
  readonly id: bigint;
  readonly person: bigint;
  readonly programme: number;
  /** Before it is cut to what was weighed. */
  readonly amount: bigint;
  readonly voided: boolean;
  /** Where it is of deposits. */
  readonly cycle?: { readonly binId: number; readonly collection: number };
}

/** Caps, claims and collections. */
export class RewardBook {
  readonly #city: CityTerms;
  readonly #attestorBudget: bigint;
  readonly #used = new Map<string, bigint>();
  readonly #claims = new Map<bigint, BookedClaim>();
  readonly #cycles = new Map<bigint, DepositCycle>();
  readonly #struckUntil = new Map<bigint, number>();
  /** Acts and deposits that earned less than the formula gives, by the limit. */
  readonly #limited = new Map<bigint, number>();

  constructor(city: CityTerms, attestorBudget: bigint) {
    this.#city = city;
    this.#attestorBudget = attestorBudget;
  }

  get claims(): readonly BookedClaim[] {
    return [...this.#claims.values()];
  }

  get limited(): ReadonlyMap<bigint, number> {
    return this.#limited;
  }

  /** Deposits of a collection; undefined: there are none. */
  cycleOf(binId: number, collection: number): DepositCycle | undefined {
    return this.#cycles.get(cycleId(binId, collection));
  }

  /** An act that attestors signed. */
  earn(programme: BookedProgramme, attestors: readonly string[], { day, person, qualityBp, units }: BookedAct): Reward {
    const spoken = attestors.map((attestor) => ({
      limit: RewardLimit.Attestor,
      left: this.#attestorBudget - this.#usedBy(`attestor ${attestor} ${day}`),
    }));
    const reward = cutToAll(rewardFor(programme, units, qualityBp), this.#limits(programme, person, day, spoken));
    this.#note(reward);
    for (const attestor of attestors) this.#use(`attestor ${attestor} ${day}`, reward.paid);
    this.#book(programme, person, day, reward);
    const id = actsClaimId(programme.number, person, day);
    const amount = (this.#claims.get(id)?.amount ?? 0n) + reward.paid;
    if (reward.paid > 0n) this.#claims.set(id, { id, person, programme: programme.number, amount, voided: false });
    return reward;
  }

  /** A deposit that a bin signed. */
  deposit(
    programme: BookedProgramme & { readonly toleranceBp: number },
    { binId, collection, day, grams, person }: BookedDeposit,
  ): Reward {
    const key = cycleId(binId, collection);
    const cycle =
      this.#cycles.get(key) ?? new DepositCycle(programme, BigInt(BIN_LITRES) * BigInt(MAX_GRAMS_PER_LITRE));
    this.#cycles.set(key, cycle);
    const reward = cycle.deposit(person, grams, this.#limits(programme, person, day));
    this.#note(reward);
    this.#book(programme, person, day, reward);
    const id = depositsClaimId(programme.number, person, binId, collection);
    const amount = (this.#claims.get(id)?.amount ?? 0n) + reward.paid;
    if (reward.paid > 0n) {
      const claim = { id, person, programme: programme.number, amount, voided: false };
      this.#claims.set(id, { ...claim, cycle: { binId, collection } });
    }
    return reward;
  }

  /** The auditor voids a claim, and strikes the person up to a day. */
  void(id: bigint, struckUntil: number): void {
    const claim = this.#claims.get(id);
    if (claim === undefined) return;
    this.#claims.set(id, { ...claim, voided: true });
    this.#struckUntil.set(claim.person, struckUntil);
  }

  /** What a claim is worth; zero while the collection is not settled. */
  worthOf({ amount, cycle, person, voided }: BookedClaim): bigint {
    if (voided) return 0n;
    if (cycle === undefined) return amount;
    const deposits = this.cycleOf(cycle.binId, cycle.collection);
    return deposits?.allowedGrams === undefined ? 0n : deposits.vestedOf(person);
  }

  /** In the order in which the contract looks at them. */
  #limits(programme: BookedProgramme, person: bigint, day: number, spoken: readonly Limit[] = []): Limit[] {
    const { dayBudget, setAside, yearCap } = this.#city;
    const struck = (this.#struckUntil.get(person) ?? -1) >= day;
    return [
      ...(struck ? [{ limit: RewardLimit.Struck, left: 0n }] : []),
      {
        limit: RewardLimit.Person,
        left: programme.dayCapPerPerson - this.#usedBy(`person ${programme.number} ${person} ${day}`),
      },
      ...spoken,
      {
        limit: RewardLimit.Programme,
        left: programme.dayBudget - this.#usedBy(`programme ${programme.number} ${day}`),
      },
      { limit: RewardLimit.City, left: dayBudget - setAside - this.#usedBy(`city ${day}`) },
      { limit: RewardLimit.Year, left: sharedYearCap(yearCap, setAside) - this.#usedBy(`year ${yearOf(day)}`) },
    ];
  }

  #note({ limit }: Reward): void {
    if (limit !== RewardLimit.None) this.#limited.set(limit, (this.#limited.get(limit) ?? 0) + 1);
  }

  #book({ number }: BookedProgramme, person: bigint, day: number, { paid }: Reward): void {
    for (const key of [`person ${number} ${person} ${day}`, `programme ${number} ${day}`, `city ${day}`]) {
      this.#use(key, paid);
    }
    this.#use(`year ${yearOf(day)}`, paid);
  }

  #usedBy(key: string): bigint {
    return this.#used.get(key) ?? 0n;
  }

  #use(key: string, paid: bigint): void {
    this.#used.set(key, this.#usedBy(key) + paid);
  }
}
