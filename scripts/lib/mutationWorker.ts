// A process that judges mutants of one target, as it is told to. It can be ended where a mutant does not come to an end.

import process from "node:process";
import { Bench, type Target } from "./mutation.js";
import type { Mutant } from "./mutants.js";

/** Most memory of the process, bytes. EDR keeps every step of a failed test, of which a fault without end makes millions. */
const MOST_MEMORY = 4 * 2 ** 30;
const LOOK_MS = 250;

setInterval(() => {
  if (process.memoryUsage.rss() > MOST_MEMORY) process.exit(1);
}, LOOK_MS).unref();

let bench: Bench | undefined;
process.on("message", (message: { target: Target } | { mutant: Mutant }) => {
  const answer = async (): Promise<object> => {
    if ("target" in message) bench = await Bench.open(message.target);
    return "mutant" in message ? ((await bench?.judge(message.mutant)) ?? {}) : {};
  };
  answer().then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ fault: error instanceof Error ? error.message : String(error) }),
  );
});
