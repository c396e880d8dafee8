/** The energy part of the day: every interval is traded, cleared, measured and settled by anybody's keeper. */
import type { ContractTransactionReceipt } from "ethers";

import {
  FeederDayValues,
  daySubmission,
  feederReadings,
  intervalBits,
  Keeper,
  type KeeperAct,
  type Order,
  packBatches,
  positionOn,
  type SignedOrder,
  signOrderFor,
  unpackOrders,
  unpackSkipped,
  type Wh,
} from "../../../sdk/energy/index.js";
import { nameIn, OrderFault, signFeederReadings, signMeterDay } from "../../../sdk/index.js";
import type { Day } from "../day.js";
import { Refusals } from "../identity/refusals.js";
import { seededWallet } from "../seeds.js";
import { Timeline } from "../timeline.js";
import type { EnergyData } from "./data.js";
import { type District, foundDistrict, type Member } from "./district.js";
import { daysOf, netOf, orderOf, type PlannedSlot, planSlots, rowsOfDay } from "./plan.js";

const SECONDS_PER_DAY = 86_400n;
/** Seconds between the first act of the part and the first interval: tariffs are set before the interval opens. */
export const LEAD_SECONDS = 2n * SECONDS_PER_DAY;

/** Order of what falls on one instant. */
const RANK = { post: 0, clear: 1, submit: 2, settle: 3, certify: 4 } as const;

/** Epoch of every account: no household takes its orders back. */
const EPOCH = 0;

/** What is left of the part when it is over, for its accounts and its report. */
export interface Life {
  readonly day: Day;
  readonly data: EnergyData;
  /** Seconds by which the data were moved. */
  readonly shift: bigint;
  readonly firstBlock: number;
  readonly intervalsPerDay: number;
  readonly district: District;
  readonly slots: readonly PlannedSlot[];
  /** Orders by number of the interval. */
  readonly orders: ReadonlyMap<number, readonly Order[]>;
  readonly refusals: Refusals;
}

/** Lives the data on the chain of the day. */
export async function liveEnergy(day: Day, data: EnergyData): Promise<Life> {
  const first = data.slots[0]?.at ?? 0n;
  const shift = day.clock.shiftFor(first - LEAD_SECONDS);
  const firstBlock = (await day.connection.ethers.provider.getBlockNumber()) + 1;
  const slots = planSlots(data, shift);
  const district = await foundDistrict(day, data, slots, first + shift - LEAD_SECONDS);
  return new EnergyLife(day, data, shift, firstBlock, district, slots).live();
}

class EnergyLife {
  readonly #day: Day;
  readonly #data: EnergyData;
  readonly #shift: bigint;
  readonly #firstBlock: number;
  readonly #district: District;
  readonly #slots: readonly PlannedSlot[];
  readonly #intervalsPerDay: number;
  readonly #members: ReadonlyMap<number, Member>;
  readonly #orders: ReadonlyMap<number, readonly Order[]>;
  readonly #signed = new Map<number, Promise<SignedOrder[]>>();
  readonly #values = new Map<string, FeederDayValues>();
  readonly #keeper: Keeper;
  readonly #refusals: Refusals;
  readonly #timeline = new Timeline();
  #tried = { order: false, clearing: false, reading: false, certificate: false };

  constructor(
    day: Day,
    data: EnergyData,
    shift: bigint,
    firstBlock: number,
    district: District,
    slots: readonly PlannedSlot[],
  ) {
    this.#day = day;
    this.#data = data;
    this.#shift = shift;
    this.#firstBlock = firstBlock;
    this.#district = district;
    this.#slots = slots;
    this.#intervalsPerDay = Number(SECONDS_PER_DAY / data.intervalLength);
    this.#members = new Map(district.members.map((member) => [member.account, member]));
    const accounts = new Map(district.members.map(({ account, home }) => [home, account]));
    this.#orders = new Map(
      slots.map((slot) => [
        slot.interval,
        slot.wishes.map((wish) => orderOf(slot, accounts.get(wish.home) ?? 0, wish)),
      ]),
    );
    this.#refusals = new Refusals(day, "energy");
    this.#keeper = new Keeper(day.city.energyMarket, {
      source: { signedOrders: (interval) => this.#signedOrders(interval) },
      fromBlock: firstBlock,
    });
  }

  async live(): Promise<Life> {
    await this.#plan();
    await this.#timeline.run(this.#day.progress("energy: trading and settling"));
    return {
      day: this.#day,
      data: this.#data,
      shift: this.#shift,
      firstBlock: this.#firstBlock,
      intervalsPerDay: this.#intervalsPerDay,
      district: this.#district,
      slots: this.#slots,
      orders: this.#orders,
      refusals: this.#refusals,
    };
  }

  async #plan(): Promise<void> {
    const { energyMarket, meterReadings } = this.#day.city;
    const { gateLead } = await energyMarket.settings();
    const window = await meterReadings.window();
    const { intervalLength } = this.#data;
    for (const { at, interval } of this.#slots) {
      if ((this.#orders.get(interval) ?? []).length === 0) continue;
      const startsAt = at + this.#shift;
      const postsAt = startsAt - gateLead - intervalLength / 2n;
      this.#timeline.plan(postsAt, RANK.post, () => this.#post(interval, postsAt));
      this.#timeline.plan(startsAt, RANK.clear, () => this.#clear(interval, startsAt));
    }
    for (const [number, slots] of daysOf(this.#slots, this.#intervalsPerDay)) {
      const over = BigInt(number + 1) * SECONDS_PER_DAY;
      this.#timeline.plan(over, RANK.submit, async () => {
        await this.#submit(number, slots, over);
        const final = this.#day.clock.now + window;
        for (const { interval } of slots) this.#timeline.plan(final, RANK.settle, () => this.#settle(interval, final));
        this.#timeline.plan(final, RANK.certify, () => this.#certify(number, slots, final));
      });
    }
  }

  // --- orders

  /** Every household signs its orders for an interval; each is signed once. */
  #signedOrders(interval: number): Promise<SignedOrder[]> {
    const known = this.#signed.get(interval);
    if (known !== undefined) return known;
    const orders = this.#orders.get(interval) ?? [];
    const signed = Promise.all(
      orders.map((order) =>
        signOrderFor(this.#day.city, this.#member(order.account).household, interval, EPOCH, order),
      ),
    );
    this.#signed.set(interval, signed);
    return signed;
  }

  async #post(interval: number, at: bigint): Promise<void> {
    await this.#day.clock.pass(at);
    const isFirst = !this.#tried.order;
    this.#tried.order = true;
    if (isFirst) await this.#tryForgery(interval);
    await this.#keep(interval);
    if (isFirst) await this.#trySecond(interval);
  }

  /** A batch with an order that another key signed: it is left out and named, and does not stop the others. */
  async #tryForgery(interval: number): Promise<void> {
    const [victim, bystander] = await this.#signedOrders(interval);
    if (victim === undefined) return;
    const forger = seededWallet("energy/forger");
    this.#day.register.stranger("Forger of orders", forger);
    const forged = await signOrderFor(this.#day.city, forger, interval, EPOCH, victim.order);
    await this.#trySkipped(
      {
        key: "forgedOrder",
        attempt: "a batch has an order for a household's account that another key signed",
        expected: "BadSignature",
      },
      interval,
      bystander === undefined ? [forged] : [forged, bystander],
      forged.order.account,
    );
  }

  /** An order that is posted is posted again. */
  async #trySecond(interval: number): Promise<void> {
    const [again] = await this.#signedOrders(interval);
    if (again === undefined) return;
    await this.#trySkipped(
      { key: "secondOrder", attempt: "an order that is posted is posted again", expected: "AlreadyPosted" },
      interval,
      [again],
      again.order.account,
    );
  }

  async #trySkipped(
    attempt: Parameters<Refusals["judge"]>[0],
    interval: number,
    orders: readonly SignedOrder[],
    account: number,
  ): Promise<void> {
    const { energyMarket: market } = this.#day.city;
    const [batch] = packBatches(orders);
    if (batch === undefined) return;
    const { receipt } = await this.#day.send(
      "energy.postOrders with a bad one",
      this.#day.clock.now,
      () => market.postOrders(interval, batch.records, batch.signatures),
      orders.length,
    );
    const fault = skippedIn(receipt, market.interface).get(account);
    if (fault === undefined) {
      this.#refusals.judge(attempt, {});
      return;
    }
    const reason = nameIn(OrderFault, fault);
    const { home } = this.#member(account);
    this.#refusals.judge(attempt, { reason, message: `the order of ${home.id} was left out of the batch: ${reason}` });
  }

  // --- clearing and settlement

  async #clear(interval: number, at: bigint): Promise<void> {
    await this.#day.clock.pass(at);
    await this.#keep(interval);
    if (this.#tried.clearing) return;
    this.#tried.clearing = true;
    await this.#refusals.send(
      {
        key: "earlySettlement",
        attempt: "an interval is to be settled before its readings are final",
        expected: "EnergyMarketReadingsNotFinal",
      },
      () => this.#day.city.energyMarket.confirmReadings(interval, 1),
    );
  }

  async #settle(interval: number, at: bigint): Promise<void> {
    if ((this.#orders.get(interval) ?? []).length === 0) return;
    await this.#day.clock.pass(at);
    await this.#keep(interval);
  }

  /** Lets the keeper do what it can for an interval. */
  async #keep(interval: number): Promise<void> {
    const { clock, gas } = this.#day;
    for (;;) {
      await clock.reach(clock.now);
      const { plan, receipt } = await this.#keeper.step(interval);
      if (receipt === undefined) return;
      gas.add(`energy.${plan.kind}`, receipt.gasUsed, itemsOf(plan as KeeperAct));
    }
  }

  // --- readings

  /** Meters, their operator and the grid operator sign what was measured, and the keeper's relayer brings it. */
  async #submit(number: number, slots: readonly PlannedSlot[], at: bigint): Promise<void> {
    await this.#day.clock.pass(at);
    for (const members of this.#district.feeders) {
      const values = this.#valuesOf(number, slots, members);
      if (values.rows.every((row) => row.every((wh) => wh === undefined)) && !this.#ordered(slots, members)) continue;
      this.#values.set(`${values.feeder}/${number}`, values);
      if (!this.#tried.reading) await this.#tryOutOfRange(values, members);
      const isFirst = !this.#tried.reading;
      this.#tried.reading = true;
      const submission = await this.#signedDay(values, members);
      const { meterReadings } = this.#day.city;
      const submit = () => meterReadings.submit(submission);
      const done = await this.#day.send("energy.submitReadings", this.#day.clock.now, submit, members.length);
      this.#day.register.asked("METERING_OPERATOR", this.#district.company.address, done);
      this.#day.register.asked("GRID_OPERATOR", this.#day.actors.gridOperator.address, done);
      if (!isFirst) continue;
      await this.#refusals.send(
        {
          key: "secondDay",
          attempt: "a feeder's day that is accepted is brought again",
          expected: "MeterReadingsAlreadyAccepted",
        },
        submit,
      );
    }
  }

  #valuesOf(number: number, slots: readonly PlannedSlot[], members: readonly Member[]): FeederDayValues {
    const rows = rowsOfDay(number, this.#intervalsPerDay, slots).map((slot) =>
      members.map(({ home }): Wh => {
        const reading = slot === undefined ? undefined : home.readings.get(slot.at);
        return reading === undefined ? undefined : netOf(reading);
      }),
    );
    return new FeederDayValues({ feeder: members[0]?.feeder ?? 0, day: number }, rows);
  }

  #ordered(slots: readonly PlannedSlot[], members: readonly Member[]): boolean {
    return slots.some(({ wishes }) => wishes.some(({ home }) => members.some((member) => member.home === home)));
  }

  async #signedDay(values: FeederDayValues, members: readonly Member[]): Promise<ReturnType<typeof daySubmission>> {
    const { day } = values;
    const { city } = this.#day;
    const signing = members.map(async ({ account, meter }, position) =>
      values.rows.every((row) => row[position] === undefined)
        ? undefined
        : signMeterDay(city, meter, { meter: account, day, values: values.column(position) }),
    );
    const meters = await Promise.all(signing);
    const whole = feederReadings(values, { meters });
    return daySubmission(values, {
      meters,
      operator: await signFeederReadings(city, this.#district.company, whole),
      gridOperator: await signFeederReadings(city, this.#day.actors.gridOperator, whole),
    });
  }

  /** A meter says more than its connection can carry; everybody signs it. */
  async #tryOutOfRange(values: FeederDayValues, members: readonly Member[]): Promise<void> {
    const broken = members.findIndex((_, position) => values.rows.some((row) => row[position] !== undefined));
    const member = members[broken];
    if (member === undefined) return;
    const rows = values.rows.map((row) =>
      row.map((wh, index) => (index === broken && wh !== undefined ? member.importCapWh + 1n : wh)),
    );
    const impossible = await this.#signedDay(new FeederDayValues(values, rows), members);
    await this.#refusals.send(
      {
        key: "outOfRange",
        attempt: "a meter reads more than its connection can carry",
        expected: "MeterReadingsOutOfRange",
      },
      () => this.#day.city.meterReadings.submit(impossible),
    );
  }

  // --- certificates

  /** Certificates of a day for every meter that fed in. */
  async #certify(number: number, slots: readonly PlannedSlot[], at: bigint): Promise<void> {
    await this.#day.clock.pass(at);
    const { energyCertificates } = this.#day.city;
    for (const { account, feeder } of this.#district.members) {
      const values = this.#values.get(`${feeder}/${number}`);
      const position = positionOn(account);
      const fedIn = slots
        .map(({ interval }) => interval)
        .filter((interval) => (values?.whAt(position, interval) ?? 0n) < 0n);
      if (values === undefined || fedIn.length === 0) continue;
      const { proof, values: column } = values.columnProof(position);
      const bits = intervalBits(number, this.#intervalsPerDay, fedIn);
      const issue = () => energyCertificates.issue(account, number, column, proof, bits);
      await this.#day.send("energy.issueCertificates", this.#day.clock.now, issue, fedIn.length);
      if (this.#tried.certificate) continue;
      this.#tried.certificate = true;
      await this.#refusals.send(
        {
          key: "secondCertificate",
          attempt: "certificates are issued a second time for the same energy",
          expected: "EnergyCertificatesNothingNew",
        },
        issue,
      );
    }
  }

  #member(account: number): Member {
    const member = this.#members.get(account);
    if (member === undefined) throw new Error(`account ${account} is nobody's`);
    return member;
  }
}

/** Accounts that a receipt says were left out of a batch, with the fault of each. */
function skippedIn(
  { logs }: ContractTransactionReceipt,
  market: Day["city"]["energyMarket"]["interface"],
): Map<number, bigint> {
  const told = logs.flatMap((log) => {
    const event = market.parseLog(log);
    return event?.name === "OrdersSkipped" ? unpackSkipped(event.args.faults as string) : [];
  });
  return new Map(told.map(({ account, fault }) => [account, fault]));
}

/** Orders or accounts that an act of the keeper is about. */
function itemsOf(act: KeeperAct): number {
  switch (act.kind) {
    case "postOrders":
      return unpackOrders(act.records).length;
    case "settle":
      return act.batches.reduce((count, { records }) => count + unpackOrders(records).length, 0);
    default:
      return 1;
  }
}
