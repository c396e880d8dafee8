/**
 * Ignition's journal of a deployment, one message a line, and what is to be mended in it after an end that Ignition leaves
 * to its user: a line cut short, a transaction that was sent but not written down, a wait that was given up, a step that
 * failed. Each is settled by asking the chain, so that the same command goes on.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { type ArtifactResolver, type EIP1193Provider, wipe } from "@nomicfoundation/ignition-core";

import { DeployError, isConnectionFault } from "./errors.js";

/** The least of a message that is needed here. */
interface Message {
  readonly type: string;
  readonly futureId?: string;
  readonly networkInteractionId?: number;
  readonly nonce?: number;
  readonly from?: string;
  readonly networkInteraction?: { readonly id: number; readonly to?: string; readonly data?: string };
  readonly result?: { readonly type: string };
}

/** A transaction as nodes tell it. */
interface Transaction {
  readonly hash: string;
  readonly from: string;
  readonly to: string | null;
  readonly nonce: string;
  readonly input: string;
  readonly gasPrice?: string;
  readonly maxFeePerGas?: string;
  readonly maxPriorityFeePerGas?: string;
}

/** How long a transaction of an earlier run may take to get into a block. */
const PENDING_MS = 60_000;
const POLL_MS = 1_000;

/** What was mended, for the person who looks on. */
export interface Mended {
  /** Transactions found on the chain that the journal did not know. */
  readonly found: number;
  /** Transactions that never reached the chain, and will be sent anew. */
  readonly unsent: number;
  /** Steps that had failed, and will be tried anew. */
  readonly failed: number;
}

/** The journal's file in the folder of a deployment. */
export function journalOf(folder: string): string {
  return join(folder, "journal.jsonl");
}

/**
 * Mends the journal in a folder, if there is one.
 *
 * @throws DeployError while a transaction of an earlier run waits for a block.
 */
export async function mendJournal(
  folder: string,
  provider: EIP1193Provider,
  artifacts: ArtifactResolver,
): Promise<Mended | undefined> {
  const file = journalOf(folder);
  if (!existsSync(file)) return undefined;
  const { messages, lost, given } = readJournal(file);
  let found = 0;
  let unsent = 0;
  // What is settled takes the place of the message that announced it.
  const settled = new Map<Message, Message | undefined>(given.map((message) => [message, undefined]));
  for (const announced of lost) {
    const sent = await transactionOf(announced, messages, provider);
    if (sent === undefined) {
      settled.set(announced, undefined);
      ++unsent;
    } else {
      settled.set(announced, sendOf(announced, sent));
      ++found;
    }
  }
  const kept = messages.flatMap((message) => {
    if (!settled.has(message)) return [message];
    const instead = settled.get(message);
    if (instead === undefined) return [];
    return [message, instead];
  });
  writeJournal(file, kept);

  const failed = failedSteps(kept);
  for (const futureId of failed) await wipe(folder, artifacts, futureId);
  return { found, unsent, failed: failed.length };
}

/** The messages, those that announce a transaction of which nothing more is known, and those that give up waiting. */
function readJournal(file: string): { messages: Message[]; lost: Message[]; given: Message[] } {
  const lines = readFileSync(file, "utf8").split("\n");
  const messages: Message[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    try {
      messages.push(JSON.parse(line) as Message);
    } catch (error) {
      // The process ended while it wrote its last line.
      if (index === lines.length - 1) break;
      throw new DeployError(
        `Line ${index + 1} of ${file} is no JSON. Restore the file, or begin another city by --reset.`,
        { cause: error },
      );
    }
  }
  const announced = new Map<string, Message>();
  for (const message of messages) {
    const { type, futureId = "", networkInteractionId = 0 } = message;
    const key = `${futureId}/${networkInteractionId}`;
    if (type === "TRANSACTION_PREPARE_SEND") announced.set(key, message);
    if (type === "TRANSACTION_SEND") announced.delete(key);
    if (type === "WIPE_APPLY" || type.endsWith("EXECUTION_STATE_COMPLETE")) {
      for (const other of announced.keys()) if (other.startsWith(`${futureId}/`)) announced.delete(other);
    }
  }
  const given = messages.filter(({ type }) => type === "ONCHAIN_INTERACTION_TIMEOUT");
  return { messages, lost: [...announced.values()], given };
}

/** In one step, so that a journal is never half written. */
function writeJournal(file: string, messages: readonly Message[]): void {
  const aside = `${file}.new`;
  writeFileSync(aside, messages.map((message) => `\n${JSON.stringify(message)}`).join(""));
  renameSync(aside, file);
}

/** Steps that ended in a failure and were not wiped since. */
function failedSteps(messages: readonly Message[]): string[] {
  const failed = new Set<string>();
  for (const { type, futureId = "", result } of messages) {
    if (type === "WIPE_APPLY") failed.delete(futureId);
    if (type.endsWith("EXECUTION_STATE_COMPLETE") && result !== undefined && result.type !== "SUCCESS") {
      failed.add(futureId);
    }
  }
  return [...failed];
}

/** The transaction on the chain that a message announced, or undefined if it never got there. */
async function transactionOf(
  { futureId, networkInteractionId, nonce }: Message,
  messages: readonly Message[],
  provider: EIP1193Provider,
): Promise<Transaction | undefined> {
  const from = messages.findLast((message) => message.futureId === futureId && message.from !== undefined)?.from;
  const interaction = messages.findLast(
    (message) => message.futureId === futureId && message.networkInteraction?.id === networkInteractionId,
  )?.networkInteraction;
  if (from === undefined || interaction === undefined || nonce === undefined) return undefined;

  const count = async (at: string): Promise<number> =>
    Number(await provider.request({ method: "eth_getTransactionCount", params: [from, at] }));
  const until = Date.now() + PENDING_MS;
  while ((await count("latest")) <= nonce) {
    if ((await count("pending")) <= nonce) return undefined;
    if (Date.now() > until) {
      throw new DeployError(
        `Transaction ${nonce} of ${from}, which an earlier run sent, is in no block yet. ` +
          "Run the same command again when it is: it goes on where it stopped.",
      );
    }
    await delay(POLL_MS);
  }
  const sent = await transactionAt(from, nonce, count, provider);
  // Another transaction of the same account may have taken the number.
  const isOurs =
    sent?.input === interaction.data && (sent?.to ?? undefined)?.toLowerCase() === interaction.to?.toLowerCase();
  return isOurs ? sent : undefined;
}

/** The transaction of an account that has a number, found by halving the chain. */
async function transactionAt(
  from: string,
  nonce: number,
  count: (at: string) => Promise<number>,
  provider: EIP1193Provider,
): Promise<Transaction | undefined> {
  const hex = (height: number): string => `0x${height.toString(16)}`;
  let low = 0;
  let high = Number(await provider.request({ method: "eth_blockNumber", params: [] }));
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await isPast(count(hex(middle)), nonce)) high = middle;
    else low = middle + 1;
  }
  const block = (await provider.request({ method: "eth_getBlockByNumber", params: [hex(low), true] })) as {
    transactions: Transaction[];
  } | null;
  return block?.transactions.find(
    (one) => one.from.toLowerCase() === from.toLowerCase() && Number(one.nonce) === nonce,
  );
}

/** Whether a number was used by then. A node that forgot what was then is not asked about what is lately. */
async function isPast(count: Promise<number>, nonce: number): Promise<boolean> {
  try {
    return (await count) > nonce;
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    return false;
  }
}

/** The message by which Ignition would have written down that a transaction was sent. */
function sendOf({ futureId, networkInteractionId, nonce }: Message, sent: Transaction): Message {
  const amount = (value: string | undefined): object => ({ _kind: "bigint", value: BigInt(value ?? 0).toString() });
  const fees =
    sent.maxFeePerGas === undefined
      ? { gasPrice: amount(sent.gasPrice) }
      : { maxFeePerGas: amount(sent.maxFeePerGas), maxPriorityFeePerGas: amount(sent.maxPriorityFeePerGas) };
  const message = {
    futureId,
    networkInteractionId,
    nonce,
    transaction: { fees, hash: sent.hash },
    type: "TRANSACTION_SEND",
  };
  return message as Message;
}
