/** What an identity says of itself: the names and values of its attributes, and the types of its delegates. */
import { type BytesLike, getBytes, hexlify, toUtf8Bytes, zeroPadBytes } from "ethers";

/** An attribute as the contract takes it. */
export interface Entry {
  /** 32 bytes: UTF-8 text, filled up with zeros. */
  readonly name: string;
  /** In hexadecimal form. */
  readonly value: string;
}

/** How a DID document is to show a public key. */
export interface PublicKeyForm {
  readonly algorithm: "Secp256k1" | "Ed25519" | "X25519" | "RSA";
  /** `veriKey` signs statements, `sigAuth` also logs in, `enc` is encrypted to; `veriKey` when left out. */
  readonly purpose?: "veriKey" | "sigAuth" | "enc";
  /** How the document writes the bytes; `hex` when left out. */
  readonly encoding?: "hex" | "base64" | "base58" | "pem";
}

/** Type of a delegate that signs statements for the identity: devices' keys have it. */
export const VERI_KEY = "veriKey";

/** Type of a delegate that may also log in as the identity. */
export const SIG_AUTH = "sigAuth";

const WORD_LENGTH = 32;

/**
 * Text as the contract takes it for a name or a delegate's type.
 *
 * @throws RangeError for more than 32 bytes of UTF-8.
 */
export function wordOf(text: string): string {
  const bytes = toUtf8Bytes(text);
  if (bytes.length > WORD_LENGTH) {
    throw new RangeError(`"${text}" has ${bytes.length} bytes, more than ${WORD_LENGTH}`);
  }
  return zeroPadBytes(bytes, WORD_LENGTH);
}

/**
 * Any attribute. Names that do not begin with `did/` stay out of DID documents.
 *
 * @param name - Text of up to 32 bytes.
 * @param value - Bytes, or their hexadecimal form; for text see `toUtf8Bytes` of ethers.
 * @throws RangeError for a name that is too long, TypeError for a value that is no bytes.
 */
export function entry(name: string, value: BytesLike): Entry {
  return { name: wordOf(name), value: hexlify(getBytes(value)) };
}

/**
 * An attribute that DID documents show as a service.
 *
 * @param type - Letters, digits and underscores, up to 24; for instance `LinkedDomains`.
 * @param endpoint - An address as text, or anything that JSON can hold. Everybody can read it for ever.
 * @throws TypeError for another type, RangeError for one that is too long.
 */
export function serviceEntry(type: string, endpoint: string | object): Entry {
  if (!/^\w+$/.test(type)) throw new TypeError(`service type "${type}" is not of letters, digits and underscores`);
  const text = typeof endpoint === "string" ? endpoint : JSON.stringify(endpoint);
  return entry(`did/svc/${type}`, toUtf8Bytes(text));
}

/**
 * An attribute that DID documents show as a public key.
 *
 * @param form - What kind of key, and how it is shown.
 * @param key - Its bytes; those of the text for `pem`.
 * @throws TypeError for a key that is no bytes.
 */
export function publicKeyEntry(
  { algorithm, purpose = VERI_KEY, encoding = "hex" }: PublicKeyForm,
  key: BytesLike,
): Entry {
  return entry(`did/pub/${algorithm}/${purpose}/${encoding}`, key);
}
