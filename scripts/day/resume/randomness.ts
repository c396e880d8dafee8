/** Randomness that is the same in every run, so that a day that is lived again sends what it sent. */
import { concat, getBytes, keccak256, randomBytes, toBeHex } from "ethers";

import { textHash } from "../../../sdk/index.js";

const WORD = 32;

/**
 * Makes ethers draw its random numbers from a text, in this process and from now on. Never for real money.
 *
 * @param purpose - Another text gives other numbers.
 */
export function drawFrom(purpose: string): void {
  const seed = textHash(purpose);
  let drawn = 0;
  randomBytes.register((length) => {
    const bytes = new Uint8Array(length);
    for (let start = 0; start < length; start += WORD, drawn += 1) {
      const word = getBytes(keccak256(concat([seed, toBeHex(drawn, WORD)])));
      bytes.set(word.subarray(0, length - start), start);
    }
    return bytes;
  });
}
