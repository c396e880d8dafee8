/** Several can take the next step of the same thing at once: how who came second tells that from a fault. */
import { delay } from "./delay.js";
import { explainError } from "./errors.js";
import { isLineFault } from "./line.js";

/** Milliseconds after which providers of ethers ask their node again what they asked before, with some to spare. */
const REMEMBERED_MS = 300;

/**
 * Whether a failure says nothing about what was to be done, whatever is to be done now.
 *
 * @param error - What was thrown.
 */
export function isOwnFault(error: unknown): boolean {
  return isLineFault(error) || ["declined", "funds"].includes(explainError(error).kind);
}

/**
 * Whether a step that failed is still the next one, with all that is given to it. Else somebody else was faster.
 *
 * @param step - The step.
 * @param plan - Finds out what is next.
 */
export async function isStillNext(step: object, plan: () => Promise<object>): Promise<boolean> {
  await delay(REMEMBERED_MS);
  return textOf(await plan()) === textOf(step);
}

function textOf(step: object): string {
  return JSON.stringify(step, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}
