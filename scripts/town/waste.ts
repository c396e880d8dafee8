/** Waste of a made-up town: five tickets for every six residents, and a bin of each kind for every ten. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../lib/project.js";
import {
  expectation,
  numbers,
  placeOf,
  QUARTERS,
  randomFor,
  shareOf,
  table,
  type TownFiles,
  type TownPlan,
} from "./town.js";

const RESIDENTS_PER_TICKET = 6 / 5;
const RESIDENTS_PER_PLACE = 10;
/** The list of codes that the sample town needs: a made-up town needs no other. */
const CODES_FILE = join(root, "data", "waste", "codes.csv");
const COLLECTORS = ["linden", "harbour"] as const;
/** First day of the tickets, days in which they come, and first day of the bins. */
const TICKETS_FROM = Date.UTC(2026, 10, 23);
const TICKET_DAYS = 24;
const BINS_FROM = Date.UTC(2026, 11, 1);
const BIN_DAYS = 14;
const MS_PER_DAY = 86_400_000;
const DATE_LENGTH = 10;
/** Of so many tickets one names a container that stands on another ticket. */
const REPEATED_ONE_IN = 25;
const PERCENT = 100;

interface Kind {
  /** Part of all tickets, in percent. */
  readonly share: number;
  readonly code: string;
  /** Cubic yards. */
  readonly volume: number;
  readonly kg: readonly [number, number];
  /** Days of the tickets on which the code is valid; all when left out. */
  readonly days?: number;
}

const KINDS: readonly [Kind, ...Kind[]] = [
  { share: 66, code: "20 03 01", volume: 15, kg: [1_500, 4_000] },
  { share: 12, code: "20 03 07", volume: 20, kg: [1_200, 2_500] },
  { share: 10, code: "15 01 07", volume: 10, kg: [1_000, 2_500] },
  // The decision of 2025 ends this code on 9 December 2026.
  { share: 7, code: "20 01 33", volume: 1, kg: [20, 130], days: 16 },
  { share: 5, code: "20 01 21", volume: 1, kg: [20, 60] },
];

/** What comes in place of waste whose code has ended. */
const LATER: Kind = { share: 0, code: "20 01 21", volume: 1, kg: [20, 60] };

/** Fill goes by tenths; a bin rises by so many a day, and is emptied at its threshold. */
const RISE = [0, 3] as const;
const THRESHOLDS = [6, 8] as const;
const FULL = 10;
const BP_PER_TENTH = 1_000;
const FIRST_SERIAL = 4_101;
/** Around 52° north, millionths of a degree. */
const SOUTH = 52_000_000;
const WEST = 100_000;
const EXTENT = 30_000;
const MICRODEGREES = 1_000_000;
const MICRO_DIGITS = 6;

/** Files of the waste folder. */
export function makeWaste(plan: TownPlan): TownFiles {
  return { "waste/codes.csv": readFileSync(CODES_FILE, "utf8"), ...makeTickets(plan), ...makeBins(plan) };
}

function makeTickets(plan: TownPlan): TownFiles {
  const random = randomFor(plan, "waste tickets");
  const rows: (readonly (string | number)[])[] = [];
  const totals: Record<string, { tickets: number; kg: number }> = {};
  let repeated = 0;
  let before: { readonly id: string; readonly kind: Kind } | undefined;
  const count = shareOf(plan.residents, RESIDENTS_PER_TICKET);
  for (const number of numbers(count)) {
    const collector = COLLECTORS[number % COLLECTORS.length] ?? COLLECTORS[0];
    const again = before !== undefined && number % REPEATED_ONE_IN === 0 ? before : undefined;
    const container = again?.id ?? `skip-${number}`;
    const day = Math.floor(((number - 1) * TICKET_DAYS) / count);
    const drawn = again?.kind ?? kindFor(random.whole(0, PERCENT - 1));
    const kind = day < (drawn.days ?? TICKET_DAYS) ? drawn : LATER;
    const kg = random.whole(...kind.kg);
    const date = dateOf(TICKETS_FROM, day);
    rows.push([`ticket-${number}`, container, date, kind.code, kg, collector, kind.volume]);
    const total = (totals[collector] ??= { tickets: 0, kg: 0 });
    total.tickets += 1;
    total.kg += kg;
    if (again === undefined) before = { id: container, kind };
    else repeated += 1;
  }
  const all = Object.values(totals);
  return {
    "waste/tickets.csv": table("ticket_id,container_id,date,ewc_assigned,kg,collector,volume_cubic_yards", rows),
    "waste/expected.json": expectation({
      tickets: rows.length,
      kg_total: all.reduce((sum, { kg }) => sum + kg, 0),
      per_collector: totals,
      repeated_dumpster_numbers: repeated,
    }),
  };
}

function makeBins(plan: TownPlan): TownFiles {
  const random = randomFor(plan, "waste bins");
  const bins: (readonly (string | number)[])[] = [];
  const fills: (readonly (string | number)[])[] = [];
  for (const number of numbers(shareOf(plan.residents, RESIDENTS_PER_PLACE))) {
    const place = placeOf(number);
    const [north, east] = [SOUTH + random.whole(0, EXTENT), WEST + random.whole(0, EXTENT)];
    for (const [index, stream] of (["general", "recycling"] as const).entries()) {
      const serial = FIRST_SERIAL + (number - 1) * 2 + index;
      const threshold = random.whole(...THRESHOLDS);
      const suburb = QUARTERS[(number - 1) % QUARTERS.length] ?? "";
      const spot = [north, east + index].map((value) => (value / MICRODEGREES).toFixed(MICRO_DIGITS));
      bins.push([serial, `${place} ${stream}`, ...spot, `${threshold}.0`, BIN_DAYS, stream, suburb]);
      let tenths = 0;
      for (let day = 0; day < BIN_DAYS; day += 1) {
        tenths = tenths >= threshold ? 0 : Math.min(FULL, tenths + random.whole(...RISE));
        fills.push([serial, dateOf(BINS_FROM, day), tenths, tenths * BP_PER_TENTH]);
      }
    }
  }
  return {
    "waste/containers.csv": table("serial,description,latitude,longitude,threshold,n_readings,stream,suburb", bins),
    "waste/fill.csv": table("serial,date,fullness_0_10,fill_bp", fills),
  };
}

function kindFor(percent: number): Kind {
  let below = 0;
  return KINDS.find(({ share }) => percent < (below += share)) ?? KINDS[0];
}

function dateOf(from: number, day: number): string {
  return new Date(from + day * MS_PER_DAY).toISOString().slice(0, DATE_LENGTH);
}
