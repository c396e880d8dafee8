// Mutation testing: plants one small fault after the other in the libraries that count money, energy, masses and votes and in
// the contracts that hold money, and looks whether the tests find it. Prints how each target came out and what survived.
// Fails on a target with fewer than 85 % of its mutants killed, on a survivor without a reason in
// test/mutation/survivors.json, and on a reason that no mutant has any more.
//
// The mutator is the project's own. Slither's starts a command of the shell for each mutant, here a build of all that imports
// it, which takes a minute; SuMo builds on a parser of Solidity far older than this project's. Here a mutant takes half a
// second of processor in a library and one to three in a large contract. See lib/mutation.ts for how.
//
//   npm run mutate -- [names of targets] [--sample N] [--seed N] [--seconds N] [--write]
//
// Each target is written when it is finished, so a run that was ended can go on with the names of the targets that are left.

import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { tableOf, writeTable } from "./day/table.js";
import { targets } from "./lib/mutation.js";
import { Judge } from "./lib/mutationJudge.js";
import { faultsOf, LEAST, type Outcome, OUTCOMES, type Reason, scoreOf, SURVIVORS } from "./lib/mutationReport.js";
import { type Mutant, mutantsOf } from "./lib/mutants.js";
import { readText, report, root } from "./lib/project.js";

const { values, positionals } = parseArgs({
  options: {
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    seconds: { type: "string", default: "120" },
    write: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};
const whole = (option: "sample" | "seconds" | "seed"): number => {
  const number = Number(values[option]);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  return fail(`--${option} is ${values[option] ?? ""}, but must be a whole number from 1 on.`);
};
const sample = values.sample === undefined ? undefined : whole("sample");
const seed = whole("seed");
const milliseconds = whole("seconds") * 1_000;
const all = targets();
for (const word of positionals) {
  if (!all.some(({ name }) => name === word))
    fail(`There is no target ${word}. Targets are: ${all.map(({ name }) => name).join(", ")}.`);
}
const chosen = all.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

/** Those of some mutants that are looked at: the same ones as long as they and the seed are the same. */
function sampled(mutants: readonly Mutant[], count: number | undefined): Mutant[] {
  if (count === undefined || count >= mutants.length) return [...mutants];
  const rank = ({ path, operator, original, mutant, start }: Mutant): string =>
    createHash("sha256")
      .update(JSON.stringify([seed, path, operator, original, mutant, start]))
      .digest("hex");
  const ranked = mutants
    .map((mutant) => ({ mutant, at: rank(mutant) }))
    .sort((left, right) => (left.at < right.at ? -1 : 1));
  const kept = new Set(ranked.slice(0, count).map(({ mutant }) => mutant));
  return mutants.filter((mutant) => kept.has(mutant));
}

const judge = new Judge(milliseconds);
const outcomes: Outcome[] = [];
const survivors: Mutant[] = [];
const possible: Mutant[] = [];
for (const target of chosen) {
  const mutants = mutantsOf(target.source, readText(target.source));
  possible.push(...mutants);
  const looked = sampled(mutants, sample ?? target.sample);
  const outcome: Outcome = {
    target: target.name,
    mutants: mutants.length,
    looked: looked.length,
    seed,
    invalid: 0,
    same: 0,
    killed: 0,
    timedOut: 0,
    survived: 0,
    score: 1,
  };
  const start = Date.now();
  for (const mutant of looked) {
    const { verdict } = await judge.judge(target, mutant);
    if (verdict === "survived") {
      survivors.push(mutant);
      console.log(`  survived: ${mutant.path}:${mutant.line} ${mutant.function} (${mutant.operator})`);
      console.log(`    - ${mutant.original}\n    + ${mutant.mutant}`);
    }
    ++outcome[verdict === "timed out" ? "timedOut" : verdict];
  }
  outcome.score = scoreOf(outcome);
  outcomes.push(outcome);
  const seconds = Math.round((Date.now() - start) / 1_000);
  console.log(
    `${outcomes.length} of ${chosen.length}  ${target.name}: ${(outcome.score * 100).toFixed(1)} % of ${looked.length - outcome.invalid - outcome.same} killed, ${seconds} s`,
  );
  if (values.write) {
    const known = existsSync(join(root, OUTCOMES)) ? (JSON.parse(readText(OUTCOMES)) as Outcome[]) : [];
    const order = all.map(({ name }) => name);
    const kept = known.filter((entry) => entry.target !== target.name && order.includes(entry.target));
    const sorted = [...kept, outcome].sort((left, right) => order.indexOf(left.target) - order.indexOf(right.target));
    writeFileSync(join(root, OUTCOMES), `${JSON.stringify(sorted, undefined, 2)}\n`);
  }
}
judge.end();

console.log(
  writeTable(
    tableOf(
      [
        { head: "target" },
        ...["mutants", "looked at", "not compiled", "same code", "killed", "timed out", "survived", "score"].map(
          (head) => ({ head, right: true }),
        ),
      ],
      outcomes.map((outcome) => [
        outcome.target,
        ...[
          outcome.mutants,
          outcome.looked,
          outcome.invalid,
          outcome.same,
          outcome.killed,
          outcome.timedOut,
          outcome.survived,
        ].map(String),
        `${(outcome.score * 100).toFixed(1)} %`,
      ]),
    ),
  ),
);
const reasons = JSON.parse(readText(SURVIVORS)) as Reason[];
report(
  faultsOf(outcomes, survivors, possible, reasons),
  `Each target has ${LEAST * 100} % of its mutants killed at least, and each survivor has its reason.`,
);
