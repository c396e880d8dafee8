import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { ContractTransactionReceipt, ContractTransactionResponse } from "ethers";
import type { network } from "hardhat";

import { type Body, bodies } from "../../ignition/authority.js";
import { type City, explainRevert, type Revert } from "../../sdk/index.js";
import type { Clock } from "./clock.js";
import { DayError } from "./errors.js";
import type { GasMeter } from "./gas.js";
import { Register } from "./identity/register.js";
import { type Output, type Progress, startProgress } from "./progress.js";

export type Connection = Awaited<ReturnType<typeof network.create>>;

/** A transaction that happened. */
export interface Done {
  /** Time of its block. */
  readonly time: bigint;
  readonly receipt: ContractTransactionReceipt;
}

/** What every module has at hand while it lives its part. */
export class Day {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly gas: GasMeter;
  /** Contracts, called by the relayer unless another account is connected. */
  readonly city: City;
  readonly actors: Readonly<Record<Body, HardhatEthersSigner>>;
  /** Who sends what others signed, and pays the chain's coin for it. */
  readonly relayer: HardhatEthersSigner;
  /** Who acts, and what is said of them. */
  readonly register: Register;
  readonly #output: Output | undefined;
  readonly #free: HardhatEthersSigner[];
  #clockVerified = false;
  readonly #companies = new Map<string, HardhatEthersSigner>();

  constructor(
    fields: Pick<Day, "connection" | "clock" | "gas" | "city" | "relayer">,
    signers: readonly HardhatEthersSigner[],
    output: Output | undefined,
  ) {
    this.connection = fields.connection;
    this.clock = fields.clock;
    this.gas = fields.gas;
    this.city = fields.city;
    this.relayer = fields.relayer;
    this.actors = Object.fromEntries(bodies.map((body, index) => [body, signers[index]])) as Day["actors"];
    this.#free = signers.slice(bodies.length).filter(({ address }) => address !== fields.relayer.address);
    this.#output = output;
    this.register = new Register(this);
    for (const body of bodies) this.register.body(body, this.actors[body]);
    this.register.body("relayer", this.relayer);
  }

  /** Account with coin of its own for a company; the same one for the same name. */
  company(name: string): HardhatEthersSigner {
    const known = this.#companies.get(name) ?? this.#free.shift();
    if (known === undefined) throw new DayError(`The network has no account left for ${name}; start it with more.`);
    this.#companies.set(name, known);
    this.register.body(name, known);
    return known;
  }

  /** Starts a long step. */
  progress(label: string): Progress {
    return startProgress(this.#output, label);
  }

  /**
   * Sends a transaction at an instant, or as soon after it as the chain allows.
   *
   * @param operation - Name under which its gas is counted.
   * @param at - Unix time.
   * @param transact - Sends it; is told the time of its block.
   * @param items - Things that it does at once.
   */
  async send(
    operation: string,
    at: bigint,
    transact: (time: bigint) => Promise<ContractTransactionResponse>,
    items = 1,
  ): Promise<Done> {
    const time = await this.clock.reach(at);
    const response = await transact(time);
    const receipt = await response.wait();
    if (receipt === null) throw new Error(`${operation} was sent and never mined`);
    if (!this.#clockVerified) await this.clock.verify();
    this.#clockVerified = true;
    this.gas.add(operation, receipt.gasUsed, items);
    return { time, receipt };
  }

  /**
   * Sends a transaction that the city is to refuse.
   *
   * @param transact - Sends it; is told the time of its block.
   * @returns Why it was refused; undefined when it was not.
   */
  async sendRefused(transact: (time: bigint) => Promise<ContractTransactionResponse>): Promise<Revert | undefined> {
    const time = await this.clock.reach(this.clock.now);
    try {
      await (await transact(time)).wait();
      return undefined;
    } catch (failure) {
      const revert = explainRevert(failure);
      if (revert === undefined) throw failure;
      return revert;
    }
  }
}
