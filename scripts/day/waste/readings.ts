/**
 * What bins say. In the first half of the days devices sign their readings, which anybody relays; in the second half a
 * gateway brings them without signatures. The first batch of each kind has a bad one.
 */
import type { ContractTransactionReceipt } from "ethers";

import type { WasteBinRow, WasteFillRow } from "../../../sdk/importers/index.js";
import { BinStatus, FillFault, nameIn } from "../../../sdk/index.js";
import {
  type BinState,
  emptyBin,
  MAX_PACKED_FILLS,
  MAX_SIGNED_FILLS,
  needsCollection,
  packFills,
  packSignedFills,
  reportFill,
  type SignedFill,
  signedFill,
} from "../../../sdk/waste/index.js";
import { slices } from "../../../sdk/slices.js";
import type { Day } from "../day.js";
import type { Refusals } from "../identity/refusals.js";
import { seededWallet } from "../seeds.js";
import { type BinDay, instantOf } from "./plan.js";
import { READ_AT, ROUND_AT } from "./terms.js";
import type { Container, Town } from "./town.js";

type Fill = SignedFill["fill"];

/** Counts of the model. */
export interface FillCounts {
  readings: number;
  signed: number;
  byGateway: number;
  alerts: number;
  unrecorded: number;
}

/** Brings readings, and keeps the model beside the chain. */
export class Readings {
  readonly counts: FillCounts = { readings: 0, signed: 0, byGateway: 0, alerts: 0, unrecorded: 0 };
  readonly #day: Day;
  readonly #town: Town;
  readonly #refusals: Refusals;
  readonly #shift: bigint;
  readonly #states: Map<string, BinState>;
  #tried = { signed: false, packed: false };

  constructor(day: Day, town: Town, refusals: Refusals, shift: bigint, bins: readonly WasteBinRow[]) {
    this.#day = day;
    this.#town = town;
    this.#refusals = refusals;
    this.#shift = shift;
    this.#states = new Map(
      bins.map(({ alertBp, serial }) => [
        serial,
        { counter: 0, takenAt: 0n, fillBp: 0, alertBp, status: BinStatus.Active },
      ]),
    );
  }

  /** The bins of the model, by serial number. */
  get states(): ReadonlyMap<string, BinState> {
    return this.#states;
  }

  /** Brings the readings of a day. */
  async report({ day, readings }: BinDay, byGateway: boolean): Promise<void> {
    if (readings.length === 0) return;
    const at = instantOf(day, READ_AT, this.#shift);
    // A call takes one less, for the first of each kind has a bad one more.
    const most = (byGateway ? MAX_PACKED_FILLS : MAX_SIGNED_FILLS) - 1;
    for (const some of slices(readings, most)) {
      if (byGateway) await this.#bringPacked(some, at);
      else await this.#bringSigned(some, at);
    }
  }

  /** A round emptied bins. */
  emptied(bins: readonly WasteBinRow[], day: number): void {
    for (const { serial } of bins) {
      const state = this.#states.get(serial);
      const counter = this.#town.bins.get(serial)?.counter ?? 0;
      const takenAt = instantOf(day, ROUND_AT, this.#shift);
      if (state !== undefined) this.#states.set(serial, emptyBin(state, { counter, takenAt }));
    }
  }

  /** Bins of the model that want to be emptied. */
  dueOf(bins: readonly WasteBinRow[]): string[] {
    return bins.flatMap(({ serial }) => {
      const state = this.#states.get(serial);
      return state !== undefined && needsCollection(state) ? [serial] : [];
    });
  }

  async #bringSigned(rows: readonly WasteFillRow[], at: bigint): Promise<void> {
    const { city } = this.#day;
    const signed: SignedFill[] = [];
    for (const row of rows) signed.push(await signedFill(city, this.#container(row).device, this.#next(row, at)));
    const [first] = signed;
    const isFirst = !this.#tried.signed;
    this.#tried.signed = true;
    if (isFirst && first !== undefined) {
      const forger = seededWallet("waste/forger");
      this.#day.register.stranger("Forger of readings", forger);
      const forged = await signedFill(city, forger, { ...first.fill, counter: first.fill.counter + 1 });
      const batch = packSignedFills([forged, ...signed]);
      const { receipt } = await this.#day.send(
        "waste.reportMany with a bad one",
        at,
        () => city.containers.reportMany(batch),
        signed.length,
      );
      this.#judge("forgedReading", "a batch has a reading that another key signed", "BadDeviceSignature", receipt);
    } else {
      const batch = packSignedFills(signed);
      await this.#day.send("waste.reportMany", at, () => city.containers.reportMany(batch), signed.length);
    }
    this.counts.signed += rows.length;
    this.#count(
      rows,
      signed.map(({ fill }) => fill),
    );
  }

  async #bringPacked(rows: readonly WasteFillRow[], at: bigint): Promise<void> {
    const { city, register } = this.#day;
    const { gateway } = this.#town;
    const fills = rows.map((row) => this.#next(row, at));
    const isFirst = !this.#tried.packed;
    this.#tried.packed = true;
    if (isFirst) {
      await this.#day.clock.pass(at);
      await this.#refusals.send(
        {
          key: "noGateway",
          attempt: "somebody without a credential brings readings",
          expected: "ContainersNotGateway",
        },
        () => city.containers.reportPacked(packFills(fills)),
      );
    }
    const batch = packFills(isFirst ? [...fills, ...fills.slice(0, 1)] : fills);
    const done = await this.#day.send(
      isFirst ? "waste.reportPacked with a bad one" : "waste.reportPacked",
      at,
      () => city.containers.connect(gateway).reportPacked(batch),
      fills.length,
    );
    register.asked("WASTE_GATEWAY", gateway.address, done);
    if (isFirst) {
      this.#judge("replayedReading", "a gateway brings a reading twice", "CounterNotIncreasing", done.receipt);
    }
    this.counts.byGateway += rows.length;
    this.#count(rows, fills);
  }

  #next(row: WasteFillRow, takenAt: bigint): Fill {
    const container = this.#container(row);
    container.counter += 1;
    return { binId: container.number, counter: container.counter, takenAt, fillBp: row.fillBp };
  }

  /** What the model makes of readings. */
  #count(rows: readonly WasteFillRow[], fills: readonly Fill[]): void {
    for (const [index, { serial }] of rows.entries()) {
      const fill = fills[index];
      if (fill === undefined) continue;
      const { alert, fault, state, unrecordedEmptying } = reportFill(this.#states.get(serial), fill, fill.takenAt);
      if (fault !== FillFault.None) continue;
      this.#states.set(serial, state);
      this.counts.readings += 1;
      if (alert) this.counts.alerts += 1;
      if (unrecordedEmptying) this.counts.unrecorded += 1;
    }
  }

  #judge(key: string, attempt: string, expected: string, receipt: ContractTransactionReceipt): void {
    const containers = this.#day.city.containers.interface;
    const [reason] = receipt.logs.flatMap((log) => {
      const event = containers.parseLog(log);
      return event?.name === "FillSkipped" ? [nameIn(FillFault, event.args.fault as bigint)] : [];
    });
    this.#refusals.judge(
      { key, attempt, expected },
      reason === undefined ? {} : { reason, message: `the reading was left out of the batch: ${reason}` },
    );
  }

  #container({ serial }: WasteFillRow): Container {
    const container = this.#town.bins.get(serial);
    if (container === undefined) throw new Error(`bin ${serial} is not registered`);
    return container;
  }
}
