/** What the parts of the day give to be drawn: numbers and words alone; scripts/day/page/ knows how it looks. */
import type { TableData } from "./table.js";

/** A figure that the page shows large. */
export interface Tile {
  readonly label: string;
  readonly value: string;
}

/** What every chart has. */
interface Drawing {
  /** Names it on the page; no other chart has it. */
  readonly id: string;
  readonly title: string;
  /** What it shows, in words. */
  readonly text: string;
  /** Its figures, for whoever does not see it. */
  readonly table: TableData;
}

/** A point: days since the first certificate, and percent. */
export type HealthPoint = readonly [day: number, percent: number];

/** States of health over time against what is guaranteed. */
export interface HealthChart extends Drawing {
  readonly kind: "health";
  /** Percent. */
  readonly guarantee: number;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly HealthPoint[];
    /** Where it falls below the guarantee. */
    readonly below: readonly HealthPoint[];
  }[];
}

/** Energy at a price. */
export interface Step {
  /** Price per kWh, in the currency. */
  readonly price: number;
  readonly wh: number;
}

/** Supply and demand of an interval with the price that cleared it. */
export interface MarketChart extends Drawing {
  readonly kind: "market";
  readonly currency: string;
  /** Highest price first. */
  readonly bids: readonly Step[];
  /** Lowest price first. */
  readonly offers: readonly Step[];
  readonly price: number;
  readonly volumeWh: number;
}

/** What was needed, to spare and traded in each interval, and at which price. Wh, and currency per kWh. */
export interface ThroughDayChart extends Drawing {
  readonly kind: "throughDay";
  readonly currency: string;
  readonly slots: readonly {
    readonly label: string;
    readonly need: number;
    readonly surplus: number;
    readonly traded: number;
    /** Null where nothing was traded. */
    readonly price: number | null;
    readonly retail: number;
  }[];
}

/** What becomes of mass, in the order in which the page shows it. */
export const endings = ["recycled", "recovered", "disposed", "exported", "lost", "open"] as const;

/** What becomes of mass. */
export type Ending = (typeof endings)[number];

/** What a reader calls them. */
export const ENDING_NAMES: Readonly<Record<Ending, string>> = {
  recycled: "Recycled",
  recovered: "Recovered",
  disposed: "Disposed of",
  exported: "Exported",
  lost: "Lost",
  open: "Not ended",
};

/** Where mass came from and went, kg. */
export interface FlowChart extends Drawing {
  readonly kind: "flow";
  readonly links: readonly {
    /** Container type, or what came to light on the way. */
    readonly source: string;
    readonly collector: string;
    readonly ending: Ending;
    readonly kg: number;
  }[];
}

/** Rounds of an instant runoff. */
export interface RoundsChart extends Drawing {
  readonly kind: "rounds";
  /** In the order of the result. */
  readonly options: readonly string[];
  readonly rounds: readonly {
    readonly number: number;
    /** By option. */
    readonly tallies: readonly number[];
    readonly exhausted: number;
  }[];
}

/** Shares of votes. */
export interface SharesChart extends Drawing {
  readonly kind: "shares";
  readonly questions: readonly {
    readonly name: string;
    readonly parts: readonly { readonly option: string; readonly votes: number }[];
  }[];
}

/** Gas of operations by that of their peers. */
export interface RatiosChart extends Drawing {
  readonly kind: "ratios";
  /** Lowest first. */
  readonly bars: readonly { readonly operation: string; readonly ratio: number }[];
}

export type Chart = HealthChart | MarketChart | ThroughDayChart | FlowChart | RoundsChart | SharesChart | RatiosChart;

/** A chart of a kind. */
export type ChartOf<Kind extends Chart["kind"]> = Extract<Chart, { readonly kind: Kind }>;
