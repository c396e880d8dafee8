/**
 * A relayer brings votes of others to the box: shuffled, so that their order tells nothing, and many in a call, which costs a third of
 * bringing them one by one. Nothing that it does needs trust: votes are signed or proven, and who finds its vote left out brings it
 * by itself.
 */
import {
  type ContractTransactionReceipt,
  type ContractTransactionResponse,
  hexlify,
  randomBytes,
  recoverAddress,
  Signature,
  ZeroHash,
} from "ethers";

import type { BallotBox } from "../../typechain-types/index.js";
import { rangesToLatest } from "../blocks.js";
import { Secrecy, VoteFault } from "../enums.js";
import { explainRevert } from "../errors.js";
import { afterOwn, type Certainty, isLineFault, settled } from "../line.js";
import { slices } from "../slices.js";
import type { CompactSignature } from "../typedData/compact.js";
import { digestOf } from "../typedData/messages.js";
import { parseBallotLog, type VoteRejected } from "./events.js";
import { isNamed } from "./recount.js";
import { envelopeHash, voterName } from "./sealing.js";
import { type AnonymousVote, type KnownBallot, payloadHash, type SealedVote, type SignedVote } from "./votes.js";

/** A vote that can be relayed. */
export type RelayableVote = AnonymousVote | SealedVote | SignedVote;

/** Most votes of a call: the box's limits. */
export const MAX_BATCH = { anonymous: 100, signed: 256 } as const;
/** Votes of a call where nothing is said, which fit into a transaction of 16.7 million gas. */
export const USUAL_BATCH = { anonymous: 80, signed: 200 } as const;

/** Gives a whole number from 0 to one below `end`. */
export type RandomNumber = (end: number) => number;

/** How votes are relayed, and how sure it is made that they are in. */
export interface RelayOptions extends Certainty {
  /** Most votes of a call; {@link USUAL_BATCH} when left out. */
  readonly batchSize?: number;
  /** Source of the order; that of the machine when left out. */
  readonly random?: RandomNumber;
  /** Block from which to look for votes that stand: that of the ballot's publication or before. 0 when left out. */
  readonly fromBlock?: number;
}

/** A ballot and the segment of it to which votes are brought. */
export interface RelayedBallot extends KnownBallot {
  readonly segment: number;
}

/** A vote that was left out. */
export interface RejectedVote<Vote extends RelayableVote> {
  readonly vote: Vote;
  /** Why, see {@link VoteFault}. */
  readonly fault: bigint;
}

/** What became of votes. Each that was given is in one of the lists. */
export interface Relayed<Vote extends RelayableVote> {
  /** Votes that were put in, as events tell. */
  readonly accepted: readonly Vote[];
  /** Votes that were in before, for instance of a relay that was broken off. */
  readonly known: readonly Vote[];
  readonly rejected: readonly RejectedVote<Vote>[];
  readonly receipts: readonly ContractTransactionReceipt[];
}

/** A size of batches that the box does not take, or votes that were sent without waiting for a block. */
export class RelayError extends RangeError {
  override readonly name = "RelayError";
}

/**
 * Brings votes to the box. Of a voter only the newest vote that the box would take goes: older ones are left out as stale. Anybody
 * can write another's name on a vote, or hand in anything at all, so what the box would not take is in nobody's way. What the box would reject is found out by
 * simulation and not sent. A batch that is too much for a transaction is halved. If it is broken off, the same call goes on where it
 * was: votes that are in are not sent again. Until the ballot closes a vote is worth keeping, see {@link VoteQueue}: a block with it
 * may be replaced by another, and the same call brings it again. `previous` of a vote, which nobody signs, is put right from what stands.
 *
 * @param box - The contract, connected to who pays.
 * @param ballot - The ballot with its terms, and the segment of the votes.
 * @param votes - What is no vote of the kind that the ballot takes is left out as one with a bad proof or signature.
 * @param options - Size of batches and source of the order.
 * @throws RelayError for a size that the box does not take, and where no confirmation is waited for and votes are in no block yet.
 * @throws PendingError if what this account sent before does not get into a block.
 * @throws What the box reverts with where no vote could be taken, for instance before the opening.
 */
export async function relayVotes<Vote extends RelayableVote>(
  box: BallotBox,
  ballot: RelayedBallot,
  votes: readonly Vote[],
  options: RelayOptions = {},
): Promise<Relayed<Vote>> {
  return new Relay<Vote>(box, ballot, votes, options).run();
}

/**
 * A list in an order that nobody can foresee.
 *
 * @param list - It; left as it is.
 * @param random - Source of the order; that of the machine when left out.
 */
export function shuffled<Member>(list: readonly Member[], random: RandomNumber = randomBelow): Member[] {
  const order = [...list];
  for (let last = order.length - 1; last > 0; last--) {
    const other = random(last + 1);
    const [first, second] = [order[last], order[other]] as [Member, Member];
    [order[last], order[other]] = [second, first];
  }
  return order;
}

const RANDOM_BYTES = 16;
/** Calls that are asked of the chain side by side. */
const SIDE_BY_SIDE = 20;
const BOX_PREFIX = "BallotBox";
/** Most gas of a transaction, EIP-7825. Votes are tried with it, whatever a node allows a call. */
const MOST_GAS = 16_777_216n;
/** Most siblings of a leaf: a longer path leads to no root, and costs. */
const MAX_PATH = 32;
/** Upper bits of a hash that receipts keep. */
const RECEIPT_SHIFT = 80n;

function randomBelow(end: number): number {
  return Number(BigInt(hexlify(randomBytes(RANDOM_BYTES))) % BigInt(end));
}

/** How votes of one kind go to the box. */
interface Way<Vote extends RelayableVote> {
  readonly most: number;
  readonly usual: number;
  /** What is wrong with a vote that cannot even be put into a call. */
  flawOf(vote: Vote): bigint | undefined;
  voterOf(vote: Vote): bigint;
  /** Hash that the receipt of the vote has. */
  hashOf(vote: Vote): string;
  /** How many of these would be accepted. */
  tryMany(votes: Vote[]): Promise<bigint>;
  /** Reverts with what is wrong with a vote. */
  tryOne(vote: Vote): Promise<unknown>;
  send(votes: Vote[]): Promise<ContractTransactionResponse>;
}

class Relay<Vote extends RelayableVote> {
  readonly #box: BallotBox;
  readonly #ballot: RelayedBallot;
  readonly #votes: readonly Vote[];
  readonly #options: RelayOptions;
  readonly #way: Way<Vote>;
  readonly #accepted: Vote[] = [];
  readonly #known: Vote[] = [];
  readonly #rejected: RejectedVote<Vote>[] = [];
  readonly #receipts: ContractTransactionReceipt[] = [];

  constructor(box: BallotBox, ballot: RelayedBallot, votes: readonly Vote[], options: RelayOptions) {
    this.#box = box;
    this.#ballot = ballot;
    this.#votes = votes;
    this.#options = options;
    this.#way = wayOf(box, ballot);
  }

  async run(): Promise<Relayed<Vote>> {
    const { batchSize = this.#way.usual, random } = this.#options;
    if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > this.#way.most) {
      throw new RelayError(`${batchSize} votes of a call are not 1 to ${this.#way.most}`);
    }
    await afterOwn(this.#box.runner, this.#options);
    const fresh: Vote[] = [];
    for (const some of slices(this.#byVoter(), SIDE_BY_SIDE)) {
      for (const vote of await Promise.all(some.map(async (its) => this.#newest(its)))) {
        if (vote !== undefined) fresh.push(vote);
      }
    }
    for (const batch of slices(shuffled(fresh, random), batchSize)) await this.#bring(batch);
    return {
      accepted: this.#accepted,
      known: this.#known,
      rejected: this.#rejected,
      receipts: this.#receipts,
    };
  }

  /** Votes that can be put into a call, by the voter that is written on them, each voter's newest first. */
  #byVoter(): Vote[][] {
    const voters = new Map<bigint, Vote[]>();
    for (const vote of this.#votes) {
      const flaw = this.#way.flawOf(vote);
      if (flaw !== undefined) {
        this.#reject(vote, flaw);
        continue;
      }
      const voter = this.#way.voterOf(vote);
      voters.set(voter, [...(voters.get(voter) ?? []), vote]);
    }
    return [...voters.values()].map((its) => its.sort((one, other) => other.sequence - one.sequence));
  }

  /** The newest vote of a voter that the box would take, as it can be brought. One that is alone is tried with those of others. */
  async #newest(votes: readonly Vote[]): Promise<Vote | undefined> {
    for (const [place, vote] of votes.entries()) {
      const ready = await this.#prepared(vote);
      let fault = typeof ready === "bigint" ? ready : undefined;
      if (typeof ready === "object" && votes.length > 1 && (await this.#way.tryMany([ready])) === 0n) {
        fault = await this.#faultOf(ready);
      }
      if (fault !== undefined) {
        this.#reject(vote, fault);
        continue;
      }
      for (const older of votes.slice(place + 1)) this.#reject(older, VoteFault.StaleSequence);
      if (typeof ready === "object") return ready;
      this.#known.push(vote);
      return undefined;
    }
    return undefined;
  }

  /** The vote as it can be brought, or what is wrong with it; undefined: it is in. */
  async #prepared(vote: Vote): Promise<Vote | bigint | undefined> {
    const voter = this.#way.voterOf(vote);
    const { terms, ballotId, segment } = this.#ballot;
    if ("index" in vote && !terms.revotes) {
      if (!(await this.#box.hasVoted(ballotId, segment, vote.index))) return vote;
      const stands = await this.#standing("VoteCast", voter);
      return vote.sequence === 1 && stands === vote.payload ? undefined : VoteFault.StaleSequence;
    }
    const { sequence, payloadHash: stored } = await this.#box.receiptOf(ballotId, voter);
    if (sequence === 0n) return vote;
    if (sequence >= BigInt(vote.sequence)) {
      const same = sequence === BigInt(vote.sequence) && stored === keptOf(this.#way.hashOf(vote));
      return same ? undefined : VoteFault.StaleSequence;
    }
    if (!("previous" in vote) || keptOf(payloadHash(vote.previous)) === stored) return vote;
    return { ...vote, previous: (await this.#standing("VoteRecorded", voter)) ?? vote.previous };
  }

  /** Payload of the vote that stands, from events. */
  async #standing(name: "VoteCast" | "VoteRecorded", voter: bigint): Promise<bigint | undefined> {
    const { ballotId } = this.#ballot;
    const filter =
      name === "VoteCast"
        ? this.#box.filters.VoteCast(ballotId, voter)
        : this.#box.filters.VoteRecorded(ballotId, voter);
    const ranges = await rangesToLatest(this.#box, this.#options.fromBlock ?? 0);
    for (const range of ranges.reverse()) {
      const last = (await this.#box.queryFilter(filter, ...range)).at(-1);
      if (last === undefined) continue;
      const event = parseBallotLog(last);
      return event !== undefined && "payload" in event ? event.payload : undefined;
    }
    return undefined;
  }

  async #bring(batch: Vote[]): Promise<void> {
    const accepted = await this.#count(batch);
    if (accepted === undefined) {
      for (const half of halves(batch)) await this.#bring(half);
      return;
    }
    const good = await this.#good(batch, accepted);
    if (good.length === 0) return;
    const receipt = await settled(await this.#way.send(good), this.#options);
    if (receipt === null) {
      throw new RelayError("votes were sent and are in no block yet; the same call waits for them, and goes on");
    }
    this.#receipts.push(receipt);
    const faults = new Map<bigint, bigint>();
    for (const { voter, fault } of rejections(receipt)) faults.set(voter, fault);
    for (const vote of good) {
      const fault = faults.get(this.#way.voterOf(vote));
      if (fault === undefined) this.#accepted.push(vote);
      else this.#reject(vote, fault);
    }
  }

  /** How many votes the box would take now; undefined: not all of them in one transaction. */
  async #count(votes: Vote[]): Promise<bigint | undefined> {
    try {
      return await this.#way.tryMany(votes);
    } catch (failure) {
      if (votes.length === 1 || isLineFault(failure)) throw failure;
      return undefined;
    }
  }

  /** Votes that the box would take now. Halves what is not good as a whole. */
  async #good(votes: Vote[], accepted: bigint | undefined): Promise<Vote[]> {
    if (accepted === BigInt(votes.length)) return votes;
    const [first] = votes;
    if (votes.length === 1 && first !== undefined) {
      this.#reject(first, await this.#faultOf(first));
      return [];
    }
    const good: Vote[] = [];
    for (const half of halves(votes)) good.push(...(await this.#good(half, await this.#count(half))));
    return good;
  }

  /** What the box says against a vote that it would not take. */
  async #faultOf(vote: Vote): Promise<bigint> {
    try {
      await this.#way.tryOne(vote);
    } catch (failure) {
      const name = explainRevert(failure)?.name ?? "";
      if (failure instanceof RelayError || name.startsWith("Signed")) return VoteFault.BadSignature;
      const fault = Object.entries(VoteFault).find(([known]) => name === BOX_PREFIX + known);
      if (fault !== undefined) return fault[1];
      throw failure;
    }
    // Alone it goes in another way than with others, where an account's code has a say.
    return VoteFault.BadSignature;
  }

  #reject(vote: Vote, fault: bigint): void {
    this.#rejected.push({ vote, fault });
  }
}

function keptOf(hash: string): bigint {
  return BigInt(hash) >> RECEIPT_SHIFT;
}

function rejections(receipt: ContractTransactionReceipt): VoteRejected[] {
  return receipt.logs.map(parseBallotLog).filter((event) => event?.name === "VoteRejected");
}

function halves<Member>(list: readonly Member[]): Member[][] {
  return slices(list, Math.ceil(list.length / 2));
}

/** The fault, if a vote cannot be put into a call. */
function flawIf(fault: bigint, encode: () => void): bigint | undefined {
  try {
    encode();
  } catch {
    return fault;
  }
  return undefined;
}

/** How votes of the kind go that a ballot takes. What else is given cannot be put into a call. */
function wayOf<Vote extends RelayableVote>(box: BallotBox, ballot: RelayedBallot): Way<Vote> {
  const { terms } = ballot;
  const way =
    terms.secrecy === Secrecy.Sealed
      ? sealedWay(box, ballot)
      : isNamed(terms)
        ? signedWay(box, ballot)
        : anonymousWay(box, ballot);
  return way as unknown as Way<Vote>;
}

/** Makes sure that votes of one voter are known as such, and which is the newest: equal numbers of other types are not equal. */
function checkTypes({ sequence }: { readonly sequence: unknown }, nullifier: unknown = 0n): void {
  if (typeof sequence !== "number" || typeof nullifier !== "bigint")
    throw new TypeError("these are no numbers of a vote");
}

/** Who made a signature, and its long form. There is nobody, if it has an s above the lower half, as the twin of each has. */
function signerOf(digest: string, { r, vs }: CompactSignature): { full: Signature; signer: string } {
  try {
    const full = Signature.from({ r, yParityAndS: vs });
    if (full.isValid()) return { full, signer: recoverAddress(digest, full) };
  } catch {
    // No numbers of a curve's point, or, which depends on what was signed, of a key that is zero.
  }
  throw new RelayError("a signature is nobody's");
}

function anonymousWay(box: BallotBox, { ballotId, segment }: RelayedBallot): Way<AnonymousVote> {
  return {
    most: MAX_BATCH.anonymous,
    usual: USUAL_BATCH.anonymous,
    flawOf: (vote) =>
      flawIf(VoteFault.BadProof, () => {
        box.interface.encodeFunctionData("voteAnonymouslyMany", [ballotId, segment, [vote]]);
        checkTypes(vote, vote.nullifier);
      }),
    voterOf: ({ nullifier }) => nullifier,
    hashOf: ({ payload }) => payloadHash(payload),
    tryMany: async (votes) => box.voteAnonymouslyMany.staticCall(ballotId, segment, votes, { gasLimit: MOST_GAS }),
    tryOne: async (vote) => box.voteAnonymously.staticCall(ballotId, segment, vote),
    send: async (votes) => box.voteAnonymouslyMany(ballotId, segment, votes),
  };
}

function sealedWay(box: BallotBox, { ballotId, segment }: RelayedBallot): Way<SealedVote> {
  return {
    most: MAX_BATCH.anonymous,
    usual: USUAL_BATCH.anonymous,
    flawOf: (vote) =>
      flawIf(VoteFault.BadProof, () => {
        box.interface.encodeFunctionData("voteSealedMany", [ballotId, segment, [vote]]);
        checkTypes(vote, vote.nullifier);
      }),
    voterOf: ({ nullifier }) => nullifier,
    hashOf: ({ envelope }) => envelopeHash(envelope),
    tryMany: async (votes) => box.voteSealedMany.staticCall(ballotId, segment, votes, { gasLimit: MOST_GAS }),
    tryOne: async (vote) => box.voteSealed.staticCall(ballotId, segment, vote),
    send: async (votes) => box.voteSealedMany(ballotId, segment, votes),
  };
}

function signedWay(box: BallotBox, { ballotId, segment }: RelayedBallot): Way<SignedVote> {
  return {
    most: MAX_BATCH.signed,
    usual: USUAL_BATCH.signed,
    flawOf: (vote) => {
      const flaw = flawIf(VoteFault.BadSignature, () => {
        box.interface.encodeFunctionData("voteMany", [ballotId, segment, [vote]]);
        checkTypes(vote);
        signerOf(ZeroHash, vote.signature);
      });
      return flaw ?? (vote.path.length > MAX_PATH ? VoteFault.NotInCensus : undefined);
    },
    voterOf: ({ index }) => voterName(segment, index),
    hashOf: ({ payload }) => payloadHash(payload),
    tryMany: async (votes) => box.voteMany.staticCall(ballotId, segment, votes, { gasLimit: MOST_GAS }),
    tryOne: async ({ signature, path, ...paper }) => {
      const vote = { ballotId, segment, ...paper };
      const { full, signer } = signerOf(await digestOf(box, "Vote", vote), signature);
      return box.voteBySig.staticCall(vote, signer, { key: "0x", data: full.serialized }, path);
    },
    send: async (votes) => box.voteMany(ballotId, segment, votes),
  };
}
