import type { CityAddresses } from "../sdk/city.js";

/** What of a deployment the SDK connects to. */
const connected = [
  "manager",
  "identities",
  "credentials",
  "p256Verifier",
  "token",
  "pack",
  "telemetry",
  "lease",
  "energyRegistry",
  "meterReadings",
  "energyMarket",
  "energyCertificates",
  "energySharing",
  "materialCodes",
  "wasteOperators",
  "containers",
  "wasteLots",
  "recyclingCertificates",
  "ecoToken",
  "ecoRewards",
  "redemption",
  "census",
  "proofVerifier",
  "ballotBox",
  "timelock",
  "ballotExecutor",
] as const satisfies readonly (keyof CityAddresses)[];

/** Contracts that tell their addresses. */
export type Deployed = Readonly<Record<(typeof connected)[number], { getAddress(): Promise<string> }>>;

/** Where the contracts of a deployed city stand, as the SDK takes it. */
export async function addressesOf(deployed: Deployed): Promise<Required<CityAddresses>> {
  const entries = connected.map(async (name) => [name, await deployed[name].getAddress()] as const);
  return Object.fromEntries(await Promise.all(entries)) as Record<(typeof connected)[number], string>;
}
