// What mutation testing came to, and what is wrong with it.

import type { Mutant } from "./mutants.js";
import { markdownTable } from "./pages.js";

/** Mutants that survive with a reason why no test can kill them. */
export const SURVIVORS = "test/mutation/survivors.json";

/** How each target came out when it was last written. */
export const OUTCOMES = "test/mutation/outcome.json";

/** Share of its mutants that a target has killed at least. */
export const LEAST = 0.85;

/** Why a mutant survives. */
export interface Reason {
  /** File of the source. */
  file: string;
  function: string;
  /** The line as it is, and as the mutant has it. */
  original: string;
  mutant: string;
  reason: string;
}

/** How the mutants of a target came out. */
export interface Outcome {
  target: string;
  /** All there are, and those that were looked at. */
  mutants: number;
  looked: number;
  /** Which ones, where not all were. */
  seed: number;
  /** Do not compile. */
  invalid: number;
  /** Have the code of the original or of another mutant. */
  same: number;
  killed: number;
  /** Did not come to an end, which a test would notice. */
  timedOut: number;
  survived: number;
  /** Share of those that count that were killed or did not end. */
  score: number;
}

/** Share of the mutants that were noticed, of those that are faults. */
export function scoreOf({ killed, timedOut, survived }: Pick<Outcome, "killed" | "survived" | "timedOut">): number {
  const counted = killed + timedOut + survived;
  return counted === 0 ? 1 : Math.round(((killed + timedOut) / counted) * 10_000) / 10_000;
}

/**
 * What is wrong with some outcomes.
 * @param survivors Mutants that survived.
 * @param possible All mutants of the targets that were run, looked at or not.
 * @param reasons All reasons that are known.
 */
export function faultsOf(
  outcomes: readonly Outcome[],
  survivors: readonly Mutant[],
  possible: readonly Mutant[],
  reasons: readonly Reason[],
): string[] {
  const fits = (reason: Reason, { path, function: name, original, mutant }: Mutant): boolean =>
    reason.file === path && reason.function === name && reason.original === original && reason.mutant === mutant;
  const files = new Set(possible.map(({ path }) => path));
  const whole = new Set(
    outcomes.flatMap(({ target, mutants, looked }) => (mutants === looked ? [`${target}.sol`] : [])),
  );
  const isWhole = (file: string): boolean => whole.has(file.slice(file.lastIndexOf("/") + 1));
  return [
    ...outcomes
      .filter(({ score }) => score < LEAST)
      .map(({ target, score }) => `${target}: ${(score * 100).toFixed(1)} % killed, but ${LEAST * 100} % is the least`),
    ...survivors
      .filter((mutant) => !reasons.some((reason) => fits(reason, mutant)))
      .map(
        ({ path, line, original, mutant }) =>
          `${path}:${line} survived without a reason in ${SURVIVORS}: ${original} => ${mutant}`,
      ),
    ...reasons
      .filter((reason) => files.has(reason.file))
      .filter((reason) => !(isWhole(reason.file) ? survivors : possible).some((mutant) => fits(reason, mutant)))
      .map(
        ({ file, function: name, original, mutant }) =>
          `${SURVIVORS} explains what did not survive: ${file} ${name}: ${original} => ${mutant}. Remove it.`,
      ),
  ];
}

/** How targets came out when they were last looked at, for a page. `all`: how many targets there are. */
export function mutationPart(outcomes: readonly Outcome[], all: number): string {
  const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const killed = sum((outcome) => outcome.killed + outcome.timedOut);
  const survived = sum((outcome) => outcome.survived);
  const rows = outcomes.map((outcome) =>
    [
      outcome.target,
      outcome.mutants,
      outcome.looked,
      outcome.invalid + outcome.same,
      outcome.killed + outcome.timedOut,
      outcome.survived,
      outcome.score.toFixed(2),
    ].map(String),
  );
  return [
    `${outcomes.length} of ${all} targets were looked at: ${killed} faults were noticed, ${survived} were not.`,
    "",
    markdownTable(
      ["target", "mutants", "looked at", "no faults", "noticed", "survived", "score"],
      rows,
      new Set([1, 2, 3, 4, 5, 6]),
    ),
  ].join("\n");
}
