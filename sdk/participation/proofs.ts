/**
 * Anonymous votes: what a Semaphore proof of a vote says, how the contracts read it, and how a voter makes one.
 *
 * A proof is made by `@semaphore-protocol/proof`, which is no dependency of this package: its prover is under the GPL, and
 * who only reads or relays votes needs none. A voter's program installs it, together with the circuit's artifacts.
 */
import { AbiCoder, type AddressLike, type BigNumberish, concat, getAddress, keccak256, toBeHex } from "ethers";

import { poseidonPair } from "./poseidon.js";

/** Bits that Semaphore takes off a hash, so that it is a number of the circuit's field. */
const SIGNAL_SHIFT = 8n;
const WORD_BYTES = 32;
const SCOPE_TAG = "BALLOT_SCOPE_V1";
const MESSAGE_TAG = "BALLOT_MSG_V1";

/** Points of a proof: A, B and C of Groth16. */
const POINT_WORDS = 8;
/** Length of a vote as {@link packVotes} writes it: eight words of the proof, nullifier and message hash. */
export const VOTE_BYTES = (POINT_WORDS + 2) * WORD_BYTES;
/** Most votes that the verifier takes at once. */
export const MAX_VOTES = 256;
/** Greatest depth for which Semaphore has a circuit. */
export const MAX_PROOF_DEPTH = 32;
/** Order of the field that the circuit reckons in: roots and nullifiers are below it. */
export const PROOF_FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** A package that makes proofs, see {@link PROVER_PACKAGE}. */
export const PROVER_PACKAGE = "@semaphore-protocol/proof";

/** A proof, a message or what makes them is outside what the contracts accept. */
export class VoteProofError extends RangeError {
  override readonly name = "VoteProofError";
}

/** The package that makes proofs is not installed. */
export class ProverMissingError extends Error {
  override readonly name = "ProverMissingError";
}

/** A proof as Semaphore 4 has it: numbers in decimal form. */
export interface VoteProof {
  /** Depth of the circuit, 1 to 32; it can be more than the depth of the group's tree. */
  readonly merkleTreeDepth: number;
  /** Root of the group. */
  readonly merkleTreeRoot: string;
  /** The same number for every vote of a member in a scope. */
  readonly nullifier: string;
  /** The message before it is hashed, see {@link messageOf}. */
  readonly message: string;
  /** The scope before it is hashed, see {@link scopeOf}. */
  readonly scope: string;
  /** A.x, A.y, B.x1, B.x0, B.y1, B.y0, C.x, C.y. */
  readonly points: readonly string[];
}

function numberOf(name: string, value: BigNumberish, end: bigint): bigint {
  const number = BigInt(value);
  if (number < 0n || number >= end) {
    throw new VoteProofError(`${name} ${number.toString()} is not 0 to ${(end - 1n).toString()}`);
  }
  return number;
}

const UINT256_END = 1n << 256n;
const SEQ_END = 1n << 32n;

function depthOf(depth: number): number {
  if (!Number.isInteger(depth) || depth < 1 || depth > MAX_PROOF_DEPTH) {
    throw new VoteProofError(`depth ${depth} is not 1 to ${MAX_PROOF_DEPTH}`);
  }
  return depth;
}

// --- what is proven

/**
 * What a ballot's proofs are bound to: chain, contract and ballot, so that a proof is good for no other.
 *
 * @param chainId - Chain id.
 * @param ballotBox - Address of the contract that counts.
 * @param ballotId - Number of the ballot.
 * @returns A number of 256 bits, as Semaphore takes a scope.
 * @throws VoteProofError for a number that is negative or has more than 256 bits.
 */
export function scopeOf(chainId: BigNumberish, ballotBox: string, ballotId: BigNumberish): bigint {
  return hashOf(
    ["string", "uint256", "address", "uint256"],
    [
      SCOPE_TAG,
      numberOf("chain id", chainId, UINT256_END),
      getAddress(ballotBox),
      numberOf("ballot", ballotId, UINT256_END),
    ],
  );
}

/**
 * What a proof says: the ballot paper, and how many times its voter voted before.
 *
 * @param scope - Of the ballot, see {@link scopeOf}.
 * @param seq - Sequence number of the vote: a greater one replaces a smaller one. 0 to 2^32 - 1.
 * @param payloadHash - Hash of the ballot paper, 32 bytes in hexadecimal form.
 * @returns A number of 256 bits, as Semaphore takes a message.
 * @throws VoteProofError for a number outside its range.
 */
export function messageOf(scope: bigint, seq: BigNumberish, payloadHash: string): bigint {
  return hashOf(
    ["string", "uint256", "uint256", "bytes32"],
    [MESSAGE_TAG, numberOf("scope", scope, UINT256_END), numberOf("sequence number", seq, SEQ_END), payloadHash],
  );
}

function hashOf(types: readonly string[], values: readonly AddressLike[] | readonly unknown[]): bigint {
  return BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(types, values)));
}

/**
 * A message or a scope as the circuit has it: the hash of its 32 bytes without the last eight bits.
 *
 * @param value - 0 to 2^256 - 1.
 * @returns A number of 248 bits.
 * @throws VoteProofError for a number outside.
 */
export function hashSignal(value: BigNumberish): bigint {
  const word = toBeHex(numberOf("signal", value, UINT256_END), WORD_BYTES);
  return BigInt(keccak256(word)) >> SIGNAL_SHIFT;
}

// --- what the contracts read

/**
 * The points of a proof as words.
 *
 * @param proof - Proof.
 * @returns Eight numbers: A.x, A.y, B.x1, B.x0, B.y1, B.y0, C.x, C.y.
 * @throws VoteProofError if they are not eight numbers of 256 bits.
 */
export function proofPoints(proof: VoteProof): bigint[] {
  if (proof.points.length !== POINT_WORDS) {
    throw new VoteProofError(`${proof.points.length} words of a proof are not ${POINT_WORDS}`);
  }
  return proof.points.map((word) => numberOf("coordinate", word, UINT256_END));
}

/**
 * A vote as the verifier reads it.
 *
 * @param proof - Proof.
 * @returns Its points, its nullifier and the hash of its message, {@link VOTE_BYTES} bytes in hexadecimal form.
 * @throws VoteProofError for a nullifier that is no number of the field, or points that are not eight words.
 */
export function packVote(proof: VoteProof): string {
  const words = [...proofPoints(proof), numberOf("nullifier", proof.nullifier, PROOF_FIELD), hashSignal(proof.message)];
  return concat(words.map((word) => toBeHex(word, WORD_BYTES)));
}

/**
 * Votes of one ballot as the verifier reads them, side by side.
 *
 * @param proofs - Proofs of one root, one scope and one depth.
 * @throws VoteProofError for none, for more than {@link MAX_VOTES}, and for proofs that are not of one ballot.
 */
export function packVotes(proofs: readonly VoteProof[]): string {
  const [first] = proofs;
  if (first === undefined || proofs.length > MAX_VOTES) {
    throw new VoteProofError(`${proofs.length} votes are not 1 to ${MAX_VOTES}`);
  }
  for (const [index, proof] of proofs.entries()) {
    for (const name of ["merkleTreeDepth", "merkleTreeRoot", "scope"] as const) {
      if (BigInt(proof[name]) !== BigInt(first[name])) {
        throw new VoteProofError(`vote ${index} has ${name} ${proof[name]}, the first one ${first[name]}`);
      }
    }
  }
  return concat(proofs.map(packVote));
}

/** What {@link packVotes} leaves out because it is the same for all votes of a ballot: what `prepare` of the verifier takes. */
export interface BallotSignals {
  /** Root of the group. */
  readonly root: bigint;
  /** The scope as the circuit has it. */
  readonly scopeHash: bigint;
}

/**
 * Root and hashed scope of a proof.
 *
 * @param proof - Proof.
 * @throws VoteProofError for a root that is no number of the field.
 */
export function ballotSignals(proof: VoteProof): BallotSignals {
  return {
    root: numberOf("root", proof.merkleTreeRoot, PROOF_FIELD),
    scopeHash: hashSignal(proof.scope),
  };
}

// --- making a proof

/** A voter's identity, as `@semaphore-protocol/identity` makes it. */
export interface VoterIdentity {
  readonly commitment: bigint;
  readonly secretScalar: bigint;
}

/** A way from a leaf to the root. */
export interface MembershipProof {
  readonly root: bigint;
  readonly leaf: bigint;
  readonly index: number;
  readonly siblings: bigint[];
}

/**
 * The electoral roll, see {@link voterGroup}. All ways to its root are as long as the tree is deep, which those in a group of
 * `@semaphore-protocol/group` are not.
 */
export interface VoterGroup {
  readonly depth: number;
  indexOf(member: bigint): number;
  generateMerkleProof(index: number): MembershipProof;
}

/** Makes a proof: `generateProof` of `@semaphore-protocol/proof`. */
export interface Prover {
  generateProof(
    identity: VoterIdentity,
    membership: MembershipProof,
    message: bigint,
    scope: bigint,
    depth: number,
    artifacts: { readonly wasm: string; readonly zkey: string },
  ): Promise<VoteProof>;
}

/** What {@link proveVote} needs. */
export interface VoteToProve {
  readonly identity: VoterIdentity;
  /** The roll as it was frozen for the ballot. */
  readonly group: VoterGroup;
  /** Of the ballot, see {@link scopeOf}. */
  readonly scope: bigint;
  /** What is voted, see {@link messageOf}. */
  readonly message: bigint;
  /** Depth of the verifier's circuit, 1 to 32, at least that of the group's tree. */
  readonly depth: number;
  /** Folder or address where `semaphore-<depth>.wasm` and `.zkey` of `@zk-kit/semaphore-artifacts` lie. */
  readonly artifacts: string;
  /** The package that makes proofs; {@link PROVER_PACKAGE} is imported when left out. A bundler needs it given. */
  readonly prover?: Prover;
}

/**
 * The package that makes proofs.
 *
 * @param name - Package or module to import.
 * @throws ProverMissingError if it cannot be imported, with what was thrown as the cause.
 */
export async function importProver(name: string = PROVER_PACKAGE): Promise<Prover> {
  try {
    return (await import(name)) as Prover;
  } catch (cause) {
    throw new ProverMissingError(`${name} is needed to prove a vote and cannot be imported; install it`, { cause });
  }
}

/**
 * A way to the root that a ballot has: with a zero to the right of what was the root, and so on, until it is as long as the circuit
 * is deep. If it could be shorter, whoever registers the root of a tree could vote for each of its leaves.
 *
 * @param membership - Way to the root of the roll.
 * @param depth - Depth of the circuit, at least the length of the way.
 */
export function raised(membership: MembershipProof, depth: number): MembershipProof {
  const more = Array<bigint>(Math.max(depth - membership.siblings.length, 0)).fill(0n);
  const root = more.reduce((node, zero) => poseidonPair(node, zero), membership.root);
  return { ...membership, root, siblings: [...membership.siblings, ...more] };
}

/**
 * Proves that a member of a group says something, without saying which. Takes seconds. Nothing is downloaded when the
 * artifacts lie in a folder.
 *
 * The prover's workers keep a program alive: call {@link endProving} after the last proof.
 *
 * @throws VoteProofError for an identity that is not in the group, a depth that is not 1 to 32 or less than the tree's, a way
 *   that is shorter than the tree is deep, or a scope or message of more than 256 bits.
 * @throws ProverMissingError if the package that makes proofs is not installed.
 */
export async function proveVote(vote: VoteToProve): Promise<VoteProof> {
  const depth = depthOf(vote.depth);
  const scope = numberOf("scope", vote.scope, UINT256_END);
  const message = numberOf("message", vote.message, UINT256_END);
  const index = vote.group.indexOf(vote.identity.commitment);
  if (index < 0) {
    throw new VoteProofError(`commitment ${vote.identity.commitment.toString()} is not in the group`);
  }
  if (vote.group.depth > depth) {
    throw new VoteProofError(`depth ${depth} is less than that of the group's tree, ${vote.group.depth}`);
  }
  const membership = vote.group.generateMerkleProof(index);
  if (membership.siblings.length !== vote.group.depth) {
    throw new VoteProofError(
      `a way of ${membership.siblings.length} steps to the root is not as long as the tree is deep, ${vote.group.depth}`,
    );
  }
  const prover = vote.prover ?? (await importProver());
  const file = `${vote.artifacts.replace(/\/$/, "")}/semaphore-${depth}`;
  return prover.generateProof(vote.identity, raised(membership, depth), message, scope, depth, {
    wasm: `${file}.wasm`,
    zkey: `${file}.zkey`,
  });
}

/** Ends the prover's workers, so that a program can end. A later proof starts them again. */
export async function endProving(): Promise<void> {
  const holder = globalThis as { curve_bn128?: { terminate(): Promise<void> } | null };
  await holder.curve_bn128?.terminate();
}
