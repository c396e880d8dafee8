/**
 * The depot that waste is measured in: a collector and a plant, and containers that have reported and were emptied before,
 * on a chain of its own, in a city deployed by the real modules.
 */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { id, Wallet } from "ethers";

import { addressesOf } from "../ignition/addresses.js";
import { bodies, type Body, type RoleName, roles } from "../ignition/authority.js";
import CityModule from "../ignition/modules/City.js";
import { type City, connectCity } from "../sdk/city.js";
import { CustodyModel, EntryType } from "../sdk/enums.js";
import { type Fill, NO_SIGNATURE, signCrewConsent } from "../sdk/typedData.js";
import {
  buildTicket,
  certificateId,
  type Material,
  MAX_CODES_PER_CALL,
  monthOf,
  operationOf,
  type Output,
  packFills,
  packSignedFills,
  packStops,
  signedFill,
  signedDelivery,
  signedHandover,
  type SignedTicket,
  signedTicket,
  ticketLotId,
} from "../sdk/waste/index.js";
import type { Chain } from "./chain.js";
import { accredit, DAY, HOUR } from "./town.js";

const people = [
  "collector",
  "driver",
  "plant",
  "gatekeeper",
  "gateway",
  "merchant",
  "relay",
  "citizen",
  "neighbour",
  "newcomer",
] as const;

export type DepotCast = Readonly<Record<Body | (typeof people)[number], HardhatEthersSigner>>;

/** Containers, each of which was emptied once. */
const BINS = 32;
/** Of those, whose lots went on to the plant. */
const DELIVERED = 20;
/** Lots that the plant made something of before. */
const PROCESSED = { from: 10, to: 13 } as const;

export const PACKAGING = 150106;
export const BATTERIES = 160601;
const PLASTICS = 191204;
const METALS = 191202;
const RESIDUES = 191212;
const RECYCLED = operationOf("R3");
const DUMPED = operationOf("D1");
const FOREVER = (1n << 32n) - 1n;

export const LOT_GRAMS = 420_000n;
const TICKET_TERMS = { code: PACKAGING, grams: LOT_GRAMS, documentHash: id("papers"), routeId: 0 };
/** What a process makes of ten lots' mass. The rest is lost. */
const TEN_LOTS: readonly Output[] = [
  { code: PLASTICS, grams: 2_600_000n, op: RECYCLED },
  { code: METALS, grams: 800_000n, op: 0 },
  { code: RESIDUES, grams: 700_000n, op: DUMPED },
];
const LOSS = 100_000n;
const LICENCE = {
  until: FOREVER,
  toleranceBp: 200n,
  maxLossBp: 500n,
  conversionPct: 100n,
  model: CustodyModel.MassBalance,
  balanceDays: 90n,
};

export interface Bin {
  readonly binId: number;
  readonly device: Wallet;
}

/** What is unusual about a ticket. */
type TicketTerms = Partial<typeof TICKET_TERMS>;

export class Depot {
  private constructor(
    readonly chain: Chain,
    readonly city: City,
    readonly cast: DepotCast,
    readonly bins: readonly Bin[],
    /** The collector, by its number. */
    readonly collector: bigint,
    /** The plant, by its number. */
    readonly plant: bigint,
    /** A route of the collector, of all containers. */
    readonly route: number,
  ) {}

  static async found(chain: Chain): Promise<Depot> {
    const deployed = await chain.connection.ignition.deploy(CityModule);
    const names = [...bodies, ...people];
    const cast = Object.fromEntries(names.map((name, index) => [name, chain.signers[index]])) as DepotCast;
    const city = connectCity(await addressesOf(deployed), cast.relay);
    await accredit(chain, city.credentials, cast.accreditor, [
      ["WASTE_COLLECTOR", cast.collector],
      ["WASTE_FACILITY", cast.plant],
      ["WASTE_GATEWAY", cast.gateway],
    ]);
    const codes = [PACKAGING, BATTERIES, METALS, PLASTICS, RESIDUES].map((code) => materialOf(code));
    await chain.send(() => city.materialCodes.connect(holderOf(cast, "WASTE_CODES")).set(codes));

    const collector = await admit(chain, city, cast.collector, cast.driver);
    const plant = await admit(chain, city, cast.plant, cast.gatekeeper);
    const licensing = city.wasteOperators.connect(holderOf(cast, "WASTE_LICENSING"));
    await chain.send(() => licensing.license(plant, LICENCE));
    await chain.send(() => licensing.permit(collector, BATTERIES, FOREVER));

    const bins = Array.from({ length: BINS }, (_, index) => ({
      binId: index + 1,
      device: new Wallet(id(`container ${index + 1}`)),
    }));
    const fleet = city.containers.connect(holderOf(cast, "WASTE_FLEET"));
    for (const { device } of bins) await chain.send(() => fleet.register(device, 8_000, RECORD));
    const stops = packStops(bins.map(({ binId }) => binId));
    await chain.send(() => city.containers.connect(cast.driver).planRoute(stops, chain.now, id("vehicle")));
    const depot = new Depot(chain, city, cast, bins, collector, plant, 1);
    await depot.#begin();
    return depot;
  }

  // --- containers

  /** A container's next reading, below its alert level. */
  async fillOf({ binId }: Bin, fillBp = 4_200): Promise<Fill> {
    const counter = Number((await this.city.containers.stateOf(binId)).counter) + 1;
    return { binId, counter, takenAt: BigInt(this.chain.now), fillBp };
  }

  async report(bin: Bin, fillBp?: number): Promise<number> {
    const { fill, signature } = await signedFill(this.city, bin.device, await this.fillOf(bin, fillBp));
    return this.chain.gasOf(() => this.city.containers.report(fill, signature));
  }

  async reportMany(bins = this.bins): Promise<number> {
    const signed = await Promise.all(
      bins.map(async (bin) => signedFill(this.city, bin.device, await this.fillOf(bin))),
    );
    return this.chain.gasOf(() => this.city.containers.reportMany(packSignedFills(signed)));
  }

  async reportPacked(): Promise<number> {
    const fills = await Promise.all(this.bins.map(async (bin) => this.fillOf(bin)));
    return this.chain.gasOf(() => this.city.containers.connect(this.cast.gateway).reportPacked(packFills(fills)));
  }

  /** Registers a container that never reported. */
  async newBin(): Promise<Bin> {
    const bin = { binId: this.bins.length + 1, device: new Wallet(id("new container")) };
    const fleet = this.city.containers.connect(holderOf(this.cast, "WASTE_FLEET"));
    await this.chain.send(() => fleet.register(bin.device, 8_000, RECORD));
    return bin;
  }

  /** The container at a place of the list. */
  bin(index: number): Bin {
    const bin = this.bins[index];
    if (bin === undefined) throw new Error(`the depot has no container at ${index}`);
    return bin;
  }

  // --- lots

  /** A ticket of a container, signed by its device and by the driver. */
  async ticketOf(bin: Bin, terms: TicketTerms = {}): Promise<SignedTicket> {
    const { binId, counter, takenAt } = await this.fillOf(bin);
    const collector = this.cast.driver.address;
    const ticket = buildTicket({ ...TICKET_TERMS, ...terms, binId, counter, takenAt, collector });
    return signedTicket(this.city, bin.device, this.cast.driver, ticket);
  }

  /** A third party brings a ticket. */
  async collect(bin: Bin, terms?: TicketTerms): Promise<number> {
    const signed = await this.ticketOf(bin, terms);
    return this.chain.gasOf(() => this.city.wasteLots.collect(signed));
  }

  /** A third party brings the tickets of a route; all must be taken. */
  async collectMany(bins: readonly Bin[]): Promise<number> {
    const signed = await Promise.all(bins.map(async (bin) => this.ticketOf(bin, { routeId: this.route })));
    const before = (await this.city.wasteLots.totals()).collected;
    const gas = await this.chain.gasOf(() => this.city.wasteLots.collectMany(signed));
    const { collected } = await this.city.wasteLots.totals();
    if (collected - before !== LOT_GRAMS * BigInt(bins.length)) throw new Error("the lots left tickets out");
    return gas;
  }

  /** The lot of a container's first collection. */
  lotOf(index: number): bigint {
    return ticketLotId(this.bin(index).binId, 1);
  }

  lotsOf(from: number, to: number): bigint[] {
    return Array.from({ length: to - from }, (_, index) => this.lotOf(from + index));
  }

  /** A lot that the collector still has. */
  get undelivered(): bigint {
    return this.lotOf(DELIVERED);
  }

  /** The plant takes a lot over from the collector: its gatekeeper calls, or somebody brings both signatures. */
  async deliver(lotId: bigint, { receivedGrams = LOT_GRAMS, relayed = false } = {}): Promise<number> {
    const { chain, city, cast } = this;
    const { grams, version } = await city.wasteLots.lotOf(lotId);
    const terms = {
      lotId,
      version: Number(version),
      receiver: Number(this.plant),
      grams,
      until: BigInt(chain.now + DAY),
    };
    const lots = city.wasteLots.connect(relayed ? cast.relay : cast.gatekeeper);
    if (!relayed) {
      const { handover, sender } = await signedDelivery(city, cast.driver, terms);
      return chain.gasOf(() => lots.takeDelivery(handover, receivedGrams, sender));
    }
    const signers = { sender: cast.driver, receiver: cast.gatekeeper };
    const { handover, receipt, sender, receiver } = await signedHandover(city, signers, terms, { receivedGrams });
    return chain.gasOf(() => lots.receiveLot(handover, receipt, sender, receiver));
  }

  /** The collector puts a part of each of ten lots into one. */
  async group(): Promise<number> {
    const lots = this.lotsOf(DELIVERED, DELIVERED + 10);
    const grams = lots.map(() => LOT_GRAMS / 2n);
    return this.chain.gasOf(() => this.city.wasteLots.connect(this.cast.driver).group(lots, grams));
  }

  /** The plant makes something of ten lots: one output recycled, one a lot of its own, one dumped, and a loss. */
  async process(): Promise<number> {
    return this.#process(this.lotsOf(0, 10), TEN_LOTS, LOSS);
  }

  /** The plant recycles a whole lot. */
  async finalise(index: number): Promise<number> {
    const lots = this.city.wasteLots.connect(this.cast.gatekeeper);
    return this.chain.gasOf(() => lots.finalise(this.lotOf(index), RECYCLED, id("record")));
  }

  /** The plant finds that a lot weighs less, and the collector agrees. */
  async revise(index: number): Promise<{ readonly proposal: number; readonly approval: number }> {
    const { chain, cast } = this;
    const { wasteLots } = this.city;
    const lotId = this.lotOf(index);
    const grams = LOT_GRAMS - 5_000n;
    const proposal = await chain.gasOf(() =>
      wasteLots.connect(cast.gatekeeper).proposeRevision(lotId, grams, id("reason")),
    );
    const approval = await chain.gasOf(() => wasteLots.connect(cast.driver).approveRevision(lotId, grams));
    return { proposal, approval };
  }

  // --- certificates

  /** The plant certifies some of what it recycled, for a merchant. */
  async certify(grams = 10_000n): Promise<number> {
    const certificates = this.city.recyclingCertificates.connect(this.cast.gatekeeper);
    return this.chain.gasOf(() => certificates.issue(this.#certificate, this.cast.merchant, grams));
  }

  /** The merchant retires some of it. */
  async retire(grams = 1_000n): Promise<number> {
    const { merchant } = this.cast;
    const certificates = this.city.recyclingCertificates.connect(merchant);
    return this.chain.gasOf(() =>
      certificates.retire(merchant, this.#certificate, grams, id("beneficiary"), id("purpose")),
    );
  }

  /** Codes as the List of Waste has them: eight to a sub-chapter, two to four neighbours at a time. */
  async loadCodes(): Promise<number> {
    const entries = Array.from({ length: MAX_CODES_PER_CALL }, (_, index) => materialOf(listedCode(index)));
    const codes = this.city.materialCodes.connect(holderOf(this.cast, "WASTE_CODES"));
    return this.chain.gasOf(() => codes.set(entries));
  }

  get #certificate(): bigint {
    const month = monthOf(BigInt(this.chain.now));
    return certificateId({ code: PLASTICS, op: RECYCLED, facility: Number(this.plant), month });
  }

  async #process(inputs: readonly bigint[], outputs: readonly Output[], loss: bigint): Promise<number> {
    const lots = this.city.wasteLots.connect(this.cast.gatekeeper);
    const some = outputs.map((output) => ({ ...output }));
    return this.chain.gasOf(() => lots.process([...inputs], some, loss, id("evidence")));
  }

  /** Everything once, so that nothing measured is the first of its kind. */
  async #begin(): Promise<void> {
    await this.reportMany();
    this.chain.pass(HOUR);
    await this.collectMany(this.bins);
    this.chain.pass(HOUR);
    for (const lotId of this.lotsOf(0, DELIVERED)) await this.deliver(lotId);
    const lots = this.lotsOf(PROCESSED.from, PROCESSED.to);
    const [recycled, kept, dumped] = [900_000n, 200_000n, 140_000n];
    const outputs = TEN_LOTS.map((output, index) => ({ ...output, grams: [recycled, kept, dumped][index] ?? 0n }));
    await this.#process(lots, outputs, LOT_GRAMS * BigInt(lots.length) - recycled - kept - dumped);
    await this.finalise(PROCESSED.to);
    await this.certify();
    await this.retire();
  }
}

/** A container as the bench registers it. */
export const RECORD = {
  latitude: 48_135_125n,
  longitude: 11_581_981n,
  capacityL: 1_100n,
  code: PACKAGING,
  district: 7n,
  maxGramsPerL: 500n,
  collections: 0n,
  emptiedAt: 0n,
};

/** Who holds a role from the start. */
export function holderOf(cast: DepotCast, role: RoleName): HardhatEthersSigner {
  return cast[roles[role].holder];
}

/** An operator, and a key that signs for it. */
async function admit(chain: Chain, city: City, owner: HardhatEthersSigner, key: HardhatEthersSigner): Promise<bigint> {
  const operators = city.wasteOperators.connect(owner);
  await chain.send(() => operators.admit(owner, 0n, 0n, NO_SIGNATURE));
  const operatorId = await operators.numberOf(owner);
  const [until, deadline] = [FOREVER, FOREVER];
  const change = { operatorId: Number(operatorId), key: key.address, until, nonce: 0n, deadline };
  const consent = await signCrewConsent(city, key, change);
  await chain.send(() => operators.setCrew(operatorId, key, until, 0n, deadline, NO_SIGNATURE, consent));
  return operatorId;
}

function materialOf(code: number): { -readonly [K in keyof Material]: Material[K] } {
  const entryType = code === BATTERIES ? EntryType.AbsoluteHazardous : EntryType.Absolute;
  return { code, entryType, fromDay: 0, toDay: 0 };
}

/** Last digits of the codes of a sub-chapter: eight in four words. In the list, 400 codes lie in 164 to 189 words. */
const LAST_DIGITS = [1, 2, 4, 5, 7, 8, 10, 99] as const;
const SUB_CHAPTERS = 5;

/** A code of the first chapters. */
function listedCode(index: number): number {
  const group = Math.floor(index / LAST_DIGITS.length);
  const chapter = 1 + Math.floor(group / SUB_CHAPTERS);
  const subChapter = 1 + (group % SUB_CHAPTERS);
  return chapter * 10_000 + subChapter * 100 + (LAST_DIGITS[index % LAST_DIGITS.length] ?? 0);
}
