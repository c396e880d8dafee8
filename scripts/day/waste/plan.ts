/**
 * Which containers, batches, deposits and rounds there are, by rules on the data alone; nothing here knows a chain.
 *
 * - A container of the tickets is as large as the largest volume on its tickets.
 * - Tickets are relayed in their order of time, fifty at once, when the day of the last of them is over.
 * - A bin for recycling is emptied in the evening of a day on which it is at its alert level or above, and once more in the
 *   evening of the last day if there is anything in it. The last stop of the first round of two or more is blocked.
 *   Tickets of bins weigh what capacity, fill and density come to. Other bins are emptied without a ticket, as the data show.
 * - For every tenth by which a bin for recycling rises, a resident brought a bag; residents take turns. Of three bins one
 *   has honest residents, one modest ones and one greedy ones.
 */
import type { WasteBinRow, WasteFillRow, WasteTicketRow } from "../../../sdk/importers/index.js";
import { slices } from "../../../sdk/slices.js";
import {
  BIN_GRAMS_PER_LITRE,
  BIN_LITRES,
  CLAIMED_BP,
  DEPOSIT_BP,
  DEPOSITS_FROM,
  FULL_BP,
  LEAST_RESIDENTS,
  READ_AT,
  SECONDS_PER_DAY,
  TICKETS_PER_BATCH,
  UNKNOWN_LITRES,
} from "./terms.js";

/** A container that tickets name. */
export interface PlannedContainer {
  readonly id: string;
  readonly litres: number;
  /** What belongs into it: the code on its first ticket. */
  readonly code: number;
  readonly tickets: readonly WasteTicketRow[];
}

/** Tickets that are relayed together. */
export interface TicketBatch {
  readonly tickets: readonly WasteTicketRow[];
  /** Day on which they are relayed, days since 1970. */
  readonly day: number;
}

/** A bag that a resident brought. */
export interface PlannedDeposit {
  readonly bin: WasteBinRow;
  /** Number of the collection that is to empty the bin. */
  readonly collection: number;
  /** Of the deposits of that collection, from 1. */
  readonly counter: number;
  /** Place of the resident in the list. */
  readonly resident: number;
  readonly day: number;
  /** Seconds after midnight. */
  readonly second: bigint;
  /** What the resident claims. */
  readonly grams: bigint;
}

/** A stop of a round. */
export interface PlannedStop {
  readonly bin: WasteBinRow;
  /** Mass on the ticket. */
  readonly grams: bigint;
  readonly served: boolean;
}

/** What happens at the bins on a day. */
export interface BinDay {
  readonly day: number;
  readonly deposits: readonly PlannedDeposit[];
  readonly readings: readonly WasteFillRow[];
  /** Bins that want to be emptied in the evening. */
  readonly due: readonly WasteBinRow[];
  readonly stops: readonly PlannedStop[];
}

/** A share of a mass, in basis points, rounded down. */
export function shareOf(grams: bigint, bp: bigint): bigint {
  return (grams * bp) / FULL_BP;
}

/** Containers in the order in which the tickets first name them. */
export function planContainers(tickets: readonly WasteTicketRow[]): PlannedContainer[] {
  const byId = new Map<string, WasteTicketRow[]>();
  for (const ticket of tickets) byId.set(ticket.containerId, [...(byId.get(ticket.containerId) ?? []), ticket]);
  return [...byId].map(([id, own]) => ({
    id,
    litres: Math.max(...own.map(({ volume }) => litresOf(volume))),
    code: own[0]?.code ?? 0,
    tickets: own,
  }));
}

function litresOf(volume: bigint): number {
  return volume === 0n ? UNKNOWN_LITRES : Number((volume * MICROLITRES_PER_CUBIC_YARD) / (HUNDRED * MICRO));
}

const MICROLITRES_PER_CUBIC_YARD = 764_554_858n;
const MICRO = 1_000_000n;
/** Volumes are hundredths of a cubic yard. */
const HUNDRED = 100n;

/** Tickets in order of time; those of one day in the order of the data. */
export function planBatches(tickets: readonly WasteTicketRow[]): TicketBatch[] {
  const sorted = [...tickets].sort((left, right) => left.day - right.day);
  return slices(sorted, TICKETS_PER_BATCH).map((batch) => ({ tickets: batch, day: (batch.at(-1)?.day ?? 0) + 1 }));
}

/** Residents who bring something. */
export function countResidents(bins: readonly WasteBinRow[]): number {
  return Math.max(LEAST_RESIDENTS, recyclingOf(bins).length);
}

/** Lives the bins' days in thought. */
export function planBins(bins: readonly WasteBinRow[], readings: readonly WasteFillRow[]): BinDay[] {
  const days = [...new Set(readings.map(({ day }) => day))].sort((left, right) => left - right);
  const recycling = recyclingOf(bins);
  const state = new Map(bins.map(({ serial }) => [serial, freshBin()]));
  const stateOf = ({ serial }: WasteBinRow) => state.get(serial) ?? freshBin();
  const residents = countResidents(bins);
  let turn = 0;
  let blocked = false;
  return days.map((day): BinDay => {
    const today = readings.filter((reading) => reading.day === day);
    const bags = recycling.flatMap((bin, index) => {
      const reading = today.find(({ serial }) => serial === bin.serial);
      const rise = reading === undefined ? 0n : BigInt(reading.fillBp) - stateOf(bin).fillBp;
      return rise <= 0n ? [] : bagsOf(bin, rise, CLAIMED_BP[index % CLAIMED_BP.length] ?? FULL_BP);
    });
    const gap = (READ_AT - DEPOSITS_FROM) / BigInt(bags.length + 1);
    const deposits = bags.map(({ bin, grams }, index): PlannedDeposit => {
      const own = stateOf(bin);
      own.deposits += 1;
      const resident = turn % residents;
      turn += 1;
      const second = DEPOSITS_FROM + gap * BigInt(index);
      return { bin, collection: own.collection, counter: own.deposits, resident, day, second, grams };
    });
    for (const { fillBp, serial } of today) {
      const own = state.get(serial);
      if (own !== undefined) own.fillBp = BigInt(fillBp);
    }
    const due = recycling.filter((bin) => stateOf(bin).fillBp >= BigInt(bin.alertBp));
    const onRound = day === days.at(-1) ? recycling.filter((bin) => stateOf(bin).fillBp > 0n) : due;
    const stops = onRound.map((bin, index): PlannedStop => {
      const isBlocked = !blocked && onRound.length > 1 && index === onRound.length - 1;
      return { bin, grams: gramsAt(stateOf(bin).fillBp), served: !isBlocked };
    });
    for (const { bin, served } of stops) {
      if (!served) blocked = true;
      else Object.assign(stateOf(bin), { fillBp: 0n, collection: stateOf(bin).collection + 1, deposits: 0 });
    }
    return { day, deposits, readings: today, due, stops };
  });
}

/** Bins for recycling. */
export function recyclingOf(bins: readonly WasteBinRow[]): WasteBinRow[] {
  return bins.filter(({ stream }) => stream === "recycling");
}

function freshBin(): { fillBp: bigint; collection: number; deposits: number } {
  return { fillBp: 0n, collection: 1, deposits: 0 };
}

/** Mass in a bin for recycling at a fill. */
function gramsAt(fillBp: bigint): bigint {
  return shareOf(BigInt(BIN_LITRES) * BIN_GRAMS_PER_LITRE, fillBp);
}

function bagsOf(
  bin: WasteBinRow,
  rise: bigint,
  claimedBp: bigint,
): { readonly bin: WasteBinRow; readonly grams: bigint }[] {
  const count = (rise + DEPOSIT_BP - 1n) / DEPOSIT_BP;
  const grams = shareOf(gramsAt(rise) / count, claimedBp);
  return Array.from({ length: Number(count) }, () => ({ bin, grams }));
}

/** An instant of the chain. */
export function instantOf(day: number, second: bigint, shift: bigint): bigint {
  return BigInt(day) * SECONDS_PER_DAY + second + shift;
}
