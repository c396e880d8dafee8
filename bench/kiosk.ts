/**
 * Where people are rewarded and spend what they have, in the city of the depot: residents, attestors, programmes that gave
 * something today, and a merchant who was paid before.
 */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { AbiCoder, keccak256, type Wallet, ZeroAddress, ZeroHash } from "ethers";

import { typeIdOf } from "../ignition/credentials.js";
import { Participants, ProgrammeKind } from "../sdk/enums.js";
import { actsClaimId, dayOf, depositsClaimId, epochId, signedAct, signedDeposit } from "../sdk/rewards/index.js";
import { NO_SIGNATURE, signRedeem, signUse } from "../sdk/typedData.js";
import type { Chain } from "./chain.js";
import { type Bin, type Depot, holderOf, PACKAGING } from "./depot.js";
import { pairOfProofs } from "./proof.js";
import { accredit, DAY, HOUR } from "./town.js";

const ECO = 1_000_000n;
const EURO = 1_000_000n;
const WINDOW = 7 * DAY;
const EPOCH_WINDOW = 2 * DAY;
const AUDIT = 2 * DAY;
const FOREVER = (1n << 40n) - 1n;

/** Programmes by their numbers. */
const TRIPS = 1;
const REPAIRS = 2;
const DEPOSITS = 3;
const SAVINGS = 4;
const QUORUM = 3;

const TERMS = {
  kind: ProgrammeKind.Attested,
  participants: Participants.Residents,
  active: true,
  ratePerThousand: ECO,
  dayCapPerPerson: 100n * ECO,
  dayBudget: 2_000n * ECO,
  leastUnits: 50n,
  mostUnits: 50_000n,
  windowDays: 7n,
  quorum: 1n,
  minGap: 0n,
  code: 0n,
  toleranceBp: 0n,
  poster: ZeroAddress,
};
const UNITS = 20_000n;
const DEPOSIT_GRAMS = 2_500n;
const ITEM = {
  stock: 10_000n,
  price: 5n * ECO,
  faceValue: 4n * EURO,
  lifetime: BigInt(90 * DAY),
  perMonth: 20n,
  active: true,
};
/** Money that backs vouchers. */
const POOL = 10_000n * EURO;
const URI = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";

/** A resident, by its number. */
interface Person {
  readonly account: HardhatEthersSigner;
  readonly number: bigint;
}

/** An epoch that can be claimed. */
interface Epoch {
  readonly number: bigint;
  /** Hashes of each proof. */
  readonly depth: number;
  readonly claimableAt: number;
}

export class Kiosk {
  private constructor(
    readonly chain: Chain,
    readonly depot: Depot,
    /** Has tokens and vouchers, and did nothing today. */
    readonly citizen: Person,
    /** Did today what the citizen is going to do. */
    readonly neighbour: Person,
    private readonly attestors: readonly Wallet[],
  ) {}

  static async open(depot: Depot): Promise<Kiosk> {
    const { cast, chain, city } = depot;
    const registry = city.credentials.connect(cast.registry);
    await accredit(chain, city.credentials, cast.registry, [["RESIDENT", cast.citizen]]);
    for (const resident of [cast.neighbour, cast.newcomer]) {
      await chain.send(() => registry.issue(typeIdOf("RESIDENT"), resident, FOREVER, ZeroHash));
    }
    const attestors = await Promise.all(
      Array.from({ length: QUORUM }, async (_, index) => chain.account(`attestor ${index}`)),
    );
    const citizen = await enrol(depot, cast.citizen);
    const neighbour = await enrol(depot, cast.neighbour);
    const kiosk = new Kiosk(chain, depot, citizen, neighbour, attestors);
    await kiosk.#setProgrammes();
    await kiosk.#begin();
    return kiosk;
  }

  // --- earning

  /** Somebody brings an act that attestors signed. */
  async earn(person: Person, span: number, programmeId = TRIPS): Promise<number> {
    const { ecoRewards } = this.depot.city;
    const quorum = programmeId === REPAIRS ? QUORUM : 1;
    const act = {
      programmeId,
      person: person.number,
      to: person.account.address,
      units: UNITS,
      qualityBp: 10_000,
      day: this.#today,
      span,
    };
    const { signatures } = await signedAct(this.depot.city, this.attestors.slice(0, quorum), act);
    return this.chain.gasOf(() => ecoRewards.earn(act, [...signatures]));
  }

  async earnWithQuorum(person: Person, span: number): Promise<number> {
    return this.earn(person, span, REPAIRS);
  }

  /** Somebody brings a deposit into a container that was emptied before. */
  async deposit(person: Person, bin: Bin, counter: number): Promise<number> {
    const { city } = this.depot;
    const { collections } = await city.containers.recordOf(bin.binId);
    const { deposit, signature } = await signedDeposit(city, bin.device, {
      programmeId: DEPOSITS,
      person: person.number,
      to: person.account.address,
      binId: bin.binId,
      collection: Number(collections) + 1,
      grams: DEPOSIT_GRAMS,
      takenAt: BigInt(this.chain.now),
      counter,
    });
    return this.chain.gasOf(() => city.ecoRewards.recordDeposit(deposit, signature));
  }

  /** Somebody asks what the deposits of a container's latest collection are worth. */
  async settleCycle({ binId }: Bin): Promise<number> {
    const { city } = this.depot;
    const { collections } = await city.containers.recordOf(binId);
    return this.chain.gasOf(() => city.ecoRewards.settleCycle(binId, collections));
  }

  /** Somebody has a person paid for what it did on a day. */
  async release(person: Person, day: number, programmeId = TRIPS): Promise<number> {
    return this.#release(actsClaimId(programmeId, person.number, day));
  }

  /** The same for its deposits into a container before the latest collection. */
  async releaseDeposits(person: Person, { binId }: Bin): Promise<number> {
    const { collections } = await this.depot.city.containers.recordOf(binId);
    return this.#release(depositsClaimId(DEPOSITS, person.number, binId, Number(collections)));
  }

  /** Does something today, and waits until it can be released. Returns the day. */
  async earnAndWait(...people: readonly Person[]): Promise<number> {
    const day = this.#today;
    for (const person of people) await this.earn(person, 1);
    this.chain.pass(WINDOW);
    return day;
  }

  /** Waits until deposits of a settled collection can be released. */
  waitForDeposits(): void {
    this.chain.pass(WINDOW + AUDIT);
  }

  /** A resident who was not enrolled enrols itself. */
  async enrol(): Promise<number> {
    const { ecoRewards } = this.depot.city;
    const { newcomer } = this.depot.cast;
    return this.chain.gasOf(() => ecoRewards.connect(newcomer).enrol(newcomer, newcomer, 0n, 0n, NO_SIGNATURE));
  }

  // --- epochs

  /** Posts rewards of a fifth of a token each, as many as proofs of so many hashes are for. */
  async postEpoch(depth: number): Promise<number> {
    const { ecoRewards } = this.depot.city;
    const office = this.depot.cast.rewardOffice;
    const total = REWARD << BigInt(depth);
    const epoch = epochId(SAVINGS, this.#today);
    const { root } = this.#pair(epoch, depth);
    return this.chain.gasOf(() => ecoRewards.connect(office).postEpoch(epoch, root, total, URI));
  }

  /** Posts an epoch and waits until it can be claimed. */
  async postAndWait(depth: number): Promise<Epoch> {
    await this.postEpoch(depth);
    const number = epochId(SAVINGS, this.#today);
    this.chain.pass(EPOCH_WINDOW);
    return { number, depth, claimableAt: this.chain.now };
  }

  /** The neighbour's or the citizen's reward of an epoch. */
  async claim(whose: "neighbour" | "citizen", { number, depth, claimableAt }: Epoch): Promise<number> {
    const { ecoRewards } = this.depot.city;
    const index = whose === "neighbour" ? 0 : 1;
    const proof = this.#pair(number, depth).proofs[index];
    const to = this[whose].account;
    return this.chain.gasOf(() => ecoRewards.claimFromEpoch(number, claimableAt, index, to, REWARD, proof));
  }

  // --- redemption

  async redeem(): Promise<number> {
    const { redemption } = this.depot.city;
    return this.chain.gasOf(() => redemption.connect(this.citizen.account).redeem(1, ITEM.price));
  }

  /** The same, brought by somebody with the citizen's signature. */
  async redeemBySig(nonce: bigint): Promise<number> {
    const { city } = this.depot;
    const { account } = this.citizen;
    const deadline = this.#deadline;
    const message = { itemId: 1, maxPrice: ITEM.price, holder: account.address, nonce, deadline };
    const signature = await signRedeem(city, account, message);
    return this.chain.gasOf(() => city.redemption.redeemBySig(1, ITEM.price, account, nonce, deadline, signature));
  }

  /** The merchant takes a voucher of the citizen. */
  async consume(voucherId: bigint, nonce: bigint): Promise<number> {
    const { city, cast } = this.depot;
    const deadline = this.#deadline;
    const use = { voucherId, merchant: cast.merchant.address, nonce, deadline };
    const signature = await signUse(city, this.citizen.account, use);
    const redemption = city.redemption.connect(cast.merchant);
    return this.chain.gasOf(() => redemption.consume(voucherId, nonce, deadline, signature));
  }

  /** Somebody gives a voucher back whose time is over. */
  async refund(voucherId: bigint): Promise<number> {
    this.chain.pass(Number(ITEM.lifetime) + HOUR);
    return this.chain.gasOf(() => this.depot.city.redemption.refund(voucherId));
  }

  /** The merchant takes out what it has. */
  async settle(): Promise<number> {
    const { city, cast } = this.depot;
    return this.chain.gasOf(() => city.redemption.connect(cast.merchant).settle(cast.merchant));
  }

  get #today(): number {
    return dayOf(BigInt(this.chain.now));
  }

  get #deadline(): bigint {
    return BigInt(this.chain.now + HOUR);
  }

  /** First two leaves of an epoch: the neighbour's and the citizen's. */
  #pair(epoch: bigint, depth: number) {
    const left = rewardLeaf(epoch, 0, this.neighbour.account.address);
    const right = rewardLeaf(epoch, 1, this.citizen.account.address);
    return pairOfProofs([left, right], depth);
  }

  async #release(claimId: bigint): Promise<number> {
    return this.chain.gasOf(() => this.depot.city.ecoRewards.release(claimId));
  }

  async #setProgrammes(): Promise<void> {
    const { city, cast } = this.depot;
    const rewards = city.ecoRewards.connect(holderOf(cast, "REWARD_PROGRAMMES"));
    const deposits = { kind: ProgrammeKind.Deposits, quorum: 0n, code: PACKAGING, toleranceBp: 500n };
    const epochs = {
      kind: ProgrammeKind.Epochs,
      quorum: 0n,
      ratePerThousand: 0n,
      dayCapPerPerson: 0n,
      leastUnits: 0n,
      mostUnits: 0n,
      dayBudget: 30_000n * ECO,
      windowDays: 2n,
      poster: cast.rewardOffice.address,
    };
    for (const some of [{}, { quorum: BigInt(QUORUM) }, deposits, epochs]) {
      await this.chain.send(() => rewards.setProgramme(0, { ...TERMS, ...some }));
    }
    for (const programmeId of [TRIPS, REPAIRS]) {
      for (const attestor of this.attestors) {
        await this.chain.send(() => rewards.setAttestor(programmeId, attestor, 500n * ECO));
      }
    }
  }

  /** Everything once, so that nothing measured is the first of its kind. */
  async #begin(): Promise<void> {
    const { chain, citizen, neighbour } = this;
    const { city, cast } = this.depot;
    const day = await this.earnAndWait(citizen, neighbour);
    for (const person of [citizen, neighbour]) await this.release(person, day);
    const epoch = await this.postAndWait(2);
    for (const whose of ["neighbour", "citizen"] as const) await this.claim(whose, epoch);

    const treasury = holderOf(cast, "MINTER");
    const money = city.token.connect(treasury);
    await chain.send(() => money.mint(treasury, POOL));
    await chain.send(() => money.approve(city.redemption, POOL));
    await chain.send(() => city.redemption.connect(treasury).fundPool(POOL));
    const item = { ...ITEM, merchant: cast.merchant.address, fromTime: 0n, toTime: (1n << 32n) - 1n };
    await chain.send(() => city.redemption.connect(holderOf(cast, "REWARD_CATALOGUE")).addItem(item));
    await this.redeem();
    await this.consume(1n, 0n);
    await this.settle();
    await this.redeem();
    await this.consume(2n, 1n);
    await this.redeem();

    await this.earn(neighbour, 1);
    await this.earnWithQuorum(neighbour, 1);
  }
}

/** What each leaf of an epoch is worth. */
const REWARD = ECO / 5n;

function rewardLeaf(epoch: bigint, index: number, to: string): string {
  const types = ["uint40", "uint256", "address", "uint256"];
  return keccak256(keccak256(AbiCoder.defaultAbiCoder().encode(types, [epoch, index, to, REWARD])));
}

/** The owner of an identity enrols with its own account. */
async function enrol({ chain, city }: Depot, account: HardhatEthersSigner): Promise<Person> {
  await chain.send(() => city.ecoRewards.connect(account).enrol(account, account, 0n, 0n, NO_SIGNATURE));
  const { index } = await city.credentials.credentialOf(typeIdOf("RESIDENT"), account);
  return { account, number: index };
}
