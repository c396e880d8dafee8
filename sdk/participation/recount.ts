/**
 * Counts a ballot anew from its events alone: which papers stand, the running hashes that bind them, tallies, rounds, order, quorums
 * and result. Nothing is asked of the contract, so whoever has the events can check what it says, see {@link compareWithChain}.
 * A hash that fits shows that no vote was left out of the events. That a voter was on the roll, and its proof or signature good, is
 * what the contract checked.
 */
import { AbiCoder, type BytesLike, concat, keccak256, toBeHex, ZeroHash } from "ethers";

import { BallotKind, Rule, Secrecy } from "../enums.js";
import type { PaperCount } from "../typedData/participation.js";
import type {
  BallotEvent,
  BallotResult,
  ProtocolRecorded,
  ResultFinal,
  RoundCounted,
  VoteCast,
  VoteCommitted,
  VoteRecorded,
  VoteRevealed,
  VoteSealed,
  VotesOpened,
} from "./events.js";
import { isValidPaper, lanesOf } from "./papers.js";
import { type BallotPlace, placeScope } from "./place.js";
import { orderByScores, packOrder } from "./rules/order.js";
import { bordaScores, minimaxScores, schulzeScores } from "./rules/pairwise.js";
import { matrixOf, type PairwiseMatrix } from "./rules/pairwiseTally.js";
import { ApprovalBase, approvalMet, leads, leadsInShare, turnoutMet } from "./rules/quotas.js";
import { NO_OPTION } from "./rules/rankings.js";
import { instantRunoff, type RunoffRound } from "./rules/runoff.js";
import { priorities, TieRule } from "./rules/ties.js";
import { commitment as commitmentOf, type Envelope, envelopeHash, openPaper } from "./sealing.js";
import { countSurvey, hideCells, unpackForm } from "./survey.js";
import { type BallotTerms, termsHash } from "./terms.js";
import { payloadHash } from "./votes.js";

/** A vote that stands. */
export interface StandingVote {
  /** `segment << 32 | index`, or the nullifier. */
  readonly voter: bigint;
  /** 1 for the first and for votes of ballots that take one. */
  readonly sequence: number;
  /** What it says; absent: it is sealed, does not open, or was not revealed. */
  readonly payload?: bigint;
  /** Whether it counts; absent: that is not known yet. */
  readonly valid?: boolean;
}

/** Votes of 64 accounts that vote once. */
export interface RecountedGroup {
  /** A bit for each that has voted. */
  readonly voted: bigint;
  /** Votes for each of four options. */
  readonly votes: readonly number[];
  /** Running hash. */
  readonly chain: bigint;
}

/** A segment, counted anew. */
export interface RecountedSegment {
  readonly segment: number;
  /** Root of the census; zero: it is not frozen, or the ballot will not be held. */
  readonly root: bigint;
  readonly members: number;
  /** Running hash of all votes, replaced ones too, 160 bits; zero where groups have their own. */
  readonly chain: bigint;
  /** By number; of ballots whose votes are in groups. */
  readonly groups: ReadonlyMap<number, RecountedGroup>;
  readonly votes: readonly StandingVote[];
  /** Sealed papers that were put in, replaced ones too. */
  readonly entries: number;
  /** Number of the sealed entry at which opening goes on, or of papers that were revealed, as the chain tells it. */
  readonly opened: number;
  /** Papers of protocols that count. */
  readonly onPaper: readonly PaperCount[];
  /** Papers that were accepted: votes that stand and those of protocols that are not void. */
  readonly cast: number;
  /** Papers that count, by what they say: votes and those of protocols. */
  readonly papers: ReadonlyMap<bigint, bigint>;
  /** Votes, approvals, scores or points of each option; of ranked ballots in pairs the matrix, row by row; else none. */
  readonly tallies: readonly bigint[];
}

/** What a recount comes to. */
export interface Outcome {
  /** Options, best first; none of a survey. */
  readonly order: readonly number[];
  /** What each option has in the unit of the rule; none of a survey. */
  readonly tallies: readonly bigint[];
  /** Whether the tie rule chose the winner. */
  readonly tied: boolean;
  /** Whether there is a winner that meets all quorums. There is none if no paper prefers an option to another. */
  readonly decided: boolean;
  /** Whether that is the first option, and not merely by its number in a tie. */
  readonly passed: boolean;
  /** Rounds of an instant runoff. */
  readonly rounds: readonly RunoffRound[];
}

/** Something that is not as it should be. */
export interface Difference {
  /** What, in words. */
  readonly what: string;
  /** As it was counted anew. */
  readonly recounted: string;
  /** As it was said. */
  readonly found: string;
}

/** A ballot, counted anew. */
export interface Recount {
  readonly place: BallotPlace;
  readonly terms: BallotTerms;
  readonly segments: readonly RecountedSegment[];
  /** People on the roll and those who vote on paper. */
  readonly electorate: number;
  /** All papers, spoilt ones too. */
  readonly cast: number;
  /** Papers that say something that counts, blank ones too. */
  readonly valid: number;
  /** Papers that say nothing: sealed or revealed ones, and void ones of protocols. */
  readonly spoilt: number;
  /** Papers of protocols, void ones too. */
  readonly onPaper: number;
  /** Sealed or committed papers that nobody can read so far. */
  readonly hidden: number;
  /** Papers that count in all segments, by what they say. */
  readonly papers: ReadonlyMap<bigint, bigint>;
  /** All cells of each question of a survey. */
  readonly cells: readonly (readonly bigint[])[];
  /** The same without cells that are too small to be shown: null. */
  readonly shownCells: readonly (readonly (bigint | null)[])[];
  /** What papers come to, if everything that decides is known: the key of sealed papers, and the lot where one decides ties. */
  readonly outcome?: Outcome;
  /** What the chain says came of it; absent: nothing yet. */
  readonly result?: BallotResult;
  /** Where events contradict the count or each other. None: they agree. */
  readonly differences: readonly Difference[];
}

/** Events of which no ballot can be counted. */
export class RecountError extends Error {
  override readonly name = "RecountError";
}

const WORD_BYTES = 32;
const CHAIN_SHIFT = 96n;
const SEGMENT_SHIFT = 32n;
const INDEX_MASK = 0xffffffffn;
const GROUP_OPTIONS = 4;
const GROUP_SIZE = 64;
const WORD_BITS = 256;

/**
 * Counts a ballot anew.
 *
 * @param events - What happened to it, all of it and in the order of the chain, see {@link readBallotEvents}.
 * @param place - The ballot. Sealed papers are opened with it.
 * @throws RecountError if the ballot was not published in the events, or they are of another one.
 * @throws SurveyError for a survey that cannot be.
 */
export function recountBallot(events: readonly BallotEvent[], place: BallotPlace): Recount {
  return new Counter(events, place).recount();
}

/**
 * Running hash with one vote more, as the contract links them.
 *
 * @param chain - So far, 160 bits.
 * @param voter - Name of the voter in events.
 * @param sequence - Of the vote.
 * @param paper - Payload, or hash of what is hidden.
 */
export function linkVote(chain: bigint, voter: bigint, sequence: number, paper: bigint): bigint {
  return hashWords(chain, hashWords(voter, BigInt(sequence), paper)) >> CHAIN_SHIFT;
}

/**
 * Whether votes of a ballot are kept in groups of 64 accounts.
 *
 * @param terms - Of the ballot.
 */
export function isGrouped(terms: BallotTerms): boolean {
  const single = terms.kind === BallotKind.Single && terms.options <= GROUP_OPTIONS;
  return single && isNamed(terms) && terms.secrecy === Secrecy.Public && !terms.revotes;
}

/** Whether a ballot is of a named roll: only there is no anonymity to be had. */
export function isNamed({ minAnonymity }: BallotTerms): boolean {
  return minAnonymity === 0;
}

/**
 * The seed that a block's hash gives a ballot.
 *
 * @param place - The ballot.
 * @param blockHash - Hash of the block that was announced.
 */
export function lotSeed({ ballotBox, ballotId }: BallotPlace, blockHash: string): string {
  const words = AbiCoder.defaultAbiCoder().encode(["bytes32", "address", "uint32"], [blockHash, ballotBox, ballotId]);
  return keccak256(words);
}

interface MutableVote {
  voter: bigint;
  sequence: number;
  payload?: bigint;
  valid?: boolean;
  /** Hash of a commitment. */
  commitment?: string;
}

interface Entry {
  readonly nullifier: bigint;
  readonly envelope: Envelope;
  /** Whether another one of the same voter came later. */
  replaced: boolean;
}

interface Segment {
  readonly segment: number;
  root: bigint;
  members: number;
  chain: bigint;
  readonly groups: Map<number, { voted: bigint; votes: number[]; chain: bigint }>;
  readonly votes: Map<bigint, MutableVote>;
  readonly entries: Entry[];
  /** Entries that no other replaced, by nullifier: somebody may vote a million times. */
  readonly standing: Map<bigint, Entry>;
  opened: number;
  readonly onPaper: PaperCount[];
}

class Counter {
  readonly #events: readonly BallotEvent[];
  readonly #place: BallotPlace;
  readonly #scope: bigint;
  readonly #terms: BallotTerms;
  readonly #segments = new Map<number, Segment>();
  /** Segment in which a voter votes: a commitment that is on the roll of two has one vote. */
  readonly #homes = new Map<bigint, number>();
  readonly #opened: VotesOpened[] = [];
  readonly #rounds: RoundCounted[] = [];
  readonly #differences: Difference[] = [];
  #paperSpoilt = 0;
  #key: bigint | undefined;
  #seed: string | undefined;
  #final: ResultFinal | undefined;

  constructor(events: readonly BallotEvent[], place: BallotPlace) {
    this.#events = events;
    this.#place = place;
    this.#scope = placeScope(place);
    const stray = events.find(({ ballotId }) => ballotId !== place.ballotId);
    if (stray !== undefined) {
      throw new RecountError(`${stray.name} is of ballot ${stray.ballotId}, not ${place.ballotId}`);
    }
    const published = events.find((event) => event.name === "BallotPublished");
    if (published === undefined) throw new RecountError(`ballot ${place.ballotId} is not published in these events`);
    this.#terms = published.terms;
    this.#expect("hash of the terms", termsHash(published.terms), published.termsHash);
  }

  recount(): Recount {
    for (const event of this.#events) this.#apply(event);
    this.#openAll();
    for (const opened of this.#opened) this.#checkOpened(opened);
    const segments = this.#terms.segments.map((segment) => this.#closed(this.#segmentOf(segment)));
    const papers = mergeAll(segments.map((segment) => segment.papers));
    const votes = segments.flatMap((segment) => segment.votes);
    const spoilt = votes.filter(({ valid }) => valid === false).length;
    const hidden = votes.filter(({ valid }) => valid === undefined).length;
    const accepted = segments.reduce((sum, { cast }) => sum + cast, 0);
    const onPaper = segments.flatMap((segment) => segment.onPaper).reduce((sum, { count }) => sum + count, 0);
    const members = segments.reduce((sum, segment) => sum + segment.members, 0);
    const counts = {
      electorate: members + this.#terms.paperElectorate,
      cast: accepted + this.#paperSpoilt,
      valid: accepted - spoilt - hidden,
      spoilt: spoilt + this.#paperSpoilt,
      onPaper: onPaper + this.#paperSpoilt,
      hidden,
    };
    this.#expectAtMost("papers of protocols", counts.onPaper, this.#terms.paperElectorate);
    this.#expectAtMost("papers", counts.cast, counts.electorate);
    const outcome = this.#outcomeOf(segments, papers, counts);
    if (outcome !== undefined) this.#checkRounds(outcome.rounds);
    this.#checkFinal(outcome);
    return {
      place: this.#place,
      terms: this.#terms,
      segments,
      ...counts,
      papers,
      ...this.#cellsOf(papers),
      ...(outcome === undefined ? {} : { outcome }),
      ...(this.#final === undefined ? {} : { result: this.#final.result }),
      differences: this.#differences,
    };
  }

  // --- events

  #apply(event: BallotEvent): void {
    switch (event.name) {
      case "CensusFrozen": {
        const segment = this.#segmentOf(event.segment);
        [segment.root, segment.members] = [event.root, event.members];
        return;
      }
      case "BallotWithdrawn":
      case "BallotVoided":
        // A ballot that will not be held has no census any more.
        for (const segment of this.#segments.values()) segment.root = 0n;
        return;
      case "VoteCast":
        this.#cast(event);
        return;
      case "VoteRecorded":
        this.#record(event);
        return;
      case "VoteSealed":
        this.#seal(event);
        return;
      case "VoteCommitted":
        this.#commit(event);
        return;
      case "VoteRevealed":
        this.#reveal(event);
        return;
      case "ProtocolRecorded":
        this.#protocol(event);
        return;
      case "KeyReleased":
        this.#key = event.key;
        return;
      case "VotesOpened":
        this.#opened.push(event);
        this.#segmentOf(event.segment).opened = event.nextEntry;
        return;
      case "RoundCounted":
        this.#rounds.push(event);
        return;
      case "LotDrawn":
        this.#seed = event.seed;
        return;
      case "ResultFinal":
        this.#final = event;
        return;
      default:
    }
  }

  #segmentOf(number: number): Segment {
    const known = this.#segments.get(number);
    if (known !== undefined) return known;
    if (!this.#terms.segments.includes(number)) {
      throw new RecountError(`segment ${number} is none of ballot ${this.#place.ballotId}`);
    }
    const blank = { segment: number, root: 0n, members: 0, chain: 0n, opened: 0 };
    const segment: Segment = {
      ...blank,
      groups: new Map(),
      votes: new Map(),
      entries: [],
      standing: new Map(),
      onPaper: [],
    };
    this.#segments.set(number, segment);
    return segment;
  }

  #cast({ voter, payload }: VoteCast): void {
    const segment = this.#segmentOf(Number(voter >> SEGMENT_SHIFT));
    const valid = this.#isValid(voter, payload);
    this.#supersede(segment, voter, 1);
    segment.votes.set(voter, { voter, sequence: 1, payload, valid });
    if (!isGrouped(this.#terms)) {
      segment.chain = linkVote(segment.chain, voter, 1, payload);
      return;
    }
    const index = Number(voter & INDEX_MASK);
    const number = Math.floor(index / GROUP_SIZE);
    const group = segment.groups.get(number) ?? { voted: 0n, votes: [0, 0, 0, 0], chain: 0n };
    group.voted |= 1n << BigInt(index % GROUP_SIZE);
    group.votes[Number(payload)] = (group.votes[Number(payload)] ?? 0) + 1;
    group.chain = linkVote(group.chain, voter, 1, payload);
    segment.groups.set(number, group);
  }

  #record({ voter, segment: number, sequence, payload }: VoteRecorded): void {
    const segment = this.#segmentOf(number);
    this.#supersede(segment, voter, sequence);
    segment.votes.set(voter, { voter, sequence, payload, valid: this.#isValid(voter, payload) });
    segment.chain = linkVote(segment.chain, voter, sequence, payload);
  }

  #seal({ nullifier, segment: number, sequence, envelope }: VoteSealed): void {
    const segment = this.#segmentOf(number);
    this.#supersede(segment, nullifier, sequence);
    const before = segment.standing.get(nullifier);
    if (before !== undefined) before.replaced = true;
    const entry = { nullifier, envelope, replaced: false };
    segment.entries.push(entry);
    segment.standing.set(nullifier, entry);
    segment.votes.set(nullifier, { voter: nullifier, sequence });
    segment.chain = linkVote(segment.chain, nullifier, sequence, BigInt(envelopeHash(envelope)));
  }

  #commit({ voter, sequence, commitment }: VoteCommitted): void {
    const segment = this.#segmentOf(Number(voter >> SEGMENT_SHIFT));
    this.#supersede(segment, voter, sequence);
    segment.votes.set(voter, { voter, sequence, commitment });
    segment.chain = linkVote(segment.chain, voter, sequence, BigInt(payloadHash(BigInt(commitment))));
  }

  #reveal({ voter, payload, salt, valid }: VoteRevealed): void {
    const segment = this.#segmentOf(Number(voter >> SEGMENT_SHIFT));
    segment.opened += 1;
    const vote = segment.votes.get(voter);
    if (vote?.commitment === undefined || vote.payload !== undefined) {
      this.#note(`paper of voter ${voter.toString()}`, "nothing to reveal", "revealed");
      return;
    }
    const index = Number(voter & INDEX_MASK);
    const committed = commitmentOf(this.#place, { segment: segment.segment, index, payload, salt });
    this.#expect(`commitment of voter ${voter.toString()}`, committed, vote.commitment);
    vote.payload = payload;
    vote.valid = isValidPaper(this.#terms, payload);
    this.#expect(`validity of the paper of voter ${voter.toString()}`, vote.valid, valid);
  }

  #protocol({ segment: number, papers, spoilt, entries }: ProtocolRecorded): void {
    const segment = this.#segmentOf(number);
    for (const { payload, count } of entries) {
      this.#expect(`validity of payload ${payload.toString()} of a protocol`, isValidPaper(this.#terms, payload), true);
      segment.onPaper.push({ payload, count });
    }
    const sum = entries.reduce((total, { count }) => total + count, 0);
    this.#expect(`papers of a protocol of segment ${number}`, sum, papers);
    this.#paperSpoilt += spoilt;
  }

  /** Notes it if a vote may not follow on the one that stands. */
  #supersede(segment: Segment, voter: bigint, sequence: number): void {
    const home = this.#homes.get(voter) ?? segment.segment;
    this.#homes.set(voter, home);
    this.#expect(`segment of voter ${voter.toString()}`, home, segment.segment);
    const last = segment.votes.get(voter)?.sequence ?? 0;
    const most = last === 0 || this.#terms.revotes;
    if (sequence > last && most) return;
    this.#note(`votes of voter ${voter.toString()}`, `sequence ${last} stands`, `sequence ${sequence} was taken`);
  }

  #isValid(voter: bigint, payload: bigint): boolean {
    const valid = isValidPaper(this.#terms, payload);
    this.#expect(`validity of the vote of ${voter.toString()}`, valid, true);
    return valid;
  }

  // --- sealed papers

  #openAll(): void {
    const key = this.#key;
    if (key === undefined) return;
    for (const { entries, votes } of this.#segments.values()) {
      for (const { nullifier, envelope, replaced } of entries) {
        const vote = votes.get(nullifier);
        if (replaced || vote === undefined) continue;
        const payload = openPaper(key, envelope, { nullifier, scope: this.#scope });
        if (payload !== undefined) vote.payload = payload;
        vote.valid = payload !== undefined && isValidPaper(this.#terms, payload);
      }
    }
  }

  /** Compares what the box says that papers say with what they do. */
  #checkOpened({ segment: number, firstEntry, nextEntry, payloads, spoilt }: VotesOpened): void {
    const segment = this.#segmentOf(number);
    const standing = segment.entries.slice(firstEntry, nextEntry).filter(({ replaced }) => !replaced);
    this.#expect(`papers opened from entry ${firstEntry} of segment ${number}`, standing.length, payloads.length);
    for (const [paper, { nullifier }] of standing.entries()) {
      const vote = segment.votes.get(nullifier);
      const void_ = (((spoilt[Math.floor(paper / WORD_BITS)] ?? 0n) >> BigInt(paper % WORD_BITS)) & 1n) === 1n;
      const what = `paper of ${nullifier.toString()}`;
      this.#expect(`validity of the ${what}`, vote?.valid, !void_);
      this.#expect(what, vote?.payload ?? 0n, payloads[paper]);
    }
  }

  // --- counts

  #closed(segment: Segment): RecountedSegment {
    const votes = [...segment.votes.values()].map(({ commitment: _commitment, ...vote }) => vote);
    const counted = votes.flatMap(({ payload, valid }) =>
      valid === true && payload !== undefined ? [[payload, 1n] as const] : [],
    );
    const onPaper = segment.onPaper.map(({ payload, count }) => [payload, BigInt(count)] as const);
    const papers = merged([...counted, ...onPaper]);
    return {
      segment: segment.segment,
      root: segment.root,
      members: segment.members,
      chain: segment.chain,
      groups: segment.groups,
      votes,
      entries: segment.entries.length,
      opened: segment.opened,
      onPaper: segment.onPaper,
      cast: votes.length + segment.onPaper.reduce((sum, { count }) => sum + count, 0),
      papers,
      tallies: talliesOf(this.#terms, papers),
    };
  }

  #cellsOf(papers: ReadonlyMap<bigint, bigint>): Pick<Recount, "cells" | "shownCells"> {
    if (this.#terms.kind !== BallotKind.Survey) return { cells: [], shownCells: [] };
    const questions = unpackForm(this.#terms.form);
    const cells = countSurvey(
      questions,
      [...papers].map(([payload, count]) => ({ payload, count })),
    );
    return { cells, shownCells: hideCells(questions, cells, BigInt(this.#terms.minCell)) };
  }

  // --- result

  #outcomeOf(
    segments: readonly RecountedSegment[],
    papers: ReadonlyMap<bigint, bigint>,
    counts: Pick<Recount, "electorate" | "cast" | "valid" | "hidden">,
  ): Outcome | undefined {
    const terms = this.#terms;
    if (terms.secrecy === Secrecy.Sealed && counts.hidden !== 0) return undefined;
    if (terms.kind === BallotKind.Survey) {
      return { order: [], tallies: [], tied: false, decided: false, passed: false, rounds: [] };
    }
    if (terms.tieRule === TieRule.Lot && this.#seed === undefined) return undefined;
    const eligible = terms.blankLast ? terms.options - 1 : terms.options;
    const tieOrder = priorities(terms.tieRule, eligible, this.#seed ?? ZeroHash);
    const { order, tallies, tied, rounds, idle } = countedBy(terms, papers, BigInt(counts.valid), tieOrder);
    const [winner = 0] = order;
    const decided = !idle && this.#isDecided(winner, tallies, segments, counts);
    const broken = tied && terms.tieRule === TieRule.LowestNumber;
    return { order, tallies, tied, decided, passed: decided && winner === 0 && !broken, rounds };
  }

  #isDecided(
    winner: number,
    tallies: readonly bigint[],
    segments: readonly RecountedSegment[],
    counts: Pick<Recount, "electorate" | "cast" | "valid">,
  ): boolean {
    const terms = this.#terms;
    const electorate = BigInt(counts.electorate);
    if (!turnoutMet({ cast: BigInt(counts.cast), electorate }, BigInt(terms.turnoutBp))) return false;
    if (terms.kind === BallotKind.Ranked) return true;
    const blank = terms.blankLast ? (tallies[terms.options - 1] ?? 0n) : 0n;
    const votes = tallies[winner] ?? 0n;
    const base = terms.ofElectorate ? ApprovalBase.Electorate : ApprovalBase.Ballots;
    const turnout = { cast: BigInt(counts.valid), blank, electorate };
    if (!approvalMet(base, votes, turnout, BigInt(terms.approvalBp))) return false;
    if (terms.segmentsBp === 0) return true;
    const eligible = terms.blankLast ? terms.options - 1 : terms.options;
    const led = segments.filter((segment) => leads(segment.tallies.slice(0, eligible), winner)).length;
    return leadsInShare(BigInt(led), BigInt(segments.length), BigInt(terms.segmentsBp));
  }

  #checkRounds(rounds: readonly RunoffRound[]): void {
    for (const { counter, round, eliminated, tied, tallies } of this.#rounds) {
      const its = rounds[round - 1];
      const what = `round ${round} as ${counter} counted it`;
      this.#expect(`${what}, option that leaves`, its?.eliminated, eliminated);
      this.#expect(`${what}, tie`, its?.tied, tied);
      this.#expect(`${what}, tallies`, its?.tallies.join(), tallies.join());
    }
  }

  #checkFinal(outcome: Outcome | undefined): void {
    if (this.#final === undefined) return;
    const { result, tallies } = this.#final;
    this.#expect("order", outcome === undefined ? undefined : packOrder(outcome.order), result.order);
    for (const part of ["tied", "decided", "passed"] as const) this.#expect(part, outcome?.[part], result[part]);
    this.#expect("tallies", outcome?.tallies.join(), tallies.join());
    const until = result.finalAt + this.#terms.objectionPeriod;
    this.#expect("end of the objection period", until, result.objectionUntil);
  }

  // --- differences

  #expect<Value extends string | number | bigint | boolean>(
    what: string,
    recounted: Value | undefined,
    found: Value | undefined,
  ): void {
    if (recounted !== found) this.#note(what, recounted, found);
  }

  #expectAtMost(what: string, count: number, most: number): void {
    if (count > most) this.#note(what, `at most ${most}`, count);
  }

  #note(what: string, recounted: unknown, found: unknown): void {
    this.#differences.push({ what, recounted: String(recounted), found: String(found) });
  }
}

// --- rules

interface Counted {
  readonly order: readonly number[];
  readonly tallies: readonly bigint[];
  readonly tied: boolean;
  readonly rounds: readonly RunoffRound[];
  /** Whether no paper says which option is better, so that the tie rule alone ordered them. */
  readonly idle: boolean;
}

/** Order and tallies by the rule of a ballot that is no survey. */
function countedBy(
  terms: BallotTerms,
  papers: ReadonlyMap<bigint, bigint>,
  valid: bigint,
  tieOrder: readonly number[],
): Counted {
  if (terms.rule === Rule.InstantRunoff) return runoffOf(papers, tieOrder);
  if (terms.kind === BallotKind.Ranked) {
    const matrix = matrixOf(papers, terms.options);
    const tallies = pairwiseScores(terms.rule, matrix, valid);
    const { order, firstTied } = orderByScores(tallies, tieOrder);
    return { order, tallies, tied: firstTied, rounds: [], idle: matrix.flat().every((count) => count === 0n) };
  }
  const tallies = talliesOf(terms, papers);
  const eligible = tieOrder.length;
  const { order, firstTied } = orderByScores(tallies.slice(0, eligible), tieOrder);
  const idle = (tallies[order[0] ?? 0] ?? 0n) === 0n;
  return { order: terms.blankLast ? [...order, eligible] : order, tallies, tied: firstTied, rounds: [], idle };
}

function pairwiseScores(rule: bigint, matrix: PairwiseMatrix, valid: bigint): bigint[] {
  if (rule === Rule.Borda) return bordaScores(matrix, valid);
  return rule === Rule.Minimax ? minimaxScores(matrix, valid) : schulzeScores(matrix);
}

function runoffOf(papers: ReadonlyMap<bigint, bigint>, tieOrder: readonly number[]): Counted {
  const { order, firstTied, rounds } = instantRunoff(papers, tieOrder);
  const last = rounds.at(-1);
  // Who leaves last has nothing any more.
  const tallies = (last?.tallies ?? []).map((tally, option) =>
    last !== undefined && last.eliminated !== NO_OPTION && option === last.eliminated ? 0n : tally,
  );
  return { order, tallies, tied: firstTied, rounds, idle: (tallies[order[0] ?? 0] ?? 0n) === 0n };
}

/** What the box keeps of a segment's papers beside rankings of a runoff and answers to a survey. */
function talliesOf(terms: BallotTerms, papers: ReadonlyMap<bigint, bigint>): bigint[] {
  if (terms.kind === BallotKind.Survey || terms.rule === Rule.InstantRunoff) return [];
  if (terms.kind === BallotKind.Ranked) {
    return matrixOf(papers, terms.options).flat();
  }
  const sums = Array.from({ length: terms.options }, () => 0n);
  for (const [payload, count] of papers) {
    for (const [option, lane] of lanesOf(terms, payload).entries()) sums[option] = (sums[option] ?? 0n) + lane * count;
  }
  return sums;
}

function merged(papers: Iterable<readonly [payload: bigint, count: bigint]>): Map<bigint, bigint> {
  const counts = new Map<bigint, bigint>();
  for (const [payload, count] of papers) counts.set(payload, (counts.get(payload) ?? 0n) + count);
  return counts;
}

function mergeAll(parts: readonly ReadonlyMap<bigint, bigint>[]): Map<bigint, bigint> {
  return merged(parts.flatMap((part) => [...part]));
}

function hashWords(...words: readonly bigint[]): bigint {
  return BigInt(keccak256(concat(words.map((word): BytesLike => toBeHex(word, WORD_BYTES)))));
}
