/** How each kind of chart looks, on a wide page and on a narrow one. */
import type { EChartsOption } from "echarts";

import { type Chart, type ChartOf, ENDING_NAMES, endings } from "../charts.js";
import { type Colour, colour, seriesColour, SERIES_COLOURS } from "./colours.js";
import type { Size } from "./svg.js";

/** A chart that is ready to be drawn. */
export interface Plan {
  readonly option: EChartsOption;
  readonly size: Size;
}

/** An entry of a chart's key. */
export interface Key {
  readonly name: string;
  readonly colour: Colour;
  /** How it is drawn. */
  readonly shape: "area" | "line" | "dashed" | "dot";
}

/** Widths that charts are drawn for, px. */
const WIDTHS = { wide: 920, narrow: 350 } as const;

/** The two widths of a page. */
export type Width = keyof typeof WIDTHS;

const FONT = 12;
const SMALL_FONT = 11;
/** Width of a character of the small font, of a wide typeface. */
const CHARACTER = 6.7;
const FULL_PERCENT = 100;
const HALF_PERCENT = 50;

/** How a chart is drawn at a width. */
export function planOf(chart: Chart, width: Width): Plan {
  switch (chart.kind) {
    case "health":
      return planHealth(chart, width);
    case "market":
      return planMarket(chart, width);
    case "throughDay":
      return planThroughDay(chart, width);
    case "flow":
      return planFlow(chart, width);
    case "rounds":
      return planRounds(chart, width);
    case "shares":
      return planShares(chart, width);
    case "ratios":
      return planRatios(chart, width);
  }
}

/** What stands for what in a chart. */
export function keyOf(chart: Chart): Key[] {
  switch (chart.kind) {
    case "health": {
      const named = namedLines(chart);
      const rest = chart.lines.length - named.length;
      return [
        ...named.map(({ name }, place): Key => ({ name, colour: seriesColour(place), shape: "line" })),
        ...(rest === 0 ? [] : [{ name: `${rest} more packs`, colour: "quiet", shape: "line" } as const]),
        { name: `guarantee, ${chart.guarantee} %`, colour: "alarm", shape: "dashed" },
        { name: "fell below it", colour: "alarm", shape: "dot" },
      ];
    }
    case "market":
      return [
        { name: "demand", colour: "c0", shape: "line" },
        { name: "supply", colour: "c1", shape: "line" },
        { name: "price", colour: "alarm", shape: "dashed" },
      ];
    case "throughDay":
      return [
        { name: "traded", colour: "c2", shape: "area" },
        { name: "needed", colour: "c0", shape: "line" },
        { name: "to spare", colour: "c1", shape: "line" },
        { name: "price", colour: "alarm", shape: "line" },
        { name: "retail price", colour: "quiet", shape: "dashed" },
      ];
    case "flow":
      return endings
        .filter((ending) => chart.links.some((link) => link.ending === ending))
        .map((ending) => ({ name: ENDING_NAMES[ending], colour: ending, shape: "area" }));
    case "rounds":
      return [
        ...chart.options.map((name, place): Key => ({ name, colour: seriesColour(place), shape: "area" })),
        { name: "exhausted", colour: "lost", shape: "area" },
      ];
    case "ratios":
      return [
        { name: "less gas than the peer", colour: "better", shape: "area" },
        { name: "more gas than the peer", colour: "worse", shape: "area" },
      ];
    case "shares":
      return [];
  }
}

// --- what charts have in common

const TEXT = { color: colour("ink"), fontSize: FONT };
const QUIET = { color: colour("quiet"), fontSize: SMALL_FONT };
const STILL = { silent: true, emphasis: { disabled: true } } as const;

/** An axis of numbers with faint lines. Where its end is as it falls, it is not written. */
function numbers(name: string, write: (value: number) => string, isEndWritten = true) {
  return {
    type: "value" as const,
    name,
    nameTextStyle: QUIET,
    axisLabel: { ...QUIET, formatter: write, hideOverlap: true, ...(isEndWritten ? {} : { showMaxLabel: false }) },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colour("line") } },
  };
}

/** An axis of names. */
function namesAxis(names: readonly string[]) {
  return {
    type: "category" as const,
    data: [...names],
    axisLabel: TEXT,
    axisLine: { lineStyle: { color: colour("line") } },
    axisTick: { show: false },
  };
}

function write(value: number): string {
  return value.toLocaleString("en-GB", { maximumFractionDigits: 3 });
}

/** A long name, cut; a rough measure is enough. */
function cut(name: string, most: number): string {
  return name.length <= most ? name : `${name.slice(0, most - 1)}…`;
}

function heightFor(width: Width, wide: number, narrow: number): Size {
  return { width: WIDTHS[width], height: width === "wide" ? wide : narrow };
}

// --- state of health

/** The lines with a colour of their own: those of the packs that are worst off. */
function namedLines({ lines }: ChartOf<"health">): ChartOf<"health">["lines"] {
  const lowest = (line: (typeof lines)[number]): number => Math.min(...line.points.map(([, percent]) => percent));
  const byLowest = [...lines].sort((left, right) => lowest(left) - lowest(right));
  return byLowest.slice(0, SERIES_COLOURS);
}

/** Most other lines that are drawn, and most points of a line. */
const MOST_LINES = 200;
const MOST_POINTS = 300;

function thinned<Point>(points: readonly Point[]): Point[] {
  const every = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}

function planHealth(chart: ChartOf<"health">, width: Width): Plan {
  const named = namedLines(chart);
  const others = chart.lines.filter((line) => !named.includes(line)).slice(0, MOST_LINES);
  const line = (one: (typeof named)[number], name: Colour, thick: number) => ({
    type: "line" as const,
    ...STILL,
    showSymbol: false,
    data: thinned(one.points).map((point) => [...point]),
    color: colour(name),
    lineStyle: { width: thick, color: colour(name) },
  });
  return {
    size: heightFor(width, 420, 320),
    option: {
      grid: { left: 8, right: 14, top: 28, bottom: 22, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: {
        ...numbers("days", write, false),
        nameLocation: "middle",
        nameGap: 24,
        splitLine: { show: false },
        max: "dataMax",
      },
      yAxis: {
        ...numbers("state of health", (value) => `${value} %`),
        scale: true,
        nameTextStyle: { ...QUIET, align: "left" },
      },
      series: [
        ...others.map((one) => line(one, "quiet", 0.75)),
        ...named.map((one, place) => line(one, seriesColour(place), 2)),
        {
          type: "line",
          ...STILL,
          color: colour("alarm"),
          data: [],
          markLine: {
            silent: true,
            symbol: "none",
            data: [{ yAxis: chart.guarantee }],
            lineStyle: { color: colour("alarm"), type: [6, 4], width: 1.5 },
            label: {
              formatter: `guaranteed: ${chart.guarantee} %`,
              position: "insideStartBottom",
              color: colour("alarm"),
              fontSize: FONT,
              textBorderColor: colour("ground"),
              textBorderWidth: 3,
            },
          },
        },
        {
          type: "line",
          ...STILL,
          color: colour("alarm"),
          lineStyle: { width: 0 },
          symbol: "circle",
          symbolSize: 8,
          showAllSymbol: true,
          itemStyle: { color: colour("alarm"), borderColor: colour("ground"), borderWidth: 1.5 },
          data: chart.lines.flatMap(({ below }) => below.slice(0, 1).map((point) => [...point])),
        },
      ],
    },
  };
}

// --- energy

/** Corners of a curve of steps, from nothing to all of it. */
export function cornersOf(steps: ChartOf<"market">["bids"]): [wh: number, price: number][] {
  let sum = 0;
  return steps.flatMap(({ price, wh }): [number, number][] => {
    const from = sum;
    sum += wh;
    return [
      [from, price],
      [sum, price],
    ];
  });
}

function planMarket({ bids, currency, offers, price, volumeWh }: ChartOf<"market">, width: Width): Plan {
  const prices = [...bids, ...offers].map((step) => step.price);
  const room = Math.max(Math.max(...prices, price) - Math.min(...prices, price), price / 10, 0.01) / 5;
  const lowest = rounded(Math.max(0, Math.min(...prices, price) - room));
  const highest = rounded(Math.max(...prices, price) + room);
  // Beyond what is asked for, nobody buys at any price, and nobody sells at any.
  const ended = (steps: ChartOf<"market">["bids"], end: number): [number, number][] => {
    const corners = cornersOf(steps);
    const last = corners.at(-1);
    return last === undefined ? [] : [...corners, [last[0], end]];
  };
  const widest = Math.max(...[bids, offers].map((steps) => steps.reduce((sum, { wh }) => sum + wh, 0)));
  const isRight = volumeWh > widest / 2;
  const curve = (points: [number, number][], name: Colour) => ({
    type: "line" as const,
    ...STILL,
    showSymbol: false,
    data: points,
    lineStyle: { width: 2.5, color: colour(name), join: "miter" as const },
    color: colour(name),
  });
  return {
    size: heightFor(width, 380, 300),
    option: {
      grid: { left: 8, right: 16, top: 28, bottom: 22, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: { ...numbers("Wh", write), nameLocation: "middle", nameGap: 24, splitLine: { show: false }, min: 0 },
      yAxis: {
        ...numbers(`${currency} per kWh`, write),
        nameTextStyle: { ...QUIET, align: "left" },
        min: lowest,
        max: highest,
      },
      series: [
        {
          type: "line",
          ...STILL,
          color: colour("alarm"),
          showSymbol: false,
          data: [
            [0, price],
            [volumeWh, price],
          ],
          lineStyle: { width: 0 },
          areaStyle: { color: colour("c2"), opacity: 0.16, origin: "start" },
        },
        curve(ended(bids, lowest), "c0"),
        curve(ended(offers, highest), "c1"),
        {
          type: "line",
          ...STILL,
          color: colour("alarm"),
          symbol: "circle",
          symbolSize: 10,
          itemStyle: { color: colour("alarm"), borderColor: colour("ground"), borderWidth: 2 },
          data: [
            {
              value: [volumeWh, price],
              label: {
                show: true,
                formatter: `${write(volumeWh)} Wh at ${write(price)}`,
                position: isRight ? "left" : "right",
                offset: [isRight ? -2 : 2, -14],
              },
            },
          ],
          label: {
            color: colour("ink"),
            fontSize: FONT,
            fontWeight: "bold",
            textBorderColor: colour("ground"),
            textBorderWidth: 3,
          },
          markLine: {
            silent: true,
            symbol: "none",
            label: { show: false },
            lineStyle: { color: colour("alarm"), type: [6, 4], width: 1.5 },
            data: [{ yAxis: price }, { xAxis: volumeWh }],
          },
        },
      ],
    },
  };
}

function rounded(value: number): number {
  return Math.round(value * FULL_PERCENT) / FULL_PERCENT;
}

function planThroughDay({ currency, slots }: ChartOf<"throughDay">, width: Width): Plan {
  const size = heightFor(width, 460, 400);
  const gap = 64;
  const top = 28;
  const upper = Math.round((size.height - gap - top) * 0.66);
  const labels = slots.map(({ label }) => label);
  const left = width === "wide" ? 62 : 48;
  const axis = (gridIndex: number) => ({
    ...namesAxis(labels),
    gridIndex,
    axisLabel: {
      ...QUIET,
      hideOverlap: true,
      show: gridIndex === 1,
      alignMinLabel: "left" as const,
      alignMaxLabel: "right" as const,
    },
  });
  const steps = (name: Colour, data: (number | null)[], place: number, type: "solid" | "dashed" = "solid") => ({
    type: "line" as const,
    ...STILL,
    step: "middle" as const,
    showSymbol: false,
    xAxisIndex: place,
    yAxisIndex: place,
    data,
    color: colour(name),
    lineStyle: { width: type === "solid" ? 1.75 : 1.25, type, color: colour(name) },
  });
  return {
    size,
    option: {
      grid: [
        { left, right: 12, top, height: upper },
        { left, right: 12, top: top + upper + 34, bottom: 26 },
      ],
      xAxis: [axis(0), axis(1)],
      yAxis: [
        { ...numbers("Wh", write), gridIndex: 0, nameTextStyle: { ...QUIET, align: "right" } },
        {
          ...numbers(`${currency} per kWh`, write),
          gridIndex: 1,
          min: 0,
          splitNumber: 3,
          nameTextStyle: { ...QUIET, align: "left", padding: [0, 0, 0, -left + 8] },
        },
      ],
      series: [
        {
          type: "bar",
          ...STILL,
          barCategoryGap: "12%",
          data: slots.map(({ traded }) => traded),
          itemStyle: { color: colour("c2") },
        },
        steps(
          "c0",
          slots.map(({ need }) => need),
          0,
        ),
        steps(
          "c1",
          slots.map(({ surplus }) => surplus),
          0,
        ),
        steps(
          "quiet",
          slots.map(({ retail }) => retail),
          1,
          "dashed",
        ),
        steps(
          "alarm",
          slots.map(({ price }) => price),
          1,
        ),
      ],
    },
  };
}

// --- waste

function planFlow({ links }: ChartOf<"flow">, width: Width): Plan {
  // On a phone there is no room for three columns of names.
  const isWide = width === "wide";
  const masses = new Map<string, { name: string; depth: number; kg: number; colour: Colour }>();
  const add = (depth: number, name: string, kg: number, of: Colour): string => {
    const key = `${depth} ${name}`;
    masses.set(key, { name, depth, colour: of, kg: kg + (masses.get(key)?.kg ?? 0) });
    return key;
  };
  const flows = new Map<string, { source: string; target: string; value: number; colour: Colour }>();
  const flow = (source: string, target: string, kg: number, of: Colour): void => {
    const key = `${source}\n${target}`;
    flows.set(key, { source, target, colour: of, value: kg + (flows.get(key)?.value ?? 0) });
  };
  for (const { collector, ending, kg, source } of links) {
    const by = add(1, collector, kg, "c0");
    const to = add(2, ENDING_NAMES[ending], kg, ending);
    if (isWide) flow(add(0, source, kg, "quiet"), by, kg, "quiet");
    flow(by, to, kg, ending);
  }
  const nodes = [...masses.entries()];
  const most = Math.max(...[0, 1, 2].map((depth) => nodes.filter(([, node]) => node.depth === depth).length));
  const size = heightFor(width, Math.max(360, most * 58 + 40), Math.max(400, most * 66 + 40));
  return {
    size,
    option: {
      series: [
        {
          type: "sankey",
          ...STILL,
          left: 4,
          right: 4,
          top: 8,
          bottom: 16,
          nodeWidth: 14,
          nodeGap: isWide ? 22 : 36,
          layoutIterations: 32,
          draggable: false,
          data: nodes.map(([key, node]) => ({
            name: key,
            depth: isWide ? node.depth : node.depth - 1,
            itemStyle: { color: colour(node.colour), borderWidth: 0 },
            label: {
              position: node.depth === 2 ? ("left" as const) : ("right" as const),
              formatter: isWide
                ? `${cut(node.name, 34)}, ${writeKg(node.kg)}`
                : `${cut(node.name, 18)}\n{kg|${writeKg(node.kg)}}`,
            },
          })),
          links: [...flows.values()].map(({ colour: of, ...link }) => ({
            ...link,
            lineStyle: { color: colour(of), opacity: of === "quiet" ? 0.22 : 0.42, curveness: 0.5 },
          })),
          label: {
            color: colour("ink"),
            fontSize: FONT,
            lineHeight: 15,
            textBorderColor: colour("ground"),
            textBorderWidth: 3,
            rich: {
              kg: {
                color: colour("quiet"),
                fontSize: SMALL_FONT,
                lineHeight: 14,
                textBorderColor: colour("ground"),
                textBorderWidth: 3,
              },
            },
          },
        },
      ],
    },
  };
}

function writeKg(kg: number): string {
  return `${Math.round(kg).toLocaleString("en-GB")} kg`;
}

// --- elections

function planRounds({ options, rounds }: ChartOf<"rounds">, width: Width): Plan {
  const isWide = width === "wide";
  const size = heightFor(width, rounds.length * 38 + 50, rounds.length * 34 + 50);
  const bar = (name: Colour, data: number[]) => ({
    type: "bar" as const,
    ...STILL,
    stack: "all",
    barCategoryGap: "22%",
    data,
    itemStyle: { color: colour(name), borderColor: colour("ground"), borderWidth: 1 },
  });
  const all = Math.max(...rounds.map(({ exhausted, tallies }) => tallies.reduce((sum, one) => sum + one, exhausted)));
  return {
    size,
    option: {
      grid: { left: 8, right: 16, top: 6, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: { ...numbers("", write, false), max: all, splitNumber: isWide ? 8 : 4 },
      yAxis: {
        ...namesAxis(rounds.map(({ number }) => (isWide ? `round ${number}` : number.toString()))),
        inverse: true,
      },
      series: [
        ...options.map((_, place) =>
          bar(
            seriesColour(place),
            rounds.map(({ tallies }) => tallies[place] ?? 0),
          ),
        ),
        bar(
          "lost",
          rounds.map(({ exhausted }) => exhausted),
        ),
      ],
    },
  };
}

function planShares({ questions }: ChartOf<"shares">, width: Width): Plan {
  const most = Math.max(0, ...questions.map(({ parts }) => parts.length));
  const shares = questions.map(({ parts }) => {
    const all = parts.reduce((sum, { votes }) => sum + votes, 0);
    return parts.map(({ votes }) => (all === 0 ? 0 : (votes * FULL_PERCENT) / all));
  });
  // A name above its bar takes no width from it.
  const names = questions.map(({ name }) => cut(name, width === "wide" ? 90 : 46));
  return {
    size: heightFor(width, questions.length * 66 + 30, questions.length * 66 + 30),
    option: {
      grid: { left: 4, right: 16, top: 4, bottom: 24 },
      xAxis: { ...numbers("", (value) => `${value} %`), min: 0, max: FULL_PERCENT, interval: FULL_PERCENT / 4 },
      yAxis: {
        ...namesAxis(names),
        inverse: true,
        axisLine: { show: false },
        axisLabel: { ...TEXT, inside: true, verticalAlign: "bottom", padding: [0, 0, 17, -4], align: "left" },
        z: 5,
      },
      series: [
        ...Array.from({ length: most }, (_, place) => ({
          type: "bar" as const,
          ...STILL,
          stack: "all",
          barWidth: 28,
          data: questions.map(({ parts }, row) => ({
            value: shares[row]?.[place] ?? 0,
            label: {
              show: (shares[row]?.[place] ?? 0) > (width === "wide" ? 7 : 22),
              formatter: `${cut(parts[place]?.option ?? "", width === "wide" ? 30 : 10)} ${(shares[row]?.[place] ?? 0).toFixed(1)} %`,
            },
          })),
          label: { color: colour("ground"), fontSize: FONT },
          itemStyle: { color: colour(seriesColour(place)), borderColor: colour("ground"), borderWidth: 1 },
        })),
        {
          type: "line",
          ...STILL,
          color: colour("alarm"),
          data: [],
          markLine: {
            silent: true,
            symbol: "none",
            label: { show: false },
            data: [{ xAxis: HALF_PERCENT }],
            lineStyle: { color: colour("ink"), type: [4, 3], width: 1 },
          },
        },
      ],
    },
  };
}

// --- gas

function planRatios({ bars }: ChartOf<"ratios">, width: Width): Plan {
  const isWide = width === "wide";
  // Names are long here, and ECharts can only guess their width: fonts of page and guess differ.
  const names = bars.map(({ operation }) => (isWide ? operation : cut(operation.replace(/^[^.]*\./, ""), 20)));
  const left = Math.ceil(Math.max(...names.map(({ length }) => length)) * CHARACTER) + 12;
  const powers = bars.map(({ ratio }) => Math.log2(ratio));
  // Beside the longest bar there is room for its number.
  const room = isWide ? 0.4 : 1.1;
  const reach = (sign: 1 | -1): number =>
    Math.max(1, Math.ceil(Math.max(...powers.map((power) => sign * power)) + room));
  return {
    size: heightFor(width, bars.length * 24 + 36, bars.length * 26 + 36),
    option: {
      grid: { left, right: 16, top: 4, bottom: 26, outerBoundsMode: "none" },
      xAxis: {
        ...numbers("", (power) => `${write(2 ** power)}×`),
        min: -reach(-1),
        max: reach(1),
        interval: 1,
      },
      yAxis: {
        ...namesAxis(names),
        inverse: true,
        axisLabel: { ...TEXT, fontSize: SMALL_FONT },
        axisLine: { onZero: false, show: false },
      },
      series: [
        {
          type: "bar",
          ...STILL,
          barCategoryGap: "30%",
          data: bars.map(({ ratio }, place) => ({
            value: powers[place] ?? 0,
            itemStyle: { color: colour(ratio <= 1 ? "better" : "worse") },
            label: { position: ratio <= 1 ? ("left" as const) : ("right" as const), formatter: `${ratio.toFixed(2)}×` },
          })),
          label: { show: true, color: colour("ink"), fontSize: SMALL_FONT, distance: 4 },
          markLine: {
            silent: true,
            symbol: "none",
            label: { show: false },
            data: [{ xAxis: 0 }],
            lineStyle: { color: colour("ink"), type: "solid", width: 1 },
          },
        },
      ],
    },
  };
}
