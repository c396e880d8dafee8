/** The chain that is deployed to: opening it, whether it is the one that is meant, and what its deployment costs. */
import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import { formatEther, formatUnits, toQuantity } from "ethers";
import { config, network } from "hardhat";

import { readText } from "../lib/project.js";
import { DeployError } from "./errors.js";
import type { Parameters } from "./parameters.js";

export type Connection = Awaited<ReturnType<typeof network.create>>;

/** What the chain is called that lasts as long as the command. */
export const IN_PROCESS = "in-process";

/** Ids that development nodes have unless they are told another. */
const DEVELOPMENT_CHAINS = [31_337n, 1_337n];
/** Networks whose blocks are final as soon as they are there. */
const FINAL_AT_ONCE = ["besu"];
const CONFIRMATIONS = 5;

/** One part in so many. */
const MARGIN = 10n;
/** What a transaction can have at most (EIP-7825). */
const MOST_GAS = 16_777_216n;

/** Of the bench: the whole deployment, see bench/run.ts. */
const FIGURE = "deploy.city";

/** Whether a chain is somebody's own for trying things out, by its id. */
export function isDevelopment(chainId: bigint): boolean {
  return DEVELOPMENT_CHAINS.includes(chainId);
}

/** Blocks that a transaction needs on top of it, its own counted, before the next step relies on it. */
export function confirmationsOf(networkName: string, chainId: bigint): number {
  return isDevelopment(chainId) || FINAL_AT_ONCE.includes(networkName) ? 1 : CONFIRMATIONS;
}

/**
 * Opens a network of the configuration, or a chain in this process when none is named.
 *
 * @throws DeployError for a name that the configuration does not have.
 */
export async function openNetwork(name: string | undefined): Promise<Connection> {
  if (name === undefined) return network.create();
  if (config.networks[name] === undefined) {
    const known = Object.keys(config.networks).filter((one) => config.networks[one]?.type === "http");
    throw new DeployError(
      `hardhat.config.ts has no network ${name}. Name one of ${known.join(", ")} after --network, or add it there.`,
    );
  }
  return network.create(name);
}

/**
 * The id of the chain that answers.
 *
 * @throws DeployError if the configuration or the parameters mean another.
 */
export async function chainIdOf(connection: Connection, parameters: Parameters): Promise<bigint> {
  const { networkConfig, networkName, provider } = connection;
  const chainId = BigInt((await provider.request({ method: "eth_chainId" })) as string);
  const configured = networkConfig.chainId;
  if (configured !== undefined && BigInt(configured) !== chainId) {
    throw new DeployError(
      `Network ${networkName} is chain ${configured} in hardhat.config.ts, but its node is of chain ${chainId}. ` +
        "Point its address to the right node, or name the network that is meant.",
    );
  }
  if (parameters.chainId !== undefined && parameters.chainId !== chainId) {
    throw new DeployError(
      `${parameters.file ?? "The file of parameters"} is meant for chain ${parameters.chainId}, but network ` +
        `${networkName} is chain ${chainId}. Name the network or the file that is meant.`,
    );
  }
  return chainId;
}

/** Gas of a whole deployment, as the bench measured it. */
export function measuredGas(): bigint {
  const figures = JSON.parse(readText("bench/gas.json")) as Record<string, { gas: number } | undefined>;
  const figure = figures[FIGURE];
  if (figure === undefined) throw new Error(`bench/gas.json has no figure ${FIGURE}; run: npm run bench`);
  return BigInt(figure.gas);
}

/** What a transaction costs by the gas, in wei: nothing on a chain whose blocks ask nothing, whatever its node proposes. */
export async function priceOf(provider: EIP1193Provider): Promise<bigint> {
  const params = ["latest", false];
  const block = (await provider.request({ method: "eth_getBlockByNumber", params })) as { baseFeePerGas?: string };
  if (block.baseFeePerGas !== undefined && BigInt(block.baseFeePerGas) === 0n) return 0n;
  return BigInt((await provider.request({ method: "eth_gasPrice", params: [] })) as string);
}

/**
 * Checks that an account can pay for what is left of a deployment, at the price of now.
 *
 * @param provider - The chain.
 * @param networkName - Its name, for the message.
 * @param account - Who sends.
 * @param spent - Gas that earlier runs used.
 * @returns Price of gas in wei.
 * @throws DeployError if it has less than that.
 */
export async function checkBalance(
  provider: EIP1193Provider,
  networkName: string,
  account: string,
  spent: bigint,
): Promise<bigint> {
  const whole = measuredGas();
  const gas = whole > spent ? whole - spent : 0n;
  const price = await priceOf(provider);
  const balance = BigInt((await provider.request({ method: "eth_getBalance", params: [account, "latest"] })) as string);
  const needed = gas * price;
  if (balance < needed) {
    throw new DeployError(
      `${account} has ${formatEther(balance)} ETH on network ${networkName}, and the deployment takes ` +
        `${millions(gas)} million gas: ${formatEther(needed)} ETH at ${formatUnits(price, "gwei")} gwei. ` +
        `Send it ${formatEther(2n * needed - balance)} ETH, enough for twice that price, and run the same command again.`,
    );
  }
  return price;
}

/**
 * A provider that grants each transaction a tenth more gas than its node reckons. A node reckons in its latest block, where
 * what a contract keeps of a block's time or number can be zero and cost less than in the next one: the first block of
 * `geth --dev` has the time zero. What is not used is not paid.
 */
export function withMargin(provider: EIP1193Provider): EIP1193Provider {
  return {
    request: async (call) => {
      const answer: unknown = await provider.request(call);
      if (call.method !== "eth_estimateGas") return answer;
      const gas = BigInt(answer as string);
      const more = gas + gas / MARGIN;
      return toQuantity(more > MOST_GAS && gas < MOST_GAS ? MOST_GAS : more);
    },
  };
}

/** Millions of gas, rounded up. */
export function millions(gas: bigint): string {
  const MILLION = 1_000_000n;
  return ((gas + MILLION - 1n) / MILLION).toString();
}
