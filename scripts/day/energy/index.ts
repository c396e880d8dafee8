import { join } from "node:path";

import { EXPECTED_FILE, filesIn } from "../folder.js";
import type { DayModule } from "../module.js";
import { balanceBooks } from "./books.js";
import { readEnergy, readExpected } from "./data.js";
import { LEAD_SECONDS, liveEnergy } from "./life.js";
import { deploymentFor } from "./terms.js";

const NAME = "energy";

/** Energy: from what homes measure to orders, prices, settlement and certificates of origin. */
export const energy: DayModule = {
  name: NAME,
  prepare(dataPath) {
    const { data, ...read } = readEnergy(filesIn(dataPath, NAME));
    const expected = readExpected(join(dataPath, NAME, EXPECTED_FILE));
    const first = data?.slots[0]?.at;
    return {
      ...read,
      ...(data === undefined || first === undefined
        ? {}
        : { startsAt: first - LEAD_SECONDS, parameters: deploymentFor(data.intervalLength) }),
      async live(day) {
        if (data === undefined) throw new Error("there are no energy data to live through");
        return balanceBooks(await liveEnergy(day, data), expected);
      },
    };
  },
};
