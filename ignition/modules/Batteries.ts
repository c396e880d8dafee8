import { buildModule } from "@nomicfoundation/ignition-core";

import type { Authority } from "./Authority.js";
import type { Finance } from "./Finance.js";
import type { Identity } from "./Identity.js";

/** The linked libraries that the lease book is made of. */
const LEASE_PARTS = [
  "LeaseActs",
  "LeaseChanges",
  "LeaseGuarantee",
  "LeaseOpening",
  "LeaseRent",
  "LeaseReturns",
] as const;

/** Packs, telemetry and leases. Parameter: `baseURI`, what a pack's token URI begins with. */
export function buildBatteries(authority: Authority, identity: Identity, finance: Finance) {
  return buildModule("Batteries", (m) => {
    const { manager } = m.useModule(authority);
    const { credentials } = m.useModule(identity);
    const { token } = m.useModule(finance);
    const pack = m.contract("BatteryPack", [manager, credentials, m.getParameter("baseURI", "")]);
    const telemetry = m.contract("BatteryTelemetry", [pack, credentials]);
    const libraries = Object.fromEntries(LEASE_PARTS.map((name) => [name, m.library(name)]));
    const lease = m.contract("BatteryLease", [manager, token, pack, telemetry], { libraries });
    return { pack, telemetry, lease };
  });
}
