import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { id, MaxUint256, type Signer, Wallet } from "ethers";

import {
  buildOffer,
  buildReading,
  Category,
  type City,
  connectCity,
  NO_PERMIT,
  type Offer,
  type PackData,
  packIdOf,
  type Reading,
  serialHash,
  signOffer,
  signReading,
} from "../../../sdk/index.js";
import { addressesOf, type Connection, deployedCity } from "./city.js";
import { giveCredential } from "./credentials.js";

const HOUR = 3_600n;
const DAY = 24n * HOUR;

/** Terms of a lease that tests start from: a vehicle's pack for three years. */
export const terms = {
  rent: 120_000_000n,
  deposit: 600_000_000n,
  lateFee: 10_000_000n,
  earlyFee: 180_000_000n,
  buyoutStart: 6_000_000_000n,
  buyoutResidual: 1_500_000_000n,
  overagePerKWh: 60_000n,
  includedWh: 400_000n,
  period: 30n * DAY,
  periods: 36n,
  grace: 5n * DAY,
  defaultAfter: 30n * DAY,
  claimWindow: 7n * DAY,
  arbiterWindow: 30n * DAY,
  cureDuration: 14n * DAY,
  minSohBp: 7_000n,
} as const;

/** Fixture: a city as the SDK sees it, with an operator, a lessor who owns one pack, and others with money to lease. */
export async function leasingCity(connection: Connection) {
  const deployed = await deployedCity(connection);
  const { actors, people } = deployed;
  const [operator, lessor, lessee, buyer, relayer] = people as [
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
  ];
  const addresses = await addressesOf(deployed);
  const city = connectCity(addresses, relayer);
  /** Key of every pack's device and of the bay. */
  const device = new Wallet(id("device"));
  const bay = new Wallet(id("bay"));
  await giveCredential(deployed, "BATTERY_OPERATOR", operator);
  await city.pack.connect(operator).admitSelf();
  await city.lease.connect(actors.depot).setBay(bay.address, true);
  for (const owner of [lessor, buyer]) await city.pack.connect(owner).setApprovalForAll(city.lease, true);
  const { ethers, networkHelpers } = connection;
  const scene = {
    ethers,
    networkHelpers,
    addresses,
    city,
    actors,
    operator,
    lessor,
    lessee,
    buyer,
    relayer,
    device,
    bay,
  };
  return { ...scene, packId: await registerPack(scene, "CV-0001", lessor.address) };
}

export type Leasing = Awaited<ReturnType<typeof leasingCity>>;

interface Registry {
  readonly city: City;
  readonly operator: HardhatEthersSigner;
  readonly device: Wallet;
}

/** A pack as its maker describes it. */
export function packData(serial: string, device: string): PackData {
  return {
    serialHash: serialHash(1n, serial, id(`salt of ${serial}`)),
    passportRoot: id(`passport of ${serial}`),
    device,
    ratedWh: 70_000n,
    ratedPowerW: 0n,
    madeOnDay: 20_000n,
    category: Category.ElectricVehicle,
  };
}

/** Registers another pack. */
export async function registerPack(
  { city, operator, device }: Registry,
  serial: string,
  owner: string,
): Promise<bigint> {
  const data = packData(serial, device.address);
  await city.pack.connect(operator).register(owner, data);
  return packIdOf(data.serialHash);
}

/** Gives an account money and lets the lease book take whatever it has. */
export async function fund({ city, actors }: Pick<Leasing, "city" | "actors">, account: Signer, value: bigint) {
  await city.token.connect(actors.treasury).mint(account, value);
  await city.token.connect(account).approve(city.lease, MaxUint256);
}

/** An offer of the lessor's pack to anybody, on the common terms but for `changes`. */
export async function offerOf(scene: Leasing, changes: Partial<Offer> = {}): Promise<Offer> {
  const { packId, lessor, networkHelpers } = scene;
  const deadline = BigInt(await networkHelpers.time.latest()) + 1_000n * DAY;
  return buildOffer({ packId, lessor: lessor.address, ...terms, deadline, ...changes });
}

/** When a lease starts, and how much is paid then. */
export interface Start {
  /** Unix time; the next block when left out. */
  readonly startedAt?: bigint;
  /** Periods paid in all; one when left out. */
  readonly paidPeriods?: bigint;
}

/** The lessee accepts an offer of the lessor's pack; returns the lease's number. */
export async function startLease(
  scene: Leasing,
  offer: Offer,
  { startedAt, paidPeriods = 1n }: Start = {},
): Promise<bigint> {
  const { city, lessor, lessee, networkHelpers } = scene;
  await fund(scene, lessee, offer.deposit + paidPeriods * offer.rent);
  const signature = await signOffer(city, lessor, offer);
  if (startedAt !== undefined) await networkHelpers.time.setNextBlockTimestamp(startedAt);
  await city.lease.connect(lessee).accept(offer, signature, NO_PERMIT);
  const leaseId = await city.lease.leaseCount();
  if (paidPeriods > 1n) {
    if (startedAt !== undefined) await networkHelpers.time.setNextBlockTimestamp(startedAt);
    await city.lease.connect(lessee).payRent(leaseId, paidPeriods - 1n);
  }
  return leaseId;
}

/** Relays a reading that the packs' device signs. */
export async function submitReading(
  { city, device }: Pick<Leasing, "city" | "device">,
  reading: Pick<Reading, "packId" | "counter" | "takenAt"> & Partial<Reading>,
) {
  return city.telemetry.submit(await signReading(city, device, buildReading(reading)));
}
