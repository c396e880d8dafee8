import { buildModule } from "@nomicfoundation/ignition-core";

import { type Authority, openZeppelinArtifact } from "./Authority.js";

/**
 * Packs, telemetry, and the verifier for devices and accounts with P-256 keys. Parameter: `baseURI`, what a pack's
 * token URI begins with.
 */
export function buildBatteries(authority: Authority) {
  return buildModule("Batteries", (m) => {
    const { manager } = m.useModule(authority);
    const pack = m.contract("BatteryPack", [manager, m.getParameter("baseURI", "")]);
    const telemetry = m.contract("BatteryTelemetry", [manager, pack]);
    const p256Verifier = m.contract("ERC7913P256Verifier", openZeppelinArtifact("ERC7913P256Verifier"));
    return { pack, telemetry, p256Verifier };
  });
}
