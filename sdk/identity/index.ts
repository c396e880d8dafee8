/**
 * Identities as DIDs, credentials, and cards that live in wallets. Apart from the package's main entry, because it brings
 * the libraries of DIDs and SD-JWT with it.
 */
export * from "./attributes.js";
export * from "./cardVerifier.js";
export * from "./credentials.js";
export * from "./devices.js";
export * from "./did.js";
export * from "./entries.js";
export { type JwtSigner, SoftwareJwtKey } from "./es256k.js";
export * from "./identity.js";
export { MemoryNonces, type NonceState, type NonceStore } from "./nonces.js";
export { type RefusalReason, refusalReasons } from "./refusal.js";
export {
  type CardPresentation,
  type CardTerms,
  claimsOf,
  type CredentialRegistry,
  issueCard,
  presentCard,
  registryOf,
  vctOf,
} from "./sdJwt.js";
export * from "./statusList.js";
