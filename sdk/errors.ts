/** What a failure means: the name of the contract's error, its arguments, and a sentence. */
import { AbiCoder, type ErrorFragment, type Interface, isHexString } from "ethers";

import { errors } from "./natspec.js";
import { type Argument, Parser, tell, upperFirst, words } from "./words.js";

/** A revert of one of the suite's contracts, its linked libraries, or the packages that they are made with. */
export interface Revert {
  /** Name of the error, for instance `BatteryLeaseTooEarly`. */
  readonly name: string;
  /** Its arguments by name. Tuples are objects by name, too. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Name and arguments in words, short. */
  readonly message: string;
  /** What happened, as the contract's documentation says it, with every argument by what it is. */
  readonly sentence: string;
  /** The arguments in order, each with what it means. */
  readonly told: readonly Argument[];
}

/** What became of a call that failed. */
export type FailureKind =
  /** A contract refused it, and {@link Failure.revert} says why. */
  | "revert"
  /** A contract refused it with an error that is none of the suite's, or with none. */
  | "unknownRevert"
  /** There is no contract of the city where one was called: another chain, or other addresses. */
  | "noContract"
  /** The owner of the wallet declined. */
  | "declined"
  /** The sender cannot pay for it. */
  | "funds"
  /** The account sent something else with the same number. */
  | "nonce"
  /** It was sent, and takes effect later or has done so already: sent again it may do so twice. */
  | "sent"
  /** The node or the wallet did not answer, or not as it should. */
  | "network"
  /** Something else; its own message says what. */
  | "other";

/** A failure in words. */
export interface Failure {
  readonly kind: FailureKind;
  /** What happened and, where it is known, what to do. Never empty. */
  readonly sentence: string;
  /** Present when a contract refused with an error that is known. */
  readonly revert?: Revert;
}

/** What Solidity's own panics mean. */
const PANICS: Readonly<Record<string, string>> = {
  "1": "an assertion failed",
  "17": "a number is too small or too large",
  "18": "division by zero",
  "33": "a value is no member of its enum",
  "34": "stored bytes are no encoding",
  "49": "an empty list has no last entry",
  "50": "an index is beyond the end of a list",
  "65": "too much memory is asked for",
  "81": "a function is called that was never set",
};
const PANIC = "0x4e487b71";
const TEXT = "0x08c379a0";
const SELECTOR_LENGTH = "0x12345678".length;

const parser = new Parser<ErrorFragment>();

/**
 * Reads the revert out of what a failed call threw.
 *
 * @param failure - What ethers or a provider threw, or the revert data in hexadecimal form.
 * @param others - Interfaces of contracts of your own, whose errors are named too.
 * @returns Undefined when there is no revert data in it, or the error is none of the suite's. See {@link explainError} for
 * failures of every kind.
 */
export function explainRevert(failure: unknown, others: readonly Interface[] = []): Revert | undefined {
  const data = revertData(failure);
  return data === undefined ? undefined : revertOf(data, others);
}

/**
 * Says in words why a call failed, whatever failed: a contract, the wallet, the node, or the caller.
 *
 * @param failure - What was thrown.
 * @param others - Interfaces of contracts of your own, whose errors are named too.
 * @returns A sentence for whoever made the call.
 */
export function explainError(failure: unknown, others: readonly Interface[] = []): Failure {
  const data = revertData(failure);
  const revert = data === undefined ? undefined : revertOf(data, others);
  if (revert !== undefined) return { kind: "revert", sentence: revert.sentence, revert };
  if (data !== undefined) {
    const sentence = `The contract refused the call with an error that is none of the city's: ${data.slice(0, SELECTOR_LENGTH)}.`;
    return { kind: "unknownRevert", sentence };
  }
  const sent = fateOf(failure);
  if (sent !== undefined) return { kind: "sent", sentence: sent };
  const codes = codesIn(failure);
  const known = FAILURES.find(({ codes: own }) => own.some((code) => codes.has(code)));
  if (known !== undefined) return { kind: known.kind, sentence: known.sentence(messageOf(failure)) };
  return { kind: "other", sentence: messageOf(failure) };
}

/** What ethers says of a transaction that is in no block after so long a wait, the same as of a node that does not answer. */
const WAITED = "wait for transaction timeout";

/** What became of a transaction that was sent and does not count, if that is known. */
function fateOf(failure: unknown): string | undefined {
  if (typeof failure !== "object" || failure === null) return undefined;
  const { code, hash, reason, shortMessage } = failure as Readonly<Record<string, unknown>>;
  if (code === "TIMEOUT" && shortMessage === WAITED) {
    return "The transaction was sent and is in no block yet. Wait for it: sent again, it may take effect twice.";
  }
  if (code === "TRANSACTION_REPLACED" && reason === "repriced") {
    return `The account sent the same transaction with another fee, and that one is in a block: ${String(hash)}. See what came of it before you try again.`;
  }
  return undefined;
}

/** What ethers, wallets and nodes call their failures; the first that fits counts. */
const FAILURES: readonly {
  readonly codes: readonly (string | number)[];
  readonly kind: FailureKind;
  readonly sentence: (message: string) => string;
}[] = [
  {
    codes: ["ACTION_REJECTED", 4001],
    kind: "declined",
    sentence: () => "The wallet's owner declined. Nothing was sent.",
  },
  {
    codes: [4100],
    kind: "declined",
    sentence: () =>
      "The wallet does not let this page act for the account. Connect the account in the wallet, then try again.",
  },
  {
    codes: ["INSUFFICIENT_FUNDS"],
    kind: "funds",
    sentence: () =>
      "The account has too little of the chain's coin to pay for the transaction. Send it some, then try again.",
  },
  {
    codes: ["NONCE_EXPIRED", "REPLACEMENT_UNDERPRICED", "TRANSACTION_REPLACED"],
    kind: "nonce",
    sentence: () => "The account sent another transaction meanwhile. Wait until it is mined, then try again.",
  },
  {
    codes: ["BAD_DATA"],
    kind: "noContract",
    sentence: () =>
      "The chain answered nothing that a contract of the city would. Check that wallet and addresses are of one chain.",
  },
  {
    codes: ["CALL_EXCEPTION"],
    kind: "unknownRevert",
    sentence: () =>
      "The call failed and the chain gave no reason. Check that the addresses are those of the city on this chain, and " +
      "that the gas suffices.",
  },
  {
    codes: [
      ...["NETWORK_ERROR", "TIMEOUT", "SERVER_ERROR", "UNKNOWN_ERROR"],
      ...["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "ETIMEDOUT"],
      // A wallet that lost the chain, and what JSON-RPC calls its own faults.
      ...[4900, 4901, -32_603],
    ],
    kind: "network",
    sentence: (message) =>
      `The node did not answer as it should (${message}). Check the connection and, if you sent something, whether it arrived; ` +
      "then try again.",
  },
];

/** Names the error in revert data. */
function revertOf(data: string, others: readonly Interface[]): Revert | undefined {
  const selector = data.slice(0, SELECTOR_LENGTH).toLowerCase();
  try {
    if (selector === TEXT) return ofText(String(AbiCoder.defaultAbiCoder().decode(["string"], behind(data))[0]));
    if (selector === PANIC) return ofPanic(AbiCoder.defaultAbiCoder().decode(["uint256"], behind(data))[0] as bigint);
    const described = errors[selector];
    if (described !== undefined) {
      const fragment = parser.of(described);
      const values = AbiCoder.defaultAbiCoder().decode(fragment.inputs, behind(data));
      return describe(
        fragment.name,
        tell(described, fragment, values, (inner) => revertOf(inner, others)?.sentence),
      );
    }
    for (const contract of others) {
      const found = contract.parseError(data);
      if (found === null) continue;
      const unsaid = { fragment: found.signature, notice: `${upperFirst(words(found.name))}.`, inputs: [] };
      return describe(found.name, tell(unsaid, found.fragment, found.args));
    }
  } catch {
    // Four bytes that are an error's by chance, with something else behind them.
  }
  return undefined;
}

function behind(data: string): string {
  return `0x${data.slice(SELECTOR_LENGTH)}`;
}

function describe(name: string, { arguments: told, sentence }: ReturnType<typeof tell>): Revert {
  const args = Object.fromEntries(told.map((argument) => [argument.name, argument.value]));
  const list = told.map(({ name: argument, text }) => `${words(argument)} ${text}`);
  const message = list.length === 0 ? words(name) : `${words(name)}: ${list.join(", ")}`;
  return { name, args, message, sentence, told };
}

function ofText(text: string): Revert {
  const told = [{ name: "message", value: text, text, label: "Message", unit: "" }];
  return { name: "Error", args: { message: text }, message: text, sentence: `The contract says: ${text}`, told };
}

function ofPanic(code: bigint): Revert {
  const text = PANICS[code.toString()] ?? code.toString();
  const told = [{ name: "code", value: code, text, label: "Code", unit: "" }];
  const sentence = `The contract broke off, which is a fault of its own or of the numbers it was given: ${text}.`;
  return { name: "Panic", args: { code }, message: `Panic: ${text}`, sentence, told };
}

/** Where providers put what they wrap: ethers, Hardhat, anvil, geth, Besu, and wallets in front of them. */
const PLACES = [
  "data",
  "error",
  "info",
  "cause",
  "revert",
  "originalError",
  "result",
  "return",
  "errors",
  "responseBody",
];
const MOST_DEEP = 8;
/** How some nodes put data into words. */
const IN_WORDS = /^Reverted (0x[\da-f]*)$/i;

/** Looks for revert data in an error and what it wraps. */
function revertData(failure: unknown, depth = MOST_DEEP): string | undefined {
  if (typeof failure === "string") {
    const data = IN_WORDS.exec(failure)?.[1] ?? failure;
    if (isHexString(data)) return data.length >= SELECTOR_LENGTH ? data : undefined;
    return failure.startsWith("{") && depth > 0 ? revertData(parsed(failure), depth - 1) : undefined;
  }
  for (const inner of insideOf(failure, depth)) {
    const found = revertData(inner, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Codes of an error and what it wraps. */
function codesIn(failure: unknown, depth = MOST_DEEP): Set<unknown> {
  const inner = insideOf(failure, depth).flatMap((one) => [...codesIn(one, depth - 1)]);
  const code = typeof failure === "object" && failure !== null ? (failure as { code?: unknown }).code : undefined;
  return new Set([code, ...inner]);
}

function insideOf(failure: unknown, depth: number): unknown[] {
  if (typeof failure !== "object" || failure === null || depth === 0) return [];
  const inside = failure as Readonly<Record<string, unknown>>;
  return Array.isArray(failure) ? failure : PLACES.map((place) => inside[place]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The gist of a message, without what ethers adds for developers. */
function messageOf(failure: unknown): string {
  const inside = typeof failure === "object" && failure !== null ? (failure as Readonly<Record<string, unknown>>) : {};
  // What ethers cannot name it wraps, with the message inside.
  if (inside.code === "UNKNOWN_ERROR" && typeof inside.error === "object") return messageOf(inside.error);
  const message = inside.shortMessage ?? inside.message ?? failure;
  return typeof message === "string" && message !== "" ? message : "Something failed and gave no reason.";
}
