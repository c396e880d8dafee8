/**
 * Cards: credentials that live in their holder's wallet, as SD-JWT.
 *
 * A card is a W3C Verifiable Credential (data model 2.0) secured as SD-JWT by the W3C Recommendation "Securing
 * Verifiable Credentials using JOSE and COSE" (`typ` is `vc+sd-jwt`), with the claims `vct`, `iss`, `exp` and `cnf` of
 * SD-JWT VC beside it. Issuer and holder are DIDs of the method `ethr`; `cnf.kid` names the holder's DID, so that a
 * holder who changes its key keeps its cards. `credentialStatus` has entries of W3C Bitstring Status List 1.0 whose URL
 * names chain, contract, issuer and list. Whatever is said of the subject can be disclosed claim by claim; everything
 * else is always open.
 */
import { SDJwtInstance } from "@sd-jwt/core";
import { getAddress, getBytes, hexlify, randomBytes, sha256, toUtf8Bytes } from "ethers";

import { providerOf } from "../runner.js";
import type { HasCredentials } from "../typedData/credentials.js";
import { encodeBase64Url } from "./base64url.js";
import { credentialTypeId, credentialTypeName } from "./credentials.js";
import { didOf } from "./did.js";
import { hasDigests, requireFlat } from "./disclosures.js";
import { ALGORITHM, type JwtSigner, signJwt } from "./es256k.js";
import { type CardPlace, statusEntries } from "./statusList.js";

/** Media type of a card, without `application/`. */
export const CARD_TYPE = "vc+sd-jwt";

const HASH = "sha-256";
const CONTEXTS = [
  "https://www.w3.org/ns/credentials/v2",
  // Gives every term that is defined nowhere else a meaning of the issuer's own.
  "https://www.w3.org/ns/credentials/undefined-terms/v2",
];
/** Names that mean something to SD-JWT, the data model or JavaScript itself. */
export const RESERVED_CLAIMS: ReadonlySet<string> = new Set(["id", "_sd", "_sd_alg", "...", "__proto__"]);
const MS_PER_SECOND = 1_000;

/** Where the credentials of a city stand. */
export interface CredentialRegistry {
  readonly chainId: bigint;
  /** Address of the Credentials contract. */
  readonly contract: string;
}

/** What an issuer states on a card. */
export interface CardTerms extends CardPlace {
  /** Name or id of the type, for which the issuer should be accredited. */
  readonly type: string;
  /** Identity of the issuer. */
  readonly issuer: string;
  /** Identity of the holder, who is the subject. */
  readonly holder: string;
  /** Unix time of the issue. */
  readonly issuedAt: bigint;
  /** Last Unix time at which the card is good. */
  readonly until: bigint;
  /** What is said of the holder; each claim is shown only if the holder wants to. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** What is said of the holder and always shown. */
  readonly openClaims?: Readonly<Record<string, unknown>>;
  /** Claims that do not exist, to hide how many do; none when left out. */
  readonly decoyCount?: number;
  /** Id of the issuer's key in its DID document; its controller when left out. */
  readonly keyId?: string;
}

/** How a holder shows a card. */
export interface CardPresentation {
  /** Names of the claims to show. */
  readonly reveal: readonly string[];
  /** Who asked: what the verifier calls itself. */
  readonly audience: string;
  /** What the verifier gave to be signed. */
  readonly nonce: string;
  /** Unix time of the presentation; now when left out. */
  readonly presentedAt?: bigint;
}

/**
 * Where the credentials of a city stand.
 *
 * @throws RunnerError when the contract is bound to no provider.
 */
export async function registryOf({ credentials }: HasCredentials): Promise<CredentialRegistry> {
  const { chainId } = await providerOf(credentials).getNetwork();
  return { chainId, contract: getAddress(await credentials.getAddress()) };
}

/**
 * `vct` of a type of credentials: the contract's account id (CAIP-10) with the type's name, so that it is unique.
 *
 * @throws RangeError for a type that is neither name nor id.
 */
export function vctOf({ chainId, contract }: CredentialRegistry, type: string): string {
  const name = credentialTypeName(credentialTypeId(type));
  return `eip155:${chainId.toString()}:${getAddress(contract)}?type=${encodeURIComponent(name)}`;
}

/**
 * Issues a card. Nothing is sent: the chain is asked for its number only.
 *
 * @param city - Its `credentials`.
 * @param signer - The controller of the issuer's DID, or a delegate of type `veriKey`. When it ceases to be one, its
 *   cards are refused.
 * @param terms - What the card states.
 * @returns The card with all its disclosures, for the holder alone.
 * @throws RangeError for a type, a claim's name, a time, a list or a place out of range.
 */
export async function issueCard(city: HasCredentials, signer: JwtSigner, terms: CardTerms): Promise<string> {
  const { type, issuer, holder, issuedAt, until, list, card, claims, openClaims = {}, decoyCount = 0 } = terms;
  requireNames(claims, openClaims);
  const registry = await registryOf(city);
  const [issuerDid, holderDid] = [didOf(issuer, registry.chainId), didOf(holder, registry.chainId)];
  const payload = {
    "@context": CONTEXTS,
    type: ["VerifiableCredential", credentialTypeName(credentialTypeId(type))],
    vct: vctOf(registry, type),
    iss: issuerDid,
    issuer: issuerDid,
    iat: secondsOf("issuedAt", issuedAt),
    exp: secondsOf("until", until),
    validFrom: dateOf(issuedAt),
    validUntil: dateOf(until),
    cnf: { kid: holderDid },
    credentialStatus: statusEntries({ ...registry, issuer, list }, card),
    credentialSubject: { id: holderDid, ...openClaims, ...claims } as Record<string, unknown>,
  };
  const disclosed = { credentialSubject: { _sd: Object.keys(claims), _sd_decoy: decoyCount } };
  const library = new SDJwtInstance<typeof payload>({
    hasher,
    hashAlg: HASH,
    saltGenerator,
    signAlg: ALGORITHM,
    signer: async (text) => signJwt(signer, text),
  });
  const header = { typ: CARD_TYPE, kid: terms.keyId ?? `${issuerDid}#controller` };
  return library.issue(payload, disclosed as Parameters<typeof library.issue>[1], { header });
}

/**
 * Claims of a card that its holder can show, with their values. Nothing is checked.
 *
 * @throws Error for what is no card.
 */
export async function claimsOf(card: string): Promise<Record<string, unknown>> {
  const library = new SDJwtInstance({ hasher });
  const { jwt, disclosures = [] } = await library.decode(card);
  requireFlat(jwt?.payload, disclosures);
  const { credentialSubject } = (await library.getClaims(card)) as { credentialSubject: Record<string, unknown> };
  const names = (await library.presentableKeys(card)).map(claimName).filter((name) => name !== undefined);
  return Object.fromEntries(names.map((name) => [name, credentialSubject[name]]));
}

/**
 * Shows a card to one verifier, once.
 *
 * @param card - As the issuer gave it.
 * @param signer - The controller of the holder's DID, or a delegate of type `sigAuth`.
 * @param presentation - What is shown, and to whom.
 * @throws RangeError for a claim that the card does not have.
 */
export async function presentCard(
  card: string,
  signer: JwtSigner,
  { reveal, audience, nonce, presentedAt }: CardPresentation,
): Promise<string> {
  const claims = await claimsOf(card);
  for (const name of reveal) {
    if (!Object.hasOwn(claims, name)) {
      throw new RangeError(`the card has no claim ${name} to show; it has ${Object.keys(claims).join(", ")}`);
    }
  }
  const library = new SDJwtInstance({
    hasher,
    kbSignAlg: ALGORITHM,
    kbSigner: async (text) => signJwt(signer, text),
  });
  const frame = { credentialSubject: Object.fromEntries(reveal.map((name) => [name, true])) };
  const iat = secondsOf("presentedAt", presentedAt ?? BigInt(Math.floor(Date.now() / MS_PER_SECOND)));
  return library.present(card, frame, { kb: { payload: { iat, aud: audience, nonce } } });
}

/** Name of a claim of the subject by its path in a card; undefined for any other path. */
export function claimName(path: string): string | undefined {
  const prefix = "credentialSubject.";
  const name = path.slice(prefix.length);
  return path.startsWith(prefix) && !name.includes(".") ? name : undefined;
}

/** SHA-256, the only hash that cards use. */
export function hasher(data: string | ArrayBuffer, algorithm: string): Uint8Array {
  if (algorithm !== HASH) throw new TypeError(`cards are hashed by ${HASH}, not by ${algorithm}`);
  return getBytes(sha256(typeof data === "string" ? toUtf8Bytes(data) : new Uint8Array(data)));
}

function saltGenerator(length: number): string {
  return encodeBase64Url(getBytes(hexlify(randomBytes(length))));
}

/** Names with a dot would be mistaken for a path, and parts with the names of digests for digests. */
function requireNames(claims: object, openClaims: object): void {
  for (const name of [...Object.keys(claims), ...Object.keys(openClaims)]) {
    if (name === "" || name.includes(".") || RESERVED_CLAIMS.has(name)) {
      throw new RangeError(`a claim cannot be named ${JSON.stringify(name)}`);
    }
  }
  const nested = Object.entries({ ...openClaims, ...claims }).find(([, value]) => hasDigests(value));
  if (nested !== undefined) throw new RangeError(`claim ${nested[0]} has a part named _sd or ...`);
  const twice = Object.keys(claims).find((name) => Object.hasOwn(openClaims, name));
  if (twice !== undefined) throw new RangeError(`claim ${twice} cannot be both open and disclosed at will`);
}

function secondsOf(name: string, time: bigint): number {
  if (time <= 0n || time > MAX_DATE) {
    throw new RangeError(`${name} ${time.toString()} is out of range: 1 to ${MAX_DATE.toString()}`);
  }
  return Number(time);
}

/** The last second that a Date can hold. */
const MAX_DATE = 8_640_000_000_000n;

function dateOf(time: bigint): string {
  return new Date(Number(time) * MS_PER_SECOND).toISOString();
}
