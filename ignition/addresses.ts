import type { CityAddresses } from "../sdk/city.js";
import { CITY_CONTRACTS } from "../sdk/records.js";

/** Contracts that tell their addresses. */
export type Deployed = Readonly<Record<(typeof CITY_CONTRACTS)[number], { getAddress(): Promise<string> }>>;

/** Where the contracts of a deployed city stand, as the SDK takes it. */
export async function addressesOf(deployed: Deployed): Promise<Required<CityAddresses>> {
  const entries = CITY_CONTRACTS.map(async (name) => [name, await deployed[name].getAddress()] as const);
  return Object.fromEntries(await Promise.all(entries)) as Record<(typeof CITY_CONTRACTS)[number], string>;
}
