/** Why a card is refused. */

/** The reasons in words. */
const REFUSALS = {
  Malformed: "this is no card",
  WrongType: "the card is of another type",
  UnknownIssuer: "the DID of the issuer cannot be resolved",
  IssuerDeactivated: "the DID of the issuer is deactivated",
  ForgedSignature: "the card is not signed by a key that its issuer has now",
  NotYetValid: "the card is not valid yet",
  Expired: "the card has expired",
  NotAccredited: "the issuer was never accredited for this type",
  AccreditationWithdrawn: "the accreditation of the issuer, or one above it, was withdrawn",
  AccreditationLapsed: "the accreditation of the issuer, or one above it, has lapsed",
  CardRevoked: "the card was revoked by its issuer, for good",
  CardSuspended: "the card is suspended by its issuer",
  UnknownHolder: "the DID of the holder cannot be resolved",
  HolderDeactivated: "the DID of the holder is deactivated",
  NotTheHolder: "the presentation is not signed by a key that the holder has now",
  WrongAudience: "the presentation is for another verifier",
  StaleProof: "the presentation was not made just now",
  AlteredPresentation: "what is shown is not what the holder signed",
  MissingClaim: "a claim that was asked for is not shown",
  WrongNonce: "the presentation answers no question of this verifier, or answers too late",
  Replayed: "the presentation was used before",
} as const;

/** Why a card is refused. */
export type RefusalReason = keyof typeof REFUSALS;

/** Every reason for which a card is refused. */
export const refusalReasons = Object.keys(REFUSALS) as RefusalReason[];

/** A reason, thrown from wherever it is found and caught by the verifier. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, about: string) {
    super(`${REFUSALS[reason]}: ${about}`);
    this.reason = reason;
  }
}

/**
 * Throws a {@link Refusal}.
 *
 * @param reason - Why.
 * @param about - What it is about.
 */
export function refuse(reason: RefusalReason, about: string): never {
  throw new Refusal(reason, about);
}

/** What an error says. */
export function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
