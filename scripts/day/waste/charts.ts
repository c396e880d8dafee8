/** What is drawn of waste: its way from containers by way of collectors to its end. */
import { wasteCodeText } from "../../../sdk/waste/index.js";
import { type Ending, ENDING_NAMES, endings, type FlowChart, type Tile } from "../charts.js";
import { writeWhole } from "../money.js";
import { tableOf } from "../table.js";
import type { MassFate } from "./lineage.js";

const GRAMS_PER_KG = 1_000;
const KG_PER_TONNE = 1_000;
const FULL_PERCENT = 100;
/** Most names of a side that are drawn; those of least mass become one. */
const MOST_NAMES = 10;

/** Mass of a kind of container and a collector by what became of it, grams. */
export interface Flow {
  /** Whether it came from bins with sensors, and not from containers of tickets. */
  readonly isBin: boolean;
  /** On its tickets. */
  readonly code: number;
  readonly collector: string;
  readonly grams: Readonly<Record<MassFate, bigint>>;
}

/** What endings are of. Mass that a weighbridge found more of is in the endings of its load. */
const FATES: Readonly<Record<Ending, readonly MassFate[]>> = {
  recycled: ["recycled"],
  recovered: ["recovered"],
  disposed: ["disposed"],
  exported: ["exported"],
  lost: ["processLoss", "transitLoss"],
  open: ["open"],
};

/** The way of all mass. */
export function flowChart(flows: readonly Flow[]): FlowChart {
  const kindOf = ({ code, isBin }: Flow): string => `${isBin ? "Bins" : "Containers"}, ${wasteCodeText(code)}`;
  const sources = shortNames(flows, kindOf, "Other containers");
  const collectors = shortNames(flows, ({ collector }) => collector, "Other collectors");
  const sums = new Map<string, FlowChart["links"][number]>();
  for (const flow of flows) {
    for (const ending of endings) {
      const kg = endedGrams(flow, ending) / GRAMS_PER_KG;
      if (kg === 0) continue;
      const link = { source: sources(flow), collector: collectors(flow), ending, kg };
      const key = [link.source, link.collector, ending].join("\n");
      sums.set(key, { ...link, kg: kg + (sums.get(key)?.kg ?? 0) });
    }
  }
  const links = [...sums.values()];
  return {
    kind: "flow",
    id: "waste-flow",
    title: "From container to end, kg",
    text:
      "Every kilogram, followed lot by lot through the events of the chain: from the kind of container and its waste code " +
      "by way of the collector to what became of it. Lost is what went up as moisture and dust and what was missing on " +
      "the way.",
    links,
    table: tableOf(
      [
        { head: "From" },
        { head: "Collector" },
        ...endings.map((ending) => ({ head: `${ENDING_NAMES[ending]}, kg`, right: true })),
      ],
      [...new Set(links.map(({ collector, source }) => [source, collector].join("\n")))].map((pair) => {
        const own = links.filter(({ collector, source }) => [source, collector].join("\n") === pair);
        return [
          ...pair.split("\n"),
          ...endings.map((ending) => writeWhole(Math.round(own.find((link) => link.ending === ending)?.kg ?? 0))),
        ];
      }),
    ),
  };
}

function endedGrams({ grams }: Flow, ending: Ending): number {
  return FATES[ending].reduce((sum, fate) => sum + Number(grams[fate]), 0);
}

/** Names of flows, of which those of least mass share one where there are too many. */
function shortNames(flows: readonly Flow[], nameOf: (flow: Flow) => string, others: string): (flow: Flow) => string {
  const masses = new Map<string, number>();
  for (const flow of flows) {
    const mass = endings.reduce((sum, ending) => sum + endedGrams(flow, ending), 0);
    masses.set(nameOf(flow), (masses.get(nameOf(flow)) ?? 0) + mass);
  }
  if (masses.size <= MOST_NAMES) return nameOf;
  const byMass = [...masses].sort(([, left], [, right]) => right - left);
  const kept = new Set(byMass.slice(0, MOST_NAMES - 1).map(([name]) => name));
  return (flow) => (kept.has(nameOf(flow)) ? nameOf(flow) : others);
}

/** The waste part's few figures. */
export function wasteTiles(tickets: number, flows: readonly Flow[]): Tile[] {
  const gramsOf = (...names: MassFate[]): number =>
    flows.reduce((sum, { grams }) => sum + names.reduce((own, name) => own + Number(grams[name]), 0), 0);
  const collected = gramsOf("collected");
  const percent = (...names: MassFate[]): string =>
    collected === 0 ? "none" : `${((gramsOf(...names) * FULL_PERCENT) / collected).toFixed(1)} %`;
  return [
    { label: "tickets", value: writeWhole(tickets) },
    { label: "tonnes collected", value: writeTonnes(collected) },
    { label: "of it recycled", value: percent("recycled") },
    { label: "of it not ended", value: percent("open") },
  ];
}

function writeTonnes(grams: number): string {
  const tonnes = grams / GRAMS_PER_KG / KG_PER_TONNE;
  return tonnes.toLocaleString("en-GB", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}
