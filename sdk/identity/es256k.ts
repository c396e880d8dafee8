/** JOSE signatures with secp256k1 keys (ES256K, RFC 8812), and who made them. */
import {
  computeAddress,
  concat,
  dataSlice,
  getBytes,
  sha256,
  SigningKey,
  toBeHex,
  toBigInt,
  toUtf8Bytes,
} from "ethers";

import { decodeBase64Url, encodeBase64Url } from "./base64url.js";

/** A secp256k1 key that can sign, wherever it is kept: in memory, a wallet, or a hardware security module. */
export interface JwtSigner {
  /**
   * Signs a digest.
   *
   * @param digest - 32 bytes in hexadecimal form (SHA-256); signed as it is, not hashed again.
   * @returns r and s, 32 bytes each, in hexadecimal form; anything after them is left out. Either s will do.
   */
  sign(digest: string): string | Promise<string>;
}

/** A secp256k1 key in memory: for tests, simulations and wallets that keep keys so. */
export class SoftwareJwtKey implements JwtSigner {
  readonly #key: SigningKey;

  /**
   * @param secret - 32 bytes.
   * @throws TypeError when the secret has another length.
   */
  constructor(secret: string | Uint8Array) {
    this.#key = new SigningKey(secret);
  }

  /** The account of the key. */
  get address(): string {
    return computeAddress(this.#key.publicKey);
  }

  sign(digest: string): string {
    return this.#key.sign(digest).serialized;
  }
}

/** Name of the algorithm in JOSE. */
export const ALGORITHM = "ES256K";

const SIGNATURE_BYTES = 64;
const HALF = 32;
/** Order of the group of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** First of the two recovery numbers of a signature without one. */
const FIRST_RECOVERY = 27;

/**
 * Signs the text of a JWT.
 *
 * @throws TypeError when the signer returns less than 64 bytes.
 */
export async function signJwt(signer: JwtSigner, text: string): Promise<string> {
  const signature = getBytes(await signer.sign(sha256(toUtf8Bytes(text))));
  if (signature.length < SIGNATURE_BYTES) {
    throw new TypeError(`a signature of ${signature.length} bytes is too short; r and s have ${SIGNATURE_BYTES}`);
  }
  return encodeBase64Url(signature.subarray(0, SIGNATURE_BYTES));
}

/**
 * Accounts whose key can have made a signature of a JWT: two, of which chance made one.
 *
 * @returns Empty for what is no signature.
 */
export function recoverJwt(text: string, signature: string): string[] {
  const bytes = decodeBase64Url(signature);
  if (bytes?.length !== SIGNATURE_BYTES) return [];
  const digest = sha256(toUtf8Bytes(text));
  const r = dataSlice(bytes, 0, HALF);
  const s = toBigInt(dataSlice(bytes, HALF));
  // A signature with the upper s is as good in JOSE; ethers takes the lower one only.
  const lower = s > ORDER >> 1n ? ORDER - s : s;
  return [FIRST_RECOVERY, FIRST_RECOVERY + 1].flatMap((v) => {
    try {
      return [computeAddress(SigningKey.recoverPublicKey(digest, concat([r, toBeHex(lower, HALF), toBeHex(v, 1)])))];
    } catch {
      return [];
    }
  });
}
