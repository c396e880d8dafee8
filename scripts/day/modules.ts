import { battery } from "./battery/index.js";
import { elections } from "./elections/index.js";
import { energy } from "./energy/index.js";
import type { DayModule } from "./module.js";
import { waste } from "./waste/index.js";

/** The parts of the city that live a day, each from its folder of the data. A later one joins by one line. */
export const modules: readonly DayModule[] = [battery, energy, waste, elections];
