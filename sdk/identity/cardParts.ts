/** The form of cards: what must stand in one before anything of it is believed. */
import { SDJwtInstance } from "@sd-jwt/core";

import { requireFlat } from "./disclosures.js";
import { ALGORITHM } from "./es256k.js";
import { messageOf, Refusal, refuse } from "./refusal.js";
import { CARD_TYPE, claimName, type CredentialRegistry, hasher, RESERVED_CLAIMS } from "./sdJwt.js";
import { type CardPlace, parseStatusListUrl } from "./statusList.js";

/** A card and its presentation, taken apart. */
export interface Parts {
  readonly header: Fields;
  readonly payload: Fields;
  readonly subject: Fields;
  readonly proof: Fields;
  /** Each as the signer signed it, and the signature. */
  readonly signed: readonly [text: string, signature: string];
  readonly proofSigned: readonly [text: string, signature: string];
}

/** Fields of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Longest presentation that is looked at, characters. */
const MAX_LENGTH = 65_536;

/**
 * Takes a card and its presentation apart.
 *
 * @throws Refusal with reason Malformed, or NotTheHolder without a key binding.
 */
export async function takeApart(presented: string): Promise<Parts> {
  const library = new SDJwtInstance({ hasher });
  try {
    const { length } = presented;
    if (length > MAX_LENGTH) refuse("Malformed", `${length} characters; the limit is ${MAX_LENGTH}`);
    const { jwt, kbJwt, disclosures = [] } = await library.decode(presented);
    if (kbJwt === undefined) refuse("NotTheHolder", "nobody signed the presentation");
    requireFlat(jwt?.payload, disclosures);
    const { credentialSubject } = (await library.getClaims(presented)) as Fields;
    const paths = await library.presentableKeys(presented);
    const texts = presented.split("~");
    const parts = {
      header: fieldsOf("header", jwt?.header),
      payload: fieldsOf("payload", jwt?.payload),
      subject: fieldsOf("credentialSubject", credentialSubject),
      proof: fieldsOf("payload of the key binding", kbJwt.payload),
      signed: signedText(texts[0]),
      proofSigned: signedText(texts.at(-1)),
    };
    requireHeader(parts.header, CARD_TYPE);
    requireHeader(fieldsOf("header of the key binding", kbJwt.header), "kb+jwt");
    requirePayload(parts);
    requireDisclosures(parts.payload, paths, disclosures.length);
    return parts;
  } catch (fault) {
    if (fault instanceof Refusal) throw fault;
    return refuse("Malformed", messageOf(fault));
  }
}

function fieldsOf(name: string, value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse("Malformed", `there is no ${name}`);
  return value as Fields;
}

function signedText(jwt = ""): readonly [string, string] {
  const end = jwt.lastIndexOf(".");
  return [jwt.slice(0, end), jwt.slice(end + 1)];
}

function requireHeader({ typ, alg, crit }: Fields, type: string): void {
  if (typ !== type) refuse("Malformed", `typ is ${JSON.stringify(typ)}, not ${type}`);
  if (alg !== ALGORITHM) refuse("Malformed", `alg is ${JSON.stringify(alg)}, not ${ALGORITHM}`);
  if (crit !== undefined) refuse("Malformed", "its header has extensions that must be understood");
}

function requirePayload({ payload, subject, proof }: Parts): void {
  const { iss, issuer, iat, nbf, exp, cnf, type, vct } = payload;
  const holder = fieldsOf("cnf", cnf).kid;
  if (typeof vct !== "string") refuse("Malformed", "vct is no text");
  if (typeof iss !== "string" || issuer !== iss) refuse("Malformed", "iss and issuer are not one DID");
  if (!isTime(iat) || !isTime(exp)) refuse("Malformed", "iat and exp are not whole seconds");
  if (nbf !== undefined && !isTime(nbf)) refuse("Malformed", "nbf is not whole seconds");
  if (typeof holder !== "string" || subject.id !== holder) refuse("Malformed", "cnf and credentialSubject differ");
  if (!Array.isArray(type) || !type.includes("VerifiableCredential")) refuse("Malformed", "it is no credential");
  if (typeof proof.nonce !== "string" || proof.nonce === "") refuse("Malformed", "the key binding has no nonce");
  if (!isTime(proof.iat)) refuse("Malformed", "the key binding has no time");
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/**
 * Every disclosure belongs to the card, none twice, and each is a claim of the subject that is not open already. The
 * library drops a disclosure that the issuer did not sign without a word.
 */
function requireDisclosures(payload: Fields, paths: readonly string[], count: number): void {
  if (paths.length !== count) refuse("Malformed", `of ${count} disclosures, ${paths.length} are the card's`);
  const open = fieldsOf("credentialSubject", payload.credentialSubject);
  for (const path of paths) {
    const name = claimName(path);
    if (name === undefined || RESERVED_CLAIMS.has(name) || Object.hasOwn(open, name)) {
      refuse("Malformed", `${path} is disclosed`);
    }
  }
}

/**
 * Place of a card, which its two status entries must agree on.
 *
 * @throws Refusal with reason Malformed.
 */
export function placeOf(
  payload: Fields,
  { chainId, contract }: CredentialRegistry,
): CardPlace & { readonly issuer: string } {
  const entries = (Array.isArray(payload.credentialStatus) ? payload.credentialStatus : []) as unknown[];
  const places = entries.map((entry) => {
    const { type, statusPurpose, statusListIndex, statusListCredential } = fieldsOf("credentialStatus", entry);
    const url = typeof statusListCredential === "string" ? parseStatusListUrl(statusListCredential) : undefined;
    const isIndex = typeof statusListIndex === "string" && /^\d{1,20}$/.test(statusListIndex);
    if (type !== "BitstringStatusListEntry" || url === undefined || !isIndex || statusPurpose !== url.purpose) {
      return refuse("Malformed", "its status is in no list of credentials of a city");
    }
    if (url.chainId !== chainId || url.contract !== contract)
      refuse("Malformed", "its status is in another city's list");
    return { ...url, card: BigInt(statusListIndex) };
  });
  const [first, second] = places;
  const purposes = new Set(places.map(({ purpose }) => purpose));
  if (first === undefined || second === undefined || places.length !== purposes.size) {
    return refuse("Malformed", "its status needs one list of revocations and one of suspensions");
  }
  const { issuer, list, card } = first;
  if (second.issuer !== issuer || second.list !== list || second.card !== card || card >= 1n << CARD_BITS) {
    return refuse("Malformed", "its places in the lists differ");
  }
  return { issuer, list, card };
}

const CARD_BITS = 64n;
