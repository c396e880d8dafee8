/** The part before its first row: the list of codes, who handles waste and with which licence, and the containers. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { Wallet } from "ethers";

import { CustodyModel, NO_SIGNATURE, signCrewConsent, textHash } from "../../../sdk/index.js";
import {
  isHazardousType,
  isValidOn,
  type Material,
  materialBatches,
  materialsOn,
  RECLASSIFIED_2026,
  type Reclassification,
  typeOn,
} from "../../../sdk/waste/index.js";
import type { WasteBinRow } from "../../../sdk/importers/index.js";
import type { Day } from "../day.js";
import { holderOf } from "../holders.js";
import { seededWallet } from "../seeds.js";
import type { WasteData } from "./data.js";
import { planContainers } from "./plan.js";
import {
  BIN_LITRES,
  CODES,
  FULL_BP,
  LICENCES,
  MAX_GRAMS_PER_LITRE,
  OPEN_END,
  type PlantKind,
  plantKinds,
  SECONDS_PER_DAY,
} from "./terms.js";

/** Name of the collector of the bins. */
export const BIN_CREW = "smart bins";

/** A company that handles waste. */
export interface Company {
  readonly name: string;
  /** Number of the operator. */
  readonly number: number;
  /** Its identity, and a key of it. */
  readonly account: HardhatEthersSigner;
  /** Key of its drivers, or of its weighbridge. */
  readonly crew: Wallet;
}

/** A container with its device, which signs readings, tickets and deposits. */
export interface Container {
  readonly id: string;
  readonly number: number;
  readonly device: Wallet;
  /** What belongs into it. */
  readonly code: number;
  /** Of the device's latest message. */
  counter: number;
  /** Tickets that emptied it. */
  collections: number;
}

/** Who takes part. */
export interface Town {
  /** By the name in the data, and {@link BIN_CREW}. */
  readonly collectors: ReadonlyMap<string, Company>;
  readonly plants: Readonly<Record<PlantKind, Company>>;
  /** Brings readings without signatures. */
  readonly gateway: HardhatEthersSigner;
  /** Containers of the tickets, by the name in the data. */
  readonly containers: ReadonlyMap<string, Container>;
  /** Bins, by serial number. */
  readonly bins: ReadonlyMap<string, Container>;
  /** Entries of the list as they were loaded: with their days moved as all times are. */
  readonly materials: ReadonlyMap<number, Material>;
  /** Changes of their types that were still to come then, on days moved likewise. */
  readonly changes: readonly Reclassification[];
}

type Codes = Pick<Town, "changes" | "materials">;

const PLANT_NAMES: Readonly<Record<PlantKind, string>> = {
  sorting: "Sorting plant",
  energy: "Energy-from-waste plant",
  landfill: "Landfill",
};

/** Whether a code is hazardous on a day, days since 1970 as the chain has them. */
export function isHazardousOn({ changes, materials }: Codes, code: number, day: number): boolean {
  const entry = materials.get(code);
  return entry !== undefined && isHazardousType(typeOn(entry, day, changes));
}

/** keccak256 of papers of the day, salted as they are in life. */
export function paperHash(purpose: string): string {
  return textHash(`civitas day/waste/${purpose}`);
}

/** Founds the part of the data, whose times are moved by so many seconds. */
export async function foundTown(day: Day, data: WasteData, shift: bigint, at: bigint): Promise<Town> {
  return new Founding(day, data, shift, at).found();
}

class Founding {
  readonly #day: Day;
  readonly #data: WasteData;
  readonly #shift: bigint;
  readonly #at: bigint;

  constructor(day: Day, data: WasteData, shift: bigint, at: bigint) {
    this.#day = day;
    this.#data = data;
    this.#shift = shift;
    this.#at = at;
  }

  async found(): Promise<Town> {
    const codes = await this.#loadCodes();
    const names = [...new Set(this.#data.tickets.map(({ collector }) => collector))];
    if (this.#data.bins.length > 0) names.push(BIN_CREW);
    const { register } = this.#day;
    const accounts = names.map((name) => this.#day.company(`Collector ${name}`));
    const plants = plantKinds.map((kind) => this.#day.company(PLANT_NAMES[kind]));
    const gateway = this.#day.company("Gateway of the bins");
    for (const { address } of accounts) register.give("WASTE_COLLECTOR", address);
    for (const { address } of plants) register.give("WASTE_FACILITY", address);
    register.give("WASTE_GATEWAY", gateway.address);
    for (const bin of this.#data.bins) {
      register.device({ name: `bin ${bin.serial}`, key: binKey(bin), operator: holderOf(this.#day, "WASTE_FLEET") });
    }
    await register.enrol(this.#at);

    const collectors = new Map<string, Company>();
    for (const [index, name] of names.entries()) {
      const account = accounts[index];
      if (account !== undefined) collectors.set(name, await this.#admit(name, account, "WASTE_COLLECTOR"));
    }
    const [sorting, energy, landfill] = plants;
    if (sorting === undefined || energy === undefined || landfill === undefined) throw new Error("a plant is missing");
    const town = {
      collectors,
      plants: {
        sorting: await this.#admit(PLANT_NAMES.sorting, sorting, "WASTE_FACILITY"),
        energy: await this.#admit(PLANT_NAMES.energy, energy, "WASTE_FACILITY"),
        landfill: await this.#admit(PLANT_NAMES.landfill, landfill, "WASTE_FACILITY"),
      },
      gateway,
      ...codes,
    };
    await this.#license(town);
    return { ...town, ...(await this.#place(codes.materials)) };
  }

  /**
   * Loads the list, and announces which entries change their type. Where times are moved, the days of the entries and of
   * the changes are moved with them.
   */
  async #loadCodes(): Promise<Codes> {
    const days = this.#shiftDays;
    const moved = this.#data.materials.map((entry) => ({
      ...entry,
      fromDay: entry.fromDay === 0 ? 0 : entry.fromDay + days,
      toDay: entry.toDay === 0 ? 0 : entry.toDay + days,
    }));
    const codes = this.#day.city.materialCodes.connect(holderOf(this.#day, "WASTE_CODES"));
    const changes = RECLASSIFIED_2026.map((change) => ({ ...change, fromDay: change.fromDay + days }));
    const today = Number(this.#day.clock.next(this.#at) / SECONDS_PER_DAY);
    const { ahead, materials } = materialsOn(moved, changes, today);
    for (const batch of materialBatches(materials)) {
      await this.#day.send("waste.setCodes", this.#at, () => codes.set(batch), batch.length);
    }
    for (const { code, entryType, fromDay } of ahead) {
      await this.#day.send("waste.reclassify", this.#at, () => codes.reclassify(code, entryType, fromDay));
    }
    return { changes: ahead, materials: new Map(materials.map((entry) => [entry.code, entry])) };
  }

  /** Days by which times are moved. */
  get #shiftDays(): number {
    return Number(this.#shift / SECONDS_PER_DAY);
  }

  /** Gives an operator its number; its own account and its crew's key sign for it. */
  async #admit(
    name: string,
    account: HardhatEthersSigner,
    type: "WASTE_COLLECTOR" | "WASTE_FACILITY",
  ): Promise<Company> {
    const { city, register } = this.#day;
    const operators = city.wasteOperators;
    const done = await this.#send("waste.admit", () =>
      operators.connect(account).admit(account.address, 0n, 0n, NO_SIGNATURE),
    );
    register.asked(type, account.address, done);
    const number = Number(await operators.numberOf(account.address));
    const crew = seededWallet(`waste/crew/${name}`);
    for (const signer of [account, crew]) {
      const key = signer.address;
      const change = { operatorId: number, key, until: OPEN_END, nonce: 0n, deadline: OPEN_END };
      const consent = await signCrewConsent(city, signer, change);
      await this.#send("waste.setCrew", () =>
        operators.connect(account).setCrew(number, key, OPEN_END, 0n, OPEN_END, NO_SIGNATURE, consent),
      );
    }
    return { name, number, account, crew };
  }

  /** Plants are licensed, and whoever carries a hazardous code or makes one is permitted to. */
  async #license({ collectors, plants, ...codes }: Codes & Pick<Town, "collectors" | "plants">): Promise<void> {
    const operators = this.#day.city.wasteOperators.connect(holderOf(this.#day, "WASTE_LICENSING"));
    for (const kind of plantKinds) {
      const { model, ...terms } = LICENCES[kind];
      const licence = { ...terms, until: OPEN_END, model: CustodyModel[model] };
      await this.#send("waste.license", () => operators.license(plants[kind].number, licence));
    }
    const permits = new Map<string, readonly [number, number]>();
    const permit = ({ number }: Company, code: number): void => {
      permits.set(`${number} ${code}`, [number, code]);
    };
    for (const { code, collector, day } of this.#data.tickets) {
      if (!isHazardousOn(codes, code, day + this.#shiftDays)) continue;
      const company = collectors.get(collector);
      for (const holder of [company, plants.sorting, plants.landfill]) if (holder !== undefined) permit(holder, code);
    }
    for (const holder of [plants.sorting, plants.landfill]) permit(holder, CODES.hazardousResidue);
    permit(plants.energy, CODES.flyAsh);
    for (const [number, code] of permits.values()) {
      await this.#send("waste.permit", () => operators.permit(number, code, OPEN_END));
    }
  }

  /** Registers bins, and containers of the tickets. */
  async #place(materials: Town["materials"]): Promise<Pick<Town, "bins" | "containers">> {
    const planned = planContainers(this.#data.tickets);
    const progress = this.#day.progress("waste: registering containers");
    const count = planned.length + this.#data.bins.length;
    const districts = [...new Set(this.#data.bins.map(({ suburb }) => suburb))];
    const bins = new Map<string, Container>();
    for (const bin of this.#data.bins) {
      const record = {
        ...NO_RECORD,
        latitude: bin.latitude,
        longitude: bin.longitude,
        capacityL: BIN_LITRES,
        code: bin.stream === "recycling" ? CODES.packaging : CODES.mixedWaste,
        district: districts.indexOf(bin.suburb) + 1,
      };
      bins.set(bin.serial, await this.#register(bins.size + 1, bin.serial, binKey(bin), bin.alertBp, record));
      progress(bins.size, count);
    }
    const today = Number(this.#at / SECONDS_PER_DAY);
    const containers = new Map<string, Container>();
    for (const { code, id, litres } of planned) {
      const key = seededWallet(`waste/container/${id}`);
      // A container can be used for a code that is still to come.
      const material = materials.get(code);
      const isValid = material !== undefined && isValidOn(material, today);
      const record = { ...NO_RECORD, capacityL: litres, code: isValid ? code : CODES.mixedWaste };
      const number = bins.size + containers.size + 1;
      containers.set(id, await this.#register(number, id, key, Number(FULL_BP), record));
      progress(number, count);
    }
    return { bins, containers };
  }

  async #register(
    number: number,
    id: string,
    device: Wallet,
    alertBp: number,
    record: typeof NO_RECORD,
  ): Promise<Container> {
    const containers = this.#day.city.containers.connect(holderOf(this.#day, "WASTE_FLEET"));
    await this.#send("waste.registerContainer", () => containers.register(device.address, alertBp, record));
    return { id, number, device, code: record.code, counter: 0, collections: 0 };
  }

  #send(operation: string, transact: Parameters<Day["send"]>[2]): ReturnType<Day["send"]> {
    return this.#day.send(operation, this.#at, transact);
  }
}

/** A container without a place, as one of the tickets is. */
const NO_RECORD = {
  latitude: 0n,
  longitude: 0n,
  capacityL: 0,
  code: 0,
  district: 0,
  maxGramsPerL: MAX_GRAMS_PER_LITRE,
  collections: 0,
  emptiedAt: 0n,
};

function binKey({ serial }: WasteBinRow): Wallet {
  return seededWallet(`waste/bin/${serial}`);
}
