import { expect } from "chai";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { capFor, tickSizeFor } from "../../scripts/day/energy/terms.js";
import { toJson, writeDay } from "../../scripts/day/output.js";
import { type DayResult, liveDay, readData } from "../../scripts/day/run.js";
import { type DayJson, expectChecksHold, REAL, refusalOf, sum, summaryOf, table, TOWN, withData } from "./utils/day.js";

interface IntervalJson {
  readonly startsAt: string;
  readonly retail: string;
  readonly price: string | null;
  readonly volumeWh: string;
  readonly needWh: string;
  readonly surplusWh: string;
  readonly payments: string;
  readonly gridFees: string;
  readonly paidToSupplier: string;
  readonly gotFromSupplier: string;
  readonly fills: readonly {
    readonly meterId: string;
    readonly side: string;
    readonly steps: readonly { readonly pricePerKwh: string; readonly wh: string }[];
    readonly filledWh: string;
  }[];
}

interface EnergyJson {
  readonly timeShiftSeconds: string;
  readonly currency: string;
  readonly intervalSeconds: string;
  readonly minimumWh: string;
  readonly orders: string;
  readonly prices: Readonly<Record<string, string>>;
  readonly files: readonly Readonly<Record<string, string | number>>[];
  readonly intervals: readonly IntervalJson[];
  readonly homes: readonly Readonly<Record<string, string>>[];
  readonly money: Readonly<Record<string, string>> & {
    readonly settled: Readonly<Record<string, string>>;
    readonly left: Readonly<Record<string, string>>;
  };
  readonly certificates: Readonly<Record<string, string>>;
  readonly refusals: readonly Readonly<Record<"key" | "reason" | "message", string>>[];
}

type SummaryJson = DayJson<{ readonly energy: EnergyJson }>;

/** Balances the books once more, from the figures of the summary alone. */
function expectBalanced(summary: SummaryJson): void {
  expectChecksHold(summary);
  const { energy } = summary.modules;
  const { homes, intervals, money } = energy;
  const column = (name: string): bigint => sum(homes.map((home) => home[name]));
  expect(column("boughtWh")).to.equal(column("soldWh"));
  expect(column("boughtWh")).to.equal(sum(intervals.map(({ volumeWh }) => volumeWh)));
  expect(column("paidForTrades")).to.equal(column("gotForTrades"));
  for (const { fills, volumeWh } of intervals) {
    const side = (name: string) => sum(fills.filter((fill) => fill.side === name).map(({ filledWh }) => filledWh));
    expect([side("buy"), side("sell")]).to.deep.equal([BigInt(volumeWh), BigInt(volumeWh)]);
  }
  const paid = column("paidForTrades") + column("gridFees") + column("paidToSupplier");
  const got = column("gotForTrades") + column("gotFromSupplier");
  expect(column("withdrawn")).to.equal(column("deposited") - paid + got);
  expect(BigInt(money.settled.supplier!)).to.equal(
    BigInt(money.supplierPaidIn!) + column("paidToSupplier") - column("gotFromSupplier"),
  );
  expect(BigInt(money.gridFeesWithdrawn!)).to.equal(column("gridFees"));
  const out = ["withdrawn", "supplierWithdrawn", "gridFeesWithdrawn", "potWithdrawn"].map((name) => money[name]);
  expect(sum(out) + BigInt(money.left.tokens!)).to.equal(BigInt(money.deposited!) + BigInt(money.supplierPaidIn!));
  const { issuedWh } = energy.certificates;
  expect(column("soldWh") + column("toSupplierWh")).to.equal(BigInt(issuedWh!));
  expect(column("certificatesWh")).to.equal(BigInt(issuedWh!));
}

/** What every day must refuse, and why. */
const REFUSED = {
  forgedOrder: "BadSignature",
  secondOrder: "AlreadyPosted",
  earlySettlement: "EnergyMarketReadingsNotFinal",
  outOfRange: "MeterReadingsOutOfRange",
  secondDay: "MeterReadingsAlreadyAccepted",
  secondCertificate: "EnergyCertificatesNothingNew",
};

const READINGS = "meter_id,interval_start_iso,consumption_wh,production_wh";
const TARIFF = "interval_start_iso,retail_eur_per_kwh";
const ORDERS = "meter_id,interval_start_iso,side,price_per_kwh,wh";
const FIRST = "2026-07-01T10:00:00Z";
const SECOND = "2026-07-01T11:00:00Z";

/** Three homes in two hours: one with more than it needs, two that need. */
const VILLAGE = {
  "energy/homes.csv": table("meter_id,pv_nominal_kw,battery_kwh_in_benchmark", "sun,2.0,0", "oak,0,0", "elm,0,0"),
  "energy/readings.csv": table(
    READINGS,
    ...[`sun,${FIRST},100,1100`, `oak,${FIRST},700,0`, `elm,${FIRST},800,0`],
    ...[`sun,${SECOND},5,4`, `oak,${SECOND},3,0`, `elm,${SECOND},0,0`],
  ),
  "energy/tariff.csv": table(TARIFF, `${FIRST},0.40`, `${SECOND},0.54`),
};

const only = ["energy"];

describe("Energy day", function () {
  describe("on the sample town", function () {
    let result: DayResult;
    let summary: SummaryJson;

    before(async function () {
      result = await liveDay({ data: TOWN, only });
      summary = summaryOf<SummaryJson>(result);
    });

    it("balances every book", function () {
      expectBalanced(summary);
    });

    it("comes to what the data expect", function () {
      const expected = JSON.parse(readFileSync(join(TOWN, "energy/expected.json"), "utf8")) as Record<string, object>;
      const [file] = summary.modules.energy.files;
      const figures = Object.entries(file!).map(([figure, value]) => [figure, Number(value)]);
      expect(Object.fromEntries(figures.slice(1))).to.deep.equal(expected["town.csv"]);
      expect(summary.checks.filter(({ name }) => name.endsWith("= expected.json"))).to.have.length(8);
    });

    it("takes the clock of the data, and prices on a grid on which all of them stand", function () {
      const { currency, intervalSeconds, intervals, minimumWh, orders, prices } = summary.modules.energy;
      expect([currency, intervalSeconds, minimumWh, orders]).to.deep.equal(["eur", "900", "1", "rule"]);
      expect(prices).to.deep.equal({ feedIn: "80", gridFee: "40", feederFee: "20", tickSize: "2" });
      expect(intervals).to.have.length(96);
      expect(intervals[0]?.startsAt).to.equal("2026-06-30T22:00:00Z");
    });

    it("clears every interval at the smaller of need and surplus, at the price of the larger side", function () {
      for (const { needWh, price, retail, surplusWh, volumeWh } of summary.modules.energy.intervals) {
        const [need, surplus] = [BigInt(needWh), BigInt(surplusWh)];
        expect(BigInt(volumeWh)).to.equal(need < surplus ? need : surplus);
        if (volumeWh === "0") expect(price).to.equal(null);
        else if (need > surplus) expect(BigInt(price!)).to.equal(BigInt(retail) - 40n);
        else if (surplus > need) expect(price).to.equal("80");
      }
    });

    it("refuses what is wrong, by name", function () {
      const { refusals } = summary.modules.energy;
      expect(Object.fromEntries(refusals.map(({ key, reason }) => [key, reason]))).to.deep.equal(REFUSED);
      const forged = refusals.find(({ key }) => key === "forgedOrder");
      expect(forged?.message).to.equal("the order of linden-1 was left out of the batch: BadSignature");
    });

    it("tells gas of each order and each account", function () {
      const { gas } = summary;
      expect([gas["energy.clear"]?.count, gas["energy.settle"]?.count]).to.deep.equal([96, 96]);
      expect(gas["energy.settle"]?.items).to.equal(
        summary.modules.energy.intervals.reduce((count, { fills }) => count + fills.length, 0),
      );
      expect(BigInt(gas["energy.postOrders"]!.perItem!) > 0n).to.equal(true);
    });

    it("writes a report", function () {
      const report = writeDay(result);
      expect(report).to.match(/All 55 checks hold\.$/);
      expect(report).to.contain("6 homes, in their order on 2 feeders, and 96 intervals of 900 seconds, in UTC.");
      expect(report).to.not.contain("FAIL");
    });
  });

  describe("on a village", function () {
    it("is the same a second time, to the last unit", async function () {
      await withData(VILLAGE, async (data) => {
        const once = await liveDay({ data, only });
        const again = await liveDay({ data, only });
        expectBalanced(summaryOf<SummaryJson>(once));
        expect(toJson(again.summary)).to.equal(toJson(once.summary));
        expect(again.parts).to.deep.equal(once.parts);
      });
    });

    it("shares what is short by what was asked for, and orders single Wh", async function () {
      await withData(VILLAGE, async (data) => {
        const [first, second] = summaryOf<SummaryJson>(await liveDay({ data, only })).modules.energy.intervals;
        // Oak's order stood in the batch with the forged one, and batches are settled newest first.
        const fills = first!.fills.map(({ meterId, side, filledWh }) => [meterId, side, filledWh]);
        expect(fills).to.deep.equal([
          ["sun", "sell", "1000"],
          ["oak", "buy", "467"],
          ["elm", "buy", "533"],
        ]);
        expect([first!.price, first!.payments]).to.deep.equal(["360", "360000"]);
        expect([second!.price, second!.volumeWh, second!.needWh]).to.deep.equal([null, "0", "4"]);
      });
    });

    it("takes orders instead, and says price, volume and every fill", async function () {
      const orders = table(
        ORDERS,
        ...[`sun,${FIRST},sell,0.10,600`, `sun,${FIRST},sell,0.20,600`],
        ...[`oak,${FIRST},buy,0.30,500`, `elm,${FIRST},buy,0.14,400`],
      );
      await withData({ ...VILLAGE, "energy/orders.csv": orders }, async (data) => {
        const summary = summaryOf<SummaryJson>(await liveDay({ data, only }));
        expectBalancedMoney(summary);
        const { intervals, orders: made } = summary.modules.energy;
        const [first, second] = intervals;
        // 600 Wh are offered up to 0.14, where 900 are bid and 500 above it: the price is that of the bid at the margin.
        expect([made, first!.price, first!.volumeWh]).to.deep.equal(["given", "140", "600"]);
        expect(first!.fills.map(({ meterId, filledWh, steps }) => [meterId, filledWh, steps.length])).to.deep.equal([
          ["sun", "600", 2],
          ["oak", "500", 1],
          ["elm", "100", 1],
        ]);
        expect(second!.fills).to.deep.equal([]);
      });
    });
  });

  // Where the data stand beside the repository; the sample town has everything else.
  if (existsSync(REAL)) {
    describe("on public energy data", function () {
      it("trades all that homes could hand to each other in a day and in a week", async function () {
        const summary = summaryOf<SummaryJson>(await liveDay({ data: REAL, only }));
        expectBalanced(summary);
        const { files, intervalSeconds, intervals, prices } = summary.modules.energy;
        expect(
          Object.fromEntries(files.map((file) => [file.name, Number(file.matchable_between_homes_wh)])),
        ).to.deep.equal({
          "energy/fontana_17homes_2017-06-16.csv": 100_664,
          "energy/fontana_17homes_week_2017-06-12.csv": 581_527,
        });
        expect([intervalSeconds, intervals.length, prices.tickSize]).to.deep.equal(["3600", 168, "2"]);
        expect(summary.files.unknown).to.include(
          "energy/alameda_100homes_modelled_july_day.csv: no tariff has a price for any of its intervals",
        );
        expect(summary.checks.filter(({ name }) => name.endsWith("= expected.json"))).to.have.length(16);
      });
    });
  }

  describe("data", function () {
    const faultsOf = (files: Readonly<Record<string, string>>) => {
      let faults: string[] = [];
      return withData(files, (data) => {
        faults = readData({ data, only }).faults.map(
          ({ column, file, line, reason }) => `${file}:${line} ${column}: ${reason}`,
        );
      }).then(() => faults);
    };

    it("names file, line, column and reason of a bad row before anything is deployed", async function () {
      const bad = table(READINGS, `sun,${FIRST},x,0`, `sun,${SECOND},1,0`);
      await withData({ ...VILLAGE, "energy/readings.csv": bad }, async (data) => {
        expect((await refusalOf({ data })).message).to.contain(
          'energy/readings.csv, line 2, column consumption_wh, value "x": not a number',
        );
      });
    });

    it("names a table of no known header", async function () {
      expect(await faultsOf({ ...VILLAGE, "energy/stray.csv": "a,b\n1,2\n" })).to.have.length(1);
    });

    it("names an interval without a price, and a price at which nobody could trade", async function () {
      expect(await faultsOf({ ...VILLAGE, "energy/tariff.csv": table(TARIFF, `${FIRST},0.40`) })).to.deep.equal([
        "energy/readings.csv:5 interval_start_iso: no tariff has a price for this interval",
      ]);
      const low = table(TARIFF, `${FIRST},0.11`, `${SECOND},0.54`);
      expect(await faultsOf({ ...VILLAGE, "energy/tariff.csv": low })).to.deep.equal([
        "energy/tariff.csv:2 retail_eur_per_kwh: below 0.12, what feed-in price and grid fee come to: nobody could trade",
        "energy/readings.csv:2 interval_start_iso: no tariff has a price for this interval",
      ]);
    });

    it("names what is wrong with orders", async function () {
      const rows = (...all: readonly string[]) => faultsOf({ ...VILLAGE, "energy/orders.csv": table(ORDERS, ...all) });
      expect(await rows(`ash,${FIRST},buy,0.30,5`)).to.deep.equal([
        "energy/orders.csv:2 meter_id: there is no such meter",
      ]);
      expect(await rows(`oak,${FIRST},buy,0.41,5`)).to.deep.equal([
        "energy/orders.csv:2 price_per_kwh: outside the band from 0.08 to 0.4",
      ]);
      expect(await rows(`oak,${FIRST},buy,0.301,5`)).to.deep.equal([
        "energy/orders.csv:2 price_per_kwh: between the steps 0.3 and 0.302",
      ]);
    });

    it("of another time without a price are left out, and so are those of another length", async function () {
      const later = table(READINGS, "fir,2027-01-01T00:00:00Z,1,0", "fir,2027-01-01T01:00:00Z,1,0");
      await withData({ ...VILLAGE, "energy/later.csv": later }, (data) => {
        const { faults, unknown, used } = readData({ data, only });
        expect(faults).to.deep.equal([]);
        expect(unknown).to.deep.equal(["energy/later.csv: no tariff has a price for any of its intervals"]);
        expect(used).to.deep.equal(["energy/homes.csv", "energy/readings.csv", "energy/tariff.csv"]);
      });
      const quarter = table(READINGS, "fir,2026-07-03T10:00:00Z,1,0", "fir,2026-07-03T10:15:00Z,1,0");
      const tariff = table(TARIFF, `${FIRST},0.40`, `${SECOND},0.54`);
      const other = table(TARIFF, "2026-07-03T10:00:00Z,0.40");
      const files = { ...VILLAGE, "energy/a.csv": tariff, "energy/b.csv": other, "energy/quarter.csv": quarter };
      await withData(files, (data) => {
        expect(readData({ data, only }).unknown).to.deep.equal([
          "energy/quarter.csv: its intervals last 900 s, and those of the market 3600 s",
        ]);
      });
    });

    it("that another file has too are not lived a second time", async function () {
      const part = table(READINGS, `sun,${FIRST},100,1100`, `oak,${FIRST},700,0`);
      await withData({ ...VILLAGE, "energy/part.csv": part }, (data) => {
        expect(readData({ data, only }).faults).to.deep.equal([]);
      });
      const contrary = table(READINGS, `sun,${FIRST},101,1100`);
      expect(await faultsOf({ ...VILLAGE, "energy/part.csv": contrary })).to.have.length(1);
    });

    it("of homes in files of their own belong together", async function () {
      const files = {
        "energy/tariff.csv": VILLAGE["energy/tariff.csv"],
        "energy/oak.csv": table(READINGS, `oak,${FIRST},700,0`, `oak,${SECOND},3,0`),
        "energy/elm.csv": table(READINGS, `elm,${FIRST},700,0`, `elm,${SECOND},3,0`),
      };
      expect(await faultsOf(files)).to.deep.equal([]);
    });

    it("without any price are faults", async function () {
      const files = { "energy/readings.csv": VILLAGE["energy/readings.csv"] };
      expect(await faultsOf(files)).to.have.length(2);
      await withData(files, async (data) => {
        expect((await refusalOf({ data, skipBadRows: true })).message).to.equal(`${data} has no data to live through.`);
      });
    });

    it("are lived without the rows that are skipped", async function () {
      const readings = VILLAGE["energy/readings.csv"].replace(`oak,${FIRST},700`, `oak,${FIRST},-700`);
      await withData({ ...VILLAGE, "energy/readings.csv": readings }, async (data) => {
        const summary = summaryOf<SummaryJson>(await liveDay({ data, only, skipBadRows: true }));
        expectBalanced(summary);
        expect(summary.modules.energy.intervals[0]?.fills.map(({ meterId }) => meterId)).to.deep.equal(["sun", "elm"]);
      });
    });
  });

  describe("terms", function () {
    it("take the least price step on whose grid every bid stands", function () {
      expect(tickSizeFor([220n])).to.equal(1n);
      expect(tickSizeFor([220n, 400n, 540n])).to.equal(2n);
      expect(tickSizeFor([540n, 225n])).to.equal(3n);
      expect(tickSizeFor([541n, 222n])).to.equal(2n);
    });

    it("take the least cap that can be written", function () {
      const caps: readonly (readonly [bigint, bigint])[] = [
        [1n, 1n],
        [1_023n, 1_023n],
        [1_024n, 1_030n],
        [10_231n, 10_300n],
        [102_301n, 103_000n],
        [1_023_000n, 1_023_000n],
      ];
      for (const [wh, cap] of caps) expect(capFor(wh)).to.equal(cap);
    });
  });
});

/** As {@link expectBalanced} where homes do not order what they need. */
function expectBalancedMoney({ checks, ok }: SummaryJson): void {
  expect(checks.filter((check) => !check.ok)).to.deep.equal([]);
  expect(ok).to.equal(true);
}
