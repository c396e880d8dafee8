/** The energy folder: which files there are, which of them belong together, and what is left out and why. */
import { existsSync, readFileSync } from "node:fs";

import {
  type EnergyHome,
  type EnergyOrderRow,
  type EnergyReading,
  type EnergyReadings,
  type EnergyTariff,
  importEnergyHomes,
  importEnergyOrders,
  importEnergyReadings,
  importEnergyTariff,
  isEnergyHomes,
  isEnergyOrders,
  isEnergyTariff,
  type RowFault,
  writeInstant,
} from "../../../sdk/importers/index.js";
import { type DataFile, type Format, recognise } from "../folder.js";
import { writePrice } from "./prices.js";
import { FEED_IN, LEAST_RETAIL, MINIMUM_WH, tickSizeFor } from "./terms.js";

type Kind = "readings" | "homes" | "tariff" | "orders";

// Whatever is a table has to be one that is known: a table with a wrong header is a mistake, not another thing.
const FORMATS: readonly Format<Kind>[] = [
  { kind: "homes", matches: (file) => isTable(file) && isEnergyHomes(file.header) },
  { kind: "tariff", matches: (file) => isTable(file) && isEnergyTariff(file.header) },
  { kind: "orders", matches: (file) => isTable(file) && isEnergyOrders(file.header) },
  { kind: "readings", matches: isTable },
];

function isTable({ extension }: DataFile): boolean {
  return extension === ".csv";
}

/** A home with its meter. */
export interface Home {
  readonly id: string;
  /** Power of its solar panels, W; zero where no file of homes tells. */
  readonly solarW: bigint;
  /** By the start of the interval. */
  readonly readings: ReadonlyMap<bigint, EnergyReading>;
}

/** An interval that is traded. */
export interface Slot {
  /** Start, Unix time of the data. */
  readonly at: bigint;
  readonly retail: bigint;
  /** Orders given for it, by home; absent: they are made by rule. */
  readonly given?: ReadonlyMap<string, readonly EnergyOrderRow[]>;
}

/** A file of readings, whose totals are told apart. */
export interface ReadingFile {
  readonly name: string;
  readonly homes: ReadonlySet<string>;
  readonly starts: ReadonlySet<bigint>;
}

/** What there is to live through. */
export interface EnergyData {
  /** Seconds. */
  readonly intervalLength: bigint;
  /** Three small letters. */
  readonly currency: string;
  readonly tickSize: bigint;
  readonly homes: readonly Home[];
  /** In order of time. */
  readonly slots: readonly Slot[];
  readonly files: readonly ReadingFile[];
}

export interface ReadFolder {
  /** Absent where nothing is left to live through. */
  readonly data: EnergyData | undefined;
  readonly used: readonly string[];
  readonly unknown: readonly string[];
  /** Files that are known and not lived through, with the reason. */
  readonly leftOut: readonly string[];
  readonly faults: readonly RowFault[];
}

/** A file as it is when read by itself. */
interface Single<Value> {
  readonly file: DataFile;
  /** What it says, in a form that can be compared, by interval and what it is of. */
  readonly facts: ReadonlyMap<string, string>;
  readonly value: Value;
  readonly first: bigint;
  readonly last: bigint;
}

/** Files that follow or overlap each other in time. */
interface Cluster<Value> {
  /** Files that say something the others do not. */
  readonly files: readonly DataFile[];
  readonly members: readonly Single<Value>[];
}

/** Reads the files of the folder. */
export function readEnergy(files: readonly DataFile[]): ReadFolder {
  const { of, unknown } = recognise(files, FORMATS);
  const faults: RowFault[] = [];
  const tariff = readTariffs(of("tariff"), faults);
  const homes = importEnergyHomes(of("homes"));
  faults.push(...homes.faults);

  const leftOut: string[] = [];
  const used: DataFile[] = [...of("tariff"), ...of("homes"), ...of("orders")];
  const singles = of("readings").flatMap((file) => readOne(file, used, faults));
  const clusters = clustersOf(singles);
  const covered = clusters.filter(({ members }) => isCovered(members, tariff.retails));
  const chosen = covered.length > 0 ? covered : clusters;
  const length = tariff.intervalLength ?? lengthOf(chosen);
  const taken: { readonly cluster: Cluster<EnergyReadings>; readonly readings: EnergyReadings }[] = [];
  for (const cluster of clusters) {
    const readings = importEnergyReadings(cluster.files);
    const names = cluster.members.map(({ file }) => file.name);
    if (!chosen.includes(cluster)) {
      leftOut.push(...names.map((name) => `${name}: no tariff has a price for any of its intervals`));
    } else if (length !== undefined && readings.intervalLength !== undefined && readings.intervalLength !== length) {
      const why = `its intervals last ${readings.intervalLength} s, and those of the market ${length} s`;
      leftOut.push(...names.map((name) => `${name}: ${why}`));
    } else {
      faults.push(...readings.faults, ...faultsOfParts(cluster));
      taken.push({ cluster, readings });
      used.push(...cluster.members.map(({ file }) => file));
    }
  }

  const meters = metersOf(taken.map(({ readings }) => readings));
  const starts = [...new Set([...meters.values()].flatMap((found) => [...found.keys()]))].sort(byTime);
  faults.push(...priceGaps(meters, starts, tariff.retails));
  const priced = starts.flatMap((at) => {
    const retail = tariff.retails.get(at);
    return retail === undefined || (length !== undefined && at % length !== 0n) ? [] : [{ at, retail }];
  });
  const tickSize = tickSizeFor(priced.map(({ retail }) => retail));
  const orders = importEnergyOrders(of("orders"), {
    meters: new Set(meters.keys()),
    bandAt: (at) => {
      const retail = tariff.retails.get(at);
      if (retail === undefined || !starts.includes(at)) return undefined;
      return { lowest: FEED_IN, highest: retail, step: tickSize };
    },
    minimumWh: MINIMUM_WH,
  });
  faults.push(...orders.faults);
  return {
    data:
      length === undefined || priced.length === 0
        ? undefined
        : {
            intervalLength: length,
            currency: tariff.currency,
            tickSize,
            homes: homesOf(meters, homes.homes),
            slots: withOrders(priced, orders.orders),
            files: taken.flatMap(({ cluster }) => cluster.members.map(fileOf)),
          },
    used: files.filter((file) => used.includes(file)).map(({ name }) => name),
    unknown: unknown.map(({ name }) => name),
    leftOut,
    faults,
  };
}

/** What a folder expects of its files, by name and then by figure; empty where it expects nothing. */
export function readExpected(path: string): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  if (!existsSync(path)) return new Map();
  try {
    const entries = JSON.parse(readFileSync(path, "utf8")) as Record<string, Readonly<Record<string, unknown>>>;
    return new Map(Object.entries(entries));
  } catch {
    return new Map();
  }
}

// --- files of readings

/** Reads a file of readings by itself; one without a good row only has faults. */
function readOne(file: DataFile, used: DataFile[], faults: RowFault[]): Single<EnergyReadings>[] {
  const value = importEnergyReadings([file]);
  const { first, last, meters } = value;
  if (first === undefined || last === undefined) {
    used.push(file);
    faults.push(...value.faults);
    return [];
  }
  const facts = new Map(
    meters.flatMap(({ id, readings }) =>
      readings.map(({ at, consumptionWh, productionWh }): [string, string] => [
        `${at} ${id}`,
        `${consumptionWh} ${productionWh}`,
      ]),
    ),
  );
  return [{ file, facts, value, first, last }];
}

function lengthOf(clusters: readonly Cluster<EnergyReadings>[]): bigint | undefined {
  const lengths = clusters.flatMap(({ members }) => members.map(({ value }) => value.intervalLength));
  return lengths.find((length) => length !== undefined);
}

function isCovered(members: readonly Single<EnergyReadings>[], retails: ReadonlyMap<bigint, bigint>): boolean {
  return members.some(({ value }) => value.meters.some(({ readings }) => readings.some(({ at }) => retails.has(at))));
}

function metersOf(all: readonly EnergyReadings[]): Map<string, Map<bigint, EnergyReading>> {
  const meters = new Map<string, Map<bigint, EnergyReading>>();
  for (const { id, readings } of all.flatMap(({ meters: found }) => found)) {
    const known = meters.get(id) ?? new Map<bigint, EnergyReading>();
    meters.set(id, known);
    for (const reading of readings) known.set(reading.at, reading);
  }
  return meters;
}

function homesOf(
  meters: ReadonlyMap<string, ReadonlyMap<bigint, EnergyReading>>,
  described: readonly EnergyHome[],
): Home[] {
  const solar = new Map(described.map(({ meterId, solarW }) => [meterId, solarW]));
  return [...meters].map(([id, readings]) => ({ id, solarW: solar.get(id) ?? 0n, readings }));
}

function fileOf({ file, value }: Single<EnergyReadings>): ReadingFile {
  return {
    name: file.name,
    homes: new Set(value.meters.map(({ id }) => id)),
    starts: new Set(value.meters.flatMap(({ readings }) => readings.map(({ at }) => at))),
  };
}

// --- tariffs

interface Tariffs {
  readonly currency: string;
  /** By the start of the interval. */
  readonly retails: ReadonlyMap<bigint, bigint>;
  readonly intervalLength: bigint | undefined;
}

/** Reads all tariffs. Prices at which nobody could trade are faults. */
function readTariffs(files: readonly DataFile[], faults: RowFault[]): Tariffs {
  const singles = files.flatMap((file): Single<EnergyTariff>[] => {
    const value = importEnergyTariff([file]);
    const [first, last] = [value.prices[0], value.prices.at(-1)];
    if (first === undefined || last === undefined) {
      faults.push(...value.faults);
      return [];
    }
    const facts = new Map(value.prices.map(({ at, retail }) => [at.toString(), retail.toString()]));
    return [{ file, facts, value, first: first.at, last: last.at }];
  });
  const intervalLength = singles.map(({ value }) => value.intervalLength).find((length) => length !== undefined);
  const currency = singles[0]?.value.currency ?? "eur";
  const retails = new Map<bigint, bigint>();
  for (const cluster of clustersOf(singles)) {
    const tariff = importEnergyTariff(cluster.files, intervalLength);
    faults.push(...tariff.faults, ...faultsOfParts(cluster));
    for (const { at, file, line, retail } of tariff.prices) {
      const place = { file, line, column: `retail_${tariff.currency ?? currency}_per_kwh`, value: writePrice(retail) };
      if (tariff.currency !== undefined && tariff.currency !== currency) {
        faults.push({ ...place, reason: `in another currency than the ${currency} of the first tariff` });
      } else if (retail < LEAST_RETAIL) {
        const reason = `below ${writePrice(LEAST_RETAIL)}, what feed-in price and grid fee come to: nobody could trade`;
        faults.push({ ...place, reason });
      } else retails.set(at, retail);
    }
  }
  return { currency, retails, intervalLength };
}

/** Intervals without a price, each at the first row that needs it. */
function priceGaps(
  meters: ReadonlyMap<string, ReadonlyMap<bigint, EnergyReading>>,
  starts: readonly bigint[],
  retails: ReadonlyMap<bigint, bigint>,
): RowFault[] {
  return starts
    .filter((at) => !retails.has(at))
    .flatMap((at) => {
      const row = [...meters.values()].map((readings) => readings.get(at)).find((reading) => reading !== undefined);
      if (row === undefined) return [];
      const { file, line } = row;
      const reason = "no tariff has a price for this interval";
      return [{ file, line, column: "interval_start_iso", value: `${writeInstant(at)}Z`, reason }];
    });
}

// --- orders

function withOrders(slots: readonly Pick<Slot, "at" | "retail">[], orders: readonly EnergyOrderRow[]): Slot[] {
  // Where orders are given at all, none is made by rule.
  if (orders.length === 0) return [...slots];
  const given = new Map<bigint, Map<string, EnergyOrderRow[]>>();
  for (const row of orders) {
    const ofSlot = given.get(row.at) ?? new Map<string, EnergyOrderRow[]>();
    given.set(row.at, ofSlot);
    ofSlot.set(row.meterId, [...(ofSlot.get(row.meterId) ?? []), row]);
  }
  return slots.map((slot) => ({ ...slot, given: given.get(slot.at) ?? new Map<string, EnergyOrderRow[]>() }));
}

// --- files that belong together

/** Files by time. One that says nothing which another file does not say is a part of that, and not read a second time. */
function clustersOf<Value>(singles: readonly Single<Value>[]): Cluster<Value>[] {
  const sorted = [...singles].sort((left, right) => byTime(left.first, right.first));
  const groups: Single<Value>[][] = [];
  let end: bigint | undefined;
  for (const single of sorted) {
    const group = groups.at(-1);
    // The hour after the last start is the longest that an interval may begin behind another.
    if (group === undefined || end === undefined || single.first > end + LONGEST) groups.push([single]);
    else group.push(single);
    if (end === undefined || single.last > end) end = single.last;
  }
  return groups.map((members) => ({
    members,
    files: members.filter((one) => !members.some((other) => isPartOf(one, other, members))).map(({ file }) => file),
  }));
}

const LONGEST = 3_600n;

function isPartOf<Value>(one: Single<Value>, other: Single<Value>, all: readonly Single<Value>[]): boolean {
  if (one === other || one.facts.size > other.facts.size) return false;
  // Of two that are the same, the first counts.
  if (one.facts.size === other.facts.size && all.indexOf(one) < all.indexOf(other)) return false;
  return [...one.facts].every(([key, fact]) => other.facts.get(key) === fact);
}

/** Faults of files that are parts of others, and so not read with them. */
function faultsOfParts<Value extends { readonly faults: readonly RowFault[] }>(cluster: Cluster<Value>): RowFault[] {
  return cluster.members.filter(({ file }) => !cluster.files.includes(file)).flatMap(({ value }) => value.faults);
}

function byTime(left: bigint, right: bigint): number {
  return left === right ? 0 : left < right ? -1 : 1;
}
