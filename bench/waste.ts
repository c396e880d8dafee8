/**
 * Operations of the waste module. Unless the key says otherwise, containers have reported and were emptied before, and
 * sums were counted before; a lot is new in every measurement.
 */
import { MAX_CODES_PER_CALL } from "../sdk/waste/index.js";
import type { Chain } from "./chain.js";
import { BATTERIES, type Depot, LOT_GRAMS } from "./depot.js";
import type { Handouts } from "./handouts.js";
import type { Kiosk } from "./kiosk.js";
import type { Operations } from "./operation.js";
import { HOUR } from "./town.js";

export interface WasteStage {
  readonly chain: Chain;
  readonly depot: Depot;
  readonly kiosk: Kiosk;
  readonly handouts: Handouts;
}

const ALL = 32;
const ROUTE = 20;
/** Of the lots that the plant has, one that nothing was done to. */
const WHOLE = 15;
/** Mass that comes, within the tolerance. */
const BELOW_SENT = LOT_GRAMS - 1_500n;

export const wasteOperations: Operations<WasteStage> = {
  "waste.fill": {
    measure: async ({ chain, depot }) => {
      chain.pass(HOUR);
      return depot.report(depot.bin(0));
    },
  },
  "waste.fillFirst": {
    measure: async ({ depot }) => depot.report(await depot.newBin()),
  },
  "waste.fillAlert": {
    measure: async ({ chain, depot }) => {
      chain.pass(HOUR);
      return depot.report(depot.bin(0), 9_000);
    },
  },
  "waste.fill32": {
    items: ALL,
    measure: async ({ chain, depot }) => {
      chain.pass(HOUR);
      return depot.reportMany();
    },
  },
  "waste.fillPacked32": {
    items: ALL,
    measure: async ({ chain, depot }) => {
      chain.pass(HOUR);
      return depot.reportPacked();
    },
  },
  "waste.ticket": {
    measure: async ({ chain, depot }) => {
      chain.pass(HOUR);
      return depot.collect(depot.bin(0));
    },
  },
  "waste.ticketOnRoute": {
    measure: async ({ chain, depot }) => {
      chain.pass(HOUR);
      return depot.collect(depot.bin(0), { routeId: depot.route });
    },
  },
  "waste.ticketHazardous": {
    measure: async ({ chain, depot }) => {
      chain.pass(HOUR);
      return depot.collect(depot.bin(0), { code: BATTERIES });
    },
  },
  "waste.ticket20": {
    items: ROUTE,
    measure: async ({ chain, depot }) => {
      chain.pass(HOUR);
      return depot.collectMany(depot.bins.slice(0, ROUTE));
    },
  },
  "waste.custody": { measure: async ({ depot }) => depot.deliver(depot.undelivered) },
  "waste.custodyDifference": {
    measure: async ({ depot }) => depot.deliver(depot.undelivered, { receivedGrams: BELOW_SENT }),
  },
  "waste.custodyRelayed": {
    measure: async ({ depot }) => depot.deliver(depot.undelivered, { relayed: true }),
  },
  "waste.group10": { measure: async ({ depot }) => depot.group() },
  "waste.process10to3": { measure: async ({ depot }) => depot.process() },
  "waste.finalise": { measure: async ({ depot }) => depot.finalise(WHOLE) },
  "waste.revisePropose": { measure: async ({ depot }) => (await depot.revise(WHOLE)).proposal },
  "waste.reviseApprove": { measure: async ({ depot }) => (await depot.revise(WHOLE)).approval },
  "waste.codesLoad": { items: MAX_CODES_PER_CALL, measure: async ({ depot }) => depot.loadCodes() },
  "waste.certificate": {
    measure: async ({ depot }) => depot.certify(),
    peer: {
      name: "OpenZeppelin ERC1155: mint",
      measure: async ({ handouts }) => handouts.mintWeight(),
    },
  },
  "waste.retire": {
    measure: async ({ depot }) => depot.retire(),
    peer: {
      name: "OpenZeppelin ERC1155Burnable: burn",
      measure: async ({ handouts }) => handouts.burnWeight(),
    },
  },
};
