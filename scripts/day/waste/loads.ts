/**
 * Where waste goes. Rules, on top of those in the plan:
 *
 * - A collector groups its lots of one code, in their order, into loads of at most ten tickets and at most 40 t.
 * - Mixed waste goes to the three plants in turn; hazardous waste and what was collected apart go to the sorting plant.
 * - The weighbridge of a plant finds a little more or less than left, in turn. Of one load a tenth is refused and goes to
 *   the landfill; of another so much is missing that the auditor has to rule, and it is brought again; a third is weighed
 *   again later, and both sides agree to the correction.
 * - The sorting plant recycles a share of everything; its residue becomes energy. Ashes go to the landfill, fly ash abroad.
 *   What is left is gathered until there are ten lots, fly ash until the end.
 * - All that is recycled is certified at once, for a buyer, who retires half of it.
 */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { Fate } from "../../../sdk/index.js";
import { certificateId, fateOf } from "../../../sdk/waste/index.js";
import type { Day } from "../day.js";
import type { Refusals } from "../identity/refusals.js";
import { Custody, type Made, type Parcel } from "./custody.js";
import { shareOf } from "./plan.js";
import {
  CODES,
  GRAMS_PER_LOAD,
  INCIDENT,
  MISSING_BP,
  MIXED_WASTE_TO,
  OP,
  type PlantKind,
  RECIPES,
  REFUSED_BP,
  REVISED_BP,
  RULED_BP,
  SECONDS_PER_DAY,
  type Share,
  TICKETS_PER_LOAD,
} from "./terms.js";
import { type Company, isHazardousOn, paperHash, type Town } from "./town.js";

/** Most lots that can be grouped at once. */
const MAX_GROUP = 50;

/** What plants leave, and where it goes. */
const LEFTOVERS: readonly {
  readonly code: number;
  readonly from: PlantKind;
  /** Absent: abroad. */
  readonly to?: PlantKind;
  /** Lots that are gathered. */
  readonly lots: number;
}[] = [
  { code: CODES.residue, from: "sorting", to: "energy", lots: TICKETS_PER_LOAD },
  { code: CODES.hazardousResidue, from: "sorting", to: "landfill", lots: TICKETS_PER_LOAD },
  { code: CODES.bottomAsh, from: "energy", to: "landfill", lots: TICKETS_PER_LOAD },
  { code: CODES.flyAsh, from: "energy", lots: MAX_GROUP },
];

/** Chapters and sub-chapters of what is collected apart, as the first four digits of a code. */
const APART = [1_501, 2_001, 2_002];
const SUB_CHAPTER = 100;

/** Certificates of the part. */
export interface Certified {
  readonly id: bigint;
  readonly grams: bigint;
  /** Grams that the buyer retired at once. */
  readonly retired: bigint;
}

/** Brings waste to plants and through them. */
export class Loads {
  readonly custody: Custody;
  /** Buys certificates. */
  readonly buyer: HardhatEthersSigner;
  readonly certified: Certified[] = [];
  /** Loads brought so far. */
  count = 0;
  readonly #day: Day;
  readonly #town: Town;
  readonly #refusals: Refusals;
  #revised = false;
  readonly #waiting = new Map<string, { readonly company: Company; readonly code: number; parcels: Parcel[] }>();
  readonly #leftovers = new Map<number, Parcel[]>();
  #mixedLoads = 0;

  constructor(day: Day, town: Town, refusals: Refusals) {
    this.#day = day;
    this.#town = town;
    this.#refusals = refusals;
    this.custody = new Custody(day, town, refusals);
    this.buyer = day.company("Buyer of recycled material");
  }

  /** A collector has one more lot, and brings a load when it is full. */
  async add(company: Company, parcel: Parcel): Promise<void> {
    const key = `${company.number} ${parcel.code}`;
    const waiting = this.#waiting.get(key) ?? { company, code: parcel.code, parcels: [] };
    this.#waiting.set(key, waiting);
    if (waiting.parcels.reduce((sum, { grams }) => sum + grams, parcel.grams) > GRAMS_PER_LOAD) {
      await this.#bring(company, waiting.parcels.splice(0));
    }
    waiting.parcels.push(parcel);
    if (waiting.parcels.length >= TICKETS_PER_LOAD) await this.#bring(company, waiting.parcels.splice(0));
  }

  /** Brings what is left everywhere. */
  async finish(): Promise<void> {
    for (const { company, parcels } of this.#waiting.values()) await this.#bring(company, parcels.splice(0));
    for (const { code } of LEFTOVERS) await this.#clear(code);
  }

  async #bring(collector: Company, parcels: readonly Parcel[]): Promise<void> {
    const [first] = parcels;
    if (first === undefined) return;
    const { custody } = this;
    const number = this.count++;
    const kind = this.#plantFor(first.code);
    const plant = this.#town.plants[kind];
    let load = await custody.group(collector, parcels);
    const missing = shareOf(load.grams, MISSING_BP);
    if (number === INCIDENT.disputed && missing > 0n) {
      await custody.handOver(collector, kind, load, { receivedGrams: load.grams - missing });
      load = await custody.rule(load, load.grams - shareOf(load.grams, RULED_BP));
    }
    const receivedGrams = custody.weigh(load.grams);
    const refused = number === INCIDENT.partlyRefused ? shareOf(receivedGrams, REFUSED_BP) : 0n;
    const acceptedGrams = receivedGrams - refused;
    const { back, parcel } = await custody.handOver(collector, kind, load, { receivedGrams, acceptedGrams });
    if (parcel === undefined) throw new Error(`load ${number} of ${collector.name} is in dispute`);
    let arrived = parcel;
    const misread = shareOf(arrived.grams, REVISED_BP);
    // Of a single ticket the ticket itself would be corrected, and with it what was collected.
    if (!this.#revised && number >= INCIDENT.revised && parcels.length > 1 && misread > 0n) {
      this.#revised = true;
      arrived = await custody.revise(plant, collector, arrived, arrived.grams - misread);
    }
    await this.#treat(kind, arrived);
    if (back === undefined) return;
    const landed = await custody.handOver(collector, "landfill", back, { receivedGrams: back.grams });
    if (landed.parcel !== undefined) await this.#treat("landfill", landed.parcel);
  }

  #plantFor(code: number): PlantKind {
    if (this.#isHazardous(code) || isApart(code)) return "sorting";
    return MIXED_WASTE_TO[this.#mixedLoads++ % MIXED_WASTE_TO.length] ?? "energy";
  }

  async #treat(kind: PlantKind, parcel: Parcel): Promise<void> {
    const plant = this.#town.plants[kind];
    if (kind === "landfill") {
      await this.custody.finalise(plant, parcel, this.#isHazardous(parcel.code) ? OP.D5 : OP.D1);
      return;
    }
    const made = await this.custody.process(plant, parcel, this.#recipeFor(kind, parcel.code));
    for (const { lotId, output } of made) {
      if (output.op !== 0) continue;
      const { code, grams } = output;
      this.#leftovers.set(code, [...(this.#leftovers.get(code) ?? []), { lotId, code, grams }]);
    }
    await this.#certify(plant, made);
    for (const { code, lots } of LEFTOVERS) {
      if ((this.#leftovers.get(code)?.length ?? 0) >= lots) await this.#clear(code);
    }
  }

  #recipeFor(kind: PlantKind, code: number): readonly Share[] {
    if (kind === "energy") return RECIPES.energy;
    if (this.#isHazardous(code)) return RECIPES.hazardous;
    return isApart(code) ? RECIPES.apart : RECIPES.mixed;
  }

  /** Passes on what a plant left. */
  async #clear(code: number): Promise<void> {
    const way = LEFTOVERS.find((leftover) => leftover.code === code);
    const parcels = this.#leftovers.get(code) ?? [];
    this.#leftovers.delete(code);
    if (way === undefined || parcels.length === 0) return;
    const from = this.#town.plants[way.from];
    const load = await this.custody.group(from, parcels);
    if (way.to === undefined) {
      await this.custody.export(from, load);
      return;
    }
    const receivedGrams = this.custody.weigh(load.grams);
    const { parcel } = await this.custody.handOver(from, way.to, load, { receivedGrams });
    if (parcel !== undefined) await this.#treat(way.to, parcel);
  }

  // --- certificates

  /** What was recycled is certified for the buyer. */
  async #certify(plant: Company, made: readonly Made[]): Promise<void> {
    const { city, clock } = this.#day;
    const certificates = city.recyclingCertificates;
    for (const { month, output } of made) {
      const { code, grams, op } = output;
      if (fateOf(op) !== Fate.Recycled) continue;
      const id = certificateId({ code, op, facility: plant.number, month });
      const issue = (mass: bigint) => () => certificates.connect(plant.account).issue(id, this.buyer.address, mass);
      const isFirst = this.certified.length === 0;
      if (isFirst) {
        await this.#refusals.send(
          {
            key: "tooManyCertificates",
            attempt: "a plant has a gram more certified than it recycled",
            expected: "RecyclingCertificatesExceedsRecycled",
          },
          issue(grams + 1n),
        );
      }
      await this.#day.send("waste.issueCertificates", clock.now, issue(grams));
      const retired = grams / 2n;
      if (retired > 0n) {
        await this.#day.send("waste.retireCertificates", clock.now, () =>
          certificates
            .connect(this.buyer)
            .retire(this.buyer.address, id, retired, paperHash("whoever bought the crates"), paperHash("crates")),
        );
      }
      this.certified.push({ id, grams, retired });
    }
  }

  /** Whether a code is hazardous by now. */
  #isHazardous(code: number): boolean {
    return isHazardousOn(this.#town, code, Number(this.#day.clock.now / SECONDS_PER_DAY));
  }
}

function isApart(code: number): boolean {
  return APART.includes(Math.floor(code / SUB_CHAPTER));
}
