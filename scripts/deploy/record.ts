/** The record of a deployment, `deployments/<chainId>.json`: what stands where, who holds what, and how it was made. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import { keccak256 } from "ethers";

import type { Body, RoleName } from "../../ignition/authority.js";
import type { CityAddresses } from "../../sdk/index.js";
import { DeployError, gistOf } from "./errors.js";
import type { CityModuleName } from "./parameters.js";
import type { TimelockRecord } from "./powers.js";

/** A contract or a linked library of the city. */
export interface ContractRecord {
  readonly address: string;
  /** Source and name. */
  readonly contract: string;
  /** Version of the compiler, as the code's own metadata says; absent where it has none. */
  readonly solc?: string;
  /** Keccak-256 of the code that runs there. */
  readonly codeHash: string;
}

/** A role with who holds it. */
export interface RoleRecord {
  readonly id: number;
  readonly body: Body;
  readonly holder: string;
  /** Seconds. */
  readonly executionDelay: number;
  readonly guardian?: RoleName;
  /** Seconds. */
  readonly grantDelay?: number;
}

/** Everything in a record. */
export interface DeploymentRecord {
  readonly chainId: number;
  /** Name of the network in hardhat.config.ts. */
  readonly network: string;
  readonly module: CityModuleName;
  readonly deployer: string;
  /** Block of the first transaction. */
  readonly firstBlock: number;
  /** Block of the last one, from which on the city is complete. */
  readonly block: number;
  readonly transactions: number;
  /** Of all transactions together. */
  readonly gas: number;
  readonly compiler: {
    readonly version: string;
    readonly settings: unknown;
    /** Settings of files that have their own. */
    readonly overrides: Readonly<Record<string, unknown>>;
  };
  readonly admin: {
    readonly account: string;
    /** The AdminHandover that holds the role until the admin takes it. */
    readonly handover: string;
    readonly accepted: boolean;
  };
  /** As the SDK's connectCity takes them. */
  readonly addresses: Required<CityAddresses>;
  /** By their names in the deployment modules. */
  readonly contracts: Readonly<Record<string, ContractRecord>>;
  readonly roles: Readonly<Record<RoleName, RoleRecord>>;
  /** Roles of the timelock that ballots take effect through, which are its own and none of the table's. */
  readonly timelock: TimelockRecord;
  /** As they were given. */
  readonly parameters: unknown;
}

/** The record of a chain in a folder. */
export function recordOf(folder: string, chainId: bigint): string {
  return join(folder, `${chainId}.json`);
}

/**
 * Reads the record of a chain.
 *
 * @returns Undefined if there is none.
 * @throws DeployError if it is broken, or of another chain than its name says.
 */
export function readRecord(folder: string, chainId: bigint): DeploymentRecord | undefined {
  const file = recordOf(folder, chainId);
  if (!existsSync(file)) return undefined;
  let record: Partial<DeploymentRecord>;
  try {
    record = JSON.parse(readFileSync(file, "utf8")) as Partial<DeploymentRecord>;
  } catch (error) {
    throw new DeployError(`${file} is no JSON (${gistOf(error)}). Restore it, or set it aside by --reset.`, {
      cause: error,
    });
  }
  if (record.chainId === undefined || record.contracts === undefined || record.admin === undefined) {
    throw new DeployError(`${file} is no record of a deployment. Restore it, or set it aside by --reset.`);
  }
  if (BigInt(record.chainId) !== chainId) {
    throw new DeployError(
      `${file} is the record of chain ${record.chainId}, but the network is chain ${chainId}. ` +
        "Name the network that is meant, restore the file, or set it aside by --reset.",
    );
  }
  return record as DeploymentRecord;
}

/** Writes a record, in one step, so that it is never half written. */
export function writeRecord(folder: string, record: DeploymentRecord): string {
  const file = recordOf(folder, BigInt(record.chainId));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${toText(record)}\n`);
  renameSync(`${file}.new`, file);
  return file;
}

/** JSON with big numbers as a file of parameters has them. */
export function toText(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? `${one}n` : one), 2);
}

/** JSON that is the same for tables that differ in order only. */
export function canonical(value: unknown): string {
  const ordered = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(ordered);
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(
      Object.entries(one)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, inner]) => [key, ordered(inner)]),
    );
  };
  return JSON.stringify(ordered(JSON.parse(toText(value))));
}

/**
 * Checks that the chain still has what a record says.
 *
 * @throws DeployError for the first address where code is gone or another.
 */
export async function checkCode(
  file: string,
  contracts: DeploymentRecord["contracts"],
  provider: EIP1193Provider,
  networkName: string,
): Promise<void> {
  for (const [name, { address, codeHash }] of Object.entries(contracts)) {
    const code = await codeAt(provider, address);
    if (code === "0x") throw staleError(file, name, address, networkName, "has no code");
    if (keccak256(code) !== codeHash) throw staleError(file, name, address, networkName, "has other code");
  }
}

/** The error for an address that is not what a file says. */
export function staleError(
  file: string,
  name: string,
  address: string,
  networkName: string,
  fault: string,
): DeployError {
  return new DeployError(
    `${file} says that ${name} stands at ${address}, where network ${networkName} ${fault}. ` +
      "Name the network that is meant; or, if the chain was begun anew, set the file aside and deploy again by --reset.",
  );
}

/** The code that runs at an address, "0x" if none. */
export async function codeAt(provider: EIP1193Provider, address: string): Promise<string> {
  return (await provider.request({ method: "eth_getCode", params: [address, "latest"] })) as string;
}

/** CBOR of the key "solc" and of a string of three bytes: what the compiler ends its code with. */
const SOLC_KEY = "64736f6c6343";
const VERSION_DIGITS = 6;

/** The version in the metadata at the end of code. */
export function solcOf(code: string): string | undefined {
  const at = code.lastIndexOf(SOLC_KEY);
  if (at === -1) return undefined;
  const digits = code.slice(at + SOLC_KEY.length, at + SOLC_KEY.length + VERSION_DIGITS);
  return digits
    .match(/../g)
    ?.map((byte) => parseInt(byte, 16))
    .join(".");
}

/** Sets files or folders aside under names that are free, and returns the new names. */
export function setAside(paths: readonly string[]): string[] {
  const present = paths.filter((path) => existsSync(path));
  const name = (path: string, count: number): string =>
    path.replace(/(\.json)?$/, (ending) => `-old-${count}${ending}`);
  let count = 1;
  while (present.some((path) => existsSync(name(path, count)))) ++count;
  return present.map((path) => {
    renameSync(path, name(path, count));
    return name(path, count);
  });
}
