/** The waste part for a reader. */
import { describeRepeated } from "../../../sdk/importers/index.js";
import { nameIn, RewardLimit } from "../../../sdk/index.js";
import { certificateKind, wasteCodeText } from "../../../sdk/waste/index.js";
import { writeEuro, writeWhole } from "../money.js";
import { type Line, type Report, type TableData, tableOf } from "../table.js";
import type { CollectorOutcome, WasteOutcome } from "./books.js";
import { sumOf } from "./custody.js";
import { fates, type MassFate } from "./lineage.js";
import { recyclingOf } from "./plan.js";
import { SECONDS_PER_DAY } from "./terms.js";

const GRAMS_PER_KG = 1_000n;
const GRAM_DIGITS = 3;

const FATE_HEADS: Readonly<Record<MassFate, string>> = {
  collected: "Collected",
  transitGain: "Gained in transit",
  recycled: "Recycled",
  recovered: "Recovered",
  disposed: "Disposed of",
  exported: "Exported",
  processLoss: "Lost in processes",
  transitLoss: "Lost in transit",
  open: "Not ended",
};

export function writeReport(outcome: WasteOutcome): Report {
  const { life } = outcome;
  const { data, loads, shift, town } = life;
  const moved = shift === 0n ? "" : ` Times are moved by ${shift / SECONDS_PER_DAY} days.`;
  const repeated = data.repeated.map((row) => `Told and kept: ${describeRepeated(row)}.`);
  return [
    "WASTE",
    "",
    `${writeWhole(data.tickets.length)} tickets of ${writeWhole(town.containers.size)} containers, ` +
      `${writeWhole(town.bins.size)} bins with ${writeWhole(data.fills.length)} readings, and ` +
      `${writeWhole(town.materials.size)} codes, of which the files list ${writeWhole(data.listed.codes)}.${moved}`,
    ...repeated,
    ...(data.silent.length === 0 ? [] : [`Bins without readings, left out: ${data.silent.join(", ")}.`]),
    "",
    `Where every kilogram went, in ${writeWhole(loads.count)} loads and ` +
      `${writeWhole(outcome.told.ledger.lots.length)} lots, kg`,
    fateTable(outcome.collectors),
    "",
    ...binLines(outcome),
    "Certificates of recycled mass, kg",
    certificateTable(outcome),
    "",
    ...rewardLines(outcome),
    "Refused, and why",
    tableOf(
      [{ head: "What was tried" }, { head: "Reason" }, { head: "In words" }],
      life.refusals.all.map(({ attempt, message, reason }) => [attempt, reason, life.day.register.withNames(message)]),
    ),
  ];
}

function right(head: string): { head: string; right: true } {
  return { head, right: true };
}

/** Grams as kilograms. */
function writeKg(grams: bigint): string {
  return `${writeWhole(grams / GRAMS_PER_KG)}.${(grams % GRAMS_PER_KG).toString().padStart(GRAM_DIGITS, "0")}`;
}

function fateTable(collectors: readonly CollectorOutcome[]): TableData {
  const row = (name: string, tickets: number, of: (fate: MassFate) => bigint): string[] => [
    name,
    writeWhole(tickets),
    ...fates.map((fate) => writeKg(of(fate))),
  ];
  const sums = (rows: readonly CollectorOutcome[]) => (fate: MassFate) => sumOf(rows.map((one) => one[fate]));
  const count = (rows: readonly CollectorOutcome[]): number => rows.reduce((sum, { tickets }) => sum + tickets, 0);
  const inData = collectors.filter((collector) => collector.inData);
  return tableOf(
    [{ head: "Collector" }, right("Tickets"), ...fates.map((fate) => right(FATE_HEADS[fate]))],
    [
      ...collectors.map((collector) =>
        row(
          collector.inData ? collector.name : `${collector.name}, mass by rule`,
          collector.tickets,
          (fate) => collector[fate],
        ),
      ),
      ...(inData.length === collectors.length ? [] : [row("all in the data", count(inData), sums(inData))]),
      row("all", count(collectors), sums(collectors)),
    ],
  );
}

function binLines({ life }: WasteOutcome): string[] {
  const { binDays, data, readings, tickets } = life;
  if (data.bins.length === 0) return [];
  const { alerts, byGateway, signed, unrecorded } = readings.counts;
  const planned = tickets.rounds.reduce((sum, round) => sum + round.planned, 0);
  const served = tickets.rounds.reduce((sum, round) => sum + round.served, 0);
  return [
    `Bins: ${writeWhole(binDays.length)} days, ${writeWhole(signed)} readings signed by devices and ` +
      `${writeWhole(byGateway)} brought by a gateway; ${writeWhole(alerts)} alerts, ${writeWhole(unrecorded)} ` +
      `emptyings without a ticket. The ${writeWhole(recyclingOf(data.bins).length)} bins for recycling were emptied on ` +
      `${writeWhole(tickets.rounds.length)} rounds: ${writeWhole(planned)} stops planned, ${writeWhole(served)} served.`,
    "",
  ];
}

function certificateTable({ told }: WasteOutcome): TableData {
  const codes = [...new Set(told.certificates.map(({ id }) => certificateKind(id).code))];
  const rows = codes.map((code) => told.certificates.filter(({ id }) => certificateKind(id).code === code));
  const line = (name: string, own: typeof told.certificates): string[] => [
    name,
    writeWhole(own.length),
    ...(["recycled", "issued", "retired", "active"] as const).map((part) =>
      writeKg(sumOf(own.map((one) => one[part]))),
    ),
  ];
  return tableOf(
    [{ head: "Code" }, ...["Kinds", "Recycled", "Issued", "Retired", "Active"].map(right)],
    [...rows.map((own, index) => line(wasteCodeText(codes[index] ?? 0), own)), line("all", told.certificates)],
  );
}

/** How often a cap cut something, by its name. */
function capLines(limited: ReadonlyMap<bigint, number>): string[] {
  if (limited.size === 0) return [];
  const caps = [...limited].map(([limit, count]) => `${nameIn(RewardLimit, limit)} ${writeWhole(count)}`);
  return [`Acts and deposits that a cap cut: ${caps.join(", ")}.`];
}

function rewardLines({ held, life, programmes, supply }: WasteOutcome): Line[] {
  const { rewards, shop } = life;
  if (rewards === undefined) return [];
  const lines: Line[] = [
    `Rewards of ${writeWhole(rewards.residents.length)} residents, tokens`,
    tableOf(
      [
        { head: "Programme" },
        ...["Claims", "Earned", "Cut to what was weighed", "Voided", "Waiting", "Paid"].map(right),
      ],
      programmes.map(({ claims, cut, earned, name, released, voided, waiting }) => [
        name,
        writeWhole(claims),
        ...[earned, cut, voided, waiting, released].map(writeEuro),
      ]),
    ),
    ...capLines(rewards.book.limited),
    "",
  ];
  if (shop === undefined) return lines;
  const { burned, items, money, refunded } = shop;
  return [
    ...lines,
    "What tokens bought",
    tableOf(
      [{ head: "Item" }, ...["Tokens", "Euro", "Bought", "Used", "Given back"].map(right)],
      items.map((item) => [
        item.name,
        writeEuro(item.price),
        writeEuro(item.faceValue),
        writeWhole(item.bought),
        writeWhole(item.used),
        writeWhole(item.refunded),
      ]),
    ),
    "",
    `Tokens spent ${writeEuro(burned)}, given back ${writeEuro(refunded)}, with residents ${writeEuro(held)} of ` +
      `${writeEuro(supply)}. Euro paid into the pool ${writeEuro(money.paidIn)}: to the shop ${writeEuro(money.toMerchant)}, ` +
      `fees ${writeEuro(money.fees)}, taken back ${writeEuro(money.withdrawn)}.`,
    "",
  ];
}
