/** The batteries' part of the day: packs are made, leased, read, certified, billed and given back as their records say. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { Wallet } from "ethers";

import {
  buildOffer,
  buildReading,
  signAcceptance,
  signHealthCertificate,
  signOffer,
  textHash,
} from "../../../sdk/index.js";
import type { BatteryHistory } from "../../../sdk/importers/index.js";
import type { Day } from "../day.js";
import { seededWallet } from "../seeds.js";
import { Timeline } from "../timeline.js";
import { ATTRIBUTE_NAMES, makePack, type MadePack } from "./fleet.js";
import { bookOwes } from "./ledger.js";
import { LeaseRun, SIGNATURE_SECONDS } from "./leaseRun.js";
import { dayOf, FleetDay, type Proof } from "./logs.js";
import { type Course, firstFailure, planCourses } from "./plan.js";
import { Relay } from "./relay.js";
import { packCycle, type PackCycle } from "./scale.js";
import { AGREEMENT, fitPeriods, termsFor } from "./terms.js";
import { enrolDevices, enrolTraders, requireResident, type Traders } from "./traders.js";

const HOUR = 3_600n;
const DAY = 24n * HOUR;
const MINUTE = 60n;
const WH_PER_KWH = 1_000n;
const MAX_REGISTRATIONS = 50;

/** A pack is leased an hour before its record begins, and made an hour before that. */
const LEAD = HOUR;
/** Seconds between the first act of the part and the first row of the data. */
export const LEAD_SECONDS = 3n * LEAD;

/** Cycles that a lessee waits for the swap under the guarantee. */
const SWAP_AFTER_CYCLES = 15;
/** Number of the due date that a late payer misses. */
const LATE_PERIOD = 2n;
/** Rent is paid this part of a period ahead; a late payer is as much later than the grace span. */
const AHEAD_PART = 24n;

/** From the wish to return a damaged pack to the arbiter's ruling. */
const RULING = 9n * DAY;

/** Order of what falls on one instant. */
const RANK = { make: 0, lease: 1, pay: 2, cycle: 3, change: 4, bill: 5, end: 6, dayEnd: 7 } as const;

/** A pack of the day with its record and its lease. */
export interface PackRun {
  readonly id: string;
  readonly cycles: readonly PackCycle[];
  readonly course: Course;
  readonly lessee: Wallet;
  readonly made: MadePack;
  lease: LeaseRun | undefined;
}

/** What is left of the part when it is over, for its accounts and its report. */
export interface Life {
  readonly day: Day;
  /** Seconds by which the data were moved. */
  readonly shift: bigint;
  readonly firstBlock: number;
  readonly packs: readonly PackRun[];
  readonly maker: HardhatEthersSigner;
  /** Who buys leased packs; absent when none is sold. */
  readonly fund: HardhatEthersSigner | undefined;
  readonly minted: ReadonlyMap<string, bigint>;
  /** Readings that the devices of recorded and spare packs signed. */
  readonly readings: { readonly recorded: number; readonly spare: number };
  readonly audits: { readonly count: number; readonly even: number; readonly richest: { held: bigint; owed: bigint } };
  readonly proof: { readonly made: Proof; readonly proven: boolean; readonly forged: boolean };
  readonly fleetRoots: number;
  readonly attributesProven: number;
}

/** Lives the records of batteries on the chain of the day. */
export async function liveBatteries(day: Day, batteries: readonly BatteryHistory[], startsAt: bigint): Promise<Life> {
  const shift = day.clock.shiftFor(startsAt);
  return new BatteryLife(day, batteries, shift, startsAt + shift).live();
}

class BatteryLife {
  readonly #day: Day;
  readonly #batteries: readonly BatteryHistory[];
  readonly #shift: bigint;
  readonly #startsAt: bigint;
  readonly #courses: ReadonlyMap<string, Course>;
  readonly #timeline = new Timeline();
  readonly #relay: Relay;
  readonly #traders: Traders;
  readonly #maker: HardhatEthersSigner;
  readonly #bay = seededWallet("battery/bay");
  readonly #minted = new Map<string, bigint>();
  readonly #packs: PackRun[] = [];
  readonly #spares: MadePack[] = [];
  readonly #days = new Map<bigint, FleetDay>();
  readonly #audits = { count: 0, even: 0, richest: { held: 0n, owed: 0n } };
  #fund: HardhatEthersSigner | undefined;
  #operatorId = 0n;
  /** Number of certificates, which serves as their nonce: nonces in order share storage. */
  #certificates = 0n;

  constructor(day: Day, batteries: readonly BatteryHistory[], shift: bigint, startsAt: bigint) {
    this.#day = day;
    this.#batteries = batteries;
    this.#shift = shift;
    this.#startsAt = startsAt;
    this.#courses = planCourses(batteries);
    this.#relay = new Relay(day);
    this.#traders = enrolTraders(day);
    this.#maker = this.#traders.maker;
  }

  async live(): Promise<Life> {
    const firstBlock = (await this.#day.connection.ethers.provider.getBlockNumber()) + 1;
    await this.#found();
    this.#plan();
    await this.#timeline.run(this.#day.progress("battery: living the record"));
    const proof = await this.#prove();
    const attributesProven = await this.#proveAttributes();
    const recorded = this.#packs.reduce((sum, { cycles }) => sum + cycles.length, 0);
    const spare = this.#packs.reduce((sum, { lease }) => sum + Number(lease?.spare?.counter ?? 0n), 0);
    return {
      day: this.#day,
      shift: this.#shift,
      firstBlock,
      packs: this.#packs,
      maker: this.#maker,
      fund: this.#fund,
      minted: this.#minted,
      readings: { recorded, spare },
      audits: this.#audits,
      proof,
      fleetRoots: this.#days.size,
      attributesProven,
    };
  }

  // --- before the first row

  /** Enrols who acts, admits the maker, trusts its bay, and gives its packs, spares and customers names and money. */
  async #found(): Promise<void> {
    const { actors, city, register } = this.#day;
    register.device({ name: "bay", key: this.#bay, operator: actors.depot });
    for (const { id } of this.#batteries) register.person(`household of ${id}`, householdOf(id));
    await register.enrol(this.#startsAt);
    const admitted = await this.#day.send("battery.admitSelf", this.#startsAt, () =>
      city.pack.connect(this.#maker).admitSelf(),
    );
    register.asked("BATTERY_OPERATOR", this.#maker.address, admitted);
    this.#operatorId = await city.pack.operatorIdOf(this.#maker.address);
    await this.#day.send("lease.setBay", this.#startsAt, () =>
      city.lease.connect(actors.depot).setBay(this.#bay.address, true),
    );
    // Without it the book could not give a pack a user, let alone sell one.
    const book = await city.lease.getAddress();
    await this.#day.send("battery.setApprovalForAll", this.#startsAt, () =>
      city.pack.connect(this.#maker).setApprovalForAll(book, true),
    );

    for (const { id, cycles } of this.#batteries) {
      const moved = cycles.map((row) => packCycle(row, this.#shift));
      this.#packs.push({
        id,
        cycles: moved,
        course: this.#courses.get(id) ?? "late",
        lessee: householdOf(id),
        made: makePack(this.#operatorId, id, startOf(moved) - LEAD),
        lease: undefined,
      });
    }
    for (const { id, course } of this.#packs) {
      if (course === "swap") this.#spares.push(makePack(this.#operatorId, `${id}-spare`, this.#startsAt));
    }
    await this.#register(this.#spares, this.#startsAt);

    let forFund = 0n;
    for (const pack of this.#packs) {
      const terms = termsFor(periodsOf(pack.cycles));
      if (pack.course === "sale") forFund += terms.buyoutStart;
      const usedWh = pack.cycles.at(-1)?.throughputWh ?? 0n;
      const budget =
        terms.deposit +
        (terms.rent + terms.lateFee) * terms.periods +
        (terms.overagePerKWh * usedWh) / WH_PER_KWH +
        (pack.course === "buyout" ? terms.buyoutStart : 0n);
      await this.#mint(pack.lessee.address, budget);
    }
    if (forFund > 0n) {
      this.#fund = this.#day.company("Battery fund");
      await this.#mint(this.#fund.address, forFund);
    }
  }

  async #mint(to: string, value: bigint): Promise<void> {
    const { actors, city } = this.#day;
    await this.#day.send("finance.mint", this.#startsAt, () => city.token.connect(actors.treasury).mint(to, value));
    this.#minted.set(to, (this.#minted.get(to) ?? 0n) + value);
  }

  async #register(packs: readonly MadePack[], at: bigint): Promise<void> {
    enrolDevices(this.#day, this.#maker, packs);
    await this.#day.register.enrol(at);
    const registry = this.#day.city.pack.connect(this.#maker);
    const [only] = packs;
    if (packs.length === 1 && only !== undefined) {
      await this.#day.send("battery.register", at, () => registry.register(this.#maker.address, only.data));
      return;
    }
    for (let from = 0; from < packs.length; from += MAX_REGISTRATIONS) {
      const batch = packs.slice(from, from + MAX_REGISTRATIONS).map(({ data }) => data);
      const send = () => registry.registerMany(this.#maker.address, batch);
      await this.#day.send("battery.registerMany", at, send, batch.length);
    }
  }

  // --- the plan

  #plan(): void {
    const starts = new Set(this.#packs.map(({ cycles }) => startOf(cycles)));
    for (const start of starts) {
      const together = this.#packs.filter(({ cycles }) => startOf(cycles) === start);
      const made = together.map((pack) => pack.made);
      this.#timeline.plan(start - LEAD, RANK.make, () => this.#register(made, start - LEAD));
      for (const pack of together) {
        this.#timeline.plan(start, RANK.lease, async () => {
          pack.lease = await this.#lease(pack, start);
          this.#planLease(pack.lease);
        });
      }
    }
    for (const pack of this.#packs) {
      for (const [index, row] of pack.cycles.entries()) {
        this.#timeline.plan(row.at, RANK.cycle, () => this.#cycle(pack, index, row));
        const day = dayOf(row.at);
        if (!this.#days.has(day)) {
          const fleetDay = new FleetDay(day);
          this.#days.set(day, fleetDay);
          this.#timeline.plan((day + 1n) * DAY, RANK.dayEnd, () => this.#endDay(fleetDay, day));
        }
      }
    }
  }

  /** Offers a pack and lets its household accept by one signature. */
  async #lease(pack: PackRun, at: bigint): Promise<LeaseRun> {
    const { city } = this.#day;
    const { time, offer } = await this.#accept(pack, at);
    const leaseId = await city.lease.leaseCount();
    const { course, lessee, made } = pack;
    return new LeaseRun(this.#day, this.#relay, this.#maker, { leaseId, offer, startedAt: time, course, lessee, made });
  }

  async #accept({ cycles, lessee, made }: PackRun, at: bigint) {
    const { city, clock } = this.#day;
    const offer = buildOffer({
      ...termsFor(periodsOf(cycles)),
      packId: made.packId,
      lessor: this.#maker.address,
      lessee: lessee.address,
      agreementHash: textHash(AGREEMENT),
      nonce: BigInt(this.#packs.findIndex(({ made: { packId } }) => packId === made.packId)),
      deadline: clock.next(at) + SIGNATURE_SECONDS,
    });
    await requireResident(this.#day, lessee);
    const accepted = await this.#day.send("lease.acceptWithAuthorization", at, async () => {
      const signature = await signOffer(city, this.#maker, offer);
      const payment = await signAcceptance(city, lessee, offer, offer.deadline);
      return city.lease.acceptWithAuthorization(offer, signature, lessee.address, payment);
    });
    this.#day.register.asked("RESIDENT", lessee.address, accepted);
    return { time: accepted.time, offer };
  }

  /** Plans what the terms of a lease and its course call for; whatever comes after its end is passed over. */
  #planLease(lease: LeaseRun): void {
    const { period, periods, grace, claimWindow } = lease.offer;
    const plan = (at: bigint, rank: number, act: () => Promise<void>): void => {
      this.#timeline.plan(at, rank, async () => {
        if (lease.open && !lease.returning) await act();
      });
    };
    for (let number = 1n; number < periods; number += 1n) {
      const due = lease.startedAt + number * period;
      const isLate = lease.course === "late" && number === LATE_PERIOD;
      const payAt = isLate ? due + grace + period / AHEAD_PART : due - period / AHEAD_PART;
      plan(payAt, RANK.pay, () => lease.payRent(payAt));
      plan(due + MINUTE, RANK.bill, () => lease.billUsage(due + MINUTE));
    }
    const half = lease.at(1n, 2n);
    plan(half, RANK.change, () => this.#payMaker(lease, half));

    if (lease.course === "sale") {
      const fund = this.#fund;
      if (fund !== undefined) plan(half + HOUR, RANK.change, () => lease.sell(fund, half + HOUR));
    }
    if (lease.course === "buyout") {
      const at = lease.at(3n, 4n);
      plan(at, RANK.end, () => lease.buyOut(at));
    }
    if (lease.course === "damage") this.#planDamage(lease);

    const end = lease.startedAt + lease.term + HOUR;
    if (lease.course === "late") {
      plan(end, RANK.end, async () => {
        await lease.requestReturn(end);
        await lease.confirmReturn(end);
        const settleAt = this.#day.clock.now + claimWindow + MINUTE;
        this.#timeline.plan(settleAt, RANK.end, () => lease.settle(settleAt));
        this.#planPayout(lease, settleAt);
      });
    } else {
      plan(end, RANK.end, async () => {
        await lease.requestReturn(end);
        await lease.confirmAndSettle(end);
        this.#planPayout(lease, end);
      });
    }
  }

  /** A household takes out what is its own the day after the last of it was assigned. */
  #planPayout(lease: LeaseRun, after: bigint): void {
    this.#timeline.plan(after + DAY, RANK.end, () => lease.payLessee(after + DAY));
  }

  /** An early return with a claim, a dispute and a ruling. */
  #planDamage(lease: LeaseRun): void {
    const asked = lease.at(3n, 5n);
    const steps: [bigint, (at: bigint) => Promise<void>][] = [
      [asked, (at) => lease.requestReturn(at)],
      [asked + 2n * HOUR, (at) => lease.returnToBay(this.#bay, at)],
      [asked + DAY, (at) => lease.claimDamage(at)],
      [asked + 2n * DAY, (at) => lease.disputeClaim(at)],
      [asked + RULING, (at) => lease.rule(at)],
    ];
    for (const [at, step] of steps) this.#timeline.plan(at, RANK.end, () => step(at));
    this.#planPayout(lease, asked + RULING);
  }

  // --- what the record brings

  /** A discharge: the device reads, the laboratory certifies, and the guarantee is looked after. */
  async #cycle(pack: PackRun, index: number, row: PackCycle): Promise<void> {
    const { made, lease } = pack;
    const day = dayOf(row.at);
    const logs = this.#days.get(day);
    logs?.log(made.packId, row.cycle, row.at, JSON.stringify({ soh: Number(row.sohBp), tempDK: Number(row.tempDK) }));
    const next = pack.cycles[index + 1];
    const isLastOfDay = next === undefined || dayOf(next.at) !== day;
    const reading = buildReading({
      packId: made.packId,
      // A row that is missing from the record shows as a gap.
      counter: row.cycle,
      takenAt: row.at,
      throughputWh: row.throughputWh,
      remainingWh: row.measuredWh,
      fullCycles: row.throughputWh / made.data.ratedWh,
      sohBp: row.sohBp,
      maxTempDK: row.tempDK,
      ...(isLastOfDay && logs !== undefined ? { logRoot: logs.logOf(made.packId).root } : {}),
    });
    await this.#relay.take(made.device, reading, row.at);
    lease?.record(row.throughputWh);
    await this.#certify(made, row);
    await lease?.guard(row.cycle, row.at);
    await this.#swapIfDue(pack, row);
  }

  async #certify({ packId }: MadePack, { at, measuredWh }: PackCycle): Promise<void> {
    const { city, register } = this.#day;
    const { laboratory } = this.#traders;
    const certificate = {
      packId,
      tester: laboratory.address,
      measuredWh,
      testedAt: at,
      methodHash: textHash("capacity by full discharge at constant current"),
      nonce: this.#certificates,
      deadline: at + SIGNATURE_SECONDS,
    };
    this.#certificates += 1n;
    const certified = await this.#day.send("telemetry.certify", at, async () =>
      city.telemetry.certify(certificate, await signHealthCertificate(city, laboratory, certificate)),
    );
    register.asked("BATTERY_TESTER", laboratory.address, certified);
  }

  async #swapIfDue({ course, cycles, lease }: PackRun, row: PackCycle): Promise<void> {
    const first = course === "swap" && lease?.abating === true ? lease.remedies[0]?.cycle : undefined;
    if (lease === undefined || first === undefined) return;
    const waited = cycles.filter(({ cycle }) => cycle > first && cycle <= row.cycle).length;
    const spare = waited < SWAP_AFTER_CYCLES ? undefined : this.#spares.shift();
    if (spare !== undefined) await lease.swap(spare, row.at);
  }

  /** The maker takes out what it has earned with a lease so far. */
  async #payMaker({ account, leaseId }: LeaseRun, at: bigint): Promise<void> {
    const { lease } = this.#day.city;
    const { time } = await this.#day.send("lease.withdraw", at, () =>
      lease.connect(this.#maker).withdraw([leaseId], this.#maker.address),
    );
    account.credit(time);
  }

  /** Sends what is left of the day, commits the fleet's logs, and looks into the book. */
  async #endDay(logs: FleetDay, day: bigint): Promise<void> {
    const { city, register } = this.#day;
    const { collector } = this.#traders;
    const at = (day + 1n) * DAY;
    await this.#relay.flush(at);
    const minute = this.#provenMinute();
    if (dayOf(minute.at) === day) logs.logMinutes(minute.packId, "minute");
    const { root } = logs.tree();
    const committed = await this.#day.send("telemetry.commitFleetRoot", at, () =>
      city.telemetry.connect(collector).commitFleetRoot(day, root, logs.packCount),
    );
    register.asked("BATTERY_COLLECTOR", collector.address, committed);

    const { held, owed } = await bookOwes(this.#day.city, this.#packs, this.#parties());
    this.#audits.count += 1;
    if (held === owed) this.#audits.even += 1;
    if (held > this.#audits.richest.held) this.#audits.richest = { held, owed };
  }

  #parties(): string[] {
    const companies = [this.#maker, ...(this.#fund === undefined ? [] : [this.#fund])];
    return [...companies, ...this.#packs.map(({ lessee }) => lessee)].map(({ address }) => address);
  }

  // --- proofs

  /** The minute of the first failure in the record, or of its very first row. */
  #provenMinute(): { packId: bigint; at: bigint } {
    const failures = this.#batteries.flatMap((battery, index) => {
      const failure = firstFailure(battery);
      return failure === undefined ? [] : [{ at: failure.at + this.#shift, pack: this.#packs[index] }];
    });
    failures.sort((left, right) => (left.at < right.at ? -1 : 1));
    const [first] = this.#packs;
    const { at, pack } = failures[0] ?? { at: first?.cycles[0]?.at ?? 0n, pack: first };
    return { at, packId: pack?.made.packId ?? 0n };
  }

  async #prove(): Promise<Life["proof"]> {
    const { city } = this.#day;
    const { at, packId } = this.#provenMinute();
    const logs = this.#days.get(dayOf(at));
    if (logs === undefined) throw new Error("no log was kept on the day of the proof");
    const made = logs.prove(packId, at);
    const verify = (entry: Proof["entry"]): Promise<boolean> =>
      city.telemetry.verifyFleetEntry(
        this.#traders.collector.address,
        made.epoch,
        0n,
        made.fleetEntry,
        [...made.fleetProof],
        entry,
        [...made.proof],
      );
    return {
      made,
      proven: await verify(made.entry),
      forged: await verify({ ...made.entry, payloadHash: textHash("another value") }),
    };
  }

  /** Proves every attribute of every passport that names the data model's properties. */
  async #proveAttributes(): Promise<number> {
    let proven = 0;
    for (const { made } of this.#packs) {
      for (const name of ATTRIBUTE_NAMES) {
        const { attribute, proof } = made.passport.prove(name);
        if (await this.#day.city.pack.proveAttribute(made.packId, attribute, proof)) proven += 1;
      }
    }
    return proven;
  }
}

function householdOf(id: string): Wallet {
  return seededWallet(`battery/household/${id}`);
}

/** When a record's lease begins. */
function startOf(cycles: readonly PackCycle[]): bigint {
  return (cycles[0]?.at ?? 0n) - LEAD;
}

function periodsOf(cycles: readonly PackCycle[]): { period: bigint; periods: bigint } {
  return fitPeriods((cycles.at(-1)?.at ?? 0n) + LEAD - startOf(cycles));
}
