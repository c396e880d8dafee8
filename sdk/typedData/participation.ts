/**
 * Messages of the census: of people who are to be on a roll, and of second registrars. None has a nonce: how often the person was
 * added is in all of them, so that each serves once.
 *
 * Messages of ballots: of voters, whose votes have sequence numbers in place of nonces, and of returning officers. Rolls,
 * ballots, segments, places and counts are whole numbers; tags, leaves and payloads are bigint; instants are Unix time.
 */
import { AbiCoder, type BaseContract, keccak256 } from "ethers";

import { IBallotBox__factory } from "../../typechain-types/index.js";
import { type CompactSignature, signCompact } from "./compact.js";
import { type MessageSigner, type Signature, signMessage, type TypedDataSigner } from "./messages.js";

/** A person consents to be put on a roll, signed by the owner of its identity, or by its own account. */
export interface RollEntry {
  readonly rollId: number;
  readonly segment: number;
  /** Number of the person's credential, or its tag. */
  readonly tag: bigint;
  /** Identity commitment, or the account as a number. */
  readonly leaf: bigint;
  /** How often the person was added before, as `memberOf` tells it. */
  readonly times: number;
  /** Last second at which it can be used, 40 bits. */
  readonly deadline: bigint;
}

/** A second registrar consents to a list of entries, in the order in which they are added. */
export interface RollEntries {
  readonly entries: readonly RollEntry[];
  readonly deadline: bigint;
}

/** A second registrar consents that a member be taken out. */
export interface RollRemoval {
  readonly rollId: number;
  readonly tag: bigint;
  /** How often the member was added. */
  readonly times: number;
  readonly deadline: bigint;
}

/** The part of a city that its rolls need. */
export interface HasCensus {
  readonly census: BaseContract;
}

/** Signs a person's consent with the key of the owner of its identity, or of its account. */
export async function signRollEntry(
  { census }: HasCensus,
  signer: MessageSigner,
  entry: RollEntry,
): Promise<Signature> {
  return signMessage(census, signer, "RollEntry", entry);
}

/** Signs a list of entries with the key of the owner of the second registrar's identity. */
export async function signRollEntries(
  { census }: HasCensus,
  signer: MessageSigner,
  entries: RollEntries,
): Promise<Signature> {
  return signMessage(census, signer, "RollEntries", entries);
}

/** Signs a removal with the key of the owner of the second registrar's identity. */
export async function signRollRemoval(
  { census }: HasCensus,
  signer: MessageSigner,
  removal: RollRemoval,
): Promise<Signature> {
  return signMessage(census, signer, "RollRemoval", removal);
}

// --- ballots

/** A vote of somebody on a named roll, signed by its account. */
export interface Vote {
  readonly ballotId: number;
  readonly segment: number;
  /** Place on the roll. */
  readonly index: number;
  /** Above that of the vote before; 1 for the first. */
  readonly sequence: number;
  /** What the paper says. */
  readonly payload: bigint;
  /** Last second at which it can be cast, 40 bits. */
  readonly deadline: bigint;
}

/** What a member of a small body commits to, signed by its account. */
export interface Commitment {
  readonly ballotId: number;
  readonly segment: number;
  readonly index: number;
  readonly sequence: number;
  /** Hash of paper and salt, as a number. */
  readonly commitment: bigint;
  readonly deadline: bigint;
}

/** Equal papers of a protocol. */
export interface PaperCount {
  readonly payload: bigint;
  readonly count: number;
}

/** What a returning officer found in ballot boxes of wood, signed by the owner of the officer's identity. */
export interface Protocol {
  readonly ballotId: number;
  readonly segment: number;
  /** Papers that are void. */
  readonly spoilt: number;
  /** keccak256 of the signed original, salted. */
  readonly documentHash: string;
  /** See {@link paperEntriesHash}. */
  readonly entriesHash: string;
  /** Identity of the returning officer. */
  readonly officer: string;
  /** Owner of that identity. */
  readonly owner: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** The part of a city that its ballots need. */
export interface HasBallotBox {
  readonly ballotBox: BaseContract;
}

/** Signs a vote with the key of an account on the roll. */
export async function signVote({ ballotBox }: HasBallotBox, signer: MessageSigner, vote: Vote): Promise<Signature> {
  return signMessage(ballotBox, signer, "Vote", vote);
}

/** As {@link signVote} with a plain key, in the short form that batches of votes take. */
export async function signVoteCompact(
  { ballotBox }: HasBallotBox,
  signer: TypedDataSigner,
  vote: Vote,
): Promise<CompactSignature> {
  return signCompact(ballotBox, signer, "Vote", vote);
}

/** Signs a commitment with the key of an account on the roll. */
export async function signCommitment(
  { ballotBox }: HasBallotBox,
  signer: MessageSigner,
  commitment: Commitment,
): Promise<Signature> {
  return signMessage(ballotBox, signer, "Commitment", commitment);
}

/** Signs a protocol with the key of the owner of the officer's identity. */
export async function signProtocol(
  { ballotBox }: HasBallotBox,
  signer: MessageSigner,
  protocol: Protocol,
): Promise<Signature> {
  return signMessage(ballotBox, signer, "Protocol", protocol);
}

const entriesType = IBallotBox__factory.createInterface().getFunction("recordProtocol").inputs[1];

/** keccak256 of the entries of a protocol, ABI encoded: what a protocol has of them. */
export function paperEntriesHash(entries: readonly PaperCount[]): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode([entriesType ?? ""], [entries]));
}
