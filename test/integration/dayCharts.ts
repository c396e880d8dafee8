import { expect } from "chai";

import type { Order } from "../../sdk/energy/index.js";
import { batteryTiles, healthChart } from "../../scripts/day/battery/charts.js";
import type { Chart } from "../../scripts/day/charts.js";
import { electionsTiles, roundsChart, sharesChart } from "../../scripts/day/elections/charts.js";
import { busiest, energyTiles, marketChart, stepsOf, throughDayChart } from "../../scripts/day/energy/charts.js";
import { ratioCharts, readFigures } from "../../scripts/day/page/bench.js";
import { colour, seriesColour, strangeColours, withVariables } from "../../scripts/day/page/colours.js";
import { cornersOf, keyOf, planOf } from "../../scripts/day/page/draw.js";
import { chartHtml, escape, reportHtml, tableHtml } from "../../scripts/day/page/html.js";
import { pageOf } from "../../scripts/day/page/page.js";
import { tableOf, writeLines } from "../../scripts/day/table.js";
import { type Flow, flowChart, wasteTiles } from "../../scripts/day/waste/charts.js";
import { fates, type MassFate, traceFates } from "../../scripts/day/waste/lineage.js";
import type { LotEvent } from "../../sdk/waste/index.js";

const DAY = 86_400n;
/** A name that would be a script if it were not escaped. */
const HOSTILE = `<script>alert("1")</script> & 'co'`;

const INTERVALS = [
  interval("2026-07-01T10:00:00Z", 300n, null, 0n),
  interval("2026-07-01T10:15:00Z", 300n, 120n, 50n),
  interval("2026-07-01T10:30:00Z", 320n, 140n, 80n),
  interval("2026-07-01T10:45:00Z", 320n, 150n, 80n),
];
const ORDERED = {
  orders: [
    order(false, [20, 30n], [10, 40n]),
    order(false, [20, 15n]),
    order(true, [0, 60n], [10, 20n]),
    order(true, [5, 25n]),
  ],
  tariff: { basePrice: 100n, tickSize: 2n },
};

function interval(startsAt: string, retail: bigint, price: bigint | null, volumeWh: bigint) {
  return { startsAt, retail, price, volumeWh, needWh: 90n, surplusWh: 85n };
}

function order(offer: boolean, ...steps: (readonly [number, bigint])[]): Order {
  return { account: 1, offer, kind: "anywhere", steps: steps.map(([tick, wh]) => ({ tick, wh })) };
}

function flow(collector: string, code: number, kg: Partial<Record<MassFate, number>>, isBin = false): Flow {
  const grams = Object.fromEntries(fates.map((fate) => [fate, BigInt(kg[fate] ?? 0) * 1_000n]));
  return { collector, code, isBin, grams: grams as Flow["grams"] };
}

const RUNOFF = {
  name: "mayor",
  candidates: ["Ada", "Ben", "Cy"],
  order: [1, 0, 2],
  rounds: [
    { number: 1, tallies: [5n, 4n, 2n], exhausted: 0n },
    { number: 2, tallies: [5n, 6n, 0n], exhausted: 1n },
  ],
};

/** One chart of each kind. */
function examples(): Chart[] {
  return [
    healthChart([{ id: HOSTILE, course: "sold", certified: [soh(0n, 9_500n), soh(2n, 6_900n)] }], 7_000n),
    marketChart({ ...INTERVALS[2]!, price: 140n }, ORDERED, "EUR"),
    throughDayChart(INTERVALS, "EUR"),
    flowChart([flow(HOSTILE, 200_301, { collected: 10, recycled: 7, open: 3 })]),
    roundsChart({ ...RUNOFF, candidates: ["Ada", HOSTILE, "Cy"] }, 0),
    sharesChart([{ name: HOSTILE, options: ["yes", "no"], votes: [3n, 1n] }]),
    ...ratioCharts({ "energy.clear": { gas: 50, peer: HOSTILE, peerGas: 100, ratio: 0.5 } }),
  ];
}

function soh(days: bigint, sohBp: bigint) {
  return { at: 1_000_000n + days * DAY, sohBp };
}

describe("Charts of the day", function () {
  describe("batteries", function () {
    const chart = healthChart(
      [
        { id: "a", course: "sold", certified: [soh(0n, 8_000n), soh(3n, 6_900n), soh(4n, 7_000n), soh(9n, 6_500n)] },
        { id: "b", course: "bought", certified: [soh(5n, 7_000n), soh(6n, 7_250n)] },
        { id: "c", course: "none", certified: [] },
      ],
      7_000n,
    );

    it("draws days since each pack's first certificate, and percent", function () {
      expect(chart.guarantee).to.equal(70);
      expect(chart.lines.map(({ points }) => points)).to.deep.equal([
        [
          [0, 80],
          [3, 69],
          [4, 70],
          [9, 65],
        ],
        [
          [0, 70],
          [1, 72.5],
        ],
        [],
      ]);
    });

    it("marks where health falls below the guarantee, and not where it stays below or meets it", function () {
      expect(chart.lines.map(({ below }) => below)).to.deep.equal([
        [
          [3, 69],
          [9, 65],
        ],
        [],
        [],
      ]);
      expect(chart.text).to.contain("1 of 3 packs fell below it");
    });

    it("tells the same in a table", function () {
      expect(chart.table.rows).to.deep.equal([
        ["a", "4", "9", "80.00 %", "65.00 %", "65.00 %", "day 3, 69.00 %; day 9, 65.00 %", "sold"],
        ["b", "2", "1", "70.00 %", "72.50 %", "70.00 %", "never", "bought"],
        ["c", "0", "0", "", "", "", "never", "none"],
      ]);
    });

    it("names the packs that are worst off where there are more than colours", function () {
      const many = healthChart(
        Array.from({ length: 30 }, (_, index) => ({
          id: `pack ${index}`,
          course: "",
          certified: [soh(0n, 9_900n - BigInt(index)), soh(1n, 9_800n - BigInt(index))],
        })),
        7_000n,
      );
      const names = keyOf(many).map(({ name }) => name);
      expect(names.slice(0, 2)).to.deep.equal(["pack 29", "pack 28"]);
      expect(names).to.include("22 more packs").and.not.include("pack 0");
      expect(new Set(Array.from({ length: 8 }, (_, place) => seriesColour(place))).size).to.equal(8);
    });

    it("has tiles", function () {
      const tiles = batteryTiles({ packs: 5, readings: 1_234, rent: 34_560_000n, abated: 10_000n });
      expect(tiles.map(({ value }) => value)).to.deep.equal(["5", "1,234", "34.56", "0.01"]);
    });
  });

  describe("energy", function () {
    it("adds orders up at each price, best price first", function () {
      expect(stepsOf(ORDERED, false)).to.deep.equal([
        { price: 0.14, wh: 45 },
        { price: 0.12, wh: 40 },
      ]);
      expect(stepsOf(ORDERED, true)).to.deep.equal([
        { price: 0.1, wh: 60 },
        { price: 0.11, wh: 25 },
        { price: 0.12, wh: 20 },
      ]);
    });

    it("turns steps into corners of a curve", function () {
      expect(cornersOf(stepsOf(ORDERED, false))).to.deep.equal([
        [0, 0.14],
        [45, 0.14],
        [45, 0.12],
        [85, 0.12],
      ]);
      expect(cornersOf([])).to.deep.equal([]);
    });

    it("takes the first interval of the greatest volume, and none where nothing was traded", function () {
      expect(busiest(INTERVALS)).to.equal(2);
      expect(busiest(INTERVALS.slice(0, 1))).to.equal(undefined);
      expect(busiest([])).to.equal(undefined);
    });

    it("marks price and volume", function () {
      const chart = marketChart({ ...INTERVALS[2]!, price: 140n }, ORDERED, "EUR");
      expect([chart.price, chart.volumeWh]).to.deep.equal([0.14, 80]);
      expect(chart.title).to.equal("Supply and demand, 2026-07-01 10:30 UTC");
      expect(chart.text).to.contain("0.14 EUR per kWh").and.to.contain("80 Wh traded");
      expect(chart.table.rows.map(([side]) => side)).to.deep.equal(["bids", "bids", "offers", "offers", "offers"]);
    });

    it("has an entry for each interval, and none for the price where nothing was traded", function () {
      const { slots, table } = throughDayChart(INTERVALS, "EUR");
      expect(slots.map(({ label }) => label)).to.deep.equal(["10:00", "10:15", "10:30", "10:45"]);
      expect(slots.map(({ price }) => price)).to.deep.equal([null, 0.12, 0.14, 0.15]);
      expect(slots[1]).to.deep.include({ need: 90, surplus: 85, traded: 50, retail: 0.3 });
      expect(table.rows[0]).to.deep.equal(["2026-07-01 10:00", "90", "85", "0", "none", "0.3"]);
    });

    it("gives dates where the intervals are of more than one", function () {
      const { slots } = throughDayChart([interval("2026-06-30T23:45:00Z", 1n, null, 0n), ...INTERVALS], "EUR");
      expect(slots.map(({ label }) => label).slice(0, 2)).to.deep.equal(["2026-06-30 23:45", "2026-07-01 10:00"]);
    });

    it("has tiles", function () {
      const tiles = energyTiles(6, [...INTERVALS, interval("", 1n, 1n, 12_345_678n)], 99n);
      expect(tiles.map(({ value }) => value)).to.deep.equal(["6", "12,345.8", "4", "0.0"]);
    });
  });

  describe("waste", function () {
    const flows = [
      flow("linden", 200_301, { collected: 99, transitGain: 1, recycled: 60, processLoss: 30, transitLoss: 10 }),
      flow("linden", 150_106, { collected: 7, recycled: 5, open: 2 }, true),
      flow("harbour", 200_301, { collected: 50, disposed: 50 }),
    ];

    it("leads every kilogram from its container by way of its collector to its end", function () {
      expect(flowChart(flows).links).to.deep.equal([
        { source: "Containers, 20 03 01", collector: "linden", ending: "recycled", kg: 60 },
        { source: "Containers, 20 03 01", collector: "linden", ending: "lost", kg: 40 },
        { source: "Bins, 15 01 06", collector: "linden", ending: "recycled", kg: 5 },
        { source: "Bins, 15 01 06", collector: "linden", ending: "open", kg: 2 },
        { source: "Containers, 20 03 01", collector: "harbour", ending: "disposed", kg: 50 },
      ]);
      expect(flowChart(flows).table.rows).to.deep.equal([
        ["Containers, 20 03 01", "linden", "60", "0", "0", "0", "40", "0"],
        ["Bins, 15 01 06", "linden", "5", "0", "0", "0", "0", "2"],
        ["Containers, 20 03 01", "harbour", "0", "0", "50", "0", "0", "0"],
      ]);
    });

    it("ends with what was collected and gained, and loses nothing where collectors become one", function () {
      const many = Array.from({ length: 25 }, (_, index) => {
        return flow(`collector ${index}`, 200_301, { collected: index + 1, recovered: index + 1 });
      });
      const { links } = flowChart(many);
      expect(links.length).to.equal(10);
      expect(links.find(({ collector }) => collector === "Other collectors")?.kg).to.equal((16 * 17) / 2);
      expect(links.reduce((sum, { kg }) => sum + kg, 0)).to.equal((25 * 26) / 2);
    });

    it("has tiles, also where nothing was collected", function () {
      const values = (own: readonly Flow[]) => wasteTiles(3, own).map(({ value }) => value);
      expect(values(flows)).to.deep.equal(["3", "0.2", "41.7 %", "1.3 %"]);
      expect(values([])).to.deep.equal(["3", "0.0", "none", "none"]);
    });

    it("follows mass for whatever source is asked for", function () {
      const place = { blockNumber: 1, logIndex: 0 };
      const collected = (lotId: bigint, code: number) =>
        ({ ...place, name: "Collected", lotId, binId: 1, operatorId: 9, ticket: { code, grams: 10n } }) as unknown;
      const events = [collected(1n, 5), collected(2n, 6)] as LotEvent[];
      const openOf = (table: ReturnType<typeof traceFates>) => [...table].map(([source, { open }]) => [source, open]);
      expect(openOf(traceFates(events))).to.deep.equal([[9, 20n]]);
      expect(openOf(traceFates(events, ({ ticket }) => ticket.code))).to.deep.equal([
        [5, 10n],
        [6, 10n],
      ]);
    });
  });

  describe("elections", function () {
    it("stacks tallies in the order of the result, with exhausted ballots", function () {
      const chart = roundsChart(RUNOFF, 1);
      expect(chart.id).to.equal("elections-rounds-2");
      expect(chart.options).to.deep.equal(["Ben", "Ada", "Cy"]);
      expect(chart.rounds).to.deep.equal([
        { number: 1, tallies: [4, 5, 2], exhausted: 0 },
        { number: 2, tallies: [6, 5, 0], exhausted: 1 },
      ]);
      expect(chart.text).to.contain("Ben wins.");
      expect(chart.table.rows).to.deep.equal([
        ["1", "4", "5", "2", "0"],
        ["2", "6", "5", "0", "1"],
      ]);
    });

    it("keeps every ballot where the last candidates become one", function () {
      const candidates = Array.from({ length: 12 }, (_, index) => `candidate ${index}`);
      const tallies = candidates.map((_, index) => BigInt(index + 1));
      const order = [...candidates.keys()].reverse();
      const { options, rounds } = roundsChart(
        { name: "x", candidates, order, rounds: [{ number: 1, tallies, exhausted: 3n }] },
        0,
      );
      expect(options).to.have.length(7);
      expect(options.at(-1)).to.equal("6 others");
      expect(rounds[0]?.tallies).to.deep.equal([12, 11, 10, 9, 8, 7, 21]);
    });

    it("gives shares of votes, and none of nothing", function () {
      const { table } = sharesChart([
        { name: "tram", options: ["build", "leave"], votes: [3n, 1n] },
        { name: "none", options: ["yes"], votes: [] },
      ]);
      expect(table.rows).to.deep.equal([
        ["tram", "build", "3", "75.00 %"],
        ["tram", "leave", "1", "25.00 %"],
        ["none", "yes", "0", "none"],
      ]);
    });

    it("has tiles", function () {
      const tiles = electionsTiles({ ballots: 5, papers: 5_103, proofs: 21, differences: 0 });
      expect(tiles.map(({ value }) => value)).to.deep.equal(["5", "5,103", "21", "0"]);
    });
  });

  describe("gas", function () {
    it("draws every operation of the bench that has a peer, lowest ratio first in each group", function () {
      const figures = readFigures();
      const drawn = ratioCharts(figures).map(({ bars }) => bars.map(({ ratio }) => ratio));
      const wanted = Object.values(figures).filter(({ ratio }) => ratio !== undefined).length;
      expect(wanted).to.be.greaterThan(60);
      expect(drawn.flat().length).to.equal(wanted);
      for (const ratios of drawn) expect(ratios).to.deep.equal([...ratios].sort((left, right) => left - right));
    });

    it("draws groups that it does not know, and nothing without figures", function () {
      const figure = { gas: 1_000, perItem: 10, peer: "another", peerGas: 2_000, ratio: 0.5 };
      const [chart, ...more] = ratioCharts({ "parks.mow": figure, "parks.sow": { gas: 5 } });
      expect(more).to.deep.equal([]);
      expect(chart?.title).to.equal("Others");
      expect(chart?.text).to.contain("1 of 1 take less");
      expect(chart?.table.rows).to.deep.equal([["parks.mow", "1,000", "10", "2,000", "", "0.500", "another"]]);
      expect(ratioCharts(readFigures("no/such/file.json"))).to.deep.equal([]);
    });
  });

  describe("drawing", function () {
    it("draws every kind for both widths, within its size, in colours of the page alone", function () {
      const kinds = new Set<string>();
      for (const chart of examples()) {
        kinds.add(chart.kind);
        expect(planOf(chart, "narrow").size.width).to.be.lessThan(planOf(chart, "wide").size.width);
        const html = chartHtml(chart);
        const drawings = html.match(/<svg[\s\S]*?<\/svg>/g) ?? [];
        expect(drawings, chart.kind).to.have.length(2);
        for (const svg of drawings) {
          expect(svg.match(/<path /g)?.length ?? 0, chart.kind).to.be.greaterThan(1);
          expect(svg).to.match(/^<svg id="[\w-]+" viewBox="0 0 \d+ \d+" role="img" aria-labelledby="[\w-]+ [\w-]+">/);
          // The clip of a grid is never seen.
          const seen = svg.replace(/<defs[\s\S]*?<\/defs>/g, "").replaceAll("&#39;", "");
          expect(strangeColours(seen), chart.kind).to.deep.equal([]);
          expect(svg).to.contain("var(--").and.not.contain("<style").and.not.contain("ecmeta");
        }
      }
      expect(kinds.size).to.equal(7);
    });

    it("gives every drawing ids of its own, and the same ones each time", function () {
      const once = examples().map(chartHtml).join("\n");
      expect(examples().map(chartHtml).join("\n")).to.equal(once);
      const ids = [...once.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      expect(new Set(ids).size).to.equal(ids.length);
      for (const [, id] of once.matchAll(/url\(#([^)]+)\)/g)) expect(ids).to.include(id);
    });

    it("lets no name of the data become a tag", function () {
      for (const chart of examples()) expect(chartHtml(chart)).to.not.match(/<script|<\/script/);
      expect(escape(HOSTILE)).to.equal("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;co&#39;");
      const table = tableHtml(tableOf([{ head: HOSTILE }], [[HOSTILE]]), HOSTILE);
      expect(table).to.contain("&lt;script&gt;").and.not.contain("<script");
    });

    it("keeps numbers of labels whole", function () {
      const html = chartHtml(ratioCharts({ "energy.clear": { gas: 1, ratio: 0.13 } })[0]!);
      expect(html).to.contain(">0.125×<");
    });

    it("knows marks of its own colours only", function () {
      expect(withVariables(`fill="${colour("alarm")}"`)).to.equal('fill="var(--alarm)"');
      expect(strangeColours('fill="#fff" stroke="rgb(1,2,3)" href="#part"')).to.deep.equal(["#fff", "rgb(1,2,3)"]);
    });
  });

  describe("page", function () {
    const table = tableOf([{ head: "Name" }, { head: "Number", right: true }], [["a", "1"]]);

    it("shows a report's lines, and the line before a table as its caption", function () {
      const report = ["PARKS", "", "First words.", "", "Lawns", table, "Last words.", "", table];
      const html = reportHtml(report, "Parks");
      expect(html.match(/<p>[^<]*<\/p>/g)).to.deep.equal(["<p>First words.</p>", "<p>Last words.</p>"]);
      expect([...html.matchAll(/<caption><span>([^<]*)/g)].map(([, name]) => name)).to.deep.equal(["Lawns", "Parks"]);
      expect(html).to.contain('<th scope="row">a</th><td class="num">1</td>');
      expect(writeLines(report.slice(0, 5))).to.equal("PARKS\n\nFirst words.\n\nLawns");
    });

    it("folds long tables", function () {
      const long = tableOf(
        [{ head: "Name" }],
        Array.from({ length: 40 }, (_, row) => [row.toString()]),
      );
      expect(reportHtml(["PARKS", "Trees", long], "Parks")).to.contain("<details><summary>Trees (40 rows)</summary>");
    });

    it("shows what fails in front, and forbids scripts and requests", function () {
      const check = { name: "parks: lawns = lawns", left: "1", right: "2", ok: false };
      const html = pageOf(
        {
          summary: {
            data: HOSTILE,
            network: "in-process",
            files: { read: ["a.csv"], unknown: ["b.csv: no known format"] },
            skippedRows: [],
            modules: {},
            checks: [check, { ...check, left: "2", ok: true }],
            digest: { digest: "0x5eed", parts: {} },
            gas: { "parks.mow": { count: 2, mean: 1_500_000n, max: 2_000_000n } },
            ok: false,
          },
          parts: [{ name: "parks", report: ["PARKS", "", "Words."], charts: examples(), tiles: [] }],
        },
        {},
      );
      expect(html).to.contain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
      expect(html).to.contain('<p class="verdict fail"><strong>1 of 2 checks FAIL.');
      expect(html).to.contain("<caption><span>Checks that fail</span></caption>");
      expect(html).to.contain('<section id="parks" aria-labelledby="parks-title">\n<h2 id="parks-title">Parks</h2>');
      expect(html).to.contain("<dd>3</dd><dt>million gas</dt>");
      expect(html).to.contain("Digest of the state: <code>0x5eed</code>");
      expect(html).to.not.match(/<script|\bsrc=|\bhref="(?!#|data:,")|@import|url\((?!#)/);
    });
  });
});
