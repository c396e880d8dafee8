/** Keys and salts of the day: made from texts, so that two runs are the same. Never to be used for real money. */
import { Wallet } from "ethers";

import { textHash } from "../../sdk/index.js";

/** 32 bytes for a purpose. */
export function seeded(purpose: string): string {
  return textHash(`civitas day/${purpose}`);
}

/** A key pair for a person or device. */
export function seededWallet(purpose: string): Wallet {
  return new Wallet(seeded(purpose));
}
