/** The city's desk: the registry's cards for wallets, and the check of what people show there. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { Wallet } from "ethers";

import {
  type AcceptedCard,
  CardVerifier,
  Identity,
  issueCard,
  type JwtSigner,
  MemoryNonces,
  presentCard,
  type RefusedCard,
  SoftwareJwtKey,
  VERI_KEY,
} from "../../../sdk/identity/index.js";
import type { Day } from "../day.js";
import { seeded } from "../seeds.js";
import { KEY_VALIDITY, PERSON } from "./register.js";

/** What the desk calls itself. */
const AUDIENCE = "https://desk.city.example";
/** Number of the registry's list of cards. */
export const CARD_LIST = 1n;
/** Seconds for which a card is good. */
const CARD_DURATION = 10n * 365n * 86_400n;

/** Issues cards for the registry, and checks cards. */
export class CityDesk {
  readonly registry: HardhatEthersSigner;
  readonly #day: Day;
  readonly #printer = new SoftwareJwtKey(seeded("identity/card printer"));
  readonly #nonces: MemoryNonces;
  readonly #verifier: CardVerifier;

  constructor(day: Day) {
    this.#day = day;
    this.registry = day.register.offices.authorityOf(PERSON);
    const clock = () => day.clock.now;
    this.#nonces = new MemoryNonces(undefined, clock);
    this.#verifier = new CardVerifier(day.city, { audience: AUDIENCE, nonces: this.#nonces, clock });
  }

  /** The registry lets the key of its card printer sign for it. */
  async open(at: bigint): Promise<void> {
    const { city } = this.#day;
    const registry = new Identity(city.identities.connect(this.registry), this.registry.address);
    const send = () => registry.addDelegate(VERI_KEY, this.#printer.address, KEY_VALIDITY);
    await this.#day.send("identity.addDelegate", at, send);
  }

  /**
   * Makes a card in the registry's name. Nothing is sent.
   *
   * @param holder - Whose card it is.
   * @param card - Its place in the registry's list.
   * @param signer - Who signs: the registry's printer, or somebody who should not.
   */
  async issue(holder: Wallet, card: bigint, signer: JwtSigner = this.#printer): Promise<string> {
    const { city, clock } = this.#day;
    return issueCard(city, signer, {
      type: PERSON,
      issuer: this.registry.address,
      holder: holder.address,
      issuedAt: clock.now,
      until: clock.now + CARD_DURATION,
      list: CARD_LIST,
      card,
      claims: { "over-18": true, "district-4": true },
    });
  }

  /** A holder shows that it is of age, and nothing else; the desk checks it. */
  async show(card: string, holder: Wallet): Promise<AcceptedCard | RefusedCard> {
    const claims = ["over-18"];
    const presented = await presentCard(card, new SoftwareJwtKey(holder.privateKey), {
      reveal: claims,
      audience: AUDIENCE,
      nonce: this.#nonces.give(),
      presentedAt: this.#day.clock.now,
    });
    return this.#verifier.verify(presented, { type: PERSON, claims });
  }
}
