import { filesBelow } from "../folder.js";
import type { DayModule } from "../module.js";
import { balanceBooks } from "./books.js";
import { readElections } from "./data.js";
import { liveElections } from "./life.js";
import { STARTS_AT } from "./terms.js";

const NAME = "elections";

/** Elections and referendums from files, and a vote of residents: from the rolls to results that anybody can count anew. */
export const elections: DayModule = {
  name: NAME,
  prepare(dataPath) {
    const { data, ...read } = readElections(dataPath, filesBelow(dataPath, NAME));
    return {
      ...read,
      ...(data === undefined ? {} : { startsAt: STARTS_AT }),
      async live(day) {
        if (data === undefined) throw new Error("there are no elections to live through");
        return balanceBooks(await liveElections(day, data));
      },
    };
  },
};
