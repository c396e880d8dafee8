import { buildModule } from "@nomicfoundation/ignition-core";

import { type Authority, openZeppelinArtifact } from "./Authority.js";

/** Identities, credentials, and the verifier of P-256 keys, which devices and people without an account sign with. */
export function buildIdentity(authority: Authority) {
  return buildModule("Identity", (m) => {
    const { manager } = m.useModule(authority);
    const identities = m.contract("Identities");
    const credentials = m.contract("Credentials", [manager, identities]);
    const p256Verifier = m.contract("ERC7913P256Verifier", openZeppelinArtifact("ERC7913P256Verifier"));
    return { identities, credentials, p256Verifier };
  });
}

export type Identity = ReturnType<typeof buildIdentity>;
