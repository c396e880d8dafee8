/**
 * What a consensus client does for an execution client, as far as one development chain needs it: it says when a block is made,
 * at what second, and which one is the head. So the clock of go-ethereum can be set, which `geth --dev` does not allow: there the
 * node makes blocks itself, at the second of the machine.
 *
 * In front of the node it answers three methods of development nodes by that: evm_setNextBlockTimestamp, evm_mine, and
 * hardhat_getAutomine. A transaction that is sent becomes a block at once, and gas is estimated at the time of the next block.
 * Everything else is the node's answer.
 */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { toQuantity, Transaction, ZeroAddress, ZeroHash } from "ethers";

import { ask, ClientError, localUrl, NodeRefusal } from "./client.js";

const MS_PER_SECOND = 1_000;
/** JSON-RPC: the call was refused by a contract. */
const REVERTED = 3;
/** JSON-RPC: parameters that cannot be. */
const BAD_PARAMS = -32_602;
/** JSON-RPC: no answer can be had. */
const INTERNAL = -32_603;

/** Where a node listens, and the secret that it shares with whoever drives it. */
export interface EnginePlace {
  readonly node: string;
  readonly engine: string;
  /** 32 bytes. */
  readonly secret: Buffer;
}

interface Head {
  readonly hash: string;
  readonly timestamp: string;
}

interface Built {
  readonly executionPayload: Readonly<Record<string, unknown>> & { readonly blockHash: string };
  readonly executionRequests?: readonly string[] | null;
}

/** Makes the blocks of a node. */
export class Engine {
  readonly #place: EnginePlace;
  #next: bigint | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(place: EnginePlace) {
    this.#place = place;
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
      default:
        return ask(this.#place.node, method, params);
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
    const receipt = (await ask(this.#place.node, "eth_getTransactionReceipt", [hash])) as {
      readonly status: string;
      readonly blockNumber: string;
    };
    if (BigInt(receipt.status) === 1n) return hash;
    // Alone in its block, it changed nothing: asked again there, the contract gives the same reason.
    const { from, to, data, value } = transaction;
    const again = { from, to, data, value: toQuantity(value) };
    await ask(this.#place.node, "eth_call", [again, receipt.blockNumber]);
    throw new NodeRefusal("eth_sendRawTransaction", {
      code: REVERTED,
      message: "execution reverted: out of gas",
      data: "0x",
    });
  }

  /** Gas in the block that comes next, whose time may be set. */
  async #estimate(transaction: unknown): Promise<unknown> {
    const time = this.#next ?? BigInt((await this.#head()).timestamp) + 1n;
    return ask(this.#place.node, "eth_estimateGas", [transaction, "latest", {}, { time: toQuantity(time) }]);
  }

  async #head(): Promise<Head> {
    return (await ask(this.#place.node, "eth_getBlockByNumber", ["latest", false])) as Head;
  }

  async #mine(transactions: readonly string[]): Promise<void> {
    const head = await this.#head();
    const attributes = {
      timestamp: toQuantity(this.#next ?? BigInt(head.timestamp) + 1n),
      prevRandao: ZeroHash,
      suggestedFeeRecipient: ZeroAddress,
      withdrawals: [],
      parentBeaconBlockRoot: ZeroHash,
    };
    const built = (await ask(this.#place.node, "testing_buildBlockV1", [
      head.hash,
      attributes,
      transactions,
      null,
    ])) as Built;
    const { executionPayload, executionRequests } = built;
    const { blockHash } = executionPayload;
    const verdict = await this.#command("engine_newPayloadV4", [
      executionPayload,
      [],
      ZeroHash,
      executionRequests ?? [],
    ]);
    expectValid("engine_newPayloadV4", verdict);
    const state = { headBlockHash: blockHash, safeBlockHash: ZeroHash, finalizedBlockHash: ZeroHash };
    const chosen = (await this.#command("engine_forkchoiceUpdatedV3", [state, null])) as { payloadStatus: unknown };
    expectValid("engine_forkchoiceUpdatedV3", chosen.payloadStatus);
    this.#next = undefined;
  }

  async #command(method: string, params: readonly unknown[]): Promise<unknown> {
    const { engine, secret } = this.#place;
    return ask(engine, method, params, { authorization: `Bearer ${tokenOf(secret)}` });
  }
}

/** A door in front of a node, and how to close it. */
export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

/** Opens a door at which a node answers together with the engine that makes its blocks. */
export async function openFront(engine: Engine, port: number): Promise<Front> {
  const server = createServer((request, response) => {
    void serve(engine, request, response);
  }).listen(port, "127.0.0.1");
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

async function serve(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const asked = JSON.parse(Buffer.concat(parts).toString()) as Call | Call[];
  const told = Array.isArray(asked)
    ? await Promise.all(asked.map(async (call) => answerTo(engine, call)))
    : await answerTo(engine, asked);
  response.setHeader("content-type", "application/json").end(JSON.stringify(told));
}

async function answerTo(engine: Engine, { id, method, params }: Call): Promise<Record<string, unknown>> {
  try {
    return { jsonrpc: "2.0", id, result: (await engine.answer(method, params ?? [])) ?? null };
  } catch (error) {
    const refusal = error instanceof NodeRefusal ? error.refusal : { code: INTERNAL, message: String(error) };
    return { jsonrpc: "2.0", id, error: refusal };
  }
}

function expectValid(method: string, verdict: unknown): void {
  const { status, validationError } = verdict as { readonly status: string; readonly validationError?: string | null };
  if (status !== "VALID") throw new ClientError(`${method}: ${status} ${validationError ?? ""}`);
}

/** A token by which a node knows whoever drives it: HS256, made now. */
function tokenOf(secret: Buffer): string {
  const write = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const issuedAt = Math.floor(Date.now() / MS_PER_SECOND);
  const signed = `${write({ alg: "HS256", typ: "JWT" })}.${write({ iat: issuedAt })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
