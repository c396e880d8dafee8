/** P-256 keys that are kept in memory. */
import { p256 } from "@noble/curves/p256";
import { getBytes, hexlify } from "ethers";

import type { P256Key } from "./p256.js";

/** A P-256 key in memory: for tests, simulations and devices without a secure element. */
export class SoftwareP256Key implements P256Key {
  readonly publicKey: string;
  readonly #secret: Uint8Array;

  /**
   * @param secret - 32 bytes, at least 1 and below the group's order; random when left out.
   * @throws Error when the secret is out of range.
   */
  constructor(secret: string | Uint8Array = p256.utils.randomPrivateKey()) {
    this.#secret = getBytes(secret);
    // The first byte tells the format of a point and is no part of the key.
    this.publicKey = hexlify(p256.getPublicKey(this.#secret, false).subarray(1));
  }

  sign(digest: string): string {
    return hexlify(p256.sign(getBytes(digest), this.#secret, { lowS: true }).toCompactRawBytes());
  }
}
