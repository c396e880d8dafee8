import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { ContractRunner } from "ethers";

import type { Clock } from "./clock.js";

/** Sends for an account, each transaction a second after the one before: for what sends several by itself. */
export function onClock(signer: HardhatEthersSigner, clock: Clock): ContractRunner & { getAddress(): Promise<string> } {
  return {
    provider: signer.provider,
    getAddress: async () => signer.getAddress(),
    call: async (tx) => signer.call(tx),
    estimateGas: async (tx) => signer.estimateGas(tx),
    resolveName: async (name) => signer.resolveName(name),
    sendTransaction: async (tx) => {
      await clock.reach(clock.now);
      return signer.sendTransaction(tx);
    },
  };
}
