import { buildModule } from "@nomicfoundation/ignition-core";

import { type Addresses, addressOf, type Authority } from "./Authority.js";
import type { Finance } from "./Finance.js";
import type { Identity } from "./Identity.js";

const DAY = 24 * 60 * 60;
/** A cent in base units of a token of 6 decimals. */
const CENT = 10_000n;
const EURO = 100n * CENT;

/** The linked libraries that the market is made of. */
const MARKET_PARTS = [
  "EnergyAccounts",
  "EnergyAgreements",
  "EnergyClearing",
  "EnergyMoney",
  "EnergyOrders",
  "EnergySettlement",
  "EnergyViews",
  "EnergyVoid",
] as const;

/**
 * Meters and tariffs, readings, the neighbours' market, certificates of origin, and sharing. Supplier, grid operator and
 * community are the bodies' own identities.
 *
 * Parameters of the clock: `intervalLength` and `keyDelay` in seconds, `horizon` in intervals. Of the market:
 * `moneyUnit` in token units; `gateLead` and `longStop` in seconds; `minimumWh`; `supplierFloor` in money units. Of the
 * readings: `readingWindow` and `amendDuration` in seconds, `readingToleranceBp`, `readingToleranceWh` (a Wh of rounding
 * for each of the most meters that a feeder has), `readingBond` and `readingPenalty` in token units. Of certificates: `certificateURI`, where their metadata are; `certificateDomain`, the area whose body
 * issues them; `storageEfficiencyBp`, what of the energy that enters a battery counts as coming out again.
 */
export function buildEnergy(authority: Authority, identity: Identity, finance: Finance, addresses: Addresses) {
  return buildModule("Energy", (m) => {
    const { manager } = m.useModule(authority);
    const { identities, credentials } = m.useModule(identity);
    const { token } = m.useModule(finance);
    const supplier = addressOf(m, "supplier", addresses);
    const gridOperator = addressOf(m, "gridOperator", addresses);
    const community = addressOf(m, "community", addresses);

    const energyRegistry = m.contract("EnergyRegistry", [
      manager,
      m.getParameter("intervalLength", 900),
      m.getParameter("horizon", 96),
      m.getParameter("keyDelay", DAY),
    ]);
    const meterReadings = m.contract("MeterReadings", [
      token,
      energyRegistry,
      identities,
      credentials,
      {
        window: m.getParameter("readingWindow", DAY),
        amendDuration: m.getParameter("amendDuration", 60 * DAY),
        toleranceBp: m.getParameter("readingToleranceBp", 500),
        toleranceWh: m.getParameter("readingToleranceWh", 256),
        community,
        minimumBond: m.getParameter("readingBond", 1_000n * EURO),
        penalty: m.getParameter("readingPenalty", EURO),
      },
    ]);
    const libraries = Object.fromEntries(MARKET_PARTS.map((name) => [name, m.library(name)]));
    const moneyUnit = m.getParameter("moneyUnit", 1n);
    const settings = {
      moneyUnit,
      gateLead: m.getParameter("gateLead", 300),
      longStop: m.getParameter("longStop", 7 * DAY),
      minimumWh: m.getParameter("minimumWh", 10),
      supplierFloor: m.getParameter("supplierFloor", 100n * EURO),
    };
    const energyMarket = m.contract(
      "EnergyMarket",
      [manager, token, meterReadings, supplier, gridOperator, community, settings],
      { libraries },
    );
    const energyCertificates = m.contract("EnergyCertificates", [
      meterReadings,
      m.getParameter("certificateURI", ""),
      m.getParameter("certificateDomain", 1),
      m.getParameter("storageEfficiencyBp", 8_500),
    ]);
    const energySharing = m.contract("EnergySharing", [token, moneyUnit, meterReadings, identities, gridOperator]);
    return { energyRegistry, meterReadings, energyMarket, energyCertificates, energySharing };
  });
}
