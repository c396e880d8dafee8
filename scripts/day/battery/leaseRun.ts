/** One lease of the day: what its lessee, its lessor and time do to it. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type Wallet, ZeroHash } from "ethers";

import {
  buildLeaseAct,
  buildReading,
  LeaseAccount,
  LeaseActKind,
  leaseModel,
  NO_SIGNATURE,
  type Offer,
  signLeaseAct,
  signLeaseWithdrawal,
  signPermit,
  signReading,
  signRentPayment,
  signReturnReceipt,
  signSwap,
  textHash,
} from "../../../sdk/index.js";
import type { Day } from "../day.js";
import type { MadePack } from "./fleet.js";
import type { Course } from "./plan.js";
import type { Relay } from "./relay.js";

/** Seconds for which a signature of the day is good. */
export const SIGNATURE_SECONDS = 86_400n;

/** Part of the deposit that a lessor claims for damage, and of the claim that the arbiter awards. */
const CLAIM = { part: 1n, of: 2n };
const AWARD = { part: 2n, of: 5n };

/** A certified health this much lower is worth another claim, basis points. */
const WORTH_CLAIMING_BP = 100n;

/** A claim under the guarantee, with those that lowered the rent further. */
export interface Remedy {
  /** Cycle of the certificate that the first claim rests on. */
  readonly cycle: bigint;
  /** State of health of the latest claim, basis points. */
  sohBp: bigint;
  /** Cycle at which the pack was certified to meet its guarantee again. */
  endedCycle?: bigint;
}

/** What a lease is made of. */
export interface LeaseParts {
  readonly leaseId: bigint;
  readonly offer: Offer;
  readonly startedAt: bigint;
  readonly course: Course;
  readonly lessee: Wallet;
  readonly made: MadePack;
}

export class LeaseRun {
  readonly leaseId: bigint;
  readonly offer: Offer;
  readonly startedAt: bigint;
  readonly course: Course;
  readonly lessee: Wallet;
  /** Twin of what the lease book keeps: it tells beforehand what is due, and checks afterwards what was credited. */
  readonly account: LeaseAccount;
  readonly remedies: Remedy[] = [];
  /** Owner of the pack, who is the lessor. */
  owner: HardhatEthersSigner;
  /** Whether rent runs. */
  open = true;
  /** Whether the lessee has asked to return the pack, which a payment of rent would take back. */
  returning = false;
  /** The pack that came in by a swap. */
  spare: Spare | undefined;
  readonly #day: Day;
  readonly #relay: Relay;
  readonly #made: MadePack;
  /** Throughput of the recorded pack by its latest reading, Wh. */
  #recordedWh = 0n;
  #nonce = 0n;

  constructor(day: Day, relay: Relay, owner: HardhatEthersSigner, parts: LeaseParts) {
    this.#day = day;
    this.#relay = relay;
    this.owner = owner;
    this.leaseId = parts.leaseId;
    this.offer = parts.offer;
    this.startedAt = parts.startedAt;
    this.course = parts.course;
    this.lessee = parts.lessee;
    this.#made = parts.made;
    // The price of a pack takes the place of an early fee.
    const earlyFee = parts.course === "buyout" ? 0n : parts.offer.earlyFee;
    this.account = new LeaseAccount({ ...parts.offer, earlyFee }, parts.startedAt, owner.address);
  }

  get term(): bigint {
    return this.offer.period * this.offer.periods;
  }

  /** Instant at which a part of the term has passed. */
  at(part: bigint, of: bigint): bigint {
    return this.startedAt + (this.term * part) / of;
  }

  get abating(): boolean {
    const latest = this.remedies.at(-1);
    return this.open && this.spare === undefined && latest !== undefined && latest.endedCycle === undefined;
  }

  /** Takes note of what the recorded pack has given. */
  record(throughputWh: bigint): void {
    this.#recordedWh = throughputWh;
    // A spare pack gives what the recorded one gives, so this is the use under the lease, whatever pack served it.
    this.account.read(throughputWh);
  }

  // --- rent and use

  /** Pays one period by a signed transfer for exactly what is due at the block's time. */
  async payRent(at: bigint): Promise<void> {
    const { city } = this.#day;
    await this.#day.send("lease.payRentWithAuthorization", at, async (time) => {
      const payment = {
        periodCount: 1n,
        value: this.account.pay(1n, time).amount,
        validBefore: time + SIGNATURE_SECONDS,
      };
      const authorization = await signRentPayment(city, this.lessee, this.leaseId, payment);
      return city.lease.payRentWithAuthorization(this.leaseId, 1n, this.lessee.address, authorization);
    });
  }

  /** Bills the energy of the periods that are over. */
  async billUsage(at: bigint): Promise<void> {
    await this.#bringReadings(at);
    const { lease } = this.#day.city;
    const { time } = await this.#day.send("lease.billUsage", at, () => lease.billUsage(this.leaseId, this.offer));
    this.account.bill(time);
  }

  // --- guarantee

  /** Claims or ends the remedy as the latest certificate of the recorded pack calls for. */
  async guard(cycle: bigint, at: bigint): Promise<void> {
    if (!this.open || this.spare !== undefined) return;
    const { lease, telemetry } = this.#day.city;
    const { sohBp } = await telemetry.healthOf(this.#made.packId);
    const isBelow = sohBp < this.offer.minSohBp;
    const running = this.abating ? this.remedies.at(-1) : undefined;
    const claim = () => lease.claimRemedy(this.leaseId, this.offer);
    if (running === undefined) {
      if (!isBelow) return;
      this.account.abate(sohBp, (await this.#day.send("lease.claimRemedy", at, claim)).time);
      this.remedies.push({ cycle, sohBp });
    } else if (!isBelow) {
      const cure = () => lease.endRemedy(this.leaseId, this.offer);
      this.account.cure((await this.#day.send("lease.endRemedy", at, cure)).time);
      running.endedCycle = cycle;
    } else if (sohBp + WORTH_CLAIMING_BP <= running.sohBp) {
      this.account.abate(sohBp, (await this.#day.send("lease.claimRemedy", at, claim)).time);
      running.sohBp = sohBp;
    }
  }

  /** Puts a spare pack of the same owner in the place of the recorded one. */
  async swap(made: MadePack, at: bigint): Promise<void> {
    const { city } = this.#day;
    await this.#relay.flush(at);
    const { time: swappedAt } = await this.#day.send("lease.swap", at, async (time) => {
      const order = {
        leaseId: this.leaseId,
        lessee: this.lessee.address,
        oldPackId: this.#made.packId,
        newPackId: made.packId,
        nonce: this.#nextNonce(),
        deadline: time + SIGNATURE_SECONDS,
      };
      const reading = buildReading({ packId: made.packId, counter: 1n, takenAt: at, ...freshPack(made) });
      return city.lease.swap(
        order,
        [await signSwap(city, this.lessee, order), await signSwap(city, this.owner, order), NO_SIGNATURE],
        [await signReading(city, made.device, reading)],
      );
    });
    this.account.credit(swappedAt);
    this.account.cure(swappedAt);
    this.spare = { made, sinceWh: this.#recordedWh, counter: 1n };
  }

  // --- ends

  /** Sells the pack to another company; the lease runs on under the new owner. */
  async sell(buyer: HardhatEthersSigner, at: bigint): Promise<void> {
    const { pack, token } = this.#day.city;
    const seller = this.owner;
    const paid = await this.#day.send("finance.transfer", at, (time) =>
      token.connect(buyer).transfer(seller.address, this.#priceAt(time)),
    );
    const sold = await this.#day.send("battery.transferLeased", paid.time, () =>
      pack.connect(seller).transferFrom(seller.address, buyer.address, this.#made.packId),
    );
    this.account.sell(buyer.address, sold.time);
    this.owner = buyer;
  }

  /** The lessee buys the pack, and needs the chain's coin for once: the relayer gives it some. */
  async buyOut(at: bigint): Promise<void> {
    const { city, connection, relayer } = this.#day;
    await this.#bringReadings(at);
    const buyer = this.lessee.connect(connection.ethers.provider);
    const value = connection.ethers.parseEther("1");
    await this.#day.send("coin.transfer", at, () => relayer.sendTransaction({ to: buyer.address, value }) as never);
    const done = await this.#day.send("lease.buyout", at, async () => {
      const maxPay = this.offer.buyoutStart;
      const permit = await signPermit(city, this.lessee, { value: maxPay });
      return city.lease.connect(buyer).buyout(this.leaseId, this.offer, maxPay, permit);
    });
    this.#close(done.time);
  }

  /** The lessee asks to return the pack; a relayer carries the wish. */
  async requestReturn(at: bigint): Promise<void> {
    await this.#act(LeaseActKind.RequestReturn, ZeroHash, at);
    this.returning = true;
  }

  /** A bay device takes the pack back and signs for it. */
  async returnToBay(bay: Wallet, at: bigint): Promise<void> {
    const { city } = this.#day;
    await this.#bringReadings(at);
    const done = await this.#day.send("lease.confirmReturnByReceipt", at, async (time) => {
      const receipt = {
        leaseId: this.leaseId,
        packId: this.#made.packId,
        bay: bay.address,
        receivedAt: time,
        nonce: this.leaseId,
        deadline: time + SIGNATURE_SECONDS,
      };
      const signature = await signReturnReceipt(city, bay, receipt);
      return city.lease.confirmReturnByReceipt(this.offer, receipt, signature);
    });
    this.#close(done.time);
  }

  /** The lessor claims damage, as far as the book holds money for it. */
  async claimDamage(at: bigint): Promise<void> {
    const { lease } = this.#day.city;
    const { held } = (await lease.accountsOf(this.leaseId)).closing;
    const wanted = (this.offer.deposit * CLAIM.part) / CLAIM.of;
    const amount = wanted < held ? wanted : held;
    await this.#day.send("lease.claimDamage", at, () =>
      lease.connect(this.owner).claimDamage(this.leaseId, amount, textHash("photographs of the dented casing")),
    );
  }

  /** The lessee disputes the claim. */
  async disputeClaim(at: bigint): Promise<void> {
    await this.#act(LeaseActKind.DisputeClaim, textHash("photographs of the hand-over"), at);
  }

  /** The arbiter awards a part of the claim. */
  async rule(at: bigint): Promise<void> {
    const { actors, city } = this.#day;
    const { held } = (await city.lease.accountsOf(this.leaseId)).closing;
    const award = (held * AWARD.part) / AWARD.of;
    await this.#day.send("lease.rule", at, () => city.lease.connect(actors.arbiter).rule(this.leaseId, award));
  }

  /** The pack is back in good order: the owner settles at once. */
  async confirmAndSettle(at: bigint): Promise<void> {
    await this.#bringReadings(at);
    const { lease } = this.#day.city;
    const done = await this.#day.send("lease.confirmAndSettle", at, () =>
      lease.connect(this.owner).confirmAndSettle(this.leaseId, this.offer),
    );
    this.#close(done.time);
  }

  /** The pack is back, and the owner keeps the right to claim damage. */
  async confirmReturn(at: bigint): Promise<void> {
    await this.#bringReadings(at);
    const { lease } = this.#day.city;
    const done = await this.#day.send("lease.confirmReturn", at, () =>
      lease.connect(this.owner).confirmReturn(this.leaseId, this.offer),
    );
    this.#close(done.time);
  }

  /** Nobody claimed anything in time: anybody settles. */
  async settle(at: bigint): Promise<void> {
    await this.#day.send("lease.settle", at, () => this.#day.city.lease.settle(this.leaseId));
  }

  /** The lessee gets what the book holds for it; a relayer sends it. */
  async payLessee(at: bigint): Promise<void> {
    const { lease } = this.#day.city;
    const { address } = this.lessee;
    if ((await lease.balanceOf(address)) === 0n) return;
    await this.#day.send("lease.withdrawBySig", at, async (time) => {
      const order = { account: address, to: address, nonce: this.#nextNonce(), deadline: time + SIGNATURE_SECONDS };
      return lease.withdrawBySig(order, await signLeaseWithdrawal(this.#day.city, this.lessee, order));
    });
  }

  #close(time: bigint): void {
    this.account.end(time);
    this.open = false;
  }

  #priceAt(time: bigint): bigint {
    const elapsed = time - this.startedAt < this.term ? time - this.startedAt : this.term;
    return leaseModel.buyoutPriceDown(this.offer.buyoutStart, this.offer.buyoutResidual, this.term, elapsed);
  }

  async #act(kind: bigint, evidenceHash: string, at: bigint): Promise<void> {
    const { city } = this.#day;
    await this.#day.send("lease.actFor", at, async (time) => {
      const act = buildLeaseAct({
        leaseId: this.leaseId,
        party: this.lessee.address,
        kind,
        evidenceHash,
        nonce: this.#nextNonce(),
        deadline: time + SIGNATURE_SECONDS,
      });
      return city.lease.actFor(act, await signLeaseAct(city, this.lessee, act));
    });
  }

  /** Brings the chain's count of energy up to date: what devices sent, and what the spare pack has given. */
  async #bringReadings(at: bigint): Promise<void> {
    if (this.spare !== undefined) {
      const { made, sinceWh } = this.spare;
      this.spare.counter += 1n;
      const throughputWh = this.#recordedWh - sinceWh;
      const reading = buildReading({
        packId: made.packId,
        counter: this.spare.counter,
        takenAt: at,
        ...freshPack(made),
        throughputWh,
        fullCycles: throughputWh / made.data.ratedWh,
      });
      await this.#relay.take(made.device, reading, at);
    }
    await this.#relay.flush(at);
  }

  /** Nonces of the lessee, which the owner signs too: each lease has a word of its own, far from those of offers. */
  #nextNonce(): bigint {
    const nonce = LEASE_NONCES + (this.leaseId << NONCE_WORD_BITS) + this.#nonce;
    this.#nonce += 1n;
    return nonce;
  }
}

/** A spare pack under a lease. It gives what the recorded cell gives after the swap, cycle for cycle. */
export interface Spare {
  readonly made: MadePack;
  /** Throughput of the recorded pack at the swap, Wh. */
  readonly sinceWh: bigint;
  counter: bigint;
}

/** Nonces of one word share a storage slot. */
const NONCE_WORD_BITS = 8n;
const LEASE_NONCES = 1n << 64n;
const FULL_HEALTH_BP = 10_000n;

function freshPack({ data }: MadePack): { remainingWh: bigint; sohBp: bigint } {
  return { remainingWh: data.ratedWh, sohBp: FULL_HEALTH_BP };
}
