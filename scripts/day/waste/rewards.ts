/**
 * Rewards of residents. Rules, on top of those in the plan:
 *
 * - Every third day a resident takes a trip, one to four zones, which operator and gate both sign; once a week the utility
 *   signs what it saved against its baseline. Visits of a repair café are posted at the end as one root, and all but the
 *   last visitor claim theirs.
 * - On the fourth day the auditor voids the first trip of the second resident, who earns nothing for three days.
 * - A collection is settled when its ticket is there. Claims are released when every window is over.
 */
import { type ContractTransactionReceipt, type Wallet, ZeroAddress } from "ethers";

import { Participants, ProgrammeKind, signEnrolment } from "../../../sdk/index.js";
import { dayOf, epochId, EpochTree, signedAct, signedDeposit, type SignedAct } from "../../../sdk/rewards/index.js";
import type { Day } from "../day.js";
import { holderOf } from "../holders.js";
import type { Refusals } from "../identity/refusals.js";
import { PERSON } from "../identity/register.js";
import { seededWallet } from "../seeds.js";
import { instantOf, type PlannedDeposit, type PlannedStop } from "./plan.js";
import { type BookedProgramme, RewardBook } from "./rewardBook.js";
import {
  ATTESTOR_BUDGET,
  CODES,
  DEPOSIT_PROGRAMME,
  REPAIR_PROGRAMME,
  REPAIR_REWARD,
  SAVING_DAYS,
  SAVING_PROGRAMME,
  SAVING_QUALITY_BP,
  SAVING_STEP_WH,
  SAVING_WH,
  SIGNATURE_SECONDS,
  STRIKE_DAYS,
  MOST_VISITS,
  VISITORS,
  TRANSIT_PROGRAMME,
  TRIP_DAYS,
  TRIP_ZONES,
} from "./terms.js";
import { paperHash, type Town } from "./town.js";

/** Somebody who earns. */
export interface Resident {
  readonly name: string;
  readonly wallet: Wallet;
  /** Number of the credential. */
  readonly person: bigint;
}

/** What came of an epoch. */
export interface EpochOutcome {
  readonly id: bigint;
  readonly posted: bigint;
  readonly claimed: bigint;
  readonly claims: number;
}

interface Programme extends BookedProgramme {
  readonly name: string;
}

/** First span of trips, and how many they are spread over: from six in the morning to six in the evening. */
const FIRST_SPAN = 36;
const SPANS = 72;
const TRIP_STEP = 7;
const FULL_QUALITY = 10_000;
/** Day on which the auditor looks at trips, from 0, and the resident that it looks at. */
const AUDITED = { day: 3, resident: 1 } as const;

const EMPTY_TERMS = {
  participants: Participants.Residents,
  active: true,
  ratePerThousand: 0n,
  dayCapPerPerson: 0n,
  dayBudget: 0n,
  leastUnits: 0n,
  mostUnits: 0n,
  windowDays: 0,
  quorum: 0,
  minGap: 0,
  code: 0,
  toleranceBp: 0,
};

/** Residents and their rewards. */
export class Rewards {
  readonly residents: Resident[] = [];
  readonly released = new Map<bigint, bigint>();
  epoch: EpochOutcome | undefined;
  readonly #day: Day;
  readonly #town: Town;
  readonly #refusals: Refusals;
  readonly #shift: bigint;
  readonly #utility = seededWallet("waste/utility");
  readonly #transit = [seededWallet("waste/transit operator"), seededWallet("waste/station gate")];
  #clockOffset = 0;
  #book: RewardBook | undefined;
  #programmes: { deposits: Programme; transit: Programme; saving: Programme; repair: number } | undefined;
  #firstTrip: SignedAct | undefined;
  #claimableAt = 0n;
  #tried = { deposit: false };

  constructor(day: Day, town: Town, refusals: Refusals, shift: bigint) {
    this.#day = day;
    this.#town = town;
    this.#refusals = refusals;
    this.#shift = shift;
  }

  get book(): RewardBook {
    if (this.#book === undefined) throw new Error("rewards are not open");
    return this.#book;
  }

  /** Names of programmes by number. */
  get programmes(): ReadonlyMap<number, string> {
    const { deposits, repair, saving, transit } = this.#numbers;
    return new Map([
      [deposits.number, deposits.name],
      [transit.number, transit.name],
      [saving.number, saving.name],
      [repair, "Repair café"],
    ]);
  }

  /** Sets programmes, and enrols residents. */
  async open(count: number, at: bigint): Promise<void> {
    const { actors, city, register } = this.#day;
    const { ecoRewards } = city;
    this.#clockOffset = Number(await ecoRewards.clockOffset());
    const poster = actors.community.address;
    const deposits = await this.#set("Deposits", at, {
      kind: ProgrammeKind.Deposits,
      ...DEPOSIT_PROGRAMME,
      code: CODES.packaging,
    });
    const transit = await this.#set("Public transport", at, { kind: ProgrammeKind.Attested, ...TRANSIT_PROGRAMME });
    const saving = await this.#set("Energy saved", at, { kind: ProgrammeKind.Attested, ...SAVING_PROGRAMME });
    const repair = await this.#set("Repair café", at, { kind: ProgrammeKind.Epochs, ...REPAIR_PROGRAMME, poster });
    this.#programmes = { deposits, transit, saving, repair: repair.number };
    const office = ecoRewards.connect(holderOf(this.#day, "REWARD_PROGRAMMES"));
    for (const [programme, key] of [
      ...this.#transit.map(({ address }) => [transit.number, address] as const),
      [saving.number, this.#utility.address] as const,
    ]) {
      await this.#day.send("reward.setAttestor", at, () => office.setAttestor(programme, key, ATTESTOR_BUDGET));
    }
    const { dayBudget, setAside } = await ecoRewards.cityBudget();
    this.#book = new RewardBook({ dayBudget, setAside, yearCap: await ecoRewards.yearCap() }, ATTESTOR_BUDGET);

    const wallets = Array.from({ length: count }, (_, index) => ({
      name: `resident ${index + 1}`,
      wallet: seededWallet(`waste/resident/${index + 1}`),
    }));
    for (const { name, wallet } of wallets) register.person(name, wallet);
    await register.enrol(at);
    for (const { name, wallet } of wallets) {
      const done = await this.#day.send("reward.enrol", at, async (time) => {
        const enrolment = {
          subject: wallet.address,
          account: wallet.address,
          nonce: 0n,
          deadline: time + SIGNATURE_SECONDS,
        };
        const signature = await signEnrolment(city, wallet, enrolment);
        return ecoRewards.enrol(enrolment.subject, enrolment.account, enrolment.nonce, enrolment.deadline, signature);
      });
      register.asked(PERSON, wallet.address, done);
      this.residents.push({ name, wallet, person: this.#told(done.receipt, "Enrolled", "person") });
    }
  }

  async #set(name: string, at: bigint, terms: object): Promise<Programme> {
    const office = this.#day.city.ecoRewards.connect(holderOf(this.#day, "REWARD_PROGRAMMES"));
    const whole = { poster: ZeroAddress, ...EMPTY_TERMS, ...terms };
    type Terms = Parameters<typeof office.setProgramme>[1];
    const { receipt } = await this.#day.send("reward.setProgramme", at, () => office.setProgramme(0, whole as Terms));
    return { ...whole, name, number: Number(this.#told(receipt, "ProgrammeSet", "programmeId")) };
  }

  // --- earning

  /** A resident puts a bag into a bin. */
  async deposit(planned: PlannedDeposit): Promise<void> {
    const { bin, collection, counter, day, grams, second } = planned;
    const { city } = this.#day;
    const { number: programmeId } = this.#numbers.deposits;
    const resident = this.#resident(planned.resident);
    const container = this.#town.bins.get(bin.serial);
    if (container === undefined) throw new Error(`bin ${bin.serial} is not registered`);
    const takenAt = instantOf(day, second, this.#shift);
    const { person, wallet } = resident;
    const terms = {
      programmeId,
      person,
      to: wallet.address,
      binId: container.number,
      collection,
      grams,
      takenAt,
      counter,
    };
    if (!this.#tried.deposit) {
      this.#tried.deposit = true;
      await this.#day.clock.pass(takenAt);
      const forged = await signedDeposit(city, wallet, terms);
      await this.#refusals.send(
        {
          key: "ownDeposit",
          attempt: "a resident signs a deposit instead of the bin",
          expected: "EcoRewardsBadDeviceSignature",
        },
        () => city.ecoRewards.recordDeposit(forged.deposit, forged.signature),
      );
    }
    const signed = await signedDeposit(city, container.device, terms);
    await this.#day.send("reward.recordDeposit", takenAt, () =>
      city.ecoRewards.recordDeposit(signed.deposit, signed.signature),
    );
    const date = dayOf(takenAt, this.#clockOffset);
    this.book.deposit(
      { ...DEPOSIT_PROGRAMME, number: programmeId },
      { binId: container.number, collection, day: date, grams, person },
    );
  }

  /** Attestors sign what residents did on a day, by its place from 0. */
  async act(index: number, at: bigint): Promise<void> {
    const { saving, transit } = this.#numbers;
    for (const [place, { person, wallet }] of this.residents.entries()) {
      const act = { person, to: wallet.address, day: dayOf(at, this.#clockOffset) };
      if ((place + index) % TRIP_DAYS === 0) {
        const units = BigInt(1 + ((place + index) % TRIP_ZONES));
        const span = FIRST_SPAN + ((place * TRIP_STEP + index) % SPANS);
        const trip = { ...act, programmeId: transit.number, units, qualityBp: FULL_QUALITY, span };
        await this.#earn(transit, this.#transit, trip, at);
      }
      if (index % SAVING_DAYS === place % SAVING_DAYS) {
        const units = SAVING_WH + SAVING_STEP_WH * BigInt(place);
        const read = { ...act, programmeId: saving.number, units, qualityBp: SAVING_QUALITY_BP, span: 0 };
        await this.#earn(saving, [this.#utility], read, at);
      }
    }
    if (index === AUDITED.day) await this.#audit(at);
  }

  async #earn(programme: Programme, attestors: readonly Wallet[], act: SignedAct["act"], at: bigint): Promise<void> {
    const { city } = this.#day;
    const signed = await signedAct(city, attestors, act);
    const send = () => city.ecoRewards.earn(signed.act, [...signed.signatures]);
    await this.#day.send("reward.earn", at, send);
    this.book.earn(
      programme,
      attestors.map(({ address }) => address),
      act,
    );
    if (programme.number !== this.#numbers.transit.number || this.#firstTrip !== undefined) return;
    this.#firstTrip = signed;
    await this.#refusals.send(
      { key: "secondTrip", attempt: "a trip is brought twice", expected: "EcoRewardsTooSoon" },
      send,
    );
  }

  /** The auditor voids the first trip of a resident. */
  async #audit(at: bigint): Promise<void> {
    const { number } = this.#numbers.transit;
    const { person } = this.#resident(AUDITED.resident);
    const claim = this.book.claims.find((one) => one.programme === number && one.person === person);
    if (claim === undefined) return;
    const rewards = this.#day.city.ecoRewards.connect(holderOf(this.#day, "REWARD_AUDITOR"));
    const { time } = await this.#day.send("reward.voidClaim", at, () =>
      rewards.voidClaim(claim.id, paperHash("no such trip"), STRIKE_DAYS),
    );
    this.book.void(claim.id, dayOf(time, this.#clockOffset) + STRIKE_DAYS);
    await this.#refusals.send(
      { key: "voidedClaim", attempt: "a claim that was voided is released", expected: "EcoRewardsNotPending" },
      () => this.#day.city.ecoRewards.release(claim.id),
    );
  }

  /** Says what the deposits are worth whose bins a round emptied. */
  async settle(stops: readonly PlannedStop[], at: bigint): Promise<void> {
    for (const { bin, grams, served } of stops) {
      const container = this.#town.bins.get(bin.serial);
      if (!served || container === undefined) continue;
      const cycle = this.book.cycleOf(container.number, container.collections);
      if (cycle === undefined) continue;
      const { ecoRewards } = this.#day.city;
      await this.#day.send("reward.settleCycle", at, () =>
        ecoRewards.settleCycle(container.number, container.collections),
      );
      cycle.settle(grams);
    }
  }

  // --- paying

  /** The repair café posts its visits, and somebody is too early. */
  async post(at: bigint): Promise<EpochTree> {
    const { actors, city } = this.#day;
    const tree = new EpochTree(
      epochId(this.#numbers.repair, dayOf(at, this.#clockOffset)),
      this.residents.slice(0, VISITORS).map(({ wallet }, index) => ({
        index: BigInt(index),
        to: wallet.address,
        amount: REPAIR_REWARD * BigInt(1 + (index % MOST_VISITS)),
      })),
      REPAIR_PROGRAMME.dayBudget,
    );
    const rewards = city.ecoRewards.connect(actors.community);
    const { receipt } = await this.#day.send("reward.postEpoch", at, () =>
      rewards.postEpoch(tree.epochId, tree.root, tree.total, "https://repair.city.example/visits.json"),
    );
    const id = this.#told(receipt, "EpochPosted", "epochId");
    this.epoch = { id, posted: tree.total, claimed: 0n, claims: 0 };
    this.#claimableAt = this.#told(receipt, "EpochPosted", "claimableAt");
    const [early] = this.#payable.slice(-1);
    if (early !== undefined) {
      await this.#refusals.send(
        { key: "earlyRelease", attempt: "a claim is released within its window", expected: "EcoRewardsTooEarly" },
        () => city.ecoRewards.release(early.id),
      );
    }
    return tree;
  }

  /** Claims of acts that are not voided. */
  get #payable() {
    return this.book.claims.filter(({ cycle, voided }) => cycle === undefined && !voided);
  }

  /** Anybody has all claims paid that are worth something, and all rewards of the epoch but the last. */
  async pay(tree: EpochTree, at: bigint): Promise<void> {
    const { ecoRewards } = this.#day.city;
    for (const claim of this.book.claims) {
      if (this.book.worthOf(claim) === 0n) continue;
      const { receipt } = await this.#day.send("reward.release", at, () => ecoRewards.release(claim.id));
      this.released.set(claim.id, this.#told(receipt, "Released", "amount"));
    }
    const claims = tree.rewards.slice(0, -1);
    const { id = 0n } = this.epoch ?? {};
    const claimOf = (index: bigint) => {
      const { amount, proof, to } = tree.prove(index);
      return () => ecoRewards.claimFromEpoch(id, this.#claimableAt, index, to, amount, proof);
    };
    for (const { amount, index } of claims) {
      await this.#day.send("reward.claimFromEpoch", at, claimOf(index));
      const { claimed = 0n, claims: count = 0, posted = 0n } = this.epoch ?? {};
      this.epoch = { id, posted, claimed: claimed + amount, claims: count + 1 };
    }
    const [first] = claims;
    if (first === undefined) return;
    await this.#refusals.send(
      {
        key: "secondEpochClaim",
        attempt: "a reward of an epoch is claimed twice",
        expected: "EcoRewardsAlreadyClaimed",
      },
      claimOf(first.index),
    );
  }

  get #numbers() {
    if (this.#programmes === undefined) throw new Error("rewards are not open");
    return this.#programmes;
  }

  #resident(place: number): Resident {
    const resident = this.residents[place];
    if (resident === undefined) throw new Error(`there is no resident ${place + 1}`);
    return resident;
  }

  #told(receipt: ContractTransactionReceipt, name: string, field: string): bigint {
    const rewards = this.#day.city.ecoRewards.interface;
    for (const log of receipt.logs) {
      const event = rewards.parseLog(log);
      if (event?.name === name) return event.args.getValue(field) as bigint;
    }
    throw new Error(`${name} was not told`);
  }
}
