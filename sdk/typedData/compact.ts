/** Signatures of plain keys in the short form of ERC-2098, which the hot paths of the contracts check by ECDSA alone. */
import { type BaseContract, type BytesLike, concat, Signature as EcdsaSignature, ZeroHash } from "ethers";

import { signMessage, type TypedDataSigner } from "./messages.js";
import type { StructName } from "./structs.js";

/** A plain key's signature in the form of ERC-2098. */
export interface CompactSignature {
  readonly r: string;
  /** The lower 255 bits are s, the highest is the parity. */
  readonly vs: string;
}

/** Stands for no signature: of a key that sends the call itself, where the contract says that it need not sign. */
export const NO_COMPACT_SIGNATURE: CompactSignature = { r: ZeroHash, vs: ZeroHash };

/** A signature in the form of ERC-2098, as the contracts take those of plain keys. */
export function compact(signature: string): CompactSignature {
  const { r, yParityAndS: vs } = EcdsaSignature.from(signature);
  return { r, vs };
}

/** The 64 bytes of compact signatures, one after the other, in hexadecimal form. */
export function packSignatures(signatures: readonly CompactSignature[]): string {
  return concat(signatures.flatMap(({ r, vs }): BytesLike[] => [r, vs]));
}

/**
 * Signs any message of the suite with a plain key.
 *
 * @param contract - Contract for which it is signed.
 * @param signer - Any ethers signer of a plain key.
 * @param name - The struct.
 * @param message - Its fields.
 */
export async function signCompact(
  contract: BaseContract,
  signer: TypedDataSigner,
  name: StructName,
  message: object,
): Promise<CompactSignature> {
  return compact((await signMessage(contract, signer, name, message)).data);
}
