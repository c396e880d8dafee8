/**
 * Events of containers and lots as plain values, read from a chain once, so that ledgers and documents can be made of them
 * without it. Mass is grams, instants are Unix time.
 */
import type { EventLog, Interface, Log, Provider, Result } from "ethers";

import { IContainers__factory, IWasteLots__factory } from "../../typechain-types/index.js";
import { inRanges, rangesIn } from "../blocks.js";
import type { Fill, Ticket } from "../typedData/waste.js";
import { unpackFills } from "./containers.js";
import type { Output } from "./lots.js";

/** Where on a chain an event stands. */
export interface EventPlace {
  readonly blockNumber: number;
  /** Number of the log in its block. */
  readonly logIndex: number;
  readonly transactionHash: string;
  /** Time of the block. */
  readonly at: bigint;
}

/** A container was emptied, and there is a lot. */
export interface Collected extends EventPlace {
  readonly name: "Collected";
  readonly lotId: bigint;
  readonly binId: number;
  /** The collector, who holds it. */
  readonly operatorId: number;
  /** The ticket, without the key that signed it. */
  readonly ticket: Omit<Ticket, "collector">;
}

/** A lot changed hands, or nothing of it was accepted. */
export interface Received extends EventPlace {
  readonly name: "Received";
  readonly lotId: bigint;
  readonly sender: number;
  readonly receiver: number;
  readonly sentGrams: bigint;
  readonly receivedGrams: bigint;
  /** Zero: the lot stays with the sender. */
  readonly acceptedGrams: bigint;
}

/** Some of a lot was refused, in a lot of its own; or all of it, in the same. */
export interface Refused extends EventPlace {
  readonly name: "Refused";
  readonly lotId: bigint;
  readonly parent: bigint;
  readonly receiver: number;
  readonly grams: bigint;
  readonly reasonHash: string;
}

/** What came differs by more than the tolerance. */
export interface Disputed extends EventPlace {
  readonly name: "Disputed";
  readonly lotId: bigint;
  readonly receiver: number;
  readonly sentGrams: bigint;
  readonly receivedGrams: bigint;
  readonly toleranceGrams: bigint;
}

/** A dispute is over. */
export interface DisputeRuled extends EventPlace {
  readonly name: "DisputeRuled";
  readonly lotId: bigint;
  readonly grams: bigint;
  readonly reasonHash: string;
}

/** Lots were grouped, in whole or in part. */
export interface Grouped extends EventPlace {
  readonly name: "Grouped";
  readonly lotId: bigint;
  readonly operatorId: number;
  readonly sources: readonly bigint[];
  readonly takenGrams: readonly bigint[];
}

/** Lots went through a process. */
export interface Processed extends EventPlace {
  readonly name: "Processed";
  readonly operatorId: number;
  readonly inputs: readonly bigint[];
  readonly outputs: readonly Output[];
  readonly outputLots: readonly bigint[];
  readonly lossGrams: bigint;
  readonly evidenceHash: string;
}

/** A final operation ended a lot. */
export interface Finalised extends EventPlace {
  readonly name: "Finalised";
  readonly lotId: bigint;
  readonly operatorId: number;
  readonly op: number;
  /** See {@link Fate}. */
  readonly fate: bigint;
  readonly grams: bigint;
  readonly evidenceHash: string;
}

/** A lot left the country. */
export interface Exported extends EventPlace {
  readonly name: "Exported";
  readonly lotId: bigint;
  readonly operatorId: number;
  readonly grams: bigint;
  readonly documentHash: string;
}

/** It is not known where all of a lot came from. */
export interface TraceBroken extends EventPlace {
  readonly name: "TraceBroken";
  readonly lotId: bigint;
  readonly reasonHash: string;
}

/** One of the two parties proposed another mass. */
export interface RevisionProposed extends EventPlace {
  readonly name: "RevisionProposed";
  readonly lotId: bigint;
  readonly proposer: number;
  readonly grams: bigint;
  readonly reasonHash: string;
}

/** The other party agreed. */
export interface Revised extends EventPlace {
  readonly name: "Revised";
  readonly lotId: bigint;
  /** Zero: the auditor. */
  readonly approver: number;
  readonly previousGrams: bigint;
  readonly grams: bigint;
}

/** Readings of containers: one that its device signed, or those that a gateway brought. */
export interface FillsReported extends EventPlace {
  readonly name: "FillsReported";
  /** Who brought them; undefined: the device signed its own. */
  readonly gateway?: string;
  readonly fills: readonly Fill[];
}

/** A container rose to its alert level. */
export interface FillAlert extends EventPlace {
  readonly name: "FillAlert";
  readonly binId: number;
  readonly fillBp: number;
}

/** A container fell, and no ticket was brought yet. */
export interface UnrecordedEmptying extends EventPlace {
  readonly name: "UnrecordedEmptying";
  readonly binId: number;
  readonly fromBp: number;
  readonly toBp: number;
}

/** A container has a device, its first or another one. */
export interface DeviceSet extends EventPlace {
  readonly name: "DeviceSet";
  readonly binId: number;
  readonly device: string;
}

/** What happens to lots. */
export type LotEvent =
  | Collected
  | Received
  | Refused
  | Disputed
  | DisputeRuled
  | Grouped
  | Processed
  | Finalised
  | Exported
  | TraceBroken
  | RevisionProposed
  | Revised;

/** What happens to containers, as far as the history of lots needs it. */
export type BinEvent = FillsReported | FillAlert | UnrecordedEmptying | DeviceSet;

/** What happens to waste. */
export type WasteEvent = LotEvent | BinEvent;

/** Sorts events by their place on the chain. */
export function inChainOrder<Event extends EventPlace>(events: readonly Event[]): Event[] {
  return [...events].sort((left, right) => left.blockNumber - right.blockNumber || left.logIndex - right.logIndex);
}

type Plain<Event> = Event extends EventPlace ? Omit<Event, keyof EventPlace> : never;

const lots = IWasteLots__factory.createInterface();
const containers = IContainers__factory.createInterface();

/**
 * Reads a log of `WasteLots` or `Containers`.
 *
 * @param log - The log.
 * @param at - Time of its block.
 * @returns Undefined for a log that has no part in the history of lots.
 */
export function parseWasteLog(log: Log | EventLog, at: bigint): WasteEvent | undefined {
  const plain = parsed(lots, log, lotEvent) ?? parsed(containers, log, binEvent);
  if (plain === undefined) return undefined;
  const { blockNumber, index: logIndex, transactionHash } = log;
  return { ...plain, blockNumber, logIndex, transactionHash, at };
}

/** Where events are read from. */
export interface WasteSource {
  /** Address of `WasteLots`. */
  readonly wasteLots: string;
  /** Address of `Containers`; readings are left out without it. */
  readonly containers?: string;
  /** First block: that of the contracts' deployment or before. 0 when left out. */
  readonly fromBlock?: number;
  /** Last block; the latest when left out. */
  readonly toBlock?: number;
}

/**
 * Reads the events of lots, and of containers, in the order of the chain.
 *
 * @param provider - The chain.
 * @param source - Contracts and blocks.
 */
export async function readWasteEvents(provider: Provider, source: WasteSource): Promise<WasteEvent[]> {
  const { wasteLots, containers: bins } = source;
  const addresses = bins === undefined ? [wasteLots] : [wasteLots, bins];
  const logs = await inRanges(await rangesIn(provider, source), async (from, to) => {
    const found: Log[][] = [];
    for (const address of addresses) found.push(await provider.getLogs({ address, fromBlock: from, toBlock: to }));
    return found.flat();
  });
  const times = new Map<number, bigint>();
  const events: WasteEvent[] = [];
  for (const log of logs) {
    const at = times.get(log.blockNumber) ?? BigInt((await provider.getBlock(log.blockNumber))?.timestamp ?? 0);
    times.set(log.blockNumber, at);
    const event = parseWasteLog(log, at);
    if (event !== undefined) events.push(event);
  }
  return inChainOrder(events);
}

function parsed<Event>(
  contract: Interface,
  log: Log,
  read: (name: string, args: Result) => Event | undefined,
): Event | undefined {
  const description = contract.parseLog(log);
  return description === null ? undefined : read(description.name, description.args);
}

function numberIn(args: Result, name: string): number {
  return Number(args.getValue(name));
}

function bigintIn(args: Result, name: string): bigint {
  return args.getValue(name) as bigint;
}

function textIn(args: Result, name: string): string {
  return args.getValue(name) as string;
}

function listIn(args: Result, name: string): bigint[] {
  return (args.getValue(name) as Result).toArray() as bigint[];
}

/** The lowest bits of a word of an event, and what is above them. */
function split(word: bigint, bits: bigint): [low: bigint, rest: bigint] {
  return [word & ((1n << bits) - 1n), word >> bits];
}

function ticketIn(lotId: bigint, args: Result): Collected["ticket"] {
  const [routeId, aboveRoute] = split(bigintIn(args, "ticket"), 32n);
  const [weighing, aboveWeighing] = split(aboveRoute, 8n);
  const [grams, aboveGrams] = split(aboveWeighing, 32n);
  const [code, aboveCode] = split(aboveGrams, 24n);
  const [takenAt, counter] = split(aboveCode, 40n);
  return {
    binId: Number(lotId >> 32n),
    counter: Number(counter),
    takenAt,
    code: Number(code),
    grams,
    weighing,
    routeId: Number(routeId),
    documentHash: textIn(args, "documentHash"),
  };
}

function outputsIn(args: Result): Output[] {
  const outputs = (args.getValue("outputs") as Result).toArray() as Result[];
  return outputs.map((output) => ({
    code: numberIn(output, "code"),
    grams: bigintIn(output, "grams"),
    op: numberIn(output, "op"),
  }));
}

function lotEvent(name: string, args: Result): Plain<LotEvent> | undefined {
  if (name === "Processed") {
    return {
      name,
      operatorId: numberIn(args, "operatorId"),
      inputs: listIn(args, "inputs"),
      outputs: outputsIn(args),
      outputLots: listIn(args, "outputLots"),
      lossGrams: bigintIn(args, "lossGrams"),
      evidenceHash: textIn(args, "evidenceHash"),
    };
  }
  const read = lotEvents[name];
  return read === undefined ? undefined : read(bigintIn(args, "lotId"), args);
}

const lotEvents: Readonly<Record<string, (lotId: bigint, args: Result) => Plain<LotEvent>>> = {
  Collected: (lotId, args) => ({
    name: "Collected",
    lotId,
    binId: Number(lotId >> 32n),
    operatorId: numberIn(args, "operatorId"),
    ticket: ticketIn(lotId, args),
  }),
  Received: (lotId, args) => {
    const [acceptedGrams, aboveAccepted] = split(bigintIn(args, "delivery"), 64n);
    const [receivedGrams, aboveReceived] = split(aboveAccepted, 64n);
    const [sentGrams, sender] = split(aboveReceived, 64n);
    return {
      name: "Received",
      lotId,
      sender: Number(sender),
      receiver: numberIn(args, "receiver"),
      sentGrams,
      receivedGrams,
      acceptedGrams,
    };
  },
  Refused: (lotId, args) => ({
    name: "Refused",
    lotId,
    parent: bigintIn(args, "parent"),
    receiver: numberIn(args, "receiver"),
    grams: bigintIn(args, "grams"),
    reasonHash: textIn(args, "reasonHash"),
  }),
  Disputed: (lotId, args) => ({
    name: "Disputed",
    lotId,
    receiver: numberIn(args, "receiver"),
    sentGrams: bigintIn(args, "sentGrams"),
    receivedGrams: bigintIn(args, "receivedGrams"),
    toleranceGrams: bigintIn(args, "toleranceGrams"),
  }),
  DisputeRuled: (lotId, args) => ({
    name: "DisputeRuled",
    lotId,
    grams: bigintIn(args, "grams"),
    reasonHash: textIn(args, "reasonHash"),
  }),
  Grouped: (lotId, args) => ({
    name: "Grouped",
    lotId,
    operatorId: numberIn(args, "operatorId"),
    sources: listIn(args, "sources"),
    takenGrams: listIn(args, "takenGrams"),
  }),
  Finalised: (lotId, args) => ({
    name: "Finalised",
    lotId,
    operatorId: numberIn(args, "operatorId"),
    op: numberIn(args, "op"),
    fate: bigintIn(args, "fate"),
    grams: bigintIn(args, "grams"),
    evidenceHash: textIn(args, "evidenceHash"),
  }),
  Exported: (lotId, args) => ({
    name: "Exported",
    lotId,
    operatorId: numberIn(args, "operatorId"),
    grams: bigintIn(args, "grams"),
    documentHash: textIn(args, "documentHash"),
  }),
  TraceBroken: (lotId, args) => ({ name: "TraceBroken", lotId, reasonHash: textIn(args, "reasonHash") }),
  RevisionProposed: (lotId, args) => ({
    name: "RevisionProposed",
    lotId,
    proposer: numberIn(args, "proposer"),
    grams: bigintIn(args, "grams"),
    reasonHash: textIn(args, "reasonHash"),
  }),
  Revised: (lotId, args) => ({
    name: "Revised",
    lotId,
    approver: numberIn(args, "approver"),
    previousGrams: bigintIn(args, "previousGrams"),
    grams: bigintIn(args, "grams"),
  }),
};

function binEvent(name: string, args: Result): Plain<BinEvent> | undefined {
  switch (name) {
    case "FillReported": {
      const [binId, counter, fillBp] = ["binId", "counter", "fillBp"].map((member) => numberIn(args, member));
      const fill = {
        binId: binId ?? 0,
        counter: counter ?? 0,
        takenAt: bigintIn(args, "takenAt"),
        fillBp: fillBp ?? 0,
      };
      return { name: "FillsReported", fills: [fill] };
    }
    case "FillsReported":
      return { name, gateway: textIn(args, "gateway"), fills: unpackFills(textIn(args, "fills")) };
    case "FillAlert":
      return { name, binId: numberIn(args, "binId"), fillBp: numberIn(args, "fillBp") };
    case "UnrecordedEmptying":
      return {
        name,
        binId: numberIn(args, "binId"),
        fromBp: numberIn(args, "fromBp"),
        toBp: numberIn(args, "toBp"),
      };
    case "BinRegistered":
    case "DeviceSet":
      return { name: "DeviceSet", binId: numberIn(args, "binId"), device: textIn(args, "device") };
    default:
      return undefined;
  }
}
