import { buildModule } from "@nomicfoundation/ignition-core";

import type { Authority } from "./Authority.js";
import type { Identity } from "./Identity.js";

/**
 * The List of Waste, who handles waste, containers, lots, and certificates of what was recycled. Parameter:
 * `recyclingURI`, where the certificates' metadata are.
 */
export function buildWaste(authority: Authority, identity: Identity) {
  return buildModule("Waste", (m) => {
    const { manager } = m.useModule(authority);
    const { identities, credentials } = m.useModule(identity);
    const materialCodes = m.contract("MaterialCodes", [manager]);
    const wasteOperators = m.contract("WasteOperators", [manager, identities, credentials]);
    const containers = m.contract("Containers", [manager, materialCodes, wasteOperators, credentials]);
    const wasteLots = m.contract("WasteLots", [manager, containers]);
    const recyclingCertificates = m.contract("RecyclingCertificates", [wasteLots, m.getParameter("recyclingURI", "")]);
    return { materialCodes, wasteOperators, containers, wasteLots, recyclingCertificates };
  });
}

export type Waste = ReturnType<typeof buildWaste>;
