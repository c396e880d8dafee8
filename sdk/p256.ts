/** Devices and accounts with a P-256 key, as secure elements and passkeys have it. */
import { p256 } from "@noble/curves/p256";
import { concat, dataSlice, getAddress, getBytes, hexlify, keccak256 } from "ethers";

/** A P-256 key that can sign, wherever it is kept. */
export interface P256Key {
  /** Coordinates x and y, 32 bytes each, in hexadecimal form. */
  readonly publicKey: string;
  /**
   * Signs a digest.
   *
   * @param digest - 32 bytes in hexadecimal form; signed as it is, not hashed again.
   * @returns r and s, 32 bytes each, with s in the lower half of the group's order.
   */
  sign(digest: string): string | Promise<string>;
}

/** A P-256 key together with the contract that checks its signatures (ERC-7913). */
export interface P256Signer {
  /** Address of the verifier: `p256Verifier` of the city. */
  readonly verifier: string;
  readonly key: P256Key;
}

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

/** The ERC-7913 key by which contracts know a P-256 key: the verifier's address, then the public key; 84 bytes. */
export function p256KeyOf({ verifier, key }: P256Signer): string {
  return concat([verifier, key.publicKey]);
}

/** The account that a P-256 key acts as: the low 20 bytes of the hash of its ERC-7913 key. */
export function p256AccountOf(signer: P256Signer): string {
  return getAddress(dataSlice(keccak256(p256KeyOf(signer)), 12));
}
