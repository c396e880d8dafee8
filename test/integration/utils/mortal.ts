/**
 * Programs that are killed and started anew, in this process: whatever they have in memory is dropped, and their line to the node is
 * dead from then on. And chains whose last blocks are replaced.
 */
import { BrowserProvider, type JsonRpcSigner } from "ethers";

import type { Connection } from "./city.js";
import { chanceOf, type Moment, momentsOf, type Side } from "../../../scripts/faults/moments.js";

interface Call {
  readonly method: string;
  readonly params?: unknown[];
}

/** What answers JSON-RPC calls. */
export interface Asked {
  request(call: Call): Promise<unknown>;
}

/** Said to a program that is dead: it never hears it in earnest. */
export class Killed extends Error {
  override readonly name = "Killed";
}

const POLL_MS = 5;

/** When a program is killed: at moments in their order, or whenever this says so of a request. */
export type Mortality = readonly Moment[] | ((request: number, method: string) => Side | undefined);

/** The lives of one program, killed at moments that count the requests of all of them together. */
export class Lives {
  readonly #node: Asked;
  readonly #when: Mortality;
  #requests = 0;
  #sends = 0;
  #killed = 0;

  /** @param when - Moments count the requests of all lives; after the last one the program lives on. */
  constructor(node: Asked, when: Mortality) {
    this.#node = node;
    this.#when = when;
  }

  /** Requests of all lives. */
  get requests(): number {
    return this.#requests;
  }

  /** Transactions that all lives sent. */
  get sends(): number {
    return this.#sends;
  }

  get killed(): number {
    return this.#killed;
  }

  /**
   * Lets the program live until it ends by itself.
   *
   * @param born - The program from its start; has nothing from earlier lives but what it reads again.
   * @throws what a life throws that was not killed.
   */
  async live<Value>(sender: string, born: (signer: JsonRpcSigner) => Promise<Value>): Promise<Value> {
    for (;;) {
      const life = new Life();
      const provider = new BrowserProvider({ request: async (call: Call) => this.#ask(life, call) }, undefined, {
        polling: true,
        cacheTimeout: -1,
      });
      provider.pollingInterval = POLL_MS;
      try {
        const lived = provider.getSigner(sender).then(born);
        // A program that is dead does not end by itself: ethers would try again for ever.
        return await Promise.race([lived, life.end]);
      } catch (error) {
        if (!life.isOver) throw error;
      } finally {
        life.kill("it ended");
        provider.destroy();
      }
    }
  }

  #sideOf(method: string): Side | undefined {
    if (typeof this.#when === "function") return this.#when(this.#requests, method);
    const moment = this.#when[this.#killed];
    return moment === undefined || this.#requests < moment.request ? undefined : moment.side;
  }

  async #ask(life: Life, call: Call): Promise<unknown> {
    if (life.isOver) throw new Killed("long ago");
    this.#requests += 1;
    if (call.method === "eth_sendTransaction") this.#sends += 1;
    const side = this.#sideOf(call.method);
    if (side === undefined) return this.#node.request(call);
    this.#killed += 1;
    if (side === "after") await this.#node.request(call).catch(() => undefined);
    throw life.kill(`at request ${this.#requests}, ${side} ${call.method}`);
  }
}

/** One life of a program. */
class Life {
  /** Is rejected when the life is over. */
  readonly end: Promise<never>;
  #isOver = false;
  #reject: (reason: Killed) => void = () => undefined;

  constructor() {
    this.end = new Promise((_, reject) => (this.#reject = reject));
    this.end.catch(() => undefined);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  kill(how: string): Killed {
    const killed = new Killed(how);
    this.#isOver = true;
    this.#reject(killed);
    return killed;
  }
}

const BLOCK_MS = 60;

/** Lives of a program on a chain with slow blocks that is killed whenever it has just sent something, and what its last life says. */
export async function killedAtEachSend<Value>(
  { networkHelpers, provider }: Connection,
  sender: string,
  born: (signer: JsonRpcSigner) => Promise<Value>,
): Promise<{ killed: number; last: Value }> {
  const lives = new Lives(provider, (_, method) => (method === "eth_sendTransaction" ? "after" : undefined));
  await provider.request({ method: "evm_setAutomine", params: [false] });
  const miner = setInterval(() => void networkHelpers.mine(), BLOCK_MS);
  try {
    const last = await lives.live(sender, born);
    return { killed: lives.killed, last };
  } finally {
    clearInterval(miner);
    await provider.request({ method: "evm_setAutomine", params: [true] });
  }
}

/** Numbers by chance for a purpose. */
export function chanceFor(purpose: string): ReturnType<typeof chanceOf> {
  return chanceOf(SEED, purpose);
}

/** Seed of moments; another one with the environment variable. */
export const SEED = process.env.CIVITAS_SEED ?? "civitas";
/** Kills of each program. */
export const KILLS = 50;

/** Moments by chance for a purpose. */
export function moments(purpose: string, requests: number, kills = KILLS): Moment[] {
  return momentsOf(chanceOf(SEED, purpose), kills, requests);
}
