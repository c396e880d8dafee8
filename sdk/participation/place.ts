/** Where a ballot is: chain, contract and number, to which every vote is bound. */
import type { BallotBox } from "../../typechain-types/index.js";
import { providerOf } from "../runner.js";
import { scopeOf } from "./proofs.js";

export { RunnerError } from "../runner.js";

/** A ballot of a box on a chain. */
export interface BallotPlace {
  readonly chainId: bigint;
  /** Address of `BallotBox`. */
  readonly ballotBox: string;
  readonly ballotId: number;
}

/**
 * The place of a ballot.
 *
 * @param box - The contract, connected to a provider or a signer with one.
 * @param ballotId - Number of the ballot.
 * @throws RunnerError if the contract is connected to no chain.
 */
export async function ballotPlace(box: BallotBox, ballotId: number): Promise<BallotPlace> {
  const { chainId } = await providerOf(box).getNetwork();
  return { chainId, ballotBox: await box.getAddress(), ballotId };
}

/** Scope of the proofs of a ballot, before Semaphore hashes it: `scopeOf` of the box. */
export function placeScope({ chainId, ballotBox, ballotId }: BallotPlace): bigint {
  return scopeOf(chainId, ballotBox, ballotId);
}
