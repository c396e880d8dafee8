/**
 * Status lists of cards that live in wallets: their places on the chain, and their export as W3C Bitstring Status
 * List 1.0.
 */
import { type BlockTag, getAddress, toBeArray } from "ethers";

import type { HasCredentials } from "../typedData/credentials.js";
import { decodeBase64Url, encodeBase64Url } from "./base64url.js";

/** Place of a card. */
export interface CardPlace {
  /** Number of the list among its issuer's, below 2^32. */
  readonly list: bigint;
  /** Place in the list, below 2^64. */
  readonly card: bigint;
}

/** Cards of one word of 256, as the contract takes them. */
export interface CardWord {
  /** List and word, `list << 64 | word`. */
  readonly position: bigint;
  /** One bit for each card; the most significant bit is card `256 * word`. */
  readonly cards: bigint;
}

/** What a bit of a list says: revoked for good, or suspended until further notice. */
export type StatusPurpose = "revocation" | "suspension";

/** A list of an issuer on a chain. */
export interface StatusListPlace {
  readonly chainId: bigint;
  /** Address of the Credentials contract. */
  readonly contract: string;
  /** Identity of the issuer. */
  readonly issuer: string;
  /** Number of the list among its issuer's, below 2^32. */
  readonly list: bigint;
}

/** Where a verifier finds the bit of a card, as `BitstringStatusListEntry` of W3C Bitstring Status List 1.0. */
export interface StatusEntry {
  readonly type: "BitstringStatusListEntry";
  readonly statusPurpose: StatusPurpose;
  /** Place in the list, in decimal digits. */
  readonly statusListIndex: string;
  /** See {@link statusListUrl}. */
  readonly statusListCredential: string;
}

const WORD_BITS = 256n;
const LIST_SHIFT = 64n;
const MAX_LIST = (1n << 32n) - 1n;
const MAX_CARD = (1n << 64n) - 1n;
const WORD_MASK = (1n << LIST_SHIFT) - 1n;
const BYTE_BITS = 8;
const WORD_BYTES = 32;

/** Fewest entries of a list by W3C Bitstring Status List 1.0: enough for a card to hide among others. */
export const MIN_LIST_LENGTH = 131_072;

/** Most entries that {@link StatusList} handles: 2 MiB of bits, which bounds what a hostile list can unpack to. */
export const MAX_LIST_LENGTH = 1 << 24;

// --- places

/**
 * Position of the word that a card stands in.
 *
 * @throws RangeError for a list that is not below 2^32 or a card that is not below 2^64.
 */
export function positionOf({ list, card }: CardPlace): bigint {
  requireUpTo("list", list, MAX_LIST);
  requireUpTo("card", card, MAX_CARD);
  return (list << LIST_SHIFT) | (card / WORD_BITS);
}

/**
 * Bit of a card in its word.
 *
 * @throws RangeError for a card that is not below 2^64.
 */
export function bitOf(card: bigint): bigint {
  requireUpTo("card", card, MAX_CARD);
  return 1n << (WORD_BITS - 1n - (card % WORD_BITS));
}

/**
 * Words that contain exactly these cards of a list, in ascending order: one transaction each.
 *
 * @param list - The list, below 2^32.
 * @param cards - The cards, each below 2^64, in any order; twice is once.
 * @throws RangeError for a list that is not below 2^32 or a card that is not below 2^64.
 */
export function wordsOf(list: bigint, cards: Iterable<bigint>): CardWord[] {
  const words = new Map<bigint, bigint>();
  for (const card of cards) {
    const position = positionOf({ list, card });
    words.set(position, (words.get(position) ?? 0n) | bitOf(card));
  }
  return [...words]
    .map(([position, bits]) => ({ position, cards: bits }))
    .sort((left, right) => (left.position < right.position ? -1 : 1));
}

/** Cards of a word, in ascending order: the inverse of {@link wordsOf}. */
export function placesOf({ position, cards }: CardWord): CardPlace[] {
  const list = position >> LIST_SHIFT;
  const first = (position & WORD_MASK) * WORD_BITS;
  const places: CardPlace[] = [];
  for (let offset = 0n; offset < WORD_BITS; offset += 1n) {
    if ((cards & bitOf(offset)) !== 0n) places.push({ list, card: first + offset });
  }
  return places;
}

function requireUpTo(name: string, value: bigint, max: bigint): void {
  if (value < 0n || value > max) {
    throw new RangeError(`${name} ${value.toString()} is out of range; it goes from 0 to ${max.toString()}`);
  }
}

// --- pointers

/**
 * URL of a status list on a chain: the contract's account id (CAIP-10), and in its query issuer, list and purpose.
 *
 * @throws RangeError for a list that is not below 2^32.
 * @throws TypeError for an address that is none.
 */
export function statusListUrl({ chainId, contract, issuer, list }: StatusListPlace, purpose: StatusPurpose): string {
  requireUpTo("list", list, MAX_LIST);
  const account = `eip155:${chainId.toString()}:${getAddress(contract)}`;
  return `${account}?issuer=${getAddress(issuer)}&list=${list.toString()}&purpose=${purpose}`;
}

/**
 * What {@link statusListUrl} was made of.
 *
 * @returns Undefined for any other URL.
 */
export function parseStatusListUrl(url: string): (StatusListPlace & { readonly purpose: StatusPurpose }) | undefined {
  const found =
    /^eip155:(\d{1,32}):(0x[\da-fA-F]{40})\?issuer=(0x[\da-fA-F]{40})&list=(\d{1,20})&purpose=(revocation|suspension)$/.exec(
      url,
    );
  if (found === null) return undefined;
  const [, chainId = "", contract = "", issuer = "", list = "", purpose = ""] = found;
  if (BigInt(list) > MAX_LIST) return undefined;
  return {
    chainId: BigInt(chainId),
    // In lower case, because the checksum that upper case carries would be an error of its own.
    contract: getAddress(contract.toLowerCase()),
    issuer: getAddress(issuer.toLowerCase()),
    list: BigInt(list),
    purpose: purpose as StatusPurpose,
  };
}

/**
 * `credentialStatus` of a card: one entry for revocation and one for suspension.
 *
 * @param place - Its list.
 * @param card - Its place in the list, below 2^64.
 * @throws RangeError for a list that is not below 2^32 or a card that is not below 2^64.
 */
export function statusEntries(place: StatusListPlace, card: bigint): StatusEntry[] {
  requireUpTo("card", card, MAX_CARD);
  return PURPOSES.map((statusPurpose) => ({
    type: "BitstringStatusListEntry",
    statusPurpose,
    statusListIndex: card.toString(),
    statusListCredential: statusListUrl(place, statusPurpose),
  }));
}

const PURPOSES = ["revocation", "suspension"] as const;

// --- lists

/** The bits of a status list. */
export class StatusList {
  readonly #bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    const length = bytes.length * BYTE_BITS;
    if (length < MIN_LIST_LENGTH || length > MAX_LIST_LENGTH) {
      throw new RangeError(`a list of ${length} entries is out of range: ${MIN_LIST_LENGTH} to ${MAX_LIST_LENGTH}`);
    }
    this.#bytes = bytes;
  }

  /**
   * A list from the words of the contract.
   *
   * @param words - From word 0 on, each below 2^256. Filled up with zeros to {@link MIN_LIST_LENGTH} entries.
   * @throws RangeError for a word out of range, or more than {@link MAX_LIST_LENGTH} entries.
   */
  static ofWords(words: readonly bigint[]): StatusList {
    const bytes = new Uint8Array(Math.max(words.length * WORD_BYTES, MIN_LIST_LENGTH / BYTE_BITS));
    for (const [index, word] of words.entries()) {
      if (word < 0n || word >= 1n << WORD_BITS) {
        throw new RangeError(`word ${index} is ${word.toString()}; it goes from 0 to 2^${WORD_BITS.toString()} - 1`);
      }
      const significant = toBeArray(word);
      bytes.set(significant, (index + 1) * WORD_BYTES - significant.length);
    }
    return new StatusList(bytes);
  }

  /**
   * Reads an `encodedList`.
   *
   * @throws RangeError for fewer than {@link MIN_LIST_LENGTH} entries or more than {@link MAX_LIST_LENGTH}.
   * @throws TypeError for anything that is not multibase base64url of GZIP.
   */
  static async decode(encodedList: string): Promise<StatusList> {
    const packed = encodedList.startsWith(MULTIBASE) ? decodeBase64Url(encodedList.slice(1)) : undefined;
    if (packed === undefined) throw new TypeError("the list is not multibase base64url without padding");
    return new StatusList(await unpack(packed, MAX_LIST_LENGTH / BYTE_BITS));
  }

  /** Number of entries. */
  get length(): number {
    return this.#bytes.length * BYTE_BITS;
  }

  /**
   * Whether the bit of a card is set.
   *
   * @param index - `statusListIndex` of the card, from 0.
   * @throws RangeError for an index beyond the list.
   */
  has(index: number): boolean {
    const byte = Number.isInteger(index) ? this.#bytes[Math.floor(index / BYTE_BITS)] : undefined;
    if (byte === undefined) throw new RangeError(`there is no entry ${index}; the list has ${this.length}`);
    return (byte & (1 << (BYTE_BITS - 1 - (index % BYTE_BITS)))) !== 0;
  }

  /** `encodedList` of a BitstringStatusList: multibase base64url, without padding, of the GZIP-compressed bits. */
  async encode(): Promise<string> {
    return MULTIBASE + encodeBase64Url(await pack(this.#bytes));
  }
}

/** Multibase's letter for base64url without padding. */
const MULTIBASE = "u";

/** What to read of a list. */
export interface StatusListQuery {
  /** Identity of the issuer. */
  readonly issuer: string;
  /** Number of the list, below 2^32. */
  readonly list: bigint;
  readonly purpose: StatusPurpose;
  /** Cards of the list from card 0 on, at most {@link MAX_LIST_LENGTH}; {@link MIN_LIST_LENGTH} when left out. */
  readonly cardCount?: number;
  /** Block to read at; the latest when left out. */
  readonly blockTag?: BlockTag;
}

/**
 * Reads a list from the chain, with one call for 256 cards.
 *
 * @throws RangeError for a list that is not below 2^32 or a number of cards out of range.
 */
export async function readStatusList({ credentials }: HasCredentials, query: StatusListQuery): Promise<StatusList> {
  const { issuer, list, purpose, cardCount = MIN_LIST_LENGTH, blockTag = "latest" } = query;
  if (!Number.isInteger(cardCount) || cardCount < 0 || cardCount > MAX_LIST_LENGTH) {
    throw new RangeError(`${cardCount} cards are out of range: 0 to ${MAX_LIST_LENGTH}`);
  }
  const wordCount = Math.ceil(cardCount / Number(WORD_BITS));
  const words: bigint[] = [];
  while (words.length < wordCount) {
    const next = Array.from({ length: Math.min(CALLS_AT_ONCE, wordCount - words.length) }, async (_, offset) => {
      const position = positionOf({ list, card: BigInt(words.length + offset) * WORD_BITS });
      const { revoked, suspended } = await credentials.cardsOf(issuer, position, { blockTag });
      return purpose === "revocation" ? revoked : suspended;
    });
    words.push(...(await Promise.all(next)));
  }
  return StatusList.ofWords(words);
}

const CALLS_AT_ONCE = 64;

/**
 * A list as W3C publishes it: an unsigned `BitstringStatusListCredential` of the W3C data model 2.0. To be signed by
 * its issuer before it is served to verifiers without access to the chain.
 *
 * @param list - The bits.
 * @param fields - DID of the issuer, URL under which cards point to the list, purpose, and start of validity, Unix time.
 */
export async function statusListCredential(
  list: StatusList,
  { issuer, url, purpose, validFrom }: { issuer: string; url: string; purpose: StatusPurpose; validFrom: bigint },
): Promise<Record<string, unknown>> {
  return {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    id: url,
    type: ["VerifiableCredential", "BitstringStatusListCredential"],
    issuer,
    validFrom: new Date(Number(validFrom) * MS_PER_SECOND).toISOString(),
    credentialSubject: {
      id: `${url}#list`,
      type: "BitstringStatusList",
      statusPurpose: purpose,
      encodedList: await list.encode(),
    },
  };
}

const MS_PER_SECOND = 1_000;

// --- compression

/** Streams of the platform, which Node.js and browsers have alike, as far as they are used here. */
interface Chunks {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }>;
  cancel(): Promise<void>;
}
interface Transform {
  readonly readable: { getReader(): Chunks };
  readonly writable: { getWriter(): { write(chunk: Uint8Array): Promise<void>; close(): Promise<void> } };
}
const platform = globalThis as unknown as Record<
  "CompressionStream" | "DecompressionStream",
  new (format: string) => Transform
>;

async function pack(bytes: Uint8Array): Promise<Uint8Array> {
  return pass(bytes, new platform.CompressionStream("gzip"), Infinity);
}

async function unpack(bytes: Uint8Array, limit: number): Promise<Uint8Array> {
  try {
    return await pass(bytes, new platform.DecompressionStream("gzip"), limit);
  } catch (cause) {
    if (cause instanceof RangeError) throw cause;
    throw new TypeError("the list is not packed by GZIP", { cause });
  }
}

/** Sends bytes through a transform; stops at the limit, whatever a hostile sender packed. */
async function pass(bytes: Uint8Array, { readable, writable }: Transform, limit: number): Promise<Uint8Array> {
  const writer = writable.getWriter();
  // A fault in the bytes is reported by the reader; the writer would report it a second time.
  void writer.write(bytes).catch(() => undefined);
  void writer.close().catch(() => undefined);
  const reader = readable.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let chunk = await reader.read(); chunk.value !== undefined; chunk = await reader.read()) {
    length += chunk.value.length;
    if (length > limit) {
      await reader.cancel();
      throw new RangeError(`the list unpacks to more than ${limit} bytes`);
    }
    chunks.push(chunk.value);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
