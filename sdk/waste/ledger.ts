/**
 * The lots of a city as their events tell them, to the gram: twin of what `WasteLots` stores. At any time
 *
 *     collected + transit gain = open lots + recycled + recovered + disposed + exported + process loss + transit loss.
 */
import { Fate, LotFlags, LotState, Weighing } from "../enums.js";
import { certificateId, monthOf } from "./certificates.js";
import { fateOf } from "./codes.js";
import type {
  Collected,
  DisputeRuled,
  Finalised,
  Grouped,
  LotEvent,
  Processed,
  Received,
  Refused,
  Revised,
} from "./events.js";

/** Mass by what became of it, grams. */
export interface MassTotals {
  readonly collected: bigint;
  readonly transitGain: bigint;
  readonly transitLoss: bigint;
  readonly exported: bigint;
  readonly recycled: bigint;
  readonly recovered: bigint;
  readonly disposed: bigint;
  readonly processLoss: bigint;
}

/** Mass of one lot in another. */
export interface Share {
  readonly lotId: bigint;
  readonly grams: bigint;
}

/** A lot with its relatives. */
export interface LotRecord {
  readonly lotId: bigint;
  /** Operator that has it. */
  readonly holder: number;
  /** Operator that had it before; zero: nobody. */
  readonly previous: number;
  /** Mass that it has, or had when it ended. */
  readonly grams: bigint;
  /** Mass on the ticket as it stands corrected; zero: it does not come from a ticket. */
  readonly collectedGrams: bigint;
  readonly code: number;
  /** See {@link LotState}. */
  readonly state: bigint;
  /** See {@link LotFlags}. */
  readonly flags: bigint;
  /** How often something was done to it. */
  readonly version: number;
  /** The operation that ended it; zero: none. */
  readonly op: number;
  /** Container that it was in; zero: it does not come from a ticket. */
  readonly binId: number;
  /** Lots that it came from, and the mass that came of each as a whole. */
  readonly parents: readonly Share[];
  /** Lots that came of it. */
  readonly children: readonly bigint[];
}

/** Both sides of the balance, grams. */
export interface MassBalance {
  /** Collected and gained on the way. */
  readonly input: bigint;
  /** Open, ended, exported and lost. */
  readonly output: bigint;
  /** Mass of lots that are open, refused or in dispute. */
  readonly open: bigint;
}

/** An event contradicts those before it, so some are missing or are of another contract. */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
}

/** What a ledger can be told beside events. */
export interface LedgerOptions {
  /** Whether a code is hazardous on a day, as the list says; no lot is marked as hazardous without it. */
  readonly isHazardous?: (code: number, day: number) => boolean;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
type Sums = Mutable<MassTotals>;

const LIVE: readonly bigint[] = [LotState.Open, LotState.Refused, LotState.Disputed];
const WORKABLE: readonly bigint[] = [LotState.Open, LotState.Refused];
/** No certificate can come of lots with these, nor of what comes out of them. */
const UNCERTIFIED = LotFlags.BROKEN | LotFlags.RESIDUE;
const INHERITED = UNCERTIFIED | LotFlags.NOT_WEIGHED | LotFlags.HAZARDOUS;
const SECONDS_PER_DAY = 86_400n;

/** All lots, built from their events in the order of the chain. */
export class LotLedger {
  readonly #lots = new Map<bigint, LotRecord>();
  readonly #recycled = new Map<bigint, bigint>();
  readonly #options: LedgerOptions;
  /** Ends of lots that the process of the same transaction is yet to make. */
  readonly #awaited = new Map<bigint, Finalised>();
  /** Refused mass whose lot is yet to come, by the lot that it is of. */
  readonly #refused = new Map<bigint, { readonly grams: bigint; readonly holder: number; readonly flags: bigint }>();
  readonly #totals: Sums = {
    collected: 0n,
    transitGain: 0n,
    transitLoss: 0n,
    exported: 0n,
    recycled: 0n,
    recovered: 0n,
    disposed: 0n,
    processLoss: 0n,
  };

  /** @param options - What events do not say. */
  constructor(options: LedgerOptions = {}) {
    this.#options = options;
  }

  /**
   * A ledger of events.
   *
   * @param events - In the order of the chain.
   * @throws LedgerError for an event that contradicts those before it.
   */
  static of(events: Iterable<LotEvent>, options: LedgerOptions = {}): LotLedger {
    const ledger = new LotLedger(options);
    for (const event of events) ledger.apply(event);
    return ledger;
  }

  /** All lots in the order in which they came to be. */
  get lots(): LotRecord[] {
    return [...this.#lots.values()];
  }

  /** Mass by what became of it. */
  get totals(): MassTotals {
    return { ...this.#totals };
  }

  /** A lot; undefined: there is none. */
  lotOf(lotId: bigint): LotRecord | undefined {
    return this.#lots.get(lotId);
  }

  /**
   * Mass that a facility recycled and can have certified, grams.
   *
   * @param id - Of the certificates, see {@link certificateId}.
   */
  recycledOf(id: bigint): bigint {
    return this.#recycled.get(id) ?? 0n;
  }

  /** Both sides of the balance, which are the same after every transaction. */
  balance(): MassBalance {
    const sums = this.#totals;
    let open = 0n;
    for (const { state, grams } of this.#lots.values()) if (LIVE.includes(state)) open += grams;
    for (const { grams } of this.#refused.values()) open += grams;
    const ended = sums.recycled + sums.recovered + sums.disposed + sums.exported;
    return {
      input: sums.collected + sums.transitGain,
      output: open + ended + sums.processLoss + sums.transitLoss,
      open,
    };
  }

  /** A lot's ancestors, itself not included, nearest first. */
  ancestorsOf(lotId: bigint): bigint[] {
    return this.#walk(lotId, ({ parents }) => parents.map((parent) => parent.lotId));
  }

  /** What came of a lot, itself not included, nearest first. */
  descendantsOf(lotId: bigint): bigint[] {
    return this.#walk(lotId, ({ children }) => children);
  }

  /**
   * Applies the next event.
   *
   * @throws LedgerError for an event that contradicts those before it.
   */
  apply(event: LotEvent): void {
    switch (event.name) {
      case "Collected":
        this.#collect(event);
        return;
      case "Received":
        this.#receive(event);
        return;
      case "Refused":
        this.#refuse(event);
        return;
      case "Disputed":
        this.#set(this.#workable(event.lotId), { state: LotState.Disputed });
        return;
      case "DisputeRuled":
        this.#rule(event);
        return;
      case "Grouped":
        this.#group(event);
        return;
      case "Processed":
        this.#process(event);
        return;
      case "Finalised":
        this.#finalise(event);
        return;
      case "Exported": {
        const lot = this.#workable(event.lotId);
        this.#expect(event.lotId, "is exported with", event.grams, lot.grams);
        this.#totals.exported += lot.grams;
        this.#set(lot, { state: LotState.Exported });
        return;
      }
      case "TraceBroken": {
        const lot = this.#workable(event.lotId);
        this.#set(lot, { flags: lot.flags | LotFlags.BROKEN });
        return;
      }
      case "RevisionProposed":
        return;
      case "Revised":
        this.#revise(event);
        return;
    }
  }

  #collect({ lotId, binId, operatorId, ticket }: Collected): void {
    const estimated = ticket.weighing === Weighing.Weighed ? 0n : LotFlags.NOT_WEIGHED;
    const hazardous = this.#hazardOf(ticket.code, ticket.takenAt);
    this.#add(lotId, {
      holder: operatorId,
      grams: ticket.grams,
      collectedGrams: ticket.grams,
      code: ticket.code,
      flags: estimated | hazardous,
      binId,
    });
    this.#totals.collected += ticket.grams;
  }

  #receive({ lotId, sender, receiver, sentGrams, receivedGrams, acceptedGrams }: Received): void {
    const lot = this.#workable(lotId);
    this.#expect(lotId, "leaves with", sentGrams, lot.grams);
    if (lot.holder !== sender) throw new LedgerError(`lot ${lotId.toString()} is ${lot.holder}'s, not ${sender}'s`);
    this.#rebase(sentGrams, receivedGrams);
    if (acceptedGrams === 0n) {
      this.#set(lot, { grams: receivedGrams, state: LotState.Refused });
      return;
    }
    const back = receivedGrams - acceptedGrams;
    if (back > 0n) this.#refused.set(lotId, { grams: back, holder: sender, flags: lot.flags & INHERITED });
    const handedOn = lot.previous === 0 ? 0n : LotFlags.HANDED_ON;
    this.#set(lot, {
      holder: receiver,
      previous: lot.holder,
      grams: acceptedGrams,
      state: LotState.Open,
      flags: lot.flags | handedOn | (back > 0n ? LotFlags.HAS_CHILD : 0n),
    });
  }

  #refuse({ lotId, parent, grams }: Refused): void {
    const lot = this.#known(parent);
    if (lotId === parent) {
      if (lot.state !== LotState.Refused) throw closed(lot);
      this.#expect(lotId, "is refused with", grams, lot.grams);
      return;
    }
    const back = this.#refused.get(parent);
    this.#expect(lotId, "is refused with", grams, back?.grams ?? 0n);
    this.#refused.delete(parent);
    const { holder, flags } = back ?? { holder: lot.previous, flags: 0n };
    this.#add(lotId, { holder, grams, code: lot.code, flags, state: LotState.Refused });
    this.#bear(lotId, [{ lotId: parent, grams }]);
  }

  #rule({ lotId, grams }: DisputeRuled): void {
    const lot = this.#known(lotId);
    if (lot.state !== LotState.Disputed) throw closed(lot);
    this.#rebase(lot.grams, grams);
    this.#set(lot, { grams, state: LotState.Open });
  }

  #group({ lotId, operatorId, sources, takenGrams }: Grouped): void {
    let [sum, flags, code] = [0n, 0n, 0];
    const shares = sources.map((source, index) => {
      const lot = this.#workable(source);
      const taken = takenGrams[index] ?? 0n;
      if (taken <= 0n || taken > lot.grams) {
        throw new LedgerError(
          `${taken.toString()} g are taken of lot ${source.toString()} with ${lot.grams.toString()}`,
        );
      }
      [sum, flags, code] = [sum + taken, flags | lot.flags, lot.code];
      const parent = { flags: lot.flags | LotFlags.HAS_CHILD };
      const whole = taken === lot.grams;
      this.#set(lot, whole ? { ...parent, state: LotState.Consumed } : { ...parent, grams: lot.grams - taken });
      return { lotId: source, grams: taken };
    });
    this.#add(lotId, { holder: operatorId, grams: sum, code, flags: flags & INHERITED });
    this.#bear(lotId, shares);
  }

  #process({ operatorId, inputs, outputs, outputLots, lossGrams, at }: Processed): void {
    let [sum, flags] = [0n, 0n];
    const shares = inputs.map((input) => {
      const lot = this.#workable(input);
      [sum, flags] = [sum + lot.grams, flags | lot.flags];
      this.#set(lot, { state: LotState.Consumed });
      return { lotId: input, grams: lot.grams };
    });
    const made = outputs.reduce((total, { grams }) => total + grams, 0n);
    if (made + lossGrams !== sum) {
      const [left, right] = [sum.toString(), `${made.toString()} and a loss of ${lossGrams.toString()}`];
      throw new LedgerError(`a process of operator ${operatorId} turns ${left} g into ${right}`);
    }
    this.#totals.processLoss += lossGrams;
    const recycles = outputs.some(({ op }) => fateOf(op) === Fate.Recycled);
    for (const [index, { code, grams, op }] of outputs.entries()) {
      const lotId = outputLots[index];
      if (lotId === undefined) throw new LedgerError(`a process of operator ${operatorId} names no lot ${index}`);
      const left = recycles && op === 0 ? LotFlags.RESIDUE : 0n;
      const own = (flags & UNCERTIFIED) | left | this.#hazardOf(code, at);
      this.#add(lotId, { holder: operatorId, grams, code, flags: own });
      this.#bear(lotId, shares);
      const end = this.#awaited.get(lotId);
      this.#awaited.delete(lotId);
      if (end !== undefined) this.#end(this.#known(lotId), end);
      else if (op !== 0) throw new LedgerError(`the end of lot ${lotId.toString()} is missing`);
    }
  }

  #finalise(event: Finalised): void {
    const lot = this.#lots.get(event.lotId);
    // Outputs of a process are ended before the process is told.
    if (lot === undefined) this.#awaited.set(event.lotId, event);
    else {
      this.#end({ ...this.#workable(event.lotId), version: lot.version + 1 }, event);
    }
  }

  #end(lot: LotRecord, { op, grams, operatorId, fate, at }: Finalised): void {
    this.#expect(lot.lotId, "ends with", grams, lot.grams);
    if (fateOf(op) !== fate) throw new LedgerError(`lot ${lot.lotId.toString()} cannot end by operation ${op} so`);
    if (fate === Fate.Recycled) {
      this.#totals.recycled += grams;
      if ((lot.flags & UNCERTIFIED) === 0n) {
        const id = certificateId({ code: lot.code, op, facility: operatorId, month: monthOf(at) });
        this.#recycled.set(id, this.recycledOf(id) + grams);
      }
    } else if (fate === Fate.Recovered) this.#totals.recovered += grams;
    else this.#totals.disposed += grams;
    this.#lots.set(lot.lotId, { ...lot, state: LotState.Final, op });
  }

  #revise({ lotId, previousGrams, grams }: Revised): void {
    const lot = this.#workable(lotId);
    this.#expect(lotId, "is revised from", previousGrams, lot.grams);
    if (lot.collectedGrams === 0n || (lot.flags & LotFlags.HANDED_ON) !== 0n) {
      this.#rebase(previousGrams, grams);
      this.#set(lot, { grams });
      return;
    }
    const difference = grams - previousGrams;
    this.#totals.collected += difference;
    this.#set(lot, { grams, collectedGrams: lot.collectedGrams + difference });
  }

  #rebase(before: bigint, grams: bigint): void {
    if (grams > before) this.#totals.transitGain += grams - before;
    else this.#totals.transitLoss += before - grams;
  }

  #hazardOf(code: number, at: bigint): bigint {
    const hazardous = this.#options.isHazardous?.(code, Number(at / SECONDS_PER_DAY)) ?? false;
    return hazardous ? LotFlags.HAZARDOUS : 0n;
  }

  #add(lotId: bigint, lot: Pick<LotRecord, "holder" | "grams" | "code" | "flags"> & Partial<LotRecord>): void {
    if (this.#lots.has(lotId)) throw new LedgerError(`lot ${lotId.toString()} comes to be twice`);
    const fresh = { previous: 0, collectedGrams: 0n, version: 0, op: 0, binId: 0, parents: [], children: [] };
    this.#lots.set(lotId, { ...fresh, state: LotState.Open, ...lot, lotId });
  }

  #bear(lotId: bigint, parents: readonly Share[]): void {
    this.#lots.set(lotId, { ...this.#known(lotId), parents });
    for (const parent of parents) {
      const known = this.#known(parent.lotId);
      if (!known.children.includes(lotId)) {
        this.#lots.set(parent.lotId, { ...known, children: [...known.children, lotId] });
      }
    }
  }

  #set(lot: LotRecord, change: Partial<LotRecord>): void {
    this.#lots.set(lot.lotId, { ...lot, ...change, version: lot.version + 1 });
  }

  #known(lotId: bigint): LotRecord {
    const lot = this.#lots.get(lotId);
    if (lot === undefined) throw new LedgerError(`lot ${lotId.toString()} is not known`);
    return lot;
  }

  #workable(lotId: bigint): LotRecord {
    const lot = this.#known(lotId);
    if (!WORKABLE.includes(lot.state)) throw closed(lot);
    return lot;
  }

  #expect(lotId: bigint, what: string, grams: bigint, held: bigint): void {
    if (grams !== held) {
      throw new LedgerError(`lot ${lotId.toString()} ${what} ${grams.toString()} g, but has ${held.toString()}`);
    }
  }

  #walk(lotId: bigint, next: (lot: LotRecord) => readonly bigint[]): bigint[] {
    const found = new Set<bigint>();
    let edge: readonly bigint[] = [lotId];
    while (edge.length > 0) {
      const step = edge.flatMap((id) => next(this.#known(id))).filter((id) => id !== lotId && !found.has(id));
      for (const id of step) found.add(id);
      edge = [...new Set(step)];
    }
    return [...found];
  }
}

function closed({ lotId, state }: LotRecord): LedgerError {
  const name = Object.entries(LotState).find(([, value]) => value === state)?.[0] ?? "";
  return new LedgerError(`lot ${lotId.toString()} is ${name}, so this cannot be done to it`);
}
