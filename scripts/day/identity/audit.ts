/** Looks through the register at the end of the day: whose DID says what, who holds what, and who acted with it. */
import type { DIDDocument } from "did-resolver";

import { type CredentialName, credentialNames, typeIdOf } from "../../../ignition/credentials.js";
import { didOf, didResolver, networkOf, Standing } from "../../../sdk/identity/index.js";
import type { Day } from "../day.js";
import { type Entry, PERSON } from "./register.js";

/** How often DIDs said what they should. */
export interface DidCount {
  readonly resolved: number;
  /** Living identities whose document names who controls them. */
  readonly right: number;
  /** Devices among them, whose document names their operator as controller and their key beside it. */
  readonly rightDevices: number;
  /** Retired identities whose DID is deactivated. */
  readonly deactivated: number;
}

/** Credentials of a type. */
export interface TypeCount {
  readonly given: number;
  /** Names of those who gave them. */
  readonly issuers: readonly string[];
  readonly current: number;
  readonly revoked: number;
  /** Acts for which a module asked for one, and those of them whose author held it in the block of the act. */
  readonly asked: number;
  readonly held: number;
}

export interface Audit {
  readonly dids: DidCount;
  /** Types of which somebody was given one or asked for one. */
  readonly types: Readonly<Partial<Record<CredentialName, TypeCount>>>;
  /** Numbers of all people, in ascending order. */
  readonly numbers: readonly bigint[];
  /** Numbers that the contract has given. */
  readonly numbersGiven: bigint;
}

/** Asks the chain about everybody in the register. */
export async function auditRegister(day: Day): Promise<Audit> {
  const { credentials } = day.city;
  const people = day.register.entries.filter(({ kind }) => kind === "person");
  const numbers: bigint[] = [];
  for (const { identity } of people) numbers.push((await credentials.credentialOf(typeIdOf(PERSON), identity)).index);
  return {
    dids: await resolveAll(day),
    types: await countTypes(day),
    numbers: numbers.sort((left, right) => (left < right ? -1 : 1)),
    numbersGiven: (await credentials.typeOf(typeIdOf(PERSON))).subjectCount,
  };
}

// --- DIDs

/** Resolves every DID with the libraries that wallets use. */
async function resolveAll(day: Day): Promise<DidCount> {
  const { city, register } = day;
  const progress = day.progress("identity: resolving DIDs");
  const network = await networkOf(city.identities);
  const resolver = didResolver([network]);
  const count = { resolved: 0, right: 0, rightDevices: 0, deactivated: 0 };
  const { entries } = register;
  for (const [index, entry] of entries.entries()) {
    progress(index + 1, entries.length);
    const did = didOf(entry.identity, network.chainId);
    const { didDocument, didDocumentMetadata, didResolutionMetadata } = await resolver.resolve(did);
    if (didDocument === null || didResolutionMetadata.error !== undefined) continue;
    count.resolved += 1;
    if (entry.owner === undefined) {
      if (didDocumentMetadata.deactivated === true) count.deactivated += 1;
    } else if (isRight(didDocument, entry, entry.owner, network.chainId)) {
      count.right += 1;
      if (entry.kind === "device") count.rightDevices += 1;
    }
  }
  return count;
}

function isRight(document: DIDDocument, { identity, kind }: Entry, owner: string, chainId: bigint): boolean {
  const methods = document.verificationMethod ?? [];
  const accounts = new Map(methods.map(({ id, blockchainAccountId }) => [id, blockchainAccountId]));
  const account = (address: string): string => `eip155:${chainId}:${address}`;
  if (accounts.get(`${document.id}#controller`) !== account(owner)) return false;
  return kind !== "device" || [...accounts.values()].includes(account(identity));
}

// --- credentials

async function countTypes({ city, register }: Day): Promise<Audit["types"]> {
  const types: Partial<Record<CredentialName, TypeCount>> = {};
  for (const type of credentialNames) {
    const typeId = typeIdOf(type);
    const given = register.holdings.filter((holding) => holding.type === type);
    const asked = register.askedFor.filter((act) => act.type === type);
    if (given.length + asked.length === 0) continue;
    const standings: bigint[] = [];
    for (const { subject } of given) standings.push(await city.credentials.check(typeId, subject));
    let held = 0;
    for (const { block, subject } of asked) {
      if (await city.credentials.holds(typeId, subject, { blockTag: block })) held += 1;
    }
    types[type] = {
      given: given.length,
      issuers: [...new Set(given.map(({ issuer }) => register.nameOf(issuer.address)))],
      current: standings.filter((standing) => standing === Standing.Current).length,
      revoked: standings.filter((standing) => standing === Standing.Revoked).length,
      asked: asked.length,
      held,
    };
  }
  return types;
}
