import { join } from "node:path";

import { EXPECTED_FILE, filesIn } from "../folder.js";
import type { DayModule } from "../module.js";
import { balanceBooks } from "./books.js";
import { readExpected, readWaste } from "./data.js";
import { liveWaste } from "./life.js";
import { LEAD_SECONDS, SECONDS_PER_DAY } from "./terms.js";

const NAME = "waste";

/** Waste and rewards: from containers and tickets to the end of every kilogram, and what residents have of it. */
export const waste: DayModule = {
  name: NAME,
  prepare(dataPath) {
    const { data, ...read } = readWaste(filesIn(dataPath, NAME));
    const expected = readExpected(join(dataPath, NAME, EXPECTED_FILE));
    return {
      ...read,
      ...(data === undefined ? {} : { startsAt: BigInt(data.firstDay) * SECONDS_PER_DAY - LEAD_SECONDS }),
      async live(day) {
        if (data === undefined) throw new Error("there are no waste data to live through");
        return balanceBooks(await liveWaste(day, data), expected);
      },
    };
  },
};
