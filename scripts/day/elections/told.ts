/** What the chain tells of ballots: each is counted anew from its events alone, and the count held against what the box stores. */
import {
  ballotPlace,
  compareWithChain,
  type Difference,
  readBallotEvents,
  type Recount,
  recountBallot,
  unpackOrder,
} from "../../../sdk/participation/index.js";
import type { Day } from "../day.js";
import type { Story } from "./story.js";

/** A ballot as its events and the box have it. */
export interface Told {
  readonly recount: Recount;
  /** Where events, count and box do not agree. */
  readonly differences: readonly Difference[];
  /** Options as the box has them in the end, best first; none where nothing was decided. */
  readonly order: readonly number[];
  readonly decided: boolean;
  readonly passed: boolean;
  readonly tied: boolean;
  /** Protocols that were recorded. */
  readonly protocols: number;
}

/** Counts a ballot anew. */
export async function readTold({ city, connection }: Day, { ballot, roll }: Story): Promise<Told> {
  const { ballotBox } = city;
  const place = await ballotPlace(ballotBox, ballot.ballotId);
  const { provider } = connection.ethers;
  const events = await readBallotEvents(provider, { ...place, fromBlock: roll.fromBlock });
  const recount = recountBallot(events, place);
  const result = await ballotBox.resultOf(ballot.ballotId);
  return {
    recount,
    differences: await compareWithChain(ballotBox, recount),
    order: unpackOrder(result.order),
    decided: result.decided,
    passed: result.passed,
    tied: result.tied,
    protocols: events.filter(({ name }) => name === "ProtocolRecorded").length,
  };
}
