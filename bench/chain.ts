/** The chain that everything is measured on, and the clock that makes a run repeatable. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { id, parseEther, type TransactionReceipt, type TransactionResponse, Wallet } from "ethers";
import { network } from "hardhat";

/** Unix time of the first transaction after the deployment: far enough from the start of the chain. */
const OPENING = Date.UTC(2026, 11, 1) / 1000;
const GENESIS = "2026-11-21T00:00:00Z";
const PURSE = parseEther("100");

/** A call that is sent, not simulated. */
export type Send = () => Promise<TransactionResponse>;

export type Connection = Awaited<ReturnType<typeof network.create>>;

export class Chain {
  #now = OPENING;

  private constructor(
    readonly connection: Connection,
    readonly signers: readonly HardhatEthersSigner[],
  ) {}

  /** A new chain in this process, with the rules of the newest hard fork that Hardhat knows. */
  static async open(): Promise<Chain> {
    const connection = await network.create({ override: { initialDate: GENESIS } });
    return new Chain(connection, await connection.ethers.getSigners());
  }

  /** Unix time of the latest block that {@link send} made. */
  get now(): number {
    return this.#now;
  }

  /** Lets time pass before the next transaction. */
  pass(seconds: number): void {
    this.#now += seconds;
  }

  /** Lets time pass until the next transaction is at `timestamp`, unless it is later already. */
  passUntil(timestamp: number): void {
    this.#now = Math.max(this.#now, timestamp - 1);
  }

  /**
   * Sends one transaction in a block of its own, a second after the one before: calldata holds times, so a block must
   * not depend on how fast the machine is.
   */
  async send(call: Send): Promise<TransactionReceipt> {
    this.#now += 1;
    await this.connection.networkHelpers.time.setNextBlockTimestamp(this.#now);
    const receipt = await (await call()).wait();
    if (receipt?.status !== 1) throw new Error("a transaction of the bench was not carried out");
    return receipt;
  }

  /** Gas of the whole transaction: intrinsic gas and calldata in, refunds taken off. */
  async gasOf(call: Send): Promise<number> {
    return Number((await this.send(call)).gasUsed);
  }

  /** An account of its own for a name, with coin to send transactions and a key that signs anything. */
  async account(name: string): Promise<Wallet> {
    const { ethers, networkHelpers } = this.connection;
    const account = new Wallet(id(name), ethers.provider);
    await networkHelpers.setBalance(account.address, PURSE);
    return account;
  }

  /** Runs `body` and takes everything back that it did. */
  async apart<T>(body: () => Promise<T>): Promise<T> {
    const snapshot = await this.connection.networkHelpers.takeSnapshot();
    const now = this.#now;
    try {
      return await body();
    } finally {
      await snapshot.restore();
      this.#now = now;
    }
  }
}
