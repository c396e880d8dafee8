/** The chains that whole cities are measured on, and how blocks of 60 M gas are filled there. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { parseEther, toQuantity, Transaction, type TransactionReceipt } from "ethers";
import { network } from "hardhat";

import { startAnvil } from "../../scripts/e2e/anvil.js";
import { ACCOUNTS, BLOCK_GAS, CHAIN_ID, type Client, MNEMONIC } from "../../scripts/e2e/client.js";
import type { CLIENTS } from "../../scripts/lib/scale.js";
import type { Connection, Send } from "../chain.js";
import { QuickKey } from "./keys.js";

/** Most gas of a transaction (EIP-7825). */
export const TRANSACTION_GAS = 2 ** 24;

const GENESIS = Date.UTC(2026, 10, 21) / 1000;
/** Far enough from the start of the chain for the city's deployment. */
const OPENING = Date.UTC(2026, 11, 1) / 1000;
const MS = 1000;
const PURSE = parseEther("1000000");
const GAS_PRICE = 10n ** 9n;
/** Added to what the transactions of the block before used at most, for the limits of the next ones. */
const MARGIN = 1.03;
const MARGIN_GAS = 30_000;
/** What a transaction needs for what it uses, where no estimate can be had: refunds are at most a fifth. */
const MOST_REFUNDED = 1.25;
/** States that anvil keeps. It would keep a copy of all accounts for each of 500 blocks. */
const KEPT_STATES = 2;

export type ClientName = (typeof CLIENTS)[number];

/** One transaction of many. */
export interface Load {
  readonly to: string;
  readonly data: string;
  /** Items in it. */
  readonly items: number;
}

/** One transaction that was carried out. */
export interface Sent {
  readonly gas: number;
  readonly items: number;
}

/** What became of many transactions. */
export interface Delivery {
  readonly sent: readonly Sent[];
  /** Blocks that they filled, the last one not to the end. */
  readonly blocks: number;
  /** Seconds that building and signing them took. */
  readonly signing: number;
  /** Seconds from the client's taking them to their receipts. */
  readonly sending: number;
  /** What a transaction must be given for each gas that it uses: refunds come at its end. */
  readonly needed: number;
}

/** A transaction that waits for its block. */
interface Waiting {
  readonly hash: string;
  readonly load: Load;
}

interface RawReceipt {
  readonly status: string;
  readonly gasUsed: string;
}

/** A new chain in a client of its own. */
export class ScaleChain {
  readonly #relay = QuickKey.of("relay of the whole city");
  readonly #client: Client | undefined;
  #now = OPENING;

  private constructor(
    readonly name: ClientName,
    /** The client, as it calls itself. */
    readonly version: string,
    readonly connection: Connection,
    readonly signers: readonly HardhatEthersSigner[],
    client?: Client,
  ) {
    this.#client = client;
  }

  static async open(name: ClientName): Promise<ScaleChain> {
    const chain = name === "edr" ? await ScaleChain.#openHere() : await ScaleChain.#openAnvil();
    await chain.#ask("hardhat_setBalance", [chain.#relay.address, toQuantity(PURSE)]);
    return chain;
  }

  static async #openHere(): Promise<ScaleChain> {
    const connection = await network.create({ override: { initialDate: new Date(GENESIS * MS) } });
    const version = String(await connection.provider.request({ method: "web3_clientVersion" }));
    return new ScaleChain("edr", version, connection, await connection.ethers.getSigners());
  }

  static async #openAnvil(): Promise<ScaleChain> {
    const client = await startAnvil(BigInt(GENESIS), { "--prune-history": KEPT_STATES });
    try {
      const accounts = { mnemonic: MNEMONIC, count: ACCOUNTS };
      const connection = await network.create({ network: "localhost", override: { url: client.url, accounts } });
      const signers = await connection.ethers.getSigners();
      return new ScaleChain("anvil", client.version, connection, signers, client);
    } catch (error) {
      await client.stop();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.connection.close();
    await this.#client?.stop();
  }

  /** Unix time of the latest block that was made here. */
  get now(): number {
    return this.#now;
  }

  /** Address of who brings what others signed. */
  get relay(): string {
    return this.#relay.address;
  }

  /** Lets time pass before the next block. */
  pass(seconds: number): void {
    this.#now += seconds;
  }

  /** Lets time pass until the next block is at `timestamp`, unless it is later already. */
  passUntil(timestamp: number): void {
    this.#now = Math.max(this.#now, timestamp - 1);
  }

  /** Sends one transaction in a block of its own, a second after the one before. */
  async send(call: Send): Promise<TransactionReceipt> {
    await this.#setNextBlock();
    const receipt = await (await call()).wait();
    if (receipt?.status !== 1) throw new Error("a transaction of the preparation was not carried out");
    return receipt;
  }

  /** Runs `body` and takes everything back that it did. */
  async apart<T>(body: () => Promise<T>): Promise<T> {
    const snapshot = await this.#ask("evm_snapshot", []);
    const now = this.#now;
    try {
      return await body();
    } finally {
      await this.#ask("evm_revert", [snapshot]);
      this.#now = now;
    }
  }

  /**
   * Has a key send transactions, in blocks that are filled up to 60 M gas. Each is asked for when the one before was taken,
   * so that few are held at once.
   *
   * @throws Error if one of them is not carried out.
   */
  async deliver(loads: Iterable<Load> | AsyncIterable<Load>, sender = this.#relay): Promise<Delivery> {
    const sent: Sent[] = [];
    let [blocks, signing, sending] = [0, 0, 0];
    let waiting: Waiting[] = [];
    let reserved = 0;
    // Gas of an item, and what must be given for what is used: before refunds.
    let [most, needed] = [0, MOST_REFUNDED];
    let nonce = Number(await this.#ask("eth_getTransactionCount", [sender.address, "latest"]));
    const fill = async (): Promise<void> => {
      if (waiting.length === 0) return;
      const gas = await this.#mine(waiting, sender.address);
      most = 0;
      for (const [index, { load }] of waiting.entries()) {
        const { items } = load;
        const used = gas[index] ?? 0;
        most = Math.max(most, used / items);
        sent.push({ gas: used, items });
      }
      blocks += 1;
      waiting = [];
      reserved = 0;
    };
    await this.#ask("evm_setAutomine", [false]);
    try {
      let clock = performance.now();
      const lap = (): number => {
        const before = clock;
        clock = performance.now();
        return (clock - before) / MS;
      };
      for await (const load of loads) {
        const { to, data, items } = load;
        const wanted = most === 0 ? TRANSACTION_GAS : Math.ceil(most * needed * items * MARGIN) + MARGIN_GAS;
        const gasLimit = Math.min(TRANSACTION_GAS, wanted);
        const raw = signed(sender, { to, data, gasLimit, nonce: nonce++ });
        signing += lap();
        const first = sent.length === 0 && waiting.length === 0;
        if (reserved + gasLimit > BLOCK_GAS) await fill();
        const estimate = first ? await this.#estimate(load, sender.address) : undefined;
        if (first) lap();
        waiting.push({ hash: String(await this.#ask("eth_sendRawTransaction", [raw])), load });
        reserved += gasLimit;
        // What one of them uses is not known before the first is carried out.
        if (first) await fill();
        if (estimate !== undefined) needed = Math.max(1, estimate / (sent[0]?.gas ?? estimate));
        sending += lap();
      }
      signing += lap();
      await fill();
      sending += lap();
    } finally {
      await this.#ask("evm_setAutomine", [true]);
    }
    return { sent, blocks, signing, sending, needed };
  }

  /** Limit that a transaction needs, undefined where the client finds none. */
  async #estimate({ to, data }: Load, from: string): Promise<number | undefined> {
    try {
      return Number(await this.#ask("eth_estimateGas", [{ from, to, data, gas: toQuantity(TRANSACTION_GAS) }]));
    } catch {
      return undefined;
    }
  }

  /** Makes a block of what waits; gives the gas of each. */
  async #mine(waiting: readonly Waiting[], from: string): Promise<number[]> {
    await this.#setNextBlock();
    await this.#ask("evm_mine", []);
    const gas: number[] = [];
    for (const { hash, load } of waiting) {
      const receipt = (await this.#ask("eth_getTransactionReceipt", [hash])) as RawReceipt | null;
      if (receipt === null) throw new Error(`a transaction was left out of a block of ${this.name}`);
      if (BigInt(receipt.status) !== 1n) {
        // Asked again, the contract tells why.
        await this.#ask("eth_call", [{ from, to: load.to, data: load.data }, "latest"]);
        throw new Error(`a transaction was not carried out, after ${BigInt(receipt.gasUsed)} gas`);
      }
      gas.push(Number(receipt.gasUsed));
    }
    return gas;
  }

  /** A second later. The price stays the same, however full blocks are. */
  async #setNextBlock(): Promise<void> {
    this.#now += 1;
    await this.#ask("evm_setNextBlockTimestamp", [this.#now]);
    await this.#ask("hardhat_setNextBlockBaseFeePerGas", [toQuantity(GAS_PRICE)]);
  }

  async #ask(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.connection.provider.request({ method, params: [...params] });
  }
}

interface Fields {
  readonly to: string;
  readonly data: string;
  readonly gasLimit: number;
  readonly nonce: number;
}

function signed({ key }: QuickKey, fields: Fields): string {
  // A full block raises the price by an eighth until it is set back.
  const fees = { maxFeePerGas: 2n * GAS_PRICE, maxPriorityFeePerGas: 0n };
  const transaction = Transaction.from({ ...fields, ...fees, type: 2, chainId: CHAIN_ID });
  transaction.signature = key.sign(transaction.unsignedHash);
  return transaction.serialized;
}
