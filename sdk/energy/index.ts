/**
 * The energy market: orders and the records they travel in, the twin of clearing and settlement, the readings of meters,
 * results and their corrections, and a keeper that takes an interval from its first order to its last account.
 */
export * from "./auction.js";
export * from "./keeper.js";
export * from "./orders.js";
export * from "./readings.js";
export * from "./records.js";
export * from "./results.js";
export * from "./settlement.js";
export * from "./tariffs.js";
