/** Who orders what: by the stated rule, or as the orders given. */
import {
  firstIntervalOf,
  type Order,
  type PricedStep,
  type Tariff,
  tickOf,
  tickWithin,
} from "../../../sdk/energy/index.js";
import type { EnergyReading } from "../../../sdk/importers/index.js";
import { slices } from "../../../sdk/slices.js";
import type { EnergyData, Home, Slot } from "./data.js";
import { capFor, CONNECTION_W, FEED_IN, FEEDERS, GRID_FEE, METERS_PER_FEEDER, tariffFor, whIn } from "./terms.js";

/** Net draw of a home in an interval, Wh; feed-in is negative. */
export function netOf({ consumptionWh, productionWh }: EnergyReading): bigint {
  return consumptionWh - productionWh;
}

/** What a home asks for in an interval. */
export interface Wish {
  readonly home: Home;
  readonly side: "buy" | "sell";
  readonly steps: readonly PricedStep[];
}

/** An interval with what its homes ask for. */
export interface PlannedSlot extends Slot {
  /** Number on the chain. */
  readonly interval: number;
  readonly tariff: Tariff;
  readonly wishes: readonly Wish[];
}

/** The interval with its number when times are moved by so many seconds. */
export function planSlots({ homes, intervalLength, slots, tickSize }: EnergyData, shift: bigint): PlannedSlot[] {
  return slots.map((slot) => ({
    ...slot,
    interval: Number((slot.at + shift) / intervalLength),
    tariff: tariffFor(slot.retail, tickSize),
    wishes: homes.flatMap((home) => wishOf(home, slot)),
  }));
}

function wishOf(home: Home, { at, given, retail }: Slot): Wish[] {
  if (given !== undefined) {
    const rows = given.get(home.id);
    const [first] = rows ?? [];
    return rows === undefined || first === undefined ? [] : [{ home, side: first.side, steps: rows }];
  }
  const reading = home.readings.get(at);
  const net = reading === undefined ? 0n : netOf(reading);
  if (net === 0n) return [];
  return net > 0n
    ? [{ home, side: "buy", steps: [{ price: retail - GRID_FEE, wh: net }] }]
    : [{ home, side: "sell", steps: [{ price: FEED_IN, wh: -net }] }];
}

/** The order of a home's account. Prices of the rule need not be on the grid; a bid is rounded down to it. */
export function orderOf({ given, tariff }: PlannedSlot, account: number, { side, steps }: Wish): Order {
  const offer = side === "sell";
  return {
    account,
    offer,
    kind: "anywhere",
    steps: steps.map(({ price, wh }) => ({
      tick: given === undefined ? tickWithin(tariff, offer, price) : tickOf(tariff, price),
      wh,
    })),
  };
}

/** Energy of all steps, Wh. */
function whOfWish({ steps }: Wish): bigint {
  return steps.reduce((sum, { wh }) => sum + wh, 0n);
}

/** What a home's connection must carry in an interval, and the money it needs for all of them. */
export interface Size {
  readonly importCapWh: bigint;
  readonly exportCapWh: bigint;
  /** Money units that cover everything at once: orders at their worst and all energy at retail. */
  readonly money: bigint;
}

/** Sizes of homes, from what they measure and ask for. */
export function sizesOf({ homes, intervalLength }: EnergyData, slots: readonly PlannedSlot[]): Map<Home, Size> {
  const sizes = new Map(
    homes.map((home) => [
      home,
      { draw: whIn(intervalLength, CONNECTION_W), feed: whIn(intervalLength, home.solarW), money: 0n },
    ]),
  );
  for (const { at, retail, wishes } of slots) {
    const count = (home: Home, wh: bigint): void => {
      const size = sizes.get(home);
      if (size === undefined) return;
      if (wh > size.draw) size.draw = wh;
      if (-wh > size.feed) size.feed = -wh;
      size.money += (retail + GRID_FEE) * (wh < 0n ? -wh : wh);
    };
    for (const home of homes) {
      const reading = home.readings.get(at);
      if (reading !== undefined) count(home, netOf(reading));
    }
    for (const wish of wishes) count(wish.home, wish.side === "buy" ? whOfWish(wish) : -whOfWish(wish));
  }
  return new Map(
    [...sizes].map(([home, { draw, feed, money }]) => [
      home,
      { importCapWh: capFor(draw), exportCapWh: feed === 0n ? 0n : capFor(feed), money },
    ]),
  );
}

/** Homes by feeder: in their order, divided into equal parts. */
export function divide(homes: readonly Home[]): Home[][] {
  const feeders = Math.min(homes.length, Math.max(FEEDERS, Math.ceil(homes.length / METERS_PER_FEEDER)));
  const size = Math.ceil(homes.length / feeders);
  return slices(homes, size);
}

/** Days of the chain that have intervals, with these. */
export function daysOf(slots: readonly PlannedSlot[], intervalsPerDay: number): Map<number, PlannedSlot[]> {
  const days = new Map<number, PlannedSlot[]>();
  for (const slot of slots) {
    const day = Math.floor(slot.interval / intervalsPerDay);
    days.set(day, [...(days.get(day) ?? []), slot]);
  }
  return days;
}

/** Intervals of a day with the slot of each, where there is one. */
export function rowsOfDay(
  day: number,
  intervalsPerDay: number,
  slots: readonly PlannedSlot[],
): (PlannedSlot | undefined)[] {
  const first = firstIntervalOf(day, intervalsPerDay);
  const byInterval = new Map(slots.map((slot) => [slot.interval, slot]));
  return Array.from({ length: intervalsPerDay }, (_, index) => byInterval.get(first + index));
}
