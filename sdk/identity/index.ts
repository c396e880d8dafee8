/** Identities as DIDs. Apart from the package's main entry, because it brings the DID libraries with it. */
export * from "./did.js";
