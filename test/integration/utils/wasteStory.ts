import { id, toBeHex, ZeroHash } from "ethers";

import { Weighing } from "../../../sdk/index.js";
import {
  buildTicket,
  fateOf,
  type LotEvent,
  operationOf,
  type Output,
  serialLotId,
  ticketLotId,
  wasteCode,
  type WasteEvent,
} from "../../../sdk/waste/index.js";

/** 20 November 2026, 08:00 UTC. */
export const MORNING = 1_795_161_600n;
export const DEVICE = "0x00000000000000000000000000000000000000d7";
export const CREW = "0x00000000000000000000000000000000000000c1";

const HOUR = 3_600n;

type Plain<Event> = Event extends WasteEvent
  ? Omit<Event, "blockNumber" | "logIndex" | "transactionHash" | "at">
  : never;

/** Makes up the events of a chain: each call of `at` begins a transaction, an hour after the one before. */
export class WasteStory {
  readonly events: WasteEvent[] = [];
  #block = 0;
  #serial = 0n;
  readonly #collections = new Map<number, number>();

  /** Events of one transaction. */
  at(...events: Plain<WasteEvent>[]): void {
    this.#block += 1;
    for (const [logIndex, event] of events.entries()) {
      const place = { blockNumber: this.#block, logIndex, transactionHash: toBeHex(this.#block, 32), at: this.now };
      this.events.push({ ...event, ...place });
    }
  }

  /** Time of the latest transaction. */
  get now(): bigint {
    return MORNING + BigInt(this.#block) * HOUR;
  }

  get lotEvents(): LotEvent[] {
    const ofBins = ["FillsReported", "FillAlert", "UnrecordedEmptying", "DeviceSet"];
    return this.events.filter((event): event is LotEvent => !ofBins.includes(event.name));
  }

  /** A reading, with what the contract says of it. */
  fill(binId: number, fillBp: number, word?: "alert" | "unrecorded", fromBp = 0): void {
    const counter = this.#block + 1;
    const fills = [{ binId, counter, takenAt: this.now + HOUR, fillBp }];
    const told: Plain<WasteEvent>[] = [];
    if (word === "alert") told.push({ name: "FillAlert", binId, fillBp });
    if (word === "unrecorded") told.push({ name: "UnrecordedEmptying", binId, fromBp, toBp: fillBp });
    this.at({ name: "FillsReported", fills }, ...told);
  }

  collect(binId: number, grams: bigint, code = "15 01 06", operatorId = 1): bigint {
    const collection = (this.#collections.get(binId) ?? 0) + 1;
    this.#collections.set(binId, collection);
    const lotId = ticketLotId(binId, collection);
    const ticket = buildTicket({
      binId,
      counter: this.#block + 1,
      takenAt: this.now + HOUR,
      code: wasteCode(code),
      grams,
      weighing: Weighing.Weighed,
      collector: CREW,
    });
    this.at({ name: "Collected", lotId, binId, operatorId, ticket });
    return lotId;
  }

  /** A handover to a receiver; returns the lot of what is refused, or the lot itself. */
  hand(lotId: bigint, sent: bigint, received: bigint, accepted = received, sender = 1, receiver = 2): bigint {
    const told: Plain<WasteEvent> = {
      name: "Received",
      lotId,
      sender,
      receiver,
      sentGrams: sent,
      receivedGrams: received,
      acceptedGrams: accepted,
    };
    if (accepted === received) {
      this.at(told);
      return lotId;
    }
    const back = accepted === 0n ? lotId : this.nextSerial();
    const grams = received - accepted;
    this.at(told, { name: "Refused", lotId: back, parent: lotId, receiver, grams, reasonHash: id("wet") });
    return back;
  }

  group(sources: readonly bigint[], takenGrams: readonly bigint[], operatorId = 2): bigint {
    const lotId = this.nextSerial();
    this.at({ name: "Grouped", lotId, operatorId, sources, takenGrams });
    return lotId;
  }

  /** A process whose outputs are given as code, mass and operation; an empty operation makes a lot. */
  process(
    inputs: readonly bigint[],
    made: readonly [string, bigint, string][],
    lossGrams = 0n,
    operatorId = 2,
  ): bigint[] {
    const outputs = made.map(([code, grams, op]): Output => ({
      code: wasteCode(code),
      grams,
      op: op === "" ? 0 : operationOf(op),
    }));
    const outputLots = outputs.map(() => this.nextSerial());
    const ends = outputs.flatMap(({ grams, op }, index): Plain<WasteEvent>[] =>
      op === 0
        ? []
        : [
            {
              name: "Finalised",
              lotId: outputLots[index]!,
              operatorId,
              op,
              fate: fateOf(op),
              grams,
              evidenceHash: ZeroHash,
            },
          ],
    );
    const evidenceHash = id("record");
    this.at(...ends, { name: "Processed", operatorId, inputs, outputs, outputLots, lossGrams, evidenceHash });
    return outputLots;
  }

  finalise(lotId: bigint, grams: bigint, operation: string, operatorId = 2): void {
    const op = operationOf(operation);
    const evidenceHash = id("record");
    this.at({ name: "Finalised", lotId, operatorId, op, fate: fateOf(op), grams, evidenceHash });
  }

  revise(lotId: bigint, previousGrams: bigint, grams: bigint, proposer = 1, approver = 2): void {
    this.at({ name: "RevisionProposed", lotId, proposer, grams, reasonHash: id("scale was off") });
    this.at({ name: "Revised", lotId, approver, previousGrams, grams });
  }

  nextSerial(): bigint {
    this.#serial += 1n;
    return serialLotId(this.#serial);
  }
}
