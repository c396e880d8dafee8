/** Single acts with lots: each is sent, and its outcome by the rules is written into the day's own account of mass. */
import type { ContractTransactionReceipt } from "ethers";

import {
  buildHandover,
  handoverOutcome,
  monthOf,
  type Output,
  parseWasteLog,
  signedHandover,
  type WasteEvent,
} from "../../../sdk/waste/index.js";
import { signHandover } from "../../../sdk/index.js";
import type { Day, Done } from "../day.js";
import { holderOf } from "../holders.js";
import type { Refusals } from "../identity/refusals.js";
import { MassBook } from "./mass.js";
import { shareOf } from "./plan.js";
import { LICENCES, type PlantKind, type Share, SIGNATURE_SECONDS, WEIGHBRIDGE_BP } from "./terms.js";
import { type Company, paperHash, type Town } from "./town.js";

/** A lot as the day knows it. */
export interface Parcel {
  readonly lotId: bigint;
  readonly code: number;
  readonly grams: bigint;
}

/** What a plant finds. */
export interface Found {
  readonly receivedGrams: bigint;
  /** All that came when left out. */
  readonly acceptedGrams?: bigint;
}

/** What came of a handover: the lot at the receiver, and what went back. */
export interface Arrival {
  /** Absent when it is in dispute. */
  readonly parcel?: Parcel;
  readonly back?: Parcel;
}

/** What a process made. */
export interface Made {
  readonly output: Output;
  readonly lotId: bigint;
  /** Months since January 1970. */
  readonly month: number;
}

/** Does things with lots. */
export class Custody {
  readonly mass = new MassBook();
  readonly #day: Day;
  readonly #town: Town;
  readonly #refusals: Refusals;
  #handovers = 0;
  #differences = 0;
  #tried = false;

  constructor(day: Day, town: Town, refusals: Refusals) {
    this.#day = day;
    this.#town = town;
    this.#refusals = refusals;
  }

  /** What the next weighbridge finds of a mass. */
  weigh(grams: bigint): bigint {
    const bp = WEIGHBRIDGE_BP[this.#differences++ % WEIGHBRIDGE_BP.length] ?? 0n;
    return bp < 0n ? grams - shareOf(grams, -bp) : grams + shareOf(grams, bp);
  }

  /** Puts lots of one code together; a single one stays as it is. */
  async group(holder: Company, parcels: readonly Parcel[]): Promise<Parcel> {
    const [first] = parcels;
    if (first === undefined) throw new Error("there is nothing to group");
    if (parcels.length === 1) return first;
    const lots = this.#day.city.wasteLots.connect(holder.account);
    const ids = parcels.map(({ lotId }) => lotId);
    const masses = parcels.map(({ grams }) => grams);
    const { receipt } = await this.#send("waste.group", () => lots.group(ids, masses), ids.length);
    const grouped = eventsOf(receipt).find(({ name }) => name === "Grouped");
    return { lotId: grouped?.name === "Grouped" ? grouped.lotId : 0n, code: first.code, grams: sumOf(masses) };
  }

  /** A lot changes hands. Every second time the receiver sends it where it keeps all, and so need not sign. */
  async handOver(sender: Company, kind: PlantKind, parcel: Parcel, found: Found): Promise<Arrival> {
    const { city } = this.#day;
    const receiver = this.#town.plants[kind];
    const keepsAll = found.acceptedGrams === undefined || found.acceptedGrams === found.receivedGrams;
    const taken = keepsAll && this.#handovers++ % 2 === 1;
    const { version } = await city.wasteLots.lotOf(parcel.lotId);
    const { receipt } = await this.#send(taken ? "waste.takeDelivery" : "waste.receiveLot", async (time) => {
      const handover = buildHandover({
        lotId: parcel.lotId,
        version: Number(version),
        receiver: receiver.number,
        grams: parcel.grams,
        until: time + SIGNATURE_SECONDS,
      });
      if (taken) {
        const offer = await signHandover(city, sender.crew, handover);
        return city.wasteLots.connect(receiver.account).takeDelivery(handover, found.receivedGrams, offer);
      }
      const findings = keepsAll ? found : { ...found, reasonHash: paperHash("refused at the gate") };
      const signers = { sender: sender.crew, receiver: receiver.crew };
      const signed = await signedHandover(city, signers, handover, findings);
      return city.wasteLots.receiveLot(signed.handover, signed.receipt, signed.sender, signed.receiver);
    });
    const outcome = handoverOutcome(parcel.grams, found, LICENCES[kind].toleranceBp);
    if (outcome.kind === "disputed") return {};
    this.mass.change(parcel.grams, found.receivedGrams);
    const refused = eventsOf(receipt).find(({ name }) => name === "Refused");
    return {
      parcel: { ...parcel, grams: outcome.acceptedGrams },
      ...(refused?.name === "Refused"
        ? { back: { lotId: refused.lotId, code: parcel.code, grams: outcome.refusedGrams } }
        : {}),
    };
  }

  /** The auditor rules what a lot in dispute weighs. */
  async rule(parcel: Parcel, grams: bigint): Promise<Parcel> {
    const lots = this.#day.city.wasteLots.connect(holderOf(this.#day, "WASTE_AUDITOR"));
    await this.#send("waste.rule", () => lots.rule(parcel.lotId, grams, paperHash("weighed again")));
    this.mass.change(parcel.grams, grams);
    return { ...parcel, grams };
  }

  /** The plant proposes another mass, and who brought the lot agrees. */
  async revise(proposer: Company, approver: Company, parcel: Parcel, grams: bigint): Promise<Parcel> {
    const lots = this.#day.city.wasteLots;
    await this.#send("waste.proposeRevision", () =>
      lots.connect(proposer.account).proposeRevision(parcel.lotId, grams, paperHash("misread")),
    );
    await this.#refusals.send(
      {
        key: "ownRevision",
        attempt: "who proposed a correction agrees to it",
        expected: "WasteLotsNoRevision",
      },
      () => lots.connect(proposer.account).approveRevision(parcel.lotId, grams),
    );
    await this.#send("waste.approveRevision", () =>
      lots.connect(approver.account).approveRevision(parcel.lotId, grams),
    );
    this.mass.change(parcel.grams, grams);
    return { ...parcel, grams };
  }

  /** A lot goes through a process; the last of what it makes takes what rounding leaves. */
  async process(plant: Company, parcel: Parcel, recipe: readonly Share[]): Promise<readonly Made[]> {
    const outputs = recipe
      .map(({ bp, code, op = 0 }) => ({ code, op, grams: shareOf(parcel.grams, bp) }))
      .filter(({ grams }) => grams > 0n);
    const kept = shareOf(
      parcel.grams,
      recipe.reduce((sum, { bp }) => sum + bp, 0n),
    );
    const last = outputs.at(-1);
    if (last !== undefined) last.grams += kept - sumOf(outputs.map(({ grams }) => grams));
    const loss = parcel.grams - kept;
    const lots = this.#day.city.wasteLots.connect(plant.account);
    const process = (more: bigint) => () =>
      lots.process(
        [parcel.lotId],
        outputs.map((output, index) => (index === 0 ? { ...output, grams: output.grams + more } : output)),
        loss,
        paperHash(`process of ${parcel.lotId}`),
      );
    const isFirst = !this.#tried;
    this.#tried = true;
    if (isFirst) {
      await this.#refusals.send(
        {
          key: "massImbalance",
          attempt: "a gram more comes out of a process than went in",
          expected: "WasteLotsMassImbalance",
        },
        process(1n),
      );
    }
    const done = await this.#send("waste.process", process(0n));
    if (isFirst) {
      await this.#refusals.send(
        {
          key: "processedTwice",
          attempt: "a lot that was processed is processed again",
          expected: "WasteLotsLotClosed",
        },
        process(0n),
      );
    }
    this.mass.lose(loss);
    for (const output of outputs) if (output.op !== 0) this.#end(plant, output, done);
    const told = eventsOf(done.receipt).find(({ name }) => name === "Processed");
    const ids = told?.name === "Processed" ? told.outputLots : [];
    return outputs.map((output, index) => ({ output, lotId: ids[index] ?? 0n, month: monthOf(done.time) }));
  }

  /** A final operation ends a lot. */
  async finalise(plant: Company, parcel: Parcel, op: number): Promise<void> {
    const lots = this.#day.city.wasteLots.connect(plant.account);
    const done = await this.#send("waste.finalise", () =>
      lots.finalise(parcel.lotId, op, paperHash(`end of ${parcel.lotId}`)),
    );
    this.#end(plant, { code: parcel.code, grams: parcel.grams, op }, done);
  }

  /** A lot leaves the country. */
  async export(holder: Company, parcel: Parcel): Promise<void> {
    const lots = this.#day.city.wasteLots.connect(holder.account);
    await this.#send("waste.exportLot", () => lots.exportLot(parcel.lotId, paperHash(`papers of ${parcel.lotId}`)));
    this.mass.export(parcel.grams);
  }

  #end({ number }: Company, { code, grams, op }: Output, { time }: Done): void {
    this.mass.end(grams, { code, op, facility: number, month: monthOf(time) });
  }

  #send(operation: string, transact: Parameters<Day["send"]>[2], items = 1): ReturnType<Day["send"]> {
    return this.#day.send(operation, this.#day.clock.now, transact, items);
  }
}

/** Mass of several. */
export function sumOf(grams: readonly bigint[]): bigint {
  return grams.reduce((sum, one) => sum + one, 0n);
}

/** What the waste contracts told in a transaction. */
function eventsOf({ logs }: ContractTransactionReceipt): WasteEvent[] {
  return logs.flatMap((log) => parseWasteLog(log, 0n) ?? []);
}
