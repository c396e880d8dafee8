/** Gas of operations against their peers', from what `npm run bench` measured. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Figures } from "../../lib/ceilings.js";
import { root } from "../../lib/project.js";
import type { RatiosChart } from "../charts.js";
import { writeWhole } from "../money.js";
import { tableOf } from "../table.js";

const FIGURES = join(root, "bench", "gas.json");
const DECIMALS = 3;

/** Charts, and the beginnings of the names of the operations that they show. */
const GROUPS: readonly { readonly title: string; readonly names: readonly string[] }[] = [
  { title: "Identity and credentials", names: ["identity", "credential"] },
  { title: "Batteries and leases", names: ["battery", "lease", "telemetry"] },
  { title: "Energy", names: ["energy"] },
  { title: "Waste and rewards", names: ["waste", "reward"] },
  { title: "Participation", names: ["ballot", "census"] },
];

/** The committed figures; none where there are none. */
export function readFigures(path = FIGURES): Figures {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Figures) : {};
}

/** A chart for each group that has operations with a peer. */
export function ratioCharts(figures: Figures): RatiosChart[] {
  const known = GROUPS.flatMap(({ names }) => names);
  const nameOf = (operation: string): string => operation.replace(/\..*$/, "");
  const isOther = (operation: string): boolean => !known.includes(nameOf(operation));
  return [...GROUPS, { title: "Others", names: [] }].flatMap(({ names, title }): RatiosChart[] => {
    const rows = Object.entries(figures)
      .flatMap(([operation, figure]) => {
        const isOwn = names.length === 0 ? isOther(operation) : names.includes(nameOf(operation));
        return isOwn && figure.ratio !== undefined ? [{ operation, ratio: figure.ratio, figure }] : [];
      })
      .sort((left, right) => left.ratio - right.ratio);
    if (rows.length === 0) return [];
    const less = rows.filter(({ ratio }) => ratio < 1).length;
    const optional = (value: number | undefined): string => (value === undefined ? "" : writeWhole(value));
    return [
      {
        kind: "ratios",
        id: `gas-${title.toLowerCase().replace(/\W+/g, "-")}`,
        title,
        text:
          `Gas of an operation by that of the contract that does the same job elsewhere, of an item where both are ` +
          `batches; ${less} of ${rows.length} take less. Each line of the scale is twice the one before.`,
        bars: rows.map(({ operation, ratio }) => ({ operation, ratio })),
        table: tableOf(
          [
            { head: "Operation" },
            ...["Gas", "Of an item", "Peer's gas", "Of its item", "Ratio"].map((head) => ({ head, right: true })),
            { head: "Peer" },
          ],
          rows.map(({ figure, operation, ratio }) => [
            operation,
            ...[figure.gas, figure.perItem, figure.peerGas, figure.peerPerItem].map(optional),
            ratio.toFixed(DECIMALS),
            figure.peer ?? "",
          ]),
        ),
      },
    ];
  });
}
