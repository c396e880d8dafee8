/** Batteries of a made-up town: one pack for every six residents. */
import { expectation, numbers, placeOf, randomFor, shareOf, table, type TownFiles, type TownPlan } from "./town.js";

/** From the least to the greatest. */
type Span = readonly [least: number, greatest: number];

interface Kind {
  readonly first: Span;
  readonly loss: Span;
}

const RESIDENTS_PER_PACK = 6;
const CYCLES = 24;
/** Below this a pack has failed its guarantee, mAh of a cell. */
const GUARANTEED_MAH = 1_400;
const RATED_MAH = 2_000;
const PER_MILLE = 1_000;
/** Of so many packs one is old, and one is used three times a day. */
const OLD_ONE_IN = 5;
const BUSY_ONE_IN = 7;
/** Of so many cycles of an old pack one comes after a rest, in which the cell recovers a little. */
const REST_ONE_IN = 12;
/** Capacity of the first cycle, and what a cycle takes, mAh. */
const NEW: Kind = { first: [1_930, 1_995], loss: [0, 9] };
const OLD: Kind = { first: [1_500, 1_600], loss: [14, 34] };
const RECOVERY = [20, 45] as const;
/** Energy of a cycle, hundredths of a Wh for each 1,000 mAh: the voltage under load is below 3.7 V. */
const CENTI_WH_PER_AH = [348, 358] as const;
/** Seconds from one cycle to the next. */
const DAILY: Span = [78_000, 84_000];
const BUSY: Span = [22_000, 28_000];
const REST_SECONDS = 172_800;
/** 2 March 2026, 5:00. */
const FIRST_CYCLE_AT = Date.UTC(2026, 2, 2, 5) / 1_000;
const FIRST_HOURS_SECONDS = 7_200;
const TEMPERATURES = [14, 22] as const;
const MS = 1_000;
const SECONDS_LENGTH = 19;

/** Files of the battery folder. */
export function makeBatteries(plan: TownPlan): TownFiles {
  const random = randomFor(plan, "battery");
  const rows: (readonly (string | number)[])[] = [];
  const expected: Record<string, unknown> = {};
  for (const number of numbers(shareOf(plan.residents, RESIDENTS_PER_PACK))) {
    const id = placeOf(number);
    const isOld = number % OLD_ONE_IN === 1;
    const kind = isOld ? OLD : NEW;
    const pace = number % BUSY_ONE_IN === 0 ? BUSY : DAILY;
    const ambient = random.whole(...TEMPERATURES);
    let capacity = random.whole(...kind.first);
    let at = FIRST_CYCLE_AT + random.whole(0, FIRST_HOURS_SECONDS);
    let given = 0;
    const capacities: number[] = [];
    for (const cycle of numbers(CYCLES)) {
      if (cycle > 1) {
        const rested = isOld && random.whole(1, REST_ONE_IN) === 1;
        at += random.whole(...pace) + (rested ? REST_SECONDS : 0);
        capacity += rested ? random.whole(...RECOVERY) : -random.whole(...kind.loss);
      }
      given += Math.floor((capacity * random.whole(...CENTI_WH_PER_AH)) / PER_MILLE);
      capacities.push(capacity);
      const health = Math.floor((capacity * PER_MILLE) / RATED_MAH);
      const time = new Date(at * MS).toISOString().slice(0, SECONDS_LENGTH);
      rows.push([id, cycle, time, capacity, health, (given / 100).toFixed(2), ambient]);
    }
    const failed = capacities.findIndex((one) => one < GUARANTEED_MAH);
    expected[id] = { cycles: CYCLES, first_cycle_below_1400_mAh: failed < 0 ? null : failed + 1 };
  }
  return {
    "battery/town.csv": table("battery_id,cycle,timestamp,capacity_mAh,soh_permille,throughput_wh,ambient_c", rows),
    "battery/expected.json": expectation(expected),
  };
}
