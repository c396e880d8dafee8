/** Base64url without padding, as JOSE and multibase use it. */
import { decodeBase64, encodeBase64 } from "ethers";

/** Bytes in base64url. */
export function encodeBase64Url(bytes: Uint8Array | string): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * Bytes of a base64url text.
 *
 * @returns Undefined for an empty text, and for one that is not canonical base64url without padding.
 */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = decodeBase64(
    text
      .replaceAll("-", "+")
      .replaceAll("_", "/")
      .padEnd(Math.ceil(text.length / 4) * 4, "="),
  );
  return encodeBase64Url(bytes) === text ? bytes : undefined;
}
