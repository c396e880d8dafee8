/** Shows the source of a deployed city to the explorers of its chain. */
import { verifyContract } from "@nomicfoundation/hardhat-verify/verify";
import { getVerificationInformation, type VerifyInfo } from "@nomicfoundation/ignition-core";
import hre from "hardhat";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { type Connection, isDevelopment } from "./chain.js";
import { gistOf } from "./errors.js";

/** The explorers that Hardhat knows how to talk to. */
type Explorer = "etherscan" | "blockscout" | "sourcify";

/** What came of showing a city to one explorer. */
export interface Verified {
  readonly explorer: Explorer;
  readonly verified: number;
  /** Contracts that it did not take, with the reason. */
  readonly failed: readonly string[];
}

/**
 * The explorers that are asked about a chain: those that the configuration enables, that know the chain, and whose key,
 * if they need one, is set.
 */
export async function explorersOf(chainId: bigint): Promise<Explorer[]> {
  const descriptor = hre.config.chainDescriptors.get(chainId);
  if (descriptor === undefined || isDevelopment(chainId)) return [];
  const { blockscout, etherscan, sourcify } = hre.config.verify;
  const found: Explorer[] = [];
  if (etherscan.enabled && descriptor.blockExplorers.etherscan !== undefined && (await isKnown(etherscan.apiKey))) {
    found.push("etherscan");
  }
  if (blockscout.enabled && descriptor.blockExplorers.blockscout !== undefined) found.push("blockscout");
  if (sourcify.enabled) found.push("sourcify");
  return found;
}

async function isKnown(key: { get(): Promise<string> }): Promise<boolean> {
  try {
    return (await key.get()) !== "";
  } catch {
    return false;
  }
}

/**
 * Shows every contract that this project compiled to the explorers. What they know already is left alone, so it can be
 * called again. OpenZeppelin's own build of two contracts is not this project's to show.
 *
 * @param connection - The chain.
 * @param folder - Ignition's folder of the deployment.
 * @param explorers - Whom to show it.
 */
export async function showTo(
  connection: Connection,
  folder: string,
  explorers: readonly Explorer[],
): Promise<Verified[]> {
  const contracts: VerifyInfo[] = [];
  for await (const info of getVerificationInformation(folder)) {
    if (typeof info !== "string" && (await hre.artifacts.artifactExists(info.contract))) contracts.push(info);
  }
  // It asks the environment for a network, and is to be given the one that is open.
  const environment = Object.create(hre, {
    network: { value: { create: (): Promise<Connection> => Promise.resolve(connection) } },
  }) as HardhatRuntimeEnvironment;

  const results: Verified[] = [];
  for (const explorer of explorers) {
    const failed: string[] = [];
    for (const info of contracts) {
      try {
        await verifyContract({ ...info, provider: explorer }, environment);
      } catch (error) {
        failed.push(`${info.contract}: ${gistOf(error)}`);
      }
    }
    results.push({ explorer, verified: contracts.length - failed.length, failed });
  }
  return results;
}
