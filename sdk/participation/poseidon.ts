/** Poseidon over pairs of elements of the scalar field of BN254, as circom's circuits and Semaphore use it. */
import { Field } from "@noble/curves/abstract/modular";
import { grainGenConstants, poseidon } from "@noble/curves/abstract/poseidon";

/** Order of the scalar field of BN254: elements are below it. */
export const SCALAR_FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

const parameters = { Fp: Field(SCALAR_FIELD), t: 3, roundsFull: 8, roundsPartial: 57, sboxPower: 5 };

let permute: ((words: bigint[]) => bigint[]) | undefined;

/**
 * Hash of two elements of the field.
 *
 * @param left - The left one, reduced if it is no element.
 * @param right - The right one, likewise.
 */
export function poseidonPair(left: bigint, right: bigint): bigint {
  // The constants take some milliseconds to make.
  permute ??= poseidon({ ...parameters, ...grainGenConstants(parameters), reversePartialPowIdx: false });
  const [hash = 0n] = permute([0n, left % SCALAR_FIELD, right % SCALAR_FIELD]);
  return hash;
}
