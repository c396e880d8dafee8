/**
 * The line to a node, which may be cut or slow, and the chain behind it, which may replace its last blocks: how often something
 * is asked again, and how long what was sent is waited for.
 */
import {
  type ContractRunner,
  type ContractTransactionReceipt,
  type ContractTransactionResponse,
  FetchRequest,
  isHexString,
  type JsonRpcError,
  JsonRpcProvider,
  keccak256,
  Network,
} from "ethers";

import { delay } from "./delay.js";

/** How long a node is waited for. */
export interface Patience {
  /** How often a request is made before it is given up; at least 1. */
  readonly tries: number;
  /** Longest wait for one answer, milliseconds. */
  readonly timeoutMs: number;
  /** Wait before the second try, milliseconds; it doubles from try to try. */
  readonly pauseMs: number;
}

/** Eight seconds while nobody listens, two minutes while nobody answers. */
export const USUAL_PATIENCE: Patience = { tries: 6, timeoutMs: 20_000, pauseMs: 250 };

/** How long what was sent is waited for. */
export interface Certainty {
  /**
   * Blocks from that of a transaction on, itself included, that must stand before it counts. 1 when left out, which is right
   * where blocks are final at once. Where the last blocks of a chain may be replaced, as many as may be replaced and one more:
   * a chain that makes no blocks by itself then keeps everybody waiting.
   */
  readonly confirmations?: number;
  /** Longest wait for that, milliseconds. Two minutes when left out. */
  readonly patienceMs?: number;
}

const USUAL_WAIT_MS = 120_000;
const POLL_MS = 200;
/** Errors of ethers that say nothing about a contract. */
const LINE_FAULTS: ReadonlySet<unknown> = new Set(["NETWORK_ERROR", "SERVER_ERROR", "TIMEOUT"]);
/** What a node does anew each time it is asked. */
const NOT_TWICE: ReadonlySet<string> = new Set(["eth_sendTransaction"]);
const SEND = "eth_sendRawTransaction";
/** JSON-RPC codes of nodes that want to be left alone for a moment. */
export const BUSY_CODES: ReadonlySet<unknown> = new Set([-32_005, -32_097]);

/** A node gave no answer as often as it was asked. What was done before stands on the chain. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  /** As ethers names faults of the line. */
  readonly code = "NETWORK_ERROR";
}

/** What an account sent does not get into a block. */
export class PendingError extends Error {
  override readonly name = "PendingError";
}

/**
 * Whether an error says that a node could not be asked, and so nothing about what it was asked.
 *
 * @param error - What was thrown.
 */
export function isLineFault(error: unknown): boolean {
  return typeof error === "object" && error !== null && LINE_FAULTS.has((error as { readonly code?: unknown }).code);
}

type Payload = Parameters<JsonRpcProvider["_send"]>[0];
type Answers = Awaited<ReturnType<JsonRpcProvider["_send"]>>;

/**
 * A provider that asks again, as often as its patience says, while the node does not answer. A signed transaction that was sent
 * twice is known by its hash, so it is no failure that the node refuses the second one. It
 * keeps no answers: who decides what to do next from what it read before its own last step does it twice.
 */
export class SteadyProvider extends JsonRpcProvider {
  /** The node as messages name it. What stands behind the host of its address is often a key. */
  readonly #name: string;
  readonly #patience: Patience;

  private constructor(url: string, chain: Network, patience: Patience) {
    const request = new FetchRequest(url);
    request.timeout = patience.timeoutMs;
    super(request, chain, { staticNetwork: chain, batchMaxCount: 1, cacheTimeout: -1 });
    this.#name = new URL(url).origin;
    this.#patience = patience;
  }

  /**
   * Connects to a node.
   *
   * @param url - Where it answers.
   * @param patience - How long it is waited for, for each request.
   * @throws RangeError for a patience of no try.
   * @throws NoAnswerError if it does not answer, or does not tell its chain.
   */
  static async connect(url: string, patience: Patience = USUAL_PATIENCE): Promise<SteadyProvider> {
    if (!(patience.tries >= 1)) throw new RangeError(`${patience.tries} tries are less than 1`);
    const unknown = new SteadyProvider(url, Network.from(0), patience);
    try {
      const [answer] = await unknown._send({ method: "eth_chainId", params: [], id: 1, jsonrpc: "2.0" });
      return new SteadyProvider(url, Network.from(chainOf(unknown.#name, answer)), patience);
    } finally {
      unknown.destroy();
    }
  }

  /** Makes a request, and makes it again while no answer comes. */
  override async _send(payload: Payload): Promise<Answers> {
    const { pauseMs, tries } = this.#patience;
    const calls = [payload].flat();
    const most = calls.some(({ method }) => NOT_TWICE.has(method)) ? 1 : tries;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answers = await super._send(payload);
        const busy = answers.map(refusalOf).find((refusal) => BUSY_CODES.has(refusal?.code));
        if (busy !== undefined) throw new Error(busy.message);
        return attempt === 1 ? answers : await Promise.all(answers.map(async (one, at) => this.#known(one, calls[at])));
      } catch (cause) {
        if (attempt >= most) throw this.#givenUp(calls, most, cause);
      }
      await delay(pauseMs * 2 ** (attempt - 1));
    }
  }

  /** The answer, or the hash of a transaction that was refused because it had arrived before. */
  async #known(answer: Answers[number], call: Exclude<Payload, unknown[]> | undefined): Promise<Answers[number]> {
    if (!("error" in answer) || call?.method !== SEND) return answer;
    const [raw] = call.params as readonly string[];
    const hash = keccak256(raw ?? "0x");
    const method = "eth_getTransactionByHash";
    const [found] = await this._send({ method, params: [hash], id: call.id, jsonrpc: "2.0" });
    const arrived = found !== undefined && "result" in found && found.result !== null;
    return arrived ? { id: call.id, result: hash } : answer;
  }

  #givenUp(calls: readonly { readonly method: string }[], tries: number, cause: unknown): NoAnswerError {
    const names = calls.map(({ method }) => method).join(" and ");
    // Without the cause itself, and without what ethers adds for developers: both tell the node's whole address.
    const { message, shortMessage } = cause as { readonly message?: string; readonly shortMessage?: string };
    return new NoAnswerError(
      `The node at ${this.#name} gave no answer to ${names}, asked ${tries === 1 ? "once" : `${tries} times`} (${shortMessage ?? message ?? String(cause)}). ` +
        "See that it runs and can be reached, and start again: what was done stands on the chain.",
    );
  }
}

/** The chain that a node says it is of. What is signed for none could be sent to every chain. */
function chainOf(node: string, answer: Answers[number] | undefined): bigint {
  const result: unknown = answer !== undefined && "result" in answer ? answer.result : undefined;
  const id = isHexString(result) && result !== "0x" ? BigInt(result) : 0n;
  if (id > 0n) return id;
  const said = answer === undefined ? undefined : refusalOf(answer)?.message;
  throw new NoAnswerError(
    `The node at ${node} does not tell which chain it is of (${said ?? `its id is ${String(result)}`}). See that it is a node, and that its key is good.`,
  );
}

/** What a node said against a request. */
function refusalOf(answer: Answers[number]): Partial<JsonRpcError["error"]> | undefined {
  return (answer as Partial<JsonRpcError>).error;
}

/**
 * Waits until a transaction counts.
 *
 * @param response - What was sent.
 * @param certainty - How long that takes.
 * @returns Its receipt; null if no confirmation is asked for and it is in no block yet.
 * @throws what ethers throws for a transaction that failed, was replaced, or does not count in time.
 */
export async function settled(
  response: Pick<ContractTransactionResponse, "wait">,
  { confirmations = 1, patienceMs = USUAL_WAIT_MS }: Certainty = {},
): Promise<ContractTransactionReceipt | null> {
  return response.wait(confirmations, patienceMs);
}

/**
 * As {@link settled}, for who goes on from what the transaction did.
 *
 * @param response - What was sent.
 * @param certainty - How long that takes.
 * @throws PendingError if no confirmation is asked for and it is in no block yet.
 * @throws what ethers throws for a transaction that failed, was replaced, or does not count in time.
 */
export async function inBlock(
  response: Pick<ContractTransactionResponse, "hash" | "wait">,
  certainty: Certainty = {},
): Promise<ContractTransactionReceipt> {
  const receipt = await settled(response, certainty);
  if (receipt !== null) return receipt;
  throw new PendingError(
    `Transaction ${response.hash} was sent and is in no block yet. The same call waits for it, and goes on.`,
  );
}

/**
 * Waits for what an account sent before and what is in no block yet, for instance because the program was killed when it had just
 * sent something: it would be sent twice, and the second one would fail and cost.
 *
 * @param runner - Who sends; nothing is waited for where it has no address or no provider.
 * @param certainty - How long.
 * @throws PendingError if it does not get into a block in time.
 */
export async function afterOwn(
  runner: ContractRunner | null,
  { patienceMs = USUAL_WAIT_MS }: Certainty = {},
): Promise<void> {
  const provider = runner?.provider;
  const address = await (runner as { getAddress?(): Promise<string> } | null)?.getAddress?.();
  if (provider === null || provider === undefined || address === undefined) return;
  const until = Date.now() + patienceMs;
  for (;;) {
    const sent = await provider.getTransactionCount(address, "pending");
    const mined = await provider.getTransactionCount(address, "latest");
    if (sent <= mined) return;
    if (Date.now() > until) {
      throw new PendingError(
        `${sent - mined} ${sent - mined === 1 ? "transaction" : "transactions"} of ${address}, from nonce ${mined} on, got into no block in ${patienceMs / 1_000} seconds. ` +
          "Send them again with a higher fee, or others with their nonces, and start again.",
      );
    }
    await delay(POLL_MS);
  }
}
