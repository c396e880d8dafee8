/** Whom a contract is bound to: who reads a chain for it, and who sends. */
import type { BaseContract, Provider } from "ethers";

/** A contract that is bound to nobody who can read its chain, who knows which chain it is, or who sends. */
export class RunnerError extends TypeError {
  override readonly name = "RunnerError";
}

/** A contract by its address and by whom it is bound to. */
export type BoundContract = Pick<BaseContract, "runner" | "target">;

/**
 * Provider of a contract's chain.
 *
 * @param contract - Contract that is bound to a provider, or to a signer with one.
 * @throws RunnerError if it is bound to none.
 */
export function providerOf({ runner, target }: BoundContract): Provider {
  const provider = runner?.provider;
  if (provider !== undefined && provider !== null) return provider;
  const name = typeof target === "string" ? `contract ${target}` : "the contract";
  throw new RunnerError(`${name} is bound to no provider`);
}
