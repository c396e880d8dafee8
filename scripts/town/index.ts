/**
 * Makes up towns of any size in the formats of data/README.md, with the proportions of the sample town. A town of one size and
 * seed is the same on every machine: it is made with whole numbers alone.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { DayError } from "../day/errors.js";
import { makeBatteries } from "./battery.js";
import { makeElections } from "./elections.js";
import { makeEnergy } from "./energy.js";
import type { TownFiles, TownPlan } from "./town.js";
import { makeWaste } from "./waste.js";

/** Towns have at least and at most as many residents. */
export const RESIDENTS = { least: 10, most: 100_000 } as const;
/** Seed of a town for which none is given. */
export const SEED = "civitas";

const SEED_PATTERN = /^[\w-]{1,32}$/;

/**
 * A town as it is asked for on a command line.
 *
 * @throws DayError for a number of residents or a seed that cannot be.
 */
export function readTownPlan(residents: string, seed = SEED): TownPlan {
  const count = /^\d+$/.test(residents) ? Number(residents) : Number.NaN;
  if (!(count >= RESIDENTS.least && count <= RESIDENTS.most)) {
    throw new DayError(
      `A town cannot have ${JSON.stringify(residents)} residents; give a whole number from ${RESIDENTS.least} to ${RESIDENTS.most}.`,
    );
  }
  if (!SEED_PATTERN.test(seed)) {
    throw new DayError(`${JSON.stringify(seed)} is no seed; give 1 to 32 letters, digits, hyphens or underscores.`);
  }
  return { residents: count, seed };
}

/** Makes a town: the text of its files. */
export function makeTown(plan: TownPlan): TownFiles {
  return { ...makeBatteries(plan), ...makeEnergy(plan), ...makeWaste(plan), ...makeElections(plan) };
}

/** Writes a town into a folder of its own in another folder, and returns its path. What a town of the same name left is replaced. */
export function writeTown(folder: string, plan: TownPlan): string {
  const town = join(folder, `town-${plan.residents}-${plan.seed}`);
  for (const [path, text] of Object.entries(makeTown(plan))) {
    mkdirSync(dirname(join(town, path)), { recursive: true });
    writeFileSync(join(town, path), text);
  }
  return town;
}
