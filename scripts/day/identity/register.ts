/** Who acts in the day: people, bodies and devices, and what is said of them. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type Wallet, ZeroAddress, ZeroHash } from "ethers";

import { type CredentialName, typeIdOf } from "../../../ignition/credentials.js";
import { signCommissioning } from "../../../sdk/index.js";
import { commissionDevice } from "../../../sdk/identity/index.js";
import type { Day, Done } from "../day.js";
import { Offices, SIGNATURE_SECONDS } from "./offices.js";

/** A stranger has an identity, as everybody does, and no credential. */
export const kinds = ["person", "body", "device", "stranger"] as const;

export type Kind = (typeof kinds)[number];

/** Somebody with an identity. */
export interface Entry {
  readonly kind: Kind;
  readonly name: string;
  /** Address of the identity, which is the account or key that it had first. */
  readonly identity: string;
  /** Account that owns the identity now; absent when it is retired. */
  owner: string | undefined;
}

/** A device with its key, and who operates it. */
export interface DeviceTerms {
  readonly name: string;
  readonly key: Wallet;
  readonly operator: HardhatEthersSigner;
  /** What the device is, and who says so. None: nobody vouches for it. */
  readonly make?: { readonly type: CredentialName; readonly maker: HardhatEthersSigner };
  /** Pack that it watches over. */
  readonly packId?: bigint;
}

/** A credential that is given to somebody. */
export interface Holding {
  readonly type: CredentialName;
  readonly subject: string;
  readonly issuer: HardhatEthersSigner;
}

/** An act for which a module asked a credential of who acted. */
export interface AskedFor extends Pick<Holding, "type" | "subject"> {
  readonly block: number;
}

/** Credential of every person. */
export const PERSON: CredentialName = "RESIDENT";

/**
 * Seconds for which keys are delegates. The chain goes by the time of the data, the resolver of DIDs by that of the
 * machine: it is long enough for both.
 */
export const KEY_VALIDITY = 100n * 365n * 86_400n;

/**
 * Enrols who acts. What modules ask for is gathered, and carried out by {@link enrol} in as few transactions as there
 * can be: credentials in batches, then one commissioning for each device.
 */
export class Register {
  readonly offices: Offices;
  readonly #day: Day;
  readonly #entries = new Map<string, Entry>();
  readonly #devices: DeviceTerms[] = [];
  readonly #holdings = new Map<string, Holding>();
  readonly #askedFor: AskedFor[] = [];
  #wishes: Holding[] = [];
  #waiting: DeviceTerms[] = [];

  constructor(day: Day) {
    this.#day = day;
    this.offices = new Offices(day);
  }

  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  /** How many of a kind there are, retired ones among them. */
  count(wanted: Kind): number {
    return this.entries.filter(({ kind }) => kind === wanted).length;
  }

  /** Devices in the order in which they were commissioned. */
  get devices(): readonly DeviceTerms[] {
    return this.#devices;
  }

  /** Credentials given or to be given, the revoked ones among them. */
  get holdings(): readonly Holding[] {
    return [...this.#holdings.values()];
  }

  get askedFor(): readonly AskedFor[] {
    return this.#askedFor;
  }

  /** Enrols a person, who is a resident of the city. */
  person(name: string, { address }: { readonly address: string }): void {
    this.#add("person", name, address);
    this.give(PERSON, address);
  }

  /** Enrols a body of the city, or a company. */
  body(name: string, { address }: { readonly address: string }): void {
    this.#add("body", name, address);
  }

  /** Takes note of somebody of whom nobody says anything. */
  stranger(name: string, { address }: { readonly address: string }): void {
    this.#add("stranger", name, address);
  }

  /** Enrols a device, which its operator owns once it is commissioned. */
  device(terms: DeviceTerms): void {
    this.#waiting.push(terms);
    if (terms.make !== undefined) this.give(terms.make.type, terms.key.address, terms.make.maker);
  }

  /** Lets an issuer give a credential: the type's authority, or another that the authority accredits. Once is enough. */
  give(type: CredentialName, subject: string, issuer = this.offices.authorityOf(type)): void {
    const holding = { type, subject, issuer };
    const key = `${type} ${subject}`;
    if (this.#holdings.has(key)) return;
    this.#holdings.set(key, holding);
    this.#wishes.push(holding);
  }

  /** Carries out what has been asked for since it was last called. */
  async enrol(at: bigint): Promise<void> {
    const [wishes, devices] = [this.#wishes, this.#waiting];
    [this.#wishes, this.#waiting] = [[], []];
    for (const { type, issuer, subjects } of batchesOf(wishes)) {
      await this.offices.issue(type, issuer, subjects, at);
    }
    for (const device of devices) await this.#commission(device, at);
  }

  /** Takes note of an act for which a credential was asked of who acted. */
  asked(type: CredentialName, subject: string, { receipt }: Done): void {
    this.#askedFor.push({ type, subject, block: receipt.blockNumber });
  }

  /** Takes note that an identity was retired. */
  retired(identity: string): void {
    const entry = this.#entries.get(identity);
    if (entry !== undefined) entry.owner = undefined;
  }

  /** A text with names in the place of addresses and DIDs. */
  withNames(text: string): string {
    return text.replace(/(?:did:ethr:0x[\da-f]+:)?(0x[\da-fA-F]{40})(?![\da-fA-F])/g, (found, address: string) => {
      return this.#entries.get(address)?.name ?? found;
    });
  }

  /** Name of an identity; the address itself when nobody enrolled it. */
  nameOf(identity: string): string {
    return this.#entries.get(identity)?.name ?? identity;
  }

  #add(kind: Kind, name: string, identity: string): void {
    if (this.#entries.has(identity)) return;
    this.#entries.set(identity, { kind, name, identity, owner: identity });
  }

  /** Device and operator both sign; a relayer sends it. */
  async #commission(terms: DeviceTerms, at: bigint): Promise<void> {
    const { key, make, name, operator } = terms;
    const { city } = this.#day;
    const done = await this.#day.send("identity.commission", at, async (time) => {
      const commissioning = {
        device: key.address,
        operator: operator.address,
        validity: KEY_VALIDITY,
        registry: make === undefined ? ZeroAddress : await city.credentials.getAddress(),
        make: make === undefined ? ZeroHash : typeIdOf(make.type),
        nonce: BigInt(this.#devices.length),
        deadline: time + SIGNATURE_SECONDS,
      };
      const consent = await signCommissioning(city, operator, commissioning);
      return commissionDevice(city.identities, commissioning, key, consent);
    });
    if (make !== undefined) this.asked(make.type, key.address, done);
    this.#devices.push(terms);
    this.#add("device", name, key.address);
    const entry = this.#entries.get(key.address);
    if (entry !== undefined) entry.owner = operator.address;
  }
}

interface Batch extends Pick<Holding, "type" | "issuer"> {
  readonly subjects: string[];
}

/** Credentials of one type and issuer together, in the order in which the first of each was asked for. */
function batchesOf(wishes: readonly Holding[]): Batch[] {
  const batches = new Map<string, Batch>();
  for (const { type, issuer, subject } of wishes) {
    const key = `${type} ${issuer.address}`;
    const batch = batches.get(key) ?? { type, issuer, subjects: [] };
    batch.subjects.push(subject);
    batches.set(key, batch);
  }
  return [...batches.values()];
}
