/** Retail prices per interval. */
import { type Range, readDecimal } from "./cells.js";
import { hasColumns, headerOf, readTable, type SourceText } from "./csv.js";
import { type IntervalStart, isLength, lengthOf, readStart, writeUtc } from "./energyTime.js";
import { inOrder, type Place, type RowFault } from "./faults.js";
import { RowReader } from "./rows.js";

/** First column of a tariff; the other is `retail_<currency>_per_kwh`. */
const START = "interval_start_iso";
const RETAIL = /^retail_([a-z]{3})_per_kwh$/;
const ANY_RETAIL = "retail_eur_per_kwh";

/**
 * Digits of a price per kWh. A thousandth of the currency per kWh is a millionth per Wh, which at a token of 6 decimals
 * is one unit.
 */
export const PRICE_DECIMALS = 3;

/** Most of a price, thousandths per kWh. */
export const MAX_PRICE = (1n << 24n) - 1n;

const PRICE: Range = { least: 1n, greatest: MAX_PRICE, why: "the range of a retail price" };

/** What the supplier charges in an interval. */
export interface RetailPrice extends Place {
  /** Start of the interval, Unix time. */
  readonly at: bigint;
  /** Thousandths of the currency per kWh: money units per Wh at a token of 6 decimals. */
  readonly retail: bigint;
}

export interface EnergyTariff {
  /** Three small letters, for instance `usd`; undefined where no header names one. */
  readonly currency: string | undefined;
  /** In order of time. */
  readonly prices: readonly RetailPrice[];
  /** Seconds of an interval; undefined where no two good rows tell. */
  readonly intervalLength: bigint | undefined;
  readonly faults: readonly RowFault[];
  readonly rowCount: number;
}

/** Whether a file's header row is that of a tariff. */
export function isEnergyTariff(header: readonly string[]): boolean {
  const retail = header.find((name) => RETAIL.test(name));
  return retail !== undefined && hasColumns(header, [START, retail]);
}

/**
 * Reads files of the columns `interval_start_iso` and `retail_<currency>_per_kwh`, one row for each interval without a
 * gap. All files must have one currency. A row with a fault is left out.
 *
 * @param intervalLength - Seconds of an interval; when left out, the least step between rows.
 */
export function importEnergyTariff(sources: readonly SourceText[], intervalLength?: bigint): EnergyTariff {
  const seen = new Map<bigint, Place & { readonly start: IntervalStart; readonly price?: RetailPrice }>();
  const faults: RowFault[] = [];
  let currency: string | undefined;
  let rowCount = 0;
  for (const source of sources) {
    const retailColumn = headerOf(source.text).find((name) => RETAIL.test(name)) ?? ANY_RETAIL;
    const columns = [START, retailColumn] as const;
    const table = readTable(source, columns);
    faults.push(...table.faults);
    if (table.unreadable) continue;
    rowCount += table.rows.length + table.faults.length;
    const named = RETAIL.exec(retailColumn)?.[1];
    if (currency !== undefined && named !== currency) {
      const reason = `prices are in ${named ?? ""}, those before in ${currency}`;
      faults.push({ file: source.name, line: 1, column: retailColumn, value: retailColumn, reason });
      continue;
    }
    currency = named;
    for (const row of table.rows) {
      const reader = new RowReader<string>(source.name, row);
      const start = reader.read(START, readStart);
      const retail = reader.read(retailColumn, (cell) => readDecimal(cell, PRICE_DECIMALS, PRICE));
      if (start !== undefined) {
        const { file, line } = reader;
        const twin = seen.get(start.at);
        if (twin !== undefined) reader.add(START, `this interval has its price in ${reader.placeOf(twin)} already`);
        else if (retail === undefined) seen.set(start.at, { file, line, start });
        else seen.set(start.at, { file, line, start, price: { file, line, at: start.at, retail } });
      }
      faults.push(...reader.faults);
    }
  }
  const length = intervalLength ?? lengthOf(seen.keys());
  const sorted = [...seen.values()].sort((left, right) => (left.start.at < right.start.at ? -1 : 1));
  for (const [index, { file, line, start }] of sorted.entries()) {
    if (length === undefined || !isLength(length)) break;
    const place = { file, line, column: START, value: start.text };
    const before = sorted[index - 1];
    if (start.at % length !== 0n) {
      faults.push({ ...place, reason: `not the start of an interval of ${length} seconds, counted from midnight UTC` });
    } else if (before !== undefined && start.at - before.start.at > length) {
      faults.push({ ...place, reason: `there is no price for ${writeUtc(before.start.at + length)}` });
    }
  }
  const prices = sorted.flatMap(({ price }) => (price === undefined ? [] : [price]));
  return { currency, prices, intervalLength: length, faults: inOrder(faults, sources), rowCount };
}
