/**
 * What happened to a ballot, as the box tells it. Ballots, segments, places, counts and sequence numbers are whole numbers; names of
 * voters, payloads, enums and instants (Unix time) are bigint.
 */
import { type Log, type Provider, type Result as Arguments, toBeHex } from "ethers";

import { IBallotBox__factory } from "../../typechain-types/index.js";
import { inRanges, rangesIn } from "../blocks.js";
import type { PaperCount } from "../typedData/participation.js";
import type { Envelope } from "./sealing.js";
import type { BallotTerms, TextHash } from "./terms.js";

/** What came of a ballot. */
export interface BallotResult {
  /** Options, best first: byte i from the low end is the number, plus one, of the option at place i. */
  readonly order: bigint;
  /** Whether there is a winner by all quorums and the first option is it. */
  readonly passed: boolean;
  /** Whether there is a winner by all quorums. */
  readonly decided: boolean;
  /** Whether the tie rule chose the winner. */
  readonly tied: boolean;
  readonly finalAt: bigint;
  /** Until when it can be objected to. */
  readonly objectionUntil: bigint;
}

interface Happened<Name extends string> {
  readonly name: Name;
  readonly ballotId: number;
}

/** A ballot was published. */
export interface BallotPublished extends Happened<"BallotPublished"> {
  readonly termsHash: string;
  readonly terms: BallotTerms;
}

/** A ballot was taken back before it opened. */
export interface BallotWithdrawn extends Happened<"BallotWithdrawn"> {
  readonly reasonHash: string;
}

/** The census of a segment is frozen. */
export interface CensusFrozen extends Happened<"CensusFrozen"> {
  readonly segment: number;
  readonly root: bigint;
  readonly members: number;
}

/** A ballot can take no votes. */
export interface BallotVoided extends Happened<"BallotVoided"> {
  readonly segment: number;
  readonly members: number;
}

/** A ballot has no result, because its key was not released in time. */
export type BallotAbandoned = Happened<"BallotAbandoned">;

/** An account voted, in a public ballot that takes one vote. */
export interface VoteCast extends Happened<"VoteCast"> {
  /** `segment << 32 | index`. */
  readonly voter: bigint;
  readonly payload: bigint;
}

/** Somebody voted, the first time or again. */
export interface VoteRecorded extends Happened<"VoteRecorded"> {
  /** `segment << 32 | index`, or the nullifier. */
  readonly voter: bigint;
  readonly segment: number;
  readonly sequence: number;
  readonly payload: bigint;
}

/** Somebody put a sealed paper in, or another one. */
export interface VoteSealed extends Happened<"VoteSealed"> {
  readonly nullifier: bigint;
  readonly segment: number;
  readonly sequence: number;
  readonly envelope: Envelope;
}

/** A member of a small body committed to its vote, or to another one. */
export interface VoteCommitted extends Happened<"VoteCommitted"> {
  readonly voter: bigint;
  readonly sequence: number;
  readonly commitment: string;
}

/** A vote of a batch was left out. */
export interface VoteRejected extends Happened<"VoteRejected"> {
  readonly voter: bigint;
  readonly sequence: number;
  /** See {@link VoteFault}. */
  readonly fault: bigint;
}

/** A returning officer's protocol was counted. */
export interface ProtocolRecorded extends Happened<"ProtocolRecorded"> {
  readonly segment: number;
  readonly officer: string;
  /** Papers that count. */
  readonly papers: number;
  readonly spoilt: number;
  readonly documentHash: string;
  readonly entries: readonly PaperCount[];
}

/** The key of a sealed ballot is known. */
export interface KeyReleased extends Happened<"KeyReleased"> {
  readonly key: bigint;
}

/** A committed paper was revealed and counted. */
export interface VoteRevealed extends Happened<"VoteRevealed"> {
  readonly voter: bigint;
  readonly payload: bigint;
  /** What the commitment was made with. */
  readonly salt: string;
  /** Whether it counts. */
  readonly valid: boolean;
}

/** Sealed papers were opened and counted. */
export interface VotesOpened extends Happened<"VotesOpened"> {
  readonly segment: number;
  readonly firstEntry: number;
  /** Number of the entry at which opening goes on. */
  readonly nextEntry: number;
  /** What they say; zero, if one is not sealed as it should be. */
  readonly payloads: readonly bigint[];
  /** Bit i of word i >> 8 is set if paper i does not count. */
  readonly spoilt: readonly bigint[];
}

/** Somebody counted a round of an instant runoff. */
export interface RoundCounted extends Happened<"RoundCounted"> {
  /** Who. */
  readonly counter: string;
  /** From 1. */
  readonly round: number;
  /** Option that leaves; 255: none, the count is over. */
  readonly eliminated: number;
  readonly tied: boolean;
  readonly tallies: readonly bigint[];
}

/** It was settled which block's hash decides ties. */
export interface LotAnnounced extends Happened<"LotAnnounced"> {
  readonly blockNumber: bigint;
}

/** The lot that decides ties is drawn. */
export interface LotDrawn extends Happened<"LotDrawn"> {
  readonly seed: string;
}

/** A ballot has a result. */
export interface ResultFinal extends Happened<"ResultFinal"> {
  readonly result: BallotResult;
  /** What each option has, in the unit of the rule; none of a survey. */
  readonly tallies: readonly bigint[];
}

/** Anything that happens to a ballot. */
export type BallotEvent =
  | BallotPublished
  | BallotWithdrawn
  | CensusFrozen
  | BallotVoided
  | BallotAbandoned
  | VoteCast
  | VoteRecorded
  | VoteSealed
  | VoteCommitted
  | VoteRejected
  | ProtocolRecorded
  | KeyReleased
  | VoteRevealed
  | VotesOpened
  | RoundCounted
  | LotAnnounced
  | LotDrawn
  | ResultFinal;

const box = IBallotBox__factory.createInterface();
const SEQUENCE_SHIFT = 224n;
const SEGMENT_SHIFT = 208n;
const SEGMENT_MASK = 0xffffn;
type Reader<Event extends BallotEvent> = (args: Arguments) => Omit<Event, "name" | "ballotId">;

const readers: { readonly [Name in BallotEvent["name"]]: Reader<Extract<BallotEvent, { readonly name: Name }>> } = {
  BallotPublished: (args) => ({
    termsHash: textIn(args, "termsHash"),
    terms: termsOf(args.getValue("terms") as Arguments),
  }),
  BallotWithdrawn: (args) => ({ reasonHash: textIn(args, "reasonHash") }),
  CensusFrozen: (args) => ({
    segment: numberIn(args, "segment"),
    root: wordIn(args, "root"),
    members: numberIn(args, "members"),
  }),
  BallotVoided: (args) => ({ segment: numberIn(args, "segment"), members: numberIn(args, "members") }),
  BallotAbandoned: () => ({}),
  VoteCast: (args) => ({ voter: wordIn(args, "voter"), payload: wordIn(args, "payload") }),
  VoteRecorded: (args) => {
    const ballot = wordIn(args, "ballot");
    return {
      voter: wordIn(args, "voter"),
      segment: Number((ballot >> SEGMENT_SHIFT) & SEGMENT_MASK),
      sequence: Number(ballot >> SEQUENCE_SHIFT),
      payload: wordIn(args, "payload"),
    };
  },
  VoteSealed: (args) => ({
    nullifier: wordIn(args, "nullifier"),
    segment: numberIn(args, "segment"),
    sequence: numberIn(args, "sequence"),
    envelope: envelopeOf(args.getValue("envelope") as Arguments),
  }),
  VoteCommitted: (args) => ({
    voter: wordIn(args, "voter"),
    sequence: numberIn(args, "sequence"),
    commitment: textIn(args, "commitment"),
  }),
  VoteRejected: (args) => ({
    voter: wordIn(args, "voter"),
    sequence: numberIn(args, "sequence"),
    fault: wordIn(args, "fault"),
  }),
  ProtocolRecorded: (args) => ({
    segment: numberIn(args, "segment"),
    officer: textIn(args, "officer"),
    papers: numberIn(args, "papers"),
    spoilt: numberIn(args, "spoilt"),
    documentHash: textIn(args, "documentHash"),
    entries: listIn<Arguments>(args, "entries").map((entry) => ({
      payload: wordIn(entry, "payload"),
      count: numberIn(entry, "count"),
    })),
  }),
  KeyReleased: (args) => ({ key: wordIn(args, "key") }),
  VoteRevealed: (args) => ({
    voter: wordIn(args, "voter"),
    payload: wordIn(args, "payload"),
    salt: textIn(args, "salt"),
    valid: flagIn(args, "valid"),
  }),
  VotesOpened: (args) => ({
    segment: numberIn(args, "segment"),
    firstEntry: numberIn(args, "firstEntry"),
    nextEntry: numberIn(args, "nextEntry"),
    payloads: listIn<bigint>(args, "payloads"),
    spoilt: listIn<bigint>(args, "spoilt"),
  }),
  RoundCounted: (args) => ({
    counter: textIn(args, "counter"),
    round: numberIn(args, "round"),
    eliminated: numberIn(args, "eliminated"),
    tied: flagIn(args, "tied"),
    tallies: listIn<bigint>(args, "tallies"),
  }),
  LotAnnounced: (args) => ({ blockNumber: wordIn(args, "blockNumber") }),
  LotDrawn: (args) => ({ seed: textIn(args, "seed") }),
  ResultFinal: (args) => ({
    result: resultOf(args.getValue("result") as Arguments),
    tallies: listIn<bigint>(args, "tallies"),
  }),
};

/**
 * Reads a log of the box.
 *
 * @param log - The log.
 * @returns Undefined for a log of something else.
 */
export function parseBallotLog(log: Pick<Log, "topics" | "data">): BallotEvent | undefined {
  const description = box.parseLog(log);
  if (description === null || !(description.name in readers)) return undefined;
  const name = description.name as BallotEvent["name"];
  const ballotId = numberIn(description.args, "ballotId");
  return { name, ballotId, ...readers[name](description.args) } as BallotEvent;
}

/** Where events are read from. */
export interface BallotSource {
  /** Address of `BallotBox`. */
  readonly ballotBox: string;
  readonly ballotId: number;
  /** First block: that of the ballot's publication or before. 0 when left out. */
  readonly fromBlock?: number;
  /** Last block; the latest when left out. */
  readonly toBlock?: number;
}

/**
 * Reads what happened to a ballot, in the order of the chain.
 *
 * @param provider - The chain.
 * @param source - Contract, ballot and blocks.
 */
export async function readBallotEvents(provider: Provider, source: BallotSource): Promise<BallotEvent[]> {
  const { ballotBox: address, ballotId } = source;
  const names = Object.keys(readers).map((name) => box.getEvent(name as "VoteCast").topicHash);
  const topics = [names, toBeHex(ballotId, 32)];
  const events: BallotEvent[] = [];
  const logs = await inRanges(await rangesIn(provider, source), async (from, to) =>
    provider.getLogs({ address, topics, fromBlock: from, toBlock: to }),
  );
  for (const log of logs) {
    const event = parseBallotLog(log);
    if (event !== undefined) events.push(event);
  }
  return events;
}

/** Terms as a log has them. */
function termsOf(terms: Arguments): BallotTerms {
  return {
    rollId: numberIn(terms, "rollId"),
    segments: listIn<bigint>(terms, "segments").map(Number),
    paperElectorate: numberIn(terms, "paperElectorate"),
    minAnonymity: numberIn(terms, "minAnonymity"),
    freezesAt: wordIn(terms, "freezesAt"),
    opensAt: wordIn(terms, "opensAt"),
    closesAt: wordIn(terms, "closesAt"),
    countsUntil: wordIn(terms, "countsUntil"),
    objectionPeriod: wordIn(terms, "objectionPeriod"),
    kind: wordIn(terms, "kind"),
    rule: wordIn(terms, "rule"),
    tieRule: wordIn(terms, "tieRule"),
    secrecy: wordIn(terms, "secrecy"),
    options: numberIn(terms, "options"),
    blankLast: flagIn(terms, "blankLast"),
    revotes: flagIn(terms, "revotes"),
    limit: numberIn(terms, "limit"),
    form: wordIn(terms, "form"),
    minCell: numberIn(terms, "minCell"),
    turnoutBp: numberIn(terms, "turnoutBp"),
    approvalBp: numberIn(terms, "approvalBp"),
    ofElectorate: flagIn(terms, "ofElectorate"),
    segmentsBp: numberIn(terms, "segmentsBp"),
    sealX: wordIn(terms, "sealX"),
    sealY: wordIn(terms, "sealY"),
    texts: listIn<Arguments>(terms, "texts").map((text): TextHash => ({
      language: textIn(text, "language"),
      hash: textIn(text, "hash"),
    })),
    actionsHash: textIn(terms, "actionsHash"),
  };
}

function envelopeOf(envelope: Arguments): Envelope {
  return {
    x: wordIn(envelope, "x"),
    y: wordIn(envelope, "y"),
    cipher: wordIn(envelope, "cipher"),
    check: wordIn(envelope, "check"),
  };
}

/** A result as the box or a log has it. */
function resultOf(result: Arguments): BallotResult {
  return {
    order: wordIn(result, "order"),
    passed: flagIn(result, "passed"),
    decided: flagIn(result, "decided"),
    tied: flagIn(result, "tied"),
    finalAt: wordIn(result, "finalAt"),
    objectionUntil: wordIn(result, "objectionUntil"),
  };
}

function wordIn(args: Arguments, name: string): bigint {
  return args.getValue(name) as bigint;
}

function numberIn(args: Arguments, name: string): number {
  return Number(wordIn(args, name));
}

function textIn(args: Arguments, name: string): string {
  return args.getValue(name) as string;
}

function flagIn(args: Arguments, name: string): boolean {
  return args.getValue(name) as boolean;
}

function listIn<Member>(args: Arguments, name: string): Member[] {
  return [...(args.getValue(name) as Iterable<Member>)];
}
