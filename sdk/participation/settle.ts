/**
 * Takes a ballot from its publication to its result. All that is done here anybody may do. Nothing is kept: what is next follows from
 * the chain's state and events, so it can be stopped at any time and started anew, and several can do it at once.
 */
import type { ContractTransactionReceipt, ContractTransactionResponse } from "ethers";

import type { BallotBox } from "../../typechain-types/index.js";
import { BallotState, Rule, Secrecy } from "../enums.js";
import { explainRevert } from "../errors.js";
import { afterOwn, type Certainty, inBlock, PendingError } from "../line.js";
import { isOwnFault, isStillNext } from "../race.js";
import { providerOf } from "../runner.js";
import { type BallotEvent, readBallotEvents, type VoteSealed } from "./events.js";
import { ballotPlace } from "./place.js";
import { isGrouped, type Recount, recountBallot } from "./recount.js";
import { runoffCalls, instantRunoff } from "./rules/runoff.js";
import { priorities, TieRule } from "./rules/ties.js";
import { commitment, type SealedEntry, sealKeyOf } from "./sealing.js";
import type { BallotTerms } from "./terms.js";
import type { KnownBallot } from "./votes.js";

/** What a member of a small body committed to, as it is revealed. */
export interface Revealed {
  readonly segment: number;
  readonly index: number;
  readonly payload: bigint;
  readonly salt: string;
}

/** How a ballot is settled, and how sure it is made of a transaction before it goes on. */
export interface SettlementOptions extends Certainty {
  /** Block of the ballot's publication or before. 0 when left out. */
  readonly fromBlock?: number;
  /** Secret of a sealed ballot's key, if it is known and not released yet. */
  readonly secret?: bigint;
  /** What voters committed to, as far as it is known. */
  readonly reveals?: readonly Revealed[];
  /** Most segments frozen by a call. One of an anonymous roll takes up to 500,000 gas at a depth of 20. */
  readonly segments?: number;
  /** Most sealed papers opened by a call, at most 1,000. */
  readonly entries?: number;
  /** Most groups of 64 accounts added up by a call. */
  readonly groups?: number;
  /** Most rankings given to a call, at most 4,000. */
  readonly rankings?: number;
}

/** A step towards the result. */
export type SettlementAct =
  | { readonly kind: "freeze"; readonly count: number }
  | { readonly kind: "releaseKey"; readonly secret: bigint }
  /** Without entries it passes over those that were replaced. */
  | { readonly kind: "open"; readonly segment: number; readonly entries: SealedEntry[] }
  | { readonly kind: "reveal"; readonly segment: number; readonly reveals: Revealed[] }
  | { readonly kind: "addUp"; readonly segment: number; readonly groups: number }
  | { readonly kind: "drawLot" }
  | { readonly kind: "countRounds"; readonly rankings: bigint[] }
  | { readonly kind: "finalise" }
  | { readonly kind: "abandon" };

/** Why there is nothing to do now. */
export type SettlementWait =
  /** Nothing more will come of it; see {@link BallotState}. */
  | { readonly kind: "finished"; readonly state: bigint }
  /** Until a time: for the census, the opening, the close, or for a key, reveals or protocols that are missing. */
  | {
      readonly kind: "time";
      readonly for: "census" | "opening" | "close" | "key" | "reveals" | "protocols";
      /** Unix time at which it goes on, whoever does not come. */
      readonly until: bigint;
    }
  /** Until a block is there whose hash decides ties. */
  | { readonly kind: "lot"; readonly block: bigint };

/** What was done, and what is waited for. */
export interface Settlement {
  readonly acts: readonly SettlementAct[];
  readonly wait: SettlementWait;
  readonly receipts: readonly ContractTransactionReceipt[];
}

const USUAL = { segments: 20, entries: 500, groups: 1_000, rankings: 1_000 } as const;
/** Entries that a call comes past at most while it opens some; it reads a word for 256 of them. */
const MAX_REACH = 1 << 18;
/** Most reveals of a call. */
const MAX_REVEALS = 250;

/**
 * Does all that can be done for a ballot now. Several can do it at once: whoever comes second finds the step done and goes on with
 * the next one. What this account sent before and nobody has mined yet is waited for first, so that nothing is sent twice.
 *
 * @param box - The contract, connected to who pays. A provider that remembers answers, as those of ethers do for 250 ms unless their
 *   `cacheTimeout` is -1, may not know the last step yet where blocks come at once; {@link SteadyProvider} remembers none.
 * @param ballot - The ballot with its terms.
 * @param options - What is known besides the chain, how much a call does, and how long a transaction is waited for.
 * @returns What was done here, and why no more. Call it again when that time has come.
 * @throws RunnerError if the contract is connected to no chain.
 * @throws PendingError if what this account sent before does not get into a block, or no confirmation is waited for and a step is
 *   in no block yet.
 * @throws What the box reverts with, if a step does not go that nobody else has done, and what ethers throws for a transaction
 *   that does not count in time.
 */
export async function settleBallot(
  box: BallotBox,
  ballot: KnownBallot,
  options: SettlementOptions = {},
): Promise<Settlement> {
  const acts: SettlementAct[] = [];
  const receipts: ContractTransactionReceipt[] = [];
  for (;;) {
    await afterOwn(box.runner, options);
    const next = await nextStep(box, ballot, options);
    if (isWait(next)) return { acts, wait: next, receipts };
    try {
      receipts.push(await inBlock(await send(box, ballot, next), options));
      acts.push(next);
    } catch (failure) {
      // Somebody else was faster if something else, or nothing, is next now. What was mined and failed gives no reason.
      if (failure instanceof PendingError || isOwnFault(failure)) throw failure;
      if (await isStillNext(next, async () => nextStep(box, ballot, options))) throw failure;
    }
  }
}

/**
 * What is next for a ballot.
 *
 * @param box - The contract, connected to who would send it.
 * @param ballot - The ballot with its terms.
 * @param options - As for {@link settleBallot}.
 * @throws RunnerError if the contract is connected to no chain.
 */
export async function nextStep(
  box: BallotBox,
  ballot: KnownBallot,
  options: SettlementOptions = {},
): Promise<SettlementAct | SettlementWait> {
  return new Planner(box, ballot, options).next();
}

/** Whether there is nothing to do. */
export function isWait(step: SettlementAct | SettlementWait): step is SettlementWait {
  return step.kind === "finished" || step.kind === "time" || step.kind === "lot";
}

async function send(
  box: BallotBox,
  { ballotId, terms }: KnownBallot,
  act: SettlementAct,
): Promise<ContractTransactionResponse> {
  switch (act.kind) {
    case "freeze":
      return box.freeze(ballotId, terms, act.count);
    case "releaseKey":
      return box.releaseKey(ballotId, terms, act.secret);
    case "open":
      return box.open(ballotId, act.segment, act.entries);
    case "reveal":
      return box.reveal(ballotId, act.segment, act.reveals);
    case "addUp":
      return box.addUp(ballotId, act.segment, act.groups);
    case "drawLot":
      return box.drawLot(ballotId, terms);
    case "countRounds":
      return box.countRounds(ballotId, terms, act.rankings);
    case "finalise":
      return box.finalise(ballotId, terms);
    case "abandon":
      return box.abandon(ballotId, terms);
  }
}

type Step = SettlementAct | SettlementWait;

class Planner {
  readonly #box: BallotBox;
  readonly #ballotId: number;
  readonly #terms: BallotTerms;
  readonly #options: SettlementOptions;

  constructor(box: BallotBox, { ballotId, terms }: KnownBallot, options: SettlementOptions) {
    this.#box = box;
    this.#ballotId = ballotId;
    this.#terms = terms;
    this.#options = options;
  }

  async next(): Promise<Step> {
    const now = BigInt((await providerOf(this.#box).getBlock("latest"))?.timestamp ?? 0);
    const { state, frozenSegments, onPaper } = await this.#box.ballotOf(this.#ballotId, []);
    const { segments, freezesAt, opensAt, closesAt, countsUntil } = this.#terms;
    switch (state) {
      case BallotState.Published: {
        if (now <= freezesAt) return waitFor("census", freezesAt + 1n);
        const left = segments.length - Number(frozenSegments);
        return { kind: "freeze", count: Math.min(left, this.#options.segments ?? USUAL.segments) };
      }
      case BallotState.Frozen:
        return waitFor("opening", opensAt);
      case BallotState.Open:
        return waitFor("close", closesAt);
      case BallotState.Closed: {
        const events = await this.#events();
        const step = await this.#hiddenPapers(events, now);
        if (step !== undefined) return step;
        if (now <= countsUntil && onPaper < BigInt(this.#terms.paperElectorate)) {
          return waitFor("protocols", countsUntil + 1n);
        }
        return this.#counting(events);
      }
      default:
        return { kind: "finished", state };
    }
  }

  async #events(): Promise<BallotEvent[]> {
    const ballotBox = await this.#box.getAddress();
    const { fromBlock = 0 } = this.#options;
    return readBallotEvents(providerOf(this.#box), { ballotBox, ballotId: this.#ballotId, fromBlock });
  }

  /** What is to be done for papers that nobody has read. */
  async #hiddenPapers(events: readonly BallotEvent[], now: bigint): Promise<Step | undefined> {
    if (this.#terms.secrecy === Secrecy.Sealed) return this.#sealedPapers(events, now);
    if (this.#terms.secrecy === Secrecy.Committed) return this.#committedPapers(events, now);
    return undefined;
  }

  async #sealedPapers(events: readonly BallotEvent[], now: bigint): Promise<Step | undefined> {
    const { countsUntil, sealX, sealY } = this.#terms;
    // Without a sealed paper no key is missing.
    if (!events.some(({ name }) => name === "VoteSealed")) return undefined;
    if (!events.some(({ name }) => name === "KeyReleased")) {
      if (now > countsUntil) return { kind: "abandon" };
      const { secret } = this.#options;
      if (secret === undefined) return waitFor("key", countsUntil + 1n);
      const { x, y } = sealKeyOf(secret);
      // A wrong secret is none.
      return x === sealX && y === sealY ? { kind: "releaseKey", secret } : waitFor("key", countsUntil + 1n);
    }
    const most = this.#options.entries ?? USUAL.entries;
    for (const segment of this.#terms.segments) {
      const sealed = events.filter((event) => event.name === "VoteSealed" && event.segment === segment) as VoteSealed[];
      const { opened } = await this.#box.pollOf(this.#ballotId, segment);
      const last = new Map(sealed.map(({ nullifier }, entry) => [nullifier, entry]));
      const next = Number(opened);
      const standing = [...sealed.entries()].filter(
        ([entry, { nullifier }]) => entry >= next && last.get(nullifier) === entry,
      );
      if (standing.length === 0) continue;
      // None, if the next one is far: the call then passes over what was replaced.
      const entries = standing
        .filter(([entry]) => entry - next < MAX_REACH)
        .slice(0, most)
        .map(([, { nullifier, sequence, envelope }]) => ({ nullifier, sequence, envelope }));
      return { kind: "open", segment, entries };
    }
    return undefined;
  }

  async #committedPapers(events: readonly BallotEvent[], now: bigint): Promise<Step | undefined> {
    const { countsUntil } = this.#terms;
    if (now > countsUntil) return undefined;
    const place = await ballotPlace(this.#box, this.#ballotId);
    const recount = recountBallot(events, place);
    if (recount.hidden === 0) return undefined;
    const committed = new Map<string, bigint>();
    for (const event of events) {
      if (event.name === "VoteCommitted") committed.set(event.commitment, event.voter);
    }
    for (const { segment, votes } of recount.segments) {
      const hidden = new Set(votes.filter(({ valid }) => valid === undefined).map(({ voter }) => voter));
      const fitting = (this.#options.reveals ?? []).filter((reveal) => {
        const voter = reveal.segment === segment ? committed.get(commitment(place, reveal)) : undefined;
        return voter !== undefined && hidden.delete(voter);
      });
      if (fitting.length > 0) return { kind: "reveal", segment, reveals: fitting.slice(0, MAX_REVEALS) };
    }
    return waitFor("reveals", countsUntil + 1n);
  }

  async #counting(events: readonly BallotEvent[]): Promise<Step> {
    return (
      (await this.#addingUp()) ?? (await this.#lot(events)) ?? (await this.#runoff(events)) ?? { kind: "finalise" }
    );
  }

  async #addingUp(): Promise<Step | undefined> {
    if (!isGrouped(this.#terms)) return undefined;
    const groups = this.#options.groups ?? USUAL.groups;
    for (const segment of this.#terms.segments) {
      const left = await orRevert(this.#box.addUp.staticCall(this.#ballotId, segment, groups), "BallotBoxUnchanged");
      if (left !== undefined) return { kind: "addUp", segment, groups };
    }
    return undefined;
  }

  async #lot(events: readonly BallotEvent[]): Promise<Step | undefined> {
    if (this.#terms.tieRule !== TieRule.Lot || events.some(({ name }) => name === "LotDrawn")) return undefined;
    const announced = events.findLast((event) => event.name === "LotAnnounced")?.blockNumber ?? 0n;
    const next = BigInt(await providerOf(this.#box).getBlockNumber()) + 1n;
    return next <= announced ? { kind: "lot", block: announced } : { kind: "drawLot" };
  }

  async #runoff(events: readonly BallotEvent[]): Promise<Step | undefined> {
    const { rule, tieRule, options } = this.#terms;
    if (rule !== Rule.InstantRunoff) return undefined;
    const recount = recountBallot(events, await ballotPlace(this.#box, this.#ballotId));
    if (recount.outcome === undefined) return undefined;
    const counted = events.filter((event) => event.name === "RoundCounted");
    const last = recount.outcome.rounds.length;
    // The count is over with the last round, whoever counted it.
    if (counted.some(({ round }) => round === last)) return undefined;
    const seed = events.findLast((event) => event.name === "LotDrawn")?.seed;
    const tieOrder = priorities(tieRule, options, seed);
    return { kind: "countRounds", rankings: await this.#rankings(recount, tieOrder, await this.#roundsOf(events)) };
  }

  /** Rounds that who sends has counted. */
  async #roundsOf(events: readonly BallotEvent[]): Promise<number> {
    const signer = this.#box.runner as { getAddress?(): Promise<string> } | null;
    const sender = await signer?.getAddress?.();
    return events.filter((event) => event.name === "RoundCounted" && event.counter === sender).length;
  }

  /** The rankings that the count of who sends is to be given next. */
  async #rankings({ papers }: Recount, tieOrder: readonly number[], rounds: number): Promise<bigint[]> {
    const most = this.#options.rankings ?? USUAL.rankings;
    const { due } = instantRunoff(papers, tieOrder);
    const round = due[rounds] ?? [];
    const cursor = await this.#cursor(round);
    const left = [...round.filter((ranking) => ranking > cursor), ...due.slice(rounds + 1).flat()];
    if (rounds === 0 && cursor < 0n) return runoffCalls(papers, tieOrder, most)[0] ?? [];
    return left.slice(0, most);
  }

  /** The last ranking of a round that was given, which only a call that does not go tells; -1: none was. */
  async #cursor([first]: readonly bigint[]): Promise<bigint> {
    if (first === undefined) return -1n;
    try {
      await this.#box.countRounds.staticCall(this.#ballotId, this.#terms, [first]);
      return -1n;
    } catch (failure) {
      const revert = explainRevert(failure);
      if (revert?.name !== "InstantRunoffNotAscending") throw failure;
      return revert.args.last as bigint;
    }
  }
}

function waitFor(reason: Extract<SettlementWait, { readonly kind: "time" }>["for"], until: bigint): SettlementWait {
  return { kind: "time", for: reason, until };
}

/** What a call gives; undefined if it reverts with this error. */
async function orRevert<Value>(call: Promise<Value>, name: string): Promise<Value | undefined> {
  try {
    return await call;
  } catch (failure) {
    if (explainRevert(failure)?.name === name) return undefined;
    throw failure;
  }
}
