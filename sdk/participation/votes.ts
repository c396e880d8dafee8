/**
 * Votes, made for whoever brings them to the box: of accounts, of anonymous people, and of those who let nobody see. Ballots, segments,
 * places and sequence numbers are whole numbers; payloads, nullifiers and instants (Unix time) are bigint.
 */
import {
  AbiCoder,
  type AddressLike,
  type ContractTransactionResponse,
  keccak256,
  resolveAddress,
  type Signer,
} from "ethers";

import type { BallotBox } from "../../typechain-types/index.js";
import { Secrecy } from "../enums.js";
import type { CompactSignature } from "../typedData/compact.js";
import { NO_SIGNATURE, type Signature, type TypedDataSigner } from "../typedData/messages.js";
import { type HasBallotBox, signVoteCompact, type Vote } from "../typedData/participation.js";
import type { Roll } from "./census.js";
import type { LeanTree } from "./leanTree.js";
import { type BallotPlace, placeScope, RunnerError } from "./place.js";
import { poseidonPair } from "./poseidon.js";
import {
  hashSignal,
  messageOf,
  proofPoints,
  proveVote,
  type VoteProof,
  type VoterGroup,
  type VoterIdentity,
  type VoteToProve,
} from "./proofs.js";
import { type Envelope, envelopeHash, type RandomBytes, type SealKey, sealPaper } from "./sealing.js";
import type { BallotTerms } from "./terms.js";

/** A ballot with its terms, which the contract wants to be shown. */
export interface KnownBallot {
  readonly ballotId: number;
  readonly terms: BallotTerms;
}

/** Hash of a payload, which proofs and receipts are about: keccak256 of the word. */
export function payloadHash(payload: bigint): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(["uint256"], [payload]));
}

// --- votes of accounts

/** Where somebody is on the frozen roll. */
export interface NamedPlace {
  readonly segment: number;
  readonly index: number;
  /** Siblings of the leaf from below, 32 bytes each. */
  readonly path: string[];
}

/** A paper of a named voter. */
export interface NamedPaper {
  readonly payload: bigint;
  /** How manieth vote, 1 when left out. A ballot that takes one vote takes no other number. */
  readonly sequence?: number;
  /** Payload of the vote that stands, if there is one. Not signed. */
  readonly previous?: bigint;
  /** Last second at which it can be cast; the close of the ballot is a good one. */
  readonly deadline: bigint;
}

/** A vote with its signature, as a batch takes it. */
export interface SignedVote {
  readonly index: number;
  readonly sequence: number;
  readonly payload: bigint;
  readonly previous: bigint;
  readonly deadline: bigint;
  readonly signature: CompactSignature;
  readonly path: string[];
}

/**
 * Where a member of a named roll is, with the path that its vote needs.
 *
 * @param roll - The roll as it was frozen, see {@link rollAt}.
 * @param tag - Who it is.
 * @throws RollError for somebody who is no member.
 */
export function placeOnRoll(roll: Roll, tag: bigint): NamedPlace {
  const { segment, index } = roll.placeOf(tag);
  return { segment, index, path: roll.pathOf(tag) };
}

/**
 * The message that a named voter signs.
 *
 * @param ballotId - Ballot.
 * @param place - Of the voter.
 * @param paper - What it votes.
 */
export function voteMessage(ballotId: number, place: NamedPlace, paper: NamedPaper): Vote {
  const { payload, sequence = 1, deadline } = paper;
  return { ballotId, segment: place.segment, index: place.index, sequence, payload, deadline };
}

/**
 * Signs a vote for a batch, with a plain key.
 *
 * @param city - The contract.
 * @param signer - Key of the account on the roll.
 * @param ballotId - Ballot.
 * @param place - Of the voter.
 * @param paper - What it votes.
 */
export async function signedVote(
  city: HasBallotBox,
  signer: TypedDataSigner,
  ballotId: number,
  place: NamedPlace,
  paper: NamedPaper,
): Promise<SignedVote> {
  const { index, sequence, payload, deadline } = voteMessage(ballotId, place, paper);
  const signature = await signVoteCompact(city, signer, voteMessage(ballotId, place, paper));
  return { index, sequence, payload, previous: paper.previous ?? 0n, deadline, signature, path: place.path };
}

/** A vote as the box takes it one by one. */
function voteArgument(ballotId: number, place: NamedPlace, paper: NamedPaper): Vote & { readonly previous: bigint } {
  return { ...voteMessage(ballotId, place, paper), previous: paper.previous ?? 0n };
}

/** Somebody else's vote that is brought. */
export interface BroughtVote {
  /** Account on the roll. */
  readonly voter: AddressLike;
  readonly signature: Signature;
}

/**
 * Casts a vote in a public ballot of a named roll, or a commitment in one of a small body: the caller's own, or that of somebody who
 * signed it. The cheapest way that the ballot has is taken.
 *
 * @param box - The contract, connected to who sends.
 * @param ballot - The ballot.
 * @param place - Of the voter.
 * @param paper - What it votes; the payload of a commitment is the {@link commitment} as a number.
 * @param brought - Whose vote it is, with its signature; the caller's own when left out.
 * @throws RunnerError if the contract is connected to nobody who sends.
 */
export async function castVote(
  box: BallotBox,
  { ballotId, terms }: KnownBallot,
  place: NamedPlace,
  paper: NamedPaper,
  brought?: BroughtVote,
): Promise<ContractTransactionResponse> {
  const plain = terms.secrecy === Secrecy.Public && !terms.revotes;
  if (brought === undefined && plain) return box.vote(ballotId, place.segment, place.index, paper.payload, place.path);
  const vote = voteArgument(ballotId, place, paper);
  const voter = brought === undefined ? await callerOf(box) : await resolveAddress(brought.voter);
  const signature = brought?.signature ?? NO_SIGNATURE;
  if (terms.secrecy === Secrecy.Committed) return box.commit(vote, voter, signature, place.path);
  return box.voteBySig(vote, voter, signature, place.path);
}

async function callerOf(box: BallotBox): Promise<string> {
  const runner = box.runner as Partial<Signer> | null;
  if (runner?.getAddress === undefined) throw new RunnerError("the ballot box is connected to nobody who sends");
  return runner.getAddress();
}

// --- votes of anonymous people

/** Eight words of a proof, as the box takes it. */
export type ProofWords = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/** A vote of somebody on an anonymous roll. Anybody may bring it, and nobody can change it. */
export interface AnonymousVote {
  /** The same for all votes of a member in one ballot. */
  readonly nullifier: bigint;
  readonly sequence: number;
  readonly payload: bigint;
  /** Payload of the vote that stands. Not proven: who brings the vote may put it right. */
  readonly previous: bigint;
  readonly proof: ProofWords;
}

/** A sealed vote. */
export interface SealedVote {
  readonly nullifier: bigint;
  readonly sequence: number;
  readonly envelope: Envelope;
  readonly proof: ProofWords;
}

/** An anonymous voter with all that it takes to prove that it is on the roll. */
export type AnonymousVoter = Pick<VoteToProve, "identity" | "group" | "depth" | "artifacts" | "prover">;

/** An anonymous paper. */
export interface AnonymousPaper {
  readonly payload: bigint;
  /** How manieth vote of the voter, 1 when left out. */
  readonly sequence?: number;
}

/**
 * The nullifier of a member in a ballot: what its votes there are known by.
 *
 * @param identity - Of the member.
 * @param place - The ballot.
 */
export function nullifierOf(identity: Pick<VoterIdentity, "secretScalar">, place: BallotPlace): bigint {
  return poseidonPair(hashSignal(placeScope(place)), identity.secretScalar);
}

/**
 * A segment of an anonymous roll as the prover wants it.
 *
 * @param tree - Of the segment as it was frozen, see {@link rollAt} and {@link Roll.treeOf}.
 */
export function voterGroup(tree: LeanTree): VoterGroup {
  return {
    depth: tree.depth,
    indexOf: (member) => tree.leaves.indexOf(member),
    generateMerkleProof: (index) => tree.proofOf(index),
  };
}

/**
 * Makes an anonymous vote. Takes seconds.
 *
 * @param place - The ballot.
 * @param voter - Who votes.
 * @param paper - What it votes, and for the how manieth time.
 * @param previous - Payload of its vote that stands, if there is one.
 * @throws VoteProofError and ProverMissingError as {@link proveVote}.
 */
export async function anonymousVote(
  place: BallotPlace,
  voter: AnonymousVoter,
  { payload, sequence = 1 }: AnonymousPaper,
  previous = 0n,
): Promise<AnonymousVote> {
  const proof = await proven(place, voter, sequence, payloadHash(payload));
  return { nullifier: BigInt(proof.nullifier), sequence, payload, previous, proof: wordsOf(proof) };
}

/**
 * Makes a sealed vote. Takes seconds.
 *
 * @param place - The ballot.
 * @param key - Of the ballot: its terms' sealX and sealY.
 * @param voter - Who votes.
 * @param paper - What it votes, and for the how manieth time.
 * @param random - Source of randomness; that of the machine when left out.
 * @throws SealKeyError for a point to which nothing can be sealed.
 * @throws VoteProofError and ProverMissingError as {@link proveVote}.
 */
export async function sealVote(
  place: BallotPlace,
  key: SealKey,
  voter: AnonymousVoter,
  { payload, sequence = 1 }: AnonymousPaper,
  random?: RandomBytes,
): Promise<SealedVote> {
  const nullifier = nullifierOf(voter.identity, place);
  const envelope = sealPaper(key, payload, { nullifier, scope: placeScope(place) }, random);
  const proof = await proven(place, voter, sequence, envelopeHash(envelope));
  return { nullifier, sequence, envelope, proof: wordsOf(proof) };
}

async function proven(
  place: BallotPlace,
  voter: AnonymousVoter,
  sequence: number,
  paperHash: string,
): Promise<VoteProof> {
  const scope = placeScope(place);
  return proveVote({ ...voter, scope, message: messageOf(scope, sequence, paperHash) });
}

function wordsOf(proof: VoteProof): ProofWords {
  return proofPoints(proof) as ProofWords;
}
