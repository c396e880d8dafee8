import { expect } from "chai";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import {
  describeFault,
  headerOf,
  importEnergyHomes,
  importEnergyOrders,
  importEnergyReadings,
  importEnergyTariff,
  isEnergyHomes,
  isEnergyOrders,
  isEnergyReadings,
  isEnergyTariff,
  readInstant,
  type RowFault,
  writeInstant,
} from "../../sdk/importers/index.js";

const SHARED = fileURLToPath(new URL("../../../shared/data/energy/", import.meta.url));
const HOUR = 3_600n;

const READINGS = "meter_id,interval_start_iso,consumption_wh,production_wh";
const TARIFF = "interval_start_iso,retail_eur_per_kwh";
const ORDERS = "meter_id,interval_start_iso,side,price_per_kwh,wh";
const HOMES = "meter_id,pv_nominal_kw,battery_kwh_in_benchmark";

function source(header: string, ...rows: string[]) {
  return [{ name: "x.csv", text: [header, ...rows].join("\n") }];
}

/** Line, column and reason of each fault. */
function told(faults: readonly RowFault[]): [number, string, string][] {
  return faults.map(({ line, column, reason }) => [line, column, reason]);
}

interface Expected {
  readonly meters: number;
  readonly intervals: number;
  readonly consumption_wh: number;
  readonly production_wh: number;
  readonly matchable_between_homes_wh?: number;
}

/** What a file of readings comes to, in the terms of the expectations beside it. */
function summaryOf(text: string, name: string): Expected {
  const { meters, faults, intervalLength, first, last, rowCount } = importEnergyReadings([{ name, text }]);
  expect(faults).to.deep.equal([]);
  expect(intervalLength).to.equal(HOUR);
  const intervals = Number((last! - first!) / intervalLength!) + 1;
  expect(rowCount).to.equal(intervals * meters.length);
  const all = meters.flatMap(({ readings }) => readings);
  const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
  const nets = new Map<bigint, { surplus: bigint; need: bigint }>();
  for (const { at, consumptionWh, productionWh } of all) {
    const net = nets.get(at) ?? { surplus: 0n, need: 0n };
    if (productionWh > consumptionWh) net.surplus += productionWh - consumptionWh;
    else net.need += consumptionWh - productionWh;
    nets.set(at, net);
  }
  const matchable = sum([...nets.values()].map(({ surplus, need }) => (surplus < need ? surplus : need)));
  return {
    meters: meters.length,
    intervals,
    consumption_wh: Number(sum(all.map(({ consumptionWh }) => consumptionWh))),
    production_wh: Number(sum(all.map(({ productionWh }) => productionWh))),
    matchable_between_homes_wh: Number(matchable),
  };
}

describe("Energy importers", () => {
  describe("public data", () => {
    const files = existsSync(SHARED) ? readdirSync(SHARED).filter((name) => name.endsWith(".csv")) : [];
    const expected = existsSync(`${SHARED}expected.json`)
      ? (JSON.parse(readFileSync(`${SHARED}expected.json`, "utf8")) as Record<string, Expected>)
      : {};

    for (const name of files) {
      it(`reads ${name}`, () => {
        const text = readFileSync(SHARED + name, "utf8");
        const header = headerOf(text);
        if (isEnergyReadings(header)) {
          const { matchable_between_homes_wh: matchable, ...summary } = summaryOf(text, name);
          const told = expected[name]!;
          const { meters, intervals, consumption_wh, production_wh } = told;
          expect(summary).to.deep.equal({ meters, intervals, consumption_wh, production_wh });
          expect(matchable).to.equal(told.matchable_between_homes_wh ?? 0);
        } else if (isEnergyTariff(header)) {
          const { currency, prices, intervalLength, faults } = importEnergyTariff([{ name, text }]);
          expect(faults).to.deep.equal([]);
          expect({ currency, intervalLength }).to.deep.equal({ currency: "usd", intervalLength: HOUR });
          expect(prices.length % 24).to.equal(0);
          expect(prices.every(({ retail }) => retail >= 220n && retail < 1_000n)).to.be.true;
        } else {
          expect(isEnergyHomes(header)).to.be.true;
          const { homes, faults } = importEnergyHomes([{ name, text }]);
          expect(faults).to.deep.equal([]);
          expect(homes[0]).to.include({ meterId: "fontana-1", solarW: 4_000n, batteryWh: 6_400n });
          expect(homes.length).to.equal(17);
        }
      });
    }
  });

  describe("importEnergyReadings", () => {
    it("gives each meter's readings in order of time, whatever the order of the rows", () => {
      const rows = [
        "b,2026-03-01T01:00:00Z,3,0",
        "a,2026-03-01T00:15:00+00:00,1,2",
        "a,2026-03-01T01:00:00+01:00,5,6",
        "b,2026-03-01T00:15:00Z,3,4",
        "a,2026-03-01T00:30:00Z,1,0",
        "a,2026-03-01T00:45:00Z,1,0",
        "a,2026-03-01T01:00:00Z,1,0",
        "b,2026-03-01T00:00:00Z,3,0",
        "b,2026-03-01T00:30:00Z,3,0",
        "b,2026-03-01T00:45:00Z,3,0",
      ];
      const { meters, intervalLength, first, last, faults, rowCount } = importEnergyReadings(source(READINGS, ...rows));
      expect(faults).to.deep.equal([]);
      expect({ intervalLength, rowCount }).to.deep.equal({ intervalLength: 900n, rowCount: 10 });
      expect([first, last].map((at) => writeInstant(at!))).to.deep.equal([
        "2026-03-01T00:00:00",
        "2026-03-01T01:00:00",
      ]);
      expect(meters.map(({ id }) => id)).to.deep.equal(["b", "a"]);
      expect(meters[1]!.readings[0]).to.deep.equal({
        file: "x.csv",
        line: 4,
        at: first!,
        consumptionWh: 5n,
        productionWh: 6n,
      });
      expect(meters.map(({ readings }) => readings.length)).to.deep.equal([5, 5]);
    });

    it("names negative, broken and too large amounts, and what is no instant", () => {
      const rows = [
        "a,2026-03-01T00:00:00Z,-1,0",
        "a,2026-03-01T01:00:00Z,1.5,0",
        "a,2026-03-01T02:00:00Z,0,1023001",
        "a,2026-03-01T03:00:00,1,1",
        "a,2026-13-01T04:00:00Z,1,1",
        ",2026-03-01T03:00:00Z,1,x",
        "a,2026-03-01T03:00:00Z,1,1",
        "a,2026-03-01T04:00:00Z,1",
      ];
      const { meters, faults, rowCount } = importEnergyReadings(source(READINGS, ...rows));
      expect(told(faults)).to.deep.equal([
        [2, "consumption_wh", "negative"],
        [3, "consumption_wh", "not a whole number"],
        [4, "production_wh", "above 1023000, the most that a meter can be rated for"],
        [
          5,
          "interval_start_iso",
          "without an offset from UTC, such as Z or +01:00; a local time alone is not one instant",
        ],
        [6, "interval_start_iso", "no such date or time"],
        [7, "meter_id", "the cell is empty"],
        [7, "production_wh", "not a number"],
        [9, "production_wh", "the row has 3 cells, the header 4"],
      ]);
      expect(describeFault(faults[0]!)).to.equal('x.csv, line 2, column consumption_wh, value "-1": negative');
      expect(rowCount).to.equal(8);
      expect(meters.map(({ readings }) => readings.length)).to.deep.equal([1]);
    });

    it("names a second row of a meter and interval, and keeps the first", () => {
      const rows = ["a,2026-03-01T00:00:00Z,1,0", "a,2026-03-01T01:00:00Z,2,0", "a,2026-03-01T02:00:00+01:00,3,0"];
      const { meters, faults } = importEnergyReadings(source(READINGS, ...rows));
      expect(told(faults)).to.deep.equal([
        [
          4,
          "interval_start_iso",
          "meter a has this interval in line 3 already, as 2026-03-01T01:00:00Z, which is the same instant",
        ],
      ]);
      expect(meters[0]!.readings.map(({ consumptionWh }) => consumptionWh)).to.deep.equal([1n, 2n]);
      const twice = importEnergyReadings([
        ...source(READINGS, ...rows),
        { name: "y.csv", text: `${READINGS}\na,2026-03-01T00:00:00Z,9,0` },
      ]);
      expect(twice.faults[1]).to.include({ file: "y.csv", line: 2 });
      expect(twice.faults[1]!.reason).to.match(/^meter a has this interval in x\.csv, line 2 already/);
    });

    it("names missing intervals: between rows, where the data begin and where they end", () => {
      const rows = [
        "a,2026-03-01T00:00:00Z,1,0",
        "a,2026-03-01T01:00:00Z,1,0",
        "a,2026-03-01T04:00:00Z,1,0",
        "b,2026-03-01T01:00:00Z,1,0",
        "b,2026-03-01T02:00:00Z,1,0",
        "b,2026-03-01T03:00:00Z,1,0",
      ];
      const { meters, faults } = importEnergyReadings(source(READINGS, ...rows));
      expect(told(faults)).to.deep.equal([
        [
          4,
          "interval_start_iso",
          "meter a has no row for 2026-03-01T02:00:00Z to 2026-03-01T03:00:00Z, between line 3 and this one; " +
            "where clocks go forward, the offset changes and no hour is missing",
        ],
        [5, "interval_start_iso", "meter b has no row for 2026-03-01T00:00:00Z, where the data begin"],
        [7, "interval_start_iso", "meter b has no row for 2026-03-01T04:00:00Z, where the data end"],
      ]);
      expect(meters.map(({ readings }) => readings.length)).to.deep.equal([3, 3]);
    });

    it("does not name an interval as missing whose row has another fault", () => {
      const rows = ["a,2026-03-01T00:00:00Z,1,0", "a,2026-03-01T01:00:00Z,-1,0", "a,2026-03-01T02:00:00Z,1,0"];
      expect(told(importEnergyReadings(source(READINGS, ...rows)).faults)).to.deep.equal([
        [3, "consumption_wh", "negative"],
      ]);
    });

    it("takes the hour that clocks show twice and the one that they leave out by their offsets", () => {
      const autumn = [
        "a,2026-10-25T01:00:00+02:00,1,0",
        "a,2026-10-25T02:00:00+02:00,2,0",
        "a,2026-10-25T02:00:00+01:00,3,0",
        "a,2026-10-25T03:00:00+01:00,4,0",
      ];
      const spring = ["a,2026-03-29T01:00:00+01:00,1,0", "a,2026-03-29T03:00:00+02:00,2,0"];
      for (const rows of [autumn, spring]) {
        const { meters, faults } = importEnergyReadings(source(READINGS, ...rows));
        expect(faults).to.deep.equal([]);
        expect(meters[0]!.readings.map(({ consumptionWh }) => Number(consumptionWh))).to.deep.equal(
          rows.map((_, index) => index + 1),
        );
      }
    });

    it("names the hour that clocks show twice, or leave out, where the offset was not changed", () => {
      const autumn = [
        "a,2026-10-25T01:00:00+02:00,1,0",
        "a,2026-10-25T02:00:00+02:00,2,0",
        "a,2026-10-25T02:00:00+02:00,3,0",
      ];
      expect(told(importEnergyReadings(source(READINGS, ...autumn)).faults)).to.deep.equal([
        [
          4,
          "interval_start_iso",
          "meter a has this interval in line 3 already; where clocks go back, the hour that appears twice has another " +
            "offset the second time",
        ],
      ]);
      const spring = [
        "a,2026-03-29T00:00:00+01:00,1,0",
        "a,2026-03-29T01:00:00+01:00,1,0",
        "a,2026-03-29T03:00:00+01:00,2,0",
      ];
      const [fault] = importEnergyReadings(source(READINGS, ...spring)).faults;
      expect(fault).to.include({ line: 4 });
      expect(fault!.reason).to.match(
        /no row for 2026-03-29T01:00:00Z, .*; where clocks go forward, the offset changes/,
      );
      const late = [
        "a,2026-10-25T01:00:00+02:00,1,0",
        "a,2026-10-25T02:00:00+02:00,1,0",
        "a,2026-10-25T03:00:00+01:00,1,0",
      ];
      const [gap] = importEnergyReadings(source(READINGS, ...late)).faults;
      expect(gap!.reason).to.match(/no row for 2026-10-25T01:00:00Z, between line 3 and this one$/);
    });

    it("names a row between two intervals", () => {
      const rows = ["a,2026-03-01T00:10:00Z,1,0", "a,2026-03-01T01:10:00Z,1,0"];
      const { faults } = importEnergyReadings(source(READINGS, ...rows));
      expect(faults.map(({ line, reason }) => [line, reason])).to.deep.equal(
        [2, 3].map((line) => [line, "not the start of an interval of 3600 seconds, counted from midnight UTC"]),
      );
    });

    it("reads a single row, and reports a file that cannot be read", () => {
      const one = importEnergyReadings(source(READINGS, "a,2026-03-01T00:00:00Z,1,0"));
      expect(one).to.deep.include({ intervalLength: undefined, faults: [], rowCount: 1 });
      const none = importEnergyReadings([{ name: "x.csv", text: "a,b\n1,2" }]);
      expect(none).to.deep.include({ meters: [], first: undefined, last: undefined, rowCount: 0 });
      expect(none.faults[0]!.reason).to.match(/^unknown header/);
    });
  });

  describe("importEnergyTariff", () => {
    it("gives prices in thousandths per kWh, in order of time, and the currency", () => {
      const { currency, prices, intervalLength, faults } = importEnergyTariff(
        source(TARIFF, "2026-03-01T01:00:00Z,0.3", "2026-03-01T00:00:00Z,0.225"),
      );
      expect(faults).to.deep.equal([]);
      expect({ currency, intervalLength }).to.deep.equal({ currency: "eur", intervalLength: HOUR });
      expect(prices.map(({ retail }) => retail)).to.deep.equal([225n, 300n]);
    });

    it("names prices that are zero, negative, too fine or no number, duplicates and gaps", () => {
      const rows = [
        "2026-03-01T00:00:00Z,0",
        "2026-03-01T01:00:00Z,-0.1",
        "2026-03-01T02:00:00Z,0.2225",
        "2026-03-01T03:00:00Z,dear",
        "2026-03-01T04:00:00Z,0.2",
        "2026-03-01T05:00:00+01:00,0.3",
        "2026-03-01T06:00:00Z,0.3",
      ];
      const { prices, faults } = importEnergyTariff(source(TARIFF, ...rows));
      expect(told(faults)).to.deep.equal([
        [2, "retail_eur_per_kwh", "below 0.001, the range of a retail price"],
        [3, "retail_eur_per_kwh", "negative"],
        [4, "retail_eur_per_kwh", "more than 3 digits after the point"],
        [5, "retail_eur_per_kwh", "not a number"],
        [7, "interval_start_iso", "this interval has its price in line 6 already"],
        [8, "interval_start_iso", "there is no price for 2026-03-01T05:00:00Z"],
      ]);
      expect(prices.map(({ retail }) => retail)).to.deep.equal([200n, 300n]);
    });

    it("names another currency, a row between intervals, and a file that is no tariff", () => {
      const { faults } = importEnergyTariff(
        [
          ...source(TARIFF, "2026-03-01T00:30:00Z,0.2"),
          { name: "y.csv", text: "interval_start_iso,retail_usd_per_kwh\n2026-03-01T01:00:00Z,0.2" },
          { name: "z.csv", text: "a,b\n1,2" },
        ],
        HOUR,
      );
      expect(faults.map(({ file, reason }) => [file, reason])).to.deep.equal([
        ["x.csv", "not the start of an interval of 3600 seconds, counted from midnight UTC"],
        ["y.csv", "prices are in usd, those before in eur"],
        ["z.csv", "unknown header; expected interval_start_iso,retail_eur_per_kwh"],
      ]);
      expect(isEnergyTariff(headerOf("a,b"))).to.be.false;
    });
  });

  describe("readInstant", () => {
    it("reads instants with an offset from UTC, or as UTC", () => {
      const may = 1_714_521_600n;
      for (const [cell, at] of [
        ["2024-05-01T00:00:00", may],
        ["2024-05-01 00:00", may],
        ["2024-05-01T00:00:00Z", may],
        ["2024-05-01T00:00:00+02:00", may - 2n * HOUR],
        ["2024-05-01T00:00:00-03:30", may + 12_600n],
        ["2024-05-01T00:00:00+23:59", may - 24n * HOUR + 60n],
        ["1969-12-31T23:00:00-01:00", 0n],
      ] as const) {
        expect(readInstant(cell), cell).to.equal(at);
      }
      expect(writeInstant(may)).to.equal("2024-05-01T00:00:00");
    });

    it("names a year before 1970, however small, and an offset that there is not", () => {
      for (const [cell, reason] of [
        ["1969-12-31T23:59:59", "before 1970"],
        ["0099-05-01T00:00:00", "before 1970"],
        ["0070-01-01T00:00:00", "before 1970"],
        ["0000-01-01T00:00:00", "before 1970"],
        ["0099-02-29T00:00:00", "no such date or time"],
        ["2024-05-01T24:00:00", "no such date or time"],
        ["2024-05-01T00:00:00+99:99", "no such offset from UTC as +99:99"],
        ["2024-05-01T00:00:00-24:00", "no such offset from UTC as -24:00"],
        ["2024-05-01T00:00:00+01:60", "no such offset from UTC as +01:60"],
      ] as const) {
        expect(() => readInstant(cell), cell).to.throw(reason);
      }
      const { faults } = importEnergyReadings(source(READINGS, "a,2026-03-01T00:00:00+99:00,1,0"));
      expect(told(faults)).to.deep.equal([[2, "interval_start_iso", "no such offset from UTC as +99:00"]]);
    });
  });

  describe("importEnergyOrders", () => {
    const start = "2026-03-01T00:00:00Z";
    const frame = {
      meters: new Set(["a", "b"]),
      bandAt: (at: bigint) => (at % HOUR === 0n ? { lowest: 80n, highest: 320n, step: 5n } : undefined),
      minimumWh: 10n,
    };

    it("gives the steps of each order in the order of the file", () => {
      const { orders, faults } = importEnergyOrders(
        source(ORDERS, `a,${start},buy,0.32,500`, `b,${start},sell,0.08,700`, `a,${start},buy,0.2,100`),
        frame,
      );
      expect(faults).to.deep.equal([]);
      expect(orders.map(({ meterId, side, price, wh }) => [meterId, side, price, wh])).to.deep.equal([
        ["a", "buy", 320n, 500n],
        ["b", "sell", 80n, 700n],
        ["a", "buy", 200n, 100n],
      ]);
      expect(isEnergyOrders(headerOf(ORDERS))).to.be.true;
    });

    it("names what is not known, out of range or broken", () => {
      const rows = [
        `c,${start},buy,0.2,100`,
        "a,2026-03-01T00:30:00Z,buy,0.2,100",
        `a,${start},hold,0.2,100`,
        `a,${start},buy,0.325,100`,
        `a,${start},buy,0.075,100`,
        `a,${start},buy,0.202,100`,
        `a,${start},buy,-0.2,100`,
        `a,${start},buy,0.2,9`,
        `a,${start},buy,0.2,99.5`,
        `a,${start},buy,0.2,1023001`,
      ];
      const { orders, faults } = importEnergyOrders(source(ORDERS, ...rows), frame);
      expect(orders).to.deep.equal([]);
      expect(told(faults)).to.deep.equal([
        [2, "meter_id", "there is no such meter"],
        [3, "interval_start_iso", "no interval begins at 2026-03-01T00:30:00Z"],
        [4, "side", "neither buy nor sell"],
        [5, "price_per_kwh", "outside the band from 0.08 to 0.32"],
        [6, "price_per_kwh", "outside the band from 0.08 to 0.32"],
        [7, "price_per_kwh", "between the steps 0.2 and 0.205"],
        [8, "price_per_kwh", "negative"],
        [9, "wh", "below 10"],
        [10, "wh", "not a whole number"],
        [11, "wh", "above 1023000"],
      ]);
    });

    it("names a fifth step, and a meter that would buy and sell", () => {
      const step = `a,${start},buy,0.2,100`;
      const { orders, faults } = importEnergyOrders(
        source(ORDERS, step, step, step, step, step, `a,${start},sell,0.2,100`),
        frame,
      );
      expect(orders.length).to.equal(4);
      expect(told(faults)).to.deep.equal([
        [6, "wh", "meter a has 4 steps before, from line 2 on; at most four"],
        [7, "side", "meter a has a buy order in line 2: it cannot do both"],
      ]);
    });

    it("checks less when it knows less", () => {
      const { orders, faults } = importEnergyOrders(source(ORDERS, "z,1970-01-01T00:00:01Z,sell,9.999,1"));
      expect(faults).to.deep.equal([]);
      expect(orders.length).to.equal(1);
    });
  });

  describe("importEnergyHomes", () => {
    it("names a meter that stands there twice, and power that is no number", () => {
      const { homes, faults } = importEnergyHomes(source(HOMES, "a,4.5,6.4", "a,1,1", "b,much,0", "c,0,0.0005"));
      expect(homes.map(({ meterId, solarW, batteryWh }) => [meterId, solarW, batteryWh])).to.deep.equal([
        ["a", 4_500n, 6_400n],
      ]);
      expect(told(faults)).to.deep.equal([
        [3, "meter_id", "this meter stands in line 2 already"],
        [4, "pv_nominal_kw", "not a number"],
        [5, "battery_kwh_in_benchmark", "more than 3 digits after the point"],
      ]);
    });
  });
});
