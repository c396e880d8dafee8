/**
 * Rewards for what people do: acts and deposits with their signatures, ids of claims, epochs of many rewards under one
 * root, and the twin of the formulas of rewards and redemption.
 */
export * from "./acts.js";
export * from "./cycle.js";
export * from "./epochs.js";
export * from "./formulas.js";
export * from "./ids.js";
