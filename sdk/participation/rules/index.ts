/**
 * Counting rules of ballots, as the contracts apply them: rankings, pairwise counts, tie rules, orders, Borda, minimax,
 * Schulze, instant runoff and quorums.
 */
export * from "./order.js";
export * from "./pairwise.js";
export * from "./pairwiseTally.js";
export * from "./quotas.js";
export * from "./rankings.js";
export * from "./runoff.js";
export * from "./ties.js";
