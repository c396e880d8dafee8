import type { CityAddresses } from "./city.js";

/**
 * Public deployments by chain id: one import and one line for each file `deployments/<chainId>.json`, so that they are
 * part of the package wherever it is bundled.
 */
export const deployments: Readonly<Record<string, CityAddresses>> = {};
