/**
 * The history of a lot as an EPCIS 2.0 document, made of events alone. Readings are ObjectEvents with a sensor's report,
 * tickets ObjectEvents that add a lot, custody TransactionEvents, groups AggregationEvents, processes
 * TransformationEvents, ends ObjectEvents that delete. A revision declares the event wrong that said the mass last, by its
 * own id, and names one that says what is right.
 *
 * GS1 gives no keys for a city's lots, containers and operators, so they have URIs under a base of the document's maker.
 */
import { getAddress, id as hashOf } from "ethers";

import { Fate, LotState, nameIn, Weighing } from "../enums.js";
import type { Fill } from "../typedData/waste.js";
import { operationText, wasteCodeText } from "./codes.js";
import { FULL_BP } from "./containers.js";
import type {
  BizTransaction,
  EpcisDocument,
  EpcisEvent,
  EpcisEventBase,
  ObjectEvent,
  QuantityElement,
  SensorElement,
  SensorReport,
  TransactionEvent,
} from "./epcisTypes.js";
import {
  type BinEvent,
  type Collected,
  type Disputed,
  type DisputeRuled,
  type EventPlace,
  type Exported,
  type Finalised,
  type Grouped,
  inChainOrder,
  type LotEvent,
  type Processed,
  type Received,
  type Refused,
  type Revised,
  type TraceBroken,
  type WasteEvent,
} from "./events.js";
import { LotLedger } from "./ledger.js";
import { MAX_LOT_GRAMS } from "./lots.js";
import { checkField } from "./packing.js";

/** Context of EPCIS 2.0, which documents name and nobody needs to load to read them. */
export const EPCIS_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/** Namespace of members of our own. */
export const EPCIS_NAMESPACE = "urn:civitas:epcis:";

/** Of which chain and contract a document tells. */
export interface EpcisFrame {
  readonly chainId: bigint | number;
  /** Address of `WasteLots`. */
  readonly wasteLots: string;
  /**
   * What URIs of lots, containers and operators begin with, for instance `https://id.city.example/waste/`. Chain and
   * contract in a URN when left out.
   */
  readonly baseUri?: string;
  /** Time of the document, Unix time; that of its last event when left out. */
  readonly createdAt?: bigint;
}

/** What a history is made of. */
export interface HistorySource extends EpcisFrame {
  /** All events of lots, and those of containers whose readings are wanted, in any order. */
  readonly events: readonly WasteEvent[];
}

const MS_PER_SECOND = 1_000;
const GRAMS_PER_KG = 1_000;
const UTC = "+00:00";
/** Square of the unit 1: a share of a whole. */
const SHARE_UNIT = "C62";
const HEX_DIGITS = 16;

/** URIs under a frame's base. */
export class EpcisUris {
  readonly #base: string;

  /** @throws TypeError for what is no address of a contract. */
  constructor({ chainId, wasteLots, baseUri }: EpcisFrame) {
    const contract = getAddress(wasteLots).toLowerCase();
    this.#base = baseUri ?? `urn:civitas:eip155:${chainId.toString()}:${contract}:`;
  }

  lot(lotId: bigint): string {
    return `${this.#base}lot:${lotId.toString()}`;
  }

  container(binId: number): string {
    return `${this.#base}container:${binId}`;
  }

  device(address: string): string {
    return `${this.#base}device:${address.toLowerCase()}`;
  }

  operator(operatorId: number): string {
    return `${this.#base}operator:${operatorId}`;
  }

  /** A paper that is known by its salted hash alone. */
  document(hash: string): string {
    return `${this.#base}document:${hash.slice(2)}`;
  }

  /** What happened in a transaction: a ticket, a handover, a process. */
  act(kind: string, { transactionHash, logIndex }: EventPlace): string {
    return `${this.#base}${kind}:${transactionHash.slice(2)}:${logIndex}`;
  }

  history(lotId: bigint): string {
    return `${this.#base}history:${lotId.toString()}`;
  }
}

/**
 * Id of an event: a UUID of the chain, the transaction and the log, so that whoever makes a document of the same event
 * gives it the same id (RFC 9562, version 8).
 *
 * @param part - Which of several events that one log comes to.
 */
export function epcisEventId(chainId: bigint | number, place: EventPlace, part = ""): string {
  const { transactionHash, logIndex } = place;
  const hash = hashOf(`civitas:epcis:${chainId.toString()}:${transactionHash.toLowerCase()}:${logIndex}:${part}`);
  const variant = (0x8 | (Number.parseInt(hash.charAt(VARIANT_AT), HEX_DIGITS) & 0x3)).toString(HEX_DIGITS);
  const digits = `${hash.slice(2, VERSION_AT)}8${hash.slice(VERSION_AT + 1, VARIANT_AT)}${variant}`;
  const uuid = `${digits}${hash.slice(VARIANT_AT + 1, UUID_END)}`;
  return `urn:uuid:${uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}`;
}

/** Places of a UUID's version and variant, and its end, in a hash with its 0x. */
const VERSION_AT = 14;
const VARIANT_AT = 18;
const UUID_END = 34;

/**
 * Mass in kilograms, exact.
 *
 * @throws FieldError for more than a lot can have.
 */
export function kilograms(grams: bigint): number {
  // Thirteen digits at most, which a double holds with all their decimals.
  return Number(checkField("mass", grams, 0n, MAX_LOT_GRAMS)) / GRAMS_PER_KG;
}

/**
 * The whole history of a lot: its ancestors back to the containers and their readings since the collection before, the
 * lot itself, and all that came of it.
 *
 * @param source - Events and their frame.
 * @param lotId - The lot.
 * @throws RangeError for a lot that the events do not tell of.
 * @throws LedgerError for events that contradict each other.
 */
export function lotHistory(source: HistorySource, lotId: bigint): EpcisDocument {
  const events = inChainOrder(source.events);
  const ledger = LotLedger.of(events.filter(isLotEvent));
  if (ledger.lotOf(lotId) === undefined) throw new RangeError(`no event tells of lot ${lotId.toString()}`);
  const relatives = new Set([lotId, ...ledger.ancestorsOf(lotId), ...ledger.descendantsOf(lotId)]);
  const writer = new HistoryWriter(source, ledger, relatives, events);
  for (const event of events) writer.write(event);
  const uris = new EpcisUris(source);
  const eventList = writer.events;
  const createdAt = source.createdAt ?? writer.lastAt;
  return {
    "@context": [EPCIS_CONTEXT, { civitas: EPCIS_NAMESPACE }],
    id: uris.history(lotId),
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: timeOf(createdAt),
    epcisBody: { eventList },
  };
}

const BIN_EVENTS: readonly string[] = ["FillsReported", "FillAlert", "UnrecordedEmptying", "DeviceSet"];

function isLotEvent(event: WasteEvent): event is LotEvent {
  return !BIN_EVENTS.includes(event.name);
}

function timeOf(at: bigint): string {
  return new Date(Number(at) * MS_PER_SECOND).toISOString();
}

type EventHead = Pick<EpcisEventBase, "eventID" | "eventTime" | "recordTime" | "eventTimeZoneOffset">;

type Alarm = NonNullable<SensorReport["exception"]>;

/** What became of a lot in the words of the Core Business Vocabulary. */
const DISPOSITIONS: ReadonlyMap<bigint, string> = new Map([
  [Fate.Recycled, "inactive"],
  [Fate.Recovered, "destroyed"],
  [Fate.Disposed, "disposed"],
]);

/** Since which ticket, and until which, readings of a container belong to one of some lots. */
function fillingsOf(events: readonly WasteEvent[], lots: ReadonlySet<bigint>): Filling[] {
  const tickets = events.filter((event) => event.name === "Collected");
  return tickets
    .filter(({ lotId }) => lots.has(lotId))
    .map(({ binId, ticket: { takenAt: until } }) => {
      const before = tickets
        .filter((other) => other.binId === binId && other.ticket.takenAt < until)
        .map((other) => other.ticket.takenAt);
      const after = before.reduce<bigint | undefined>(
        (last, at) => (last !== undefined && last > at ? last : at),
        undefined,
      );
      return { binId, after, until };
    });
}

/** Readings that the contract called out, by transaction, container and fill. */
function alarmsOf(events: readonly WasteEvent[]): Map<string, Alarm> {
  const alarms = new Map<string, Alarm>();
  for (const event of events) {
    const { transactionHash } = event;
    if (event.name === "FillAlert") alarms.set(alarmKey(transactionHash, event.binId, event.fillBp), "ALARM_CONDITION");
    if (event.name === "UnrecordedEmptying") {
      alarms.set(alarmKey(transactionHash, event.binId, event.toBp), "ERROR_CONDITION");
    }
  }
  return alarms;
}

function alarmKey(transactionHash: string, binId: number, fillBp: number): string {
  return `${transactionHash} ${binId} ${fillBp}`;
}

/** An event with another mass of one lot. */
function restated<Event extends EpcisEvent>(event: Event, lot: string, quantity: number): Event {
  const change = (list: readonly QuantityElement[]): QuantityElement[] =>
    list.map((element) => (element.epcClass === lot ? { ...element, quantity } : element));
  switch (event.type) {
    case "AggregationEvent":
      return { ...event, "civitas:kg": quantity };
    case "TransformationEvent":
      return { ...event, outputQuantityList: change(event.outputQuantityList ?? []) };
    case "ObjectEvent":
    case "TransactionEvent":
      return { ...event, quantityList: change(event.quantityList ?? []) };
  }
}

/** A stretch of time in which readings belong to a lot. */
interface Filling {
  readonly binId: number;
  /** Time on the ticket before; undefined: there is none. */
  readonly after: bigint | undefined;
  readonly until: bigint;
}

/** Writes the events of some lots. */
class HistoryWriter {
  readonly #uris: EpcisUris;
  readonly #chainId: bigint | number;
  readonly #lots: ReadonlySet<bigint>;
  readonly #fillings: readonly Filling[];
  readonly #alarms: ReadonlyMap<string, Alarm>;
  readonly #ledger: LotLedger;
  readonly #devices = new Map<number, string>();
  /** The event that said a lot's mass last. */
  readonly #statements = new Map<bigint, EpcisEvent>();
  /** Why a revision was proposed. */
  readonly #reasons = new Map<bigint, string>();
  /** Lots that came to be. */
  readonly #begun = new Set<bigint>();
  /** Ends of outputs whose process is yet to come. */
  readonly #ends: Finalised[] = [];
  readonly #written: EpcisEvent[] = [];
  #lastAt = 0n;

  constructor(frame: EpcisFrame, ledger: LotLedger, lots: ReadonlySet<bigint>, events: readonly WasteEvent[]) {
    this.#uris = new EpcisUris(frame);
    this.#chainId = frame.chainId;
    this.#ledger = ledger;
    this.#lots = lots;
    this.#fillings = fillingsOf(events, lots);
    this.#alarms = alarmsOf(events);
  }

  get events(): readonly EpcisEvent[] {
    return this.#written;
  }

  /** Time of the last event written. */
  get lastAt(): bigint {
    return this.#lastAt;
  }

  write(event: WasteEvent): void {
    if (event.name === "DeviceSet") {
      this.#devices.set(event.binId, event.device);
      return;
    }
    const count = this.#written.length;
    if (isLotEvent(event)) this.#writeLotEvent(event);
    else if (event.name === "FillsReported") this.#writeFills(event);
    if (this.#written.length > count) this.#lastAt = event.at;
  }

  #writeLotEvent(event: LotEvent): void {
    switch (event.name) {
      case "Grouped":
        this.#group(event);
        return;
      case "Processed":
        this.#process(event);
        return;
      case "Refused":
        if (this.#has(event.lotId) || this.#has(event.parent)) this.#refuse(event);
        return;
      default:
        if (this.#has(event.lotId)) this.#writeOwn(event);
    }
  }

  #writeOwn(event: Exclude<LotEvent, Grouped | Processed | Refused>): void {
    switch (event.name) {
      case "Collected":
        this.#collect(event);
        return;
      case "Received":
        this.#receive(event);
        return;
      case "Disputed":
        this.#dispute(event);
        return;
      case "DisputeRuled":
        this.#rule(event);
        return;
      case "Finalised":
        if (this.#begun.has(event.lotId)) this.#finalise(event);
        else this.#ends.push(event);
        return;
      case "Exported":
        this.#export(event);
        return;
      case "TraceBroken":
        this.#break(event);
        return;
      case "RevisionProposed":
        this.#reasons.set(event.lotId, event.reasonHash);
        return;
      case "Revised":
        this.#revise(event);
        return;
    }
  }

  // --- what happens

  #writeFills(event: BinEvent & { readonly name: "FillsReported" }): void {
    const several = event.fills.length > 1;
    for (const [index, fill] of event.fills.entries()) {
      const { binId, takenAt } = fill;
      const belongs = ({ binId: bin, after, until }: Filling): boolean =>
        bin === binId && takenAt <= until && (after === undefined || takenAt > after);
      if (!this.#fillings.some(belongs)) continue;
      this.#put({
        ...this.#base(event, takenAt, several ? index.toString() : ""),
        type: "ObjectEvent",
        action: "OBSERVE",
        bizStep: "sensor_reporting",
        readPoint: { id: this.#uris.container(binId) },
        sensorElementList: [this.#sensorElement(event, fill)],
        "civitas:counter": fill.counter,
      });
    }
  }

  #sensorElement({ transactionHash, gateway }: EventPlace & { readonly gateway?: string }, fill: Fill): SensorElement {
    const device = this.#devices.get(fill.binId);
    const exception = this.#alarms.get(alarmKey(transactionHash, fill.binId, fill.fillBp));
    const method = `${EPCIS_NAMESPACE}${gateway === undefined ? "signed-by-device" : "brought-by-gateway"}`;
    return {
      sensorMetadata: {
        time: timeOf(fill.takenAt),
        ...(device === undefined ? {} : { deviceID: this.#uris.device(device) }),
        dataProcessingMethod: method,
      },
      sensorReport: [
        {
          type: "VolumeFraction",
          ...(exception === undefined ? {} : { exception }),
          value: fill.fillBp / FULL_BP,
          uom: SHARE_UNIT,
        },
      ],
    };
  }

  #collect(event: Collected): void {
    const { lotId, binId, operatorId, ticket } = event;
    const own = { bizTransaction: this.#uris.act("ticket", event) };
    const written = this.#put({
      ...this.#base(event, ticket.takenAt),
      type: "ObjectEvent",
      action: "ADD",
      bizStep: "collecting",
      disposition: "in_progress",
      readPoint: { id: this.#uris.container(binId) },
      quantityList: [this.#mass(lotId, ticket.grams)],
      ...this.#papers("bol", ticket.documentHash, [own]),
      destinationList: [{ type: "possessing_party", destination: this.#uris.operator(operatorId) }],
      ilmd: {
        "civitas:code": wasteCodeText(ticket.code),
        "civitas:weighing": nameIn(Weighing, ticket.weighing).toLowerCase(),
      },
      "civitas:counter": ticket.counter,
      ...(ticket.routeId === 0 ? {} : { "civitas:route": ticket.routeId }),
    });
    this.#begin(lotId, written);
  }

  #receive(event: Received): void {
    const { lotId, sender, receiver, sentGrams, receivedGrams, acceptedGrams } = event;
    const kept = acceptedGrams > 0n;
    const parties: Pick<TransactionEvent, "sourceList" | "destinationList"> = {
      sourceList: [{ type: "possessing_party", source: this.#uris.operator(sender) }],
      destinationList: [{ type: "possessing_party", destination: this.#uris.operator(kept ? receiver : sender) }],
    };
    const written = this.#put({
      ...this.#base(event),
      type: "TransactionEvent",
      action: "ADD",
      bizStep: "receiving",
      disposition: kept ? "in_progress" : "non_conformant",
      bizTransactionList: [{ type: "recadv", bizTransaction: this.#uris.act("handover", event) }],
      quantityList: [this.#mass(lotId, kept ? acceptedGrams : receivedGrams)],
      ...parties,
      "civitas:sentKg": kilograms(sentGrams),
      "civitas:receivedKg": kilograms(receivedGrams),
      "civitas:acceptedKg": kilograms(acceptedGrams),
      "civitas:receiver": this.#uris.operator(receiver),
    });
    this.#statements.set(lotId, written);
  }

  #refuse(event: Refused): void {
    const { lotId, parent, receiver, grams, reasonHash } = event;
    const whole = lotId === parent;
    const written = this.#put({
      ...this.#base(event),
      type: "ObjectEvent",
      action: whole ? "OBSERVE" : "ADD",
      bizStep: "inspecting",
      disposition: "returned",
      quantityList: [this.#mass(lotId, grams)],
      ...(whole ? {} : { ilmd: { "civitas:partOf": this.#uris.lot(parent) } }),
      "civitas:refusedBy": this.#uris.operator(receiver),
      "civitas:reasonHash": reasonHash,
    });
    this.#begin(lotId, written);
  }

  #dispute(event: Disputed): void {
    this.#put({
      ...this.#observation(event, event.lotId, event.receivedGrams),
      disposition: "mismatch_quantity",
      persistentDisposition: { set: ["mismatch_quantity"] },
      "civitas:sentKg": kilograms(event.sentGrams),
      "civitas:toleranceKg": kilograms(event.toleranceGrams),
      "civitas:receiver": this.#uris.operator(event.receiver),
    });
  }

  #rule(event: DisputeRuled): void {
    const written = this.#put({
      ...this.#observation(event, event.lotId, event.grams),
      disposition: "in_progress",
      persistentDisposition: { unset: ["mismatch_quantity"] },
      "civitas:reasonHash": event.reasonHash,
    });
    this.#statements.set(event.lotId, written);
  }

  #group(event: Grouped): void {
    const { lotId, operatorId, sources, takenGrams } = event;
    if (!this.#has(lotId) && !sources.some((source) => this.#has(source))) return;
    const total = takenGrams.reduce((sum, grams) => sum + grams, 0n);
    const written = this.#put({
      ...this.#base(event),
      type: "AggregationEvent",
      action: "ADD",
      parentID: this.#uris.lot(lotId),
      childQuantityList: sources.map((source, index) => this.#mass(source, takenGrams[index] ?? 0n)),
      bizStep: "packing",
      disposition: "in_progress",
      "civitas:operator": this.#uris.operator(operatorId),
      "civitas:kg": kilograms(total),
    });
    this.#begin(lotId, written);
  }

  #process(event: Processed): void {
    const { operatorId, inputs, outputs, outputLots, lossGrams, evidenceHash } = event;
    if (![...inputs, ...outputLots].some((lotId) => this.#has(lotId))) return;
    const made = outputs.map((output, index) => ({ ...output, lotId: outputLots[index] ?? 0n }));
    const masses = made.map(({ lotId, grams }) => this.#mass(lotId, grams));
    const written = this.#put({
      ...this.#base(event),
      type: "TransformationEvent",
      transformationID: this.#uris.act("process", event),
      // A lot that was processed keeps the mass with which it went in.
      inputQuantityList: inputs.map((lotId) => this.#mass(lotId, this.#ledger.lotOf(lotId)?.grams ?? 0n)),
      ...(masses.length === 0 ? {} : { outputQuantityList: masses }),
      bizStep: "creating_class_instance",
      disposition: "in_progress",
      ...this.#papers(undefined, evidenceHash),
      "civitas:operator": this.#uris.operator(operatorId),
      "civitas:lossKg": kilograms(lossGrams),
      "civitas:codes": made.map(({ lotId, code }) => ({
        id: this.#uris.lot(lotId),
        "civitas:code": wasteCodeText(code),
      })),
    });
    for (const { lotId } of made) this.#begin(lotId, written);
    const ends = this.#ends.splice(0);
    for (const end of ends) this.#finalise(end);
  }

  #finalise(event: Finalised): void {
    const { lotId, operatorId, op, fate, grams, evidenceHash } = event;
    this.#put({
      ...this.#base(event),
      type: "ObjectEvent",
      action: "DELETE",
      bizStep: fate === Fate.Recovered ? "destroying" : "decommissioning",
      disposition: DISPOSITIONS.get(fate) ?? "unknown",
      quantityList: [this.#mass(lotId, grams)],
      ...this.#papers(undefined, evidenceHash),
      "civitas:operator": this.#uris.operator(operatorId),
      "civitas:operation": operationText(op),
      "civitas:fate": nameIn(Fate, fate).toLowerCase(),
    });
  }

  #export(event: Exported): void {
    this.#put({
      ...this.#base(event),
      type: "ObjectEvent",
      action: "OBSERVE",
      bizStep: "shipping",
      disposition: "in_transit",
      quantityList: [this.#mass(event.lotId, event.grams)],
      ...this.#papers("bol", event.documentHash),
      sourceList: [{ type: "possessing_party", source: this.#uris.operator(event.operatorId) }],
      "civitas:fate": nameIn(LotState, LotState.Exported).toLowerCase(),
    });
  }

  #break(event: TraceBroken): void {
    const { lotId, reasonHash } = event;
    this.#put({
      ...this.#observation(event, lotId, undefined),
      disposition: "no_pedigree_match",
      persistentDisposition: { set: ["no_pedigree_match"] },
      "civitas:reasonHash": reasonHash,
    });
  }

  /** The event that said the mass last is told again as wrong, and then as it should have been. */
  #revise(event: Revised): void {
    const { lotId, grams, approver, at } = event;
    const wrong = this.#statements.get(lotId);
    if (wrong === undefined) return;
    const reasonHash = this.#reasons.get(lotId);
    const eventID = epcisEventId(this.#chainId, event);
    const recordTime = timeOf(at);
    this.#put({
      ...wrong,
      recordTime,
      errorDeclaration: {
        declarationTime: recordTime,
        reason: "incorrect_data",
        correctiveEventIDs: [eventID],
        ...(reasonHash === undefined ? {} : { "civitas:reasonHash": reasonHash }),
        "civitas:approver": approver === 0 ? "auditor" : this.#uris.operator(approver),
      },
    });
    const right = this.#put({ ...restated(wrong, this.#uris.lot(lotId), kilograms(grams)), eventID, recordTime });
    this.#statements.set(lotId, right);
  }

  // --- parts

  #has(lotId: bigint): boolean {
    return this.#lots.has(lotId);
  }

  #base(place: EventPlace, eventAt = place.at, part = ""): EventHead {
    return {
      eventID: epcisEventId(this.#chainId, place, part),
      eventTime: timeOf(eventAt),
      recordTime: timeOf(place.at),
      eventTimeZoneOffset: UTC,
    };
  }

  #observation(place: EventPlace, lotId: bigint, grams: bigint | undefined): ObjectEvent {
    const lot = this.#uris.lot(lotId);
    const mass = grams === undefined ? { epcClass: lot } : this.#mass(lotId, grams);
    return {
      ...this.#base(place),
      type: "ObjectEvent",
      action: "OBSERVE",
      bizStep: "inspecting",
      quantityList: [mass],
    };
  }

  #mass(lotId: bigint, grams: bigint): QuantityElement {
    return { epcClass: this.#uris.lot(lotId), quantity: kilograms(grams), uom: "KGM" };
  }

  /** Papers of an event, those given and one known by its hash; zero: there is none. */
  #papers(
    type: string | undefined,
    hash: string,
    others: readonly BizTransaction[] = [],
  ): { readonly bizTransactionList?: readonly BizTransaction[] } {
    const paper = { ...(type === undefined ? {} : { type }), bizTransaction: this.#uris.document(hash) };
    const list = BigInt(hash) === 0n ? others : [...others, paper];
    return list.length === 0 ? {} : { bizTransactionList: list };
  }

  #begin(lotId: bigint, statement: EpcisEvent): void {
    this.#begun.add(lotId);
    this.#statements.set(lotId, statement);
  }

  #put<Event extends EpcisEvent>(event: Event): Event {
    this.#written.push(event);
    return event;
  }
}
