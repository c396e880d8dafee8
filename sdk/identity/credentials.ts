/** Credentials on the chain: what an organisation does with them, and how one stands in words. */
import {
  type ContractTransactionReceipt,
  type ContractTransactionResponse,
  decodeBytes32String,
  ZeroAddress,
  ZeroHash,
} from "ethers";

import type { Credentials } from "../../typechain-types/index.js";
import { Standing } from "../enums.js";
import { afterOwn, type Certainty, inBlock } from "../line.js";
import { type HasCredentials, signKeyAppointment } from "../typedData/credentials.js";
import { type AccountSigner, type MessageSigner, NO_SIGNATURE, randomNonce } from "../typedData/messages.js";
import { asciiIdOf } from "./ids.js";
import { type CardWord, wordsOf } from "./statusList.js";

export { Standing };

const STANDINGS: Readonly<Record<string, string>> = {
  "0": "nobody said this of the subject",
  "1": "the credential is current",
  "2": "there is no such type of credentials",
  "3": "the credential was revoked by its issuer, for good",
  "4": "the credential is suspended by its issuer",
  "5": "the credential has expired",
  "6": "the accreditation of its issuer, or one above it, was withdrawn",
  "7": "the accreditation of its issuer, or one above it, has lapsed",
  "8": "the subject's identity is retired",
  "9": "the account does not own the subject's identity",
};

/** A standing as the end of a sentence; the number itself for one that this package does not know. */
export function standingInWords(standing: bigint): string {
  return STANDINGS[standing.toString()] ?? `the credential has the unknown standing ${standing.toString()}`;
}

/** Most credentials that the contract issues in one transaction. */
export const MAX_GRANTS = 300;

/** One of many credentials issued together. */
export interface CredentialGrant {
  /** Identity of the subject. */
  readonly subject: string;
  /** Last Unix time at which the credential is good. */
  readonly until: bigint;
  /** Root of the salted attributes, see {@link AttributeTree}; none when left out. */
  readonly attributesRoot?: string;
}

/**
 * Id of a type of credentials.
 *
 * @param type - Its name, 1 to 31 characters of printable ASCII like `RESIDENT`; or 32 bytes in hexadecimal form, which
 *   stay as they are.
 * @throws RangeError for anything else.
 */
export function credentialTypeId(type: string): string {
  return asciiIdOf(type, "credential type");
}

/** Name of a type of credentials; the id itself when that is no padded text. */
export function credentialTypeName(typeId: string): string {
  try {
    const name = decodeBytes32String(typeId);
    return credentialTypeId(name) === typeId.toLowerCase() ? name : typeId;
  } catch {
    return typeId;
  }
}

// --- asking

/** Whether a credential is current, and if not, why. */
export interface CredentialCheck {
  readonly current: boolean;
  /** See {@link Standing}. */
  readonly standing: bigint;
  /** The standing in words. */
  readonly reason: string;
}

/** Who is asked about. */
export interface CredentialQuestion {
  /** Name or id of the type. */
  readonly type: string;
  /** Identity of the subject. */
  readonly subject: string;
  /** Account that acts for the subject; when left out, it is not asked who acts. */
  readonly account?: string;
}

/**
 * How a credential stands now, with the reason for a no.
 *
 * @throws RangeError for a type that is neither name nor id.
 */
export async function checkCredential(
  { credentials }: HasCredentials,
  { type, subject, account }: CredentialQuestion,
): Promise<CredentialCheck> {
  const typeId = credentialTypeId(type);
  const standing = await (account === undefined
    ? credentials.check(typeId, subject)
    : credentials.checkAs(typeId, subject, account));
  return { current: standing === Standing.Current, standing, reason: standingInWords(standing) };
}

// --- speaking

/** Who appoints which key. */
export interface KeyTerms {
  /** Identity of the organisation. */
  readonly issuer: string;
  /** Account, or address of an ERC-7913 key, that will speak for it. */
  readonly key: string;
  /** Last Unix time at which the key may speak. */
  readonly until: bigint;
  /** Last Unix time at which the signatures are good. */
  readonly deadline: bigint;
  /** Owner of the organisation's identity; left out when the owner sends the transaction. */
  readonly ownerSigner?: MessageSigner;
  /** The key; left out when the key sends the transaction, or is the owner. */
  readonly keySigner?: MessageSigner;
  /** Random when left out. */
  readonly nonce?: bigint;
}

/**
 * Appoints the issuing key of an organisation in place of the one before.
 *
 * @param city - Its `credentials`, connected to whoever sends the transaction.
 * @param terms - Who appoints which key.
 */
export async function appointKey(city: HasCredentials, terms: KeyTerms): Promise<ContractTransactionResponse> {
  const { issuer, key, until, deadline, nonce = randomNonce(), ownerSigner, keySigner } = terms;
  const appointment = { issuer, key, until, nonce, deadline };
  const sign = async (signer: MessageSigner | undefined) =>
    signer === undefined ? NO_SIGNATURE : signKeyAppointment(city, signer, appointment);
  return city.credentials.appointKey(appointment, await sign(ownerSigner), await sign(keySigner));
}

/**
 * What an organisation says through its issuing key. Every act is one transaction that is not waited for, but for
 * {@link issueMany} and the changes of cards. Those wait first for what the key sent before and nobody has mined yet.
 *
 * A suspension sets a whole word of cards, so calls that change cards wait for one another within an `Issuer`; of several
 * processes or `Issuer`s that suspend and restore cards of one word at once the last one counts, so leave that to one.
 */
export class Issuer {
  readonly #credentials: Credentials;
  readonly #certainty: Certainty;
  /** Ends with the last change of cards that was asked for. */
  #changes: Promise<unknown> = Promise.resolve();

  /**
   * @param city - Its `credentials`.
   * @param key - The issuing key, which sends the transactions.
   * @param certainty - How long those are waited for that are.
   */
  constructor(
    { credentials }: HasCredentials,
    key: AccountSigner & Parameters<Credentials["connect"]>[0],
    certainty: Certainty = {},
  ) {
    this.#credentials = credentials.connect(key);
    this.#certainty = certainty;
  }

  /**
   * Accredits an issuer for a type, or changes an accreditation.
   *
   * @param type - Name or id of the type.
   * @param issuer - Identity of the issuer.
   * @param until - Last Unix time at which the accreditation is good.
   * @param mayAccredit - Whether it may accredit others.
   */
  async accredit(
    type: string,
    issuer: string,
    until: bigint,
    mayAccredit = false,
  ): Promise<ContractTransactionResponse> {
    return this.#credentials.accredit(credentialTypeId(type), issuer, until, mayAccredit);
  }

  /** Withdraws an accreditation, and with it all that hangs below it. */
  async withdrawAccreditation(type: string, issuer: string): Promise<ContractTransactionResponse> {
    return this.#credentials.withdrawAccreditation(credentialTypeId(type), issuer);
  }

  /** Issues a credential, or issues one again. */
  async issue(
    type: string,
    { subject, until, attributesRoot = ZeroHash }: CredentialGrant,
  ): Promise<ContractTransactionResponse> {
    return this.#credentials.issue(credentialTypeId(type), subject, until, attributesRoot);
  }

  /**
   * Issues any number of credentials of one type, {@link MAX_GRANTS} in a transaction. Each transaction is mined before
   * the next is sent; one that fails stops the rest, and what was issued before it stays. If it is broken off, the same call
   * goes on where it was: a transaction of which every credential is current as it is granted is not sent again.
   *
   * @param type - Name or id of the type.
   * @param grants - At least one.
   * @param done - Told after each transaction, sent now or before, how many credentials are issued.
   * @returns Receipts of what was sent now.
   * @throws RangeError for no grant.
   * @throws PendingError if what the key sent before does not get into a block, or no confirmation is waited for and a
   * transaction is in no block yet.
   * @throws what ethers throws for a transaction that failed or does not count in time.
   */
  async issueMany(
    type: string,
    grants: readonly CredentialGrant[],
    done?: (count: number) => void,
  ): Promise<ContractTransactionReceipt[]> {
    if (grants.length === 0) throw new RangeError("0 credentials cannot be issued; at least 1 can");
    const typeId = credentialTypeId(type);
    const receipts: ContractTransactionReceipt[] = [];
    for (let from = 0; from < grants.length; from += MAX_GRANTS) {
      const part = grants.slice(from, from + MAX_GRANTS).map(({ subject, until, attributesRoot = ZeroHash }) => {
        return { subject, until, attributesRoot };
      });
      await afterOwn(this.#credentials.runner, this.#certainty);
      if (!(await this.#areIssued(typeId, part))) {
        receipts.push(await inBlock(await this.#credentials.issueMany(typeId, part), this.#certainty));
      }
      done?.(from + part.length);
    }
    return receipts;
  }

  /** Whether credentials are current as they are granted, by this organisation. Asks no further than the first that is not. */
  async #areIssued(typeId: string, grants: readonly Required<CredentialGrant>[]): Promise<boolean> {
    const issuer = await this.#issuer();
    for (const { attributesRoot, subject, until } of grants) {
      const found = await this.#credentials.credentialOf(typeId, subject);
      const isSame = found.issuer === issuer && found.until === until && found.attributesRoot === attributesRoot;
      if (!isSame || (await this.#credentials.check(typeId, subject)) !== Standing.Current) return false;
    }
    return true;
  }

  /** Revokes a credential for good. */
  async revoke(type: string, subject: string): Promise<ContractTransactionResponse> {
    return this.#credentials.revoke(credentialTypeId(type), subject);
  }

  /** Suspends a credential until {@link restore}. */
  async suspend(type: string, subject: string): Promise<ContractTransactionResponse> {
    return this.#credentials.suspend(credentialTypeId(type), subject);
  }

  /** Lifts a suspension. */
  async restore(type: string, subject: string): Promise<ContractTransactionResponse> {
    return this.#credentials.restore(credentialTypeId(type), subject);
  }

  /** Gives the credential and the number of a person to another identity of that person. */
  async replace(type: string, oldSubject: string, grant: CredentialGrant): Promise<ContractTransactionResponse> {
    const { subject, until, attributesRoot = ZeroHash } = grant;
    return this.#credentials.replaceSubject(credentialTypeId(type), oldSubject, subject, until, attributesRoot);
  }

  /**
   * Revokes cards of one of the organisation's status lists, for good. Cards that were revoked before are left out.
   *
   * @param list - The list, below 2^32.
   * @param cards - The cards, each below 2^64.
   * @returns One transaction for each word of 256 cards in which any is new, mined.
   * @throws RangeError for a list that is not below 2^32 or a card that is not below 2^64.
   * @throws PendingError if what the key sent before does not get into a block, or no confirmation is waited for and a
   * transaction is in no block yet.
   * @throws what ethers throws for a transaction that failed or does not count in time.
   */
  async revokeCards(list: bigint, cards: Iterable<bigint>): Promise<ContractTransactionReceipt[]> {
    return this.#changeWords(list, cards, async ({ position, cards: bits }, { revoked }) => {
      return (bits & ~revoked) === 0n ? undefined : this.#credentials.revokeCards(position, bits);
    });
  }

  /**
   * Suspends cards of one of the organisation's status lists; those suspended before stay so.
   *
   * @param list - The list, below 2^32.
   * @param cards - The cards, each below 2^64.
   * @returns One transaction for each word of 256 cards in which any is new, mined.
   * @throws RangeError for a list that is not below 2^32 or a card that is not below 2^64.
   * @throws PendingError if what the key sent before does not get into a block, or no confirmation is waited for and a
   * transaction is in no block yet.
   * @throws what ethers throws for a transaction that failed or does not count in time.
   */
  async suspendCards(list: bigint, cards: Iterable<bigint>): Promise<ContractTransactionReceipt[]> {
    return this.#changeWords(list, cards, async ({ position, cards: bits }, { suspended }) => {
      const next = suspended | bits;
      return next === suspended ? undefined : this.#credentials.suspendCards(position, next);
    });
  }

  /**
   * Lifts the suspension of cards of one of the organisation's status lists.
   *
   * @param list - The list, below 2^32.
   * @param cards - The cards, each below 2^64.
   * @returns One transaction for each word of 256 cards in which any was suspended, mined.
   * @throws RangeError for a list that is not below 2^32 or a card that is not below 2^64.
   * @throws PendingError if what the key sent before does not get into a block, or no confirmation is waited for and a
   * transaction is in no block yet.
   * @throws what ethers throws for a transaction that failed or does not count in time.
   */
  async restoreCards(list: bigint, cards: Iterable<bigint>): Promise<ContractTransactionReceipt[]> {
    return this.#changeWords(list, cards, async ({ position, cards: bits }, { suspended }) => {
      const next = suspended & ~bits;
      return next === suspended ? undefined : this.#credentials.suspendCards(position, next);
    });
  }

  async #changeWords(
    list: bigint,
    cards: Iterable<bigint>,
    change: (word: CardWord, now: WordStatus) => Promise<ContractTransactionResponse | undefined>,
  ): Promise<ContractTransactionReceipt[]> {
    const words = wordsOf(list, cards);
    const changed = this.#changes.then(async () => {
      const issuer = await this.#issuer();
      if (issuer === ZeroAddress) throw new Error(`${await this.#key()} is nobody's issuing key`);
      const receipts: ContractTransactionReceipt[] = [];
      for (const word of words) {
        await afterOwn(this.#credentials.runner, this.#certainty);
        const sent = await change(word, await this.#credentials.cardsOf(issuer, word.position));
        if (sent !== undefined) receipts.push(await inBlock(sent, this.#certainty));
      }
      return receipts;
    });
    // One that fails stops none of those behind it.
    this.#changes = changed.catch(() => undefined);
    return changed;
  }

  /** The organisation for which the key speaks; the zero address: none. */
  async #issuer(): Promise<string> {
    return this.#credentials.issuerOf(await this.#key());
  }

  async #key(): Promise<string> {
    return (this.#credentials.runner as unknown as AccountSigner).getAddress();
  }
}

/** Cards of a word that are revoked, and those that are suspended. */
interface WordStatus {
  readonly revoked: bigint;
  readonly suspended: bigint;
}
