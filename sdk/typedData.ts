/** The EIP-712 messages of the suite: their types, builders, hashes and signatures. */
export * from "./typedData/batteries.js";
export * from "./typedData/compact.js";
export * from "./typedData/credentials.js";
export * from "./typedData/energy.js";
export * from "./typedData/identities.js";
export * from "./typedData/messages.js";
export * from "./typedData/participation.js";
export * from "./typedData/rewards.js";
export * from "./typedData/structs.js";
export * from "./typedData/waste.js";
