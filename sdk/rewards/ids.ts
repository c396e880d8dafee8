/** Ids of claims, persons and epochs, and the city's clock: twin of contracts/rewards/RewardIds.sol. */
import { field, maxOf } from "../waste/packing.js";

const DAY_BITS = 24n;
const PERSON_BITS = 64n;
const CYCLE_BITS = 64n;
const COLLECTION_BITS = 32n;
const DEPOSITS = 1n << 144n;
const NULLIFIER_FLAG = 1n << 63n;
const ID_BITS = 145;
const SECONDS_PER_DAY = 86_400n;
const SECONDS_PER_SPAN = 600n;

/** What a claim is for: acts of a person on a day, or deposits of a person of a collection of a container. */
export type ClaimKind =
  | { readonly kind: "acts"; readonly programmeId: number; readonly person: bigint; readonly day: number }
  | {
      readonly kind: "deposits";
      readonly programmeId: number;
      readonly person: bigint;
      readonly binId: number;
      readonly collection: number;
    };

/**
 * Id of the claim of all acts of a person on a day for a programme.
 *
 * @throws FieldError for a number that does not fit.
 */
export function actsClaimId(programmeId: number, person: bigint, day: number): bigint {
  return (owner(programmeId, person) << DAY_BITS) | field("day", day, 24);
}

/**
 * Id of the claim of all deposits of a person of a collection.
 *
 * @throws FieldError for a number that does not fit.
 */
export function depositsClaimId(programmeId: number, person: bigint, binId: number, collection: number): bigint {
  return DEPOSITS | (owner(programmeId, person) << CYCLE_BITS) | cycleId(binId, collection);
}

function owner(programmeId: number, person: bigint): bigint {
  return (field("programme", programmeId, 16) << PERSON_BITS) | field("person", person, 64);
}

/**
 * What a claim's id says.
 *
 * @throws FieldError for a number above 145 bits.
 */
export function claimKind(claimId: bigint): ClaimKind {
  field("claim", claimId, ID_BITS);
  const deposits = (claimId & DEPOSITS) !== 0n;
  const rest = claimId >> (deposits ? CYCLE_BITS : DAY_BITS);
  const person = rest & maxOf(64);
  const programmeId = Number((rest >> PERSON_BITS) & maxOf(16));
  if (!deposits) return { kind: "acts", programmeId, person, day: Number(claimId & maxOf(24)) };
  const binId = Number((claimId >> COLLECTION_BITS) & maxOf(32));
  return { kind: "deposits", programmeId, person, binId, collection: Number(claimId & maxOf(32)) };
}

/**
 * Number of a collection of a container, which the lot of its ticket has too.
 *
 * @throws FieldError for a number that does not fit.
 */
export function cycleId(binId: number, collection: number): bigint {
  return (field("container", binId, 32) << COLLECTION_BITS) | field("collection", collection, 32);
}

/**
 * Number of the epoch that a programme posts on a day.
 *
 * @param programmeId - Programme that gives it.
 * @param day - Days since 1970 by the city's clock.
 * @throws FieldError for a number that does not fit.
 */
export function epochId(programmeId: number, day: number): bigint {
  return (field("programme", programmeId, 16) << DAY_BITS) | field("day", day, 24);
}

/** Programme and day of an epoch. */
export function epochParts(id: bigint): { readonly programmeId: number; readonly day: number } {
  return { programmeId: Number(id >> DAY_BITS), day: Number(id & maxOf(24)) };
}

/**
 * Number of a person who is known by a nullifier that attestors checked: 2^63 and the nullifier's lower 63 bits.
 *
 * @param nullifier - At most 32 bytes, as a number or in hexadecimal form.
 */
export function nullifierPerson(nullifier: bigint | string): bigint {
  return NULLIFIER_FLAG | (field("nullifier", BigInt(nullifier), 256) & maxOf(63));
}

/** Whether a person's number is of a nullifier, and not of a credential. */
export function isNullifierPerson(person: bigint): boolean {
  return person >= NULLIFIER_FLAG;
}

/**
 * Day of an instant by the city's clock, days since 1 January 1970.
 *
 * @param at - Unix time.
 * @param clockOffset - Seconds by which the city's clock is ahead of UTC; behind, if negative.
 * @throws FieldError for an instant before 1970 by that clock.
 */
export function dayOf(at: bigint, clockOffset = 0): number {
  return Number(local(at, clockOffset) / SECONDS_PER_DAY);
}

/** Ten-minute span of the day of an instant by the city's clock, 0 to 143. */
export function spanOf(at: bigint, clockOffset = 0): number {
  return Number((local(at, clockOffset) % SECONDS_PER_DAY) / SECONDS_PER_SPAN);
}

function local(at: bigint, clockOffset: number): bigint {
  return field("instant", at + BigInt(clockOffset), 64);
}
