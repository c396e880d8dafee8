/** The city that the suite's operations are measured in: as new, and after things have happened in it. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { id, Wallet, ZeroHash } from "ethers";

import { addressesOf } from "../ignition/addresses.js";
import { bodies, type Body } from "../ignition/authority.js";
import { type CredentialName, typeIdOf } from "../ignition/credentials.js";
import CityModule from "../ignition/modules/City.js";
import { type City, connectCity } from "../sdk/city.js";
import { Category } from "../sdk/enums.js";
import type { PackData } from "../sdk/leaves.js";
import { packIdOf } from "../sdk/packs.js";
import {
  buildOffer,
  type Offer,
  type Reading,
  signOffer,
  signPermit,
  signReading,
  type MessageSigner,
  type SignedReading,
} from "../sdk/typedData.js";
import type { Credentials } from "../typechain-types/index.js";
import type { Chain } from "./chain.js";

export const HOUR = 3_600;
export const DAY = 24 * HOUR;
export const PERIOD = 30 * DAY;
export const YEAR = 365 * DAY;

/** Most packs that one call registers. */
const REGISTRATION_BATCH = 50;
const PACK_COUNT = 60;
const HOURLY_WH = 5_000n;
const OVER_AFTER = 10 * DAY;
const CENT = 10_000n;
const EURO = 100n * CENT;
export const PURSE = 1_000_000n * EURO;

/** Who plays in the measured city, besides its bodies. */
const people = ["laboratory", "operator", "owner", "lessee", "payer", "relay", "newcomer", "collector"] as const;

/** The credentials of those who practise a trade. */
const trades = {
  operator: "BATTERY_OPERATOR",
  laboratory: "BATTERY_TESTER",
  collector: "BATTERY_COLLECTOR",
} as const satisfies Readonly<Partial<Record<Person, CredentialName>>>;

/** Last time that the credentials contract can name. */
const FOREVER = (1n << 40n) - 1n;
const NO_SIGNATURE = { key: "0x", data: "0x" };

export type Person = (typeof people)[number];
export type Cast = Readonly<Record<Body | Person, HardhatEthersSigner>>;

export interface DevicePack {
  readonly packId: bigint;
  readonly data: PackData;
  readonly device: MessageSigner;
}

/** What has happened in a settled city. */
export interface Settled {
  /** Free packs of the owner. */
  readonly packs: readonly [DevicePack, DevicePack, ...DevicePack[]];
  /** The first lease of the book. */
  readonly running: Running;
}

export class Town {
  private constructor(
    readonly chain: Chain,
    readonly city: City,
    readonly p256Verifier: string,
    readonly cast: Cast,
    /** Block of the deployment's last transaction. */
    readonly deployedAt: number,
  ) {}

  /** The city from its real deployment module, one operator admitted, and money in the hands of those who pay. */
  static async found(chain: Chain): Promise<Town> {
    const addresses = await addressesOf(await chain.connection.ignition.deploy(CityModule));
    const deployedAt = await chain.connection.ethers.provider.getBlockNumber();
    const cast = Object.fromEntries(
      [...bodies, ...people].map((name, index) => [name, chain.signers[index]]),
    ) as unknown as Cast;
    const city = connectCity(addresses, cast.deployer);
    const town = new Town(chain, city, addresses.p256Verifier, cast, deployedAt);
    const holders = Object.entries(trades).map(([person, name]) => [name, cast[person as Person]] as const);
    await accredit(chain, city.credentials, cast.accreditor, holders);
    await chain.send(() => city.pack.connect(cast.operator).admitSelf());
    for (const rich of [cast.lessee, cast.payer]) {
      await chain.send(() => city.token.connect(cast.treasury).mint(rich, PURSE));
    }
    // Once for all packs that the owner will ever lease.
    await chain.send(() => city.pack.connect(cast.owner).setApprovalForAll(city.lease, true));
    return town;
  }

  /**
   * What a figure called steady starts from: an owner with packs whose devices have all been heard, a lessee and an
   * owner with a running lease and with money to withdraw from one that is over.
   */
  async settle(): Promise<Settled> {
    const packs = this.newPacks("settled", PACK_COUNT);
    for (let from = 0; from < packs.length; from += REGISTRATION_BATCH) {
      const part = packs.slice(from, from + REGISTRATION_BATCH);
      await this.registerMany(part);
      const readings = await Promise.all(part.map(async (pack) => this.readingOf(pack)));
      await this.chain.send(() => this.city.telemetry.connect(this.cast.relay).submitMany(readings));
    }
    const [first, second, ...free] = packs as [DevicePack, DevicePack, DevicePack, DevicePack, ...DevicePack[]];
    const running = await this.lease(first);
    const over = await this.lease(second);
    this.chain.pass(OVER_AFTER);
    await this.requestReturn(over);
    await this.confirmAndSettle(over);
    return { packs: free, running };
  }

  /** A pack that is not registered yet. Its device has a plain key unless another is given. */
  newPack(name: string, key?: { readonly account: string; readonly device: MessageSigner }): DevicePack {
    const wallet = new Wallet(id(`device of ${name}`));
    const { account, device } = key ?? { account: wallet.address, device: wallet };
    const serialHash = id(name);
    const data = {
      serialHash,
      passportRoot: id(`passport of ${name}`),
      device: account,
      ratedWh: 70_000n,
      ratedPowerW: 150_000n,
      madeOnDay: 20_400n,
      category: Category.ElectricVehicle,
    };
    return { packId: packIdOf(serialHash), data, device };
  }

  newPacks(name: string, count: number): DevicePack[] {
    return Array.from({ length: count }, (_, index) => this.newPack(`${name} ${index}`));
  }

  async register(pack: DevicePack): Promise<number> {
    const { operator, owner } = this.cast;
    return this.chain.gasOf(() => this.city.pack.connect(operator).register(owner, pack.data));
  }

  async registerMany(packs: readonly DevicePack[]): Promise<number> {
    const { operator, owner } = this.cast;
    const data = packs.map((pack) => pack.data);
    return this.chain.gasOf(() => this.city.pack.connect(operator).registerMany(owner, data));
  }

  /** The pack's next reading, an hour of use after the one before. */
  async readingOf({ packId, device }: DevicePack): Promise<SignedReading> {
    const counter = (await this.city.telemetry.stateOf(packId)).counter + 1n;
    const reading: Reading = {
      packId,
      counter,
      takenAt: BigInt(this.chain.now),
      throughputWh: counter * HOURLY_WH,
      remainingWh: 41_234n,
      fullCycles: 1n + counter,
      sohBp: 9_876n,
      maxTempDK: 3_012n,
      flags: 0n,
      logRoot: id(`log ${packId.toString()} ${counter.toString()}`),
    };
    return signReading(this.city, device, reading);
  }

  /** An offer that uses every term there is. */
  async offerOf({ packId }: DevicePack): Promise<Offer> {
    return buildOffer({
      packId,
      lessor: this.cast.owner.address,
      rent: 98n * EURO,
      deposit: 300n * EURO,
      lateFee: 5n * EURO,
      earlyFee: 60n * EURO,
      buyoutStart: 7_000n * EURO,
      buyoutResidual: 2_000n * EURO,
      overagePerKWh: 10n * CENT,
      includedWh: 250_000n,
      startWh: (await this.city.telemetry.stateOf(packId)).throughputWh,
      period: BigInt(PERIOD),
      periods: 24n,
      grace: BigInt(7 * DAY),
      defaultAfter: BigInt(30 * DAY),
      claimWindow: BigInt(14 * DAY),
      arbiterWindow: BigInt(30 * DAY),
      cureDuration: BigInt(30 * DAY),
      minSohBp: 7_000n,
      agreementHash: id("agreement"),
      nonce: await this.city.lease.leaseCount(),
      deadline: BigInt(this.chain.now + DAY),
    });
  }

  /** Leases a pack of the owner's with permit. */
  async lease(pack: DevicePack, lessee = this.cast.lessee): Promise<Running> {
    const { city, cast, chain } = this;
    const offer = await this.offerOf(pack);
    const signature = await signOffer(city, cast.owner, offer);
    const deadline = BigInt(chain.now + HOUR);
    const permit = await signPermit(city, lessee, { value: offer.deposit + offer.rent, deadline });
    const gas = await chain.gasOf(() => city.lease.connect(lessee).accept(offer, signature, permit));
    return { leaseId: await city.lease.leaseCount(), offer, pack, gas };
  }

  async requestReturn({ leaseId }: Running): Promise<number> {
    return this.chain.gasOf(() => this.city.lease.connect(this.cast.lessee).requestReturn(leaseId));
  }

  async confirmAndSettle({ leaseId, offer }: Running): Promise<number> {
    return this.chain.gasOf(() => this.city.lease.connect(this.cast.owner).confirmAndSettle(leaseId, offer));
  }

  /** Lets the lease book take rent without a permit each time. */
  async approve(payer: HardhatEthersSigner): Promise<void> {
    await this.chain.send(() => this.city.token.connect(payer).approve(this.city.lease, PURSE));
  }
}

/** A lease as its parties keep it. */
export interface Running {
  readonly leaseId: bigint;
  readonly offer: Offer;
  readonly pack: DevicePack;
  /** What beginning it cost. */
  readonly gas: number;
}

/** The accreditor issues the credentials of trades itself. */
export async function accredit(
  chain: Pick<Chain, "send">,
  credentials: Credentials,
  accreditor: HardhatEthersSigner,
  holders: readonly (readonly [CredentialName, HardhatEthersSigner])[],
): Promise<void> {
  const byAccreditor = credentials.connect(accreditor);
  const deadline = (1n << 48n) - 1n;
  const appointment = { issuer: accreditor, key: accreditor, until: FOREVER, nonce: 0n, deadline };
  await chain.send(() => byAccreditor.appointKey(appointment, NO_SIGNATURE, NO_SIGNATURE));
  for (const [name, holder] of holders) {
    const typeId = typeIdOf(name);
    await chain.send(() => byAccreditor.accredit(typeId, accreditor, FOREVER, false));
    await chain.send(() => byAccreditor.issue(typeId, holder, FOREVER, ZeroHash));
  }
}

/** Address of somebody who neither sends nor signs anything. */
export function accountOf(name: string): string {
  return new Wallet(id(name)).address;
}
