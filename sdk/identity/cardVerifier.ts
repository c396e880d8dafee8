/** Checks of cards: who says so, may they, does it still hold, and is it the holder who shows it. */
import { SDJwtInstance } from "@sd-jwt/core";
import type { Resolvable } from "did-resolver";

import { Identities__factory } from "../../typechain-types/index.js";
import type { HasCredentials } from "../typedData/credentials.js";
import { type Fields, type Parts, placeOf, takeApart } from "./cardParts.js";
import { credentialTypeId, Standing, standingInWords } from "./credentials.js";
import { didResolver, networkOf } from "./did.js";
import { isSignedBy, type People, resolve } from "./didKeys.js";
import { machineTime, type NonceStore } from "./nonces.js";
import { messageOf, Refusal, type RefusalReason, refuse } from "./refusal.js";
import { type CredentialRegistry, hasher, registryOf, vctOf } from "./sdJwt.js";
import type { CardPlace } from "./statusList.js";

/** A card that is good. */
export interface AcceptedCard extends CardPlace {
  readonly accepted: true;
  /** Id of the type, 32 bytes. */
  readonly typeId: string;
  /** Identity of the issuer. */
  readonly issuer: string;
  /** Identity of the holder. */
  readonly holder: string;
  /** What the holder showed and what is always shown. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Unix time of the issue, as the issuer states it. */
  readonly issuedAt: bigint;
  /** Last Unix time at which the card is good. */
  readonly until: bigint;
}

/** A card that is not. */
export interface RefusedCard {
  readonly accepted: false;
  readonly reason: RefusalReason;
  /** The reason in words, with what it is about. */
  readonly message: string;
}

/** How a verifier checks. */
export interface VerifierOptions {
  /** What the verifier calls itself; a presentation for anybody else is refused. */
  readonly audience: string;
  /** Where it keeps the nonces that it gave out. */
  readonly nonces: NonceStore;
  /** Resolver of DIDs; one of the city's own identities when left out. */
  readonly resolver?: Resolvable;
  /** Unix time; that of the machine when left out. */
  readonly clock?: () => bigint;
  /** Seconds for which a presentation is fresh; 300 when left out. */
  readonly proofDuration?: bigint;
}

/** What a verifier asks for. */
export interface CardRequest {
  /** Name or id of the type. */
  readonly type: string;
  /** Names of the claims that must be shown. A claim that is not shown says nothing, neither yes nor no. */
  readonly claims?: readonly string[];
}

const PROOF_DURATION = 300n;
/** Seconds by which clocks may differ. */
const CLOCK_SKEW = 60n;

/**
 * Checks cards against the chain as it is now.
 *
 * The issuer must be accredited now, whether or not the type voids what was issued before an accreditation ended: the
 * time of issue on a card is the issuer's own word, and a former issuer could write an earlier one.
 */
export class CardVerifier {
  readonly #city: HasCredentials;
  readonly #options: Required<Omit<VerifierOptions, "resolver">>;
  readonly #resolver: Resolvable | undefined;

  /**
   * @param city - Its `credentials`, bound to a provider.
   * @param options - How to check.
   */
  constructor({ credentials }: HasCredentials, { resolver, ...options }: VerifierOptions) {
    this.#city = { credentials };
    this.#options = { clock: machineTime, proofDuration: PROOF_DURATION, ...options };
    this.#resolver = resolver;
  }

  /**
   * Checks a presentation, and uses up its nonce if all else is right.
   *
   * @param presented - What the holder sent.
   * @param request - What was asked for.
   * @returns The card, or the first reason against it.
   * @throws RangeError for a type that is neither name nor id, and whatever the provider throws.
   */
  async verify(presented: string, request: CardRequest): Promise<AcceptedCard | RefusedCard> {
    const registry = await registryOf(this.#city);
    const vct = vctOf(registry, request.type);
    try {
      return await this.#check(presented, request, registry, vct);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return { accepted: false, reason: refusal.reason, message: refusal.message };
    }
  }

  async #check(
    presented: string,
    { type, claims: asked = [] }: CardRequest,
    registry: CredentialRegistry,
    vct: string,
  ): Promise<AcceptedCard> {
    const parts = await takeApart(presented);
    const { payload, subject } = parts;
    if (payload.vct !== vct) refuse("WrongType", `${String(payload.vct)} instead of ${vct}`);
    const place = placeOf(payload, registry);
    const identities = Identities__factory.connect(
      await this.#city.credentials.identities(),
      this.#city.credentials.runner,
    );
    const resolver = this.#resolver ?? didResolver([await networkOf(identities)]);
    const people = { identities, resolver, registry };

    const issuer = await this.#checkIssuer(parts, people);
    if (issuer !== place.issuer) refuse("Malformed", `the status list is that of ${place.issuer}, not of ${issuer}`);
    this.#checkTime(payload);
    await this.#checkAccreditation(credentialTypeId(type), issuer);
    await this.#checkStatus(place);
    const holder = await this.#checkHolder(parts, people);
    await this.#checkLibrary(presented, parts);

    const shown = Object.fromEntries(Object.entries(subject).filter(([name]) => name !== "id"));
    const missing = asked.find((name) => !Object.hasOwn(shown, name));
    if (missing !== undefined) refuse("MissingClaim", missing);
    await this.#checkNonce(String(parts.proof.nonce));
    return {
      accepted: true,
      typeId: credentialTypeId(type),
      issuer,
      holder,
      claims: shown,
      issuedAt: BigInt(payload.iat as number),
      until: BigInt(payload.exp as number),
      list: place.list,
      card: place.card,
    };
  }

  async #checkIssuer({ payload, header, signed }: Parts, people: People): Promise<string> {
    const did = String(payload.iss);
    const { document, address } = await resolve(did, people, "UnknownIssuer", "IssuerDeactivated");
    if (typeof header.kid === "string" && header.kid.split("#")[0] !== did) {
      refuse("ForgedSignature", `key ${header.kid} is none of ${did}`);
    }
    if (!(await isSignedBy(signed, document, "assertionMethod", address, people))) refuse("ForgedSignature", did);
    return address;
  }

  #checkTime({ iat, nbf, exp }: Fields): void {
    const now = this.#options.clock();
    const from = BigInt(Math.max(iat as number, (nbf as number | undefined) ?? 0));
    if (from > now + CLOCK_SKEW) refuse("NotYetValid", `from ${from.toString()} on, and it is ${now.toString()}`);
    const until = BigInt(exp as number);
    if (until < now) refuse("Expired", `good until ${until.toString()}, and it is ${now.toString()}`);
  }

  async #checkAccreditation(typeId: string, issuer: string): Promise<void> {
    const standing = await this.#city.credentials.accreditationStanding(typeId, issuer);
    if (standing === Standing.Current) return;
    if (standing === Standing.IssuerWithdrawn) refuse("AccreditationWithdrawn", issuer);
    if (standing === Standing.IssuerLapsed) refuse("AccreditationLapsed", issuer);
    refuse("NotAccredited", `${issuer}: ${standingInWords(standing)}`);
  }

  async #checkStatus({ issuer, list, card }: CardPlace & { readonly issuer: string }): Promise<void> {
    const { revoked, suspended } = await this.#city.credentials.cardStatus(issuer, list, card);
    const what = `card ${card.toString()} of list ${list.toString()} of ${issuer}`;
    if (revoked) refuse("CardRevoked", what);
    if (suspended) refuse("CardSuspended", what);
  }

  async #checkHolder({ payload, proof, proofSigned }: Parts, people: People): Promise<string> {
    const { audience, clock, proofDuration } = this.#options;
    const did = (payload.cnf as { kid: string }).kid;
    const { document, address } = await resolve(did, people, "UnknownHolder", "HolderDeactivated");
    if (!(await isSignedBy(proofSigned, document, "authentication", address, people))) refuse("NotTheHolder", did);
    const asked = typeof proof.aud === "string" ? proof.aud : "no text";
    if (asked !== audience) refuse("WrongAudience", `${asked} instead of ${audience}`);
    const [madeAt, now] = [BigInt(proof.iat as number), clock()];
    if (madeAt > now + CLOCK_SKEW || madeAt + proofDuration < now) {
      refuse("StaleProof", `made at ${madeAt.toString()}, and it is ${now.toString()}`);
    }
    return address;
  }

  /** The library's own verdict on the whole, which also compares what is shown with what the holder signed. */
  async #checkLibrary(presented: string, { proof, signed, proofSigned }: Parts): Promise<void> {
    const library = new SDJwtInstance({
      hasher,
      // Both signatures were checked before; the library must mean the same texts.
      verifier: (text, signature) => text === signed[0] && signature === signed[1],
      kbVerifier: (text, signature) => text === proofSigned[0] && signature === proofSigned[1],
    });
    const options = {
      currentDate: Number(this.#options.clock()),
      skewSeconds: Number(CLOCK_SKEW),
      keyBindingNonce: String(proof.nonce),
    };
    try {
      await library.verify(presented, options);
    } catch (fault) {
      refuse("AlteredPresentation", messageOf(fault));
    }
  }

  async #checkNonce(nonce: string): Promise<void> {
    const state = await this.#options.nonces.take(nonce);
    if (state === "unknown") refuse("WrongNonce", nonce);
    if (state === "used") refuse("Replayed", nonce);
  }
}
