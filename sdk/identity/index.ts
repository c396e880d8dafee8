/** Identities as DIDs. Apart from the package's main entry, because it brings the DID libraries with it. */
export * from "./devices.js";
export * from "./did.js";
export * from "./entries.js";
export * from "./identity.js";
