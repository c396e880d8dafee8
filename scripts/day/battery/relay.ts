import type { Wallet } from "ethers";

import { type Reading, signReading, type SignedReading } from "../../../sdk/index.js";
import type { Day } from "../day.js";

/** Most readings sent at once. */
const BATCH = 50;

/** Collects signed readings and sends them in batches. */
export class Relay {
  readonly #day: Day;
  #pending: SignedReading[] = [];
  #sent = 0;

  constructor(day: Day) {
    this.#day = day;
  }

  /** Readings sent so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Takes a reading of a device; it is sent when the batch is full or {@link flush} asks for it. */
  async take(device: Wallet, reading: Reading, at: bigint): Promise<void> {
    this.#pending.push(await signReading(this.#day.city, device, reading));
    if (this.#pending.length === BATCH) await this.flush(at);
  }

  /** Sends what is there. */
  async flush(at: bigint): Promise<void> {
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    this.#sent += batch.length;
    await this.#day.send("telemetry.submitMany", at, () => this.#day.city.telemetry.submitMany(batch), batch.length);
  }
}
