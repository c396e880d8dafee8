/**
 * Papers that nobody reads before the close: hashed ElGamal on BN254 (G1), twin of contracts/participation/ballots/SealedPapers.sol,
 * and salted hashes for small bodies. Coordinates, scalars and payloads are bigint.
 *
 * Discrete logarithms in G1 of BN254 are thought to take some 2^100 steps. A key serves for one ballot.
 */
import { bn254 } from "@noble/curves/bn254";
import { AbiCoder, type BytesLike, concat, getAddress, hexlify, keccak256, randomBytes, toBeHex } from "ethers";

import { IBallotBox__factory } from "../../typechain-types/index.js";
import type { BallotPlace } from "./place.js";

const G1 = bn254.G1.ProjectivePoint;
const FIELD = bn254.fields.Fp.ORDER;
const ORDER = bn254.fields.Fr.ORDER;
/** Bytes of a random scalar: 128 bits more than its order has, so that none is likelier than another. */
const SCALAR_BYTES = 48;
const WORD_BYTES = 32;
const CHECK_SHIFT = 192n;
const COMMITMENT_TAG = "BALLOT_COMMITMENT_V1";
const INDEX_BITS = 32n;

/** Gives random bytes that nobody can guess. */
export type RandomBytes = (length: number) => Uint8Array;

/** A point of G1 to which papers are sealed: `sealX` and `sealY` of a ballot. */
export interface SealKey {
  readonly x: bigint;
  readonly y: bigint;
}

/** A key with its secret, which is kept until the close and then released. */
export interface SealKeyPair extends SealKey {
  /** Scalar, 1 to the order of the group less one. */
  readonly secret: bigint;
}

/** A sealed paper. */
export interface Envelope {
  /** Point q * G of a random q. */
  readonly x: bigint;
  readonly y: bigint;
  readonly cipher: bigint;
  /** 64 bits by which it is seen whether a key fits. */
  readonly check: bigint;
}

/** Who puts a paper in, and where: what a paper is sealed for besides the key. */
export interface EnvelopeOwner {
  readonly nullifier: bigint;
  /** Scope of the ballot, see {@link scopeOf}. */
  readonly scope: bigint;
}

/** A key that is none, or is not the one that is asked for. */
export class SealKeyError extends RangeError {
  override readonly name = "SealKeyError";
}

/**
 * A new key for one ballot.
 *
 * @param random - Source of randomness; that of the machine when left out.
 */
export function sealKeyPair(random: RandomBytes = randomBytes): SealKeyPair {
  const secret = randomScalar(random);
  return { secret, ...sealKeyOf(secret) };
}

/**
 * The key that belongs to a secret.
 *
 * @param secret - Scalar; equal ones modulo the order are the same.
 * @throws SealKeyError for a multiple of the order, which opens to everybody.
 */
export function sealKeyOf(secret: bigint): SealKey {
  const scalar = reduced(secret);
  if (scalar === 0n) throw new SealKeyError(`secret ${secret.toString()} is a multiple of the group's order`);
  const { x, y } = G1.BASE.multiply(scalar).toAffine();
  return { x, y };
}

/** Whether papers can be sealed to a point: one of the curve that is not the point at infinity. */
export function isSealKey({ x, y }: SealKey): boolean {
  return (x !== 0n || y !== 0n) && isPoint(x, y);
}

/**
 * Seals a paper.
 *
 * @param key - Key of the ballot.
 * @param payload - What the paper says.
 * @param owner - Who puts it in where. For anybody else it is spoilt.
 * @param random - Source of randomness; that of the machine when left out. The same twice would show what both papers have in
 *   common.
 * @throws SealKeyError for a point to which nothing can be sealed.
 */
export function sealPaper(
  key: SealKey,
  payload: bigint,
  owner: EnvelopeOwner,
  random: RandomBytes = randomBytes,
): Envelope {
  if (!isSealKey(key)) {
    throw new SealKeyError(`(${key.x.toString()}, ${key.y.toString()}) is no point that papers can be sealed to`);
  }
  const scalar = randomScalar(random);
  const { x, y } = G1.BASE.multiply(scalar).toAffine();
  const shared = G1.fromAffine({ x: key.x, y: key.y }).multiply(scalar).toAffine();
  const pad = hashWords(shared.x, shared.y, owner.nullifier, owner.scope);
  return { x, y, cipher: payload ^ pad, check: hashWords(pad, payload) >> CHECK_SHIFT };
}

/**
 * Opens a paper as the contract does.
 *
 * @param secret - Of the ballot's key.
 * @param envelope - The paper.
 * @param owner - Who put it in where.
 * @returns What it says; undefined: it is spoilt, because it was not sealed to this key, or not by its owner.
 */
export function openPaper(secret: bigint, envelope: Envelope, owner: EnvelopeOwner): bigint | undefined {
  const shared = product(envelope, secret);
  if (shared === undefined) return undefined;
  const pad = hashWords(shared.x, shared.y, owner.nullifier, owner.scope);
  const payload = envelope.cipher ^ pad;
  return hashWords(pad, payload) >> CHECK_SHIFT === envelope.check ? payload : undefined;
}

const entryType = IBallotBox__factory.createInterface().getEvent("VoteSealed").inputs[4];

/** Hash of an envelope, which is what a proof is about: keccak256 of it, ABI encoded. */
export function envelopeHash(envelope: Envelope): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode([entryType ?? ""], [envelope]));
}

/** A sealed vote of which the envelope is known. */
export interface SealedEntry {
  readonly nullifier: bigint;
  readonly sequence: number;
  readonly envelope: Envelope;
}

/**
 * Opens papers of a ballot, in their order.
 *
 * @param secret - Of the ballot's key.
 * @param entries - Papers with their nullifiers.
 * @param scope - Of the ballot, see {@link scopeOf}.
 * @returns What each says; undefined: it is spoilt.
 */
export function openSealed(secret: bigint, entries: readonly SealedEntry[], scope: bigint): (bigint | undefined)[] {
  return entries.map(({ envelope, nullifier }) => openPaper(secret, envelope, { nullifier, scope }));
}

// --- commitments

/** What a member of a small body commits to. */
export interface CommittedPaper {
  readonly segment: number;
  /** Place on the roll. */
  readonly index: number;
  readonly payload: bigint;
  /** 32 random bytes, which the voter keeps with the payload until the close. */
  readonly salt: string;
}

/** Hash that a member of a small body votes with, and reveals after the close: `commitmentOf` of the box. */
export function commitment(place: BallotPlace, paper: CommittedPaper): string {
  const voter = voterName(paper.segment, paper.index);
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["string", "uint256", "address", "uint256", "uint256", "uint256", "bytes32"],
      [COMMITMENT_TAG, place.chainId, getAddress(place.ballotBox), place.ballotId, voter, paper.payload, paper.salt],
    ),
  );
}

/** 32 random bytes for a {@link commitment}. */
export function commitmentSalt(random: RandomBytes = randomBytes): string {
  return hexlify(random(WORD_BYTES));
}

/** Name of somebody on a named roll in a ballot, as events have it. */
export function voterName(segment: number, index: number): bigint {
  return (BigInt(segment) << INDEX_BITS) | BigInt(index);
}

// --- points

function reduced(scalar: bigint): bigint {
  return ((scalar % ORDER) + ORDER) % ORDER;
}

function randomScalar(random: RandomBytes): bigint {
  return (BigInt(hexlify(random(SCALAR_BYTES))) % (ORDER - 1n)) + 1n;
}

/** Whether the precompiles take a point: on the curve with coordinates of the field, or the point at infinity, (0, 0). */
function isPoint(x: bigint, y: bigint): boolean {
  if (x === 0n && y === 0n) return true;
  return x < FIELD && y < FIELD && x >= 0n && y >= 0n && (y * y - x * x * x - 3n) % FIELD === 0n;
}

/** A multiple of a point as the precompile has it; undefined: it fails. */
function product({ x, y }: SealKey, scalar: bigint): SealKey | undefined {
  if (!isPoint(x, y)) return undefined;
  const factor = reduced(scalar);
  if (factor === 0n || (x === 0n && y === 0n)) return { x: 0n, y: 0n };
  const result = G1.fromAffine({ x, y }).multiply(factor).toAffine();
  return { x: result.x, y: result.y };
}

function hashWords(...words: readonly bigint[]): bigint {
  return BigInt(keccak256(concat(words.map((word): BytesLike => toBeHex(word, WORD_BYTES)))));
}
