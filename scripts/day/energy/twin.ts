/** The same part once more without a chain: prices, fills and money by the model, to be compared with what was told. */
import {
  clearInterval,
  type Clearing,
  IntervalSettlement,
  levelsOf,
  lockOf,
  type MarketBooks,
  type Order,
  packOrder,
  priceAt,
  type Settlement,
} from "../../../sdk/energy/index.js";
import type { Life } from "./life.js";
import { netOf, type PlannedSlot } from "./plan.js";
import type { Told, ToldInterval } from "./told.js";

/** What the model says of an interval, and whether the chain said the same. */
export interface TwinInterval {
  readonly slot: PlannedSlot;
  readonly orders: readonly Order[];
  readonly told: ToldInterval;
  /** In the order of settlement. */
  readonly settlements: readonly Settlement[];
  /** Whether the chain's orders, price and volume, also of each feeder, are the model's. */
  readonly sameOrders: boolean;
  readonly samePrice: boolean;
  /** Accounts whose fill and reading on the chain are the model's. */
  readonly sameResults: number;
}

export interface Twin {
  readonly intervals: readonly TwinInterval[];
  readonly books: MarketBooks;
}

/** Runs the model. */
export function runTwin({ district, orders, slots }: Life, told: Told, paidIn: MarketBooks): Twin {
  const members = new Map(district.members.map((member) => [member.account, member]));
  const isGreen = (account: number): boolean => (members.get(account)?.exportCapWh ?? 0n) > 0n;
  const intervals = slots.map((slot): TwinInterval => {
    const planned = orders.get(slot.interval) ?? [];
    const found = told.intervals.get(slot.interval);
    if (found === undefined) throw new Error(`nothing is told of interval ${slot.interval}`);
    for (const order of planned) paidIn.lock(order.account, lockOf(slot.tariff, order));
    const books = [...levelsOf(slot.tariff, planned, isGreen)].map(([feeder, levels]) => ({ feeder, levels }));
    const clearing = clearInterval(slot.tariff, books);
    const settlement = new IntervalSettlement(slot.tariff, clearing);
    const settlements = inSettlementOrder(planned, found).map((order) => {
      const reading = members.get(order.account)?.home.readings.get(slot.at);
      const metered = reading === undefined ? undefined : netOf(reading);
      const settled = settlement.settle({ account: order.account, order, green: isGreen(order.account), metered });
      paidIn.apply(settled);
      return settled;
    });
    paidIn.close(settlement.ends);
    return {
      slot,
      orders: planned,
      told: found,
      settlements,
      sameOrders: sameOrders(planned, found.batches.flat()),
      samePrice: isSamePrice(slot, clearing, found),
      sameResults: settlements.filter(
        ({ account, contracted, metered }, index) =>
          found.results[index]?.account === account &&
          found.results[index].contracted === contracted &&
          found.results[index].metered === metered,
      ).length,
    };
  });
  return { intervals, books: paidIn };
}

/** The planned orders in the order in which the chain settles them: batches newest first. */
function inSettlementOrder(planned: readonly Order[], { batches }: ToldInterval): Order[] {
  const byAccount = new Map(planned.map((order) => [order.account, order]));
  return [...batches].reverse().flatMap((batch) => batch.flatMap(({ account }) => byAccount.get(account) ?? []));
}

function sameOrders(planned: readonly Order[], posted: readonly Order[]): boolean {
  const records = (orders: readonly Order[]): string => orders.map(packOrder).sort().join();
  return records(planned) === records(posted);
}

/** Without feeders' limits all of them have one price. */
function isSamePrice({ tariff }: PlannedSlot, { bought, rounds }: Clearing, told: ToldInterval): boolean {
  const main = rounds.find(({ round }) => round === "Main");
  if (bought !== told.volume) return false;
  if (main?.tick === undefined) return told.volume === 0n && told.books.size === 0;
  const price = (tick: number | undefined): bigint => priceAt(tariff, tick ?? 0);
  if (told.price !== price(main.tick) || told.low !== price(main.low) || told.high !== price(main.high)) return false;
  const traded = main.books.filter(({ tick }) => tick !== undefined);
  return (
    traded.length === told.books.size &&
    traded.every((book) => {
      const other = told.books.get(book.feeder);
      return other?.price === price(book.tick) && other.bought === book.bought && other.sold === book.sold;
    })
  );
}
