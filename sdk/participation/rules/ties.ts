/** Order of options between which nothing else decides: twin of contracts/participation/rules/TieRules.sol. */
import { AbiCoder, keccak256 } from "ethers";

import { checkRange, MAX_OPTIONS } from "./rankings.js";

/** Which of two options is better if nothing else tells. */
export const TieRule = {
  /** That with the lower number. */
  LowestNumber: 0n,
  /** That which draws the smaller lot: keccak256(abi.encode(seed, option)). */
  Lot: 1n,
} as const;

const BYTE_BITS = 8n;
const NO_SEED = `0x${"00".repeat(32)}`;

/**
 * For each option, the number of options that go before it.
 *
 * @param rule - See {@link TieRule}.
 * @param options - Number of options, 2 to 32.
 * @param seed - Seed of the lots, 32 bytes; the other rule does not read it.
 * @throws RuleError for a rule or a number of options that there is not.
 */
export function priorities(rule: bigint, options: number, seed: string = NO_SEED): number[] {
  checkRange("tie rule", rule, TieRule.LowestNumber, TieRule.Lot);
  checkRange("number of options", options, 2, MAX_OPTIONS);
  const numbers = Array.from({ length: options }, (_, option) => option);
  if (rule === TieRule.LowestNumber) return numbers;
  const lots = numbers.map((option) =>
    BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [seed, option]))),
  );
  return lots.map((lot) => lots.filter((other) => other < lot).length);
}

/** Priorities as the contracts take them: byte i from the low end is that of option i. */
export function packPriorities(values: readonly number[]): bigint {
  return values.reduce((word, value, option) => word | (BigInt(value) << (BigInt(option) * BYTE_BITS)), 0n);
}
