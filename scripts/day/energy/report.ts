/** The energy part for a reader. */
import { writeEuro, writeWhole } from "../money.js";
import { type Report, tableOf } from "../table.js";
import type { EnergyOutcome } from "./books.js";
import { writePrice } from "./prices.js";
import { FEED_IN, FEEDER_FEE, GRID_FEE, MINIMUM_WH } from "./terms.js";

const SECONDS_PER_DAY = 86_400n;
/** Length of an instant such as 2017-06-16 08:00. */
const INSTANT_LENGTH = 16;

export function writeReport({ byRule, files, homes, intervals, life, settled, told }: EnergyOutcome): Report {
  const { data, district, shift } = life;
  const currency = data.currency.toUpperCase();
  const right = (head: string): { head: string; right: true } => ({ head, right: true });
  const moved = shift === 0n ? "" : ` Times are moved by ${shift / SECONDS_PER_DAY} days.`;
  const rule = byRule
    ? "In each interval every home bids its net need at retail less the grid fee, or offers its net surplus at the " +
      "feed-in price."
    : "Orders are those given.";
  return [
    "ENERGY",
    "",
    `${writeWhole(homes.length)} homes, in their order on ${district.feeders.length} feeders, and ` +
      `${writeWhole(intervals.length)} intervals of ${data.intervalLength} seconds, in UTC.${moved} ${rule}`,
    `Feed-in ${writePrice(FEED_IN)}, grid fee ${writePrice(GRID_FEE)}, inside a feeder ${writePrice(FEEDER_FEE)} ` +
      `${currency} per kWh; price step ${writePrice(data.tickSize)}; least order ${MINIMUM_WH} Wh. ` +
      "A unit of the data's currency is counted as a euro.",
    "",
    "Files of readings, Wh",
    tableOf(
      [
        { head: "File" },
        ...[
          "Meters",
          "Intervals",
          "Consumed",
          "Produced",
          "Used at home",
          "Traded",
          "From supplier",
          "To supplier",
        ].map(right),
      ],
      files.map((file) => [
        file.name,
        ...[
          file.meters,
          file.intervals,
          file.consumption_wh,
          file.production_wh,
          file.self_consumed_behind_meter_wh,
          file.matchable_between_homes_wh,
          file.grid_import_after_matching_wh,
          file.grid_export_after_matching_wh,
        ].map(writeWhole),
      ]),
    ),
    "",
    `Intervals: prices in ${currency} per kWh, energy in Wh, money in ${currency}`,
    tableOf(
      [
        { head: "Begins (UTC)" },
        ...[
          "Retail",
          "Price",
          "Traded",
          "Paid to sellers",
          "Grid fees",
          "From supplier",
          "Paid for it",
          "To supplier",
          "Got for it",
        ].map(right),
      ],
      intervals.map((interval) => [
        interval.startsAt.slice(0, INSTANT_LENGTH).replace("T", " "),
        writePrice(interval.retail),
        interval.price === null ? "none" : writePrice(interval.price),
        writeWhole(interval.volumeWh),
        writeEuro(interval.payments),
        writeEuro(interval.gridFees),
        writeWhole(interval.fromSupplierWh),
        writeEuro(interval.paidToSupplier),
        writeWhole(interval.toSupplierWh),
        writeEuro(interval.gotFromSupplier),
      ]),
    ),
    "",
    `Homes: energy in Wh, money in ${currency}`,
    tableOf(
      [
        { head: "Meter" },
        ...[
          "Feeder",
          "Bought",
          "Sold",
          "From supplier",
          "To supplier",
          "Paid for trades",
          "Got for trades",
          "Grid fees",
          "Paid supplier",
          "Got from supplier",
          "Certificates, Wh",
        ].map(right),
      ],
      homes.map((home) => [
        home.meterId,
        home.feeder.toString(),
        ...[home.boughtWh, home.soldWh, home.fromSupplierWh, home.toSupplierWh].map(writeWhole),
        ...[home.paidForTrades, home.gotForTrades, home.gridFees, home.paidToSupplier, home.gotFromSupplier].map(
          writeEuro,
        ),
        writeWhole(home.certificatesWh),
      ]),
    ),
    "",
    `Paid in: ${writeEuro([...told.deposited.values()].reduce((sum, amount) => sum + amount, 0n))} by homes and ` +
      `${writeEuro(told.toppedUp)} by the supplier. After settlement: accounts ${writeEuro(settled.accounts)}, supplier ` +
      `${writeEuro(settled.supplier)}, grid fees ${writeEuro(settled.gridFees)}, community pot ${writeEuro(settled.pot)}. ` +
      "All but the supplier's floor was withdrawn.",
    "",
    "Refused, and why",
    tableOf(
      [{ head: "What was tried" }, { head: "Reason" }, { head: "In words" }],
      life.refusals.all.map(({ attempt, message, reason }) => [attempt, reason, message]),
    ),
  ];
}
