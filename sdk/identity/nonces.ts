/** What verifiers give holders to sign, so that a presentation serves once. */
import { randomBytes } from "ethers";

import { encodeBase64Url } from "./base64url.js";

/** What became of a nonce: it may be used, it was used, or it was never given out or too long ago. */
export type NonceState = "fresh" | "used" | "unknown";

/** Where a verifier keeps what it gave out to be signed. Several machines of one verifier share one. */
export interface NonceStore {
  /**
   * Uses a nonce up. Of two calls with one nonce at the same time, one gets `fresh`.
   *
   * @param nonce - As the presentation names it.
   */
  take(nonce: string): NonceState | Promise<NonceState>;
}

/** Nonces in the memory of one process. */
export class MemoryNonces implements NonceStore {
  readonly #given = new Map<string, { readonly endsAt: bigint; used: boolean }>();
  readonly #duration: bigint;
  readonly #clock: () => bigint;

  /**
   * @param duration - Seconds for which a nonce can be used; 300 when left out.
   * @param clock - Unix time; that of the machine when left out.
   */
  constructor(duration = DEFAULT_DURATION, clock: () => bigint = machineTime) {
    this.#duration = duration;
    this.#clock = clock;
  }

  /** Gives out a nonce of 16 random bytes. */
  give(): string {
    const now = this.#clock();
    // In the order in which they were given and end, so that giving one is not slower the more are out.
    for (const [nonce, { endsAt }] of this.#given) {
      if (endsAt >= now) break;
      this.#given.delete(nonce);
    }
    const nonce = encodeBase64Url(randomBytes(NONCE_BYTES));
    this.#given.set(nonce, { endsAt: now + this.#duration, used: false });
    return nonce;
  }

  take(nonce: string): NonceState {
    const given = this.#given.get(nonce);
    if (given === undefined || given.endsAt < this.#clock()) return "unknown";
    if (given.used) return "used";
    given.used = true;
    return "fresh";
  }
}

const NONCE_BYTES = 16;

const DEFAULT_DURATION = 300n;
const MS_PER_SECOND = 1_000;

/** Unix time of the machine. */
export function machineTime(): bigint {
  return BigInt(Math.floor(Date.now() / MS_PER_SECOND));
}
