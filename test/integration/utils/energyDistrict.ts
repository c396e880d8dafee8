import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { id, Wallet } from "ethers";

import {
  accountAt,
  type DaySignatures,
  daySubmission,
  FeederDayValues,
  feederOf,
  feederReadings,
  type Order,
  packBatches,
  positionOn,
  signOrderFor,
  type SignedOrder,
  type Tariff,
  type Wh,
} from "../../../sdk/energy/index.js";
import {
  connectCity,
  EnergySource,
  MeterClass,
  MeterStatus,
  NO_SIGNATURE,
  signFeederReadings,
} from "../../../sdk/index.js";
import { addressesOf, type Connection, deployedCityWith } from "./city.js";

/** Clock and settings of the district that tests trade in: hourly intervals that open two hours before they begin. */
export const LENGTH = 3_600;
export const PER_DAY = 24;
export const HORIZON = 2;
export const GATE_LEAD = 300;
export const LONG_STOP = 3 * 86_400;
export const WINDOW = 3_600;
export const FLOOR = 1_000n;

export const FEEDERS = 4;
export const METERS_PER_FEEDER = 8;
const CAP_WH = 1_000_000n;
const SUPPLIER_MONEY = 10n ** 12n;

/** Tariff of intervals for which none is scheduled. */
export const DEFAULT_TARIFF: Tariff = {
  feedIn: 80n,
  retail: 320n,
  feederFee: 20n,
  gridFee: 40n,
  basePrice: 80n,
  tickSize: 1n,
  rules: 0n,
};

/** Whether the meter at a place is of solar panels, so that its offers count as green. */
export function isGreen(account: number): boolean {
  return positionOn(account) % 2 === 0;
}

/** Key that signs an account's orders. */
export function signerOf(account: number): Wallet {
  return new Wallet(id(`signer of ${account}`));
}

/** Key of a meter. */
export function meterKeyOf(account: number): Wallet {
  return new Wallet(id(`meter ${account}`));
}

/** Accounts of the district in their order. */
export const ACCOUNTS = Array.from({ length: FEEDERS * METERS_PER_FEEDER }, (_, index) =>
  accountAt(1 + Math.floor(index / METERS_PER_FEEDER), index % METERS_PER_FEEDER),
);

/**
 * Fixture: a city whose district has four feeders of eight meters each, all with an account of one household, no money,
 * and the default tariff from tomorrow on.
 */
export async function tradingDistrict(connection: Connection) {
  const deployed = await deployedCityWith(connection, {
    Energy: {
      intervalLength: LENGTH,
      horizon: HORIZON,
      gateLead: GATE_LEAD,
      longStop: LONG_STOP,
      minimumWh: 1,
      supplierFloor: FLOOR,
      readingWindow: WINDOW,
      readingBond: 0n,
      readingPenalty: 0n,
    },
  });
  const { actors, people } = deployed;
  const [household, relayer, otherRelayer] = people as [HardhatEthersSigner, HardhatEthersSigner, HardhatEthersSigner];
  const addresses = await addressesOf(deployed);
  const city = connectCity(addresses, relayer);
  const { ethers, networkHelpers } = connection;
  const scene = { ethers, networkHelpers, city, addresses, actors, household, relayer, otherRelayer };

  const registry = city.energyRegistry.connect(actors.energyOffice);
  for (let feeder = 1; feeder <= FEEDERS; ++feeder) {
    await registry.registerFeeder(feeder, actors.meterReader, actors.gridOperator, ethers.ZeroAddress);
  }
  const market = city.energyMarket.connect(household);
  for (const account of ACCOUNTS) {
    await registry.registerMeter(feederOf(account), household, {
      key: meterKeyOf(account).address,
      importCapWh: CAP_WH,
      exportCapWh: CAP_WH,
      source: isGreen(account) ? EnergySource.Solar : EnergySource.Other,
      class: MeterClass.Connection,
      status: MeterStatus.Trading,
    });
    await market.openAccount(account, signerOf(account).address, 0n, 0n, NO_SIGNATURE);
  }
  await registry.createTariff({ ...DEFAULT_TARIFF });
  await registry.setDefaultTariff(1, await registry.firstChangeable());
  const minted = 10n ** 15n;
  for (const [holder, amount] of [
    [household, minted],
    [actors.supplier, minted],
  ] as const) {
    await city.token.connect(actors.treasury).mint(holder, amount);
    await city.token.connect(holder).approve(city.energyMarket, amount);
  }
  await city.energyMarket.connect(actors.supplier).topUpSupplier(SUPPLIER_MONEY);
  await networkHelpers.time.increase(HORIZON * LENGTH);
  return scene;
}

export type District = Awaited<ReturnType<typeof tradingDistrict>>;

/** Pays into an account, money units. */
export async function deposit({ city, household }: District, account: number, amount: bigint): Promise<void> {
  if (amount > 0n) await city.energyMarket.connect(household).deposit(account, amount);
}

/** Number of the tariff, which is new. */
export async function createTariff({ city, actors }: District, tariff: Tariff): Promise<bigint> {
  const registry = city.energyRegistry.connect(actors.energyOffice);
  const number = await registry.createTariff.staticCall({ ...tariff });
  await registry.createTariff({ ...tariff });
  return number;
}

/** Schedules tariffs for intervals from a first one on; zero: the default. */
export async function schedule({ city, actors }: District, first: number, numbers: readonly bigint[]): Promise<void> {
  await city.energyRegistry.connect(actors.energyOffice).scheduleTariffs(first, [...numbers]);
}

/** First interval of the next day that is wholly ahead of everything that is open. */
export async function nextDay({ city }: District): Promise<number> {
  const open = Number(await city.energyRegistry.firstChangeable());
  return Math.ceil(open / PER_DAY) * PER_DAY;
}

/** Goes to a moment, unless it is past. */
export async function goTo({ networkHelpers }: District, at: number): Promise<void> {
  if ((await networkHelpers.time.latest()) < at) await networkHelpers.time.increaseTo(at);
}

/** Goes to the last second before an interval's gate. */
export async function goToGate(district: District, interval: number): Promise<void> {
  await goTo(district, interval * LENGTH - GATE_LEAD - LENGTH);
}

/** Goes behind an interval's gate. */
export async function goBehindGate(district: District, interval: number): Promise<void> {
  await goTo(district, interval * LENGTH - GATE_LEAD);
}

/** Signs orders of accounts for an interval with the accounts' own signers. */
export async function signAll({ city }: District, interval: number, orders: readonly Order[]): Promise<SignedOrder[]> {
  return Promise.all(orders.map(async (order) => signOrderFor(city, signerOf(order.account), interval, 0, order)));
}

/** Posts orders for an interval, in batches of at most so many. */
export async function post(
  district: District,
  interval: number,
  orders: readonly Order[],
  most?: number,
): Promise<void> {
  for (const { records, signatures } of packBatches(await signAll(district, interval, orders), most)) {
    await district.city.energyMarket.postOrders(interval, records, signatures);
  }
}

/** Values of a feeder's day: of each meter what a function says, by account and interval. */
export function dayValues(
  feeder: number,
  day: number,
  valueOf: (account: number, interval: number) => Wh,
): FeederDayValues {
  const rows = Array.from({ length: PER_DAY }, (_, index) =>
    Array.from({ length: METERS_PER_FEEDER }, (_meter, position) =>
      valueOf(accountAt(feeder, position), day * PER_DAY + index),
    ),
  );
  return new FeederDayValues({ feeder, day }, rows);
}

/** Brings a feeder's day, signed by operator and grid operator, after the day is over. */
export async function submitDay(district: District, values: FeederDayValues): Promise<void> {
  const { city, actors } = district;
  const message = feederReadings(values);
  const signatures: DaySignatures = {
    operator: await signFeederReadings(city, actors.meterReader, message),
    gridOperator: await signFeederReadings(city, actors.gridOperator, message),
  };
  await goTo(district, (values.day + 1) * 86_400);
  await city.meterReadings.submit(daySubmission(values, signatures));
}

/** Goes to where readings brought now are final. */
export async function passWindow(district: District): Promise<void> {
  await district.networkHelpers.time.increase(WINDOW);
}
