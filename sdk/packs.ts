/** Identity of battery packs. A serial number never goes on chain: anybody could link it to a vehicle. */
import { AbiCoder, type BytesLike, hexlify, keccak256, randomBytes, toUtf8Bytes } from "ethers";

/** Bits of a serial hash that are not part of the pack's id. */
const ID_SHIFT = 192n;

/**
 * Hash that stands for a pack's serial number on chain.
 *
 * @param operatorId - Number of the operator answerable for the pack, from 1.
 * @param serial - Serial number as the maker writes it.
 * @param salt - 32 bytes, random and kept off chain; without it, a hash of a serial number can be guessed.
 */
export function serialHash(operatorId: bigint, serial: string, salt: BytesLike): string {
  const types = ["uint32", "string", "bytes32"];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [operatorId, serial, salt]));
}

/** Id of the pack with a serial hash: its first 64 bits. */
export function packIdOf(hash: BytesLike): bigint {
  return BigInt(hexlify(hash)) >> ID_SHIFT;
}

/** A random salt of 32 bytes, in hexadecimal form. */
export function randomSalt(): string {
  return hexlify(randomBytes(32));
}

/** keccak256 of a text's UTF-8 bytes: how contracts name attributes, materials, methods and documents. */
export function textHash(text: string): string {
  return keccak256(toUtf8Bytes(text));
}
