/** Devices as identities: how they enter service, and the log of their changes. */
import { type ContractTransactionResponse, type Log, toBeHex } from "ethers";

import { type Identities, Identities__factory } from "../../typechain-types/index.js";
import { providerOf } from "../runner.js";
import { type Commissioning, type DeviceChange, signCommissioning, signDeviceChange } from "../typedData/identities.js";
import { type MessageSigner, NO_SIGNATURE, type Signature } from "../typedData/messages.js";

/** Who agrees to a message: a signer, or its signature made elsewhere. */
export type Agreement = MessageSigner | Signature;

/** A change that a device and its operator stated together. */
export interface LoggedChange {
  /** 32 bytes; see `wordOf`. */
  readonly name: string;
  readonly value: string;
  /** Unix time until which it holds. */
  readonly validTo: bigint;
  /** Key of the device that signed. */
  readonly key: string;
  /** Operator that agreed. */
  readonly operator: string;
  readonly blockNumber: number;
  readonly transactionHash: string;
}

/**
 * Puts a device into service: its operator owns its identity from then on, and its key is a delegate that expires.
 *
 * @param identities - The registry, bound to whom is to send: the operator, or anybody with the operator's agreement.
 * @param commissioning - See `buildCommissioning`.
 * @param device - The device's agreement.
 * @param operator - The operator's; left out when the operator sends.
 */
export async function commissionDevice(
  identities: Identities,
  commissioning: Commissioning,
  device: Agreement,
  operator?: Agreement,
): Promise<ContractTransactionResponse> {
  const sign = async (signer: MessageSigner) => signCommissioning({ identities }, signer, commissioning);
  return identities.commission(commissioning, await signatureOf(device, sign), await signatureOf(operator, sign));
}

/**
 * Logs a change of a device that it and its operator state together.
 *
 * @param identities - The registry, bound to whom is to send: the operator, or anybody with the operator's agreement.
 * @param change - What changed.
 * @param device - Agreement of the device's key.
 * @param operator - The operator's; left out when the operator sends.
 */
export async function changeDevice(
  identities: Identities,
  change: DeviceChange,
  device: Agreement,
  operator?: Agreement,
): Promise<ContractTransactionResponse> {
  const sign = async (signer: MessageSigner) => signDeviceChange({ identities }, signer, change);
  return identities.changeDevice(change, await signatureOf(device, sign), await signatureOf(operator, sign));
}

async function signatureOf(
  agreement: Agreement | undefined,
  sign: (signer: MessageSigner) => Promise<Signature>,
): Promise<Signature> {
  if (agreement === undefined) return NO_SIGNATURE;
  return "data" in agreement ? agreement : sign(agreement);
}

/**
 * Changes of a device that it and its operator stated together, the oldest first. What the operator wrote alone is not
 * among them. Asks for the logs of the blocks in which the identity changed, and of no others.
 *
 * @param identities - The registry, bound to a provider that keeps logs.
 * @param device - The device's identity.
 * @throws RunnerError when the registry is bound to no provider, Error when the provider lacks logs.
 */
export async function deviceLogOf(identities: Identities, device: string): Promise<LoggedChange[]> {
  const provider = providerOf(identities);
  const [address, topics] = [await identities.getAddress(), [null, toBeHex(device, WORD_LENGTH)]];
  const changes: LoggedChange[] = [];
  let block = await identities.changed(device);
  while (block > 0n) {
    const logs = await provider.getLogs({ address, topics, fromBlock: block, toBlock: block });
    const { logged, previous } = changesAmong(logs, block);
    if (previous === block) {
      throw new Error(`no log of ${device} in block ${block.toString()}, where its registry has one: ask another node`);
    }
    changes.unshift(...logged);
    block = previous;
  }
  return changes;
}

/** Changes among the logs of a block, and the block of the change before; the same block when the logs do not tell. */
function changesAmong(logs: readonly Log[], block: bigint): { logged: LoggedChange[]; previous: bigint } {
  const logged: LoggedChange[] = [];
  let previous = block;
  let validTo = 0n;
  for (const log of logs) {
    const event = registry.parseLog(log);
    if (event === null) continue;
    const { previousChange } = event.args as unknown as { previousChange?: bigint };
    // Later changes of the block name the block itself.
    if (previousChange !== undefined && previousChange < previous) previous = previousChange;
    // The contract tells of the attribute just before it tells of the device's part in it.
    if (event.name === "DIDAttributeChanged") validTo = event.args.validTo as bigint;
    if (event.name !== "DeviceChanged") continue;
    const { name, value, key, operator } = event.args as unknown as LoggedChange;
    const { blockNumber, transactionHash } = log;
    logged.push({ name, value, validTo, key, operator, blockNumber, transactionHash });
  }
  return { logged, previous };
}

const registry = Identities__factory.createInterface();
const WORD_LENGTH = 32;
