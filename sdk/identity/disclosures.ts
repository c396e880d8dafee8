/** What the disclosures of a card may be, before any library follows them. */
import { refuse } from "./refusal.js";

/**
 * Digests of disclosures stand in the subject alone, each once, and none in what is disclosed. Disclosures that name one
 * another twice double what the library reads with each of them: a page of them, signed by nobody, would hold up a
 * verifier for ever.
 *
 * @param payload - Of the card, as it is signed.
 * @param disclosures - As they came with it.
 * @throws Refusal with reason Malformed.
 */
export function requireFlat(payload: unknown, disclosures: readonly { readonly value?: unknown }[]): void {
  const { credentialSubject, ...rest } = { ...(payload as Readonly<Record<string, unknown>>) };
  const { _sd: digests = [], ...open } = { ...(credentialSubject as Readonly<Record<string, unknown>>) };
  if (!Array.isArray(digests) || new Set(digests).size !== digests.length) {
    refuse("Malformed", "the digests of its disclosures are no list without repetition");
  }
  if ([rest, open, disclosures.map(({ value }) => value)].some(hasDigests)) {
    refuse("Malformed", "digests of disclosures stand elsewhere than in its subject");
  }
}

/** Whether a value names disclosures, however deep: what an issuer should not state and a verifier not follow. */
export function hasDigests(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, inner]) => name === "_sd" || name === "..." || hasDigests(inner));
}
