/** Homes of a made-up town: one for every five residents, with a summer day of readings and the orders they gave for it. */
import { expectation, numbers, placeOf, randomFor, shareOf, table, type TownFiles, type TownPlan } from "./town.js";

const RESIDENTS_PER_HOME = 5;
const LEAST_HOMES = 2;
const INTERVALS = 96;
const INTERVALS_PER_HOUR = 4;
const MINUTES = 15;
const DAY = "2026-07-01";
const ZONE = "+02:00";
/** Prices are thousandths per kWh. All of a day's prices, and all orders, stand on steps of twenty. */
const FEED_IN = 80;
const STEP = 20;
const LEAST_PRICE_LEFT = 40;
/** Retail price from an hour on. */
const RETAIL: readonly (readonly [hour: number, price: number])[] = [
  [0, 220],
  [7, 400],
  [17, 540],
  [21, 400],
];
/** Draw of a home by hour, Wh in a quarter of an hour. */
const DRAW = [60, 55, 52, 52, 55, 75, 130, 215, 180, 90, 62, 58, 60, 56, 60, 64, 90, 150, 240, 260, 230, 180, 120, 80];
/** Of so many homes one has solar panels; kW. */
const SOLAR_ONE_IN = 2;
const SOLAR_KW = [3, 8] as const;
/** The sun shines between these intervals, brightest in the middle. */
const SUN = { from: 23, to: 82 } as const;
/** Wh in an interval for each kW at noon, and clouds, hundredths. */
const NOON_WH_PER_KW = 200;
const CLOUDS = [75, 100] as const;
const MOOD = [70, 130] as const;
/** What a home believes that it will draw or feed in, hundredths of what it then does. */
const FORECAST = [92, 108] as const;
/** How far below the dearest, or above the cheapest, price a home goes, in steps. */
const PATIENCE = [0, 5] as const;
/** Of so many homes one splits its orders into two steps. */
const SPLIT_ONE_IN = 3;
const HUNDRED = 100;

/** Files of the energy folder. */
export function makeEnergy(plan: TownPlan): TownFiles {
  const random = randomFor(plan, "energy");
  const readings: (readonly (string | number)[])[] = [];
  const orders: (readonly (string | number)[])[] = [];
  const homes: (readonly (string | number)[])[] = [];
  const totals = { meters: 0, intervals: INTERVALS, consumption_wh: 0, production_wh: 0 };
  for (const number of numbers(Math.max(LEAST_HOMES, shareOf(plan.residents, RESIDENTS_PER_HOME)))) {
    const id = placeOf(number);
    const solar = number % SOLAR_ONE_IN === 1 ? random.whole(...SOLAR_KW) : 0;
    const mood = random.whole(...MOOD);
    const patience = random.whole(...PATIENCE) * STEP;
    const splits = random.whole(1, SPLIT_ONE_IN) === 1;
    homes.push([id, `${solar}.0`, 0]);
    totals.meters += 1;
    for (let interval = 0; interval < INTERVALS; interval += 1) {
      const start = startOf(interval);
      const draw = DRAW[Math.floor(interval / INTERVALS_PER_HOUR)] ?? 0;
      const consumption = Math.floor((draw * mood * random.whole(...MOOD)) / (HUNDRED * HUNDRED));
      const production = Math.floor((solar * sunAt(interval) * random.whole(...CLOUDS)) / HUNDRED);
      readings.push([id, start, consumption, production]);
      totals.consumption_wh += consumption;
      totals.production_wh += production;
      const net = consumption - production;
      const wh = Math.floor((Math.abs(net) * random.whole(...FORECAST)) / HUNDRED);
      if (wh === 0) continue;
      const [side, price, worse] = net > 0 ? bidAt(interval, patience) : askAt(interval, patience);
      const first = splits && wh > 1 ? Math.ceil(wh / 2) : wh;
      orders.push([id, start, side, writePrice(price), first]);
      if (first < wh) orders.push([id, start, side, writePrice(worse), wh - first]);
    }
  }
  const intervals = Array.from({ length: INTERVALS }, (_, interval) => interval);
  return {
    "energy/town.csv": table("meter_id,interval_start_iso,consumption_wh,production_wh", readings),
    "energy/homes.csv": table("meter_id,pv_nominal_kw,battery_kwh_in_benchmark", homes),
    "energy/tariff.csv": table(
      "interval_start_iso,retail_eur_per_kwh",
      intervals.map((interval) => [startOf(interval), writePrice(retailAt(interval))]),
    ),
    "energy/orders.csv": table("meter_id,interval_start_iso,side,price_per_kwh,wh", orders),
    "energy/expected.json": expectation({ "town.csv": totals }),
  };
}

type Priced = readonly [side: "buy" | "sell", price: number, worse: number];

/** A patient home bids less than the dearest at which a neighbour is cheaper than the supplier. */
function bidAt(interval: number, patience: number): Priced {
  const price = Math.max(FEED_IN, retailAt(interval) - LEAST_PRICE_LEFT - patience);
  return ["buy", price, Math.max(FEED_IN, price - STEP)];
}

function askAt(interval: number, patience: number): Priced {
  const most = retailAt(interval) - LEAST_PRICE_LEFT;
  const price = Math.min(most, FEED_IN + patience);
  return ["sell", price, Math.min(most, price + STEP)];
}

function retailAt(interval: number): number {
  const hour = Math.floor(interval / INTERVALS_PER_HOUR);
  return RETAIL.reduce((found, [from, price]) => (hour >= from ? price : found), 0);
}

/** Wh of an interval for each kW of panels: a parabola from sunrise to sunset, in whole numbers so that it is the same everywhere. */
function sunAt(interval: number): number {
  const { from, to } = SUN;
  if (interval <= from || interval >= to) return 0;
  const height = (interval - from) * (to - interval) * 4;
  return Math.floor((NOON_WH_PER_KW * height) / (to - from) ** 2);
}

function startOf(interval: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const hour = Math.floor(interval / INTERVALS_PER_HOUR);
  return `${DAY}T${two(hour)}:${two((interval % INTERVALS_PER_HOUR) * MINUTES)}:00${ZONE}`;
}

function writePrice(thousandths: number): string {
  return (thousandths / 1_000).toFixed(2);
}
