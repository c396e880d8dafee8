/** What the city is asked to do and must refuse. */
import type { ContractTransactionResponse } from "ethers";

import { nameIn, type Revert } from "../../../sdk/index.js";
import { Standing } from "../../../sdk/identity/index.js";
import { type Check, equal } from "../check.js";
import type { Day } from "../day.js";

/** Reason that stands where nobody refused. */
const NOT_REFUSED = "not refused";

/** Something that was tried, and why it was refused. */
export interface Refusal {
  /** What was tried, in one word that stays the same. */
  readonly key: string;
  /** The same for a reader. */
  readonly attempt: string;
  /** The error or reason that was expected. */
  readonly expected: string;
  /** The one that was given. */
  readonly reason: string;
  /** That in words. */
  readonly message: string;
}

/** What is tried, and the reason for which it must fail. */
export type Attempt = Pick<Refusal, "key" | "attempt" | "expected">;

/** Something off the chain that was judged. */
export interface Verdict {
  /** Absent when it was accepted. */
  readonly reason?: string;
  readonly message?: string;
}

/** Gathers what was refused, and what was accepted of the same kind as long as it was right. */
export class Refusals {
  readonly #day: Pick<Day, "sendRefused">;
  readonly #part: string;
  readonly #refusals: Refusal[] = [];
  readonly #before: Check[] = [];

  /** @param part - Part of the day, by which its checks are called. */
  constructor(day: Pick<Day, "sendRefused">, part = "identity") {
    this.#day = day;
    this.#part = part;
  }

  get all(): readonly Refusal[] {
    return this.#refusals;
  }

  /** Each was refused for the reason expected, and what had been right before was accepted. */
  get checks(): Check[] {
    const refused = this.#refusals.map(({ attempt, expected, reason }) =>
      equal(`${this.#part}: ${attempt} = refused for`, reason, expected),
    );
    return [...this.#before, ...refused];
  }

  /** Sends a transaction that must be refused. */
  async send(attempt: Attempt, transact: (time: bigint) => Promise<ContractTransactionResponse>): Promise<void> {
    const revert = await this.#day.sendRefused(transact);
    this.judge(attempt, revert === undefined ? {} : { reason: reasonOf(revert), message: revert.message });
  }

  /** Takes down a verdict that must be a refusal. */
  judge(attempt: Attempt, { reason = NOT_REFUSED, message = NOT_REFUSED }: Verdict): void {
    this.#refusals.push({ ...attempt, reason, message });
  }

  /** Takes down that the same was right, or was not, before it was to be refused. */
  before(name: string, given: string, expected: string): void {
    this.#before.push(equal(`${this.#part}: ${name}`, given, expected));
  }
}

/** An error by its name, with the standing of a credential where it tells one. */
function reasonOf({ args: { standing }, name }: Revert): string {
  return typeof standing === "bigint" ? `${name} (${nameIn(Standing, standing)})` : name;
}
