/** What the chain tells of the waste part: the events of its contracts, and what they have in storage in the end. Grams. */
import {
  certificateKind,
  LotLedger,
  type LotEvent,
  type MassTotals,
  readWasteEvents,
  type WasteEvent,
} from "../../../sdk/waste/index.js";
import type { Flow } from "./charts.js";
import type { Life } from "./life.js";
import { type FateTable, type SourceOf, traceFates } from "./lineage.js";
import { isHazardousOn } from "./town.js";

/** Tickets of a collector. */
export interface Collected {
  tickets: number;
  grams: bigint;
}

/** Readings as the events tell them. */
export interface ToldFills {
  readings: number;
  byGateway: number;
  alerts: number;
  unrecorded: number;
}

/** A kind of certificates in storage. */
export interface ToldCertificates {
  readonly id: bigint;
  readonly recycled: bigint;
  readonly issued: bigint;
  readonly retired: bigint;
  /** Held by whoever bought them. */
  readonly active: bigint;
}

/** What the contracts tell. */
export interface Told {
  readonly totals: MassTotals;
  /** Lots as the events tell them. */
  readonly ledger: LotLedger;
  /** Lots whose holder, mass, code and state in storage are those of the ledger. */
  readonly sameLots: number;
  /** By number of the collector. */
  readonly collected: ReadonlyMap<number, Collected>;
  /** Tickets by container. */
  readonly collections: ReadonlyMap<number, readonly bigint[]>;
  readonly fates: FateTable;
  /** What became of the mass of each kind of container and collector. */
  readonly flows: readonly Flow[];
  readonly fills: ToldFills;
  readonly certificates: readonly ToldCertificates[];
}

const BIN_EVENTS = ["FillsReported", "FillAlert", "UnrecordedEmptying", "DeviceSet"];

/** Reads events and storage. */
export async function readTold(life: Life): Promise<Told> {
  const { day, firstBlock, town } = life;
  const { containers, wasteLots } = day.city;
  const { provider } = day.connection.ethers;
  const events = await readWasteEvents(provider, {
    wasteLots: await wasteLots.getAddress(),
    containers: await containers.getAddress(),
    fromBlock: firstBlock,
  });
  const ofLots = events.filter((event): event is LotEvent => !BIN_EVENTS.includes(event.name));
  const ledger = LotLedger.of(ofLots, { isHazardous: (code, on) => isHazardousOn(town, code, on) });
  const collected = new Map<number, Collected>();
  const collections = new Map<number, bigint[]>();
  for (const event of ofLots) {
    if (event.name !== "Collected") continue;
    const own = collected.get(event.operatorId) ?? { tickets: 0, grams: 0n };
    own.tickets += 1;
    own.grams += event.ticket.grams;
    collected.set(event.operatorId, own);
    collections.set(event.binId, [...(collections.get(event.binId) ?? []), event.ticket.grams]);
  }
  const {
    collected: sum,
    disposed,
    exported,
    processLoss,
    recovered,
    recycled,
    transitGain,
    transitLoss,
  } = await wasteLots.totals();
  return {
    totals: { collected: sum, disposed, exported, processLoss, recovered, recycled, transitGain, transitLoss },
    ledger,
    sameLots: await countSameLots(life, ledger),
    collected,
    collections,
    fates: traceFates(ofLots),
    flows: flowsOf(life, ofLots),
    fills: countFills(events),
    certificates: await readCertificates(life),
  };
}

/** Follows mass by kind of container, waste code and collector. */
function flowsOf({ town }: Life, events: readonly LotEvent[]): Flow[] {
  const names = new Map([...town.collectors.values()].map(({ name, number }) => [number, name]));
  const bins = new Set([...town.bins.values()].map(({ number }) => number));
  const sources: Omit<Flow, "grams">[] = [];
  const sourceOf: SourceOf = ({ binId, operatorId, ticket: { code } }) => {
    const source = { isBin: bins.has(binId), code, collector: names.get(operatorId) ?? operatorId.toString() };
    const known = sources.findIndex(
      (one) => one.isBin === source.isBin && one.code === code && one.collector === source.collector,
    );
    return known === -1 ? sources.push(source) - 1 : known;
  };
  const table = traceFates(events, sourceOf);
  return sources.flatMap((source, index) => {
    const grams = table.get(index);
    return grams === undefined ? [] : [{ ...source, grams }];
  });
}

async function countSameLots({ day }: Life, ledger: LotLedger): Promise<number> {
  let same = 0;
  for (const lot of ledger.lots) {
    const stored = await day.city.wasteLots.lotOf(lot.lotId);
    const pairs: readonly (readonly [bigint, bigint])[] = [
      [stored.holder, BigInt(lot.holder)],
      [stored.grams, lot.grams],
      [stored.collectedGrams, lot.collectedGrams],
      [stored.code, BigInt(lot.code)],
      [stored.state, lot.state],
      [stored.flags, lot.flags],
      [stored.op, BigInt(lot.op)],
    ];
    if (pairs.every(([left, right]) => left === right)) same += 1;
  }
  return same;
}

function countFills(events: readonly WasteEvent[]): ToldFills {
  const counts = { readings: 0, byGateway: 0, alerts: 0, unrecorded: 0 };
  for (const event of events) {
    if (event.name === "FillAlert") counts.alerts += 1;
    else if (event.name === "UnrecordedEmptying") counts.unrecorded += 1;
    else if (event.name === "FillsReported") {
      counts.readings += event.fills.length;
      if (event.gateway !== undefined) counts.byGateway += event.fills.length;
    }
  }
  return counts;
}

async function readCertificates({ day, loads }: Life): Promise<ToldCertificates[]> {
  const { recyclingCertificates, wasteLots } = day.city;
  const told: ToldCertificates[] = [];
  for (const id of loads.custody.mass.recycled.keys()) {
    const { code, facility, month, op } = certificateKind(id);
    const [issued, retired] = await recyclingCertificates.suppliesOf(id);
    told.push({
      id,
      recycled: await wasteLots.recycledOf(facility, code, op, month),
      issued,
      retired,
      active: await recyclingCertificates.balanceOf(loads.buyer.address, id),
    });
  }
  return told;
}
