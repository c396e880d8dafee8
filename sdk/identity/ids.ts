/** Names that stand on the chain as 32 bytes: types of credentials, predicates, purposes. */
import { encodeBytes32String, isHexString } from "ethers";

const WORD_BYTES = 32;
/** Longest name: the last byte stays zero. */
const MAX_LENGTH = 31;

/**
 * The 32 bytes of a name.
 *
 * @param name - 1 to 31 characters of printable ASCII, or 32 bytes in hexadecimal form, which stay as they are.
 * @param what - What it names, for the error.
 * @throws RangeError for anything else.
 */
export function asciiIdOf(name: string, what: string): string {
  if (isHexString(name, WORD_BYTES)) return name.toLowerCase();
  if (!/^[\x21-\x7e]+$/.test(name) || name.length > MAX_LENGTH) {
    throw new RangeError(`${what} ${JSON.stringify(name)} is not 1 to ${MAX_LENGTH} characters of printable ASCII`);
  }
  return encodeBytes32String(name);
}
