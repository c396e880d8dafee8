/**
 * Ignition's journal of a deployment, one message a line, and what is to be mended in it after an end that Ignition leaves
 * to its user: a line cut short, a transaction that was sent but not written down, a wait that was given up, a step that
 * failed. Each is settled by asking the chain, so that the same command goes on.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type { EIP1193Provider } from "@nomicfoundation/ignition-core";

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
  readonly receipt?: { readonly blockNumber: number };
  readonly transaction?: { readonly hash: string };
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
/** Most blocks that are looked through one by one, where a node forgot how many transactions an account had then. */
const MOST_BLOCKS = 50_000;

/** Kinds of steps that send a transaction. */
const SENDING = ["DEPLOYMENT", "CALL", "SEND_DATA"];

/** What was mended, for the person who looks on. */
export interface Mended {
  /** Transactions found on the chain that the journal did not know. */
  readonly found: number;
  /** Steps of which nothing reached the chain, and which are begun anew. */
  readonly unsent: number;
  /** Steps whose transaction failed, and which are begun anew. */
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
export async function mendJournal(folder: string, provider: EIP1193Provider): Promise<Mended | undefined> {
  const file = journalOf(folder);
  if (!existsSync(file)) return undefined;
  const { isCut, messages, lost } = readJournal(file);
  // What is known of a transaction that a message announced takes its place.
  const settled = new Map<Message, Message[]>();
  for (const announced of lost) {
    const sent = await transactionOf(announced, messages, provider);
    const isKnown = messages.some(({ transaction }) => sent !== undefined && transaction?.hash === sent.hash);
    settled.set(announced, sent === undefined || isKnown ? [] : [announced, sendOf(announced, sent)]);
  }
  const told = messages
    .filter(({ type }) => type !== "ONCHAIN_INTERACTION_TIMEOUT")
    .flatMap((message) => settled.get(message) ?? [message]);

  const { unsent, failed } = stepsToRepeat(told);
  const kept = told.filter(({ futureId = "" }) => !unsent.has(futureId) && !failed.has(futureId));
  if (isCut || kept.length !== messages.length || settled.size > 0) writeJournal(file, kept);
  const found = [...settled.values()].filter((instead) => instead.length > 0).length;
  return { found, unsent: unsent.size, failed: failed.size };
}

/** The messages, those that announce a transaction of which nothing more is known, and whether the last line is cut short. */
function readJournal(file: string): { messages: Message[]; lost: Message[]; isCut: boolean } {
  const lines = readFileSync(file, "utf8").split("\n");
  const messages: Message[] = [];
  let isCut = false;
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    try {
      messages.push(JSON.parse(line) as Message);
    } catch (error) {
      // The process ended while it wrote its last line.
      isCut = index === lines.length - 1;
      if (isCut) break;
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
  }
  return { isCut, messages, lost: [...announced.values()] };
}

/** In one step, so that a journal is never half written. */
function writeJournal(file: string, messages: readonly Message[]): void {
  const aside = `${file}.new`;
  writeFileSync(aside, messages.map((message) => `\n${JSON.stringify(message)}`).join(""));
  renameSync(aside, file);
}

/**
 * Steps that were begun and sent nothing, as when a trial run of theirs failed, and steps whose transaction failed. Nothing
 * follows from either, so they can be forgotten and begun anew, with other parameters if need be.
 */
function stepsToRepeat(messages: readonly Message[]): { unsent: Set<string>; failed: Set<string> } {
  const unsent = new Set<string>();
  const failed = new Set<string>();
  for (const { type, futureId = "", result } of messages) {
    if (SENDING.some((kind) => type === `${kind}_EXECUTION_STATE_INITIALIZE`)) unsent.add(futureId);
    if (type === "TRANSACTION_SEND") unsent.delete(futureId);
    if (SENDING.some((kind) => type === `${kind}_EXECUTION_STATE_COMPLETE`) && result?.type !== "SUCCESS") {
      unsent.delete(futureId);
      failed.add(futureId);
    }
  }
  return { unsent, failed };
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
  const confirmed = Math.max(0, ...messages.map(({ receipt }) => receipt?.blockNumber ?? 0));
  const sent = await transactionAt(from, nonce, count, confirmed, provider);
  // Another transaction of the same account may have taken the number.
  const isOurs = sent.input === interaction.data && sent.to?.toLowerCase() === interaction.to?.toLowerCase();
  return isOurs ? sent : undefined;
}

/**
 * The transaction of an account that has a number, found by halving the chain; where the node forgot how it was then, block by
 * block back to the last one that the journal tells of.
 */
async function transactionAt(
  from: string,
  nonce: number,
  count: (at: string) => Promise<number>,
  confirmed: number,
  provider: EIP1193Provider,
): Promise<Transaction> {
  const hex = (height: number): string => `0x${height.toString(16)}`;
  let low = 0;
  let high = Number(await provider.request({ method: "eth_blockNumber", params: [] }));
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await isPast(count(hex(middle)), nonce)) high = middle;
    else low = middle + 1;
  }
  const earliest = Math.max(confirmed, low - MOST_BLOCKS);
  for (let height = low; height >= earliest; height -= 1) {
    const block = (await provider.request({ method: "eth_getBlockByNumber", params: [hex(height), true] })) as {
      transactions: Transaction[];
    } | null;
    const found = block?.transactions.find(
      (one) => one.from.toLowerCase() === from.toLowerCase() && Number(one.nonce) === nonce,
    );
    if (found !== undefined) return found;
  }
  throw new DeployError(
    `Transaction ${nonce} of ${from}, which an earlier run may have sent, is in none of the blocks ${earliest} to ${low}, and ` +
      "the node tells of none before. Run the same command again by a node that keeps all (an archive node).",
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
