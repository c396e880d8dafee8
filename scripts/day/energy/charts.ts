/** What is drawn of energy: an interval's supply and demand, and how much was traded when and at which price. */
import type { Order, Tariff } from "../../../sdk/energy/index.js";
import { priceAt } from "../../../sdk/energy/index.js";
import type { MarketChart, Step, ThroughDayChart, Tile } from "../charts.js";
import { writeWhole } from "../money.js";
import { tableOf } from "../table.js";
import { writePrice } from "./prices.js";

/** Prices are thousandths per kWh. */
const PRICE_SCALE = 1_000;
const WH_PER_KWH = 1_000n;
const TENTHS = 10n;
/** Length of an instant such as 2017-06-16 08:00, and of its date and the space after it. */
const INSTANT_LENGTH = 16;
const DATE_LENGTH = 11;

/** An interval as the chain cleared it. */
export interface DrawnInterval {
  readonly startsAt: string;
  readonly retail: bigint;
  /** Null where nothing was traded. */
  readonly price: bigint | null;
  readonly volumeWh: bigint;
  readonly needWh: bigint;
  readonly surplusWh: bigint;
}

/** Orders of an interval with what they mean. */
export interface Ordered {
  readonly orders: readonly Order[];
  readonly tariff: Pick<Tariff, "basePrice" | "tickSize">;
}

/** What all orders of a side ask for at each price, best price first. */
export function stepsOf({ orders, tariff }: Ordered, offers: boolean): Step[] {
  const byTick = new Map<number, bigint>();
  for (const { offer, steps } of orders) {
    if (offer !== offers) continue;
    for (const { tick, wh } of steps) byTick.set(tick, (byTick.get(tick) ?? 0n) + wh);
  }
  return [...byTick]
    .sort(([left], [right]) => (offers ? left - right : right - left))
    .map(([tick, wh]) => ({ price: Number(priceAt(tariff, tick)) / PRICE_SCALE, wh: Number(wh) }));
}

/** The place of the interval with the greatest volume, the first of them; absent where nothing was traded. */
export function busiest(intervals: readonly DrawnInterval[]): number | undefined {
  const most = intervals.reduce((max, { volumeWh }) => (volumeWh > max ? volumeWh : max), 0n);
  return most === 0n ? undefined : intervals.findIndex(({ volumeWh }) => volumeWh === most);
}

/** Supply and demand of an interval that was cleared. */
export function marketChart(
  { price, startsAt, volumeWh }: DrawnInterval & { readonly price: bigint },
  ordered: Ordered,
  currency: string,
): MarketChart {
  const bids = stepsOf(ordered, false);
  const offers = stepsOf(ordered, true);
  const row = (side: string) => (step: Step) => [side, step.price.toString(), writeWhole(step.wh)];
  return {
    kind: "market",
    id: "energy-market",
    title: `Supply and demand, ${instantText(startsAt)} UTC`,
    text:
      "The interval with the greatest volume. Bids stand by falling price, offers by rising price. They meet at " +
      `${writePrice(price)} ${currency} per kWh, which everybody pays and gets for the ${writeWhole(volumeWh)} Wh traded.`,
    currency,
    bids,
    offers,
    price: Number(price) / PRICE_SCALE,
    volumeWh: Number(volumeWh),
    table: tableOf(
      [{ head: "Side" }, { head: `Price, ${currency} per kWh`, right: true }, { head: "Wh", right: true }],
      [...bids.map(row("bids")), ...offers.map(row("offers"))],
    ),
  };
}

/** How much was needed, to spare and traded in each interval, and at which price. */
export function throughDayChart(intervals: readonly DrawnInterval[], currency: string): ThroughDayChart {
  const dates = new Set(intervals.map(({ startsAt }) => startsAt.slice(0, DATE_LENGTH)));
  const label = (startsAt: string): string => instantText(startsAt).slice(dates.size > 1 ? 0 : DATE_LENGTH);
  const traded = intervals.reduce((sum, { volumeWh }) => sum + volumeWh, 0n);
  return {
    kind: "throughDay",
    id: "energy-through-day",
    title: "Traded between homes, interval by interval",
    text:
      `${writeWhole(traded)} Wh were traded in ${writeWhole(intervals.length)} intervals. Bars are what was traded; ` +
      "lines are what homes needed and had to spare by their meters. Below, the price that cleared each interval, under " +
      `the retail price. Times are UTC.`,
    currency,
    slots: intervals.map(({ needWh, price, retail, startsAt, surplusWh, volumeWh }) => ({
      label: label(startsAt),
      need: Number(needWh),
      surplus: Number(surplusWh),
      traded: Number(volumeWh),
      price: price === null ? null : Number(price) / PRICE_SCALE,
      retail: Number(retail) / PRICE_SCALE,
    })),
    table: tableOf(
      [
        { head: "Begins (UTC)" },
        ...["Needed, Wh", "To spare, Wh", "Traded, Wh", `Price, ${currency} per kWh`, "Retail"].map((head) => ({
          head,
          right: true,
        })),
      ],
      intervals.map(({ needWh, price, retail, startsAt, surplusWh, volumeWh }) => [
        instantText(startsAt),
        ...[needWh, surplusWh, volumeWh].map(writeWhole),
        price === null ? "none" : writePrice(price),
        writePrice(retail),
      ]),
    ),
  };
}

function instantText(startsAt: string): string {
  return startsAt.slice(0, INSTANT_LENGTH).replace("T", " ");
}

/** The energy part's few figures. */
export function energyTiles(homes: number, intervals: readonly DrawnInterval[], certificatesWh: bigint): Tile[] {
  const traded = intervals.reduce((sum, { volumeWh }) => sum + volumeWh, 0n);
  const cleared = intervals.filter(({ price }) => price !== null).length;
  return [
    { label: "homes", value: writeWhole(homes) },
    { label: "kWh traded", value: writeKWh(traded) },
    { label: `of ${writeWhole(intervals.length)} intervals cleared`, value: writeWhole(cleared) },
    { label: "kWh certified as green", value: writeKWh(certificatesWh) },
  ];
}

function writeKWh(wh: bigint): string {
  const tenths = (wh * TENTHS) / WH_PER_KWH;
  return `${writeWhole(tenths / TENTHS)}.${tenths % TENTHS}`;
}
