import type { BaseContract, Provider } from "ethers";

/**
 * Provider of a contract's chain.
 *
 * @throws TypeError when the contract is bound to none.
 */
export async function providerOf(contract: BaseContract): Promise<Provider> {
  const provider = contract.runner?.provider;
  if (provider === undefined || provider === null) {
    throw new TypeError(`contract ${await contract.getAddress()} is bound to no provider`);
  }
  return provider;
}
