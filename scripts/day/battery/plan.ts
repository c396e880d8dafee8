/** Which lease takes which course: by a rule from the record, so that every course is seen where there are packs for it. */
import type { BatteryHistory } from "../../../sdk/importers/index.js";
import { packWh, RATED_WH } from "./scale.js";
import { MIN_SOH_BP } from "./terms.js";

const BASIS_POINTS = 10_000n;

/** How a lease runs, in the words of the report. */
export const courses = {
  swap: "pack swapped under the guarantee",
  abate: "rent abated to the end",
  sale: "pack sold during the lease",
  damage: "returned early, damage disputed",
  buyout: "bought by the lessee",
  late: "rent paid late once",
} as const;

export type Course = keyof typeof courses;

/** Packs that fall below the guarantee, and packs that never do, take these courses in turn. */
const FAILING: readonly Course[] = ["swap", "abate"];
const SOUND: readonly Course[] = ["sale", "damage", "buyout", "late"];

/** First cycle of a record below the guarantee: where the remedy is to be claimed. */
export function firstFailure({ cycles }: BatteryHistory): { readonly cycle: bigint; readonly at: bigint } | undefined {
  return cycles.find(({ capacityMAh }) => (packWh(capacityMAh) * BASIS_POINTS) / RATED_WH < MIN_SOH_BP);
}

/** The course of each battery's lease, by its id. */
export function planCourses(batteries: readonly BatteryHistory[]): ReadonlyMap<string, Course> {
  const failing = batteries
    .flatMap(({ id, ...rest }) => {
      const failure = firstFailure({ id, ...rest });
      return failure === undefined ? [] : [{ id, at: failure.at }];
    })
    .sort((left, right) => (left.at === right.at ? 0 : left.at < right.at ? -1 : 1));
  const failingIds = new Set(failing.map(({ id }) => id));
  const sound = batteries.filter(({ id }) => !failingIds.has(id));
  const inTurn = (ids: readonly { readonly id: string }[], turns: readonly Course[]): [string, Course][] =>
    ids.map(({ id }, index) => [id, turns[index % turns.length] ?? "late"]);
  return new Map([...inTurn(failing, FAILING), ...inTurn(sound, SOUND)]);
}
