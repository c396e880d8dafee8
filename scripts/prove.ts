// Proves what the harnesses in test/proofs/ state of the pure libraries, with the compiler's model checker and the solver z3,
// and prints how each property came out. Fails on a counterexample, on a property whose assertions nothing reaches, and when
// what is proved differs from test/proofs/proved.json.
//
//   npm run prove -- [names of harnesses or properties to prove alone] [--seconds N] [--write]

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { tableOf, writeTable } from "./day/table.js";
import { readText, report, root } from "./lib/project.js";
import { harnesses, NO_SOLVER, proofFaults, type Proof, PROVED, prove, SECONDS, solverVersion } from "./lib/proofs.js";

const { values, positionals } = parseArgs({
  options: { seconds: { type: "string", default: String(SECONDS) }, write: { type: "boolean", default: false } },
  allowPositionals: true,
});
const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};
const seconds = Number(values.seconds);
if (!Number.isInteger(seconds) || seconds < 1) {
  fail(`--seconds is ${values.seconds}, but must be a whole number of seconds from 1 on.`);
}
const solver = solverVersion() ?? fail(NO_SOLVER);

const all = harnesses().flatMap((harness) =>
  [...harness.properties.keys()].map((name) => ({ harness, name, property: `${harness.contract}.${name}` })),
);
const isMeant = (word: string, { harness, property }: (typeof all)[number]): boolean =>
  word === harness.contract || word === property;
for (const word of positionals) {
  if (!all.some((entry) => isMeant(word, entry))) {
    fail(
      `There is no harness or property ${word}. Harnesses are the contracts in test/proofs/, properties their functions.`,
    );
  }
}
const chosen = all.filter((entry) => positionals.length === 0 || positionals.some((word) => isMeant(word, entry)));

console.log(`${solver}; ${chosen.length} properties, ${seconds} s for each assertion`);
const proofs: Proof[] = [];
for (const { harness, name } of chosen) {
  const proof = prove(harness, name, seconds);
  proofs.push(proof);
  console.log(
    `${String(proofs.length).padStart(4)} of ${chosen.length}  ${proof.verdict.padEnd(14)}  ${proof.property}`,
  );
}

console.log(
  writeTable(
    tableOf(
      [
        { head: "property" },
        { head: "what it states" },
        { head: "outcome" },
        { head: "by" },
        { head: "seconds", right: true },
      ],
      proofs.map(({ property, verdict, engines, example, seconds: spent }, index) => [
        property,
        chosen[index]?.harness.properties.get(chosen[index].name) ?? "",
        example === undefined ? verdict : `${verdict}: ${example}`,
        engines.join(", "),
        spent.toFixed(1),
      ]),
    ),
  ),
);
const proved = proofs.filter(({ verdict }) => verdict === "proved").map(({ property }) => property);
const outcome = `${proved.length} of ${proofs.length} properties are proved.`;
if (values.write) {
  if (positionals.length > 0) fail("--write keeps the whole list, so it goes without names. Leave one of them out.");
  writeFileSync(join(root, PROVED), `${JSON.stringify(proved.sort(), undefined, 2)}\n`);
  console.log(`${outcome} Written to ${PROVED}.`);
} else {
  const known = JSON.parse(readText(PROVED)) as string[];
  report(proofFaults(proofs, known, positionals.length === 0), outcome);
}
