/** Devices and accounts with a P-256 key, as secure elements and passkeys have it. */
import { concat, dataSlice, getAddress, keccak256 } from "ethers";

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

/** The ERC-7913 key by which contracts know a P-256 key: the verifier's address, then the public key; 84 bytes. */
export function p256KeyOf({ verifier, key }: P256Signer): string {
  return concat([verifier, key.publicKey]);
}

/** The account that a P-256 key acts as: the low 20 bytes of the hash of its ERC-7913 key. */
export function p256AccountOf(signer: P256Signer): string {
  return getAddress(dataSlice(keccak256(p256KeyOf(signer)), 12));
}
