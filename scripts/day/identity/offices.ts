/** Organisations that say something of others: their keys, their accreditations, and what they issue. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { ZeroHash } from "ethers";

import { type CredentialName, credentialTypes, typeIdOf } from "../../../ignition/credentials.js";
import { appointKey, Issuer, MAX_GRANTS } from "../../../sdk/identity/index.js";
import { slices } from "../../../sdk/slices.js";
import type { Day } from "../day.js";

/** Last time that the contract can name: nothing lapses while a record of many years is lived. */
const OPEN_END = (1n << 40n) - 1n;
/** Seconds for which a signature of the day is good. */
export const SIGNATURE_SECONDS = 86_400n;

/** Opens offices when they are first needed: their accounts are their issuing keys. */
export class Offices {
  readonly #day: Day;
  readonly #open = new Set<string>();
  readonly #accredited = new Set<string>();

  constructor(day: Day) {
    this.#day = day;
  }

  /** Body that accredits the issuers of a type. */
  authorityOf(type: CredentialName): HardhatEthersSigner {
    return this.#day.actors[credentialTypes[type].authority];
  }

  /** Issues a type to subjects, as many as there are, in as few transactions as the contract allows. */
  async issue(
    type: CredentialName,
    issuer: HardhatEthersSigner,
    subjects: readonly string[],
    at: bigint,
  ): Promise<void> {
    await this.#accredit(type, issuer, at);
    const credentials = this.#day.city.credentials.connect(issuer);
    const [only] = subjects;
    if (subjects.length === 1 && only !== undefined) {
      const send = async () => new Issuer(this.#day.city, issuer).issue(type, { subject: only, until: OPEN_END });
      await this.#day.send("credential.issue", at, send);
      return;
    }
    for (const some of slices(subjects, MAX_GRANTS)) {
      const grants = some.map((subject) => ({ subject, until: OPEN_END, attributesRoot: ZeroHash }));
      const send = () => credentials.issueMany(typeIdOf(type), grants);
      await this.#day.send("credential.issueMany", at, send, grants.length);
    }
  }

  /** Revokes a credential of the type's authority for good. */
  async revoke(type: CredentialName, subject: string, at: bigint): Promise<void> {
    const issuer = new Issuer(this.#day.city, this.authorityOf(type));
    await this.#day.send("credential.revoke", at, () => issuer.revoke(type, subject));
  }

  /** Revokes a card of one of the registry's status lists for good. */
  async revokeCard(issuer: HardhatEthersSigner, position: bigint, bit: bigint, at: bigint): Promise<void> {
    const credentials = this.#day.city.credentials.connect(issuer);
    await this.#day.send("credential.revokeCards", at, () => credentials.revokeCards(position, bit));
  }

  async #accredit(type: CredentialName, issuer: HardhatEthersSigner, at: bigint): Promise<void> {
    const accreditation = `${type} ${issuer.address}`;
    if (this.#accredited.has(accreditation)) return;
    this.#accredited.add(accreditation);
    const authority = this.authorityOf(type);
    await this.#appoint(authority, at);
    await this.#appoint(issuer, at);
    const send = () => new Issuer(this.#day.city, authority).accredit(type, issuer.address, OPEN_END);
    await this.#day.send("credential.accredit", at, send);
  }

  async #appoint(organisation: HardhatEthersSigner, at: bigint): Promise<void> {
    const { address } = organisation;
    if (this.#open.has(address)) return;
    this.#open.add(address);
    const credentials = this.#day.city.credentials.connect(organisation);
    await this.#day.send("credential.appointKey", at, async (time) =>
      appointKey(
        { credentials },
        { issuer: address, key: address, until: OPEN_END, deadline: time + SIGNATURE_SECONDS, nonce: 0n },
      ),
    );
  }
}
