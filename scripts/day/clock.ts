import type { EthereumProvider } from "hardhat/types/providers";

import { DayError } from "./errors.js";

const SECONDS_PER_DAY = 86_400n;

/** The time of the chain: every transaction of the day gets the time of the data. */
export class Clock {
  readonly #provider: EthereumProvider;
  #now: bigint;

  private constructor(provider: EthereumProvider, now: bigint) {
    this.#provider = provider;
    this.#now = now;
  }

  static async of(provider: EthereumProvider): Promise<Clock> {
    return new Clock(provider, await latest(provider));
  }

  /** Time of the latest block whose time was set here. */
  get now(): bigint {
    return this.#now;
  }

  /** Time that a transaction gets which is to happen at an instant: blocks of the past are over. */
  next(at: bigint): bigint {
    return at > this.#now ? at : this.#now + 1n;
  }

  /** Sets the time of the next block, and returns it. */
  async reach(at: bigint): Promise<bigint> {
    const time = this.next(at);
    try {
      await this.#provider.request({ method: "evm_setNextBlockTimestamp", params: [Number(time)] });
    } catch (error) {
      throw unmovable(error);
    }
    this.#now = time;
    return time;
  }

  /** Lets the chain come to an instant by a block without transactions, for what is asked of it before one is sent. */
  async pass(at: bigint): Promise<void> {
    if ((await latest(this.#provider)) >= at) return;
    await this.reach(at);
    await this.#provider.request({ method: "evm_mine", params: [] });
  }

  /** Makes sure that the chain took the time that was set: a node may ignore what it does not know. */
  async verify(): Promise<void> {
    if ((await latest(this.#provider)) !== this.#now) throw unmovable(undefined);
  }

  /** Seconds, in whole days, by which data of the past have to be moved so that they begin after now. */
  shiftFor(startsAt: bigint): bigint {
    if (startsAt > this.#now) return 0n;
    return ((this.#now - startsAt) / SECONDS_PER_DAY + 1n) * SECONDS_PER_DAY;
  }
}

async function latest(provider: EthereumProvider): Promise<bigint> {
  const block = (await provider.request({ method: "eth_getBlockByNumber", params: ["latest", false] })) as {
    timestamp: string;
  };
  return BigInt(block.timestamp);
}

function unmovable(cause: unknown): DayError {
  return new DayError(
    "The clock of this network cannot be set (it does not know evm_setNextBlockTimestamp), and a day takes months of " +
      "chain time. Leave out --network, or name a development node such as the one of `npx hardhat node`.",
    { cause },
  );
}
