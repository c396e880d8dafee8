/** A recount held against what the ballot box stores. */
import type { Provider } from "ethers";

import type { BallotBox } from "../../typechain-types/index.js";
import { BallotKind, BallotState, Rule, Secrecy } from "../enums.js";
import { providerOf } from "../runner.js";
import { type BallotEvent, readBallotEvents } from "./events.js";
import { type BallotPlace, ballotPlace } from "./place.js";
import {
  type Difference,
  isGrouped,
  isNamed,
  lotSeed,
  type Recount,
  recountBallot,
  type RecountedSegment,
} from "./recount.js";
import { packOrder } from "./rules/order.js";
import { termsHash } from "./terms.js";

/** Bits of a named roll's root that the box does not keep. */
const ROOT_SHIFT = 88n;

/**
 * Compares a recount with the chain: terms, census, running hashes, papers, tallies, answers and result. What the chain does not know
 * yet, for instance of papers that are not opened there or groups that are not added up, is left out.
 *
 * @param box - The contract.
 * @param recount - Of all events up to now.
 * @returns What differs, what contradicts itself in the events included. None: the result is as the papers say.
 */
export async function compareWithChain(box: BallotBox, recount: Recount): Promise<Difference[]> {
  const { place, terms, segments } = recount;
  const differences = [...recount.differences];
  const expect = (what: string, recounted: unknown, found: unknown): void => {
    if (String(recounted) !== String(found)) {
      differences.push({ what: `${what} on the chain`, recounted: String(recounted), found: String(found) });
    }
  };
  const ballot = await box.ballotOf(place.ballotId, terms.segments);
  const final = ballot.state === BallotState.Final;
  const isWhole = Number(ballot.frozenSegments) === terms.segments.length;
  const isVoided = ballot.state === BallotState.Void && !isWhole;
  const isHeld = ballot.state !== BallotState.Withdrawn && !isVoided;
  expect("hash of the terms", termsHash(terms), ballot.termsHash);
  // The box does not count the census with which it finds that a ballot cannot be held.
  if (!isVoided) expect("members", recount.electorate - terms.paperElectorate, ballot.members);
  expect("papers of protocols", recount.onPaper, ballot.onPaper);
  if (final || !isGrouped(terms)) expect("papers", recount.cast, ballot.cast);
  // What was committed to and never revealed says nothing in the end.
  if (final) expect("spoilt papers", recount.spoilt + recount.hidden, ballot.spoilt);
  for (const segment of segments) await compareSegment(box, recount, segment, final, expect);
  // Papers are counted as they come, but for hidden ones.
  const frozen = isHeld ? segments.slice(0, Number(ballot.frozenSegments)) : [];
  if (terms.secrecy === Secrecy.Public || final) await compareCounts(box, recount, frozen, expect);
  if (final) await compareResult(box, recount, expect);
  return differences;
}

/**
 * Counts a ballot anew from the chain's events, and compares: what anybody can do, whenever it likes.
 *
 * @param box - The contract, connected to a chain.
 * @param ballotId - The ballot.
 * @param fromBlock - Block of its publication or before. 0 when left out.
 * @returns The count, and what differs from the chain. Nothing: the result is as the papers say.
 * @throws RunnerError if the contract is connected to no chain.
 * @throws RecountError if the blocks have no such ballot.
 */
export async function recountFromChain(
  box: BallotBox,
  ballotId: number,
  fromBlock = 0,
): Promise<{ recount: Recount; differences: Difference[] }> {
  const place = await ballotPlace(box, ballotId);
  const recount = recountBallot(await readBallotEvents(providerOf(box), { ...place, fromBlock }), place);
  return { recount, differences: await compareWithChain(box, recount) };
}

type Expect = (what: string, recounted: unknown, found: unknown) => void;

async function compareSegment(
  box: BallotBox,
  { place: { ballotId }, terms }: Recount,
  segment: RecountedSegment,
  final: boolean,
  expect: Expect,
): Promise<void> {
  const number = segment.segment;
  const { root, chain, cast, sealedVotes, opened } = await box.pollOf(ballotId, number);
  const of = `of segment ${number}`;
  expect(`root ${of}`, isNamed(terms) ? segment.root >> ROOT_SHIFT : segment.root, root);
  expect(`running hash ${of}`, segment.chain, chain);
  expect(`sealed votes ${of}`, segment.entries, sealedVotes);
  expect(`opening ${of}`, segment.opened, opened);
  if (final || !isGrouped(terms)) expect(`papers ${of}`, segment.cast, cast);
  for (const [group, its] of segment.groups) {
    const found = await box.groupOf(ballotId, number, group);
    expect(`votes of group ${group} ${of}`, [its.voted, its.votes, its.chain].join(), found.join());
  }
}

async function compareCounts(
  box: BallotBox,
  recount: Recount,
  frozen: readonly RecountedSegment[],
  expect: Expect,
): Promise<void> {
  const { place, terms } = recount;
  const { ballotId } = place;
  if (terms.kind === BallotKind.Survey) {
    for (const [question, shown] of recount.shownCells.entries()) {
      const [cells, hidden] = await box.answersOf(ballotId, terms, question);
      const found = cells.map((cell, index) => (((hidden >> BigInt(index)) & 1n) === 1n ? null : cell));
      expect(`answers to question ${question}`, shown.join(), found.join());
    }
    return;
  }
  if (terms.rule === Rule.InstantRunoff) {
    for (const [ranking, count] of recount.papers) {
      expect(`papers with ranking ${ranking.toString()}`, count, await box.rankingCountOf(ballotId, ranking));
    }
    return;
  }
  const state = (await box.ballotOf(ballotId, [])).state;
  if (isGrouped(terms) && state !== BallotState.Final) return;
  for (const { segment, tallies } of frozen) {
    const found = await box.talliesOf(ballotId, terms, segment);
    expect(`tallies of segment ${segment}`, tallies.join(), found.join());
  }
}

async function compareResult(box: BallotBox, { place, outcome }: Recount, expect: Expect): Promise<void> {
  const result = await box.resultOf(place.ballotId);
  expect("order", outcome === undefined ? undefined : packOrder(outcome.order), result.order);
  for (const part of ["tied", "decided", "passed"] as const) expect(part, outcome?.[part], result[part]);
}

/**
 * Whether the lot that decides ties is the one that was announced.
 *
 * @param provider - The chain, which remembers its blocks.
 * @param events - What happened to the ballot.
 * @param place - The ballot.
 * @returns Undefined: no lot was drawn, or the chain does not know the block.
 */
export async function checkLot(
  provider: Provider,
  events: readonly BallotEvent[],
  place: BallotPlace,
): Promise<boolean | undefined> {
  const announced = events.findLast((event) => event.name === "LotAnnounced");
  const drawn = events.findLast((event) => event.name === "LotDrawn");
  if (announced === undefined || drawn === undefined) return undefined;
  const block = await provider.getBlock(Number(announced.blockNumber));
  return typeof block?.hash !== "string" ? undefined : lotSeed(place, block.hash) === drawn.seed;
}
