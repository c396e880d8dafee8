/**
 * The clock of go-ethereum. `geth --dev` makes blocks by itself, at the second of the machine, and a day takes months of chain time.
 * But its testing API makes a block of given transactions at a given second, which the node then checks and runs as any other
 * block. What stands here says when that happens: a transaction that is sent becomes a block at once.
 *
 * In front of the node it answers what development nodes answer: evm_setNextBlockTimestamp, evm_mine, hardhat_getAutomine, and
 * gas is estimated for the next block. Everything else is the node's answer.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { toQuantity, Transaction, ZeroAddress, ZeroHash } from "ethers";

import { ask, localUrl, NodeRefusal } from "./client.js";

/** JSON-RPC: the call was refused by a contract. */
const REVERTED = 3;
/** JSON-RPC: parameters that cannot be. */
const BAD_PARAMS = -32_602;
/** JSON-RPC: no answer can be had. */
const INTERNAL = -32_603;

interface Head {
  readonly number: string;
  readonly timestamp: string;
}

/** Answers JSON-RPC calls; what it refuses is a {@link NodeRefusal}. */
export interface Answerer {
  answer(method: string, params: readonly unknown[]): Promise<unknown>;
}

/** Makes the blocks of a node. */
export class BlockMaker implements Answerer {
  readonly #node: string;
  #next: bigint | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /** @param node - Where it answers; with its testing API. */
  constructor(node: string) {
    this.#node = node;
  }

  /** Answers a call: one after the other as far as blocks are made or timed. */
  async answer(method: string, params: readonly unknown[]): Promise<unknown> {
    switch (method) {
      case "hardhat_getAutomine":
        return true;
      case "evm_setNextBlockTimestamp":
        return this.#inTurn(async () => this.#setNext(params[0]));
      case "evm_mine":
        return this.#inTurn(async () => {
          await this.#mine([]);
          return "0x0";
        });
      case "eth_sendRawTransaction":
        return this.#inTurn(async () => this.#send(String(params[0])));
      case "eth_estimateGas":
        return this.#estimate(params[0]);
      case "eth_getTransactionCount":
        // Nothing is ever pending, and the node's pool hears of a block a little later.
        return ask(this.#node, method, [params[0], params[1] === "pending" ? "latest" : params[1]]);
      default:
        return ask(this.#node, method, params);
    }
  }

  async #inTurn<Answer>(act: () => Promise<Answer>): Promise<Answer> {
    const turn = this.#queue.then(act);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #setNext(value: unknown): Promise<unknown> {
    const time = BigInt(value as string | number);
    const { timestamp } = await this.#head();
    if (time <= BigInt(timestamp)) {
      const message = `time ${time} is not after that of the latest block, ${BigInt(timestamp)}`;
      throw new NodeRefusal("evm_setNextBlockTimestamp", { code: BAD_PARAMS, message });
    }
    this.#next = time;
    return toQuantity(time);
  }

  /** Makes a block of a transaction. As development nodes do, it tells at once that a contract refused it. */
  async #send(raw: string): Promise<string> {
    await this.#mine([raw]);
    const transaction = Transaction.from(raw);
    const hash = transaction.hash ?? ZeroHash;
    const receipt = (await ask(this.#node, "eth_getTransactionReceipt", [hash])) as {
      readonly status: string;
      readonly blockNumber: string;
    };
    if (BigInt(receipt.status) === 1n) return hash;
    // Alone in its block, it changed nothing: asked again there, the contract gives the same reason.
    const { from, to, data, value } = transaction;
    const again = { from, to, data, value: toQuantity(value) };
    await ask(this.#node, "eth_call", [again, receipt.blockNumber]);
    throw new NodeRefusal("eth_sendRawTransaction", {
      code: REVERTED,
      message: "execution reverted: out of gas",
      data: "0x",
    });
  }

  /** Gas in the block that comes next: what a contract stores of a block's number or time can cost less in the latest one. */
  async #estimate(transaction: unknown): Promise<unknown> {
    const { number, timestamp } = await this.#head();
    const time = toQuantity(this.#next ?? BigInt(timestamp) + 1n);
    const block = { number: toQuantity(BigInt(number) + 1n), time };
    return ask(this.#node, "eth_estimateGas", [transaction, "latest", {}, block]);
  }

  async #head(): Promise<Head> {
    return (await ask(this.#node, "eth_getBlockByNumber", ["latest", false])) as Head;
  }

  async #mine(transactions: readonly string[]): Promise<void> {
    const attributes = {
      timestamp: toQuantity(this.#next ?? BigInt((await this.#head()).timestamp) + 1n),
      prevRandao: ZeroHash,
      suggestedFeeRecipient: ZeroAddress,
      withdrawals: [],
      parentBeaconBlockRoot: ZeroHash,
    };
    await ask(this.#node, "testing_commitBlockV1", [attributes, transactions, null]);
    this.#next = undefined;
  }
}

/** A door in front of a node, and how to close it. */
export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

/** Opens a door at which somebody answers, for instance a node together with what makes its blocks. */
export async function openFront(answerer: Answerer, port: number): Promise<Front> {
  const server = createServer((request, response) => {
    void serve(answerer, request, response);
  }).listen(port, "127.0.0.1");
  // A line that was idle for long may be used again the moment it is closed, so none is.
  server.keepAliveTimeout = 0;
  await once(server, "listening");
  return { url: localUrl(port), close: async () => closeServer(server) };
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params?: readonly unknown[];
}

async function serve(answerer: Answerer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const asked = JSON.parse(Buffer.concat(parts).toString()) as Call | Call[];
  const told = Array.isArray(asked)
    ? await Promise.all(asked.map(async (call) => answerTo(answerer, call)))
    : await answerTo(answerer, asked);
  response.setHeader("content-type", "application/json").end(JSON.stringify(told));
}

async function answerTo(answerer: Answerer, { id, method, params }: Call): Promise<Record<string, unknown>> {
  try {
    return { jsonrpc: "2.0", id, result: (await answerer.answer(method, params ?? [])) ?? null };
  } catch (error) {
    const refusal = error instanceof NodeRefusal ? error.refusal : { code: INTERNAL, message: String(error) };
    return { jsonrpc: "2.0", id, error: refusal };
  }
}
