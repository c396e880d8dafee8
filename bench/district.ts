/**
 * The district that the energy market is measured in: feeders of 250 meters whose accounts are open and hold money, on a
 * chain of its own. What of the market's storage is used in turns was used one turn of the ring before.
 */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type BaseContract, id, type LogDescription, type TransactionReceipt, Wallet } from "ethers";

import { addressesOf } from "../ignition/addresses.js";
import { bodies, type Body, roles } from "../ignition/authority.js";
import CityModule from "../ignition/modules/City.js";
import {
  accountAt,
  dayOfInterval,
  daySubmission,
  EnergyRules,
  FeederDayValues,
  feederOf,
  feederReadings,
  flagsOf,
  type Order,
  packAccounts,
  positionOn,
  ResultTree,
  signedFlags,
  TICKS,
} from "../sdk/energy/index.js";
import { signAmendment, signFeederDay, signFeederReadings, signMeterDay } from "../sdk/typedData.js";
import { connectCity } from "../sdk/city.js";
import { slices } from "../sdk/slices.js";
import {
  AccessManager__factory,
  AdminHandover__factory,
  type CityEuro,
  type EnergyCertificates,
  type EnergyMarket,
  type EnergyRegistry,
  type MeterReadings,
} from "../typechain-types/index.js";
import type { StandingOrderStruct } from "../typechain-types/contracts/energy/market/EnergyMarket.js";
import type { Chain } from "./chain.js";
import { OrderDesk } from "./orderDesk.js";
import { type Peers, sendTo } from "./peers.js";
import { accredit, DAY } from "./town.js";

export const METERS = 250;
export const FEEDERS = 40;
/** Most orders that one transaction posts or settles. */
const BATCH = 1_000;
/** Meters that one transaction registers, and accounts that one opens. */
const AT_ONCE = 125;
/** Books that one call clears where every feeder has one. */
const BOOKS_AT_ONCE = 20;
/** What a transaction may use (EIP-7825); given, so that no call is tried before it is sent. */
export const GAS = { gasLimit: 1n << 24n };
const EURO = 1_000_000n;
export const PURSE = 100n * EURO;
export const RESERVE = 100_000n * EURO;

export const INTERVAL = 900;
export const PER_DAY = DAY / INTERVAL;
/** Intervals after which the market uses words of levels again, with the deployment's horizon and long stop. */
export const RING = 1_024;
/** Place of the measured interval in its day: noon. */
export const NOON = 48;
/** Intervals between which the sun shines. */
const SUNRISE = 24;
const SUNSET = 72;
export const SUNNY = SUNSET - SUNRISE;
export const SLOTS_BEFORE = 40;

export const CAP_WH = 10_000n;
export const SOLAR = 1n;
export const CONNECTION = 1n;
export const TRADING = 1n;
/** Money units per Wh: 8 ct/kWh for surplus, 33.5 ct/kWh at the supplier's, so that every one of the 256 ticks is a price. */
export const TARIFF = { feedIn: 80n, retail: 335n, feederFee: 36n, gridFee: 72n, basePrice: 80n, tickSize: 1n };

/** Orders of every feeder that touch all of its words: four ticks each, by meters all over it. */
const PRIMERS = 32;
const PRIMER_STRIDE = 8;
const STEPS = 4;
const WORDS = 64;
const PRIMERS_AT_ONCE = 80;
const PRIMER_WH = 100n;

/** Energy of orders, Wh. */
const LEAST_WH = 200;
const WH_SPREAD = 700;

type DistrictCast = Readonly<Record<Body | "operator" | "relay", HardhatEthersSigner>>;

/** Gas of every transaction in the life of an interval. */
export interface Life {
  readonly orders: number;
  readonly posts: readonly number[];
  readonly clears: readonly number[];
  /** A day of 96 intervals for each feeder with orders. */
  readonly submissions: readonly number[];
  readonly confirmations: readonly number[];
  readonly settlements: readonly number[];
  /** One reading, replaced after settlement. */
  readonly correction: number;
}

/** Where things stand at two intervals, one after the other: with one book for all, and with a book for each feeder. */
export class District {
  readonly #lives = new Map<string, Promise<Life>>();
  readonly #values = new Map<number, FeederDayValues>();

  private constructor(
    readonly chain: Chain,
    readonly cast: DistrictCast,
    readonly market: EnergyMarket,
    readonly registry: EnergyRegistry,
    readonly readings: MeterReadings,
    readonly certificates: EnergyCertificates,
    readonly token: CityEuro,
    /** Owner of all meters. */
    readonly landlord: BaseContract,
    /** Signs for all accounts. */
    readonly signer: Wallet,
    readonly desk: OrderDesk,
    /** Interval of one book. The next one has a book for each feeder. */
    readonly interval: number,
  ) {}

  static async found(chain: Chain, compiled: Peers): Promise<District> {
    const deployed = await chain.connection.ignition.deploy(CityModule);
    const people = [...bodies, "operator", "relay"] as const;
    const cast = Object.fromEntries(people.map((name, index) => [name, chain.signers[index]])) as DistrictCast;
    const { relay } = cast;
    const addresses = await addressesOf(deployed);
    const city = connectCity(addresses, relay);
    const { energyMarket: market, meterReadings: readings, energyCertificates: certificates } = city;
    const registry = city.energyRegistry.connect(cast.energyOffice);
    const token = city.token.connect(cast.treasury);
    await accredit(chain, city.credentials, cast.accreditor, [
      ["METERING_OPERATOR", cast.operator],
      ["GRID_OPERATOR", cast.gridOperator],
    ]);

    const landlord = await compiled.deploy(chain, "Landlord", relay, await market.getAddress());
    const handover = AdminHandover__factory.connect(await deployed.handover.getAddress(), cast.admin);
    await chain.send(() => handover.accept());
    const manager = AccessManager__factory.connect(addresses.manager, cast.admin);
    const grant = manager.interface.encodeFunctionData("grantRole", [
      roles.ENERGY_REGISTRAR.id,
      await landlord.getAddress(),
      0n,
    ]);
    await chain.send(() => manager.schedule(manager, grant, 0n));
    chain.pass(roles.ADMIN.executionDelay);
    await chain.send(() => manager.execute(manager, grant));

    await chain.send(() => token.mint(landlord, BigInt(FEEDERS * METERS) * PURSE));
    for (const [payer, purse] of [
      [cast.supplier, market],
      [cast.operator, readings],
    ] as const) {
      await chain.send(() => token.mint(payer, RESERVE));
      await chain.send(() => token.connect(payer).approve(purse, RESERVE));
    }
    await chain.send(() => market.connect(cast.supplier).topUpSupplier(RESERVE));
    await chain.send(() => readings.connect(cast.operator).postBond(cast.operator, RESERVE));

    const signer = await chain.account("signer of the district");
    // The measured interval is the first one at noon of which the ring was used before under the same tariff.
    const first = Number(await registry.firstChangeable()) + RING + 1;
    const interval = Math.ceil((first - NOON) / PER_DAY) * PER_DAY + NOON;
    const district = new District(
      chain,
      cast,
      market,
      registry,
      readings,
      certificates,
      token,
      landlord,
      signer,
      new OrderDesk(market, signer.signingKey),
      interval,
    );
    await district.#setTariffs();
    for (let feeder = 1; feeder <= FEEDERS; ++feeder) await district.#equip(feeder);
    for (const before of [interval - RING, interval - RING + 1]) await district.#prime(before);
    chain.passUntil((interval - SLOTS_BEFORE) * INTERVAL);
    return district;
  }

  /** Interval in which every feeder has a book of its own. */
  get intervalByFeeder(): number {
    return this.interval + 1;
  }

  /** Orders of the first meters, in the order of their numbers. Meters bid and offer by turns; 512 of them use all ticks. */
  ordersOf(count: number): Order[] {
    return Array.from({ length: count }, (_, index) => orderAt(index));
  }

  /** Posts signed orders in one transaction, all of which must be taken. */
  async post(interval: number, orders: readonly Order[]): Promise<number> {
    const { records, signatures } = await this.desk.sign(interval, orders);
    const receipt = await this.chain.send(() => this.market.postOrders(interval, records, signatures, GAS));
    this.#requireAllTaken(receipt);
    return Number(receipt.gasUsed);
  }

  /** Begins the interval with an order of a meter that no other order is of. */
  async begin(): Promise<void> {
    await this.postDirect(orderAt(FEEDERS * METERS - 1));
  }

  /** What the life of an interval costs from the first order to the last account. Lived once, and taken back. */
  async life(orders: number, interval = this.interval): Promise<Life> {
    const key = `${orders} ${interval}`;
    const known = this.#lives.get(key);
    if (known !== undefined) return known;
    const life = this.chain.apart(async () => this.#live(interval, this.ordersOf(orders)));
    this.#lives.set(key, life);
    return life;
  }

  /** The same order for a day, from the measured interval on. */
  standingOrderOf(order: Order): StandingOrderStruct {
    return {
      account: order.account,
      epoch: 0n,
      fromInterval: this.interval,
      toInterval: this.interval + PER_DAY - 1,
      basePrice: TARIFF.basePrice,
      tickSize: TARIFF.tickSize,
      flags: signedFlags(order),
      steps: order.steps.map((step) => ({ ...step })),
    };
  }

  /** Places standing orders for their accounts. */
  async placeStandingOrders(count: number): Promise<void> {
    for (const some of slices(this.ordersOf(count), AT_ONCE)) {
      const standing = some.map((order) => this.standingOrderOf(order));
      await sendTo(this.chain, this.landlord, "place", standing, GAS);
    }
  }

  /** Posts standing orders in one transaction, all of which must be taken. */
  async postStandingOrders(count: number): Promise<number> {
    const accounts = packAccounts(this.ordersOf(count).map(({ account }) => account));
    const receipt = await this.chain.send(() => this.market.postStandingOrders(this.interval, accounts, GAS));
    this.#requireAllTaken(receipt);
    return Number(receipt.gasUsed);
  }

  /** Posts an order without a signature, in a transaction of the account's own. */
  async postDirect(order: Order): Promise<number> {
    const market = this.market.connect(this.signer);
    const steps = order.steps.map((step) => ({ ...step }));
    return this.chain.gasOf(() => market.postOrder(this.interval, order.account, signedFlags(order), steps, GAS));
  }

  /** Accepts the day of a measured interval for a feeder, with the keys of its operators. */
  async submit(feeder: number): Promise<number> {
    const { cast, readings } = this;
    const values = this.#valuesOf(feeder);
    const head = await this.#headOf(values);
    const message = feederReadings(values, { head });
    const operator = await signFeederReadings({ meterReadings: readings }, cast.operator, message);
    const gridOperator = await signFeederReadings({ meterReadings: readings }, cast.gridOperator, message);
    return this.chain.gasOf(() => readings.submit(daySubmission(values, { head, operator, gridOperator }), GAS));
  }

  /** The same of the first feeder, with the keys of all meters and of the operator. */
  async submitByMeters(): Promise<number> {
    const { cast, readings } = this;
    const feeder = 1;
    const values = this.#valuesOf(feeder);
    const head = await this.#headOf(values);
    const meters = await Promise.all(
      Array.from({ length: METERS }, async (_, position) => {
        const day = { meter: accountAt(feeder, position), day: values.day, values: values.column(position) };
        return signMeterDay({ meterReadings: readings }, meterKey(feeder, position), day);
      }),
    );
    const message = feederReadings(values, { meters, head });
    const operator = await signFeederReadings({ meterReadings: readings }, cast.operator, message);
    return this.chain.gasOf(() => readings.submit(daySubmission(values, { meters, head, operator }), GAS));
  }

  /** Passes the day of the measured intervals. */
  passDay(): void {
    this.chain.passUntil((this.#day + 1) * DAY);
  }

  /** Certificates of all intervals of a day with sun, of a meter whose readings can no longer change. */
  async issueCertificates(): Promise<number> {
    const { certificates, chain } = this;
    this.passDay();
    await this.submit(1);
    const meter = this.#corrected;
    chain.passUntil(Number(await certificates.finalAt(meter, this.#day)));
    const { values, proof } = this.#valuesOf(1).columnProof(positionOn(meter));
    const bits = ((1n << BigInt(SUNNY)) - 1n) << BigInt(SUNRISE);
    return chain.gasOf(() => certificates.issue(meter, this.#day, values, proof, bits, GAS));
  }

  get #day(): number {
    return dayOfInterval(this.interval, PER_DAY);
  }

  /** Account whose reading is replaced after settlement: it offered. */
  get #corrected(): number {
    return accountAt(1, 1);
  }

  async #setTariffs(): Promise<void> {
    const { registry, chain, interval } = this;
    await chain.send(() => registry.createTariff({ ...TARIFF, rules: 0n }));
    await chain.send(() => registry.createTariff({ ...TARIFF, rules: EnergyRules.BY_FEEDER }));
    const [oneBook, byFeeder] = [1n, 2n];
    await chain.send(async () => registry.setDefaultTariff(oneBook, await registry.firstChangeable()));
    for (const first of [interval - RING, interval]) {
      await chain.send(() => registry.scheduleTariffs(first, [oneBook, byFeeder]));
    }
  }

  /** Registers a feeder with its meters, and opens an account with money for each. */
  async #equip(feeder: number): Promise<void> {
    const { cast, chain, landlord, registry, signer } = this;
    await chain.send(() => registry.registerFeeder(feeder, cast.operator, cast.gridOperator, headKey(feeder).address));
    const meter = {
      key: landlord,
      importCapWh: CAP_WH,
      exportCapWh: CAP_WH,
      source: SOLAR,
      class: CONNECTION,
      status: TRADING,
    };
    for (let from = 0; from < METERS; from += AT_ONCE) {
      const keys = Array.from({ length: AT_ONCE }, (_, index) => meterAddress(feeder, from + index));
      await sendTo(chain, landlord, "register", feeder, meter, keys, GAS);
      await sendTo(chain, landlord, "open", accountAt(feeder, from), AT_ONCE, signer.address, PURSE, GAS);
    }
  }

  /** Uses every word that the interval's turn of the ring will use again. */
  async #prime(interval: number): Promise<void> {
    this.chain.passUntil((interval - SLOTS_BEFORE) * INTERVAL);
    const orders: Order[] = [];
    for (let feeder = 1; feeder <= FEEDERS; ++feeder) {
      for (let index = 0; index < PRIMERS; ++index) {
        const offer = index >= PRIMERS / 2;
        const word = (index * STEPS) % WORDS;
        const steps = Array.from({ length: STEPS }, (_, step) => ({ tick: (word + step) * STEPS, wh: PRIMER_WH }));
        orders.push({ account: accountAt(feeder, index * PRIMER_STRIDE), offer, kind: "anywhere", steps });
      }
    }
    for (const some of slices(orders, PRIMERS_AT_ONCE)) {
      const accounts = some.map(({ account }) => account);
      const steps = some.map((order) => order.steps);
      await sendTo(this.chain, this.landlord, "post", interval, accounts, some.map(flagsOf), steps, GAS);
    }
    this.chain.passUntil(interval * INTERVAL);
    await this.#clear(interval);
  }

  async #live(interval: number, orders: readonly Order[]): Promise<Life> {
    const posts: number[] = [];
    for (const batch of slices(orders, BATCH)) posts.push(await this.post(interval, batch));
    this.chain.passUntil(interval * INTERVAL);
    const clears = await this.#clear(interval);
    this.passDay();
    const feeders = [...new Set(orders.map(({ account }) => feederOf(account)))];
    const submissions: number[] = [];
    for (const feeder of feeders) submissions.push(await this.submit(feeder));
    this.chain.pass(Number(await this.readings.window()));
    const confirmations = [await this.chain.gasOf(() => this.market.confirmReadings(interval, feeders.length, GAS))];
    const { gas: settlements, results } = await this.#settle(interval, orders);
    const correction = await this.#correct(interval, results);
    return { orders: orders.length, posts, clears, submissions, confirmations, settlements, correction };
  }

  async #clear(interval: number): Promise<number[]> {
    const gas: number[] = [];
    for (let done = false; !done;) {
      const receipt = await this.chain.send(() => this.market.clear(interval, BOOKS_AT_ONCE, GAS));
      gas.push(Number(receipt.gasUsed));
      done = this.#eventOf(receipt, "IntervalCleared") !== undefined;
    }
    return gas;
  }

  /** Settles batches of orders as they were posted, the newest first. */
  async #settle(interval: number, orders: readonly Order[]): Promise<{ gas: number[]; results: string[] }> {
    const gas: number[] = [];
    const results: string[] = [];
    const posted = await this.market.queryFilter(this.market.filters.OrdersPosted(interval));
    for (const batch of slices(orders, BATCH).reverse()) {
      const { previous, records } = argsOf(posted.pop());
      const row = this.#valuesOf(1).row(interval);
      const rows = [...new Set(batch.map(({ account }) => feederOf(account)))].map(() => row);
      const receipt = await this.chain.send(() => this.market.settle(interval, [{ previous, records }], rows, GAS));
      gas.push(Number(receipt.gasUsed));
      results.push(argsOf(this.#eventOf(receipt, "AccountsSettled")).results as string);
    }
    return { gas, results };
  }

  /** Operator and grid operator replace a reading; the market follows. The account's results come last, or the only ones. */
  async #correct(interval: number, results: readonly string[]): Promise<number> {
    const { cast, chain, market, readings } = this;
    const meter = this.#corrected;
    const { values, proof } = this.#valuesOf(1).columnProof(positionOn(meter));
    const amendment = { meter, interval, wh: -1n, version: 0 };
    const operator = await signAmendment({ meterReadings: readings }, cast.operator, amendment);
    const gridOperator = await signAmendment({ meterReadings: readings }, cast.gridOperator, amendment);
    const nothing = { values: "0x", signature: "0x" };
    await chain.send(() =>
      readings.amend(meter, interval, amendment.wh, nothing, { values, proof }, operator, gridOperator, GAS),
    );
    const index = results.length - 1;
    const result = ResultTree.of(results[index] ?? "0x").proofOf(meter);
    return chain.gasOf(() => market.correct(interval, index, result.group, result.position, result.proof, GAS));
  }

  /** Net draw of all meters of a feeder on the day of the measured intervals, the same for all feeders. */
  #valuesOf(feeder: number): FeederDayValues {
    const place = { feeder, day: this.#day };
    const known = this.#values.get(feeder);
    if (known !== undefined) return known;
    const values = new FeederDayValues(place, DAY_VALUES);
    this.#values.set(feeder, values);
    return values;
  }

  async #headOf(values: FeederDayValues) {
    const sums = values.rows.map((row) => row.reduce<bigint>((sum, wh) => sum + (wh ?? 0n), 0n));
    const packed = new FeederDayValues(
      values,
      sums.map((sum) => [sum]),
    ).bytes;
    const day = { feeder: values.feeder, day: values.day, values: packed };
    return {
      values: sums,
      signature: await signFeederDay({ meterReadings: this.readings }, headKey(values.feeder), day),
    };
  }

  #requireAllTaken(receipt: TransactionReceipt): void {
    if (this.#eventOf(receipt, "OrdersSkipped") !== undefined) throw new Error("the market left orders out");
  }

  #eventOf(receipt: TransactionReceipt, name: string): LogDescription | undefined {
    return receipt.logs
      .map((log) => this.market.interface.parseLog(log) ?? undefined)
      .find((event) => event?.name === name);
  }
}

/** Order of a meter, of so many on each feeder. Meters bid and offer by turns; 512 of them use all ticks. */
export function orderAt(index: number): Order {
  const offer = index % 2 === 1;
  const tick = (offer ? OFFERED : BID)[(index >> 1) % TICKS] ?? 0;
  return {
    account: accountAt(1 + Math.floor(index / METERS), index % METERS),
    offer,
    kind: "anywhere",
    steps: [{ tick, wh: BigInt(LEAST_WH + ((index * 37) % WH_SPREAD)) }],
  };
}

/** Ticks as they come, each once. */
const BID = shuffled("bid");
const OFFERED = shuffled("offer");

/** Draw in the night, feed-in of every second meter by day. */
export const DAY_VALUES: readonly (readonly bigint[])[] = Array.from({ length: PER_DAY }, (_, slot) =>
  Array.from({ length: METERS }, (_unused, position) => {
    const sunny = position % 2 === 1 && slot >= SUNRISE && slot < SUNSET;
    const wh = sunny ? -100 - ((position * 13 + slot * 29) % 400) : 120 + ((position * 31 + slot * 17) % 480);
    return BigInt(wh);
  }),
);

/** Sum of what some transactions used. */
export function sumOf(gas: readonly number[]): number {
  return gas.reduce((sum, one) => sum + one, 0);
}

/** What a market said that it must have said. */
function argsOf<T>(event: { readonly args: T } | undefined): T {
  if (event === undefined) throw new Error("the market did not say what it did");
  return event.args;
}

function shuffled(name: string): number[] {
  const key = (tick: number): string => id(`${name} ${tick}`);
  return Array.from({ length: TICKS }, (_, tick) => tick).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function meterKey(feeder: number, position: number): Wallet {
  return new Wallet(id(`meter ${feeder} ${position}`));
}

/** Only the meters of the first feeder ever sign. */
function meterAddress(feeder: number, position: number): string {
  return feeder === 1 ? meterKey(feeder, position).address : `0x${id(`meter ${feeder} ${position}`).slice(-40)}`;
}

export function headKey(feeder: number): Wallet {
  return new Wallet(id(`head of feeder ${feeder}`));
}
