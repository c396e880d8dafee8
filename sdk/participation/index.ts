/**
 * Ballots from their terms to a result that anybody can count anew: rolls and censuses, papers of all kinds, votes of accounts and of
 * anonymous people, sealed papers, relaying, settling, recounts, and the counting rules.
 */
export * from "./census.js";
export * from "./compare.js";
export * from "./events.js";
export * from "./leanTree.js";
export * from "./papers.js";
export * from "./place.js";
export { poseidonPair, SCALAR_FIELD } from "./poseidon.js";
export * from "./proofs.js";
export * from "./publish.js";
export * from "./queue.js";
export * from "./ranking.js";
export * from "./recount.js";
export * from "./register.js";
export * from "./relay.js";
export * as rules from "./rules/index.js";
export { packOrder, unpackOrder } from "./rules/order.js";
export { TieRule } from "./rules/ties.js";
export * from "./sealing.js";
export * from "./settle.js";
export * from "./survey.js";
export * from "./terms.js";
export * from "./votes.js";
