/**
 * Each resident has a meter that trades: one signed order in one interval, in which all trade with each other, a day of
 * readings, and the settlement of the order against them.
 */
import type { BaseContract } from "ethers";

import {
  accountAt,
  dayOfInterval,
  daySubmission,
  FeederDayValues,
  feederOf,
  feederReadings,
  type Order,
} from "../../sdk/energy/index.js";
import { IntervalState } from "../../sdk/enums.js";
import { slices } from "../../sdk/slices.js";
import { signFeederDay, signFeederReadings } from "../../sdk/typedData.js";
import {
  CAP_WH,
  CONNECTION,
  DAY_VALUES,
  headKey,
  INTERVAL,
  METERS,
  NOON,
  orderAt,
  PER_DAY,
  PURSE,
  RESERVE,
  RING,
  SLOTS_BEFORE,
  SOLAR,
  TARIFF,
  TRADING,
} from "../district.js";
import { OrderDesk } from "../orderDesk.js";
import { Peers } from "../peers.js";
import { accountOf, accredit, DAY } from "../town.js";
import type { Load } from "./chain.js";
import { QuickKey } from "./keys.js";
import type { Kind, Step } from "./kind.js";
import { keyOf, managed, type Stage } from "./stage.js";

/** Most meters of a feeder. */
const FEEDER_METERS = 256;
/** Orders that one transaction posts or settles. */
const BATCH = 1_000;
/** Feeders or meters that one transaction registers, and accounts that one opens. */
const AT_ONCE = 125;
/** Feeders whose readings one transaction confirms. */
const CONFIRMED_AT_ONCE = 100;
/** Orders with which a turn of the ring before uses all words of ticks, and of each feeder's meters. */
const PRIMERS = 32;
const LEAST_PRIMERS = 8;
const STEPS = 4;
const WORDS = 64;
const PRIMER_WH = 100n;

/** The district, with its accounts open. */
interface Place {
  readonly stage: Stage;
  readonly residents: number;
  readonly feeders: number;
  readonly interval: number;
  /** Signs for all accounts. */
  readonly signer: QuickKey;
}

export const market: Kind = {
  rows: ["orders", "clearing", "readings", "confirmations", "settlements"],
  resident: "one order in one quarter of an hour, the readings of a day, and the settlement of the order",
  async prepare(stage: Stage, residents: number) {
    const place = await found(stage, residents);
    return {
      prepared:
        `${place.feeders.toLocaleString("en")} feeders of ${METERS} meters, each with an account that holds money; ` +
        "what the market uses in turns was used one turn before",
      steps: stepsOf(place),
    };
  },
};

async function* stepsOf(place: Place): AsyncGenerator<Step> {
  const { chain, city } = place.stage;
  const { residents, interval, feeders } = place;
  const to = city.addresses.energyMarket;
  const { interface: calls } = city.energyMarket;
  const requireState = async (state: bigint): Promise<void> => {
    const found = await city.energyMarket.stateOf(interval);
    if (found !== state) throw new Error(`interval ${interval} is in state ${found}, not ${state}`);
  };
  const common = { hashes: 0, fullBatch: BATCH };
  yield {
    ...common,
    name: "orders",
    item: "a signed order of one step, posted",
    loads: () => posts(place, interval, ordersOf(residents)),
    check: async () => requireAllTaken(place),
  };
  chain.passUntil(interval * INTERVAL);
  yield {
    ...common,
    name: "clearing",
    item: "an order's share in the clearing of its interval",
    fullBatch: residents,
    fixed: true,
    loads: () => [{ to, data: calls.encodeFunctionData("clear", [interval, 1]), items: residents }],
    check: async () => requireState(IntervalState.Cleared),
  };
  chain.passUntil((dayOfInterval(interval, PER_DAY) + 1) * DAY);
  yield {
    ...common,
    name: "readings",
    item: `a meter's day of ${PER_DAY} readings, with the keys of operator and grid operator`,
    fullBatch: METERS,
    most: FEEDER_METERS,
    loads: () => submissions(place),
  };
  chain.pass(Number(await city.meterReadings.window()));
  yield {
    ...common,
    name: "confirmations",
    item: "a meter's share in what the market is told of its feeder's readings",
    fullBatch: CONFIRMED_AT_ONCE * METERS,
    loads: () => confirmations(place, feeders),
  };
  yield {
    ...common,
    name: "settlements",
    item: "an order settled against the readings: trade, grid fee, imbalance, return of the lock",
    loads: () => settlements(place),
    check: async () => requireState(IntervalState.Settled),
  };
}

// --- preparation

async function found(stage: Stage, residents: number): Promise<Place> {
  const { chain, city, cast } = stage;
  const { energyMarket, meterReadings } = city;
  const registry = city.energyRegistry.connect(cast.energyOffice);
  const token = city.token.connect(cast.treasury);
  await accredit(chain, city.credentials, cast.accreditor, [
    ["METERING_OPERATOR", cast.operator],
    ["GRID_OPERATOR", cast.gridOperator],
  ]);
  const landlord = await Peers.compile(["contracts/Landlord.sol"]).deploy(
    chain,
    "Landlord",
    cast.collector,
    city.addresses.energyMarket,
  );
  await chain.send(() => token.mint(landlord, BigInt(residents) * PURSE));
  for (const [payer, purse] of [
    [cast.supplier, energyMarket],
    [cast.operator, meterReadings],
  ] as const) {
    await chain.send(() => token.mint(payer, RESERVE));
    await chain.send(() => token.connect(payer).approve(purse, RESERVE));
  }
  await chain.send(() => energyMarket.connect(cast.supplier).topUpSupplier(RESERVE));
  await chain.send(() => meterReadings.connect(cast.operator).postBond(cast.operator, RESERVE));
  const first = await registry.firstChangeable();
  await chain.send(() => registry.createTariff({ ...TARIFF, rules: 0n }));
  await chain.send(() => registry.setDefaultTariff(1n, first + 1n));
  // The first one at noon of which the ring was used before under the same tariff.
  const interval = Math.ceil((Number(first) + 1 + RING - NOON) / PER_DAY) * PER_DAY + NOON;
  const place = {
    stage,
    residents,
    feeders: Math.ceil(residents / METERS),
    interval,
    signer: QuickKey.of("signer of the whole city"),
  };
  await equip(place, landlord);
  await prime(place);
  chain.passUntil((interval - SLOTS_BEFORE) * INTERVAL);
  return place;
}

function metersOn({ residents }: Place, feeder: number): number {
  return Math.min(METERS, residents - (feeder - 1) * METERS);
}

/** Registers feeders with their meters, and opens an account with money for each. */
async function equip(place: Place, landlord: BaseContract): Promise<void> {
  const { stage, feeders, signer } = place;
  const { chain, city, cast } = stage;
  const calls = city.energyRegistry.interface;
  const office = keyOf("energyOffice");
  const owner = await landlord.getAddress();
  const numbers = Array.from({ length: feeders }, (_, index) => index + 1);
  const feederCalls = numbers.map((feeder) =>
    calls.encodeFunctionData("registerFeeder", [
      feeder,
      cast.operator.address,
      cast.gridOperator.address,
      headKey(feeder).address,
    ]),
  );
  const manage = (some: readonly string[]): Load => managed(stage, city.addresses.energyRegistry, some);
  await chain.deliver(slices(feederCalls, AT_ONCE).map(manage), office);
  const meter = { importCapWh: CAP_WH, exportCapWh: CAP_WH, source: SOLAR, class: CONNECTION, status: TRADING };
  const runs = numbers.flatMap((feeder) =>
    slices([...Array(metersOn(place, feeder)).keys()], AT_ONCE).map((positions) => ({ feeder, positions })),
  );
  function* registrations(): Generator<Load> {
    for (const { feeder, positions } of runs) {
      yield manage(
        positions.map((position) =>
          calls.encodeFunctionData("registerMeter", [
            feeder,
            owner,
            { ...meter, key: accountOf(`meter ${feeder} ${position}`) },
          ]),
        ),
      );
    }
  }
  await chain.deliver(registrations(), office);
  function* openings(): Generator<Load> {
    for (const { feeder, positions } of runs) {
      const values = [accountAt(feeder, positions[0] ?? 0), positions.length, signer.address, PURSE];
      yield { to: owner, data: landlord.interface.encodeFunctionData("open", values), items: positions.length };
    }
  }
  await chain.deliver(openings());
}

/** Uses every word that the interval's turn of the ring will use again. */
async function prime(place: Place): Promise<void> {
  const { stage, feeders } = place;
  const { chain, city } = stage;
  const interval = place.interval - RING;
  chain.passUntil((interval - SLOTS_BEFORE) * INTERVAL);
  const each = Math.max(LEAST_PRIMERS, Math.ceil(PRIMERS / feeders));
  const orders: Order[] = [];
  for (let feeder = 1; feeder <= feeders; ++feeder) {
    for (let index = 0; index < each; ++index) {
      const word = (orders.length >> 1) * STEPS;
      orders.push({
        account: accountAt(feeder, Math.floor((index * metersOn(place, feeder)) / each)),
        offer: orders.length % 2 === 1,
        kind: "anywhere",
        steps: Array.from({ length: STEPS }, (_, step) => ({
          tick: ((word + step) % WORDS) * STEPS,
          wh: PRIMER_WH,
        })),
      });
    }
  }
  await chain.deliver(posts(place, interval, orders, BATCH / STEPS));
  chain.passUntil(interval * INTERVAL);
  await chain.send(() => city.energyMarket.clear(interval, 1));
}

// --- what is measured

function* ordersOf(count: number): Generator<Order> {
  for (let index = 0; index < count; ++index) yield orderAt(index);
}

async function* posts(
  { stage: { city }, signer }: Place,
  interval: number,
  orders: Iterable<Order>,
  size = BATCH,
): AsyncGenerator<Load> {
  let batch: Order[] = [];
  const load = async (): Promise<Load> => {
    // One desk for each batch, because it remembers what it signed.
    const { records, signatures } = await new OrderDesk(city.energyMarket, signer.key).sign(interval, batch);
    const data = city.energyMarket.interface.encodeFunctionData("postOrders", [interval, records, signatures]);
    return { to: city.addresses.energyMarket, data, items: batch.length };
  };
  for (const order of orders) {
    batch.push(order);
    if (batch.length < size) continue;
    yield await load();
    batch = [];
  }
  if (batch.length > 0) yield await load();
}

async function requireAllTaken({ stage: { city }, interval }: Place): Promise<void> {
  const skipped = await city.energyMarket.queryFilter(city.energyMarket.filters.OrdersSkipped(interval));
  if (skipped.length > 0) throw new Error(`the market left out orders of ${skipped.length} batches`);
}

function valuesOf(place: Place, feeder: number): FeederDayValues {
  const meters = metersOn(place, feeder);
  const rows = meters === METERS ? DAY_VALUES : DAY_VALUES.map((row) => row.slice(0, meters));
  return new FeederDayValues({ feeder, day: dayOfInterval(place.interval, PER_DAY) }, rows);
}

async function* submissions(place: Place): AsyncGenerator<Load> {
  const { city } = place.stage;
  const { meterReadings } = city;
  const [operator, gridOperator] = [keyOf("operator"), keyOf("gridOperator")];
  for (let feeder = 1; feeder <= place.feeders; ++feeder) {
    const values = valuesOf(place, feeder);
    const sums = values.rows.map((row) => row.reduce<bigint>((sum, wh) => sum + (wh ?? 0n), 0n));
    const packed = new FeederDayValues(
      values,
      sums.map((sum) => [sum]),
    ).bytes;
    const day = { feeder, day: values.day, values: packed };
    const head = { values: sums, signature: await signFeederDay({ meterReadings }, headKey(feeder), day) };
    const message = feederReadings(values, { head });
    const submission = daySubmission(values, {
      head,
      operator: await signFeederReadings({ meterReadings }, operator, message),
      gridOperator: await signFeederReadings({ meterReadings }, gridOperator, message),
    });
    yield {
      to: city.addresses.meterReadings,
      data: meterReadings.interface.encodeFunctionData("submit", [submission]),
      items: metersOn(place, feeder),
    };
  }
}

function* confirmations(place: Place, feeders: number): Generator<Load> {
  const { city } = place.stage;
  for (let done = 0; done < feeders; done += CONFIRMED_AT_ONCE) {
    const count = Math.min(CONFIRMED_AT_ONCE, feeders - done);
    const data = city.energyMarket.interface.encodeFunctionData("confirmReadings", [place.interval, count]);
    const items = Math.min(count * METERS, place.residents - done * METERS);
    yield { to: city.addresses.energyMarket, data, items };
  }
}

/** Batches as they were posted, the newest first. */
async function* settlements(place: Place): AsyncGenerator<Load> {
  const { city } = place.stage;
  const { energyMarket } = city;
  const posted = await energyMarket.queryFilter(energyMarket.filters.OrdersPosted(place.interval));
  const batches = slices([...Array(place.residents).keys()], BATCH).reverse();
  const rows = new Map<number, ReturnType<FeederDayValues["row"]>>();
  const rowOf = (feeder: number): ReturnType<FeederDayValues["row"]> => {
    const meters = metersOn(place, feeder);
    const row = rows.get(meters) ?? valuesOf(place, feeder).row(place.interval);
    rows.set(meters, row);
    return row;
  };
  for (const batch of batches) {
    const event = posted.pop();
    if (event === undefined) throw new Error("the market did not say what was posted");
    const { previous, records } = event.args;
    const feeders = [...new Set(batch.map((index) => feederOf(orderAt(index).account)))];
    const data = energyMarket.interface.encodeFunctionData("settle", [
      place.interval,
      [{ previous, records }],
      feeders.map(rowOf),
    ]);
    yield { to: city.addresses.energyMarket, data, items: batch.length };
  }
}
