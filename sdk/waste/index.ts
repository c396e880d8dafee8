/**
 * Waste from the container to its end: codes and operations, readings, tickets and handovers with their signatures, ids
 * of lots and certificates, the ledger of lots, and their history as an EPCIS 2.0 document.
 */
export * from "./batteryCodes.js";
export * from "./certificates.js";
export * from "./codes.js";
export * from "./containers.js";
export * from "./epcis.js";
export * from "./epcisTypes.js";
export * from "./events.js";
export * from "./ledger.js";
export * from "./lots.js";
export { FieldError, packIds, unpackIds } from "./packing.js";
