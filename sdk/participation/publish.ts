/** Publishes ballots, and reads what was published and frozen. Ballots are whole numbers; instants are Unix time. */
import type { ContractTransactionReceipt } from "ethers";

import { type BallotBox, ICensus__factory } from "../../typechain-types/index.js";
import { type Certainty, settled } from "../line.js";
import { providerOf, RunnerError } from "../runner.js";
import { readRollEvents, type Roll, rollAt } from "./census.js";
import { parseBallotLog, readBallotEvents } from "./events.js";
import { type BallotFields, type BallotSetting, ballotTerms } from "./terms.js";
import type { KnownBallot } from "./votes.js";

/** A ballot that was just published. */
export interface PublishedBallot extends KnownBallot {
  readonly receipt: ContractTransactionReceipt;
}

/**
 * Publishes a ballot: from its opening on nobody can touch it, so what it says is checked before.
 *
 * @param box - The contract, connected to who may publish.
 * @param fields - What the ballot is.
 * @param certainty - How long the transaction is waited for. The number of a ballot is that of its place on the chain: where the last
 *   blocks may be replaced, it is sure when they cannot be any more.
 * @returns Its number and terms, which whoever deals with it brings along. The same call publishes another ballot: who was broken
 *   off looks first whether {@link readBallot} finds it.
 * @throws BallotTermsError and SurveyError as {@link ballotTerms}.
 * @throws RunnerError if the contract is connected to no chain, or no confirmation is waited for and the ballot is in no block yet.
 * @throws what ethers throws for a transaction that does not count in time.
 * @throws What the box reverts with, for instance if the caller may not publish.
 */
export async function publishBallot(
  box: BallotBox,
  fields: BallotFields,
  certainty: Certainty = {},
): Promise<PublishedBallot> {
  const terms = ballotTerms(fields, await ballotSetting(box, fields.rollId));
  const receipt = await settled(await box.publish(terms), certainty);
  for (const log of receipt?.logs ?? []) {
    const event = parseBallotLog(log);
    if (receipt !== null && event?.name === "BallotPublished") return { ballotId: event.ballotId, terms, receipt };
  }
  throw new RunnerError("the chain does not tell what was published");
}

/**
 * What a ballot's terms are held against: the roll, the box's notice period, and the time of the next block at the earliest.
 *
 * @param box - The contract.
 * @param rollId - Roll whose members vote.
 * @throws RunnerError if the contract is connected to no chain.
 */
export async function ballotSetting(box: BallotBox, rollId: number): Promise<BallotSetting> {
  const latest = await providerOf(box).getBlock("latest");
  if (latest === null) throw new RunnerError("the chain tells of no latest block");
  const census = ICensus__factory.connect(await box.census(), box.runner);
  const { kind, segments } = await census.termsOf(rollId);
  const noticePeriod = await box.noticePeriod();
  return { rollKind: kind, rollSegments: Number(segments), noticePeriod, now: BigInt(latest.timestamp) + 1n };
}

/**
 * A ballot that somebody else published, with the terms that stand in its event.
 *
 * @param box - The contract, connected to a chain.
 * @param ballotId - Its number.
 * @param fromBlock - Block of its publication or before. 0 when left out.
 * @throws RunnerError if the contract is connected to no chain, or the blocks have no such ballot.
 */
export async function readBallot(box: BallotBox, ballotId: number, fromBlock = 0): Promise<KnownBallot> {
  const events = await readBallotEvents(providerOf(box), { ballotBox: await box.getAddress(), ballotId, fromBlock });
  const published = events.find((event) => event.name === "BallotPublished");
  if (published === undefined) throw new RunnerError(`no ballot ${ballotId} is published from block ${fromBlock} on`);
  return { ballotId, terms: published.terms };
}

/**
 * The roll as a ballot froze it, for voters' places and paths.
 *
 * @param box - The contract, connected to a chain.
 * @param ballot - The ballot, whose census is past.
 * @param fromBlock - Block of the roll's opening or before. 0 when left out.
 * @throws RunnerError if the contract is connected to no chain.
 */
export async function readFrozenRoll(box: BallotBox, { terms }: KnownBallot, fromBlock = 0): Promise<Roll> {
  const provider = providerOf(box);
  const { rollId, freezesAt } = terms;
  const census = await box.census();
  const { kind } = await ICensus__factory.connect(census, box.runner).termsOf(rollId);
  return rollAt(kind, await readRollEvents(provider, { census, rollId, fromBlock }), freezesAt);
}
