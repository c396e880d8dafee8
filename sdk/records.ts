/** Records of deployments, `deployments/<chainId>.json`, as `npm run deploy` writes them. */
import { type ContractRunner, isAddress, keccak256, type Provider } from "ethers";

import { type City, type CityAddresses, connectCity } from "./city.js";

/** What of a record the SDK uses; a record has more. */
export interface Deployment {
  readonly chainId: bigint;
  readonly addresses: CityAddresses;
  /** Block of the first transaction; events of the city are to be looked for from here. */
  readonly firstBlock: number;
  /** Contracts and linked libraries, by their names in the deployment modules, with keccak256 of the code that runs there. */
  readonly contracts: Readonly<Record<string, { readonly address: string; readonly codeHash: string }>>;
}

/** A city together with what its record says of it. */
export interface DeployedCity {
  readonly city: City;
  readonly deployment: Deployment;
}

/** A record of a deployment cannot be used, or not on this chain. */
export class DeploymentError extends Error {
  override readonly name = "DeploymentError";
  /** What is wrong: a field of the record, `chainId`, `provider`, or the contract whose code is not as recorded. */
  readonly field: string;
  /** What was found there. */
  readonly value: unknown;

  /** @internal */
  constructor(field: string, value: unknown, message: string) {
    super(message);
    this.field = field;
    this.value = value;
  }
}

/** Addresses that a city may lack. */
const OPTIONAL = ["manager", "p256Verifier"] as const;
const REQUIRED = [
  "identities",
  "credentials",
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

/** Every contract that {@link CityAddresses} names. */
export const CITY_CONTRACTS = [...OPTIONAL, ...REQUIRED] as const satisfies readonly (keyof CityAddresses)[];

const WRITE = "Take the file that npm run deploy wrote for your chain, deployments/<chainId>.json.";
const HASH = /^0x[\da-f]{64}$/i;

/**
 * Reads a record.
 *
 * @param record - The record, parsed from its JSON.
 * @returns Where the city stands. Nothing is asked of a chain; see {@link connectDeployment}.
 * @throws DeploymentError for a field that is missing or is not what it should be.
 */
export function readDeployment(record: unknown): Deployment {
  const { chainId, addresses, contracts, firstBlock } = tableIn(record, "record");
  if (typeof chainId !== "number" || !Number.isSafeInteger(chainId) || chainId < 1)
    throw fieldError("chainId", chainId);
  if (typeof firstBlock !== "number" || !Number.isSafeInteger(firstBlock) || firstBlock < 0) {
    throw fieldError("firstBlock", firstBlock);
  }
  const given = tableIn(addresses, "addresses");
  const found: Partial<Record<keyof CityAddresses, string>> = {};
  const present = OPTIONAL.filter((name) => given[name] !== undefined);
  for (const name of [...REQUIRED, ...present]) {
    const address = given[name];
    if (!isAddress(address)) throw fieldError(`addresses.${name}`, address);
    found[name] = address;
  }
  const stands = Object.entries(tableIn(contracts, "contracts")).map(([name, contract]) => {
    const { address, codeHash } = tableIn(contract, `contracts.${name}`);
    if (!isAddress(address)) throw fieldError(`contracts.${name}.address`, address);
    if (typeof codeHash !== "string" || !HASH.test(codeHash)) throw fieldError(`contracts.${name}.codeHash`, codeHash);
    return [name, { address, codeHash }] as const;
  });
  return {
    chainId: BigInt(chainId),
    addresses: found as CityAddresses,
    firstBlock,
    contracts: Object.fromEntries(stands),
  };
}

/**
 * Connects to a city by its record, after making sure that it is the one that stands there.
 *
 * @param record - The record, parsed from its JSON.
 * @param runner - A provider to read, a signer to read and write.
 * @returns The city's contracts, and what the record says.
 * @throws DeploymentError if the record is none, the runner has no provider or is on another chain, or an address of the
 * city has no code or other code than when it was deployed.
 * @throws What the provider throws if the chain cannot be asked.
 */
export async function connectDeployment(record: unknown, runner: ContractRunner): Promise<DeployedCity> {
  const deployment = readDeployment(record);
  const { provider } = runner;
  if (!provider) {
    throw new DeploymentError("provider", provider, "The runner has no provider. Connect the signer to one first.");
  }
  await checkDeployment(deployment, provider);
  return { city: connectCity(deployment.addresses, runner), deployment };
}

/**
 * Checks that a chain is the one of a record and has its contracts.
 *
 * @param deployment - What {@link readDeployment} returned.
 * @param provider - The chain.
 * @throws DeploymentError for another chain, and for the first address with no code, with other code than recorded, or of
 * whose code nothing is recorded.
 */
export async function checkDeployment(deployment: Deployment, provider: Provider): Promise<void> {
  const { chainId } = await provider.getNetwork();
  if (chainId !== deployment.chainId) {
    throw new DeploymentError(
      "chainId",
      chainId,
      `The provider is on chain ${chainId}, but the record is of chain ${deployment.chainId}. ` +
        `Switch the wallet or the provider to chain ${deployment.chainId}, or take deployments/${chainId}.json.`,
    );
  }
  const recorded = new Map(
    Object.values(deployment.contracts).map(({ address, codeHash }) => [address.toLowerCase(), codeHash.toLowerCase()]),
  );
  const addresses = Object.entries(deployment.addresses) as [keyof CityAddresses, string][];
  const codes = await Promise.all(addresses.map(async ([, address]) => provider.getCode(address)));
  for (const [index, [name, address]] of addresses.entries()) {
    const code = codes[index] ?? "0x";
    const wanted = recorded.get(address.toLowerCase());
    const unknown = wanted === undefined ? "code without a hash in the record" : undefined;
    const fault = code === "0x" ? "no code" : (unknown ?? (keccak256(code) === wanted ? undefined : "other code"));
    if (fault === undefined) continue;
    throw new DeploymentError(
      name,
      address,
      `Chain ${chainId} has ${fault} at ${address}, where the record says that ${name} stands. ` +
        "The chain was begun anew, or the file is of another one: deploy again, or take the file of the present city.",
    );
  }
}

function tableIn(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw fieldError(field, value);
  return value as Readonly<Record<string, unknown>>;
}

function fieldError(field: string, value: unknown): DeploymentError {
  return new DeploymentError(
    field,
    value,
    `The record of the deployment is not one: ${field} is ${shown(value)}. ${WRITE}`,
  );
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const simple = typeof value === "string" || typeof value === "number" || typeof value === "bigint";
  return simple ? `"${value.toString().slice(0, 80)}"` : "of another kind";
}
