/**
 * Whose waste became what: every lot is followed by its events, and carries the shares of the collectors whose tickets it
 * came from. Where a lot is divided or its mass changes, the shares are divided in proportion, and grams that rounding
 * leaves go to the largest remainders, so that nothing is gained or lost. Grams.
 */
import { Fate } from "../../../sdk/index.js";
import type { LotEvent } from "../../../sdk/waste/index.js";

/** Mass by the number of the collector. */
export type Shares = ReadonlyMap<number, bigint>;

/** What becomes of mass. */
export const fates = [
  "collected",
  "transitGain",
  "recycled",
  "recovered",
  "disposed",
  "exported",
  "processLoss",
  "transitLoss",
  "open",
] as const;

export type MassFate = (typeof fates)[number];

/** Mass of a collector by what became of it. */
export type FateTable = ReadonlyMap<number, Readonly<Record<MassFate, bigint>>>;

/** Divides a mass by shares, exactly. */
export function divideBy(shares: Shares, grams: bigint): Map<number, bigint> {
  const whole = total(shares);
  if (whole === 0n) return new Map();
  const parts = [...shares].map(([collector, share]) => {
    const product = share * grams;
    return { collector, grams: product / whole, rest: product % whole };
  });
  let left = grams - parts.reduce((sum, part) => sum + part.grams, 0n);
  const byRest = [...parts].sort((one, other) => (one.rest === other.rest ? 0 : one.rest > other.rest ? -1 : 1));
  for (const part of byRest) {
    if (left === 0n) break;
    part.grams += 1n;
    left -= 1n;
  }
  return new Map(parts.map((part) => [part.collector, part.grams]));
}

/** Who or what a ticket's mass is counted for, as a number; its collector where nothing else is said. */
export type SourceOf = (event: Extract<LotEvent, { name: "Collected" }>) => number;

/** Follows all lots by their events, in the order of the chain. */
export function traceFates(events: Iterable<LotEvent>, sourceOf: SourceOf = ({ operatorId }) => operatorId): FateTable {
  const lineage = new Lineage(sourceOf);
  for (const event of events) lineage.apply(event);
  return lineage.table();
}

class Lineage {
  readonly #lots = new Map<bigint, Shares>();
  /** What is refused of a lot, until the lot that it becomes is told. */
  readonly #refused = new Map<bigint, Shares>();
  /** Ends of outputs, which are told before the process that made them. */
  readonly #ends = new Map<bigint, bigint>();
  readonly #table = new Map<number, Record<MassFate, bigint>>();
  readonly #sourceOf: SourceOf;

  constructor(sourceOf: SourceOf) {
    this.#sourceOf = sourceOf;
  }

  apply(event: LotEvent): void {
    switch (event.name) {
      case "Collected": {
        const shares = new Map([[this.#sourceOf(event), event.ticket.grams]]);
        this.#lots.set(event.lotId, shares);
        this.#book("collected", shares);
        break;
      }
      case "Received": {
        const came = this.#change(event.lotId, event.receivedGrams);
        if (event.acceptedGrams === 0n || event.acceptedGrams === event.receivedGrams) break;
        const kept = divideBy(came, event.acceptedGrams);
        this.#lots.set(event.lotId, kept);
        this.#refused.set(event.lotId, minus(came, kept));
        break;
      }
      case "Refused":
        if (event.lotId !== event.parent) this.#lots.set(event.lotId, this.#refused.get(event.parent) ?? new Map());
        break;
      case "DisputeRuled":
        this.#change(event.lotId, event.grams);
        break;
      case "Revised":
        this.#change(event.lotId, event.grams);
        break;
      case "Grouped": {
        const taken = event.sources.map((source, index) => {
          const shares = this.#of(source);
          const part = divideBy(shares, event.takenGrams[index] ?? 0n);
          this.#lots.set(source, minus(shares, part));
          return part;
        });
        this.#lots.set(event.lotId, plus(taken));
        break;
      }
      case "Processed":
        this.#process(event);
        break;
      case "Finalised":
        if (this.#lots.has(event.lotId)) this.#end(event.lotId, event.fate);
        else this.#ends.set(event.lotId, event.fate);
        break;
      case "Exported":
        this.#book("exported", this.#of(event.lotId));
        this.#lots.delete(event.lotId);
        break;
      default:
    }
  }

  /** What became of everything; what is in lots that did not end is open. */
  table(): FateTable {
    for (const shares of this.#lots.values()) this.#book("open", shares);
    this.#lots.clear();
    return this.#table;
  }

  #process({ inputs, lossGrams, outputLots, outputs }: Extract<LotEvent, { name: "Processed" }>): void {
    let left = plus(inputs.map((input) => this.#of(input)));
    for (const input of inputs) this.#lots.delete(input);
    const take = (grams: bigint): Shares => {
      const part = divideBy(left, grams);
      left = minus(left, part);
      return part;
    };
    for (const [index, { grams }] of outputs.entries()) {
      const lotId = outputLots[index] ?? 0n;
      this.#lots.set(lotId, take(grams));
      const fate = this.#ends.get(lotId);
      this.#ends.delete(lotId);
      if (fate !== undefined) this.#end(lotId, fate);
    }
    this.#book("processLoss", take(lossGrams));
  }

  #end(lotId: bigint, fate: bigint): void {
    const name = fate === Fate.Recycled ? "recycled" : fate === Fate.Recovered ? "recovered" : "disposed";
    this.#book(name, this.#of(lotId));
    this.#lots.delete(lotId);
  }

  /** A lot has another mass. */
  #change(lotId: bigint, grams: bigint): Shares {
    const before = this.#of(lotId);
    const difference = grams - total(before);
    const part = divideBy(before, difference < 0n ? -difference : difference);
    const after = difference < 0n ? minus(before, part) : plus([before, part]);
    this.#book(difference < 0n ? "transitLoss" : "transitGain", part);
    this.#lots.set(lotId, after);
    return after;
  }

  #of(lotId: bigint): Shares {
    return this.#lots.get(lotId) ?? new Map();
  }

  #book(fate: MassFate, shares: Shares): void {
    for (const [collector, grams] of shares) {
      const row = this.#table.get(collector) ?? emptyRow();
      row[fate] += grams;
      this.#table.set(collector, row);
    }
  }
}

function emptyRow(): Record<MassFate, bigint> {
  return Object.fromEntries(fates.map((fate) => [fate, 0n])) as Record<MassFate, bigint>;
}

function total(shares: Shares): bigint {
  return [...shares.values()].reduce((sum, grams) => sum + grams, 0n);
}

function plus(all: readonly Shares[]): Map<number, bigint> {
  const sum = new Map<number, bigint>();
  for (const shares of all) {
    for (const [collector, grams] of shares) sum.set(collector, (sum.get(collector) ?? 0n) + grams);
  }
  return sum;
}

function minus(shares: Shares, part: Shares): Map<number, bigint> {
  return new Map([...shares].map(([collector, grams]) => [collector, grams - (part.get(collector) ?? 0n)]));
}
