/** The batteries' part for a reader. */
import { writeInstant } from "../../../sdk/importers/index.js";
import { writeEuro, writeWhole } from "../money.js";
import { type Report, tableOf } from "../table.js";
import type { BatteryOutcome, PackOutcome } from "./books.js";
import { CELLS, RATED_WH } from "./scale.js";

const BP_PER_PERCENT = 100n;
const SECONDS_PER_DAY = 86_400n;

/** Basis points as a percentage with two digits after the point. */
function writePercent(bp: bigint): string {
  return `${bp / BP_PER_PERCENT}.${(bp % BP_PER_PERCENT).toString().padStart(2, "0")} %`;
}

function writeRemedies({ remedies, swapped }: PackOutcome): string {
  const spans = remedies.map(({ cycle, endedCycle }) => (endedCycle === null ? `${cycle}` : `${cycle}–${endedCycle}`));
  if (spans.length === 0) return "never";
  return `cycle ${spans.join(", ")}${swapped ? ", then swapped" : ""}`;
}

export function writeReport({ accounts, life, packs, parties }: BatteryOutcome): Report {
  const shift = life.shift === 0n ? "" : ` Times are moved by ${life.shift / SECONDS_PER_DAY} days.`;
  const { entry, fleetProof, proof } = life.proof.made;
  return [
    "BATTERIES",
    "",
    `Each recorded cell stands for a pack of ${writeWhole(CELLS)} such cells, rated ${writeWhole(RATED_WH)} Wh. ` +
      `Times without a zone are read as UTC.${shift}`,
    "",
    tableOf(
      [
        { head: "Pack" },
        { head: "Cycles", right: true },
        { head: "First health", right: true },
        { head: "Last health", right: true },
        { head: "Below 70 %: rent abated" },
        { head: "Course of the lease" },
        { head: "State" },
      ],
      packs.map((pack) => [
        pack.id,
        writeWhole(pack.cycles),
        writePercent(pack.firstSohBp),
        writePercent(pack.lastSohBp),
        writeRemedies(pack),
        pack.course,
        pack.state,
      ]),
    ),
    "",
    "Leases, in euro (what was paid in, what of it became the owners', and what went back to the household)",
    tableOf(
      [
        { head: "Pack" },
        ...[
          "Days",
          "Paid in",
          "Rent",
          "Abated",
          "Late fees",
          "Overage",
          "Early fee",
          "Damages",
          "Price",
          "Returned",
        ].map((head) => ({ head, right: true })),
      ],
      packs.map(({ id, money }) => [
        id,
        writeWhole((money.endedAt - money.startedAt) / SECONDS_PER_DAY),
        ...[
          money.paidIn,
          money.rentEarned,
          money.abated,
          money.lateFees,
          money.overage,
          money.earlyFee,
          money.damages,
          money.buyout,
          money.returned,
        ].map(writeEuro),
      ]),
    ),
    "",
    "Parties, in euro",
    tableOf(
      [
        { head: "Party" },
        { head: "Minted", right: true },
        { head: "Withdrawn from the book", right: true },
        { head: "Balance", right: true },
      ],
      parties.map(({ balance, minted, name, withdrawn }) => [name, ...[minted, withdrawn, balance].map(writeEuro)]),
    ),
    "",
    `Readings: ${writeWhole(accounts.readingsAccepted)} accepted, ${accounts.readingsSkipped} refused, ` +
      `${accounts.readingsMarked} marked as implausible. Fleet roots: ${life.fleetRoots}. ` +
      `The minute ${writeInstant(entry.takenAt)} was proved with ${proof.length + fleetProof.length} hashes.`,
  ];
}
