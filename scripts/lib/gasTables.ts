/** What the bench measured, in tables for a reader. */

import type { Figure, Figures, Limits } from "./ceilings.js";
import { markdownTable } from "./pages.js";

/** An operation that the front page shows. */
interface Shown {
  readonly operation: string;
  readonly words: string;
}

/** One or two operations of each module, with those that are dearest beside their peers. */
const SHOWN: readonly Shown[] = [
  { operation: "identity.setAttribute", words: "An attribute of an identity" },
  { operation: "credential.issueMany50", words: "A credential, 50 at once" },
  { operation: "battery.register", words: "A battery pack with its passport" },
  { operation: "telemetry.readings50", words: "A signed reading, 50 at once" },
  { operation: "lease.payRent", words: "Rent that extends a right of use" },
  { operation: "energy.postOrderBatch1000", words: "An order, 1,000 at once" },
  { operation: "energy.orderLife", words: "An order's whole life, 1,000 of an interval" },
  { operation: "energy.orderLifeWith2", words: "The same, 2 of an interval" },
  { operation: "waste.certificate", words: "A certificate of recycled mass" },
  { operation: "reward.claim17", words: "A claim from an epoch of 131,072" },
  { operation: "ballot.account", words: "A vote in person" },
  { operation: "ballot.sigBatch10", words: "A signed vote, 10 at once" },
  { operation: "ballot.anonymousBatch20", words: "A secret vote, 20 at once" },
  { operation: "ballot.sealed", words: "A sealed vote" },
  { operation: "ballot.publish", words: "A ballot, published" },
  { operation: "census.addMember100", words: "An entry of a roll, 100 at once" },
];

const HUNDREDTHS = 2;

function whole(value: number): string {
  return value.toLocaleString("en");
}

/** Gas of an operation or, of a batch, of each item. */
function own({ gas, perItem }: Figure): number {
  return perItem ?? gas;
}

/** The peer's figure that the ratio compares; empty where there is no peer. */
function peers(figure: Figure): string {
  const { peerGas, peerPerItem, ratio } = figure;
  if (peerGas === undefined || ratio === undefined) return "";
  // Without a share of its own, a peer's batch is as large as ours.
  const items = figure.perItem === undefined ? 1 : Math.round(figure.gas / figure.perItem);
  return whole(peerPerItem ?? Math.ceil(peerGas / items));
}

function shownTable(figures: Figures): string {
  const rows = SHOWN.map(({ operation, words }) => {
    const figure = figures[operation];
    if (figure?.ratio === undefined) throw new Error(`bench/gas.json compares no operation ${operation} with a peer`);
    return [words, whole(own(figure)), peers(figure), figure.ratio.toFixed(HUNDREDTHS), figure.peer ?? ""];
  });
  return markdownTable(["Operation", "Gas", "Peer's gas", "Ratio", "Peer"], rows, new Set([1, 2, 3]));
}

function allTables(figures: Figures, limits: Limits): string {
  const groups = new Map<string, string[][]>();
  for (const [operation, figure] of Object.entries(figures)) {
    const [group = "", ...name] = operation.split(".");
    const limit = limits[operation];
    groups.set(group, [
      ...(groups.get(group) ?? []),
      [
        name.join("."),
        whole(figure.gas),
        figure.perItem === undefined ? "" : whole(figure.perItem),
        limit?.gas === undefined ? "" : whole(limit.gas),
        peers(figure),
        figure.ratio?.toFixed(HUNDREDTHS) ?? "",
        figure.peer ?? "",
      ],
    ]);
  }
  const head = ["Operation", "Gas", "Of an item", "Ceiling", "Peer's gas", "Ratio", "Peer"];
  return [...groups]
    .map(([group, rows]) => `## ${group}\n\n${markdownTable(head, rows, new Set([1, 2, 3, 4, 5]))}`)
    .join("\n\n");
}

/** The computed part of the front page. */
export function frontParts(figures: Figures): Readonly<Record<string, string>> {
  return { gas: shownTable(figures) };
}

/** The computed part of docs/gas.md. */
export function gasParts(figures: Figures, limits: Limits): Readonly<Record<string, string>> {
  return { operations: allTables(figures, limits) };
}
