/** Orders to buy and sell, given instead of those that are made by rule. */
import { CellFault, type Range, readDecimal, readText, readWhole, writeDecimal } from "./cells.js";
import { hasColumns, readTable, type SourceText } from "./csv.js";
import { readStart, writeUtc } from "./energyTime.js";
import { inOrder, type Place, type RowFault } from "./faults.js";
import { MAX_PRICE, PRICE_DECIMALS } from "./energyTariff.js";
import { RowReader } from "./rows.js";

/** Columns of a file of orders. */
export const ENERGY_ORDER_COLUMNS = ["meter_id", "interval_start_iso", "side", "price_per_kwh", "wh"] as const;

export type EnergyOrderColumn = (typeof ENERGY_ORDER_COLUMNS)[number];

/** Most steps of a meter in an interval. */
const MAX_STEPS = 4;
const MAX_WH = 1_023_000n;

/** One row: a step of a meter's order in an interval. */
export interface EnergyOrderRow extends Place {
  readonly meterId: string;
  /** Start of the interval, Unix time. */
  readonly at: bigint;
  readonly side: "buy" | "sell";
  /** Thousandths of the currency per kWh: money units per Wh at a token of 6 decimals. */
  readonly price: bigint;
  readonly wh: bigint;
}

/** Prices that an interval's tariff allows, thousandths per kWh. */
export interface PriceBand {
  readonly lowest: bigint;
  readonly highest: bigint;
  /** Step from one price to the next, counted from the lowest; any when left out. */
  readonly step?: bigint;
}

/** What orders are checked against; what is left out is not checked. */
export interface OrderFrame {
  /** Ids of the meters there are. */
  readonly meters?: ReadonlySet<string>;
  /** The band of an interval by its start; undefined: there is no such interval. */
  readonly bandAt?: (at: bigint) => PriceBand | undefined;
  /** Least energy of a step, Wh. 1 when left out. */
  readonly minimumWh?: bigint;
}

export interface EnergyOrderRows {
  /** In the order of the files. Rows of one meter, interval and side are steps of one order, at most four. */
  readonly orders: readonly EnergyOrderRow[];
  readonly faults: readonly RowFault[];
  readonly rowCount: number;
}

/** Whether a file's header row is that of orders. */
export function isEnergyOrders(header: readonly string[]): boolean {
  return hasColumns(header, ENERGY_ORDER_COLUMNS);
}

/**
 * Reads files of the columns {@link ENERGY_ORDER_COLUMNS}. A row with a fault is left out: a meter or interval that is
 * not known, a side that is neither `buy` nor `sell`, a price outside the interval's band or between its steps, energy
 * that is not whole or too little, a fifth step, and a meter that would buy and sell in one interval.
 */
export function importEnergyOrders(sources: readonly SourceText[], frame: OrderFrame = {}): EnergyOrderRows {
  const byMeter = new Map<string, EnergyOrderRow[]>();
  const orders: EnergyOrderRow[] = [];
  const faults: RowFault[] = [];
  let rowCount = 0;
  for (const source of sources) {
    const table = readTable(source, ENERGY_ORDER_COLUMNS);
    faults.push(...table.faults);
    rowCount += table.rows.length + (table.unreadable ? 0 : table.faults.length);
    for (const row of table.rows) {
      const reader = new OrderReader(source.name, row);
      const order = reader.order(frame);
      if (order !== undefined) {
        const key = `${order.at.toString()} ${order.meterId}`;
        const steps = byMeter.get(key) ?? [];
        reader.compare(order, steps);
        if (reader.faults.length === 0) {
          byMeter.set(key, [...steps, order]);
          orders.push(order);
        }
      }
      faults.push(...reader.faults);
    }
  }
  return { orders, faults: inOrder(faults, sources), rowCount };
}

class OrderReader extends RowReader<EnergyOrderColumn> {
  order({ meters, bandAt, minimumWh = 1n }: OrderFrame): EnergyOrderRow | undefined {
    const meterId = this.read("meter_id", readText);
    const start = this.read("interval_start_iso", readStart);
    const side = this.read("side", readSide);
    const price = this.read("price_per_kwh", (cell) => readDecimal(cell, PRICE_DECIMALS, PRICE));
    const wh = this.read("wh", (cell) => readWhole(cell, { least: minimumWh, greatest: MAX_WH }));
    if (meterId !== undefined && meters?.has(meterId) === false) this.add("meter_id", "there is no such meter");
    if (start !== undefined && bandAt !== undefined) {
      const band = bandAt(start.at);
      if (band === undefined) this.add("interval_start_iso", `no interval begins at ${writeUtc(start.at)}`);
      else if (price !== undefined) this.#checkPrice(price, band);
    }
    const isWhole =
      meterId !== undefined && start !== undefined && side !== undefined && price !== undefined && wh !== undefined;
    if (!isWhole) return undefined;
    return { file: this.file, line: this.line, meterId, at: start.at, side, price, wh };
  }

  /** Compares a step with the good ones before it. */
  compare({ meterId, side }: EnergyOrderRow, steps: readonly EnergyOrderRow[]): void {
    const [first] = steps;
    if (first === undefined) return;
    if (first.side !== side) {
      this.add("side", `meter ${meterId} has a ${first.side} order in ${this.placeOf(first)}: it cannot do both`);
    } else if (steps.length >= MAX_STEPS) {
      this.add("wh", `meter ${meterId} has ${steps.length} steps before, from ${this.placeOf(first)} on; at most four`);
    }
  }

  #checkPrice(price: bigint, { lowest, highest, step }: PriceBand): void {
    const write = (value: bigint): string => writeDecimal(value, PRICE_DECIMALS);
    if (price < lowest || price > highest) {
      this.add("price_per_kwh", `outside the band from ${write(lowest)} to ${write(highest)}`);
    } else if (step !== undefined && (price - lowest) % step !== 0n) {
      const below = price - ((price - lowest) % step);
      this.add("price_per_kwh", `between the steps ${write(below)} and ${write(below + step)}`);
    }
  }
}

const PRICE: Range = { least: 0n, greatest: MAX_PRICE, why: "the greatest price" };

function readSide(cell: string): "buy" | "sell" {
  const side = readText(cell);
  if (side !== "buy" && side !== "sell") throw new CellFault("neither buy nor sell");
  return side;
}
